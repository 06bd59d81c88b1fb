/*
 * test_record.c - records of other kinds than 3 1 1: what a change makes of a
 * set, and what the law says of it.
 */
#include "core_kit.h"

#include <stdio.h>

static struct breach WHY;

/* What is presented with a key: a certificate of its own. */
static struct cover_chain
chain_of(char letter)
{
	struct cover_chain c = { .n = 1 };

	for (int selector = 0; selector < 2; selector++) {
		struct cover_der *d = &c.cert[0].by[selector];

		memset(d->sha256, letter + 128 * !selector, 32);
		memset(d->sha512, letter + 128 * !selector, 64);
		d->len = TLSA_FOLDED;
	}
	return c;
}

/* "311A 312B": a set. */
static struct tlsa_set
set_of(const char *s)
{
	struct tlsa_set v = { .n = 0 };

	for (; *s != 0; s += 4 + (s[4] == ' ')) {
		struct cover_chain c = chain_of(s[3]);
		struct tlsa r = cover_tlsa(&c.cert[0], s[0] - '0', s[1] - '0',
		    s[2] - '0');

		tlsa_set_add(&v, &r);
	}
	return v;
}

static void
want(const char *kinds)
{
	for (H.n_tlsa = 0; *kinds != 0; kinds += 3 + (kinds[3] == ' '))
		H.tlsa[H.n_tlsa++] = (struct tlsa_kind){ (uint8_t)(kinds[0] -
							     '0'),
			(uint8_t)(kinds[1] - '0'), (uint8_t)(kinds[2] - '0') };
}

static void
know(char letter)
{
	struct cover_chain c = chain_of(letter);

	kit_find(letter)->chain = host_chain(&H, &c);
	for (size_t i = 0; i < H.n_ep; i++)
		for (unsigned j = 0; j < H.ep[i].n_seen; j++)
			if (H.ep[i].seen[j].key.sha256[0] == letter)
				H.ep[i].seen[j].chain = kit_find(letter)->chain;
}

/* A is deployed and presented, B is new; the primary and the one authority
 * have this set. */
static void
setup(const char *kinds, const char *set)
{
	struct glance g = { .look = LOOK_SHOWN,
		.set = set_of(set),
		.ttl = 3600 };
	struct addr a = NS(1);

	kit_begin();
	kit_bare();
	want(kinds);
	kit_key('A', STAGE_DEPLOYED)->installed = true;
	kit_key('B', STAGE_GENERATED);
	kit_presents(1, "A");
	know('A');
	know('B');
	kit_primary("");
	owner_set_primary(&H.own[0], g.set);
	kit_ns(0, 1);
	sighting_note(&H, &H.own[0], &a, &g, &NOW);
}

static void
target_is(enum act act, char letter, const char *want_set)
{
	struct tlsa_set set, want_it = set_of(want_set);

	ck_assert_int_eq(record_target(&H, act, kit_find(letter),
			     owner_primary(&H.own[0]), &set),
	    TARGET_KNOWN);
	ck_assert(tlsa_set_eq(&set, &want_it));
}

static void
says(const char *words)
{
	char buf[400];

	law_say(&H, &WHY, &NOW, buf, sizeof(buf));
	ck_assert_msg(strstr(buf, words) != NULL, "%s", buf);
}

/* ---- one change for all keys ---- */

START_TEST(a_kind_comes_for_all_keys_in_one_change)
{
	setup("311 312", "311A");
	target_is(ACT_PUBLISH, 'B', "311A 312A 311B 312B");
	ck_assert(kit_event('B', EVENT_MISSING));
	ck_assert(kit_event('A', EVENT_MISSING));
	ck_assert(kit_allows(ACT_PUBLISH, 'B', &WHY));
}
END_TEST

/* Nobody has read the certificate of A: its 3 1 2 cannot be made. */
START_TEST(a_kind_for_the_new_key_alone_is_refused_with_the_reason)
{
	setup("311 312", "311A");
	kit_find('A')->chain = H.ep[0].seen[0].chain = 0;
	target_is(ACT_PUBLISH, 'B', "311A 311B 312B");
	ck_assert(!kit_allows(ACT_PUBLISH, 'B', &WHY));
	ck_assert(WHY.proposed && !WHY.partly);
	ck_assert_uint_eq(WHY.asks.mtype, 2);
	says("would not match key 41414141, which is presented now: no 3 1 2 "
	     "of it does");
}
END_TEST

START_TEST(a_kind_goes_for_all_keys_in_one_change)
{
	setup("311", "311A 312A 311B 312B");
	target_is(ACT_PUBLISH, 'A', "311A 311B");
	ck_assert(kit_allows(ACT_PUBLISH, 'A', &WHY));
	setup("312", "311A 312A");
	target_is(ACT_PUBLISH, 'A', "312A");
	setup("301", "311A");
	target_is(ACT_PUBLISH, 'B', "301A 301B");
	ck_assert(kit_allows(ACT_PUBLISH, 'B', &WHY));
}
END_TEST

