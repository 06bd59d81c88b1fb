/*
 * explore.h - the small world whose every history explore walks.
 */
#ifndef TESTS_EXPLORE_H
#define TESTS_EXPLORE_H

#include "core/host.h"
#include "core/machine.h"

enum { A, B, KEYS };
enum { AUTHS = 2, ENDPOINTS = 2, VERSIONS = 3 };

/* Longer than the machine's own delays, or mutants would survive. */
#define TTL 4
#define SETTLE 1
#define RETIRE_HOLD 1
#define NOW 1000 /* ages are counted from here */

/*
 * What a pass begins and ends with: what the agent remembers, and what it
 * changes.  All ages are in ticks, 0 in `gone` and `clean` means never.  Here
 * and in all that holds one: bytes only, so that equal ones are the same.
 */
struct mind {
	uint8_t version;   /* of the primary */
	uint8_t installed; /* key (certificate) */
	uint8_t stage[KEYS];
	uint8_t entered[KEYS];
	uint8_t clean[KEYS];
	uint8_t wish;
	uint8_t chain, next, past;	/* of the key that is renewed; + 1 */
	uint8_t known[AUTHS][VERSIONS]; /* a sighting exists */
	uint8_t gone[AUTHS][VERSIONS];
	uint8_t ep_seen[ENDPOINTS]; /* mask of keys */
};

/* One moment of the world. */
struct state {
	struct mind mind;
	uint8_t auth[AUTHS];	  /* version served */
	uint8_t fallen[AUTHS];	  /* fell back since the last look */
	uint8_t served[VERSIONS]; /* age; 255 never */
	uint8_t ep[ENDPOINTS];	  /* key (certificate) presented */
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

/* ---- explore_era.c: keys, and the sets of the primary, one by one ---- */

enum era { ERA_ONE, ERA_TWO, ERA_VAGUE, ERA_RENEW };

extern struct addr AUTH[AUTHS], EP[ENDPOINTS];

/* All below is of the era that began last. */
void era_begin(enum era which);
bool era_renews(void);	  /* the key stays, its certificate changes */
unsigned era_kinds(void); /* of records that the config wants */
unsigned era_sets(void);  /* how many */
const struct tlsa_set *era_set(unsigned version);
/* The key with this number, or with the certificate of it. */
const struct spki *era_key(unsigned k);
const struct cover_chain *era_chain(unsigned k);
/* Of the key, what the agent knows to be sent with it; + 1, 0 nothing. */
int era_chain_known(unsigned k);
/* The same backwards: the number of a key, or of its certificate. */
unsigned era_number(const struct presented *p);
unsigned era_number_of(const struct spki *id);
/* In every kind of record that the version has; known or not. */
bool era_matches(unsigned version, unsigned k);

/* ---- explore_facts.c: between what an agent remembers and core ---- */

/* Once an era; host_release ends it. */
void facts_make(struct host *h);
/* Buffers are reused: a walk makes millions of hosts. */
void facts_fill(const struct mind *m, struct host *h);
/* What the agent keeps; the primary and what is installed stay. */
void facts_keep(const struct host *h, struct mind *m);
/* Of a set that was interned. */
unsigned facts_version(int set);
unsigned facts_authority(const struct addr *a);

/* ---- explore_pass.c: one pass of the agent ---- */

enum { SILENT = 255 };

/* All that a pass depends on. */
struct scene {
	struct mind mind;
	uint8_t answer[AUTHS];	/* version, or SILENT */
	uint8_t key[ENDPOINTS]; /* key (certificate), or SILENT */
};

/* What came of it; `dead` if it died between its act and the note of it. */
struct outcome {
	struct mind mind, dead;
	uint8_t acted; /* something was done to the world */
	uint8_t refused;
};

struct outcome pass(const struct trial *t, struct host *h,
    const struct scene *in);

/* ---- explore_walk.c ---- */

/* Every state that can be reached; ends at the first stranded sender unless
 * it goes on to the end. */
struct tally walk(const struct trial *t, bool to_the_end);
void walk_release(void); /* what walks share */

#endif
