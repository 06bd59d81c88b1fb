/*
 * zone_sides.c - do all who should know list the same name servers?  A
 * diagnosis for people; who is asked and waited for is zone.c's.
 */
#include "edge/zone_sides.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define NAMES_MAX 64 /* of a set: more are not compared */
#define LISTS_MAX 3  /* different ones that are said */

static int
by_name(const void *a, const void *b)
{
	const struct name_addr *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* The names without their glue, each once, in order; caller frees. */
static char *
names_of(struct name_list *l)
{
	struct text t = TEXT_INIT;
	const char *last = "";
	size_t n = 0;

	qsort(l->v, l->n, sizeof(*l->v), by_name);
	for (size_t i = 0; i < l->n && n < NAMES_MAX; i++) {
		if (strcmp(l->v[i].name, last) == 0)
			continue;
		text_addf(&t, "%s%s", n++ > 0 ? " " : "", l->v[i].name);
		last = l->v[i].name;
	}
	return t.s;
}

void
ns_sides_note(struct ns_sides *s, const struct question *q, const char *zone,
    bool parent)
{
	struct name_list l = { .v = NULL };
	struct answer_head head;
	struct err e;

	if (q == NULL || answer_head(q, zone, TYPE_NS, &head, &e) < 0)
		return;
	parent = parent && !head.aa;
	if ((parent || (head.aa && head.has_records)) &&
	    answer_ns(q, zone, &l, &e) == 0) {
		s->v = mem_room(s->v, s->n, &s->cap, sizeof(*s->v));
		s->v[s->n++] = (struct ns_side){ q->to, parent, names_of(&l) };
	}
	name_list_release(&l);
}

/* Does every one of this side say this? */
static bool
all_say(const struct ns_sides *s, bool parent, const char *names)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].parent == parent &&
		    strcmp(s->v[i].names, names) != 0)
			return false;
	return true;
}

/* Did somebody say this before? */
static bool
said(const struct ns_sides *s, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(s->v[j].names, s->v[i].names) == 0)
			return true;
	return false;
}

static void
add_list(struct text *t, const struct ns_sides *s, size_t i)
{
	const struct ns_side *side = &s->v[i];
	bool all = all_say(s, side->parent, side->names);
	char ip[ADDR_TEXT];

	text_addf(t, "%s%s lists %.240s", t->len > 0 ? "; " : "",
	    all && side->parent ? "the parent"
		: all		? "the zone itself"
				: addr_ip(&side->from, ip),
	    side->names);
}

char *
ns_sides_differ(const struct ns_sides *s, const char *zone)
{
	struct text lists = TEXT_INIT, t = TEXT_INIT;
	size_t different = 0;

	for (size_t i = 0; i < s->n; i++)
		if (!said(s, i) && different++ < LISTS_MAX)
			add_list(&lists, s, i);
	if (different > 1)
		text_addf(&t,
		    "not everybody has the same name servers for "
		    "%.100s: %s",
		    zone, text_str(&lists));
	text_release(&lists);
	return t.s;
}

void
ns_sides_release(struct ns_sides *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].names);
	free(s->v);
	memset(s, 0, sizeof(*s));
}
