/*
 * update_msg.h - the messages of a dynamic update: built, signed, and what
 * comes back checked.  Bytes and values; talks to nobody, knows no clock but
 * the one that libldns reads for its signature.
 */
#ifndef EDGE_UPDATE_MSG_H
#define EDGE_UPDATE_MSG_H

#include <time.h>

#include "edge/update.h"
#include "edge/wire.h"

/* A signed message; update_sent_release frees. */
struct update_sent {
	uint8_t *wire;
	size_t len;
	uint8_t mac[64]; /* of its TSIG: the answer's covers it */
	size_t mac_len;
};
void update_sent_release(struct update_sent *s);

/* "Which TLSA records are at owner?", not to a resolver. */
int update_ask(const char *owner, const struct tsig_key *key,
    struct update_sent *ret, struct err *e);

/* See update_send(). */
int update_change(const char *zone, const char *owner,
    const struct primary_set *was, uint32_t ttl, const struct tlsa *add,
    size_t n_add, const struct tlsa *remove, size_t n_remove,
    const struct tsig_key *key, struct update_sent *ret, struct err *e);

/*
 * Is it the answer to what was sent, signed with the same key, now?  0 with
 * *ret_msg open (wire_release) whatever its rcode; else -1: ERR_TEMP for
 * what proves nothing, ERR_REFUSED for a signed "your clock is wrong".
 */
int update_check(const uint8_t *wire, size_t len,
    const struct update_sent *sent, const struct tsig_key *key, time_t now,
    struct wire_msg *ret_msg, struct err *e);

/* What a signed answer to a change comes to, by its rcode. */
int update_outcome(int rcode, struct err *e);

/* The records at owner in a signed answer; primary_set_release frees. */
int update_take(const struct wire_msg *m, const char *owner,
    struct primary_set *ret, struct err *e);

#endif
