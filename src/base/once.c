/*
 * once.c - texts kept once: a table of hashes, open, at most half full.
 * Never frees.
 */
#include "base/once.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/name_map.h"

#define MOST 4096

static struct {
	const char **at; /* NULL: free */
	size_t n, size;	 /* a power of two */
} all;

/* Where it stands, or would. */
static const char **
place(const char *s)
{
	size_t i = name_map_hash(s);

	while (all.at[i & (all.size - 1)] != NULL &&
	    strcmp(all.at[i & (all.size - 1)], s) != 0)
		i++;
	return &all.at[i & (all.size - 1)];
}

static void
grow(void)
{
	const char **was = all.at;
	size_t n = all.size;

	all.size = n == 0 ? 64 : 2 * n;
	all.at = mem_array(all.size, sizeof(*all.at));
	for (size_t i = 0; i < n; i++)
		if (was[i] != NULL)
			*place(was[i]) = was[i];
	free(was);
}

const char *
once(const char *s)
{
	const char **at;

	if (s[0] == 0)
		return "";
	if (2 * all.n >= all.size)
		grow();
	at = place(s);
	if (*at == NULL) {
		*at = mem_dup(s);
		all.n++;
	}
	return *at;
}

const char *
once_fmt(size_t size, const char *fmt, ...)
{
	char buf[MOST];
	va_list ap;

	assert(size <= sizeof(buf));
	va_start(ap, fmt);
	vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return once(buf);
}
