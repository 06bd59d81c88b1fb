/*
 * test_store_file.c - the state file as a file: its modes and settings, what
 * is no state of ours, readers beside a writer, and writers that die.
 */
#include <check.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/migrations.h"
#include "edge/store_db.h"

#define NOBODY 65534

static char top[256], folder[300], db[320], journal[340];
static struct err e;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/store.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	chmod(top, 0755);
	snprintf(folder, sizeof(folder), "%s/state", top);
	snprintf(db, sizeof(db), "%s/state.db", folder);
	snprintf(journal, sizeof(journal), "%s-journal", db);
}

static void
clear(void)
{
	static const char *const tail[] = { "", "-journal", "-wal", "-shm",
		".new", ".new-journal" };
	char path[400];

	for (size_t i = 0; i < sizeof(tail) / sizeof(tail[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", db, tail[i]);
		if (unlink(path) != 0)
			rmdir(path);
	}
}

static void
teardown(void)
{
	clear();
	rmdir(folder);
	ck_assert_int_eq(rmdir(top), 0);
}

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)

static struct store *
opened(enum store_mode mode)
{
	struct store *s = NULL;

	must(store_open(folder, mode, &s, &e));
	return s;
}

static void
cannot(enum store_mode mode, enum err_kind kind, const char *words,
    const char *what)
{
	struct store *s = NULL;

	e.text[0] = 0;
	ck_assert_msg(store_open(folder, mode, &s, &e) == -1, "%s", what);
	ck_assert_msg(e.kind == kind, "%s: kind %d, %s", what, e.kind, e.text);
	ck_assert_msg(strstr(e.text, words) != NULL, "%s: %s", what, e.text);
	ck_assert_ptr_null(s);
}

/* Other people's SQL on the file. */
static void
sql(const char *text)
{
	sqlite3 *raw;

	ck_assert_int_eq(sqlite3_open(db, &raw), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(raw, text, NULL, NULL, NULL) == SQLITE_OK,
	    "%s: %s", text, sqlite3_errmsg(raw));
	sqlite3_close(raw);
}

static void
put_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, p, n), (ssize_t)n);
	close(fd);
}

static char *
get_file(const char *path, size_t *ret_n)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	char *p;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	*ret_n = (size_t)st.st_size;
	p = malloc(*ret_n + 1);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(read(fd, p, *ret_n), st.st_size);
	close(fd);
	return p;
}

/* A host with one key whose numbers all say n, and a line that says it. */
static int
save(struct store *s, const char *name, int64_t n)
{
	struct entry en = { .wall = n, .kind = ENTRY_NOTE, .elapsed = n };
	struct host h;
	struct key *k;
	int rc;

	host_init(&h, name);
	h.policy.hold_factor = 2;
	h.adopted_at = n;
	k = host_key_add(&h);
	memset(k->id.sha256, 0xff, 32);
	k->entered_wall = n;
	snprintf(en.host, sizeof(en.host), "%s", name);
	rc = store_save_journal(s, &h, &en, 1, &e);
	host_release(&h);
	return rc;
}

/* What the host says; -1 it is not there, -2 *e, -3 it is half a save. */
static int64_t
saved(struct store *s, const char *name)
{
	struct host h;
	int64_t n = -2;

	host_init(&h, name);
	if (store_load(s, &h, &e) == 0) {
		n = h.adopted_at;
		if (n != NEVER && (h.n_key != 1 || h.key[0].entered_wall != n))
			n = -3;
	}
	host_release(&h);
	return n;
}

static void
mode_is(const char *path, mode_t want)
{
	struct group *adm = getgrnam("adm");
	struct stat st;

	ck_assert_msg(stat(path, &st) == 0, "%s", path);
	ck_assert_msg((st.st_mode & 07777) == want, "%s: %o", path,
	    st.st_mode & 07777);
	if (geteuid() != 0)
		return;
	ck_assert_uint_eq(st.st_uid, 0);
	if (adm != NULL)
		ck_assert_msg(st.st_gid == adm->gr_gid, "%s: gid %u", path,
		    st.st_gid);
}

