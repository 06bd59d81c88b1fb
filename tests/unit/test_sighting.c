/*
 * test_sighting.c - the memory of the DNS: what may be in caches, and until
 * when.  The numbers are those of dane-safety 1.3.
 */
#include "core_kit.h"

/* Until the second after the last look that still saw it, and the hold. */
#define HOLD_1H (25 * HOURS + 20 * MINUTES + 1)

static void
setup(void)
{
	kit_begin();
	kit_key('A', STAGE_DEPLOYED);
	kit_key('B', STAGE_GENERATED);
}

START_TEST(the_worked_example_is_ready_at_17_20_the_next_day)
{
	setup();		  /* 10:00 */
	H.policy.assumed_ttl = 0; /* there was nothing before */
	kit_shows(1, "A", HOURS);
	kit_shows(2, "A", HOURS);
	kit_shows(1, "AB", HOURS);
	for (int hour = 11; hour <= 16; hour++) {
		kit_wait(HOURS);
		kit_shows(1, "AB", HOURS);
		kit_shows(2, hour < 16 ? "A" : "AB", HOURS);
		ck_assert_int_eq(kit_until('B'), hour < 16 ? NEVER : HOLD_1H);
	}
	kit_wait(25 * HOURS + 20 * MINUTES); /* 17:20 */
	ck_assert_int_eq(kit_until('B'), 1);
	kit_wait(1);
	ck_assert_int_eq(kit_until('B'), 0);
}
END_TEST

START_TEST(the_emergency_profile_is_ready_at_17_20_the_same_day)
{
	setup();
	H.policy.hold_factor = 1;
	H.policy.stale_allowance = H.policy.hold_floor = 0;
	kit_shows(1, "A", HOURS);
	kit_shows(1, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), HOURS + 20 * MINUTES + 1);
}
END_TEST

START_TEST(each_ttl_of_a_set_has_an_end_of_its_own)
{
	setup();
	kit_bare();
	kit_shows(1, "A", DAYS);
	kit_wait(10 * MINUTES);
	kit_shows(1, "A", 5 * MINUTES); /* lowered just before */
	kit_wait(10 * MINUTES);
	kit_shows(1, "AB", 5 * MINUTES);
	ck_assert_int_eq(kit_until('B'), DAYS - 10 * MINUTES + 1);
}
END_TEST

START_TEST(a_ttl_lowered_long_ago_counts)
{
	setup();
	kit_bare();
	kit_shows(1, "A", DAYS);
	for (int i = 0; i < 9; i++) {
		kit_wait(3 * HOURS);
		kit_shows(1, "A", 5 * MINUTES);
	}
	kit_shows(1, "AB", 5 * MINUTES);
	ck_assert_int_eq(kit_until('B'), 5 * MINUTES + 1);
}
END_TEST

START_TEST(a_ttl_that_was_raised_counts)
{
	setup();
	kit_bare();
	kit_shows(1, "A", 5 * MINUTES);
	kit_shows(1, "A", DAYS);
	kit_shows(1, "AB", 5 * MINUTES);
	ck_assert_int_eq(kit_until('B'), DAYS + 1);
}
END_TEST

START_TEST(a_ttl_above_seven_days_is_capped)
{
	setup();
	kit_bare();
	kit_shows(1, "A", 20 * DAYS);
	kit_shows(1, "AB", 20 * DAYS);
	ck_assert_int_eq(kit_until('B'), 7 * DAYS + 1);
}
END_TEST

