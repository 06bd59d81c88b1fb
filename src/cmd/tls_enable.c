/*
 * tls_enable.c - enable-client and enable-server, and whether a side's TLS
 * settings are all default.  Changes nothing that somebody has set.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/tls.h"

/* What makes a side's settings non-default when it has a value in main.cf. */
static const char *const CLIENT[] = { "smtp_use_tls", "smtp_enforce_tls",
	"smtp_tls_enforce_peername", "smtp_tls_security_level",
	"smtp_tls_cert_file", "smtp_tls_dcert_file", "smtp_tls_eccert_file",
	"smtp_tls_chain_files" };
static const char *const SERVER[] = { "smtpd_use_tls", "smtpd_enforce_tls",
	"smtpd_tls_security_level", "smtpd_tls_cert_file",
	"smtpd_tls_dcert_file", "smtpd_tls_eccert_file",
	"smtpd_tls_chain_files" };
#define N_CLIENT (sizeof(CLIENT) / sizeof(CLIENT[0]))
#define N_SERVER (sizeof(SERVER) / sizeof(SERVER[0]))
#define N_MOST (N_CLIENT > N_SERVER ? N_CLIENT : N_SERVER)

/* Silent either way: the exit status is the answer. */
static int
answer(struct tls *t, const struct tls_command *c, int argc,
    const char *const *names, size_t n)
{
	bool set[N_MOST], any = false;
	struct postfix_state *s;
	struct err e;
	int rc = 0;

	if (argc != 1)
		return tls_usage(t, c);
	s = mem_new(sizeof(*s));
	postfix_cool_down(t->config_dir);
	if (postfix_name(t->postconf, t->config_dir, s, &e) < 0 ||
	    postfix_set_params(s, names, n, set, &e) < 0)
		rc = tls_fatal(t, "%s", e.text);
	for (size_t i = 0; rc == 0 && i < n; i++)
		any = any || set[i];
	free(s);
	return rc != 0 ? rc : any;
}

int
tls_default_client(struct tls *t, const struct tls_command *c, int argc,
    char **argv)
{
	(void)argv;
	return answer(t, c, argc, CLIENT, N_CLIENT);
}

int
tls_default_server(struct tls *t, const struct tls_command *c, int argc,
    char **argv)
{
	(void)argv;
	return answer(t, c, argc, SERVER, N_SERVER);
}

/* A Postfix that was built without TLS has no algorithms. */
static int
check_built(struct tls *t, enum slot slot, struct err *e)
{
	static const char *const algorithms[] = { "-T", "public-key-algorithms",
		NULL };
	const char *const word = slot_name(slot);
	size_t first;

	if (postfix_lists(&t->pf, algorithms, &word, 1, &first, e) < 0)
		return -1;
	if (first == 0)
		return 0;
	return err_set(e, ERR_CONFIG,
	    "this Postfix was built without TLS, or without %s",
	    slot_name(slot));
}

/* ---- the client ---- */

/* "TYPE:DATA/smtp_scache"; "" when Postfix has no fit type of table. */
static int
session_cache(const struct tls *t, const char *folder, char *buf, size_t size,
    struct err *e)
{
	static const char *const types[] = { "lmdb", "btree" };
	static const char *const option[] = { "-m", NULL };
	size_t first;

	buf[0] = 0;
	if (postfix_lists(&t->pf, option, types, 2, &first, e) < 0)
		return -1;
	if (first < 2)
		text_fmt(buf, size, "%s:%s/smtp_scache", types[first], folder);
	return 0;
}

static int
advise_client(struct tls *t)
{
	char cache[1200];
	struct err e;

	if (session_cache(t, "${data_directory}", cache, sizeof(cache), &e) < 0)
		return tls_fatal(t, "%s", e.text);
	tls_say(t,
	    "*** Non-default SMTP client TLS settings detected, no changes "
	    "made.\n"
	    "For opportunistic TLS in the Postfix SMTP client, these settings\n"
	    "are typical:\n"
	    "  smtp_tls_security_level = may\n"
	    "  smtp_tls_loglevel = 1");
	if (cache[0] != 0)
		tls_say(t, "  smtp_tls_session_cache_database = %s", cache);
	return 0;
}

static int
set_client(struct tls *t, const char *random, struct err *e)
{
	struct postfix_setting v[4];
	char cache[1200];
	size_t n = 0;

	if (check_built(t, SLOT_RSA, e) < 0 ||
	    session_cache(t, t->pf.data_dir, cache, sizeof(cache), e) < 0)
		return -1;
	v[n++] = (struct postfix_setting){ "smtp_tls_security_level", "may" };
	v[n++] = (struct postfix_setting){ "smtp_tls_loglevel", "1" };
	if (cache[0] != 0)
		v[n++] = (struct postfix_setting){
			"smtp_tls_session_cache_database", cache
		};
	v[n++] = (struct postfix_setting){ "tls_random_source", random };
	return tls_set(t, v, n, e);
}

static int
enable_client(struct tls *t, const char *given, struct err *e)
{
	const char *random;

	if (t->any_set)
		return 0;
	return tls_random(t, given, &random, e) < 0 ? -1
						    : set_client(t, random, e);
}

