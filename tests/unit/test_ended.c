/*
 * test_ended.c - a silent name server of a static zone is let go when the
 * last signature over what it may serve has ended; in doubt, never (D11).
 */
#include "core_kit.h"

#include <stdio.h>

#include "base/when.h"
#include "core/ended.h"
#include "core/fold.h"

#define LIFE (14 * DAYS)

static struct owner *
O(void)
{
	return &H.own[0];
}

static struct glance
signed_at(const char *set, time_t from, int64_t life)
{
	return (struct glance){ .look = LOOK_SHOWN,
		.set = S(set),
		.ttl = HOURS,
		.one_signature = true,
		.records_signed = { from, from + (time_t)life } };
}

static void
look(int i, const struct glance *g)
{
	struct addr a = NS(i);

	if (owner_find_authority(O(), &a) == NULL)
		kit_ns(0, i);
	sighting_note(&H, O(), &a, g, &NOW);
}

static void
shows(int i, const char *set, time_t from)
{
	struct glance g = signed_at(set, from, LIFE);

	look(i, &g);
}

static int
set_of(const char *set)
{
	struct tlsa_set s = S(set);

	return host_set(&H, &s);
}

static time_t
end_of(const char *set)
{
	return ended_at(&H, O(), set_of(set), &NOW);
}

static struct sighting *
row(int i, const char *set)
{
	return (struct sighting *)kit_sighting(i, set, HOURS);
}

/* A at both, signed now; an hour later the second is silent, and the first
 * has A and B, signed a minute ago. */
static void
begin(void)
{
	kit_begin();
	kit_bare();
	O()->is_static = true;
	shows(1, "A", NOW.wall);
	shows(2, "A", NOW.wall);
	kit_wait(HOURS);
	kit_silent(2);
	shows(1, "AB", NOW.wall - 60);
}

static void
pass(void)
{
	shows(1, "AB", NOW.wall);
	kit_silent(2);
	ended_settle(&H, &NOW);
}

static void
until_ended(void)
{
	for (int i = 0; i < 61; i++) {
		kit_wait(6 * HOURS);
		pass();
	}
	ck_assert(ended(O(), set_of("A")));
}

/* ---- when ---- */

START_TEST(it_ends_a_day_after_the_longest_life_from_when_it_had_left)
{
	time_t end;

	begin();
	end = NOW.wall + 1 + LIFE + DAYS;
	ck_assert_int_eq(end_of("A"), end);
	while (NOW.wall + 6 * HOURS <= end) {
		kit_wait(6 * HOURS);
		pass();
	}
	kit_wait(end - NOW.wall);
	pass();
	ck_assert(row(2, "A")->gone == NEVER);
	kit_wait(1);
	pass();
	ck_assert_int_eq(row(2, "A")->gone, NOW.elapsed + 1);
	ck_assert(ended(O(), set_of("A")));
	ck_assert(!ended(O(), set_of("AB")));
}
END_TEST

START_TEST(it_may_have_been_served_with_a_longer_ttl_until_then)
{
	const struct sighting *s;

	begin();
	for (size_t i = 0; i < O()->n_seen; i++)
		O()->seen[i].ttl = HOURS; /* as if all others were forgotten */
	until_ended();
	s = kit_sighting(2, "A", DAYS);
	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(s->gone, row(2, "A")->gone);
	ck_assert(s->ended);
	s = kit_sighting(1, "A", DAYS);
	ck_assert(s == NULL || s->gone != row(2, "A")->gone);
}
END_TEST

START_TEST(the_longest_life_is_that_of_the_zone_and_of_its_keys)
{
	struct glance g;
	struct owner *other;
	struct addr a = NS(1);
	time_t end;

	begin();
	end = end_of("A");
	other = host_owner(&H, "_465._tcp.mx.example.", 465);
	kit_ns(1, 1);
	g = signed_at("A", NOW.wall, LIFE + HOURS);
	sighting_note(&H, other, &a, &g, &NOW);
	ck_assert_int_eq(end_of("A"), end + HOURS);
	g.keys_signed = (struct span){ NOW.wall, NOW.wall + LIFE + DAYS };
	sighting_note(&H, other, &a, &g, &NOW);
	ck_assert_int_eq(end_of("A"), end + DAYS);
	g.keys_signed.until = NOW.wall + 9; /* that is remembered */
	sighting_note(&H, other, &a, &g, &NOW);
	ck_assert_int_eq(end_of("A"), end + DAYS);
	H.own[1].zone = "another.";
	ck_assert_int_eq(end_of("A"), end);
}
END_TEST

