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
	"INSERT INTO host (id, name, adopted_at, standby, publishes, "
	"hold_factor, stale_allowance, hold_floor, client_slack, clock_slack, "
	"settle, assumed_ttl, retire_hold, key_retention, rollover_every, "
	"stuck_warning, stuck_critical, repeat) "
	"VALUES (1, 'mx.example', 7, 1, 1, 2, 86400, 3600, "
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
	"UPDATE agent SET elapsed = 9, elapsed_ms = 5, boot_id = 'b', boot_ms "
	"= "
	"77, wall = 1000, trusted = 1, clock_offset_ms = 991, started = 998, "
	"finished = 999, exit_code = 1, clean = 900",
	"INSERT INTO slot (host, slot, managed, kind, rollover_wall, "
	"compromised)"
	" VALUES (1, 'rsa', 1, 'rsa-2048', 996, 1)",
	"INSERT INTO endpoint (id, owner, ip, port, configured, left_at, ttl, "
	"sweep, swept_at, swept_wall, why) VALUES (1, 1, '198.51.100.1', 25, "
	"1, "
	"NULL, 60, 'seen', 8, 997, 'it is')",
	"INSERT INTO presented (endpoint, pos, spki, slot) VALUES (1, 0, "
	"zeroblob(32), 'rsa')",
	"INSERT INTO key (id, host, spki, slot, kind, stage, adopted, "
	"compromised, entered_at, entered_wall, deployed_wall, clean_since, "
	"destroyed_at, key_file, cert_file) VALUES (1, 1, zeroblob(32), 'rsa', "
	"'rsa-2048', 'deployed', 1, 1, 5, 994, 993, 6, NULL, '/k', '/c')",
	"INSERT INTO waiver (id, host, spki, guard, ip, port, given_at) VALUES "
	"(1, 1, zeroblob(32), 'shown', '192.0.2.1', 53, 4)",
	"INSERT INTO journal (id, wall, elapsed, host, spki, kind, act, "
	"intent, "
	"ok, actor, text) VALUES (1, 990, 2, 'mx.example', zeroblob(32), "
	"'intent', 'deploy', NULL, 0, 'danesafe', 'to be'), "
	"(2, 992, 3, 'mx.example', NULL, 'force', 'nothing', NULL, 0, 'root', "
	"'by hand')",
	"INSERT INTO concern (host, pos, spki, code, since, since_wall, level, "
	"said_at, text) VALUES ('mx.example', 0, zeroblob(32), 'shown', 3, "
	"995, "
	"1, 6, 'it lags')",
};
/* Troubles have other names since this one, and what was said has a level. */
#define CODES_RENAMED 11

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

static void
check_keys(const struct host *h)
{
	const struct key *k = &h->key[0];
	const struct slot_want *w = &h->slot[SLOT_RSA];

	ck_assert(w->managed && w->kind == KIND_RSA_2048 &&
	    w->rollover_wall == 996 && w->compromised);
	ck_assert_uint_eq(h->n_key, 1);
	ck_assert(k->slot == SLOT_RSA && k->kind == KIND_RSA_2048 &&
	    k->stage == STAGE_DEPLOYED && k->adopted && k->compromised);
	ck_assert(k->entered_at == 5 && k->entered_wall == 994 &&
	    k->deployed_wall == 993 && k->clean_since == 6 &&
	    k->destroyed_at == NEVER);
	ck_assert_str_eq(k->key_file, "/k");
	ck_assert_str_eq(k->cert_file, "/c");
	ck_assert(k->cert_until == 0 && k->chain == 0 && k->next_chain == 0 &&
	    k->past_chain == 0);
	ck_assert_uint_eq(h->n_waiver, 1);
	ck_assert(h->waiver[0].guard == GUARD_SHOWN &&
	    h->waiver[0].given_at == 4 && h->waiver[0].addr.port == 53 &&
	    spki_eq(&h->waiver[0].key, &k->id));
}

static void
check_endpoint(const struct host *h)
{
	const struct endpoint *ep = &h->ep[0];

	ck_assert_uint_eq(h->n_ep, 1);
	ck_assert(ep->owner == 0 && ep->addr.port == 25 && ep->configured &&
	    ep->left_at == NEVER && ep->ttl == 60);
	ck_assert(ep->sweep == SWEEP_SEEN && ep->swept_at == 8 &&
	    ep->swept_wall == 997);
	ck_assert_str_eq(ep->why, "it is");
	ck_assert_uint_eq(ep->n_seen, 1);
	ck_assert(ep->seen[0].slot == SLOT_RSA && ep->seen[0].chain == 0 &&
	    spki_eq(&ep->seen[0].key, &h->key[0].id));
}

static void
check_told(struct store *s, bool renamed)
{
	struct concern *c = NULL;
	size_t n = 0;

	ck_assert_int_eq(store_concerns(s, "mx.example", &c, &n, &e), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(c[0].code, renamed ? "pub-lag" : "shown");
	ck_assert_int_eq(c[0].told[CHANNEL_LOG].level, renamed ? 1 : 0);
	ck_assert_str_eq(c[0].text, "it lags");
	ck_assert(c[0].has_key && c[0].since == 3 && c[0].since_wall == 995 &&
	    c[0].level == 1 && c[0].told[CHANNEL_LOG].at == 6);
	ck_assert(c[0].over_at == NEVER && c[0].quiet_until == NEVER &&
	    c[0].eta == NEVER && c[0].moved == 0);
	free(c);
}

/* The act that a pass died in is still to be settled, and a force is kept. */
static void
check_journal(struct store *s)
{
	struct entry *en = NULL;
	int64_t forced = 0;
	size_t n = 0;

	ck_assert_int_eq(store_open_intents(s, "mx.example", &en, &n, &e), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert(en[0].id == 1 && en[0].wall == 990 && en[0].elapsed == 2 &&
	    en[0].has_key && en[0].act == ACT_DEPLOY);
	ck_assert_str_eq(en[0].text, "to be");
	free(en);
	ck_assert_int_eq(store_forced(s, "mx.example", &forced, &e), 0);
	ck_assert_int_eq(forced, 1);
}

static void
check_agent(struct store *s)
{
	struct agent a;

	ck_assert_int_eq(store_agent(s, &a, &e), 0);
	ck_assert(a.elapsed == 9 && a.elapsed_ms == 5 && a.boot_ms == 77 &&
	    a.wall == 1000 && a.trusted && a.clock_offset_ms == 991);
	ck_assert_str_eq(a.boot_id, "b");
	ck_assert(a.started == 998 && a.finished == 999 && a.exit_code == 1 &&
	    a.clean == 900 && a.failures == 0);
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
	check_keys(&h);
	check_endpoint(&h);
	check_told(s, _i < CODES_RENAMED);
	check_journal(s);
	check_agent(s);
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
