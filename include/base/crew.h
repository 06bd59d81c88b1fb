/*
 * crew.h - arithmetic on all processors: the same function for many numbers,
 * while the caller does something else.  For values in, values out: what the
 * function writes for one number nobody else may read before crew_wait, and
 * what it reads nobody may change until then.
 */
#ifndef BASE_CREW_H
#define BASE_CREW_H

#include <stddef.h>

struct crew;

#define CREW_MOST 4 /* hands: as many as there are processors, at most */

/* Called with a number of 0..n-1 and of the hand (0..CREW_MOST-1) that does it:
 * what belongs to a hand is used by one number at a time. */
typedef void crew_fn(size_t i, unsigned hand, void *arg);

/* One hand does everything in crew_wait, in order, without any thread; so it
 * is, too, when no thread can be made. */
struct crew *crew_new(unsigned hands);
struct crew *crew_of_all(void); /* as many hands as processors */
void crew_free(struct crew *c); /* NULL does nothing; waits */

/* Begins; one thing at a time: crew_wait before the next. */
void crew_begin(struct crew *c, size_t n, crew_fn *fn, void *arg);
/* Until all is done; the caller helps. */
void crew_wait(struct crew *c);

#endif
