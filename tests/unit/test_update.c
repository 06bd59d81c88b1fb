/*
 * test_update.c - an update says exactly what it found and what it wants, and
 * only an answer that is signed with the same key, now, is believed.
 */
#include <check.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef dprintf /* ldns/util.h */

#include "base/mem.h"
#include "edge/update_msg.h"

#define ZONE "example.org."
#define OWNER "_25._tcp.mx1.example.org."

static const struct tsig_key KEY = { "upd.key.", "hmac-sha256.",
	"c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ==" };

static struct update_sent sent;
static struct err e;

static void
teardown(void)
{
	update_sent_release(&sent);
	update_sent_release(NULL);
}

/* ---- what is sent ---- */

static struct primary_set
was(const uint8_t *rdata, size_t len, uint32_t ttl)
{
	struct primary_set p = { .exists = len > 0, .ttl = ttl };

	p.wire = mem_copy(rdata, len);
	p.wire_len = len;
	return p;
}

static struct tlsa
record(uint8_t byte)
{
	struct tlsa t = { 3, 1, 1, 32, { byte } };

	return t;
}

static struct wire_msg
open_sent(void)
{
	struct wire_msg m;

	ck_assert_msg(wire_open(sent.wire, sent.len, &m, &e) == 0, "%s",
	    e.text);
	return m;
}

static void
check_rr(const struct wire_msg *m, size_t i, enum wire_section section,
    uint16_t class, uint32_t ttl, const uint8_t *rdata, size_t len)
{
	struct wire_name owner;

	ck_assert(wire_name_parse(OWNER, &owner));
	ck_assert_uint_lt(i, m->n);
	ck_assert_int_eq(m->rr[i].section, section);
	ck_assert(wire_name_eq(&m->rr[i].owner, &owner));
	ck_assert_uint_eq(m->rr[i].type, 52);
	ck_assert_uint_eq(m->rr[i].class, class);
	ck_assert_uint_eq(m->rr[i].ttl, ttl);
	ck_assert_uint_eq(m->rr[i].len, len);
	if (len > 0)
		ck_assert_mem_eq(m->p + m->rr[i].rdata, rdata, len);
}

START_TEST(a_change_names_exactly_what_was_there)
{
	/* Two records; the second has data that a set would fold. */
	uint8_t rdata[2 + 35 + 2 + 203] = { 0, 35, 3, 1, 1, 0xaa };
	struct primary_set p;
	struct tlsa add = record(0xbb), gone = record(0xaa);
	uint8_t new[35] = { 3, 1, 1, 0xbb };
	struct wire_msg m;

	memcpy(rdata + 37, (uint8_t[]){ 0, 203, 3, 1, 0, 0xcc }, 6);
	p = was(rdata, sizeof(rdata), 60);
	ck_assert_int_eq(update_change(ZONE, OWNER, &p, 3600, &add, 1, &gone, 1,
			     &KEY, &sent, &e),
	    0);
	m = open_sent();
	ck_assert_uint_eq(m.opcode, 5);
	ck_assert(!m.qr);
	ck_assert_uint_eq(sent.wire[2] & 1, 0); /* RD */
	ck_assert_uint_eq(m.qtype, 6);
	ck_assert_uint_eq(m.n, 5);
	check_rr(&m, 0, WIRE_ANSWER, WIRE_CLASS_IN, 0, rdata + 2, 35);
	check_rr(&m, 1, WIRE_ANSWER, WIRE_CLASS_IN, 0, rdata + 39, 203);
	check_rr(&m, 2, WIRE_AUTHORITY, WIRE_CLASS_IN, 60, new, 35);
	check_rr(&m, 3, WIRE_AUTHORITY, WIRE_CLASS_NONE, 0, rdata + 2, 35);
	ck_assert_uint_eq(m.rr[4].type, 250);
	wire_release(&m);
	primary_set_release(&p);
}
END_TEST

START_TEST(a_first_record_wants_that_there_is_none)
{
	struct primary_set p = was(NULL, 0, 0);
	struct tlsa add[] = { record(1), record(2) };
	uint8_t one[35] = { 3, 1, 1, 1 }, two[35] = { 3, 1, 1, 2 };
	struct wire_msg m;

	ck_assert_int_eq(update_change(ZONE, OWNER, &p, 3600, add, 2, NULL, 0,
			     &KEY, &sent, &e),
	    0);
	m = open_sent();
	ck_assert_uint_eq(m.n, 4);
	check_rr(&m, 0, WIRE_ANSWER, WIRE_CLASS_NONE, 0, NULL, 0);
	check_rr(&m, 1, WIRE_AUTHORITY, WIRE_CLASS_IN, 3600, one, 35);
	check_rr(&m, 2, WIRE_AUTHORITY, WIRE_CLASS_IN, 3600, two, 35);
	wire_release(&m);
	primary_set_release(&p);
}
END_TEST

