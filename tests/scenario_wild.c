/*
 * scenario_wild.c - records that are of a wildcard, in the made-up world:
 * they stand at one name and are of several, and a record put at one of these
 * takes the answers of the others away (RFC 4592 section 2.2).
 */
#include "scenario_words.h"

#include <stdio.h>
#include <string.h>

/* There is a name of its own below the wildcard now: it answers for no name
 * beside it. */
static void
hide(struct world *w, const char *wildcard)
{
	for (size_t i = 0; i < w->n_own; i++) {
		struct w_owner *o = &w->own[i];

		if (strcmp(o->source, wildcard) != 0)
			continue;
		o->source[0] = 0;
		o->primary.n = 0;
		world_change(w, o);
	}
}

void
world_put(struct world *w, const char *at, const struct tlsa_set *set)
{
	struct w_owner *named = world_owner(w, at);
	char hidden[HOST_NAME] = "";

	if (named != NULL)
		snprintf(hidden, sizeof(hidden), "%s",
		    named->source[0] != 0 ? named->source : named->hides);
	if (hidden[0] != 0)
		hide(w, hidden);
	for (size_t i = 0; i < w->n_own; i++) {
		struct w_owner *o = &w->own[i];

		if (o != named && strcmp(o->source, at) != 0)
			continue;
		o->primary = *set;
		world_change(w, o);
	}
}

/* `wildcard NAME`: the records of the owner are of this one. */
bool
do_wildcard(struct run *r)
{
	snprintf(owner_now(r)->source, HOST_NAME, "%s", r->w[0]);
	return true;
}

/* `hides NAME`: it has no records, and a first one would hide this one. */
bool
do_hides(struct run *r)
{
	snprintf(owner_now(r)->hides, HOST_NAME, "%s", r->w[0]);
	return true;
}
