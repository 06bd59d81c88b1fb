/*
 * test_answer_read.c - the plain facts that are read out of an answer: only
 * those that it states, at the name and in the place where they count.
 */
#include "answer_kit.h"

#include "base/text.h"

#define MX "mx1.example.org."
#define SIG(type, algorithm, labels)                        \
	OWNER " 60 IN RRSIG " type " " algorithm " " labels \
	      " 60 20300101000000 20200101000000 1 " ZONE " AAAA"

/* Records as text; "|" begins the next section.  Bits: AA 4, AD 0x20. */
static struct question
reply(const char *name, unsigned type, int rcode, unsigned bits,
    const char *const *text)
{
	ldns_rr_list *l[3];
	struct question q;
	ldns_pkt *p = NULL;
	int section = 0;

	for (int i = 0; i < 3; i++)
		l[i] = ldns_rr_list_new();
	for (; *text != NULL; text++)
		if (strcmp(*text, "|") == 0)
			section++;
		else
			ldns_rr_list_push_rr(l[section], kit_rr(*text));
	q = kit_answer(name, (ldns_rr_type)type, rcode, (bits & 4) != 0, l[0],
	    l[1]);
	ck_assert(ldns_wire2pkt(&p, q.reply, q.reply_len) == LDNS_STATUS_OK);
	ldns_pkt_set_ad(p, (bits & 0x20) != 0);
	ldns_pkt_push_rr_list(p, LDNS_SECTION_ADDITIONAL, l[2]);
	ldns_rr_list_free(l[2]);
	ask_release(&q, 1);
	ck_assert(ldns_pkt2wire(&q.reply, p, &q.reply_len) == LDNS_STATUS_OK);
	ldns_pkt_free(p);
	return q;
}

#define REPLY(name, type, rcode, bits, ...) \
	reply(name, type, rcode, bits,      \
	    (const char *const[]){ __VA_ARGS__, NULL })

/* ---- the head ---- */

#define RECORDS 1u
#define ALIAS 2u
#define WILD 4u

/* clang-format off */
static const struct {
	const char *text[3];
	unsigned want;
} HEADS[] = {
	{ { "|" },						0 },
	{ { TLSA_1 },						RECORDS },
	{ { OWNER " 60 CH TLSA 3 1 1 " D1 },			0 },
	{ { OWNER " 60 IN A 192.0.2.1" },			0 },
	{ { "_26._tcp.mx1.example.org. 60 IN TLSA 3 1 1 " D1 },	0 },
	{ { "|", TLSA_1 },					0 },
	{ { OWNER " 60 IN CNAME a.test." },			ALIAS },
	{ { MX " 60 IN CNAME a.test." },			0 },
	{ { "|", OWNER " 60 IN CNAME a.test." },		0 },
	{ { "org. 60 IN DNAME test." },				ALIAS },
	{ { "|", "org. 60 IN DNAME test." },			0 },
	{ { TLSA_1, SIG("TLSA", "13", "3") },			RECORDS | WILD },
	{ { TLSA_1, SIG("TLSA", "13", "4") },			RECORDS | WILD },
	{ { TLSA_1, SIG("TLSA", "3", "5") },			RECORDS },
	{ { TLSA_1, SIG("A", "13", "3") },			RECORDS },
	{ { "|", SIG("TLSA", "13", "3") },			0 },
};
/* clang-format on */

#define HEADS_N ((int)(sizeof(HEADS) / sizeof(HEADS[0])))

START_TEST(a_head_tells_what_stands_at_the_name)
{
	struct question q = reply(OWNER, TYPE_TLSA, _i % 3 == 0 ? 3 : 0,
	    _i % 2 == 0 ? 4 : 0x20, HEADS[_i].text);
	struct answer_head head;
	struct err e;

	ck_assert_int_eq(answer_head(&q, OWNER, TYPE_TLSA, &head, &e), 0);
	ck_assert_msg((head.has_records ? RECORDS : 0u) +
		    (head.has_cname ? ALIAS : 0u) +
		    (head.wildcard ? WILD : 0u) ==
		HEADS[_i].want,
	    "row %d", _i);
	ck_assert(head.aa == (_i % 2 == 0) && head.ad == (_i % 2 == 1));
	ck_assert_int_eq(head.rcode, _i % 3 == 0 ? 3 : 0);
	ask_release(&q, 1);
}
END_TEST

/* ---- zones, names, addresses ---- */

