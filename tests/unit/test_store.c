/*
 * test_store.c - the rules of the state file hold whoever writes; the agent,
 * the journal and the concerns come back as they were.  Whole hosts are in
 * test_store_host.c; the file itself, readers and crashes in
 * test_store_file.c.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/once.h"
#include "edge/store_db.h"

static char top[256], folder[300];
static struct store *s;
static struct err e;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/store.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(folder, sizeof(folder), "%s/state", top);
	ck_assert_msg(store_open(folder, STORE_WRITE, &s, &e) == 0, "%s",
	    e.text);
}

static void
teardown(void)
{
	static const char *const names[] = { "state.db", "state.db-journal" };
	char path[400];

	store_free(s);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_int_eq(rmdir(top), 0);
}

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)

/* SQL past our own code, as a bug of ours or a hand might run it. */
static int
raw(const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

#define refused(sql)                                                  \
	ck_assert_msg(raw(sql) == SQLITE_CONSTRAINT_TRIGGER ||        \
		sqlite3_errcode(s->db) == SQLITE_CONSTRAINT ||        \
		(sqlite3_errcode(s->db) & 0xff) == SQLITE_CONSTRAINT, \
	    "%s: %s", sql, sqlite3_errmsg(s->db))

static int64_t
number(const char *sql)
{
	sqlite3_stmt *st;
	int64_t v;

	ck_assert_int_eq(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), 0);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return v;
}

/* The only key of this host is stored so. */
static void
key_is(const struct host *h, enum stage stage, int64_t destroyed_at)
{
	struct host back;

	host_init(&back, h->name);
	must(store_load(s, &back, &e));
	ck_assert_uint_eq(back.n_key, 1);
	ck_assert_int_eq(back.key[0].stage, stage);
	ck_assert_int_eq(back.key[0].destroyed_at, destroyed_at);
	host_release(&back);
}

static void
one_key(struct host *h, enum stage stage)
{
	struct key *k;

	host_init(h, "mx.example.org");
	h->adopted_at = 1;
	k = host_key_add(h);
	memset(k->id.sha256, 7, 32);
	k->stage = stage;
}

START_TEST(a_deployed_key_never_goes_back)
{
	struct host h;

	for (int from = 0; from < STAGE_COUNT; from++)
		for (int to = 0; to < STAGE_COUNT; to++) {
			bool was_out = from >= STAGE_DEPLOYED &&
			    from <= STAGE_RETIRED;
			bool fine = !was_out || from == to ||
			    (to > from && to <= STAGE_RETIRED) ||
			    (from == STAGE_RETIRING && to == STAGE_DEPLOYED);

			one_key(&h, (enum stage)from);
			h.name = once_fmt(HOST_NAME, "h%d-%d.example", from,
			    to);
			must(store_save(s, &h, &e));
			h.key[0].stage = (enum stage)to;
			ck_assert_msg((store_save(s, &h, &e) == 0) == fine,
			    "%s to %s", stage_name((enum stage)from),
			    stage_name((enum stage)to));
			if (!fine)
				ck_assert_int_eq(e.kind, ERR_BUG);
			key_is(&h, (enum stage)(fine ? to : from), NEVER);
			host_release(&h);
		}
}
END_TEST

START_TEST(a_key_stays_what_it_was)
{
	struct host h;

	one_key(&h, STAGE_RETIRED);
	must(store_save(s, &h, &e));
	refused("DELETE FROM key");
	refused("DELETE FROM host");
	refused("UPDATE key SET spki = zeroblob(32)");
	refused("UPDATE key SET slot = 'ecdsa'");
	refused(
	    "INSERT INTO key SELECT NULL, host, spki, slot, kind, stage,"
	    " adopted, compromised, entered_at, entered_wall, deployed_wall,"
	    " clean_since, destroyed_at, key_file, cert_file, chain,"
	    " cert_until, next_chain, past_chain FROM key");
	refused("INSERT OR REPLACE INTO key SELECT id, host, spki, slot, kind,"
		" 'ready', adopted, compromised, entered_at, entered_wall,"
		" deployed_wall, clean_since, destroyed_at, key_file, "
		"cert_file, chain, cert_until, next_chain, past_chain"
		" FROM key");

	h.key[0].destroyed_at = 10;
	must(store_save(s, &h, &e));
	h.key[0].destroyed_at = 11;
	ck_assert_int_eq(store_save(s, &h, &e), -1);
	h.key[0].destroyed_at = NEVER;
	ck_assert_int_eq(store_save(s, &h, &e), -1);
	key_is(&h, STAGE_RETIRED, 10);

	/* a host that has lost a key from its list has not lost it here */
	h.n_key = 0;
	must(store_save(s, &h, &e));
	key_is(&h, STAGE_RETIRED, 10);
	host_release(&h);
}
END_TEST

