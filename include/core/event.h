/*
 * event.h - facts into events: what is true of a key right now.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "core/host.h"
#include "core/machine.h"

/* The events of a key (an element of h->key). */
uint32_t event_of(const struct host *h, const struct key *k,
    const struct now *now);

/* The events of a slot as such (STAGE_NONE). */
uint32_t event_of_slot(const struct host *h, enum slot s,
    const struct now *now);

/* The predicates below are what the events and the guards are made of. */

/* This authority showed, in this pass, a set with a record of the key that
 * matches what it presents (law.h). */
bool event_shown_at(const struct authority *a, const struct host *h,
    const struct key *k);
/* The same, or what asks nothing of a sender: an alias (what it leads to is an
 * owner of its own), or no record at all where nobody misses one: at an owner
 * in a zone that others run, or one that senders only may pass (alias.h). */
bool event_content_at(const struct owner *o, const struct authority *a,
    const struct host *h, const struct key *k);
/* It is silent, and all that it can serve is so (ended.h); `showing`: has no
 * record of the key. */
bool event_silent_at(const struct owner *o, const struct authority *a,
    const struct host *h, const struct key *k, bool showing);
/* The answer that stands for the address is so; and so is what each server
 * behind it was last heard to answer. */
bool event_answers_at(const struct owner *o, const struct authority *a,
    const struct host *h, const struct key *k);
bool event_heard_with(const struct owner *o, const struct instance *in,
    const struct host *h, const struct key *k);
bool event_everyone_at(const struct owner *o, const struct authority *a,
    const struct host *h, const struct key *k);
/* It showed, in this pass, that it has no record of the key. */
bool event_gone_at(const struct authority *a, const struct host *h,
    const struct key *k);
/* The same for an owner; where no alias leads any more (`past`) it is enough,
 * in a zone of ours, that it did not show one when it was last heard. */
bool event_dropped_at(const struct owner *o, const struct authority *a,
    const struct host *h, const struct key *k);
/* This endpoint presented, in this pass, the key and no other of its slot, nor
 * a certificate that the key had before. */
bool event_served_at(const struct host *h, const struct endpoint *ep,
    const struct key *k);
/* All endpoints did (false when there is none), those waived for the key or
 * for `old` (its predecessor; may be NULL) left out. */
bool event_served(const struct host *h, const struct key *k,
    const struct key *old);
/* ... and have done so for `settle`. */
bool event_settled(const struct host *h, const struct key *k,
    const struct key *old, const struct now *now);
/* Some endpoint may present the key, or the settings name it. */
bool event_seen(const struct host *h, const struct key *k);

/*
 * When no set that does not match the key (`showing` false), or no set with a
 * record of it (`showing` true), can be held any more: 0 if that is so now, NEVER if an
 * authority may still serve one.  *ret_last (may be NULL) is the sighting
 * that decides.
 */
int64_t event_held_until(const struct host *h, const struct key *k,
    bool showing, const struct now *now, const struct sighting **ret_last);

/* No signature over what is shown is about to end (signing.h), or that was
 * waived for the key. */
bool event_signed(const struct host *h, const struct key *k,
    const struct now *now);

/* The wall time at which the key's turn comes by the schedule; 0: now. */
time_t event_turn_at(const struct host *h, const struct key *k);
/* When the key's retire hold, retention is over (elapsed). */
int64_t event_retire_hold_until(const struct host *h, const struct key *k);
int64_t event_retention_until(const struct host *h, const struct key *k);

/* Was the guard waived by hand for this key?  addr NULL: no address. */
bool event_waived(const struct host *h, const struct key *k,
    enum guard_id guard, const struct addr *addr);
/* Does a waiver lift what this sighting asks of the key?  `showing` as in
 * event_held_until. */
bool event_excused(const struct host *h, const struct key *k, bool showing,
    const struct sighting *s);

#endif
