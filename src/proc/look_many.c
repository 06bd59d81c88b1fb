/*
 * look_many.c - many owners of one zone, asked for together (look_work.h).
 * Judges on all processors, chunk by chunk, while the next chunk is asked;
 * notes in the order of the hosts.  Decides nothing that is not plain.
 */
#include "proc/look_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crew.h"
#include "base/mem.h"
#include "base/text.h"
#include "core/alias.h"
#include "core/instance.h"
#include "core/serial.h"
#include "core/sighting.h"

#define FAMILY_LEAST 8 /* owners: fewer are looked at one by one */
#define CHUNK 2048     /* owners under way at a time, and as many judged */

/* An owner and the name of the zone that it may be in. */
struct member {
	const char *zone; /* of its own, or of the host's name */
	const struct look_request *r;
	uint32_t own;	/* index into h->own */
	uint32_t place; /* in w->settled */
};

/* A server of a family's zone: its keys and serial, found out once. */
struct server {
	struct addr addr;
	bool lacking;		/* no route to it here: not asked */
	struct zone_keys *keys; /* may be those of another server */
	bool keys_mine;
	struct glance serial; /* has_serial, serial, nsid */
};

/* Owners that may be of one zone. */
struct family {
	size_t first, n; /* of the members */
	struct zone_view *view;
	struct server *server; /* as the view's */
	int64_t margin;
};

/* What one server said about one owner. */
struct verdict {
	enum look look;
	uint32_t ttl;
	struct span records_signed, keys_signed;
	unsigned n; /* records */
	struct tlsa *rr;
	size_t q; /* the question, in the batch of the chunk */
};

/* One owner on its way. */
struct item {
	const struct member *m;
	const struct family *f;
	struct verdict *v; /* one a server */
	size_t resolver;   /* the question to it, in the batch of the chunk */
	bool settled;
};

struct chunk {
	struct batch b;
	struct item *item;
	size_t n;
	time_t wall;		   /* when the answers were in */
	struct answer_memo **memo; /* one a hand */
};

struct many {
	struct look_work *w;
	struct member *member;
	size_t n_member;
	struct family *family;
	size_t n_family;
	struct zone_view *view;
	struct crew *crew;
	struct answer_memo *memo[CREW_MOST];
};

/* ---- families ---- */

/* The name behind the service and the first label of the host:
 * "_25._tcp.mx1.example.org." gives "example.org.". */
static const char *
behind_host(const char *owner)
{
	const char *s = owner;

	while (*s == '_' && strchr(s, '.') != NULL)
		s = strchr(s, '.') + 1;
	s = strchr(s, '.');
	return s == NULL ? owner : s + 1;
}

static int
by_zone(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int d = strcmp(x->zone, y->zone);

	return d != 0 ? d : x->place < y->place ? -1 : x->place > y->place;
}

static void
gather(struct many *m)
{
	struct look_work *w = m->w;
	size_t place = 0;

	for (size_t i = 0; i < w->n; i++)
		m->n_member += w->r[i].host->n_own;
	m->member = mem_array(m->n_member + 1, sizeof(*m->member));
	for (size_t i = 0; i < w->n; i++) {
		struct host *h = w->r[i].host;

		for (size_t j = 0; j < h->n_own; j++, place++) {
			const struct owner *o = &h->own[j];

			m->member[place] = (struct member){
				.zone = o->zone[0] != 0 ? o->zone
							: behind_host(o->name),
				.r = &w->r[i],
				.own = (uint32_t)j,
				.place = (uint32_t)place
			};
		}
	}
	qsort(m->member, m->n_member, sizeof(*m->member), by_zone);
}

static void
make_families(struct many *m)
{
	size_t cap = 0, from = 0;

	for (size_t i = 1; i <= m->n_member; i++) {
		if (i < m->n_member &&
		    strcmp(m->member[i].zone, m->member[from].zone) == 0)
			continue;
		if (i - from >= FAMILY_LEAST) {
			m->family = mem_room(m->family, m->n_family, &cap,
			    sizeof(*m->family));
			m->family[m->n_family++] = (struct family){
				.first = from,
				.n = i - from
			};
		}
		from = i;
	}
}

static const struct owner *
owner_of(const struct member *x)
{
	return &x->r->host->own[x->own];
}

/* The first owner of each stands for all of them. */
static int
find_zones(struct many *m, struct err *e)
{
	struct look_work *w = m->w;

	m->view = mem_array(m->n_family + 1, sizeof(*m->view));
	for (size_t i = 0; i < m->n_family; i++) {
		const struct member *x = &m->member[m->family[i].first];

		m->family[i].view = &m->view[i];
		m->family[i].margin = x->r->host->policy.clock_slack;
		text_fmt(m->view[i].name, HOST_NAME, "%s", owner_of(x)->name);
	}
	if (zone_find(m->view, m->n_family, &w->b, w->resolver, w->deadline,
		e) < 0)
		return -1;
	w->families = families_find(m->view, m->n_family);
	return 0;
}

