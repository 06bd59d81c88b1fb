/*
 * law.c - may this be done?  Values in, yes or no out.  Never looks, never
 * waits, never proposes.
 */
#include "core/law.h"

#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "core/alias.h"
#include "core/event.h"
#include "core/meet.h"
#include "core/record.h"
#include "core/renew.h"
#include "core/sighting.h"

#define KEYS_MAX 64

/* What the endpoints of one owner may present. */
struct faces {
	size_t n;
	bool crowded; /* there are more than can be judged */
	struct presented p[KEYS_MAX];
};

static void
add(struct faces *fs, struct presented p)
{
	for (size_t i = 0; i < fs->n; i++)
		if (spki_eq(&fs->p[i].key, &p.key) && fs->p[i].chain == p.chain)
			return;
	if (fs->n < KEYS_MAX)
		fs->p[fs->n++] = p;
	else
		fs->crowded = true;
}

static void
presented_by(const struct host *h, const struct endpoint *ep, struct faces *fs)
{
	for (unsigned i = 0; i < ep->n_seen; i++)
		add(fs, ep->seen[i]);
	if (ep->swept_at != NEVER)
		return;
	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].stage == STAGE_DEPLOYED ||
		    h->key[i].stage == STAGE_RETIRING)
			add(fs, record_presents(&h->key[i]));
}

/* Seen at any endpoint of the owner, or installed. */
static void
presented(const struct meet *m, unsigned owner, struct faces *fs)
{
	const struct host *h = m->h;
	const struct endpoint *ep;
	size_t at = 0;

	fs->n = 0;
	fs->crowded = false;
	while ((ep = meet_next(m, owner, &at)) != NULL)
		presented_by(h, ep, fs);
	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].installed)
			add(fs, record_presents(&h->key[i]));
	for (unsigned i = 0; i < h->n_foreign; i++)
		add(fs, h->foreign[i]);
}

