/*
 * status.c - `danesafe status`: what is, what comes, who acts.  From the
 * state file only: offline, without the lock, for any user who may read it.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/page.h"
#include "cmd/summary.h"
#include "cmd/terminal.h"
#include "core/left.h"

enum form { FORM_TABLE, FORM_SHORT, FORM_JSON, FORM_WHOLE, FORM_PAGE };

/* A pass ran, and did not trust the clock. */
static bool
clock_doubted(const struct agent *a)
{
	return !a->trusted && a->wall != 0;
}

/* What is shown may not be so any more, or people may not hear of it. */
static bool
is_doubted(const struct session *s, const struct concerns *agent)
{
	return clock_doubted(&s->agent) || report_dead(s) > LEVEL_QUIET ||
	    agent->n > 0;
}

/* That nobody watches is said by whoever looks. */
static void
add_dead(struct text *t, const struct session *s)
{
	int64_t age = report_run_age(s);
	int level = report_dead(s);
	char span[24];

	if (level == LEVEL_QUIET)
		return;
	text_addf(t,
	    "! %s %s: no run has ended for %s\n    You: see why danesafe "
	    "is not started: systemctl status danesafe.timer\n    For mail "
	    "now: %s\n",
	    code_name(CODE_AGENT_DEAD),
	    level == LEVEL_CRITICAL ? "CRITICAL" : "WARNING",
	    when_rough(age, span), code_mail(CODE_AGENT_DEAD));
}

static void
add_head(struct text *t, const struct session *s, const struct concerns *agent)
{
	char host[65] = "", when[32], span[24];
	const struct agent *a = &s->agent;

	gethostname(host, sizeof(host) - 1);
	when_minute(s->now.wall, when);
	text_addf(t, "danesafe on %s", host);
	if (report_run_ended(a)) {
		when_rough((int64_t)(s->now.wall - a->finished), span);
		text_addf(t, " · last run %s ago, %s", span,
		    a->exit_code == 0 ? "clean" : "needs attention");
	} else if (a->started != 0)
		text_addf(t,
		    " · a run is on, or the last one did not end (run it "
		    "again)");
	else
		text_add(t, " · no run yet");
	text_addf(t, "   %s\n", when);
	add_dead(t, s);
	if (clock_doubted(a))
		text_addf(t, "! %s: nothing is changed, every wait goes on\n",
		    a->clock_why);
	report_agent_add(t, agent, &s->now);
}

static void
print_share(struct share s, bool any, char *buf, size_t size)
{
	if (any)
		text_fmt(buf, size, "%u/%u", s.yes, s.all);
	else
		text_fmt(buf, size, "-");
}

static void
add_key(struct text *t, const struct report *r, const struct key *k,
    const struct now *now)
{
	struct guards *gs = mem_new(sizeof(*gs));
	const struct host *h = &r->host;
	char id[9], span[24], tlsa[24], served[24], next[200];
	struct share sh = report_served(h, k);

	guards_of(h, k, now, gs);
	when_rough((int64_t)(now->wall - k->entered_wall), span);
	print_share(report_shown(h, k), k->stage < STAGE_RETIRED, tlsa,
	    sizeof(tlsa));
	print_share(sh, sh.yes > 0 || k->stage == STAGE_DEPLOYED, served,
	    sizeof(served));
	report_next(h, k, gs, now, NULL, next, sizeof(next));
	text_addf(t, "  %s  %-5s  %-9s  %-8s  %-7s  %-9s  %s%s%s\n",
	    spki_id(&k->id, id), slot_name(k->slot), stage_name(k->stage), span,
	    tlsa, served, next, report_forced(h, k) ? "  FORCED" : "",
	    k->compromised ? "  COMPROMISED" : "");
	free(gs);
}

/* What may still pass by itself is named; what a person can do is said once
 * it has lasted. */
static void
add_concern(struct text *t, const struct concern *c, const struct now *now)
{
	char span[24];
	const char *line = c->text, *end;

	when_rough(now->elapsed - c->since, span);
	for (; *line != 0; line = *end == 0 ? end : end + 1) {
		end = strchrnul(line, '\n');
		if (line == c->text)
			text_addf(t, "  %c %.*s (for %s)\n",
			    c->level >= LEVEL_WARNING ? '!' : '-',
			    (int)(end - line), line, span);
		else
			text_addf(t, "  %.*s\n", (int)(end - line), line);
		if (c->level < LEVEL_WARNING)
			return;
	}
	text_addf(t, "    For mail now: %s\n", code_mail(concern_code(c)));
	if (tell_is_quiet(c, now))
		text_addf(t, "    Acknowledged for another %s.\n",
		    when_rough(c->quiet_until - now->elapsed, span));
}

