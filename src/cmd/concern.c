/*
 * concern.c - what needs attention.  A guard that only time can meet is no
 * concern; everything else is, once it is unmet for long enough.
 */
#include "cmd/concern.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cmd/advice.h"
#include "core/event.h"

struct concern *
concern_say(struct concerns *c, const struct host *h, const struct key *k,
    enum code code, const char *fmt, ...)
{
	struct concern *n = concern_add(c, h->name, k, code);
	struct text t = TEXT_INIT;
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&t, fmt, ap);
	va_end(ap);
	text_fmt(n->text, sizeof(n->text), "%s", text_str(&t));
	text_release(&t);
	return n;
}

/* ---- the guards of the keys ---- */

/* Who has to act for the key that the guard is about. */
static const struct key *
awaited(const struct host *h, const struct key *k, enum guard_id id)
{
	const struct key *s = host_successor(h, k);

	return s != NULL &&
		(id == GUARD_SERVED ||
		    (id == GUARD_SHOWN && k->stage == STAGE_DEPLOYED))
	    ? s
	    : k;
}

/* The sentences of all guards with this code, and what can be done. */
static void
describe(const struct host *h, const struct key *k, const struct guards *gs,
    struct concern *c)
{
	enum code code = concern_code(c);
	enum guard_id id = GUARD_COUNT;
	struct text t = TEXT_INIT;
	char hex[9];

	text_addf(&t, "key %s (%s, %s): ", spki_id(&k->id, hex),
	    slot_name(k->slot), stage_name(k->stage));
	for (size_t i = 0; i < gs->n; i++) {
		if (stuck_code(h, k, &gs->g[i]) != code)
			continue;
		text_addf(&t, "%s%s", id != GUARD_COUNT ? "; " : "",
		    gs->g[i].text);
		id = gs->g[i].id;
	}
	if (t.len > 0 && t.s[t.len - 1] == '.')
		t.s[--t.len] = 0; /* an absolute name */
	advice_add(h, awaited(h, k, id), id, code, &t);
	text_fmt(c->text, sizeof(c->text), "%s", text_str(&t));
	text_release(&t);
}

static void
key_concerns(const struct host *h, const struct key *k, const struct now *now,
    struct concerns *c)
{
	struct guards *gs = mem_new(sizeof(*gs));
	size_t from = c->n;

	guards_of(h, k, now, gs);
	stuck_find(h, k, gs, now, c);
	for (size_t i = from; i < c->n; i++)
		describe(h, k, gs, &c->v[i]);
	if (k->stage == STAGE_DEPLOYED && !k->stored &&
	    guards_met(gs, GUARD_STORED))
		concern_say(c, h, k, CODE_KEY_FILE,
		    "%s does not hold the deployed key any more.\n  You: put "
		    "the file back before Postfix is restarted",
		    k->key_file)
		    ->level = LEVEL_CRITICAL;
	free(gs);
}

/* What follows if somebody has the key.  A rollover would put one that is to
 * come into use; the record of one that leaves goes as soon as it can. */
static void
add_exposed(const struct host *h, const struct key *k, struct text *t)
{
	if (k->stage == STAGE_DEPLOYED)
		text_addf(t,
		    "\n  And if somebody may have: danesafe rollover %s --slot "
		    "%s --compromised --reason TEXT",
		    h->name, slot_name(k->slot));
	else if (k->stage < STAGE_DEPLOYED)
		text_addf(t,
		    "\n  And if somebody may have: rm %s; the next runs make "
		    "another key in its place",
		    k->key_file);
}

/* Of no use to anybody once its record is gone. */
static void
mode_concern(const struct host *h, const struct key *k, struct concerns *c)
{
	struct text then = TEXT_INIT;
	char hex[9];

	if (k->exposed == 0 || k->stage >= STAGE_RETIRED)
		return;
	add_exposed(h, k, &then);
	concern_say(c, h, k, CODE_KEY_MODE,
	    "%s: mode %04o lets others read key %s (%s).\n  You: chmod %s "
	    "%s%s",
	    k->key_file, k->exposed, spki_id(&k->id, hex), stage_name(k->stage),
	    k->adopted ? "o=" : "0600", k->key_file, text_str(&then));
	text_release(&then);
}

/* ---- the host ---- */

static void
blocked_concern(const struct host *h, struct concerns *c)
{
	if (h->blocked[0] != 0)
		concern_say(c, h, NULL, CODE_BLOCKED, "%s", h->blocked);
	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].blocked[0] != 0 && !h->own[i].loop)
			concern_say(c, h, NULL, CODE_BLOCKED, "%s: %s",
			    h->own[i].name, h->own[i].blocked);
}

static void
failed_concern(const struct pass_host *ph, struct concerns *c)
{
	bool update = ph->act == ACT_PUBLISH || ph->act == ACT_WITHDRAW;

	if (ph->publisher_why != NULL)
		concern_say(c, &ph->host, NULL, CODE_UPD_FAILED,
		    "the primary could not be asked: %s", ph->publisher_why);
	if (ph->failed != NULL && !(update && ph->publisher_why != NULL))
		concern_say(c, &ph->host, NULL,
		    update ? CODE_UPD_FAILED : CODE_FAILED, "%s: %s",
		    act_name(ph->act), ph->failed);
}

static void
step_concerns(const struct host *h, const struct now *now, struct concerns *c)
{
	struct step st[64];
	size_t n = plan_host(h, now, st, 64);
	char say[400];

	for (size_t i = 0; i < n; i++) {
		const struct key *k = st[i].key >= 0 ? &h->key[st[i].key]
						     : NULL;

		/* Caches that only time empties are a running hold. */
		if (!st[i].why.proposed && st[i].why.until != NEVER)
			continue;
		if (!st[i].refused)
			continue;
		if (st[i].why.hides)
			concern_say(c, h, k, CODE_WILDCARD_SHADOW, "%s",
			    law_say(h, &st[i].why, now, say, sizeof(say)));
		else
			concern_say(c, h, k, CODE_REFUSED,
			    "the law refuses to %s: %s", act_name(st[i].act),
			    law_say(h, &st[i].why, now, say, sizeof(say)));
	}
}

void
concern_find(const struct pass_host *ph, const struct now *now,
    struct concerns *ret)
{
	const struct host *h = &ph->host;
	bool blocked;

	memset(ret, 0, sizeof(*ret));
	blocked_concern(h, ret);
	concern_loops(h, ret);
	blocked = ret->n > 0;
	failed_concern(ph, ret);
	if (h->adopted_at == NEVER)
		return;
	concern_law(h, now, ret); /* mail is lost, whatever blocks */
	concern_presented(h, now, ret);
	concern_signatures(h, now, ret);
	concern_servers(h, ret);
	concern_dangling(h, ret);
	concern_records(h, ret);
	if (!blocked)
		step_concerns(h, now, ret);
	for (size_t i = 0; i < h->n_key; i++) {
		key_concerns(h, &h->key[i], now, ret);
		mode_concern(h, &h->key[i], ret);
	}
	concern_answers(h, ret);
	concern_deadline(h, now, ret);
	concern_hold(h, now, ret);
	concern_standby(h, ret);
}
