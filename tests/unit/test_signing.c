/*
 * test_signing.c - when a signature is so near to its end that nothing is
 * begun any more (D25).
 */
#include "core_kit.h"

#include "core/signing.h"

/* A valid look at the authority: signatures of this life, of which so much is
 * left. */
static void
look(int i, int64_t life, int64_t left, uint32_t ttl)
{
	struct span s = { NOW.wall + left - life, NOW.wall + left };
	struct glance g = { .look = LOOK_SHOWN,
		.set = S("A"),
		.ttl = ttl,
		.records_signed = s,
		.keys_signed = s };
	struct addr a = NS(i);

	if (owner_find_authority(&H.own[0], &a) == NULL)
		kit_ns(0, i);
	sighting_note(&H, &H.own[0], &a, &g, &NOW);
}

static bool
stops(void)
{
	struct signing_end first;

	return signing_ends(&H, NOW.wall, SIGNING_ACT, &first);
}

#define HOLD_1H (25 * HOURS + 20 * MINUTES) /* of the TTL 1h, routine */

/* clang-format off */
static const struct {
	int64_t life, left;
	uint32_t ttl;
	bool renewed; /* newer ones were seen before */
	bool stops;
} ENDS[] = {
	{ 30 * DAYS, HOLD_1H,          HOURS, false, false },
	{ 30 * DAYS, HOLD_1H - 1,      HOURS, false, true },
	{ 30 * DAYS, HOLD_1H - 1,      HOURS, true,  true },
	/* the hold is of the set that is shown */
	{ 30 * DAYS, 2 * DAYS,         DAYS,  true,  true },
	{ 30 * DAYS, 2 * DAYS + 20 * MINUTES, DAYS, true, false },
	/* a zone that is signed for a day at a time: evidently, or not */
	{ 1 * DAYS,  20 * HOURS,       HOURS, false, true },
	{ 1 * DAYS,  20 * HOURS,       HOURS, true,  false },
	{ 1 * DAYS,  144 * MINUTES,    HOURS, true,  false },
	{ 1 * DAYS,  144 * MINUTES - 1, HOURS, true, true },
	/* and for seconds */
	{ 60,        30,               5,     true,  false },
	{ 60,        5,                5,     true,  true },
};
/* clang-format on */

START_TEST(nothing_is_begun_when_less_than_the_hold_is_left)
{
	kit_begin();
	look(1, ENDS[_i].life, ENDS[_i].left, ENDS[_i].ttl);
	kit_auth(1)->renewed = ENDS[_i].renewed;
	ck_assert_int_eq(stops(), ENDS[_i].stops);
}
END_TEST

START_TEST(a_zone_is_signed_anew_when_a_newer_signature_is_seen)
{
	kit_begin();
	look(1, DAYS, 20 * HOURS, HOURS);
	ck_assert(!kit_auth(1)->renewed && stops());
	kit_wait(15 * MINUTES);
	look(1, DAYS, 20 * HOURS - 15 * MINUTES, HOURS); /* the same */
	ck_assert(!kit_auth(1)->renewed && stops());
	kit_silent(1);
	ck_assert(!kit_auth(1)->renewed);
	kit_wait(5 * HOURS);
	look(1, DAYS, 23 * HOURS, HOURS);
	ck_assert(kit_auth(1)->renewed && !stops());
	look(1, DAYS, 12 * HOURS, HOURS); /* an older one says no more */
	ck_assert(kit_auth(1)->renewed && !stops());
}
END_TEST

/* The first that ends is named, and over what it is. */
START_TEST(the_first_end_is_named)
{
	struct signing_end first;

	kit_begin();
	look(1, 30 * DAYS, 9 * HOURS, HOURS);
	look(2, 30 * DAYS, 8 * HOURS, HOURS);
	look(3, 30 * DAYS, 10 * HOURS, HOURS);
	ck_assert(signing_ends(&H, NOW.wall, SIGNING_ACT, &first));
	ck_assert_ptr_eq(first.a, kit_auth(2));
	ck_assert_ptr_eq(first.o, &H.own[0]);
	ck_assert_int_eq(first.until, NOW.wall + 8 * HOURS);
	ck_assert(!first.keys);
	kit_auth(1)->keys_signed.until = NOW.wall + 7 * HOURS;
	ck_assert(signing_ends(&H, NOW.wall, SIGNING_ACT, &first));
	ck_assert(first.a == kit_auth(1) && first.keys);
}
END_TEST

/* What does not answer is waited for in another way; what left, or is asked
 * only for what it showed once, is not signed anew for us. */
START_TEST(only_what_is_shown_and_will_be_asked_counts)
{
	for (int i = 0; i < 5; i++) {
		kit_begin();
		look(1, 30 * DAYS, 9 * HOURS, HOURS);
		ck_assert(stops());
		if (i == 0)
			kit_silent(1);
		else if (i == 1)
			kit_look_at(0, 1, LOOK_BOGUS, "", 0);
		else if (i == 2)
			kit_auth(1)->left_at = NOW.elapsed;
		else if (i == 3)
			H.own[0].past = true;
		else
			kit_auth(1)->fresh = false;
		ck_assert_msg(!stops(), "case %d", i);
		kit_end();
	}
}
END_TEST

/* A denial is signed, too; and of what nobody verified nothing is known. */
START_TEST(a_denial_counts_and_the_unknown_does_not)
{
	kit_begin();
	kit_shows(1, "", HOURS);
	ck_assert(!stops());
	kit_auth(1)->records_signed = (struct span){ NOW.wall - DAYS,
		NOW.wall + 1 };
	ck_assert(stops());
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("signing");
	TCase *t = tcase_create("ends");

	tcase_add_checked_fixture(t, NULL, kit_end);
	tcase_add_loop_test(t, nothing_is_begun_when_less_than_the_hold_is_left,
	    0, (int)(sizeof(ENDS) / sizeof(ENDS[0])));
	tcase_add_test(t, a_zone_is_signed_anew_when_a_newer_signature_is_seen);
	tcase_add_test(t, the_first_end_is_named);
	tcase_add_test(t, only_what_is_shown_and_will_be_asked_counts);
	tcase_add_test(t, a_denial_counts_and_the_unknown_does_not);
	suite_add_tcase(s, t);
	return kit_run(s);
}
