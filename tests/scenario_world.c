/*
 * scenario_world.c - what is true in a scenario, whatever the agent thinks:
 * who serves which set, what the worst cache still holds, what is presented.
 * Decides nothing and knows nothing of stages.
 */
#include "scenario_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"

#define BEGIN 1000000
#define BEGIN_WALL 1795255200 /* 2026-11-21 10:00 UTC */

/* Validators may take a signature for so long after its end, and then hold
 * the set for its whole TTL (measured with Unbound). */
#define SKEW 86400

void
world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->elapsed = BEGIN;
	w->wall = BEGIN_WALL;
	w->trusted = true;
	w->die_after = ACT_COUNT;
	for (int s = 0; s < SLOT_COUNT; s++)
		w->installed[s] = -1;
	host_init(&w->h, "mx.example");
	snprintf(w->own[0].name, HOST_NAME, "_25._tcp.mx.example.");
	w->own[0].ttl = 3600;
	w->own[0].named = true;
	w->n_own = 1;
	w->h.publishes = w->h.standby = true;
	w->h.policy = (struct policy){ 2, 86400, 3600, 900, 300, 900, 86400,
		72 * 3600, 30 * 86400, 365 * 86400, 86400, 3 * 86400, 86400 };
}

void
world_release(struct world *w)
{
	host_release(&w->h);
	concern_release(&w->concerns);
}

