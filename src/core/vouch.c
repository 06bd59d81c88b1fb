/*
 * vouch.c - what an address serves that nobody here can ask, by the word of
 * its name's other addresses.  It is remembered as never seen (first_seen),
 * so that the first answer of its own counts like that of a new server.
 */
#include "core/vouch.h"

#include <string.h>

#include "base/text.h"

static bool
valid(const struct authority *a)
{
	return a->look == LOOK_SHOWN || a->look == LOOK_NONE;
}

/* A wrong answer is one, too, and so is a refusal.  What else tells it is from
 * when that was not taken down. */
static bool
ever_seen(const struct owner *o, const struct authority *a)
{
	if (a->answered || a->has_serial || a->nsid[0] != 0 ||
	    a->look == LOOK_BOGUS || a->look == LOOK_UNSIGNED)
		return true;
	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].first_seen != NEVER &&
		    addr_cmp(&o->seen[i].auth, &a->addr) == 0)
			return true;
	return false;
}

/* The one that speaks for `a`, of the addresses that its name has; NULL when
 * they do not all say the same. */
static const struct authority *
witness(const struct owner *o, const struct authority *a)
{
	const struct authority *w = NULL;

	for (size_t i = 0; i < o->n_auth; i++) {
		const struct authority *x = &o->auth[i];

		if (x->addr.family == a->addr.family || x->left_at != NEVER ||
		    strcmp(x->name, a->name) != 0)
			continue;
		if (!x->fresh || !valid(x) || vouched(o, x) ||
		    (w != NULL && (x->set != w->set || x->ttl != w->ttl)))
			return NULL;
		w = x;
	}
	return w;
}

bool
vouch_note(struct host *h, struct owner *o, const struct addr *addr,
    const struct now *now)
{
	const struct authority *a = owner_find_authority(o, addr), *w;
	struct glance g = { .vouched = true };
	char ip[ADDR_TEXT];

	if (ever_seen(o, a))
		return false;
	w = witness(o, a);
	if (w == NULL)
		return false;
	g.look = w->look;
	g.set = tlsa_set_value(h->set[w->set]);
	text_fmt(g.alias, sizeof(g.alias), "%s", h->target[w->set]);
	g.ttl = w->ttl;
	text_fmt(g.why, sizeof(g.why),
	    "not verified: no IPv%d route here; taken to serve what %s does",
	    addr->family, addr_ip(&w->addr, ip));
	sighting_note(h, o, addr, &g, now);
	return true;
}

bool
vouched(const struct owner *o, const struct authority *a)
{
	if (!valid(a))
		return false;
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];

		if (s->set == a->set && s->ttl == a->ttl && s->gone == NEVER &&
		    addr_cmp(&s->auth, &a->addr) == 0)
			return s->first_seen == NEVER;
	}
	return false;
}
