/*
 * guard.c - what a key still waits for, in words.  Says what event.c finds;
 * decides nothing.
 */
#include "core/guard.h"

#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "core/alias.h"
#include "core/ended.h"
#include "core/event.h"
#include "core/record.h"
#include "core/renew.h"
#include "core/serial.h"
#include "core/signing.h"

/*
 * A guard to fill in.  When the list is full an unmet one takes the place of
 * a met one; what finds no place is filled in aside.
 */
static struct guard *
more(struct guards *gs, enum guard_id id, const struct addr *addr, bool met)
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

static void
wait_until(struct guard *g, int64_t until, const struct now *now)
{
	g->until = until;
	g->running = !g->met && until != NEVER && until > now->elapsed;
	g->actor = ACTOR_TIME;
}

static void
waive(struct guard *g, const struct host *h, const struct key *k)
{
	const struct addr *a = g->addr.family != 0 ? &g->addr : NULL;

	if (!g->met && event_waived(h, k, g->id, a))
		g->met = g->waived = true;
}

static void
stored(const struct key *k, struct guards *gs)
{
	struct guard *g = more(gs, GUARD_STORED, NULL, k->stored);

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
	struct guard *g = more(gs, GUARD_CERT, NULL, k->cert_ok && !lacks);

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
	g = more(gs, GUARD_CERT, NULL, k->next_ok && until == 0);
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
		wait_until(g, until, now);
	}
}

/* It shows a record of the key beside others that would still fail it. */
static bool
fails_text(struct guard *g, const struct host *h, const struct key *k,
    const struct authority *a, const struct owner *o)
{
	const struct tlsa_set *set;
	const struct tlsa *r;
	char ip[ADDR_TEXT];

	if (a->look != LOOK_SHOWN || !a->fresh)
		return false;
	set = h->set[a->set];
	r = record_fails(h, set, k);
	if (r == NULL || !record_shown(h, set, k))
		return false;
	text_fmt(g->text, sizeof(g->text),
	    "%s %s shows it for %.100s, but no %u %u %u of the set matches "
	    "its certificate, and senders may use these alone",
	    a->name, addr_ip(&a->addr, ip), o->name, r->usage, r->selector,
	    r->mtype);
	return true;
}

#define DAY 86400

/* One behind the address lacks it, and was not heard in this pass. */
static void
instance_text(struct guard *g, const struct authority *a, const struct owner *o,
    const struct host *h, const struct key *k)
{
	char ip[ADDR_TEXT];

	addr_ip(&a->addr, ip);
	for (size_t i = 0; i < o->n_inst; i++) {
		const struct instance *in = &o->inst[i];

		if (addr_cmp(&in->auth, &a->addr) != 0 ||
		    event_heard_with(o, in, h, k))
			continue;
		text_fmt(g->text, sizeof(g->text),
		    "%.100s %s has several servers behind it, and %s %s; it "
		    "counts until it is heard again or %d days have passed: "
		    "if it is out of service, skip shown:%s",
		    a->name, ip, in->nsid,
		    in->set < 0 ? "was not heard about the records"
				: "was last heard to answer without it",
		    POLICY_MEMORY / DAY, ip);
		return;
	}
}

/* When the last set ends with its signatures by which a silent one stands in
 * the way of the key; 0: no end is known. */
static time_t
ends_at(const struct host *h, const struct owner *o, const struct authority *a,
    const struct key *k, bool showing, const struct now *now)
{
	time_t last = 0, end;

	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];
		const struct tlsa_set *set = h->set[s->set];
		bool against = showing ? record_left(h, set, k)
				       : record_fails(h, set, k) != NULL;

		if (s->gone != NEVER || addr_cmp(&s->auth, &a->addr) != 0 ||
		    (!against && ended_shown_now(o, s->set)))
			continue;
		end = ended_at(h, o, s->set, now);
		if (end == 0)
			return 0;
		if (end > last)
			last = end;
	}
	return last;
}

