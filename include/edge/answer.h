/*
 * answer.h - DNS messages: builds a question, judges an answer (ldns) at a
 * given time.  Pure: bytes in, values out; asks nobody, knows no clock.
 *
 * A judgement never believes more than it verified (libldns leaves much
 * unchecked: signer, labels, flags, TTL, algorithm, number of tries).
 */
#ifndef EDGE_ANSWER_H
#define EDGE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/addr.h"
#include "base/err.h"
#include "core/sighting.h"
#include "edge/ask.h"

enum rrtype { /* IANA numbers */
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_AAAA = 28,
	TYPE_DS = 43,
	TYPE_DNSKEY = 48,
	TYPE_TLSA = 52,
};

/* IDs of the kernel's random numbers; each is used once.  Zero at first. */
struct answer_ids {
	uint8_t b[256]; /* no more, or getrandom() may give less */
	size_t left;
};

/* Fills q->wire: DO, EDNS 1232; to a resolver also RD and AD; one of the IDs.
 * -1 for a name that is none. */
int answer_question(struct question *q, const char *name, enum rrtype type,
    bool resolver, struct answer_ids *ids, struct err *e);
/* The same of a name that was read already. */
struct wire_name;
int answer_question_of(struct question *q, const struct wire_name *name,
    enum rrtype type, bool resolver, struct answer_ids *ids, struct err *e);

/* Asks it of the server, too, which one it is (NSID, RFC 5001). */
void answer_ask_nsid(struct question *q);
/* What it said: as text where that is plain and short, else a digest of it; ""
 * when it said nothing, and of no answer.  Returns buf. */
const char *answer_nsid(const struct question *q, char buf[NSID_TEXT]);

/* What every answer tells, whatever it is about. */
struct answer_head {
	int rcode; /* with the EDNS bits */
	bool aa, ad;
	bool has_records; /* the asked type at the asked name */
	bool has_cname;	  /* a CNAME or DNAME is in the way */
	bool wildcard;	  /* signed as synthesised from a wildcard */
};
/* -1 when there is no answer or it is malformed. */
int answer_head(const struct question *q, const char *name, enum rrtype type,
    struct answer_head *ret, struct err *e);

/* A list of names with addresses; caller frees with name_list_release. */
struct name_addr {
	char name[HOST_NAME]; /* lower case, final dot */
	struct addr addr;     /* family 0: only the name */
	uint32_t ttl;
};
struct name_list {
	struct name_addr *v;
	size_t n, cap;
};
void name_list_release(struct name_list *l);

/*
 * From a resolver: which zone does the answer to SOA `name` speak of?  Writes
 * the owner of an SOA record at `name` itself and its AD bit; an answer
 * without one (NODATA, NXDOMAIN, CNAME) gives found = false.
 */
struct soa_view {
	bool found;
	bool ad;
	uint32_t serial;
	uint32_t refresh;
	uint32_t minimum;
	uint32_t ttl;
};
int answer_soa(const struct question *q, const char *name, struct soa_view *ret,
    struct err *e);

/* NS names of `zone` in the answer or, for a referral, in the authority
 * section; glue of the additional section as further entries with an
 * address.  Appends.  -1 when there is none. */
int answer_ns(const struct question *q, const char *zone,
    struct name_list *list, struct err *e);

/* A and AAAA records of `name` (a CNAME in the answer is followed).
 * Appends. */
int answer_addrs(const struct question *q, const char *name,
    struct name_list *list, struct err *e);

/* The DS set of a zone as a resolver gave it: secure says AD was set. */
#define DS_MAX 16
struct ds {
	uint16_t tag;
	uint8_t algorithm, digest_type, digest_len;
	uint8_t digest[64];
};
struct ds_set {
	bool secure; /* AD: the set, or its absence, is authenticated */
	size_t n;
	struct ds ds[DS_MAX];
};
int answer_ds(const struct question *q, const char *zone, struct ds_set *ret,
    struct err *e);
/* Why nothing below this DS set can be secure, as a sentence; NULL: it can. */
const char *answer_unanchored(const struct ds_set *ds);

/* What an answer is judged by. */
struct judge_by {
	const char *owner, *zone;
	const struct ds_set *ds;
	time_t now;
	int64_t margin; /* what ends within it counts as ended */
	/* The resolver too answers with AD that there is no such set; without
	 * it a denial is LOOK_BOGUS. */
	bool resolver_denies;
	/* What was asked for; 0: TLSA.  Records of another type only tell
	 * that no alias is there (LOOK_NONE). */
	enum rrtype type;
};

struct answer_memo; /* answer_memo.h */

/*
 * The judgement: one authority's answer about the TLSA records of the owner,
 * with the DNSKEY answer of that same authority, anchored by the DS set.  An
 * alias (CNAME, DNAME) is LOOK_SHOWN with `alias` and no records; records of
 * a wildcard name it in `source`.
 * Never fails: whatever is wrong is an outcome with a reason (escaped).  What
 * `memo` remembers is not verified again; it changes no outcome.
 */
void answer_judge(const struct question *tlsa, const struct question *dnskey,
    const struct judge_by *by, struct answer_memo *memo, struct glance *ret);

/*
 * The keys of a zone as one authority has them, judged once for many owners;
 * `by` says which zone and DS set, and when.  Only read afterwards, so that
 * several threads may share it.
 */
struct zone_keys {
	enum look look;	     /* LOOK_SHOWN: they are good */
	struct keyset *keys; /* answer_keys_release frees */
	struct span span;    /* of their signature */
	char why[HOST_WHY];  /* when not good */
};
void answer_keys(const struct question *dnskey, const struct judge_by *by,
    struct zone_keys *ret);
void answer_keys_release(struct zone_keys *k); /* NULL does nothing */
/* answer_judge with such keys, of the same authority, zone, DS set and time. */
void answer_judge_by_keys(const struct question *tlsa,
    const struct zone_keys *keys, const struct judge_by *by,
    struct answer_memo *memo, struct glance *ret);

/*
 * A resolver's own word about TLSA `owner`, aliases followed: the set (none:
 * NODATA, NXDOMAIN) and whether it vouches for it (AD).  For warnings; no
 * evidence.
 */
int answer_tlsa(const struct question *q, struct tlsa_set *ret, bool *ret_ad,
    struct err *e);

/* A resolver's own word about that type at `owner`: AD and nothing there. */
bool answer_denies(const struct question *q, const char *owner,
    enum rrtype type);

/* A resolver's own word about that type at `name`: it is of that zone, by whom
 * the records there are signed, or by the SOA of their denial, and no alias
 * (CNAME) stands there.  False also when it does not say. */
bool answer_in_zone(const struct question *q, const char *name,
    enum rrtype type, const char *zone);

/* Where a CNAME at `name` in the answer leads, believed by nobody; false:
 * there is none, or to no name that can be asked for. */
bool answer_alias(const struct question *q, const char *name,
    char ret[HOST_NAME]);

#endif
