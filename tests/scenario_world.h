/*
 * scenario_world.h - the made-up world of the scenarios: name servers,
 * caches, mail servers, the clock, and what the agent remembers of them.
 */
#ifndef TESTS_SCENARIO_WORLD_H
#define TESTS_SCENARIO_WORLD_H

#include "core/host.h"
#include "core/plan.h"
#include "core/tell.h"

#define W_NAME 32
#define W_MAX 16 /* owners, authorities, endpoints, keys of a slot */
#define W_KEYS 64
#define W_HELD 128
#define W_DONE 64

/* What is sent with a key: a certificate, and who issued it. */
struct w_face {
	unsigned certs; /* made for the key before it */
	int issuer;	/* of world.issuer; 0: the key itself */
};

/* A key by the name that the scenario gives it; -1: none. */
struct w_key {
	char name[W_NAME];
	enum slot slot;
	bool damaged; /* its file holds something else */
	bool cert_bad;
	bool cert_unread;	  /* its certificate file cannot be read */
	unsigned certs;		  /* made for it, beside the first */
	struct w_face face, next; /* in use; brought, to be installed */
};

/* A set that somebody was served with this TTL, the last time at `last`. */
struct w_held {
	struct tlsa_set set;
	char alias[HOST_NAME]; /* "": records */
	uint32_t ttl;
	int64_t last;
};

struct w_auth {
	struct addr addr;
	struct tlsa_set serves;
	char alias[HOST_NAME]; /* instead; "": records */
	uint32_t ttl;
	uint32_t ns_ttl;
	int64_t asked_until; /* by who knows an NS set that lists it */
	enum look mood;	     /* what the agent gets; SHOWN: what it serves */
	time_t signed_at;    /* what it serves, by the true clock */
	bool signs_twice;    /* with two keys */
	bool mints;	     /* it signs anew what it serves, whenever asked */
	bool frozen;	     /* does not follow the primary */
	int64_t left;	     /* not in the NS set since; NEVER: in it */
	bool has_twin;	     /* a second server behind the address */
	struct tlsa_set twin;
	uint32_t twin_ttl;
	bool deaf_to_one, deaf_to_two; /* the agent does not get to hear it */
};

struct w_owner {
	char name[HOST_NAME];
	bool foreign;		/* others run its zone */
	bool named;		/* not only where an alias leads */
	char source[HOST_NAME]; /* the wildcard that its records are of; "" :
				   they stand at the name */
	char hides[HOST_NAME];	/* that a first record at the name hides */
	bool is_static;		/* its zone is `signing: static` */
	bool base;		/* the name of a host, not of its records */
	struct tlsa_set primary;
	char alias[HOST_NAME]; /* instead; "": records */
	uint32_t ttl;
	int64_t sign_life;  /* of a signature; 0: nothing is told of them */
	int64_t sign_every; /* the signer renews them; 0: it does not */
	time_t signed_at;   /* the primary, by the true clock */
	struct w_auth auth[W_MAX];
	size_t n_auth;
	struct w_held held[W_HELD];
	size_t n_held;
};

struct w_endpoint {
	struct addr addr;
	unsigned owner;
	int key[SLOT_COUNT]; /* presented; -1: none */
	int also;	     /* by some other SNI or process; -1: nothing */
	bool down;	     /* the agent cannot look; senders still can */
	bool stuck;	     /* does not take up what is installed */
	/* It presents another certificate than the key has now. */
	bool behind[SLOT_COUNT];
	struct w_face face[SLOT_COUNT];
	bool bare; /* sends no issuer */
};

/* What the last pass did or was refused. */
struct w_done {
	enum act act;
	int key;
	bool refused;
};

struct world {
	int64_t elapsed;
	time_t wall;
	bool trusted;
	int64_t cache_least; /* caches keep a set at least that long */
	int64_t cache_stale; /* and serve it for so long after its end */
	struct w_owner own[W_MAX];
	size_t n_own;
	struct w_endpoint ep[W_MAX];
	size_t n_ep;
	struct w_key key[W_KEYS];
	size_t n_key;
	char issuer[W_MAX][W_NAME]; /* issuer[0] is none */
	int installed[SLOT_COUNT];
	int given[SLOT_COUNT][W_MAX]; /* names for keys to be made */
	size_t n_given[SLOT_COUNT], n_made[SLOT_COUNT];
	enum act die_after; /* the next pass ends there; COUNT: nowhere */
	struct w_done done[W_DONE];
	size_t n_done;
	/* Called, unless NULL, when a key came to a stage. */
	void (*entered)(const struct world *w, const struct key *k,
	    enum stage from);
	struct host h;
	struct concerns concerns; /* scenario_tell.c */
	unsigned told[NEWS_COUNT];
	int64_t passed; /* elapsed: the last pass */
};

void world_init(struct world *w);
void world_release(struct world *w);

/* The key of this name, made up if new; w_key_find: -1. */
int world_key(struct world *w, const char *name);
int world_key_find(const struct world *w, const char *name);
struct spki world_spki(int key);
int world_key_of(const struct spki *s);
/* What is sent with the key: a certificate, of nobody or of an issuer. */
struct cover_chain world_chain(int key, const struct w_face *f);
/* The same as this endpoint does it, of the key of this slot. */
struct cover_chain world_presents(const struct world *w,
    const struct w_endpoint *ep, int slot);
/* The issuer of this name, made up if new, and its certificate. */
int world_issuer(struct world *w, const char *name);
struct cover_cert world_issuer_cert(int issuer);

/* To be called before and after anything that changes what is served. */
void world_serve(struct world *w);
/* The time that resolvers and signers know, whatever the agent's clock. */
time_t world_true(const struct world *w);
/* The primary holds something else now: it is signed, and those that follow
 * take it. */
void world_change(struct world *w, struct w_owner *o);
/* scenario_wild.c: these records are put at the name, or at the wildcard, for
 * whoever they are of; what that hides is denied from now on. */
void world_put(struct world *w, const char *at, const struct tlsa_set *set);
/* The signer renews, if its time has come, and those that follow take it. */
void world_renew(struct world *w, struct w_owner *o);
/* When the signature ends of what it serves (true clock); 0: not known. */
time_t world_signed_until(const struct world *w, const struct w_owner *o,
    const struct w_auth *a);
/* Those that follow the primary of the owner take its set. */
void world_follow(struct world *w, struct w_owner *o);
void world_wait(struct world *w, int64_t seconds);
struct now world_now(const struct world *w);

/* May some cache hold it now? */
bool world_is_held(const struct world *w, const struct w_held *held);
/* scenario_alias.c: by name, or NULL; and who may be met on the way from
 * own[from] by aliases in caches. */
struct w_owner *world_owner(struct world *w, const char *name);
void world_reach(struct world *w, unsigned from, bool reached[W_MAX]);

/* Some sender holds a set that does not cover a presented key: says which. */
bool world_stranded(struct world *w, char *why, size_t size);

/* agent: one pass of danesafe, with what it looks at and what it does;
 * false if there is no end to it. */
bool agent_pass(struct world *w);

/* scenario_tell.c: what people are told after a pass. */
void world_tell(struct world *w);

#endif
