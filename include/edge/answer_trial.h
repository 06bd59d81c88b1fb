/*
 * answer_trial.h - one judgement while it is made; for the answer_*.c files.
 */
#ifndef EDGE_ANSWER_TRIAL_H
#define EDGE_ANSWER_TRIAL_H

#include "edge/answer_verify.h"

/* What one judgement works with. */
struct trial {
	const struct wire_msg *m;
	struct wire_name owner, zone;
	const struct judge_by *by;
	struct answer_memo *memo;
	const struct keyset *keys; /* the memo's */
	struct span records_signed, keys_signed;
	bool one_signature; /* see struct glance */
};

/*
 * verify_rrset, and the signature is one that was needed.  A set in the answer
 * section may be synthesised from a wildcard: then also that nothing stands
 * closer to the name (RFC 4035 section 5.3.4, RFC 5155 section 8.8).
 */
int trial_verify(struct trial *t, enum wire_section section,
    const struct wire_name *owner, uint16_t type, struct verified *ret,
    struct err *e);

/* Sets the reason; -1. */
int trial_wrong(struct err *e, const char *why);
/* Says which set is wrong; that nothing here came from the server needs no
 * such words, and stays in front.  -1. */
int trial_wrong_in(struct err *e, const char *what);

/* Which records were asked for. */
enum rrtype trial_type(const struct trial *t);

/* "*.mx1.example.org.", for a signature over that many labels of the name; ""
 * when it is over all of them. */
void trial_source(const struct wire_name *owner, unsigned labels,
    char buf[HOST_NAME]);

/* Does the NSEC or NSEC3 record deny that the name is there, by an interval
 * that holds it (its own signature apart)? */
bool trial_spans(const struct trial *t, const struct wire_rr *rr,
    const struct wire_name *name);

/* Is the owner of the NSEC3 record the hash of the name? */
bool trial_hashed(const struct trial *t, const struct wire_rr *rr,
    const struct wire_name *name);

/* LOOK_NONE, or -1 and why it is no denial. */
int trial_denial(struct trial *t, struct glance *g, struct err *e);

/* Does an alias stand at the name, or above it? */
bool trial_is_alias(const struct trial *t);
/* Where it leads, signed (RFC 6672 section 5.3.1 for a DNAME, whose CNAME is
 * not looked at: it is made anew). */
int trial_alias(struct trial *t, struct glance *g, struct err *e);

#endif
