/*
 * pause.c - `danesafe pause` and `resume`: a person freezes the steps of a
 * host until some moment.  Only writes it down; plan_host obeys.
 */
#include "core/pause.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "cmd/pass.h"

#define PAUSE_DEFAULT (7 * WHEN_DAY)
#define PAUSE_MAX (366 * WHEN_DAY) /* a pause has an end */

struct wish {
	const char *host;
	time_t until; /* 0: after `span` */
	int64_t span;
	const char *reason;
};

/* One of the options; 0, or what cmd_usage said. */
static int
option(int ch, struct wish *w)
{
	switch (ch) {
	case 'u':
		if (when_moment(optarg, &w->until) < 0)
			return cmd_usage("pause",
			    "--until %.40s: not a moment such as 2026-12-01 or "
			    "2026-12-01T08:30Z (UTC)",
			    optarg);
		return 0;
	case 'f':
		if (when_parse(optarg, &w->span) < 0 || w->span == 0)
			return cmd_usage("pause",
			    "--for %.40s: not a span of some time such as 12h "
			    "or 5d",
			    optarg);
		return 0;
	case 'r':
		w->reason = optarg;
		return 0;
	default:
		return cmd_usage("pause", NULL);
	}
}

static int
parse(int argc, char **argv, struct wish *w)
{
	static const struct option longs[] = {
		{ "until", required_argument, NULL, 'u' },
		{ "for", required_argument, NULL, 'f' },
		{ "reason", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int ch, rc;

	optind = 0; /* begin anew: main has used getopt too */
	while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if ((rc = option(ch, w)) != 0)
			return rc;
	if (argc - optind != 1)
		return cmd_usage("pause", "one host must be named");
	if (w->until != 0 && w->span != 0)
		return cmd_usage("pause", "--until or --for, not both");
	if (w->reason == NULL || w->reason[0] == 0)
		return cmd_usage("pause",
		    "--reason is missing: it is shown while the pause lasts, "
		    "and stays in the history");
	w->host = argv[optind];
	return 0;
}

/* The host that is meant, adopted; *ret is to be released. */
static int
load(struct session *s, const char *name, struct host *ret, struct err *e)
{
	const struct conf_host **hosts = NULL;
	size_t n;
	int rc = -1;

	if (session_select(s, 1, (char *[]){ (char *)name }, &hosts, &n, e) < 0)
		return -1;
	if (session_host(s, hosts[0], ret, e) < 0)
		goto out;
	rc = 0;
	if (ret->adopted_at == NEVER) {
		rc = err_set(e, ERR_REFUSED,
		    "refused: %s is not adopted yet, so that nothing is done "
		    "there; possible after 'danesafe adopt %s'",
		    ret->name, ret->name);
		host_release(ret);
	}
out:
	free(hosts);
	return rc;
}

/* What stays as it is. */
static void
say_keys(const struct host *h)
{
	char id[9];

	for (size_t i = 0; i < h->n_key; i++) {
		const struct key *k = &h->key[i];

		if (k->stage < STAGE_RETIRED)
			printf("  key %s (%s) stays %s\n", spki_id(&k->id, id),
			    slot_name(k->slot), stage_name(k->stage));
	}
}

static void
say_pause(const struct host *h, const struct pause *p, const struct pause *was,
    const struct now *now)
{
	char when[32], span[24];

	printf("%s is paused until %s (for %s)", h->name,
	    when_minute(p->until, when),
	    when_rough((int64_t)(p->until - now->wall), span));
	if (was != NULL && was->until > now->wall)
		printf("; it was paused until %s",
		    when_minute(was->until, when));
	printf("\n");
	say_keys(h);
	printf("No key is made, published, deployed, withdrawn or destroyed. "
	       "Watching goes on,\nand so does what mail depends on.\n"
	       "  danesafe resume %s    ends it\n",
	    h->name);
}

static int
do_pause(struct session *s, const struct wish *w, struct err *e)
{
	const struct pause *was;
	struct pause p = { .since = s->now.wall };
	struct host h;
	struct entry en;
	char when[32];
	int rc;

	p.until = w->until != 0
	    ? w->until
	    : s->now.wall + (time_t)(w->span != 0 ? w->span : PAUSE_DEFAULT);
	if (p.until <= s->now.wall)
		return err_set(e, ERR_USAGE,
		    "pause: --until %s: that is past; it is %s now",
		    when_minute(p.until, when),
		    when_rfc3339(s->now.wall, (char[32]){ "" }));
	if (p.until - s->now.wall > PAUSE_MAX)
		return err_set(e, ERR_USAGE,
		    "pause: until %s: a pause is for a year at most; remove "
		    "the host from the config to let it alone for good",
		    when_minute(p.until, when));
	if (load(s, w->host, &h, e) < 0)
		return -1;
	was = session_pause(s, h.name);
	text_fmt(p.host, sizeof(p.host), "%s", h.name);
	text_show(w->reason, strlen(w->reason), p.reason, sizeof(p.reason));
	cmd_actor(p.actor, sizeof(p.actor));
	en = session_entry(s, &h, NULL, ENTRY_WISH, "pause until %s: %s",
	    when_minute(p.until, when), p.reason);
	text_fmt(en.actor, sizeof(en.actor), "%s", p.actor);
	rc = store_pause(s->store, &p, &en, e);
	if (rc == 0)
		say_pause(&h, &p, was, &s->now);
	host_release(&h);
	return rc;
}

int
cmd_pause(const struct cmd *c, int argc, char **argv)
{
	struct wish w = { .until = 0 };
	struct session s;
	struct err e;
	int rc = parse(argc, argv, &w);

	if (rc != 0)
		return rc;
	if (session_open(&s, c, SESSION_WRITE, &e) < 0)
		return cmd_fail(&e);
	return session_end(&s, do_pause(&s, &w, &e), &e);
}

static int
do_resume(struct session *s, const char *name, struct err *e)
{
	const struct pause *p;
	struct pause none = { .until = 0 };
	struct host h;
	struct entry en;
	char when[32];
	int rc = -1;

	if (load(s, name, &h, e) < 0)
		return -1;
	p = session_pause(s, h.name);
	if (p == NULL || !pause_holds(&h, &s->now)) {
		err_set(e, ERR_REFUSED, "refused: %s is not paused%s%s%s",
		    h.name, p != NULL ? " any more; the pause ended " : "",
		    p != NULL ? when_minute(p->until, when) : "",
		    "; nothing was done");
		goto out;
	}
	text_fmt(none.host, sizeof(none.host), "%s", h.name);
	en = session_entry(s, &h, NULL, ENTRY_WISH,
	    "resume; the pause was to last until %s: %s",
	    when_minute(p->until, when), p->reason);
	cmd_actor(en.actor, sizeof(en.actor));
	rc = store_pause(s->store, &none, &en, e);
	if (rc == 0)
		printf("%s is not paused any more; the next run goes on\n",
		    h.name);
out:
	host_release(&h);
	return rc;
}

int
cmd_resume(const struct cmd *c, int argc, char **argv)
{
	struct session s;
	struct err e;
	char **words;
	int n;

	n = cmd_words(argc, argv, &words);
	if (n != 1)
		return cmd_usage("resume",
		    n < 0 ? NULL : "one host must be named");
	if (session_open(&s, c, SESSION_WRITE, &e) < 0)
		return cmd_fail(&e);
	return session_end(&s, do_resume(&s, words[0], &e), &e);
}

/* A pause that is past is over by itself. */
int
pause_end(struct pass *p, struct host *h, struct err *e)
{
	const struct pause *was = session_pause(p->s, h->name);
	struct pause none = { .until = 0 };
	struct entry en;
	char when[32];

	if (was == NULL || pause_holds(h, &p->s->now))
		return 0;
	h->paused_until = 0;
	if (p->dry)
		return 0;
	text_fmt(none.host, sizeof(none.host), "%s", h->name);
	en = session_entry(p->s, h, NULL, ENTRY_NOTE,
	    "the pause is over, it lasted until %s: %s",
	    when_minute(was->until, when), was->reason);
	return store_pause(p->s->store, &none, &en, e);
}
