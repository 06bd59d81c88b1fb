/*
 * test_advice.c - what a person can do: after what each authority answered,
 * not after what is usual.
 */
#include "cmd/advice.h"
#include "core/alias.h"
#include "core_kit.h"

#define TRANSFER "check the zone transfer to it"
#define REACH "see why it does not answer from here"
#define VALID "see why its answer does not validate"
#define ADD "add this, beside what is there:\n"
#define REMOVE "remove this, and nothing else:\n"
#define ASK "ask those who run the zone to "

static char SAID[2048];
static enum code ONLY = CODE_NONE;

/* A is deployed, B is generated; two authorities. */
static void
setup(bool publishes)
{
	kit_begin();
	kit_bare();
	H.publishes = publishes;
	kit_key('A', STAGE_DEPLOYED)->installed = true;
	kit_key('B', STAGE_GENERATED);
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
}

static const char *
advice(char letter, enum guard_id id)
{
	struct text t = TEXT_INIT;

	text_add(&t, "Unmet");
	advice_add(&H, kit_find(letter), id, ONLY, &t);
	text_fmt(SAID, sizeof(SAID), "%s", text_str(&t));
	text_release(&t);
	return SAID;
}

static bool
has(const char *part)
{
	return strstr(SAID, part) != NULL;
}

static size_t
lines(void)
{
	size_t n = 0;

	for (const char *s = SAID; (s = strstr(s, "\n  You: ")) != NULL; s++)
		n++;
	return n;
}

START_TEST(where_all_is_done_there_is_nothing_to_do)
{
	setup(_i > 0);
	ck_assert_str_eq(advice('B', GUARD_SHOWN), "Unmet");
	ck_assert_str_eq(advice('B', GUARD_HOLD), "Unmet");
	ck_assert_str_eq(advice('B', GUARD_CLOCK), "Unmet");
}
END_TEST

START_TEST(one_that_lags_gets_no_transfer)
{
	setup(_i > 0);
	kit_shows(2, "A", HOURS);
	advice('B', GUARD_SHOWN);
	ck_assert(has("Unmet.\n  You: " TRANSFER));
	ck_assert(has("danesafe records mx.example shows"));
	ck_assert_uint_eq(lines(), 1);
	advice('A', GUARD_GONE);
	ck_assert(has(H.publishes ? TRANSFER : REMOVE));
	ck_assert_uint_eq(lines(), 1);
}
END_TEST

START_TEST(by_hand_records_are_there_to_paste)
{
	struct tlsa b;
	char rr[TLSA_TEXT];

	setup(false);
	b = tlsa_of(&kit_find('B')->id);
	kit_shows(1, "A", HOURS);
	kit_shows(2, "", HOURS);
	advice('B', GUARD_SHOWN);
	ck_assert(has("Unmet.\n  You: " ADD));
	ck_assert(has("\n    _25._tcp.mx.example. IN TLSA 3 1 1 "));
	ck_assert(has(tlsa_str(&b, rr)));
	ck_assert(!has(TRANSFER));
	setup(false);
	advice('A', GUARD_GONE);
	ck_assert(has("Unmet.\n  You: " REMOVE));
	ck_assert(!has(TRANSFER));
	/* What danesafe publishes itself is nobody's task. */
	setup(true);
	kit_shows(1, "A", HOURS);
	kit_shows(2, "A", HOURS);
	advice('B', GUARD_SHOWN);
	ck_assert(!has(ADD));
	/* That none has it may be the primary's fault. */
	ck_assert(has("You: see whether the primary has it"));
	ck_assert(!has(TRANSFER));
}
END_TEST

/* The 3 1 2 of A would disable any 3 1 1 beside it. */
START_TEST(by_hand_a_kind_that_is_not_wanted_goes_in_the_same_change)
{
	struct cover_chain c = { .n = 1 };

	setup(false);
	memset(c.cert[0].by[1].sha512, 'A', 64); /* what '!' is about */
	kit_find('A')->chain = host_chain(&H, &c);
	kit_shows(1, "A!", HOURS);
	kit_shows(2, "A!", HOURS);
	advice('B', GUARD_SHOWN);
	ck_assert(has(ADD "    _25._tcp.mx.example. IN TLSA 3 1 1 4242"));
	ck_assert(has("\n  and in the same change remove:"
		      "\n    _25._tcp.mx.example. IN TLSA 3 1 2 4141"));
	kit_shows(1, "AB!", HOURS);
	kit_shows(2, "AB!", HOURS);
	advice('B', GUARD_SHOWN);
	ck_assert(!has("TLSA 3 1 1"));
	ck_assert(has("IN TLSA 3 1 2 4141"));
}
END_TEST

