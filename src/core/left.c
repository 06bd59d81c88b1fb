/*
 * left.c - when an owner that left the config is over.  Ends no sighting.
 */
#include "core/left.h"

#include "core/alias.h"
#include "core/sighting.h"

/* A sender that holds it is asked for nothing, nor led on. */
static bool
is_nothing(const struct host *h, int set)
{
	return alias_target(h, set) == NULL && !cover_asks(h->set[set]) &&
	    !tlsa_set_is_any(h->set[set]);
}

static bool
is_over(const struct host *h, const struct owner *o, const struct now *now)
{
	for (size_t i = 0; i < o->n_auth; i++)
		if (!o->auth[i].fresh || o->auth[i].set < 0)
			return false;
	for (size_t i = 0; i < o->n_seen; i++)
		if (!is_nothing(h, o->seen[i].set) &&
		    sighting_living(h, &o->seen[i], now->elapsed))
			return false;
	return o->n_auth > 0 || o->n_seen == 0;
}

void
left_prune(struct host *h, const struct now *now)
{
	bool any = false;

	for (size_t i = 0; i < h->n_own; i++) {
		struct owner *o = &h->own[i];

		if (!o->left || !is_over(h, o, now))
			continue;
		/* An alias may lead there all the same. */
		o->left = o->named = false;
		o->derived = any = true;
	}
	if (!any)
		return;
	alias_settle(h);
	alias_prune(h, now);
}
