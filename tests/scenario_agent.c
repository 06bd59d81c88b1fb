/*
 * scenario_agent.c - one pass as `danesafe run` makes it: look at all, note,
 * plan, do, look again.  Sees of the world only what can be seen from
 * outside.
 */
#include "scenario_world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/once.h"
#include "core/alias.h"
#include "core/ended.h"
#include "core/instance.h"
#include "core/law.h"
#include "core/record.h"
#include "core/renew.h"
#include "core/sighting.h"

#define ROUNDS 64

static const struct w_auth *
find_auth(const struct w_owner *o, const struct addr *a)
{
	for (size_t i = 0; i < o->n_auth; i++)
		if (addr_cmp(&o->auth[i].addr, a) == 0)
			return &o->auth[i];
	return NULL;
}

/* What asking this authority brings; the agent's own clock judges. */
static struct glance
ask(const struct world *w, const struct w_owner *o, const struct w_auth *a)
{
	struct glance g = { .look = LOOK_SILENT };

	if (a != NULL)
		g.look = a->mood;
	if (a != NULL && o->sign_life > 0) {
		g.records_signed.until = world_signed_until(w, o, a);
		g.records_signed.from = g.records_signed.until -
		    (time_t)o->sign_life;
		g.keys_signed = g.records_signed;
		g.one_signature = !a->signs_twice;
		if (g.look == LOOK_SHOWN && g.records_signed.until < w->wall)
			g.look = LOOK_BOGUS;
	}
	if (g.look != LOOK_SHOWN)
		g.records_signed = g.keys_signed = (struct span){ 0, 0 };
	if (g.look != LOOK_SHOWN) {
		snprintf(g.why, sizeof(g.why), "no valid answer");
		return g;
	}
	g.set = a->serves;
	g.ttl = a->ttl;
	snprintf(g.alias, sizeof(g.alias), "%s", a->alias);
	if (g.set.n == 0 && g.alias[0] == 0)
		g.look = LOOK_NONE;
	return g;
}

/* Asked several times, since two names are known. */
static void
look_twins(struct world *w, struct owner *o, const struct w_auth *a,
    const struct glance *one, const struct now *now)
{
	struct w_auth second = *a;
	struct glance g[2];
	size_t n = 0;

	second.serves = a->twin;
	second.ttl = a->twin_ttl;
	second.alias[0] = 0;
	if (!a->deaf_to_one) {
		g[n] = *one;
		snprintf(g[n++].nsid, NSID_TEXT, "one");
	}
	if (!a->deaf_to_two) {
		g[n] = ask(w, world_owner(w, o->name), &second);
		snprintf(g[n++].nsid, NSID_TEXT, "two");
	}
	instance_note(&w->h, o, &a->addr, g, n, g[0].nsid, now);
}

static void
look_owner(struct world *w, struct owner *o, const struct now *now)
{
	struct w_owner *wo = world_owner(w, o->name);
	struct addr listed[W_MAX];
	size_t n = 0;

	o->blocked = "";
	if (wo == NULL)
		return; /* nobody serves such a name */
	for (size_t j = 0; j < wo->n_auth; j++) {
		const struct w_auth *a = &wo->auth[j];

		if (a->left != NEVER)
			continue;
		sighting_listed(&w->h, o, &a->addr, "ns.example", a->ns_ttl,
		    now);
		listed[n++] = a->addr;
	}
	sighting_unlisted(&w->h, o, listed, n, now);
	for (size_t j = 0; j < o->n_auth; j++) {
		struct addr at = o->auth[j].addr;
		const struct w_auth *a = find_auth(wo, &at);
		struct glance g = ask(w, wo, a);

		if (a != NULL && a->has_twin)
			look_twins(w, o, a, &g, now);
		else
			sighting_note(&w->h, o, &at, &g, now);
	}
	o->foreign = wo->foreign;
	o->is_static = wo->is_static;
	o->source = once(wo->source);
	o->hides = once(wo->hides);
	o->has_primary = w->h.publishes && !wo->foreign && wo->alias[0] == 0;
	owner_set_primary(o, wo->primary);
	o->primary_ttl = wo->ttl;
}

static struct presented
present(struct world *w, const struct w_endpoint *we, int at)
{
	struct cover_chain c = world_presents(w, we, at);
	int key = at < SLOT_COUNT ? we->key[at] : we->also;
	enum slot slot = at < SLOT_COUNT ? (enum slot)at : w->key[key].slot;

	return (struct presented){ world_spki(key), slot,
		host_chain(&w->h, &c) };
}

