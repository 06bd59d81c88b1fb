/*
 * tls_new.c - new-server-key and new-server-cert: a key and its self-signed
 * certificate under new names.  Never touches main.cf or what is in use.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cmd/tls.h"

#define STAMPS 86400 /* seconds looked through for a free name */

/* key-STAMP.pem and cert-STAMP.pem, or eckey- and eccert-. */
static const char *const PREFIX[] = { [SLOT_RSA] = "", [SLOT_ECDSA] = "ec" };

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* The time in UTC, or the first second after it whose names are free: the
 * lock is ours, so they stay so. */
static int
new_names(const struct tls *t, enum slot slot, time_t now, struct tls_pair *ret,
    struct err *e)
{
	struct tm tm;
	char stamp[32];

	for (time_t at = now; at < now + STAMPS; at++) {
		if (gmtime_r(&at, &tm) == NULL ||
		    strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm) == 0)
			break;
		text_fmt(ret->key_file, sizeof(ret->key_file),
		    "%s/%skey-%s.pem", t->config_dir, PREFIX[slot], stamp);
		text_fmt(ret->cert_file, sizeof(ret->cert_file),
		    "%s/%scert-%s.pem", t->config_dir, PREFIX[slot], stamp);
		if (!is_there(ret->key_file) && !is_there(ret->cert_file))
			return 0;
	}
	return err_set(e, ERR_CREATE, "%s: no free name for a new key",
	    t->config_dir);
}

/* What a call that was killed left half-written: ours, as the lock is. */
static void
remove_temporaries(const struct tls *t)
{
	static const char *const begin[] = { ".key-", ".cert-", ".eckey-",
		".eccert-" };
	DIR *d = opendir(t->config_dir);
	struct dirent *de;
	char path[1400];

	while (d != NULL && (de = readdir(d)) != NULL) {
		const char *name = de->d_name;
		size_t n = strlen(name);

		for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
			if (strncmp(name, begin[i], strlen(begin[i])) == 0 &&
			    n > 8 && strcmp(name + n - 8, ".pem.tmp") == 0 &&
			    file_join(path, sizeof(path), t->config_dir, name))
				unlink(path);
	}
	if (d != NULL)
		closedir(d);
}

void
tls_remove_pair(const struct tls_pair *p)
{
	struct err ignored;

	file_remove(p->cert_file, &ignored);
	file_remove(p->key_file, &ignored);
}

static int
save_pair(const struct private_key *k, const char *const *names, size_t n,
    time_t now, const struct tls_pair *p, struct err *e)
{
	if (key_save(k, p->key_file, e) < 0)
		return -1;
	if (cert_make(k, names, n, now, p->cert_file, e) == 0 && !tls_stopped())
		return 0;
	if (tls_stopped())
		err_set(e, ERR_TEMP, "interrupted");
	tls_remove_pair(p);
	return -1;
}

int
tls_make_pair(struct tls *t, struct key_spec spec,
    const struct private_key *key, const char *const *names, size_t n,
    struct tls_pair *ret, struct err *e)
{
	struct private_key *made = NULL;
	struct clock_reading now;
	int rc = -1;

	/* Nothing is on disk until the lock is ours: a signal may end us. */
	if (key == NULL && key_make(spec, &made, &ret->info, e) < 0)
		return -1;
	if (tls_take_lock(t, e) < 0)
		goto out;
	tls_hold_signals();
	clock_read(&now);
	remove_temporaries(t);
	if (new_names(t, spec.slot, now.wall, ret, e) < 0)
		goto out;
	rc = save_pair(key != NULL ? key : made, names, n, now.wall, ret, e);
out:
	private_key_free(made);
	return rc;
}

/* ---- what is said of it ---- */

