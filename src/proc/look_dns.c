/*
 * look_dns.c - the look at the DNS: every authority of every owner is asked
 * directly, in rounds; what it says becomes sightings (look_note.c).
 */
#include "proc/look_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "core/alias.h"
#include "core/left.h"
#include "proc/look_alias.h"

/* ---- what one look works with ---- */

char *
look_host_name(const struct host *h, char name[HOST_NAME])
{
	size_t n = strnlen(h->name, HOST_NAME - 2);

	memcpy(name, h->name, n);
	memcpy(name + n, ".", 2);
	return name;
}

struct look_place *
look_place(struct look_work *w, const struct look_request *r)
{
	return &w->place[r - w->r];
}

/* Calls for each owner of this round that is not settled, with the view of it;
 * in the first round also for each host, with the view of its name. */
struct each {
	void (*owner)(struct look_work *, struct look_request *, struct owner *,
	    struct zone_view *);
	void (*host)(struct look_work *, struct look_request *,
	    struct zone_view *);
};

static bool
is_settled(const struct look_work *w, size_t i, size_t j)
{
	const struct look_place *p = &w->place[i];

	return j < p->n && w->settled[p->first + j];
}

static void
each(struct look_work *w, const struct each *call)
{
	size_t at = 0;

	for (size_t i = 0; i < w->n; i++) {
		struct host *h = w->r[i].host;

		for (size_t j = w->place[i].from; j < h->n_own; j++)
			if (!is_settled(w, i, j))
				call->owner(w, &w->r[i], &h->own[j],
				    &w->view[at++]);
		if (w->later)
			continue;
		if (!w->place[i].shared)
			w->place[i].host = &w->view[at++];
		call->host(w, &w->r[i], w->place[i].host);
	}
}

static void
name_owner(struct look_work *w, struct look_request *r, struct owner *o,
    struct zone_view *v)
{
	(void)w;
	(void)r;
	text_fmt(v->name, HOST_NAME, "%s", o->name);
}

static void
name_host(struct look_work *w, struct look_request *r, struct zone_view *v)
{
	if (!look_place(w, r)->shared)
		look_host_name(r->host, v->name);
}

static void
make_views(struct look_work *w)
{
	static const struct each names = { name_owner, name_host };

	w->n_view = 0;
	for (size_t i = 0; i < w->n; i++) {
		for (size_t j = w->place[i].from; j < w->r[i].host->n_own; j++)
			w->n_view += !is_settled(w, i, j);
		w->n_view += !w->later && !w->place[i].shared;
	}
	w->view = mem_array(w->n_view + 1, sizeof(*w->view));
	each(w, &names);
}

static void
ask_authority(struct look_work *w, const struct addr *a, const struct owner *o,
    const char *zone)
{
	if (families_lack(&w->families, a))
		return;
	batch_add(&w->b, a, o->name, look_type(o), false);
	if (alias_is_base(o)) /* its addresses may be the host's */
		batch_add(&w->b, a, o->name, TYPE_AAAA, false);
	batch_add(&w->b, a, zone, TYPE_DNSKEY, false);
	batch_add(&w->b, a, zone, TYPE_SOA, false);
}

void
look_ask_primary(struct look_work *w, const struct look_request *r,
    const struct owner *o, const char *zone)
{
	if (r->primary.family != 0 && !o->foreign)
		batch_add(&w->b, &r->primary, zone, TYPE_SOA, false);
}

/* Those of the NS sets, and those that left and still count. */
static void
ask_owner(struct look_work *w, struct look_request *r, struct owner *o,
    struct zone_view *v)
{
	if (!v->ok)
		return;
	look_ask_primary(w, r, o, v->zone);
	batch_add(&w->b, w->resolver, o->name, look_type(o), true);
	for (size_t i = 0; i < v->n_server; i++)
		ask_authority(w, &v->server[i].addr, o, v->zone);
	for (size_t i = 0; i < o->n_auth; i++)
		ask_authority(w, &o->auth[i].addr, o, v->zone);
}

/* Whether the name is an alias is asked for in any case. */
void
look_ask_base(const struct look_work *w, struct batch *b,
    const struct look_request *r, const struct zone_view *v)
{
	static const enum rrtype types[] = { TYPE_A, TYPE_AAAA };
	char name[HOST_NAME];

	look_host_name(r->host, name);
	for (int t = 0; t < (r->n_endpoints > 0 ? 1 : 2); t++) {
		batch_add(b, w->resolver, name, types[t], true);
		for (size_t i = 0; v->ok && i < v->n_server; i++)
			batch_add(b, &v->server[i].addr, name, types[t], false);
	}
}

static void
ask_host(struct look_work *w, struct look_request *r, struct zone_view *v)
{
	if (!look_place(w, r)->plain)
		look_ask_base(w, &w->b, r, v);
}

/* ---- the whole ---- */

struct now
look_seen(struct look_work *w)
{
	struct now now = w->now;
	struct clock_reading r;
	int64_t ms, wall_ms, off;

	clock_read(&r);
	ms = r.boot_ms - w->begun.boot_ms;
	wall_ms = ((int64_t)r.wall - (int64_t)w->begun.wall) * 1000;
	now.elapsed += (ms + 999) / 1000;
	now.wall += r.wall - w->begun.wall;
	off = wall_ms > ms ? wall_ms - ms : ms - wall_ms;
	off -= ms / 1000 + 1000; /* its seconds are whole, and it is set right
				    by little and little */
	if (off > w->moved)
		w->moved = off;
	return now;
}

