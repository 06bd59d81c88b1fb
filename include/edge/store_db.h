/*
 * store_db.h - what the files of the store share: the handle, the statements,
 * transactions, and values in and out of rows.  Nobody else includes this
 * (but the tests of the store).
 */
#ifndef EDGE_STORE_DB_H
#define EDGE_STORE_DB_H

#include <sqlite3.h>

#include "base/text.h"
#include "edge/ssl_digest.h"
#include "edge/store.h"

/* The statements of the store; their texts are in store_sql.c. */
enum sql {
	SQL_BEGIN,
	SQL_BEGIN_READ,
	SQL_COMMIT,
	SQL_ROLLBACK,

	SQL_AGENT,
	SQL_AGENT_SAVE,

	SQL_JOURNAL_ADD,
	SQL_HISTORY_FIRST,
	SQL_HISTORY_ALL,
	SQL_HISTORY_HOST,
	SQL_OPEN_INTENTS,
	SQL_FORCED,

	SQL_CONCERNS,
	SQL_CONCERN_SAVE,
	SQL_CONCERN_DROP,
	SQL_CHANNEL,
	SQL_CHANNEL_SAVE,
	SQL_CHANNEL_DROP,

	SQL_PAUSES,
	SQL_PAUSE_SAVE,
	SQL_PAUSE_DROP,

	SQL_SUMMARIES,
	SQL_SUMMARY_SAVE,
	SQL_SUMMARY_DROP,

	SQL_HOSTS,
	SQL_HOST,
	SQL_HOST_SAVE,
	SQL_HOST_ID,
	SQL_SLOTS,
	SQL_SLOT_SAVE,

	SQL_SETS,
	SQL_SET_ADD,
	SQL_SET_ID,
	SQL_SET_DROP,
	SQL_CHAINS,
	SQL_CHAIN_ADD,
	SQL_CHAIN_ID,
	SQL_CHAIN_DROP,

	SQL_OWNERS,
	SQL_OWNER_SAVE,
	SQL_OWNER_ID,
	SQL_OWNER_COUNT,
	SQL_OWNER_DROP,

	SQL_AUTHORITIES,
	SQL_AUTHORITY_SAVE,
	SQL_AUTHORITY_COUNT,
	SQL_AUTHORITY_KEYS,
	SQL_AUTHORITY_DROP,

	SQL_SIGHTINGS,
	SQL_SIGHTING_SAVE,
	SQL_SIGHTING_COUNT,
	SQL_SIGHTING_KEYS,
	SQL_SIGHTING_DROP,

	SQL_INSTANCES,
	SQL_INSTANCE_SAVE,
	SQL_INSTANCE_COUNT,
	SQL_INSTANCE_KEYS,
	SQL_INSTANCE_DROP,

	SQL_ENDPOINTS,
	SQL_ENDPOINT_SAVE,
	SQL_ENDPOINT_ID,
	SQL_ENDPOINT_COUNT,
	SQL_ENDPOINT_KEYS,
	SQL_ENDPOINT_DROP,

	SQL_PRESENTED,
	SQL_PRESENTED_SAVE,
	SQL_PRESENTED_DROP,

	SQL_KEYS,
	SQL_KEY_SAVE,

	SQL_WAIVERS,
	SQL_WAIVER_SAVE,
	SQL_WAIVER_COUNT,
	SQL_WAIVER_KEYS,
	SQL_WAIVER_DROP,

	SQL_COUNT,
};

extern const char *const STORE_SQL[SQL_COUNT];

struct store {
	sqlite3 *db;
	char *path;
	enum store_mode mode;
	unsigned depth;	  /* transactions within one another: one, in truth */
	bool spoiled;	  /* one of the inner ones failed */
	uint64_t epoch;	  /* a new one begins when something was not kept */
	bool roomy;	  /* db_room */
	struct text told; /* room for what is told (store_known.c) */
	struct digest *digest;	     /* of it */
	sqlite3_stmt *st[SQL_COUNT]; /* prepared when first used */
};

/* What application_id says in a file of ours: "dane". */
#define STORE_APPLICATION 0x64616e65