START_TEST(the_last_authority_decides)
{
	setup();
	H.policy.assumed_ttl = 0;
	kit_shows(1, "A", HOURS);
	kit_shows(2, "A", HOURS);
	kit_shows(1, "AB", HOURS);
	kit_wait(2 * HOURS);
	kit_shows(2, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
}
END_TEST

START_TEST(a_regression_opens_the_set_again)
{
	setup();
	kit_shows(1, "A", HOURS);
	kit_shows(1, "AB", HOURS);
	kit_wait(20 * HOURS);
	kit_shows(1, "A", HOURS);
	ck_assert_int_eq(kit_until('B'), NEVER);
	kit_wait(5 * HOURS);
	kit_shows(1, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
}
END_TEST

START_TEST(no_invalid_answer_is_consent)
{
	const enum look invalid[] = { LOOK_UNSIGNED, LOOK_BOGUS, LOOK_SILENT };

	for (size_t i = 0; i < 3; i++) {
		setup();
		kit_shows(1, "A", HOURS);
		kit_shows(1, "AB", HOURS);
		kit_wait(26 * HOURS);
		kit_shows(1, "AB", HOURS);
		ck_assert_int_eq(kit_until('B'), 0);
		/* its bytes must not count either */
		kit_look_at(0, 1, invalid[i], "AB", HOURS);
		ck_assert_int_eq(kit_until('B'), NEVER);
		ck_assert_int_eq(kit_auth(1)->set, -1);
		ck_assert_str_eq(kit_auth(1)->why, "because");
		kit_wait(15 * MINUTES);
		kit_shows(1, "AB", HOURS);
		ck_assert_int_eq(kit_until('B'), HOLD_1H);
		ck_assert_str_eq(kit_auth(1)->why, "");
		kit_end();
	}
}
END_TEST

START_TEST(a_gap_of_26_hours_hides_nothing_and_a_longer_one_anything)
{
	for (int late = 0; late < 2; late++) {
		setup();
		kit_bare();
		kit_shows(1, "A", HOURS);
		kit_wait(1);
		kit_shows(1, "AB", HOURS);
		kit_wait(26 * HOURS + late);
		kit_shows(1, "AB", HOURS);
		ck_assert_int_eq(kit_until('B'), late ? DAYS + 1 : 0);
		kit_end();
	}
}
END_TEST

START_TEST(time_that_ran_backwards_is_a_gap)
{
	setup();
	kit_bare();
	kit_shows(1, "A", HOURS);
	kit_shows(1, "AB", HOURS);
	kit_wait(3 * HOURS);
	kit_shows(1, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), 0);
	kit_wait(-10);
	kit_shows(1, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), DAYS + 1); /* as is assumed */
}
END_TEST

START_TEST(what_was_gone_for_30_days_does_not_come_back)
{
	for (int late = 0; late < 2; late++) {
		setup();
		kit_bare();
		kit_shows(1, "A", HOURS);
		kit_shows(1, "AB", HOURS); /* gone the second after */
		for (int day = 0; day < 30; day++) {
			kit_wait(DAYS + (day == 0 ? 1 + late : 0));
			kit_shows(1, "AB", HOURS);
		}
		kit_silent(1);
		ck_assert_int_eq(kit_until('B'), late ? 0 : NEVER);
		kit_end();
	}
}
END_TEST

START_TEST(a_new_authority_with_the_record_may_have_lacked_it_until_now)
{
	setup();
	kit_shows(1, "A", HOURS);
	kit_shows(1, "AB", HOURS);
	kit_wait(24 * HOURS);
	kit_shows(1, "AB", HOURS);
	kit_shows(4, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), 48 * HOURS + 20 * MINUTES + 1);
	ck_assert_int_eq(kit_sighting(4, "A", HOURS)->first_seen, NEVER);
	ck_assert_int_eq(kit_sighting(4, "A", DAYS)->first_seen, NEVER);
}
END_TEST

/* Seen for the first time: what it served a minute before had that one, too. */
START_TEST(the_ttl_that_a_new_authority_shows_counts_for_what_was_not_seen)
{
	setup();
	kit_bare();
	kit_shows(1, "A", HOURS);
	kit_shows(1, "AB", HOURS);
	kit_shows(4, "AB", 3 * DAYS);
	ck_assert_int_eq(kit_until('B'), 3 * DAYS + 1);
	kit_wait(DAYS);
	kit_shows(1, "AB", HOURS);
	kit_shows(4, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), 2 * DAYS + 1);
}
END_TEST

