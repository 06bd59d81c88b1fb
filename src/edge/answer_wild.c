/*
 * answer_wild.c - records that a wildcard stands for: which wildcard, and
 * that nothing closer to the name is there.
 */
#include "edge/answer_trial.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#undef dprintf /* ldns/util.h */

#define TYPE_NSEC 47
#define TYPE_NSEC3 50
#define ITERATIONS_MAX 150 /* of a hash; validators believe no more */

void
trial_source(const struct wire_name *owner, unsigned labels,
    char buf[HOST_NAME])
{
	struct wire_name n = *owner;
	char text[HOST_NAME];

	buf[0] = 0;
	if (labels >= wire_name_labels(owner))
		return;
	while (wire_name_labels(&n) > labels && wire_name_up(&n))
		;
	if (wire_name_text(&n, text))
		text_fmt(buf, HOST_NAME, "*.%.252s",
		    strcmp(text, ".") == 0 ? "" : text);
}

/* The name that would have to be there for the wildcard not to count. */
static struct wire_name
next_closer(const struct wire_name *owner, unsigned labels)
{
	struct wire_name n = *owner;

	while (wire_name_labels(&n) > labels + 1 && wire_name_up(&n))
		;
	return n;
}

static bool
nsec_spans(const struct trial *t, const struct wire_rr *rr,
    const struct wire_name *name)
{
	struct wire_name next;
	size_t end;

	if (!wire_rdata_name(t->m, rr, rr->rdata, &next, &end))
		return false;
	if (wire_name_cmp(&rr->owner, name) >= 0)
		return false;
	return wire_name_cmp(&next, &rr->owner) <= 0 ||
	    wire_name_cmp(name, &next) < 0;
}

/* The first label of a name, as the hash that it is. */
static bool
hash_label(const ldns_rdf *name, uint8_t buf[64], size_t *ret_len)
{
	const uint8_t *p = ldns_rdf_data(name);

	if (ldns_rdf_size(name) < 1 || p[0] == 0 || p[0] > 63)
		return false;
	for (size_t i = 0; i < p[0]; i++)
		buf[i] = p[i + 1] >= 'A' && p[i + 1] <= 'Z'
		    ? (uint8_t)(p[i + 1] - 'A' + 'a')
		    : p[i + 1];
	*ret_len = p[0];
	return true;
}

static bool
hash_between(ldns_rr *rr, const ldns_rdf *hash)
{
	ldns_rdf *next_rdf = ldns_nsec3_next_owner(rr);
	char *next = next_rdf == NULL ? NULL : ldns_rdf2str(next_rdf);
	uint8_t from[64], is[64];
	size_t from_len, len;
	bool between = false;
	int low, high;

	if (next != NULL && hash_label(ldns_rr_owner(rr), from, &from_len) &&
	    hash_label(hash, is, &len) && from_len == len &&
	    strlen(next) >= len) {
		low = memcmp(from, is, len);
		high = memcmp(is, next, len);
		between = memcmp(next, from, len) <= 0 ? low < 0 || high < 0
						       : low < 0 && high < 0;
	}
	free(next);
	return between;
}

static bool
hash_is_owner(ldns_rr *rr, const ldns_rdf *hash)
{
	uint8_t owner[64], is[64];
	size_t owner_len, len;

	return hash_label(ldns_rr_owner(rr), owner, &owner_len) &&
	    hash_label(hash, is, &len) && owner_len == len &&
	    memcmp(owner, is, len) == 0;
}

/* What the record says of the hash of the name. */
static bool
ask_hash(const struct trial *t, const struct wire_rr *rr,
    const struct wire_name *name, bool (*says)(ldns_rr *, const ldns_rdf *))
{
	ldns_rdf *dname, *hash;
	char text[HOST_NAME];
	bool yes = false;
	ldns_rr *l;

	if (!wire_name_text(name, text) ||
	    (dname = ldns_dname_new_frm_str(text)) == NULL)
		return false;
	l = verify_rr(t->m, rr);
	if (l != NULL && ldns_nsec3_iterations(l) <= ITERATIONS_MAX) {
		hash = ldns_nsec3_hash_name_frm_nsec3(l, dname);
		yes = hash != NULL && says(l, hash);
		ldns_rdf_deep_free(hash);
	}
	ldns_rr_free(l);
	ldns_rdf_deep_free(dname);
	return yes;
}

bool
trial_hashed(const struct trial *t, const struct wire_rr *rr,
    const struct wire_name *name)
{
	return rr->class == WIRE_CLASS_IN && rr->type == TYPE_NSEC3 &&
	    wire_name_in(&rr->owner, &t->zone) &&
	    ask_hash(t, rr, name, hash_is_owner);
}

bool
trial_spans(const struct trial *t, const struct wire_rr *rr,
    const struct wire_name *name)
{
	if (rr->class != WIRE_CLASS_IN || !wire_name_in(&rr->owner, &t->zone))
		return false;
	if (rr->type == TYPE_NSEC)
		return nsec_spans(t, rr, name);
	/* The hash lies between those of two names that are there. */
	return rr->type == TYPE_NSEC3 && ask_hash(t, rr, name, hash_between);
}

/*
 * An interval of names that holds the owner, with nothing at or below the
 * closer name at either end: that one would be there, if only to hold it.
 */
static bool
proves_alone(const struct trial *t, const struct wire_rr *rr,
    const struct wire_name *owner, const struct wire_name *closer)
{
	struct wire_name next;
	size_t end;

	if (rr->type == TYPE_NSEC3)
		return trial_spans(t, rr, closer);
	return rr->type == TYPE_NSEC && trial_spans(t, rr, owner) &&
	    wire_rdata_name(t->m, rr, rr->rdata, &next, &end) &&
	    !wire_name_in(&rr->owner, closer) && !wire_name_in(&next, closer);
}

static int
prove_alone(struct trial *t, const struct wire_name *owner, unsigned labels,
    struct err *e)
{
	struct wire_name closer = next_closer(owner, labels);
	struct verified v;

	for (size_t i = 0; i < t->m->n; i++) {
		const struct wire_rr *rr = &t->m->rr[i];

		if (rr->section != WIRE_AUTHORITY ||
		    !proves_alone(t, rr, owner, &closer))
			continue;
		return trial_verify(t, WIRE_AUTHORITY, &rr->owner, rr->type, &v,
		    e);
	}
	return trial_wrong(e,
	    "records of a wildcard, without a proof that nothing stands "
	    "closer");
}

static size_t
count_signatures(const struct verify *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->m->n; i++)
		n += verify_covers(v, &v->m->rr[i]);
	return n;
}

int
trial_verify(struct trial *t, enum wire_section section,
    const struct wire_name *owner, uint16_t type, struct verified *ret,
    struct err *e)
{
	struct verify v = { .m = t->m,
		.section = section,
		.owner = *owner,
		.zone = t->zone,
		.type = type,
		.wildcard = section == WIRE_ANSWER,
		.now = t->by->now,
		.margin = t->by->margin,
		.memo = t->memo };

	if (verify_rrset(&v, t->keys, ret, e) < 0)
		return -1;
	/* The first signature to end counts. */
	if (t->records_signed.until == 0 ||
	    ret->span.until < t->records_signed.until)
		t->records_signed = ret->span;
	t->one_signature = section == WIRE_ANSWER &&
	    ret->labels >= wire_name_labels(owner) && count_signatures(&v) == 1;
	if (ret->labels >= wire_name_labels(owner))
		return 0;
	return prove_alone(t, owner, ret->labels, e);
}
