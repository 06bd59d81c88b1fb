/*
 * err.c - why something could not be done.  Prints nothing.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What was cut is marked; a newline at the end is dropped. */
static void
store(struct err *e, const char *text, int wanted)
{
	size_t n = strlen(text);

	memcpy(e->text, text, n + 1);
	if (wanted >= (int)sizeof(e->text))
		memcpy(e->text + n - 3, "...", 3);
	while (n > 0 && e->text[n - 1] == '\n')
		e->text[--n] = 0;
}

/* By way of a buffer of its own: the arguments may be the old text. */
static void __attribute__((format(printf, 2, 0)))
set(struct err *e, const char *fmt, va_list ap)
{
	char text[sizeof(e->text)];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	store(e, text, n);
}

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	set(e, fmt, ap);
	va_end(ap);
	e->kind = kind;
	return -1;
}

int
err_sys(struct err *e, enum err_kind kind, const char *object)
{
	if (errno == EACCES || errno == EPERM)
		kind = ERR_PERM;
	if (errno == ELOOP)
		return err_set(e, kind, "%s: is a symbolic link", object);
	return err_set(e, kind, "%s: %s", object, strerror(errno));
}

int
err_prefix(struct err *e, const char *fmt, ...)
{
	char words[1024], text[sizeof(e->text)];
	va_list ap;
	int n;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	n = snprintf(text, sizeof(text), "%s: %s", words, e->text);
	store(e, text, n);
	return -1;
}

int
err_exit(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:
		return 0;
	case ERR_REFUSED:
		return 4;
	case ERR_USAGE:
		return 64;
	case ERR_UNREACHABLE:
		return 69;
	case ERR_BUG:
		return 70;
	case ERR_CREATE:
		return 73;
	case ERR_IO:
		return 74;
	case ERR_TEMP:
		return 75;
	case ERR_PERM:
		return 77;
	case ERR_CONFIG:
		return 78;
	}
	return 70;
}
