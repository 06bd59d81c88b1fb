/*
 * test_fold.c - name servers that answer differently each time, and that come
 * and go, are remembered in a bounded number of rows, and never for shorter
 * than what they served may be held.
 */
#include "core_kit.h"

#include "base/text.h"
#include "core/alias.h"
#include "core/fold.h"
#include "core/instance.h"

static void
setup(void)
{
	kit_begin();
	kit_bare();
	H.policy.assumed_ttl = 0;
	kit_key('A', STAGE_DEPLOYED);
	kit_key('B', STAGE_GENERATED);
	kit_shows(1, "AB", HOURS);
}

static size_t
rows_at(const struct addr *a)
{
	size_t n = 0;

	for (size_t i = 0; i < H.own[0].n_seen; i++)
		n += addr_cmp(&H.own[0].seen[i].auth, a) == 0;
	return n;
}

/* The i-th set of a liar: a record of no key beside the letters. */
static struct glance
lie(const char *letters, int i, uint32_t ttl)
{
	struct glance g = { .look = LOOK_SHOWN, .set = S(letters), .ttl = ttl };
	struct tlsa r = odd_record();

	memcpy(r.data, &i, sizeof(i));
	tlsa_set_add(&g.set, &r);
	return g;
}

static void
lies(int ns, const char *letters, int i, uint32_t ttl)
{
	struct glance g = lie(letters, i, ttl);
	struct addr a = NS(ns);

	if (owner_find_authority(&H.own[0], &a) == NULL)
		kit_ns(0, ns);
	sighting_note(&H, &H.own[0], &a, &g, &NOW);
}

static const struct sighting *
any_at(const struct addr *a)
{
	for (size_t i = 0; i < H.own[0].n_seen; i++)
		if (addr_cmp(&H.own[0].seen[i].auth, a) == 0 &&
		    tlsa_set_is_any(H.set[H.own[0].seen[i].set]))
			return &H.own[0].seen[i];
	return NULL;
}

START_TEST(another_set_in_each_answer_takes_no_more_room)
{
	struct addr two = NS(2);

	for (int i = 0; i < 2000; i++) {
		lies(2, "AB", i, HOURS + (uint32_t)(i % 7));
		ck_assert_uint_le(rows_at(&two), SIGHTINGS_ONE);
		kit_wait(15 * MINUTES);
		kit_shows(1, "AB", HOURS);
	}
	ck_assert_uint_le(H.own[0].n_seen, SIGHTINGS_ONE + 8);
	ck_assert_ptr_nonnull(any_at(&two));
	/* the last answer is what it was */
	ck_assert_uint_eq(H.set[kit_auth(2)->set]->n, 3);
}
END_TEST

/* They matched A, and one of them may have had any TTL below the longest. */
START_TEST(what_found_no_room_is_held_as_long_as_the_last_of_it)
{
	struct addr two = NS(2);
	struct breach b;
	char say[400];

	for (int i = 0; i < 40; i++)
		lies(2, "AB", i, i == 3 ? DAYS : HOURS);
	ck_assert_ptr_nonnull(any_at(&two));
	kit_wait(60);
	kit_shows(2, "AB", HOURS);
	ck_assert_int_ne(any_at(&two)->gone, NEVER);
	/* no key is matched by it ... */
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &b));
	law_say(&H, &b, &NOW, say, sizeof(say));
	ck_assert_ptr_nonnull(strstr(say, "192.0.2.2 showed more different"));
	/* ... and each may be in it, of whose record nothing was seen */
	kit_key('C', STAGE_RETIRING);
	ck_assert_int_ne(event_held_until(&H, kit_find('C'), true, &NOW, NULL),
	    0);
	kit_wait(20 * HOURS);
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
	ck_assert_int_gt(kit_until('B'), 0);
	kit_wait(4 * HOURS + 1);
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), 0);
	ck_assert(kit_allows(ACT_DEPLOY, 'B', &b));
}
END_TEST

