/*
 * test_metrics.c - what monitoring reads: every sample with its own labels,
 * all of a metric together, and nothing from outside that could break a line.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "cmd/metrics.h"

static struct report r;
static struct metrics *m;
static const struct now NOW = { .elapsed = 1000,
	.wall = 500000,
	.trusted = true };

static void
setup(void)
{
	struct addr at = { .family = 4, .port = 53 };
	struct authority *a;
	struct owner *o;
	struct key *k;

	memset(&r, 0, sizeof(r));
	host_init(&r.host, "mx1.example.org");
	r.host.policy.stuck_warning = 86400;
	r.host.policy.stuck_critical = 3 * 86400;
	r.known = r.match = true;
	o = host_owner(&r.host, "_25._tcp.mx1.example.org.", 25);
	addr_parse("192.0.2.1", 53, &at);
	a = owner_authority(o, &at);
	a->name = once_fmt(HOST_NAME, "n\"s\\032.example.org.");
	a->set = -1;
	k = host_key_add(&r.host);
	k->id.sha256[0] = 0xab;
	k->slot = SLOT_ECDSA;
	k->stage = STAGE_DEPLOYED;
	k->entered_wall = 400000;
	k->cert_until = 600000;
	m = metrics_new();
}

static void
teardown(void)
{
	metrics_free(m);
	host_release(&r.host);
	free(r.concern);
}

/* The whole text; free(). */
static char *
whole(void)
{
	struct text t = TEXT_INIT;

	metrics_text(m, &t);
	return t.s != NULL ? t.s : mem_dup("");
}

static void
has(const char *line)
{
	char *text = whole(), *want = mem_fmt("\n%s\n", line);

	ck_assert_msg(strstr(text, want) != NULL, "no '%s' in:\n%s", line,
	    text);
	free(text);
	free(want);
}

static void
has_not(const char *words)
{
	char *text = whole();

	ck_assert_msg(strstr(text, words) == NULL, "'%s' in:\n%s", words, text);
	free(text);
}

START_TEST(the_agent_tells_when_it_ran_and_how)
{
	struct agent a = { .started = 100,
		.finished = 130,
		.clean = 90,
		.trusted = true,
		.failures = 7 };

	metrics_agent(m, &a);
	has("danesafe_last_run_timestamp_seconds 100");
	has("danesafe_last_success_timestamp_seconds 90");
	has("danesafe_last_run_duration_seconds 30");
	has("danesafe_clock_trusted 1");
	has("danesafe_run_failures_total 7");
	has("danesafe_build_info{version=\"" PACKAGE_VERSION "\"} 1");
}
END_TEST

START_TEST(a_run_that_did_not_end_has_no_duration)
{
	struct agent a = { .started = 100, .finished = 0 };

	metrics_agent(m, &a);
	has_not("duration");
	has("danesafe_clock_trusted 0");
}
END_TEST

START_TEST(a_key_is_in_one_stage_and_not_in_the_others)
{
	char *text, *at;
	int ones = 0, all = 0;

	metrics_host(m, &r, 3, &NOW);
	has("danesafe_key_stage{host=\"mx1.example.org\",key=\"ab000000\","
	    "slot=\"ecdsa\",stage=\"deployed\"} 1");
	text = whole();
	for (at = text; (at = strstr(at, "\ndanesafe_key_stage{")) != NULL;
	     at++, all++)
		ones += strcspn(at + 1, "\n") > 2 &&
		    at[strcspn(at + 1, "\n")] == '1';
	free(text);
	ck_assert_int_eq(all, STAGE_COUNT);
	ck_assert_int_eq(ones, 1);
	has("danesafe_key_stage_entered_timestamp_seconds{host="
	    "\"mx1.example.org\",key=\"ab000000\"} 400000");
	has("danesafe_certificate_not_after_timestamp_seconds{host="
	    "\"mx1.example.org\",slot=\"ecdsa\"} 600000");
	has("danesafe_forced_steps_total{host=\"mx1.example.org\"} 3");
	has("danesafe_key_stuck{host=\"mx1.example.org\",key=\"ab000000\"} 0");
}
END_TEST

START_TEST(a_pause_is_told)
{
	static const struct pause p = { .until = 900000 };

	r.pause = _i == 1 ? &p : NULL;
	metrics_host(m, &r, 0, &NOW);
	has(_i == 1 ? "danesafe_host_paused{host=\"mx1.example.org\"} 1"
		    : "danesafe_host_paused{host=\"mx1.example.org\"} 0");
	r.pause = NULL;
}
END_TEST

