/*
 * report_json.c - status as one JSON object (jansson), "danesafe.status/1".
 * Additive only; every field is always there (null, not missing).
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/report.h"
#include "core/alias.h"
#include "core/event.h"
#include "core/record.h"

static json_t *
moment(time_t t)
{
	char buf[32];

	return t == 0 ? json_null() : json_string(when_rfc3339(t, buf));
}

static json_t *
at(int64_t elapsed, const struct now *now)
{
	return elapsed == NEVER ? json_null()
				: moment(report_wall(elapsed, now));
}

static json_t *
guards_json(const struct guards *gs)
{
	json_t *a = json_array();
	char label[ADDR_TEXT + 16];

	for (size_t i = 0; i < gs->n; i++)
		json_array_append_new(a,
		    json_pack("{s:s, s:b, s:b, s:s}", "name",
			guard_label(&gs->g[i], label), "met", (int)gs->g[i].met,
			"waived", (int)gs->g[i].waived, "text", gs->g[i].text));
	return a;
}

static json_t *
evidence_of(const struct host *h, const struct owner *o,
    const struct authority *a, const struct key *k, const struct now *now)
{
	bool seen = a->look == LOOK_SHOWN || a->look == LOOK_NONE;
	int64_t first = NEVER;
	char ip[ADDR_TEXT];

	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];

		if (addr_cmp(&s->auth, &a->addr) == 0 &&
		    s->first_seen != NEVER &&
		    record_shown(h, h->set[s->set], k) &&
		    (first == NEVER || s->first_seen < first))
			first = s->first_seen;
	}
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:b, s:o, s:o, s:o, s:o, "
			 "s:o, s:s, s:s?}",
	    "owner", o->name, "nameserver", a->name, "address",
	    addr_ip(&a->addr, ip), "nsid",
	    a->nsid[0] != 0 ? json_string(a->nsid) : json_null(), "result",
	    look_name(a->look), "covers", (int)event_shown_at(a, h, k), "ttl",
	    seen ? json_integer(a->ttl) : json_null(), "serial",
	    a->has_serial ? json_integer(a->serial) : json_null(),
	    "primary_serial",
	    o->has_primary_serial ? json_integer(o->primary_serial)
				  : json_null(),
	    "first_shown_at", at(first, now), "last_checked_at",
	    moment(a->looked_wall), "detail", a->why, "alias",
	    alias_shown(h, a));
}

static json_t *
evidence_json(const struct host *h, const struct key *k, const struct now *now)
{
	json_t *a = json_array();

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++)
			json_array_append_new(a,
			    evidence_of(h, &h->own[i], &h->own[i].auth[j], k,
				now));
	return a;
}

static const char *
goal_of(const struct host *h, const struct key *k)
{
	switch (k->stage) {
	case STAGE_GENERATED:
	case STAGE_PUBLISHED:
		return h->standby ? "standby" : "deploy";
	case STAGE_READY:
		return h->slot[k->slot].rollover_wall != 0 ? "deploy"
							   : "standby";
	case STAGE_DEPLOYED:
		return host_successor(h, k) == NULL ? "serve" : "retire";
	case STAGE_RETIRING:
	case STAGE_RETIRED:
		return "retire";
	case STAGE_ABORTED:
	case STAGE_COUNT:
		break;
	}
	return "abandon";
}

static json_t *
next_json(const struct report *r, const struct key *k, const struct guards *gs,
    const struct now *now)
{
	enum stage goal = guard_goal(k);
	enum actor actor = ACTOR_DANESAFE;
	json_t *waiting = json_array();
	bool paused = r->pause != NULL;
	char label[ADDR_TEXT + 16], text[200];
	int64_t when;

	if (k->stage == STAGE_RETIRED || goal == STAGE_NONE)
		goal = k->stage;
	for (size_t i = 0; i < gs->n; i++) {
		if (gs->g[i].met)
			continue;
		if (gs->g[i].actor == ACTOR_OPERATOR)
			actor = ACTOR_OPERATOR;
		json_array_append_new(waiting,
		    json_string(guard_label(&gs->g[i], label)));
	}
	if (paused && goal != k->stage)
		json_array_append_new(waiting, json_string("pause"));
	report_next(&r->host, k, gs, now, &when, text, sizeof(text));
	return json_pack("{s:s, s:o, s:o, s:s, s:s}", "stage", stage_name(goal),
	    "not_before", at(when, now), "waiting_for", waiting, "actor",
	    actor == ACTOR_OPERATOR ? "operator" : "danesafe", "text", text);
}

/* By whatever channel. */
static int64_t
last_told(const struct concern *c)
{
	int64_t last = NEVER;

	for (int ch = 0; ch < CHANNEL_COUNT; ch++)
		if (c->told[ch].at > last)
			last = c->told[ch].at;
	return last;
}

