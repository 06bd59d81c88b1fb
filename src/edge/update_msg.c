/*
 * update_msg.c - RFC 2136 messages and their TSIG (RFC 8945), with ldns.
 * Only a signed answer says yes or no; an unsigned one proves nothing,
 * whatever it says.
 */
#include "edge/update_msg.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#undef dprintf /* ldns/util.h */

#define FUDGE 300
#define TYPE_CNAME 5
#define TYPE_TLSA 52
#define TYPE_TSIG 250

/* RFC 8945: fields of a TSIG. */
enum {
	TSIG_ALGORITHM,
	TSIG_TIME,
	TSIG_FUDGE,
	TSIG_MAC,
	TSIG_ID,
	TSIG_ERROR,
	TSIG_OTHER,
	TSIG_FIELDS
};

void
update_sent_release(struct update_sent *s)
{
	if (s == NULL)
		return;
	free(s->wire);
	memset(s, 0, sizeof(*s));
}

/* ---- built and signed ---- */

static int
sign(ldns_pkt *p, const struct tsig_key *key, struct update_sent *ret,
    struct err *e)
{
	struct update_sent s = { .wire = NULL };
	const ldns_rdf *mac;

	/* Others are not asked for, and libldns leaks on them. */
	if (strcmp(key->algorithm, "hmac-sha256.") != 0 &&
	    strcmp(key->algorithm, "hmac-sha512.") != 0)
		return err_set(e, ERR_CONFIG,
		    "TSIG key %s: not an algorithm "
		    "that is understood",
		    key->name);
	ldns_pkt_set_random_id(p);
	if (ldns_pkt_tsig_sign(p, key->name, key->secret, FUDGE, key->algorithm,
		NULL) != LDNS_STATUS_OK ||
	    ldns_pkt2wire(&s.wire, p, &s.len) != LDNS_STATUS_OK)
		return err_set(e, ERR_CONFIG,
		    "TSIG key %s: cannot sign with "
		    "it",
		    key->name);
	mac = ldns_rr_rdf(ldns_pkt_tsig(p), TSIG_MAC);
	if (ldns_rdf_size(mac) < 2 || ldns_rdf_size(mac) - 2 > sizeof(s.mac)) {
		free(s.wire);
		return err_set(e, ERR_BUG, "TSIG key %s: a strange signature",
		    key->name);
	}
	s.mac_len = ldns_rdf_size(mac) - 2;
	memcpy(s.mac, ldns_rdf_data(mac) + 2, s.mac_len);
	*ret = s;
	return 0;
}

int
update_ask(const char *owner, const struct tsig_key *key,
    struct update_sent *ret, struct err *e)
{
	ldns_rdf *dname = ldns_dname_new_frm_str(owner);
	ldns_pkt *p;
	int rc;

	if (dname == NULL)
		return err_set(e, ERR_CONFIG, "%s: not a domain name", owner);
	p = ldns_pkt_query_new(dname, LDNS_RR_TYPE_TLSA, LDNS_RR_CLASS_IN, 0);
	rc = sign(p, key, ret, e);
	ldns_pkt_free(p);
	return rc;
}

/* TLSA rdata as libldns holds it: three bytes and the rest. */
static ldns_rr *
make_rr(const char *owner, ldns_rr_class class, uint32_t ttl, const uint8_t *p,
    size_t len)
{
	ldns_rr *rr = ldns_rr_new();

	ldns_rr_set_owner(rr, ldns_dname_new_frm_str(owner));
	ldns_rr_set_type(rr, LDNS_RR_TYPE_TLSA);
	ldns_rr_set_class(rr, class);
	ldns_rr_set_ttl(rr, ttl);
	for (size_t i = 0; i < 3 && i < len; i++)
		ldns_rr_push_rdf(rr,
		    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT8, 1, p + i));
	if (len > 3)
		ldns_rr_push_rdf(rr,
		    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_HEX, len - 3, p + 3));
	return rr;
}

/* "The RRset is exactly this", or "there is none" (RFC 2136 2.4). */
static ldns_rr_list *
prerequisites(const char *owner, const struct primary_set *was)
{
	ldns_rr_list *l = ldns_rr_list_new();

	if (!was->exists)
		ldns_rr_list_push_rr(l,
		    make_rr(owner, LDNS_RR_CLASS_NONE, 0, NULL, 0));
	for (size_t at = 0; at + 2 <= was->wire_len;) {
		size_t len = wire_16(was->wire + at);

		ldns_rr_list_push_rr(l,
		    make_rr(owner, LDNS_RR_CLASS_IN, 0, was->wire + at + 2,
			len));
		at += len + 2;
	}
	return l;
}

static void
push_all(ldns_rr_list *l, const char *owner, ldns_rr_class class, uint32_t ttl,
    const struct tlsa *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t p[3 + TLSA_DATA] = { t[i].usage, t[i].selector,
			t[i].mtype };

		memcpy(p + 3, t[i].data, t[i].len);
		ldns_rr_list_push_rr(l,
		    make_rr(owner, class, ttl, p, 3u + t[i].len));
	}
}

