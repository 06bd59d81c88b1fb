/*
 * scenario_twin.c - the verbs of a second server behind an address: which one
 * answers is not for the asker to choose.
 */
#include "scenario_words.h"

#include <string.h>

/* `twin ADDR SET SPAN`: "two" behind the address serves this from now on. */
bool
do_twin(struct run *r)
{
	struct w_auth *a = find_auth(r, r->w[0]);
	int64_t ttl;

	if (a == NULL || !read_span(r, r->w[2], &ttl))
		return false;
	world_serve(&r->world);
	if (!read_set(r, r->w[1], &a->twin))
		return false;
	a->twin_ttl = (uint32_t)ttl;
	a->has_twin = true;
	world_serve(&r->world);
	return true;
}

/* `hears ADDR one|two|both`: whom the agent gets to hear from where it is. */
bool
do_hears(struct run *r)
{
	struct w_auth *a = find_auth(r, r->w[0]);
	bool both = strcmp(r->w[1], "both") == 0;

	if (a == NULL)
		return false;
	if (!both && strcmp(r->w[1], "one") != 0 && strcmp(r->w[1], "two") != 0)
		return wrong(r, "one, two or both are heard");
	a->deaf_to_one = strcmp(r->w[1], "two") == 0;
	a->deaf_to_two = strcmp(r->w[1], "one") == 0;
	return true;
}
