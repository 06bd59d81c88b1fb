/*
 * record.h - between keys and TLSA records: which records a key has, which
 * the zone should hold, and what a set asks of what is presented.
 *
 * A key has one record of each kind in host.tlsa; of usage 2 that is a record
 * of the issuer in its chain (cover_issuer), which several keys may share.
 * While another certificate waits for it (renew.h) it has those of both.
 *
 * Records of usage 3 with a digest of a key of the host, or of its certificate,
 * are danesafe's, whatever their kind; of usage 2 those of the issuer of a key,
 * and of a kind in host.tlsa.  All others are strangers' and never touched.
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "core/act.h"
#include "core/host.h"

/* What an endpoint with this key presents. */
struct presented record_presents(const struct key *k);

/*
 * Does a set match what is presented?  NULL, or the first record of a kind
 * that has no match (cover_each).  Of an unknown chain only the key counts.
 */
const struct tlsa *record_unmatched(const struct host *h,
    const struct tlsa_set *s, const struct presented *p);
/* The same for a key. */
const struct tlsa *record_fails(const struct host *h, const struct tlsa_set *s,
    const struct key *k);
/* A sender that knows all of the RFCs accepts it (cover_any). */
bool record_accepted(const struct host *h, const struct tlsa_set *s,
    const struct presented *p);
/* See cover_lack. */
const char *record_lack(const struct host *h, const struct tlsa *r,
    const struct presented *p);
/* See cover_worse. */
const struct tlsa *record_worse(const struct host *h,
    const struct tlsa_set *was, const struct tlsa_set *is,
    const struct presented *p);

/* Does the record name the key?  The key that it names, or NULL. */
bool record_names(const struct host *h, const struct tlsa *r,
    const struct key *k);
const struct key *record_key(const struct host *h, const struct tlsa *r);
/* Some record of the set names the key. */
bool record_shown(const struct host *h, const struct tlsa_set *s,
    const struct key *k);
/* ... and no other key needs it. */
bool record_left(const struct host *h, const struct tlsa_set *s,
    const struct key *k);
/* It is of a certificate that the key had before, and of none that it or
 * another key has. */
bool record_past(const struct host *h, const struct tlsa *r,
    const struct key *k);

/* The record of this kind; false when too little is known of the
 * certificate, or when it comes from no issuer that is sent. */
bool record_make(const struct host *h, const struct key *k,
    struct tlsa_kind kind, struct tlsa *ret);
/* Of a kind in host.tlsa. */
bool record_wanted(const struct host *h, const struct tlsa *r);
/* Some kind in host.tlsa is about the certificate: another certificate for
 * the same key is as good as another key. */
bool record_binds(const struct host *h);
/* host.tlsa has a kind of usage 2, and in the chain of the key is no issuer:
 * somebody has to bring it one. */
bool record_wants_issuer(const struct host *h, const struct key *k);

/* All records that the key is to have. */
#define RECORDS_MAX (2 * TLSA_KINDS)
struct records {
	unsigned n;
	struct tlsa rr[RECORDS_MAX];
};
/* False: some cannot be made. */
bool record_all(const struct host *h, const struct key *k, struct records *ret);

enum target { TARGET_KNOWN, TARGET_FULL, TARGET_UNMADE };

/*
 * What `was` becomes by an act for the key, in one change.
 *
 * PUBLISH: the key's records are added, and those that are lacking of every
 * other key that it names already, so that no record is the only one of its
 * kind; records of these keys of other kinds go, and of certificates that the
 * key had before (unless the one in use has no clean sweep, and another waits).
 * First records are those of every deployed key as well.
 * WITHDRAW: every record that names the key goes, unless another needs it.
 */
enum target record_target(const struct host *h, enum act act,
    const struct key *k, const struct tlsa_set *was, struct tlsa_set *ret);

#endif
