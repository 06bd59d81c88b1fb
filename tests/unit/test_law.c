/*
 * test_law.c - the law: whatever set a sender may hold must match whatever
 * key an endpoint may present.  And what no hand can waive.
 */
#include "core_kit.h"

#include "core/law.h"

static struct breach B;

/* A deployed and presented, B on its way; ns 1 and 2 show these sets. */
static void
setup(const char *one, const char *two)
{
	kit_begin();
	kit_key('A', STAGE_DEPLOYED)->installed = true;
	kit_key('B', STAGE_READY);
	kit_presents(1, "A");
	H.adopted_at = NEVER; /* or the second would inherit from the first */
	kit_shows(1, one, HOURS);
	kit_shows(2, two, HOURS);
	H.adopted_at = 0;
}

START_TEST(a_covered_key_breaks_nothing)
{
	setup("A", "AB");
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 0);
}
END_TEST

START_TEST(an_empty_set_asks_nothing_of_any_key)
{
	setup("", "");
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 0);
	ck_assert(kit_allows(ACT_DEPLOY, 'B', &B));
}
END_TEST

START_TEST(each_broken_pair_is_counted_and_told)
{
	struct breach all[2];

	setup("B", "BC");
	memset(all, 0, sizeof(all));
	ck_assert_uint_eq(law_broken(&H, &NOW, all, 1), 2);
	ck_assert(all[1].set.n == 0); /* no more than max */
	ck_assert_uint_eq(law_broken(&H, &NOW, all, 2), 2);
	ck_assert(all[0].shown_now && all[1].shown_now);
	ck_assert_int_eq(all[0].until, NEVER);
	ck_assert_uint_eq(all[1].set.n, 2);
	ck_assert_int_eq(all[1].key.sha256[0], 'A');
}
END_TEST

START_TEST(a_set_that_lives_only_in_caches_breaks_it_too)
{
	setup("C", "A");
	kit_shows(1, "A", HOURS);
	ck_assert_uint_eq(law_broken(&H, &NOW, &B, 1), 1);
	ck_assert(!B.shown_now);
	ck_assert_int_eq(B.until - NOW.elapsed, 25 * HOURS + 1201);
	kit_wait(25 * HOURS + 1201);
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 0);
}
END_TEST

START_TEST(a_set_with_an_odd_record_covers_nobody)
{
	setup("A!", "A");
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 1);
}
END_TEST

/* Presented: seen anywhere, installed, or installed and not known. */
START_TEST(whatever_may_be_presented_counts)
{
	setup("A", "A");
	kit_presents(2, "AX");
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 2);
	kit_presents(2, "A");
	kit_find('B')->installed = true;
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 2);
	kit_find('B')->installed = false;
	H.foreign[0] = (struct presented){ K('Y'), SLOT_RSA, 0 };
	H.n_foreign = 1;
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 2);
}
END_TEST

START_TEST(an_endpoint_that_is_down_still_presents_what_it_did)
{
	struct endpoint *ep;

	setup("A", "A");
	ep = kit_presents(2, "X");
	ep->sweep = SWEEP_DOWN;
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 2);
}
END_TEST

START_TEST(an_endpoint_never_seen_may_present_every_key_in_use)
{
	struct addr a = EP(9);
	struct endpoint *ep;

	setup("A", "A");
	kit_key('R', STAGE_RETIRING);
	kit_key('D', STAGE_RETIRED);
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 0);
	ep = host_endpoint(&H, 0, &a);
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 2); /* R, twice */
	ep->fresh = true;
	ep->sweep = SWEEP_DOWN; /* tried, and not seen */
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 2);
}
END_TEST

START_TEST(each_owner_is_judged_by_its_own_endpoints)
{
	struct addr e = EP(1);
	struct endpoint *ep;

	setup("A", "A");
	host_owner(&H, "_465._tcp.mx.example.", 465);
	kit_look_at(1, 7, LOOK_SHOWN, "X", 60);
	ep = host_endpoint(&H, 1, &e);
	ep->sweep = SWEEP_SEEN;
	ep->swept_at = NOW.elapsed;
	ep->n_seen = 1;
	ep->seen[0] = (struct presented){ K('X'), SLOT_RSA, 0 };
	/* A is installed, so 465 may present it as well */
	ck_assert_uint_eq(law_broken(&H, &NOW, &B, 1), 1);
	ck_assert_uint_eq(B.owner, 1);
	kit_find('A')->installed = false;
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 0);
}
END_TEST

