/*
 * explore.c - proof by exhaustion: links core as it is and walks every
 * history of a small world.
 *
 * The world: one primary; two authorities that follow it or fall back in any
 * order; every cache that ever asked (the worst one is always taken); two
 * endpoints that take up an installed key in any order; an agent whose looks
 * may stay without an answer and whose passes may die between an act and its
 * note.  One move at a time, in any order, until no new state is found.
 *
 * A sender is stranded when some cache or authority holds a set that does not
 * match the key of some endpoint, be it in one kind of record only.  No
 * history may strand one: where every key has one record, where it gets a
 * second one on the way, and where the key stays and its certificate comes from
 * another issuer, whom the records name.  Mutants of the table must be caught
 * by the law; with the law off they must strand, or the test could not fail.
 * Mutants of the sightings must strand, law or not.
 *
 * What no agent can prevent is not played: an authority that falls back,
 * after a key was installed, to a set without it; and one that falls back
 * and recovers between two looks.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "core/plan.h"
#include "core/record.h"
#include "core/renew.h"
#include "core/sighting.h"

enum { A, B, KEYS };
enum { AUTHS = 2, ENDPOINTS = 2, VERSIONS = 3 };

/* A record: 3 1 1 or 3 1 2 of a key.  Where certificates are renewed, A and B
 * are two issuers of the one key, and ONE is 2 1 1. */
#define ONE(k) (1u << (k))
#define TWO(k) (4u << (k))

/* The sets that the primary may hold, one after the other; 0 ends.  A change
 * to any other set is not played. */
static const struct era {
	unsigned kinds; /* of records that the config wants */
	unsigned version[VERSIONS];
	bool vague;  /* of A only the key is known */
	bool renews; /* the key stays, its certificate changes */
} ERAS[] = {
	{ 1, { ONE(A), ONE(A) | ONE(B), ONE(B) }, false, false },
	{ 2, { ONE(A), ONE(A) | TWO(A) | ONE(B) | TWO(B), ONE(B) | TWO(B) },
	    false, false },
	{ 2, { ONE(A), ONE(A) | ONE(B) | TWO(B) }, true, false },
	{ 1, { ONE(A), ONE(A) | ONE(B), ONE(B) }, false, true },
};
enum { ERA_ONE, ERA_TWO, ERA_VAGUE, ERA_RENEW };

/* Longer than the machine's own delays, or mutants would survive. */
#define TTL 4
#define SETTLE 1
#define RETIRE_HOLD 1
#define NOW 1000 /* ages are counted from here */

/* One moment of the world and of what the agent remembers; all ages are in
 * ticks, 0 in `gone` and `clean` means never. */
struct state {
	uint8_t version;	  /* of the primary */
	uint8_t auth[AUTHS];	  /* version served */
	uint8_t fallen[AUTHS];	  /* fell back since the last look */
	uint8_t served[VERSIONS]; /* age; 255 never */
	uint8_t ep[ENDPOINTS];	  /* key (certificate) presented */
	uint8_t installed;	  /* likewise */

	uint8_t stage[KEYS];
	uint8_t entered[KEYS];
	uint8_t clean[KEYS];
	uint8_t wish;
	uint8_t chain, next, past;	/* of the key that is renewed; + 1 */
	uint8_t known[AUTHS][VERSIONS]; /* a sighting exists */
	uint8_t gone[AUTHS][VERSIONS];
	uint8_t ep_seen[ENDPOINTS]; /* mask of keys */
};

/* What is wrong on purpose. */
enum flaw {
	FLAW_NONE,
	FLAW_TTL,	 /* sightings forget the TTL */
	FLAW_SILENCE,	 /* silence keeps its credit */
	FLAW_ONE,	 /* one authority is enough */
	FLAW_REGRESSION, /* what was gone stays gone */
	FLAW_SWEEP_ONE,	 /* one endpoint is enough */
	FLAW_CLAIM,	 /* what is installed is taken for served */
};

struct trial {
	const char *name;
	const struct row *table;
	size_t rows;
	enum flaw flaw;
	bool law;
};

struct tally {
	size_t states, stranded, finished, refused;
};

static struct spki KEY_ID[KEYS];
static struct cover_chain CHAIN[KEYS];
static const struct era *era;
static struct tlsa_set SET[VERSIONS]; /* of the era */
static unsigned n_version;
static struct addr AUTH[AUTHS], EP[ENDPOINTS];

