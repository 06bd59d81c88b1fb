/*
 * store_file.c - the database file as a whole: opened with every setting,
 * recognised, checked, migrated.  Knows no row of it.
 */
#include "edge/store_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "edge/migrations.h"

/* No value of ours is longer; a longer one in the file is refused. */
#define VALUE_MAX (1 << 20)

struct setting {
	const char *name, *value;
	const char *back; /* as SQLite says it when asked */
	bool silent;	  /* or says nothing: a build without, or no file */
};

/* clang-format off */
static const struct setting BOTH[] = {
	{ "busy_timeout",       "5000",   "5000", false },
	{ "mmap_size",          "0",      "0", true }, /* else a file that is cut
						    short is a SIGBUS */
	{ "trusted_schema",     "OFF",    "0", false },
	{ "cell_size_check",    "ON",     "1", false },
	{ "foreign_keys",       "ON",     "1", false },
	{ "recursive_triggers", "ON",     "1", false }, /* else REPLACE passes by */
	{ "temp_store",         "MEMORY", "2", false }, /* no file in $TMPDIR */
};
/*
 * A commit is five fsyncs.  The journal twice: its length is written when its
 * pages are on disk, else a power cut could leave it whole by its header and
 * not by its pages (NORMAL does so).  Its folder, since nobody can know whether
 * who made the journal lived long enough to do it.  The database.  The journal,
 * emptied: else a commit that was told could be rolled back.  WAL would do with
 * fewer, and readers would have to write.
 */
static const struct setting WRITER[] = {
	{ "synchronous",        "FULL",   "2", false },
	{ "cache_spill",        "OFF",    "0", false }, /* else readers are locked
						    out before the commit */
	{ "cache_size",         "-1024", "-1024", false }, /* KiB at most; see
							     db_room */
};
/* KiB: to read a host after the other, few pages are enough.  What is changed
 * stays in memory until the commit, and with no room beside it every look-up
 * would read the file. */
#define CACHE_READ 1024
#define CACHE_WRITE 65536

static const struct setting READER[] = {
	{ "query_only",         "ON",     "1", false },
};
/* DELETE with FULL can lose a commit at a power cut; PERSIST cannot. */
static const struct setting DURABLE[] = {
	{ "journal_mode",       "PERSIST", "persist", false },
	{ "journal_size_limit", "4194304", "4194304", false },
};

static const struct { int what, value; } SWITCH[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE,             1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA,        0 },
	{ SQLITE_DBCONFIG_ENABLE_VIEW,           0 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_DQS_DML,               0 },
	{ SQLITE_DBCONFIG_DQS_DDL,               0 },
};
/* clang-format on */

#define N(array) (sizeof(array) / sizeof((array)[0]))

static int
set(struct store *s, const struct setting *what, struct err *e)
{
	char *sql = mem_fmt("PRAGMA %s = %s", what->name, what->value);
	char *ask = mem_fmt("PRAGMA %s", what->name);
	sqlite3_stmt *st = NULL;
	const char *back;
	int rc = -1, step;

	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(s->db, ask, -1, &st, NULL) != SQLITE_OK ||
	    ((step = sqlite3_step(st)) != SQLITE_ROW && step != SQLITE_DONE)) {
		db_fail(s, e);
		goto out;
	}
	back = (const char *)sqlite3_column_text(st, 0);
	if (back == NULL ? !what->silent : strcmp(back, what->back) != 0) {
		err_set(e, ERR_IO, "%s: SQLite does not take %s = %s", s->path,
		    what->name, what->value);
		goto out;
	}
	rc = 0;
out:
	sqlite3_finalize(st);
	free(ask);
	free(sql);
	return rc;
}

static int
set_all(struct store *s, const struct setting *what, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (set(s, &what[i], e) != 0)
			return -1;
	return 0;
}

static int
settings(struct store *s, struct err *e)
{
	int back;

	for (size_t i = 0; i < N(SWITCH); i++)
		if (sqlite3_db_config(s->db, SWITCH[i].what, SWITCH[i].value,
			&back) != SQLITE_OK ||
		    back != SWITCH[i].value)
			return err_set(e, ERR_IO,
			    "%s: SQLite does not take "
			    "switch %d",
			    s->path, SWITCH[i].what);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	if (set_all(s, BOTH, N(BOTH), e) != 0)
		return -1;
	return s->mode == STORE_WRITE ? set_all(s, WRITER, N(WRITER), e)
				      : set_all(s, READER, N(READER), e);
}

int
db_open(const char *path, enum store_mode mode, struct store **ret,
    struct err *e)
{
	struct store *s = mem_new(sizeof(*s));
	int flags = SQLITE_OPEN_NOMUTEX |
	    (mode == STORE_WRITE ? SQLITE_OPEN_READWRITE
				 : SQLITE_OPEN_READONLY);

	s->path = mem_dup(path);
	s->mode = mode;
	store_new_epoch(s);
	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK) {
		db_fail(s, e);
		goto fail;
	}
	sqlite3_extended_result_codes(s->db, 1);
	/* SQLite opens what it may not write for reading, in silence. */
	if (mode == STORE_WRITE && sqlite3_db_readonly(s->db, "main") == 1) {
		err_set(e, ERR_PERM, "%s: may not be written", path);
		goto fail;
	}
	if (settings(s, e) != 0)
		goto fail;
	*ret = s;
	return 0;
