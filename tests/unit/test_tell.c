/*
 * test_tell.c - people are told when something begins, worsens and ends, and
 * once every repeat; each channel for itself; never otherwise.
 */
#include "base/text.h"
#include "core/tell.h"
#include "core_kit.h"

static const struct policy POLICY = { .stuck_warning = 24 * HOURS,
	.stuck_critical = 72 * HOURS,
	.repeat = 24 * HOURS };

static struct concerns was;

static void
setup(void)
{
	memset(&was, 0, sizeof(was));
}

static void
teardown(void)
{
	concern_release(&was);
}

static struct now
hour(int64_t h)
{
	return (struct now){ .elapsed = 1000 + h * HOURS,
		.wall = (time_t)(1000 + h * HOURS),
		.trusted = true };
}

/* A pass at this hour that finds it (CODE_NONE: nothing). */
static void
pass(int64_t h, enum code code)
{
	struct now now = hour(h);
	struct concerns is = { .v = NULL };

	if (code != CODE_NONE)
		concern_add(&is, "mx", NULL, code);
	tell_merge(&is, was.v, was.n, &POLICY, &now);
	concern_release(&was);
	was = is;
}

/* What this channel is told of the only concern, when it can be. */
static enum news
told(int64_t h, enum channel ch, bool works)
{
	struct now now = hour(h);
	enum news n;

	if (was.n == 0)
		return NEWS_NOTHING;
	n = tell_news(&was.v[0], ch, &POLICY, &now);
	if (n != NEWS_NOTHING && works)
		tell_done(&was.v[0], ch, &now);
	return n;
}

static enum news
hear(int64_t h, enum code code)
{
	enum news n;

	pass(h, code);
	n = told(h, CHANNEL_MAIL, true);
	tell_prune(&was);
	return n;
}

START_TEST(a_short_wait_is_not_told)
{
	ck_assert_int_eq(hear(0, CODE_RETIRE_LAG), NEWS_NOTHING);
	ck_assert_int_eq(hear(23, CODE_RETIRE_LAG), NEWS_NOTHING);
	ck_assert_int_eq(concern_worst(&was), LEVEL_QUIET);
	ck_assert_int_eq(hear(24, CODE_NONE), NEWS_NOTHING);
	ck_assert_uint_eq(was.n, 0);
}
END_TEST

/* E16 */
START_TEST(it_is_told_when_it_begins_worsens_and_ends_and_every_repeat)
{
	static const struct {
		int64_t hour;
		enum code code;
		enum news news;
	} story[] = {
		{ 0, CODE_PUB_LAG, NEWS_NOTHING },
		{ 1, CODE_PUB_LAG, NEWS_RAISED },
		{ 2, CODE_PUB_LAG, NEWS_NOTHING },
		{ 23, CODE_PUB_LAG, NEWS_NOTHING },
		{ 24, CODE_PUB_LAG, NEWS_ESCALATED },
		{ 25, CODE_PUB_LAG, NEWS_NOTHING },
		{ 47, CODE_PUB_LAG, NEWS_NOTHING },
		{ 48, CODE_PUB_LAG, NEWS_REPEATED },
		{ 71, CODE_PUB_LAG, NEWS_NOTHING },
		{ 72, CODE_PUB_LAG, NEWS_REPEATED },
		{ 73, CODE_NONE, NEWS_NOTHING }, /* it may come back */
		{ 74, CODE_NONE, NEWS_RESOLVED },
		{ 75, CODE_NONE, NEWS_NOTHING },
	};

	for (size_t i = 0; i < sizeof(story) / sizeof(story[0]); i++)
		ck_assert_int_eq(hear(story[i].hour, story[i].code),
		    story[i].news);
	ck_assert_uint_eq(was.n, 0);
}
END_TEST

