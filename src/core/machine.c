/*
 * machine.c - THE TABLE: what comes next.  Proposes; the law disposes.
 */
#include "core/machine.h"

#define E(x) EVENT_##x

/* clang-format off */
const struct row MACHINE[] = {
/* stage           events that must all hold                           act       next stage */
{ STAGE_NONE,      E(WANTED) | E(CLOCK),                               ACT_MAKE,     STAGE_GENERATED },

{ STAGE_GENERATED, E(INSTALLED) | E(STORED) | E(CLOCK),                ACT_DEPLOY,   STAGE_DEPLOYED },
{ STAGE_GENERATED, E(LOST) | E(PRESENT) | E(CLOCK) | E(SIGNED),        ACT_WITHDRAW, STAGE_GENERATED },
{ STAGE_GENERATED, E(LOST) | E(GONE) | E(UNSEEN),                      ACT_NOTHING,  STAGE_ABORTED },
{ STAGE_GENERATED, E(CERT_BAD) | E(STORED) | E(CLOCK),                 ACT_CERTIFY,  STAGE_GENERATED },
{ STAGE_GENERATED, E(DARK) | E(VACANT) | E(STORED) | E(CERT) | E(CLOCK) | E(SIGNED), ACT_DEPLOY, STAGE_DEPLOYED },
{ STAGE_GENERATED, E(SHOWN) | E(STORED),                               ACT_NOTHING,  STAGE_PUBLISHED },
{ STAGE_GENERATED, E(MISSING) | E(LIT) | E(STORED) | E(CLOCK) | E(SIGNED), ACT_PUBLISH,  STAGE_GENERATED },

{ STAGE_PUBLISHED, E(INSTALLED) | E(STORED) | E(CLOCK),                ACT_DEPLOY,   STAGE_DEPLOYED },
{ STAGE_PUBLISHED, E(LOST),                                            ACT_NOTHING,  STAGE_GENERATED },
{ STAGE_PUBLISHED, E(NOT_SHOWN),                                       ACT_NOTHING,  STAGE_GENERATED },
{ STAGE_PUBLISHED, E(SHOWN) | E(HELD),                                 ACT_NOTHING,  STAGE_READY },

{ STAGE_READY,     E(INSTALLED) | E(STORED) | E(CLOCK),                ACT_DEPLOY,   STAGE_DEPLOYED },
{ STAGE_READY,     E(LOST),                                            ACT_NOTHING,  STAGE_GENERATED },
{ STAGE_READY,     E(NOT_SHOWN),                                       ACT_NOTHING,  STAGE_GENERATED },
{ STAGE_READY,     E(NOT_HELD),                                        ACT_NOTHING,  STAGE_PUBLISHED },
{ STAGE_READY,     E(CERT_BAD) | E(STORED) | E(CLOCK),                 ACT_CERTIFY,  STAGE_READY },
{ STAGE_READY,     E(SHOWN) | E(HELD) | E(STORED) | E(CERT) | E(TURN) | E(CLOCK) | E(SIGNED), ACT_DEPLOY, STAGE_DEPLOYED },

{ STAGE_DEPLOYED,  E(SUPERSEDED),                                      ACT_NOTHING,  STAGE_RETIRING },
{ STAGE_DEPLOYED,  E(RENEWAL) | E(RENEW_HELD) | E(STORED) | E(CLOCK),   ACT_DEPLOY,   STAGE_DEPLOYED },
{ STAGE_DEPLOYED,  E(RENEWAL) | E(MISSING) | E(LIT) | E(CLOCK),        ACT_PUBLISH,  STAGE_DEPLOYED },
{ STAGE_DEPLOYED,  E(MISSING) | E(SERVED) | E(SETTLED) | E(CLOCK),     ACT_PUBLISH,  STAGE_DEPLOYED },

{ STAGE_RETIRING,  E(PRESENT) | E(SUPERSEDED) | E(RETIRE_HOLD) | E(CLOCK) | E(SIGNED), ACT_WITHDRAW, STAGE_RETIRING },
{ STAGE_RETIRING,  E(GONE) | E(UNSEEN) | E(RETIRE_HOLD),               ACT_NOTHING,  STAGE_RETIRED },

{ STAGE_RETIRED,   E(RETENTION) | E(OURS) | E(UNSEEN) | E(CLOCK) | E(SIGNED), ACT_DESTROY,  STAGE_RETIRED },
{ STAGE_ABORTED,   E(OURS) | E(UNSEEN) | E(CLOCK),                     ACT_DESTROY,  STAGE_ABORTED },
};
/* clang-format on */

const size_t MACHINE_ROWS = sizeof(MACHINE) / sizeof(MACHINE[0]);

const struct row *
machine_row(const struct row *table, size_t rows, enum stage s, uint32_t events)
{
	for (size_t i = 0; i < rows; i++)
		if (table[i].stage == s && (table[i].events & ~events) == 0)
			return &table[i];
	return NULL;
}

const char *
event_name(enum event_bit b)
{
	static const char *const names[] = {
#define X(id) [EVENT_BIT_##id] = #id,
		EVENT_LIST(X)
#undef X
	};

	return names[b];
}
