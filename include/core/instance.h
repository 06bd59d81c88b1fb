/*
 * instance.h - several servers behind one address (anycast, a balancer): each
 * that was ever heard of must comply.
 *
 * They are told apart by their NSID (RFC 5001), where they give one.  An
 * instance that is not heard in a pass may serve now what it served the last
 * time that it was; after POLICY_MEMORY without a word it is forgotten.  Where
 * there are more than can be told apart, those that serve the same lose their
 * names, and one without (its text has blanks) stands for them as long.  Where
 * even those are too many, one more stands for the rest: it may serve anything.
 *
 * A new NSID is a new server: until it was first heard it may have served
 * whatever was living anywhere (dane-safety: L_s, rule tau-0), with the TTLs
 * that were seen, for the address was never out of sight.  But some servers
 * give each of their processes a name of its own, and there each pass brings a
 * new one.  So the history of the zone counts: a set that nobody was seen to
 * serve for POLICY_MEMORY, as long as an instance is waited for that is not
 * heard any more, is not taken to be served by one that nobody saw.  A hold
 * begins again with each new name until then, and no more.
 *
 * Without NSIDs an address that shows a set, another one, and the first one
 * again is taken for several.
 */
#ifndef CORE_INSTANCE_H
#define CORE_INSTANCE_H

#include "core/sighting.h"

#define INSTANCES_MAX 16 /* at an address: more block, unless they say alike */

/*
 * Must this address be asked several times in a pass?  `nsid`: of an answer
 * to another question of the pass, "" when it gave none.
 */
bool instance_many(const struct owner *o, const struct authority *a,
    const char *nsid, const struct now *now);

/*
 * Takes down the n >= 1 answers of one pass to the same question at `addr`,
 * and the NSID of an answer to another question ("" : none).  The worst of
 * them stands for the address: one that is not valid, else one that covers the
 * fewest of the host's keys; all sets that were shown, or may be served by an
 * instance that was not heard, stay open.
 */
void instance_note(struct host *h, struct owner *o, const struct addr *addr,
    const struct glance *g, size_t n, const char *nsid, const struct now *now);

/* The NSID of an instance at that address that was last heard to serve this
 * set, or NULL. */
const char *instance_of(const struct owner *o, const struct sighting *s);

#endif
