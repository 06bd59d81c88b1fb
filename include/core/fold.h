/*
 * fold.h - the bound of what is remembered of the name servers of an owner.
 *
 * Who serves the zone, be it a stranger to whom an alias leads, may answer
 * with another set, another TTL, another alias each time, and may list other
 * servers.  What finds no room is folded, never forgotten: first the same set
 * with several TTLs becomes one with the longest; then the oldest sets, those
 * that no cache holds before all others, become one of which nothing is known
 * (tlsa_set_any): it matches no key, may have the record of every key, and
 * ends with the last of them.  What was answered last stays as it is.
 */
#ifndef CORE_FOLD_H
#define CORE_FOLD_H

#include "core/sighting.h"

#define SIGHTINGS_MAX 512 /* of an owner's authorities, each its part ... */
#define SIGHTINGS_ONE 32  /* ... and that at most */
#define SIGHTINGS_LEFT \
	256 /* of addresses that left: the rest in one row
			      without an address */

/* Makes room for one more row at this address. */
void fold_at(struct host *h, struct owner *o, const struct addr *auth);
/* Keeps to the bounds; moves the rows about. */
void fold(struct host *h, struct owner *o);

/* The row of all addresses that found no room; NULL: there is none. */
const struct sighting *fold_nowhere(const struct owner *o);

/* What is to be opened at an address at once (rows move about meanwhile); zero
 * it, and free v. */
struct opening {
	struct {
		int set;
		uint32_t ttl;
	} * v;
	size_t n, cap;
};
void opening_add(struct opening *op, int set, uint32_t ttl);
/* Folds it when there is more than an address of the owner has room for. */
void opening_fit(struct opening *op, struct host *h, const struct owner *o);

#endif
