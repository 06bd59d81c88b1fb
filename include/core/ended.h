/*
 * ended.h - record sets that no validator can take any more, because every
 * signature over them has ended: how a name server that is silent for good is
 * let go in a zone that is `signing: static`.
 *
 * Static is the operator's word that the zone is signed in one place, that
 * its name servers serve copies, and that a set which left the zone is not
 * signed again.  A copy of it then ends by itself, wherever it is, at
 *
 *   max(latest end seen, moment it had left + longest life seen) + one day
 *
 * (dane-safety: X(v); the day is what validators allow for clocks, measured
 * with Unbound).  That it had left is seen: an authority showed another set,
 * with a signature that begins later than any that was seen over this one.
 * An authority that fell back to an older set shows an older signature.  It is
 * to be seen again when a signature over the set turns up that was not known,
 * and when the primary has the set again: who is heard may lag behind both.
 *
 * All of that are facts about signatures, by the wall clock and absolute, so
 * they belong to the set and not to who showed it: they stand alike in each
 * row of the set, and are there as long as one is.  Somebody who has what came
 * later must be heard only until the end is reached, for the zone may have
 * taken the set back in an hour that nobody saw: a gap begins the count anew.
 * Once it is reached it stays, whatever falls silent later: no gap makes a
 * signature longer.  What ends it is that somebody shows the set with a valid
 * signature, or that the primary has it.
 *
 * In any doubt nothing is let go, and the wait has no end: where anybody who
 * answers may still show the set, an instance or the primary too; where the
 * set was never seen with a signature, or with more than one, or is a
 * wildcard's or an alias; where no answer of this pass shows another set; while
 * the clock is not trusted; and where a set was seen signed anew after it had
 * left, in the whole zone and for as long as that is remembered.  And who is
 * silent since it is in the NS set keeps its guard unmet: it may have any old
 * copy, of a set that nobody remembers.
 */
#ifndef CORE_ENDED_H
#define CORE_ENDED_H

#include "core/sighting.h"

/* The skew that validators may allow past the end of a signature. */
#define ENDED_SKEW 86400

/* ---- for sighting.c ---- */

/* Before a look at one of its authorities is noted. */
void ended_begin(struct owner *o, const struct now *now);
/* A valid answer showed the set; after its row is there. */
void ended_shown(struct host *h, struct owner *o, int set,
    const struct glance *g, const struct now *now);
/* What is known of the set, for a new row of it. */
void ended_copy(const struct owner *o, struct sighting *s);
/* Nothing is known of the row's set any more (fold.h). */
void ended_forget(struct sighting *s);
/* Did the set end, so that nobody can take it to be served again? */
bool ended(const struct owner *o, int set);

/* ---- for others ---- */

/* After all looks of a pass: closes what has ended, at silent authorities. */
void ended_settle(struct host *h, const struct now *now);

/* The wall time after which the set is let go at those that are silent; 0: no
 * end is known. */
time_t ended_at(const struct host *h, const struct owner *o, int set,
    const struct now *now);

/* Somebody shows it in this pass. */
bool ended_shown_now(const struct owner *o, int set);
/* It gave a valid answer since it is in the NS set: what it serves is that, or
 * came later. */
bool ended_heard(const struct authority *a);
/* This one was heard, is silent, in a static zone, and can serve nothing but
 * sets that somebody shows now. */
bool ended_follows(const struct host *h, const struct owner *o,
    const struct authority *a);

#endif
