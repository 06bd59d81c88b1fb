/*
 * conf_tsig.c - a TSIG key file as BIND writes it:
 *   key "name" { algorithm hmac-sha256; secret "base64"; };
 * Leaves no copy of the secret behind, and never tells it in a message.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "edge/conf.h"
#include "edge/wire.h"

#define FILE_MAX 4096
#define NAME_LETTERS                 \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

struct tokens {
	const char *path;
	const char *at;
	int line;      /* of `at` */
	int word_line; /* of `word` */
	char word[300];
	struct err *e;
};

__attribute__((format(printf, 3, 4))) static int
wrong(struct tokens *t, int line, const char *fmt, ...)
{
	char words[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	return err_set(t->e, ERR_CONFIG, "%s:%d: %s", t->path, line, words);
}

/* Blanks, and comments of three kinds. */
static void
skip(struct tokens *t)
{
	const char *end;

	for (;;) {
		if (*t->at == '#' || strncmp(t->at, "//", 2) == 0)
			end = t->at + strcspn(t->at, "\n");
		else if (strncmp(t->at, "/*", 2) == 0) {
			end = strstr(t->at + 2, "*/");
			end = end == NULL ? t->at + strlen(t->at) : end + 2;
		} else
			end = t->at + strspn(t->at, " \t\r\n");
		if (end == t->at)
			return;
		for (; t->at < end; t->at++)
			t->line += *t->at == '\n';
	}
}

/* The next word, quoted or not, or one of { } ;  False at the end, where the
 * word is empty, and for what is no word. */
static bool
next(struct tokens *t)
{
	bool quoted;
	size_t n;

	skip(t);
	t->word_line = t->line;
	t->word[0] = 0;
	quoted = *t->at == '"';
	if (quoted)
		t->at++;
	if (quoted)
		n = strcspn(t->at, "\"\n");
	else if (*t->at != 0 && strchr("{};", *t->at) != NULL)
		n = 1;
	else
		n = strcspn(t->at, " \t\r\n{};\"");
	if (n == 0 || n >= sizeof(t->word) || (quoted && t->at[n] != '"'))
		return false;
	memcpy(t->word, t->at, n);
	t->word[n] = 0;
	t->at += quoted ? n + 1 : n;
	return true;
}

/* Says that it is missing where the word before it stands. */
static int
expect(struct tokens *t, const char *word)
{
	int line = t->word_line;

	if (next(t) && strcmp(t->word, word) == 0)
		return 0;
	return wrong(t, line, "'%s' is missing", word);
}

static int
take_algorithm(struct tokens *t, struct tsig_key *k)
{
	if (k->algorithm[0] != 0)
		return wrong(t, t->word_line, "a second algorithm");
	if (!next(t) ||
	    (strcasecmp(t->word, "hmac-sha256") != 0 &&
		strcasecmp(t->word, "hmac-sha512") != 0))
		return wrong(t, t->word_line,
		    "the algorithm must be "
		    "hmac-sha256 or hmac-sha512");
	text_fmt(k->algorithm, sizeof(k->algorithm), "%.30s.", t->word);
	text_lower(k->algorithm);
	return expect(t, ";");
}

static int
take_secret(struct tokens *t, struct tsig_key *k)
{
	uint8_t raw[128];
	int n;

	if (k->secret[0] != 0)
		return wrong(t, t->word_line, "a second secret");
	n = next(t) ? text_unbase64(t->word, raw, sizeof(raw)) : -1;
	explicit_bzero(raw, sizeof(raw));
	if (n < 16)
		return wrong(t, t->word_line,
		    "the secret must be 16 to 128 "
		    "bytes in base64");
	text_fmt(k->secret, sizeof(k->secret), "%.255s", t->word);
	return expect(t, ";");
}

/* A domain name: its labels are the zone's business, not ours. */
static int
take_name(struct tokens *t, struct tsig_key *k)
{
	struct wire_name name;
	size_t n;

	if (!next(t) || strcmp(t->word, "key") != 0)
		return wrong(t, t->word_line,
		    "no key file as BIND writes it: "
		    "key \"name\" { algorithm hmac-sha256; secret \"...\"; };");
	if (!next(t))
		return wrong(t, t->word_line, "the name of the key is missing");
	n = strlen(t->word);
	if (strspn(t->word, NAME_LETTERS) != n || t->word[0] == '.' ||
	    !wire_name_parse(t->word, &name))
		return wrong(t, t->word_line,
		    "the name of the key is no "
		    "domain name");
	text_fmt(k->name, sizeof(k->name), "%s%s", t->word,
	    t->word[n - 1] == '.' ? "" : ".");
	text_lower(k->name);
	return expect(t, "{");
}

static int
take_fields(struct tokens *t, struct tsig_key *k)
{
	int rc = 0;

	while (rc == 0) {
		if (!next(t))
			return wrong(t, t->word_line, "'}' is missing");
		if (strcmp(t->word, "algorithm") == 0)
			rc = take_algorithm(t, k);
		else if (strcmp(t->word, "secret") == 0)
			rc = take_secret(t, k);
		else if (strcmp(t->word, "}") == 0)
			break;
		else
			rc = wrong(t, t->word_line,
			    "'algorithm', 'secret' or "
			    "'}' is expected here");
	}
	if (rc == 0 && (k->algorithm[0] == 0 || k->secret[0] == 0))
		rc = wrong(t, t->word_line, "the %s is missing",
		    k->algorithm[0] == 0 ? "algorithm" : "secret");
	return rc;
}

static int
parse(struct tokens *t, struct tsig_key *k)
{
	if (take_name(t, k) < 0 || take_fields(t, k) < 0 || expect(t, ";") < 0)
		return -1;
	if (next(t) || *t->at != 0)
		return wrong(t, t->word_line,
		    "something after the key; one "
		    "key a file");
	return 0;
}

int
conf_tsig(const char *path, struct tsig_key *ret_key, struct err *e)
{
	struct tokens t = { .path = path, .line = 1, .word_line = 1, .e = e };
	struct tsig_key k = { .name = "" };
	size_t len;
	char *text;
	int rc;

	text = file_read_trusted(path, FILE_MAX, true, &len, e);
	if (text == NULL) {
		e->kind = ERR_CONFIG;
		return -1;
	}
	t.at = text;
	rc = parse(&t, &k);
	if (rc == 0 && strlen(text) != len)
		rc = err_set(e, ERR_CONFIG, "%s: holds a NUL byte", path);
	if (rc == 0)
		*ret_key = k;
	explicit_bzero(text, len);
	explicit_bzero(&k, sizeof(k));
	explicit_bzero(t.word, sizeof(t.word));
	free(text);
	return rc;
}
