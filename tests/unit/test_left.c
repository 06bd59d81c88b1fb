/*
 * test_left.c - an owner that was taken out of the config binds until no
 * sender can meet records there.
 */
#include "core_kit.h"

#include "base/text.h"
#include "core/alias.h"
#include "core/left.h"

#define GONE "_587._tcp.mx.example."

static struct owner *
gone(void)
{
	for (size_t i = 0; i < H.n_own; i++)
		if (strcmp(H.own[i].name, GONE) == 0)
			return &H.own[i];
	return NULL;
}

/* The owner beside the first one has left; both have been looked at. */
static void
setup(void)
{
	kit_begin();
	kit_bare();
	H.policy.assumed_ttl = 0;
	kit_key('A', STAGE_DEPLOYED);
	kit_key('B', STAGE_GENERATED);
	host_owner(&H, GONE, 587);
	H.own[0].named = true;
	gone()->named = gone()->left = gone()->foreign = true;
	kit_shows(1, "AB", HOURS);
}

static void
look(const char *set)
{
	for (size_t j = 0; j < gone()->n_auth; j++)
		gone()->auth[j].fresh = false;
	if (*set == '?')
		kit_look_at(1, 2, LOOK_SILENT, "", 0);
	else
		kit_look_at(1, 2, *set == 0 ? LOOK_NONE : LOOK_SHOWN, set,
		    HOURS);
	alias_settle(&H);
	alias_prune(&H, &NOW);
	left_prune(&H, &NOW);
}

START_TEST(while_it_has_records_it_gates)
{
	struct breach b;

	for (int i = 0; i < 40; i++) {
		look("A");
		kit_wait(DAYS);
	}
	ck_assert_ptr_nonnull(gone());
	ck_assert_int_eq(kit_until('B'), NEVER);
	ck_assert(!kit_event('B', EVENT_SHOWN));
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &b));
	ck_assert(!alias_publishes(gone()));
}
END_TEST

START_TEST(it_goes_when_no_cache_can_hold_its_records)
{
	look("A");
	kit_wait(HOURS);
	look("");
	ck_assert_ptr_nonnull(gone());
	ck_assert_int_eq(kit_until('B'), HOURS + 1);
	kit_wait(HOURS);
	look("");
	ck_assert_ptr_nonnull(gone());
	kit_wait(1);
	look("");
	ck_assert_ptr_null(gone());
	ck_assert_int_eq(kit_until('B'), 0);
}
END_TEST

START_TEST(silence_lets_it_not_go)
{
	look("?"); /* never heard */
	ck_assert_ptr_nonnull(gone());
	look("A");
	kit_wait(HOURS);
	look("");
	kit_wait(HOURS + 1);
	look("?");
	ck_assert_ptr_nonnull(gone());
	kit_wait(HOURS);
	look("?");
	ck_assert_ptr_nonnull(gone());
}
END_TEST

START_TEST(an_alias_there_is_not_nothing)
{
	struct glance g = { .look = LOOK_SHOWN, .ttl = HOURS };
	struct addr two = NS(2);

	look("");
	host_owner(&H, GONE, 587)->left = true; /* once more */
	gone()->named = gone()->foreign = true;
	text_fmt(g.alias, sizeof(g.alias), "t.far.example.");
	kit_ns(1, 2);
	sighting_note(&H, gone(), &two, &g, &NOW);
	alias_grow(&H, &NOW);
	alias_settle(&H);
	left_prune(&H, &NOW);
	ck_assert_ptr_nonnull(gone());
	ck_assert_uint_eq(H.n_own, 3);
}
END_TEST

START_TEST(where_an_alias_leads_it_stays_as_its_target)
{
	struct glance g = { .look = LOOK_SHOWN, .ttl = HOURS, .alias = GONE };
	struct addr one = NS(1);

	sighting_note(&H, &H.own[0], &one, &g, &NOW);
	alias_settle(&H);
	look("");
	ck_assert_ptr_nonnull(gone());
	ck_assert(gone()->derived && !gone()->left && !gone()->named);
	ck_assert_int_eq(gone()->until, NEVER);
}
END_TEST

/* An alias at that owner, seen at the only authority there. */
static void
alias_at_owner(struct owner *o, const char *target)
{
	struct glance g = { .look = LOOK_SHOWN, .ttl = HOURS };
	struct addr one = NS(1);

	text_fmt(g.alias, sizeof(g.alias), "%s", target);
	sighting_listed(&H, o, &one, "ns.example", 60, &NOW);
	sighting_note(&H, o, &one, &g, &NOW);
	alias_settle(&H);
}

START_TEST(it_is_led_to_as_long_as_a_cache_holds_the_alias)
{
	look("A");
	ck_assert(!left_is_led_to(&H, gone(), NOW.elapsed));
	alias_at_owner(&H.own[0], GONE);
	ck_assert(left_is_led_to(&H, gone(), NOW.elapsed));
	kit_shows(1, "A", HOURS);
	kit_wait(HOURS);
	ck_assert(left_is_led_to(&H, gone(), NOW.elapsed));
	kit_wait(1);
	ck_assert(!left_is_led_to(&H, gone(), NOW.elapsed));
}
END_TEST

static struct owner *
led_to(struct owner *from, const char *target)
{
	size_t at = (size_t)(from - H.own);

	alias_at_owner(from, target);
	alias_grow(&H, &NOW);
	alias_settle(&H);
	for (size_t i = 0; i < H.n_own; i++)
		if (i != at && strcmp(H.own[i].name, target) == 0)
			return &H.own[i];
	ck_abort();
}