START_TEST(files_are_for_root_and_adm_whatever_the_umask)
{
	static const mode_t mask[] = { 022, 0, 0777, 077 };
	struct store *s;

	if (geteuid() != 0 && mask[_i] == 0777)
		return; /* only root gets into a folder of mode 0 */
	umask(mask[_i]);
	s = opened(STORE_WRITE);
	mode_is(folder, 0750);
	mode_is(db, 0640);
	must(save(s, "a.example", 1));
	mode_is(journal, 0640);
	ck_assert_int_eq(access(folder, R_OK), 0);
	store_free(s);
	mode_is(journal, 0640); /* it stays: journal_mode PERSIST */
	umask(022);
}
END_TEST

START_TEST(a_loose_folder_or_file_is_refused)
{
	static const mode_t loose[] = { 0770, 0757, 0777, 01777 };

	store_free(opened(STORE_WRITE));
	for (int i = 0; i < 4; i++) {
		chmod(folder, loose[i]);
		cannot(STORE_WRITE, ERR_PERM, folder, "folder");
	}
	chmod(folder, 0755);
	chmod(db, 0660);
	cannot(STORE_WRITE, ERR_PERM, db, "file");
	chmod(db, 0640);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(folder, NOBODY, 0), 0);
		cannot(STORE_WRITE, ERR_PERM, "uid 65534", "owner");
		ck_assert_int_eq(chown(folder, 0, 0), 0);
	}
	store_free(opened(STORE_WRITE));
}
END_TEST

static void
setting_is(struct store *s, const char *name, const char *want)
{
	char ask[64];
	sqlite3_stmt *st;

	snprintf(ask, sizeof(ask), "PRAGMA %s", name);
	ck_assert_int_eq(sqlite3_prepare_v2(s->db, ask, -1, &st, NULL), 0);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	ck_assert_msg(strcmp((const char *)sqlite3_column_text(st, 0), want) ==
		0,
	    "%s: %s", name, sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
}

START_TEST(every_setting_is_made)
{
	static const char *const both[][2] = {
		{ "foreign_keys", "1" },
		{ "recursive_triggers", "1" },
		{ "trusted_schema", "0" },
		{ "cell_size_check", "1" },
		{ "mmap_size", "0" },
		{ "temp_store", "2" },
		{ "application_id", "1684106853" },
	};
	struct store *w = opened(STORE_WRITE), *r = opened(STORE_READ);
	char version[24];
	int on;

	snprintf(version, sizeof(version), "%zu", MIGRATIONS_N);
	setting_is(w, "user_version", version);
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		setting_is(w, both[i][0], both[i][1]);
		setting_is(r, both[i][0], both[i][1]);
	}
	setting_is(w, "busy_timeout", "5000");
	setting_is(w, "journal_mode", "persist");
	setting_is(w, "synchronous", "2");
	setting_is(w, "cache_spill", "0");
	setting_is(r, "query_only", "1");
	sqlite3_db_config(w->db, SQLITE_DBCONFIG_DEFENSIVE, -1, &on);
	ck_assert_int_eq(on, 1);
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_ENABLE_VIEW, -1, &on);
	ck_assert_int_eq(on, 0);
	ck_assert_int_eq(sqlite3_db_readonly(r->db, "main"), 1);
	ck_assert_int_eq(save(r, "a.example", 1), -1);
	ck_assert_int_eq(e.kind, ERR_BUG);
	store_free(r);
	store_free(w);
}
END_TEST

START_TEST(no_file_is_a_fresh_state_for_a_writer_only)
{
	struct store *s;

	cannot(STORE_READ, ERR_UNREACHABLE, "no state yet", "no folder");
	ck_assert_int_eq(access(folder, F_OK), -1);
	s = opened(STORE_WRITE);
	ck_assert_int_eq(saved(s, "a.example"), NEVER);
	store_free(s);
	clear();
	cannot(STORE_READ, ERR_UNREACHABLE, "no state yet", "no file");
	put_file(db, "", 0);
	cannot(STORE_READ, ERR_UNREACHABLE, "no state yet", "empty file");
	s = opened(STORE_WRITE);
	must(save(s, "a.example", 1));
	store_free(s);
	mode_is(db, 0640);
}
END_TEST

