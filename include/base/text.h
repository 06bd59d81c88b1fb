/*
 * text.h - strings that grow, and text from outside made harmless.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing string; `s` is always terminated and never NULL after init. */
struct text {
	char *s;
	size_t len;
	size_t cap;
};

#define TEXT_INIT          \
	{                  \
		NULL, 0, 0 \
	}

void text_add(struct text *t, const char *s);
void text_addn(struct text *t, const char *s, size_t n);
void text_addf(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void text_vaddf(struct text *t, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
const char *text_str(const struct text *t); /* "" while nothing was added */
void text_release(struct text *t);

/*
 * Copies text from outside into buf with every byte that is not printable
 * ASCII (and the backslash) written as \xNN; cut with "..." when too long.
 * Returns buf.  For terminals, logs, JSON and mail alike.
 */
const char *text_show(const char *s, size_t n, char *buf, size_t size);

/* Cuts silently; returns buf. */
char *text_copy(char *buf, size_t size, const char *s);

/* snprintf that cuts silently; returns buf. */
char *text_fmt(char *buf, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Lower-case hex; buf holds 2 n + 1. */
char *text_hex(const uint8_t *p, size_t n, char *buf);

/* Standard base64 (padding needed, no blanks); bytes written or -1. */
int text_unbase64(const char *s, uint8_t *p, size_t size);

/*
 * The nearest of n words to `word` by edit distance, or NULL when none is
 * near enough to be what was meant (more than a third of the letters off).
 */
const char *text_nearest(const char *word, const char *const *words, size_t n);

/*
 * A host name by RFC 952/1123 and RFC 5890 A-labels: letters, digits, inner
 * hyphens, labels of 1..63, 253 at most, at least two labels, no final dot,
 * not an IP address.
 */
bool text_is_host(const char *s);

/*
 * NULL when it is a host name, else what is wrong with it, fit to follow the
 * name in a sentence.  allow: a single label, a leading "*." label.
 */
#define TEXT_HOST_SHORT 1u
#define TEXT_HOST_WILDCARD 2u
const char *text_host_wrong(const char *s, unsigned allow);

/* ASCII only, in place; returns s. */
char *text_lower(char *s);

#endif