static void
silent_text(struct guard *g, const struct authority *a, const struct owner *o,
    const struct host *h, const struct key *k, const struct now *now)
{
	time_t end = a->look == LOOK_SILENT
	    ? ends_at(h, o, a, k, g->id == GUARD_GONE, now)
	    : 0;
	char ip[ADDR_TEXT], when[32];

	text_fmt(g->text, sizeof(g->text),
	    "%s %s gave no valid answer for %.100s: %s: %.100s%s%s", a->name,
	    addr_ip(&a->addr, ip), o->name, look_name(a->look), a->why,
	    end == 0 ? "" : "; no signature is left by ",
	    end == 0 ? "" : when_minute(end, when));
}

/* How one authority lacks the record, in words. */
static void
shown_text(struct guard *g, const struct authority *a, const struct owner *o,
    const struct host *h, const struct key *k, const struct now *now)
{
	char ip[ADDR_TEXT + NSID_TEXT + 4], serial[64];

	addr_ip(&a->addr, ip);
	if (a->nsid[0] != 0 && o->n_inst > 0)
		text_fmt(ip + strlen(ip), NSID_TEXT + 4, " (%s)", a->nsid);
	serial_say(o, a, serial);
	if (event_answers_at(o, a, h, k))
		instance_text(g, a, o, h, k);
	else if (a->look == LOOK_SHOWN && a->fresh)
		text_fmt(g->text, sizeof(g->text),
		    "%s %s%s still answers "
		    "without it for %.100s",
		    a->name, ip, serial, o->name);
	else if (a->look == LOOK_NONE && a->fresh)
		text_fmt(g->text, sizeof(g->text),
		    "%s %s%s has no TLSA "
		    "records at all for %.100s",
		    a->name, ip, serial, o->name);
	else
		silent_text(g, a, o, h, k, now);
}

static void
shown(const struct host *h, const struct key *k, const struct now *now,
    struct guards *gs)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		for (size_t j = 0; j < o->n_auth; j++) {
			const struct authority *a = &o->auth[j];
			struct guard *g = more(gs, GUARD_SHOWN, &a->addr,
			    event_content_at(o, a, h, k));

			if (g->met)
				text_fmt(g->text, sizeof(g->text), "%s %s",
				    a->name,
				    event_shown_at(a, h, k) ? "shows it"
					: o->past
					? "is not asked through an alias any "
					  "more"
					: a->look == LOOK_SILENT
					? "is silent, and what it showed "
					  "without it ended with its signatures"
					: alias_shown(h, a) != NULL
					? "shows an alias"
					: "has no TLSA records and asks "
					  "nothing");
			else if (!fails_text(g, h, k, a, o))
				shown_text(g, a, o, h, k, now);
			waive(g, h, k);
		}
		if (o->n_auth == 0)
			text_fmt(more(gs, GUARD_SHOWN, NULL, false)->text, 320,
			    "no name server of %.200s is known", o->name);
	}
}

/* The set that is waited for. */
static const char *
hold_what(const struct host *h, const struct key *k, bool showing,
    const struct sighting *s)
{
	if (showing)
		return "with it";
	return s != NULL && record_shown(h, h->set[s->set], k)
	    ? "in which one kind of record fails it"
	    : "without it";
}

/* More than is remembered was served (fold.h): by whom, and until when. */
static void
any_text(struct guard *g, const struct sighting *s, int64_t until,
    const struct now *now)
{
	char who[ADDR_TEXT + 32], span[24];

	if (s->auth.family == 0)
		text_fmt(who, sizeof(who), "name servers that left");
	else
		addr_ip(&s->auth, who);
	if (until == NEVER)
		text_fmt(g->text, sizeof(g->text),
		    "%s showed more different sets than can be remembered, "
		    "and may still serve any of them",
		    who);
	else
		text_fmt(g->text, sizeof(g->text),
		    "%s showed more different sets than can be remembered: "
		    "caches may hold any of them for another %s",
		    who, when_rough(until - now->elapsed, span));
}

