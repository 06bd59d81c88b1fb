/*
 * test_answer_memo.c - what was verified once in a look is not verified again,
 * and never stands for anything else.
 */
#include "count_kit.h"

#include "base/text.h"
#include "edge/ssl_digest.h"

#define SOA_NSEC SOA, OWNER " 30 IN NSEC z.example.org. A RRSIG NSEC"

static struct answer_memo *memo;
static struct question tlsa, dnskey;
static struct ds_set ds;
static ldns_key *key, *other;
static struct judge_by by;
static struct glance g;

/* Signed by each of the keys, a day before and after now. */
static ldns_rr_list *
signed_set(const char *const *text, ldns_key *first, ldns_key *second)
{
	ldns_rr_list *l = kit_set(text), *sigs = ldns_rr_list_new();

	kit_sign(sigs, l, first, -DAY, DAY);
	if (second != NULL)
		kit_sign(sigs, l, second, -DAY, DAY);
	ldns_rr_list_cat(l, sigs);
	ldns_rr_list_free(sigs);
	return l;
}

static struct question
records(ldns_rr_list *l)
{
	return kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 0, true, l, NULL);
}

static struct question
two(void)
{
	static const char *const text[] = { TLSA_1, TLSA_2, NULL };

	return records(signed_set(text, key, NULL));
}

static struct question
denial(void)
{
	static const char *const text[] = { SOA_NSEC, NULL };
	ldns_rr_list *all = ldns_rr_list_new();

	for (int i = 0; i < 2; i++) {
		ldns_rr_list *l = signed_set((const char *const[]){ text[i],
						 NULL },
		    key, NULL);

		ldns_rr_list_cat(all, l);
		ldns_rr_list_free(l);
	}
	return kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 0, true, NULL, all);
}

/* Both keys, or only the first; signed by that one. */
static struct question
keys(ldns_key *first, ldns_key *second)
{
	ldns_rr_list *l = ldns_rr_list_new();

	ldns_rr_list_push_rr(l, ldns_key2rr(first));
	if (second != NULL)
		ldns_rr_list_push_rr(l, ldns_key2rr(second));
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++)
		ldns_rr_set_ttl(ldns_rr_list_rr(l, i), 60);
	kit_sign(l, l, first, -DAY, DAY);
	return kit_answer(ZONE, LDNS_RR_TYPE_DNSKEY, 0, true, l, NULL);
}

static void
setup(void)
{
	key = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
	other = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
	memo = answer_memo_new();
	tlsa = two();
	dnskey = keys(key, NULL);
	ds = (struct ds_set){ .secure = true, .n = 1 };
	ds.ds[0] = kit_ds(key, LDNS_SHA256);
	by = (struct judge_by){ .owner = OWNER,
		.zone = ZONE,
		.ds = &ds,
		.now = NOW,
		.resolver_denies = true };
}

static void
teardown(void)
{
	ask_release(&tlsa, 1);
	ask_release(&dnskey, 1);
	answer_memo_free(memo);
	ldns_key_deep_free(key);
	ldns_key_deep_free(other);
}

/* The judgement, and how many signatures it cost. */
static unsigned
cost(enum look want)
{
	unsigned before = kit_checks;

	answer_judge(&tlsa, &dnskey, &by, memo, &g);
	ck_assert_msg(g.look == want, "%s: %s", look_name(g.look), g.why);
	return kit_checks - before;
}

/* ---- what is the same ---- */

enum alike { SAME, OTHER_ID, TURNED, MORE, DENIED };

static void
bend_alike(enum alike how)
{
	ldns_pkt *p = NULL;
	ldns_rr_list *l;

	if (how == SAME || how == DENIED)
		return;
	ck_assert(ldns_wire2pkt(&p, tlsa.reply, tlsa.reply_len) ==
	    LDNS_STATUS_OK);
	ldns_pkt_set_id(p, 4711);
	l = ldns_pkt_answer(p);
	for (size_t i = 0, n = ldns_rr_list_rr_count(l);
	     how == TURNED && i < n / 2; i++)
		ldns_rr_list_set_rr(l,
		    ldns_rr_list_set_rr(l, ldns_rr_list_rr(l, i), n - 1 - i),
		    i);
	if (how == MORE)
		ldns_pkt_push_rr(p, LDNS_SECTION_AUTHORITY,
		    kit_rr(ZONE " 60 IN NS ns1.example.org."));
	ask_release(&tlsa, 1);
	ck_assert(ldns_pkt2wire(&tlsa.reply, p, &tlsa.reply_len) ==
	    LDNS_STATUS_OK);
	ldns_pkt_free(p);
}