static bool
any_folded(const struct tlsa *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (t[i].len > TLSA_DATA)
			return true;
	return false;
}

int
update_change(const char *zone, const char *owner,
    const struct primary_set *was, uint32_t ttl, const struct tlsa *add,
    size_t n_add, const struct tlsa *remove, size_t n_remove,
    const struct tsig_key *key, struct update_sent *ret, struct err *e)
{
	struct wire_name z, o;
	ldns_rr_list *pre, *up;
	ldns_pkt *p;
	int rc = -1;

	if (!wire_name_parse(zone, &z) || !wire_name_parse(owner, &o))
		return err_set(e, ERR_CONFIG, "%s in %s: not domain names",
		    owner, zone);
	if (any_folded(add, n_add) || any_folded(remove, n_remove))
		return err_set(e, ERR_BUG, "%s: a record that is not whole",
		    owner);
	pre = prerequisites(owner, was);
	up = ldns_rr_list_new();
	push_all(up, owner, LDNS_RR_CLASS_IN, was->exists ? was->ttl : ttl, add,
	    n_add);
	push_all(up, owner, LDNS_RR_CLASS_NONE, 0, remove, n_remove);
	p = ldns_update_pkt_new(ldns_dname_new_frm_str(zone), LDNS_RR_CLASS_IN,
	    pre, up, NULL);
	if (p == NULL)
		err_set(e, ERR_BUG, "%s: no update can be made", zone);
	else {
		ldns_pkt_set_rd(p, false);
		rc = sign(p, key, ret, e);
	}
	ldns_pkt_free(p);
	ldns_rr_list_deep_free(pre);
	ldns_rr_list_deep_free(up);
	return rc;
}

/* ---- what comes back ---- */

static const char *
tsig_word(unsigned error)
{
	switch (error) {
	case 16:
		return "BADSIG: the key has another secret there";
	case 17:
		return "BADKEY: an unknown key or algorithm there, or no "
		       "right to this";
	case 18:
		return "BADTIME: the clocks differ by more than 5 minutes";
	case 22:
		return "BADTRUNC: it wants a longer signature";
	default:
		return "a TSIG error";
	}
}

/* Key name, algorithm and ID are ours and the time is near: libldns looks at
 * the MAC only. */
static bool
is_ours(const ldns_rr *tsig, const struct tsig_key *key, uint16_t id,
    time_t now)
{
	ldns_rdf *name = ldns_dname_new_frm_str(key->name);
	ldns_rdf *alg = ldns_dname_new_frm_str(key->algorithm);
	const ldns_rdf *when = ldns_rr_rdf(tsig, TSIG_TIME);
	int64_t at = 0;
	bool ours;

	for (size_t i = 0; i < ldns_rdf_size(when) && i < 6; i++)
		at = at << 8 | ldns_rdf_data(when)[i];
	ours = name != NULL && alg != NULL && ldns_rdf_size(when) == 6 &&
	    ldns_dname_compare(ldns_rr_owner(tsig), name) == 0 &&
	    ldns_dname_compare(ldns_rr_rdf(tsig, TSIG_ALGORITHM), alg) == 0 &&
	    ldns_rdf2native_int16(ldns_rr_rdf(tsig, TSIG_ID)) == id &&
	    at >= (int64_t)now - FUDGE && at <= (int64_t)now + FUDGE;
	ldns_rdf_deep_free(name);
	ldns_rdf_deep_free(alg);
	return ours;
}

/* A MAC with its length in front, as libldns wants it. */
static ldns_rdf *
mac_rdf(const struct update_sent *sent)
{
	uint8_t buf[2 + sizeof(sent->mac)];

	wire_put16(buf, (unsigned)sent->mac_len);
	memcpy(buf + 2, sent->mac, sent->mac_len);
	return ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT16_DATA,
	    sent->mac_len + 2, buf);
}

static bool
signature_holds(ldns_pkt *r, const uint8_t *wire, size_t len,
    const struct update_sent *sent, const struct tsig_key *key, time_t now,
    unsigned *ret_error)
{
	const ldns_rr *tsig = ldns_pkt_tsig(r);
	ldns_rdf *mac;
	bool good;

	if (tsig == NULL || ldns_rr_rd_count(tsig) != TSIG_FIELDS)
		return false;
	*ret_error = ldns_rdf2native_int16(ldns_rr_rdf(tsig, TSIG_ERROR));
	if (!is_ours(tsig, key, wire_16(sent->wire), now))
		return false;
	mac = mac_rdf(sent);
	good = ldns_pkt_tsig_verify(r, wire, len, key->name, key->secret, mac);
	ldns_rdf_deep_free(mac);
	return good;
}

/* One TSIG at most: the last record, class ANY, TTL 0 (libldns looks at none
 * of these). */
