/*
 * left.h - owners that were taken out of the config while senders may still
 * meet their records: the DNS lists them, or caches hold them.
 *
 * Such an owner goes on like one in a zone that others run: it is looked at,
 * gates, and is not changed.  Where an alias of what is still in the config
 * leads there, its records are those of that one: in a zone of ours they are
 * changed for as long as the alias may be met.  It ends when every authority was seen to have
 * nothing there that asks anything of a sender, and no cache can hold anything
 * else; put back into the config before that, it was never away.
 */
#ifndef CORE_LEFT_H
#define CORE_LEFT_H

#include "core/host.h"

/* After a look: forgets those that are over. */
void left_prune(struct host *h, const struct now *now);

/* May a sender that holds this set of the host go on as without DANE: it asks
 * for nothing, and leads nowhere? */
bool left_is_nothing(const struct host *h, int set);

/* Does an alias that may be met at `elapsed`, of what the config still has or
 * of what the host itself stands for, lead to this owner? */
bool left_is_led_to(const struct host *h, const struct owner *o,
    int64_t elapsed);

/* Which other owners (ret_with[n_own]) are there for an alias of this one only,
 * and are forgotten with it. */
void left_takes(struct host *h, const struct owner *o, bool *ret_with);

/* It left, and no alias that may be served now leads there: nobody needs its
 * records. */
bool left_alone(const struct host *h, const struct owner *o);

#endif
