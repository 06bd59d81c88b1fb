/*
 * tls_output.c - output-server-csr and output-server-tlsa: from the keys in
 * use, or from files that are named.  Changes nothing; prints all or nothing.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/tls.h"

/* Where a key is to be read. */
struct source {
	char file[TLS_FILE];
	char cert_file[TLS_FILE];
	enum slot slot; /* SLOT_COUNT: the first key of the file */
};

static void
from_key(struct source *s, const struct postfix_key *k)
{
	text_fmt(s->file, sizeof(s->file), "%s", k->key_file);
	text_fmt(s->cert_file, sizeof(s->cert_file), "%s", k->cert_file);
	s->slot = k->readable ? k->info.slot : SLOT_COUNT;
}

/* The key in use of this algorithm, else what the algorithm's parameter
 * names, whatever that is. */
static bool
from_slot(const struct tls *t, enum slot slot, struct source *s)
{
	const char *param = slot == SLOT_RSA ? "smtpd_tls_key_file"
					     : "smtpd_tls_eckey_file";
	const struct postfix_key *k = postfix_key_of(&t->pf, slot);

	for (size_t i = 0; k == NULL && i < t->pf.n_key; i++)
		if (strcmp(t->pf.key[i].param, param) == 0 ||
		    (t->pf.chain_files[0] != 0 && !t->pf.key[i].readable))
			k = &t->pf.key[i];
	if (k != NULL)
		from_key(s, k);
	return k != NULL;
}

/* "rsa", "ecdsa", "none", "", or a file.  False when it names nothing. */
static bool
from_word(const struct tls *t, const char *word, struct source *s)
{
	enum slot slot = slot_parse(word);

	if (slot != SLOT_COUNT)
		return from_slot(t, slot, s);
	if (*word == 0 || strcasecmp(word, "none") == 0)
		return false;
	tls_file(t, word, s->file, sizeof(s->file));
	text_fmt(s->cert_file, sizeof(s->cert_file), "%s", s->file);
	s->slot = SLOT_COUNT;
	return true;
}

static int
load(const struct source *s, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e)
{
	char why[512];
	int rc = s->slot == SLOT_COUNT
	    ? key_load(s->file, ret_key, ret_info, e)
	    : key_load_slot(s->file, s->slot, ret_key, ret_info, e);

	if (rc == 0 && ret_info->slot != SLOT_OTHER)
		return 0;
	if (rc == 0) {
		private_key_free(*ret_key);
		*ret_key = NULL;
		text_fmt(e->text, sizeof(e->text), "neither RSA nor EC");
	}
	text_fmt(why, sizeof(why), "%s", tls_reason(e, s->file));
	return err_set(e, ERR_CONFIG, "no private key found in file: %s: %s",
	    s->file, why);
}

/* ---- output-server-csr ---- */

static int
print_request(struct tls *t, const struct source *s, bool json,
    const char *const *names, size_t n, struct err *e)
{
	struct private_key *key = NULL;
	struct key_info info;
	char *pem = NULL;
	int rc = -1;

	(void)t;
	if (load(s, &key, &info, e) < 0)
		return -1;
	pem = cert_request(key, names, n, e);
	if (pem != NULL && json &&
	    tls_json_request(s->file, &info, names, n, pem) < 0)
		err_set(e, ERR_CONFIG, "%s: the name cannot be written as JSON",
		    s->file);
	else if (pem != NULL) {
		if (!json)
			fputs(pem, stdout);
		rc = 0;
	}
	free(pem);
	private_key_free(key);
	return rc;
}

static const struct option CSR_LONG[] = {
	{ "json", no_argument, NULL, 'J' },
	{ NULL, 0, NULL, 0 },
};

int
tls_csr(struct tls *t, const struct tls_command *c, int argc, char **argv)
{
	struct source s = { .slot = SLOT_COUNT };
	const char *word = "", **names = NULL;
	bool json = false, found;
	struct err e;
	size_t n;
	int ch, rc = 0;

	optind = 0;
	while ((ch = getopt_long(argc, argv, "+:k:", CSR_LONG, NULL)) != -1) {
		if (ch == 'k')
			word = optarg;
		else if (ch == 'J')
			json = true;
		else
			return tls_usage(t, c);
	}
	if (tls_read(t, &e) < 0)
		return tls_fatal(t, "%s", e.text);
	postfix_find_keys(&t->pf);
	found = *word == 0 ? t->pf.n_key > 0 : from_word(t, word, &s);
	if (*word == 0 && found)
		from_key(&s, &t->pf.key[0]);
	if (!found)
		return tls_fatal(t,
		    "No usable keyfile specified or configured");
	if (access(s.file, R_OK) < 0)
		return tls_fatal(t,
		    "No usable keyfile specified or configured: %s: %s", s.file,
		    strerror(errno));
	if (tls_names(t, argc - optind, argv + optind, &names, &n, &e) < 0 ||
	    print_request(t, &s, json, names, n, &e) < 0)
		rc = tls_fatal(t, "%s", e.text);
	free(names);
	return rc;
}

