/*
 * tls_args.c - what the tls commands are given: options, names, files, the
 * instance, its lock; signals held back.  Changes nothing.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/tls.h"

#define LOCK_WAIT_MS 30000

/* As POSIX getopts: joined, the last wins, the first operand ends them. */
int
tls_parse(int argc, char **argv, const char *letters, struct tls_options *ret)
{
	char spec[16];
	int ch;

	memset(ret, 0, sizeof(*ret));
	text_fmt(spec, sizeof(spec), "+:%s", letters);
	optind = 0;
	while ((ch = getopt(argc, argv, spec)) != -1) {
		if (ch == 'r')
			ret->random_source = optarg;
		else if (ch == 'a')
			ret->algorithm = optarg;
		else if (ch == 'b')
			ret->bits = optarg;
		else
			return -1;
	}
	return optind;
}

/* Which others there are, for who named a wrong one. */
static void
add_instances(const struct tls *t, struct err *e)
{
	struct postfix_state other;
	char known[4200] = "";
	struct err ignored;

	if (strcmp(t->config_dir, POSTFIX_DEFAULT_DIR) == 0 ||
	    postfix_read(t->postconf, POSTFIX_DEFAULT_DIR, &other, &ignored) <
		0)
		return;
	text_fmt(known, sizeof(known), "%s%s%s%s%s", POSTFIX_DEFAULT_DIR,
	    other.instances[0] != 0 ? " " : "", other.instances,
	    other.alternates[0] != 0 ? " " : "", other.alternates);
	err_set(e, e->kind, "%s (instances that Postfix knows: %s)", e->text,
	    known);
}

/* The settings of the instance, and whether any that is watched is set. */
static int
read_settings(struct tls *t, struct err *e)
{
	bool *set = mem_array(t->n_watched + 1, sizeof(*set));
	int rc = postfix_read_set(t->postconf, t->config_dir, t->watched,
	    t->n_watched, set, &t->pf, e);

	t->any_set = false;
	for (size_t i = 0; rc == 0 && i < t->n_watched; i++)
		t->any_set = t->any_set || set[i];
	free(set);
	return rc;
}

int
tls_read(struct tls *t, struct err *e)
{
	t->asked = true;
	postfix_cool_down(t->config_dir);
	if (read_settings(t, e) < 0) {
		add_instances(t, e);
		return -1;
	}
	if (!t->have_state && !t->drop_in && t->pf.instances[0] != 0 &&
	    strcmp(t->config_dir, POSTFIX_DEFAULT_DIR) == 0)
		tls_say(t,
		    "this is about the instance of %s; the others, %s, are "
		    "named with --config-dir",
		    t->config_dir, t->pf.instances);
	t->have_state = true;
	return 0;
}

int
tls_take_lock(struct tls *t, struct err *e)
{
	if (t->lock >= 0)
		return 0;
	if (!t->have_state &&
	    postfix_name(t->postconf, t->config_dir, &t->pf, e) < 0)
		return -1;
	t->lock = file_lock_folder(t->config_dir, LOCK_WAIT_MS, e);
	if (t->lock < 0)
		return -1;
	postfix_edit_tidy(&t->pf);
	return 0;
}

static int
check_name(const char *name, char *buf, size_t size, struct err *e)
{
	size_t n = strlen(name);
	const char *wrong;
	char shown[300];

	if (n > 1 && name[n - 1] == '.')
		n--;
	text_fmt(buf, size, "%.*s", n < size ? (int)n : (int)size - 1, name);
	wrong = n >= size
	    ? "is longer than 253 characters"
	    : text_host_wrong(buf, TEXT_HOST_SHORT | TEXT_HOST_WILDCARD);
	if (wrong == NULL)
		return 0;
	return err_set(e, ERR_USAGE, "host name '%s': it %s",
	    text_show(name, strlen(name), shown, sizeof(shown)), wrong);
}

/* The first name, if empty, is that of the host. */
int
tls_names(struct tls *t, int argc, char **argv, const char ***ret,
    size_t *ret_n, struct err *e)
{
	size_t n = argc > 0 ? (size_t)argc : 1, width = 256;
	const char **v;
	char *room;

	if (n > TLS_NAMES)
		return err_set(e, ERR_USAGE,
		    "%zu host names; %d are the most for one certificate", n,
		    TLS_NAMES);
	v = mem_array(1, n * (sizeof(*v) + width));
	room = (char *)(v + n);
	for (size_t i = 0; i < n; i++) {
		const char *name = argc > 0 ? argv[i] : "";

		if (i == 0 && *name == 0)
			name = t->pf.myhostname;
		v[i] = room + i * width;
		if (check_name(name, room + i * width, width, e) < 0) {
			free(v);
			return -1;
		}
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

int
tls_slot(const char *algorithm, const char *what, enum slot *ret, struct err *e)
{
	char shown[80];

	*ret = algorithm == NULL ? SLOT_RSA : slot_parse(algorithm);
	if (*ret != SLOT_COUNT)
		return 0;
	text_show(algorithm, strlen(algorithm), shown, sizeof(shown));
	return err_set(e, ERR_USAGE,
	    "Unsupported %s key algorithm: %s (rsa and ecdsa are supported)",
	    what, shown[0] != 0 ? shown : "none");
}

const char *
tls_file(const struct tls *t, const char *name, char *buf, size_t size)
{
	if (name[0] == '/')
		return text_fmt(buf, size, "%s", name);
	return text_fmt(buf, size, "%s/%s", t->config_dir, name);
}

int
tls_random(struct tls *t, const char *given, const char **ret, struct err *e)
{
	char shown[80];

	*ret = given != NULL && *given != 0 ? given : t->pf.random_source;
	for (const char *s = *ret; *s != 0; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f ||
		    *s == '$')
			return err_set(e, ERR_USAGE,
			    "random source '%s': it holds a blank, a dollar or "
			    "a character that is not printable ASCII; "
			    "dev:/dev/urandom would be one",
			    text_show(*ret, strlen(*ret), shown,
				sizeof(shown)));
	if (**ret != 0)
		return 0;
	*ret = "dev:/dev/urandom";
	if (access("/dev/urandom", R_OK) < 0)
		return err_sys(e, ERR_CONFIG, "/dev/urandom");
	return 0;
}

/* ---- signals ---- */

static const int FATAL[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define N_FATAL (sizeof(FATAL) / sizeof(FATAL[0]))

/*
 * One that is ignored stays so (nohup, and postfix(1) ignores SIGHUP): while
 * it is blocked it would be pending all the same.
 */
void
tls_hold_signals(void)
{
	struct sigaction is;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < N_FATAL; i++)
		if (sigaction(FATAL[i], NULL, &is) == 0 &&
		    is.sa_handler != SIG_IGN)
			sigaddset(&set, FATAL[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

bool
tls_stopped(void)
{
	bool stopped = false;
	sigset_t pending;

	if (sigpending(&pending) < 0)
		return false;
	for (size_t i = 0; i < N_FATAL; i++)
		stopped = stopped || sigismember(&pending, FATAL[i]) == 1;
	return stopped;
}
