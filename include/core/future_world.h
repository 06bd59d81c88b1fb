/*
 * future_world.h - the world of future.h, which does as it is asked; for the
 * two files of the future and nobody else.
 */
#ifndef CORE_FUTURE_WORLD_H
#define CORE_FUTURE_WORLD_H

#include "core/future.h"

/* What every authority of an owner serves. */
struct served {
	struct tlsa_set set;
	char alias[HOST_NAME]; /* in the place of it; "": none */
	uint32_t ttl;
};

struct play {
	struct host *h;
	struct now now;
	struct served *served; /* as h->own; the caller frees */
	size_t n_real;	       /* keys that exist */
	bool by_hand;
	bool first; /* nothing was looked at yet */
	future_fn *fn;
	void *arg;
};

/* What is wrong now is put right. */
void future_begin(struct play *p);
/* All is seen, as in a pass. */
void future_look(struct play *p);
/* What the world becomes by the step; the key that it was done to. */
size_t future_act(struct play *p, const struct step *st);

#endif
