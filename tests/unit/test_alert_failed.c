/*
 * test_alert_failed.c - a run that could not say that it failed: people are
 * told for it, also of a config that is bad, and not at every quarter of an
 * hour.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/alert.h"

#define GOOD "resolver: 127.0.0.1\nhosts: { mx1.example.org: {} }\n"
#define BAD "nonsense: 1\n"

static char folder[] = "/tmp/danesafe-failed-XXXXXX";
static char config[64], program[64], seen[64], state[64];
static struct cmd cmd = { .config = config };
static struct err e;

static void
write_file(const char *path, mode_t mode, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* A config with this at the end; mail is what the program gets. */
static void
write_config(const char *alert, const char *end)
{
	char *text = mem_fmt("state-dir: %s\nalert: { sendmail: %s%s }\n%s",
	    state, program, alert, end);

	write_file(config, 0600, text);
	free(text);
}

static void
setup(void)
{
	char *script;

	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	text_fmt(config, sizeof(config), "%s/danesafe.yaml", folder);
	text_fmt(program, sizeof(program), "%s/program", folder);
	text_fmt(seen, sizeof(seen), "%s/seen", folder);
	text_fmt(state, sizeof(state), "%s/state", folder);
	write_file(seen, 0600, "");
	script = mem_fmt("#!/bin/sh\nexec >>%s\necho \"<$5>\"; cat\n", seen);
	write_file(program, 0700, script);
	free(script);
}

static void
teardown(void)
{
	static const char *const files[] = { "state/state.db", "state/lock",
		"state/state.db-journal", "program", "seen", "danesafe.yaml" };
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		text_fmt(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(state);
	rmdir(folder);
}

static int
failed(const char *how, const char *status)
{
	char *argv[] = { (char *)how, (char *)status, NULL };

	return alert_failed(&cmd, 2, argv);
}

/* How often the program saw this. */
static int
times(const char *what)
{
	char *s = file_read(seen, 65536, &(size_t){ 0 }, &e), *at = s;
	int n = 0;

	ck_assert_ptr_nonnull(s);
	while ((at = strstr(at, what)) != NULL) {
		at++;
		n++;
	}
	free(s);
	return n;
}

START_TEST(a_killed_run_is_told_once_however_often_it_is_killed)
{
	write_config(", mail-to: [ops@example.org]", GOOD);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(failed("signal", "KILL"), 0);
	ck_assert_int_eq(times("<ops@example.org>"), 1);
	ck_assert_int_eq(times("the last run failed (signal KILL)"), 1);
	ck_assert_int_eq(times("(run-failed)"), 1);
}
END_TEST

START_TEST(an_exit_status_that_is_no_failure_is_not_told)
{
	static const char *const fine[] = { "0", "1", "2", "75" };

	write_config(", mail-to: [ops@example.org]", GOOD);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		ck_assert_int_eq(failed("exit-code", fine[i]), 0);
	ck_assert_int_eq(times("<"), 0);
	ck_assert_int_eq(failed("exit-code", "74"), 0);
	ck_assert_int_eq(times("exit status 74"), 1);
}
END_TEST

START_TEST(a_bad_config_is_told_to_those_whom_it_names)
{
	write_config(", mail-to: [ops@example.org]", BAD GOOD);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(failed("exit-code", "78"), 0);
	ck_assert_int_eq(times("<ops@example.org>"), 1);
	ck_assert_int_eq(times("unknown setting 'nonsense'"), 1);
}
END_TEST

START_TEST(a_bad_config_that_names_nobody_is_told_to_root)
{
	write_config("", GOOD);
	ck_assert_int_eq(failed("signal", "KILL"), 0);
	ck_assert_int_eq(times("<"), 0); /* that is how they want it */
	write_config("", BAD GOOD);
	ck_assert_int_eq(failed("exit-code", "78"), 0);
	ck_assert_int_eq(times("To: root\n"), 1);
}
END_TEST

/* A mistake that only a look around finds, such as a missing TSIG key. */
START_TEST(what_the_config_names_and_is_not_there_is_told)
{
	write_config(", mail-to: [ops@example.org]",
	    "resolver: 127.0.0.1\n"
	    "hosts: { mx1.example.org: { config-dir: /nonexistent } }\n");
	ck_assert_int_eq(failed("exit-code", "78"), 0);
	ck_assert_int_eq(times("config-dir"), 1);
}
END_TEST

START_TEST(a_state_that_cannot_be_kept_is_an_error_and_no_flood_of_mail)
{
	write_config(", mail-to: [ops@example.org]", GOOD);
	write_file(state, 0600, "no folder");
	ck_assert_int_ne(failed("signal", "KILL"), 0);
	ck_assert_int_eq(times("<"), 0);
	unlink(state);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("alert_failed");
	TCase *t = tcase_create("alert_failed");
	SRunner *r;
	int wrong;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_killed_run_is_told_once_however_often_it_is_killed);
	tcase_add_test(t, an_exit_status_that_is_no_failure_is_not_told);
	tcase_add_test(t, a_bad_config_is_told_to_those_whom_it_names);
	tcase_add_test(t, a_bad_config_that_names_nobody_is_told_to_root);
	tcase_add_test(t, what_the_config_names_and_is_not_there_is_told);
	tcase_add_test(t,
	    a_state_that_cannot_be_kept_is_an_error_and_no_flood_of_mail);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	wrong = srunner_ntests_failed(r);
	srunner_free(r);
	return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