/* ---- deploy ---- */

START_TEST(a_key_that_some_living_set_lacks_is_not_deployed)
{
	const char *sets[] = { "A", "AC", "C", "AB!" };

	for (size_t i = 0; i < 4; i++) {
		setup("AB", sets[i]);
		ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
		ck_assert(B.shown_now && !B.proposed);
		ck_assert_int_eq(B.key.sha256[0], 'B');
		kit_shows(2, "AB", HOURS); /* now in caches only */
		ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
		ck_assert(!B.shown_now);
		kit_wait(25 * HOURS + 1200);
		ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
		kit_wait(1);
		ck_assert(kit_allows(ACT_DEPLOY, 'B', &B));
		kit_end();
	}
}
END_TEST

START_TEST(every_owner_must_have_the_record)
{
	struct addr e = EP(1);

	setup("AB", "AB");
	host_owner(&H, "_465._tcp.mx.example.", 465);
	host_endpoint(&H, 1, &e);
	kit_look_at(1, 7, LOOK_SHOWN, "A", 60);
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
	ck_assert_uint_eq(B.owner, 1);
}
END_TEST

START_TEST(broken_already_what_breaks_no_further_pair_is_allowed)
{
	setup("A", "A");
	kit_presents(2, "B"); /* somebody was quicker */
	ck_assert_uint_gt(law_broken(&H, &NOW, NULL, 0), 0);
	ck_assert(kit_allows(ACT_DEPLOY, 'B', &B));
	kit_presents(2, "X"); /* this does not excuse B */
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
}
END_TEST

START_TEST(a_key_that_covers_more_leads_out_of_a_mess)
{
	setup("B", "B"); /* A is presented, and nobody shows it */
	ck_assert_uint_gt(law_broken(&H, &NOW, NULL, 0), 0);
	ck_assert(kit_allows(ACT_DEPLOY, 'B', &B));
}
END_TEST

/* ---- what can be waived, and what never ---- */

START_TEST(hold_lifts_only_what_was_gone_when_it_was_waived)
{
	setup("A", "AB");
	kit_shows(1, "AB", HOURS); /* gone */
	kit_waive('B', GUARD_HOLD, NULL);
	ck_assert(kit_allows(ACT_DEPLOY, 'B', &B));
	kit_wait(HOURS);
	kit_shows(2, "A", HOURS); /* comes back */
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
	kit_shows(2, "AB", HOURS); /* and is gone after the word */
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
}
END_TEST

START_TEST(hold_lifts_nothing_that_may_still_be_served)
{
	setup("AB", "A");
	kit_waive('B', GUARD_HOLD, NULL);
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
}
END_TEST

START_TEST(shown_lifts_what_the_named_authority_serves)
{
	struct addr two = NS(2), one = NS(1);

	setup("AB", "A");
	kit_waive('B', GUARD_SHOWN, &one);
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
	kit_waive('B', GUARD_SHOWN, &two);
	ck_assert(kit_allows(ACT_DEPLOY, 'B', &B));
	kit_silent(2);
	ck_assert(kit_allows(ACT_DEPLOY, 'B', &B));
}
END_TEST

START_TEST(a_waiver_is_for_its_key_only)
{
	struct addr two = NS(2);

	setup("AB", "A");
	kit_waive('C', GUARD_SHOWN, &two);
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
}
END_TEST

START_TEST(what_every_answering_authority_shows_is_never_waived)
{
	struct addr one = NS(1), two = NS(2);

	setup("A", "A");
	kit_waive('B', GUARD_SHOWN, &one);
	kit_waive('B', GUARD_SHOWN, &two);
	kit_waive('B', GUARD_HOLD, NULL);
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
	kit_silent(2); /* all that answered: 1 */
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
}
END_TEST

START_TEST(a_key_that_no_authority_shows_is_never_deployed_by_hand)
{
	struct addr one = NS(1), two = NS(2);

	setup("A", "AC");
	kit_waive('B', GUARD_SHOWN, &one);
	kit_waive('B', GUARD_SHOWN, &two);
	kit_waive('B', GUARD_HOLD, NULL);
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
	kit_silent(1);
	kit_silent(2);
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
	H.own[0].auth[0].fresh = false;
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
}
END_TEST

