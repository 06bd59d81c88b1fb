/*
 * pass.c - how one pass flows: look, decide, act, look again.  The data go
 * one way; only what the state keeps comes back next time.
 */
#include "cmd/pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/alert.h"
#include "base/when.h"
#include "cmd/summary.h"
#include "cmd/progress.h"
#include "core/alias.h"
#include "core/ended.h"
#include "core/pause.h"
#include "core/sighting.h"

#define PASS_MS 120000 /* all looks of a pass, and more ... */
#define HOST_MS 20     /* for each host */
#define ROUNDS 5       /* looks after acts */
#define STEPS_MAX 64
#define KEEP_MOST 512 /* hosts in one transaction: it is in memory, whole */

int
pass_keep(struct pass *p, struct err *e)
{
	if (p->dry || p->keeping)
		return 0;
	if (store_begin(p->s->store, e) < 0)
		return -1;
	p->keeping = true;
	p->n_keeping = 0;
	return 0;
}

int
pass_kept(struct pass *p, int rc, struct err *e)
{
	if (!p->keeping)
		return rc;
	p->keeping = false;
	if (rc == 0)
		rc = store_agent_save(p->s->store, &p->s->agent, e);
	return store_end(p->s->store, rc, e);
}

int
pass_next(struct pass *p, struct err *e)
{
	return ++p->n_keeping < KEEP_MOST ? 0 : pass_kept(p, 0, e);
}

static int
begin_host(struct pass *p, struct pass_host *ph, const struct conf_host *c,
    struct err *e)
{
	ph->conf = c;
	if (session_host(p->s, c, &ph->host, e) < 0)
		return -1;
	if (pause_end(p, &ph->host, e) < 0)
		return -1;
	if (ph->host.publishes) {
		ph->tsig = mem_new(sizeof(*ph->tsig));
		if (conf_tsig(c->publisher->tsig_key, ph->tsig, e) < 0)
			return -1;
	}
	ph->look = (struct look_request){ .host = &ph->host,
		.endpoints = c->endpoints,
		.n_endpoints = c->n_endpoints,
		.every_family = p->s->conf.every_family };
	if (ph->host.publishes)
		ph->look.primary = c->publisher->server;
	return settle_intents(p, ph, e);
}

/* What is verified once; false when the path is too long. */
static bool
past_path(const struct pass *p, char *buf, size_t size)
{
	return file_join(buf, size, p->s->conf.state_dir, "verified");
}

/* It only spares work: a pass is none the worse without. */
static void
past_write(struct pass *p)
{
	char path[1024];
	struct err e;

	if (!p->dry && past_path(p, path, sizeof(path)) &&
	    answer_past_write(p->past, path, p->s->now.wall, &e) < 0)
		log_error("%s", e.text);
}

static int
begin_hosts(struct pass *p, const struct conf_host **hosts, size_t n,
    struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		p->n = i + 1;
		if (begin_host(p, &p->v[i], hosts[i], e) < 0)
			return -1;
	}
	return 0;
}

int
pass_begin(struct pass *p, const struct conf_host **hosts, size_t n,
    struct err *e)
{
	char path[1024];

	if (past_path(p, path, sizeof(path)))
		p->past = answer_past_read(path);
	p->v = mem_array(n + 1, sizeof(*p->v));
	p->deadline = clock_mono_ms() + PASS_MS + HOST_MS * (int64_t)n;
	if (p->s->store == NULL)
		return begin_hosts(p, hosts, n, e);
	if ((p->dry ? store_begin_read(p->s->store, e)
		    : store_begin(p->s->store, e)) < 0)
		return -1;
	return store_end(p->s->store, begin_hosts(p, hosts, n, e), e);
}

