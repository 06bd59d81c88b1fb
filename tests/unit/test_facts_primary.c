/*
 * test_facts_primary.c - what the primaries hold is asked for all hosts of a
 * round at once, and is not known where one does not say it.
 */
#include "primary_kit.h"

#include "base/clock.h"
#include "cmd/pass.h"

#define HOSTS 6

static struct session session;
static struct conf_publisher publisher[2];
static struct conf_host conf[HOSTS];
static struct pass_host ph[HOSTS];
static struct pass pass;

/* Two owners a host; the first three hosts are at the first primary. */
static void
setup(void)
{
	pass = (struct pass){ .s = &session, .v = ph, .n = HOSTS };
	pass.deadline = clock_mono_ms() + 60000;
	for (int i = 0; i < HOSTS; i++) {
		conf[i].publisher = &publisher[i / 3];
		ph[i].conf = &conf[i];
		ph[i].tsig = mem_copy(&KEY, sizeof(KEY));
		host_init(&ph[i].host, "mx.example.org");
		ph[i].host.publishes = true;
		host_owner(&ph[i].host, owner_text(2 * i), 25);
		host_owner(&ph[i].host, owner_text(2 * i + 1), 25);
	}
}

static void
start(struct play one, struct play two)
{
	primary_start(0, one);
	primary_start(1, two);
	for (int i = 0; i < 2; i++)
		publisher[i].server = primary[i].at;
}

static void
teardown(void)
{
	primaries_end();
	for (int i = 0; i < HOSTS; i++) {
		for (size_t k = 0; k < ph[i].n_primary; k++)
			primary_set_release(&ph[i].primary[k]);
		free(ph[i].primary);
		free(ph[i].tsig);
		host_release(&ph[i].host);
		memset(&ph[i], 0, sizeof(ph[i]));
	}
}

static void
knows(int i, bool known)
{
	for (size_t k = 0; k < 2; k++) {
		const struct owner *o = &ph[i].host.own[k];

		ck_assert_int_eq(o->has_primary, known);
		if (!known)
			continue;
		ck_assert_uint_eq(owner_primary(o)->rr[0].data[31],
		    (unsigned)(2 * i) + k);
		ck_assert_uint_eq(o->primary_ttl, 77);
		ck_assert(ph[i].primary[k].exists);
	}
}

/* Each says nothing until all of its owners are asked for, and the first
 * nothing before the second has told all. */
START_TEST(all_hosts_of_a_round_are_asked_at_once)
{
	int way[2];

	ck_assert_int_eq(pipe(way), 0);
	start((struct play){ .total = 6, .hold = 6, .wait = way[0] },
	    (struct play){ .total = 6, .hold = 6, .wake = way[1] });
	facts_primaries(&pass, true);
	for (int i = 0; i < HOSTS; i++) {
		knows(i, true);
		ck_assert_ptr_null(ph[i].publisher_why);
	}
	ck_assert_int_eq(primary[0].seen->connections, 1);
}
END_TEST

START_TEST(what_a_silent_primary_holds_is_not_known)
{
	start((struct play){ .total = 6, .mute = true },
	    (struct play){ .total = 6 });
	for (int i = 0; i < HOSTS; i++) {
		ph[i].host.own[0].has_primary = true; /* of another round */
		ph[i].publisher_why = "other";
	}
	pass.deadline = clock_mono_ms() + 1000;
	facts_primaries(&pass, true);
	for (int i = 0; i < HOSTS; i++) {
		knows(i, i >= 3);
		if (i >= 3)
			ck_assert_ptr_null(ph[i].publisher_why);
		else
			ck_assert_ptr_nonnull(strstr(ph[i].publisher_why,
			    "timed out"));
	}
}
END_TEST

START_TEST(one_owner_that_is_not_answered_is_not_known)
{
	start((struct play){ .total = 6, .forges = 3 },
	    (struct play){ .total = 6 });
	facts_primaries(&pass, true);
	ck_assert(!ph[1].host.own[0].has_primary);
	ck_assert(ph[1].host.own[1].has_primary);
	ck_assert_ptr_nonnull(strstr(ph[1].publisher_why, "not signed"));
	knows(0, true);
	knows(2, true);
}
END_TEST

/* Not of this round; without a publisher; not ours to change. */
START_TEST(only_those_that_count_are_asked)
{
	start((struct play){ .total = 3 }, (struct play){ .total = 0 });
	for (int i = 0; i < HOSTS; i++) {
		ph[i].again = i < 3;
		ph[i].host.own[0].has_primary = true;
		ph[i].publisher_why = "before";
	}
	ph[1].host.publishes = false;
	ph[2].host.own[0].foreign = true;
	facts_primaries(&pass, false);
	knows(0, true);
	knows(1, false);
	ck_assert(!ph[2].host.own[0].has_primary);
	ck_assert(ph[2].host.own[1].has_primary);
	for (int i = 0; i < HOSTS; i++)
		ck_assert_int_eq(ph[i].publisher_why == NULL, i < 3);
	ck_assert(ph[3].host.own[0].has_primary);
	ck_assert_int_eq(primary[0].seen->asked, 3);
	ck_assert_int_eq(primary[1].seen->asked, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("facts_primary");
	TCase *tc = tcase_create("facts_primary");
	SRunner *sr;
	int failures;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, all_hosts_of_a_round_are_asked_at_once);
	tcase_add_test(tc, what_a_silent_primary_holds_is_not_known);
	tcase_add_test(tc, one_owner_that_is_not_answered_is_not_known);
	tcase_add_test(tc, only_those_that_count_are_asked);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failures = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failures != 0;
}
