/*
 * future.c - a host played into the future.  Decides nothing itself: steps
 * come from plan_host, waits from the sightings, as in a pass.
 */
#include "core/future.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/future_world.h"
#include "core/guard.h"
#include "core/pause.h"

#define STEPS 64      /* in one pass */
#define PASSES 100000 /* more is a circle */

static void
tell(struct play *p, const struct future_step *what, size_t key)
{
	struct future_step s = *what;

	s.at = p->now;
	s.host = p->h;
	s.key = &p->h->key[key];
	s.made = key < p->n_real ? 0 : (unsigned)(key - p->n_real) + 1;
	p->fn(&s, p->arg);
}

static bool
is_done(const struct step *done, size_t n, const struct step *st)
{
	for (size_t i = 0; i < n; i++)
		if (done[i].act == st->act && done[i].key == st->key &&
		    done[i].slot == st->slot)
			return true;
	return false;
}

/* The first step that is not refused and was not done in this pass. */
static const struct step *
choose(const struct play *p, struct step *st, const struct step *done, size_t n)
{
	size_t n_st = plan_host(p->h, &p->now, st, STEPS);

	for (size_t i = 0; i < n_st; i++)
		if (!st[i].refused &&
		    (st[i].act == ACT_NOTHING || !is_done(done, n, &st[i])))
			return &st[i];
	return NULL;
}

static void
pass(struct play *p)
{
	struct step st[STEPS], done[STEPS];
	const struct step *s;

	future_look(p);
	for (size_t n = 0; n < STEPS && (s = choose(p, st, done, n)) != NULL;
	     n++) {
		bool zone = s->act == ACT_PUBLISH || s->act == ACT_WITHDRAW;
		size_t key = future_act(p, s);

		done[n] = *s;
		if (s->act != ACT_MAKE)
			plan_enter(p->h, &p->h->key[key], s->to, &p->now);
		tell(p,
		    &(struct future_step){ .act = s->act,
			.from = s->from,
			.to = s->to,
			.by_hand = zone && p->by_hand },
		    key);
		if (s->act != ACT_NOTHING)
			future_look(p);
	}
}

/* ---- when something comes ---- */

static void
sooner(const struct play *p, int64_t at, int64_t *first)
{
	if (at != NEVER && at > p->now.elapsed &&
	    (*first == NEVER || at < *first))
		*first = at;
}

static void
sooner_wall(const struct play *p, time_t at, int64_t *first)
{
	if (at > p->now.wall)
		sooner(p, p->now.elapsed + (int64_t)(at - p->now.wall), first);
}

static void
sooner_key(const struct play *p, const struct key *k, struct guards *gs,
    int64_t *first)
{
	guards_of(p->h, k, &p->now, gs);
	for (size_t i = 0; i < gs->n; i++)
		if (!gs->g[i].met)
			sooner(p, gs->g[i].until, first);
	if (k->destroyed_at == NEVER && k->stage <= STAGE_DEPLOYED)
		sooner_wall(p, k->cert_until, first);
}

/* The next moment at which time alone brings something; NEVER. */
static int64_t
next_moment(const struct play *p)
{
	struct guards *gs = mem_new(sizeof(*gs));
	const struct host *h = p->h;
	struct step st[STEPS];
	int64_t first = NEVER;
	size_t n;

	for (size_t i = 0; i < h->n_key; i++)
		sooner_key(p, &h->key[i], gs, &first);
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		sooner(p, o->until, &first);
		for (size_t j = 0; j < o->n_auth; j++)
			if (o->auth[j].left_at != NEVER)
				sooner(p,
				    o->auth[j].left_at + 1 +
					policy_hold(&h->policy,
					    o->auth[j].ns_ttl),
				    &first);
	}
	if (pause_holds(h, &p->now))
		sooner_wall(p, h->paused_until, &first);
	n = plan_host(h, &p->now, st, STEPS);
	for (size_t i = 0; i < n; i++)
		if (st[i].refused && !st[i].why.proposed)
			sooner(p, st[i].why.until, &first);
	free(gs);
	return first;
}

/* Certificates in use that ended since the pass before. */
static void
tell_ends(struct play *p, time_t before)
{
	for (size_t i = 0; i < p->h->n_key; i++) {
		const struct key *k = &p->h->key[i];

		if (k->stage == STAGE_DEPLOYED && k->cert_until > before &&
		    k->cert_until <= p->now.wall)
			tell(p,
			    &(struct future_step){ .from = k->stage,
				.to = k->stage,
				.cert_ends = true },
			    i);
	}
}

void
future_play(struct host *h, const struct now *first, int64_t every,
    time_t until, future_fn *fn, void *arg)
{
	struct play p = { .h = h,
		.now = *first,
		.n_real = h->n_key,
		.by_hand = !h->publishes,
		.first = true,
		.fn = fn,
		.arg = arg };
	int64_t next, skip;
	time_t before;

	p.now.trusted = true;
	future_begin(&p);
	for (int i = 0; i < PASSES && p.now.wall <= until; i++) {
		pass(&p);
		next = next_moment(&p);
		if (next == NEVER)
			break;
		before = p.now.wall;
		skip = (next - p.now.elapsed + every - 1) / every * every;
		p.now.elapsed += skip;
		p.now.wall += (time_t)skip;
		if (p.now.wall <= until)
			tell_ends(&p, before);
	}
	free(p.served);
}