START_TEST(a_key_that_nothing_shows_is_not_brought_along)
{
	setup("311 312", "311A");
	kit_key('C', STAGE_GENERATED);
	kit_key('D', STAGE_RETIRED);
	know('C');
	know('D');
	target_is(ACT_PUBLISH, 'B', "311A 312A 311B 312B");
	owner_set_primary(&H.own[0], set_of("311A 311C 311D"));
	target_is(ACT_PUBLISH, 'B', "311A 312A 311B 312B 311C 312C 311D");
}
END_TEST

START_TEST(a_key_leaves_with_all_its_records)
{
	setup("311", "311A 312A 301A 302A 311B");
	target_is(ACT_WITHDRAW, 'A', "311B");
	ck_assert(kit_event('A', EVENT_PRESENT));
	owner_set_primary(&H.own[0], set_of("302A"));
	ck_assert(kit_event('A', EVENT_PRESENT));
	owner_set_primary(&H.own[0], set_of("311X"));
	ck_assert(!kit_event('A', EVENT_PRESENT));
}
END_TEST

/* Unknown keys, CAs, what nobody uses, and data in full. */
START_TEST(records_of_strangers_are_never_touched)
{
	const char *strangers = "311X 301X 211A 111A 310A 300A";
	char all[64];

	setup("311", "");
	snprintf(all, sizeof(all), "%s 311A 312A", strangers);
	owner_set_primary(&H.own[0], set_of(all));
	snprintf(all, sizeof(all), "%s 311A 311B", strangers);
	target_is(ACT_PUBLISH, 'B', all);
	target_is(ACT_WITHDRAW, 'A', strangers);
}
END_TEST

/* Records that no sender uses ask for nothing: with them alone DANE is off. */
/* A record of an issuer is ours only while its kind is wanted: others may have
 * certificates of the same issuer. */
START_TEST(the_record_of_an_issuer_that_is_not_wanted_is_a_strangers)
{
	struct cover_chain c = chain_of('A');
	struct tlsa of_issuer;

	setup("211", "311A");
	c.n = 2;
	c.cert[1] = chain_of('I').cert[0];
	c.path_ok[1] = c.dates_ok[1] = c.names_ok = true;
	of_issuer = cover_tlsa(&c.cert[1], 2, 1, 1);
	kit_find('A')->chain = host_chain(&H, &c);
	ck_assert_ptr_eq(record_key(&H, &of_issuer), kit_find('A'));
	want("311");
	ck_assert_ptr_null(record_key(&H, &of_issuer));
}
END_TEST

START_TEST(what_nobody_uses_is_as_if_it_were_not_there)
{
	setup("311", "311A 111X");
	ck_assert(!kit_allows(ACT_WITHDRAW, 'A', &WHY));
	ck_assert(WHY.empties);
	says("would have no TLSA record left that senders use");
	owner_set_primary(&H.own[0], set_of("111X"));
	target_is(ACT_PUBLISH, 'A', "311A 111X");
	ck_assert(kit_allows(ACT_PUBLISH, 'A', &WHY));
	H.ep[0].sweep = SWEEP_DOWN; /* first records: all must be seen */
	ck_assert(!kit_allows(ACT_PUBLISH, 'A', &WHY));
	ck_assert_int_ne(WHY.endpoint.family, 0);
}
END_TEST

START_TEST(a_record_that_cannot_be_made_is_no_reason_to_do_half)
{
	struct tlsa_set set;

	setup("311 301", "311A 301A");
	kit_find('B')->chain = 0;
	ck_assert_int_eq(record_target(&H, ACT_PUBLISH, kit_find('B'),
			     owner_primary(&H.own[0]), &set),
	    TARGET_UNMADE);
	ck_assert(tlsa_set_eq(&set, owner_primary(&H.own[0])));
	ck_assert(!kit_allows(ACT_PUBLISH, 'B', &WHY));
	says("the certificate of key 42424242 was never read");
}
END_TEST

/* ---- held sets ---- */

START_TEST(a_key_is_shown_when_every_kind_matches)
{
	static const struct {
		const char *set;
		bool shown;
	} rows[] = {
		{ "311A 311B", true },
		{ "311A 312A 311B", false },
		{ "311A 312A 311B 312B", true },
		{ "312B", true },
		{ "301B 311A", false },
		{ "311B 211X", false },
		{ "311B 111X", true },
		{ "111B", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup("311", rows[i].set);
		ck_assert_msg(event_shown_at(kit_auth(1), &H, kit_find('B')) ==
			rows[i].shown,
		    "row %zu", i);
		ck_assert_msg(kit_event('B', EVENT_SHOWN) == rows[i].shown,
		    "row %zu", i);
	}
}
END_TEST

START_TEST(a_set_of_which_one_kind_fails_is_waited_for)
{
	struct glance g = { .look = LOOK_SHOWN,
		.set = set_of("311A 312A 311B 312B"),
		.ttl = 60 };
	struct addr a = NS(1);

	setup("311 312", "311A 312A 311B");
	ck_assert_int_eq(kit_until('B'), NEVER);
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &WHY));
	says("no 3 1 2 of it does");
	sighting_note(&H, &H.own[0], &a, &g, &NOW);
	ck_assert_int_eq(kit_until('B'), 3601);
	kit_wait(3601);
	ck_assert_int_eq(kit_until('B'), 0);
	ck_assert(kit_allows(ACT_DEPLOY, 'B', &WHY));
}
END_TEST

