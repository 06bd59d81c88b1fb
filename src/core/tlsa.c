/*
 * tlsa.c - TLSA records and sets as values.  Judges no trust and asks nobody.
 */
#include "core/tlsa.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

const struct spki SPKI_OF_NOTHING = { { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc,
    0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae,
    0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
    0xb8, 0x55 } };

bool
spki_eq(const struct spki *a, const struct spki *b)
{
	return memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}

const char *
spki_hex(const struct spki *s, char buf[65])
{
	text_hex(s->sha256, sizeof(s->sha256), buf);
	return buf;
}

const char *
spki_id(const struct spki *s, char buf[9])
{
	text_hex(s->sha256, 4, buf);
	return buf;
}

struct tlsa
tlsa_of(const struct spki *key)
{
	struct tlsa r = { .usage = 3, .selector = 1, .mtype = 1, .len = 32 };

	memcpy(r.data, key->sha256, 32);
	return r;
}

int
tlsa_cmp(const struct tlsa *a, const struct tlsa *b)
{
	if (a->usage != b->usage)
		return a->usage < b->usage ? -1 : 1;
	if (a->selector != b->selector)
		return a->selector < b->selector ? -1 : 1;
	if (a->mtype != b->mtype)
		return a->mtype < b->mtype ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->data, b->data, sizeof(a->data));
}

bool
tlsa_is(const struct tlsa *r, struct tlsa_kind k)
{
	return r->usage == k.usage && r->selector == k.selector &&
	    r->mtype == k.mtype;
}

bool
tlsa_set_add(struct tlsa_set *s, const struct tlsa *r)
{
	unsigned i = 0;

	while (i < s->n && tlsa_cmp(&s->rr[i], r) < 0)
		i++;
	if (i < s->n && tlsa_cmp(&s->rr[i], r) == 0)
		return true;
	if (s->n == TLSA_MAX)
		return false;
	memmove(&s->rr[i + 1], &s->rr[i], (s->n - i) * sizeof(s->rr[0]));
	s->rr[i] = *r;
	s->n++;
	return true;
}

void
tlsa_set_remove(struct tlsa_set *s, const struct tlsa *r)
{
	for (unsigned i = 0; i < s->n; i++) {
		if (tlsa_cmp(&s->rr[i], r) != 0)
			continue;
		s->n--;
		memmove(&s->rr[i], &s->rr[i + 1],
		    (s->n - i) * sizeof(s->rr[0]));
		memset(&s->rr[s->n], 0, sizeof(s->rr[0]));
		return;
	}
}

bool
tlsa_set_has(const struct tlsa_set *s, const struct tlsa *r)
{
	for (unsigned i = 0; i < s->n; i++)
		if (tlsa_cmp(&s->rr[i], r) == 0)
			return true;
	return false;
}

bool
tlsa_set_eq(const struct tlsa_set *a, const struct tlsa_set *b)
{
	if (a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (tlsa_cmp(&a->rr[i], &b->rr[i]) != 0)
			return false;
	return true;
}

struct tlsa_set
tlsa_set_any(void)
{
	return (struct tlsa_set){ .n = 1,
		.rr = { { .usage = 255, .selector = 255, .mtype = 255 } } };
}

bool
tlsa_set_is_any(const struct tlsa_set *s)
{
	return s->n == 1 && s->rr[0].usage == 255 && s->rr[0].selector == 255 &&
	    s->rr[0].mtype == 255 && s->rr[0].len == 0;
}

static size_t
size_of(const struct tlsa_set *s)
{
	return offsetof(struct tlsa_set, rr) + s->n * sizeof(s->rr[0]);
}

struct tlsa_set *
tlsa_set_keep(const struct tlsa_set *s)
{
	return mem_copy(s, size_of(s));
}

struct tlsa_set
tlsa_set_value(const struct tlsa_set *s)
{
	struct tlsa_set v = { .n = 0 };

	memcpy(&v, s, size_of(s));
	return v;
}

const char *
tlsa_str(const struct tlsa *r, char buf[TLSA_TEXT])
{
	size_t n = r->len == TLSA_FOLDED ? 32 : r->len;
	int at = snprintf(buf, TLSA_TEXT, "%u %u %u ", r->usage, r->selector,
	    r->mtype);

	text_hex(r->data, n, buf + at);
	return buf;
}

const char *
tlsa_owner(unsigned port, const char *host, char buf[TLSA_OWNER])
{
	snprintf(buf, TLSA_OWNER, "_%u._tcp.%.253s.", port, host);
	return buf;
}

const char *
tlsa_base(const char *owner, char *buf, size_t size)
{
	const char *at = owner;
	size_t n;

	for (int i = 0; i < 2 && *at == '_'; i++)
		if (strchr(at, '.') != NULL)
			at = strchr(at, '.') + 1;
	snprintf(buf, size, "%s", at);
	n = strlen(buf);
	if (n > 1 && buf[n - 1] == '.')
		buf[n - 1] = 0;
	return buf;
}

size_t
tlsa_set_pack(const struct tlsa_set *s, uint8_t *buf)
{
	for (unsigned i = 0; i < s->n; i++, buf += TLSA_PACKED) {
		buf[0] = s->rr[i].usage;
		buf[1] = s->rr[i].selector;
		buf[2] = s->rr[i].mtype;
		buf[3] = s->rr[i].len;
		memcpy(buf + 4, s->rr[i].data, TLSA_DATA);
	}
	return (size_t)s->n * TLSA_PACKED;
}

int
tlsa_set_parse(const uint8_t *p, size_t len, struct tlsa_set *ret_set)
{
	struct tlsa_set s = { .n = 0 };
	struct tlsa r;

	if (len % TLSA_PACKED != 0 || len / TLSA_PACKED > TLSA_MAX)
		return -1;
	for (size_t i = 0; i < len; i += TLSA_PACKED) {
		r = (struct tlsa){ p[i], p[i + 1], p[i + 2], p[i + 3], { 0 } };
		if (r.len > TLSA_DATA && r.len != TLSA_FOLDED)
			return -1;
		memcpy(r.data, p + i + 4, TLSA_DATA);
		for (size_t j = r.len == TLSA_FOLDED ? 32 : r.len;
		     j < TLSA_DATA; j++)
			if (r.data[j] != 0)
				return -1;
		if (s.n > 0 && tlsa_cmp(&s.rr[s.n - 1], &r) >= 0)
			return -1;
		s.rr[s.n++] = r;
	}
	*ret_set = s;
	return 0;
}
