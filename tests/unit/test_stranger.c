/*
 * test_stranger.c - records beside those of the host's keys, as status,
 * records and adopt name them.
 */
#include <stdio.h>

#include "cmd/report.h"
#include "core_kit.h"

START_TEST(what_names_no_key_of_the_host_is_a_stranger_once)
{
	struct tlsa_set got, want = S("X!");

	kit_begin();
	kit_key('A', STAGE_DEPLOYED);
	kit_key('B', STAGE_RETIRED);
	kit_shows(1, "ABX", HOURS);
	kit_shows(2, "AX!", HOURS);
	kit_shows(3, "", HOURS);
	kit_silent(4);
	report_strangers(&H, &H.own[0], &got);
	ck_assert(tlsa_set_eq(&got, &want));
	kit_shows(1, "A", HOURS);
	kit_shows(2, "A", HOURS);
	report_strangers(&H, &H.own[0], &got);
	ck_assert_uint_eq(got.n, 0);
	kit_end();
}
END_TEST

START_TEST(why_no_sender_uses_a_record_is_said)
{
	static const struct {
		struct tlsa r;
		const char *why; /* NULL: it is used */
	} rows[] = {
		{ { 3, 1, 1, 32, { 1 } }, NULL },
		{ { 2, 0, 2, 64, { 1 } }, NULL },
		{ { 3, 0, 0, TLSA_FOLDED, { 1 } }, NULL },
		{ { 0, 1, 1, 32, { 1 } }, "its usage wants a CA" },
		{ { 1, 1, 1, 32, { 1 } }, "its usage wants a CA" },
		{ { 4, 1, 1, 32, { 1 } }, "its usage is unknown" },
		{ { 3, 2, 1, 32, { 1 } }, "its selector" },
		{ { 3, 1, 3, 32, { 1 } }, "its matching type" },
		{ { 3, 1, 1, 31, { 1 } }, "the wrong length" },
		{ { 3, 1, 2, 32, { 1 } }, "the wrong length" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = report_unused(&rows[i].r);

		ck_assert_msg((why == NULL) == (rows[i].why == NULL), "row %zu",
		    i);
		if (why != NULL)
			ck_assert_ptr_nonnull(strstr(why, rows[i].why));
	}
}
END_TEST

START_TEST(one_that_a_concern_names_is_told)
{
	struct concern c[2];
	struct report r = { .concern = c, .n_concern = 2 };
	struct owner *o;
	char said[REPORT_STRANGER];

	kit_begin();
	o = &H.own[0];
	memset(c, 0, sizeof(c));
	snprintf(c[1].text, sizeof(c[1].text), "%s: it names no key",
	    report_stranger(o, &(struct tlsa){ 3, 1, 1, 32, { 7 } }, said));
	ck_assert(report_is_told(&r, o, &(struct tlsa){ 3, 1, 1, 32, { 7 } }));
	ck_assert(!report_is_told(&r, o, &(struct tlsa){ 3, 1, 1, 32, { 8 } }));
	ck_assert(!report_is_told(&r, host_owner(&H, "_465._tcp.mx.", 465),
	    &(struct tlsa){ 3, 1, 1, 32, { 7 } }));
	r.n_concern = 1;
	ck_assert(!report_is_told(&r, &H.own[0],
	    &(struct tlsa){ 3, 1, 1, 32, { 7 } }));
	kit_end();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("stranger");
	TCase *t = tcase_create("records");

	tcase_add_test(t, what_names_no_key_of_the_host_is_a_stranger_once);
	tcase_add_test(t, why_no_sender_uses_a_record_is_said);
	tcase_add_test(t, one_that_a_concern_names_is_told);
	suite_add_tcase(s, t);
	return kit_run(s);
}
