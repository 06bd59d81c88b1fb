/*
 * postfix.c - one Postfix instance: what its settings name, switching them,
 * reloading it.  Never edits main.cf itself; never believes that a switch
 * means served.
 */
#include "edge/postfix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "edge/cert.h"
#include "edge/exec.h"

#ifndef DANESAFE_POSTCONF
#define DANESAFE_POSTCONF "/usr/sbin/postconf"
#endif

/* After a change Postfix's own programs wait up to 2 s for main.cf to cool
 * down. */
#define TIMEOUT_MS 30000

static const char *const KEY_PARAM[2] = { "smtpd_tls_key_file",
	"smtpd_tls_eckey_file" };
static const char *const CERT_PARAM[2] = { "smtpd_tls_cert_file",
	"smtpd_tls_eccert_file" };

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

/* Copies the value of a parameter from "name = value" lines; "" if absent. */
static void
value_of(const char *out, const char *name, char *buf, size_t size)
{
	size_t len = strlen(name);
	const char *line = out, *end;

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
	}
}

/* "none" (in any case) and nothing mean that no file is set. */
static bool
is_set(const char *value)
{
	return value[0] != 0 && strcasecmp(value, "none") != 0;
}

static void
read_pair(const char *out, int i, struct postfix_pair *pair)
{
	struct err e;

	memset(pair, 0, sizeof(*pair));
	value_of(out, KEY_PARAM[i], pair->key_file, sizeof(pair->key_file));
	value_of(out, CERT_PARAM[i], pair->cert_file, sizeof(pair->cert_file));
	pair->set = is_set(pair->cert_file) && is_set(pair->key_file);
	if (!pair->set)
		return;
	/* It would be looked for in the folder where master(8) stands. */
	if (pair->key_file[0] != '/')
		text_fmt(pair->why, sizeof(pair->why),
		    "%s = %.100s is a relative name: give it an absolute one",
		    KEY_PARAM[i], pair->key_file);
	else if (key_load(pair->key_file, NULL, &pair->info, &e) < 0)
		text_fmt(pair->why, sizeof(pair->why), "%s: %.200s",
		    KEY_PARAM[i], e.text);
	else if (pair->info.slot == SLOT_OTHER)
		text_fmt(pair->why, sizeof(pair->why),
		    "%s: %.100s holds neither an RSA nor an EC key",
		    KEY_PARAM[i], pair->key_file);
	else
		pair->readable = true;
}

/*
 * postconf -e makes main.cf a plain file of root with mode 0644, and glues
 * its first new line to a last line that has no end: where that would change
 * something, a person decides.
 */
static void
check_main_cf(const char *config_dir, char *why, size_t size)
{
	char path[1100], last = '\n';
	struct stat st;
	int fd;

	why[0] = 0;
	if (!file_join(path, sizeof(path), config_dir, "main.cf") ||
	    lstat(path, &st) < 0) {
		text_fmt(why, size, "%.150s/main.cf: %s", config_dir,
		    strerror(errno));
		return;
	}
	if (S_ISLNK(st.st_mode)) {
		text_fmt(why, size,
		    "%.150s is a symbolic link, which postconf -e would "
		    "replace: make it a plain file",
		    path);
		return;
	}
	if (st.st_uid != 0 || st.st_gid != 0 || (st.st_mode & 07777) != 0644) {
		text_fmt(why, size,
		    "postconf -e would change the owner or mode of %.100s: "
		    "`chown root:root` and `chmod 0644` it",
		    path);
		return;
	}
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 ||
	    (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) != 1))
		text_fmt(why, size, "%.150s: %s", path, strerror(errno));
	else if (last != '\n')
		text_fmt(why, size,
		    "the last line of %.100s has no end, and postconf -e would "
		    "write behind it: `echo >>%.100s`",
		    path, path);
	if (fd >= 0)
		close(fd);
}