START_TEST(what_several_say_alike_is_checked_once)
{
	enum look want = _i == DENIED ? LOOK_NONE : LOOK_SHOWN;
	struct glance first;

	if (_i == DENIED) {
		ask_release(&tlsa, 1);
		tlsa = denial();
	}
	ck_assert_uint_eq(cost(want), _i == DENIED ? 3 : 2);
	first = g;
	bend_alike((enum alike)_i);
	ck_assert_uint_eq(cost(want), 0);
	ck_assert(tlsa_set_eq(&g.set, &first.set) && g.ttl == first.ttl &&
	    g.records_signed.until == first.records_signed.until &&
	    g.keys_signed.from == first.keys_signed.from &&
	    g.one_signature == first.one_signature);
}
END_TEST

/* Listed in another order: the set of keys is checked, the records are not. */
START_TEST(keys_may_come_in_any_order)
{
	ask_release(&dnskey, 1);
	dnskey = keys(key, other);
	ck_assert_uint_eq(cost(LOOK_SHOWN), 2);
	ask_release(&dnskey, 1);
	ds.ds[0] = kit_ds(other, LDNS_SHA256);
	dnskey = keys(other, key);
	ck_assert_uint_eq(cost(LOOK_SHOWN), 1);
}
END_TEST

/* The keys of an authority are the same for every owner of the zone. */
START_TEST(keys_are_checked_once_for_many_owners)
{
	unsigned before;
	char name[HOST_NAME], text[256];

	cost(LOOK_SHOWN);
	before = kit_checks;
	for (int i = 0; i < 50; i++) {
		ask_release(&tlsa, 1);
		text_fmt(name, sizeof(name), "_%d._tcp.mx1.example.org.", i);
		text_fmt(text, sizeof(text), "%s 60 IN TLSA 3 1 1 " D1, name);
		tlsa = kit_answer(name, LDNS_RR_TYPE_TLSA, 0, true,
		    signed_set((const char *const[]){ text, NULL }, key, NULL),
		    NULL);
		by.owner = name;
		cost(LOOK_SHOWN);
	}
	ck_assert_uint_eq(kit_checks - before, 50);
}
END_TEST

/* ---- what is not ---- */

static bool
same_glance(const struct glance *a, const struct glance *b)
{
	return a->look == b->look && tlsa_set_eq(&a->set, &b->set) &&
	    a->ttl == b->ttl && strcmp(a->why, b->why) == 0 &&
	    a->records_signed.until == b->records_signed.until &&
	    a->keys_signed.until == b->keys_signed.until &&
	    a->one_signature == b->one_signature;
}

/* Any byte of either message, of a set and of a denial. */
START_TEST(a_memo_changes_no_outcome)
{
	struct question *q = _i % 2 == 0 ? &tlsa : &dnskey;
	struct answer_memo *fresh;
	struct glance plain;

	if (_i >= 2) {
		ask_release(&tlsa, 1);
		tlsa = denial();
	}
	cost(_i >= 2 ? LOOK_NONE : LOOK_SHOWN);
	for (size_t i = 0; i < q->reply_len; i++) {
		uint8_t flip = (uint8_t)(1 << (i % 8));

		q->reply[i] ^= flip;
		fresh = answer_memo_new();
		answer_judge(&tlsa, &dnskey, &by, fresh, &plain);
		answer_memo_free(fresh);
		answer_judge(&tlsa, &dnskey, &by, memo, &g);
		ck_assert_msg(same_glance(&g, &plain),
		    "byte %zu: %s (%s), without %s (%s)", i, look_name(g.look),
		    g.why, look_name(plain.look), plain.why);
		q->reply[i] ^= flip;
	}
}
END_TEST

enum differs {
	LATER,
	MARGIN,
	PAST_THE_END,
	MARGIN_PAST_THE_END,
	DS_GONE,
	DS_OTHER,
	DS_DIGEST,
	DS_MORE,
	DS_INSECURE,
	OTHER_KEYS,
	OTHER_ZONE,
	RESOLVER
};

/* clang-format off */
static const struct {
	enum differs how;
	enum look want;
	unsigned cost;
} DIFFERENT[] = {
	{ LATER,		LOOK_NONE,     3 },
	{ MARGIN,		LOOK_NONE,     3 },
	{ PAST_THE_END,		LOOK_BOGUS,    0 },
	{ MARGIN_PAST_THE_END,	LOOK_BOGUS,    0 },
	{ DS_GONE,		LOOK_UNSIGNED, 0 },
	{ DS_OTHER,		LOOK_BOGUS,    0 },
	{ DS_DIGEST,		LOOK_BOGUS,    0 },
	{ DS_MORE,		LOOK_NONE,     1 },
	{ DS_INSECURE,		LOOK_UNSIGNED, 0 },
	{ OTHER_KEYS,		LOOK_NONE,     3 },
	{ OTHER_ZONE,		LOOK_SILENT,   0 },
	{ RESOLVER,		LOOK_BOGUS,    0 },
};
/* clang-format on */

