/*
 * test_answer_signed.c - signatures that OpenSSL checks without libldns: the
 * two never differ, whatever the set looks like and whichever byte is bent.
 */
#include "count_kit.h"

#include "edge/ssl_curve.h"

static ldns_key *key;
static struct question dnskey, tlsa;
static struct keyset fast, slow;

static void
read_keys(struct keyset *ret)
{
	struct ds_set ds = { .secure = true, .n = 1 };
	struct wire_name zone;
	struct wire_msg m;
	struct verified v;
	struct err e;

	ds.ds[0] = kit_ds(key, LDNS_SHA256);
	ck_assert(wire_name_parse(ZONE, &zone));
	ck_assert_int_eq(wire_open(dnskey.reply, dnskey.reply_len, &m, &e), 0);
	ck_assert_int_eq(keyset_verify(&m, &ds, &zone, NOW, 0, ret, &v, &e), 0);
	wire_release(&m);
}

static void
setup(void)
{
	ldns_rr_list *l = ldns_rr_list_new();

	key = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
	ldns_rr_list_push_rr(l, ldns_key2rr(key));
	ldns_rr_set_ttl(ldns_rr_list_rr(l, 0), 60);
	kit_sign(l, l, key, -DAY, DAY);
	dnskey = kit_answer(ZONE, LDNS_RR_TYPE_DNSKEY, 0, true, l, NULL);
	read_keys(&fast);
	read_keys(&slow);
	ck_assert_uint_eq(fast.n, 1);
	ck_assert_ptr_nonnull(fast.key[0].curve);
	curve_key_free(slow.key[0].curve);
	slow.key[0].curve = NULL;
}

static void
teardown(void)
{
	keyset_release(&fast);
	keyset_release(&slow);
	ask_release(&dnskey, 1);
	ask_release(&tlsa, 1);
	ldns_key_deep_free(key);
}

/* 0 or -1, and that both say so in the same words. */
static int
both(void)
{
	struct verified a = { .ttl = 0 }, b = { .ttl = 0 };
	struct err ea = { .kind = ERR_NONE }, eb = { .kind = ERR_NONE };
	struct verify v = { .section = WIRE_ANSWER,
		.type = LDNS_RR_TYPE_TLSA,
		.now = NOW };
	struct wire_msg m;
	int rc;

	ck_assert(wire_name_parse(OWNER, &v.owner));
	ck_assert(wire_name_parse(ZONE, &v.zone));
	if (wire_open(tlsa.reply, tlsa.reply_len, &m, &ea) < 0)
		return -1;
	v.m = &m;
	rc = verify_rrset(&v, &fast, &a, &ea);
	ck_assert_int_eq(verify_rrset(&v, &slow, &b, &eb), rc);
	ck_assert_str_eq(ea.text, eb.text);
	ck_assert(a.ttl == b.ttl && a.span.until == b.span.until);
	wire_release(&m);
	return rc;
}

#define OTHER_CASE "_25._TCP.mX1.example.org. 60 IN TLSA 3 1 1 " D1
#define LONG \
	OWNER " 60 IN TLSA 3 0 0 " D1 D2 D1 D2 D1 D2 D1 D2 D1 D2 D1 D2 D1 D2
#define SHORT OWNER " 60 IN TLSA 3 1 1 00"

/* clang-format off */
static const char *const SETS[][6] = {
	{ TLSA_1 },
	{ TLSA_1, TLSA_2 },
	{ TLSA_2, TLSA_1 },
	{ OTHER_CASE },
	{ LONG, TLSA_1, SHORT },
	{ SHORT, TLSA_2, OWNER " 60 IN TLSA 0 1 1 " D1, TLSA_1, LONG },
};
/* clang-format on */

/* Signed as it is; put into the answer in the order of the table, and with
 * its first record twice. */
static void
make(int i, bool twice)
{
	ldns_rr_list *l = kit_set(SETS[i]);
	ldns_rr *more = ldns_rr_clone(ldns_rr_list_rr(l, 0));

	kit_sign(l, l, key, -DAY, DAY);
	if (twice)
		ldns_rr_list_push_rr(l, more);
	else
		ldns_rr_free(more);
	tlsa = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 0, true, l, NULL);
}

START_TEST(what_is_signed_holds_with_both)
{
	unsigned before;

	make(_i / 2, _i % 2 != 0);
	before = kit_checks;
	ck_assert_int_eq(both(), 0);
	ck_assert_uint_eq(kit_checks - before, 2);
}
END_TEST

START_TEST(a_bent_byte_is_the_same_to_both)
{
	size_t good = 0;

	make(_i, false);
	for (size_t at = 12; at < tlsa.reply_len; at++)
		for (int bit = 1; bit < 256; bit <<= 3) {
			tlsa.reply[at] ^= (uint8_t)bit;
			good += both() == 0;
			tlsa.reply[at] ^= (uint8_t)bit;
		}
	/* of the question, a letter's case, a lower TTL: but not much */
	ck_assert_uint_lt(good, tlsa.reply_len);
	ck_assert_int_eq(both(), 0);
}
END_TEST

/* The RRSIG is the last record of the answer. */
START_TEST(a_signature_has_its_length)
{
	size_t len = 18 + 13 + CURVE_BYTES;
	uint8_t *p;

	make(0, false);
	tlsa.reply = realloc(tlsa.reply, tlsa.reply_len + 1);
	p = tlsa.reply + tlsa.reply_len - len - 2;
	ck_assert_uint_eq(wire_16(p), len);
	wire_put16(p, (unsigned)len + 1);
	tlsa.reply[tlsa.reply_len++] = 0;
	ck_assert_int_eq(both(), -1);
}
END_TEST

/* One in 256 has a number that begins with a zero byte. */
START_TEST(short_numbers_are_numbers)
{
	int found = 0;

	for (int i = 0; found < 3 && i < 20000; i++) {
		const uint8_t *rs;

		ask_release(&tlsa, 1);
		make(0, false);
		rs = tlsa.reply + tlsa.reply_len - CURVE_BYTES;
		if (rs[0] != 0 && rs[CURVE_BYTES / 2] != 0)
			continue;
		ck_assert_int_eq(both(), 0);
		found++;
	}
	ck_assert_int_eq(found, 3);
}
END_TEST

/* Numbers that are no signature, and no point of the curve. */
START_TEST(what_is_no_number_of_the_curve_is_refused)
{
	static const uint8_t digest[DIGEST_BYTES] = "signed";
	uint8_t rs[CURVE_BYTES];

	for (int byte = 0; byte < 256; byte += 51) {
		memset(rs, byte, sizeof(rs));
		ck_assert(!curve_holds(fast.key[0].curve, rs, digest));
		ck_assert_ptr_null(curve_key_new(rs));
	}
	memset(rs, 0, sizeof(rs));
	rs[31] = 1; /* s is 0 */
	ck_assert(!curve_holds(fast.key[0].curve, rs, digest));
	curve_key_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("answer_signed");
	TCase *tc = tcase_create("answer_signed");
	SRunner *sr;
	int failed, sets = (int)(sizeof(SETS) / sizeof(SETS[0]));

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, what_is_signed_holds_with_both, 0, 2 * sets);
	tcase_add_loop_test(tc, a_bent_byte_is_the_same_to_both, 0, sets);
	tcase_add_test(tc, a_signature_has_its_length);
	tcase_add_test(tc, short_numbers_are_numbers);
	tcase_add_test(tc, what_is_no_number_of_the_curve_is_refused);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