static void
hold(const struct host *h, const struct key *k, const struct now *now,
    bool showing, struct guards *gs)
{
	const struct sighting *last;
	int64_t until = event_held_until(h, k, showing, now, &last);
	struct guard *g = more(gs, GUARD_HOLD, NULL, until == 0);
	const char *what = hold_what(h, k, showing, last);
	char ip[ADDR_TEXT], span[24];

	if (until == 0) {
		text_fmt(g->text, sizeof(g->text), "no cache can hold a set %s",
		    what);
	} else if (tlsa_set_is_any(h->set[last->set])) {
		any_text(g, last, until, now);
	} else if (until == NEVER) {
		text_fmt(g->text, sizeof(g->text),
		    "%s may still serve a set "
		    "%s",
		    addr_ip(&last->auth, ip), what);
	} else {
		when_rough(until - now->elapsed, span);
		text_fmt(g->text, sizeof(g->text),
		    "caches may hold the set "
		    "%s that %s served (TTL %u) for another %s",
		    what, addr_ip(&last->auth, ip), last->ttl, span);
	}
	if (until > 0)
		wait_until(g, until, now);
	/* Only what it lifted: a set that came back is waited for again. */
	g->waived = g->met && event_waived(h, k, GUARD_HOLD, NULL);
}

/* The schedule runs on the wall clock; as elapsed time from now. */
static void
turn(const struct host *h, const struct key *k, const struct now *now,
    struct guards *gs)
{
	time_t at = event_turn_at(h, k);
	struct guard *g = more(gs, GUARD_TURN, NULL, at <= now->wall);
	char when[32];

	if (g->met) {
		text_fmt(g->text, sizeof(g->text), "its turn has come");
		return;
	}
	text_fmt(g->text, sizeof(g->text), "its turn comes %s",
	    when_minute(at, when));
	wait_until(g, now->elapsed + (int64_t)(at - now->wall), now);
}

static void
clock_guard(const struct host *h, const struct key *k, const struct now *now,
    struct guards *gs)
{
	struct guard *g = more(gs, GUARD_CLOCK, NULL, now->trusted);

	text_fmt(g->text, sizeof(g->text), "%s",
	    now->trusted
		? "the clock is trusted"
		: "the wall clock jumped and nothing explains it: set the time "
		  "(synchronised clocks explain themselves)");
	waive(g, h, k);
}

/* Nothing is begun in a zone that is about to be bogus.  `due`: nothing else
 * is waited for, or not for long. */
static void
signed_guard(const struct host *h, const struct key *k, bool due,
    const struct now *now, struct guards *gs)
{
	struct signing_end first;
	bool ends = signing_ends(h, now->wall, SIGNING_ACT, &first);
	struct guard *g = more(gs, GUARD_SIGNED, NULL, !ends);
	char ip[ADDR_TEXT], when[32], span[24];

	if (!ends) {
		text_fmt(g->text, sizeof(g->text),
		    "no signature is about to end");
		return;
	}
	when_minute(first.until, when);
	when_rough(policy_hold(&h->policy, first.a->ttl), span);
	text_fmt(g->text, sizeof(g->text),
	    "%.60s %s: the signature over its %s for %.90s ends at %s, and the "
	    "zone was not signed anew (a hold is %s)",
	    first.a->name, addr_ip(&first.a->addr, ip),
	    first.keys ? "DNSKEY set" : "answer", first.o->name, when, span);
	g->running = !due;
	waive(g, h, k);
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
		struct guard *g = more(gs, GUARD_SERVED, &ep->addr,
		    event_served_at(h, ep, k));

		if (g->met)
			text_fmt(g->text, sizeof(g->text), "presents %s",
			    spki_id(&k->id, id));
		else
			served_text(g, h, ep, k);
		waive(g, h, k);
		waive(g, h, whose);
	}
	if (h->n_ep == 0)
		text_fmt(more(gs, GUARD_SERVED, NULL, false)->text, 320,
		    "no address of %.200s is known", h->name);
}

static void
settle(const struct host *h, const struct key *k, const struct key *whose,
    const struct now *now, struct guards *gs)
{
	bool met = event_settled(h, k, whose, now);
	struct guard *g = more(gs, GUARD_SETTLE, NULL, met);
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
		wait_until(g, k->clean_since + h->policy.settle, now);
}

