/*
 * report.c - what can be said of a host from its state; says nothing itself.
 */
#include "cmd/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "base/when.h"
#include "core/alias.h"
#include "core/event.h"
#include "core/law.h"
#include "core/meet.h"
#include "core/pause.h"
#include "core/record.h"

void
report_installed(struct host *h)
{
	for (size_t i = 0; i < h->n_key; i++)
		h->key[i].installed = &h->key[i] ==
		    host_deployed(h, h->key[i].slot);
}

const char *
report_level(int level)
{
	static const char *const words[] = { "ok", "ATTENTION", "CRITICAL" };

	return words[level];
}

/*
 * What a pass finds out anew is taken to be as the last pass left it; what
 * was wrong then stands among the concerns.
 */
static void
as_of_last_pass(struct host *h)
{
	host_end_pass(h);
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++)
			h->own[i].auth[j].fresh = h->own[i].auth[j].looked_at !=
			    NEVER;
	for (size_t i = 0; i < h->n_ep; i++)
		h->ep[i].fresh = h->ep[i].sweep != SWEEP_NEVER;
	for (size_t i = 0; i < h->n_key; i++) {
		struct key *k = &h->key[i];

		k->stored = k->destroyed_at == NEVER;
		k->cert_ok = true;
		k->next_ok = k->next_chain != 0;
	}
	report_installed(h);
}

/* What is over, or only watched until it lasts. */
static bool
is_hidden(const struct concern *c)
{
	enum code code = concern_code(c);

	return c->over_at != NEVER ||
	    (c->level == LEVEL_QUIET &&
		(code == CODE_HOLD || code == CODE_STANDBY_MISSING));
}

static void
drop_hidden(struct report *r)
{
	size_t keep = 0;

	for (size_t i = 0; i < r->n_concern; i++)
		if (!is_hidden(&r->concern[i]))
			r->concern[keep++] = r->concern[i];
	r->n_concern = keep;
}

/* What the last pass found wrong, put back where guards look for it. */
static void
recall_concerns(struct report *r, const struct now *now)
{
	for (size_t i = 0; i < r->n_concern; i++) {
		struct concern *c = &r->concern[i];
		struct key *k;

		c->level = tell_level(c, &r->host.policy, now);
		if (c->level > r->level)
			r->level = c->level;
		k = c->has_key ? host_find_key(&r->host, &c->key) : NULL;
		if (k == NULL)
			continue;
		if (concern_code(c) == CODE_KEY_FILE)
			k->stored = false;
		if (concern_code(c) == CODE_READY_NO_CERT) {
			k->cert_ok = false;
			k->cert_why = once_fmt(HOST_WHY, "%.190s", c->text);
		}
	}
}

static bool
law_holds(const struct host *h, const struct now *now)
{
	struct breach b[16];
	size_t n = law_broken(h, now, b, 16);

	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].loop)
			return false; /* no answer is no delivery */
	for (size_t i = 0; i < n && i < 16; i++)
		if (b[i].shown_now || b[i].until != NEVER)
			return false;
	return true;
}

int
report_load(struct session *s, const struct conf_host *c, struct report *ret,
    struct err *e)
{
	struct host h;

	if (session_host(s, c, &h, e) < 0)
		return -1;
	return report_take(s, c, &h, ret, e);
}

int
report_take(struct session *s, const struct conf_host *c, struct host *h,
    struct report *ret, struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	ret->host = *h;
	memset(h, 0, sizeof(*h));
	if (s->store != NULL &&
	    store_concerns(s->store, c->name, &ret->concern, &ret->n_concern,
		e) < 0) {
		host_release(&ret->host);
		return -1;
	}
	ret->known = ret->host.adopted_at != NEVER;
	if (pause_holds(&ret->host, &s->now))
		ret->pause = session_pause(s, c->name);
	as_of_last_pass(&ret->host);
	drop_hidden(ret);
	recall_concerns(ret, &s->now);
	ret->match = law_holds(&ret->host, &s->now);
	if (!ret->match && ret->level < LEVEL_WARNING)
		ret->level = LEVEL_WARNING;
	return 0;
}

void
report_release(struct report *r)
{
	host_release(&r->host);
	free(r->concern);
	memset(r, 0, sizeof(*r));
}

static bool
all_match(const struct host *h, const struct owner *o,
    const struct presented *p)
{
	for (size_t i = 0; i < o->n_auth; i++) {
		int set = o->auth[i].set;

		if (set >= 0 && record_unmatched(h, h->set[set], p) != NULL)
			return false;
	}
	return true;
}

static bool
owner_matches(const struct meet *m, unsigned owner)
{
	const struct endpoint *ep;
	size_t at = 0;

	while ((ep = meet_next(m, owner, &at)) != NULL)
		for (unsigned j = 0; j < ep->n_seen; j++)
			if (!all_match(m->h, &m->h->own[owner], &ep->seen[j]))
				return false;
	return true;
}

bool *
report_matches(const struct host *h)
{
	bool *ret = mem_array(h->n_own + 1, sizeof(*ret));
	struct meet m;

	meet_begin(&m, h, NEVER);
	for (unsigned i = 0; i < h->n_own; i++)
		ret[i] = owner_matches(&m, i);
	meet_release(&m);
	return ret;
}

struct share
report_shown(const struct host *h, const struct key *k)
{
	struct share s = { 0, 0 };

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++) {
			if (h->own[i].role != OWNER_ASKED)
				continue; /* nothing is to be shown there */
			s.all++;
			s.yes += event_shown_at(&h->own[i].auth[j], h, k);
		}
	return s;
}