START_TEST(of_a_name_that_left_the_config_the_way_out_is_said)
{
	struct owner *o;

	setup(_i > 0);
	o = host_owner(&H, "_587._tcp.mx.example.", 587);
	o->left = o->foreign = true;
	kit_look_at(1, 3, LOOK_SHOWN, "A", HOURS);
	advice('B', GUARD_SHOWN);
	ck_assert(has(".\n  You: _587._tcp.mx.example. is no longer in the "
		      "config: take its records out"));
	ck_assert(has("danesafe forget mx.example _587._tcp.mx.example. "));
	ck_assert(!has(ASK));
	ck_assert_uint_eq(lines(), 1);
	kit_shows(2, "A", HOURS); /* and one of our own zone lags */
	advice('B', GUARD_SHOWN);
	ck_assert_uint_eq(lines(), 2);
	H.own[0].foreign = true; /* or of others */
	advice('B', GUARD_SHOWN);
	ck_assert(has(ASK));
	ck_assert(!has("\n    _587._tcp.mx.example. IN TLSA"));
	H.own[0].foreign = false;
	ONLY = CODE_NS_UNREACH; /* said beside the first trouble only */
	kit_silent(2);
	advice('B', GUARD_SHOWN);
	ck_assert(!has("is no longer in the config"));
	ONLY = CODE_NONE;
}
END_TEST

/* Without its records senders would find nothing behind the alias. */
START_TEST(where_an_alias_leads_nobody_is_told_to_take_records_out)
{
	struct glance g = { .look = LOOK_SHOWN,
		.ttl = HOURS,
		.alias = "_25._tcp.prov.example." };
	struct addr a = NS(1);
	struct owner *o;

	setup(_i > 0);
	o = host_owner(&H, "_25._tcp.prov.example.", 25);
	o->left = o->foreign = true;
	kit_look_at(1, 3, LOOK_SHOWN, "A", HOURS);
	sighting_note(&H, &H.own[0], &a, &g, &NOW);
	alias_settle(&H);
	advice('B', GUARD_SHOWN);
	ck_assert(has(".\n  You: " ASK ADD));
	ck_assert(has("\n    _25._tcp.prov.example. IN TLSA 3 1 1 "));
	ck_assert(!has("take its records out"));
}
END_TEST

START_TEST(one_that_cannot_be_read_is_not_said_to_lag)
{
	const struct {
		enum look look;
		const char *is, *is_not;
	} cases[] = {
		{ LOOK_SILENT, REACH, VALID },
		{ LOOK_BOGUS, VALID, REACH },
		{ LOOK_UNSIGNED, VALID, REACH },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(_i > 0);
		kit_look_at(0, 2, cases[i].look, "", 0);
		advice('B', GUARD_SHOWN);
		ck_assert(has(cases[i].is));
		ck_assert(!has(cases[i].is_not));
		ck_assert(!has(TRANSFER));
		ck_assert_uint_eq(lines(), 1);
		/* Nor are records wanted again where no one can tell. */
		kit_look_at(0, 1, cases[i].look, "", 0);
		advice('B', GUARD_SHOWN);
		ck_assert(!has(ADD));
		ck_assert_uint_eq(lines(), 1);
	}
	/* Not asked in this pass: no answer. */
	setup(_i > 0);
	kit_auth(2)->fresh = false;
	advice('B', GUARD_SHOWN);
	ck_assert(has(REACH));
	ck_assert(!has(TRANSFER));
}
END_TEST

START_TEST(each_trouble_has_its_line)
{
	setup(_i > 0);
	kit_shows(2, "A", HOURS);
	kit_silent(3);
	kit_look_at(0, 4, LOOK_BOGUS, "", 0);
	advice('B', GUARD_SHOWN);
	ck_assert(has(TRANSFER));
	ck_assert(has(REACH));
	ck_assert(has(VALID));
	ck_assert_uint_eq(lines(), 3);
}
END_TEST

/* A message is about one trouble, and so is what it asks for. */
START_TEST(each_code_has_the_line_of_its_own_trouble)
{
	const struct {
		enum code code;
		const char *line;
	} codes[] = {
		{ CODE_PUB_LAG, TRANSFER },
		{ CODE_NS_UNREACH, REACH },
		{ CODE_DNSSEC_BOGUS, VALID },
		{ CODE_DOE_BROKEN, VALID },
	};

	setup(true);
	kit_shows(2, "A", HOURS);
	kit_silent(3);
	kit_look_at(0, 4, LOOK_BOGUS, "", 0);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		ONLY = codes[i].code;
		advice('B', GUARD_SHOWN);
		ck_assert(has(codes[i].line));
		ck_assert_uint_eq(lines(), 1);
	}
	H.own[0].foreign = true;
	ONLY = CODE_NS_UNREACH;
	advice('B', GUARD_SHOWN);
	ck_assert(has(ASK));
	ONLY = CODE_NONE;
}
END_TEST

