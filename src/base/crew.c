/*
 * crew.c - arithmetic on all processors (POSIX threads).  Knows nothing of
 * what is done; who begins a job also waits for it.
 */
#include "base/crew.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

#define PORTION 8 /* numbers that a hand takes at once */

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	pthread_t thread[CREW_MOST];
	unsigned threads; /* hands 1 and up; the caller is hand 0 */
	bool over;

	/* What is to be done, of which some is left that nobody does yet. */
	struct crew_job *first, *last;
	size_t busy; /* hands */
};

struct hand {
	struct crew *c;
	unsigned number;
};

/* Does a portion; false when none is left.  The lock is held before and
 * after. */
static bool
portion(struct crew *c, unsigned hand)
{
	struct crew_job *j = c->first;
	size_t from, to;

	if (j == NULL)
		return false;
	from = j->next;
	to = from + PORTION < j->n ? from + PORTION : j->n;
	j->next = to;
	if (to == j->n)
		c->first = j->behind;
	c->busy++;
	pthread_mutex_unlock(&c->lock);
	for (size_t i = from; i < to; i++)
		j->fn(i, hand, j->arg);
	pthread_mutex_lock(&c->lock);
	c->busy--;
	j->done += to - from;
	if (j->done == j->n)
		pthread_cond_signal(&c->done);
	return true;
}

static void *
work(void *arg)
{
	struct hand h = *(struct hand *)arg;
	struct crew *c = h.c;

	free(arg);
	pthread_mutex_lock(&c->lock);
	while (!c->over)
		if (!portion(c, h.number))
			pthread_cond_wait(&c->work, &c->lock);
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Signals are for the thread that began. */
static void
hire(struct crew *c)
{
	struct hand *h = mem_new(sizeof(*h));
	sigset_t all, was;

	*h = (struct hand){ c, c->threads + 1 };
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	if (pthread_create(&c->thread[c->threads], NULL, work, h) == 0)
		c->threads++;
	else
		free(h);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
}

struct crew *
crew_new(unsigned hands)
{
	struct crew *c = mem_new(sizeof(*c));

	if (hands > CREW_MOST)
		hands = CREW_MOST;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->work, NULL);
	pthread_cond_init(&c->done, NULL);
	for (unsigned i = 1; i < hands; i++)
		hire(c);
	return c;
}

struct crew *
crew_of_all(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return crew_new(1);
	return crew_new((unsigned)CPU_COUNT(&set));
}

void
crew_free(struct crew *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	while (portion(c, 0))
		;
	while (c->busy > 0)
		pthread_cond_wait(&c->done, &c->lock);
	c->over = true;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->threads; i++)
		pthread_join(c->thread[i], NULL);
	pthread_cond_destroy(&c->work);
	pthread_cond_destroy(&c->done);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void
crew_begin(struct crew *c, struct crew_job *j)
{
	j->next = j->done = 0;
	j->behind = NULL;
	if (j->n == 0)
		return;
	pthread_mutex_lock(&c->lock);
	if (c->first == NULL)
		c->first = j;
	else
		c->last->behind = j;
	c->last = j;
	if (c->threads > 0)
		pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
}

bool
crew_help(struct crew *c)
{
	bool did;

	pthread_mutex_lock(&c->lock);
	did = portion(c, 0);
	pthread_mutex_unlock(&c->lock);
	return did;
}

bool
crew_is_over(struct crew *c, const struct crew_job *j)
{
	bool over;

	pthread_mutex_lock(&c->lock);
	over = j->done == j->n;
	pthread_mutex_unlock(&c->lock);
	return over;
}

void
crew_wait(struct crew *c, const struct crew_job *j)
{
	pthread_mutex_lock(&c->lock);
	while (j->done < j->n)
		if (!portion(c, 0))
			pthread_cond_wait(&c->done, &c->lock);
	pthread_mutex_unlock(&c->lock);
}
