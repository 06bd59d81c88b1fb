/*
 * page_time.c - the keys of a host as bars over time, drawn in SVG.  Widths
 * are shares of the page, heights and letters are pixels, so that it can be
 * read on any screen.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "cmd/page.h"
#include "core/record.h"
#include "core/sighting.h"

#define LABEL 16 /* pixels */
#define BAR 16
#define THIN 4
#define GAP 8
#define MONTH 2629746

struct picture {
	struct text *t;
	const struct page_host *ph;
	const struct now *now;
	time_t from, to;
	int y;	    /* the next free line */
	bool weeks; /* with authorities and caches */
};

/* In hundredths of a percent. */
static int64_t
share(const struct picture *p, time_t at)
{
	if (at < p->from)
		at = p->from;
	if (at > p->to)
		at = p->to;
	return (int64_t)(at - p->from) * 10000 / (int64_t)(p->to - p->from);
}

static void
add_share(struct text *t, const char *name, int64_t s)
{
	text_addf(t, " %s=\"%d.%02d%%\"", name, (int)(s / 100), (int)(s % 100));
}

static void
text_at(struct picture *p, int64_t x, int y, const char *class,
    const char *words)
{
	text_add(p->t, "<text");
	add_share(p->t, "x", x);
	text_addf(p->t, " y=\"%d\" class=\"%s\">", y, class);
	page_add(p->t, words);
	text_add(p->t, "</text>\n");
}

/* A bar from a to b with a title; false when it is out of the picture. */
static bool
bar(struct picture *p, int y, int height, time_t a, time_t b, const char *class,
    const char *title)
{
	int64_t x = share(p, a), width = share(p, b) - x;

	if (b <= p->from || a >= p->to || b <= a)
		return false;
	if (width < 20)
		width = 20; /* to be seen at all */
	text_add(p->t, "<rect");
	add_share(p->t, "x", x);
	add_share(p->t, "width", width);
	text_addf(p->t, " y=\"%d\" height=\"%d\" class=\"b %s\"><title>", y,
	    height, class);
	page_add(p->t, title);
	text_add(p->t, "</title></rect>\n");
	return true;
}

/* ---- the axis ---- */

static void
tick(struct picture *p, time_t at, bool wide)
{
	char label[32];
	struct tm tm;
	int64_t x = share(p, at);

	if (at <= p->from || at >= p->to || gmtime_r(&at, &tm) == NULL)
		return;
	if (p->weeks)
		strftime(label, sizeof(label), "%d %b", &tm);
	else
		strftime(label, sizeof(label), "%b", &tm);
	text_add(p->t, "<line class=\"grid\" y1=\"16\" y2=\"100%\"");
	add_share(p->t, "x1", x);
	add_share(p->t, "x2", x);
	text_add(p->t, "/>\n");
	if (x < 9300)
		text_at(p, x, 12, wide ? "soft wide" : "soft", label);
}

static void
axis(struct picture *p)
{
	time_t step = p->weeks ? 5 * WHEN_DAY : MONTH, at;
	bool wide = false;
	struct tm tm;

	at = p->from - p->from % (p->weeks ? step : WHEN_DAY);
	for (int i = 0; i < 24; i++, wide = !wide) {
		if (p->weeks)
			tick(p, at + i * step, wide);
		else if (gmtime_r(&at, &tm) != NULL) {
			tm.tm_mday = 1;
			tm.tm_mon += i;
			tick(p, timegm(&tm), wide);
		}
	}
	p->y = 20;
}

static void
now_line(struct picture *p)
{
	int64_t x = share(p, p->now->wall);

	text_add(p->t, "<line class=\"now\" y1=\"16\" y2=\"100%\"");
	add_share(p->t, "x1", x);
	add_share(p->t, "x2", x);
	text_add(p->t, "/>\n");
	text_addf(p->t,
	    "<text style=\"text-anchor:middle;font-weight:600\" y=\"%d\"",
	    p->y + 12);
	add_share(p->t, "x", x);
	text_add(p->t, ">now</text>\n");
	p->y += LABEL;
}

/* ---- the stages of a key ---- */

static void
stage_bar(struct picture *p, const char *key, enum stage stage, time_t a,
    time_t b, bool planned)
{
	char class[40], title[200], from[32], to[32];
	int64_t width;

	text_fmt(class, sizeof(class), "%s%s", stage_name(stage),
	    planned ? " plan" : "");
	text_fmt(title, sizeof(title), "%s: %s%s from %s to %s", key,
	    planned ? "planned: " : "", stage_name(stage), when_minute(a, from),
	    b >= p->to ? "the end of the picture" : when_minute(b, to));
	if (!bar(p, p->y, BAR, a, b, class, title))
		return;
	width = share(p, b) - share(p, a);
	if (width >= 900 && stage == STAGE_DEPLOYED && !planned)
		text_at(p, share(p, a) + 60, p->y + 12,
		    width < 2600 ? "in wide" : "in", stage_name(stage));
}

