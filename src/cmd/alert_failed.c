/*
 * alert_failed.c - `danesafe alert failed`: a run was stopped, or could not
 * begin, so that it could not say so itself.  Who started it calls this.
 */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "cmd/alert.h"

#define SYSTEMD "/run/systemd/system" /* sd_booted(3) */

/* Exit statuses that are no failure: of run, a host that needs attention, a
 * change, and the lock of another run. */
static bool
is_fine(const char *how, const char *status)
{
	static const char *const fine[] = { "0", "1", "2", "75" };

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		if (strcmp(how, "exit-code") == 0 &&
		    strcmp(status, fine[i]) == 0)
			return true;
	return false;
}

/* The mistakes that a run would find before it begins; "": none. */
static const char *
mistakes(const struct cmd *c, struct err *e)
{
	struct conf conf;

	e->text[0] = 0;
	if (conf_read(c->config, &conf, e) < 0)
		return e->text;
	if (conf_check_world(&conf, e) == 0)
		e->text[0] = 0;
	conf_release(&conf);
	return e->text;
}

static void
describe(struct text *out, const struct cmd *c, const char *how,
    const char *status)
{
	struct err why;
	char word[32], end[32];
	const char *wrong = mistakes(c, &why);

	text_show(how, strlen(how), word, sizeof(word));
	text_show(status, strlen(status), end, sizeof(end));
	text_add(out, "the last run failed");
	if (strcmp(how, "exit-code") == 0)
		text_addf(out, " (exit status %s)", end);
	else if (word[0] != 0)
		text_addf(out, " (%s%s%s)", word, end[0] != 0 ? " " : "", end);
	if (wrong[0] != 0)
		text_addf(out, ": %.600s", wrong);
	text_addf(out,
	    "\n  You: see what it said (%s), mend it, and: danesafe run",
	    access(SYSTEMD, F_OK) == 0 ? "journalctl -u danesafe"
				       : "cron mails it to root");
}

/* Nothing can be remembered: only the log is told, every time. */
static int
tell_log_only(const char *text, const struct err *why)
{
	if (!alert_log_unkept(CODE_RUN_FAILED, text))
		log_error("%s WARNING: %s", code_name(CODE_RUN_FAILED), text);
	return cmd_fail(why);
}

int
alert_failed(const struct cmd *c, int argc, char **argv)
{
	const char *how = argc > 0 ? argv[0] : "";
	const char *status = argc > 1 ? argv[1] : "";
	struct text said = TEXT_INIT;
	struct session s;
	struct err e;
	int rc = 0;

	if (argc > 2)
		return cmd_usage("alert", NULL);
	if (is_fine(how, status))
		return 0;
	describe(&said, c, how, status);
	if (session_open(&s, c, SESSION_ALERT, &e) < 0)
		rc = e.kind == ERR_TEMP ? cmd_fail_quiet_lock(&e)
					: tell_log_only(text_str(&said), &e);
	else {
		if (alert_raise(&s, CODE_RUN_FAILED, text_str(&said), &e) < 0)
			rc = tell_log_only(text_str(&said), &e);
		session_close(&s);
	}
	text_release(&said);
	return rc;
}