static struct entry
entry_of(enum entry_kind kind, const char *host, time_t wall)
{
	struct entry en = { .wall = wall,
		.elapsed = 3,
		.kind = kind,
		.act = ACT_NOTHING };

	snprintf(en.host, sizeof(en.host), "%s", host);
	snprintf(en.actor, sizeof(en.actor), "danesafe");
	return en;
}

START_TEST(a_line_of_the_journal_stays)
{
	struct entry en = entry_of(ENTRY_NOTE, "a.example", 1);

	must(store_journal(s, &en, NULL, &e));
	refused("UPDATE journal SET text = 'x'");
	refused("DELETE FROM journal");
	refused("INSERT OR REPLACE INTO journal SELECT id, 2, elapsed, host,"
		" spki, kind, act, intent, ok, actor, text FROM journal");
	ck_assert_int_eq(number("SELECT sum(wall) FROM journal"), 1);
}
END_TEST

struct heard {
	size_t n;
	int64_t last_id, sum;
	struct entry last;
};

static void
hear(const struct entry *en, void *arg)
{
	struct heard *he = arg;

	ck_assert_int_gt(en->id, he->last_id);
	he->last_id = en->id;
	he->sum += en->wall;
	he->n++;
	he->last = *en;
}

static struct heard
history(const char *host, time_t since)
{
	struct heard he = { .n = 0 };

	must(store_history(s, host, since, hear, &he, &e));
	return he;
}

START_TEST(history_is_told_in_the_order_of_writing)
{
	struct entry en;
	struct heard he;
	int64_t id;

	ck_assert_uint_eq(history("", 0).n, 0);
	/* more than a batch; the clock jumps back at 300 */
	for (int i = 0; i < 600; i++) {
		en = entry_of(ENTRY_NOTE, i % 3 ? "a.example" : "b.example",
		    i < 300 ? 1000 + i : 700 + i);
		must(store_journal(s, &en, &id, &e));
		ck_assert_int_eq(id, i + 1);
	}
	ck_assert_uint_eq(history("", 0).n, 600);
	ck_assert_uint_eq(history("a.example", 0).n, 400);
	ck_assert_uint_eq(history("b.example", 0).n, 200);
	ck_assert_uint_eq(history("c.example", 0).n, 0);
	he = history("", 1200);
	ck_assert_uint_eq(he.n, 200);
	ck_assert_int_eq(he.sum, 2 * (1200 + 1299) * 50);
	ck_assert_uint_eq(history("b.example", 1200).n, 66);
	ck_assert_uint_eq(history("", 1300).n, 0);
}
END_TEST

START_TEST(an_entry_comes_back_as_it_was)
{
	struct entry en, intent = entry_of(ENTRY_INTENT, "a.example", 1);
	struct heard he;

	intent.act = ACT_DEPLOY;
	must(store_journal(s, &intent, &intent.id, &e));
	for (int kind = 0; kind < ENTRY_COUNT; kind++)
		for (int act = 0; act < ACT_COUNT; act++) {
			en = entry_of((enum entry_kind)kind, "a.example",
			    (1LL << 33) + act);
			en.act = (enum act)act;
			en.elapsed = act % 3 == 0 ? NEVER : kind;
			en.has_key = act % 2 == 0;
			if (en.has_key)
				memset(en.key.sha256, 0xff, 32);
			en.ok = (kind + act) % 2 == 0;
			if (kind == ENTRY_OUTCOME) {
				must(store_journal(s, &intent, &en.of, &e));
			}
			memset(en.actor, 'a' + act, sizeof(en.actor) - 1);
			memset(en.text, 0x80 + act, sizeof(en.text) - 1);
			must(store_journal(s, &en, &en.id, &e));
			he = history("a.example", 0);
			ck_assert_int_eq(he.last.id, en.id);
			ck_assert_int_eq(he.last.wall, en.wall);
			ck_assert_int_eq(he.last.elapsed, en.elapsed);
			ck_assert_int_eq(he.last.kind, en.kind);
			ck_assert_int_eq(he.last.act, en.act);
			ck_assert_int_eq(he.last.has_key, en.has_key);
			ck_assert(spki_eq(&he.last.key, &en.key));
			ck_assert_int_eq(he.last.of, en.of);
			ck_assert_int_eq(he.last.ok, en.ok);
			ck_assert_str_eq(he.last.host, en.host);
			ck_assert_str_eq(he.last.actor, en.actor);
			ck_assert_str_eq(he.last.text, en.text);
		}
}
END_TEST

