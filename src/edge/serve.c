/*
 * serve.c - which key does an address present?  All probes at once, within
 * the limits.  Knows nothing of SMTP or TLS; see serve_talk.c.
 */
#include "edge/serve.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/once.h"
#include "base/watch.h"
#include "edge/serve_talk.h"

#define OPEN_MAX_ALL 64
#define OPEN_MAX_ADDR 8
#define ROUND_MS 1000

const char *
probe_sni(const char *owner)
{
	char name[HOST_NAME];

	tlsa_base(owner, name, sizeof(name));
	return name[0] != 0 ? once(name) : NULL;
}

struct cover_chain
probe_chain(const struct probe *p)
{
	struct cover_chain c = { .n = 0 };

	if (p->chain.len > 0 &&
	    cover_parse(p->chain.bytes, p->chain.len, &c) != 0)
		abort(); /* it was packed here */
	return c;
}

void
probe_set_chain(struct probe *p, const struct cover_chain *c)
{
	uint8_t bytes[COVER_PACKED];

	free(p->chain.bytes);
	p->chain.len = cover_pack(c, bytes);
	p->chain.bytes = mem_copy(bytes, p->chain.len);
}

void
probes_release(struct probe *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(p[i].chain.bytes);
		p[i].chain = (struct chain){ .len = 0 };
	}
}

/* The talks with one machine, in the order that they were asked for:
 * order[next] up to order[end]. */
struct place {
	size_t next, end;
	unsigned open;
	bool queued; /* one could begin */
};

/* What is open is at most OPEN_MAX_ALL, so that a turn costs what is open, not
 * what was asked for. */
struct rally {
	struct talk *t;
	size_t n, ended;
	struct talk *open[OPEN_MAX_ALL];
	size_t n_open;
	size_t *order; /* numbers of talks, by machine */
	size_t *home;  /* of each talk: its place */
	size_t *queue; /* a ring of n_place: places by turns */
	size_t from, n_queued;
	struct place *place;
	size_t n_place;
	SSL_CTX *ctx[OFFER_COUNT];
	const char *helo;
	time_t now;
	int timeout_ms;
	int64_t deadline;
};

static void
enqueue(struct rally *r, size_t place)
{
	struct place *at = &r->place[place];

	if (at->queued || at->next == at->end || at->open >= OPEN_MAX_ADDR)
		return;
	at->queued = true;
	r->queue[(r->from + r->n_queued++) % r->n_place] = place;
}

static size_t
dequeue(struct rally *r)
{
	size_t place = r->queue[r->from];

	r->from = (r->from + 1) % r->n_place;
	r->n_queued--;
	r->place[place].queued = false;
	return place;
}

static void
count_ended(struct rally *r, size_t n)
{
	r->ended += n;
	watch_add(WATCH_PROBED, n);
}

/* open[i] is over: its machine can have another. */
static void
close_open(struct rally *r, size_t i)
{
	size_t place = r->home[r->open[i] - r->t];

	r->open[i] = r->open[--r->n_open];
	r->place[place].open--;
	enqueue(r, place);
	count_ended(r, 1);
}

static void
admit(struct rally *r)
{
	while (r->n_open < OPEN_MAX_ALL && r->n_queued > 0) {
		int64_t now = clock_mono_ms(), end = now + r->timeout_ms;
		size_t place;
		struct talk *t;

		if (now >= r->deadline)
			return;
		place = dequeue(r);
		t = &r->t[r->order[r->place[place].next++]];
		talk_begin(t, r->ctx[t->p->offer], r->helo,
		    end < r->deadline ? end : r->deadline);
		if (talk_open(t)) {
			r->open[r->n_open++] = t;
			r->place[place].open++;
		} else
			count_ended(r, 1);
		enqueue(r, place);
	}
}

/* The time of all is over: those that did not begin do not begin any more. */
static void
end_waiting(struct rally *r)
{
	for (size_t i = 0; i < r->n_place; i++) {
		struct place *at = &r->place[i];

		count_ended(r, at->end - at->next);
		for (; at->next < at->end; at->next++) {
			struct talk *t = &r->t[r->order[at->next]];

			talk_end(t, talk_waits_for(t));
		}
	}
}

