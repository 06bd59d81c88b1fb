/*
 * advance.c - `danesafe advance`: the next step of a key taken by hand.
 * Every unmet guard must be named; what it risks is said with the time it
 * ends; what must never be skipped is not.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/concern.h"
#include "cmd/pass.h"
#include "core/guard.h"
#include "core/pause.h"

#define SKIP_MAX 64

struct wish {
	const char *host, *key, *reason, *confirm;
	enum stage to;
	size_t n_skip;
	struct {
		enum guard_id id;
		struct addr addr;
		bool used;
	} skip[SKIP_MAX];
};

/* "hold", "shown:192.0.2.1", "served:[2001:db8::1]:25" */
static int
parse_guard(const char *s, size_t len, struct wish *w)
{
	const char *colon = memchr(s, ':', len);
	size_t name = colon != NULL ? (size_t)(colon - s) : len;
	enum guard_id id = guard_parse(s, name);
	bool addressed = id == GUARD_SHOWN || id == GUARD_SERVED ||
	    id == GUARD_GONE;
	char at[ADDR_TEXT];
	struct addr addr = { .family = 0 };

	if (id == GUARD_COUNT || addressed != (colon != NULL) ||
	    w->n_skip == SKIP_MAX)
		return -1;
	if (addressed) {
		text_fmt(at, sizeof(at), "%.*s", (int)(len - name - 1),
		    colon + 1);
		if (addr_parse(at, id == GUARD_SERVED ? 25 : 53, &addr) < 0)
			return -1;
	}
	w->skip[w->n_skip].id = id;
	w->skip[w->n_skip].addr = addr;
	w->skip[w->n_skip++].used = false;
	return 0;
}

static int
parse_skip(const char *list, struct wish *w)
{
	const char *s = list, *end;

	for (; *s != 0; s = *end == 0 ? end : end + 1) {
		end = strchrnul(s, ',');
		if (parse_guard(s, (size_t)(end - s), w) < 0)
			return cmd_usage("advance",
			    "--skip %.*s: not a guard "
			    "as 'danesafe status' names them (hold, turn, "
			    "shown:ADDRESS ...)",
			    (int)(end - s), s);
	}
	return 0;
}

