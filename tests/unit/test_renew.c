/*
 * test_renew.c - records of an issuer, which keys may share, and another
 * certificate for a key that stays.
 */
#include "core_kit.h"

#include "core/renew.h"

static struct breach WHY;

static void
fill(struct cover_cert *x, int cert, int key)
{
	const int of[2] = { cert, key };

	for (int selector = 0; selector < 2; selector++) {
		struct cover_der *d = &x->by[selector];

		memset(d->sha256, of[selector], 32);
		memset(d->sha512, of[selector], 64);
		d->len = TLSA_FOLDED;
	}
}

/* "A1xy": the first certificate of key A, then those of the issuers x and y,
 * each of which signed the one before. */
static struct cover_chain
chain_of(const char *s)
{
	struct cover_chain c = { .n = 1, .names_ok = true };

	fill(&c.cert[0], s[0] + 128 + s[1] - '0', s[0]);
	for (s += 2; *s != 0; s++, c.n++)
		fill(&c.cert[c.n], *s + 64, *s);
	for (unsigned i = 0; i < c.n; i++)
		c.path_ok[i] = c.dates_ok[i] = true;
	return c;
}

/* "311A 301A1 211x": a set. */
static struct tlsa_set
set_of(const char *s)
{
	struct tlsa_set v = { .n = 0 };

	while (*s != 0) {
		struct cover_cert x;
		struct tlsa r;
		size_t n = strcspn(s, " ");

		if (*s == '2')
			fill(&x, s[3] + 64, s[3]);
		else
			fill(&x, s[3] + 128 + (n > 4 ? s[4] - '0' : 1), s[3]);
		r = cover_tlsa(&x, s[0] - '0', s[1] - '0', s[2] - '0');
		tlsa_set_add(&v, &r);
		s += n + (s[n] == ' ');
	}
	return v;
}

static int
chain(const char *s)
{
	struct cover_chain c = chain_of(s);

	return host_chain(&H, &c);
}

static void
shows(const char *set)
{
	struct glance g = { .look = LOOK_SHOWN,
		.set = set_of(set),
		.ttl = 3600 };
	struct addr a = NS(1);

	H.own[0].has_primary = true;
	owner_set_primary(&H.own[0], g.set);
	kit_ns(0, 1);
	sighting_note(&H, &H.own[0], &a, &g, &NOW);
}

static void
presents(const char *s)
{
	char letter[2] = { s[0], 0 };

	kit_presents(1, letter)->seen[0].chain = chain(s);
}

/* A is deployed and presented with this chain, B is new with that one. */
static void
setup(const char *kinds, const char *a, const char *b, const char *set)
{
	kit_begin();
	kit_bare();
	for (H.n_tlsa = 0; *kinds != 0; kinds += 3 + (kinds[3] == ' '))
		H.tlsa[H.n_tlsa++] = (struct tlsa_kind){ (uint8_t)(kinds[0] -
							     '0'),
			(uint8_t)(kinds[1] - '0'), (uint8_t)(kinds[2] - '0') };
	kit_key('A', STAGE_DEPLOYED)->installed = true;
	kit_key('B', STAGE_GENERATED);
	kit_find('A')->chain = chain(a);
	kit_find('B')->chain = chain(b);
	presents(a);
	shows(set);
}

static void
target_is(enum act act, char letter, const char *want_set)
{
	struct tlsa_set set, want_it = set_of(want_set);

	ck_assert_int_eq(record_target(&H, act, kit_find(letter),
			     owner_primary(&H.own[0]), &set),
	    TARGET_KNOWN);
	ck_assert(tlsa_set_eq(&set, &want_it));
}

/* ---- the issuer's record ---- */

START_TEST(the_last_issuer_on_the_path_is_named)
{
	struct cover_chain c;

	setup("211", "A1xy", "B1z", "211y");
	target_is(ACT_PUBLISH, 'B', "211y 211z");
	ck_assert(record_fails(&H, owner_primary(&H.own[0]), kit_find('A')) ==
	    NULL);

	/* What stands in the chain and did not sign it is no issuer. */
	c = chain_of("A1xy");
	ck_assert_uint_eq(cover_issuer(&c), 2);
	c.path_ok[2] = false;
	ck_assert_uint_eq(cover_issuer(&c), 1);
	c.path_ok[1] = false;
	ck_assert_uint_eq(cover_issuer(&c), 0);
	c = chain_of("A1");
	ck_assert_uint_eq(cover_issuer(&c), 0);
}
END_TEST

