/*
 * look_again.c - the same question once more, to addresses behind which there
 * are several servers (core/instance.h).
 */
#include "base/clock.h"
#include "core/instance.h"
#include "edge/ask_tcp.h"
#include "proc/look_alias.h"
#include "proc/look_work.h"

#define TCP_MAX 32 /* questions of a look that are asked by it, too */
/* For all of them: it is one after the other, and before each there may be a
 * firewall that drops.  Less where nothing speaks for several servers. */
#define TCP_MS 20000
#define GUESS_MS 5000

static void
add(struct look_work *w, const struct owner *o, const struct addr *a)
{
	if (families_lack(&w->families, a))
		return;
	w->again[0].nsid = w->again[1].nsid = true;
	batch_add(&w->again[0], a, o->name, look_type(o), false);
	if (w->again[1].n < TCP_MAX)
		batch_add(&w->again[1], a, o->name, look_type(o), false);
}

void
look_add_again(struct look_work *w, const struct owner *o,
    const struct zone_view *v, bool all)
{
	char nsid[NSID_TEXT];

	for (size_t i = 0; all && i < v->n_server; i++)
		add(w, o, &v->server[i].addr);
	for (size_t i = 0; !all && i < o->n_auth; i++) {
		const struct authority *a = &o->auth[i];

		answer_nsid(batch_find(&w->b, &a->addr, v->zone, TYPE_SOA,
				false),
		    nsid);
		if (instance_many(o, a, nsid, &w->now))
			add(w, o, &a->addr);
	}
}

static int64_t
tcp_deadline(const struct look_work *w)
{
	int64_t ms = GUESS_MS, end;

	for (size_t i = 0; i < w->n; i++)
		if (!w->r[i].several)
			ms = TCP_MS;
	end = clock_mono_ms() + ms;
	return end < w->deadline ? end : w->deadline;
}

int
look_ask_again(struct look_work *w, struct err *e)
{
	w->again[0].past = &w->b;
	if (batch_run(&w->again[0], w->deadline, e) < 0)
		return -1;
	ask_tcp(w->again[1].q, w->again[1].n, tcp_deadline(w));
	return 0;
}
