/*
 * concern_servers.c - what needs attention about the name servers of a host's
 * owners, whatever they answer.  Each thing is said once a zone.
 */
#include <string.h>

#include "base/text.h"
#include "cmd/concern.h"
#include "core/serial.h"
#include "core/vouch.h"

/* Was the zone of this owner that of one before it? */
static bool
zone_before(const struct host *h, size_t owner)
{
	for (size_t i = 0; i < owner; i++)
		if (strcmp(h->own[i].zone, h->own[owner].zone) == 0)
			return true;
	return false;
}

/* All of them are asked and waited for; but resolvers ask some and not the
 * others, and one that was forgotten is one that nobody keeps. */
static void
mismatch(const struct host *h, size_t owner, struct concerns *c)
{
	const struct owner *o = &h->own[owner];

	if (o->ns_differ == NULL || zone_before(h, owner))
		return;
	concern_say(c, h, NULL, CODE_NS_MISMATCH,
	    "%.900s\n  You: fix at registrar or zone: both list the same",
	    o->ns_differ);
}

/* What nobody here can ask; once, since nothing changes by itself. */
static void
unverified(const struct host *h, size_t owner, struct concerns *c)
{
	const struct owner *o = &h->own[owner];
	struct text t = TEXT_INIT;
	char ip[ADDR_TEXT];

	for (size_t i = 0; i < o->n_auth && !zone_before(h, owner); i++)
		if (o->auth[i].fresh && vouched(o, &o->auth[i]))
			text_addf(&t, "%s%s %s", t.len > 0 ? ", " : "",
			    o->auth[i].name, addr_ip(&o->auth[i].addr, ip));
	if (t.len > 0)
		concern_say(c, h, NULL, CODE_UNVERIFIED,
		    "%.700s: not asked, this machine has no route to such "
		    "addresses; taken to serve what the same server's other "
		    "address does\n  You: give this machine IPv6 (or IPv4), "
		    "or set ipv6: require, to have them waited for",
		    text_str(&t));
	text_release(&t);
}

/* It serves an older zone than before, whatever is in it. */
static void
regression(const struct host *h, size_t owner, struct concerns *c)
{
	const struct owner *o = &h->own[owner];
	struct text t = TEXT_INIT;
	char ip[ADDR_TEXT];
	uint32_t from;

	for (size_t i = 0; i < o->n_auth && !zone_before(h, owner); i++)
		if (serial_went_back(&o->auth[i], &from))
			text_addf(&t, "%s%s %s from serial %u to %u",
			    t.len > 0 ? ", " : "", o->auth[i].name,
			    addr_ip(&o->auth[i].addr, ip), from,
			    o->auth[i].serial);
	if (t.len > 0)
		concern_say(c, h, NULL, CODE_REGRESSION,
		    "went back to an older zone: %.700s\n  You: see why (a "
		    "backup that was restored?) and have the zone transferred "
		    "there anew; what it shows decides, and is waited for",
		    text_str(&t));
	text_release(&t);
}

static bool
has_code(const struct concerns *c, enum code code)
{
	for (size_t i = 0; i < c->n; i++)
		if (concern_code(&c->v[i]) == code)
			return true;
	return false;
}

/* An answer that does not validate, or none at all, that no key waits for. */
void
concern_answers(const struct host *h, struct concerns *c)
{
	char ip[ADDR_TEXT];

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++) {
			const struct owner *o = &h->own[i];
			const struct authority *a = &o->auth[j];
			bool silent = a->look == LOOK_SILENT;
			enum code code = silent ? CODE_NS_UNREACH
			    : strstr(a->why, WHY_DENIED) != NULL
			    ? CODE_DOE_BROKEN
			    : CODE_DNSSEC_BOGUS;

			if (!a->fresh || o->past || a->look == LOOK_SHOWN ||
			    a->look == LOOK_NONE || has_code(c, code))
				continue;
			concern_say(c, h, NULL, code,
			    "%s %s gave no valid answer for %.100s: %s: "
			    "%.199s.\n  You: %s",
			    a->name, addr_ip(&a->addr, ip), o->name,
			    look_name(a->look), a->why,
			    silent
				? "see why it does not answer from here, on "
				  "port 53, by UDP and TCP; or take it out of "
				  "the NS sets"
				: "see why its answer does not validate, or "
				  "take the DS away at the parent");
		}
}

void
concern_servers(const struct host *h, struct concerns *c)
{
	for (size_t i = 0; i < h->n_own; i++)
		mismatch(h, i, c);
	for (size_t i = 0; i < h->n_own; i++)
		unverified(h, i, c);
	for (size_t i = 0; i < h->n_own; i++)
		regression(h, i, c);
}