START_TEST(a_set_that_would_be_published_is_never_waived)
{
	struct addr e = EP(1), one = NS(1);

	setup("AB", "AB");
	kit_primary("AB");
	kit_waive('A', GUARD_HOLD, NULL);
	kit_waive('A', GUARD_SHOWN, &one);
	kit_waive('A', GUARD_SERVED, &e);
	ck_assert(!kit_allows(ACT_WITHDRAW, 'A', &B));
	ck_assert(B.proposed && !B.empties);
}
END_TEST

/* ---- publish ---- */

START_TEST(an_added_record_breaks_nothing)
{
	setup("A", "A");
	kit_primary("A");
	ck_assert(kit_allows(ACT_PUBLISH, 'B', &B));
}
END_TEST

START_TEST(nothing_is_published_over_an_unknown_primary)
{
	setup("A", "A");
	ck_assert(!kit_allows(ACT_PUBLISH, 'B', &B));
	ck_assert(B.unknown && B.proposed);
	ck_assert(!kit_allows(ACT_WITHDRAW, 'B', &B));
	ck_assert(B.unknown);
}
END_TEST

START_TEST(first_records_must_match_all_that_is_presented)
{
	setup("", "");
	kit_primary("");
	ck_assert(!kit_allows(ACT_PUBLISH, 'B', &B)); /* A is presented */
	ck_assert(B.proposed);
	ck_assert_int_eq(B.key.sha256[0], 'A');
	ck_assert(kit_allows(ACT_PUBLISH, 'A', &B));
	kit_presents(2, "X");
	ck_assert(!kit_allows(ACT_PUBLISH, 'A', &B));
}
END_TEST

START_TEST(first_records_wait_for_every_endpoint_to_be_seen)
{
	struct endpoint *ep, *other;
	struct addr a = EP(3);

	setup("", "");
	host_owner(&H, "_465._tcp.mx.example.", 465);
	kit_primary("");
	owner_set_primary(&H.own[1], S("A"));
	other = host_endpoint(&H, 1, &a); /* its records are there */
	other->sweep = SWEEP_DOWN;
	ep = kit_presents(2, "A");
	ep->sweep = SWEEP_DOWN;
	ck_assert(!kit_allows(ACT_PUBLISH, 'A', &B));
	ck_assert_int_eq(addr_cmp(&B.endpoint, &ep->addr), 0);
	ep->sweep = SWEEP_SEEN;
	ep->fresh = false;
	ck_assert(!kit_allows(ACT_PUBLISH, 'A', &B));
	ep->fresh = true;
	ck_assert(kit_allows(ACT_PUBLISH, 'A', &B));
}
END_TEST

START_TEST(first_records_are_those_of_every_deployed_key)
{
	struct tlsa_set none = S(""), set, both = S("AE"), one = S("B");
	struct key *ec;

	setup("", "");
	ec = kit_key('E', STAGE_DEPLOYED);
	ec->slot = SLOT_ECDSA;
	kit_presents(1, "AE")->seen[1].slot = SLOT_ECDSA;
	kit_primary("");
	ck_assert_int_eq(record_target(&H, ACT_PUBLISH, kit_find('A'), &none,
			     &set),
	    TARGET_KNOWN);
	ck_assert(tlsa_set_eq(&set, &both));
	record_target(&H, ACT_PUBLISH, kit_find('B'), &none, &set);
	ck_assert(tlsa_set_eq(&set, &one));
	ck_assert(kit_allows(ACT_PUBLISH, 'E', &B));
}
END_TEST

START_TEST(a_set_that_is_full_takes_no_more)
{
	struct tlsa_set full = S("A");

	setup("A", "A");
	kit_primary("A");
	for (char c = 'a'; full.n < TLSA_MAX; c++) {
		struct spki s = K(c);
		struct tlsa r = tlsa_of(&s);

		tlsa_set_add(&full, &r);
	}
	owner_set_primary(&H.own[0], full);
	ck_assert(!kit_allows(ACT_PUBLISH, 'B', &B));
	ck_assert(B.full);
}
END_TEST

START_TEST(a_lacking_record_may_be_added_to_a_broken_set)
{
	setup("X", "X");
	kit_primary("X");
	ck_assert(kit_allows(ACT_PUBLISH, 'B', &B)); /* no further pair */
	ck_assert(kit_allows(ACT_PUBLISH, 'A', &B));
}
END_TEST

