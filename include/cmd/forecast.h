/*
 * forecast.h - the steps to come of one or more hosts, in the order of time;
 * for `plan` and the page of `status --html`.
 */
#ifndef CMD_FORECAST_H
#define CMD_FORECAST_H

#include "cmd/session.h"

#define RUN_EVERY (15 * 60) /* as cron and timer start it */

struct forecast_step {
	time_t at;
	const char *host; /* of the config */
	struct spki key;  /* of one that exists */
	unsigned made;	  /* 1, 2 ...: it will be made; else 0 */
	enum slot slot;
	enum act act;
	enum stage from, to; /* from STAGE_NONE: it is made */
	bool by_hand, cert_ends;
};

struct forecast {
	struct forecast_step *v;
	size_t n, cap;
};

/* Adds the steps of the host until then; nothing for one that is not adopted.
 * Of the session only the state is used. */
int forecast_host(struct session *s, const struct conf_host *c, time_t until,
    struct forecast *f, struct err *e);
void forecast_sort(struct forecast *f);
void forecast_release(struct forecast *f);

/* "new", "new-2" or the id; "ready -> deployed", "publish (by hand)". */
const char *forecast_key(const struct forecast_step *s, char buf[16]);
const char *forecast_say(const struct forecast_step *s, char *buf, size_t size);

/* One object on standard output (plan_json.c). */
int forecast_json(const struct session *s, const struct forecast *f,
    time_t until, struct err *e);

#endif
