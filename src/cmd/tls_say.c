/*
 * tls_say.c - what the tls commands say: on standard error at once, in
 * Postfix's log at the end.  Never on standard output.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "cmd/tls.h"

#define LOG_BYTES 16384 /* of one level at a time */

/* For the log: a line each, nothing in it that is not printable. */
static void
keep(struct tls *t, enum postfix_log level, const char *text)
{
	struct tls_said *s = t->n_said > 0 ? &t->said[t->n_said - 1] : NULL;
	char line[2048];

	if (s == NULL || s->level != level || s->text.len > LOG_BYTES) {
		t->said = mem_room(t->said, t->n_said, &t->cap_said,
		    sizeof(*t->said));
		s = &t->said[t->n_said++];
		s->level = level;
	}
	while (*text != 0) {
		size_t n = strcspn(text, "\n");

		text_addf(&s->text, "%s\n",
		    text_show(text, n, line, sizeof(line)));
		text += n + (text[n] == '\n');
	}
}

static void say(struct tls *t, enum postfix_log level, const char *word,
    const char *fmt, va_list ap) __attribute__((format(printf, 4, 0)));

static void
say(struct tls *t, enum postfix_log level, const char *word, const char *fmt,
    va_list ap)
{
	struct text text = TEXT_INIT;

	text_vaddf(&text, fmt, ap);
	keep(t, level, text_str(&text));
	if (level == POSTFIX_INFO)
		log_note("%s", text_str(&text));
	else
		log_error("%s%s", word, text_str(&text));
	text_release(&text);
}

void
tls_say(struct tls *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, POSTFIX_INFO, "", fmt, ap);
	va_end(ap);
}

void
tls_warn(struct tls *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, POSTFIX_WARN, "warning: ", fmt, ap);
	va_end(ap);
}

void
tls_error(struct tls *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, POSTFIX_ERROR, "error: ", fmt, ap);
	va_end(ap);
}

int
tls_fatal(struct tls *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, POSTFIX_ERROR, "fatal: ", fmt, ap);
	va_end(ap);
	return 1;
}

int
tls_usage(struct tls *t, const struct tls_command *c)
{
	char self[1200];

	return tls_fatal(t, "usage: %s %s%s%s", tls_self(t, self, sizeof(self)),
	    c->name, *c->args != 0 ? " " : "", c->args);
}

static void
write_log(struct tls *t)
{
	char tag[300];
	struct err e;

	if (!t->have_state)
		return; /* there is no Postfix that has a log */
	if (t->tag[0] != 0)
		text_fmt(tag, sizeof(tag), "%s", t->tag);
	else
		text_fmt(tag, sizeof(tag), "%s/danesafe-tls",
		    t->pf.syslog_name);
	for (size_t i = 0; i < t->n_said; i++) {
		struct tls_said *s = &t->said[i];

		if (postfix_log(&t->pf, t->edited ? t->edit.copy_dir : NULL,
			tag, s->level, text_str(&s->text), &e) < 0) {
			log_error("warning: this is not in Postfix's log: %s",
			    e.text);
			break;
		}
	}
}

void
tls_log(struct tls *t)
{
	write_log(t);
	for (size_t i = 0; i < t->n_said; i++)
		text_release(&t->said[i].text);
	t->n_said = 0;
}

const char *
tls_reason(const struct err *e, const char *file)
{
	size_t n = strlen(file);

	if (strncmp(e->text, file, n) == 0 &&
	    strncmp(e->text + n, ": ", 2) == 0)
		return e->text + n + 2;
	return e->text;
}

/* ---- commands to type ---- */

const char *
tls_quote(const char *s, char *buf, size_t size)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_./+:=@%,-";
	struct text t = TEXT_INIT;

	if (*s != 0 && s[strspn(s, safe)] == 0)
		return text_fmt(buf, size, "%s", s);
	text_add(&t, "'");
	for (; *s != 0; s++) {
		if (*s == '\'')
			text_add(&t, "'\\''");
		else
			text_addn(&t, s, 1);
	}
	text_add(&t, "'");
	text_fmt(buf, size, "%s", text_str(&t));
	text_release(&t);
	return buf;
}

static bool
is_default(const struct tls *t)
{
	return strcmp(t->config_dir, POSTFIX_DEFAULT_DIR) == 0;
}

const char *
tls_self(const struct tls *t, char *buf, size_t size)
{
	char dir[1100];

	tls_quote(t->config_dir, dir, sizeof(dir));
	if (t->drop_in && is_default(t))
		return text_fmt(buf, size, "postfix tls");
	if (t->drop_in)
		return text_fmt(buf, size, "postfix -c %s tls", dir);
	if (is_default(t))
		return text_fmt(buf, size, "danesafe tls");
	return text_fmt(buf, size, "danesafe tls --config-dir %s", dir);
}

const char *
tls_reload(const struct tls *t, char *buf, size_t size)
{
	char dir[1100];

	if (is_default(t))
		return text_fmt(buf, size, "postfix reload");
	return text_fmt(buf, size, "postfix -c %s reload",
	    tls_quote(t->config_dir, dir, sizeof(dir)));
}
