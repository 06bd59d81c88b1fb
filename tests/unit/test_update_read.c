/*
 * test_update_read.c - what many owners have at their primaries is asked at
 * once; a primary that is dead, or half dead, costs its own owners a little
 * time, once, and those of others none.
 */
#include "primary_kit.h"

#include "base/clock.h"

#define LONG_MS 60000
#define SHORT_MS 1000 /* long, for what is answered */
#define OWNERS 200
#define WINDOW 64 /* update_read.c */

static struct primary_read q[OWNERS];
static struct primary_set got[OWNERS];
static char *name[OWNERS];

/* Owners from..to-1 at one primary, asked for with this key. */
static void
put(int from, int to, int at, const struct tsig_key *key)
{
	for (int i = from; i < to; i++) {
		free(name[i]);
		name[i] = mem_dup(owner_text(i));
		q[i] = (struct primary_read){ .to = primary[at].at,
			.key = key,
			.owner = name[i],
			.ret = &got[i] };
	}
}

static void
ask(int n, int64_t patience)
{
	update_read(q, (size_t)n, patience, clock_mono_ms() + LONG_MS);
}

static void
teardown(void)
{
	primaries_end();
	for (int i = 0; i < OWNERS; i++) {
		primary_set_release(&got[i]);
		free(name[i]);
		name[i] = NULL;
	}
}

static void
is_answered(int i)
{
	ck_assert_msg(q[i].why == NULL, "%s: %s", q[i].owner, q[i].why);
	ck_assert(got[i].exists && !got[i].odd);
	ck_assert_uint_eq(got[i].ttl, 77);
	ck_assert_uint_eq(got[i].set.n, 1);
	ck_assert_uint_eq(got[i].set.rr[0].data[31], (unsigned)i);
}

/* How many have no answer, each for this reason and with the address. */
static int
failed(int n, const char *why)
{
	int count = 0;
	char at[ADDR_TEXT];

	for (int i = 0; i < n; i++) {
		if (q[i].why == NULL) {
			is_answered(i);
			continue;
		}
		ck_assert_msg(strstr(q[i].why, why) != NULL, "%s", q[i].why);
		ck_assert_ptr_nonnull(strstr(q[i].why, addr_str(&q[i].to, at)));
		ck_assert(!got[i].exists && got[i].wire == NULL);
		count++;
	}
	return count;
}

/* It says nothing until so many wait for it: one after the other would wait
 * for ever. */
START_TEST(as_many_are_under_way_as_a_primary_can_hold_back)
{
	primary_start(0,
	    (struct play){ .total = OWNERS,
		.hold = WINDOW,
		.reversed = _i == 1 });
	put(0, OWNERS, 0, &KEY);
	ask(OWNERS, LONG_MS);
	ck_assert_int_eq(failed(OWNERS, ""), 0);
	ck_assert_int_eq(primary[0].seen->most, WINDOW);
	ck_assert_int_eq(primary[0].seen->asked, OWNERS);
	ck_assert_int_eq(primary[0].seen->connections, 1);
}
END_TEST

/* All but WINDOW of them were not even asked for. */
START_TEST(a_dead_primary_is_waited_for_once)
{
	primary_start(0, (struct play){ .total = OWNERS, .mute = true });
	put(0, OWNERS, 0, &KEY);
	ask(OWNERS, SHORT_MS);
	ck_assert_int_eq(failed(OWNERS, "timed out"), OWNERS);
	ck_assert_int_eq(primary[0].seen->asked, WINDOW);
	ck_assert_int_eq(primary[0].seen->connections, 1);
}
END_TEST

/* The first does not answer before the second has answered all. */
START_TEST(a_primary_that_is_slow_holds_up_no_other)
{
	int way[2];

	ck_assert_int_eq(pipe(way), 0);
	primary_start(0, (struct play){ .total = 100, .wait = way[0] });
	primary_start(1, (struct play){ .total = 100, .wake = way[1] });
	put(0, 100, 0, &KEY);
	put(100, OWNERS, 1, &KEY);
	ask(OWNERS, LONG_MS);
	ck_assert_int_eq(failed(OWNERS, ""), 0);
	close(way[0]);
	close(way[1]);
}
END_TEST

