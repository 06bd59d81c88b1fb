/*
 * zone.c - who serves this name: chain of trust, every address of both sides'
 * NS sets.  Asks through the resolver and the parents' servers;
 * an address that is missed here is one that nobody watches, so what may be
 * short is said.
 */
#include "edge/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "edge/zone_cut.h"

/* Any server of the zone may list more, unsigned; a name costs the resolver
 * two questions. */
#define SERVERS_MAX 64
#define NAMES_MAX 64

/* The NS names of one view, of the zone and of its parent. */
struct names {
	char (*v)[HOST_NAME];
	size_t n, cap;
};

struct work {
	struct zone_view *v;
	struct names *names; /* one a view */
	size_t n;
	const struct addr *resolver;
	struct batch *b;
};

static void
fail(struct zone_view *v, const char *what, const char *why)
{
	v->ok = false;
	if (v->why[0] == 0)
		text_fmt(v->why, sizeof(v->why), "%.100s: %.90s", what, why);
}

static void
short_list(struct zone_view *v, const char *what, const char *why)
{
	if (v->incomplete[0] == 0)
		text_fmt(v->incomplete, sizeof(v->incomplete), "%.100s: %.90s",
		    what, why);
}

static const struct question *
find(const struct work *w, const char *name, enum rrtype type)
{
	return batch_find(w->b, w->resolver, name, type, true);
}

/* ---- DS, and the names of both sides ---- */

static void
ask_sets(struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct zone_view *v = &w->v[i];

		if (!v->ok)
			continue;
		batch_add(w->b, w->resolver, v->zone, TYPE_DS, true);
		batch_add(w->b, w->resolver, v->zone, TYPE_NS, true);
		if (v->parent[0] != 0)
			batch_add(w->b, w->resolver, v->parent, TYPE_NS, true);
	}
}

static void
read_ds(struct work *w)
{
	struct err e;

	for (size_t i = 0; i < w->n; i++) {
		struct zone_view *v = &w->v[i];
		const struct question *q = find(w, v->zone, TYPE_DS);

		if (v->ok &&
		    (q == NULL || answer_ds(q, v->zone, &v->ds, &e) < 0))
			fail(v, v->zone, q == NULL ? "no DS" : e.text);
	}
}

/* Is there room for this one?  One that was asked about keeps its place. */
static bool
take_name(struct work *w, struct zone_view *v, const char *zone,
    const char *name)
{
	struct names *l = &w->names[v - w->v];

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], name) == 0)
			return true;
	if (l->n == NAMES_MAX) {
		short_list(v, zone, "it has more than 64 name servers");
		return false;
	}
	l->v = mem_room(l->v, l->n, &l->cap, sizeof(*l->v));
	text_fmt(l->v[l->n++], HOST_NAME, "%s", name);
	return true;
}

static void
ask_addrs(struct work *w, struct zone_view *v, const char *zone,
    const struct name_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!take_name(w, v, zone, l->v[i].name))
			continue;
		batch_add(w->b, w->resolver, l->v[i].name, TYPE_A, true);
		batch_add(w->b, w->resolver, l->v[i].name, TYPE_AAAA, true);
	}
}

/* All addresses of a name: those of the resolver, and glue in the list.
 * False when nobody could say. */
static bool
addrs_of(const struct work *w, const char *name, struct name_list *out)
{
	static const enum rrtype types[] = { TYPE_A, TYPE_AAAA };
	bool whole = true;
	struct err e;

	for (int t = 0; t < 2; t++) {
		const struct question *q = find(w, name, types[t]);

		if (q == NULL || answer_addrs(q, name, out, &e) < 0)
			whole = false;
	}
	return whole;
}

/* NS names of a zone as the resolver has them. */
static int
resolver_ns(const struct work *w, const char *zone, struct name_list *l)
{
	const struct question *q = find(w, zone, TYPE_NS);
	struct err e;

	return q == NULL ? -1 : answer_ns(q, zone, l, &e);
}

