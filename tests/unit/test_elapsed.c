/*
 * test_elapsed.c - elapsed time is never more than what surely went by, and
 * a clock that jumped is not trusted.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/elapsed.h"

#define SLACK 300

static struct clock_reading
reading(const char *boot, int64_t boot_s, time_t wall, bool synced)
{
	struct clock_reading r = { .wall = wall,
		.boot_ms = boot_s * 1000,
		.synced = synced };

	text_fmt(r.boot_id, sizeof(r.boot_id), "%s", boot);
	return r;
}

static void
advance(struct agent *a, const char *boot, int64_t boot_s, time_t wall,
    bool synced)
{
	struct clock_reading r = reading(boot, boot_s, wall, synced);

	elapsed_advance(a, &r, SLACK);
}

static struct agent
started(void)
{
	struct agent a;

	memset(&a, 0, sizeof(a));
	advance(&a, "one", 1000, 1000000, false);
	return a;
}

START_TEST(the_first_reading_is_trusted_and_counts_nothing)
{
	struct agent a = started();

	ck_assert_int_eq(a.elapsed, 0);
	ck_assert(a.trusted);
}
END_TEST

START_TEST(within_a_boot_the_boot_clock_counts)
{
	struct agent a = started();

	advance(&a, "one", 1900, 1000900, false);
	ck_assert_int_eq(a.elapsed, 900);
	ck_assert(a.trusted);
}
END_TEST

START_TEST(across_a_reboot_only_the_uptime_counts)
{
	struct agent a = started();

	advance(&a, "two", 60, 1005000, false);
	ck_assert_int_eq(a.elapsed, 60);
	ck_assert(a.trusted);
}
END_TEST

START_TEST(a_wall_clock_that_went_back_across_a_reboot_is_not_trusted)
{
	struct agent a = started();

	advance(&a, "two", 60, 0, false);
	ck_assert(!a.trusted);
	ck_assert_int_eq(a.elapsed, 60);
	advance(&a, "two", 120, 60, false);
	ck_assert(!a.trusted);
	advance(&a, "two", 180, 1005000, true);
	ck_assert(a.trusted);
}
END_TEST

START_TEST(without_a_boot_id_no_time_is_credited)
{
	struct agent a = started();

	advance(&a, "", 5000, 1004000, true);
	ck_assert_int_eq(a.elapsed, 0);
	advance(&a, "one", 9000, 1008000, true);
	ck_assert_int_eq(a.elapsed, 0);
}
END_TEST

START_TEST(a_boot_clock_that_went_back_credits_nothing)
{
	struct agent a = started();

	advance(&a, "one", 500, 1000000, true);
	ck_assert_int_eq(a.elapsed, 0);
	advance(&a, "one", 700, 1000200, true);
	ck_assert_int_eq(a.elapsed, 200);
}
END_TEST

START_TEST(a_jump_forward_is_not_credited_and_not_trusted)
{
	struct agent a = started();

	advance(&a, "one", 1900, 1000900 + 2 * 86400, false);
	ck_assert_int_eq(a.elapsed, 900);
	ck_assert(!a.trusted);
	ck_assert_ptr_nonnull(strstr(a.clock_why, "forward"));
}
END_TEST

START_TEST(a_jump_stays_untrusted_until_it_is_explained)
{
	struct agent a = started();

	advance(&a, "one", 1900, 1000900 - 86400, false);
	ck_assert(!a.trusted);
	advance(&a, "one", 2800, 1001800 - 86400, false);
	ck_assert(!a.trusted); /* steady again, but nothing explains it */
	ck_assert_int_eq(a.elapsed, 1800);
	advance(&a, "one", 3700, 1002700 - 86400, true);
	ck_assert(a.trusted);
	ck_assert_str_eq(a.clock_why, "");
}
END_TEST

START_TEST(a_jump_taken_back_is_explained)
{
	struct agent a = started();

	advance(&a, "one", 1900, 1000900 + 86400, false);
	ck_assert(!a.trusted);
	advance(&a, "one", 2800, 1001800, false);
	ck_assert(a.trusted);
}
END_TEST

START_TEST(drift_within_the_slack_is_no_jump)
{
	struct agent a = started();

	advance(&a, "one", 1900, 1000900 + SLACK, false);
	ck_assert(a.trusted);
	advance(&a, "one", 2800, 1001800 + SLACK + SLACK + 10, false);
	ck_assert(!a.trusted || a.elapsed == 1800);
}
END_TEST

START_TEST(milliseconds_are_not_lost)
{
	struct agent a = started();
	struct clock_reading r = reading("one", 0, 1000000, true);

	for (int i = 1; i <= 10; i++) {
		r.boot_ms = 1000000 + i * 900;
		elapsed_advance(&a, &r, SLACK);
	}
	ck_assert_int_eq(a.elapsed, 9);
	ck_assert_int_eq(a.elapsed_ms, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("elapsed");
	TCase *t = tcase_create("elapsed");
	SRunner *r;
	int failed;

	tcase_add_test(t, the_first_reading_is_trusted_and_counts_nothing);
	tcase_add_test(t, within_a_boot_the_boot_clock_counts);
	tcase_add_test(t, across_a_reboot_only_the_uptime_counts);
	tcase_add_test(t,
	    a_wall_clock_that_went_back_across_a_reboot_is_not_trusted);
	tcase_add_test(t, without_a_boot_id_no_time_is_credited);
	tcase_add_test(t, a_boot_clock_that_went_back_credits_nothing);
	tcase_add_test(t, a_jump_forward_is_not_credited_and_not_trusted);
	tcase_add_test(t, a_jump_stays_untrusted_until_it_is_explained);
	tcase_add_test(t, a_jump_taken_back_is_explained);
	tcase_add_test(t, drift_within_the_slack_is_no_jump);
	tcase_add_test(t, milliseconds_are_not_lost);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
