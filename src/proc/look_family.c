/*
 * look_family.c - does this machine have IPv6, and IPv4?  By the word of the
 * kernel about the addresses that would be asked, never by a time-out.
 */
#include "proc/look_family.h"

#include <string.h>

#include "base/text.h"
#include "edge/route.h"

struct tally {
	bool listed, reached;
};

static void
count_one(const struct zone_view *v, struct tally *v4, struct tally *v6)
{
	for (size_t i = 0; i < v->n_server; i++) {
		const struct addr *a = &v->server[i].addr;
		struct tally *t = a->family == 4 ? v4 : v6;

		t->listed = true;
		if (!t->reached)
			t->reached = !route_missing(a);
	}
}

static void
count(const struct zone_view *v, size_t n, struct tally *v4, struct tally *v6)
{
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(v[i].zone, v[i - 1].zone) != 0)
			count_one(&v[i], v4, v6);
}

struct families
families_find(const struct zone_view *v, size_t n, const struct zone_view *more,
    size_t n_more)
{
	struct tally v4 = { .listed = false }, v6 = { .listed = false };

	count(v, n, &v4, &v6);
	count(more, n_more, &v4, &v6);
	return (struct families){ .lacks_v4 = v4.listed && !v4.reached,
		.lacks_v6 = v6.listed && !v6.reached };
}

bool
families_lack(const struct families *f, const struct addr *a)
{
	return a->family == 4 ? f->lacks_v4 : f->lacks_v6;
}

bool
families_spare(const struct zone_view *v, const struct zone_server *s)
{
	for (size_t i = 0; i < v->n_server; i++)
		if (v->server[i].addr.family != s->addr.family &&
		    strcmp(v->server[i].name, s->name) == 0)
			return true;
	return false;
}

void
families_why(const struct addr *a, struct glance *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->look = LOOK_SILENT;
	text_fmt(ret->why, sizeof(ret->why),
	    "this machine has no IPv%d route to it", a->family);
}
