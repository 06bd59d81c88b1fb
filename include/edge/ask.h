/*
 * ask.h - questions to name servers (c-ares as transport): bytes to exactly
 * one address, bytes back.  Judges nothing but that the bytes answer the
 * question; no cache, no search list, no other server.
 */
#ifndef EDGE_ASK_H
#define EDGE_ASK_H

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

#endif
