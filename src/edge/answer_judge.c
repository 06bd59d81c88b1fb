/*
 * answer_judge.c - the judgement: is this authority's answer signed by the
 * zone that the parent vouches for, now?  ldns verifies signatures; what it
 * leaves unchecked (signer, labels, flags, algorithms, TTL, how often it may
 * try) is checked here, before and after.
 */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "edge/answer.h"
#include "edge/wire.h"

#undef dprintf /* ldns/util.h */

#define KEYS_MAX 16	/* DNSKEYs looked at */
#define MATCH_MAX 4	/* of equal tag and algorithm: KeyTrap */
#define SIGS_MAX 8	/* signatures tried for a set */
#define SETS_MAX 12	/* sets of a denial */

/* All of one judgement. */
struct trial {
	ldns_rdf *zone;
	ldns_rdf *owner;
	time_t now;
	ldns_rr_list *keys; /* trusted; the records belong to the packet */
	uint32_t ttl;	    /* of the last set that was good */
	time_t expires;	    /* earliest end of a signature used; 0: none */
	char why[HOST_WHY];
};

static void
blame(struct trial *t, const char *why)
{
	text_fmt(t->why, sizeof(t->why), "%s", why);
}

static bool
good_algorithm(uint8_t a)
{
	return a == 8 || a == 10 || (a >= 13 && a <= 16);
}

static bool
is_in(const ldns_rr *rr, ldns_rr_type type, const ldns_rdf *owner)
{
	return ldns_rr_get_type(rr) == type &&
	    ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
	    ldns_dname_compare(ldns_rr_owner(rr), owner) == 0;
}

/* ---- one set and its signatures ---- */

static uint32_t
sig_number(const ldns_rr *sig, size_t field)
{
	return ldns_rdf2native_int32(ldns_rr_rdf(sig, field));
}

/* RFC 4034 3.1: fields of an RRSIG. */
enum { SIG_COVERED, SIG_ALGORITHM, SIG_LABELS, SIG_ORIG_TTL, SIG_EXPIRES,
	SIG_INCEPTED, SIG_TAG, SIG_SIGNER, SIG_DATA };

static bool
covers(const ldns_rr *sig, ldns_rr_type type, const ldns_rdf *owner)
{
	return is_in(sig, LDNS_RR_TYPE_RRSIG, owner) &&
	    ldns_rr_rd_count(sig) > SIG_DATA &&
	    ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(sig)) == type;
}

/* What ldns would let pass. */
static bool
sig_fits(struct trial *t, const ldns_rr *sig, const ldns_rdf *owner)
{
	unsigned labels = ldns_dname_label_count(owner);
	unsigned signed_for = ldns_rdf2native_int8(ldns_rr_rdf(sig,
	    SIG_LABELS));

	if (ldns_dname_compare(ldns_rr_rdf(sig, SIG_SIGNER), t->zone) != 0) {
		blame(t, "signed by another zone");
		return false;
	}
	if (!good_algorithm(ldns_rdf2native_int8(ldns_rr_rdf(sig,
		SIG_ALGORITHM)))) {
		blame(t, "signed with an algorithm that is not accepted");
		return false;
	}
	if (signed_for != labels) {
		blame(t, signed_for < labels
			? "synthesised from a wildcard, which danesafe does "
			  "not understand yet"
			: "a signature for more labels than the name has");
		return false;
	}
	return true;
}

static const char *
status_word(ldns_status s)
{
	switch ((int)s) {
	case LDNS_STATUS_CRYPTO_SIG_EXPIRED:
		return "the signature is expired";
	case LDNS_STATUS_CRYPTO_SIG_NOT_INCEPTED:
		return "the signature is not valid yet";
	case LDNS_STATUS_CRYPTO_EXPIRATION_BEFORE_INCEPTION:
		return "a signature that ends before it begins";
	default:
		return "the signature does not verify";
	}
}

/* With the keys that it names, a few at most. */
static bool
sig_verifies(struct trial *t, ldns_rr_list *set, ldns_rr *sig,
    ldns_rr_list *keys)
{
	uint16_t tag = ldns_rdf2native_int16(ldns_rr_rdf(sig, SIG_TAG));
	unsigned tried = 0;

	blame(t, "signed by a key that the server does not list");
	for (size_t i = 0; i < ldns_rr_list_rr_count(keys) &&
	     tried < MATCH_MAX; i++) {
		ldns_rr *key = ldns_rr_list_rr(keys, i);
		ldns_status s;

		if (ldns_calc_keytag(key) != tag ||
		    ldns_rdf2native_int8(ldns_rr_dnskey_algorithm(key)) !=
			ldns_rdf2native_int8(ldns_rr_rdf(sig, SIG_ALGORITHM)))
			continue;
		tried++;
		s = ldns_verify_rrsig_time(set, sig, key, t->now);
		if (s == LDNS_STATUS_OK)
			return true;
		blame(t, status_word(s));
	}
	return false;
}