START_TEST(the_sentence_names_the_server)
{
	struct guards gs;
	bool said = false;

	kit_find('B')->stage = STAGE_PUBLISHED;
	for (int i = 0; i < 40; i++)
		lies(2, "AB", i, HOURS);
	kit_shows(2, "AB", HOURS);
	guards_of(&H, kit_find('B'), &NOW, &gs);
	for (size_t i = 0; i < gs.n; i++)
		said = said ||
		    (gs.g[i].id == GUARD_HOLD && !gs.g[i].met &&
			gs.g[i].running &&
			strstr(gs.g[i].text,
			    "192.0.2.2 showed more different sets than can be "
			    "remembered: caches may hold any of them") != NULL);
	ck_assert(said);
}
END_TEST

/* Of one set with several TTLs only the longest is kept: it matches as ever. */
START_TEST(ttls_are_folded_before_sets)
{
	struct addr two = NS(2);
	struct breach b;

	for (int i = 0; i < 300; i++)
		kit_shows(2, "AB", HOURS + (uint32_t)i);
	ck_assert_uint_le(rows_at(&two), SIGHTINGS_ONE);
	ck_assert_ptr_null(any_at(&two));
	ck_assert(kit_allows(ACT_DEPLOY, 'B', &b));
	ck_assert_ptr_nonnull(kit_sighting(2, "AB", HOURS + 298));
	ck_assert_ptr_nonnull(kit_sighting(2, "AB", HOURS + 299));
}
END_TEST

START_TEST(what_is_folded_ends_with_the_last_of_it)
{
	int64_t began = NOW.elapsed;

	kit_shows(2, "A", 60);
	for (int i = 0; i < 42; i++) {
		kit_wait(600);
		kit_shows(2, "A", i == 0 ? DAYS : 60 + (uint32_t)i);
	}
	kit_shows(2, "AB", 60);
	/* at least ten are one row now, with the TTL of the second */
	ck_assert_int_gt(NOW.elapsed + kit_until('B'), began + 10 * 600 + DAYS);
}
END_TEST

/* What is dead goes first, and comes back with all of it after a silence. */
START_TEST(a_silence_opens_what_was_folded)
{
	struct addr two = NS(2);

	for (int i = 0; i < 40; i++) {
		lies(2, "A", i, 60);
		kit_wait(15 * MINUTES);
	}
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
	kit_wait(HOURS);
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
	ck_assert(any_at(&two)->gone < NOW.elapsed - HOURS);
	ck_assert_int_eq(kit_until('B'), 0);
	kit_silent(2);
	ck_assert_int_eq(any_at(&two)->gone, NEVER);
	ck_assert_int_eq(kit_until('B'), NEVER);
}
END_TEST

/* The others may have taken over any of it while they were not heard. */
START_TEST(one_that_is_silent_may_serve_what_was_folded_elsewhere)
{
	struct addr three = NS(3);

	for (int i = 0; i < 40; i++)
		lies(2, "AB", i, HOURS);
	kit_silent(3);
	ck_assert_uint_le(rows_at(&three), SIGHTINGS_ONE);
	ck_assert_int_eq(any_at(&three)->gone, NEVER);
}
END_TEST

static struct addr
far(int i)
{
	return addr_make(4,
	    (uint8_t[]){ 203, 0, (uint8_t)(i / 250), (uint8_t)(1 + i % 250) },
	    53);
}

