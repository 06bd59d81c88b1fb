/*
 * answer_past.c - verdicts of earlier looks: a sorted table, its file and the
 * digest that guards it.  Verifies nothing itself.
 */
#include "edge/answer_past.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "edge/ssl_digest.h"

#define MAGIC "danesafe verdicts 1\n"
#define HEAD (sizeof(MAGIC) - 1)
#define ROW 56 /* key, from, until, TTL, day */
#define SEAL 32
#define UNUSED_DAYS 2

struct past_row {
	uint8_t key[PAST_KEY];
	struct span span;
	uint32_t ttl;
	uint32_t day; /* when it was asked for last (wall, in days) */
	uint8_t used; /* in this look; set by any thread */
};

struct answer_past {
	struct past_row *row; /* sorted by key */
	size_t n;
	struct past_row *more; /* of this look */
	size_t n_more, cap_more;
};

static int
by_key(const void *a, const void *b)
{
	return memcmp(a, b, PAST_KEY); /* the key stands first */
}

static void
put_when(uint8_t *p, time_t t)
{
	wire_put32(p, (uint32_t)((uint64_t)t >> 32));
	wire_put32(p + 4, (uint32_t)t);
}

static time_t
get_when(const uint8_t *p)
{
	return (time_t)((uint64_t)wire_32(p) << 32 | wire_32(p + 4));
}

/* ---- the file ---- */

/* Of megabytes: by what the processor has for it. */
static bool
make_seal(const uint8_t *p, size_t len, uint8_t ret[SEAL])
{
	struct digest *d = digest_new();
	bool made = digest_whole(d, p, len, ret);

	digest_free(d);
	return made;
}

static bool
is_whole(const uint8_t *p, size_t len)
{
	uint8_t seal[SEAL];

	if (len < HEAD + SEAL || (len - HEAD - SEAL) % ROW != 0 ||
	    memcmp(p, MAGIC, HEAD) != 0)
		return false;
	return make_seal(p, len - SEAL, seal) &&
	    memcmp(p + len - SEAL, seal, SEAL) == 0;
}

/* Sorted, or the search would miss some. */
static bool
take(struct answer_past *past, const uint8_t *p, size_t n)
{
	past->row = mem_array(n + 1, sizeof(*past->row));
	for (size_t i = 0; i < n; i++, p += ROW) {
		struct past_row *r = &past->row[i];

		memcpy(r->key, p, PAST_KEY);
		r->span.from = get_when(p + PAST_KEY);
		r->span.until = get_when(p + PAST_KEY + 8);
		r->ttl = wire_32(p + PAST_KEY + 16);
		r->day = wire_32(p + PAST_KEY + 20);
		if (i > 0 && by_key(&past->row[i - 1], r) >= 0)
			return false;
	}
	past->n = n;
	return true;
}

struct answer_past *
answer_past_read(const char *path)
{
	struct answer_past *past = mem_new(sizeof(*past));
	size_t len = 0;
	struct err e;
	char *p = file_read_trusted(path, HEAD + (size_t)PAST_MOST * ROW + SEAL,
	    false, &len, &e);

	if (p != NULL && is_whole((uint8_t *)p, len) &&
	    !take(past, (uint8_t *)p + HEAD, (len - HEAD - SEAL) / ROW))
		past->n = 0;
	free(p);
	return past;
}

void
answer_past_free(struct answer_past *p)
{
	if (p == NULL)
		return;
	free(p->row);
	free(p->more);
	free(p);
}

/* ---- the table ---- */

bool
answer_past_find(struct answer_past *p, const uint8_t key[PAST_KEY], time_t now,
    int64_t margin, struct verified *ret)
{
	struct past_row *r = p->n == 0
	    ? NULL
	    : bsearch(key, p->row, p->n, sizeof(*p->row), by_key);

	if (r == NULL || now < r->span.from || r->span.until < now + margin)
		return false;
	__atomic_store_n(&r->used, 1, __ATOMIC_RELAXED);
	*ret = (struct verified){ .ttl = r->ttl, .span = r->span };
	return true;
}

void
answer_past_add(struct answer_past *p, const uint8_t key[PAST_KEY],
    const struct verified *v)
{
	struct past_row *r;

	if (p->n_more >= PAST_MOST)
		return;
	p->more = mem_room(p->more, p->n_more, &p->cap_more, sizeof(*p->more));
	r = &p->more[p->n_more++];
	memcpy(r->key, key, PAST_KEY);
	r->span = v->span;
	r->ttl = v->ttl;
	r->used = 1;
}

/* ---- kept ---- */

/* What is still of use, with what was added; true when anything differs from
 * the file but the day of some. */
static bool
merge(struct answer_past *p, time_t now)
{
	uint32_t day = (uint32_t)(now / 86400);
	struct past_row *all = mem_array(p->n + p->n_more + 1, sizeof(*all));
	size_t n = 0, keep = 0;
	bool differs = p->n_more > 0;

	for (size_t i = 0; i < p->n_more; i++)
		all[n++] = p->more[i];
	for (size_t i = 0; i < p->n; i++)
		all[n++] = p->row[i];
	qsort(all, n, sizeof(*all), by_key);
	for (size_t i = 0; i < n && keep < PAST_MOST; i++) {
		struct past_row *r = &all[i];

		if (r->used) {
			differs = differs || r->day != day;
			r->day = day;
			r->used = 0;
		}
		if (r->span.until < now || r->day + UNUSED_DAYS < day ||
		    (keep > 0 && by_key(&all[keep - 1], r) == 0)) {
			differs = true;
			continue;
		}
		all[keep++] = *r;
	}
	free(p->row);
	free(p->more);
	*p = (struct answer_past){ .row = all, .n = keep };
	return differs;
}

int
answer_past_write(struct answer_past *p, const char *path, time_t now,
    struct err *e)
{
	size_t len;
	uint8_t *file, *at;
	int rc;

	if (!merge(p, now))
		return 0;
	len = HEAD + p->n * ROW + SEAL;
	file = mem_array(len, 1);
	memcpy(file, MAGIC, HEAD);
	at = file + HEAD;
	for (size_t i = 0; i < p->n; i++, at += ROW) {
		const struct past_row *r = &p->row[i];

		memcpy(at, r->key, PAST_KEY);
		put_when(at + PAST_KEY, r->span.from);
		put_when(at + PAST_KEY + 8, r->span.until);
		wire_put32(at + PAST_KEY + 16, r->ttl);
		wire_put32(at + PAST_KEY + 20, r->day);
	}
	rc = make_seal(file, len - SEAL, at)
	    ? file_refresh(path, file, len, 0600, e)
	    : err_set(e, ERR_BUG, "no SHA-256");
	free(file);
	return rc;
}
