/*
 * zone_cut.c - where the zone of a name begins.  Asks the resolver; what it
 * does not say is not guessed.
 */
#include "edge/zone_cut.h"

#include <string.h>

#include "base/text.h"

struct cuts {
	struct zone_view *v;
	size_t n;
	struct batch *b;
	const struct addr *resolver;
};

/* The part behind the first label; "." behind the last; NULL behind that. */
static const char *
up(const char *name)
{
	const char *dot = strchr(name, '.');

	if (strcmp(name, ".") == 0)
		return NULL;
	return dot[1] == 0 ? "." : dot + 1;
}

static const struct question *
find(const struct cuts *c, const char *name, enum rrtype type)
{
	return batch_find(c->b, c->resolver, name, type, true);
}

/* What was asked, and why it is not known. */
static void
fail_cut(struct zone_view *v, const char *why)
{
	v->ok = false;
	if (v->why[0] == 0)
		text_fmt(v->why, sizeof(v->why), "%s", why);
}

static void
ask_cuts(const struct cuts *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (const char *s = c->v[i].name; s != NULL; s = up(s))
			batch_add(c->b, c->resolver, s, TYPE_SOA, true);
}

/*
 * A resolver follows an alias, whatever it is asked for; where that leads
 * round in a circle, or into a zone that nobody serves, it says SERVFAIL.  It
 * knows all the same that the name is an alias, if asked for just that.
 */
static void
ask_aliases(const struct cuts *c)
{
	struct soa_view soa;
	struct err e;

	for (size_t i = 0; i < c->n; i++)
		for (const char *s = c->v[i].name; s != NULL; s = up(s)) {
			const struct question *q = find(c, s, TYPE_SOA);

			if (q != NULL && q->reply != NULL &&
			    answer_soa(q, s, &soa, &e) < 0)
				batch_add(c->b, c->resolver, s, TYPE_CNAME,
				    true);
		}
}

/* Nothing stands beside an alias (RFC 2181 section 10.1): it is no zone. */
static bool
is_alias(const struct cuts *c, const char *name)
{
	const struct question *q = find(c, name, TYPE_CNAME);
	char to[HOST_NAME];

	return q != NULL && answer_alias(q, name, to);
}

/*
 * The first name from here upward that has an SOA record of its own.  A
 * label that could not be asked about may be the cut: then nothing is known.
 */
static const char *
cut_at(const struct cuts *c, const char *name, char *why, size_t size)
{
	struct soa_view soa;
	struct err e;

	for (const char *s = name; s != NULL; s = up(s)) {
		const struct question *q = find(c, s, TYPE_SOA);

		if (q != NULL && answer_soa(q, s, &soa, &e) == 0) {
			if (soa.found)
				return s;
		} else if (!is_alias(c, s)) {
			text_fmt(why, size,
			    "the resolver does not say whether "
			    "%.60s is a zone: %.80s",
			    s, q == NULL ? "not a name" : e.text);
			return NULL;
		}
	}
	text_fmt(why, size, "no zone was found");
	return NULL;
}

static void
read_cut(const struct cuts *c, struct zone_view *v)
{
	char why[HOST_WHY];
	const char *zone = cut_at(c, v->name, why, sizeof(why)), *parent;

	v->ok = zone != NULL;
	if (zone == NULL) {
		fail_cut(v, why);
		return;
	}
	text_fmt(v->zone, sizeof(v->zone), "%s", zone);
	if (up(zone) == NULL)
		return; /* the root has no parent */
	parent = cut_at(c, up(zone), why, sizeof(why));
	if (parent == NULL)
		fail_cut(v, why);
	else
		text_fmt(v->parent, sizeof(v->parent), "%s", parent);
}

int
zone_cuts(struct zone_view *v, size_t n, struct batch *b,
    const struct addr *resolver, int64_t deadline, struct err *e)
{
	const struct cuts c = { .v = v, .n = n, .b = b, .resolver = resolver };

	ask_cuts(&c);
	if (batch_run(b, deadline, e) < 0)
		return -1;
	ask_aliases(&c);
	if (batch_run(b, deadline, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		read_cut(&c, &v[i]);
	return 0;
}
