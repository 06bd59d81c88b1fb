/*
 * alert_log.c - to systemd's journal, with fields, else to syslog, facility
 * mail: one line for each change, in words for programs.  Where nobody listens
 * it is lost, and that is no error.
 */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/text.h"
#include "base/when.h"
#include "cmd/alert.h"
#include "cmd/report.h"
#include "core/event.h"
#include "edge/journald.h"

/* Kinds of entries, for journalctl MESSAGE_ID=...; never to be changed. */
#define ID_ALERT "e984e9b139864fbd91e9498564c97b37"
#define ID_STAGE "2d23c5e5952045ad97838e018714b707"

static void
to_syslog(int priority, const struct text *line)
{
	char shown[1024];

	text_show(text_str(line), line->len, shown, sizeof(shown));
	openlog("danesafe", LOG_PID, LOG_MAIL);
	syslog(priority, "%s", shown);
	closelog();
}

/* The line comes first, so that what the journal hands on to syslog begins as
 * always; text may be NULL.  False when there is no journal. */
static bool
to_journal(int priority, const char *id, const struct text *line,
    const char *text, const struct text *fields)
{
	struct text entry = TEXT_INIT, message = TEXT_INIT;
	char *first = alert_harmless(text_str(line));
	char *rest = alert_harmless(text != NULL ? text : "");
	char number[12];
	bool taken;

	text_addf(&message, "%s%s%s", first, *rest != 0 ? "\n" : "", rest);
	journald_field(&entry, "MESSAGE", text_str(&message));
	journald_field(&entry, "MESSAGE_ID", id);
	text_fmt(number, sizeof(number), "%d", priority);
	journald_field(&entry, "PRIORITY", number);
	journald_field(&entry, "SYSLOG_IDENTIFIER", "danesafe");
	text_fmt(number, sizeof(number), "%d", LOG_FAC(LOG_MAIL));
	journald_field(&entry, "SYSLOG_FACILITY", number);
	text_addn(&entry, text_str(fields), fields->len);
	taken = journald_send(&entry);
	text_release(&entry);
	text_release(&message);
	free(first);
	free(rest);
	return taken;
}

/* Fields named as the variables of danesafe-hook(7). */
static void
host_fields(struct text *fields, const char *host, const struct spki *key)
{
	char id[9], shown[300];

	if (host[0] != 0)
		journald_field(fields, "DANESAFE_HOST",
		    text_show(host, strlen(host), shown, sizeof(shown)));
	if (key != NULL)
		journald_field(fields, "DANESAFE_KEY", spki_id(key, id));
}

/* True when it is not to be said on standard error. */
static bool
log_alert(int priority, const struct text *line, const char *text,
    struct text *fields, const char *code, const char *event, int level)
{
	bool journal;

	journald_field(fields, "DANESAFE_CODE", code);
	journald_field(fields, "DANESAFE_EVENT", event);
	journald_field(fields, "DANESAFE_SEVERITY", level_name(level));
	journal = to_journal(priority, ID_ALERT, line, text, fields);
	if (!journal)
		to_syslog(priority, line);
	return journal && journald_has_stderr();
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
	struct text line = TEXT_INIT, fields = TEXT_INIT;

	alert_stage_line(&line, h, k, from, to, now);
	host_fields(&fields, h->name, &k->id);
	journald_field(&fields, "DANESAFE_STAGE", stage_name(to));
	if (!to_journal(LOG_NOTICE, ID_STAGE, &line, NULL, &fields))
		to_syslog(LOG_NOTICE, &line);
	text_release(&line);
	text_release(&fields);
}

bool
alert_log_unkept(enum code code, const char *text)
{
	struct text line = TEXT_INIT, fields = TEXT_INIT;
	bool said;

	text_addf(&line, "danesafe: code=%s event=%s severity=%s",
	    code_name(code), news_name(NEWS_RAISED), level_name(LEVEL_WARNING));
	said = log_alert(LOG_WARNING, &line, text, &fields, code_name(code),
	    news_name(NEWS_RAISED), LEVEL_WARNING);
	text_release(&line);
	text_release(&fields);
	return said;
}

bool
alert_log_news(const struct concern *c, enum news news)
{
	int priority = news == NEWS_RESOLVED || c->level == LEVEL_QUIET
	    ? LOG_NOTICE
	    : c->level == LEVEL_CRITICAL ? LOG_CRIT
					 : LOG_WARNING;
	struct text line = TEXT_INIT, fields = TEXT_INIT;
	char id[9], since[32];
	bool said;

	text_addf(&line, "%s: ", c->host[0] != 0 ? c->host : "danesafe");
	if (c->has_key)
		text_addf(&line, "key=%s ", spki_id(&c->key, id));
	text_addf(&line, "code=%s event=%s severity=%s since=%s", c->code,
	    news_name(news), level_name(c->level),
	    when_rfc3339(c->since_wall, since));
	host_fields(&fields, c->host, c->has_key ? &c->key : NULL);
	journald_field(&fields, "DANESAFE_SINCE", since);
	said = log_alert(priority, &line, c->text, &fields, c->code,
	    news_name(news), c->level);
	text_release(&line);
	text_release(&fields);
	return said;
}
