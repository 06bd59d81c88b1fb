/*
 * core_kit.h - hosts for the tests of core, in a few words.  Keys are single
 * letters, sets are strings of them: "AB" holds the records of A and B, "" is
 * a denial, and '!' is a record that is not 3 1 1.
 */
#ifndef TESTS_CORE_KIT_H
#define TESTS_CORE_KIT_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "core/event.h"
#include "core/guard.h"
#include "core/plan.h"
#include "core/record.h"
#include "core/sighting.h"

#define MINUTES 60
#define HOURS 3600
#define DAYS 86400

static struct host H;
static struct now NOW;

static inline struct spki
K(char letter) {
	struct spki s;

	memset(s.sha256, letter, sizeof(s.sha256));
	return s;
}

static inline struct tlsa
odd_record(void)
{
	struct tlsa r = { .usage = 3, .selector = 1, .mtype = 2, .len = 64 };

	memset(r.data, 'A', 64);
	return r;
}

static inline struct tlsa_set
S(const char *letters) {
	struct tlsa_set s = { .n = 0 };

	for (; *letters != 0; letters++) {
		struct spki key = K(*letters);
		struct tlsa r = *letters == '!' ? odd_record() : tlsa_of(&key);

		tlsa_set_add(&s, &r);
	}
	return s;
}

static inline struct addr
NS(int i) {
	return addr_make(4, (uint8_t[]){ 192, 0, 2, (uint8_t)i }, 53);
}

static inline struct addr
EP(int i) {
	return addr_make(4, (uint8_t[]){ 198, 51, 100, (uint8_t)i }, 25);
}

/* An adopted host with one owner, profile routine, at 10:00. */
static inline void
kit_begin(void)
{
	host_release(&H);
	host_init(&H, "mx.example");
	H.policy = (struct policy){ 2, 1 * DAYS, 1 * HOURS, 15 * MINUTES,
		5 * MINUTES, 15 * MINUTES, 1 * DAYS, 3 * DAYS, 30 * DAYS,
		365 * DAYS, 1 * DAYS, 3 * DAYS, 1 * DAYS };
	H.publishes = H.standby = true;
	H.adopted_at = 0;
	H.slot[SLOT_RSA].managed = true;
	H.slot[SLOT_RSA].kind = KIND_RSA_2048;
	host_owner(&H, "_25._tcp.mx.example.", 25);
	NOW = (struct now){ .elapsed = 100 * DAYS,
		.wall = 2000000000,
		.trusted = true };
}

static inline void
kit_end(void)
{
	host_release(&H);
}

/* All slacks and allowances off: the hold is the TTL. */
static inline void
kit_bare(void)
{
	H.policy.hold_factor = 1;
	H.policy.stale_allowance = H.policy.hold_floor = 0;
	H.policy.client_slack = H.policy.clock_slack = 0;
}

static inline void
kit_wait(int64_t seconds)
{
	NOW.elapsed += seconds;
	NOW.wall += (time_t)seconds;
}

static inline void
kit_ns(unsigned owner, int i)
{
	struct addr a = NS(i);

	sighting_listed(&H, &H.own[owner], &a, "ns.example", 3600, &NOW);
}

static inline void
kit_look_at(unsigned owner, int i, enum look look, const char *set,
    uint32_t ttl)
{
	struct glance g = { .look = look, .set = S(set), .ttl = ttl };
	struct addr a = NS(i);

	if (owner_find_authority(&H.own[owner], &a) == NULL)
		kit_ns(owner, i);
	if (look != LOOK_SHOWN)
		strcpy(g.why, "because");
	sighting_note(&H, &H.own[owner], &a, &g, &NOW);
}

/* It shows the set; "" is a denial. */
static inline void
kit_shows(int i, const char *set, uint32_t ttl)
{
	kit_look_at(0, i, *set == 0 ? LOOK_NONE : LOOK_SHOWN, set, ttl);
}

static inline void
kit_silent(int i)
{
	kit_look_at(0, i, LOOK_SILENT, "", 0);
}

static inline struct authority *
kit_auth(int i)
{
	struct addr a = NS(i);

	return owner_find_authority(&H.own[0], &a);
}

static inline const struct sighting *
kit_sighting(int i, const char *set, uint32_t ttl)
{
	struct tlsa_set s = S(set);
	struct addr a = NS(i);
	struct owner *o = &H.own[0];

	for (size_t j = 0; j < o->n_seen; j++)
		if (addr_cmp(&o->seen[j].auth, &a) == 0 &&
		    o->seen[j].ttl == ttl &&
		    tlsa_set_eq(H.set[o->seen[j].set], &s))
			return &o->seen[j];
	return NULL;
}

/* Made by danesafe, stored, with a certificate; in the RSA slot. */
static inline struct key *
kit_key(char letter, enum stage stage)
{
	struct key *k = host_key_add(&H);

	k->id = K(letter);
	k->slot = SLOT_RSA;
	k->kind = KIND_RSA_2048;
	k->stage = stage;
	k->entered_at = NOW.elapsed;
	k->entered_wall = NOW.wall;
	k->deployed_wall = stage == STAGE_DEPLOYED ? NOW.wall : 0;
	k->stored = k->cert_ok = true;
	return k;
}

static inline struct key *
kit_find(char letter)
{
	struct spki s = K(letter);

	return host_find_key(&H, &s);
}

/* The endpoint, swept in this pass, presents these RSA keys. */
static inline struct endpoint *
kit_presents(int i, const char *letters)
{
	struct addr a = EP(i);
	struct endpoint *ep = host_endpoint(&H, 0, &a);

	ep->fresh = true;
	ep->sweep = SWEEP_SEEN;
	ep->swept_at = NOW.elapsed;
	ep->n_seen = 0;
	for (; *letters != 0; letters++)
		ep->seen[ep->n_seen++] = (struct presented){ K(*letters),
			SLOT_RSA, 0 };
	return ep;
}

static inline void
kit_primary(const char *set)
{
	for (size_t i = 0; i < H.n_own; i++) {
		H.own[i].has_primary = true;
		owner_set_primary(&H.own[i], S(set));
		H.own[i].primary_ttl = 3600;
	}
}

static inline void
kit_waive(char letter, enum guard_id guard, const struct addr *a)
{
	struct waiver w = { .key = K(letter),
		.guard = guard,
		.given_at = NOW.elapsed };

	if (a != NULL)
		w.addr = *a;
	H.waiver = realloc(H.waiver, (H.n_waiver + 1) * sizeof(w));
	H.cap_waiver = H.n_waiver + 1;
	H.waiver[H.n_waiver++] = w;
}

static inline bool
kit_allows(enum act act, char letter, struct breach *ret)
{
	memset(ret, 0, sizeof(*ret));
	return law_allows(&H, &NOW, act, kit_find(letter), ret);
}

/* Seconds until no set lacking the key can be held; NEVER, 0 as there. */
static inline int64_t
kit_until(char letter)
{
	int64_t t = event_held_until(&H, kit_find(letter), false, &NOW, NULL);

	return t > 0 ? t - NOW.elapsed : t;
}

static inline bool
kit_event(char letter, uint32_t events)
{
	return (event_of(&H, kit_find(letter), &NOW) & events) == events;
}

/* Runs the suite's cases; the value of main. */
static inline int
kit_run(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}

#endif
