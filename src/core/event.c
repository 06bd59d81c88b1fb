/*
 * event.c - facts into events.  Looks at values only; allows nothing (law.c)
 * and proposes nothing (machine.c).
 */
#include "core/event.h"

#include "core/alias.h"
#include "core/record.h"
#include "core/renew.h"
#include "core/signing.h"

bool
event_waived(const struct host *h, const struct key *k, enum guard_id guard,
    const struct addr *addr)
{
	for (size_t i = 0; i < h->n_waiver; i++) {
		const struct waiver *w = &h->waiver[i];

		if (w->guard != guard || !spki_eq(&w->key, &k->id))
			continue;
		if (addr == NULL || addr_cmp(&w->addr, addr) == 0)
			return true;
	}
	return false;
}

bool
event_excused(const struct host *h, const struct key *k, bool showing,
    const struct sighting *s)
{
	enum guard_id at = showing ? GUARD_GONE : GUARD_SHOWN;

	for (size_t i = 0; i < h->n_waiver; i++) {
		const struct waiver *w = &h->waiver[i];

		if (!spki_eq(&w->key, &k->id))
			continue;
		if (w->guard == at && addr_cmp(&w->addr, &s->auth) == 0)
			return true;
		/* Only what had ended when the word was given: a set that
		 * comes back later was not meant.  (+1: ends are rounded.) */
		if (w->guard == GUARD_HOLD && s->gone != NEVER &&
		    s->gone <= w->given_at + 1)
			return true;
	}
	return false;
}

/* For the key itself or for the one that it replaces. */
static bool
waived_either(const struct host *h, const struct key *k, const struct key *old,
    enum guard_id guard, const struct addr *addr)
{
	return event_waived(h, k, guard, addr) ||
	    (old != NULL && event_waived(h, old, guard, addr));
}

bool
event_served(const struct host *h, const struct key *k, const struct key *old)
{
	for (size_t i = 0; i < h->n_ep; i++)
		if (!event_served_at(h, &h->ep[i], k) &&
		    !waived_either(h, k, old, GUARD_SERVED, &h->ep[i].addr))
			return false;
	return h->n_ep > 0;
}

bool
event_settled(const struct host *h, const struct key *k, const struct key *old,
    const struct now *now)
{
	if (waived_either(h, k, old, GUARD_SETTLE, NULL))
		return true;
	return k->clean_since != NEVER && now->elapsed >= k->clean_since &&
	    now->elapsed - k->clean_since >= h->policy.settle;
}

bool
event_seen(const struct host *h, const struct key *k)
{
	if (k->installed)
		return true;
	for (size_t i = 0; i < h->n_ep; i++)
		for (unsigned j = 0; j < h->ep[i].n_seen; j++)
			if (spki_eq(&h->ep[i].seen[j].key, &k->id))
				return true;
	return false;
}

/* Does this sighting, of a set that is still living, stand in the way? */
static bool
in_the_way(const struct host *h, const struct key *k, bool showing,
    const struct sighting *s)
{
	const struct tlsa_set *set = h->set[s->set];
	bool against = showing ? record_left(h, set, k)
			       : record_fails(h, set, k) != NULL;

	return against && !event_excused(h, k, showing, s);
}

int64_t
event_held_until(const struct host *h, const struct key *k, bool showing,
    const struct now *now, const struct sighting **ret_last)
{
	const struct sighting *last = NULL;
	int64_t until = 0, horizon;

	for (size_t i = 0; i < h->n_own && until != NEVER; i++) {
		for (size_t j = 0; j < h->own[i].n_seen; j++) {
			const struct sighting *s = &h->own[i].seen[j];

			if (!alias_living(h, &h->own[i], s, now->elapsed) ||
			    !in_the_way(h, k, showing, s))
				continue;
			horizon = alias_horizon(h, &h->own[i], s);
			if (horizon != NEVER && horizon <= until)
				continue;
			until = horizon;
			last = s;
			if (until == NEVER)
				break;
		}
	}
	if (ret_last != NULL)
		*ret_last = last;
	return until;
}

bool
event_signed(const struct host *h, const struct key *k, const struct now *now)
{
	struct signing_end first;

	return !signing_ends(h, now->wall, SIGNING_ACT, &first) ||
	    event_waived(h, k, GUARD_SIGNED, NULL);
}

