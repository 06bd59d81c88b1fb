/*
 * test_instance.c - several servers behind one address: each that was ever
 * heard of must comply (D12, D13).
 */
#include "core_kit.h"

#include "base/text.h"
#include "core/instance.h"

#define HOLD_1H (25 * HOURS + 20 * MINUTES + 1)

/* "AB@fra": shows these, and says who it is; "?": silent. */
static struct glance
says(const char *word)
{
	const char *at = strchr(word, '@');
	char set[16];
	struct glance g = { .look = LOOK_SHOWN, .ttl = HOURS };

	text_fmt(set, sizeof(set), "%.*s",
	    (int)(at != NULL ? at - word : (long)strlen(word)), word);
	if (strcmp(set, "?") == 0)
		g.look = LOOK_SILENT;
	else if (set[0] == 0)
		g.look = LOOK_NONE;
	else
		g.set = S(set);
	if (at != NULL)
		text_fmt(g.nsid, sizeof(g.nsid), "%s", at + 1);
	return g;
}

/* One pass; NULL ends the answers.  soa: the NSID of the other question. */
static void
pass(const char *soa, const char *one, const char *two, const char *three)
{
	const char *words[] = { one, two, three };
	struct glance g[3];
	struct addr a = NS(1);
	size_t n = 0;

	for (int i = 0; i < 3 && words[i] != NULL; i++)
		g[n++] = says(words[i]);
	if (owner_find_authority(&H.own[0], &a) == NULL)
		kit_ns(0, 1);
	instance_note(&H, &H.own[0], &a, g, n, soa, &NOW);
}

static bool
many(const char *soa)
{
	return instance_many(&H.own[0], kit_auth(1), soa, &NOW);
}

static bool
shown(void)
{
	return event_content_at(&H.own[0], kit_auth(1), &H, kit_find('B'));
}

static void
setup(void)
{
	kit_begin();
	kit_key('A', STAGE_DEPLOYED);
	kit_key('B', STAGE_GENERATED);
}

START_TEST(one_server_is_asked_once)
{
	pass("", "A", NULL, NULL);
	ck_assert(!many(""));
	pass("fra", "A", NULL, NULL);
	ck_assert(!many("") && !many("fra"));
	ck_assert_str_eq(kit_auth(1)->nsid, "fra");
	ck_assert_uint_eq(H.own[0].n_inst, 0);
	pass("", "AB", NULL, NULL); /* it no longer says */
	ck_assert(!many("fra"));
	ck_assert_uint_eq(H.own[0].n_inst, 0);
}
END_TEST

START_TEST(another_name_makes_two)
{
	pass("fra", "A", NULL, NULL);
	ck_assert(many("ams"));
	pass("ams", "A", "A@ams", "A@fra");
	ck_assert_uint_eq(H.own[0].n_inst, 2);
	ck_assert(many("") && many("fra"));
}
END_TEST

/* D13 */
START_TEST(a_stale_one_blocks_and_is_named)
{
	struct guards gs;
	char label[ADDR_TEXT + 16];

	pass("fra", "A", NULL, NULL);
	pass("ams", "AB", "AB@ams", "A@fra");
	ck_assert(!shown());
	ck_assert_int_eq(kit_until('B'), NEVER);
	guards_of(&H, kit_find('B'), &NOW, &gs);
	for (size_t i = 0; i < gs.n; i++)
		if (strcmp(guard_label(&gs.g[i], label), "shown:192.0.2.1") ==
		    0)
			ck_assert_ptr_nonnull(strstr(gs.g[i].text,
			    "192.0.2.1 (fra) still answers without it"));
	kit_wait(15 * MINUTES);
	pass("ams", "AB", "AB@fra", "AB@ams");
	ck_assert(shown());
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
}
END_TEST

/* Not heard is not absent. */
START_TEST(one_that_is_not_heard_may_serve_what_it_did)
{
	struct guards gs;
	bool named = false;

	pass("fra", "A", NULL, NULL);
	pass("ams", "A", "A@ams", "A@fra");
	for (int i = 0; i < 100; i++) {
		kit_wait(6 * HOURS);
		pass("ams", "AB", "AB@ams", "AB@ams");
		ck_assert(!shown());
		ck_assert_int_eq(kit_until('B'), NEVER);
	}
	guards_of(&H, kit_find('B'), &NOW, &gs);
	for (size_t i = 0; i < gs.n; i++)
		named = named ||
		    strstr(gs.g[i].text,
			"fra was last heard to answer without it; it "
			"counts until it is heard again or 30 days have "
			"passed: if it is out of service, skip "
			"shown:192.0.2.1") != NULL;
	ck_assert(named);
	pass("ams", "AB", "AB@fra", "AB@ams");
	ck_assert(shown());
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
}
END_TEST

START_TEST(one_that_is_not_heard_for_a_month_is_forgotten)
{
	pass("fra", "A", NULL, NULL);
	pass("ams", "A", "A@ams", "A@fra");
	for (int i = 0; i < 4 * 31; i++) {
		kit_wait(6 * HOURS);
		pass("ams", "AB", "AB@ams", "AB@ams");
	}
	ck_assert_uint_eq(H.own[0].n_inst, 0);
	ck_assert(shown());
}
END_TEST

