/*
 * ask_line.h - all questions to one address, while they are asked; for ask.c.
 * A channel of c-ares, the window, what is asked again and when.
 */
#ifndef EDGE_ASK_LINE_H
#define EDGE_ASK_LINE_H

#include <poll.h>

#include "edge/ask.h"

#define LINE_SOCKETS 8

struct errand;

struct line {
	struct addr to;
	void *channel; /* ares_channel */
	bool open;
	bool stale; /* asks nothing more, and is closed when all is back */
	bool tcp;
	struct {
		int fd;
		short events;
	} sock[LINE_SOCKETS];
	size_t n_sock;
	struct errand *errand;
	size_t n, cap;
	size_t next;   /* none before it waits */
	size_t oldest; /* all before it are done */
	size_t under_way, done;
	size_t window, most; /* questions under way: for now, and ever */
	size_t fed;	     /* asked since it was tended */
	bool feeding;
	int64_t slow;  /* ms that an answer took, at most of late */
	int64_t least; /* and ever */
	unsigned samples;
	unsigned lost; /* in a row */
	const struct question *first_lost;
	bool answered;
	uint32_t bound; /* for ask.c */
};

/* One more question for that address. */
void line_add(struct line *l, struct question *q);

/* Of questions that were not asked the rest is not asked any more, for this
 * reason. */
void line_give_up(struct line *l, const char *why, const char *tail);

/* It answered nothing, and several in a row were lost. */
bool line_is_dead(const struct line *l);

int line_open(struct line *l, struct err *e);
void line_close(struct line *l);

/* Asks what there is room for, and again what is late. */
void line_feed(struct line *l);

/* What came: of each of its sockets, in their order. */
void line_process(struct line *l, const struct pollfd *p, size_t n);

void line_release(struct line *l);

#endif
