/*
 * answer_question.c - a question as bytes: one name, and an OPT with DO.  No
 * library.
 */
#include "edge/answer.h"

#include <string.h>
#include <sys/random.h>

#include "edge/wire.h"

#define HEAD 12
#define RD 1
#define AD 0x20

/* The root, type 41, 1232 bytes over UDP, no extended RCODE, version 0, DO, no
 * options (RFC 6891 section 6.1.2, RFC 3225). */
static const uint8_t OPT[] = { 0, 0, 41, 1232 >> 8, 1232 & 255, 0, 0, 0x80, 0,
	0, 0 };

/* A stranger must not be able to guess it; the port is random as well. */
static int
take_id(struct answer_ids *ids, uint8_t id[2], struct err *e)
{
	if (ids->left == 0 &&
	    getrandom(ids->b, sizeof(ids->b), 0) != sizeof(ids->b))
		return err_sys(e, ERR_BUG, "no random number");
	if (ids->left == 0)
		ids->left = sizeof(ids->b);
	ids->left -= 2;
	memcpy(id, ids->b + ids->left, 2);
	return 0;
}

int
answer_question(struct question *q, const char *name, enum rrtype type,
    bool resolver, struct answer_ids *ids, struct err *e)
{
	struct wire_name n;

	if (!wire_name_parse(name, &n))
		return err_set(e, ERR_CONFIG, "%s: not a domain name", name);
	return answer_question_of(q, &n, type, resolver, ids, e);
}

int
answer_question_of(struct question *q, const struct wire_name *n,
    enum rrtype type, bool resolver, struct answer_ids *ids, struct err *e)
{
	uint8_t *p = q->wire;

	_Static_assert(sizeof(q->wire) >= HEAD + sizeof(n->b) + 4 + sizeof(OPT),
	    "every name fits");
	memset(p, 0, HEAD);
	if (take_id(ids, p, e) < 0)
		return -1;
	p[2] = resolver ? RD : 0;
	p[3] = resolver ? AD : 0;
	p[5] = 1;  /* question */
	p[11] = 1; /* additional */
	memcpy(p + HEAD, n->b, n->len);
	p += HEAD + n->len;
	wire_put16(p, (unsigned)type);
	wire_put16(p + 2, WIRE_CLASS_IN);
	memcpy(p + 4, OPT, sizeof(OPT));
	q->wire_len = HEAD + n->len + 4u + sizeof(OPT);
	return 0;
}