time_t
event_turn_at(const struct host *h, const struct key *k)
{
	const struct key *d = host_deployed(h, k->slot);

	if (d == NULL || h->slot[k->slot].rollover_wall != 0 ||
	    event_waived(h, k, GUARD_TURN, NULL))
		return 0;
	return d->deployed_wall + (time_t)h->policy.rollover_every;
}

int64_t
event_retire_hold_until(const struct host *h, const struct key *k)
{
	const struct key *s = host_successor(h, k);

	if (k->compromised || event_waived(h, k, GUARD_RETIRE_HOLD, NULL) ||
	    (s != NULL && event_waived(h, s, GUARD_RETIRE_HOLD, NULL)))
		return 0;
	return k->entered_at + h->policy.retire_hold;
}

int64_t
event_retention_until(const struct host *h, const struct key *k)
{
	if (k->compromised || event_waived(h, k, GUARD_RETENTION, NULL))
		return 0;
	return k->entered_at + h->policy.key_retention;
}

static bool
everywhere(const struct host *h, const struct key *k,
    bool (*at)(const struct owner *, const struct authority *,
	const struct host *, const struct key *),
    enum guard_id waivable)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		if (o->n_auth == 0 && !o->past)
			return false;
		for (size_t j = 0; j < o->n_auth; j++)
			if (!at(o, &o->auth[j], h, k) &&
			    !event_waived(h, k, waivable, &o->auth[j].addr))
				return false;
	}
	return h->n_own > 0;
}

/* Denied by every authority, and the primary knows no better. */
static bool
dark(const struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		if (o->role == OWNER_BASE)
			continue;
		if (o->n_auth == 0 ||
		    (o->has_primary && owner_primary(o)->n > 0))
			return false;
		for (size_t j = 0; j < o->n_auth; j++)
			if (!o->auth[j].fresh || o->auth[j].look != LOOK_NONE)
				return false;
		for (size_t j = 0; j < o->n_seen; j++)
			if (o->seen[j].gone == NEVER &&
			    h->set[o->seen[j].set]->n > 0)
				return false;
	}
	return h->n_own > 0;
}

/* What the primary says of the key's records; nothing when it was not asked
 * or when the records are set by hand. */
static uint32_t
primary_events(const struct host *h, const struct key *k)
{
	uint32_t e = EVENT_LIT;
	struct tlsa_set set;

	if (!h->publishes || h->n_own == 0)
		return 0;
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		if (!alias_publishes(o))
			continue;
		if (!o->has_primary)
			return 0;
		if (!cover_asks(owner_primary(o)))
			e &= ~(uint32_t)EVENT_LIT;
		if (record_left(h, owner_primary(o), k))
			e |= EVENT_PRESENT;
		if (record_target(h, ACT_PUBLISH, k, owner_primary(o), &set) !=
			TARGET_KNOWN ||
		    !tlsa_set_eq(&set, owner_primary(o)))
			e |= EVENT_MISSING;
	}
	/* There is nothing to publish yet. */
	if (k->stage < STAGE_DEPLOYED && record_wants_issuer(h, k))
		e &= ~(uint32_t)EVENT_MISSING;
	return e;
}

/* Its certificate is for a person to bring (`danesafe install-cert`). */
static bool
waits_for_issuer(const struct host *h, const struct key *k)
{
	return (k->cert_issued && !k->cert_ok) || record_wants_issuer(h, k);
}

/*
 * Where records are about the certificate, a key that was never in use and
 * whose certificate, made by us, does not fit is given up: another one would
 * need other records.
 */
static bool
is_lost(const struct host *h, const struct key *k)
{
	return k->stored && !k->cert_ok && !k->cert_unread && !k->installed &&
	    record_binds(h);
}

static uint32_t
stored_events(const struct host *h, const struct key *k)
{
	uint32_t e = 0;

	if (!k->adopted && k->destroyed_at == NEVER)
		e |= EVENT_OURS;
	if (k->stored && waits_for_issuer(h, k))
		e |= EVENT_STORED;
	else if (is_lost(h, k))
		e |= EVENT_LOST;
	else if (k->stored)
		e |= EVENT_STORED | (k->cert_ok ? EVENT_CERT : EVENT_CERT_BAD);
	else if (k->lost)
		e |= EVENT_LOST;
	if (k->installed)
		e |= EVENT_INSTALLED;
	return e;
}

