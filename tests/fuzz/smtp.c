/*
 * smtp.c - what a mail server may say before TLS: the reader of replies, fed
 * in pieces.  The TLS behind it is OpenSSL's, and not begun here.
 *
 * Input: pieces, each behind its length (1).
 */
#include "../../src/edge/serve_talk.c"

#include "fuzz.h"

/* Is it the server's turn, in plain text? */
static bool
listening(const struct talk *t)
{
	return t->state == TALK_GREETING || t->state == TALK_EHLO ||
	    t->state == TALK_STARTTLS;
}

static void
check_command(const struct talk *t)
{
	const char *end;

	if (t->out_len == 0 || t->out == NULL) /* nothing, or it is over */
		return;
	end = strchr(t->out, '\r');
	/* One line, whatever was said to us. */
	MUST(end != NULL && strcmp(end, "\r\n") == 0);
	MUST(strlen(t->out) == t->out_len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static SSL_CTX *ctx;
	struct input in = { data, size };
	struct probe p = { .result = PROBE_KEY };
	struct talk t = { .p = &p,
		.state = TALK_GREETING,
		.fd = -1,
		.helo = "client.example.org" };

	if (ctx == NULL)
		ctx = talk_offer(OFFER_ANY);
	t.ctx = ctx;
	make_room(&t);
	while (listening(&t) && in.n > 0) {
		size_t n = input_number(&in, 1);
		uint8_t *piece = input_bytes(&in, n, &n);

		take_bytes(&t, (char *)piece, n);
		check_command(&t);
		free(piece);
	}
	MUST(t.state != TALK_HANDSHAKE || t.starttls);
	talk_end(&t, talk_waits_for(&t));
	/* Nothing in plain text shows a key, or that there is none. */
	MUST((p.result == PROBE_DOWN || p.result == PROBE_PLAIN) &&
	    p.why[0] != 0 && fuzz_plain(p.why));
	return 0;
}
