/*
 * store_host.c - a host out of the state file.  What does not fit is a
 * damaged file: nothing is guessed.  What was seen: store_seen_load.c.
 * Saving: store_save.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/once.h"
#include "edge/store_load.h"

static const char *
kind_word(int i)
{
	return kind_name((enum kind)i);
}

static const char *
stage_word(int i)
{
	return stage_name((enum stage)i);
}

static const char *
guard_word(int i)
{
	return guard_name((enum guard_id)i);
}

/* The id of the host; -1 when it is not in the state. */
static int
load_row(struct loading *l, struct err *e)
{
	struct store *s = l->s;
	struct host *h = l->h;
	struct policy *p = &h->policy;
	struct use u;
	int rc;

	l->id = -1;
	if (db_use(s, SQL_HOST, &u, e) != 0)
		return -1;
	put_text(&u, h->name);
	rc = db_step(s, &u, e);
	if (rc <= 0)
		return rc;
	l->id = get_int(&u);
	h->adopted_at = get_when(&u);
	h->standby = get_bool(&u);
	h->publishes = get_bool(&u);
	p->hold_factor = get_int(&u);
	p->stale_allowance = get_int(&u);
	p->hold_floor = get_int(&u);
	p->client_slack = get_int(&u);
	p->clock_slack = get_int(&u);
	p->settle = get_int(&u);
	p->assumed_ttl = get_int(&u);
	p->retire_hold = get_int(&u);
	p->key_retention = get_int(&u);
	p->rollover_every = get_int(&u);
	p->stuck_warning = get_int(&u);
	p->stuck_critical = get_int(&u);
	p->repeat = get_int(&u);
	l->last.looked_at = get_when(&u);
	l->last.looked_wall = get_int(&u);
	l->last.swept_at = get_when(&u);
	l->last.swept_wall = get_int(&u);
	return db_run(s, &u, e);
}

static int
load_slots(struct store *s, struct host *h, int64_t id, struct err *e)
{
	struct slot_want *w;
	struct use u;
	int rc;

	if (load_of(s, SQL_SLOTS, id, &u, e) != 0)
		return -1;
	while ((rc = db_step(s, &u, e)) == 1) {
		w = &h->slot[load_name(&u, load_slot_word, SLOT_COUNT)];
		w->managed = get_bool(&u);
		w->kind = (enum kind)get_word(&u, kind_word, KIND_COUNT);
		w->rollover_wall = get_int(&u);
		w->compromised = get_bool(&u);
	}
	return rc;
}

static int
load_sets(struct store *s, struct host *h, int64_t id, struct places *ret,
    struct err *e)
{
	char alias[HOST_NAME];
	struct tlsa_set set;
	struct use u;
	const uint8_t *p;
	int64_t row;
	int rc;

	if (load_of(s, SQL_SETS, id, &u, e) != 0)
		return -1;
	while ((rc = db_step(s, &u, e)) == 1) {
		row = get_int(&u);
		p = sqlite3_column_blob(u.st, u.at);
		/* a blob without bytes is the empty set, and NULL here */
		if (tlsa_set_parse(p == NULL ? (const uint8_t *)"" : p,
			(size_t)sqlite3_column_bytes(u.st, u.at), &set) != 0)
			u.bad = true;
		u.at++;
		get_text(&u, alias, sizeof(alias));
		if (!u.bad)
			place_add(ret, row,
			    alias[0] != 0 ? host_alias(h, alias)
					  : host_set(h, &set));
	}
	return rc;
}

static int
load_chains(struct store *s, struct host *h, int64_t id, struct places *ret,
    struct err *e)
{
	struct cover_chain c;
	struct use u;
	const uint8_t *p;
	int64_t row;
	int rc;

	if (load_of(s, SQL_CHAINS, id, &u, e) != 0)
		return -1;
	while ((rc = db_step(s, &u, e)) == 1) {
		row = get_int(&u);
		p = sqlite3_column_blob(u.st, 1);
		if (p == NULL ||
		    cover_parse(p, (size_t)sqlite3_column_bytes(u.st, 1), &c) !=
			0)
			u.bad = true;
		else
			place_add(ret, row, host_chain(h, &c));
	}
	return rc;
}

static int
load_owners(struct store *s, struct host *h, int64_t id, struct places *ret,
    struct err *e)
{
	char name[HOST_NAME];
	struct owner *o;
	struct use u;
	int64_t row;
	uint32_t port;
	int rc;

