/*
 * code.c - names and thresholds of what can be wrong.  Finds nothing.
 */
#include "core/code.h"

#include <string.h>

#define WARNING_USUAL (24 * WHEN_HOUR)
#define CRITICAL_USUAL (72 * WHEN_HOUR)

static const struct {
	const char *name;
	int64_t warning, critical;
	const char *what, *mail, *rest;
} CODES[CODE_COUNT] = {
#define X(id, name, w, c, what, mail, rest) \
	[CODE_##id] = { name, w, c, what, mail, rest },
	CODE_LIST(X)
#undef X
};

const char *
level_name(int level)
{
	static const char *const names[LEVEL_COUNT] = { "ok", "warning",
		"critical" };

	return names[level];
}

const char *
code_name(enum code c)
{
	return CODES[c].name;
}

enum code
code_parse(const char *name)
{
	for (int c = 0; c < CODE_COUNT; c++)
		if (strcmp(CODES[c].name, name) == 0)
			return (enum code)c;
	return CODE_NONE;
}

const char *
code_what(enum code c)
{
	return CODES[c].what;
}

const char *
code_mail(enum code c)
{
	return CODES[c].mail;
}

const char *
code_rest(enum code c)
{
	return CODES[c].rest;
}

bool
code_is_note(enum code c)
{
	return CODES[c].warning == NEVER && CODES[c].critical == NEVER &&
	    c != CODE_HOLD;
}

/* A figure of the list under a setting whose usual value is `usual`. */
static int64_t
scaled(int64_t own, int64_t setting, int64_t usual)
{
	if (own < usual)
		return own < setting ? own : setting;
	return own / usual * setting + own % usual * setting / usual;
}

enum level
code_level(enum code c, int64_t lasted, const struct policy *p)
{
	int64_t warning = CODES[c].warning, critical = CODES[c].critical;

	if (c != CODE_AGENT_DEAD) {
		warning = scaled(warning, p->stuck_warning, WARNING_USUAL);
		critical = scaled(critical, p->stuck_critical, CRITICAL_USUAL);
	}
	if (CODES[c].critical != NEVER && lasted >= critical)
		return LEVEL_CRITICAL;
	if (CODES[c].warning != NEVER && lasted >= warning)
		return LEVEL_WARNING;
	return LEVEL_QUIET;
}
