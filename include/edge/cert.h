/*
 * cert.h - certificates (OpenSSL): self-signed as `postfix tls` makes them,
 * and what a certificate file says.
 */
#ifndef EDGE_CERT_H
#define EDGE_CERT_H

#include <time.h>

#include "base/err.h"
#include "edge/key.h"

/*
 * A self-signed X.509v3 certificate (postfix-tls(1) new-server-cert): CN and
 * SANs as named, 36525 days from `now`, SHA-256, CA:FALSE, subject key id,
 * serverAuth + clientAuth, DNS SANs in order; a CN over 64 characters is
 * left out (the SANs hold it).  Written to a new file, 0644, durable, after
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

#endif
