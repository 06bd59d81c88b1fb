/*
 * answer_verify.c - signatures over an RRset (ldns).  Records reach libldns
 * one by one and uncompressed, never as the message that came; it verifies
 * and is asked for nothing else.
 */
#include "edge/answer_verify.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "edge/answer_memo.h"
#include "edge/answer_signed.h"
#include "edge/ssl_curve.h"

#undef dprintf /* ldns/util.h */

#define TYPE_RRSIG 46
#define MATCHES_MAX 4		      /* keys of one tag and algorithm */
#define FLAT_MORE (3 * 255 + 10 + 20) /* owner, names of an SOA uncompressed */
#define SIGNED_MAX 8192		      /* bytes; more is left to libldns */

/* The fixed part of an RRSIG. */
struct sig {
	uint8_t algorithm, labels;
	uint32_t ttl, expiration, inception;
	uint16_t tag;
	struct wire_name signer;
};

bool
verify_algorithm(uint8_t algorithm)
{
	switch (algorithm) {
	case 8:	 /* RSASHA256 */
	case 10: /* RSASHA512 */
	case 13: /* ECDSAP256SHA256 */
	case 14: /* ECDSAP384SHA384 */
	case 15: /* ED25519 */
	case 16: /* ED448 */
		return true;
	default:
		return false;
	}
}

/* ---- records for libldns ---- */

void *
verify_rr(const struct wire_msg *m, const struct wire_rr *rr)
{
	size_t size = FLAT_MORE + rr->len, len, at = 0;
	uint8_t *buf = mem_resize(NULL, size, 1);
	ldns_rr *out = NULL;

	len = wire_flat(m, rr, buf, size);
	if (len > 0 &&
	    (ldns_wire2rr(&out, buf, len, &at, LDNS_SECTION_ANSWER) !=
		    LDNS_STATUS_OK ||
		at != len)) {
		ldns_rr_free(out);
		out = NULL;
	}
	free(buf);
	return out;
}

/* libldns calls a set with a duplicate bogus. */
static bool
is_in(const ldns_rr_list *l, const ldns_rr *rr)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++)
		if (ldns_rr_compare(ldns_rr_list_rr(l, i), rr) == 0)
			return true;
	return false;
}

bool
verify_takes(const struct verify *v, const struct wire_rr *rr, uint16_t type)
{
	return rr->section == v->section && rr->class == WIRE_CLASS_IN &&
	    rr->type == type && wire_name_eq(&rr->owner, &v->owner);
}

/* The TTLs that the records of one RRset came with. */
struct ttls {
	uint32_t low, high;
};

static void
note_ttl(struct ttls *t, uint32_t ttl)
{
	if (ttl < t->low)
		t->low = ttl;
	if (ttl > t->high)
		t->high = ttl;
}

/* The RRset; NULL with the reason. */
static ldns_rr_list *
collect(const struct verify *v, struct ttls *ret_ttls, struct err *e)
{
	ldns_rr_list *l = ldns_rr_list_new();

	*ret_ttls = (struct ttls){ .low = UINT32_MAX };
	for (size_t i = 0; i < v->m->n; i++) {
		ldns_rr *rr;

		if (!verify_takes(v, &v->m->rr[i], v->type))
			continue;
		rr = verify_rr(v->m, &v->m->rr[i]);
		if (rr == NULL || ldns_rr_list_rr_count(l) == VERIFY_SET_MAX) {
			err_set(e, ERR_UNREACHABLE,
			    rr == NULL ? "malformed records"
				       : "more than 32 records");
			ldns_rr_free(rr);
			ldns_rr_list_deep_free(l);
			return NULL;
		}
		note_ttl(ret_ttls, v->m->rr[i].ttl);
		if (is_in(l, rr))
			ldns_rr_free(rr);
		else
			ldns_rr_list_push_rr(l, rr);
	}
	return l;
}

/* ---- one signature ---- */

static bool
read_sig(const struct wire_msg *m, const struct wire_rr *rr, struct sig *s)
{
	const uint8_t *p = m->p + rr->rdata;
	size_t end;

	if (rr->len < 20 ||
	    !wire_rdata_name(m, rr, rr->rdata + 18, &s->signer, &end) ||
	    end - rr->rdata != 18u + s->signer.len || /* compressed */
	    end >= rr->rdata + rr->len)
		return false;
	s->algorithm = p[2];
	s->labels = p[3];
	s->ttl = wire_32(p + 4);
	s->expiration = wire_32(p + 8);
	s->inception = wire_32(p + 12);
	s->tag = wire_16(p + 16);
	return true;
}

/* Serial arithmetic (RFC 4034 section 3.1.5): the moment that is meant. */
static time_t
moment(uint32_t t, time_t now)
{
	return now + (int32_t)(t - (uint32_t)now);
}