START_TEST(a_certificate_of_nobody_has_no_record_of_usage_2)
{
	struct tlsa r;

	setup("311 211", "A1", "B1", "311A");
	ck_assert(!record_make(&H, kit_find('B'), H.tlsa[1], &r));
	ck_assert(record_wants_issuer(&H, kit_find('B')));
	ck_assert(!kit_event('B', EVENT_MISSING));
	ck_assert(!kit_event('B', EVENT_CERT));
	ck_assert(!kit_event('B', EVENT_CERT_BAD));
	ck_assert(!kit_event('B', EVENT_LOST));
	ck_assert(!kit_allows(ACT_PUBLISH, 'A', &WHY));
	ck_assert(WHY.no_issuer);

	setup("311", "A1", "B1", "311A");
	ck_assert(!record_wants_issuer(&H, kit_find('B')));
	ck_assert(kit_event('B', EVENT_MISSING | EVENT_CERT));
}
END_TEST

/* danesafe never made one, and what the kinds do not name is a stranger's. */
START_TEST(a_record_of_usage_2_that_is_not_wanted_is_a_strangers)
{
	struct tlsa_set set = set_of("211x");

	setup("311", "A1x", "B1x", "311A 211x");
	ck_assert_ptr_null(record_key(&H, &set.rr[0]));
	target_is(ACT_PUBLISH, 'B', "311A 211x 311B");
	H.tlsa[0] = (struct tlsa_kind){ 2, 1, 1 };
	ck_assert_ptr_eq(record_key(&H, &set.rr[0]), kit_find('A'));
}
END_TEST

START_TEST(a_shared_record_stays_while_another_key_needs_it)
{
	setup("311 211", "A1x", "B1x", "311A 311B 211x");
	target_is(ACT_WITHDRAW, 'B', "311A 211x");
	target_is(ACT_WITHDRAW, 'A', "311B 211x");
	kit_find('B')->stage = STAGE_RETIRED;
	target_is(ACT_WITHDRAW, 'A', "311B");
	kit_find('B')->stage = STAGE_ABORTED;
	target_is(ACT_WITHDRAW, 'A', "311B");
	kit_find('B')->stage = STAGE_RETIRING;
	target_is(ACT_WITHDRAW, 'A', "311B 211x");
	/* ... be it that it is only to come. */
	kit_find('B')->stage = STAGE_DEPLOYED;
	kit_find('B')->chain = chain("B1y");
	target_is(ACT_WITHDRAW, 'A', "311B");
	kit_find('B')->next_chain = chain("B2x");
	target_is(ACT_WITHDRAW, 'A', "311B 211x");
}
END_TEST

START_TEST(a_record_that_others_need_does_not_keep_a_key)
{
	setup("211", "A1x", "B1x", "211x");
	ck_assert(record_shown(&H, owner_primary(&H.own[0]), kit_find('A')));
	ck_assert(!record_left(&H, owner_primary(&H.own[0]), kit_find('A')));
	ck_assert(!kit_event('A', EVENT_PRESENT));
	ck_assert(kit_event('A', EVENT_GONE));
	ck_assert(kit_event('B', EVENT_SHOWN | EVENT_HELD));
	kit_find('B')->chain = chain("B1y");
	ck_assert(kit_event('A', EVENT_PRESENT));
	ck_assert(!kit_event('A', EVENT_GONE));
}
END_TEST

START_TEST(an_issuers_record_replaced_for_one_key_stays_for_the_other)
{
	setup("211", "A2y", "B1x", "211x 211y");
	kit_find('A')->past_chain = chain("A1x");
	target_is(ACT_PUBLISH, 'A', "211x 211y");
	kit_find('B')->stage = STAGE_ABORTED;
	target_is(ACT_PUBLISH, 'A', "211y");
}
END_TEST

/* ---- another certificate ---- */

