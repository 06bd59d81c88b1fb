/*
 * test_answer_sign.c - which signature and which key count.  Everything here
 * is signed rightly by a key at hand; what is wrong is what was signed, or who
 * the key belongs to: libldns alone would say yes.
 */
#include "count_kit.h"
#include "edge/answer_verify.h"

#define SIG_DATA 8   /* the field of an RRSIG */
#define SIG_FIXED 31 /* bytes before it: 18, and "example.org." */

static struct question tlsa, dnskey;
static struct ds_set ds;
static ldns_key *key, *other;

/* ---- signatures with any content ---- */

/* What a signature says; zeroes: as it should be. */
struct forge {
	const char *signer;
	uint8_t labels, algorithm;
	uint16_t covered;
	uint32_t ttl;
	long from, until; /* from now; both 0: a day each */
	ldns_key *by;	  /* NULL: the zone's */
};

static void
set_field(ldns_rr *sig, size_t at, ldns_rdf *value)
{
	ldns_rdf_deep_free(ldns_rr_set_rdf(sig, value, at));
}

static void
fill_sig(ldns_rr *sig, const struct forge *f)
{
	bool day = f->from == 0 && f->until == 0;

	if (f->covered != 0)
		set_field(sig, 0,
		    ldns_native2rdf_int16(LDNS_RDF_TYPE_TYPE, f->covered));
	if (f->algorithm != 0)
		set_field(sig, 1,
		    ldns_native2rdf_int8(LDNS_RDF_TYPE_ALG, f->algorithm));
	if (f->labels != 0)
		set_field(sig, 2,
		    ldns_native2rdf_int8(LDNS_RDF_TYPE_INT8, f->labels));
	if (f->ttl != 0)
		set_field(sig, 3,
		    ldns_native2rdf_int32(LDNS_RDF_TYPE_INT32, f->ttl));
	set_field(sig, 4,
	    ldns_native2rdf_int32(LDNS_RDF_TYPE_TIME,
		(uint32_t)(NOW + (day ? DAY : f->until))));
	set_field(sig, 5,
	    ldns_native2rdf_int32(LDNS_RDF_TYPE_TIME,
		(uint32_t)(NOW + (day ? -DAY : f->from))));
	if (f->signer != NULL)
		set_field(sig, 7, ldns_dname_new_frm_str(f->signer));
}

/* Signs what it says, whatever that is. */
static ldns_rr *
forge(const ldns_rr_list *set, const struct forge *f)
{
	ldns_key *k = f->by != NULL ? f->by : key;
	ldns_rr_list *copy = ldns_rr_list_clone(set);
	ldns_rr *sig = ldns_create_empty_rrsig(copy, k);
	ldns_buffer *buf = ldns_buffer_new(LDNS_MAX_PACKETLEN);

	fill_sig(sig, f);
	for (size_t i = 0; i < ldns_rr_list_rr_count(copy); i++) {
		ldns_rr *rr = ldns_rr_list_rr(copy, i);

		ldns_rr2canonical(rr);
		if (f->ttl != 0)
			ldns_rr_set_ttl(rr, f->ttl);
	}
	ldns_rr_list_sort(copy);
	ck_assert(ldns_rrsig2buffer_wire(buf, sig) == LDNS_STATUS_OK);
	ck_assert(ldns_rr_list2buffer_wire(buf, copy) == LDNS_STATUS_OK);
	set_field(sig, SIG_DATA, ldns_sign_public_buffer(buf, k));
	ldns_buffer_free(buf);
	ldns_rr_list_deep_free(copy);
	return sig;
}

/* ---- the zone ---- */

static ldns_rr *
key_rr(ldns_key *k, uint16_t flags, uint8_t protocol)
{
	ldns_rr *rr = ldns_key2rr(k);

	ldns_rr_set_ttl(rr, 60);
	ldns_rdf_data(ldns_rr_rdf(rr, 0))[0] = (uint8_t)(flags >> 8);
	ldns_rdf_data(ldns_rr_rdf(rr, 0))[1] = (uint8_t)flags;
	ldns_rdf_data(ldns_rr_rdf(rr, 1))[0] = protocol;
	return rr;
}

/* The DNSKEY answer and the DS of the zone's key, which carries these flags
 * and this protocol; `l` are other keys, before it. */
static void
publish(ldns_rr_list *l, uint16_t flags, uint8_t protocol,
    const struct forge *f)
{
	ldns_rr *rr = key_rr(key, flags, protocol), *d;

	ldns_key_set_keytag(key, ldns_calc_keytag(rr));
	d = ldns_key_rr2ds(rr, LDNS_SHA256);
	ds = (struct ds_set){ .secure = true, .n = 1 };
	ds.ds[0] = (struct ds){ .tag = ldns_calc_keytag(rr),
		.algorithm = 13,
		.digest_type = 2,
		.digest_len = 32 };
	memcpy(ds.ds[0].digest, ldns_rdf_data(ldns_rr_rdf(d, 3)), 32);
	ldns_rr_free(d);
	ldns_rr_list_push_rr(l, rr);
	ldns_rr_list_push_rr(l, forge(l, f));
	dnskey = kit_answer(ZONE, LDNS_RR_TYPE_DNSKEY, 0, true, l, NULL);
}

