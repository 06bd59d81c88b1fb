/*
 * answer_denial.c - the judgement of an answer without records: is it signed
 * and proved that there are none, and does the resolver say so, too?
 */
#include "edge/answer_trial.h"

#include "base/text.h"

#define TYPE_NSEC 47
#define TYPE_NSEC3 50
#define SETS_MAX 12 /* RRsets in a denial */

/* Is the type in the bitmap at `at` (RFC 4034 section 4.1.2)? */
static bool
in_bitmap(const struct wire_msg *m, size_t at, size_t end, unsigned type)
{
	while (end - at >= 2) {
		unsigned window = m->p[at], len = m->p[at + 1];

		if (len > end - at - 2)
			return true; /* broken: proves nothing */
		if (window == type >> 8 && (type & 255) / 8 < len &&
		    (m->p[at + 2 + (type & 255) / 8] & (0x80 >> (type & 7))))
			return true;
		at += 2u + len;
	}
	return end != at;
}

/* Neither the type nor an alias, and not the parent's side of a delegation. */
static bool
lacks_type(const struct trial *t, const struct wire_rr *rr, size_t bitmap)
{
	size_t end = rr->rdata + rr->len;

	return !in_bitmap(t->m, bitmap, end, trial_type(t)) &&
	    !in_bitmap(t->m, bitmap, end, TYPE_CNAME) &&
	    (!in_bitmap(t->m, bitmap, end, TYPE_NS) ||
		in_bitmap(t->m, bitmap, end, TYPE_SOA));
}

/*
 * An NSEC at the name without the type (and not that of a delegation), or
 * one that spans the name.  Whether a wildcard stands in between is left to
 * the resolver, which must agree.
 */
static bool
nsec_denies(const struct trial *t, const struct wire_rr *rr)
{
	struct wire_name next;
	size_t bitmap;

	if (!wire_name_in(&rr->owner, &t->zone) ||
	    !wire_rdata_name(t->m, rr, rr->rdata, &next, &bitmap))
		return false;
	if (wire_name_eq(&rr->owner, &t->owner))
		return lacks_type(t, rr, bitmap);
	return trial_spans(t, rr, &t->owner);
}

/* Where its bitmap begins (RFC 5155 section 3.2); its end when it is cut. */
static size_t
nsec3_bitmap(const struct wire_msg *m, const struct wire_rr *rr)
{
	size_t at = rr->rdata + 5, end = rr->rdata + rr->len;

	if (rr->len < 5)
		return end;
	at += m->p[rr->rdata + 4]; /* the salt */
	if (at < end)
		at += 1u + m->p[at]; /* the next hash */
	return at < end ? at : end;
}

/*
 * The same by the hash of the name, or of one above it that would have to be
 * there: which of them is the next after the last that is there, another NSEC3
 * says, and that is the resolver's to check, like wildcards.
 */
static bool
nsec3_denies(const struct trial *t, const struct wire_rr *rr)
{
	struct wire_name n = t->owner;

	if (trial_hashed(t, rr, &n))
		return lacks_type(t, rr, nsec3_bitmap(t->m, rr));
	while (!wire_name_eq(&n, &t->zone)) {
		if (trial_spans(t, rr, &n))
			return true;
		if (!wire_name_up(&n))
			break;
	}
	return false;
}

/* What the sets of a denial come to. */
struct denial {
	size_t sets;
	bool proved, has_soa;
	uint32_t ttl;
};

/* A cache keeps a denial for the smaller of the SOA's TTL and minimum. */
static void
note_soa(const struct trial *t, const struct wire_rr *rr, uint32_t ttl,
    struct denial *d)
{
	uint32_t minimum;

	if (!wire_name_eq(&rr->owner, &t->zone) || rr->len < 20)
		return;
	minimum = wire_32(t->m->p + rr->rdata + rr->len - 4);
	if (minimum < ttl)
		ttl = minimum;
	if (ttl > d->ttl)
		d->ttl = ttl;
	d->has_soa = true;
}

/* Its interval may be kept for as long as its own TTL (RFC 8198). */
static void
note_nsec(const struct trial *t, const struct wire_rr *rr, uint32_t ttl,
    struct denial *d)
{
	if (ttl > d->ttl)
		d->ttl = ttl;
	if (rr->type == TYPE_NSEC3 ? nsec3_denies(t, rr) : nsec_denies(t, rr))
		d->proved = true;
}

static int
judge_set(struct trial *t, const struct wire_rr *rr, struct denial *d,
    struct err *e)
{
	struct verified v;

	if (rr->section != WIRE_AUTHORITY || rr->class != WIRE_CLASS_IN ||
	    (rr->type != TYPE_SOA && rr->type != TYPE_NSEC &&
		rr->type != TYPE_NSEC3))
		return 0;
	if (++d->sets > SETS_MAX)
		return trial_wrong(e, "a denial of too many records");
	if (trial_verify(t, WIRE_AUTHORITY, &rr->owner, rr->type, &v, e) < 0)
		return -1;
	if (rr->type == TYPE_SOA)
		note_soa(t, rr, v.ttl, d);
	else
		note_nsec(t, rr, v.ttl, d);
	return 0;
}

int
trial_denial(struct trial *t, struct glance *g, struct err *e)
{
	struct denial d = { .sets = 0 };

	for (size_t i = 0; i < t->m->n; i++)
		if (judge_set(t, &t->m->rr[i], &d, e) < 0)
			return trial_wrong_in(e, WHY_DENIED);
	if (!d.proved || !d.has_soa)
		return trial_wrong(e, WHY_DENIED " without a proof");
	if (!t->by->resolver_denies)
		return trial_wrong(e,
		    "it denies the records, the resolver does "
		    "not");
	g->ttl = d.ttl;
	g->look = LOOK_NONE;
	text_fmt(g->why, sizeof(g->why),
	    trial_type(t) == TYPE_TLSA ? "no TLSA records" : "no alias");
	return 0;
}
