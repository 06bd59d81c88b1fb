/*
 * update_read.c - what primaries hold at many owners: a connection to each
 * primary, many signed questions under way on it.  Changes nothing.
 *
 * Answers may come in any order.  A connection that is over before all are
 * there is made again for the rest, as long as it brings at least one answer;
 * whoever is silent, or ends each connection without a word, is given up.
 */
#include "edge/update.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/once.h"
#include "base/watch.h"
#include "edge/tcp.h"
#include "edge/update_msg.h"

#define OPEN_MAX 256 /* connections at the same time */
#define WINDOW 64    /* questions under way on one */
#define LOST_MAX 4   /* connections without an answer, in a row */
#define SILENT_MAX 2 /* the same, when each was waited for */

/* One question on its way. */
struct visit {
	struct primary_read *q;
	struct visit *next;
	struct update_sent sent;
	int64_t at;	/* clock_mono_ms */
	bool overtaken; /* what was sent later is answered */
};

struct visits { /* a list */
	struct visit *first, **end;
};

struct primary {
	struct addr to;
	struct tcp *link; /* NULL: not now */
	struct visits waiting;
	struct visits under_way; /* as they were sent */
	unsigned n_under_way, window;
	unsigned answers; /* on this connection */
	unsigned lost;	  /* connections without one, in a row */
	bool spoke;	  /* on any */
	int64_t heard;	  /* clock_mono_ms; 0: not called yet; then that */
};

struct reading {
	struct primary **primary;
	size_t n, cap, open;
	int64_t patience, deadline;
};

/* ---- lists ---- */

static void
visits_init(struct visits *l)
{
	l->first = NULL;
	l->end = &l->first;
}

static void
put_last(struct visits *l, struct visit *v)
{
	v->next = NULL;
	*l->end = v;
	l->end = &v->next;
}

/* `at`: what leads to it. */
static struct visit *
take_out(struct visits *l, struct visit **at)
{
	struct visit *v = *at;

	*at = v->next;
	if (l->end == &v->next)
		l->end = at;
	return v;
}

/* All of `from` behind what is in `l`. */
static void
move_behind(struct visits *l, struct visits *from)
{
	if (from->first == NULL)
		return;
	*l->end = from->first;
	l->end = from->end;
	visits_init(from);
}

/* ---- how a question ends ---- */

static void
end(struct visit *v, const char *why)
{
	v->q->why = why;
	watch_add(WATCH_ANSWERED, why == NULL);
	update_sent_release(&v->sent);
	free(v);
}

static const char *
why_not(const struct primary *p, const char *words)
{
	char at[ADDR_TEXT];

	return once_fmt(UPDATE_WHY, "%s: %s", addr_str(&p->to, at), words);
}

static struct visit *
take_under_way(struct primary *p, struct visit **at)
{
	p->n_under_way--;
	return take_out(&p->under_way, at);
}

static void
hang_up(struct reading *r, struct primary *p)
{
	if (p->link == NULL)
		return;
	tcp_close(p->link);
	p->link = NULL;
	r->open--;
}

/* All that is left has the same reason. */
static void
give_up(struct reading *r, struct primary *p, int error)
{
	const char *why = why_not(p, strerror(error));

	hang_up(r, p);
	while (p->under_way.first != NULL)
		end(take_under_way(p, &p->under_way.first), why);
	while (p->waiting.first != NULL)
		end(take_out(&p->waiting, &p->waiting.first), why);
}

/*
 * The connection is of no more use.  One that brought nothing, or went silent,
 * cost the question that was asked first, as that may be why: then others are
 * asked before those that were behind it.
 */
static void
lose(struct reading *r, struct primary *p, int error, bool silent)
{
	hang_up(r, p);
	if (p->under_way.first != NULL && (silent || p->answers == 0)) {
		end(take_under_way(p, &p->under_way.first),
		    why_not(p, strerror(error)));
		p->lost++;
	}
	if (p->lost >= (silent ? SILENT_MAX : LOST_MAX)) {
		give_up(r, p, error);
		return;
	}
	p->n_under_way = 0;
	if (silent) {
		move_behind(&p->waiting, &p->under_way);
		return;
	}
	/* As many as it takes on a connection, if it counts. */
	p->window = p->answers > 0 ? p->answers : 1;
	move_behind(&p->under_way, &p->waiting);
	move_behind(&p->waiting, &p->under_way);
}

/* ---- what comes ---- */

static void
judge(struct primary *p, struct visit *v, const uint8_t *reply, size_t len)
{
	struct primary_read *q = v->q;
	struct clock_reading now;
	struct err e ERR_BARE;
	struct wire_msg m;
	int rc;

	clock_read(&now);
	rc = update_check(reply, len, &v->sent, q->key, now.wall, &m, &e);
	if (rc == 0) {
		rc = update_take(&m, q->owner, q->ret, &e);
		wire_release(&m);
	}
	end(v, rc < 0 ? why_not(p, e.text) : NULL);
}

/* What answers nothing that is under way is nobody's. */
static void
hear(struct primary *p, const uint8_t *reply, size_t len)
{
	struct visit **at = &p->under_way.first;
	size_t before = 0;

	while (*at != NULL &&
	    (len < 2 || wire_16((*at)->sent.wire) != wire_16(reply))) {
		at = &(*at)->next;
		before++;
	}
	if (*at == NULL)
		return;
	for (struct visit *v = p->under_way.first; before > 0; before--) {
		v->overtaken = true;
		v = v->next;
	}
	p->spoke = true;
	p->heard = clock_mono_ms();
	p->lost = 0;
	p->answers++;
	if (p->window < WINDOW)
		p->window++;
	judge(p, take_under_way(p, at), reply, len);
}

