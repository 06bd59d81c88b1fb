/*
 * adopt.c - `danesafe adopt`: first contact with a running host, by hand.
 * Takes down what it uses, changes nothing, says what was found.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/when.h"
#include "cmd/pass.h"
#include "cmd/report.h"
#include "core/alias.h"

static void
say_keys(const struct host *h)
{
	char id[9];

	for (size_t i = 0; i < h->n_key; i++) {
		const struct key *k = &h->key[i];

		printf("  key %s (%s): %s, %s\n", spki_id(&k->id, id),
		    slot_name(k->slot),
		    k->adopted ? "in use" : "ours, found on disk", k->key_file);
	}
	if (h->n_key == 0)
		printf("  no key in use\n");
}

static void
say_strangers(const struct host *h, const struct owner *o)
{
	struct tlsa_set set;
	char buf[TLSA_TEXT];

	report_strangers(h, o, &set);
	for (unsigned i = 0; i < set.n; i++) {
		const char *unused = report_unused(&set.rr[i]);

		printf("    TLSA %s: %s%s\n", tlsa_str(&set.rr[i], buf),
		    unused != NULL ? "no mail sender uses it, "
				   : "of no key of this host; it is kept",
		    unused != NULL ? unused : "");
	}
}

static void
say_dns(const struct host *h)
{
	char ip[ADDR_TEXT];

	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		printf("  %s in zone %s\n", o->name,
		    o->zone[0] != 0 ? o->zone : "(not found)");
		for (size_t j = 0; j < o->n_auth; j++) {
			const struct authority *a = &o->auth[j];

			printf("    %s %s: %s", a->name, addr_ip(&a->addr, ip),
			    look_name(a->look));
			if (alias_shown(h, a) != NULL)
				printf(", alias of %s, TTL %u",
				    alias_shown(h, a), a->ttl);
			else if (a->look == LOOK_SHOWN)
				printf(", %u records, TTL %u",
				    h->set[a->set]->n, a->ttl);
			else if (a->why[0] != 0)
				printf(": %s", a->why);
			putchar('\n');
		}
		say_strangers(h, o);
	}
}

static void
say_endpoints(const struct host *h)
{
	char at[ADDR_TEXT], id[9];

	for (size_t i = 0; i < h->n_ep; i++) {
		const struct endpoint *ep = &h->ep[i];

		printf("  %s presents", addr_str(&ep->addr, at));
		for (unsigned j = 0; j < ep->n_seen; j++)
			printf(" %s (%s)", spki_id(&ep->seen[j].key, id),
			    slot_name(ep->seen[j].slot));
		if (ep->n_seen == 0)
			printf(" nothing: %s", ep->why);
		putchar('\n');
	}
}

static int
adopt(struct pass *p, const char *name, struct err *e)
{
	const struct conf_host **hosts = NULL;
	struct pass_host *ph;
	size_t n;
	int rc = -1;

	if (session_select(p->s, 1, (char *[]){ (char *)name }, &hosts, &n, e) <
	    0)
		return -1;
	if (pass_begin(p, hosts, n, e) < 0)
		goto out;
	ph = &p->v[0];
	if (ph->host.adopted_at != NEVER) {
		err_set(e, ERR_REFUSED,
		    "refused: %s is adopted already; see "
		    "'danesafe status %s'",
		    name, name);
		goto out;
	}
	if (pass_look(p, true, e) < 0 || adopt_host(p, ph, e) < 0)
		goto out;
	if (!ph->adopted_now) {
		err_set(e, ERR_REFUSED, "refused: %s: %s", name,
		    ph->host.blocked);
		goto out;
	}
	printf("%s is adopted; nothing was changed. Found:\n", name);
	say_keys(&ph->host);
	say_dns(&ph->host);
	say_endpoints(&ph->host);
	rc = 0;
out:
	free(hosts);
	return rc;
}

int
cmd_adopt(const struct cmd *c, int argc, char **argv)
{
	struct session s;
	struct pass p = { .s = &s };
	struct err e;
	char **words;
	int n, rc;

	n = cmd_words(argc, argv, &words);
	if (n != 1)
		return cmd_usage("adopt",
		    n < 0 ? NULL : "one host must be named");
	if (session_open(&s, c, SESSION_WRITE, &e) < 0)
		return cmd_fail(&e);
	rc = adopt(&p, words[0], &e);
	pass_release(&p);
	return session_end(&s, rc, &e);
}