START_TEST(an_intent_is_open_until_its_outcome)
{
	struct entry en, *open;
	int64_t id[4];
	size_t n;

	for (int i = 0; i < 4; i++) {
		en = entry_of(ENTRY_INTENT, i == 3 ? "b.example" : "a.example",
		    5 - i);
		en.act = ACT_PUBLISH;
		must(store_journal(s, &en, &id[i], &e));
	}
	en = entry_of(ENTRY_NOTE, "a.example", 9);
	must(store_journal(s, &en, NULL, &e));
	en = entry_of(ENTRY_OUTCOME, "a.example", 9);
	en.of = id[1];
	must(store_journal(s, &en, NULL, &e));

	must(store_open_intents(s, "a.example", &open, &n, &e));
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(open[0].id, id[0]);
	ck_assert_int_eq(open[1].id, id[2]);
	ck_assert_int_eq(open[1].act, ACT_PUBLISH);
	free(open);
	must(store_open_intents(s, "b.example", &open, &n, &e));
	ck_assert_uint_eq(n, 1);
	free(open);
	must(store_open_intents(s, "c.example", &open, &n, &e));
	ck_assert_uint_eq(n, 0);
	free(open);
}
END_TEST

START_TEST(an_outcome_is_of_one_intent_of_its_host)
{
	struct entry en = entry_of(ENTRY_INTENT, "a.example", 1);
	int64_t id, note;

	must(store_journal(s, &en, &id, &e));
	en = entry_of(ENTRY_NOTE, "a.example", 1);
	must(store_journal(s, &en, &note, &e));
	en = entry_of(ENTRY_OUTCOME, "b.example", 2);
	en.of = id;
	ck_assert_int_eq(store_journal(s, &en, NULL, &e), -1);
	en = entry_of(ENTRY_OUTCOME, "a.example", 2);
	ck_assert_int_eq(store_journal(s, &en, NULL, &e), -1);
	en.of = note;
	ck_assert_int_eq(store_journal(s, &en, NULL, &e), -1);
	en.of = 999;
	ck_assert_int_eq(store_journal(s, &en, NULL, &e), -1);
	en.of = id;
	must(store_journal(s, &en, NULL, &e));
	ck_assert_int_eq(store_journal(s, &en, NULL, &e), -1);
	ck_assert_int_eq(e.kind, ERR_BUG);
	en.kind = ENTRY_NOTE;
	ck_assert_int_eq(store_journal(s, &en, NULL, &e), -1);
	ck_assert_int_eq(number("SELECT count(*) FROM journal"), 3);
}
END_TEST

START_TEST(host_and_entries_go_together_or_not_at_all)
{
	struct entry en[2];
	struct host h;

	one_key(&h, STAGE_READY);
	en[0] = entry_of(ENTRY_STAGE, h.name, 1);
	en[1] = entry_of(ENTRY_NOTE, h.name, 1);
	must(store_save_journal(s, &h, en, 2, &e));
	ck_assert_uint_eq(history(h.name, 0).n, 2);

	h.key[0].stage = STAGE_DEPLOYED;
	en[1].kind = ENTRY_OUTCOME; /* of nothing: refused */
	ck_assert_int_eq(store_save_journal(s, &h, en, 2, &e), -1);
	ck_assert_uint_eq(history(h.name, 0).n, 2);
	key_is(&h, STAGE_READY, NEVER);
	must(store_save(s, &h, &e)); /* and no transaction is left open */
	host_release(&h);
}
END_TEST

