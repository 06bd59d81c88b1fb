/*
 * test_cover.c - which chains satisfy which record sets, rule by rule.
 * Certificates are letters: "LIR" is a chain of three; "311L 202I-" is a set:
 * usage, selector, matching type, of which certificate; with '-' one byte too
 * short.  A small letter is a certificate so short that records can hold it.
 */
#include "core_kit.h"

#include "core/cover.h"

static struct cover_cert
cert(char letter)
{
	struct cover_cert c;

	memset(&c, 0, sizeof(c));
	for (int selector = 0; selector < 2; selector++) {
		struct cover_der *d = &c.by[selector];
		int fill = letter + 128 * selector;

		memset(d->sha256, fill, sizeof(d->sha256));
		memset(d->sha512, fill, sizeof(d->sha512));
		d->len = TLSA_FOLDED;
		if (letter >= 'a') {
			d->len = 44;
			memset(d->data, fill, 44);
		}
	}
	return c;
}

static struct tlsa
record(const char *s)
{
	static const uint8_t LEN[] = { TLSA_FOLDED, 32, 64 };
	struct tlsa r = { (uint8_t)(s[0] - '0'), (uint8_t)(s[1] - '0'),
		(uint8_t)(s[2] - '0'), 32, { 0 } };
	int fill = s[3] + 128 * (r.selector == 1);

	if (r.mtype <= 2)
		r.len = LEN[r.mtype];
	if (r.mtype == 0 && s[3] >= 'a')
		r.len = 44;
	memset(r.data, fill, r.len == TLSA_FOLDED ? 32 : r.len);
	if (s[4] == '-')
		r.data[--r.len] = 0;
	return r;
}

static struct tlsa_set
set(const char *s)
{
	struct tlsa_set v = { .n = 0 };

	for (; s != NULL && *s != 0; s = strchr(s, ' ')) {
		struct tlsa r;

		s += *s == ' ';
		r = record(s);
		tlsa_set_add(&v, &r);
	}
	return v;
}

/* Of the first `path` there is a path, and the first `valid` are so. */
static struct cover_chain
chain(const char *letters, unsigned path, unsigned valid, bool names)
{
	struct cover_chain c;

	memset(&c, 0, sizeof(c));
	for (; *letters != 0; letters++, c.n++) {
		c.cert[c.n] = cert(*letters);
		c.path_ok[c.n] = c.n < path;
		c.dates_ok[c.n] = c.n < valid;
	}
	c.names_ok = names;
	return c;
}

/* "311L" of what is there, or "". */
static void
is_record(const struct tlsa *got, const char *want)
{
	struct tlsa r;

	if (*want == 0) {
		ck_assert_ptr_null(got);
		return;
	}
	r = record(want);
	ck_assert_ptr_nonnull(got);
	ck_assert_int_eq(tlsa_cmp(got, &r), 0);
}

/* ---- a chain in order: LIR, all of it good ---- */

