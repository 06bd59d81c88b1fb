/*
 * answer_keys.c - which keys may sign a zone (ldns): those of its DNSKEY set,
 * if one that the DS set names signs it.
 */
#include "edge/answer_verify.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "edge/ssl_curve.h"

#undef dprintf /* ldns/util.h */

#define ECDSA_P256 13
#define FLAG_ZONE 0x0100
#define FLAG_REVOKE 0x0080

/* libldns looks neither at the flags nor at the protocol. */
static bool
may_sign(const struct wire_msg *m, const struct wire_rr *rr)
{
	const uint8_t *p = m->p + rr->rdata;

	return rr->len > 4 && (wire_16(p) & FLAG_ZONE) != 0 &&
	    (wire_16(p) & FLAG_REVOKE) == 0 && p[2] == 3 &&
	    verify_algorithm(p[3]);
}

/* SHA-256 and SHA-384; SHA-1 is no evidence any more. */
static bool
ds_counts(const struct ds *d)
{
	return verify_algorithm(d->algorithm) &&
	    ((d->digest_type == 2 && d->digest_len == 32) ||
		(d->digest_type == 4 && d->digest_len == 48));
}

bool
ds_usable(const struct ds_set *ds)
{
	for (size_t i = 0; i < ds->n; i++)
		if (ds_counts(&ds->ds[i]))
			return true;
	return false;
}

static ldns_rr *
ds_rr(const struct ds *d, const struct wire_name *zone)
{
	uint8_t buf[255 + 10 + 4 + 64], *p = buf + zone->len;
	size_t len = zone->len + 14u + d->digest_len, at = 0;
	ldns_rr *rr = NULL;

	memcpy(buf, zone->b, zone->len);
	wire_put16(p, TYPE_DS);
	wire_put16(p + 2, WIRE_CLASS_IN);
	wire_put32(p + 4, 0);
	wire_put16(p + 8, 4u + d->digest_len);
	wire_put16(p + 10, d->tag);
	p[12] = d->algorithm;
	p[13] = d->digest_type;
	memcpy(p + 14, d->digest, d->digest_len);
	if (ldns_wire2rr(&rr, buf, len, &at, LDNS_SECTION_ANSWER) !=
	    LDNS_STATUS_OK)
		return NULL;
	return rr;
}

static bool
is_anchored(const ldns_rr *key, uint16_t tag, uint8_t algorithm,
    const struct ds_set *ds, const struct wire_name *zone)
{
	bool found = false;

	for (size_t i = 0; i < ds->n && !found; i++) {
		const struct ds *d = &ds->ds[i];
		ldns_rr *rr;

		if (!ds_counts(d) || d->tag != tag || d->algorithm != algorithm)
			continue;
		rr = ds_rr(d, zone);
		found = rr != NULL && ldns_rr_compare_ds(rr, key);
		ldns_rr_free(rr);
	}
	return found;
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

/* Servers list them in any order. */
static void
identify(struct keyset *keys, uint8_t (*digest)[32])
{
	qsort(digest, keys->n, 32, by_bytes);
	ldns_sha256(digest[0], (unsigned)keys->n * 32, keys->id);
}

/* Of this algorithm there are many: libldns would decode the key each time. */
static struct curve_key *
curve_of(const struct wire_msg *m, const struct wire_rr *rr)
{
	const uint8_t *p = m->p + rr->rdata;

	return p[3] == ECDSA_P256 && rr->len == 4 + CURVE_BYTES
	    ? curve_key_new(p + 4)
	    : NULL;
}

/* All keys of the message that may sign. */
static int
load_keys(const struct verify *v, struct keyset *keys, struct err *e)
{
	uint8_t digest[KEYSET_MAX][32];
	size_t n = 0;

	for (size_t i = 0; i < v->m->n; i++) {
		const struct wire_rr *rr = &v->m->rr[i];
		ldns_rr *key;

		if (!verify_takes(v, rr, TYPE_DNSKEY))
			continue;
		if (++n > KEYSET_MAX)
			return err_set(e, ERR_UNREACHABLE, "more than %d keys",
			    KEYSET_MAX);
		if (!may_sign(v->m, rr))
			continue;
		key = verify_rr(v->m, rr);
		if (key == NULL)
			return err_set(e, ERR_UNREACHABLE, "malformed keys");
		ldns_sha256(v->m->p + rr->rdata, rr->len, digest[keys->n]);
		keys->key[keys->n].rr = key;
		keys->key[keys->n].curve = curve_of(v->m, rr);
		keys->key[keys->n].tag = ldns_calc_keytag(key);
		keys->key[keys->n++].algorithm = v->m->p[rr->rdata + 3];
	}
	if (n == 0)
		return err_set(e, ERR_UNREACHABLE, "no keys");
	identify(keys, digest);
	return 0;
}

int
keyset_verify(const struct wire_msg *m, const struct ds_set *ds,
    const struct wire_name *zone, time_t now, int64_t margin,
    struct keyset *ret_keys, struct verified *ret, struct err *e)
{
	struct verify v = { .m = m,
		.section = WIRE_ANSWER,
		.owner = *zone,
		.zone = *zone,
		.type = TYPE_DNSKEY,
		.now = now,
		.margin = margin };
	struct keyset keys = { .n = 0 }, anchors = { .n = 0 };
	int rc = load_keys(&v, &keys, e);

	for (size_t i = 0; rc == 0 && i < keys.n; i++)
		if (is_anchored(keys.key[i].rr, keys.key[i].tag,
			keys.key[i].algorithm, ds, zone))
			anchors.key[anchors.n++] = keys.key[i];
	if (rc == 0 && anchors.n == 0)
		rc = err_set(e, ERR_UNREACHABLE,
		    "no key fits the DS records of the parent");
	if (rc == 0)
		rc = verify_rrset(&v, &anchors, ret, e);
	if (rc == 0)
		*ret_keys = keys;
	else
		keyset_release(&keys);
	return rc;
}

void
keyset_release(struct keyset *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->n; i++) {
		ldns_rr_free(k->key[i].rr);
		curve_key_free(k->key[i].curve);
	}
	k->n = 0;
}
