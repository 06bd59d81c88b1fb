/*
 * crew.c - arithmetic on all processors (POSIX threads).  Knows nothing of
 * what is done; who begins a thing also waits for it.
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

	/* What is being done. */
	size_t n, next, busy;
	crew_fn *fn;
	void *arg;
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
	size_t from = c->next, to = from + PORTION;
	crew_fn *fn = c->fn;
	void *arg = c->arg;

	if (from == c->n)
		return false;
	if (to > c->n)
		to = c->n;
	c->next = to;
	c->busy++;
	pthread_mutex_unlock(&c->lock);
	for (size_t i = from; i < to; i++)
		fn(i, hand, arg);
	pthread_mutex_lock(&c->lock);
	c->busy--;
	if (c->busy == 0 && c->next == c->n)
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
	crew_wait(c);
	pthread_mutex_lock(&c->lock);
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
crew_begin(struct crew *c, size_t n, crew_fn *fn, void *arg)
{
	pthread_mutex_lock(&c->lock);
	c->n = n;
	c->next = 0;
	c->fn = fn;
	c->arg = arg;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
}

void
crew_wait(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	while (portion(c, 0))
		;
	while (c->busy > 0)
		pthread_cond_wait(&c->done, &c->lock);
	pthread_mutex_unlock(&c->lock);
}
