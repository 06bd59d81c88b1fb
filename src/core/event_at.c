/*
 * event_at.c - what is true at one authority, one instance, one endpoint.
 * Looks at values only; of what follows for a key: event.c.
 */
#include "core/event.h"

#include "core/alias.h"
#include "core/ended.h"
#include "core/record.h"
#include "core/renew.h"

static bool
set_serves(const struct host *h, int set, const struct key *k)
{
	return record_shown(h, h->set[set], k) &&
	    record_fails(h, h->set[set], k) == NULL;
}

bool
event_shown_at(const struct authority *a, const struct host *h,
    const struct key *k)
{
	return a->fresh && a->look == LOOK_SHOWN && set_serves(h, a->set, k);
}

/* A sender may pass it by, and nobody misses records here. */
static bool
may_lack(const struct owner *o)
{
	return o->role == OWNER_IDLE || o->role == OWNER_BASE ||
	    (o->foreign && !o->derived);
}

bool
event_silent_at(const struct owner *o, const struct authority *a,
    const struct host *h, const struct key *k, bool showing)
{
	if (!ended_follows(h, o, a))
		return false;
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];

		if (s->gone != NEVER || addr_cmp(&s->auth, &a->addr) != 0)
			continue;
		if (showing ? record_left(h, h->set[s->set], k)
			    : !set_serves(h, s->set, k))
			return false;
	}
	return true;
}

bool
event_answers_at(const struct owner *o, const struct authority *a,
    const struct host *h, const struct key *k)
{
	if (o->past)
		return true;
	if (!a->fresh || event_shown_at(a, h, k))
		return a->fresh;
	if (a->look == LOOK_NONE)
		return may_lack(o);
	if (a->look == LOOK_SILENT)
		return event_silent_at(o, a, h, k, false);
	return a->look == LOOK_SHOWN && alias_shown(h, a) != NULL && !o->loop;
}

bool
event_content_at(const struct owner *o, const struct authority *a,
    const struct host *h, const struct key *k)
{
	return event_answers_at(o, a, h, k) && event_everyone_at(o, a, h, k);
}

bool
event_heard_with(const struct owner *o, const struct instance *in,
    const struct host *h, const struct key *k)
{
	if (in->set < 0 || set_serves(h, in->set, k))
		return in->set >= 0;
	if (alias_target(h, in->set) != NULL)
		return !o->loop;
	return h->set[in->set]->n == 0 && may_lack(o);
}

bool
event_everyone_at(const struct owner *o, const struct authority *a,
    const struct host *h, const struct key *k)
{
	for (size_t i = 0; i < o->n_inst; i++) {
		const struct instance *in = &o->inst[i];

		if (addr_cmp(&in->auth, &a->addr) == 0 &&
		    !event_heard_with(o, in, h, k))
			return false;
	}
	return true;
}

bool
event_gone_at(const struct authority *a, const struct host *h,
    const struct key *k)
{
	if (!a->fresh || (a->look != LOOK_SHOWN && a->look != LOOK_NONE))
		return false;
	return !record_left(h, h->set[a->set], k);
}

/* It shows the key's record, or did when it was last heard. */
static bool
may_show(const struct owner *o, const struct authority *a, const struct host *h,
    const struct key *k)
{
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];

		if (s->gone == NEVER && addr_cmp(&s->auth, &a->addr) == 0 &&
		    record_left(h, h->set[s->set], k))
			return true;
	}
	return false;
}

bool
event_dropped_at(const struct owner *o, const struct authority *a,
    const struct host *h, const struct key *k)
{
	if (o->past)
		return o->foreign || !may_show(o, a, h, k);
	return event_gone_at(a, h, k) || event_silent_at(o, a, h, k, true);
}

bool
event_served_at(const struct host *h, const struct endpoint *ep,
    const struct key *k)
{
	bool found = false;

	if (!ep->fresh || ep->sweep != SWEEP_SEEN)
		return false;
	for (unsigned i = 0; i < ep->n_seen; i++) {
		if (ep->seen[i].slot != k->slot)
			continue;
		if (!spki_eq(&ep->seen[i].key, &k->id) ||
		    renew_is_past(h, k, &ep->seen[i]))
			return false;
		found = true;
	}
	return found;
}