static void
setup(void)
{
	key = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
	other = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
}

static void
teardown(void)
{
	ask_release(&tlsa, 1);
	ask_release(&dnskey, 1);
	ldns_key_deep_free(key);
	ldns_key_deep_free(other);
}

static void
publish_plain(void)
{
	publish(ldns_rr_list_new(), 257, 3, &(struct forge){ .labels = 0 });
}

static ldns_rr_list *
two(void)
{
	static const char *const text[] = { TLSA_1, TLSA_2, NULL };

	return kit_set(text);
}

/* The records in the order of `l`; the signatures in that of `sigs`. */
static void
answer(ldns_rr_list *l, ldns_rr_list *sigs)
{
	ldns_rr_list_cat(l, sigs);
	ldns_rr_list_free(sigs);
	tlsa = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 0, true, l, NULL);
}

static struct glance g;
static time_t expires;

static void
judge(void)
{
	memset(&g, 0x55, sizeof(g));
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, false, &g, &expires);
}

static void
expect(enum look want, const char *why, int row)
{
	judge();
	ck_assert_msg(g.look == want, "row %d: %s, wanted %s: %s", row,
	    look_name(g.look), look_name(want), g.why);
	ck_assert_msg(strstr(g.why, why) != NULL,
	    "row %d: '%s' does not say '%s'", row, g.why, why);
}

/* ---- what a signature says ---- */

/* clang-format off */
static const struct {
	struct forge forge;
	enum look want;
	const char *why;
} SIGS[] = {
	{ { .labels = 0 },		   LOOK_SHOWN, "" },
	{ { .signer = "EXAMPLE.org." },	   LOOK_SHOWN, "" },
	{ { .signer = "attacker.test." },  LOOK_BOGUS, "another zone" },
	{ { .signer = "org." },		   LOOK_BOGUS, "another zone" },
	{ { .signer = "mx1.example.org." }, LOOK_BOGUS, "another zone" },
	{ { .labels = 1 },		   LOOK_BOGUS, "is wrong" },
	{ { .labels = 4 },		   LOOK_BOGUS, "is wrong" },
	{ { .labels = 6 },		   LOOK_BOGUS, "longer name" },
	{ { .algorithm = 5 },		   LOOK_BOGUS, "algorithm 5" },
	{ { .algorithm = 14 },		   LOOK_BOGUS, "not among" },
	{ { .covered = 1 },		   LOOK_BOGUS, "no signature" },
	{ { .ttl = 61 },		   LOOK_BOGUS, "intercepted: " },
	{ { .ttl = 59 },		   LOOK_BOGUS, "TTL 60" },
	{ { .from = 0, .until = 1 },	   LOOK_SHOWN, "" },
	{ { .from = 1, .until = 2 },	   LOOK_BOGUS, "begins" },
	{ { .from = -2, .until = -1 },	   LOOK_BOGUS, "ended" },
	{ { .from = 0, .until = 0x7fffffff }, LOOK_SHOWN, "" },
};
/* clang-format on */

#define SIGS_N ((int)(sizeof(SIGS) / sizeof(SIGS[0])))

START_TEST(a_right_signature_over_something_else_is_wrong)
{
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish_plain();
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[_i].forge));
	answer(l, sigs);
	expect(SIGS[_i].want, SIGS[_i].why, _i);
}
END_TEST

/* clang-format off */
static const struct {
	long until;
	int64_t margin;
	const char *why; /* NULL: it counts */
} MARGINS[] = {
	{ 300, 0,   NULL },
	{ 300, 300, NULL },
	{ 299, 300, "ends at 2027-01-15 08:04 UTC, within the clock-slack" },
	{ 0,   300, "ends at 2027-01-15 08:00 UTC, within the clock-slack" },
	{ -1,  300, "ended at" },
};
/* clang-format on */

#define MARGINS_N ((int)(sizeof(MARGINS) / sizeof(MARGINS[0])))

/* Of the records, then of the keys. */
START_TEST(a_signature_that_ends_within_the_margin_has_ended)
{
	struct forge f = { .from = -9, .until = MARGINS[_i / 2].until };
	const struct forge *records = _i % 2 == 0 ? &f : &SIGS[0].forge;
	const struct forge *keys = _i % 2 == 0 ? &SIGS[0].forge : &f;
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	kit_margin = MARGINS[_i / 2].margin;
	publish(ldns_rr_list_new(), 257, 3, keys);
	ldns_rr_list_push_rr(sigs, forge(l, records));
	answer(l, sigs);
	if (MARGINS[_i / 2].why == NULL)
		expect(LOOK_SHOWN, "", _i);
	else
		expect(LOOK_BOGUS, MARGINS[_i / 2].why, _i);
	kit_margin = 0;
}
END_TEST

