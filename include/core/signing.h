/*
 * signing.h - what the times of signatures say of a zone: it is about to be
 * bogus, since nobody signs it anew.
 *
 * These times are of the wall clock, and so is all that is derived from them
 * here.  Whoever acts on it asks for a trusted clock besides.
 */
#ifndef CORE_SIGNING_H
#define CORE_SIGNING_H

#include "core/sighting.h"

/* Notes at an authority what a look told of its signatures, if anything.
 * Newer ones than those that it had before: the zone is signed anew. */
void signing_note(struct authority *a, const struct glance *g);

/* A signature that ends soon, of those that end soon the first. */
struct signing_end {
	const struct owner *o;
	const struct authority *a;
	time_t until;
	bool keys; /* over the DNSKEY set; else over the records */
};

/*
 * Is one that an authority showed in its last look so near to its end that
 * people are told (SIGNING_SAY), or that nothing is begun (SIGNING_ACT)?
 *
 * SAY: three days or two holds of the set are left, or less, and no more than
 * a tenth of its life.  Every signer signs anew in good time, but by its own
 * measure: some sign for a day at a time.
 * ACT: less than the hold is left; where signatures were seen to be renewed,
 * no more than a tenth of its life either, so that zones whose signatures
 * never live for ten holds do not stand still.
 *
 * Of authorities that are in the NS set, at owners that are not past.
 */
enum signing_for { SIGNING_SAY, SIGNING_ACT };
bool signing_ends(const struct host *h, time_t now, enum signing_for what,
    struct signing_end *ret);

#endif
