/*
 * test_guard.c - what a key waits for, in guards and sentences, and what
 * skipping one risks.
 */
#include "core_kit.h"

static struct guards GS;

static void
setup(enum stage b)
{
	kit_begin();
	kit_bare();
	H.policy.assumed_ttl = 0;
	kit_key('A', STAGE_DEPLOYED)->installed = true;
	kit_key('B', b);
	kit_presents(1, "A");
	H.adopted_at = NEVER;
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
	H.adopted_at = 0;
}

/* B is deployed, A leaves. */
static void
setup_leaving(enum stage a)
{
	setup(STAGE_DEPLOYED);
	kit_find('A')->stage = a;
	kit_find('A')->installed = false;
	kit_presents(1, "B");
	plan_note_sweep(&H, &NOW);
}

/* The guard with this label, or NULL. */
static const struct guard *
guard(char letter, const char *label)
{
	char buf[ADDR_TEXT + 16];

	guards_of(&H, kit_find(letter), &NOW, &GS);
	for (size_t i = 0; i < GS.n; i++)
		if (strcmp(guard_label(&GS.g[i], buf), label) == 0)
			return &GS.g[i];
	return NULL;
}

static bool
met(char letter, const char *label)
{
	const struct guard *g = guard(letter, label);

	ck_assert_msg(g != NULL, "no guard %s", label);
	return g->met;
}

static void
says(char letter, const char *label, const char *part)
{
	const struct guard *g = guard(letter, label);

	ck_assert_msg(g != NULL, "no guard %s", label);
	ck_assert_msg(strstr(g->text, part) != NULL, "%s: %s", label, g->text);
}