START_TEST(what_cannot_be_sent_is_refused)
{
	struct primary_set p = was(NULL, 0, 0);
	struct tlsa t = record(1);
	struct tsig_key bad = KEY;

	ck_assert_int_eq(update_change("a..b", OWNER, &p, 1, &t, 1, NULL, 0,
			     &KEY, &sent, &e),
	    -1);
	t.len = TLSA_FOLDED;
	ck_assert_int_eq(update_change(ZONE, OWNER, &p, 1, &t, 1, NULL, 0, &KEY,
			     &sent, &e),
	    -1);
	strcpy(bad.algorithm, "hmac-none.");
	ck_assert_int_eq(update_ask(OWNER, &bad, &sent, &e), -1);
	primary_set_release(&p);
}
END_TEST

START_TEST(a_question_is_signed_and_wants_no_recursion)
{
	struct wire_msg m;

	ck_assert_int_eq(update_ask(OWNER, &KEY, &sent, &e), 0);
	m = open_sent();
	ck_assert_uint_eq(m.opcode, 0);
	ck_assert_uint_eq(sent.wire[2] & 1, 0);
	ck_assert_uint_eq(m.qtype, 52);
	ck_assert_uint_eq(m.n, 1);
	ck_assert_uint_eq(m.rr[0].type, 250);
	ck_assert_uint_eq(sent.mac_len, 32);
	wire_release(&m);
}
END_TEST

/* ---- what comes back ---- */

enum bend {
	AS_IT_IS,
	NXRRSET,
	UNSIGNED,
	UNSIGNED_REFUSED,
	OTHER_SECRET,
	OTHER_NAME,
	OTHER_ALGORITHM,
	OTHER_QUESTION, /* signed as the answer to another message */
	TAMPERED,
	LATE,
	EARLY,
	LAST_MOMENT,
	OTHER_ID,
	NO_ANSWER,
	OTHER_OPCODE,
	BADKEY,
	NOT_LAST,
};

static void
sign(ldns_pkt *p, enum bend b)
{
	const char *name = b == OTHER_NAME ? "other.key." : KEY.name;
	const char *alg = b == OTHER_ALGORITHM ? "hmac-sha512." : KEY.algorithm;
	const char *secret = b == OTHER_SECRET ? "b3RoZXI=" : KEY.secret;
	uint8_t mac[2 + 64] = { 0, (uint8_t)sent.mac_len };
	ldns_rdf *rdf;

	memcpy(mac + 2, sent.mac, sent.mac_len);
	mac[2] ^= b == OTHER_QUESTION;
	rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT16_DATA, sent.mac_len + 2,
	    mac);
	ck_assert(ldns_pkt_tsig_sign(p, name, secret, 300, alg, rdf) ==
	    LDNS_STATUS_OK);
	ldns_rdf_deep_free(rdf);
}

/* An error in place of the MAC, as servers do that do not know the key. */
static void
set_badkey(ldns_pkt *p)
{
	ldns_rr *tsig = ldns_pkt_tsig(p);

	ldns_rdf_deep_free(ldns_rr_set_rdf(tsig,
	    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT16_DATA, 2, "\0"), 3));
	ldns_rdf_deep_free(ldns_rr_set_rdf(tsig,
	    ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, 17), 5));
}

static uint8_t *
make_reply(enum bend b, size_t *ret_len)
{
	ldns_pkt *p = NULL;
	uint8_t *wire, *longer;
	static const uint8_t extra[] = { 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2,
		3, 4 };

	ck_assert(ldns_wire2pkt(&p, sent.wire, sent.len) == LDNS_STATUS_OK);
	ldns_rr_free(ldns_pkt_tsig(p));
	ldns_pkt_set_tsig(p, NULL);
	ldns_pkt_set_qr(p, b != NO_ANSWER);
	ldns_pkt_set_rcode(p,
	    b == NXRRSET		? 8
		: b == UNSIGNED_REFUSED ? 5
		: b == BADKEY		? 9
					: 0);
	if (b == OTHER_ID)
		ldns_pkt_set_id(p, ldns_pkt_id(p) ^ 1);
	if (b == OTHER_OPCODE)
		ldns_pkt_set_opcode(p, LDNS_PACKET_QUERY);
	if (b != UNSIGNED && b != UNSIGNED_REFUSED)
		sign(p, b);
	if (b == BADKEY)
		set_badkey(p);
	ck_assert(ldns_pkt2wire(&wire, p, ret_len) == LDNS_STATUS_OK);
	ldns_pkt_free(p);
	if (b == TAMPERED)
		wire[3] ^= 0x80; /* RA: says nothing, and is signed */
	if (b != NOT_LAST)
		return wire;
	longer = mem_array(*ret_len + sizeof(extra), 1);
	memcpy(longer, wire, *ret_len);
	memcpy(longer + *ret_len, extra, sizeof(extra));
	longer[11]++;
	*ret_len += sizeof(extra);
	free(wire);
	return longer;
}

