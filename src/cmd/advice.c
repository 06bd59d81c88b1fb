/*
 * advice.c - what a person can do about a guard that is unmet.
 */
#include "cmd/advice.h"

#include "core/alias.h"
#include "core/event.h"
#include "core/left.h"
#include "core/record.h"
#include "core/renew.h"

/* A line of its own; the first one ends the sentence before it. */
static void
add_line(struct text *t, bool *any)
{
	text_add(t, *any ? "\n  You: " : ".\n  You: ");
	*any = true;
}

/* Has the authority done what is waited for? */
static bool
is_done(const struct host *h, const struct owner *o, const struct authority *a,
    const struct key *k, bool add)
{
	if (o->past)
		return true;
	return add ? event_content_at(o, a, h, k) : event_gone_at(a, h, k);
}

/*
 * The records that the first authority shows that has not done it yet; where
 * none shows any, what it would be without the key, or with it alone.
 */
static void
set_now(const struct host *h, const struct owner *o, const struct key *k,
    bool add, struct tlsa_set *ret)
{
	*ret = tlsa_set_value(h->set[0]);
	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].look == LOOK_SHOWN &&
		    !is_done(h, o, &o->auth[i], k, add)) {
			*ret = tlsa_set_value(h->set[o->auth[i].set]);
			return;
		}
	if (!add)
		record_target(h, ACT_PUBLISH, k, h->set[0], ret);
}

/* The records of `a` that are not in `b`, ready to paste. */
static void
add_beyond(const struct owner *o, const struct tlsa_set *a,
    const struct tlsa_set *b, const char *head, struct text *t)
{
	char buf[TLSA_TEXT];
	bool any = false;

	for (unsigned i = 0; i < a->n; i++) {
		if (tlsa_set_has(b, &a->rr[i]))
			continue;
		if (!any)
			text_add(t, head);
		any = true;
		text_addf(t, "\n    %s IN TLSA %s", alias_at(o),
		    tlsa_str(&a->rr[i], buf));
	}
}

/*
 * What is to be added and removed for the key, in one change: what would be
 * done to the primary if it were ours to do.
 */
static void
add_records(const struct host *h, const struct key *k, bool add, bool foreign,
    struct text *t)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];
		struct tlsa_set is, want;

		if (o->foreign != foreign || (foreign && left_alone(h, o)) ||
		    o->role != OWNER_ASKED || o->past)
			continue;
		if (add && o->hides[0] != 0)
			text_addf(t,
			    "\n    (mind that the names beside %s lose the "
			    "answers of %s)",
			    o->name, o->hides);
		set_now(h, o, k, add, &is);
		if (record_target(h, add ? ACT_PUBLISH : ACT_WITHDRAW, k, &is,
			&want) != TARGET_KNOWN)
			continue;
		if (add)
			add_beyond(o, &want, &is, "", t);
		add_beyond(o, &is, &want,
		    add ? "\n  and in the same change remove:" : "", t);
	}
}

/* Why it is not yet seen that what is waited for was done. */
struct lack {
	/* Authorities of our own zones: they answer, and without it; do not
	 * answer; answer what does not validate. */
	bool late, silent, invalid;
	bool all;    /* no authority of our own zones has done it */
	bool theirs; /* one of a zone that others run has not */
	/* Nor has one of this name, which is out of the config; NULL: all. */
	const struct owner *left;
};

static void
note_lack(const struct host *h, const struct owner *o,
    const struct authority *a, struct lack *l)
{
	if (o->foreign && left_alone(h, o))
		l->left = o;
	else if (o->foreign)
		l->theirs = true;
	else if (!a->fresh || a->look == LOOK_SILENT)
		l->silent = true;
	else if (a->look == LOOK_BOGUS || a->look == LOOK_UNSIGNED)
		l->invalid = true;
	else
		l->late = true;
}

static struct lack
lack_of(const struct host *h, const struct key *k, bool add)
{
	struct lack l = { .all = true };

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++) {
			const struct owner *o = &h->own[i];

			if (!is_done(h, o, &o->auth[j], k, add))
				note_lack(h, o, &o->auth[j], &l);
			else if (!o->foreign)
				l.all = false;
		}
	return l;
}

/* Authorities of our own zones answer as if nothing had been done. */
static void
add_late(const struct host *h, const struct key *k, bool all, bool add,
    struct text *t)
{
	if (all && !h->publishes) {
		text_add(t,
		    add ? "add this, beside what is there:"
			: "remove this, and nothing else:");
		add_records(h, k, add, false, t);
	} else if (all && add)
		text_addf(t,
		    "see whether the primary has it: if not, why it is not "
		    "updated; else check the zone transfers; danesafe records "
		    "%s shows what they should have",
		    h->name);
	else if (add)
		text_addf(t,
		    "check the zone transfer to it; danesafe records %s shows "
		    "what it should have",
		    h->name);
	else
		text_add(t,
		    "check the zone transfer to it; it is harmless for mail");
}

