/*
 * instance.c - what the servers behind one address may serve.  Adds to the
 * sightings of the address; ends none that one of them may still show.
 */
#include "core/instance.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "core/fold.h"
#include "core/record.h"

#define CROWD "one of too many others" /* is_nameless() */

static bool
valid(const struct glance *g)
{
	return g->look == LOOK_SHOWN || g->look == LOOK_NONE;
}

static bool
is_at(const struct instance *in, const struct addr *addr)
{
	return addr_cmp(&in->auth, addr) == 0;
}

/* It stands for those that there was no room for; no NSID has a blank. */
static bool
is_nameless(const struct instance *in)
{
	return strchr(in->nsid, ' ') != NULL;
}

static size_t
count_nameless(const struct owner *o, const struct addr *addr)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_inst; i++)
		n += is_at(&o->inst[i], addr) && is_nameless(&o->inst[i]);
	return n;
}

static size_t
count_at(const struct owner *o, const struct addr *addr)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_inst; i++)
		n += is_at(&o->inst[i], addr);
	return n;
}

/* It was shown before another one was, and after that. */
static bool
came_back(const struct sighting *a, const struct sighting *b)
{
	return a->set != b->set && a->first_seen != NEVER &&
	    b->first_seen != NEVER && a->first_seen < b->first_seen &&
	    a->last_seen > b->first_seen;
}

static bool
flapped(const struct owner *o, const struct addr *addr, const struct now *now)
{
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *a = &o->seen[i];

		if (addr_cmp(&a->auth, addr) != 0 || a->last_seen == NEVER ||
		    now->elapsed - a->last_seen > POLICY_MEMORY)
			continue;
		for (size_t j = 0; j < o->n_seen; j++)
			if (addr_cmp(&o->seen[j].auth, addr) == 0 &&
			    came_back(a, &o->seen[j]))
				return true;
	}
	return false;
}

bool
instance_many(const struct owner *o, const struct authority *a,
    const char *nsid, const struct now *now)
{
	return count_at(o, &a->addr) > 0 ||
	    (nsid[0] != 0 && a->nsid[0] != 0 && strcmp(nsid, a->nsid) != 0) ||
	    flapped(o, &a->addr, now);
}

/* ---- who is known ---- */

static struct instance *
find(struct owner *o, const struct addr *addr, const char *nsid)
{
	for (size_t i = 0; i < o->n_inst; i++)
		if (is_at(&o->inst[i], addr) &&
		    strcmp(o->inst[i].nsid, nsid) == 0)
			return &o->inst[i];
	return NULL;
}

static void
forget(struct owner *o, size_t i)
{
	o->inst[i] = o->inst[--o->n_inst];
}

/* Another one was heard later to serve the same: only a name is lost. */
static bool
is_spare(const struct owner *o, size_t i)
{
	const struct instance *a = &o->inst[i];

	for (size_t j = 0; j < o->n_inst; j++) {
		const struct instance *b = &o->inst[j];

		if (j != i && is_at(b, &a->auth) && b->set == a->set &&
		    b->ttl == a->ttl && b->heard_at >= a->heard_at)
			return true;
	}
	return false;
}

/* The nameless one that serves what `in` does, or NULL. */
static struct instance *
nameless_like(struct owner *o, const struct instance *in)
{
	for (size_t i = 0; i < o->n_inst; i++) {
		struct instance *x = &o->inst[i];

		if (x != in && is_nameless(x) && is_at(x, &in->auth) &&
		    x->set == in->set && x->ttl == in->ttl)
			return x;
	}
	return NULL;
}

static void
name_nameless(struct owner *o, struct instance *in)
{
	char nsid[NSID_TEXT];
	int i = 1;

	do
		text_fmt(nsid, sizeof(nsid), "one of the others (%d)", i++);
	while (find(o, &in->auth, nsid) != NULL);
	text_fmt(in->nsid, sizeof(in->nsid), "%s", nsid);
}

