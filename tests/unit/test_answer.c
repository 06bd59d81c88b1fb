/*
 * test_answer.c - the judgement of an authority's answer: what is signed by
 * the zone that the parent vouches for is shown, and nothing else is.
 */
#include "answer_kit.h"

/* ---- one world, bent in one place ---- */

enum bend {
	AS_IT_IS,
	NO_SIGNATURE,
	EXPIRED,
	NOT_YET,
	LAST_SECOND,
	OTHER_SIGNER, /* signed by attacker.test, whose key is listed */
	UNLISTED_KEY,
	BAD_SIGNATURE,
	TTL_RAISED,
	TTL_LOWERED,
	WILDCARD,
	OTHER_RDATA,
	MISSING_RECORD,
	DUPLICATE,
	BAD_THEN_GOOD, /* two signatures, the first by a key that left */
	NINTH_IS_GOOD, /* eight bad signatures before the good one */
	LAME,
	RCODE_REFUSED,
	RCODE_SERVFAIL,
	TRUNCATED,
	OTHER_OWNER,
	OTHER_QUESTION,
	SHORT_RDATA,
	LONG_RDATA,
	RECORDS_32,
	RECORDS_33,
	NO_REPLY,
	KEY_REVOKED,
	KEY_NOT_ZONE,
	KEY_PROTOCOL,
	KEY_SHA1, /* algorithm 5 */
	KEYS_NO_REPLY,
	KEYS_LAME,
	KEYS_UNSIGNED,
	KEYS_EXPIRED,
	KEYS_TTL_LOWERED,
	KEYS_NONE,
	KEYS_17,
	DS_OTHER,
	DS_SHA1,
	DS_SHA384,
	DS_NONE,
	DS_INSECURE,
	DS_UNKNOWN,
};

struct world {
	enum bend bend;
	struct question tlsa, dnskey;
	struct ds_set ds;
	ldns_key *key;
};

static void
set_ttl(ldns_rr_list *l, uint32_t ttl)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++)
		if (ldns_rr_get_type(ldns_rr_list_rr(l, i)) ==
		    LDNS_RR_TYPE_TLSA)
			ldns_rr_set_ttl(ldns_rr_list_rr(l, i), ttl);
}

static void
set_owner(ldns_rr_list *l, const char *name)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++) {
		ldns_rdf_deep_free(ldns_rr_owner(ldns_rr_list_rr(l, i)));
		ldns_rr_set_owner(ldns_rr_list_rr(l, i),
		    ldns_dname_new_frm_str(name));
	}
}

static void
spoil(ldns_rr *sig)
{
	ldns_rdf *data = ldns_rr_rdf(sig, 8);

	ldns_rdf_data(data)[ldns_rdf_size(data) - 1] ^= 1;
}

static void
set_rdata(ldns_rr *rr, const void *p, size_t len)
{
	while (ldns_rr_rd_count(rr) > 0)
		ldns_rdf_deep_free(ldns_rr_pop_rdf(rr));
	ldns_rr_push_rdf(rr, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_HEX, len, p));
}

/* The records that are signed. */
static ldns_rr_list *
records(enum bend b)
{
	static const char *const two[] = { TLSA_1, TLSA_2, NULL };
	static const char *const wild[] = {
		"*.mx1.example.org. 60 IN TLSA 3 1 1 " D1, NULL
	};
	static const char *const other[] = {
		"_26._tcp.mx1.example.org. 60 IN TLSA 3 1 1 " D1, NULL
	};
	uint8_t bytes[200] = { 3, 1, 0, 9 };
	ldns_rr_list *l = kit_set(b == WILDCARD ? wild
		: b == OTHER_OWNER		? other
						: two);
	int more = b == RECORDS_32 ? 30 : b == RECORDS_33 ? 31 : 0;

	if (b == SHORT_RDATA)
		set_rdata(ldns_rr_list_rr(l, 1), bytes, 2);
	if (b == LONG_RDATA)
		set_rdata(ldns_rr_list_rr(l, 0), bytes, sizeof(bytes));
	for (int i = 0; i < more; i++) {
		bytes[3] = (uint8_t)i;
		ldns_rr_list_push_rr(l, kit_rr(TLSA_1));
		set_rdata(ldns_rr_list_rr(l, (size_t)i + 2), bytes, 35);
	}
	return l;
}

