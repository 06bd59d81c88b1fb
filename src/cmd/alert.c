/*
 * alert.c - from what was found to what is told, and kept.  How each channel
 * works: alert_*.c.
 */
#include "cmd/alert.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"

#define MAILS 10    /* of a pass; the last may be of many */
#define COMMANDS 20 /* of a pass; the rest in the next */
/* A command that failed is tried again after so long, then twice that ... */
#define RETRY (15 * WHEN_MINUTE)
#define RETRY_MAX (6 * WHEN_HOUR)

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

/* `said`: all that is new; `out`: what is to be said on standard error. */
static void
tell_log(struct pass *p, struct attention *a, struct text *said,
    struct text *out)
{
	const struct policy *pol = &p->s->conf.policy;

	for (size_t i = 0; i < a->is.n; i++) {
		struct concern *c = &a->is.v[i];
		enum news news = tell_news(c, CHANNEL_LOG, pol, &p->s->now);

		if (news == NEWS_NOTHING)
			continue;
		alert_say(said, c, news, &p->s->now);
		if (p->dry || !alert_log_news(c, news))
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
	for (size_t i = 0; i < n; i++)
		for (int ch = 0; ch < CHANNEL_COUNT; ch++)
			if (!alert_has(&p->s->conf, (enum channel)ch))
				was[i].told[ch] = (struct told){ LEVEL_QUIET,
					NEVER };
	tell_merge(&a->is, was, n, &p->s->conf.policy, &p->s->now);
	free(was);
	return 0;
}

static int
keep(struct pass *p, struct attention *a, struct err *e)
{
	tell_prune(&a->is);
	if (p->dry || (a->is.n == 0 && !a->had))
		return 0;
	return store_concerns_save(p->s->store, name_of(a), a->is.v, a->is.n,
	    e);
}

static int
attend(struct pass *p, struct attention *a, int *worst, struct err *e)
{
	struct text said = TEXT_INIT, out = TEXT_INIT;
	struct entry en;
	int rc = -1;

	if (merge(p, a, e) < 0)
		goto out;
	if (concern_worst(&a->is) > *worst)
		*worst = concern_worst(&a->is);
	tell_log(p, a, &said, &out);
	if (out.len > 0)
		log_error("%.*s", (int)out.len - 1, text_str(&out));
	rc = keep(p, a, e);
	if (rc < 0 || said.len == 0 || p->dry)
		goto out;
	en = session_entry(p->s, a->host, NULL, ENTRY_ALERT, "%.1000s",
	    text_str(&said));
	rc = store_journal(p->s->store, &en, NULL, e);
out:
	text_release(&said);
	text_release(&out);
	return rc;
}

/* ---- handed over ---- */

bool
alert_has(const struct conf *c, enum channel ch)
{
	return ch == CHANNEL_LOG || (ch == CHANNEL_MAIL && c->n_mail_to > 0) ||
	    (ch == CHANNEL_COMMAND && c->n_command > 0);
}

/* What is over can wait for what is not. */
static int
urgency(const struct message *m)
{
	return m->news == NEWS_RESOLVED ? LEVEL_QUIET : (int)m->c->level;
}

/* What the channel is to be told of these, what is critical first: not all of
 * it may find room in this pass.  free(). */
static struct message *
gather(const struct pass *p, struct attention *v, size_t n, enum channel ch,
    size_t *ret_n)
{
	struct message *all = NULL, *m;
	size_t n_all = 0, cap = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < v[i].is.n; j++) {
			struct concern *c = &v[i].is.v[j];
			enum news news = tell_news(c, ch, &p->s->conf.policy,
			    &p->s->now);

			if (news == NEWS_NOTHING)
				continue;
			all = mem_room(all, n_all, &cap, sizeof(*all));
			all[n_all++] = (struct message){ c, news };
		}
	m = mem_array(n_all + 1, sizeof(*m));
	*ret_n = 0;
	for (int level = LEVEL_COUNT; level-- > 0;)
		for (size_t i = 0; i < n_all; i++)
			if (urgency(&all[i]) == level)
				m[(*ret_n)++] = all[i];
	free(all);
	return m;
}

/* Programs that work, but each only just within its limit, must not keep a
 * pass from its end: what it told would not be kept. */
static bool
is_late(const struct pass *p, int64_t began)
{
	return clock_mono_ms() - began >= 2000 * p->s->conf.timeout;
}

/* Later mails refer to the one that tells of it first. */
static void
note_root(const struct message *m, bool many, const struct now *now)
{
	if (m->news != NEWS_RAISED)
		return;
	m->c->mail_root = many ? now->wall : m->c->since_wall;
	m->c->mail_many = many;
}

/* The first MAILS - 1 each in a mail of its own, the rest in one. */
static int
send_mails(const struct pass *p, const struct message *m, size_t n,
    struct err *e)
{
	int64_t began = clock_mono_ms();

	for (size_t i = 0; i < n;) {
		bool last = (n > MAILS && i == MAILS - 1) || is_late(p, began);
		size_t of = last ? n - i : 1;

		if (alert_mail(&p->s->conf, &m[i], of, &p->s->now, e) < 0)
			return -1;
		for (size_t end = i + of; i < end; i++) {
			note_root(&m[i], of > 1, &p->s->now);
			tell_done(m[i].c, CHANNEL_MAIL, &p->s->now);
		}
	}
	return 0;
}

/* One that the program refuses keeps no other back; a program that hangs, or
 * cannot be run, is not tried again in this pass. */
static int
run_commands(const struct pass *p, const struct message *m, size_t n,
    struct err *e)
{
	int64_t began = clock_mono_ms();
	struct err why;
	int rc = 0;

