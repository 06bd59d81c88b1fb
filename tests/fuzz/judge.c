/*
 * judge.c - an authority's answer, judged, and what it leaves in the sightings.
 *
 * Input: now (4), what is otherwise (1), then the answers about TLSA, DNSKEY
 * and DS as they travel over TCP.
 */
#include "core/sighting.h"
#include "edge/answer.h"
#include "edge/answer_memo.h"

#include "fuzz.h"

#define OWNER "_25._tcp.mx1.example.org."
#define ZONE "example.org."
#define ANSWERS 3
#define DAY 86400

static size_t
count_open(const struct owner *o, const struct addr *at)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_seen; i++)
		n += o->seen[i].gone == NEVER &&
		    addr_cmp(&o->seen[i].auth, at) == 0;
	return n;
}

/* Seen at one of two servers, a day later at the other one. */
static void
remember(const struct glance *g, time_t wall)
{
	struct now now = { .elapsed = 100 * DAY, .wall = wall };
	struct addr at[2];
	struct glance silent = { .look = LOOK_SILENT };
	bool valid = g->look == LOOK_SHOWN || g->look == LOOK_NONE;
	struct owner *o;
	struct host h;

	host_init(&h, "mx1.example.org");
	h.policy = (struct policy){ .hold_factor = 2, .hold_floor = 3600 };
	o = host_owner(&h, OWNER, 25);
	for (int i = 0; i < 2; i++) {
		at[i] = addr_make(4, i == 0 ? "ns-1" : "ns-2", 53);
		sighting_listed(&h, o, &at[i], "ns.example.org.", 60, &now);
	}
	sighting_note(&h, o, &at[0], g, &now);
	sighting_note(&h, o, &at[1], &silent, &now);
	sighting_assume(&h, o, &now);
	h.adopted_at = now.elapsed;
	now.elapsed += DAY;
	sighting_note(&h, o, &at[1], g, &now);
	sighting_prune(&h, o, now.elapsed + 400 * DAY);
	/* What it may serve now, and after a valid answer no more. */
	MUST(count_open(o, &at[1]) == 1 || (!valid && o->n_seen > 0));
	host_release(&h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	time_t now = (time_t)input_number(&in, 4);
	uint32_t otherwise = input_number(&in, 1);
	struct question q[ANSWERS] = { { .reply = NULL } };
	struct ds_set ds;
	struct judge_by by = { .owner = OWNER,
		.zone = ZONE,
		.ds = &ds,
		.now = now,
		.resolver_denies = (otherwise & 2) == 0 };
	struct answer_memo *memo = answer_memo_new();
	struct glance g, again;
	struct err e;

	for (int i = 0; i < ANSWERS; i++)
		q[i].reply = input_message(&in, &q[i].reply_len);
	answer_ds(&q[2], ZONE, &ds, &e); /* none when it fails */
	ds.secure = (otherwise & 1) == 0;
	answer_judge(&q[0], &q[1], &by, memo, &g);
	/* What is remembered changes no outcome. */
	answer_judge(&q[0], &q[1], &by, memo, &again);
	answer_memo_free(memo);
	MUST(again.look == g.look && tlsa_set_eq(&again.set, &g.set) &&
	    again.ttl == g.ttl && strcmp(again.why, g.why) == 0 &&
	    strcmp(again.alias, g.alias) == 0 &&
	    strcmp(again.source, g.source) == 0);
	MUST(fuzz_plain(g.why) && (g.look == LOOK_SHOWN || g.why[0] != 0));
	if (g.look == LOOK_SHOWN || g.look == LOOK_NONE)
		MUST(ds.secure && ds.n > 0);
	/* Records or an alias, never both. */
	MUST((g.look == LOOK_SHOWN) == (g.set.n > 0 || g.alias[0] != 0));
	MUST(g.set.n == 0 || g.alias[0] == 0);
	MUST(g.look == LOOK_SHOWN || g.source[0] == 0);
	remember(&g, now);
	for (int i = 0; i < ANSWERS; i++)
		free(q[i].reply);
	return 0;
}
