/*
 * look_again.c - the same question once more, to addresses behind which there
 * are several servers (core/instance.h).
 */
#include "core/instance.h"
#include "edge/ask_tcp.h"
#include "proc/look_alias.h"
#include "proc/look_work.h"

#define TCP_MAX 32 /* questions of a look that are asked by it, too */

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

int
look_ask_again(struct look_work *w, struct err *e)
{
	w->again[0].past = &w->b;
	if (batch_run(&w->again[0], w->deadline, e) < 0)
		return -1;
	ask_tcp(w->again[1].q, w->again[1].n, w->deadline);
	return 0;
}
