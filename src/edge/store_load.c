/*
 * store_load.c - rows of a host into values: ids that rows have in the state,
 * words of the closed lists.  What does not fit is a damaged file.
 */
#include "edge/store_load.h"

#include "base/mem.h"

void
place_add(struct places *ps, int64_t id, int at)
{
	ps->p = mem_room(ps->p, ps->n, &ps->cap, sizeof(*ps->p));
	ps->p[ps->n++] = (struct place){ id, at };
}

int
place_of(const struct places *ps, int64_t id)
{
	size_t from = 0, to = ps->n, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (ps->p[mid].id == id)
			return ps->p[mid].at;
		if (ps->p[mid].id < id)
			from = mid + 1;
		else
			to = mid;
	}
	return -1;
}

int
load_of(struct store *s, enum sql id, int64_t of, struct use *u, struct err *e)
{
	if (db_use(s, id, u, e) != 0)
		return -1;
	put_int(u, of);
	return 0;
}

const char *
load_slot_word(int i)
{
	return slot_name((enum slot)i);
}

int
load_name(struct use *u, const char *(*name)(int), int n)
{
	int i = get_word(u, name, n);

	if (i == n) {
		u->bad = true;
		return 0;
	}
	return i;
}

int
load_set(struct use *u, const struct places *sets)
{
	int at;

	if (get_null(u))
		return -1;
	at = place_of(sets, get_int(u));
	u->bad |= at == -1;
	return at;
}

int
load_chain(struct use *u, const struct places *chains)
{
	int at;

	if (get_null(u))
		return 0;
	at = place_of(chains, get_int(u));
	u->bad |= at == -1;
	return at == -1 ? 0 : at;
}

int64_t
load_last(struct use *u, int64_t last)
{
	int64_t at = get_when(u);
	bool is = get_bool(u);

	/* one of the two, and a look that there was */
	u->bad |= is && (at != NEVER || last == NEVER);
	return is ? last : at;
}