/* All that are under way take longer than one that is silent is waited for. */
START_TEST(a_primary_that_is_slow_is_not_dead)
{
	int pace = SHORT_MS / (WINDOW - 20);

	primary_start(0, (struct play){ .total = 80, .pace = pace });
	put(0, 80, 0, &KEY);
	ask(80, SHORT_MS);
	ck_assert_int_eq(failed(80, ""), 0);
	ck_assert_int_eq(primary[0].seen->connections, 1);
}
END_TEST

START_TEST(a_dead_primary_costs_only_its_own_owners)
{
	primary_start(0, (struct play){ .total = 50, .mute = true });
	primary_start(1, (struct play){ .total = 50 });
	put(0, 50, 0, &KEY);
	put(50, 100, 1, &KEY);
	ask(100, SHORT_MS);
	ck_assert_int_eq(failed(100, "timed out"), 50);
	for (int i = 50; i < 100; i++)
		is_answered(i);
}
END_TEST

START_TEST(a_primary_that_dies_meanwhile_is_waited_for_twice)
{
	primary_start(0,
	    (struct play){ .total = OWNERS, .mute = true, .words = 100 });
	put(0, OWNERS, 0, &KEY);
	ask(OWNERS, SHORT_MS);
	ck_assert_int_eq(failed(OWNERS, "timed out"), OWNERS - 100);
	for (int i = 0; i < 100; i++)
		is_answered(i);
	ck_assert_int_eq(primary[0].seen->connections, 2);
}
END_TEST

/* They are overtaken by others, or all those behind one wait for it. */
START_TEST(what_is_not_answered_fails_alone)
{
	primary_start(0,
	    (struct play){ .total = OWNERS, .lacks = 8, .in_order = _i == 1 });
	put(0, OWNERS, 0, &KEY);
	ask(OWNERS, SHORT_MS);
	ck_assert_int_eq(failed(OWNERS, "timed out"), 2);
	ck_assert(q[7].why != NULL && q[8].why != NULL);
	ck_assert_int_eq(primary[0].seen->connections, _i == 1 ? 3 : 1);
}
END_TEST

/* Where it does not take more, no more is put before it. */
START_TEST(a_primary_may_end_a_connection_when_it_likes)
{
	static const int each[] = { 1, 7, 199 };

	primary_start(0, (struct play){ .total = OWNERS, .each = each[_i] });
	put(0, OWNERS, 0, &KEY);
	ask(OWNERS, LONG_MS);
	ck_assert_int_eq(failed(OWNERS, ""), 0);
	ck_assert_int_eq(primary[0].seen->connections,
	    (OWNERS + each[_i] - 1) / each[_i]);
	/* after the first a connection begins with what the one before it
	 * answered, and each answer makes room for two */
	ck_assert_int_le(primary[0].seen->asked,
	    WINDOW + each[_i] + 3 * OWNERS);
}
END_TEST

START_TEST(who_ends_every_connection_is_given_up)
{
	primary_start(0, (struct play){ .total = OWNERS, .slams = true });
	put(0, OWNERS, 0, &KEY);
	ask(OWNERS, LONG_MS);
	ck_assert_int_eq(failed(OWNERS, "reset"), OWNERS);
	ck_assert_int_eq(primary[0].seen->connections, 4);
}
END_TEST

/* In less time than that it could, one after the other. */
START_TEST(who_ends_them_late_is_waited_for_once_too)
{
	primary_start(0,
	    (struct play){ .total = OWNERS,
		.slams = true,
		.after = 2 * SHORT_MS / 3 });
	put(0, OWNERS, 0, &KEY);
	ask(OWNERS, SHORT_MS);
	ck_assert_int_eq(failed(OWNERS, ""), OWNERS);
	ck_assert_int_eq(primary[0].seen->connections, 2);
}
END_TEST

START_TEST(where_nobody_listens_all_is_over)
{
	close(primary_open(0));
	put(0, OWNERS, 0, &KEY);
	ask(OWNERS, LONG_MS);
	ck_assert_int_eq(failed(OWNERS, "refused"), OWNERS);
}
END_TEST

