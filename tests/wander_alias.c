/*
 * wander_alias.c - many histories of an alias whose target moves, by chance.
 *
 * The records of the host stand where an alias leads, at one of two targets,
 * and a person moves the alias between two passes when they please.  danesafe
 * changes records only where the alias leads; the other target keeps what it
 * has, and caches that hold the old alias find that there.  No history may
 * strand a sender.  With an agent that forgets an old target as soon as the
 * alias has moved, some must, or the walk could not fail.
 *
 * What no agent can prevent is not played: an alias that is moved to records
 * that do not match what is presented, or twice between two looks.
 */
#include "wander.h"

#include <stdio.h>

#include "core/alias.h"
#include "core/cover.h"

enum { HISTORIES = 150, TARGETS = 2 };

static const char *const TARGET[TARGETS] = { "_25._tcp.one.example.",
	"_25._tcp.two.example." };

static bool forgets; /* the agent */
static bool moved;   /* since the last look */
static unsigned n_moved;

static void
serve(struct w_owner *o, const char *name, int ns, const struct tlsa *r)
{
	struct w_auth *a = &o->auth[o->n_auth++];

	snprintf(o->name, HOST_NAME, "%s", name);
	o->ttl = TTL;
	if (r != NULL)
		tlsa_set_add(&o->primary, r);
	a->addr = addr_make(4, (uint8_t[]){ 192, 0, 2, (uint8_t)ns }, 53);
	a->ns_ttl = TTL;
	a->left = NEVER;
}

static void
lead_to(int target)
{
	world_serve(&W);
	snprintf(W.own[0].alias, HOST_NAME, "%s", TARGET[target]);
	world_change(&W, &W.own[0]);
}

/* The old key's record is at both targets. */
static void
begin(const struct tlsa *old)
{
	moved = false;
	serve(&W.own[0], "_25._tcp.mx.example.", 1, NULL);
	for (int i = 0; i < TARGETS; i++)
		serve(&W.own[W.n_own++], TARGET[i], 2 + i, old);
	for (size_t i = 0; i < W.n_own; i++)
		world_change(&W, &W.own[i]);
	lead_to(0);
	W.h.policy = (struct policy){ .hold_factor = 1,
		.hold_floor = TTL,
		.settle = 900,
		.assumed_ttl = TTL,
		.retire_hold = TTL,
		.key_retention = 30 * 86400,
		.rollover_every = TTL };
}

/* Does all that a cache may hold of the target match what is presented? */
static bool
is_fit(const struct w_owner *o)
{
	struct cover_chain c = world_presents(&W, &W.ep[0], SLOT_RSA);

	for (size_t i = 0; i < o->n_held; i++)
		if (world_is_held(&W, &o->held[i]) &&
		    cover_each(&o->held[i].set, &c) != NULL)
			return false;
	return true;
}

/* The agent takes every alias that it saw moved for long out of all caches. */
static void
forget(struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_seen; j++) {
			struct sighting *s = &h->own[i].seen[j];

			if (alias_target(h, s->set) != NULL && s->gone != NEVER)
				s->gone = 0;
		}
}

static void
move(void)
{
	unsigned what = chance(8), to = chance(TARGETS);

	if (what == 0 && !moved && is_fit(&W.own[1 + to])) {
		lead_to((int)to);
		moved = true;
		n_moved++;
	} else if (what < 5) {
		world_wait(&W, 60 + chance(2000));
	} else {
		if (forgets)
			forget(&W.h);
		wander_pass();
		moved = false;
	}
}

int
main(void)
{
	static const struct walk walk = { "an alias that moves", HISTORIES, 600,
		begin, move };
	struct tally t = wander(&walk);
	int bad = wander_verdict(&walk, "no history strands a sender",
	    t.stranded == 0 && t.deployed > HISTORIES && n_moved > HISTORIES,
	    &t);

	forgets = true;
	t = wander(&walk);
	bad += wander_verdict(&walk,
	    "an old target that is forgotten too early strands", t.stranded > 0,
	    &t);
	return bad;
}