static int
parse(int argc, char **argv, struct wish *w)
{
	static const struct option longs[] = {
		{ "to", required_argument, NULL, 't' },
		{ "skip", required_argument, NULL, 's' },
		{ "reason", required_argument, NULL, 'r' },
		{ "confirm", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	int ch, rc;

	optind = 0; /* begin anew: main has used getopt too */
	while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (ch == 't') {
			w->to = stage_parse(optarg);
			if (w->to == STAGE_COUNT)
				return cmd_usage("advance",
				    "--to %.40s: not a stage; the next one "
				    "of the key: published, ready, deployed, "
				    "retiring or retired",
				    optarg);
		} else if (ch == 's') {
			rc = parse_skip(optarg, w);
			if (rc != 0)
				return rc;
		} else if (ch == 'r')
			w->reason = optarg;
		else if (ch == 'c')
			w->confirm = optarg;
		else
			return cmd_usage("advance", NULL);
	}
	if (argc - optind != 2)
		return cmd_usage("advance", "a host and a key must be named");
	if (w->to == STAGE_COUNT || w->n_skip == 0)
		return cmd_usage("advance", "--to and --skip are needed");
	if (w->reason == NULL || w->reason[0] == 0)
		return cmd_usage("advance",
		    "--reason is missing: it stays in "
		    "the history");
	w->host = argv[optind];
	w->key = argv[optind + 1];
	return 0;
}

static bool
is_named(struct wish *w, const struct guard *g)
{
	for (size_t i = 0; i < w->n_skip; i++)
		if (w->skip[i].id == g->id &&
		    addr_cmp(&w->skip[i].addr, &g->addr) == 0) {
			w->skip[i].used = true;
			return true;
		}
	return false;
}

/*
 * Prints what each named guard risks.  Refuses when an unmet guard is not
 * named, cannot be skipped, or a named one is met.
 */
static int
weigh(const struct pass_host *ph, const struct key *k, struct wish *w,
    const struct guards *gs, const struct now *now, struct err *e)
{
	char label[ADDR_TEXT + 16], risk[700];
	struct text missing = TEXT_INIT;
	int rc = 0;

	for (size_t i = 0; i < gs->n && rc == 0; i++) {
		const struct guard *g = &gs->g[i];
		bool named = is_named(w, g);

		guard_label(g, label);
		if (!named && g->met)
			continue;
		if (guard_risk(&ph->host, k, g, now, risk, sizeof(risk)) ==
		    NULL)
			rc = err_set(e, ERR_REFUSED,
			    "refused: %s cannot be skipped by anybody: %s",
			    label, g->text);
		else if (g->met)
			continue; /* at another owner it may not be */
		else if (!named)
			text_addf(&missing, "\n  %s: %s", label, g->text);
		else
			printf("skipping %s: %s\n  risk: %s\n", label, g->text,
			    risk);
	}
	if (rc == 0 && missing.len > 0)
		rc = err_set(e, ERR_REFUSED,
		    "refused: these guards are unmet "
		    "and not named in --skip:%s",
		    text_str(&missing));
	for (size_t i = 0; rc == 0 && i < w->n_skip; i++)
		if (!w->skip[i].used)
			rc = err_set(e, ERR_REFUSED,
			    "refused: %s is no guard "
			    "of this step; see 'danesafe status'",
			    guard_name(w->skip[i].id));
	text_release(&missing);
	return rc;
}

static int
confirm(const struct key *k, const struct wish *w, struct err *e)
{
	char id[9], answer[64] = "";

	spki_id(&k->id, id);
	if (w->confirm != NULL)
		text_fmt(answer, sizeof(answer), "%s", w->confirm);
	else if (!isatty(STDIN_FILENO))
		return err_set(e, ERR_REFUSED,
		    "refused: --confirm %s is "
		    "needed where nobody can be asked",
		    id);
	else {
		printf("Type the key id (%s) to go on: ", id);
		fflush(stdout);
		if (fgets(answer, sizeof(answer), stdin) == NULL)
			answer[0] = 0;
		answer[strcspn(answer, "\n")] = 0;
	}
	if (strcmp(answer, id) != 0)
		return err_set(e, ERR_REFUSED,
		    "refused: '%.20s' is not the "
		    "key id %s; nothing was done",
		    answer, id);
	return 0;
}

/* What was named is waived, in memory only so far. */
static void
waive(struct pass *p, struct host *h, const struct key *k, const struct wish *w)
{
	for (size_t i = 0; i < w->n_skip; i++) {
		h->waiver = mem_room(h->waiver, h->n_waiver, &h->cap_waiver,
		    sizeof(*h->waiver));
		h->waiver[h->n_waiver++] = (struct waiver){ .key = k->id,
			.guard = w->skip[i].id,
			.addr = w->skip[i].addr,
			.given_at = p->s->now.elapsed };
	}
}

/* Would the table take the step now, and the law let it pass? */
static int
judge(struct pass *p, struct pass_host *ph, const struct key *k, struct err *e)
{
	struct step st[64];
	size_t n = plan_host(&ph->host, &p->s->now, st, 64);
	char why[400], id[9];

	for (size_t i = 0; i < n; i++) {
		if (st[i].key < 0 || &ph->host.key[st[i].key] != k)
			continue;
		if (!st[i].refused)
			return 0;
		return err_set(e, ERR_REFUSED, "refused by the law: %s",
		    law_say(&ph->host, &st[i].why, &p->s->now, why,
			sizeof(why)));
	}
	return err_set(e, ERR_REFUSED, "refused: key %s stays %s: %s",
	    spki_id(&k->id, id), stage_name(k->stage),
	    ph->host.blocked[0] != 0 ? ph->host.blocked
				     : "something else stands in the way; see "
				       "'danesafe status'");
}

/* The waivers and their audit row, before anything is done. */
static int
audit(struct pass *p, struct pass_host *ph, const struct key *k,
    const struct wish *w, const struct guards *gs, struct err *e)
{
	struct text t = TEXT_INIT;
	char label[ADDR_TEXT + 16];
	struct entry en;
	int rc;

	text_addf(&t, "to %s, skipping", stage_name(w->to));
	for (size_t i = 0; i < gs->n; i++)
		if (!gs->g[i].met)
			text_addf(&t, " %s (%s)", guard_label(&gs->g[i], label),
			    gs->g[i].text);
	en = session_entry(p->s, &ph->host, k, ENTRY_FORCE, "%.200s: %.780s",
	    w->reason, text_str(&t));
	cmd_actor(en.actor, sizeof(en.actor));
	text_release(&t);
	rc = store_save_journal(p->s->store, &ph->host, &en, 1, e);
	return rc;
}

/* The step itself: by the table and the law, as any other. */
static int
take_step(struct pass *p, struct pass_host *ph, const struct spki *id,
    struct err *e)
{
	enum stage from = host_find_key(&ph->host, id)->stage, to;
	char hex[9];

	if (pass_steps(p, ph, e) < 0)
		return -1;
	if (ph->failed != NULL)
		return err_set(e, ERR_TEMP, "%s failed: %s", act_name(ph->act),
		    ph->failed);
	to = host_find_key(&ph->host, id)->stage;
	printf("%s: key %s: %s%s%s\n", ph->host.name, spki_id(id, hex),
	    stage_name(from), to != from ? " -> " : ", its step is under way",
	    to != from ? stage_name(to) : "");
	return 0;
}

static struct key *
find_key(struct pass_host *ph, const struct wish *w, const struct now *now,
    struct err *e)
{
	struct key *k = host_find_key_hex(&ph->host, w->key);
	char when[32];

	if (ph->host.adopted_at == NEVER) {
		err_set(e, ERR_REFUSED, "refused: %s is not adopted yet",
		    ph->host.name);
		return NULL;
	}
	if (pause_holds(&ph->host, now)) {
		err_set(e, ERR_REFUSED,
		    "refused: %s is paused until %s; possible after 'danesafe "
		    "resume %s'",
		    ph->host.name, when_minute(ph->host.paused_until, when),
		    ph->host.name);
		return NULL;
	}
	if (k == NULL) {
		err_set(e, ERR_USAGE,
		    "%s has no key '%.64s', or several that begin so; give "
		    "4 digits or more of an id of 'danesafe status %s'",
		    ph->host.name, w->key, ph->host.name);
		return NULL;
	}
	if (guard_goal(k) != w->to) {
		err_set(e, ERR_REFUSED,
		    "refused: key %.8s is %s: its next "
		    "stage is %s, not %s",
		    w->key, stage_name(k->stage), stage_name(guard_goal(k)),
		    stage_name(w->to));
		return NULL;
	}
	return k;
}

static int
advance(struct pass *p, struct wish *w, struct err *e)
{
	struct guards *gs = mem_new(sizeof(*gs));
	const struct conf_host **hosts = NULL;
	struct spki id;
	struct key *k;
	size_t n;
	int rc = -1;

	if (session_select(p->s, 1, (char *[]){ (char *)w->host }, &hosts, &n,
		e) < 0)
		goto out;
	if (pass_begin(p, hosts, n, e) < 0)
		goto out;
	k = find_key(&p->v[0], w, &p->s->now, e);
	if (k == NULL || pass_look(p, true, e) < 0)
		goto out;
	guards_of(&p->v[0].host, k, &p->s->now, gs);
	if (weigh(&p->v[0], k, w, gs, &p->s->now, e) < 0)
		goto out;
	waive(p, &p->v[0].host, k, w);
	if (judge(p, &p->v[0], k, e) < 0 || confirm(k, w, e) < 0 ||
	    audit(p, &p->v[0], k, w, gs, e) < 0)
		goto out;
	id = k->id; /* the array of keys may move */
	rc = take_step(p, &p->v[0], &id, e);
out:
	free(hosts);
	free(gs);
	return rc;
}

int
cmd_advance(const struct cmd *c, int argc, char **argv)
{
	struct wish w = { .to = STAGE_COUNT };
	struct session s;
	struct pass p = { .s = &s };
	struct err e;
	int rc = parse(argc, argv, &w);

	if (rc != 0)
		return rc;
	if (session_open(&s, c, SESSION_WRITE, &e) < 0)
		return cmd_fail(&e);
	rc = advance(&p, &w, &e);
	pass_release(&p);
	return session_end(&s, rc, &e);
}
