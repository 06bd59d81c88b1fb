/*
 * verify_json.c - verify as one JSON object (jansson), "danesafe.verify/1".
 * Additive only; every field is always there (null, not missing).
 */
#include "cmd/verify.h"

#include <jansson.h>
#include <stdio.h>

#include "core/alias.h"

static json_t *
authority(const struct host *h, const struct authority *a)
{
	json_t *records = json_array();
	char ip[ADDR_TEXT], buf[TLSA_TEXT];

	for (unsigned i = 0; a->look == LOOK_SHOWN && i < h->set[a->set]->n;
	     i++)
		json_array_append_new(records,
		    json_string(tlsa_str(&h->set[a->set]->rr[i], buf)));
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s?, s:s?}",
	    "nameserver", a->name, "address", addr_ip(&a->addr, ip), "result",
	    look_name(a->look), "verdict", verdict_name(verify_authority(a)),
	    "ttl", a->look == LOOK_SHOWN ? json_integer(a->ttl) : json_null(),
	    "records", records, "detail", a->why[0] != 0 ? a->why : NULL,
	    "alias", alias_shown(h, a));
}

static json_t *
probe(const struct host *h, unsigned owner, const struct probe *p)
{
	static const char *const offers[OFFER_COUNT] = { "any", "rsa",
		"ecdsa" };
	static const char *const results[] = { "key", "none", "plain", "down" };
	bool has_key = p->result == PROBE_KEY;
	char at[ADDR_TEXT], hex[65];
	unsigned content, all;
	enum verdict v = verify_probe(h, owner, p, &content, &all);

	return json_pack("{s:s, s:i, s:s, s:s?, s:s, s:s?, s:s?, s:s, s:i, "
			 "s:i, s:s?}",
	    "address", addr_ip(&p->addr, at), "port", (int)p->addr.port,
	    "offer", offers[p->offer], "sni", p->sni, "result",
	    results[p->result], "spki_sha256",
	    has_key ? spki_hex(&p->key, hex) : NULL, "algorithm",
	    has_key && p->slot < SLOT_COUNT ? slot_name(p->slot) : NULL,
	    "verdict", verdict_name(v), "content_authorities", (int)content,
	    "authorities", (int)all, "detail", p->why[0] != 0 ? p->why : NULL);
}

static json_t *
owner(const struct verified_host *v, unsigned index)
{
	const struct host *h = &v->host;
	const struct owner *o = &h->own[index];
	json_t *as = json_array(), *ps = json_array();

	for (size_t i = 0; i < o->n_auth; i++)
		json_array_append_new(as, authority(h, &o->auth[i]));
	for (size_t i = 0; i < h->n_ep * VERIFY_PROBES; i++)
		if (h->ep[i / VERIFY_PROBES].owner == index)
			json_array_append_new(ps,
			    probe(h, index, &v->probe[i]));
	return json_pack("{s:s, s:b, s:s?, s:s?, s:o, s:o, s:b, s:s?, s:s?}",
	    "owner", o->name, "foreign", (int)o->foreign, "zone",
	    o->zone[0] != 0 ? o->zone : NULL, "blocked",
	    o->blocked[0] != 0 ? o->blocked : NULL, "authorities", as, "probes",
	    ps, "by_alias", (int)o->derived, "wildcard",
	    o->source[0] != 0 ? o->source : NULL, "ns_mismatch", o->ns_differ);
}

static json_t *
host(const struct verified_host *v)
{
	json_t *os = json_array();

	for (unsigned i = 0; i < v->host.n_own; i++)
		json_array_append_new(os, owner(v, i));
	return json_pack("{s:s, s:s, s:s, s:o}", "name", v->host.name,
	    "verdict", verdict_name(v->verdict), "summary", v->summary,
	    "services", os);
}

int
verify_json(const struct verified_host *v, size_t n)
{
	json_t *hosts = json_array(), *o;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(hosts, host(&v[i]));
	o = json_pack("{s:s, s:o}", "format", "danesafe.verify/1", "hosts",
	    hosts);
	if (o == NULL)
		return -1;
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n'); /* that it cannot be written is noticed at the end */
	json_decref(o);
	return 0;
}
