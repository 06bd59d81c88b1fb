/*
 * test_concern_servers.c - what is wrong with the name servers themselves is
 * said, once a zone, with who must act.
 */
#include "core_kit.h"

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "cmd/concern.h"
#include "core/vouch.h"

static struct concerns is;

static struct owner *
owner_in(const char *name, const char *zone)
{
	struct owner *o = host_owner(&H, name, 25);

	o->zone = once_fmt(HOST_NAME, "%s", zone);
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

/* ---- E17: addresses that nobody here can ask ---- */

START_TEST(what_is_taken_over_from_another_address_is_noted)
{
	struct addr v4 = NS(1), v6 = addr_make(6, (uint8_t[16]){ 32 }, 53);
	struct owner *o = owner_in("_25._tcp.mx.", "example.org.");
	struct glance g = { .look = LOOK_SHOWN, .set = S("A"), .ttl = 60 };
	struct now now = { .elapsed = 10 };

	sighting_listed(&H, o, &v4, "ns1.", 60, &now);
	sighting_listed(&H, o, &v6, "ns1.", 60, &now);
	sighting_note(&H, o, &v4, &g, &now);
	concern_servers(&H, &is);
	ck_assert_uint_eq(is.n, 0);
	ck_assert(vouch_note(&H, o, &v6, &now));
	concern_servers(&H, &is);
	ck_assert_uint_eq(is.n, 1);
	ck_assert_str_eq(is.v[0].code, "unverified");
	ck_assert_ptr_nonnull(strstr(is.v[0].text, "ns1. 2000::: not asked"));
}
END_TEST

/* ---- serials ---- */

START_TEST(one_that_went_back_is_said_once_a_zone)
{
	struct addr a = NS(1);
	struct glance g = { .look = LOOK_SHOWN,
		.set = S("A"),
		.ttl = 60,
		.has_serial = true,
		.serial = 44 };
	struct now now = { .elapsed = 10 };

	for (int i = 0; i < 2; i++) {
		struct owner *o = owner_in(i == 0 ? "_25._tcp.mx."
						  : "_465._tcp.mx.",
		    "example.org.");

		sighting_listed(&H, o, &a, "ns1.", 60, &now);
		g.serial = 44;
		sighting_note(&H, o, &a, &g, &now);
		concern_servers(&H, &is);
		ck_assert_uint_eq(is.n, i);
		concern_release(&is);
		g.serial = 41;
		sighting_note(&H, o, &a, &g, &now);
		concern_servers(&H, &is);
		ck_assert_uint_eq(is.n, 1);
		ck_assert_str_eq(is.v[0].code, "regression");
		ck_assert_ptr_nonnull(strstr(is.v[0].text,
		    "ns1. 192.0.2.1 from serial 44 to 41\n"));
		concern_release(&is);
	}
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
	tcase_add_test(t, one_that_went_back_is_said_once_a_zone);
	tcase_add_test(t, what_is_taken_over_from_another_address_is_noted);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
