/*
 * migrations.h - the SQL of state/, embedded by state/embed.sh.
 */
#ifndef EDGE_MIGRATIONS_H
#define EDGE_MIGRATIONS_H

#include <stddef.h>

struct migration {
	int number;	  /* 1, 2, ...: user_version once it is done */
	const char *name; /* "first" */
	const char *sql;
};

extern const struct migration MIGRATIONS[];
extern const size_t MIGRATIONS_N;

#endif