START_TEST(an_end_that_was_seen_counts)
{
	time_t end;

	begin();
	end = end_of("A");
	for (size_t i = 0; i < O()->n_seen; i++)
		O()->seen[i].signed_until = end;
	ck_assert_int_eq(end_of("A"), end + DAYS);
}
END_TEST

/* Which way the record of it went, somebody may have it still. */
START_TEST(no_life_of_the_zone_is_too_long_ago)
{
	static const char *const OF[] = { "C", "A" };
	struct glance g;
	time_t end;

	begin();
	end = end_of("A");
	if (_i < 2) { /* with another signature beside it */
		g = signed_at(OF[_i], NOW.wall - 9, LIFE + DAYS);
		g.one_signature = false;
		look(3, &g);
		if (_i == 1) { /* and of the set itself there is no end */
			ck_assert_int_eq(end_of("A"), 0);
			ck_assert_int_eq(row(1, "A")->signed_life, LIFE + DAYS);
			return;
		}
	} else if (_i == 2) { /* what showed it has no row of it */
		kit_auth(1)->records_signed = (struct span){ 9,
			9 + LIFE + DAYS };
	} else {
		kit_auth(1)->keys_signed = (struct span){ 9, 9 + LIFE + DAYS };
	}
	ck_assert_int_eq(end_of("A"), end + DAYS);
}
END_TEST

/* Of a state in which no set had its signatures. */
START_TEST(what_the_silent_one_showed_last_counts)
{
	time_t end;

	begin();
	end = end_of("A");
	kit_auth(2)->records_signed.until = end;
	kit_auth(2)->records_signed.from = end - LIFE;
	ck_assert_int_eq(end_of("A"), end + DAYS);
	for (size_t i = 0; i < O()->n_seen; i++)
		O()->seen[i].gone = NOW.elapsed;
	ck_assert_int_eq(end_of("A"), end);
}
END_TEST

/* While the machine is off, nobody counts. */
START_TEST(what_is_not_counted_makes_it_later)
{
	time_t end;

	begin();
	end = end_of("A");
	NOW.wall += 20 * HOURS;
	pass();
	ck_assert_int_eq(end_of("A"), end + 20 * HOURS);
}
END_TEST

/* ---- doubt ---- */

static void
no_doubt(void)
{
}

static void
not_static(void)
{
	O()->is_static = false;
}

static void
no_trust(void)
{
	NOW.trusted = false;
}

static void
no_signature(void)
{
	for (size_t i = 0; i < O()->n_seen; i++)
		O()->seen[i].signed_until = 0;
}

static void
two_signatures(void)
{
	struct glance g = signed_at("A", NOW.wall - HOURS, LIFE);

	g.one_signature = false;
	look(3, &g);
	kit_silent(3);
}

static void
no_times(void)
{
	struct glance g = signed_at("A", 0, 0);

	look(3, &g);
	kit_silent(3);
}

static void
an_instance(void)
{
	O()->inst = calloc(1, sizeof(*O()->inst));
	O()->n_inst = O()->cap_inst = 1;
	O()->inst[0].auth = NS(1);
	O()->inst[0].set = set_of("A");
}

static void
an_unheard_instance(void)
{
	an_instance();
	O()->inst[0].set = -1;
}

static void
the_primary(void)
{
	O()->has_primary = true;
	owner_set_primary(O(), S("A"));
}

static void
another_one(void)
{
	shows(3, "A", NOW.wall - HOURS);
}

static void
bogus(void)
{
	kit_look_at(0, 2, LOOK_BOGUS, "", 0);
}

static void
not_looked_at(void)
{
	kit_auth(2)->fresh = false;
}

static void
no_witness(void)
{
	kit_silent(1);
}

static void
only_a_denial(void)
{
	kit_shows(1, "", HOURS);
}

static void
only_a_word(void)
{
	row(1, "AB")->first_seen = NEVER;
}

static void
never_left(void)
{
	for (size_t i = 0; i < O()->n_seen; i++)
		O()->seen[i].left_at = NEVER;
}

static void
signed_anew(void)
{
	kit_wait(HOURS);
	shows(3, "A", NOW.wall);
	shows(1, "AB", NOW.wall + 1);
	kit_silent(2);
	kit_silent(3);
}