START_TEST(an_soa_counts_in_the_answer_and_whole)
{
	struct question q = REPLY(ZONE, TYPE_SOA, 0, 0x20, SOA);
	ldns_rr_list *l = ldns_rr_list_new();
	struct soa_view v;
	struct err e;
	ldns_rr *rr;

	ck_assert_int_eq(answer_soa(&q, ZONE, &v, &e), 0);
	ck_assert(v.found && v.ad);
	ck_assert_int_eq(answer_soa(&q, "org.", &v, &e), 0);
	ck_assert(!v.found);
	ask_release(&q, 1);
	q = REPLY(ZONE, TYPE_SOA, 0, 0, "|", SOA);
	ck_assert_int_eq(answer_soa(&q, ZONE, &v, &e), 0);
	ck_assert(!v.found && !v.ad);
	ask_release(&q, 1);
	/* four bytes are missing */
	rr = kit_rr(SOA);
	ldns_rdf_deep_free(ldns_rr_pop_rdf(rr));
	ldns_rr_list_push_rr(l, rr);
	q = kit_answer(ZONE, LDNS_RR_TYPE_SOA, 0, true, l, NULL);
	ck_assert_int_eq(answer_soa(&q, ZONE, &v, &e), 0);
	ck_assert(!v.found);
	ask_release(&q, 1);
}
END_TEST

static const char *
list_str(const struct name_list *l, struct text *t)
{
	char at[ADDR_TEXT];

	for (size_t i = 0; i < l->n; i++)
		text_addf(t, "%s%s=%s/%lu", i > 0 ? " " : "", l->v[i].name,
		    l->v[i].addr.family == 0 ? "-"
					     : addr_str(&l->v[i].addr, at),
		    (unsigned long)l->v[i].ttl);
	return text_str(t);
}

/* clang-format off */
static const struct {
	const char *text[7];
	const char *want; /* NULL: -1 */
} NAMES[] = {
	{ { ZONE " 9 IN NS a.test.", ZONE " 8 IN NS b.test." },
	  "a.test.=-/9 b.test.=-/8" },
	{ { "|", ZONE " 9 IN NS a.test.", "|", "a.test. 7 IN A 192.0.2.1" },
	  "a.test.=-/9 a.test.=192.0.2.1:53/7" },
	{ { ZONE " 9 IN NS a.test.", "|", "a.test. 7 IN A 192.0.2.1" },
	  "a.test.=-/9" },
	{ { ZONE " 9 IN NS a.test.", "|", "|", "a.test. 7 CH A 192.0.2.1",
	    "b.test. 7 IN A 192.0.2.2", "a.test. 6 IN AAAA 2001:db8::1" },
	  "a.test.=-/9 a.test.=[2001:db8::1]:53/6" },
	{ { ZONE " 9 IN NS ns\\0321.test." }, "unreadable-name.invalid.=-/9" },
	{ { ZONE " 9 CH NS a.test." },		   NULL },
	{ { "org. 9 IN NS a.test." },		   NULL },
	{ { "|", "|", ZONE " 9 IN NS a.test." },   NULL },
	{ { ZONE " 9 IN A 192.0.2.1" },		   NULL },
	{ { "|" },				   NULL },
};
/* clang-format on */

#define NAMES_N ((int)(sizeof(NAMES) / sizeof(NAMES[0])))

START_TEST(the_servers_of_a_zone_are_those_of_its_ns_set)
{
	struct question q = reply(ZONE, TYPE_NS, 0, 0, NAMES[_i].text);
	struct name_list l = { .v = NULL };
	struct text t = TEXT_INIT;
	struct err e;
	int rc = answer_ns(&q, ZONE, &l, &e);

	ck_assert_msg(rc == (NAMES[_i].want == NULL ? -1 : 0), "row %d", _i);
	if (rc == 0)
		ck_assert_str_eq(list_str(&l, &t), NAMES[_i].want);
	else
		ck_assert_str_eq(e.text, "NOERROR, and no NS records");
	name_list_release(&l);
	ck_assert(l.v == NULL && l.n == 0 && l.cap == 0);
	text_release(&t);
	ask_release(&q, 1);
}
END_TEST

