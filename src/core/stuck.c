/*
 * stuck.c - names for what is unmet.  Pure; decides nothing.
 */
#include "core/stuck.h"

#include <string.h>

#include "core/event.h"
#include "core/pause.h"

/* An SOA is not verified, and may say anything; it is critical after a day. */
#define PATIENCE_MAX (12 * WHEN_HOUR)

/* The authority of this address that has not done yet what is waited for. */
static const struct authority *
laggard(const struct host *h, const struct key *k, const struct guard *g)
{
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++) {
			const struct owner *o = &h->own[i];
			const struct authority *a = &o->auth[j];

			if (addr_cmp(&a->addr, &g->addr) != 0)
				continue;
			if (g->id == GUARD_GONE ? !event_dropped_at(o, a, h, k)
						: !event_content_at(o, a, h, k))
				return a;
		}
	return NULL;
}

/* How long a server that lags is only waited for: it asks for the zone every
 * refresh seconds (RFC 1035), and may miss one turn. */
static int64_t
two_turns(const struct authority *a)
{
	int64_t two = 2 * (int64_t)a->refresh;

	return two < PATIENCE_MAX ? two : PATIENCE_MAX;
}

/* The longest of those that have not got the record. */
static int64_t
patience(const struct host *h, const struct key *k, const struct guards *gs)
{
	const struct key *s = host_successor(h, k);
	int64_t longest = 0;

	for (size_t i = 0; i < gs->n; i++) {
		const struct guard *g = &gs->g[i];
		const struct authority *a;

		if (stuck_code(h, k, g) != CODE_PUB_LAG)
			continue;
		a = laggard(h, g->id == GUARD_SHOWN && s != NULL ? s : k, g);
		if (a != NULL && two_turns(a) > longest)
			longest = two_turns(a);
	}
	return longest;
}

static bool
shown_at_all(const struct host *h, const struct key *k)
{
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++)
			if (event_shown_at(&h->own[i].auth[j], h, k))
				return true;
	return false;
}

static enum code
of_authority(const struct host *h, const struct key *k, const struct guard *g)
{
	/* What superseded keys wait for is shown by their successor. */
	const struct key *s = g->id == GUARD_SHOWN ? host_successor(h, k)
						   : NULL;
	const struct authority *a = laggard(h, s != NULL ? s : k, g);

	if (a == NULL)
		return CODE_NS_UNREACH; /* none is known */
	if (!a->fresh || a->look == LOOK_SILENT)
		return CODE_NS_UNREACH;
	if (a->look == LOOK_BOGUS)
		return strstr(a->why, WHY_DENIED) != NULL ? CODE_DOE_BROKEN
							  : CODE_DNSSEC_BOGUS;
	if (a->look == LOOK_UNSIGNED)
		return CODE_DNSSEC_BOGUS;
	if (g->id == GUARD_GONE)
		return CODE_RETIRE_LAG;
	return k->stage == STAGE_GENERATED && !shown_at_all(h, k)
	    ? CODE_GEN_STUCK
	    : CODE_PUB_LAG;
}

static enum code
of_endpoint(const struct host *h, const struct guard *g)
{
	for (size_t i = 0; i < h->n_ep; i++) {
		const struct endpoint *ep = &h->ep[i];

		if (addr_cmp(&ep->addr, &g->addr) != 0)
			continue;
		if (ep->fresh && ep->sweep == SWEEP_SEEN)
			return CODE_DEPLOY_PARTIAL;
		if (ep->fresh && strstr(ep->why, WHY_NO_STARTTLS) != NULL)
			return CODE_STARTTLS_MISSING;
		break;
	}
	return CODE_ENDPOINT_DOWN;
}

enum code
stuck_code(const struct host *h, const struct key *k, const struct guard *g)
{
	if (g->met || g->running)
		return CODE_NONE;
	switch (g->id) {
	case GUARD_STORED:
		return CODE_KEY_FILE;
	case GUARD_CERT:
		return CODE_READY_NO_CERT;
	case GUARD_SHOWN:
	case GUARD_GONE:
		return of_authority(h, k, g);
	case GUARD_SERVED:
		return of_endpoint(h, g);
	case GUARD_SIGNED:
		return CODE_SIG_EXPIRING;
	case GUARD_HOLD: /* somebody is said to serve it, by his own guard */
	case GUARD_TURN:
	case GUARD_SETTLE:
	case GUARD_RETIRE_HOLD:
	case GUARD_RETENTION:
	case GUARD_CLOCK: /* of the agent */
	case GUARD_COUNT:
		break;
	}
	return CODE_NONE;
}

/* What waits for the end of a pause waits for nobody else. */
static bool
is_frozen(const struct host *h, const struct key *k, const struct now *now)
{
	return pause_holds(h, now) && k->stage != STAGE_DEPLOYED;
}

void
stuck_find(const struct host *h, const struct key *k, const struct guards *gs,
    const struct now *now, struct concerns *c)
{
	/* That signatures end is a concern of the host. */
	bool seen[CODE_COUNT +
	    1] = { [CODE_NONE] = true, [CODE_SIG_EXPIRING] = true };
	struct concern *n;

	if (is_frozen(h, k, now))
		return;
	for (size_t i = 0; i < gs->n; i++) {
		enum code code = stuck_code(h, k, &gs->g[i]);

		if (seen[code])
			continue;
		seen[code] = true;
		n = concern_add(c, h->name, k, code);
		if (code == CODE_PUB_LAG)
			n->patience = patience(h, k, gs);
		/* What is in use, or would be at once, cannot wait. */
		if (code == CODE_KEY_FILE && k->stage == STAGE_READY)
			n->level = LEVEL_CRITICAL;
	}
}

static const struct concern *
about(const struct key *k, enum code code, const struct concern *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (c[i].over_at == NEVER && concern_code(&c[i]) == code &&
		    (c[i].has_key ? spki_eq(&c[i].key, &k->id)
				  : code == CODE_SIG_EXPIRING))
			return &c[i];
	return NULL;
}

struct stuck
stuck_of(const struct host *h, const struct key *k, const struct guards *gs,
    const struct concern *c, size_t n, const struct now *now)
{
	struct stuck worst = { .code = CODE_NONE, .stage = k->stage };

	if (is_frozen(h, k, now))
		return worst;
	for (size_t i = 0; i < gs->n; i++) {
		struct stuck s = { .code = stuck_code(h, k, &gs->g[i]),
			.stage = k->stage,
			.guard = gs->g[i].id,
			.addr = gs->g[i].addr,
			.since = now->elapsed };
		const struct concern *of;

		if (s.code == CODE_NONE)
			continue;
		of = about(k, s.code, c, n);
		if (of != NULL)
			s.since = of->since;
		s.level = of != NULL ? tell_level(of, &h->policy, now)
				     : (int)code_level(s.code, 0, &h->policy);
		if (worst.code == CODE_NONE || s.level > worst.level ||
		    (s.level == worst.level && s.since < worst.since))
			worst = s;
	}
	return worst;
}