const char *
look_moved(const struct look_work *w, const struct host *h, char *buf,
    size_t size)
{
	char span[24];

	if (w->moved <= h->policy.clock_slack * 1000)
		return NULL;
	when_rough(w->moved / 1000 + 1, span);
	return text_fmt(buf, size,
	    "the wall clock moved by %s while the servers were asked: no "
	    "signature could be judged",
	    span);
}

static void
no_host(struct look_work *w, struct look_request *r, struct zone_view *v)
{
	(void)w;
	(void)r;
	(void)v;
}

/* Addresses behind which there are several servers. */
static void
again_owner(struct look_work *w, struct look_request *r, struct owner *o,
    struct zone_view *v)
{
	if (v->ok)
		look_add_again(w, o, v, r->several);
}

/* What this round brought may lead on: true. */
static bool
lead_on(struct look_work *w)
{
	size_t more = 0;

	for (size_t i = 0; i < w->n; i++) {
		struct look_place *p = &w->place[i];
		struct host *h = w->r[i].host;
		size_t n = h->n_own;

		for (size_t j = p->from; j < n; j++)
			look_hides_ask(&h->own[j], &w->b);
		if (!w->later && !p->plain)
			more += look_base(h, p->host, &w->b, w->resolver);
		more += alias_grow(h, &w->now);
		p->from = n;
	}
	return more > 0;
}

/* The views of the first round are needed to the end. */
static void
end_round(struct look_work *w)
{
	if (w->later) {
		zone_release(w->view, w->n_view);
		free(w->view);
	} else {
		w->first = w->view;
		w->n_first = w->n_view;
		w->first_families = w->families;
	}
	w->view = NULL;
	w->later = true;
}

/* Each owner by itself, whatever is there; those that this one leads to, by an
 * alias, in the next round. */
static int
look_each(struct look_work *w, bool *ret_more, struct err *e)
{
	static const struct each ask = { ask_owner, ask_host },
				 again = { again_owner, no_host },
				 note = { look_note_owner, no_host };
	struct now begun = w->now;

	make_views(w);
	if (zone_find(w->view, w->n_view, &w->b, w->resolver, w->deadline, e) <
	    0)
		return -1;
	w->families = families_find(w->view, w->n_view, w->crowd,
	    w->later ? 0 : w->n_crowd);
	each(w, &ask);
	if (batch_run(&w->b, w->deadline, e) < 0)
		return -1;
	each(w, &again);
	if (look_ask_again(w, e) < 0)
		return -1;
	w->now = look_seen(w);
	each(w, &note);
	*ret_more = lead_on(w);
	w->now = begun;
	end_round(w);
	return 0;
}

/* What is known only when all chains have been followed. */
static int
look_rest(struct look_work *w, struct err *e)
{
	if (batch_run(&w->b, w->deadline, e) < 0)
		return -1;
	w->now = look_seen(w);
	w->families = w->first_families;
	for (size_t i = 0; i < w->n; i++) {
		struct host *h = w->r[i].host;

		for (size_t j = 0; j < h->n_own; j++)
			look_hides(&h->own[j], &w->b);
		alias_settle(h);
		alias_prune(h, &w->now);
		left_prune(h, &w->now);
		look_past(h);
		if (!w->place[i].plain)
			look_base_unsure(w, h, w->place[i].host);
		look_loops(h);
		look_note_addrs(w, &w->r[i], w->place[i].host);
	}
	return 0;
}

static int
look_all(struct look_work *w, struct err *e)
{
	bool more = true;

	if (look_many(w, e) < 0)
		return -1;
	for (int round = 0; more && round <= ALIAS_LINKS + 1; round++)
		if (look_each(w, &more, e) < 0)
			return -1;
	return look_rest(w, e);
}

int
look_dns(struct look_request *r, size_t n, const struct addr *resolver,
    const struct now *now, int64_t deadline, struct err *e)
{
	return look_dns_again(r, n, resolver, now, deadline, NULL, e);
}

int
look_dns_again(struct look_request *r, size_t n, const struct addr *resolver,
    const struct now *now, int64_t deadline, struct answer_past *past,
    struct err *e)
{
	struct look_work w = { .r = r,
		.n = n,
		.resolver = resolver,
		.deadline = deadline,
		.place = mem_array(n + 1, sizeof(*w.place)),
		.memo = answer_memo_new(),
		.past = past,
		.now = *now };
	size_t owners = 0;
	int rc;

	clock_read(&w.begun);
	for (size_t i = 0; i < n; i++) {
		w.place[i].first = owners;
		w.place[i].n = r[i].host->n_own;
		owners += r[i].host->n_own;
	}
	w.settled = mem_array(owners + 1, sizeof(*w.settled));
	answer_memo_recall(w.memo, past);
	rc = look_all(&w, e);
	batch_release(&w.b);
	batch_release(&w.again[0]);
	batch_release(&w.again[1]);
	answer_memo_keep(w.memo);
	answer_memo_free(w.memo);
	if (w.view != NULL)
		zone_release(w.view, w.n_view);
	if (w.first != NULL)
		zone_release(w.first, w.n_first);
	if (w.crowd != NULL)
		zone_release(w.crowd, w.n_crowd);
	free(w.view);
	free(w.first);
	free(w.crowd);
	free(w.place);
	free(w.settled);
	return rc;
}
