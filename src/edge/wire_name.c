/*
 * wire_name.c - DNS names as bytes: made from text, compared, taken apart.
 * Never meets a message.
 */
#include "edge/wire.h"

#include <string.h>

static bool
plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_' || c == '/' || c == '*';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
wire_name_parse(const char *text, struct wire_name *ret)
{
	struct wire_name n = { .len = 0 };
	size_t used = 0;

	if (strcmp(text, ".") == 0)
		text = "";
	while (*text != 0) {
		size_t len = strcspn(text, ".");

		if (len == 0 || len > 63 || used + len + 2 > sizeof(n.b))
			return false;
		n.b[used++] = (uint8_t)len;
		for (size_t i = 0; i < len; i++) {
			char c = lower(text[i]);

			if (!plain(c))
				return false;
			n.b[used++] = (uint8_t)c;
		}
		text += len;
		if (*text == '.')
			text++;
	}
	n.b[used++] = 0;
	n.len = (uint8_t)used;
	*ret = n;
	return true;
}

bool
wire_name_text(const struct wire_name *n, char buf[HOST_NAME])
{
	size_t out = 0;

	for (size_t i = 0; i < n->len && n->b[i] != 0;) {
		size_t len = n->b[i++];

		for (size_t end = i + len; i < end; i++) {
			if (!plain((char)n->b[i]))
				return false;
			buf[out++] = (char)n->b[i];
		}
		buf[out++] = '.';
	}
	if (out == 0)
		buf[out++] = '.';
	buf[out] = 0;
	return true;
}

bool
wire_name_eq(const struct wire_name *a, const struct wire_name *b)
{
	return a->len == b->len && memcmp(a->b, b->b, a->len) == 0;
}

/* Where each label begins; how many there are, without the root. */
static unsigned
labels(const struct wire_name *n, uint8_t at[128])
{
	unsigned count = 0;

	for (size_t i = 0; n->b[i] != 0; i += 1u + n->b[i])
		at[count++] = (uint8_t)i;
	return count;
}

static int
label_cmp(const uint8_t *a, const uint8_t *b)
{
	size_t len = a[0] < b[0] ? a[0] : b[0];
	int d = memcmp(a + 1, b + 1, len);

	return d != 0 ? d : (int)a[0] - (int)b[0];
}

int
wire_name_cmp(const struct wire_name *a, const struct wire_name *b)
{
	uint8_t at_a[128], at_b[128];
	unsigned na = labels(a, at_a), nb = labels(b, at_b);

	while (na > 0 && nb > 0) {
		int d = label_cmp(a->b + at_a[--na], b->b + at_b[--nb]);

		if (d != 0)
			return d < 0 ? -1 : 1;
	}
	return (na > 0) - (nb > 0);
}

bool
wire_name_in(const struct wire_name *n, const struct wire_name *zone)
{
	struct wire_name up = *n;

	do {
		if (wire_name_eq(&up, zone))
			return true;
	} while (wire_name_up(&up));
	return false;
}

unsigned
wire_name_labels(const struct wire_name *n)
{
	uint8_t at[128];
	unsigned count = labels(n, at);
	bool star = n->b[0] == 1 && n->b[1] == '*';

	return star ? count - 1 : count;
}

bool
wire_name_up(struct wire_name *n)
{
	size_t first = 1u + n->b[0];

	if (n->b[0] == 0)
		return false;
	n->len = (uint8_t)(n->len - first);
	memmove(n->b, n->b + first, n->len);
	return true;
}
