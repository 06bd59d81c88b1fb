/*
 * resolv.h - the system's resolver, as resolv.conf(5) names it.
 */
#ifndef EDGE_RESOLV_H
#define EDGE_RESOLV_H

#include <stdbool.h>

#include "base/addr.h"

#define RESOLV_CONF "/etc/resolv.conf"

/* The first name server, port 53; false when there is none. */
bool resolv_first(const char *path, struct addr *ret_addr);

#endif