#define DIFFERENT_N ((int)(sizeof(DIFFERENT) / sizeof(DIFFERENT[0])))

static void
differ(enum differs how)
{
	by.now += how == LATER ? 1 : how == PAST_THE_END ? DAY + 1 : 0;
	by.margin = how == MARGIN ? 1 : 0;
	if (how == MARGIN_PAST_THE_END)
		by.margin = DAY + 1;
	if (how == DS_GONE)
		ds.n = 0;
	if (how == DS_OTHER)
		ds.ds[0] = kit_ds(other, LDNS_SHA256);
	if (how == DS_DIGEST)
		ds.ds[0].digest[31] ^= 1;
	if (how == OTHER_ZONE)
		by.zone = "org.";
	if (how == DS_MORE)
		ds.ds[ds.n++] = kit_ds(other, LDNS_SHA256);
	if (how == DS_INSECURE)
		ds.secure = false;
	if (how == OTHER_KEYS) {
		ask_release(&dnskey, 1);
		dnskey = keys(key, other);
	}
	if (how == RESOLVER)
		by.resolver_denies = false;
}

START_TEST(what_was_verified_stands_for_nothing_else)
{
	ask_release(&tlsa, 1);
	tlsa = denial();
	ck_assert_uint_eq(cost(LOOK_NONE), 3);
	differ(DIFFERENT[_i].how);
	ck_assert_uint_eq(cost(DIFFERENT[_i].want), DIFFERENT[_i].cost);
}
END_TEST

/* The records verified under keys that this authority does not have. */
START_TEST(a_verdict_belongs_to_the_keys_it_was_made_with)
{
	cost(LOOK_SHOWN);
	ask_release(&dnskey, 1);
	dnskey = keys(other, NULL);
	ds.ds[0] = kit_ds(other, LDNS_SHA256);
	cost(LOOK_BOGUS);
	ck_assert_ptr_nonnull(strstr(g.why, "not among"));
}
END_TEST

/* One key pair may serve two zones: who signed is not only a matter of keys. */
START_TEST(a_verdict_belongs_to_the_zone_it_was_made_for)
{
	ldns_rr_list *l = ldns_rr_list_new();

	cost(LOOK_SHOWN);
	ask_release(&dnskey, 1);
	ldns_rdf_deep_free(ldns_key_pubkey_owner(key));
	ldns_key_set_pubkey_owner(key,
	    ldns_dname_new_frm_str("mx1.example.org."));
	ldns_rr_list_push_rr(l, ldns_key2rr(key));
	ldns_rr_set_ttl(ldns_rr_list_rr(l, 0), 60);
	kit_sign(l, l, key, -DAY, DAY);
	dnskey = kit_answer("mx1.example.org.", LDNS_RR_TYPE_DNSKEY, 0, true, l,
	    NULL);
	ds.ds[0] = kit_ds(key, LDNS_SHA256);
	by.zone = "mx1.example.org.";
	cost(LOOK_BOGUS);
	ck_assert_ptr_nonnull(strstr(g.why, "another zone"));
}
END_TEST

/* A whole certificate does not fit into the memo. */
START_TEST(a_long_record_is_checked_each_time)
{
	uint8_t bytes[3000] = { 3, 0, 0, 48 };
	ldns_rr_list *l = ldns_rr_list_new();
	ldns_rr *rr = kit_rr(TLSA_1);

	while (ldns_rr_rd_count(rr) > 0)
		ldns_rdf_deep_free(ldns_rr_pop_rdf(rr));
	ldns_rr_push_rdf(rr,
	    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_HEX, sizeof(bytes), bytes));
	ldns_rr_list_push_rr(l, rr);
	kit_sign(l, l, key, -DAY, DAY);
	ask_release(&tlsa, 1);
	tlsa = records(l);
	ck_assert_uint_eq(cost(LOOK_SHOWN), 2);
	ck_assert_uint_eq(cost(LOOK_SHOWN), 1);
	tlsa.reply[1500] ^= 1;
	ck_assert_uint_eq(cost(LOOK_BOGUS), 1);
}
END_TEST

