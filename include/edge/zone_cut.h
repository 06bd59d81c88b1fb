/*
 * zone_cut.h - which zone a name is in, and which one is above that: the names
 * that have an SOA record of their own.
 */
#ifndef EDGE_ZONE_CUT_H
#define EDGE_ZONE_CUT_H

#include "edge/zone.h"

/*
 * Fills in `zone` and `parent` of n views, and `ok`; why not stands in `why`.
 * Asks the resolver, by `b`, about every name upward from each.
 */
int zone_cuts(struct zone_view *v, size_t n, struct batch *b,
    const struct addr *resolver, int64_t deadline, struct err *e);

#endif
