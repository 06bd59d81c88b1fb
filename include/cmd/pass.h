/*
 * pass.h - one pass over the managed hosts: look, decide, act, note.
 */
#ifndef CMD_PASS_H
#define CMD_PASS_H

#include "cmd/keyfiles.h"
#include "cmd/session.h"
#include "core/plan.h"
#include "edge/answer_past.h"
#include "edge/postfix.h"
#include "edge/update.h"
#include "proc/look.h"

/* A host in the course of a pass. */
struct pass_host {
	const struct conf_host *conf;
	struct host host;
	struct postfix_key *named; /* by the server; of a host that is not
				      adopted yet */
	size_t n_named;
	/* Of a host with an nsupdate publisher: its key, cleansed in the end,
	 * and what the primary holds, one an owner, of this round. */
	struct tsig_key *tsig;
	struct primary_set *primary;
	size_t n_primary;
	struct look_request look;
	bool adopted_now;	   /* first contact: nothing more this pass */
	bool again;		   /* it acted: look again in this pass */
	bool changed;		   /* some step was taken in this pass */
	enum act act;		   /* the last one that was tried */
	const char *failed;	   /* why it failed; NULL: it did not */
	const char *publisher_why; /* the primary could not be asked */
};

struct pass {
	struct session *s;
	struct pass_host *v;
	size_t n;
	struct answer_past *past; /* what earlier passes verified */
	bool dry;		  /* say the steps, do nothing */
	bool keeping;		  /* between pass_keep and pass_kept */
	size_t n_keeping;	  /* hosts whose part is over since */
	bool saved;		  /* it is over, and the hosts are kept */
	int64_t deadline;	  /* clock_mono_ms */
};

/*
 * A pass over these hosts.  `force` (may be NULL) is a waiver given by hand
 * that is in the hosts already; nothing here knows of it.  -1 only when the
 * pass as a whole could not be made.
 */
int pass_run(struct pass *p, const struct conf_host **hosts, size_t n,
    struct err *e);
void pass_release(struct pass *p);

/*
 * What the hosts bring is kept many at a time, in one transaction of the state
 * from pass_keep (nothing if it is on already) to pass_kept, with what the
 * clock says.  Before an act it is kept for good (act_do).  rc -1: dropped,
 * with *e.  A pass that is killed before that has left no trace.
 */
int pass_keep(struct pass *p, struct err *e);
int pass_kept(struct pass *p, int rc, struct err *e);
/* The part of one host is over: kept, if they are many by now. */
int pass_next(struct pass *p, struct err *e);

/* The parts, in the order of a round. */
int pass_begin(struct pass *p, const struct conf_host **hosts, size_t n,
    struct err *e);
int pass_look(struct pass *p, bool first, struct err *e);
int pass_steps(struct pass *p, struct pass_host *ph, struct err *e);

/* What a Postfix instance is set to, read once for the hosts that are its own
 * and read in a row.  { NULL }: nothing was read. */
struct postfix_once {
	const char *config_dir;
	struct postfix_state *pf; /* of it, unless `why` says why not */
	char why[HOST_WHY];
};
void postfix_once_release(struct postfix_once *once);

/* What the primaries of all hosts in the round hold, of which facts_read makes
 * something: again only in the next round, as nobody else is to change it, and
 * an update does nothing where somebody did. */
void facts_primaries(struct pass *p, bool first);
/* What this machine says: settings, key files. */
void facts_read(struct pass *p, struct pass_host *ph,
    struct postfix_once *once);

/* First contact: takes over what is in use, changes nothing. */
int adopt_host(struct pass *p, struct pass_host *ph, struct err *e);

/* A pause that is past ends, with a note (pause.c). */
int pause_end(struct pass *p, struct host *h, struct err *e);

/* Intents that a dead pass left behind are settled by what is there. */
int settle_intents(struct pass *p, struct pass_host *ph, struct err *e);

/*
 * Keeps what was seen, journals the intent, acts, journals the outcome with the new stage.  0
 * also when the act failed (ph->failed says why, the world is as it was or
 * the next look will tell); -1 when the state cannot be written.
 */
int act_do(struct pass *p, struct pass_host *ph, const struct step *st,
    struct err *e);

#endif
