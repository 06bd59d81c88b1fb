/*
 * ask_line.c - one address: c-ares carries bytes to exactly it and back.  No
 * cache, no judgement beyond "this is an answer to that question".
 *
 * The window keeps the server busy while what it said is read: whoever answers
 * is asked the next question at once.  It grows while answers take long on the
 * way there and back, and shrinks by what is lost.  The socket is
 * c-ares's, with a port that the kernel chose, and it stays while questions
 * are under way, as with any busy user of the library: a call to ask_all has
 * new ones, and each question an ID from the kernel's random numbers.
 */
#include "edge/ask_line.h"

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/watch.h"
#include "edge/wire.h"

#define WINDOW 64	/* questions under way at one address */
#define WINDOW_LEAST 32 /* after losses */
#define WINDOW_MOST \
	256	       /* at a server that is far; a resolver has to ask
			       others, and is spared */
#define ROOM (1 << 20) /* for answers, of a socket; as much as we get */
#define ROOM_EACH 2560 /* what the kernel counts for one */
#define FAR_MS 5       /* no answer was faster: it is far, not busy */
#define FED_MOST 512   /* answers in a row: then it is others' turn */
#define TIMEOUT_MS 400 /* of the first try; c-ares doubles it: 2.8 s in all */
#define TRIES 3
#define SOON_MS 10   /* and three times what an answer takes: asked again */
#define AGAIN_MOST 3 /* each after twice the time of the one before */
#define SAMPLES 8    /* answers from which that is known */
#define LOST_MAX 4   /* in a row, by an address that never answered */
#define LOST_STALE 2 /* in a row: the channel may be wedged (c-ares 1.34) */
#define REPLY_MIN 12
#define RD 1 /* in the third byte: a question for a resolver */

enum state { WAITING, UNDER_WAY, DONE };

/*
 * One question and how often it was put to its address.  One that is late is
 * sent once more beside the first, and if that is late, too, again (`again`):
 * a lost datagram costs little more than the way there and back.  The first to
 * be answered counts.
 */
struct errand {
	struct line *line;
	struct question *q;
	enum state state;
	unsigned asked;
	unsigned flying; /* of all, not heard of yet */
	unsigned again;
	int64_t sent; /* clock_mono_ms; the first of them */
};

/* ---- does it answer the question? ---- */

/* The bytes of the question: ours, in lower case, whole; with an OPT behind. */
static size_t
question_end(const struct question *q)
{
	size_t at = REPLY_MIN;

	while (at < q->wire_len && q->wire[at] != 0)
		at += 1u + q->wire[at];
	return at + 5;
}

/* As most servers do it, in the very bytes; or in other letters. */
static bool
is_asked(const struct question *q, const struct wire_msg *got)
{
	size_t end = question_end(q);
	struct wire_msg asked;
	struct err e;
	bool same;

	if (!got->has_question)
		return false;
	if (end <= q->wire_len && end <= got->len &&
	    memcmp(got->p + REPLY_MIN, q->wire + REPLY_MIN, end - REPLY_MIN) ==
		0)
		return true;
	if (wire_open(q->wire, q->wire_len, &asked, &e) < 0)
		return false;
	same = got->qtype == asked.qtype && got->qclass == asked.qclass &&
	    wire_name_eq(&got->qname, &asked.qname);
	wire_release(&asked);
	return same;
}

/* NULL when it does. */
static const char *
not_an_answer(const struct question *q, const uint8_t *p, size_t len)
{
	const char *why = NULL;
	struct wire_msg got;
	struct err e;

	if (wire_open(p, len, &got, &e) < 0)
		return "malformed answer";
	if (!got.qr || got.opcode != 0)
		why = "not an answer";
	else if (got.tc)
		why = "truncated even over TCP";
	else if (!is_asked(q, &got))
		why = "answers another question";
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

/* How long an answer takes here; it forgets slowly.  A window that is full of
 * the way there and back is too small; of what waits at the server, never. */
static void
learn(struct line *l, const struct errand *er)
{
	int64_t took = clock_mono_ms() - er->sent;

	if (er->again > 0)
		return; /* an answer to which of them? */
	l->slow = took > l->slow ? took : (7 * l->slow + took) / 8;
	if (l->samples++ == 0 || took < l->least)
		l->least = took;
	if (l->window < WINDOW || (l->least >= FAR_MS && l->window < l->most))
		l->window++;
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
	watch_add(WATCH_ANSWERED, 1);
	l->lost = 0;
	if (wire_16(p + 10) == 0)
		l->stale = true;
}

static void
take(struct errand *er, int status, const uint8_t *buf, int len)
{
	const char *why;

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

static void send_more(struct line *l);

/* Who answers is asked the next one at once; not while the line is fed or
 * closed, for then this is called by what c-ares does there. */
static void
on_answer(void *arg, int status, int timeouts, unsigned char *buf, int len)
{
	struct errand *er = arg;
	struct line *l = er->line;

	(void)timeouts;
	l->under_way--;
	er->flying--;
	if (er->state != DONE)
		take(er, status, buf, len);
	if (l->open && !l->feeding && l->fed < FED_MOST)
		send_more(l);
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
	if (i == LINE_SOCKETS)
		return;
	if (i == l->n_sock)
		l->n_sock++;
	l->sock[i].fd = fd;
	l->sock[i].events = events;
}

/* No more is under way than there is room for when it comes all at once. */
static void
make_room(struct line *l, int fd)
{
	int size = ROOM;
	socklen_t len = sizeof(size);

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) == 0 &&
	    l->most > (size_t)size / ROOM_EACH)
		l->most = (size_t)size / ROOM_EACH;
}

