/*
 * look_dns.c - the look at the DNS: every authority of every owner is asked
 * directly, and what it says becomes sightings.  Silence is an outcome too.
 */
#include "proc/look_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "base/when.h"
#include "core/alias.h"
#include "core/instance.h"
#include "core/left.h"
#include "core/serial.h"
#include "core/vouch.h"
#include "proc/look_alias.h"

/*
 * Lists are not signed, and who is listed is asked and remembered for as long
 * as the TTL says: any server of the zone could have a pass last for ever.
 */
#define AUTHORITIES_MAX 128 /* of an owner, with those that left */

/* ---- what one look works with ---- */

char *
look_host_name(const struct host *h, char name[HOST_NAME])
{
	return text_fmt(name, HOST_NAME, "%.254s.", h->name);
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

/* ---- owners ---- */

/* No address said anything that counts, for this reason. */
static void
note_nothing(struct look_work *w, struct host *h, struct owner *o,
    const char *why)
{
	struct glance g = { .look = LOOK_SILENT };

	text_fmt(g.why, sizeof(g.why), "%s", why);
	for (size_t i = 0; i < o->n_auth; i++)
		sighting_note(h, o, &o->auth[i].addr, &g, &w->now);
	text_fmt(o->blocked, sizeof(o->blocked), "%s", why);
}

/*
 * Who serves the name could not be found out.  It is said at once: when the
 * chain of trust is broken the resolver answers so, to senders too.
 */
static void
note_silence(struct look_work *w, struct host *h, struct owner *o,
    const struct zone_view *v)
{
	note_nothing(w, h, o, v->why);
	o->blocked[0] = 0;
	if (o->left) /* its zone may be gone for good: guards can be skipped */
		return;
	text_fmt(o->blocked, sizeof(o->blocked),
	    "%.130s; senders whose resolvers see the same defer mail", v->why);
}

/* Room for those that there are, and no more: owners are many. */
static void
make_room(struct owner *o, size_t n)
{
	if (o->cap_auth > 0 || n == 0 || n > AUTHORITIES_MAX)
		return;
	o->auth = mem_array(n, sizeof(*o->auth));
	o->cap_auth = n;
}

static void
note_listed(struct host *h, struct owner *o, const struct zone_view *v,
    const struct now *now)
{
	struct addr *listed = mem_array(v->n_server + 1, sizeof(*listed));

	make_room(o, v->n_server);
	for (size_t i = 0; i < v->n_server; i++) {
		uint32_t ttl = v->server[i].ttl;

		listed[i] = v->server[i].addr;
		if (o->n_auth == AUTHORITIES_MAX &&
		    owner_find_authority(o, &listed[i]) == NULL) {
			text_fmt(o->blocked, sizeof(o->blocked),
			    "its name servers have more than %d addresses, "
			    "with those that left",
			    AUTHORITIES_MAX);
			continue;
		}
		if (v->ns_ttl > ttl)
			ttl = v->ns_ttl;
		sighting_listed(h, o, &listed[i], v->server[i].name, ttl, now);
	}
	/* A list that may be short lets nobody go. */
	if (v->incomplete[0] == 0)
		sighting_unlisted(h, o, listed, v->n_server, now);
	free(listed);
}

void
look_note_zone(struct host *h, struct owner *o, const struct zone_view *v,
    const struct now *now)
{
	o->zone = once_fmt(HOST_NAME, "%s", v->zone);
	free(o->ns_differ);
	o->ns_differ = ns_sides_differ(&v->sides, v->zone);
	note_listed(h, o, v, now);
}

void
look_note_serial(const struct question *soa, const char *zone, struct glance *g)
{
	struct soa_view sv;
	struct err e;

	if (soa == NULL || soa->reply == NULL ||
	    answer_soa(soa, zone, &sv, &e) < 0 || !sv.found)
		return;
	g->has_serial = true;
	g->serial = sv.serial;
	g->refresh = sv.refresh;
}

void
look_ask_primary(struct look_work *w, const struct look_request *r,
    const struct owner *o, const char *zone)
{
	if (r->primary.family != 0 && !o->foreign)
		batch_add(&w->b, &r->primary, zone, TYPE_SOA, false);
}

void
look_note_primary(const struct look_work *w, const struct look_request *r,
    struct owner *o)
{
	struct glance g = { .has_serial = false };

	if (r->primary.family != 0 && !o->foreign)
		look_note_serial(batch_find(&w->b, &r->primary, o->zone,
				     TYPE_SOA, false),
		    o->zone, &g);
	o->has_primary_serial = g.has_serial;
	o->primary_serial = g.serial;
}

static void
judge(struct look_work *w, const struct judge_by *by, const struct addr *a,
    const struct question *tlsa, struct glance *g)
{
	const struct question *dnskey, *soa;

	dnskey = batch_find(&w->b, a, by->zone, TYPE_DNSKEY, false);
	soa = batch_find(&w->b, a, by->zone, TYPE_SOA, false);
	memset(g, 0, sizeof(*g));
	g->look = LOOK_SILENT;
	text_fmt(g->why, sizeof(g->why), "was not asked");
	if (tlsa != NULL && dnskey != NULL)
		answer_judge(tlsa, dnskey, by, w->memo, g);
	look_note_serial(soa, by->zone, g);
	g->answered = (tlsa != NULL && tlsa->reply != NULL) ||
	    (dnskey != NULL && dnskey->reply != NULL) ||
	    (soa != NULL && soa->reply != NULL);
}

/* No sender does DANE there, and a record that is published all the same
 * would bind on the day when a DS appears. */
static void
note_unanchored(struct owner *o, const struct zone_view *v)
{
	const char *why = answer_unanchored(&v->ds);

	if (why != NULL && o->blocked[0] == 0 && !o->left)
		text_fmt(o->blocked, sizeof(o->blocked),
		    "senders do no DANE in the zone %.80s: %s", v->zone, why);
}

/* The answer, and those of others behind the address, if it was asked again:
 * of who did not answer then nothing was heard. */
static void
note_authority(struct look_work *w, struct host *h, struct owner *o,
    const struct judge_by *by, struct addr a, struct look_sources *sources)
{
	const struct question *q = batch_find(&w->b, &a, o->name, by->type,
	    false);
	char nsid[NSID_TEXT];
	struct glance *g = mem_array(3, sizeof(*g));
	size_t n = 1;

	judge(w, by, &a, q, &g[0]);
	look_source(o, &g[0], sources);
	for (int i = 0; i < 2; i++) {
		q = batch_find(&w->again[i], &a, o->name, by->type, false);
		if (q == NULL || q->reply == NULL)
			continue;
		judge(w, by, &a, q, &g[n]);
		answer_nsid(q, g[n].nsid);
		look_source(o, &g[n++], sources);
	}
	answer_nsid(batch_find(&w->b, &a, by->zone, TYPE_SOA, false), nsid);
	instance_note(h, o, &a, g, n, nsid, &w->now);
	free(g);
}

void
look_note_unasked(const struct look_request *r, struct owner *o, struct addr a,
    const struct now *now)
{
	struct glance g;

	if (!r->every_family && vouch_note(r->host, o, &a, now))
		return;
	families_why(&a, &g);
	sighting_note(r->host, o, &a, &g, now);
}

static void
note_owner(struct look_work *w, struct look_request *r, struct owner *o,
    struct zone_view *v)
{
	struct host *h = r->host;
	struct judge_by by = { .owner = o->name,
		.type = look_type(o),
		.zone = v->zone,
		.ds = &v->ds,
		.now = w->now.wall,
		.margin = h->policy.clock_slack };
	struct look_sources sources = { .n = 0 };
	const struct question *q;
	char why[HOST_WHY];

	if (look_moved(w, h, why, sizeof(why)) != NULL) {
		note_nothing(w, h, o, why);
		return;
	}
	if (!v->ok) {
		note_silence(w, h, o, v);
		return;
	}
	look_note_zone(h, o, v, &w->now);
	q = batch_find(&w->b, w->resolver, o->name, by.type, true);
	by.resolver_denies = q != NULL && q->reply != NULL &&
	    answer_denies(q, o->name, by.type);
	note_unanchored(o, v);
	if (v->incomplete[0] != 0 && o->blocked[0] == 0)
		text_fmt(o->blocked, sizeof(o->blocked),
		    "perhaps not every name server is known: %.150s",
		    v->incomplete);
	look_note_primary(w, r, o);
	for (size_t i = 0; i < o->n_auth; i++)
		if (!families_lack(&w->families, &o->auth[i].addr))
			note_authority(w, h, o, &by, o->auth[i].addr, &sources);
	for (size_t i = 0; i < o->n_auth; i++)
		if (families_lack(&w->families, &o->auth[i].addr))
			look_note_unasked(r, o, o->auth[i].addr, &w->now);
	serial_settle(o);
	look_resolver_alias(h, o, q, &w->now);
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
	(void)r;
	if (v->ok)
		look_add_again(w, o, v->zone);
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
				 note = { note_owner, no_host };
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