START_TEST(the_agent_comes_back_as_it_was)
{
	struct agent a, b;
	int before;

	must(store_agent(s, &a, &e));
	ck_assert_int_eq(a.elapsed, 0);
	ck_assert_str_eq(a.boot_id, "");
	ck_assert(!a.trusted);
	ck_assert_int_eq(a.started, 0);
	a = (struct agent){ .elapsed = 1LL << 40,
		.elapsed_ms = 999,
		.boot_id = "01234567-89ab-cdef-0123-456789abcdef",
		.boot_ms = 3,
		.wall = 1LL << 33,
		.trusted = true,
		.clock_offset_ms = -5,
		.started = 6,
		.finished = 7,
		.exit_code = 75,
		.clean = 9,
		.failures = 10 };
	memset(a.clock_why, 'w', sizeof(a.clock_why) - 1);
	must(store_agent_save(s, &a, &e));
	must(store_agent(s, &b, &e));
	ck_assert_int_eq(b.elapsed, a.elapsed);
	ck_assert_int_eq(b.elapsed_ms, a.elapsed_ms);
	ck_assert_str_eq(b.boot_id, a.boot_id);
	ck_assert_int_eq(b.boot_ms, a.boot_ms);
	ck_assert_int_eq(b.wall, a.wall);
	ck_assert_int_eq(b.trusted, a.trusted);
	ck_assert_str_eq(b.clock_why, a.clock_why);
	ck_assert_int_eq(b.clock_offset_ms, a.clock_offset_ms);
	ck_assert_int_eq(b.started, a.started);
	ck_assert_int_eq(b.finished, a.finished);
	ck_assert_int_eq(b.exit_code, a.exit_code);
	ck_assert_int_eq(b.clean, a.clean);
	ck_assert_int_eq(b.failures, a.failures);
	before = sqlite3_total_changes(s->db);
	must(store_agent_save(s, &a, &e));
	ck_assert_int_eq(sqlite3_total_changes(s->db), before);
}
END_TEST

START_TEST(elapsed_time_never_goes_back)
{
	struct agent a;

	must(store_agent(s, &a, &e));
	a.elapsed = 100;
	must(store_agent_save(s, &a, &e));
	a.elapsed = 99;
	ck_assert_int_eq(store_agent_save(s, &a, &e), -1);
	refused("DELETE FROM agent");
	refused("INSERT INTO agent SELECT 2, elapsed, elapsed_ms, boot_id,"
		" boot_ms, wall, trusted, clock_why, clock_offset_ms, started,"
		" finished, exit_code, clean, failures FROM agent");
	must(store_agent(s, &a, &e));
	ck_assert_int_eq(a.elapsed, 100);
}
END_TEST

START_TEST(concerns_are_replaced)
{
	struct concern c[3] = {
		{ .code = "pub-lag", .has_key = true, .since = 1,
		    .since_wall = 2, .level = 2,
		    .told = { { 2, 4 }, { 1, 5 }, { 2, 6 } }, .over_at = 7,
		    .quiet_until = 8, .quiet_level = 1, .eta = 9, .moved = 3,
		    .patience = 10, .mail_root = 11, .mail_many = true },
		{ .code = "inv1", .told = { { 0, NEVER }, { 0, NEVER },
		    { 0, NEVER } }, .over_at = NEVER, .quiet_until = NEVER,
		    .eta = NEVER },
		{ .code = "pub-lag" },
	}, *got;
	int before;
	size_t n;

	memset(c[0].key.sha256, 0xff, 32);
	memset(c[0].text, 't', sizeof(c[0].text) - 1);
	must(store_concerns_save(s, "a.example", c, 3, &e));
	must(store_concerns_save(s, "b.example", c, 1, &e));
	before = sqlite3_total_changes(s->db);
	must(store_concerns_save(s, "a.example", c, 3, &e));
	ck_assert_int_eq(sqlite3_total_changes(s->db), before);
	must(store_concerns(s, "a.example", &got, &n, &e));
	ck_assert_uint_eq(n, 3);
	for (size_t i = 0; i < n; i++) {
		ck_assert_str_eq(got[i].host, "a.example");
		ck_assert_str_eq(got[i].code, c[i].code);
		ck_assert_int_eq(got[i].has_key, c[i].has_key);
		ck_assert(spki_eq(&got[i].key, &c[i].key));
		ck_assert_int_eq(got[i].since, c[i].since);
		ck_assert_int_eq(got[i].since_wall, c[i].since_wall);
		ck_assert_int_eq(got[i].level, c[i].level);
		for (int ch = 0; ch < CHANNEL_COUNT; ch++) {
			ck_assert_int_eq(got[i].told[ch].level,
			    c[i].told[ch].level);
			ck_assert_int_eq(got[i].told[ch].at, c[i].told[ch].at);
		}
		ck_assert_int_eq(got[i].over_at, c[i].over_at);
		ck_assert_int_eq(got[i].quiet_until, c[i].quiet_until);
		ck_assert_int_eq(got[i].quiet_level, c[i].quiet_level);
		ck_assert_int_eq(got[i].eta, c[i].eta);
		ck_assert_int_eq(got[i].moved, c[i].moved);
		ck_assert_int_eq(got[i].patience, c[i].patience);
		ck_assert_int_eq(got[i].mail_root, c[i].mail_root);
		ck_assert_int_eq(got[i].mail_many, c[i].mail_many);
		ck_assert_str_eq(got[i].text, c[i].text);
	}
	free(got);
	must(store_concerns_save(s, "a.example", c + 1, 1, &e));
	must(store_concerns(s, "a.example", &got, &n, &e));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(got[0].code, "inv1");
	free(got);
	must(store_concerns_save(s, "a.example", NULL, 0, &e));
	must(store_concerns(s, "a.example", &got, &n, &e));
	ck_assert_uint_eq(n, 0);
	free(got);
	must(store_concerns(s, "b.example", &got, &n, &e));
	ck_assert_uint_eq(n, 1);
	free(got);
}
END_TEST

