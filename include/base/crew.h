/*
 * crew.h - arithmetic on all processors: the same function for many numbers,
 * while the caller does something else.  For values in, values out: what the
 * function writes for one number nobody else may read before its job is over,
 * and what it reads nobody may change until then.
 */
#ifndef BASE_CREW_H
#define BASE_CREW_H

#include <stdbool.h>
#include <stddef.h>

struct crew;

#define CREW_MOST 4 /* hands: as many as there are processors, at most */

/* Called with a number of 0..n-1 and of the hand (0..CREW_MOST-1) that does it:
 * what belongs to a hand is used by one number at a time. */
typedef void crew_fn(size_t i, unsigned hand, void *arg);

/* What is to be done: fn for each of 0..n-1.  Stays where it is until it is
 * over. */
struct crew_job {
	size_t n;
	crew_fn *fn;
	void *arg;

	/* the crew's */
	size_t next, done;
	struct crew_job *behind;
};

/* One hand does everything in crew_help and crew_wait, in order, without any
 * thread; so it is, too, when no thread can be made. */
struct crew *crew_new(unsigned hands);
struct crew *crew_of_all(void); /* as many hands as processors */
void crew_free(struct crew *c); /* NULL does nothing; waits */

/* Begins; what was begun before goes first. */
void crew_begin(struct crew *c, struct crew_job *j);
/* The caller does a little; false when there is nothing that nobody does. */
bool crew_help(struct crew *c);
bool crew_is_over(struct crew *c, const struct crew_job *j);
/* Until it is over; the caller helps. */
void crew_wait(struct crew *c, const struct crew_job *j);

#endif
