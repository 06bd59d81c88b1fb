/*
 * alert_log.c - to syslog, facility mail: one line for each change, in words
 * for programs.  Where nobody listens it is lost, and that is no error.
 */
#include <syslog.h>

#include "base/text.h"
#include "base/when.h"
#include "cmd/alert.h"
#include "cmd/report.h"
#include "core/event.h"

static void
to_syslog(int priority, const struct text *line)
{
	char shown[1024];

	text_show(text_str(line), line->len, shown, sizeof(shown));
	openlog("danesafe", LOG_PID, LOG_MAIL);
	syslog(priority, "%s", shown);
	closelog();
}

/* The longest that an authority shows. */
static uint32_t
ttl_shown(const struct host *h)
{
	uint32_t ttl = 0;

	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++)
			if (h->own[i].auth[j].look == LOOK_SHOWN &&
			    h->own[i].auth[j].ttl > ttl)
				ttl = h->own[i].auth[j].ttl;
	return ttl;
}

void
alert_stage_line(struct text *out, const struct host *h, const struct key *k,
    const char *from, enum stage to, const struct now *now)
{
	struct share shown = report_shown(h, k);
	char id[9], when[32];
	int64_t until;

	text_addf(out, "%s: key=%s stage=%s->%s servers=%u/%u ttl=%u", h->name,
	    spki_id(&k->id, id), from, stage_name(to), shown.yes, shown.all,
	    ttl_shown(h));
	until = to == STAGE_PUBLISHED ? event_held_until(h, k, false, now, NULL)
				      : NEVER;
	if (until != NEVER && until != 0)
		text_addf(out, " until=%s",
		    when_rfc3339(report_wall(until, now), when));
}

void
alert_log_stage(const struct host *h, const struct key *k, const char *from,
    enum stage to, const struct now *now)
{
	struct text line = TEXT_INIT;

	alert_stage_line(&line, h, k, from, to, now);
	to_syslog(LOG_NOTICE, &line);
	text_release(&line);
}

void
alert_log_unkept(enum code code)
{
	struct text line = TEXT_INIT;

	text_addf(&line, "danesafe: code=%s event=%s severity=%s",
	    code_name(code), news_name(NEWS_RAISED), level_name(LEVEL_WARNING));
	to_syslog(LOG_WARNING, &line);
	text_release(&line);
}

void
alert_log_news(const struct concern *c, enum news news)
{
	int priority = news == NEWS_RESOLVED || c->level == LEVEL_QUIET
	    ? LOG_NOTICE
	    : c->level == LEVEL_CRITICAL ? LOG_CRIT
					 : LOG_WARNING;
	struct text line = TEXT_INIT;
	char id[9], since[32];

	text_addf(&line, "%s: ", c->host[0] != 0 ? c->host : "danesafe");
	if (c->has_key)
		text_addf(&line, "key=%s ", spki_id(&c->key, id));
	text_addf(&line, "code=%s event=%s severity=%s since=%s", c->code,
	    news_name(news), level_name(c->level),
	    when_rfc3339(c->since_wall, since));
	to_syslog(priority, &line);
	text_release(&line);
}
