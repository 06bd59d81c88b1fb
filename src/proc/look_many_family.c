/*
 * look_many_family.c - owners that may be of one zone: gathered, and their
 * zone, its keys and its servers found out once.
 */
#include "proc/look_many.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define FAMILY_LEAST 8 /* owners: fewer are looked at one by one */

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

/* The first owner of each stands for all of them. */
static int
find_zones(struct many *m, struct err *e)
{
	struct look_work *w = m->w;

	w->crowd = mem_array(m->n_family + 1, sizeof(*w->crowd));
	w->n_crowd = m->n_family;
	for (size_t i = 0; i < m->n_family; i++) {
		const struct member *x = &m->member[m->family[i].first];

		m->family[i].view = &w->crowd[i];
		m->family[i].margin = x->r->host->policy.clock_slack;
		text_fmt(w->crowd[i].name, HOST_NAME, "%s", owner_of(x)->name);
	}
	if (zone_find(w->crowd, w->n_crowd, &w->b, w->resolver, w->deadline,
		e) < 0)
		return -1;
	w->families = families_find(w->crowd, w->n_crowd, NULL, 0);
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

bool
many_same_reply(const struct question *a, const struct question *b)
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
		if (many_same_reply(q, dnskey_of(m, f, i))) {
			f->server[k].keys = f->server[i].keys;
			return;
		}
	f->server[k].keys = mem_new(sizeof(*f->server[k].keys));
	f->server[k].keys_mine = true;
	answer_keys(q, &by, f->server[k].keys);
}

/* What it says of the zone, be it to one of the two questions. */
static void
read_serial(const struct many *m, const struct family *f, size_t k)
{
	const char *zone = f->view->zone;
	const struct addr *a = &f->view->server[k].addr;
	const struct question *soa = batch_find(&m->w->b, a, zone, TYPE_SOA,
	    false);
	const struct question *dnskey = dnskey_of(m, f, k);
	struct glance *g = &f->server[k].serial;

	look_note_serial(soa, zone, g);
	answer_nsid(soa, g->nsid);
	g->answered = (soa != NULL && soa->reply != NULL) ||
	    (dnskey != NULL && dnskey->reply != NULL);
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
			read_serial(m, f, k);
		}
	}
}

void
many_release(struct many *m)
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
	free(m->member);
}

int
many_families(struct many *m, struct err *e)
{
	struct look_work *w = m->w;

	gather(m);
	make_families(m);
	if (m->n_family == 0)
		return 0;
	if (find_zones(m, e) < 0)
		return -1;
	ask_servers(m);
	if (batch_run(&w->b, w->deadline, e) < 0)
		return -1;
	read_servers(m);
	return 0;
}