static int
ask_postconf(const char *dir, struct exec_result *r, struct err *e)
{
	const char *const argv[] = { DANESAFE_POSTCONF, "-c", dir, "-x",
		"command_directory", "myhostname", "smtpd_tls_security_level",
		"smtpd_tls_chain_files", KEY_PARAM[0], CERT_PARAM[0],
		KEY_PARAM[1], CERT_PARAM[1], NULL };
	char why[256];

	if (exec_run(argv, NULL, TIMEOUT_MS, r, e) < 0)
		return err_prefix(e,
		    "Postfix cannot be asked (is it "
		    "installed?)");
	if (r->status != 0) {
		err_set(e, ERR_CONFIG, "%s: postconf: %s", dir,
		    complaint(r, why, sizeof(why)));
		exec_release(r);
		return -1;
	}
	return 0;
}

int
postfix_read(const char *config_dir, struct postfix_state *ret, struct err *e)
{
	struct exec_result r;
	char chain[256];

	memset(ret, 0, sizeof(*ret));
	if (config_dir[0] != '/')
		return err_set(e, ERR_CONFIG,
		    "config-dir %s: not an absolute path", config_dir);
	text_fmt(ret->config_dir, sizeof(ret->config_dir), "%s", config_dir);
	check_main_cf(config_dir, ret->main_cf_why, sizeof(ret->main_cf_why));
	if (ask_postconf(config_dir, &r, e) < 0)
		return -1;
	value_of(r.out, "command_directory", ret->command_dir,
	    sizeof(ret->command_dir));
	value_of(r.out, "myhostname", ret->myhostname, sizeof(ret->myhostname));
	value_of(r.out, "smtpd_tls_security_level", ret->security_level,
	    sizeof(ret->security_level));
	value_of(r.out, "smtpd_tls_chain_files", chain, sizeof(chain));
	ret->chain_files = chain[0] != 0;
	for (int i = 0; i < 2; i++)
		read_pair(r.out, i, &ret->pair[i]);
	exec_release(&r);
	return 0;
}

/* Why the key of this slot cannot go into its usual pair, if it cannot. */
static int
check_usual(const struct postfix_state *s, enum slot slot, int usual,
    struct err *e)
{
	for (int i = 0; i < 2; i++)
		if (s->pair[i].set && !s->pair[i].readable)
			return err_set(e, ERR_REFUSED, "%s", s->pair[i].why);
	if (s->pair[usual].set)
		return err_set(e, ERR_REFUSED,
		    "%s holds no %s key: move what is there to the other pair "
		    "of parameters first",
		    KEY_PARAM[usual], slot_name(slot));
	return 0;
}

int
postfix_pair_for(const struct postfix_state *s, enum slot slot, int *ret_pair,
    struct err *e)
{
	int found = -1, usual = slot == SLOT_RSA ? 0 : 1;

	if (slot >= SLOT_COUNT)
		return err_set(e, ERR_REFUSED, "neither an RSA nor an EC key");
	for (int i = 0; i < 2; i++) {
		if (!s->pair[i].set || !s->pair[i].readable ||
		    s->pair[i].info.slot != slot)
			continue;
		if (found >= 0)
			return err_set(e, ERR_REFUSED,
			    "%s and %s both hold %s keys: remove one of them",
			    KEY_PARAM[0], KEY_PARAM[1], slot_name(slot));
		found = i;
	}
	if (found < 0 && check_usual(s, slot, usual, e) < 0)
		return -1;
	*ret_pair = found >= 0 ? found : usual;
	return 0;
}

/* Key and certificate belong together, and to the slot. */
static int
check_files(enum slot slot, const char *cert_file, const char *key_file,
    struct err *e)
{
	struct key_info key;
	struct cert_info cert;

	if (key_load(key_file, NULL, &key, e) < 0 ||
	    cert_read(cert_file, &cert, e) < 0)
		return -1;
	if (key.slot != slot)
		return err_set(e, ERR_REFUSED, "%s: not an %s key", key_file,
		    slot_name(slot));
	if (!spki_eq(&key.id, &cert.key))
		return err_set(e, ERR_REFUSED,
		    "certificate in %s does not match key in %s", cert_file,
		    key_file);
	return 0;
}

