/*
 * wire.c - any bytes as a DNS message: walked, each record and name taken
 * out, names turned into text and back.
 */
#include "edge/wire.h"

#include "fuzz.h"

static void
check_name(const struct wire_name *n, const struct wire_name *other)
{
	struct wire_name again, up = *n;
	char text[HOST_NAME];
	unsigned labels = 0;

	MUST(n->len > 0 && n->b[n->len - 1] == 0);
	if (wire_name_text(n, text))
		MUST(wire_name_parse(text, &again) && wire_name_eq(n, &again));
	MUST(wire_name_cmp(n, n) == 0);
	MUST((wire_name_cmp(n, other) < 0) == (wire_name_cmp(other, n) > 0));
	MUST((wire_name_cmp(n, other) == 0) == wire_name_eq(n, other));
	while (wire_name_up(&up)) {
		labels++;
		MUST(wire_name_in(n, &up));
	}
	MUST(up.len == 1 && wire_name_labels(n) <= labels);
}

static void
check_record(const struct wire_msg *m, const struct wire_rr *rr)
{
	static uint8_t flat[WIRE_FLAT];
	size_t end = rr->rdata + rr->len, at = rr->rdata, n;
	struct wire_name name;

	MUST(end <= m->len);
	check_name(&rr->owner, &m->rr[0].owner);
	while (wire_rdata_name(m, rr, at, &name, &n)) {
		MUST(n > at && n <= end);
		check_name(&name, &rr->owner);
		at = n;
	}
	n = wire_flat(m, rr, flat, sizeof(flat));
	MUST(n == 0 || n >= rr->owner.len + 10u);
	/* A room that is one too small takes nothing. */
	MUST(n == 0 || wire_flat(m, rr, flat, n - 1) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char word[16], *text = fuzz_text(data, size);
	struct wire_name n;
	struct wire_msg m, head;
	bool opened = false;
	struct err e;

	if (wire_name_parse(text, &n))
		check_name(&n, &n);
	if (wire_open_head(data, size, &head, &e) == 0)
		opened = true;
	MUST(opened == (wire_open(data, size, &m, &e) == 0));
	if (opened) {
		MUST(head.n == 0 && head.rr == NULL && head.rcode == m.rcode);
		MUST(m.n <= WIRE_RRS && fuzz_plain(wire_rcode(m.rcode, word)));
		for (size_t i = 0; i < m.n; i++)
			check_record(&m, &m.rr[i]);
		wire_release(&m);
	}
	free(text);
	return 0;
}
