/*
 * ssl_curve.h - signatures by ECDSA on P-256 with SHA-256, as DNSSEC has them
 * (RFC 6605): numbers side by side, no encoding around them.
 */
#ifndef EDGE_SSL_CURVE_H
#define EDGE_SSL_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "edge/ssl_digest.h"

#define CURVE_BYTES 64 /* of a key (x, y), of a signature (r, s) */

struct curve_key; /* only read, so that several threads may share it */

struct curve_key *curve_key_new(const uint8_t xy[CURVE_BYTES]); /* NULL: none */
void curve_key_free(struct curve_key *k); /* NULL does nothing */

/* A signature over what has this digest. */
bool curve_holds(const struct curve_key *k, const uint8_t rs[CURVE_BYTES],
    const uint8_t digest[DIGEST_BYTES]);

#endif
