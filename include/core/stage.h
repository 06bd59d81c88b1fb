/*
 * stage.h - the closed lists: stages, slots, kinds of key, outcomes, guards.
 *
 * Each list is written once; enum, names, SQL CHECKs, manual and tests grow
 * from it.
 */
#ifndef CORE_STAGE_H
#define CORE_STAGE_H

#include <stdbool.h>
#include <stddef.h>

/* The stages of a key, in order.  A stage is named after what is true. */
#define STAGE_LIST(X)                                                     \
	X(GENERATED, "generated") /* on disk, not yet shown everywhere */ \
	X(PUBLISHED, "published") /* every authority shows it */          \
	X(READY, "ready")	  /* no cache can lack it */              \
	X(DEPLOYED, "deployed")	  /* installed */                         \
	X(RETIRING, "retiring")	  /* superseded */                        \
	X(RETIRED, "retired")	  /* its record is gone everywhere */     \
	X(ABORTED, "aborted")	  /* given up before deployment */

enum stage {
#define X(id, name) STAGE_##id,
	STAGE_LIST(X)
#undef X
	    STAGE_COUNT,
	STAGE_NONE = STAGE_COUNT, /* a slot that lacks a next key */
};

/* Public-key algorithms of a host; every slot rolls on its own. */
#define SLOT_LIST(X)  \
	X(RSA, "rsa") \
	X(ECDSA, "ecdsa")

enum slot {
#define X(id, name) SLOT_##id,
	SLOT_LIST(X)
#undef X
	    SLOT_COUNT,
	SLOT_OTHER = SLOT_COUNT, /* seen at an endpoint, not ours to make */
};

/* Kinds of key that can be made. */
#define KIND_LIST(X)                       \
	X(RSA_2048, "rsa-2048", RSA)       \
	X(RSA_3072, "rsa-3072", RSA)       \
	X(RSA_4096, "rsa-4096", RSA)       \
	X(ECDSA_P256, "ecdsa-p256", ECDSA) \
	X(ECDSA_P384, "ecdsa-p384", ECDSA) \
	X(ECDSA_P521, "ecdsa-p521", ECDSA)

enum kind {
#define X(id, name, slot) KIND_##id,
	KIND_LIST(X)
#undef X
	    KIND_COUNT,
};

/* The outcome of asking one authority, worst last. */
#define LOOK_LIST(X)                                                   \
	X(SHOWN, "shown")	/* a validated RRset */                \
	X(NONE, "none")		/* a validated denial */               \
	X(UNSIGNED, "unsigned") /* no chain of trust to it */          \
	X(BOGUS, "bogus")	/* an answer that does not validate */ \
	X(SILENT, "silent")	/* no usable answer */

enum look {
#define X(id, name) LOOK_##id,
	LOOK_LIST(X)
#undef X
	    LOOK_COUNT,
};

/* The outcome of sweeping one endpoint, worst last. */
#define SWEEP_LIST(X)                                                     \
	X(SEEN, "seen")	  /* every probe ended with a certificate or a  \
			     plain "no such algorithm" */ \
	X(DOWN, "down")	  /* some probe could not look */                 \
	X(NEVER, "never") /* not swept yet */

enum sweep {
#define X(id, name) SWEEP_##id,
	SWEEP_LIST(X)
#undef X
	    SWEEP_COUNT,
};

/* What a key can wait for.  `shown`, `served`, `gone` name an address. */
#define GUARD_LIST(X)                                                        \
	X(STORED, "stored")	      /* key and self-test on disk */        \
	X(SHOWN, "shown")	      /* an authority shows the record */    \
	X(HOLD, "hold")		      /* caches may hold a set without it */ \
	X(CERT, "cert")		      /* the certificate fits */             \
	X(TURN, "turn")		      /* schedule or wish */                 \
	X(SERVED, "served")	      /* an endpoint presents it */          \
	X(SETTLE, "settle")	      /* two clean sweeps apart */           \
	X(RETIRE_HOLD, "retire-hold") /* rollback is free so long */         \
	X(GONE, "gone")		      /* an authority dropped the record */  \
	X(RETENTION, "retention")     /* the private key is kept so long */  \
	X(CLOCK, "clock")	      /* the wall clock is explained */      \
	X(SIGNED, "signed")	      /* no signature is about to end */

enum guard_id {
#define X(id, name) GUARD_##id,
	GUARD_LIST(X)
#undef X
	    GUARD_COUNT,
};

const char *stage_name(enum stage s);
const char *slot_name(enum slot s);
const char *kind_name(enum kind k);
const char *look_name(enum look l);
const char *sweep_name(enum sweep s);
const char *guard_name(enum guard_id g);

/* The value of a name, or the list's _COUNT when there is none. */
enum stage stage_parse(const char *name);
enum slot slot_parse(const char *name);
enum kind kind_parse(const char *name);
enum guard_id guard_parse(const char *name, size_t len);

enum slot kind_slot(enum kind k);

#endif
