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
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/wire.h"

#define WINDOW 32	/* questions under way at one address */
#define TIMEOUT_MS 1000 /* of the first try; c-ares doubles it */
#define TRIES 2
#define LOST_MAX 4	/* in a row, by an address that never answered */
#define SOCKETS 8
#define REPLY_MIN 12

struct line;

/* One question under way. */
struct errand {
	struct line *line;
	struct question *q;
	bool done;
};

/* All questions to one address. */
struct line {
	struct addr to;
	ares_channel channel;
	bool open;
	struct {
		ares_socket_t fd;
		short events;
	} sock[SOCKETS];
	size_t n_sock;
	struct errand *errand;
	size_t n, cap, sent;
	size_t under_way;
	unsigned lost;
	bool answered;
};

struct round {
	struct line *line;
	size_t n, cap;
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

static void
keep(struct errand *er, const uint8_t *p, int len)
{
	const char *why = not_an_answer(er->q, p, len < 0 ? 0 : (size_t)len);

	if (why != NULL) {
		text_fmt(er->q->why, sizeof(er->q->why), "%s", why);
		return;
	}
	er->q->reply = mem_copy(p, (size_t)len);
	er->q->reply_len = (size_t)len;
	er->q->why[0] = 0;
}

static void
lose(struct errand *er, int status)
{
	const char *why = ares_strerror(status);

	if (status == ARES_ETIMEOUT)
		why = "no answer";
	else if (status == ARES_ECONNREFUSED)
		why = "connection refused";
	else if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		why = "no answer before the time of the pass was over";
	text_fmt(er->q->why, sizeof(er->q->why), "%s", why);
}

static void
on_answer(void *arg, int status, int timeouts, unsigned char *buf, int len)
{
	struct errand *er = arg;

	(void)timeouts;
	er->done = true;
	er->line->under_way--;
	if (status == ARES_SUCCESS && buf != NULL) {
		keep(er, buf, len);
		er->line->answered = true;
		er->line->lost = 0;
		return;
	}
	lose(er, status);
	er->line->lost++;
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

static int
open_line(struct line *l, struct err *e)
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
	rc = ares_set_servers_ports_csv(l->channel, addr_str(&l->to, at));
	if (rc != ARES_SUCCESS)
		return err_set(e, ERR_BUG, "c-ares: %s: %s", at,
		    ares_strerror(rc));
	return 0;
}

/* ---- one round ---- */

static struct line *
line_to(struct round *r, const struct addr *to)
{
	for (size_t i = r->n; i-- > 0;)
		if (addr_cmp(&r->line[i].to, to) == 0)
			return &r->line[i];
	r->line = mem_room(r->line, r->n, &r->cap, sizeof(*r->line));
	r->line[r->n].to = *to;
	return &r->line[r->n++];
}

static void
enlist(struct round *r, struct question *q)
{
	struct line *l = line_to(r, &q->to);

	l->errand = mem_room(l->errand, l->n, &l->cap, sizeof(*l->errand));
	l->errand[l->n++].q = q;
}

static bool
given_up(const struct line *l)
{
	return !l->answered && l->lost >= LOST_MAX;
}

static void
send_more(struct line *l)
{
	while (l->sent < l->n && l->under_way < WINDOW) {
		struct errand *er = &l->errand[l->sent++];

		if (given_up(l)) {
			er->done = true;
			text_fmt(er->q->why, sizeof(er->q->why), "no answer "
			    "(nor to the questions before)");
			continue;
		}
		er->line = l;
		l->under_way++;
		ares_send(l->channel, er->q->wire, (int)er->q->wire_len,
		    on_answer, er);
	}
}

static bool
busy(const struct line *l)
{
	return l->under_way > 0 || l->sent < l->n;
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

/* Waits for any of the lines, at most 50 ms, and lets each go on. */
static void
turn(struct round *r)
{
	struct pollfd *p = mem_array(r->n * SOCKETS + 1, sizeof(*p));
	size_t *from = mem_array(r->n + 1, sizeof(*from)), n = 0;

	for (size_t i = 0; i < r->n; i++) {
		from[i] = n;
		for (size_t k = 0; k < r->line[i].n_sock; k++)
			p[n++] = (struct pollfd){ .fd = r->line[i].sock[k].fd,
				.events = r->line[i].sock[k].events };
	}
	from[r->n] = n;
	poll(p, (nfds_t)n, 50);
	for (size_t i = 0; i < r->n; i++)
		if (r->line[i].under_way > 0)
			process(&r->line[i], p + from[i],
			    from[i + 1] - from[i]);
	free(p);
	free(from);
}

static void
run(struct round *r, int64_t deadline)
{
	bool more = true;

	while (more && clock_mono_ms() < deadline) {
		more = false;
		for (size_t i = 0; i < r->n; i++) {
			send_more(&r->line[i]);
			more = more || busy(&r->line[i]);
		}
		if (more)
			turn(r);
	}
}

static void
close_round(struct round *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct line *l = &r->line[i];

		for (size_t k = l->sent; k < l->n; k++)
			text_fmt(l->errand[k].q->why,
			    sizeof(l->errand[k].q->why), "was not asked: the "
			    "time of the pass was over");
		if (l->open)
			ares_destroy(l->channel);
		free(l->errand);
	}
	free(r->line);
}

int
ask_all(struct question *q, size_t n, int64_t deadline, struct err *e)
{
	static bool ready;
	struct round r = { .n = 0 };
	int rc = 0;

	if (!ready && ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return err_set(e, ERR_BUG, "c-ares cannot be set up");
	ready = true;
	for (size_t i = 0; i < n; i++)
		enlist(&r, &q[i]);
	for (size_t i = 0; i < r.n && rc == 0; i++)
		rc = open_line(&r.line[i], e);
	if (rc == 0)
		run(&r, deadline);
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