/* Both are told: of the records, of the keys; from when until when. */
START_TEST(what_is_shown_comes_with_the_life_of_its_signatures)
{
	static const struct forge records = { .from = -9, .until = 8 };
	static const struct forge keys = { .from = -7, .until = 6 };
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish(ldns_rr_list_new(), 257, 3, &keys);
	ldns_rr_list_push_rr(sigs, forge(l, &records));
	answer(l, sigs);
	expect(LOOK_SHOWN, "", 0);
	ck_assert_int_eq(g.records_signed.from, NOW - 9);
	ck_assert_int_eq(g.records_signed.until, NOW + 8);
	ck_assert_int_eq(g.keys_signed.from, NOW - 7);
	ck_assert_int_eq(g.keys_signed.until, NOW + 6);
	ck_assert(g.one_signature);
}
END_TEST

/* Whoever holds it may have taken the other one. */
START_TEST(of_two_signatures_none_is_the_only_one)
{
	static const struct forge records = { .from = -9, .until = 8 };
	struct forge second = records;
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish_plain();
	second.until = 9;
	if (_i == 1)
		second.by = other; /* it does not hold, for us */
	ldns_rr_list_push_rr(sigs, forge(l, &records));
	ldns_rr_list_push_rr(sigs, forge(l, &second));
	answer(l, sigs);
	expect(LOOK_SHOWN, "", 0);
	ck_assert(!g.one_signature);
}
END_TEST

START_TEST(the_keys_are_signed_by_their_own_zone)
{
	static const struct forge bad = { .signer = "org." };
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish(ldns_rr_list_new(), 257, 3, &bad);
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	answer(l, sigs);
	expect(LOOK_BOGUS, "another zone", 0);
}
END_TEST

/* Every byte of its fixed part is needed, and one of the signature. */
START_TEST(a_signature_cut_short_is_none)
{
	size_t len = (size_t)_i, n;
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();
	ldns_rr *sig = forge(l, &SIGS[0].forge);
	ldns_buffer *buf = ldns_buffer_new(LDNS_MAX_PACKETLEN);

	publish_plain();
	for (size_t i = 0; i <= SIG_DATA; i++)
		ldns_rdf2buffer_wire(buf, ldns_rr_rdf(sig, i));
	n = ldns_buffer_position(buf);
	ck_assert_uint_gt(n, SIG_FIXED + 1);
	while (ldns_rr_rd_count(sig) > 0)
		ldns_rdf_deep_free(ldns_rr_pop_rdf(sig));
	ldns_rr_push_rdf(sig,
	    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_HEX, len,
		ldns_buffer_begin(buf)));
	ldns_rr_list_push_rr(sigs, sig);
	answer(l, sigs);
	expect(LOOK_BOGUS,
	    len < 2		   ? "no signature"
		: len <= SIG_FIXED ? "malformed signature"
				   : "is wrong",
	    _i);
	ldns_buffer_free(buf);
}
END_TEST

/* A signer's name must not be compressed: what it points at is not signed. */
START_TEST(a_signer_behind_a_pointer_is_malformed)
{
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();
	ldns_rr *sig = forge(l, &SIGS[0].forge);
	ldns_buffer *buf = ldns_buffer_new(LDNS_MAX_PACKETLEN);
	uint8_t bytes[18 + 2 + 64];

	publish_plain();
	for (size_t i = 0; i < 7; i++)
		ldns_rdf2buffer_wire(buf, ldns_rr_rdf(sig, i));
	memcpy(bytes, ldns_buffer_begin(buf), 18);
	bytes[18] = 0xc0; /* "example.org." in the question's name */
	bytes[19] = 12 + 4 + 5 + 4;
	memcpy(bytes + 20, ldns_rdf_data(ldns_rr_rdf(sig, SIG_DATA)), 64);
	while (ldns_rr_rd_count(sig) > 0)
		ldns_rdf_deep_free(ldns_rr_pop_rdf(sig));
	ldns_rr_push_rdf(sig,
	    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_HEX, sizeof(bytes), bytes));
	ldns_rr_list_push_rr(sigs, sig);
	answer(l, sigs);
	expect(LOOK_BOGUS, "malformed signature", 0);
	ldns_buffer_free(buf);
}
END_TEST

START_TEST(a_signature_stands_where_its_records_stand)
{
	ldns_rr_list *l = two(), *authority = ldns_rr_list_new();
	ldns_rr *sig = forge(l, &SIGS[0].forge);

	publish_plain();
	if (_i == 0) {
		ldns_rdf_deep_free(ldns_rr_owner(sig));
		ldns_rr_set_owner(sig,
		    ldns_dname_new_frm_str("_26._tcp.mx1.example.org."));
	}
	if (_i == 1)
		ldns_rr_set_class(sig, LDNS_RR_CLASS_CH);
	ldns_rr_list_push_rr(_i == 2 ? authority : l, sig);
	tlsa = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 0, true, l, authority);
	expect(LOOK_BOGUS, "no signature", _i);
}
END_TEST

