/*
 * explore_era.c - the keys of the small world, and the sets that its primary
 * may hold, one after the other.  Knows no agent.
 */
#include "explore.h"

#include <string.h>

#include "core/cover.h"

/* A record: 3 1 1 or 3 1 2 of a key.  Where certificates are renewed, A and B
 * are two issuers of the one key, and ONE is 2 1 1. */
#define ONE(k) (1u << (k))
#define TWO(k) (4u << (k))

/* 0 ends.  A change to any other set is not played. */
static const struct {
	unsigned kinds;
	unsigned version[VERSIONS];
	bool vague; /* of A only the key is known */
	bool renews;
} ERAS[] = {
	[ERA_ONE] = { 1, { ONE(A), ONE(A) | ONE(B), ONE(B) }, false, false },
	[ERA_TWO] = { 2,
	    { ONE(A), ONE(A) | TWO(A) | ONE(B) | TWO(B), ONE(B) | TWO(B) },
	    false, false },
	[ERA_VAGUE] = { 2, { ONE(A), ONE(A) | ONE(B) | TWO(B) }, true, false },
	[ERA_RENEW] = { 1, { ONE(A), ONE(A) | ONE(B), ONE(B) }, false, true },
};

struct addr AUTH[AUTHS], EP[ENDPOINTS];

static enum era era;
static struct spki KEY_ID[KEYS];
static struct cover_chain CHAIN[KEYS];
static struct tlsa_set SET[VERSIONS];
static unsigned n_set;
static bool MATCHES[VERSIONS][KEYS];

bool
era_renews(void)
{
	return ERAS[era].renews;
}

unsigned
era_kinds(void)
{
	return ERAS[era].kinds;
}

unsigned
era_sets(void)
{
	return n_set;
}

const struct tlsa_set *
era_set(unsigned version)
{
	return &SET[version];
}

const struct spki *
era_key(unsigned k)
{
	return &KEY_ID[era_renews() ? A : k];
}

const struct cover_chain *
era_chain(unsigned k)
{
	return &CHAIN[k];
}

int
era_chain_known(unsigned k)
{
	return k == A && ERAS[era].vague ? 0 : (int)k + 1;
}

unsigned
era_number_of(const struct spki *id)
{
	return spki_eq(id, &KEY_ID[A]) ? A : B;
}

unsigned
era_number(const struct presented *p)
{
	return era_renews() ? (unsigned)p->chain - 1 : era_number_of(&p->key);
}

bool
era_matches(unsigned version, unsigned k)
{
	return MATCHES[version][k];
}

/* What is sent with it: a certificate, of itself or of an issuer. */
static struct cover_chain
make_chain(unsigned k)
{
	struct cover_chain c = cover_of_key(era_key(k));

	c.cert[0].key_only = false;
	memset(c.cert[0].by[1].sha512, era_key(k)->sha256[0], 64);
	if (!era_renews())
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

	if (era_renews())
		return cover_tlsa(&c->cert[1], 2, 1, 1);
	return cover_tlsa(&c->cert[0], 3, 1, bit < KEYS ? 1 : 2);
}

static void
make_set(unsigned version)
{
	SET[version].n = 0;
	for (unsigned k = 0; k < 2 * KEYS; k++) {
		struct tlsa r = make_record(k);

		if (ERAS[era].version[version] & 1u << k)
			tlsa_set_add(&SET[version], &r);
	}
}

static void
name_all(void)
{
	for (unsigned k = 0; k < KEYS; k++)
		memset(KEY_ID[k].sha256, (int)k + 1, 32);
	for (unsigned a = 0; a < AUTHS; a++)
		AUTH[a] = addr_make(4,
		    (uint8_t[]){ 192, 0, 2, (uint8_t)(a + 1) }, 53);
	for (unsigned e = 0; e < ENDPOINTS; e++)
		EP[e] = addr_make(4,
		    (uint8_t[]){ 198, 51, 100, (uint8_t)(e + 1) }, 25);
}

void
era_begin(enum era which)
{
	era = which;
	name_all();
	for (unsigned k = 0; k < KEYS; k++)
		CHAIN[k] = make_chain(k);
	for (n_set = 0; n_set < VERSIONS; n_set++) {
		make_set(n_set);
		if (SET[n_set].n == 0)
			break;
		for (unsigned k = 0; k < KEYS; k++)
			MATCHES[n_set][k] = cover_each(&SET[n_set],
						&CHAIN[k]) == NULL;
	}
}