/* Passes at every quarter of an hour, half of which find it. */
START_TEST(what_comes_and_goes_is_one_mail_a_repeat)
{
	static const int32_t counts[NEWS_COUNT] = { [NEWS_RAISED] = 1,
		[NEWS_REPEATED] = 2,
		[NEWS_RESOLVED] = 1 };
	int heard[NEWS_COUNT] = { 0 }, logged = 0;

	for (int64_t i = 0; i < 4 * 80; i++) {
		struct now now = { .elapsed = 1000 + i * HOURS / 4,
			.wall = (time_t)(1000 + i * HOURS / 4),
			.trusted = true };
		bool there = i < 4 * 60 && i % 2 == 0;
		struct concerns is = { .v = NULL };

		if (there)
			concern_add(&is, "mx", NULL, CODE_FAILED);
		tell_merge(&is, was.v, was.n, &POLICY, &now);
		concern_release(&was);
		was = is;
		for (int ch = 0; was.n > 0 && ch < CHANNEL_COUNT; ch++) {
			enum news n = tell_news(&was.v[0], (enum channel)ch,
			    &POLICY, &now);

			if (n != NEWS_NOTHING)
				tell_done(&was.v[0], (enum channel)ch, &now);
			if (ch == CHANNEL_MAIL)
				heard[n]++;
			if (ch == CHANNEL_LOG && n == NEWS_RESOLVED)
				logged++;
		}
		tell_prune(&was);
	}
	for (int n = NEWS_NOTHING + 1; n < NEWS_COUNT; n++)
		ck_assert_int_eq(heard[n], counts[n]);
	ck_assert_int_eq(logged, 4 * 60 / 2);
	ck_assert_uint_eq(was.n, 0);
}
END_TEST

START_TEST(what_is_bad_at_once_is_told_at_once)
{
	ck_assert_int_eq(hear(0, CODE_INV1), NEWS_RAISED);
	ck_assert_int_eq(concern_worst(&was), LEVEL_CRITICAL);
	hear(1, CODE_NONE);
	ck_assert_int_eq(hear(2, CODE_FAILED), NEWS_RAISED);
	ck_assert_int_eq(concern_worst(&was), LEVEL_WARNING);
	ck_assert_int_eq(hear(74, CODE_FAILED), NEWS_ESCALATED);
}
END_TEST

START_TEST(what_is_found_to_be_worse_is)
{
	struct now now = hour(0);
	struct concerns is = { .v = NULL };

	concern_add(&is, "mx", NULL, CODE_KEY_FILE)->level = LEVEL_CRITICAL;
	tell_merge(&is, NULL, 0, &POLICY, &now);
	ck_assert_int_eq(is.v[0].level, LEVEL_CRITICAL);
	concern_release(&is);
}
END_TEST

/* What is found: by time alone, for so long, after so long, with this setting
 * of stuck-warning. */
START_TEST(what_takes_so_long_by_itself_is_no_warning_before)
{
	static const struct {
		int64_t patience, lasted, stuck_warning;
		enum level level;
	} rows[] = {
		{ 0, HOURS, 24 * HOURS, LEVEL_WARNING },
		{ 1, HOURS - 1, 24 * HOURS, LEVEL_QUIET },
		{ 4 * HOURS, 4 * HOURS - 1, 24 * HOURS, LEVEL_QUIET },
		{ 4 * HOURS, 4 * HOURS, 24 * HOURS, LEVEL_WARNING },
		{ 4 * HOURS, 3, 3, LEVEL_WARNING },
		{ 99 * HOURS, 24 * HOURS, 30 * HOURS, LEVEL_CRITICAL },
	};
	struct concern c = { .code = "pub-lag",
		.over_at = NEVER,
		.patience = rows[_i].patience };
	struct policy p = POLICY;
	struct now now = { .elapsed = rows[_i].lasted };

	p.stuck_warning = rows[_i].stuck_warning;
	ck_assert_int_eq(tell_level(&c, &p, &now), rows[_i].level);
}
END_TEST