/* The TTLs of the set against the signed one; notes the larger. */
static bool
ttl_fits(struct trial *t, const ldns_rr_list *set, const ldns_rr *sig)
{
	uint32_t orig = sig_number(sig, SIG_ORIG_TTL);

	for (size_t i = 0; i < ldns_rr_list_rr_count(set); i++)
		if (ldns_rr_ttl(ldns_rr_list_rr(set, i)) > orig) {
			blame(t, "a TTL above the signed one");
			return false;
		}
	t->ttl = orig;
	return true;
}

static void
note_end(struct trial *t, const ldns_rr *sig)
{
	/* Serial arithmetic (RFC 4034 3.1.5) around `now`. */
	int32_t left = (int32_t)(sig_number(sig, SIG_EXPIRES) -
	    (uint32_t)t->now);
	time_t end = t->now + left;

	if (t->expires == 0 || end < t->expires)
		t->expires = end;
}

/* Some signature among `all` makes the set good. */
static bool
set_good(struct trial *t, ldns_rr_list *set, const ldns_rr_list *all,
    ldns_rr_list *keys)
{
	const ldns_rr *first = ldns_rr_list_rr(set, 0);
	char why[HOST_WHY] = "";
	unsigned tried = 0;

	blame(t, "no signature");
	for (size_t i = 0; i < ldns_rr_list_rr_count(all) &&
	     tried < SIGS_MAX; i++) {
		ldns_rr *sig = ldns_rr_list_rr(all, i);

		if (!covers(sig, ldns_rr_get_type(first),
			ldns_rr_owner(first)))
			continue;
		tried++;
		if (sig_fits(t, sig, ldns_rr_owner(first)) &&
		    sig_verifies(t, set, sig, keys) &&
		    ttl_fits(t, set, sig)) {
			note_end(t, sig);
			return true;
		}
		if (why[0] == 0)
			text_fmt(why, sizeof(why), "%s", t->why);
	}
	if (why[0] != 0)
		blame(t, why);
	return false;
}

/* The records of a type at a name, each once; they stay the section's. */
static ldns_rr_list *
pick(const ldns_rr_list *section, ldns_rr_type type, const ldns_rdf *owner,
    size_t max)
{
	ldns_rr_list *set = ldns_rr_list_new();

	for (size_t i = 0; i < ldns_rr_list_rr_count(section); i++) {
		ldns_rr *rr = ldns_rr_list_rr(section, i);
		bool again = false;

		if (!is_in(rr, type, owner))
			continue;
		for (size_t k = 0; k < ldns_rr_list_rr_count(set); k++)
			again = again ||
			    ldns_rr_compare(ldns_rr_list_rr(set, k), rr) == 0;
		if (!again && ldns_rr_list_rr_count(set) <= max)
			ldns_rr_list_push_rr(set, rr);
	}
	return set;
}

/* ---- the keys ---- */

static bool
key_usable(const ldns_rr *key)
{
	uint16_t flags;

	if (ldns_rr_rd_count(key) < 4)
		return false;
	flags = ldns_rdf2native_int16(ldns_rr_dnskey_flags(key));
	return (flags & LDNS_KEY_ZONE_KEY) && !(flags & LDNS_KEY_REVOKE_KEY) &&
	    ldns_rdf2native_int8(ldns_rr_dnskey_protocol(key)) == 3 &&
	    good_algorithm(ldns_rdf2native_int8(
		ldns_rr_dnskey_algorithm(key)));
}

/* Is the key the one that this DS record names? */
static bool
key_matches(const ldns_rr *key, const struct ds *d)
{
	ldns_hash h = d->digest_type == 2 ? LDNS_SHA256 : LDNS_SHA384;
	ldns_rr *made;
	bool same;

	if ((d->digest_type != 2 && d->digest_type != 4) ||
	    ldns_calc_keytag(key) != d->tag ||
	    ldns_rdf2native_int8(ldns_rr_dnskey_algorithm(key)) !=
		d->algorithm)
		return false;
	made = ldns_key_rr2ds(key, h);
	same = made != NULL && ldns_rr_rd_count(made) == 4 &&
	    ldns_rdf_size(ldns_rr_rdf(made, 3)) == d->digest_len &&
	    memcmp(ldns_rdf_data(ldns_rr_rdf(made, 3)), d->digest,
		d->digest_len) == 0;
	ldns_rr_free(made);
	return same;
}

