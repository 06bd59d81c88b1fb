/*
 * evidence.c - `danesafe status -v`: what was seen where, and the arithmetic
 * of every wait.  From the state file only; decides nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/report.h"
#include "core/alias.h"
#include "core/left.h"
#include "core/record.h"
#include "core/serial.h"
#include "core/sighting.h"

/* The keys of a set by their ids, with the kind where it is not 3 1 1; what is
 * nobody's as a record. */
static void
add_set(struct text *t, const struct host *h, int set)
{
	const struct tlsa_set *s = h->set[set];
	char buf[TLSA_TEXT], id[9];

	if (alias_target(h, set) != NULL)
		text_addf(t, "alias of %s", alias_target(h, set));
	else if (s->n == 0)
		text_add(t, "no records");
	for (unsigned i = 0; i < s->n; i++) {
		const struct tlsa *r = &s->rr[i];
		const struct key *k = record_key(h, r);

		if (i > 0)
			text_add(t, " + ");
		if (k == NULL)
			text_add(t, tlsa_str(r, buf));
		else if (tlsa_is(r, (struct tlsa_kind){ 3, 1, 1 }))
			text_add(t, spki_id(&k->id, id));
		else
			text_addf(t, "%u %u %u of %s", r->usage, r->selector,
			    r->mtype, spki_id(&k->id, id));
		if (report_unused(r) != NULL)
			text_add(t, " (unused)");
	}
}

static const char *
moment(int64_t at, const struct now *now, char buf[32])
{
	return at == NEVER ? "-" : when_rfc3339(report_wall(at, now), buf);
}

static void
add_authority(struct text *t, const struct host *h, const struct owner *o,
    const struct authority *a, const struct now *now)
{
	char ip[ADDR_TEXT], when[32], serial[64];

	text_addf(t, "    %s %s%s%s%s: %s", a->name, addr_ip(&a->addr, ip),
	    a->nsid[0] != 0 ? " (" : "", a->nsid, a->nsid[0] != 0 ? ")" : "",
	    look_name(a->look));
	if (a->set >= 0) {
		text_add(t, " ");
		add_set(t, h, a->set);
		text_addf(t, ", TTL %u", a->ttl);
	}
	if (a->why[0] != 0)
		text_addf(t, ": %s", a->why);
	text_add(t, serial_say(o, a, serial));
	text_addf(t, "; asked %s", moment(a->looked_at, now, when));
	if (a->left_at != NEVER)
		text_addf(t, "; not in the NS set since %s",
		    moment(a->left_at, now, when));
	text_add(t, "\n");
}

/* One of several behind an address. */
static void
add_instance(struct text *t, const struct host *h, const struct instance *in,
    const struct now *now)
{
	char ip[ADDR_TEXT], when[32];

	text_addf(t, "    behind %s, %s: ", addr_ip(&in->auth, ip), in->nsid);
	if (in->set < 0)
		text_add(t, "not heard about the records");
	else
		add_set(t, h, in->set);
	text_addf(t, "; heard %s", moment(in->heard_at, now, when));
	text_add(t, "\n");
}

/* max(phi T, T + A, F) + sigma + epsilon, with the numbers in it. */
static void
add_hold(struct text *t, const struct policy *p, uint32_t ttl)
{
	char stale[24], floor[24], client[24], clock[24], sum[24];

	if (ttl > POLICY_TTL_MAX)
		ttl = POLICY_TTL_MAX;
	text_addf(t, "max(%lld x %us, %us + %s, %s) + %s + %s = %s",
	    (long long)p->hold_factor, ttl, ttl,
	    when_exact(p->stale_allowance, stale),
	    when_exact(p->hold_floor, floor),
	    when_exact(p->client_slack, client),
	    when_exact(p->clock_slack, clock),
	    when_exact(policy_hold(p, ttl), sum));
}

/* What caches may hold beside what is shown now, and why so long. */
static void
add_sighting(struct text *t, const struct host *h, const struct sighting *s,
    const struct now *now)
{
	int64_t horizon = sighting_horizon(h, s);
	char ip[ADDR_TEXT], when[32], until[32];

	if (horizon != NEVER && horizon <= now->elapsed)
		return;
	text_add(t, "    ");
	add_set(t, h, s->set);
	text_addf(t, ", TTL %u%s, from %s", s->ttl,
	    s->ttl > POLICY_TTL_MAX ? " (7d count)" : "",
	    addr_ip(&s->auth, ip));
	if (horizon == NEVER)
		text_add(t, ": may be served now");
	else {
		text_addf(t, ": served until %s; held for ",
		    moment(s->gone, now, when));
		add_hold(t, &h->policy, s->ttl);
		text_addf(t, ", so until %s", moment(horizon, now, until));
	}
	text_add(t, "\n");
}

