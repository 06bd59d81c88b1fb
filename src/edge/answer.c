/*
 * answer.c - reads plain facts out of an answer.  What is believed of them is
 * judged in answer_judge.c.
 */
#include "edge/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "edge/answer_verify.h"
#include "edge/wire.h"

static int
open_reply(const struct question *q, struct wire_msg *m, struct err *e)
{
	if (q->reply == NULL)
		return err_set(e, ERR_UNREACHABLE, "%s", q->why);
	return wire_open(q->reply, q->reply_len, m, e);
}

/* Neither records nor a denial: the answer says nothing. */
static int
check_rcode(const struct wire_msg *m, struct err *e)
{
	char word[16];

	if (m->rcode == 0 || m->rcode == 3)
		return 0;
	return err_set(e, ERR_UNREACHABLE, "%s", wire_rcode(m->rcode, word));
}

static bool
is_rr(const struct wire_rr *rr, enum wire_section section,
    const struct wire_name *owner, unsigned type)
{
	return rr->section == section && rr->class == WIRE_CLASS_IN &&
	    rr->type == type && wire_name_eq(&rr->owner, owner);
}

#define TYPE_DNAME 39
#define TYPE_RRSIG 46

/* A signature over fewer labels than the name has: synthesised. */
static bool
is_wildcard_sig(const struct wire_msg *m, const struct wire_rr *rr,
    const struct wire_name *owner, unsigned type)
{
	const uint8_t *p = m->p + rr->rdata;

	return is_rr(rr, WIRE_ANSWER, owner, TYPE_RRSIG) && rr->len >= 4 &&
	    wire_16(p) == type && p[3] < wire_name_labels(owner);
}

int
answer_head(const struct question *q, const char *name, enum rrtype type,
    struct answer_head *ret, struct err *e)
{
	struct wire_name n;
	struct wire_msg m;

	memset(ret, 0, sizeof(*ret));
	if (!wire_name_parse(name, &n))
		return err_set(e, ERR_CONFIG, "%s: not a domain name", name);
	if (open_reply(q, &m, e) < 0)
		return -1;
	ret->rcode = m.rcode;
	ret->aa = m.aa;
	ret->ad = m.ad;
	for (size_t i = 0; i < m.n; i++) {
		const struct wire_rr *rr = &m.rr[i];

		if (is_rr(rr, WIRE_ANSWER, &n, type))
			ret->has_records = true;
		if (is_rr(rr, WIRE_ANSWER, &n, TYPE_CNAME) ||
		    (rr->section == WIRE_ANSWER && rr->type == TYPE_DNAME))
			ret->has_cname = true;
		if (is_wildcard_sig(&m, rr, &n, type))
			ret->wildcard = true;
	}
	wire_release(&m);
	return 0;
}

