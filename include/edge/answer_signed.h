/*
 * answer_signed.h - what a signature over a TLSA set is made of (RFC 4034
 * section 3.1.8.1), as bytes.
 */
#ifndef EDGE_ANSWER_SIGNED_H
#define EDGE_ANSWER_SIGNED_H

#include "edge/answer_verify.h"

/*
 * The data that the RRSIG `sig` signs: its own fields up to the signature,
 * then the records that v means, in canonical order, each once.  Only for
 * types without a name in the rdata.  Its length, or 0 when it does not fit
 * or there are too many records, or it is of a wildcard; *ret_at: where the
 * signature begins in the message.
 */
size_t answer_signed(const struct verify *v, const struct wire_rr *sig,
    uint8_t *buf, size_t size, size_t *ret_at);

#endif