static void
look_endpoint(struct world *w, unsigned owner, const struct w_endpoint *we,
    const struct now *now)
{
	struct endpoint *ep = host_endpoint(&w->h, owner, &we->addr);

	ep->fresh = true;
	ep->swept_wall = now->wall;
	if (we->down) {
		ep->sweep = SWEEP_DOWN;
		return;
	}
	ep->sweep = SWEEP_SEEN;
	ep->swept_at = now->elapsed;
	ep->n_seen = 0;
	for (int s = 0; s < SLOT_COUNT; s++)
		if (we->key[s] >= 0)
			ep->seen[ep->n_seen++] = present(w, we, s);
	if (we->also >= 0)
		ep->seen[ep->n_seen++] = present(w, we, SLOT_COUNT);
}

static void
look_key(struct world *w, struct key *k)
{
	const struct w_key *wk = &w->key[world_key_of(&k->id)];
	struct cover_chain c = world_chain(world_key_of(&k->id), &wk->face);

	if (k->destroyed_at == NEVER && !wk->cert_bad && !wk->cert_unread)
		renew_read(&w->h, k, host_chain(&w->h, &c));
	k->cert_issued = wk->face.issuer != 0;
	k->next_ok = k->next_chain != 0;
	k->stored = !wk->damaged && k->destroyed_at == NEVER;
	k->lost = wk->damaged;
	k->cert_ok = k->stored && !wk->cert_bad;
	k->installed = w->installed[k->slot] == world_key_of(&k->id);
}

/* The owners of the config, then link by link those that aliases lead to. */
static void
look_owners(struct world *w, const struct now *now)
{
	struct host *h = &w->h;
	size_t at = 0;

	for (size_t i = 0; i < w->n_own; i++) {
		const struct w_owner *wo = &w->own[i];

		if (wo->named && (!wo->base || wo->alias[0] != 0))
			host_owner(h, wo->name, wo->base ? 0 : 25);
	}
	do {
		for (; at < h->n_own; at++)
			look_owner(w, &h->own[at], now);
	} while (alias_grow(h, now) > 0);
	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].added) {
			sighting_assume(h, &h->own[i], now);
			h->own[i].added = false;
		}
	ended_settle(h, now);
	for (size_t i = 0; i < h->n_own; i++)
		sighting_prune(h, &h->own[i], now->elapsed);
	alias_settle(h);
	alias_prune(h, now);
	alias_spare_others(h);
}

/* Do senders connect there for this owner? */
static bool
meets(const struct world *w, const struct w_endpoint *we, const struct owner *o)
{
	return o->derived ? o->own_name
			  : strcmp(o->name, w->own[we->owner].name) == 0;
}

static void
look(struct world *w, const struct now *now)
{
	look_owners(w, now);
	for (size_t i = 0; i < w->n_ep; i++)
		for (unsigned j = 0; j < w->h.n_own; j++)
			if (meets(w, &w->ep[i], &w->h.own[j]))
				look_endpoint(w, j, &w->ep[i], now);
	for (size_t i = 0; i < w->h.n_key; i++)
		look_key(w, &w->h.key[i]);
	renew_prune(&w->h);
	plan_note_sweep(&w->h, now);
}

static void
adopt(struct world *w, const struct now *now)
{
	for (int s = 0; s < SLOT_COUNT; s++) {
		struct key *k;

		if (w->installed[s] < 0)
			continue;
		k = host_key_add(&w->h);
		k->id = world_spki(w->installed[s]);
		k->slot = (enum slot)s;
		k->adopted = true;
		k->stage = STAGE_DEPLOYED;
		k->entered_at = now->elapsed;
		k->entered_wall = k->deployed_wall = now->wall;
		look_key(w, k);
	}
	for (size_t i = 0; i < w->h.n_own; i++)
		sighting_assume(&w->h, &w->h.own[i], now);
	alias_settle(&w->h);
	w->h.adopted_at = now->elapsed;
}

static int
make(struct world *w, enum slot s, const struct now *now)
{
	char name[W_NAME];
	struct key *k;
	int id;

	snprintf(name, sizeof(name), "%s-%zu", slot_name(s), w->n_made[s] + 1);
	id = w->n_made[s] < w->n_given[s] ? w->given[s][w->n_made[s]]
					  : world_key(w, name);
	w->n_made[s]++;
	w->key[id].slot = s;
	k = host_key_add(&w->h);
	k->id = world_spki(id);
	k->slot = s;
	k->kind = w->h.slot[s].kind;
	k->stage = STAGE_GENERATED;
	k->entered_at = now->elapsed;
	k->entered_wall = now->wall;
	return id;
}

