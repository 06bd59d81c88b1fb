/*
 * wander.c - plays the histories of a walk, and counts the stranded.  What
 * happens in them is for others to say.
 */
#include "wander.h"

#include <stdio.h>
#include <stdlib.h>

struct world W;
static uint64_t seed;

unsigned
chance(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

void
wander_pass(void)
{
	if (!agent_pass(&W))
		abort();
}

/* One key, one mail server that presents it. */
static struct tlsa
use_old_key(void)
{
	int k = world_key(&W, "OLD");
	struct spki old = world_spki(k);

	W.key[k].slot = SLOT_RSA;
	W.ep[0].addr = addr_make(4, (uint8_t[]){ 198, 51, 100, 1 }, 25);
	W.ep[0].key[SLOT_RSA] = W.installed[SLOT_RSA] = k;
	W.ep[0].key[SLOT_ECDSA] = W.ep[0].also = -1;
	W.n_ep = 1;
	W.h.slot[SLOT_RSA].managed = true;
	W.h.slot[SLOT_RSA].kind = KIND_RSA_2048;
	return tlsa_of(&old);
}

static void
begin(const struct walk *walk, unsigned history)
{
	struct tlsa old;

	seed = 88172645463325252ULL + 7919 * (uint64_t)history;
	for (int i = 0; i < 20; i++)
		chance(2);
	world_init(&W);
	old = use_old_key();
	walk->begin(&old);
}

static void
play(const struct walk *walk, struct tally *t)
{
	int last = W.installed[SLOT_RSA];
	char why[256];

	for (unsigned i = 0; i < walk->moves; i++) {
		walk->move();
		t->deployed += W.installed[SLOT_RSA] != last;
		last = W.installed[SLOT_RSA];
		if (world_stranded(&W, why, sizeof(why))) {
			t->stranded++;
			return;
		}
	}
}

struct tally
wander(const struct walk *walk)
{
	struct tally t = { 0, 0 };

	for (unsigned i = 0; i < walk->histories; i++) {
		begin(walk, i);
		play(walk, &t);
		world_release(&W);
	}
	return t;
}

int
wander_verdict(const struct walk *walk, const char *what, bool good,
    const struct tally *t)
{
	printf("%s - %s: %s (%u deployments, %u histories of %u stranded)\n",
	    good ? "ok" : "not ok", walk->name, what, t->deployed, t->stranded,
	    walk->histories);
	return !good;
}
