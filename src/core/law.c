/*
 * law.c - may this be done?  Values in, yes or no out.  Never looks, never
 * waits, never proposes.
 */
#include "core/law.h"

#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "core/event.h"
#include "core/sighting.h"

#define KEYS_MAX 64

/* The keys that the endpoints of one owner may present. */
struct keys {
	size_t n;
	bool crowded; /* there are more than can be judged */
	struct spki key[KEYS_MAX];
};

static bool
has(const struct keys *ks, const struct spki *key)
{
	for (size_t i = 0; i < ks->n; i++)
		if (spki_eq(&ks->key[i], key))
			return true;
	return false;
}

static void
add(struct keys *ks, const struct spki *key)
{
	if (has(ks, key))
		return;
	if (ks->n < KEYS_MAX)
		ks->key[ks->n++] = *key;
	else
		ks->crowded = true;
}

static void
presented_by(const struct host *h, const struct endpoint *ep, struct keys *ks)
{
	for (unsigned i = 0; i < ep->n_seen; i++)
		add(ks, &ep->seen[i].key);
	if (ep->swept_at != NEVER)
		return;
	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].stage == STAGE_DEPLOYED ||
		    h->key[i].stage == STAGE_RETIRING)
			add(ks, &h->key[i].id);
}

/* Seen at any endpoint of the owner, or installed. */
static void
presented(const struct host *h, unsigned owner, struct keys *ks)
{
	ks->n = 0;
	ks->crowded = false;
	for (size_t i = 0; i < h->n_ep; i++)
		if (h->ep[i].owner == owner)
			presented_by(h, &h->ep[i], ks);
	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].installed)
			add(ks, &h->key[i].id);
	for (unsigned i = 0; i < h->n_foreign; i++)
		add(ks, &h->foreign[i].key);
}

static struct breach
breach_of(const struct host *h, unsigned owner, const struct sighting *s,
    const struct spki *key)
{
	struct breach b = { .owner = owner,
		.set = h->set[s->set],
		.key = *key,
		.auth = s->auth };
	const struct owner *o = &h->own[owner];

	b.until = sighting_horizon(h, s);
	for (size_t i = 0; i < o->n_auth; i++)
		if (addr_cmp(&o->auth[i].addr, &s->auth) == 0)
			b.shown_now = o->auth[i].fresh &&
			    o->auth[i].set == s->set;
	return b;
}

size_t
law_broken(const struct host *h, const struct now *now, struct breach *ret,
    size_t max)
{
	struct keys ks;
	size_t n = 0;

	for (unsigned i = 0; i < h->n_own; i++) {
		presented(h, i, &ks);
		for (size_t j = 0; j < h->own[i].n_seen; j++) {
			const struct sighting *s = &h->own[i].seen[j];

			if (!sighting_living(h, s, now->elapsed))
				continue;
			for (size_t k = 0; k < ks.n; k++) {
				if (tlsa_set_covers(&h->set[s->set],
					&ks.key[k]))
					continue;
				if (n < max)
					ret[n] = breach_of(h, i, s, &ks.key[k]);
				n++;
			}
		}
	}
	return n;
}

/* Does any authority of the owner show the key, in this pass? */
static bool
shown_at_all(const struct host *h, const struct owner *o, const struct key *k)
{
	for (size_t i = 0; i < o->n_auth; i++)
		if (event_shown_at(&o->auth[i], h, k))
			return true;
	return false;
}

/* May the key be presented, with all that senders may hold? */
static bool
may_install(const struct host *h, const struct now *now, const struct key *k,
    struct breach *ret)
{
	struct keys ks;

	for (unsigned i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		presented(h, i, &ks);
		if (has(&ks, &k->id))
			continue; /* no further pair */
		for (size_t j = 0; j < o->n_seen; j++) {
			const struct sighting *s = &o->seen[j];

			if (!sighting_living(h, s, now->elapsed) ||
			    tlsa_set_covers(&h->set[s->set], &k->id))
				continue;
			if (event_excused(h, k, false, s) &&
			    shown_at_all(h, o, k))
				continue;
			*ret = breach_of(h, i, s, &k->id);
			return false;
		}
	}
	return true;
}

/* An endpoint of the owner that was not seen, in this pass, to present a
 * key: the first records must not ask for what it may not have. */
static const struct endpoint *
unproven(const struct host *h, unsigned owner)
{
	for (size_t i = 0; i < h->n_ep; i++)
		if (h->ep[i].owner == owner &&
		    (!h->ep[i].fresh || h->ep[i].sweep != SWEEP_SEEN))
			return &h->ep[i];
	return NULL;
}

/* May `set` take the place of `was` at this owner? */
static bool
may_hold(const struct host *h, unsigned owner, const struct tlsa_set *was,
    const struct tlsa_set *set, struct breach *ret)
{
	struct breach b = { .owner = owner,
		.set = *set,
		.proposed = true,
		.until = NEVER };
	const struct endpoint *ep;
	struct keys ks;

	if (was->n == 0 && (ep = unproven(h, owner)) != NULL) {
		b.endpoint = ep->addr;
		*ret = b;
		return false;
	}
	presented(h, owner, &ks);
	if (ks.crowded) {
		b.crowded = true;
		*ret = b;
		return false;
	}
	for (size_t k = 0; k < ks.n; k++) {
		if (tlsa_set_covers(set, &ks.key[k]))
			continue;
		if (!tlsa_set_covers(was, &ks.key[k]))
			continue; /* was so before: no further pair */
		b.key = ks.key[k];
		*ret = b;
		return false;
	}
	return true;
}

