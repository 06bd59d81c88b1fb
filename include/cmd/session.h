/*
 * session.h - config, lock, state and clock: what every command begins with.
 */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include "cmd/cmd.h"
#include "edge/conf.h"
#include "edge/store.h"

enum session_mode {
	SESSION_READ,  /* the state as it is; no lock; any user of the group */
	SESSION_DRY,   /* as READ, but a missing state is an empty one */
	SESSION_WRITE, /* under the lock of the state folder */
	SESSION_PASS,  /* as WRITE, but what the clock says is kept by the
			  pass, together with what it saw */
	SESSION_ALERT, /* as PASS, with what can be read of the config; what
			  the config names is not looked at */
};

struct session {
	struct conf conf;
	struct store *store; /* NULL only with SESSION_DRY and no state */
	int lock;
	struct agent agent;
	struct pause *pause; /* those that were not ended by hand */
	size_t n_pause;
	struct now now;
	bool was_trusted; /* the clock, at the end of the last pass */
};

/*
 * Reads the config and opens the state; the clock is read and, in WRITE,
 * what it says is kept.  A second writer: ERR_TEMP, at once or, from a
 * terminal, after 30 s.
 */
int session_open(struct session *s, const struct cmd *c, enum session_mode mode,
    struct err *e);
void session_close(struct session *s);
/* The end of a verb, rc -1: failed.  Says why, closes; its exit code. */
int session_end(struct session *s, int rc, const struct err *e);

/* Reads the clock again; s->now moves on. */
void session_tick(struct session *s);

/* The host with all that is remembered, and what the config says of it.
 * host_release it. */
int session_host(struct session *s, const struct conf_host *c,
    struct host *ret_host, struct err *e);

/* The pause of this host, which may be past; NULL: none. */
const struct pause *session_pause(const struct session *s, const char *host);

/* Says of each owner, once its zone is known, how that is signed and, if it is
 * not in the config, whether its records are ours to change, and settles
 * (alias.h, left.h). */
void session_zones(const struct session *s, const struct conf_host *c,
    struct host *h);

/* An entry for the journal, filled with now, host, key (may be NULL). */
struct entry session_entry(const struct session *s, const struct host *h,
    const struct key *k, enum entry_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* What the names on a command line select: all hosts when there are none.
 * Caller frees.  ERR_USAGE with the nearest name for an unknown one. */
int session_select(const struct session *s, int n, char **names,
    const struct conf_host ***ret_hosts, size_t *ret_n, struct err *e);

#endif
