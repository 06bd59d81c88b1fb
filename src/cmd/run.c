/*
 * run.c - `danesafe run`: one pass over the managed hosts.  Silent and 0
 * when all is well.
 */
#include "cmd/pass.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/when.h"
#include "cmd/alert.h"
#include "cmd/metrics.h"

struct options {
	bool dry, exit_code;
	int64_t splay; /* seconds */
	int n;
	char **names;
};

static int
parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "exit-code", no_argument, NULL, 'x' },
		{ "splay", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	optind = 0; /* begin anew: main has used getopt too */
	while ((ch = getopt_long(argc, argv, "+", longs, NULL)) != -1) {
		if (ch == 'n')
			o->dry = true;
		else if (ch == 'x')
			o->exit_code = true;
		else if (ch != 's')
			return cmd_usage("run", NULL);
		else if (when_parse(optarg, &o->splay) < 0)
			return cmd_usage("run",
			    "--splay %.40s: not a span such as 5m", optarg);
	}
	o->n = argc - optind;
	o->names = argv + optind;
	return 0;
}

/* Some part of the span, another each time, so that not all hosts that are
 * started by the clock ask the same name servers at once. */
static void
wait_splay(int64_t span)
{
	uint64_t any = 0;

	if (span == 0 || getrandom(&any, sizeof(any), 0) != sizeof(any))
		return;
	any %= (uint64_t)span * 1000 + 1;
	log_debug("the run begins in %llu s", (unsigned long long)any / 1000);
	clock_wait((int64_t)any);
}

static int
finish(struct pass *p, int code, struct err *e)
{
	struct agent *a = &p->s->agent;

	session_tick(p->s);
	a->finished = p->s->now.wall;
	a->exit_code = code;
	if (code == 0)
		a->clean = a->finished;
	return pass_keep(p, e) < 0 ? -1 : pass_kept(p, 0, e);
}

/* Up to when somebody looked; 0: never.  A pass that was killed has no end. */
static time_t
last_seen(const struct agent *a)
{
	return a->finished != 0 ? a->finished : a->started;
}

static int
run_pass(struct pass *p, const struct options *o, struct err *e)
{
	const struct conf_host **hosts = NULL;
	time_t before = last_seen(&p->s->agent);
	int worst = LEVEL_QUIET, rc = -1;
	bool changed = false;
	size_t n;

	if (session_select(p->s, o->n, o->names, &hosts, &n, e) < 0)
		return -1;
	p->s->agent.started = p->s->now.wall;
	p->s->agent.finished = 0;
	if (pass_run(p, hosts, n, e) < 0)
		goto out;
	if (alert_pass(p, before, &worst, e) < 0)
		goto out;
	for (size_t i = 0; i < p->n; i++)
		changed = changed || p->v[i].changed;
	rc = worst > LEVEL_QUIET ? 1 : o->exit_code && changed ? 2 : 0;
	if (finish(p, rc == 2 ? 0 : rc, e) < 0)
		rc = -1;
	p->saved = rc >= 0 && !p->dry;
out:
	free(hosts);
	return rc;
}

/*
 * As far as the state can still be written.  A run that failed has begun, and
 * has not ended: the one that ended before it stays the last that did.  Where
 * the one before was killed, there is only its beginning to go by.
 */
static void
note_failure(struct pass *p, const struct agent *was)
{
	struct agent *a = &p->s->agent;
	struct err ignored;

	pass_kept(p, -1, &ignored);
	a->failures++;
	a->finished = was->finished;
	if (was->finished == 0 && was->started != 0)
		a->started = was->started;
	if (!p->dry)
		store_agent_save(p->s->store, a, &ignored);
}

int
cmd_run(const struct cmd *c, int argc, char **argv)
{
	struct options o = { .dry = false };
	struct session s;
	struct pass p = { .s = &s };
	struct agent was;
	struct err e;
	int rc;

	if ((rc = parse(argc, argv, &o)) != 0)
		return rc;
	wait_splay(o.splay);
	if (session_open(&s, c, o.dry ? SESSION_DRY : SESSION_PASS, &e) < 0)
		return cmd_fail_quiet_lock(&e);
	p.dry = o.dry;
	was = s.agent;
	rc = run_pass(&p, &o, &e);
	if (rc < 0) {
		rc = cmd_fail(&e);
		note_failure(&p, &was);
	}
	if (!o.dry && metrics_write(&s, &p, &e) < 0) {
		int why = cmd_fail(&e);

		rc = rc == 0 || rc == 2 ? why : rc;
	}
	pass_release(&p);
	session_close(&s);
	return rc;
}
