/*
 * future.c - a host played into the future.  Decides nothing itself: steps
 * come from plan_host, waits from the sightings, as in a pass.
 */
#include "core/future.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/alias.h"
#include "core/event.h"
#include "core/guard.h"
#include "core/pause.h"
#include "core/record.h"
#include "core/renew.h"
#include "core/sighting.h"

#define STEPS 64      /* in one pass */
#define PASSES 100000 /* more is a circle */

/* What every authority of an owner serves. */
struct served {
	struct tlsa_set set;
	char alias[HOST_NAME]; /* in the place of it; "": none */
	uint32_t ttl;
};

struct play {
	struct host *h;
	struct now now;
	struct served *served; /* as h->own */
	size_t n_real;	       /* keys that exist */
	bool by_hand;
	bool first;
	future_fn *fn;
	void *arg;
};

static void
tell(struct play *p, const struct future_step *what, size_t key)
{
	struct future_step s = *what;

	s.at = p->now;
	s.host = p->h;
	s.key = &p->h->key[key];
	s.made = key < p->n_real ? 0 : (unsigned)(key - p->n_real) + 1;
	p->fn(&s, p->arg);
}

/* ---- the world as it is now ---- */

/* When the authority began to show what it shows; NEVER: it shows nothing. */
static int64_t
shown_since(const struct owner *o, const struct authority *a)
{
	if (a->set < 0)
		return NEVER;
	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].set == a->set && o->seen[i].ttl == a->ttl &&
		    addr_cmp(&o->seen[i].auth, &a->addr) == 0)
			return o->seen[i].first_seen == NEVER
			    ? 0
			    : o->seen[i].first_seen;
	return 0;
}

/* The newest that any authority shows gets everywhere. */
static void
serve_newest(const struct host *h, const struct owner *o, struct served *ret)
{
	int64_t newest = NEVER, since;

	ret->ttl = 3600;
	for (size_t i = 0; i < o->n_auth; i++) {
		const struct authority *a = &o->auth[i];

		since = shown_since(o, a);
		if (since == NEVER || since <= newest)
			continue;
		newest = since;
		ret->set = h->set[a->set];
		ret->ttl = a->ttl;
		ret->alias[0] = 0;
		if (alias_target(h, a->set) != NULL)
			memcpy(ret->alias, alias_target(h, a->set),
			    sizeof(ret->alias));
	}
}

/* Every endpoint presents this key, and no other of its slot. */
static void
present(struct host *h, const struct key *k)
{
	struct presented is = record_presents(k);

	for (size_t i = 0; i < h->n_ep; i++) {
		struct endpoint *ep = &h->ep[i];
		unsigned n = 0;

		for (unsigned j = 0; j < ep->n_seen; j++)
			if (ep->seen[j].slot != k->slot)
				ep->seen[n++] = ep->seen[j];
		if (n < PRESENTED_MAX)
			ep->seen[n++] = is;
		ep->n_seen = n;
	}
	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].slot == k->slot)
			h->key[i].installed = &h->key[i] == k;
}

/* The zone is signed anew in time, always. */
static void
sign_for_ever(struct owner *o)
{
	for (size_t i = 0; i < o->n_auth; i++)
		o->auth[i].records_signed = o->auth[i]
						.keys_signed = (struct span){ 0,
			0 };
}

static void
begin(struct play *p)
{
	struct host *h = p->h;

	h->blocked[0] = 0;
	h->n_foreign = 0;
	h->publishes = true;
	for (size_t i = 0; i < h->n_own; i++) {
		h->own[i].blocked[0] = h->own[i].hides[0] = 0;
		serve_newest(h, &h->own[i], &p->served[i]);
		sign_for_ever(&h->own[i]);
	}
	for (int s = 0; s < SLOT_COUNT; s++) {
		const struct key *d = host_deployed(h, (enum slot)s);

		if (d != NULL)
			present(h, d);
	}
}

/* ---- a look ---- */

static void
look_owner(struct play *p, struct owner *o, const struct served *sv)
{
	struct glance g = { .look = LOOK_SHOWN,
		.set = sv->set,
		.ttl = sv->ttl };
	struct addr *listed = mem_array(o->n_auth + 1, sizeof(*listed));
	size_t n = 0;

	memcpy(g.alias, sv->alias, sizeof(g.alias));
	if (g.set.n == 0 && g.alias[0] == 0)
		g.look = LOOK_NONE;
	for (size_t i = 0; i < o->n_auth; i++) {
		struct authority *a = &o->auth[i];

		if (a->left_at == NEVER)
			listed[n++] = a->addr;
		/* Passes that are not played looked at it as well. */
		if (!p->first)
			a->looked_at = p->now.elapsed;
	}
	sighting_unlisted(p->h, o, listed, n, &p->now);
	for (size_t i = 0; i < o->n_auth; i++) {
		struct addr at = o->auth[i].addr;

		sighting_note(p->h, o, &at, &g, &p->now);
	}
	for (size_t i = 0; i < o->n_inst; i++)
		o->inst[i].set = sighting_set(p->h, &g);
	o->has_primary = sv->alias[0] == 0;
	o->primary = sv->set;
	o->primary_ttl = sv->ttl;
	sighting_prune(p->h, o, p->now.elapsed);
	free(listed);
}

