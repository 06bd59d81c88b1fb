/*
 * ask.c - questions to name servers: c-ares carries bytes to exactly one
 * address and back.  No cache, no search list, no judgement beyond "this is
 * an answer to that question".
 */
#include "edge/ask.h"

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/wire.h"

#define WINDOW 64      /* questions under way at one address */
#define OPEN_MAX 256   /* addresses asked at the same time */
#define TIMEOUT_MS 400 /* of the first try; c-ares doubles it: 2.8 s in all */
#define TRIES 3
#define SOON_MS 30   /* and three times what an answer takes: asked again */
#define SAMPLES 8    /* answers from which that is known */
#define LOST_MAX 4   /* in a row, by an address that never answered */
#define LOST_STALE 2 /* in a row: the channel may be wedged (c-ares 1.34) */
#define SOCKETS 8
#define TURN_MS 10
#define REPLY_MIN 12

enum state { WAITING, UNDER_WAY, DONE };

struct line;

/*
 * One question and how often it was put to its address.  One that is late is
 * sent once more beside the first (`again`): a lost datagram costs little more
 * than the way there and back.  The first to be answered counts.
 */
struct errand {
	struct line *line;
	struct question *q;
	enum state state;
	unsigned asked;
	unsigned flying; /* of both, not heard of yet */
	bool again;
	int64_t sent; /* clock_mono_ms */
};

/* All questions to one address. */
struct line {
	struct addr to;
	ares_channel channel;
	bool open, stale, tcp;
	struct {
		ares_socket_t fd;
		short events;
	} sock[SOCKETS];
	size_t n_sock;
	struct errand *errand;
	size_t n, cap;
	size_t next;   /* none before it is WAITING */
	size_t oldest; /* all before it are DONE */
	int64_t slow;  /* ms that an answer took, at most of late */
	unsigned samples;
	size_t under_way, done;
	unsigned lost;
	const struct question *first_lost;
	bool answered;
	uint32_t bound; /* the next one in its bucket, + 1 */
};

#define BUCKETS 256 /* a power of two */

struct round {
	struct line *line;
	size_t n, cap, open;
	uint32_t bucket[BUCKETS]; /* by address: index + 1 */
};

/* ---- does it answer the question? ---- */

/* NULL when it does. */
static const char *
not_an_answer(const struct question *q, const uint8_t *p, size_t len)
{
	struct wire_msg asked, got;
	const char *why = NULL;
	struct err e;

	if (len < REPLY_MIN || wire_open(p, len, &got, &e) < 0)
		return "malformed answer";
	if (wire_open(q->wire, q->wire_len, &asked, &e) < 0) {
		wire_release(&got);
		return "malformed question";
	}
	if (!got.qr || got.opcode != 0)
		why = "not an answer";
	else if (got.tc)
		why = "truncated even over TCP";
	else if (!got.has_question || got.qtype != asked.qtype ||
	    got.qclass != asked.qclass ||
	    !wire_name_eq(&got.qname, &asked.qname))
		why = "answers another question";
	wire_release(&asked);
	wire_release(&got);
	return why;
}

static const char *
loss(int status)
{
	if (status == ARES_ETIMEOUT)
		return "no answer";
	if (status == ARES_ECONNREFUSED)
		return "connection refused";
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		return "no answer before the time of the pass was over";
	return ares_strerror(status);
}

/*
 * An address that has answered others gets a second chance, on a channel of
 * its own if this one has gone deaf.
 */
static void
lose(struct errand *er, const char *why, bool over)
{
	struct line *l = er->line;

	l->lost++;
	if (l->lost >= LOST_STALE)
		l->stale = true;
	text_fmt(er->q->why, sizeof(er->q->why), "%s%s", why,
	    l->tcp ? " (over TCP, after a truncated answer)" : "");
	if (l->first_lost == NULL)
		l->first_lost = er->q;
	if (over || !l->answered || er->asked >= 2) {
		er->state = DONE;
		l->done++;
		return;
	}
	er->state = WAITING;
	if ((size_t)(er - l->errand) < l->next)
		l->next = (size_t)(er - l->errand);
}

