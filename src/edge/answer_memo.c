/*
 * answer_memo.c - what was verified once in this look.  Two tables of fixed
 * size and the digests that lead into them (ldns, and of what is many:
 * ssl_digest.h); verifies nothing itself.
 */
#include "edge/answer_memo.h"

#include <assert.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "edge/ssl_digest.h"

#undef dprintf /* ldns/util.h */

#define RRSETS 1024 /* places; powers of two */
#define KEYSETS 64
#define TYPE_RRSIG 46
#define KIND_RRSET 1 /* what a key begins with: they differ in that */
#define KIND_KEYS 2
#define FLAT 2048 /* of a record; longer ones are not remembered */

struct answer_memo {
	struct digest *digest;
	struct {
		bool used;
		uint8_t key[MEMO_KEY];
		time_t now;
		int64_t margin;
		struct verified v;
	} rrset[RRSETS];
	struct {
		bool used;
		uint8_t key[MEMO_KEY];
		struct keyset keys;
		struct verified v;
	} keyset[KEYSETS];

	/* Of earlier looks, and what this one adds. */
	struct answer_past *past;
	struct memo_new {
		uint8_t key[MEMO_KEY];
		struct verified v;
	} * new;
	size_t n_new, cap_new;
};

static_assert(MEMO_KEY == PAST_KEY, "one key for both");

struct answer_memo *
answer_memo_new(void)
{
	struct answer_memo *m = mem_new(sizeof(*m));

	m->digest = digest_new();
	return m;
}

void
answer_memo_free(struct answer_memo *m)
{
	for (size_t i = 0; m != NULL && i < KEYSETS; i++)
		keyset_release(&m->keyset[i].keys);
	if (m != NULL) {
		digest_free(m->digest);
		free(m->new);
	}
	free(m);
}

struct digest *
memo_digest(struct answer_memo *m)
{
	return m->digest;
}

void
answer_memo_recall(struct answer_memo *m, struct answer_past *past)
{
	m->past = past;
}

void
answer_memo_keep(struct answer_memo *m)
{
	for (size_t i = 0; m->past != NULL && i < m->n_new; i++)
		answer_past_add(m->past, m->new[i].key, &m->new[i].v);
	m->n_new = 0;
}

static size_t
place(const uint8_t key[MEMO_KEY], size_t places)
{
	return wire_16(key) & (places - 1);
}

/* ---- digests: of RRsets, which are many ---- */

static void
put_number(struct digest *d, uint64_t n)
{
	uint8_t b[8];

	wire_put32(b, (uint32_t)(n >> 32));
	wire_put32(b + 4, (uint32_t)n);
	digest_put(d, b, sizeof(b));
}

static void
put_name(struct digest *d, const struct wire_name *n)
{
	digest_put(d, n->b, n->len); /* the root's zero ends it */
}

/* The digests of the records of an RRset, to be sorted. */
struct pile {
	size_t records, sigs;
	uint8_t d[VERIFY_SET_MAX + VERIFY_SIGS_MAX][32];
};