fail:
	store_free(s);
	return -1;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(s->st[i]);
	sqlite3_close(s->db);
	free(s->path);
	text_release(&s->told);
	digest_free(s->digest);
	free(s);
}

int
db_durable(struct store *s, struct err *e)
{
	return set_all(s, DURABLE, N(DURABLE), e);
}

static int
number(struct store *s, const char *sql, int64_t *ret, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW) {
		*ret = sqlite3_column_int64(st, 0);
		rc = 0;
	} else {
		db_fail(s, e);
	}
	sqlite3_finalize(st);
	return rc;
}

int
db_identify(struct store *s, int64_t *ret_version, struct err *e)
{
	int64_t app, version;

	if (number(s, "PRAGMA application_id", &app, e) != 0 ||
	    number(s, "PRAGMA user_version", &version, e) != 0)
		return -1;
	if (app != STORE_APPLICATION)
		return err_set(e, ERR_IO,
		    "%s: no state of danesafe, but a "
		    "database of another program (application id %lld)",
		    s->path, (long long)app);
	if (version > (int64_t)MIGRATIONS_N)
		return err_set(e, ERR_CONFIG,
		    "%s: of version %lld, made by a "
		    "newer danesafe; this one knows versions up to %zu",
		    s->path, (long long)version, MIGRATIONS_N);
	if (version < 1)
		return db_damaged(s, e, "version %lld", (long long)version);
	*ret_version = version;
	return 0;
}

int
db_quick_check(struct store *s, struct err *e)
{
	sqlite3_stmt *st = NULL;
	const char *says;
	int rc = -1;

	if (sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &st, NULL) !=
		SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW) {
		db_fail(s, e);
		goto out;
	}
	says = (const char *)sqlite3_column_text(st, 0);
	if (says == NULL || strcmp(says, "ok") != 0) {
		db_damaged(s, e, "%.300s", says == NULL ? "?" : says);
		goto out;
	}
	rc = 0;
out:
	sqlite3_finalize(st);
	return rc;
}

static void
cache(struct store *s, int kib)
{
	char sql[48];

	snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%d", kib);
	sqlite3_exec(s->db, sql, NULL, NULL, NULL); /* at worst it is slow */
}

void
db_room(struct store *s)
{
	if (!s->roomy)
		cache(s, CACHE_WRITE);
	s->roomy = true;
}

void
db_roomless(struct store *s)
{
	if (s->roomy)
		cache(s, CACHE_READ);
	s->roomy = false;
}

static int
migrate_to(struct store *s, const struct migration *m, struct err *e)
{
	char *sql = mem_fmt("PRAGMA application_id = %d;"
			    "PRAGMA user_version = %d",
	    STORE_APPLICATION, m->number);
	int rc = 0;

	if (sqlite3_exec(s->db, m->sql, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		db_fail(s, e);
		rc = err_prefix(e, "migration %04d-%s", m->number, m->name);
	}
	free(sql);
	return rc;
}

int
db_migrate(struct store *s, int64_t from, struct err *e)
{
	int rc = 0;

	if (from >= (int64_t)MIGRATIONS_N)
		return 0;
	if (db_begin(s, e) != 0)
		return -1;
	for (size_t i = (size_t)from; rc == 0 && i < MIGRATIONS_N; i++)
		rc = migrate_to(s, &MIGRATIONS[i], e);
	return db_end(s, rc, e);
}

/* One line for each table, index and trigger that we made. */
static sqlite3_stmt *
schema(struct store *s)
{
	sqlite3_stmt *st = NULL;

	sqlite3_prepare_v2(s->db,
	    "SELECT name, type || tbl_name || sql"
	    " FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'"
	    " ORDER BY name, type",
	    -1, &st, NULL);
	return st;
}

static const char *
column(sqlite3_stmt *st, int i)
{
	const unsigned char *p = sqlite3_column_text(st, i);

	return p == NULL ? "" : (const char *)p;
}

/* A trigger too many could undo what we write; a CHECK too few, its worth. */
static int
schema_compare(struct store *s, struct store *model, struct err *e)
{
	sqlite3_stmt *is = schema(s), *want = schema(model);
	int more = SQLITE_ROW, rc = 0;

	while (rc == 0 && more == SQLITE_ROW) {
		more = sqlite3_step(want);
		if (sqlite3_step(is) != more)
			rc = db_damaged(s, e, "a table, index or trigger %s",
			    more == SQLITE_ROW ? "is missing" : "too many");
		else if (more == SQLITE_ROW &&
		    (strcmp(column(is, 0), column(want, 0)) != 0 ||
			strcmp(column(is, 1), column(want, 1)) != 0))
			rc = db_damaged(s, e,
			    "its %.60s is not as danesafe "
			    "made it",
			    column(want, 0));
	}
	sqlite3_finalize(is);
	sqlite3_finalize(want);
	return rc;
}

int
db_schema_check(struct store *s, struct err *e)
{
	struct store *model;
	int rc = -1;

	if (db_open(":memory:", STORE_WRITE, &model, e) != 0)
		return -1;
	if (db_migrate(model, 0, e) == 0)
		rc = schema_compare(s, model, e);
	store_free(model);
	return rc;
}
