/*
 * ssl_digest.h - SHA-256 (OpenSSL), for the digests that are many: one
 * context, used again and again.
 */
#ifndef EDGE_SSL_DIGEST_H
#define EDGE_SSL_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES 32

struct digest; /* of one thread */

struct digest *digest_new(void);
void digest_free(struct digest *d); /* NULL does nothing */

/* From the beginning; what was put before is forgotten. */
void digest_begin(struct digest *d);
void digest_put(struct digest *d, const void *p, size_t len);
/* False when OpenSSL failed anywhere since the beginning: there is none. */
bool digest_end(struct digest *d, uint8_t ret[DIGEST_BYTES]);
/* All three, of what lies in one piece. */
bool digest_whole(struct digest *d, const void *p, size_t len,
    uint8_t ret[DIGEST_BYTES]);

#endif