/* Others may have a clock that is as far ahead as ours may be behind. */
static int
check_end(time_t end, const struct verify *v, struct err *e)
{
	char when[32];

	if (end >= v->now + v->margin)
		return 0;
	when_minute(end, when);
	return end < v->now
	    ? err_set(e, ERR_UNREACHABLE, "its signature ended at %s", when)
	    : err_set(e, ERR_UNREACHABLE,
		  "its signature ends at %s, within the clock-slack", when);
}

/* All that can be said without arithmetic on keys. */
static int
check_sig(const struct verify *v, const struct sig *s, uint32_t ttl,
    struct err *e)
{
	unsigned labels = wire_name_labels(&v->owner);
	char when[32];

	if (!wire_name_eq(&s->signer, &v->zone))
		return err_set(e, ERR_UNREACHABLE, "signed by another zone");
	if (s->labels < labels && !v->wildcard)
		return err_set(e, ERR_UNREACHABLE,
		    "synthesised from a wildcard");
	if (s->labels > labels)
		return err_set(e, ERR_UNREACHABLE,
		    "its signature is of a longer name");
	if (!verify_algorithm(s->algorithm))
		return err_set(e, ERR_UNREACHABLE,
		    "signed with algorithm %u, which is not accepted",
		    s->algorithm);
	if (moment(s->inception, v->now) > v->now)
		return err_set(e, ERR_UNREACHABLE,
		    "its signature begins only at %s",
		    when_minute(moment(s->inception, v->now), when));
	if (check_end(moment(s->expiration, v->now), v, e) < 0)
		return -1;
	if (ttl > s->ttl)
		return err_set(e, ERR_UNREACHABLE,
		    "its TTL %lu is above the signed %lu", (unsigned long)ttl,
		    (unsigned long)s->ttl);
	return 0;
}

/* The keys of a signature's tag and algorithm, as many as is reasonable. */
struct matches {
	size_t n;
	const ldns_rr *rr[MATCHES_MAX];
	const struct curve_key *curve[MATCHES_MAX];
	bool all_curves;
};

static struct matches
find_keys(const struct sig *s, const struct keyset *keys)
{
	struct matches m = { .all_curves = true };

	for (size_t i = 0; i < keys->n && m.n < MATCHES_MAX; i++) {
		if (keys->key[i].tag != s->tag ||
		    keys->key[i].algorithm != s->algorithm)
			continue;
		m.rr[m.n] = keys->key[i].rr;
		m.curve[m.n++] = keys->key[i].curve;
		m.all_curves = m.all_curves && keys->key[i].curve != NULL;
	}
	return m;
}

/*
 * The times were compared in check_sig: libldns 1.8 does it in 32 bits with a
 * sign, and calls every signature wrong that ends after January 2038.
 */
static bool
ldns_holds(const struct matches *m, const struct verify *v,
    const struct wire_rr *sig, ldns_rr_list *set)
{
	ldns_rr_list *sigs = ldns_rr_list_new(), *keys = ldns_rr_list_new();
	ldns_rr *rr = verify_rr(v->m, sig);
	bool good = false;

	if (rr != NULL) {
		ldns_rr_list_push_rr(sigs, rr);
		for (size_t i = 0; i < m->n; i++)
			ldns_rr_list_push_rr(keys, m->rr[i]);
		good = ldns_verify_notime(set, sigs, keys, NULL) ==
		    LDNS_STATUS_OK;
	}
	ldns_rr_free(rr);
	ldns_rr_list_free(sigs);
	ldns_rr_list_free(keys);
	return good;
}

static bool
digest_of(const struct verify *v, const uint8_t *data, size_t len,
    uint8_t ret[DIGEST_BYTES])
{
	struct digest *own = v->memo == NULL ? digest_new() : NULL;
	struct digest *d = own != NULL ? own : memo_digest(v->memo);
	bool made = digest_whole(d, data, len, ret);

	digest_free(own);
	return made;
}

/* The same by OpenSSL alone, twice as fast: TLSA sets are what is many. */
static bool
curve_tries(const struct matches *m, const struct verify *v,
    const struct wire_rr *sig, bool *ret_good)
{
	uint8_t data[SIGNED_MAX], digest[DIGEST_BYTES];
	size_t at, len = answer_signed(v, sig, data, sizeof(data), &at);

	*ret_good = false;
	if (len == 0 || !digest_of(v, data, len, digest))
		return false;
	if (at + CURVE_BYTES != sig->rdata + sig->len)
		return true;
	for (size_t i = 0; i < m->n && !*ret_good; i++)
		*ret_good = curve_holds(m->curve[i], v->m->p + at, digest);
	return true;
}

static int
try_keys(const struct verify *v, const struct sig *s, const struct wire_rr *sig,
    ldns_rr_list *set, const struct keyset *keys, struct err *e)
{
	struct matches m = find_keys(s, keys);
	bool good;

	if (m.n == 0)
		return err_set(e, ERR_UNREACHABLE,
		    "signed with key %u, which is not among the zone's",
		    s->tag);
	if (v->type != TYPE_TLSA || !m.all_curves ||
	    !curve_tries(&m, v, sig, &good))
		good = ldns_holds(&m, v, sig, set);
	return good ? 0
		    : err_set(e, ERR_UNREACHABLE,
			  "its signature by key %u is wrong", s->tag);
}

