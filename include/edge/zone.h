/*
 * zone.h - who serves this name: zone cut, chain of trust, every
 * authoritative address (parent's and child's NS sets, IPv4 and IPv6).
 */
#ifndef EDGE_ZONE_H
#define EDGE_ZONE_H

#include "edge/batch.h"
#include "edge/zone_sides.h"

struct zone_server {
	struct addr addr;     /* port 53 */
	char name[HOST_NAME]; /* the NS name */
	bool parent, child;   /* which side lists it */
	uint32_t ttl; /* of its address, the longest seen, glue or not */
};

/* One name and what was found out about it. */
struct zone_view {
	/* asked */
	char name[HOST_NAME]; /* final dot, lower case */
	/* found */
	bool ok;	    /* zone, servers and ds are good */
	char why[HOST_WHY]; /* when not: a sentence (escaped) */
	char zone[HOST_NAME];
	char parent[HOST_NAME];
	struct ds_set ds;
	struct zone_server *server;
	size_t n_server, cap_server;
	uint32_t ns_ttl;       /* the larger of both sides */
	struct ns_sides sides; /* who lists which servers */
	/* an NS name without any address, or a side that did not answer:
	 * the list may be short; "" when whole */
	char incomplete[HOST_WHY];
};

/*
 * Finds out about n names at once, through `resolver` (validating, trusted)
 * and the parents' servers.  Names of one zone share the work.  The questions
 * stay in `b`, and so does who was silent: a look goes on with it.
 */
int zone_find(struct zone_view *v, size_t n, struct batch *b,
    const struct addr *resolver, int64_t deadline, struct err *e);
void zone_release(struct zone_view *v, size_t n);

#endif
