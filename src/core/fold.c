/*
 * fold.c - many sightings into few, so that what is remembered is never less
 * than what was seen.  Ends none.
 */
#include "core/fold.h"

#include "base/mem.h"
#include "core/ended.h"

static bool
is_any(const struct host *h, const struct sighting *s)
{
	return tlsa_set_is_any(h->set[s->set]);
}

static bool
is_at(const struct sighting *s, const struct addr *auth)
{
	return addr_cmp(&s->auth, auth) == 0;
}

static bool
is_nowhere(const struct sighting *s)
{
	return s->auth.family == 0;
}

const struct sighting *
fold_nowhere(const struct owner *o)
{
	for (size_t i = 0; i < o->n_seen; i++)
		if (is_nowhere(&o->seen[i]))
			return &o->seen[i];
	return NULL;
}

/* What the authority answered last, and is something. */
static bool
is_last(const struct host *h, const struct owner *o, const struct sighting *s)
{
	if (is_any(h, s))
		return false;
	for (size_t i = 0; i < o->n_auth; i++)
		if (is_at(s, &o->auth[i].addr))
			return o->auth[i].set == s->set &&
			    o->auth[i].ttl == s->ttl;
	return false;
}

/* NEVER is the end of what has none. */
static bool
ends_before(int64_t a, int64_t b)
{
	return a != NEVER && (b == NEVER || a < b);
}

/* All of *s is in *into afterwards. */
static void
merge(struct sighting *into, const struct sighting *s)
{
	if (s->ttl > into->ttl)
		into->ttl = s->ttl;
	if (ends_before(into->gone, s->gone))
		into->gone = s->gone;
	if (s->first_seen != NEVER &&
	    (into->first_seen == NEVER || s->first_seen < into->first_seen))
		into->first_seen = s->first_seen;
	if (s->last_seen > into->last_seen)
		into->last_seen = s->last_seen;
	if (s->signed_life > into->signed_life)
		into->signed_life = s->signed_life;
	into->resigned = into->resigned || s->resigned;
}

static void
merge_row(struct owner *o, size_t into, size_t i)
{
	merge(&o->seen[into], &o->seen[i]);
	o->seen[i] = o->seen[--o->n_seen];
}

/* Two rows of one set at this address; false when there are none. */
static bool
merge_ttls(const struct host *h, struct owner *o, const struct addr *auth)
{
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];

		if (!is_at(s, auth) || is_last(h, o, s))
			continue;
		for (size_t j = i + 1; j < o->n_seen; j++)
			if (o->seen[j].set == s->set &&
			    is_at(&o->seen[j], auth) &&
			    !is_last(h, o, &o->seen[j])) {
				merge_row(o, i, j);
				return true;
			}
	}
	return false;
}

/* The row of `of` that ends first; n_seen when there is none. */
static size_t
oldest(const struct host *h, const struct owner *o,
    bool (*of)(const struct host *, const struct owner *,
	const struct sighting *, const struct addr *),
    const struct addr *auth)
{
	size_t found = o->n_seen;

	for (size_t i = 0; i < o->n_seen; i++)
		if (of(h, o, &o->seen[i], auth) &&
		    (found == o->n_seen ||
			ends_before(sighting_horizon(h, &o->seen[i]),
			    sighting_horizon(h, &o->seen[found]))))
			found = i;
	return found;
}

static bool
may_fold(const struct host *h, const struct owner *o, const struct sighting *s,
    const struct addr *auth)
{
	return is_at(s, auth) && !is_any(h, s) && !is_last(h, o, s);
}

/* One more row becomes part of that of which nothing is known. */
static bool
fold_oldest(struct host *h, struct owner *o, const struct addr *auth)
{
	struct tlsa_set any = tlsa_set_any();
	size_t i = oldest(h, o, may_fold, auth);

	if (i == o->n_seen)
		return false;
	o->seen[i].set = host_set(h, &any);
	ended_forget(&o->seen[i]);
	for (size_t j = 0; j < o->n_seen; j++)
		if (j != i && is_at(&o->seen[j], auth) &&
		    is_any(h, &o->seen[j])) {
			merge_row(o, j, i);
			break;
		}
	return true;
}

