/*
 * state.c - plays a scenario up to a line and leaves its host in a state file,
 * with a config, as if danesafe had run until now: for tests of what is shown
 * from the state file.
 *
 * usage: state FILE.scn LINE FOLDER      LINE 0: to the end
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../scenario_words.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/alert.h"
#include "cmd/elapsed.h"
#include "core/pause.h"

#define DAY 86400

static struct entry *entries;
static size_t n_entries, cap_entries;

static void
die(const char *what, const struct err *e)
{
	fprintf(stderr, "state: %s%s%s\n", what, e != NULL ? ": " : "",
	    e != NULL ? e->text : "");
	exit(1);
}

static struct entry *
add_entry(const struct world *w, enum entry_kind kind)
{
	struct entry *en;

	entries = mem_room(entries, n_entries, &cap_entries, sizeof(*entries));
	en = &entries[n_entries++];
	memset(en, 0, sizeof(*en));
	en->wall = w->wall;
	en->elapsed = w->elapsed;
	en->kind = kind;
	text_fmt(en->actor, sizeof(en->actor), "danesafe");
	text_fmt(en->host, sizeof(en->host), "%s", w->h.name);
	return en;
}

static void
entered(const struct world *w, const struct key *k, enum stage from)
{
	struct entry *en = add_entry(w, ENTRY_STAGE);

	en->has_key = true;
	en->key = k->id;
	text_fmt(en->text, sizeof(en->text), "%s -> %s",
	    from == STAGE_NONE ? "none" : stage_name(from),
	    stage_name(k->stage));
}

/* The story ends now. */
static void
shift(struct world *w, time_t by)
{
	struct host *h = &w->h;

	for (size_t i = 0; i < h->n_key; i++) {
		struct key *k = &h->key[i];

		k->entered_wall += by;
		if (k->deployed_wall != 0)
			k->deployed_wall += by;
		if (k->stage == STAGE_DEPLOYED)
			k->cert_until = w->wall + by + 100 * DAY;
	}
	for (int s = 0; s < SLOT_COUNT; s++)
		if (h->slot[s].rollover_wall != 0)
			h->slot[s].rollover_wall += by;
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++)
			h->own[i].auth[j].looked_wall += by;
	for (size_t i = 0; i < h->n_ep; i++)
		h->ep[i].swept_wall += by;
	for (size_t i = 0; i < n_entries; i++)
		entries[i].wall += by;
	if (h->paused_until != 0)
		h->paused_until += by;
	w->wall += by;
}

static void
write_config(const struct world *w, const char *folder)
{
	const struct policy *p = &w->h.policy;
	char *path = mem_fmt("%s/danesafe.yaml", folder);
	FILE *f = fopen(path, "w");
	const char *comma = "";

	if (f == NULL)
		die(path, NULL);
	fprintf(f,
	    "state-dir: %s/state\nresolver: 127.0.0.1\n"
	    "alert:\n  metrics-file: %s/danesafe.prom\n"
	    "timing:\n  hold-factor: %lld\n  stale-allowance: %llds\n"
	    "  hold-floor: %llds\n  rollover-every: %llds\n"
	    "  client-slack: %llds\n  clock-slack: %llds\n  settle: %llds\n"
	    "  assumed-ttl: %llds\n  retire-hold: %llds\n"
	    "  key-retention: %llds\n",
	    folder, folder, (long long)p->hold_factor,
	    (long long)p->stale_allowance, (long long)p->hold_floor,
	    (long long)p->rollover_every, (long long)p->client_slack,
	    (long long)p->clock_slack, (long long)p->settle,
	    (long long)p->assumed_ttl, (long long)p->retire_hold,
	    (long long)p->key_retention);
	if (w->h.publishes)
		fprintf(f,
		    "publishers:\n  zone:\n    method: nsupdate\n"
		    "    server: 127.0.0.1\n    tsig-key: %s/tsig.key\n",
		    folder);
	fprintf(f,
	    "hosts:\n  %s:\n    config-dir: %s/postfix\n    standby: %s\n"
	    "    publisher: %s\n",
	    w->h.name, folder, w->h.standby ? "true" : "false",
	    w->h.publishes ? "zone" : "manual");
	fprintf(f, "    tlsa: [");
	for (unsigned i = 0; i < w->h.n_tlsa; i++) {
		if (w->h.tlsa[i].usage != 3)
			continue; /* needs an issuer in the settings */
		fprintf(f, "%s\"%u %u %u\"", comma, w->h.tlsa[i].usage,
		    w->h.tlsa[i].selector, w->h.tlsa[i].mtype);
		comma = ", ";
	}
	fprintf(f, "%s]\n    owners: [", *comma == 0 ? "\"3 1 1\"" : "");
	comma = "";
	for (size_t i = 1; i < w->n_own; i++)
		if (w->own[i].foreign && w->own[i].named && !w->own[i].base) {
			fprintf(f, "%s%s", comma, w->own[i].name);
			comma = ", ";
		}
	fprintf(f, "]\n");
	fclose(f);
	free(path);
}

