/*
 * cover_pack.c - chains as bytes, for storing and comparing.
 */
#include <string.h>

#include "core/cover.h"

enum { PATH = 1, DATES = 2, KEY_ONLY = 4, FLAGS = 7 };

static uint8_t *
put_der(const struct cover_der *d, uint8_t *p)
{
	memcpy(p, d->sha256, 32);
	memcpy(p + 32, d->sha512, 64);
	p[96] = d->len;
	memcpy(p + 97, d->data, TLSA_DATA);
	return p + 97 + TLSA_DATA;
}

size_t
cover_pack(const struct cover_chain *c, uint8_t *buf)
{
	uint8_t *p = buf;

	*p++ = (uint8_t)c->n;
	*p++ = c->names_ok;
	for (unsigned i = 0; i < c->n; i++) {
		*p++ = (uint8_t)((c->path_ok[i] ? PATH : 0) |
		    (c->dates_ok[i] ? DATES : 0) |
		    (c->cert[i].key_only ? KEY_ONLY : 0));
		p = put_der(&c->cert[i].by[0], p);
		p = put_der(&c->cert[i].by[1], p);
	}
	return (size_t)(p - buf);
}

static int
get_der(const uint8_t *p, struct cover_der *ret)
{
	memcpy(ret->sha256, p, 32);
	memcpy(ret->sha512, p + 32, 64);
	ret->len = p[96];
	memcpy(ret->data, p + 97, TLSA_DATA);
	return ret->len <= TLSA_DATA || ret->len == TLSA_FOLDED ? 0 : -1;
}

int
cover_parse(const uint8_t *p, size_t len, struct cover_chain *ret_chain)
{
	struct cover_chain c = { .n = 0 };

	if (len < 2 || p[0] > COVER_CHAIN || p[1] > 1 ||
	    len != 2 + (size_t)p[0] * COVER_CERT_PACKED)
		return -1;
	c.n = p[0];
	c.names_ok = p[1];
	p += 2;
	for (unsigned i = 0; i < c.n; i++, p += COVER_CERT_PACKED) {
		struct cover_cert *cert = &c.cert[i];

		if (p[0] > FLAGS || get_der(p + 1, &cert->by[0]) < 0 ||
		    get_der(p + 98 + TLSA_DATA, &cert->by[1]) < 0)
			return -1;
		c.path_ok[i] = p[0] & PATH;
		c.dates_ok[i] = p[0] & DATES;
		cert->key_only = p[0] & KEY_ONLY;
	}
	*ret_chain = c;
	return 0;
}
