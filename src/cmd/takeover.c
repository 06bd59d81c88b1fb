/*
 * takeover.c - first contact with a host, and what a dead pass left behind.
 * Takes down what is there; changes nothing that is served.
 */
#include "cmd/pass.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "core/alias.h"
#include "core/sighting.h"

static struct key *
take_key(struct pass_host *ph, const struct key_info *info,
    const char *key_file, const char *cert_file, const struct now *now)
{
	struct key *k = host_key_add(&ph->host);

	k->id = info->id;
	k->slot = info->slot;
	k->kind = info->kind;
	k->entered_at = now->elapsed;
	k->entered_wall = now->wall;
	k->key_file = once_fmt(1024, "%s", key_file);
	k->cert_file = once_fmt(1024, "%s", cert_file);
	k->stored = true;
	return k;
}

/* The keys that the server's settings name are deployed already. */
static void
take_installed(struct pass *p, struct pass_host *ph)
{
	const struct now *now = &p->s->now;

	for (size_t i = 0; i < ph->n_named; i++) {
		const struct postfix_key *named = &ph->named[i];
		struct key *k;

		if (!named->readable || named->cert_file[0] == 0 ||
		    host_find_key(&ph->host, &named->info.id) != NULL)
			continue;
		k = take_key(ph, &named->info, named->key_file,
		    named->cert_file, now);
		k->adopted = true;
		k->stage = STAGE_DEPLOYED;
		k->deployed_wall = now->wall;
		k->installed = k->cert_ok = true;
	}
	ph->host.n_foreign = 0;
}

/*
 * A key file of this host in our folder that the state does not know: the
 * state was lost, or the pass died before its note.  It is taken back as
 * generated, so that no second key is made beside it.
 */
static bool
take_file(struct pass *p, struct pass_host *ph, const char *folder,
    const char *name)
{
	size_t host = strlen(ph->host.name), n = strlen(name);
	char path[1024], cert[1024], stem[512];
	struct key_info info;
	struct err e;

	if (n <= host + 9 || strncmp(name, ph->host.name, host) != 0 ||
	    name[host] != '.' || strcmp(name + n - 8, ".key.pem") != 0)
		return false;
	if (!file_join(path, sizeof(path), folder, name) ||
	    key_load(path, NULL, &info, &e) < 0 || info.slot >= SLOT_COUNT ||
	    host_find_key(&ph->host, &info.id) != NULL)
		return false;
	text_fmt(stem, sizeof(stem), "%.*s.", (int)(n - 8), name);
	keys_newest_cert(folder, stem, cert, sizeof(cert));
	take_key(ph, &info, path, cert, &p->s->now)->stage = STAGE_GENERATED;
	return true;
}

/* What a dead pass left half-written never counts and is removed. */
static void
remove_temporary(const char *folder, const char *name)
{
	size_t n = strlen(name);
	char path[1024];
	struct err e;

	if (name[0] == '.' && n > 5 && strcmp(name + n - 4, ".tmp") == 0 &&
	    file_join(path, sizeof(path), folder, name))
		file_remove(path, &e);
}

static size_t
take_files(struct pass *p, struct pass_host *ph)
{
	char folder[1024];
	struct dirent *de;
	struct err e;
	size_t n = 0;
	DIR *d;

	if (keys_folder(p->s, folder, sizeof(folder), &e) < 0)
		return 0;
	d = opendir(folder);
	while (d != NULL && (de = readdir(d)) != NULL) {
		if (!p->dry)
			remove_temporary(folder, de->d_name);
		n += take_file(p, ph, folder, de->d_name);
	}
	if (d != NULL)
		closedir(d);
	return n;
}

static void
adopt_note(const struct pass_host *ph, struct text *t)
{
	const struct host *h = &ph->host;
	char id[9];

	text_add(t, "adopted;");
	for (size_t i = 0; i < h->n_key; i++)
		text_addf(t, " key %s (%s, %s)", spki_id(&h->key[i].id, id),
		    slot_name(h->key[i].slot), stage_name(h->key[i].stage));
	if (h->n_key == 0)
		text_add(t, " no key in use");
	for (size_t i = 0; i < h->n_own; i++)
		text_addf(t, "; %s: %zu name server addresses", h->own[i].name,
		    h->own[i].n_auth);
	text_addf(t, "; %zu endpoints", h->n_ep);
}

int
adopt_host(struct pass *p, struct pass_host *ph, struct err *e)
{
	struct text t = TEXT_INIT;
	struct entry en;
	int rc;

	if (ph->host.blocked[0] != 0)
		return 0; /* said as a concern; tried again */
	take_installed(p, ph);
	take_files(p, ph);
	for (size_t i = 0; i < ph->host.n_own; i++)
		sighting_assume(&ph->host, &ph->host.own[i], &p->s->now);
	alias_settle(&ph->host);
	ph->host.adopted_at = p->s->now.elapsed;
	ph->adopted_now = true;
	adopt_note(ph, &t);
	if (p->dry)
		printf("would adopt %s: %s\n", ph->host.name, text_str(&t));
	en = session_entry(p->s, &ph->host, NULL, ENTRY_NOTE, "%s",
	    text_str(&t));
	text_release(&t);
	rc = p->dry ? 0 : store_save_journal(p->s->store, &ph->host, &en, 1, e);
	return rc;
}

/* What an edit of main.cf left beside it. */
static void
tidy(const struct pass_host *ph)
{
	struct postfix_state *pf = mem_new(sizeof(*pf));
	struct err ignored;

	if (postfix_name(NULL, ph->conf->config_dir, pf, &ignored) == 0)
		postfix_edit_tidy(pf);
	free(pf);
}

int
settle_intents(struct pass *p, struct pass_host *ph, struct err *e)
{
	struct entry *open = NULL, out;
	size_t n = 0, found = 0;
	int rc = 0;

	if (p->s->store == NULL || p->dry)
		return 0;
	if (store_open_intents(p->s->store, ph->host.name, &open, &n, e) < 0)
		return -1;
	if (n > 0 && ph->host.adopted_at != NEVER)
		found = take_files(p, ph);
	for (size_t i = 0; i < n && rc == 0; i++) {
		if (open[i].act == ACT_DEPLOY)
			tidy(ph);
		out = session_entry(p->s, &ph->host, NULL, ENTRY_OUTCOME,
		    "the pass died before its note; %s",
		    open[i].act == ACT_MAKE && found > 0
			? "the key was found on disk and taken over"
			: "what is there decides");
		out.has_key = open[i].has_key;
		out.key = open[i].key;
		out.act = open[i].act;
		out.of = open[i].id;
		out.ok = open[i].act == ACT_MAKE && found > 0;
		rc = store_save_journal(p->s->store, &ph->host, &out, 1, e);
	}
	free(open);
	return rc;
}
