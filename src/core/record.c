/*
 * record.c - between keys and TLSA records.  Values in, values out; allows
 * nothing (law.c).
 */
#include "core/record.h"

#include <string.h>

struct presented
record_presents(const struct key *k)
{
	return (struct presented){ k->id, k->slot, k->chain };
}

/* The chain, or what is known of it: the key. */
static struct cover_chain
chain_of(const struct host *h, const struct presented *p)
{
	return p->chain != 0 ? host_chain_at(h, p->chain)
			     : cover_of_key(&p->key);
}

/* The usual record, and so nothing but the key counts. */
static bool
is_plain(const struct tlsa *r)
{
	return tlsa_is(r, (struct tlsa_kind){ 3, 1, 1 }) && r->len == 32;
}

static bool
is_of(const struct tlsa *r, const struct spki *key)
{
	return memcmp(r->data, key->sha256, sizeof(key->sha256)) == 0;
}

const struct tlsa *
record_unmatched(const struct host *h, const struct tlsa_set *s,
    const struct presented *p)
{
	struct cover_chain c;
	bool found = s->n == 0;

	if (tlsa_set_is_any(s))
		return &s->rr[0];
	for (unsigned i = 0; i < s->n; i++) {
		if (!is_plain(&s->rr[i])) {
			c = chain_of(h, p);
			return cover_each(s, &c);
		}
		found = found || is_of(&s->rr[i], &p->key);
	}
	return found ? NULL : &s->rr[0];
}

const struct tlsa *
record_fails(const struct host *h, const struct tlsa_set *s,
    const struct key *k)
{
	struct presented p = record_presents(k);

	return record_unmatched(h, s, &p);
}

bool
record_accepted(const struct host *h, const struct tlsa_set *s,
    const struct presented *p)
{
	struct cover_chain c = chain_of(h, p);

	return !tlsa_set_is_any(s) && cover_any(s, &c);
}

const char *
record_lack(const struct host *h, const struct tlsa *r,
    const struct presented *p)
{
	struct cover_chain c = chain_of(h, p);

	return cover_lack(r, &c);
}

const struct tlsa *
record_worse(const struct host *h, const struct tlsa_set *was,
    const struct tlsa_set *is, const struct presented *p)
{
	struct cover_chain c = chain_of(h, p);

	return cover_worse(was, is, &c);
}

/* Of a key with this chain. */
static bool
make(const struct host *h, const struct spki *id, int chain,
    struct tlsa_kind kind, struct tlsa *ret)
{
	struct cover_chain c;
	unsigned at = 0;

	if (kind.usage == 3 && kind.selector == 1 && kind.mtype == 1) {
		*ret = tlsa_of(id);
		return true;
	}
	if (chain == 0)
		return false;
	c = host_chain_at(h, chain);
	if (kind.usage == 2)
		at = cover_issuer(&c);
	if (kind.usage == 2 && at == 0)
		return false;
	*ret = cover_tlsa(&c.cert[at], kind.usage, kind.selector, kind.mtype);
	return true;
}

bool
record_make(const struct host *h, const struct key *k, struct tlsa_kind kind,
    struct tlsa *ret)
{
	return make(h, &k->id, k->chain, kind, ret);
}

/* Is it the record of its kind, of a key with this chain? */
static bool
is_made_of(const struct host *h, const struct tlsa *r, const struct key *k,
    int chain)
{
	struct tlsa own;

	return chain != 0 &&
	    make(h, &k->id, chain,
		(struct tlsa_kind){ r->usage, r->selector, r->mtype }, &own) &&
	    tlsa_cmp(r, &own) == 0;
}

/* Could it be a record of ours at all? */
static bool
is_ours(const struct host *h, const struct tlsa *r)
{
	return r->mtype != 0 && !cover_unusable(r) &&
	    (r->usage == 3 || record_wanted(h, r));
}

bool
record_names(const struct host *h, const struct tlsa *r, const struct key *k)
{
	if (is_plain(r))
		return is_of(r, &k->id);
	return is_ours(h, r) &&
	    (is_made_of(h, r, k, k->chain) ||
		is_made_of(h, r, k, k->next_chain) ||
		is_made_of(h, r, k, k->past_chain));
}

/* Does a key other than k need the record?  (Of several that leave the last
 * one takes it along.) */
static bool
needed_beside(const struct host *h, const struct tlsa *r, const struct key *k)
{
	if (r->usage != 2 || !record_wanted(h, r))
		return false; /* of one key alone */
	for (size_t i = 0; i < h->n_key; i++) {
		const struct key *other = &h->key[i];

		if (spki_eq(&other->id, &k->id) ||
		    other->stage > STAGE_RETIRING)
			continue;
		if (is_made_of(h, r, other, other->chain) ||
		    is_made_of(h, r, other, other->next_chain))
			return true;
	}
	return false;
}

bool
record_past(const struct host *h, const struct tlsa *r, const struct key *k)
{
	return is_ours(h, r) && is_made_of(h, r, k, k->past_chain) &&
	    !is_made_of(h, r, k, k->chain) &&
	    !is_made_of(h, r, k, k->next_chain) && !needed_beside(h, r, k);
}