	if (load_of(s, SQL_OWNERS, id, &u, e) != 0)
		return -1;
	while ((rc = db_step(s, &u, e)) == 1) {
		row = get_int(&u);
		get_text(&u, name, sizeof(name));
		port = get_u32(&u);
		o = host_owner(h, name, (uint16_t)port);
		o->port = (uint16_t)port;
		o->zone = get_once(&u, HOST_NAME);
		o->has_primary_serial = !get_null(&u);
		o->primary_serial = o->has_primary_serial ? get_u32(&u) : 0;
		o->source = get_once(&u, HOST_NAME);
		o->hides = get_once(&u, HOST_NAME);
		o->named = get_bool(&u);
		place_add(ret, row, (int)(o - h->own));
	}
	return rc;
}

static int
load_keys(struct store *s, struct host *h, int64_t id,
    const struct places *chains, struct err *e)
{
	struct key *k;
	struct use u;
	int rc;

	if (load_of(s, SQL_KEYS, id, &u, e) != 0)
		return -1;
	while ((rc = db_step(s, &u, e)) == 1) {
		k = host_key_add(h);
		get_blob(&u, k->id.sha256, sizeof(k->id.sha256));
		k->slot = (enum slot)load_name(&u, load_slot_word, SLOT_COUNT);
		k->kind = (enum kind)get_word(&u, kind_word, KIND_COUNT);
		k->stage = (enum stage)load_name(&u, stage_word, STAGE_COUNT);
		k->adopted = get_bool(&u);
		k->compromised = get_bool(&u);
		k->entered_at = get_when(&u);
		k->entered_wall = get_int(&u);
		k->deployed_wall = get_int(&u);
		k->clean_since = get_when(&u);
		k->destroyed_at = get_when(&u);
		k->key_file = get_once(&u, 1024);
		k->cert_file = get_once(&u, 1024);
		k->chain = load_chain(&u, chains);
		k->cert_until = get_int(&u);
		k->next_chain = load_chain(&u, chains);
		k->past_chain = load_chain(&u, chains);
	}
	return rc;
}

static int
load_waivers(struct store *s, struct host *h, int64_t id, struct err *e)
{
	struct waiver *w;
	struct use u;
	int rc;

	if (load_of(s, SQL_WAIVERS, id, &u, e) != 0)
		return -1;
	while ((rc = db_step(s, &u, e)) == 1) {
		h->waiver = mem_room(h->waiver, h->n_waiver, &h->cap_waiver,
		    sizeof(*h->waiver));
		w = &h->waiver[h->n_waiver++];
		get_blob(&u, w->key.sha256, sizeof(w->key.sha256));
		w->guard = (enum guard_id)load_name(&u, guard_word,
		    GUARD_COUNT);
		get_addr(&u, &w->addr);
		w->given_at = get_when(&u);
	}
	return rc;
}

static int
load_all(struct loading *l, struct err *e)
{
	struct store *s = l->s;
	struct host *h = l->h;
	int rc = load_row(l, e);

	if (rc != 0 || l->id == -1)
		return rc;
	if (load_slots(s, h, l->id, e) != 0 ||
	    load_sets(s, h, l->id, &l->sets, e) != 0 ||
	    load_chains(s, h, l->id, &l->chains, e) != 0 ||
	    load_owners(s, h, l->id, &l->owners, e) != 0 ||
	    loading_seen(l, e) != 0 ||
	    load_keys(s, h, l->id, &l->chains, e) != 0 ||
	    load_waivers(s, h, l->id, e) != 0)
		return -1;
	store_knows(s, h);
	return 0;
}

int
store_load(struct store *s, struct host *h, struct err *e)
{
	struct loading l = { .s = s, .h = h };
	int rc;

	h->adopted_at = NEVER;
	if (db_begin_read(s, e) != 0)
		return -1;
	rc = db_end(s, load_all(&l, e), e);
	free(l.sets.p);
	free(l.chains.p);
	free(l.owners.p);
	free(l.row);
	return rc == 0 ? 0 : err_prefix(e, "%s", h->name);
}

int
store_hosts(struct store *s, char ***ret_names, size_t *ret_n, struct err *e)
{
	char **names = NULL;
	size_t n = 0, cap = 0;
	struct use u;
	int rc;

	if (db_use(s, SQL_HOSTS, &u, e) != 0)
		return -1;
	while ((rc = db_step(s, &u, e)) == 1) {
		names = mem_room(names, n, &cap, sizeof(*names));
		names[n++] = get_text_dup(&u);
	}
	if (rc != 0) {
		while (n > 0)
			free(names[--n]);
		free(names);
		return -1;
	}
	*ret_names = names;
	*ret_n = n;
	return 0;
}
