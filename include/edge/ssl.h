/*
 * ssl.h - what the files that use OpenSSL share; for key.c, cert.c, serve.c
 * only.
 */
#ifndef EDGE_SSL_H
#define EDGE_SSL_H

#include <openssl/evp.h>

#include "edge/key.h"

struct private_key {
	EVP_PKEY *pkey;
};

/* The words of OpenSSL's first error, for a message; clears the queue. */
const char *ssl_why(char *buf, size_t size);

/* SPKI, slot, kind and size of a key, private or public. */
int ssl_key_info(EVP_PKEY *pkey, struct key_info *ret_info, struct err *e);

#endif
