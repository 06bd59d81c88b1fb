/*
 * act.h - what the agent can do to the world.
 */
#ifndef CORE_ACT_H
#define CORE_ACT_H

#include "core/tlsa.h"

#define ACT_LIST(X)                                                       \
	X(NOTHING, "nothing")	/* only the stage changes */              \
	X(MAKE, "make")		/* a key and its certificate */           \
	X(CERTIFY, "certify")	/* another certificate for the key */     \
	X(PUBLISH, "publish")	/* add the key's record to every owner */ \
	X(DEPLOY, "deploy")	/* install, reload */                     \
	X(WITHDRAW, "withdraw") /* remove the key's record */             \
	X(DESTROY, "destroy")	/* remove the private key */

enum act {
#define X(id, name) ACT_##id,
	ACT_LIST(X)
#undef X
	    ACT_COUNT,
};

const char *act_name(enum act a);

#endif