static void
look(struct play *p)
{
	struct host *h = p->h;

	for (size_t i = 0; i < h->n_own; i++)
		look_owner(p, &h->own[i], &p->served[i]);
	alias_settle(h);
	for (size_t i = 0; i < h->n_ep; i++) {
		h->ep[i].fresh = true;
		h->ep[i].sweep = SWEEP_SEEN;
		h->ep[i].swept_at = p->now.elapsed;
	}
	for (size_t i = 0; i < h->n_key; i++) {
		struct key *k = &h->key[i];

		k->stored = k->destroyed_at == NEVER;
		k->lost = k->cert_unread = false;
		k->next_ok = k->next_chain != 0;
		k->cert_ok = k->adopted || k->cert_until == 0 ||
		    k->cert_until > p->now.wall;
	}
	renew_prune(h);
	plan_note_sweep(h, &p->now);
	p->first = false;
}

/* ---- the acts ---- */

/* Another certificate of the same issuer for the key; of what it says nothing
 * is known but that it is another. */
static int
make_chain(struct host *h, const struct key *k)
{
	const struct key *d = host_deployed(h, k->slot);
	struct cover_chain c = { .n = 1, .names_ok = true };

	if (d != NULL && d->chain != 0)
		c = host_chain_at(h, d->chain);
	for (int selector = 0; selector < 2; selector++) {
		struct cover_der *der = &c.cert[0].by[selector];

		memset(der, 0, sizeof(*der));
		memcpy(der->sha256, k->id.sha256, sizeof(der->sha256));
		memcpy(der->sha512, k->id.sha256, sizeof(k->id.sha256));
		if (selector == 0)
			der->sha256[1] = der->sha512[1] = 1;
		memcpy(der->data, der->sha256, sizeof(der->sha256));
		der->len = TLSA_FOLDED;
	}
	c.cert[0].key_only = false;
	c.path_ok[0] = c.dates_ok[0] = true;
	return host_chain(h, &c);
}

/* A key of which nothing is known but that it is another one. */
static size_t
make(struct play *p, enum slot slot)
{
	struct key *k = host_key_add(p->h);

	memset(&k->id, 0, sizeof(k->id));
	memcpy(k->id.sha256, "plan", 4);
	k->id.sha256[30] = (uint8_t)(p->h->n_key >> 8);
	k->id.sha256[31] = (uint8_t)p->h->n_key;
	k->slot = slot;
	k->kind = p->h->slot[slot].kind;
	k->stage = STAGE_GENERATED;
	k->entered_at = p->now.elapsed;
	k->entered_wall = p->now.wall;
	k->chain = make_chain(p->h, k);
	return p->h->n_key - 1;
}

/* Owners in zones of others are changed by those. */
static void
change(struct play *p, enum act act, const struct key *k)
{
	struct tlsa_set set;

	for (size_t i = 0; i < p->h->n_own; i++) {
		const struct owner *o = &p->h->own[i];
		struct served *sv = &p->served[i];

		if (o->role != OWNER_ASKED || sv->alias[0] != 0 ||
		    (o->foreign && sv->set.n == 0))
			continue;
		if (record_target(p->h, act, k, &sv->set, &set) == TARGET_KNOWN)
			sv->set = set;
	}
}

/* The key, or the certificate that waited for it. */
static void
install(struct host *h, struct key *k)
{
	if (k->next_chain != 0) {
		renew_done(h, k);
		k->cert_until = 0; /* not known of that one */
	}
	present(h, k);
}

/* What the world becomes by it; the key that it was done to. */
static size_t
act(struct play *p, const struct step *st)
{
	struct key *k;

	if (st->act == ACT_MAKE)
		return make(p, st->slot);
	k = &p->h->key[st->key];
	if (st->act == ACT_PUBLISH || st->act == ACT_WITHDRAW)
		change(p, st->act, k);
	else if (st->act == ACT_DEPLOY)
		install(p->h, k);
	else if (st->act == ACT_DESTROY)
		k->destroyed_at = p->now.elapsed;
	else if (st->act == ACT_CERTIFY)
		k->cert_until = 0;
	return (size_t)st->key;
}

