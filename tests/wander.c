/*
 * wander.c - many histories of an alias whose target moves, by chance: the
 * world of the scenarios, with its caches and its clock, and no script.
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
 *
 * The histories are the same in every run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alias.h"
#include "core/cover.h"
#include "core/record.h"
#include "scenario_world.h"

enum { HISTORIES = 150, MOVES = 600, TARGETS = 2, TTL = 3600 };

static struct world W;
static uint64_t seed;

static unsigned
chance(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static const char *const TARGET[TARGETS] = { "_25._tcp.one.example.",
	"_25._tcp.two.example." };

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

/* OLD is in use, and at both targets. */
static void
begin(uint64_t history)
{
	struct spki old;
	struct tlsa r;
	int k;

	seed = 88172645463325252ULL + 7919 * history;
	for (int i = 0; i < 20; i++)
		chance(2);
	world_init(&W);
	k = world_key(&W, "OLD");
	W.key[k].slot = SLOT_RSA;
	old = world_spki(k);
	r = tlsa_of(&old);
	serve(&W.own[0], "_25._tcp.mx.example.", 1, NULL);
	for (int i = 0; i < TARGETS; i++)
		serve(&W.own[W.n_own++], TARGET[i], 2 + i, &r);
	for (size_t i = 0; i < W.n_own; i++)
		world_change(&W, &W.own[i]);
	lead_to(0);
	W.ep[0].addr = addr_make(4, (uint8_t[]){ 198, 51, 100, 1 }, 25);
	W.ep[0].key[SLOT_RSA] = W.installed[SLOT_RSA] = k;
	W.ep[0].key[SLOT_ECDSA] = W.ep[0].also = -1;
	W.n_ep = 1;
	W.h.slot[SLOT_RSA].managed = true;
	W.h.slot[SLOT_RSA].kind = KIND_RSA_2048;
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

struct tally {
	unsigned stranded, deployed, moved;
};

/* One history; ends when somebody is stranded. */
static void
wander(bool forgets, struct tally *t)
{
	bool moved = false;
	char why[256];
	int last = 0;

	for (int i = 0; i < MOVES; i++) {
		unsigned what = chance(8), to = chance(TARGETS);

		if (what == 0 && !moved && is_fit(&W.own[1 + to])) {
			lead_to((int)to);
			moved = true;
			t->moved++;
		} else if (what < 5) {
			world_wait(&W, 60 + chance(2000));
		} else {
			if (forgets)
				forget(&W.h);
			if (!agent_pass(&W))
				abort();
			moved = false;
		}
		t->deployed += W.installed[SLOT_RSA] != last;
		last = W.installed[SLOT_RSA];
		if (world_stranded(&W, why, sizeof(why))) {
			t->stranded++;
			return;
		}
	}
}

static struct tally
wander_all(bool forgets)
{
	struct tally t = { 0, 0, 0 };

	for (uint64_t i = 0; i < HISTORIES; i++) {
		begin(i);
		wander(forgets, &t);
		world_release(&W);
	}
	return t;
}

static int
verdict(const char *what, bool good, const struct tally *t)
{
	printf("%s - an alias that moves: %s (%u moves, %u deployments, %u "
	       "histories of %d stranded)\n",
	    good ? "ok" : "not ok", what, t->moved, t->deployed, t->stranded,
	    HISTORIES);
	return !good;
}

int
main(void)
{
	struct tally t = wander_all(false);
	int bad = verdict("no history strands a sender",
	    t.stranded == 0 && t.deployed > HISTORIES, &t);

	t = wander_all(true);
	bad += verdict("an old target that is forgotten too early strands",
	    t.stranded > 0, &t);
	return bad;
}
