/*
 * guard.c - what a key still waits for, in words.  Says what event.c finds;
 * decides nothing.
 */
#include "core/guard_list.h"

#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "core/event.h"
#include "core/record.h"
#include "core/renew.h"

/*
 * A guard to fill in.  When the list is full an unmet one takes the place of
 * a met one; what finds no place is filled in aside.
 */
struct guard *
guard_more(struct guards *gs, enum guard_id id, const struct addr *addr,
    bool met)
{
	struct guard *g = &gs->spill;

	if (gs->n < GUARD_MAX)
		g = &gs->g[gs->n++];
	else
		for (size_t i = 0; !met && i < GUARD_MAX; i++)
			if (gs->g[i].met) {
				g = &gs->g[i];
				break;
			}
	memset(g, 0, sizeof(*g));
	g->id = id;
	if (addr != NULL)
		g->addr = *addr;
	g->met = met;
	g->until = NEVER;
	g->actor = ACTOR_OPERATOR;
	return g;
}

void
guard_wait(struct guard *g, int64_t until, const struct now *now)
{
	g->until = until;
	g->running = !g->met && until != NEVER && until > now->elapsed;
	g->actor = ACTOR_TIME;
}

void
guard_waive(struct guard *g, const struct host *h, const struct key *k)
{
	const struct addr *a = g->addr.family != 0 ? &g->addr : NULL;

	if (!g->met && event_waived(h, k, g->id, a))
		g->met = g->waived = true;
}

static void
stored(const struct key *k, struct guards *gs)
{
	struct guard *g = guard_more(gs, GUARD_STORED, NULL, k->stored);

	if (k->stored)
		text_fmt(g->text, sizeof(g->text), "the key is on disk");
	else
		text_fmt(g->text, sizeof(g->text), "%s does not hold the key",
		    k->key_file);
}

/* It has none, or one that is over, and only a person can bring another. */
static void
cert(const struct host *h, const struct key *k, struct guards *gs)
{
	bool lacks = record_wants_issuer(h, k);
	struct guard *g = guard_more(gs, GUARD_CERT, NULL,
	    k->cert_ok && !lacks);

	if (!lacks && !k->cert_issued)
		g->actor = ACTOR_DANESAFE;
	if (lacks)
		text_fmt(g->text, sizeof(g->text),
		    "records of usage 2 name the issuer of a certificate, and "
		    "there is none in its chain");
	else
		text_fmt(g->text, sizeof(g->text), "%s",
		    k->cert_ok ? "the certificate fits" : k->cert_why);
}

/* Another certificate for a deployed key: when it takes the place of the one
 * in use. */
static void
renewal(const struct host *h, const struct key *k, const struct now *now,
    struct guards *gs)
{
	const struct sighting *last;
	struct key as = renew_as(k);
	int64_t until = event_held_until(h, &as, false, now, &last);
	struct guard *g;
	char ip[ADDR_TEXT], span[24];

	if (k->next_chain == 0)
		return;
	g = guard_more(gs, GUARD_CERT, NULL, k->next_ok && until == 0);
	if (!k->next_ok)
		text_fmt(g->text, sizeof(g->text),
		    "the certificate that waits to be deployed %s",
		    k->cert_why);
	else if (until == 0)
		text_fmt(g->text, sizeof(g->text),
		    "its next certificate can be deployed");
	else if (until == NEVER)
		text_fmt(g->text, sizeof(g->text),
		    "its next certificate waits: %s may still serve a set "
		    "that does not match it",
		    addr_ip(&last->auth, ip));
	else {
		text_fmt(g->text, sizeof(g->text),
		    "its next certificate waits: caches may hold a set that "
		    "does not match it for another %s",
		    when_rough(until - now->elapsed, span));
		guard_wait(g, until, now);
	}
}

static void
served_text(struct guard *g, const struct host *h, const struct endpoint *ep,
    const struct key *k)
{
	char at[ADDR_TEXT], id[9];

	addr_str(&ep->addr, at);
	if (!ep->fresh || ep->sweep != SWEEP_SEEN) {
		text_fmt(g->text, sizeof(g->text),
		    "%s could not be looked at"
		    "%s%s",
		    at, ep->why[0] ? ": " : "", ep->why);
		return;
	}
	for (unsigned i = 0; i < ep->n_seen; i++) {
		if (renew_is_past(h, k, &ep->seen[i])) {
			text_fmt(g->text, sizeof(g->text),
			    "%s presents the certificate of %s that was "
			    "replaced",
			    at, spki_id(&k->id, id));
			return;
		}
		if (ep->seen[i].slot != k->slot ||
		    spki_eq(&ep->seen[i].key, &k->id))
			continue;
		text_fmt(g->text, sizeof(g->text),
		    "%s presents the %s key %s "
		    "instead",
		    at, slot_name(k->slot), spki_id(&ep->seen[i].key, id));
		return;
	}
	text_fmt(g->text, sizeof(g->text), "%s presents no %s key", at,
	    slot_name(k->slot));
}

/* That k is presented everywhere; asked for `whose` step. */
static void
served(const struct host *h, const struct key *k, const struct key *whose,
    struct guards *gs)
{
	char id[9];

	for (size_t i = 0; i < h->n_ep; i++) {
		const struct endpoint *ep = &h->ep[i];
		struct guard *g = guard_more(gs, GUARD_SERVED, &ep->addr,
		    event_served_at(h, ep, k));

		if (g->met)
			text_fmt(g->text, sizeof(g->text), "presents %s",
			    spki_id(&k->id, id));
		else
			served_text(g, h, ep, k);
		guard_waive(g, h, k);
		guard_waive(g, h, whose);
	}
	if (h->n_ep == 0)
		text_fmt(guard_more(gs, GUARD_SERVED, NULL, false)->text, 320,
		    "no address of %.200s is known", h->name);
}