START_TEST(addresses_are_those_in_the_answer)
{
	struct question q = REPLY(MX, TYPE_A, 0, 0, MX " 9 IN A 192.0.2.1",
	    MX " 8 IN AAAA 2001:db8::1", MX " 7 CH A 192.0.2.2",
	    MX " 7 IN TXT 123", MX " 7 IN TXT 123456789012345", "|",
	    MX " 7 IN A 192.0.2.3", "|", MX " 7 IN A 192.0.2.4");
	struct name_list l = { .v = NULL };
	struct text t = TEXT_INIT;
	struct err e;

	ck_assert_int_eq(answer_addrs(&q, MX, &l, &e), 0);
	/* without a port, and behind what was there */
	ck_assert_int_eq(answer_addrs(&q, MX, &l, &e), 0);
	ck_assert_uint_eq(l.n, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(l.v[i].addr.port, 0);
	l.n = 2;
	ck_assert_ptr_nonnull(strstr(list_str(&l, &t), "192.0.2.1"));
	ck_assert_ptr_nonnull(strstr(text_str(&t), "2001:db8::1"));
	name_list_release(&l);
	text_release(&t);
	ask_release(&q, 1);
}
END_TEST

/* No such name is an answer; a server that fails says nothing. */
START_TEST(a_failure_is_no_answer)
{
	static const int rcodes[] = { 0, 3, 1, 2, 4, 5, 9 };
	struct question q = REPLY(MX, TYPE_A, rcodes[_i], 0, "|");
	int want = _i < 2 ? 0 : -1;
	struct name_list l = { .v = NULL };
	struct soa_view soa;
	struct ds_set ds;
	struct err e;

	ck_assert_int_eq(answer_addrs(&q, MX, &l, &e), want);
	ck_assert_int_eq(answer_soa(&q, MX, &soa, &e), want);
	ck_assert_int_eq(answer_ds(&q, MX, &ds, &e), want);
	ck_assert_uint_eq(l.n, 0);
	ck_assert_int_eq(answer_ns(&q, MX, &l, &e), -1);
	ask_release(&q, 1);
}
END_TEST

/* ---- the DS set ---- */

START_TEST(a_ds_set_has_sixteen_at_most)
{
	ldns_rr_list *l = ldns_rr_list_new();
	struct question q;
	struct ds_set got;
	struct err e;
	char text[80];

	for (int i = 0; i < 15 + _i; i++) {
		text_fmt(text, sizeof(text), ZONE " 60 IN DS %d 13 2 0011", i);
		ldns_rr_list_push_rr(l, kit_rr(text));
	}
	ldns_rr_list_push_rr(l, kit_rr("org. 60 IN DS 99 13 2 0011"));
	ldns_rr_list_push_rr(l, kit_rr(ZONE " 60 CH DS 99 13 2 0011"));
	q = kit_answer(ZONE, LDNS_RR_TYPE_DS, 0, false, l, NULL);
	ck_assert_int_eq(answer_ds(&q, ZONE, &got, &e), 0);
	ck_assert_uint_eq(got.n, _i < 2 ? 15 + _i : 16);
	for (size_t i = 0; i < got.n; i++)
		ck_assert_uint_lt(got.ds[i].tag, 17);
	ask_release(&q, 1);
}
END_TEST

START_TEST(a_digest_has_1_to_64_bytes)
{
	static const size_t lengths[] = { 0, 1, 63, 64, 65 };
	uint8_t bytes[4 + 65] = { 0, 7, 13, 2 };
	ldns_rr *rr = kit_rr(ZONE " 60 IN DS 7 13 2 00");
	ldns_rr_list *l = ldns_rr_list_new();
	size_t len = lengths[_i];
	struct question q;
	struct ds_set got;
	struct err e;

	memset(bytes + 4, 0xa5, 65);
	while (ldns_rr_rd_count(rr) > 0)
		ldns_rdf_deep_free(ldns_rr_pop_rdf(rr));
	ldns_rr_push_rdf(rr,
	    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_HEX, 4 + len, bytes));
	ldns_rr_list_push_rr(l, rr);
	q = kit_answer(ZONE, LDNS_RR_TYPE_DS, 0, false, l, NULL);
	ck_assert_int_eq(answer_ds(&q, ZONE, &got, &e), 0);
	ck_assert_uint_eq(got.n, len >= 1 && len <= 64);
	if (got.n == 1) {
		ck_assert_uint_eq(got.ds[0].tag, 7);
		ck_assert_uint_eq(got.ds[0].algorithm, 13);
		ck_assert_uint_eq(got.ds[0].digest_type, 2);
		ck_assert_uint_eq(got.ds[0].digest_len, len);
		ck_assert_uint_eq(got.ds[0].digest[len - 1], 0xa5);
	}
	ask_release(&q, 1);
}
END_TEST

/* ---- nothing to read ---- */

