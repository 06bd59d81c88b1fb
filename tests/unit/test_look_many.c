/*
 * test_look_many.c - many owners of one zone looked at together: whatever is
 * seen is what a look at each alone would have seen, and what is plain costs
 * the resolver nothing.
 */
#include "net_kit.h"

#include "base/mem.h"
#include "base/text.h"
#include "proc/look.h"

#define A LDNS_RR_TYPE_A
#define NS LDNS_RR_TYPE_NS
#define TLSA LDNS_RR_TYPE_TLSA
#define DNSKEY LDNS_RR_TYPE_DNSKEY
#define SOA_TYPE LDNS_RR_TYPE_SOA
#define SOA_AT(zone) zone " 60 IN SOA n. h. 7 60 60 600 30"
#define NS_BOTH \
	ZONE " 900 IN NS ns1.example.org.", ZONE " 900 IN NS ns2.example.org."
#define HOSTS 10
#define ODD 3 /* the one that is bent */
#define BEGUN 1000

static ldns_key *key;
static struct host h[HOSTS];
static struct look_request req[HOSTS];
static struct addr mail;

static const char *
owner_name(int i)
{
	static char buf[TLSA_OWNER];

	return text_fmt(buf, sizeof(buf), "_25._tcp.m%d.example.org.", i);
}

static const char *
base_name(int i)
{
	static char buf[HOST_NAME];

	return text_fmt(buf, sizeof(buf), "m%d.example.org.", i);
}

static void
say_set(int at, const char *name, unsigned type, bool plain,
    const char *const *text)
{
	ldns_rr_list *l[3] = { kit_set(text), NULL, NULL };

	if (!plain)
		kit_sign(l[0], l[0], key, -DAY, DAY);
	net_say_lists(at, name, type, at == RESOLVER ? AD : AA, l);
}

static void
say_tlsa(int at, int i, const char *digest, bool plain)
{
	char record[200];
	const char *const text[] = { record, NULL };

	text_fmt(record, sizeof(record), "%s 60 IN TLSA 3 1 1 %s",
	    owner_name(i), digest);
	say_set(at, owner_name(i), TLSA, plain, text);
}

static void
say_denial(int at, int i)
{
	static const char *const soa[] = { SOA, NULL };
	char nsec[200];
	const char *const text[] = { nsec, NULL };
	ldns_rr_list *l[3] = { NULL, kit_set(soa), NULL }, *n;

	text_fmt(nsec, sizeof(nsec),
	    "%s 30 IN NSEC z.example.org. A RRSIG NSEC", owner_name(i));
	n = kit_set(text);
	kit_sign(l[1], l[1], key, -DAY, DAY);
	kit_sign(n, n, key, -DAY, DAY);
	ldns_rr_list_cat(l[1], n);
	ldns_rr_list_free(n);
	net_say_lists(at, owner_name(i), TLSA, AA, l);
}

static void
say_child(int at)
{
	char record[200], name[HOST_NAME];
	ldns_rr_list *l[3] = { ldns_rr_list_new(), NULL, NULL };

	ldns_rr_list_push_rr(l[0], ldns_key2rr(key));
	ldns_rr_set_ttl(ldns_rr_list_rr(l[0], 0), 60);
	kit_sign(l[0], l[0], key, -DAY, DAY);
	net_say_lists(at, ZONE, DNSKEY, AA, l);
	for (int i = 0; i < HOSTS; i++) {
		say_tlsa(at, i, i % 2 == 0 ? D1 : D2, false);
		text_fmt(record, sizeof(record),
		    "m%d.example.org. 60 IN A 192.0.2.1", i);
		text_fmt(name, sizeof(name), "m%d.example.org.", i);
		SAY(at, name, LDNS_RR_TYPE_A, AA, record);
	}
	SAY(at, ZONE, SOA_TYPE, AA, SOA_AT(ZONE));
	SAY(at, ZONE, NS, AA, NS_BOTH);
}