static void
sign_records(enum bend b, ldns_rr_list *l, ldns_key *k, ldns_key *other)
{
	ldns_rr_list *sigs = ldns_rr_list_new();
	int bad = b == BAD_THEN_GOOD ? 1 : b == NINTH_IS_GOOD ? 8 : 0;
	size_t n;

	for (int i = 0; i < bad; i++)
		kit_sign(sigs, l, other, -DAY, DAY);
	if (b == EXPIRED)
		kit_sign(sigs, l, k, -2 * DAY, -1);
	else if (b == NOT_YET)
		kit_sign(sigs, l, k, 1, DAY);
	else if (b == LAST_SECOND)
		kit_sign(sigs, l, k, 0, 0);
	else if (b == OTHER_SIGNER || b == UNLISTED_KEY)
		kit_sign(sigs, l, other, -DAY, DAY);
	else if (b != NO_SIGNATURE)
		kit_sign(sigs, l, k, -DAY, DAY);
	n = ldns_rr_list_rr_count(sigs);
	if (b == BAD_SIGNATURE)
		spoil(ldns_rr_list_rr(sigs, n - 1));
	ldns_rr_list_cat(l, sigs);
	ldns_rr_list_free(sigs);
}

static void
make_tlsa(struct world *w, ldns_key *k, ldns_key *other)
{
	enum bend b = w->bend;
	ldns_rr_list *l = records(b);
	const char *question = b == OTHER_QUESTION ? ZONE : OWNER;
	int rcode = b == RCODE_REFUSED ? 5 : b == RCODE_SERVFAIL ? 2 : 0;

	sign_records(b, l, k, other);
	if (b == TTL_RAISED || b == TTL_LOWERED)
		set_ttl(l, b == TTL_RAISED ? 61 : 30);
	if (b == WILDCARD)
		set_owner(l, OWNER);
	if (b == OTHER_RDATA)
		ldns_rdf_data(ldns_rr_rdf(ldns_rr_list_rr(l, 0), 3))[0] ^= 1;
	if (b == MISSING_RECORD) {
		ldns_rr_free(ldns_rr_list_rr(l, 0));
		ldns_rr_list_set_rr(l, ldns_rr_list_pop_rr(l), 0);
	}
	if (b == DUPLICATE)
		ldns_rr_list_push_rr(l, kit_rr(TLSA_1));
	w->tlsa = kit_answer(question, LDNS_RR_TYPE_TLSA, rcode, b != LAME, l,
	    NULL);
	if (b == TRUNCATED)
		w->tlsa.reply[2] |= 2;
	if (b == NO_REPLY) {
		ask_release(&w->tlsa, 1);
		strcpy(w->tlsa.why, "no answer");
	}
}

static void
make_dnskey(struct world *w, ldns_key *k, ldns_key *other)
{
	enum bend b = w->bend;
	ldns_rr_list *l = ldns_rr_list_new(), *sigs = ldns_rr_list_new();

	if (b != KEYS_NONE)
		ldns_rr_list_push_rr(l, ldns_key2rr(k));
	if (b == KEY_PROTOCOL)
		ldns_rdf_data(ldns_rr_rdf(ldns_rr_list_rr(l, 0), 1))[0] = 2;
	for (int i = 0; b == KEYS_17 && i < 16; i++)
		ldns_rr_list_push_rr(l,
		    kit_rr(ZONE " 60 IN DNSKEY 256 3 13 "
				"AAAA"));
	for (size_t i = 1; i < ldns_rr_list_rr_count(l); i++)
		ldns_rdf_data(ldns_rr_rdf(ldns_rr_list_rr(l, i),
		    3))[0] = (uint8_t)i;
	set_owner(l, ZONE);
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++)
		ldns_rr_set_ttl(ldns_rr_list_rr(l, i), 60);
	if (b == KEYS_EXPIRED)
		kit_sign(sigs, l, k, -DAY, -1);
	else if (b != KEYS_UNSIGNED && b != KEYS_NONE)
		kit_sign(sigs, l, k, -DAY, DAY / 2);
	if (b == OTHER_SIGNER)
		ldns_rr_list_push_rr(l, ldns_key2rr(other));
	ldns_rr_list_cat(l, sigs);
	ldns_rr_list_free(sigs);
	if (b == KEYS_TTL_LOWERED)
		ldns_rr_set_ttl(ldns_rr_list_rr(l, 0), 30);
	w->dnskey = kit_answer(ZONE, LDNS_RR_TYPE_DNSKEY, 0, b != KEYS_LAME, l,
	    NULL);
	if (b == KEYS_NO_REPLY) {
		ask_release(&w->dnskey, 1);
		strcpy(w->dnskey.why, "no answer");
	}
}

