/*
 * look_alias.c - what a look makes of names that stand for others: who else
 * must be asked, and what cannot be followed.
 */
#include "proc/look_alias.h"

#include <string.h>

#include "base/once.h"
#include "base/text.h"
#include "core/alias.h"
#include "proc/look_work.h"

/* The part behind the first label. */
static const char *
up(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot == NULL || dot[1] == 0 ? "." : dot + 1;
}

enum rrtype
look_type(const struct owner *o)
{
	return alias_is_base(o) ? TYPE_A : TYPE_TLSA;
}

/* ---- the name of the host itself ---- */

static bool
is_alias(const struct batch *b, const struct addr *at, const char *name,
    bool resolver)
{
	const struct question *q = batch_find(b, at, name, TYPE_A, resolver);
	char to[HOST_NAME];

	return q != NULL && answer_alias(q, name, to);
}

bool
look_base(struct host *h, const struct zone_view *v, const struct batch *b,
    const struct addr *resolver)
{
	size_t n = h->n_own;
	char name[HOST_NAME];
	bool found;

	look_host_name(h, name);
	found = is_alias(b, resolver, name, true);
	for (size_t i = 0; v->ok && i < v->n_server; i++)
		found = found || is_alias(b, &v->server[i].addr, name, false);
	if (!found)
		return false;
	host_owner(h, name, 0);
	return h->n_own > n;
}

/* ---- one owner ---- */

static bool
knows(const struct host *h, const struct owner *o, const char *target,
    int64_t elapsed)
{
	for (size_t i = 0; i < o->n_seen; i++) {
		const char *to = alias_target(h, o->seen[i].set);

		if (to != NULL && strcmp(to, target) == 0 &&
		    sighting_living(h, &o->seen[i], elapsed))
			return true;
	}
	return false;
}

void
look_resolver_alias(const struct host *h, struct owner *o,
    const struct question *q, const struct now *now)
{
	char to[HOST_NAME];

	if (q == NULL || o->blocked[0] != 0 || !answer_alias(q, o->name, to) ||
	    knows(h, o, to, now->elapsed))
		return;
	o->blocked = once_fmt(HOST_WHY,
	    "the resolver still follows an alias from here to %.110s, which "
	    "no name server shows",
	    to);
}

/* ---- the name of the host, at the end of a look ---- */

/* Did it say whether the name is an alias? */
static bool
says(const struct batch *b, const struct addr *at, const char *name)
{
	const struct question *q = batch_find(b, at, name, TYPE_A, false);
	struct answer_head head;
	struct err e;

	return q != NULL && answer_head(q, name, TYPE_A, &head, &e) == 0 &&
	    head.aa && (head.rcode == 0 || head.rcode == 3);
}

/* Its silence is noted at an owner, and waited for there. */
static bool
is_noted(const struct host *h, const struct addr *at)
{
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++) {
			const struct authority *a = &h->own[i].auth[j];

			if (addr_cmp(&a->addr, at) == 0 &&
			    a->look != LOOK_SHOWN && a->look != LOOK_NONE)
				return true;
		}
	return false;
}

/* One that stays: in the config, a service's. */
static struct owner *
service(struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++)
		if (!h->own[i].derived && !alias_is_base(&h->own[i]))
			return &h->own[i];
	return NULL;
}

static void
unsure_base(const struct look_work *w, const struct host *h,
    const struct zone_view *v, const char *name, struct owner *o)
{
	if (!v->ok) {
		o->blocked = once_fmt(HOST_WHY,
		    "whether %.60s is an alias is not known: %.100s", name,
		    v->why);
		return;
	}
	for (size_t i = 0; i < v->n_server; i++) {
		const struct zone_server *s = &v->server[i];

		if (says(&w->b, &s->addr, name) || is_noted(h, &s->addr) ||
		    (families_lack(&w->families, &s->addr) &&
			families_spare(v, s)))
			continue;
		o->blocked = once_fmt(HOST_WHY,
		    "%.60s does not say whether %.60s is an alias", s->name,
		    name);
	}
}

void
look_base_unsure(const struct look_work *w, struct host *h,
    const struct zone_view *v)
{
	struct owner *base = NULL, *o = service(h);
	char name[HOST_NAME], to[HOST_NAME];
	const struct question *q;

	look_host_name(h, name);
	for (size_t i = 0; i < h->n_own; i++)
		if (strcmp(h->own[i].name, name) == 0)
			base = &h->own[i];
	if (o == NULL || o->blocked[0] != 0)
		return;
	if (base == NULL)
		unsure_base(w, h, v, name, o);
	q = batch_find(&w->b, w->resolver, name, TYPE_A, true);
	if (q != NULL && answer_alias(q, name, to) &&
	    (base == NULL || !knows(h, base, to, w->now.elapsed)))
		o->blocked = once_fmt(HOST_WHY,
		    "the resolver still follows an alias from %.60s to %.60s, "
		    "which no name server shows",
		    name, to);
}