/* The parents' server addresses are needed only to ask them. */
static void
each_parent(struct work *w,
    void (*each)(struct work *, struct zone_view *, const struct addr *,
	void *),
    void *arg)
{
	for (size_t i = 0; i < w->n; i++) {
		struct zone_view *v = &w->v[i];
		struct name_list names = { .v = NULL }, addrs = { .v = NULL };

		if (v->ok && v->parent[0] != 0)
			resolver_ns(w, v->parent, &names);
		for (size_t k = 0; k < names.n; k++)
			if (names.v[k].addr.family == 0)
				addrs_of(w, names.v[k].name, &addrs);
		if (addrs.n > SERVERS_MAX)
			short_list(v, v->parent, "it has too many servers");
		for (size_t k = 0; k < addrs.n && k < SERVERS_MAX; k++) {
			struct addr a = addrs.v[k].addr;

			a.port = 53;
			each(w, v, &a, arg);
		}
		name_list_release(&names);
		name_list_release(&addrs);
	}
}

static void
ask_names_of_servers(struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct zone_view *v = &w->v[i];
		const char *zone[] = { v->parent, v->zone };

		for (int k = 0; v->ok && k < 2; k++) {
			struct name_list l = { .v = NULL };

			if (zone[k][0] != 0)
				resolver_ns(w, zone[k], &l);
			ask_addrs(w, v, zone[k], &l);
			name_list_release(&l);
		}
	}
}

static void
ask_parent(struct work *w, struct zone_view *v, const struct addr *a, void *arg)
{
	(void)arg;
	batch_add(w->b, a, v->zone, TYPE_NS, false);
}

/* ---- the servers ---- */

static void
add_server(struct zone_view *v, const struct name_addr *at, const char *name,
    bool parent)
{
	struct zone_server *s = NULL;
	struct addr a = at->addr;

	a.port = 53;
	for (size_t i = 0; i < v->n_server; i++)
		if (addr_cmp(&v->server[i].addr, &a) == 0)
			s = &v->server[i];
	if (s == NULL && v->n_server == SERVERS_MAX) {
		short_list(v, v->zone, "more than 64 addresses are listed");
		return;
	}
	if (s == NULL) {
		v->server = mem_room(v->server, v->n_server, &v->cap_server,
		    sizeof(*v->server));
		s = &v->server[v->n_server++];
		s->addr = a;
		text_fmt(s->name, sizeof(s->name), "%s", name);
	}
	if (at->ttl > s->ttl)
		s->ttl = at->ttl;
	if (parent)
		s->parent = true;
	else
		s->child = true;
}

/* Takes one side's NS set: names, glue, and what the resolver has. */
static void
take_side(struct work *w, struct zone_view *v, const struct name_list *l,
    bool parent)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct name_addr *na = &l->v[i];
		struct name_list addrs = { .v = NULL };
		bool whole;

		if (na->addr.family != 0) {
			add_server(v, na, na->name, parent);
			continue;
		}
		if (na->ttl > v->ns_ttl)
			v->ns_ttl = na->ttl;
		if (!take_name(w, v, v->zone, na->name))
			continue;
		whole = addrs_of(w, na->name, &addrs);
		for (size_t k = 0; k < addrs.n; k++)
			add_server(v, &addrs.v[k], na->name, parent);
		if (!whole || addrs.n == 0)
			short_list(v, na->name, "its addresses are not known");
		name_list_release(&addrs);
	}
}

struct side {
	bool take;	  /* else: only ask for the addresses of the names */
	size_t *answered; /* one a view */
};

