/*
 * test_answer_alias.c - names that stand for others, and wildcards that stand
 * for names: believed when they are signed and nothing stands closer.
 */
#include "answer_kit.h"

#define TLSA LDNS_RR_TYPE_TLSA
#define A LDNS_RR_TYPE_A
#define WILD "*.mx1.example.org. 60 IN TLSA 3 1 1 " D1
#define TO "tlsa.prov.test."
#define NSEC(owner, next) owner " 45 IN NSEC " next " A RRSIG NSEC"
#define LONG "a23456789012345678901234567890123456789012345678901234567890123."

static ldns_key *key;
static struct question said, dnskey;
static struct ds_set ds;
static struct glance g;

static void
setup(void)
{
	ldns_rr_list *l = ldns_rr_list_new();

	key = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
	ldns_rr_list_push_rr(l, ldns_key2rr(key));
	ldns_rr_set_ttl(ldns_rr_list_rr(l, 0), 60);
	kit_sign(l, l, key, -DAY, DAY);
	dnskey = kit_answer(ZONE, LDNS_RR_TYPE_DNSKEY, 0, true, l, NULL);
	ds = (struct ds_set){ .secure = true, .n = 1 };
	ds.ds[0] = kit_ds(key, LDNS_SHA256);
}

static void
teardown(void)
{
	ask_release(&said, 1);
	ask_release(&dnskey, 1);
	ldns_key_deep_free(key);
}

static void
set_owner(ldns_rr *rr, const char *name)
{
	ldns_rdf_deep_free(ldns_rr_owner(rr));
	ldns_rr_set_owner(rr, ldns_dname_new_frm_str(name));
}

/* Each record a set of its own, signed unless it begins with "!"; with "="
 * it is shown at the owner, as a wildcard is. */
static ldns_rr_list *
sets(const char *const *text)
{
	ldns_rr_list *all = ldns_rr_list_new();

	for (; *text != NULL; text++) {
		bool plain = **text == '!', wild = **text == '=';
		ldns_rr_list *l = ldns_rr_list_new();

		ldns_rr_list_push_rr(l, kit_rr(*text + (plain || wild)));
		if (!plain)
			kit_sign(l, l, key, -DAY, DAY);
		for (size_t i = 0; wild && i < ldns_rr_list_rr_count(l); i++)
			set_owner(ldns_rr_list_rr(l, i), OWNER);
		ldns_rr_list_cat(all, l);
		ldns_rr_list_free(l);
	}
	return all;
}

static void
judge(const char *name, enum rrtype type, const char *const *answer,
    const char *const *authority)
{
	struct judge_by by = { .owner = name,
		.zone = ZONE,
		.ds = &ds,
		.now = NOW,
		.type = type,
		.resolver_denies = true };
	struct answer_memo *memo = answer_memo_new();

	said = kit_answer(name, (ldns_rr_type)(type == 0 ? TYPE_TLSA : type), 0,
	    true, sets(answer), sets(authority));
	memset(&g, 0x55, sizeof(g));
	answer_judge(&said, &dnskey, &by, memo, &g);
	answer_memo_free(memo);
}

/* ---- aliases ---- */

