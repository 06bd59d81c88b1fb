/*
 * wander.h - the frame of a walk by chance: the world of the scenarios, with
 * its caches and its clock, and no script.
 */
#ifndef TESTS_WANDER_H
#define TESTS_WANDER_H

#include "scenario_world.h"

#define TTL 3600

/* The world of the history that is played. */
extern struct world W;

struct walk {
	const char *name;
	unsigned histories, moves;
	/* In a new world, in which key OLD is in use. */
	void (*begin)(const struct tlsa *old);
	void (*move)(void);
};

struct tally {
	unsigned stranded, deployed;
};

/* Below n.  The same in every run, for each history its own. */
unsigned chance(unsigned n);

/* A pass that must not fail. */
void wander_pass(void);

/* All histories; each ends when somebody is stranded. */
struct tally wander(const struct walk *walk);

/* Says it; 1 when it is not good. */
int wander_verdict(const struct walk *walk, const char *what, bool good,
    const struct tally *t);

#endif