START_TEST(a_key_that_presents_nothing_takes_it_at_once)
{
	struct key *b;

	setup("301", "A1", "B1", "301A 301B");
	b = kit_find('B');
	renew_take(&H, b, chain("B2x"));
	ck_assert_int_eq(b->chain, chain("B2x"));
	ck_assert_int_eq(b->next_chain, 0);
	target_is(ACT_PUBLISH, 'B', "301A 301B2");
}
END_TEST

START_TEST(for_a_deployed_key_it_waits_with_records_of_both)
{
	struct key *a;

	setup("211", "A1x", "B1x", "211x");
	a = kit_find('A');
	a->next_ok = true;
	renew_take(&H, a, chain("A2y"));
	ck_assert_int_eq(a->chain, chain("A1x"));
	target_is(ACT_PUBLISH, 'A', "211x 211y");
	ck_assert(kit_event('A', EVENT_RENEWAL | EVENT_MISSING));
	ck_assert(!kit_event('A', EVENT_RENEW_HELD));
	ck_assert(!kit_allows(ACT_DEPLOY, 'A', &WHY));

	/* A cache may lack it for the TTL of the set before (and the tick in
	 * which it was last served). */
	shows("211x 211y");
	ck_assert(!kit_allows(ACT_DEPLOY, 'A', &WHY));
	kit_wait(3599);
	ck_assert(!kit_allows(ACT_DEPLOY, 'A', &WHY));
	kit_wait(2);
	ck_assert(kit_allows(ACT_DEPLOY, 'A', &WHY));
	ck_assert(kit_event('A', EVENT_RENEWAL | EVENT_RENEW_HELD));

	/* It cannot be read any more: nothing is built on it. */
	a->next_ok = false;
	ck_assert(!kit_event('A', EVENT_RENEWAL));
	a->next_ok = true;
	a->stage = STAGE_RETIRING;
	ck_assert(!kit_event('A', EVENT_RENEWAL));
}
END_TEST

START_TEST(what_was_replaced_is_withdrawn_when_nobody_presents_it)
{
	struct key *a;

	setup("211", "A1x", "B1x", "211x 211y");
	kit_find('B')->stage = STAGE_ABORTED;
	a = kit_find('A');
	a->next_chain = chain("A2y");
	a->clean_since = 1;
	renew_done(&H, a);
	ck_assert_int_eq(a->chain, chain("A2y"));
	ck_assert_int_eq(a->next_chain, 0);
	ck_assert_int_eq(a->past_chain, chain("A1x"));
	ck_assert_int_eq(a->clean_since, NEVER); /* settle anew */
	ck_assert(!kit_event('A', EVENT_SERVED));
	target_is(ACT_PUBLISH, 'A', "211y");
	ck_assert(!kit_allows(ACT_PUBLISH, 'A', &WHY));
	presents("A2y");
	ck_assert(kit_event('A', EVENT_SERVED));
	ck_assert(kit_allows(ACT_PUBLISH, 'A', &WHY));

	renew_prune(&H);
	ck_assert_int_ne(a->past_chain, 0);
	owner_set_primary(&H.own[0], set_of("211y"));
	renew_prune(&H);
	ck_assert_int_ne(a->past_chain, 0); /* an authority shows it */
	shows("211y");
	renew_prune(&H);
	ck_assert_int_eq(a->past_chain, 0);
}
END_TEST

/* Dates and names are judged anew at each look; the certificates are the same. */
START_TEST(the_same_certificates_are_no_others)
{
	struct cover_chain c = chain_of("A1x");
	struct key *a;

	setup("211", "A1x", "B1x", "211x");
	a = kit_find('A');
	c.dates_ok[0] = false;
	renew_read(&H, a, host_chain(&H, &c));
	ck_assert_int_ne(a->chain, chain("A1x"));
	ck_assert_int_eq(a->past_chain, 0);
	renew_read(&H, a, chain("A2x"));
	ck_assert_int_ne(a->past_chain, 0);
	ck_assert(kit_event('A', EVENT_DARK) == false);
}
END_TEST

