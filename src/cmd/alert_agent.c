/*
 * alert_agent.c - what needs attention of the agent itself: its clock, and
 * runs that did not come.
 */
#include "base/text.h"
#include "base/when.h"
#include "cmd/alert.h"

void
alert_agent(const struct session *s, time_t before, struct concerns *c)
{
	int64_t gap = before == 0 ? 0 : (int64_t)(s->agent.started - before);
	char span[24];

	if (!s->agent.trusted)
		text_fmt(concern_add(c, "", NULL, CODE_CLOCK_ANOMALY)->text,
		    1024,
		    "%s: nothing is changed until the time is set; every wait "
		    "goes on.\n  You: set the time, and have it synchronised",
		    s->agent.clock_why);
	if (s->agent.trusted && gap > POLICY_LOOK_GAP)
		text_fmt(concern_add(c, "", NULL, CODE_POLL_GAP)->text, 1024,
		    "no run ended for %s: what was served meanwhile nobody "
		    "saw, and it is waited for.\n  You: see why the timer did "
		    "not run",
		    when_rough(gap, span));
}
