/*
 * ack.c - `danesafe ack`: a trouble is known; people are not told again before
 * its time is over, unless it gets worse.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "cmd/report.h"

#define FOR_DEFAULT (7 * WHEN_DAY)

static int
not_there(const char *host, const char *code, const struct concern *v, size_t n,
    struct err *e)
{
	struct text t = TEXT_INIT;

	for (size_t i = 0; i < n; i++)
		if (v[i].over_at == NEVER && v[i].level > LEVEL_QUIET)
			text_addf(&t, "%s%s", t.len > 0 ? ", " : "", v[i].code);
	err_set(e, ERR_REFUSED,
	    "refused: %s has no trouble '%s' that people are told of; %s%s",
	    host, code, t.len > 0 ? "there is: " : "there is none",
	    text_str(&t));
	text_release(&t);
	return -1;
}

/* Both or neither: who made it quiet is always known. */
static int
keep(struct session *s, const char *host, const struct concern *v, size_t n,
    const struct entry *en, struct err *e)
{
	int rc;

	if (store_begin(s->store, e) < 0)
		return -1;
	rc = store_concerns_save(s->store, host, v, n, e);
	if (rc == 0)
		rc = store_journal(s->store, en, NULL, e);
	return store_end(s->store, rc, e);
}

static int
acknowledge(struct session *s, const char *host, const char *code, int64_t span,
    struct err *e)
{
	const struct conf_host **hosts = NULL;
	char *names[] = { (char *)host }, actor[128], until[32];
	struct concern *v = NULL;
	struct entry en;
	size_t n_hosts, n = 0, found = 0;
	int rc = -1;

	if (session_select(s, 1, names, &hosts, &n_hosts, e) < 0)
		return -1;
	host = hosts[0]->name;
	free(hosts);
	if (store_concerns(s->store, host, &v, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].code, code) == 0 && v[i].over_at == NEVER &&
		    v[i].level > LEVEL_QUIET) {
			v[i].quiet_until = s->now.elapsed + span;
			v[i].quiet_level = v[i].level;
			found++;
		}
	if (found == 0) {
		not_there(host, code, v, n, e);
		goto out;
	}
	when_minute(s->now.wall + (time_t)span, until);
	en = session_entry(s, NULL, NULL, ENTRY_WISH,
	    "acknowledged: %s, until %s", code, until);
	text_fmt(en.host, sizeof(en.host), "%s", host);
	text_fmt(en.actor, sizeof(en.actor), "%s",
	    cmd_actor(actor, sizeof(actor)));
	if (keep(s, host, v, n, &en, e) < 0)
		goto out;
	printf("%s: %s: quiet until %s, unless it gets worse or comes back\n",
	    host, code, until);
	rc = 0;
out:
	free(v);
	return rc;
}

int
cmd_ack(const struct cmd *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "for", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	int64_t span = FOR_DEFAULT;
	struct session s;
	struct err e;
	int ch, rc;

	optind = 0; /* begin anew: main has used getopt too */
	while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (ch != 'f')
			return cmd_usage("ack", NULL);
		else if (when_parse(optarg, &span) < 0 || span == 0)
			return cmd_usage("ack",
			    "--for %.40s: not a span of some time such as 12h "
			    "or 7d",
			    optarg);
	if (argc - optind != 2)
		return cmd_usage("ack", "a host and a code must be named");
	if (session_open(&s, c, SESSION_WRITE, &e) < 0)
		return cmd_fail(&e);
	rc = acknowledge(&s, argv[optind], argv[optind + 1], span, &e);
	return session_end(&s, rc, &e);
}
