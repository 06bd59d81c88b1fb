/*
 * ended.c - when the last signature over a set has ended.  Closes sightings of
 * authorities that are silent; of those that answer, none.
 */
#include "core/ended.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/alias.h"
#include "core/sighting.h"
#include "core/vouch.h"

/* Its end was seen and is not known all the same: later than any clock. */
#define NO_END ((time_t)1 << 40)

static bool
is_records(const struct host *h, int set)
{
	return set >= 0 && h->set[set]->n > 0 && alias_target(h, set) == NULL &&
	    !tlsa_set_is_any(h->set[set]);
}

static bool
answers(const struct authority *a)
{
	return a->fresh && a->set >= 0;
}

/* ---- what is known of a set ---- */

static const struct sighting *
row_of(const struct owner *o, int set)
{
	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].set == set)
			return &o->seen[i];
	return NULL;
}

/* What says something of the zone stays: the longest life, and that a set was
 * signed anew. */
void
ended_forget(struct sighting *s)
{
	s->signed_from = s->signed_until = 0;
	s->left_at = NEVER;
	s->ended = false;
}

void
ended_copy(const struct owner *o, struct sighting *s)
{
	ended_forget(s);
	s->signed_life = 0;
	s->resigned = false;
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *like = &o->seen[i];

		if (like == s || like->set != s->set)
			continue;
		s->signed_from = like->signed_from;
		s->signed_until = like->signed_until;
		s->signed_life = like->signed_life;
		s->left_at = like->left_at;
		s->resigned = like->resigned;
		s->ended = like->ended;
		return;
	}
}

bool
ended(const struct owner *o, int set)
{
	const struct sighting *s = row_of(o, set);

	return s != NULL && s->ended;
}

/* ---- a look ---- */

/* Nobody looked, and no counter tells: the machine was off. */
static bool
was_off(const struct owner *o, const struct now *now)
{
	time_t wall = 0;

	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].looked_wall > wall)
			wall = o->auth[i].looked_wall;
	return now->wall - wall > POLICY_LOOK_GAP;
}

/* Nobody showed what the zone has since: one that lags says nothing of it. */
static bool
was_unseen(const struct owner *o, const struct sighting *s,
    const struct now *now)
{
	int64_t heard = NEVER;

	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].signed_from > s->signed_from &&
		    o->seen[i].last_seen > heard)
			heard = o->seen[i].last_seen;
	return heard == NEVER || now->elapsed < heard ||
	    now->elapsed - heard > POLICY_LOOK_GAP;
}

void
ended_begin(struct owner *o, const struct now *now)
{
	bool off = was_off(o, now);

	for (size_t i = 0; i < o->n_seen; i++) {
		struct sighting *s = &o->seen[i];

		if (s->left_at != NEVER && !s->ended &&
		    (off || was_unseen(o, s, now)))
			s->left_at = NEVER;
	}
}

/* The wall time of a moment that was seen: time that the machine was off is
 * not counted, which makes it later. */
static time_t
wall_of(int64_t elapsed, const struct now *now)
{
	return now->wall - (time_t)(now->elapsed - elapsed);
}

/* It is there after all: those that are silent may serve it, too, and the
 * others may have until they were heard, or left. */
static void
revive(struct owner *o, struct sighting *s, const struct now *now)
{
	const struct authority *a = owner_find_authority(o, &s->auth);

	s->ended = false;
	if (s->gone == NEVER)
		return;
	s->gone = a != NULL && a->set < 0 ? NEVER : now->elapsed + 1;
}

/* A signature that was not known when it had left: that is to be seen again.
 * One that is newer than that: the zone has it again, or somebody else signs. */
static void
note_anew(struct sighting *s, const struct span *is, const struct now *now)
{
	if (s->left_at == NEVER || is->from <= s->signed_from)
		return;
	if (!now->trusted || is->from > wall_of(s->left_at, now))
		s->resigned = true;
	s->left_at = NEVER;
}

static int64_t
longer(int64_t life, const struct span *is)
{
	return is->until - is->from > life ? is->until - is->from : life;
}

static void
note_signature(struct sighting *s, const struct glance *g,
    const struct now *now)
{
	const struct span *is = &g->records_signed;

	s->signed_life = longer(longer(s->signed_life, is), &g->keys_signed);
	if (!g->one_signature || is->until == 0) {
		s->signed_until = NO_END;
		return;
	}
	note_anew(s, is, now);
	if (is->from > s->signed_from)
		s->signed_from = is->from;
	if (is->until > s->signed_until)
		s->signed_until = is->until;
}

/* A signature over another set, made later than all that were seen over this
 * one: the zone has moved on. */
static void
note_left(const struct host *h, struct sighting *s, const struct glance *g,
    const struct now *now)
{
	if (s->left_at == NEVER && is_records(h, s->set) &&
	    s->signed_from != 0 && g->one_signature &&
	    g->records_signed.from > s->signed_from)
		s->left_at = now->elapsed + 1;
}

void
ended_shown(struct host *h, struct owner *o, int set, const struct glance *g,
    const struct now *now)
{
	if (g->vouched || !is_records(h, set))
		return;
	for (size_t i = 0; i < o->n_seen; i++) {
		struct sighting *s = &o->seen[i];

		if (s->set != set) {
			note_left(h, s, g, now);
			continue;
		}
		if (s->ended)
			revive(o, s, now);
		note_signature(s, g, now);
	}
}

/* ---- the end ---- */

/* Over all that was seen in the zone; -1: somebody signs sets anew that had
 * left it. */
