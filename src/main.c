/*
 * main.c - options, the command table, exit codes.  Does nothing itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "edge/conf.h"

static void
usage(FILE *out)
{
	fputs("usage: danesafe [-c FILE] [-v | -q] VERB [ARGS]\n\n", out);
	for (size_t i = 0; i < VERBS_N; i++)
		fprintf(out, "  %-13s %s\n", VERBS[i].name, VERBS[i].help);
	fputs("  help          this, or more about a verb: help VERB\n"
	      "  version       which danesafe this is\n\n"
	      "  -c FILE       the config (default " CONF_DEFAULT ")\n"
	      "  -v, -q        say more, say less\n",
	    out);
}

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS_N; i++)
		if (strcmp(VERBS[i].name, name) == 0)
			return &VERBS[i];
	return NULL;
}

static int
unknown_verb(const char *name)
{
	const char *names[32], *near;
	char shown[64];
	size_t n = 0;

	while (n < VERBS_N && n < 30) {
		names[n] = VERBS[n].name;
		n++;
	}
	names[n++] = "help";
	names[n++] = "version";
	near = text_nearest(name, names, n);
	text_show(name, strlen(name), shown, sizeof(shown));
	if (near != NULL)
		log_error("unknown command '%s'; did you mean '%s'?", shown,
		    near);
	else
		log_error("unknown command '%s'; see 'danesafe help'", shown);
	return err_exit(ERR_USAGE);
}

static int
help_about(const struct verb *v)
{
	printf("usage: danesafe %s %s\n\n%s\n", v->name, v->args, v->help);
	if (v->more != NULL)
		printf("\n%s", v->more);
	return 0;
}

static int
help(int argc, char **argv)
{
	const struct verb *v;
	char **words;
	int n = cmd_words(argc, argv, &words);

	if (n < 0)
		return err_exit(ERR_USAGE);
	if (n == 0) {
		usage(stdout);
		return 0;
	}
	v = find_verb(words[0]);
	if (v == NULL)
		return unknown_verb(words[0]);
	return help_about(v);
}

static int
version(void)
{
	puts("danesafe " PACKAGE_VERSION);
	return 0;
}

#define RC_PRINTED 2 /* up to here an exit status says what was printed */
#define RC_UNKNOWN 3 /* of a monitoring plugin */

/* What postfix(1) tells its tls script; kept in that case only. */
static const char *const FROM_POSTFIX[] = { "config_directory",
	"command_directory", "daemon_directory", "MAIL_LOGTAG" };
enum { CONFIG_DIR, COMMAND_DIR, DAEMON_DIR, LOG_TAG, N_FROM_POSTFIX };

/* What is inherited must not matter: descriptors, mask, umask, variables. */
static void
clean_start(void)
{
	static const char *const keep[] = { "SUDO_USER", "NO_COLOR", "TERM",
		"COLUMNS", "JOURNAL_STREAM" };
	char *kept[sizeof(keep) / sizeof(keep[0])];
	sigset_t none;
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++) {
		const char *v = getenv(keep[i]);

		kept[i] = v != NULL ? strdup(v) : NULL;
	}
	clearenv();
	for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++) {
		if (kept[i] != NULL)
			setenv(keep[i], kept[i], 1);
		free(kept[i]);
	}
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	umask(077);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
}

/* What could not be written nobody knows, however good or bad it is; what was
 * refused, or failed, was said elsewhere.  `tls` has seen to this itself. */
static int
ended(const char *name, int rc)
{
	bool is_plugin = strcmp(name, "check") == 0 ||
	    strcmp(name, "verify") == 0;

	if (fflush(stdout) == 0 && !ferror(stdout))
		return rc;
	log_error("standard output: %s", strerror(errno));
	if (rc > RC_PRINTED)
		return rc;
	return is_plugin ? RC_UNKNOWN : err_exit(ERR_IO);
}

static int
run_verb(const struct cmd *c, int argc, char **argv)
{
	const struct verb *v = find_verb(argv[0]);
	char as[40];

	if (v == NULL)
		return unknown_verb(argv[0]);
	/* tls lists its own commands. */
	if (argc == 2 && strcmp(argv[1], "--help") == 0 && v->run != cmd_tls)
		return ended("help", help_about(v));
	if (v->root && geteuid() != 0) {
		log_error("%s: needs to be root", v->name);
		return err_exit(ERR_PERM);
	}
	/* getopt(3) puts it before what it complains of. */
	text_fmt(as, sizeof(as), "danesafe: %s", v->name);
	argv[0] = as;
	return ended(v->name, v->run(c, argc, argv));
}

/* Started by postfix(1) in the place of its own script: it is that. */
static int
as_tls_script(int argc, char **argv)
{
	char *from[N_FROM_POSTFIX];
	int rc;

	for (int i = 0; i < N_FROM_POSTFIX; i++) {
		const char *v = getenv(FROM_POSTFIX[i]);

		from[i] = v != NULL && *v != 0 ? strdup(v) : NULL;
	}
	clean_start();
	if (from[DAEMON_DIR] != NULL && from[CONFIG_DIR] != NULL &&
	    from[COMMAND_DIR] != NULL)
		rc = cmd_tls_script(from[CONFIG_DIR], from[COMMAND_DIR],
		    from[LOG_TAG], argc - 1, argv + 1);
	else {
		log_error(TLS_SCRIPT
		    " must be run by the postfix(1) command\n"
		    "do not run it directly; use 'danesafe tls'");
		rc = 1;
	}
	for (int i = 0; i < N_FROM_POSTFIX; i++)
		free(from[i]);
	return rc;
}

static bool
is_called(const char *name, const char *what)
{
	const char *slash = name != NULL ? strrchr(name, '/') : NULL;

	return name != NULL &&
	    strcmp(slash != NULL ? slash + 1 : name, what) == 0;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	static char check[] = "check";
	struct cmd c = { .config = CONF_DEFAULT };
	bool plugin = is_called(argv[0], CHECK_PLUGIN);
	int ch;

	if (is_called(argv[0], TLS_SCRIPT))
		return as_tls_script(argc, argv);
	clean_start();
	opterr = !plugin;
	while ((ch = getopt_long(argc, argv, "+c:vqhV", longs, NULL)) != -1) {
		if (ch == 'c')
			c.config = optarg;
		else if (ch == 'v')
			c.verbose = 1;
		else if (ch == 'q')
			c.verbose = -1;
		else if (ch == 'V')
			return ended("version", version());
		else if (plugin)
			return ended(check, cmd_check(&c, 0, argv));
		else {
			usage(ch == 'h' ? stdout : stderr);
			return ended("help",
			    ch == 'h' ? 0 : err_exit(ERR_USAGE));
		}
	}
	log_level_set((enum log_level)c.verbose);
	if (plugin)
		argv[--optind] = check;
	argc -= optind;
	argv += optind;
	if (argc <= 0) {
		usage(stderr);
		return err_exit(ERR_USAGE);
	}
	if (strcmp(argv[0], "help") == 0)
		return ended("help", help(argc, argv));
	if (strcmp(argv[0], "version") == 0)
		return ended("version", version());
	return run_verb(&c, argc, argv);
}