struct share
report_served(const struct host *h, const struct key *k)
{
	struct share s = { 0, (unsigned)h->n_ep };

	for (size_t i = 0; i < h->n_ep; i++)
		s.yes += event_served_at(h, &h->ep[i], k);
	return s;
}

int64_t
report_run_age(const struct session *s)
{
	const struct agent *a = &s->agent;

	return (int64_t)(s->now.wall -
	    (a->finished != 0 ? a->finished : a->started));
}

bool
report_run_ended(const struct agent *a)
{
	return a->finished != 0 && a->finished >= a->started;
}

int
report_dead(const struct session *s)
{
	if (s->agent.started == 0 || report_run_age(s) < 0)
		return LEVEL_QUIET;
	return (int)code_level(CODE_AGENT_DEAD, report_run_age(s),
	    &s->conf.policy);
}

struct stuck
report_stuck(const struct report *r, const struct key *k,
    const struct guards *gs, const struct now *now)
{
	return stuck_of(&r->host, k, gs, r->concern, r->n_concern, now);
}

const char *
report_phase(const struct report *r)
{
	const struct host *h = &r->host;
	const char *phase = "steady";

	if (h->adopted_at == NEVER)
		return "bootstrap";
	if (r->pause != NULL)
		return "paused";
	for (size_t i = 0; i < h->n_key; i++) {
		const struct key *k = &h->key[i];

		if (k->compromised && k->stage < STAGE_RETIRED)
			return "emergency";
		if (k->stage == STAGE_RETIRING ||
		    (k->stage == STAGE_DEPLOYED &&
			host_successor(h, k) != NULL) ||
		    h->slot[k->slot].rollover_wall != 0)
			phase = "rollover";
	}
	return phase;
}

bool
report_forced(const struct host *h, const struct key *k)
{
	for (size_t i = 0; i < h->n_waiver; i++)
		if (spki_eq(&h->waiver[i].key, &k->id))
			return true;
	return false;
}

time_t
report_wall(int64_t at, const struct now *now)
{
	return now->wall + (time_t)(at - now->elapsed);
}

/* What the stage turns into, as the table says it. */
static const char *
goal_word(const struct host *h, const struct key *k)
{
	switch (k->stage) {
	case STAGE_GENERATED:
		return "published";
	case STAGE_PUBLISHED:
		return "ready";
	case STAGE_READY:
		return host_deployed(h, k->slot) == NULL ? "deployed"
							 : "takes over";
	case STAGE_DEPLOYED:
		return host_successor(h, k) == NULL ? "its successor takes over"
						    : "retiring";
	case STAGE_RETIRING:
		return "retired";
	case STAGE_RETIRED:
		return k->adopted || k->destroyed_at != NEVER
		    ? NULL
		    : "private key destroyed";
	case STAGE_ABORTED:
	case STAGE_COUNT:
		break;
	}
	return NULL;
}

/* Nothing else keeps it for longer. */
static const char *
after_pause(const struct host *h, const char *goal, const struct now *now,
    int64_t *ret_at, char *buf, size_t size)
{
	char when[32];

	if (ret_at != NULL && now->trusted)
		*ret_at = now->elapsed + (int64_t)(h->paused_until - now->wall);
	return text_fmt(buf, size, "%s after the pause, from %s on", goal,
	    when_minute(h->paused_until, when));
}

/* Its time has come, and its successor may have to wait for more. */
static const char *
after_candidate(const struct host *h, const struct key *k, const char *goal,
    char *buf, size_t size)
{
	const struct key *c = host_candidate(h, k->slot);
	char id[9];

	if (c == NULL)
		return text_fmt(buf, size, "%s once there is one", goal);
	if (c->stage != STAGE_READY)
		return text_fmt(buf, size, "%s when %s is ready", goal,
		    spki_id(&c->id, id));
	return text_fmt(buf, size, "%s at the next run", goal);
}

const char *
report_next(const struct host *h, const struct key *k, const struct guards *gs,
    const struct now *now, int64_t *ret_at, char *buf, size_t size)
{
	const struct guard *open = NULL, *last = NULL;
	const char *goal = goal_word(h, k);
	unsigned n_open = 0;
	char label[ADDR_TEXT + 16], span[24], when[32];

	if (ret_at != NULL)
		*ret_at = NEVER;
	if (goal == NULL)
		return text_fmt(buf, size, "-");
	for (size_t i = 0; i < gs->n; i++) {
		const struct guard *g = &gs->g[i];

		if (g->met)
			continue;
		if (!g->running && g->id != GUARD_HOLD && n_open++ == 0)
			open = g;
		if (g->running && g->until != NEVER &&
		    (last == NULL || g->until > last->until))
			last = g;
	}
	if (pause_holds(h, now) &&
	    (last == NULL || report_wall(last->until, now) < h->paused_until))
		return after_pause(h, goal, now, ret_at, buf, size);
	if (open != NULL)
		return text_fmt(buf, size, "%s when %s%s is met", goal,
		    guard_label(open, label),
		    n_open > 1 ? " (and others)" : "");
	if (last == NULL && k->stage == STAGE_DEPLOYED &&
	    host_successor(h, k) == NULL)
		return after_candidate(h, k, goal, buf, size);
	if (last == NULL)
		return text_fmt(buf, size, "%s at the next run", goal);
	if (ret_at != NULL)
		*ret_at = last->until;
	when_rough(last->until - now->elapsed, span);
	when_minute(report_wall(last->until, now), when);
	return text_fmt(buf, size, "%s %s (in %s)", goal, when, span);
}
