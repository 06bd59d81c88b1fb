/*
 * sighting.h - the only memory of the DNS: which authority served which set,
 * with which TTL, and until when it may have (dane-safety: L(v) + K(v)).
 *
 * Nothing here stores a deadline: horizons are derived each time.
 */
#ifndef CORE_SIGHTING_H
#define CORE_SIGHTING_H

#include "core/host.h"

/* What one look at one authority brought. */
struct glance {
	enum look look;
	struct tlsa_set set;	/* LOOK_SHOWN; empty for LOOK_NONE */
	char alias[HOST_NAME];	/* LOOK_SHOWN, no records: the name that this
				   one stands for; "" : none */
	char source[HOST_NAME]; /* LOOK_SHOWN: the wildcard that it is of; "" :
				   it stands at the name itself */
	uint32_t ttl;		/* the larger of TTL and original TTL */
	bool has_serial;
	uint32_t serial;
	uint32_t refresh; /* of that SOA */
	/* LOOK_SHOWN, LOOK_NONE: the first signature to end of those that
	 * were needed, over the records (or their denial) and the keys. */
	struct span records_signed, keys_signed;
	/* LOOK_SHOWN: the first is of the only signature over the records,
	 * which stand at the name itself. */
	bool one_signature;
	bool vouched;	      /* it was not asked; see vouch.h */
	bool answered;	      /* something came back, be it REFUSED */
	char nsid[NSID_TEXT]; /* "" when it gave none */
	char why[HOST_WHY];
};

/*
 * Takes down a look at `addr` (which must be an authority of the owner, see
 * owner_authority).  A valid answer ends every other sighting of this
 * authority that is still open.  An authority that was out of sight (any
 * other outcome; the first look after adoption; more than POLICY_LOOK_GAP
 * since the look before) may have served all that it showed within
 * POLICY_MEMORY, and whatever was living anywhere; with the TTLs that were
 * seen, with that of the first valid answer, and, when it was not heard for
 * longer than POLICY_LOOK_GAP (or never before), with policy.assumed_ttl.
 */
void sighting_note(struct host *h, struct owner *o, const struct addr *addr,
    const struct glance *g, const struct now *now);

/* The index of what a valid look showed; interned if new. */
int sighting_set(struct host *h, const struct glance *g);

/* For instance.h, after sighting_note: another valid answer of the same pass
 * at this address; a set that it may serve still; all that it may serve when
 * nobody knows. */
void sighting_also(struct host *h, struct owner *o, const struct addr *addr,
    const struct glance *g, const struct now *now);
void sighting_keep(struct host *h, struct owner *o, const struct addr *addr,
    int set, uint32_t ttl, const struct now *now);
void sighting_unwatched(struct host *h, struct owner *o,
    const struct addr *addr, const struct now *now);

/*
 * At adoption (of a host, or of an owner that came later): every set that is
 * shown anywhere is taken to have been served until now by every authority,
 * with the largest TTL seen and at least policy.assumed_ttl; by one that
 * gave no valid answer, perhaps still.  Where nothing is shown, and at an
 * owner that came later (`added`): the set of the keys in use, likewise; what
 * is shown there of a key to come may be a minute old.
 */
void sighting_assume(struct host *h, struct owner *o, const struct now *now);

/*
 * An authority is in the NS set of the zone (listed) or not.  One that left
 * counts on until the hold of `ttl` is over, the longest with which an NS set
 * or an address record (glue, too) ever listed it, then its open sightings end
 * and it is dropped.
 */
void sighting_listed(struct host *h, struct owner *o, const struct addr *addr,
    const char *name, uint32_t ttl, const struct now *now);
/* Call once for an owner after all the sighting_listed of a pass.  `listed`
 * are the addresses that were found; the others leave. */
void sighting_unlisted(struct host *h, struct owner *o,
    const struct addr *listed, size_t n, const struct now *now);

/* What was served and not seen is taken to have had this TTL at least. */
uint32_t sighting_assumed_ttl(const struct host *h);

/* The moment after which no cache can hold it; NEVER: it may be served now. */
int64_t sighting_horizon(const struct host *h, const struct sighting *s);
bool sighting_living(const struct host *h, const struct sighting *s,
    int64_t elapsed);

/* Drops what has been dead for longer than POLICY_MEMORY, but for aliases to
 * owners that are still there, and keeps the rest to its bounds (fold.h). */
void sighting_prune(struct host *h, struct owner *o, int64_t elapsed);

#endif
