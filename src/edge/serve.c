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
#include "base/watch.h"
#include "edge/serve_talk.h"

#define OPEN_MAX_ALL 64
#define OPEN_MAX_ADDR 8
#define ROUND_MS 1000

struct rally {
	struct talk *t;
	size_t n, open;
	size_t first; /* all before it have ended */
	SSL_CTX *ctx[OFFER_COUNT];
	const char *helo;
	time_t now;
	int timeout_ms;
	int64_t deadline;
};

/* Whatever the port: it is one machine that is asked. */
static bool
same_ip(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, 16) == 0;
}

static size_t
open_to(const struct rally *r, const struct addr *a)
{
	size_t n = 0;

	for (size_t i = r->first; i < r->n; i++)
		n += talk_open(&r->t[i]) && same_ip(&r->t[i].p->addr, a);
	return n;
}

static void
admit(struct rally *r)
{
	int64_t now = clock_mono_ms(), end = now + r->timeout_ms;

	if (end > r->deadline)
		end = r->deadline;
	for (size_t i = r->first; i < r->n && r->open < OPEN_MAX_ALL; i++) {
		struct talk *t = &r->t[i];

		if (t->state != TALK_IDLE || now >= r->deadline ||
		    open_to(r, &t->p->addr) >= OPEN_MAX_ADDR)
			continue;
		talk_begin(t, r->ctx[t->p->offer], r->helo, end);
		r->open += talk_open(t);
	}
}

/* Ends what is late; ms until the next one would be. */
static int
expire(struct rally *r)
{
	int64_t now = clock_mono_ms(), left = ROUND_MS;

	for (size_t i = r->first; i < r->n; i++) {
		struct talk *t = &r->t[i];
		int64_t until = talk_open(t) ? t->deadline : r->deadline;

		if (t->state == TALK_ENDED)
			continue;
		if (now >= until) {
			r->open -= talk_open(t);
			talk_end(t, talk_waits_for(t));
		} else if (until - now < left)
			left = until - now;
	}
	while (r->first < r->n && r->t[r->first].state == TALK_ENDED)
		r->first++;
	return (int)left;
}

/* Waits until something can go on, at most wait_ms. */
static void
turn(struct rally *r, int wait_ms)
{
	struct pollfd p[OPEN_MAX_ALL];
	struct talk *who[OPEN_MAX_ALL];
	nfds_t n = 0;

	for (size_t i = r->first; i < r->n && n < OPEN_MAX_ALL; i++) {
		if (!talk_open(&r->t[i]))
			continue;
		who[n] = &r->t[i];
		p[n++] = (struct pollfd){ .fd = r->t[i].fd,
			.events = r->t[i].want };
	}
	if (n == 0 || poll(p, n, wait_ms) <= 0)
		return;
	for (nfds_t i = 0; i < n; i++) {
		if (p[i].revents == 0)
			continue;
		talk_step(who[i]);
		r->open -= !talk_open(who[i]);
	}
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
		r->t[i].p = &p[i];
		r->t[i].now = r->now;
		r->t[i].fd = -1;
		if (!good)
			talk_end(&r->t[i], "TLS could not be set up");
	}
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
	while (r.first < r.n) {
		size_t before = r.first;

		admit(&r);
		turn(&r, expire(&r));
		watch_add(WATCH_PROBED, r.first - before);
	}
	for (int i = 0; i < OFFER_COUNT; i++)
		SSL_CTX_free(r.ctx[i]);
	free(r.t);
	sigaction(SIGPIPE, &was, NULL);
}