/* Is the zone one that can be taken for plain, and that of all of them? */
static bool
is_plain(const struct many *m, const struct family *f)
{
	const struct zone_view *v = f->view;
	const char *name = m->member[f->first].zone;
	size_t zone = strlen(v->zone), len = strlen(name);

	return v->ok && v->incomplete[0] == 0 &&
	    answer_unanchored(&v->ds) == NULL && len >= zone &&
	    strcmp(name + len - zone, v->zone) == 0 &&
	    (len == zone || zone == 1 || name[len - zone - 1] == '.');
}

/* In most cases one. */
static void
ask_primaries(struct many *m, const struct family *f)
{
	const struct look_request *last = NULL;

	for (size_t i = f->first; i < f->first + f->n; i++) {
		const struct member *x = &m->member[i];

		if (last != NULL &&
		    addr_cmp(&last->primary, &x->r->primary) == 0)
			continue;
		look_ask_primary(m->w, x->r, owner_of(x), f->view->zone);
		last = owner_of(x)->foreign ? last : x->r;
	}
}

static void
ask_servers(struct many *m)
{
	struct batch *b = &m->w->b;

	for (size_t i = 0; i < m->n_family; i++) {
		const struct zone_view *v = m->family[i].view;

		for (size_t k = 0;
		     is_plain(m, &m->family[i]) && k < v->n_server; k++) {
			const struct addr *a = &v->server[k].addr;

			if (families_lack(&m->w->families, a))
				continue;
			batch_add(b, a, v->zone, TYPE_DNSKEY, false);
			batch_add(b, a, v->zone, TYPE_SOA, false);
		}
		if (is_plain(m, &m->family[i]))
			ask_primaries(m, &m->family[i]);
	}
}

static const struct question *
dnskey_of(const struct many *m, const struct family *f, size_t k)
{
	return batch_find(&m->w->b, &f->view->server[k].addr, f->view->zone,
	    TYPE_DNSKEY, false);
}

/* But for the ID. */
static bool
same_reply(const struct question *a, const struct question *b)
{
	return b != NULL && a->reply != NULL && b->reply != NULL &&
	    a->reply_len > 2 && a->reply_len == b->reply_len &&
	    memcmp(a->reply + 2, b->reply + 2, a->reply_len - 2) == 0;
}

/* The keys of the server at k; equal answers are verified once. */
static void
read_keys(const struct many *m, struct family *f, size_t k, time_t wall)
{
	static const struct question none = { .why = "was not asked" };
	const struct question *q = dnskey_of(m, f, k);
	struct judge_by by = { .zone = f->view->zone,
		.ds = &f->view->ds,
		.now = wall,
		.margin = f->margin };

	if (q == NULL)
		q = &none;
	for (size_t i = 0; i < k; i++)
		if (same_reply(q, dnskey_of(m, f, i))) {
			f->server[k].keys = f->server[i].keys;
			return;
		}
	f->server[k].keys = mem_new(sizeof(*f->server[k].keys));
	f->server[k].keys_mine = true;
	answer_keys(q, &by, f->server[k].keys);
}

static void
read_servers(struct many *m)
{
	time_t wall = look_seen(m->w).wall;

	for (size_t i = 0; i < m->n_family; i++) {
		struct family *f = &m->family[i];
		const struct zone_view *v = f->view;

		if (!is_plain(m, f))
			continue;
		f->server = mem_array(v->n_server + 1, sizeof(*f->server));
		for (size_t k = 0; k < v->n_server; k++) {
			f->server[k].addr = v->server[k].addr;
			f->server[k].lacking = families_lack(&m->w->families,
			    &v->server[k].addr);
			read_keys(m, f, k, wall);
			look_note_serial(batch_find(&m->w->b,
					     &v->server[k].addr, v->zone,
					     TYPE_SOA, false),
			    v->zone, &f->server[k].serial);
			answer_nsid(batch_find(&m->w->b, &v->server[k].addr,
					v->zone, TYPE_SOA, false),
			    f->server[k].serial.nsid);
		}
	}
}

static void
release_families(struct many *m)
{
	for (size_t i = 0; i < m->n_family; i++) {
		struct family *f = &m->family[i];

		for (size_t k = 0; f->server != NULL && k < f->view->n_server;
		     k++)
			if (f->server[k].keys_mine) {
				answer_keys_release(f->server[k].keys);
				free(f->server[k].keys);
			}
		free(f->server);
	}
	free(m->family);
	if (m->view != NULL)
		zone_release(m->view, m->n_family);
	free(m->view);
}