/* Out of sight for one look, for days, for days without a pass. */
START_TEST(the_ttl_that_one_comes_back_with_counts_for_what_was_not_seen)
{
	const int64_t away[] = { 15 * MINUTES, 15 * MINUTES, 3 * DAYS,
		3 * DAYS };
	const bool looked[] = { true, true, true, false };
	const uint32_t shown[] = { HOURS, 3 * DAYS, HOURS, HOURS };
	const int64_t ttl[] = { HOURS, 3 * DAYS, DAYS, DAYS };

	setup();
	kit_bare();
	kit_shows(1, "A", HOURS);
	for (int i = 0; i < 4; i++) {
		kit_wait(away[_i] / 4);
		if (looked[_i])
			kit_silent(1);
	}
	kit_shows(1, "AB", shown[_i]);
	ck_assert_int_eq(kit_until('B'), ttl[_i] + 1);
	kit_wait(15 * MINUTES);
	kit_shows(1, "AB", 7 * DAYS); /* watched: nothing was served with it */
	ck_assert_int_eq(kit_until('B'), ttl[_i] + 1 - 15 * MINUTES);
}
END_TEST

START_TEST(a_new_authority_cannot_have_served_what_no_cache_holds)
{
	setup();
	kit_shows(1, "A", HOURS);
	kit_shows(1, "AB", HOURS);
	kit_wait(26 * HOURS);
	kit_shows(1, "AB", HOURS);
	kit_shows(4, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), 0);
}
END_TEST

START_TEST(a_new_authority_without_the_record_is_in_the_way)
{
	setup();
	kit_shows(1, "A", HOURS);
	kit_shows(1, "AB", HOURS);
	kit_shows(4, "A", HOURS);
	ck_assert_int_eq(kit_until('B'), NEVER);
	kit_silent(5);
	kit_shows(4, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), NEVER); /* 5 was never heard */
}
END_TEST

START_TEST(one_out_of_sight_may_take_over_what_the_others_show)
{
	setup();
	kit_bare();
	kit_shows(1, "A", 60);
	kit_shows(2, "A", 60);
	kit_wait(15 * MINUTES);
	kit_shows(1, "A", DAYS); /* the TTL is raised ... */
	kit_silent(2);		 /* ... and 2 is not heard */
	kit_wait(15 * MINUTES);
	kit_shows(1, "AB", 60);
	kit_silent(2);
	for (int i = 0; i < 10; i++) {
		kit_wait(6 * HOURS);
		kit_shows(1, "AB", 60);
		kit_silent(2);
	}
	kit_shows(2, "AB", 60);
	ck_assert_int_eq(kit_until('B'), DAYS + 1);
}
END_TEST

START_TEST(a_gap_may_hide_what_the_others_showed)
{
	setup();
	kit_bare();
	kit_shows(1, "A", 60);
	kit_shows(2, "A", 60);
	kit_wait(25 * HOURS);
	kit_shows(1, "A", 5 * DAYS); /* 2 is not asked */
	kit_wait(2 * HOURS);
	kit_shows(1, "AB", 60);
	kit_shows(2, "AB", 60);
	ck_assert_int_eq(kit_until('B'), 5 * DAYS + 1);
	ck_assert_ptr_nonnull(kit_sighting(2, "A", 5 * DAYS));
}
END_TEST

START_TEST(a_denial_is_an_answer_and_asks_nothing)
{
	setup();
	kit_bare();
	kit_shows(1, "", HOURS);
	ck_assert_int_eq(kit_auth(1)->look, LOOK_NONE);
	ck_assert_int_eq(kit_auth(1)->set, 0);
	ck_assert_int_eq(kit_until('B'), 0);
	kit_shows(1, "A", HOURS);
	kit_shows(1, "", HOURS);
	ck_assert_int_eq(kit_until('B'), HOURS + 1);
}
END_TEST