static void
timer(enum guard_id id, int64_t until, const char *what, const struct now *now,
    struct guards *gs)
{
	struct guard *g = more(gs, id, NULL, now->elapsed >= until);
	char span[24];

	if (g->met) {
		text_fmt(g->text, sizeof(g->text), "%s is over", what);
		return;
	}
	text_fmt(g->text, sizeof(g->text), "%s runs for another %s", what,
	    when_rough(until - now->elapsed, span));
	wait_until(g, until, now);
}

/* No alias leads there any more, so that nobody changes it but by hand. */
static void
left_text(struct guard *g, const struct authority *a, const struct owner *o)
{
	char ip[ADDR_TEXT];

	text_fmt(g->text, sizeof(g->text),
	    "%.60s %s still shows it for %.100s, where no alias leads any "
	    "more: remove it there by hand",
	    a->name, addr_ip(&a->addr, ip), o->name);
}

/* Nobody is late before the retire hold is over: until then only time is
 * missing. */
static void
gone(const struct host *h, const struct key *k, const struct now *now,
    struct guards *gs)
{
	int64_t due = event_retire_hold_until(h, k);
	char ip[ADDR_TEXT];

	for (size_t i = 0; i < h->n_own; i++) {
		for (size_t j = 0; j < h->own[i].n_auth; j++) {
			const struct authority *a = &h->own[i].auth[j];
			struct guard *g = more(gs, GUARD_GONE, &a->addr,
			    event_dropped_at(&h->own[i], a, h, k));

			if (g->met)
				text_fmt(g->text, sizeof(g->text), "%s %s",
				    a->name,
				    a->look == LOOK_SILENT && !h->own[i].past
					? "is silent, and what it showed with "
					  "it ended with its signatures"
					: "dropped it");
			else if (h->own[i].past)
				left_text(g, a, &h->own[i]);
			else if (a->look == LOOK_SHOWN)
				text_fmt(g->text, sizeof(g->text),
				    "%s %s still shows it", a->name,
				    addr_ip(&a->addr, ip));
			else
				shown_text(g, a, &h->own[i], h, k, now);
			if (!g->met && now->elapsed < due)
				wait_until(g, due, now);
			waive(g, h, k);
		}
	}
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
	shown(h, k, now, gs);
	clock_guard(h, k, now, gs);
	if (k->stage != STAGE_PUBLISHED)
		signed_guard(h, k,
		    k->stage == STAGE_GENERATED ||
			event_turn_at(h, k) <= now->wall,
		    now, gs);
	if (k->stage == STAGE_GENERATED)
		return;
	hold(h, k, now, false, gs);
	if (k->stage == STAGE_PUBLISHED)
		return;
	cert(h, k, gs);
	turn(h, k, now, gs);
}

/* That the successor s has taken over from k. */
static void
superseded(const struct host *h, const struct key *s, const struct key *k,
    const struct now *now, struct guards *gs)
{
	served(h, s, k, gs);
	settle(h, s, k, now, gs);
	shown(h, s, now, gs);
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
	turn(h, k, now, gs);
}

static void
guards_retiring(const struct host *h, const struct key *k,
    const struct now *now, struct guards *gs)
{
	const struct key *s = host_successor(h, k);

	timer(GUARD_RETIRE_HOLD, event_retire_hold_until(h, k),
	    "the retire hold", now, gs);
	if (s != NULL)
		superseded(h, s, k, now, gs);
	clock_guard(h, k, now, gs);
	signed_guard(h, k, now->elapsed >= event_retire_hold_until(h, k), now,
	    gs);
	gone(h, k, now, gs);
	hold(h, k, now, true, gs);
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
		timer(GUARD_RETENTION, event_retention_until(h, k),
		    "the retention of the private key", now, ret);
		clock_guard(h, k, now, ret);
		signed_guard(h, k, now->elapsed >= event_retention_until(h, k),
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
