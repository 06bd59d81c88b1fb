/*
 * test_answer_past.c - what earlier looks verified: it spares arithmetic, can
 * only make the agent more careful, and is nothing when it is damaged.
 */
#include "count_kit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

static char top[256], path[280];
static struct question tlsa, dnskey;
static struct ds_set ds;
static ldns_key *key, *other;
static struct judge_by by;
static struct glance g;

static ldns_rr_list *
records(void)
{
	static const char *const text[] = { TLSA_1, TLSA_2, NULL };

	return kit_set(text);
}

static void
answer(ldns_rr_list *l)
{
	ask_release(&tlsa, 1);
	tlsa = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 0, true, l, NULL);
}

/* Signed from a day ago until `until`, and by a second signature. */
static void
signed_until(long until, ldns_key *second, long until_2)
{
	ldns_rr_list *l = records(), *sigs = ldns_rr_list_new();

	kit_sign(sigs, l, key, -DAY, until);
	if (second != NULL)
		kit_sign(sigs, l, second, -DAY, until_2);
	ldns_rr_list_cat(l, sigs);
	ldns_rr_list_free(sigs);
	answer(l);
}

static void
keys_are(ldns_key *first, ldns_key *second)
{
	ldns_rr_list *l = ldns_rr_list_new();

	ldns_rr_list_push_rr(l, ldns_key2rr(first));
	if (second != NULL)
		ldns_rr_list_push_rr(l, ldns_key2rr(second));
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++)
		ldns_rr_set_ttl(ldns_rr_list_rr(l, i), 60);
	kit_sign(l, l, first, -9 * DAY, 30 * DAY);
	ask_release(&dnskey, 1);
	dnskey = kit_answer(ZONE, LDNS_RR_TYPE_DNSKEY, 0, true, l, NULL);
}

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	text_fmt(top, sizeof(top), "%s/past.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	text_fmt(path, sizeof(path), "%s/verified", top);
	key = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
	other = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
	keys_are(key, NULL);
	signed_until(DAY, NULL, 0);
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
	ldns_key_deep_free(key);
	ldns_key_deep_free(other);
	unlink(path);
	rmdir(top);
}

/* One look of its own; how many signatures it cost. */
static unsigned
look(enum look want)
{
	struct answer_past *past = answer_past_read(path);
	struct answer_memo *memo = answer_memo_new();
	unsigned before = kit_checks;
	struct err e;

	answer_memo_recall(memo, past);
	answer_judge(&tlsa, &dnskey, &by, memo, &g);
	ck_assert_msg(g.look == want, "%s: %s", look_name(g.look), g.why);
	answer_memo_keep(memo);
	ck_assert_int_eq(answer_past_write(past, path, by.now, &e), 0);
	answer_memo_free(memo);
	answer_past_free(past);
	return kit_checks - before;
}

/* ---- what is spared ---- */

START_TEST(what_did_not_change_is_verified_once)
{
	struct glance first;

	ck_assert_uint_eq(look(LOOK_SHOWN), 2);
	first = g;
	by.now += 900;
	/* The keys are anchored anew. */
	ck_assert_uint_eq(look(LOOK_SHOWN), 1);
	ck_assert(tlsa_set_eq(&g.set, &first.set) && g.ttl == first.ttl);
	ck_assert_int_eq(g.records_signed.from, NOW - DAY);
	ck_assert_int_eq(g.records_signed.until, NOW + DAY);
}
END_TEST

START_TEST(what_changed_is_verified_anew)
{
	look(LOOK_SHOWN);
	if (_i == 0) { /* signed again */
		signed_until(2 * DAY, NULL, 0);
		ck_assert_uint_eq(look(LOOK_SHOWN), 2);
		ck_assert_int_eq(g.records_signed.until, NOW + 2 * DAY);
	} else { /* one byte of the signature */
		tlsa.reply[tlsa.reply_len - 20] ^= 1;
		ck_assert_uint_eq(look(LOOK_BOGUS), 2);
		ck_assert_uint_eq(look(LOOK_BOGUS), 2);
	}
}
END_TEST

/* ---- when it is not used ---- */