static void
say_resolver(void)
{
	ldns_rr_list *l[3] = { ldns_rr_list_new(), NULL, NULL };
	ldns_rr *rr = ldns_key2rr(key);

	SAY(RESOLVER, ".", SOA_TYPE, AD, SOA_AT("."));
	SAY(RESOLVER, "org.", SOA_TYPE, AD, SOA_AT("org."));
	SAY(RESOLVER, ZONE, SOA_TYPE, AD, SOA_AT(ZONE));
	SAY(RESOLVER, "org.", NS, AD, "org. 60 IN NS a.test.");
	SAY(RESOLVER, "a.test.", A, AD, "a.test. 60 IN A 127.0.0.10");
	SAY(RESOLVER, ZONE, NS, AD, NS_BOTH);
	SAY(RESOLVER, "ns1.example.org.", A, AD,
	    "ns1.example.org. 60 IN A 127.0.0.21");
	SAY(RESOLVER, "ns2.example.org.", A, AD,
	    "ns2.example.org. 60 IN A 127.0.0.22");
	SAY(PARENT, ZONE, NS, 0, "|", NS_BOTH);
	ldns_rr_list_push_rr(l[0], ldns_key_rr2ds(rr, LDNS_SHA256));
	ldns_rr_free(rr);
	net_say_lists(RESOLVER, ZONE, LDNS_RR_TYPE_DS, AD, l);
	for (int i = 0; i < HOSTS; i++) {
		say_tlsa(RESOLVER, i, i % 2 == 0 ? D1 : D2, false);
		SAY(RESOLVER, base_name(i), A, AD, "|");
		SAY(RESOLVER, base_name(i), SOA_TYPE, AD, "|", SOA_AT(ZONE));
	}
}

static void
make_hosts(void)
{
	for (int i = 0; i < HOSTS; i++) {
		char name[HOST_NAME];

		text_fmt(name, sizeof(name), "m%d.example.org", i);
		host_init(&h[i], name);
		h[i].policy.hold_factor = 1;
		h[i].adopted_at = 1;
		host_owner(&h[i], owner_name(i), 25);
		req[i] = (struct look_request){ .host = &h[i],
			.endpoints = &mail,
			.n_endpoints = 1,
			.primary = net_addr(PARENT_2) };
	}
}

/* What CHILD says, CHILD_2 says in the same bytes, as servers of one zone do;
 * but for these flags. */
static void
say_alike(const char *name, unsigned type, unsigned without)
{
	const struct net_row *from = net_find(CHILD, name, type);
	uint8_t *wire = mem_copy(from->wire, from->len);
	size_t len = from->len;
	struct net_row *to = net_row(CHILD_2, name, type);

	if (without == AA)
		wire[2] &= (uint8_t)~4;
	to->wire = wire;
	to->len = len;
}

static void
setup(void)
{
	key = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
	mail = addr_make(4, "\177\0\0\1", 25);
	say_resolver();
	say_child(CHILD);
	say_child(CHILD_2);
	for (int i = 1; i < HOSTS; i++)
		say_alike(owner_name(i), TLSA, 0);
	say_alike(ZONE, DNSKEY, 0);
	SAY(PARENT_2, ZONE, SOA_TYPE, AA, SOA_AT(ZONE));
	SAY(PARENT_2, "m3.example.org.", SOA_TYPE, AA,
	    SOA_AT("m3.example.org."));
	make_hosts();
}

static void
teardown(void)
{
	net_forget();
	for (int i = 0; i < HOSTS; i++)
		host_release(&h[i]);
	ldns_key_deep_free(key);
}

static void
look_at(struct look_request *r, size_t n)
{
	struct now now = { .elapsed = BEGUN, .wall = NOW, .trusted = true };
	struct addr resolver = net_addr(RESOLVER);
	struct err e;

	ck_assert_msg(look_dns(r, n, &resolver, &now, clock_mono_ms() + 60000,
			  &e) == 0,
	    "%s", e.text);
}

/* ---- the same as each alone ---- */

enum bend {
	AS_IT_IS,
	OTHER_SET,
	DENIED,
	DENIED_AT_ONE,
	UNSIGNED,
	ALIAS,
	REFUSED,
	LAME,
	SILENT,
	SILENT_WITHOUT_SERIAL, /* it does answer for its keys */
	CUT,
	KEYS_REFUSED,
	WILDCARD,
	NO_ROUTE,	/* to another address of ns2 */
	RESOLVER_ALIAS, /* that it alone follows still */
	RESOLVER_UNSIGNED,
	RESOLVER_FAILS,
	RESOLVER_CUT, /* that it alone knows still */
	/* the host's name */
	BASE_ALIAS,
	BASE_ALIAS_AT_ONE,
	BASE_REFUSED,
	BASE_LAME,
	BASE_SILENT,
	BASE_RESOLVER_ALIAS,
	BENDS,
};

