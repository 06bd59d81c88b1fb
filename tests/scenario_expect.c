/*
 * scenario_expect.c - what a scenario can expect: of the agent's stages,
 * guards, waits and acts, of the primary, and of the senders.
 */
#include "scenario_words.h"

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "core/event.h"
#include "core/guard.h"

/* Rounding up costs the agent a second or two; never less than the span. */
#define ROUNDING 2

/* Each returns what is true, or sets `wrong` when it cannot be asked. */

/* `stage KEY STAGE`; STAGE none: the agent has no such key. */
static bool
is_stage(struct run *r)
{
	enum stage want = stage_parse(r->w[2]);
	const struct key *k;
	int id;

	if (!read_key(r, r->w[1], &id))
		return false;
	k = key_of(r, id);
	if (strcmp(r->w[2], "none") == 0)
		return k == NULL;
	if (want == STAGE_COUNT)
		return wrong(r, "no stage is named '%s'", r->w[2]);
	return k != NULL && k->stage == want;
}

static bool
guard_state(struct run *r, const struct guard *g, const char *state)
{
	if (strcmp(state, "met") == 0)
		return g != NULL && g->met;
	if (strcmp(state, "waived") == 0)
		return g != NULL && g->waived;
	if (strcmp(state, "unmet") == 0)
		return g != NULL && !g->met;
	if (strcmp(state, "running") == 0)
		return g != NULL && g->running;
	if (strcmp(state, "absent") == 0)
		return g == NULL;
	return wrong(r, "a guard is met, waived, unmet, running or absent");
}

/* `guard KEY GUARD[:ADDR] met|waived|unmet|running|absent` */
static bool
is_guard(struct run *r)
{
	static struct guards gs;
	struct now now = world_now(&r->world);
	const struct guard *found = NULL;
	char label[ADDR_TEXT + 16];
	int id;

	if (!read_key(r, r->w[1], &id))
		return false;
	if (key_of(r, id) == NULL)
		return wrong(r, "danesafe has no key %s", r->w[1]);
	guards_of(&r->world.h, key_of(r, id), &now, &gs);
	for (size_t i = 0; i < gs.n && found == NULL; i++)
		if (strcmp(guard_label(&gs.g[i], label), r->w[2]) == 0)
			found = &gs.g[i];
	return guard_state(r, found, r->w[3]);
}

/* `until KEY SPAN|over|open`: when no set lacking it can be held. */
static bool
is_until(struct run *r)
{
	struct now now = world_now(&r->world);
	int64_t until, span;
	int id;

	if (!read_key(r, r->w[1], &id) || key_of(r, id) == NULL)
		return wrong(r, "danesafe has no key %s", r->w[1]);
	until = event_held_until(&r->world.h, key_of(r, id), false, &now, NULL);
	if (strcmp(r->w[2], "over") == 0)
		return until == 0;
	if (strcmp(r->w[2], "open") == 0)
		return until == NEVER;
	if (!read_span(r, r->w[2], &span))
		return false;
	return until - now.elapsed >= span &&
	    until - now.elapsed <= span + ROUNDING;
}

static bool
is_logged(struct run *r, bool refused)
{
	const struct world *w = &r->world;
	enum act a = ACT_COUNT;
	int id = -1;

	for (int i = 0; i < ACT_COUNT; i++)
		if (strcmp(act_name((enum act)i), r->w[1]) == 0)
			a = (enum act)i;
	if (a == ACT_COUNT)
		return wrong(r, "no act is named '%s'", r->w[1]);
	if (!read_key(r, r->w[2], &id))
		return false;
	for (size_t i = 0; i < w->n_done; i++)
		if (w->done[i].act == a && w->done[i].key == id &&
		    w->done[i].refused == refused)
			return true;
	return false;
}

/* `act ACT KEY`: the last pass did it. */
static bool
is_act(struct run *r)
{
	return is_logged(r, false);
}

/* `refused ACT KEY`: the law stood in its way in the last pass. */
static bool
is_refused(struct run *r)
{
	return is_logged(r, true);
}

/* `idle`: the last pass did nothing. */
static bool
is_idle(struct run *r)
{
	for (size_t i = 0; i < r->world.n_done; i++)
		if (!r->world.done[i].refused)
			return false;
	return true;
}

/* `primary SET` */
static bool
is_primary(struct run *r)
{
	struct tlsa_set set;

	return read_set(r, r->w[1], &set) &&
	    tlsa_set_eq(&set, &r->world.own[r->at].primary);
}

static bool
issued_by(struct run *r, const struct w_endpoint *ep, int slot)
{
	struct cover_chain c = world_presents(&r->world, ep, slot);
	struct cover_cert x = world_issuer_cert(world_issuer(&r->world,
	    r->w[3]));

	return c.n > 1 &&
	    memcmp(c.cert[1].by[1].sha256, x.by[1].sha256, 32) == 0;
}