START_TEST(what_a_dead_birth_left_is_swept_away)
{
	char path[400];

	store_free(opened(STORE_WRITE));
	unlink(db);
	snprintf(path, sizeof(path), "%s.new", db);
	put_file(path, "half", 4);
	snprintf(path, sizeof(path), "%s.new-journal", db);
	put_file(path, "half", 4);
	store_free(opened(STORE_WRITE));
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(a_journal_without_its_state_is_a_loss)
{
	struct store *s = opened(STORE_WRITE);

	must(save(s, "a.example", 1));
	store_free(s);
	put_file(db, "", 0);
	cannot(STORE_WRITE, ERR_IO, "damaged: empty", "empty");
	unlink(db);
	cannot(STORE_WRITE, ERR_IO, "damaged: missing", "missing");
	ck_assert_int_eq(access(db, F_OK), -1);
}
END_TEST

START_TEST(what_is_no_state_of_ours_is_refused)
{
	static const struct {
		const char *sql;
		enum err_kind kind;
		const char *words;
	} bad[] = {
		{ "PRAGMA application_id = 7", ERR_IO, "another program" },
		{ "PRAGMA application_id = 0", ERR_IO, "another program" },
		{ "PRAGMA user_version = 0", ERR_IO, "damaged: version 0" },
		{ "PRAGMA user_version = -1", ERR_IO, "damaged: version -1" },
		{ "PRAGMA user_version = 99", ERR_CONFIG, "newer" },
		{ "DROP TABLE concern", ERR_IO, "damaged" },
		{ "DROP TRIGGER journal_stays", ERR_IO, "damaged" },
		{ "DROP INDEX journal_host", ERR_IO, "damaged" },
		{ "CREATE TRIGGER t AFTER INSERT ON journal BEGIN"
		  " DELETE FROM sighting; END",
		    ERR_IO, "damaged" },
		{ "CREATE VIEW v AS SELECT 1", ERR_IO, "damaged" },
		{ "DROP TABLE concern; CREATE VIEW concern AS SELECT"
		  " 1 AS host",
		    ERR_IO, "damaged" },
		{ "DROP TABLE concern; CREATE TABLE concern (host ANY)", ERR_IO,
		    "damaged" },
		{ "ALTER TABLE host ADD COLUMN more TEXT", ERR_IO, "damaged" },
		{ "PRAGMA ignore_check_constraints = 1; UPDATE agent SET"
		  " trusted = 3",
		    ERR_IO, "damaged: CHECK" },
		{ "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET"
		  " sql = 'gibberish' WHERE name = 'key'",
		    ERR_IO, "damaged" },
		{ "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET"
		  " rootpage = 3 WHERE name = 'key'",
		    ERR_IO, "damaged" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		store_free(opened(STORE_WRITE));
		sql(bad[i].sql);
		cannot(STORE_WRITE, bad[i].kind, bad[i].words, bad[i].sql);
		clear();
	}
}
END_TEST

START_TEST(the_next_version_is_refused)
{
	char next[60];

	snprintf(next, sizeof(next), "PRAGMA user_version = %zu",
	    MIGRATIONS_N + 1);
	store_free(opened(STORE_WRITE));
	sql(next);
	cannot(STORE_WRITE, ERR_CONFIG, "newer", next);
}
END_TEST

static const char *
zeros(void)
{
	static char p[1 << 20];

	return p;
}

START_TEST(a_file_in_another_journal_mode_is_brought_back)
{
	static const char *const how[] = { "WAL", "DELETE", "TRUNCATE" };
	struct store *s;
	char text[64];

	for (int i = 0; i < 3; i++) {
		s = opened(STORE_WRITE);
		must(save(s, "a.example", i));
		store_free(s);
		snprintf(text, sizeof(text), "PRAGMA journal_mode = %s",
		    how[i]);
		sql(text);
		s = opened(STORE_WRITE);
		setting_is(s, "journal_mode", "persist");
		ck_assert_int_eq(saved(s, "a.example"), i);
		store_free(s);
	}
}
END_TEST

START_TEST(what_is_no_database_is_refused)
{
	static const char header[] = "SQLite format 3";
	struct {
		const char *what, *p;
		size_t n;
	} bad[] = {
		{ "one byte", "S", 1 },
		{ "a text", "hosts:\n  mx1.example.org: {}\n", 28 },
		{ "zeros", zeros(), 1 << 20 },
		{ "the header alone", header, sizeof(header) },
	};

	store_free(opened(STORE_WRITE));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_file(db, bad[i].p, bad[i].n);
		cannot(STORE_WRITE, ERR_IO, "", bad[i].what);
		cannot(STORE_READ, ERR_IO, "", bad[i].what);
	}
	clear();
	ck_assert_int_eq(mkdir(db, 0755), 0);
	cannot(STORE_WRITE, ERR_IO, "not a regular file", "a folder");
	clear();
	ck_assert_int_eq(symlink("/etc/passwd", db), 0);
	cannot(STORE_WRITE, ERR_IO, "not a regular file", "a link");
	cannot(STORE_READ, ERR_IO, "not a regular file", "a link");
}
END_TEST

static void
some_state(void)
{
	struct store *s = opened(STORE_WRITE);
	char name[64];

	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "h%d.example", i);
		must(save(s, name, i));
	}
	store_free(s);
}

