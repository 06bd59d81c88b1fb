/*
 * store_seen_load.c - what was seen in the DNS and at the endpoints, out of the
 * state file.  Saving: store_seen.c.
 */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/once.h"
#include "edge/store_load.h"

static const char *
look_word(int i)
{
	return look_name((enum look)i);
}

static const char *
sweep_word(int i)
{
	return sweep_name((enum sweep)i);
}

/* Things stand in the order in which they came, which is that of their rows,
 * and are read in another: the last of n of this size, whose row is `id`, goes
 * where it belongs. */
static void
by_row(struct loading *l, void *things, size_t n, size_t size, int64_t id)
{
	char *at = things, last[256];
	size_t i = n - 1;

	assert(size <= sizeof(last));
	l->row = mem_room(l->row, i, &l->cap_row, sizeof(*l->row));
	for (; i > 0 && l->row[i - 1] > id; i--)
		l->row[i] = l->row[i - 1];
	l->row[i] = id;
	if (i == n - 1)
		return;
	memcpy(last, at + (n - 1) * size, size);
	memmove(at + (i + 1) * size, at + i * size, (n - 1 - i) * size);
	memcpy(at + i * size, last, size);
}

static int
load_authorities(struct loading *l, struct owner *o, int64_t id, struct err *e)
{
	struct authority *a;
	struct addr addr;
	struct use u;
	int64_t row;
	int rc;

	if (load_of(l->s, SQL_AUTHORITIES, id, &u, e) != 0)
		return -1;
	while ((rc = db_step(l->s, &u, e)) == 1) {
		row = get_int(&u);
		get_addr(&u, &addr);
		u.bad |= owner_find_authority(o, &addr) != NULL;
		if (u.bad)
			continue;
		a = owner_authority(o, &addr);
		a->name = get_once(&u, HOST_NAME);
		a->first_seen = get_when(&u);
		a->left_at = get_when(&u);
		a->ns_ttl = get_u32(&u);
		a->look = (enum look)load_name(&u, look_word, LOOK_COUNT);
		a->set = load_set(&u, &l->sets);
		a->ttl = get_u32(&u);
		a->has_serial = !get_null(&u);
		a->serial = a->has_serial ? get_u32(&u) : 0;
		a->has_newest = !get_null(&u);
		a->newest = a->has_newest ? get_u32(&u) : 0;
		a->nsid = get_once(&u, NSID_TEXT);
		a->looked_at = get_when(&u);
		a->looked_wall = get_int(&u);
		if (get_bool(&u)) {
			u.bad |= a->looked_at != NEVER ||
			    l->last.looked_at == NEVER;
			a->looked_at = l->last.looked_at;
			a->looked_wall = l->last.looked_wall;
		}
		a->why = get_once(&u, HOST_WHY);
		a->records_signed.from = get_int(&u);
		a->records_signed.until = get_int(&u);
		a->keys_signed.from = get_int(&u);
		a->keys_signed.until = get_int(&u);
		a->renewed = get_int(&u) != 0;
		a->answered = get_bool(&u);
		by_row(l, o->auth, o->n_auth, sizeof(*a), row);
	}
	return rc;
}

static int
load_sightings(struct loading *l, struct owner *o, int64_t id, struct err *e)
{
	struct sighting *si;
	struct use u;
	int64_t row;
	int rc;

	if (load_of(l->s, SQL_SIGHTINGS, id, &u, e) != 0)
		return -1;
	while ((rc = db_step(l->s, &u, e)) == 1) {
		o->seen = mem_room(o->seen, o->n_seen, &o->cap_seen,
		    sizeof(*o->seen));
		si = &o->seen[o->n_seen++];
		row = get_int(&u);
		get_addr(&u, &si->auth);
		si->set = place_of(&l->sets, get_int(&u));
		u.bad |= si->set == -1;
		si->ttl = get_u32(&u);
		si->first_seen = get_when(&u);
		si->last_seen = load_last(&u, l->last.looked_at);
		si->gone = get_when(&u);
		si->signed_from = get_int(&u);
		si->signed_until = get_int(&u);
		si->signed_life = get_int(&u);
		si->left_at = get_when(&u);
		si->resigned = get_bool(&u);
		si->ended = get_bool(&u);
		by_row(l, o->seen, o->n_seen, sizeof(*si), row);
	}
	return rc;
}