static size_t
count_at(const struct owner *o, const struct addr *auth)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_seen; i++)
		n += is_at(&o->seen[i], auth);
	return n;
}

static size_t
part(const struct owner *o)
{
	size_t n = SIGHTINGS_MAX / (o->n_auth > 0 ? o->n_auth : 1);

	return n < SIGHTINGS_ONE ? n : SIGHTINGS_ONE;
}

static void
fold_to(struct host *h, struct owner *o, const struct addr *auth, size_t max)
{
	for (size_t n = count_at(o, auth); n > max; n = count_at(o, auth))
		if (!merge_ttls(h, o, auth) && !fold_oldest(h, o, auth))
			return;
}

void
fold_at(struct host *h, struct owner *o, const struct addr *auth)
{
	fold_to(h, o, auth, part(o) - 1);
}

static bool
has_left(const struct host *h, const struct owner *o, const struct sighting *s,
    const struct addr *auth)
{
	(void)h;
	(void)auth;
	for (size_t i = 0; i < o->n_auth; i++)
		if (is_at(s, &o->auth[i].addr))
			return false;
	return !is_nowhere(s);
}

static size_t
count_left(const struct host *h, const struct owner *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_seen; i++)
		n += has_left(h, o, &o->seen[i], NULL);
	return n;
}

/* Of addresses that nobody lists any more. */
static void
fold_left(struct host *h, struct owner *o)
{
	struct tlsa_set any = tlsa_set_any();

	for (size_t n = count_left(h, o); n > SIGHTINGS_LEFT; n--) {
		size_t i = oldest(h, o, has_left, NULL), j = 0;

		while (j < o->n_seen && !is_nowhere(&o->seen[j]))
			j++;
		o->seen[i].set = host_set(h, &any);
		ended_forget(&o->seen[i]);
		o->seen[i].auth = (struct addr){ .family = 0 };
		if (j < o->n_seen)
			merge_row(o, j, i);
	}
}

void
fold(struct host *h, struct owner *o)
{
	for (size_t i = 0; i < o->n_auth; i++)
		fold_to(h, o, &o->auth[i].addr, part(o));
	fold_left(h, o);
}

/* ---- many at once ---- */

void
opening_add(struct opening *op, int set, uint32_t ttl)
{
	for (size_t i = 0; i < op->n; i++)
		if (op->v[i].set == set && op->v[i].ttl == ttl)
			return;
	op->v = mem_room(op->v, op->n, &op->cap, sizeof(*op->v));
	op->v[op->n].set = set;
	op->v[op->n++].ttl = ttl;
}

/* Each set once, with its longest TTL; the longest of all comes back. */
static uint32_t
longest(struct opening *op)
{
	size_t n = op->n;
	uint32_t most = 0;

	op->n = 0;
	for (size_t i = 0, j; i < n; i++) {
		for (j = 0; j < op->n; j++)
			if (op->v[j].set == op->v[i].set)
				break;
		if (op->v[i].ttl > most)
			most = op->v[i].ttl;
		if (j == op->n)
			op->v[op->n++] = op->v[i];
		else if (op->v[i].ttl > op->v[j].ttl)
			op->v[j].ttl = op->v[i].ttl;
	}
	return most;
}

void
opening_fit(struct opening *op, struct host *h, const struct owner *o)
{
	struct tlsa_set any = tlsa_set_any();
	uint32_t ttl;

	if (op->n < part(o))
		return;
	ttl = longest(op);
	if (op->n < part(o))
		return;
	op->n = 0;
	opening_add(op, host_set(h, &any), ttl);
}
