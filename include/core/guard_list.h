/*
 * guard_list.h - one guard after the other into the list; for the guard*.c
 * files only.
 */
#ifndef CORE_GUARD_LIST_H
#define CORE_GUARD_LIST_H

#include "core/guard.h"

/* A guard to fill in.  When the list is full an unmet one takes the place of
 * a met one; what finds no place is filled in aside. */
struct guard *guard_more(struct guards *gs, enum guard_id id,
    const struct addr *addr, bool met);
/* Time meets it then. */
void guard_wait(struct guard *g, int64_t until, const struct now *now);
/* Met, if it was waived by hand for the key. */
void guard_waive(struct guard *g, const struct host *h, const struct key *k);

/* ---- guard_shown.c ---- */

void guard_shown(const struct host *h, const struct key *k,
    const struct now *now, struct guards *gs);
/* Nobody is late before the retire hold is over: until then only time is
 * missing. */
void guard_gone(const struct host *h, const struct key *k,
    const struct now *now, struct guards *gs);

/* ---- guard_wait.c ---- */

void guard_hold(const struct host *h, const struct key *k,
    const struct now *now, bool showing, struct guards *gs);
void guard_turn(const struct host *h, const struct key *k,
    const struct now *now, struct guards *gs);
void guard_clock(const struct host *h, const struct key *k,
    const struct now *now, struct guards *gs);
/* `due`: nothing else is waited for, or not for long. */
void guard_signed(const struct host *h, const struct key *k, bool due,
    const struct now *now, struct guards *gs);
void guard_timer(enum guard_id id, int64_t until, const char *what,
    const struct now *now, struct guards *gs);

#endif
