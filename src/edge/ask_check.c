/*
 * ask_check.c - does this answer that question?  Judges nothing else.
 */
#include "edge/ask_check.h"

#include <string.h>

#include "edge/wire.h"

#define REPLY_MIN 12

/* The bytes of the question: ours, in lower case, whole; with an OPT behind. */
static size_t
question_end(const struct question *q)
{
	size_t at = REPLY_MIN;

	while (at < q->wire_len && q->wire[at] != 0)
		at += 1u + q->wire[at];
	return at + 5;
}

/* As most servers do it: in the very bytes. */
static bool
is_copied(const struct question *q, const struct wire_msg *got)
{
	size_t end = question_end(q);

	return end <= q->wire_len && end <= got->len &&
	    memcmp(got->p + REPLY_MIN, q->wire + REPLY_MIN, end - REPLY_MIN) ==
	    0;
}

/* In other letters, perhaps. */
static bool
is_asked(const struct question *q, const struct wire_msg *got)
{
	struct wire_msg asked;

	return wire_open_head(q->wire, q->wire_len, &asked, NULL) == 0 &&
	    got->qtype == asked.qtype && got->qclass == asked.qclass &&
	    wire_name_eq(&got->qname, &asked.qname);
}

const char *
ask_not_an_answer(const struct question *q, const uint8_t *p, size_t len)
{
	struct wire_msg got;

	if (wire_open_head(p, len, &got, NULL) < 0)
		return "malformed answer";
	if (!got.qr || got.opcode != 0)
		return "not an answer";
	if (got.tc)
		return "truncated even over TCP";
	if (!got.has_question || (!is_copied(q, &got) && !is_asked(q, &got)))
		return "answers another question";
	return NULL;
}
