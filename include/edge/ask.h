/*
 * ask.h - questions to name servers (c-ares as transport): bytes to exactly
 * one address, bytes back.  Judges nothing but that the bytes answer the
 * question; no cache, no search list, no other server.
 */
#ifndef EDGE_ASK_H
#define EDGE_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

#define ASK_WIRE 300 /* header, one question, an OPT with NSID or bare */
/* Ends the reason of a question that was spared, after that of an earlier one
 * to the same address. */
#define ASK_AS_BEFORE ", as with the questions before"

struct question {
	/* asked; see answer_question() */
	struct addr to;
	uint8_t wire[ASK_WIRE];
	size_t wire_len;
	/* answered */
	uint8_t *reply; /* NULL: none; ask_release frees */
	size_t reply_len;
	char why[160]; /* when there is no reply */
	size_t *left;  /* one less when it is done; NULL: nobody counts */
};

/*
 * Asks all at once: a channel per address, 64 questions under way at each (up
 * to 256 at a server that is far), UDP and on truncation TCP, bounded retries
 * (soon, where it is known how long an answer takes), everything ended at
 * `deadline` (clock_mono_ms).
 * An address that answered nothing and lost several in a row is given up for
 * this call.  A question that has a reason already is not asked.  A question
 * without an answer has reply NULL and a reason; only a failure of our own is
 * -1.
 */
int ask_all(struct question *q, size_t n, int64_t deadline, struct err *e);
void ask_release(struct question *q, size_t n);

/*
 * The same for a stream of questions: more may be put while others are under
 * way.  One stays where it is until it is done, which `left` tells; then it has
 * a reply or a reason.  An address that is given up is so to the end.
 */
struct asking;
struct asking *ask_begin(struct err *e); /* NULL: a failure of our own */
void ask_put(struct asking *a, struct question *q);
/* Lets all go on, and waits for answers, for `ms` at most; *ret_more: not all
 * that was put is done. */
int ask_turn(struct asking *a, int64_t deadline, int ms, bool *ret_more,
    struct err *e);
void ask_end(struct asking *a); /* what is not done is given up; or NULL */

#endif
