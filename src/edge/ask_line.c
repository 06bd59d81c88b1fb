/*
 * ask_line.c - one address: what it is asked, how many at a time, and when
 * again.  No cache, no judgement beyond "this is an answer to that question"
 * (ask_check.c); ask_channel.c carries the bytes.
 *
 * The window keeps the server busy while what it said is read: whoever answers
 * is asked the next question at once.  It grows while answers take long on the
 * way there and back, and shrinks by what is lost.  The socket is
 * c-ares's, with a port that the kernel chose, and it stays while questions
 * are under way, but not for more than PORT_MOST of them; each has an ID from
 * the kernel's random numbers.
 */
#include "edge/ask_line.h"

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/watch.h"
#include "edge/ask_check.h"
#include "edge/wire.h"

#define WINDOW 64	/* questions under way at one address */
#define WINDOW_LEAST 32 /* after losses */
#define WINDOW_MOST \
	256	       /* at a server that is far; a resolver has to ask
			       others, and is spared */
#define FAR_MS 5       /* no answer was faster: it is far, not busy */
#define FED_MOST 512   /* answers in a row: then it is others' turn */
#define SOON_MS 10     /* and three times what an answer takes: asked again */
#define AGAIN_MOST 3   /* each after twice the time of the one before */
#define SAMPLES 8      /* answers from which that is known */
#define PORT_MOST 4096 /* questions from one port; then it is another */
#define LOST_MAX 4     /* in a row, by an address that never answered */
#define LOST_GONE 128  /* in a row, by one that did: it does no more */
#define LOST_STALE 2   /* in a row: the channel may be wedged (c-ares 1.34) */
#define RD 1	       /* in the third byte: a question for a resolver */

enum state { WAITING, UNDER_WAY, DONE };

/*
 * One question and how often it was put to its address.  One that is late is
 * sent once more beside the first, and if that is late, too, again (`again`):
 * a lost datagram costs little more than the way there and back.  The first to
 * be answered counts; the errand is used again when nothing flies any more.
 */
struct errand {
	struct line *line;
	struct question *q;
	struct errand *before, *next;
	enum state state;
	unsigned asked;
	unsigned flying; /* of all, not heard of yet */
	unsigned again;
	int64_t sent; /* clock_mono_ms; the first of them */
};

/* ---- lists ---- */

static void
take_out(struct errands *l, struct errand *er)
{
	*(er->before == NULL ? &l->first : &er->before->next) = er->next;
	*(er->next == NULL ? &l->last : &er->next->before) = er->before;
}

/* Behind `before`, or NULL: in front. */
static void
put_in(struct errands *l, struct errand *er, struct errand *before)
{
	er->before = before;
	er->next = before == NULL ? l->first : before->next;
	*(er->before == NULL ? &l->first : &er->before->next) = er;
	*(er->next == NULL ? &l->last : &er->next->before) = er;
}

static void
wait_again(struct errand *er)
{
	struct line *l = er->line;

	l->changed = true;
	take_out(&l->under_way, er);
	l->n_under_way--;
	er->state = WAITING;
	put_in(&l->waiting, er, NULL);
}

static void
set_out(struct errand *er)
{
	struct line *l = er->line;

	take_out(&l->waiting, er);
	er->state = UNDER_WAY;
	put_in(&l->under_way, er, l->under_way.last);
	l->n_under_way++;
}

static void
unused(struct errand *er)
{
	er->next = er->line->unused;
	er->line->unused = er;
}

/* The question has its reply or a reason, and is the asker's again. */
static void
done(struct errand *er)
{
	struct line *l = er->line;

	l->changed = true;
	if (er->state == WAITING)
		take_out(&l->waiting, er);
	else {
		take_out(&l->under_way, er);
		l->n_under_way--;
	}
	er->state = DONE;
	if (er->q->left != NULL)
		--*er->q->left;
	er->q = NULL;
	if (er->flying == 0)
		unused(er);
}

/* ---- how it ended ---- */

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
	if (l->first_lost[0] == 0)
		memcpy(l->first_lost, er->q->why, sizeof(l->first_lost));
	if (over || !l->answered || er->asked >= 2)
		done(er);
	else
		wait_again(er);
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
	l->answered = true;
	watch_add(WATCH_ANSWERED, 1);
	l->lost = 0;
	if (wire_16(p + 10) == 0)
		l->stale = true;
	done(er);
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
	why = ask_not_an_answer(er->q, buf, (size_t)len);
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
	er->flying--;
	if (er->state != DONE)
		take(er, status, buf, len);
	else if (er->flying == 0)
		unused(er);
	if (l->open && !l->feeding && l->fed < FED_MOST)
		send_more(l);
}

/* ---- asked ---- */

void
line_init(struct line *l, const struct addr *to)
{
	memset(l, 0, sizeof(*l));
	l->to = *to;
	l->window = WINDOW;
}

void
line_add(struct line *l, struct question *q)
{
	struct errand *er = l->unused;

	if (er != NULL)
		l->unused = er->next;
	else
		er = mem_new(sizeof(*er));
	*er = (struct errand){ .line = l, .q = q };
	put_in(&l->waiting, er, l->waiting.last);
	if (l->most == 0)
		l->most = q->wire[2] & RD ? WINDOW : WINDOW_MOST;
}

bool
line_is_idle(const struct line *l)
{
	return l->waiting.first == NULL && l->n_under_way == 0;
}

void
line_give_up(struct line *l, const char *why, const char *tail)
{
	while (l->waiting.first != NULL) {
		struct question *q = l->waiting.first->q;

		text_fmt(q->why, sizeof(q->why), "%s%s", why, tail);
		done(l->waiting.first);
	}
}

bool
line_is_dead(const struct line *l)
{
	return l->lost >= (l->answered ? LOST_GONE : LOST_MAX);
}

bool
line_is_worn(const struct line *l)
{
	return l->stale || l->sent >= PORT_MOST;
}

static void
fly(struct line *l, struct errand *er)
{
	er->flying++;
	l->fed++;
	l->sent++;
	ares_send(l->channel, er->q->wire, (int)er->q->wire_len, on_answer, er);
}

static void
send_more(struct line *l)
{
	l->feeding = true;
	while (l->waiting.first != NULL && l->n_under_way < l->window &&
	    !line_is_worn(l) && !line_is_dead(l)) {
		struct errand *er = l->waiting.first;

		set_out(er);
		er->asked++;
		er->again = 0;
		er->sent = clock_mono_ms();
		fly(l, er);
	}
	l->feeding = false;
}

/* How late one is that may be lost, by what this address is known to take. */
static int64_t
late(const struct line *l, unsigned again)
{
	return (3 * l->slow + SOON_MS) * ((2 << again) - 1);
}

static void
send_again(struct line *l)
{
	int64_t now = clock_mono_ms();
	struct errand *er;

	if (l->samples < SAMPLES)
		return;
	l->feeding = true;
	l->changed = false;
	for (er = l->under_way.first; er != NULL && !l->changed;
	     er = er->next) {
		if (now < er->sent + late(l, 0))
			break; /* nor are those behind it */
		if (er->again == AGAIN_MOST ||
		    now < er->sent + late(l, er->again))
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
	line_flush(l);
}

/* All of them are unused then. */
void
line_release(struct line *l)
{
	line_close(l);
	while (l->unused != NULL) {
		struct errand *er = l->unused;

		l->unused = er->next;
		free(er);
	}
}
