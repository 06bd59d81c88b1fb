/*
 * act.c - names of the acts.
 */
#include "core/act.h"

static const char *const ACT_NAMES[] = {
#define X(id, name) [ACT_##id] = name,
	ACT_LIST(X)
#undef X
};

const char *
act_name(enum act a)
{
	return ACT_NAMES[a];
}
