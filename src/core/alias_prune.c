/*
 * alias_prune.c - which of the owners that aliases led to may be forgotten.
 * Never one that a living alias leads to.
 */
#include "core/alias.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/record.h"
#include "core/sighting.h"

/* A name of the host is kept for its aliases only, as long as they may come
 * back unseen, and while it is not seen everywhere that it has none. */
static bool
is_plain(const struct host *h, const struct owner *o, int64_t elapsed)
{
	for (size_t i = 0; i < o->n_seen; i++)
		if (alias_target(h, o->seen[i].set) != NULL &&
		    sighting_living(h, &o->seen[i], elapsed - POLICY_MEMORY))
			return false;
	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].look != LOOK_NONE)
			return false;
	return o->n_auth > 0;
}

/* It has, in a zone of ours, a record of a key that is not destroyed: were an
 * alias to lead there again, that key would have to be presented. */
static bool
has_ours(const struct host *h, const struct owner *o)
{
	for (size_t i = 0; !o->foreign && i < o->n_seen; i++) {
		const struct tlsa_set *set = h->set[o->seen[i].set];

		for (unsigned j = 0; o->seen[i].gone == NEVER && j < set->n;
		     j++) {
			const struct key *k = record_key(h, &set->rr[j]);

			if (k != NULL && k->destroyed_at == NEVER)
				return true;
		}
	}
	return false;
}

/*
 * No cache can hold any more what was fetched there while an alias led there,
 * nor can that alias have come back and gone while nobody looked: only then
 * may what it served be forgotten.
 */
static bool
is_forgotten(const struct host *h, const struct owner *o, int64_t elapsed)
{
	int64_t end = o->until, hold;

	if (o->until == 0)
		return true;
	for (size_t i = 0; i < o->n_seen; i++) {
		hold = policy_hold(&h->policy, o->seen[i].ttl);
		if (o->until + hold > end)
			end = o->until + hold;
	}
	return elapsed - end > POLICY_MEMORY && !has_ours(h, o);
}

/* ---- room for others ---- */

static size_t
count_derived(const struct host *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_own; i++)
		n += h->own[i].derived;
	return n;
}

/* Nothing that was fetched there can be held now, whoever led there; and all
 * of its servers say what they serve. */
static bool
is_idle(const struct host *h, const struct owner *o, int64_t elapsed)
{
	if (!o->past || has_ours(h, o))
		return false;
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];

		if (o->until + policy_hold(&h->policy, s->ttl) > elapsed ||
		    (s->gone != NEVER && sighting_living(h, s, elapsed)))
			return false;
	}
	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].look != LOOK_SHOWN &&
		    o->auth[i].look != LOOK_NONE)
			return false;
	return true;
}

/* Where this alias leads, one of the two stays for the sake of the other: one
 * that stays would bring it back; or loses, with it, its own end.  True when
 * that is news. */
static bool
untie(const struct host *h, bool *idle, const struct owner *from,
    const struct sighting *s, int64_t elapsed)
{
	const char *target = alias_target(h, s->set);
	bool *a = &idle[from - h->own], *b, news = false;

	for (struct owner *to = NULL;
	     target != NULL && (to = alias_led(h, from, target, to)) != NULL;) {
		b = &idle[to - h->own];
		if (!to->derived || *a == *b ||
		    (!*a && !sighting_living(h, s, elapsed)))
			continue;
		*a = *b = false;
		news = true;
	}
	return news;
}

static bool
untie_all(const struct host *h, bool *idle, int64_t elapsed)
{
	bool news = false;

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_seen; j++)
			news = untie(h, idle, &h->own[i], &h->own[i].seen[j],
				   elapsed) ||
			    news;
	return news;
}

/* Where there may be no room for a new chain, the past ones are forgotten
 * that hold nothing. */
static bool
make_room(struct host *h, int64_t elapsed)
{
	bool *idle, any = false;

	if (count_derived(h) + ALIAS_LINKS <= ALIAS_NODES)
		return false;
	idle = mem_array(h->n_own, sizeof(*idle));
	for (size_t i = 0; i < h->n_own; i++)
		idle[i] = is_idle(h, &h->own[i], elapsed);
	while (untie_all(h, idle, elapsed))
		;
	for (size_t i = h->n_own; i-- > 0;)
		if (idle[i]) {
			host_drop_owner(h, i);
			any = true;
		}
	free(idle);
	return any;
}

void
alias_prune(struct host *h, const struct now *now)
{
	bool dropped = false;

	for (size_t i = h->n_own; i-- > 0;) {
		struct owner *o = &h->own[i];

		o->past = o->derived && o->until != NEVER &&
		    o->until <= now->elapsed;
		if (o->past ? !is_forgotten(h, o, now->elapsed)
			    : o->derived || !alias_is_base(o) ||
			    !is_plain(h, o, now->elapsed))
			continue;
		host_drop_owner(h, i);
		dropped = true;
	}
	if (make_room(h, now->elapsed) || dropped)
		alias_settle(h);
}
