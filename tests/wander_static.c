/*
 * wander_static.c - many histories of a static zone with a name server that
 * is silent for good, by chance.
 *
 * The silent one is asked by senders all the time.  It dies for the zone when
 * a change comes, or whenever it pleases.  All follow the zone late, and those
 * that answer may be silent for a while, or the agent away.  The zone is
 * signed anew more often than it is looked at.  Key after key rolls over, since
 * nobody waits for the silent one for ever.  No history may strand a sender.
 * Where the silent one signs by itself, against the word of the
 * operator, some must, or the walk could not fail.
 *
 * What no agent can prevent is not played: an authority that goes back.
 */
#include "wander.h"

enum { HISTORIES = 100, DAY = 86400 };
enum { ONE, TWO, SILENT, AUTHS };

static bool mints; /* the silent one, for itself */
static bool dead;  /* it takes nothing from the zone */

static struct w_auth *
at(int i)
{
	return &W.own[0].auth[i];
}

static void
begin(const struct tlsa *old)
{
	struct w_owner *o = &W.own[0];

	dead = false;
	o->is_static = true;
	o->ttl = TTL;
	o->sign_life = (2 + (int64_t)chance(12)) * DAY;
	o->sign_every = 1777;
	tlsa_set_add(&o->primary, old);
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
	W.h.policy = (struct policy){ .hold_factor = 1,
		.settle = 900,
		.assumed_ttl = TTL,
		.retire_hold = TTL,
		.client_slack = 60,
		.clock_slack = 60,
		.key_retention = 30 * DAY,
		.rollover_every = 6 * TTL };
	wander_pass();
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

static void
move(void)
{
	struct tlsa_set was = W.own[0].primary;

	happen();
	if (chance(4) > 0)
		wander_pass();
	if (!tlsa_set_eq(&was, &W.own[0].primary))
		dead = chance(3) > 0;
}

int
main(void)
{
	static const struct walk walk = { "a silent server in a static zone",
		HISTORIES, 900, begin, move };
	struct tally t = wander(&walk);
	int bad = wander_verdict(&walk, "no history strands a sender",
	    t.stranded == 0 && t.deployed > HISTORIES, &t);

	mints = true;
	t = wander(&walk);
	bad += wander_verdict(&walk, "one that signs by itself strands",
	    t.stranded > 0, &t);
	return bad;
}
