/*
 * batch.h - questions collected, each kept once, asked together.  What was
 * asked before is not asked again: one batch lives as long as one look.
 */
#ifndef EDGE_BATCH_H
#define EDGE_BATCH_H

#include "edge/answer.h"
#include "edge/wire.h"

/* An address that was asked. */
struct batch_address {
	struct addr addr;
	bool answered;	/* at least once */
	char why[160];	/* else: the reason of its first question */
	uint32_t bound; /* the next one in its bucket, + 1 */
};

struct batch {
	struct question *q;
	size_t n, cap_q;
	size_t asked;	  /* q[0..asked) have a reply or a reason */
	size_t left;	  /* under way: of those that batch_begin put */
	uint32_t *bucket; /* index + 1 */
	size_t n_bucket;
	struct batch_address *heard;
	size_t n_heard, cap_heard;
	uint32_t *heard_at; /* buckets by address: index + 1 */
	struct answer_ids ids;
	char text[HOST_NAME];  /* the name that was added last: mostly there */
	struct wire_name name; /* are several questions about one */
	bool nsid;	       /* its questions ask for NSID; else
				     only those for SOA do */
	const struct batch *past; /* whose silent addresses are not asked
				     either; NULL: none */
};

#define BATCH_NONE SIZE_MAX

/* Notes a question, unless it is there already; where it stands in `q`, or
 * BATCH_NONE when the name is none. */
size_t batch_add(struct batch *b, const struct addr *to, const char *name,
    enum rrtype type, bool resolver);

/* The question, answered or not; NULL when it was never added.  Good until
 * the next batch_add. */
const struct question *batch_find(const struct batch *b, const struct addr *to,
    const char *name, enum rrtype type, bool resolver);

/* What a question of a batch asks for, and whether of a resolver. */
enum rrtype batch_asks(const struct question *q, bool *ret_resolver);

/*
 * Asks what was added since the last time.  An address that answered nothing
 * in an earlier run of the batch is not asked again: a dead server costs its
 * time-outs once a look, and counts as silent all the same, for the reason of
 * its first question.
 */
int batch_run(struct batch *b, int64_t deadline, struct err *e);

/* The same in a stream of questions: what was added is put, and nothing added
 * until `left` is 0 and batch_end was called. */
void batch_begin(struct batch *b, struct asking *a);
void batch_end(struct batch *b);

/* What one batch learnt of who is silent, the other one knows. */
void batch_tell(struct batch *to, const struct batch *from);
void batch_release(struct batch *b);
/* As new, but the room is kept for what comes. */
void batch_empty(struct batch *b);

/* Takes the question at i over from another batch, with what came of it,
 * unless it is there already; both have been run, and `to` asks it no more. */
void batch_take(struct batch *to, struct batch *from, size_t i);

#endif