static void
bend_one(enum bend b)
{
	const char *o = owner_name(ODD);
	char record[300];

	if (b == OTHER_SET || b == UNSIGNED)
		say_tlsa(CHILD_2, ODD, D1, b == UNSIGNED);
	if (b == DENIED || b == DENIED_AT_ONE)
		say_denial(CHILD_2, ODD);
	if (b == DENIED) {
		say_denial(CHILD, ODD);
		SAY(RESOLVER, o, TLSA, AD, "|");
	}
	if (b == ALIAS) {
		text_fmt(record, sizeof(record), "%s 60 IN CNAME a.test.", o);
		SAY(CHILD_2, o, TLSA, AA, record);
	}
	if (b == RESOLVER_ALIAS) {
		text_fmt(record, sizeof(record),
		    "%s 9 IN CNAME old.example.org.", o);
		SAY(RESOLVER, o, TLSA, AD, record);
	}
	if (b == REFUSED)
		SAY(CHILD_2, o, TLSA, 5, "|");
	if (b == LAME)
		say_alike(o, TLSA, AA);
	if (b == SILENT || b == SILENT_WITHOUT_SERIAL)
		net_row(CHILD_2, o, TLSA);
	if (b == SILENT_WITHOUT_SERIAL)
		SAY(CHILD_2, ZONE, SOA_TYPE, 5, "|");
	if (b == NO_ROUTE)
		SAY(RESOLVER, "ns2.example.org.", LDNS_RR_TYPE_AAAA, AD,
		    "ns2.example.org. 60 IN AAAA 2001:db8::5");
	if (b == KEYS_REFUSED)
		SAY(CHILD_2, ZONE, DNSKEY, 5, "|");
}

static void
bend_resolver(enum bend b)
{
	static const char *const up = "m3.example.org.";

	if (b == RESOLVER_UNSIGNED)
		say_tlsa(RESOLVER, ODD, D2, true);
	if (b == RESOLVER_FAILS)
		SAY(RESOLVER, owner_name(ODD), TLSA, SERVFAIL, "|");
	if (b != RESOLVER_CUT)
		return;
	SAY(RESOLVER, owner_name(ODD), TLSA, AD, "|",
	    SOA_AT("m3.example.org."));
	SAY(RESOLVER, up, SOA_TYPE, AD, SOA_AT("m3.example.org."));
	SAY(RESOLVER, up, NS, AD, "m3.example.org. 60 IN NS ns3.test.");
	SAY(RESOLVER, "ns3.test.", A, AD, "ns3.test. 60 IN A 127.0.0.23");
	SAY(CHILD_3, owner_name(ODD), TLSA, AA, "|");
	SAY(CHILD_3, up, A, AA, "m3.example.org. 60 IN CNAME a.test.");
}

static void
bend_base(enum bend b)
{
	static const char *const name = "m3.example.org.";
	static const char *const alias = "m3.example.org. 60 IN CNAME a.test.";

	if (b == BASE_ALIAS || b == BASE_ALIAS_AT_ONE)
		SAY(CHILD_2, name, A, AA, alias);
	if (b == BASE_ALIAS)
		SAY(CHILD, name, A, AA, alias);
	if (b == BASE_REFUSED)
		SAY(CHILD_2, name, A, AA | 5, "|");
	if (b == BASE_LAME)
		SAY(CHILD_2, name, A, 0, "|");
	if (b == BASE_SILENT)
		net_row(CHILD_2, name, A);
	if (b == BASE_RESOLVER_ALIAS)
		SAY(RESOLVER, name, A, AD, alias);
}

/* A zone of its own, at a third server; or signed as a wildcard is. */
static void
bend_cut(enum bend b)
{
	const char *o = owner_name(ODD);
	const char *const wild[] = { "*.example.org. 60 IN TLSA 3 1 1 " D1,
		NULL };
	ldns_rr_list *l[3] = { NULL, NULL, NULL };

	if (b == CUT) {
		for (int at = CHILD; at <= CHILD_2; at++)
			SAY(at, o, TLSA, 0, "|",
			    "m3.example.org. 60 IN NS ns3.test.");
		SAY(RESOLVER, "m3.example.org.", SOA_TYPE, AD,
		    SOA_AT("m3.example.org."));
		SAY(RESOLVER, "m3.example.org.", NS, AD,
		    "m3.example.org. 60 IN NS ns3.test.");
		SAY(RESOLVER, "ns3.test.", A, AD,
		    "ns3.test. 60 IN A 127.0.0.23");
		SAY(CHILD_3, o, TLSA, AA, "|");
	}
	if (b == WILDCARD) {
		l[0] = kit_set(wild);
		kit_sign(l[0], l[0], key, -DAY, DAY);
		for (size_t i = 0; i < ldns_rr_list_rr_count(l[0]); i++) {
			ldns_rr *rr = ldns_rr_list_rr(l[0], i);

			ldns_rdf_deep_free(ldns_rr_owner(rr));
			ldns_rr_set_owner(rr, ldns_dname_new_frm_str(o));
		}
		net_say_lists(CHILD, o, TLSA, AA, l);
	}
}

