/*
 * look_many.h - many owners of one zone (look_work.h), for the look_many*.c
 * files: who may be of one zone, what is under way, what was said.
 */
#ifndef PROC_LOOK_MANY_H
#define PROC_LOOK_MANY_H

#include "base/crew.h"
#include "proc/look_work.h"

/* An owner and the name of the zone that it may be in. */
struct member {
	const char *zone; /* of its own, or of the host's name */
	struct look_request *r;
	uint32_t own;	/* index into h->own */
	uint32_t place; /* in w->settled */
};

/* A server of a family's zone: its keys and serial, found out once. */
struct server {
	struct addr addr;
	bool lacking;		/* no route to it here: not asked */
	struct zone_keys *keys; /* may be those of another server */
	bool keys_mine;
	struct glance serial; /* has_serial, serial, refresh, answered, nsid */
};

/* Owners that may be of one zone. */
struct family {
	size_t first, n;	/* of the members */
	struct zone_view *view; /* one of w->crowd */
	struct server *server;	/* as the view's; NULL: they are not asked
				   together */
	int64_t margin;
};

struct many {
	struct look_work *w;
	struct member *member;
	size_t n_member;
	struct family *family;
	size_t n_family;
	struct crew *crew;
	struct answer_memo *memo[CREW_MOST];
};

static inline struct owner *
owner_of(const struct member *x)
{
	return &x->r->host->own[x->own];
}

/* Who may be of one zone (many_release ends it), that zone and its servers;
 * -1 only for a failure of our own.  None: n_family is 0. */
int many_families(struct many *m, struct err *e);
void many_release(struct many *m);

/* Were both answered by the same bytes, but for the ID?  (b may be NULL.) */
bool many_same_reply(const struct question *a, const struct question *b);

/* What one server said about one owner. */
struct verdict {
	enum look look;
	uint32_t ttl;
	struct span records_signed, keys_signed;
	bool one_signature;
	unsigned n; /* records */
	struct tlsa *rr;
	size_t q; /* the question, in the batch of the chunk */
};

/* One owner on its way; questions are in the batch of the chunk. */
struct item {
	const struct member *m;
	const struct family *f;
	struct verdict *v;   /* one a server */
	size_t resolver;     /* the question to it */
	size_t base, n_base; /* those about the host's name */
	bool settled;
	bool plain_base; /* all say that the host's name is no alias */
};

/* Some owners that are asked for, and then judged, together. */
struct chunk {
	struct batch b;
	struct item *item;
	size_t n;
	struct now seen; /* when the answers were in */
	bool judging;
	struct crew_job job;
	struct answer_memo **memo; /* one a hand */
};

/* How far all families have been asked for. */
struct cursor {
	size_t family, member;
};

/* Takes the next owners; false when there are none.  A chunk is zero at first,
 * emptied before it is filled again, and released in any case. */
bool chunk_fill(struct many *m, struct chunk *c, struct cursor *at);
void chunk_empty(struct chunk *c);
void chunk_release(struct chunk *c);
/* All answers are in: they are judged, by whoever has time. */
void chunk_begin(struct many *m, struct chunk *c);
/* What was plain is noted; what is of use for the others, kept. */
void chunk_note(struct many *m, struct chunk *c);

#endif
