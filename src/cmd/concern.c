/*
 * concern.c - what needs attention.  A guard that only time can meet is no
 * concern; everything else is, once it is unmet for long enough.
 */
#include "cmd/concern.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/advice.h"
#include "core/event.h"
#include "core/guard.h"
#include "core/pause.h"
#include "core/signing.h"

/* Codes that are no guard: critical or warning at once; quiet ones are said
 * once and get no worse. */
static const struct {
	const char *code;
	int level;
} AT_ONCE[] = {
	{ "law", LEVEL_CRITICAL },     /* broken now */
	{ "kind", LEVEL_WARNING },     /* for some senders */
	{ "foreign", LEVEL_CRITICAL }, /* a key nobody knows is installed */
	{ "stored", LEVEL_CRITICAL },
	{ "alias", LEVEL_CRITICAL },	/* a chain without an end */
	{ "inactive", LEVEL_WARNING },	/* a chain that ends at nothing */
	{ "blocked", LEVEL_WARNING },	/* something is not understood */
	{ "refused", LEVEL_WARNING },	/* the law refuses a step */
	{ "failed", LEVEL_WARNING },	/* an act failed */
	{ "signature", LEVEL_WARNING }, /* nobody signs the zone anew */
	{ "clock", LEVEL_WARNING },
	{ "ns-mismatch", LEVEL_WARNING }, /* NS sets that differ */
	{ "serial", LEVEL_WARNING },	  /* a zone went back */
	{ "unverified", LEVEL_QUIET },	  /* not asked, by its other address */
};

struct concern *
concern_add(struct concerns *c, const struct host *h, const struct key *k,
    const char *code)
{
	struct concern *n;

	c->v = mem_room(c->v, c->n, &c->cap, sizeof(*c->v));
	n = &c->v[c->n++];
	text_fmt(n->host, sizeof(n->host), "%s", h->name);
	n->has_key = k != NULL;
	if (k != NULL)
		n->key = k->id;
	text_fmt(n->code, sizeof(n->code), "%s", code);
	n->said_at = NEVER;
	return n;
}

/* ---- the guards of the keys ---- */

static bool
counts(const struct guard *g)
{
	if (g->met || g->running)
		return false;
	return g->id != GUARD_TURN && g->id != GUARD_HOLD &&
	    g->id != GUARD_CLOCK && g->id != GUARD_RETENTION;
}

static void
guard_concern(const struct pass_host *ph, const struct key *k,
    const struct guards *gs, enum guard_id id, struct concerns *c)
{
	const struct host *h = &ph->host;
	const struct key *s = host_successor(h, k);
	size_t unmet = 0;
	struct text t = TEXT_INIT;
	char hex[9];

	for (size_t i = 0; i < gs->n; i++) {
		if (gs->g[i].id != id)
			continue;
		if (!counts(&gs->g[i]))
			continue;
		if (unmet++ > 0)
			text_add(&t, "; ");
		text_add(&t, gs->g[i].text);
	}
	if (unmet > 0) {
		struct concern *n = concern_add(c, h, k, guard_name(id));
		struct text whole = TEXT_INIT;

		text_addf(&whole, "key %s (%s, %s): %s", spki_id(&k->id, hex),
		    slot_name(k->slot), stage_name(k->stage), text_str(&t));
		if (whole.len > 0 && whole.s[whole.len - 1] == '.')
			whole.s[--whole.len] = 0; /* an absolute name */
		advice_add(h,
		    (id == GUARD_SERVED ||
			(id == GUARD_SHOWN && k->stage == STAGE_DEPLOYED)) &&
			    s != NULL
			? s
			: k,
		    id, &whole);
		text_fmt(n->text, sizeof(n->text), "%s", text_str(&whole));
		text_release(&whole);
	}
	text_release(&t);
}

static void
key_concerns(const struct pass_host *ph, const struct key *k,
    const struct now *now, struct concerns *c)
{
	struct guards *gs = mem_new(sizeof(*gs));

	/* What waits for the end of a pause waits for nobody else. */
	if (pause_holds(&ph->host, now) && k->stage != STAGE_DEPLOYED) {
		free(gs);
		return;
	}
	guards_of(&ph->host, k, now, gs);
	for (int id = 0; id < GUARD_COUNT; id++)
		guard_concern(ph, k, gs, (enum guard_id)id, c);
	if (k->stage == STAGE_DEPLOYED && !k->stored &&
	    guards_met(gs, GUARD_STORED))
		text_fmt(concern_add(c, &ph->host, k, "stored")->text, 1024,
		    "%s does not hold the deployed key any more.\n  You: put "
		    "the file back before Postfix is restarted",
		    k->key_file);
	free(gs);
}

