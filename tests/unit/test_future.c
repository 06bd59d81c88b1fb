/*
 * test_future.c - the plan is what passes then do: the same steps, in the same
 * passes, in the world of the scenarios, where the clock is moved by hand.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../scenario_world.h"
#include "base/mem.h"
#include "core/future.h"
#include "core_kit.h"

#define EVERY 900
#define EVENTS 400

/* That a key was brought to a stage, or an act done to it, in one pass. */
struct seen {
	time_t at;
	int key;  /* in the order of making */
	int what; /* a stage, or 100 + an act */
};

struct all_seen {
	struct seen v[EVENTS];
	size_t n;
};

static struct world W;
static struct all_seen planned, done;

static void
note(struct all_seen *es, time_t at, int key, int what)
{
	/* One pass may take a key through several stages: the last counts. */
	for (size_t i = 0; what < 100 && i < es->n; i++)
		if (es->v[i].at == at && es->v[i].key == key &&
		    es->v[i].what < 100) {
			es->v[i].what = what;
			return;
		}
	ck_assert_uint_lt(es->n, EVENTS);
	es->v[es->n++] = (struct seen){ at, key, what };
}

static void
foresee(const struct future_step *s, void *arg)
{
	int key = (int)(s->key - s->host->key);

	(void)arg;
	if (s->act == ACT_PUBLISH || s->act == ACT_WITHDRAW ||
	    s->act == ACT_DESTROY)
		note(&planned, s->at.wall, key, 100 + (int)s->act);
	if (s->from != s->to)
		note(&planned, s->at.wall, key, (int)s->to);
}

static void *
dup(const void *p, size_t n, size_t size)
{
	return n == 0 ? NULL : mem_copy(p, n * size);
}

static void
copy(struct host *to, const struct host *from)
{
	*to = *from;
#define DUP(h, f, count) (h)->f = dup((h)->f, (h)->count, sizeof(*(h)->f))
	DUP(to, set, cap_set);
	DUP(to, target, cap_target);
	DUP(to, chain, cap_chain);
	DUP(to, own, cap_own);
	DUP(to, ep, cap_ep);
	DUP(to, key, cap_key);
	DUP(to, waiver, cap_waiver);
	to->seen = NULL;
	to->n_seen = to->cap_seen = 0;
	for (size_t i = 0; i < to->n_ep; i++) {
		to->ep[i].room = 0; /* it is another's */
		endpoint_room(to, &to->ep[i], PRESENTED_MAX);
	}
	for (size_t i = 0; i < to->n_set; i++)
		to->set[i] = tlsa_set_keep(to->set[i]);
	for (size_t i = 0; i < to->n_chain; i++)
		to->chain[i].bytes = dup(to->chain[i].bytes, to->chain[i].len,
		    1);
	for (size_t i = 0; i < to->n_own; i++) {
		struct owner *o = &to->own[i];

		DUP(o, auth, cap_auth);
		DUP(o, seen, cap_seen);
		DUP(o, inst, cap_inst);
		o->ns_differ = NULL;
		o->primary = NULL;
		o->has_primary = false; /* no fact of a pass is needed */
		for (size_t j = 0; j < o->n_auth; j++)
			o->auth[j].fresh = false;
	}
#undef DUP
}

static void
one_pass(void)
{
	enum stage was[W_KEYS];
	int64_t gone[W_KEYS];
	size_t n = W.h.n_key;

	for (size_t i = 0; i < n; i++) {
		was[i] = W.h.key[i].stage;
		gone[i] = W.h.key[i].destroyed_at;
	}
	ck_assert(agent_pass(&W));
	for (size_t i = 0; i < W.n_done; i++) {
		struct spki id = world_spki(W.done[i].key);

		if (!W.done[i].refused &&
		    (W.done[i].act == ACT_PUBLISH ||
			W.done[i].act == ACT_WITHDRAW))
			note(&done, W.wall,
			    (int)(host_find_key(&W.h, &id) - W.h.key),
			    100 + (int)W.done[i].act);
	}
	for (size_t i = 0; i < W.h.n_key; i++) {
		if (i >= n || W.h.key[i].stage != was[i])
			note(&done, W.wall, (int)i, (int)W.h.key[i].stage);
		if (i < n && W.h.key[i].destroyed_at != gone[i])
			note(&done, W.wall, (int)i, 100 + ACT_DESTROY);
	}
}

static int
by_time(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->key != y->key ? x->key - y->key : x->what - y->what;
}

static const char *
say(const struct seen *ev, char *buf)
{
	sprintf(buf, "key %d %s at %lld", ev->key,
	    ev->what < 100 ? stage_name((enum stage)ev->what)
			   : act_name((enum act)(ev->what - 100)),
	    (long long)(ev->at - W.wall));
	return buf;
}

