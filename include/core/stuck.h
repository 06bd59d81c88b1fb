/*
 * stuck.h - what a key waits for that neither time nor the schedule brings:
 * a fact with a name, in every stage, the same wherever it is shown.
 */
#ifndef CORE_STUCK_H
#define CORE_STUCK_H

#include "core/guard.h"
#include "core/tell.h"

struct stuck {
	enum code code; /* CODE_NONE: nothing but time is waited for */
	enum stage stage;
	enum guard_id guard;
	struct addr addr; /* of the first that is so; family 0: no address */
	int64_t since;	  /* elapsed */
	int level;	  /* LEVEL_QUIET: not for too long yet */
};

/* The name of what is wrong with a guard; CODE_NONE for one that is met, that
 * time meets, or that only the schedule is about. */
enum code stuck_code(const struct host *h, const struct key *k,
    const struct guard *g);

/* A concern for each code among the key's guards; none while a pause holds
 * them. */
void stuck_find(const struct host *h, const struct key *k,
    const struct guards *gs, const struct now *now, struct concerns *c);

/*
 * The worst of a key, of equals the one that began first.  The concerns say
 * since when; one that none speaks of began now.
 */
struct stuck stuck_of(const struct host *h, const struct key *k,
    const struct guards *gs, const struct concern *c, size_t n,
    const struct now *now);

#endif
