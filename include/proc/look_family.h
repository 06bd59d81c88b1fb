/*
 * look_family.h - address families that this machine has no route for; for
 * look_dns.c.
 */
#ifndef PROC_LOOK_FAMILY_H
#define PROC_LOOK_FAMILY_H

#include "edge/zone.h"

struct families {
	bool lacks_v4, lacks_v6;
};

/* A family is lacking when there is no route to any of the name servers'
 * addresses that are of it, and there are such; in both lists of zones. */
struct families families_find(const struct zone_view *v, size_t n,
    const struct zone_view *more, size_t n_more);

bool families_lack(const struct families *f, const struct addr *a);

/* Another address of the same server, of the other family, is listed. */
bool families_spare(const struct zone_view *v, const struct zone_server *s);

/* Why such an authority says nothing, into its glance. */
void families_why(const struct addr *a, struct glance *ret);

#endif
