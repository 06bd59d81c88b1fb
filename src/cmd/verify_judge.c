/*
 * verify_judge.c - from what was seen to what a DANE sender would conclude
 * (RFC 7672 section 2.2).  Looks at nothing itself.
 */
#include "cmd/verify.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "core/alias.h"
#include "core/meet.h"

const char *
verdict_name(enum verdict v)
{
	static const char *const words[] = {
		[VERDICT_OK] = "ok",
		[VERDICT_WARNING] = "warning",
		[VERDICT_CRITICAL] = "critical",
		[VERDICT_UNKNOWN] = "unknown",
	};

	return words[v];
}

/* What is known to be wrong is worse than what is not known. */
bool
verdict_worse(enum verdict a, enum verdict b)
{
	static const int rank[] = {
		[VERDICT_OK] = 0,
		[VERDICT_WARNING] = 1,
		[VERDICT_UNKNOWN] = 2,
		[VERDICT_CRITICAL] = 3,
	};

	return rank[a] > rank[b];
}

/*
 * A sender's resolver takes what is bogus for no answer at all, and the
 * sender waits.  Where one server is silent it asks another.
 */
enum verdict
verify_authority(const struct authority *a)
{
	switch (a->look) {
	case LOOK_SHOWN:
	case LOOK_NONE:
	case LOOK_UNSIGNED:
		return VERDICT_OK;
	case LOOK_BOGUS:
		return VERDICT_CRITICAL;
	case LOOK_SILENT:
	case LOOK_COUNT:
		break;
	}
	return VERDICT_WARNING;
}

/* Does it ask anything of the server?  (A denial, an alias and an unsigned zone
 * do not; nor does what never reaches a sender.) */
static bool
demands(const struct host *h, const struct authority *a)
{
	return a->look == LOOK_SHOWN && alias_shown(h, a) == NULL;
}

/* What a sender that holds this set thinks of the chain. */
static enum verdict
judge_chain(const struct tlsa_set *s, const struct cover_chain *c,
    const char **ret_why)
{
	unsigned usable = 0;
	const struct tlsa *r;
	const char *lack;

	for (unsigned i = 0; i < s->n; i++)
		usable += !cover_unusable(&s->rr[i]);
	if (usable == 0) {
		*ret_why = "no record that a sender can use: the key is not "
			   "checked";
		return VERDICT_WARNING;
	}
	r = cover_each(s, c);
	lack = r != NULL ? cover_lack(r, c) : NULL;
	if (!cover_any(s, c)) {
		*ret_why = lack != NULL ? lack : "no record matches the key";
		return VERDICT_CRITICAL;
	}
	if (r != NULL) {
		*ret_why = "some parameters have no record that matches, and "
			   "some senders know only those";
		return VERDICT_WARNING;
	}
	return VERDICT_OK;
}

/* All records that the address showed: several servers may be behind it. */
static enum verdict
judge_sets(const struct host *h, const struct owner *o,
    const struct authority *a, const struct cover_chain *c,
    const char **ret_why)
{
	enum verdict worst = judge_chain(h->set[a->set], c, ret_why), v;
	const char *why;

	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];

		if (s->gone != NEVER || h->set[s->set]->n == 0 ||
		    addr_cmp(&s->auth, &a->addr) != 0)
			continue;
		v = judge_chain(h->set[s->set], c, &why);
		if (verdict_worse(v, worst)) {
			worst = v;
			*ret_why = why;
		}
	}
	return worst;
}

enum verdict
verify_pair(const struct host *h, const struct owner *o,
    const struct authority *a, const struct probe *p, const char **ret_why)
{
	const char *why = NULL;
	struct cover_chain c = probe_chain(p);
	enum verdict v = VERDICT_OK;

	if (p->result == PROBE_DOWN) {
		why = p->why;
		v = VERDICT_WARNING;
	} else if (p->result == PROBE_PLAIN) {
		why = p->why;
		v = demands(h, a) ? VERDICT_CRITICAL : VERDICT_WARNING;
	} else if (p->result == PROBE_NOKEY && p->offer == OFFER_ANY) {
		why = "it has no certificate that senders can use";
		v = demands(h, a) ? VERDICT_CRITICAL : VERDICT_WARNING;
	} else if (p->result == PROBE_KEY && demands(h, a))
		v = judge_sets(h, o, a, &c, &why);
	if (ret_why != NULL)
		*ret_why = why;
	return v;
}

enum verdict
verify_probe(const struct host *h, unsigned owner, const struct probe *p,
    unsigned *ret_content, unsigned *ret_all)
{
	enum verdict worst = VERDICT_OK;
	struct reach r;

	*ret_content = *ret_all = 0;
	reach_begin(&r, h);
	reach_from(&r, h, owner, NEVER);
	for (size_t n = 0; n < h->n_own; n++)
		for (size_t i = 0; r.is[n] && i < h->own[n].n_auth; i++) {
			const struct authority *a = &h->own[n].auth[i];
			enum verdict v = verify_pair(h, &h->own[n], a, p, NULL);

			if (alias_shown(h, a) == NULL) {
				*ret_content += v == VERDICT_OK;
				(*ret_all)++;
			}
			if (verdict_worse(v, worst))
				worst = v;
		}
	reach_release(&r);
	return worst;
}

