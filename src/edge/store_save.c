/*
 * store_save.c - a host into the state file: what is new is added, what
 * differs is changed, what core has dropped is deleted.  Keys are never
 * deleted.  Judges nothing; the CHECKs and triggers of the file do.  What
 * was seen of the world: store_seen.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "edge/store_db.h"

static int
saving_drop(struct store *s, enum sql drop, int64_t id, struct err *e)
{
	struct use u;

	if (db_use(s, drop, &u, e) != 0)
		return -1;
	put_int(&u, id);
	return db_run(s, &u, e);
}

int
saving_others(struct saving *sv, enum sql list, enum sql drop, int64_t of,
    keep_fn *keep, const struct owner *o, struct err *e)
{
	int64_t *ids = NULL, id;
	size_t n = 0, cap = 0;
	struct use u;
	int rc;

	if (db_use(sv->s, list, &u, e) != 0)
		return -1;
	put_int(&u, of);
	while ((rc = db_step(sv->s, &u, e)) == 1) {
		id = get_int(&u);
		if (keep(&u, sv, o))
			continue;
		ids = mem_room(ids, n, &cap, sizeof(*ids));
		ids[n++] = id;
	}
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = saving_drop(sv->s, drop, ids[i], e);
	free(ids);
	return rc;
}

/* All things have a row by now: equal numbers leave nothing to drop. */
int
saving_surplus(struct saving *sv, enum sql count, enum sql list, enum sql drop,
    int64_t of, size_t n, keep_fn *keep, const struct owner *o, struct err *e)
{
	struct use u;
	int64_t rows;

	if (sv->told != NULL)
		return 0;
	if (db_use(sv->s, count, &u, e) != 0)
		return -1;
	put_int(&u, of);
	if (db_one(sv->s, &u, &rows, e) != 0)
		return -1;
	return rows == (int64_t)n
	    ? 0
	    : saving_others(sv, list, drop, of, keep, o, e);
}

static int
save_row(struct saving *sv, struct err *e)
{
	const struct host *h = sv->h;
	const struct policy *p = &h->policy;
	struct use u;

	if (db_use(sv->s, SQL_HOST_SAVE, &u, e) != 0)
		return -1;
	put_text(&u, h->name);
	put_when(&u, h->adopted_at);
	put_int(&u, h->standby);
	put_int(&u, h->publishes);
	put_int(&u, p->hold_factor);
	put_int(&u, p->stale_allowance);
	put_int(&u, p->hold_floor);
	put_int(&u, p->client_slack);
	put_int(&u, p->clock_slack);
	put_int(&u, p->settle);
	put_int(&u, p->assumed_ttl);
	put_int(&u, p->retire_hold);
	put_int(&u, p->key_retention);
	put_int(&u, p->rollover_every);
	put_int(&u, p->stuck_warning);
	put_int(&u, p->stuck_critical);
	put_int(&u, p->repeat);
	put_when(&u, sv->last.looked_at);
	put_int(&u, sv->last.looked_wall);
	put_when(&u, sv->last.swept_at);
	put_int(&u, sv->last.swept_wall);
	if (db_run(sv->s, &u, e) != 0 || db_use(sv->s, SQL_HOST_ID, &u, e) != 0)
		return -1;
	put_text(&u, h->name);
	return db_one(sv->s, &u, &sv->host, e);
}

static void
put_kind(struct use *u, enum kind k)
{
	put_text(u, k < KIND_COUNT ? kind_name(k) : NULL);
}

static int
save_slot(struct saving *sv, enum slot slot, struct err *e)
{
	const struct slot_want *w = &sv->h->slot[slot];
	struct use u;

	if (db_use(sv->s, SQL_SLOT_SAVE, &u, e) != 0)
		return -1;
	put_int(&u, sv->host);
	put_text(&u, slot_name(slot));
	put_int(&u, w->managed);
	put_kind(&u, w->kind);
	put_int(&u, w->rollover_wall);
	put_int(&u, w->compromised);
	return db_run(sv->s, &u, e);
}

static int
save_key(struct saving *sv, const struct key *k, struct err *e)
{
	struct use u;

	if (saving_chain(sv, k->chain, e) != 0 ||
	    saving_chain(sv, k->next_chain, e) != 0 ||
	    saving_chain(sv, k->past_chain, e) != 0 ||
	    db_use(sv->s, SQL_KEY_SAVE, &u, e) != 0)
		return -1;
	put_int(&u, sv->host);
	put_blob(&u, k->id.sha256, sizeof(k->id.sha256));
	put_text(&u, slot_name(k->slot));
	put_kind(&u, k->kind);
	put_text(&u, stage_name(k->stage));
	put_int(&u, k->adopted);
	put_int(&u, k->compromised);
	put_when(&u, k->entered_at);
	put_int(&u, k->entered_wall);
	put_int(&u, k->deployed_wall);
	put_when(&u, k->clean_since);
	put_when(&u, k->destroyed_at);
	put_text(&u, k->key_file);
	put_text(&u, k->cert_file);
	put_chain(&u, sv, k->chain);
	put_int(&u, k->cert_until);
	put_chain(&u, sv, k->next_chain);
	put_chain(&u, sv, k->past_chain);
	return db_run(sv->s, &u, e);
}

