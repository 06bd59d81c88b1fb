/*
 * act.c - the acts: journal the intent, act, journal the outcome.  Every act
 * may be repeated; what a program or a server claims is not believed, the
 * next look decides.
 */
#include "cmd/pass.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "cmd/alert.h"
#include "core/alias.h"
#include "core/record.h"
#include "core/renew.h"
#include "edge/cert.h"

#define UPDATE_TIMEOUT_MS 15000 /* one update, whatever the pass has left */

/* A key on its way: known before its intent is written, so that the intent
 * can name it. */
struct fresh {
	struct private_key *private;
	struct key_info info;
	char key_file[1024];
	char cert_file[1024];
};

static int
file_names(struct pass *p, const struct pass_host *ph, enum slot slot,
    const struct spki *id, char *key_file, char *cert_file, struct err *e)
{
	const char *host = ph->host.name;
	char folder[1024];

	if (keys_folder(p->s, folder, sizeof(folder), e) < 0 ||
	    file_folder(folder, 0700, (uid_t)-1, (gid_t)-1, e) < 0)
		return -1;
	if (key_file != NULL &&
	    keys_file(p->s, host, slot, id, "key.pem", key_file, 1024, e) < 0)
		return -1;
	return keys_file(p->s, host, slot, id, "cert.pem", cert_file, 1024, e);
}

/*
 * A certificate for a key that is not in use yet; what a pass that died left
 * under the name is not either, and goes first.
 */
static int
certify(struct pass *p, const struct pass_host *ph,
    const struct private_key *private, const char *cert_file, struct err *e)
{
	const char *const *names = (const char *const *)ph->conf->names;

	if (file_remove(cert_file, e) < 0)
		return -1;
	return cert_make(private, names, ph->conf->n_names, p->s->now.wall,
	    cert_file, e);
}

static int
do_make(struct pass *p, struct pass_host *ph, const struct step *st,
    struct fresh *f, struct err *e)
{
	struct key *k;

	if (key_save(f->private, f->key_file, e) < 0 ||
	    certify(p, ph, f->private, f->cert_file, e) < 0)
		return -1;
	k = host_key_add(&ph->host);
	k->id = f->info.id;
	k->slot = st->slot;
	k->kind = f->info.kind;
	k->stage = STAGE_GENERATED;
	k->entered_at = p->s->now.elapsed;
	k->entered_wall = p->s->now.wall;
	k->stored = k->cert_ok = true;
	k->key_file = once(f->key_file);
	k->cert_file = once(f->cert_file);
	return 0;
}

static int
do_certify(struct pass *p, struct pass_host *ph, struct key *k, struct err *e)
{
	struct private_key *private = NULL;
	char cert_file[1024];
	int rc = -1;

	if (key_load(k->key_file, &private, NULL, e) < 0 ||
	    file_names(p, ph, k->slot, &k->id, NULL, cert_file, e) < 0 ||
	    certify(p, ph, private, cert_file, e) < 0)
		goto out;
	k->cert_file = once(cert_file);
	rc = 0;
out:
	private_key_free(private);
	return rc;
}

/* What of `a` is not in `b`. */
static size_t
beyond(const struct tlsa_set *a, const struct tlsa_set *b,
    struct tlsa ret[TLSA_MAX])
{
	size_t n = 0;

	for (unsigned i = 0; i < a->n; i++)
		if (!tlsa_set_has(b, &a->rr[i]))
			ret[n++] = a->rr[i];
	return n;
}

/* Its records stand where those of an owner before it do: two services behind
 * one wildcard, or two aliases of one name.  What they need is the same. */
static bool
is_done(const struct host *h, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (alias_publishes(&h->own[i]) &&
		    strcmp(alias_at(&h->own[i]), alias_at(&h->own[index])) == 0)
			return true;
	return false;
}

/* Changes the records of every owner that needs it, in one update a name. */
static int
do_update(const struct pass_host *ph, enum act act, const struct key *k,
    struct err *e)
{
	const struct conf_publisher *pub = ph->conf->publisher;
	struct tlsa add[TLSA_MAX], del[TLSA_MAX];
	struct tlsa_set want;
	size_t n_add, n_del;

	for (size_t i = 0; i < ph->host.n_own; i++) {
		const struct owner *o = &ph->host.own[i];
		int64_t deadline = clock_mono_ms() + UPDATE_TIMEOUT_MS;

		if (!alias_publishes(o) || is_done(&ph->host, i))
			continue;
		if (record_target(&ph->host, act, k, owner_primary(o), &want) !=
		    TARGET_KNOWN)
			continue; /* the law has refused that */
		n_add = beyond(&want, owner_primary(o), add);
		n_del = beyond(owner_primary(o), &want, del);
		if (n_add + n_del == 0)
			continue;
		if (update_send(&pub->server, ph->tsig, o->zone, alias_at(o),
			&ph->primary[i], ph->conf->tlsa_ttl, add, n_add, del,
			n_del, deadline, e) < 0)
			return err_prefix(e, "%s", alias_at(o));
	}
	return 0;
}