static void
signed_anew_nearby(void)
{
	host_owner(&H, "_465._tcp.mx.example.", 465);
	H.own[1].seen = calloc(1, sizeof(struct sighting));
	H.own[1].n_seen = H.own[1].cap_seen = 1;
	H.own[1].seen[0].resigned = true;
}

static const struct {
	const char *name;
	void (*bring)(void);
	bool ends;
} DOUBTS[] = {
	{ "none", no_doubt, true },
	{ "the setting", not_static, false },
	{ "the clock", no_trust, false },
	{ "no signature", no_signature, false },
	{ "two signatures", two_signatures, false },
	{ "no times of it", no_times, false },
	{ "an instance", an_instance, false },
	{ "an instance that was not heard", an_unheard_instance, false },
	{ "the primary", the_primary, false },
	{ "another one", another_one, false },
	{ "bogus", bogus, false },
	{ "not looked at", not_looked_at, false },
	{ "no witness", no_witness, false },
	{ "only a denial", only_a_denial, false },
	{ "only another's word", only_a_word, false },
	{ "never left", never_left, false },
	{ "signed anew", signed_anew, false },
	{ "signed anew nearby", signed_anew_nearby, false },
};

START_TEST(in_doubt_there_is_no_end)
{
	begin();
	DOUBTS[_i].bring();
	ck_assert_msg((end_of("A") != 0) == DOUBTS[_i].ends, "%s",
	    DOUBTS[_i].name);
}
END_TEST

/* ---- that it had left ---- */

START_TEST(an_older_signature_or_an_unclear_one_is_no_sign_of_it)
{
	struct glance g;

	kit_begin();
	O()->is_static = true;
	shows(1, "A", NOW.wall);
	shows(1, "C", NOW.wall); /* fell back */
	ck_assert(row(1, "A")->left_at == NEVER);
	g = signed_at("C", NOW.wall + 1, LIFE);
	g.one_signature = false;
	look(1, &g);
	ck_assert(row(1, "A")->left_at == NEVER);
	shows(1, "C", NOW.wall + 1);
	ck_assert_int_eq(row(1, "A")->left_at, NOW.elapsed + 1);
}
END_TEST

START_TEST(a_gap_in_which_nobody_was_heard_begins_it_anew)
{
	begin();
	kit_wait(DAYS);
	if (_i == 0) { /* no look */
		kit_wait(3 * HOURS);
	} else if (_i == 3) { /* only one that lags */
		kit_silent(1);
		shows(3, "A", NOW.wall - DAYS - HOURS);
		kit_wait(3 * HOURS);
		kit_silent(1);
		shows(3, "A", NOW.wall - DAYS - 4 * HOURS);
	} else if (_i == 1) { /* no answer */
		kit_silent(1);
		kit_wait(3 * HOURS);
		kit_silent(1);
	} else { /* the machine was off */
		NOW.wall += 3 * HOURS;
	}
	kit_silent(2);
	ck_assert(row(2, "A")->left_at == NEVER);
	shows(1, "AB", NOW.wall);
	ck_assert_int_eq(row(2, "A")->left_at, NOW.elapsed + 1);
}
END_TEST

START_TEST(a_shorter_gap_does_not)
{
	int64_t left;

	begin();
	left = row(2, "A")->left_at;
	kit_wait(DAYS);
	kit_silent(1);
	pass();
	ck_assert_int_eq(row(2, "A")->left_at, left);
}
END_TEST

/* Signers let a signature begin an hour before it is made: the zone may have
 * had the set again meanwhile. */
START_TEST(a_signature_that_was_not_known_then_begins_it_anew)
{
	begin();
	shows(3, "A", NOW.wall - 60);
	ck_assert(row(2, "A")->left_at == NEVER);
	ck_assert(!row(2, "A")->resigned);
	kit_wait(DAYS);
	kit_silent(3);
	shows(1, "AB", NOW.wall - DAYS - 60);
	ck_assert(row(2, "A")->left_at == NEVER);
	shows(1, "AB", NOW.wall - DAYS - 59);
	ck_assert_int_eq(row(2, "A")->left_at, NOW.elapsed + 1);
	shows(3, "A", NOW.wall - DAYS - 60); /* it is still there */
	ck_assert_int_eq(row(2, "A")->left_at, NOW.elapsed + 1);
}
END_TEST

static void
primary_has(const char *set)
{
	O()->has_primary = true;
	owner_set_primary(O(), S(set));
	ended_settle(&H, &NOW);
}

