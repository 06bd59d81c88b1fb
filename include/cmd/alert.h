/*
 * alert.h - what needs attention after a pass is merged with what was, said
 * through every channel, and kept.
 */
#ifndef CMD_ALERT_H
#define CMD_ALERT_H

#include "cmd/concern.h"

/* What needs attention in one host, or, with host NULL, of the agent. */
struct attention {
	const struct host *host;
	struct concerns is;
	bool had; /* the state knew of some before */
};

/*
 * After a pass: finds, merges, tells, keeps.  `before` is when the pass before
 * this one ended, or began if it was killed (wall; 0: there was none).  *ret_worst is the level of the
 * worst.  No channel that fails makes this fail.
 */
int alert_pass(struct pass *p, time_t before, int *ret_worst, struct err *e);

/* Between passes: tells, as a pass would, and keeps that the agent has this
 * trouble as well.  SESSION_ALERT. */
int alert_raise(struct session *s, enum code code, const char *text,
    struct err *e);

/* `danesafe alert failed [HOW [STATUS]]` (alert_failed.c). */
int alert_failed(const struct cmd *c, int argc, char **argv);

/* "mx1.example.org: pub-lag WARNING for 26 h: ...", and a line for each thing
 * to do; nothing for no news. */
void alert_say(struct text *out, const struct concern *c, enum news news,
    const struct now *now);

/* One thing to be told by mail or command; test: concern of nobody. */
struct message {
	struct concern *c;
	enum news news;
};

/* Which channels there are. */
bool alert_has(const struct conf *c, enum channel ch);

/*
 * The whole mail (alert_mail.c): headers and text, ASCII only.  Messages of
 * one trouble are one thread.  Several: a digest.
 */
void alert_mail_text(struct text *out, const struct conf *conf,
    const struct message *m, size_t n, const struct now *now);
/* Hands it to sendmail; -1 when it did not take it. */
int alert_mail(const struct conf *conf, const struct message *m, size_t n,
    const struct now *now, struct err *e);

/* Harmless, and with its line ends.  free(). */
char *alert_harmless(const char *s);

/* Runs the command for one; -1 with what it said last when it did not end
 * with 0 (ERR_REFUSED), or when it could not be run or did not end
 * (alert_command.c). */
int alert_command(const struct conf *conf, const struct message *m,
    const struct now *now, struct err *e);

/* The words of a message, for people: what, since when, for mail now, what to
 * do, and what happens if nothing is done. */
void alert_words(struct text *out, const struct message *m,
    const struct now *now);

/* To systemd's journal, with fields, or, where there is none, to syslog,
 * facility mail (alert_log.c): one line for each change.  True when the whole
 * text stands in the journal, where standard error ends too: it is not to be
 * said there again. */
bool alert_log_news(const struct concern *c, enum news news);
/* Of the agent, when nothing can be kept: not since when, not what was told. */
bool alert_log_unkept(enum code code, const char *text);
/* `from` is a stage's name, or "none". */
void alert_log_stage(const struct host *h, const struct key *k,
    const char *from, enum stage to, const struct now *now);
void alert_stage_line(struct text *out, const struct host *h,
    const struct key *k, const char *from, enum stage to,
    const struct now *now);

/* Of the agent: its clock, its runs (alert_agent.c). */
int alert_agent(struct session *s, time_t before, struct concerns *c,
    struct err *e);

#endif
