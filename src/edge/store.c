/*
 * store.c - finds, makes and opens the state file, and keeps the row about
 * the agent.  Never opens the file but through SQLite once it is there: a
 * close(2) elsewhere in the process would drop SQLite's locks.
 */
#include "edge/store.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "edge/migrations.h"
#include "edge/store_db.h"

/* Whose the folder and the files are; -1: left alone. */
static void
ours(uid_t *ret_uid, gid_t *ret_gid)
{
	struct group *adm;

	*ret_uid = (uid_t)-1;
	*ret_gid = (gid_t)-1;
	if (geteuid() != 0)
		return;
	*ret_uid = 0;
	adm = getgrnam("adm");
	if (adm != NULL)
		*ret_gid = adm->gr_gid;
}

/* Who may write here may change what is believed of the past. */
static int
only_ours(const char *path, const struct stat *st, struct err *e)
{
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(e, ERR_PERM,
		    "%s: may be written by group or "
		    "others; run `chmod go-w %s`",
		    path, path);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(e, ERR_PERM,
		    "%s: belongs to another user "
		    "(uid %ld)",
		    path, (long)st->st_uid);
	return 0;
}

int
store_folder(const char *folder, struct err *e)
{
	struct stat st;
	uid_t uid;
	gid_t gid;

	if (stat(folder, &st) != 0) {
		if (errno != ENOENT)
			return err_set(e, errno == EACCES ? ERR_PERM : ERR_IO,
			    "%s: %s", folder, strerror(errno));
		ours(&uid, &gid);
		return file_folder(folder, 0750, uid, gid, e);
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_IO, "%s: not a folder", folder);
	return only_ours(folder, &st, e);
}

/* Size of a regular file (no link), -1 when there is none, -2 with *e. */
static int64_t
size_of(const char *path, struct stat *st, struct err *e)
{
	if (lstat(path, st) != 0) {
		if (errno == ENOENT)
			return -1;
		err_set(e, errno == EACCES ? ERR_PERM : ERR_IO, "%s: %s", path,
		    strerror(errno));
		return -2;
	}
	if (!S_ISREG(st->st_mode)) {
		err_set(e, ERR_IO, "%s: not a regular file", path);
		return -2;
	}
	return st->st_size;
}

/*
 * Is there a state?  An empty file without a journal is none.  A journal
 * without its state is what is left of one: to begin anew beside it would
 * hide the loss, and SQLite might take the old journal for the new state's.
 */
static int
is_there(const char *path, bool *ret_there, struct err *e)
{
	char *journal = mem_fmt("%s-journal", path);
	struct stat st, st_journal;
	int64_t size = size_of(path, &st, e), size_journal;
	int rc = -1;

	if (size == -2)
		goto out;
	if (size > 0) {
		*ret_there = true;
		rc = only_ours(path, &st, e);
		goto out;
	}
	size_journal = size_of(journal, &st_journal, e);
	if (size_journal == -2)
		goto out;
	if (size_journal >= 0) {
		err_set(e, ERR_IO,
		    "%s: damaged: %s, but its journal %s is "
		    "there; put back a backup, or move both away",
		    path, size == 0 ? "empty" : "missing", journal);
		goto out;
	}
	*ret_there = false;
	rc = 0;
out:
	free(journal);
	return rc;
}

/* An empty file with the right mode and owner before anything is in it. */
static int
make_empty(const char *path, struct err *e)
{
	uid_t uid;
	gid_t gid;
	int fd, rc = 0;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd == -1)
		return err_set(e, ERR_CREATE, "%s: %s", path, strerror(errno));
	ours(&uid, &gid);
	if (fchown(fd, uid, gid) != 0 || fchmod(fd, 0640) != 0)
		rc = err_set(e, ERR_CREATE, "%s: %s", path, strerror(errno));
	close(fd);
	return rc;
}

static int
sync_folder(const char *folder, struct err *e)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd == -1 || fsync(fd) != 0)
		rc = err_set(e, ERR_IO, "%s: %s", folder, strerror(errno));
	if (fd != -1)
		close(fd);
	return rc;
}