/* A reply that never came, one that is broken, a name that is none. */
START_TEST(where_there_is_nothing_to_read_nothing_is_read)
{
	struct question q = REPLY(ZONE, TYPE_SOA, 0, 0x20, SOA);
	const char *name = _i == 2 ? "a..b." : ZONE;
	enum err_kind kind = _i == 2 ? ERR_CONFIG : ERR_UNREACHABLE;
	struct name_list l = { .v = NULL };
	struct answer_head head;
	struct soa_view soa;
	struct ds_set ds;
	struct err e[5];

	if (_i == 0) {
		ask_release(&q, 1);
		strcpy(q.why, "no answer");
	}
	if (_i == 1)
		q.reply_len--;
	ck_assert_int_eq(answer_head(&q, name, TYPE_SOA, &head, &e[0]), -1);
	ck_assert_int_eq(answer_soa(&q, name, &soa, &e[1]), -1);
	ck_assert_int_eq(answer_ns(&q, name, &l, &e[2]), -1);
	ck_assert_int_eq(answer_addrs(&q, name, &l, &e[3]), -1);
	ck_assert_int_eq(answer_ds(&q, name, &ds, &e[4]), -1);
	for (int i = 0; i < 5; i++) {
		ck_assert(_i == 1 || e[i].kind == kind);
		ck_assert(_i != 0 || strcmp(e[i].text, "no answer") == 0);
	}
	ck_assert(!soa.found && !ds.secure && ds.n == 0 && l.n == 0);
	ask_release(&q, 1);
}
END_TEST

/* ---- which zone it is of ---- */

#define UNTIL "20300101000000 20200101000000 1 "
#define BY(zone) OWNER " 60 IN RRSIG TLSA 13 5 60 " UNTIL zone " AAAA"
#define SOA_OF(zone) zone " 60 IN SOA n. h. 7 60 60 600 30"

/* clang-format off */
static const struct {
	const char *text[4];
	int rcode;
	bool want;
} ZONES[] = {
	{ { TLSA_1, BY(ZONE) },			0, true },
	{ { TLSA_1, BY(MX) },			0, false },
	{ { TLSA_1, BY("org.") },		0, false },
	{ { TLSA_1, BY(ZONE), BY(MX) },		0, false },
	{ { TLSA_1, BY(ZONE), OWNER " 60 IN CNAME a.test." }, 0, false },
	{ { TLSA_1, BY(ZONE), "b.test. 60 IN CNAME a.test." }, 0, true },
	{ { TLSA_1, BY(ZONE) },			2, false },
	{ { TLSA_1 },				0, false },
	{ { TLSA_1, SIG("A", "13", "5") },	0, false },
	{ { TLSA_1, "|", BY(ZONE) },		0, false },
	{ { TLSA_1, "|", SOA_OF(ZONE) },	0, false },
	{ { "|", SOA_OF(ZONE) },		0, true },
	{ { "|", SOA_OF(ZONE) },		3, true },
	{ { "|", SOA_OF(ZONE) },		2, false },
	{ { "|", SOA_OF(MX) },			0, false },
	{ { SOA_OF(ZONE) },			0, false },
	{ { "|" },				0, false },
};
/* clang-format on */

#define ZONES_N ((int)(sizeof(ZONES) / sizeof(ZONES[0])))

START_TEST(a_name_is_of_the_zone_that_signed_or_denied_it)
{
	struct question q = reply(OWNER, TYPE_TLSA, ZONES[_i].rcode, 0,
	    ZONES[_i].text);

	ck_assert(answer_in_zone(&q, OWNER, TYPE_TLSA, ZONE) == ZONES[_i].want);
	ask_release(&q, 1);
	ck_assert(!answer_in_zone(&q, OWNER, TYPE_TLSA, ZONE));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("answer_read");
	TCase *tc = tcase_create("answer_read");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, a_head_tells_what_stands_at_the_name, 0,
	    HEADS_N);
	tcase_add_loop_test(tc, a_name_is_of_the_zone_that_signed_or_denied_it,
	    0, ZONES_N);
	tcase_add_test(tc, an_soa_counts_in_the_answer_and_whole);
	tcase_add_loop_test(tc, the_servers_of_a_zone_are_those_of_its_ns_set,
	    0, NAMES_N);
	tcase_add_test(tc, addresses_are_those_in_the_answer);
	tcase_add_loop_test(tc, a_failure_is_no_answer, 0, 7);
	tcase_add_loop_test(tc, a_ds_set_has_sixteen_at_most, 0, 3);
	tcase_add_loop_test(tc, a_digest_has_1_to_64_bytes, 0, 5);
	tcase_add_loop_test(tc, where_there_is_nothing_to_read_nothing_is_read,
	    0, 3);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
