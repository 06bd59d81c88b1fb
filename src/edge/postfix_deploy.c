/*
 * postfix_deploy.c - the switch to another key: which settings it takes, and
 * the switch itself.  Says nothing about what is presented.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "edge/cert.h"
#include "edge/postfix.h"

static const char *const KEY_PARAM[2] = { "smtpd_tls_key_file",
	"smtpd_tls_eckey_file" };
static const char *const CERT_PARAM[2] = { "smtpd_tls_cert_file",
	"smtpd_tls_eccert_file" };

/* ---- the pairs of parameters ---- */

static int
pair_of(const struct postfix_key *k)
{
	return strcmp(k->param, KEY_PARAM[0]) == 0 ? 0 : 1;
}

/* Why the key of this slot cannot go into its usual pair, if it cannot. */
static int
check_usual(const struct postfix_state *s, enum slot slot, int usual,
    struct err *e)
{
	for (size_t i = 0; i < s->n_key; i++) {
		const struct postfix_key *k = &s->key[i];

		if (pair_of(k) != usual || k->cert_file[0] == 0)
			continue;
		if (!k->readable)
			return err_set(e, ERR_REFUSED, "%s", k->why);
		return err_set(e, ERR_REFUSED,
		    "%s holds no %s key: move what is there to the other pair "
		    "of parameters first",
		    KEY_PARAM[usual], slot_name(slot));
	}
	return 0;
}

static int
find_pair(const struct postfix_state *s, enum slot slot, bool by_hand,
    int *ret_pair, struct err *e)
{
	int found = -1, usual = slot == SLOT_RSA ? 0 : 1;

	for (size_t i = 0; i < s->n_key; i++) {
		const struct postfix_key *k = &s->key[i];

		if (!k->readable || k->info.slot != slot ||
		    k->cert_file[0] == 0)
			continue;
		if (found >= 0 && by_hand)
			found = usual;
		else if (found >= 0)
			return err_set(e, ERR_REFUSED,
			    "%s and %s both hold %s keys: remove one of them",
			    KEY_PARAM[0], KEY_PARAM[1], slot_name(slot));
		else
			found = pair_of(k);
	}
	if (found < 0 && !by_hand && check_usual(s, slot, usual, e) < 0)
		return -1;
	*ret_pair = found >= 0 ? found : usual;
	return 0;
}

/* ---- smtpd_tls_chain_files ---- */

/* Whose is this file of the list?  A file of certificates alone belongs to
 * the key before it. */
static int
chain_slot(const struct postfix_state *s, const char *file, enum slot before,
    enum slot *ret, struct err *e)
{
	enum slot found = SLOT_COUNT;
	char full[sizeof(s->key[0].key_file)];

	if (!file_join(full, sizeof(full), file[0] == '/' ? "" : s->queue_dir,
		file[0] == '/' ? file + 1 : file))
		return err_set(e, ERR_REFUSED,
		    "smtpd_tls_chain_files: %.60s...: the name is too long",
		    file);
	for (size_t i = 0; i < s->n_key; i++) {
		const struct postfix_key *k = &s->key[i];

		if (strcmp(k->key_file, full) != 0)
			continue;
		if (!k->readable)
			return err_set(e, ERR_REFUSED, "%s", k->why);
		if (found != SLOT_COUNT && found != k->info.slot)
			return err_set(e, ERR_REFUSED,
			    "%s in smtpd_tls_chain_files holds keys of several "
			    "algorithms: put each into a file of its own first",
			    full);
		found = k->info.slot;
	}
	*ret = found != SLOT_COUNT ? found : before;
	return 0;
}

/* How many keys a file holds, and whether a certificate stands first. */
static int
look_into(const char *file, size_t *ret_keys, bool *ret_cert_first,
    struct err *e)
{
	static const char key[] = "PRIVATE KEY-----"; /* twice a key */
	char *real = realpath(file, NULL), *pem = NULL, *cert, *first;
	size_t len, n = 0;

	if (real == NULL)
		return err_sys(e, ERR_IO, file);
	pem = file_read(real, 1024 * 1024, &len, e);
	free(real);
	if (pem == NULL)
		return -1;
	cert = strstr(pem, "-----BEGIN CERTIFICATE");
	first = strstr(pem, key);
	for (char *at = first; at != NULL; at = strstr(at + 1, key))
		n++;
	*ret_keys = n / 2;
	*ret_cert_first = cert != NULL && (first == NULL || cert < first);
	explicit_bzero(pem, len);
	free(pem);
	return 0;
}

/*
 * In the list each key comes before its certificates.  Postfix turns TLS off
 * where it does not, or where a key is followed by another one.
 */
static int
check_order(const char *key_file, const char *cert_file, struct err *e)
{
	bool same = strcmp(key_file, cert_file) == 0, cert_first;
	size_t keys;

	if (look_into(key_file, &keys, &cert_first, e) < 0)
		return -1;
	if (keys == 0 || cert_first)
		return err_set(e, ERR_REFUSED,
		    "%s: the key must come before the certificate where "
		    "smtpd_tls_chain_files is in use",
		    key_file);
	if (same)
		return 0;
	if (keys > 1)
		return err_set(e, ERR_REFUSED,
		    "%s: holds %zu keys, and must hold one alone where "
		    "smtpd_tls_chain_files is in use",
		    key_file, keys);
	if (look_into(cert_file, &keys, &cert_first, e) < 0)
		return -1;
	if (keys > 0)
		return err_set(e, ERR_REFUSED,
		    "%s: holds a private key, too, which must not be where "
		    "smtpd_tls_chain_files is in use: leave only the "
		    "certificates in it",
		    cert_file);
	return 0;
}