/* Made whole under another name, so that state.db is never half a state. */
static int
make_fresh(const char *folder, const char *path, struct err *e)
{
	char *fresh = mem_fmt("%s.new", path);
	char *journal = mem_fmt("%s-journal", fresh);
	struct store *s = NULL;
	int rc = -1;

	if (file_remove(fresh, e) != 0 || file_remove(journal, e) != 0 ||
	    make_empty(fresh, e) != 0 ||
	    db_open(fresh, STORE_WRITE, &s, e) != 0 || db_migrate(s, 0, e) != 0)
		goto out;
	store_free(s);
	s = NULL;
	if (rename(fresh, path) != 0) {
		err_set(e, ERR_CREATE, "%s: %s", path, strerror(errno));
		goto out;
	}
	rc = sync_folder(folder, e);
out:
	store_free(s);
	if (rc != 0) {
		unlink(fresh);
		unlink(journal);
	}
	free(journal);
	free(fresh);
	return rc;
}

static int
open_write(const char *folder, const char *path, struct store **ret,
    struct err *e)
{
	struct store *s = NULL;
	int64_t version;
	bool there;

	if (store_folder(folder, e) != 0 || is_there(path, &there, e) != 0)
		return -1;
	if (!there && make_fresh(folder, path, e) != 0)
		return -1;
	if (db_open(path, STORE_WRITE, &s, e) != 0)
		return -1;
	if (db_identify(s, &version, e) != 0 || db_durable(s, e) != 0 ||
	    db_quick_check(s, e) != 0 || db_migrate(s, version, e) != 0 ||
	    db_schema_check(s, e) != 0) {
		store_free(s);
		return -1;
	}
	*ret = s;
	return 0;
}

static int
open_read(const char *path, struct store **ret, struct err *e)
{
	struct store *s = NULL;
	struct stat st;
	int64_t size = size_of(path, &st, e), version;

	if (size == -2)
		return -1;
	if (size <= 0)
		return err_set(e, ERR_UNREACHABLE,
		    "%s: no state yet; run "
		    "`danesafe run` first",
		    path);
	if (db_open(path, STORE_READ, &s, e) != 0)
		return -1;
	if (db_identify(s, &version, e) != 0)
		goto fail;
	if (version < (int64_t)MIGRATIONS_N) {
		err_set(e, ERR_TEMP,
		    "%s: of an older version; run "
		    "`danesafe run`",
		    path);
		goto fail;
	}
	*ret = s;
	return 0;
fail:
	store_free(s);
	return -1;
}

int
store_open(const char *folder, enum store_mode mode, struct store **ret_store,
    struct err *e)
{
	/* SQLite may read "file:..." as a URI; nothing else begins so. */
	char *path = mem_fmt("%s%s/state.db", folder[0] == '/' ? "" : "./",
	    folder);
	int rc;

	rc = mode == STORE_WRITE ? open_write(folder, path, ret_store, e)
				 : open_read(path, ret_store, e);
	free(path);
	return rc;
}

int
store_agent(struct store *s, struct agent *ret, struct err *e)
{
	struct agent a = { .elapsed = 0 };
	struct use u;
	int rc;

	if (db_use(s, SQL_AGENT, &u, e) != 0)
		return -1;
	rc = db_step(s, &u, e);
	if (rc <= 0)
		return rc < 0 ? -1 : db_damaged(s, e, "no agent");
	a.elapsed = get_int(&u);
	a.elapsed_ms = get_int(&u);
	get_text(&u, a.boot_id, sizeof(a.boot_id));
	a.boot_ms = get_int(&u);
	a.wall = get_int(&u);
	a.trusted = get_bool(&u);
	get_text(&u, a.clock_why, sizeof(a.clock_why));
	a.clock_offset_ms = get_int(&u);
	a.started = get_int(&u);
	a.finished = get_int(&u);
	a.exit_code = (int)get_int(&u);
	a.clean = get_int(&u);
	a.failures = get_int(&u);
	if (db_run(s, &u, e) != 0)
		return -1;
	*ret = a;
	return 0;
}

int
store_agent_save(struct store *s, const struct agent *a, struct err *e)
{
	struct use u;
	int rc;

	if (db_begin(s, e) != 0)
		return -1;
	rc = db_use(s, SQL_AGENT_SAVE, &u, e);
	if (rc == 0) {
		put_int(&u, a->elapsed);
		put_int(&u, a->elapsed_ms);
		put_text(&u, a->boot_id);
		put_int(&u, a->boot_ms);
		put_int(&u, a->wall);
		put_int(&u, a->trusted);
		put_text(&u, a->clock_why);
		put_int(&u, a->clock_offset_ms);
		put_int(&u, a->started);
		put_int(&u, a->finished);
		put_int(&u, a->exit_code);
		put_int(&u, a->clean);
		put_int(&u, a->failures);
		rc = db_run(s, &u, e);
	}
	return db_end(s, rc, e);
}