/* How long an answer takes here; it forgets slowly. */
static void
learn(struct line *l, const struct errand *er)
{
	int64_t took = clock_mono_ms() - er->sent;

	if (er->again)
		return; /* an answer to which of both? */
	l->slow = took > l->slow ? took : (7 * l->slow + took) / 8;
	l->samples++;
}

/* c-ares stops using EDNS on a channel after an answer without it. */
static void
keep(struct errand *er, const uint8_t *p, size_t len)
{
	struct line *l = er->line;

	er->q->reply = mem_copy(p, len);
	er->q->reply_len = len;
	er->q->why[0] = 0;
	er->state = DONE;
	l->done++;
	l->answered = true;
	l->lost = 0;
	if (wire_16(p + 10) == 0)
		l->stale = true;
}

static void
on_answer(void *arg, int status, int timeouts, unsigned char *buf, int len)
{
	struct errand *er = arg;
	const char *why;

	(void)timeouts;
	er->line->under_way--;
	er->flying--;
	if (er->state == DONE)
		return;
	if (status != ARES_SUCCESS || buf == NULL || len < 0) {
		if (er->flying == 0)
			lose(er, loss(status),
			    status == ARES_EDESTRUCTION ||
				status == ARES_ECANCELLED);
		return;
	}
	why = not_an_answer(er->q, buf, (size_t)len);
	if (why == NULL) {
		learn(er->line, er);
		keep(er, buf, (size_t)len);
	} else if (er->flying == 0)
		lose(er, why, false);
}

/* ---- sockets ---- */

static void
on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct line *l = arg;
	short events = (short)((readable ? POLLIN : 0) |
	    (writable ? POLLOUT : 0));
	size_t i = 0;

	while (i < l->n_sock && l->sock[i].fd != fd)
		i++;
	if (events == 0) {
		if (i < l->n_sock)
			l->sock[i] = l->sock[--l->n_sock];
		return;
	}
	if (i == SOCKETS)
		return;
	if (i == l->n_sock)
		l->n_sock++;
	l->sock[i].fd = fd;
	l->sock[i].events = events;
}

/* TCP is used for truncated answers only. */
static int
on_create(ares_socket_t fd, int type, void *arg)
{
	struct line *l = arg;

	(void)fd;
	if (type == SOCK_STREAM)
		l->tcp = true;
	return 0;
}

static int
open_line(struct round *r, struct line *l, struct err *e)
{
	struct ares_options o;
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	    ARES_OPT_LOOKUPS | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB |
	    ARES_OPT_RESOLVCONF;
	char at[ADDR_TEXT];
	int rc;

	memset(&o, 0, sizeof(o));
	o.flags = ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP | ARES_FLAG_NORECURSE |
	    ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
	o.timeout = TIMEOUT_MS;
	o.tries = TRIES;
	o.lookups = (char *)"b";
	o.resolvconf_path = (char *)"/dev/null";
	o.ednspsz = 1232;
	o.sock_state_cb = on_socket;
	o.sock_state_cb_data = l;
#ifdef ARES_OPT_QUERY_CACHE
	o.qcache_max_ttl = 0;
	mask |= ARES_OPT_QUERY_CACHE;
#endif
	rc = ares_init_options(&l->channel, &o, mask);
	if (rc != ARES_SUCCESS)
		return err_set(e, ERR_BUG, "c-ares: %s", ares_strerror(rc));
	l->open = true;
	l->stale = false;
	r->open++;
	ares_set_socket_callback(l->channel, on_create, l);
	rc = ares_set_servers_ports_csv(l->channel, addr_str(&l->to, at));
	if (rc != ARES_SUCCESS)
		return err_set(e, ERR_BUG, "c-ares: %s: %s", at,
		    ares_strerror(rc));
	return 0;
}

