/*
 * test_alias.c - where aliases lead, and until when: links of two times make a
 * way, and what nobody can reach binds nobody.
 */
#include "core_kit.h"

#include <stdio.h>

#include "base/text.h"
#include "core/alias.h"
#include "core/law.h"
#include "core/meet.h"

#define HERE "_25._tcp.mx.example."
#define ONE "one.example."
#define TWO "two.example."

static void
setup(void)
{
	kit_begin();
	kit_bare();
	H.policy.assumed_ttl = 0;
}

static struct owner *
at(const char *name)
{
	for (size_t i = 0; i < H.n_own; i++)
		if (strcmp(H.own[i].name, name) == 0)
			return &H.own[i];
	return NULL;
}

/* The authority says this at the name: "@NAME" an alias, else a set. */
static void
says(const char *name, int ns, const char *what, uint32_t ttl)
{
	struct glance g = { .look = LOOK_SHOWN, .ttl = ttl };
	struct owner *o = at(name);
	struct addr a = NS(ns);

	ck_assert_msg(o != NULL, "no %s", name);
	if (owner_find_authority(o, &a) == NULL)
		sighting_listed(&H, o, &a, "ns.example", 3600, &NOW);
	if (*what == '@')
		text_fmt(g.alias, sizeof(g.alias), "%s", what + 1);
	else
		g.set = S(what);
	if (*what == 0)
		g.look = LOOK_NONE;
	sighting_note(&H, o, &a, &g, &NOW);
	alias_grow(&H, &NOW);
	alias_settle(&H);
}

/* ---- many ---- */

#define MANY 2000

/* As RFC 7671 section 7 has it: one set for many names.  Were every pair of
 * them looked at for each, this would not end within the time of a test. */
START_TEST(thousands_of_owners_may_stand_for_one)
{
	const struct key *next = kit_key('B', STAGE_READY);
	struct addr a = NS(1), e = EP(1);
	struct breach b[2];
	struct meet m;
	char name[64];
	size_t n = 0;

	for (unsigned i = 0; i < MANY; i++) {
		struct glance g = { .look = LOOK_SHOWN, .ttl = 60 };
		struct endpoint *ep;
		struct owner *o;

		snprintf(name, sizeof(name), "_25._tcp.mx%u.example.", i);
		o = host_owner(&H, name, 25);
		text_fmt(g.alias, sizeof(g.alias), "%s", ONE);
		sighting_listed(&H, o, &a, "ns.example", 3600, &NOW);
		sighting_note(&H, o, &a, &g, &NOW);
		ep = host_endpoint(&H, i + 1, &e);
		ep->fresh = true;
		ep->sweep = SWEEP_SEEN;
		ep->swept_at = NOW.elapsed;
		ep->seen[ep->n_seen++] = (struct presented){
			K(i == MANY / 2 ? 'C' : 'A'), SLOT_RSA, 0
		};
	}
	ck_assert_uint_eq(alias_grow(&H, &NOW), 1);
	says(ONE, 2, "A", 60);
	ck_assert_int_eq(H.own[MANY].role, OWNER_LINK);
	ck_assert_int_eq(at(ONE)->role, OWNER_ASKED);
	/* the one among them that presents another key, and no more */
	ck_assert_uint_eq(law_broken(&H, &NOW, b, 2), 1);
	ck_assert_uint_eq(b[0].owner, at(ONE) - H.own);
	ck_assert(!law_allows(&H, &NOW, ACT_DEPLOY, next, b));
	meet_begin(&m, &H, NOW.elapsed);
	for (size_t i = 0; meet_next(&m, MANY + 1, &i) != NULL;)
		n++;
	ck_assert_uint_eq(n, MANY);
	n = 0;
	ck_assert_ptr_eq(meet_next(&m, 7, &n), &H.ep[6]);
	ck_assert_ptr_null(meet_next(&m, 7, &n));
	meet_release(&m);
}
END_TEST

/* ---- until when ---- */

