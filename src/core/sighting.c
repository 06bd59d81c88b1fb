/*
 * sighting.c - the memory of what authorities served.  Stores what was seen,
 * derives every horizon; a silence or a gap can only make a wait longer.
 */
#include "core/sighting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "core/alias.h"
#include "core/ended.h"
#include "core/fold.h"
#include "core/serial.h"
#include "core/signing.h"
#include "core/vouch.h"

/*
 * Counters are whole seconds rounded down, so an end is noted one second
 * later than the reading: what is remembered is never too early.
 */
static int64_t
end_at(const struct now *now)
{
	return now->elapsed + 1;
}

static struct sighting *
find(struct owner *o, const struct addr *auth, int set, uint32_t ttl)
{
	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].set == set && o->seen[i].ttl == ttl &&
		    addr_cmp(&o->seen[i].auth, auth) == 0)
			return &o->seen[i];
	return NULL;
}

/* The row of this set at this authority, made if new; seen or not. */
static struct sighting *
row(struct host *h, struct owner *o, const struct addr *auth, int set,
    uint32_t ttl, const struct now *now)
{
	struct sighting *s = find(o, auth, set, ttl);

	if (s != NULL)
		return s;
	fold_at(h, o, auth);
	o->seen = mem_room(o->seen, o->n_seen, &o->cap_seen, sizeof(*o->seen));
	s = &o->seen[o->n_seen++];
	s->auth = *auth;
	s->set = set;
	s->ttl = ttl;
	s->first_seen = s->last_seen = NEVER;
	s->gone = now->elapsed;
	ended_copy(o, s);
	return s;
}

/* What was not seen itself is only taken to be served. */
static void
take_down(struct host *h, struct owner *o, const struct addr *auth, int set,
    const struct glance *g, const struct now *now)
{
	struct sighting *s = row(h, o, auth, set, g->ttl, now);

	s->gone = NEVER;
	if (g->vouched)
		return;
	if (s->first_seen == NEVER)
		s->first_seen = now->elapsed;
	s->last_seen = now->elapsed;
}

/* Is it recent enough to have come back while nobody looked? */
static bool
may_return(const struct sighting *s, const struct now *now)
{
	return s->gone == NEVER || now->elapsed - s->gone <= POLICY_MEMORY;
}

/* Not seen is not absent: all that it showed of late may be served now, but
 * for what no signature covers any more. */
static void
reopen(struct owner *o, const struct addr *auth, const struct now *now)
{
	for (size_t i = 0; i < o->n_seen; i++)
		if (addr_cmp(&o->seen[i].auth, auth) == 0 &&
		    !o->seen[i].ended && may_return(&o->seen[i], now))
			o->seen[i].gone = NEVER;
}

/* A valid answer: everything else that was open here ends now. */
static void
close_others(struct owner *o, const struct addr *auth, int set, uint32_t ttl,
    const struct now *now)
{
	for (size_t i = 0; i < o->n_seen; i++) {
		struct sighting *s = &o->seen[i];

		if (addr_cmp(&s->auth, auth) != 0 || s->gone != NEVER)
			continue;
		if (s->set != set || s->ttl != ttl)
			s->gone = end_at(now);
	}
}

static void
open_all(struct opening *op, struct host *h, struct owner *o,
    const struct addr *auth, const struct now *now)
{
	opening_fit(op, h, o);
	for (size_t i = 0; i < op->n; i++)
		row(h, o, auth, op->v[i].set, op->v[i].ttl, now)->gone = NEVER;
	free(op->v);
}

/* The last time that this address was heard itself; NEVER. */
static int64_t
heard_at(const struct owner *o, const struct addr *auth)
{
	int64_t last = NEVER;

	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].last_seen > last &&
		    addr_cmp(&o->seen[i].auth, auth) == 0)
			last = o->seen[i].last_seen;
	return last;
}

/*
 * A server that was not watched may have served, until now, whatever was
 * living anywhere (dane-safety: L_s, rule tau-0; a silent one may have taken
 * over any set of the others).  One that was never heard may be one that left
 * and is no longer remembered.
 */
static void
inherit(struct host *h, struct owner *o, const struct addr *auth,
    const struct now *now)
{
	const struct sighting *nowhere = fold_nowhere(o);
	struct opening op = { .v = NULL };

	for (size_t i = 0; i < o->n_seen; i++)
		if (!o->seen[i].ended &&
		    sighting_living(h, &o->seen[i], now->elapsed))
			opening_add(&op, o->seen[i].set, o->seen[i].ttl);
	if (nowhere != NULL && may_return(nowhere, now) &&
	    heard_at(o, auth) == NEVER)
		opening_add(&op, nowhere->set, nowhere->ttl);
	open_all(&op, h, o, auth, now);
}