/* A plan is made now; then the passes are. */
static void
compare(int64_t span, size_t at_least)
{
	struct now first = world_now(&W);
	time_t until = W.wall + (time_t)span;
	char want[80], got[80];
	struct host h;

	first.elapsed += EVERY;
	first.wall += EVERY;
	copy(&h, &W.h);
	future_play(&h, &first, EVERY, until, foresee, NULL);
	host_release(&h);
	while (W.wall + EVERY <= until) {
		world_wait(&W, EVERY);
		one_pass();
	}
	qsort(planned.v, planned.n, sizeof(*planned.v), by_time);
	qsort(done.v, done.n, sizeof(*done.v), by_time);
	for (size_t i = 0; i < planned.n && i < done.n; i++)
		ck_assert_msg(by_time(&planned.v[i], &done.v[i]) == 0,
		    "%zu: planned was %s, but it came: %s", i,
		    say(&planned.v[i], want), say(&done.v[i], got));
	ck_assert_uint_eq(planned.n, done.n);
	ck_assert_uint_ge(done.n, at_least);
}

static int
key_named(const char *name, enum slot slot)
{
	int k = world_key(&W, name);

	W.key[k].slot = slot;
	return k;
}

/* Three name servers, one endpoint; OLD is in use and published. */
static void
setup(void)
{
	struct w_owner *o;
	struct spki old;
	struct tlsa r;
	int k;

	memset(&planned, 0, sizeof(planned));
	memset(&done, 0, sizeof(done));
	world_init(&W);
	k = key_named("OLD", SLOT_RSA);
	old = world_spki(k);
	r = tlsa_of(&old);
	o = &W.own[0];
	for (int i = 1; i <= 3; i++) {
		struct w_auth *a = &o->auth[o->n_auth++];

		a->addr = NS(i);
		a->ns_ttl = 3600;
		a->left = NEVER;
	}
	tlsa_set_add(&o->primary, &r);
	world_follow(&W, o);
	W.ep[0].addr = EP(1);
	W.ep[0].key[SLOT_RSA] = W.installed[SLOT_RSA] = k;
	W.ep[0].key[SLOT_ECDSA] = W.ep[0].also = -1;
	W.n_ep = 1;
	W.h.slot[SLOT_RSA].managed = true;
	W.h.slot[SLOT_RSA].kind = KIND_RSA_2048;
	W.h.policy.rollover_every = 90 * DAYS;
}

static void
teardown(void)
{
	world_release(&W);
	host_release(&H);
}

/* So many passes, without a plan. */
static void
passes(int n)
{
	for (int i = 0; i < n; i++) {
		world_wait(&W, EVERY);
		ck_assert(agent_pass(&W));
	}
}

START_TEST(a_year_from_the_adoption)
{
	ck_assert(agent_pass(&W));
	compare(365 * DAYS, 30);
}
END_TEST

START_TEST(the_middle_of_a_wait)
{
	ck_assert(agent_pass(&W));
	passes(20);
	compare(60 * DAYS, 1);
}
END_TEST

START_TEST(a_rollover_that_was_asked_for)
{
	ck_assert(agent_pass(&W));
	passes(300);
	W.h.slot[SLOT_RSA].rollover_wall = W.wall;
	compare(60 * DAYS, 7);
}
END_TEST

START_TEST(a_key_that_is_compromised)
{
	ck_assert(agent_pass(&W));
	passes(300);
	W.h.slot[SLOT_RSA].rollover_wall = W.wall;
	W.h.slot[SLOT_RSA].compromised = true;
	compare(40 * DAYS, 6);
}
END_TEST

START_TEST(the_middle_of_a_retirement)
{
	ck_assert(agent_pass(&W));
	passes(300);
	W.h.slot[SLOT_RSA].rollover_wall = W.wall;
	passes(50);
	compare(40 * DAYS, 5);
}
END_TEST

START_TEST(without_a_standby_key)
{
	W.h.standby = false;
	ck_assert(agent_pass(&W));
	compare(200 * DAYS, 10);
}
END_TEST

START_TEST(a_second_algorithm)
{
	ck_assert(agent_pass(&W));
	passes(5);
	W.h.slot[SLOT_ECDSA].managed = true;
	W.h.slot[SLOT_ECDSA].kind = KIND_ECDSA_P256;
	compare(100 * DAYS, 12);
}
END_TEST

START_TEST(a_pause)
{
	ck_assert(agent_pass(&W));
	passes(5);
	W.h.paused_until = W.wall + 3 * DAYS + 100;
	compare(40 * DAYS, 1);
}
END_TEST

START_TEST(first_records_after_none)
{
	memset(&W.own[0].primary, 0, sizeof(W.own[0].primary));
	W.own[0].n_held = 0;
	world_follow(&W, &W.own[0]);
	ck_assert(agent_pass(&W));
	compare(30 * DAYS, 3);
}
END_TEST