/* clang-format off */
static const struct {
	const char *set;
	bool any;
	const char *each; /* the first that has none; "": none such */
} GOOD[] = {
	/* 1: no demand */
	{ "",                    true,  "" },
	/* 3: what cannot be used is as if it were not there */
	{ "011X",                true,  "" },
	{ "111L",                true,  "" },
	{ "011L 111L",           true,  "" },
	{ "411L",                true,  "" },
	{ "321X",                true,  "" },
	{ "313X",                true,  "" },
	{ "311L-",               true,  "" },
	{ "312L-",               true,  "" },
	{ "111L 311X",           false, "311X" },
	{ "111X 311L",           true,  "" },
	{ "311X 321L",           false, "311X" },
	{ "311X 313L",           false, "311X" },
	{ "311X 312L-",          false, "311X" },
	{ "311L 312X-",          true,  "" },
	/* 4: the best digest counts alone, of one usage and selector */
	{ "311L",                true,  "" },
	{ "311X",                false, "311X" },
	{ "311X 311L",           true,  "" },
	{ "311L 312X",           false, "312X" },
	{ "311X 312L",           true,  "311X" },
	{ "311L 312L 312X",      true,  "" },
	{ "311X 312X 311L",      false, "312X" },
	{ "311L 302X",           true,  "302X" },
	{ "301L 312X",           true,  "312X" },
	{ "311X 301L",           true,  "311X" },
	{ "211I 312X",           true,  "312X" },
	{ "211I 212X",           false, "212X" },
	{ "310L 312X",           true,  "312X" },
	{ "310X 311L",           true,  "310X" },
	{ "310L 311X",           true,  "311X" },
	{ "310X 311X 312X",      false, "310X" },
	/* 5: usage 3 is of the first */
	{ "301L",                true,  "" },
	{ "302L",                true,  "" },
	{ "300L",                true,  "" },
	{ "310L",                true,  "" },
	{ "312L",                true,  "" },
	{ "311I",                false, "311I" },
	{ "301R",                false, "301R" },
	{ "300I",                false, "300I" },
	/* 6: usage 2 is of another one that is sent */
	{ "211I",                true,  "" },
	{ "211R",                true,  "" },
	{ "201R",                true,  "" },
	{ "202I",                true,  "" },
	{ "200I",                true,  "" },
	{ "210R",                true,  "" },
	{ "211L",                false, "211L" },
	{ "201L",                false, "201L" },
	{ "200L",                false, "200L" },
	{ "211X",                false, "211X" },
	{ "211X 211R",           true,  "" },
	/* 7 and each: one will do; one of each will do for all */
	{ "311L 211X",           true,  "211X" },
	{ "311X 211R",           true,  "311X" },
	{ "311L 211R 201I 302L", true,  "" },
	{ "311X 211X",           false, "211X" },
};

/* What the laboratory found: one server that presents L, self-signed. */
static const struct {
	const char *set;
	bool any;
} ALONE[] = {
	{ "311L",           true },
	{ "311L 311N",      true },
	{ "311L 312N",      false },
	{ "311L 312L 312N", true },
	{ "311L 302N",      true },
	{ "211L",           false }, /* its own key is no issuer */
	{ "201L",           false },
	{ "200L",           false },
	{ "211R",           false }, /* nor is one that is not sent */
	{ "311L 211X-",     true },
	{ "311R",           false }, /* two keys, one record */
};

/* The next server presents N. */
static const char *const DOOMED[] = { "311L 312L 311N", "311L 312L" };

/* A chain that is not all good. */
static const struct {
	const char *set;
	unsigned path, valid;
	bool names, any;
} BAD[] = {
	{ "211I", 2, 3, true,  true  },
	{ "211R", 2, 3, true,  false },
	{ "211I", 1, 3, true,  false },
	{ "211I", 3, 2, true,  true  }, /* what comes above may be over */
	{ "211R", 3, 2, true,  false },
	{ "211I", 3, 1, true,  false },
	{ "211I", 3, 0, true,  false },
	{ "211I", 3, 3, false, false },
	{ "201R", 3, 3, false, false },
	{ "311L", 0, 0, false, true  },
	{ "301L", 0, 0, false, true  },
	{ "311X", 0, 0, false, false },
	{ "",     0, 0, false, true  },
};

/* clang-format on */

START_TEST(a_whole_chain_is_judged_by_every_rule)
{
	struct tlsa_set s = set(GOOD[_i].set);
	struct cover_chain c = chain("LIR", 3, 3, true);
	bool any = cover_any(&s, &c);
	const struct tlsa *none = cover_each(&s, &c);

	ck_assert_msg(any == GOOD[_i].any, "%s", GOOD[_i].set);
	is_record(none, GOOD[_i].each);
}
END_TEST

START_TEST(what_the_laboratory_found_is_so)
{
	struct tlsa_set s = set(ALONE[_i].set);
	struct cover_chain c = chain("L", 1, 1, true);

	ck_assert_msg(cover_any(&s, &c) == ALONE[_i].any, "%s", ALONE[_i].set);
}
END_TEST