/* clang-format off */
static const struct {
	const char *answer[4];
	const char *to; /* NULL: it is bogus */
	const char *why;
} ALIASES[] = {
	{ { OWNER " 60 IN CNAME " TO }, TO, "" },
	{ { OWNER " 60 IN CNAME TLSA.prov.TEST." }, TO, "" },
	/* what stands further down the chain is asked for on its own */
	{ { OWNER " 60 IN CNAME b.example.org.",
	    "b.example.org. 60 IN CNAME " TO,
	    "!" TO " 60 IN TLSA 3 1 1 " D1 }, "b.example.org.", "" },
	{ { OWNER " 60 IN CNAME b.example.org.",
	    "!b.example.org. 60 IN DNAME a.test." }, "b.example.org.", "" },
	/* nothing stands beside an alias, whichever a sender would take */
	{ { OWNER " 60 IN CNAME " TO, TLSA_1 }, NULL, "beside it" },
	{ { TLSA_1, OWNER " 60 IN CNAME " TO }, NULL, "beside it" },
	{ { OWNER " 60 IN CNAME " TO, "!" OWNER " 60 IN TXT a" }, NULL,
	    "beside it" },
	{ { "mx1.example.org. 60 IN DNAME prov.test.", TLSA_1 }, NULL,
	    "beside it" },
	{ { "!" OWNER " 60 IN CNAME " TO }, NULL, "its alias: no signature" },
	{ { OWNER " 60 IN CNAME " TO, "!" OWNER " 60 IN CNAME a.test." },
	    NULL, "more than one" },
	{ { OWNER " 60 IN CNAME a\\ b.test." }, NULL, "other letters" },
	/* above the name; the CNAME that is made of it is not looked at */
	{ { "mx1.example.org. 60 IN DNAME prov.test." },
	    "_25._tcp.prov.test.", "" },
	{ { "mx1.example.org. 60 IN DNAME prov.test.",
	    "!" OWNER " 60 IN CNAME evil.test." }, "_25._tcp.prov.test.", "" },
	{ { "mx1.example.org. 60 IN DNAME ." }, "_25._tcp.", "" },
	{ { "!mx1.example.org. 60 IN DNAME prov.test.",
	    OWNER " 60 IN CNAME evil.test." }, NULL, "its alias: no sig" },
	{ { "mx1.example.org. 60 IN DNAME " LONG LONG LONG
	    "a2345678901234567890123456789012345678901234567890123456." },
	    NULL, "too long" },
	/* whatever this zone signs, it says nothing of the one above */
	{ { "org. 60 IN DNAME prov.test." }, NULL, "not in the zone" },
	{ { "!org. 60 IN DNAME prov.test." }, NULL, "not in the zone" },
	{ { "example.org. 60 IN DNAME prov.test." },
	    "_25._tcp.mx1.prov.test.", "" },
};
/* clang-format on */

#define ALIASES_N ((int)(sizeof(ALIASES) / sizeof(ALIASES[0])))

START_TEST(an_alias_is_believed_when_it_is_signed)
{
	static const char *const nothing[] = { NULL };

	judge(OWNER, 0, ALIASES[_i].answer, nothing);
	if (ALIASES[_i].to != NULL) {
		ck_assert_msg(g.look == LOOK_SHOWN, "row %d: %s", _i, g.why);
		ck_assert_str_eq(g.alias, ALIASES[_i].to);
		ck_assert_str_eq(g.source, "");
		ck_assert_uint_eq(g.ttl, 60);
		ck_assert_int_eq(g.records_signed.until, NOW + DAY);
	} else {
		ck_assert_msg(g.look == LOOK_BOGUS, "row %d", _i);
		ck_assert_msg(strstr(g.why, ALIASES[_i].why) != NULL,
		    "row %d: %s", _i, g.why);
		ck_assert_str_eq(g.alias, "");
	}
	ck_assert_uint_eq(g.set.n, 0);
}
END_TEST

/* A DNAME says nothing of its own name. */
START_TEST(a_dname_at_the_name_itself_is_no_alias)
{
	static const char *const dname[] = { OWNER " 60 IN DNAME a.test.",
		NULL };
	static const char *const denial[] = { SOA,
		NSEC(OWNER, "z.example.org."), NULL };

	judge(OWNER, 0, dname, denial);
	ck_assert_msg(g.look == LOOK_NONE, "%s", g.why);
}
END_TEST

/* ---- the name of the host itself ---- */