/* clang-format off */
static const struct {
	enum bend bend;
	int want;	 /* 0: an answer, with this rcode */
	int rcode;
	const char *why; /* part of the reason */
} BENDS[] = {
	{ AS_IT_IS,	    0,  0, NULL },
	{ LAST_MOMENT,	    0,  0, NULL },
	{ NXRRSET,	    0,  8, NULL },
	{ UNSIGNED,	    -1, 0, "NOERROR" },
	{ UNSIGNED_REFUSED, -1, 0, "REFUSED" },
	{ OTHER_SECRET,	    -1, 0, "not signed" },
	{ OTHER_NAME,	    -1, 0, "not signed" },
	{ OTHER_ALGORITHM,  -1, 0, "not signed" },
	{ OTHER_QUESTION,   -1, 0, "not signed" },
	{ TAMPERED,	    -1, 0, "not signed" },
	{ LATE,		    -1, 0, "not signed" },
	{ EARLY,	    -1, 0, "not signed" },
	{ OTHER_ID,	    -1, 0, "not an answer" },
	{ NO_ANSWER,	    -1, 0, "not an answer" },
	{ OTHER_OPCODE,	    -1, 0, "not an answer" },
	{ BADKEY,	    -1, 0, "NOTAUTH, BADKEY" },
	{ NOT_LAST,	    -1, 0, "malformed" },
};
/* clang-format on */

#define BENDS_N ((int)(sizeof(BENDS) / sizeof(BENDS[0])))

static void
make_sent(void)
{
	struct primary_set p = was(NULL, 0, 0);
	struct tlsa add = record(1);

	ck_assert_int_eq(update_change(ZONE, OWNER, &p, 60, &add, 1, NULL, 0,
			     &KEY, &sent, &e),
	    0);
	primary_set_release(&p);
}

START_TEST(only_a_signed_answer_is_believed)
{
	enum bend b = BENDS[_i].bend;
	struct wire_msg m = { .rr = NULL };
	time_t now = time(NULL);
	uint8_t *reply;
	size_t len;
	int rc;

	make_sent();
	reply = make_reply(b, &len);
	now += b == LATE ? 303 : b == EARLY ? -303 : b == LAST_MOMENT ? 298 : 0;
	rc = update_check(reply, len, &sent, &KEY, now, &m, &e);
	ck_assert_msg(rc == BENDS[_i].want, "row %d: %s", _i, e.text);
	if (rc == 0)
		ck_assert_int_eq(m.rcode, BENDS[_i].rcode);
	else {
		ck_assert_int_eq(e.kind, ERR_TEMP);
		ck_assert_msg(strstr(e.text, BENDS[_i].why) != NULL,
		    "row %d: '%s' does not say '%s'", _i, e.text,
		    BENDS[_i].why);
	}
	wire_release(&m);
	free(reply);
}
END_TEST

START_TEST(no_piece_of_an_answer_is_believed)
{
	struct wire_msg m;
	uint8_t *reply, *copy;
	size_t len;

	make_sent();
	reply = make_reply(AS_IT_IS, &len);
	for (size_t n = 0; n < len; n++) {
		copy = mem_copy(reply, n);
		ck_assert_int_eq(update_check(copy, n, &sent, &KEY, time(NULL),
				     &m, &e),
		    -1);
		free(copy);
	}
	for (size_t i = 0; i < len; i++) {
		copy = mem_copy(reply, len);
		copy[i] ^= 0xff;
		ck_assert_msg(update_check(copy, len, &sent, &KEY, time(NULL),
				  &m, &e) == -1,
		    "byte %zu", i);
		free(copy);
	}
	free(reply);
}
END_TEST

