/*
 * cmd.h - the commands; the only floor that logs and prints.
 *
 * Every command takes its own argument vector (argv[0] is the verb) and
 * returns the exit code of the program.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* What stands before the verb on the command line. */
struct cmd {
	const char *config; /* -c FILE */
	int verbose;	    /* -v: 1; -q: -1 */
};

int cmd_ack(const struct cmd *c, int argc, char **argv);
int cmd_alert(const struct cmd *c, int argc, char **argv);
int cmd_adopt(const struct cmd *c, int argc, char **argv);
int cmd_check(const struct cmd *c, int argc, char **argv);
int cmd_advance(const struct cmd *c, int argc, char **argv);
int cmd_config(const struct cmd *c, int argc, char **argv);
int cmd_forget(const struct cmd *c, int argc, char **argv);
int cmd_history(const struct cmd *c, int argc, char **argv);
int cmd_plan(const struct cmd *c, int argc, char **argv);
int cmd_pause(const struct cmd *c, int argc, char **argv);
int cmd_records(const struct cmd *c, int argc, char **argv);
int cmd_resume(const struct cmd *c, int argc, char **argv);
int cmd_rollover(const struct cmd *c, int argc, char **argv);
int cmd_install_cert(const struct cmd *c, int argc, char **argv);
int cmd_run(const struct cmd *c, int argc, char **argv);
int cmd_status(const struct cmd *c, int argc, char **argv);
int cmd_tls(const struct cmd *c, int argc, char **argv);
int cmd_verify(const struct cmd *c, int argc, char **argv);

/* The name under which monitoring starts us: `check`. */
#define CHECK_PLUGIN "check_danesafe"

/* The name under which postfix(1) starts us in the place of its own. */
#define TLS_SCRIPT "postfix-tls-script"
/* argv[0]: a subcommand; the rest is what postfix(1) exports. */
int cmd_tls_script(const char *config_dir, const char *command_dir,
    const char *log_tag, int argc, char **argv);

/* A row of the command table. */
struct verb {
	const char *name;
	int (*run)(const struct cmd *c, int argc, char **argv);
	bool root;	  /* needs to be root */
	const char *args; /* as in the synopsis */
	const char *help; /* one line */
	const char *more; /* `help VERB`; may be NULL */
};
extern const struct verb VERBS[];
extern const size_t VERBS_N;

/* Says the error on standard error; returns its exit code. */
int cmd_fail(const struct err *e);
/* The same, but silent when the lock is held and nobody sits there. */
int cmd_fail_quiet_lock(const struct err *e);
/* Says what is wrong with the command line and how it should look; 64. */
int cmd_usage(const char *verb, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The words of a verb without options, after a "--": how many there are; -1
 * when an option is among them, which is said. */
int cmd_words(int argc, char **argv, char ***ret);
/* Who asks: "root", or "root (by alice)" under sudo. */
const char *cmd_actor(char *buf, size_t size);

#endif
