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
#include "base/text.h"
#include "base/watch.h"
#include "edge/serve_talk.h"

#define OPEN_MAX_ALL 64
#define OPEN_MAX_ADDR 8
#define ROUND_MS 1000
/* One that greeted nobody so often, and nobody ever, is down in this pass. */
#define LOST_MAX 16

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

/* One port of a machine.  Where nobody greets, what is asked for many owners
 * need not be tried for each. */
struct door {
	bool greeted;
	unsigned lost; /* talks that ended before a greeting */
};

/* The talks with one machine, by port: order[next] up to order[end]. */
struct place {
	size_t next, end;
	size_t door; /* of order[next] */
	unsigned open;
	bool queued; /* one could begin */
};

/* What is open is at most OPEN_MAX_ALL, so that a turn costs what is open, not
 * what was asked for. */
struct rally {
	struct probe *p;
	size_t n, ended;
	struct {
		struct talk t;
		size_t place, door;
	} open[OPEN_MAX_ALL];
	size_t n_open;
	uint32_t *order; /* numbers of probes, by machine and port */
	size_t *queue;	 /* a ring of n_place: places by turns */
	size_t from, n_queued;
	struct place *place;
	size_t n_place;
	struct door *door;
	size_t n_door;
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

/* One that never began. */
static void
leave_out(struct rally *r, struct probe *p, const char *why)
{
	struct talk t = { .p = p, .fd = -1 };

	talk_end(&t, why);
	count_ended(r, 1);
}

/* The next talk of the place, and its door. */
static struct probe *
take(struct rally *r, struct place *at, size_t *ret_door)
{
	struct probe *p = &r->p[r->order[at->next++]];

	*ret_door = at->door;
	if (at->next < at->end &&
	    addr_cmp(&r->p[r->order[at->next]].addr, &p->addr) != 0)
		at->door++;
	return p;
}

/* Nobody greets there: those that wait are told so as well. */
static void
shut(struct rally *r, struct place *at, size_t door, const char *last)
{
	char why[HOST_WHY];
	size_t of;

	text_fmt(why, sizeof(why),
	    "%.130s, %d times in a row: not tried further in this pass", last,
	    LOST_MAX);
	while (at->next < at->end && at->door == door)
		leave_out(r, take(r, at, &of), why);
}

/* open[i] is over: its machine can have another. */
static void
close_open(struct rally *r, size_t i)
{
	size_t place = r->open[i].place, which = r->open[i].door;
	struct door *door = &r->door[which];
	struct talk t = r->open[i].t;

	r->open[i] = r->open[--r->n_open];
	r->place[place].open--;
	door->greeted = door->greeted || t.greeted;
	if (!door->greeted && ++door->lost >= LOST_MAX)
		shut(r, &r->place[place], which, t.p->why);
	enqueue(r, place);
	count_ended(r, 1);
}

static void
begin(struct rally *r, size_t place, int64_t deadline)
{
	struct talk *t = &r->open[r->n_open].t;
	size_t door;

	*t = (struct talk){ .p = take(r, &r->place[place], &door),
		.now = r->now,
		.fd = -1 };
	r->open[r->n_open].place = place;
	r->open[r->n_open++].door = door;
	r->place[place].open++;
	talk_begin(t, r->ctx[t->p->offer], r->helo, deadline);
	if (!talk_open(t))
		close_open(r, r->n_open - 1);
}

static void
admit(struct rally *r)
{
	while (r->n_open < OPEN_MAX_ALL && r->n_queued > 0) {
		int64_t now = clock_mono_ms(), end = now + r->timeout_ms;
		size_t place;

		if (now >= r->deadline)
			return;
		place = dequeue(r);
		if (r->place[place].next < r->place[place].end)
			begin(r, place, end < r->deadline ? end : r->deadline);
		enqueue(r, place);
	}
}

/* The time of all is over: those that did not begin do not begin any more. */
static void
end_waiting(struct rally *r)
{
	size_t door;

	for (size_t i = 0; i < r->n_place; i++)
		while (r->place[i].next < r->place[i].end)
			leave_out(r, take(r, &r->place[i], &door),
			    "the time of the pass was over");
}

/* Ends what is late; ms until the next one would be. */
static int
expire(struct rally *r)
{
	int64_t now = clock_mono_ms(), left = ROUND_MS;

	if (now >= r->deadline)
		end_waiting(r);
	for (size_t i = r->n_open; i-- > 0;) {
		struct talk *t = &r->open[i].t;

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
		p[i] = (struct pollfd){ .fd = r->open[i].t.fd,
			.events = r->open[i].t.want };
	if (n == 0 || poll(p, n, wait_ms) <= 0)
		return;
	for (nfds_t i = n; i-- > 0;) { /* the last takes the place of one */
		if (p[i].revents == 0)
			continue;
		talk_step(&r->open[i].t);
		if (!talk_open(&r->open[i].t))
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
by_machine(const void *a, const void *b, void *probes)
{
	const struct probe *p = probes;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int d = ip_cmp(&p[x].addr, &p[y].addr);

	if (d == 0)
		d = addr_cmp(&p[x].addr, &p[y].addr);
	return d != 0 ? d : (x > y) - (x < y);
}

static void
find_places(struct rally *r)
{
	r->order = mem_array(r->n + 1, sizeof(*r->order));
	for (size_t i = 0; i < r->n; i++)
		r->order[i] = (uint32_t)i;
	qsort_r(r->order, r->n, sizeof(*r->order), by_machine, r->p);
	for (size_t i = 0, cap = 0; i < r->n; i++) {
		const struct addr *is = &r->p[r->order[i]].addr;
		const struct addr *was = i == 0 ? NULL
						: &r->p[r->order[i - 1]].addr;

		r->n_door += was == NULL || addr_cmp(was, is) != 0;
		if (was == NULL || ip_cmp(was, is) != 0) {
			r->place = mem_room(r->place, r->n_place, &cap,
			    sizeof(*r->place));
			r->place[r->n_place++] = (struct place){ .next = i,
				.door = r->n_door - 1 };
		}
		r->place[r->n_place - 1].end = i + 1;
	}
	r->door = mem_array(r->n_door + 1, sizeof(*r->door));
	r->queue = mem_array(r->n_place + 1, sizeof(*r->queue));
	for (size_t i = 0; i < r->n_place; i++)
		enqueue(r, i);
}

static void
set_up(struct rally *r)
{
	bool good = true;

	for (int i = 0; i < OFFER_COUNT; i++) {
		r->ctx[i] = talk_offer((enum offer)i);
		good = good && r->ctx[i] != NULL;
	}
	for (size_t i = 0; i < r->n; i++) {
		r->p[i].why = "";
		if (!good)
			leave_out(r, &r->p[i], "TLS could not be set up");
	}
	if (good)
		find_places(r);
}

void
serve_probe(struct probe *p, size_t n, const char *helo, time_t now,
    int timeout_ms, int64_t deadline)
{
	struct rally r = { .p = p,
		.n = n,
		.helo = helo,
		.now = now,
		.timeout_ms = timeout_ms,
		.deadline = deadline };
	/* OpenSSL writes with write(2). */
	struct sigaction ignore = { .sa_handler = SIG_IGN }, was;

	sigaction(SIGPIPE, &ignore, &was);
	watch_add(WATCH_PROBES, n);
	set_up(&r);
	while (r.ended < r.n) {
		admit(&r);
		turn(&r, expire(&r));
	}
	for (int i = 0; i < OFFER_COUNT; i++)
		SSL_CTX_free(r.ctx[i]);
	free(r.order);
	free(r.queue);
	free(r.place);
	free(r.door);
	sigaction(SIGPIPE, &was, NULL);
}
