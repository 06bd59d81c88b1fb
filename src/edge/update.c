/*
 * update.c - what the primary holds, and changes to it (RFC 2136), signed and
 * checked with TSIG (RFC 8945).  Only a signed NOERROR is success; only a
 * signed refusal is one; anything else is "not known", and the next look
 * decides.
 */
#include "edge/update.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/tcp.h"
#include "edge/wire.h"

#undef dprintf /* ldns/util.h */

#define FUDGE 300

/* RFC 8945: fields of a TSIG. */
enum {
	TSIG_ALGORITHM,
	TSIG_TIME,
	TSIG_FUDGE,
	TSIG_MAC,
	TSIG_ID,
	TSIG_ERROR,
	TSIG_OTHER
};

/* ---- one signed exchange ---- */

static const char *
tsig_word(unsigned error)
{
	switch (error) {
	case 16:
		return "BADSIG: the secret is another one there";
	case 17:
		return "BADKEY: it does not know the key, or the key has no "
		       "right to this change";
	case 18:
		return "BADTIME: the clocks differ by more than 5 minutes";
	case 22:
		return "BADTRUNC";
	default:
		return "a TSIG error";
	}
}

/* Key name and algorithm are ours and the time is near: ldns looks at the
 * MAC only. */
static bool
tsig_is_ours(const ldns_rr *tsig, const struct tsig_key *key)
{
	ldns_rdf *name = ldns_dname_new_frm_str(key->name);
	ldns_rdf *alg = ldns_dname_new_frm_str(key->algorithm);
	const ldns_rdf *when = ldns_rr_rdf(tsig, TSIG_TIME);
	struct clock_reading now;
	uint64_t at = 0;
	bool ours;

	clock_read(&now);
	for (size_t i = 0; when != NULL && i < ldns_rdf_size(when); i++)
		at = at << 8 | ldns_rdf_data(when)[i];
	ours = name != NULL && alg != NULL && when != NULL &&
	    ldns_dname_compare(ldns_rr_owner(tsig), name) == 0 &&
	    ldns_dname_compare(ldns_rr_rdf(tsig, TSIG_ALGORITHM), alg) == 0 &&
	    at + FUDGE >= (uint64_t)now.wall &&
	    at <= (uint64_t)now.wall + FUDGE;
	ldns_rdf_deep_free(name);
	ldns_rdf_deep_free(alg);
	return ours;
}

/* Does the reply's TSIG verify?  *ret_error: its error field. */
static bool
tsig_good(ldns_pkt *reply, const uint8_t *wire, size_t len,
    const struct tsig_key *key, const ldns_rdf *mac, unsigned *ret_error)
{
	ldns_rr *tsig = ldns_pkt_tsig(reply);

	*ret_error = 0;
	if (tsig == NULL || ldns_rr_rd_count(tsig) <= TSIG_ERROR)
		return false;
	*ret_error = ldns_rdf2native_int16(ldns_rr_rdf(tsig, TSIG_ERROR));
	return tsig_is_ours(tsig, key) &&
	    ldns_pkt_tsig_verify(reply, wire, len, key->name, key->secret, mac);
}

/*
 * Signs, sends, verifies.  0 with the reply's message open when its TSIG
 * verifies; the caller looks at the rcode.  ret_wire holds its bytes.
 */