START_TEST(what_was_brought_before_and_never_used_is_replaced)
{
	struct key *a;

	setup("211", "A1x", "B1", "211x 211y");
	a = kit_find('A');
	a->clean_since = 1; /* what is in use has been seen everywhere */
	renew_take(&H, a, chain("A2y"));
	renew_take(&H, a, chain("A3z"));
	ck_assert_int_eq(a->next_chain, chain("A3z"));
	target_is(ACT_PUBLISH, 'A', "211x 211z");
}
END_TEST

/* Other processes, machines and balancers may send what was not seen. */
START_TEST(what_was_replaced_stays_when_others_are_published)
{
	setup("211", "A2y", "B1z", "211x 211y");
	kit_find('A')->past_chain = chain("A1x");
	target_is(ACT_PUBLISH, 'B', "211x 211y 211z");
	kit_find('A')->stage = STAGE_RETIRING;
	target_is(ACT_PUBLISH, 'B', "211x 211y 211z");
	target_is(ACT_WITHDRAW, 'A', "");
	/* A key that is not in use presented nothing. */
	kit_find('A')->stage = STAGE_READY;
	target_is(ACT_PUBLISH, 'B', "211y 211z");
}
END_TEST

/* A server that is down and has the one before must not keep the next one from
 * being published: some day what is in use ends. */
START_TEST(the_next_one_is_published_though_the_last_is_presented_somewhere)
{
	struct key *a;

	setup("211", "A2y", "B1y", "211x 211y");
	a = kit_find('A');
	a->past_chain = chain("A1x");
	kit_presents(2, "A")->seen[0].chain = chain("A1x");
	renew_take(&H, a, chain("A3z"));
	a->next_ok = true;
	target_is(ACT_PUBLISH, 'A', "211x 211y 211z");
	ck_assert(kit_event('A', EVENT_RENEWAL | EVENT_MISSING));
	ck_assert(kit_allows(ACT_PUBLISH, 'A', &WHY));

	/* Everywhere is what is in use, but not for long. */
	a->clean_since = NOW.elapsed;
	ck_assert(!kit_event('A', EVENT_RENEWAL));
	kit_wait(H.policy.settle);
	ck_assert(kit_event('A', EVENT_RENEWAL));
	target_is(ACT_PUBLISH, 'A', "211y 211z");
}
END_TEST

START_TEST(what_was_replaced_is_remembered_while_the_primary_is_not_known)
{
	setup("211", "A2y", "B1y", "211y");
	kit_find('A')->past_chain = chain("A1x");
	H.publishes = true;
	H.own[0].has_primary = false;
	renew_prune(&H);
	ck_assert_int_ne(kit_find('A')->past_chain, 0);
	H.publishes = false; /* nobody is asked */
	renew_prune(&H);
	ck_assert_int_eq(kit_find('A')->past_chain, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("renew");
	TCase *t = tcase_create("renew");

	tcase_add_checked_fixture(t, NULL, kit_end);
	tcase_add_test(t, the_last_issuer_on_the_path_is_named);
	tcase_add_test(t, a_certificate_of_nobody_has_no_record_of_usage_2);
	tcase_add_test(t,
	    a_record_of_usage_2_that_is_not_wanted_is_a_strangers);
	tcase_add_test(t, a_shared_record_stays_while_another_key_needs_it);
	tcase_add_test(t, a_record_that_others_need_does_not_keep_a_key);
	tcase_add_test(t,
	    an_issuers_record_replaced_for_one_key_stays_for_the_other);
	tcase_add_test(t, a_key_that_presents_nothing_takes_it_at_once);
	tcase_add_test(t, for_a_deployed_key_it_waits_with_records_of_both);
	tcase_add_test(t,
	    what_was_replaced_is_withdrawn_when_nobody_presents_it);
	tcase_add_test(t, the_same_certificates_are_no_others);
	tcase_add_test(t, what_was_brought_before_and_never_used_is_replaced);
	tcase_add_test(t, what_was_replaced_stays_when_others_are_published);
	tcase_add_test(t,
	    the_next_one_is_published_though_the_last_is_presented_somewhere);
	tcase_add_test(t,
	    what_was_replaced_is_remembered_while_the_primary_is_not_known);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return kit_run(suite());
}