START_TEST(what_the_primary_has_again_has_not_left)
{
	begin();
	O()->has_primary = false; /* what it had is of another pass */
	owner_set_primary(O(), S("A"));
	ended_settle(&H, &NOW);
	ck_assert(row(2, "A")->left_at != NEVER);
	primary_has("A");
	ck_assert(row(2, "A")->left_at == NEVER);
	kit_wait(HOURS);
	primary_has("AB");
	shows(1, "AB", NOW.wall - HOURS); /* from before, for all we know */
	ck_assert(row(2, "A")->left_at == NEVER);
	shows(1, "AB", NOW.wall - HOURS + 1);
	ck_assert_int_eq(row(2, "A")->left_at, NOW.elapsed + 1);
	NOW.wall -= DAYS; /* what was seen was */
	primary_has("A");
	ck_assert_int_eq(row(2, "A")->signed_from, NOW.wall + DAYS - HOURS);
}
END_TEST

START_TEST(by_a_clock_that_is_not_trusted_every_later_signature_is_anew)
{
	begin();
	NOW.wall += 20 * HOURS; /* a jump */
	NOW.trusted = false;
	shows(3, "A", NOW.wall - 20 * HOURS - 30);
	ck_assert(row(2, "A")->resigned);
}
END_TEST

/* ---- facts are of the set ---- */

START_TEST(a_new_row_knows_what_is_known_of_its_set)
{
	struct addr two = NS(2);

	begin();
	sighting_keep(&H, O(), &two, set_of("A"), 99, &NOW);
	ck_assert_int_eq(kit_sighting(2, "A", 99)->left_at,
	    row(2, "A")->left_at);
	ck_assert_int_eq(kit_sighting(2, "A", 99)->signed_until,
	    row(2, "A")->signed_until);
}
END_TEST

START_TEST(what_another_behind_the_address_shows_counts)
{
	struct glance g;
	struct addr one = NS(1);

	begin();
	kit_wait(HOURS);
	shows(1, "AB", NOW.wall);
	g = signed_at("A", NOW.wall, LIFE);
	sighting_also(&H, O(), &one, &g, &NOW);
	ck_assert(row(2, "A")->resigned);
}
END_TEST

START_TEST(a_mere_word_counts_for_nothing)
{
	struct glance g = { .look = LOOK_SHOWN,
		.set = S("A"),
		.ttl = HOURS,
		.vouched = true };

	begin();
	look(3, &g);
	ck_assert_int_eq(row(2, "A")->signed_until, NOW.wall - HOURS + LIFE);
}
END_TEST

/* ---- for ever ---- */

START_TEST(what_has_ended_is_not_taken_to_be_served_again)
{
	struct addr two = NS(2);

	begin();
	until_ended();
	for (int i = 0; i < 3; i++) {
		kit_silent(1);
		kit_silent(2);
		sighting_keep(&H, O(), &two, set_of("A"), HOURS, &NOW);
		sighting_keep(&H, O(), &two, set_of("A"), 77, &NOW);
		ended_settle(&H, &NOW);
		kit_wait(10 * DAYS);
	}
	for (size_t i = 0; i < O()->n_seen; i++)
		ck_assert(O()->seen[i].set != set_of("A") ||
		    O()->seen[i].gone != NEVER);
}
END_TEST

START_TEST(until_somebody_shows_it)
{
	begin();
	until_ended();
	kit_wait(3 * DAYS);
	pass();
	shows(3, "A", NOW.wall);
	ck_assert(row(2, "A")->resigned);
	ck_assert(!ended(O(), set_of("A")));
	ck_assert(row(2, "A")->gone == NEVER);
	ck_assert(row(1, "A")->gone != NEVER);
}
END_TEST

/* And those that answered may have begun to only then; those that left may have
 * served it until they did. */
START_TEST(then_the_others_may_have_shown_it_until_now)
{
	struct addr listed[] = { NS(1), NS(3) };

	begin();
	until_ended();
	shows(3, "AB", NOW.wall);
	kit_wait(2 * DAYS);
	sighting_unlisted(&H, O(), listed, 2, &NOW);
	kit_wait(2 * DAYS);
	sighting_unlisted(&H, O(), listed, 2, &NOW);
	ck_assert_ptr_null(kit_auth(2));
	shows(3, "A", NOW.wall);
	ck_assert_int_eq(row(1, "A")->gone, NOW.elapsed + 1);
	ck_assert_int_eq(row(2, "A")->gone, NOW.elapsed + 1);
	ck_assert(row(3, "A")->gone == NEVER);
}
END_TEST

