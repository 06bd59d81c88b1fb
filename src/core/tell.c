/*
 * tell.c - what people are to be told, and when.  Finds nothing, says nothing.
 */
#include "core/tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* The end of a wait that moved by less is the same end. */
#define MOVED 60
/* Gone for so long it is over for those who get mail or a page, unless repeat
 * is shorter: what comes and goes is one trouble to them. */
#define AWAY WHEN_HOUR
/* So often it may move before it is said. */
#define MOVES 2

static const char *const CHANNELS[] = {
#define X(id, name) [CHANNEL_##id] = name,
	CHANNEL_LIST(X)
#undef X
};

static const char *const NEWS[] = {
#define X(id, name) [NEWS_##id] = name,
	NEWS_LIST(X)
#undef X
};

const char *
channel_name(enum channel ch)
{
	return CHANNELS[ch];
}

const char *
news_name(enum news n)
{
	return NEWS[n];
}

struct concern *
concern_add(struct concerns *c, const char *host, const struct key *k,
    enum code code)
{
	struct concern *n;

	c->v = mem_room(c->v, c->n, &c->cap, sizeof(*c->v));
	n = &c->v[c->n++];
	text_fmt(n->host, sizeof(n->host), "%s", host);
	n->has_key = k != NULL;
	if (k != NULL)
		n->key = k->id;
	text_fmt(n->code, sizeof(n->code), "%s", code_name(code));
	for (int ch = 0; ch < CHANNEL_COUNT; ch++)
		n->told[ch].at = NEVER;
	n->over_at = n->quiet_until = n->eta = NEVER;
	return n;
}

void
concern_release(struct concerns *c)
{
	free(c->v);
	memset(c, 0, sizeof(*c));
}

enum code
concern_code(const struct concern *c)
{
	return code_parse(c->code);
}

bool
concern_same(const struct concern *a, const struct concern *b)
{
	return strcmp(a->code, b->code) == 0 && a->has_key == b->has_key &&
	    (!a->has_key || spki_eq(&a->key, &b->key));
}

int
tell_level(const struct concern *c, const struct policy *p,
    const struct now *now)
{
	enum code code = concern_code(c);
	int64_t lasted = now->elapsed - c->since;
	int by_time = LEVEL_QUIET;

	if (c->over_at == NEVER && code != CODE_NONE)
		by_time = (int)code_level(code, lasted, p);
	if (by_time == LEVEL_WARNING && lasted < c->patience &&
	    lasted < p->stuck_warning)
		by_time = LEVEL_QUIET;
	if (c->moved >= MOVES)
		by_time = LEVEL_WARNING;
	return c->level > by_time ? c->level : by_time;
}

/* ---- from pass to pass ---- */

static void
carry_on(struct concern *c, const struct concern *old, const struct now *now)
{
	bool anew = old->over_at != NEVER;

	memcpy(c->told, old->told, sizeof(c->told));
	c->mail_root = old->mail_root;
	c->mail_many = old->mail_many;
	c->since = anew ? now->elapsed : old->since;
	c->since_wall = anew ? now->wall : old->since_wall;
	if (anew)
		return;
	if (old->level > c->level)
		c->level = old->level;
	c->quiet_until = old->quiet_until;
	c->quiet_level = old->quiet_level;
	if (old->patience > c->patience)
		c->patience = old->patience;
	c->moved = old->moved;
	if (c->eta != NEVER && old->eta != NEVER && c->eta > old->eta + MOVED)
		c->moved++;
}

static bool
was_told(const struct concern *c)
{
	for (int ch = 0; ch < CHANNEL_COUNT; ch++)
		if (c->told[ch].level > LEVEL_QUIET)
			return true;
	return false;
}

static const struct concern *
find(const struct concern *v, size_t n, const struct concern *like)
{
	for (size_t i = 0; i < n; i++)
		if (concern_same(&v[i], like))
			return &v[i];
	return NULL;
}

