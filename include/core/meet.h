/*
 * meet.h - who may hold whose records: a sender that connects to the endpoints
 * of an owner holds that owner's records, or those to which aliases lead from
 * there.
 */
#ifndef CORE_MEET_H
#define CORE_MEET_H

#include "core/host.h"

/* The owners that a sender may pass; room for all of a host, used again and
 * again. */
struct reach {
	unsigned *at; /* indices into host.own */
	size_t n;
	bool *is; /* of each owner: among them */
};

void reach_begin(struct reach *r, const struct host *h);
/*
 * Where a sender that asks at h->own[from] may end, itself first: by the
 * aliases that caches may hold at `elapsed` (NEVER: that may be served now).
 */
void reach_from(struct reach *r, const struct host *h, unsigned from,
    int64_t elapsed);
void reach_release(struct reach *r);

/* Of every owner the endpoints whose senders may hold its records. */
struct meet {
	const struct host *h;
	unsigned *ep; /* by owner: ep[first[i]] up to ep[first[i + 1]]; NULL:
			 no alias is anywhere, and these are its own */
	size_t *first;
};

/* At `elapsed`, as reach_from. */
void meet_begin(struct meet *m, const struct host *h, int64_t elapsed);
/* One after the other, in the order of host.ep: *at begins with 0; NULL: no
 * more. */
const struct endpoint *meet_next(const struct meet *m, unsigned owner,
    size_t *at);
void meet_release(struct meet *m);

#endif