static void
make_ds(struct world *w, ldns_key *k, ldns_key *other)
{
	ldns_hash hash = w->bend == DS_SHA1 ? LDNS_SHA1
	    : w->bend == DS_SHA384	    ? LDNS_SHA384
					    : LDNS_SHA256;

	w->ds.secure = w->bend != DS_INSECURE;
	w->ds.n = w->bend == DS_NONE ? 0 : 1;
	w->ds.ds[0] = kit_ds(w->bend == DS_OTHER ? other : k, hash);
	if (w->bend == KEY_PROTOCOL) {
		ldns_rr *rr = ldns_key2rr(k), *ds;

		ldns_rdf_data(ldns_rr_rdf(rr, 1))[0] = 2;
		ds = ldns_key_rr2ds(rr, LDNS_SHA256);
		w->ds.ds[0].tag = ldns_calc_keytag(rr);
		memcpy(w->ds.ds[0].digest, ldns_rdf_data(ldns_rr_rdf(ds, 3)),
		    32);
		ldns_rr_free(rr);
		ldns_rr_free(ds);
	}
	if (w->bend == DS_UNKNOWN)
		w->ds.ds[0].algorithm = 200;
}

static struct world
make(enum bend b)
{
	struct world w = { .bend = b };
	uint16_t flags = b == KEY_REVOKED ? 257 | 128
	    : b == KEY_NOT_ZONE		  ? 1
					  : 257;
	ldns_key *k = kit_key(ZONE, flags,
	    b == KEY_SHA1 ? LDNS_SIGN_RSASHA1 : LDNS_SIGN_ECDSAP256SHA256);
	ldns_key *other = kit_key(b == OTHER_SIGNER ? "attacker.test." : ZONE,
	    257, LDNS_SIGN_ECDSAP256SHA256);

	make_tlsa(&w, k, other);
	make_dnskey(&w, k, other);
	make_ds(&w, k, other);
	w.key = k;
	ldns_key_deep_free(other);
	return w;
}

static void
unmake(struct world *w)
{
	ask_release(&w->tlsa, 1);
	ask_release(&w->dnskey, 1);
	ldns_key_deep_free(w->key);
}

static enum look
judge(const struct world *w, struct glance *g, time_t *expires)
{
	memset(g, 0x55, sizeof(*g));
	kit_judge(&w->tlsa, &w->dnskey, &w->ds, OWNER, ZONE, false, g, expires);
	return g->look;
}

/* ---- what each bend comes to ---- */