static int64_t
longest_life(const struct host *h, const struct owner *of)
{
	int64_t life = 0;

	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		if (strcmp(o->zone, of->zone) != 0)
			continue;
		for (size_t j = 0; j < o->n_seen; j++) {
			if (o->seen[j].resigned)
				return -1;
			if (o->seen[j].signed_life > life)
				life = o->seen[j].signed_life;
		}
		for (size_t j = 0; j < o->n_auth; j++)
			life = longer(longer(life, &o->auth[j].records_signed),
			    &o->auth[j].keys_signed);
	}
	return life;
}

/* The latest that was seen of the set, and of whatever those showed last that
 * may serve it: of that set more may be known than is noted with it. */
static time_t
latest_end(const struct owner *o, int set)
{
	time_t end = row_of(o, set)->signed_until;

	for (size_t i = 0; i < o->n_seen; i++) {
		const struct authority *a = o->seen[i].set != set ||
			o->seen[i].gone != NEVER
		    ? NULL
		    : owner_find_authority((struct owner *)o, &o->seen[i].auth);

		if (a != NULL && a->records_signed.until > end)
			end = a->records_signed.until;
	}
	return end;
}

/* Somebody who answers may show it; or nobody answers with anything else. */
static bool
is_doubtful(const struct host *h, const struct owner *o, int set)
{
	bool witness = false;

	for (size_t i = 0; i < o->n_inst; i++)
		if (o->inst[i].set == set || o->inst[i].set < 0)
			return true;
	if (o->has_primary && tlsa_set_eq(owner_primary(o), h->set[set]))
		return true;
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];
		const struct authority *a;

		if (s->set != set || s->gone != NEVER)
			continue;
		a = owner_find_authority((struct owner *)o, &s->auth);
		if (a == NULL || !a->fresh || a->look != LOOK_SILENT)
			return true;
	}
	for (size_t i = 0; i < o->n_auth; i++)
		witness = witness ||
		    (answers(&o->auth[i]) && o->auth[i].set != set &&
			is_records(h, o->auth[i].set) &&
			!vouched(o, &o->auth[i]));
	return !witness;
}

time_t
ended_at(const struct host *h, const struct owner *o, int set,
    const struct now *now)
{
	const struct sighting *s = row_of(o, set);
	int64_t life;
	time_t end, latest;

	if (!o->is_static || !now->trusted || s == NULL ||
	    !is_records(h, set) || s->signed_until == 0 ||
	    s->signed_until == NO_END || s->left_at == NEVER ||
	    is_doubtful(h, o, set))
		return 0;
	life = longest_life(h, o);
	if (life < 0)
		return 0;
	end = wall_of(s->left_at, now) + (time_t)life;
	latest = latest_end(o, set);
	return (latest > end ? latest : end) + ENDED_SKEW;
}

/* Nobody heard with which TTL it was served to the end.  (Rows move about.) */
static void
assume_ttl(struct host *h, struct owner *o, int set, const struct now *now)
{
	struct addr *at = mem_array(o->n_seen + 1, sizeof(*at));
	size_t n = 0;

	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].set == set && o->seen[i].gone == NEVER)
			at[n++] = o->seen[i].auth;
	while (n-- > 0)
		sighting_keep(h, o, &at[n], set, sighting_assumed_ttl(h), now);
	free(at);
}

static void
close_set(struct host *h, struct owner *o, int set, const struct now *now)
{
	assume_ttl(h, o, set, now);
	for (size_t i = 0; i < o->n_seen; i++) {
		struct sighting *s = &o->seen[i];

		if (s->set != set)
			continue;
		s->ended = true;
		if (s->gone == NEVER)
			s->gone = now->elapsed + 1;
	}
}

/* The primary has it again, so that it may be signed until now. */
static void
note_primary(const struct host *h, struct owner *o, const struct now *now)
{
	for (size_t i = 0; o->has_primary && i < o->n_seen; i++) {
		struct sighting *s = &o->seen[i];

		if (s->left_at == NEVER ||
		    !tlsa_set_eq(owner_primary(o), h->set[s->set]))
			continue;
		if (s->ended)
			revive(o, s, now);
		s->left_at = NEVER;
		if (now->wall > s->signed_from)
			s->signed_from = now->wall;
	}
}

void
ended_settle(struct host *h, const struct now *now)
{
	for (size_t i = 0; i < h->n_own; i++) {
		struct owner *o = &h->own[i];

		note_primary(h, o, now);
		for (size_t j = 0; j < o->n_seen; j++) {
			time_t end;

			if (!o->is_static) { /* any more: the word is back */
				o->seen[j].ended = false;
				continue;
			}
			if (o->seen[j].gone != NEVER || o->seen[j].ended)
				continue;
			end = ended_at(h, o, o->seen[j].set, now);
			if (end != 0 && now->wall > end)
				close_set(h, o, o->seen[j].set, now);
		}
	}
}

bool
ended_shown_now(const struct owner *o, int set)
{
	for (size_t i = 0; i < o->n_auth; i++)
		if (answers(&o->auth[i]) && o->auth[i].set == set &&
		    !vouched(o, &o->auth[i]))
			return true;
	return false;
}

bool
ended_heard(const struct authority *a)
{
	return a->records_signed.until != 0;
}

bool
ended_follows(const struct host *h, const struct owner *o,
    const struct authority *a)
{
	bool any = false;

	if (!o->is_static || !a->fresh || a->look != LOOK_SILENT ||
	    !ended_heard(a))
		return false;
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];

		if (s->gone != NEVER || addr_cmp(&s->auth, &a->addr) != 0)
			continue;
		if (!is_records(h, s->set) || !ended_shown_now(o, s->set))
			return false;
		any = true;
	}
	return any;
}
