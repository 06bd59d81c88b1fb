/*
 * concern_mail.c - what needs attention because mail may be deferred now: the
 * law, the cheapest cure, and what is presented or published besides.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cmd/concern.h"
#include "cmd/report.h"
#include "core/alias.h"
#include "core/event.h"
#include "core/record.h"

/* ---- the law, and its cure ---- */

/* Every set that senders may hold matches the key. */
static bool
matches_all(const struct host *h, const struct key *k, const struct now *now)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		for (size_t j = 0; j < o->n_seen; j++)
			if (alias_living(h, o, &o->seen[j], now->elapsed) &&
			    record_fails(h, h->set[o->seen[j].set], k) != NULL)
				return false;
	}
	return true;
}

/* A key at hand that everybody takes. */
static const struct key *
cure_key(const struct host *h, const struct now *now)
{
	for (size_t i = 0; i < h->n_key; i++) {
		const struct key *k = &h->key[i];

		if (k->stored && k->cert_ok && !k->compromised &&
		    k->destroyed_at == NEVER && matches_all(h, k, now))
			return k;
	}
	return NULL;
}

static bool
presents(const struct endpoint *ep, const struct spki *key)
{
	for (unsigned i = 0; i < ep->n_seen; i++)
		if (spki_eq(&ep->seen[i].key, key))
			return true;
	return false;
}

/* The only endpoint of several that presents the key; NULL: none is alone. */
static const struct endpoint *
cure_endpoint(const struct host *h, const struct spki *key)
{
	const struct endpoint *only = NULL;

	for (size_t i = 0; i < h->n_ep; i++) {
		if (!presents(&h->ep[i], key))
			continue;
		if (only != NULL)
			return NULL;
		only = &h->ep[i];
	}
	return h->n_ep > 1 ? only : NULL;
}

/* Some authority of the owner answers what matches the key. */
static bool
shown_elsewhere(const struct host *h, const struct breach *b)
{
	struct presented p = { .key = b->key };
	const struct owner *o = &h->own[b->owner];
	const struct key *k = host_find_key(h, &b->key);

	if (k != NULL)
		p = record_presents(k);
	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].fresh && o->auth[i].look == LOOK_SHOWN &&
		    record_unmatched(h, h->set[o->auth[i].set], &p) == NULL)
			return true;
	return false;
}

/* The commands are about one Postfix of several. */
static void
add_tls(const struct host *h, struct text *t, const char *words)
{
	text_add(t, "danesafe tls ");
	if (h->config_dir != NULL)
		text_addf(t, "--config-dir %s ", h->config_dir);
	text_add(t, words);
}

static void
add_deploy(const struct host *h, const struct key *k, struct text *t)
{
	char hex[9];

	text_addf(t, "deploy key %s now, which every set matches: ",
	    spki_id(&k->id, hex));
	add_tls(h, t, "deploy-server-cert ");
	text_addf(t, "%s %s, then postfix ", k->cert_file, k->key_file);
	if (h->config_dir != NULL)
		text_addf(t, "-c %s ", h->config_dir);
	text_add(t, "reload\n  Or: ");
}

static void
add_cure(const struct host *h, const struct breach *b, const struct now *now,
    struct text *t)
{
	const struct key *k = cure_key(h, now);
	const struct endpoint *ep = cure_endpoint(h, &b->key);
	char hex[9], at[ADDR_TEXT], ip[ADDR_TEXT];

	text_add(t, "\n  You: ");
	if (k != NULL && !spki_eq(&k->id, &b->key))
		add_deploy(h, k, t);
	if (ep != NULL)
		text_addf(t, "mend %s, which alone presents key %s\n  Or: ",
		    addr_str(&ep->addr, at), spki_id(&b->key, hex));
	if (shown_elsewhere(h, b))
		text_addf(t,
		    "have the zone transferred to %s again, or take it out of "
		    "the NS sets",
		    addr_ip(&b->auth, ip));
	else
		text_addf(t,
		    "make it show every record of 'danesafe records %s', or "
		    "serve a key that it shows",
		    h->name);
}

/* The key is one of ours, in use, and a server forgot its record. */
static bool
is_regression(const struct host *h, const struct breach *b)
{
	const struct key *k = host_find_key(h, &b->key);

	return k != NULL && k->stage == STAGE_DEPLOYED && shown_elsewhere(h, b);
}

static void
say_law(const struct host *h, const struct breach *b, const struct now *now,
    struct concerns *c)
{
	struct text t = TEXT_INIT;
	char say[400];

	law_say(h, b, now, say, sizeof(say));
	if (b->partly) {
		concern_say(c, h, NULL, CODE_AGILITY,
		    "%s.\n  You: remove the records of that kind, or make one "
		    "match; until then no other key is deployed",
		    say);
		return;
	}
	add_cure(h, b, now, &t);
	concern_say(c, h, NULL,
	    is_regression(h, b) ? CODE_REGRESSION_LIVE : CODE_INV1,
	    "%s: DANE senders that ask it defer mail now.%s", say,
	    text_str(&t));
	text_release(&t);
}