START_TEST(records_of_any_kind_are_remembered_and_block_nothing)
{
	struct tlsa_set want = S("A!");

	setup();
	kit_shows(1, "A!", HOURS);
	ck_assert_str_eq(H.own[0].blocked, "");
	ck_assert(tlsa_set_eq(H.set[kit_auth(1)->set], &want));
	ck_assert_int_eq(kit_until('A'), NEVER); /* for some senders */
}
END_TEST

START_TEST(the_serial_is_kept_when_an_answer_has_none)
{
	struct glance g = { .look = LOOK_SHOWN,
		.set = S("A"),
		.ttl = 60,
		.has_serial = true,
		.serial = 41 };
	struct addr a = NS(1);

	setup();
	kit_ns(0, 1);
	sighting_note(&H, &H.own[0], &a, &g, &NOW);
	kit_silent(1);
	ck_assert(kit_auth(1)->has_serial);
	ck_assert_uint_eq(kit_auth(1)->serial, 41);
	ck_assert_int_eq(kit_auth(1)->look, LOOK_SILENT);
	ck_assert_int_eq(kit_auth(1)->looked_at, NOW.elapsed);
}
END_TEST

START_TEST(seen_first_and_last_is_noted)
{
	int64_t begin;

	setup();
	begin = NOW.elapsed;
	kit_shows(1, "A", HOURS);
	kit_wait(HOURS);
	kit_shows(1, "A", HOURS);
	ck_assert_int_eq(kit_sighting(1, "A", HOURS)->first_seen, begin);
	ck_assert_int_eq(kit_sighting(1, "A", HOURS)->last_seen, NOW.elapsed);
	ck_assert_int_eq(kit_sighting(1, "A", HOURS)->gone, NEVER);
	ck_assert_int_eq(kit_sighting(1, "A", HOURS)->ttl, HOURS);
}
END_TEST

/* ---- adoption ---- */

static void
adopt(void)
{
	sighting_assume(&H, &H.own[0], &NOW);
	H.adopted_at = NOW.elapsed;
}

START_TEST(at_adoption_a_long_ttl_is_assumed)
{
	setup();
	H.adopted_at = NEVER;
	kit_bare();
	kit_shows(1, "A", 4);
	adopt();
	ck_assert_int_eq(kit_until('B'), NEVER);
	kit_wait(10);
	kit_shows(1, "AB", 4);
	ck_assert_int_eq(kit_until('B'), DAYS - 10 + 1);
}
END_TEST

START_TEST(a_longer_ttl_than_the_assumed_one_counts)
{
	setup();
	H.adopted_at = NEVER;
	kit_bare();
	kit_shows(1, "A", 3 * DAYS);
	adopt();
	ck_assert_uint_eq(H.own[0].n_seen, 1); /* that is the one seen */
	kit_shows(1, "AB", 4);
	ck_assert_int_eq(kit_until('B'), 3 * DAYS + 1);
}
END_TEST

START_TEST(the_assumed_ttl_is_capped_too)
{
	setup();
	H.adopted_at = NEVER;
	kit_bare();
	H.policy.assumed_ttl = 30 * DAYS;
	kit_shows(1, "A", 4);
	adopt();
	kit_shows(1, "AB", 4);
	ck_assert_int_eq(kit_until('B'), 7 * DAYS + 1);
}
END_TEST

START_TEST(one_silent_at_adoption_may_serve_what_the_others_show)
{
	setup();
	H.adopted_at = NEVER;
	kit_bare();
	kit_shows(1, "A", 3 * DAYS);
	kit_shows(2, "AC", 60);
	kit_silent(3);
	adopt();
	ck_assert_int_eq(kit_sighting(3, "A", 3 * DAYS)->gone, NEVER);
	ck_assert_int_eq(kit_sighting(3, "AC", 3 * DAYS)->gone, NEVER);
	/* one that answers has shown that it no longer does */
	ck_assert_int_eq(kit_sighting(2, "A", 3 * DAYS)->gone, NOW.elapsed + 1);
	kit_wait(10 * DAYS);
	kit_shows(1, "AB", 60);
	kit_shows(2, "AB", 60);
	kit_shows(3, "AB", 60);
	ck_assert_int_eq(kit_until('B'), 3 * DAYS + 1);
}
END_TEST

