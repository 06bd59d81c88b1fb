/*
 * renew.c - another certificate for a key that stays.  Keeps in mind which;
 * when it is deployed is for the table and the law.
 */
#include "core/renew.h"

#include "core/alias.h"
#include "core/record.h"

static bool
same(const struct host *h, int a, int b)
{
	struct cover_chain ca, cb;

	if (a == b || a == 0 || b == 0)
		return a == b;
	ca = host_chain_at(h, a);
	cb = host_chain_at(h, b);
	return cover_same(&ca, &cb);
}

/* The later one counts where there are two: records of the other are
 * strangers' from then on, kept and reported. */
static void
leave(const struct host *h, struct key *k, int chain)
{
	if (chain != 0 && !same(h, chain, k->chain) &&
	    !same(h, chain, k->next_chain))
		k->past_chain = chain;
}

void
renew_take(const struct host *h, struct key *k, int chain)
{
	int was = k->stage < STAGE_DEPLOYED ? k->chain : k->next_chain;

	if (k->stage < STAGE_DEPLOYED)
		k->chain = chain;
	else
		k->next_chain = chain;
	leave(h, k, was);
}

void
renew_read(const struct host *h, struct key *k, int chain)
{
	int was = k->chain;

	k->chain = chain;
	leave(h, k, was);
}

void
renew_done(const struct host *h, struct key *k)
{
	int was = k->chain;

	if (k->next_chain == 0)
		return;
	k->chain = k->next_chain;
	k->next_chain = 0;
	k->clean_since = NEVER;
	leave(h, k, was);
}

struct key
renew_as(const struct key *k)
{
	struct key as = *k;

	if (as.next_chain != 0)
		as.chain = as.next_chain;
	return as;
}

bool
renew_is_past(const struct host *h, const struct key *k,
    const struct presented *p)
{
	return k->past_chain != 0 && spki_eq(&k->id, &p->key) &&
	    same(h, p->chain, k->past_chain) && !same(h, p->chain, k->chain);
}

static bool
has_past(const struct host *h, const struct tlsa_set *s, const struct key *k)
{
	for (unsigned i = 0; i < s->n; i++)
		if (record_past(h, &s->rr[i], k))
			return true;
	return false;
}

/* At the primary, which counts when it was not asked, or at an authority as far
 * as is known. */
static bool
in_zone(const struct host *h, const struct owner *o, const struct key *k)
{
	if (h->publishes && alias_publishes(o) && !o->has_primary)
		return true;
	if (o->has_primary && has_past(h, owner_primary(o), k))
		return true;
	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].gone == NEVER &&
		    has_past(h, h->set[o->seen[i].set], k))
			return true;
	return false;
}

void
renew_prune(struct host *h)
{
	for (size_t i = 0; i < h->n_key; i++) {
		struct key *k = &h->key[i];
		bool kept = false;

		for (size_t j = 0; k->past_chain != 0 && j < h->n_own; j++)
			kept = kept || in_zone(h, &h->own[j], k);
		if (!kept)
			k->past_chain = 0;
	}
}
