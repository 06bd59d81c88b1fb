/*
 * future_world.c - a world in which what is asked is done at once, as facts
 * of a host.  Decides nothing.
 */
#include "core/future_world.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "core/alias.h"
#include "core/record.h"
#include "core/renew.h"
#include "core/sighting.h"

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
		ret->set = tlsa_set_value(h->set[a->set]);
		ret->ttl = a->ttl;
		ret->alias[0] = 0;
		if (alias_target(h, a->set) != NULL)
			text_fmt(ret->alias, sizeof(ret->alias), "%s",
			    alias_target(h, a->set));
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
		ep->n_seen = n;
		endpoint_room(h, ep, PRESENTED_MAX);
		if (n < PRESENTED_MAX)
			ep->seen[ep->n_seen++] = is;
	}
	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].slot == k->slot)
			h->key[i].installed = &h->key[i] == k;
}

/* The zone is signed anew in time, always. */
static void
sign_for_ever(struct owner *o)
{
	for (size_t i = 0; i < o->n_auth; i++) {
		struct authority *a = &o->auth[i];

		a->records_signed = a->keys_signed = (struct span){ 0, 0 };
	}
}

void
future_begin(struct play *p)
{
	struct host *h = p->h;

	p->served = mem_array(h->n_own + 1, sizeof(*p->served));
	h->blocked = "";
	h->n_foreign = 0;
	h->publishes = true;
	for (size_t i = 0; i < h->n_own; i++) {
		h->own[i].blocked = "";
		h->own[i].hides = "";
		sign_for_ever(&h->own[i]);
		serve_newest(h, &h->own[i], &p->served[i]);
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
	owner_set_primary(o, sv->set);
	o->primary_ttl = sv->ttl;
	sighting_prune(p->h, o, p->now.elapsed);
	free(listed);
}

void
future_look(struct play *p)
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

size_t
future_act(struct play *p, const struct step *st)
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
