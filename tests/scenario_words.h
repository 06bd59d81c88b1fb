/*
 * scenario_words.h - one scenario file while it is played, and the words of
 * its language.
 */
#ifndef TESTS_SCENARIO_WORDS_H
#define TESTS_SCENARIO_WORDS_H

#include "scenario_world.h"

#define RUN_WORDS 24

struct run {
	const char *file;
	unsigned line;
	char **w; /* words of the line, after the verb */
	size_t n;
	struct world world;
	unsigned at; /* the owner that auth, primary and endpoint mean */
	int64_t mark;
	bool may_strand; /* after `expect stranded` */
	bool coming;	 /* the next line is `expect stranded` */
	char why[512];	 /* what is wrong; "" so far nothing */
	/* For world.entered. */
	void (*entered)(const struct world *w, const struct key *k,
	    enum stage from);
	char promise[200]; /* the comment in the first line */
};

/* Plays a file (scenario_play.c) up to this line, 0: to its end; false with
 * `why`.  r is zeroed before; world_release its world. */
bool play_file(const char *path, unsigned last, struct run *r);

/* Notes what is wrong (the first one counts) and returns false. */
bool wrong(struct run *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Values (scenario_value.c); false with `wrong` set. */
bool read_span(struct run *r, const char *s, int64_t *ret);
bool read_addr(struct run *r, const char *s, uint16_t port, struct addr *ret);
bool read_set(struct run *r, const char *s, struct tlsa_set *ret);
bool read_slot(struct run *r, const char *s, enum slot *ret);
/* A key that the scenario has named before. */
bool read_key(struct run *r, const char *s, int *ret);
struct key *key_of(struct run *r, int key); /* NULL: the agent has none */

/* What the words name, or NULL with `wrong` set. */
struct w_owner *owner_now(struct run *r);
struct w_auth *find_auth(struct run *r, const char *s);
struct w_endpoint *find_endpoint(struct run *r, const char *s);

/* scenario_setup.c: what is there from the beginning. */
bool do_owner(struct run *r);
bool do_profile(struct run *r);
bool do_set(struct run *r);
bool do_publisher(struct run *r);
bool do_standby(struct run *r);
bool do_tlsa(struct run *r);
bool do_slot(struct run *r);
bool do_ns(struct run *r);
bool do_endpoint(struct run *r);

/* scenario_happen.c: what happens. */
bool do_primary(struct run *r);
bool do_serve(struct run *r);
/* scenario_twin.c: two servers behind one address. */
bool do_twin(struct run *r);
bool do_hears(struct run *r);
/* scenario_sign.c: who signs, and until when. */
bool do_sign(struct run *r);
bool do_mint(struct run *r);
bool do_signing(struct run *r);
bool do_sign_twice(struct run *r);
/* scenario_wild.c: records of a wildcard. */
bool do_wildcard(struct run *r);
bool do_hides(struct run *r);
bool do_alias(struct run *r);
bool do_serve_alias(struct run *r);
bool do_freeze(struct run *r);
bool do_thaw(struct run *r);
bool do_silent(struct run *r);
bool do_bogus(struct run *r);
bool do_answers(struct run *r);
bool do_ns_ttl(struct run *r);
bool do_unlist(struct run *r);
bool do_list(struct run *r);
bool do_down(struct run *r);
bool do_up(struct run *r);
bool do_stuck(struct run *r);
bool do_also(struct run *r);
bool do_reload(struct run *r);
bool do_install(struct run *r);
bool do_damage(struct run *r);
bool do_spoil(struct run *r);
bool do_renew(struct run *r);
bool do_issue(struct run *r);
bool do_bare(struct run *r);
bool do_unread(struct run *r);
bool do_read(struct run *r);
bool do_rollover(struct run *r);
bool do_pause(struct run *r);
bool do_resume(struct run *r);
bool do_waive(struct run *r);
bool do_caches(struct run *r);
bool do_clock(struct run *r);
bool do_wall(struct run *r);
bool do_wait(struct run *r);

/* scenario_alias.c: facts for `expect`. */
bool is_watched(struct run *r);
bool is_loop(struct run *r);

/* scenario_tell.c: what people are told. */
bool is_told(struct run *r);
bool is_stuck_on(struct run *r);
bool is_dead(struct run *r);

/* The verb `expect` (scenario_expect.c). */
bool do_expect(struct run *r);

/* Plays one verb (scenario_verbs.c). */
bool do_verb(struct run *r, const char *verb);

#endif
