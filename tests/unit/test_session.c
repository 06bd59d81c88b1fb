/*
 * test_session.c - what the config says of an owner that the state remembers:
 * whose records are ours to change, and how its zone is signed.
 */
#include "core_kit.h"

#include "base/text.h"
#include "cmd/session.h"
#include "core/alias.h"

#define GONE "_587._tcp.mx.example."

static struct conf_service port25 = { .port = 25 };
static char *zones[] = { (char *)"far.example." };
static struct conf_publisher publisher = { .method = PUBLISH_NSUPDATE };
static struct conf_host conf = { .publisher = &publisher,
	.services = &port25,
	.n_services = 1 };

static struct session session;

static void
zones_known(void)
{
	session.now = NOW;
	session_zones(&session, &conf, &H);
}

/* Two services; the second has records, and was taken out of the config. */
static void
setup(void)
{
	static char name[HOST_NAME];

	kit_begin();
	kit_bare();
	conf.name = text_fmt(name, sizeof(name), "%s", H.name);
	host_owner(&H, GONE, 587);
	H.own[0].zone = H.own[1].zone = "example.";
	H.own[0].named = H.own[1].named = true;
	H.own[1].left = H.own[1].foreign = true;
	publisher.zones = zones;
	publisher.n_zones = 0;
	kit_shows(1, "A", HOURS);
	kit_look_at(1, 2, LOOK_SHOWN, "A", HOURS);
	zones_known();
}

static void
alias(const char *target)
{
	struct glance g = { .look = LOOK_SHOWN, .ttl = HOURS };
	struct addr one = NS(1);

	text_fmt(g.alias, sizeof(g.alias), "%s", target);
	sighting_note(&H, &H.own[0], &one, &g, &NOW);
	zones_known();
}

/* A pass over one host twice would make two keys. */
START_TEST(a_host_that_is_named_twice_is_one)
{
	struct conf_host hosts[2] = { { .name = (char *)"mx1.example" },
		{ .name = (char *)"mx2.example" } };
	char *names[] = { (char *)"mx2.example", (char *)"mx1.example",
		(char *)"MX2.example", (char *)"mx1.example" };
	const struct conf_host **v;
	struct err e;
	size_t n;

	session.conf.hosts = hosts;
	session.conf.n_hosts = 2;
	ck_assert_int_eq(session_select(&session, 4, names, &v, &n, &e), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert(v[0] == &hosts[1] && v[1] == &hosts[0]);
	free(v);
	ck_assert_int_eq(session_select(&session, 0, NULL, &v, &n, &e), 0);
	ck_assert_uint_eq(n, 2);
	free(v);
	session.conf.hosts = NULL;
	session.conf.n_hosts = 0;
}
END_TEST

START_TEST(an_owner_that_left_is_not_changed)
{
	ck_assert(alias_publishes(&H.own[0]));
	ck_assert(!alias_publishes(&H.own[1]));
}
END_TEST

START_TEST(where_an_alias_of_a_service_leads_it_is)
{
	alias(GONE);
	ck_assert(alias_publishes(&H.own[1]));
	kit_shows(1, "A", HOURS); /* the alias is taken away */
	kit_wait(HOURS);
	zones_known();
	ck_assert(alias_publishes(&H.own[1]));
	kit_wait(1); /* and no cache holds it */
	zones_known();
	ck_assert(!alias_publishes(&H.own[1]));
}
END_TEST

START_TEST(in_a_zone_that_others_run_it_is_not)
{
	H.own[1].zone = "far.example.";
	alias(GONE);
	ck_assert(!alias_publishes(&H.own[1]));
	publisher.n_zones = 1;
	zones_known();
	ck_assert(alias_publishes(&H.own[1]));
}
END_TEST

/* Its zone was ours only by its being in the config. */
START_TEST(its_zone_is_not_ours_for_its_own_sake)
{
	H.own[1].zone = "far.example.";
	H.own[1].foreign = false;
	alias(GONE);
	ck_assert(!alias_publishes(&H.own[1]));
}
END_TEST

START_TEST(a_zone_is_static_by_its_name_alone)
{
	struct conf_zone signing[] = { { .name = (char *)"far.example." },
		{ .name = (char *)"example.", .is_static = true } };

	H.own[1].zone = "far.example.";
	session.conf.zones = signing;
	session.conf.n_zones = 2;
	zones_known();
	ck_assert(H.own[0].is_static && !H.own[1].is_static);
	signing[1].is_static = false; /* taken back */
	zones_known();
	ck_assert(!H.own[0].is_static);
	session.conf.n_zones = 0;
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session");
	TCase *t = tcase_create("session");

	tcase_add_checked_fixture(t, setup, kit_end);
	tcase_add_test(t, a_host_that_is_named_twice_is_one);
	tcase_add_test(t, an_owner_that_left_is_not_changed);
	tcase_add_test(t, where_an_alias_of_a_service_leads_it_is);
	tcase_add_test(t, in_a_zone_that_others_run_it_is_not);
	tcase_add_test(t, its_zone_is_not_ours_for_its_own_sake);
	tcase_add_test(t, a_zone_is_static_by_its_name_alone);
	suite_add_tcase(s, t);
	return kit_run(s);
}
