/*
 * run.c - `danesafe run`: one pass over the managed hosts.  Silent and 0
 * when all is well.
 */
#include "cmd/pass.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "cmd/concern.h"
#include "cmd/metrics.h"

struct options {
	bool dry, exit_code;
	int n;
	char **names;
};

static int
parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "exit-code", no_argument, NULL, 'x' },
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	optind = 0; /* begin anew: main has used getopt too */
	while ((ch = getopt_long(argc, argv, "+", longs, NULL)) != -1) {
		if (ch == 'n')
			o->dry = true;
		else if (ch == 'x')
			o->exit_code = true;
		else
			return -1;
	}
	o->n = argc - optind;
	o->names = argv + optind;
	return 0;
}

/* The concerns of one host: found, merged, said, kept. */
static int
attend(struct pass *p, struct pass_host *ph, int *worst, struct err *e)
{
	struct concern *was = NULL;
	struct concerns is = { .v = NULL };
	struct text out = TEXT_INIT;
	struct entry en;
	size_t n_was = 0;
	int rc = -1;

	concern_find(ph, &p->s->now, &is);
	if (p->s->store != NULL &&
	    store_concerns(p->s->store, ph->host.name, &was, &n_was, e) < 0)
		goto out;
	concern_merge(&is, was, n_was, &p->s->conf.policy, &p->s->now,
	    ph->host.name, &out);
	if (concern_worst(&is) > *worst)
		*worst = concern_worst(&is);
	if (out.len > 0)
		log_error("%.*s", (int)out.len - 1, text_str(&out));
	rc = 0;
	if (p->dry || (is.n == 0 && n_was == 0))
		goto out;
	rc = store_concerns_save(p->s->store, ph->host.name, is.v, is.n, e);
	if (rc < 0 || out.len == 0)
		goto out;
	en = session_entry(p->s, &ph->host, NULL, ENTRY_ALERT, "%.1000s",
	    text_str(&out));
	rc = store_journal(p->s->store, &en, NULL, e);
out:
	free(was);
	concern_release(&is);
	text_release(&out);
	return rc;
}

/* What concerns the agent as a whole. */
static void
clock_attend(struct session *s, bool was_trusted, int *worst)
{
	if (!s->agent.trusted && *worst < LEVEL_WARNING)
		*worst = LEVEL_WARNING;
	if (!s->agent.trusted && was_trusted)
		log_error("%s: nothing is changed until the time is set; "
			  "every wait goes on",
		    s->agent.clock_why);
	else if (s->agent.trusted && !was_trusted)
		log_error("the clock is trusted again");
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

static int
run_pass(struct pass *p, const struct options *o, struct err *e)
{
	const struct conf_host **hosts = NULL;
	int worst = LEVEL_QUIET, rc = -1;
	bool changed = false;
	size_t n;

	if (session_select(p->s, o->n, o->names, &hosts, &n, e) < 0)
		return -1;
	p->s->agent.started = p->s->now.wall;
	p->s->agent.finished = 0;
	if (pass_run(p, hosts, n, e) < 0)
		goto out;
	clock_attend(p->s, p->s->was_trusted, &worst);
	for (size_t i = 0; i < p->n; i++) {
		if (pass_keep(p, e) < 0 || attend(p, &p->v[i], &worst, e) < 0 ||
		    pass_next(p, e) < 0)
			goto out;
		changed = changed || p->v[i].changed;
	}
	rc = worst > LEVEL_QUIET ? 1 : o->exit_code && changed ? 2 : 0;
	if (finish(p, rc == 2 ? 0 : rc, e) < 0)
		rc = -1;
out:
	free(hosts);
	return rc;
}

/* As far as the state can still be written. */
static void
note_failure(struct pass *p)
{
	struct err ignored;

	pass_kept(p, -1, &ignored);
	p->s->agent.failures++;
	if (!p->dry)
		store_agent_save(p->s->store, &p->s->agent, &ignored);
}

int
cmd_run(const struct cmd *c, int argc, char **argv)
{
	struct options o = { .dry = false };
	struct session s;
	struct pass p = { .s = &s };
	struct err e;
	int rc;

	if (parse(argc, argv, &o) < 0)
		return cmd_usage("run", NULL);
	if (session_open(&s, c, o.dry ? SESSION_DRY : SESSION_PASS, &e) < 0)
		return cmd_fail_quiet_lock(&e);
	p.dry = o.dry;
	rc = run_pass(&p, &o, &e);
	if (rc < 0) {
		rc = cmd_fail(&e);
		note_failure(&p);
	}
	if (!o.dry && metrics_write(&s, &e) < 0) {
		int why = cmd_fail(&e);

		rc = rc == 0 || rc == 2 ? why : rc;
	}
	pass_release(&p);
	session_close(&s);
	return rc;
}
