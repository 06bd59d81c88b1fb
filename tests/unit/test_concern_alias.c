/*
 * test_concern_alias.c - aliases that lead nowhere are said: a loop at once as
 * critical, an end without records as DANE that is off.
 */
#include "core_kit.h"

#include "cmd/concern.h"
#include "core/alias.h"

static struct concerns is;

static void
setup(void)
{
	kit_begin();
	memset(&is, 0, sizeof(is));
}

static void
teardown(void)
{
	concern_release(&is);
	kit_end();
}

static void
leads(const char *from, const char *to)
{
	struct glance g = { .look = to == NULL ? LOOK_NONE : LOOK_SHOWN };
	struct owner *o = host_owner(&H, from, 25);
	struct addr a = NS(1);

	if (to != NULL)
		strcpy(g.alias, to);
	sighting_listed(&H, o, &a, "ns.example", 3600, &NOW);
	sighting_note(&H, o, &a, &g, &NOW);
	alias_grow(&H, &NOW);
	alias_settle(&H);
}

START_TEST(an_alias_to_nothing_is_dane_that_is_off)
{
	leads("_25._tcp.mx.example.", "one.example.");
	concern_dangling(&H, &is);
	ck_assert_uint_eq(is.n, 0); /* nobody was asked there */
	leads("one.example.", NULL);
	concern_dangling(&H, &is);
	ck_assert_uint_eq(is.n, 1);
	ck_assert_str_eq(is.v[0].code, "dane-inactive");
	ck_assert_ptr_nonnull(strstr(is.v[0].text,
	    "is an alias of one.example., which has no TLSA records"));
	ck_assert_ptr_nonnull(strstr(is.v[0].text, "\n  You: "));
	concern_loops(&H, &is);
	ck_assert_uint_eq(is.n, 1);
}
END_TEST

START_TEST(a_loop_is_said_once_with_what_to_do)
{
	leads("_25._tcp.mx.example.", "one.example.");
	leads("one.example.", "_25._tcp.mx.example.");
	H.own[0].blocked = "the aliases that begin here lead nowhere";
	concern_loops(&H, &is);
	concern_dangling(&H, &is);
	ck_assert_uint_eq(is.n, 1);
	ck_assert_str_eq(is.v[0].code, "alias-loop");
	ck_assert_ptr_nonnull(strstr(is.v[0].text, "lead nowhere"));
	tell_merge(&is, NULL, 0, &H.policy, &NOW);
	ck_assert_int_eq(concern_worst(&is), LEVEL_CRITICAL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("concern_alias");
	TCase *t = tcase_create("concern_alias");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, an_alias_to_nothing_is_dane_that_is_off);
	tcase_add_test(t, a_loop_is_said_once_with_what_to_do);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
