/*
 * postfix.c - one Postfix instance: what its settings say, and its programs.
 * Never edits main.cf, never believes that a reload means served.
 */
#include "edge/postfix.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/exec.h"

#ifndef DANESAFE_POSTCONF
#define DANESAFE_POSTCONF "/usr/sbin/postconf"
#endif

/* After a change Postfix's own programs wait up to 2 s for main.cf to cool
 * down. */
#define TIMEOUT_MS 30000

/*
 * The last line that a program said on its standard error, made harmless:
 * warnings come before what it died of.  postfix(1) says nothing there unless
 * it is a terminal.
 */
static const char *
complaint(const struct exec_result *r, char *buf, size_t size)
{
	const char *s = r->errout;
	size_t n = r->err_len, at;

	while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == 0))
		n--;
	for (at = n; at > 0 && s[at - 1] != '\n'; at--)
		;
	if (n == 0)
		return text_fmt(buf, size,
		    "exit status %d; the mail log may say why", r->status);
	return text_show(s + at, n - at, buf, size);
}

/* Copies the value of a parameter from "name = value" lines.  False when it
 * is not there, or is longer than we can hold. */
static bool
value_of(const char *out, const char *name, char *buf, size_t size)
{
	size_t len = strlen(name);
	const char *line = out, *end;
	bool found = false;

	buf[0] = 0;
	for (; *line != 0; line = *end == 0 ? end : end + 1) {
		end = strchrnul(line, '\n');
		if (strncmp(line, name, len) != 0 ||
		    strncmp(line + len, " =", 2) != 0)
			continue;
		line += len + 2;
		if (*line == ' ')
			line++;
		text_fmt(buf, size, "%.*s", (int)(end - line), line);
		found = (size_t)(end - line) < size;
	}
	return found;
}

/* What is read of an instance, and where it is kept. */
static const struct {
	const char *name;
	size_t at, size;
	bool hint; /* for messages only: as much of it as there is room for */
} READ[] = {
#define PLACE(field)                           \
	offsetof(struct postfix_state, field), \
	    sizeof(((struct postfix_state *)0)->field)
#define FIELD(name, field)                \
	{                                 \
		name, PLACE(field), false \
	}
#define HINT(name, field)                \
	{                                \
		name, PLACE(field), true \
	}
	FIELD("config_directory", config_dir),
	FIELD("command_directory", command_dir),
	FIELD("queue_directory", queue_dir),
	FIELD("data_directory", data_dir),
	FIELD("myhostname", myhostname),
	FIELD("syslog_name", syslog_name),
	FIELD("tls_random_source", random_source),
	FIELD("smtpd_tls_security_level", security_level),
	HINT("multi_instance_directories", instances),
	HINT("alternate_config_directories", alternates),
	FIELD("smtpd_tls_chain_files", chain_files),
	FIELD("smtpd_tls_key_file", raw[0]),
	FIELD("smtpd_tls_cert_file", raw[1]),
	FIELD("smtpd_tls_eckey_file", raw[2]),
	FIELD("smtpd_tls_eccert_file", raw[3]),
#undef FIELD
#undef HINT
#undef PLACE
};
#define N_READ (sizeof(READ) / sizeof(READ[0]))

/* `postconf -c DIR ARGUMENT...`; its output in r, released on failure. */
static int
postconf(const char *path, const char *dir, const char *const *args, size_t n,
    struct exec_result *r, struct err *e)
{
	const char **argv = mem_array(n + 4, sizeof(*argv));
	char why[256];
	size_t at = 0;
	int rc;

	argv[at++] = path;
	argv[at++] = "-c";
	argv[at++] = dir;
	memcpy(argv + at, args, n * sizeof(*args));
	rc = exec_run(argv, NULL, NULL, TIMEOUT_MS, r, e);
	free(argv);
	if (rc < 0)
		return err_prefix(e,
		    "Postfix cannot be asked (is it installed?)");
	if (r->status != 0) {
		err_set(e, ERR_CONFIG, "%s: postconf: %s", dir,
		    complaint(r, why, sizeof(why)));
		exec_release(r);
		return -1;
	}
	return 0;
}

static int
take_values(const char *out, struct postfix_state *ret, struct err *e)
{
	for (size_t i = 0; i < N_READ; i++)
		if (!value_of(out, READ[i].name, (char *)ret + READ[i].at,
			READ[i].size) &&
		    !READ[i].hint)
			return err_set(e, ERR_CONFIG,
			    "postconf does not tell %s, or it is too long",
			    READ[i].name);
	return 0;
}

/* The place of a key cannot hold a name that is longer, nor half of it. */
static int
check_file_name(const struct postfix_state *s, const char *name, struct err *e)
{
	char full[sizeof(s->key[0].key_file)];
	bool whole = name[0] == '/';

	if (file_join(full, sizeof(full), whole ? "" : s->queue_dir,
		whole ? name + 1 : name))
		return 0;
	return err_set(e, ERR_CONFIG, "%.60s...: the name is too long", name);
}

static int
check_file_names(const struct postfix_state *s, struct err *e)
{
	char file[sizeof(s->chain_files)];
	const char *at = s->chain_files;
	int rc = 0;

	for (int i = 0; rc == 0 && i < 4; i++)
		rc = check_file_name(s, s->raw[i], e);
	while (rc == 0 && postfix_next_file(&at, file, sizeof(file)) != NULL)
		rc = check_file_name(s, file, e);
	return rc;
}

