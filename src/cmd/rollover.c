/*
 * rollover.c - `danesafe rollover`: a person asks for the next key now.  Only
 * writes down the wish; the passes do the rest, as safely as ever.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "cmd/session.h"
#include "core/event.h"
#include "core/pause.h"

struct wish {
	const char *host;
	enum slot slot; /* SLOT_COUNT: all */
	bool compromised;
	const char *reason;
};

static int
parse(int argc, char **argv, struct wish *w)
{
	static const struct option longs[] = {
		{ "slot", required_argument, NULL, 's' },
		{ "compromised", no_argument, NULL, 'c' },
		{ "reason", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	optind = 0; /* begin anew: main has used getopt too */
	while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (ch == 's') {
			w->slot = slot_parse(optarg);
			if (w->slot == SLOT_COUNT)
				return cmd_usage("rollover",
				    "--slot %.40s: not an algorithm; rsa or "
				    "ecdsa",
				    optarg);
		} else if (ch == 'c')
			w->compromised = true;
		else if (ch == 'r')
			w->reason = optarg;
		else
			return cmd_usage("rollover", NULL);
	}
	if (argc - optind != 1)
		return cmd_usage("rollover", "one host must be named");
	if (w->reason == NULL || w->reason[0] == 0)
		return cmd_usage("rollover",
		    "--reason is missing: it stays in "
		    "the history");
	w->host = argv[optind];
	return 0;
}

static void
say_slot(const struct host *h, enum slot slot, bool compromised,
    const struct now *now)
{
	const struct key *c = host_candidate(h, slot);
	char id[9], span[24], when[32];

	if (c == NULL)
		printf("%s: %s: the next run makes a key; it is deployed when "
		       "no cache can lack its record (a hold of up to %s "
		       "after every name server has it)\n",
		    h->name, slot_name(slot),
		    when_rough(policy_hold(&h->policy,
				   (uint32_t)h->policy.assumed_ttl),
			span));
	else if (c->stage == STAGE_READY)
		printf("%s: %s: key %s is ready; the next run deploys it\n",
		    h->name, slot_name(slot), spki_id(&c->id, id));
	else
		printf("%s: %s: key %s is %s; it is deployed when it is "
		       "ready\n",
		    h->name, slot_name(slot), spki_id(&c->id, id),
		    stage_name(c->stage));
	if (compromised)
		printf("%s: %s: the record of the key in use is withdrawn as "
		       "soon as every endpoint presents the new one. Until "
		       "then, and while caches hold it, whoever has the old "
		       "key can pose as this host\n",
		    h->name, slot_name(slot));
	if (pause_holds(h, now))
		printf("%s: but it is paused until %s, and waits so long: "
		       "danesafe resume %s\n",
		    h->name, when_minute(h->paused_until, when), h->name);
}

/* What the last pass did not understand; while that lasts no key moves. */
static int
say_blocked(struct session *s, const char *host, struct err *e)
{
	struct concern *c = NULL;
	size_t n = 0;

	if (store_concerns(s->store, host, &c, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(c[i].code, "blocked") == 0)
			printf("%s: but nothing is done while this lasts: "
			       "%s\n",
			    host, c[i].text);
	free(c);
	return 0;
}

static int
wish_for(struct session *s, const struct wish *w, struct err *e)
{
	const struct conf_host **hosts = NULL;
	struct host h;
	struct entry en;
	size_t n;
	int rc = -1, slots = 0;

	if (session_select(s, 1, (char *[]){ (char *)w->host }, &hosts, &n, e) <
	    0)
		return -1;
	if (session_host(s, hosts[0], &h, e) < 0)
		goto out;
	if (h.adopted_at == NEVER) {
		err_set(e, ERR_REFUSED,
		    "refused: %s is not adopted yet; "
		    "possible after 'danesafe adopt %s'",
		    h.name, h.name);
		goto release;
	}
	for (int i = 0; i < SLOT_COUNT; i++) {
		if (!h.slot[i].managed ||
		    (w->slot != SLOT_COUNT && w->slot != (enum slot)i))
			continue;
		h.slot[i].rollover_wall = s->now.wall;
		h.slot[i].compromised = w->compromised;
		slots++;
	}
	if (slots == 0) {
		err_set(e, ERR_REFUSED,
		    "refused: %s has no %s key; possible when 'keys' of its "
		    "settings names one",
		    h.name, slot_name(w->slot));
		goto release;
	}
	en = session_entry(s, &h, NULL, ENTRY_WISH, "rollover%s%s%s: %.800s",
	    w->slot != SLOT_COUNT ? " of " : "",
	    w->slot != SLOT_COUNT ? slot_name(w->slot) : "",
	    w->compromised ? ", compromised" : "", w->reason);
	cmd_actor(en.actor, sizeof(en.actor));
	rc = store_save_journal(s->store, &h, &en, 1, e);
	for (int i = 0; rc == 0 && i < SLOT_COUNT; i++)
		if (h.slot[i].rollover_wall == s->now.wall && h.slot[i].managed)
			say_slot(&h, (enum slot)i, w->compromised, &s->now);
	if (rc == 0)
		rc = say_blocked(s, h.name, e);
release:
	host_release(&h);
out:
	free(hosts);
	return rc;
}

int
cmd_rollover(const struct cmd *c, int argc, char **argv)
{
	struct wish w = { .slot = SLOT_COUNT };
	struct session s;
	struct err e;
	int rc = parse(argc, argv, &w);

	if (rc != 0)
		return rc;
	if (session_open(&s, c, SESSION_WRITE, &e) < 0)
		return cmd_fail(&e);
	return session_end(&s, wish_for(&s, &w, &e), &e);
}
