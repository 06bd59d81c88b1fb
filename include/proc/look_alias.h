/*
 * look_alias.h - the part of a look that deals with aliases and wildcards;
 * for the look_*.c files.
 */
#ifndef PROC_LOOK_ALIAS_H
#define PROC_LOOK_ALIAS_H

#include "edge/batch.h"
#include "edge/zone.h"

/* What an owner's authorities are asked for: TLSA; at a name of the host
 * itself A, where a CNAME would show. */
enum rrtype look_type(const struct owner *o);

/* Adds the host's own name as an owner when the resolver or a server of its
 * zone (v) answers with an alias there.  True when it is new. */
bool look_base(struct host *h, const struct zone_view *v, const struct batch *b,
    const struct addr *resolver);

/* Blocks an owner where the resolver follows an alias that no living sighting
 * knows: caches may hold it, and nobody watches where it leads. */
void look_resolver_alias(const struct host *h, struct owner *o,
    const struct question *q, const struct now *now);

/* Takes down which wildcard the records of an owner are of; blocks it where
 * its authorities differ.  Zero *s before the first authority. */
struct look_sources {
	size_t n;
};
void look_source(struct owner *o, const struct glance *g,
    struct look_sources *s);

/* Nothing is built on owners where no alias leads any more: what is wrong there
 * blocks nobody (after alias_prune). */
void look_past(struct host *h);

/* Blocks the owners whose chain has no end (after alias_settle). */
void look_loops(struct host *h);

/*
 * Where every authority denies the records: would first ones hide a wildcard
 * from other names (RFC 4592 section 2.2.2)?  Asked, then (once the batch ran)
 * noted in owner.hides; blocks where somebody does not say.
 */
void look_hides_ask(const struct owner *o, struct batch *b);
void look_hides(struct owner *o, const struct batch *b);

#endif