static void
add_files(struct text *t, const char *key_file, const char *cert_file)
{
	text_addf(t, "%s%s", t->len > 0 ? ", " : "", key_file);
	if (strcmp(key_file, cert_file) != 0)
		text_addf(t, ", %s", cert_file);
}

/* The list with our files in the place of the slot's, or at the end. */
static int
switch_chain(const struct postfix_state *s, enum slot slot,
    const char *cert_file, const char *key_file, char *buf, size_t size,
    struct err *e)
{
	const char *at = s->chain_files;
	enum slot is = SLOT_COUNT;
	struct text t = TEXT_INIT;
	char file[sizeof(s->chain_files)];
	bool done = false;
	int rc;

	if (s->n_key == POSTFIX_KEYS) /* there may be more, unknown to us */
		return err_set(e, ERR_REFUSED,
		    "smtpd_tls_chain_files names %d keys or more: remove those "
		    "that are not needed first",
		    POSTFIX_KEYS);
	rc = check_order(key_file, cert_file, e);
	while (rc == 0 && postfix_next_file(&at, file, sizeof(file)) != NULL) {
		rc = chain_slot(s, file, is, &is, e);
		if (is != slot)
			text_addf(&t, "%s%s", t.len > 0 ? ", " : "", file);
		else if (!done) {
			add_files(&t, key_file, cert_file);
			done = true;
		}
	}
	if (rc == 0 && !done)
		add_files(&t, key_file, cert_file);
	if (rc == 0 && t.len >= size)
		rc = err_set(e, ERR_REFUSED,
		    "smtpd_tls_chain_files: the list would become too long");
	if (rc == 0)
		memcpy(buf, t.s, t.len + 1);
	text_release(&t);
	return rc;
}

/* ---- both ---- */

/* postconf(1) ends a value at a line end, strips blanks, expands a dollar. */
int
postfix_check_name(const char *path, struct err *e)
{
	size_t n = strlen(path);
	char shown[200];
	bool good = path[0] == '/' && n < 1024 && path[n - 1] != ' ';

	for (size_t i = 0; i < n; i++)
		good = good && (unsigned char)path[i] >= ' ' &&
		    path[i] != 0x7f && path[i] != '$';
	if (!good)
		return err_set(e, ERR_REFUSED,
		    "%s: not a name that main.cf can hold",
		    text_show(path, n, shown, sizeof(shown)));
	return 0;
}

static int
switch_pair(const struct postfix_state *s, enum slot slot,
    const char *cert_file, const char *key_file, bool by_hand,
    struct postfix_switch *ret, struct err *e)
{
	const char *const file[2] = { cert_file, key_file };
	int pair = 0;

	if (find_pair(s, slot, by_hand, &pair, e) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		text_fmt(ret->value[i], sizeof(ret->value[i]), "%s", file[i]);
		ret->set[i].value = ret->value[i];
	}
	ret->set[0].name = CERT_PARAM[pair];
	ret->set[1].name = KEY_PARAM[pair];
	ret->n = 2;
	return 0;
}

int
postfix_switch(const struct postfix_state *s, enum slot slot,
    const char *cert_file, const char *key_file, bool by_hand,
    struct postfix_switch *ret, struct err *e)
{
	if (slot >= SLOT_COUNT)
		return err_set(e, ERR_REFUSED, "neither an RSA nor an EC key");
	if (postfix_check_name(cert_file, e) < 0 ||
	    postfix_check_name(key_file, e) < 0)
		return -1;
	if (s->chain_files[0] == 0)
		return switch_pair(s, slot, cert_file, key_file, by_hand, ret,
		    e);
	if (strpbrk(cert_file, " \t,") != NULL ||
	    strpbrk(key_file, " \t,") != NULL)
		return err_set(e, ERR_REFUSED,
		    "%s, %s: smtpd_tls_chain_files cannot hold a name with a "
		    "blank or a comma",
		    key_file, cert_file);
	ret->n = 1;
	ret->set[0].name = "smtpd_tls_chain_files";
	ret->set[0].value = ret->value[0];
	return switch_chain(s, slot, cert_file, key_file, ret->value[0],
	    sizeof(ret->value[0]), e);
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

int
postfix_deploy(const struct postfix_state *s, enum slot slot,
    const char *cert_file, const char *key_file, struct err *e)
{
	struct postfix_switch sw;
	struct postfix_edit ed;
	int rc;

	if (check_files(slot, cert_file, key_file, e) < 0 ||
	    postfix_switch(s, slot, cert_file, key_file, false, &sw, e) < 0)
		return -1;
	rc = postfix_edit_begin(&ed, s, e);
	if (rc == 0)
		rc = postfix_edit_set(&ed, sw.set, sw.n, e);
	postfix_edit_end(&ed);
	return rc;
}
