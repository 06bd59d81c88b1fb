/*
 * metrics.c - the state in numbers, for Prometheus (the names are a promise:
 * see danesafe(8), METRICS).  Asks nothing of the world.
 */
#include "cmd/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "core/alias.h"
#include "core/event.h"

/* clang-format off */
#define METRIC_LIST(X)							\
	X(BUILD_INFO, "build_info", "gauge",				\
	    "Which danesafe wrote this")				\
	X(LAST_RUN, "last_run_timestamp_seconds", "gauge",		\
	    "When the last run began")					\
	X(LAST_SUCCESS, "last_success_timestamp_seconds", "gauge",	\
	    "When the last run ended that found all well")		\
	X(DURATION, "last_run_duration_seconds", "gauge",		\
	    "How long the last run took that came to its end")		\
	X(CLOCK, "clock_trusted", "gauge",				\
	    "Is the wall clock explained; else nothing is changed")	\
	X(FAILURES, "run_failures_total", "counter",			\
	    "Runs that ended with an error")				\
	X(HEALTH, "host_health", "gauge",				\
	    "0 ok, 1 warning, 2 critical")				\
	X(PAUSED, "host_paused", "gauge",				\
	    "Did a person freeze its steps")				\
	X(STAGE, "key_stage", "gauge",					\
	    "1 for the stage of the key, 0 for the others")		\
	X(STUCK, "key_stuck", "gauge",					\
	    "Does something about the key last for too long")		\
	X(ENTERED, "key_stage_entered_timestamp_seconds", "gauge",	\
	    "Since when the key is in its stage")			\
	X(NEXT, "key_next_step_timestamp_seconds", "gauge",		\
	    "When time alone brings the next step, where it does")	\
	X(NOT_AFTER, "certificate_not_after_timestamp_seconds", "gauge", \
	    "When the certificate in use ends")				\
	X(MATCH, "tlsa_match", "gauge",					\
	    "Do all answers for the owner match what is presented")	\
	X(SHOWN, "tlsa_authority_shown", "gauge",			\
	    "Does the address show every record that it should")	\
	X(FORCED, "forced_steps_total", "counter",			\
	    "Steps that were forced by hand")
/* clang-format on */

enum metric {
#define X(id, name, type, help) METRIC_##id,
	METRIC_LIST(X)
#undef X
	    METRIC_COUNT,
};

static const struct {
	const char *name, *type, *help;
} METRICS[METRIC_COUNT] = {
#define X(id, name, type, help) { "danesafe_" name, type, help },
	METRIC_LIST(X)
#undef X
};

struct metrics {
	struct text of[METRIC_COUNT];
};

struct metrics *
metrics_new(void)
{
	return mem_new(sizeof(struct metrics));
}

void
metrics_free(struct metrics *m)
{
	for (int i = 0; m != NULL && i < METRIC_COUNT; i++)
		text_release(&m->of[i]);
	free(m);
}

/* As a label's value: backslash, quote and end of line are escaped. */
static const char *
label(const char *s, char *buf, size_t size)
{
	size_t n = 0;

	for (; *s != 0 && n + 3 < size; s++) {
		if (*s == '\\' || *s == '"' || *s == '\n')
			buf[n++] = '\\';
		buf[n++] = *s == '\n' ? 'n' : *s;
	}
	buf[n] = 0;
	return buf;
}

