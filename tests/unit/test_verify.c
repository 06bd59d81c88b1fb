/*
 * test_verify.c - what a DANE sender would conclude: the worst counts, what
 * was not seen is never well.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cmd/verify.h"
#include "core/sighting.h"

#define AUTHS 2
#define RIGHT 1
#define OTHER 2

static struct verified_host v;

static struct spki
key_of(int n)
{
	struct spki k = { { (uint8_t)n } };

	return k;
}

/* The probe presents this key, and nothing else is known of its chain. */
static void
present(struct probe *p, int n)
{
	struct cover_chain c = { .n = 1 };

	p->key = key_of(n);
	memcpy(c.cert[0].by[1].sha256, p->key.sha256, 32);
	probe_set_chain(p, &c);
}

static struct addr
address(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(text, 53, &a), 0);
	return a;
}

/* Two authorities that show the right key's record, one endpoint that
 * presents it, and has no ECDSA certificate. */
static void
setup(void)
{
	struct tlsa_set set = { .n = 0 };
	struct spki right = key_of(RIGHT);
	struct tlsa r = tlsa_of(&right);
	struct endpoint *ep;
	struct owner *o;
	struct addr a;

	memset(&v, 0, sizeof(v));
	host_init(&v.host, "mx1.example.org");
	o = host_owner(&v.host, "_25._tcp.mx1.example.org.", 25);
	tlsa_set_add(&set, &r);
	for (int i = 0; i < AUTHS; i++) {
		struct authority *au;

		a = address(i == 0 ? "192.0.2.1" : "192.0.2.2");
		au = owner_authority(o, &a);
		au->look = LOOK_SHOWN;
		au->set = host_set(&v.host, &set);
		au->ttl = 3600;
	}
	a = address("192.0.2.9:25");
	ep = host_endpoint(&v.host, 0, &a);
	(void)ep;
	v.probe = calloc(VERIFY_PROBES, sizeof(*v.probe));
	for (int i = 0; i < VERIFY_PROBES; i++) {
		v.probe[i].addr = a;
		v.probe[i].offer = (enum offer)(i / 2);
		v.probe[i].why = "";
		v.probe[i].result = i / 2 == OFFER_ECDSA ? PROBE_NOKEY
							 : PROBE_KEY;
		present(&v.probe[i], RIGHT);
	}
}

static void
teardown(void)
{
	host_release(&v.host);
	probes_release(v.probe, VERIFY_PROBES);
	free(v.probe);
}

static void
is(enum verdict verdict, const char *words)
{
	verify_judge(&v);
	ck_assert_msg(v.verdict == verdict, "%s: %s", verdict_name(v.verdict),
	    v.summary);
	ck_assert_msg(strstr(v.summary, words) != NULL, "%s", v.summary);
}

static struct authority *
auth(int i)
{
	return &v.host.own[0].auth[i];
}

START_TEST(a_matching_key_is_well)
{
	is(VERDICT_OK, "1 endpoints present matches what 2 name server");
}
END_TEST

/* What an authority answers, and what follows for the host. */
static const struct {
	enum look look;
	enum verdict verdict;
	const char *words;
} LOOKS[] = {
	{ LOOK_NONE, VERDICT_OK, "matches what 1 name server" },
	{ LOOK_UNSIGNED, VERDICT_OK, "matches what 1 name server" },
	{ LOOK_BOGUS, VERDICT_CRITICAL, "192.0.2.2 is bogus: the reason" },
	{ LOOK_SILENT, VERDICT_WARNING, "192.0.2.2 is silent: the reason" },
};

START_TEST(each_authority_counts)
{
	auth(1)->look = LOOKS[_i].look;
	auth(1)->set = -1;
	auth(1)->why = "the reason";
	is(LOOKS[_i].verdict, LOOKS[_i].words);
}
END_TEST

START_TEST(without_records_any_key_is_well)
{
	for (int i = 0; i < AUTHS; i++) {
		auth(i)->look = LOOK_NONE;
		auth(i)->set = 0;
	}
	for (int i = 0; i < VERIFY_PROBES; i++)
		present(&v.probe[i], OTHER);
	is(VERDICT_OK, "no TLSA records");
	for (int i = 0; i < AUTHS; i++)
		auth(i)->look = LOOK_UNSIGNED;
	is(VERDICT_OK, "not signed");
}
END_TEST

/* One connection of six is enough: a sender may be the one that makes it. */
START_TEST(one_wrong_key_anywhere_is_critical)
{
	unsigned content, all;

	if (_i / 2 == OFFER_ECDSA)
		v.probe[_i].result = PROBE_KEY;
	present(&v.probe[_i], OTHER);
	is(VERDICT_CRITICAL, "192.0.2.9:25 presents 02000000; ");
	ck_assert_int_eq(verify_probe(&v.host, 0, &v.probe[_i], &content, &all),
	    VERDICT_CRITICAL);
	ck_assert_uint_eq(content, 0);
}
END_TEST

