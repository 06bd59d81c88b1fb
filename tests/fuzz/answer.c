/*
 * answer.c - any bytes as an answer, through every reader of plain facts.
 */
#include "edge/answer.h"

#include "fuzz.h"

#define OWNER "_25._tcp.mx1.example.org."
#define ZONE "example.org."

static void
read_names(const struct question *q)
{
	struct name_list l = { .v = NULL };
	struct err e;
	size_t n;

	MUST((answer_ns(q, ZONE, &l, &e) < 0) == (l.n == 0));
	n = l.n;
	MUST(answer_addrs(q, "mx1.example.org.", &l, &e) == 0 || l.n == n);
	for (size_t i = 0; i < l.n; i++) {
		MUST(fuzz_plain(l.v[i].name));
		MUST(i < n || l.v[i].addr.family != 0);
	}
	name_list_release(&l);
}

static void
read_tlsa(const struct question *q)
{
	struct answer_head head;
	struct tlsa_set set;
	struct err e;
	bool ad, denied = answer_denies(q, OWNER, TYPE_TLSA);

	if (answer_head(q, OWNER, TYPE_TLSA, &head, &e) < 0) {
		MUST(!denied && answer_tlsa(q, &set, &ad, &e) < 0);
		return;
	}
	MUST(!denied || (head.ad && !head.has_records));
	if (answer_tlsa(q, &set, &ad, &e) < 0)
		return;
	MUST(ad == head.ad && set.n <= TLSA_MAX);
	MUST(set.n > 0 || !head.has_records);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct question q = { .reply = NULL };
	struct soa_view soa;
	struct ds_set ds;
	struct err e;

	q.reply = input_bytes(&in, size, &q.reply_len);
	read_names(&q);
	read_tlsa(&q);
	answer_soa(&q, ZONE, &soa, &e);
	MUST(answer_ds(&q, ZONE, &ds, &e) < 0 || ds.n <= DS_MAX);
	free(q.reply);
	return 0;
}
