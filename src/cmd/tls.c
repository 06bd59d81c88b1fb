/*
 * tls.c - `danesafe tls`, and what postfix(1) starts as postfix-tls-script:
 * the table of its commands, what they begin and end with.
 */
#include "cmd/tls.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "cmd/cmd.h"

/* clang-format off */
static const struct tls_command COMMANDS[] = {
	{ "enable-client", tls_enable_client, "[-r randsource]" },
	{ "enable-server", tls_enable_server,
	  "[-r randsource] [-a algorithm] [-b bits] [hostname ...]" },
	{ "new-server-key", tls_new_key,
	  "[-a algorithm] [-b bits] [hostname ...]" },
	{ "new-server-cert", tls_new_cert,
	  "[-a algorithm] [-b bits] [hostname ...]" },
	{ "deploy-server-cert", tls_deploy, "certfile keyfile" },
	{ "output-server-csr", tls_csr,
	  "[--json] [-k keyfile] [hostname ...]" },
	{ "output-server-tlsa", tls_tlsa,
	  "[--json] [--port port] [--params \"3 1 1\"] [-h hostname] [keyfile ...]" },
	{ "all-default-client", tls_default_client, "" },
	{ "all-default-server", tls_default_server, "" },
};
/* clang-format on */
#define N_COMMANDS (sizeof(COMMANDS) / sizeof(COMMANDS[0]))

static int
unknown_command(struct tls *t, const char *name)
{
	const char *names[N_COMMANDS], *near;
	struct text list = TEXT_INIT;
	char shown[64], self[1200];

	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = COMMANDS[i].name;
	near = text_nearest(name, names, N_COMMANDS);
	text_show(name, strlen(name), shown, sizeof(shown));
	if (near != NULL)
		tls_error(t, "unknown tls command: '%s'; did you mean '%s'?",
		    shown, near);
	else
		tls_error(t, "unknown tls command: '%s'", shown);
	for (size_t i = 1; i < N_COMMANDS; i++)
		text_addf(&list, "%s%s", i > 1 ? ", " : "", names[i]);
	tls_fatal(t, "usage: %s %s (or %s)", tls_self(t, self, sizeof(self)),
	    names[0], text_str(&list));
	text_release(&list);
	return 1;
}

static int
help(void)
{
	puts("usage: danesafe tls [--config-dir DIR] SUBCOMMAND [ARGS]\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %s %s\n", COMMANDS[i].name, COMMANDS[i].args);
	puts("\n  --config-dir DIR  the Postfix instance "
	     "(default " POSTFIX_DEFAULT_DIR ")");
	return 0;
}

static int
run(struct tls *t, int argc, char **argv)
{
	const char *name = argc > 0 ? argv[0] : "";

	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(COMMANDS[i].name, name) == 0)
			return COMMANDS[i].run(t, &COMMANDS[i], argc, argv);
	return unknown_command(t, name);
}

/* Signals that were held back come through once all is tidy. */
static int
begin_and_end(struct tls *t, int argc, char **argv)
{
	sigset_t was;
	struct err e;
	int rc;

	sigprocmask(SIG_BLOCK, NULL, &was);
	t->lock = -1;
	rc = geteuid() != 0 ? tls_fatal(t, "tls: needs to be root")
			    : run(t, argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		rc = tls_fatal(t, "standard output: %s", strerror(errno));
		__fpurge(stdout); /* once is enough */
		clearerr(stdout);
	}
	if (t->n_said > 0 && !t->asked)
		tls_read(t, &e); /* where the log is */
	tls_log(t);
	if (t->editing)
		postfix_edit_end(&t->edit);
	if (t->lock >= 0)
		close(t->lock);
	free(t->said);
	sigprocmask(SIG_SETMASK, &was, NULL);
	return rc;
}

/* One name for one folder: without slashes at the end. */
static void
take_dir(char **dir, const char *given)
{
	size_t n = strlen(given);

	while (n > 1 && given[n - 1] == '/')
		n--;
	free(*dir);
	*dir = mem_fmt("%.*s", (int)n, given);
}

int
cmd_tls(const struct cmd *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config-dir", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct tls *t = mem_new(sizeof(*t));
	char *dir = mem_dup(POSTFIX_DEFAULT_DIR);
	int ch, rc = 0;
	bool asked = false;

	(void)c;
	optind = 0;
	while ((ch = getopt_long(argc, argv, "+:h", longs, NULL)) != -1) {
		if (ch == 'c')
			take_dir(&dir, optarg);
		else if (ch == 'h')
			asked = true;
		else
			rc = 1;
	}
	if (rc != 0)
		log_error("fatal: usage: danesafe tls [--config-dir DIR] "
			  "SUBCOMMAND [ARGS]");
	else if (asked)
		rc = help();
	else {
		t->config_dir = dir;
		rc = begin_and_end(t, argc - optind, argv + optind);
	}
	free(dir);
	free(t);
	return rc;
}

/* ---- in the place of postfix-tls-script ---- */

/* What postfix(1) exports (postfix(1), ENVIRONMENT). */
int
cmd_tls_script(const char *config_dir, const char *command_dir,
    const char *log_tag, int argc, char **argv)
{
	struct tls *t = mem_new(sizeof(*t));
	char *postconf = mem_fmt("%s/postconf", command_dir);
	char shown[200];
	int rc;

	t->drop_in = true;
	t->config_dir = config_dir;
	t->postconf = postconf;
	if (log_tag == NULL)
		log_tag = "postfix";
	text_fmt(t->tag, sizeof(t->tag), "%s/" TLS_SCRIPT,
	    text_show(log_tag, strlen(log_tag), shown, sizeof(shown)));
	log_name_set(t->tag);
	rc = begin_and_end(t, argc, argv);
	log_name_set("danesafe");
	free(postconf);
	free(t);
	return rc;
}
