/*
 * tlsa.c - TLSA records as they come and sets of them as they are stored.
 */
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_set(data, size);
	check_records((struct input){ data, size });
	return 0;
}
