/*
 * page.c - `danesafe status --html`: what is and what comes as one page, in
 * words first and in pictures beside them.  From the state file only.
 */
#include "cmd/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "core/alias.h"
#include "core/guard.h"

#define AHEAD (366 * WHEN_DAY)
#define PAST (70 * WHEN_DAY)
#define STEPS_SHOWN 40

static const char *const CLASS[] = { "ok", "warning", "critical" };

/* ---- what is collected ---- */

/* "ready -> deployed", as the journal has it. */
static bool
parse_stages(const char *s, struct page_event *ret)
{
	const char *arrow = strstr(s, " -> ");
	char from[16];

	if (arrow == NULL)
		return false;
	text_fmt(from, sizeof(from), "%.*s", (int)(arrow - s), s);
	ret->from = stage_parse(from); /* "none" is none of them */
	ret->to = stage_parse(arrow + 4);
	return ret->to != STAGE_COUNT;
}

static void
note_event(const struct entry *en, void *arg)
{
	struct page_host *ph = arg;
	struct page_event ev = { .at = en->wall, .key = en->key };

	if (en->kind != ENTRY_STAGE || !en->has_key ||
	    !parse_stages(en->text, &ev))
		return;
	ph->past = mem_room(ph->past, ph->n_past, &ph->cap_past,
	    sizeof(*ph->past));
	ph->past[ph->n_past++] = ev;
}

static int
collect(struct session *s, const struct report *r, struct page_host *ret,
    struct err *e)
{
	const struct conf_host *c = conf_find(&s->conf, r->host.name);

	memset(ret, 0, sizeof(*ret));
	ret->r = r;
	if (!r->known)
		return 0;
	if (store_history(s->store, r->host.name, s->now.wall - PAST,
		note_event, ret, e) < 0 ||
	    forecast_host(s, c, s->now.wall + AHEAD, &ret->coming, e) < 0)
		return -1;
	forecast_sort(&ret->coming);
	return 0;
}

static void
release(struct page_host *ph)
{
	free(ph->past);
	forecast_release(&ph->coming);
}

/* ---- the page ---- */

/* A page that looks well while nobody watches would be the worst of all. */
static void
add_dead(struct text *t, const struct session *s)
{
	int level = report_dead(s);
	char span[24];

	if (level == LEVEL_QUIET)
		return;
	text_addf(t, "<p class=\"%s\">", CLASS[level]);
	page_addf(t,
	    "%s: no run has ended for %s, and what follows is the state of "
	    "the last one. You: see why danesafe is not started: systemctl "
	    "status danesafe.timer",
	    code_name(CODE_AGENT_DEAD), when_rough(report_run_age(s), span));
	text_add(t, "</p>\n");
}

static void
add_head(struct text *t, const struct session *s)
{
	const struct agent *a = &s->agent;
	char when[32], span[24];

	text_add(t, "<p class=\"soft\">");
	page_addf(t, "As of %s", when_minute(s->now.wall, when));
	if (report_run_ended(a))
		page_addf(t, "; last run %s before, %s",
		    when_rough((int64_t)(s->now.wall - a->finished), span),
		    a->exit_code == 0 ? "clean" : "needs attention");
	else
		page_addf(t, "; %s",
		    a->started != 0 ? "a run is on, or the last one did not end"
				    : "no run yet");
	text_add(t, ". All times are UTC.</p>\n");
	add_dead(t, s);
	if (!a->trusted && a->wall != 0) {
		text_add(t, "<p class=\"critical\">");
		page_addf(t, "%s: nothing is changed, every wait goes on.",
		    a->clock_why);
		text_add(t, "</p>\n");
	}
}

/* What is wrong with the agent itself. */
static void
add_agent(struct text *t, const struct concerns *c, const struct now *now)
{
	char span[24];

	for (size_t i = 0; i < c->n; i++) {
		text_addf(t, "<p class=\"%s\">", CLASS[c->v[i].level]);
		page_addf(t, "%s for %s: %s", c->v[i].code,
		    when_rough(now->elapsed - c->v[i].since, span),
		    c->v[i].text);
		text_add(t, "</p>\n");
	}
}