/* clang-format off */
static const struct {
	enum bend bend;
	enum look want;
	const char *why; /* part of the reason */
} BENDS[] = {
	{ AS_IT_IS,	  LOOK_SHOWN,	 "" },
	{ LAST_SECOND,	  LOOK_SHOWN,	 "" },
	{ DUPLICATE,	  LOOK_SHOWN,	 "" },
	{ BAD_THEN_GOOD,  LOOK_SHOWN,	 "" },
	{ LONG_RDATA,	  LOOK_SHOWN,	 "" },
	{ RECORDS_32,	  LOOK_SHOWN,	 "" },
	{ DS_SHA384,	  LOOK_SHOWN,	 "" },
	{ NO_SIGNATURE,	  LOOK_BOGUS,	 "no signature" },
	{ EXPIRED,	  LOOK_BOGUS,	 "ended" },
	{ NOT_YET,	  LOOK_BOGUS,	 "begins" },
	{ OTHER_SIGNER,	  LOOK_BOGUS,	 "" },
	{ UNLISTED_KEY,	  LOOK_BOGUS,	 "key" },
	{ BAD_SIGNATURE,  LOOK_BOGUS,	 "signature" },
	{ TTL_RAISED,	  LOOK_BOGUS,	 "TTL" },
	{ TTL_LOWERED,	  LOOK_BOGUS,	 "intercepted: the TTL 30 of its TLSA "
					 "set is below the signed 60" },
	{ KEYS_TTL_LOWERED, LOOK_BOGUS,	 "intercepted: the TTL 30 of its "
					 "DNSKEY set" },
	{ WILDCARD,	  LOOK_BOGUS,	 "wildcard" },
	{ OTHER_RDATA,	  LOOK_BOGUS,	 "signature" },
	{ MISSING_RECORD, LOOK_BOGUS,	 "signature" },
	{ NINTH_IS_GOOD,  LOOK_BOGUS,	 "" },
	{ OTHER_OWNER,	  LOOK_BOGUS,	 "" },
	{ SHORT_RDATA,	  LOOK_BOGUS,	 "" },
	{ RECORDS_33,	  LOOK_BOGUS,	 "32" },
	{ KEY_REVOKED,	  LOOK_BOGUS,	 "" },
	{ KEY_NOT_ZONE,	  LOOK_BOGUS,	 "" },
	{ KEY_PROTOCOL,	  LOOK_BOGUS,	 "" },
	{ KEYS_UNSIGNED,  LOOK_BOGUS,	 "no signature" },
	{ KEYS_EXPIRED,	  LOOK_BOGUS,	 "ended" },
	{ KEYS_NONE,	  LOOK_BOGUS,	 "" },
	{ KEYS_17,	  LOOK_BOGUS,	 "16" },
	{ DS_OTHER,	  LOOK_BOGUS,	 "DS" },
	{ LAME,		  LOOK_SILENT,	 "lame" },
	{ RCODE_REFUSED,  LOOK_SILENT,	 "REFUSED" },
	{ RCODE_SERVFAIL, LOOK_SILENT,	 "SERVFAIL" },
	{ TRUNCATED,	  LOOK_SILENT,	 "truncated" },
	{ OTHER_QUESTION, LOOK_SILENT,	 "question" },
	{ NO_REPLY,	  LOOK_SILENT,	 "no answer" },
	{ KEYS_NO_REPLY,  LOOK_SILENT,	 "DNSKEY" },
	{ KEYS_LAME,	  LOOK_SILENT,	 "lame" },
	{ DS_NONE,	  LOOK_UNSIGNED, "the parent has no DS" },
	{ DS_INSECURE,	  LOOK_UNSIGNED, "AD" },
	{ DS_SHA1,	  LOOK_UNSIGNED, "" },
	{ KEY_SHA1,	  LOOK_UNSIGNED, "" },
	{ DS_UNKNOWN,	  LOOK_UNSIGNED, "" },
};
/* clang-format on */

#define BENDS_N ((int)(sizeof(BENDS) / sizeof(BENDS[0])))

START_TEST(an_answer_is_judged_by_what_is_signed)
{
	struct world w = make(BENDS[_i].bend);
	struct glance g;
	time_t expires;

	ck_assert_msg(judge(&w, &g, &expires) == BENDS[_i].want,
	    "row %d: %s, wanted %s: %s", _i, look_name(g.look),
	    look_name(BENDS[_i].want), g.why);
	if (g.look == LOOK_SHOWN) {
		ck_assert_uint_ge(g.set.n, 2);
		ck_assert_uint_eq(g.ttl, 60);
	} else {
		ck_assert_msg(g.why[0] != 0 &&
			strstr(g.why, BENDS[_i].why) != NULL,
		    "row %d: '%s' does not say '%s'", _i, g.why, BENDS[_i].why);
		ck_assert_uint_eq(g.set.n, 0);
	}
	unmake(&w);
}
END_TEST

START_TEST(a_shown_set_comes_with_its_end)
{
	struct world w = make(AS_IT_IS);
	struct tlsa want = { 3, 1, 1, 32, { 0x00, 0x11, 0x22 } };
	struct glance g;
	time_t expires;

	ck_assert_int_eq(judge(&w, &g, &expires), LOOK_SHOWN);
	ck_assert_int_eq(expires, NOW + DAY / 2); /* of the keys */
	ck_assert_uint_eq(g.set.n, 2);
	ck_assert_mem_eq(g.set.rr[0].data, want.data, 3);
	ck_assert(!cover_unusable(&g.set.rr[0]) &&
	    !cover_unusable(&g.set.rr[1]));
	ck_assert(!g.has_serial);
	unmake(&w);
}
END_TEST