START_TEST(a_key_without_the_best_digest_can_never_be_deployed)
{
	struct tlsa_set s = set(DOOMED[_i]);
	struct cover_chain c = chain("N", 1, 1, true);

	ck_assert(!cover_any(&s, &c));
	ck_assert_ptr_nonnull(cover_each(&s, &c));
}
END_TEST

START_TEST(usage_2_asks_for_path_dates_and_name)
{
	struct tlsa_set s = set(BAD[_i].set);
	struct cover_chain c = chain("LIR", BAD[_i].path, BAD[_i].valid,
	    BAD[_i].names);

	ck_assert_msg(cover_any(&s, &c) == BAD[_i].any, "%d", _i);
	is_record(cover_each(&s, &c), BAD[_i].any ? "" : BAD[_i].set);
}
END_TEST

/* clang-format off */
static const struct {
	const char *chain, *record;
	int path, valid;
	bool names;
	const char *why; /* NULL: it matches */
} LACK[] = {
	{ "LIR", "211I", 3, 3, true,  NULL },
	{ "LIR", "211R", 3, 3, true,  NULL },
	{ "LIR", "311X", 0, 0, false, NULL },
	{ "L",   "211I", 1, 1, true,  "no certificate of an issuer is sent" },
	{ "LIR", "211X", 3, 3, true,  "is another one" },
	{ "LIR", "211L", 3, 3, true,  "is another one" },
	{ "LIR", "201R", 2, 3, true,  "did not sign it" },
	{ "LIR", "211R", 3, 3, false, "the name of the host" },
	{ "LIR", "211R", 3, 2, true,  "not valid at this time" },
};
/* clang-format on */

START_TEST(why_an_issuer_is_not_accepted_is_said)
{
	struct tlsa_set s = set(LACK[_i].record);
	struct cover_chain c = chain(LACK[_i].chain, LACK[_i].path,
	    LACK[_i].valid, LACK[_i].names);
	const char *why = cover_lack(&s.rr[0], &c);

	if (LACK[_i].why == NULL)
		ck_assert_ptr_null(why);
	else
		ck_assert_msg(why != NULL && strstr(why, LACK[_i].why) != NULL,
		    "%d: %s", _i, why);
}
END_TEST

START_TEST(a_chain_of_nothing_satisfies_nothing)
{
	struct tlsa_set none = set(""), one = set("311L"), two = set("211L");
	struct cover_chain c = chain("L", 1, 1, true);

	c.n = 0;
	ck_assert(cover_any(&none, &c));
	ck_assert(!cover_any(&one, &c));
	ck_assert(!cover_any(&two, &c));
}
END_TEST

START_TEST(short_data_match_byte_by_byte)
{
	struct tlsa_set s = set("310a");
	struct cover_chain c = chain("a", 1, 1, true);

	ck_assert(cover_any(&s, &c));
	s.rr[0].data[43] ^= 1;
	ck_assert(!cover_any(&s, &c));
	s.rr[0].data[43] = 0;
	s.rr[0].len = 43;
	ck_assert(!cover_any(&s, &c));
}
END_TEST

/* A digest counts to its last byte; folded data are not a digest. */
START_TEST(nearly_the_data_is_not_the_data)
{
	static const char *const WHOLE[] = { "311L", "312L", "310L", "301L",
		"302L", "300L", "211I", "202R" };
	struct cover_chain c = chain("LIR", 3, 3, true);

	for (size_t i = 0; i < sizeof(WHOLE) / sizeof(WHOLE[0]); i++) {
		struct tlsa_set s = set(WHOLE[i]);
		int len = s.rr[0].mtype == 2 ? 64 : 32;

		ck_assert(cover_any(&s, &c));
		s.rr[0].data[len - 1] ^= 1;
		ck_assert(!cover_any(&s, &c));
		s.rr[0].data[len - 1] ^= 1;
		s.rr[0].selector ^= 1;
		ck_assert(!cover_any(&s, &c));
	}
}
END_TEST