START_TEST(a_target_is_an_owner_of_its_own)
{
	says(HERE, 1, "@" ONE, 60);
	ck_assert_uint_eq(H.n_own, 2);
	ck_assert(at(ONE)->derived && at(ONE)->foreign && at(ONE)->added);
	ck_assert_int_eq(at(ONE)->until, NEVER);
	ck_assert_uint_eq(at(ONE)->port, 25);
	ck_assert_int_eq(at(HERE)->role, OWNER_LINK);
	ck_assert_int_eq(at(ONE)->role, OWNER_ASKED);
	/* nothing new */
	says(HERE, 1, "@" ONE, 60);
	ck_assert_uint_eq(H.n_own, 2);
}
END_TEST

/* The end of a chain is reached until its first link to end ends; of two
 * ways the later. */
START_TEST(a_chain_ends_with_its_first_link)
{
	int64_t gone;

	says(HERE, 1, "@" ONE, 600);
	says(ONE, 2, "@" TWO, 60);
	kit_wait(1000);
	says(HERE, 1, "A", 600);
	gone = NOW.elapsed + 1;
	ck_assert_int_eq(at(ONE)->until, gone + 600);
	ck_assert_int_eq(at(TWO)->until, gone + 600);
	kit_wait(10);
	says(ONE, 2, "A", 60);
	ck_assert_int_eq(at(TWO)->until, gone + 10 + 60);
	/* another way, that is open */
	says(ONE, 3, "@" TWO, 60);
	ck_assert_int_eq(at(TWO)->until, gone + 600);
	kit_wait(700 + POLICY_MEMORY);
	alias_prune(&H, &NOW);
	ck_assert_uint_eq(H.n_own, 1);
}
END_TEST

START_TEST(it_goes_when_no_cache_can_lead_there)
{
	says(HERE, 1, "@" ONE, 600);
	says(ONE, 2, "A", 60);
	kit_wait(10);
	says(HERE, 1, "@" TWO, 600);
	kit_wait(600);
	alias_prune(&H, &NOW);
	ck_assert(at(ONE) != NULL && at(TWO) != NULL);
	kit_wait(1);
	alias_prune(&H, &NOW);
	/* it binds nobody, and is watched until it can be forgotten */
	ck_assert(at(ONE) != NULL && at(ONE)->past && !at(TWO)->past);
	ck_assert(event_content_at(at(ONE), &at(ONE)->auth[0], &H,
	    kit_key('N', STAGE_GENERATED)));
	kit_wait(60 + POLICY_MEMORY);
	alias_prune(&H, &NOW);
	ck_assert_ptr_nonnull(at(ONE));
	kit_wait(1);
	alias_prune(&H, &NOW);
	ck_assert(at(ONE) == NULL && at(TWO) != NULL);
}
END_TEST

/* What we published there is ours to keep true; in a zone of others not. */
START_TEST(left_records_of_ours_hold_the_key)
{
	const struct key *old = kit_key('A', STAGE_RETIRING);
	const struct owner *o;

	says(HERE, 1, "@" ONE, 600);
	says(ONE, 2, "A", 60);
	kit_wait(10);
	says(HERE, 1, "@" TWO, 600);
	kit_wait(700);
	alias_prune(&H, &NOW);
	o = at(ONE);
	ck_assert(o->past);
	ck_assert(event_dropped_at(o, &o->auth[0], &H, old));
	at(ONE)->foreign = false;
	ck_assert(!event_dropped_at(o, &o->auth[0], &H, old));
	kit_look_at((unsigned)(o - H.own), 2, LOOK_SILENT, "", 0);
	o = at(ONE);
	ck_assert(!event_dropped_at(o, &o->auth[0], &H, old));
	says(ONE, 2, "", 60);
	o = at(ONE);
	ck_assert(event_dropped_at(o, &o->auth[0], &H, old));
}
END_TEST

/* A set that is not ours alone gets no first record of a kind. */
START_TEST(records_of_others_are_spared)
{
	struct owner *o;

	kit_key('A', STAGE_DEPLOYED);
	says(HERE, 1, "@" ONE, 600);
	says(ONE, 2, "AX", 60);
	o = at(ONE);
	o->foreign = false;
	o->has_primary = true;
	owner_set_primary(o, S(_i == 0 ? "A" : "AX"));
	alias_settle(&H);
	alias_spare_others(&H);
	ck_assert_str_eq(o->blocked, "");
	H.tlsa[H.n_tlsa++] = (struct tlsa_kind){ 3, 1, 2 };
	alias_spare_others(&H);
	ck_assert((strstr(o->blocked, "none is 3 1 2") != NULL) == (_i == 1));
}
END_TEST