/* Where the commands are, unless they are not there. */
static void
find_postconf(struct postfix_state *s, const char *asked)
{
	if (!file_join(s->postconf, sizeof(s->postconf), s->command_dir,
		"postconf") ||
	    access(s->postconf, X_OK) < 0)
		text_fmt(s->postconf, sizeof(s->postconf), "%s", asked);
}

int
postfix_name(const char *path, const char *config_dir,
    struct postfix_state *ret, struct err *e)
{
	struct stat st;

	memset(ret, 0, sizeof(*ret));
	if (path == NULL)
		path = DANESAFE_POSTCONF;
	if (strlen(path) >= sizeof(ret->postconf))
		return err_set(e, ERR_CONFIG, "%.200s...: the path is too long",
		    path);
	if (config_dir[0] != '/')
		return err_set(e, ERR_CONFIG, "%s: not an absolute path",
		    config_dir);
	if (strlen(config_dir) >= sizeof(ret->config_dir) - 64)
		return err_set(e, ERR_CONFIG, "%.200s...: the path is too long",
		    config_dir);
	if (stat(config_dir, &st) < 0)
		return err_sys(e, ERR_CONFIG, config_dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_CONFIG, "%s: is not a folder",
		    config_dir);
	text_fmt(ret->config_dir, sizeof(ret->config_dir), "%s", config_dir);
	text_fmt(ret->postconf, sizeof(ret->postconf), "%s", path);
	return 0;
}

int
postfix_read(const char *path, const char *config_dir,
    struct postfix_state *ret, struct err *e)
{
	const char *args[N_READ + 1] = { "-x" };
	char dir[sizeof(ret->config_dir)];
	struct exec_result r;
	int rc;

	if (postfix_name(path, config_dir, ret, e) < 0)
		return -1;
	text_fmt(dir, sizeof(dir), "%s", config_dir);
	if (postfix_stamp(dir, &ret->stamp) < 0) {
		err_sys(e, ERR_CONFIG, "main.cf");
		return err_prefix(e, "%s", dir);
	}
	for (size_t i = 0; i < N_READ; i++)
		args[i + 1] = READ[i].name;
	if (postconf(ret->postconf, dir, args, N_READ + 1, &r, e) < 0)
		return -1;
	rc = take_values(r.out, ret, e);
	exec_release(&r);
	if (rc == 0)
		rc = check_file_names(ret, e);
	if (rc < 0)
		return err_prefix(e, "%s", dir);
	text_fmt(ret->config_dir, sizeof(ret->config_dir), "%s", dir);
	find_postconf(ret, path != NULL ? path : DANESAFE_POSTCONF);
	return 0;
}

int
postfix_set_params(const struct postfix_state *s, const char *const *names,
    size_t n, bool *ret_set, struct err *e)
{
	const char **args = mem_array(n + 1, sizeof(*args));
	struct exec_result r;
	char value[8];
	int rc;

	args[0] = "-n";
	memcpy(args + 1, names, n * sizeof(*names));
	rc = postconf(s->postconf, s->config_dir, args, n + 1, &r, e);
	free(args);
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		value_of(r.out, names[i], value, sizeof(value));
		ret_set[i] = value[0] != 0;
	}
	exec_release(&r);
	return 0;
}

/* Is it a line of its own? */
static bool
is_listed(const char *out, const char *word)
{
	size_t len = strlen(word);
	const char *at = out;

	for (; (at = strstr(at, word)) != NULL; at += len)
		if ((at == out || at[-1] == '\n') &&
		    (at[len] == '\n' || at[len] == 0))
			return true;
	return false;
}

int
postfix_lists(const struct postfix_state *s, const char *const *option,
    const char *const *words, size_t n_words, size_t *ret_first, struct err *e)
{
	struct exec_result r;
	size_t n = 0;

	while (option[n] != NULL)
		n++;
	if (postconf(s->postconf, s->config_dir, option, n, &r, e) < 0)
		return -1;
	for (n = 0; n < n_words && !is_listed(r.out, words[n]); n++)
		;
	*ret_first = n;
	exec_release(&r);
	return 0;
}

int
postfix_reload(const struct postfix_state *s, struct err *e)
{
	char path[1100], why[256];
	const char *const argv[] = { path, "-c", s->config_dir, "reload",
		NULL };
	struct exec_result r;
	int rc = 0;

	if (!file_join(path, sizeof(path), s->command_dir, "postfix"))
		return err_set(e, ERR_CONFIG,
		    "command_directory of %s: too long", s->config_dir);
	if (exec_run(argv, NULL, NULL, TIMEOUT_MS, &r, e) < 0)
		return -1;
	if (r.status != 0)
		rc = err_set(e, ERR_TEMP, "%s: postfix reload: %s",
		    s->config_dir, complaint(&r, why, sizeof(why)));
	exec_release(&r);
	return rc;
}

int
postfix_log(const struct postfix_state *s, const char *config_dir,
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
	if (exec_run(argv, NULL, text, TIMEOUT_MS, &r, e) < 0)
		return -1;
	if (r.status != 0)
		rc = err_set(e, ERR_TEMP, "%s: %s", path,
		    complaint(&r, why, sizeof(why)));
	exec_release(&r);
	return rc;
}
