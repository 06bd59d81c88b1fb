/*
 * ssl.h - what the files that use OpenSSL share; for key.c, cert.c, serve*.c
 * only.
 */
#ifndef EDGE_SSL_H
#define EDGE_SSL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/cover.h"
#include "edge/key.h"

struct private_key {
	EVP_PKEY *pkey;
	struct key_info info; /* taken once: encoding a key costs more than
				 making one */
};

/* The words of OpenSSL's first error, for a message; clears the queue. */
const char *ssl_why(char *buf, size_t size);

/* A private key from one PEM block, without a pass phrase; NULL when it is
 * none.  EVP_PKEY_free. */
EVP_PKEY *ssl_parse_key(const char *pem, size_t len);

/* SPKI, slot, kind and size of a key, private or public. */
int ssl_key_info(EVP_PKEY *pkey, struct key_info *ret_info, struct err *e);

/*
 * The same of a certificate's key, with the SPKI as its bytes stand there: a
 * key of an unknown algorithm has one too (SLOT_OTHER).
 */
int ssl_cert_info(X509 *x, struct key_info *ret_info, struct err *e);

/*
 * What records can name of the certificates that a server sends, its own
 * first; and what usage 2 asks besides, at the time `now`: a path by
 * signatures through any order of them, as OpenSSL builds it (no root is
 * trusted), and that the first has each of these names (no names: it has).
 * Of more than COVER_CHAIN only the first are looked at.
 */
int ssl_cover(const STACK_OF(X509) * sent, const char *const *names,
    size_t n_names, time_t now, struct cover_chain *ret_chain, struct err *e);

/*
 * A PEM file whole, at most 256 KiB, also behind symbolic links (as Postfix
 * reads it).  Empty, binary or without any PEM block: refused in words that
 * say so.  The caller cleanses what is secret, and frees.
 */
char *ssl_read_pem(const char *path, size_t *ret_len, struct err *e);

#endif