/* ---- a chunk: asked ---- */

/* One that left and still counts is asked, too: one by one. */
static bool
has_others(const struct owner *o, const struct zone_view *v)
{
	size_t found = 0;

	for (size_t i = 0; i < o->n_auth; i++)
		for (size_t k = 0; k < v->n_server; k++)
			if (addr_cmp(&o->auth[i].addr, &v->server[k].addr) == 0)
				found++;
	return found < o->n_auth;
}

/* One with several servers behind it is asked more than once. */
static bool
has_instances(const struct owner *o, const struct family *f,
    const struct now *now)
{
	for (size_t i = 0; i < o->n_auth; i++)
		for (size_t k = 0; k < f->view->n_server; k++)
			if (addr_cmp(&o->auth[i].addr, &f->server[k].addr) ==
				0 &&
			    instance_many(o, &o->auth[i],
				f->server[k].serial.nsid, now))
				return true;
	return false;
}

static bool
is_below(const char *name, const char *zone)
{
	size_t n = strlen(name), z = strlen(zone);

	return z == 1 ||
	    (n > z && name[n - z - 1] == '.' &&
		strcmp(name + n - z, zone) == 0);
}

static void
chunk_add(struct chunk *c, const struct family *f, const struct member *x,
    const struct look_work *w)
{
	const struct owner *o = owner_of(x);
	struct verdict *v;
	bool whole = true;
	size_t resolver;

	if (alias_is_base(o) || x->r->host->policy.clock_slack != f->margin ||
	    !is_below(o->name, f->view->zone) || has_others(o, f->view) ||
	    has_instances(o, f, &w->now))
		return;
	resolver = batch_add(&c->b, w->resolver, o->name, TYPE_TLSA, true);
	v = mem_array(f->view->n_server, sizeof(*v));
	for (size_t k = 0; k < f->view->n_server; k++) {
		if (f->server[k].lacking)
			continue;
		v[k].q = batch_add(&c->b, &f->server[k].addr, o->name,
		    TYPE_TLSA, false);
		whole = whole && v[k].q != BATCH_NONE;
	}
	if (whole && resolver != BATCH_NONE)
		c->item[c->n++] = (struct item){ .m = x,
			.f = f,
			.v = v,
			.resolver = resolver };
	else
		free(v);
}

/* How far all families have been asked for. */
struct cursor {
	size_t family, member;
};

/* Takes the next owners; false when there are none. */
static bool
chunk_fill(struct many *m, struct chunk *c, struct cursor *at)
{
	memset(c, 0, sizeof(*c));
	c->item = mem_array(CHUNK, sizeof(*c->item));
	c->memo = m->memo;
	c->b.past = &m->w->b;
	while (at->family < m->n_family && c->n < CHUNK) {
		const struct family *f = &m->family[at->family];

		if (f->server == NULL || at->member == f->n) {
			at->family++;
			at->member = 0;
		} else
			chunk_add(c, f, &m->member[f->first + at->member++],
			    m->w);
	}
	return c->n > 0;
}

static void
chunk_release(struct chunk *c)
{
	batch_release(&c->b);
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < c->item[i].f->view->n_server; k++)
			free(c->item[i].v[k].rr);
		free(c->item[i].v);
	}
	free(c->item);
	memset(c, 0, sizeof(*c));
}

/* ---- judged ---- */

static void
glance_at(const struct chunk *c, const struct item *it, size_t k,
    struct answer_memo *memo, struct glance *g)
{
	struct judge_by by = { .owner = owner_of(it->m)->name,
		.zone = it->f->view->zone,
		.ds = &it->f->view->ds,
		.now = c->wall,
		.margin = it->f->margin };

	answer_judge_by_keys(&c->b.q[it->v[k].q], it->f->server[k].keys, &by,
	    memo, g);
}

static void
keep(struct verdict *v, const struct glance *g)
{
	v->look = g->look;
	v->ttl = g->ttl;
	v->records_signed = g->records_signed;
	v->keys_signed = g->keys_signed;
	v->n = g->set.n;
	v->rr = mem_copy(g->set.rr, g->set.n * sizeof(*v->rr));
}

/* All servers about one owner: what they say alike is verified once.  Whoever
 * follows an alias there, be it the resolver alone, makes it odd. */
