/*
 * guard.h - what a key still waits for, as a list of named guards.
 */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H

#include "core/host.h"

/* Who can make an unmet guard met. */
enum actor { ACTOR_TIME, ACTOR_DANESAFE, ACTOR_OPERATOR };

struct guard {
	enum guard_id id;
	struct addr addr; /* of shown, served, gone; else family 0 */
	bool met;
	bool waived;   /* met only because it was waived by hand */
	bool running;  /* unmet, and only time is missing */
	int64_t until; /* elapsed: when time alone meets it; NEVER */
	enum actor actor;
	char text[320]; /* one sentence */
};

#define GUARD_MAX 128

struct guards {
	size_t n;
	struct guard g[GUARD_MAX];
	struct guard spill; /* not part of the list */
};

/*
 * The guards of the step that the key's stage waits for, met ones included
 * (where there are more than GUARD_MAX, unmet ones go first).
 */
void guards_of(const struct host *h, const struct key *k, const struct now *now,
    struct guards *ret);

/* All guards with this id are met (true when there is none). */
bool guards_met(const struct guards *gs, enum guard_id id);

/* The stage that the key reaches next; STAGE_NONE at the end. */
enum stage guard_goal(const struct key *k);

/* "hold", "shown:192.0.2.1" */
const char *guard_label(const struct guard *g, char buf[ADDR_TEXT + 16]);

/* What skipping it by hand would risk, in a sentence with the time it ends;
 * NULL for a guard that nobody can skip. */
const char *guard_risk(const struct host *h, const struct key *k,
    const struct guard *g, const struct now *now, char *buf, size_t size);

#endif
