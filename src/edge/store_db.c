/*
 * store_db.c - SQLite for the other files of the store: statements, values
 * in and out of rows, transactions, errors.  Knows no table.
 */
#include "edge/store_db.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"

int
db_fail(const struct store *s, struct err *e)
{
	const char *why = sqlite3_errmsg(s->db);
	int code = sqlite3_extended_errcode(s->db);

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, ERR_TEMP, "%s: in use by another process",
		    s->path);
	case SQLITE_READONLY:
		if (code == SQLITE_READONLY_ROLLBACK ||
		    code == SQLITE_READONLY_RECOVERY)
			return err_set(e, ERR_TEMP,
			    "%s: interrupted pass; "
			    "run `danesafe run`",
			    s->path);
		return err_set(e, ERR_PERM, "%s: %s", s->path, why);
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return err_set(e, ERR_PERM, "%s: %s", s->path, why);
	case SQLITE_CANTOPEN:
		errno = sqlite3_system_errno(s->db);
		return err_set(e,
		    errno == EACCES || errno == EPERM ? ERR_PERM : ERR_IO,
		    "%s: %s", s->path, errno != 0 ? strerror(errno) : why);
	case SQLITE_NOTADB:
		return err_set(e, ERR_IO,
		    "%s: damaged, or no state of "
		    "danesafe: not a database; put back a backup of it, or "
		    "move it away",
		    s->path);
	case SQLITE_CORRUPT:
	case SQLITE_TOOBIG:
		return db_damaged(s, e, "%s", why);
	case SQLITE_CONSTRAINT:
		return err_set(e, ERR_BUG,
		    "%s: refused by the rules of the "
		    "state: %s",
		    s->path, why);
	default:
		return err_set(e, ERR_IO, "%s: %s", s->path, why);
	}
}

int
db_damaged(const struct store *s, struct err *e, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(e, ERR_IO,
	    "%s: damaged: %s; put back a backup of it, "
	    "or move it away",
	    s->path, what);
}

int
db_use(struct store *s, enum sql id, struct use *ret, struct err *e)
{
	if (s->st[id] == NULL &&
	    sqlite3_prepare_v3(s->db, STORE_SQL[id], -1,
		SQLITE_PREPARE_PERSISTENT, &s->st[id], NULL) != SQLITE_OK)
		return db_fail(s, e);
	*ret = (struct use){ .st = s->st[id] };
	return 0;
}

/* A value that could not be bound (no memory), or a column that is odd. */
static int
unfit(struct store *s, struct use *u, struct err *e)
{
	int code = sqlite3_errcode(s->db);

	if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
		db_fail(s, e);
	else
		db_damaged(s, e, "a value that danesafe never wrote");
	db_over(u);
	return -1;
}

int
db_step(struct store *s, struct use *u, struct err *e)
{
	int rc;

	if (u->bad)
		return unfit(s, u, e);
	rc = sqlite3_step(u->st);
	u->at = 0;
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		db_fail(s, e);
	db_over(u);
	return rc == SQLITE_DONE ? 0 : -1;
}

void
db_over(struct use *u)
{
	sqlite3_reset(u->st);
	sqlite3_clear_bindings(u->st);
}

int
db_run(struct store *s, struct use *u, struct err *e)
{
	int rc = db_step(s, u, e);

	if (rc == 1)
		db_over(u);
	return rc < 0 ? -1 : 0;
}

int
db_one(struct store *s, struct use *u, int64_t *ret, struct err *e)
{
	int rc = db_step(s, u, e);

	if (rc < 0)
		return -1;
	*ret = rc == 1 ? get_when(u) : -1;
	if (u->bad)
		return unfit(s, u, e);
	if (rc == 1)
		db_over(u);
	return 0;
}

static int
simple(struct store *s, enum sql id, struct err *e)
{
	struct use u;

	return db_use(s, id, &u, e) == 0 ? db_run(s, &u, e) : -1;
}

static int
begin(struct store *s, enum sql id, struct err *e)
{
	if (s->depth == 0) {
		s->spoiled = false;
		if (simple(s, id, e) != 0)
			return -1;
	}
	s->depth++;
	return 0;
}

int
db_begin(struct store *s, struct err *e)
{
	if (s->mode != STORE_WRITE)
		return err_set(e, ERR_BUG, "%s: opened for reading only",
		    s->path);
	return begin(s, SQL_BEGIN, e);
}

int
db_begin_read(struct store *s, struct err *e)
{
	return begin(s, SQL_BEGIN_READ, e);
}

int
db_end(struct store *s, int rc, struct err *e)
{
	struct err unused;

	if (rc != 0)
		s->spoiled = true;
	if (--s->depth > 0)
		return rc;
	if (rc == 0 && s->spoiled)
		rc = err_set(e, ERR_BUG, "%s: a part was not written", s->path);
	if (rc == 0)
		rc = simple(s, SQL_COMMIT, e);
	if (rc != 0)
		store_new_epoch(s);
	if (rc != 0 && sqlite3_get_autocommit(s->db) == 0)
		simple(s, SQL_ROLLBACK, &unused);
	db_roomless(s);
	return rc;
}

int
store_begin(struct store *s, struct err *e)
{
	return db_begin(s, e);
}

int
store_begin_read(struct store *s, struct err *e)
{
	return db_begin_read(s, e);
}

int
store_end(struct store *s, int rc, struct err *e)
{
	return db_end(s, rc, e);
}