START_TEST(records_of_two_kinds)
{
	W.h.n_tlsa = 2;
	W.h.tlsa[0] = (struct tlsa_kind){ 3, 1, 1 };
	W.h.tlsa[1] = (struct tlsa_kind){ 3, 0, 2 };
	ck_assert(agent_pass(&W));
	compare(200 * DAYS, 10);
}
END_TEST

/* What lags and what is down is taken to be mended with the first pass. */
START_TEST(a_name_server_that_lags_is_taken_to_follow)
{
	ck_assert(agent_pass(&W));
	W.own[0].auth[2].frozen = true;
	passes(20);
	ck_assert_int_eq(W.h.key[1].stage, STAGE_GENERATED);
	W.own[0].auth[2].frozen = false;
	world_follow(&W, &W.own[0]);
	compare(10 * DAYS, 2);
}
END_TEST

START_TEST(a_zone_that_is_signed_anew_in_time)
{
	W.own[0].sign_life = 14 * DAYS;
	W.own[0].sign_every = 5 * DAYS;
	world_change(&W, &W.own[0]);
	ck_assert(agent_pass(&W));
	compare(120 * DAYS, 6);
}
END_TEST

static unsigned ready;

static void
count_ready(const struct future_step *s, void *arg)
{
	(void)arg;
	ready += s->from != s->to && s->to == STAGE_READY;
}

START_TEST(who_stands_behind_an_address_is_taken_to_follow)
{
	struct now now;
	struct owner *o;
	struct host h;

	ready = 0;
	ck_assert(agent_pass(&W));
	copy(&h, &W.h);
	o = &h.own[0];
	o->inst = mem_new(sizeof(*o->inst));
	o->n_inst = o->cap_inst = 1;
	*o->inst = (struct instance){ .auth = NS(1), .nsid = "two", .set = 0 };
	now = world_now(&W);
	future_play(&h, &now, EVERY, W.wall + 10 * DAYS, count_ready, NULL);
	host_release(&h);
	ck_assert_uint_eq(ready, 1);
}
END_TEST

static unsigned renewed;

static void
count_renewed(const struct future_step *s, void *arg)
{
	(void)arg;
	renewed += s->act == ACT_DEPLOY && s->from == s->to;
}

START_TEST(a_certificate_that_waits_is_deployed_once)
{
	struct cover_chain c;
	struct now now;
	struct host h;

	renewed = 0;
	ck_assert(agent_pass(&W));
	copy(&h, &W.h);
	c = host_chain_at(&h, h.key[0].chain);
	c.cert[0].by[0].sha256[0] ^= 0xff;
	h.key[0].next_chain = host_chain(&h, &c);
	now = world_now(&W);
	future_play(&h, &now, EVERY, W.wall + 40 * DAYS, count_renewed, NULL);
	ck_assert_int_eq(h.key[0].next_chain, 0);
	host_release(&h);
	ck_assert_uint_eq(renewed, 1);
}
END_TEST

static unsigned by_hand, cert_ends;
static time_t ends_at;

static void
count(const struct future_step *s, void *arg)
{
	(void)arg;
	by_hand += s->by_hand;
	cert_ends += s->cert_ends;
	if (s->cert_ends)
		ends_at = s->at.wall;
	ck_assert(!s->by_hand || s->act == ACT_PUBLISH ||
	    s->act == ACT_WITHDRAW);
}

START_TEST(what_a_person_must_do_is_told)
{
	struct now now;
	struct host h;

	by_hand = cert_ends = 0;
	W.h.publishes = false;
	ck_assert(agent_pass(&W));
	W.h.key[0].cert_until = W.wall + 20 * DAYS;
	copy(&h, &W.h);
	now = world_now(&W);
	future_play(&h, &now, EVERY, W.wall + 120 * DAYS, count, NULL);
	host_release(&h);
	ck_assert_uint_eq(by_hand, 3); /* two in, one out */
	ck_assert_uint_eq(cert_ends, 1);
	ck_assert_int_eq(ends_at, W.wall + 20 * DAYS);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("future");
	TCase *t = tcase_create("future");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_year_from_the_adoption);
	tcase_add_test(t, the_middle_of_a_wait);
	tcase_add_test(t, a_rollover_that_was_asked_for);
	tcase_add_test(t, a_key_that_is_compromised);
	tcase_add_test(t, the_middle_of_a_retirement);
	tcase_add_test(t, without_a_standby_key);
	tcase_add_test(t, a_second_algorithm);
	tcase_add_test(t, a_pause);
	tcase_add_test(t, first_records_after_none);
	tcase_add_test(t, records_of_two_kinds);
	tcase_add_test(t, a_name_server_that_lags_is_taken_to_follow);
	tcase_add_test(t, a_zone_that_is_signed_anew_in_time);
	tcase_add_test(t, who_stands_behind_an_address_is_taken_to_follow);
	tcase_add_test(t, a_certificate_that_waits_is_deployed_once);
	tcase_add_test(t, what_a_person_must_do_is_told);
	suite_add_tcase(s, t);
	return kit_run(s);
}
