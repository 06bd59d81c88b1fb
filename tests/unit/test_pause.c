/*
 * test_pause.c - the steps of a paused host stand still; what is seen is
 * still believed, and what mail depends on is still done.
 */
#include "core/pause.h"

#include "core_kit.h"

/* A is in use, B is ready and its turn has come. */
static void
setup(void)
{
	kit_begin();
	kit_bare();
	kit_key('A', STAGE_DEPLOYED)->installed = true;
	kit_key('B', STAGE_READY);
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
	kit_primary("AB");
	kit_presents(1, "A");
	H.slot[SLOT_RSA].rollover_wall = NOW.wall;
	H.paused_until = NOW.wall + 5 * DAYS;
}

static void
teardown(void)
{
	kit_end();
}

static size_t
steps(struct step st[8])
{
	plan_note_sweep(&H, &NOW);
	return plan_host(&H, &NOW, st, 8);
}

/* The only step, paused and not. */
static void
only(bool paused, enum act act, enum stage to)
{
	struct step st[8];
	time_t until = H.paused_until;

	for (int i = 0; i < 2; i++) {
		H.paused_until = i == 0 ? until : 0;
		ck_assert_uint_eq(steps(st), i == 0 && !paused ? 0 : 1);
		if (i == 0 && !paused)
			continue;
		ck_assert_int_eq(st[0].act, act);
		ck_assert_int_eq(st[0].to, to);
	}
	H.paused_until = until;
}

START_TEST(a_wish_waits_for_the_end_of_the_pause)
{
	only(false, ACT_DEPLOY, STAGE_DEPLOYED);
}
END_TEST

START_TEST(a_pause_that_is_past_is_over)
{
	struct step st[8];

	kit_wait(5 * DAYS - 1);
	ck_assert(pause_holds(&H, &NOW));
	ck_assert_uint_eq(steps(st), 0);
	kit_wait(1);
	ck_assert(!pause_holds(&H, &NOW));
	ck_assert_uint_eq(steps(st), 1);
}
END_TEST

START_TEST(while_the_clock_is_not_explained_no_pause_ends)
{
	kit_wait(6 * DAYS);
	ck_assert(!pause_holds(&H, &NOW));
	NOW.trusted = false;
	ck_assert(pause_holds(&H, &NOW));
	H.paused_until = 0;
	ck_assert(!pause_holds(&H, &NOW));
}
END_TEST

START_TEST(no_key_is_made)
{
	H.n_key = 1;
	kit_shows(1, "A", HOURS);
	kit_shows(2, "A", HOURS);
	kit_primary("A");
	only(false, ACT_MAKE, STAGE_GENERATED);
}
END_TEST

START_TEST(nothing_is_published_for_a_key_to_come)
{
	kit_find('B')->stage = STAGE_GENERATED;
	kit_shows(1, "A", HOURS);
	kit_primary("A");
	only(false, ACT_PUBLISH, STAGE_GENERATED);
}
END_TEST

START_TEST(no_stage_goes_forward)
{
	kit_find('B')->stage = STAGE_PUBLISHED;
	only(false, ACT_NOTHING, STAGE_READY);
	kit_find('B')->stage = STAGE_GENERATED;
	only(false, ACT_NOTHING, STAGE_PUBLISHED);
}
END_TEST

START_TEST(nothing_is_withdrawn)
{
	kit_find('A')->stage = STAGE_RETIRING;
	kit_find('A')->entered_at -= 10 * DAYS;
	kit_find('A')->installed = false;
	kit_find('B')->stage = STAGE_DEPLOYED;
	kit_find('B')->installed = true;
	H.slot[SLOT_RSA].rollover_wall = 0;
	kit_presents(1, "B");
	plan_note_sweep(&H, &NOW);
	kit_wait(HOURS);
	kit_presents(1, "B");
	only(false, ACT_WITHDRAW, STAGE_RETIRING);
}
END_TEST

START_TEST(nothing_is_destroyed)
{
	H.slot[SLOT_RSA].rollover_wall = 0;
	kit_key('C', STAGE_ABORTED);
	only(false, ACT_DESTROY, STAGE_ABORTED);
}
END_TEST

START_TEST(a_key_still_falls_back)
{
	kit_shows(2, "A", HOURS);
	only(true, ACT_NOTHING, STAGE_GENERATED);
}
END_TEST

START_TEST(a_certificate_is_still_made_anew)
{
	kit_find('B')->cert_ok = false;
	only(true, ACT_CERTIFY, STAGE_READY);
}
END_TEST

START_TEST(a_certificate_that_was_brought_for_a_key_in_use_is_deployed)
{
	struct cover_chain c = { .n = 1, .names_ok = true };
	struct key *k = kit_find('A');

	H.slot[SLOT_RSA].rollover_wall = 0;
	c.cert[0].by[1].len = c.cert[0].by[0].len = TLSA_FOLDED;
	memset(c.cert[0].by[1].sha256, 'A', 32);
	k->next_chain = host_chain(&H, &c);
	k->next_ok = true;
	only(true, ACT_DEPLOY, STAGE_DEPLOYED);
}
END_TEST

START_TEST(what_others_installed_is_taken_down)
{
	kit_find('A')->installed = false;
	kit_find('B')->installed = true;
	only(true, ACT_DEPLOY, STAGE_DEPLOYED);
}
END_TEST

/* The primary holds `set`; A has been served for long. */
static void
repairs(const char *set, bool paused)
{
	H.slot[SLOT_RSA].rollover_wall = 0;
	H.n_key = 1;
	H.standby = false;
	plan_note_sweep(&H, &NOW);
	kit_wait(HOURS);
	kit_shows(1, set, HOURS);
	kit_shows(2, set, HOURS);
	kit_primary(set);
	kit_presents(1, "A");
	only(paused, ACT_PUBLISH, STAGE_DEPLOYED);
}

START_TEST(the_record_of_a_key_in_use_is_put_back)
{
	repairs("B", true);
}
END_TEST

START_TEST(where_nothing_is_asked_of_senders_nothing_is_put_back)
{
	repairs("", false);
}
END_TEST

START_TEST(a_further_kind_of_record_can_wait)
{
	kit_find('A')->chain = 0;
	H.n_tlsa = 2;
	H.tlsa[0] = (struct tlsa_kind){ 3, 1, 1 };
	H.tlsa[1] = (struct tlsa_kind){ 3, 1, 2 };
	repairs("A", false);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pause");
	TCase *t = tcase_create("pause");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_wish_waits_for_the_end_of_the_pause);
	tcase_add_test(t, a_pause_that_is_past_is_over);
	tcase_add_test(t, while_the_clock_is_not_explained_no_pause_ends);
	tcase_add_test(t, no_key_is_made);
	tcase_add_test(t, nothing_is_published_for_a_key_to_come);
	tcase_add_test(t, no_stage_goes_forward);
	tcase_add_test(t, nothing_is_withdrawn);
	tcase_add_test(t, nothing_is_destroyed);
	tcase_add_test(t, a_key_still_falls_back);
	tcase_add_test(t, a_certificate_is_still_made_anew);
	tcase_add_test(t,
	    a_certificate_that_was_brought_for_a_key_in_use_is_deployed);
	tcase_add_test(t, what_others_installed_is_taken_down);
	tcase_add_test(t, the_record_of_a_key_in_use_is_put_back);
	tcase_add_test(t,
	    where_nothing_is_asked_of_senders_nothing_is_put_back);
	tcase_add_test(t, a_further_kind_of_record_can_wait);
	suite_add_tcase(s, t);
	return kit_run(s);
}
