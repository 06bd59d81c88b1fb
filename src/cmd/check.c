/*
 * check.c - `danesafe check`: one line and an exit status for Nagios and its
 * kin, from the state file only.  Whatever keeps it from knowing is UNKNOWN.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/summary.h"

enum { OK, WARNING, CRITICAL, UNKNOWN };

static const char *const WORDS[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

/* Runs come every quarter of an hour. */
#define RUN_WARNING (2 * 3600)
#define RUN_UNKNOWN (6 * 3600)
#define CERT_WARNING (14 * 86400)
#define CERT_CRITICAL (3 * 86400)
#define LINE 400 /* letters of what is wrong */

/* What is to be said: the worst thing, the first of several. */
struct finding {
	int code;
	char text[LINE];
};

static void find(struct finding *f, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
find(struct finding *f, int code, const char *fmt, ...)
{
	struct text t = TEXT_INIT;
	va_list ap;

	if (code <= f->code)
		return;
	va_start(ap, fmt);
	text_vaddf(&t, fmt, ap);
	va_end(ap);
	f->code = code;
	text_fmt(f->text, sizeof(f->text), "%s", text_str(&t));
	text_release(&t);
}

/* One line, and no mark that begins the performance data. */
static void
say(const struct finding *f, const struct text *perf)
{
	char line[LINE];

	text_fmt(line, sizeof(line), "%.*s", (int)strcspn(f->text, "\n"),
	    f->text);
	for (char *s = line; *s != 0; s++)
		if (*s == '|')
			*s = '/';
	printf("DANESAFE %s - %s%s%s\n", WORDS[f->code], line,
	    perf->len > 0 ? " | " : "", text_str(perf));
}

static void
judge_host(struct finding *f, const struct report *r, const struct now *now)
{
	const char *name = r->host.name;
	char span[24];

	if (!r->known)
		find(f, WARNING, "%s: no run has looked at it yet", name);
	for (int level = LEVEL_CRITICAL; level >= LEVEL_WARNING; level--)
		for (size_t i = 0; i < r->n_concern; i++)
			if (r->concern[i].level == level)
				find(f,
				    level == LEVEL_CRITICAL ? CRITICAL
							    : WARNING,
				    "%s: %s for %s: %s", name,
				    r->concern[i].code,
				    when_rough(now->elapsed -
					    r->concern[i].since,
					span),
				    r->concern[i].text);
	if (r->known && !r->match)
		find(f, WARNING,
		    "%s: records that senders may hold do not match what is "
		    "presented",
		    name);
}

static void
perf_certificate(struct text *perf, const char *name, int64_t left)
{
	text_addf(perf, " '%s_cert'=%" PRId64 "s;%d:;%d:", name, left,
	    CERT_WARNING, CERT_CRITICAL);
}

/* The certificate of the host that ends first. */
static void
judge_certificates(struct finding *f, const struct report *r,
    const struct now *now, struct text *perf)
{
	const struct key *first = NULL;
	char id[9], span[24];
	int64_t left;

	for (int s = 0; s < SLOT_COUNT; s++) {
		const struct key *k = host_deployed(&r->host, (enum slot)s);

		if (k != NULL && k->cert_until != 0 &&
		    (first == NULL || k->cert_until < first->cert_until))
			first = k;
	}
	if (first == NULL)
		return;
	left = (int64_t)(first->cert_until - now->wall);
	if (left < CERT_WARNING)
		find(f, left < CERT_CRITICAL ? CRITICAL : WARNING,
		    left < 0 ? "%s: the certificate of key %s ended %s ago"
			     : "%s: the certificate of key %s ends in %s",
		    r->host.name, spki_id(&first->id, id),
		    when_rough(left < 0 ? -left : left, span));
	perf_certificate(perf, r->host.name, left);
}

/* Without runs nobody knows. */
static void
judge_agent(struct finding *f, const struct session *s, struct text *perf)
{
	const struct agent *a = &s->agent;
	int64_t age = report_run_age(s);
	char span[24];

	if (!a->trusted && a->wall != 0)
		find(f, UNKNOWN, "%s: nothing is changed, every wait goes on",
		    a->clock_why);
	if (a->started == 0)
		find(f, UNKNOWN, "no run yet");
	else if (age < 0)
		find(f, UNKNOWN, "the last run was in the future");
	else if (age > RUN_WARNING)
		find(f,
		    age > RUN_UNKNOWN || a->finished == 0 ? UNKNOWN : WARNING,
		    "the last run %s %s ago: %s",
		    a->finished == 0 ? "never ended that began" : "ended",
		    when_rough(age, span),
		    a->finished != 0 && !report_run_ended(a)
			? "later ones failed"
			: "does the timer run?");
	if (a->started != 0)
		text_addf(perf, " last_run_age=%" PRId64 "s;%d;%d;0", age,
		    RUN_WARNING, RUN_UNKNOWN);
}

/* Is there nothing to say of it?  Then only its figure is added. */
static bool
is_well(const struct summary *sum, const struct now *now, struct text *perf)
{
	if (sum == NULL ||
	    (sum->cert_until != 0 &&
		sum->cert_until - now->wall < CERT_WARNING))
		return false;
	if (sum->cert_until != 0)
		perf_certificate(perf, sum->host,
		    (int64_t)(sum->cert_until - now->wall));
	return true;
}

static int
judge(struct session *s, const struct conf_host **hosts, size_t n,
    struct finding *f, struct text *perf, struct text *paused, struct err *e)
{
	struct summaries all = { .v = NULL };
	struct report r;
	char when[32];
	int rc = 0;

	if (store_begin_read(s->store, e) < 0)
		return -1;
	if (n > 1) /* one is as quickly looked into */
		rc = summaries_read(s, &all, e);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (is_well(summaries_find(&all, hosts[i], &s->now), &s->now,
			perf))
			continue;
		rc = report_load(s, hosts[i], &r, e);
		if (rc < 0)
			break;
		if (r.pause != NULL)
			text_addf(paused, ", %s is paused until %s",
			    r.host.name, when_minute(r.pause->until, when));
		judge_host(f, &r, &s->now);
		judge_certificates(f, &r, &s->now, perf);
		report_release(&r);
	}
	summaries_release(&all);
	return store_end(s->store, rc, e);
}