/* Its name is forgotten; that somebody may serve its set is not.  False when
 * that would be too many, too. */
static bool
lose_name(struct owner *o, size_t i)
{
	struct instance *in = &o->inst[i], *like = nameless_like(o, in);

	if (like == NULL) {
		if (count_nameless(o, &in->auth) >= INSTANCES_MAX)
			return false;
		name_nameless(o, in);
		return true;
	}
	if (in->heard_at > like->heard_at)
		like->heard_at = in->heard_at;
	forget(o, i);
	return true;
}

static bool
make_room(struct owner *o, const struct addr *addr)
{
	if (count_at(o, addr) - count_nameless(o, addr) < INSTANCES_MAX)
		return true;
	for (size_t i = 0; i < o->n_inst; i++)
		if (is_at(&o->inst[i], addr) && !is_nameless(&o->inst[i]) &&
		    is_spare(o, i) && lose_name(o, i))
			return true;
	return false;
}

static struct instance *
add(struct owner *o, const struct addr *addr, const char *nsid,
    const struct now *now)
{
	struct instance *in;

	o->inst = mem_room(o->inst, o->n_inst, &o->cap_inst, sizeof(*o->inst));
	in = &o->inst[o->n_inst++];
	memset(in, 0, sizeof(*in));
	in->auth = *addr;
	text_fmt(in->nsid, sizeof(in->nsid), "%s", nsid);
	in->set = -1;
	in->heard_at = now->elapsed;
	return in;
}

/* Whom there is no room for may serve anything, for as long as one of them
 * would be remembered. */
static void
meet_crowd(struct owner *o, const struct addr *addr, const struct now *now)
{
	struct instance *in = find(o, addr, CROWD);
	char ip[ADDR_TEXT];

	o->blocked = once_fmt(HOST_WHY,
	    "more than %d servers (NSID) that differ are behind %s",
	    INSTANCES_MAX, addr_ip(addr, ip));
	if (in == NULL)
		in = add(o, addr, CROWD, now);
	in->heard_at = now->elapsed;
}

/* NULL when there are too many. */
static struct instance *
meet(struct owner *o, const struct addr *addr, const char *nsid,
    const struct now *now)
{
	struct instance *in = find(o, addr, nsid);

	if (in != NULL)
		return in;
	if (!make_room(o, addr)) {
		meet_crowd(o, addr, now);
		return NULL;
	}
	return add(o, addr, nsid, now);
}

/* The first other NSID: from now on both are known. */
static void
meet_both(struct owner *o, const struct authority *a, const char *nsid,
    const struct now *now)
{
	struct instance *in;

	if (nsid[0] == 0)
		return;
	if (a->nsid[0] != 0 && strcmp(a->nsid, nsid) != 0 &&
	    find(o, &a->addr, a->nsid) == NULL) {
		in = meet(o, &a->addr, a->nsid, now);
		if (in != NULL && a->set >= 0) {
			in->set = a->set;
			in->ttl = a->ttl;
			in->heard_at = a->looked_at;
		}
	}
	if (count_at(o, &a->addr) > 0)
		meet(o, &a->addr, nsid, now);
}

/* ---- who is new ---- */

static bool
is_new(struct owner *o, const struct authority *a, const char *nsid)
{
	return nsid[0] != 0 && a->nsid[0] != 0 && strcmp(a->nsid, nsid) != 0 &&
	    find(o, &a->addr, nsid) == NULL;
}

/* The last time that anybody was seen to serve this set; NEVER. */
static int64_t
set_seen_at(const struct owner *o, int set)
{
	int64_t last = NEVER;

	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].set == set && o->seen[i].last_seen > last)
			last = o->seen[i].last_seen;
	return last;
}