/* Where a stretch of one stage begins. */
struct stretch {
	time_t at;
	enum stage stage; /* STAGE_NONE: nothing more comes */
	bool planned;
};

#define STRETCHES 64

static void
add_stretch(struct stretch *v, size_t *n, time_t at, enum stage stage,
    bool planned)
{
	if (*n < STRETCHES)
		v[(*n)++] = (struct stretch){ at, stage, planned };
}

static void
past_of(const struct picture *p, const struct key *k, struct stretch *v,
    size_t *n)
{
	for (size_t i = 0; i < p->ph->n_past; i++) {
		const struct page_event *ev = &p->ph->past[i];

		if (!spki_eq(&ev->key, &k->id))
			continue;
		/* What was before is not in the journal: it was adopted. */
		if (*n == 0 && ev->from != STAGE_NONE)
			add_stretch(v, n,
			    k->deployed_wall != 0 && k->deployed_wall < ev->at
				? k->deployed_wall
				: p->from,
			    ev->from, false);
		add_stretch(v, n, ev->at, ev->to, false);
	}
	if (*n == 0)
		add_stretch(v, n, k->entered_wall, k->stage, false);
	if (k->destroyed_at != NEVER)
		add_stretch(v, n, report_wall(k->destroyed_at, p->now),
		    STAGE_NONE, false);
}

static void
future_of(const struct forecast_step *s, struct stretch *v, size_t *n)
{
	if (s->cert_ends)
		return;
	if (s->act == ACT_DESTROY)
		add_stretch(v, n, s->at, STAGE_NONE, true);
	else if (s->from != s->to)
		add_stretch(v, n, s->at, s->to, true);
}

static void
draw_stretches(struct picture *p, const char *label, const struct stretch *v,
    size_t n)
{
	for (size_t i = 0; i < n && v[i].stage != STAGE_NONE; i++) {
		time_t end = i + 1 < n ? v[i + 1].at : p->to + 1;
		time_t now = p->now->wall;

		if (v[i].planned || end <= now)
			stage_bar(p, label, v[i].stage, v[i].at, end,
			    v[i].planned);
		else {
			stage_bar(p, label, v[i].stage, v[i].at, now, false);
			stage_bar(p, label, v[i].stage, now, end, true);
		}
	}
}

/* ---- what authorities show, what caches may hold ---- */

static void
authority_line(struct picture *p, const struct owner *o,
    const struct authority *a, const struct key *k)
{
	const struct host *h = &p->ph->r->host;
	char ip[ADDR_TEXT], title[700], since[32];

	addr_ip(&a->addr, ip);
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *s = &o->seen[i];
		time_t from, to = p->now->wall;

		if (addr_cmp(&s->auth, &a->addr) != 0 ||
		    s->first_seen == NEVER ||
		    !record_shown(h, h->set[s->set], k))
			continue;
		from = report_wall(s->first_seen, p->now);
		if (s->gone != NEVER)
			to = report_wall(s->gone, p->now);
		text_fmt(title, sizeof(title), "%s %s shows it for %s, from %s",
		    a->name, ip, o->name, when_minute(from, since));
		bar(p, p->y, THIN - 1, from, to, "shown", title);
	}
	p->y += THIN;
}

static void
authorities(struct picture *p, const struct key *k)
{
	const struct host *h = &p->ph->r->host;

	if (k->stage >= STAGE_RETIRED)
		return;
	p->y += 2;
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; h->own[i].role == OWNER_ASKED &&
		     j < h->own[i].n_auth && j < 16;
		     j++)
			authority_line(p, &h->own[i], &h->own[i].auth[j], k);
}

/* Does any authority serve it with this TTL still, or did one for longer? */
static bool
is_last(const struct owner *o, size_t index)
{
	const struct sighting *s = &o->seen[index];

	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *x = &o->seen[i];

		if (x->set == s->set && x->ttl == s->ttl &&
		    (x->gone == NEVER || x->gone > s->gone ||
			(x->gone == s->gone && i < index)))
			return false;
	}
	return true;
}