START_TEST(a_cut_file_is_damaged)
{
	char *p, what[64];
	size_t n;

	some_state();
	p = get_file(db, &n);
	unlink(journal);
	/* the last page is the root of an empty table: its tail is zeros */
	for (size_t at = 512; at <= n - 4096; at += 512) {
		put_file(db, p, at);
		snprintf(what, sizeof(what), "cut at %zu of %zu", at, n);
		cannot(STORE_WRITE, ERR_IO, "damaged", what);
	}
	put_file(db, p, n);
	store_free(opened(STORE_WRITE));
	free(p);
}
END_TEST

static bool
is_written(const char *p, size_t n, size_t at)
{
	for (size_t i = at < 16 ? 0 : at - 16; i < at + 16 && i < n; i++)
		if (p[i] != 0)
			return true;
	return false;
}

/* Every byte of the head, many of what was written, few of the room in the
 * pages, where nothing was: that is most of the file. */
static size_t
next_byte(const char *p, size_t n, size_t at)
{
	size_t step = 1;

	if (at < 300)
		return at + 1;
	if (is_written(p, n, at))
		return at + 61;
	while (step < 2048 && !is_written(p, n, at + step))
		step++;
	return at + step;
}

/* Whatever byte is broken: an err, or a state that can be read. */
START_TEST(a_broken_byte_never_kills)
{
	struct store *s;
	size_t n, refused = 0;
	char *p, was;

	some_state();
	p = get_file(db, &n);
	for (size_t at = 0; at < n; at = next_byte(p, n, at)) {
		was = p[at];
		p[at] = (char)(was ^ (at % 2 ? 0xff : 1));
		unlink(journal);
		put_file(db, p, n);
		p[at] = was;
		s = NULL;
		if (store_open(folder, STORE_WRITE, &s, &e) != 0) {
			ck_assert_msg(e.kind == ERR_IO ||
				e.kind == ERR_CONFIG || e.kind == ERR_PERM,
			    "byte %zu: %d %s", at, e.kind, e.text);
			refused++;
			continue;
		}
		saved(s, "h1.example");
		save(s, "h1.example", 99);
		store_free(s);
	}
	ck_assert_uint_gt(refused, 100);
	free(p);
}
END_TEST