/* The key with this number, or with the certificate of it. */
static const struct spki *
key_id(unsigned k)
{
	return &KEY_ID[era->renews ? A : k];
}

/* What is sent with it: a certificate, of itself or of an issuer. */
static struct cover_chain
make_chain(unsigned k)
{
	struct cover_chain c = cover_of_key(key_id(k));

	c.cert[0].key_only = false;
	memset(c.cert[0].by[1].sha512, key_id(k)->sha256[0], 64);
	if (!era->renews)
		return c;
	c.n = 2;
	memset(&c.cert[1], 0, sizeof(c.cert[1]));
	memset(c.cert[0].by[0].sha256, 0x10 + (int)k, 32);
	memset(c.cert[1].by[0].sha256, 0x20 + (int)k, 32);
	memset(c.cert[1].by[1].sha256, 0x30 + (int)k, 32);
	c.names_ok = true;
	for (int i = 0; i < 2; i++)
		c.path_ok[i] = c.dates_ok[i] = true;
	return c;
}

static struct tlsa
make_record(unsigned bit)
{
	const struct cover_chain *c = &CHAIN[bit % KEYS];

	if (era->renews)
		return cover_tlsa(&c->cert[1], 2, 1, 1);
	return cover_tlsa(&c->cert[0], 3, 1, bit < KEYS ? 1 : 2);
}

/* Makes the sets of an era. */
static void
begin(int which)
{
	era = &ERAS[which];
	for (unsigned k = 0; k < KEYS; k++)
		CHAIN[k] = make_chain(k);
	for (n_version = 0; n_version < VERSIONS; n_version++) {
		struct tlsa_set *s = &SET[n_version];

		s->n = 0;
		for (unsigned k = 0; k < 2 * KEYS; k++) {
			struct tlsa r = make_record(k);

			if (era->version[n_version] & 1u << k)
				tlsa_set_add(s, &r);
		}
		if (s->n == 0)
			break;
	}
}

/* ---- the set of states that were found ---- */

static struct state *found;
static size_t n_found, cap_found;
static uint32_t *bucket; /* index + 1 */
static size_t n_bucket;

static uint64_t
hash(const struct state *s)
{
	const uint8_t *p = (const uint8_t *)s;
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < sizeof(*s); i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h ^ h >> 29;
}

static void
grow(void)
{
	free(bucket);
	n_bucket = n_bucket == 0 ? 1 << 16 : n_bucket * 2;
	bucket = calloc(n_bucket, sizeof(*bucket));
	assert(bucket != NULL);
	for (size_t i = 0; i < n_found; i++) {
		size_t at = hash(&found[i]) & (n_bucket - 1);

		while (bucket[at] != 0)
			at = (at + 1) & (n_bucket - 1);
		bucket[at] = (uint32_t)i + 1;
	}
}

static void
visit(const struct state *s)
{
	size_t at;

	if (2 * (n_found + 1) > n_bucket)
		grow();
	for (at = hash(s) & (n_bucket - 1); bucket[at] != 0;
	     at = (at + 1) & (n_bucket - 1))
		if (memcmp(&found[bucket[at] - 1], s, sizeof(*s)) == 0)
			return;
	if (n_found == cap_found) {
		cap_found = cap_found == 0 ? 1 << 14 : cap_found * 2;
		found = realloc(found, cap_found * sizeof(*found));
		assert(found != NULL);
	}
	found[n_found++] = *s;
	bucket[at] = (uint32_t)n_found;
}

/* ---- between a state and the facts of core ---- */

static int64_t
then(uint8_t age)
{
	return NOW - (int64_t)age;
}

/* Ages stop where nothing more depends on them. */
static uint8_t
age_of(int64_t t, int64_t max)
{
	int64_t age = NOW - t;

	return (uint8_t)(age > max ? max : age);
}

/* `gone` may lie one tick ahead (it is rounded up): age + 2, 0 is never. */
static uint8_t
gone_of(int64_t t)
{
	return t == NEVER ? 0 : (uint8_t)(age_of(t, TTL) + 2);
}

/* Chains were interned in this order. */
static int
chain_known(unsigned key)
{
	return key == A && era->vague ? 0 : (int)key + 1;
}