/* ---- withdraw, destroy, the rest ---- */

START_TEST(a_record_that_nobody_presents_is_withdrawn)
{
	setup("AB", "AB");
	kit_primary("AB");
	ck_assert(kit_allows(ACT_WITHDRAW, 'B', &B));
	ck_assert(!kit_allows(ACT_WITHDRAW, 'A', &B));
}
END_TEST

START_TEST(no_withdrawal_leaves_an_empty_set)
{
	setup("B", "B");
	kit_primary("B");
	ck_assert(!kit_allows(ACT_WITHDRAW, 'B', &B));
	ck_assert(B.empties && B.proposed);
	kit_primary("A"); /* nothing to do: nothing is emptied */
	ck_assert(kit_allows(ACT_WITHDRAW, 'B', &B));
}
END_TEST

START_TEST(a_withdrawal_is_judged_for_every_owner)
{
	setup("AB", "AB");
	host_owner(&H, "_465._tcp.mx.example.", 465);
	kit_primary("AB");
	owner_set_primary(&H.own[1], S("B"));
	ck_assert(!kit_allows(ACT_WITHDRAW, 'B', &B));
	ck_assert_uint_eq(B.owner, 1);
}
END_TEST

START_TEST(a_key_is_never_destroyed_while_it_is_presented)
{
	setup("AB", "AB");
	ck_assert(!kit_allows(ACT_DESTROY, 'A', &B));
	ck_assert(kit_allows(ACT_DESTROY, 'B', &B));
	kit_presents(3, "B")->sweep = SWEEP_DOWN; /* kept from before */
	ck_assert(!kit_allows(ACT_DESTROY, 'B', &B));
	kit_presents(3, "A");
	kit_find('B')->installed = true;
	ck_assert(!kit_allows(ACT_DESTROY, 'B', &B));
}
END_TEST

START_TEST(what_touches_no_sender_is_allowed)
{
	const enum act acts[] = { ACT_NOTHING, ACT_MAKE, ACT_CERTIFY };

	setup("A", "A");
	for (size_t i = 0; i < 3; i++)
		ck_assert(kit_allows(acts[i], 'B', &B));
}
END_TEST

START_TEST(every_breach_has_a_sentence)
{
	const struct {
		struct breach b;
		const char *part;
	} cases[] = {
		{ { .empties = true }, "no TLSA record left" },
		{ { .unknown = true, .proposed = true }, "not known" },
		{ { .full = true, .proposed = true }, "more than 32" },
		{ { .endpoint = { 4, 25, { 198, 51, 100, 7 } } },
		    "198.51.100.7:25 is seen" },
		{ { .proposed = true, .key = K('A') }, "key 41414141" },
		{ { .key = K('A') }, "still presented" },
		{ { .auth = { 4, 53, { 192, 0, 2, 9 } }, .shown_now = true },
		    "192.0.2.9 shows" },
		{ { .auth = { 4, 53, { 192, 0, 2, 9 } }, .until = NEVER },
		    "192.0.2.9 may still serve" },
		{ { .auth = { 4, 53, { 192, 0, 2, 9 } },
		      .until = 100 * DAYS + 7 * HOURS },
		    "for another " },
		{ { .owner = 9, .empties = true }, " would have" },
	};
	char buf[300];

	setup("A", "A");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		law_say(&H, &cases[i].b, &NOW, buf, sizeof(buf));
		ck_assert_msg(strstr(buf, cases[i].part) != NULL,
		    "case %zu: %s", i, buf);
	}
}
END_TEST

static TCase *
judging(void)
{
	TCase *t = tcase_create("judging");

	tcase_add_test(t, a_covered_key_breaks_nothing);
	tcase_add_test(t, an_empty_set_asks_nothing_of_any_key);
	tcase_add_test(t, each_broken_pair_is_counted_and_told);
	tcase_add_test(t, a_set_that_lives_only_in_caches_breaks_it_too);
	tcase_add_test(t, a_set_with_an_odd_record_covers_nobody);
	tcase_add_test(t, whatever_may_be_presented_counts);
	tcase_add_test(t, an_endpoint_that_is_down_still_presents_what_it_did);
	tcase_add_test(t, an_endpoint_never_seen_may_present_every_key_in_use);
	tcase_add_test(t, each_owner_is_judged_by_its_own_endpoints);
	tcase_add_test(t, a_key_that_some_living_set_lacks_is_not_deployed);
	tcase_add_test(t, every_owner_must_have_the_record);
	tcase_add_test(t,
	    broken_already_what_breaks_no_further_pair_is_allowed);
	tcase_add_test(t, a_key_that_covers_more_leads_out_of_a_mess);
	tcase_add_test(t, every_breach_has_a_sentence);
	return t;
}

