/*
 * explore_walk.c - every history: one move of the world or of the agent at a
 * time, in any order, until no new state is found.  Judges no trial.
 *
 * What a pass does depends on its scene alone, and many states share theirs:
 * each is played once.
 */
#include "explore.h"

#include <string.h>

#include "explore_found.h"

/* A scene that was played, and what came of it. */
struct played {
	struct scene scene;
	struct outcome outcome;
};

static struct found states = { .size = sizeof(struct state),
	.key = sizeof(struct state) };
static struct found plays = { .size = sizeof(struct played),
	.key = sizeof(struct scene) };

static void
visit(struct state *s)
{
	for (unsigned a = 0; a < AUTHS; a++)
		s->served[s->auth[a]] = 0;
	found_add(&states, s);
}

/* ---- the moves of the world ---- */

static void
tick_mind(struct mind *m)
{
	for (unsigned k = 0; k < KEYS; k++) {
		if (m->stage[k] == STAGE_RETIRING &&
		    m->entered[k] < RETIRE_HOLD)
			m->entered[k]++;
		if (m->clean[k] != 0 && m->clean[k] <= SETTLE)
			m->clean[k]++;
	}
	for (unsigned a = 0; a < AUTHS; a++)
		for (unsigned v = 0; v < era_sets(); v++)
			if (m->gone[a][v] != 0 && m->gone[a][v] < TTL + 2)
				m->gone[a][v]++;
}

static void
move_clock(const struct state *from)
{
	struct state s = *from;

	for (unsigned v = 0; v < era_sets(); v++)
		if (s.served[v] <= TTL)
			s.served[v]++;
		else
			s.served[v] = 255;
	tick_mind(&s.mind);
	visit(&s);
}

/* A person asks for the rollover. */
static void
move_person(const struct state *from)
{
	struct state s = *from;

	if (from->mind.installed != A)
		return;
	if (era_renews())
		s.mind.next = B + 1; /* danesafe install-cert */
	else
		s.mind.wish = 1;
	visit(&s);
}

/* May an authority fall back to this version?  Not behind what is installed
 * or presented: no agent could help that. */
static bool
may_fall(const struct state *s, unsigned v)
{
	bool good = era_matches(v, s->mind.installed);

	for (unsigned e = 0; e < ENDPOINTS; e++)
		good = good && era_matches(v, s->ep[e]);
	return good;
}

static void
move_dns(const struct state *from, unsigned a)
{
	unsigned primary = from->mind.version;
	struct state s;

	for (unsigned v = from->auth[a] + 1u; v <= primary; v++) {
		if (from->fallen[a])
			break;
		s = *from;
		s.auth[a] = (uint8_t)v;
		visit(&s);
	}
	for (unsigned v = 0; v < from->auth[a]; v++) {
		if (!may_fall(from, v))
			continue;
		s = *from;
		s.auth[a] = (uint8_t)v;
		s.fallen[a] = 1;
		visit(&s);
	}
}

static void
move_endpoint(const struct state *from, unsigned e)
{
	struct state s = *from;

	s.ep[e] = s.mind.installed;
	visit(&s);
}

/* ---- the moves of the agent ---- */

/* What the agent is told, where some do not answer. */
static struct scene
scene_of(const struct state *s, enum flaw flaw, unsigned silent, unsigned down)
{
	struct scene in = { .mind = s->mind };

	for (unsigned a = 0; a < AUTHS; a++) {
		unsigned from = flaw == FLAW_ONE ? 0 : a;

		in.answer[a] = silent & 1u << from ? SILENT : s->auth[from];
	}
	for (unsigned e = 0; e < ENDPOINTS; e++) {
		in.key[e] = flaw == FLAW_CLAIM ? s->mind.installed : s->ep[e];
		if (flaw == FLAW_SWEEP_ONE)
			in.key[e] = s->ep[0];
		else if (down & 1u << e)
			in.key[e] = SILENT;
	}
	return in;
}

static const struct outcome *
play(const struct trial *t, struct host *h, const struct scene *in)
{
	struct played p = { .scene = *in }, *is;
	size_t n = plays.n;

	is = found_add(&plays, &p);
	if (plays.n > n)
		is->outcome = pass(t, h, in);
	return &is->outcome;
}

/* A pass that ends well, and one that dies if it did something. */
static void
move_agent(const struct trial *t, struct host *h, const struct state *from,
    const struct scene *in, struct tally *tally)
{
	const struct outcome *out = play(t, h, in);
	struct state s = *from;

	memset(s.fallen, 0, sizeof(s.fallen));
	s.mind = out->mind;
	visit(&s);
	tally->refused += out->refused;
	if (!out->acted)
		return;
	s.mind = out->dead;
	visit(&s);
	tally->refused += out->refused;
}

static void
moves(const struct trial *t, struct host *h, const struct state *from,
    struct tally *tally)
{
	move_clock(from);
	move_person(from);
	for (unsigned a = 0; a < AUTHS; a++)
		move_dns(from, a);
	for (unsigned e = 0; e < ENDPOINTS; e++)
		move_endpoint(from, e);
	for (unsigned silent = 0; silent < 1u << AUTHS; silent++)
		for (unsigned down = 0; down < 1u << ENDPOINTS; down++) {
			struct scene in = scene_of(from, t->flaw, silent, down);

			move_agent(t, h, from, &in, tally);
		}
}

/* ---- the walk ---- */

static struct state
beginning(void)
{
	struct state s;

	memset(&s, 0, sizeof(s));
	for (unsigned v = 1; v < VERSIONS; v++)
		s.served[v] = 255;
	s.mind.stage[A] = STAGE_DEPLOYED;
	s.mind.stage[B] = STAGE_NONE;
	s.mind.chain = era_renews() ? A + 1 : 0;
	for (unsigned a = 0; a < AUTHS; a++)
		s.mind.known[a][0] = 1;
	for (unsigned e = 0; e < ENDPOINTS; e++)
		s.mind.ep_seen[e] = 1u << A;
	return s;
}

static bool
stranded(const struct state *s)
{
	for (unsigned v = 0; v < era_sets(); v++)
		for (unsigned e = 0; e < ENDPOINTS; e++)
			if (s->served[v] <= TTL && !era_matches(v, s->ep[e]))
				return true;
	return false;
}

/* Of the renewal: the other record is gone, and nothing of it remembered. */
static bool
is_finished(const struct state *s)
{
	return era_renews() ? s->mind.chain == B + 1 && s->mind.past == 0
			    : s->mind.stage[A] == STAGE_RETIRED;
}

struct tally
walk(const struct trial *t, bool to_the_end)
{
	struct tally tally = { 0, 0, 0, 0 };
	struct state s = beginning();
	struct host h;

	facts_make(&h);
	found_empty(&states);
	found_empty(&plays);
	visit(&s);
	for (size_t i = 0; i < states.n; i++) {
		memcpy(&s, found_at(&states, i), sizeof(s));
		if (stranded(&s)) {
			tally.stranded++;
			if (!to_the_end)
				break;
		} else if (is_finished(&s)) {
			tally.finished++;
		} else {
			moves(t, &h, &s, &tally);
		}
	}
	tally.states = states.n;
	host_release(&h);
	return tally;
}

void
walk_release(void)
{
	found_release(&states);
	found_release(&plays);
}