static int
load_instances(struct loading *l, struct owner *o, int64_t id, struct err *e)
{
	struct instance *in;
	struct use u;
	int64_t row;
	int rc;

	if (load_of(l->s, SQL_INSTANCES, id, &u, e) != 0)
		return -1;
	while ((rc = db_step(l->s, &u, e)) == 1) {
		o->inst = mem_room(o->inst, o->n_inst, &o->cap_inst,
		    sizeof(*o->inst));
		in = &o->inst[o->n_inst++];
		memset(in, 0, sizeof(*in));
		row = get_int(&u);
		get_addr(&u, &in->auth);
		get_text(&u, in->nsid, sizeof(in->nsid));
		in->set = load_set(&u, &l->sets);
		in->ttl = get_u32(&u);
		in->heard_at = load_last(&u, l->last.looked_at);
		by_row(l, o->inst, o->n_inst, sizeof(*in), row);
	}
	o->had_inst = o->n_inst > 0;
	return rc;
}

static int
load_presented(struct loading *l, struct endpoint *ep, int64_t id,
    struct err *e)
{
	struct presented seen[PRESENTED_MAX], *p;
	unsigned n = 0;
	struct use u;
	int rc;

	if (load_of(l->s, SQL_PRESENTED, id, &u, e) != 0)
		return -1;
	memset(seen, 0, sizeof(seen));
	while ((rc = db_step(l->s, &u, e)) == 1) {
		if (n == PRESENTED_MAX) {
			u.bad = true;
			continue;
		}
		p = &seen[n++];
		get_blob(&u, p->key.sha256, sizeof(p->key.sha256));
		p->slot = (enum slot)get_word(&u, load_slot_word, SLOT_COUNT);
		p->chain = load_chain(&u, &l->chains);
	}
	endpoint_room(l->h, ep, n);
	if (n > 0)
		memcpy(ep->seen, seen, n * sizeof(*seen));
	ep->n_seen = n;
	return rc;
}

static int
load_endpoints(struct loading *l, struct err *e)
{
	struct endpoint *ep;
	struct addr addr;
	struct use u;
	int64_t row;
	int owner, rc;

	if (load_of(l->s, SQL_ENDPOINTS, l->id, &u, e) != 0)
		return -1;
	while ((rc = db_step(l->s, &u, e)) == 1) {
		row = get_int(&u);
		owner = place_of(&l->owners, get_int(&u));
		get_addr(&u, &addr);
		if (owner == -1) {
			u.bad = true;
			continue;
		}
		ep = host_endpoint_bare(l->h, (unsigned)owner, &addr);
		ep->configured = get_bool(&u);
		ep->left_at = get_when(&u);
		ep->ttl = get_u32(&u);
		ep->sweep = (enum sweep)load_name(&u, sweep_word, SWEEP_COUNT);
		ep->swept_at = load_last(&u, l->last.swept_at);
		ep->swept_wall = get_int(&u);
		if (get_bool(&u)) {
			u.bad |= ep->swept_wall != 0;
			ep->swept_wall = l->last.swept_wall;
		}
		ep->why = get_once(&u, HOST_WHY);
		if (load_presented(l, ep, row, e) != 0) {
			db_over(&u);
			return -1;
		}
	}
	return rc;
}

int
loading_seen(struct loading *l, struct err *e)
{
	if (load_endpoints(l, e) != 0)
		return -1;
	for (size_t i = 0; i < l->owners.n; i++) {
		struct owner *o = &l->h->own[l->owners.p[i].at];
		int64_t id = l->owners.p[i].id;

		if (load_authorities(l, o, id, e) != 0 ||
		    load_sightings(l, o, id, e) != 0 ||
		    load_instances(l, o, id, e) != 0)
			return -1;
	}
	return 0;
}