/* What others are to do is said beside the first trouble of their zone. */
static void
keep_only(struct lack *l, enum code only)
{
	bool silent = only == CODE_NS_UNREACH;
	bool invalid = only == CODE_DNSSEC_BOGUS || only == CODE_DOE_BROKEN;

	if (only == CODE_NONE)
		return;
	l->late = l->late && !silent && !invalid;
	l->silent = l->silent && silent;
	l->invalid = l->invalid && invalid;
	if (silent || invalid) {
		l->theirs = l->theirs && !l->silent && !l->invalid;
		l->left = l->silent || l->invalid ? NULL : l->left;
	}
}

/* Records are missing, or still there, or it cannot be seen. */
static void
add_record_advice(const struct host *h, const struct key *k, bool add,
    enum code only, struct text *t)
{
	struct lack l = lack_of(h, k, add);
	bool any = false;

	keep_only(&l, only);
	if (l.late) {
		add_line(t, &any);
		add_late(h, k, l.all, add, t);
	}
	if (l.silent) {
		add_line(t, &any);
		text_add(t,
		    "see why it does not answer from here, on port 53, by UDP "
		    "and TCP; or take it out of the NS sets");
	}
	if (l.invalid) {
		add_line(t, &any);
		text_addf(t,
		    "see why its answer does not validate; danesafe verify %s "
		    "asks again",
		    h->name);
	}
	if (l.theirs) {
		add_line(t, &any);
		text_addf(t, "ask those who run the zone to %s",
		    add ? "add this, beside what is there:"
			: "remove this, and nothing else:");
		add_records(h, k, add, true, t);
	}
	if (l.left != NULL) {
		add_line(t, &any);
		text_addf(t,
		    "%s is no longer in the config: take its records out of "
		    "the DNS, or put it back; where its zone is gone for good: "
		    "danesafe forget %s %s --reason TEXT",
		    l.left->name, h->name, l.left->name);
	}
}

void
advice_issue(const struct host *h, const struct key *k, struct text *t)
{
	text_addf(t,
	    ".\n  You: send the issuer a request for it, and install what "
	    "comes back, the issuer's own certificates after it:\n"
	    "    danesafe tls output-server-csr -k %s %s\n"
	    "    danesafe install-cert %s FILE",
	    k->key_file, h->name, h->name);
}

/* Does some endpoint present it to one sender and another key to the next? */
static bool
presents_both(const struct host *h, const struct key *k)
{
	for (size_t i = 0; i < h->n_ep; i++) {
		const struct endpoint *ep = &h->ep[i];
		bool it = false, other = false;

		for (unsigned j = 0; j < ep->n_seen; j++) {
			if (spki_eq(&ep->seen[j].key, &k->id))
				it = true;
			else if (ep->seen[j].slot == k->slot)
				other = true;
		}
		if (it && other)
			return true;
	}
	return false;
}

static void
add_served(const struct host *h, const struct key *k, struct text *t)
{
	char hex[9];

	if (presents_both(h, k))
		text_addf(t,
		    ".\n  You: it presents this key to some senders and "
		    "another to others: reload Postfix there; where it has "
		    "tls_server_sni_maps, give the table %s, too, and run "
		    "postmap -F; the old record stays until then",
		    k->key_file);
	else
		text_addf(t,
		    ".\n  You: give it the key and certificate of %s (%s), or "
		    "take its address out of the DNS; the old record stays "
		    "until then",
		    spki_id(&k->id, hex), k->key_file);
}

void
advice_add(const struct host *h, const struct key *k, enum guard_id id,
    enum code only, struct text *t)
{
	struct key as;

	if (id == GUARD_SHOWN || id == GUARD_GONE)
		add_record_advice(h, k, id == GUARD_SHOWN, only, t);
	else if (id == GUARD_SERVED)
		add_served(h, k, t);
	else if (id == GUARD_STORED && k->stage < STAGE_DEPLOYED)
		text_add(t,
		    k->lost
			? ".\n  danesafe: gives the key up and makes another, "
			  "unless the file is put back"
			: ".\n  You: see why it cannot be read; if it is "
			  "removed, danesafe gives the key up and makes "
			  "another");
	else if (id == GUARD_STORED)
		text_addf(t,
		    ".\n  You: put the file back, or start a rollover: "
		    "danesafe rollover %s --reason TEXT",
		    h->name);
	else if (id == GUARD_SIGNED)
		text_add(t,
		    ".\n  You: see why the zone is not signed anew, or does "
		    "not get there");
	else if (id == GUARD_CERT && k->next_chain != 0 && k->next_ok) {
		as = renew_as(k);
		add_record_advice(h, &as, true, CODE_NONE, t);
	} else if (id == GUARD_CERT &&
	    (k->cert_issued || record_wants_issuer(h, k)))
		advice_issue(h, k, t);
	else if (id == GUARD_CERT)
		text_add(t,
		    record_binds(h)
			? ".\n  danesafe: gives the key up and makes another"
			: ".\n  danesafe: makes another certificate");
}
