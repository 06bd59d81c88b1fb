/*
 * history.c - `danesafe history`: the journal, read as it was written.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "cmd/session.h"

#define SINCE_DEFAULT (30 * WHEN_DAY)

/* One line an entry; further lines of its text are indented. */
static void
print_entry(const struct entry *en, void *arg)
{
	char when[32], id[9] = "-";
	const char *line = en->text, *end;

	(void)arg;
	if (en->has_key)
		spki_id(&en->key, id);
	printf("%s  %-24s %-8s %-7s  ", when_rfc3339(en->wall, when),
	    en->host[0] != 0 ? en->host : "-", id, entry_name(en->kind));
	if (strcmp(en->actor, "danesafe") != 0)
		printf("[%s] ", en->actor);
	for (; *line != 0; line = *end == 0 ? end : end + 1) {
		end = strchrnul(line, '\n');
		printf("%s%.*s\n", line == en->text ? "" : "      ",
		    (int)(end - line), line);
	}
	if (en->text[0] == 0)
		putchar('\n');
}

/* Hosts that left the config still have a history: names are not checked
 * against it. */
static int
print_history(struct session *s, int n, char **names, time_t since,
    struct err *e)
{
	if (n == 0)
		return store_history(s->store, "", since, print_entry, NULL, e);
	for (int i = 0; i < n; i++)
		if (store_history(s->store, text_lower(names[i]), since,
			print_entry, NULL, e) < 0)
			return -1;
	return 0;
}

int
cmd_history(const struct cmd *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "since", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int64_t span = SINCE_DEFAULT;
	struct session s;
	struct err e;
	int ch, rc;

	optind = 0; /* begin anew: main has used getopt too */
	while ((ch = getopt_long(argc, argv, "+", longs, NULL)) != -1) {
		if (ch != 's')
			return cmd_usage("history", NULL);
		if (when_parse(optarg, &span) < 0)
			return cmd_usage("history",
			    "--since %s: not a span "
			    "such as 30d or 12h",
			    optarg);
	}
	if (session_open(&s, c, SESSION_READ, &e) < 0)
		return cmd_fail(&e);
	rc = print_history(&s, argc - optind, argv + optind,
	    s.now.wall - (time_t)span, &e);
	return session_end(&s, rc, &e);
}
