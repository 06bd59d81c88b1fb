/*
 * store_journal.c - the journal.  A line is added once; triggers in the file
 * refuse to change or delete one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "edge/store_db.h"

static const char *const ENTRY_NAMES[] = {
#define X(id, name) [ENTRY_##id] = name,
	ENTRY_LIST(X)
#undef X
};

const char *
entry_name(enum entry_kind k)
{
	return ENTRY_NAMES[k];
}

static const char *
entry_word(int i)
{
	return entry_name((enum entry_kind)i);
}

static const char *
act_word(int i)
{
	return act_name((enum act)i);
}

int
store_put_entry(struct store *s, const struct entry *en, int64_t *ret_id,
    struct err *e)
{
	struct use u;

	if (db_use(s, SQL_JOURNAL_ADD, &u, e) != 0)
		return -1;
	put_int(&u, en->wall);
	put_when(&u, en->elapsed);
	put_text(&u, en->host);
	if (en->has_key)
		put_blob(&u, en->key.sha256, sizeof(en->key.sha256));
	else
		put_null(&u);
	put_text(&u, entry_name(en->kind));
	put_text(&u, act_name(en->act));
	if (en->of != 0)
		put_int(&u, en->of);
	else
		put_null(&u);
	put_int(&u, en->ok);
	put_text(&u, en->actor);
	put_text(&u, en->text);
	if (db_run(s, &u, e) != 0)
		return -1;
	if (ret_id != NULL)
		*ret_id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

int
store_journal(struct store *s, const struct entry *en, int64_t *ret_id,
    struct err *e)
{
	int64_t id = 0;
	int rc;

	if (s->depth > 0 && en->kind == ENTRY_INTENT)
		return err_set(e, ERR_BUG,
		    "%s: an act would begin before what it is built on is kept",
		    s->path);
	if (db_begin(s, e) != 0)
		return -1;
	rc = db_end(s, store_put_entry(s, en, &id, e), e);
	if (rc == 0 && ret_id != NULL)
		*ret_id = id;
	return rc;
}

static void
get_entry(struct use *u, struct entry *en)
{
	int word;

	memset(en, 0, sizeof(*en));
	en->id = get_int(u);
	en->wall = get_int(u);
	en->elapsed = get_when(u);
	get_text(u, en->host, sizeof(en->host));
	en->has_key = !get_null(u);
	if (en->has_key)
		get_blob(u, en->key.sha256, sizeof(en->key.sha256));
	word = get_word(u, entry_word, ENTRY_COUNT);
	u->bad |= word == ENTRY_COUNT;
	en->kind = (enum entry_kind)word;
	word = get_word(u, act_word, ACT_COUNT);
	u->bad |= word == ACT_COUNT;
	en->act = (enum act)word;
	if (!get_null(u))
		en->of = get_int(u);
	en->ok = get_bool(u);
	get_text(u, en->actor, sizeof(en->actor));
	get_text(u, en->text, sizeof(en->text));
}

/* All rows of a statement whose parameters are put. */
static int
get_entries(struct store *s, struct use *u, struct entry **ret, size_t *ret_n,
    struct err *e)
{
	struct entry *all = NULL;
	size_t n = 0, cap = 0;
	int rc;

	while ((rc = db_step(s, u, e)) == 1) {
		all = mem_room(all, n, &cap, sizeof(*all));
		get_entry(u, &all[n++]);
	}
	if (rc != 0) {
		free(all);
		return -1;
	}
	*ret = all;
	*ret_n = n;
	return 0;
}

#define HISTORY_BATCH 128

/*
 * In batches, each read whole before it is given away: a pager at the other
 * end that waits for a key must not hold the lock that a pass needs.
 */
int
store_history(struct store *s, const char *host, time_t since,
    store_entry_fn *fn, void *arg, struct err *e)
{
	enum sql id = host[0] == 0 ? SQL_HISTORY_ALL : SQL_HISTORY_HOST;
	struct entry *en;
	size_t n = HISTORY_BATCH;
	struct use u;
	int64_t next;

	if (db_use(s, SQL_HISTORY_FIRST, &u, e) != 0)
		return -1;
	put_int(&u, since);
	if (db_one(s, &u, &next, e) != 0)
		return -1;
	while (next != -1 && n == HISTORY_BATCH) {
		if (db_use(s, id, &u, e) != 0)
			return -1;
		put_int(&u, next);
		put_int(&u, since);
		put_int(&u, HISTORY_BATCH);
		if (id == SQL_HISTORY_HOST)
			put_text(&u, host);
		if (get_entries(s, &u, &en, &n, e) != 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			fn(&en[i], arg);
		if (n > 0)
			next = en[n - 1].id + 1;
		free(en);
	}
	return 0;
}

int
store_open_intents(struct store *s, const char *host, struct entry **ret,
    size_t *ret_n, struct err *e)
{
	struct use u;

	if (db_use(s, SQL_OPEN_INTENTS, &u, e) != 0)
		return -1;
	put_text(&u, host);
	return get_entries(s, &u, ret, ret_n, e);
}

int
store_forced(struct store *s, const char *host, int64_t *ret_n, struct err *e)
{
	struct use u;

	if (db_use(s, SQL_FORCED, &u, e) != 0)
		return -1;
	put_text(&u, host);
	if (db_step(s, &u, e) != 1)
		return -1;
	*ret_n = get_int(&u);
	return db_run(s, &u, e);
}