static void sample(struct metrics *m, enum metric id, int64_t value,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A sample with these labels ("" : none). */
static void
sample(struct metrics *m, enum metric id, int64_t value, const char *fmt, ...)
{
	struct text *t = &m->of[id];
	va_list ap;

	text_add(t, METRICS[id].name);
	va_start(ap, fmt);
	text_vaddf(t, fmt, ap);
	va_end(ap);
	text_addf(t, " %" PRId64 "\n", value);
}

void
metrics_agent(struct metrics *m, const struct agent *a)
{
	sample(m, METRIC_BUILD_INFO, 1, "{version=\"%s\"}", PACKAGE_VERSION);
	sample(m, METRIC_LAST_RUN, a->started, "%s", "");
	sample(m, METRIC_LAST_SUCCESS, a->clean, "%s", "");
	if (a->finished >= a->started && a->finished != 0)
		sample(m, METRIC_DURATION, a->finished - a->started, "%s", "");
	sample(m, METRIC_CLOCK, a->trusted, "%s", "");
	sample(m, METRIC_FAILURES, a->failures, "%s", "");
}

/* ---- a host ---- */

static void
add_key(struct metrics *m, const struct report *r, const struct key *k,
    const struct now *now)
{
	struct guards *gs = mem_new(sizeof(*gs));
	const char *host = r->host.name;
	char id[9], text[200];
	int64_t at;

	spki_id(&k->id, id);
	for (int s = 0; s < STAGE_COUNT; s++)
		sample(m, METRIC_STAGE, (int)k->stage == s,
		    "{host=\"%s\",key=\"%s\",slot=\"%s\",stage=\"%s\"}", host,
		    id, slot_name(k->slot), stage_name((enum stage)s));
	sample(m, METRIC_ENTERED, k->entered_wall, "{host=\"%s\",key=\"%s\"}",
	    host, id);
	guards_of(&r->host, k, now, gs);
	sample(m, METRIC_STUCK,
	    report_stuck(r, k, gs, now).level >= LEVEL_WARNING,
	    "{host=\"%s\",key=\"%s\"}", host, id);
	report_next(&r->host, k, gs, now, &at, text, sizeof(text));
	if (at != NEVER)
		sample(m, METRIC_NEXT, report_wall(at, now),
		    "{host=\"%s\",key=\"%s\"}", host, id);
	free(gs);
}

/* Keys whose record belongs into the zone. */
static bool
belongs(const struct key *k)
{
	return k->stage <= STAGE_DEPLOYED;
}

/* An alias stands for records elsewhere. */
static bool
shows_all(const struct host *h, const struct authority *a)
{
	if (alias_shown(h, a) != NULL)
		return true;
	for (size_t i = 0; i < h->n_key; i++)
		if (belongs(&h->key[i]) && !event_shown_at(a, h, &h->key[i]))
			return false;
	return true;
}

static void
add_owner(struct metrics *m, const struct host *h, const struct owner *o,
    bool match)
{
	char owner[2 * HOST_NAME], name[2 * HOST_NAME], ip[ADDR_TEXT];

	label(o->name, owner, sizeof(owner));
	sample(m, METRIC_MATCH, match,
	    "{host=\"%s\",service=\"%u/tcp\",owner=\"%s\"}", h->name, o->port,
	    owner);
	for (size_t i = 0; i < o->n_auth; i++)
		sample(m, METRIC_SHOWN, shows_all(h, &o->auth[i]),
		    "{host=\"%s\",owner=\"%s\",nameserver=\"%s\","
		    "address=\"%s\"}",
		    h->name, owner, label(o->auth[i].name, name, sizeof(name)),
		    addr_ip(&o->auth[i].addr, ip));
}

void
metrics_host(struct metrics *m, const struct report *r, int64_t forced,
    const struct now *now)
{
	const struct host *h = &r->host;
	bool *match = report_matches(h);

	sample(m, METRIC_HEALTH, r->level, "{host=\"%s\"}", h->name);
	sample(m, METRIC_PAUSED, r->pause != NULL, "{host=\"%s\"}", h->name);
	sample(m, METRIC_FORCED, forced, "{host=\"%s\"}", h->name);
	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].stage < STAGE_RETIRED)
			add_key(m, r, &h->key[i], now);
	for (int s = 0; s < SLOT_COUNT; s++) {
		const struct key *k = host_deployed(h, (enum slot)s);

		if (k != NULL && k->cert_until != 0)
			sample(m, METRIC_NOT_AFTER, k->cert_until,
			    "{host=\"%s\",slot=\"%s\"}", h->name,
			    slot_name((enum slot)s));
	}
	for (unsigned i = 0; i < h->n_own; i++)
		if (!alias_is_base(&h->own[i]))
			add_owner(m, h, &h->own[i], match[i]);
	free(match);
}

/* ---- the whole ---- */

void
metrics_text(const struct metrics *m, struct text *out)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		if (m->of[i].len == 0)
			continue;
		text_addf(out, "# HELP %s %s.\n# TYPE %s %s\n", METRICS[i].name,
		    METRICS[i].help, METRICS[i].name, METRICS[i].type);
		text_addn(out, m->of[i].s, m->of[i].len);
	}
}

/* Of one host, which the pass may have at hand. */
static int
add_host(struct metrics *m, struct session *s, const struct conf_host *c,
    struct host *saved, struct err *e)
{
	struct report r;
	int64_t forced;
	int rc;

	if ((saved != NULL ? report_take(s, c, saved, &r, e)
			   : report_load(s, c, &r, e)) < 0)
		return -1;
	rc = store_forced(s->store, c->name, &forced, e);
	if (rc == 0)
		metrics_host(m, &r, forced, &s->now);
	report_release(&r);
	return rc;
}

/* What a pass is done with, by the order of the config; NULL: nothing. */
static struct host **
saved_of(struct session *s, struct pass *p)
{
	struct host **saved = mem_array(s->conf.n_hosts + 1, sizeof(*saved));

	for (size_t i = 0; p->saved && i < p->n; i++)
		if (p->v[i].failed == NULL)
			saved[p->v[i].conf - s->conf.hosts] = &p->v[i].host;
	return saved;
}

/* All of one moment. */
static int
add_hosts(struct metrics *m, struct session *s, struct pass *p, struct err *e)
{
	struct host **saved;
	int rc = 0;

	if (store_begin_read(s->store, e) < 0)
		return -1;
	saved = saved_of(s, p);
	for (size_t i = 0; rc == 0 && i < s->conf.n_hosts; i++)
		rc = add_host(m, s, &s->conf.hosts[i], saved[i], e);
	free(saved);
	return store_end(s->store, rc, e);
}

int
metrics_write(struct session *s, struct pass *p, struct err *e)
{
	struct metrics *m;
	struct text out = TEXT_INIT;
	int rc = 0;

	if (s->conf.metrics_file == NULL)
		return 0;
	m = metrics_new();
	metrics_agent(m, &s->agent);
	rc = add_hosts(m, s, p, e);
	mem_trim(); /* the hosts are gone, and what is said of them is twice */
	metrics_text(m, &out);
	if (rc == 0)
		rc = file_refresh(s->conf.metrics_file, text_str(&out), out.len,
		    0644, e);
	if (rc < 0)
		err_prefix(e, "the metrics are not written");
	metrics_free(m);
	text_release(&out);
	return rc;
}
