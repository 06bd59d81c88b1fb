/*
 * store_load.h - what the files that read a host out of the state share; for
 * store_load.c, store_host.c and store_seen_load.c only.
 */
#ifndef EDGE_STORE_LOAD_H
#define EDGE_STORE_LOAD_H

#include "edge/store_db.h"

/* Ids of rows, in order, and where their values stand in the host. */
struct places {
	struct place {
		int64_t id;
		int at;
	} * p; /* free() */
	size_t n, cap;
};

void place_add(struct places *ps, int64_t id, int at);
/* -1 when there is none. */
int place_of(const struct places *ps, int64_t id);

/* db_use, with an id for its first parameter. */
int load_of(struct store *s, enum sql id, int64_t of, struct use *u,
    struct err *e);

/* Columns; what does not fit makes u->bad.  A word that must be there: */
int load_name(struct use *u, const char *(*name)(int), int n);
/* The set of a row; where it may be NULL: -1, there is none. */
int load_set(struct use *u, const struct places *sets);
/* The chain of a row; NULL: 0, nothing is known of it. */
int load_chain(struct use *u, const struct places *chains);
/* Of a list of core: slot_name as load_name takes it. */
const char *load_slot_word(int i);

/* One host on its way out of the file. */
struct loading {
	struct store *s;
	struct host *h;
	int64_t id;
	struct places sets, chains, owners;
	struct last last;
	int64_t *row; /* of the things that were read last; free() */
	size_t cap_row;
};

/* A moment that may be that of the last look or sweep: two columns. */
int64_t load_last(struct use *u, int64_t last);
/* What was seen at all owners and endpoints, which are in the host by then. */
int loading_seen(struct loading *l, struct err *e);

#endif
