/*
 * alias.c - which owners aliases lead to, and until when.  Looks at sightings
 * only; allows nothing.
 */
#include "core/alias.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "core/meet.h"
#include "core/sighting.h"

const char *
alias_target(const struct host *h, int set)
{
	return set < 0 || h->target[set][0] == 0 ? NULL : h->target[set];
}

const char *
alias_shown(const struct host *h, const struct authority *a)
{
	return alias_target(h, a->set);
}

bool
alias_is_base(const struct owner *o)
{
	return o->port == 0;
}

bool
alias_is_link(const struct host *h, const struct owner *o)
{
	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].gone == NEVER &&
		    alias_target(h, o->seen[i].set) != NULL)
			return true;
	return false;
}

/* Some authority may serve records here now. */
static bool
is_lit(const struct host *h, const struct owner *o)
{
	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].gone == NEVER && h->set[o->seen[i].set]->n > 0)
			return true;
	return false;
}

/* The owner of a service at what the host stands for. */
static void
name_at(uint16_t port, const char *target, char buf[TLSA_OWNER])
{
	char host[HOST_NAME];
	size_t n = strlen(target);

	text_fmt(host, sizeof(host), "%.*s", (int)(n > 0 ? n - 1 : 0), target);
	tlsa_owner(port, host, buf);
}

bool
alias_leads(const struct owner *from, const char *target,
    const struct owner *to)
{
	char name[TLSA_OWNER];

	if (alias_is_base(from) && !alias_is_base(to)) {
		name_at(to->port, target, name);
		return strcmp(to->name, name) == 0;
	}
	return alias_is_base(from) == alias_is_base(to) &&
	    strcmp(to->name, target) == 0;
}

/* The owner of its own kind that this alias leads to, or NULL. */
static struct owner *
led_to(const struct host *h, const struct owner *from, const char *target)
{
	struct owner *to = host_find_owner(h, target);

	return to != NULL && alias_is_base(from) == alias_is_base(to) ? to
								      : NULL;
}

struct owner *
alias_led(const struct host *h, const struct owner *from, const char *target,
    const struct owner *after)
{
	size_t i = after == NULL ? 0 : (size_t)(after - h->own) + 1;

	if (!alias_is_base(from))
		return after == NULL ? led_to(h, from, target) : NULL;
	while (i < h->n_own && !alias_leads(from, target, &h->own[i]))
		i++;
	return i < h->n_own ? &h->own[i] : NULL;
}

struct owner *
alias_follow(const struct host *h, const struct owner *from,
    const struct sighting *s, int64_t elapsed)
{
	const char *target = alias_target(h, s->set);

	if (target == NULL)
		return NULL;
	if (elapsed == NEVER ? s->gone != NEVER
			     : !sighting_living(h, s, elapsed))
		return NULL;
	return led_to(h, from, target);
}

/* ---- the owners that are missing ---- */

static size_t
count_derived(const struct host *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_own; i++)
		n += h->own[i].derived;
	return n;
}

/* One owner that the alias at own[from] leads to. */
static size_t
need(struct host *h, size_t from, const char *name, uint16_t port)
{
	const struct owner *o = host_find_owner(h, name);
	struct owner *at = &h->own[from];

	if (o != NULL && (o->port == 0) == (port == 0))
		return 0;
	if (o != NULL || count_derived(h) >= ALIAS_NODES) {
		at->blocked = once_fmt(HOST_WHY,
		    o != NULL ? "an alias leads from here to %.120s, which is "
				"a name of the host as well"
			      : "more aliases than can be followed; the next "
				"leads to %.120s",
		    name);
		return 0;
	}
	at = host_owner(h, name, port);
	at->derived = at->foreign = true;
	at->added = h->adopted_at != NEVER;
	return 1;
}

/* What the alias at own[i] leads to: another name of its kind and, for a name
 * of the host, the services there. */
static size_t
need_all(struct host *h, size_t i, const char *target)
{
	size_t added = need(h, i, target, h->own[i].port), n = h->n_own;
	char name[TLSA_OWNER];

	for (size_t j = 0; alias_is_base(&h->own[i]) && j < n; j++) {
		const struct owner *o = &h->own[j];
		uint16_t port = o->port;

		if (o->derived || o->foreign || o->left || port == 0)
			continue;
		name_at(port, target, name);
		if (strlen(name) < HOST_NAME)
			added += need(h, i, name, port);
	}
	return added;
}

size_t
alias_grow(struct host *h, const struct now *now)
{
	size_t n = h->n_own, added = 0;
	char target[HOST_NAME];

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < h->own[i].n_seen; j++) {
			const struct sighting *s = &h->own[i].seen[j];

			if (alias_target(h, s->set) == NULL ||
			    !sighting_living(h, s, now->elapsed))
				continue;
			text_fmt(target, sizeof(target), "%s",
			    alias_target(h, s->set));
			added += need_all(h, i, target);
		}
	return added;
}

/* ---- what is derived ---- */

static int64_t
sooner(int64_t a, int64_t b)
{
	if (a == NEVER || b == NEVER)
		return a == NEVER ? b : a;
	return a < b ? a : b;
}

static bool
is_later(int64_t a, int64_t b)
{
	return b != NEVER && (a == NEVER || a > b);
}

/* Every alias at own[i] passes on until when it is led to; false when nobody
 * learnt anything. */