/* Before it began, at its end, and within the margin of it. */
START_TEST(a_verdict_lasts_as_long_as_its_signature)
{
	static const struct {
		long now, margin;
		enum look want;
	} at[] = {
		{ DAY, 0, LOOK_SHOWN },
		{ DAY + 1, 0, LOOK_BOGUS },
		{ DAY - 300, 300, LOOK_SHOWN },
		{ DAY - 299, 300, LOOK_BOGUS },
		{ -DAY, 0, LOOK_SHOWN },
		{ -DAY - 1, 0, LOOK_BOGUS },
	};

	look(LOOK_SHOWN);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct answer_past *past = answer_past_read(path);
		struct answer_memo *memo = answer_memo_new();

		by.now = NOW + at[i].now;
		by.margin = at[i].margin;
		answer_memo_recall(memo, past);
		answer_judge(&tlsa, &dnskey, &by, memo, &g);
		ck_assert_msg(g.look == at[i].want, "row %zu: %s", i, g.why);
		answer_memo_free(memo);
		answer_past_free(past);
	}
}
END_TEST

/* The same records, signed by a key that the zone has no more, or that no DS
 * vouches for. */
START_TEST(other_keys_know_nothing_of_it)
{
	look(LOOK_SHOWN);
	if (_i == 0)
		keys_are(other, NULL);
	ds.ds[0] = kit_ds(other, LDNS_SHA256);
	look(LOOK_BOGUS);
	if (_i == 1) { /* one key more: another set of keys */
		keys_are(other, key);
		ck_assert_uint_eq(look(LOOK_SHOWN), 2);
	}
}
END_TEST

/* A signature that did not hold may hold later, with a longer TTL. */
START_TEST(only_what_held_as_a_whole_is_kept)
{
	signed_until(DAY, other, DAY);
	ck_assert_uint_eq(look(LOOK_SHOWN), 2);
	ck_assert_uint_eq(look(LOOK_SHOWN), 2);
	keys_are(key, other);
	ck_assert_uint_eq(look(LOOK_SHOWN), 3);
	ck_assert_uint_eq(look(LOOK_SHOWN), 1);
}
END_TEST

/* Taken for a name of its own, it would be given one, and hide the wildcard. */
START_TEST(what_is_of_a_wildcard_is_so_in_the_next_look_too)
{
	static const char *const wild[] = {
		"*.mx1.example.org. 60 IN TLSA 3 1 1 " D1, NULL
	};
	static const char *const span[] = {
		"mx1.example.org. 45 IN NSEC ns1.example.org. A RRSIG NSEC",
		NULL
	};
	ldns_rr_list *l = kit_set(wild), *proof = kit_set(span);

	kit_sign(l, l, key, -DAY, DAY);
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++) {
		ldns_rdf_deep_free(ldns_rr_owner(ldns_rr_list_rr(l, i)));
		ldns_rr_set_owner(ldns_rr_list_rr(l, i),
		    ldns_dname_new_frm_str(OWNER));
	}
	kit_sign(proof, proof, key, -DAY, DAY);
	ask_release(&tlsa, 1);
	tlsa = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 0, true, l, proof);
	for (int i = 0; i < 3; i++, by.now += 900) {
		look(LOOK_SHOWN);
		ck_assert_str_eq(g.source, "*.mx1.example.org.");
	}
}
END_TEST

/* ---- the file ---- */

START_TEST(a_damaged_file_is_as_if_there_were_none)
{
	uint8_t *p, *bent;
	struct err e;
	size_t len;

	look(LOOK_SHOWN);
	p = (uint8_t *)file_read(path, 10000, &len, &e);
	ck_assert_ptr_nonnull(p);
	bent = malloc(len + 1);
	for (size_t i = 0; i < 2 * len; i++) {
		size_t n = i < len ? len : i - len;
		struct answer_past *past;
		struct verified v;

		memcpy(bent, p, len);
		if (i < len)
			bent[i] ^= 0x10;
		ck_assert_int_eq(file_replace(path, bent, n, 0600, (uid_t)-1,
				     (gid_t)-1, &e),
		    0);
		past = answer_past_read(path);
		/* under the key that stands in the undamaged file */
		ck_assert_msg(!answer_past_find(past, p + 20, NOW, 0, &v),
		    "byte %zu", i);
		answer_past_free(past);
	}
	free(bent);
	free(p);
	ck_assert_uint_eq(look(LOOK_SHOWN), 2);
}
END_TEST

