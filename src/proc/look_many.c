/*
 * look_many.c - many owners of one zone, asked for together (look_work.h).
 * A stream: some are asked for, those before them are judged, on all
 * processors, and those before these noted, in the order of the hosts.
 * Decides nothing that is not plain.
 */
#include "proc/look_many.h"

/*
 * How much is on its way at a time.  It has to be more than is answered while
 * one lost datagram is waited for, or all would wait for that.
 */
#define CHUNKS 10
#define TURN_MS 10

/* The chunks on their way, first to last. */
struct stream {
	struct asking *a;
	struct chunk chunk[CHUNKS];
	size_t first, n;
	struct cursor at;
	bool dry; /* nobody is left to be asked for */
};

static struct chunk *
nth(struct stream *s, size_t i)
{
	return &s->chunk[(s->first + i) % CHUNKS];
}

static void
take_in(struct many *m, struct stream *s)
{
	while (!s->dry && s->n < CHUNKS) {
		struct chunk *c = nth(s, s->n);

		s->dry = !chunk_fill(m, c, &s->at);
		if (s->dry)
			break;
		batch_begin(&c->b, s->a);
		s->n++;
	}
}

/* Whoever is answered is judged. */
static void
judge(struct many *m, struct stream *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!nth(s, i)->judging && nth(s, i)->b.left == 0)
			chunk_begin(m, nth(s, i));
}

static void
note_first(struct many *m, struct stream *s)
{
	chunk_note(m, nth(s, 0));
	chunk_empty(nth(s, 0));
	s->first = (s->first + 1) % CHUNKS;
	s->n--;
}

static void
note(struct many *m, struct stream *s)
{
	while (s->n > 0 && nth(s, 0)->judging &&
	    crew_is_over(m->crew, &nth(s, 0)->job))
		note_first(m, s);
}

/* Servers come first: they are what is waited for in the end. */
static int
flow(struct many *m, struct stream *s, struct err *e)
{
	bool more, busy = false;

	for (take_in(m, s); s->n > 0; take_in(m, s)) {
		if (ask_turn(s->a, m->w->deadline, busy ? 0 : TURN_MS, &more,
			e) < 0)
			return -1;
		judge(m, s);
		busy = crew_help(m->crew);
		if (!more && !busy && nth(s, 0)->judging)
			crew_wait(m->crew, &nth(s, 0)->job);
		note(m, s);
	}
	return 0;
}

static int
all_chunks(struct many *m, struct err *e)
{
	struct stream s = { .a = ask_begin(e) };
	int rc = s.a == NULL ? -1 : flow(m, &s, e);

	ask_end(s.a);
	for (size_t i = 0; i < CHUNKS; i++) {
		if (s.chunk[i].judging)
			crew_wait(m->crew, &s.chunk[i].job);
		chunk_release(&s.chunk[i]);
	}
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
