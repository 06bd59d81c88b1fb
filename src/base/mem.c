/*
 * mem.c - memory that is there, or the program ends with 70.
 */
#include "base/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nothing that could need memory again. */
static void
out_of_memory(void)
{
	static const char msg[] = "danesafe: out of memory; the next run goes "
				  "on from the journal\n";
	ssize_t n = write(STDERR_FILENO, msg, sizeof(msg) - 1);

	(void)n;
	_exit(70);
}

static size_t
product(size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		out_of_memory();
	return total > 0 ? total : 1;
}

void *
mem_array(size_t n, size_t size)
{
	void *p = calloc(1, product(n, size));

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
mem_new(size_t size)
{
	return mem_array(1, size);
}

void *
mem_resize(void *p, size_t n, size_t size)
{
	p = realloc(p, product(n, size));
	if (p == NULL)
		out_of_memory();
	return p;
}

void *
mem_copy(const void *p, size_t len)
{
	void *copy = mem_resize(NULL, len, 1);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
mem_dup(const char *s)
{
	return s == NULL ? NULL : mem_copy(s, strlen(s) + 1);
}

char *
mem_fmt(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();
	return s;
}

void *
mem_room(void *p, size_t n, size_t *cap, size_t size)
{
	size_t more;

	if (n >= *cap) {
		/* Of what is large there are few, in many places. */
		more = size > 64 && *cap < 8 ? *cap + 1
		    : *cap > 0		     ? *cap * 2
					     : 4;
		p = mem_resize(p, more, size);
		*cap = more;
	}
	memset((char *)p + n * size, 0, size);
	return p;
}

void
mem_trim(void)
{
	malloc_trim(0);
}
