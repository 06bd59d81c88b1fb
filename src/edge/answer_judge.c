/*
 * answer_judge.c - the judgement: is this authority's answer signed by the
 * zone that the parent vouches for, now?  Believes nothing that
 * answer_verify.c did not verify; asks nobody.
 */
#include "edge/answer.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "edge/answer_memo.h"
#include "edge/answer_trial.h"
#include "edge/wire.h"

#undef dprintf /* ldns/util.h */

#define NXDOMAIN 3

int
trial_wrong(struct err *e, const char *why)
{
	return err_set(e, ERR_UNREACHABLE, "%s", why);
}

int
trial_wrong_in(struct err *e, const char *what)
{
	if (strncmp(e->text, ANSWER_INTERCEPTED, strlen(ANSWER_INTERCEPTED)) ==
	    0)
		return -1;
	return err_prefix(e, "%s", what);
}

enum rrtype
trial_type(const struct trial *t)
{
	return t->by->type == 0 ? TYPE_TLSA : t->by->type;
}

static bool
has(const struct wire_msg *m, const struct wire_name *owner, uint16_t type)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->rr[i].section == WIRE_ANSWER &&
		    m->rr[i].class == WIRE_CLASS_IN && m->rr[i].type == type &&
		    (owner == NULL || wire_name_eq(&m->rr[i].owner, owner)))
			return true;
	return false;
}

/* ---- records ---- */

int
answer_take_tlsa(const uint8_t *p, size_t len, struct tlsa_set *set,
    struct err *e)
{
	struct tlsa r = { .len = 0 };

	if (len < 3)
		return trial_wrong(e, "a TLSA record that is not well-formed");
	r.usage = p[0];
	r.selector = p[1];
	r.mtype = p[2];
	if (len - 3 <= TLSA_DATA) {
		r.len = (uint8_t)(len - 3);
		memcpy(r.data, p + 3, len - 3);
	} else {
		r.len = TLSA_FOLDED;
		ldns_sha256(p + 3, (unsigned)(len - 3), r.data);
	}
	if (!tlsa_set_add(set, &r))
		return trial_wrong(e, "more than 32 records");
	return 0;
}

static int
judge_records(struct trial *t, struct glance *g, struct err *e)
{
	struct verified v;

	if (trial_verify(t, WIRE_ANSWER, &t->owner, TYPE_TLSA, &v, e) < 0)
		return -1;
	trial_source(&t->owner, v.labels, g->source);
	for (size_t i = 0; i < t->m->n; i++) {
		const struct wire_rr *rr = &t->m->rr[i];

		if (rr->section == WIRE_ANSWER && rr->type == TYPE_TLSA &&
		    rr->class == WIRE_CLASS_IN &&
		    wire_name_eq(&rr->owner, &t->owner) &&
		    answer_take_tlsa(t->m->p + rr->rdata, rr->len, &g->set, e) <
			0)
			return -1;
	}
	g->ttl = v.ttl;
	g->look = LOOK_SHOWN;
	return 0;
}

/* Records of a type that says nothing here but that no alias is there. */
static int
judge_others(struct trial *t, struct glance *g, struct err *e)
{
	struct verified v;

	if (trial_verify(t, WIRE_ANSWER, &t->owner, (uint16_t)t->by->type, &v,
		e) < 0)
		return -1;
	g->ttl = v.ttl;
	g->look = LOOK_NONE;
	text_fmt(g->why, sizeof(g->why), "no alias");
	return 0;
}

/* ---- the whole ---- */

static int
judge_answer(struct trial *t, struct glance *g, struct err *e)
{
	if (trial_is_alias(t))
		return trial_alias(t, g, e);
	if (has(t->m, &t->owner, (uint16_t)trial_type(t))) {
		if (t->m->rcode == NXDOMAIN)
			return trial_wrong(e, "records, and NXDOMAIN");
		return trial_type(t) == TYPE_TLSA ? judge_records(t, g, e)
						  : judge_others(t, g, e);
	}
	return trial_denial(t, g, e);
}

/* Is it an authority's answer to this question at all?  Opens it. */
static int
open_answer(const struct question *q, const struct wire_name *name,
    enum rrtype type, struct wire_msg *m, struct err *e)
{
	const char *why = NULL;
	char word[16];

	if (q->reply == NULL)
		return trial_wrong(e, q->why);
	if (wire_open(q->reply, q->reply_len, m, e) < 0)
		return -1;
	if (!m->qr || m->opcode != 0 || !m->has_question ||
	    m->qtype != (unsigned)type || m->qclass != WIRE_CLASS_IN ||
	    !wire_name_eq(&m->qname, name))
		why = "an answer to another question";
	else if (m->tc)
		why = "a truncated answer";
	else if (m->rcode != 0 && m->rcode != NXDOMAIN)
		why = wire_rcode(m->rcode, word);
	else if (!m->aa)
		why = "not authoritative for the zone (lame)";
	if (why == NULL)
		return 0;
	wire_release(m);
	return trial_wrong(e, why);
}

/*
 * The keys of the zone as this authority has them.  LOOK_SHOWN, or what the
 * authority is without them.
 */
static enum look
fresh_keys(const struct wire_name *zone, const struct judge_by *by,
    const struct question *dnskey, struct keyset *ret_keys,
    struct verified *ret, struct err *e)
{
	enum look look = LOOK_SHOWN;
	struct wire_msg m;