START_TEST(a_pause_is_kept_with_its_entry_until_it_ends)
{
	struct pause p = { "b.example", 100, 200, "root", "the zone moves" };
	struct pause q = { "a.example", 150, 300, "root (by ann)", "why" };
	struct entry en = { .kind = ENTRY_WISH, .actor = "root" };
	struct pause *got;
	size_t n;

	must(store_pauses(s, &got, &n, &e));
	ck_assert_uint_eq(n, 0);
	free(got);
	must(store_pause(s, &p, &en, &e));
	must(store_pause(s, &q, &en, &e));
	p.until = 250; /* another one in the place of that */
	must(store_pause(s, &p, &en, &e));
	must(store_pauses(s, &got, &n, &e));
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(got[0].host, "a.example");
	ck_assert_str_eq(got[0].actor, "root (by ann)");
	ck_assert_int_eq(got[1].since, 100);
	ck_assert_int_eq(got[1].until, 250);
	ck_assert_str_eq(got[1].reason, "the zone moves");
	free(got);
	p.until = 0;
	must(store_pause(s, &p, &en, &e));
	must(store_pauses(s, &got, &n, &e));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(got[0].host, "a.example");
	free(got);
	ck_assert_int_eq(number("SELECT count(*) FROM journal"), 4);
}
END_TEST

START_TEST(a_channel_is_known_while_it_fails)
{
	struct channel_state st = { 3, 10, 20, "no such program" }, got;

	must(store_channel(s, CHANNEL_MAIL, &got, &e));
	ck_assert_int_eq(got.failures, 0);
	must(store_channel_save(s, CHANNEL_MAIL, &st, &e));
	must(store_channel(s, CHANNEL_COMMAND, &got, &e));
	ck_assert_int_eq(got.failures, 0);
	must(store_channel(s, CHANNEL_MAIL, &got, &e));
	ck_assert_int_eq(got.failures, 3);
	ck_assert_int_eq(got.since, 10);
	ck_assert_int_eq(got.retry_at, 20);
	ck_assert_str_eq(got.why, "no such program");
	st.failures = 0;
	must(store_channel_save(s, CHANNEL_MAIL, &st, &e));
	must(store_channel(s, CHANNEL_MAIL, &got, &e));
	ck_assert_int_eq(got.failures, 0);
}
END_TEST

START_TEST(forced_steps_are_counted_by_host)
{
	struct entry en;
	int64_t n;

	en = entry_of(ENTRY_FORCE, "a.example", 1);
	must(store_journal(s, &en, NULL, &e));
	must(store_journal(s, &en, NULL, &e));
	en = entry_of(ENTRY_NOTE, "a.example", 1);
	must(store_journal(s, &en, NULL, &e));
	en = entry_of(ENTRY_FORCE, "b.example", 1);
	must(store_journal(s, &en, NULL, &e));
	must(store_forced(s, "a.example", &n, &e));
	ck_assert_int_eq(n, 2);
	must(store_forced(s, "c.example", &n, &e));
	ck_assert_int_eq(n, 0);
}
END_TEST

