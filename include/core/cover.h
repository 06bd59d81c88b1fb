/*
 * cover.h - does this chain of certificates satisfy this TLSA record set?  As
 * an SMTP sender judges it (RFC 7671, 7672).
 */
#ifndef CORE_COVER_H
#define CORE_COVER_H

#include "core/tlsa.h"

/* What a record can say of some DER; longer DER than TLSA_DATA is folded. */
struct cover_der {
	uint8_t sha256[32], sha512[64];
	uint8_t len; /* or TLSA_FOLDED */
	uint8_t data[TLSA_DATA];
};

/* By selector: the certificate, its SubjectPublicKeyInfo. */
struct cover_cert {
	struct cover_der by[2];
	/* Of a key seen before its certificate was kept: by[1].sha256 is all
	 * that is known, and only `3 1 1` matches. */
	bool key_only;
};

#define COVER_CHAIN 8 /* certificates; what is sent after them is as unsent */

/* As it is sent, the server's own first. */
struct cover_chain {
	unsigned n;
	struct cover_cert cert[COVER_CHAIN];
	/*
	 * For usage 2 only.  path_ok: from the first certificate to this one
	 * each signed the one before, and might; dates_ok: all of these are
	 * valid; names_ok: the first has the name that the sender wants.
	 */
	bool path_ok[COVER_CHAIN], dates_ok[COVER_CHAIN];
	bool names_ok;
};

/* What presents this key, and of which nothing else is known. */
struct cover_chain cover_of_key(const struct spki *key);

/* The record of a certificate; selector 0 or 1, matching type 0, 1 or 2. */
struct tlsa cover_tlsa(const struct cover_cert *c, int usage, int selector,
    int mtype);

/*
 * Where the issuer stands that records of usage 2 are made of: the last
 * certificate that is sent of the path from the server's own (a root, where it
 * is sent).  0: none is.
 */
unsigned cover_issuer(const struct cover_chain *c);
/* The same certificates, whatever is thought of their dates and names. */
bool cover_same(const struct cover_chain *a, const struct cover_chain *b);
/* Why a record of usage 2 does not match, in a few words; NULL: it does, or is
 * of another usage. */
const char *cover_lack(const struct tlsa *r, const struct cover_chain *c);

/* A record that no SMTP sender can use: as if it were not there. */
bool cover_unusable(const struct tlsa *r);
/* Is there one that senders use?  Without it a set asks nothing. */
bool cover_asks(const struct tlsa_set *s);

/*
 * Does a sender that knows all of the RFCs accept this chain?  A set without
 * a usable record asks nothing.  Of usage 2 a little less is accepted than by
 * some: an issuer whose certificate or key stands in a record in full must be
 * sent as well, and its own dates count.
 */
bool cover_any(const struct tlsa_set *s, const struct cover_chain *c);

/*
 * And one that knows less?  Each combination of usage, selector and matching
 * type must do on its own (RFC 7671 section 8).  NULL, or the first record of
 * the first combination that has none that matches.  Where it is NULL,
 * cover_any is true.
 */
const struct tlsa *cover_each(const struct tlsa_set *s,
    const struct cover_chain *c);

/*
 * Does it get worse for a sender when this set takes the place of that one?
 * NULL, or a record of the first combination that has no match, and had one or
 * was not there before.  So a set that is wrong already may be mended in
 * steps, but no record may disable another (digest agility, RFC 7671
 * section 9).
 */
const struct tlsa *cover_worse(const struct tlsa_set *was,
    const struct tlsa_set *is, const struct cover_chain *c);

/*
 * Bytes of a chain, for storing; cover_parse: -1 unless the bytes are such a
 * chain.
 */
#define COVER_CERT_PACKED (1 + 2 * (32 + 64 + 1 + TLSA_DATA))
#define COVER_PACKED (2 + COVER_CHAIN * COVER_CERT_PACKED)
size_t cover_pack(const struct cover_chain *c, uint8_t *buf);
int cover_parse(const uint8_t *p, size_t len, struct cover_chain *ret_chain);

#endif