/* A pass in which it showed no SOA. */
START_TEST(the_patience_that_was_shown_lasts)
{
	struct concerns is = { .v = NULL };
	struct now now = hour(2);

	pass(0, CODE_PUB_LAG);
	was.v[0].patience = 4 * HOURS;
	concern_add(&is, "mx", NULL, CODE_PUB_LAG);
	tell_merge(&is, was.v, was.n, &POLICY, &now);
	concern_release(&was);
	was = is;
	ck_assert_int_eq(was.v[0].patience, 4 * HOURS);
	ck_assert_int_eq(concern_worst(&was), LEVEL_QUIET);
}
END_TEST

/* Also when it went and came back before anybody was told that it was over. */
START_TEST(the_mail_that_told_first_stays_the_first)
{
	pass(0, CODE_INV1);
	ck_assert_int_eq(told(0, CHANNEL_MAIL, true), NEWS_RAISED);
	was.v[0].mail_root = 77;
	was.v[0].mail_many = true;
	if (_i == 1)
		pass(1, CODE_NONE);
	pass(1, CODE_INV1);
	ck_assert_int_eq(was.v[0].mail_root, 77);
	ck_assert(was.v[0].mail_many);
}
END_TEST

START_TEST(what_is_found_twice_is_one)
{
	struct concerns is = { .v = NULL };
	struct now now = hour(0);
	struct key key = { .slot = SLOT_RSA };

	for (int i = 0; i < 3; i++) {
		struct concern *c = concern_add(&is, "mx", i == 1 ? &key : NULL,
		    CODE_REFUSED);

		text_fmt(c->text, sizeof(c->text), "%d.\n  You: %d", i, i);
		c->level = i == 2 ? LEVEL_CRITICAL : LEVEL_QUIET;
	}
	tell_merge(&is, NULL, 0, &POLICY, &now);
	was = is;
	ck_assert_uint_eq(was.n, 2);
	ck_assert_str_eq(was.v[0].text, "0.\n  You: 0\n2.\n  You: 2");
	ck_assert_int_eq(was.v[0].level, LEVEL_CRITICAL);
	ck_assert_str_eq(was.v[1].text, "1.\n  You: 1");
}
END_TEST

START_TEST(a_note_is_for_the_log_once_and_gets_no_worse)
{
	for (int64_t h = 0; h < 200; h += 30) {
		pass(h, CODE_UNVERIFIED);
		ck_assert_int_eq(told(h, CHANNEL_LOG, true),
		    h == 0 ? NEWS_RAISED : NEWS_NOTHING);
		ck_assert_int_eq(told(h, CHANNEL_MAIL, true), NEWS_NOTHING);
		ck_assert_int_eq(concern_worst(&was), LEVEL_QUIET);
	}
	pass(200, CODE_NONE);
	ck_assert_uint_eq(was.n, 0);
}
END_TEST

/* The news waits for a channel that fails; the others are not told twice. */
START_TEST(a_channel_that_fails_is_told_later)
{
	pass(0, CODE_INV1);
	ck_assert_int_eq(told(0, CHANNEL_LOG, true), NEWS_RAISED);
	ck_assert_int_eq(told(0, CHANNEL_MAIL, false), NEWS_RAISED);
	pass(1, CODE_INV1);
	ck_assert_int_eq(told(1, CHANNEL_LOG, true), NEWS_NOTHING);
	ck_assert_int_eq(told(1, CHANNEL_MAIL, true), NEWS_RAISED);
	pass(2, CODE_NONE);
	ck_assert_int_eq(told(2, CHANNEL_LOG, true), NEWS_RESOLVED);
	ck_assert_int_eq(told(2, CHANNEL_MAIL, true), NEWS_NOTHING);
	tell_prune(&was);
	pass(3, CODE_NONE);
	ck_assert_int_eq(told(3, CHANNEL_LOG, true), NEWS_NOTHING);
	ck_assert_int_eq(told(3, CHANNEL_MAIL, false), NEWS_RESOLVED);
	tell_prune(&was);
	pass(4, CODE_NONE);
	ck_assert_int_eq(told(4, CHANNEL_MAIL, true), NEWS_RESOLVED);
	tell_prune(&was);
	ck_assert_uint_eq(was.n, 0);
}
END_TEST

