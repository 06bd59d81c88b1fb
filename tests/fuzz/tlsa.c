/*
 * tlsa.c - TLSA records as they come and sets of them as they are stored.
 */
#include "core/cover.h"
#include "edge/answer_verify.h"

#include "fuzz.h"

static void
check_set(const uint8_t *data, size_t size)
{
	uint8_t packed[TLSA_MAX * TLSA_PACKED];
	char text[TLSA_TEXT];
	struct tlsa_set s;

	if (tlsa_set_parse(data, size, &s) < 0)
		return;
	MUST(tlsa_set_pack(&s, packed) == size);
	MUST(size == 0 || memcmp(packed, data, size) == 0);
	for (unsigned i = 0; i < s.n; i++) {
		struct tlsa_set less = s;

		MUST(fuzz_plain(tlsa_str(&s.rr[i], text)));
		MUST(tlsa_set_add(&s, &s.rr[i]) && tlsa_set_eq(&s, &less));
		tlsa_set_remove(&less, &s.rr[i]);
		MUST(less.n == s.n - 1 && !tlsa_set_has(&less, &s.rr[i]));
	}
}

/* Records, each behind its length (1), as an answer brings them. */
static void
check_records(struct input in)
{
	uint8_t packed[TLSA_MAX * TLSA_PACKED];
	struct tlsa_set s = { .n = 0 };
	struct err e;

	while (in.n > 0) {
		size_t n = input_number(&in, 1);
		uint8_t *rdata = input_bytes(&in, n, &n);

		if (answer_take_tlsa(rdata, n, &s, &e) == 0)
			MUST(s.n > 0);
		free(rdata);
	}
	check_set(packed, tlsa_set_pack(&s, packed));
	MUST(tlsa_set_parse(packed, s.n * TLSA_PACKED, &s) == 0);
}

/* A chain as it is stored; two sets whose records are of few certificates, so
 * that they match now and then. */
static void
check_chain(const uint8_t *data, size_t size)
{
	uint8_t packed[COVER_PACKED];
	struct cover_chain c;

	if (cover_parse(data, size, &c) < 0)
		return;
	MUST(cover_pack(&c, packed) == size);
	MUST(memcmp(packed, data, size) == 0);
}

static void
check_worse(struct input in)
{
	struct tlsa_set set[2] = { { .n = 0 }, { .n = 0 } };
	const struct tlsa_set *was = &set[0], *is = &set[1];
	struct cover_chain c = { .n = 1 };
	const struct tlsa *worse;

	memset(c.cert[0].by[1].sha512, 1, 64);
	memset(c.cert[0].by[1].sha256, 1, 32);
	while (in.n > 0) {
		size_t x = input_number(&in, 1);
		struct cover_cert of = c.cert[0];
		struct tlsa r;

		of.by[x >> 1 & 1].sha256[0] = x >> 2 & 1;
		of.by[x >> 1 & 1].sha512[0] = x >> 2 & 1;
		r = cover_tlsa(&of, 3 - (int)(x >> 5 & 1), x >> 1 & 1,
		    (int)(x >> 3 & 3) % 3);
		tlsa_set_add(&set[x & 1], &r);
	}
	worse = cover_worse(was, is, &c);
	MUST(cover_worse(is, is, &c) == NULL);
	MUST(cover_each(is, &c) == NULL ? cover_any(is, &c) : is->n > 0);
	if (cover_each(is, &c) == NULL)
		MUST(worse == NULL);
	if (worse == NULL && cover_any(was, &c))
		MUST(cover_any(is, &c));
	if (worse == NULL && cover_each(was, &c) == NULL)
		MUST(cover_each(is, &c) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_set(data, size);
	check_chain(data, size);
	check_worse((struct input){ data, size });
	check_records((struct input){ data, size });
	return 0;
}
