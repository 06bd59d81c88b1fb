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
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/exec.h"

#ifndef DANESAFE_POSTCONF
#define DANESAFE_POSTCONF "/usr/sbin/postconf"
#endif

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
	FIELD("syslog_facility", syslog_facility),
	FIELD("maillog_file", maillog_file),
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
	rc = exec_run(argv, NULL, NULL, POSTFIX_TIMEOUT, r, e);
	free(argv);
	if (rc < 0)
		return err_prefix(e,
		    "Postfix cannot be asked (is it installed?)");
	if (r->status != 0) {
		err_set(e, ERR_CONFIG, "%s: postconf: %s", dir,
		    exec_complaint(r, why, sizeof(why)));
		exec_release(r);
		return -1;
	}
	return 0;
}

/* config_dir: as it was given, until then. */
static int
take_values(const char *out, struct postfix_state *ret, struct err *e)
{
	char dir[sizeof(ret->config_dir)];

	text_fmt(dir, sizeof(dir), "%s", ret->config_dir);
	for (size_t i = 0; i < N_READ; i++)
		if (!value_of(out, READ[i].name, (char *)ret + READ[i].at,
			READ[i].size) &&
		    !READ[i].hint)
			return err_set(e, ERR_CONFIG,
			    "%s: postconf does not tell %s, or it is too long",
			    dir, READ[i].name);
	text_fmt(ret->config_dir, sizeof(ret->config_dir), "%s", dir);
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

/* Which of the names have a value in these lines; how many have a line but no
 * value there. */
static size_t
take_set(const char *out, const char *const *names, size_t n, bool *ret_set)
{
	size_t empty = 0;
	char value[8];
	bool told;

	for (size_t i = 0; i < n; i++) {
		told = value_of(out, names[i], value, sizeof(value));
		ret_set[i] = value[0] != 0;
		empty += told && !ret_set[i];
	}
	return empty;
}

/*
 * `postconf -n` alone tells what is set, and only `postconf -x` the values of
 * what is not.  To hear both in one call, a parameter that matters to neither
 * is given a value (-o) that mentions all that is to be read; the line of it
 * is then lines as `postconf -x` has them.
 */
#define CARRIER "smtpd_banner"
#define SEPARATOR '\x1f'

static void
mention_all(struct text *t)
{
	text_add(t, CARRIER "=");
	for (size_t i = 0; i < N_READ; i++)
		text_addf(t, "%c%s = $%s", SEPARATOR, READ[i].name,
		    READ[i].name);
}

/* The line of the carrier, taken apart and cut off from those before it. */
static char *
mentioned(char *out)
{
	char *at = strstr(out, "\n" CARRIER " = ");

	if (at != NULL)
		*at++ = 0;
	else if (strncmp(out, CARRIER " = ", strlen(CARRIER " = ")) == 0)
		at = out;
	else
		return NULL;
	for (char *s = at; *s != 0; s++)
		if (*s == SEPARATOR)
			*s = '\n';
	return at;
}

/* One call for the values, and for which of the names are set. */
static int
ask_both(struct postfix_state *s, const char *const *names, size_t n,
    bool *ret_set, struct err *e)
{
	const char **args = mem_array(n + 5, sizeof(*args));
	struct text all = TEXT_INIT;
	struct exec_result r;
	size_t empty;
	char *values;
	int rc;

	mention_all(&all);
	args[0] = "-n";
	args[1] = "-x";
	args[2] = "-o";
	args[3] = text_str(&all);
	memcpy(args + 4, names, n * sizeof(*names));
	args[n + 4] = CARRIER;
	rc = postconf(s->postconf, s->config_dir, args, n + 5, &r, e);
	text_release(&all);
	free(args);
	if (rc < 0)
		return -1;
	values = mentioned(r.out);
	empty = take_set(values == r.out ? "" : r.out, names, n, ret_set);
	rc = take_values(values != NULL ? values : "", s, e);
	exec_release(&r);
	/* Only as it stands it tells "" from ${an expression that yields it}. */
	if (rc == 0 && empty > 0)
		rc = postfix_set_params(s, names, n, ret_set, e);
	return rc;
}

/* One call for the values. */
static int
ask_values(struct postfix_state *s, struct err *e)
{
	const char *args[N_READ + 1] = { "-x" };
	struct exec_result r;
	int rc;

	for (size_t i = 0; i < N_READ; i++)
		args[i + 1] = READ[i].name;
	if (postconf(s->postconf, s->config_dir, args, N_READ + 1, &r, e) < 0)
		return -1;
	rc = take_values(r.out, s, e);
	exec_release(&r);
	return rc;
}

/*
 * Postfix's programs doubt a main.cf that was changed in the second in which
 * they begin to read it, or in the one before (dict_load_file_xt): a part of
 * it may not be there yet.  They read it again, every 0.3 s, until what they
 * knew before the last pause was enough.  Whoever waits here first hears them
 * at the earliest moment that satisfies them, and they judge it all the same.
 */
#define HOT_MS 2000
#define LATE_MS 20 /* time(2) may be a tick behind */

void
postfix_cool_down(const char *config_dir)
{
	int64_t now = clock_wall_ms(), changed, left;
	struct postfix_stamp is;
	struct timespec t;

	if (postfix_stamp(config_dir, &is) < 0)
		return;
	changed = is.mtime_ns / 1000000000 * 1000; /* its whole second */
	left = changed + HOT_MS + LATE_MS - now;
	if (left <= 0 || changed > now) /* they take the future as it is */
		return;
	t.tv_sec = (time_t)(left / 1000);
	t.tv_nsec = (long)(left % 1000) * 1000000;
	nanosleep(&t, NULL);
}

int
postfix_read_set(const char *path, const char *config_dir,
    const char *const *names, size_t n, bool *ret_set,
    struct postfix_state *ret, struct err *e)
{
	int rc;

	if (postfix_name(path, config_dir, ret, e) < 0)
		return -1;
	if (postfix_stamp(config_dir, &ret->stamp) < 0) {
		err_sys(e, ERR_CONFIG, "main.cf");
		return err_prefix(e, "%s", config_dir);
	}
	rc = n > 0 ? ask_both(ret, names, n, ret_set, e) : ask_values(ret, e);
	if (rc < 0)
		return -1;
	if (check_file_names(ret, e) < 0)
		return err_prefix(e, "%s", config_dir);
	find_postconf(ret, path != NULL ? path : DANESAFE_POSTCONF);
	return 0;
}

int
postfix_read(const char *path, const char *config_dir,
    struct postfix_state *ret, struct err *e)
{
	return postfix_read_set(path, config_dir, NULL, 0, NULL, ret, e);
}

int
postfix_set_params(const struct postfix_state *s, const char *const *names,
    size_t n, bool *ret_set, struct err *e)
{
	const char **args = mem_array(n + 1, sizeof(*args));
	struct exec_result r;
	int rc;

	args[0] = "-n";
	memcpy(args + 1, names, n * sizeof(*names));
	rc = postconf(s->postconf, s->config_dir, args, n + 1, &r, e);
	free(args);
	if (rc < 0)
		return -1;
	take_set(r.out, names, n, ret_set);
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
	if (exec_run(argv, NULL, NULL, POSTFIX_TIMEOUT, &r, e) < 0)
		return -1;
	if (r.status != 0)
		rc = err_set(e, ERR_TEMP, "%s: postfix reload: %s",
		    s->config_dir, exec_complaint(&r, why, sizeof(why)));
	exec_release(&r);
	return rc;
}