START_TEST(each_stage_waits_for_its_own_guards)
{
	const struct {
		enum stage stage;
		const char *guards; /* by their order in GUARD_LIST */
	} cases[] = {
		{ STAGE_GENERATED, "stored shown clock signed" },
		{ STAGE_PUBLISHED, "stored shown hold clock" },
		{ STAGE_READY, "stored shown hold cert turn clock signed" },
		{ STAGE_DEPLOYED, "turn served settle" },
		{ STAGE_RETIRED, "retention clock signed" },
		{ STAGE_ABORTED, "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(cases[i].stage);
		guards_of(&H, kit_find('B'), &NOW, &GS);
		for (int g = 0; g < GUARD_COUNT; g++) {
			const char *name = guard_name((enum guard_id)g);
			bool is = false;

			for (size_t j = 0; j < GS.n; j++)
				is |= GS.g[j].id == (enum guard_id)g;
			ck_assert_msg(is ==
				(strstr(cases[i].guards, name) != NULL),
			    "%s in %s", name, stage_name(cases[i].stage));
		}
		kit_end();
	}
}
END_TEST

START_TEST(each_stage_has_a_goal)
{
	const enum stage goals[] = { STAGE_PUBLISHED, STAGE_READY,
		STAGE_DEPLOYED, STAGE_RETIRING, STAGE_RETIRED, STAGE_NONE,
		STAGE_NONE };

	setup(STAGE_GENERATED);
	for (int s = 0; s < STAGE_COUNT; s++) {
		kit_find('B')->stage = (enum stage)s;
		ck_assert_int_eq(guard_goal(kit_find('B')), goals[s]);
	}
	kit_find('B')->stage = STAGE_COUNT;
	ck_assert_int_eq(guard_goal(kit_find('B')), STAGE_NONE);
	guards_of(&H, kit_find('B'), &NOW, &GS);
	ck_assert_uint_eq(GS.n, 0);
}
END_TEST

START_TEST(a_key_that_is_not_on_disk_is_said_to_be_so)
{
	setup(STAGE_GENERATED);
	ck_assert(met('B', "stored"));
	kit_find('B')->stored = false;
	kit_find('B')->key_file = "/keys/b.pem";
	ck_assert(!met('B', "stored"));
	says('B', "stored", "/keys/b.pem does not hold the key");
}
END_TEST

START_TEST(each_authority_has_a_guard_that_names_it)
{
	struct addr two = NS(2);

	setup(STAGE_GENERATED);
	ck_assert(met('B', "shown:192.0.2.1"));
	says('B', "shown:192.0.2.1", "shows it");
	kit_shows(2, "A", HOURS);
	kit_auth(2)->has_serial = true;
	kit_auth(2)->serial = 41;
	ck_assert(!met('B', "shown:192.0.2.2"));
	says('B', "shown:192.0.2.2",
	    "192.0.2.2 (serial 41) still answers "
	    "without it");
	H.own[0].has_primary_serial = true;
	H.own[0].primary_serial = 44;
	says('B', "shown:192.0.2.2", "192.0.2.2 (serial 41, primary 44) still");
	kit_shows(2, "", HOURS);
	says('B', "shown:192.0.2.2", "no TLSA records at all");
	kit_look_at(0, 2, LOOK_BOGUS, "", 0);
	says('B', "shown:192.0.2.2", "bogus: because");
	kit_waive('B', GUARD_SHOWN, &two);
	ck_assert(met('B', "shown:192.0.2.2"));
	ck_assert(guard('B', "shown:192.0.2.2")->waived);
	ck_assert(!guard('B', "shown:192.0.2.1")->waived);
}
END_TEST

START_TEST(an_authority_not_asked_in_this_pass_did_not_answer)
{
	setup(STAGE_GENERATED);
	kit_auth(2)->fresh = false;
	ck_assert(!met('B', "shown:192.0.2.2"));
	says('B', "shown:192.0.2.2", "gave no valid answer");
	kit_shows(2, "", HOURS);
	kit_auth(2)->fresh = false;
	says('B', "shown:192.0.2.2", "gave no valid answer");
}
END_TEST

START_TEST(an_owner_whose_servers_are_not_known_is_named)
{
	setup(STAGE_GENERATED);
	host_owner(&H, "_465._tcp.mx.example.", 465);
	ck_assert(!met('B', "shown"));
	says('B', "shown", "_465._tcp.mx.example.");
	ck_assert(!guards_met(&GS, GUARD_SHOWN));
	ck_assert(guards_met(&GS, GUARD_STORED));
	ck_assert(guards_met(&GS, GUARD_RETENTION)); /* there is none */
}
END_TEST

START_TEST(the_hold_names_its_server_its_ttl_and_its_end)
{
	const struct guard *g;

	setup(STAGE_PUBLISHED);
	ck_assert(met('B', "hold"));
	says('B', "hold", "no cache can hold a set without it");
	kit_shows(2, "A", HOURS);
	g = guard('B', "hold");
	ck_assert(!g->met && !g->running);
	ck_assert_int_eq(g->until, NEVER);
	says('B', "hold", "192.0.2.2 may still serve");
	kit_shows(2, "AB", HOURS);
	g = guard('B', "hold");
	ck_assert(!g->met && g->running);
	ck_assert_int_eq(g->until, NOW.elapsed + HOURS + 1);
	ck_assert_int_eq(g->actor, ACTOR_TIME);
	says('B', "hold", "192.0.2.2 served (TTL 3600) for another");
}
END_TEST

START_TEST(a_waived_hold_is_met_only_as_far_as_it_lifts)
{
	setup(STAGE_PUBLISHED);
	kit_shows(2, "A", HOURS);
	kit_shows(2, "AB", HOURS);
	kit_waive('B', GUARD_HOLD, NULL);
	ck_assert(met('B', "hold"));
	ck_assert(guard('B', "hold")->waived);
	ck_assert(kit_event('B', EVENT_HELD));
	kit_shows(2, "A", HOURS);
	ck_assert(!met('B', "hold"));
	ck_assert(!guard('B', "hold")->waived);
	ck_assert(!kit_event('B', EVENT_HELD));
}
END_TEST

START_TEST(certificate_turn_and_clock_of_a_ready_key)
{
	const struct guard *g;

	setup(STAGE_READY);
	ck_assert(met('B', "cert") && met('B', "clock"));
	kit_find('B')->cert_ok = false;
	kit_find('B')->cert_why = "expired";
	says('B', "cert", "expired");
	g = guard('B', "turn");
	ck_assert(!g->met && g->running);
	ck_assert_int_eq(g->until, NOW.elapsed + 365 * DAYS);
	says('B', "turn", "its turn comes ");
	H.slot[SLOT_RSA].rollover_wall = 1;
	ck_assert(met('B', "turn"));
	NOW.trusted = false;
	ck_assert(!met('B', "clock"));
	says('B', "clock", "jumped");
	kit_waive('B', GUARD_CLOCK, NULL);
	ck_assert(met('B', "clock"));
}
END_TEST

START_TEST(each_endpoint_has_a_guard_that_names_it)
{
	struct endpoint *ep;
	struct addr e = EP(1);

	setup(STAGE_DEPLOYED);
	ck_assert(!met('B', "served:198.51.100.1:25"));
	says('B', "served:198.51.100.1:25",
	    "presents the rsa key 41414141 "
	    "instead");
	ep = kit_presents(1, "E");
	ep->seen[0].slot = SLOT_ECDSA;
	says('B', "served:198.51.100.1:25", "presents no rsa key");
	ep->sweep = SWEEP_DOWN;
	says('B', "served:198.51.100.1:25", "could not be looked at");
	ep->why = "refused";
	says('B', "served:198.51.100.1:25", "looked at: refused");
	kit_waive('B', GUARD_SERVED, &e);
	ck_assert(guard('B', "served:198.51.100.1:25")->waived);
	kit_presents(1, "B");
	ck_assert(met('B', "served:198.51.100.1:25"));
	says('B', "served:198.51.100.1:25", "presents 42424242");
	H.n_ep = 0;
	ck_assert(!met('B', "served"));
	says('B', "served", "no address of mx.example");
}
END_TEST

START_TEST(settle_runs_from_the_first_clean_sweep)
{
	const struct guard *g;

	setup(STAGE_DEPLOYED);
	g = guard('B', "settle");
	ck_assert(!g->met);
	ck_assert_int_eq(g->until, NEVER);
	kit_presents(1, "B");
	plan_note_sweep(&H, &NOW);
	g = guard('B', "settle");
	ck_assert(!g->met && g->running);
	ck_assert_int_eq(g->until, NOW.elapsed + 15 * MINUTES);
	kit_wait(15 * MINUTES);
	ck_assert(met('B', "settle"));
}
END_TEST

START_TEST(a_deployed_key_waits_for_its_successor_to_take_over)
{
	struct addr e = EP(1);

	setup_leaving(STAGE_DEPLOYED);
	ck_assert(met('A', "served:198.51.100.1:25"));
	ck_assert(!met('A', "settle"));
	ck_assert(met('A', "shown:192.0.2.2"));
	ck_assert_ptr_null(guard('A', "turn"));
	kit_shows(2, "A", HOURS);
	ck_assert(!met('A', "shown:192.0.2.2"));
	kit_presents(1, "A");
	ck_assert(!met('A', "served:198.51.100.1:25"));
	kit_waive('A', GUARD_SERVED, &e); /* for the old one will do */
	ck_assert(met('A', "served:198.51.100.1:25"));
}
END_TEST

START_TEST(guards_and_events_agree_that_a_key_is_superseded)
{
	setup_leaving(STAGE_DEPLOYED);
	for (int i = 0; i < 3; i++) {
		bool all = true;

		guards_of(&H, kit_find('A'), &NOW, &GS);
		for (size_t j = 0; j < GS.n; j++)
			all &= GS.g[j].met;
		ck_assert_int_eq(all, kit_event('A', EVENT_SUPERSEDED));
		ck_assert_int_eq(all, i == 1);
		kit_wait(15 * MINUTES);
		if (i == 1)
			kit_silent(1);
	}
}
END_TEST

START_TEST(a_retiring_key_waits_until_it_is_gone)
{
	struct addr two = NS(2);
	const struct guard *g;

	setup_leaving(STAGE_RETIRING);
	g = guard('A', "retire-hold");
	ck_assert(!g->met && g->running);
	ck_assert_int_eq(g->until, NOW.elapsed + 3 * DAYS);
	says('A', "retire-hold", "runs for another");
	kit_wait(3 * DAYS);
	ck_assert(met('A', "retire-hold"));
	says('A', "retire-hold", "is over");
	ck_assert(!met('A', "gone:192.0.2.1"));
	says('A', "gone:192.0.2.1", "still shows it");
	says('A', "hold", "may still serve a set with it");
	kit_shows(1, "B", HOURS);
	ck_assert(met('A', "gone:192.0.2.1"));
	says('A', "gone:192.0.2.1", "dropped it");
	kit_silent(2);
	ck_assert(!met('A', "gone:192.0.2.2"));
	says('A', "gone:192.0.2.2", "gave no valid answer");
	kit_waive('A', GUARD_GONE, &two);
	ck_assert(met('A', "gone:192.0.2.2"));
	says('A', "hold", "served (TTL 3600)"); /* only what 1 served */
	NOW.trusted = false;
	ck_assert(!met('A', "clock"));
}
END_TEST

START_TEST(a_retiring_key_without_successor_waits_for_none)
{
	setup_leaving(STAGE_RETIRING);
	kit_find('B')->stage = STAGE_RETIRED;
	ck_assert_ptr_null(guard('A', "settle"));
	ck_assert_ptr_nonnull(guard('A', "gone:192.0.2.1"));
}
END_TEST

START_TEST(a_retired_key_waits_for_its_retention_if_it_is_ours)
{
	setup(STAGE_RETIRED);
	ck_assert(!met('B', "retention"));
	kit_find('B')->adopted = true;
	ck_assert_ptr_null(guard('B', "retention"));
	kit_find('B')->adopted = false;
	kit_find('B')->destroyed_at = 3;
	ck_assert_ptr_null(guard('B', "retention"));
}
END_TEST

/* More name servers than there is room: the unmet ones stay. */
START_TEST(where_there_is_no_room_unmet_guards_go_first)
{
	size_t unmet = 0;

	setup(STAGE_GENERATED);
	for (int i = 3; i < 200; i++)
		kit_shows(i, i > 100 && i % 2 ? "A" : "AB", HOURS);
	guards_of(&H, kit_find('B'), &NOW, &GS);
	ck_assert_uint_eq(GS.n, GUARD_MAX);
	for (size_t i = 0; i < GS.n; i++) {
		unmet += !GS.g[i].met;
		if (!GS.g[i].met)
			ck_assert(strstr(GS.g[i].text, "without it"));
	}
	ck_assert_uint_eq(unmet, 50); /* 101, 103 ... 199 */
	ck_assert(!met('B', "shown:192.0.2.199"));
	for (int i = 1; i < 200; i++)
		kit_shows(i, "A", HOURS);
	guards_of(&H, kit_find('B'), &NOW, &GS);
	ck_assert(!guards_met(&GS, GUARD_SHOWN));
}
END_TEST

/* ---- risks ---- */

static const char *
risk(char letter, enum guard_id id, const struct addr *a, int64_t until)
{
	static char buf[600];
	struct guard g = { .id = id, .until = until };

	if (a != NULL)
		g.addr = *a;
	return guard_risk(&H, kit_find(letter), &g, &NOW, buf, sizeof(buf));
}

/* D25.  It names server, record and time. */
START_TEST(a_signature_that_ends_is_named_and_can_be_waived)
{
	const struct guard *g;
	const char *until = "2033-05-18 15:33"; /* NOW is 03:33 */

	setup(STAGE_READY);
	ck_assert(met('B', "signed") && kit_event('B', EVENT_SIGNED));
	says('B', "signed", "no signature is about to end");
	kit_auth(2)->records_signed = (struct span){ NOW.wall - 9 * DAYS,
		NOW.wall + 12 * HOURS };
	kit_auth(2)->ttl = DAYS;
	H.slot[SLOT_RSA].rollover_wall = 1;
	g = guard('B', "signed");
	ck_assert(!g->met && !g->running && !kit_event('B', EVENT_SIGNED));
	ck_assert_int_eq(g->actor, ACTOR_OPERATOR);
	says('B', "signed",
	    "192.0.2.2: the signature over its answer for "
	    "_25._tcp.mx.example. ends at ");
	says('B', "signed", until);
	ck_assert(strstr(risk('B', GUARD_SIGNED, NULL, NEVER), until));
	kit_auth(2)->keys_signed = kit_auth(2)->records_signed;
	kit_auth(2)->keys_signed.until--;
	says('B', "signed", "over its DNSKEY set for");
	H.slot[SLOT_RSA].rollover_wall = 0; /* its turn comes next year */
	ck_assert(guard('B', "signed")->running);
	kit_waive('B', GUARD_SIGNED, NULL);
	ck_assert(guard('B', "signed")->waived);
	ck_assert(kit_event('B', EVENT_SIGNED));
	ck_assert(!kit_event('A', EVENT_SIGNED));
	kit_find('A')->stage = STAGE_RETIRING;
	kit_find('B')->stage = STAGE_DEPLOYED;
	ck_assert(guard('A', "signed")->running);
	kit_wait(3 * DAYS);
	g = guard('A', "signed");
	ck_assert(!g->met && !g->running);
}
END_TEST

START_TEST(possession_and_certificate_are_never_skipped)
{
	setup(STAGE_READY);
	ck_assert_ptr_null(risk('B', GUARD_STORED, NULL, NEVER));
	ck_assert_ptr_null(risk('B', GUARD_CERT, NULL, NEVER));
	ck_assert_ptr_null(risk('B', GUARD_COUNT, NULL, NEVER));
	/* nor that no name server is known at all */
	ck_assert_ptr_null(risk('B', GUARD_SHOWN, NULL, NEVER));
}
END_TEST

START_TEST(every_other_guard_has_its_risk)
{
	struct addr two = NS(2), e = EP(3);

	setup(STAGE_READY);
	ck_assert(strstr(risk('B', GUARD_SHOWN, &two, NEVER), "ask 192.0.2.2"));
	ck_assert(strstr(risk('B', GUARD_TURN, NULL, NEVER), "None"));
	ck_assert(strstr(risk('B', GUARD_SERVED, &e, NEVER),
	    "198.51.100.3:25"));
	ck_assert(strstr(risk('B', GUARD_GONE, &two, NEVER), "192.0.2.2"));
	ck_assert(strstr(risk('B', GUARD_CLOCK, NULL, NEVER), "clock"));
	ck_assert(strstr(risk('B', GUARD_SETTLE, NULL, NEVER), "no end known"));
	ck_assert(strstr(risk('B', GUARD_RETIRE_HOLD, NULL, NOW.elapsed + 60),
	    "until 2033-05-18 03:34 UTC"));
	ck_assert(strstr(risk('B', GUARD_RETENTION, NULL, NOW.elapsed - 1),
	    "until now"));
}
END_TEST

START_TEST(the_risk_of_a_hold_ends_with_it)
{
	setup(STAGE_PUBLISHED);
	ck_assert(strstr(risk('B', GUARD_HOLD, NULL, NEVER), "until now"));
	kit_shows(2, "A", HOURS);
	ck_assert(strstr(risk('B', GUARD_HOLD, NULL, NEVER), "no end known"));
	kit_shows(2, "AB", HOURS); /* 2033-05-18 03:33:20 and 1:00:01 */
	ck_assert(strstr(risk('B', GUARD_HOLD, NULL, NEVER),
	    "until 2033-05-18 04:33 UTC"));
	kit_find('B')->stage = STAGE_RETIRING;
	ck_assert(strstr(risk('B', GUARD_HOLD, NULL, NEVER), "with this key"));
}
END_TEST

static TCase *
guards(void)
{
	TCase *t = tcase_create("guards");

	tcase_add_test(t, each_stage_waits_for_its_own_guards);
	tcase_add_test(t, each_stage_has_a_goal);
	tcase_add_test(t, a_key_that_is_not_on_disk_is_said_to_be_so);
	tcase_add_test(t, each_authority_has_a_guard_that_names_it);
	tcase_add_test(t, an_authority_not_asked_in_this_pass_did_not_answer);
	tcase_add_test(t, an_owner_whose_servers_are_not_known_is_named);
	tcase_add_test(t, the_hold_names_its_server_its_ttl_and_its_end);
	tcase_add_test(t, a_waived_hold_is_met_only_as_far_as_it_lifts);
	tcase_add_test(t, certificate_turn_and_clock_of_a_ready_key);
	tcase_add_test(t, each_endpoint_has_a_guard_that_names_it);
	tcase_add_test(t, settle_runs_from_the_first_clean_sweep);
	tcase_add_test(t, a_deployed_key_waits_for_its_successor_to_take_over);
	tcase_add_test(t, guards_and_events_agree_that_a_key_is_superseded);
	tcase_add_test(t, a_retiring_key_waits_until_it_is_gone);
	tcase_add_test(t, a_retiring_key_without_successor_waits_for_none);
	tcase_add_test(t, a_retired_key_waits_for_its_retention_if_it_is_ours);
	tcase_add_test(t, where_there_is_no_room_unmet_guards_go_first);
	return t;
}

static TCase *
risks(void)
{
	TCase *t = tcase_create("risks");

	tcase_add_test(t, possession_and_certificate_are_never_skipped);
	tcase_add_test(t, a_signature_that_ends_is_named_and_can_be_waived);
	tcase_add_test(t, every_other_guard_has_its_risk);
	tcase_add_test(t, the_risk_of_a_hold_ends_with_it);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("guard");

	suite_add_tcase(s, guards());
	suite_add_tcase(s, risks());
	return kit_run(s);
}
