/*
 * meet.c - who may hold whose records.  Follows aliases; judges nothing.
 */
#include "core/meet.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/alias.h"

void
reach_begin(struct reach *r, const struct host *h)
{
	r->at = mem_array(h->n_own + 1, sizeof(*r->at));
	r->is = mem_array(h->n_own + 1, sizeof(*r->is));
	r->n = 0;
}

static void
add(struct reach *r, size_t owner)
{
	if (r->is[owner])
		return;
	r->is[owner] = true;
	r->at[r->n++] = (unsigned)owner;
}

void
reach_from(struct reach *r, const struct host *h, unsigned from,
    int64_t elapsed)
{
	while (r->n > 0)
		r->is[r->at[--r->n]] = false;
	add(r, from);
	for (size_t i = 0; i < r->n; i++) {
		const struct owner *o = &h->own[r->at[i]], *to;

		for (size_t k = 0; k < o->n_seen; k++) {
			to = alias_follow(h, o, &o->seen[k], elapsed);
			if (to != NULL)
				add(r, (size_t)(to - h->own));
		}
	}
}

void
reach_release(struct reach *r)
{
	free(r->at);
	free(r->is);
	*r = (struct reach){ .n = 0 };
}

/* Counts, for every owner (or puts down, when there is room), the endpoints
 * whose senders may hold its records. */
static void
note_all(struct meet *m, struct reach *r, int64_t elapsed, size_t *at)
{
	const struct host *h = m->h;

	for (size_t i = 0, end; i < h->n_ep; i = end) {
		reach_from(r, h, h->ep[i].owner, elapsed);
		end = host_endpoints(h, h->ep[i].owner + 1);
		for (size_t j = 0; j < r->n; j++)
			for (size_t k = i; k < end; k++, at[r->at[j]]++)
				if (m->ep != NULL)
					m->ep[at[r->at[j]]] = (unsigned)k;
	}
}

void
meet_begin(struct meet *m, const struct host *h, int64_t elapsed)
{
	size_t *at, sum = 0;
	struct reach r;

	*m = (struct meet){ .h = h };
	if (!alias_is_anywhere(h))
		return;
	reach_begin(&r, h);
	m->first = mem_array(h->n_own + 1, sizeof(*m->first));
	at = mem_array(h->n_own + 1, sizeof(*at));
	note_all(m, &r, elapsed, at);
	for (size_t i = 0; i < h->n_own; i++) {
		m->first[i] = sum;
		sum += at[i];
		at[i] = m->first[i];
	}
	m->first[h->n_own] = sum;
	m->ep = mem_array(sum + 1, sizeof(*m->ep));
	note_all(m, &r, elapsed, at);
	free(at);
	reach_release(&r);
}

const struct endpoint *
meet_next(const struct meet *m, unsigned owner, size_t *at)
{
	const struct host *h = m->h;
	size_t i;

	if (m->ep == NULL) {
		i = host_endpoints(h, owner) + (*at)++;
		return i < h->n_ep && h->ep[i].owner == owner ? &h->ep[i]
							      : NULL;
	}
	i = m->first[owner] + (*at)++;
	return i < m->first[owner + 1] ? &h->ep[m->ep[i]] : NULL;
}

void
meet_release(struct meet *m)
{
	free(m->ep);
	free(m->first);
	*m = (struct meet){ .h = NULL };
}