uint32_t
sighting_assumed_ttl(const struct host *h)
{
	return h->policy.assumed_ttl > POLICY_TTL_MAX
	    ? POLICY_TTL_MAX
	    : (uint32_t)h->policy.assumed_ttl;
}

/* Was it never heard, or not for longer than hides anything? */
static bool
unheard(const struct owner *o, const struct addr *auth, const struct now *now)
{
	int64_t last = heard_at(o, auth);

	return last == NEVER || now->elapsed < last ||
	    now->elapsed - last > POLICY_LOOK_GAP;
}

/*
 * It was out of sight until this answer.  What it may have served meanwhile it
 * may have served with the TTL of now; and with any that nobody saw, if that
 * was for long.
 */
static void
lengthen(struct host *h, struct owner *o, const struct addr *auth,
    const struct glance *g, const struct now *now)
{
	uint32_t ttl = unheard(o, auth, now) ? sighting_assumed_ttl(h) : 0;
	struct opening op = { .v = NULL };

	if (g->look == LOOK_SHOWN && g->ttl > ttl)
		ttl = g->ttl;
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];

		if (s->gone == NEVER && s->ttl < ttl && s->set != 0 &&
		    addr_cmp(&s->auth, auth) == 0)
			opening_add(&op, s->set, ttl);
	}
	open_all(&op, h, o, auth, now);
}

/* Was the authority out of sight until this look? */
static bool
unwatched(const struct host *h, const struct owner *o,
    const struct authority *a, const struct glance *g, const struct now *now)
{
	bool valid = g->look == LOOK_SHOWN || g->look == LOOK_NONE;

	if (h->adopted_at == NEVER)
		return !valid;
	if (!g->vouched && vouched(o, a))
		return true;
	return !valid || a->looked_at == NEVER || now->elapsed < a->looked_at ||
	    now->elapsed - a->looked_at > POLICY_LOOK_GAP;
}

static void
note_look(struct authority *a, const struct glance *g, int set,
    const struct now *now)
{
	a->look = g->look;
	a->set = set;
	a->ttl = g->ttl;
	if (g->has_serial)
		serial_note(a, g->serial);
	a->refresh = g->has_serial ? g->refresh : 0;
	if (g->nsid[0] != 0)
		a->nsid = once(g->nsid);
	a->looked_at = now->elapsed;
	a->looked_wall = now->wall;
	a->fresh = true;
	signing_note(a, g);
	a->answered = a->answered || g->answered;
	a->why = once(g->look == LOOK_SHOWN && !g->vouched ? "" : g->why);
}

int
sighting_set(struct host *h, const struct glance *g)
{
	return g->alias[0] != 0 ? host_alias(h, g->alias)
				: host_set(h, &g->set);
}

void
sighting_note(struct host *h, struct owner *o, const struct addr *addr,
    const struct glance *g, const struct now *now)
{
	struct authority *a = owner_find_authority(o, addr);
	bool valid = g->look == LOOK_SHOWN || g->look == LOOK_NONE;
	bool dark = unwatched(h, o, a, g, now);
	int set = -1;

	assert(a != NULL);
	ended_begin(o, now);
	if (valid)
		set = sighting_set(h, g);
	if (dark) {
		reopen(o, addr, now);
		inherit(h, o, addr, now);
	}
	if (valid) {
		if (dark || a->set < 0) /* silent in the look before */
			lengthen(h, o, addr, g, now);
		take_down(h, o, addr, set, g, now);
		ended_shown(h, o, set, g, now);
		close_others(o, addr, set, g->ttl, now);
	}
	note_look(a, g, set, now);
}

void
sighting_also(struct host *h, struct owner *o, const struct addr *addr,
    const struct glance *g, const struct now *now)
{
	int set = sighting_set(h, g);

	take_down(h, o, addr, set, g, now);
	ended_shown(h, o, set, g, now);
}

void
sighting_keep(struct host *h, struct owner *o, const struct addr *addr, int set,
    uint32_t ttl, const struct now *now)
{
	if (!ended(o, set))
		row(h, o, addr, set, ttl, now)->gone = NEVER;
}

void
sighting_unwatched(struct host *h, struct owner *o, const struct addr *addr,
    const struct now *now)
{
	reopen(o, addr, now);
	inherit(h, o, addr, now);
}

/* What may have been there though nobody saw it: the keys in use, without a
 * key that is to come or one that is gone. */
static int
set_of_keys(struct host *h)
{
	struct tlsa_set keys = { .n = 0 };
	struct tlsa r;

	for (size_t i = 0; i < h->n_key; i++) {
		if (h->key[i].stage != STAGE_DEPLOYED &&
		    h->key[i].stage != STAGE_RETIRING)
			continue;
		r = tlsa_of(&h->key[i].id);
		tlsa_set_add(&keys, &r);
	}
	return host_set(h, &keys);
}

