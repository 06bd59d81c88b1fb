/*
 * report.h - a host as people and programs see it, from the state file only.
 */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "base/text.h"
#include "cmd/concern.h"
#include "core/guard.h"

/* One managed host, ready to be shown. */
struct report {
	struct host host;
	struct concern *concern;
	size_t n_concern;
	const struct pause *pause; /* of the session; NULL: not paused now */
	int level;		   /* worst of the concerns */
	bool known;		   /* it is in the state */
	bool match; /* the law holds: mail is safe, as far as seen */
};

/* Loads it; facts "of this pass" are those of the last one. */
int report_load(struct session *s, const struct conf_host *c,
    struct report *ret, struct err *e);
/* The same of a host that a pass is done with, and has saved: it is moved out
 * of *h, which is empty then. */
int report_take(struct session *s, const struct conf_host *c, struct host *h,
    struct report *ret, struct err *e);
void report_release(struct report *r);

/* How many authorities show a key's record, and how many there are; the same
 * for endpoints that present it. */
struct share {
	unsigned yes, all;
};
struct share report_shown(const struct host *h, const struct key *k);
struct share report_served(const struct host *h, const struct key *k);

/* Of each owner: does what every authority answers match what each of its
 * endpoints presents?  An array of n_own, for free(). */
bool *report_matches(const struct host *h);

/* What the settings of the server are taken to name: the deployed keys. */
void report_installed(struct host *h);

/* "ok", "ATTENTION", "CRITICAL" */
const char *report_level(int level);

/* The last run that began also came to its end, without an error. */
bool report_run_ended(const struct agent *a);
/* Seconds since a run ended, or since the first began if none did; and the
 * level of agent-dead that this is. */
int64_t report_run_age(const struct session *s);
int report_dead(const struct session *s);

/* What is wrong with the agent itself and told, but the clock: with the level
 * that it has by now (report_agent.c).  concern_release. */
int report_agent(struct session *s, struct concerns *ret, struct err *e);
/* "! alert-failed WARNING for 3 h: ..." for each. */
void report_agent_add(struct text *t, const struct concerns *c,
    const struct now *now);

/* What the key is stuck on; gs: its guards. */
struct stuck report_stuck(const struct report *r, const struct key *k,
    const struct guards *gs, const struct now *now);

/* "steady", "rollover", "emergency", "bootstrap", "paused" */
const char *report_phase(const struct report *r);

/* Is anything about the key forced by hand? */
bool report_forced(const struct host *h, const struct key *k);

/*
 * What comes next for a key, in a sentence fit for a table; *ret_at (may be
 * NULL) is when, in elapsed time, or NEVER.  gs: its guards.
 */
const char *report_next(const struct host *h, const struct key *k,
    const struct guards *gs, const struct now *now, int64_t *ret_at, char *buf,
    size_t size);

/*
 * The records that authorities of the owner showed and that name no key of
 * the host: kept, and never changed by danesafe.
 */
void report_strangers(const struct host *h, const struct owner *o,
    struct tlsa_set *ret);
/* "OWNER also has RECORD", as a concern about one begins. */
#define REPORT_STRANGER (TLSA_OWNER + TLSA_TEXT + 16)
const char *report_stranger(const struct owner *o, const struct tlsa *r,
    char buf[REPORT_STRANGER]);
/* Does some concern of the host say so? */
bool report_is_told(const struct report *r, const struct owner *o,
    const struct tlsa *rr);
/* Why no mail sender uses it ("usage 1"); NULL: they do. */
const char *report_unused(const struct tlsa *r);

/* Wall time of a moment of the elapsed counter. */
time_t report_wall(int64_t at, const struct now *now);

/* status -v: what was seen where, and the arithmetic of every wait of one key
 * or of all (evidence.c). */
void evidence_add(struct text *t, const struct report *r,
    const struct key *only, const struct now *now);

/* status --json: one object on standard output (report_json.c); all: of every
 * host, and of those that the config does not name. */
int report_json(struct session *s, const struct concerns *agent,
    const struct report *r, size_t n, bool all, struct err *e);

#endif
