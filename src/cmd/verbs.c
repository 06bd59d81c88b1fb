/*
 * verbs.c - the command table, and what all commands say alike.
 */
#include "cmd/cmd.h"

#include <getopt.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

/* clang-format off */
const struct verb VERBS[] = {
	{ "run", cmd_run, true, "[--dry-run] [--exit-code] [--splay SPAN] [HOST...]",
	  "one pass: look, decide, act; silent and 0 when all is well",
	  "  --dry-run     look and decide, print the steps, change nothing\n"
	  "  --exit-code   exit 2 when all is well and something was changed\n"
	  "  --splay SPAN  wait first, for some part of it; for cron\n" },
	{ "status", cmd_status, false,
	  "[--json | --short | --html FILE] [HOST...] | -v HOST [KEY]",
	  "what is, what comes, who acts; from the state file only",
	  "  --json       for programs\n"
	  "  --short      one line a host\n"
	  "  --html FILE  one page, with pictures of what is and what comes\n"
	  "  -v           what was seen where, and the arithmetic of every wait\n" },
	{ "verify", cmd_verify, false, "[--json] [--port PORT] [HOST...]",
	  "look now, and say what a DANE sender would conclude; changes nothing",
	  "  --json       for programs\n"
	  "  --port PORT  of a host that the config has not (default 25)\n" },
	{ "check", cmd_check, false, "[HOST...]",
	  "one line and 0, 1, 2 or 3 for Nagios and its kin", NULL },
	{ "plan", cmd_plan, false, "[--json] [--until TIME] [HOST...]",
	  "what comes, step by step, if nothing fails; from the state file only",
	  "  --json        for programs\n"
	  "  --until TIME  such as 2027-06-30, 90d or 1y (the default)\n" },
	{ "history", cmd_history, false, "[--since SPAN] [HOST...]",
	  "every step, wish, force and alert",
	  "  --since SPAN  such as 30d (the default)\n" },
	{ "records", cmd_records, false, "HOST",
	  "the TLSA records that should be in the zone, ready to paste", NULL },
	{ "rollover", cmd_rollover, true,
	  "HOST [--slot rsa|ecdsa] [--compromised] --reason TEXT",
	  "start a rollover now",
	  "  --slot SLOT    only this algorithm\n"
	  "  --compromised  the key in use is lost to others: no retire hold\n"
	  "  --reason TEXT  kept in the history\n" },
	{ "advance", cmd_advance, true,
	  "HOST KEY --to STAGE --skip GUARD[,GUARD...] --reason TEXT [--confirm KEYID]",
	  "take the next step of a key by hand; every unmet guard must be named",
	  "  --to STAGE       the key's next stage\n"
	  "  --skip GUARDS    as `status` names them: hold, shown:192.0.2.1\n"
	  "  --reason TEXT    kept in the history for ever\n"
	  "  --confirm KEYID  instead of typing the key id\n" },
	{ "forget", cmd_forget, true,
	  "HOST OWNER --reason TEXT [--confirm OWNER]",
	  "wait no more for an owner that left the config, and whose zone is gone",
	  "  --reason TEXT    kept in the history for ever\n"
	  "  --confirm OWNER  instead of typing the name\n" },
	{ "pause", cmd_pause, true,
	  "HOST [--until TIME | --for SPAN] --reason TEXT",
	  "freeze the steps of a host; watching goes on",
	  "  --until TIME   such as 2026-12-01 or 2026-12-01T08:30Z, in UTC\n"
	  "  --for SPAN     such as 12h or 5d (default 7d)\n"
	  "  --reason TEXT  shown while it lasts, kept in the history\n" },
	{ "resume", cmd_resume, true, "HOST", "end a pause", NULL },
	{ "ack", cmd_ack, true, "HOST CODE [--for SPAN]",
	  "a trouble is known: people are not told again for a while",
	  "  --for SPAN  such as 7d (the default); ends before if it gets worse\n" },
	{ "alert", cmd_alert, true, "test | failed [HOW [STATUS]]",
	  "send a test through every channel, and say what became of it",
	  "  failed  a run ended like this and could not say so; for who starts it\n" },
	{ "install-cert", cmd_install_cert, true, "HOST FILE",
	  "take a certificate and its chain from an issuer, for a key of the host",
	  NULL },
	{ "adopt", cmd_adopt, true, "HOST",
	  "take over a running host: import what it uses, change nothing", NULL },
	{ "tls", cmd_tls, false, "[--config-dir DIR] SUBCOMMAND [ARGS]",
	  "the commands of postfix-tls(1), by hand and at once: danesafe-tls(8)",
	  "  --config-dir DIR  the Postfix instance (default /etc/postfix)\n"
	  "  --help            the commands\n" },
	{ "config", cmd_config, false, "check | example",
	  "check the config and what it names; print an example", NULL },
};
/* clang-format on */

const size_t VERBS_N = sizeof(VERBS) / sizeof(VERBS[0]);

int
cmd_fail(const struct err *e)
{
	log_error("%s", e->text);
	return err_exit(e->kind);
}

int
cmd_fail_quiet_lock(const struct err *e)
{
	if (e->kind == ERR_TEMP && !isatty(STDERR_FILENO)) {
		log_debug("%s", e->text);
		return err_exit(e->kind);
	}
	return cmd_fail(e);
}

int
cmd_usage(const char *verb, const char *fmt, ...)
{
	char why[512];
	va_list ap;

	if (fmt != NULL) {
		va_start(ap, fmt);
		vsnprintf(why, sizeof(why), fmt, ap);
		va_end(ap);
		log_error("%s: %s", verb, why);
	}
	for (size_t i = 0; i < VERBS_N; i++)
		if (strcmp(VERBS[i].name, verb) == 0)
			fprintf(stderr, "usage: danesafe %s %s\n", verb,
			    VERBS[i].args);
	return err_exit(ERR_USAGE);
}

int
cmd_words(int argc, char **argv, char ***ret)
{
	static const struct option none[] = { { NULL, 0, NULL, 0 } };

	optind = 0; /* begin anew: main has used getopt too */
	if (getopt_long(argc, argv, "+", none, NULL) != -1)
		return -1;
	*ret = argv + optind;
	return argc - optind;
}

const char *
cmd_actor(char *buf, size_t size)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *sudo = getenv("SUDO_USER");
	char by[64];

	if (sudo != NULL)
		return text_fmt(buf, size, "%s (by %s)",
		    pw != NULL ? pw->pw_name : "?",
		    text_show(sudo, strlen(sudo), by, sizeof(by)));
	return text_fmt(buf, size, "%s", pw != NULL ? pw->pw_name : "?");
}
