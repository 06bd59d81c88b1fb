/*
 * pause.h - a host whose steps a person has frozen until some moment.
 *
 * What goes on, since mail depends on it, and nothing else:
 *   a key falls back when an authority lacks its record (that is seen, not
 *     done);
 *   a key that the server's settings name already is taken down as deployed,
 *     as others did that;
 *   the record of a deployed key is put back where the primary holds a set
 *     that fails it: senders would defer mail;
 *   a certificate is made anew for the same key, and one that was brought for
 *     a key in use is published, where records are about it, and deployed:
 *     it ends some day, pause or not.
 */
#ifndef CORE_PAUSE_H
#define CORE_PAUSE_H

#include "core/act.h"
#include "core/host.h"

/* Is it paused now?  While the wall clock is not explained, nobody knows that
 * the pause is over. */
bool pause_holds(const struct host *h, const struct now *now);

/* Is this step of a key one of those that go on? */
bool pause_spares(const struct host *h, enum act act, const struct key *k,
    enum stage to);

#endif