START_TEST(an_answer_that_proves_nothing_is_none)
{
	primary_start(0,
	    (struct play){ .total = WINDOW,
		.hold = WINDOW,
		.forges = 10,
		.noise = true });
	put(0, WINDOW, 0, &KEY);
	ask(WINDOW, LONG_MS);
	ck_assert_int_eq(failed(WINDOW, "not signed with key upd.key."), 1);
	ck_assert_ptr_nonnull(q[9].why);
}
END_TEST

START_TEST(each_is_asked_with_its_own_key)
{
	struct tsig_key other = KEY, none = KEY;

	strcpy(other.name, "other.key.");
	strcpy(none.algorithm, "hmac-none.");
	primary_start(0, (struct play){ .total = 30 });
	put(0, 10, 0, &KEY);
	put(10, 20, 0, &other);
	put(20, 30, 0, &KEY);
	put(30, 40, 0, &none);
	ask(40, LONG_MS);
	for (int i = 0; i < 40; i++)
		if (i / 10 % 2 == 0)
			is_answered(i);
	ck_assert_ptr_nonnull(strstr(q[10].why, "other.key."));
	ck_assert_ptr_nonnull(strstr(q[30].why, "not an algorithm"));
	ck_assert_int_eq(primary[0].seen->asked, 30);
}
END_TEST

START_TEST(a_deadline_that_is_over_asks_nobody)
{
	primary_start(0, (struct play){ .total = OWNERS });
	put(0, OWNERS, 0, &KEY);
	update_read(q, OWNERS, LONG_MS, clock_mono_ms());
	ck_assert_int_eq(failed(OWNERS, "timed out"), OWNERS);
	ck_assert_int_eq(primary[0].seen->connections, 0);
}
END_TEST

/* Before those that are slow to answer are waited for to the end. */
START_TEST(the_deadline_of_all_ends_all)
{
	primary_start(0, (struct play){ .total = OWNERS, .mute = true });
	primary_start(1, (struct play){ .total = 50 });
	put(0, 50, 0, &KEY);
	put(50, 100, 1, &KEY);
	update_read(q, 100, LONG_MS, clock_mono_ms() + SHORT_MS);
	ck_assert_int_eq(failed(50, "timed out"), 50);
}
END_TEST

START_TEST(no_descriptor_stays_open)
{
	int before = dup(0);

	close(before); /* the lowest number that is free */
	primary_start(0, (struct play){ .total = 20, .each = 7 });
	primary_start(1, (struct play){ .total = 20, .mute = true });
	primary_start(2, (struct play){ .total = 20, .slams = true });
	for (int i = 0; i < 3; i++)
		put(20 * i, 20 * i + 20, i, &KEY);
	ask(60, SHORT_MS);
	ck_assert_int_eq(failed(20, ""), 0);
	ck_assert_int_eq(dup(0), before);
	close(before);
	ask(0, SHORT_MS);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("update_read");
	TCase *tc = tcase_create("update_read");
	SRunner *sr;
	int failures;

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc,
	    as_many_are_under_way_as_a_primary_can_hold_back, 0, 2);
	tcase_add_test(tc, a_dead_primary_is_waited_for_once);
	tcase_add_test(tc, a_primary_that_is_slow_holds_up_no_other);
	tcase_add_test(tc, a_primary_that_is_slow_is_not_dead);
	tcase_add_test(tc, a_dead_primary_costs_only_its_own_owners);
	tcase_add_test(tc, a_primary_that_dies_meanwhile_is_waited_for_twice);
	tcase_add_loop_test(tc, what_is_not_answered_fails_alone, 0, 2);
	tcase_add_loop_test(tc, a_primary_may_end_a_connection_when_it_likes, 0,
	    3);
	tcase_add_test(tc, who_ends_every_connection_is_given_up);
	tcase_add_test(tc, who_ends_them_late_is_waited_for_once_too);
	tcase_add_test(tc, where_nobody_listens_all_is_over);
	tcase_add_test(tc, an_answer_that_proves_nothing_is_none);
	tcase_add_test(tc, each_is_asked_with_its_own_key);
	tcase_add_test(tc, a_deadline_that_is_over_asks_nobody);
	tcase_add_test(tc, the_deadline_of_all_ends_all);
	tcase_add_test(tc, no_descriptor_stays_open);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failures = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failures != 0;
}
