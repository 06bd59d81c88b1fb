/*
 * guard_shown.c - what a key waits for at the name servers: that each shows
 * its record, or none any more.  Says what event.c finds; decides nothing.
 */
#include "core/guard_list.h"

#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "core/alias.h"
#include "core/ended.h"
#include "core/event.h"
#include "core/record.h"
#include "core/serial.h"

/* It shows a record of the key beside others that would still fail it. */
static bool
fails_text(struct guard *g, const struct host *h, const struct key *k,
    const struct authority *a, const struct owner *o)
{
	const struct tlsa_set *set;
	const struct tlsa *r;
	char ip[ADDR_TEXT];

	if (a->look != LOOK_SHOWN || !a->fresh)
		return false;
	set = h->set[a->set];
	r = record_fails(h, set, k);
	if (r == NULL || !record_shown(h, set, k))
		return false;
	text_fmt(g->text, sizeof(g->text),
	    "%s %s shows it for %.100s, but no %u %u %u of the set matches "
	    "its certificate, and senders may use these alone",
	    a->name, addr_ip(&a->addr, ip), o->name, r->usage, r->selector,
	    r->mtype);
	return true;
}

#define DAY 86400

/* One behind the address lacks it, and was not heard in this pass. */
static void
instance_text(struct guard *g, const struct authority *a, const struct owner *o,
    const struct host *h, const struct key *k)
{
	char ip[ADDR_TEXT];

	addr_ip(&a->addr, ip);
	for (size_t i = 0; i < o->n_inst; i++) {
		const struct instance *in = &o->inst[i];

		if (addr_cmp(&in->auth, &a->addr) != 0 ||
		    event_heard_with(o, in, h, k))
			continue;
		text_fmt(g->text, sizeof(g->text),
		    "%.100s %s has several servers behind it, and %s %s; it "
		    "counts until it is heard again or %d days have passed: "
		    "if it is out of service, skip shown:%s",
		    a->name, ip, in->nsid,
		    in->set < 0 ? "was not heard about the records"
				: "was last heard to answer without it",
		    POLICY_MEMORY / DAY, ip);
		return;
	}
}

/* When the last set ends with its signatures by which a silent one stands in
 * the way of the key; 0: no end is known. */
static time_t
ends_at(const struct host *h, const struct owner *o, const struct authority *a,
    const struct key *k, bool showing, const struct now *now)
{
	time_t last = 0, end;

	for (size_t i = 0; ended_heard(a) && i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];
		const struct tlsa_set *set = h->set[s->set];
		bool against = showing ? record_left(h, set, k)
				       : record_fails(h, set, k) != NULL;

		if (s->gone != NEVER || addr_cmp(&s->auth, &a->addr) != 0 ||
		    (!against && ended_shown_now(o, s->set)))
			continue;
		end = ended_at(h, o, s->set, now);
		if (end == 0)
			return 0;
		if (end > last)
			last = end;
	}
	return last;
}

static void
silent_text(struct guard *g, const struct authority *a, const struct owner *o,
    const struct host *h, const struct key *k, const struct now *now)
{
	time_t end = a->look == LOOK_SILENT
	    ? ends_at(h, o, a, k, g->id == GUARD_GONE, now)
	    : 0;
	char ip[ADDR_TEXT], when[32];

	text_fmt(g->text, sizeof(g->text),
	    "%s %s gave no valid answer for %.100s: %s: %.100s%s%s", a->name,
	    addr_ip(&a->addr, ip), o->name, look_name(a->look), a->why,
	    end == 0 ? "" : "; no signature is left by ",
	    end == 0 ? "" : when_minute(end, when));
}

/* How one authority lacks the record, in words. */
static void
shown_text(struct guard *g, const struct authority *a, const struct owner *o,
    const struct host *h, const struct key *k, const struct now *now)
{
	char ip[ADDR_TEXT + NSID_TEXT + 4], serial[64];

	addr_ip(&a->addr, ip);
	if (a->nsid[0] != 0 && o->n_inst > 0)
		text_fmt(ip + strlen(ip), NSID_TEXT + 4, " (%s)", a->nsid);
	serial_say(o, a, serial);
	if (event_answers_at(o, a, h, k))
		instance_text(g, a, o, h, k);
	else if (a->look == LOOK_SHOWN && a->fresh)
		text_fmt(g->text, sizeof(g->text),
		    "%s %s%s still answers "
		    "without it for %.100s",
		    a->name, ip, serial, o->name);
	else if (a->look == LOOK_NONE && a->fresh)
		text_fmt(g->text, sizeof(g->text),
		    "%s %s%s has no TLSA "
		    "records at all for %.100s",
		    a->name, ip, serial, o->name);
	else
		silent_text(g, a, o, h, k, now);
}

void
guard_shown(const struct host *h, const struct key *k, const struct now *now,
    struct guards *gs)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		for (size_t j = 0; j < o->n_auth; j++) {
			const struct authority *a = &o->auth[j];
			struct guard *g = guard_more(gs, GUARD_SHOWN, &a->addr,
			    event_content_at(o, a, h, k));

			if (g->met)
				text_fmt(g->text, sizeof(g->text), "%s %s",
				    a->name,
				    event_shown_at(a, h, k) ? "shows it"
					: o->past
					? "is not asked through an alias any "
					  "more"
					: a->look == LOOK_SILENT
					? "is silent, and what it showed "
					  "without it ended with its signatures"
					: alias_shown(h, a) != NULL
					? "shows an alias"
					: "has no TLSA records and asks "
					  "nothing");
			else if (!fails_text(g, h, k, a, o))
				shown_text(g, a, o, h, k, now);
			guard_waive(g, h, k);
		}
		if (o->n_auth == 0)
			text_fmt(guard_more(gs, GUARD_SHOWN, NULL, false)->text,
			    320, "no name server of %.200s is known", o->name);
	}
}

/* No alias leads there any more, so that nobody changes it but by hand. */
static void
left_text(struct guard *g, const struct authority *a, const struct owner *o)
{
	char ip[ADDR_TEXT];

	text_fmt(g->text, sizeof(g->text),
	    "%.60s %s still shows it for %.100s, where no alias leads any "
	    "more: remove it there by hand",
	    a->name, addr_ip(&a->addr, ip), o->name);
}

/* Nobody is late before the retire hold is over: until then only time is
 * missing. */
void
guard_gone(const struct host *h, const struct key *k, const struct now *now,
    struct guards *gs)
{
	int64_t due = event_retire_hold_until(h, k);
	char ip[ADDR_TEXT];

	for (size_t i = 0; i < h->n_own; i++) {
		for (size_t j = 0; j < h->own[i].n_auth; j++) {
			const struct authority *a = &h->own[i].auth[j];
			struct guard *g = guard_more(gs, GUARD_GONE, &a->addr,
			    event_dropped_at(&h->own[i], a, h, k));

			if (g->met)
				text_fmt(g->text, sizeof(g->text), "%s %s",
				    a->name,
				    a->look == LOOK_SILENT && !h->own[i].past
					? "is silent, and what it showed with "
					  "it ended with its signatures"
					: "dropped it");
			else if (h->own[i].past)
				left_text(g, a, &h->own[i]);
			else if (a->look == LOOK_SHOWN)
				text_fmt(g->text, sizeof(g->text),
				    "%s %s still shows it", a->name,
				    addr_ip(&a->addr, ip));
			else
				shown_text(g, a, &h->own[i], h, k, now);
			if (!g->met && now->elapsed < due)
				guard_wait(g, due, now);
			guard_waive(g, h, k);
		}
	}
}
