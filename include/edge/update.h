/*
 * update.h - dynamic updates (RFC 2136) with TSIG (RFC 8945): built, signed
 * and checked with ldns; TCP connections of our own to the primaries.
 */
#ifndef EDGE_UPDATE_H
#define EDGE_UPDATE_H

#include "base/addr.h"
#include "base/err.h"
#include "core/tlsa.h"
#include "edge/conf.h"

/* What the primary holds at an owner now, in a form that a later update can
 * name exactly. */
struct primary_set {
	bool exists;
	uint32_t ttl;
	struct tlsa_set set;
	bool odd;      /* something `set` cannot hold exactly */
	uint8_t *wire; /* the rdata of each record: length (2), bytes */
	size_t wire_len;
	bool has_serial;
	uint32_t serial;
};

void primary_set_release(struct primary_set *p);

#define UPDATE_WHY 200

/* What does this primary hold at that owner? */
struct primary_read {
	struct addr to;
	const struct tsig_key *key;
	const char *owner;
	struct primary_set *ret; /* written, not released before */
	const char *why; /* there is no answer; kept once (base/once.h); NULL:
			    *ret is one */
};

/*
 * Asks them all at once (TCP, signed, the answer's TSIG verified): a connection
 * to each primary, up to 64 questions under way on it.  Who is silent for
 * patience_ms is waited for once, one that spoke before twice, and holds up no
 * other; everything ends at `deadline` (clock_mono_ms).
 */
void update_read(struct primary_read *q, size_t n, int64_t patience_ms,
    int64_t deadline);

/*
 * Adds and removes `3 1 1` records at `owner` in one update, with the
 * prerequisite that the RRset is exactly `was`.  The RRset keeps its TTL;
 * `ttl` is for a new one.  0 only for a NOERROR whose TSIG verifies; else
 * the reason in words, by rcode and TSIG error (ERR_TEMP when the outcome is
 * not known: the next look decides; ERR_REFUSED when the server said no).
 */
int update_send(const struct addr *server, const struct tsig_key *key,
    const char *zone, const char *owner, const struct primary_set *was,
    uint32_t ttl, const struct tlsa *add, size_t n_add,
    const struct tlsa *remove, size_t n_remove, int64_t deadline,
    struct err *e);

#endif
