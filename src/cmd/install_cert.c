/*
 * install_cert.c - `danesafe install-cert`: a chain from an issuer for a key of
 * a host.  Checks it and keeps it beside the key; the passes deploy it, when
 * no sender can hold a record that it does not match.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/once.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/keyfiles.h"
#include "core/event.h"
#include "core/record.h"
#include "core/renew.h"
#include "edge/cert.h"

struct coming {
	struct cert_bundle bundle;
	struct cover_chain chain;
	struct key *k;
	char path[1024];
	bool known; /* in use, or waiting already */
};

static int
no_such_key(const struct host *h, const char *file, const struct spki *id,
    struct err *e)
{
	struct text t = TEXT_INIT;
	char hex[9], is[9];

	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].stage <= STAGE_DEPLOYED)
			text_addf(&t, "%s %s (%s, %s)", t.len > 0 ? "," : "",
			    spki_id(&h->key[i].id, hex),
			    slot_name(h->key[i].slot),
			    stage_name(h->key[i].stage));
	err_set(e, ERR_REFUSED,
	    "refused: %s is of key %s, which is none of %s that could present "
	    "it; these are%s",
	    file, spki_id(id, is), h->name,
	    t.len > 0 ? text_str(&t) : " none yet");
	text_release(&t);
	return -1;
}

static int
find_key(struct host *h, const char *file, struct coming *c, struct err *e)
{
	char id[9];

	c->k = host_find_key(h, &c->bundle.info.key);
	if (c->k == NULL)
		return no_such_key(h, file, &c->bundle.info.key, e);
	if (c->k->stage <= STAGE_DEPLOYED)
		return 0;
	return err_set(e, ERR_REFUSED,
	    "refused: key %s is %s, and nothing will present it",
	    spki_id(&c->k->id, id), stage_name(c->k->stage));
}

/* Is it what the records of this host ask for? */
static int
check_kinds(const struct host *h, const char *file, const struct coming *c,
    struct err *e)
{
	for (unsigned i = 0; i < h->n_tlsa; i++)
		if (h->tlsa[i].usage == 2 && cover_issuer(&c->chain) == 0)
			return err_set(e, ERR_CONFIG,
			    "%s: holds no certificate of the issuer, which "
			    "'tlsa' of %s wants to name (2 %u %u) and the "
			    "server must send: put it after the server's own",
			    file, h->name, h->tlsa[i].selector,
			    h->tlsa[i].mtype);
	return 0;
}

/* Under a name of its own; one that is there already holds the same. */
static int
keep(const struct session *s, struct host *h, struct coming *c, int chain,
    struct err *e)
{
	char folder[1024];
	char *is = NULL;
	size_t len;
	int rc;

	if (keys_folder(s, folder, sizeof(folder), e) < 0 ||
	    file_folder(folder, 0700, (uid_t)-1, (gid_t)-1, e) < 0 ||
	    keys_chain_file(s, h, c->k, chain, c->path, sizeof(c->path), e) < 0)
		return -1;
	is = file_read(c->path, c->bundle.len, &len, e);
	if (is != NULL && len == c->bundle.len &&
	    memcmp(is, c->bundle.pem, len) == 0)
		rc = 0;
	else
		rc = file_replace(c->path, c->bundle.pem, c->bundle.len, 0644,
		    (uid_t)-1, (gid_t)-1, e);
	free(is);
	return rc;
}

static void
take(struct host *h, struct coming *c, int chain)
{
	struct key *k = c->k;

	renew_take(h, k, chain);
	k->next_ok = k->next_chain != 0;
	if (k->stage == STAGE_DEPLOYED)
		return;
	k->cert_file = once(c->path);
	k->cert_until = c->bundle.info.not_after;
}

/* What comes of it. */
static void
say(const struct host *h, const struct coming *c, const struct now *now)
{
	const struct key *k = c->k;
	struct key as = renew_as(k);
	int64_t until = event_held_until(h, &as, false, now, NULL);
	char id[9], end[32], span[24];

	printf("%s: key %s (%s, %s): a certificate that ends %s\n", h->name,
	    spki_id(&k->id, id), slot_name(k->slot), stage_name(k->stage),
	    when_minute(c->bundle.info.not_after, end));
	if (c->known)
		printf("it is there already; nothing is changed\n");
	else if (k->stage < STAGE_DEPLOYED)
		printf("the key presents it when it is deployed\n");
	else if (until == 0)
		printf("the next run deploys it: it matches every record set "
		       "that senders may hold\n");
	else if (until == NEVER)
		printf("it is held back: its records come first, then caches "
		       "may lack them for a hold%s\n",
		    h->publishes ? "; the next run publishes them"
				 : "; 'danesafe records' shows them");
	else
		printf("it is held back: caches may hold a record set that "
		       "does not match it for another %s\n",
		    when_rough(until - now->elapsed, span));
}

static bool
is_known(const struct host *h, const struct key *k, const struct cover_chain *c)
{
	int chain = k->next_chain != 0 ? k->next_chain : k->chain;
	struct cover_chain is;

	if (chain == 0)
		return false;
	is = host_chain_at(h, chain);
	return cover_same(&is, c);
}

static int
install(struct session *s, struct host *h, const struct conf_host *conf,
    const char *file, struct err *e)
{
	struct coming c = { .k = NULL };
	struct entry en;
	char end[32];
	int rc = -1, chain;

	if (cert_bundle_read(file, &c.bundle, e) < 0)
		return -1;
	if (find_key(h, file, &c, e) < 0 ||
	    cert_bundle_check(file, &c.k->id, (const char *const *)conf->names,
		conf->n_names, s->now.wall, &c.chain, e) < 0 ||
	    check_kinds(h, file, &c, e) < 0)
		goto out;
	c.known = is_known(h, c.k, &c.chain);
	chain = host_chain(h, &c.chain);
	if (!c.known && keep(s, h, &c, chain, e) < 0)
		goto out;
	rc = 0;
	if (!c.known) {
		take(h, &c, chain);
		en = session_entry(s, h, c.k, ENTRY_WISH,
		    "install-cert %.300s: kept as %.300s, ends %s", file,
		    c.path, when_minute(c.bundle.info.not_after, end));
		cmd_actor(en.actor, sizeof(en.actor));
		rc = store_save_journal(s->store, h, &en, 1, e);
	}
	if (rc == 0)
		say(h, &c, &s->now);
out:
	cert_bundle_release(&c.bundle);
	return rc;
}

static int
install_for(struct session *s, char *name, const char *file, struct err *e)
{
	const struct conf_host **hosts = NULL;
	struct host h;
	size_t n;
	int rc = -1;

	if (session_select(s, 1, &name, &hosts, &n, e) < 0)
		return -1;
	if (session_host(s, hosts[0], &h, e) < 0)
		goto out;
	if (h.adopted_at == NEVER)
		err_set(e, ERR_REFUSED,
		    "refused: %s is not adopted yet; possible after 'danesafe "
		    "adopt %s'",
		    h.name, h.name);
	else
		rc = install(s, &h, hosts[0], file, e);
	host_release(&h);
out:
	free(hosts);
	return rc;
}

int
cmd_install_cert(const struct cmd *c, int argc, char **argv)
{
	struct session s;
	struct err e;
	char **words;

	if (cmd_words(argc, argv, &words) != 2)
		return cmd_usage("install-cert", NULL);
	if (session_open(&s, c, SESSION_WRITE, &e) < 0)
		return cmd_fail(&e);
	return session_end(&s, install_for(&s, words[0], words[1], &e), &e);
}
