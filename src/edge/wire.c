/*
 * wire.c - DNS messages as bytes: every count and length checked, names
 * uncompressed.  Judges nothing; what it lets pass is only well formed.
 */
#include "edge/wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define TYPE_CNAME 5
#define TYPE_DNAME 39
#define TYPE_SOA 6
#define TYPE_OPT 41
#define HEAD 12
#define HOPS 127 /* no name has more labels */

/* One label (its length is good) behind what the name has already. */
static bool
add_label(const uint8_t *p, struct wire_name *n, size_t *used)
{
	size_t len = p[0];
	uint8_t *to = n->b + *used;

	if (*used + len + (len > 0 ? 2 : 1) > sizeof(n->b))
		return false;
	*to++ = (uint8_t)len;
	for (size_t i = 1; i <= len; i++)
		*to++ = p[i] >= 'A' && p[i] <= 'Z' ? (uint8_t)(p[i] - 'A' + 'a')
						   : p[i];
	*used += len + 1;
	return true;
}

/* A pointer leads strictly before the piece of the name that holds it. */
static bool
read_name(const uint8_t *p, size_t len, size_t at, struct wire_name *ret,
    size_t *ret_end)
{
	size_t start = at, end = 0, used = 0;

	for (int hops = 0; hops <= HOPS;) {
		if (at >= len)
			return false;
		if ((p[at] & 0xc0) == 0xc0) {
			if (at + 2 > len || (wire_16(p + at) & 0x3fff) >= start)
				return false;
			if (end == 0)
				end = at + 2;
			start = at = wire_16(p + at) & 0x3fff;
			hops++;
			continue;
		}
		if (p[at] > 63 || at + 1 + p[at] > len ||
		    !add_label(p + at, ret, &used))
			return false;
		if (p[at] == 0) {
			ret->len = (uint8_t)used;
			*ret_end = end != 0 ? end : at + 1;
			return true;
		}
		at += 1u + p[at];
	}
	return false;
}

static void
copy_name(struct wire_name *to, const struct wire_name *from)
{
	to->len = from->len;
	memcpy(to->b, from->b, from->len);
}

static bool
read_question(struct wire_msg *m, size_t *at)
{
	if (!read_name(m->p, m->len, *at, &m->qname, at) || m->len - *at < 4)
		return false;
	m->qtype = wire_16(m->p + *at);
	m->qclass = wire_16(m->p + *at + 2);
	m->has_question = true;
	*at += 4;
	return true;
}

/* The owner of the record before, and how it began: by a pointer, perhaps. */
struct last {
	unsigned began;
	const struct wire_name *name;
};

/* What was read already is not taken apart again: most names are that of the
 * question, or that of the record before. */
static bool
read_owner(const struct wire_msg *m, struct last *last, struct wire_name *ret,
    size_t *at)
{
	unsigned begins = m->len - *at >= 2 ? wire_16(m->p + *at) : 0;

	if (m->has_question && begins == (0xc000 | HEAD)) {
		copy_name(ret, &m->qname);
		*last = (struct last){ 0, NULL };
	} else if (begins >= 0xc000 && begins == last->began) {
		if (ret != last->name)
			copy_name(ret, last->name);
	} else {
		*last = (struct last){ begins, ret };
		return read_name(m->p, m->len, *at, ret, at);
	}
	*at += 2;
	return true;
}

static bool
read_rr(const struct wire_msg *m, struct last *last, struct wire_rr *rr,
    size_t *at)
{
	const uint8_t *p;

	if (!read_owner(m, last, &rr->owner, at) || m->len - *at < 10)
		return false;
	p = m->p + *at;
	rr->type = wire_16(p);
	rr->class = wire_16(p + 2);
	rr->ttl = wire_32(p + 4);
	rr->len = wire_16(p + 8);
	rr->rdata = *at + 10;
	if (rr->len > m->len - rr->rdata)
		return false;
	*at = rr->rdata + rr->len;
	return true;
}

/* The OPT is taken into the head; it stands once, in the additional part. */
static bool
take_opt(struct wire_msg *m, const struct wire_rr *rr)
{
	if (m->has_opt || rr->section != WIRE_ADDITIONAL || rr->owner.len != 1)
		return false;
	m->has_opt = true;
	m->opt = rr->rdata;
	m->opt_len = rr->len;
	m->rcode |= (int)(rr->ttl >> 24) << 4;
	return true;
}

/* Kept, or all read into the same one. */
static bool
read_records(struct wire_msg *m, size_t at, bool keep)
{
	size_t count[] = { 0, wire_16(m->p + 6), wire_16(m->p + 8),
		wire_16(m->p + 10) };
	struct last last = { 0, NULL };
	struct wire_rr one = { .len = 0 };

	if (count[1] + count[2] + count[3] > WIRE_RRS)
		return false;
	if (keep)
		m->rr = mem_resize(NULL, count[1] + count[2] + count[3] + 1,
		    sizeof(*m->rr));
	for (int s = WIRE_ANSWER; s <= WIRE_ADDITIONAL; s++) {
		for (size_t i = 0; i < count[s]; i++) {
			struct wire_rr *rr = keep ? &m->rr[m->n] : &one;

			rr->section = (enum wire_section)s;
			if (!read_rr(m, &last, rr, &at))
				return false;
			if (rr->type == TYPE_OPT) {
				if (!take_opt(m, rr))
					return false;
			} else if (keep)
				m->n++;
		}
	}
	return at == m->len;
}