/* The authority of an owner is seen to show an alias, or the record of a key. */
static void
shows(unsigned owner, const char *at, const char *alias, int n)
{
	struct now now = { .elapsed = 100, .wall = 1000, .trusted = true };
	struct glance g = { .look = LOOK_SHOWN, .ttl = 3600 };
	struct addr a = address(at);
	struct spki key = key_of(n);
	struct tlsa r = tlsa_of(&key);

	if (alias != NULL)
		text_fmt(g.alias, sizeof(g.alias), "%s", alias);
	else
		tlsa_set_add(&g.set, &r);
	owner_authority(&v.host.own[owner], &a);
	sighting_note(&v.host, &v.host.own[owner], &a, &g, &now);
}

START_TEST(a_key_is_judged_by_what_the_alias_leads_to)
{
	unsigned content, all;

	host_owner(&v.host, "tlsa.prov.example.", 25)->derived = true;
	shows(0, "192.0.2.1", "tlsa.prov.example.", 0);
	shows(0, "192.0.2.2", "tlsa.prov.example.", 0);
	shows(1, "192.0.2.3", NULL, RIGHT);
	is(VERDICT_OK, "matches what 1 name server");
	ck_assert_int_eq(verify_probe(&v.host, 0, &v.probe[0], &content, &all),
	    VERDICT_OK);
	ck_assert_uint_eq(content, 1);
	ck_assert_uint_eq(all, 1);
	shows(1, "192.0.2.3", NULL, OTHER);
	is(VERDICT_CRITICAL, "192.0.2.3 answers: no record matches");
	ck_assert_int_eq(verify_probe(&v.host, 0, &v.probe[0], &content, &all),
	    VERDICT_CRITICAL);
	ck_assert_uint_eq(content, 0);
	ck_assert_uint_eq(all, 1);
}
END_TEST

/* D12, D13: asked three times, one address gave two answers. */
START_TEST(each_answer_of_an_address_counts)
{
	struct now now = { .elapsed = 100, .wall = 1000, .trusted = true };
	struct glance g = { .look = LOOK_SHOWN, .ttl = 3600 };
	struct spki other = key_of(OTHER);
	struct tlsa r = tlsa_of(&other);
	struct addr a = address("192.0.2.2");

	shows(0, "192.0.2.1", NULL, RIGHT);
	shows(0, "192.0.2.2", NULL, RIGHT);
	is(VERDICT_OK, "matches what 2 name server");
	tlsa_set_add(&g.set, &r);
	sighting_also(&v.host, &v.host.own[0], &a, &g, &now);
	is(VERDICT_CRITICAL, "192.0.2.2 answers: no record matches the key");
	/* That it also denies them asks nothing. */
	shows(0, "192.0.2.2", NULL, RIGHT);
	g.set.n = 0;
	g.look = LOOK_NONE;
	sighting_also(&v.host, &v.host.own[0], &a, &g, &now);
	is(VERDICT_OK, "matches what 2 name server");
}
END_TEST

START_TEST(one_authority_with_other_records_is_critical)
{
	struct tlsa_set set = { .n = 0 };
	struct spki other = key_of(OTHER);
	struct tlsa r = tlsa_of(&other);
	unsigned content, all;

	tlsa_set_add(&set, &r);
	auth(1)->set = host_set(&v.host, &set);
	is(VERDICT_CRITICAL, "192.0.2.2 answers: no record matches");
	ck_assert_int_eq(verify_probe(&v.host, 0, &v.probe[0], &content, &all),
	    VERDICT_CRITICAL);
	ck_assert_uint_eq(content, 1);
	ck_assert_uint_eq(all, AUTHS);
}
END_TEST

/* Beside the right record: one of other parameters that matches nothing, and
 * one that nobody can use. */
START_TEST(records_that_some_senders_know_only_are_a_warning)
{
	struct spki right = key_of(RIGHT);
	struct tlsa_set set = { .n = 0 };
	struct tlsa r = tlsa_of(&right);

	if (_i < 2)
		tlsa_set_add(&set, &r);
	r.usage = _i == 0 ? 3 : 1;
	r.selector = 0;
	tlsa_set_add(&set, &r);
	for (int i = 0; i < AUTHS; i++)
		auth(i)->set = host_set(&v.host, &set);
	if (_i == 1)
		is(VERDICT_OK, "matches");
	else
		is(VERDICT_WARNING,
		    _i == 0 ? "some parameters have no record that matches"
			    : "no record that a sender can use");
}
END_TEST

START_TEST(a_probe_that_could_not_look_is_a_warning)
{
	v.probe[3].result = PROBE_DOWN;
	v.probe[3].why = "no greeting";
	is(VERDICT_WARNING, "192.0.2.9:25: no greeting");
	/* What is wrong for certain says more. */
	present(&v.probe[0], OTHER);
	is(VERDICT_CRITICAL, "presents 02000000");
}
END_TEST

START_TEST(what_could_not_be_looked_at_is_unknown)
{
	for (int i = 0; i < VERIFY_PROBES; i++)
		v.probe[i].result = PROBE_DOWN;
	is(VERDICT_UNKNOWN, "192.0.2.9:25");
	auth(0)->look = LOOK_BOGUS;
	is(VERDICT_CRITICAL, "bogus");
}
END_TEST

