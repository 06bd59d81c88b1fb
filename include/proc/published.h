/*
 * published.h - which TLSA records senders may hold now, as one resolver says:
 * for a warning before an act by hand.  No evidence: that is look.h.
 */
#ifndef PROC_PUBLISHED_H
#define PROC_PUBLISHED_H

#include "base/err.h"
#include "core/host.h"

struct published {
	/* asked */
	char owner[HOST_NAME]; /* final dot */
	/* answered */
	bool known;	     /* else `why` */
	bool secure;	     /* the resolver vouches for it (AD) */
	struct tlsa_set set; /* none: no DANE at this name */
	char why[HOST_WHY];
};

/* Asks about all at once, until `deadline` (clock_mono_ms). */
int published_look(struct published *v, size_t n, const struct addr *resolver,
    int64_t deadline, struct err *e);

#endif