/* The names are not emptied first: that is most of a message. */
static void
read_head(const uint8_t *p, size_t len, struct wire_msg *m)
{
	m->p = p;
	m->len = len;
	m->id = wire_16(p);
	m->qr = p[2] >> 7;
	m->opcode = p[2] >> 3 & 15;
	m->aa = p[2] >> 2 & 1;
	m->tc = p[2] >> 1 & 1;
	m->ad = p[3] >> 5 & 1;
	m->rcode = p[3] & 15;
	m->has_question = m->has_opt = false;
	m->qname.len = 0;
	m->qtype = m->qclass = 0;
	m->opt = m->opt_len = 0;
	m->rr = NULL;
	m->n = 0;
}

static int
walk(const uint8_t *p, size_t len, bool keep, struct wire_msg *ret,
    struct err *e)
{
	size_t at = HEAD;

	if (len < HEAD || len > 65535)
		return err_set(e, ERR_UNREACHABLE,
		    "malformed answer: %zu "
		    "bytes",
		    len);
	read_head(p, len, ret);
	if (wire_16(p + 4) > 1 ||
	    (wire_16(p + 4) == 1 && !read_question(ret, &at)) ||
	    !read_records(ret, at, keep)) {
		wire_release(ret);
		return err_set(e, ERR_UNREACHABLE, "malformed answer");
	}
	return 0;
}

int
wire_open(const uint8_t *p, size_t len, struct wire_msg *ret, struct err *e)
{
	return walk(p, len, true, ret, e);
}

int
wire_open_head(const uint8_t *p, size_t len, struct wire_msg *ret,
    struct err *e)
{
	return walk(p, len, false, ret, e);
}

void
wire_release(struct wire_msg *m)
{
	if (m == NULL)
		return;
	free(m->rr);
	m->rr = NULL;
	m->n = 0;
}

bool
wire_rdata_name(const struct wire_msg *m, const struct wire_rr *rr, size_t at,
    struct wire_name *ret, size_t *ret_end)
{
	size_t limit = rr->rdata + rr->len;

	return at >= rr->rdata && at < limit &&
	    read_name(m->p, limit, at, ret, ret_end);
}

/* Two names, which may be compressed, and five numbers. */
static size_t
flat_soa(const struct wire_msg *m, const struct wire_rr *rr, uint8_t *buf,
    size_t size)
{
	struct wire_name a, b;
	size_t at;

	if (!wire_rdata_name(m, rr, rr->rdata, &a, &at) ||
	    !wire_rdata_name(m, rr, at, &b, &at) ||
	    at + 20 != rr->rdata + rr->len || (size_t)a.len + b.len + 20 > size)
		return 0;
	memcpy(buf, a.b, a.len);
	memcpy(buf + a.len, b.b, b.len);
	memcpy(buf + a.len + b.len, m->p + at, 20);
	return (size_t)a.len + b.len + 20;
}

/* The only name of a CNAME or DNAME. */
static size_t
flat_name(const struct wire_msg *m, const struct wire_rr *rr, uint8_t *buf,
    size_t size)
{
	struct wire_name n;
	size_t end;

	if (!wire_rdata_name(m, rr, rr->rdata, &n, &end) ||
	    end != rr->rdata + rr->len || n.len > size)
		return 0;
	memcpy(buf, n.b, n.len);
	return n.len;
}

/* Names in the rdata that may be compressed. */
static bool
has_names(uint16_t type)
{
	return type == TYPE_SOA || type == TYPE_CNAME || type == TYPE_DNAME;
}

size_t
wire_flat(const struct wire_msg *m, const struct wire_rr *rr, uint8_t *buf,
    size_t size)
{
	size_t head = rr->owner.len + 10u, len = rr->len;

	if (head + len > size)
		return 0;
	memcpy(buf, rr->owner.b, rr->owner.len);
	wire_put16(buf + rr->owner.len, rr->type);
	wire_put16(buf + rr->owner.len + 2, rr->class);
	wire_put32(buf + rr->owner.len + 4, rr->ttl);
	if (rr->type == TYPE_SOA)
		len = flat_soa(m, rr, buf + head, size - head);
	else if (rr->type == TYPE_CNAME || rr->type == TYPE_DNAME)
		len = flat_name(m, rr, buf + head, size - head);
	else
		memcpy(buf + head, m->p + rr->rdata, len);
	wire_put16(buf + rr->owner.len + 8, (unsigned)len);
	return has_names(rr->type) && len == 0 ? 0 : head + len;
}

const char *
wire_rcode(int rcode, char buf[16])
{
	static const char *const name[] = { "NOERROR", "FORMERR", "SERVFAIL",
		"NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
		"NXRRSET", "NOTAUTH", "NOTZONE" };

	if (rcode >= 0 && rcode < (int)(sizeof(name) / sizeof(name[0])))
		return name[rcode];
	if (rcode == 16)
		return "BADVERS";
	return text_fmt(buf, 16, "RCODE %d", rcode);
}