int
world_key_find(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->n_key; i++)
		if (strcmp(w->key[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
world_key(struct world *w, const char *name)
{
	int k = world_key_find(w, name);

	if (k >= 0)
		return k;
	if (w->n_key == W_KEYS)
		abort();
	k = (int)w->n_key++;
	snprintf(w->key[k].name, W_NAME, "%s", name);
	w->key[k].slot = SLOT_OTHER;
	return k;
}

struct spki
world_spki(int key)
{
	struct spki s;

	memset(s.sha256, key + 1, sizeof(s.sha256));
	return s;
}

int
world_key_of(const struct spki *s)
{
	return s->sha256[0] - 1;
}

int
world_issuer(struct world *w, const char *name)
{
	int i = 1;

	while (w->issuer[i][0] != 0 && strcmp(w->issuer[i], name) != 0)
		if (++i == W_MAX)
			abort();
	snprintf(w->issuer[i], W_NAME, "%s", name);
	return i;
}

static void
fill(struct cover_cert *x, uint8_t key, uint8_t first, uint8_t cert)
{
	for (int selector = 0; selector < 2; selector++) {
		struct cover_der *d = &x->by[selector];

		memset(d->sha256, selector == 0 ? cert : key, 32);
		d->sha256[0] = first;
		memcpy(d->sha512 + 32, d->sha256, 32);
		d->len = TLSA_FOLDED;
	}
}

struct cover_cert
world_issuer_cert(int issuer)
{
	struct cover_cert x = { .key_only = false };

	fill(&x, 0xca, (uint8_t)issuer, 0xcb);
	return x;
}

struct cover_chain
world_chain(int key, const struct w_face *f)
{
	struct cover_chain c = { .n = 1, .names_ok = true };
	struct spki id = world_spki(key);

	fill(&c.cert[0], id.sha256[0], (uint8_t)f->certs, 0xc0);
	c.cert[0].by[0].sha256[31] = id.sha256[0];
	memcpy(c.cert[0].by[0].sha512 + 32, c.cert[0].by[0].sha256, 32);
	memcpy(c.cert[0].by[1].sha256, id.sha256, 32);
	memcpy(c.cert[0].by[1].sha512 + 32, id.sha256, 32);
	if (f->issuer != 0)
		c.cert[c.n++] = world_issuer_cert(f->issuer);
	c.path_ok[0] = c.dates_ok[0] = true;
	c.path_ok[1] = c.dates_ok[1] = f->issuer != 0;
	return c;
}

struct cover_chain
world_presents(const struct world *w, const struct w_endpoint *ep, int slot)
{
	int k = slot < SLOT_COUNT ? ep->key[slot] : ep->also;
	struct cover_chain c = world_chain(k,
	    slot < SLOT_COUNT && ep->behind[slot] ? &ep->face[slot]
						  : &w->key[k].face);

	if (ep->bare)
		c.n = 1;
	return c;
}

time_t
world_true(const struct world *w)
{
	return BEGIN_WALL + (time_t)(w->elapsed - BEGIN);
}

time_t
world_signed_until(const struct world *w, const struct w_owner *o,
    const struct w_auth *a)
{
	if (o->sign_life == 0)
		return 0;
	return (a->mints ? world_true(w) : a->signed_at) + (time_t)o->sign_life;
}

/* The last moment, until now, at which a validator took what it serves. */
static int64_t
believed(const struct world *w, const struct w_owner *o, const struct w_auth *a)
{
	time_t until = world_signed_until(w, o, a);
	int64_t end = BEGIN + (int64_t)(until - BEGIN_WALL) + SKEW;

	return until != 0 && end < w->elapsed ? end : w->elapsed;
}

/* Resolvers that still have the old NS set go on asking one that left. */
static bool
is_asked(const struct world *w, const struct w_auth *a)
{
	return a->left == NEVER || w->elapsed < a->asked_until;
}

static void
hold(struct w_owner *o, const struct w_auth *a, int64_t t)
{
	struct w_held *held;

	for (size_t i = 0; i < o->n_held; i++) {
		held = &o->held[i];
		if (held->ttl == a->ttl &&
		    tlsa_set_eq(&held->set, &a->serves) &&
		    strcmp(held->alias, a->alias) == 0) {
			held->last = t;
			return;
		}
	}
	if (o->n_held == W_HELD)
		abort();
	held = &o->held[o->n_held++];
	*held = (struct w_held){ .set = a->serves, .ttl = a->ttl, .last = t };
	snprintf(held->alias, HOST_NAME, "%s", a->alias);
}

/* What the second server behind the address serves. */
static void
hold_twin(struct w_owner *o, const struct w_auth *a, int64_t t)
{
	struct w_auth twin = *a;

	twin.serves = a->twin;
	twin.ttl = a->twin_ttl;
	twin.alias[0] = 0;
	hold(o, &twin, t);
}

/* An NS set that lists it can be fetched now. */
static void
list(const struct world *w, struct w_auth *a)
{
	int64_t until = w->elapsed + (int64_t)a->ns_ttl + 1;

	if (a->left == NEVER && until > a->asked_until)
		a->asked_until = until;
}

void
world_serve(struct world *w)
{
	for (size_t i = 0; i < w->n_own; i++)
		for (size_t j = 0; j < w->own[i].n_auth; j++) {
			struct w_auth *a = &w->own[i].auth[j];

			list(w, a);
			if (!is_asked(w, a))
				continue;
			hold(&w->own[i], a, believed(w, &w->own[i], a));
			if (a->has_twin)
				hold_twin(&w->own[i], a, w->elapsed);
		}
}

void
world_follow(struct world *w, struct w_owner *o)
{
	world_serve(w);
	for (size_t i = 0; i < o->n_auth; i++) {
		struct w_auth *a = &o->auth[i];

		if (a->frozen)
			continue;
		a->serves = o->primary;
		snprintf(a->alias, HOST_NAME, "%s", o->alias);
		a->ttl = o->ttl;
		a->signed_at = o->signed_at;
	}
	world_serve(w);
}

void
world_change(struct world *w, struct w_owner *o)
{
	world_serve(w);
	o->signed_at = world_true(w);
	world_follow(w, o);
}

void
world_renew(struct world *w, struct w_owner *o)
{
	if (o->sign_every == 0 ||
	    world_true(w) - o->signed_at < (time_t)o->sign_every)
		return;
	o->signed_at = world_true(w);
	world_follow(w, o);
}

void
world_wait(struct world *w, int64_t seconds)
{
	world_serve(w);
	w->elapsed += seconds;
	w->wall += (time_t)seconds;
	for (size_t i = 0; i < w->n_own; i++)
		world_renew(w, &w->own[i]);
	world_serve(w);
}

struct now
world_now(const struct world *w)
{
	return (struct now){ w->elapsed, w->wall, w->trusted };
}

/* Whole seconds, and up to one more (measured with Unbound). */
bool
world_is_held(const struct world *w, const struct w_held *held)
{
	int64_t ttl = held->ttl;

	if (ttl < w->cache_least)
		ttl = w->cache_least;
	return w->elapsed < held->last + ttl + 1 + w->cache_stale;
}

static bool
misses(const struct world *w, const struct w_endpoint *ep,
    const struct w_held *held, char *why, size_t size)
{
	char at[ADDR_TEXT];

	for (int s = 0; s <= SLOT_COUNT; s++) {
		int k = s < SLOT_COUNT ? ep->key[s] : ep->also;
		struct cover_chain c;

		if (k < 0)
			continue;
		c = world_presents(w, ep, s);
		if (cover_each(&held->set, &c) == NULL)
			continue;
		snprintf(why, size,
		    "a sender may hold a set of %u records "
		    "(TTL %u, last served %lld s ago) without %s, which %s "
		    "presents",
		    held->set.n, held->ttl,
		    (long long)(w->elapsed - held->last), w->key[k].name,
		    addr_str(&ep->addr, at));
		return true;
	}
	return false;
}

static bool
misses_at(const struct world *w, const struct w_endpoint *ep,
    const struct w_owner *o, char *why, size_t size)
{
	for (size_t i = 0; i < o->n_held; i++)
		if (world_is_held(w, &o->held[i]) &&
		    misses(w, ep, &o->held[i], why, size))
			return true;
	return false;
}

bool
world_stranded(struct world *w, char *why, size_t size)
{
	bool reached[W_MAX];

	for (size_t e = 0; e < w->n_ep; e++) {
		world_reach(w, w->ep[e].owner, reached);
		for (size_t i = 0; i < w->n_own; i++)
			if (reached[i] &&
			    misses_at(w, &w->ep[e], &w->own[i], why, size))
				return true;
	}
	return false;
}