/* Found twice, in two zones or of two owners, it is one: people would get two
 * mails with one Message-ID, of which one may be dropped on its way. */
static void
fold(struct concerns *is)
{
	size_t keep = 0;

	for (size_t i = 0; i < is->n; i++) {
		const struct concern *c = &is->v[i];
		size_t j = 0, len;

		while (j < keep && !concern_same(&is->v[j], c))
			j++;
		if (j == keep) {
			is->v[keep++] = *c;
			continue;
		}
		len = strlen(is->v[j].text);
		text_fmt(is->v[j].text + len, sizeof(is->v[j].text) - len,
		    "\n%s", c->text);
		if (c->level > is->v[j].level)
			is->v[j].level = c->level;
		if (c->patience > is->v[j].patience)
			is->v[j].patience = c->patience;
	}
	is->n = keep;
}

void
tell_merge(struct concerns *is, const struct concern *was, size_t n_was,
    const struct policy *p, const struct now *now)
{
	size_t found;

	fold(is);
	found = is->n;
	for (size_t i = 0; i < found; i++) {
		struct concern *c = &is->v[i];
		const struct concern *old = find(was, n_was, c);

		c->since = now->elapsed;
		c->since_wall = now->wall;
		if (old != NULL)
			carry_on(c, old, now);
		c->level = tell_level(c, p, now);
	}
	for (size_t j = 0; j < n_was; j++) {
		if (!was_told(&was[j]) || find(is->v, found, &was[j]) != NULL)
			continue;
		is->v = mem_room(is->v, is->n, &is->cap, sizeof(*is->v));
		is->v[is->n] = was[j];
		if (was[j].over_at == NEVER)
			is->v[is->n].over_at = now->elapsed;
		is->n++;
	}
}

bool
tell_is_quiet(const struct concern *c, const struct now *now)
{
	return c->quiet_until != NEVER && now->elapsed < c->quiet_until &&
	    c->level <= c->quiet_level;
}

/* The log is told at once. */
static bool
is_away(const struct concern *c, enum channel ch, const struct policy *p,
    const struct now *now)
{
	int64_t away = p->repeat < AWAY ? p->repeat : AWAY;

	return ch == CHANNEL_LOG || now->elapsed - c->over_at >= away;
}

enum news
tell_news(const struct concern *c, enum channel ch, const struct policy *p,
    const struct now *now)
{
	const struct told *t = &c->told[ch];

	if (c->over_at != NEVER)
		return t->level > LEVEL_QUIET && is_away(c, ch, p, now)
		    ? NEWS_RESOLVED
		    : NEWS_NOTHING;
	if (c->level == LEVEL_QUIET) {
		enum code code = concern_code(c);

		return ch == CHANNEL_LOG && t->at == NEVER &&
			code != CODE_NONE && code_is_note(code)
		    ? NEWS_RAISED
		    : NEWS_NOTHING;
	}
	if (tell_is_quiet(c, now))
		return NEWS_NOTHING;
	if (t->level == LEVEL_QUIET)
		return NEWS_RAISED;
	if (c->level > t->level)
		return NEWS_ESCALATED;
	return now->elapsed - t->at >= p->repeat ? NEWS_REPEATED : NEWS_NOTHING;
}

void
tell_done(struct concern *c, enum channel ch, const struct now *now)
{
	if (c->over_at != NEVER)
		c->told[ch] = (struct told){ LEVEL_QUIET, NEVER };
	else
		c->told[ch] = (struct told){ c->level, now->elapsed };
}

void
tell_prune(struct concerns *c)
{
	size_t keep = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].over_at == NEVER || was_told(&c->v[i]))
			c->v[keep++] = c->v[i];
	c->n = keep;
}

int
concern_worst(const struct concerns *c)
{
	int worst = LEVEL_QUIET;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].over_at == NEVER && c->v[i].level > worst)
			worst = c->v[i].level;
	return worst;
}
