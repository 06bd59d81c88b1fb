/*
 * machine.h - THE TABLE: what comes next.
 *
 * A row is {stage, events that must all hold, act, next stage}; the rows of
 * a stage are tried from the top; no row: wait.  Pure lookup: events come
 * from event.c, permission from law.c.
 */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "core/act.h"
#include "core/stage.h"

/* What can be true of a key (of a slot, for STAGE_NONE) at this moment. */
#define EVENT_LIST(X)                                                           \
	X(WANTED)   /* the slot should have a next key, and has none */         \
	X(CLOCK)    /* the wall clock is explained */                           \
	X(SIGNED)   /* no signature over what is shown is about to end */       \
	X(STORED)   /* the file holds the key, self-tested */                   \
	X(LOST)	    /* the file is gone, or holds something else */             \
	X(CERT)	    /* its certificate fits */                                  \
	X(CERT_BAD) /* it does not, and we can make another */                  \
	X(DARK)	    /* no owner has records: denied by every authority */       \
	X(LIT)	    /* every owner has records, as the primary says */          \
	X(VACANT)   /* no key of the slot is deployed */                        \
	X(MISSING)  /* the primary lacks a record of it, or of a key shown   \
			beside it, or has one of a kind that is not wanted */  \
	X(PRESENT)  /* the primary has a record of it: ours to remove */        \
	X(SHOWN)    /* every authority of every owner shows it */               \
	X(NOT_SHOWN) /* some authority does not */                              \
	X(HELD)	     /* no living set lacks it */                               \
	X(NOT_HELD)  /* some living set lacks it */                             \
	X(TURN)	     /* its turn has come */                                    \
	X(INSTALLED) /* the server's settings name it */                        \
	X(SERVED)    /* every endpoint presented it in this pass, and no     \
			  other key of the slot */  \
	X(SETTLED)   /* and did so `settle` ago, without a break since */       \
	X(SUPERSEDED) /* a successor is deployed, served and settled, and     \
			  every authority shows it */ \
	X(RETIRE_HOLD) /* the retire hold is over */                            \
	X(GONE)	       /* no authority shows it, no cache can hold it */        \
	X(UNSEEN)      /* no endpoint presents it, nor is it installed */       \
	X(RETENTION)   /* the retention is over */                              \
	X(OURS)	       /* danesafe made it, and has not destroyed it */         \
	X(RENEWAL)     /* another certificate for it waits, and fits */         \
	X(RENEW_HELD)  /* no living set lacks that one */

enum event_bit {
#define X(id) EVENT_BIT_##id,
	EVENT_LIST(X)
#undef X
	    EVENT_COUNT,
};

#define X(id) EVENT_##id = 1u << EVENT_BIT_##id,
enum event { EVENT_LIST(X) };
#undef X

struct row {
	enum stage stage;
	uint32_t events;
	enum act act;
	enum stage next;
};

extern const struct row MACHINE[];
extern const size_t MACHINE_ROWS;

/* The first row of this stage whose events all hold, or NULL: wait. */
const struct row *machine_row(const struct row *table, size_t rows,
    enum stage s, uint32_t events);

const char *event_name(enum event_bit b); /* "NOT_SHOWN" */

#endif