static void
listen_to(struct reading *r, struct primary *p, short revents)
{
	int rc = tcp_go(p->link, revents), error = errno;
	uint8_t *reply;
	size_t len;

	while (tcp_take(p->link, &reply, &len)) {
		hear(p, reply, len);
		free(reply);
	}
	if (rc < 0)
		lose(r, p, error, false);
}

/* ---- what is asked ---- */

static bool
is_taken(const struct primary *p, const uint8_t *id)
{
	for (const struct visit *v = p->under_way.first; v != NULL; v = v->next)
		if (memcmp(v->sent.wire, id, 2) == 0)
			return true;
	return false;
}

/* With an ID that no other has: it is what tells answers apart. */
static int
sign(const struct primary *p, struct visit *v, struct err *e)
{
	do {
		update_sent_release(&v->sent);
		if (update_ask(v->q->owner, v->q->key, &v->sent, e) < 0)
			return -1;
	} while (is_taken(p, v->sent.wire));
	return 0;
}

static void
feed(struct primary *p, int64_t now)
{
	struct err e ERR_BARE;

	while (p->waiting.first != NULL && p->n_under_way < p->window) {
		struct visit *v = take_out(&p->waiting, &p->waiting.first);

		if (sign(p, v, &e) < 0) {
			end(v, once_fmt(UPDATE_WHY, "%s", e.text));
			continue;
		}
		v->at = now;
		v->overtaken = false;
		tcp_put(p->link, v->sent.wire, v->sent.len);
		put_last(&p->under_way, v);
		p->n_under_way++;
	}
}

/* When it has been silent for too long, while somebody waited; for the first
 * word, on however many connections. */
static int64_t
late(const struct reading *r, const struct primary *p)
{
	const struct visit *v = p->under_way.first;
	bool anew = p->spoke && v->at > p->heard;

	return (anew ? v->at : p->heard) + r->patience;
}

/* What was overtaken has no answer; with what was not, the primary has none. */
static void
be_impatient(struct reading *r, struct primary *p, int64_t now)
{
	while (p->under_way.first != NULL && late(r, p) <= now) {
		if (!p->spoke)
			give_up(r, p, ETIMEDOUT);
		else if (p->under_way.first->overtaken)
			end(take_under_way(p, &p->under_way.first),
			    why_not(p, strerror(ETIMEDOUT)));
		else {
			lose(r, p, ETIMEDOUT, true);
			return;
		}
	}
}

static void
call(struct reading *r, struct primary *p, int64_t now)
{
	if (r->open == OPEN_MAX)
		return; /* others first */
	if (p->heard == 0)
		p->heard = now;
	p->answers = 0;
	p->link = tcp_open(&p->to);
	if (p->link == NULL)
		give_up(r, p, errno);
	else
		r->open++;
}

static bool
is_idle(const struct primary *p)
{
	return p->waiting.first == NULL && p->under_way.first == NULL;
}

/* False when it is over with this one. */
static bool
tend(struct reading *r, struct primary *p, int64_t now)
{
	be_impatient(r, p, now);
	if (p->link == NULL && !is_idle(p))
		call(r, p, now);
	if (p->link != NULL)
		feed(p, now);
	if (is_idle(p))
		hang_up(r, p);
	return !is_idle(p);
}

/* ---- all of them ---- */

/* Waits for any of them, until the first that is late. */
static void
listen_to_all(struct reading *r, int64_t now)
{
	struct pollfd *v = mem_array(r->open + 1, sizeof(*v));
	int64_t until = r->deadline;
	nfds_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct primary *p = r->primary[i];

		if (p->link == NULL)
			continue;
		v[n++] = tcp_wants(p->link);
		if (late(r, p) < until)
			until = late(r, p);
	}
	if (until > now + 60000)
		until = now + 60000;
	if (poll(v, n, (int)(until - now)) > 0) {
		n = 0;
		for (size_t i = 0; i < r->n; i++)
			if (r->primary[i]->link != NULL)
				listen_to(r, r->primary[i], v[n++].revents);
	}
	free(v);
}

static struct primary *
primary_at(struct reading *r, const struct addr *to)
{
	struct primary *p;

	for (size_t i = r->n; i-- > 0;)
		if (addr_cmp(&r->primary[i]->to, to) == 0)
			return r->primary[i];
	p = mem_new(sizeof(*p));
	p->to = *to;
	p->window = WINDOW;
	visits_init(&p->waiting);
	visits_init(&p->under_way);
	r->primary = mem_room(r->primary, r->n, &r->cap, sizeof(p));
	r->primary[r->n++] = p;
	return p;
}

static void
begin(struct reading *r, struct primary_read *q, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct visit *v = mem_new(sizeof(*v));

		memset(q[i].ret, 0, sizeof(*q[i].ret));
		v->q = &q[i];
		put_last(&primary_at(r, &q[i].to)->waiting, v);
	}
	watch_add(WATCH_ASKED, n);
}

void
update_read(struct primary_read *q, size_t n, int64_t patience_ms,
    int64_t deadline)
{
	struct reading r = { .patience = patience_ms, .deadline = deadline };
	bool more = true;

	begin(&r, q, n);
	while (more) {
		int64_t now = clock_mono_ms();

		more = false;
		for (size_t i = 0; i < r.n; i++)
			if (now >= deadline)
				give_up(&r, r.primary[i], ETIMEDOUT);
			else
				more |= tend(&r, r.primary[i], now);
		if (more)
			listen_to_all(&r, now);
	}
	for (size_t i = 0; i < r.n; i++)
		free(r.primary[i]);
	free(r.primary);
}
