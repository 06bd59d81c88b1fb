/*
 * left.c - what an owner that left the config is still there for, and when it
 * is over.  Ends no sighting.
 */
#include "core/left.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/alias.h"
#include "core/sighting.h"

bool
left_is_nothing(const struct host *h, int set)
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
		if (!left_is_nothing(h, o->seen[i].set) &&
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

/* Does the config still have a service on this port? */
static bool
has_service(const struct host *h, uint16_t port)
{
	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].named && !h->own[i].left && !h->own[i].foreign &&
		    h->own[i].port == port)
			return true;
	return false;
}

/* Marks where this alias leads; false: nothing is new. */
static bool
lead(const struct host *h, const struct owner *from, const char *target,
    bool *led)
{
	bool news = false;

	for (const struct owner *to = NULL;
	     (to = alias_led(h, from, target, to)) != NULL;) {
		if (led[to - h->own] ||
		    (alias_is_base(from) && !alias_is_base(to) &&
			!has_service(h, to->port)))
			continue;
		led[to - h->own] = news = true;
	}
	return news;
}

static bool
lead_all(const struct host *h, bool *led, int64_t elapsed)
{
	bool news = false;

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; led[i] && j < h->own[i].n_seen; j++) {
			const struct sighting *s = &h->own[i].seen[j];
			const char *target = alias_target(h, s->set);

			if (target != NULL && sighting_living(h, s, elapsed))
				news = lead(h, &h->own[i], target, led) || news;
		}
	return news;
}

bool
left_is_led_to(const struct host *h, const struct owner *o, int64_t elapsed)
{
	bool *led = mem_array(h->n_own, sizeof(*led)), is;

	for (size_t i = 0; i < h->n_own; i++)
		led[i] = !h->own[i].left && !h->own[i].derived;
	while (lead_all(h, led, elapsed))
		;
	is = led[o - h->own];
	free(led);
	return is;
}

/* As if nothing had been seen there. */
void
left_takes(struct host *h, const struct owner *o, bool *ret_with)
{
	size_t at = (size_t)(o - h->own), n_seen = o->n_seen;
	int64_t *before = mem_array(h->n_own, sizeof(*before));

	for (size_t i = 0; i < h->n_own; i++)
		before[i] = h->own[i].until;
	h->own[at].n_seen = 0;
	alias_settle(h);
	for (size_t i = 0; i < h->n_own; i++)
		ret_with[i] = i != at && before[i] != 0 && h->own[i].until == 0;
	h->own[at].n_seen = n_seen;
	alias_settle(h);
	free(before);
}

bool
left_alone(const struct host *h, const struct owner *o)
{
	return o->left && !left_is_led_to(h, o, INT64_MAX);
}