START_TEST(each_needs_a_record_of_the_very_combination)
{
	struct tlsa_set s = set("301L 302X 311L 312L 211I 212X");
	struct cover_chain c = chain("LIR", 3, 3, true);

	is_record(cover_each(&s, &c), "212X");
	tlsa_set_remove(&s, cover_each(&s, &c));
	is_record(cover_each(&s, &c), "302X");
	tlsa_set_remove(&s, cover_each(&s, &c));
	is_record(cover_each(&s, &c), "");
}
END_TEST

static bool
is_usable(int usage, int selector, int mtype, int len)
{
	if (usage < 2 || usage > 3 || selector > 1)
		return false;
	return mtype == 0 || (mtype == 1 && len == 32) ||
	    (mtype == 2 && len == 64);
}

START_TEST(only_what_senders_know_is_usable)
{
	static const int FEW[] = { 0, 1, 2, 3, 4, 127, 255 };

	for (int i = 0; i < 7 * 7; i++)
		for (int mtype = 0; mtype < 256; mtype++)
			for (int len = 0; len <= TLSA_DATA; len++) {
				int usage = FEW[i / 7], selector = FEW[i % 7];
				struct tlsa r = { (uint8_t)usage,
					(uint8_t)selector, (uint8_t)mtype,
					(uint8_t)len, { 1 } };

				if (cover_unusable(&r) ==
				    is_usable(usage, selector, mtype, len))
					ck_abort_msg("%d %d %d %d", usage,
					    selector, mtype, len);
			}
}
END_TEST

/* ---- what gets worse for a sender ---- */

/* clang-format off */
static const struct {
	const char *was, *is, *worse; /* "": not worse, for "L" */
} CHANGES[] = {
	{ "",               "311L",                "" },
	{ "",               "311X",                "311X" },
	{ "311L",           "311L 311X",           "" },
	{ "311L",           "311X",                "311X" },
	/* a better digest, of the other key alone: the measured trap */
	{ "311L",           "311L 312X",           "312X" },
	{ "311L",           "311L 312L 312X 311X", "" },
	{ "311L 312L",      "311L",                "" },
	{ "311L 312L",      "312L",                "" },
	{ "311L 312L",      "311L 312X",           "312X" },
	{ "311L 312L",      "",                    "" },
	{ "311L",           "311L 302X",           "302X" },
	/* what was wrong before may be mended in steps */
	{ "311X",           "311X 311Y",           "" },
	{ "311X",           "311X 311L",           "" },
	{ "311L 301X",      "311L 301X 301Y",      "" },
	/* but nothing else may go wrong, not for those who know all */
	{ "311L 301X",      "311L 301X 312X",      "312X" },
	{ "311X 312L",      "311X",                "311X" },
	{ "311X 312L",      "311X 312L 111X",      "" },
	{ "311X 111L",      "311X",                "" },
};
/* clang-format on */

START_TEST(a_change_is_worse_when_a_kind_fails_that_did_not)
{
	struct tlsa_set was = set(CHANGES[_i].was), is = set(CHANGES[_i].is);
	struct cover_chain c = chain("L", 1, 1, true);

	is_record(cover_worse(&was, &is, &c), CHANGES[_i].worse);
}
END_TEST

/* ---- a key, and nothing else ---- */

START_TEST(of_a_key_alone_only_its_3_1_1_matches)
{
	static const char *const kinds[] = { "310L", "311L", "312L", "300L",
		"301L", "302L", "211L" };
	struct cover_cert whole = cert('L');
	struct spki key;
	struct cover_chain c;

	memcpy(key.sha256, whole.by[1].sha256, sizeof(key.sha256));
	c = cover_of_key(&key);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct tlsa_set s = set(kinds[i]);

		ck_assert_msg((cover_each(&s, &c) == NULL) ==
			(strcmp(kinds[i], "311L") == 0),
		    "%s", kinds[i]);
	}
}
END_TEST

