/*
 * fuzz.h - what the fuzz targets share: an input taken apart into pieces, and
 * promises that every input keeps.
 *
 * Each piece is a block of its own, so that a read beyond its end is seen and
 * not just a look at the next piece.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Kept whatever the input is, or the input is kept as a crash. */
#define MUST(promise) \
	((promise) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #promise))

static inline void
fuzz_broken(const char *file, int line, const char *promise)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
	abort();
}

/* What is left of an input. */
struct input {
	const uint8_t *p;
	size_t n;
};

/* At most n bytes of it; free(). */
static inline uint8_t *
input_bytes(struct input *in, size_t n, size_t *ret_n)
{
	uint8_t *copy;

	*ret_n = n < in->n ? n : in->n;
	copy = malloc(*ret_n > 0 ? *ret_n : 1);
	if (copy == NULL)
		abort();
	if (*ret_n > 0)
		memcpy(copy, in->p, *ret_n);
	in->p += *ret_n;
	in->n -= *ret_n;
	return copy;
}

/* A number of four bytes or less, in network order. */
static inline uint32_t
input_number(struct input *in, size_t bytes)
{
	uint32_t v = 0;

	for (; bytes > 0 && in->n > 0; bytes--, in->p++, in->n--)
		v = v << 8 | in->p[0];
	return v;
}

/* A message behind its length of two bytes, as it travels over TCP; free(). */
static inline uint8_t *
input_message(struct input *in, size_t *ret_n)
{
	uint32_t n = input_number(in, 2);

	return input_bytes(in, n, ret_n);
}

/* The rest as a string of C, cut at its first zero; free(). */
static inline char *
fuzz_text(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
	size_t n = end != NULL ? (size_t)(end - data) : size;
	char *s = malloc(n + 1);

	if (s == NULL)
		abort();
	if (n > 0)
		memcpy(s, data, n);
	s[n] = 0;
	return s;
}

static char fuzz_path[] = P_tmpdir "/danesafe-fuzz.XXXXXX";

static inline void
fuzz_remove(void)
{
	unlink(fuzz_path);
}

/* The name of a file that holds this; one file for all inputs.  (A memfd has
 * no name that realpath(3) takes.) */
static inline const char *
fuzz_file(const uint8_t *data, size_t size)
{
	static int fd = -1;

	if (fd < 0) {
		fd = mkstemp(fuzz_path);
		atexit(fuzz_remove);
	}
	if (pwrite(fd, data, size, 0) != (ssize_t)size ||
	    ftruncate(fd, (off_t)size) < 0)
		abort();
	return fuzz_path;
}

/* Is a text fit to be shown: printable ASCII? */
static inline bool
fuzz_plain(const char *s)
{
	for (; *s != 0; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

#endif
