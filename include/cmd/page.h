/*
 * page.h - `status --html`: hosts as one page that needs nothing else: no
 * script, no font, no picture from anywhere.
 *
 * Well-formed XML, so that any parser can judge it.  Whatever comes from
 * outside goes through page_add, which escapes.
 */
#ifndef CMD_PAGE_H
#define CMD_PAGE_H

#include "cmd/forecast.h"
#include "cmd/report.h"

/* That a key came to a stage, as the journal has it. */
struct page_event {
	time_t at;
	struct spki key;
	enum stage from, to; /* from STAGE_NONE: it was made */
};

struct page_host {
	const struct report *r;
	struct page_event *past;
	size_t n_past, cap_past;
	struct forecast coming; /* in the order of time */
};

/* Replaces the file whole, 0644. */
int page_write(struct session *s, const struct concerns *agent,
    const struct report *r, size_t n, const char *file, struct err *e);

/* Text as it is read, harmless in an element and in a quoted attribute. */
void page_add(struct text *t, const char *s);
void page_addf(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Everything before the first host: styles, patterns, legend. */
void page_begin(struct text *t, const char *title);

/* The keys of a host as bars over time: some weeks with what authorities show
 * and caches may hold, and a year (page_time.c). */
void page_weeks(struct text *t, const struct page_host *ph,
    const struct now *now);
void page_year(struct text *t, const struct page_host *ph,
    const struct now *now);

#endif
