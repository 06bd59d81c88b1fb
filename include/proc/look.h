/*
 * look.h - the look of a pass: every authority of every owner, then every
 * endpoint; what was seen becomes facts of the hosts.
 */
#ifndef PROC_LOOK_H
#define PROC_LOOK_H

#include "base/err.h"
#include "core/host.h"

struct look_request {
	struct host *host;	      /* owners present (host_owner) */
	const struct addr *endpoints; /* configured; port 0: of the owner */
	size_t n_endpoints;
	struct addr primary; /* asked for SOA; family 0: none */
	bool every_family;   /* what cannot be asked here for want of a route
			      is silent, whatever its other addresses say */
	bool several;	     /* each address is asked three times, as where
			      several servers are known behind one */
};

/*
 * Questions to all hosts at once: zones, authorities, TLSA, addresses.
 * Notes every outcome (sighting.h), the zone, authorities that came and
 * left, endpoints that came and left, and owner.blocked.  `deadline` is a
 * clock_mono_ms; what is not answered by then is LOOK_SILENT.
 */
int look_dns(struct look_request *r, size_t n, const struct addr *resolver,
    const struct now *now, int64_t deadline, struct err *e);

/* The same; what earlier looks verified (answer_past.h, NULL: nothing) is not
 * verified again, and what this one verified is added. */
struct answer_past;
int look_dns_again(struct look_request *r, size_t n,
    const struct addr *resolver, const struct now *now, int64_t deadline,
    struct answer_past *past, struct err *e);

/* Sweeps every listed endpoint of the hosts: default, RSA-only and
 * ECDSA-only offers, with SNI and without, all at once. */
void look_endpoints(struct look_request *r, size_t n, const struct now *now,
    int64_t deadline);

#endif