static void
settle(const struct host *h, const struct key *k, const struct key *whose,
    const struct now *now, struct guards *gs)
{
	bool met = event_settled(h, k, whose, now);
	struct guard *g = guard_more(gs, GUARD_SETTLE, NULL, met);
	char span[24];

	if (met) {
		text_fmt(g->text, sizeof(g->text), "two clean sweeps apart");
		return;
	}
	g->running = true;
	g->actor = ACTOR_TIME;
	text_fmt(g->text, sizeof(g->text),
	    "a second clean sweep of all "
	    "endpoints, %s after the first",
	    when_rough(h->policy.settle, span));
	if (k->clean_since != NEVER)
		guard_wait(g, k->clean_since + h->policy.settle, now);
}

static void
guards_before(const struct host *h, const struct key *k, const struct now *now,
    struct guards *gs)
{
	stored(k, gs);
	if (k->stage == STAGE_GENERATED && record_wants_issuer(h, k)) {
		cert(h, k, gs); /* there is nothing to publish before */
		return;
	}
	guard_shown(h, k, now, gs);
	guard_clock(h, k, now, gs);
	if (k->stage != STAGE_PUBLISHED)
		guard_signed(h, k,
		    k->stage == STAGE_GENERATED ||
			event_turn_at(h, k) <= now->wall,
		    now, gs);
	if (k->stage == STAGE_GENERATED)
		return;
	guard_hold(h, k, now, false, gs);
	if (k->stage == STAGE_PUBLISHED)
		return;
	cert(h, k, gs);
	guard_turn(h, k, now, gs);
}

/* That the successor s has taken over from k. */
static void
superseded(const struct host *h, const struct key *s, const struct key *k,
    const struct now *now, struct guards *gs)
{
	served(h, s, k, gs);
	settle(h, s, k, now, gs);
	guard_shown(h, s, now, gs);
}

/* Guards of a deployed key: that it is served; then that its time ends. */
static void
guards_deployed(const struct host *h, const struct key *k,
    const struct now *now, struct guards *gs)
{
	const struct key *s = host_successor(h, k);

	if (s != NULL) {
		superseded(h, s, k, now, gs);
		return;
	}
	renewal(h, k, now, gs);
	served(h, k, k, gs);
	settle(h, k, k, now, gs);
	guard_turn(h, k, now, gs);
}

static void
guards_retiring(const struct host *h, const struct key *k,
    const struct now *now, struct guards *gs)
{
	const struct key *s = host_successor(h, k);

	guard_timer(GUARD_RETIRE_HOLD, event_retire_hold_until(h, k),
	    "the retire hold", now, gs);
	if (s != NULL)
		superseded(h, s, k, now, gs);
	guard_clock(h, k, now, gs);
	guard_signed(h, k, now->elapsed >= event_retire_hold_until(h, k), now,
	    gs);
	guard_gone(h, k, now, gs);
	guard_hold(h, k, now, true, gs);
}

void
guards_of(const struct host *h, const struct key *k, const struct now *now,
    struct guards *ret)
{
	ret->n = 0;
	switch (k->stage) {
	case STAGE_GENERATED:
	case STAGE_PUBLISHED:
	case STAGE_READY:
		guards_before(h, k, now, ret);
		break;
	case STAGE_DEPLOYED:
		guards_deployed(h, k, now, ret);
		break;
	case STAGE_RETIRING:
		guards_retiring(h, k, now, ret);
		break;
	case STAGE_RETIRED:
		if (k->adopted || k->destroyed_at != NEVER)
			break;
		guard_timer(GUARD_RETENTION, event_retention_until(h, k),
		    "the retention of the private key", now, ret);
		guard_clock(h, k, now, ret);
		guard_signed(h, k, now->elapsed >= event_retention_until(h, k),
		    now, ret);
		break;
	case STAGE_ABORTED:
	case STAGE_COUNT:
		break;
	}
}

bool
guards_met(const struct guards *gs, enum guard_id id)
{
	for (size_t i = 0; i < gs->n; i++)
		if (gs->g[i].id == id && !gs->g[i].met)
			return false;
	return true;
}

enum stage
guard_goal(const struct key *k)
{
	switch (k->stage) {
	case STAGE_GENERATED:
		return STAGE_PUBLISHED;
	case STAGE_PUBLISHED:
		return STAGE_READY;
	case STAGE_READY:
		return STAGE_DEPLOYED;
	case STAGE_DEPLOYED:
		return STAGE_RETIRING;
	case STAGE_RETIRING:
		return STAGE_RETIRED;
	case STAGE_RETIRED:
	case STAGE_ABORTED:
	case STAGE_COUNT:
		break;
	}
	return STAGE_NONE;
}

const char *
guard_label(const struct guard *g, char buf[ADDR_TEXT + 16])
{
	char at[ADDR_TEXT];

	if (g->addr.family == 0)
		return text_fmt(buf, ADDR_TEXT + 16, "%s", guard_name(g->id));
	if (g->id == GUARD_SERVED)
		addr_str(&g->addr, at);
	else
		addr_ip(&g->addr, at);
	return text_fmt(buf, ADDR_TEXT + 16, "%s:%s", guard_name(g->id), at);
}