/* What an authority may lower the TTL of this RRset to: for the SOA of a
 * denial that is the zone's minimum (RFC 2308 section 3). */
static uint32_t
least_ttl(const struct verify *v, const ldns_rr_list *set, uint32_t ttl)
{
	const ldns_rr *rr = ldns_rr_list_rr(set, 0);
	uint32_t minimum;

	if (v->section != WIRE_AUTHORITY || v->type != TYPE_SOA)
		return ttl;
	minimum = ldns_rdf2native_int32(ldns_rr_rdf(rr, 6));
	return minimum < ttl ? minimum : ttl;
}

/*
 * An authority answers with the TTL that it signed; only in caches does it
 * run down.  Asked of a signature that holds: what is said of it is true.
 */
static int
check_source(const struct verify *v, const struct sig *s,
    const struct ttls *ttls, const ldns_rr_list *set, struct err *e)
{
	uint32_t least = least_ttl(v, set, s->ttl);
	char *type;

	if (ttls->low >= least)
		return 0;
	type = ldns_rr_type2str((ldns_rr_type)v->type);
	err_set(e, ERR_UNREACHABLE,
	    ANSWER_INTERCEPTED "the TTL %lu of its %s set is below the signed "
			       "%lu: a cache answered in the server's place",
	    (unsigned long)ttls->low, type, (unsigned long)least);
	free(type);
	return -1;
}

static int
try_sig(const struct verify *v, const struct wire_rr *rr,
    const struct ttls *ttls, ldns_rr_list *set, const struct keyset *keys,
    struct sig *s, struct err *e)
{
	if (!read_sig(v->m, rr, s))
		return err_set(e, ERR_UNREACHABLE, "malformed signature");
	if (check_sig(v, s, ttls->high, e) < 0)
		return -1;
	if (try_keys(v, s, rr, set, keys, e) < 0)
		return -1;
	return check_source(v, s, ttls, set, e);
}

bool
verify_covers(const struct verify *v, const struct wire_rr *rr)
{
	return verify_takes(v, rr, TYPE_RRSIG) && rr->len >= 2 &&
	    wire_16(v->m->p + rr->rdata) == v->type;
}

static struct span
span_of(const struct sig *s, time_t now)
{
	return (struct span){ .from = moment(s->inception, now),
		.until = moment(s->expiration, now) };
}

/* Every signature is tried: each may be the one that a validator takes. */
static int
try_sigs(const struct verify *v, const struct ttls *ttls, ldns_rr_list *set,
    const struct keyset *keys, struct verified *ret, struct err *e)
{
	struct verified got = { .ttl = ttls->high };
	size_t tried = 0, good = 0;
	struct err why;
	struct sig s;

	err_set(e, ERR_UNREACHABLE, "no signature");
	for (size_t i = 0; i < v->m->n && tried < VERIFY_SIGS_MAX; i++) {
		if (!verify_covers(v, &v->m->rr[i]))
			continue;
		if (try_sig(v, &v->m->rr[i], ttls, set, keys, &s, &why) < 0) {
			if (tried++ == 0)
				*e = why;
			continue;
		}
		tried++;
		good++;
		if (s.labels > got.labels)
			got.labels = s.labels;
		if (s.ttl > got.ttl)
			got.ttl = s.ttl;
		if (moment(s.expiration, v->now) >= got.span.until)
			got.span = span_of(&s, v->now);
	}
	if (good == 0)
		return -1;
	got.whole = good == tried;
	*ret = got;
	return 0;
}

static int
check_rrset(const struct verify *v, const struct keyset *keys,
    struct verified *ret, struct err *e)
{
	struct ttls ttls;
	ldns_rr_list *set = collect(v, &ttls, e);
	int rc;

	if (set == NULL)
		return -1;
	if (ldns_rr_list_rr_count(set) == 0)
		rc = err_set(e, ERR_UNREACHABLE, "no records");
	else
		rc = try_sigs(v, &ttls, set, keys, ret, e);
	ldns_rr_list_deep_free(set);
	return rc;
}

int
verify_rrset(const struct verify *v, const struct keyset *keys,
    struct verified *ret, struct err *e)
{
	uint8_t key[MEMO_KEY];
	bool keep = v->memo != NULL && memo_rrset_key(v, keys, key);

	if (keep && memo_rrset(v, key, ret) &&
	    (v->wildcard || ret->labels == wire_name_labels(&v->owner)))
		return 0;
	if (check_rrset(v, keys, ret, e) < 0)
		return -1;
	if (keep)
		memo_rrset_note(v, key, ret);
	return 0;
}
