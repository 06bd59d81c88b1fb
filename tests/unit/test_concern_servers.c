/*
 * test_concern_servers.c - what is wrong with the name servers themselves is
 * said, once a zone, with who must act.
 */
#include "core_kit.h"

#include "base/mem.h"
#include "base/text.h"
#include "cmd/concern.h"

static struct concerns is;

static struct owner *
owner_in(const char *name, const char *zone)
{
	struct owner *o = host_owner(&H, name, 25);

	text_fmt(o->zone, sizeof(o->zone), "%s", zone);
	return o;
}

static void
setup(void)
{
	host_init(&H, "mx");
	H.adopted_at = 1;
	memset(&is, 0, sizeof(is));
}

static void
teardown(void)
{
	concern_release(&is);
	host_release(&H);
}

/* ---- D10: the NS sets of parent and child ---- */

START_TEST(ns_sets_that_differ_are_said_once_a_zone)
{
	owner_in("_25._tcp.mx.", "example.org.")->ns_differ = mem_dup("A");
	owner_in("_465._tcp.mx.", "example.org.")->ns_differ = mem_dup("B");
	owner_in("_25._tcp.other.", "other.")->ns_differ = mem_dup("C");
	concern_servers(&H, &is);
	ck_assert_uint_eq(is.n, 2);
	ck_assert_str_eq(is.v[0].code, "ns-mismatch");
	ck_assert_str_eq(is.v[0].text,
	    "A\n  You: fix at registrar or zone: both list the same");
	ck_assert_ptr_nonnull(strstr(is.v[1].text, "C"));
}
END_TEST

START_TEST(ns_sets_that_agree_are_not_said)
{
	owner_in("_25._tcp.mx.", "example.org.");
	concern_servers(&H, &is);
	ck_assert_uint_eq(is.n, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("concern_servers");
	TCase *t = tcase_create("concern_servers");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, ns_sets_that_differ_are_said_once_a_zone);
	tcase_add_test(t, ns_sets_that_agree_are_not_said);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