/* null: nothing but time is waited for. */
static json_t *
stuck_json(const struct stuck *s, const struct now *now)
{
	char ip[ADDR_TEXT];

	if (s->code == CODE_NONE || s->level == LEVEL_QUIET)
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:s?, s:o, s:s}", "code",
	    code_name(s->code), "stage", stage_name(s->stage), "guard",
	    guard_name(s->guard), "address",
	    s->addr.family != 0 ? addr_ip(&s->addr, ip) : NULL, "since",
	    at(s->since, now), "severity", level_name(s->level));
}

static json_t *
key_json(const struct report *r, const struct key *k, const struct now *now)
{
	struct guards *gs = mem_new(sizeof(*gs));
	struct stuck stuck;
	char id[9], hex[65];
	json_t *o;

	guards_of(&r->host, k, now, gs);
	stuck = report_stuck(r, k, gs, now);
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:b, s:b, s:o, s:o, "
		      "s:o, s:o}",
	    "id", spki_id(&k->id, id), "spki_sha256", spki_hex(&k->id, hex),
	    "slot", slot_name(k->slot), "stage", stage_name(k->stage), "goal",
	    goal_of(&r->host, k), "entered_at", moment(k->entered_wall),
	    "forced", (int)report_forced(&r->host, k), "compromised",
	    (int)k->compromised, "next", next_json(r, k, gs, now), "guards",
	    guards_json(gs), "evidence", evidence_json(&r->host, k, now),
	    "stuck", stuck_json(&stuck, now));
	free(gs);
	return o;
}

static json_t *
serving_json(const struct host *h, unsigned owner, time_t *ret_checked)
{
	json_t *a = json_array();
	char where[ADDR_TEXT], id[9];

	*ret_checked = 0;
	for (size_t i = 0; i < h->n_ep; i++) {
		const struct endpoint *ep = &h->ep[i];

		if (ep->owner != owner)
			continue;
		if (ep->swept_wall > *ret_checked)
			*ret_checked = ep->swept_wall;
		for (unsigned j = 0; j < ep->n_seen; j++)
			json_array_append_new(a,
			    json_pack("{s:s, s:s, s:s}", "endpoint",
				addr_str(&ep->addr, where), "slot",
				slot_name(ep->seen[j].slot), "key",
				spki_id(&ep->seen[j].key, id)));
	}
	return a;
}

/* Records that are no key's of the host; unused: null, or why. */
static json_t *
strangers_json(const struct host *h, const struct owner *o)
{
	json_t *a = json_array();
	char buf[TLSA_TEXT];
	struct tlsa_set set;

	report_strangers(h, o, &set);
	for (unsigned i = 0; i < set.n; i++)
		json_array_append_new(a,
		    json_pack("{s:s, s:s?}", "record",
			tlsa_str(&set.rr[i], buf), "unused",
			report_unused(&set.rr[i])));
	return a;
}

/* The kinds of record that each key has. */
static json_t *
kinds_json(const struct host *h)
{
	json_t *a = json_array();
	char kind[16];

	for (unsigned i = 0; i < h->n_tlsa; i++)
		json_array_append_new(a,
		    json_string(text_fmt(kind, sizeof(kind), "%u %u %u",
			h->tlsa[i].usage, h->tlsa[i].selector,
			h->tlsa[i].mtype)));
	return a;
}

static json_t *
services_json(const struct host *h, const struct now *now)
{
	json_t *a = json_array(), *serving;
	char service[16];
	bool *match = report_matches(h);
	time_t checked;

	for (unsigned i = 0; i < h->n_own; i++) {
		if (alias_is_base(&h->own[i]))
			continue;
		serving = serving_json(h, i, &checked);
		text_fmt(service, sizeof(service), "%u/tcp", h->own[i].port);
		json_array_append_new(a,
		    json_pack("{s:s, s:s, s:b, s:b, s:o, s:b, s:o, s:o, s:b, "
			      "s:s?, s:o}",
			"service", service, "owner", h->own[i].name, "foreign",
			(int)h->own[i].foreign, "left", (int)h->own[i].left,
			"serving", serving, "tlsa_match", (int)match[i],
			"checked_at", moment(checked), "strangers",
			strangers_json(h, &h->own[i]), "by_alias",
			(int)h->own[i].derived, "wildcard",
			h->own[i].source[0] != 0 ? h->own[i].source : NULL,
			"reached_until",
			h->own[i].derived ? at(h->own[i].until, now)
					  : json_null()));
	}
	free(match);
	return a;
}

