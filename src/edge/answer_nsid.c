/*
 * answer_nsid.c - which of the servers behind an address was it?  The NSID
 * option (RFC 5001), asked for and read.  Unsigned: it can make a wait longer,
 * and nothing else.
 */
#include "edge/answer.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <string.h>

#include "base/text.h"
#include "edge/wire.h"

#undef dprintf /* ldns/util.h */

#define OPTION_NSID 3
#define OPTION_HEAD 4 /* code, length */

void
answer_ask_nsid(struct question *q)
{
	static const uint8_t tail[] = { 0, OPTION_HEAD, 0, OPTION_NSID, 0, 0 };

	/* The OPT ends the message, and its last two bytes are the length of
	 * its data, which is 0. */
	if (q->wire_len + OPTION_HEAD > sizeof(q->wire))
		return;
	memcpy(q->wire + q->wire_len - 2, tail, sizeof(tail));
	q->wire_len += OPTION_HEAD;
}

/* The data of the option; NULL when there is none. */
static const uint8_t *
find_option(const struct wire_msg *m, size_t *ret_len)
{
	size_t at = m->opt, end = m->opt + m->opt_len;

	while (m->has_opt && end - at >= OPTION_HEAD) {
		size_t len = wire_16(m->p + at + 2);

		if (len > end - at - OPTION_HEAD)
			return NULL;
		*ret_len = len;
		if (wire_16(m->p + at) == OPTION_NSID)
			return m->p + at + OPTION_HEAD;
		at += OPTION_HEAD + len;
	}
	return NULL;
}

/* Letters, digits and what host names and versions are made of. */
static bool
is_plain(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum(p[i]) && (p[i] == 0 || !strchr("-._:/", p[i])))
			return false;
	return len < NSID_TEXT;
}

static void
name(const uint8_t *p, size_t len, char buf[NSID_TEXT])
{
	uint8_t digest[LDNS_SHA256_DIGEST_LENGTH];

	if (is_plain(p, len)) {
		text_fmt(buf, NSID_TEXT, "%.*s", (int)len, (const char *)p);
		return;
	}
	ldns_sha256(p, (unsigned)len, digest);
	buf[0] = '#';
	text_hex(digest, 8, buf + 1);
}

const char *
answer_nsid(const struct question *q, char buf[NSID_TEXT])
{
	struct wire_msg m;
	const uint8_t *p;
	size_t len = 0;
	struct err e;

	buf[0] = 0;
	if (q == NULL || q->reply == NULL ||
	    wire_open(q->reply, q->reply_len, &m, &e) < 0)
		return buf;
	p = find_option(&m, &len);
	if (p != NULL && len > 0)
		name(p, len, buf);
	wire_release(&m);
	return buf;
}