START_TEST(what_is_bad_is_not_remembered)
{
	static const char *const text[] = { TLSA_1, NULL };

	cost(LOOK_SHOWN);
	ask_release(&tlsa, 1);
	tlsa = records(signed_set(text, key, NULL));
	tlsa.reply[tlsa.reply_len - 1] ^= 1;
	ck_assert_uint_eq(cost(LOOK_BOGUS), 1);
	ck_assert_uint_eq(cost(LOOK_BOGUS), 1);
	dnskey.reply[dnskey.reply_len - 1] ^= 1;
	ck_assert_uint_eq(cost(LOOK_BOGUS), 1);
	ck_assert_uint_eq(cost(LOOK_BOGUS), 1);
}
END_TEST

/* Of more than eight the first eight count: then their order says something. */
START_TEST(of_more_than_eight_signatures_nothing_is_remembered)
{
	static const char *const text[] = { TLSA_1, NULL };
	ldns_rr_list *l = kit_set(text), *sigs = ldns_rr_list_new();

	for (int i = 0; i < 8 + _i; i++)
		kit_sign(sigs, l, key, -DAY - i, DAY);
	ldns_rr_list_cat(l, sigs);
	ldns_rr_list_free(sigs);
	ask_release(&tlsa, 1);
	tlsa = records(l);
	ck_assert_uint_eq(cost(LOOK_SHOWN), 1 + 8);
	ck_assert_uint_eq(cost(LOOK_SHOWN), _i == 0 ? 0 : 8);
}
END_TEST

/* ---- the room ---- */

static void
number_key(uint8_t k[MEMO_KEY], unsigned n)
{
	ldns_sha256((const uint8_t *)&n, sizeof(n), k);
}

START_TEST(a_full_memo_forgets_and_never_mistakes)
{
	struct verify of = { .now = NOW, .memo = memo };
	struct verified v = { .ttl = 0 };
	uint8_t k[MEMO_KEY];
	unsigned kept = 0;

	for (unsigned i = 0; i < 20000; i++) {
		v.ttl = i;
		number_key(k, i);
		memo_rrset_note(&of, k, &v);
		ck_assert(memo_rrset(&of, k, &v) && v.ttl == i);
	}
	for (unsigned i = 0; i < 20000; i++) {
		number_key(k, i);
		if (memo_rrset(&of, k, &v)) {
			ck_assert_uint_eq(v.ttl, i);
			kept++;
		}
	}
	ck_assert_uint_gt(kept, 100);
	ck_assert_uint_le(kept, 1024);
}
END_TEST

START_TEST(keys_that_are_forgotten_are_released)
{
	for (int i = 0; i < 200; i++) {
		by.now++;
		ck_assert_uint_eq(cost(LOOK_SHOWN), 2);
	}
	by.now -= 199;
	ck_assert_uint_le(cost(LOOK_SHOWN), 2);
	answer_memo_free(NULL);
}
END_TEST

/* FIPS 180-2, appendix B.1; in pieces, and once more. */
START_TEST(a_digest_is_that_of_all_that_was_put)
{
	static const uint8_t abc[4] = { 0xba, 0x78, 0x16, 0xbf };
	struct digest *d = digest_new();
	uint8_t got[DIGEST_BYTES];

	for (int i = 0; i < 2; i++) {
		digest_begin(d);
		digest_put(d, "forgotten", 9);
		digest_begin(d);
		digest_put(d, "a", 1);
		digest_put(d, "bc", 2);
		ck_assert(digest_end(d, got));
		ck_assert_mem_eq(got, abc, 4);
	}
	digest_free(d);
	digest_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("answer_memo");
	TCase *tc = tcase_create("answer_memo");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, what_several_say_alike_is_checked_once, 0,
	    DENIED + 1);
	tcase_add_test(tc, a_digest_is_that_of_all_that_was_put);
	tcase_add_test(tc, keys_may_come_in_any_order);
	tcase_add_test(tc, keys_are_checked_once_for_many_owners);
	tcase_add_loop_test(tc, a_memo_changes_no_outcome, 0, 4);
	tcase_add_loop_test(tc, what_was_verified_stands_for_nothing_else, 0,
	    DIFFERENT_N);
	tcase_add_test(tc, a_verdict_belongs_to_the_keys_it_was_made_with);
	tcase_add_test(tc, a_verdict_belongs_to_the_zone_it_was_made_for);
	tcase_add_test(tc, a_long_record_is_checked_each_time);
	tcase_add_test(tc, what_is_bad_is_not_remembered);
	tcase_add_loop_test(tc,
	    of_more_than_eight_signatures_nothing_is_remembered, 0, 2);
	tcase_add_test(tc, a_full_memo_forgets_and_never_mistakes);
	tcase_add_test(tc, keys_that_are_forgotten_are_released);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
