/*
 * test_vouch.c - an address that cannot be asked here is taken to serve what
 * the other address of its name serves, where nothing speaks against it, and
 * never makes a wait shorter than what was seen (E17, D02).
 */
#include "core_kit.h"

#include "core/vouch.h"

#define HOLD_1H (25 * HOURS + 20 * MINUTES + 1)

static struct addr
V6(int i) {
	return addr_make(6,
	    (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, [15] = (uint8_t)i }, 53);
}

static void
list(const struct addr *a, const char *name)
{
	sighting_listed(&H, &H.own[0], a, name, 3600, &NOW);
}

static void
look(const struct addr *a, enum look outcome, const char *set)
{
	struct glance g = { .look = outcome, .set = S(set), .ttl = HOURS };

	sighting_note(&H, &H.own[0], a, &g, &NOW);
}

static bool
vouch(int i)
{
	struct addr a = V6(i);

	return vouch_note(&H, &H.own[0], &a, &NOW);
}

static const struct authority *
at(int i)
{
	struct addr a = V6(i);

	return owner_find_authority(&H.own[0], &a);
}

/* ns1 at 192.0.2.1 and 2001:db8::1, ns2 at 192.0.2.2; keys A and B. */
static void
setup(void)
{
	struct addr a[] = { NS(1), V6(1), NS(2) };

	kit_begin();
	H.policy.assumed_ttl = HOURS;
	kit_key('A', STAGE_DEPLOYED);
	kit_key('B', STAGE_GENERATED);
	list(&a[0], "ns1.");
	list(&a[1], "ns1.");
	list(&a[2], "ns2.");
}

START_TEST(it_takes_over_what_the_other_address_serves)
{
	struct addr a = NS(1), other = NS(2);

	look(&a, LOOK_SHOWN, "A");
	look(&other, LOOK_SHOWN, "AB");
	ck_assert(vouch(1));
	ck_assert_int_eq(at(1)->look, LOOK_SHOWN);
	ck_assert_int_eq(at(1)->set, owner_find_authority(&H.own[0], &a)->set);
	ck_assert(at(1)->fresh && vouched(&H.own[0], at(1)));
	ck_assert(!vouched(&H.own[0], owner_find_authority(&H.own[0], &a)));
	ck_assert_ptr_nonnull(strstr(at(1)->why,
	    "no IPv6 route here; taken to "
	    "serve what 192.0.2.1 does"));
	look(&a, LOOK_NONE, "");
	ck_assert(vouch(1));
	ck_assert_int_eq(at(1)->look, LOOK_NONE);
}
END_TEST

START_TEST(it_ends_when_the_other_address_does)
{
	struct addr a = NS(1), other = NS(2);

	look(&a, LOOK_SHOWN, "A");
	look(&other, LOOK_SHOWN, "A");
	ck_assert(vouch(1));
	kit_wait(HOURS);
	look(&a, LOOK_SHOWN, "AB");
	look(&other, LOOK_SHOWN, "AB");
	ck_assert_int_eq(kit_until('B'), NEVER);
	ck_assert(vouch(1));
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
	for (int i = 0; i < 26; i++) {
		kit_wait(HOURS);
		look(&a, LOOK_SHOWN, "AB");
		look(&other, LOOK_SHOWN, "AB");
		ck_assert(vouch(1));
	}
	ck_assert_int_eq(kit_until('B'), 0);
}
END_TEST

/* Nothing is taken down then. */
START_TEST(without_a_good_witness_it_is_silent)
{
	struct addr a = NS(1), b = NS(3), v6 = V6(1);
	size_t rows;

	if (_i == 0) /* none of the name */
		list(&v6, "ns9.");
	if (_i == 1)
		look(&a, LOOK_BOGUS, "");
	if (_i == 2) { /* two, and they differ */
		list(&b, "ns1.");
		look(&a, LOOK_SHOWN, "A");
		look(&b, LOOK_SHOWN, "AB");
	}
	if (_i == 3) { /* of another pass */
		look(&a, LOOK_SHOWN, "A");
		owner_find_authority(&H.own[0], &a)->fresh = false;
	}
	if (_i == 4) { /* one of two is silent */
		list(&b, "ns1.");
		look(&a, LOOK_SHOWN, "A");
		look(&b, LOOK_SILENT, "");
	}
	rows = H.own[0].n_seen;
	ck_assert(!vouch(1));
	ck_assert_uint_eq(H.own[0].n_seen, rows);
	ck_assert(!at(1)->fresh);
}
END_TEST

/* D02: what was seen there counts, whatever the other address says. */
START_TEST(an_address_that_ever_answered_is_waited_for)
{
	struct addr a = NS(1), other = NS(2), v6 = V6(1);

	look(&a, LOOK_SHOWN, "A");
	look(&other, LOOK_SHOWN, "A");
	look(&v6, LOOK_SHOWN, "A");
	kit_wait(HOURS);
	look(&a, LOOK_SHOWN, "AB");
	look(&other, LOOK_SHOWN, "AB");
	ck_assert(!vouch(1));
	look(&v6, LOOK_SILENT, "");
	ck_assert_int_eq(kit_until('B'), NEVER);
}
END_TEST