/* Only records of the Internet's class are meant, and only where the question
 * is answered. */
START_TEST(records_elsewhere_are_not_shown)
{
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();
	ldns_rr
	    *stray = kit_rr("_26._tcp.mx1.example.org. 60 IN TLSA 3 1 1 " D1);

	publish_plain();
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	ldns_rr_list_push_rr(l, stray);
	stray = kit_rr(OWNER " 60 IN TLSA 3 1 1 " D1);
	ldns_rdf_data(ldns_rr_rdf(stray, 3))[0] ^= 1;
	ldns_rr_set_class(stray, LDNS_RR_CLASS_CH);
	ldns_rr_list_push_rr(l, stray);
	stray = kit_rr(OWNER " 60 IN TLSA 3 1 1 " D1);
	ldns_rdf_data(ldns_rr_rdf(stray, 3))[0] ^= 2;
	ldns_rr_list_cat(l, sigs);
	ldns_rr_list_free(sigs);
	sigs = ldns_rr_list_new();
	ldns_rr_list_push_rr(sigs, stray);
	tlsa = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 0, true, l, sigs);
	expect(LOOK_SHOWN, "", 0);
	ck_assert_uint_eq(g.set.n, 2);
}
END_TEST

/* ---- which question is answered ---- */

/* clang-format off */
static const struct {
	size_t at;	/* in the message; from `QUESTION` behind its name */
	uint8_t flip;
	const char *why;
} HEADS[] = {
#define QUESTION 1000
	{ 2,		0x80, "another question" },	/* QR */
	{ 2,		0x08, "another question" },	/* opcode */
	{ 2,		0x40, "another question" },
	{ 2,		0x02, "truncated" },
	{ 2,		0x04, "lame" },
	{ 3,		0x01, "FORMERR" },
	{ 3,		0x02, "SERVFAIL" },
	{ 3,		0x05, "REFUSED" },
	{ 13,		0x01, "another question" },	/* the name */
	{ QUESTION,	0x01, "another question" },	/* its type */
	{ QUESTION + 1, 0x01, "another question" },
	{ QUESTION + 2, 0x01, "another question" },	/* its class */
	{ QUESTION + 3, 0x02, "another question" },
};
/* clang-format on */

#define HEADS_N ((int)(sizeof(HEADS) / sizeof(HEADS[0])))

static void
shown(void)
{
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish_plain();
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	answer(l, sigs);
	expect(LOOK_SHOWN, "", 0);
}

START_TEST(only_an_answer_to_this_question_is_judged)
{
	struct question *q[] = { &tlsa, &dnskey };
	size_t len[] = { strlen(OWNER) + 1, strlen(ZONE) + 1 };

	shown();
	for (int i = 0; i < 2; i++) {
		size_t at = HEADS[_i].at;

		if (at >= QUESTION)
			at = 12 + len[i] + at - QUESTION;
		q[i]->reply[at] ^= HEADS[_i].flip;
		expect(LOOK_SILENT, HEADS[_i].why, _i);
		ck_assert_int_eq(expires, 0);
		q[i]->reply[at] ^= HEADS[_i].flip;
	}
	expect(LOOK_SHOWN, "", _i);
}
END_TEST

START_TEST(an_answer_without_a_question_is_to_none)
{
	struct question *q[] = { &tlsa, &dnskey };
	ldns_pkt *p = NULL;

	shown();
	ck_assert(ldns_wire2pkt(&p, q[_i]->reply, q[_i]->reply_len) ==
	    LDNS_STATUS_OK);
	ldns_rr_free(ldns_rr_list_pop_rr(ldns_pkt_question(p)));
	ldns_pkt_set_qdcount(p, 0);
	ask_release(q[_i], 1);
	ck_assert(ldns_pkt2wire(&q[_i]->reply, p, &q[_i]->reply_len) ==
	    LDNS_STATUS_OK);
	ldns_pkt_free(p);
	expect(LOOK_SILENT, "another question", _i);
}
END_TEST

START_TEST(records_that_do_not_exist_are_wrong)
{
	shown();
	tlsa.reply[3] |= 3;
	expect(LOOK_BOGUS, "NXDOMAIN", 0);
}
END_TEST

START_TEST(a_name_that_is_none_is_not_judged)
{
	static const char *const names[][2] = { { "a..b.", ZONE },
		{ OWNER, "a..b." } };

	shown();
	kit_judge(&tlsa, &dnskey, &ds, names[_i][0], names[_i][1], true, &g,
	    &expires);
	ck_assert_int_eq(g.look, LOOK_SILENT);
	ck_assert_ptr_nonnull(strstr(g.why, "a name"));
}
END_TEST

/* ---- several signatures ---- */

