/*
 * explore_facts.c - what an agent remembers as the facts of core, and back.
 * Decides nothing.
 */
#include "explore.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int64_t
then(uint8_t age)
{
	return NOW - (int64_t)age;
}

/* Ages stop where nothing more depends on them. */
static uint8_t
age_of(int64_t t, int64_t max)
{
	int64_t age = NOW - t;

	return (uint8_t)(age > max ? max : age);
}

/* `gone` may lie one tick ahead (it is rounded up): age + 2, 0 is never. */
static uint8_t
gone_of(int64_t t)
{
	return t == NEVER ? 0 : (uint8_t)(age_of(t, TTL) + 2);
}

static void
fill_keys(const struct mind *m, struct host *h)
{
	for (unsigned i = 0; i < KEYS; i++) {
		struct key *k;

		if (m->stage[i] == STAGE_NONE)
			continue;
		k = host_key_add(h);
		k->id = *era_key(i);
		k->slot = SLOT_ECDSA;
		k->stage = (enum stage)m->stage[i];
		k->adopted = i == A;
		k->entered_at = then(m->entered[i]);
		k->deployed_wall = 1;
		k->clean_since = m->clean[i] == 0 ? NEVER
						  : then(m->clean[i] - 1);
		k->stored = k->cert_ok = true;
		k->installed = m->installed == i || era_renews();
		k->chain = era_renews() ? m->chain : era_chain_known(i);
		k->next_chain = m->next;
		k->past_chain = m->past;
		k->cert_issued = era_renews();
	}
}

static void
fill_sightings(const struct mind *m, struct owner *o, unsigned a)
{
	for (unsigned v = 0; v < era_sets(); v++) {
		struct sighting *g;

		if (!m->known[a][v])
			continue;
		assert(o->n_seen < o->cap_seen);
		g = &o->seen[o->n_seen++];
		g->auth = AUTH[a];
		g->set = (int)v + 1;
		g->ttl = TTL;
		g->gone = m->gone[a][v] == 0 ? NEVER : NOW + 2 - m->gone[a][v];
	}
}

static void
fill_dns(const struct mind *m, struct host *h)
{
	struct owner *o = host_owner(h, "_25._tcp.mx.example.", 25);

	o->has_primary = true;
	owner_set_primary(o, *era_set(m->version));
	o->primary_ttl = TTL;
	for (unsigned a = 0; a < AUTHS; a++) {
		struct authority *au = owner_authority(o, &AUTH[a]);

		au->first_seen = 0;
		au->looked_at = NOW - 1;
		fill_sightings(m, o, a);
	}
}

static void
fill_endpoints(const struct mind *m, struct host *h)
{
	for (unsigned e = 0; e < ENDPOINTS; e++) {
		struct endpoint *ep = host_endpoint(h, 0, &EP[e]);

		ep->n_seen = 0;
		ep->fresh = false;
		ep->swept_at = NOW - 1;
		for (unsigned k = 0; k < KEYS; k++)
			if (m->ep_seen[e] & 1u << k)
				ep->seen[ep->n_seen++] = (struct presented){
					*era_key(k), SLOT_ECDSA,
					era_chain_known(k)
				};
		ep->sweep = SWEEP_SEEN;
	}
}

void
facts_fill(const struct mind *m, struct host *h)
{
	struct owner *o = &h->own[0];

	h->n_key = h->n_waiver = 0; /* endpoints are the same always */
	o->n_auth = o->n_seen = 0;
	o->blocked = "";
	h->slot[SLOT_ECDSA].rollover_wall = m->wish ? 1 : 0;
	fill_keys(m, h);
	fill_dns(m, h);
	fill_endpoints(m, h);
}

void
facts_make(struct host *h)
{
	struct owner *o;

	host_init(h, "mx.example");
	h->policy = (struct policy){ .hold_factor = 1,
		.settle = SETTLE,
		.retire_hold = RETIRE_HOLD,
		.key_retention = 1000000,
		.assumed_ttl = TTL,
		.rollover_every = 1000000 };
	h->publishes = true;
	h->standby = !era_renews();
	h->adopted_at = 0;
	h->slot[SLOT_ECDSA].managed = true;
	h->slot[SLOT_ECDSA].kind = KIND_ECDSA_P256;
	o = host_owner(h, "_25._tcp.mx.example.", 25);
	o->cap_seen = 64;
	o->seen = calloc(o->cap_seen, sizeof(*o->seen));
	h->key = calloc(8, sizeof(*h->key));
	h->cap_key = 8;
	for (unsigned v = 0; v < era_sets(); v++)
		host_set(h, era_set(v));
	for (unsigned k = 0; k < KEYS; k++)
		host_chain(h, era_chain(k));
	h->tlsa[0] = era_renews() ? (struct tlsa_kind){ 2, 1, 1 }
				  : (struct tlsa_kind){ 3, 1, 1 };
	h->tlsa[1] = (struct tlsa_kind){ 3, 1, 2 };
	h->n_tlsa = era_kinds();
}

/* The sets were interned in this order, after the empty one. */
unsigned
facts_version(int set)
{
	assert(set >= 1 && set <= (int)era_sets());
	return (unsigned)set - 1;
}

unsigned
facts_authority(const struct addr *a)
{
	return addr_cmp(a, &AUTH[0]) == 0 ? 0 : 1;
}

static void
keep_key(const struct key *k, struct mind *m)
{
	unsigned i = era_number_of(&k->id);

	m->stage[i] = (uint8_t)k->stage;
	m->entered[i] = k->stage == STAGE_RETIRING
	    ? age_of(k->entered_at, RETIRE_HOLD)
	    : 0;
	m->clean[i] = k->clean_since == NEVER
	    ? 0
	    : (uint8_t)(age_of(k->clean_since, SETTLE) + 1);
}

void
facts_keep(const struct host *h, struct mind *m)
{
	const struct owner *o = &h->own[0];

	memset(m->known, 0, sizeof(m->known));
	memset(m->gone, 0, sizeof(m->gone));
	for (size_t i = 0; i < o->n_seen; i++) {
		unsigned a = facts_authority(&o->seen[i].auth);
		unsigned v = facts_version(o->seen[i].set);

		m->known[a][v] = 1;
		m->gone[a][v] = gone_of(o->seen[i].gone);
	}
	for (size_t i = 0; i < h->n_key; i++)
		keep_key(&h->key[i], m);
	m->wish = h->slot[SLOT_ECDSA].rollover_wall != 0;
	for (unsigned e = 0; e < ENDPOINTS; e++) {
		m->ep_seen[e] = 0;
		for (unsigned i = 0; i < h->ep[e].n_seen; i++)
			m->ep_seen[e] |= (uint8_t)(1u
			    << era_number(&h->ep[e].seen[i]));
	}
	if (era_renews()) {
		m->chain = (uint8_t)h->key[0].chain;
		m->next = (uint8_t)h->key[0].next_chain;
		m->past = (uint8_t)h->key[0].past_chain;
	}
}
