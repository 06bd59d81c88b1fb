/*
 * answer_verify.h - is an RRset of a message signed by a zone's keys, at a
 * given time?  With the checks that libldns leaves out.
 */
#ifndef EDGE_ANSWER_VERIFY_H
#define EDGE_ANSWER_VERIFY_H

#include <time.h>

#include "edge/answer.h"
#include "edge/wire.h"

#define KEYSET_MAX 16
#define VERIFY_SET_MAX 32 /* records of an RRset: more are refused */
#define VERIFY_SIGS_MAX 8 /* signatures that are tried, the first ones */

/* How the reason begins when what answered is no authority. */
#define ANSWER_INTERCEPTED "intercepted: "

/* The keys of a zone that may sign: none before keyset_verify. */
struct keyset {
	size_t n;
	struct {
		void *rr;		 /* ldns_rr */
		struct curve_key *curve; /* of ECDSA P-256; else NULL */
		uint16_t tag;
		uint8_t algorithm;
	} key[KEYSET_MAX];
	uint8_t id[32]; /* a digest of all of them, in any order */
};

/* Which RRset, whose signatures, when. */
struct verify {
	const struct wire_msg *m;
	enum wire_section section;
	struct wire_name owner, zone;
	uint16_t type;
	bool wildcard; /* one may stand for the owner: see `labels` */
	time_t now;
	int64_t margin;		  /* what ends within it counts as ended */
	struct answer_memo *memo; /* NULL: none */
};

/* What was verified. */
struct verified {
	uint32_t ttl;	  /* the larger of TTL and original TTL */
	struct span span; /* of the signature that held and ends last */
	bool whole;	  /* every signature over the set held */
	/* The signatures that held are over that many labels of the owner:
	 * fewer than it has, and the set is of the wildcard there.  That
	 * nothing stands closer is for the caller to prove. */
	uint8_t labels;
};

/*
 * 0 when some signature by one of the keys holds; -1 with the reason (fit to
 * be shown).  Owner, signer, labels, algorithm, times and TTL are compared
 * here; libldns does the arithmetic.  A TTL above the signed one is forged,
 * one below it has run down in a cache (ANSWER_INTERCEPTED).
 */
int verify_rrset(const struct verify *v, const struct keyset *keys,
    struct verified *ret, struct err *e);

/*
 * The DNSKEY set of the zone in this message, if a key that the DS set names
 * signs it; only keys that may sign the zone's data are kept.
 */
int keyset_verify(const struct wire_msg *m, const struct ds_set *ds,
    const struct wire_name *zone, time_t now, int64_t margin,
    struct keyset *ret_keys, struct verified *ret, struct err *e);
void keyset_release(struct keyset *k);

/* Is it one whose signatures count? */
bool verify_algorithm(uint8_t algorithm);

/* Is it a record of this type in the RRset that is meant? */
bool verify_takes(const struct verify *v, const struct wire_rr *rr,
    uint16_t type);

/* A signature over that RRset, whatever it is worth? */
bool verify_covers(const struct verify *v, const struct wire_rr *rr);

/* An ldns_rr of its own, or NULL when it is malformed. */
void *verify_rr(const struct wire_msg *m, const struct wire_rr *rr);

/* Adds the record of this rdata; long data is folded (core/tlsa.h). */
int answer_take_tlsa(const uint8_t *p, size_t len, struct tlsa_set *set,
    struct err *e);

/* Does the set name any key in a way that we can check? */
bool ds_usable(const struct ds_set *ds);

#endif
