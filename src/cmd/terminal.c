/*
 * terminal.c - text for people, fitted to a terminal.
 */
#include "cmd/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NARROWEST 40
#define USUAL 80
#define FURTHER_IN 2

#define RED "\033[31m"
#define YELLOW "\033[33m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

static const struct {
	const char *word, *colour;
} WORDS[] = {
	{ "ok", GREEN },
	{ "ATTENTION", YELLOW },
	{ "CRITICAL", RED },
};
#define WORDS_N (sizeof(WORDS) / sizeof(WORDS[0]))

static unsigned
width_of(int fd)
{
	const char *s = getenv("COLUMNS");
	struct winsize size;
	unsigned long n = 0;
	char *end;

	if (s != NULL && *s >= '1' && *s <= '9') {
		errno = 0;
		n = strtoul(s, &end, 10);
		if (*end != 0 || errno != 0 || n > 10000)
			n = 0;
	}
	if (n == 0 && ioctl(fd, TIOCGWINSZ, &size) == 0)
		n = size.ws_col;
	if (n == 0)
		n = USUAL;
	return n < NARROWEST ? NARROWEST : (unsigned)n;
}

struct terminal
terminal_of(FILE *f)
{
	struct terminal t = { 0, false };
	const char *term = getenv("TERM"), *plain = getenv("NO_COLOR");
	int fd = fileno(f);

	if (fd < 0 || !isatty(fd))
		return t;
	t.width = width_of(fd);
	t.colour = term != NULL && *term != 0 && strcmp(term, "dumb") != 0 &&
	    (plain == NULL || *plain == 0);
	return t;
}

/* Columns that n bytes of UTF-8 take; nothing that we print is wide. */
static unsigned
columns(const char *s, size_t n)
{
	unsigned c = 0;

	for (size_t i = 0; i < n; i++)
		c += ((unsigned char)s[i] & 0xc0) != 0x80;
	return c;
}

/* Where a line stops being prose: what follows is to be copied. */
static size_t
prose_end(const char *s, size_t n)
{
	static const char COMMAND[] = ": danesafe ";
	const char *p;

	if (memmem(s, n, " IN TLSA ", 9) != NULL)
		return 0;
	p = memmem(s, n, COMMAND, sizeof(COMMAND) - 1);
	return p == NULL ? n : (size_t)(p - s) + 2;
}

/* How much of a line fits: up to a blank, or else up to the first one. */
static size_t
fitting(const char *s, size_t n, unsigned width)
{
	size_t fit = 0;

	for (size_t i = 1; i < n; i++)
		if (s[i] == ' ' && s[i - 1] != ' ') {
			if (fit > 0 && columns(s, i) > width)
				break;
			fit = i;
		}
	return fit == 0 || columns(s, n) <= width ? n : fit;
}

/* Without the blanks at the end. */
static size_t
trimmed(const char *s, size_t n)
{
	while (n > 0 && s[n - 1] == ' ')
		n--;
	return n;
}

static size_t
indent(const char *s, size_t n)
{
	size_t in = 0;

	while (in < n && s[in] == ' ')
		in++;
	return in;
}

/* The colour of a line that is one warning, or NULL. */
static const char *
line_colour(const char *s, size_t n)
{
	size_t in = indent(s, n);

	return in + 1 < n && s[in] == '!' && s[in + 1] == ' ' ? YELLOW : NULL;
}

/* Part of a line; its last word may have a colour of its own. */
static void
put(const struct terminal *t, const char *s, size_t n, FILE *out)
{
	for (size_t i = 0; t->colour && i < WORDS_N; i++) {
		size_t len = strlen(WORDS[i].word);

		if (n > len && s[n - len - 1] == ' ' &&
		    memcmp(s + n - len, WORDS[i].word, len) == 0) {
			fwrite(s, 1, n - len, out);
			fprintf(out, "%s%s" PLAIN, WORDS[i].colour,
			    WORDS[i].word);
			return;
		}
	}
	fwrite(s, 1, n, out);
}

static void
put_line(const struct terminal *t, const char *s, size_t n, FILE *out)
{
	size_t prose = t->width == 0 ? n : prose_end(s, n);
	size_t in = indent(s, n) + FURTHER_IN, column = 0;
	const char *colour = t->colour ? line_colour(s, n) : NULL;

	if (colour != NULL)
		fputs(colour, out);
	while (t->width > 0 && prose > 0 && column + columns(s, n) > t->width) {
		size_t room = t->width - column, fit = fitting(s, prose, room);

		put(t, s, trimmed(s, fit), out);
		while (fit < n && s[fit] == ' ')
			fit++;
		s += fit;
		n -= fit;
		prose = prose > fit ? prose - fit : 0;
		if (n == 0)
			break;
		fprintf(out, "\n%*s", (int)in, "");
		column = in;
	}
	put(t, s, n, out);
	if (colour != NULL)
		fputs(PLAIN, out);
}

void
terminal_write(const struct terminal *t, const char *text, FILE *out)
{
	while (*text != 0) {
		size_t n = strcspn(text, "\n");

		put_line(t, text, n, out);
		text += n;
		if (*text == '\n') {
			fputc('\n', out);
			text++;
		}
	}
}
