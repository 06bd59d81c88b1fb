/*
 * name_map.c - numbers by name: a table of hashes, open, at most half full.
 */
#include "base/name_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

size_t
name_map_hash(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (; *s != 0; s++)
		h = (h ^ (uint8_t)*s) * UINT64_C(0x100000001b3);
	return (size_t)(h ^ h >> 32);
}

/* Where it stands, or would. */
static struct name_at *
place(const struct name_map *m, const char *name)
{
	size_t i = name_map_hash(name);

	while (m->v[i & (m->size - 1)].name != NULL &&
	    strcmp(m->v[i & (m->size - 1)].name, name) != 0)
		i++;
	return &m->v[i & (m->size - 1)];
}

static void
grow(struct name_map *m)
{
	struct name_map was = *m;

	m->size = was.size == 0 ? 64 : 2 * was.size;
	m->v = mem_array(m->size, sizeof(*m->v));
	for (size_t i = 0; i < was.size; i++)
		if (was.v[i].name != NULL)
			*place(m, was.v[i].name) = was.v[i];
	free(was.v);
}

void
name_map_put(struct name_map *m, const char *name, size_t at)
{
	struct name_at *p;

	if (2 * m->n >= m->size)
		grow(m);
	p = place(m, name);
	m->n += p->name == NULL;
	*p = (struct name_at){ name, at };
}

bool
name_map_find(const struct name_map *m, const char *name, size_t *ret)
{
	const struct name_at *p = m->size > 0 ? place(m, name) : NULL;

	if (p == NULL || p->name == NULL)
		return false;
	*ret = p->at;
	return true;
}

void
name_map_release(struct name_map *m)
{
	free(m->v);
	*m = (struct name_map){ .size = 0 };
}
