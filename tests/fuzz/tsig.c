/*
 * tsig.c - any text as a TSIG key file.  What is accepted can be used for a
 * signature; what is refused never tells the secret.
 */
#include "../../src/edge/conf_tsig.c"

#include "edge/update_msg.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct update_sent sent = { .wire = NULL };
	struct tsig_key k = { .name = "" };
	struct err e;
	struct tokens t = { .path = "update.key",
		.at = text,
		.line = 1,
		.word_line = 1,
		.e = &e };

	if (parse(&t, &k) == 0) {
		MUST(fuzz_plain(k.name) && fuzz_plain(k.secret));
		MUST(k.name[0] != 0 && k.name[strlen(k.name) - 1] == '.');
		update_ask("_25._tcp.mx1.example.org.", &k, &sent, &e);
	} else {
		MUST(e.kind == ERR_CONFIG);
		MUST(strlen(k.secret) < 16 || !strstr(e.text, k.secret));
	}
	update_sent_release(&sent);
	free(text);
	return 0;
}
