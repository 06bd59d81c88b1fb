/*
 * route.h - could a packet leave this machine for that address at all?
 */
#ifndef EDGE_ROUTE_H
#define EDGE_ROUTE_H

#include <stdbool.h>

#include "base/addr.h"

/*
 * True when the kernel itself says that it has no route to the address, no
 * address to send from, or no such family.  Nothing is sent and nothing is
 * waited for; whatever else goes wrong is no such word.
 */
bool route_missing(const struct addr *a);

#endif