static void
hold_line(struct picture *p, const struct owner *o, const struct sighting *s)
{
	const struct host *h = &p->ph->r->host;
	time_t until = report_wall(sighting_horizon(h, s), p->now);
	char title[500], when[32];

	text_fmt(title, sizeof(title),
	    "caches may hold a set of %u records of %s (TTL %u) until %s",
	    h->set[s->set]->n, o->name, s->ttl, when_minute(until, when));
	if (bar(p, p->y, THIN + 2, report_wall(s->gone, p->now), until, "hold",
		title))
		p->y += THIN + 4;
}

/* Sets that nobody serves any more, and caches may: a line each. */
static void
holds(struct picture *p)
{
	const struct host *h = &p->ph->r->host;
	bool any = false;

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_seen; j++) {
			const struct sighting *s = &h->own[i].seen[j];

			if (s->gone == NEVER || !is_last(&h->own[i], j) ||
			    !sighting_living(h, s, p->now->elapsed))
				continue;
			if (!any) {
				text_at(p, 0, p->y + 12, "soft",
				    "older sets that caches may hold");
				p->y += LABEL;
			}
			any = true;
			hold_line(p, &h->own[i], s);
		}
	if (any)
		p->y += GAP;
}

/* ---- a picture ---- */

static void
key_lane(struct picture *p, const struct key *k)
{
	struct stretch v[STRETCHES];
	char id[9], label[80];
	size_t n = 0;

	spki_id(&k->id, id);
	past_of(p, k, v, &n);
	for (size_t i = 0; i < p->ph->coming.n; i++)
		if (p->ph->coming.v[i].made == 0 &&
		    spki_eq(&p->ph->coming.v[i].key, &k->id))
			future_of(&p->ph->coming.v[i], v, &n);
	if (v[n - 1].stage == STAGE_NONE && v[n - 1].at <= p->from)
		return;
	if (k->stage >= STAGE_RETIRED && v[n - 1].stage != STAGE_NONE &&
	    v[n - 1].at <= p->from)
		return; /* adopted, retired long ago: its files are not ours */
	text_fmt(label, sizeof(label), "%s %s, %s", id, slot_name(k->slot),
	    stage_name(k->stage));
	text_at(p, 0, p->y + 12, "out", label);
	p->y += LABEL;
	draw_stretches(p, id, v, n);
	p->y += BAR;
	if (p->weeks)
		authorities(p, k);
	p->y += GAP;
}

/* A key that will be made. */
static void
coming_lane(struct picture *p, unsigned made)
{
	struct stretch v[STRETCHES];
	char name[16] = "", label[80];
	size_t n = 0;

	for (size_t i = 0; i < p->ph->coming.n; i++) {
		const struct forecast_step *s = &p->ph->coming.v[i];

		if (s->made != made)
			continue;
		if (n == 0)
			text_fmt(label, sizeof(label), "%s %s, to be made",
			    forecast_key(s, name), slot_name(s->slot));
		future_of(s, v, &n);
	}
	if (n == 0 || v[0].at >= p->to)
		return;
	text_at(p, 0, p->y + 12, "soft", label);
	p->y += LABEL;
	draw_stretches(p, name, v, n);
	p->y += BAR + GAP;
}

/* Its height is known at its end. */
static void
draw(const struct picture *whole, const char *words)
{
	const struct host *h = &whole->ph->r->host;
	const struct forecast *f = &whole->ph->coming;
	struct picture p = *whole;
	struct text body = TEXT_INIT;
	unsigned made = 0;

	p.t = &body;
	axis(&p);
	now_line(&p);
	for (size_t i = 0; i < h->n_key; i++)
		key_lane(&p, &h->key[i]);
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].made > made)
			made = f->v[i].made;
	for (unsigned i = 1; i <= made; i++)
		coming_lane(&p, i);
	if (p.weeks)
		holds(&p);
	text_addf(whole->t,
	    "<svg class=\"time\" height=\"%d\" role=\"img\" aria-label=\"",
	    p.y);
	page_addf(whole->t, "%s of %s; the same in words stands in the tables",
	    words, h->name);
	text_addf(whole->t, "\">\n%s</svg>\n", text_str(&body));
	text_release(&body);
}

void
page_weeks(struct text *t, const struct page_host *ph, const struct now *now)
{
	struct picture p = { .t = t,
		.ph = ph,
		.now = now,
		.from = now->wall - 10 * WHEN_DAY,
		.to = now->wall + 20 * WHEN_DAY,
		.weeks = true };

	draw(&p, "The weeks around now");
}

void
page_year(struct text *t, const struct page_host *ph, const struct now *now)
{
	struct picture p = { .t = t,
		.ph = ph,
		.now = now,
		.from = now->wall - 60 * WHEN_DAY,
		.to = now->wall + 366 * WHEN_DAY };

	draw(&p, "The year to come");
}
