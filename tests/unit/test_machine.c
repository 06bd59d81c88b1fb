/*
 * test_machine.c - the table, the events that it is asked with, and the plan
 * that comes of it.
 */
#include "core_kit.h"

/* ---- the table ---- */

#define E(x) EVENT_##x

static void
comes(enum stage s, uint32_t events, enum act act, enum stage next)
{
	const struct row *r = machine_row(MACHINE, MACHINE_ROWS, s, events);

	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(r->act, act);
	ck_assert_int_eq(r->next, next);
}

static bool
waits(enum stage s, uint32_t events)
{
	return machine_row(MACHINE, MACHINE_ROWS, s, events) == NULL;
}

START_TEST(without_an_event_every_stage_waits)
{
	for (int s = 0; s <= STAGE_COUNT; s++)
		ck_assert(waits((enum stage)s, 0));
}
END_TEST

START_TEST(no_act_is_proposed_while_the_clock_is_not_explained)
{
	for (size_t i = 0; i < MACHINE_ROWS; i++)
		ck_assert_msg(MACHINE[i].act == ACT_NOTHING ||
			(MACHINE[i].events & E(CLOCK)),
		    "row %zu", i);
}
END_TEST

/* D25.  What follows the facts, or mends what is presented now, goes on. */
START_TEST(nothing_is_begun_while_a_signature_is_about_to_end)
{
	for (size_t i = 0; i < MACHINE_ROWS; i++) {
		const struct row *r = &MACHINE[i];
		bool begins = r->act == ACT_WITHDRAW ||
		    (r->stage != STAGE_DEPLOYED &&
			(r->act == ACT_PUBLISH ||
			    (r->act == ACT_DEPLOY &&
				!(r->events & E(INSTALLED))))) ||
		    (r->act == ACT_DESTROY && r->stage != STAGE_ABORTED);

		ck_assert_msg(begins == ((r->events & E(SIGNED)) != 0),
		    "row %zu", i);
	}
}
END_TEST

