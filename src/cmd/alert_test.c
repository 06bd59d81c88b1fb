/*
 * alert_test.c - `danesafe alert test`: a test through every channel, and what
 * became of it.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "cmd/alert.h"
#include "edge/journald.h"

static void
make_test(struct concern *c, const struct now *now)
{
	memset(c, 0, sizeof(*c));
	text_fmt(c->code, sizeof(c->code), "test");
	c->since = now->elapsed;
	c->since_wall = now->wall;
	c->over_at = c->quiet_until = c->eta = NEVER;
	text_fmt(c->text, sizeof(c->text),
	    "this is a test: whoever reads it is told when a mail server needs "
	    "attention.\n  You: nothing");
}

/* Standard error cannot fail, and the others say nothing: it is said who is
 * there. */
static void
try_log(const struct message *m)
{
	bool in_journal = alert_log_news(m->c, m->news);

	if (!in_journal)
		log_error("test: %s", m->c->text);
	printf("log: handed over to %s%s\n", in_journal ? "" : "standard error",
	    in_journal		      ? "the journal"
		: journald_is_there() ? " and the journal"
		: syslog_is_there()   ? " and syslog"
				      : "; nobody listens for syslog");
}

/* True when it was handed over. */
static bool
try_channel(const struct conf *conf, enum channel ch, const struct message *m,
    const struct now *now)
{
	struct err e;
	int rc;

	rc = ch == CHANNEL_MAIL ? alert_mail(conf, m, 1, now, &e)
				: alert_command(conf, m, now, &e);
	if (rc == 0)
		printf("%s: handed over\n", channel_name(ch));
	else
		printf("%s: failed: %s\n", channel_name(ch), e.text);
	return rc == 0;
}

int
cmd_alert(const struct cmd *c, int argc, char **argv)
{
	struct message m = { .news = NEWS_TEST };
	struct concern test;
	struct session s;
	struct err e;
	char **words;
	int n = cmd_words(argc, argv, &words), failed = 0;

	if (n >= 1 && strcmp(words[0], "failed") == 0)
		return alert_failed(c, n - 1, words + 1);
	if (n != 1 || strcmp(words[0], "test") != 0)
		return cmd_usage("alert", NULL);
	if (session_open(&s, c, SESSION_DRY, &e) < 0)
		return cmd_fail(&e);
	make_test(&test, &s.now);
	m.c = &test;
	try_log(&m);
	for (int ch = CHANNEL_LOG + 1; ch < CHANNEL_COUNT; ch++) {
		if (!alert_has(&s.conf, (enum channel)ch))
			printf("%s: not set\n", channel_name((enum channel)ch));
		else if (!try_channel(&s.conf, (enum channel)ch, &m, &s.now))
			failed = 1;
	}
	session_close(&s);
	return failed;
}
