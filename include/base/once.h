/*
 * once.h - texts that are many and mostly the same: each is kept once.
 *
 * Names of zones and name servers, reasons, paths: of ten thousand hosts they
 * are few, and arrays for the longest of each would be most of the memory of
 * a pass.  What comes back is a value: it may be copied, is never changed or
 * freed, and lives as long as the program.  Equal texts are the same pointer.
 * For one thread.
 */
#ifndef BASE_ONCE_H
#define BASE_ONCE_H

#include <stddef.h>

const char *once(const char *s);

/* As text_fmt into a buffer of this size (at most 4096), kept once. */
const char *once_fmt(size_t size, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