int
tls_enable_client(struct tls *t, const struct tls_command *c, int argc,
    char **argv)
{
	struct tls_options o;
	char reload[1200];
	int tries = 0, rc;
	struct err e;

	if (tls_parse(argc, argv, "r:", &o) != argc)
		return tls_usage(t, c);
	t->watched = CLIENT;
	t->n_watched = N_CLIENT;
	if (tls_take_lock(t, &e) < 0 || tls_read(t, &e) < 0)
		return tls_fatal(t, "%s", e.text);
	tls_hold_signals();
	do
		rc = enable_client(t, o.random_source, &e);
	while (rc < 0 && tls_again(t, &tries, &e));
	if (rc < 0)
		return tls_fatal(t, "%s", e.text);
	if (t->any_set)
		return advise_client(t);
	tls_say(t,
	    "Enabled opportunistic TLS in the Postfix SMTP client.\n"
	    "Run the command:\n"
	    "  # %s\n"
	    "if you want the new settings to take effect immediately.",
	    tls_reload(t, reload, sizeof(reload)));
	return 0;
}

/* ---- the server ---- */

static int
advise_server(struct tls *t)
{
	char self[1200];

	tls_self(t, self, sizeof(self));
	tls_say(t,
	    "*** Non-default SMTP server TLS settings detected, no changes "
	    "made.\n"
	    "For opportunistic TLS in the Postfix SMTP server, these settings\n"
	    "are typical:\n"
	    "  smtpd_tls_security_level = may\n"
	    "  smtpd_tls_loglevel = 1\n"
	    "You can use \"%s new-server-cert\" to create a new certificate.\n"
	    "Or, \"%s new-server-key\" to also force a new private key.\n"
	    "If you publish DANE TLSA records, see RFC 7671 sections 8, 5.1 "
	    "and 5.2,\n"
	    "and let `danesafe` roll the key over: danesafe(8).",
	    self, self);
	return 0;
}

static void
say_enabled(struct tls *t, const struct tls_pair *p)
{
	char self[1200], key[1200], cert[1200], reload[1200];

	tls_self(t, self, sizeof(self));
	tls_quote(p->key_file, key, sizeof(key));
	tls_quote(p->cert_file, cert, sizeof(cert));
	tls_say(t,
	    "Enabled opportunistic TLS in the Postfix SMTP server.\n"
	    "New TLS private key and certificate deployed.\n"
	    "Run the command:\n"
	    "  # %s\n"
	    "if you want the new settings to take effect immediately.\n"
	    "To generate a CSR run:\n"
	    "  # %s output-server-csr -k %s [<hostname> ...]\n"
	    "Save the signed certificate chain in %s.\n"
	    "To generate TLSA records run:\n"
	    "  # %s output-server-tlsa [-h <hostname>]\n"
	    "(If you have DANE TLSA RRs, update them as soon as possible to "
	    "match\n"
	    "the newly deployed keys).",
	    tls_reload(t, reload, sizeof(reload)), self, key, cert, self);
}

/* What an enable-server is to do. */
struct server {
	struct tls_options o;
	enum slot slot;
	int argc; /* the names */
	char **argv;
	bool made;
	struct tls_pair pair;
};

static int
make_pair(struct tls *t, struct server *s, struct err *e)
{
	const char **names = NULL;
	struct key_spec spec;
	size_t n;
	int rc;

	if (key_spec_parse(s->slot, s->o.bits, &spec, e) < 0 ||
	    tls_names(t, s->argc, s->argv, &names, &n, e) < 0)
		return -1;
	rc = check_built(t, s->slot, e);
	if (rc == 0)
		rc = tls_make_pair(t, spec, NULL, names, n, &s->pair, e);
	free(names);
	if (rc < 0)
		return -1;
	s->made = true;
	tls_check_published(t, s->pair.cert_file, s->pair.key_file);
	return 0;
}

static int
enable_server(struct tls *t, struct server *s, struct err *e)
{
	const char *random;

	if (t->any_set)
		return 0;
	if (tls_random(t, s->o.random_source, &random, e) < 0 ||
	    (!s->made && make_pair(t, s, e) < 0))
		return -1;
	return tls_switch(t, s->slot, s->pair.cert_file, s->pair.key_file,
	    (const struct postfix_setting[]){
		{ "smtpd_tls_security_level", "may" },
		{ "smtpd_tls_received_header", "yes" },
		{ "smtpd_tls_loglevel", "1" },
		{ "tls_random_source", random },
	    },
	    4, e);
}

int
tls_enable_server(struct tls *t, const struct tls_command *c, int argc,
    char **argv)
{
	struct server s = { .made = false };
	int at = tls_parse(argc, argv, "r:a:b:", &s.o), tries = 0, rc;
	struct err e;

	if (at < 0)
		return tls_usage(t, c);
	s.argc = argc - at;
	s.argv = argv + at;
	t->watched = SERVER;
	t->n_watched = N_SERVER;
	if (tls_slot(s.o.algorithm, "private", &s.slot, &e) < 0 ||
	    tls_take_lock(t, &e) < 0 || tls_read(t, &e) < 0)
		return tls_fatal(t, "%s", e.text);
	do
		rc = enable_server(t, &s, &e);
	while (rc < 0 && tls_again(t, &tries, &e));
	if (s.made && (rc < 0 || t->any_set) && !t->edit.placed)
		tls_remove_pair(&s.pair);
	if (rc < 0)
		return tls_fatal(t, "%s", e.text);
	if (t->any_set)
		return advise_server(t);
	say_enabled(t, &s.pair);
	return 0;
}
