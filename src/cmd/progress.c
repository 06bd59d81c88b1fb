/*
 * progress.c - how far a look is, on one line that goes again.
 */
#include "cmd/progress.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/watch.h"

#define PATIENCE_MS 1000
#define EVERY_MS 200
#define ERASE "\r\033[K"

static int64_t begun, said; /* clock_mono_ms; 0: not */

static void
show(const size_t n[WATCH_COUNT])
{
	int64_t now = clock_mono_ms();

	if (now - begun < PATIENCE_MS || now - said < EVERY_MS)
		return;
	said = now;
	fprintf(stderr, ERASE "%zu questions, %zu answers", n[WATCH_ASKED],
	    n[WATCH_ANSWERED]);
	if (n[WATCH_PROBES] > 0)
		fprintf(stderr, "; %zu of %zu handshakes", n[WATCH_PROBED],
		    n[WATCH_PROBES]);
	fflush(stderr);
}

void
progress_begin(void)
{
	const char *term = getenv("TERM");

	if (!isatty(STDERR_FILENO) || log_level() < LOG_NORMAL ||
	    term == NULL || strcmp(term, "dumb") == 0)
		return;
	if (begun == 0)
		begun = clock_mono_ms();
	said = 0;
	watch_set(show);
}

void
progress_end(void)
{
	watch_set(NULL);
	if (said != 0) {
		fputs(ERASE, stderr);
		fflush(stderr);
	}
	said = 0;
}