static int
exchange(const struct addr *server, const struct tsig_key *key, ldns_pkt *p,
    int64_t deadline, uint8_t **ret_wire, size_t *ret_len, struct err *e)
{
	uint8_t *wire = NULL, *reply = NULL;
	ldns_rdf *mac = NULL;
	ldns_pkt *r = NULL;
	size_t len, reply_len;
	unsigned error = 0;
	bool sent = false;
	char word[16], at[ADDR_TEXT];
	int rc = -1;

	addr_str(server, at);
	if (ldns_pkt_tsig_sign(p, key->name, key->secret, FUDGE, key->algorithm,
		NULL) != LDNS_STATUS_OK ||
	    ldns_pkt2wire(&wire, p, &len) != LDNS_STATUS_OK) {
		err_set(e, ERR_BUG, "the message to %s cannot be signed", at);
		goto out;
	}
	mac = ldns_rdf_clone(ldns_rr_rdf(ldns_pkt_tsig(p), TSIG_MAC));
	if (tcp_exchange(server, wire, len, deadline, &reply, &reply_len, &sent,
		e) < 0) {
		if (sent)
			e->kind = ERR_TEMP; /* it may have been done */
		goto out;
	}
	if (reply_len < 12 ||
	    ldns_wire2pkt(&r, reply, reply_len) != LDNS_STATUS_OK ||
	    !ldns_pkt_qr(r) || ldns_pkt_id(r) != ldns_pkt_id(p)) {
		err_set(e, ERR_TEMP, "%s: a malformed answer", at);
		goto out;
	}
	if (!tsig_good(r, reply, reply_len, key, mac, &error)) {
		wire_rcode(ldns_pkt_get_rcode(r), word);
		if (error != 0)
			err_set(e, ERR_TEMP, "%s: %s, %s", at, word,
			    tsig_word(error));
		else
			err_set(e, ERR_TEMP,
			    "%s: %s, and not signed with our "
			    "key: it counts for nothing (is the key's name "
			    "known there, and the zone?)",
			    at, word);
		goto out;
	}
	if (error != 0) {
		err_set(e, ERR_REFUSED, "%s: %s", at, tsig_word(error));
		goto out;
	}
	*ret_wire = reply;
	*ret_len = reply_len;
	reply = NULL;
	rc = 0;
out:
	free(wire);
	free(reply);
	ldns_rdf_deep_free(mac);
	ldns_pkt_free(r);
	return rc;
}

/* ---- reading ---- */

static void
take_rdata(struct primary_set *s, const uint8_t *p, uint16_t len)
{
	struct tlsa r = { .len = 0 };

	s->wire = mem_resize(s->wire, s->wire_len + len + 2u, 1);
	wire_put16(s->wire + s->wire_len, len);
	memcpy(s->wire + s->wire_len + 2, p, len);
	s->wire_len += len + 2u;
	if (len < 3 || len - 3 > TLSA_DATA) {
		s->odd = true;
		return;
	}
	r.usage = p[0];
	r.selector = p[1];
	r.mtype = p[2];
	r.len = (uint8_t)(len - 3);
	memcpy(r.data, p + 3, len - 3u);
	if (!tlsa_set_add(&s->set, &r))
		s->odd = true;
}

static int
take_answer(const uint8_t *wire, size_t len, const char *owner,
    struct primary_set *s, struct err *e)
{
	struct wire_name n;
	struct wire_msg m;
	char word[16];
	int rc = 0;

	if (!wire_name_parse(owner, &n) || wire_open(wire, len, &m, e) < 0)
		return err_set(e, ERR_TEMP, "a malformed answer");
	if (m.rcode != 0 && m.rcode != 3)
		rc = err_set(e, ERR_REFUSED, "%s", wire_rcode(m.rcode, word));
	else if (!m.aa)
		rc = err_set(e, ERR_REFUSED, "it is not authoritative");
	for (size_t i = 0; rc == 0 && i < m.n; i++) {
		const struct wire_rr *rr = &m.rr[i];

		if (rr->section != WIRE_ANSWER ||
		    rr->type != LDNS_RR_TYPE_TLSA ||
		    rr->class != WIRE_CLASS_IN || !wire_name_eq(&rr->owner, &n))
			continue;
		s->exists = true;
		s->ttl = rr->ttl;
		take_rdata(s, wire + rr->rdata, rr->len);
	}
	wire_release(&m);
	return rc;
}

int
update_read(const struct addr *server, const struct tsig_key *key,
    const char *owner, int64_t deadline, struct primary_set *ret, struct err *e)
{
	ldns_rdf *dname = ldns_dname_new_frm_str(owner);
	uint8_t *wire = NULL;
	ldns_pkt *p;
	size_t len;
	int rc = -1;

	memset(ret, 0, sizeof(*ret));
	if (dname == NULL)
		return err_set(e, ERR_CONFIG, "%s: not a domain name", owner);
	p = ldns_pkt_query_new(dname, LDNS_RR_TYPE_TLSA, LDNS_RR_CLASS_IN, 0);
	ldns_pkt_set_random_id(p);
	if (exchange(server, key, p, deadline, &wire, &len, e) == 0)
		rc = take_answer(wire, len, owner, ret, e);
	if (rc < 0)
		primary_set_release(ret);
	free(wire);
	ldns_pkt_free(p);
	return rc;
}

void
primary_set_release(struct primary_set *p)
{
	free(p->wire);
	memset(p, 0, sizeof(*p));
}

/* ---- changing ---- */