START_TEST(or_the_primary_has_it)
{
	begin();
	until_ended();
	primary_has("A");
	ck_assert(!ended(O(), set_of("A")));
	ck_assert(row(2, "A")->gone == NEVER);
	ck_assert(row(2, "A")->left_at == NEVER);
	primary_has("AB");
	ck_assert(!ended(O(), set_of("A")));
}
END_TEST

START_TEST(or_the_word_is_taken_back)
{
	begin();
	until_ended();
	O()->is_static = false;
	ended_settle(&H, &NOW);
	ck_assert(!ended(O(), set_of("A")));
}
END_TEST

/* Many sets at the second one. */
static void
crowd(char from, char to)
{
	for (char c = from; c <= to; c++)
		kit_shows(2, (char[]){ c, 0 }, HOURS);
}

START_TEST(what_is_folded_has_not_ended)
{
	bool any = false;

	begin();
	until_ended();
	kit_wait(2 * DAYS);
	crowd('C', 'i');
	for (size_t i = 0; i < O()->n_seen; i++) {
		bool other = !tlsa_set_is_any(H.set[O()->seen[i].set]);

		O()->seen[i].resigned = other;
		O()->seen[i].signed_life = other ? LIFE : 0;
	}
	crowd('j', 'z');
	for (size_t i = 0; i < O()->n_seen; i++) {
		const struct sighting *s = &O()->seen[i];

		if (!tlsa_set_is_any(H.set[s->set]))
			continue;
		any = true;
		ck_assert(!s->ended);
		ck_assert_int_eq(s->signed_until, 0);
		ck_assert(s->resigned);
		ck_assert_int_eq(s->signed_life, LIFE);
	}
	ck_assert(any);
}
END_TEST

START_TEST(nor_what_those_showed_who_left)
{
	begin();
	until_ended();
	O()->seen = realloc(O()->seen, 400 * sizeof(*O()->seen));
	O()->cap_seen = 400;
	while (O()->n_seen < 300) {
		uint8_t n = (uint8_t)(O()->n_seen % 250);
		struct sighting *s = &O()->seen[O()->n_seen++];

		*s = *row(2, "A");
		s->ttl = (uint32_t)O()->n_seen;
		s->auth = addr_make(4, (uint8_t[]){ 10, 0, 0, n }, 53);
	}
	fold(&H, O());
	ck_assert_ptr_nonnull(fold_nowhere(O()));
	ck_assert(!fold_nowhere(O())->ended);
}
END_TEST

/* ---- the guards ---- */

START_TEST(a_silent_one_is_let_go_for_the_keys_that_it_can_only_have)
{
	struct key *a, *b;

	begin();
	kit_key('A', STAGE_RETIRING);
	kit_key('B', STAGE_GENERATED);
	kit_key('C', STAGE_GENERATED);
	a = kit_find('A');
	b = kit_find('B');
	ck_assert(!event_content_at(O(), kit_auth(2), &H, b));
	until_ended();
	ck_assert(event_content_at(O(), kit_auth(2), &H, b));
	ck_assert(event_content_at(O(), kit_auth(2), &H, a));
	ck_assert(!event_content_at(O(), kit_auth(2), &H, kit_find('C')));
	ck_assert(!event_dropped_at(O(), kit_auth(2), &H, a));
	ck_assert(event_dropped_at(O(), kit_auth(2), &H, kit_find('C')));
}
END_TEST

static void
nothing_open(void)
{
	for (size_t i = 0; i < O()->n_seen; i++)
		if (addr_cmp(&O()->seen[i].auth, &kit_auth(2)->addr) == 0)
			O()->seen[i].gone = NOW.elapsed;
}

static void
never_heard(void)
{
	kit_auth(2)->records_signed = (struct span){ 0, 0 };
}

static void
shown_by_nobody(void)
{
	row(2, "A")->gone = NEVER;
}

START_TEST(it_is_not_let_go)
{
	static void (*const bring[])(void) = { not_static, bogus, not_looked_at,
		nothing_open, shown_by_nobody, no_witness, only_a_word,
		never_heard };

	begin();
	until_ended();
	ck_assert(ended_follows(&H, O(), kit_auth(2)));
	bring[_i]();
	ck_assert_msg(!ended_follows(&H, O(), kit_auth(2)), "case %d", _i);
}
END_TEST

static const struct guard *
guard(char key, enum guard_id id)
{
	static struct guards gs;

	guards_of(&H, kit_find(key), &NOW, &gs);
	for (size_t i = 0; i < gs.n; i++)
		if (gs.g[i].id == id &&
		    addr_cmp(&gs.g[i].addr, &kit_auth(2)->addr) == 0)
			return &gs.g[i];
	ck_abort_msg("no such guard");
	return NULL;
}

