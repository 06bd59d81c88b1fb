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

/* ---- many at once ---- */

#define MANY 30

static void
with_state(void (*act)(struct session *s))
{
	struct session s;

	ck_assert_msg(session_open(&s, &cmd, SESSION_ALERT, &e) == 0, "%s",
	    e.text);
	act(&s);
	session_close(&s);
}

static void
save_many(struct session *s)
{
	struct concerns c = { .v = NULL };

	for (int i = 0; i < MANY; i++)
		concern_add(&c, "", NULL, (enum code)i)->level = LEVEL_WARNING;
	ck_assert_int_eq(store_concerns_save(s->store, "", c.v, c.n, &e), 0);
	concern_release(&c);
}

/* MANY and the failed run: ten mails, of which the last is of all others. */
START_TEST(a_pass_sends_ten_mails_that_tell_all)
{
	write_config(", mail-to: [ops@example.org]", GOOD);
	with_state(save_many);
	ck_assert_int_eq(failed("signal", "KILL"), 0);
	ck_assert_int_eq(times("<ops@example.org>"), 10);
	ck_assert_int_eq(times("Subject: [danesafe] 22 more"), 1);
	ck_assert_int_eq(failed("signal", "KILL"), 0);
	ck_assert_int_eq(times("<ops@example.org>"), 10);
}
END_TEST

START_TEST(a_pass_runs_twenty_commands_and_the_next_one_the_rest)
{
	char *command = mem_fmt(", command: [%s]", program);

	write_config(command, GOOD);
	with_state(save_many);
	ck_assert_int_eq(failed("signal", "KILL"), 0);
	ck_assert_int_eq(times("<>"), 20);
	ck_assert_int_eq(failed("signal", "KILL"), 0);
	ck_assert_int_eq(times("<>"), MANY + 1);
	free(command);
}
END_TEST

static struct channel_state channel;
static int64_t pause_left;

static void
read_channel(struct session *s)
{
	ck_assert_int_eq(store_channel(s->store, CHANNEL_COMMAND, &channel, &e),
	    0);
	pause_left = channel.retry_at - s->now.elapsed;
}

/* As if its pause were over. */
static void
end_pause(struct session *s)
{
	channel.retry_at = 0;
	ck_assert_int_eq(store_channel_save(s->store, CHANNEL_COMMAND, &channel,
			     &e),
	    0);
}

START_TEST(a_command_that_fails_is_tried_again_after_pauses_that_grow)
{
	static const int64_t minutes[] = { 15, 30, 60, 120, 240, 360, 360 };
	char *command = mem_fmt(", command: [%s]", program);
	char *script = mem_fmt("#!/bin/sh\necho tried >>%s\nexit 1\n", seen);
	int n = sizeof(minutes) / sizeof(minutes[0]);

	write_file(program, 0700, script);
	write_config(command, GOOD);
	for (int i = 0; i < n; i++) {
		ck_assert_int_eq(failed("signal", "KILL"), 0);
		ck_assert_int_eq(failed("signal", "KILL"), 0);
		ck_assert_int_eq(times("tried"), i + 1);
		with_state(read_channel);
		ck_assert_int_eq(channel.failures, i + 1);
		ck_assert_int_le(pause_left, 60 * minutes[i]);
		ck_assert_int_gt(pause_left, 60 * minutes[i] - 60);
		with_state(end_pause);
	}
	free(script);
	free(command);
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
	tcase_add_test(t, a_pass_sends_ten_mails_that_tell_all);
	tcase_add_test(t,
	    a_pass_runs_twenty_commands_and_the_next_one_the_rest);
	tcase_add_test(t,
	    a_command_that_fails_is_tried_again_after_pauses_that_grow);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	wrong = srunner_ntests_failed(r);
	srunner_free(r);
	return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
