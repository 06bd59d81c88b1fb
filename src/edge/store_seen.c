/*
 * store_seen.c - what was seen of the world into the state file: sets,
 * owners with their authorities and sightings, endpoints.  The rest of a host,
 * and the transaction: store_save.c.
 */
#include <assert.h>
#include <string.h>

#include "edge/store_db.h"

static_assert(TLSA_PACKED == 68, "state/0001-first.sql: rrset.bytes");
static_assert(COVER_CERT_PACKED == 323, "state/0003-chain.sql: chain.bytes");
static_assert(PRESENTED_MAX == 8, "state/0001-first.sql: presented.pos");

/* The row of a set of the host, made when it is first needed. */
static int
save_set(struct saving *sv, int set, int64_t *ret_id, struct err *e)
{
	uint8_t bytes[TLSA_MAX * TLSA_PACKED];
	enum sql step[] = { SQL_SET_ID, SQL_SET_ADD };
	int64_t *id;
	struct use u;
	size_t len;

	assert(set >= 0 && (size_t)set < sv->h->n_set);
	if (sv->told != NULL) {
		*ret_id = set;
		return 0;
	}
	id = &sv->set[set];
	len = tlsa_set_pack(sv->h->set[set], bytes);
	for (int i = 0; *id <= 0 && i < 2; i++) {
		if (db_use(sv->s, step[i], &u, e) != 0)
			return -1;
		put_int(&u, sv->host);
		put_blob(&u, bytes, len);
		put_text(&u, sv->h->target[set]);
		if (db_one(sv->s, &u, id, e) != 0)
			return -1;
		if (step[i] == SQL_SET_ADD)
			*id = sqlite3_last_insert_rowid(sv->s->db);
	}
	*ret_id = *id;
	return 0;
}

static void
put_serial(struct use *u, bool has, uint32_t serial)
{
	if (has)
		put_int(u, serial);
	else
		put_null(u);
}

int
saving_chain(struct saving *sv, int chain, struct err *e)
{
	enum sql step[] = { SQL_CHAIN_ID, SQL_CHAIN_ADD };
	const struct chain *c;
	int64_t *id;
	struct use u;

	if (chain == 0 || sv->told != NULL)
		return 0; /* nothing is known of it, or nothing written */
	assert(chain > 0 && (size_t)chain <= sv->h->n_chain);
	c = &sv->h->chain[chain - 1];
	id = &sv->chain[chain - 1];
	for (int i = 0; *id <= 0 && i < 2; i++) {
		if (db_use(sv->s, step[i], &u, e) != 0)
			return -1;
		put_int(&u, sv->host);
		put_blob(&u, c->bytes, c->len);
		if (db_one(sv->s, &u, id, e) != 0)
			return -1;
		if (step[i] == SQL_CHAIN_ADD)
			*id = sqlite3_last_insert_rowid(sv->s->db);
	}
	return 0;
}

void
put_chain(struct use *u, const struct saving *sv, int chain)
{
	if (chain == 0)
		put_null(u);
	else
		put_int(u, sv->told != NULL ? chain : sv->chain[chain - 1]);
}

/* A moment of elapsed time that is, mostly, that of the last look or sweep:
 * two columns. */
static void
put_last(struct use *u, int64_t at, int64_t last)
{
	bool is = at != NEVER && at == last;

	put_when(u, is ? NEVER : at);
	put_int(u, is);
}

static int
save_authority(struct saving *sv, int64_t owner, const struct authority *a,
    struct err *e)
{
	bool last = a->looked_at != NEVER &&
	    a->looked_at == sv->last.looked_at &&
	    a->looked_wall == sv->last.looked_wall;
	struct use u;
	int64_t set = 0;

	if ((a->set >= 0 && save_set(sv, a->set, &set, e) != 0) ||
	    row_use(sv, SQL_AUTHORITY_SAVE, &u, e) != 0)
		return -1;
	put_int(&u, owner);
	put_addr(&u, &a->addr);
	put_text(&u, a->name);
	put_when(&u, a->first_seen);
	put_when(&u, a->left_at);
	put_int(&u, a->ns_ttl);
	put_text(&u, look_name(a->look));
	if (a->set >= 0)
		put_int(&u, set);
	else
		put_null(&u);
	put_int(&u, a->ttl);
	put_serial(&u, a->has_serial, a->serial);
	put_serial(&u, a->has_newest, a->newest);
	put_text(&u, a->nsid);
	put_when(&u, last ? NEVER : a->looked_at);
	put_int(&u, last ? 0 : a->looked_wall);
	put_int(&u, last);
	put_text(&u, a->why);
	put_int(&u, a->records_signed.from);
	put_int(&u, a->records_signed.until);
	put_int(&u, a->keys_signed.from);
	put_int(&u, a->keys_signed.until);
	put_int(&u, a->renewed);
	put_int(&u, a->answered);
	return row_run(sv, &u, e);
}