void
concern_law(const struct host *h, const struct now *now, struct concerns *c)
{
	size_t n = law_broken(h, now, NULL, 0);
	struct breach *b = mem_array(n + 1, sizeof(*b));
	const struct breach *worst = NULL;

	law_broken(h, now, b, n);
	/* Caches and silence are said by the guards. */
	for (size_t i = 0; i < n; i++)
		if (b[i].shown_now &&
		    (worst == NULL || (worst->partly && !b[i].partly)))
			worst = &b[i];
	if (worst != NULL)
		say_law(h, worst, now, c);
	free(b);
}

/* ---- what is presented ---- */

static bool
is_published(const struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++)
			if (h->own[i].auth[j].look == LOOK_SHOWN)
				return true;
	return false;
}

/* Some answer of now does not match it. */
static bool
is_uncovered(const struct host *h, const struct presented *p)
{
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++) {
			const struct authority *a = &h->own[i].auth[j];

			if (a->fresh && a->look == LOOK_SHOWN &&
			    record_unmatched(h, h->set[a->set], p) != NULL)
				return true;
		}
	return false;
}

static void
foreign(const struct host *h, struct concerns *c)
{
	char hex[9];

	for (unsigned i = 0; i < h->n_foreign; i++) {
		bool open = is_uncovered(h, &h->foreign[i]);

		concern_say(c, h, NULL, CODE_FOREIGN_CERT,
		    "Postfix is set to key %s, which danesafe does not know%s: "
		    "who replaced it (a hook of a certificate client, a "
		    "package)?\n  You: set it back, or publish its record at "
		    "once: %s IN TLSA 3 1 1 ...",
		    spki_id(&h->foreign[i].key, hex),
		    open ? ", and records do not match it" : "",
		    h->n_own > 0 ? alias_at(&h->own[0]) : h->name)
		    ->level = open ? LEVEL_CRITICAL : LEVEL_WARNING;
	}
}

/* Somebody put it to use too early, where danesafe does not act. */
static void
premature(const struct host *h, struct concerns *c)
{
	char hex[9], at[ADDR_TEXT];

	for (size_t i = 0; i < h->n_key; i++)
		for (size_t j = 0; j < h->n_ep; j++) {
			const struct key *k = &h->key[i];

			if (k->stage >= STAGE_READY ||
			    !presents(&h->ep[j], &k->id))
				continue;
			concern_say(c, h, k, CODE_PREMATURE_DEPLOY,
			    "%s presents key %s, which is only %s: it was "
			    "switched outside of danesafe.\n  You: set that "
			    "server back to the key it had before",
			    addr_str(&h->ep[j].addr, at), spki_id(&k->id, hex),
			    stage_name(k->stage));
			break;
		}
}

static void
no_starttls(const struct host *h, struct concerns *c)
{
	bool published = is_published(h);
	struct text tls = TEXT_INIT;
	char at[ADDR_TEXT];

	for (size_t i = 0; i < h->n_ep; i++) {
		const struct endpoint *ep = &h->ep[i];

		if (!ep->fresh || ep->sweep != SWEEP_DOWN ||
		    strstr(ep->why, WHY_NO_STARTTLS) == NULL)
			continue;
		add_tls(h, &tls, "enable-server");
		concern_say(c, h, NULL, CODE_STARTTLS_MISSING,
		    "%s does not offer STARTTLS%s.\n  You: turn it on there "
		    "(%s), or take its address out of the DNS",
		    addr_str(&ep->addr, at),
		    published ? ", and DANE senders insist on it" : "",
		    text_str(&tls))
		    ->level = published ? LEVEL_CRITICAL : LEVEL_WARNING;
		text_release(&tls);
		return;
	}
}

void
concern_presented(const struct host *h, const struct now *now,
    struct concerns *c)
{
	(void)now;
	foreign(h, c);
	premature(h, c);
	no_starttls(h, c);
}

/* ---- other records ---- */

void
concern_records(const struct host *h, struct concerns *c)
{
	bool unusable = false, stranger = false;
	struct tlsa_set set;
	char said[REPORT_STRANGER];

	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		report_strangers(h, o, &set);
		for (unsigned j = 0; j < set.n; j++) {
			const char *why = report_unused(&set.rr[j]);

			if (why != NULL ? unusable : stranger)
				continue;
			*(why != NULL ? &unusable : &stranger) = true;
			concern_say(c, h, NULL,
			    why != NULL ? CODE_TLSA_UNUSABLE
					: CODE_TLSA_FOREIGN,
			    "%s: %s%s.\n  You: remove it, unless another "
			    "server needs it",
			    report_stranger(o, &set.rr[j], said),
			    why != NULL ? "no mail sender uses it: "
					: "it names no key of this host",
			    why != NULL ? why : "");
		}
	}
}
