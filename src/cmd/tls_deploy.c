/*
 * tls_deploy.c - deploy-server-cert: another key and certificate in main.cf.
 * Reloads nothing; what is presented afterwards is for Postfix to say.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cmd/tls.h"

#define TRIES 20 /* while others change main.cf, too */

/* The edit stays open: the log is written from its copy of main.cf. */
int
tls_set(struct tls *t, const struct postfix_setting *v, size_t n, struct err *e)
{
	int rc;

	if (t->editing)
		postfix_edit_end(&t->edit);
	t->editing = true;
	rc = postfix_edit_begin(&t->edit, &t->pf, e);
	if (rc == 0 && tls_stopped())
		rc = err_set(e, ERR_TEMP, "interrupted");
	if (rc == 0)
		rc = postfix_edit_set(&t->edit, v, n, e);
	t->edited = rc == 0;
	return rc;
}

bool
tls_again(struct tls *t, int *tries, struct err *e)
{
	return t->edit.stale && !tls_stopped() && ++*tries < TRIES &&
	    tls_read(t, e) == 0;
}

/* A key of the other algorithm in the pair that is set goes out of use. */
static void
warn_of_lost(struct tls *t, enum slot slot, const struct postfix_switch *sw)
{
	for (size_t i = 0; t->pf.chain_files[0] == 0 && i < t->pf.n_key; i++) {
		const struct postfix_key *k = &t->pf.key[i];

		if (strcmp(k->param, sw->set[1].name) == 0 && k->readable &&
		    k->cert_file[0] != 0 && k->info.slot != slot)
			tls_warn(t,
			    "%s held the %s key in %s, which is not presented "
			    "any more",
			    k->param, slot_name(k->info.slot), k->key_file);
	}
}

static void
say_chain(struct tls *t, const struct postfix_switch *sw)
{
	if (t->pf.chain_files[0] != 0)
		tls_say(t,
		    "smtpd_tls_chain_files is in use, and other settings of "
		    "keys and certificates are not; it is set to:\n  %s",
		    sw->value[0]);
}

int
tls_switch(struct tls *t, enum slot slot, const char *cert_file,
    const char *key_file, const struct postfix_setting *more, size_t n_more,
    struct err *e)
{
	struct postfix_setting all[8];
	struct postfix_switch sw;
	size_t n = 0;

	postfix_find_keys(&t->pf);
	if (postfix_switch(&t->pf, slot, cert_file, key_file, true, &sw, e) < 0)
		return -1;
	for (size_t i = 0; i < sw.n; i++)
		all[n++] = sw.set[i];
	for (size_t i = 0; i < n_more; i++)
		all[n++] = more[i];
	if (tls_set(t, all, n, e) < 0)
		return -1;
	say_chain(t, &sw);
	warn_of_lost(t, slot, &sw);
	return 0;
}

/* The whole pair, as a mail server would use it. */
static int
check_pair(const char *cert_file, const char *key_file,
    struct key_info *ret_info, struct err *e)
{
	struct clock_reading now;
	char why[512];

	if (key_load(key_file, NULL, ret_info, e) < 0) {
		text_fmt(why, sizeof(why), "%s", tls_reason(e, key_file));
		return err_set(e, ERR_CONFIG,
		    "no private key found in file: %s: %s", key_file, why);
	}
	if (ret_info->slot == SLOT_OTHER)
		return err_set(e, ERR_CONFIG,
		    "no private key found in file: %s: neither RSA nor EC",
		    key_file);
	clock_read(&now);
	if (cert_chain_check(cert_file, &ret_info->id, now.wall, e) == 0)
		return 0;
	text_fmt(why, sizeof(why), "%s", e->text);
	if (e->kind == ERR_REFUSED)
		return err_set(e, ERR_REFUSED,
		    "Certificate in %s does not match key in %s: %s", cert_file,
		    key_file, why);
	return -1;
}

/* What is done all the same, and may not be meant. */
static void
warn_of_key(struct tls *t, const struct key_info *info, const char *key_file)
{
	struct stat st;

	if (info->slot == SLOT_ECDSA && info->kind == KIND_COUNT)
		tls_warn(t,
		    "%s: an EC key on a curve that few senders offer; P-256, "
		    "P-384 and P-521 are those that they do",
		    key_file);

	if (stat(key_file, &st) == 0 && (st.st_mode & 07) != 0)
		tls_warn(t, "%s: mode %04o lets every user read the key",
		    key_file, (unsigned)st.st_mode & 07777);
}

static int
deploy(struct tls *t, enum slot slot, const char *cert_file,
    const char *key_file, struct err *e)
{
	int tries = 0, rc;

	if (tls_take_lock(t, e) < 0 || tls_read(t, e) < 0)
		return -1;
	tls_check_published(t, cert_file, key_file);
	tls_hold_signals();
	do
		rc = tls_switch(t, slot, cert_file, key_file, NULL, 0, e);
	while (rc < 0 && tls_again(t, &tries, e));
	return rc;
}

int
tls_deploy(struct tls *t, const struct tls_command *c, int argc, char **argv)
{
	char cert_file[TLS_FILE], key_file[TLS_FILE], reload[1200];
	struct key_info info;
	struct err e;

	if (argc != 3)
		return tls_usage(t, c);
	tls_file(t, argv[1], cert_file, sizeof(cert_file));
	tls_file(t, argv[2], key_file, sizeof(key_file));
	if (check_pair(cert_file, key_file, &info, &e) < 0 ||
	    postfix_check_name(cert_file, &e) < 0 ||
	    postfix_check_name(key_file, &e) < 0 ||
	    deploy(t, info.slot, cert_file, key_file, &e) < 0)
		return tls_fatal(t, "%s", e.text);
	warn_of_key(t, &info, key_file);
	tls_say(t,
	    "New TLS private key and certificate deployed.\n"
	    "Run the command:\n"
	    "  # %s\n"
	    "if you want the new settings to take effect immediately.",
	    tls_reload(t, reload, sizeof(reload)));
	return 0;
}
