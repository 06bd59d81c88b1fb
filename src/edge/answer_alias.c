/*
 * answer_alias.c - the judgement of an answer that names another name: a
 * CNAME at the name, or a DNAME above it.  Follows nothing.
 */
#include "edge/answer_trial.h"

#include <string.h>

#define TYPE_DNAME 39
#define TYPE_RRSIG 46
#define TYPE_NSEC 47

static bool
is_cname(const struct trial *t, const struct wire_rr *rr)
{
	return rr->section == WIRE_ANSWER && rr->class == WIRE_CLASS_IN &&
	    rr->type == TYPE_CNAME && wire_name_eq(&rr->owner, &t->owner);
}

/* One of a name above: those further down the chain are others' business. */
static bool
is_dname(const struct trial *t, const struct wire_rr *rr)
{
	return rr->section == WIRE_ANSWER && rr->class == WIRE_CLASS_IN &&
	    rr->type == TYPE_DNAME && wire_name_in(&t->owner, &rr->owner) &&
	    !wire_name_eq(&t->owner, &rr->owner);
}

/* Nothing stands beside an alias (RFC 2181 section 10.1) but what signs and
 * denies it (RFC 4034 sections 2.1, 3 and 4), nor below one (RFC 6672 section
 * 2.4) but the CNAME that is made of it. */
static bool
is_beside(const struct trial *t, const struct wire_rr *rr)
{
	return rr->section == WIRE_ANSWER && rr->class == WIRE_CLASS_IN &&
	    rr->type != TYPE_CNAME && rr->type != TYPE_RRSIG &&
	    rr->type != TYPE_NSEC && wire_name_eq(&rr->owner, &t->owner);
}

static const struct wire_rr *
find(const struct trial *t,
    bool (*is)(const struct trial *, const struct wire_rr *), size_t *ret_n)
{
	const struct wire_rr *found = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < t->m->n; i++) {
		if (!is(t, &t->m->rr[i]))
			continue;
		(*ret_n)++;
		if (found == NULL)
			found = &t->m->rr[i];
	}
	return found;
}

bool
trial_is_alias(const struct trial *t)
{
	size_t n;

	return find(t, is_cname, &n) != NULL || find(t, is_dname, &n) != NULL;
}

/* The only name in the rdata. */
static bool
target_of(const struct trial *t, const struct wire_rr *rr,
    struct wire_name *ret)
{
	size_t end;

	return wire_rdata_name(t->m, rr, rr->rdata, ret, &end) &&
	    end == rr->rdata + rr->len;
}

/* The name with `from` at its end replaced by `to`; false: too long. */
static bool
replace(const struct wire_name *name, const struct wire_name *from,
    const struct wire_name *to, struct wire_name *ret)
{
	size_t keep = (size_t)(name->len - from->len);

	if (keep + to->len > sizeof(ret->b))
		return false;
	memcpy(ret->b, name->b, keep);
	memcpy(ret->b + keep, to->b, to->len);
	ret->len = (uint8_t)(keep + to->len);
	return true;
}

static int
take(struct trial *t, const struct wire_rr *rr, struct wire_name *ret,
    struct glance *g, struct err *e)
{
	struct verified v;

	if (!target_of(t, rr, ret))
		return trial_wrong(e, "an alias that is not well-formed");
	if (trial_verify(t, WIRE_ANSWER, &rr->owner, rr->type, &v, e) < 0)
		return err_prefix(e, "its alias");
	trial_source(&rr->owner, v.labels, g->source);
	g->ttl = v.ttl;
	return 0;
}

int
trial_alias(struct trial *t, struct glance *g, struct err *e)
{
	size_t cnames, dnames, beside;
	const struct wire_rr *dname = find(t, is_dname, &dnames),
			     *cname = find(t, is_cname, &cnames);
	const struct wire_rr *rr = dname != NULL ? dname : cname;
	struct wire_name to, name;

	if ((dname != NULL ? dnames : cnames) > 1)
		return trial_wrong(e, "more than one alias");
	if (find(t, is_beside, &beside) != NULL)
		return trial_wrong(e, "an alias, and other records beside it");
	if (dname != NULL && !wire_name_in(&dname->owner, &t->zone))
		return trial_wrong(e,
		    "an alias (DNAME) at a name that is not in the zone");
	if (take(t, rr, &to, g, e) < 0)
		return -1;
	name = to;
	if (dname != NULL && !replace(&t->owner, &dname->owner, &to, &name))
		return trial_wrong(e, "an alias (DNAME) to a name too long");
	if (!wire_name_text(&name, g->alias))
		return trial_wrong(e, "an alias to a name of other letters");
	g->look = LOOK_SHOWN;
	return 0;
}
