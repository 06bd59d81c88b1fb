/*
 * metrics.h - what Prometheus' textfile collector reads after each run.
 */
#ifndef CMD_METRICS_H
#define CMD_METRICS_H

#include "cmd/pass.h"
#include "cmd/report.h"

/* A growing text a metric, since all samples of one stand together. */
struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m); /* NULL does nothing */

/* One of these at a time, in any order; forced: steps forced by hand. */
void metrics_agent(struct metrics *m, const struct agent *a);
void metrics_host(struct metrics *m, const struct report *r, int64_t forced,
    const struct now *now);

/* The whole in the text exposition format, version 0.0.4. */
void metrics_text(const struct metrics *m, struct text *out);

/* Of all hosts of the config to the file that it names: replaced whole, 0644.
 * Nothing when it names none.  What the pass has saved is taken from it (p is
 * released afterwards, and nothing else), the rest from the state. */
int metrics_write(struct session *s, struct pass *p, struct err *e);

#endif