/* ---- one round ---- */

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
enlist(struct round *r, struct question *q)
{
	struct line *l = line_to(r, &q->to);

	l->errand = mem_room(l->errand, l->n, &l->cap, sizeof(*l->errand));
	l->errand[l->n++].q = q;
}

/* The rest is not asked any more. */
static void
give_up(struct line *l, const char *why, const char *tail)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->errand[i].state != WAITING)
			continue;
		l->errand[i].state = DONE;
		l->done++;
		text_fmt(l->errand[i].q->why, sizeof(l->errand[i].q->why),
		    "%s%s", why, tail);
	}
}

static void
close_line(struct round *r, struct line *l)
{
	if (!l->open)
		return;
	ares_destroy(l->channel);
	l->open = false;
	l->n_sock = 0;
	r->open--;
}

static void
fly(struct line *l, struct errand *er)
{
	er->flying++;
	l->under_way++;
	ares_send(l->channel, er->q->wire, (int)er->q->wire_len, on_answer, er);
}

/* What is late by what this address is known to take. */
static void
send_again(struct line *l)
{
	int64_t due = clock_mono_ms() - 3 * l->slow - SOON_MS;

	while (l->oldest < l->next && l->errand[l->oldest].state == DONE)
		l->oldest++;
	for (size_t i = l->oldest; l->samples >= SAMPLES && i < l->next; i++) {
		struct errand *er = &l->errand[i];

		if (er->state != UNDER_WAY || er->again || er->sent > due)
			continue;
		er->again = true;
		fly(l, er);
	}
}

static void
send_more(struct line *l)
{
	while (l->next < l->n && l->under_way < WINDOW) {
		struct errand *er = &l->errand[l->next++];

		if (er->state != WAITING)
			continue;
		er->line = l;
		er->state = UNDER_WAY;
		er->asked++;
		er->again = false;
		er->sent = clock_mono_ms();
		fly(l, er);
	}
}

/* Opens, feeds, renews or closes one line; true while it has work. */
static int
tend(struct round *r, struct line *l, bool *ret_more, struct err *e)
{
	if (!l->answered && l->lost >= LOST_MAX)
		give_up(l, l->first_lost->why, ASK_AS_BEFORE);
	if (l->done == l->n || (l->under_way == 0 && l->stale))
		close_line(r, l);
	if (l->done == l->n)
		return 0;
	*ret_more = true;
	if (!l->open && r->open == OPEN_MAX)
		return 0;
	if (!l->open && open_line(r, l, e) < 0)
		return -1;
	if (!l->stale) {
		send_more(l);
		send_again(l);
	}
	return 0;
}

static void
process(struct line *l, struct pollfd *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ares_socket_t bad = ARES_SOCKET_BAD, fd = p[i].fd;

		if (p[i].revents == 0)
			continue;
		ares_process_fd(l->channel,
		    p[i].revents & (POLLIN | POLLERR | POLLHUP) ? fd : bad,
		    p[i].revents & POLLOUT ? fd : bad);
	}
	ares_process_fd(l->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* Waits for any of the lines, but not long, and lets each go on. */
static void
turn(struct round *r)
{
	struct pollfd *p = mem_array(r->open * SOCKETS, sizeof(*p));
	size_t n = 0, at = 0;

	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->line[i].n_sock; k++)
			p[n++] = (struct pollfd){ .fd = r->line[i].sock[k].fd,
				.events = r->line[i].sock[k].events };
	poll(p, (nfds_t)n, TURN_MS);
	for (size_t i = 0; i < r->n; i++) {
		size_t sockets = r->line[i].n_sock;

		if (r->line[i].open)
			process(&r->line[i], p + at, sockets);
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
	}
	return 0;
}

static void
close_round(struct round *r)
{
	for (size_t i = 0; i < r->n; i++) {
		close_line(r, &r->line[i]);
		give_up(&r->line[i],
		    "was not asked: the time of the pass was over", "");
		free(r->line[i].errand);
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
			enlist(&r, &q[i]);
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
