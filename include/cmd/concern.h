/*
 * concern.h - what needs attention after a pass, in words.  What it is called
 * and how bad it is: core/code.h; when it is said: core/tell.h.
 */
#ifndef CMD_CONCERN_H
#define CMD_CONCERN_H

#include "cmd/pass.h"
#include "core/stuck.h"
#include "core/tell.h"

/*
 * What is unmet, refused, failed or broken now; a level only where it is
 * worse than time alone makes it.  Pure but for the memory.
 */
void concern_find(const struct pass_host *ph, const struct now *now,
    struct concerns *ret);

/* One more, with a sentence, and lines "  You: ..." for what a person can do;
 * key NULL: of the host. */
struct concern *concern_say(struct concerns *c, const struct host *h,
    const struct key *k, enum code code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* What the name servers are like, whatever they answer (concern_servers.c);
 * and those that cannot be believed, where no key waits for them. */
void concern_servers(const struct host *h, struct concerns *c);
void concern_answers(const struct host *h, struct concerns *c);

/* Chains of aliases without an end, and such as end at nothing
 * (concern_alias.c). */
void concern_loops(const struct host *h, struct concerns *c);
void concern_dangling(const struct host *h, struct concerns *c);

/* Whether mail flows: the law, and what is presented and not known
 * (concern_mail.c). */
void concern_law(const struct host *h, const struct now *now,
    struct concerns *c);
void concern_presented(const struct host *h, const struct now *now,
    struct concerns *c);

/* What comes to its end: signatures, certificates; the wait that does not; a
 * slot without a next key (concern_time.c). */
void concern_signatures(const struct host *h, const struct now *now,
    struct concerns *c);
void concern_deadline(const struct host *h, const struct now *now,
    struct concerns *c);
void concern_hold(const struct host *h, const struct now *now,
    struct concerns *c);
void concern_standby(const struct host *h, struct concerns *c);

/* Records beside those of the keys (concern_mail.c). */
void concern_records(const struct host *h, struct concerns *c);

#endif
