/*
 * alert_mail.c - alerts by mail, handed to sendmail(1) as arguments and a
 * text.  No shell, no recipient from a header, nothing that is not ASCII.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/alert.h"
#include "edge/exec.h"

#define WIDTH 76
#define DIGEST 100 /* troubles named in one mail */

static const char *
level_word(const struct message *m)
{
	if (m->news == NEWS_RESOLVED)
		return "over";
	if (m->news == NEWS_TEST)
		return "test";
	return m->c->level == LEVEL_CRITICAL ? "CRITICAL" : "WARNING";
}

#define WHOSE 300

static const char *
whose(const struct concern *c, char buf[WHOSE])
{
	if (c->host[0] == 0)
		return "danesafe";
	return text_show(c->host, strlen(c->host), buf, WHOSE);
}

/* ---- what is said ---- */

/* Blanks where a line is too long, but not in what is to be pasted. */
static void
add_wrapped(struct text *out, const char *s, size_t n)
{
	char line[2048];
	size_t at = 0, len;

	text_show(s, n, line, sizeof(line));
	len = strlen(line);
	while (strncmp(line, "    ", 4) != 0 && len - at > WIDTH) {
		size_t cut = WIDTH;

		while (cut > 0 && line[at + cut] != ' ')
			cut--;
		if (cut == 0)
			cut = strcspn(line + at, " ");
		text_addf(out, "%.*s\n", (int)cut, line + at);
		at += cut + (line[at + cut] == ' ');
	}
	text_addf(out, "%s\n", line + at);
}

static void
add_lines(struct text *out, const char *s)
{
	while (*s != 0) {
		size_t n = strcspn(s, "\n");

		add_wrapped(out, s, n);
		s += n + (s[n] == '\n');
	}
}

void
alert_words(struct text *out, const struct message *m, const struct now *now)
{
	const struct concern *c = m->c;
	enum code code = concern_code(c);
	char since[32], span[24], host[WHOSE];

	when_minute(c->since_wall, since);
	when_rough((m->news == NEWS_RESOLVED ? c->over_at : now->elapsed) -
		c->since,
	    span);
	text_addf(out, "%s: %s (%s) since %s, for %s:\n\n", whose(c, host),
	    level_word(m), c->code, since, span);
	add_lines(out, c->text);
	if (code == CODE_NONE || m->news == NEWS_RESOLVED ||
	    m->news == NEWS_TEST)
		return;
	text_addf(out, "\nFor mail now: %s\nIf nothing is done: %s\n",
	    code_mail(code), code_rest(code));
	if (c->host[0] != 0)
		text_addf(out,
		    "\nAll about it:  danesafe status -v %s\n"
		    "Known, be quiet:  danesafe ack %s %s --for 7d\n",
		    whose(c, host), host, c->code);
}

/* ---- headers ---- */

static const char *
machine(char *buf, size_t size)
{
	char name[65] = "";

	gethostname(name, sizeof(name) - 1);
	for (char *s = name; *s != 0; s++)
		if (strchr(
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"0123456789.-",
			*s) == NULL)
			*s = '-';
	return text_fmt(buf, size, "%s", name[0] != 0 ? name : "localhost");
}

/* The mail that tells first of what began then. */
static const char *
own_id(const struct concern *c, time_t began, char *buf, size_t size)
{
	char key[9] = "host", name[65], host[WHOSE];

	if (c->has_key)
		spki_id(&c->key, key);
	return text_fmt(buf, size, "danesafe.%lld.%s.%s.%s@%s",
	    (long long)began, c->code, key, whose(c, host),
	    machine(name, sizeof(name)));
}

/* The one about many that was sent then: there is one in a pass at most. */
static const char *
digest_id(time_t sent, char *buf, size_t size)
{
	char name[65];

	return text_fmt(buf, size, "danesafe.digest.%lld@%s", (long long)sent,
	    machine(name, sizeof(name)));
}

/* Of the mail that told of it first: all others refer to that. */
static const char *
root_id(const struct concern *c, char *buf, size_t size)
{
	if (c->mail_many)
		return digest_id(c->mail_root, buf, size);
	return own_id(c, c->mail_root != 0 ? c->mail_root : c->since_wall, buf,
	    size);
}