static bool
keep_authority(struct use *row, const struct saving *sv, const struct owner *o)
{
	struct addr a;

	(void)sv;
	get_addr(row, &a);
	for (size_t i = 0; i < o->n_auth; i++)
		if (addr_cmp(&o->auth[i].addr, &a) == 0)
			return true;
	return false;
}

static int
save_sighting(struct saving *sv, int64_t owner, const struct sighting *si,
    struct err *e)
{
	struct use u;
	int64_t set;

	if (save_set(sv, si->set, &set, e) != 0 ||
	    row_use(sv, SQL_SIGHTING_SAVE, &u, e) != 0)
		return -1;
	put_int(&u, owner);
	put_addr(&u, &si->auth);
	put_int(&u, set);
	put_int(&u, si->ttl);
	put_when(&u, si->first_seen);
	put_last(&u, si->last_seen, sv->last.looked_at);
	put_when(&u, si->gone);
	put_int(&u, si->signed_from);
	put_int(&u, si->signed_until);
	put_int(&u, si->signed_life);
	put_when(&u, si->left_at);
	put_int(&u, si->resigned);
	put_int(&u, si->ended);
	return row_run(sv, &u, e);
}

static bool
keep_sighting(struct use *row, const struct saving *sv, const struct owner *o)
{
	const struct sighting *si;
	struct addr a;
	int64_t set, ttl;

	get_addr(row, &a);
	set = get_int(row);
	ttl = get_int(row);
	for (si = o->seen; si < o->seen + o->n_seen; si++)
		if (addr_cmp(&si->auth, &a) == 0 && si->ttl == ttl &&
		    sv->set[si->set] == set)
			return true;
	return false;
}

static int
save_instance(struct saving *sv, int64_t owner, const struct instance *in,
    struct err *e)
{
	struct use u;
	int64_t set = 0;

	if ((in->set >= 0 && save_set(sv, in->set, &set, e) != 0) ||
	    row_use(sv, SQL_INSTANCE_SAVE, &u, e) != 0)
		return -1;
	put_int(&u, owner);
	put_addr(&u, &in->auth);
	put_text(&u, in->nsid);
	if (in->set >= 0)
		put_int(&u, set);
	else
		put_null(&u);
	put_int(&u, in->ttl);
	put_last(&u, in->heard_at, sv->last.looked_at);
	return row_run(sv, &u, e);
}

static bool
keep_instance(struct use *row, const struct saving *sv, const struct owner *o)
{
	char nsid[NSID_TEXT];
	struct addr a;

	(void)sv;
	get_addr(row, &a);
	get_text(row, nsid, sizeof(nsid));
	for (size_t i = 0; i < o->n_inst; i++)
		if (addr_cmp(&o->inst[i].auth, &a) == 0 &&
		    strcmp(o->inst[i].nsid, nsid) == 0)
			return true;
	return false;
}

static int
save_instances(struct saving *sv, int64_t owner, const struct owner *o,
    struct err *e)
{
	for (size_t i = 0; i < o->n_inst; i++)
		if (save_instance(sv, owner, &o->inst[i], e) != 0)
			return -1;
	return saving_surplus(sv, SQL_INSTANCE_COUNT, SQL_INSTANCE_KEYS,
	    SQL_INSTANCE_DROP, owner, o->n_inst, keep_instance, o, e);
}

/* The owner's own row; its id. */
static int
save_name(struct saving *sv, const struct owner *o, int64_t *ret_id,
    struct err *e)
{
	struct use u;

	if (row_use(sv, SQL_OWNER_SAVE, &u, e) != 0)
		return -1;
	put_int(&u, sv->host);
	put_text(&u, o->name);
	put_int(&u, o->port);
	put_text(&u, o->zone);
	put_serial(&u, o->has_primary_serial, o->primary_serial);
	put_text(&u, o->source);
	put_text(&u, o->hides);
	put_int(&u, o->named);
	if (row_run(sv, &u, e) != 0)
		return -1;
	*ret_id = 0;
	if (sv->told != NULL)
		return 0;
	if (db_use(sv->s, SQL_OWNER_ID, &u, e) != 0)
		return -1;
	put_int(&u, sv->host);
	put_text(&u, o->name);
	return db_one(sv->s, &u, ret_id, e);
}

static int
save_dns(struct saving *sv, const struct owner *o, int64_t id, struct err *e)
{
	for (size_t i = 0; i < o->n_auth; i++)
		if (save_authority(sv, id, &o->auth[i], e) != 0)
			return -1;
	for (size_t i = 0; i < o->n_seen; i++)
		if (save_sighting(sv, id, &o->seen[i], e) != 0)
			return -1;
	if (saving_surplus(sv, SQL_AUTHORITY_COUNT, SQL_AUTHORITY_KEYS,
		SQL_AUTHORITY_DROP, id, o->n_auth, keep_authority, o, e) != 0)
		return -1;
	if (saving_surplus(sv, SQL_SIGHTING_COUNT, SQL_SIGHTING_KEYS,
		SQL_SIGHTING_DROP, id, o->n_seen, keep_sighting, o, e) != 0)
		return -1;
	return o->had_inst || o->n_inst > 0 ? save_instances(sv, id, o, e) : 0;
}

