/*
 * look.c - a whole look at the DNS, where resolver and authorities say what
 * the input says; then one at which they say nothing.
 *
 * Input: now (4), what is otherwise (1), then answers as they travel over
 * TCP: each is given to every question that it repeats.  Other questions are
 * told that there is nothing, or nothing is said.
 */
#include "edge/ask_tcp.h"
#include "proc/look.h"

#include "fuzz.h"

#define HEAD 12
#define OPT 11	    /* behind the question */
#define OPT_NSID 15 /* the same with a question for NSID */
#define ANSWERS 64

static struct {
	uint8_t *p;
	size_t n;
} said[ANSWERS];
static size_t n_said;
static bool silent;

static size_t
opt_of(const struct question *q)
{
	return q->wire[q->wire_len - 1 - 4] == OPT_NSID - OPT &&
		q->wire[q->wire_len - 1 - 2] == 3
	    ? OPT_NSID
	    : OPT;
}

void
ask_tcp(struct question *q, size_t n, int64_t deadline)
{
	struct err e;

	ask_all(q, n, deadline, &e);
}

static void
answer(struct question *q)
{
	size_t len = q->wire_len - opt_of(q), i = 0;
	struct input own = { q->wire, len };

	while (i < n_said &&
	    (said[i].n < len ||
		memcmp(said[i].p + HEAD, q->wire + HEAD, len - HEAD) != 0))
		i++;
	if (i < n_said)
		own = (struct input){ said[i].p, said[i].n };
	else if (silent)
		return;
	q->reply = input_bytes(&own, own.n, &q->reply_len);
	if (i == n_said) /* QR, AA, AD; no OPT */
		memcpy(q->reply + 2, "\204\040\0\1\0\0\0\0\0", 10);
}

/* In the place of those that use the network. */
int
ask_all(struct question *q, size_t n, int64_t deadline, struct err *e)
{
	(void)deadline;
	(void)e;
	for (; n-- > 0; q++)
		answer(q);
	return 0;
}

struct asking {
	int nothing;
};

struct asking *
ask_begin(struct err *e)
{
	static struct asking only;

	(void)e;
	return &only;
}

void
ask_put(struct asking *a, struct question *q)
{
	(void)a;
	if (q->why[0] == 0)
		answer(q);
	if (q->left != NULL)
		--*q->left;
}

int
ask_turn(struct asking *a, int64_t deadline, int ms, bool *ret_more,
    struct err *e)
{
	(void)a;
	(void)deadline;
	(void)ms;
	(void)e;
	*ret_more = false;
	return 0;
}

void
ask_end(struct asking *a)
{
	(void)a;
}

void
ask_release(struct question *q, size_t n)
{
	while (n-- > 0)
		free(q[n].reply);
}

static size_t
check_owner(const struct owner *o)
{
	size_t open = 0;

	MUST(fuzz_plain(o->zone) && fuzz_plain(o->blocked));
	MUST(o->n_auth <= 64);
	for (size_t i = 0; i < o->n_auth; i++) {
		const struct authority *a = &o->auth[i];

		MUST(a->fresh && fuzz_plain(a->name) && fuzz_plain(a->why));
		MUST((a->set >= 0) ==
		    (a->look == LOOK_SHOWN || a->look == LOOK_NONE));
	}
	for (size_t i = 0; i < o->n_seen; i++)
		open += o->seen[i].gone == NEVER;
	return open;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct now now = { .elapsed = 8640000, .trusted = true };
	struct addr resolver = addr_make(4, "\177\0\0\1", 53);
	struct look_request r = { .host = NULL };
	struct host h;
	struct err e;
	size_t open;

	now.wall = (time_t)input_number(&in, 4);
	silent = input_number(&in, 1) & 1;
	for (n_said = 0; n_said < ANSWERS && in.n > 0; n_said++)
		said[n_said].p = input_message(&in, &said[n_said].n);
	host_init(&h, "mx1.example.org");
	h.policy = (struct policy){ .hold_factor = 2, .hold_floor = 3600 };
	h.adopted_at = now.elapsed;
	host_owner(&h, "_25._tcp.mx1.example.org.", 25);
	r.host = &h;
	MUST(look_dns(&r, 1, &resolver, &now, INT64_MAX, &e) == 0);
	open = check_owner(&h.own[0]);
	while (n_said > 0)
		free(said[--n_said].p);
	silent = true;
	now.elapsed += 900;
	MUST(look_dns(&r, 1, &resolver, &now, INT64_MAX, &e) == 0);
	/* Silence ends nothing. */
	MUST(check_owner(&h.own[0]) >= open);
	host_release(&h);
	return 0;
}