	for (size_t i = 0; i < n && i < COMMANDS; i++) {
		if (is_late(p, began))
			break;
		if (alert_command(&p->s->conf, &m[i], &p->s->now, &why) == 0) {
			tell_done(m[i].c, CHANNEL_COMMAND, &p->s->now);
			continue;
		}
		if (rc == 0)
			*e = why;
		rc = -1;
		if (why.kind != ERR_REFUSED)
			break;
	}
	return rc;
}

/* Mail is tried in every pass; a command, too, for what is critical, else after
 * pauses that grow. */
static void
note_channel(enum channel ch, struct channel_state *st, bool failed,
    const struct err *why, const struct now *now)
{
	int64_t pause = RETRY;

	if (!failed) {
		st->failures = 0;
		return;
	}
	if (st->failures++ == 0)
		st->since = now->elapsed;
	for (int i = 1; i < st->failures && pause < RETRY_MAX; i++)
		pause = pause * 2 < RETRY_MAX ? pause * 2 : RETRY_MAX;
	st->retry_at = now->elapsed + (ch == CHANNEL_COMMAND ? pause : 0);
	text_fmt(st->why, sizeof(st->why), "%.199s", why->text);
}

/* No channel that fails ends the pass; what it was not told it is told later.
 * -1 only when the state cannot be kept. */
static int
tell_channel(struct pass *p, struct attention *v, size_t n, enum channel ch,
    bool *ret_told, struct err *e)
{
	struct channel_state st;
	struct message *m;
	struct entry en;
	struct err why;
	size_t n_m;
	int rc = 0;
	bool failed;

	m = gather(p, v, n, ch, &n_m);
	if (n_m == 0)
		goto out;
	rc = pass_keep(p, e);
	if (rc == 0)
		rc = store_channel(p->s->store, ch, &st, e);
	if (rc == 0)
		rc = pass_kept(p, 0, e); /* nobody waits for a program */
	if (rc < 0 ||
	    (st.failures > 0 && p->s->now.elapsed < st.retry_at &&
		urgency(&m[0]) < LEVEL_CRITICAL))
		goto out;
	failed = (ch == CHANNEL_MAIL ? send_mails : run_commands)(p, m, n_m,
		     &why) < 0;
	*ret_told = true;
	if (!failed && st.failures == 0)
		goto out;
	note_channel(ch, &st, failed, &why, &p->s->now);
	rc = store_channel_save(p->s->store, ch, &st, e);
	if (rc < 0 || !failed)
		goto out;
	log_error("alerts by %s: %s", channel_name(ch), why.text);
	en = session_entry(p->s, NULL, NULL, ENTRY_NOTE, "alerts by %s: %.900s",
	    channel_name(ch), why.text);
	rc = store_journal(p->s->store, &en, NULL, e);
out:
	free(m);
	return rc;
}

static int
tell_channels(struct pass *p, struct attention *v, size_t n, struct err *e)
{
	bool told = false;
	int rc = 0;

	for (int ch = CHANNEL_MAIL; rc == 0 && ch < CHANNEL_COUNT; ch++)
		if (alert_has(&p->s->conf, (enum channel)ch))
			rc = tell_channel(p, v, n, (enum channel)ch, &told, e);
	if (rc < 0 || !told)
		return rc;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = pass_keep(p, e);
		if (rc == 0)
			rc = keep(p, &v[i], e);
		if (rc == 0)
			rc = pass_next(p, e);
	}
	return rc;
}

/* These: found already. */
static int
attend_all(struct pass *p, struct attention *v, size_t n, int *worst,
    struct err *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = pass_keep(p, e);
		if (rc == 0)
			rc = attend(p, &v[i], worst, e);
		if (rc == 0)
			rc = pass_next(p, e);
	}
	return rc < 0 || p->dry ? rc : tell_channels(p, v, n, e);
}

/* What lasts is found again, as it was. */
static int
find_again(struct session *s, struct concerns *is, enum code but, struct err *e)
{
	struct concern *was = NULL;
	size_t n = 0;

	if (store_concerns(s->store, "", &was, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (was[i].over_at == NEVER && concern_code(&was[i]) != but)
			*concern_add(is, "", NULL, but) = was[i];
	free(was);
	return 0;
}

int
alert_raise(struct session *s, enum code code, const char *text, struct err *e)
{
	struct attention a = { .host = NULL };
	struct pass p = { .s = s };
	int worst = LEVEL_QUIET, rc;

	rc = find_again(s, &a.is, code, e);
	if (rc == 0) {
		text_fmt(concern_add(&a.is, "", NULL, code)->text, 1024, "%s",
		    text);
		rc = pass_kept(&p, attend_all(&p, &a, 1, &worst, e), e);
	}
	concern_release(&a.is);
	return rc;
}

int
alert_pass(struct pass *p, time_t before, int *ret_worst, struct err *e)
{
	struct attention *v = mem_array(p->n + 1, sizeof(*v));
	int worst = LEVEL_QUIET, rc;

	for (size_t i = 0; i < p->n; i++) {
		v[i].host = &p->v[i].host;
		concern_find(&p->v[i], &p->s->now, &v[i].is);
	}
	rc = attend_all(p, v, p->n, &worst, e);
	/* The agent last: it may be that people cannot be told. */
	if (rc == 0)
		rc = alert_agent(p->s, before, &v[p->n].is, e);
	if (rc == 0)
		rc = attend_all(p, &v[p->n], 1, &worst, e);
	for (size_t i = 0; i <= p->n; i++)
		concern_release(&v[i].is);
	free(v);
	*ret_worst = worst;
	return rc;
}
