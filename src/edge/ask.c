/*
 * ask.c - questions to name servers, a line an address (ask_line.h), all at
 * once.  No cache, no judgement.
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

struct round {
	struct line *line;
	size_t n, cap, open;
	uint32_t bucket[BUCKETS]; /* by address: index + 1 */
};

static uint32_t *
bucket_of(struct round *r, const struct addr *a)
{
	uint32_t h = 2166136261u + a->port;

	for (size_t i = 0; i < sizeof(a->ip); i++)
		h = (h ^ a->ip[i]) * 16777619u;
	return &r->bucket[h & (BUCKETS - 1)];
}

static struct line *
line_to(struct round *r, const struct addr *to)
{
	uint32_t *first = bucket_of(r, to);

	for (uint32_t i = *first; i != 0; i = r->line[i - 1].bound)
		if (addr_cmp(&r->line[i - 1].to, to) == 0)
			return &r->line[i - 1];
	r->line = mem_room(r->line, r->n, &r->cap, sizeof(*r->line));
	r->line[r->n].to = *to;
	r->line[r->n].bound = *first;
	*first = (uint32_t)++r->n;
	return &r->line[r->n - 1];
}

static void
close_line(struct round *r, struct line *l)
{
	r->open -= l->open;
	line_close(l);
}

/* Opens, feeds, renews or closes one line; ret_more: it has work. */
static int
tend(struct round *r, struct line *l, bool *ret_more, struct err *e)
{
	if (line_is_dead(l))
		line_give_up(l, l->first_lost->why, ASK_AS_BEFORE);
	if (l->done == l->n || (l->under_way == 0 && l->stale))
		close_line(r, l);
	if (l->done == l->n)
		return 0;
	*ret_more = true;
	if (!l->open && r->open == OPEN_MAX)
		return 0;
	if (!l->open) {
		if (line_open(l, e) < 0)
			return -1;
		r->open++;
	}
	if (!l->stale)
		line_feed(l);
	return 0;
}

/* Waits for any of the lines, but not long, and lets each go on. */
static void
turn(struct round *r)
{
	struct pollfd *p = mem_array(r->open * LINE_SOCKETS, sizeof(*p));
	size_t n = 0, at = 0;

	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->line[i].n_sock; k++)
			p[n++] = (struct pollfd){ .fd = r->line[i].sock[k].fd,
				.events = r->line[i].sock[k].events };
	poll(p, (nfds_t)n, TURN_MS);
	for (size_t i = 0; i < r->n; i++) {
		size_t sockets = r->line[i].n_sock;

		if (r->line[i].open)
			line_process(&r->line[i], p + at, sockets);
		at += sockets;
	}
	free(p);
}

static int
run(struct round *r, int64_t deadline, struct err *e)
{
	bool more = true;

	while (more && clock_mono_ms() < deadline) {
		more = false;
		for (size_t i = 0; i < r->n; i++)
			if (tend(r, &r->line[i], &more, e) < 0)
				return -1;
		if (more)
			turn(r);
		watch_add(WATCH_ANSWERED, 0);
	}
	return 0;
}

static void
close_round(struct round *r)
{
	for (size_t i = 0; i < r->n; i++) {
		line_close(&r->line[i]);
		line_give_up(&r->line[i],
		    "was not asked: the time of the pass was over", "");
		line_release(&r->line[i]);
	}
	free(r->line);
}

int
ask_all(struct question *q, size_t n, int64_t deadline, struct err *e)
{
	static bool set_up;
	struct round r = { .n = 0 };
	int rc;

	if (!set_up && ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return err_set(e, ERR_BUG, "c-ares cannot be set up");
	set_up = true;
	for (size_t i = 0; i < n; i++)
		if (q[i].why[0] == 0)
			line_add(line_to(&r, &q[i].to), &q[i]);
	watch_add(WATCH_ASKED, n);
	rc = run(&r, deadline, e);
	close_round(&r);
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
