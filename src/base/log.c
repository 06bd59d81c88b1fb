/*
 * log.c - what the program says to people, on standard error.  The last gate
 * before a terminal: what is not printable ASCII goes out escaped.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

static enum log_level threshold = LOG_NORMAL;
static const char *name = "danesafe";

void
log_name_set(const char *is)
{
	name = is;
}

void
log_level_set(enum log_level level)
{
	threshold = level;
}

enum log_level
log_level(void)
{
	return threshold;
}

static void say(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

/* Every line gets the name in front.  One write, so that lines of two
 * programs do not mix. */
static void
say(const char *fmt, va_list ap)
{
	struct text raw = TEXT_INIT, out = TEXT_INIT;

	text_vaddf(&raw, fmt, ap);
	text_addf(&out, "%s: ", name);
	for (const char *s = text_str(&raw); *s != 0; s++) {
		if (*s == '\n')
			text_addf(&out, "\n%s: ", name);
		else if (*s >= 0x20 && *s < 0x7f)
			text_addn(&out, s, 1);
		else
			text_addf(&out, "\\x%02x", (unsigned char)*s);
	}
	text_add(&out, "\n");
	fwrite(out.s, 1, out.len, stderr);
	fflush(stderr);
	text_release(&raw);
	text_release(&out);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void
log_note(const char *fmt, ...)
{
	va_list ap;

	if (threshold < LOG_NORMAL)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (threshold < LOG_VERBOSE)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}
