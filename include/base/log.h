/*
 * log.h - what the program says to people, on standard error.
 *
 * Only cmd and main call this; below them, functions return an err.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_QUIET = -1, LOG_NORMAL = 0, LOG_VERBOSE = 1 };

void log_level_set(enum log_level level);
enum log_level log_level(void);

/* What every line begins with, instead of "danesafe"; kept, not copied. */
void log_name_set(const char *name);

/* "danesafe: TEXT\n": errors and alerts; said at every level. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Notes; not with -q. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Progress; only with -v. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