/* Runs fn in a child; its exit status, or minus the signal. */
static int
child_ends(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
say(int fd)
{
	if (write(fd, "x", 1) != 1)
		_exit(99);
}

static void
hear(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		_exit(98);
}

static void
become_nobody(bool adm)
{
	struct group *g = getgrnam("adm");
	gid_t gid = adm && g != NULL ? g->gr_gid : NOBODY;

	if (setgroups(0, NULL) != 0 || setgid(gid) != 0 || setuid(NOBODY) != 0)
		_exit(97);
}

/* Reads twice, when told: during a transaction, after it. */
static void
reader(bool adm, int from, int to)
{
	struct store *s = NULL;

	if (geteuid() == 0)
		become_nobody(adm);
	hear(from);
	if (store_open(folder, STORE_READ, &s, &e) != 0)
		_exit(e.kind == ERR_PERM ? 77 : 1);
	if (saved(s, "a.example") != 1)
		_exit(2);
	say(to);
	hear(from);
	if (saved(s, "a.example") != 2)
		_exit(3);
	store_free(s);
	s = NULL;
	if (store_open(folder, STORE_READ, &s, &e) != 0 ||
	    saved(s, "a.example") != 2)
		_exit(4);
	store_free(s);
	_exit(0);
}

START_TEST(a_reader_is_never_in_the_way)
{
	int to[2], from[2];
	struct store *s;
	pid_t pid;

	ck_assert_int_eq(pipe(to), 0);
	ck_assert_int_eq(pipe(from), 0);
	pid = fork(); /* before the writer opens: nobody inherits it */
	if (pid == 0)
		reader(true, to[0], from[1]);
	s = opened(STORE_WRITE);
	must(save(s, "a.example", 1));
	must(db_begin(s, &e));
	/* more than the cache holds: it must not spill before the commit */
	ck_assert_int_eq(
	    sqlite3_exec(s->db,
		"UPDATE host SET adopted_at = 2;"
		" UPDATE key SET entered_wall = 2;"
		" WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		" WHERE i < 4000) INSERT INTO journal SELECT NULL, i, 1, '', "
		"NULL,"
		" 'note', 'nothing', NULL, 0, '', hex(zeroblob(1000)) FROM n",
		NULL, NULL, NULL),
	    SQLITE_OK);
	say(to[1]);
	hear(from[0]);
	must(db_end(s, 0, &e));
	say(to[1]);
	ck_assert_int_eq(child_ends(pid), 0);
	store_free(s);
}
END_TEST

START_TEST(who_is_not_of_the_group_may_not_read)
{
	int to[2], from[2];
	struct store *s;
	pid_t pid;

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(pipe(to), 0);
	ck_assert_int_eq(pipe(from), 0);
	pid = fork();
	if (pid == 0)
		reader(false, to[0], from[1]);
	s = opened(STORE_WRITE);
	must(save(s, "a.example", 1));
	store_free(s);
	chmod(folder, 0755); /* the file alone keeps them out, too */
	say(to[1]);
	ck_assert_int_eq(child_ends(pid), 77);
}
END_TEST

/* Dies after its changes have spilled into the file, before the commit. */
static void
die_in_mid_commit(void)
{
	sqlite3 *raw;

	if (sqlite3_open(db, &raw) != SQLITE_OK ||
	    sqlite3_exec(raw,
		"PRAGMA journal_mode = PERSIST;"
		"PRAGMA cache_size = 5; BEGIN IMMEDIATE;"
		"UPDATE host SET adopted_at = 2;"
		"UPDATE key SET entered_wall = 2;"
		"WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		" WHERE i < 3000) INSERT INTO journal SELECT NULL, i, 1, '',"
		" NULL, 'note', 'nothing', NULL, 0, '', hex(zeroblob(100))"
		" FROM n",
		NULL, NULL, NULL) != SQLITE_OK)
		_exit(1);
	raise(SIGKILL);
}