/* The server's own DNSKEY set, signed by a key that the parent vouches for. */
static bool
trust_keys(struct trial *t, const ldns_pkt *p, const struct ds_set *ds)
{
	ldns_rr_list *section = ldns_pkt_answer(p), *vouched, *set;
	bool good = false;

	set = pick(section, LDNS_RR_TYPE_DNSKEY, t->zone, KEYS_MAX);
	vouched = ldns_rr_list_new();
	t->keys = ldns_rr_list_new();
	if (ldns_rr_list_rr_count(set) == 0 ||
	    ldns_rr_list_rr_count(set) > KEYS_MAX) {
		blame(t, "no usable DNSKEY set");
		goto out;
	}
	for (size_t i = 0; i < ldns_rr_list_rr_count(set); i++) {
		ldns_rr *key = ldns_rr_list_rr(set, i);
		bool named = false;

		if (!key_usable(key))
			continue;
		ldns_rr_list_push_rr(t->keys, key);
		for (size_t k = 0; k < ds->n; k++)
			named = named || key_matches(key, &ds->ds[k]);
		if (named)
			ldns_rr_list_push_rr(vouched, key);
	}
	if (ldns_rr_list_rr_count(vouched) == 0) {
		blame(t, "no key of its DNSKEY set is named by the parent's "
			 "DS");
		goto out;
	}
	good = set_good(t, set, section, vouched);
	if (!good) {
		char why[HOST_WHY];

		text_fmt(why, sizeof(why), "DNSKEY set: %.150s", t->why);
		blame(t, why);
	}
out:
	ldns_rr_list_free(set);
	ldns_rr_list_free(vouched);
	return good;
}

/* ---- the records ---- */

static bool
take_record(const ldns_rr *rr, struct tlsa_set *set)
{
	struct tlsa r = { .len = 0 };
	const uint8_t *p;
	size_t len;

	if (ldns_rr_rd_count(rr) != 4)
		return false;
	r.usage = ldns_rdf2native_int8(ldns_rr_rdf(rr, 0));
	r.selector = ldns_rdf2native_int8(ldns_rr_rdf(rr, 1));
	r.mtype = ldns_rdf2native_int8(ldns_rr_rdf(rr, 2));
	p = ldns_rdf_data(ldns_rr_rdf(rr, 3));
	len = ldns_rdf_size(ldns_rr_rdf(rr, 3));
	if (len <= TLSA_DATA) {
		r.len = (uint8_t)len;
		memcpy(r.data, p, len);
	} else {
		r.len = TLSA_FOLDED;
		ldns_sha256((unsigned char *)p, (unsigned)len, r.data);
	}
	return tlsa_set_add(set, &r);
}

static enum look
judge_records(struct trial *t, ldns_rr_list *set, const ldns_rr_list *section,
    struct glance *g)
{
	if (!set_good(t, set, section, t->keys))
		return LOOK_BOGUS;
	for (size_t i = 0; i < ldns_rr_list_rr_count(set); i++)
		if (!take_record(ldns_rr_list_rr(set, i), &g->set)) {
			blame(t, "a TLSA record that is not well-formed, or "
				 "too many of them");
			return LOOK_BOGUS;
		}
	g->ttl = t->ttl;
	return LOOK_SHOWN;
}

/* ---- denial ---- */

/* An NSEC at the name without the type, or one that spans the name. */
static bool
nsec_denies(const struct trial *t, const ldns_rr *rr)
{
	const ldns_rdf *types = ldns_nsec_get_bitmap(rr);

	if (ldns_dname_compare(ldns_rr_owner(rr), t->owner) != 0)
		return ldns_nsec_covers_name(rr, t->owner);
	return types != NULL &&
	    !ldns_nsec_bitmap_covers_type(types, LDNS_RR_TYPE_TLSA) &&
	    !ldns_nsec_bitmap_covers_type(types, LDNS_RR_TYPE_CNAME);
}

/* Every NSEC, NSEC3 and SOA set of the section is signed; some NSEC denies
 * (the spans of NSEC3 are left to the resolver, which must agree). */
static bool
denial_good(struct trial *t, const ldns_rr_list *section)
{
	bool denies = false;
	uint32_t ttl = 0;
	unsigned sets = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(section); i++) {
		ldns_rr *rr = ldns_rr_list_rr(section, i);
		ldns_rr_type type = ldns_rr_get_type(rr);
		ldns_rr_list *set;
		bool good;

		if (type != LDNS_RR_TYPE_NSEC && type != LDNS_RR_TYPE_NSEC3 &&
		    type != LDNS_RR_TYPE_SOA)
			continue;
		if (++sets > SETS_MAX) {
			blame(t, "a denial of too many records");
			return false;
		}
		set = pick(section, type, ldns_rr_owner(rr), KEYS_MAX);
		good = set_good(t, set, section, t->keys);
		ldns_rr_list_free(set);
		if (!good)
			return false;
		if (t->ttl > ttl)
			ttl = t->ttl;
		if (type == LDNS_RR_TYPE_NSEC3 ||
		    (type == LDNS_RR_TYPE_NSEC && nsec_denies(t, rr)))
			denies = true;
	}
	t->ttl = ttl;
	if (!denies)
		blame(t, "a denial without a proof");
	return denies;
}

