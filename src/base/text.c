/*
 * text.c - strings that grow, and text from outside made harmless.
 */
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
text_addn(struct text *t, const char *s, size_t n)
{
	if (t->len + n + 1 > t->cap) {
		t->cap = (t->len + n + 1) * 2;
		t->s = mem_resize(t->s, t->cap, 1);
	}
	if (n > 0)
		memcpy(t->s + t->len, s, n);
	t->len += n;
	t->s[t->len] = 0;
}

void
text_add(struct text *t, const char *s)
{
	text_addn(t, s, strlen(s));
}

void
text_vaddf(struct text *t, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return;
	text_addn(t, "", 0);
	if (t->len + (size_t)n + 1 > t->cap) {
		t->cap = (t->len + (size_t)n + 1) * 2;
		t->s = mem_resize(t->s, t->cap, 1);
	}
	vsnprintf(t->s + t->len, (size_t)n + 1, fmt, ap);
	t->len += (size_t)n;
}

void
text_addf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(t, fmt, ap);
	va_end(ap);
}

const char *
text_str(const struct text *t)
{
	return t->s != NULL ? t->s : "";
}

void
text_release(struct text *t)
{
	if (t == NULL)
		return;
	free(t->s);
	*t = (struct text)TEXT_INIT;
}

char *
text_copy(char *buf, size_t size, const char *s)
{
	size_t len = strnlen(s, size - 1);

	memcpy(buf, s, len);
	buf[len] = 0;
	return buf;
}

char *
text_fmt(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return buf;
}

static const char DIGITS[] = "0123456789abcdef";

const char *
text_show(const char *s, size_t n, char *buf, size_t size)
{
	size_t at = 0, safe = 0;

	if (size == 0)
		return buf;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		bool plain = c >= 0x20 && c < 0x7f && c != '\\';
		size_t need = plain ? 1 : 4;

		if (at + need + 1 > size) {
			at = safe;
			if (at + 4 <= size) {
				memcpy(buf + at, "...", 3);
				at += 3;
			}
			break;
		}
		if (plain)
			buf[at] = (char)c;
		else {
			buf[at] = '\\';
			buf[at + 1] = 'x';
			buf[at + 2] = DIGITS[c >> 4];
			buf[at + 3] = DIGITS[c & 15];
		}
		at += need;
		if (at + 4 <= size)
			safe = at; /* "..." still fits behind it */
	}
	buf[at] = 0;
	return buf;
}

/* ASCII, whatever the locale. */
static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

char *
text_lower(char *s)
{
	for (char *p = s; *p != 0; p++)
		*p = lower(*p);
	return s;
}

char *
text_hex(const uint8_t *p, size_t n, char *buf)
{
	for (size_t i = 0; i < n; i++) {
		buf[2 * i] = DIGITS[p[i] >> 4];
		buf[2 * i + 1] = DIGITS[p[i] & 15];
	}
	buf[2 * n] = 0;
	return buf;
}

static int
base64_digit(char c)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
				  "stuvwxyz0123456789+/";
	const char *at = c != 0 ? strchr(set, c) : NULL;

	return at == NULL ? -1 : (int)(at - set);
}

int
text_unbase64(const char *s, uint8_t *p, size_t size)
{
	size_t len = strlen(s), n = 0, pad = 0;

	if (len == 0 || len % 4 != 0)
		return -1;
	while (pad < 2 && s[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len; i += 4) {
		size_t have = i + 4 == len ? 4 - pad : 4;
		uint32_t bits = 0;

		for (size_t j = 0; j < 4; j++) {
			int d = j < have ? base64_digit(s[i + j]) : 0;

			if (d < 0)
				return -1;
			bits = bits << 6 | (uint32_t)d;
		}
		for (size_t j = 0; j + 1 < have; j++) {
			if (n == size)
				return -1;
			p[n++] = (uint8_t)(bits >> (16 - 8 * j));
		}
		if (have < 4 && (bits & (have == 3 ? 0xffu : 0xffffu)) != 0)
			return -1; /* bits that no encoder would set */
	}
	return (int)n;
}

#define WORD_MAX 64

/* Edit distance (insert, delete, change, swap of neighbours); the case of a
 * letter is no difference. */
static size_t
distance(const char *a, size_t la, const char *b, size_t lb)
{
	size_t d[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= la; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= lb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= la; i++)
		for (size_t j = 1; j <= lb; j++) {
			char x = lower(a[i - 1]), y = lower(b[j - 1]);
			size_t best = d[i - 1][j - 1] + (x != y);

			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && x == lower(b[j - 2]) &&
			    y == lower(a[i - 2]) && d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	return d[la][lb];
}

const char *
text_nearest(const char *word, const char *const *words, size_t n)
{
	size_t len = strlen(word), best = WORD_MAX;
	const char *found = NULL;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t l = strlen(words[i]), far;

		if (l == 0 || l > WORD_MAX)
			continue;
		far = distance(word, len, words[i], l);
		if (far < best && far * 3 <= (l > len ? l : len)) {
			best = far;
			found = words[i];
		}
	}
	return found;
}
