/*
 * plan.h - the next step of a host: the table proposes, the law disposes.
 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include "core/law.h"
#include "core/machine.h"

/* One small step. */
struct step {
	enum act act;
	int key; /* index into host.key; -1: ACT_MAKE */
	enum slot slot;
	enum stage from, to;
	bool refused;	   /* the law forbids the act */
	struct breach why; /* of a refusal */
};

/*
 * The steps that the table proposes now: at most one a key and one a slot
 * without a next key.  Steps that only change the stage come first.  A host
 * or owner that is blocked has none.  Returns how many were written.
 */
size_t plan_host(const struct host *h, const struct now *now, struct step *ret,
    size_t max);

/* The same by another table (tests/explore.c: mutants). */
size_t plan_by(const struct row *table, size_t rows, const struct host *h,
    const struct now *now, struct step *ret, size_t max);

/*
 * Notes facts that follow from this pass's sweep: clean_since of every
 * deployed key.
 */
void plan_note_sweep(struct host *h, const struct now *now);

/* Changes the stage of a key. */
void plan_enter(struct host *h, struct key *k, enum stage to,
    const struct now *now);

#endif
