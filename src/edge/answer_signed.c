/*
 * answer_signed.c - the bytes that are signed.  No library; verifies nothing.
 */
#include "edge/answer_signed.h"

#include <stdlib.h>
#include <string.h>

#define RRSIG_FIXED 18

/* The rdata of a record, for the canonical order (RFC 4034 section 6.3). */
struct rdata {
	const uint8_t *p;
	size_t len;
};

static int
by_rdata(const void *a, const void *b)
{
	const struct rdata *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int d = memcmp(x->p, y->p, n);

	return d != 0 ? d : x->len < y->len ? -1 : x->len > y->len;
}

/* Sorted, without duplicates; SIZE_MAX when there are too many. */
static size_t
collect(const struct verify *v, struct rdata *rd)
{
	size_t n = 0, keep = 0;

	for (size_t i = 0; i < v->m->n; i++) {
		const struct wire_rr *rr = &v->m->rr[i];

		if (!verify_takes(v, rr, v->type))
			continue;
		if (n == VERIFY_SET_MAX)
			return SIZE_MAX;
		rd[n++] = (struct rdata){ v->m->p + rr->rdata, rr->len };
	}
	qsort(rd, n, sizeof(*rd), by_rdata);
	for (size_t i = 0; i < n; i++)
		if (keep == 0 || by_rdata(&rd[keep - 1], &rd[i]) != 0)
			rd[keep++] = rd[i];
	return keep;
}

size_t
answer_signed(const struct verify *v, const struct wire_rr *sig, uint8_t *buf,
    size_t size, size_t *ret_at)
{
	const uint8_t *p = v->m->p + sig->rdata;
	struct rdata rd[VERIFY_SET_MAX] = { { NULL, 0 } };
	size_t n = collect(v, rd), used = RRSIG_FIXED;
	struct wire_name signer;

	if (n == SIZE_MAX || sig->len < RRSIG_FIXED ||
	    p[3] != wire_name_labels(&v->owner) || /* of a wildcard */
	    !wire_rdata_name(v->m, sig, sig->rdata + RRSIG_FIXED, &signer,
		ret_at) ||
	    used + signer.len > size)
		return 0;
	memcpy(buf, p, RRSIG_FIXED);
	memcpy(buf + used, signer.b, signer.len);
	used += signer.len;
	for (size_t i = 0; i < n; i++) {
		size_t head = v->owner.len;

		if (used + head + 10 + rd[i].len > size)
			return 0;
		memcpy(buf + used, v->owner.b, head);
		wire_put16(buf + used + head, v->type);
		wire_put16(buf + used + head + 2, WIRE_CLASS_IN);
		memcpy(buf + used + head + 4, p + 4, 4); /* original TTL */
		wire_put16(buf + used + head + 8, (unsigned)rd[i].len);
		memcpy(buf + used + head + 10, rd[i].p, rd[i].len);
		used += head + 10 + rd[i].len;
	}
	return used;
}