START_TEST(a_file_of_others_is_not_believed)
{
	look(LOOK_SHOWN);
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_uint_eq(look(LOOK_SHOWN), 2);
}
END_TEST

static bool
is_kept(const uint8_t k[PAST_KEY], time_t now)
{
	struct answer_past *past = answer_past_read(path);
	struct verified v;
	bool found = answer_past_find(past, k, now, 0, &v);

	answer_past_free(past);
	return found;
}

static void
write_unused(time_t now)
{
	struct answer_past *past = answer_past_read(path);
	struct err e;

	ck_assert_int_eq(answer_past_write(past, path, now, &e), 0);
	answer_past_free(past);
}

START_TEST(what_nobody_asks_for_goes_and_what_ended)
{
	struct answer_past *past = answer_past_read(path);
	struct verified v = { .ttl = 60,
		.span = { NOW - DAY, NOW + (_i == 0 ? 30 : 1) * DAY } };
	uint8_t k[PAST_KEY] = { 1 };
	struct err e;

	answer_past_add(past, k, &v);
	ck_assert_int_eq(answer_past_write(past, path, NOW, &e), 0);
	answer_past_free(past);
	ck_assert(is_kept(k, NOW));
	write_unused(NOW + DAY);
	ck_assert(is_kept(k, NOW + DAY));
	write_unused(NOW + (_i == 0 ? 4 : 1) * DAY + 1);
	ck_assert(!is_kept(k, NOW));
}
END_TEST

/* The file is a cache: a pass in which nothing changed does not write it. */
START_TEST(what_did_not_change_is_not_written)
{
	struct stat was, is;

	look(LOOK_SHOWN);
	ck_assert_int_eq(stat(path, &was), 0);
	by.now += 60;
	look(LOOK_SHOWN);
	ck_assert_int_eq(stat(path, &is), 0);
	ck_assert(was.st_ino == is.st_ino);
	ck_assert_uint_eq(is.st_mode & 07777, 0600);
	signed_until(3 * DAY, NULL, 0);
	look(LOOK_SHOWN);
	ck_assert_int_eq(stat(path, &is), 0);
	ck_assert(was.st_ino != is.st_ino);
}
END_TEST

START_TEST(many_are_found_each)
{
	struct answer_past *past = answer_past_read(path);
	struct verified v = { .ttl = 0, .span = { NOW - DAY, NOW + DAY } };
	uint8_t k[PAST_KEY];
	struct err e;

	for (unsigned i = 0; i < 5000; i++) {
		ldns_sha256((const uint8_t *)&i, sizeof(i), k);
		v.ttl = i;
		answer_past_add(past, k, &v);
	}
	ck_assert_int_eq(answer_past_write(past, path, NOW, &e), 0);
	answer_past_free(past);
	past = answer_past_read(path);
	for (unsigned i = 0; i < 6000; i++) {
		ldns_sha256((const uint8_t *)&i, sizeof(i), k);
		ck_assert(answer_past_find(past, k, NOW, 0, &v) == (i < 5000));
		ck_assert(i >= 5000 || v.ttl == i);
	}
	answer_past_free(past);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("answer_past");
	TCase *tc = tcase_create("answer_past");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_did_not_change_is_verified_once);
	tcase_add_loop_test(tc, what_changed_is_verified_anew, 0, 2);
	tcase_add_test(tc, a_verdict_lasts_as_long_as_its_signature);
	tcase_add_loop_test(tc, other_keys_know_nothing_of_it, 0, 2);
	tcase_add_test(tc, only_what_held_as_a_whole_is_kept);
	tcase_add_test(tc, what_is_of_a_wildcard_is_so_in_the_next_look_too);
	tcase_add_test(tc, a_damaged_file_is_as_if_there_were_none);
	tcase_add_test(tc, a_file_of_others_is_not_believed);
	tcase_add_loop_test(tc, what_nobody_asks_for_goes_and_what_ended, 0, 2);
	tcase_add_test(tc, what_did_not_change_is_not_written);
	tcase_add_test(tc, many_are_found_each);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