/* With the certificate that waits for it, if one does. */
static int
do_deploy(struct pass *p, struct pass_host *ph, struct key *k, struct err *e)
{
	struct postfix_state *pf = mem_new(sizeof(*pf));
	bool renews = k->next_chain != 0;
	char cert_file[1024];
	int rc = postfix_read(NULL, ph->conf->config_dir, pf, e);

	text_fmt(cert_file, sizeof(cert_file), "%s", k->cert_file);
	if (rc == 0 && renews)
		rc = keys_chain_file(p->s, &ph->host, k, k->next_chain,
		    cert_file, sizeof(cert_file), e);
	if (rc == 0 && (renews || !k->installed)) {
		postfix_find_keys(pf);
		rc = postfix_deploy(pf, k->slot, cert_file, k->key_file, e);
	}
	if (rc == 0)
		rc = postfix_reload(pf, e);
	free(pf);
	if (rc < 0)
		return -1;
	k->cert_file = once(cert_file);
	renew_done(&ph->host, k);
	return 0;
}

static int
do_destroy(struct pass *p, const struct pass_host *ph, struct key *k,
    struct err *e)
{
	if (file_remove(k->key_file, e) < 0 ||
	    (k->cert_file[0] != 0 && file_remove(k->cert_file, e) < 0) ||
	    keys_remove_certs(p->s, ph->host.name, k, e) < 0)
		return -1;
	k->destroyed_at = p->s->now.elapsed;
	k->key_file = k->cert_file = "";
	k->stored = false;
	return 0;
}

static int
do_act(struct pass *p, struct pass_host *ph, const struct step *st,
    struct fresh *f, struct err *e)
{
	struct key *k = st->key >= 0 ? &ph->host.key[st->key] : NULL;

	switch (st->act) {
	case ACT_MAKE:
		return do_make(p, ph, st, f, e);
	case ACT_CERTIFY:
		return do_certify(p, ph, k, e);
	case ACT_PUBLISH:
	case ACT_WITHDRAW:
		return do_update(ph, st->act, k, e);
	case ACT_DEPLOY:
		return do_deploy(p, ph, k, e);
	case ACT_DESTROY:
		return do_destroy(p, ph, k, e);
	case ACT_NOTHING:
	case ACT_COUNT:
		break;
	}
	return 0;
}

static int
write_intent(struct pass *p, const struct pass_host *ph, const struct step *st,
    const struct fresh *f, int64_t *ret_id, struct err *e)
{
	const struct key *k = st->key >= 0 ? &ph->host.key[st->key] : NULL;
	struct entry en = session_entry(p->s, &ph->host, k, ENTRY_INTENT, "%s",
	    act_name(st->act));

	en.act = st->act;
	if (st->act == ACT_MAKE) {
		en.has_key = true;
		en.key = f->info.id;
		text_fmt(en.text, sizeof(en.text), "make %s %s",
		    kind_name(f->info.kind), f->key_file);
	}
	return store_journal(p->s->store, &en, ret_id, e);
}

/* The outcome, and the stage that it brings, in one transaction. */
static int
write_outcome(struct pass *p, struct pass_host *ph, const struct step *st,
    int64_t intent, bool ok, const char *why, struct err *e)
{
	int key = st->key >= 0 ? st->key : (int)ph->host.n_key - 1;
	struct key *k = ok || st->key >= 0 ? &ph->host.key[key] : NULL;
	struct entry en[2];
	size_t n = 1;

	en[0] = session_entry(p->s, &ph->host, k, ENTRY_OUTCOME, "%s%s%s",
	    act_name(st->act), ok ? " done" : " failed: ", ok ? "" : why);
	en[0].act = st->act;
	en[0].of = intent;
	en[0].ok = ok;
	if (ok && (st->act == ACT_MAKE || st->to != st->from)) {
		en[1] = session_entry(p->s, &ph->host, k, ENTRY_STAGE,
		    "%s -> %s",
		    st->act == ACT_MAKE ? "none" : stage_name(st->from),
		    stage_name(st->to));
		n = 2;
		plan_enter(&ph->host, k, st->to, &p->s->now);
		alert_log_stage(&ph->host, k,
		    st->act == ACT_MAKE ? "none" : stage_name(st->from), st->to,
		    &p->s->now);
	}
	return store_save_journal(p->s->store, &ph->host, en, n, e);
}

static int
prepare_fresh(struct pass *p, struct pass_host *ph, const struct step *st,
    struct fresh *f, struct err *e)
{
	struct key_spec spec = key_spec_of(ph->host.slot[st->slot].kind);

	if (key_make(spec, &f->private, &f->info, e) < 0)
		return -1;
	return file_names(p, ph, st->slot, &f->info.id, f->key_file,
	    f->cert_file, e);
}

int
act_do(struct pass *p, struct pass_host *ph, const struct step *st,
    struct err *e)
{
	struct fresh f = { .private = NULL };
	struct err why = { .kind = ERR_NONE };
	int64_t intent;
	int rc = -1;
	bool ok;

	if (pass_kept(p, 0, e) < 0)
		return -1; /* what the act is built on */
	ph->failed = NULL;
	ph->act = st->act;
	if (st->act == ACT_MAKE && prepare_fresh(p, ph, st, &f, &why) < 0) {
		ph->failed = once_fmt(1024, "%s", why.text);
		rc = 0;
		goto out; /* nothing was begun */
	}
	if (write_intent(p, ph, st, &f, &intent, e) < 0)
		goto out;
	ok = do_act(p, ph, st, &f, &why) == 0;
	if (!ok)
		ph->failed = once_fmt(1024, "%s", why.text);
	log_debug("%s: %s: %s", ph->host.name, act_name(st->act),
	    ok ? "done" : why.text);
	rc = write_outcome(p, ph, st, intent, ok, why.text, e);
out:
	private_key_free(f.private);
	return rc;
}
