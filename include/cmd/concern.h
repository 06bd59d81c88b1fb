/*
 * concern.h - what needs attention after a pass: found, remembered, said
 * when it begins, worsens, ends, and once every `repeat`.
 */
#ifndef CMD_CONCERN_H
#define CMD_CONCERN_H

#include "cmd/pass.h"

enum { LEVEL_QUIET, LEVEL_WARNING, LEVEL_CRITICAL };

/* A growing list. */
struct concerns {
	struct concern *v;
	size_t n, cap;
};

/* What is unmet, refused, failed or broken now; levels and times are not yet
 * set.  Pure but for the memory. */
void concern_find(const struct pass_host *ph, const struct now *now,
    struct concerns *ret);

/* One more, without a text; key NULL: of the host. */
struct concern *concern_add(struct concerns *c, const struct host *h,
    const struct key *k, const char *code);

/* What the name servers are like, whatever they answer (concern_servers.c). */
void concern_servers(const struct host *h, struct concerns *c);

/* Chains of aliases without an end, and such as end at nothing
 * (concern_alias.c). */
void concern_loops(const struct host *h, struct concerns *c);
void concern_dangling(const struct host *h, struct concerns *c);

/*
 * Merges what is now with what was (times are kept from it), sets levels,
 * and writes what is to be said to `out`, a line or more each; `ended` ones
 * included.  The result is in *is.
 */
void concern_merge(struct concerns *is, const struct concern *was, size_t n_was,
    const struct policy *pol, const struct now *now, const char *host,
    struct text *out);

int concern_worst(const struct concerns *c);
void concern_release(struct concerns *c);

#endif
