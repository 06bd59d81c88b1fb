/*
 * zone_sides.h - what the parent and every server of a zone say its NS set
 * is: who is asked is the union; that they differ is said.  No evidence.
 */
#ifndef EDGE_ZONE_SIDES_H
#define EDGE_ZONE_SIDES_H

#include "edge/answer.h"

/* One server's word about the NS set. */
struct ns_side {
	struct addr from;
	bool parent; /* a delegation, not the zone's own set */
	char *names; /* sorted, "ns1.example.org. ns2.example.org." */
};

/* Those of one zone; zero it first. */
struct ns_sides {
	struct ns_side *v;
	size_t n, cap;
};

/*
 * Takes down an answer to NS `zone`: an authoritative one is the zone's own
 * set, wherever it came from; any other counts only as the delegation of a
 * server of the parent (`parent`).
 */
void ns_sides_note(struct ns_sides *s, const struct question *q,
    const char *zone, bool parent);

/* A sentence that names the lists, or NULL when all say the same.  Caller
 * frees. */
char *ns_sides_differ(const struct ns_sides *s, const char *zone);

void ns_sides_release(struct ns_sides *s); /* empties */

#endif
