/*
 * policy.h - how long to wait: the settings of `timing`, and the hold.
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include <stdint.h>

/* All in seconds, all >= 0. */
struct policy {
	int64_t hold_factor;	 /* phi, >= 1 */
	int64_t stale_allowance; /* A: caches that serve stale data */
	int64_t hold_floor;	 /* F: caches with a minimum TTL */
	int64_t client_slack;	 /* sigma: from lookup to handshake */
	int64_t clock_slack;	 /* epsilon */
	int64_t settle;		 /* between the two clean sweeps */
	int64_t assumed_ttl;	 /* of what was served before we looked */
	int64_t retire_hold;	 /* rollback is free this long */
	int64_t key_retention;	 /* a retired private key is kept this long */
	int64_t rollover_every;	 /* from deployment to the next */
	int64_t stuck_warning;
	int64_t stuck_critical;
	int64_t repeat; /* of an alert that goes on */
};

/* A TTL above this is capped by every validator (RFC 8767 section 4). */
#define POLICY_TTL_MAX (7 * 86400)
/* A gap between two looks at an authority above this hides anything. */
#define POLICY_LOOK_GAP (26 * 3600)
/* What an authority showed within this may come back unseen. */
#define POLICY_MEMORY (30 * 86400)

/*
 * How long caches may keep a set with this TTL after the last moment that it
 * was served: max(phi T, T + A, F) + sigma + epsilon.
 */
int64_t policy_hold(const struct policy *p, uint32_t ttl);

#endif