/* It was heard of, by another question, and never about the records. */
START_TEST(one_that_nobody_heard_may_serve_anything)
{
	pass("fra", "A", NULL, NULL);
	kit_wait(15 * MINUTES);
	pass("ams", "AB", "AB@fra", NULL);
	ck_assert_uint_eq(H.own[0].n_inst, 2);
	ck_assert(!shown());
	ck_assert_int_eq(kit_until('B'), NEVER);
	kit_wait(15 * MINUTES);
	pass("ams", "AB", "AB@fra", "AB@ams");
	ck_assert(shown());
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
}
END_TEST

START_TEST(the_worst_answer_stands_for_the_address)
{
	pass("", "AB", "A", "AB");
	ck_assert(!shown());
	ck_assert_int_eq(kit_until('B'), NEVER);
	/* and the others are no less true */
	ck_assert_int_eq(event_held_until(&H, kit_find('B'), true, &NOW, NULL),
	    NEVER);
	kit_wait(15 * MINUTES);
	pass("", "AB", "?", "AB");
	ck_assert_int_eq(kit_auth(1)->look, LOOK_SILENT);
	pass("", "AB", "AB", "AB");
	ck_assert(shown());
}
END_TEST

/* D12, without a name: old, new, old again. */
START_TEST(one_that_comes_and_goes_is_asked_again)
{
	static const char *const row[] = { "A", "AB", "A", "AB", "AB" };

	for (int i = 0; i < 5; i++) {
		pass("", row[i], NULL, NULL);
		ck_assert_msg(many("") == (i >= 2), "pass %d", i);
		kit_wait(15 * MINUTES);
	}
	kit_wait(31 * DAYS);
	ck_assert(!many(""));
}
END_TEST

START_TEST(more_than_can_be_told_apart_block_only_if_they_differ)
{
	char word[16], letters[2] = "C";

	pass("n0", "A", NULL, NULL);
	for (int i = 1; i < 40; i++) {
		text_fmt(word, sizeof(word), "A@n%d", i);
		pass(word + 2, "A", word, NULL);
	}
	/* One more stands for those that are alike. */
	ck_assert_uint_eq(H.own[0].n_inst, INSTANCES_MAX + 1);
	ck_assert_str_eq(H.own[0].blocked, "");
	for (int i = 0; i <= INSTANCES_MAX; i++, letters[0]++) {
		text_fmt(word, sizeof(word), "%s@m%d", letters, i);
		pass(word + 2, letters, word, NULL);
	}
	ck_assert_ptr_nonnull(strstr(H.own[0].blocked, "more than 16 servers"));
}
END_TEST

/* One of 17 alike never follows, and is never heard again. */
START_TEST(one_that_lost_its_name_may_serve_what_it_did)
{
	char word[16];

	pass("n0", "A", NULL, NULL);
	for (int i = 1; i <= INSTANCES_MAX; i++) {
		kit_wait(15 * MINUTES);
		text_fmt(word, sizeof(word), "A@n%d", i);
		pass(word + 2, "A", word, i == 1 ? "A@n0" : NULL);
	}
	for (int day = 0; day < 31; day++) {
		for (int i = 1; i <= INSTANCES_MAX; i++) {
			kit_wait(15 * MINUTES);
			text_fmt(word, sizeof(word), "AB@n%d", i);
			pass(word + 3, "AB", word, NULL);
		}
		ck_assert_str_eq(H.own[0].blocked, "");
		if (day < 30) {
			ck_assert(!shown());
			ck_assert_int_eq(kit_until('B'), NEVER);
		}
		kit_wait(20 * HOURS);
	}
	pass("n1", "AB", "AB@n1", NULL);
	ck_assert_int_ne(kit_until('B'), NEVER);
}
END_TEST

/* Whom there was no room for is not forgotten with the pass. */
START_TEST(those_without_room_may_serve_anything)
{
	char word[16], letters[2] = "C";

	pass("n0", "A", NULL, NULL);
	for (int i = 1; i <= 200; i++) {
		kit_wait(15 * MINUTES);
		text_fmt(word, sizeof(word), "%s@n%d", letters, i);
		pass(word + 2, letters, word, NULL);
		letters[0] = (char)('C' + i % 50);
	}
	ck_assert_uint_le(H.own[0].n_inst, 2 * INSTANCES_MAX + 1);
	pass("n1", "AB", "AB@n1", NULL); /* after the last of the others */
	H.own[0].blocked = "";
	for (int i = 0; i < 40; i++) { /* all that have a name follow */
		for (size_t j = 0; j < H.own[0].n_inst; j++) {
			if (strchr(H.own[0].inst[j].nsid, ' ') != NULL)
				continue;
			text_fmt(word, sizeof(word), "AB@%s",
			    H.own[0].inst[j].nsid);
			kit_wait(1 * HOURS);
			pass(word + 3, "AB", word, NULL);
			ck_assert(!shown() || NOW.elapsed > 130 * DAYS);
		}
		ck_assert_str_eq(H.own[0].blocked, "");
	}
	kit_wait(10 * DAYS);
	pass("n1", "AB", "AB@n1", NULL);
	ck_assert_uint_le(H.own[0].n_inst, INSTANCES_MAX);
}
END_TEST