START_TEST(a_reader_tells_of_an_interrupted_pass)
{
	struct store *s = opened(STORE_WRITE), *r;
	pid_t pid;
	char *p;
	size_t n;

	must(save(s, "a.example", 1));
	store_free(s);
	pid = fork();
	if (pid == 0)
		die_in_mid_commit();
	ck_assert_int_eq(child_ends(pid), -SIGKILL);
	p = get_file(journal, &n);
	ck_assert_int_ne(p[0], 0); /* hot */
	free(p);
	cannot(STORE_READ, ERR_TEMP, "interrupted pass; run `danesafe run`",
	    "hot journal");
	cannot(STORE_READ, ERR_TEMP, "interrupted pass", "and it stays so");
	s = opened(STORE_WRITE);
	r = opened(STORE_READ);
	ck_assert_int_eq(saved(s, "a.example"), 1);
	ck_assert_int_eq(saved(r, "a.example"), 1);
	store_free(r);
	store_free(s);
}
END_TEST

START_TEST(a_second_writer_waits_and_then_gives_up)
{
	struct store *a = opened(STORE_WRITE), *b = opened(STORE_WRITE);

	sqlite3_busy_timeout(b->db, 1);
	must(db_begin(a, &e));
	ck_assert_int_eq(save(b, "a.example", 1), -1);
	ck_assert_int_eq(e.kind, ERR_TEMP);
	must(db_end(a, 0, &e));
	must(save(b, "a.example", 1));
	store_free(a);
	store_free(b);
}
END_TEST

static void
save_for_ever(int to)
{
	struct store *s = NULL;

	if (store_open(folder, STORE_WRITE, &s, &e) != 0)
		_exit(1);
	for (int64_t i = saved(s, "a.example") + 1;; i++) {
		if (save(s, "a.example", i) != 0)
			_exit(2);
		say(to);
	}
}

static int64_t
number(struct store *s, const char *text)
{
	sqlite3_stmt *st;
	int64_t v;

	ck_assert_int_eq(sqlite3_prepare_v2(s->db, text, -1, &st, NULL), 0);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return v;
}

START_TEST(a_killed_writer_leaves_whole_saves)
{
	struct store *s;
	int64_t told = 0, n;
	volatile int spin;
	int fd[2];
	pid_t pid;
	char c;

	for (int round = 0; round < 25; round++) {
		ck_assert_int_eq(pipe(fd), 0);
		pid = fork();
		if (pid == 0) {
			close(fd[0]);
			save_for_ever(fd[1]);
		}
		close(fd[1]);
		for (int i = 0; i <= round % 5; i++)
			told += read(fd[0], &c, 1);
		for (spin = 0; spin < round * 40000; spin++)
			;
		kill(pid, SIGKILL);
		ck_assert_int_eq(child_ends(pid), -SIGKILL);
		while (read(fd[0], &c, 1) == 1)
			told++;
		close(fd[0]);

		s = opened(STORE_WRITE); /* the integrity is checked here */
		n = saved(s, "a.example");
		ck_assert_int_eq(number(s, "SELECT max(wall) FROM journal"), n);
		ck_assert_int_eq(number(s, "SELECT count(*) FROM journal"),
		    n + 1);
		/* durable when it returned; at most one more was on its way */
		ck_assert_int_ge(n + 1, told);
		ck_assert_int_le(n, told + round);
		store_free(s);
	}
}
END_TEST

START_TEST(a_killed_birth_can_be_repeated)
{
	struct store *s;
	volatile int spin;
	int fd[2];
	pid_t pid;

	for (int round = 0; round < 25; round++) {
		ck_assert_int_eq(pipe(fd), 0);
		pid = fork();
		if (pid == 0) {
			say(fd[1]);
			store_open(folder, STORE_WRITE, &s, &e);
			_exit(0);
		}
		hear(fd[0]);
		for (spin = 0; spin < round * 100000; spin++)
			;
		kill(pid, SIGKILL);
		child_ends(pid);
		close(fd[0]);
		close(fd[1]);
		s = opened(STORE_WRITE);
		must(save(s, "a.example", 1));
		store_free(s);
		clear();
	}
}
END_TEST

