/*
 * explore.c - proof by exhaustion: links core as it is and walks every
 * history of a small world.  The trials: what is walked, and what must come of
 * it.
 *
 * The world: one primary; two authorities that follow it or fall back in any
 * order; every cache that ever asked (the worst one is always taken); two
 * endpoints that take up an installed key in any order; an agent whose looks
 * may stay without an answer and whose passes may die between an act and its
 * note.  One move at a time, in any order, until no new state is found.
 *
 * A sender is stranded when some cache or authority holds a set that does not
 * match the key of some endpoint, be it in one kind of record only.  No
 * history may strand one: where every key has one record, where it gets a
 * second one on the way, and where the key stays and its certificate comes from
 * another issuer, whom the records name.  Mutants of the table must be caught
 * by the law; with the law off they must strand, or the test could not fail.
 * Mutants of the sightings must strand, law or not.
 *
 * What no agent can prevent is not played: an authority that falls back,
 * after a key was installed, to a set without it; and one that falls back
 * and recovers between two looks.
 */
#include "explore.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"

#define E(x) EVENT_##x

/* A row of the table that is changed on purpose. */
struct edit {
	enum stage stage;
	enum act act;
	enum stage next;
	uint32_t without; /* events no longer asked for; 0 ends */
	uint32_t with;	  /* asked for instead */
};

#define OFF ~0u /* never true: the row is gone */

/* clang-format off */
static const struct mutant {
	const char *name;
	struct edit edit[8];
} MUTANTS[] = {
	{ "the hold is not awaited", {
		{ STAGE_PUBLISHED, ACT_NOTHING, STAGE_READY, E(HELD), 0 },
		{ STAGE_READY, ACT_NOTHING, STAGE_PUBLISHED, E(NOT_HELD), OFF },
		{ STAGE_READY, ACT_DEPLOY, STAGE_DEPLOYED, E(HELD), 0 },
	} },
	{ "the primary is enough", {
		{ STAGE_GENERATED, ACT_NOTHING, STAGE_PUBLISHED, E(SHOWN), E(PRESENT) },
		{ STAGE_PUBLISHED, ACT_NOTHING, STAGE_GENERATED, E(NOT_SHOWN), OFF },
		{ STAGE_PUBLISHED, ACT_NOTHING, STAGE_READY, E(SHOWN) | E(HELD), E(PRESENT) },
		{ STAGE_READY, ACT_NOTHING, STAGE_GENERATED, E(NOT_SHOWN), OFF },
		{ STAGE_READY, ACT_NOTHING, STAGE_PUBLISHED, E(NOT_HELD), OFF },
		{ STAGE_READY, ACT_DEPLOY, STAGE_DEPLOYED, E(SHOWN) | E(HELD), 0 },
	} },
	{ "deployed as soon as it is made", {
		{ STAGE_GENERATED, ACT_DEPLOY, STAGE_DEPLOYED, E(DARK) | E(VACANT) | E(INSTALLED), 0 },
	} },
	{ "deployed as soon as it is shown", {
		{ STAGE_PUBLISHED, ACT_DEPLOY, STAGE_DEPLOYED, E(INSTALLED), 0 },
	} },
	{ "a name server that fell back is not noticed", {
		{ STAGE_READY, ACT_NOTHING, STAGE_GENERATED, E(NOT_SHOWN), OFF },
		{ STAGE_READY, ACT_NOTHING, STAGE_PUBLISHED, E(NOT_HELD), OFF },
		{ STAGE_READY, ACT_DEPLOY, STAGE_DEPLOYED, E(SHOWN) | E(HELD), 0 },
	} },
};
/* clang-format on */

/* clang-format off */
static const struct mutant RENEW_MUTANTS[] = {
	{ "the hold of a renewal is not awaited", {
		{ STAGE_DEPLOYED, ACT_DEPLOY, STAGE_DEPLOYED, E(RENEW_HELD), 0 },
	} },
	{ "the record of the old issuer goes at once", {
		{ STAGE_DEPLOYED, ACT_PUBLISH, STAGE_DEPLOYED, E(SERVED), 0 },
		{ STAGE_DEPLOYED, ACT_PUBLISH, STAGE_DEPLOYED, E(SETTLED), 0 },
	} },
};
/* clang-format on */

static void
change(const struct edit *ed, struct row *table)
{
	size_t changed = 0;

	for (size_t i = 0; i < MACHINE_ROWS; i++) {
		struct row *r = &table[i];

		if (r->stage != ed->stage || r->act != ed->act ||
		    r->next != ed->next || !(r->events & ed->without))
			continue;
		r->events = (r->events & ~ed->without) | ed->with;
		changed++;
	}
	if (changed == 0)
		abort(); /* the table moved on: mend the mutant */
}