static void
from_parent(struct work *w, struct zone_view *v, const struct addr *a,
    void *arg)
{
	const struct question *q = batch_find(w->b, a, v->zone, TYPE_NS, false);
	struct name_list l = { .v = NULL };
	const struct side *s = arg;
	struct err e;

	if (q != NULL && q->reply != NULL &&
	    answer_ns(q, v->zone, &l, &e) == 0) {
		s->answered[v - w->v]++;
		if (s->take) {
			take_side(w, v, &l, true);
			ns_sides_note(&v->sides, q, v->zone, true);
		} else
			ask_addrs(w, v, v->zone, &l);
	}
	name_list_release(&l);
}

static void
from_children(struct work *w, bool take)
{
	struct err e;

	for (size_t i = 0; i < w->n; i++) {
		struct zone_view *v = &w->v[i];
		size_t n = v->n_server;

		for (size_t k = 0; v->ok && k < n; k++) {
			const struct question *q = batch_find(w->b,
			    &v->server[k].addr, v->zone, TYPE_NS, false);
			struct name_list l = { .v = NULL };

			if (q != NULL && q->reply != NULL &&
			    answer_ns(q, v->zone, &l, &e) == 0) {
				if (take) {
					take_side(w, v, &l, false);
					ns_sides_note(&v->sides, q, v->zone,
					    false);
				} else
					ask_addrs(w, v, v->zone, &l);
			}
			name_list_release(&l);
		}
	}
}

static void
from_resolver(struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct zone_view *v = &w->v[i];
		struct name_list l = { .v = NULL };

		if (v->ok && resolver_ns(w, v->zone, &l) < 0)
			short_list(v, v->zone, "the resolver has no NS set");
		take_side(w, v, &l, false);
		name_list_release(&l);
	}
}

static void
ask_children(struct work *w)
{
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; w->v[i].ok && k < w->v[i].n_server; k++)
			batch_add(w->b, &w->v[i].server[k].addr, w->v[i].zone,
			    TYPE_NS, false);
}

static void
conclude(struct work *w, const size_t *answered)
{
	for (size_t i = 0; i < w->n; i++) {
		struct zone_view *v = &w->v[i];

		if (v->ok && v->n_server == 0)
			fail(v, v->zone, "no name server was found");
		if (v->ok && v->parent[0] != 0 && answered[i] == 0)
			short_list(v, v->parent,
			    "no server of the parent "
			    "answered");
	}
}

static int
phases(struct work *w, size_t *answered, int64_t deadline, struct err *e)
{
	struct side side = { .take = false, .answered = answered };

	if (zone_cuts(w->v, w->n, w->b, w->resolver, deadline, e) < 0)
		return -1;
	ask_sets(w);
	if (batch_run(w->b, deadline, e) < 0)
		return -1;
	read_ds(w);
	ask_names_of_servers(w);
	if (batch_run(w->b, deadline, e) < 0)
		return -1;
	each_parent(w, ask_parent, NULL);
	if (batch_run(w->b, deadline, e) < 0)
		return -1;
	each_parent(w, from_parent, &side);
	if (batch_run(w->b, deadline, e) < 0)
		return -1;
	memset(answered, 0, w->n * sizeof(*answered));
	side.take = true;
	each_parent(w, from_parent, &side);
	from_resolver(w);
	ask_children(w);
	if (batch_run(w->b, deadline, e) < 0)
		return -1;
	from_children(w, false);
	if (batch_run(w->b, deadline, e) < 0)
		return -1;
	from_children(w, true);
	conclude(w, answered);
	return 0;
}

int
zone_find(struct zone_view *v, size_t n, struct batch *b,
    const struct addr *resolver, int64_t deadline, struct err *e)
{
	struct work w = { .v = v,
		.names = mem_array(n + 1, sizeof(*w.names)),
		.n = n,
		.b = b,
		.resolver = resolver };
	size_t *answered = mem_array(n + 1, sizeof(*answered));
	int rc = phases(&w, answered, deadline, e);

	for (size_t i = 0; i < n; i++)
		free(w.names[i].v);
	free(w.names);
	free(answered);
	return rc;
}

void
zone_release(struct zone_view *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].server);
		ns_sides_release(&v[i].sides);
	}
}