static void
fill_keys(const struct state *s, struct host *h)
{
	for (unsigned i = 0; i < KEYS; i++) {
		struct key *k;

		if (s->stage[i] == STAGE_NONE)
			continue;
		k = host_key_add(h);
		k->id = KEY_ID[i];
		k->slot = SLOT_ECDSA;
		k->stage = (enum stage)s->stage[i];
		k->adopted = i == A;
		k->entered_at = then(s->entered[i]);
		k->deployed_wall = 1;
		k->clean_since = s->clean[i] == 0 ? NEVER
						  : then(s->clean[i] - 1);
		k->stored = k->cert_ok = true;
		k->installed = s->installed == i || era->renews;
		k->chain = era->renews ? s->chain : chain_known(i);
		k->next_chain = s->next;
		k->past_chain = s->past;
		k->cert_issued = era->renews;
	}
}

static void
fill_dns(const struct state *s, struct host *h)
{
	struct owner *o = host_owner(h, "_25._tcp.mx.example.", 25);

	o->has_primary = true;
	owner_set_primary(o, SET[s->version]);
	o->primary_ttl = TTL;
	for (unsigned a = 0; a < AUTHS; a++) {
		struct authority *au = owner_authority(o, &AUTH[a]);

		au->first_seen = 0;
		au->looked_at = NOW - 1;
		for (unsigned v = 0; v < n_version; v++) {
			struct sighting *g;

			if (!s->known[a][v])
				continue;
			assert(o->n_seen < o->cap_seen);
			g = &o->seen[o->n_seen++];
			g->auth = AUTH[a];
			g->set = (int)v + 1;
			g->ttl = TTL;
			g->gone = s->gone[a][v] == 0 ? NEVER
						     : NOW + 2 - s->gone[a][v];
		}
	}
}

/* Buffers are reused: a walk makes millions of hosts. */
static void
fill(const struct state *s, struct host *h)
{
	struct owner *o = &h->own[0];

	h->n_key = h->n_ep = h->n_waiver = 0;
	o->n_auth = o->n_seen = 0;
	o->blocked[0] = 0;
	h->slot[SLOT_ECDSA].rollover_wall = s->wish ? 1 : 0;
	fill_keys(s, h);
	fill_dns(s, h);
	for (unsigned e = 0; e < ENDPOINTS; e++) {
		struct endpoint *ep = host_endpoint(h, 0, &EP[e]);

		ep->n_seen = 0;
		ep->fresh = false;
		ep->swept_at = NOW - 1;
		for (unsigned k = 0; k < KEYS; k++)
			if (s->ep_seen[e] & 1u << k)
				ep->seen[ep->n_seen++] = (struct presented){
					*key_id(k), SLOT_ECDSA, chain_known(k)
				};
		ep->sweep = SWEEP_SEEN;
	}
}

static void
host_make(struct host *h)
{
	struct owner *o;

	host_init(h, "mx.example");
	h->policy = (struct policy){ .hold_factor = 1,
		.settle = SETTLE,
		.retire_hold = RETIRE_HOLD,
		.key_retention = 1000000,
		.assumed_ttl = TTL,
		.rollover_every = 1000000 };
	h->publishes = true;
	h->standby = !era->renews;
	h->adopted_at = 0;
	h->slot[SLOT_ECDSA].managed = true;
	h->slot[SLOT_ECDSA].kind = KIND_ECDSA_P256;
	o = host_owner(h, "_25._tcp.mx.example.", 25);
	o->cap_seen = 64;
	o->seen = calloc(o->cap_seen, sizeof(*o->seen));
	h->key = calloc(8, sizeof(*h->key));
	h->cap_key = 8;
	for (unsigned v = 0; v < n_version; v++)
		host_set(h, &SET[v]);
	for (unsigned k = 0; k < KEYS; k++)
		host_chain(h, &CHAIN[k]);
	h->tlsa[0] = era->renews ? (struct tlsa_kind){ 2, 1, 1 }
				 : (struct tlsa_kind){ 3, 1, 1 };
	h->tlsa[1] = (struct tlsa_kind){ 3, 1, 2 };
	h->n_tlsa = era->kinds;
}

/* The sets were interned in this order, after the empty one. */
static unsigned
version_of(int set)
{
	assert(set >= 1 && set <= (int)n_version);
	return (unsigned)set - 1;
}

