/*
 * facts.c - what this machine says of a host: the server's settings, the key
 * and certificate files.  Changes nothing.
 */
#include "cmd/pass.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "core/alias.h"
#include "core/renew.h"
#include "edge/cert.h"

/* What a server that sends this file presents; `was`, if it cannot be read. */
static int
read_chain(struct pass_host *ph, const char *cert_file, const struct spki *key,
    int was, time_t wall)
{
	const char *const *names = (const char *const *)ph->conf->names;
	struct cover_chain c;
	struct err e;

	if (cert_cover(cert_file, names, ph->conf->n_names, wall, &c, &e) < 0 ||
	    memcmp(c.cert[0].by[1].sha256, key->sha256, sizeof(key->sha256)))
		return was;
	return host_chain(&ph->host, &c);
}

/* When the certificate of this key ends, and whether it is of an issuer; as it
 * was when it cannot be read. */
static void
read_cert(struct key *k, const char *cert_file)
{
	struct cert_info info;
	struct err e;

	if (cert_read(cert_file, &info, &e) < 0 || !spki_eq(&info.key, &k->id))
		return;
	k->cert_from = info.not_before;
	k->cert_until = info.not_after;
	k->cert_issued = !info.self_signed;
}

/* There may be another reason than that it is gone, or something else. */
static bool
is_unread(const char *path, const struct err *e)
{
	return access(path, F_OK) < 0 ? errno != ENOENT : e->kind != ERR_CONFIG;
}

/* Where the certificate stands that is sent with the key: the server may be
 * set to another file than ours. */
static const char *
cert_sent(const struct postfix_state *pf, const struct key *k)
{
	for (size_t i = 0; i < pf->n_key; i++) {
		const struct postfix_key *named = &pf->key[i];

		if (named->readable && named->cert_file[0] != 0 &&
		    spki_eq(&named->info.id, &k->id))
			return named->cert_file;
	}
	return k->cert_file;
}

/* What was brought for a deployed key and waits. */
static void
read_next(struct pass *p, struct pass_host *ph, struct key *k)
{
	const char *const *names = (const char *const *)ph->conf->names;
	time_t wall = p->s->now.wall;
	char path[1024];
	struct err e;

	k->next_ok = false;
	if (k->next_chain == 0)
		return;
	if (keys_chain_file(p->s, &ph->host, k, k->next_chain, path,
		sizeof(path), &e) < 0 ||
	    cert_chain_check(path, &k->id, wall, &e) < 0 ||
	    cert_check(path, &k->id, names, ph->conf->n_names, wall, &e) < 0) {
		k->cert_why = once_fmt(HOST_WHY, "%.199s", e.text);
		return;
	}
	k->next_chain = read_chain(ph, path, &k->id, k->next_chain, wall);
	k->next_ok = true;
}

/* Does the one that would be deployed fit? */
static void
judge_cert(struct pass_host *ph, struct key *k, time_t wall)
{
	const char *const *names = (const char *const *)ph->conf->names;
	struct err e;

	if (cert_check(k->cert_file, &k->id, names, ph->conf->n_names, wall,
		&e) == 0)
		k->cert_ok = true;
	else {
		k->cert_unread = is_unread(k->cert_file, &e);
		k->cert_why = once_fmt(HOST_WHY, "%s", e.text);
	}
}

static void
read_key(struct pass *p, struct pass_host *ph, const struct postfix_state *pf,
    struct key *k)
{
	time_t wall = p->s->now.wall;
	const char *cert;
	struct err e;

	k->stored = k->lost = k->cert_ok = k->cert_unread = false;
	k->cert_issued = k->next_ok = false;
	k->exposed = 0;
	k->cert_why = "";
	if (k->destroyed_at != NEVER || k->key_file[0] == 0)
		return;
	cert = cert_sent(pf, k);
	renew_read(&ph->host, k, read_chain(ph, cert, &k->id, k->chain, wall));
	read_cert(k, cert);
	if (k->adopted && cert != k->cert_file)
		k->cert_file = once_fmt(1024, "%s", cert);
	if (key_check(k->key_file, &k->id, &e) < 0) {
		/* Gone or something else; what cannot be read is only that. */
		k->lost = !is_unread(k->key_file, &e);
		return;
	}
	k->stored = true;
	k->exposed = keys_exposed(k);
	if (k->adopted)
		k->cert_ok = true; /* it is served as it is */
	else
		judge_cert(ph, k, wall);
	read_next(p, ph, k);
}

static void
read_installed(struct pass_host *ph, const struct postfix_state *pf,
    time_t wall)
{
	struct host *h = &ph->host;

	h->n_foreign = 0;
	for (size_t i = 0; i < h->n_key; i++)
		h->key[i].installed = false;
	for (size_t i = 0; i < pf->n_key; i++) {
		const struct postfix_key *named = &pf->key[i];
		struct key *k;

		if (!named->readable || named->cert_file[0] == 0)
			continue;
		k = host_find_key(h, &named->info.id);
		if (k != NULL)
			k->installed = true;
		else if (h->n_foreign < SLOT_COUNT)
			h->foreign[h->n_foreign++] = (struct presented){
				named->info.id, named->info.slot,
				read_chain(ph, named->cert_file,
				    &named->info.id, 0, wall)
			};
	}
}

void
postfix_once_release(struct postfix_once *once)
{
	free(once->pf);
	memset(once, 0, sizeof(*once));
}

/*
 * What is not understood of the server blocks, with a sentence.
 *
 * postconf is asked in each round, though main.cf may be as old as before: what
 * it says follows also from the defaults in the libraries that are installed,
 * from the environment, and from the name of the machine.  Nothing tells of a
 * change of all of these, and to take an old answer for a new one is to deploy
 * a key that is not used.  It costs 5 ms.
 */
static void
read_postfix(struct postfix_once *once, const char *config_dir)
{
	struct err e;

	if (once->config_dir != NULL &&
	    strcmp(once->config_dir, config_dir) == 0)
		return;
	postfix_once_release(once);
	once->pf = mem_new(sizeof(*once->pf));
	once->config_dir = config_dir;
	if (postfix_read(NULL, config_dir, once->pf, &e) < 0) {
		text_fmt(once->why, sizeof(once->why), "%.199s", e.text);
		once->pf->n_key = 0;
		return;
	}
	postfix_find_keys(once->pf);
	for (size_t i = 0; i < once->pf->n_key; i++) {
		const struct postfix_key *named = &once->pf->key[i];

		if (named->cert_file[0] != 0 && !named->readable)
			text_fmt(once->why, sizeof(once->why), "%s",
			    named->why);
	}
}

/* What adopt_host takes over; it is much, and nobody else's. */
static void
keep_named(struct pass_host *ph, const struct postfix_state *pf)
{
	free(ph->named);
	ph->named = NULL;
	ph->n_named = 0;
	if (ph->host.adopted_at != NEVER)
		return;
	ph->named = mem_copy(pf->key, pf->n_key * sizeof(*pf->key));
	ph->n_named = pf->n_key;
}

void
facts_read(struct pass *p, struct pass_host *ph, struct postfix_once *once)
{
	struct host *h = &ph->host;

	read_postfix(once, ph->conf->config_dir);
	h->blocked = once_fmt(HOST_WHY, "%s", once->why);
	for (size_t i = 0; i < h->n_key; i++)
		read_key(p, ph, once->pf, &h->key[i]);
	read_installed(ph, once->pf, p->s->now.wall);
	keep_named(ph, once->pf);
	alias_spare_others(h);
	renew_prune(h);
}
