/*
 * plan.c - the next steps of a host: what the table proposes and the law
 * lets pass.  Pure; cmd does what it says and looks again.
 */
#include "core/plan.h"

#include <string.h>

#include "core/event.h"
#include "core/pause.h"
#include "core/sighting.h"

/* Something is not understood: no act may be built on it. */
static bool
blocked(const struct host *h)
{
	if (h->blocked[0] != 0 || h->adopted_at == NEVER)
		return true;
	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].blocked[0] != 0)
			return true;
	return h->n_own == 0;
}

/*
 * What a key may do while something is not understood: fall back, nothing
 * else.
 */
static bool
falls_back(const struct step *s)
{
	return s->act == ACT_NOTHING && s->to < s->from;
}

struct table {
	const struct row *row;
	size_t n;
};

static bool
step_of(const struct table *t, const struct host *h, size_t i,
    const struct now *now, struct step *ret)
{
	const struct key *k = &h->key[i];
	const struct row *row = machine_row(t->row, t->n, k->stage,
	    event_of(h, k, now));

	if (row == NULL)
		return false;
	*ret = (struct step){ .act = row->act,
		.key = (int)i,
		.slot = k->slot,
		.from = k->stage,
		.to = row->next };
	if (blocked(h) && !falls_back(ret))
		return false;
	if (pause_holds(h, now) && !pause_spares(h, row->act, k, row->next))
		return false;
	ret->refused = !law_allows(h, now, row->act, k, &ret->why);
	return true;
}

static bool
step_of_slot(const struct table *t, const struct host *h, enum slot s,
    const struct now *now, struct step *ret)
{
	const struct row *row = machine_row(t->row, t->n, STAGE_NONE,
	    event_of_slot(h, s, now));

	if (row == NULL || blocked(h) || pause_holds(h, now))
		return false;
	*ret = (struct step){ .act = row->act,
		.key = -1,
		.slot = s,
		.from = STAGE_NONE,
		.to = row->next };
	return true;
}

/* Steps that only change a stage go first, in the order of the keys. */
static void
put(struct step *ret, size_t *n, size_t *n_quiet, const struct step *s)
{
	size_t at = *n;

	if (s->act == ACT_NOTHING) {
		at = (*n_quiet)++;
		memmove(&ret[at + 1], &ret[at], (*n - at) * sizeof(*ret));
	}
	ret[at] = *s;
	(*n)++;
}

size_t
plan_by(const struct row *table, size_t rows, const struct host *h,
    const struct now *now, struct step *ret, size_t max)
{
	struct table t = { table, rows };
	size_t n = 0, quiet = 0;
	struct step s;

	for (size_t i = 0; i < h->n_key && n < max; i++)
		if (step_of(&t, h, i, now, &s))
			put(ret, &n, &quiet, &s);
	for (int slot = 0; slot < SLOT_COUNT && n < max; slot++)
		if (step_of_slot(&t, h, (enum slot)slot, now, &s))
			put(ret, &n, &quiet, &s);
	return n;
}

size_t
plan_host(const struct host *h, const struct now *now, struct step *ret,
    size_t max)
{
	return plan_by(MACHINE, MACHINE_ROWS, h, now, ret, max);
}

void
plan_note_sweep(struct host *h, const struct now *now)
{
	for (size_t i = 0; i < h->n_key; i++) {
		struct key *k = &h->key[i];

		if (k->stage != STAGE_DEPLOYED || !event_served(h, k, NULL))
			k->clean_since = NEVER;
		else if (k->clean_since == NEVER)
			k->clean_since = now->elapsed;
	}
}

/* What the slot's wish meant for the keys that are replaced. */
static void
grant_wish(struct host *h, const struct key *k)
{
	struct slot_want *w = &h->slot[k->slot];

	for (size_t i = 0; w->compromised && i < h->n_key; i++) {
		struct key *old = &h->key[i];

		if (old != k && old->slot == k->slot &&
		    (old->stage == STAGE_DEPLOYED ||
			old->stage == STAGE_RETIRING))
			old->compromised = true;
	}
	w->rollover_wall = 0;
	w->compromised = false;
}

/* The rollover is closed: what was waived for it is over. */
static void
end_waivers(struct host *h, enum slot slot)
{
	size_t keep = 0;

	for (size_t i = 0; i < h->n_waiver; i++) {
		const struct key *k = host_find_key(h, &h->waiver[i].key);

		if (k != NULL && k->slot != slot)
			h->waiver[keep++] = h->waiver[i];
	}
	h->n_waiver = keep;
}

void
plan_enter(struct host *h, struct key *k, enum stage to, const struct now *now)
{
	if (k->stage == to)
		return;
	k->stage = to;
	k->entered_at = now->elapsed;
	k->entered_wall = now->wall;
	if (to == STAGE_DEPLOYED) {
		k->deployed_wall = now->wall;
		k->clean_since = NEVER;
		grant_wish(h, k);
	}
	if (to == STAGE_RETIRED)
		end_waivers(h, k->slot);
}
