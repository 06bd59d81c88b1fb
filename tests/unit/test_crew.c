/*
 * test_crew.c - arithmetic on all processors: everything is done, once, by
 * hands that never share.
 */
#include <check.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/crew.h"

#define N 1000

static struct {
	unsigned done[N];
	bool busy[CREW_MOST], shared;
	size_t last;
	bool unordered;
} seen;

static void
note(size_t i, unsigned hand, void *arg)
{
	ck_assert_ptr_eq(arg, &seen);
	/* The others are slow, so that the caller has to wait for them. */
	for (volatile int k = 0; hand > 0 && k < 20000; k++)
		;
	if (hand >= CREW_MOST ||
	    __atomic_exchange_n(&seen.busy[hand], true, __ATOMIC_SEQ_CST))
		__atomic_store_n(&seen.shared, true, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&seen.done[i], 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&seen.busy[hand], false, __ATOMIC_SEQ_CST);
}

static void
in_order(size_t i, unsigned hand, void *arg)
{
	(void)arg;
	seen.unordered = seen.unordered || hand != 0 || i != seen.last;
	seen.last = i + 1;
}

static struct crew_job
job(size_t n, crew_fn *fn)
{
	return (struct crew_job){ .n = n, .fn = fn, .arg = &seen };
}

START_TEST(everything_is_done_once)
{
	struct crew *c = crew_new((unsigned)_i);

	for (int round = 0; round < 20; round++) {
		size_t n = round % 2 == 0 ? N : (size_t)round;
		struct crew_job j = job(n, note);

		memset(&seen, 0, sizeof(seen));
		crew_begin(c, &j);
		crew_wait(c, &j);
		for (size_t i = 0; i < N; i++)
			ck_assert_uint_eq(seen.done[i], i < n);
		ck_assert(!seen.shared);
	}
	crew_free(c);
}
END_TEST

START_TEST(several_jobs_are_done_and_each_is_over_when_it_is)
{
	enum { JOBS = 30 };
	struct crew *c = crew_new((unsigned)_i);
	struct crew_job j[JOBS];
	size_t most = 0;

	memset(&seen, 0, sizeof(seen));
	for (size_t i = 0; i < JOBS; i++) {
		j[i] = job(5 * i, note);
		most = 5 * i;
		crew_begin(c, &j[i]);
	}
	for (size_t i = 0; i < JOBS; i++) {
		while (!crew_is_over(c, &j[i]) && crew_help(c))
			;
		crew_wait(c, &j[i]);
		ck_assert(crew_is_over(c, &j[i]));
		ck_assert_uint_eq(j[i].done, 5 * i);
	}
	ck_assert(!crew_help(c));
	for (size_t i = 0; i < most; i++)
		ck_assert_uint_eq(seen.done[i], JOBS - 1 - i / 5);
	ck_assert(!seen.shared);
	crew_free(c);
}
END_TEST

START_TEST(one_hand_does_it_in_order)
{
	struct crew *c = crew_new(1);
	struct crew_job j = job(N, in_order);

	memset(&seen, 0, sizeof(seen));
	crew_begin(c, &j);
	ck_assert_uint_eq(seen.last, 0); /* not before it is helped */
	ck_assert(crew_help(c));
	ck_assert_uint_gt(seen.last, 0);
	ck_assert_uint_lt(seen.last, N); /* but a little */
	crew_wait(c, &j);
	ck_assert_uint_eq(seen.last, N);
	ck_assert(!seen.unordered);
	crew_free(c);
}
END_TEST

START_TEST(who_frees_waits)
{
	struct crew *c = crew_of_all();
	struct crew_job none = job(0, note), j = job(N, note);

	memset(&seen, 0, sizeof(seen));
	crew_begin(c, &none);
	crew_wait(c, &none);
	crew_begin(c, &j);
	crew_free(c);
	ck_assert_uint_eq(seen.done[N - 1], 1);
	crew_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("crew");
	TCase *t = tcase_create("crew");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, everything_is_done_once, 0, CREW_MOST + 3);
	tcase_add_loop_test(t,
	    several_jobs_are_done_and_each_is_over_when_it_is, 0,
	    CREW_MOST + 3);
	tcase_add_test(t, one_hand_does_it_in_order);
	tcase_add_test(t, who_frees_waits);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