/* `presents ADDR KEY [ISSUER]` */
static bool
is_presented(struct run *r)
{
	const struct world *w = &r->world;
	struct addr a;
	int id;

	if (!read_addr(r, r->w[1], 25, &a) || !read_key(r, r->w[2], &id))
		return false;
	for (size_t i = 0; i < w->n_ep; i++)
		for (int s = 0; s < SLOT_COUNT; s++)
			if (addr_cmp(&w->ep[i].addr, &a) == 0 &&
			    w->ep[i].key[s] == id &&
			    (r->n < 4 || issued_by(r, &w->ep[i], s)))
				return true;
	return false;
}

/* `took SPAN SPAN`: since `mark`, at least and at most. */
static bool
is_took(struct run *r)
{
	int64_t least, most, took = r->world.elapsed - r->mark;

	return read_span(r, r->w[1], &least) && read_span(r, r->w[2], &most) &&
	    took >= least && took <= most;
}

static bool
is_destroyed(struct run *r)
{
	const struct key *k;
	int id;

	if (!read_key(r, r->w[1], &id))
		return false;
	k = key_of(r, id);
	return k != NULL && k->destroyed_at != NEVER;
}

static bool
is_compromised(struct run *r)
{
	const struct key *k;
	int id;

	if (!read_key(r, r->w[1], &id))
		return false;
	k = key_of(r, id);
	return k != NULL && k->compromised;
}

/* `broken`: the law is, now, as far as the agent can see. */
static bool
is_broken(struct run *r)
{
	struct now now = world_now(&r->world);

	return law_broken(&r->world.h, &now, NULL, 0) > 0;
}

/* `blocked`: the owner at hand is, by something that is not understood. */
static bool
is_blocked(struct run *r)
{
	return r->at < r->world.h.n_own &&
	    r->world.h.own[r->at].blocked[0] != 0;
}

/* `stranded`: some sender is, and may be until `expect not stranded`. */
static bool
is_stranded(struct run *r)
{
	char why[256];

	return world_stranded(&r->world, why, sizeof(why));
}

static const struct {
	const char *name;
	size_t n; /* words, its own included */
	bool (*is)(struct run *);
} FACTS[] = {
	{ "stage", 3, is_stage },
	{ "guard", 4, is_guard },
	{ "until", 3, is_until },
	{ "act", 3, is_act },
	{ "refused", 3, is_refused },
	{ "idle", 1, is_idle },
	{ "primary", 2, is_primary },
	{ "presents", 3, is_presented },
	{ "presents", 4, is_presented },
	{ "took", 3, is_took },
	{ "destroyed", 2, is_destroyed },
	{ "told", 3, is_told },
	{ "on", 4, is_stuck_on },
	{ "dead", 2, is_dead },
	{ "compromised", 2, is_compromised },
	{ "broken", 1, is_broken },
	{ "blocked", 1, is_blocked },
	{ "watched", 2, is_watched },
	{ "loop", 2, is_loop },
	{ "stranded", 1, is_stranded },
};

/* "NEW is published", for a message. */
static void
say_stages(struct run *r, char *buf, size_t size)
{
	const struct host *h = &r->world.h;
	size_t at = 0;

	buf[0] = 0;
	for (size_t i = 0; i < h->n_key && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s is %s",
		    i == 0 ? "" : ", ",
		    r->world.key[world_key_of(&h->key[i].id)].name,
		    stage_name(h->key[i].stage));
}

static bool
check(struct run *r, bool (*is)(struct run *), bool negated)
{
	char stages[256];

	if (is(r) != negated && r->why[0] == 0) {
		if (is == is_stranded)
			r->may_strand = !negated;
		return true;
	}
	say_stages(r, stages, sizeof(stages));
	return wrong(r, "not so: expect%s %s %s %s %s (%s)",
	    negated ? " not" : "", r->w[0], r->n > 1 ? r->w[1] : "",
	    r->n > 2 ? r->w[2] : "", r->n > 3 ? r->w[3] : "", stages);
}

/* `expect [not] FACT ...`; `expect [not] STAGE KEY` is short for stage. */
bool
do_expect(struct run *r)
{
	char *word[3] = { (char *)"stage", NULL, NULL };
	bool negated = strcmp(r->w[0], "not") == 0;

	if (negated) {
		r->w++;
		r->n--;
	}
	if (r->n == 2 && stage_parse(r->w[0]) != STAGE_COUNT) {
		word[1] = r->w[1];
		word[2] = r->w[0];
		r->w = word;
		r->n = 3;
		return check(r, is_stage, negated);
	}
	for (size_t i = 0; i < sizeof(FACTS) / sizeof(FACTS[0]); i++)
		if (r->n > 0 && strcmp(FACTS[i].name, r->w[0]) == 0 &&
		    FACTS[i].n == r->n)
			return check(r, FACTS[i].is, negated);
	return wrong(r, "nothing like '%s' with %zu words can be expected",
	    r->n > 0 ? r->w[0] : "", r->n);
}
