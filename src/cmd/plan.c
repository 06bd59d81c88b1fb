/*
 * plan.c - `danesafe plan`: what comes, step by step, if nothing fails.  From
 * the state file only.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "cmd/forecast.h"

#define AHEAD_MAX (20 * WHEN_YEAR)

struct options {
	bool json;
	time_t until; /* 0: after `span` */
	int64_t span;
};

/* A moment, or a span. */
static int
parse_until(const char *s, struct options *o)
{
	if (when_moment(s, &o->until) == 0)
		return 0;
	o->until = 0;
	return when_parse(s, &o->span);
}

static int
parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "until", required_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	optind = 0; /* begin anew: main has used getopt too */
	while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (ch == 'j')
			o->json = true;
		else if (ch != 'u')
			return cmd_usage("plan", NULL);
		else if (parse_until(optarg, o) < 0)
			return cmd_usage("plan",
			    "--until %.40s: not a moment such as 2027-06-30, "
			    "nor a span such as 90d or 2y",
			    optarg);
	}
	return 0;
}

static void
print_steps(const struct forecast *f)
{
	char when[32], key[16], say[100];

	for (size_t i = 0; i < f->n; i++)
		printf("%s  %-24s %-8s %-5s  %s\n",
		    when_rfc3339(f->v[i].at, when), f->v[i].host,
		    forecast_key(&f->v[i], key), slot_name(f->v[i].slot),
		    forecast_say(&f->v[i], say, sizeof(say)));
}

/* What the plan does not know. */
static int
print_doubts(struct session *s, const struct conf_host **hosts, size_t n,
    struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct concern *c = NULL;
		size_t n_c, bad = 0;
		struct host h;

		if (session_host(s, hosts[i], &h, e) < 0)
			return -1;
		if (h.adopted_at == NEVER)
			printf("%s: not adopted yet; the next run adopts it\n",
			    hosts[i]->name);
		host_release(&h);
		if (store_concerns(s->store, hosts[i]->name, &c, &n_c, e) < 0)
			return -1;
		for (size_t j = 0; j < n_c; j++)
			bad += c[j].level > LEVEL_QUIET &&
			    c[j].over_at == NEVER;
		free(c);
		if (bad > 0)
			printf("%s needs attention, and the plan takes it as "
			       "done: danesafe status %s\n",
			    hosts[i]->name, hosts[i]->name);
	}
	if (!s->agent.trusted && s->agent.wall != 0)
		printf("%s: nothing of it is done before the time is set\n",
		    s->agent.clock_why);
	return 0;
}

static int
plan(struct session *s, const struct options *o, int n_names, char **names,
    struct err *e)
{
	time_t until = o->until != 0 ? o->until : s->now.wall + (time_t)o->span;
	const struct conf_host **hosts = NULL;
	struct forecast f = { .n = 0 };
	char when[32];
	size_t n;
	int rc = -1;

	if (until < s->now.wall || until - s->now.wall > AHEAD_MAX)
		return err_set(e, ERR_USAGE,
		    "plan: --until %s: not between now and 20 years from now",
		    when_minute(until, when));
	if (session_select(s, n_names, names, &hosts, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (forecast_host(s, hosts[i], until, &f, e) < 0)
			goto out;
	forecast_sort(&f);
	if (o->json) {
		rc = forecast_json(s, &f, until, e);
		goto out;
	}
	print_steps(&f);
	if (f.n == 0)
		printf("nothing until %s\n", when_minute(until, when));
	rc = print_doubts(s, hosts, n, e);
out:
	forecast_release(&f);
	free(hosts);
	return rc;
}

int
cmd_plan(const struct cmd *c, int argc, char **argv)
{
	struct options o = { .span = WHEN_YEAR };
	struct session s;
	struct err e;
	int rc = parse(argc, argv, &o);

	if (rc != 0)
		return rc;
	if (session_open(&s, c, SESSION_READ, &e) < 0)
		return cmd_fail(&e);
	rc = plan(&s, &o, argc - optind, argv + optind, &e);
	return session_end(&s, rc, &e);
}
