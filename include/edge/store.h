/*
 * store.h - the state file (SQLite): the diary of what was seen and done.
 *
 * One writer (the pass, under the lock of the state folder), any number of
 * readers.  Every call that writes is one transaction and durable when it
 * returns 0, unless it stands between store_begin and store_end.  Reality
 * wins over every row.
 */
#ifndef EDGE_STORE_H
#define EDGE_STORE_H

#include "base/clock.h"
#include "base/err.h"
#include "core/act.h"
#include "core/tell.h"

struct store;

enum store_mode {
	STORE_WRITE, /* make or migrate as needed; integrity checked */
	STORE_READ,  /* as an ordinary user; never writes, never locks out */
};

/* The state folder, made 0750 root:adm if missing, and checked: ERR_PERM when
 * others may write it. */
int store_folder(const char *folder, struct err *e);

/*
 * Opens FOLDER/state.db (store_folder is called).  The file and its
 * journal 0640 root:adm (the group is left alone when it does not exist or
 * we are not root).  ERR_IO for a damaged or foreign file; ERR_TEMP for a
 * reader that meets an interrupted pass; ERR_CONFIG for a state of a newer
 * version; ERR_UNREACHABLE for a reader when there is no state yet.
 */
int store_open(const char *folder, enum store_mode mode,
    struct store **ret_store, struct err *e);
void store_free(struct store *s); /* NULL does nothing */

/*
 * What is written between these two is kept together or not at all: nothing
 * of it is durable before store_end returned 0.  No act may be built on it
 * before that: an intent is not journalled in between (a bug, ERR_BUG).
 */
int store_begin(struct store *s, struct err *e);
/* All that is read until store_end is of one moment.  A pass waits for it
 * with what it has to write: read, end, and only then print. */
int store_begin_read(struct store *s, struct err *e);
/* rc 0: keeps it; -1, or when a call in between failed: drops it, with *e.
 * Returns 0 or -1. */
int store_end(struct store *s, int rc, struct err *e);

/* The one row about the agent itself; all zero in a new state. */
struct agent {
	int64_t elapsed;    /* the counter, seconds, at `boot_ms` */
	int64_t elapsed_ms; /* the rest, 0..999 */
	char boot_id[37];
	int64_t boot_ms;
	time_t wall;		  /* of the last reading */
	bool trusted;		  /* the wall clock is explained */
	char clock_why[HOST_WHY]; /* "" when trusted */
	int64_t clock_offset_ms;  /* wall - elapsed at the last moment that
					the clock was trusted */
	/* When the last pass began, and when one ended: before that, if the
	 * last one failed; 0: it is on, or was killed. */
	time_t started, finished;
	int exit_code;	  /* of the last finished pass */
	time_t clean;	  /* end of the last pass with exit 0 */
	int64_t failures; /* passes that ended with an error */
};
int store_agent(struct store *s, struct agent *ret, struct err *e);
int store_agent_save(struct store *s, const struct agent *a, struct err *e);

/* Names of the hosts in the state; caller frees each and the array. */
int store_hosts(struct store *s, char ***ret_names, size_t *ret_n,
    struct err *e);

/*
 * Fills a host (host_init called, name set) with all that is remembered:
 * adopted_at, sets, owners, authorities, sightings, endpoints, keys, waivers,
 * slot[] with its wishes, publishes, standby and the policy of the last pass
 * (so that status can do its arithmetic): apply the config after it.
 * adopted_at is NEVER when the host is not in the state.  After -1 the host
 * may be half filled: release it.
 */
int store_load(struct store *s, struct host *h, struct err *e);

/* Writes the whole host in one transaction.  Fields "of this pass" are not
 * kept.  The host is added if it is new; what is in the state but no more in
 * the host is dropped, but for keys.  A waiver is for a key of the host. */
int store_save(struct store *s, const struct host *h, struct err *e);

/*
 * What `status --short` and `check` say of a host that needs no attention, as
 * the pass that saved it derived it.  One block: release with free(host).
 */