void
pass_release(struct pass *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct pass_host *ph = &p->v[i];

		for (size_t j = 0; j < ph->n_primary; j++)
			primary_set_release(&ph->primary[j]);
		free(ph->primary);
		free(ph->named);
		if (ph->tsig != NULL)
			explicit_bzero(ph->tsig, sizeof(*ph->tsig));
		free(ph->tsig);
		host_release(&ph->host);
	}
	free(p->v);
	p->v = NULL;
	p->n = 0;
	answer_past_free(p->past);
	p->past = NULL;
}

static void
clear_pass_facts(struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++) {
		h->own[i].blocked = "";
		for (size_t j = 0; j < h->own[i].n_auth; j++)
			h->own[i].auth[j].fresh = false;
	}
	for (size_t i = 0; i < h->n_ep; i++)
		h->ep[i].fresh = false;
}

/* Owners that were never looked at before have a past that nobody saw. */
static void
assume_past(struct host *h, const struct now *now)
{
	for (size_t i = 0; i < h->n_own; i++) {
		if (!h->own[i].added || h->own[i].n_auth == 0)
			continue;
		sighting_assume(h, &h->own[i], now);
		h->own[i].added = false;
	}
	alias_settle(h);
}

/* Which zones are ours has to be known before. */
static void
look_primaries(struct pass *p, bool first)
{
	for (size_t i = 0; i < p->n; i++)
		if (first || p->v[i].again)
			session_zones(p->s, p->v[i].conf, &p->v[i].host);
	facts_primaries(p, first);
}

/* Looks at the hosts that need it: all in the first round, then those that
 * changed the world. */
int
pass_look(struct pass *p, bool first, struct err *e)
{
	struct look_request *r = mem_array(p->n + 1, sizeof(*r));
	struct postfix_once once = { .config_dir = NULL };
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < p->n; i++) {
		if (!first && !p->v[i].again)
			continue;
		clear_pass_facts(&p->v[i].host);
		r[n++] = p->v[i].look;
	}
	session_tick(p->s); /* the look counts on from here */
	progress_begin();
	rc = n == 0 ? 0
		    : look_dns_again(r, n, &p->s->conf.resolver, &p->s->now,
			  p->deadline, p->past, e);
	session_tick(p->s);
	if (rc == 0 && n > 0)
		look_endpoints(r, n, &p->s->now, p->deadline);
	session_tick(p->s);
	if (rc == 0)
		look_primaries(p, first);
	progress_end();
	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		if (!first && !p->v[i].again)
			continue;
		facts_read(p, &p->v[i], &once);
		assume_past(&p->v[i].host, &p->s->now);
		plan_note_sweep(&p->v[i].host, &p->s->now);
		ended_settle(&p->v[i].host, &p->s->now);
		for (size_t j = 0; j < p->v[i].host.n_own; j++)
			sighting_prune(&p->v[i].host, &p->v[i].host.own[j],
			    p->s->now.elapsed);
	}
	postfix_once_release(&once);
	free(r);
	return rc;
}

static const char *
step_say(const struct pass_host *ph, const struct step *st, char *buf,
    size_t size)
{
	char id[9] = "new";

	if (st->key >= 0)
		spki_id(&ph->host.key[st->key].id, id);
	if (st->act == ACT_NOTHING)
		return text_fmt(buf, size, "%s: key %s (%s): %s -> %s",
		    ph->host.name, id, slot_name(st->slot),
		    stage_name(st->from), stage_name(st->to));
	return text_fmt(buf, size, "%s: key %s (%s): %s%s%s", ph->host.name, id,
	    slot_name(st->slot), act_name(st->act),
	    st->from != st->to ? ", then " : "",
	    st->from != st->to ? stage_name(st->to) : "");
}

/* With what status says of it until the next pass. */
static int
save(struct pass *p, struct pass_host *ph, struct err *e)
{
	struct summary sum = summary_of(p->s, ph->conf, &ph->host);
	int rc = store_save_summed(p->s->store, &ph->host, &sum, e);

	free(sum.host);
	return rc;
}

