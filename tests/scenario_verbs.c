/*
 * scenario_verbs.c - the table of all verbs, and those by which the agent
 * runs.  Judges nothing; that is scenario_expect.c.
 */
#include "scenario_words.h"

#include <string.h>

static bool
safe_pass(struct run *r)
{
	char why[256];

	if (!agent_pass(&r->world))
		return wrong(r, "the pass does not end");
	world_tell(&r->world);
	if (!r->may_strand && !r->coming &&
	    world_stranded(&r->world, why, sizeof(why)))
		return wrong(r, "stranded: %s", why);
	return true;
}

static bool
do_pass(struct run *r)
{
	return safe_pass(r);
}

/* `die deploy`: the next pass ends between that act and its note. */
static bool
do_die(struct run *r)
{
	for (int a = 0; a < ACT_COUNT; a++)
		if (strcmp(act_name((enum act)a), r->w[0]) == 0) {
			r->world.die_after = (enum act)a;
			return true;
		}
	return wrong(r, "no act is named '%s'", r->w[0]);
}

/* `run SPAN [every SPAN]`: passes with pauses, the last at the very end. */
static bool
do_run(struct run *r)
{
	int64_t span, every = 900, left;

	if (!read_span(r, r->w[0], &span) ||
	    (r->n == 3 && !read_span(r, r->w[2], &every)))
		return false;
	if (every <= 0)
		return wrong(r, "a pause of no time");
	for (left = span; left > 0; left -= every) {
		world_wait(&r->world, left < every ? left : every);
		if (!safe_pass(r))
			return false;
	}
	return true;
}

/* `until KEY STAGE within SPAN [every SPAN]` */
static bool
do_until(struct run *r)
{
	int64_t span, every = 900, spent = 0;
	struct key *k;
	int id;

	if (!read_key(r, r->w[0], &id) || !read_span(r, r->w[3], &span) ||
	    (r->n == 6 && !read_span(r, r->w[5], &every)))
		return false;
	if (stage_parse(r->w[1]) == STAGE_COUNT || every <= 0)
		return wrong(r, "until KEY STAGE within SPAN [every SPAN]");
	for (;;) {
		k = key_of(r, id);
		if (k != NULL && k->stage == stage_parse(r->w[1]))
			return true;
		if (spent >= span)
			return wrong(r, "%s is %s after %s", r->w[0],
			    k == NULL ? "not made" : stage_name(k->stage),
			    r->w[3]);
		world_wait(&r->world, every);
		spent += every;
		if (!safe_pass(r))
			return false;
	}
}

static bool
do_mark(struct run *r)
{
	r->mark = r->world.elapsed;
	return true;
}

static const struct {
	const char *name;
	size_t min, max; /* words after it */
	bool (*play)(struct run *);
} VERBS[] = {
	{ "owner", 1, 4, do_owner },
	{ "alias", 1, 3, do_alias },
	{ "serve-alias", 3, 3, do_serve_alias },
	{ "profile", 1, 1, do_profile },
	{ "set", 2, 2, do_set },
	{ "publisher", 1, 1, do_publisher },
	{ "standby", 1, 1, do_standby },
	{ "tlsa", 1, RUN_WORDS, do_tlsa },
	{ "slot", 1, RUN_WORDS, do_slot },
	{ "ns", 1, 1, do_ns },
	{ "endpoint", 2, 3, do_endpoint },
	{ "primary", 1, 3, do_primary },
	{ "serve", 3, 3, do_serve },
	{ "twin", 3, 3, do_twin },
	{ "hears", 2, 2, do_hears },
	{ "wildcard", 1, 1, do_wildcard },
	{ "hides", 1, 1, do_hides },
	{ "sign", 1, 3, do_sign },
	{ "mint", 1, 1, do_mint },
	{ "signing", 1, 1, do_signing },
	{ "sign-twice", 1, 1, do_sign_twice },
	{ "freeze", 1, 1, do_freeze },
	{ "thaw", 1, 1, do_thaw },
	{ "silent", 1, 1, do_silent },
	{ "bogus", 1, 1, do_bogus },
	{ "answers", 1, 1, do_answers },
	{ "ns-ttl", 1, 1, do_ns_ttl },
	{ "unlist", 1, 1, do_unlist },
	{ "list", 1, 1, do_list },
	{ "down", 1, 1, do_down },
	{ "up", 1, 1, do_up },
	{ "stuck", 1, 1, do_stuck },
	{ "also", 2, 2, do_also },
	{ "reload", 1, 1, do_reload },
	{ "install", 1, 1, do_install },
	{ "damage", 1, 1, do_damage },
	{ "spoil", 1, 1, do_spoil },
	{ "renew", 1, 2, do_renew },
	{ "issue", 2, 2, do_issue },
	{ "bare", 1, 1, do_bare },
	{ "unread", 1, 1, do_unread },
	{ "read", 1, 1, do_read },
	{ "rollover", 1, 2, do_rollover },
	{ "pause", 1, 1, do_pause },
	{ "resume", 0, 0, do_resume },
	{ "waive", 2, 2, do_waive },
	{ "caches", 2, 2, do_caches },
	{ "clock", 1, 1, do_clock },
	{ "wall", 1, 1, do_wall },
	{ "wait", 1, 1, do_wait },
	{ "pass", 0, 0, do_pass },
	{ "die", 1, 1, do_die },
	{ "run", 1, 3, do_run },
	{ "until", 4, 6, do_until },
	{ "mark", 0, 0, do_mark },
	{ "expect", 1, RUN_WORDS, do_expect },
};

bool
do_verb(struct run *r, const char *verb)
{
	for (size_t i = 0; i < sizeof(VERBS) / sizeof(VERBS[0]); i++) {
		if (strcmp(VERBS[i].name, verb) != 0)
			continue;
		if (r->n < VERBS[i].min || r->n > VERBS[i].max)
			return wrong(r, "%s with %zu words", verb, r->n);
		return VERBS[i].play(r);
	}
	return wrong(r, "unknown verb '%s'", verb);
}