static bool
is_done(const struct step *done, size_t n, const struct step *st)
{
	for (size_t i = 0; i < n; i++)
		if (done[i].act == st->act && done[i].key == st->key &&
		    done[i].slot == st->slot)
			return true;
	return false;
}

/* The first step that is not refused and was not done in this pass. */
static const struct step *
choose(const struct play *p, struct step *st, const struct step *done, size_t n)
{
	size_t n_st = plan_host(p->h, &p->now, st, STEPS);

	for (size_t i = 0; i < n_st; i++)
		if (!st[i].refused &&
		    (st[i].act == ACT_NOTHING || !is_done(done, n, &st[i])))
			return &st[i];
	return NULL;
}

static void
pass(struct play *p)
{
	struct step st[STEPS], done[STEPS];
	const struct step *s;

	look(p);
	for (size_t n = 0; n < STEPS && (s = choose(p, st, done, n)) != NULL;
	     n++) {
		bool zone = s->act == ACT_PUBLISH || s->act == ACT_WITHDRAW;
		size_t key = act(p, s);

		done[n] = *s;
		if (s->act != ACT_MAKE)
			plan_enter(p->h, &p->h->key[key], s->to, &p->now);
		tell(p,
		    &(struct future_step){ .act = s->act,
			.from = s->from,
			.to = s->to,
			.by_hand = zone && p->by_hand },
		    key);
		if (s->act != ACT_NOTHING)
			look(p);
	}
}

/* ---- when something comes ---- */

static void
sooner(const struct play *p, int64_t at, int64_t *first)
{
	if (at != NEVER && at > p->now.elapsed &&
	    (*first == NEVER || at < *first))
		*first = at;
}

static void
sooner_wall(const struct play *p, time_t at, int64_t *first)
{
	if (at > p->now.wall)
		sooner(p, p->now.elapsed + (int64_t)(at - p->now.wall), first);
}

static void
sooner_key(const struct play *p, const struct key *k, struct guards *gs,
    int64_t *first)
{
	guards_of(p->h, k, &p->now, gs);
	for (size_t i = 0; i < gs->n; i++)
		if (!gs->g[i].met)
			sooner(p, gs->g[i].until, first);
	if (k->destroyed_at == NEVER && k->stage <= STAGE_DEPLOYED)
		sooner_wall(p, k->cert_until, first);
}

/* The next moment at which time alone brings something; NEVER. */
static int64_t
next_moment(const struct play *p)
{
	struct guards *gs = mem_new(sizeof(*gs));
	const struct host *h = p->h;
	struct step st[STEPS];
	int64_t first = NEVER;
	size_t n;

	for (size_t i = 0; i < h->n_key; i++)
		sooner_key(p, &h->key[i], gs, &first);
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		sooner(p, o->until, &first);
		for (size_t j = 0; j < o->n_auth; j++)
			if (o->auth[j].left_at != NEVER)
				sooner(p,
				    o->auth[j].left_at + 1 +
					policy_hold(&h->policy,
					    o->auth[j].ns_ttl),
				    &first);
	}
	if (pause_holds(h, &p->now))
		sooner_wall(p, h->paused_until, &first);
	n = plan_host(h, &p->now, st, STEPS);
	for (size_t i = 0; i < n; i++)
		if (st[i].refused && !st[i].why.proposed)
			sooner(p, st[i].why.until, &first);
	free(gs);
	return first;
}

/* Certificates in use that ended since the pass before. */
static void
tell_ends(struct play *p, time_t before)
{
	for (size_t i = 0; i < p->h->n_key; i++) {
		const struct key *k = &p->h->key[i];

		if (k->stage == STAGE_DEPLOYED && k->cert_until > before &&
		    k->cert_until <= p->now.wall)
			tell(p,
			    &(struct future_step){ .from = k->stage,
				.to = k->stage,
				.cert_ends = true },
			    i);
	}
}

void
future_play(struct host *h, const struct now *first, int64_t every,
    time_t until, future_fn *fn, void *arg)
{
	struct play p = { .h = h,
		.now = *first,
		.n_real = h->n_key,
		.by_hand = !h->publishes,
		.first = true,
		.fn = fn,
		.arg = arg };
	int64_t next, skip;
	time_t before;

	p.now.trusted = true;
	p.served = mem_array(h->n_own + 1, sizeof(*p.served));
	begin(&p);
	for (int i = 0; i < PASSES && p.now.wall <= until; i++) {
		pass(&p);
		next = next_moment(&p);
		if (next == NEVER)
			break;
		before = p.now.wall;
		skip = (next - p.now.elapsed + every - 1) / every * every;
		p.now.elapsed += skip;
		p.now.wall += (time_t)skip;
		if (p.now.wall <= until)
			tell_ends(&p, before);
	}
	free(p.served);
}