static void
judge(size_t i, unsigned hand, void *arg)
{
	struct chunk *c = arg;
	struct item *it = &c->item[i];
	bool plain, shown = false;
	char to[HOST_NAME];
	struct glance g;

	plain = !answer_alias(&c->b.q[it->resolver], owner_of(it->m)->name, to);
	for (size_t k = 0; plain && k < it->f->view->n_server; k++) {
		if (it->f->server[k].lacking)
			continue;
		glance_at(c, it, k, c->memo[hand], &g);
		if (g.keys_signed.until != 0 && g.keys_signed.until < c->wall)
			plain = false; /* the machine slept meanwhile */
		else if (g.look == LOOK_SHOWN && g.alias[0] == 0 &&
		    g.source[0] == 0)
			shown = true;
		else if (c->b.q[it->v[k].q].reply != NULL)
			plain = false;
		keep(&it->v[k], &g);
	}
	it->settled = plain && shown;
}

/* ---- noted ---- */

static void
recall(const struct chunk *c, const struct item *it, size_t k, struct glance *g)
{
	const struct verdict *v = &it->v[k];

	memset(g, 0, sizeof(*g));
	g->look = v->look;
	g->ttl = v->ttl;
	g->records_signed = v->records_signed;
	g->keys_signed = v->keys_signed;
	g->set.n = v->n;
	memcpy(g->set.rr, v->rr, v->n * sizeof(*v->rr));
	g->has_serial = it->f->server[k].serial.has_serial;
	g->serial = it->f->server[k].serial.serial;
	if (v->look != LOOK_SHOWN)
		text_fmt(g->why, sizeof(g->why), "%s", c->b.q[v->q].why);
}

static void
note(struct look_work *w, const struct chunk *c, const struct item *it,
    const struct now *now)
{
	struct host *h = it->m->r->host;
	struct owner *o = &h->own[it->m->own];
	const struct zone_view *v = it->f->view;
	struct glance g;

	look_note_zone(h, o, v, now);
	for (size_t k = 0; k < v->n_server; k++) {
		if (it->f->server[k].lacking)
			continue;
		recall(c, it, k, &g);
		instance_note(h, o, &it->f->server[k].addr, &g, 1,
		    it->f->server[k].serial.nsid, now);
	}
	for (size_t k = 0; k < v->n_server; k++)
		if (it->f->server[k].lacking)
			look_note_unasked(it->m->r, o, it->f->server[k].addr,
			    now);
	look_note_primary(w, it->m->r, o);
	serial_settle(o);
	o->source[0] = o->hides[0] = 0;
	w->settled[it->m->place] = true;
}

/* Ends the chunk that is being judged, if any. */
static void
finish(struct many *m, struct chunk *c, const struct now *seen)
{
	char why[HOST_WHY];

	crew_wait(m->crew);
	for (size_t i = 0; i < c->n; i++)
		if (c->item[i].settled &&
		    look_moved(m->w, c->item[i].m->r->host, why, sizeof(why)) ==
			NULL)
			note(m->w, c, &c->item[i], seen);
	batch_tell(&m->w->b, &c->b);
	chunk_release(c);
}

/* Asks about one chunk while the one before is judged. */
static int
all_chunks(struct many *m, struct err *e)
{
	struct chunk c[2] = { { .n = 0 }, { .n = 0 } };
	struct cursor at = { 0, 0 };
	struct now seen = m->w->now;
	int turn = 0, rc = 0;

	while (rc == 0 && chunk_fill(m, &c[turn], &at)) {
		rc = batch_run(&c[turn].b, m->w->deadline, e);
		finish(m, &c[!turn], &seen);
		seen = look_seen(m->w);
		c[turn].wall = seen.wall;
		if (rc == 0)
			crew_begin(m->crew, c[turn].n, judge, &c[turn]);
		turn = !turn;
	}
	finish(m, &c[!turn], &seen);
	chunk_release(&c[turn]);
	return rc;
}

int
look_many(struct look_work *w, struct err *e)
{
	struct many m = { .w = w };
	int rc = 0;

	gather(&m);
	make_families(&m);
	if (m.n_family == 0)
		goto out;
	rc = find_zones(&m, e);
	ask_servers(&m);
	if (rc < 0 || batch_run(&w->b, w->deadline, e) < 0) {
		rc = -1;
		goto out;
	}
	read_servers(&m);
	for (int i = 0; i < CREW_MOST; i++) {
		m.memo[i] = answer_memo_new();
		answer_memo_recall(m.memo[i], w->past);
	}
	m.crew = crew_of_all();
	rc = all_chunks(&m, e);
	crew_free(m.crew);
	for (int i = 0; i < CREW_MOST; i++) {
		answer_memo_keep(m.memo[i]);
		answer_memo_free(m.memo[i]);
	}
out:
	release_families(&m);
	free(m.member);
	return rc;
}
