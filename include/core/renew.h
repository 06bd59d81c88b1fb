/*
 * renew.h - another certificate for a key that stays.
 *
 * A key that is not deployed presents nothing: it takes it at once.  For a
 * deployed one it waits beside the one in use (key.next_chain): its records are
 * published, and it is deployed when no living set fails it.  What it replaces
 * (key.past_chain) is remembered while the zone has a record of it, so that the
 * record is removed, and so that an endpoint is seen that still presents it.
 */
#ifndef CORE_RENEW_H
#define CORE_RENEW_H

#include "core/host.h"

/* Somebody brought the key this chain (of the host). */
void renew_take(const struct host *h, struct key *k, int chain);
/* Its certificate file was read, and holds this chain. */
void renew_read(const struct host *h, struct key *k, int chain);
/* What waited is installed. */
void renew_done(const struct host *h, struct key *k);
/* Forgets what the zone has no record of any more. */
void renew_prune(struct host *h);

/* The key as it is once what waits for it is installed. */
struct key renew_as(const struct key *k);
/* This is the key, with a certificate that it had before. */
bool renew_is_past(const struct host *h, const struct key *k,
    const struct presented *p);

#endif
