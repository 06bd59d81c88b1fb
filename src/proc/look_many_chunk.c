/*
 * look_many_chunk.c - some of the owners on their way: asked, judged, noted.
 */
#include "proc/look_many.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "core/alias.h"
#include "core/instance.h"
#include "core/serial.h"
#include "core/sighting.h"

#define CHUNK 64 /* owners */

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

/* Is the host's name an alias?  Asked of the resolver and of every server, and
 * with that for its addresses where they are not in the config. */
static void
ask_base(struct chunk *c, struct item *it, struct look_work *w)
{
	struct look_request *r = it->m->r;
	char name[HOST_NAME];

	look_host_name(r->host, name);
	if (look_place(w, r)->asked || !is_below(owner_of(it->m)->name, name) ||
	    !(is_below(name, it->f->view->zone) ||
		strcmp(name, it->f->view->zone) == 0))
		return;
	look_place(w, r)->asked = true;
	it->base = c->b.n;
	look_ask_base(w, &c->b, r, it->f->view);
	it->n_base = c->b.n - it->base;
}

static void
chunk_add(struct chunk *c, const struct family *f, const struct member *x,
    struct look_work *w)
{
	const struct owner *o = owner_of(x);
	struct item it = { .m = x, .f = f };
	bool whole = true;

	if (alias_is_base(o) || x->r->host->policy.clock_slack != f->margin ||
	    !is_below(o->name, f->view->zone) || has_others(o, f->view) ||
	    x->r->several || has_instances(o, f, &w->now))
		return;
	it.resolver = batch_add(&c->b, w->resolver, o->name, TYPE_TLSA, true);
	it.v = mem_array(f->view->n_server, sizeof(*it.v));
	for (size_t k = 0; k < f->view->n_server; k++) {
		if (f->server[k].lacking)
			continue;
		it.v[k].q = batch_add(&c->b, &f->server[k].addr, o->name,
		    TYPE_TLSA, false);
		whole = whole && it.v[k].q != BATCH_NONE;
	}
	if (!whole || it.resolver == BATCH_NONE) {
		free(it.v);
		return;
	}
	ask_base(c, &it, w);
	c->item[c->n++] = it;
}

bool
chunk_fill(struct many *m, struct chunk *c, struct cursor *at)
{
	if (c->item == NULL)
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

void
chunk_empty(struct chunk *c)
{
	batch_empty(&c->b);
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < c->item[i].f->view->n_server; k++)
			free(c->item[i].v[k].rr);
		free(c->item[i].v);
	}
	c->n = 0;
	c->judging = false;
}

void
chunk_release(struct chunk *c)
{
	chunk_empty(c);
	batch_release(&c->b);
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
		.now = c->seen.wall,
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
	v->one_signature = g->one_signature;
	v->n = g->set.n;
	v->rr = mem_copy(g->set.rr, g->set.n * sizeof(*v->rr));
}

/* Everybody answered, and nobody with an alias: look_base() and
 * look_base_unsure() would find nothing. */
static bool
base_is_plain(const struct chunk *c, const struct item *it)
{
	const struct question *server = NULL; /* the last that was read */
	struct answer_head head;
	char name[HOST_NAME];

	look_host_name(it->m->r->host, name);
	for (size_t i = it->base; i < it->base + it->n_base; i++) {
		const struct question *q = &c->b.q[i];
		bool resolver;
		enum rrtype type = batch_asks(q, &resolver);

		if (!resolver && many_same_reply(q, server))
			continue;
		if (answer_head(q, name, type, &head, NULL) < 0 ||
		    head.has_cname || (head.rcode != 0 && head.rcode != 3) ||
		    (!head.aa && !resolver))
			return false;
		if (!resolver)
			server = q;
	}
	return it->n_base > 0;
}

/* A server before this one said the same, of a zone with the same keys: it is
 * judged by nothing else. */
static bool
is_judged(const struct chunk *c, struct item *it, size_t k)
{
	const struct server *s = it->f->server;
	struct verdict *v = &it->v[k];
	size_t q = v->q;

	for (size_t i = 0; i < k; i++) {
		if (s[i].lacking || s[i].keys != s[k].keys ||
		    !many_same_reply(&c->b.q[q], &c->b.q[it->v[i].q]))
			continue;
		*v = it->v[i];
		v->q = q;
		v->rr = mem_copy(v->rr, v->n * sizeof(*v->rr));
		return true;
	}
	return false;
}

