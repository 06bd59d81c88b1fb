/*
 * cover.c - does this chain satisfy this record set?  Values in, an answer
 * out.  Asks nobody, and never looks at a certificate itself.
 */
#include "core/cover.h"

#include <string.h>

static struct tlsa
named(const struct cover_der *d, int mtype)
{
	struct tlsa r = { .mtype = (uint8_t)mtype };

	if (mtype == 2) {
		r.len = sizeof(d->sha512);
		memcpy(r.data, d->sha512, sizeof(d->sha512));
	} else if (mtype == 1 || d->len == TLSA_FOLDED) {
		r.len = mtype == 1 ? sizeof(d->sha256) : TLSA_FOLDED;
		memcpy(r.data, d->sha256, sizeof(d->sha256));
	} else {
		r.len = d->len;
		memcpy(r.data, d->data, sizeof(d->data));
	}
	return r;
}

struct tlsa
cover_tlsa(const struct cover_cert *c, int usage, int selector, int mtype)
{
	struct tlsa r = named(&c->by[selector], mtype);

	r.usage = (uint8_t)usage;
	r.selector = (uint8_t)selector;
	return r;
}

struct cover_chain
cover_of_key(const struct spki *key)
{
	struct cover_chain c = { .n = 1 };

	c.cert[0].key_only = true;
	memcpy(c.cert[0].by[1].sha256, key->sha256, sizeof(key->sha256));
	return c;
}

/*
 * Whether data in full are a certificate or a key at all is not looked at:
 * such a record is taken for usable, and so asks for more.
 */
bool
cover_unusable(const struct tlsa *r)
{
	static const uint8_t LEN[] = { [1] = 32, [2] = 64 };

	/* Usages 0 and 1 want a CA that both sides trust: RFC 7672 3.1.3. */
	if (r->usage != 2 && r->usage != 3)
		return true;
	if (r->selector > 1 || r->mtype > 2)
		return true;
	return r->mtype != 0 && r->len != LEN[r->mtype];
}

bool
cover_asks(const struct tlsa_set *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (!cover_unusable(&s->rr[i]))
			return true;
	return false;
}

static bool
names_it(const struct tlsa *r, const struct cover_cert *c)
{
	struct tlsa is = cover_tlsa(c, r->usage, r->selector, r->mtype);

	if (c->key_only && (r->selector != 1 || r->mtype != 1))
		return false;
	return tlsa_cmp(&is, r) == 0;
}

/*
 * Usage 2 is about an issuer that is sent: not about the first certificate,
 * be it self-signed.  Usage 3 asks for neither names nor dates.
 */
static bool
matches(const struct tlsa *r, const struct cover_chain *c)
{
	if (r->usage == 3)
		return c->n > 0 && names_it(r, &c->cert[0]);
	for (unsigned i = 1; i < c->n && c->names_ok; i++)
		if (c->path_ok[i] && c->dates_ok[i] && names_it(r, &c->cert[i]))
			return true;
	return false;
}

unsigned
cover_issuer(const struct cover_chain *c)
{
	unsigned at = 0;

	for (unsigned i = 1; i < c->n; i++)
		if (c->path_ok[i])
			at = i;
	return at;
}

bool
cover_same(const struct cover_chain *a, const struct cover_chain *b)
{
	for (unsigned i = 0; i < a->n && i < b->n; i++)
		if (a->cert[i].key_only != b->cert[i].key_only ||
		    memcmp(&a->cert[i].by, &b->cert[i].by,
			sizeof(a->cert[i].by)) != 0)
			return false;
	return a->n == b->n;
}

const char *
cover_lack(const struct tlsa *r, const struct cover_chain *c)
{
	unsigned at = 1;

	if (r->usage != 2 || matches(r, c))
		return NULL;
	if (cover_issuer(c) == 0)
		return "no certificate of an issuer is sent";
	while (at < c->n && !names_it(r, &c->cert[at]))
		at++;
	if (at == c->n)
		return "the issuer that is sent is another one";
	if (!c->path_ok[at])
		return "the issuer that is sent did not sign it";
	if (!c->names_ok)
		return "the certificate does not have the name of the host";
	return "a certificate is not valid at this time";
}

/* The better digest is the larger number; data in full stand beside both. */
static bool
outdoes(const struct tlsa *a, const struct tlsa *b)
{
	return !cover_unusable(a) && !cover_unusable(b) &&
	    a->usage == b->usage && a->selector == b->selector &&
	    a->mtype > b->mtype && b->mtype != 0;
}

static bool
outdone(const struct tlsa_set *s, const struct tlsa *r)
{
	for (unsigned i = 0; i < s->n; i++)
		if (outdoes(&s->rr[i], r))
			return true;
	return false;
}

bool
cover_any(const struct tlsa_set *s, const struct cover_chain *c)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct tlsa *r = &s->rr[i];

		if (!cover_unusable(r) && !outdone(s, r) && matches(r, c))
			return true;
	}
	return !cover_asks(s);
}

static bool
same_kind(const struct tlsa *a, const struct tlsa *b)
{
	return a->usage == b->usage && a->selector == b->selector &&
	    a->mtype == b->mtype;
}

/* Do the records of r's kind, one of which a sender can use, match nothing? */
static bool
fails(const struct tlsa_set *s, const struct tlsa *r,
    const struct cover_chain *c)
{
	bool asks = false;

	for (unsigned i = 0; i < s->n; i++) {
		if (!same_kind(&s->rr[i], r) || cover_unusable(&s->rr[i]))
			continue;
		asks = true;
		if (matches(&s->rr[i], c))
			return false;
	}
	return asks;
}

const struct tlsa *
cover_each(const struct tlsa_set *s, const struct cover_chain *c)
{
	for (unsigned i = 0; i < s->n; i++)
		if (!cover_unusable(&s->rr[i]) && fails(s, &s->rr[i], c))
			return &s->rr[i];
	return NULL;
}

const struct tlsa *
cover_worse(const struct tlsa_set *was, const struct tlsa_set *is,
    const struct cover_chain *c)
{
	for (unsigned i = 0; i < is->n; i++)
		if (!cover_unusable(&is->rr[i]) && fails(is, &is->rr[i], c) &&
		    !fails(was, &is->rr[i], c))
			return &is->rr[i];
	return cover_any(was, c) && !cover_any(is, c) ? cover_each(is, c)
						      : NULL;
}