START_TEST(zones_that_others_run_are_theirs_to_change)
{
	setup(_i > 0);
	H.own[0].foreign = true;
	kit_shows(2, "A", HOURS);
	advice('B', GUARD_SHOWN);
	ck_assert(has("Unmet.\n  You: " ASK ADD));
	ck_assert(has("\n    _25._tcp.mx.example. IN TLSA 3 1 1 "));
	ck_assert_uint_eq(lines(), 1);
	advice('A', GUARD_GONE);
	ck_assert(has("Unmet.\n  You: " ASK REMOVE));
	ck_assert_uint_eq(lines(), 1);
	/* That theirs is done does not make a laggard of ours. */
	setup(false);
	H.own[0].foreign = true;
	host_owner(&H, "_465._tcp.mx.example.", 465);
	kit_look_at(1, 3, LOOK_SHOWN, "A", HOURS);
	advice('B', GUARD_SHOWN);
	ck_assert(has("Unmet.\n  You: " ADD));
	ck_assert(has("\n    _465._tcp.mx.example. IN TLSA "));
	ck_assert(!has("\n    _25._tcp.mx.example. IN TLSA "));
	ck_assert_uint_eq(lines(), 1);
}
END_TEST

START_TEST(other_guards_name_the_file_or_the_command)
{
	setup(true);
	kit_find('B')->key_file = "/keys/b.pem";
	advice('B', GUARD_SERVED);
	ck_assert(has("(/keys/b.pem)"));
	ck_assert(has("the old record stays until then"));
	advice('A', GUARD_STORED);
	ck_assert(has("danesafe rollover mx.example --reason TEXT"));
	advice('B', GUARD_CERT);
	ck_assert(has("danesafe: makes another certificate"));
}
END_TEST

/* R06: an old process, or the table of another name. */
START_TEST(who_presents_both_keys_has_them_and_must_take_them_up)
{
	setup(true);
	kit_find('B')->key_file = "/keys/b.pem";
	kit_presents(1, "AB");
	advice('B', GUARD_SERVED);
	ck_assert(has("give the table /keys/b.pem, too, and run postmap -F"));
	ck_assert(!has("take its address out"));
	kit_presents(1, "A");
	advice('B', GUARD_SERVED);
	ck_assert(has("give it the key and certificate"));
	ck_assert(!has("postmap"));
	kit_presents(1, "B")->seen[1] = (struct presented){ K('C'), SLOT_ECDSA,
		0 };
	H.ep[0].n_seen = 2;
	advice('B', GUARD_SERVED);
	ck_assert(!has("postmap"));
}
END_TEST

/* A rollover would wait for that very key. */
START_TEST(for_the_file_of_a_key_that_is_to_come_nobody_rolls_over)
{
	setup(true);
	advice('B', GUARD_STORED);
	ck_assert(has("You: see why it cannot be read"));
	ck_assert(!has("rollover"));
	kit_find('B')->lost = true;
	advice('B', GUARD_STORED);
	ck_assert(has("danesafe: gives the key up and makes another"));
	ck_assert(!has("rollover"));
}
END_TEST

static TCase *
cases(void)
{
	TCase *t = tcase_create("advice");

	tcase_add_test(t,
	    by_hand_a_kind_that_is_not_wanted_goes_in_the_same_change);
	tcase_add_loop_test(t, where_all_is_done_there_is_nothing_to_do, 0, 2);
	tcase_add_loop_test(t, one_that_lags_gets_no_transfer, 0, 2);
	tcase_add_test(t, by_hand_records_are_there_to_paste);
	tcase_add_loop_test(t,
	    of_a_name_that_left_the_config_the_way_out_is_said, 0, 2);
	tcase_add_loop_test(t,
	    where_an_alias_leads_nobody_is_told_to_take_records_out, 0, 2);
	tcase_add_loop_test(t, one_that_cannot_be_read_is_not_said_to_lag, 0,
	    2);
	tcase_add_loop_test(t, each_trouble_has_its_line, 0, 2);
	tcase_add_test(t, each_code_has_the_line_of_its_own_trouble);
	tcase_add_loop_test(t, zones_that_others_run_are_theirs_to_change, 0,
	    2);
	tcase_add_test(t, other_guards_name_the_file_or_the_command);
	tcase_add_test(t,
	    who_presents_both_keys_has_them_and_must_take_them_up);
	tcase_add_test(t,
	    for_the_file_of_a_key_that_is_to_come_nobody_rolls_over);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("advice");

	suite_add_tcase(s, cases());
	return kit_run(s);
}
