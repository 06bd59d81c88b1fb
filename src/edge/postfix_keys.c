/*
 * postfix_keys.c - the private keys that an instance's settings name: in
 * smtpd_tls_chain_files, else in the pairs of key and certificate file.
 * Reads them; says nothing about what is presented.
 */
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/text.h"
#include "edge/cert.h"
#include "edge/postfix.h"

#define FILE_KEYS 4 /* in one file */

/*
 * "none" (in any case) and nothing mean that no file is set; but not in
 * smtpd_tls_chain_files, where Postfix looks for a file of that name.
 */
static bool
is_set(const char *value)
{
	return value[0] != 0 && strcasecmp(value, "none") != 0;
}

/* Postfix's daemons stand in queue_directory. */
static void
absolute(const struct postfix_state *s, const char *name, char *buf,
    size_t size)
{
	if (name[0] == '/')
		text_fmt(buf, size, "%s", name);
	else
		file_join(buf, size, s->queue_dir, name);
}

static struct postfix_key *
add_key(struct postfix_state *s, const char *param, const char *key_file,
    const char *cert_file)
{
	struct postfix_key *k = &s->key[s->n_key];

	if (s->n_key == POSTFIX_KEYS)
		return NULL;
	s->n_key++;
	memset(k, 0, sizeof(*k));
	k->param = param;
	text_fmt(k->key_file, sizeof(k->key_file), "%s", key_file);
	text_fmt(k->cert_file, sizeof(k->cert_file), "%s", cert_file);
	return k;
}

static void
read_pair(struct postfix_state *s, const char *param, const char *key_file,
    const char *cert_file)
{
	char key[1024], cert[1024] = "";
	struct postfix_key *k;
	struct err e;

	if (!is_set(key_file))
		return;
	absolute(s, key_file, key, sizeof(key));
	if (is_set(cert_file))
		absolute(s, cert_file, cert, sizeof(cert));
	k = add_key(s, param, key, cert);
	if (key_load(key, NULL, &k->info, &e) < 0)
		text_fmt(k->why, sizeof(k->why), "%s: %.200s", param, e.text);
	else if (k->info.slot == SLOT_OTHER)
		text_fmt(k->why, sizeof(k->why),
		    "%s: %.100s holds neither an RSA nor an EC key", param,
		    key);
	else
		k->readable = true;
}

char *
postfix_next_file(const char **at, char *buf, size_t size)
{
	const char *s = *at + strspn(*at, ", \t\n");
	size_t n = strcspn(s, ", \t\n");

	*at = s + n;
	if (n == 0)
		return NULL;
	return text_fmt(buf, size, "%.*s", (int)n, s);
}

/* In the key's own file, or in the next one of the list. */
static void
find_cert(const struct postfix_state *s, const char *file, const char *rest,
    char *buf, size_t size)
{
	char next[1024];
	struct cert_info info;
	struct err e;

	text_fmt(buf, size, "%s", file);
	if (cert_read(file, &info, &e) == 0)
		return;
	if (postfix_next_file(&rest, next, sizeof(next)) == NULL)
		buf[0] = 0;
	else
		absolute(s, next, buf, size);
}

static void
read_chain(struct postfix_state *s)
{
	static const char param[] = "smtpd_tls_chain_files";
	const char *at = s->chain_files;
	char word[1024], file[1024], cert[1024];

	while (postfix_next_file(&at, word, sizeof(word)) != NULL) {
		struct key_info info[FILE_KEYS];
		struct postfix_key *k;
		struct err e;
		size_t n;

		absolute(s, word, file, sizeof(file));
		if (key_list(file, info, FILE_KEYS, &n, &e) < 0) {
			k = add_key(s, param, file, file);
			if (k != NULL)
				text_fmt(k->why, sizeof(k->why), "%s: %.200s",
				    param, e.text);
			continue;
		}
		if (n > 0)
			find_cert(s, file, at, cert, sizeof(cert));
		for (size_t i = 0; i < n; i++) {
			k = add_key(s, param, file, cert);
			if (k == NULL)
				return;
			k->info = info[i];
			k->readable = info[i].slot != SLOT_OTHER;
			if (!k->readable)
				text_fmt(k->why, sizeof(k->why),
				    "%s: %.100s holds a key that is neither "
				    "RSA nor EC",
				    param, file);
		}
	}
}

void
postfix_find_keys(struct postfix_state *s)
{
	s->n_key = 0;
	if (s->chain_files[0] != 0) {
		read_chain(s);
		return;
	}
	read_pair(s, "smtpd_tls_key_file", s->raw[0], s->raw[1]);
	read_pair(s, "smtpd_tls_eckey_file", s->raw[2], s->raw[3]);
}

const struct postfix_key *
postfix_key_of(const struct postfix_state *s, enum slot slot)
{
	for (size_t i = 0; i < s->n_key; i++)
		if (s->key[i].readable && s->key[i].info.slot == slot)
			return &s->key[i];
	return NULL;
}