/* ---- output-server-tlsa ---- */

#define SOURCES 64
#define HOSTS 64
#define PORTS 16
#define PARAMS 8
#define OWNER_MOST 254 /* of a name and its final dot (RFC 1035) */

struct wanted {
	struct source source[SOURCES];
	char host[HOSTS][256];
	unsigned port[PORTS];
	struct {
		int selector, mtype;
	} params[PARAMS];
	size_t n_source, n_host, n_port, n_params;
	bool json;
};

static int
take_host(struct tls *t, struct wanted *w, const char *name, struct err *e)
{
	const char **one;
	size_t n;

	if (w->n_host == HOSTS)
		return err_set(e, ERR_USAGE, "-h: more than %d hosts", HOSTS);
	if (tls_names(t, 1, (char *[]){ (char *)name }, &one, &n, e) < 0)
		return -1;
	text_fmt(w->host[w->n_host++], sizeof(w->host[0]), "%s", one[0]);
	free(one);
	if (w->host[w->n_host - 1][0] == '*')
		return err_set(e, ERR_USAGE,
		    "host name '%s': a TLSA record is for one host, not for a "
		    "wildcard",
		    name);
	return 0;
}

static int
take_port(struct wanted *w, const char *word, struct err *e)
{
	char shown[40], *end;
	unsigned long port = strtoul(word, &end, 10);

	if (w->n_port == PORTS)
		return err_set(e, ERR_USAGE, "--port: more than %d", PORTS);
	if (*word < '0' || *word > '9' || *end != 0 || port == 0 ||
	    port > 65535)
		return err_set(e, ERR_USAGE,
		    "--port %s: a number from 1 to 65535 is needed",
		    text_show(word, strlen(word), shown, sizeof(shown)));
	w->port[w->n_port++] = (unsigned)port;
	return 0;
}

/* "3 S M" */
static int
take_params(struct wanted *w, const char *word, struct err *e)
{
	char shown[40];

	if (w->n_params == PARAMS)
		return err_set(e, ERR_USAGE, "--params: more than %d", PARAMS);
	if (strlen(word) != 5 || word[0] != '3' || word[1] != ' ' ||
	    (word[2] != '0' && word[2] != '1') || word[3] != ' ' ||
	    (word[4] != '1' && word[4] != '2'))
		return err_set(e, ERR_USAGE,
		    "--params '%s': one of '3 1 1', '3 1 2', '3 0 1' and "
		    "'3 0 2' is needed; a mail server is named by its own key "
		    "or certificate, as a digest",
		    text_show(word, strlen(word), shown, sizeof(shown)));
	w->params[w->n_params].selector = word[2] - '0';
	w->params[w->n_params++].mtype = word[4] - '0';
	return 0;
}

static int
take_sources(struct tls *t, struct wanted *w, int argc, char **argv,
    struct err *e)
{
	if (argc > SOURCES)
		return err_set(e, ERR_USAGE, "more than %d key files", SOURCES);
	postfix_find_keys(&t->pf);
	for (int i = 0; i < argc; i++)
		w->n_source += from_word(t, argv[i], &w->source[w->n_source]);
	for (size_t i = 0; argc == 0 && i < t->pf.n_key; i++)
		from_key(&w->source[w->n_source++], &t->pf.key[i]);
	if (w->n_source == 0)
		return err_set(e, ERR_CONFIG,
		    "No usable keyfiles specified or configured");
	return 0;
}

static const struct option TLSA_LONG[] = {
	{ "json", no_argument, NULL, 'J' },
	{ "port", required_argument, NULL, 'p' },
	{ "params", required_argument, NULL, 'P' },
	{ NULL, 0, NULL, 0 },
};

/* -1 with e->text empty: the usage is to be said. */
static int
take_options(struct tls *t, struct wanted *w, int argc, char **argv,
    struct err *e)
{
	int ch, rc = 0;

	optind = 0;
	while (rc == 0 &&
	    (ch = getopt_long(argc, argv, "+:h:", TLSA_LONG, NULL)) != -1) {
		if (ch == 'h')
			rc = take_host(t, w, optarg, e);
		else if (ch == 'p')
			rc = take_port(w, optarg, e);
		else if (ch == 'P')
			rc = take_params(w, optarg, e);
		else if (ch == 'J')
			w->json = true;
		else {
			e->text[0] = 0;
			rc = -1;
		}
	}
	if (rc == 0 && w->n_host == 0)
		rc = take_host(t, w, "", e);
	if (w->n_port == 0)
		w->port[w->n_port++] = 25;
	if (w->n_params == 0) {
		w->params[0].selector = w->params[0].mtype = 1;
		w->n_params = 1;
	}
	return rc;
}