static bool
pass_until(struct host *h, size_t i)
{
	const struct owner *o = &h->own[i];
	bool news = false;

	for (size_t k = 0; k < o->n_seen; k++) {
		const char *target = alias_target(h, o->seen[k].set);
		int64_t until;

		if (target == NULL)
			continue;
		until = sooner(o->until, sighting_horizon(h, &o->seen[k]));
		for (struct owner *to = NULL;
		     (to = alias_led(h, o, target, to)) != NULL;) {
			if (!to->derived)
				continue;
			if (alias_is_base(o) && !alias_is_base(to))
				to->own_name = true;
			if (!is_later(until, to->until))
				continue;
			to->until = until;
			news = true;
		}
	}
	return news;
}

static void
settle_until(struct host *h)
{
	bool news = true;

	for (size_t i = 0; i < h->n_own; i++) {
		h->own[i].until = h->own[i].derived ? 0 : NEVER;
		h->own[i].own_name = false;
	}
	for (size_t round = 0; news && round <= h->n_own; round++) {
		news = false;
		for (size_t i = 0; i < h->n_own; i++)
			news = pass_until(h, i) || news;
	}
}

/* An alias that may be served here now leads to one of these. */
static bool
leads_on(const struct host *h, const struct owner *o, const bool *those)
{
	for (size_t k = 0; k < o->n_seen; k++) {
		const struct owner *to = alias_follow(h, o, &o->seen[k], NEVER);

		if (to != NULL && those[to - h->own])
			return true;
	}
	return false;
}

/* From which owners more links lead on in a row than anybody follows, be it
 * because they are a loop: an array of n_own, for free(). */
static bool *
endless(const struct host *h)
{
	bool *far = mem_array(h->n_own + 1, sizeof(*far)), *next;

	memset(far, true, h->n_own);
	for (int links = 0; links <= ALIAS_LINKS; links++) {
		next = mem_array(h->n_own + 1, sizeof(*next));
		for (size_t i = 0; i < h->n_own; i++)
			next[i] = leads_on(h, &h->own[i], far);
		free(far);
		far = next;
	}
	return far;
}

/* Marks whom the named owners of services lead to, themselves included: an
 * array of n_own, for free(). */
static bool *
asked_of(const struct host *h)
{
	bool *asked = mem_array(h->n_own + 1, sizeof(*asked));
	struct reach r;

	reach_begin(&r, h);
	for (size_t i = 0; i < h->n_own; i++) {
		if (h->own[i].derived || h->own[i].left || h->own[i].foreign ||
		    alias_is_base(&h->own[i]))
			continue;
		reach_from(&r, h, (unsigned)i, NEVER);
		for (size_t j = 0; j < r.n; j++)
			asked[r.at[j]] = true;
	}
	reach_release(&r);
	return asked;
}

/* A service's owner at what the host stands for now has what is asked for. */
static bool
is_replaced(const struct host *h, const struct owner *named)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		if (o->own_name && o->until == NEVER &&
		    o->port == named->port &&
		    (is_lit(h, o) || alias_is_link(h, o)))
			return true;
	}
	return false;
}

static enum owner_role
role_of(const struct host *h, const struct owner *o, bool asked)
{
	if (alias_is_base(o))
		return OWNER_BASE;
	if (alias_is_link(h, o))
		return OWNER_LINK;
	if (is_lit(h, o))
		return OWNER_ASKED;
	if (!o->derived && !o->left && !o->foreign && is_replaced(h, o))
		return OWNER_IDLE;
	return asked || (!o->derived && !o->left) ? OWNER_ASKED : OWNER_IDLE;
}

void
alias_settle(struct host *h)
{
	bool *asked, *far;

	settle_until(h);
	asked = asked_of(h);
	far = endless(h);
	for (size_t i = 0; i < h->n_own; i++) {
		h->own[i].role = role_of(h, &h->own[i], asked[i]);
		h->own[i].loop = alias_is_link(h, &h->own[i]) && far[i];
	}
	free(asked);
	free(far);
}

/* ---- what is asked of it ---- */

int64_t
alias_horizon(const struct host *h, const struct owner *o,
    const struct sighting *s)
{
	return sooner(sighting_horizon(h, s), o->until);
}

bool
alias_living(const struct host *h, const struct owner *o,
    const struct sighting *s, int64_t elapsed)
{
	int64_t horizon = alias_horizon(h, o, s);

	return horizon == NEVER || horizon > elapsed;
}

bool
alias_is_anywhere(const struct host *h)
{
	for (size_t i = 0; i < h->n_set; i++)
		if (h->target[i][0] != 0)
			return true;
	return false;
}

bool
alias_listens(const struct owner *o)
{
	return !alias_is_base(o) && (!o->derived || o->own_name);
}

/* Where the first authority that answers with an alias sends senders. */
static const struct owner *
next(const struct host *h, const struct owner *o)
{
	for (size_t i = 0; i < o->n_auth; i++) {
		const char *target = alias_shown(h, &o->auth[i]);
		const struct owner *to = target != NULL ? led_to(h, o, target)
							: NULL;

		if (to != NULL)
			return to;
	}
	return NULL;
}

const struct owner *
alias_end(const struct host *h, const struct owner *o)
{
	const struct owner *to;

	for (int links = 0; links <= ALIAS_LINKS; links++) {
		to = next(h, o);
		if (to == NULL)
			return o;
		o = to;
	}
	return NULL;
}