/* What the last pass would have said, and since when. */
static void
write_concerns(struct store *s, const struct world *w, const struct now *now)
{
	struct pass_host ph = { .host = w->h };
	struct concerns is = { .v = NULL };
	struct text out = TEXT_INIT;
	struct entry *en;
	struct err e;

	concern_find(&ph, now, &is);
	tell_merge(&is, NULL, 0, &w->h.policy, now);
	for (size_t i = 0; i < is.n; i++) {
		alert_say(&out, &is.v[i],
		    tell_news(&is.v[i], CHANNEL_LOG, &w->h.policy, now), now);
		tell_done(&is.v[i], CHANNEL_LOG, now);
	}
	for (size_t i = 0; i < is.n; i++) {
		is.v[i].since -= i % 3 * DAY;
		is.v[i].since_wall -= (time_t)(i % 3 * DAY);
		if (i % 3 == 2 && is.v[i].level < LEVEL_WARNING)
			is.v[i].level = LEVEL_WARNING;
	}
	if (store_concerns_save(s, w->h.name, is.v, is.n, &e) < 0)
		die("concerns", &e);
	if (out.len > 0) {
		en = add_entry(w, ENTRY_ALERT);
		text_fmt(en->text, sizeof(en->text), "%.1000s", text_str(&out));
	}
	concern_release(&is);
	text_release(&out);
}

static void
write_agent(struct store *s, const struct world *w, int exit_code)
{
	struct clock_reading r;
	struct agent a;
	struct err e;

	if (store_agent(s, &a, &e) < 0)
		die("agent", &e);
	clock_read(&r);
	elapsed_advance(&a, &r, 300);
	a.elapsed = w->elapsed;
	a.clock_offset_ms = (int64_t)r.wall * 1000 - a.elapsed * 1000;
	a.started = r.wall - 5;
	a.finished = r.wall - 3;
	a.exit_code = exit_code;
	a.clean = exit_code == 0 ? a.finished : r.wall - 2 * DAY;
	if (store_agent_save(s, &a, &e) < 0)
		die("agent", &e);
}

static void
write_state(struct world *w, const char *folder)
{
	char *dir = mem_fmt("%s/state", folder);
	struct now now = world_now(w);
	struct pause p = { .since = w->wall - DAY, .until = w->h.paused_until };
	struct store *s;
	struct err e;

	if (store_open(dir, STORE_WRITE, &s, &e) < 0)
		die(dir, &e);
	if (store_save(s, &w->h, &e) < 0)
		die("host", &e);
	write_concerns(s, w, &now);
	if (pause_holds(&w->h, &now)) {
		text_fmt(p.host, sizeof(p.host), "%s", w->h.name);
		text_fmt(p.actor, sizeof(p.actor), "root (by ann)");
		text_fmt(p.reason, sizeof(p.reason),
		    "the zone <moves> & rests");
		if (store_pause(s, &p, add_entry(w, ENTRY_WISH), &e) < 0)
			die("pause", &e);
	}
	for (size_t i = 0; i < n_entries; i++)
		if (store_journal(s, &entries[i], NULL, &e) < 0)
			die("journal", &e);
	write_agent(s, w, w->h.n_key % 2 == 0);
	store_free(s);
	free(dir);
}

int
main(int argc, char **argv)
{
	static struct run r;
	unsigned line;

	if (argc != 4) {
		fputs("usage: state FILE.scn LINE FOLDER\n", stderr);
		return 64;
	}
	line = (unsigned)strtoul(argv[2], NULL, 10);
	r.entered = entered;
	if (!play_file(argv[1], line, &r)) {
		fprintf(stderr, "%s:%u: %s\n", argv[1], r.line, r.why);
		return 1;
	}
	shift(&r.world, time(NULL) - r.world.wall);
	write_config(&r.world, argv[3]);
	write_state(&r.world, argv[3]);
	world_release(&r.world);
	free(entries);
	return 0;
}