/* ---- the host ---- */

static void
law_concern(const struct pass_host *ph, const struct now *now,
    struct concerns *c)
{
	size_t n = law_broken(&ph->host, now, NULL, 0);
	struct breach *b = mem_array(n + 1, sizeof(*b));
	const struct breach *worst = NULL;
	char say[400];

	law_broken(&ph->host, now, b, n);
	/* Caches and silence are said by the guards. */
	for (size_t i = 0; i < n; i++)
		if (b[i].shown_now &&
		    (worst == NULL || (worst->partly && !b[i].partly)))
			worst = &b[i];
	if (worst == NULL) {
		free(b);
		return;
	}
	law_say(&ph->host, worst, now, say, sizeof(say));
	if (worst->partly)
		text_fmt(concern_add(c, &ph->host, NULL, "kind")->text, 1024,
		    "%s.\n  You: remove the records of that kind, or make "
		    "one match; until then no other key is deployed",
		    say);
	else
		text_fmt(concern_add(c, &ph->host, NULL, "law")->text, 1024,
		    "%s: DANE senders that ask it defer mail now.\n  You: "
		    "make it show every record of 'danesafe records %s', or "
		    "serve a key that it shows",
		    say, ph->host.name);
	free(b);
}

static void
blocked_concern(const struct pass_host *ph, struct concerns *c)
{
	const struct host *h = &ph->host;

	if (h->blocked[0] != 0)
		text_fmt(concern_add(c, h, NULL, "blocked")->text, 1024, "%s",
		    h->blocked);
	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].blocked[0] != 0 && !h->own[i].loop)
			text_fmt(concern_add(c, h, NULL, "blocked")->text, 1024,
			    "%s: %s", h->own[i].name, h->own[i].blocked);
}

static void
signature_concern(const struct pass_host *ph, const struct now *now,
    struct concerns *c)
{
	const struct host *h = &ph->host;
	struct signing_end first;
	char ip[ADDR_TEXT], when[32];

	if (!now->trusted || !signing_ends(h, now->wall, SIGNING_SAY, &first))
		return;
	text_fmt(concern_add(c, h, NULL, "signature")->text, 1024,
	    "%s: the signature over its %s ends at %s, and then senders that "
	    "ask it defer mail.\n  You: see why the zone %s is not signed "
	    "anew, or does not get there",
	    addr_ip(&first.a->addr, ip),
	    first.keys ? "DNSKEY set" : "answer for TLSA",
	    when_minute(first.until, when), first.o->zone);
}

static void
foreign_concern(const struct pass_host *ph, struct concerns *c)
{
	char hex[9];

	for (unsigned i = 0; i < ph->host.n_foreign; i++)
		text_fmt(concern_add(c, &ph->host, NULL, "foreign")->text, 1024,
		    "Postfix is set to key %s, which danesafe does not know: "
		    "who replaced it?\n  You: set it back, or publish its "
		    "record at once",
		    spki_id(&ph->host.foreign[i].key, hex));
}

static void
step_concerns(const struct pass_host *ph, const struct now *now,
    struct concerns *c)
{
	struct step st[64];
	size_t n = plan_host(&ph->host, now, st, 64);
	char say[400];

	for (size_t i = 0; i < n; i++) {
		const struct key *k = st[i].key >= 0 ? &ph->host.key[st[i].key]
						     : NULL;

		/* Caches that only time empties are a running hold. */
		if (!st[i].why.proposed && st[i].why.until != NEVER)
			continue;
		if (st[i].refused)
			text_fmt(concern_add(c, &ph->host, k, "refused")->text,
			    1024, "the law refuses to %s: %s",
			    act_name(st[i].act),
			    law_say(&ph->host, &st[i].why, now, say,
				sizeof(say)));
	}
}

void
concern_find(const struct pass_host *ph, const struct now *now,
    struct concerns *ret)
{
	const struct host *h = &ph->host;
	bool blocked;

