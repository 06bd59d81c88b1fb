/*
 * look_note.c - what the authorities of one owner said becomes sightings.
 * Silence is an outcome, too.  Asks nobody.
 */
#include "proc/look_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "core/instance.h"
#include "core/serial.h"
#include "core/vouch.h"
#include "proc/look_alias.h"

/*
 * Lists are not signed, and who is listed is asked and remembered for as long
 * as the TTL says: any server of the zone could have a pass last for ever.
 */
#define AUTHORITIES_MAX 128 /* of an owner, with those that left */

/* No address said anything that counts, for this reason. */
static void
note_nothing(struct look_work *w, struct host *h, struct owner *o,
    const char *why)
{
	struct glance g = { .look = LOOK_SILENT };

	text_fmt(g.why, sizeof(g.why), "%s", why);
	for (size_t i = 0; i < o->n_auth; i++)
		sighting_note(h, o, &o->auth[i].addr, &g, &w->now);
	o->blocked = once_fmt(HOST_WHY, "%s", why);
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
	o->blocked = "";
	if (o->left) /* its zone may be gone for good: guards can be skipped */
		return;
	o->blocked = once_fmt(HOST_WHY,
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
	if (o->cap_seen > 0)
		return;
	o->seen = mem_array(n, sizeof(*o->seen)); /* of each, one set */
	o->cap_seen = n;
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
			o->blocked = once_fmt(HOST_WHY,
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
	o->zone = once(v->zone);
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

/* No sender does DANE there, or not every one, and a record that is published all the same
 * would bind on the day when a DS appears. */
static void
note_unanchored(struct owner *o, const struct zone_view *v)
{
	const char *why = answer_unanchored(&v->ds);

	if (why != NULL && o->blocked[0] == 0 && !o->left)
		o->blocked = once_fmt(HOST_WHY,
		    "%s do no DANE in the zone %.60s: %s",
		    v->ds.n > 0 ? "many senders" : "senders", v->zone, why);
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

void
look_note_owner(struct look_work *w, struct look_request *r, struct owner *o,
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
		o->blocked = once_fmt(HOST_WHY,
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
