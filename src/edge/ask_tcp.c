/*
 * ask_tcp.c - questions over TCP.  Judges nothing.
 */
#include "edge/ask_tcp.h"

#include "base/clock.h"
#include "base/text.h"
#include "edge/tcp.h"

#define EACH_MS 3000

/* An address that failed before costs its time once. */
static bool
failed_before(const struct question *q, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (q[j].reply == NULL && addr_cmp(&q[j].to, &q[i].to) == 0)
			return true;
	return false;
}

void
ask_tcp(struct question *q, size_t n, int64_t deadline)
{
	for (size_t i = 0; i < n; i++) {
		int64_t end = clock_mono_ms() + EACH_MS;
		struct err e;

		if (q[i].reply != NULL || q[i].why[0] != 0)
			continue; /* asked before */
		if (failed_before(q, i))
			text_fmt(q[i].why, sizeof(q[i].why),
			    "no answer over TCP" ASK_AS_BEFORE);
		else if (tcp_exchange(&q[i].to, q[i].wire, q[i].wire_len,
			     end < deadline ? end : deadline, &q[i].reply,
			     &q[i].reply_len, NULL, &e) < 0)
			text_fmt(q[i].why, sizeof(q[i].why), "%.150s", e.text);
	}
}
