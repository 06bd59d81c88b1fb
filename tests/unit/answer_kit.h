/*
 * answer_kit.h - a signed zone in miniature (ldns), to make answers of every
 * kind for the tests of the judgement.
 */
#ifndef TESTS_ANSWER_KIT_H
#define TESTS_ANSWER_KIT_H

#include <check.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#undef dprintf /* ldns/util.h */

#include "edge/answer_memo.h"

#define ZONE "example.org."
#define OWNER "_25._tcp.mx1.example.org."
#define NOW ((time_t)1800000000)
#define DAY 86400
#define D1 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define D2 "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TLSA_1 OWNER " 60 IN TLSA 3 1 1 " D1
#define TLSA_2 OWNER " 60 IN TLSA 3 1 1 " D2
#define SOA ZONE " 300 IN SOA ns1.example.org. h.example.org. 7 60 60 600 30"

static inline ldns_rr *
kit_rr(const char *text)
{
	ldns_rr *rr = NULL;

	ck_assert_msg(ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL) ==
		LDNS_STATUS_OK,
	    "%s", text);
	return rr;
}

/* The character of base32hex so far from this one. */
static inline char
kit_beside(char c, int by)
{
	static const char chars[] = "0123456789abcdefghijklmnopqrstuv";
	const char *at = strchr(chars, c);

	ck_assert(at != NULL && at + by >= chars && at + by < chars + 32);
	return at[by];
}

/* "HASH.example.org. NSEC3 ... HASH TYPES" around the hash of a name, or
 * beside. */
static inline void
kit_nsec3(const char *name, int from, int to, int iterations, const char *types,
    char buf[200])
{
	ldns_rdf *dname = ldns_dname_new_frm_str(name);
	ldns_rdf *hash = ldns_nsec3_hash_name(dname, 1, (uint16_t)iterations, 0,
	    NULL);
	char *text = ldns_rdf2str(hash), a[40], b[40];

	snprintf(a, sizeof(a), "%.32s", text);
	snprintf(b, sizeof(b), "%.32s", text);
	a[30] = kit_beside(a[30], from);
	b[30] = kit_beside(b[30], to);
	snprintf(buf, 200, "%s.example.org. 45 IN NSEC3 1 0 %d - %s %s", a,
	    iterations, b, types);
	free(text);
	ldns_rdf_deep_free(dname);
	ldns_rdf_deep_free(hash);
}

/* A list of records, each a line of text; NULL ends. */
static inline ldns_rr_list *
kit_set(const char *const *text)
{
	ldns_rr_list *l = ldns_rr_list_new();

	for (; *text != NULL; text++)
		ldns_rr_list_push_rr(l, kit_rr(*text));
	return l;
}

static inline ldns_key *
kit_key(const char *zone, uint16_t flags, ldns_signing_algorithm algorithm)
{
	ldns_key *k = ldns_key_new_frm_algorithm(algorithm,
	    algorithm == LDNS_SIGN_RSASHA1 ? 1024 : 256);
	ldns_rr *rr;

	ck_assert_ptr_nonnull(k);
	ldns_key_set_pubkey_owner(k, ldns_dname_new_frm_str(zone));
	ldns_key_set_flags(k, flags);
	rr = ldns_key2rr(k);
	ldns_key_set_keytag(k, ldns_calc_keytag(rr));
	ldns_rr_free(rr);
	return k;
}

/* Appends signatures over all of `set` to `out`; days from now. */
static inline void
kit_sign(ldns_rr_list *out, const ldns_rr_list *set, ldns_key *k, long from,
    long until)
{
	ldns_key_list *keys = ldns_key_list_new();
	ldns_rr_list *copy = ldns_rr_list_clone(set), *sigs;

	ldns_key_set_inception(k, (uint32_t)(NOW + from));
	ldns_key_set_expiration(k, (uint32_t)(NOW + until));
	ldns_key_list_push_key(keys, k);
	sigs = ldns_sign_public(copy, keys);
	ck_assert_ptr_nonnull(sigs);
	ldns_rr_list_cat(out, sigs);
	ldns_rr_list_free(sigs);
	ldns_rr_list_deep_free(copy);
	ldns_key_list_set_key_count(keys, 0); /* not the list's to free */
	ldns_key_list_free(keys);
}

/* An answer: the sections are taken over. */
static inline struct question
kit_answer(const char *name, ldns_rr_type type, int rcode, bool aa,
    ldns_rr_list *answer, ldns_rr_list *authority)
{
	struct question q = { .reply = NULL };
	ldns_pkt *p = ldns_pkt_new();

	ldns_pkt_set_qr(p, true);
	ldns_pkt_set_aa(p, aa);
	ldns_pkt_set_rcode(p, (uint8_t)rcode);
	ldns_pkt_push_rr(p, LDNS_SECTION_QUESTION, ldns_rr_new());
	ldns_rr_set_owner(ldns_rr_list_rr(ldns_pkt_question(p), 0),
	    ldns_dname_new_frm_str(name));
	ldns_rr_set_type(ldns_rr_list_rr(ldns_pkt_question(p), 0), type);
	ldns_rr_set_question(ldns_rr_list_rr(ldns_pkt_question(p), 0), true);
	if (answer != NULL)
		ldns_pkt_push_rr_list(p, LDNS_SECTION_ANSWER, answer);
	if (authority != NULL)
		ldns_pkt_push_rr_list(p, LDNS_SECTION_AUTHORITY, authority);
	ck_assert(ldns_pkt2wire(&q.reply, p, &q.reply_len) == LDNS_STATUS_OK);
	ldns_pkt_free(p);
	ldns_rr_list_free(answer);
	ldns_rr_list_free(authority);
	return q;
}

/* The DS of a key, as a resolver gave it. */
static inline struct ds
kit_ds(ldns_key *k, ldns_hash hash)
{
	ldns_rr *key = ldns_key2rr(k), *rr = ldns_key_rr2ds(key, hash);
	ldns_rdf *digest = ldns_rr_rdf(rr, 3);
	struct ds d = { .tag = ldns_calc_keytag(key),
		.algorithm = ldns_rdf2native_int8(ldns_rr_rdf(rr, 1)),
		.digest_type = (uint8_t)hash,
		.digest_len = (uint8_t)ldns_rdf_size(digest) };

	memcpy(d.digest, ldns_rdf_data(digest), d.digest_len);
	ldns_rr_free(key);
	ldns_rr_free(rr);
	return d;
}

/* What ends within it counts as ended. */
static int64_t kit_margin;

/* The judgement at NOW; ret_expires: the first end of a signature used. */
static inline void
kit_judge(const struct question *tlsa, const struct question *dnskey,
    const struct ds_set *ds, const char *owner, const char *zone,
    bool resolver_denies, struct glance *ret, time_t *ret_expires)
{
	struct judge_by by = { .owner = owner,
		.zone = zone,
		.ds = ds,
		.now = NOW,
		.margin = kit_margin,
		.resolver_denies = resolver_denies };
	struct answer_memo *memo = answer_memo_new();

	answer_judge(tlsa, dnskey, &by, memo, ret);
	answer_memo_free(memo);
	*ret_expires = ret->records_signed.until < ret->keys_signed.until
	    ? ret->records_signed.until
	    : ret->keys_signed.until;
}

#endif
