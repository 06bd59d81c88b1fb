/*
 * look_work.h - what one look at the DNS works with; shared by the files of
 * the look (look.h) and by nobody else.
 */
#ifndef PROC_LOOK_WORK_H
#define PROC_LOOK_WORK_H

#include "base/clock.h"
#include "edge/answer_memo.h"
#include "edge/batch.h"
#include "edge/zone.h"
#include "proc/look.h"
#include "proc/look_family.h"

/* One host's part of a look. */
struct look_place {
	size_t first, n;	/* its owners in `settled` */
	size_t from;		/* h->own[from] and on: not looked at yet */
	struct zone_view *host; /* of its name */
	bool shared;		/* and that is one of the crowd */
	bool asked;		/* look_ask_base() was called, and */
	bool plain;		/* everybody said that it is no alias */
};

struct look_work {
	struct look_request *r;
	size_t n;
	const struct addr *resolver;
	struct clock_reading begun;
	int64_t deadline; /* clock_mono_ms */
	int64_t moved;	  /* ms: the wall clock against the time gone by */
	/* A round a link of the aliases.  A view of each owner that is looked
	 * at in this one, and in the first then one of the host's name. */
	bool later; /* than the first */
	struct zone_view *view;
	size_t n_view;
	struct zone_view *first; /* those of the first round, once it is over */
	size_t n_first;
	struct families first_families;
	struct zone_view *crowd; /* of the zones of look_many() */
	size_t n_crowd;
	struct look_place *place; /* one a host */
	struct families families;
	struct batch b;	       /* all questions but those of look_many */
	struct batch again[2]; /* the same to addresses with several servers:
				  by UDP from another port; by TCP */
	struct answer_memo *memo;
	struct answer_past *past; /* NULL: none */
	struct now now; /* when it began; while noting: when all was seen */
	bool *settled;	/* one an owner, in the order of the hosts */
};

/* What was seen is dated, and its signatures are judged, when all of it had
 * been seen: an end that is noted too early would make a wait shorter.  The
 * time that the machine slept counts (CLOCK_BOOTTIME). */
struct now look_seen(struct look_work *w);

/* Did the wall clock move while the servers were asked?  Then no signature can
 * be judged.  By how much, or NULL. */
const char *look_moved(const struct look_work *w, const struct host *h,
    char *buf, size_t size);

/* The name of the host itself, with its final dot. */
char *look_host_name(const struct host *h, char name[HOST_NAME]);

struct look_place *look_place(struct look_work *w,
    const struct look_request *r);

/* Asks about the name of the host, in `b`; v: who serves it. */
void look_ask_base(const struct look_work *w, struct batch *b,
    const struct look_request *r, const struct zone_view *v);

/* All that was said about one owner; v: the view of it. */
void look_note_owner(struct look_work *w, struct look_request *r,
    struct owner *o, struct zone_view *v);

/* The zone of the owner, and who serves it: its authorities. */
void look_note_zone(struct host *h, struct owner *o, const struct zone_view *v,
    const struct now *now);

/* An authority of a family that this machine lacks, after those that were
 * asked: their word may do for it. */
void look_note_unasked(const struct look_request *r, struct owner *o,
    struct addr a, const struct now *now);

/* What a server says of the zone's serial becomes part of the glance. */
void look_note_serial(const struct question *soa, const char *zone,
    struct glance *g);

/*
 * The name of the host (v: the view of it) at the end of a look.  Blocks the host
 * where the resolver follows an alias from there that no living sighting
 * knows, and where nobody watches the name and a server of its zone did not
 * say that it is no alias; one that is silent to an owner's question is waited
 * for there.  What is wrong stands at a service's owner.
 */
void look_base_unsure(const struct look_work *w, struct host *h,
    const struct zone_view *v);

/* The owner's question once more to each of its addresses with several servers
 * behind it, or to all that are listed; after the first answers were in. */
void look_add_again(struct look_work *w, const struct owner *o,
    const struct zone_view *v, bool all);
int look_ask_again(struct look_work *w, struct err *e);

/* The serial of the zone at the primary of the publisher; not asked for what
 * others run. */
void look_ask_primary(struct look_work *w, const struct look_request *r,
    const struct owner *o, const char *zone);
void look_note_primary(const struct look_work *w, const struct look_request *r,
    struct owner *o);

/* The host's endpoints, from its addresses (look_addrs.c). */
void look_note_addrs(struct look_work *w, struct look_request *r,
    const struct zone_view *v);

/*
 * Many owners of one zone (look_many.c): its cut, its keys and its servers
 * are found out once, through one of them, and the others are asked for at
 * once.  Settled is an owner of which every server that answered showed
 * records, signed by that very zone, and which the resolver, too, holds for
 * one of it and for no alias: then no cut, no alias and no wildcard is in
 * between, and the host's name, which stands there, is of that zone, too
 * (place.shared).  Notes those; all others are left to be looked at one by one.
 */
int look_many(struct look_work *w, struct err *e);

#endif
