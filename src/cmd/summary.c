/*
 * summary.c - hosts in a line each.  What the last pass derived is taken
 * where it still follows; the rest is derived anew.
 */
#include "cmd/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "core/law.h"

/* ---- the settings that a summary follows from ---- */

/* FNV-1a: a change is seen; it keeps no secret and no enemy out. */
static uint64_t
mix(uint64_t mark, const void *p, size_t n)
{
	for (const uint8_t *b = p; n > 0; n--, b++)
		mark = (mark ^ *b) * UINT64_C(0x100000001b3);
	return mark;
}

static uint64_t
mix_int(uint64_t mark, int64_t v)
{
	return mix(mark, &v, sizeof(v));
}

static uint64_t
mix_text(uint64_t mark, const char *s)
{
	return mix(mark, s, strlen(s) + 1);
}

static uint64_t
mark_of_all(const struct session *s)
{
	return mix(UINT64_C(0xcbf29ce484222325), &s->conf.policy,
	    sizeof(s->conf.policy));
}

/* All that session_host adds to what is remembered. */
static uint64_t
mark_of(uint64_t mark, const struct conf_host *c)
{
	const struct conf_publisher *p = c->publisher;

	for (size_t i = 0; i < c->n_services; i++)
		mark = mix_int(mark, c->services[i].port);
	for (size_t i = 0; i < c->n_owners; i++) {
		mark = mix_text(mark, c->owners[i].name);
		mark = mix_int(mark, c->owners[i].port);
	}
	mark = mix_int(mark, c->keys_given);
	for (int i = 0; i < SLOT_COUNT; i++) {
		mark = mix_int(mark, c->slot[i].managed);
		mark = mix_int(mark, c->slot[i].kind);
	}
	for (unsigned i = 0; i < c->n_tlsa; i++)
		mark = mix(mark, &c->tlsa[i], sizeof(c->tlsa[i]));
	mark = mix_int(mark, c->standby);
	for (size_t i = 0; p != NULL && i < p->n_zones; i++)
		mark = mix_text(mark, p->zones[i]);
	return mix_int(mark, p == NULL ? -1 : (int)p->method);
}

/* ---- derived ---- */

/*
 * When the last of what breaks the law is over at the latest; NEVER when no
 * end is known.  From the beginning of time on, so that nothing is left out
 * that some later moment would see.
 */
static int64_t
safe_from(const struct host *h)
{
	const struct now begun = { .elapsed = 0 };
	size_t n = law_broken(h, &begun, NULL, 0);
	struct breach *b = mem_array(n + 1, sizeof(*b));
	int64_t from = 0;

	law_broken(h, &begun, b, n);
	for (size_t i = 0; i < n && from != NEVER; i++)
		if (b[i].until == NEVER || b[i].until > from)
			from = b[i].until;
	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].loop)
			from = NEVER;
	free(b);
	return from;
}

char *
summary_line(const struct report *r)
{
	const struct host *h = &r->host;
	struct text t = TEXT_INIT;
	char id[9], until[32], *line;

	text_add(&t, r->known ? report_phase(r) : "not-adopted");
	if (r->pause != NULL)
		text_addf(&t, " until=%s",
		    when_rfc3339(r->pause->until, until));
	for (size_t i = 0; i < h->n_key; i++)
		if (h->key[i].stage < STAGE_RETIRED)
			text_addf(&t, " %s=%s", spki_id(&h->key[i].id, id),
			    stage_name(h->key[i].stage));
	line = mem_dup(text_str(&t));
	text_release(&t);
	return line;
}

struct summary
summary_of(const struct session *s, const struct conf_host *c,
    const struct host *h)
{
	struct summary sum = { .mark = mark_of(mark_of_all(s), c) };
	struct report r = { .host = *h, .known = h->adopted_at != NEVER };

	/* installed: as report.c takes them to be */
	r.host.key = mem_copy(h->key, h->n_key * sizeof(*h->key));
	report_installed(&r.host);
	sum.safe_from = safe_from(&r.host);
	for (int i = 0; i < SLOT_COUNT; i++) {
		const struct key *k = host_deployed(&r.host, (enum slot)i);

		if (k != NULL && k->cert_until != 0 &&
		    (sum.cert_until == 0 || k->cert_until < sum.cert_until))
			sum.cert_until = k->cert_until;
	}
	sum.line = sum.host = summary_line(&r);
	free(r.host.key);
	return sum;
}

/* ---- found again ---- */

int
summaries_read(struct session *s, struct summaries *ret, struct err *e)
{
	ret->mark = mark_of_all(s);
	return store_summaries(s->store, &ret->v, &ret->n, e);
}

void
summaries_release(struct summaries *all)
{
	summaries_free(all->v, all->n);
	memset(all, 0, sizeof(*all));
}

static int
by_name(const void *name, const void *sum)
{
	return strcmp(name, ((const struct summary *)sum)->host);
}

const struct summary *
summaries_find(const struct summaries *all, const struct conf_host *c,
    const struct now *now)
{
	const struct summary *sum = all->n == 0
	    ? NULL
	    : bsearch(c->name, all->v, all->n, sizeof(*all->v), by_name);

	if (sum == NULL || sum->safe_from == NEVER ||
	    now->elapsed < sum->safe_from || sum->mark != mark_of(all->mark, c))
		return NULL;
	return sum;
}

/* ---- printed ---- */

struct line {
	int level;
	const char *name, *text;
	char *own; /* the text, where nobody else has it */
};

static int
worse_first(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->level != y->level)
		return y->level - x->level;
	return strcmp(x->name, y->name);
}

static int
look_into(struct session *s, const struct conf_host *c, struct line *l,
    struct err *e)
{
	struct report r;

	if (report_load(s, c, &r, e) < 0)
		return -1;
	l->level = r.level;
	l->text = l->own = summary_line(&r);
	report_release(&r);
	return 0;
}

/* Read at one moment; printed when nobody waits for us any more. */
static int
read_lines(struct session *s, const struct conf_host **hosts, size_t n,
    struct summaries *all, struct line *line, struct err *e)
{
	int rc = 0;

	if (store_begin_read(s->store, e) < 0)
		return -1;
	if (n > 1) /* one is as quickly looked into */
		rc = summaries_read(s, all, e);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct summary *sum = summaries_find(all, hosts[i],
		    &s->now);

		line[i].name = hosts[i]->name;
		if (sum != NULL)
			line[i].text = sum->line;
		else
			rc = look_into(s, hosts[i], &line[i], e);
	}
	return store_end(s->store, rc, e);
}

int
summary_print(struct session *s, const struct conf_host **hosts, size_t n,
    struct err *e)
{
	struct line *line = mem_array(n + 1, sizeof(*line));
	struct summaries all = { .v = NULL };
	int rc = read_lines(s, hosts, n, &all, line, e);

	if (rc == 0)
		qsort(line, n, sizeof(*line), worse_first);
	for (size_t i = 0; i < n; i++) {
		if (rc >= 0)
			printf("%s %s %s\n", line[i].name,
			    report_level(line[i].level), line[i].text);
		if (rc == 0 && line[i].level > LEVEL_QUIET)
			rc = 1;
		free(line[i].own);
	}
	free(line);
	summaries_release(&all);
	return rc;
}