/* All servers about one owner: what they say alike is verified once. */
static bool
servers_show(const struct chunk *c, struct item *it, struct answer_memo *memo)
{
	bool plain = true, shown = false;
	struct glance g;

	for (size_t k = 0; plain && k < it->f->view->n_server; k++) {
		if (it->f->server[k].lacking || is_judged(c, it, k))
			continue;
		glance_at(c, it, k, memo, &g);
		if (g.keys_signed.until != 0 &&
		    g.keys_signed.until < c->seen.wall)
			plain = false; /* the machine slept meanwhile */
		else if (g.look == LOOK_SHOWN && g.alias[0] == 0 &&
		    g.source[0] == 0)
			shown = true;
		else if (c->b.q[it->v[k].q].reply != NULL)
			plain = false;
		keep(&it->v[k], &g);
	}
	return plain && shown;
}

/* Whoever follows an alias there, or finds it in another zone, makes it odd, be
 * it the resolver alone. */
static void
chunk_judge(size_t i, unsigned hand, void *arg)
{
	struct chunk *c = arg;
	struct item *it = &c->item[i];
	const struct question *q = &c->b.q[it->resolver];
	const char *owner = owner_of(it->m)->name;

	it->settled = answer_in_zone(q, owner, TYPE_TLSA, it->f->view->zone) &&
	    servers_show(c, it, c->memo[hand]);
	it->plain_base = it->settled && base_is_plain(c, it);
}

void
chunk_begin(struct many *m, struct chunk *c)
{
	batch_end(&c->b);
	c->seen = look_seen(m->w);
	c->judging = true;
	c->job = (struct crew_job){ .n = c->n, .fn = chunk_judge, .arg = c };
	crew_begin(m->crew, &c->job);
}

/* ---- noted ---- */

static void
recall(const struct chunk *c, const struct item *it, size_t k, struct glance *g)
{
	const struct verdict *v = &it->v[k];
	const struct glance *zone = &it->f->server[k].serial;

	memset(g, 0, sizeof(*g));
	g->look = v->look;
	g->ttl = v->ttl;
	g->records_signed = v->records_signed;
	g->keys_signed = v->keys_signed;
	g->one_signature = v->one_signature;
	g->set.n = v->n;
	memcpy(g->set.rr, v->rr, v->n * sizeof(*v->rr));
	g->has_serial = zone->has_serial;
	g->serial = zone->serial;
	g->refresh = zone->refresh;
	g->answered = zone->answered || c->b.q[v->q].reply != NULL;
	if (v->look != LOOK_SHOWN)
		text_fmt(g->why, sizeof(g->why), "%s", c->b.q[v->q].why);
}

static void
note(struct look_work *w, const struct chunk *c, const struct item *it)
{
	const struct now *now = &c->seen;
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
	o->source = o->hides = "";
	w->settled[it->m->place] = true;
}

/*
 * The host's name stands between the owner and the zone: it is of that zone,
 * too, and who serves it is known.  What was said about it is kept where more
 * is made of it than that it is no alias.
 */
static void
note_base(struct look_work *w, struct chunk *c, const struct item *it)
{
	struct look_place *p = look_place(w, it->m->r);
	const struct host *h = it->m->r->host;
	char name[HOST_NAME];

	if (it->n_base == 0)
		return;
	if (w->settled[it->m->place]) {
		p->host = it->f->view;
		p->shared = true;
	}
	p->plain = p->shared && it->plain_base && it->m->r->n_endpoints > 0;
	look_host_name(h, name);
	for (size_t i = 0; i < h->n_own; i++)
		p->plain = p->plain && strcmp(h->own[i].name, name) != 0;
	for (size_t i = it->base; !p->plain && i < it->base + it->n_base; i++)
		batch_take(&w->b, &c->b, i);
}

void
chunk_note(struct many *m, struct chunk *c)
{
	char why[HOST_WHY];

	for (size_t i = 0; i < c->n; i++) {
		struct item *it = &c->item[i];

		if (it->settled &&
		    look_moved(m->w, it->m->r->host, why, sizeof(why)) == NULL)
			note(m->w, c, it);
		note_base(m->w, c, it);
	}
	batch_tell(&m->w->b, &c->b);
}