/* TCP is used for truncated answers only. */
static int
on_create(ares_socket_t fd, int type, void *arg)
{
	struct line *l = arg;

	if (type == SOCK_STREAM)
		l->tcp = true;
	else
		make_room(l, fd);
	return 0;
}

int
line_open(struct line *l, struct err *e)
{
	struct ares_options o;
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	    ARES_OPT_LOOKUPS | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB |
	    ARES_OPT_RESOLVCONF;
	char at[ADDR_TEXT];
	ares_channel channel;
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
	rc = ares_init_options(&channel, &o, mask);
	if (rc != ARES_SUCCESS)
		return err_set(e, ERR_BUG, "c-ares: %s", ares_strerror(rc));
	l->channel = channel;
	l->open = true;
	l->stale = false;
	ares_set_socket_callback(l->channel, on_create, l);
	rc = ares_set_servers_ports_csv(l->channel, addr_str(&l->to, at));
	if (rc != ARES_SUCCESS)
		return err_set(e, ERR_BUG, "c-ares: %s: %s", at,
		    ares_strerror(rc));
	return 0;
}

void
line_close(struct line *l)
{
	if (!l->open)
		return;
	l->open = false;
	ares_destroy(l->channel);
	l->n_sock = 0;
}

/* ---- asked ---- */

void
line_add(struct line *l, struct question *q)
{
	l->errand = mem_room(l->errand, l->n, &l->cap, sizeof(*l->errand));
	l->errand[l->n++].q = q;
	l->window = WINDOW;
	l->most = q->wire[2] & RD ? WINDOW : WINDOW_MOST;
}

void
line_give_up(struct line *l, const char *why, const char *tail)
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

bool
line_is_dead(const struct line *l)
{
	return !l->answered && l->lost >= LOST_MAX;
}

static void
fly(struct line *l, struct errand *er)
{
	er->flying++;
	l->under_way++;
	l->fed++;
	ares_send(l->channel, er->q->wire, (int)er->q->wire_len, on_answer, er);
}

static void
send_more(struct line *l)
{
	l->feeding = true;
	while (l->next < l->n && l->under_way < l->window && !l->stale &&
	    !line_is_dead(l)) {
		struct errand *er = &l->errand[l->next++];

		if (er->state != WAITING)
			continue;
		er->line = l;
		er->state = UNDER_WAY;
		er->asked++;
		er->again = 0;
		er->sent = clock_mono_ms();
		fly(l, er);
	}
	l->feeding = false;
}

/* When one is late, by what this address is known to take. */
static int64_t
late(const struct line *l, const struct errand *er)
{
	return er->sent + (3 * l->slow + SOON_MS) * ((2 << er->again) - 1);
}

static void
send_again(struct line *l)
{
	int64_t now = clock_mono_ms();

	l->feeding = true;
	while (l->oldest < l->next && l->errand[l->oldest].state == DONE)
		l->oldest++;
	for (size_t i = l->oldest; l->samples >= SAMPLES && i < l->next; i++) {
		struct errand *er = &l->errand[i];

		if (er->state != UNDER_WAY || er->again == AGAIN_MOST ||
		    now < late(l, er))
			continue;
		er->again++;
		if (l->window > WINDOW_LEAST)
			l->window--;
		fly(l, er);
	}
	l->feeding = false;
}

void
line_feed(struct line *l)
{
	l->fed = 0;
	send_more(l);
	if (!l->stale)
		send_again(l);
}

void
line_process(struct line *l, const struct pollfd *p, size_t n)
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

void
line_release(struct line *l)
{
	line_close(l);
	free(l->errand);
}