/* Those who know all of the RFCs would deliver; not all do. */
START_TEST(a_key_that_only_some_senders_would_accept_is_not_deployed)
{
	setup("311", "311A 301A 311B 301X");
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 0);
	ck_assert(!kit_allows(ACT_DEPLOY, 'B', &WHY));
	ck_assert(WHY.shown_now && WHY.partly);
	says("no 3 0 1 of it does, and senders may use these alone");
}
END_TEST

/* The same key with another certificate: only 3 0 1 cares. */
START_TEST(another_certificate_for_the_key_breaks_what_names_the_certificate)
{
	struct cover_chain c = chain_of('A');

	setup("311", "311A");
	memset(c.cert[0].by[0].sha256, 'Z', 32);
	H.ep[0].seen[0].chain = host_chain(&H, &c);
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 0);
	setup("301", "301A");
	H.ep[0].seen[0].chain = host_chain(&H, &c);
	ck_assert_uint_eq(law_broken(&H, &NOW, &WHY, 1), 1);
	ck_assert_uint_eq(WHY.asks.selector, 0);
	/* the one endpoint is right, the other is not */
	H.ep[0].seen[0].chain = kit_find('A')->chain;
	kit_presents(2, "A")->seen[0].chain = host_chain(&H, &c);
	ck_assert_uint_eq(law_broken(&H, &NOW, NULL, 0), 1);
}
END_TEST

/* A key that was never used: its next certificate would be another record. */
START_TEST(a_key_whose_certificate_is_named_and_bad_is_given_up)
{
	setup("311", "311A");
	kit_find('B')->cert_ok = false;
	ck_assert(kit_event('B', EVENT_STORED | EVENT_CERT_BAD));
	want("311 301");
	ck_assert(kit_event('B', EVENT_LOST));
	ck_assert(!kit_event('B', EVENT_STORED));
	kit_find('B')->cert_unread = true; /* that says nothing of it */
	ck_assert(kit_event('B', EVENT_STORED | EVENT_CERT_BAD));
	ck_assert(!kit_event('B', EVENT_LOST));
	kit_find('B')->cert_unread = false;
	kit_find('B')->installed = true; /* too late for that */
	ck_assert(kit_event('B', EVENT_STORED));
}
END_TEST

START_TEST(the_guard_says_which_kind_fails)
{
	struct guards *gs = calloc(1, sizeof(*gs));
	bool said = false;

	setup("311", "311A 312A 311B");
	guards_of(&H, kit_find('B'), &NOW, gs);
	for (size_t i = 0; i < gs->n; i++)
		said |= gs->g[i].id == GUARD_SHOWN && !gs->g[i].met &&
		    strstr(gs->g[i].text, "no 3 1 2 of the set") != NULL;
	ck_assert(said);
	free(gs);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("record");
	TCase *t = tcase_create("change");

	tcase_add_checked_fixture(t, NULL, kit_end);
	tcase_add_test(t, a_kind_comes_for_all_keys_in_one_change);
	tcase_add_test(t,
	    a_kind_for_the_new_key_alone_is_refused_with_the_reason);
	tcase_add_test(t, a_kind_goes_for_all_keys_in_one_change);
	tcase_add_test(t, a_key_that_nothing_shows_is_not_brought_along);
	tcase_add_test(t, a_key_leaves_with_all_its_records);
	tcase_add_test(t, records_of_strangers_are_never_touched);
	tcase_add_test(t,
	    the_record_of_an_issuer_that_is_not_wanted_is_a_strangers);
	tcase_add_test(t, what_nobody_uses_is_as_if_it_were_not_there);
	tcase_add_test(t, a_record_that_cannot_be_made_is_no_reason_to_do_half);
	suite_add_tcase(s, t);
	t = tcase_create("held");
	tcase_add_checked_fixture(t, NULL, kit_end);
	tcase_add_test(t, a_key_is_shown_when_every_kind_matches);
	tcase_add_test(t, a_set_of_which_one_kind_fails_is_waited_for);
	tcase_add_test(t,
	    a_key_that_only_some_senders_would_accept_is_not_deployed);
	tcase_add_test(t,
	    another_certificate_for_the_key_breaks_what_names_the_certificate);
	tcase_add_test(t, a_key_whose_certificate_is_named_and_bad_is_given_up);
	tcase_add_test(t, the_guard_says_which_kind_fails);
	suite_add_tcase(s, t);
	return kit_run(s);
}
