/*
 * forecast.c - the steps to come, from the state file.  Plays what is
 * remembered into the future (core/future.h); asks nobody.
 */
#include "cmd/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "core/future.h"

struct into {
	struct forecast *f;
	const char *host;
};

static void
add(const struct future_step *s, void *arg)
{
	struct into *in = arg;
	struct forecast *f = in->f;

	f->v = mem_room(f->v, f->n, &f->cap, sizeof(*f->v));
	f->v[f->n++] = (struct forecast_step){ .at = s->at.wall,
		.host = in->host,
		.key = s->key->id,
		.made = s->made,
		.slot = s->key->slot,
		.act = s->act,
		.from = s->from,
		.to = s->to,
		.by_hand = s->by_hand,
		.cert_ends = s->cert_ends };
}

/* The next pass: a quarter of an hour after the last one began, or now. */
static struct now
next_run(const struct session *s)
{
	int64_t wait = (int64_t)(s->agent.started - s->now.wall) + RUN_EVERY;
	struct now first = s->now;

	if (s->agent.started != 0 && wait > 0 && wait <= RUN_EVERY) {
		first.wall += (time_t)wait;
		first.elapsed += wait;
	}
	return first;
}

int
forecast_host(struct session *s, const struct conf_host *c, time_t until,
    struct forecast *f, struct err *e)
{
	struct into in = { f, c->name };
	struct now first = next_run(s);
	struct host h;

	if (session_host(s, c, &h, e) < 0)
		return -1;
	if (h.adopted_at != NEVER)
		future_play(&h, &first, RUN_EVERY, until, add, &in);
	host_release(&h);
	return 0;
}

/* What happens in one pass stays in its order: sorting is stable. */
static int
earlier(const void *a, const void *b)
{
	const struct forecast_step *x = *(const struct forecast_step *const *)a;
	const struct forecast_step *y = *(const struct forecast_step *const *)b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x < y ? -1 : x > y;
}

void
forecast_sort(struct forecast *f)
{
	struct forecast_step *v = mem_array(f->n + 1, sizeof(*v));
	const struct forecast_step **p = mem_array(f->n + 1, sizeof(*p));

	for (size_t i = 0; i < f->n; i++)
		p[i] = &f->v[i];
	qsort(p, f->n, sizeof(*p), earlier);
	for (size_t i = 0; i < f->n; i++)
		v[i] = *p[i];
	free(p);
	free(f->v);
	f->v = v;
	f->cap = f->n + 1;
}

void
forecast_release(struct forecast *f)
{
	free(f->v);
	memset(f, 0, sizeof(*f));
}

const char *
forecast_key(const struct forecast_step *s, char buf[16])
{
	char id[9];

	if (s->made == 0)
		return text_fmt(buf, 16, "%s", spki_id(&s->key, id));
	if (s->made == 1)
		return text_fmt(buf, 16, "new");
	return text_fmt(buf, 16, "new-%u", s->made);
}

const char *
forecast_say(const struct forecast_step *s, char *buf, size_t size)
{
	if (s->cert_ends)
		return text_fmt(buf, size,
		    "its certificate ends; you: renew it with the same key");
	if (s->from != s->to)
		return text_fmt(buf, size, "%s -> %s",
		    s->from == STAGE_NONE ? "none" : stage_name(s->from),
		    stage_name(s->to));
	return text_fmt(buf, size, "%s%s", act_name(s->act),
	    s->by_hand ? ", by hand" : "");
}