/* Those that no concern has named. */
static void
add_strangers(struct text *t, const struct report *r, const struct owner *o)
{
	struct tlsa_set set;
	char buf[TLSA_TEXT];

	report_strangers(&r->host, o, &set);
	for (unsigned i = 0; i < set.n; i++) {
		const char *unused = report_unused(&set.rr[i]);

		if (report_is_told(r, o, &set.rr[i]))
			continue;
		text_addf(t, "  · %s also has TLSA %.24s%s: %s%s\n", o->name,
		    tlsa_str(&set.rr[i], buf), strlen(buf) > 24 ? "..." : "",
		    unused != NULL ? "no mail sender uses it, "
				   : "no key of this host; it is kept",
		    unused != NULL ? unused : "");
	}
}

/* What the state knows and the config does not. */
static void
add_left(struct text *t, const struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		if (!o->left)
			continue;
		text_addf(t,
		    !o->foreign
			? "  · %s is no longer in the config, but an alias "
			  "leads there:\n    its records are changed as long "
			  "as that may be met\n"
			: left_alone(h, o)
			? "  · %s is no longer in the config, but senders may "
			  "meet records there:\n    it is waited for until "
			  "they are gone, and not changed\n"
			: "  · %s is no longer in the config, but an alias "
			  "leads there:\n    those who run its zone go on "
			  "changing its records\n",
		    o->name);
	}
}

static int
add_left_hosts(struct text *t, const struct session *s, struct err *e)
{
	char **names;
	size_t n;

	if (store_hosts(s->store, &names, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (conf_find(&s->conf, names[i]) == NULL)
			text_addf(t,
			    "\n%-56s no longer in the config\n  Nothing is "
			    "looked at, changed or destroyed. Put back, it "
			    "goes on where it was.\n",
			    names[i]);
		free(names[i]);
	}
	free(names);
	return 0;
}

static void
add_pause(struct text *t, const struct pause *p, const struct now *now)
{
	char since[32], until[32], span[24];

	when_rough((int64_t)(p->until - now->wall), span);
	text_addf(t,
	    "  paused until %s (in %s), by %s since %s:\n    %s\n"
	    "    danesafe resume %s    ends it\n",
	    when_minute(p->until, until), span, p->actor,
	    when_minute(p->since, since), p->reason, p->host);
}

static void
add_table(struct text *t, const struct report *r, const struct now *now)
{
	const struct host *h = &r->host;

	text_addf(t, "\n%-56s %s, %s\n", h->name,
	    r->known ? report_phase(r) : "not adopted yet",
	    report_level(r->level));
	if (!r->known) {
		text_add(t, "  The next run adopts it.\n");
		return;
	}
	if (r->pause != NULL)
		add_pause(t, r->pause, now);
	if (!r->match)
		text_addf(t,
		    "  ! a set of TLSA records that senders may hold does "
		    "not match what is presented:\n    DANE senders may "
		    "defer mail now; see the history\n");
	text_addf(t,
	    "  KEY       SLOT   STAGE      FOR       TLSA AT  SERVED ON  "
	    "NEXT\n");
	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].stage < STAGE_RETIRED ||
		    (!h->key[i].adopted && h->key[i].destroyed_at == NEVER) ||
		    i + 3 > h->n_key)
			add_key(t, r, &h->key[i], now);
	for (size_t i = 0; i < r->n_concern; i++)
		add_concern(t, &r->concern[i], now);
	for (size_t i = 0; i < h->n_own; i++)
		add_strangers(t, r, &h->own[i]);
	add_left(t, h);
}

static int
worse_first(const void *a, const void *b)
{
	const struct report *x = a, *y = b;

	if (x->level != y->level)
		return y->level - x->level;
	return strcmp(x->host.name, y->host.name);
}

static void
put(struct text *t)
{
	struct terminal out = terminal_of(stdout);

	terminal_write(&out, text_str(t), stdout);
	text_release(t);
}

