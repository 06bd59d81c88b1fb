/*
 * guard_risk.c - what is risked when a guard is waived by hand, in a sentence.
 */
#include "core/guard.h"

#include "base/text.h"
#include "base/when.h"
#include "core/event.h"
#include "core/signing.h"

/* "until 2026-11-22 08:40 UTC", or that no end is known. */
static const char *
end_of_risk(int64_t until, const struct now *now, char buf[64])
{
	char when[32];

	if (until == NEVER)
		return text_fmt(buf, 64, "with no end known");
	if (until <= now->elapsed)
		return text_fmt(buf, 64, "until now");
	when_minute(now->wall + (time_t)(until - now->elapsed), when);
	return text_fmt(buf, 64, "until %s", when);
}

const char *
guard_risk(const struct host *h, const struct key *k, const struct guard *g,
    const struct now *now, char *buf, size_t size)
{
	char at[ADDR_TEXT], end[64];
	struct signing_end first;
	int64_t until;

	addr_ip(&g->addr, at);
	switch (g->id) {
	case GUARD_STORED:
	case GUARD_CERT:
	case GUARD_COUNT:
		return NULL;
	case GUARD_SHOWN:
		if (g->addr.family == 0)
			return NULL;
		return text_fmt(buf, size,
		    "Resolvers that ask %s may still "
		    "receive the set without this key. Senders using them "
		    "will defer mail once the key is deployed, for as long as "
		    "%s lags and the hold after that.",
		    at, at);
	case GUARD_HOLD:
		until = event_held_until(h, k, k->stage == STAGE_RETIRING, now,
		    NULL);
		end_of_risk(until, now, end);
		if (k->stage == STAGE_RETIRING)
			return text_fmt(buf, size,
			    "Caches may hold a set "
			    "with this key %s; without the key nobody can "
			    "serve them should the new one fail.",
			    end);
		return text_fmt(buf, size,
		    "Caches filled before the last "
		    "name server had the record may reject the new "
		    "certificate %s. Mail is deferred, not lost, where "
		    "senders' queues live longer.",
		    end);
	case GUARD_TURN:
		return text_fmt(buf, size,
		    "None for mail: the rollover "
		    "happens before its day.");
	case GUARD_SERVED:
		addr_str(&g->addr, at);
		return text_fmt(buf, size,
		    "If %s presents the old key after "
		    "the old record is removed, DANE senders that reach it "
		    "will defer, with no end. Give it the new key before it "
		    "is connected again.",
		    at);
	case GUARD_SETTLE:
		return text_fmt(buf, size,
		    "One sweep can miss an old server "
		    "process that still presents the old key (%s).",
		    end_of_risk(g->until, now, end));
	case GUARD_RETIRE_HOLD:
		return text_fmt(buf, size,
		    "Going back to the old key becomes "
		    "a full rollover from now on (it is free %s).",
		    end_of_risk(g->until, now, end));
	case GUARD_GONE:
		return text_fmt(buf, size,
		    "%s still shows the old record; "
		    "harmless for mail, but the key counts there with no end "
		    "known.",
		    at);
	case GUARD_RETENTION:
		return text_fmt(buf, size,
		    "If a name server goes back to old "
		    "zone data, no instant cure remains (kept %s).",
		    end_of_risk(g->until, now, end));
	case GUARD_CLOCK:
		return text_fmt(buf, size,
		    "Signatures and certificates are "
		    "judged by an untrusted clock: expired ones may look "
		    "valid, with no end known.");
	case GUARD_SIGNED:
		signing_ends(h, now->wall, SIGNING_ACT, &first);
		return text_fmt(buf, size,
		    "If the zone is not signed anew before %s, senders defer "
		    "mail from then on, and records put back from before this "
		    "step may not match the key.",
		    first.a == NULL ? "then" : when_minute(first.until, end));
	}
	return NULL;
}