static TCase *
waiving(void)
{
	TCase *t = tcase_create("waiving");

	tcase_add_test(t, hold_lifts_only_what_was_gone_when_it_was_waived);
	tcase_add_test(t, hold_lifts_nothing_that_may_still_be_served);
	tcase_add_test(t, shown_lifts_what_the_named_authority_serves);
	tcase_add_test(t, a_waiver_is_for_its_key_only);
	tcase_add_test(t, what_every_answering_authority_shows_is_never_waived);
	tcase_add_test(t,
	    a_key_that_no_authority_shows_is_never_deployed_by_hand);
	tcase_add_test(t, a_set_that_would_be_published_is_never_waived);
	return t;
}

static TCase *
publishing(void)
{
	TCase *t = tcase_create("publishing");

	tcase_add_test(t, an_added_record_breaks_nothing);
	tcase_add_test(t, nothing_is_published_over_an_unknown_primary);
	tcase_add_test(t, first_records_must_match_all_that_is_presented);
	tcase_add_test(t, first_records_wait_for_every_endpoint_to_be_seen);
	tcase_add_test(t, first_records_are_those_of_every_deployed_key);
	tcase_add_test(t, a_set_that_is_full_takes_no_more);
	tcase_add_test(t, a_lacking_record_may_be_added_to_a_broken_set);
	tcase_add_test(t, a_record_that_nobody_presents_is_withdrawn);
	tcase_add_test(t, no_withdrawal_leaves_an_empty_set);
	tcase_add_test(t, a_withdrawal_is_judged_for_every_owner);
	tcase_add_test(t, a_key_is_never_destroyed_while_it_is_presented);
	tcase_add_test(t, what_touches_no_sender_is_allowed);
	return t;
}

/* ---- 3 0 1: a pair is a key and its certificate ---- */

static struct cover_chain
chain(char key, char cert)
{
	struct cover_chain c = { .n = 1 };

	memset(c.cert[0].by[1].sha256, key, 32);
	memset(c.cert[0].by[0].sha256, cert, 32);
	c.cert[0].by[0].len = c.cert[0].by[1].len = TLSA_FOLDED;
	return c;
}

/* Certificate 2 of key B is what would be installed. */
START_TEST(another_certificate_of_the_key_is_a_further_pair)
{
	struct cover_chain a = chain('A', '1'), b = chain('B', '2'),
			   stray = chain('B', _i == 0 ? '3' : '2');
	struct tlsa ra = cover_tlsa(&a.cert[0], 3, 0, 1);
	struct glance g = { .look = LOOK_SHOWN, .ttl = HOURS };
	struct addr ns = NS(1), e = EP(2);
	struct endpoint *ep;

	kit_begin();
	kit_key('A', STAGE_DEPLOYED)->installed = true;
	kit_key('B', STAGE_READY);
	kit_find('A')->chain = host_chain(&H, &a);
	kit_find('B')->chain = host_chain(&H, &b);
	kit_ns(0, 1);
	tlsa_set_add(&g.set, &ra);
	sighting_note(&H, &H.own[0], &ns, &g, &NOW);
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B));
	ep = host_endpoint(&H, 0, &e);
	ep->sweep = SWEEP_SEEN;
	ep->swept_at = NOW.elapsed;
	ep->n_seen = 1;
	ep->seen[0] = (struct presented){ K('B'), SLOT_RSA,
		host_chain(&H, &stray) };
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &B) || _i == 1);
}
END_TEST

static TCase *
pairs(void)
{
	TCase *t = tcase_create("pairs");

	tcase_add_loop_test(t, another_certificate_of_the_key_is_a_further_pair,
	    0, 2);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("law");

	suite_add_tcase(s, judging());
	suite_add_tcase(s, waiving());
	suite_add_tcase(s, publishing());
	suite_add_tcase(s, pairs());
	return kit_run(s);
}