/* Steps that only change a stage, one after the other, each in the journal. */
static int
quiet_steps(struct pass *p, struct pass_host *ph, struct err *e)
{
	struct step st[STEPS_MAX];
	struct entry en;
	char say[256];

	for (int i = 0; i < STEPS_MAX; i++) {
		size_t n = plan_host(&ph->host, &p->s->now, st, STEPS_MAX);

		if (n == 0 || st[0].act != ACT_NOTHING)
			break;
		step_say(ph, &st[0], say, sizeof(say));
		if (p->dry)
			printf("would change: %s\n", say);
		log_debug("%s", say);
		plan_enter(&ph->host, &ph->host.key[st[0].key], st[0].to,
		    &p->s->now);
		ph->changed = true;
		if (p->dry)
			continue;
		alert_log_stage(&ph->host, &ph->host.key[st[0].key],
		    stage_name(st[0].from), st[0].to, &p->s->now);
		en = session_entry(p->s, &ph->host, &ph->host.key[st[0].key],
		    ENTRY_STAGE, "%s -> %s", stage_name(st[0].from),
		    stage_name(st[0].to));
		if (store_save_journal(p->s->store, &ph->host, &en, 1, e) < 0)
			return -1;
	}
	return p->dry ? 0 : save(p, ph, e);
}

static void
dry_steps(const struct pass_host *ph, const struct step *st, size_t n,
    const struct now *now)
{
	char say[256], why[400];

	if (pause_holds(&ph->host, now))
		printf("%s is paused until %s\n", ph->host.name,
		    when_minute(ph->host.paused_until, why));
	for (size_t i = 0; i < n; i++) {
		step_say(ph, &st[i], say, sizeof(say));
		if (st[i].refused)
			printf("refused by the law: %s: %s\n", say,
			    law_say(&ph->host, &st[i].why, now, why,
				sizeof(why)));
		else
			printf("would do: %s\n", say);
	}
}

static bool
changes_world(enum act a)
{
	return a == ACT_PUBLISH || a == ACT_DEPLOY || a == ACT_WITHDRAW;
}

/* At most one act, the first that the law lets pass. */
int
pass_steps(struct pass *p, struct pass_host *ph, struct err *e)
{
	struct postfix_once once = { .config_dir = NULL };
	struct step st[STEPS_MAX];
	size_t n, i;

	ph->again = false;
	if (ph->host.adopted_at == NEVER)
		return adopt_host(p, ph, e);
	if (ph->adopted_now)
		return 0;
	if (quiet_steps(p, ph, e) < 0)
		return -1;
	n = plan_host(&ph->host, &p->s->now, st, STEPS_MAX);
	if (p->dry) {
		dry_steps(ph, st, n, &p->s->now);
		return 0;
	}
	for (i = 0; i < n && (st[i].refused || st[i].act == ACT_NOTHING); i++)
		;
	if (i == n || ph->failed != NULL)
		return 0;
	if (act_do(p, ph, &st[i], e) < 0)
		return -1;
	ph->changed = ph->changed || ph->failed == NULL;
	if (changes_world(st[i].act)) {
		ph->again = true;
		return 0;
	}
	facts_read(p, ph, &once);
	postfix_once_release(&once);
	return ph->failed != NULL ? 0 : pass_steps(p, ph, e);
}

int
pass_run(struct pass *p, const struct conf_host **hosts, size_t n,
    struct err *e)
{
	bool again = true;

	if (pass_begin(p, hosts, n, e) < 0)
		return -1;
	for (int round = 0; again && round < ROUNDS; round++) {
		again = false;
		if (pass_look(p, round == 0, e) < 0)
			return -1;
		past_write(p);
		for (size_t i = 0; i < p->n; i++) {
			struct pass_host *ph = &p->v[i];

			if (round > 0 && !ph->again)
				continue;
			if (pass_keep(p, e) < 0 || pass_steps(p, ph, e) < 0 ||
			    pass_next(p, e) < 0)
				return -1;
			again = again || ph->again;
		}
	}
	return 0;
}