static void
same_span(const struct span *a, const struct span *b)
{
	ck_assert(a->from == b->from && a->until == b->until);
}

static void
same_authority(int i, const struct host *x, const struct authority *a,
    const struct host *y, const struct authority *b)
{
	ck_assert_int_eq(addr_cmp(&a->addr, &b->addr), 0);
	ck_assert_str_eq(a->name, b->name);
	ck_assert_msg(a->look == b->look, "host %d: %s (%s), %s (%s)", i,
	    look_name(a->look), a->why, look_name(b->look), b->why);
	ck_assert_str_eq(a->why, b->why);
	ck_assert_uint_eq(a->ttl, b->ttl);
	ck_assert_uint_eq(a->ns_ttl, b->ns_ttl);
	ck_assert(a->has_serial == b->has_serial && a->serial == b->serial);
	ck_assert_uint_eq(a->refresh, b->refresh);
	ck_assert(a->answered == b->answered);
	ck_assert(a->fresh && b->fresh);
	ck_assert((a->set < 0) == (b->set < 0));
	ck_assert(a->set < 0 || tlsa_set_eq(x->set[a->set], y->set[b->set]));
	same_span(&a->records_signed, &b->records_signed);
	same_span(&a->keys_signed, &b->keys_signed);
}

static void
same_host(int i, const struct host *x, const struct host *y)
{
	const struct owner *a = &x->own[0], *b = &y->own[0];

	ck_assert_str_eq(a->zone, b->zone);
	ck_assert_str_eq(a->blocked, b->blocked);
	ck_assert_pstr_eq(a->ns_differ, b->ns_differ);
	ck_assert(a->has_primary_serial && b->has_primary_serial);
	ck_assert_uint_eq(a->primary_serial, b->primary_serial);
	ck_assert_uint_eq(a->n_auth, b->n_auth);
	for (size_t k = 0; k < a->n_auth; k++)
		same_authority(i, x, &a->auth[k], y, &b->auth[k]);
	ck_assert_uint_eq(a->n_seen, b->n_seen);
	for (size_t k = 0; k < a->n_seen; k++)
		ck_assert_int_eq(a->seen[k].signed_until,
		    b->seen[k].signed_until);
	ck_assert_uint_eq(x->n_ep, y->n_ep);
	ck_assert_uint_eq(x->n_own, y->n_own);
	for (size_t k = 1; k < x->n_own; k++) {
		ck_assert_str_eq(x->own[k].name, y->own[k].name);
		ck_assert_str_eq(x->own[k].blocked, y->own[k].blocked);
		ck_assert_uint_eq(x->own[k].n_auth, y->own[k].n_auth);
	}
}

START_TEST(together_each_is_seen_as_alone)
{
	struct host together[HOSTS];

	bend_one((enum bend)_i);
	bend_cut((enum bend)_i);
	bend_resolver((enum bend)_i);
	bend_base((enum bend)_i);
	net_start();
	look_at(req, HOSTS);
	memcpy(together, h, sizeof(h));
	make_hosts();
	for (int i = 0; i < HOSTS; i++)
		look_at(&req[i], 1);
	net_end();
	for (int i = 0; i < HOSTS; i++) {
		same_host(i, &together[i], &h[i]);
		ck_assert((strstr(h[i].own[0].blocked, "still follows") !=
			      NULL) ==
		    (i == ODD &&
			(_i == RESOLVER_ALIAS || _i == BASE_RESOLVER_ALIAS)));
		ck_assert((strstr(h[i].own[0].blocked, "whether m3") != NULL) ==
		    (i == ODD && _i >= BASE_REFUSED && _i <= BASE_SILENT));
		ck_assert((h[i].n_own > 1) ==
		    (i == ODD && _i >= RESOLVER_CUT &&
			(_i <= BASE_ALIAS_AT_ONE ||
			    _i == BASE_RESOLVER_ALIAS)));
		if (i != ODD && _i != KEYS_REFUSED)
			ck_assert_int_eq(h[i].own[0].auth[1].look, LOOK_SHOWN);
		host_release(&together[i]);
	}
}
END_TEST