/* clang-format off */
static const struct {
	size_t bad;
	struct forge good[2]; /* the second only when it says something */
	enum look want;
	uint32_t ttl;
	long expires;
	const char *why;
} MANY[] = {
	/* one for a larger TTL is of another time; the later end counts, in
	 * either order */
	{ 0, { { .ttl = 120 }, { .ttl = 60 } },	 LOOK_SHOWN, 60,  DAY, "" },
	{ 0, { { .ttl = 60 }, { .ttl = 120 } },	 LOOK_SHOWN, 60,  DAY, "" },
	{ 0, { { .ttl = 120 }, { .ttl = 61 } },	 LOOK_BOGUS, 0,	  0,
	    "intercepted: the TTL 60 of its TLSA set is below the signed 120" },
	{ 0, { { .from = -9, .until = 9 }, { .from = -9, .until = 8 } },
						 LOOK_SHOWN, 60,  9,   "" },
	{ 0, { { .from = -9, .until = 8 }, { .from = -9, .until = 9 } },
						 LOOK_SHOWN, 60,  9,   "" },
	/* what a bad one says counts for nothing */
	{ 1, { { .from = -9, .until = 9 } },	 LOOK_SHOWN, 60,  9,   "" },
	{ 0, { { .from = -9, .until = 9 }, { .signer = "org.", .ttl = 900 } },
						 LOOK_SHOWN, 60,  9,   "" },
	/* eight are tried; the first reason is told */
	{ 7, { { .ttl = 60 } },			 LOOK_SHOWN, 60,  DAY, "" },
	{ 8, { { .ttl = 60 } },			 LOOK_BOGUS, 0,	  0,
	    "not among" },
	{ 1, { { .signer = "org." } },		 LOOK_BOGUS, 0,	  0,
	    "not among" },
	{ 0, { { .signer = "org." }, { .from = 1, .until = 2 } },
						 LOOK_BOGUS, 0,	  0,
	    "another zone" },
};
/* clang-format on */

#define MANY_N ((int)(sizeof(MANY) / sizeof(MANY[0])))

static bool
says(const struct forge *f)
{
	return f->signer != NULL || f->ttl != 0 || f->until != 0;
}

START_TEST(of_many_signatures_those_that_hold_count)
{
	static const struct forge long_bad = { .ttl = 900 };
	struct forge bad = long_bad;
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish_plain();
	bad.by = other;
	for (size_t i = 0; i < MANY[_i].bad; i++)
		ldns_rr_list_push_rr(sigs, forge(l, &bad));
	for (int i = 0; i < 2; i++)
		if (says(&MANY[_i].good[i]))
			ldns_rr_list_push_rr(sigs, forge(l, &MANY[_i].good[i]));
	answer(l, sigs);
	expect(MANY[_i].want, MANY[_i].why, _i);
	if (MANY[_i].want != LOOK_SHOWN)
		return;
	ck_assert_msg(g.ttl == MANY[_i].ttl, "row %d: %lu", _i,
	    (unsigned long)g.ttl);
	ck_assert_int_eq(expires, NOW + MANY[_i].expires);
}
END_TEST

START_TEST(eight_signatures_are_tried_also_when_they_hold)
{
	static const struct forge late = { .from = -9, .until = 99 };
	static const struct forge soon = { .from = -9, .until = 9 };
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish_plain();
	for (int i = 0; i < 8; i++)
		ldns_rr_list_push_rr(sigs, forge(l, &soon));
	ldns_rr_list_push_rr(sigs, forge(l, &late));
	answer(l, sigs);
	expect(LOOK_SHOWN, "", 0);
	ck_assert_int_eq(expires, NOW + 9);
}
END_TEST

START_TEST(one_record_above_the_signed_ttl_is_enough)
{
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish_plain();
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	ldns_rr_set_ttl(ldns_rr_list_rr(l, (size_t)_i), 61);
	answer(l, sigs);
	expect(LOOK_BOGUS, "TTL 61 is above the signed 60", _i);
}
END_TEST

START_TEST(one_record_below_the_signed_ttl_came_from_a_cache)
{
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish_plain();
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	ldns_rr_set_ttl(ldns_rr_list_rr(l, (size_t)_i), 59);
	answer(l, sigs);
	expect(LOOK_BOGUS, "intercepted: ", _i);
	ck_assert_ptr_eq(strstr(g.why, "intercepted: "), g.why);
}
END_TEST

/* Only a signature that holds tells which TTL was signed. */
START_TEST(a_wrong_signature_blames_no_cache)
{
	struct forge by_other = { .by = other, .ttl = 120 };
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish_plain();
	ldns_rr_list_push_rr(sigs, forge(l, &by_other));
	answer(l, sigs);
	expect(LOOK_BOGUS, "not among", 0);
}
END_TEST

/* ---- keys ---- */

/* clang-format off */
static const struct {
	uint16_t flags;
	uint8_t protocol;
	bool may;
} KEYS[] = {
	{ 0x0101, 3, true },
	{ 0x0100, 3, true },
	{ 0xff7f, 3, true },	/* the other bits have no meaning */
	{ 0x0001, 3, false },	/* no ZONE */
	{ 0x0000, 3, false },
	{ 0xfe7f, 3, false },
	{ 0x0181, 3, false },	/* REVOKE */
	{ 0x0180, 3, false },
	{ 0x0101, 2, false },
	{ 0x0101, 4, false },
	{ 0x0101, 0, false },
};
/* clang-format on */