	if (open_answer(dnskey, zone, TYPE_DNSKEY, &m, e) < 0) {
		err_prefix(e, "its DNSKEY set");
		return LOOK_SILENT;
	}
	if (keyset_verify(&m, by->ds, zone, by->now, by->margin, ret_keys, ret,
		e) < 0) {
		trial_wrong_in(e, "its DNSKEY set");
		look = LOOK_BOGUS;
	}
	wire_release(&m);
	return look;
}

static enum look
judge_keys(struct trial *t, const struct question *dnskey, struct err *e)
{
	enum look look = LOOK_SHOWN;
	uint8_t key[MEMO_KEY];
	struct keyset keys;
	struct verified v;

	memo_keys_key(dnskey, t->by, key);
	t->keys = memo_keys(t->memo, key, &v);
	if (t->keys == NULL) {
		look = fresh_keys(&t->zone, t->by, dnskey, &keys, &v, e);
		if (look == LOOK_SHOWN)
			t->keys = memo_keys_note(t->memo, key, &keys, &v);
	}
	if (look == LOOK_SHOWN)
		t->keys_signed = v.span;
	return look;
}

const char *
answer_unanchored(const struct ds_set *ds)
{
	if (!ds->secure)
		return "the resolver does not vouch for the DS set of the "
		       "zone (no AD)";
	if (ds->n == 0)
		return "the parent has no DS for the zone";
	if (!ds_usable(ds))
		return "no DS of the parent has an algorithm and a digest "
		       "that count; SHA-1, which some resolvers still "
		       "believe, does not";
	return NULL;
}

static void
conclude(struct glance *g, enum look look, const char *why)
{
	memset(&g->set, 0, sizeof(g->set));
	g->alias[0] = g->source[0] = 0;
	g->look = look;
	text_fmt(g->why, sizeof(g->why), "%.199s", why);
}

/* The answer is one, the zone has an anchor, and these are its keys. */
static void
judge_signed(struct trial *t, enum look look, struct err *e, struct glance *ret)
{
	if (look == LOOK_SHOWN && judge_answer(t, ret, e) < 0)
		look = LOOK_BOGUS;
	if (look != LOOK_SHOWN) {
		conclude(ret, look, e->text);
		return;
	}
	ret->records_signed = t->records_signed;
	ret->keys_signed = t->keys_signed;
	ret->one_signature = t->one_signature;
}

/* Is there anything to verify?  Then m is open. */
static bool
begin(struct trial *t, const struct question *tlsa, struct wire_msg *m,
    struct glance *ret, struct err *e)
{
	const char *unanchored = answer_unanchored(t->by->ds);

	memset(ret, 0, sizeof(*ret));
	if (!wire_name_parse(t->by->owner, &t->owner) ||
	    !wire_name_parse(t->by->zone, &t->zone))
		conclude(ret, LOOK_SILENT, "a name that cannot be asked for");
	else if (open_answer(tlsa, &t->owner, trial_type(t), m, e) < 0)
		conclude(ret, LOOK_SILENT, e->text);
	else if (unanchored != NULL) {
		conclude(ret, LOOK_UNSIGNED, unanchored);
		wire_release(m);
	} else {
		t->m = m;
		return true;
	}
	return false;
}

void
answer_judge(const struct question *tlsa, const struct question *dnskey,
    const struct judge_by *by, struct answer_memo *memo, struct glance *ret)
{
	struct trial t = { .by = by, .memo = memo };
	struct wire_msg m;
	enum look look;
	struct err e;

	if (!begin(&t, tlsa, &m, ret, &e))
		return;
	look = judge_keys(&t, dnskey, &e);
	judge_signed(&t, look, &e, ret);
	wire_release(&m);
}

void
answer_keys(const struct question *dnskey, const struct judge_by *by,
    struct zone_keys *ret)
{
	struct wire_name zone;
	struct verified v = { .ttl = 0 };
	struct err e;

	memset(ret, 0, sizeof(*ret));
	ret->look = LOOK_SILENT;
	ret->keys = mem_new(sizeof(*ret->keys));
	err_set(&e, ERR_UNREACHABLE, "a name that cannot be asked for");
	if (wire_name_parse(by->zone, &zone))
		ret->look = fresh_keys(&zone, by, dnskey, ret->keys, &v, &e);
	if (ret->look == LOOK_SHOWN)
		ret->span = v.span;
	else
		text_fmt(ret->why, sizeof(ret->why), "%.199s", e.text);
}

void
answer_keys_release(struct zone_keys *k)
{
	if (k == NULL)
		return;
	keyset_release(k->keys);
	free(k->keys);
	k->keys = NULL;
}

void
answer_judge_by_keys(const struct question *tlsa, const struct zone_keys *keys,
    const struct judge_by *by, struct answer_memo *memo, struct glance *ret)
{
	struct trial t = { .by = by,
		.memo = memo,
		.keys = keys->keys,
		.keys_signed = keys->span };
	struct wire_msg m;
	struct err e ERR_BARE;

	if (!begin(&t, tlsa, &m, ret, &e))
		return;
	if (keys->look != LOOK_SHOWN)
		err_set(&e, ERR_UNREACHABLE, "%s", keys->why);
	judge_signed(&t, keys->look, &e, ret);
	wire_release(&m);
}
