/*
 * test_serial.c - serials as RFC 1982 orders them: who went back is said, and
 * what is said of them decides nothing.
 */
#include "core_kit.h"

#include "core/serial.h"

static uint32_t from;

static void
shows(int i, uint32_t serial)
{
	struct glance g = { .look = LOOK_SHOWN,
		.set = S("A"),
		.ttl = 60,
		.has_serial = true,
		.serial = serial };
	struct addr a = NS(i);

	if (owner_find_authority(&H.own[0], &a) == NULL)
		kit_ns(0, i);
	sighting_note(&H, &H.own[0], &a, &g, &NOW);
}

/* A pass begins anew: what is of a pass is forgotten. */
static void
next_pass(void)
{
	for (size_t i = 0; i < H.own[0].n_auth; i++)
		H.own[0].auth[i].fresh = H.own[0].auth[i].fell = false;
	kit_wait(15 * MINUTES);
}

static bool
fell(int i)
{
	return serial_went_back(kit_auth(i), &from);
}

START_TEST(serials_are_ordered_in_a_ring)
{
	static const struct {
		uint32_t a, b;
		bool older;
	} rows[] = {
		{ 41, 44, true },
		{ 44, 41, false },
		{ 44, 44, false },
		{ 0xffffffff, 0, true },
		{ 0, 0xffffffff, false },
		{ 0, 0x7fffffff, true },
		{ 0, 0x80000000, false }, /* not defined: not said */
		{ 0x80000000, 0, false },
		{ 2026112501, 2026112502, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(serial_older(rows[i].a, rows[i].b) ==
			rows[i].older,
		    "row %zu", i);
}
END_TEST

/* The set is the same all the time. */
START_TEST(one_that_goes_back_is_said_until_it_has_caught_up)
{
	shows(1, 44);
	shows(2, 44);
	ck_assert(!fell(1));
	next_pass();
	shows(2, 44);
	shows(1, 41);
	serial_settle(&H.own[0]);
	ck_assert(!fell(2) && fell(1));
	ck_assert_uint_eq(from, 44);
	next_pass();
	shows(2, 45);
	shows(1, 41);
	serial_settle(&H.own[0]);
	ck_assert(fell(1));
	ck_assert_uint_eq(from, 44);
	next_pass();
	shows(2, 45);
	shows(1, 43); /* newer, and still older than it was */
	ck_assert(fell(1));
	next_pass();
	shows(2, 45);
	shows(1, 45);
	ck_assert(!fell(2) && !fell(1));
}
END_TEST

START_TEST(all_that_go_back_together_are_said_once)
{
	shows(1, 44);
	shows(2, 44);
	next_pass();
	shows(1, 41);
	shows(2, 41);
	serial_settle(&H.own[0]);
	ck_assert(fell(1) && fell(2));
	next_pass();
	shows(1, 41);
	shows(2, 41);
	ck_assert(!fell(1) && !fell(2));
}
END_TEST

START_TEST(a_newer_primary_keeps_all_of_them_behind)
{
	shows(1, 44);
	next_pass();
	shows(1, 41);
	H.own[0].has_primary_serial = true;
	H.own[0].primary_serial = 44;
	serial_settle(&H.own[0]);
	next_pass();
	shows(1, 41);
	ck_assert(fell(1));
	H.own[0].primary_serial = 41;
	serial_settle(&H.own[0]);
	next_pass();
	shows(1, 41);
	ck_assert(!fell(1));
}
END_TEST

START_TEST(both_serials_are_said_where_they_differ)
{
	char buf[64];
	struct owner *o = &H.own[0];

	kit_shows(1, "A", 60);
	ck_assert_str_eq(serial_say(o, kit_auth(1), buf), "");
	shows(1, 41);
	ck_assert_str_eq(serial_say(o, kit_auth(1), buf), " (serial 41)");
	o->has_primary_serial = true;
	o->primary_serial = 44;
	ck_assert_str_eq(serial_say(o, kit_auth(1), buf),
	    " (serial 41, primary 44)");
	o->primary_serial = 41;
	ck_assert_str_eq(serial_say(o, kit_auth(1), buf), " (serial 41)");
}
END_TEST

/* Never evidence: a newer serial over old data ends nothing, an older one
 * over new data begins nothing. */
START_TEST(what_is_waited_for_does_not_depend_on_serials)
{
	int64_t until;

	kit_key('A', STAGE_DEPLOYED);
	kit_key('B', STAGE_GENERATED);
	shows(1, 44);
	next_pass();
	shows(1, 45);
	ck_assert_int_eq(kit_until('B'), NEVER);
	kit_shows(1, "AB", 60);
	until = kit_until('B');
	ck_assert_int_gt(until, 0);
	kit_auth(1)->serial = 40;
	ck_assert_int_eq(kit_until('B'), until);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("serial");
	TCase *t = tcase_create("serial");

	tcase_add_checked_fixture(t, kit_begin, kit_end);
	tcase_add_test(t, serials_are_ordered_in_a_ring);
	tcase_add_test(t, one_that_goes_back_is_said_until_it_has_caught_up);
	tcase_add_test(t, all_that_go_back_together_are_said_once);
	tcase_add_test(t, a_newer_primary_keeps_all_of_them_behind);
	tcase_add_test(t, both_serials_are_said_where_they_differ);
	tcase_add_test(t, what_is_waited_for_does_not_depend_on_serials);
	suite_add_tcase(s, t);
	return kit_run(s);
}
