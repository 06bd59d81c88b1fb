/*
 * wander_static.c - many histories of a static zone with a name server that
 * is silent for good, by chance: the world of the scenarios, with its caches,
 * its clock and its signatures, and no script.
 *
 * The silent one is asked by senders all the time.  It dies for the zone when
 * a change comes, or whenever it pleases.  All follow the zone late, and those
 * that answer may be silent for a while, or the agent away.  The zone is signed anew more often than it is looked at.  Key after
 * key rolls over, since nobody waits for the silent one for ever.  No history may strand
 * a sender.  Where the silent one signs by itself, against the word of the
 * operator, some must, or the walk could not fail.
 *
 * What no agent can prevent is not played: an authority that goes back.
 *
 * The histories are the same in every run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_world.h"

enum { HISTORIES = 100, MOVES = 900, DAY = 86400, TTL = 3600 };
enum { ONE, TWO, SILENT, AUTHS };

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

static struct w_auth *
at(int i)
{
	return &W.own[0].auth[i];
}

static void
begin(uint64_t history, bool mints)
{
	struct w_owner *o;
	struct spki old;
	struct tlsa r;
	int k;

	seed = 88172645463325252ULL + 7919 * history;
	for (int i = 0; i < 20; i++)
		chance(2);
	world_init(&W);
	o = &W.own[0];
	o->is_static = true;
	o->ttl = TTL;
	o->sign_life = (2 + (int64_t)chance(12)) * DAY;
	o->sign_every = 1777;
	k = world_key(&W, "OLD");
	W.key[k].slot = SLOT_RSA;
	old = world_spki(k);
	r = tlsa_of(&old);
	tlsa_set_add(&o->primary, &r);
	for (int i = 0; i < AUTHS; i++) {
		struct w_auth *a = &o->auth[o->n_auth++];

		a->addr = addr_make(4,
		    (uint8_t[]){ 192, 0, 2, (uint8_t)(i + 1) }, 53);
		a->ns_ttl = TTL;
		a->left = NEVER;
	}
	at(SILENT)->mints = mints;
	if (chance(8) == 0)
		at(SILENT)->mood = LOOK_SILENT; /* from before the adoption */
	world_change(&W, o);
	W.ep[0].addr = addr_make(4, (uint8_t[]){ 198, 51, 100, 1 }, 25);
	W.ep[0].key[SLOT_RSA] = W.installed[SLOT_RSA] = k;
	W.ep[0].key[SLOT_ECDSA] = W.ep[0].also = -1;
	W.n_ep = 1;
	W.h.slot[SLOT_RSA].managed = true;
	W.h.slot[SLOT_RSA].kind = KIND_RSA_2048;
	W.h.policy = (struct policy){ .hold_factor = 1,
		.settle = 900,
		.assumed_ttl = TTL,
		.retire_hold = TTL,
		.client_slack = 60,
		.clock_slack = 60,
		.key_retention = 30 * DAY,
		.rollover_every = 6 * TTL };
	if (!agent_pass(&W))
		abort();
	at(SILENT)->mood = LOOK_SILENT;
	for (int i = 0; i < AUTHS; i++)
		at(i)->frozen = true;
}

/* It takes what the primary has now. */
static void
follow(int i)
{
	at(i)->frozen = false;
	world_follow(&W, &W.own[0]);
	at(i)->frozen = true;
}

static void
hush(int i)
{
	at(i)->mood = at(i)->mood == LOOK_SHOWN ? LOOK_SILENT : LOOK_SHOWN;
}

struct tally {
	unsigned stranded, deployed;
};

static bool dead; /* the silent one takes nothing from the zone */

static void
happen(void)
{
	unsigned what = chance(200);

	dead = dead ? chance(150) > 0 : chance(150) == 0;
	for (int i = 0; i < AUTHS; i++)
		if (chance(2) && (i != SILENT || !dead))
			follow(i);
	if (what < 12)
		hush(TWO);
	else if (what < 14 || at(ONE)->mood != LOOK_SHOWN)
		hush(ONE);
	else if (what == 14)
		world_wait(&W, 2 * DAY); /* no pass */
	else
		world_wait(&W, 60 + chance(4 * TTL));
}

/* One history; ends when somebody is stranded. */
static void
wander(struct tally *t)
{
	int last = W.installed[SLOT_RSA];
	char why[256];

	dead = false;
	for (int i = 0; i < MOVES; i++) {
		struct tlsa_set was = W.own[0].primary;

		happen();
		if (chance(4) > 0 && !agent_pass(&W))
			abort();
		if (!tlsa_set_eq(&was, &W.own[0].primary))
			dead = chance(3) > 0;
		t->deployed += W.installed[SLOT_RSA] != last;
		last = W.installed[SLOT_RSA];
		if (world_stranded(&W, why, sizeof(why))) {
			t->stranded++;
			return;
		}
	}
}

static struct tally
wander_all(bool mints)
{
	struct tally t = { 0, 0 };

	for (uint64_t i = 0; i < HISTORIES; i++) {
		begin(i, mints);
		wander(&t);
		world_release(&W);
	}
	return t;
}

static int
verdict(const char *what, bool good, const struct tally *t)
{
	printf("%s - a silent server in a static zone: %s (%u deployments, %u "
	       "histories of %d stranded)\n",
	    good ? "ok" : "not ok", what, t->deployed, t->stranded, HISTORIES);
	return !good;
}

int
main(void)
{
	struct tally t = wander_all(false);
	int bad = verdict("no history strands a sender",
	    t.stranded == 0 && t.deployed > HISTORIES, &t);

	t = wander_all(true);
	bad += verdict("one that signs by itself strands", t.stranded > 0, &t);
	return bad;
}
