/*
 * alert_command.c - alerts by a program of the operator's, with the alert in
 * its environment.  What it says is a claim; what it exits with decides.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/alert.h"
#include "edge/exec.h"

#define TAIL 700 /* of what it said; the journal has room for that */

#define VARIABLE_LIST(X) \
	X(HOST)          \
	X(KEY)           \
	X(CODE)          \
	X(SEVERITY)      \
	X(EVENT)         \
	X(SINCE)         \
	X(TEXT)          \
	X(ACTION)

enum variable {
#define X(name) VAR_##name,
	VARIABLE_LIST(X)
#undef X
	    VAR_COUNT,
};

static const char *const VARIABLES[VAR_COUNT] = {
#define X(name) [VAR_##name] = "DANESAFE_" #name,
	VARIABLE_LIST(X)
#undef X
};

static void
set(char **env, enum variable v, const char *value)
{
	env[v] = mem_fmt("%s=%s", VARIABLES[v], value);
}

char *
alert_harmless(const char *s)
{
	struct text t = TEXT_INIT;
	char line[2048], *copy;

	for (; *s != 0; s += *s == '\n') {
		size_t n = strcspn(s, "\n");

		text_addf(&t, "%s%s", t.len > 0 ? "\n" : "",
		    text_show(s, n, line, sizeof(line)));
		s += n;
	}
	copy = mem_dup(text_str(&t));
	text_release(&t);
	return copy;
}

static void
make_env(char **env, const struct message *m)
{
	const struct concern *c = m->c;
	const char *action = strstr(c->text, "\n  You: ");
	char key[9] = "", since[32];
	char *whole = alert_harmless(c->text);
	char *todo = alert_harmless(action != NULL ? action + 8 : "");

	set(env, VAR_HOST, c->host);
	set(env, VAR_KEY, c->has_key ? spki_id(&c->key, key) : "");
	set(env, VAR_CODE, c->code);
	set(env, VAR_SEVERITY, level_name(c->level));
	set(env, VAR_EVENT, news_name(m->news));
	set(env, VAR_SINCE, when_rfc3339(c->since_wall, since));
	set(env, VAR_TEXT, whole);
	set(env, VAR_ACTION, todo);
	free(whole);
	free(todo);
}

/* The end of what it said, on either stream. */
static const char *
tail(const struct exec_result *r, char *buf, size_t size)
{
	const char *s = r->err_len > 0 ? r->errout : r->out;
	size_t n = r->err_len > 0 ? r->err_len : r->out_len;

	while (n > 0 && s[n - 1] == '\n')
		n--;
	return text_show(s + (n > TAIL ? n - TAIL : 0), n > TAIL ? TAIL : n,
	    buf, size);
}

int
alert_command(const struct conf *conf, const struct message *m,
    const struct now *now, struct err *e)
{
	char *env[VAR_COUNT + 1] = { NULL }, how[40], said[800];
	struct exec_result r;
	int rc;

	(void)now;
	make_env(env, m);
	rc = exec_run((const char *const *)conf->command,
	    (const char *const *)env, NULL, (int)conf->timeout * 1000, &r, e);
	if (rc == 0 && r.status != 0)
		rc = err_set(e, ERR_REFUSED, "%s: %s%s%s", conf->command[0],
		    exec_end(&r, how, sizeof(how)),
		    r.err_len + r.out_len > 0 ? ": " : "",
		    tail(&r, said, sizeof(said)));
	exec_release(&r);
	for (int i = 0; i < VAR_COUNT; i++)
		free(env[i]);
	return rc;
}