	memset(ret, 0, sizeof(*ret));
	blocked_concern(ph, ret);
	concern_loops(h, ret);
	blocked = ret->n > 0;
	if (ph->publisher_why[0] != 0)
		text_fmt(concern_add(ret, h, NULL, "failed")->text, 1024,
		    "the primary could not be asked: %s", ph->publisher_why);
	if (ph->failed[0] != 0)
		text_fmt(concern_add(ret, h, NULL, "failed")->text, 1024,
		    "%s: %s", ph->failed_act, ph->failed);
	if (h->adopted_at == NEVER)
		return;
	foreign_concern(ph, ret);
	signature_concern(ph, now, ret);
	concern_servers(h, ret);
	concern_dangling(h, ret);
	law_concern(ph, now, ret); /* mail is lost, whatever blocks */
	if (!blocked)
		step_concerns(ph, now, ret);
	for (size_t i = 0; i < h->n_key; i++)
		key_concerns(ph, &h->key[i], now, ret);
}

/* ---- begins, worsens, ends ---- */

static bool
same(const struct concern *a, const struct concern *b)
{
	return strcmp(a->code, b->code) == 0 && a->has_key == b->has_key &&
	    (!a->has_key || spki_eq(&a->key, &b->key));
}

/* The level that its code has from the beginning; a guard has none. */
static int
at_once(const struct concern *c)
{
	for (size_t i = 0; i < sizeof(AT_ONCE) / sizeof(AT_ONCE[0]); i++)
		if (strcmp(c->code, AT_ONCE[i].code) == 0)
			return AT_ONCE[i].level;
	return -1;
}

/* To be known, and nothing more. */
static bool
is_note(const struct concern *c)
{
	return at_once(c) == LEVEL_QUIET;
}

static int
level_of(const struct concern *c, const struct policy *pol, int64_t elapsed)
{
	int least = at_once(c);

	if (least == LEVEL_CRITICAL || is_note(c))
		return least;
	if (elapsed - c->since >= pol->stuck_critical)
		return LEVEL_CRITICAL;
	if (elapsed - c->since >= pol->stuck_warning)
		return LEVEL_WARNING;
	return least < LEVEL_QUIET ? LEVEL_QUIET : least;
}

static void
say(struct text *out, const struct concern *c, const char *host,
    const char *what, int64_t elapsed)
{
	char span[24];

	text_addf(out, "%s: %s for %s: %s\n", host, what,
	    when_rough(elapsed - c->since, span), c->text);
}

static const char *const LEVELS[] = { "well", "waiting", "CRITICAL" };

static void
merge_one(struct concern *c, const struct concern *old,
    const struct policy *pol, const struct now *now, const char *host,
    struct text *out)
{
	int was = old == NULL ? LEVEL_QUIET : old->level;

	c->since = old == NULL ? now->elapsed : old->since;
	c->since_wall = old == NULL ? now->wall : old->since_wall;
	c->said_at = old == NULL ? NEVER : old->said_at;
	c->level = level_of(c, pol, now->elapsed);
	if (c->level < was)
		c->level = was; /* it ends, it does not get milder */
	if (is_note(c) && old == NULL) {
		say(out, c, host, "noted", now->elapsed);
		c->said_at = now->elapsed;
	}
	if (c->level == LEVEL_QUIET)
		return;
	if (c->level == was && c->said_at != NEVER &&
	    now->elapsed - c->said_at < pol->repeat)
		return;
	say(out, c, host, LEVELS[c->level], now->elapsed);
	c->said_at = now->elapsed;
}

void
concern_merge(struct concerns *is, const struct concern *was, size_t n_was,
    const struct policy *pol, const struct now *now, const char *host,
    struct text *out)
{
	for (size_t i = 0; i < is->n; i++) {
		const struct concern *old = NULL;

		for (size_t j = 0; j < n_was && old == NULL; j++)
			if (same(&is->v[i], &was[j]))
				old = &was[j];
		merge_one(&is->v[i], old, pol, now, host, out);
	}
	for (size_t j = 0; j < n_was; j++) {
		bool over = was[j].level > LEVEL_QUIET;

		for (size_t i = 0; i < is->n; i++)
			if (same(&is->v[i], &was[j]))
				over = false;
		if (over)
			say(out, &was[j], host, "over, it lasted",
			    now->elapsed);
	}
}

int
concern_worst(const struct concerns *c)
{
	int worst = LEVEL_QUIET;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].level > worst)
			worst = c->v[i].level;
	return worst;
}

void
concern_release(struct concerns *c)
{
	free(c->v);
	memset(c, 0, sizeof(*c));
}
