/*
 * exec.h - runs one program that the config or Postfix names.  No shell.
 *
 * Absolute path, argument vector, an environment made from nothing (PATH
 * fixed, LC_ALL=C and what is passed), stdin from /dev/null or a text, own
 * process group, the folder "/", no descriptor inherited; TERM, then KILL to the
 * group after the deadline.  What it leaves running when it ends is left alone.
 * What the program says is a claim, never evidence.
 */
#ifndef EDGE_EXEC_H
#define EDGE_EXEC_H

#include <stddef.h>

#include "base/err.h"

struct exec_result {
	int status; /* exit status, or 128 + signal */
	int signal; /* that ended it; 0: none */
	char *out;  /* stdout, at most EXEC_OUTPUT bytes, terminated */
	size_t out_len;
	char *errout; /* stderr, likewise */
	size_t err_len;
};
#define EXEC_OUTPUT (64 * 1024)

/*
 * argv[0] is the path.  env: NULL-terminated "NAME=value" to add, or NULL.
 * input: what it finds on its standard input, or NULL for nothing.
 * -1 when it could not be started or had to be killed; the exit status is
 * the caller's to judge.
 */
int exec_run(const char *const *argv, const char *const *env, const char *input,
    int timeout_ms, struct exec_result *ret, struct err *e);
void exec_release(struct exec_result *r);

/* "exit status 75", "ended by SIGSEGV". */
const char *exec_end(const struct exec_result *r, char *buf, size_t size);

/*
 * The last line that a program said on its standard error, made harmless:
 * warnings come before what it died of.  postfix(1) says nothing there unless
 * it is a terminal.
 */
const char *exec_complaint(const struct exec_result *r, char *buf, size_t size);

#endif