#define KEYS_N ((int)(sizeof(KEYS) / sizeof(KEYS[0])))

START_TEST(a_key_that_is_not_the_zones_signs_nothing)
{
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish(ldns_rr_list_new(), KEYS[_i].flags, KEYS[_i].protocol,
	    &SIGS[0].forge);
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	answer(l, sigs);
	if (KEYS[_i].may)
		expect(LOOK_SHOWN, "", _i);
	else
		expect(LOOK_BOGUS, "no key fits the DS", _i);
}
END_TEST

/* The DS fits a key that may sign, and that one signs the keys; the records
 * are signed by another of them. */
START_TEST(a_key_that_the_zone_lists_must_be_fit_to_sign_too)
{
	ldns_rr_list *l = ldns_rr_list_new(), *sigs = ldns_rr_list_new();
	struct forge by_other = { .by = other };
	ldns_rr *rr = key_rr(other, KEYS[_i].flags, KEYS[_i].protocol);

	ldns_key_set_keytag(other, ldns_calc_keytag(rr));
	ldns_rr_list_push_rr(l, rr);
	publish(l, 257, 3, &SIGS[0].forge);
	l = two();
	ldns_rr_list_push_rr(sigs, forge(l, &by_other));
	answer(l, sigs);
	if (KEYS[_i].may)
		expect(LOOK_SHOWN, "", _i);
	else
		expect(LOOK_BOGUS, "not among", _i);
}
END_TEST

/* The keys must be signed by one that the DS names: another of the set will
 * not do. */
START_TEST(the_ds_names_the_key_that_signs_the_keys)
{
	ldns_rr_list *l = ldns_rr_list_new(), *sigs = ldns_rr_list_new();
	struct forge by_other = { .by = other };

	ldns_rr_list_push_rr(l, key_rr(other, 257, 3));
	publish(l, 257, 3, &by_other);
	l = two();
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	answer(l, sigs);
	expect(LOOK_BOGUS, "not among", 0);
}
END_TEST

/* Keys of one tag: words of the key change places, the sum stays. */
static void
add_decoys(ldns_rr_list *l, int n)
{
	for (int i = 0; i < n; i++) {
		ldns_rr *rr = key_rr(key, 257, 3);
		uint8_t *p = ldns_rdf_data(ldns_rr_rdf(rr, 3)), word[2];
		int a = i % 31, b = a + 1 + i / 31 % (31 - a);

		memcpy(word, p + 2 * a, 2);
		memcpy(p + 2 * a, p + 2 * b, 2);
		memcpy(p + 2 * b, word, 2);
		ldns_rr_list_push_rr(l, rr);
	}
}

START_TEST(of_keys_with_the_same_tag_four_are_tried)
{
	ldns_rr_list *l = ldns_rr_list_new(), *sigs = ldns_rr_list_new();
	int decoys = 3 + _i;

	add_decoys(l, decoys);
	publish(l, 257, 3, &SIGS[0].forge);
	l = two();
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	answer(l, sigs);
	if (_i == 0)
		expect(LOOK_SHOWN, "", 0);
	else
		expect(LOOK_BOGUS, "is wrong", 1);
}
END_TEST

/*
 * A zone that wants to keep us busy: every signature may be by every key.
 * Eight signatures with four keys each are tried, whatever there is.
 */
#define MANY_SIGS 490 /* with the rest, what fits into a message */

static void
add_sigs(ldns_rr_list *l, const ldns_rr_list *set)
{
	struct forge f = { .by = other };

	ldns_key_set_keytag(other, ldns_key_keytag(key));
	for (int i = 0; i < MANY_SIGS; i++) {
		f.from = -DAY - i;
		f.until = DAY;
		ldns_rr_list_push_rr(l, forge(set, &f));
	}
}

START_TEST(many_signatures_by_many_keys_are_not_all_tried)
{
	ldns_rr_list *l = ldns_rr_list_new(), *sigs = ldns_rr_list_new();

	add_decoys(l, KEYSET_MAX - 1);
	publish(l, 257, 3, &SIGS[0].forge);
	l = two();
	add_sigs(sigs, l);
	answer(l, sigs);
	kit_tries = 0;
	expect(LOOK_BOGUS, "is wrong", 0);
	/* the keys' own one signature too, with the one that the DS names */
	ck_assert_uint_le(kit_tries, 8 * 4 + 4);
	ck_assert_uint_ge(kit_tries, 8 * 4);
}
END_TEST

