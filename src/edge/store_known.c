/*
 * store_known.c - what the state file has of an owner already, so that a pass
 * writes what differs and nothing else.  Writes nothing itself.
 */
#include <string.h>

#include "edge/ssl_digest.h"
#include "edge/store_db.h"

/* Never one that was: of another file, or of what was not kept. */
void
store_new_epoch(struct store *s)
{
	static uint64_t last;

	s->epoch = ++last;
}

struct last
last_of(const struct host *h)
{
	struct last l = { .looked_at = NEVER, .swept_at = NEVER };

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++) {
			const struct authority *a = &h->own[i].auth[j];

			if (a->looked_at <= l.looked_at)
				continue;
			l.looked_at = a->looked_at;
			l.looked_wall = a->looked_wall;
		}
	for (size_t i = 0; i < h->n_ep; i++) {
		if (h->ep[i].swept_at > l.swept_at)
			l.swept_at = h->ep[i].swept_at;
		if (h->ep[i].swept_wall > l.swept_wall)
			l.swept_wall = h->ep[i].swept_wall;
	}
	return l;
}

int
row_use(const struct saving *sv, enum sql id, struct use *ret, struct err *e)
{
	if (sv->told == NULL)
		return db_use(sv->s, id, ret, e);
	*ret = (struct use){ .told = sv->told };
	put_int(ret, id);
	return 0;
}

int
row_run(const struct saving *sv, struct use *u, struct err *e)
{
	return sv->told == NULL ? db_run(sv->s, u, e) : 0;
}

/* What of the sets and chains would be written is told by their numbers, which
 * stay as long as the host is in memory. */
static void
digest_of(const struct saving *sv, size_t owner, struct owner_known *ret)
{
	struct store *s = sv->s;
	struct saving told = *sv;
	uint8_t hash[DIGEST_BYTES];
	struct err unused;

	if (s->digest == NULL)
		s->digest = digest_new();
	s->told.len = 0;
	told.told = &s->told;
	told.host = 0; /* the same for all of them */
	*ret = (struct owner_known){ .epoch = 0 };
	if (saving_owner(&told, owner, &unused) != 0 ||
	    !digest_whole(s->digest, s->told.s, s->told.len, hash))
		return;
	ret->epoch = s->epoch;
	memcpy(ret->digest, hash, sizeof(ret->digest));
}

bool
saving_knows(const struct saving *sv, size_t owner, struct owner_known *ret)
{
	const struct owner_known *was = &sv->h->own[owner].known;

	digest_of(sv, owner, ret);
	return ret->epoch != 0 && was->epoch == ret->epoch &&
	    memcmp(was->digest, ret->digest, sizeof(ret->digest)) == 0;
}

void
store_knows(struct store *s, struct host *h)
{
	struct saving sv = { .s = s, .h = h, .last = last_of(h) };

	if (s->mode != STORE_WRITE)
		return;
	for (size_t i = 0; i < h->n_own; i++)
		digest_of(&sv, i, &h->own[i].known);
}
