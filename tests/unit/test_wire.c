/*
 * test_wire.c - names are told apart as RFC 4034 wants it, and no bytes from
 * outside lead the walk out of a message.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "edge/wire.h"

static struct wire_name
name(const char *text)
{
	struct wire_name n;

	ck_assert_msg(wire_name_parse(text, &n), "%s", text);
	return n;
}

START_TEST(a_name_comes_back_in_lower_case)
{
	static const char *const in[] = { ".", "org", "Example.ORG.",
		"_25._tcp.mx1.example.org." };
	static const char *const out[] = { ".", "org.", "example.org.",
		"_25._tcp.mx1.example.org." };

	struct wire_name n = name(in[_i]);
	char buf[HOST_NAME];

	ck_assert(wire_name_text(&n, buf));
	ck_assert_str_eq(buf, out[_i]);
}
END_TEST

START_TEST(what_is_no_name_is_refused)
{
	char label[70], longest[300] = "";
	struct wire_name n;

	memset(label, 'a', 64);
	label[64] = 0;
	ck_assert(!wire_name_parse(label, &n));
	ck_assert(wire_name_parse(label + 1, &n));
	for (int i = 0; i < 127; i++)
		strcat(longest, "a.");
	ck_assert(wire_name_parse(longest, &n));
	ck_assert_uint_eq(n.len, 255);
	strcat(longest, "a.");
	ck_assert(!wire_name_parse(longest, &n));
	ck_assert(!wire_name_parse("a..b", &n));
	ck_assert(!wire_name_parse(".a", &n));
	ck_assert(!wire_name_parse("a b.", &n));
	ck_assert(!wire_name_parse("a\\046b.", &n));
}
END_TEST

START_TEST(a_name_with_other_bytes_has_no_text)
{
	struct wire_name n = name("ab.");
	char buf[HOST_NAME];

	n.b[1] = '.';
	ck_assert(!wire_name_text(&n, buf));
	n.b[1] = 0x1b;
	ck_assert(!wire_name_text(&n, buf));
}
END_TEST

START_TEST(names_are_ordered_from_the_right)
{
	/* RFC 4034 section 6.1, without the names that need escapes. */
	static const char *const order[] = { "example", "a.example",
		"yljkjljk.a.example", "z.a.example", "zabc.a.example",
		"z.example", "*.z.example" };
	size_t n = sizeof(order) / sizeof(order[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			struct wire_name a = name(order[i]), b = name(order[j]);
			int want = (i > j) - (i < j);

			ck_assert_int_eq(wire_name_cmp(&a, &b), want);
			ck_assert_int_eq(wire_name_eq(&a, &b), want == 0);
		}
}
END_TEST

START_TEST(a_zone_holds_what_is_below_it_by_labels)
{
	struct wire_name zone = name("example.org."), root = name(".");
	struct wire_name in = name("a.b.example.org.");
	struct wire_name out = name("notexample.org.");

	ck_assert(wire_name_in(&zone, &zone));
	ck_assert(wire_name_in(&in, &zone));
	ck_assert(wire_name_in(&out, &root));
	ck_assert(!wire_name_in(&out, &zone));
	ck_assert(!wire_name_in(&root, &zone));
	ck_assert_uint_eq(wire_name_labels(&in), 4);
	in = name("*.example.org.");
	ck_assert_uint_eq(wire_name_labels(&in), 2);
	ck_assert_uint_eq(wire_name_labels(&root), 0);
}
END_TEST

/* ---- messages ---- */

/* An answer to "a. A": question at 12, one record at 19. */
#define HEAD 0, 1, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0
#define QUESTION 1, 'a', 0, 0, 1, 0, 1
#define RR_A 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1

static const uint8_t GOOD[] = { HEAD, QUESTION, RR_A };

static int
walk(const uint8_t *p, size_t len, struct wire_msg *m)
{
	/* On the heap, so that a byte too far is seen. */
	uint8_t *copy = malloc(len + 1);
	struct err e;
	int rc;

	memcpy(copy, p, len);
	copy = realloc(copy, len > 0 ? len : 1);
	rc = wire_open_head(copy, len, m, &e);
	ck_assert(rc < 0 || (m->n == 0 && m->rr == NULL));
	ck_assert_int_eq(wire_open(copy, len, m, &e), rc);
	if (rc == 0)
		wire_release(m);
	free(copy);
	return rc;
}