const struct key *
record_key(const struct host *h, const struct tlsa *r)
{
	for (size_t i = 0; i < h->n_key; i++)
		if (record_names(h, r, &h->key[i]))
			return &h->key[i];
	return NULL;
}

bool
record_shown(const struct host *h, const struct tlsa_set *s,
    const struct key *k)
{
	for (unsigned i = 0; i < s->n; i++)
		if (record_names(h, &s->rr[i], k))
			return true;
	return tlsa_set_is_any(s);
}

bool
record_left(const struct host *h, const struct tlsa_set *s, const struct key *k)
{
	for (unsigned i = 0; i < s->n; i++)
		if (record_names(h, &s->rr[i], k) &&
		    !needed_beside(h, &s->rr[i], k))
			return true;
	return tlsa_set_is_any(s);
}

bool
record_binds(const struct host *h)
{
	for (unsigned i = 0; i < h->n_tlsa; i++)
		if (h->tlsa[i].usage == 2 || h->tlsa[i].selector == 0)
			return true;
	return false;
}

bool
record_wants_issuer(const struct host *h, const struct key *k)
{
	struct tlsa r;

	for (unsigned i = 0; i < h->n_tlsa; i++)
		if (h->tlsa[i].usage == 2 && !record_make(h, k, h->tlsa[i], &r))
			return true;
	return false;
}

bool
record_wanted(const struct host *h, const struct tlsa *r)
{
	for (unsigned i = 0; i < h->n_tlsa; i++)
		if (tlsa_is(r, h->tlsa[i]))
			return true;
	return false;
}

bool
record_all(const struct host *h, const struct key *k, struct records *ret)
{
	const int chain[] = { k->chain, k->next_chain };

	ret->n = 0;
	for (int c = 0; c < (k->next_chain != 0 ? 2 : 1); c++)
		for (unsigned i = 0; i < h->n_tlsa; i++)
			if (!make(h, &k->id, chain[c], h->tlsa[i],
				&ret->rr[ret->n++]))
				return false;
	return true;
}

static bool
is_among(const struct records *v, const struct tlsa *r)
{
	for (unsigned i = 0; i < v->n; i++)
		if (tlsa_cmp(&v->rr[i], r) == 0)
			return true;
	return false;
}

/* Of a certificate that may be presented still: it goes by a step of its own,
 * when the one in use has settled (the law only knows what was seen). */
static bool
is_spared(const struct host *h, const struct tlsa *r, const struct key *k,
    const struct key *by)
{
	return (k->stage == STAGE_DEPLOYED || k->stage == STAGE_RETIRING) &&
	    (k != by || (k->next_chain != 0 && k->clean_since == NEVER)) &&
	    record_wanted(h, r) && record_past(h, r, k);
}

/* The records of the key, no more and no less; one that cannot be made leaves
 * all as it is.  `by`: whose step it is. */
static enum target
settle_key(const struct host *h, const struct key *k, const struct key *by,
    struct tlsa_set *s)
{
	struct records own;

	if (!record_all(h, k, &own))
		return TARGET_UNMADE;
	for (unsigned i = s->n; i-- > 0;) {
		struct tlsa is = s->rr[i];

		if (!is_among(&own, &is) && record_names(h, &is, k) &&
		    !needed_beside(h, &is, k) && !is_spared(h, &is, k, by))
			tlsa_set_remove(s, &is);
	}
	for (unsigned i = 0; i < own.n; i++)
		if (!tlsa_set_add(s, &own.rr[i]))
			return TARGET_FULL;
	return TARGET_KNOWN;
}

/* Is another key of the set to have all its records, too? */
static bool
goes_along(const struct host *h, const struct key *other, const struct key *k,
    const struct tlsa_set *was)
{
	if (other == k || other->stage >= STAGE_RETIRED)
		return false;
	if (!cover_asks(was))
		return k->stage == STAGE_DEPLOYED &&
		    other->stage == STAGE_DEPLOYED;
	return record_shown(h, was, other);
}

static enum target
published(const struct host *h, const struct key *k, const struct tlsa_set *was,
    struct tlsa_set *ret)
{
	enum target t = settle_key(h, k, k, ret);

	for (size_t i = 0; t == TARGET_KNOWN && i < h->n_key; i++) {
		if (!goes_along(h, &h->key[i], k, was))
			continue;
		/* One whose records cannot be made stays as it is: the law
		 * sees whether that matters. */
		if (settle_key(h, &h->key[i], k, ret) == TARGET_FULL)
			t = TARGET_FULL;
	}
	return t;
}

enum target
record_target(const struct host *h, enum act act, const struct key *k,
    const struct tlsa_set *was, struct tlsa_set *ret)
{
	*ret = tlsa_set_value(was);
	if (act == ACT_PUBLISH)
		return published(h, k, was, ret);
	for (unsigned i = was->n; i-- > 0;)
		if (record_names(h, &was->rr[i], k) &&
		    !needed_beside(h, &was->rr[i], k))
			tlsa_set_remove(ret, &was->rr[i]);
	return TARGET_KNOWN;
}
