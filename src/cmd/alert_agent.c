/*
 * alert_agent.c - what needs attention of the agent itself: its clock, runs
 * that did not come, and people whom it cannot tell.
 */
#include "base/text.h"
#include "base/when.h"
#include "cmd/alert.h"

static int
failed_channels(struct session *s, struct concerns *c, struct err *e)
{
	struct channel_state st;
	char span[24];

	for (int ch = 0; s->store != NULL && ch < CHANNEL_COUNT; ch++) {
		if (!alert_has(&s->conf, (enum channel)ch))
			continue;
		if (store_channel(s->store, (enum channel)ch, &st, e) < 0)
			return -1;
		if (st.failures == 0)
			continue;
		text_fmt(concern_add(c, "", NULL, CODE_ALERT_FAILED)->text,
		    1024,
		    "alerts by %s have failed for %s: %s\n  You: mend it, and: "
		    "danesafe alert test",
		    channel_name((enum channel)ch),
		    when_rough(s->now.elapsed - st.since, span), st.why);
		return 0; /* one is enough to be mended */
	}
	return 0;
}

int
alert_agent(struct session *s, time_t before, struct concerns *c, struct err *e)
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
		    "not run, or its runs failed",
		    when_rough(gap, span));
	return failed_channels(s, c, e);
}