START_TEST(a_message_is_read_whole)
{
	struct wire_msg m;
	struct err e;

	ck_assert_int_eq(wire_open(GOOD, sizeof(GOOD), &m, &e), 0);
	ck_assert(m.qr && m.aa && !m.tc && !m.ad && m.has_question);
	ck_assert_int_eq(m.rcode, 0);
	ck_assert_uint_eq(m.n, 1);
	ck_assert_uint_eq(m.rr[0].ttl, 60);
	ck_assert_uint_eq(m.rr[0].len, 4);
	ck_assert_uint_eq(m.rr[0].rdata, sizeof(GOOD) - 4);
	ck_assert(wire_name_eq(&m.rr[0].owner, &m.qname));
	wire_release(&m);
}
END_TEST

START_TEST(no_part_of_a_message_is_a_message)
{
	uint8_t longer[sizeof(GOOD) + 1] = { 0 };
	struct wire_msg m;

	for (size_t len = 0; len < sizeof(GOOD); len++)
		ck_assert_int_eq(walk(GOOD, len, &m), -1);
	memcpy(longer, GOOD, sizeof(GOOD));
	ck_assert_int_eq(walk(longer, sizeof(longer), &m), -1);
	ck_assert_int_eq(walk(GOOD, sizeof(GOOD), &m), 0);
}
END_TEST

START_TEST(compression_leads_only_backward)
{
	static const struct {
		uint16_t to;
		int want;
	} cases[] = {
		{ 12, 0 },	/* the question's name */
		{ 19, -1 },	/* itself */
		{ 20, -1 },	/* its second byte */
		{ 21, -1 },	/* forward */
		{ 0x3fff, -1 }, /* outside */
		{ 14, 0 },	/* the root of the question's name */
	};
	uint8_t p[sizeof(GOOD)];
	struct wire_msg m;

	memcpy(p, GOOD, sizeof(p));
	wire_put16(p + 19, 0xc000u | cases[_i].to);
	ck_assert_int_eq(walk(p, sizeof(p), &m), cases[_i].want);
}
END_TEST

START_TEST(two_pointers_cannot_chase_each_other)
{
	/* The question's name ends in a pointer to the record's, and back. */
	uint8_t p[] = { HEAD, 1, 'a', 0xc0, 20, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0,
		1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1 };
	struct wire_msg m;

	ck_assert_int_eq(walk(p, sizeof(p), &m), -1);
}
END_TEST

START_TEST(a_long_chain_of_pointers_is_refused)
{
	/* The rdata of the first record is a ladder of pointers, each to the
	 * one before; the owner of the second enters it at a rung. */
	uint8_t p[1000] = { 0, 1, 0x84, 0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 'a', 0, 0,
		1, 0, 1 };
	size_t at = 19, ladder;
	struct wire_msg m;

	memcpy(p + at, (uint8_t[]){ 0, 0, 99, 0, 1, 0, 0, 0, 0, 1, 144 }, 11);
	ladder = at + 11;
	for (size_t i = 0; i < 200; i++)
		wire_put16(p + ladder + 2 * i,
		    0xc000u | (unsigned)(i == 0 ? 12 : ladder + 2 * i - 2));
	at = ladder + 400;
	memcpy(p + at + 2,
	    (uint8_t[]){ 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4 }, 14);
	wire_put16(p + at, 0xc000u | (unsigned)(ladder + 2 * 100));
	ck_assert_int_eq(walk(p, at + 16, &m), 0);
	wire_put16(p + at, 0xc000u | (unsigned)(ladder + 2 * 199));
	ck_assert_int_eq(walk(p, at + 16, &m), -1);
}
END_TEST

START_TEST(a_message_has_at_most_one_opt)
{
	static const uint8_t opt[] = { 0, 0, 41, 4, 208, 1, 0, 128, 0, 0, 0 };
	uint8_t p[sizeof(GOOD) + 2 * sizeof(opt)];
	struct wire_msg m;

	memcpy(p, GOOD, sizeof(GOOD));
	memcpy(p + sizeof(GOOD), opt, sizeof(opt));
	memcpy(p + sizeof(GOOD) + sizeof(opt), opt, sizeof(opt));
	p[11] = 1;
	ck_assert_int_eq(walk(p, sizeof(GOOD) + sizeof(opt), &m), 0);
	ck_assert(m.has_opt);
	ck_assert_int_eq(m.rcode, 16); /* BADVERS: the bits of the OPT */
	p[11] = 2;
	ck_assert_int_eq(walk(p, sizeof(p), &m), -1);
	p[11] = 0;
	p[7] = 2; /* in the answer section */
	ck_assert_int_eq(walk(p, sizeof(GOOD) + sizeof(opt), &m), -1);
}
END_TEST

