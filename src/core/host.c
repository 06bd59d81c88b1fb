/*
 * host.c - the facts about a host: made, found, freed.  Never judges them.
 */
#include "core/host.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"

void
host_init(struct host *h, const char *name)
{
	struct tlsa_set none = { .n = 0 };

	memset(h, 0, sizeof(*h));
	h->name = once_fmt(HOST_NAME, "%s", name);
	h->adopted_at = NEVER;
	h->blocked = "";
	for (int s = 0; s < SLOT_COUNT; s++)
		h->slot[s].kind = KIND_COUNT;
	h->tlsa[h->n_tlsa++] = (struct tlsa_kind){ 3, 1, 1 };
	host_set(h, &none);
}

static void
owner_release(struct owner *o)
{
	free(o->auth);
	free(o->seen);
	free(o->inst);
	free(o->ns_differ);
	free(o->primary);
}

void
host_release(struct host *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->n_own; i++)
		owner_release(&h->own[i]);
	free(h->own);
	name_map_release(&h->own_at);
	for (size_t i = 0; i < h->n_set; i++)
		free(h->set[i]);
	free(h->set);
	for (size_t i = 0; i < h->n_chain; i++)
		free(h->chain[i].bytes);
	free(h->chain);
	free(h->target);
	for (size_t i = 0; i < h->n_seen; i++)
		free(h->seen[i]);
	free(h->seen);
	free(h->ep);
	free(h->key);
	free(h->waiver);
	memset(h, 0, sizeof(*h));
}

static void
owner_end_pass(struct owner *o)
{
	for (size_t i = 0; i < o->n_auth; i++) {
		struct authority *a = &o->auth[i];

		a->fresh = a->fell = false;
		a->fell_from = a->refresh = 0;
	}
	o->has_primary = o->added = false;
	free(o->primary);
	o->primary = NULL;
	o->primary_ttl = 0;
	free(o->ns_differ);
	o->ns_differ = NULL;
	o->blocked = "";
}

void
host_end_pass(struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++)
		owner_end_pass(&h->own[i]);
	for (size_t i = 0; i < h->n_ep; i++)
		h->ep[i].fresh = false;
	for (size_t i = 0; i < h->n_key; i++) {
		struct key *k = &h->key[i];

		k->cert_from = 0;
		k->stored = k->lost = k->installed = false;
		k->exposed = 0;
		k->cert_ok = k->cert_unread = k->cert_issued = false;
		k->next_ok = false;
		k->cert_why = "";
	}
	h->blocked = "";
	h->n_foreign = 0;
}

static int
intern(struct host *h, const struct tlsa_set *s, const char *target)
{
	for (size_t i = 0; i < h->n_set; i++)
		if (tlsa_set_eq(h->set[i], s) &&
		    strcmp(h->target[i], target) == 0)
			return (int)i;
	h->set = mem_room(h->set, h->n_set, &h->cap_set, sizeof(*h->set));
	h->target = mem_room(h->target, h->n_set, &h->cap_target,
	    sizeof(*h->target));
	h->set[h->n_set] = tlsa_set_keep(s);
	h->target[h->n_set] = once(target);
	return (int)h->n_set++;
}

int
host_set(struct host *h, const struct tlsa_set *s)
{
	return intern(h, s, "");
}

int
host_alias(struct host *h, const char *target)
{
	static const struct tlsa_set none = { .n = 0 };

	assert(target[0] != 0);
	return intern(h, &none, target);
}

int
host_chain(struct host *h, const struct cover_chain *c)
{
	uint8_t bytes[COVER_PACKED];
	size_t len = cover_pack(c, bytes);
	struct chain *is;

	for (size_t i = 0; i < h->n_chain; i++)
		if (h->chain[i].len == len &&
		    memcmp(h->chain[i].bytes, bytes, len) == 0)
			return (int)i + 1;
	h->chain = mem_room(h->chain, h->n_chain, &h->cap_chain,
	    sizeof(*h->chain));
	is = &h->chain[h->n_chain++];
	is->bytes = mem_new(len);
	memcpy(is->bytes, bytes, len);
	is->len = len;
	return (int)h->n_chain;
}

struct cover_chain
host_chain_at(const struct host *h, int chain)
{
	struct cover_chain c;

	assert(chain > 0 && (size_t)chain <= h->n_chain);
	if (cover_parse(h->chain[chain - 1].bytes, h->chain[chain - 1].len,
		&c) != 0)
		abort(); /* it was packed here */
	return c;
}

/* Up to here it is as fast to look at all of them. */
#define FEW_OWNERS 16

struct owner *
host_find_owner(const struct host *h, const char *name)
{
	size_t i = 0;

	if (h->own_at.n > 0)
		return name_map_find(&h->own_at, name, &i) ? &h->own[i] : NULL;
	while (i < h->n_own && strcmp(h->own[i].name, name) != 0)
		i++;
	return i < h->n_own ? &h->own[i] : NULL;
}

static void
index_owners(struct host *h)
{
	name_map_release(&h->own_at);
	for (size_t i = 0; h->n_own > FEW_OWNERS && i < h->n_own; i++)
		name_map_put(&h->own_at, h->own[i].name, i);
}

struct owner *
host_owner(struct host *h, const char *name, uint16_t port)
{
	struct owner *o = host_find_owner(h, name);

	if (o != NULL)
		return o;
	h->own = mem_room(h->own, h->n_own, &h->cap_own, sizeof(*h->own));
	o = &h->own[h->n_own++];
	o->name = once_fmt(HOST_NAME, "%s", name);
	o->zone = o->source = o->hides = o->blocked = "";
	o->port = port;
	o->until = NEVER;
	if (h->own_at.n > 0)
		name_map_put(&h->own_at, o->name, h->n_own - 1);
	else
		index_owners(h);
	return o;
}