/* An unknown digest is no digest of zeros. */
START_TEST(a_record_of_zeros_matches_nothing_that_is_unknown)
{
	struct spki key = K('L');
	struct cover_chain c = cover_of_key(&key);
	struct tlsa zeros[] = { { 3, 0, 1, 32, { 0 } }, { 3, 1, 2, 64, { 0 } },
		{ 3, 0, 2, 64, { 0 } }, { 3, 0, 0, 0, { 0 } } };

	for (size_t i = 0; i < 4; i++) {
		struct tlsa_set s = { .n = 0 };

		tlsa_set_add(&s, &zeros[i]);
		ck_assert_ptr_nonnull(cover_each(&s, &c));
		ck_assert(!cover_any(&s, &c));
	}
}
END_TEST

/* ---- bytes ---- */

/* As far as it goes: what stands behind its certificates is nothing. */
static bool
same(const struct cover_chain *a, const struct cover_chain *b)
{
	return a->n == b->n && a->names_ok == b->names_ok &&
	    memcmp(a->cert, b->cert, sizeof(a->cert)) == 0 &&
	    memcmp(a->path_ok, b->path_ok, sizeof(a->path_ok)) == 0 &&
	    memcmp(a->dates_ok, b->dates_ok, sizeof(a->dates_ok)) == 0;
}

START_TEST(a_chain_comes_back_from_its_bytes)
{
	struct cover_chain c = chain("LIr", 2, 1, true), back;
	uint8_t bytes[COVER_PACKED];
	size_t len;

	c.cert[1].key_only = true;
	len = cover_pack(&c, bytes);
	ck_assert_uint_eq(len, 2 + 3 * COVER_CERT_PACKED);
	ck_assert_int_eq(cover_parse(bytes, len, &back), 0);
	ck_assert(same(&c, &back));
	ck_assert(back.cert[1].key_only && !back.cert[0].key_only);
	for (size_t i = 0; i < len; i++) { /* every byte of it counts */
		bytes[i] ^= 1;
		if (cover_parse(bytes, len, &back) == 0)
			ck_assert_msg(!same(&c, &back), "byte %zu", i);
		bytes[i] ^= 1;
	}
	for (size_t i = 0; i < len; i++)
		ck_assert_int_eq(cover_parse(bytes, i, &back), -1);
	bytes[0] = COVER_CHAIN + 1;
	ck_assert_int_eq(cover_parse(bytes, len, &back), -1);
}
END_TEST

#define LOOP(t, test, table) \
	tcase_add_loop_test(t, test, 0, (int)(sizeof(table) / sizeof(table[0])))

int
main(void)
{
	Suite *s = suite_create("cover");
	TCase *t = tcase_create("rules");

	LOOP(t, a_whole_chain_is_judged_by_every_rule, GOOD);
	LOOP(t, what_the_laboratory_found_is_so, ALONE);
	LOOP(t, a_key_without_the_best_digest_can_never_be_deployed, DOOMED);
	LOOP(t, usage_2_asks_for_path_dates_and_name, BAD);
	tcase_add_loop_test(t, why_an_issuer_is_not_accepted_is_said, 0,
	    sizeof(LACK) / sizeof(LACK[0]));
	tcase_add_test(t, a_chain_of_nothing_satisfies_nothing);
	tcase_add_test(t, short_data_match_byte_by_byte);
	tcase_add_test(t, nearly_the_data_is_not_the_data);
	tcase_add_test(t, each_needs_a_record_of_the_very_combination);
	tcase_add_test(t, only_what_senders_know_is_usable);
	LOOP(t, a_change_is_worse_when_a_kind_fails_that_did_not, CHANGES);
	tcase_add_test(t, of_a_key_alone_only_its_3_1_1_matches);
	tcase_add_test(t, a_record_of_zeros_matches_nothing_that_is_unknown);
	tcase_add_test(t, a_chain_comes_back_from_its_bytes);
	suite_add_tcase(s, t);
	return kit_run(s);
}
