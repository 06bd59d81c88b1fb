/*
 * stage.c - names of the closed lists.  Never decides anything.
 */
#include "core/stage.h"

#include <string.h>

static const char *const STAGE_NAMES[] = {
#define X(id, name) [STAGE_##id] = name,
	STAGE_LIST(X)
#undef X
	    [STAGE_NONE] = "none",
};

static const char *const SLOT_NAMES[] = {
#define X(id, name) [SLOT_##id] = name,
	SLOT_LIST(X)
#undef X
	    [SLOT_OTHER] = "other",
};

static const char *const KIND_NAMES[] = {
#define X(id, name, slot) [KIND_##id] = name,
	KIND_LIST(X)
#undef X
	    [KIND_COUNT] = "other",
};

static const enum slot KIND_SLOTS[] = {
#define X(id, name, slot) [KIND_##id] = SLOT_##slot,
	KIND_LIST(X)
#undef X
	    [KIND_COUNT] = SLOT_OTHER,
};

static const char *const LOOK_NAMES[] = {
#define X(id, name) [LOOK_##id] = name,
	LOOK_LIST(X)
#undef X
	    [LOOK_COUNT] = "none yet",
};

static const char *const SWEEP_NAMES[] = {
#define X(id, name) [SWEEP_##id] = name,
	SWEEP_LIST(X)
#undef X
	    [SWEEP_COUNT] = "none yet",
};

static const char *const GUARD_NAMES[] = {
#define X(id, name) [GUARD_##id] = name,
	GUARD_LIST(X)
#undef X
	    [GUARD_COUNT] = "?",
};

/* Index of the first `len` bytes of word among n names, or n. */
static size_t
find(const char *const *names, size_t n, const char *word, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == len && memcmp(names[i], word, len) == 0)
			return i;
	return n;
}

const char *
stage_name(enum stage s)
{
	return STAGE_NAMES[s];
}

const char *
slot_name(enum slot s)
{
	return SLOT_NAMES[s];
}

const char *
kind_name(enum kind k)
{
	return KIND_NAMES[k];
}

const char *
look_name(enum look l)
{
	return LOOK_NAMES[l];
}

const char *
sweep_name(enum sweep s)
{
	return SWEEP_NAMES[s];
}

const char *
guard_name(enum guard_id g)
{
	return GUARD_NAMES[g];
}

enum stage
stage_parse(const char *name)
{
	return (enum stage)find(STAGE_NAMES, STAGE_COUNT, name, strlen(name));
}

enum slot
slot_parse(const char *name)
{
	return (enum slot)find(SLOT_NAMES, SLOT_COUNT, name, strlen(name));
}

enum kind
kind_parse(const char *name)
{
	return (enum kind)find(KIND_NAMES, KIND_COUNT, name, strlen(name));
}

enum guard_id
guard_parse(const char *name, size_t len)
{
	return (enum guard_id)find(GUARD_NAMES, GUARD_COUNT, name, len);
}

enum slot
kind_slot(enum kind k)
{
	return KIND_SLOTS[k];
}