/* P05, with the faults of TSIG in BENDS. */
START_TEST(every_refusal_has_its_word)
{
	static const struct {
		int rcode;
		enum err_kind kind;
		const char *word;
	} cases[] = {
		{ 1, ERR_REFUSED, "FORMERR" },
		{ 2, ERR_TEMP, "not known" },
		{ 5, ERR_REFUSED, "right" },
		{ 7, ERR_REFUSED, "someone else changed the RRset" },
		{ 8, ERR_REFUSED, "someone else changed the RRset" },
		{ 9, ERR_REFUSED, "not the primary" },
		{ 10, ERR_REFUSED, "not in the zone" },
	};

	ck_assert_int_eq(update_outcome(0, &e), 0);
	ck_assert_int_eq(update_outcome(cases[_i].rcode, &e), -1);
	ck_assert_int_eq(e.kind, cases[_i].kind);
	ck_assert_ptr_nonnull(strstr(e.text, cases[_i].word));
}
END_TEST

/* ---- what the primary holds ---- */

/* An answer by hand: `rr` is one record behind the question's name. */
static size_t
holds(uint8_t *p, int rcode, bool aa, uint16_t type, size_t rdlen)
{
	struct wire_name n;
	size_t at = 12;

	memset(p, 0, 400);
	ck_assert(wire_name_parse(OWNER, &n));
	p[2] = aa ? 0x84 : 0x80;
	p[3] = (uint8_t)rcode;
	p[5] = 1;
	memcpy(p + at, n.b, n.len);
	at += n.len;
	memcpy(p + at, (uint8_t[]){ 0, 52, 0, 1 }, 4);
	at += 4;
	if (type == 0)
		return at;
	p[7] = 1;
	memcpy(p + at,
	    (uint8_t[]){ 0xc0, 12, 0, (uint8_t)type, 0, 1, 0, 0, 0, 77, 0,
		(uint8_t)rdlen, 3, 1, 1 },
	    15);
	return at + 12 + rdlen;
}

START_TEST(what_the_primary_holds_is_kept_exactly)
{
	static const struct {
		int rcode;
		bool aa;
		uint16_t type;
		size_t rdlen;
		int want;
		bool exists, odd;
		unsigned n;
	} cases[] = {
		{ 0, true, 52, 35, 0, true, false, 1 },
		{ 0, true, 52, 3, 0, true, false, 1 },
		{ 0, true, 52, 2, 0, true, true, 0 },
		{ 0, true, 52, 120, 0, true, true, 0 },
		{ 0, true, 0, 0, 0, false, false, 0 },
		{ 3, true, 0, 0, 0, false, false, 0 },
		{ 0, true, 1, 4, 0, false, false, 0 },
		{ 0, true, 5, 2, -1, false, false, 0 },
		{ 5, true, 0, 0, -1, false, false, 0 },
		{ 0, false, 52, 35, -1, false, false, 0 },
	};
	struct primary_set p;
	struct wire_msg m;
	uint8_t wire[400];
	size_t len = holds(wire, cases[_i].rcode, cases[_i].aa, cases[_i].type,
	    cases[_i].rdlen);

	ck_assert_int_eq(wire_open(wire, len, &m, &e), 0);
	ck_assert_int_eq(update_take(&m, OWNER, &p, &e), cases[_i].want);
	ck_assert_int_eq(p.exists, cases[_i].exists);
	ck_assert_int_eq(p.odd, cases[_i].odd);
	ck_assert_uint_eq(p.set.n, cases[_i].n);
	if (p.exists) {
		ck_assert_uint_eq(p.ttl, 77);
		ck_assert_uint_eq(p.wire_len, cases[_i].rdlen + 2);
		ck_assert_uint_eq(p.wire[1], cases[_i].rdlen);
		ck_assert_uint_eq(p.wire[2], 3);
	}
	primary_set_release(&p);
	primary_set_release(NULL);
	wire_release(&m);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("update");
	TCase *tc = tcase_create("update");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, a_change_names_exactly_what_was_there);
	tcase_add_test(tc, a_first_record_wants_that_there_is_none);
	tcase_add_test(tc, what_cannot_be_sent_is_refused);
	tcase_add_test(tc, a_question_is_signed_and_wants_no_recursion);
	tcase_add_loop_test(tc, only_a_signed_answer_is_believed, 0, BENDS_N);
	tcase_add_test(tc, no_piece_of_an_answer_is_believed);
	tcase_add_loop_test(tc, every_refusal_has_its_word, 0, 7);
	tcase_add_loop_test(tc, what_the_primary_holds_is_kept_exactly, 0, 10);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