START_TEST(what_the_table_proposes)
{
	const struct {
		enum stage stage;
		uint32_t events;
		enum act act;
		enum stage next;
	} cases[] = {
		{ STAGE_NONE, E(WANTED) | E(CLOCK), ACT_MAKE, STAGE_GENERATED },
		{ STAGE_GENERATED,
		    E(STORED) | E(MISSING) | E(LIT) | E(CLOCK) | E(SIGNED),
		    ACT_PUBLISH, STAGE_GENERATED },
		{ STAGE_GENERATED, E(STORED) | E(CERT_BAD) | E(CLOCK),
		    ACT_CERTIFY, STAGE_GENERATED },
		{ STAGE_GENERATED, E(STORED) | E(SHOWN), ACT_NOTHING,
		    STAGE_PUBLISHED },
		{ STAGE_GENERATED, E(LOST) | E(PRESENT) | E(CLOCK) | E(SIGNED),
		    ACT_WITHDRAW, STAGE_GENERATED },
		{ STAGE_GENERATED, E(LOST) | E(GONE) | E(UNSEEN), ACT_NOTHING,
		    STAGE_ABORTED },
		{ STAGE_PUBLISHED, E(SHOWN) | E(HELD), ACT_NOTHING,
		    STAGE_READY },
		{ STAGE_PUBLISHED, E(NOT_SHOWN) | E(HELD), ACT_NOTHING,
		    STAGE_GENERATED },
		{ STAGE_PUBLISHED, E(LOST) | E(SHOWN) | E(HELD), ACT_NOTHING,
		    STAGE_GENERATED },
		{ STAGE_READY, E(SHOWN) | E(NOT_HELD), ACT_NOTHING,
		    STAGE_PUBLISHED },
		{ STAGE_READY, E(NOT_SHOWN) | E(NOT_HELD), ACT_NOTHING,
		    STAGE_GENERATED },
		{ STAGE_READY,
		    E(SHOWN) | E(HELD) | E(STORED) | E(CERT_BAD) | E(TURN) |
			E(CLOCK),
		    ACT_CERTIFY, STAGE_READY },
		{ STAGE_READY,
		    E(SHOWN) | E(HELD) | E(STORED) | E(CERT) | E(TURN) |
			E(CLOCK) | E(SIGNED),
		    ACT_DEPLOY, STAGE_DEPLOYED },
		{ STAGE_READY,
		    E(INSTALLED) | E(STORED) | E(CLOCK) | E(NOT_SHOWN),
		    ACT_DEPLOY, STAGE_DEPLOYED },
		{ STAGE_DEPLOYED, E(SUPERSEDED), ACT_NOTHING, STAGE_RETIRING },
		{ STAGE_DEPLOYED,
		    E(MISSING) | E(SERVED) | E(SETTLED) | E(CLOCK), ACT_PUBLISH,
		    STAGE_DEPLOYED },
		{ STAGE_RETIRING,
		    E(PRESENT) | E(SUPERSEDED) | E(RETIRE_HOLD) | E(CLOCK) |
			E(SIGNED),
		    ACT_WITHDRAW, STAGE_RETIRING },
		{ STAGE_RETIRING, E(GONE) | E(UNSEEN) | E(RETIRE_HOLD),
		    ACT_NOTHING, STAGE_RETIRED },
		{ STAGE_RETIRED,
		    E(RETENTION) | E(OURS) | E(UNSEEN) | E(CLOCK) | E(SIGNED),
		    ACT_DESTROY, STAGE_RETIRED },
		{ STAGE_ABORTED, E(OURS) | E(UNSEEN) | E(CLOCK), ACT_DESTROY,
		    STAGE_ABORTED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		comes(cases[i].stage, cases[i].events, cases[i].act,
		    cases[i].next);
}
END_TEST

/* Everything true but one event, and what would fall back: no deployment. */
START_TEST(each_event_of_a_deployment_is_needed)
{
	const uint32_t needed[] = { E(SHOWN), E(HELD), E(STORED), E(CERT),
		E(TURN), E(CLOCK), E(SIGNED) };
	const uint32_t all = E(SHOWN) | E(HELD) | E(STORED) | E(CERT) |
	    E(TURN) | E(CLOCK) | E(SIGNED);

	for (size_t i = 0; i < 7; i++)
		ck_assert_msg(waits(STAGE_READY, all & ~needed[i]), "case %zu",
		    i);
}
END_TEST

START_TEST(ready_needs_every_authority_and_empty_caches)
{
	ck_assert(waits(STAGE_PUBLISHED, E(SHOWN) | E(NOT_HELD)));
	ck_assert(waits(STAGE_PUBLISHED, E(HELD)));
}
END_TEST

START_TEST(each_event_of_a_withdrawal_is_needed)
{
	const uint32_t needed[] = { E(PRESENT), E(SUPERSEDED), E(RETIRE_HOLD),
		E(CLOCK) };
	const uint32_t all = E(PRESENT) | E(SUPERSEDED) | E(RETIRE_HOLD) |
	    E(CLOCK);

	for (size_t i = 0; i < 4; i++)
		ck_assert(waits(STAGE_RETIRING, all & ~needed[i]));
}
END_TEST

START_TEST(each_event_of_a_destruction_is_needed)
{
	const uint32_t needed[] = { E(RETENTION), E(OURS), E(UNSEEN),
		E(CLOCK) };
	const uint32_t all = E(RETENTION) | E(OURS) | E(UNSEEN) | E(CLOCK);

	for (size_t i = 0; i < 4; i++)
		ck_assert(waits(STAGE_RETIRED, all & ~needed[i]));
	ck_assert(waits(STAGE_ABORTED, E(OURS) | E(CLOCK)));
}
END_TEST

START_TEST(deployed_never_falls_back)
{
	for (size_t i = 0; i < MACHINE_ROWS; i++)
		if (MACHINE[i].stage == STAGE_DEPLOYED)
			ck_assert_int_ge(MACHINE[i].next, STAGE_DEPLOYED);
}
END_TEST

/* Where no records are: deploy before publish; else never so. */
START_TEST(a_first_key_is_deployed_in_the_dark_only)
{
	const uint32_t all = E(DARK) | E(VACANT) | E(STORED) | E(CERT) |
	    E(CLOCK) | E(SIGNED);

	comes(STAGE_GENERATED, all, ACT_DEPLOY, STAGE_DEPLOYED);
	ck_assert(waits(STAGE_GENERATED, all & ~(uint32_t)E(DARK)));
	ck_assert(waits(STAGE_GENERATED, all & ~(uint32_t)E(VACANT)));
	ck_assert(waits(STAGE_GENERATED, all & ~(uint32_t)E(CERT)));
	/* a host that is lit in part publishes nothing but first records */
	ck_assert(waits(STAGE_GENERATED,
	    E(MISSING) | E(STORED) | E(CLOCK) | E(SIGNED)));
}
END_TEST

/* ---- events ---- */

static void
setup(void)
{
	kit_begin();
	kit_bare();
	kit_key('A', STAGE_DEPLOYED)->installed = true;
	kit_key('B', STAGE_GENERATED);
	kit_presents(1, "A");
	H.adopted_at = NEVER;
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
	H.adopted_at = 0;
	kit_primary("AB");
}

START_TEST(shown_needs_every_authority_in_this_pass)
{
	struct addr two = NS(2);

	setup();
	ck_assert(kit_event('B', E(SHOWN)));
	kit_shows(2, "A", HOURS);
	ck_assert(kit_event('B', E(NOT_SHOWN)));
	ck_assert(!kit_event('B', E(SHOWN)));
	kit_waive('B', GUARD_SHOWN, &two);
	ck_assert(kit_event('B', E(SHOWN)));
	H.n_waiver = 0;
	kit_shows(2, "AB", HOURS);
	kit_auth(2)->fresh = false; /* of an earlier pass */
	ck_assert(kit_event('B', E(NOT_SHOWN)));
	kit_shows(2, "", HOURS); /* a denial asks nothing but shows nothing */
	ck_assert(kit_event('B', E(NOT_SHOWN)));
	kit_shows(2, "AB!", HOURS); /* and this covers nobody */
	ck_assert(kit_event('B', E(NOT_SHOWN)));
}
END_TEST

START_TEST(an_owner_without_authorities_shows_nothing)
{
	setup();
	host_owner(&H, "_465._tcp.mx.example.", 465);
	ck_assert(kit_event('B', E(NOT_SHOWN)));
	ck_assert(!kit_event('A', E(GONE)));
	H.n_own = 0;
	ck_assert(kit_event('B', E(NOT_SHOWN)));
	ck_assert(!kit_event('B', E(PRESENT)) && !kit_event('B', E(LIT)));
	H.n_own = 2;
}
END_TEST

START_TEST(gone_needs_a_valid_answer_everywhere_and_empty_caches)
{
	struct addr two = NS(2);

	setup();
	kit_shows(1, "A", HOURS);
	ck_assert(!kit_event('B', E(GONE)));
	kit_shows(2, "A", HOURS);
	ck_assert(!kit_event('B', E(GONE))); /* caches */
	kit_wait(HOURS + 1);
	kit_shows(1, "A", HOURS);
	kit_shows(2, "A", HOURS);
	ck_assert(kit_event('B', E(GONE)));
	kit_silent(2);
	ck_assert(!kit_event('B', E(GONE)));
	kit_waive('B', GUARD_GONE, &two);
	ck_assert(kit_event('B', E(GONE)));
}
END_TEST

START_TEST(a_waived_hold_lets_go_what_caches_hold)
{
	setup();
	kit_shows(1, "A", HOURS);
	kit_shows(2, "A", HOURS);
	ck_assert(!kit_event('B', E(GONE)));
	kit_waive('B', GUARD_HOLD, NULL);
	ck_assert(kit_event('B', E(GONE)));
}
END_TEST

START_TEST(what_the_primary_holds_decides_what_is_ours_to_do)
{
	setup();
	ck_assert(kit_event('B', E(PRESENT) | E(LIT)));
	ck_assert(!kit_event('B', E(MISSING)));
	kit_primary("A");
	ck_assert(kit_event('B', E(MISSING) | E(LIT)));
	kit_primary("");
	ck_assert(kit_event('B', E(MISSING)) && !kit_event('B', E(LIT)));
	H.own[0].has_primary = false;
	ck_assert(!kit_event('B', E(MISSING)) && !kit_event('B', E(PRESENT)));
	kit_primary("A");
	H.publishes = false; /* by hand: nothing is ours */
	ck_assert(!kit_event('B', E(MISSING)) && !kit_event('B', E(LIT)));
}
END_TEST

START_TEST(of_two_owners_one_may_lack_and_one_hold_it)
{
	setup();
	host_owner(&H, "_465._tcp.mx.example.", 465);
	kit_primary("A");
	owner_set_primary(&H.own[1], S("AB"));
	ck_assert(kit_event('B', E(MISSING) | E(PRESENT) | E(LIT)));
	owner_set_primary(&H.own[1], S(""));
	ck_assert(!kit_event('B', E(LIT)));
}
END_TEST

START_TEST(dark_is_a_denial_by_every_authority_and_nothing_else)
{
	setup();
	kit_primary("");
	kit_shows(1, "", HOURS);
	ck_assert(!kit_event('B', E(DARK)));
	kit_shows(2, "", HOURS);
	ck_assert(kit_event('B', E(DARK)));
	kit_primary("A"); /* the primary knows better */
	ck_assert(!kit_event('B', E(DARK)));
	kit_primary("");
	kit_auth(2)->fresh = false;
	ck_assert(!kit_event('B', E(DARK)));
	kit_silent(2);
	ck_assert(!kit_event('B', E(DARK)));
	kit_shows(2, "", HOURS);
	H.own[0].n_auth = 0;
	ck_assert(!kit_event('B', E(DARK)));
	H.own[0].n_auth = 2;
	ck_assert(kit_event('B', E(DARK)));
	/* somebody who is no longer asked may still serve records */
	H.own[0].seen[0].gone = NEVER;
	ck_assert(!kit_event('B', E(DARK)));
}
END_TEST

START_TEST(served_is_the_key_and_no_other_of_its_slot_everywhere)
{
	struct addr e2 = EP(2);
	struct endpoint *ep;

	setup();
	ck_assert(kit_event('A', E(SERVED)));
	kit_presents(2, "AB"); /* two processes, two keys */
	ck_assert(!kit_event('A', E(SERVED)));
	ep = kit_presents(2, "AE");
	ep->seen[1].slot = SLOT_ECDSA; /* another slot: another matter */
	ck_assert(kit_event('A', E(SERVED)));
	ep->n_seen = 0;
	ck_assert(!kit_event('A', E(SERVED)));
	kit_presents(2, "A")->fresh = false;
	ck_assert(!kit_event('A', E(SERVED)));
	kit_presents(2, "A")->sweep = SWEEP_DOWN;
	ck_assert(!kit_event('A', E(SERVED)));
	kit_waive('A', GUARD_SERVED, &e2);
	ck_assert(kit_event('A', E(SERVED)));
	H.n_ep = 0;
	ck_assert(!kit_event('A', E(SERVED)));
}
END_TEST

START_TEST(settled_is_an_unbroken_row_of_clean_sweeps)
{
	setup();
	plan_note_sweep(&H, &NOW);
	ck_assert_int_eq(kit_find('A')->clean_since, NOW.elapsed);
	ck_assert_int_eq(kit_find('B')->clean_since, NEVER);
	ck_assert(!kit_event('A', E(SETTLED)));
	kit_wait(15 * MINUTES - 1);
	plan_note_sweep(&H, &NOW);
	ck_assert(!kit_event('A', E(SETTLED)));
	kit_wait(1);
	ck_assert(kit_event('A', E(SETTLED)));
	kit_presents(1, "X"); /* a break */
	plan_note_sweep(&H, &NOW);
	ck_assert_int_eq(kit_find('A')->clean_since, NEVER);
	kit_presents(1, "A");
	plan_note_sweep(&H, &NOW);
	ck_assert(!kit_event('A', E(SETTLED)));
	kit_wait(-10); /* time that ran backwards settles nothing */
	ck_assert(!kit_event('A', E(SETTLED)));
	kit_waive('A', GUARD_SETTLE, NULL);
	ck_assert(kit_event('A', E(SETTLED)));
}
END_TEST

START_TEST(superseded_is_a_successor_that_is_served_settled_and_shown)
{
	struct addr e2 = EP(2);

	setup();
	ck_assert(!kit_event('A', E(SUPERSEDED)));
	kit_find('B')->stage = STAGE_DEPLOYED;
	kit_presents(1, "B");
	plan_note_sweep(&H, &NOW);
	ck_assert(!kit_event('A', E(SUPERSEDED)));
	kit_wait(15 * MINUTES);
	ck_assert(kit_event('A', E(SUPERSEDED)));
	ck_assert(!kit_event('B', E(SUPERSEDED)));
	kit_shows(2, "A", HOURS); /* a name server fell back */
	ck_assert(!kit_event('A', E(SUPERSEDED)));
	kit_shows(2, "AB", HOURS);
	kit_presents(2, "A");
	ck_assert(!kit_event('A', E(SUPERSEDED)));
	kit_waive('A', GUARD_SERVED, &e2); /* given for the old key */
	ck_assert(kit_event('A', E(SUPERSEDED)));
}
END_TEST

START_TEST(settle_can_be_waived_for_the_old_key_or_the_new)
{
	for (int i = 0; i < 2; i++) {
		setup();
		kit_find('B')->stage = STAGE_DEPLOYED;
		kit_presents(1, "B");
		ck_assert(!kit_event('A', E(SUPERSEDED)));
		kit_waive("AB"[i], GUARD_SETTLE, NULL);
		ck_assert(kit_event('A', E(SUPERSEDED)));
		kit_end();
	}
}
END_TEST

START_TEST(unseen_is_neither_presented_nor_installed)
{
	setup();
	ck_assert(kit_event('B', E(UNSEEN)));
	ck_assert(!kit_event('A', E(UNSEEN)));
	kit_presents(2, "B")->sweep = SWEEP_DOWN;
	ck_assert(!kit_event('B', E(UNSEEN)));
	kit_presents(2, "A");
	kit_find('B')->installed = true;
	ck_assert(!kit_event('B', E(UNSEEN)));
	ck_assert(kit_event('B', E(INSTALLED)));
}
END_TEST

START_TEST(a_key_is_stored_lost_or_not_looked_at)
{
	struct key *k;

	setup();
	k = kit_find('B');
	ck_assert(kit_event('B', E(STORED) | E(CERT) | E(OURS)));
	k->cert_ok = false;
	ck_assert(kit_event('B', E(STORED) | E(CERT_BAD)));
	ck_assert(!kit_event('B', E(CERT)));
	k->stored = false;
	ck_assert(!kit_event('B', E(CERT_BAD)) && !kit_event('B', E(LOST)));
	k->lost = true;
	ck_assert(kit_event('B', E(LOST)) && !kit_event('B', E(STORED)));
	k->adopted = true;
	ck_assert(!kit_event('B', E(OURS)));
	k->adopted = false;
	k->destroyed_at = 5;
	ck_assert(!kit_event('B', E(OURS)));
}
END_TEST

START_TEST(a_turn_comes_by_schedule_wish_waiver_or_need)
{
	setup();
	ck_assert(!kit_event('B', E(TURN)));
	kit_wait(365 * DAYS - 1);
	ck_assert(!kit_event('B', E(TURN)));
	kit_wait(1);
	ck_assert(kit_event('B', E(TURN)));
	kit_wait(-DAYS);
	ck_assert(!kit_event('B', E(TURN)));
	H.slot[SLOT_RSA].rollover_wall = 1;
	ck_assert(kit_event('B', E(TURN)));
	H.slot[SLOT_RSA].rollover_wall = 0;
	kit_waive('B', GUARD_TURN, NULL);
	ck_assert(kit_event('B', E(TURN)));
	H.n_waiver = 0;
	ck_assert(!kit_event('B', E(VACANT)));
	kit_find('A')->stage = STAGE_RETIRING; /* nothing is deployed */
	ck_assert(kit_event('B', E(TURN) | E(VACANT)));
}
END_TEST

START_TEST(the_clock_can_be_waived_for_a_key)
{
	setup();
	ck_assert(kit_event('B', E(CLOCK)));
	NOW.trusted = false;
	ck_assert(!kit_event('B', E(CLOCK)));
	kit_waive('B', GUARD_CLOCK, NULL);
	ck_assert(kit_event('B', E(CLOCK)));
	ck_assert(!kit_event('A', E(CLOCK)));
}
END_TEST

START_TEST(the_retire_hold_runs_from_the_retirement)
{
	setup();
	kit_find('A')->stage = STAGE_RETIRING;
	kit_find('A')->entered_at = NOW.elapsed;
	kit_wait(3 * DAYS - 1);
	ck_assert(!kit_event('A', E(RETIRE_HOLD)));
	kit_wait(1);
	ck_assert(kit_event('A', E(RETIRE_HOLD)));
	kit_find('A')->stage = STAGE_DEPLOYED;
	ck_assert(!kit_event('A', E(RETIRE_HOLD)));
}
END_TEST

START_TEST(no_retire_hold_for_a_compromised_key_or_a_waived_one)
{
	for (int i = 0; i < 3; i++) {
		setup();
		kit_find('A')->stage = STAGE_RETIRING;
		kit_find('B')->stage = STAGE_DEPLOYED;
		ck_assert(!kit_event('A', E(RETIRE_HOLD)));
		if (i == 0)
			kit_find('A')->compromised = true;
		else
			kit_waive("AB"[i - 1], GUARD_RETIRE_HOLD, NULL);
		ck_assert(kit_event('A', E(RETIRE_HOLD)));
		kit_end();
	}
}
END_TEST

START_TEST(a_retired_key_is_kept_for_its_retention)
{
	struct key *k;

	setup();
	k = kit_find('B');
	k->stage = STAGE_RETIRED;
	kit_wait(30 * DAYS - 1);
	ck_assert(!kit_event('B', E(RETENTION)));
	kit_wait(1);
	ck_assert(kit_event('B', E(RETENTION)));
	kit_wait(-20 * DAYS);
	k->compromised = true;
	ck_assert(kit_event('B', E(RETENTION)));
	k->compromised = false;
	kit_waive('B', GUARD_RETENTION, NULL);
	ck_assert(kit_event('B', E(RETENTION)));
}
END_TEST

START_TEST(the_latest_horizon_decides_and_is_named)
{
	const struct sighting *last;
	int64_t until;

	setup();
	kit_shows(1, "A", DAYS);
	kit_shows(1, "A", HOURS);
	kit_shows(1, "AB", HOURS);
	until = event_held_until(&H, kit_find('B'), false, &NOW, &last);
	ck_assert_int_eq(until, NOW.elapsed + DAYS + 1);
	ck_assert_uint_eq(last->ttl, DAYS);
	until = event_held_until(&H, kit_find('B'), true, &NOW, &last);
	ck_assert_int_eq(until, NEVER);
}
END_TEST

START_TEST(what_is_still_served_under_one_owner_is_no_less_open)
{
	setup();
	host_owner(&H, "_465._tcp.mx.example.", 465);
	kit_look_at(1, 7, LOOK_SHOWN, "A", 60);
	kit_look_at(1, 7, LOOK_SHOWN, "AB", 60);
	kit_shows(2, "A", HOURS);
	ck_assert_int_eq(kit_until('B'), NEVER);
}
END_TEST

/* ---- the slot ---- */

static bool
wanted(void)
{
	return (event_of_slot(&H, SLOT_RSA, &NOW) & E(WANTED)) != 0;
}

START_TEST(a_standby_is_wanted_when_there_is_none)
{
	setup();
	ck_assert(!wanted());
	kit_find('B')->stage = STAGE_ABORTED;
	ck_assert(wanted());
	H.standby = false;
	ck_assert(!wanted());
	H.slot[SLOT_RSA].rollover_wall = 1;
	ck_assert(wanted());
	H.slot[SLOT_RSA].rollover_wall = 0;
	kit_wait(365 * DAYS);
	ck_assert(wanted());
	kit_wait(-DAYS);
	kit_find('A')->stage = STAGE_RETIRED; /* none at all */
	ck_assert(wanted());
	H.slot[SLOT_RSA].managed = false;
	ck_assert(!wanted());
}
END_TEST

START_TEST(no_key_is_made_while_one_is_leaving_unless_it_is_compromised)
{
	setup();
	kit_find('B')->stage = STAGE_DEPLOYED;
	ck_assert(!wanted()); /* two deployed: A is leaving */
	kit_find('A')->stage = STAGE_RETIRING;
	ck_assert(!wanted());
	H.slot[SLOT_RSA].compromised = true;
	ck_assert(wanted());
	H.slot[SLOT_RSA].compromised = false;
	kit_find('A')->slot = SLOT_ECDSA; /* another slot's matter */
	ck_assert(wanted());
}
END_TEST

START_TEST(an_unexplained_clock_makes_no_key)
{
	struct step st[8];

	setup();
	H.n_key = 1;
	ck_assert_uint_eq(plan_host(&H, &NOW, st, 8), 1);
	ck_assert_int_eq(st[0].act, ACT_MAKE);
	ck_assert_int_eq(st[0].key, -1);
	ck_assert_int_eq(st[0].slot, SLOT_RSA);
	NOW.trusted = false;
	ck_assert_uint_eq(plan_host(&H, &NOW, st, 8), 0);
}
END_TEST

/* ---- the plan ---- */

START_TEST(steps_that_only_change_a_stage_come_first)
{
	struct step st[8];
	size_t n;

	setup();
	H.slot[SLOT_ECDSA].managed = true;	/* ... make */
	kit_key('C', STAGE_GENERATED);		/* ... publish */
	kit_find('B')->stage = STAGE_PUBLISHED; /* ... ready */
	kit_key('D', STAGE_ABORTED);		/* ... destroy */
	kit_key('F', STAGE_READY);		/* ... generated */
	n = plan_host(&H, &NOW, st, 8);
	ck_assert_uint_eq(n, 5);
	ck_assert_int_eq(st[0].to, STAGE_READY);
	ck_assert_int_eq(st[1].to, STAGE_GENERATED);
	ck_assert_int_eq(st[1].from, STAGE_READY);
	ck_assert_int_eq(st[2].act, ACT_PUBLISH);
	ck_assert_int_eq(st[3].act, ACT_DESTROY);
	ck_assert_int_eq(st[4].act, ACT_MAKE);
	for (size_t max = 0; max < 5; max++)
		ck_assert_uint_eq(plan_host(&H, &NOW, st, max), max);
}
END_TEST

START_TEST(what_is_not_understood_lets_keys_only_fall_back)
{
	struct step st[8];

	for (int i = 0; i < 4; i++) {
		setup();
		kit_find('B')->stage = STAGE_READY;
		kit_key('C', STAGE_ABORTED); /* would be destroyed */
		if (i < 3)
			kit_key('A', STAGE_PUBLISHED); /* would be ready */
		kit_shows(2, "A", HOURS);
		if (i == 0)
			H.blocked = "why";
		else if (i == 1)
			H.own[0].blocked = "why";
		else if (i == 2)
			H.adopted_at = NEVER;
		else
			H.n_own = 0;
		ck_assert_uint_eq(plan_host(&H, &NOW, st, 8), 1);
		ck_assert_int_eq(st[0].act, ACT_NOTHING);
		ck_assert_int_eq(st[0].to, STAGE_GENERATED);
		H.n_own = 1;
		kit_end();
	}
}
END_TEST

START_TEST(what_is_not_understood_makes_no_key)
{
	struct step st[8];

	setup();
	H.n_key = 1;
	H.own[0].blocked = "why";
	ck_assert_uint_eq(plan_host(&H, &NOW, st, 8), 0);
}
END_TEST

START_TEST(a_step_that_the_law_forbids_is_told_with_the_reason)
{
	struct step st[8];

	setup();
	kit_find('A')->stage = STAGE_RETIRING;
	kit_find('A')->entered_at -= 10 * DAYS;
	kit_find('A')->installed = false;
	kit_find('B')->stage = STAGE_DEPLOYED;
	kit_presents(1, "B");
	plan_note_sweep(&H, &NOW);
	kit_wait(HOURS);
	kit_find('A')->installed = true; /* the settings still name A */
	ck_assert_uint_eq(plan_host(&H, &NOW, st, 8), 1);
	ck_assert_int_eq(st[0].act, ACT_WITHDRAW);
	ck_assert(st[0].refused && st[0].why.proposed);
	kit_find('A')->installed = false;
	ck_assert_uint_eq(plan_host(&H, &NOW, st, 8), 1);
	ck_assert(!st[0].refused);
}
END_TEST

START_TEST(entering_a_stage_notes_when)
{
	struct key *k;

	setup();
	k = kit_find('B');
	kit_wait(5);
	plan_enter(&H, k, STAGE_GENERATED, &NOW); /* is there */
	ck_assert_int_eq(k->entered_at, NOW.elapsed - 5);
	plan_enter(&H, k, STAGE_PUBLISHED, &NOW);
	ck_assert_int_eq(k->entered_at, NOW.elapsed);
	ck_assert_int_eq(k->entered_wall, NOW.wall);
	ck_assert_int_eq(k->deployed_wall, 0);
	k->clean_since = 7;
	plan_enter(&H, k, STAGE_DEPLOYED, &NOW);
	ck_assert_int_eq(k->deployed_wall, NOW.wall);
	ck_assert_int_eq(k->clean_since, NEVER);
}
END_TEST

START_TEST(a_deployment_grants_the_wish_of_its_slot)
{
	setup();
	kit_key('E', STAGE_DEPLOYED)->slot = SLOT_ECDSA;
	kit_key('R', STAGE_RETIRING);
	kit_key('C', STAGE_RETIRED);
	H.slot[SLOT_RSA].rollover_wall = 5;
	H.slot[SLOT_RSA].compromised = true;
	plan_enter(&H, kit_find('B'), STAGE_DEPLOYED, &NOW);
	ck_assert(kit_find('A')->compromised);
	ck_assert(kit_find('R')->compromised);
	ck_assert(!kit_find('B')->compromised);
	ck_assert(!kit_find('C')->compromised);
	ck_assert(!kit_find('E')->compromised);
	ck_assert_int_eq(H.slot[SLOT_RSA].rollover_wall, 0);
	ck_assert(!H.slot[SLOT_RSA].compromised);
}
END_TEST

START_TEST(a_plain_wish_compromises_nobody)
{
	setup();
	H.slot[SLOT_RSA].rollover_wall = 5;
	plan_enter(&H, kit_find('B'), STAGE_DEPLOYED, &NOW);
	ck_assert(!kit_find('A')->compromised);
	ck_assert_int_eq(H.slot[SLOT_RSA].rollover_wall, 0);
}
END_TEST

START_TEST(waivers_end_with_the_rollover_of_their_slot)
{
	setup();
	kit_key('E', STAGE_READY)->slot = SLOT_ECDSA;
	kit_waive('B', GUARD_HOLD, NULL);
	kit_waive('E', GUARD_HOLD, NULL);
	kit_waive('Z', GUARD_HOLD, NULL); /* of a key long forgotten */
	plan_enter(&H, kit_find('A'), STAGE_RETIRING, &NOW);
	ck_assert_uint_eq(H.n_waiver, 3);
	plan_enter(&H, kit_find('A'), STAGE_RETIRED, &NOW);
	ck_assert_uint_eq(H.n_waiver, 1);
	ck_assert_int_eq(H.waiver[0].key.sha256[0], 'E');
}
END_TEST

static TCase *
table(void)
{
	TCase *t = tcase_create("table");

	tcase_add_test(t, without_an_event_every_stage_waits);
	tcase_add_test(t, no_act_is_proposed_while_the_clock_is_not_explained);
	tcase_add_test(t, nothing_is_begun_while_a_signature_is_about_to_end);
	tcase_add_test(t, what_the_table_proposes);
	tcase_add_test(t, each_event_of_a_deployment_is_needed);
	tcase_add_test(t, ready_needs_every_authority_and_empty_caches);
	tcase_add_test(t, each_event_of_a_withdrawal_is_needed);
	tcase_add_test(t, each_event_of_a_destruction_is_needed);
	tcase_add_test(t, deployed_never_falls_back);
	tcase_add_test(t, a_first_key_is_deployed_in_the_dark_only);
	return t;
}

static TCase *
events(void)
{
	TCase *t = tcase_create("events");

	tcase_add_test(t, shown_needs_every_authority_in_this_pass);
	tcase_add_test(t, an_owner_without_authorities_shows_nothing);
	tcase_add_test(t,
	    gone_needs_a_valid_answer_everywhere_and_empty_caches);
	tcase_add_test(t, a_waived_hold_lets_go_what_caches_hold);
	tcase_add_test(t, what_the_primary_holds_decides_what_is_ours_to_do);
	tcase_add_test(t, of_two_owners_one_may_lack_and_one_hold_it);
	tcase_add_test(t, dark_is_a_denial_by_every_authority_and_nothing_else);
	tcase_add_test(t,
	    served_is_the_key_and_no_other_of_its_slot_everywhere);
	tcase_add_test(t, settled_is_an_unbroken_row_of_clean_sweeps);
	tcase_add_test(t,
	    superseded_is_a_successor_that_is_served_settled_and_shown);
	tcase_add_test(t, settle_can_be_waived_for_the_old_key_or_the_new);
	tcase_add_test(t, unseen_is_neither_presented_nor_installed);
	tcase_add_test(t, a_key_is_stored_lost_or_not_looked_at);
	tcase_add_test(t, a_turn_comes_by_schedule_wish_waiver_or_need);
	tcase_add_test(t, the_clock_can_be_waived_for_a_key);
	tcase_add_test(t, the_retire_hold_runs_from_the_retirement);
	tcase_add_test(t, no_retire_hold_for_a_compromised_key_or_a_waived_one);
	tcase_add_test(t, a_retired_key_is_kept_for_its_retention);
	tcase_add_test(t, the_latest_horizon_decides_and_is_named);
	tcase_add_test(t, what_is_still_served_under_one_owner_is_no_less_open);
	return t;
}

static TCase *
plans(void)
{
	TCase *t = tcase_create("plans");

	tcase_add_test(t, a_standby_is_wanted_when_there_is_none);
	tcase_add_test(t,
	    no_key_is_made_while_one_is_leaving_unless_it_is_compromised);
	tcase_add_test(t, an_unexplained_clock_makes_no_key);
	tcase_add_test(t, steps_that_only_change_a_stage_come_first);
	tcase_add_test(t, what_is_not_understood_lets_keys_only_fall_back);
	tcase_add_test(t, what_is_not_understood_makes_no_key);
	tcase_add_test(t, a_step_that_the_law_forbids_is_told_with_the_reason);
	tcase_add_test(t, entering_a_stage_notes_when);
	tcase_add_test(t, a_deployment_grants_the_wish_of_its_slot);
	tcase_add_test(t, a_plain_wish_compromises_nobody);
	tcase_add_test(t, waivers_end_with_the_rollover_of_their_slot);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("machine");

	suite_add_tcase(s, table());
	suite_add_tcase(s, events());
	suite_add_tcase(s, plans());
	return kit_run(s);
}
