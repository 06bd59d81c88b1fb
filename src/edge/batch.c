/*
 * batch.c - questions collected, each kept once, asked together.  Never
 * judges an answer.
 */
#include "edge/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "edge/wire.h"

/* What tells one question from another: to whom, and the bytes of the question,
 * which stand behind the head. */
struct what {
	const struct addr *to;
	bool resolver;
	const uint8_t *p;
	size_t len;
};

#define HEAD 12
#define RD 1   /* in the third byte: a question for a resolver */
#define FOOT 4 /* type, class */

static struct what
what_of(const struct question *q)
{
	struct what k = { &q->to, (q->wire[2] & RD) != 0, q->wire + HEAD, 0 };

	while (k.p[k.len] != 0)
		k.len += 1u + k.p[k.len];
	k.len += 1 + FOOT;
	return k;
}

static struct what
make_what(uint8_t buf[HOST_NAME + FOOT], const struct addr *to,
    const struct wire_name *n, enum rrtype type, bool resolver)
{
	memcpy(buf, n->b, n->len);
	wire_put16(buf + n->len, (unsigned)type);
	wire_put16(buf + n->len + 2, WIRE_CLASS_IN);
	return (struct what){ to, resolver, buf, n->len + (size_t)FOOT };
}

/* Into b->name; false for a name that is none. */
static bool
read_name(struct batch *b, const char *name)
{
	if (b->text[0] != 0 && strcmp(b->text, name) == 0)
		return true;
	if (!wire_name_parse(name, &b->name))
		return false;
	text_fmt(b->text, sizeof(b->text), "%s", name);
	return true;
}

static size_t
hash(const struct what *k)
{
	size_t h = 2166136261u + k->to->port + k->resolver;

	for (size_t i = 0; i < sizeof(k->to->ip); i++)
		h = (h ^ k->to->ip[i]) * 16777619u;
	for (size_t i = 0; i < k->len; i++)
		h = (h ^ k->p[i]) * 16777619u;
	return h;
}

static bool
same(const struct what *a, const struct what *b)
{
	return a->resolver == b->resolver && a->len == b->len &&
	    memcmp(a->p, b->p, a->len) == 0 && addr_cmp(a->to, b->to) == 0;
}

static bool
is(const struct batch *b, size_t i, const struct what *k)
{
	struct what has = what_of(&b->q[i]);

	return same(&has, k);
}

/* The bucket of this question, or the free one where it belongs. */
static size_t
bucket_of(const struct batch *b, const struct what *k)
{
	size_t at = hash(k) & (b->n_bucket - 1);

	while (b->bucket[at] != 0 && !is(b, b->bucket[at] - 1, k))
		at = (at + 1) & (b->n_bucket - 1);
	return at;
}

static void
grow(struct batch *b)
{
	free(b->bucket);
	b->n_bucket = b->n_bucket == 0 ? 256 : b->n_bucket * 2;
	b->bucket = mem_array(b->n_bucket, sizeof(*b->bucket));
	for (size_t i = 0; i < b->n; i++) {
		struct what k = what_of(&b->q[i]);

		b->bucket[bucket_of(b, &k)] = (uint32_t)i + 1;
	}
}

/* A new question, which belongs into that bucket once it is filled. */
static struct question *
put(struct batch *b, size_t bucket)
{
	b->q = mem_room(b->q, b->n, &b->cap_q, sizeof(*b->q));
	b->bucket[bucket] = (uint32_t)++b->n;
	return &b->q[b->n - 1];
}

size_t
batch_add(struct batch *b, const struct addr *to, const char *name,
    enum rrtype type, bool resolver)
{
	uint8_t buf[HOST_NAME + FOOT];
	struct question *q;
	struct what k;
	size_t at;

	if (!read_name(b, name))
		return BATCH_NONE; /* nobody can be asked */
	k = make_what(buf, to, &b->name, type, resolver);
	if (2 * (b->n + 1) > b->n_bucket)
		grow(b);
	at = bucket_of(b, &k);
	if (b->bucket[at] != 0)
		return b->bucket[at] - 1;
	q = put(b, at);
	q->to = *to;
	if (answer_question_of(q, &b->name, type, resolver, &b->ids, NULL) <
	    0) {
		b->bucket[at] = 0;
		b->n--;
		return BATCH_NONE;
	}
	if (!resolver && (type == TYPE_SOA || b->nsid))
		answer_ask_nsid(q);
	return b->n - 1;
}

void
batch_take(struct batch *to, struct batch *from, size_t i)
{
	struct what k = what_of(&from->q[i]);
	size_t at;

	assert(to->asked == to->n && i < from->asked);
	if (2 * (to->n + 1) > to->n_bucket)
		grow(to);
	at = bucket_of(to, &k);
	if (to->bucket[at] != 0)
		return;
	*put(to, at) = from->q[i];
	to->asked++;
	from->q[i].reply = NULL;
	from->q[i].reply_len = 0;
}