START_TEST(many_signatures_over_many_keys_are_not_all_tried)
{
	ldns_rr_list *l = ldns_rr_list_new(), *sigs = ldns_rr_list_new();
	ldns_rr_list *own = ldns_rr_list_new();

	add_decoys(l, _i == 0 ? KEYSET_MAX - 1 : KEYSET_MAX);
	publish(l, 257, 3, &SIGS[0].forge);
	ldns_rr_list_push_rr(own, key_rr(key, 257, 3));
	add_sigs(own, own);
	ask_release(&dnskey, 1);
	l = ldns_rr_list_new();
	add_decoys(l, _i == 0 ? KEYSET_MAX - 1 : MANY_SIGS);
	if (_i == 1)
		while (ldns_rr_list_rr_count(own) > 1)
			ldns_rr_free(ldns_rr_list_pop_rr(own));
	ldns_rr_list_cat(l, own);
	ldns_rr_list_free(own);
	dnskey = kit_answer(ZONE, LDNS_RR_TYPE_DNSKEY, 0, true, l, NULL);
	l = two();
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	answer(l, sigs);
	kit_tries = 0;
	expect(LOOK_BOGUS, _i == 0 ? "is wrong" : "more than 16 keys", _i);
	ck_assert_uint_le(kit_tries, _i == 0 ? 8 * 4 : 0);
}
END_TEST

/* A denial is of twelve sets at most, each with its own. */
START_TEST(many_signatures_in_a_denial_are_not_all_tried)
{
	ldns_rr_list *l = ldns_rr_list_new(), *all = ldns_rr_list_new();

	add_decoys(l, 3);
	publish(l, 257, 3, &SIGS[0].forge);
	for (int i = 0; i < 12; i++) {
		struct forge f = { .by = other };
		char text[] = "a.example.org. 30 IN NSEC b.example.org. A";
		ldns_rr_list *one = ldns_rr_list_new();

		text[0] = (char)('a' + i);
		ldns_rr_list_push_rr(one, kit_rr(text));
		ldns_key_set_keytag(other, ldns_key_keytag(key));
		for (int k = 0; k < 7; k++) {
			f.from = -DAY - k;
			f.until = DAY;
			ldns_rr_list_push_rr(all, forge(one, &f));
		}
		ldns_rr_list_push_rr(all, forge(one, &SIGS[0].forge));
		ldns_rr_list_cat(all, one);
		ldns_rr_list_free(one);
	}
	tlsa = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 3, true, NULL, all);
	kit_tries = 0;
	expect(LOOK_BOGUS, "without a proof", 0); /* and no SOA */
	ck_assert_uint_ge(kit_tries, 12 * 8 * 4);
	ck_assert_uint_le(kit_tries, 12 * 8 * 4 + 4);
}
END_TEST

/* An odd one among them does no harm; the set is signed with it. */
START_TEST(a_key_without_a_key_is_passed_over)
{
	ldns_rr_list *l = ldns_rr_list_new(), *sigs = ldns_rr_list_new();
	ldns_rr *rr = key_rr(other, 256, 3);

	set_field(rr, 3, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_HEX, 0, ""));
	ldns_rr_list_push_rr(l, rr);
	publish(l, 257, 3, &SIGS[0].forge);
	l = two();
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	answer(l, sigs);
	expect(LOOK_SHOWN, "", 0);
}
END_TEST

/* ---- the DS set ---- */

/* clang-format off */
static const struct {
	uint8_t algorithm, digest_type, digest_len;
	bool counts;
} DS[] = {
	{ 8,   2, 32, true },  { 10,  2, 32, true },  { 13,  2, 32, true },
	{ 14,  2, 32, true },  { 15,  2, 32, true },  { 16,  2, 32, true },
	{ 13,  4, 48, true },
	{ 13,  1, 20, false }, { 13,  1, 32, false }, { 13,  3, 32, false },
	{ 13,  2, 31, false }, { 13,  2, 33, false }, { 13,  2, 48, false },
	{ 13,  4, 32, false }, { 13,  4, 47, false }, { 13,  4, 49, false },
	{ 13,  5, 48, false }, { 0,   2, 32, false }, { 1,   2, 32, false },
	{ 3,   2, 32, false }, { 5,   2, 32, false }, { 6,   2, 32, false },
	{ 7,   2, 32, false }, { 9,   2, 32, false }, { 11,  2, 32, false },
	{ 12,  2, 32, false }, { 17,  2, 32, false }, { 200, 2, 32, false },
};
/* clang-format on */

START_TEST(a_ds_counts_by_its_algorithm_and_digest)
{
	for (size_t i = 0; i < sizeof(DS) / sizeof(DS[0]); i++) {
		struct ds_set s = { .secure = true, .n = 1 };

		s.ds[0].algorithm = DS[i].algorithm;
		s.ds[0].digest_type = DS[i].digest_type;
		s.ds[0].digest_len = DS[i].digest_len;
		ck_assert_msg(ds_usable(&s) == DS[i].counts, "row %zu", i);
		/* one that counts is enough, in any place */
		s.n = 2;
		s.ds[1] = s.ds[0];
		s.ds[0].algorithm = 1;
		ck_assert_msg(ds_usable(&s) == DS[i].counts, "row %zu", i);
		s.n = 0;
		ck_assert(!ds_usable(&s));
	}
}
END_TEST