START_TEST(what_nobody_was_told_of_ends_in_silence)
{
	pass(0, CODE_INV1);
	told(0, CHANNEL_MAIL, false);
	pass(1, CODE_NONE);
	ck_assert_uint_eq(was.n, 0);
}
END_TEST

START_TEST(what_comes_back_begins_anew)
{
	pass(0, CODE_FAILED);
	told(0, CHANNEL_MAIL, true);
	pass(1, CODE_NONE);
	ck_assert_int_ne(was.v[0].over_at, NEVER);
	pass(90, CODE_FAILED);
	ck_assert_int_eq(was.v[0].since, hour(90).elapsed);
	ck_assert_int_eq(was.v[0].level, LEVEL_WARNING);
}
END_TEST

START_TEST(another_code_has_a_clock_of_its_own)
{
	pass(0, CODE_PUB_LAG);
	pass(30, CODE_ENDPOINT_DOWN);
	ck_assert_int_eq(told(30, CHANNEL_MAIL, true), NEWS_NOTHING);
	ck_assert_int_eq(was.v[0].since, hour(30).elapsed);
}
END_TEST

/* ---- acknowledged ---- */

static void
acknowledge(int64_t until)
{
	was.v[0].quiet_until = hour(until).elapsed;
	was.v[0].quiet_level = was.v[0].level;
}

START_TEST(what_is_acknowledged_is_quiet_until_its_time_is_over)
{
	hear(0, CODE_NS_MISMATCH);
	acknowledge(100);
	ck_assert_int_eq(hear(30, CODE_NS_MISMATCH), NEWS_NOTHING);
	ck_assert_int_eq(hear(99, CODE_NS_MISMATCH), NEWS_NOTHING);
	ck_assert_int_eq(hear(100, CODE_NS_MISMATCH), NEWS_REPEATED);
}
END_TEST

START_TEST(what_is_acknowledged_and_gets_worse_is_told)
{
	hear(0, CODE_FAILED);
	acknowledge(1000);
	ck_assert_int_eq(hear(71, CODE_FAILED), NEWS_NOTHING);
	ck_assert_int_eq(hear(72, CODE_FAILED), NEWS_ESCALATED);
}
END_TEST

START_TEST(what_is_acknowledged_and_ends_is_over_and_not_acknowledged_again)
{
	hear(0, CODE_NS_MISMATCH);
	acknowledge(1000);
	ck_assert_int_eq(hear(1, CODE_NONE), NEWS_NOTHING);
	ck_assert_int_eq(hear(2, CODE_NONE), NEWS_RESOLVED);
	ck_assert_int_eq(hear(3, CODE_NS_MISMATCH), NEWS_RAISED);
	ck_assert_int_eq(was.v[0].quiet_until, NEVER);
}
END_TEST

/* ---- the end of a wait ---- */

static void
pass_hold(int64_t h, int64_t ends)
{
	struct now now = hour(h);
	struct concerns is = { .v = NULL };

	concern_add(&is, "mx", NULL, CODE_HOLD)->eta = hour(ends).elapsed;
	tell_merge(&is, was.v, was.n, &POLICY, &now);
	concern_release(&was);
	was = is;
}

START_TEST(an_end_that_moved_away_twice_is_told)
{
	pass_hold(0, 25);
	pass_hold(1, 25);
	pass_hold(2, 27);
	ck_assert_int_eq(concern_worst(&was), LEVEL_QUIET);
	pass_hold(3, 27);
	pass_hold(4, 29);
	ck_assert_int_eq(concern_worst(&was), LEVEL_WARNING);
}
END_TEST

/* ---- thresholds ---- */

