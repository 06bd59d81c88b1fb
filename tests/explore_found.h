/*
 * explore_found.h - values that were found, each once, in the order in which
 * they came.
 */
#ifndef TESTS_EXPLORE_FOUND_H
#define TESTS_EXPLORE_FOUND_H

#include <stddef.h>
#include <stdint.h>

/* Begins as { .size = ..., .key = ... }. */
struct found {
	size_t size; /* of a value */
	size_t key;  /* bytes in front that make it another one */
	size_t n;
	uint8_t *value;
	size_t cap;
	uint32_t *bucket; /* index + 1 */
	size_t n_bucket;
};

/*
 * The value with this key: the one that was found first, or this one, added as
 * number n.  What stands behind the key may be changed; it moves when another
 * is added.
 */
void *found_add(struct found *f, const void *value);
void *found_at(const struct found *f, size_t i);
void found_empty(struct found *f);
void found_release(struct found *f);

#endif
