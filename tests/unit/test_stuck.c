/*
 * test_stuck.c - what a key is stuck on has a name in every stage; a wait that
 * runs, and the schedule, have none.
 */
#include "core/stuck.h"
#include "core_kit.h"

static struct guards GS;

/* A is deployed and everywhere, B is its next key. */
static struct key *
next_key(enum stage stage, const char *first, const char *second)
{
	struct key *b;

	kit_begin();
	kit_bare();
	kit_key('A', STAGE_DEPLOYED)->installed = true;
	b = kit_key('B', stage);
	kit_shows(1, first, HOURS);
	kit_shows(2, second, HOURS);
	kit_presents(1, "A");
	return b;
}

static struct stuck
stuck(char letter, const struct concern *c, size_t n)
{
	guards_of(&H, kit_find(letter), &NOW, &GS);
	return stuck_of(&H, kit_find(letter), &GS, c, n, &NOW);
}

static enum code
on(char letter)
{
	return stuck(letter, NULL, 0).code;
}

START_TEST(a_generated_key_is_stuck_on_the_records)
{
	next_key(STAGE_GENERATED, "A", "A");
	ck_assert_int_eq(on('B'), CODE_GEN_STUCK);
	next_key(STAGE_GENERATED, "AB", "A");
	ck_assert_int_eq(on('B'), CODE_PUB_LAG);
	ck_assert_int_eq(stuck('B', NULL, 0).addr.family, 4);
	next_key(STAGE_GENERATED, "AB", "AB");
	ck_assert_int_eq(on('B'), CODE_NONE);
	kit_silent(2);
	ck_assert_int_eq(on('B'), CODE_NS_UNREACH);
	kit_look_at(0, 2, LOOK_BOGUS, "", 0);
	ck_assert_int_eq(on('B'), CODE_DNSSEC_BOGUS);
	kit_auth(2)->why = WHY_DENIED ": because";
	ck_assert_int_eq(on('B'), CODE_DOE_BROKEN);
}
END_TEST

START_TEST(a_hold_and_the_schedule_are_never_stuck)
{
	next_key(STAGE_PUBLISHED, "A", "A");
	kit_wait(1);
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
	guards_of(&H, kit_find('B'), &NOW, &GS);
	ck_assert(!guards_met(&GS, GUARD_HOLD));
	ck_assert_int_eq(on('B'), CODE_NONE);
	next_key(STAGE_READY, "AB", "AB");
	kit_wait(90 * DAYS);
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
	guards_of(&H, kit_find('B'), &NOW, &GS);
	ck_assert(!guards_met(&GS, GUARD_TURN));
	ck_assert_int_eq(on('B'), CODE_NONE);
	NOW.trusted = false; /* the agent's, not the key's */
	ck_assert_int_eq(on('B'), CODE_NONE);
}
END_TEST

START_TEST(a_key_that_a_pause_holds_is_not_stuck)
{
	next_key(STAGE_GENERATED, "A", "A");
	H.paused_until = NOW.wall + 1;
	ck_assert_int_eq(on('B'), CODE_NONE);
	kit_wait(2);
	kit_shows(1, "A", HOURS);
	ck_assert_int_eq(on('B'), CODE_GEN_STUCK);
}
END_TEST

START_TEST(a_ready_key_is_stuck_on_its_certificate_and_file)
{
	next_key(STAGE_READY, "AB", "AB")->cert_ok = false;
	ck_assert_int_eq(on('B'), CODE_READY_NO_CERT);
	kit_find('B')->stored = false;
	ck_assert_int_eq(on('B'), CODE_KEY_FILE);
}
END_TEST

START_TEST(a_deployed_key_is_stuck_on_endpoints)
{
	struct endpoint *ep;

	next_key(STAGE_DEPLOYED, "AB", "AB")->entered_at++;
	kit_presents(1, "B");
	ep = kit_presents(2, "A");
	ck_assert_int_eq(on('A'), CODE_DEPLOY_PARTIAL);
	ep->sweep = SWEEP_DOWN;
	ck_assert_int_eq(on('A'), CODE_ENDPOINT_DOWN);
	ep->why = WHY_NO_STARTTLS;
	ck_assert_int_eq(on('A'), CODE_STARTTLS_MISSING);
}
END_TEST