/* Each number of a record is told, and data up to 64 bytes as they are. */
START_TEST(a_record_is_read_as_it_is)
{
	static const size_t lengths[] = { 0, 1, 32, 63, 64, 65, 300 };
	uint8_t bytes[3 + 300] = { 3, 0, 2 }, sum[32];
	size_t len = lengths[_i];
	struct world w = make(AS_IT_IS);
	ldns_rr_list *l = ldns_rr_list_new();
	struct glance g;
	time_t expires;

	for (size_t i = 0; i < len; i++)
		bytes[3 + i] = (uint8_t)(i + 1);
	ldns_sha256(bytes + 3, (unsigned)len, sum);
	ldns_rr_list_push_rr(l, kit_rr(TLSA_1));
	set_rdata(ldns_rr_list_rr(l, 0), bytes, 3 + len);
	ask_release(&w.tlsa, 1);
	kit_sign(l, l, w.key, -DAY, DAY);
	w.tlsa = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 0, true, l, NULL);
	ck_assert_msg(judge(&w, &g, &expires) == LOOK_SHOWN, "%s", g.why);
	ck_assert_uint_eq(g.set.n, 1);
	ck_assert_uint_eq(g.set.rr[0].usage, 3);
	ck_assert_uint_eq(g.set.rr[0].selector, 0);
	ck_assert_uint_eq(g.set.rr[0].mtype, 2);
	ck_assert_uint_eq(g.set.rr[0].len, len <= 64 ? len : TLSA_FOLDED);
	ck_assert_mem_eq(g.set.rr[0].data, len <= 64 ? bytes + 3 : sum,
	    len <= 64 ? len : 32);
	for (size_t i = len <= 64 ? len : 32; i < TLSA_DATA; i++)
		ck_assert_uint_eq(g.set.rr[0].data[i], 0);
	unmake(&w);
}
END_TEST

START_TEST(long_data_is_folded)
{
	struct world w = make(LONG_RDATA);
	struct glance g;
	time_t expires;

	ck_assert_int_eq(judge(&w, &g, &expires), LOOK_SHOWN);
	ck_assert_uint_eq(g.set.rr[0].len, TLSA_FOLDED);
	for (int i = 32; i < TLSA_DATA; i++)
		ck_assert_uint_eq(g.set.rr[0].data[i], 0);
	unmake(&w);
}
END_TEST

START_TEST(a_piece_of_an_answer_shows_nothing)
{
	struct world w = make(AS_IT_IS);
	size_t len[] = { w.tlsa.reply_len, w.dnskey.reply_len };
	struct question *q[] = { &w.tlsa, &w.dnskey };
	struct glance g;
	time_t expires;

	for (int i = 0; i < 2; i++) {
		uint8_t *whole = q[i]->reply;

		for (size_t n = 0; n < len[i]; n++) {
			q[i]->reply = malloc(n + 1);
			memcpy(q[i]->reply, whole, n);
			q[i]->reply_len = n;
			ck_assert_int_eq(judge(&w, &g, &expires), LOOK_SILENT);
			free(q[i]->reply);
		}
		q[i]->reply = whole;
		q[i]->reply_len = len[i];
	}
	ck_assert_int_eq(judge(&w, &g, &expires), LOOK_SHOWN);
	unmake(&w);
}
END_TEST

/* A changed byte may be one that says nothing (the ID, a letter's case): then
 * the set is the same. */
START_TEST(a_changed_byte_never_shows_another_set)
{
	struct world w = make(AS_IT_IS);
	struct question *q = _i == 0 ? &w.tlsa : &w.dnskey;
	struct glance g, good;
	time_t expires;
	unsigned same = 0;

	ck_assert_int_eq(judge(&w, &good, &expires), LOOK_SHOWN);
	for (size_t i = 0; i < q->reply_len * 3; i++) {
		static const uint8_t flip[] = { 0x01, 0x20, 0xff };
		uint8_t *p = &q->reply[i / 3];

		*p ^= flip[i % 3];
		if (judge(&w, &g, &expires) == LOOK_SHOWN) {
			same++;
			ck_assert_msg(tlsa_set_eq(&g.set, &good.set) &&
				g.ttl == 60,
			    "byte %zu", i / 3);
		}
		*p ^= flip[i % 3];
	}
	ck_assert_uint_lt(same, q->reply_len);
	unmake(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("answer");
	TCase *tc = tcase_create("answer");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, an_answer_is_judged_by_what_is_signed, 0,
	    BENDS_N);
	tcase_add_test(tc, a_shown_set_comes_with_its_end);
	tcase_add_loop_test(tc, a_record_is_read_as_it_is, 0, 7);
	tcase_add_test(tc, long_data_is_folded);
	tcase_add_test(tc, a_piece_of_an_answer_shows_nothing);
	tcase_add_loop_test(tc, a_changed_byte_never_shows_another_set, 0, 2);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