static json_t *
certificates_json(const struct host *h)
{
	json_t *a = json_array();
	char id[9];

	for (int s = 0; s < SLOT_COUNT; s++) {
		const struct key *k = host_deployed(h, (enum slot)s);

		if (k != NULL)
			json_array_append_new(a,
			    json_pack("{s:s, s:s, s:o, s:n, s:n}", "slot",
				slot_name(k->slot), "key", spki_id(&k->id, id),
				"not_after", moment(k->cert_until), "issuer",
				"renews_at"));
	}
	return a;
}

static json_t *
alerts_json(const struct concern *v, size_t n, const struct now *now)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct concern *c = &v[i];
		const char *action = strstr(c->text, "\n  You: ");
		enum code code = concern_code(c);
		char id[9];

		if (code == CODE_NONE)
			continue;

		json_array_append_new(a,
		    json_pack("{s:s, s:s?, s:s, s:o, s:s, s:s, s:o, s:s, s:o, "
			      "s:o}",
			"code", c->code, "key",
			c->has_key ? spki_id(&c->key, id) : NULL, "severity",
			level_name(c->level), "since", moment(c->since_wall),
			"text", c->text, "mail", code_mail(code), "action",
			action == NULL ? json_null() : json_string(action + 8),
			"if_nothing_is_done", code_rest(code), "last_sent_at",
			at(last_told(c), now), "acknowledged_until",
			at(tell_is_quiet(c, now) ? c->quiet_until : NEVER,
			    now)));
	}
	return a;
}

static json_t *
pause_json(const struct pause *p)
{
	if (p == NULL)
		return json_null();
	return json_pack("{s:o, s:o, s:s, s:s}", "since", moment(p->since),
	    "until", moment(p->until), "actor", p->actor, "reason", p->reason);
}

static json_t *
host_json(const struct report *r, const struct now *now)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < r->host.n_key; i++)
		json_array_append_new(keys, key_json(r, &r->host.key[i], now));
	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o, "
			 "s:o}",
	    "name", r->host.name, "health", level_name(r->level), "phase",
	    report_phase(r), "mail_safe", (int)r->match, "paused",
	    r->pause != NULL, "pause", pause_json(r->pause), "tlsa",
	    kinds_json(&r->host), "services", services_json(&r->host, now),
	    "certificates", certificates_json(&r->host), "keys", keys, "alerts",
	    alerts_json(r->concern, r->n_concern, now));
}

static json_t *
last_run_json(const struct agent *a)
{
	bool ended = report_run_ended(a);
	const char *result = !ended ? "unfinished"
	    : a->exit_code == 0	    ? "clean"
				    : "attention";

	if (a->started == 0)
		return json_null();
	return json_pack("{s:o, s:o, s:s, s:o}", "started_at",
	    moment(a->started), "finished_at",
	    ended ? moment(a->finished) : json_null(), "result", result,
	    "exit_code", ended ? json_integer(a->exit_code) : json_null());
}

/* Hosts that the state has and the config has not. */
static json_t *
hosts_left_json(struct session *s, struct err *e)
{
	json_t *a = json_array();
	char **names;
	size_t n;

	if (store_hosts(s->store, &names, &n, e) < 0) {
		json_decref(a);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		if (conf_find(&s->conf, names[i]) == NULL)
			json_array_append_new(a, json_string(names[i]));
		free(names[i]);
	}
	free(names);
	return a;
}

int
report_json(struct session *s, const struct concerns *agent,
    const struct report *r, size_t n, bool all, struct err *e)
{
	json_t *hosts = json_array(), *top, *left;
	int worst = LEVEL_QUIET, rc;

	for (size_t i = 0; i < n; i++) {
		json_array_append_new(hosts, host_json(&r[i], &s->now));
		if (r[i].level > worst)
			worst = r[i].level;
	}
	if (report_dead(s) > worst)
		worst = report_dead(s);
	if (concern_worst(agent) > worst)
		worst = concern_worst(agent);
	left = all ? hosts_left_json(s, e) : json_null();
	if (left == NULL) {
		json_decref(hosts);
		return -1;
	}
	top = json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:{s:b, s:s}, s:s, "
			"s:o, s:o, s:o}",
	    "format", "danesafe.status/1", "generated_at", moment(s->now.wall),
	    "version", PACKAGE_VERSION, "health",
	    s->agent.started == 0 ? "unknown" : level_name(worst), "last_run",
	    last_run_json(&s->agent), "last_clean_run_at",
	    moment(s->agent.clean), "clock", "trusted", (int)s->agent.trusted,
	    "detail", s->agent.clock_why, "agent_dead",
	    level_name(report_dead(s)), "alerts",
	    alerts_json(agent->v, agent->n, &s->now), "hosts", hosts,
	    "hosts_left", left);
	if (top == NULL)
		return err_set(e, ERR_BUG, "status could not be put as JSON");
	rc = json_dumpf(top, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(top);
	return rc < 0 ? err_set(e, ERR_IO, "standard output: cannot write") : 0;
}