/* All that it may have served until this answer is open again. */
static void
join(struct host *h, struct owner *o, const struct addr *addr,
    const struct now *now)
{
	struct opening op = { .v = NULL };

	for (size_t i = 0; i < o->n_seen; i++) {
		int64_t seen = set_seen_at(o, o->seen[i].set);

		if (seen != NEVER && now->elapsed - seen <= POLICY_MEMORY &&
		    sighting_living(h, &o->seen[i], now->elapsed))
			opening_add(&op, o->seen[i].set, o->seen[i].ttl);
	}
	opening_fit(&op, h, o);
	for (size_t i = 0; i < op.n; i++)
		sighting_keep(h, o, addr, op.v[i].set, op.v[i].ttl, now);
	free(op.v);
}

/* ---- the answers ---- */

static unsigned
keys_covered(const struct host *h, const struct tlsa_set *s)
{
	unsigned n = 0;

	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].stage <= STAGE_DEPLOYED)
			n += record_fails(h, s, &h->key[i]) == NULL;
	return n;
}

static bool
is_worse(const struct host *h, const struct glance *a, const struct glance *b)
{
	if (!valid(a) || !valid(b))
		return a->look > b->look;
	return keys_covered(h, &a->set) < keys_covered(h, &b->set);
}

/* What each one served that was heard. */
static void
hear(struct host *h, struct owner *o, const struct addr *addr,
    const struct glance *g, const struct now *now)
{
	struct instance *in = g->nsid[0] == 0 || !valid(g)
	    ? NULL
	    : find(o, addr, g->nsid);

	if (in == NULL)
		return;
	in->set = sighting_set(h, g);
	in->ttl = g->ttl;
	in->heard_at = now->elapsed;
	in->heard = true;
}

/* What those may serve that were not. */
static void
mind_others(struct host *h, struct owner *o, const struct addr *addr,
    const struct now *now)
{
	for (size_t i = o->n_inst; i-- > 0;) {
		struct instance *in = &o->inst[i];

		if (!is_at(in, addr) || in->heard) {
			in->heard = false;
			continue;
		}
		if (now->elapsed - in->heard_at > POLICY_MEMORY)
			forget(o, i);
		else if (in->set >= 0)
			sighting_keep(h, o, addr, in->set, in->ttl, now);
		else
			sighting_unwatched(h, o, addr, now);
	}
	if (count_at(o, addr) == 1)
		for (size_t i = o->n_inst; i-- > 0;)
			if (is_at(&o->inst[i], addr) &&
			    !is_nameless(&o->inst[i]))
				forget(o, i);
}

void
instance_note(struct host *h, struct owner *o, const struct addr *addr,
    const struct glance *g, size_t n, const char *nsid, const struct now *now)
{
	const struct authority *a = owner_find_authority(o, addr);
	bool more = is_new(o, a, nsid);
	size_t worst = 0;

	for (size_t i = 0; i < n; i++)
		more = more || is_new(o, a, g[i].nsid);
	meet_both(o, a, nsid, now);
	for (size_t i = 0; i < n; i++)
		meet_both(o, a, g[i].nsid, now);
	if (more)
		join(h, o, addr, now);
	for (size_t i = 1; i < n; i++)
		if (is_worse(h, &g[i], &g[worst]))
			worst = i;
	sighting_note(h, o, addr, &g[worst], now);
	for (size_t i = 0; i < n; i++) {
		if (i != worst && valid(&g[i]))
			sighting_also(h, o, addr, &g[i], now);
		hear(h, o, addr, &g[i], now);
	}
	mind_others(h, o, addr, now);
	if (nsid[0] != 0 && g[worst].nsid[0] == 0)
		owner_find_authority(o, addr)->nsid = once(nsid);
}

const char *
instance_of(const struct owner *o, const struct sighting *s)
{
	for (size_t i = 0; i < o->n_inst; i++)
		if (is_at(&o->inst[i], &s->auth) && o->inst[i].set == s->set &&
		    o->inst[i].ttl == s->ttl)
			return o->inst[i].nsid;
	return NULL;
}