void
host_drop_owner(struct host *h, size_t i)
{
	size_t keep = 0;

	assert(i < h->n_own);
	owner_release(&h->own[i]);
	h->n_own--;
	memmove(&h->own[i], &h->own[i + 1], (h->n_own - i) * sizeof(*h->own));
	index_owners(h);
	for (size_t j = 0; j < h->n_ep; j++) {
		if (h->ep[j].owner == i)
			continue;
		h->ep[keep] = h->ep[j];
		if (h->ep[keep].owner > i)
			h->ep[keep].owner--;
		keep++;
	}
	h->n_ep = keep;
}

const struct tlsa_set *
owner_primary(const struct owner *o)
{
	static const struct tlsa_set none = { .n = 0 };

	return o->primary != NULL ? o->primary : &none;
}

void
owner_set_primary(struct owner *o, struct tlsa_set set)
{
	free(o->primary);
	o->primary = tlsa_set_keep(&set);
}

struct authority *
owner_find_authority(struct owner *o, const struct addr *a)
{
	for (size_t i = 0; i < o->n_auth; i++)
		if (addr_cmp(&o->auth[i].addr, a) == 0)
			return &o->auth[i];
	return NULL;
}

struct authority *
owner_authority(struct owner *o, const struct addr *a)
{
	struct authority *au = owner_find_authority(o, a);

	if (au != NULL)
		return au;
	o->auth = mem_room(o->auth, o->n_auth, &o->cap_auth, sizeof(*o->auth));
	au = &o->auth[o->n_auth++];
	au->addr = *a;
	au->name = au->nsid = au->why = "";
	au->first_seen = au->left_at = au->looked_at = NEVER;
	au->look = LOOK_SILENT;
	au->set = -1;
	return au;
}

size_t
host_endpoints(const struct host *h, unsigned owner)
{
	size_t from = 0, to = h->n_ep, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (h->ep[mid].owner < owner)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

void
endpoint_room(struct host *h, struct endpoint *ep, unsigned n)
{
	struct presented *seen;

	if (ep->room >= n)
		return;
	seen = mem_array(n, sizeof(*seen));
	if (ep->n_seen > 0)
		memcpy(seen, ep->seen, ep->n_seen * sizeof(*seen));
	h->seen = mem_room(h->seen, h->n_seen, &h->cap_seen, sizeof(*h->seen));
	h->seen[h->n_seen++] = ep->seen = seen;
	ep->room = n;
}

struct endpoint *
host_endpoint(struct host *h, unsigned owner, const struct addr *a)
{
	struct endpoint *ep = host_endpoint_bare(h, owner, a);

	endpoint_room(h, ep, PRESENTED_MAX);
	return ep;
}

struct endpoint *
host_endpoint_bare(struct host *h, unsigned owner, const struct addr *a)
{
	size_t i = host_endpoints(h, owner);
	struct endpoint *ep;

	assert(owner < h->n_own);
	for (; i < h->n_ep && h->ep[i].owner == owner; i++)
		if (addr_cmp(&h->ep[i].addr, a) == 0)
			return &h->ep[i];
	h->ep = mem_room(h->ep, h->n_ep, &h->cap_ep, sizeof(*h->ep));
	ep = &h->ep[i];
	memmove(ep + 1, ep, (h->n_ep - i) * sizeof(*ep));
	h->n_ep++;
	memset(ep, 0, sizeof(*ep));
	ep->addr = *a;
	ep->why = "";
	ep->owner = owner;
	ep->left_at = ep->swept_at = NEVER;
	ep->sweep = SWEEP_NEVER;
	return ep;
}

struct key *
host_key_add(struct host *h)
{
	struct key *k;

	h->key = mem_room(h->key, h->n_key, &h->cap_key, sizeof(*h->key));
	k = &h->key[h->n_key++];
	k->key_file = k->cert_file = k->cert_why = "";
	k->clean_since = k->destroyed_at = NEVER;
	k->kind = KIND_COUNT;
	return k;
}

struct key *
host_find_key(const struct host *h, const struct spki *id)
{
	for (size_t i = 0; i < h->n_key; i++)
		if (spki_eq(&h->key[i].id, id))
			return &h->key[i];
	return NULL;
}

struct key *
host_find_key_hex(const struct host *h, const char *hex)
{
	struct key *found = NULL;
	size_t len = strlen(hex);
	char buf[65];

	if (len < 4 || len > 64)
		return NULL;
	for (size_t i = 0; i < h->n_key; i++) {
		if (strncmp(spki_hex(&h->key[i].id, buf), hex, len) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = &h->key[i];
	}
	return found;
}

/* Keys stand in the order in which they came: the last is the newest. */
struct key *
host_deployed(const struct host *h, enum slot s)
{
	for (size_t i = h->n_key; i-- > 0;)
		if (h->key[i].slot == s && h->key[i].stage == STAGE_DEPLOYED)
			return &h->key[i];
	return NULL;
}

struct key *
host_candidate(const struct host *h, enum slot s)
{
	for (size_t i = h->n_key; i-- > 0;)
		if (h->key[i].slot == s && h->key[i].stage <= STAGE_READY)
			return &h->key[i];
	return NULL;
}

struct key *
host_successor(const struct host *h, const struct key *k)
{
	struct key *d = host_deployed(h, k->slot);

	return d != NULL && d > k ? d : NULL;
}
