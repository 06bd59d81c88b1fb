/*
 * alert.h - what needs attention after a pass is merged with what was, said
 * through every channel, and kept.
 */
#ifndef CMD_ALERT_H
#define CMD_ALERT_H

#include "cmd/concern.h"

/* What needs attention in one host, or, with host NULL, of the agent. */
struct attention {
	const struct host *host;
	struct concerns is;
	bool had; /* the state knew of some before */
};

/* All hosts of a pass, and the agent last. */
struct attentions {
	struct attention *v;
	size_t n;
};

/*
 * After a pass: finds, merges, tells, keeps.  `before` is when the pass before
 * this one ended (wall; 0: there was none).  *ret_worst is the level of the
 * worst.  No channel that fails makes this fail.
 */
int alert_pass(struct pass *p, time_t before, int *ret_worst, struct err *e);

/* "mx1.example.org: pub-lag WARNING for 26 h: ...", and a line for each thing
 * to do; nothing for no news. */
void alert_say(struct text *out, const struct concern *c, enum news news,
    const struct now *now);

/* Of the agent: its clock, its runs (alert_agent.c). */
void alert_agent(const struct session *s, time_t before, struct concerns *c);

#endif