/* By two links; or the second is led to by another, too. */
START_TEST(what_only_it_leads_to_goes_with_it)
{
	bool with[4] = { true, true, true, true };

	led_to(led_to(gone(), "t.far.example."), "u.far.example.");
	ck_assert_uint_eq(H.n_own, 4);
	if (_i == 1)
		alias_at_owner(&H.own[0], "u.far.example.");
	left_takes(&H, gone(), with);
	ck_assert(!with[0] && !with[1] && with[2]);
	ck_assert_int_eq(with[3], _i == 0);
	ck_assert_int_eq(H.own[2].until, NEVER);
	ck_assert_int_eq(H.own[3].until, NEVER);
	host_drop_owner(&H, 1);
	alias_settle(&H);
	alias_prune(&H, &NOW);
	ck_assert_uint_eq(H.n_own, _i == 0 ? 1 : 2);
}
END_TEST

START_TEST(one_that_left_itself_leads_nobody)
{
	look("A");
	host_owner(&H, "_465._tcp.mx.example.", 465)->left = true;
	alias_at_owner(host_owner(&H, "_465._tcp.mx.example.", 465), GONE);
	ck_assert(!left_is_led_to(&H, gone(), NOW.elapsed));
	H.own[2].left = false; /* nor does one that nothing leads to */
	H.own[2].derived = true;
	ck_assert(!left_is_led_to(&H, gone(), NOW.elapsed));
	alias_at_owner(&H.own[0], "_465._tcp.mx.example.");
	ck_assert(left_is_led_to(&H, gone(), NOW.elapsed));
}
END_TEST

START_TEST(a_name_of_the_host_leads_to_the_ports_that_are_served)
{
	alias_at_owner(host_owner(&H, "other.example.", 0), "mx.example.");
	gone()->foreign = false;
	ck_assert(!left_is_led_to(&H, gone(), NOW.elapsed));
	host_owner(&H, "_587._tcp.other.example.", 587)->named = true;
	ck_assert(left_is_led_to(&H, gone(), NOW.elapsed));
}
END_TEST

/* Nothing binds less for it, and nobody misses records where none are. */
START_TEST(led_to_it_is_changed_where_senders_ask)
{
	look("A");
	gone()->foreign = false;
	ck_assert_int_eq(gone()->until, NEVER);
	alias_at_owner(&H.own[0], GONE);
	ck_assert_int_eq(gone()->until, NEVER);
	ck_assert(alias_publishes(gone()));
	look("");
	ck_assert(alias_publishes(gone()));
	kit_shows(1, "A", HOURS);
	look("");
	ck_assert(!alias_publishes(gone()));
}
END_TEST

START_TEST(led_to_others_that_have_records_there_are_spared)
{
	look("Z");
	gone()->foreign = false;
	H.tlsa[0] = (struct tlsa_kind){ 3, 1, 2 };
	H.n_tlsa = 1;
	kit_primary("Z");
	alias_spare_others(&H);
	ck_assert_str_ne(gone()->blocked, "");
	ck_assert_str_eq(H.own[0].blocked, "");
}
END_TEST

/* What stands for the name of the host is not there in its stead. */
START_TEST(led_to_it_is_not_replaced)
{
	look("A");
	gone()->foreign = false;
	alias_at_owner(&H.own[0], GONE);
	host_owner(&H, "_587._tcp.other.example.", 587)->derived = true;
	alias_at_owner(host_owner(&H, "mx.example.", 0), "other.example.");
	kit_look_at(2, 1, LOOK_SHOWN, "A", HOURS);
	look("");
	ck_assert(alias_publishes(gone()));
}
END_TEST

/* Nobody looks at what the name of the host stands for on its port. */
START_TEST(it_is_no_service_any_more)
{
	look("A");
	gone()->foreign = false;
	alias_at_owner(host_owner(&H, "mx.example.", 0), "other.example.");
	alias_grow(&H, &NOW);
	for (size_t i = 0; i < H.n_own; i++)
		ck_assert_str_ne(H.own[i].name, "_587._tcp.other.example.");
}
END_TEST

START_TEST(one_that_was_never_looked_at_is_over)
{
	alias_settle(&H);
	left_prune(&H, &NOW);
	ck_assert_ptr_null(gone());
	ck_assert_uint_eq(H.n_own, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("left");
	TCase *t = tcase_create("left");

	tcase_add_checked_fixture(t, setup, kit_end);
	tcase_add_test(t, while_it_has_records_it_gates);
	tcase_add_test(t, it_goes_when_no_cache_can_hold_its_records);
	tcase_add_test(t, silence_lets_it_not_go);
	tcase_add_test(t, an_alias_there_is_not_nothing);
	tcase_add_test(t, where_an_alias_leads_it_stays_as_its_target);
	tcase_add_test(t, it_is_led_to_as_long_as_a_cache_holds_the_alias);
	tcase_add_loop_test(t, what_only_it_leads_to_goes_with_it, 0, 2);
	tcase_add_test(t, one_that_left_itself_leads_nobody);
	tcase_add_test(t,
	    a_name_of_the_host_leads_to_the_ports_that_are_served);
	tcase_add_test(t, led_to_it_is_changed_where_senders_ask);
	tcase_add_test(t, led_to_others_that_have_records_there_are_spared);
	tcase_add_test(t, led_to_it_is_not_replaced);
	tcase_add_test(t, it_is_no_service_any_more);
	tcase_add_test(t, one_that_was_never_looked_at_is_over);
	suite_add_tcase(s, t);
	return kit_run(s);
}