/* Ends what is late; ms until the next one would be. */
static int
expire(struct rally *r)
{
	int64_t now = clock_mono_ms(), left = ROUND_MS;

	if (now >= r->deadline)
		end_waiting(r);
	for (size_t i = r->n_open; i-- > 0;) {
		struct talk *t = r->open[i];

		if (now >= t->deadline) {
			talk_end(t, talk_waits_for(t));
			close_open(r, i);
		} else if (t->deadline - now < left)
			left = t->deadline - now;
	}
	return (int)left;
}

/* Waits until something can go on, at most wait_ms. */
static void
turn(struct rally *r, int wait_ms)
{
	struct pollfd p[OPEN_MAX_ALL];
	nfds_t n = r->n_open;

	for (nfds_t i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = r->open[i]->fd,
			.events = r->open[i]->want };
	if (n == 0 || poll(p, n, wait_ms) <= 0)
		return;
	for (nfds_t i = n; i-- > 0;) { /* the last takes the place of one */
		if (p[i].revents == 0)
			continue;
		talk_step(r->open[i]);
		if (!talk_open(r->open[i]))
			close_open(r, i);
	}
}

/* Whatever the port: it is one machine that is asked. */
static int
ip_cmp(const struct addr *a, const struct addr *b)
{
	return a->family != b->family ? a->family - b->family
				      : memcmp(a->ip, b->ip, sizeof(a->ip));
}

static int
by_machine(const void *a, const void *b, void *talks)
{
	const struct talk *t = talks;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int d = ip_cmp(&t[x].p->addr, &t[y].p->addr);

	return d != 0 ? d : (x > y) - (x < y);
}

static void
find_places(struct rally *r)
{
	r->order = mem_array(r->n + 1, sizeof(*r->order));
	r->home = mem_array(r->n + 1, sizeof(*r->home));
	r->queue = mem_array(r->n + 1, sizeof(*r->queue));
	r->place = mem_array(r->n + 1, sizeof(*r->place));
	for (size_t i = 0; i < r->n; i++)
		r->order[i] = i;
	qsort_r(r->order, r->n, sizeof(*r->order), by_machine, r->t);
	for (size_t i = 0; i < r->n; i++) {
		if (i == 0 ||
		    ip_cmp(&r->t[r->order[i - 1]].p->addr,
			&r->t[r->order[i]].p->addr) != 0)
			r->place[r->n_place++].next = i;
		r->place[r->n_place - 1].end = i + 1;
		r->home[r->order[i]] = r->n_place - 1;
	}
	for (size_t i = 0; i < r->n_place; i++)
		enqueue(r, i);
}

static void
set_up(struct rally *r, struct probe *p)
{
	bool good = true;

	r->t = mem_array(r->n, sizeof(*r->t));
	for (int i = 0; i < OFFER_COUNT; i++) {
		r->ctx[i] = talk_offer((enum offer)i);
		good = good && r->ctx[i] != NULL;
	}
	for (size_t i = 0; i < r->n; i++) {
		p[i].why = "";
		r->t[i].p = &p[i];
		r->t[i].now = r->now;
		r->t[i].fd = -1;
		if (!good)
			talk_end(&r->t[i], "TLS could not be set up");
	}
	find_places(r);
	if (!good)
		count_ended(r, r->n);
}

void
serve_probe(struct probe *p, size_t n, const char *helo, time_t now,
    int timeout_ms, int64_t deadline)
{
	struct rally r = { .n = n,
		.helo = helo,
		.now = now,
		.timeout_ms = timeout_ms,
		.deadline = deadline };
	/* OpenSSL writes with write(2). */
	struct sigaction ignore = { .sa_handler = SIG_IGN }, was;

	sigaction(SIGPIPE, &ignore, &was);
	set_up(&r, p);
	watch_add(WATCH_PROBES, n);
	while (r.ended < r.n) {
		admit(&r);
		turn(&r, expire(&r));
	}
	for (int i = 0; i < OFFER_COUNT; i++)
		SSL_CTX_free(r.ctx[i]);
	free(r.t);
	free(r.order);
	free(r.home);
	free(r.queue);
	free(r.place);
	sigaction(SIGPIPE, &was, NULL);
}