/* ---- the law ---- */

/* Old alias and new target: what TWO serves binds while a cache may hold the
 * alias of ONE that leads there. */
START_TEST(what_caches_lead_to_binds)
{
	struct key *new = kit_key('N', STAGE_READY);
	struct breach b;

	kit_presents(1, "O");
	says(HERE, 1, "@" ONE, 600);
	says(ONE, 2, "ON", 60);
	ck_assert(law_allows(&H, &NOW, ACT_DEPLOY, new, &b));
	says(ONE, 2, "O", 60);
	ck_assert(!law_allows(&H, &NOW, ACT_DEPLOY, new, &b));
	ck_assert_uint_eq(b.owner, 1);
	says(HERE, 1, "ON", 600);
	ck_assert(!law_allows(&H, &NOW, ACT_DEPLOY, new, &b));
	ck_assert_int_eq(b.until, NOW.elapsed + 1 + 600);
	ck_assert_int_eq(event_held_until(&H, new, false, &NOW, NULL),
	    NOW.elapsed + 1 + 600);
	kit_wait(601);
	ck_assert(law_allows(&H, &NOW, ACT_DEPLOY, new, &b));
	ck_assert_int_eq(event_held_until(&H, new, false, &NOW, NULL), 0);
}
END_TEST

/* What is presented under a service's name meets the records of any owner
 * that an alias leads to. */
START_TEST(a_broken_law_is_seen_behind_an_alias)
{
	struct breach b[2];

	kit_presents(1, "O");
	says(HERE, 1, "@" ONE, 600);
	says(ONE, 2, "N", 60);
	ck_assert_uint_eq(law_broken(&H, &NOW, b, 2), 1);
	ck_assert_uint_eq(b[0].owner, 1);
	ck_assert(b[0].shown_now);
}
END_TEST

START_TEST(records_are_changed_at_the_end_of_the_chain)
{
	struct key *new = kit_key('N', STAGE_GENERATED);
	struct breach b;

	kit_presents(1, "O");
	says(HERE, 1, "@" ONE, 600);
	says(ONE, 2, "O", 60);
	/* in a zone of others: nothing to do, nothing in the way */
	ck_assert(!alias_publishes(at(HERE)) && !alias_publishes(at(ONE)));
	ck_assert((event_of(&H, new, &NOW) & EVENT_MISSING) == 0);
	at(ONE)->foreign = false;
	alias_settle(&H);
	ck_assert(!alias_publishes(at(HERE)) && alias_publishes(at(ONE)));
	ck_assert(!law_allows(&H, &NOW, ACT_PUBLISH, new, &b) && b.unknown);
	at(ONE)->has_primary = true;
	owner_set_primary(at(ONE), S("O"));
	ck_assert(law_allows(&H, &NOW, ACT_PUBLISH, new, &b));
	ck_assert((event_of(&H, new, &NOW) & EVENT_MISSING) != 0);
}
END_TEST

START_TEST(first_records_that_hide_a_wildcard_are_refused)
{
	struct key *new = kit_key('O', STAGE_DEPLOYED);
	struct owner *o = &H.own[0];
	struct breach b;
	char say[300];

	kit_presents(1, "O");
	kit_shows(1, "", 60);
	o->has_primary = true;
	ck_assert(law_allows(&H, &NOW, ACT_PUBLISH, new, &b));
	o->hides = "*.mx.example.";
	ck_assert(!law_allows(&H, &NOW, ACT_PUBLISH, new, &b) && b.hides);
	law_say(&H, &b, &NOW, say, sizeof(say));
	ck_assert_ptr_nonnull(strstr(say, "would hide *.mx.example."));
	/* records are there: no name comes into being */
	owner_set_primary(o, S("A"));
	ck_assert(law_allows(&H, &NOW, ACT_PUBLISH, new, &b) || !b.hides);
}
END_TEST

/* ---- guards ---- */