START_TEST(a_denial_at_adoption_may_hide_the_records_of_the_keys_in_use)
{
	setup();
	H.adopted_at = NEVER;
	H.n_key = 1;
	kit_bare();
	kit_shows(1, "", 60);
	adopt();
	kit_key('B', STAGE_GENERATED);
	ck_assert_ptr_nonnull(kit_sighting(1, "A", DAYS));
	ck_assert_int_eq(kit_until('B'), DAYS + 1);
	ck_assert_int_eq(kit_until('A'), 0);
}
END_TEST

START_TEST(an_owner_that_comes_later_is_assumed_like_a_host)
{
	setup();
	kit_bare();
	kit_shows(1, "A", HOURS);
	host_owner(&H, "_465._tcp.mx.example.", 465);
	kit_look_at(1, 7, LOOK_SHOWN, "A", 60);
	sighting_assume(&H, &H.own[1], &NOW);
	kit_shows(1, "AB", HOURS);
	kit_look_at(1, 7, LOOK_SHOWN, "AB", 60);
	ck_assert_int_eq(kit_until('B'), DAYS + 1);
}
END_TEST

/* It may show the next key for a minute only. */
START_TEST(an_owner_that_comes_later_may_have_lacked_the_next_key)
{
	const struct sighting *s;

	setup();
	kit_bare();
	kit_key('C', STAGE_RETIRED);
	host_owner(&H, "_465._tcp.mx.example.", 465);
	kit_look_at(1, 7, LOOK_SHOWN, "AB", 60);
	H.own[1].added = _i == 0;
	sighting_assume(&H, &H.own[1], &NOW);
	ck_assert_int_eq(kit_until('B'), _i == 0 ? DAYS + 1 : 0);
	kit_wait(HOURS);
	kit_look_at(1, 7, LOOK_SHOWN, "AB", 60);
	s = &H.own[1].seen[H.own[1].n_seen - 1];
	ck_assert_uint_eq(s->ttl, DAYS);
	ck_assert_int_eq(kit_until('B'), _i == 0 ? DAYS - HOURS + 1 : 0);
	ck_assert_int_eq(kit_until('A'), 0);
}
END_TEST

/* It is heard an hour after it joined, with a TTL above the assumed one. */
START_TEST(an_owner_that_is_silent_when_it_comes_had_the_ttl_that_it_shows)
{
	setup();
	kit_bare();
	kit_shows(1, "AB", HOURS);
	host_owner(&H, "_465._tcp.mx.example.", 465);
	kit_look_at(1, 7, LOOK_SILENT, "", 0);
	H.own[1].added = true;
	sighting_assume(&H, &H.own[1], &NOW);
	H.own[1].added = false;
	ck_assert_int_eq(kit_until('B'), NEVER);
	kit_wait(HOURS);
	kit_look_at(1, 7, LOOK_SHOWN, "AB", _i == 0 ? HOURS : 3 * DAYS);
	ck_assert_int_eq(kit_until('B'), (_i == 0 ? DAYS : 3 * DAYS) + 1);
}
END_TEST

START_TEST(what_is_assumed_again_ends_again_now)
{
	setup();
	H.adopted_at = NEVER;
	kit_bare();
	kit_shows(1, "A", 60);
	adopt();
	kit_wait(HOURS);
	adopt(); /* the state was lost, and is made anew */
	kit_shows(1, "AB", 60);
	ck_assert_int_eq(kit_until('B'), DAYS + 1);
}
END_TEST

/* ---- the NS set ---- */

static void
listed(int n, int a, int b)
{
	struct addr l[2] = { NS(a), NS(b) };

	for (int i = 0; i < n; i++)
		sighting_listed(&H, &H.own[0], &l[i], "ns.example", 3600, &NOW);
	sighting_unlisted(&H, &H.own[0], l, (size_t)n, &NOW);
}

