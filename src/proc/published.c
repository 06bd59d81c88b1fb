/*
 * published.c - which TLSA records a resolver knows.  Verifies nothing and
 * remembers nothing.
 */
#include "proc/published.h"

#include "base/text.h"
#include "edge/batch.h"

static void
take(struct published *p, const struct question *q)
{
	struct err e;

	if (q == NULL)
		text_fmt(p->why, sizeof(p->why), "no question can be asked");
	else if (answer_tlsa(q, &p->set, &p->secure, &e) < 0)
		text_fmt(p->why, sizeof(p->why), "%.199s", e.text);
	else
		p->known = true;
}

int
published_look(struct published *v, size_t n, const struct addr *resolver,
    int64_t deadline, struct err *e)
{
	struct batch b = { .n = 0 };
	int rc;

	for (size_t i = 0; i < n; i++)
		batch_add(&b, resolver, v[i].owner, TYPE_TLSA, true);
	rc = batch_run(&b, deadline, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		take(&v[i],
		    batch_find(&b, resolver, v[i].owner, TYPE_TLSA, true));
	batch_release(&b);
	return rc;
}