START_TEST(a_link_asks_nothing_but_an_answer)
{
	struct key *new = kit_key('N', STAGE_GENERATED);
	const struct owner *o;

	says(HERE, 1, "@" ONE, 600);
	says(ONE, 2, "ON", 60);
	o = at(HERE);
	ck_assert(event_content_at(o, &o->auth[0], &H, new));
	ck_assert((event_of(&H, new, &NOW) & EVENT_SHOWN) != 0);
	kit_silent(1);
	alias_settle(&H);
	o = at(HERE);
	ck_assert(!event_content_at(o, &o->auth[0], &H, new));
	ck_assert_int_eq(o->role, OWNER_LINK); /* it may still be one */
}
END_TEST

/* An alias of a service to nothing is a lack; one that only lingers, or that
 * others have, is none. */
START_TEST(a_chain_to_nothing_lacks_records)
{
	struct key *new = kit_key('N', STAGE_GENERATED);
	const struct owner *o;

	at(HERE)->foreign = _i == 2;
	says(HERE, 1, "@" ONE, 600);
	says(ONE, 2, "", 60);
	if (_i == 1)
		says(HERE, 1, "ON", 600);
	o = at(ONE);
	ck_assert_int_eq(o->role, _i == 0 ? OWNER_ASKED : OWNER_IDLE);
	ck_assert(event_content_at(o, &o->auth[0], &H, new) == (_i != 0));
}
END_TEST

START_TEST(a_loop_is_content_with_nothing)
{
	struct key *new = kit_key('N', STAGE_GENERATED);
	const struct owner *o;

	says(HERE, 1, "@" ONE, 600);
	says(ONE, 2, "@" HERE, 600);
	o = at(HERE);
	ck_assert(o->loop && at(ONE)->loop);
	ck_assert(!event_content_at(o, &o->auth[0], &H, new));
	ck_assert_ptr_null(alias_end(&H, o));
	says(ONE, 2, "ON", 600);
	ck_assert(!at(HERE)->loop && !at(ONE)->loop);
	ck_assert_ptr_eq(alias_end(&H, at(HERE)), at(ONE));
}
END_TEST

/* ---- the name of the host ---- */

START_TEST(a_host_that_is_an_alias_has_two_owners)
{
	struct owner *o;

	host_owner(&H, "mx.example.", 0);
	says("mx.example.", 1, "@real.example.", 60);
	ck_assert_uint_eq(H.n_own, 4);
	o = at("_25._tcp.real.example.");
	ck_assert(o != NULL && o->own_name && alias_listens(o));
	ck_assert(!alias_listens(at("mx.example.")));
	ck_assert(!alias_listens(at("real.example.")));
	ck_assert_int_eq(at("real.example.")->role, OWNER_BASE);
	/* neither has records: those of the service are missed */
	says(HERE, 1, "", 60);
	says("_25._tcp.real.example.", 1, "", 60);
	ck_assert_int_eq(at(HERE)->role, OWNER_ASKED);
	ck_assert_int_eq(at("_25._tcp.real.example.")->role, OWNER_IDLE);
	/* one of them has: nobody misses any at the other */
	says("_25._tcp.real.example.", 1, "O", 60);
	ck_assert_int_eq(at(HERE)->role, OWNER_IDLE);
	ck_assert_int_eq(at("_25._tcp.real.example.")->role, OWNER_ASKED);
	says(HERE, 1, "O", 60);
	ck_assert_int_eq(at(HERE)->role, OWNER_ASKED);
	/* it never has records, not even at adoption */
	sighting_assume(&H, at("real.example."), &NOW);
	ck_assert_uint_eq(at("real.example.")->n_seen, 0);
	/* it is a name like others again */
	says("mx.example.", 1, "", 60);
	alias_prune(&H, &NOW);
	ck_assert_uint_eq(H.n_own, 4);
	kit_wait(200 + POLICY_MEMORY);
	alias_prune(&H, &NOW);
	ck_assert_uint_eq(H.n_own, 1);
}
END_TEST

START_TEST(nobody_can_make_the_list_of_owners_long)
{
	char to[HOST_NAME];

	for (int i = 0; i < ALIAS_NODES + 3; i++) {
		text_fmt(to, sizeof(to), "@n%d.example.", i);
		says(HERE, i + 1, to, 60);
	}
	ck_assert_uint_eq(H.n_own, 1 + ALIAS_NODES);
	ck_assert_ptr_nonnull(strstr(H.own[0].blocked, "more aliases"));
}
END_TEST

/* A provider that moves its target each week is followed on; what caches may
 * hold is not forgotten for that. */