static void
mutate(const struct mutant *m, struct row *table)
{
	memcpy(table, MACHINE, MACHINE_ROWS * sizeof(*table));
	for (const struct edit *ed = m->edit; ed->without != 0; ed++)
		change(ed, table);
}

static unsigned failures;

static void
verdict(const char *name, const char *what, bool good, const struct tally *c)
{
	printf("%s - %s: %s (%zu states, %zu stranded, %zu finished, %zu "
	       "refusals)\n",
	    good ? "ok" : "not ok", name, what, c->states, c->stranded,
	    c->finished, c->refused);
	fflush(stdout);
	failures += !good;
}

static void
try_mutants(const struct mutant *m, size_t n)
{
	struct row table[64];
	struct trial t = { .table = table, .rows = MACHINE_ROWS };
	struct tally c;

	assert(MACHINE_ROWS <= 64);
	for (size_t i = 0; i < n; i++) {
		t.name = m[i].name;
		mutate(&m[i], table);
		t.law = false;
		c = walk(&t, false);
		verdict(t.name, "strands without the law", c.stranded > 0, &c);
		t.law = true;
		c = walk(&t, true);
		verdict(t.name, "the law catches it",
		    c.stranded == 0 && c.refused > 0, &c);
	}
}

static void
try_flaws(void)
{
	static const struct {
		enum flaw flaw;
		const char *name;
	} flaws[] = {
		{ FLAW_TTL, "sightings that forget the TTL" },
		{ FLAW_SILENCE, "silence that keeps its credit" },
		{ FLAW_ONE, "one authority is enough" },
		{ FLAW_REGRESSION, "what was gone stays gone" },
		{ FLAW_SWEEP_ONE, "one endpoint is enough" },
		{ FLAW_CLAIM, "what is installed is taken for served" },
	};
	struct trial t = { .table = MACHINE,
		.rows = MACHINE_ROWS,
		.law = true };
	struct tally c;

	for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		t.flaw = flaws[i].flaw;
		c = walk(&t, false);
		verdict(flaws[i].name, "strands, law or not", c.stranded > 0,
		    &c);
	}
}

/* A second kind of record comes in the course of the rollover. */
static void
try_kinds(void)
{
	struct trial t = { .table = MACHINE,
		.rows = MACHINE_ROWS,
		.law = true };
	struct tally c;

	era_begin(ERA_TWO);
	c = walk(&t, true);
	verdict("a second matching type", "no history strands a sender",
	    c.stranded == 0 && c.finished > 0, &c);
	era_begin(ERA_VAGUE);
	t.law = false;
	c = walk(&t, false);
	verdict("a second matching type for the new key alone",
	    "strands without the law", c.stranded > 0, &c);
	t.law = true;
	c = walk(&t, true);
	verdict("a second matching type for the new key alone",
	    "the law catches it", c.stranded == 0 && c.refused > 0, &c);
}

static void
try_renewal(void)
{
	struct trial t = { .table = MACHINE,
		.rows = MACHINE_ROWS,
		.law = true };
	struct tally c;

	era_begin(ERA_RENEW);
	c = walk(&t, true);
	verdict("another issuer", "no history strands a sender",
	    c.stranded == 0 && c.finished > 0, &c);
	t.law = false;
	c = walk(&t, true);
	verdict("another issuer", "the table alone strands nobody either",
	    c.stranded == 0 && c.finished > 0, &c);
	try_mutants(RENEW_MUTANTS,
	    sizeof(RENEW_MUTANTS) / sizeof(RENEW_MUTANTS[0]));
	try_flaws();
}

int
main(void)
{
	struct trial t = { .table = MACHINE,
		.rows = MACHINE_ROWS,
		.law = true };
	struct tally c;

	era_begin(ERA_ONE);
	c = walk(&t, true);
	verdict("the table and the law", "no history strands a sender",
	    c.stranded == 0 && c.finished > 0, &c);
	t.law = false;
	c = walk(&t, true);
	verdict("the table alone", "strands nobody either",
	    c.stranded == 0 && c.finished > 0, &c);
	try_mutants(MUTANTS, sizeof(MUTANTS) / sizeof(MUTANTS[0]));
	try_flaws();
	try_kinds();
	try_renewal();
	walk_release();
	return failures == 0 ? 0 : 1;
}
