/*
 * signing.c - what the times of signatures say of a zone.  Judges what was
 * seen; verifies nothing, and knows no elapsed time.
 */
#include "core/signing.h"

#include "core/policy.h"

#define SAY_AHEAD (3 * 86400)

static bool
is_newer(const struct span *was, const struct span *is)
{
	return was->until != 0 && is->until != 0 && is->from > was->from;
}

void
signing_note(struct authority *a, const struct glance *g)
{
	if (is_newer(&a->records_signed, &g->records_signed) ||
	    is_newer(&a->keys_signed, &g->keys_signed))
		a->renewed = true;
	if (g->records_signed.until != 0)
		a->records_signed = g->records_signed;
	if (g->keys_signed.until != 0)
		a->keys_signed = g->keys_signed;
}

/* So much must be left of the life of a signature. */
static int64_t
margin(const struct host *h, const struct authority *a, const struct span *s,
    enum signing_for what)
{
	int64_t hold = policy_hold(&h->policy, a->ttl);
	int64_t tenth = (s->until - s->from) / 10, least = hold;

	if (what == SIGNING_SAY)
		least = 2 * hold > SAY_AHEAD ? 2 * hold : SAY_AHEAD;
	if (what == SIGNING_ACT && !a->renewed)
		return least;
	return least < tenth ? least : tenth;
}

static void
first_at(const struct host *h, const struct owner *o, const struct authority *a,
    time_t now, enum signing_for what, struct signing_end *first)
{
	const struct span *of[2] = { &a->records_signed, &a->keys_signed };

	if (!a->fresh || (a->look != LOOK_SHOWN && a->look != LOOK_NONE) ||
	    a->left_at != NEVER)
		return;
	for (int i = 0; i < 2; i++)
		if (of[i]->until != 0 &&
		    of[i]->until - now < margin(h, a, of[i], what) &&
		    (first->a == NULL || of[i]->until < first->until))
			*first = (struct signing_end){ o, a, of[i]->until,
				i == 1 };
}

bool
signing_ends(const struct host *h, time_t now, enum signing_for what,
    struct signing_end *ret)
{
	struct signing_end first = { .a = NULL };

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; !h->own[i].past && j < h->own[i].n_auth; j++)
			first_at(h, &h->own[i], &h->own[i].auth[j], now, what,
			    &first);
	*ret = first;
	return first.a != NULL;
}