/* ---- and costs less ---- */

/* Of each server, and of the resolver, which may follow an alias.  Where the
 * host's name is need not be asked but of the first. */
START_TEST(what_is_plain_is_asked_once)
{
	int asked = 0;

	net_start();
	look_at(req, HOSTS);
	for (int i = 0; i < HOSTS; i++) {
		ck_assert_int_eq(net_asked(RESOLVER, base_name(i), A), 1);
		ck_assert_int_eq(net_asked(CHILD, base_name(i), A), 1);
		ck_assert_int_eq(net_asked(CHILD_2, base_name(i), A), 1);
		ck_assert_int_eq(net_asked(RESOLVER, base_name(i), SOA_TYPE),
		    i == 0);
		asked += net_asked(RESOLVER, owner_name(i), TLSA);
		ck_assert_int_eq(net_asked(CHILD, owner_name(i), TLSA), 1);
		ck_assert_int_eq(h[i].own[0].auth[1].look, LOOK_SHOWN);
		ck_assert_str_eq(h[i].own[0].zone, ZONE);
	}
	ck_assert_int_eq(asked, HOSTS);
	ck_assert_int_eq(net_asked(CHILD, ZONE, DNSKEY), 1);
	ck_assert_int_eq(net_asked(CHILD, ZONE, SOA_TYPE), 1);
	net_end();
}
END_TEST

/* One whose addresses are those of the DNS, too. */
START_TEST(its_addresses_are_asked_for_once)
{
	char record[200];

	text_fmt(record, sizeof(record), "%s 60 IN A 192.0.2.1",
	    base_name(ODD));
	SAY(RESOLVER, base_name(ODD), A, AD, record);
	for (int at = CHILD; at <= CHILD_2; at++)
		SAY(at, base_name(ODD), LDNS_RR_TYPE_AAAA, AA, "|");
	req[ODD].n_endpoints = 0;
	net_start();
	look_at(req, HOSTS);
	ck_assert_uint_eq(h[ODD].n_ep, 1);
	ck_assert_int_eq(h[ODD].ep[0].addr.ip[0], 192);
	ck_assert_int_eq(net_asked(RESOLVER, base_name(ODD), A), 1);
	ck_assert_int_eq(net_asked(CHILD, base_name(ODD), A), 1);
	ck_assert_int_eq(net_asked(CHILD_2, base_name(ODD), LDNS_RR_TYPE_AAAA),
	    1);
	net_end();
}
END_TEST

/* Only what showed its records by the rules is left to the short way. */
START_TEST(one_that_is_odd_is_looked_at_by_itself)
{
	bend_one(DENIED_AT_ONE);
	net_start();
	look_at(req, HOSTS);
	for (int i = 0; i < HOSTS; i++)
		ck_assert_int_eq(net_asked(CHILD_2, owner_name(i), TLSA),
		    1 + (i == ODD));
	ck_assert_int_eq(h[ODD].own[0].auth[1].look, LOOK_BOGUS);
	net_end();
}
END_TEST

/* A server that says nothing costs its time-outs once, not once an owner. */
START_TEST(a_dead_server_costs_its_own_time_only)
{
	int64_t begun = clock_mono_ms();

	for (int i = 0; i < net.n; i++)
		if (net.row[i].at == CHILD_2) {
			free(net.row[i].wire);
			net.row[i].wire = NULL;
		}
	net_start();
	look_at(req, HOSTS);
	ck_assert_int_lt(clock_mono_ms() - begun, 6000);
	for (int i = 0; i < HOSTS; i++) {
		ck_assert_int_eq(h[i].own[0].auth[0].look, LOOK_SHOWN);
		ck_assert_int_eq(h[i].own[0].auth[1].look, LOOK_SILENT);
		ck_assert_ptr_nonnull(strstr(h[i].own[0].auth[1].why,
		    "no answer"));
	}
	net_end();
}
END_TEST

#define DEAD "dead.test."
#define DEAD_HOSTS 8

/* A zone of which no server answers anything. */
static void
say_dead_zone(void)
{
	SAY(RESOLVER, "test.", SOA_TYPE, AD, SOA_AT("test."));
	SAY(RESOLVER, "test.", NS, AD, "test. 60 IN NS a.test.");
	SAY(RESOLVER, DEAD, SOA_TYPE, AD, SOA_AT(DEAD));
	SAY(RESOLVER, DEAD, NS, AD, DEAD " 900 IN NS ns3.test.");
	SAY(RESOLVER, "ns3.test.", A, AD, "ns3.test. 60 IN A 127.0.0.23");
	SAY(PARENT, DEAD, NS, 0, "|", DEAD " 900 IN NS ns3.test.");
	net_row(CHILD_3, DEAD, NS);
	net_row(CHILD_3, DEAD, SOA_TYPE);
	net_row(CHILD_3, DEAD, DNSKEY);
}