static int64_t
journalled(void)
{
	return number("SELECT count(*) FROM journal");
}

START_TEST(what_is_begun_is_kept_together_or_not_at_all)
{
	struct entry en = entry_of(ENTRY_NOTE, "a.example", 1);
	struct agent a = { .elapsed = 5 }, back = { .elapsed = 3 };

	must(store_begin(s, &e));
	must(store_journal(s, &en, NULL, &e));
	must(store_agent_save(s, &a, &e));
	ck_assert_int_eq(store_end(s, -1, &e), -1);
	ck_assert_int_eq(journalled(), 0);

	must(store_begin(s, &e));
	must(store_journal(s, &en, NULL, &e));
	must(store_agent_save(s, &a, &e));
	/* refused, and then nobody looked whether it was */
	ck_assert_int_eq(store_agent_save(s, &back, &e), -1);
	ck_assert_int_eq(store_end(s, 0, &e), -1);
	ck_assert_int_eq(journalled(), 0);

	must(store_begin(s, &e));
	must(store_journal(s, &en, NULL, &e));
	must(store_agent_save(s, &a, &e));
	must(store_end(s, 0, &e));
	ck_assert_int_eq(journalled(), 1);
	ck_assert_int_eq(number("SELECT elapsed FROM agent"), 5);
}
END_TEST

START_TEST(no_act_begins_before_what_it_is_built_on_is_kept)
{
	struct entry en = entry_of(ENTRY_INTENT, "a.example", 1);

	must(store_begin(s, &e));
	ck_assert_int_eq(store_journal(s, &en, NULL, &e), -1);
	ck_assert_int_eq(e.kind, ERR_BUG);
	must(store_end(s, 0, &e));
	must(store_journal(s, &en, NULL, &e));
}
END_TEST

/* Statements that read a table of one row, or the list of all hosts or of
 * those that a person paused. */
static bool
may_scan(int id, const char *plan)
{
	return id == SQL_AGENT || id == SQL_AGENT_SAVE || id == SQL_HOSTS ||
	    id == SQL_PAUSES ||
	    (id == SQL_SUMMARIES && strstr(plan, "SCAN host ") != NULL);
}

START_TEST(no_statement_scans_a_table_that_grows)
{
	const char *plan;
	sqlite3_stmt *st;
	char sql[2048];

	for (int id = 0; id < SQL_COUNT; id++) {
		ck_assert_ptr_nonnull(STORE_SQL[id]);
		snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s",
		    STORE_SQL[id]);
		if (id <= SQL_ROLLBACK)
			continue;
		ck_assert_msg(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) ==
			SQLITE_OK,
		    "%s: %s", sql, sqlite3_errmsg(s->db));
		while (sqlite3_step(st) == SQLITE_ROW) {
			plan = (const char *)sqlite3_column_text(st, 3);
			ck_assert_msg(strstr(plan, "SCAN") == NULL ||
				may_scan(id, plan),
			    "%s: %s", sql, plan);
		}
		sqlite3_finalize(st);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store");
	TCase *t = tcase_create("store");
	SRunner *run;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, a_deployed_key_never_goes_back);
	tcase_add_test(t, a_key_stays_what_it_was);
	tcase_add_test(t, a_pause_is_kept_with_its_entry_until_it_ends);
	tcase_add_test(t, forced_steps_are_counted_by_host);
	tcase_add_test(t, a_line_of_the_journal_stays);
	tcase_add_test(t, history_is_told_in_the_order_of_writing);
	tcase_add_test(t, an_entry_comes_back_as_it_was);
	tcase_add_test(t, an_intent_is_open_until_its_outcome);
	tcase_add_test(t, an_outcome_is_of_one_intent_of_its_host);
	tcase_add_test(t, host_and_entries_go_together_or_not_at_all);
	tcase_add_test(t, the_agent_comes_back_as_it_was);
	tcase_add_test(t, elapsed_time_never_goes_back);
	tcase_add_test(t, concerns_are_replaced);
	tcase_add_test(t, what_is_begun_is_kept_together_or_not_at_all);
	tcase_add_test(t, no_act_begins_before_what_it_is_built_on_is_kept);
	tcase_add_test(t, a_channel_is_known_while_it_fails);
	tcase_add_test(t, no_statement_scans_a_table_that_grows);
	suite_add_tcase(suite, t);
	run = srunner_create(suite);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed == 0 ? 0 : 1;
}
