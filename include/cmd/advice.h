/*
 * advice.h - what a person can do about a guard that is unmet.
 */
#ifndef CMD_ADVICE_H
#define CMD_ADVICE_H

#include "base/text.h"
#include "core/code.h"
#include "core/guard.h"

/*
 * Ends the sentence in `t`, which says that guard `id` of key `k` is unmet,
 * and adds a line "  You: ..." for each thing that a person can do: after the
 * last look at each authority and for each party, who runs our zones and who
 * runs others.  Only of what has this code; CODE_NONE: of all.  Adds nothing if there
 * is nothing to do.  Pure.
 */
void advice_add(const struct host *h, const struct key *k, enum guard_id id,
    enum code only, struct text *t);

/* How a person gets the key another certificate from an issuer. */
void advice_issue(const struct host *h, const struct key *k, struct text *t);

#endif
