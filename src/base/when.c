/*
 * when.c - durations and moments as text.  Asks no clock.
 */
#include "base/when.h"

#include <stdio.h>
#include <string.h>

#define SPAN_MAX ((int64_t)100 * WHEN_YEAR)
#define FIRST_SAID 2 /* days: weeks and years are for who gives one */

static const struct {
	char letter;
	int64_t seconds;
} UNITS[] = {
	{ 'y', WHEN_YEAR },
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

/* Exactly n digits, at most `max`; the rest after them. */
static const char *
digits(const char *s, int n, int max, int *ret)
{
	*ret = 0;
	for (int i = 0; s != NULL && i < n; i++, s++) {
		if (*s < '0' || *s > '9')
			return NULL;
		*ret = *ret * 10 + (*s - '0');
	}
	return s != NULL && *ret <= max ? s : NULL;
}

static const char *
letter(const char *s, char c)
{
	return s != NULL && *s == c ? s + 1 : NULL;
}

/* "08:30", "08:30:15" */
static const char *
time_of_day(const char *s, struct tm *tm)
{
	s = digits(s, 2, 23, &tm->tm_hour);
	s = digits(letter(s, ':'), 2, 59, &tm->tm_min);
	if (s != NULL && *s == ':')
		s = digits(s + 1, 2, 59, &tm->tm_sec);
	return s;
}

int
when_moment(const char *s, time_t *ret)
{
	struct tm tm = { .tm_sec = 0 };
	int month, day;

	s = digits(s, 4, 9999, &tm.tm_year);
	s = digits(letter(s, '-'), 2, 12, &month);
	s = digits(letter(s, '-'), 2, 31, &day);
	if (s != NULL && (*s == 'T' || *s == ' '))
		s = time_of_day(s + 1, &tm);
	if (s != NULL && *s == 'Z')
		s++;
	if (s == NULL || *s != 0 || tm.tm_year < 1970)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	*ret = timegm(&tm);
	/* 30 February is another day, and no month 0. */
	return tm.tm_mon == month - 1 && tm.tm_mday == day ? 0 : -1;
}

const char *
when_exact(int64_t seconds, char buf[24])
{
	for (size_t i = FIRST_SAID;
	     seconds != 0 && i < sizeof(UNITS) / sizeof(UNITS[0]); i++)
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