static int
save_waiver(struct saving *sv, const struct waiver *w, struct err *e)
{
	struct use u;

	if (db_use(sv->s, SQL_WAIVER_SAVE, &u, e) != 0)
		return -1;
	put_int(&u, sv->host);
	put_blob(&u, w->key.sha256, sizeof(w->key.sha256));
	put_text(&u, guard_name(w->guard));
	put_addr(&u, &w->addr);
	put_when(&u, w->given_at);
	return db_run(sv->s, &u, e);
}

static bool
keep_waiver(struct use *row, const struct saving *sv, const struct owner *o)
{
	const struct waiver *w;
	struct spki key = { { 0 } };
	char guard[32];
	struct addr a;

	(void)o;
	get_blob(row, key.sha256, sizeof(key.sha256));
	get_text(row, guard, sizeof(guard));
	get_addr(row, &a);
	for (w = sv->h->waiver; w < sv->h->waiver + sv->h->n_waiver; w++)
		if (spki_eq(&w->key, &key) && addr_cmp(&w->addr, &a) == 0 &&
		    strcmp(guard_name(w->guard), guard) == 0)
			return true;
	return false;
}

static int
save_keys(struct saving *sv, struct err *e)
{
	const struct host *h = sv->h;

	for (size_t i = 0; i < h->n_key; i++)
		if (save_key(sv, &h->key[i], e) != 0)
			return -1;
	for (size_t i = 0; i < h->n_waiver; i++)
		if (save_waiver(sv, &h->waiver[i], e) != 0)
			return -1;
	return saving_surplus(sv, SQL_WAIVER_COUNT, SQL_WAIVER_KEYS,
	    SQL_WAIVER_DROP, sv->host, h->n_waiver, keep_waiver, NULL, e);
}

static int
save_summary(struct saving *sv, const struct summary *sum, struct err *e)
{
	struct use u;

	if (sum == NULL)
		return saving_drop(sv->s, SQL_SUMMARY_DROP, sv->host, e);
	if (db_use(sv->s, SQL_SUMMARY_SAVE, &u, e) != 0)
		return -1;
	put_int(&u, sv->host);
	put_int(&u, (int64_t)sum->mark);
	put_when(&u, sum->safe_from);
	put_int(&u, sum->cert_until);
	put_text(&u, sum->line);
	return db_run(sv->s, &u, e);
}

static int
put_host(struct store *s, const struct host *h, const struct summary *sum,
    struct err *e)
{
	struct saving sv = { .s = s, .h = h, .last = last_of(h) };
	int rc = -1;

	sv.set = mem_array(h->n_set, sizeof(*sv.set));
	sv.chain = mem_array(h->n_chain + 1, sizeof(*sv.chain));
	if (save_row(&sv, e) != 0)
		goto out;
	for (int i = 0; i < SLOT_COUNT; i++)
		if (save_slot(&sv, (enum slot)i, e) != 0)
			goto out;
	if (saving_owners(&sv, e) != 0 || save_keys(&sv, e) != 0 ||
	    save_summary(&sv, sum, e) != 0)
		goto out;
	rc = saving_drop(s, SQL_SET_DROP, sv.host, e);
	if (rc == 0)
		rc = saving_drop(s, SQL_CHAIN_DROP, sv.host, e);
out:
	free(sv.set);
	free(sv.chain);
	return rc == 0 ? 0 : err_prefix(e, "%s", h->name);
}

int
store_save(struct store *s, const struct host *h, struct err *e)
{
	return store_save_journal(s, h, NULL, 0, e);
}

int
store_save_summed(struct store *s, const struct host *h,
    const struct summary *sum, struct err *e)
{
	if (db_begin(s, e) != 0)
		return -1;
	return db_end(s, put_host(s, h, sum, e), e);
}

int
store_save_journal(struct store *s, const struct host *h,
    const struct entry *en, size_t n, struct err *e)
{
	int rc;

	if (db_begin(s, e) != 0)
		return -1;
	rc = put_host(s, h, NULL, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = store_put_entry(s, &en[i], NULL, e);
	return db_end(s, rc, e);
}