static bool
tsig_in_place(const struct wire_msg *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct wire_rr *rr = &m->rr[i];

		if (rr->type == TYPE_TSIG &&
		    (i + 1 != m->n || rr->section != WIRE_ADDITIONAL ||
			rr->class != WIRE_CLASS_ANY || rr->ttl != 0))
			return false;
	}
	return true;
}

static int
check_tsig(const struct wire_msg *m, const struct update_sent *sent,
    const struct tsig_key *key, time_t now, struct err *e)
{
	ldns_pkt *r = NULL;
	unsigned error = 0;
	char word[16];
	bool good;

	if (!tsig_in_place(m) ||
	    ldns_wire2pkt(&r, m->p, m->len) != LDNS_STATUS_OK)
		return err_set(e, ERR_TEMP, "malformed answer");
	good = signature_holds(r, m->p, m->len, sent, key, now, &error);
	ldns_pkt_free(r);
	if (good && error == 0)
		return 0;
	if (good)
		return err_set(e, ERR_REFUSED, "%s", tsig_word(error));
	return err_set(e, ERR_TEMP,
	    "%s%s%s; not signed with key %s, so it proves nothing",
	    wire_rcode(m->rcode, word), error != 0 ? ", " : "",
	    error != 0 ? tsig_word(error) : "", key->name);
}

int
update_check(const uint8_t *wire, size_t len, const struct update_sent *sent,
    const struct tsig_key *key, time_t now, struct wire_msg *ret_msg,
    struct err *e)
{
	struct wire_msg m;

	if (wire_open(wire, len, &m, e) < 0) {
		e->kind = ERR_TEMP;
		return -1;
	}
	if (!m.qr || m.id != wire_16(sent->wire) ||
	    m.opcode != (sent->wire[2] >> 3 & 15u)) {
		wire_release(&m);
		return err_set(e, ERR_TEMP, "not an answer to what was sent");
	}
	if (check_tsig(&m, sent, key, now, e) < 0) {
		wire_release(&m);
		return -1;
	}
	*ret_msg = m;
	return 0;
}

int
update_outcome(int rcode, struct err *e)
{
	char word[16];

	switch (rcode) {
	case 0:
		return 0;
	case 2:
		return err_set(e, ERR_TEMP,
		    "SERVFAIL: the outcome is not "
		    "known");
	case 3:
	case 6:
	case 7:
	case 8:
		return err_set(e, ERR_REFUSED,
		    "%s: someone else changed the "
		    "RRset meanwhile; nothing was done",
		    wire_rcode(rcode, word));
	case 5:
		return err_set(e, ERR_REFUSED,
		    "REFUSED: the key has no right "
		    "to this");
	case 9:
		return err_set(e, ERR_REFUSED,
		    "NOTAUTH: it is not the "
		    "primary of the zone");
	case 10:
		return err_set(e, ERR_REFUSED,
		    "NOTZONE: the name is not in "
		    "the zone");
	default:
		return err_set(e, ERR_REFUSED, "%s", wire_rcode(rcode, word));
	}
}

static void
take_rdata(struct primary_set *s, const uint8_t *p, size_t len)
{
	struct tlsa r = { .len = 0 };

	s->wire = mem_resize(s->wire, s->wire_len + len + 2, 1);
	wire_put16(s->wire + s->wire_len, (unsigned)len);
	memcpy(s->wire + s->wire_len + 2, p, len);
	s->wire_len += len + 2;
	if (len < 3 || len - 3 > TLSA_DATA) {
		s->odd = true;
		return;
	}
	r.usage = p[0];
	r.selector = p[1];
	r.mtype = p[2];
	r.len = (uint8_t)(len - 3);
	memcpy(r.data, p + 3, len - 3);
	if (!tlsa_set_add(&s->set, &r))
		s->odd = true;
}

int
update_take(const struct wire_msg *m, const char *owner,
    struct primary_set *ret, struct err *e)
{
	struct wire_name n;

	memset(ret, 0, sizeof(*ret));
	if (!wire_name_parse(owner, &n))
		return err_set(e, ERR_CONFIG, "%s: not a domain name", owner);
	if (m->rcode != 0 && m->rcode != 3)
		return update_outcome(m->rcode, e);
	if (!m->aa)
		return err_set(e, ERR_REFUSED, "not authoritative for %s",
		    owner);
	for (size_t i = 0; i < m->n; i++) {
		const struct wire_rr *rr = &m->rr[i];

		if (rr->section != WIRE_ANSWER || rr->class != WIRE_CLASS_IN ||
		    !wire_name_eq(&rr->owner, &n))
			continue;
		if (rr->type == TYPE_CNAME) {
			primary_set_release(ret);
			return err_set(e, ERR_REFUSED, "%s is an alias there",
			    owner);
		}
		if (rr->type != TYPE_TLSA)
			continue;
		ret->exists = true;
		ret->ttl = rr->ttl;
		take_rdata(ret, m->p + rr->rdata, rr->len);
	}
	return 0;
}