static void
change(struct world *w, enum act a, const struct key *k)
{
	struct tlsa_set set;

	for (size_t i = 0; i < w->h.n_own; i++) {
		struct w_owner *o = world_owner(w, w->h.own[i].name);

		if (o == NULL || !alias_publishes(&w->h.own[i]))
			continue;
		if (o->primary.n == 0)
			o->ttl = 3600;
		if (record_target(&w->h, a, k, &o->primary, &set) ==
		    TARGET_KNOWN)
			world_put(w, alias_at(&w->h.own[i]), &set);
	}
}

static void
deploy(struct world *w, const struct key *k)
{
	struct w_key *wk = &w->key[world_key_of(&k->id)];

	w->installed[k->slot] = world_key_of(&k->id);
	for (size_t i = 0; i < w->n_ep; i++) {
		struct w_endpoint *ep = &w->ep[i];

		if (!ep->stuck) {
			ep->key[k->slot] = w->installed[k->slot];
		} else if (k->next_chain != 0 && !ep->behind[k->slot]) {
			ep->behind[k->slot] = true;
			ep->face[k->slot] = wk->face;
		}
	}
	if (k->next_chain != 0)
		wk->face = wk->next;
}

static void
recertify(struct w_key *k)
{
	k->cert_bad = false;
	k->face = (struct w_face){ ++k->certs, 0 };
}

/* Does it to the world; returns the key's name number. */
static int
act(struct world *w, const struct step *st, const struct now *now)
{
	const struct key *k = st->key < 0 ? NULL : &w->h.key[st->key];

	if (st->act == ACT_MAKE)
		return make(w, st->slot, now);
	assert(k != NULL);
	if (st->act == ACT_PUBLISH || st->act == ACT_WITHDRAW)
		change(w, st->act, k);
	else if (st->act == ACT_DEPLOY)
		deploy(w, k);
	else if (st->act == ACT_CERTIFY)
		recertify(&w->key[world_key_of(&k->id)]);
	return world_key_of(&k->id);
}

static bool
was_done(const struct world *w, enum act a, int key, bool refused)
{
	for (size_t i = 0; i < w->n_done; i++)
		if (w->done[i].act == a && w->done[i].key == key &&
		    w->done[i].refused == refused)
			return true;
	return false;
}

static void
log_done(struct world *w, enum act a, int key, bool refused)
{
	if (was_done(w, a, key, refused))
		return;
	if (w->n_done == W_DONE)
		abort();
	w->done[w->n_done++] = (struct w_done){ a, key, refused };
}

/* The first step to be done in this pass, or NULL. */
static const struct step *
choose(struct world *w, const struct step *st, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int key = st[i].key < 0 ? -1
					: world_key_of(&w->h.key[st[i].key].id);

		if (st[i].refused)
			log_done(w, st[i].act, key, true);
		else if (st[i].act == ACT_NOTHING ||
		    !was_done(w, st[i].act, key, false))
			return &st[i];
	}
	return NULL;
}

static void
enter(struct world *w, struct key *k, enum stage to, const struct now *now)
{
	enum stage from = k->stage;

	plan_enter(&w->h, k, to, now);
	if (w->entered != NULL && to != from)
		w->entered(w, k, from);
}

/* One step; false when the pass is over. */
static bool
one_step(struct world *w, const struct now *now)
{
	struct step st[32];
	const struct step *s = choose(w, st, plan_host(&w->h, now, st, 32));
	int key;

	if (s == NULL)
		return false;
	if (s->act == ACT_NOTHING) {
		enter(w, &w->h.key[s->key], s->to, now);
		return true;
	}
	key = act(w, s, now);
	log_done(w, s->act, key, false);
	if (s->act == w->die_after)
		return false;
	if (s->act == ACT_DEPLOY)
		renew_done(&w->h, &w->h.key[s->key]);
	if (s->act == ACT_DESTROY)
		w->h.key[s->key].destroyed_at = now->elapsed;
	else if (s->act != ACT_MAKE)
		enter(w, &w->h.key[s->key], s->to, now);
	else if (w->entered != NULL)
		w->entered(w, &w->h.key[w->h.n_key - 1], STAGE_NONE);
	look(w, now);
	return true;
}

bool
agent_pass(struct world *w)
{
	struct now now = world_now(w);

	w->n_done = 0;
	look(w, &now);
	if (w->h.adopted_at == NEVER) {
		adopt(w, &now);
		return true;
	}
	for (unsigned i = 0; i < ROUNDS; i++)
		if (!one_step(w, &now)) {
			w->die_after = ACT_COUNT;
			return true;
		}
	return false;
}