/* ---- endpoints ---- */

static int
save_presented(struct saving *sv, const struct endpoint *ep, int64_t id,
    struct err *e)
{
	struct use u;

	for (unsigned i = 0; i < ep->n_seen; i++) {
		if (saving_chain(sv, ep->seen[i].chain, e) != 0 ||
		    row_use(sv, SQL_PRESENTED_SAVE, &u, e) != 0)
			return -1;
		put_int(&u, id);
		put_int(&u, i);
		put_blob(&u, ep->seen[i].key.sha256, 32);
		put_text(&u,
		    ep->seen[i].slot < SLOT_COUNT ? slot_name(ep->seen[i].slot)
						  : NULL);
		put_chain(&u, sv, ep->seen[i].chain);
		if (row_run(sv, &u, e) != 0)
			return -1;
	}
	if (row_use(sv, SQL_PRESENTED_DROP, &u, e) != 0)
		return -1;
	put_int(&u, id);
	put_int(&u, ep->n_seen);
	return row_run(sv, &u, e);
}

static int
save_endpoint(struct saving *sv, int64_t owner, const struct endpoint *ep,
    struct err *e)
{
	bool tried = ep->swept_wall != 0 &&
	    ep->swept_wall == sv->last.swept_wall;
	int64_t id = 0;
	struct use u;

	if (row_use(sv, SQL_ENDPOINT_SAVE, &u, e) != 0)
		return -1;
	put_int(&u, owner);
	put_addr(&u, &ep->addr);
	put_int(&u, ep->configured);
	put_when(&u, ep->left_at);
	put_int(&u, ep->ttl);
	put_text(&u, sweep_name(ep->sweep));
	put_last(&u, ep->swept_at, sv->last.swept_at);
	put_int(&u, tried ? 0 : ep->swept_wall);
	put_int(&u, tried);
	put_text(&u, ep->why);
	if (row_run(sv, &u, e) != 0)
		return -1;
	if (sv->told == NULL) {
		if (db_use(sv->s, SQL_ENDPOINT_ID, &u, e) != 0)
			return -1;
		put_int(&u, owner);
		put_addr(&u, &ep->addr);
		if (db_one(sv->s, &u, &id, e) != 0)
			return -1;
	}
	return save_presented(sv, ep, id, e);
}

static bool
keep_endpoint(struct use *row, const struct saving *sv, const struct owner *o)
{
	unsigned owner = (unsigned)(o - sv->h->own);
	size_t i = host_endpoints(sv->h, owner);
	struct addr a;

	get_addr(row, &a);
	for (; i < sv->h->n_ep && sv->h->ep[i].owner == owner; i++)
		if (addr_cmp(&sv->h->ep[i].addr, &a) == 0)
			return true;
	return false;
}

static int
save_endpoints(struct saving *sv, unsigned owner, int64_t id, struct err *e)
{
	const struct host *h = sv->h;
	size_t first = host_endpoints(h, owner), i = first;

	for (; i < h->n_ep && h->ep[i].owner == owner; i++)
		if (save_endpoint(sv, id, &h->ep[i], e) != 0)
			return -1;
	return saving_surplus(sv, SQL_ENDPOINT_COUNT, SQL_ENDPOINT_KEYS,
	    SQL_ENDPOINT_DROP, id, i - first, keep_endpoint, &h->own[owner], e);
}

/* ---- the whole ---- */

int
saving_owner(struct saving *sv, size_t owner, struct err *e)
{
	const struct owner *o = &sv->h->own[owner];
	int64_t id;

	if (save_name(sv, o, &id, e) != 0 || save_dns(sv, o, id, e) != 0)
		return -1;
	return save_endpoints(sv, (unsigned)owner, id, e);
}

static bool
keep_owner(struct use *row, const struct saving *sv, const struct owner *o)
{
	char name[HOST_NAME];

	(void)o;
	get_text(row, name, sizeof(name));
	return host_find_owner(sv->h, name) != NULL;
}

int
saving_owners(struct saving *sv, struct err *e)
{
	const struct host *h = sv->h;
	struct owner_known known;

	for (size_t i = 0; i < h->n_own; i++) {
		if (saving_knows(sv, i, &known))
			continue;
		db_room(sv->s);
		if (saving_owner(sv, i, e) != 0)
			return -1;
		h->own[i].known = known;
	}
	return saving_surplus(sv, SQL_OWNER_COUNT, SQL_OWNERS, SQL_OWNER_DROP,
	    sv->host, h->n_own, keep_owner, NULL, e);
}