START_TEST(a_key_is_stuck_by_its_own_concern_that_lasts)
{
	struct concern c = { .has_key = true,
		.code = "endpoint-down",
		.since = NOW.elapsed,
		.over_at = NEVER,
		.level = LEVEL_WARNING,
		.key = r.host.key[0].id };

	r.concern = mem_copy(&c, sizeof(c));
	r.n_concern = 1;
	if (_i == 1)
		r.concern[0].level = LEVEL_QUIET;
	else if (_i == 2)
		r.concern[0].key.sha256[0]++;
	else if (_i == 3)
		r.concern[0].has_key = false;
	metrics_host(m, &r, 0, &NOW);
	has(_i == 0 ? "danesafe_key_stuck{host=\"mx1.example.org\","
		      "key=\"ab000000\"} 1"
		    : "danesafe_key_stuck{host=\"mx1.example.org\","
		      "key=\"ab000000\"} 0");
}
END_TEST

START_TEST(a_key_that_is_gone_is_not_told)
{
	r.host.key[0].stage = STAGE_RETIRED;
	metrics_host(m, &r, 0, &NOW);
	has_not("ab000000");
	has_not("not_after");
}
END_TEST

START_TEST(an_authority_shows_all_that_it_should_or_not)
{
	struct authority *a = &r.host.own[0].auth[0];
	struct tlsa rr = tlsa_of(&r.host.key[0].id);
	struct tlsa_set s = { .n = 0 };

	if (_i > 0) {
		tlsa_set_add(&s, &rr);
		a->look = LOOK_SHOWN;
		a->fresh = true;
		a->set = host_set(&r.host, &s);
	}
	if (_i == 2) { /* and another, that has not come there yet */
		struct key *k = host_key_add(&r.host);

		k->id.sha256[0] = 0xcd;
		k->stage = STAGE_GENERATED;
	}
	metrics_host(m, &r, 0, &NOW);
	has(_i == 1
		? "danesafe_tlsa_authority_shown{host=\"mx1.example.org\","
		  "owner=\"_25._tcp.mx1.example.org.\",nameserver="
		  "\"n\\\"s\\\\032.example.org.\",address=\"192.0.2.1\"} 1"
		: "danesafe_tlsa_authority_shown{host=\"mx1.example.org\","
		  "owner=\"_25._tcp.mx1.example.org.\",nameserver="
		  "\"n\\\"s\\\\032.example.org.\",address=\"192.0.2.1\"} 0");
}
END_TEST

START_TEST(all_samples_of_a_metric_stand_together)
{
	char *text, *at;

	metrics_host(m, &r, 0, &NOW);
	metrics_host(m, &r, 0, &NOW);
	text = whole();
	at = strstr(text, "# TYPE danesafe_host_health gauge\n");
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_null(strstr(at + 1, "# TYPE danesafe_host_health"));
	at = strchr(at, '\n') + 1;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(strncmp(at, "danesafe_host_health{", 21), 0);
		at = strchr(at, '\n') + 1;
	}
	ck_assert_int_eq(at[0], '#');
	free(text);
}
END_TEST

START_TEST(what_is_served_must_match_what_is_answered)
{
	struct authority *a = &r.host.own[0].auth[0];
	struct addr at = { .family = 4, .port = 25 };
	struct tlsa rr = tlsa_of(&r.host.key[0].id);
	struct tlsa_set s = { .n = 0 };
	struct endpoint *ep = host_endpoint(&r.host, 0, &at);
	bool *match;

	tlsa_set_add(&s, &rr);
	a->look = LOOK_SHOWN;
	a->set = host_set(&r.host, &s);
	ep->n_seen = 1;
	ep->seen[0].key.sha256[0] = _i == 0 ? 0xab : 0xcd;
	match = report_matches(&r.host);
	ck_assert(match[0] == (_i == 0));
	free(match);
	metrics_host(m, &r, 0, &NOW);
	has(_i == 0 ? "danesafe_tlsa_match{host=\"mx1.example.org\","
		      "service=\"25/tcp\",owner="
		      "\"_25._tcp.mx1.example.org.\"} 1"
		    : "danesafe_tlsa_match{host=\"mx1.example.org\","
		      "service=\"25/tcp\",owner="
		      "\"_25._tcp.mx1.example.org.\"} 0");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("metrics");
	TCase *t = tcase_create("metrics");
	SRunner *run = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_agent_tells_when_it_ran_and_how);
	tcase_add_test(t, a_run_that_did_not_end_has_no_duration);
	tcase_add_test(t, a_key_is_in_one_stage_and_not_in_the_others);
	tcase_add_loop_test(t, a_pause_is_told, 0, 2);
	tcase_add_loop_test(t, a_key_is_stuck_by_its_own_concern_that_lasts, 0,
	    4);
	tcase_add_test(t, a_key_that_is_gone_is_not_told);
	tcase_add_loop_test(t, an_authority_shows_all_that_it_should_or_not, 0,
	    3);
	tcase_add_test(t, all_samples_of_a_metric_stand_together);
	tcase_add_loop_test(t, what_is_served_must_match_what_is_answered, 0,
	    2);
	suite_add_tcase(s, t);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed == 0 ? 0 : 1;
}
