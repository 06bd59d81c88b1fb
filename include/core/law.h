/*
 * law.h - may this be done?  Values in, yes or no out.
 *
 * One sentence: whatever record set a sender may still hold must match
 * whatever key an endpoint may present to it; an empty set asks nothing.
 *
 * Matches:        each combination of usage, selector and matching type does
 *                 on its own (cover_each), for senders that know less and
 *                 those that take only the strongest digest (RFC 7671
 *                 sections 8 and 9).  Records that no sender uses ask
 *                 nothing.  What is not known of a certificate matches
 *                 nothing.
 * Held sets:      living sightings + the sets that the act would publish.
 * Presented keys: seen at any endpoint + installed + what the act would
 *                 install; an endpoint never seen may present every key that
 *                 is deployed or retiring.
 *
 * If the law is broken already, an act that breaks no further pair is
 * allowed.  By hand, a waiver can lift a pair whose set lives only in caches
 * (hold, for what was gone when the waiver was given) or is served by one
 * named authority (shown): never a set that the act would publish, nor one
 * that every answering authority shows.
 */
#ifndef CORE_LAW_H
#define CORE_LAW_H

#include "core/act.h"
#include "core/host.h"

/* A pair that breaks the law: a set held under an owner, and a key. */
struct breach {
	unsigned owner;
	struct tlsa_set set;
	struct tlsa asks; /* the first of the kind that matches nothing */
	const char *lack; /* why, of usage 2 (cover_lack); or NULL */
	struct spki key;
	bool partly;	/* a sender that knows all of the RFCs accepts it */
	bool proposed;	/* the set is one that the act would publish */
	bool empties;	/* the act would leave no record that senders use */
	bool full;	/* the act would make the set too large */
	bool hides;	/* first records would hide a wildcard (owner.hides) */
	bool unknown;	/* what the primary holds is not known */
	bool unmade;	/* a record of `key` cannot be made: its certificate
			  was never read ... */
	bool no_issuer; /* ... or comes from no issuer that is sent */
	bool crowded;	/* too many different keys are presented to judge */
	struct addr endpoint; /* family not 0: first records would be
				 published while this endpoint was not seen to
				 present a key; `key` says nothing */
	struct addr auth;     /* where the set was seen */
	bool shown_now;	      /* that authority showed it in this pass */
	int64_t until;	      /* elapsed: the horizon; NEVER: no end known */
};

/* Pairs broken now, before any act.  Writes at most max; returns how many
 * there are in all. */
size_t law_broken(const struct host *h, const struct now *now,
    struct breach *ret, size_t max);

/*
 * May the act be done to the key?  True, or false with the first further
 * pair that it would break in *ret.  PUBLISH and WITHDRAW are judged by what
 * they make of that which the primary holds (record_target), and refused
 * while that is not known for every owner.  A
 * WITHDRAW that would leave an empty set is never allowed, nor a DEPLOY of a
 * key that no authority shows where records exist.
 */
bool law_allows(const struct host *h, const struct now *now, enum act act,
    const struct key *k, struct breach *ret);

/* A sentence for people about a breach. */
const char *law_say(const struct host *h, const struct breach *b,
    const struct now *now, char *buf, size_t size);

#endif