START_TEST(past_targets_make_room_once_their_hold_is_over)
{
	char to[HOST_NAME];

	for (int i = 0; i < 3 * ALIAS_NODES; i++) {
		text_fmt(to, sizeof(to), "@n%d.example.", i);
		says(HERE, 1, to, 60);
		ck_assert_str_eq(H.own[0].blocked, "");
		says(to + 1, 2, "A", 600);
		ck_assert_int_eq(at(to + 1)->until, NEVER);
		if (i > 0) { /* the one before binds on, and then its hold */
			text_fmt(to, sizeof(to), "n%d.example.", i - 1);
			kit_wait(60);
			alias_prune(&H, &NOW);
			ck_assert(at(to) != NULL && !at(to)->past);
			kit_wait(600);
			alias_prune(&H, &NOW);
			ck_assert(at(to) != NULL && at(to)->past);
		}
		kit_wait(1 * DAYS);
		alias_prune(&H, &NOW);
		ck_assert_uint_le(H.n_own, 1 + ALIAS_NODES - ALIAS_LINKS);
	}
}
END_TEST

/* A chain goes as a whole, and not before its last part may. */
START_TEST(what_is_held_makes_no_room)
{
	char to[HOST_NAME];

	says(HERE, 1, "@" ONE, 60);
	says(ONE, 2, "@" TWO, 60);
	says(TWO, 3, "A", 7 * DAYS);
	for (int i = 0; i < ALIAS_NODES - 2; i++) {
		text_fmt(to, sizeof(to), "@n%d.example.", i);
		says(HERE, 1, to, 60);
		says(to + 1, 2, "A", 600);
	}
	kit_wait(1 * DAYS);
	says(to + 1, 9, "A", 600);
	at(to + 1)->auth[0].look = LOOK_SILENT;
	says(HERE, 1, "A", 60);
	kit_wait(1 * DAYS);
	alias_prune(&H, &NOW);
	ck_assert(at(ONE) != NULL && at(TWO) != NULL);
	ck_assert(at(to + 1) != NULL && at(to + 1)->past);
	ck_assert_uint_eq(H.n_own, 1 + 3);
	for (int i = 0; i < ALIAS_NODES - 3; i++) {
		text_fmt(to, sizeof(to), "@m%d.example.", i);
		says(HERE, 1, to, 60);
		says(to + 1, 2, "A", 600);
	}
	kit_wait(7 * DAYS);
	alias_prune(&H, &NOW);
	ck_assert(at(ONE) == NULL && at(TWO) == NULL);
}
END_TEST

START_TEST(a_name_that_is_both_blocks)
{
	says(HERE, 1, "@mx.example.", 60);
	host_owner(&H, "two.example.", 0);
	says("two.example.", 1, "@mx.example.", 60);
	ck_assert_ptr_nonnull(strstr(at("two.example.")->blocked,
	    "a name of the host as well"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("alias");
	TCase *t = tcase_create("alias");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, kit_end);
	tcase_add_test(t, thousands_of_owners_may_stand_for_one);
	tcase_add_test(t, a_target_is_an_owner_of_its_own);
	tcase_add_test(t, a_chain_ends_with_its_first_link);
	tcase_add_test(t, it_goes_when_no_cache_can_lead_there);
	tcase_add_test(t, left_records_of_ours_hold_the_key);
	tcase_add_loop_test(t, records_of_others_are_spared, 0, 2);
	tcase_add_test(t, what_caches_lead_to_binds);
	tcase_add_test(t, a_broken_law_is_seen_behind_an_alias);
	tcase_add_test(t, records_are_changed_at_the_end_of_the_chain);
	tcase_add_test(t, first_records_that_hide_a_wildcard_are_refused);
	tcase_add_test(t, a_link_asks_nothing_but_an_answer);
	tcase_add_loop_test(t, a_chain_to_nothing_lacks_records, 0, 3);
	tcase_add_test(t, a_loop_is_content_with_nothing);
	tcase_add_test(t, a_host_that_is_an_alias_has_two_owners);
	tcase_add_test(t, nobody_can_make_the_list_of_owners_long);
	tcase_add_test(t, past_targets_make_room_once_their_hold_is_over);
	tcase_add_test(t, what_is_held_makes_no_room);
	tcase_add_test(t, a_name_that_is_both_blocks);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