const struct question *
batch_find(const struct batch *b, const struct addr *to, const char *name,
    enum rrtype type, bool resolver)
{
	uint8_t buf[HOST_NAME + FOOT];
	struct wire_name n;
	struct what k;
	size_t at;

	if (b->n_bucket == 0 || !wire_name_parse(name, &n))
		return NULL;
	k = make_what(buf, to, &n, type, resolver);
	at = bucket_of(b, &k);
	return b->bucket[at] == 0 ? NULL : &b->q[b->bucket[at] - 1];
}

enum rrtype
batch_asks(const struct question *q, bool *ret_resolver)
{
	struct what k = what_of(q);

	*ret_resolver = k.resolver;
	return (enum rrtype)wire_16(k.p + k.len - FOOT);
}

/* ---- who is silent ---- */

#define ADDRESSES 1024 /* buckets; a power of two */

static uint32_t *
address_bucket(const struct batch *b, const struct addr *a)
{
	size_t h = 2166136261u + a->port;

	for (size_t i = 0; i < sizeof(a->ip); i++)
		h = (h ^ a->ip[i]) * 16777619u;
	return &b->heard_at[h & (ADDRESSES - 1)];
}

/* NULL when it was not asked yet. */
static struct batch_address *
heard_of(const struct batch *b, const struct addr *a)
{
	uint32_t at = b->heard_at == NULL ? 0 : *address_bucket(b, a);

	for (; at != 0; at = b->heard[at - 1].bound)
		if (addr_cmp(&b->heard[at - 1].addr, a) == 0)
			return &b->heard[at - 1];
	return NULL;
}

static void
hear(struct batch *b, const struct addr *addr, bool answered, const char *why)
{
	struct batch_address *a = heard_of(b, addr);
	uint32_t *at;

	if (a == NULL) {
		if (b->heard_at == NULL)
			b->heard_at = mem_array(ADDRESSES,
			    sizeof(*b->heard_at));
		at = address_bucket(b, addr);
		b->heard = mem_room(b->heard, b->n_heard, &b->cap_heard,
		    sizeof(*b->heard));
		a = &b->heard[b->n_heard++];
		*a = (struct batch_address){ .addr = *addr, .bound = *at };
		*at = (uint32_t)b->n_heard;
		text_fmt(a->why, sizeof(a->why), "%s", why);
	}
	a->answered = a->answered || answered;
}

/* NULL unless it was asked and never answered. */
static const struct batch_address *
silent(const struct batch *b, const struct addr *addr)
{
	const struct batch_address *a = heard_of(b, addr);

	if (a == NULL && b->past != NULL)
		a = heard_of(b->past, addr);
	return a != NULL && !a->answered ? a : NULL;
}

/* What cannot be answered gets its reason before it is asked. */
static void
spare_silent(struct batch *b)
{
	for (size_t i = b->asked; i < b->n; i++) {
		const struct batch_address *a = silent(b, &b->q[i].to);

		if (a != NULL)
			text_fmt(b->q[i].why, sizeof(b->q[i].why),
			    "%.130s" ASK_AS_BEFORE, a->why);
	}
}

int
batch_run(struct batch *b, int64_t deadline, struct err *e)
{
	spare_silent(b);
	if (ask_all(b->q + b->asked, b->n - b->asked, deadline, e) < 0)
		return -1;
	batch_end(b);
	return 0;
}

void
batch_begin(struct batch *b, struct asking *a)
{
	spare_silent(b);
	b->left = b->n - b->asked;
	for (size_t i = b->asked; i < b->n; i++) {
		b->q[i].left = &b->left;
		ask_put(a, &b->q[i]);
	}
}

void
batch_end(struct batch *b)
{
	assert(b->left == 0);
	for (; b->asked < b->n; b->asked++) {
		struct question *q = &b->q[b->asked];

		q->left = NULL;
		hear(b, &q->to, q->reply != NULL, q->why);
	}
}

void
batch_tell(struct batch *to, const struct batch *from)
{
	for (size_t i = 0; i < from->n_heard; i++)
		hear(to, &from->heard[i].addr, from->heard[i].answered,
		    from->heard[i].why);
}

void
batch_empty(struct batch *b)
{
	ask_release(b->q, b->n);
	if (b->n_bucket > 0)
		memset(b->bucket, 0, b->n_bucket * sizeof(*b->bucket));
	if (b->heard_at != NULL)
		memset(b->heard_at, 0, ADDRESSES * sizeof(*b->heard_at));
	b->n = b->asked = b->n_heard = 0;
}

void
batch_release(struct batch *b)
{
	if (b == NULL)
		return;
	ask_release(b->q, b->n);
	free(b->q);
	free(b->bucket);
	free(b->heard);
	free(b->heard_at);
	memset(b, 0, sizeof(*b));
}
