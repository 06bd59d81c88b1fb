/*
 * look_many.c - many owners of one zone, asked for together (look_work.h).
 * Judges on all processors, chunk by chunk, while the next chunk is asked;
 * notes in the order of the hosts.  Decides nothing that is not plain.
 */
#include "proc/look_many.h"

/* Ends the chunk that is being judged, if any. */
static void
finish(struct many *m, struct chunk *c, const struct now *seen)
{
	crew_wait(m->crew);
	chunk_note(m, c, seen);
	chunk_release(c);
}

/* Asks about one chunk while the one before is judged. */
static int
all_chunks(struct many *m, struct err *e)
{
	struct chunk c[2] = { { .n = 0 }, { .n = 0 } };
	struct cursor at = { 0, 0 };
	struct now seen = m->w->now;
	int turn = 0, rc = 0;

	while (rc == 0 && chunk_fill(m, &c[turn], &at)) {
		rc = batch_run(&c[turn].b, m->w->deadline, e);
		finish(m, &c[!turn], &seen);
		seen = look_seen(m->w);
		c[turn].wall = seen.wall;
		if (rc == 0)
			crew_begin(m->crew, c[turn].n, chunk_judge, &c[turn]);
		turn = !turn;
	}
	if (rc == 0)
		finish(m, &c[!turn], &seen);
	chunk_release(&c[0]);
	chunk_release(&c[1]);
	return rc;
}

int
look_many(struct look_work *w, struct err *e)
{
	struct many m = { .w = w };
	int rc = many_families(&m, e);

	if (rc == 0 && m.n_family > 0) {
		for (int i = 0; i < CREW_MOST; i++) {
			m.memo[i] = answer_memo_new();
			answer_memo_recall(m.memo[i], w->past);
		}
		m.crew = crew_of_all();
		rc = all_chunks(&m, e);
		crew_free(m.crew);
		for (int i = 0; i < CREW_MOST; i++) {
			answer_memo_keep(m.memo[i]);
			answer_memo_free(m.memo[i]);
		}
	}
	many_release(&m);
	return rc;
}