/* Whoever shows it still will not for long: somebody set the zone back. */
static bool
lost_at_primary(const struct host *h, const struct key *k)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		if (o->has_primary && alias_publishes(o) &&
		    record_fails(h, owner_primary(o), k) != NULL)
			return true;
	}
	return false;
}

static uint32_t
record_events(const struct host *h, const struct key *k, const struct now *now)
{
	uint32_t e = 0;

	e |= everywhere(h, k, event_content_at, GUARD_SHOWN) &&
		!lost_at_primary(h, k)
	    ? EVENT_SHOWN
	    : EVENT_NOT_SHOWN;
	e |= event_held_until(h, k, false, now, NULL) == 0 ? EVENT_HELD
							   : EVENT_NOT_HELD;
	if (everywhere(h, k, event_dropped_at, GUARD_GONE) &&
	    event_held_until(h, k, true, now, NULL) == 0)
		e |= EVENT_GONE;
	if (dark(h))
		e |= EVENT_DARK;
	return e | primary_events(h, k);
}

static uint32_t
served_events(const struct host *h, const struct key *k, const struct now *now)
{
	const struct key *s = host_successor(h, k);
	uint32_t e = 0;

	if (event_served(h, k, NULL))
		e |= EVENT_SERVED;
	if (event_settled(h, k, NULL, now))
		e |= EVENT_SETTLED;
	if (s != NULL && event_served(h, s, k) && event_settled(h, s, k, now) &&
	    everywhere(h, s, event_content_at, GUARD_SHOWN))
		e |= EVENT_SUPERSEDED;
	if (!event_seen(h, k))
		e |= EVENT_UNSEEN;
	if (host_deployed(h, k->slot) == NULL)
		e |= EVENT_VACANT;
	return e;
}

static uint32_t
renewal_events(const struct host *h, const struct key *k, const struct now *now)
{
	struct key as;

	if (k->stage != STAGE_DEPLOYED || k->next_chain == 0 || !k->next_ok)
		return 0;
	/* The one before is on its way out, and its record is not to go sooner
	 * for this one. */
	if (k->past_chain != 0 && k->clean_since != NEVER &&
	    !event_settled(h, k, NULL, now))
		return 0;
	as = renew_as(k);
	return event_held_until(h, &as, false, now, NULL) == 0
	    ? EVENT_RENEWAL | EVENT_RENEW_HELD
	    : EVENT_RENEWAL;
}

uint32_t
event_of(const struct host *h, const struct key *k, const struct now *now)
{
	uint32_t e = stored_events(h, k);

	e |= record_events(h, k, now);
	e |= renewal_events(h, k, now);
	e |= served_events(h, k, now);
	if (now->trusted || event_waived(h, k, GUARD_CLOCK, NULL))
		e |= EVENT_CLOCK;
	if (event_signed(h, k, now))
		e |= EVENT_SIGNED;
	if (event_turn_at(h, k) <= now->wall)
		e |= EVENT_TURN;
	if (k->stage == STAGE_RETIRING &&
	    now->elapsed >= event_retire_hold_until(h, k))
		e |= EVENT_RETIRE_HOLD;
	if (k->stage == STAGE_RETIRED &&
	    now->elapsed >= event_retention_until(h, k))
		e |= EVENT_RETENTION;
	return e;
}

/* A key of the slot is still on its way out. */
static bool
leaving(const struct host *h, enum slot s)
{
	unsigned deployed = 0;

	for (size_t i = 0; i < h->n_key; i++) {
		if (h->key[i].slot != s)
			continue;
		if (h->key[i].stage == STAGE_RETIRING)
			return true;
		if (h->key[i].stage == STAGE_DEPLOYED)
			deployed++;
	}
	return deployed > 1;
}

uint32_t
event_of_slot(const struct host *h, enum slot s, const struct now *now)
{
	const struct slot_want *w = &h->slot[s];
	const struct key *d = host_deployed(h, s);
	uint32_t e = now->trusted ? EVENT_CLOCK : 0;
	bool due;

	if (!w->managed || host_candidate(h, s) != NULL)
		return e;
	due = d == NULL || w->rollover_wall != 0 ||
	    d->deployed_wall + (time_t)h->policy.rollover_every <= now->wall;
	if (leaving(h, s) && !w->compromised)
		return e;
	return due || h->standby ? e | EVENT_WANTED : e;
}
