/*
 * watch.c - counts what was done and tells who watches.  Prints nothing.
 */
#include "base/watch.h"

#include <string.h>

static watch_fn *watcher;
static size_t count[WATCH_COUNT];

void
watch_set(watch_fn *fn)
{
	watcher = fn;
	memset(count, 0, sizeof(count));
}

void
watch_add(enum watched what, size_t more)
{
	if (watcher == NULL)
		return;
	count[what] += more;
	watcher(count);
}
