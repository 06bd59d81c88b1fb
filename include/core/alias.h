/*
 * alias.h - names that stand for others (CNAME, DNAME): which further owners
 * a sender's lookup may end at, and until when.
 *
 * An alias that an authority served is a sighting like any other: its set is
 * the empty one with a target (host_alias).  It asks nothing itself, and where
 * it leads is one more owner of the host, with a zone, authorities, sightings
 * and a law of its own.  Caches keep each link for itself, so that an old
 * alias may lead to what its target serves now: such an owner lives as long
 * as some cache may hold an alias that leads there, and until then its sets
 * bind like all others.
 *
 * Kinds of owner:
 *   named     in the config (not `derived`): a service's, or one of others
 *   base      port 0: the name of the host itself and what it stands for.
 *             Only aliases are looked for there; it has no records
 *   derived   where an alias of a named or derived one leads, or a service's
 *             owner at what the name of the host stands for (RFC 7672 section
 *             2.2.2: that one first, then the host's own)
 */
#ifndef CORE_ALIAS_H
#define CORE_ALIAS_H

#include "core/host.h"

#define ALIAS_LINKS 8  /* in a row; resolvers follow no more than about 11 */
#define ALIAS_NODES 24 /* derived owners of a host */

/* The name that the set stands for; NULL: it is a set of records. */
const char *alias_target(const struct host *h, int set);
/* What this authority answered last, if that was an alias; else NULL. */
const char *alias_shown(const struct host *h, const struct authority *a);

/* Some authority may serve an alias here now: no record can stand beside it. */
bool alias_is_link(const struct host *h, const struct owner *o);
bool alias_is_base(const struct owner *o);

/* Does an alias at `from` with this target lead to that owner? */
bool alias_leads(const struct owner *from, const char *target,
    const struct owner *to);
/* The owners that it leads to, one after the other: behind `after`, which is
 * NULL at first.  From a name of the host to what that stands for and to the
 * services there, else to one at most; NULL: no more. */
struct owner *alias_led(const struct host *h, const struct owner *from,
    const char *target, const struct owner *after);
/* The owner of its own kind to which what was seen at `from` leads senders: as
 * caches may hold it at `elapsed` (NEVER: as it may be served now), or NULL. */
struct owner *alias_follow(const struct host *h, const struct owner *from,
    const struct sighting *s, int64_t elapsed);
/* Was any seen for the host, ever since? */
bool alias_is_anywhere(const struct host *h);

/*
 * Adds the owners that living aliases lead to; how many.  Call it again when
 * they have been looked at.  One that is one too many blocks its host, with a
 * sentence at the owner whose alias leads there.
 */
size_t alias_grow(struct host *h, const struct now *now);

/*
 * Derives until, role and loop of every owner from the sightings; call it
 * whenever these have changed.
 */
void alias_settle(struct host *h);

/*
 * Says which derived owners are past: no living alias leads there, and they
 * bind nobody.  Drops those of them of which no cache can hold anything that
 * was fetched while one did, when it is also too late (POLICY_MEMORY) for the
 * alias to have come back and gone unseen.  In a zone of ours one is kept
 * while it shows a record of a key that is not destroyed.
 *
 * Where less than a chain of ALIAS_LINKS has room (ALIAS_NODES), those go
 * sooner that hold nothing: what was fetched there, by whatever way, is over,
 * and each of its servers says what it serves.  One that an alias leads to
 * again joins like any that comes later (sighting_assume).
 */
void alias_prune(struct host *h, const struct now *now);

/* The moment after which no cache can hold this set and lead a sender to it;
 * NEVER: it may be served now. */
int64_t alias_horizon(const struct host *h, const struct owner *o,
    const struct sighting *s);

bool alias_living(const struct host *h, const struct owner *o,
    const struct sighting *s, int64_t elapsed);

/* Are the keys' records here ours to add and remove? */
bool alias_publishes(const struct owner *o);
/*
 * Blocks, with a sentence, an owner that an alias leads to and whose records
 * are ours to change, but not ours alone: a first record of some kind there
 * would fail the servers that have none of it (RFC 7671 section 9).  Call it
 * when the primary was read.
 */
void alias_spare_others(struct host *h);
/* Where these records stand: a wildcard, or the name itself. */
const char *alias_at(const struct owner *o);
/* Do senders connect for this owner under a name of its own (SNI)? */
bool alias_listens(const struct owner *o);

/*
 * The owner at the end of the chain that begins here, by what is served now
 * and, where authorities differ, by the first of them; the owner itself when
 * no alias is here, NULL for a loop.
 */
const struct owner *alias_end(const struct host *h, const struct owner *o);

#endif