/* Turns what SQLite says last into an err; returns -1. */
int db_fail(const struct store *s, struct err *e);
/* The file holds what we never wrote; returns -1. */
int db_damaged(const struct store *s, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The file itself (store_file.c).  db_open opens an existing file, or
 * ":memory:", with every setting made and read back; no page is read yet
 * but for journal_mode, which is set by db_durable.
 */
int db_open(const char *path, enum store_mode mode, struct store **ret,
    struct err *e);
/* Commits that survive a power cut, read back. */
int db_durable(struct store *s, struct err *e);
/* Is it ours, and of a version that we know? */
int db_identify(struct store *s, int64_t *ret_version, struct err *e);
/* In a transaction that is about to write much: memory for it, until it ends. */
void db_room(struct store *s);
void db_roomless(struct store *s);
/* Sound pages. */
int db_quick_check(struct store *s, struct err *e);
/* The very schema that the migrations make, nothing more or less. */
int db_schema_check(struct store *s, struct err *e);
/* All migrations after `from`, in one transaction. */
int db_migrate(struct store *s, int64_t from, struct err *e);

/* A transaction that writes, or a part of the one that is on; end with db_end,
 * whatever came between. */
int db_begin(struct store *s, struct err *e);
/* The same for one that only reads: everything from one moment. */
int db_begin_read(struct store *s, struct err *e);
/* rc 0: commits.  -1: rolls back and keeps *e.  Returns 0 or -1. */
int db_end(struct store *s, int rc, struct err *e);

/*
 * One use of a statement: parameters are put in order, columns are got in
 * order.  `bad` is set by a column that does not fit and stays set: the next
 * db_step says so.  Do not act on what was got before looking at it.
 */
struct use {
	sqlite3_stmt *st;
	int at;
	bool bad;
	struct text *told; /* what is put goes there, and nowhere else; or
			      NULL */
};

int db_use(struct store *s, enum sql id, struct use *ret, struct err *e);
/* 1: a row, columns from the first.  0: no more.  -1: *e.  Unless it returns
 * 1, the statement is over. */
int db_step(struct store *s, struct use *u, struct err *e);
void db_over(struct use *u); /* when leaving before that */
/* For one without rows. */
int db_run(struct store *s, struct use *u, struct err *e);
/* For one with a single number: the id, count...; -1 in *ret when no row. */
int db_one(struct store *s, struct use *u, int64_t *ret, struct err *e);

void put_int(struct use *u, int64_t v);
void put_when(struct use *u, int64_t v);     /* NEVER: NULL */
void put_text(struct use *u, const char *s); /* NULL: NULL; must live on */
void put_blob(struct use *u, const void *p, size_t n); /* must live on */
void put_null(struct use *u);
void put_addr(struct use *u, const struct addr *a); /* two: ip, port */

int64_t get_int(struct use *u);
int64_t get_when(struct use *u);
uint32_t get_u32(struct use *u);
bool get_bool(struct use *u);
bool get_null(struct use *u); /* true, and past it, when it is NULL */
void get_text(struct use *u, char *buf, size_t size);
const char *get_once(struct use *u, size_t size); /* kept once */
char *get_text_dup(struct use *u);		  /* caller frees */
void get_blob(struct use *u, void *p, size_t n);  /* exactly n bytes */
void get_addr(struct use *u, struct addr *a);
/* The index of the word among n, or n for NULL; any other is bad. */
int get_word(struct use *u, const char *(*name)(int), int n);

/* Within a transaction of the caller. */
int store_put_entry(struct store *s, const struct entry *en, int64_t *ret_id,
    struct err *e);

/*
 * The last look at a host and its last sweep, which most of what was seen of
 * it has in common: kept once a host (state/0016-last-look.sql).
 */
struct last {
	int64_t looked_at, swept_at;
	time_t looked_wall, swept_wall;
};
struct last last_of(const struct host *h);

/* One host on its way into the file, and the ids of its rows there. */
struct saving {
	struct store *s;
	const struct host *h;
	int64_t host;
	int64_t *set;	/* as h->set; 0: not needed so far */
	int64_t *chain; /* as h->chain; likewise */
	struct last last;
	struct text *told; /* nothing is written, only told; or NULL */
};

/*
 * What did not change is not written again (store_known.c): all that is kept
 * of an owner can be told in place of being written, with the same functions,
 * and is the same when its digest is.
 */
int row_use(const struct saving *sv, enum sql id, struct use *ret,
    struct err *e);
int row_run(const struct saving *sv, struct use *u, struct err *e);
/* From here on nothing is known of what the file has. */
void store_new_epoch(struct store *s);
/* Has the file this very owner?  *ret: to be noted once it was written. */
bool saving_knows(const struct saving *sv, size_t owner,
    struct owner_known *ret);
/* The owners of the host are as the file has them: it was just read. */
void store_knows(struct store *s, struct host *h);

/* Is this row, an id and what names it, still in the host? */
typedef bool keep_fn(struct use *row, const struct saving *sv,
    const struct owner *o);

/* Deletes the rows of `of` (statement `list`) that are not kept. */
int saving_others(struct saving *sv, enum sql list, enum sql drop, int64_t of,
    keep_fn *keep, const struct owner *o, struct err *e);
/* The same, but only if there are more rows (`count`) than n. */
int saving_surplus(struct saving *sv, enum sql count, enum sql list,
    enum sql drop, int64_t of, size_t n, keep_fn *keep, const struct owner *o,
    struct err *e);
/* Binds the row of a chain of the host, which is saved first: call
 * saving_chain before the statement is begun. */
int saving_chain(struct saving *sv, int chain, struct err *e);
void put_chain(struct use *u, const struct saving *sv, int chain);
/* Owners and endpoints with all that hangs on them (store_seen.c). */
int saving_owners(struct saving *sv, struct err *e);
int saving_owner(struct saving *sv, size_t owner, struct err *e);

#endif