/* The whole address goes from one TTL to the next, and each time one more
 * server is behind it. */
START_TEST(those_without_a_name_are_few)
{
	struct addr a = NS(1);

	kit_ns(0, 1);
	for (int i = 0; i < 60 * INSTANCES_MAX; i++) {
		struct glance g = says("A");
		int round = i / INSTANCES_MAX, name = i % INSTANCES_MAX;

		kit_wait(1 * MINUTES);
		text_fmt(g.nsid, sizeof(g.nsid), "n%d",
		    name == 0 ? 1000 + round : name);
		g.ttl += (uint32_t)round;
		instance_note(&H, &H.own[0], &a, &g, 1, g.nsid, &NOW);
		ck_assert_uint_le(H.own[0].n_inst, 2 * INSTANCES_MAX + 1);
	}
	ck_assert_ptr_nonnull(strstr(H.own[0].blocked, "more than 16 servers"));
}
END_TEST

/* L_s, rule tau-0: as with a new authority. */
START_TEST(a_new_one_may_have_served_the_old_set_until_now)
{
	pass("fra", "A", NULL, NULL);
	kit_wait(6 * HOURS);
	pass("fra", "AB", NULL, NULL);
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
	kit_wait(20 * HOURS);
	pass("ams", "AB", "AB@ams", "AB@fra");
	ck_assert(shown());
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
	kit_wait(20 * HOURS);
	pass("ams", "AB", "AB@ams", "AB@fra"); /* it is known */
	ck_assert_int_eq(kit_until('B'), HOLD_1H - 20 * HOURS);
	/* one that only another question heard */
	pass("lon", "AB", "AB@ams", "AB@fra");
	ck_assert_int_eq(kit_until('B'), NEVER);
	pass("lon", "AB", "AB@lon", "AB@fra");
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
	/* what is over is over */
	kit_wait(26 * HOURS);
	pass("lon", "AB", "AB@lon", "AB@fra");
	pass("rom", "AB", "AB@rom", "AB@fra");
	ck_assert_int_eq(kit_until('B'), 0);
}
END_TEST

/* What lives anywhere, not only here. */
START_TEST(a_new_one_may_have_served_what_another_address_did)
{
	pass("fra", "AB", NULL, NULL);
	kit_shows(2, "A", HOURS);
	kit_wait(6 * HOURS);
	pass("fra", "AB", NULL, NULL);
	kit_shows(2, "AB", HOURS);
	kit_wait(20 * HOURS);
	kit_shows(2, "AB", HOURS);
	pass("ams", "AB", "AB@ams", "AB@fra");
	ck_assert_int_eq(kit_until('B'), HOLD_1H);
}
END_TEST

/* A name for each process: it takes what an instance that is not heard any
 * more takes, and no longer. */
START_TEST(names_that_never_come_back_do_not_block_for_ever)
{
	char word[16];
	int64_t begun = NOW.elapsed;

	pass("p0", "A", NULL, NULL);
	for (int i = 1; kit_until('B') != 0 && i < 400; i++) {
		kit_wait(6 * HOURS);
		text_fmt(word, sizeof(word), "AB@p%d", i);
		pass(word + 3, "AB", word, NULL);
	}
	ck_assert_int_ge(NOW.elapsed - begun, POLICY_MEMORY);
	ck_assert_int_le(NOW.elapsed - begun,
	    POLICY_MEMORY + HOLD_1H + 12 * HOURS);
	ck_assert_str_eq(H.own[0].blocked, "");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("instance");
	TCase *t = tcase_create("instance");

	tcase_add_checked_fixture(t, setup, kit_end);
	tcase_add_test(t, one_server_is_asked_once);
	tcase_add_test(t, another_name_makes_two);
	tcase_add_test(t, a_stale_one_blocks_and_is_named);
	tcase_add_test(t, one_that_is_not_heard_may_serve_what_it_did);
	tcase_add_test(t, one_that_is_not_heard_for_a_month_is_forgotten);
	tcase_add_test(t, one_that_nobody_heard_may_serve_anything);
	tcase_add_test(t, the_worst_answer_stands_for_the_address);
	tcase_add_test(t, one_that_comes_and_goes_is_asked_again);
	tcase_add_test(t,
	    more_than_can_be_told_apart_block_only_if_they_differ);
	tcase_add_test(t, one_that_lost_its_name_may_serve_what_it_did);
	tcase_add_test(t, those_without_room_may_serve_anything);
	tcase_add_test(t, those_without_a_name_are_few);
	tcase_add_test(t, a_new_one_may_have_served_the_old_set_until_now);
	tcase_add_test(t, a_new_one_may_have_served_what_another_address_did);
	tcase_add_test(t, names_that_never_come_back_do_not_block_for_ever);
	suite_add_tcase(s, t);
	return kit_run(s);
}
