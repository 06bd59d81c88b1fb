/*
 * when.h - durations and moments as text.
 *
 * Durations are seconds in an int64_t and always carry a unit in text.
 * Moments are UTC.  Nothing here asks a clock.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define WHEN_MINUTE 60
#define WHEN_HOUR 3600
#define WHEN_DAY 86400
#define WHEN_YEAR (365 * WHEN_DAY)

/* "90s", "15m", "24h", "180d", "2w", "1y" (365 days); no sign, no blanks, at
 * most 100 years.  0 or -1. */
int when_parse(const char *s, int64_t *ret_seconds);

/* A moment in UTC: "2026-12-01", "2026-12-01 08:30", with a T for the blank,
 * with seconds, with a final Z.  0 or -1. */
int when_moment(const char *s, time_t *ret);

/* The shortest exact form: 3600 "1h", 90 "90s", 0 "0s". */
const char *when_exact(int64_t seconds, char buf[24]);

/* For people, one or two units, rounded down: "26 h", "3 d 4 h", "45 s". */
const char *when_rough(int64_t seconds, char buf[24]);

/* RFC 3339 UTC: "2026-11-22T08:40:00Z". */
const char *when_rfc3339(time_t t, char buf[32]);

/* "2026-11-22 08:40 UTC" */
const char *when_minute(time_t t, char buf[32]);

#endif