START_TEST(an_authority_that_left_counts_until_the_hold_of_the_ns_set)
{
	int64_t hold;

	setup();
	kit_shows(1, "A", HOURS);
	kit_shows(2, "A", HOURS);
	hold = policy_hold(&H.policy, 3600);
	listed(1, 1, 0);
	ck_assert_int_eq(kit_auth(2)->left_at, NOW.elapsed + 1);
	kit_wait(hold + 1);
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "A", HOURS);
	listed(1, 1, 0);
	ck_assert_ptr_nonnull(kit_auth(2));
	ck_assert_int_eq(kit_until('B'), NEVER);
	kit_wait(1);
	listed(1, 1, 0);
	ck_assert_ptr_null(kit_auth(2));
	ck_assert_uint_eq(H.own[0].n_auth, 1);
	ck_assert_int_eq(kit_until('B'), HOLD_1H); /* its caches run out */
}
END_TEST

START_TEST(an_authority_that_is_listed_again_in_time_never_left)
{
	setup();
	kit_shows(2, "A", HOURS);
	listed(1, 1, 0);
	ck_assert_int_ne(kit_auth(2)->left_at, NEVER);
	kit_wait(HOURS);
	listed(2, 1, 2);
	ck_assert_int_eq(kit_auth(2)->left_at, NEVER);
	kit_wait(30 * HOURS);
	listed(2, 1, 2);
	ck_assert_ptr_nonnull(kit_auth(2));
}
END_TEST

START_TEST(one_that_was_dropped_and_returns_may_serve_what_it_served)
{
	setup();
	kit_bare();
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "A", HOURS);
	listed(1, 1, 0);
	kit_wait(2 * HOURS);
	listed(1, 1, 0);
	ck_assert_ptr_null(kit_auth(2));
	kit_wait(20 * HOURS);
	kit_shows(1, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), 0);
	listed(2, 1, 2);
	kit_shows(2, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), HOURS + 1);
}
END_TEST

START_TEST(the_name_is_the_last_and_the_ns_ttl_the_longest)
{
	struct addr a = NS(1);

	setup();
	kit_ns(0, 1);
	ck_assert_int_eq(kit_auth(1)->first_seen, NOW.elapsed);
	kit_wait(5);
	sighting_listed(&H, &H.own[0], &a, "other.example", 60, &NOW);
	ck_assert_int_eq(kit_auth(1)->first_seen, NOW.elapsed - 5);
	ck_assert_uint_eq(kit_auth(1)->ns_ttl, 3600);
	sighting_listed(&H, &H.own[0], &a, "other.example", 7200, &NOW);
	ck_assert_uint_eq(kit_auth(1)->ns_ttl, 7200);
	ck_assert_str_eq(kit_auth(1)->name, "other.example");
}
END_TEST

/* ---- horizons and forgetting ---- */

START_TEST(a_sighting_dies_at_its_horizon)
{
	const struct sighting *s;
	int64_t end;

	setup();
	kit_bare();
	kit_shows(1, "A", 100);
	s = kit_sighting(1, "A", 100);
	ck_assert_int_eq(sighting_horizon(&H, s), NEVER);
	ck_assert(sighting_living(&H, s, NOW.elapsed + 1000 * DAYS));
	kit_shows(1, "AB", 100);
	s = kit_sighting(1, "A", 100);
	end = NOW.elapsed + 101;
	ck_assert_int_eq(sighting_horizon(&H, s), end);
	ck_assert(sighting_living(&H, s, end - 1));
	ck_assert(!sighting_living(&H, s, end));
}
END_TEST

START_TEST(only_what_is_long_dead_is_forgotten)
{
	setup();
	kit_bare();
	kit_shows(1, "A", 100);
	kit_shows(1, "AB", 100);
	kit_wait(101 + 30 * DAYS);
	sighting_prune(&H, &H.own[0], NOW.elapsed);
	ck_assert_ptr_nonnull(kit_sighting(1, "A", 100));
	kit_wait(1);
	sighting_prune(&H, &H.own[0], NOW.elapsed);
	ck_assert_ptr_null(kit_sighting(1, "A", 100));
	ck_assert_ptr_nonnull(kit_sighting(1, "AB", 100)); /* open */
}
END_TEST

