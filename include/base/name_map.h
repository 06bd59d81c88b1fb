/*
 * name_map.h - which number a name has, found without asking all of them.
 */
#ifndef BASE_NAME_MAP_H
#define BASE_NAME_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_at {
	const char *name; /* NULL: free */
	size_t at;
};

/* Starts as zeroes; name_map_release frees.  The names are the caller's and stay
 * where they are, unchanged, as those of once.h do. */
struct name_map {
	struct name_at *v;
	size_t n, size; /* size: 0 or a power of two */
};

/* Gives the name the number, whatever it had before. */
void name_map_put(struct name_map *m, const char *name, size_t at);
/* False: it has none. */
bool name_map_find(const struct name_map *m, const char *name, size_t *ret);
void name_map_release(struct name_map *m);

/* Of a text, for tables; of texts that others chose, not evenly spread. */
size_t name_map_hash(const char *s);

#endif
