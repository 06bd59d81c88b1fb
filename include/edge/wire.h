/*
 * wire.h - DNS names and messages as bytes: walked with every bound checked,
 * before anybody believes a word of them.  No library, no judgement.
 */
#ifndef EDGE_WIRE_H
#define EDGE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/host.h"

/* A name as it travels: labels with their lengths, lower case, the root's
 * zero at the end. */
struct wire_name {
	uint8_t len; /* 1..255 */
	uint8_t b[255];
};

/* From "a.b." or "a.b": letters, digits and - _ / * only. */
bool wire_name_parse(const char *text, struct wire_name *ret);
/* Back, with the final dot; false for a name with other bytes. */
bool wire_name_text(const struct wire_name *n, char buf[HOST_NAME]);
bool wire_name_eq(const struct wire_name *a, const struct wire_name *b);
/* Canonical order (RFC 4034 section 6.1). */
int wire_name_cmp(const struct wire_name *a, const struct wire_name *b);
/* Is n the zone itself, or below it? */
bool wire_name_in(const struct wire_name *n, const struct wire_name *zone);
/* Labels as an RRSIG counts them: without the root and a leading "*". */
unsigned wire_name_labels(const struct wire_name *n);
/* Drops the first label; false for the root. */
bool wire_name_up(struct wire_name *n);

enum wire_section { WIRE_ANSWER = 1, WIRE_AUTHORITY, WIRE_ADDITIONAL };

struct wire_rr {
	enum wire_section section;
	uint16_t type, class;
	uint32_t ttl;
	size_t rdata; /* where it begins */
	uint16_t len;
	struct wire_name owner;
};

#define WIRE_RRS 512 /* records in a message; more is refused */
#define WIRE_CLASS_IN 1
#define WIRE_CLASS_NONE 254
#define WIRE_CLASS_ANY 255

struct wire_msg {
	const uint8_t *p; /* the message: not ours */
	size_t len;
	uint16_t id;
	bool qr, aa, tc, ad;
	unsigned opcode;
	int rcode; /* with the EDNS bits */
	bool has_question;
	struct wire_name qname;
	uint16_t qtype, qclass;
	bool has_opt;
	size_t opt; /* where its rdata begins */
	size_t opt_len;
	struct wire_rr *rr; /* without the OPT */
	size_t n;
};

/*
 * Walks a message.  -1 unless every byte is accounted for: counts, lengths,
 * compression that points strictly backward, at most one question and one
 * OPT, nothing behind the end.
 */
int wire_open(const uint8_t *p, size_t len, struct wire_msg *ret,
    struct err *e);
void wire_release(struct wire_msg *m);

/* The same, of the same messages, but no record is kept: n is 0, and nothing
 * is left to be released. */
int wire_open_head(const uint8_t *p, size_t len, struct wire_msg *ret,
    struct err *e);

/* A name inside the rdata at `at`; false when it leaves the rdata or is
 * broken.  ret_end: the byte behind it. */
bool wire_rdata_name(const struct wire_msg *m, const struct wire_rr *rr,
    size_t at, struct wire_name *ret, size_t *ret_end);

/*
 * The record alone, uncompressed, as bytes that need no message around them;
 * its length, or 0 when it is broken or longer than `size`.
 */
size_t wire_flat(const struct wire_msg *m, const struct wire_rr *rr,
    uint8_t *buf, size_t size);
#define WIRE_FLAT (255 + 10 + 65535)

/* "NOERROR", "REFUSED", ..., "RCODE 4095". */
const char *wire_rcode(int rcode, char buf[16]);

static inline uint16_t
wire_16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
wire_32(const uint8_t *p)
{
	return (uint32_t)wire_16(p) << 16 | wire_16(p + 2);
}

static inline void
wire_put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
wire_put32(uint8_t *p, uint32_t v)
{
	wire_put16(p, v >> 16);
	wire_put16(p + 2, v & 0xffff);
}

#endif