/* Of the key, or of its certificate. */
static unsigned
number_of(const struct presented *p)
{
	if (era->renews)
		return (unsigned)p->chain - 1;
	return spki_eq(&p->key, &KEY_ID[A]) ? A : B;
}

/* What the agent keeps of this pass. */
static void
keep(const struct host *h, struct state *s)
{
	const struct owner *o = &h->own[0];

	memset(s->known, 0, sizeof(s->known));
	memset(s->gone, 0, sizeof(s->gone));
	for (size_t i = 0; i < o->n_seen; i++) {
		unsigned a = addr_cmp(&o->seen[i].auth, &AUTH[0]) == 0 ? 0 : 1;
		unsigned v = version_of(o->seen[i].set);

		s->known[a][v] = 1;
		s->gone[a][v] = gone_of(o->seen[i].gone);
	}
	for (size_t i = 0; i < h->n_key; i++) {
		unsigned k = spki_eq(&h->key[i].id, &KEY_ID[A]) ? A : B;

		s->stage[k] = (uint8_t)h->key[i].stage;
		s->entered[k] = h->key[i].stage == STAGE_RETIRING
		    ? age_of(h->key[i].entered_at, RETIRE_HOLD)
		    : 0;
		s->clean[k] = h->key[i].clean_since == NEVER
		    ? 0
		    : (uint8_t)(age_of(h->key[i].clean_since, SETTLE) + 1);
	}
	s->wish = h->slot[SLOT_ECDSA].rollover_wall != 0;
	for (unsigned e = 0; e < ENDPOINTS; e++) {
		s->ep_seen[e] = 0;
		for (unsigned i = 0; i < h->ep[e].n_seen; i++)
			s->ep_seen[e] |= (uint8_t)(1u
			    << number_of(&h->ep[e].seen[i]));
	}
	if (era->renews) {
		s->chain = (uint8_t)h->key[0].chain;
		s->next = (uint8_t)h->key[0].next_chain;
		s->past = (uint8_t)h->key[0].past_chain;
	}
}

/* ---- the moves ---- */

static struct state *
now_served(struct state *s)
{
	for (unsigned a = 0; a < AUTHS; a++)
		s->served[s->auth[a]] = 0;
	return s;
}

static void
look_dns(const struct state *s, struct host *h, unsigned silent, enum flaw flaw,
    const struct now *now)
{
	static struct glance g = { .ttl = TTL };
	struct owner *o = &h->own[0];

	for (unsigned a = 0; a < AUTHS; a++) {
		unsigned from = flaw == FLAW_ONE ? 0 : a;

		g.look = silent & 1u << from ? LOOK_SILENT : LOOK_SHOWN;
		g.set = SET[s->auth[from]];
		if (flaw == FLAW_SILENCE && g.look == LOOK_SILENT) {
			owner_find_authority(o, &AUTH[a])->fresh = false;
			continue; /* keeps its credit */
		}
		sighting_note(h, o, &AUTH[a], &g, now);
	}
	for (size_t i = 0; flaw == FLAW_TTL && i < o->n_seen; i++)
		o->seen[i].ttl = 0;
	if (flaw == FLAW_REGRESSION)
		for (size_t i = 0; i < o->n_seen; i++) {
			unsigned a = addr_cmp(&o->seen[i].auth, &AUTH[0]) == 0
			    ? 0
			    : 1;
			unsigned v = version_of(o->seen[i].set);

			if (s->known[a][v] && s->gone[a][v] != 0)
				o->seen[i].gone = NOW + 2 - s->gone[a][v];
		}
}

/* The file of the key is read. */
static void
look_certificate(const struct state *s, struct host *h)
{
	if (!era->renews)
		return;
	renew_read(h, &h->key[0], chain_known(s->installed));
	h->key[0].next_ok = h->key[0].next_chain != 0;
	renew_prune(h);
}

