/*
 * tell.h - what needs attention, from when it begins until it is over, and
 * what people are to be told of it: when it begins, worsens, goes on for
 * another `repeat`, and ends.  Each channel is told for itself, and what was
 * not handed over is told again: nothing is lost, and nothing said twice.  By
 * mail and command the end is told after an hour without it, so that what comes
 * and goes is one trouble: damping hides ends, never a trouble.
 */
#ifndef CORE_TELL_H
#define CORE_TELL_H

#include "core/code.h"

/* The ways to people. */
#define CHANNEL_LIST(X)                                                 \
	X(LOG, "log")	      /* standard error, syslog, the journal */ \
	X(MAIL, "mail")	      /* alert: mail-to */                      \
	X(COMMAND, "command") /* alert: command */

enum channel {
#define X(id, name) CHANNEL_##id,
	CHANNEL_LIST(X)
#undef X
	    CHANNEL_COUNT,
};

#define NEWS_LIST(X)              \
	X(NOTHING, "nothing")     \
	X(RAISED, "raised")       \
	X(ESCALATED, "escalated") \
	X(REPEATED, "repeated")   \
	X(RESOLVED, "resolved")   \
	X(TEST, "test")

enum news {
#define X(id, name) NEWS_##id,
	NEWS_LIST(X)
#undef X
	    NEWS_COUNT,
};

const char *channel_name(enum channel ch);
const char *news_name(enum news n);

/* What a channel was last told. */
struct told {
	int level;  /* LEVEL_QUIET: nothing, or that it is over */
	int64_t at; /* elapsed; NEVER */
};

struct concern {
	char host[HOST_NAME]; /* "": of the agent itself */
	bool has_key;
	struct spki key;
	char code[32]; /* code_name */
	int64_t since; /* elapsed */
	time_t since_wall;
	int level; /* the worst so far: it ends, it does not get milder */
	struct told told[CHANNEL_COUNT];
	int64_t over_at; /* elapsed; NEVER: it lasts */

	/* Acknowledged: quiet until then (elapsed; NEVER: not), as long as it
	 * is no worse than this. */
	int64_t quiet_until;
	int quiet_level;

	int64_t patience; /* seconds before it is a warning by time alone */
	int64_t eta;	  /* hold: when it ends (elapsed); NEVER */
	int moved;	  /* hold: how often the end moved away */
	/* The mail that first told of it, which later ones refer to: of what
	 * began then, or one about many that was sent then (wall; 0: none). */
	time_t mail_root;
	bool mail_many;
	char text[1024];
};

/* A growing list. */
struct concerns {
	struct concern *v;
	size_t n, cap;
};

/* One more, without a text; key NULL: of the host; host "": of the agent. */
struct concern *concern_add(struct concerns *c, const char *host,
    const struct key *k, enum code code);
void concern_release(struct concerns *c);
enum code concern_code(const struct concern *c);
bool concern_same(const struct concern *a, const struct concern *b);

/*
 * Merges what is found now (levels: at least) with what was: times, what was
 * told and what is acknowledged are kept.  What is found more than once is one
 * concern, with all the sentences.  What is gone stays in the list, as
 * over, while some channel was told of it and not of its end.
 */
void tell_merge(struct concerns *is, const struct concern *was, size_t n_was,
    const struct policy *p, const struct now *now);

/* What the channel is to be told now. */
enum news tell_news(const struct concern *c, enum channel ch,
    const struct policy *p, const struct now *now);
/* It was handed over. */
void tell_done(struct concern *c, enum channel ch, const struct now *now);
/* Drops what is over and was told to all who must know. */
void tell_prune(struct concerns *c);

bool tell_is_quiet(const struct concern *c, const struct now *now);
/* The level by now, also between passes. */
int tell_level(const struct concern *c, const struct policy *p,
    const struct now *now);
/* Of those that last. */
int concern_worst(const struct concerns *c);

#endif