/* Until then it may have served what the others no longer did. */
START_TEST(its_first_answer_counts_like_that_of_a_new_server)
{
	struct addr a = NS(1), other = NS(2), v6 = V6(1);

	look(&a, LOOK_SHOWN, "A");
	look(&other, LOOK_SHOWN, "A");
	ck_assert(vouch(1));
	kit_wait(HOURS);
	look(&a, LOOK_SHOWN, "AB");
	look(&other, LOOK_SHOWN, "AB");
	ck_assert(vouch(1));
	kit_wait(10 * HOURS);
	look(&a, LOOK_SHOWN, "AB");
	look(&other, LOOK_SHOWN, "AB");
	ck_assert(vouch(1));
	ck_assert_int_eq(kit_until('B'), HOLD_1H - 10 * HOURS);
	look(&v6, LOOK_SHOWN, "AB");
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
	ck_assert(!vouched(&H.own[0], at(1)));
	kit_wait(HOURS);
	look(&v6, LOOK_SHOWN, "AB");
	ck_assert_int_eq(kit_until('B'), HOLD_1H - HOURS);
	ck_assert_str_eq(at(1)->why, "");
}
END_TEST

/* A wrong answer is an answer, in the pass before and in those before it. */
START_TEST(an_address_that_answered_wrongly_is_waited_for)
{
	struct addr a = NS(1), other = NS(2), v6 = V6(1);
	struct glance g = { .look = _i == 0 ? LOOK_BOGUS : LOOK_UNSIGNED,
		.has_serial = true,
		.serial = 7 };

	if (_i == 2) /* lame, but for its SOA */
		g.look = LOOK_SILENT;
	sighting_note(&H, &H.own[0], &v6, &g, &NOW);
	for (int i = 0; i < 3; i++) {
		look(&a, LOOK_SHOWN, "AB");
		look(&other, LOOK_SHOWN, "AB");
		ck_assert(!vouch(1));
		look(&v6, LOOK_SILENT, "");
		kit_wait(HOURS);
	}
}
END_TEST

START_TEST(a_bogus_answer_without_a_serial_is_one)
{
	struct addr a = NS(1), v6 = V6(1);

	look(&v6, LOOK_BOGUS, "");
	look(&a, LOOK_SHOWN, "AB");
	ck_assert(!vouch(1));
}
END_TEST

/* It was lame while it could be asked, and that is remembered. */
START_TEST(an_address_that_ever_refused_is_waited_for)
{
	struct glance refused = { .look = LOOK_SILENT, .answered = true };
	struct addr a = NS(1), v6 = V6(1);

	sighting_note(&H, &H.own[0], &v6, &refused, &NOW);
	for (int i = 0; i < 3; i++) {
		kit_wait(HOURS);
		look(&v6, LOOK_SILENT, "");
		look(&a, LOOK_SHOWN, "AB");
		ck_assert(!vouch(1));
	}
}
END_TEST

START_TEST(of_one_that_was_never_heard_the_word_is_taken)
{
	struct addr a = NS(1), v6 = V6(1);

	for (int i = 0; i < 3; i++)
		look(&v6, LOOK_SILENT, "");
	look(&a, LOOK_SHOWN, "AB");
	ck_assert(vouch(1));
	ck_assert(!at(1)->answered);
}
END_TEST

/* It is no address of the name any more. */
START_TEST(an_address_that_left_vouches_for_nobody)
{
	struct addr a = NS(1), other = NS(2), now_listed[2] = { V6(1), NS(2) };

	look(&a, LOOK_SHOWN, "AB");
	look(&other, LOOK_SHOWN, "AB");
	sighting_unlisted(&H, &H.own[0], now_listed, 2, &NOW);
	ck_assert_int_ne(owner_find_authority(&H.own[0], &a)->left_at, NEVER);
	ck_assert(!vouch(1));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("vouch");
	TCase *t = tcase_create("vouch");

	tcase_add_checked_fixture(t, setup, kit_end);
	tcase_add_test(t, it_takes_over_what_the_other_address_serves);
	tcase_add_test(t, it_ends_when_the_other_address_does);
	tcase_add_loop_test(t, without_a_good_witness_it_is_silent, 0, 5);
	tcase_add_test(t, an_address_that_ever_answered_is_waited_for);
	tcase_add_test(t, its_first_answer_counts_like_that_of_a_new_server);
	tcase_add_loop_test(t, an_address_that_answered_wrongly_is_waited_for,
	    0, 3);
	tcase_add_test(t, a_bogus_answer_without_a_serial_is_one);
	tcase_add_test(t, an_address_that_ever_refused_is_waited_for);
	tcase_add_test(t, of_one_that_was_never_heard_the_word_is_taken);
	tcase_add_test(t, an_address_that_left_vouches_for_nobody);
	suite_add_tcase(s, t);
	return kit_run(s);
}
