/*
 * answer_past.h - the good verdicts of earlier looks, in a file: a record set
 * that is as it was, signed as it was by a zone that has the very same keys,
 * is not verified again.
 *
 * Remembered is only "this RRset is signed by one of these keys"
 * (answer_memo.h), under a SHA-256 of all that it was concluded from but the
 * time; and only when every signature over the set held.  It is used while
 * the last of those is valid, by the same rules as when it was verified:
 * begun, and not at its end within the margin.  The keys of the zone are
 * never remembered: each look anchors them anew in the DS set of that look.
 *
 * A file that is missing, damaged, of others or too long is as if it were
 * empty.  It is bounded: verdicts go when their signature has ended, or when
 * nobody asked for them for two days.
 */
#ifndef EDGE_ANSWER_PAST_H
#define EDGE_ANSWER_PAST_H

#include "edge/answer_verify.h"

#define PAST_KEY 32
#define PAST_MOST 400000 /* verdicts; 56 bytes each */

struct answer_past;

/* From the file; caller frees.  Never fails. */
struct answer_past *answer_past_read(const char *path);
void answer_past_free(struct answer_past *p); /* NULL does nothing */

/* True when the verdict holds at `now`.  May be called by several threads. */
bool answer_past_find(struct answer_past *p, const uint8_t key[PAST_KEY],
    time_t now, int64_t margin, struct verified *ret);

/* One more; by one thread, and found only after answer_past_write. */
void answer_past_add(struct answer_past *p, const uint8_t key[PAST_KEY],
    const struct verified *v);

/* To the file, durably, if it differs by more than the time; then what was
 * added is found. */
int answer_past_write(struct answer_past *p, const char *path, time_t now,
    struct err *e);

#endif
