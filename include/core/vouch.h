/*
 * vouch.h - an authority that this machine cannot ask, for want of a route:
 * taken to serve what the other addresses of its name serve.
 *
 * The risk is named in danesafe(8): one server may hold different data at its
 * IPv4 and its IPv6 address.  So it is done only where nothing better can be:
 * an address that ever answered here is waited for.  Any answer is one, also
 * REFUSED: a lame server spreads no old data, but the other address, which is
 * not lame, was no witness of it then; and what was waited for while it could
 * be asked must not be let pass because the route is lost.  Only of one that
 * was never heard is nothing known that speaks against the word.
 */
#ifndef CORE_VOUCH_H
#define CORE_VOUCH_H

#include "core/sighting.h"

/*
 * Takes down, for the authority at `addr`, what the addresses of another
 * family with its name were seen to answer in this pass.  False, with nothing
 * taken down, when there is none, or one of them gave no valid answer, or they
 * differ, or `addr` itself was ever seen to answer.
 */
bool vouch_note(struct host *h, struct owner *o, const struct addr *addr,
    const struct now *now);

/* Was the last look at it only such a word? */
bool vouched(const struct owner *o, const struct authority *a);

#endif