static void
put(struct use *u, int rc)
{
	if (rc != SQLITE_OK)
		u->bad = true;
}

/* In place of being put, so that different values are told differently: a
 * letter, the length but of numbers, the bytes.  False: it is to be put. */
static bool
is_told(const struct use *u, char kind, const void *p, size_t n)
{
	char buf[1 + sizeof(uint32_t) + 512];
	uint32_t len = (uint32_t)n;
	size_t at = 1;

	if (u->told == NULL)
		return false;
	buf[0] = kind;
	if (kind != 'i') {
		memcpy(buf + at, &len, sizeof(len));
		at += sizeof(len);
	}
	if (n <= sizeof(buf) - at) {
		memcpy(buf + at, p, n);
		text_addn(u->told, buf, at + n);
	} else {
		text_addn(u->told, buf, at);
		text_addn(u->told, p, n);
	}
	return true;
}

void
put_int(struct use *u, int64_t v)
{
	if (is_told(u, 'i', &v, sizeof(v)))
		return;
	put(u, sqlite3_bind_int64(u->st, ++u->at, v));
}

void
put_when(struct use *u, int64_t v)
{
	if (v == NEVER)
		put_null(u);
	else
		put_int(u, v);
}

void
put_text(struct use *u, const char *s)
{
	if (s == NULL) {
		put_null(u);
		return;
	}
	if (is_told(u, 't', s, strlen(s)))
		return;
	put(u, sqlite3_bind_text(u->st, ++u->at, s, -1, SQLITE_STATIC));
}

void
put_blob(struct use *u, const void *p, size_t n)
{
	if (is_told(u, 'b', p, n))
		return;
	put(u, sqlite3_bind_blob64(u->st, ++u->at, p, n, SQLITE_STATIC));
}

void
put_null(struct use *u)
{
	if (is_told(u, 'n', "", 0))
		return;
	put(u, sqlite3_bind_null(u->st, ++u->at));
}

/* Family 0 is the empty text. */
void
put_addr(struct use *u, const struct addr *a)
{
	char buf[ADDR_TEXT] = "";

	if (is_told(u, 'a', a->ip, a->family == 0 ? 0 : sizeof(a->ip))) {
		put_int(u, a->family);
		put_int(u, a->port);
		return;
	}
	if (a->family != 0)
		addr_ip(a, buf);
	put(u, sqlite3_bind_text(u->st, ++u->at, buf, -1, SQLITE_TRANSIENT));
	put_int(u, a->port);
}

int64_t
get_int(struct use *u)
{
	int at = u->at++;

	if (sqlite3_column_type(u->st, at) != SQLITE_INTEGER)
		u->bad = true;
	return sqlite3_column_int64(u->st, at);
}

int64_t
get_when(struct use *u)
{
	int64_t v;

	if (get_null(u))
		return NEVER;
	v = get_int(u);
	if (v < 0)
		u->bad = true;
	return v;
}

uint32_t
get_u32(struct use *u)
{
	int64_t v = get_int(u);

	if (v < 0 || v > UINT32_MAX)
		u->bad = true;
	return (uint32_t)v;
}

bool
get_bool(struct use *u)
{
	int64_t v = get_int(u);

	if (v != 0 && v != 1)
		u->bad = true;
	return v == 1;
}

bool
get_null(struct use *u)
{
	if (sqlite3_column_type(u->st, u->at) != SQLITE_NULL)
		return false;
	u->at++;
	return true;
}

void
get_text(struct use *u, char *buf, size_t size)
{
	int at = u->at++;
	const void *p = sqlite3_column_text(u->st, at);
	size_t n = (size_t)sqlite3_column_bytes(u->st, at);

	buf[0] = 0;
	if (p == NULL || n >= size || memchr(p, 0, n) != NULL) {
		u->bad = true;
		return;
	}
	memcpy(buf, p, n);
	buf[n] = 0;
}

const char *
get_once(struct use *u, size_t size)
{
	char buf[1024];

	assert(size <= sizeof(buf));
	get_text(u, buf, size);
	return once(buf);
}

char *
get_text_dup(struct use *u)
{
	const unsigned char *p = sqlite3_column_text(u->st, u->at++);

	if (p == NULL)
		u->bad = true;
	return mem_dup(p == NULL ? "" : (const char *)p);
}

void
get_blob(struct use *u, void *p, size_t n)
{
	int at = u->at++;
	const void *b = sqlite3_column_blob(u->st, at);

	if (b == NULL || (size_t)sqlite3_column_bytes(u->st, at) != n)
		u->bad = true;
	else
		memcpy(p, b, n);
}

void
get_addr(struct use *u, struct addr *a)
{
	char ip[ADDR_TEXT];
	int64_t port;

	memset(a, 0, sizeof(*a));
	get_text(u, ip, sizeof(ip));
	port = get_int(u);
	if (port < 0 || port > UINT16_MAX)
		u->bad = true;
	else if (ip[0] == 0)
		a->port = (uint16_t)port;
	else if (addr_parse(ip, (uint16_t)port, a) != 0)
		u->bad = true;
}

int
get_word(struct use *u, const char *(*name)(int), int n)
{
	char word[32];

	if (get_null(u))
		return n;
	get_text(u, word, sizeof(word));
	for (int i = 0; i < n; i++)
		if (strcmp(name(i), word) == 0)
			return i;
	u->bad = true;
	return n;
}