/* It costs its own time, once, and none of the others is any worse for it. */
START_TEST(a_dead_zone_delays_and_silences_no_other)
{
	struct look_request all[HOSTS + DEAD_HOSTS];
	struct host dead[DEAD_HOSTS];
	char name[HOST_NAME], owner[TLSA_OWNER];
	int64_t begun;

	say_dead_zone();
	for (int i = 0; i < DEAD_HOSTS; i++) {
		text_fmt(name, sizeof(name), "d%d.dead.test", i);
		host_init(&dead[i], name);
		dead[i].adopted_at = 1;
		host_owner(&dead[i], tlsa_owner(25, name, owner), 25);
		net_row(CHILD_3, owner, TLSA);
		all[i] = (struct look_request){ .host = &dead[i],
			.endpoints = &mail,
			.n_endpoints = 1 };
	}
	memcpy(all + DEAD_HOSTS, req, sizeof(req));
	net_start();
	begun = clock_mono_ms();
	look_at(all, HOSTS + DEAD_HOSTS);
	ck_assert_int_lt(clock_mono_ms() - begun, 6000);
	for (int i = 0; i < HOSTS; i++)
		for (int k = 0; k < 2; k++)
			ck_assert_msg(h[i].own[0].auth[k].look == LOOK_SHOWN,
			    "host %d: %s", i, h[i].own[0].auth[k].why);
	net_end();
	for (int i = 0; i < DEAD_HOSTS; i++)
		host_release(&dead[i]);
}
END_TEST

/* One that left the NS set and still counts is asked, too. */
START_TEST(who_left_is_asked_in_a_crowd)
{
	struct addr left = net_addr(CHILD_3);

	owner_authority(&h[ODD].own[0], &left);
	SAY(CHILD_3, owner_name(ODD), TLSA, 5, "|");
	net_start();
	look_at(req, HOSTS);
	ck_assert_int_eq(net_asked(CHILD_3, owner_name(ODD), TLSA), 1);
	ck_assert_uint_eq(h[ODD].own[0].n_auth, 3);
	ck_assert_str_eq(h[ODD].own[0].auth[0].why, "REFUSED");
	net_end();
}
END_TEST

/* An alias, or a wildcard's records, at every server: nothing is plain. */
START_TEST(a_name_that_stands_for_another_is_followed_in_a_crowd)
{
	static const int at[] = { CHILD, CHILD_2 };
	char record[200];
	const char *const text[] = { record, NULL };

	text_fmt(record, sizeof(record),
	    "%s 60 IN CNAME _25._tcp.m4.example.org.", owner_name(ODD));
	for (int i = 0; i < 2; i++) {
		ldns_rr_list *l[3] = { kit_set(text), NULL, NULL };

		kit_sign(l[0], l[0], key, -DAY, DAY);
		net_say_lists(at[i], owner_name(ODD), TLSA, AA, l);
	}
	net_start();
	look_at(req, HOSTS);
	ck_assert_uint_eq(h[ODD].n_own, 2);
	ck_assert_str_eq(h[ODD].own[1].name, "_25._tcp.m4.example.org.");
	ck_assert_int_eq(h[ODD].own[1].auth[0].look, LOOK_SHOWN);
	ck_assert_int_eq(h[ODD].own[0].role, OWNER_LINK);
	ck_assert_str_eq(h[ODD].own[0].blocked, "");
	net_end();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("look_many");
	TCase *tc = tcase_create("look_many");
	SRunner *sr;
	int failed;

	if (!net_enter())
		return 77;
	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, together_each_is_seen_as_alone, 0, BENDS);
	tcase_add_test(tc, what_is_plain_is_asked_once);
	tcase_add_test(tc, its_addresses_are_asked_for_once);
	tcase_add_test(tc,
	    a_name_that_stands_for_another_is_followed_in_a_crowd);
	tcase_add_test(tc, one_that_is_odd_is_looked_at_by_itself);
	tcase_add_test(tc, a_dead_server_costs_its_own_time_only);
	tcase_add_test(tc, a_dead_zone_delays_and_silences_no_other);
	tcase_add_test(tc, who_left_is_asked_in_a_crowd);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