struct summary {
	char *host;
	uint64_t mark;	   /* of the settings that it follows from */
	int64_t safe_from; /* elapsed: the law holds from then on, if nothing
			      else is seen; NEVER: not known */
	time_t cert_until; /* the first end of a certificate in use; 0: none */
	const char *line;  /* phase and keys */
};

/* store_save with a summary; all other ways to save a host drop it. */
int store_save_summed(struct store *s, const struct host *h,
    const struct summary *sum, struct err *e);
/* Those of all hosts that have one, no concern that people are told of and no
 * pause, in the order of strcmp; summaries_free. */
int store_summaries(struct store *s, struct summary **ret, size_t *ret_n,
    struct err *e);
void summaries_free(struct summary *v, size_t n);

/* What the journal holds; each line is written once and never changed. */
#define ENTRY_LIST(X)                                            \
	X(INTENT, "intent")   /* an act is about to be done */   \
	X(OUTCOME, "outcome") /* how an act ended */             \
	X(STAGE, "stage")     /* a key changed its stage */      \
	X(WISH, "wish")	      /* a person asked for something */ \
	X(FORCE, "force")     /* a guard was skipped by hand */  \
	X(ALERT, "alert")     /* something was said to people */ \
	X(NOTE, "note")	      /* adoption, clock, name servers */

enum entry_kind {
#define X(id, name) ENTRY_##id,
	ENTRY_LIST(X)
#undef X
	    ENTRY_COUNT,
};
const char *entry_name(enum entry_kind k);

struct entry {
	int64_t id; /* given by the store */
	time_t wall;
	int64_t elapsed;
	char host[HOST_NAME];
	bool has_key;
	struct spki key;
	enum entry_kind kind;
	enum act act;	 /* intents and outcomes; else ACT_NOTHING */
	int64_t of;	 /* outcome: the id of its intent, which has no
				  other and is of this host; else 0 */
	bool ok;	 /* outcome */
	char actor[128]; /* "danesafe", or who asked: user, sudo user */
	char text[1024];
};

/* Appends; the new id in *ret_id (may be NULL). */
int store_journal(struct store *s, const struct entry *en, int64_t *ret_id,
    struct err *e);

/* store_save and the entries in one transaction (n may be 0). */
int store_save_journal(struct store *s, const struct host *h,
    const struct entry *en, size_t n, struct err *e);

/* Entries of a host ("" : all) not before `since`, oldest first. */
typedef void store_entry_fn(const struct entry *en, void *arg);
int store_history(struct store *s, const char *host, time_t since,
    store_entry_fn *fn, void *arg, struct err *e);

/* A host whose steps a person has frozen. */
struct pause {
	char host[HOST_NAME];
	time_t since, until; /* wall */
	char actor[128];     /* who asked, as in an entry */
	char reason[400];    /* printable ASCII */
};
/* Every pause that was not ended by hand, those past included, in the order of
 * strcmp; caller frees. */
int store_pauses(struct store *s, struct pause **ret, size_t *ret_n,
    struct err *e);
/* Keeps it in the place of an earlier one of its host (until 0: ends that),
 * and the entry, in one transaction. */
int store_pause(struct store *s, const struct pause *p, const struct entry *en,
    struct err *e);

/* How many steps of a host were forced by hand. */
int store_forced(struct store *s, const char *host, int64_t *ret_n,
    struct err *e);

/* Intents of a host that have no outcome, oldest first; caller frees. */
int store_open_intents(struct store *s, const char *host, struct entry **ret,
    size_t *ret_n, struct err *e);

/* Concerns of a host ("": of the agent), in their order; caller frees. */
int store_concerns(struct store *s, const char *host, struct concern **ret,
    size_t *ret_n, struct err *e);
/* Replaces all concerns of a host. */
int store_concerns_save(struct store *s, const char *host,
    const struct concern *c, size_t n, struct err *e);

/* A way to people that does not work; failures 0: it does. */
struct channel_state {
	int failures;
	int64_t since;	  /* elapsed: the first of them */
	int64_t retry_at; /* elapsed */
	char why[HOST_WHY];
};
int store_channel(struct store *s, enum channel ch, struct channel_state *ret,
    struct err *e);
int store_channel_save(struct store *s, enum channel ch,
    const struct channel_state *st, struct err *e);

#endif