/* ---- of an earlier version ---- */

/* As the first version wrote it: an endpoint that presented a key, and that
 * key; of both nothing else was known. */
static void
make_first_version(void)
{
	struct store *s = opened(STORE_WRITE);
	struct stat st;

	store_free(s);
	ck_assert_int_eq(stat(db, &st), 0);
	clear();
	sql(MIGRATIONS[0].sql);
	sql("PRAGMA application_id = 1684106853; PRAGMA user_version = 1");
	ck_assert_int_eq(chown(db, st.st_uid, st.st_gid), 0);
	chmod(db, st.st_mode & 0777);
	sql("INSERT INTO host VALUES (1, 'a.example', 5, 1, 1, 2, 3, 4, 5, 6,"
	    " 7, 8, 9, 10, 11, 12, 13, 14);"
	    "INSERT INTO owner VALUES (1, 1, '_25._tcp.a.example.', 25, 'a.');"
	    "INSERT INTO endpoint VALUES (1, 1, '192.0.2.1', 25, 0, NULL, 60,"
	    " 'seen', 7, 8, '');"
	    "INSERT INTO presented VALUES (1, 0, zeroblob(32), 'rsa');"
	    "INSERT INTO key VALUES (1, 1, zeroblob(32), 'rsa', 'rsa-2048',"
	    " 'deployed', 1, 0, 5, 6, 7, NULL, NULL, 'k', 'c')");
}

START_TEST(a_state_of_the_first_version_is_taken_over)
{
	struct store *s;
	struct host h;

	make_first_version();
	cannot(STORE_READ, ERR_TEMP, "older version", "a reader");
	s = opened(STORE_WRITE);
	for (int i = 0; i < 2; i++) { /* as it was, and as it is saved */
		host_init(&h, "a.example");
		must(store_load(s, &h, &e));
		ck_assert_int_eq(h.adopted_at, 5);
		ck_assert_uint_eq(h.n_key, 1);
		ck_assert_int_eq(h.key[0].stage, STAGE_DEPLOYED);
		ck_assert_int_eq(h.key[0].chain, 0);
		ck_assert_uint_eq(h.ep[0].n_seen, 1);
		ck_assert_int_eq(h.ep[0].seen[0].chain, 0);
		must(store_save(s, &h, &e));
		host_release(&h);
	}
	store_free(s);
	store_free(opened(STORE_READ));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store file");
	TCase *t = tcase_create("file");
	SRunner *run;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, files_are_for_root_and_adm_whatever_the_umask, 0,
	    4);
	tcase_add_test(t, a_loose_folder_or_file_is_refused);
	tcase_add_test(t, every_setting_is_made);
	tcase_add_test(t, the_next_version_is_refused);
	tcase_add_test(t, no_file_is_a_fresh_state_for_a_writer_only);
	tcase_add_test(t, what_a_dead_birth_left_is_swept_away);
	tcase_add_test(t, a_journal_without_its_state_is_a_loss);
	tcase_add_test(t, what_is_no_state_of_ours_is_refused);
	tcase_add_test(t, a_file_in_another_journal_mode_is_brought_back);
	tcase_add_test(t, what_is_no_database_is_refused);
	tcase_add_test(t, a_cut_file_is_damaged);
	tcase_add_test(t, a_broken_byte_never_kills);
	tcase_add_test(t, a_reader_is_never_in_the_way);
	tcase_add_test(t, who_is_not_of_the_group_may_not_read);
	tcase_add_test(t, a_reader_tells_of_an_interrupted_pass);
	tcase_add_test(t, a_second_writer_waits_and_then_gives_up);
	tcase_add_test(t, a_killed_writer_leaves_whole_saves);
	tcase_add_test(t, a_killed_birth_can_be_repeated);
	tcase_add_test(t, a_state_of_the_first_version_is_taken_over);
	suite_add_tcase(suite, t);
	run = srunner_create(suite);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed == 0 ? 0 : 1;
}