static TCase *
looks(void)
{
	TCase *t = tcase_create("looks");

	tcase_add_test(t, the_worked_example_is_ready_at_17_20_the_next_day);
	tcase_add_test(t, the_emergency_profile_is_ready_at_17_20_the_same_day);
	tcase_add_test(t, each_ttl_of_a_set_has_an_end_of_its_own);
	tcase_add_test(t, a_ttl_lowered_long_ago_counts);
	tcase_add_test(t, a_ttl_that_was_raised_counts);
	tcase_add_test(t, a_ttl_above_seven_days_is_capped);
	tcase_add_test(t, the_last_authority_decides);
	tcase_add_test(t, a_regression_opens_the_set_again);
	tcase_add_test(t, no_invalid_answer_is_consent);
	tcase_add_test(t,
	    a_gap_of_26_hours_hides_nothing_and_a_longer_one_anything);
	tcase_add_test(t, time_that_ran_backwards_is_a_gap);
	tcase_add_test(t, what_was_gone_for_30_days_does_not_come_back);
	tcase_add_test(t,
	    a_new_authority_with_the_record_may_have_lacked_it_until_now);
	tcase_add_test(t,
	    the_ttl_that_a_new_authority_shows_counts_for_what_was_not_seen);
	tcase_add_loop_test(t,
	    the_ttl_that_one_comes_back_with_counts_for_what_was_not_seen, 0,
	    4);
	tcase_add_test(t,
	    a_new_authority_cannot_have_served_what_no_cache_holds);
	tcase_add_test(t, a_new_authority_without_the_record_is_in_the_way);
	tcase_add_test(t, one_out_of_sight_may_take_over_what_the_others_show);
	tcase_add_test(t, a_gap_may_hide_what_the_others_showed);
	tcase_add_test(t, a_denial_is_an_answer_and_asks_nothing);
	tcase_add_test(t, records_of_any_kind_are_remembered_and_block_nothing);
	tcase_add_test(t, the_serial_is_kept_when_an_answer_has_none);
	tcase_add_test(t, seen_first_and_last_is_noted);
	return t;
}

static TCase *
history(void)
{
	TCase *t = tcase_create("history");

	tcase_add_test(t, at_adoption_a_long_ttl_is_assumed);
	tcase_add_test(t, a_longer_ttl_than_the_assumed_one_counts);
	tcase_add_test(t, the_assumed_ttl_is_capped_too);
	tcase_add_test(t,
	    one_silent_at_adoption_may_serve_what_the_others_show);
	tcase_add_test(t,
	    a_denial_at_adoption_may_hide_the_records_of_the_keys_in_use);
	tcase_add_test(t, an_owner_that_comes_later_is_assumed_like_a_host);
	tcase_add_loop_test(t,
	    an_owner_that_comes_later_may_have_lacked_the_next_key, 0, 2);
	tcase_add_loop_test(t,
	    an_owner_that_is_silent_when_it_comes_had_the_ttl_that_it_shows, 0,
	    2);
	tcase_add_test(t, what_is_assumed_again_ends_again_now);
	tcase_add_test(t,
	    an_authority_that_left_counts_until_the_hold_of_the_ns_set);
	tcase_add_test(t, an_authority_that_is_listed_again_in_time_never_left);
	tcase_add_test(t,
	    one_that_was_dropped_and_returns_may_serve_what_it_served);
	tcase_add_test(t, the_name_is_the_last_and_the_ns_ttl_the_longest);
	tcase_add_test(t, a_sighting_dies_at_its_horizon);
	tcase_add_test(t, only_what_is_long_dead_is_forgotten);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("sighting");

	suite_add_tcase(s, looks());
	suite_add_tcase(s, history());
	return kit_run(s);
}
