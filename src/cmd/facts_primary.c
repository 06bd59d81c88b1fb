/*
 * facts_primary.c - what the publishers' primaries hold, for all hosts of a
 * round at once.  Changes nothing.
 */
#include "cmd/pass.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/alias.h"

#define SILENT_MS 10000 /* a primary that says nothing has nothing to say */

/* Aliases may have led to more owners. */
static void
make_room(struct pass_host *ph)
{
	size_t n = ph->host.n_own;

	if (n <= ph->n_primary)
		return;
	ph->primary = mem_resize(ph->primary, n, sizeof(*ph->primary));
	memset(&ph->primary[ph->n_primary], 0,
	    (n - ph->n_primary) * sizeof(*ph->primary));
	ph->n_primary = n;
}

/* Puts the questions of one host at `q`; how many. */
static size_t
ask(struct pass_host *ph, struct primary_read *q)
{
	struct host *h = &ph->host;
	size_t n = 0;

	make_room(ph);
	for (size_t i = 0; i < h->n_own; i++) {
		if (!alias_publishes(&h->own[i]))
			continue;
		primary_set_release(&ph->primary[i]);
		q[n++] = (struct primary_read){
			.to = ph->conf->publisher->server,
			.key = ph->tsig,
			.owner = alias_at(&h->own[i]),
			.ret = &ph->primary[i],
		};
	}
	return n;
}

/* What came of them; nothing is known where there is no answer. */
static void
note(struct pass_host *ph, const struct primary_read *q, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct owner *o = &ph->host.own[q[i].ret - ph->primary];

		if (q[i].why != NULL) {
			ph->publisher_why = q[i].why;
			continue;
		}
		o->has_primary = true;
		owner_set_primary(o, q[i].ret->set);
		o->primary_ttl = q[i].ret->ttl;
	}
}

static bool
begin(struct pass_host *ph, bool first)
{
	if (!first && !ph->again)
		return false;
	ph->publisher_why = NULL;
	for (size_t i = 0; i < ph->host.n_own; i++)
		ph->host.own[i].has_primary = false;
	return ph->host.publishes;
}

void
facts_primaries(struct pass *p, bool first)
{
	size_t *asked = mem_array(p->n + 1, sizeof(*asked));
	struct primary_read *q;
	size_t most = 0, n = 0;

	for (size_t i = 0; i < p->n; i++)
		most += p->v[i].host.n_own;
	q = mem_array(most + 1, sizeof(*q));
	for (size_t i = 0; i < p->n; i++) {
		if (begin(&p->v[i], first))
			asked[i] = ask(&p->v[i], q + n);
		n += asked[i];
	}
	update_read(q, n, SILENT_MS, p->deadline);
	n = 0;
	for (size_t i = 0; i < p->n; i++) {
		note(&p->v[i], q + n, asked[i]);
		n += asked[i];
	}
	free(q);
	free(asked);
}