/* What people could not be told they are told here. */
static int
judge_troubles(struct finding *f, struct session *s, struct err *e)
{
	struct concerns c;
	char span[24];

	if (report_agent(s, &c, e) < 0)
		return -1;
	for (size_t i = 0; i < c.n; i++)
		find(f, c.v[i].level == LEVEL_CRITICAL ? CRITICAL : WARNING,
		    "%s for %s: %s", c.v[i].code,
		    when_rough(s->now.elapsed - c.v[i].since, span),
		    c.v[i].text);
	concern_release(&c);
	return 0;
}

static int
check_hosts(struct session *s, int n_names, char **names, struct finding *f,
    struct text *perf, struct err *e)
{
	const struct conf_host **hosts = NULL;
	struct text paused = TEXT_INIT;
	char span[24];
	size_t n = 0;
	int rc;

	if (session_select(s, n_names, names, &hosts, &n, e) < 0)
		return -1;
	text_addf(perf, "hosts=%zu;;;0", n);
	rc = judge(s, hosts, n, f, perf, &paused, e);
	if (rc == 0)
		rc = judge_troubles(f, s, e);
	free(hosts);
	if (rc < 0) {
		text_release(&paused);
		return -1;
	}
	judge_agent(f, s, perf);
	if (f->code == OK)
		text_fmt(f->text, sizeof(f->text),
		    "%zu host%s, the last run was %s ago%s", n,
		    n == 1 ? "" : "s", when_rough(report_run_age(s), span),
		    text_str(&paused));
	text_release(&paused);
	return 0;
}

static int
unknown(const char *why)
{
	struct finding f = { .code = UNKNOWN };
	struct text none = TEXT_INIT;

	text_fmt(f.text, sizeof(f.text), "%s", why);
	say(&f, &none);
	return UNKNOWN;
}

int
cmd_check(const struct cmd *c, int argc, char **argv)
{
	struct finding f = { .code = OK };
	struct text perf = TEXT_INIT;
	struct session s;
	struct err e;
	char **words;
	int n;

	opterr = 0; /* a plugin says one line */
	n = argc < 1 ? -1 : cmd_words(argc, argv, &words);
	if (n < 0)
		return unknown("usage: danesafe [-c FILE] check [HOST...]");
	if (session_open(&s, c, SESSION_READ, &e) < 0)
		return unknown(e.text);
	if (check_hosts(&s, n, words, &f, &perf, &e) < 0)
		f.code = unknown(e.text);
	else
		say(&f, &perf);
	text_release(&perf);
	session_close(&s);
	return f.code;
}
