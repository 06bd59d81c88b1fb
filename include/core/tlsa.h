/*
 * tlsa.h - TLSA records and sets of them, as values (RFC 6698, 7671).
 */
#ifndef CORE_TLSA_H
#define CORE_TLSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A public key: SHA2-256 of its DER SubjectPublicKeyInfo. */
struct spki {
	uint8_t sha256[32];
};

/* The digest of no input at all: never a key (seen in the field, F11). */
extern const struct spki SPKI_OF_NOTHING;

bool spki_eq(const struct spki *a, const struct spki *b);
const char *spki_hex(const struct spki *s, char buf[65]);
/* The key id that people see: the first 8 hex digits. */
const char *spki_id(const struct spki *s, char buf[9]);

#define TLSA_DATA 64	/* longest association data that is kept as it is */
#define TLSA_FOLDED 255 /* `len` of longer data: data holds its SHA2-256 */
#define TLSA_MAX 32	/* records in a set; a larger set is not understood */

/* One record.  Bytes of data past len (past 32 when folded) are zero. */
struct tlsa {
	uint8_t usage, selector, mtype, len;
	uint8_t data[TLSA_DATA];
};

/* What a record says of what, and how: the first three numbers of it. */
struct tlsa_kind {
	uint8_t usage, selector, mtype;
};
#define TLSA_KINDS 4 /* kinds that danesafe publishes, at most */

/* A set: sorted, without duplicates.  No records: an authenticated denial. */
struct tlsa_set {
	unsigned n;
	struct tlsa rr[TLSA_MAX];
};

/* The record `3 1 1` of a key. */
struct tlsa tlsa_of(const struct spki *key);
int tlsa_cmp(const struct tlsa *a, const struct tlsa *b);
bool tlsa_is(const struct tlsa *r, struct tlsa_kind k);

/* Adds in order; true when it is in the set afterwards (false: full). */
bool tlsa_set_add(struct tlsa_set *s, const struct tlsa *r);
void tlsa_set_remove(struct tlsa_set *s, const struct tlsa *r);
bool tlsa_set_has(const struct tlsa_set *s, const struct tlsa *r);
bool tlsa_set_eq(const struct tlsa_set *a, const struct tlsa_set *b);

/*
 * The set of which nothing is known (fold.h): one record that nobody makes.
 * It matches no key, and may have the record of any.
 */
struct tlsa_set tlsa_set_any(void);
bool tlsa_set_is_any(const struct tlsa_set *s);

/*
 * A set to be kept, with no room for more records than it has: never change
 * or assign it, free() it.  Most sets are of two records, and are many.
 */
struct tlsa_set *tlsa_set_keep(const struct tlsa_set *s);
/* Any set as a value. */
struct tlsa_set tlsa_set_value(const struct tlsa_set *s);

/* "3 1 1 0123...": upper bound of the text is 2 * TLSA_DATA + 16. */
#define TLSA_TEXT (2 * TLSA_DATA + 16)
const char *tlsa_str(const struct tlsa *r, char buf[TLSA_TEXT]);

/* "_25._tcp.mx1.example.org.": the owner name of a service (RFC 6698 3). */
#define TLSA_OWNER 272
const char *tlsa_owner(unsigned port, const char *host, char buf[TLSA_OWNER]);

/* The other way: "mx1.example.org", the base domain, which a sender gives as
 * SNI (RFC 7672 section 8.1).  buf holds as much as the owner name. */
const char *tlsa_base(const char *owner, char *buf, size_t size);

/*
 * Canonical bytes of a set, for storing: 4 + TLSA_DATA bytes a record.
 * tlsa_set_parse: -1 unless the bytes are such a set.
 */
#define TLSA_PACKED (4 + TLSA_DATA)
size_t tlsa_set_pack(const struct tlsa_set *s, uint8_t *buf);
int tlsa_set_parse(const uint8_t *p, size_t len, struct tlsa_set *ret_set);

#endif