/* What the set of the parent is bent to. */
enum bend_ds {
	EMPTY,
	INSECURE,
	INSECURE_EMPTY,
	TAG,
	ALGORITHM,
	DIGEST,
	TYPE,
	SECOND
};

/* clang-format off */
static const struct {
	enum bend_ds bend;
	enum look want;
	const char *why;
} ANCHORS[] = {
	{ EMPTY,	  LOOK_UNSIGNED, "the parent has no DS for the zone" },
	{ INSECURE,	  LOOK_UNSIGNED, "no AD" },
	{ INSECURE_EMPTY, LOOK_UNSIGNED, "no AD" },
	{ TAG,		  LOOK_BOGUS,	 "no key fits" },
	{ ALGORITHM,	  LOOK_BOGUS,	 "no key fits" },
	{ DIGEST,	  LOOK_BOGUS,	 "no key fits" },
	{ TYPE,		  LOOK_UNSIGNED, "algorithm and a digest" },
	{ SECOND,	  LOOK_SHOWN,	 "" },
};
/* clang-format on */

#define ANCHORS_N ((int)(sizeof(ANCHORS) / sizeof(ANCHORS[0])))

static void
bend_ds(enum bend_ds b)
{
	if (b == EMPTY || b == INSECURE_EMPTY)
		ds.n = 0;
	if (b == INSECURE || b == INSECURE_EMPTY)
		ds.secure = false;
	if (b == SECOND)
		ds.ds[ds.n++] = ds.ds[0];
	if (b == TAG || b == SECOND)
		ds.ds[0].tag ^= 1;
	if (b == ALGORITHM)
		ds.ds[0].algorithm = 14;
	if (b == DIGEST)
		ds.ds[0].digest[31] ^= 1;
	if (b == TYPE)
		ds.ds[0].digest_type = 1;
}

START_TEST(the_chain_begins_at_the_ds_set)
{
	ldns_rr_list *l = two(), *sigs = ldns_rr_list_new();

	publish_plain();
	ldns_rr_list_push_rr(sigs, forge(l, &SIGS[0].forge));
	answer(l, sigs);
	bend_ds(ANCHORS[_i].bend);
	expect(ANCHORS[_i].want, ANCHORS[_i].why, _i);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("answer_sign");
	TCase *tc = tcase_create("answer_sign");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_right_signature_over_something_else_is_wrong,
	    0, SIGS_N);
	tcase_add_loop_test(tc,
	    a_signature_that_ends_within_the_margin_has_ended, 0,
	    2 * MARGINS_N);
	tcase_add_test(tc, what_is_shown_comes_with_the_life_of_its_signatures);
	tcase_add_loop_test(tc, of_two_signatures_none_is_the_only_one, 0, 2);
	tcase_add_test(tc, the_keys_are_signed_by_their_own_zone);
	tcase_add_loop_test(tc, a_signature_cut_short_is_none, 0,
	    SIG_FIXED + 3);
	tcase_add_test(tc, a_signer_behind_a_pointer_is_malformed);
	tcase_add_loop_test(tc, a_signature_stands_where_its_records_stand, 0,
	    3);
	tcase_add_test(tc, records_elsewhere_are_not_shown);
	tcase_add_loop_test(tc, only_an_answer_to_this_question_is_judged, 0,
	    HEADS_N);
	tcase_add_loop_test(tc, an_answer_without_a_question_is_to_none, 0, 2);
	tcase_add_test(tc, records_that_do_not_exist_are_wrong);
	tcase_add_loop_test(tc, a_name_that_is_none_is_not_judged, 0, 2);
	tcase_add_loop_test(tc, of_many_signatures_those_that_hold_count, 0,
	    MANY_N);
	tcase_add_test(tc, eight_signatures_are_tried_also_when_they_hold);
	tcase_add_loop_test(tc, one_record_above_the_signed_ttl_is_enough, 0,
	    2);
	tcase_add_loop_test(tc,
	    one_record_below_the_signed_ttl_came_from_a_cache, 0, 2);
	tcase_add_test(tc, a_wrong_signature_blames_no_cache);
	tcase_add_loop_test(tc, a_key_that_is_not_the_zones_signs_nothing, 0,
	    KEYS_N);
	tcase_add_loop_test(tc,
	    a_key_that_the_zone_lists_must_be_fit_to_sign_too, 0, KEYS_N);
	tcase_add_test(tc, the_ds_names_the_key_that_signs_the_keys);
	tcase_add_loop_test(tc, of_keys_with_the_same_tag_four_are_tried, 0, 2);
	tcase_add_test(tc, many_signatures_by_many_keys_are_not_all_tried);
	tcase_add_loop_test(tc,
	    many_signatures_over_many_keys_are_not_all_tried, 0, 2);
	tcase_add_test(tc, many_signatures_in_a_denial_are_not_all_tried);
	tcase_add_test(tc, a_key_without_a_key_is_passed_over);
	tcase_add_test(tc, a_ds_counts_by_its_algorithm_and_digest);
	tcase_add_loop_test(tc, the_chain_begins_at_the_ds_set, 0, ANCHORS_N);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