size_t
law_records(const struct host *h, const struct key *k, struct tlsa *ret,
    size_t max)
{
	size_t n = 0;

	if (k->stage != STAGE_DEPLOYED) {
		ret[n++] = tlsa_of(&k->id);
		return n;
	}
	for (size_t i = 0; i < h->n_key && n < max; i++)
		if (h->key[i].stage == STAGE_DEPLOYED)
			ret[n++] = tlsa_of(&h->key[i].id);
	return n;
}

/* What the primary holds is not known: nothing can be said of a change. */
static bool
unknown_primary(const struct host *h, const struct key *k, struct breach *ret)
{
	for (unsigned i = 0; i < h->n_own; i++) {
		if (h->own[i].has_primary || h->own[i].foreign)
			continue;
		*ret = (struct breach){ .owner = i,
			.key = k->id,
			.proposed = true,
			.unknown = true };
		return true;
	}
	return false;
}

static bool
may_publish(const struct host *h, const struct key *k, struct breach *ret)
{
	struct tlsa rr[TLSA_MAX];
	size_t n = law_records(h, k, rr, TLSA_MAX);

	if (unknown_primary(h, k, ret))
		return false;
	for (unsigned i = 0; i < h->n_own; i++) {
		struct tlsa_set set = h->own[i].primary;

		if (h->own[i].foreign)
			continue;
		for (size_t j = 0; j < n; j++) {
			if (tlsa_set_add(&set, &rr[j]))
				continue;
			*ret = (struct breach){ .owner = i,
				.key = k->id,
				.proposed = true,
				.full = true };
			return false;
		}
		if (!may_hold(h, i, &h->own[i].primary, &set, ret))
			return false;
	}
	return true;
}

static bool
may_withdraw(const struct host *h, const struct key *k, struct breach *ret)
{
	struct tlsa rr = tlsa_of(&k->id);

	if (unknown_primary(h, k, ret))
		return false;
	for (unsigned i = 0; i < h->n_own; i++) {
		struct tlsa_set set = h->own[i].primary;

		if (h->own[i].foreign)
			continue;
		tlsa_set_remove(&set, &rr);
		if (set.n == h->own[i].primary.n)
			continue;
		if (set.n == 0) {
			*ret = (struct breach){ .owner = i,
				.key = k->id,
				.proposed = true,
				.empties = true };
			return false;
		}
		if (!may_hold(h, i, &h->own[i].primary, &set, ret))
			return false;
	}
	return true;
}

bool
law_allows(const struct host *h, const struct now *now, enum act act,
    const struct key *k, struct breach *ret)
{
	switch (act) {
	case ACT_DEPLOY:
		return may_install(h, now, k, ret);
	case ACT_PUBLISH:
		return may_publish(h, k, ret);
	case ACT_WITHDRAW:
		return may_withdraw(h, k, ret);
	case ACT_DESTROY:
		*ret = (struct breach){ .key = k->id, .until = NEVER };
		return !event_seen(h, k);
	case ACT_NOTHING:
	case ACT_MAKE:
	case ACT_CERTIFY:
	case ACT_COUNT:
		break;
	}
	return true;
}

const char *
law_say(const struct host *h, const struct breach *b, const struct now *now,
    char *buf, size_t size)
{
	const char *owner = b->owner < h->n_own ? h->own[b->owner].name : "";
	char id[9], ip[ADDR_TEXT], span[24];

	spki_id(&b->key, id);
	if (b->empties)
		return text_fmt(buf, size, "%s would have no TLSA record left",
		    owner);
	if (b->crowded)
		return text_fmt(buf, size,
		    "more than %d different keys are presented under %s",
		    KEYS_MAX, owner);
	if (b->unknown)
		return text_fmt(buf, size,
		    "what the primary holds for %s is "
		    "not known",
		    owner);
	if (b->full)
		return text_fmt(buf, size,
		    "the TLSA set of %s would have "
		    "more than %d records",
		    owner, TLSA_MAX);
	if (b->endpoint.family != 0)
		return text_fmt(buf, size,
		    "the first TLSA records of %s must "
		    "wait until %s is seen to present a key by STARTTLS",
		    owner, addr_str(&b->endpoint, ip));
	if (b->proposed)
		return text_fmt(buf, size,
		    "the new TLSA set of %s would not "
		    "match key %s, which is presented now",
		    owner, id);
	if (b->auth.family == 0)
		return text_fmt(buf, size, "key %s is still presented", id);
	addr_ip(&b->auth, ip);
	if (b->shown_now)
		return text_fmt(buf, size,
		    "%s shows a TLSA set for %s that "
		    "does not match key %s",
		    ip, owner, id);
	if (b->until == NEVER)
		return text_fmt(buf, size,
		    "%s may still serve a TLSA set for "
		    "%s that does not match key %s",
		    ip, owner, id);
	when_rough(b->until - now->elapsed, span);
	return text_fmt(buf, size,
	    "caches may hold a TLSA set of %s from %s "
	    "that does not match key %s, for another %s",
	    owner, ip, id, span);
}
