/*
 * alias_publish.c - whose records are ours to change, behind aliases or not.
 */
#include "base/once.h"
#include "core/alias.h"
#include "core/record.h"

bool
alias_publishes(const struct owner *o)
{
	return !o->foreign && o->role == OWNER_ASKED && !o->past;
}

/* A record in use of no key of the host. */
static bool
has_strangers(const struct host *h, const struct tlsa_set *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (!cover_unusable(&s->rr[i]) &&
		    record_key(h, &s->rr[i]) == NULL)
			return true;
	return false;
}

static bool
has_kind(const struct tlsa_set *s, struct tlsa_kind kind)
{
	for (unsigned i = 0; i < s->n; i++)
		if (tlsa_is(&s->rr[i], kind))
			return true;
	return false;
}

void
alias_spare_others(struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++) {
		struct owner *o = &h->own[i];

		if ((!o->derived && !o->left) || !o->has_primary ||
		    !alias_publishes(o) || o->blocked[0] != 0 ||
		    !has_strangers(h, owner_primary(o)))
			continue;
		for (unsigned j = 0; j < h->n_tlsa; j++)
			if (!has_kind(owner_primary(o), h->tlsa[j]))
				o->blocked = once_fmt(HOST_WHY,
				    "other servers have records there, and "
				    "none is %u %u %u: senders might use "
				    "these alone; add one for every key by "
				    "hand, in one change, or take it out of "
				    "'tlsa'",
				    h->tlsa[j].usage, h->tlsa[j].selector,
				    h->tlsa[j].mtype);
	}
}

const char *
alias_at(const struct owner *o)
{
	return o->source[0] != 0 ? o->source : o->name;
}
