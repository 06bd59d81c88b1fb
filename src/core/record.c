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

	return cover_any(s, &c);
}

const struct tlsa *
record_worse(const struct host *h, const struct tlsa_set *was,
    const struct tlsa_set *is, const struct presented *p)
{
	struct cover_chain c = chain_of(h, p);

	return cover_worse(was, is, &c);
}

bool
record_make(const struct host *h, const struct key *k, struct tlsa_kind kind,
    struct tlsa *ret)
{
	struct cover_chain c;

	if (kind.usage == 3 && kind.selector == 1 && kind.mtype == 1) {
		*ret = tlsa_of(&k->id);
		return true;
	}
	if (k->chain == 0)
		return false;
	c = host_chain_at(h, k->chain);
	*ret = cover_tlsa(&c.cert[0], kind.usage, kind.selector, kind.mtype);
	return true;
}

bool
record_names(const struct host *h, const struct tlsa *r, const struct key *k)
{
	struct tlsa own;

	if (is_plain(r))
		return is_of(r, &k->id);
	return r->usage == 3 && r->mtype != 0 && !cover_unusable(r) &&
	    record_make(h, k,
		(struct tlsa_kind){ r->usage, r->selector, r->mtype }, &own) &&
	    tlsa_cmp(r, &own) == 0;
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
	return false;
}

bool
record_binds(const struct host *h)
{
	for (unsigned i = 0; i < h->n_tlsa; i++)
		if (h->tlsa[i].selector == 0)
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

/* The records of the key, no more and no less; one that cannot be made leaves
 * all as it is. */
static enum target
settle_key(const struct host *h, const struct key *k, struct tlsa_set *s)
{
	struct tlsa r[TLSA_KINDS];

	for (unsigned i = 0; i < h->n_tlsa; i++)
		if (!record_make(h, k, h->tlsa[i], &r[i]))
			return TARGET_UNMADE;
	for (unsigned i = s->n; i-- > 0;) {
		struct tlsa is = s->rr[i];

		if (!record_wanted(h, &is) && record_names(h, &is, k))
			tlsa_set_remove(s, &is);
	}
	for (unsigned i = 0; i < h->n_tlsa; i++)
		if (!tlsa_set_add(s, &r[i]))
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
	enum target t = settle_key(h, k, ret);

	for (size_t i = 0; t == TARGET_KNOWN && i < h->n_key; i++) {
		if (!goes_along(h, &h->key[i], k, was))
			continue;
		/* One whose records cannot be made stays as it is: the law
		 * sees whether that matters. */
		if (settle_key(h, &h->key[i], ret) == TARGET_FULL)
			t = TARGET_FULL;
	}
	return t;
}

enum target
record_target(const struct host *h, enum act act, const struct key *k,
    const struct tlsa_set *was, struct tlsa_set *ret)
{
	*ret = *was;
	if (act == ACT_PUBLISH)
		return published(h, k, was, ret);
	for (unsigned i = was->n; i-- > 0;)
		if (record_names(h, &was->rr[i], k))
			tlsa_set_remove(ret, &was->rr[i]);
	return TARGET_KNOWN;
}
