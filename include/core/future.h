/*
 * future.h - what comes, by the table and the law as they are, in a world
 * that does as it is asked: whatever is published shows at once everywhere,
 * whatever is deployed is served at once, nothing fails, nobody interferes.
 *
 * Only time passes there, so that only moments at which time alone brings
 * something are played, each at the pass that comes first after it.
 */
#ifndef CORE_FUTURE_H
#define CORE_FUTURE_H

#include "core/plan.h"

/* One thing that will be done. */
struct future_step {
	struct now at;
	const struct host *host; /* as it is after the step */
	const struct key *key;
	unsigned made; /* 1, 2 ...: a key that does not exist yet; else 0 */
	enum act act;  /* ACT_NOTHING: only the stage changes */
	enum stage from, to;
	bool by_hand;	/* a person does it: the publisher is `manual` */
	bool cert_ends; /* no step: the certificate in use ends */
};

typedef void future_fn(const struct future_step *s, void *arg);

/*
 * Plays the host, which is changed by it, with a pass at `first` and then
 * every `every` seconds, until the wall time `until`.  Facts of a pass need
 * not be there.
 */
void future_play(struct host *h, const struct now *first, int64_t every,
    time_t until, future_fn *fn, void *arg);

#endif