static void
look_endpoints(const struct state *s, struct host *h, unsigned down,
    enum flaw flaw, const struct now *now)
{
	for (unsigned e = 0; e < ENDPOINTS; e++) {
		struct endpoint *ep = &h->ep[e];
		unsigned from = flaw == FLAW_SWEEP_ONE ? 0 : e, key;

		ep->fresh = true;
		ep->sweep = down & 1u << e ? SWEEP_DOWN : SWEEP_SEEN;
		if (ep->sweep == SWEEP_DOWN && flaw != FLAW_SWEEP_ONE)
			continue;
		ep->sweep = SWEEP_SEEN;
		ep->n_seen = 1;
		key = flaw == FLAW_CLAIM ? s->installed : s->ep[from];
		ep->seen[0] = (struct presented){ *key_id(key), SLOT_ECDSA,
			chain_known(key) };
	}
	look_certificate(s, h);
	plan_note_sweep(h, now);
}

/* The records are never set back, nor emptied: that asks nothing of anybody,
 * and is not played. */
static bool
change_records(struct state *s, const struct host *h, const struct step *st)
{
	struct tlsa_set set;

	if (record_target(h, st->act, &h->key[st->key], &SET[s->version],
		&set) != TARGET_KNOWN)
		return false;
	for (unsigned v = s->version + 1u; v < n_version; v++)
		if (tlsa_set_eq(&set, &SET[v])) {
			s->version = (uint8_t)v;
			return true;
		}
	return false;
}

/* False when it would change nothing. */
static bool
do_act(struct state *s, const struct host *h, const struct step *st)
{
	bool of_a = st->key >= 0 && spki_eq(&h->key[st->key].id, &KEY_ID[A]);

	switch (st->act) {
	case ACT_PUBLISH:
	case ACT_WITHDRAW:
		return change_records(s, h, st);
	case ACT_DEPLOY:
		s->installed = of_a && !era->renews ? A : B;
		return true;
	case ACT_MAKE:
		return true;
	case ACT_NOTHING:
	case ACT_CERTIFY:
	case ACT_DESTROY:
	case ACT_COUNT:
		break;
	}
	return false;
}

/* The note of an act. */
static void
note(struct host *h, const struct step *st, const struct now *now)
{
	struct key *k;

	if (st->act == ACT_MAKE) {
		k = host_key_add(h);
		k->id = KEY_ID[B];
		k->slot = SLOT_ECDSA;
		k->stage = STAGE_GENERATED;
		k->entered_at = now->elapsed;
		k->chain = chain_known(B);
		return;
	}
	if (st->act == ACT_DEPLOY)
		renew_done(h, &h->key[st->key]);
	plan_enter(h, &h->key[st->key], st->to, now);
}

/*
 * One pass: look, decide, at most one act; `dies` between the act and its
 * note.  What was seen is kept before the act, as the agent does.  True when
 * something was done to the world.
 */
static bool
pass(const struct trial *t, struct host *h, struct state *s, unsigned silent,
    unsigned down, bool dies, struct tally *tally)
{
	const struct now now = { .elapsed = NOW,
		.wall = 1000,
		.trusted = true };
	struct step st[8];
	size_t n, i;

	fill(s, h);
	look_dns(s, h, silent, t->flaw, &now);
	look_endpoints(s, h, down, t->flaw, &now);
	s->fallen[0] = s->fallen[1] = 0;
	for (unsigned round = 0; round < 8; round++) {
		n = plan_by(t->table, t->rows, h, &now, st, 8);
		if (n == 0 || st[0].act != ACT_NOTHING)
			break;
		plan_enter(h, &h->key[st[0].key], st[0].to, &now);
	}
	keep(h, s);
	for (i = 0; i < n; i++) {
		if (st[i].refused)
			tally->refused++;
		if (st[i].refused && t->law)
			continue;
		if (!do_act(s, h, &st[i]))
			continue;
		if (dies)
			return true;
		note(h, &st[i], &now);
		keep(h, s);
		return true;
	}
	return false;
}

static void
tick(struct state *s)
{
	for (unsigned v = 0; v < n_version; v++)
		if (s->served[v] <= TTL)
			s->served[v]++;
		else
			s->served[v] = 255;
	for (unsigned k = 0; k < KEYS; k++) {
		if (s->stage[k] == STAGE_RETIRING &&
		    s->entered[k] < RETIRE_HOLD)
			s->entered[k]++;
		if (s->clean[k] != 0 && s->clean[k] <= SETTLE)
			s->clean[k]++;
	}
	for (unsigned a = 0; a < AUTHS; a++)
		for (unsigned v = 0; v < n_version; v++)
			if (s->gone[a][v] != 0 && s->gone[a][v] < TTL + 2)
				s->gone[a][v]++;
	now_served(s);
}

