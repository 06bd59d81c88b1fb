/*
 * when.c - durations and moments as text.  Asks no clock.
 */
#include "base/when.h"

#include <stdio.h>
#include <string.h>

#define SPAN_MAX ((int64_t)100 * 365 * WHEN_DAY)

static const struct {
	char letter;
	int64_t seconds;
} UNITS[] = {
	{ 'w', 7 * WHEN_DAY },
	{ 'd', WHEN_DAY },
	{ 'h', WHEN_HOUR },
	{ 'm', WHEN_MINUTE },
	{ 's', 1 },
};

static int64_t
unit_of(char c)
{
	for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++)
		if (UNITS[i].letter == c)
			return UNITS[i].seconds;
	return 0;
}

int
when_parse(const char *s, int64_t *ret_seconds)
{
	int64_t n = 0, unit;
	size_t digits = 0;

	for (; *s >= '0' && *s <= '9'; s++, digits++) {
		n = n * 10 + (*s - '0');
		if (n > SPAN_MAX)
			return -1;
	}
	unit = unit_of(*s);
	if (digits == 0 || unit == 0 || s[1] != 0 || n > SPAN_MAX / unit)
		return -1;
	*ret_seconds = n * unit;
	return 0;
}

const char *
when_exact(int64_t seconds, char buf[24])
{
	for (size_t i = 1; seconds != 0 && i < sizeof(UNITS) / sizeof(UNITS[0]);
	     i++)
		if (seconds % UNITS[i].seconds == 0) {
			snprintf(buf, 24, "%lld%c",
			    (long long)(seconds / UNITS[i].seconds),
			    UNITS[i].letter);
			return buf;
		}
	snprintf(buf, 24, "%llds", (long long)seconds);
	return buf;
}

const char *
when_rough(int64_t s, char buf[24])
{
	long long n = s < 0 ? 0 : (long long)s;

	if (n < 2 * WHEN_MINUTE)
		snprintf(buf, 24, "%lld s", n);
	else if (n < 2 * WHEN_HOUR)
		snprintf(buf, 24, "%lld min", n / WHEN_MINUTE);
	else if (n < 2 * WHEN_DAY)
		snprintf(buf, 24, "%lld h", n / WHEN_HOUR);
	else if (n < 8 * WHEN_DAY && n % WHEN_DAY >= WHEN_HOUR)
		snprintf(buf, 24, "%lld d %lld h", n / WHEN_DAY,
		    n % WHEN_DAY / WHEN_HOUR);
	else
		snprintf(buf, 24, "%lld d", n / WHEN_DAY);
	return buf;
}

const char *
when_rfc3339(time_t t, char buf[32])
{
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(buf, 32, "?");
	return buf;
}

const char *
when_minute(time_t t, char buf[32])
{
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(buf, 32, "%Y-%m-%d %H:%M UTC", &tm) == 0)
		snprintf(buf, 32, "?");
	return buf;
}