/* clang-format off */
static const struct {
	const char *answer[3], *denial[3];
	enum look want;
	const char *to;
} BASES[] = {
	{ { "mx1.example.org. 60 IN A 192.0.2.1" }, { NULL }, LOOK_NONE, "" },
	{ { "!mx1.example.org. 60 IN A 192.0.2.1" }, { NULL }, LOOK_BOGUS, "" },
	{ { "mx1.example.org. 60 IN CNAME " TO }, { NULL }, LOOK_SHOWN, TO },
	{ { "mx1.example.org. 60 IN CNAME " TO, "!" TO " 9 IN A 192.0.2.1" },
	    { NULL }, LOOK_SHOWN, TO },
	{ { NULL }, { SOA, "mx1.example.org. 45 IN NSEC z.example.org. AAAA" },
	    LOOK_NONE, "" },
	{ { NULL }, { SOA, "mx1.example.org. 45 IN NSEC z.example.org. A" },
	    LOOK_BOGUS, "" },
};
/* clang-format on */

#define BASES_N ((int)(sizeof(BASES) / sizeof(BASES[0])))

START_TEST(addresses_tell_that_no_alias_is_there)
{
	judge("mx1.example.org.", TYPE_A, BASES[_i].answer, BASES[_i].denial);
	ck_assert_msg(g.look == BASES[_i].want, "row %d: %s: %s", _i,
	    look_name(g.look), g.why);
	ck_assert_str_eq(g.alias, BASES[_i].to);
	ck_assert_uint_eq(g.set.n, 0);
}
END_TEST

START_TEST(an_alias_is_read_out_of_an_answer)
{
	static const char *const text[] = { "!" OWNER " 60 IN CNAME " TO,
		"!" TO " 60 IN CNAME b.test.", NULL };
	static const char *const nothing[] = { NULL };
	char to[HOST_NAME] = "";

	judge(OWNER, 0, text, nothing);
	ck_assert(answer_alias(&said, OWNER, to));
	ck_assert_str_eq(to, TO);
	ck_assert(!answer_alias(&said, "b.test.", to));
	ask_release(&said, 1);
	ck_assert(!answer_alias(&said, OWNER, to));
}
END_TEST

/* ---- wildcards ---- */

/* clang-format off */
static const struct {
	const char *answer[3], *proof[3];
	const char *source; /* NULL: it is bogus */
	const char *why;
} WILDS[] = {
	/* an interval over the name that ends outside of what is denied */
	{ { "=" WILD }, { NSEC("*.mx1.example.org.", "ns1.example.org.") },
	    "*.mx1.example.org.", "" },
	{ { "=" WILD }, { NSEC("mx1.example.org.", "ns1.example.org.") },
	    "*.mx1.example.org.", "" },
	{ { "=" WILD }, { "!" NSEC("a.example.org.", "b.example.org."),
	    NSEC("mx1.example.org.", "example.org.") },
	    "*.mx1.example.org.", "" },
	{ { "=*.example.org. 60 IN TLSA 3 1 1 " D1 },
	    { NSEC("a.example.org.", "ns1.example.org.") },
	    "*.example.org.", "" },
	{ { "=" WILD }, { NULL }, NULL, "nothing stands closer" },
	{ { "=" WILD }, { "!" NSEC("mx1.example.org.", "ns1.example.org.") },
	    NULL, "no signature" },
	{ { "=" WILD }, { NSEC("ns1.example.org.", "z.example.org.") },
	    NULL, "nothing stands closer" },
	/* _tcp.mx1 is there: it holds another name */
	{ { "=" WILD }, { NSEC("mx1.example.org.", "_26._tcp.mx1.example.org.") },
	    NULL, "nothing stands closer" },
	{ { "=" WILD }, { NSEC("_24._tcp.mx1.example.org.", "ns1.example.org.") },
	    NULL, "nothing stands closer" },
	/* mx1 is there: *.example.org is not asked */
	{ { "=*.example.org. 60 IN TLSA 3 1 1 " D1 },
	    { NSEC("mx1.example.org.", "ns1.example.org.") },
	    NULL, "nothing stands closer" },
	{ { "!" TLSA_1 }, { NSEC("mx1.example.org.", "ns1.example.org.") },
	    NULL, "no signature" },
};
/* clang-format on */

#define WILDS_N ((int)(sizeof(WILDS) / sizeof(WILDS[0])))