START_TEST(figures_go_with_the_settings)
{
	struct policy half = { .stuck_warning = 12 * HOURS,
		.stuck_critical = 36 * HOURS };
	static const struct {
		enum code code;
		int64_t warning, critical; /* by the usual settings */
		int64_t half_warning, half_critical;
	} rows[] = {
		{ CODE_PUB_LAG, 1 * HOURS, 24 * HOURS, 1 * HOURS, 24 * HOURS },
		{ CODE_RETIRE_LAG, 1 * DAYS, 7 * DAYS, 12 * HOURS, 84 * HOURS },
		{ CODE_GEN_STUCK, 1 * DAYS, 7 * DAYS, 12 * HOURS, 84 * HOURS },
		{ CODE_STANDBY_MISSING, 7 * DAYS, 30 * DAYS, 84 * HOURS,
		    15 * DAYS },
		{ CODE_AGENT_DEAD, 2 * HOURS, 26 * HOURS, 2 * HOURS,
		    26 * HOURS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct policy *p = _i == 0 ? &POLICY : &half;
		int64_t w = _i == 0 ? rows[i].warning : rows[i].half_warning;
		int64_t c = _i == 0 ? rows[i].critical : rows[i].half_critical;

		ck_assert_int_eq(code_level(rows[i].code, w - 1, p), 0);
		ck_assert_int_eq(code_level(rows[i].code, w, p), 1);
		ck_assert_int_eq(code_level(rows[i].code, c - 1, p), 1);
		ck_assert_int_eq(code_level(rows[i].code, c, p), 2);
	}
	half.stuck_warning = half.stuck_critical = 5;
	ck_assert_int_eq(code_level(CODE_PUB_LAG, 5, &half), 2);
}
END_TEST

START_TEST(every_code_has_a_name_of_its_own_and_says_what_it_means)
{
	for (int c = 0; c < CODE_COUNT; c++) {
		ck_assert_int_eq(code_parse(code_name((enum code)c)), c);
		ck_assert_uint_lt(strlen(code_name((enum code)c)), 32);
		ck_assert_uint_gt(strlen(code_what((enum code)c)), 0);
		ck_assert_uint_gt(strlen(code_mail((enum code)c)), 0);
		ck_assert_uint_gt(strlen(code_rest((enum code)c)), 0);
	}
	ck_assert_int_eq(code_parse("law"), CODE_NONE);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tell");
	TCase *t = tcase_create("tell");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_short_wait_is_not_told);
	tcase_add_test(t,
	    it_is_told_when_it_begins_worsens_and_ends_and_every_repeat);
	tcase_add_test(t, what_comes_and_goes_is_one_mail_a_repeat);
	tcase_add_test(t, what_is_bad_at_once_is_told_at_once);
	tcase_add_test(t, what_is_found_to_be_worse_is);
	tcase_add_loop_test(t,
	    what_takes_so_long_by_itself_is_no_warning_before, 0, 6);
	tcase_add_test(t, the_patience_that_was_shown_lasts);
	tcase_add_loop_test(t, the_mail_that_told_first_stays_the_first, 0, 2);
	tcase_add_test(t, what_is_found_twice_is_one);
	tcase_add_test(t, a_note_is_for_the_log_once_and_gets_no_worse);
	tcase_add_test(t, a_channel_that_fails_is_told_later);
	tcase_add_test(t, what_nobody_was_told_of_ends_in_silence);
	tcase_add_test(t, what_comes_back_begins_anew);
	tcase_add_test(t, another_code_has_a_clock_of_its_own);
	tcase_add_test(t, what_is_acknowledged_is_quiet_until_its_time_is_over);
	tcase_add_test(t, what_is_acknowledged_and_gets_worse_is_told);
	tcase_add_test(t,
	    what_is_acknowledged_and_ends_is_over_and_not_acknowledged_again);
	tcase_add_test(t, an_end_that_moved_away_twice_is_told);
	tcase_add_loop_test(t, figures_go_with_the_settings, 0, 2);
	tcase_add_test(t,
	    every_code_has_a_name_of_its_own_and_says_what_it_means);
	suite_add_tcase(s, t);
	return kit_run(s);
}
