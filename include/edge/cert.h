/*
 * cert.h - certificates and requests (OpenSSL), made as `postfix tls` makes
 * them; what a certificate file says; what TLSA records can name of it.
 */
#ifndef EDGE_CERT_H
#define EDGE_CERT_H

#include <stdbool.h>
#include <time.h>

#include "base/err.h"
#include "core/cover.h"
#include "edge/key.h"

/*
 * A self-signed X.509v3 certificate (postfix-tls(1) new-server-cert): CN and
 * SANs as named, 36525 days from `now`, SHA-256, CA:FALSE, subject key id,
 * serverAuth + clientAuth, DNS SANs in order; a first name of over 64
 * characters gives a CN of the end of it that fits.  Written to a new file, 0644, durable, after
 * checking that it holds the key.
 */
int cert_make(const struct private_key *k, const char *const *names,
    size_t n_names, time_t now, const char *path, struct err *e);

/* The first certificate of a PEM file. */
struct cert_info {
	struct spki key;
	enum slot slot;
	time_t not_before, not_after;
	bool self_signed;
};
int cert_read(const char *path, struct cert_info *ret_info, struct err *e);

/*
 * Does the file's first certificate hold this key, name all of these names
 * (DNS SANs; exact or one leftmost wildcard label), and is it valid at
 * `now`?  -1 with the first thing that is wrong.
 */
int cert_check(const char *path, const struct spki *key,
    const char *const *names, size_t n_names, time_t now, struct err *e);

/*
 * The whole file as a mail server would send it: the first certificate holds
 * this key (else ERR_REFUSED), each next one issued the one before it, by
 * name and signature, and all are valid at `now`.  -1 with the first thing
 * that is wrong; no root is asked for.
 */
int cert_chain_check(const char *path, const struct spki *key, time_t now,
    struct err *e);

/*
 * The TLSA record of usage 3 (DANE-EE) that the file's first certificate
 * gives; selector 0 or 1, matching type 0, 1 or 2 (RFC 6698 section 2.1).
 */
int cert_tlsa(const char *path, int selector, int mtype,
    struct tlsa *ret_record, struct err *e);

/*
 * What a server that sends this file gives to judge TLSA records by; usage 2
 * as a sender sees it that wants all of these names at `now`.
 */
int cert_cover(const char *path, const char *const *names, size_t n_names,
    time_t now, struct cover_chain *ret_chain, struct err *e);

/* The name of a chain among others of its key: 8 hex digits. */
const char *cert_tag(const struct cover_chain *c, char buf[9]);

/*
 * Certificates as an issuer sends them (PEM, the server's own first), copied
 * without what stands around them.  A private key, a weak key or signature, or
 * more than COVER_CHAIN of them: ERR_CONFIG.
 */
struct cert_bundle {
	char *pem;
	size_t len;
	struct cert_info info; /* of the first */
};
int cert_bundle_read(const char *path, struct cert_bundle *ret, struct err *e);
void cert_bundle_release(struct cert_bundle *b);
/*
 * Would senders accept it for a server with this key and all of these names?
 * As cert_chain_check and cert_check; besides, each may issue the one before,
 * the first is not self-signed and lasts another day.
 */
int cert_bundle_check(const char *path, const struct spki *key,
    const char *const *names, size_t n_names, time_t now,
    struct cover_chain *ret_chain, struct err *e);

/* Host names among the DNS SANs of the first certificate, at most max. */
size_t cert_names(const char *path, char (*names)[256], size_t max);

/*
 * A certificate signing request (PKCS#10, PEM) as `postfix tls
 * output-server-csr` makes it: no subject; key id, serverAuth + clientAuth
 * and the names as DNS SANs are asked for.  Caller frees; NULL and *e.
 */
char *cert_request(const struct private_key *k, const char *const *names,
    size_t n_names, struct err *e);

#endif
