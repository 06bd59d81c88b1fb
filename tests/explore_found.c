/*
 * explore_found.c - what was found already?  Knows nothing of what it keeps.
 */
#include "explore_found.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Eight bytes at a time. */
static uint64_t
hash(const uint8_t *p, size_t n)
{
	uint64_t h = n, word;

	for (; n > 0; p += sizeof(word)) {
		size_t some = n < sizeof(word) ? n : sizeof(word);

		word = 0;
		memcpy(&word, p, some);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
		n -= some;
	}
	return h;
}

/* Where it is, or belongs. */
static size_t
place(const struct found *f, const void *value)
{
	size_t at = hash(value, f->key) & (f->n_bucket - 1);

	while (f->bucket[at] != 0 &&
	    memcmp(found_at(f, f->bucket[at] - 1), value, f->key) != 0)
		at = (at + 1) & (f->n_bucket - 1);
	return at;
}

static void
grow(struct found *f)
{
	free(f->bucket);
	f->n_bucket = f->n_bucket == 0 ? 1 << 16 : f->n_bucket * 2;
	f->bucket = calloc(f->n_bucket, sizeof(*f->bucket));
	assert(f->bucket != NULL);
	for (size_t i = 0; i < f->n; i++)
		f->bucket[place(f, found_at(f, i))] = (uint32_t)i + 1;
}

void *
found_add(struct found *f, const void *value)
{
	size_t at;

	if (2 * (f->n + 1) > f->n_bucket)
		grow(f);
	at = place(f, value);
	if (f->bucket[at] != 0)
		return found_at(f, f->bucket[at] - 1);
	if (f->n == f->cap) {
		f->cap = f->cap == 0 ? 1 << 14 : f->cap * 2;
		f->value = realloc(f->value, f->cap * f->size);
		assert(f->value != NULL);
	}
	memcpy(f->value + f->n * f->size, value, f->size);
	f->bucket[at] = (uint32_t)++f->n;
	return found_at(f, f->n - 1);
}

void *
found_at(const struct found *f, size_t i)
{
	return f->value + i * f->size;
}

void
found_empty(struct found *f)
{
	f->n = 0;
	if (f->n_bucket > 0)
		memset(f->bucket, 0, f->n_bucket * sizeof(*f->bucket));
}

void
found_release(struct found *f)
{
	free(f->value);
	free(f->bucket);
	*f = (struct found){ .size = f->size, .key = f->key };
}