static void
add_owner(struct text *t, const struct host *h, const struct owner *o,
    const struct now *now)
{
	char when[32];

	text_addf(t, "\n  %s in zone %s%s\n", o->name,
	    o->zone[0] != 0 ? o->zone : "(not found)",
	    o->foreign && !o->left && !alias_is_base(o) ? ", which others run"
							: "");
	if (o->left)
		text_addf(t,
		    "    no longer in the config; waited for until no "
		    "sender can meet records here\n%s",
		    left_alone(h, o) ? "" : "    an alias leads here\n");
	if (o->source[0] != 0)
		text_addf(t, "    answered by the wildcard %s\n", o->source);
	if (o->hides[0] != 0)
		text_addf(t,
		    "    first records here would hide the wildcard %s\n",
		    o->hides);
	if (o->derived && o->until == NEVER)
		text_add(t, "    an alias leads here\n");
	else if (o->derived)
		text_addf(t,
		    "    an alias that caches may hold leads here until "
		    "%s\n",
		    moment(o->until, now, when));
	if (o->blocked[0] != 0)
		text_addf(t, "    %s\n", o->blocked);
	for (size_t i = 0; i < o->n_auth; i++)
		add_authority(t, h, o, &o->auth[i], now);
	for (size_t i = 0; i < o->n_inst; i++)
		add_instance(t, h, &o->inst[i], now);
	text_add(t, "  sets that caches may hold\n");
	for (size_t i = 0; i < o->n_seen; i++)
		add_sighting(t, h, &o->seen[i], now);
}

static void
add_endpoint(struct text *t, const struct endpoint *ep, const struct now *now)
{
	char at[ADDR_TEXT], id[9], when[32];

	text_addf(t, "    %s: %s", addr_str(&ep->addr, at),
	    sweep_name(ep->sweep));
	for (unsigned i = 0; i < ep->n_seen; i++)
		text_addf(t, " %s (%s)", spki_id(&ep->seen[i].key, id),
		    slot_name(ep->seen[i].slot));
	if (ep->why[0] != 0)
		text_addf(t, ": %s", ep->why);
	text_addf(t, "; last whole sweep %s", moment(ep->swept_at, now, when));
	if (ep->left_at != NEVER)
		text_addf(t, "; not listed since %s",
		    moment(ep->left_at, now, when));
	text_add(t, "\n");
}

static void
add_guard(struct text *t, const struct guard *g, const struct now *now)
{
	char label[ADDR_TEXT + 16], when[32];

	text_addf(t, "    %s %s: %s", g->met ? "+" : "-", guard_label(g, label),
	    g->text);
	if (!g->met && g->until != NEVER)
		text_addf(t, " (%s)", moment(g->until, now, when));
	text_addf(t, "%s\n", g->waived ? "; waived by hand" : "");
}

static void
add_waits(struct text *t, const struct host *h, const struct key *k,
    const struct now *now)
{
	struct guards *gs = mem_new(sizeof(*gs));
	char id[9];

	guards_of(h, k, now, gs);
	if (gs->n > 0)
		text_addf(t, "\n  key %s (%s, %s)\n", spki_id(&k->id, id),
		    slot_name(k->slot), stage_name(k->stage));
	for (size_t i = 0; i < gs->n; i++)
		add_guard(t, &gs->g[i], now);
	free(gs);
}

void
evidence_add(struct text *t, const struct report *r, const struct key *only,
    const struct now *now)
{
	const struct host *h = &r->host;

	for (size_t i = 0; i < h->n_own; i++)
		add_owner(t, h, &h->own[i], now);
	text_add(t, "\n  endpoints\n");
	for (size_t i = 0; i < h->n_ep; i++)
		add_endpoint(t, &h->ep[i], now);
	for (size_t i = 0; i < h->n_key; i++)
		if (only == NULL || only == &h->key[i])
			add_waits(t, h, &h->key[i], now);
}
