/*
 * look_addrs.c - where senders may connect: the addresses of a host, as the
 * config or the DNS lists them, become its endpoints.
 */
#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "core/alias.h"
#include "proc/look_work.h"

/* Of an owner, with those that left, for lists are not signed; not of the
 * config. */
#define ENDPOINTS_MAX 32

static bool
has_port(const struct host *h, uint16_t port)
{
	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].port == port)
			return true;
	return false;
}

/*
 * Where senders connect that meet this owner's records, when `a` is listed: an
 * address is meant for every owner, or for the one whose port it names.
 */
static bool
meant(const struct host *h, unsigned owner, const struct addr *a,
    struct addr *ret_at)
{
	uint16_t port = h->own[owner].port;

	*ret_at = *a;
	if (a->port == 0)
		ret_at->port = port;
	return ret_at->port == port || !has_port(h, ret_at->port);
}

/* Would this one be more than can be looked at? */
static bool
too_many(const struct host *h, unsigned owner, const struct addr *at)
{
	size_t first = host_endpoints(h, owner), i = first;

	for (; i < h->n_ep && h->ep[i].owner == owner; i++)
		if (addr_cmp(&h->ep[i].addr, at) == 0)
			return false;
	return i - first >= ENDPOINTS_MAX;
}

static void
list_endpoint(struct host *h, const struct addr *a, uint32_t ttl,
    bool configured)
{
	for (unsigned i = 0; i < h->n_own; i++) {
		struct endpoint *ep;
		struct addr at;

		if (!alias_listens(&h->own[i]) || !meant(h, i, a, &at))
			continue;
		if (!configured && too_many(h, i, &at)) {
			h->own[i].blocked = once_fmt(HOST_WHY,
			    "the host has more than %d addresses; name those "
			    "that are meant (endpoints)",
			    ENDPOINTS_MAX);
			continue;
		}
		ep = host_endpoint_bare(h, i, &at);
		ep->configured = configured;
		ep->left_at = NEVER;
		if (ttl > ep->ttl)
			ep->ttl = ttl;
	}
}

static bool
is_listed(const struct host *h, const struct endpoint *ep,
    const struct name_list *l)
{
	struct addr at;

	for (size_t i = 0; i < l->n; i++)
		if (meant(h, ep->owner, &l->v[i].addr, &at) &&
		    addr_cmp(&at, &ep->addr) == 0)
			return true;
	return false;
}

/*
 * Endpoints that nobody lists any more leave the presented set when the hold
 * of their address record is over.
 */
static void
unlist_endpoints(struct look_work *w, struct host *h, const struct name_list *l)
{
	size_t keep = 0;

	for (size_t i = 0; i < h->n_ep; i++) {
		struct endpoint *ep = &h->ep[i];
		bool listed = is_listed(h, ep, l);

		if (!listed && ep->left_at == NEVER)
			ep->left_at = w->now.elapsed + 1;
		if (!listed &&
		    w->now.elapsed - ep->left_at >
			policy_hold(&h->policy, ep->ttl))
			continue;
		h->ep[keep++] = *ep;
	}
	h->n_ep = keep;
}

/* One server's word about the addresses; false when it gave none. */
static bool
take_addrs(struct look_work *w, const struct addr *from, const char *name,
    enum rrtype type, bool resolver, struct name_list *l)
{
	const struct question *q = batch_find(&w->b, from, name, type,
	    resolver);
	struct answer_head head;
	struct err e;

	return q != NULL && answer_head(q, name, type, &head, &e) == 0 &&
	    (head.aa || resolver) && answer_addrs(q, name, l, &e) == 0;
}

/* It cannot be asked here, and its other address is. */
static bool
is_spared(const struct look_work *w, const struct zone_view *v,
    const struct zone_server *s)
{
	return families_lack(&w->families, &s->addr) && families_spare(v, s);
}

/* Those of a name that the host's own stands for, where its zone has them. */
static bool
alias_addrs(struct look_work *w, const struct owner *o, enum rrtype type,
    struct name_list *l)
{
	bool whole = o->n_auth > 0;

	for (size_t i = 0; i < o->n_auth; i++)
		if (!take_addrs(w, &o->auth[i].addr, o->name, type, false, l))
			whole = false;
	return whole;
}

/* All addresses that the resolver or any authority of the host's zone lists.
 * False when some answer is missing: then nobody leaves. */
static bool
host_addrs(struct look_work *w, const struct host *h, const struct zone_view *v,
    struct name_list *l)
{
	static const enum rrtype types[] = { TYPE_A, TYPE_AAAA };
	bool whole = v->incomplete[0] == 0;
	char name[HOST_NAME];

	if (!v->ok)
		return false;
	look_host_name(h, name);
	for (int t = 0; t < 2; t++) {
		if (!take_addrs(w, w->resolver, name, types[t], true, l))
			whole = false;
		for (size_t i = 0; i < v->n_server; i++)
			if (!take_addrs(w, &v->server[i].addr, name, types[t],
				false, l) &&
			    !is_spared(w, v, &v->server[i]))
				whole = false;
		for (size_t i = 0; i < h->n_own; i++)
			if (alias_is_base(&h->own[i]) && h->own[i].derived &&
			    !alias_addrs(w, &h->own[i], types[t], l))
				whole = false;
	}
	return whole;
}

void
look_note_addrs(struct look_work *w, struct look_request *r,
    const struct zone_view *v)
{
	bool configured = r->n_endpoints > 0, whole = true;
	struct name_list l = { .v = NULL };

	for (size_t i = 0; i < r->n_endpoints; i++) {
		l.v = mem_room(l.v, l.n, &l.cap, sizeof(*l.v));
		l.v[l.n++].addr = r->endpoints[i];
	}
	if (!configured)
		whole = host_addrs(w, r->host, v, &l);
	for (size_t i = 0; i < l.n; i++)
		list_endpoint(r->host, &l.v[i].addr, l.v[i].ttl, configured);
	if (whole)
		unlist_endpoints(w, r->host, &l);
	name_list_release(&l);
}
