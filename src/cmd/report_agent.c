/*
 * report_agent.c - what is wrong with the agent itself, as its last pass, or
 * whoever started it, left it: people who cannot be told, runs that fail.
 */
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/report.h"

int
report_agent(struct session *s, struct concerns *ret, struct err *e)
{
	struct concern *all = NULL;
	size_t n = 0;

	memset(ret, 0, sizeof(*ret));
	if (store_concerns(s->store, "", &all, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		enum code code = concern_code(&all[i]);
		int level = tell_level(&all[i], &s->conf.policy, &s->now);

		/* The clock speaks for itself. */
		if (all[i].over_at != NEVER || level == LEVEL_QUIET ||
		    code == CODE_NONE || code == CODE_CLOCK_ANOMALY)
			continue;
		*concern_add(ret, "", NULL, code) = all[i];
		ret->v[ret->n - 1].level = level;
	}
	free(all);
	return 0;
}

void
report_agent_add(struct text *t, const struct concerns *c,
    const struct now *now)
{
	char span[24];

	for (size_t i = 0; i < c->n; i++)
		text_addf(t, "! %s %s for %s: %s\n", c->v[i].code,
		    c->v[i].level == LEVEL_CRITICAL ? "CRITICAL" : "WARNING",
		    when_rough(now->elapsed - c->v[i].since, span),
		    c->v[i].text);
}