void
name_list_release(struct name_list *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

static void
add_name(struct name_list *l, const struct wire_name *name,
    const struct addr *addr, uint32_t ttl)
{
	struct name_addr na = { .ttl = ttl };

	if (!wire_name_text(name, na.name))
		/* It stands in the list all the same: a server without an
		 * address is one that is missed. */
		text_fmt(na.name, sizeof(na.name), "unreadable-name.invalid.");
	if (addr != NULL)
		na.addr = *addr;
	l->v = mem_room(l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n++] = na;
}

int
answer_soa(const struct question *q, const char *name, struct soa_view *ret,
    struct err *e)
{
	struct wire_name n, skip;
	struct wire_msg m;
	size_t at;

	memset(ret, 0, sizeof(*ret));
	if (!wire_name_parse(name, &n))
		return err_set(e, ERR_CONFIG, "%s: not a domain name", name);
	if (open_reply(q, &m, e) < 0)
		return -1;
	if (check_rcode(&m, e) < 0) {
		wire_release(&m);
		return -1;
	}
	ret->ad = m.ad;
	for (size_t i = 0; i < m.n; i++) {
		const struct wire_rr *rr = &m.rr[i];

		if (!is_rr(rr, WIRE_ANSWER, &n, TYPE_SOA) ||
		    !wire_rdata_name(&m, rr, rr->rdata, &skip, &at) ||
		    !wire_rdata_name(&m, rr, at, &skip, &at) ||
		    at + 20 != rr->rdata + rr->len)
			continue;
		ret->found = true;
		ret->serial = wire_32(m.p + at);
		ret->refresh = wire_32(m.p + at + 4);
		ret->minimum = wire_32(m.p + at + 16);
		ret->ttl = rr->ttl;
	}
	wire_release(&m);
	return 0;
}

static bool
rr_addr(const struct wire_msg *m, const struct wire_rr *rr, uint16_t port,
    struct addr *ret)
{
	if (rr->class != WIRE_CLASS_IN)
		return false;
	if (rr->type == TYPE_A && rr->len == 4)
		*ret = addr_make(4, m->p + rr->rdata, port);
	else if (rr->type == TYPE_AAAA && rr->len == 16)
		*ret = addr_make(6, m->p + rr->rdata, port);
	else
		return false;
	return true;
}

/* Addresses in the additional section, of the names just listed. */
static void
add_glue(const struct wire_msg *m, struct name_list *list, size_t from)
{
	size_t n = list->n;
	struct wire_name name;
	struct addr a;

	for (size_t i = 0; i < m->n; i++) {
		if (m->rr[i].section != WIRE_ADDITIONAL ||
		    !rr_addr(m, &m->rr[i], 53, &a))
			continue;
		for (size_t k = from; k < n; k++)
			if (wire_name_parse(list->v[k].name, &name) &&
			    wire_name_eq(&name, &m->rr[i].owner)) {
				add_name(list, &name, &a, m->rr[i].ttl);
				break;
			}
	}
}

int
answer_ns(const struct question *q, const char *zone, struct name_list *list,
    struct err *e)
{
	size_t from = list->n, end;
	struct wire_name n, ns;
	struct wire_msg m;
	int rc = 0;

	if (!wire_name_parse(zone, &n))
		return err_set(e, ERR_CONFIG, "%s: not a domain name", zone);
	if (open_reply(q, &m, e) < 0)
		return -1;
	for (size_t i = 0; i < m.n; i++) {
		const struct wire_rr *rr = &m.rr[i];

		if ((is_rr(rr, WIRE_ANSWER, &n, TYPE_NS) ||
			is_rr(rr, WIRE_AUTHORITY, &n, TYPE_NS)) &&
		    wire_rdata_name(&m, rr, rr->rdata, &ns, &end))
			add_name(list, &ns, NULL, rr->ttl);
	}
	add_glue(&m, list, from);
	if (list->n == from) {
		char word[16];

		rc = err_set(e, ERR_UNREACHABLE, "%s, and no NS records",
		    wire_rcode(m.rcode, word));
	}
	wire_release(&m);
	return rc;
}

/* A cache counts the TTL down; its signature says what it began with. */
static uint32_t
full_ttl(const struct wire_msg *m, const struct wire_rr *rr)
{
	const uint8_t *p = m->p + rr->rdata;

	if (rr->section != WIRE_ANSWER || rr->type != TYPE_RRSIG ||
	    rr->len < 8 || (wire_16(p) != TYPE_A && wire_16(p) != TYPE_AAAA))
		return 0;
	return wire_32(p + 4);
}

int
answer_addrs(const struct question *q, const char *name, struct name_list *list,
    struct err *e)
{
	uint32_t least = 0;
	struct wire_name n;
	struct wire_msg m;
	struct addr a;
	int rc;

	if (!wire_name_parse(name, &n))
		return err_set(e, ERR_CONFIG, "%s: not a domain name", name);
	if (open_reply(q, &m, e) < 0)
		return -1;
	rc = check_rcode(&m, e);
	for (size_t i = 0; i < m.n; i++)
		if (full_ttl(&m, &m.rr[i]) > least)
			least = full_ttl(&m, &m.rr[i]);
	/* A resolver's answer has the whole chain: any address is meant. */
	for (size_t i = 0; rc == 0 && i < m.n; i++)
		if (m.rr[i].section == WIRE_ANSWER &&
		    rr_addr(&m, &m.rr[i], 0, &a))
			add_name(list, &n, &a,
			    m.rr[i].ttl > least ? m.rr[i].ttl : least);
	wire_release(&m);
	return rc;
}

int
answer_ds(const struct question *q, const char *zone, struct ds_set *ret,
    struct err *e)
{
	struct wire_name n;
	struct wire_msg m;

	memset(ret, 0, sizeof(*ret));
	if (!wire_name_parse(zone, &n))
		return err_set(e, ERR_CONFIG, "%s: not a domain name", zone);
	if (open_reply(q, &m, e) < 0)
		return -1;
	if (check_rcode(&m, e) < 0) {
		wire_release(&m);
		return -1;
	}
	ret->secure = m.ad;
	for (size_t i = 0; i < m.n && ret->n < DS_MAX; i++) {
		const struct wire_rr *rr = &m.rr[i];
		const uint8_t *p = m.p + rr->rdata;
		struct ds *d = &ret->ds[ret->n];

		if (!is_rr(rr, WIRE_ANSWER, &n, TYPE_DS) || rr->len < 5 ||
		    rr->len - 4u > sizeof(d->digest))
			continue;
		d->tag = wire_16(p);
		d->algorithm = p[2];
		d->digest_type = p[3];
		d->digest_len = (uint8_t)(rr->len - 4);
		memcpy(d->digest, p + 4, d->digest_len);
		ret->n++;
	}
	wire_release(&m);
	return 0;
}

int
answer_tlsa(const struct question *q, struct tlsa_set *ret, bool *ret_ad,
    struct err *e)
{
	struct wire_msg m;
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (open_reply(q, &m, e) < 0)
		return -1;
	rc = check_rcode(&m, e);
	for (size_t i = 0; rc == 0 && i < m.n; i++) {
		const struct wire_rr *rr = &m.rr[i];

		if (rr->section == WIRE_ANSWER && rr->type == TYPE_TLSA &&
		    rr->class == WIRE_CLASS_IN)
			rc = answer_take_tlsa(m.p + rr->rdata, rr->len, ret, e);
	}
	*ret_ad = m.ad;
	wire_release(&m);
	return rc;
}

bool
answer_alias(const struct question *q, const char *name, char ret[HOST_NAME])
{
	struct wire_name n, to;
	bool found = false;
	struct wire_msg m;
	size_t end;

	if (!wire_name_parse(name, &n) || open_reply(q, &m, NULL) < 0)
		return false;
	for (size_t i = 0; i < m.n && !found; i++)
		found = is_rr(&m.rr[i], WIRE_ANSWER, &n, TYPE_CNAME) &&
		    wire_rdata_name(&m, &m.rr[i], m.rr[i].rdata, &to, &end) &&
		    wire_name_text(&to, ret);
	wire_release(&m);
	return found;
}

/* Is the zone the one that signed the set?  0: this is no signature of it. */
static int
signed_by(const struct wire_msg *m, const struct wire_rr *rr,
    const struct wire_name *name, unsigned type, const struct wire_name *zone)
{
	struct wire_name signer;
	size_t end;

	if (!is_rr(rr, WIRE_ANSWER, name, TYPE_RRSIG) || rr->len < 18 ||
	    wire_16(m->p + rr->rdata) != type)
		return 0;
	return wire_rdata_name(m, rr, rr->rdata + 18, &signer, &end) &&
		wire_name_eq(&signer, zone)
	    ? 1
	    : -1;
}

bool
answer_in_zone(const struct question *q, const char *name, enum rrtype type,
    const char *zone)
{
	size_t yes = 0, no = 0, records = 0;
	struct wire_name n, z;
	struct wire_msg m;

	if (!wire_name_parse(name, &n) || !wire_name_parse(zone, &z) ||
	    open_reply(q, &m, NULL) < 0)
		return false;
	if (check_rcode(&m, NULL) < 0)
		no++;
	for (size_t i = 0; i < m.n; i++) {
		int by = signed_by(&m, &m.rr[i], &n, type, &z);

		records += m.rr[i].section == WIRE_ANSWER;
		yes += by > 0 ||
		    (records == 0 &&
			is_rr(&m.rr[i], WIRE_AUTHORITY, &z, TYPE_SOA));
		no += by < 0 || is_rr(&m.rr[i], WIRE_ANSWER, &n, TYPE_CNAME);
	}
	wire_release(&m);
	return yes > 0 && no == 0;
}

bool
answer_denies(const struct question *q, const char *owner, enum rrtype type)
{
	struct answer_head h;

	if (answer_head(q, owner, type, &h, NULL) < 0)
		return false;
	return h.ad && (h.rcode == 0 || h.rcode == 3) && !h.has_records &&
	    !h.has_cname;
}
