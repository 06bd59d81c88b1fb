/*
 * concern_alias.c - what needs attention about names that stand for others.
 */
#include "base/text.h"
#include "cmd/concern.h"
#include "core/alias.h"

/* Every resolver gives up on it, and what is no answer defers mail. */
void
concern_loops(const struct host *h, struct concerns *c)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		if (!o->loop || o->derived)
			continue;
		concern_say(c, h, NULL, CODE_ALIAS_LOOP,
		    "%s: %s.\n  You: point the alias at the name that has the "
		    "TLSA records",
		    o->name, o->blocked);
		return;
	}
}

/* Denied by everybody who was asked: no sender does DANE there. */
static bool
is_empty(const struct owner *o)
{
	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].look != LOOK_NONE)
			return false;
	return o->n_auth > 0;
}

void
concern_dangling(const struct host *h, struct concerns *c)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i], *end;

		if (o->derived || o->foreign || o->role != OWNER_LINK)
			continue;
		end = alias_end(h, o);
		if (end == NULL || !is_empty(end))
			continue;
		concern_say(c, h, NULL, CODE_DANE_INACTIVE,
		    "%s is an alias of %s, which has no TLSA records: senders "
		    "deliver without DANE.\n  You: have the records of "
		    "'danesafe records %s' published there, or take the alias "
		    "away",
		    o->name, end->name, h->name);
		return;
	}
}