/* This authority may have served the set until now; a silent one may still. */
static void
assume(struct host *h, struct owner *o, const struct authority *a, int set,
    uint32_t ttl, const struct now *now)
{
	bool valid = a->look == LOOK_SHOWN || a->look == LOOK_NONE;
	struct sighting *s = find(o, &a->addr, set, ttl);

	if (s != NULL && s->gone == NEVER)
		return; /* shown with that very TTL: still open */
	row(h, o, &a->addr, set, ttl, now)->gone = valid ? end_at(now) : NEVER;
}

void
sighting_assume(struct host *h, struct owner *o, const struct now *now)
{
	uint32_t ttl = sighting_assumed_ttl(h);
	bool any = false;
	int keys;

	for (size_t i = 0; i < o->n_auth; i++) {
		if (o->auth[i].look != LOOK_SHOWN)
			continue;
		any = true;
		if (o->auth[i].ttl > ttl)
			ttl = o->auth[i].ttl;
	}
	if (!any && o->port == 0)
		return; /* a name of the host: it has no records */
	keys = !any || (o->added && o->port != 0) ? set_of_keys(h) : -1;
	for (size_t i = 0; i < o->n_auth; i++) {
		if (keys >= 0)
			assume(h, o, &o->auth[i], keys, ttl, now);
		for (size_t j = 0; j < o->n_auth; j++)
			if (o->auth[j].look == LOOK_SHOWN)
				assume(h, o, &o->auth[i], o->auth[j].set, ttl,
				    now);
	}
}

void
sighting_listed(struct host *h, struct owner *o, const struct addr *addr,
    const char *name, uint32_t ttl, const struct now *now)
{
	struct authority *a = owner_authority(o, addr);

	(void)h;
	if (a->first_seen == NEVER)
		a->first_seen = now->elapsed;
	a->left_at = NEVER;
	if (ttl > a->ns_ttl) /* one that was lowered may still be held */
		a->ns_ttl = ttl;
	a->name = once(name);
}

/* Its time is over: nobody is sent there any more. */
static void
drop(struct owner *o, size_t i, const struct now *now)
{
	for (size_t k = 0; k < o->n_seen; k++)
		if (o->seen[k].gone == NEVER &&
		    addr_cmp(&o->seen[k].auth, &o->auth[i].addr) == 0)
			o->seen[k].gone = end_at(now);
	for (size_t k = o->n_inst; k-- > 0;)
		if (addr_cmp(&o->inst[k].auth, &o->auth[i].addr) == 0)
			o->inst[k] = o->inst[--o->n_inst];
	o->n_auth--;
	memmove(&o->auth[i], &o->auth[i + 1],
	    (o->n_auth - i) * sizeof(*o->auth));
}

static bool
is_listed(const struct addr *a, const struct addr *listed, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (addr_cmp(a, &listed[i]) == 0)
			return true;
	return false;
}

void
sighting_unlisted(struct host *h, struct owner *o, const struct addr *listed,
    size_t n, const struct now *now)
{
	for (size_t i = o->n_auth; i-- > 0;) {
		struct authority *a = &o->auth[i];

		if (is_listed(&a->addr, listed, n))
			continue;
		if (a->left_at == NEVER)
			a->left_at = end_at(now);
		else if (now->elapsed - a->left_at >
		    policy_hold(&h->policy, a->ns_ttl))
			drop(o, i, now);
	}
}

int64_t
sighting_horizon(const struct host *h, const struct sighting *s)
{
	if (s->gone == NEVER)
		return NEVER;
	return s->gone + policy_hold(&h->policy, s->ttl);
}

bool
sighting_living(const struct host *h, const struct sighting *s, int64_t elapsed)
{
	int64_t horizon = sighting_horizon(h, s);

	return horizon == NEVER || horizon > elapsed;
}

/* Without it the owner that it led to would have lost its own end. */
static bool
led_on(const struct host *h, const struct owner *o, const struct sighting *s)
{
	const char *target = alias_target(h, s->set);

	for (const struct owner *to = NULL;
	     target != NULL && (to = alias_led(h, o, target, to)) != NULL;)
		if (to->derived)
			return true;
	return false;
}

void
sighting_prune(struct host *h, struct owner *o, int64_t elapsed)
{
	size_t keep = 0;

	for (size_t i = 0; i < o->n_seen; i++) {
		int64_t horizon = sighting_horizon(h, &o->seen[i]);

		if (horizon != NEVER && elapsed - horizon > POLICY_MEMORY &&
		    !led_on(h, o, &o->seen[i]))
			continue;
		o->seen[keep++] = o->seen[i];
	}
	o->n_seen = keep;
	fold(h, o);
}
