/*
 * test_migrate.c - a state of any former version is taken over whole: what it
 * remembers is remembered, what it could not know is not made up.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/migrations.h"
#include "edge/store_db.h"

static char top[256], folder[300], path[340];
static struct err e;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/migrate.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(folder, sizeof(folder), "%s/state", top);
	snprintf(path, sizeof(path), "%s/state.db", folder);
	ck_assert_int_eq(store_folder(folder, &e), 0);
}

static void
teardown(void)
{
	char journal[360];

	snprintf(journal, sizeof(journal), "%s-journal", path);
	unlink(journal);
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_int_eq(rmdir(top), 0);
}

static void
run(sqlite3 *db, const char *sql)
{
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(db));
}

/* What version 1 could hold, written with its own columns. */
static const char *const CONTENT[] = {
	"INSERT INTO host VALUES (1, 'mx.example', 7, 1, 1, 2, 86400, 3600, "
	"900, 300, 900, 86400, 259200, 2592000, 31536000, 86400, 259200, "
	"86400)",
	"INSERT INTO rrset (id, host, bytes) VALUES (1, 1, zeroblob(68))",
	"INSERT INTO owner (id, host, name, port, zone) VALUES (1, 1, "
	"'_25._tcp.mx.example.', 25, 'example.')",
	"INSERT INTO authority (id, owner, ip, port, name, first_seen, left_at,"
	" ns_ttl, look, rrset, ttl, serial, looked_at, looked_wall, why) "
	"VALUES (1, 1, '192.0.2.1', 53, 'ns1.', 7, NULL, 3600, 'shown', 1, "
	"600, 41, 9, 1000, '')",
	"INSERT INTO sighting (id, owner, ip, port, rrset, ttl, first_seen, "
	"last_seen, gone) VALUES (1, 1, '192.0.2.1', 53, 1, 600, 7, 9, NULL)",
};

static void
make_version(int version)
{
	char sql[100];
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	for (int i = 0; i < version; i++)
		run(db, MIGRATIONS[i].sql);
	for (size_t i = 0; i < sizeof(CONTENT) / sizeof(CONTENT[0]); i++)
		run(db, CONTENT[i]);
	snprintf(sql, sizeof(sql),
	    "PRAGMA application_id = %d; PRAGMA user_version = %d",
	    STORE_APPLICATION, version);
	run(db, sql);
	sqlite3_close(db);
	ck_assert_int_eq(chmod(path, 0640), 0);
}

START_TEST(a_state_of_any_version_is_taken_over_whole)
{
	struct store *s = NULL;
	const struct authority *a;
	const struct owner *o;
	struct host h;

	make_version(_i);
	ck_assert_msg(store_open(folder, STORE_WRITE, &s, &e) == 0, "%s",
	    e.text);
	host_init(&h, "mx.example");
	ck_assert_msg(store_load(s, &h, &e) == 0, "%s", e.text);
	ck_assert_int_eq(h.adopted_at, 7);
	ck_assert_uint_eq(h.n_own, 1);
	o = &h.own[0];
	a = &o->auth[0];
	ck_assert_uint_eq(o->n_auth, 1);
	ck_assert(a->has_serial && a->serial == 41 && a->looked_at == 9);
	ck_assert(!a->has_newest && !o->has_primary_serial);
	ck_assert_uint_eq(h.set[a->set]->n, 1);
	ck_assert_str_eq(h.target[a->set], "");
	ck_assert(o->source[0] == 0 && o->hides[0] == 0);
	ck_assert(a->nsid[0] == 0 && o->n_inst == 0);
	ck_assert_uint_eq(o->n_seen, 1);
	ck_assert(o->seen[0].first_seen == 7 && o->seen[0].last_seen == 9 &&
	    o->seen[0].gone == NEVER && o->seen[0].ttl == 600);
	ck_assert_msg(store_save(s, &h, &e) == 0, "%s", e.text);
	host_release(&h);
	store_free(s);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("migrate");
	TCase *t = tcase_create("migrate");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, a_state_of_any_version_is_taken_over_whole, 1,
	    (int)MIGRATIONS_N + 1);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
