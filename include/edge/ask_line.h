/*
 * ask_line.h - all questions to one address, while they are asked; for ask.c.
 * The window, what is asked again and when (ask_line.c); a channel of c-ares
 * (ask_channel.c).
 */
#ifndef EDGE_ASK_LINE_H
#define EDGE_ASK_LINE_H

#include <poll.h>

#include "edge/ask.h"

#define LINE_SOCKETS 8

struct post;
struct errand;
struct errands { /* a list */
	struct errand *first, *last;
};

struct line {
	struct addr to;
	void *channel;	   /* ares_channel */
	struct post *post; /* of it */
	bool open;
	bool stale; /* asks nothing more, and is closed when all is back */
	bool tcp;
	bool changed; /* one is not under way, or does not wait, any more */
	struct {
		int fd;
		short events;
	} sock[LINE_SOCKETS];
	size_t n_sock;
	struct errands waiting;
	struct errands under_way; /* who was asked first is the first */
	struct errand *unused;	  /* a list by `next` */
	size_t n_under_way;
	size_t window, most; /* questions under way: for now, and ever */
	size_t fed;	     /* asked since it was tended */
	size_t sent;	     /* since it was opened */
	bool feeding;
	int64_t slow;  /* ms that an answer took, at most of late */
	int64_t least; /* and ever */
	unsigned samples;
	unsigned lost; /* in a row */
	char first_lost[160];
	bool answered;
	uint32_t bound; /* for ask.c */
};

/* Empty, but for the address. */
void line_init(struct line *l, const struct addr *to);

/* One more question for that address. */
void line_add(struct line *l, struct question *q);

/* Is anything left to be done? */
bool line_is_idle(const struct line *l);

/* Of questions that were not asked the rest is not asked any more, for this
 * reason. */
void line_give_up(struct line *l, const char *why, const char *tail);

/* It answered nothing, and several in a row were lost; or very many. */
bool line_is_dead(const struct line *l);

int line_open(struct line *l, struct err *e);
void line_close(struct line *l);

/* Needs another socket: asks nothing new, and is to be closed when nothing is
 * under way. */
bool line_is_worn(const struct line *l);

/* Asks what there is room for, and again what is late. */
void line_feed(struct line *l);

/* Sends what was asked. */
void line_flush(struct line *l);

/* What came: of each of its sockets, in their order. */
void line_process(struct line *l, const struct pollfd *p, size_t n);

void line_release(struct line *l);

#endif
