/*
 * scenario_tell.c - what people are told after the passes of a scenario: by a
 * channel that works, counted from the beginning.
 */
#include "core/stuck.h"
#include "scenario_words.h"

#include <stdlib.h>
#include <string.h>

/* After a pass: the keys that are stuck, merged and told. */
void
world_tell(struct world *w)
{
	static struct guards gs;
	struct now now = world_now(w);
	struct concerns is = { .v = NULL };

	for (size_t i = 0; i < w->h.n_key; i++) {
		guards_of(&w->h, &w->h.key[i], &now, &gs);
		stuck_find(&w->h, &w->h.key[i], &gs, &now, &is);
	}
	tell_merge(&is, w->concerns.v, w->concerns.n, &w->h.policy, &now);
	for (size_t i = 0; i < is.n; i++) {
		enum news n = tell_news(&is.v[i], CHANNEL_MAIL, &w->h.policy,
		    &now);

		if (n == NEWS_NOTHING)
			continue;
		w->told[n]++;
		tell_done(&is.v[i], CHANNEL_MAIL, &now);
	}
	tell_prune(&is);
	concern_release(&w->concerns);
	w->concerns = is;
	w->passed = now.elapsed;
}

/* `told NEWS NUMBER`: so many times since the beginning. */
bool
is_told(struct run *r)
{
	unsigned long want = strtoul(r->w[2], NULL, 10);

	for (int n = NEWS_RAISED; n < NEWS_COUNT; n++)
		if (strcmp(news_name((enum news)n), r->w[1]) == 0) {
			if (r->world.told[n] == want)
				return true;
			return wrong(r, "it was told %u times",
			    r->world.told[n]);
		}
	return wrong(r, "no news is named '%s'", r->w[1]);
}

static bool
has_level(struct run *r, int level, const char *word)
{
	for (int l = LEVEL_QUIET; l < LEVEL_COUNT; l++)
		if (strcmp(level_name(l), word) == 0)
			return level == l;
	return wrong(r, "a level is ok, warning or critical");
}

/* `on KEY CODE|nothing ok|warning|critical`: what it is stuck on. */
bool
is_stuck_on(struct run *r)
{
	static struct guards gs;
	struct now now = world_now(&r->world);
	struct stuck s;
	int id;

	if (!read_key(r, r->w[1], &id) || key_of(r, id) == NULL)
		return wrong(r, "danesafe has no key %s", r->w[1]);
	guards_of(&r->world.h, key_of(r, id), &now, &gs);
	s = stuck_of(&r->world.h, key_of(r, id), &gs, r->world.concerns.v,
	    r->world.concerns.n, &now);
	if (strcmp(r->w[2],
		s.code == CODE_NONE ? "nothing" : code_name(s.code)))
		return false;
	return has_level(r, s.level, r->w[3]);
}

/* `dead LEVEL`: what whoever looks is told of the agent. */
bool
is_dead(struct run *r)
{
	const struct world *w = &r->world;

	return has_level(r,
	    (int)code_level(CODE_AGENT_DEAD, w->elapsed - w->passed,
		&w->h.policy),
	    r->w[1]);
}
