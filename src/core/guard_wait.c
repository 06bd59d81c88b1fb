/*
 * guard_wait.c - what a key waits for that time brings, or the clock: holds,
 * turns, and signatures about to end.  Says what event.c finds; decides
 * nothing.
 */
#include "core/guard_list.h"

#include "base/text.h"
#include "base/when.h"
#include "core/event.h"
#include "core/record.h"
#include "core/signing.h"

/* The set that is waited for. */
static const char *
hold_what(const struct host *h, const struct key *k, bool showing,
    const struct sighting *s)
{
	if (showing)
		return "with it";
	return s != NULL && record_shown(h, h->set[s->set], k)
	    ? "in which one kind of record fails it"
	    : "without it";
}

/* More than is remembered was served (fold.h): by whom, and until when. */
static void
any_text(struct guard *g, const struct sighting *s, int64_t until,
    const struct now *now)
{
	char who[ADDR_TEXT + 32], span[24];

	if (s->auth.family == 0)
		text_fmt(who, sizeof(who), "name servers that left");
	else
		addr_ip(&s->auth, who);
	if (until == NEVER)
		text_fmt(g->text, sizeof(g->text),
		    "%s showed more different sets than can be remembered, "
		    "and may still serve any of them",
		    who);
	else
		text_fmt(g->text, sizeof(g->text),
		    "%s showed more different sets than can be remembered: "
		    "caches may hold any of them for another %s",
		    who, when_rough(until - now->elapsed, span));
}

void
guard_hold(const struct host *h, const struct key *k, const struct now *now,
    bool showing, struct guards *gs)
{
	const struct sighting *last;
	int64_t until = event_held_until(h, k, showing, now, &last);
	struct guard *g = guard_more(gs, GUARD_HOLD, NULL, until == 0);
	const char *what = hold_what(h, k, showing, last);
	char ip[ADDR_TEXT], span[24];

	if (until == 0) {
		text_fmt(g->text, sizeof(g->text), "no cache can hold a set %s",
		    what);
	} else if (tlsa_set_is_any(h->set[last->set])) {
		any_text(g, last, until, now);
	} else if (until == NEVER) {
		text_fmt(g->text, sizeof(g->text),
		    "%s may still serve a set "
		    "%s",
		    addr_ip(&last->auth, ip), what);
	} else {
		when_rough(until - now->elapsed, span);
		text_fmt(g->text, sizeof(g->text),
		    "caches may hold the set "
		    "%s that %s served (TTL %u) for another %s",
		    what, addr_ip(&last->auth, ip), last->ttl, span);
	}
	if (until > 0)
		guard_wait(g, until, now);
	/* Only what it lifted: a set that came back is waited for again. */
	g->waived = g->met && event_waived(h, k, GUARD_HOLD, NULL);
}

/* The schedule runs on the wall clock; as elapsed time from now. */
void
guard_turn(const struct host *h, const struct key *k, const struct now *now,
    struct guards *gs)
{
	time_t at = event_turn_at(h, k);
	struct guard *g = guard_more(gs, GUARD_TURN, NULL, at <= now->wall);
	char when[32];

	if (g->met) {
		text_fmt(g->text, sizeof(g->text), "its turn has come");
		return;
	}
	text_fmt(g->text, sizeof(g->text), "its turn comes %s",
	    when_minute(at, when));
	guard_wait(g, now->elapsed + (int64_t)(at - now->wall), now);
}

void
guard_clock(const struct host *h, const struct key *k, const struct now *now,
    struct guards *gs)
{
	struct guard *g = guard_more(gs, GUARD_CLOCK, NULL, now->trusted);

	text_fmt(g->text, sizeof(g->text), "%s",
	    now->trusted
		? "the clock is trusted"
		: "the wall clock jumped and nothing explains it: set the time "
		  "(synchronised clocks explain themselves)");
	guard_waive(g, h, k);
}

/* Nothing is begun in a zone that is about to be bogus.  `due`: nothing else
 * is waited for, or not for long. */
void
guard_signed(const struct host *h, const struct key *k, bool due,
    const struct now *now, struct guards *gs)
{
	struct signing_end first;
	bool ends = signing_ends(h, now->wall, SIGNING_ACT, &first);
	struct guard *g = guard_more(gs, GUARD_SIGNED, NULL, !ends);
	char ip[ADDR_TEXT], when[32], span[24];

	if (!ends) {
		text_fmt(g->text, sizeof(g->text),
		    "no signature is about to end");
		return;
	}
	when_minute(first.until, when);
	when_rough(policy_hold(&h->policy, first.a->ttl), span);
	text_fmt(g->text, sizeof(g->text),
	    "%.60s %s: the signature over its %s for %.90s ends at %s, and the "
	    "zone was not signed anew (a hold is %s)",
	    first.a->name, addr_ip(&first.a->addr, ip),
	    first.keys ? "DNSKEY set" : "answer", first.o->name, when, span);
	g->running = !due;
	guard_waive(g, h, k);
}

void
guard_timer(enum guard_id id, int64_t until, const char *what,
    const struct now *now, struct guards *gs)
{
	struct guard *g = guard_more(gs, id, NULL, now->elapsed >= until);
	char span[24];

	if (g->met) {
		text_fmt(g->text, sizeof(g->text), "%s is over", what);
		return;
	}
	text_fmt(g->text, sizeof(g->text), "%s runs for another %s", what,
	    when_rough(until - now->elapsed, span));
	guard_wait(g, until, now);
}