/* The table; of all hosts: also of those that the config does not name. */
static int
show(struct session *s, const struct concerns *agent, const struct report *r,
    size_t n, bool all, struct err *e)
{
	struct text t = TEXT_INIT;
	int rc = 0;

	add_head(&t, s, agent);
	for (size_t i = 0; i < n; i++)
		add_table(&t, &r[i], &s->now);
	if (all)
		rc = add_left_hosts(&t, s, e);
	put(&t);
	return rc;
}

/* All of one moment. */
static int
load(struct session *s, const struct conf_host **hosts, size_t n,
    struct report *r, size_t *ret_loaded, struct err *e)
{
	int rc = 0;

	if (store_begin_read(s->store, e) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = report_load(s, hosts[i], &r[i], e);
		*ret_loaded += rc == 0;
	}
	return store_end(s->store, rc, e);
}

static int
report_all(struct session *s, int n_names, char **names, enum form form,
    const char *file, struct err *e)
{
	const struct conf_host **hosts = NULL;
	struct concerns agent;
	struct report *r = NULL;
	size_t n = 0, loaded = 0;
	int rc = -1;

	if (session_select(s, n_names, names, &hosts, &n, e) < 0)
		return -1;
	if (report_agent(s, &agent, e) < 0)
		goto out;
	if (form == FORM_SHORT) {
		rc = summary_print(s, hosts, n, e);
		goto out;
	}
	r = mem_array(n + 1, sizeof(*r));
	if (load(s, hosts, n, r, &loaded, e) < 0)
		goto out;
	qsort(r, n, sizeof(*r), worse_first);
	rc = form == FORM_PAGE	? page_write(s, &agent, r, n, file, e)
	    : form == FORM_JSON ? report_json(s, &agent, r, n, n_names == 0, e)
				: show(s, &agent, r, n, n_names == 0, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (r[i].level > LEVEL_QUIET)
			rc = 1;
out:
	if (rc == 0 && is_doubted(s, &agent))
		rc = 1;
	for (size_t i = 0; i < loaded; i++)
		report_release(&r[i]);
	free(r);
	free(hosts);
	concern_release(&agent);
	return rc;
}

/* One host at length, and of its keys perhaps one. */
static int
report_one(struct session *s, int n_words, char **words, struct err *e)
{
	const struct conf_host **hosts = NULL;
	const struct key *only = NULL;
	struct concerns agent;
	struct text t = TEXT_INIT;
	struct report r;
	size_t n = 0;
	int rc = -1;

	if (session_select(s, 1, words, &hosts, &n, e) < 0)
		return -1;
	if (report_agent(s, &agent, e) < 0 ||
	    report_load(s, hosts[0], &r, e) < 0)
		goto out;
	if (n_words > 1)
		only = host_find_key_hex(&r.host, words[1]);
	if (n_words > 1 && only == NULL)
		err_set(e, ERR_USAGE,
		    "%s has no key '%.70s', or several that begin so; give "
		    "4 digits or more of an id of 'danesafe status %s'",
		    hosts[0]->name, words[1], hosts[0]->name);
	else {
		add_head(&t, s, &agent);
		add_table(&t, &r, &s->now);
		if (r.known)
			evidence_add(&t, &r, only, &s->now);
		put(&t);
		rc = r.level > LEVEL_QUIET || is_doubted(s, &agent);
	}
	report_release(&r);
out:
	concern_release(&agent);
	free(hosts);
	return rc;
}

int
cmd_status(const struct cmd *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "html", required_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "short", no_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	enum form form = FORM_TABLE;
	const char *file = NULL;
	struct session s;
	struct err e;
	int ch, rc;

	optind = 0; /* begin anew: main has used getopt too */
	while ((ch = getopt_long(argc, argv, "+v", longs, NULL)) != -1) {
		if (ch != 'h' && ch != 'j' && ch != 's' && ch != 'v')
			return cmd_usage("status", NULL);
		if (ch == 'h')
			file = optarg;
		form = ch == 'h' ? FORM_PAGE
		    : ch == 'j'	 ? FORM_JSON
		    : ch == 's'	 ? FORM_SHORT
				 : FORM_WHOLE;
	}
	argc -= optind;
	argv += optind;
	if (form == FORM_WHOLE && (argc < 1 || argc > 2))
		return cmd_usage("status", "-v wants one host");
	if (session_open(&s, c, SESSION_READ, &e) < 0)
		return cmd_fail(&e);
	rc = form == FORM_WHOLE ? report_one(&s, argc, argv, &e)
				: report_all(&s, argc, argv, form, file, &e);
	return session_end(&s, rc, &e);
}
