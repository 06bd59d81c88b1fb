/*
 * records.c - `danesafe records`: the TLSA records that should be in the
 * zone, ready to paste.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cmd/report.h"
#include "core/alias.h"
#include "core/event.h"
#include "core/record.h"
#include "core/renew.h"

/*
 * A key's record belongs in the zone from the moment the key is safe on disk
 * until it may be withdrawn.
 */
static bool
belongs(const struct host *h, const struct key *k, const struct now *now)
{
	const struct key *s = host_successor(h, k);

	if (k->stage < STAGE_RETIRING)
		return true;
	if (k->stage != STAGE_RETIRING)
		return false;
	return s == NULL || now->elapsed < event_retire_hold_until(h, k);
}

static uint32_t
ttl_of(const struct owner *o, uint32_t fresh)
{
	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].look == LOOK_SHOWN)
			return o->auth[i].ttl;
	return fresh;
}

/* First records must wait for what is deployed: say so, do not show them. */
static bool
too_early(const struct host *h, const struct owner *o, const struct key *k)
{
	if (k->stage >= STAGE_DEPLOYED)
		return false;
	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].look == LOOK_SHOWN)
			return false;
	return host_deployed(h, SLOT_RSA) != NULL ||
	    host_deployed(h, SLOT_ECDSA) != NULL;
}

static void
print_strangers(const struct host *h, const struct owner *o)
{
	struct tlsa_set set;
	char buf[TLSA_TEXT];

	report_strangers(h, o, &set);
	for (unsigned i = 0; i < set.n; i++) {
		const char *unused = report_unused(&set.rr[i]);

		printf("; not danesafe's, keep it unless you know "
		       "better: TLSA %s\n",
		    tlsa_str(&set.rr[i], buf));
		if (unused != NULL)
			printf("; no mail sender uses it: %s\n", unused);
	}
}

/* Of a key that is here to stay, but of a kind that `tlsa` does not name. */
static void
print_unwanted(const struct host *h, const struct owner *o,
    const struct now *now)
{
	struct tlsa_set seen = { .n = 0 };
	char buf[TLSA_TEXT], id[9];

	for (size_t i = 0; i < o->n_auth; i++) {
		const struct tlsa_set *set = h->set[0];

		if (o->auth[i].look == LOOK_SHOWN)
			set = h->set[o->auth[i].set];
		for (unsigned j = 0; j < set->n; j++)
			tlsa_set_add(&seen, &set->rr[j]);
	}
	for (unsigned i = 0; i < seen.n; i++) {
		const struct key *k = record_key(h, &seen.rr[i]);

		if (k != NULL && belongs(h, k, now) &&
		    (!record_wanted(h, &seen.rr[i]) ||
			record_past(h, &seen.rr[i], k)))
			printf("; to be removed, with the records above in "
			       "place: TLSA %s ; %s\n",
			    tlsa_str(&seen.rr[i], buf), spki_id(&k->id, id));
	}
}

/* With `printed`, those of keys before it: keys of one issuer share a record. */
static void
print_record(const struct owner *o, const struct key *k, const struct tlsa *r,
    uint32_t ttl, struct tlsa_set *printed)
{
	char buf[TLSA_TEXT], id[9];

	spki_id(&k->id, id);
	if (tlsa_set_has(printed, r))
		printf("; key %s (%s): %u %u %u as above\n", id,
		    stage_name(k->stage), r->usage, r->selector, r->mtype);
	else
		printf("%s %u IN TLSA %s ; %s %s\n", alias_at(o), ttl,
		    tlsa_str(r, buf), id, stage_name(k->stage));
	tlsa_set_add(printed, r);
}

static void
print_key(const struct host *h, const struct owner *o, const struct key *k,
    uint32_t ttl, struct tlsa_set *printed)
{
	struct key as = renew_as(k);
	struct tlsa r, next;
	char id[9];

	spki_id(&k->id, id);
	for (unsigned i = 0; i < h->n_tlsa; i++) {
		const struct tlsa_kind *t = &h->tlsa[i];

		if (record_make(h, k, *t, &r))
			print_record(o, k, &r, ttl, printed);
		else
			printf("; key %s: %u %u %u: when %s\n", id, t->usage,
			    t->selector, t->mtype,
			    t->usage == 2
				? "it has a chain of an issuer (danesafe "
				  "install-cert)"
				: "its certificate was read; the next run "
				  "does that");
		if (k->next_chain != 0 && record_make(h, &as, *t, &next) &&
		    tlsa_cmp(&r, &next) != 0)
			print_record(o, k, &next, ttl, printed);
	}
}

/* No record can stand beside an alias. */
static void
print_alias(const struct host *h, const struct owner *o)
{
	const struct owner *end = alias_end(h, o);

	if (end == NULL)
		printf("; %s is an alias without an end\n", o->name);
	else if (end != o)
		printf("; %s is an alias of %s\n", o->name, end->name);
}

static void
print_owner(const struct host *h, const struct owner *o, uint32_t fresh,
    const struct now *now)
{
	struct tlsa_set printed = { .n = 0 };
	uint32_t ttl = ttl_of(o, fresh);
	char id[9];

	if (o->role != OWNER_ASKED) {
		print_alias(h, o);
		return;
	}
	if (o->source[0] != 0)
		printf("; %s is answered by this wildcard, and so is every "
		       "other name below it\n",
		    o->name);
	if (o->hides[0] != 0)
		printf("; a first record at %s would hide %s from the names "
		       "beside it; danesafe publishes none\n",
		    o->name, o->hides);
	if (o->foreign)
		printf("; in zone %s, which others run: for them\n",
		    o->zone[0] != 0 ? o->zone : "(not found)");
	for (size_t i = 0; i < h->n_key; i++) {
		const struct key *k = &h->key[i];

		if (!belongs(h, k, now))
			continue;
		if (too_early(h, o, k))
			printf("; key %s: not yet; the keys in use come "
			       "first\n",
			    spki_id(&k->id, id));
		else
			print_key(h, o, k, ttl, &printed);
	}
	print_unwanted(h, o, now);
	print_strangers(h, o);
}

static int
print_host(struct session *s, const char *name, struct err *e)
{
	const struct conf_host **hosts = NULL;
	struct host h;
	size_t n;
	int rc = -1;

	if (session_select(s, 1, (char *[]){ (char *)name }, &hosts, &n, e) < 0)
		return -1;
	if (session_host(s, hosts[0], &h, e) < 0)
		goto out;
	rc = 0;
	if (h.adopted_at == NEVER)
		rc = err_set(e, ERR_REFUSED,
		    "%s: not adopted yet; the next "
		    "run does that, or 'danesafe adopt %s'",
		    h.name, h.name);
	for (size_t i = 0; rc == 0 && i < h.n_own; i++)
		print_owner(&h, &h.own[i], hosts[0]->tlsa_ttl, &s->now);
	host_release(&h);
out:
	free(hosts);
	return rc;
}

int
cmd_records(const struct cmd *c, int argc, char **argv)
{
	struct session s;
	struct err e;
	char **words;
	int n;

	n = cmd_words(argc, argv, &words);
	if (n != 1)
		return cmd_usage("records",
		    n < 0 ? NULL : "one host must be named");
	if (session_open(&s, c, SESSION_READ, &e) < 0)
		return cmd_fail(&e);
	return session_end(&s, print_host(&s, words[0], &e), &e);
}
