/*
 * scenario_alias.c - names that stand for others, in the made-up world: the
 * verbs, and where the worst caches may lead a sender.
 */
#include "scenario_words.h"

#include <stdio.h>
#include <string.h>

#include "core/alias.h"

struct w_owner *
world_owner(struct world *w, const char *name)
{
	for (size_t i = 0; i < w->n_own; i++)
		if (strcmp(w->own[i].name, name) == 0)
			return &w->own[i];
	return NULL;
}

/* `alias TARGET [ttl SPAN]`: instead of records, at all who follow. */
bool
do_alias(struct run *r)
{
	struct w_owner *o = owner_now(r);
	int64_t ttl = o->ttl;

	if (r->n > 1 && (r->n != 3 || !read_span(r, r->w[2], &ttl)))
		return wrong(r, "alias TARGET [ttl SPAN]");
	world_serve(&r->world);
	snprintf(o->alias, HOST_NAME, "%s", r->w[0]);
	memset(&o->primary, 0, sizeof(o->primary));
	o->ttl = (uint32_t)ttl;
	world_change(&r->world, o);
	return true;
}

/* `serve-alias ADDR TARGET SPAN`: from now on, whatever the primary says. */
bool
do_serve_alias(struct run *r)
{
	struct w_auth *a = find_auth(r, r->w[0]);
	int64_t ttl;

	if (a == NULL || !read_span(r, r->w[2], &ttl))
		return false;
	world_serve(&r->world);
	a->frozen = true;
	a->ttl = (uint32_t)ttl;
	a->signed_at = world_true(&r->world);
	memset(&a->serves, 0, sizeof(a->serves));
	snprintf(a->alias, HOST_NAME, "%s", r->w[1]);
	world_serve(&r->world);
	return true;
}

/* The owner that an alias at `from` leads to; NULL: nothing is there. */
static struct w_owner *
lead(struct world *w, const struct w_owner *from, const char *target,
    bool service)
{
	char name[HOST_NAME + 16];
	struct w_owner *to;

	if (service)
		snprintf(name, sizeof(name), "_25._tcp.%s", target);
	else
		snprintf(name, sizeof(name), "%s", target);
	to = world_owner(w, name);
	if (to == NULL || service)
		return to;
	return to->base == from->base ? to : NULL;
}

/*
 * Whoever may be reached from the owner by aliases that caches may hold: each
 * link may be of another time.  Marks them; a base leads to the service there
 * as well.
 */
void
world_reach(struct world *w, unsigned from, bool reached[W_MAX])
{
	bool more = true;

	for (unsigned i = 0; i < w->n_own; i++)
		reached[i] = i == from || (w->own[i].base && w->own[i].named);
	while (more) {
		more = false;
		for (unsigned i = 0; i < w->n_own; i++) {
			const struct w_owner *o = &w->own[i];

			for (size_t k = 0; reached[i] && k < o->n_held; k++) {
				const struct w_held *held = &o->held[k];

				if (held->alias[0] == 0 ||
				    !world_is_held(w, held))
					continue;
				for (int s = 0; s <= o->base; s++) {
					struct w_owner *to = lead(w, o,
					    held->alias, s == 1);

					if (to == NULL || reached[to - w->own])
						continue;
					reached[to - w->own] = more = true;
				}
			}
		}
	}
}

/* `watched NAME`: the agent asks there, and what is served there binds. */
bool
is_watched(struct run *r)
{
	const struct host *h = &r->world.h;

	for (size_t i = 0; i < h->n_own; i++)
		if (strcmp(h->own[i].name, r->w[1]) == 0)
			return !h->own[i].past;
	return false;
}

/* `loop NAME`: the aliases that begin there have no end. */
bool
is_loop(struct run *r)
{
	const struct host *h = &r->world.h;

	for (size_t i = 0; i < h->n_own; i++)
		if (strcmp(h->own[i].name, r->w[1]) == 0)
			return h->own[i].loop;
	return false;
}
