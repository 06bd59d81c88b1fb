/*
 * test_check.c - what the Nagios plugin concludes from what it is given: the
 * worst thing is said, and what is not known outranks it.
 */
#include "../../src/cmd/check.c"

#include <check.h>

static struct session s;
static struct report r;
static struct finding f;
static struct text perf;

static void
setup(void)
{
	struct key *k;

	memset(&s, 0, sizeof(s));
	memset(&r, 0, sizeof(r));
	memset(&f, 0, sizeof(f));
	memset(&perf, 0, sizeof(perf));
	s.now = (struct now){ .elapsed = 5000,
		.wall = 1000000,
		.trusted = true };
	s.agent = (struct agent){ .trusted = true,
		.wall = 1000000,
		.started = 999000,
		.finished = 999100 };
	host_init(&r.host, "mx1.example.org");
	r.known = r.match = true;
	k = host_key_add(&r.host);
	k->id.sha256[0] = 0xab;
	k->stage = STAGE_DEPLOYED;
}

static void
teardown(void)
{
	host_release(&r.host);
	free(r.concern);
	text_release(&perf);
}

static void
is(int code, const char *words)
{
	ck_assert_msg(f.code == code, "%d: %s", f.code, f.text);
	ck_assert_msg(strstr(f.text, words) != NULL, "%s", f.text);
}

/* clang-format off */
static const struct {
	int64_t started, finished; /* seconds ago; -1: not */
	bool trusted;
	int code;
	const char *words;
} AGENT[] = {
	{ 900, 890, true, OK, "" },
	{ 60, -1, true, OK, "" },	/* it is on */
	{ RUN_WARNING + 1, RUN_WARNING + 1, true, WARNING, "does the timer" },
	{ RUN_UNKNOWN + 1, RUN_UNKNOWN + 1, true, UNKNOWN, "does the timer" },
	{ RUN_WARNING + 1, -1, true, UNKNOWN, "never ended" },
	{ 900, RUN_WARNING, true, OK, "" }, /* one failed since */
	{ 900, RUN_WARNING + 1, true, WARNING, "later ones failed" },
	{ 900, RUN_UNKNOWN + 1, true, UNKNOWN, "later ones failed" },
	{ -1, -1, true, UNKNOWN, "no run yet" },
	{ 900, -3600, true, UNKNOWN, "future" },
	{ 900, 890, false, UNKNOWN, "it jumped" },
};
/* clang-format on */

START_TEST(without_runs_nobody_knows)
{
	time_t now = s.now.wall;

	s.agent.started = AGENT[_i].started == -1
	    ? 0
	    : now - (time_t)AGENT[_i].started;
	s.agent.finished = AGENT[_i].finished == -1
	    ? 0
	    : now - (time_t)AGENT[_i].finished;
	s.agent.trusted = AGENT[_i].trusted;
	text_fmt(s.agent.clock_why, HOST_WHY, "it jumped");
	judge_agent(&f, &s, &perf);
	is(AGENT[_i].code, AGENT[_i].words);
}
END_TEST

/* clang-format off */
static const struct {
	int64_t left; /* seconds */
	int code;
	const char *words;
} CERT[] = {
	{ CERT_WARNING,      OK,       "" },
	{ CERT_WARNING - 1,  WARNING,  "ab000000 ends in" },
	{ CERT_CRITICAL,     WARNING,  "ends in" },
	{ CERT_CRITICAL - 1, CRITICAL, "ends in" },
	{ -7200,             CRITICAL, "ended 2 h ago" },
};
/* clang-format on */

START_TEST(a_certificate_that_ends_is_told_in_time)
{
	char want[100];

	r.host.key[0].cert_until = s.now.wall + (time_t)CERT[_i].left;
	judge_certificates(&f, &r, &s.now, &perf);
	is(CERT[_i].code, CERT[_i].words);
	snprintf(want, sizeof(want),
	    " 'mx1.example.org_cert'=%" PRId64 "s;1209600:;259200:",
	    CERT[_i].left);
	ck_assert_str_eq(text_str(&perf), want);
}
END_TEST

START_TEST(a_certificate_that_is_not_known_says_nothing)
{
	judge_certificates(&f, &r, &s.now, &perf);
	is(OK, "");
	ck_assert_uint_eq(perf.len, 0);
}
END_TEST

START_TEST(the_worst_concern_is_said)
{
	struct concern c[3] = { { .level = LEVEL_WARNING, .text = "early" },
		{ .level = LEVEL_CRITICAL,
		    .code = "inv1",
		    .text = "bad\nYou: mend it" },
		{ .level = LEVEL_QUIET, .text = "waits" } };

	r.concern = mem_copy(c, sizeof(c));
	r.n_concern = _i == 0 ? 3 : 1;
	if (_i == 2)
		r.concern[0].level = LEVEL_QUIET;
	judge_host(&f, &r, &s.now);
	if (_i == 0)
		is(CRITICAL, "mx1.example.org: inv1 for 83 min: bad");
	else if (_i == 1)
		is(WARNING, "early");
	else
		is(OK, "");
}
END_TEST

START_TEST(what_was_never_looked_at_or_does_not_match_is_a_warning)
{
	if (_i == 0)
		r.known = false;
	else
		r.match = false;
	judge_host(&f, &r, &s.now);
	is(WARNING, _i == 0 ? "no run has looked" : "do not match");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("check");
	TCase *t = tcase_create("check");
	SRunner *run = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, without_runs_nobody_knows, 0,
	    (int)(sizeof(AGENT) / sizeof(AGENT[0])));
	tcase_add_loop_test(t, a_certificate_that_ends_is_told_in_time, 0,
	    (int)(sizeof(CERT) / sizeof(CERT[0])));
	tcase_add_test(t, a_certificate_that_is_not_known_says_nothing);
	tcase_add_loop_test(t, the_worst_concern_is_said, 0, 3);
	tcase_add_loop_test(t,
	    what_was_never_looked_at_or_does_not_match_is_a_warning, 0, 2);
	suite_add_tcase(suite, t);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed == 0 ? 0 : 1;
}