START_TEST(a_host_without_an_address_or_a_name_server_is_unknown)
{
	if (_i == 0) {
		v.host.n_ep = 0;
		is(VERDICT_UNKNOWN, "no address of the host");
	} else {
		v.host.own[0].n_auth = 0;
		is(VERDICT_UNKNOWN, "no name server was found");
		v.host.own[0].blocked = "no SOA";
		is(VERDICT_UNKNOWN, "no SOA");
	}
}
END_TEST

START_TEST(what_is_not_known_hides_nothing_that_is_wrong)
{
	if (_i == 0) { /* another service, in a zone that nobody serves */
		host_owner(&v.host, "_465._tcp.mx1.example.org.", 465);
		is(VERDICT_UNKNOWN, "_465._tcp");
		present(&v.probe[0], OTHER);
		is(VERDICT_CRITICAL, "presents 02000000");
	} else {
		v.host.n_ep = 0;
		auth(0)->look = LOOK_BOGUS;
		is(VERDICT_CRITICAL, "bogus");
	}
}
END_TEST

START_TEST(a_server_without_any_certificate_is_critical_where_records_are)
{
	v.probe[0].result = PROBE_NOKEY;
	is(VERDICT_CRITICAL, "no certificate that senders can use");
	for (int i = 0; i < AUTHS; i++)
		auth(i)->look = LOOK_NONE;
	is(VERDICT_WARNING, "no certificate that senders can use");
}
END_TEST

START_TEST(a_server_without_starttls_is_critical_where_records_are)
{
	for (int i = 0; i < VERIFY_PROBES; i++) {
		v.probe[i].result = PROBE_PLAIN;
		v.probe[i].why = "no STARTTLS";
	}
	is(VERDICT_CRITICAL, "192.0.2.9:25: no STARTTLS");
	for (int i = 0; i < AUTHS; i++)
		auth(i)->look = LOOK_NONE;
	is(VERDICT_WARNING, "192.0.2.9:25: no STARTTLS");
}
END_TEST

/* ---- what is said ---- */

/* All that is printed of the host, for people or as JSON. */
static const char *
printed(bool json)
{
	static char buf[8192];
	FILE *f = tmpfile();
	int out = dup(STDOUT_FILENO);
	size_t n;

	ck_assert_ptr_nonnull(f);
	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	if (json)
		ck_assert_int_eq(verify_json(&v, 1), 0);
	else
		verify_print(&v);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	rewind(f);
	n = fread(buf, 1, sizeof(buf) - 1, f);
	buf[n] = 0;
	fclose(f);
	return buf;
}

/* D10.  It is no verdict: senders find an authority in any of the sets. */
START_TEST(ns_sets_that_differ_are_mentioned_once_a_zone)
{
	const char *at;

	verify_judge(&v);
	ck_assert_int_eq(v.verdict, VERDICT_OK);
	ck_assert_ptr_null(strstr(printed(false), "name servers for"));
	ck_assert_ptr_nonnull(strstr(printed(true), "\"ns_mismatch\": null"));
	host_owner(&v.host, "_465._tcp.mx1.example.org.", 465);
	for (int i = 0; i < 2; i++) {
		v.host.own[i].zone = "example.org.";
		v.host.own[i].ns_differ =
		    mem_dup("not the same name servers for example.org.");
	}
	at = strstr(printed(false), "    not the same name servers for ");
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_null(strstr(at + 10, "not the same"));
	ck_assert_ptr_nonnull(strstr(printed(true),
	    "\"ns_mismatch\": \"not the same name servers for "));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("verify");
	TCase *t = tcase_create("verify");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	suite_add_tcase(s, t);
	tcase_add_test(t, a_matching_key_is_well);
	tcase_add_loop_test(t, each_authority_counts, 0, 4);
	tcase_add_test(t, without_records_any_key_is_well);
	tcase_add_loop_test(t, one_wrong_key_anywhere_is_critical, 0,
	    VERIFY_PROBES);
	tcase_add_test(t, a_key_is_judged_by_what_the_alias_leads_to);
	tcase_add_test(t, each_answer_of_an_address_counts);
	tcase_add_test(t, one_authority_with_other_records_is_critical);
	tcase_add_loop_test(t,
	    records_that_some_senders_know_only_are_a_warning, 0, 3);
	tcase_add_test(t, a_probe_that_could_not_look_is_a_warning);
	tcase_add_test(t, what_could_not_be_looked_at_is_unknown);
	tcase_add_loop_test(t,
	    a_host_without_an_address_or_a_name_server_is_unknown, 0, 2);
	tcase_add_test(t, ns_sets_that_differ_are_mentioned_once_a_zone);
	tcase_add_loop_test(t, what_is_not_known_hides_nothing_that_is_wrong, 0,
	    2);
	tcase_add_test(t,
	    a_server_without_any_certificate_is_critical_where_records_are);
	tcase_add_test(t,
	    a_server_without_starttls_is_critical_where_records_are);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
