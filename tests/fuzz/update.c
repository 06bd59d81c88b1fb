/*
 * update.c - what a primary may answer to a signed question or change.
 *
 * Input: now (4), the MAC of what was sent (32), the message that was sent
 * and the answer, both as they travel over TCP.
 */
#include "edge/update_msg.h"

#include "fuzz.h"

#define OWNER "_25._tcp.mx1.example.org."
#define MAC 32

static const struct tsig_key KEY = { "upd.key.", "hmac-sha256.",
	"c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ==" };

/* What was found can be named exactly in a change. */
static void
change(const struct primary_set *was)
{
	struct update_sent sent = { .wire = NULL };
	struct tlsa add = { 3, 1, 1, 32, { 1 } };
	struct wire_msg m;
	struct err e;

	if (was->wire_len > 8192)
		return;
	if (update_change("example.org.", OWNER, was, 60, &add, 1, was->set.rr,
		was->set.n, &KEY, &sent, &e) == 0) {
		MUST(wire_open(sent.wire, sent.len, &m, &e) == 0);
		wire_release(&m);
	}
	update_sent_release(&sent);
}

static void
take(const struct wire_msg *m)
{
	struct primary_set was;
	struct err e;

	MUST((update_outcome(m->rcode, &e) == 0) == (m->rcode == 0));
	if (update_take(m, OWNER, &was, &e) < 0)
		return;
	MUST(was.exists == (was.wire_len > 0));
	MUST(was.exists || was.set.n == 0);
	change(&was);
	primary_set_release(&was);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	time_t now = (time_t)input_number(&in, 4);
	size_t mac, len;
	uint8_t *mac_bytes = input_bytes(&in, MAC, &mac), *reply;
	struct update_sent sent = { .mac_len = MAC };
	struct wire_msg m;
	struct err e;

	memcpy(sent.mac, mac_bytes, mac);
	free(mac_bytes);
	sent.wire = input_message(&in, &sent.len);
	reply = input_message(&in, &len);
	if (sent.len >= 12 &&
	    update_check(reply, len, &sent, &KEY, now, &m, &e) == 0)
		wire_release(&m);
	/* Whoever signs it may say the same. */
	if (wire_open(reply, len, &m, &e) == 0) {
		take(&m);
		wire_release(&m);
	}
	free(reply);
	update_sent_release(&sent);
	return 0;
}
