/*
 * watch.h - how far a look is, for somebody who waits for it.  One watcher;
 * called from the thread that looks, often, and only between two waits.
 */
#ifndef BASE_WATCH_H
#define BASE_WATCH_H

#include <stddef.h>

enum watched {
	WATCH_ASKED,	/* questions to name servers */
	WATCH_ANSWERED, /* answers that came */
	WATCH_PROBES,	/* handshakes with endpoints to be made */
	WATCH_PROBED,	/* and made, or given up */
	WATCH_COUNT,
};

typedef void watch_fn(const size_t n[WATCH_COUNT]);

/* Counting begins anew; NULL: nobody watches, and nothing is counted. */
void watch_set(watch_fn *fn);
void watch_add(enum watched what, size_t more);

#endif