static ldns_rr *
bare(const char *owner, ldns_rr_class class, uint32_t ttl)
{
	ldns_rr *rr = ldns_rr_new();

	ldns_rr_set_owner(rr, ldns_dname_new_frm_str(owner));
	ldns_rr_set_type(rr, LDNS_RR_TYPE_TLSA);
	ldns_rr_set_class(rr, class);
	ldns_rr_set_ttl(rr, ttl);
	return rr;
}

/* A record with these bytes of rdata; all fields of a TLSA (RFC 6698). */
static ldns_rr *
with_rdata(const char *owner, ldns_rr_class class, uint32_t ttl,
    const uint8_t *p, size_t len)
{
	ldns_rr *rr = bare(owner, class, ttl);

	for (int i = 0; i < 3; i++)
		ldns_rr_push_rdf(rr,
		    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT8, 1, p + i));
	ldns_rr_push_rdf(rr,
	    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_HEX, len - 3, p + 3));
	return rr;
}

static ldns_rr *
with_tlsa(const char *owner, ldns_rr_class class, uint32_t ttl,
    const struct tlsa *t)
{
	uint8_t p[3 + TLSA_DATA] = { t->usage, t->selector, t->mtype };

	memcpy(p + 3, t->data, t->len);
	return with_rdata(owner, class, ttl, p, 3u + t->len);
}

/* "The RRset is exactly this", or "there is none" (RFC 2136 2.4). */
static ldns_rr_list *
prerequisites(const char *owner, const struct primary_set *was)
{
	ldns_rr_list *l = ldns_rr_list_new();

	if (!was->exists)
		ldns_rr_list_push_rr(l, bare(owner, LDNS_RR_CLASS_NONE, 0));
	for (size_t at = 0; at + 2 <= was->wire_len;) {
		size_t len = wire_16(was->wire + at);

		if (len > 3)
			ldns_rr_list_push_rr(l,
			    with_rdata(owner, LDNS_RR_CLASS_IN, 0,
				was->wire + at + 2, len));
		at += len + 2;
	}
	return l;
}

static const char *
refusal(int rcode, char word[16])
{
	switch (rcode) {
	case 5:
		return "REFUSED: the key has no right to this change";
	case 6:
	case 7:
	case 3:
	case 8:
		return "someone else changed the record set meanwhile; it is "
		       "read again";
	case 9:
		return "NOTAUTH: it is not the primary of the zone";
	case 10:
		return "NOTZONE: the name is not in the zone";
	default:
		return wire_rcode(rcode, word);
	}
}

int
update_send(const struct addr *server, const struct tsig_key *key,
    const char *zone, const char *owner, const struct primary_set *was,
    uint32_t ttl, const struct tlsa *add, size_t n_add,
    const struct tlsa *remove, size_t n_remove, int64_t deadline, struct err *e)
{
	ldns_rr_list *pre = prerequisites(owner, was);
	ldns_rr_list *up = ldns_rr_list_new();
	uint8_t *wire = NULL;
	struct wire_msg m;
	char word[16];
	ldns_pkt *p;
	size_t len;
	int rc = -1;

	for (size_t i = 0; i < n_add; i++)
		ldns_rr_list_push_rr(up,
		    with_tlsa(owner, LDNS_RR_CLASS_IN,
			was->exists ? was->ttl : ttl, &add[i]));
	for (size_t i = 0; i < n_remove; i++)
		ldns_rr_list_push_rr(up,
		    with_tlsa(owner, LDNS_RR_CLASS_NONE, 0, &remove[i]));
	p = ldns_update_pkt_new(ldns_dname_new_frm_str(zone), LDNS_RR_CLASS_IN,
	    pre, up, NULL);
	if (p == NULL) {
		err_set(e, ERR_BUG, "no update can be made for %s", zone);
		goto out;
	}
	ldns_pkt_set_rd(p, false);
	ldns_pkt_set_random_id(p);
	if (exchange(server, key, p, deadline, &wire, &len, e) < 0)
		goto out;
	if (wire_open(wire, len, &m, e) < 0) {
		e->kind = ERR_TEMP;
		goto out;
	}
	rc = m.rcode == 0
	    ? 0
	    : err_set(e, ERR_REFUSED, "%s", refusal(m.rcode, word));
	wire_release(&m);
out:
	free(wire);
	ldns_pkt_free(p);
	ldns_rr_list_deep_free(pre);
	ldns_rr_list_deep_free(up);
	return rc;
}