/* Owners by pointer: to "b.a." of the question at 12, "a." in it, its root,
 * "c.b.a." of the first record; and one that begins as that one does. */
START_TEST(each_record_has_the_owner_that_its_pointer_means)
{
#define RR(to) 0xc0, to, 0, 1, 0, 1, 0, 0, 0, 60, 0, 0
#define OPT(to) 0xc0, to, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0
#define C_AND(to) 1, 'c', RR(to)
	static const uint8_t bytes[] = { 0, 1, 0x84, 0, 0, 1, 0, 7, 0, 0, 0, 4,
		1, 'b', 1, 'a', 0, 0, 1, 0, 1, C_AND(12), C_AND(14), RR(14),
		RR(14), RR(12), RR(14), RR(21), RR(16), RR(12), OPT(16),
		RR(16) };
	static const char *const owner[] = { "c.b.a.", "c.a.", "a.", "a.",
		"b.a.", "a.", "c.b.a.", ".", "b.a.", "." };
	struct wire_msg m;
	char text[HOST_NAME];
	struct err e;

	ck_assert_int_eq(walk(bytes, sizeof(bytes), &m), 0);
	ck_assert_int_eq(wire_open(bytes, sizeof(bytes), &m, &e), 0);
	ck_assert_uint_eq(m.n, sizeof(owner) / sizeof(owner[0]));
	for (size_t i = 0; i < m.n; i++) {
		ck_assert(wire_name_text(&m.rr[i].owner, text));
		ck_assert_str_eq(text, owner[i]);
	}
	ck_assert(m.has_opt);
	wire_release(&m);
}
END_TEST

START_TEST(counts_that_lie_are_refused)
{
	static const int at[] = { 4, 6, 8, 10 };
	uint8_t p[sizeof(GOOD)];
	struct wire_msg m;

	memcpy(p, GOOD, sizeof(p));
	p[at[_i]] = 0xff;
	ck_assert_int_eq(walk(p, sizeof(p), &m), -1);
	p[at[_i]] = 0;
	p[at[_i] + 1]++;
	ck_assert_int_eq(walk(p, sizeof(p), &m), -1);
}
END_TEST

START_TEST(an_soa_is_flattened_without_its_compression)
{
	uint8_t p[] = { 0, 1, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 'a', 0, 0, 6,
		0, 1, 0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 9, 0, 25, 0xc0, 12, 1, 'H',
		0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 5 };
	static const uint8_t want[] = { 1, 'a', 0, 0, 6, 0, 1, 0, 0, 0, 9, 0,
		26, 1, 'a', 0, 1, 'h', 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0,
		0, 0, 3, 0, 0, 0, 5 };
	uint8_t flat[100];
	struct wire_msg m;
	struct err e;

	ck_assert_msg(wire_open(p, sizeof(p), &m, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(wire_flat(&m, &m.rr[0], flat, sizeof(flat)),
	    sizeof(want));
	ck_assert_mem_eq(flat, want, sizeof(want));
	ck_assert_uint_eq(wire_flat(&m, &m.rr[0], flat, sizeof(want) - 1), 0);
	wire_release(&m);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wire");
	TCase *tc = tcase_create("wire");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, a_name_comes_back_in_lower_case, 0, 4);
	tcase_add_test(tc, what_is_no_name_is_refused);
	tcase_add_test(tc, a_name_with_other_bytes_has_no_text);
	tcase_add_test(tc, names_are_ordered_from_the_right);
	tcase_add_test(tc, a_zone_holds_what_is_below_it_by_labels);
	tcase_add_test(tc, a_message_is_read_whole);
	tcase_add_test(tc, no_part_of_a_message_is_a_message);
	tcase_add_loop_test(tc, compression_leads_only_backward, 0, 6);
	tcase_add_test(tc, two_pointers_cannot_chase_each_other);
	tcase_add_test(tc, a_long_chain_of_pointers_is_refused);
	tcase_add_test(tc, a_message_has_at_most_one_opt);
	tcase_add_test(tc, each_record_has_the_owner_that_its_pointer_means);
	tcase_add_loop_test(tc, counts_that_lie_are_refused, 0, 4);
	tcase_add_test(tc, an_soa_is_flattened_without_its_compression);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