static enum look
judge_denial(struct trial *t, const ldns_pkt *p, bool resolver_denies,
    struct glance *g)
{
	if (!denial_good(t, ldns_pkt_authority(p)))
		return LOOK_BOGUS;
	if (!resolver_denies) {
		blame(t, "it denies the records, the resolver does not");
		return LOOK_BOGUS;
	}
	g->ttl = t->ttl;
	blame(t, "no TLSA records");
	return LOOK_NONE;
}

/* ---- the whole ---- */

static enum look
judge_packets(struct trial *t, const ldns_pkt *tlsa, const ldns_pkt *dnskey,
    const struct ds_set *ds, bool resolver_denies, struct glance *g)
{
	ldns_rr_list *section = ldns_pkt_answer(tlsa), *set;
	enum look look;

	if (!trust_keys(t, dnskey, ds))
		return LOOK_BOGUS;
	set = pick(section, LDNS_RR_TYPE_TLSA, t->owner, TLSA_MAX);
	if (ldns_rr_list_rr_count(set) > 0)
		look = judge_records(t, set, section, g);
	else if (ldns_rr_list_rr_count(section) > 0) {
		blame(t, "an answer about something else (an alias?)");
		look = LOOK_BOGUS;
	} else
		look = judge_denial(t, tlsa, resolver_denies, g);
	ldns_rr_list_free(set);
	return look;
}

/* Is it an answer of an authority at all? */
static bool
usable(const struct question *q, struct glance *g)
{
	char word[16];
	struct wire_msg m;
	struct err e;
	bool good = false;

	if (q->reply == NULL) {
		text_fmt(g->why, sizeof(g->why), "%s", q->why);
		return false;
	}
	if (wire_open(q->reply, q->reply_len, &m, &e) < 0) {
		text_fmt(g->why, sizeof(g->why), "malformed answer");
		return false;
	}
	if (m.rcode != 0 && m.rcode != 3)
		text_fmt(g->why, sizeof(g->why), "%s",
		    wire_rcode(m.rcode, word));
	else if (!m.aa)
		text_fmt(g->why, sizeof(g->why), "not authoritative for the "
		    "zone (lame)");
	else
		good = true;
	wire_release(&m);
	return good;
}

static bool
anchored(const struct ds_set *ds, const char *zone, struct glance *g)
{
	if (!ds->secure)
		text_fmt(g->why, sizeof(g->why), "the resolver does not vouch "
		    "for %.80s: no AD on its DS set", zone);
	else if (ds->n == 0)
		text_fmt(g->why, sizeof(g->why), "the parent has no DS for "
		    "%.80s", zone);
	else
		return true;
	g->look = LOOK_UNSIGNED;
	return false;
}

static ldns_pkt *
parse(const struct question *q)
{
	ldns_pkt *p = NULL;

	if (ldns_wire2pkt(&p, q->reply, q->reply_len) != LDNS_STATUS_OK)
		return NULL;
	return p;
}

void
answer_judge(const struct question *tlsa, const struct question *dnskey,
    const struct ds_set *ds, const char *owner, const char *zone, time_t now,
    bool resolver_denies, struct glance *ret, time_t *ret_expires)
{
	struct trial t = { .now = now };
	ldns_pkt *p = NULL, *k = NULL;
	char why[HOST_WHY];

	memset(ret, 0, sizeof(*ret));
	ret->look = LOOK_SILENT;
	*ret_expires = 0;
	if (!usable(tlsa, ret) || !anchored(ds, zone, ret))
		return;
	if (!usable(dnskey, ret)) {
		text_fmt(why, sizeof(why), "its DNSKEY set: %.150s",
		    ret->why);
		text_fmt(ret->why, sizeof(ret->why), "%s", why);
		return;
	}
	t.zone = ldns_dname_new_frm_str(zone);
	t.owner = ldns_dname_new_frm_str(owner);
	p = parse(tlsa);
	k = parse(dnskey);
	if (t.zone == NULL || t.owner == NULL || p == NULL || k == NULL)
		blame(&t, "malformed answer");
	else
		ret->look = judge_packets(&t, p, k, ds, resolver_denies, ret);
	if (ret->look != LOOK_SHOWN) {
		ret->set.n = 0;
		text_fmt(ret->why, sizeof(ret->why), "%s", t.why);
	}
	*ret_expires = t.expires;
	ldns_rr_list_free(t.keys);
	ldns_rdf_deep_free(t.zone);
	ldns_rdf_deep_free(t.owner);
	ldns_pkt_free(p);
	ldns_pkt_free(k);
}
