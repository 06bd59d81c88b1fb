/*
 * store_concern.c - what needs attention, what people were told of it, and
 * the ways to people that do not work.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "edge/store_db.h"

/* The columns of `told` stand in the order of the channels. */
static void
get_told(struct use *u, struct concern *c)
{
	for (int ch = 0; ch < CHANNEL_COUNT; ch++) {
		c->told[ch].level = (int)get_int(u);
		c->told[ch].at = get_when(u);
	}
}

static void
get_concern(struct use *u, struct concern *c)
{
	get_text(u, c->host, sizeof(c->host));
	c->has_key = !get_null(u);
	if (c->has_key)
		get_blob(u, c->key.sha256, sizeof(c->key.sha256));
	get_text(u, c->code, sizeof(c->code));
	c->since = get_when(u);
	c->since_wall = get_int(u);
	c->level = (int)get_int(u);
	get_told(u, c);
	c->over_at = get_when(u);
	c->quiet_until = get_when(u);
	c->quiet_level = (int)get_int(u);
	c->eta = get_when(u);
	c->moved = (int)get_int(u);
	c->patience = get_int(u);
	c->mail_root = get_int(u);
	c->mail_many = get_int(u) != 0;
	get_text(u, c->text, sizeof(c->text));
}

int
store_concerns(struct store *s, const char *host, struct concern **ret,
    size_t *ret_n, struct err *e)
{
	struct concern *all = NULL;
	size_t n = 0, cap = 0;
	struct use u;
	int rc;

	if (db_use(s, SQL_CONCERNS, &u, e) != 0)
		return -1;
	put_text(&u, host);
	while ((rc = db_step(s, &u, e)) == 1) {
		all = mem_room(all, n, &cap, sizeof(*all));
		get_concern(&u, &all[n++]);
	}
	if (rc != 0) {
		free(all);
		return -1;
	}
	*ret = all;
	*ret_n = n;
	return 0;
}

static int
put_concern(struct store *s, const char *host, size_t pos,
    const struct concern *c, struct err *e)
{
	struct use u;

	if (db_use(s, SQL_CONCERN_SAVE, &u, e) != 0)
		return -1;
	put_text(&u, host);
	put_int(&u, (int64_t)pos);
	if (c->has_key)
		put_blob(&u, c->key.sha256, sizeof(c->key.sha256));
	else
		put_null(&u);
	put_text(&u, c->code);
	put_when(&u, c->since);
	put_int(&u, c->since_wall);
	put_int(&u, c->level);
	for (int ch = 0; ch < CHANNEL_COUNT; ch++) {
		put_int(&u, c->told[ch].level);
		put_when(&u, c->told[ch].at);
	}
	put_when(&u, c->over_at);
	put_when(&u, c->quiet_until);
	put_int(&u, c->quiet_level);
	put_when(&u, c->eta);
	put_int(&u, c->moved);
	put_int(&u, c->patience);
	put_int(&u, c->mail_root);
	put_int(&u, c->mail_many);
	put_text(&u, c->text);
	return db_run(s, &u, e);
}

int
store_concerns_save(struct store *s, const char *host, const struct concern *c,
    size_t n, struct err *e)
{
	struct use u;
	int rc = 0;

	if (db_begin(s, e) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = put_concern(s, host, i, &c[i], e);
	if (rc == 0)
		rc = db_use(s, SQL_CONCERN_DROP, &u, e);
	if (rc == 0) {
		put_text(&u, host);
		put_int(&u, (int64_t)n);
		rc = db_run(s, &u, e);
	}
	return db_end(s, rc, e);
}

/* ---- channels ---- */

int
store_channel(struct store *s, enum channel ch, struct channel_state *ret,
    struct err *e)
{
	struct use u;
	int rc;

	*ret = (struct channel_state){ .failures = 0 };
	if (db_use(s, SQL_CHANNEL, &u, e) != 0)
		return -1;
	put_text(&u, channel_name(ch));
	rc = db_step(s, &u, e);
	if (rc != 1)
		return rc;
	ret->failures = (int)get_int(&u);
	ret->since = get_when(&u);
	ret->retry_at = get_when(&u);
	get_text(&u, ret->why, sizeof(ret->why));
	return db_run(s, &u, e);
}

int
store_channel_save(struct store *s, enum channel ch,
    const struct channel_state *st, struct err *e)
{
	struct use u;
	int rc;

	if (db_begin(s, e) != 0)
		return -1;
	rc = db_use(s, st->failures > 0 ? SQL_CHANNEL_SAVE : SQL_CHANNEL_DROP,
	    &u, e);
	if (rc == 0) {
		put_text(&u, channel_name(ch));
		if (st->failures > 0) {
			put_int(&u, st->failures);
			put_when(&u, st->since);
			put_when(&u, st->retry_at);
			put_text(&u, st->why);
		}
		rc = db_run(s, &u, e);
	}
	return db_end(s, rc, e);
}