/* ---- the whole host ---- */

/* The first thing that is as bad as the worst, in a sentence. */
struct finding {
	enum verdict verdict;
	char text[300];
};

static void find(struct finding *f, enum verdict v, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
find(struct finding *f, enum verdict v, const char *fmt, ...)
{
	struct text t = TEXT_INIT;
	va_list ap;

	if (!verdict_worse(v, f->verdict))
		return;
	f->verdict = v;
	va_start(ap, fmt);
	text_vaddf(&t, fmt, ap);
	va_end(ap);
	text_fmt(f->text, sizeof(f->text), "%s", text_str(&t));
	text_release(&t);
}

static void
find_dns(const struct host *h, struct finding *f)
{
	char ip[ADDR_TEXT];

	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		if (o->loop || o->blocked[0] != 0 || o->n_auth == 0)
			find(f,
			    o->loop		 ? VERDICT_CRITICAL
				: o->n_auth == 0 ? VERDICT_UNKNOWN
						 : VERDICT_WARNING,
			    "%s: %s", o->name,
			    o->blocked[0] != 0 ? o->blocked
					       : "no name server was found");
		for (size_t j = 0; j < o->n_auth; j++)
			find(f, verify_authority(&o->auth[j]),
			    "%s: %s %s is %s: %s", o->name, o->auth[j].name,
			    addr_ip(&o->auth[j].addr, ip),
			    look_name(o->auth[j].look), o->auth[j].why);
	}
}

static void
find_probe(const struct host *h, const struct owner *o, const struct probe *p,
    struct finding *f)
{
	char at[ADDR_TEXT], ip[ADDR_TEXT], id[9];
	const char *why;

	for (size_t i = 0; i < o->n_auth; i++) {
		enum verdict v = verify_pair(h, o, &o->auth[i], p, &why);

		if (v == VERDICT_OK)
			continue;
		if (p->result == PROBE_KEY)
			find(f, v, "%s presents %s; %s %s answers: %s",
			    addr_str(&p->addr, at), spki_id(&p->key, id),
			    o->auth[i].name, addr_ip(&o->auth[i].addr, ip),
			    why);
		else
			find(f, v, "%s: %s", addr_str(&p->addr, at), why);
	}
}

/* A probe against all that senders may end at which ask at its owner. */
static void
find_probes(const struct host *h, unsigned owner, const struct probe *p,
    struct finding *f)
{
	struct reach r;

	reach_begin(&r, h);
	reach_from(&r, h, owner, NEVER);
	for (size_t i = 0; i < h->n_own; i++)
		if (r.is[i])
			find_probe(h, &h->own[i], p, f);
	reach_release(&r);
}

/* How many authorities say this, of records. */
static unsigned
count(const struct host *h, enum look look)
{
	unsigned n = 0;

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++)
			n += h->own[i].auth[j].look == look &&
			    !alias_is_base(&h->own[i]) &&
			    alias_shown(h, &h->own[i].auth[j]) == NULL;
	return n;
}

static void
good_words(const struct host *h, char *buf, size_t size)
{
	unsigned shown = count(h, LOOK_SHOWN);

	if (shown > 0)
		text_fmt(buf, size,
		    "senders that do DANE deliver: what %zu endpoints present "
		    "matches what %u name server addresses answer",
		    h->n_ep, shown);
	else if (count(h, LOOK_NONE) > 0)
		text_fmt(buf, size,
		    "no TLSA records: senders deliver without DANE");
	else
		text_fmt(buf, size,
		    "the zone is not signed: senders deliver without DANE");
}

/* Some probe got as far as the server's certificate, or the lack of one or of
 * STARTTLS. */
static bool
anything_seen(const struct verified_host *v)
{
	for (size_t i = 0; i < v->host.n_ep * VERIFY_PROBES; i++)
		if (v->probe[i].result != PROBE_DOWN)
			return true;
	return false;
}

void
verify_judge(struct verified_host *v)
{
	struct finding f = { .verdict = VERDICT_OK };
	const struct host *h = &v->host;

	find_dns(h, &f);
	if (h->n_ep == 0)
		find(&f, VERDICT_UNKNOWN, "no address of the host was found");
	for (size_t i = 0; i < h->n_ep; i++)
		for (size_t j = 0; j < VERIFY_PROBES; j++)
			find_probes(h, h->ep[i].owner,
			    &v->probe[i * VERIFY_PROBES + j], &f);
	/* What could not be looked at is neither good nor bad. */
	if (f.verdict == VERDICT_WARNING && !anything_seen(v))
		f.verdict = VERDICT_UNKNOWN;
	v->verdict = f.verdict;
	if (f.verdict == VERDICT_OK)
		good_words(h, f.text, sizeof(f.text));
	text_fmt(v->summary, sizeof(v->summary), "%s", f.text);
}