/* In every kind of record that the version has; known or not. */
static bool
matches(unsigned version, unsigned key)
{
	return cover_each(&SET[version], &CHAIN[key]) == NULL;
}

/* May an authority fall back to this version?  Not behind what is installed
 * or presented: no agent could help that. */
static bool
may_fall(const struct state *s, unsigned v)
{
	bool good = matches(v, s->installed);

	for (unsigned e = 0; e < ENDPOINTS; e++)
		good = good && matches(v, s->ep[e]);
	return good;
}

static bool
stranded(const struct state *s)
{
	for (unsigned v = 0; v < n_version; v++)
		for (unsigned e = 0; e < ENDPOINTS; e++)
			if (s->served[v] <= TTL && !matches(v, s->ep[e]))
				return true;
	return false;
}

static void
move_dns(const struct state *from, unsigned a)
{
	struct state s;

	if (from->auth[a] < from->version && !from->fallen[a]) {
		for (unsigned v = from->auth[a] + 1u; v <= from->version; v++) {
			s = *from;
			s.auth[a] = (uint8_t)v;
			visit(now_served(&s));
		}
	}
	for (unsigned v = 0; v < from->auth[a]; v++) {
		if (!may_fall(from, v))
			continue;
		s = *from;
		s.auth[a] = (uint8_t)v;
		s.fallen[a] = 1;
		visit(now_served(&s));
	}
}

/* A pass that ends well, and one that dies if it did something. */
static void
moves_pass(const struct trial *t, struct host *h, const struct state *from,
    unsigned silent, unsigned down, struct tally *tally)
{
	struct state s = *from;
	bool acted = pass(t, h, &s, silent, down, false, tally);

	visit(now_served(&s));
	if (!acted)
		return;
	s = *from;
	pass(t, h, &s, silent, down, true, tally);
	visit(now_served(&s));
}

static void
moves(const struct trial *t, struct host *h, const struct state *from,
    struct tally *tally)
{
	struct state s;

	s = *from;
	tick(&s);
	visit(&s);
	if (from->installed == A) { /* a person asks for the rollover */
		s = *from;
		if (era->renews)
			s.next = B + 1; /* danesafe install-cert */
		else
			s.wish = 1;
		visit(&s);
	}
	for (unsigned a = 0; a < AUTHS; a++)
		move_dns(from, a);
	for (unsigned e = 0; e < ENDPOINTS; e++) {
		s = *from;
		s.ep[e] = s.installed;
		visit(&s);
	}
	for (unsigned silent = 0; silent < 1u << AUTHS; silent++)
		for (unsigned down = 0; down < 1u << ENDPOINTS; down++)
			moves_pass(t, h, from, silent, down, tally);
}

static struct state
beginning(void)
{
	struct state s;

	memset(&s, 0, sizeof(s));
	for (unsigned v = 1; v < VERSIONS; v++)
		s.served[v] = 255;
	s.stage[A] = STAGE_DEPLOYED;
	s.stage[B] = STAGE_NONE;
	s.chain = era->renews ? A + 1 : 0;
	for (unsigned a = 0; a < AUTHS; a++)
		s.known[a][0] = 1;
	for (unsigned e = 0; e < ENDPOINTS; e++)
		s.ep_seen[e] = 1u << A;
	return s;
}

/* Of the renewal: the other record is gone, and nothing of it remembered. */
static bool
is_finished(const struct state *s)
{
	return era->renews ? s->chain == B + 1 && s->past == 0
			   : s->stage[A] == STAGE_RETIRED;
}

/* Every state that can be reached; ends at the first stranded sender when
 * the trial is meant to strand one. */
static struct tally
walk(const struct trial *t, bool to_the_end)
{
	struct tally tally = { 0, 0, 0, 0 };
	struct state s = beginning();
	struct host h;

	host_make(&h);
	n_found = 0;
	if (n_bucket > 0)
		memset(bucket, 0, n_bucket * sizeof(*bucket));
	visit(&s);
	for (size_t i = 0; i < n_found; i++) {
		s = found[i];
		if (stranded(&s)) {
			tally.stranded++;
			if (!to_the_end)
				break;
			continue;
		}
		if (is_finished(&s)) {
			tally.finished++;
			continue;
		}
		moves(t, &h, &s, &tally);
	}
	tally.states = n_found;
	host_release(&h);
	return tally;
}

