/*
 * ask.c - questions to name servers, a line an address (ask_line.h), all at
 * once or as a stream.  No cache, no judgement.
 */
#include "edge/ask.h"

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/watch.h"
#include "edge/ask_line.h"

#define OPEN_MAX 256 /* addresses asked at the same time */
#define TURN_MS 10
#define BUCKETS 256 /* a power of two */

struct asking {
	struct line **line; /* c-ares and errands know where each stands */
	size_t n, cap, open;
	uint32_t bucket[BUCKETS]; /* by address: index + 1 */
};

static uint32_t *
bucket_of(struct asking *a, const struct addr *to)
{
	uint32_t h = 2166136261u + to->port;

	for (size_t i = 0; i < sizeof(to->ip); i++)
		h = (h ^ to->ip[i]) * 16777619u;
	return &a->bucket[h & (BUCKETS - 1)];
}

static struct line *
line_to(struct asking *a, const struct addr *to)
{
	uint32_t *first = bucket_of(a, to);
	struct line *l;

	for (uint32_t i = *first; i != 0; i = a->line[i - 1]->bound)
		if (addr_cmp(&a->line[i - 1]->to, to) == 0)
			return a->line[i - 1];
	l = mem_new(sizeof(*l));
	line_init(l, to);
	l->bound = *first;
	a->line = mem_room(a->line, a->n, &a->cap, sizeof(struct line *));
	a->line[a->n++] = l;
	*first = (uint32_t)a->n;
	return l;
}

/* Opens, feeds, renews or closes one line; ret_more: it has work. */
static int
tend(struct asking *a, struct line *l, bool *ret_more, struct err *e)
{
	if (line_is_dead(l))
		line_give_up(l, l->first_lost, ASK_AS_BEFORE);
	if (l->open && l->n_under_way == 0 &&
	    (line_is_idle(l) || line_is_worn(l))) {
		line_close(l);
		a->open--;
	}
	if (line_is_idle(l))
		return 0;
	*ret_more = true;
	if (!l->open && a->open == OPEN_MAX)
		return 0;
	if (!l->open) {
		if (line_open(l, e) < 0)
			return -1;
		a->open++;
	}
	line_feed(l);
	return 0;
}

/* Waits for any of the lines, but not long, and lets each go on. */
static void
listen_to_all(struct asking *a, int ms)
{
	struct pollfd *p = mem_array(a->open * LINE_SOCKETS, sizeof(*p));
	size_t n = 0, at = 0;

	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < a->line[i]->n_sock; k++)
			p[n++] = (struct pollfd){ .fd = a->line[i]->sock[k].fd,
				.events = a->line[i]->sock[k].events };
	poll(p, (nfds_t)n, ms);
	for (size_t i = 0; i < a->n; i++) {
		size_t sockets = a->line[i]->n_sock;

		if (a->line[i]->open)
			line_process(a->line[i], p + at, sockets);
		at += sockets;
	}
	free(p);
}

/* Whatever is not done is given up. */
static void
give_up(struct asking *a)
{
	for (size_t i = 0; i < a->n; i++) {
		line_close(a->line[i]);
		line_give_up(a->line[i],
		    "was not asked: the time of the pass was over", "");
	}
	a->open = 0;
}

struct asking *
ask_begin(struct err *e)
{
	static bool set_up;

	if (!set_up && ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
		err_set(e, ERR_BUG, "c-ares cannot be set up");
		return NULL;
	}
	set_up = true;
	return mem_new(sizeof(struct asking));
}

void
ask_put(struct asking *a, struct question *q)
{
	watch_add(WATCH_ASKED, 1);
	if (q->why[0] == 0)
		line_add(line_to(a, &q->to), q);
	else if (q->left != NULL)
		--*q->left;
}

int
ask_turn(struct asking *a, int64_t deadline, int ms, bool *ret_more,
    struct err *e)
{
	*ret_more = false;
	if (clock_mono_ms() >= deadline) {
		give_up(a);
		return 0;
	}
	for (size_t i = 0; i < a->n; i++)
		if (tend(a, a->line[i], ret_more, e) < 0)
			return -1;
	if (*ret_more)
		listen_to_all(a, ms < TURN_MS ? ms : TURN_MS);
	watch_add(WATCH_ANSWERED, 0);
	return 0;
}

void
ask_end(struct asking *a)
{
	if (a == NULL)
		return;
	give_up(a);
	for (size_t i = 0; i < a->n; i++) {
		line_release(a->line[i]);
		free(a->line[i]);
	}
	free(a->line);
	free(a);
}

int
ask_all(struct question *q, size_t n, int64_t deadline, struct err *e)
{
	struct asking *a = ask_begin(e);
	bool more = true;
	int rc = a == NULL ? -1 : 0;

	for (size_t i = 0; a != NULL && i < n; i++)
		ask_put(a, &q[i]);
	while (rc == 0 && more)
		rc = ask_turn(a, deadline, TURN_MS, &more, e);
	ask_end(a);
	return rc;
}

void
ask_release(struct question *q, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(q[i].reply);
		q[i].reply = NULL;
		q[i].reply_len = 0;
	}
}