/* ---- wildcards, and what is wrong ---- */

/* By the wildcard's name; "" where the records stand at the name. */
void
look_source(struct owner *o, const struct glance *g, struct look_sources *s)
{
	if (g->look != LOOK_SHOWN || g->alias[0] != 0)
		return;
	if (s->n++ == 0)
		o->source = once_fmt(HOST_NAME, "%s", g->source);
	else if (strcmp(o->source, g->source) != 0 && o->blocked[0] == 0)
		o->blocked = once_fmt(HOST_WHY,
		    "some name servers answer with the records of the "
		    "wildcard %.100s, others not",
		    g->source[0] != 0 ? g->source : o->source);
}

void
look_past(struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].past)
			h->own[i].blocked = "";
}

void
look_loops(struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].loop)
			h->own[i].blocked = once_fmt(HOST_WHY,
			    "the aliases that begin here lead nowhere: they "
			    "are a loop, or more than %d in a row; senders "
			    "defer mail",
			    ALIAS_LINKS);
}

/* ---- what first records would hide ---- */

/* No records are there.  A zone's own name is there in any case, so that first
 * ones bring no name into being. */
static bool
is_dark(const struct owner *o)
{
	if (strcmp(o->name, o->zone) == 0)
		return false;
	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].look != LOOK_NONE)
			return false;
	return o->n_auth > 0 && !alias_is_base(o);
}

static const char *
star(const char *name, char buf[HOST_NAME])
{
	return text_fmt(buf, HOST_NAME, "*.%.252s",
	    strcmp(name, ".") == 0 ? "" : name);
}

void
look_hides_ask(const struct owner *o, struct batch *b)
{
	char wild[HOST_NAME];

	if (!is_dark(o) || o->zone[0] == 0)
		return;
	for (size_t i = 0; i < o->n_auth; i++)
		for (const char *s = up(o->name);; s = up(s)) {
			batch_add(b, &o->auth[i].addr, star(s, wild), TYPE_TLSA,
			    false);
			if (strcmp(s, o->zone) == 0 || strcmp(s, ".") == 0)
				break;
			batch_add(b, &o->auth[i].addr, s, TYPE_TLSA, false);
		}
}

/* 1: the name is there, or a wildcard stands for it; 0: not; -1: unknown. */
static int
exists(const struct batch *b, const struct addr *at, const char *name)
{
	const struct question *q = batch_find(b, at, name, TYPE_TLSA, false);
	struct answer_head head;
	struct err e;

	if (q == NULL || answer_head(q, name, TYPE_TLSA, &head, &e) < 0 ||
	    !head.aa || (head.rcode != 0 && head.rcode != 3))
		return -1;
	return head.rcode == 0;
}

/* A wildcard further up stands for a question with a star in it, too: the one
 * furthest up is meant, but none above the host, which is there itself. */
static void
name_it(const struct owner *o, const struct addr *at, const struct batch *b,
    const char *name, char wild[HOST_NAME])
{
	char above[HOST_NAME];

	while (name[0] == '_' && strcmp(name, o->zone) != 0) {
		name = up(name);
		if (exists(b, at, star(name, above)) <= 0)
			break;
		memcpy(wild, above, HOST_NAME);
	}
}

/*
 * Upward to the closest name that is there: the wildcard below it, and none
 * other, answers for the names that first records would bring into being.
 */
static int
hidden_at(const struct owner *o, const struct addr *at, const struct batch *b,
    char wild[HOST_NAME])
{
	int is;

	for (const char *s = up(o->name);; s = up(s)) {
		is = exists(b, at, star(s, wild));
		if (is > 0)
			name_it(o, at, b, s, wild);
		if (is != 0 || strcmp(s, o->zone) == 0 || strcmp(s, ".") == 0)
			return is;
		is = exists(b, at, s);
		if (is != 0)
			return is > 0 ? 0 : -1;
	}
}

void
look_hides(struct owner *o, const struct batch *b)
{
	char wild[HOST_NAME];
	int is;

	if (!is_dark(o)) {
		if (strcmp(o->name, o->zone) == 0 ||
		    (o->n_auth > 0 && o->auth[0].look == LOOK_SHOWN))
			o->hides = "";
		return;
	}
	o->hides = o->source = "";
	for (size_t i = 0; i < o->n_auth; i++) {
		is = hidden_at(o, &o->auth[i].addr, b, wild);
		if (is > 0)
			o->hides = once_fmt(HOST_NAME, "%s", wild);
		else if (is < 0 && o->blocked[0] == 0)
			o->blocked = once_fmt(HOST_WHY,
			    "%.60s does not say whether there is a wildcard "
			    "%.90s",
			    o->auth[i].name, wild);
	}
}
