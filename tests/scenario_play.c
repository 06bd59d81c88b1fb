/*
 * scenario_play.c - plays one scenario: a text file that makes a small world,
 * lets core drive it and says what must be true.  After every line no sender
 * may be stranded, unless the next line says so.  tests/scenario/README is
 * the language.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_words.h"

/* The whole file; NULL if it cannot be read.  Caller frees. */
static char *
slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t len = 0, n;

	if (f == NULL)
		return NULL;
	for (;;) {
		text = realloc(text, len + 4097);
		if (text == NULL)
			abort();
		n = fread(text + len, 1, 4096, f);
		len += n;
		if (n == 0)
			break;
	}
	text[len] = 0;
	fclose(f);
	return text;
}

/* The first comment is the promise. */
static const char *
promise_of(const char *text, char *buf, size_t size)
{
	size_t n;

	buf[0] = 0;
	if (text[0] == '#') {
		text += strspn(text, "# ");
		n = strcspn(text, "\n");
		snprintf(buf, size, "%.*s", (int)n, text);
	}
	return buf;
}

/* Cuts a line into words; the comment goes.  The words point into it. */
static size_t
split(char *line, char **word, size_t max)
{
	char *save = NULL;
	size_t n = 0;

	line[strcspn(line, "#")] = 0;
	for (char *w = strtok_r(line, " \t", &save); w != NULL && n < max;
	     w = strtok_r(NULL, " \t", &save))
		word[n++] = w;
	return n;
}

/* Does the next line that says anything expect somebody to be stranded? */
static bool
stranding_comes(const char *rest)
{
	while (rest != NULL && *rest != 0) {
		rest += strspn(rest, " \t\n");
		if (*rest != '#')
			return strncmp(rest, "expect stranded", 15) == 0;
		rest = strchr(rest, '\n');
	}
	return false;
}

static bool
play_line(struct run *r, char *line, const char *rest)
{
	char *word[RUN_WORDS + 1], why[256];
	size_t n = split(line, word, RUN_WORDS + 1);
	bool good;

	if (n == 0)
		return true;
	r->w = word + 1;
	r->n = n - 1;
	r->coming = stranding_comes(rest);
	good = do_verb(r, word[0]);
	if (good && !r->may_strand && !r->coming &&
	    world_stranded(&r->world, why, sizeof(why)))
		good = wrong(r, "stranded: %s", why);
	return good;
}

static bool
play(struct run *r, char *text, unsigned last)
{
	char *next;

	for (char *line = text; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = 0;
		r->line++;
		if (!play_line(r, line, next))
			return false;
		if (r->line == last)
			break;
	}
	return true;
}

bool
play_file(const char *path, unsigned last, struct run *r)
{
	char *text = slurp(path);
	bool good;

	world_init(&r->world);
	r->world.entered = r->entered;
	if (text == NULL)
		return wrong(r, "cannot be read");
	promise_of(text, r->promise, sizeof(r->promise));
	if (r->promise[0] == 0)
		good = wrong(r, "the first line is no comment");
	else
		good = play(r, text, last);
	free(text);
	return good;
}
