/*
 * summary.h - what `status --short` and `check` say of a host, derived once
 * by the pass, so that of many hosts only those that need it are looked into.
 *
 * It never says anything else than what would be derived now: a summary
 * follows from the host as it is saved and from its settings (mark), and time
 * alone can only end what breaks the law, never begin it.
 */
#ifndef CMD_SUMMARY_H
#define CMD_SUMMARY_H

#include "cmd/report.h"

/* Of a host as it is about to be saved; free(host).  Of a pause, which ends by
 * the clock, it knows nothing: a paused host is looked into. */
struct summary summary_of(const struct session *s, const struct conf_host *c,
    const struct host *h);

/* "steady 01234567=deployed": what `status --short` says beyond the level;
 * caller frees. */
char *summary_line(const struct report *r);

/* The summaries that hold now, of hosts that need no attention. */
struct summaries {
	struct summary *v;
	size_t n;
	uint64_t mark; /* of the settings of all hosts */
};
int summaries_read(struct session *s, struct summaries *ret, struct err *e);
void summaries_release(struct summaries *all);
/* NULL: look into the host. */
const struct summary *summaries_find(const struct summaries *all,
    const struct conf_host *c, const struct now *now);

/* `status --short`: prints a line a host, those that need attention first.
 * 0, 1 when one does, -1. */
int summary_print(struct session *s, const struct conf_host **hosts, size_t n,
    struct err *e);

#endif
