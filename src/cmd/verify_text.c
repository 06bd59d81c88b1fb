/*
 * verify_text.c - verify for people: a verdict, then what was seen where.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/verify.h"
#include "core/alias.h"

static void
print_authority(const struct host *h, const struct authority *a)
{
	char ip[ADDR_TEXT], buf[TLSA_TEXT];

	printf("    %s %s: %s", a->name, addr_ip(&a->addr, ip),
	    look_name(a->look));
	if (alias_shown(h, a) != NULL)
		printf(", alias of %s", alias_shown(h, a));
	if (a->look == LOOK_SHOWN)
		printf(", TTL %u", a->ttl);
	if (a->why[0] != 0)
		printf(": %s", a->why);
	putchar('\n');
	for (unsigned i = 0; a->look == LOOK_SHOWN && i < h->set[a->set]->n;
	     i++)
		printf("      %s\n", tlsa_str(&h->set[a->set]->rr[i], buf));
}

static void
print_probe(const struct host *h, unsigned owner, const struct probe *p)
{
	static const char *const offers[OFFER_COUNT] = { "any", "rsa",
		"ecdsa" };
	unsigned content, all;
	enum verdict v = verify_probe(h, owner, p, &content, &all);
	char at[ADDR_TEXT], hex[65];

	printf("    %s %s%s: ", addr_str(&p->addr, at), offers[p->offer],
	    p->sni != NULL ? ", SNI" : "");
	if (p->result == PROBE_KEY)
		printf("%s (%s): %s, %u of %u\n", spki_hex(&p->key, hex),
		    slot_name(p->slot), verdict_name(v), content, all);
	else if (p->result == PROBE_NOKEY)
		printf("no such certificate\n");
	else if (p->result == PROBE_PLAIN)
		printf("%s\n", p->why);
	else
		printf("could not look: %s\n", p->why);
}

/* Nothing that a sender concludes from: all in any of the sets were asked. */
static void
print_mismatch(const struct host *h, unsigned owner)
{
	const struct owner *o = &h->own[owner];

	for (unsigned i = 0; i < owner; i++)
		if (strcmp(h->own[i].zone, o->zone) == 0)
			return;
	if (o->ns_differ != NULL)
		printf("    %s\n", o->ns_differ);
}

void
verify_print(const struct verified_host *v)
{
	const struct host *h = &v->host;

	printf("%s %s: %s\n", h->name, verdict_name(v->verdict), v->summary);
	for (unsigned i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		printf("  %s in zone %s%s\n", o->name,
		    o->zone[0] != 0 ? o->zone : "(not found)",
		    o->derived	     ? ", where an alias leads"
			: o->foreign ? ", which others run"
				     : "");
		if (o->source[0] != 0)
			printf("    answered by the wildcard %s\n", o->source);
		if (o->blocked[0] != 0)
			printf("    %s\n", o->blocked);
		print_mismatch(h, i);
		for (size_t j = 0; j < o->n_auth; j++)
			print_authority(h, &o->auth[j]);
		for (size_t j = 0; j < h->n_ep * VERIFY_PROBES; j++)
			if (h->ep[j / VERIFY_PROBES].owner == i)
				print_probe(h, i, &v->probe[j]);
	}
}