static void cell(struct text *t, const char *head, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
cell(struct text *t, const char *head, const char *fmt, ...)
{
	char words[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	text_addf(t, "<td data-h=\"%s\">", head);
	page_add(t, words);
	text_add(t, "</td>");
}

static void
heads(struct text *t, const char *const *names, size_t n)
{
	text_add(t, "<table class=\"stack\"><thead><tr>");
	for (size_t i = 0; i < n; i++)
		text_addf(t, "<th>%s</th>", names[i]);
	text_add(t, "</tr></thead><tbody>\n");
}

static void
add_key(struct text *t, const struct report *r, const struct key *k,
    const struct now *now)
{
	const struct host *h = &r->host;
	struct guards *gs = mem_new(sizeof(*gs));
	struct share shown = report_shown(h, k), served = report_served(h, k);
	char id[9], span[24], next[200];

	guards_of(h, k, now, gs);
	report_next(h, k, gs, now, NULL, next, sizeof(next));
	text_add(t, "<tr>");
	cell(t, "Key", "%s", spki_id(&k->id, id));
	cell(t, "Slot", "%s", slot_name(k->slot));
	cell(t, "Stage", "%s%s%s", stage_name(k->stage),
	    report_forced(h, k) ? ", FORCED" : "",
	    k->compromised ? ", COMPROMISED" : "");
	cell(t, "For", "%s",
	    when_rough((int64_t)(now->wall - k->entered_wall), span));
	if (k->stage < STAGE_RETIRED)
		cell(t, "Record at", "%u of %u", shown.yes, shown.all);
	else
		cell(t, "Record at", "-");
	if (served.yes > 0 || k->stage == STAGE_DEPLOYED)
		cell(t, "Served on", "%u of %u", served.yes, served.all);
	else
		cell(t, "Served on", "-");
	cell(t, "Next", "%s", next);
	text_add(t, "</tr>\n");
	free(gs);
}

static void
add_keys(struct text *t, const struct report *r, const struct now *now)
{
	static const char *const names[] = { "Key", "Slot", "Stage", "For",
		"Record at", "Served on", "Next" };

	heads(t, names, sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < r->host.n_key; i++)
		if (r->host.key[i].stage < STAGE_RETIRED ||
		    r->host.key[i].destroyed_at == NEVER)
			add_key(t, r, &r->host.key[i], now);
	text_add(t, "</tbody></table>\n");
}

static void
add_concerns(struct text *t, const struct report *r, const struct now *now)
{
	char span[24];

	if (r->n_concern == 0)
		return;
	text_add(t, "<h3>What is waited for, and who must act</h3>\n<ul>\n");
	for (size_t i = 0; i < r->n_concern; i++) {
		const struct concern *c = &r->concern[i];

		text_addf(t, "<li class=\"%s\">",
		    c->level == LEVEL_QUIET ? "" : CLASS[c->level]);
		page_addf(t, "%s (%s, for %s)", c->text,
		    c->level == LEVEL_QUIET ? "waits" : CLASS[c->level],
		    when_rough(now->elapsed - c->since, span));
		text_add(t, "</li>\n");
	}
	text_add(t, "</ul>\n");
}

static void
add_coming(struct text *t, const struct page_host *ph)
{
	static const char *const names[] = { "When", "Key", "Slot", "Step" };
	char when[32], key[16], say[100];

	text_add(t, "<h3>What comes, if nothing fails</h3>\n");
	if (ph->coming.n == 0) {
		text_add(t, "<p>Nothing within a year.</p>\n");
		return;
	}
	heads(t, names, 4);
	for (size_t i = 0; i < ph->coming.n && i < STEPS_SHOWN; i++) {
		const struct forecast_step *s = &ph->coming.v[i];

		text_add(t, "<tr>");
		cell(t, "When", "%s", when_minute(s->at, when));
		cell(t, "Key", "%s", forecast_key(s, key));
		cell(t, "Slot", "%s", slot_name(s->slot));
		cell(t, "Step", "%s", forecast_say(s, say, sizeof(say)));
		text_add(t, "</tr>\n");
	}
	text_add(t, "</tbody></table>\n");
	if (ph->coming.n > STEPS_SHOWN)
		text_addf(t, "<p class=\"soft\">and %zu more</p>\n",
		    ph->coming.n - STEPS_SHOWN);
}

static void
add_authorities(struct text *t, const struct host *h, const struct now *now)
{
	static const char *const names[] = { "Name", "Name server", "Answer",
		"TTL", "Asked" };
	char ip[ADDR_TEXT], span[24];

	text_add(t, "<h3>What name servers answer</h3>\n");
	heads(t, names, 5);
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++) {
			const struct authority *a = &h->own[i].auth[j];

			text_add(t, "<tr>");
			cell(t, "Name", "%s", h->own[i].name);
			cell(t, "Name server", "%s %s", a->name,
			    addr_ip(&a->addr, ip));
			cell(t, "Answer", "%s%s%s", look_name(a->look),
			    a->why[0] != 0 ? ": " : "", a->why);
			cell(t, "TTL", "%u", a->ttl);
			cell(t, "Asked", "%s ago",
			    when_rough((int64_t)(now->wall - a->looked_wall),
				span));
			text_add(t, "</tr>\n");
		}
	text_add(t, "</tbody></table>\n");
}

static void
add_state(struct text *t, const struct report *r)
{
	char until[32];

	text_add(t, "<h2>");
	page_add(t, r->host.name);
	text_addf(t, " <span class=\"health %s\">", CLASS[r->level]);
	page_addf(t, "%s, %s", r->known ? report_phase(r) : "not adopted yet",
	    CLASS[r->level]);
	text_add(t, "</span></h2>\n");
	if (!r->known)
		text_add(t, "<p>The next run adopts it.</p>\n");
	else if (r->match)
		text_add(t,
		    "<p>Every record set that senders may hold matches what "
		    "is presented, as far as is known.</p>\n");
	else
		text_add(t,
		    "<p class=\"critical\">A record set that senders may hold "
		    "does not match what is presented: DANE senders may defer "
		    "mail now.</p>\n");
	if (r->pause == NULL)
		return;
	text_add(t, "<p class=\"warning\">");
	page_addf(t, "Paused until %s by %s: %s",
	    when_minute(r->pause->until, until), r->pause->actor,
	    r->pause->reason);
	text_add(t, "</p>\n");
}

static void
add_host(struct text *t, const struct page_host *ph, const struct now *now)
{
	const struct report *r = ph->r;

	text_add(t, "<section>\n");
	add_state(t, r);
	if (r->known) {
		add_keys(t, r, now);
		add_concerns(t, r, now);
		text_add(t, "<h3>The weeks around now</h3>\n");
		page_weeks(t, ph, now);
		text_add(t, "<h3>The year to come</h3>\n");
		page_year(t, ph, now);
		add_coming(t, ph);
		add_authorities(t, &r->host, now);
	}
	text_add(t, "</section>\n");
}

int
page_write(struct session *s, const struct concerns *agent,
    const struct report *r, size_t n, const char *file, struct err *e)
{
	struct text t = TEXT_INIT;
	char machine[65] = "", title[100];
	struct page_host ph;
	int rc = 0;

	gethostname(machine, sizeof(machine) - 1);
	page_begin(&t,
	    text_fmt(title, sizeof(title), "danesafe on %s", machine));
	add_head(&t, s);
	add_agent(&t, agent, &s->now);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = collect(s, &r[i], &ph, e);
		if (rc == 0)
			add_host(&t, &ph, &s->now);
		release(&ph);
	}
	text_addf(&t,
	    "<footer class=\"soft\"><p>danesafe %s; the words are "
	    "those of danesafe-rollover(7)</p></footer>\n"
	    "</body>\n</html>\n",
	    PACKAGE_VERSION);
	if (rc == 0 &&
	    file_replace(file, text_str(&t), t.len, 0644, (uid_t)-1, (gid_t)-1,
		e) < 0)
		rc = err_prefix(e, "the page is not written");
	text_release(&t);
	return rc;
}