START_TEST(a_wildcard_counts_where_nothing_stands_closer)
{
	judge(OWNER, 0, WILDS[_i].answer, WILDS[_i].proof);
	if (WILDS[_i].source != NULL) {
		ck_assert_msg(g.look == LOOK_SHOWN, "row %d: %s", _i, g.why);
		ck_assert_str_eq(g.source, WILDS[_i].source);
		ck_assert_uint_eq(g.set.n, 1);
		ck_assert(g.one_signature == (g.source[0] == 0));
	} else {
		ck_assert_msg(g.look == LOOK_BOGUS, "row %d", _i);
		ck_assert_msg(strstr(g.why, WILDS[_i].why) != NULL,
		    "row %d: %s", _i, g.why);
		ck_assert_str_eq(g.source, "");
		ck_assert_uint_eq(g.set.n, 0);
	}
}
END_TEST

START_TEST(a_wildcard_may_be_an_alias)
{
	static const char *const text[] = {
		"=*.mx1.example.org. 60 IN CNAME " TO, NULL
	};
	static const char *const proof[] = {
		NSEC("mx1.example.org.", "ns1.example.org."), NULL
	};
	static const char *const nothing[] = { NULL };

	judge(OWNER, 0, text, _i == 0 ? proof : nothing);
	ck_assert_int_eq(g.look, _i == 0 ? LOOK_SHOWN : LOOK_BOGUS);
	ck_assert_str_eq(g.alias, _i == 0 ? TO : "");
	ck_assert_str_eq(g.source, _i == 0 ? "*.mx1.example.org." : "");
}
END_TEST

/* clang-format off */
static const struct {
	const char *name;
	int from, to, iterations;
	bool good;
} HASHES[] = {
	{ "_tcp.mx1.example.org.", -1, 1, 0, true },
	{ "_tcp.mx1.example.org.", -1, 1, 150, true },
	{ "_tcp.mx1.example.org.", -1, 1, 151, false },
	{ "_tcp.mx1.example.org.", -1, 0, 0, false },
	{ "_tcp.mx1.example.org.", 0, 1, 0, false }, /* it is there */
	{ "_tcp.mx1.example.org.", 1, 1, 0, true },  /* the only name */
	{ "_tcp.mx1.example.org.", 2, 1, 0, true },  /* the last one */
	{ "_tcp.mx1.example.org.", -1, -2, 0, true },
	{ "_tcp.mx1.example.org.", 1, 2, 0, false },
	{ OWNER, -1, 1, 0, false },
	{ "mx1.example.org.", -1, 1, 0, false },
};
/* clang-format on */

#define HASHES_N ((int)(sizeof(HASHES) / sizeof(HASHES[0])))

START_TEST(hashes_tell_that_nothing_stands_closer)
{
	static const char *const wild[] = { "=" WILD, NULL };
	char text[200];
	const char *proof[] = { text, NULL };

	kit_nsec3(HASHES[_i].name, HASHES[_i].from, HASHES[_i].to,
	    HASHES[_i].iterations, "A RRSIG", text);
	judge(OWNER, 0, wild, proof);
	ck_assert_msg((g.look == LOOK_SHOWN) == HASHES[_i].good,
	    "row %d: %s: %s", _i, text, g.why);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("answer_alias");
	TCase *tc = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, an_alias_is_believed_when_it_is_signed, 0,
	    ALIASES_N);
	tcase_add_test(tc, a_dname_at_the_name_itself_is_no_alias);
	tcase_add_loop_test(tc, addresses_tell_that_no_alias_is_there, 0,
	    BASES_N);
	tcase_add_test(tc, an_alias_is_read_out_of_an_answer);
	tcase_add_loop_test(tc, a_wildcard_counts_where_nothing_stands_closer,
	    0, WILDS_N);
	tcase_add_loop_test(tc, a_wildcard_may_be_an_alias, 0, 2);
	tcase_add_loop_test(tc, hashes_tell_that_nothing_stands_closer, 0,
	    HASHES_N);
	suite_add_tcase(s, tc);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
