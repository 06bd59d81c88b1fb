/*
 * ask_tcp.h - the same questions over TCP, one after the other: another way
 * to an address than ask.h takes, and perhaps to another server behind it.
 */
#ifndef EDGE_ASK_TCP_H
#define EDGE_ASK_TCP_H

#include "edge/ask.h"

/*
 * Asks all, each within a few seconds, everything ended at `deadline`
 * (clock_mono_ms).  An address that failed once is not asked again in this
 * call, nor is a question that has a reply or a reason already.  A question
 * without an answer has reply NULL and a reason.
 */
void ask_tcp(struct question *q, size_t n, int64_t deadline);

#endif
