/*
 * scenario_happen.c - the verbs by which something happens to the world:
 * name servers, mail servers, people and clocks.
 */
#include "scenario_words.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "core/renew.h"

/* `primary SET [ttl SPAN]` */
bool
do_primary(struct run *r)
{
	struct w_owner *o = owner_now(r);
	int64_t ttl = o->ttl;

	if (!read_set(r, r->w[0], &o->primary))
		return false;
	if (r->n > 1 && (r->n != 3 || !read_span(r, r->w[2], &ttl)))
		return wrong(r, "primary SET [ttl SPAN]");
	o->ttl = (uint32_t)ttl;
	o->alias[0] = 0;
	world_change(&r->world, o);
	return true;
}

/* `serve ADDR SET SPAN`: from now on, whatever the primary says. */
bool
do_serve(struct run *r)
{
	struct w_auth *a = find_auth(r, r->w[0]);
	int64_t ttl;

	if (a == NULL || !read_span(r, r->w[2], &ttl))
		return false;
	world_serve(&r->world);
	a->frozen = true;
	a->alias[0] = 0;
	a->ttl = (uint32_t)ttl;
	a->signed_at = world_true(&r->world);
	if (!read_set(r, r->w[1], &a->serves))
		return false;
	world_serve(&r->world);
	return true;
}

static bool
freeze(struct run *r, bool frozen)
{
	struct w_auth *a = find_auth(r, r->w[0]);

	if (a == NULL)
		return false;
	a->frozen = frozen;
	world_follow(&r->world, owner_now(r));
	return true;
}

bool
do_freeze(struct run *r)
{
	return freeze(r, true);
}

bool
do_thaw(struct run *r)
{
	return freeze(r, false);
}

static bool
mood(struct run *r, enum look look)
{
	struct w_auth *a = find_auth(r, r->w[0]);

	if (a != NULL)
		a->mood = look;
	return a != NULL;
}

bool
do_silent(struct run *r)
{
	return mood(r, LOOK_SILENT);
}

bool
do_bogus(struct run *r)
{
	return mood(r, LOOK_BOGUS);
}

bool
do_answers(struct run *r)
{
	return mood(r, LOOK_SHOWN);
}

bool
do_unlist(struct run *r)
{
	struct w_auth *a = find_auth(r, r->w[0]);

	world_serve(&r->world);
	if (a != NULL)
		a->left = r->world.elapsed;
	return a != NULL;
}

bool
do_list(struct run *r)
{
	struct w_auth *a = find_auth(r, r->w[0]);

	if (a == NULL)
		return false;
	a->left = NEVER;
	world_serve(&r->world);
	return true;
}

/* `ns-ttl SPAN`: of the NS set that lists all who are in it. */
bool
do_ns_ttl(struct run *r)
{
	struct w_owner *o = owner_now(r);
	int64_t ttl;

	if (!read_span(r, r->w[0], &ttl))
		return false;
	world_serve(&r->world);
	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].left == NEVER)
			o->auth[i].ns_ttl = (uint32_t)ttl;
	return true;
}

static bool
set_flag(struct run *r, size_t offset, bool value)
{
	struct w_endpoint *ep = find_endpoint(r, r->w[0]);

	if (ep != NULL)
		*(bool *)((char *)ep + offset) = value;
	return ep != NULL;
}

bool
do_down(struct run *r)
{
	return set_flag(r, offsetof(struct w_endpoint, down), true);
}

bool
do_up(struct run *r)
{
	return set_flag(r, offsetof(struct w_endpoint, down), false);
}

bool
do_stuck(struct run *r)
{
	return set_flag(r, offsetof(struct w_endpoint, stuck), true);
}

/* `also ADDR KEY`: to some clients, such as those with another SNI. */
bool
do_also(struct run *r)
{
	struct w_endpoint *ep = find_endpoint(r, r->w[0]);
	int k;

	if (ep == NULL || !read_key(r, r->w[1], &k))
		return false;
	ep->also = k;
	return true;
}

/* It takes up what is installed, now and later. */
bool
do_reload(struct run *r)
{
	struct w_endpoint *ep = find_endpoint(r, r->w[0]);

	if (ep == NULL)
		return false;
	ep->stuck = ep->bare = false;
	ep->also = -1;
	for (int s = 0; s < SLOT_COUNT; s++) {
		ep->key[s] = r->world.installed[s];
		ep->behind[s] = false;
	}
	return true;
}

/* `install KEY`: somebody switches the settings, not danesafe. */
bool
do_install(struct run *r)
{
	struct world *w = &r->world;
	int k;

	if (!read_key(r, r->w[0], &k))
		return false;
	w->installed[w->key[k].slot] = k;
	for (size_t i = 0; i < w->n_ep; i++)
		if (!w->ep[i].stuck)
			w->ep[i].key[w->key[k].slot] = k;
	return true;
}

bool
do_damage(struct run *r)
{
	int k;

	if (!read_key(r, r->w[0], &k))
		return false;
	r->world.key[k].damaged = true;
	return true;
}