static struct breach
breach_of(const struct host *h, unsigned owner, const struct sighting *s,
    const struct presented *p, const struct tlsa *asks)
{
	struct breach b = { .owner = owner,
		.set = tlsa_set_value(h->set[s->set]),
		.asks = *asks,
		.lack = record_lack(h, asks, p),
		.key = p->key,
		.partly = record_accepted(h, h->set[s->set], p),
		.auth = s->auth };
	const struct owner *o = &h->own[owner];

	b.until = alias_horizon(h, o, s);
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
	const struct tlsa *asks;
	struct faces fs;
	struct meet m;
	size_t n = 0;

	meet_begin(&m, h, now->elapsed);
	for (unsigned i = 0; i < h->n_own; i++) {
		presented(&m, i, &fs);
		for (size_t j = 0; j < h->own[i].n_seen; j++) {
			const struct sighting *s = &h->own[i].seen[j];

			if (!alias_living(h, &h->own[i], s, now->elapsed))
				continue;
			for (size_t k = 0; k < fs.n; k++) {
				asks = record_unmatched(h, h->set[s->set],
				    &fs.p[k]);
				if (asks == NULL)
					continue;
				if (n < max)
					ret[n] = breach_of(h, i, s, &fs.p[k],
					    asks);
				n++;
			}
		}
	}
	meet_release(&m);
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

/* It is presented already, and the set does not match it: no further pair.
 * The same key with other certificates is one, unless the record that asks is
 * of the key alone. */
static bool
broken_already(const struct host *h, const struct faces *fs,
    const struct tlsa_set *s, const struct presented *p,
    const struct tlsa *asks)
{
	bool of_key = asks->usage == 3 && asks->selector == 1;

	for (size_t i = 0; i < fs->n; i++)
		if (spki_eq(&fs->p[i].key, &p->key) &&
		    (of_key || fs->p[i].chain == p->chain) &&
		    record_unmatched(h, s, &fs->p[i]) != NULL)
			return true;
	return false;
}

/* May the key be presented, with all that senders may hold? */
static bool
may_install(const struct meet *m, const struct now *now, const struct key *k,
    struct breach *ret)
{
	const struct host *h = m->h;
	struct key as = renew_as(k);
	struct presented p = record_presents(&as);
	const struct tlsa *asks;
	struct faces fs;

	for (unsigned i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		presented(m, i, &fs);
		for (size_t j = 0; j < o->n_seen; j++) {
			const struct sighting *s = &o->seen[j];
			const struct tlsa_set *set = h->set[s->set];

			if (!alias_living(h, o, s, now->elapsed))
				continue;
			asks = record_unmatched(h, set, &p);
			if (asks == NULL ||
			    broken_already(h, &fs, set, &p, asks))
				continue;
			if (event_excused(h, k, false, s) &&
			    shown_at_all(h, o, k))
				continue;
			*ret = breach_of(h, i, s, &p, asks);
			return false;
		}
	}
	return true;
}

/* An endpoint of the owner that was not seen, in this pass, to present a
 * key: the first records must not ask for what it may not have. */
static const struct endpoint *
unproven(const struct meet *m, unsigned owner)
{
	const struct endpoint *ep;
	size_t at = 0;

	while ((ep = meet_next(m, owner, &at)) != NULL)
		if (!ep->fresh || ep->sweep != SWEEP_SEEN)
			return ep;
	return NULL;
}

/* May `set` take the place of `was` at this owner? */
static bool
may_hold(const struct meet *m, unsigned owner, const struct tlsa_set *was,
    const struct tlsa_set *set, struct breach *ret)
{
	const struct host *h = m->h;
	struct breach b = { .owner = owner,
		.set = *set,
		.proposed = true,
		.until = NEVER };
	const struct endpoint *ep;
	const struct tlsa *asks;
	struct faces fs;

	if (!cover_asks(was) && (ep = unproven(m, owner)) != NULL) {
		b.endpoint = ep->addr;
		*ret = b;
		return false;
	}
	presented(m, owner, &fs);
	if (fs.crowded) {
		b.crowded = true;
		*ret = b;
		return false;
	}
	for (size_t k = 0; k < fs.n; k++) {
		asks = record_worse(h, was, set, &fs.p[k]);
		if (asks == NULL)
			continue;
		b.key = fs.p[k].key;
		b.asks = *asks;
		b.lack = record_lack(h, asks, &fs.p[k]);
		b.partly = record_accepted(h, set, &fs.p[k]);
		*ret = b;
		return false;
	}
	return true;
}

/* What the primary holds is not known: nothing can be said of a change. */
static bool
unknown_primary(const struct host *h, const struct key *k, struct breach *ret)
{
	for (unsigned i = 0; i < h->n_own; i++) {
		if (h->own[i].has_primary || !alias_publishes(&h->own[i]))
			continue;
		*ret = (struct breach){ .owner = i,
			.key = k->id,
			.proposed = true,
			.unknown = true };
		return true;
	}
	return false;
}

/* May the records of the owners be changed for the key? */
static bool
may_change(const struct meet *m, enum act act, const struct key *k,
    struct breach *ret)
{
	const struct host *h = m->h;
	struct breach b = { .key = k->id, .proposed = true };
	struct tlsa_set set;

	if (unknown_primary(h, k, ret))
		return false;
	for (; b.owner < h->n_own; b.owner++) {
		const struct owner *o = &h->own[b.owner];
		enum target t;

		if (!alias_publishes(o))
			continue;
		t = record_target(h, act, k, owner_primary(o), &set);
		b.full = t == TARGET_FULL;
		b.unmade = t == TARGET_UNMADE;
		b.no_issuer = b.unmade && record_wants_issuer(h, k);
		b.empties = cover_asks(owner_primary(o)) && !cover_asks(&set);
		b.hides = owner_primary(o)->n == 0 && set.n > 0 &&
		    o->hides[0] != 0;
		if (b.full || b.unmade || b.empties || b.hides) {
			b.set = set;
			*ret = b;
			return false;
		}
		if (!tlsa_set_eq(&set, owner_primary(o)) &&
		    !may_hold(m, b.owner, owner_primary(o), &set, ret))
			return false;
	}
	return true;
}

bool
law_allows(const struct host *h, const struct now *now, enum act act,
    const struct key *k, struct breach *ret)
{
	struct meet m;
	bool may;

	switch (act) {
	case ACT_DEPLOY:
	case ACT_PUBLISH:
	case ACT_WITHDRAW:
		meet_begin(&m, h, now->elapsed);
		may = act == ACT_DEPLOY ? may_install(&m, now, k, ret)
					: may_change(&m, act, k, ret);
		meet_release(&m);
		return may;
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

/* What the act itself is not to do; NULL: it is about a pair. */
static const char *
say_act(const struct host *h, const struct breach *b, const char *owner,
    char *buf, size_t size)
{
	char id[9], ip[ADDR_TEXT];

	if (b->empties)
		return text_fmt(buf, size,
		    "%s would have no TLSA record left%s", owner,
		    b->set.n > 0 ? " that senders use" : "");
	if (b->crowded)
		return text_fmt(buf, size,
		    "more than %d different keys are presented under %s",
		    KEYS_MAX, owner);
	if (b->unknown)
		return text_fmt(buf, size,
		    "what the primary holds for %s is "
		    "not known",
		    owner);
	if (b->hides)
		return text_fmt(buf, size,
		    "a first record at %s would hide %s from the names beside "
		    "it: put it there by hand, or take the wildcard away",
		    owner, h->own[b->owner].hides);
	if (b->full)
		return text_fmt(buf, size,
		    "the TLSA set of %s would have "
		    "more than %d records",
		    owner, TLSA_MAX);
	if (b->no_issuer)
		return text_fmt(buf, size,
		    "records of usage 2 name the issuer of a certificate, and "
		    "with key %s none is sent: danesafe install-cert %s FILE "
		    "brings it a chain from an issuer",
		    spki_id(&b->key, id), h->name);
	if (b->unmade)
		return text_fmt(buf, size,
		    "the certificate of key %s was never read, and the "
		    "records of %s want more than its key",
		    spki_id(&b->key, id), h->name);
	if (b->endpoint.family != 0)
		return text_fmt(buf, size,
		    "the first TLSA records of %s must "
		    "wait until %s is seen to present a key by STARTTLS",
		    owner, addr_str(&b->endpoint, ip));
	return NULL;
}

/* More was served than is remembered (fold.h). */
static const char *
say_any(const struct breach *b, const char *owner, const struct now *now,
    char *buf, size_t size)
{
	char id[9], who[ADDR_TEXT + 32], span[24];

	if (b->auth.family == 0)
		text_fmt(who, sizeof(who), "name servers that left");
	else
		addr_ip(&b->auth, who);
	return text_fmt(buf, size,
	    "%s showed more different TLSA sets for %s than can be "
	    "remembered; whether each of them matches key %s is not known%s%s",
	    who, owner, spki_id(&b->key, id),
	    b->until == NEVER ? "" : ", and caches may hold them for another ",
	    b->until == NEVER ? "" : when_rough(b->until - now->elapsed, span));
}

/* Of a kind that is not the usual one: which, and for whom that matters. */
static const char *
say_kind(const struct breach *b, char buf[180])
{
	const struct tlsa *r = &b->asks;

	if (tlsa_is(r, (struct tlsa_kind){ 3, 1, 1 }) || r->usage == 0)
		return text_fmt(buf, 180, "%s", "");
	return text_fmt(buf, 180,
	    ": no %u %u %u of it does%s%s%s, and senders may use %s", r->usage,
	    r->selector, r->mtype, b->lack != NULL ? " (" : "",
	    b->lack != NULL ? b->lack : "", b->lack != NULL ? ")" : "",
	    b->partly ? "these alone" : "these and not the others");
}

const char *
law_say(const struct host *h, const struct breach *b, const struct now *now,
    char *buf, size_t size)
{
	const char *owner = b->owner < h->n_own ? h->own[b->owner].name : "";
	char id[9], ip[ADDR_TEXT], span[24], kind[180];

	if (say_act(h, b, owner, buf, size) != NULL)
		return buf;
	spki_id(&b->key, id);
	say_kind(b, kind);
	if (b->proposed)
		return text_fmt(buf, size,
		    "the new TLSA set of %s would not "
		    "match key %s, which is presented now%s",
		    owner, id, kind);
	if (tlsa_set_is_any(&b->set))
		return say_any(b, owner, now, buf, size);
	if (b->auth.family == 0)
		return text_fmt(buf, size, "key %s is still presented", id);
	addr_ip(&b->auth, ip);
	if (b->shown_now)
		return text_fmt(buf, size,
		    "%s shows a TLSA set for %s that "
		    "does not match key %s%s",
		    ip, owner, id, kind);
	if (b->until == NEVER)
		return text_fmt(buf, size,
		    "%s may still serve a TLSA set for "
		    "%s that does not match key %s%s",
		    ip, owner, id, kind);
	when_rough(b->until - now->elapsed, span);
	return text_fmt(buf, size,
	    "caches may hold a TLSA set of %s from %s "
	    "that does not match key %s, for another %s%s",
	    owner, ip, id, span, kind);
}
