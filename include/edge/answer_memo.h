/*
 * answer_memo.h - the good verdicts of one look, so that what several
 * authorities say alike, and the keys that one authority says for every
 * owner, are checked once.
 *
 * Not a whole judgement is remembered but its two steps of arithmetic.  Each
 * is a function of nothing but what is in its key, a SHA-256, and the time:
 *
 *   "this RRset is signed by one of these keys"
 *       section, owner, type; every record of the set and every signature
 *       over it, uncompressed, TTLs and times included, sorted (all of them
 *       are used, so that their order says nothing; of a set with more than
 *       are used nothing is remembered); the zone that must have signed; the
 *       keys that may.
 *   "these are the keys of the zone"
 *       the whole DNSKEY answer but its ID; the zone; the DS set.
 *
 * The time (now and the margin) must be the very one that a verdict was made
 * for: a memo serves one look, which judges everything at one.  What earlier
 * looks knew of RRsets is asked, too, if it is given (answer_past.h).
 * Where an answer came from, whether it answers the question and whether the
 * resolver agrees are asked anew of every answer: they cost nothing.
 *
 * A verdict that is not good is not remembered: its reason belongs to the
 * server that gave cause for it.  The room is fixed; a new verdict takes the
 * place of another one, which is then made again.
 */
#ifndef EDGE_ANSWER_MEMO_H
#define EDGE_ANSWER_MEMO_H

#include "edge/answer_past.h"
#include "edge/answer_verify.h"

#define MEMO_KEY 32

struct answer_memo *answer_memo_new(void);
void answer_memo_free(struct answer_memo *m); /* NULL does nothing */

/* From now on it asks `past` (which lives longer), too; several memos may, in
 * threads of their own.  NULL: none. */
void answer_memo_recall(struct answer_memo *m, struct answer_past *past);
/* What it found out goes there, for later looks; when all threads are done. */
void answer_memo_keep(struct answer_memo *m);

/* For what else is digested in the same thread, from beginning to end. */
struct digest *memo_digest(struct answer_memo *m);

/* The key of an RRset; false when nothing may be remembered of it. */
bool memo_rrset_key(const struct verify *v, const struct keyset *keys,
    uint8_t ret[MEMO_KEY]);
bool memo_rrset(const struct verify *v, const uint8_t key[MEMO_KEY],
    struct verified *ret);
void memo_rrset_note(const struct verify *v, const uint8_t key[MEMO_KEY],
    const struct verified *good);

/* Likewise of a DNSKEY answer (which may be none). */
void memo_keys_key(const struct question *dnskey, const struct judge_by *by,
    uint8_t ret[MEMO_KEY]);
/* NULL: not remembered.  Good until the next memo_keys_note. */
const struct keyset *memo_keys(const struct answer_memo *m,
    const uint8_t key[MEMO_KEY], struct verified *ret);
/* Takes the keys over. */
const struct keyset *memo_keys_note(struct answer_memo *m,
    const uint8_t key[MEMO_KEY], const struct keyset *keys,
    const struct verified *v);

#endif