bool
do_spoil(struct run *r)
{
	int k;

	if (!read_key(r, r->w[0], &k))
		return false;
	r->world.key[k].cert_bad = true;
	return true;
}

/* `unread KEY`, `read KEY`: the file of its certificate can be read or not. */
static bool
set_unread(struct run *r, bool unread)
{
	int k;

	if (!read_key(r, r->w[0], &k))
		return false;
	r->world.key[k].cert_unread = unread;
	return true;
}

bool
do_unread(struct run *r)
{
	return set_unread(r, true);
}

bool
do_read(struct run *r)
{
	return set_unread(r, false);
}

/* Somebody else puts another certificate for the same key in its file. */
bool
do_renew(struct run *r)
{
	int k;

	if (!read_key(r, r->w[0], &k))
		return false;
	r->world.key[k].face = (struct w_face){ ++r->world.key[k].certs,
		r->n > 1 ? world_issuer(&r->world, r->w[1]) : 0 };
	return true;
}

/* `issue KEY ISSUER`: somebody brings it a chain by `danesafe install-cert`. */
bool
do_issue(struct run *r)
{
	struct world *w = &r->world;
	struct w_face *f;
	struct cover_chain c;
	struct key *k;
	int id;

	if (!read_key(r, r->w[0], &id))
		return false;
	k = key_of(r, id);
	if (k == NULL)
		return wrong(r, "%s is not known to the agent", r->w[0]);
	f = k->stage < STAGE_DEPLOYED ? &w->key[id].face : &w->key[id].next;
	*f = (struct w_face){ ++w->key[id].certs, world_issuer(w, r->w[1]) };
	w->key[id].cert_bad = false;
	c = world_chain(id, f);
	renew_take(&w->h, k, host_chain(&w->h, &c));
	return true;
}

/* `bare ADDR`: it sends the certificate and no issuer. */
bool
do_bare(struct run *r)
{
	struct w_endpoint *ep = find_endpoint(r, r->w[0]);

	if (ep == NULL)
		return false;
	ep->bare = true;
	return true;
}

/* `rollover SLOT [compromised]` */
bool
do_rollover(struct run *r)
{
	struct slot_want *want;
	enum slot s;

	if (!read_slot(r, r->w[0], &s))
		return false;
	want = &r->world.h.slot[s];
	want->rollover_wall = r->world.wall;
	want->compromised = r->n > 1 && strcmp(r->w[1], "compromised") == 0;
	if (r->n > 1 && !want->compromised)
		return wrong(r, "rollover SLOT [compromised]");
	return true;
}

/* `pause SPAN` */
bool
do_pause(struct run *r)
{
	int64_t span;

	if (!read_span(r, r->w[0], &span))
		return false;
	r->world.h.paused_until = r->world.wall + (time_t)span;
	return true;
}

bool
do_resume(struct run *r)
{
	r->world.h.paused_until = 0;
	return true;
}

/* `waive KEY GUARD[:ADDR]` */
bool
do_waive(struct run *r)
{
	struct host *h = &r->world.h;
	char *at = strchr(r->w[1], ':');
	struct waiver wv = { .given_at = r->world.elapsed };
	int k;

	if (at != NULL)
		*at++ = 0;
	wv.guard = guard_parse(r->w[1], strlen(r->w[1]));
	if (!read_key(r, r->w[0], &k) || wv.guard == GUARD_COUNT)
		return wrong(r, "no guard is named '%s'", r->w[1]);
	if (at != NULL &&
	    !read_addr(r, at, wv.guard == GUARD_SERVED ? 25 : 53, &wv.addr))
		return false;
	wv.key = world_spki(k);
	h->waiver = realloc(h->waiver, (h->n_waiver + 1) * sizeof(wv));
	h->cap_waiver = h->n_waiver + 1;
	h->waiver[h->n_waiver++] = wv;
	return true;
}

/* `caches least|stale SPAN`: how caches stretch a TTL. */
bool
do_caches(struct run *r)
{
	struct world *w = &r->world;

	if (strcmp(r->w[0], "least") == 0)
		return read_span(r, r->w[1], &w->cache_least);
	if (strcmp(r->w[0], "stale") == 0)
		return read_span(r, r->w[1], &w->cache_stale);
	return wrong(r, "caches least SPAN, or caches stale SPAN");
}

bool
do_clock(struct run *r)
{
	r->world.trusted = strcmp(r->w[0], "trusted") == 0;
	if (!r->world.trusted && strcmp(r->w[0], "untrusted") != 0)
		return wrong(r, "a clock is trusted or untrusted");
	return true;
}

/* `wall 2d`: the wall clock jumps, elapsed time does not. */
bool
do_wall(struct run *r)
{
	int64_t span;
	bool back = r->w[0][0] == '-';

	if (!read_span(r, r->w[0] + back, &span))
		return false;
	r->world.wall += (time_t)(back ? -span : span);
	return true;
}

bool
do_wait(struct run *r)
{
	int64_t span;

	if (!read_span(r, r->w[0], &span))
		return false;
	world_wait(&r->world, span);
	return true;
}
