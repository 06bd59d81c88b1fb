/*
 * postfix_log.c - what goes to Postfix's log, where it is.
 */
#include <string.h>
#include <syslog.h>

#include "base/file.h"
#include "edge/exec.h"
#include "edge/postfix.h"

/* As postlog(1) would: its priorities and words, a message a line. */
static void
log_to_syslog(const char *tag, enum postfix_log level, const char *text)
{
	static const struct {
		int priority;
		const char *word;
	} as[] = { { LOG_INFO, "" }, { LOG_WARNING, "warning: " },
		{ LOG_ERR, "error: " } };

	openlog(tag, LOG_PID, LOG_MAIL);
	while (*text != 0) {
		size_t n = strcspn(text, "\n");

		syslog(as[level].priority, "%s%.*s", as[level].word, (int)n,
		    text);
		text += n + (text[n] == '\n');
	}
	closelog();
}

static int
log_by_postlog(const struct postfix_state *s, const char *config_dir,
    const char *tag, enum postfix_log level, const char *text, struct err *e)
{
	static const char *const priority[] = { "info", "warn", "error" };
	char path[1100], why[256];
	const char *const argv[] = { path, "-c",
		config_dir != NULL ? config_dir : s->config_dir, "-t", tag,
		"-p", priority[level], NULL };
	struct exec_result r;
	int rc = 0;

	if (!file_join(path, sizeof(path), s->command_dir, "postlog"))
		return err_set(e, ERR_CONFIG,
		    "command_directory of %s: too long", s->config_dir);
	if (exec_run(argv, NULL, text, POSTFIX_TIMEOUT, &r, e) < 0)
		return -1;
	if (r.status != 0)
		rc = err_set(e, ERR_TEMP, "%s: %s", path,
		    exec_complaint(&r, why, sizeof(why)));
	exec_release(&r);
	return rc;
}

int
postfix_log(const struct postfix_state *s, const char *config_dir,
    const char *tag, enum postfix_log level, const char *text, struct err *e)
{
	if (s->maillog_file[0] != 0 || strcmp(s->syslog_facility, "mail") != 0)
		return log_by_postlog(s, config_dir, tag, level, text, e);
	log_to_syslog(tag, level, text);
	return 0;
}
