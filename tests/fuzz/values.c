/*
 * values.c - small things as text: base64, host names, durations, addresses,
 * key sizes, words.  What is read and written again is the same.
 */
#include "base/addr.h"
#include "base/text.h"
#include "base/when.h"
#include "edge/key.h"

#include "fuzz.h"

static void
check_bytes(const char *text)
{
	size_t len = strlen(text), room = len / 4 * 3;
	uint8_t *p = malloc(room + 1);
	int n = text_unbase64(text, p, room);

	MUST(n >= -1 && (n < 0 || (size_t)n <= room));
	MUST(n < 1 || text_unbase64(text, p, (size_t)n - 1) < 0);
	free(p);
}

static void
check_words(const char *text)
{
	char shown[32], buf[ADDR_TEXT > 24 ? ADDR_TEXT : 24];
	struct key_spec spec;
	struct addr a, b;
	int64_t s, again;
	struct err e;

	if (when_parse(text, &s) == 0)
		MUST(when_parse(when_exact(s, buf), &again) == 0 && s == again);
	if (addr_parse(text, 25, &a) == 0)
		MUST(addr_parse(addr_str(&a, buf), 0, &b) == 0 &&
		    addr_cmp(&a, &b) == 0);
	MUST(!text_is_host(text) || text_host_wrong(text, 0) == NULL);
	text_host_wrong(text, TEXT_HOST_SHORT | TEXT_HOST_WILDCARD);
	MUST(fuzz_plain(text_show(text, strlen(text), shown, sizeof(shown))));
	for (int slot = 0; slot < SLOT_COUNT; slot++)
		key_spec_parse((enum slot)slot, text, &spec, &e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const words[] = { "hold-floor", "settle", "rsa" };
	char *text = fuzz_text(data, size);

	check_bytes(text);
	check_words(text);
	text_nearest(text, words, 3);
	free(text);
	return 0;
}