/* ---- the trials ---- */

#define E(x) EVENT_##x

/* A row of the table that is changed on purpose. */
struct edit {
	enum stage stage;
	enum act act;
	enum stage next;
	uint32_t without; /* events no longer asked for; 0 ends */
	uint32_t with;	  /* asked for instead */
};

#define OFF ~0u /* never true: the row is gone */

/* clang-format off */
static const struct mutant {
	const char *name;
	struct edit edit[8];
} MUTANTS[] = {
	{ "the hold is not awaited", {
		{ STAGE_PUBLISHED, ACT_NOTHING, STAGE_READY, E(HELD), 0 },
		{ STAGE_READY, ACT_NOTHING, STAGE_PUBLISHED, E(NOT_HELD), OFF },
		{ STAGE_READY, ACT_DEPLOY, STAGE_DEPLOYED, E(HELD), 0 },
	} },
	{ "the primary is enough", {
		{ STAGE_GENERATED, ACT_NOTHING, STAGE_PUBLISHED, E(SHOWN), E(PRESENT) },
		{ STAGE_PUBLISHED, ACT_NOTHING, STAGE_GENERATED, E(NOT_SHOWN), OFF },
		{ STAGE_PUBLISHED, ACT_NOTHING, STAGE_READY, E(SHOWN) | E(HELD), E(PRESENT) },
		{ STAGE_READY, ACT_NOTHING, STAGE_GENERATED, E(NOT_SHOWN), OFF },
		{ STAGE_READY, ACT_NOTHING, STAGE_PUBLISHED, E(NOT_HELD), OFF },
		{ STAGE_READY, ACT_DEPLOY, STAGE_DEPLOYED, E(SHOWN) | E(HELD), 0 },
	} },
	{ "deployed as soon as it is made", {
		{ STAGE_GENERATED, ACT_DEPLOY, STAGE_DEPLOYED, E(DARK) | E(VACANT) | E(INSTALLED), 0 },
	} },
	{ "deployed as soon as it is shown", {
		{ STAGE_PUBLISHED, ACT_DEPLOY, STAGE_DEPLOYED, E(INSTALLED), 0 },
	} },
	{ "a name server that fell back is not noticed", {
		{ STAGE_READY, ACT_NOTHING, STAGE_GENERATED, E(NOT_SHOWN), OFF },
		{ STAGE_READY, ACT_NOTHING, STAGE_PUBLISHED, E(NOT_HELD), OFF },
		{ STAGE_READY, ACT_DEPLOY, STAGE_DEPLOYED, E(SHOWN) | E(HELD), 0 },
	} },
};
/* clang-format on */

/* clang-format off */
static const struct mutant RENEW_MUTANTS[] = {
	{ "the hold of a renewal is not awaited", {
		{ STAGE_DEPLOYED, ACT_DEPLOY, STAGE_DEPLOYED, E(RENEW_HELD), 0 },
	} },
	{ "the record of the old issuer goes at once", {
		{ STAGE_DEPLOYED, ACT_PUBLISH, STAGE_DEPLOYED, E(SERVED), 0 },
		{ STAGE_DEPLOYED, ACT_PUBLISH, STAGE_DEPLOYED, E(SETTLED), 0 },
	} },
};
/* clang-format on */

static void
change(const struct edit *ed, struct row *table)
{
	size_t changed = 0;

	for (size_t i = 0; i < MACHINE_ROWS; i++) {
		struct row *r = &table[i];

		if (r->stage != ed->stage || r->act != ed->act ||
		    r->next != ed->next || !(r->events & ed->without))
			continue;
		r->events = (r->events & ~ed->without) | ed->with;
		changed++;
	}
	if (changed == 0)
		abort(); /* the table moved on: mend the mutant */
}

static void
mutate(const struct mutant *m, struct row *table)
{
	memcpy(table, MACHINE, MACHINE_ROWS * sizeof(*table));
	for (const struct edit *ed = m->edit; ed->without != 0; ed++)
		change(ed, table);
}

static unsigned failures;

static void
verdict(const char *name, const char *what, bool good, const struct tally *c)
{
	printf("%s - %s: %s (%zu states, %zu stranded, %zu finished, %zu "
	       "refusals)\n",
	    good ? "ok" : "not ok", name, what, c->states, c->stranded,
	    c->finished, c->refused);
	fflush(stdout);
	failures += !good;
}

