/*
 * alert.c - from what was found to what is told, and kept.  How each channel
 * works: alert_*.c.
 */
#include "cmd/alert.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"

static const char *
name_of(const struct attention *a)
{
	return a->host != NULL ? a->host->name : "";
}

/* ---- said in the log ---- */

void
alert_say(struct text *out, const struct concern *c, enum news news,
    const struct now *now)
{
	static const char *const words[LEVEL_COUNT] = { "noted", "WARNING",
		"CRITICAL" };
	char span[24];

	if (news == NEWS_NOTHING)
		return;
	when_rough(now->elapsed - c->since, span);
	text_addf(out, "%s%s%s %s %s: %s\n", c->host,
	    c->host[0] != 0 ? ": " : "", c->code,
	    news == NEWS_RESOLVED ? "over, it lasted"
		: c->level == LEVEL_WARNING || c->level == LEVEL_CRITICAL
		? words[c->level]
		: words[LEVEL_QUIET],
	    span, c->text);
}

static void
tell_log(struct pass *p, struct attention *a, struct text *out)
{
	const struct policy *pol = &p->s->conf.policy;

	for (size_t i = 0; i < a->is.n; i++) {
		struct concern *c = &a->is.v[i];
		enum news news = tell_news(c, CHANNEL_LOG, pol, &p->s->now);

		if (news == NEWS_NOTHING)
			continue;
		alert_say(out, c, news, &p->s->now);
		tell_done(c, CHANNEL_LOG, &p->s->now);
	}
}

/* ---- found, merged, kept ---- */

static int
merge(struct pass *p, struct attention *a, struct err *e)
{
	struct concern *was = NULL;
	size_t n = 0;

	if (p->s->store != NULL &&
	    store_concerns(p->s->store, name_of(a), &was, &n, e) < 0)
		return -1;
	a->had = n > 0;
	tell_merge(&a->is, was, n, &p->s->conf.policy, &p->s->now);
	free(was);
	return 0;
}

static int
keep(struct pass *p, struct attention *a, const struct text *said,
    struct err *e)
{
	struct entry en;

	tell_prune(&a->is);
	if (p->dry || (a->is.n == 0 && !a->had))
		return 0;
	if (store_concerns_save(p->s->store, name_of(a), a->is.v, a->is.n, e) <
	    0)
		return -1;
	if (said->len == 0)
		return 0;
	en = session_entry(p->s, a->host, NULL, ENTRY_ALERT, "%.1000s",
	    text_str(said));
	return store_journal(p->s->store, &en, NULL, e);
}

static int
attend(struct pass *p, struct attention *a, int *worst, struct err *e)
{
	struct text said = TEXT_INIT;
	int rc = -1;

	if (merge(p, a, e) < 0)
		goto out;
	if (concern_worst(&a->is) > *worst)
		*worst = concern_worst(&a->is);
	tell_log(p, a, &said);
	if (said.len > 0)
		log_error("%.*s", (int)said.len - 1, text_str(&said));
	rc = keep(p, a, &said, e);
out:
	text_release(&said);
	return rc;
}

int
alert_pass(struct pass *p, time_t before, int *ret_worst, struct err *e)
{
	struct attentions all = { .n = p->n + 1 };
	int worst = LEVEL_QUIET, rc = 0;

	all.v = mem_array(all.n, sizeof(*all.v));
	for (size_t i = 0; i < p->n; i++) {
		all.v[i].host = &p->v[i].host;
		concern_find(&p->v[i], &p->s->now, &all.v[i].is);
	}
	alert_agent(p->s, before, &all.v[p->n].is);
	for (size_t i = 0; rc == 0 && i < all.n; i++) {
		rc = pass_keep(p, e);
		if (rc == 0)
			rc = attend(p, &all.v[i], &worst, e);
		if (rc == 0)
			rc = pass_next(p, e);
	}
	for (size_t i = 0; i < all.n; i++)
		concern_release(&all.v[i].is);
	free(all.v);
	*ret_worst = worst;
	return rc;
}