/* postconf(1) ends a value at a line end, strips blanks, expands a dollar. */
static int
check_value(const char *path, struct err *e)
{
	size_t n = strlen(path);
	char shown[200];
	bool good = path[0] == '/' && n < 1024 && path[n - 1] != ' ';

	for (size_t i = 0; i < n; i++)
		good = good && (unsigned char)path[i] >= ' ' &&
		    path[i] != 0x7f && path[i] != '$' && path[i] != ',';
	if (!good)
		return err_set(e, ERR_REFUSED,
		    "%s: not a name that main.cf can hold",
		    text_show(path, n, shown, sizeof(shown)));
	return 0;
}

static int
set_pair(const struct postfix_state *s, int pair, const char *cert_file,
    const char *key_file, struct err *e)
{
	char cert[1200], key[1200], why[256];
	const char *const argv[] = { DANESAFE_POSTCONF, "-c", s->config_dir,
		"-e", cert, key, NULL };
	struct exec_result r;
	int rc = 0;

	text_fmt(cert, sizeof(cert), "%s = %s", CERT_PARAM[pair], cert_file);
	text_fmt(key, sizeof(key), "%s = %s", KEY_PARAM[pair], key_file);
	if (exec_run(argv, NULL, TIMEOUT_MS, &r, e) < 0)
		return -1;
	if (r.status != 0)
		rc = err_set(e, ERR_TEMP, "%s: postconf -e: %s", s->config_dir,
		    complaint(&r, why, sizeof(why)));
	exec_release(&r);
	return rc;
}

/* May main.cf be edited by us, now?  Else what to do by hand. */
static int
check_editable(const struct postfix_state *s, int pair, const char *cert_file,
    const char *key_file, struct err *e)
{
	char why[sizeof(s->main_cf_why)];

	if (s->chain_files)
		return err_set(e, ERR_REFUSED,
		    "smtpd_tls_chain_files is in use in %s: Postfix would "
		    "ignore %s",
		    s->config_dir, KEY_PARAM[pair]);
	check_main_cf(s->config_dir, why, sizeof(why));
	if (why[0] == 0)
		return 0;
	return err_set(e, ERR_REFUSED,
	    "%s; or set by hand %s = %s and %s = %s, then `postfix -c %s "
	    "reload`",
	    why, CERT_PARAM[pair], cert_file, KEY_PARAM[pair], key_file,
	    s->config_dir);
}

int
postfix_deploy(const struct postfix_state *s, enum slot slot,
    const char *cert_file, const char *key_file, struct err *e)
{
	struct postfix_state after;
	int pair;

	if (check_value(cert_file, e) < 0 || check_value(key_file, e) < 0 ||
	    check_files(slot, cert_file, key_file, e) < 0 ||
	    postfix_pair_for(s, slot, &pair, e) < 0 ||
	    check_editable(s, pair, cert_file, key_file, e) < 0 ||
	    set_pair(s, pair, cert_file, key_file, e) < 0 ||
	    postfix_read(s->config_dir, &after, e) < 0)
		return -1;
	if (strcmp(after.pair[pair].key_file, key_file) != 0 ||
	    strcmp(after.pair[pair].cert_file, cert_file) != 0)
		return err_set(e, ERR_TEMP,
		    "%s: postconf -e did not keep %s = %s", s->config_dir,
		    KEY_PARAM[pair], key_file);
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
	if (exec_run(argv, NULL, TIMEOUT_MS, &r, e) < 0)
		return -1;
	if (r.status != 0)
		rc = err_set(e, ERR_TEMP, "%s: postfix reload: %s",
		    s->config_dir, complaint(&r, why, sizeof(why)));
	exec_release(&r);
	return rc;
}
