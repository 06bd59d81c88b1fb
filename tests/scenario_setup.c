/*
 * scenario_setup.c - the verbs that say what is there from the beginning:
 * settings, slots, owners, name servers, endpoints.
 */
#include "scenario_words.h"

#include <stdio.h>
#include <string.h>

#include "base/addr.h"

bool
do_owner(struct run *r)
{
	struct world *w = &r->world;

	for (r->at = 0; r->at < w->n_own; r->at++)
		if (strcmp(w->own[r->at].name, r->w[0]) == 0)
			return true;
	if (w->n_own == W_MAX)
		return wrong(r, "too many owners");
	w->own[w->n_own].named = true;
	for (size_t i = 1; i < r->n; i++) {
		if (strcmp(r->w[i], "foreign") == 0)
			w->own[w->n_own].foreign = true;
		else if (strcmp(r->w[i], "node") == 0)
			w->own[w->n_own].named = false;
		else if (strcmp(r->w[i], "base") == 0)
			w->own[w->n_own].base = true;
		else
			return wrong(r, "foreign, node, base, or nothing");
	}
	w->own[w->n_own].ttl = 3600;
	snprintf(w->own[w->n_own++].name, HOST_NAME, "%s", r->w[0]);
	return true;
}

bool
do_profile(struct run *r)
{
	static const struct {
		const char *name;
		int64_t factor, stale, floor;
	} PROFILES[] = {
		{ "routine", 2, 86400, 3600 },
		{ "fast", 2, 0, 3600 },
		{ "emergency", 1, 0, 0 },
	};
	struct policy *p = &r->world.h.policy;

	for (size_t i = 0; i < 3; i++) {
		if (strcmp(PROFILES[i].name, r->w[0]) != 0)
			continue;
		p->hold_factor = PROFILES[i].factor;
		p->stale_allowance = PROFILES[i].stale;
		p->hold_floor = PROFILES[i].floor;
		return true;
	}
	return wrong(r, "no profile is named '%s'", r->w[0]);
}

bool
do_set(struct run *r)
{
	struct policy *p = &r->world.h.policy;
	const struct {
		const char *name;
		int64_t *value;
	} settings[] = {
		{ "client-slack", &p->client_slack },
		{ "clock-slack", &p->clock_slack },
		{ "hold-floor", &p->hold_floor },
		{ "stale-allowance", &p->stale_allowance },
		{ "settle", &p->settle },
		{ "assumed-ttl", &p->assumed_ttl },
		{ "retire-hold", &p->retire_hold },
		{ "key-retention", &p->key_retention },
		{ "rollover-every", &p->rollover_every },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (strcmp(settings[i].name, r->w[0]) == 0)
			return read_span(r, r->w[1], settings[i].value);
	return wrong(r, "no setting is named '%s'", r->w[0]);
}

bool
do_publisher(struct run *r)
{
	r->world.h.publishes = strcmp(r->w[0], "nsupdate") == 0;
	if (!r->world.h.publishes && strcmp(r->w[0], "manual") != 0)
		return wrong(r, "a publisher is nsupdate or manual");
	return true;
}

bool
do_standby(struct run *r)
{
	r->world.h.standby = strcmp(r->w[0], "yes") == 0;
	return true;
}

/* `tlsa 311 312`: the records of every key, from now on. */
bool
do_tlsa(struct run *r)
{
	struct host *h = &r->world.h;

	if (r->n > TLSA_KINDS)
		return wrong(r, "too many kinds of record");
	for (size_t i = 0; i < r->n; i++) {
		if (strlen(r->w[i]) != 3)
			return wrong(r, "'%s' is no kind of record", r->w[i]);
		h->tlsa[i] = (struct tlsa_kind){ (uint8_t)(r->w[i][0] - '0'),
			(uint8_t)(r->w[i][1] - '0'),
			(uint8_t)(r->w[i][2] - '0') };
	}
	h->n_tlsa = (unsigned)r->n;
	return true;
}

/* `slot rsa NEW NEXT`: managed; the names of the keys to be made. */
bool
do_slot(struct run *r)
{
	struct world *w = &r->world;
	enum slot s;

	if (!read_slot(r, r->w[0], &s))
		return false;
	w->h.slot[s].managed = true;
	w->h.slot[s].kind = s == SLOT_RSA ? KIND_RSA_2048 : KIND_ECDSA_P256;
	for (size_t i = 1; i < r->n && w->n_given[s] < W_MAX; i++)
		w->given[s][w->n_given[s]++] = world_key(w, r->w[i]);
	return true;
}

bool
do_ns(struct run *r)
{
	struct w_owner *o = owner_now(r);
	struct w_auth *a = &o->auth[o->n_auth];

	if (o->n_auth == W_MAX)
		return wrong(r, "too many name servers");
	memset(a, 0, sizeof(*a));
	if (!read_addr(r, r->w[0], 53, &a->addr))
		return false;
	a->ns_ttl = 3600;
	a->left = NEVER;
	a->serves = o->primary;
	snprintf(a->alias, HOST_NAME, "%s", o->alias);
	a->ttl = o->ttl;
	a->signed_at = o->signed_at;
	o->n_auth++;
	world_serve(&r->world);
	return true;
}

/* `endpoint ADDR rsa=OLD ecdsa=EC`; again: changes what it presents. */
bool
do_endpoint(struct run *r)
{
	struct world *w = &r->world;
	struct w_endpoint *ep = find_endpoint(r, r->w[0]);
	enum slot s;
	char *name;

	if (ep == NULL) {
		r->why[0] = 0;
		ep = &w->ep[w->n_ep];
		if (!read_addr(r, r->w[0], 25, &ep->addr) || ++w->n_ep == W_MAX)
			return wrong(r, "no room for an endpoint");
		ep->owner = r->at;
		ep->also = -1;
		for (int i = 0; i < SLOT_COUNT; i++)
			ep->key[i] = -1;
	}
	for (size_t i = 1; i < r->n; i++) {
		if ((name = strchr(r->w[i], '=')) == NULL)
			return wrong(r, "SLOT=KEY is missing");
		*name++ = 0;
		if (!read_slot(r, r->w[i], &s))
			return false;
		ep->key[s] = world_key(w, name);
		w->key[ep->key[s]].slot = s;
		if (w->installed[s] < 0 && w->h.adopted_at == NEVER)
			w->installed[s] = ep->key[s];
	}
	return true;
}
