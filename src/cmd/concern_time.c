/*
 * concern_time.c - what needs attention because of its end: signatures,
 * certificates, a wait whose end moves away, a slot without a next key.
 */
#include "base/text.h"
#include "base/when.h"
#include "cmd/advice.h"
#include "cmd/concern.h"
#include "core/event.h"
#include "core/signing.h"

/* A certificate that ends within this, or within the last third of its life, is
 * about to end; critical. */
#define CERT_WARNING (14 * WHEN_DAY)
#define CERT_CRITICAL (3 * WHEN_DAY)

/* ---- signatures ---- */

void
concern_signatures(const struct host *h, const struct now *now,
    struct concerns *c)
{
	struct signing_end first;
	char ip[ADDR_TEXT], when[32];

	if (!now->trusted || !signing_ends(h, now->wall, SIGNING_SAY, &first))
		return;
	concern_say(c, h, NULL, CODE_SIG_EXPIRING,
	    "%s: the signature over its %s ends at %s, and then senders that "
	    "ask it defer mail.\n  You: see why the zone %s is not signed "
	    "anew, or does not get there",
	    addr_ip(&first.a->addr, ip),
	    first.keys ? "DNSKEY set" : "answer for TLSA",
	    when_minute(first.until, when), first.o->zone);
}

/* ---- certificates ---- */

/* When the next key of the slot is ready at the earliest (wall); 0: it is, or
 * nobody knows. */
static time_t
ready_at(const struct host *h, enum slot s, const struct now *now)
{
	const struct key *k = host_candidate(h, s);
	int64_t until;

	if (k == NULL || k->stage == STAGE_READY)
		return 0;
	until = event_held_until(h, k, false, now, NULL);
	if (until == NEVER || until == 0)
		return 0;
	return now->wall + (time_t)(until - now->elapsed);
}

/* How long before its end it is said. */
static int64_t
ahead(const struct key *k)
{
	int64_t third = (int64_t)(k->cert_until - k->cert_from) / 3;

	return k->cert_from != 0 && third < CERT_WARNING ? third : CERT_WARNING;
}

static bool
names_issuers(const struct host *h)
{
	for (unsigned i = 0; i < h->n_tlsa; i++)
		if (h->tlsa[i].usage == 2)
			return true;
	return false;
}

/* An issuer makes the next one: of the same key, and in good time. */
static void
say_issued(const struct host *h, const struct key *k, bool late,
    const char *when, struct concerns *c)
{
	struct text t = TEXT_INIT;
	char hex[9];

	text_addf(&t, "the certificate of key %s (%s) ends at %s%s%s",
	    spki_id(&k->id, hex), slot_name(k->slot), when,
	    late ? ", before its next key can be ready" : "",
	    names_issuers(h) ? "; from then on DANE senders defer mail, for "
			       "they are to go by its issuer"
			     : "");
	advice_issue(h, k, &t);
	concern_say(c, h, k, CODE_DEADLINE, "%s", text_str(&t));
	text_release(&t);
}

static void
deadline_of(const struct host *h, enum slot s, const struct now *now,
    struct concerns *c)
{
	const struct key *k = host_deployed(h, s);
	time_t ready = ready_at(h, s, now);
	char hex[9], when[32];
	int64_t left;
	bool late;

	if (k == NULL || k->cert_until == 0 ||
	    (k->next_chain != 0 && k->next_ok))
		return;
	left = (int64_t)(k->cert_until - now->wall);
	late = ready > k->cert_until;
	if (left >= ahead(k) && !late)
		return;
	when_minute(k->cert_until, when);
	spki_id(&k->id, hex);
	if (k->cert_issued || names_issuers(h))
		say_issued(h, k, late, when, c);
	else if (late)
		concern_say(c, h, k, CODE_DEADLINE,
		    "the certificate of key %s (%s) %s at %s, before its next "
		    "key can be ready.\n  You: give the same key a new "
		    "certificate: its 3 1 x records stay good",
		    hex, slot_name(s), left < 0 ? "ended" : "ends", when);
	else
		concern_say(c, h, k, CODE_DEADLINE,
		    "the certificate of key %s (%s) %s at %s.\n  You: give "
		    "the same key a new certificate, or: danesafe rollover %s "
		    "--slot %s --reason 'its certificate ends'",
		    hex, slot_name(s), left < 0 ? "ended" : "ends", when,
		    h->name, slot_name(s));
	c->v[c->n - 1].level = left < CERT_CRITICAL ? LEVEL_CRITICAL
						    : LEVEL_WARNING;
}

void
concern_deadline(const struct host *h, const struct now *now,
    struct concerns *c)
{
	for (int s = 0; now->trusted && s < SLOT_COUNT; s++)
		deadline_of(h, (enum slot)s, now, c);
}

/* ---- waits ---- */

void
concern_hold(const struct host *h, const struct now *now, struct concerns *c)
{
	for (size_t i = 0; i < h->n_key; i++) {
		const struct key *k = &h->key[i];
		const struct sighting *last;
		char hex[9], ip[ADDR_TEXT];
		int64_t until;

		if (k->stage != STAGE_PUBLISHED)
			continue;
		until = event_held_until(h, k, false, now, &last);
		if (until == NEVER || until == 0)
			continue;
		concern_say(c, h, k, CODE_HOLD,
		    "key %s (%s): %s serves a set without it now and then "
		    "(TTL %u), and each time the wait begins anew.\n  You: "
		    "see why; danesafe status -v %s %s shows every wait",
		    spki_id(&k->id, hex), slot_name(k->slot),
		    addr_ip(&last->auth, ip), last->ttl, h->name, hex)
		    ->eta = until;
	}
}

void
concern_standby(const struct host *h, struct concerns *c)
{
	char hex[9];

	for (int s = 0; h->standby && s < SLOT_COUNT; s++) {
		const struct key *k = host_deployed(h, (enum slot)s);
		const struct key *next = host_candidate(h, (enum slot)s);

		if (!h->slot[s].managed || k == NULL ||
		    (next != NULL && next->stage == STAGE_READY))
			continue;
		concern_say(c, h, k, CODE_STANDBY_MISSING,
		    "the slot %s has no key that is ready to take over from "
		    "%s%s.\n  You: see what it waits for: danesafe status -v "
		    "%s",
		    slot_name((enum slot)s), spki_id(&k->id, hex),
		    next == NULL ? ", and none is on its way" : "", h->name);
	}
}