static bool
pile_add(struct pile *p, const struct verify *v, const struct wire_rr *rr,
    bool sig)
{
	uint8_t flat[FLAT];
	size_t len = wire_flat(v->m, rr, flat, sizeof(flat));
	size_t *n = sig ? &p->sigs : &p->records;

	if (len == 0 || *n == (sig ? VERIFY_SIGS_MAX : VERIFY_SET_MAX))
		return false;
	digest_begin(v->memo->digest);
	digest_put(v->memo->digest, flat, len);
	++*n;
	return digest_end(v->memo->digest, p->d[p->records + p->sigs - 1]);
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static bool
pile_up(const struct verify *v, struct pile *p)
{
	p->records = p->sigs = 0;
	for (size_t i = 0; i < v->m->n; i++) {
		const struct wire_rr *rr = &v->m->rr[i];

		if (verify_takes(v, rr, v->type)) {
			if (!pile_add(p, v, rr, false))
				return false;
		} else if (verify_covers(v, rr)) {
			if (!pile_add(p, v, rr, true))
				return false;
		}
	}
	qsort(p->d, p->records + p->sigs, 32, by_bytes);
	return true;
}

bool
memo_rrset_key(const struct verify *v, const struct keyset *keys,
    uint8_t ret[MEMO_KEY])
{
	struct digest *d = v->memo->digest;
	struct pile p;

	if (!pile_up(v, &p))
		return false;
	digest_begin(d);
	put_number(d, KIND_RRSET);
	put_number(d, v->section);
	put_number(d, v->type);
	put_name(d, &v->owner);
	put_name(d, &v->zone);
	digest_put(d, keys->id, sizeof(keys->id));
	digest_put(d, p.d, (p.records + p.sigs) * 32);
	return digest_end(d, ret);
}

/* ---- and of keys, which are few ---- */

static void
put(ldns_sha256_CTX *c, const void *p, size_t len)
{
	ldns_sha256_update(c, p, len);
}

static void
put_figure(ldns_sha256_CTX *c, uint64_t n)
{
	uint8_t b[8];

	wire_put32(b, (uint32_t)(n >> 32));
	wire_put32(b + 4, (uint32_t)n);
	put(c, b, sizeof(b));
}

void
memo_keys_key(const struct question *dnskey, const struct judge_by *by,
    uint8_t ret[MEMO_KEY])
{
	size_t len = dnskey->reply == NULL || dnskey->reply_len < 2
	    ? 0
	    : dnskey->reply_len - 2;
	ldns_sha256_CTX c;

	ldns_sha256_init(&c);
	put_figure(&c, KIND_KEYS);
	put_figure(&c, (uint64_t)by->now);
	put_figure(&c, (uint64_t)by->margin);
	put(&c, by->zone, strlen(by->zone) + 1);
	put_figure(&c, by->ds->secure);
	put_figure(&c, by->ds->n);
	for (size_t i = 0; i < by->ds->n; i++) {
		const struct ds *d = &by->ds->ds[i];

		put_figure(&c,
		    (uint64_t)d->tag << 24 | (uint64_t)d->algorithm << 16 |
			(uint64_t)d->digest_type << 8 | d->digest_len);
		put(&c, d->digest, d->digest_len);
	}
	if (len > 0)
		put(&c, dnskey->reply + 2, len);
	ldns_sha256_final(ret, &c);
}

/* ---- the tables ---- */

bool
memo_rrset(const struct verify *v, const uint8_t key[MEMO_KEY],
    struct verified *ret)
{
	const struct answer_memo *m = v->memo;
	size_t i = place(key, RRSETS);

	if (m->rrset[i].used && m->rrset[i].now == v->now &&
	    m->rrset[i].margin == v->margin &&
	    memcmp(m->rrset[i].key, key, MEMO_KEY) == 0) {
		*ret = m->rrset[i].v;
		return true;
	}
	if (m->past == NULL ||
	    !answer_past_find(m->past, key, v->now, v->margin, ret))
		return false;
	ret->labels = (uint8_t)wire_name_labels(&v->owner);
	return true;
}

void
memo_rrset_note(const struct verify *v, const uint8_t key[MEMO_KEY],
    const struct verified *good)
{
	struct answer_memo *m = v->memo;
	size_t i = place(key, RRSETS);

	m->rrset[i].used = true;
	m->rrset[i].now = v->now;
	m->rrset[i].margin = v->margin;
	memcpy(m->rrset[i].key, key, MEMO_KEY);
	m->rrset[i].v = *good;
	/* What is of a wildcard needs a proof, and that is made anew. */
	if (m->past == NULL || !good->whole || m->n_new >= PAST_MOST ||
	    good->labels != wire_name_labels(&v->owner))
		return;
	m->new = mem_room(m->new, m->n_new, &m->cap_new, sizeof(*m->new));
	memcpy(m->new[m->n_new].key, key, MEMO_KEY);
	m->new[m->n_new++].v = *good;
}

const struct keyset *
memo_keys(const struct answer_memo *m, const uint8_t key[MEMO_KEY],
    struct verified *ret)
{
	size_t i = place(key, KEYSETS);

	if (!m->keyset[i].used || memcmp(m->keyset[i].key, key, MEMO_KEY) != 0)
		return NULL;
	*ret = m->keyset[i].v;
	return &m->keyset[i].keys;
}

const struct keyset *
memo_keys_note(struct answer_memo *m, const uint8_t key[MEMO_KEY],
    const struct keyset *keys, const struct verified *v)
{
	size_t i = place(key, KEYSETS);

	keyset_release(&m->keyset[i].keys);
	m->keyset[i].used = true;
	memcpy(m->keyset[i].key, key, MEMO_KEY);
	m->keyset[i].keys = *keys;
	m->keyset[i].v = *v;
	return &m->keyset[i].keys;
}
