/*
 * scenario_sign.c - the verbs of signatures: how long they live, and who signs
 * anew.
 */
#include "scenario_words.h"

#include <string.h>

/* `sign LIFE every SPAN`: now, and from now on; `sign never`: not any more. */
bool
do_sign(struct run *r)
{
	struct w_owner *o = owner_now(r);

	if (r->n == 1 && strcmp(r->w[0], "never") == 0) {
		o->sign_every = 0;
		return true;
	}
	if (r->n != 3 || strcmp(r->w[1], "every") != 0)
		return wrong(r, "sign LIFE every SPAN, or sign never");
	if (!read_span(r, r->w[0], &o->sign_life) ||
	    !read_span(r, r->w[2], &o->sign_every))
		return false;
	world_change(&r->world, o);
	return true;
}

/* `signing static|unknown`: what the operator says of the zone. */
bool
do_signing(struct run *r)
{
	owner_now(r)->is_static = strcmp(r->w[0], "static") == 0;
	if (!owner_now(r)->is_static && strcmp(r->w[0], "unknown") != 0)
		return wrong(r, "signing static, or signing unknown");
	return true;
}

/* `sign-twice ADDR`: by two keys. */
bool
do_sign_twice(struct run *r)
{
	struct w_auth *a = find_auth(r, r->w[0]);

	if (a != NULL)
		a->signs_twice = true;
	return a != NULL;
}

/* `mint ADDR`: it signs what it serves by itself, anew for whoever asks. */
bool
do_mint(struct run *r)
{
	struct w_auth *a = find_auth(r, r->w[0]);

	if (a != NULL)
		a->mints = true;
	return a != NULL;
}