/* Many name servers, each with its part; new ones all the time. */
START_TEST(name_servers_that_come_and_go_take_no_more_room)
{
	struct addr now_listed[60];
	struct owner *o = &H.own[0];

	for (int round = 0; round < 6; round++) {
		for (int i = 0; i < 60; i++) {
			struct glance g = lie("AB", round * 60 + i, HOURS);

			now_listed[i] = far(round * 60 + i);
			sighting_listed(&H, o, &now_listed[i], "ns.", 0, &NOW);
			sighting_note(&H, o, &now_listed[i], &g, &NOW);
		}
		sighting_unlisted(&H, o, now_listed, 60, &NOW);
		kit_wait(15 * MINUTES);
		sighting_prune(&H, o, NOW.elapsed);
		ck_assert_uint_le(o->n_seen,
		    SIGHTINGS_MAX + SIGHTINGS_LEFT + 1);
	}
	ck_assert_ptr_nonnull(fold_nowhere(o));
	/* the end of what they served is not forgotten */
	ck_assert_int_ne(kit_until('B'), 0);
}
END_TEST

/* One of those that are not remembered comes back, and has what it had. */
START_TEST(one_that_comes_back_unknown_may_serve_what_was_folded)
{
	struct owner *o = &H.own[0];
	struct addr one = NS(1), a;
	const struct sighting *nowhere;

	for (int i = 0; i < 300; i++) {
		struct glance g = lie("AB", i, HOURS);
		struct addr both[2] = { one, far(i) };

		sighting_listed(&H, o, &both[1], "ns.", 0, &NOW);
		sighting_note(&H, o, &both[1], &g, &NOW);
		sighting_unlisted(&H, o, both, 2, &NOW);
		kit_wait(60);
		sighting_unlisted(&H, o, &one, 1, &NOW);
		kit_wait(60);
		sighting_unlisted(&H, o, &one, 1, &NOW);
	}
	kit_wait(2 * HOURS);
	kit_shows(1, "AB", HOURS);
	sighting_prune(&H, o, NOW.elapsed);
	nowhere = fold_nowhere(o);
	ck_assert_ptr_nonnull(nowhere);
	ck_assert(!sighting_living(&H, nowhere, NOW.elapsed));
	ck_assert_int_eq(kit_until('B'), 0);
	a = far(0);
	ck_assert_uint_eq(rows_at(&a), 0);
	kit_look_at(0, 9, LOOK_SHOWN, "AB", HOURS);
	ck_assert_int_eq(kit_until('B'), HOURS + 1);
}
END_TEST

/* Aliases that go somewhere else each time. */
START_TEST(aliases_that_move_all_the_time_take_no_more_room)
{
	struct addr two = NS(2);
	struct glance g = { .look = LOOK_SHOWN, .ttl = HOURS };

	kit_ns(0, 2);
	for (int i = 0; i < 500; i++) {
		text_fmt(g.alias, sizeof(g.alias), "t%d.far.example.", i);
		sighting_note(&H, &H.own[0], &two, &g, &NOW);
		alias_grow(&H, &NOW);
		alias_settle(&H);
		ck_assert_uint_le(H.n_own, 1 + ALIAS_NODES);
		ck_assert_uint_le(rows_at(&two), SIGHTINGS_ONE);
	}
	ck_assert_int_ne(kit_until('B'), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("fold");
	TCase *t = tcase_create("fold");

	tcase_add_checked_fixture(t, setup, kit_end);
	tcase_add_test(t, another_set_in_each_answer_takes_no_more_room);
	tcase_add_test(t, what_found_no_room_is_held_as_long_as_the_last_of_it);
	tcase_add_test(t, the_sentence_names_the_server);
	tcase_add_test(t, ttls_are_folded_before_sets);
	tcase_add_test(t, what_is_folded_ends_with_the_last_of_it);
	tcase_add_test(t, a_silence_opens_what_was_folded);
	tcase_add_test(t,
	    one_that_is_silent_may_serve_what_was_folded_elsewhere);
	tcase_add_test(t, name_servers_that_come_and_go_take_no_more_room);
	tcase_add_test(t,
	    one_that_comes_back_unknown_may_serve_what_was_folded);
	tcase_add_test(t, aliases_that_move_all_the_time_take_no_more_room);
	suite_add_tcase(s, t);
	return kit_run(s);
}