/* What one key gives, for one pair of parameters. */
static int
make_record(const struct source *s, const struct private_key *key,
    const struct key_info *info, int selector, int mtype, struct tlsa *ret,
    struct err *e)
{
	struct cert_info cert;

	if (selector == 1) {
		*ret = tlsa_of(&info->id);
		ret->mtype = (uint8_t)mtype;
		ret->len = mtype == 2 ? 64 : 32;
		return mtype == 2 ? key_sha512(key, ret->data, e) : 0;
	}
	if (s->cert_file[0] == 0)
		return err_set(e, ERR_CONFIG,
		    "%s: no certificate goes with it, and selector 0 is about "
		    "the certificate",
		    s->file);
	if (cert_read(s->cert_file, &cert, e) < 0)
		return err_prefix(e, "selector 0 is about the certificate");
	if (!spki_eq(&cert.key, &info->id))
		return err_set(e, ERR_CONFIG,
		    "Certificate in %s does not match key in %s", s->cert_file,
		    s->file);
	return cert_tlsa(s->cert_file, 0, mtype, ret, e);
}

static int
add_records(const struct wanted *w, const struct source *s,
    struct tls_record *v, size_t *n, struct err *e)
{
	struct private_key *key = NULL;
	struct tls_record r = { .file = s->file };
	struct key_info info;
	int rc = load(s, &key, &info, e);

	if (rc < 0)
		return -1;
	r.slot = info.slot;
	r.id = info.id;
	for (size_t h = 0; h < w->n_host && rc == 0; h++)
		for (size_t p = 0; p < w->n_port && rc == 0; p++)
			for (size_t i = 0; i < w->n_params && rc == 0; i++) {
				tlsa_owner(w->port[p], w->host[h], r.owner);
				rc = make_record(s, key, &info,
				    w->params[i].selector, w->params[i].mtype,
				    &r.rr, e);
				v[(*n)++] = r;
			}
	private_key_free(key);
	return rc;
}

/* The owner's labels count, too. */
static int
check_owners(const struct wanted *w, struct err *e)
{
	char owner[TLSA_OWNER];

	for (size_t h = 0; h < w->n_host; h++)
		for (size_t p = 0; p < w->n_port; p++) {
			tlsa_owner(w->port[p], w->host[h], owner);
			if (strlen(owner) > OWNER_MOST)
				return err_set(e, ERR_USAGE,
				    "host name '%s': too long for a TLSA "
				    "record at _%u._tcp below it",
				    w->host[h], w->port[p]);
		}
	return 0;
}

static void
print_records(const struct tls_record *v, size_t n)
{
	char text[TLSA_TEXT], file[TLS_FILE];

	for (size_t i = 0; i < n; i++) {
		/* A line end in the name would end the comment. */
		if (i == 0 || v[i].file != v[i - 1].file)
			printf("; %s\n",
			    text_show(v[i].file, strlen(v[i].file), file,
				sizeof(file)));
		printf("%s IN TLSA %s\n", v[i].owner, tlsa_str(&v[i].rr, text));
	}
}

static int
output_records(const struct wanted *w, struct err *e)
{
	size_t most = w->n_source * w->n_host * w->n_port * w->n_params, n = 0;
	struct tls_record *v = mem_array(most, sizeof(*v));
	int rc = 0;

	for (size_t i = 0; i < w->n_source && rc == 0; i++)
		rc = add_records(w, &w->source[i], v, &n, e);
	if (rc == 0 && w->json && tls_json_records(v, n) < 0)
		rc = err_set(e, ERR_CONFIG,
		    "a file name cannot be written as JSON");
	else if (rc == 0 && !w->json)
		print_records(v, n);
	free(v);
	return rc;
}

int
tls_tlsa(struct tls *t, const struct tls_command *c, int argc, char **argv)
{
	struct wanted *w = mem_new(sizeof(*w));
	struct err e;
	int rc = 0;

	if (tls_read(t, &e) < 0)
		rc = tls_fatal(t, "%s", e.text);
	else if (take_options(t, w, argc, argv, &e) < 0)
		rc = e.text[0] == 0 ? tls_usage(t, c)
				    : tls_fatal(t, "%s", e.text);
	else if (check_owners(w, &e) < 0 ||
	    take_sources(t, w, argc - optind, argv + optind, &e) < 0 ||
	    output_records(w, &e) < 0)
		rc = tls_fatal(t, "%s", e.text);
	free(w);
	return rc;
}