static void
try_mutants(const struct mutant *m, size_t n)
{
	struct row table[64];
	struct trial t = { .table = table, .rows = MACHINE_ROWS };
	struct tally c;

	assert(MACHINE_ROWS <= 64);
	for (size_t i = 0; i < n; i++) {
		t.name = m[i].name;
		mutate(&m[i], table);
		t.law = false;
		c = walk(&t, false);
		verdict(t.name, "strands without the law", c.stranded > 0, &c);
		t.law = true;
		c = walk(&t, true);
		verdict(t.name, "the law catches it",
		    c.stranded == 0 && c.refused > 0, &c);
	}
}

static void
try_flaws(void)
{
	static const struct {
		enum flaw flaw;
		const char *name;
	} flaws[] = {
		{ FLAW_TTL, "sightings that forget the TTL" },
		{ FLAW_SILENCE, "silence that keeps its credit" },
		{ FLAW_ONE, "one authority is enough" },
		{ FLAW_REGRESSION, "what was gone stays gone" },
		{ FLAW_SWEEP_ONE, "one endpoint is enough" },
		{ FLAW_CLAIM, "what is installed is taken for served" },
	};
	struct trial t = { .table = MACHINE,
		.rows = MACHINE_ROWS,
		.law = true };
	struct tally c;

	for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		t.flaw = flaws[i].flaw;
		c = walk(&t, false);
		verdict(flaws[i].name, "strands, law or not", c.stranded > 0,
		    &c);
	}
}

/* A second kind of record comes in the course of the rollover. */
static void
try_kinds(void)
{
	struct trial t = { .table = MACHINE,
		.rows = MACHINE_ROWS,
		.law = true };
	struct tally c;

	begin(ERA_TWO);
	c = walk(&t, true);
	verdict("a second matching type", "no history strands a sender",
	    c.stranded == 0 && c.finished > 0, &c);
	begin(ERA_VAGUE);
	t.law = false;
	c = walk(&t, false);
	verdict("a second matching type for the new key alone",
	    "strands without the law", c.stranded > 0, &c);
	t.law = true;
	c = walk(&t, true);
	verdict("a second matching type for the new key alone",
	    "the law catches it", c.stranded == 0 && c.refused > 0, &c);
}

static void
try_renewal(void)
{
	struct trial t = { .table = MACHINE,
		.rows = MACHINE_ROWS,
		.law = true };
	struct tally c;

	begin(ERA_RENEW);
	c = walk(&t, true);
	verdict("another issuer", "no history strands a sender",
	    c.stranded == 0 && c.finished > 0, &c);
	t.law = false;
	c = walk(&t, true);
	verdict("another issuer", "the table alone strands nobody either",
	    c.stranded == 0 && c.finished > 0, &c);
	try_mutants(RENEW_MUTANTS,
	    sizeof(RENEW_MUTANTS) / sizeof(RENEW_MUTANTS[0]));
	try_flaws();
}

int
main(void)
{
	struct trial t = { .table = MACHINE,
		.rows = MACHINE_ROWS,
		.law = true };
	struct tally c;

	for (unsigned k = 0; k < KEYS; k++)
		memset(KEY_ID[k].sha256, (int)k + 1, 32);
	for (unsigned a = 0; a < AUTHS; a++)
		AUTH[a] = addr_make(4,
		    (uint8_t[]){ 192, 0, 2, (uint8_t)(a + 1) }, 53);
	for (unsigned e = 0; e < ENDPOINTS; e++)
		EP[e] = addr_make(4,
		    (uint8_t[]){ 198, 51, 100, (uint8_t)(e + 1) }, 25);

	begin(ERA_ONE);
	c = walk(&t, true);
	verdict("the table and the law", "no history strands a sender",
	    c.stranded == 0 && c.finished > 0, &c);
	t.law = false;
	c = walk(&t, true);
	verdict("the table alone", "strands nobody either",
	    c.stranded == 0 && c.finished > 0, &c);
	try_mutants(MUTANTS, sizeof(MUTANTS) / sizeof(MUTANTS[0]));
	try_flaws();
	try_kinds();
	try_renewal();
	free(found);
	free(bucket);
	return failures == 0 ? 0 : 1;
}
