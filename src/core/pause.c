/*
 * pause.c - what a pause freezes and what it does not.  Pure.
 */
#include "core/pause.h"

#include "core/alias.h"
#include "core/record.h"

bool
pause_holds(const struct host *h, const struct now *now)
{
	return h->paused_until != 0 &&
	    (!now->trusted || now->wall < h->paused_until);
}

/* The primary holds a set that senders would hold against the key. */
static bool
fails(const struct host *h, const struct key *k)
{
	for (size_t i = 0; i < h->n_own; i++) {
		const struct owner *o = &h->own[i];

		if (o->has_primary && alias_publishes(o) &&
		    cover_asks(owner_primary(o)) &&
		    record_fails(h, owner_primary(o), k) != NULL)
			return true;
	}
	return false;
}

bool
pause_spares(const struct host *h, enum act act, const struct key *k,
    enum stage to)
{
	switch (act) {
	case ACT_NOTHING:
		return to < k->stage;
	case ACT_CERTIFY:
		return true;
	case ACT_DEPLOY:
		return k->installed;
	case ACT_PUBLISH:
		return k->stage == STAGE_DEPLOYED &&
		    (k->next_chain != 0 || fails(h, k));
	case ACT_MAKE:
	case ACT_WITHDRAW:
	case ACT_DESTROY:
	case ACT_COUNT:
		break;
	}
	return false;
}