START_TEST(a_retiring_key_is_stuck_on_records_that_stay)
{
	next_key(STAGE_DEPLOYED, "AB", "B")->entered_at++;
	kit_presents(1, "B");
	kit_find('B')->deployed_wall++;
	kit_find('A')->stage = STAGE_RETIRING;
	ck_assert_int_eq(on('A'), CODE_NONE); /* the retire hold runs */
	kit_wait(H.policy.retire_hold);
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "B", HOURS);
	kit_presents(1, "B");
	ck_assert_int_eq(on('A'), CODE_RETIRE_LAG);
	kit_silent(1);
	ck_assert_int_eq(on('A'), CODE_NS_UNREACH);
}
END_TEST

START_TEST(since_when_and_how_bad_is_what_the_state_knows)
{
	struct concern c[2];
	struct concerns found = { .v = NULL };
	struct stuck s;

	next_key(STAGE_GENERATED, "AB", "A");
	kit_silent(3);
	guards_of(&H, kit_find('B'), &NOW, &GS);
	stuck_find(&H, kit_find('B'), &GS, &NOW, &found);
	ck_assert_uint_eq(found.n, 2);
	memcpy(c, found.v, sizeof(c));
	concern_release(&found);
	c[0].since = NOW.elapsed - 2 * HOURS;  /* pub-lag */
	c[1].since = NOW.elapsed - 30 * HOURS; /* ns-unreach */
	s = stuck('B', c, 2);
	ck_assert_int_eq(s.code, CODE_NS_UNREACH);
	ck_assert_int_eq(s.level, LEVEL_CRITICAL);
	ck_assert_int_eq(s.since, c[1].since);
	ck_assert_int_eq(s.guard, GUARD_SHOWN);
	ck_assert_int_eq(s.stage, STAGE_GENERATED);
	s = stuck('B', c, 1);
	ck_assert_int_eq(s.code, CODE_PUB_LAG);
	ck_assert_int_eq(s.level, LEVEL_WARNING);
	c[0].key = K('A'); /* of another key */
	ck_assert_int_eq(stuck('B', c, 1).level, LEVEL_QUIET);
}
END_TEST

/* Of the one that lags, whatever the others show. */
START_TEST(a_server_that_lags_is_given_two_turns_and_no_more_than_half_a_day)
{
	static const struct {
		uint32_t refresh;
		int64_t patience;
	} rows[] = {
		{ 0, 0 },
		{ 1200, 2400 },
		{ 6 * HOURS, 12 * HOURS },
		{ 6 * HOURS + 1, 12 * HOURS },
		{ 0x7fffffff, 12 * HOURS },
		{ 0x80000001, 12 * HOURS }, /* not wrapped */
		{ 0xffffffff, 12 * HOURS },
	};
	struct concerns found = { .v = NULL };

	next_key(STAGE_GENERATED, "AB", "A");
	kit_silent(3);
	kit_auth(1)->refresh = kit_auth(3)->refresh = 5 * HOURS;
	kit_auth(2)->refresh = rows[_i].refresh;
	guards_of(&H, kit_find('B'), &NOW, &GS);
	stuck_find(&H, kit_find('B'), &GS, &NOW, &found);
	ck_assert_uint_eq(found.n, 2);
	ck_assert_str_eq(found.v[0].code, "pub-lag");
	ck_assert_int_eq(found.v[0].patience, rows[_i].patience);
	ck_assert_int_eq(found.v[1].patience, 0);
	concern_release(&found);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("stuck");
	TCase *t = tcase_create("stuck");

	tcase_add_checked_fixture(t, NULL, kit_end);
	tcase_add_test(t, a_generated_key_is_stuck_on_the_records);
	tcase_add_test(t, a_hold_and_the_schedule_are_never_stuck);
	tcase_add_test(t, a_key_that_a_pause_holds_is_not_stuck);
	tcase_add_test(t, a_ready_key_is_stuck_on_its_certificate_and_file);
	tcase_add_test(t, a_deployed_key_is_stuck_on_endpoints);
	tcase_add_test(t, a_retiring_key_is_stuck_on_records_that_stay);
	tcase_add_loop_test(t,
	    a_server_that_lags_is_given_two_turns_and_no_more_than_half_a_day,
	    0, 7);
	tcase_add_test(t, since_when_and_how_bad_is_what_the_state_knows);
	suite_add_tcase(s, t);
	return kit_run(s);
}
