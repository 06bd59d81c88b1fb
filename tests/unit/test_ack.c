/*
 * test_ack.c - `danesafe ack`: only what people are told of can be known, and
 * it is quiet for the time given, or until it gets worse.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/session.h"

#define MX "mx1.example.org"

static char folder[] = "/tmp/danesafe-ack-XXXXXX", config[64], state[64];
static struct cmd cmd = { .config = config };
static struct err e;

/* What the state says of the host; free(). */
static struct concern *
kept(size_t *ret_n, struct now *ret_now)
{
	struct concern *v = NULL;
	struct session s;

	ck_assert_msg(session_open(&s, &cmd, SESSION_READ, &e) == 0, "%s",
	    e.text);
	ck_assert_int_eq(store_concerns(s.store, MX, &v, ret_n, &e), 0);
	*ret_now = s.now;
	session_close(&s);
	return v;
}

/* A name server that lags has been told; one that is over was as well. */
static void
troubles(void)
{
	struct concerns c = { .v = NULL };
	struct session s;

	ck_assert_msg(session_open(&s, &cmd, SESSION_WRITE, &e) == 0, "%s",
	    e.text);
	concern_add(&c, MX, NULL, CODE_PUB_LAG)->level = LEVEL_WARNING;
	concern_add(&c, MX, NULL, CODE_HOLD)->level = LEVEL_QUIET;
	concern_add(&c, MX, NULL, CODE_FAILED)->level = LEVEL_WARNING;
	c.v[2].over_at = s.now.elapsed;
	ck_assert_msg(store_concerns_save(s.store, MX, c.v, c.n, &e) == 0, "%s",
	    e.text);
	concern_release(&c);
	session_close(&s);
}

static void
setup(void)
{
	FILE *f;

	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	text_fmt(config, sizeof(config), "%s/danesafe.yaml", folder);
	text_fmt(state, sizeof(state), "%s/state", folder);
	f = fopen(config, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
	    "state-dir: %s\nresolver: 127.0.0.1\n"
	    "hosts: { " MX ": { config-dir: %s } }\n",
	    state, folder);
	fclose(f);
	ck_assert_int_eq(chmod(config, 0600), 0);
	text_fmt(e.text, sizeof(e.text), "%s/main.cf", folder);
	f = fopen(e.text, "w");
	ck_assert_ptr_nonnull(f);
	fclose(f);
	troubles();
}

static void
teardown(void)
{
	static const char *const files[] = { "state/state.db", "state/lock",
		"state/state.db-journal", "main.cf", "danesafe.yaml" };
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		text_fmt(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(state);
	rmdir(folder);
}

static int
ack(const char *host, const char *code, const char *span)
{
	char *argv[] = { (char *)"ack", (char *)host, (char *)code,
		(char *)(span != NULL ? "--for" : NULL), (char *)span, NULL };

	return cmd_ack(&cmd, span != NULL ? 5 : 3, argv);
}

static bool
any_is_quiet(void)
{
	struct now now;
	size_t n;
	struct concern *v = kept(&n, &now);
	bool quiet = false;

	for (size_t i = 0; i < n; i++)
		quiet = quiet || v[i].quiet_until != NEVER;
	free(v);
	return quiet;
}

START_TEST(what_nobody_is_told_of_cannot_be_acknowledged)
{
	static const struct {
		const char *host, *code, *span;
		int exit;
	} refused[] = {
		{ "mx9.example.org", "pub-lag", NULL, 64 },
		{ MX, "no-such-code", NULL, 4 },
		{ MX, "retire-lag", NULL, 4 }, /* not there */
		{ MX, "hold", NULL, 4 },       /* only noted */
		{ MX, "failed", NULL, 4 },     /* over */
		{ MX, "pub-lag", "soon", 64 },
		{ MX, "pub-lag", "0s", 64 },
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		ck_assert_int_eq(ack(refused[i].host, refused[i].code,
				     refused[i].span),
		    refused[i].exit);
	ck_assert(!any_is_quiet());
}
END_TEST

START_TEST(it_is_quiet_for_the_time_given_or_until_it_gets_worse)
{
	struct concern *v;
	struct now now;
	size_t n;

	ck_assert_int_eq(ack(MX, "pub-lag", "12h"), 0);
	v = kept(&n, &now);
	ck_assert_uint_eq(n, 3);
	ck_assert(tell_is_quiet(&v[0], &now));
	ck_assert_int_eq(v[1].quiet_until, NEVER);
	ck_assert_int_eq(v[2].quiet_until, NEVER);
	v[0].level = LEVEL_CRITICAL;
	ck_assert(!tell_is_quiet(&v[0], &now));
	v[0].level = LEVEL_WARNING;
	now.elapsed += 12 * WHEN_HOUR - WHEN_MINUTE;
	ck_assert(tell_is_quiet(&v[0], &now));
	now.elapsed += WHEN_MINUTE;
	ck_assert(!tell_is_quiet(&v[0], &now));
	free(v);
}
END_TEST

START_TEST(without_a_span_it_is_a_week)
{
	struct concern *v;
	struct now now;
	size_t n;

	ck_assert_int_eq(ack("MX1.example.org", "pub-lag", NULL), 0);
	v = kept(&n, &now);
	now.elapsed += 7 * WHEN_DAY - WHEN_MINUTE;
	ck_assert(tell_is_quiet(&v[0], &now));
	now.elapsed += WHEN_MINUTE;
	ck_assert(!tell_is_quiet(&v[0], &now));
	free(v);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ack");
	TCase *t = tcase_create("ack");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_nobody_is_told_of_cannot_be_acknowledged);
	tcase_add_test(t,
	    it_is_quiet_for_the_time_given_or_until_it_gets_worse);
	tcase_add_test(t, without_a_span_it_is_a_week);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