static void
add_date(struct text *out, time_t t)
{
	char buf[64];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, sizeof(buf), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	text_addf(out, "Date: %s\n", buf);
}

static void
add_thread(struct text *out, const struct message *m, size_t n,
    const struct now *now)
{
	char id[700], root[700];

	own_id(m->c, m->c->since_wall, id, sizeof(id));
	if (n > 1)
		text_addf(out, "Message-ID: <%s>\n",
		    digest_id(now->wall, id, sizeof(id)));
	else if (m->news == NEWS_RAISED)
		text_addf(out, "Message-ID: <%s>\n", id);
	else
		text_addf(out, "Message-ID: <danesafe.%lld.%s>\n",
		    (long long)now->wall, id);
	root_id(m->c, root, sizeof(root));
	if (n == 1 && m->news != NEWS_RAISED && m->news != NEWS_TEST)
		text_addf(out, "In-Reply-To: <%s>\nReferences: <%s>\n", root,
		    root);
}

static void
add_subject(struct text *out, const struct message *m, size_t n)
{
	enum code code = concern_code(m->c);
	char host[WHOSE];

	if (n > 1)
		text_addf(out, "Subject: [danesafe] %zu more\n", n);
	else
		text_addf(out, "Subject: [danesafe] %s %s: %s\n", level_word(m),
		    whose(m->c, host),
		    code == CODE_NONE ? m->c->code : code_what(code));
}

void
alert_mail_text(struct text *out, const struct conf *conf,
    const struct message *m, size_t n, const struct now *now)
{
	char name[65], host[WHOSE];

	text_addf(out,
	    "From: danesafe on %s <root>\nTo: ", machine(name, sizeof(name)));
	for (size_t i = 0; i < conf->n_mail_to; i++)
		text_addf(out, "%s%s", i > 0 ? ",\n\t" : "", conf->mail_to[i]);
	text_add(out, "\n");
	add_date(out, now->wall);
	add_subject(out, m, n);
	add_thread(out, m, n, now);
	text_add(out,
	    "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: 7bit\n\n");
	if (n == 1)
		alert_words(out, m, now);
	for (size_t i = 0; n > 1 && i < n && i < DIGEST; i++) {
		text_addf(out, "%s %s: ", level_word(&m[i]), m[i].c->code);
		text_addf(out, "%s: %s\n", whose(m[i].c, host),
		    concern_code(m[i].c) == CODE_NONE
			? ""
			: code_what(concern_code(m[i].c)));
	}
	if (n > DIGEST)
		text_addf(out, "and %zu more\n", n - DIGEST);
	if (n > 1)
		text_add(out, "\nAll about them:  danesafe status\n");
}

/* ---- handed over ---- */

int
alert_mail(const struct conf *conf, const struct message *m, size_t n,
    const struct now *now, struct err *e)
{
	const char **argv = mem_array(conf->n_mail_to + 6, sizeof(*argv));
	struct text mail = TEXT_INIT;
	struct exec_result r;
	char how[40], why[200];
	int rc;

	argv[0] = conf->sendmail;
	argv[1] = "-i";
	argv[2] = "-f";
	argv[3] = "";
	argv[4] = "--";
	for (size_t i = 0; i < conf->n_mail_to; i++)
		argv[5 + i] = conf->mail_to[i];
	alert_mail_text(&mail, conf, m, n, now);
	rc = exec_run(argv, NULL, text_str(&mail), (int)conf->timeout * 1000,
	    &r, e);
	if (rc == 0 && r.status != 0)
		rc = err_set(e, ERR_TEMP, "%s: %s%s%s", conf->sendmail,
		    exec_end(&r, how, sizeof(how)), r.err_len > 0 ? ": " : "",
		    r.err_len > 0 ? exec_complaint(&r, why, sizeof(why)) : "");
	if (rc == 0 || r.out != NULL)
		exec_release(&r);
	text_release(&mail);
	free(argv);
	return rc;
}