static void
say_pair(struct tls *t, const struct tls_pair *p, bool new_key)
{
	char self[1200], key[1200], cert[1200];

	tls_self(t, self, sizeof(self));
	tls_quote(p->key_file, key, sizeof(key));
	tls_quote(p->cert_file, cert, sizeof(cert));
	tls_say(t,
	    "%s created. To deploy run:\n"
	    "  # %s deploy-server-cert %s %s\n"
	    "To generate a CSR run:\n"
	    "  # %s output-server-csr -k %s [<hostname> ...]\n"
	    "Save the signed certificate chain in %s, and deploy as above.",
	    new_key ? "New private key and self-signed certificate"
		    : "New self-signed certificate for the key in use",
	    self, cert, key, self, key, cert);
	tls_say(t,
	    "To generate TLSA records run:\n"
	    "  # %s output-server-tlsa [-h <hostname>] %s%s",
	    self, key,
	    new_key ? "\n(deploy after updating the DNS and waiting for stale "
		      "RRs to expire)."
		    : "");
}

/* ---- the commands ---- */

static int
make(struct tls *t, enum slot slot, const char *bits,
    const struct private_key *key, int argc, char **argv)
{
	const char **names = NULL;
	struct key_spec spec;
	struct tls_pair pair;
	struct err e;
	size_t n;
	int rc = 0;

	if ((key == NULL && key_spec_parse(slot, bits, &spec, &e) < 0) ||
	    tls_names(t, argc, argv, &names, &n, &e) < 0)
		return tls_fatal(t, "%s", e.text);
	spec.slot = slot;
	if (tls_make_pair(t, spec, key, names, n, &pair, &e) < 0)
		rc = tls_fatal(t, "%s", e.text);
	else
		say_pair(t, &pair, key == NULL);
	free(names);
	return rc;
}

int
tls_new_key(struct tls *t, const struct tls_command *c, int argc, char **argv)
{
	struct tls_options o;
	int at = tls_parse(argc, argv, "a:b:", &o);
	enum slot slot;
	struct err e;

	if (at < 0)
		return tls_usage(t, c);
	if (tls_slot(o.algorithm, "public", &slot, &e) < 0 ||
	    tls_read(t, &e) < 0)
		return tls_fatal(t, "%s", e.text);
	return make(t, slot, o.bits, NULL, argc - at, argv + at);
}

/* What the slot's own parameter names, when no key of the slot is in use. */
static const struct postfix_key *
usual_key(const struct tls *t, enum slot slot)
{
	const char *param = slot == SLOT_RSA ? "smtpd_tls_key_file"
					     : "smtpd_tls_eckey_file";

	for (size_t i = 0; i < t->pf.n_key; i++)
		if (strcmp(t->pf.key[i].param, param) == 0 ||
		    (!t->pf.key[i].readable && t->pf.chain_files[0] != 0))
			return &t->pf.key[i];
	return NULL;
}

/* 0 with the key in use, or with NULL when there is none. */
static int
key_in_use(struct tls *t, enum slot slot, struct private_key **ret,
    struct err *e)
{
	const struct postfix_key *k;
	struct stat st;

	*ret = NULL;
	postfix_find_keys(&t->pf);
	k = postfix_key_of(&t->pf, slot);
	if (k != NULL)
		return key_load_slot(k->key_file, slot, ret, NULL, e);
	k = usual_key(t, slot);
	if (k == NULL)
		return 0;
	if (stat(k->key_file, &st) < 0 || !S_ISREG(st.st_mode)) {
		tls_warn(t, "Key file: %s not found, creating new keys",
		    k->key_file);
		return 0;
	}
	if (!k->readable)
		return err_set(e, ERR_CONFIG,
		    "Error copying the private key in use: %s", k->why);
	return err_set(e, ERR_CONFIG, "Key algorithm '%s' of '%s' is not '%s'",
	    slot_name(k->info.slot), k->key_file, slot_name(slot));
}

int
tls_new_cert(struct tls *t, const struct tls_command *c, int argc, char **argv)
{
	struct private_key *key = NULL;
	struct tls_options o;
	int at = tls_parse(argc, argv, "a:b:", &o), rc;
	enum slot slot;
	struct err e;

	if (at < 0)
		return tls_usage(t, c);
	if (tls_slot(o.algorithm, "private", &slot, &e) < 0 ||
	    tls_read(t, &e) < 0 || key_in_use(t, slot, &key, &e) < 0)
		return tls_fatal(t, "%s", e.text);
	rc = make(t, slot, o.bits, key, argc - at, argv + at);
	private_key_free(key);
	return rc;
}