START_TEST(people_are_told_until_when_and_why)
{
	char when[32], want[80];

	begin();
	pass();
	kit_key('B', STAGE_GENERATED);
	kit_key('A', STAGE_RETIRING);
	snprintf(want, sizeof(want), "no signature is left by %s",
	    when_minute(end_of("A"), when));
	ck_assert(!guard('B', GUARD_SHOWN)->met);
	ck_assert_ptr_nonnull(strstr(guard('B', GUARD_SHOWN)->text, want));
	never_heard();
	ck_assert_ptr_null(strstr(guard('B', GUARD_SHOWN)->text,
	    "no signature"));
	kit_auth(2)->records_signed = kit_auth(1)->records_signed;
	/* The other set has A as well, and is shown. */
	ck_assert_ptr_null(strstr(guard('A', GUARD_GONE)->text,
	    "no signature"));
	until_ended();
	ck_assert(guard('B', GUARD_SHOWN)->met);
	ck_assert_ptr_nonnull(strstr(guard('B', GUARD_SHOWN)->text,
	    "ended with its signatures"));
	kit_wait(HOURS);
	shows(1, "B", NOW.wall);
	kit_silent(2);
	snprintf(want, sizeof(want), "no signature is left by %s",
	    when_minute(end_of("AB"), when));
	ck_assert_ptr_nonnull(strstr(guard('A', GUARD_GONE)->text, want));
	for (int i = 0; i < 61; i++) {
		kit_wait(6 * HOURS);
		shows(1, "B", NOW.wall);
		kit_silent(2);
		ended_settle(&H, &NOW);
	}
	ck_assert(guard('A', GUARD_GONE)->met);
	ck_assert_ptr_nonnull(strstr(guard('A', GUARD_GONE)->text,
	    "ended with its signatures"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ended");
	TCase *t = tcase_create("static");

	tcase_add_checked_fixture(t, NULL, kit_end);
	tcase_add_test(t,
	    it_ends_a_day_after_the_longest_life_from_when_it_had_left);
	tcase_add_test(t, it_may_have_been_served_with_a_longer_ttl_until_then);
	tcase_add_test(t, the_longest_life_is_that_of_the_zone_and_of_its_keys);
	tcase_add_test(t, an_end_that_was_seen_counts);
	tcase_add_loop_test(t, no_life_of_the_zone_is_too_long_ago, 0, 4);
	tcase_add_test(t, what_the_silent_one_showed_last_counts);
	tcase_add_test(t, what_is_not_counted_makes_it_later);
	tcase_add_loop_test(t, in_doubt_there_is_no_end, 0,
	    (int)(sizeof(DOUBTS) / sizeof(DOUBTS[0])));
	tcase_add_test(t,
	    an_older_signature_or_an_unclear_one_is_no_sign_of_it);
	tcase_add_loop_test(t, a_gap_in_which_nobody_was_heard_begins_it_anew,
	    0, 4);
	tcase_add_test(t, a_shorter_gap_does_not);
	tcase_add_test(t, a_signature_that_was_not_known_then_begins_it_anew);
	tcase_add_test(t, what_the_primary_has_again_has_not_left);
	tcase_add_test(t,
	    by_a_clock_that_is_not_trusted_every_later_signature_is_anew);
	tcase_add_test(t, a_new_row_knows_what_is_known_of_its_set);
	tcase_add_test(t, what_another_behind_the_address_shows_counts);
	tcase_add_test(t, a_mere_word_counts_for_nothing);
	tcase_add_test(t, what_has_ended_is_not_taken_to_be_served_again);
	tcase_add_test(t, until_somebody_shows_it);
	tcase_add_test(t, then_the_others_may_have_shown_it_until_now);
	tcase_add_test(t, or_the_primary_has_it);
	tcase_add_test(t, or_the_word_is_taken_back);
	tcase_add_test(t, what_is_folded_has_not_ended);
	tcase_add_test(t, nor_what_those_showed_who_left);
	tcase_add_test(t,
	    a_silent_one_is_let_go_for_the_keys_that_it_can_only_have);
	tcase_add_loop_test(t, it_is_not_let_go, 0, 8);
	tcase_add_test(t, people_are_told_until_when_and_why);
	suite_add_tcase(s, t);
	return kit_run(s);
}
