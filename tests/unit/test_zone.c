/*
 * test_zone.c - every address that may answer for a name is found, whichever
 * side lists it; and where one may be missing, that is said.
 */
#include "net_kit.h"

#include "base/text.h"
#include "edge/zone.h"

#define A LDNS_RR_TYPE_A
#define AAAA LDNS_RR_TYPE_AAAA
#define NS LDNS_RR_TYPE_NS
#define DS LDNS_RR_TYPE_DS
#define SOA_AT(zone) zone " 60 IN SOA n. h. 7 60 60 600 30"
#define ORG_SERVER "a.org-servers.test."
#define NS_1(ttl) ZONE " " ttl " IN NS ns1.example.org."
#define NS_2(ttl) ZONE " " ttl " IN NS ns2.example.org."
#define NS_3(ttl) ZONE " " ttl " IN NS ns3.example.org."

/* ---- the world ---- */

static void
say_addr(const char *name, unsigned type, const char *addr)
{
	char text[200];

	text_fmt(text, sizeof(text), "%s 60 IN %s %s", name,
	    type == A ? "A" : "AAAA", addr);
	SAY(RESOLVER, name, type, AD, text);
}

/* The root, org. with one server, example.org. with two. */
static void
setup(void)
{
	SAY(RESOLVER, ".", LDNS_RR_TYPE_SOA, AD, SOA_AT("."));
	SAY(RESOLVER, "org.", LDNS_RR_TYPE_SOA, AD, SOA_AT("org."));
	SAY(RESOLVER, ZONE, LDNS_RR_TYPE_SOA, AD, SOA_AT(ZONE));
	SAY(RESOLVER, ZONE, DS, AD, ZONE " 60 IN DS 7 13 99 00");
	SAY(RESOLVER, "org.", NS, AD, "org. 60 IN NS " ORG_SERVER);
	SAY(RESOLVER, ZONE, NS, AD, NS_1("30"), NS_2("30"));
	say_addr(ORG_SERVER, A, "127.0.0.10");
	say_addr("ns1.example.org.", A, "127.0.0.21");
	say_addr("ns2.example.org.", A, "127.0.0.22");
	SAY(PARENT, ZONE, NS, 0, "|", NS_1("900"), NS_2("900"), "|",
	    "ns1.example.org. 9 IN A 127.0.0.21",
	    "ns2.example.org. 9 IN A 127.0.0.22");
	SAY(CHILD, ZONE, NS, AA, NS_1("600"), NS_2("600"));
	SAY(CHILD_2, ZONE, NS, AA, NS_1("600"), NS_2("600"));
}

static void
teardown(void)
{
	net_forget();
}

/* ---- bent in one place ---- */

enum bend {
	AS_IT_IS,
	TTL_OF_CHILD,
	TTL_OF_SECOND_CHILD,
	TTL_OF_RESOLVER,
	ONLY_PARENT,
	ONLY_CHILD,
	ONLY_SECOND_CHILD,
	ONLY_RESOLVER,
	ONLY_GLUE,
	ONLY_CHILD_GLUE,
	TWO_ADDRESSES,
	IPV6,
	IPV6_GLUE,
	TTL_OF_ADDRESS,
	TTL_OF_SIGNATURE,
	TTL_OF_GLUE,
	NO_ADDRESS,
	NO_ADDRESS_AT_CHILD,
	NO_V6_ANSWER,
	PARENT_REFUSES,
	ONE_OF_TWO_PARENTS,
	PARENTS_DIFFER,
	PARENT_SERVES,
	RESOLVER_NO_NS,
	NOBODY_HAS_NS,
	CHILDREN_REFUSE,
	LAME_CHILD,
	SOA_FAILS,
	SOA_FAILS_ABOVE,
	SOA_NXDOMAIN,
	SOA_ALIAS,
	SOA_ALIAS_FAILS,
	DEEPER,
	DS_FAILS,
	DS_NONE,
	DS_INSECURE,
};

static void
bend_servers(enum bend b)
{
	if (b == TTL_OF_CHILD)
		SAY(CHILD, ZONE, NS, AA, NS_1("600"), NS_2("1000"));
	if (b == TTL_OF_SECOND_CHILD)
		SAY(CHILD_2, ZONE, NS, AA, NS_1("1000"), NS_2("600"));
	if (b == TTL_OF_RESOLVER)
		SAY(RESOLVER, ZONE, NS, AD, NS_1("1000"), NS_2("30"));
	if (b == ONLY_PARENT)
		SAY(PARENT, ZONE, NS, 0, "|", NS_1("900"), NS_2("900"),
		    NS_3("900"));
	if (b == ONLY_CHILD || b == NO_ADDRESS_AT_CHILD)
		SAY(CHILD, ZONE, NS, AA, NS_1("9"), NS_2("9"), NS_3("9"));
	if (b == ONLY_SECOND_CHILD)
		SAY(CHILD_2, ZONE, NS, AA, NS_1("9"), NS_2("9"), NS_3("9"));
	if (b == ONLY_RESOLVER)
		SAY(RESOLVER, ZONE, NS, AD, NS_1("9"), NS_2("9"), NS_3("9"));
	if (b == ONLY_PARENT || b == ONLY_CHILD || b == ONLY_SECOND_CHILD ||
	    b == ONLY_RESOLVER)
		say_addr("ns3.example.org.", A, "127.0.0.23");
	if (b == ONLY_GLUE)
		SAY(PARENT, ZONE, NS, 0, "|", NS_1("900"), "|",
		    "ns1.example.org. 9 IN A 127.0.0.23");
	if (b == ONLY_CHILD_GLUE)
		SAY(CHILD, ZONE, NS, AA, NS_1("600"), "|", "|",
		    "ns1.example.org. 9 IN A 127.0.0.23");
	if (b == TWO_ADDRESSES)
		SAY(RESOLVER, "ns1.example.org.", A, AD,
		    "ns1.example.org. 9 IN A 127.0.0.21",
		    "ns1.example.org. 9 IN A 127.0.0.23");
	if (b == IPV6)
		say_addr("ns2.example.org.", AAAA, "::1");
	if (b == IPV6_GLUE)
		SAY(PARENT, ZONE, NS, 0, "|", NS_1("900"), "|",
		    "ns1.example.org. 9 IN AAAA ::1");
	if (b == TTL_OF_ADDRESS)
		SAY(RESOLVER, "ns2.example.org.", A, AD,
		    "ns2.example.org. 172800 IN A 127.0.0.22");
	if (b == TTL_OF_SIGNATURE)
		SAY(RESOLVER, "ns2.example.org.", A, AD,
		    "ns2.example.org. 7 IN A 127.0.0.22",
		    "ns2.example.org. 7 IN RRSIG A 13 3 86400 20300101000000 "
		    "20200101000000 7 example.org. AAAA");
	if (b == TTL_OF_GLUE)
		SAY(PARENT, ZONE, NS, 0, "|", NS_1("900"), NS_2("900"), "|",
		    "ns1.example.org. 9 IN A 127.0.0.21",
		    "ns2.example.org. 172800 IN A 127.0.0.22");
	if (b == NO_ADDRESS)
		SAY(PARENT, ZONE, NS, 0, "|", NS_1("900"), NS_3("900"));
	if (b == NO_V6_ANSWER)
		SAY(RESOLVER, "ns2.example.org.", AAAA, SERVFAIL, "|");
	if (b == LAME_CHILD)
		SAY(CHILD_2, ZONE, NS, 0, "|", NS_1("9"));
	if (b == CHILDREN_REFUSE) {
		SAY(CHILD, ZONE, NS, 5, "|");
		SAY(CHILD_2, ZONE, NS, 5, "|");
	}
}

static void
bend_chain(enum bend b)
{
	if (b == PARENT_REFUSES || b == ONE_OF_TWO_PARENTS ||
	    b == NOBODY_HAS_NS)
		SAY(PARENT, ZONE, NS, 5, "|");
	if (b == ONE_OF_TWO_PARENTS || b == PARENTS_DIFFER) {
		SAY(RESOLVER, ORG_SERVER, A, AD,
		    ORG_SERVER " 60 IN A 127.0.0.10",
		    ORG_SERVER " 60 IN A 127.0.0.11");
		SAY(PARENT_2, ZONE, NS, 0, "|", NS_1("900"), NS_3("950"));
		say_addr("ns3.example.org.", A, "127.0.0.23");
	}
	if (b == PARENT_SERVES) /* the zone below as well */
		SAY(PARENT, ZONE, NS, AA, NS_1("600"), NS_3("600"));
	if (b == RESOLVER_NO_NS || b == NOBODY_HAS_NS)
		SAY(RESOLVER, ZONE, NS, SERVFAIL, "|");
	if (b == SOA_FAILS)
		SAY(RESOLVER, "mx1.example.org.", LDNS_RR_TYPE_SOA, SERVFAIL,
		    "|");
	if (b == SOA_FAILS_ABOVE)
		SAY(RESOLVER, "org.", LDNS_RR_TYPE_SOA, SERVFAIL, "|");
	if (b == SOA_NXDOMAIN)
		SAY(RESOLVER, OWNER, LDNS_RR_TYPE_SOA, NXDOMAIN, "|",
		    SOA_AT(ZONE));
	if (b == SOA_ALIAS)
		SAY(RESOLVER, "mx1.example.org.", LDNS_RR_TYPE_SOA, AD,
		    "mx1.example.org. 60 IN CNAME other.test.",
		    SOA_AT("other.test."));
	if (b == SOA_ALIAS_FAILS) { /* a loop, or to a zone that is dead */
		SAY(RESOLVER, "mx1.example.org.", LDNS_RR_TYPE_SOA, SERVFAIL,
		    "|");
		SAY(RESOLVER, "mx1.example.org.", LDNS_RR_TYPE_CNAME, AD,
		    "mx1.example.org. 60 IN CNAME mx1.example.org.");
	}
	if (b == DEEPER) {
		SAY(RESOLVER, "mx1.example.org.", LDNS_RR_TYPE_SOA, AD,
		    SOA_AT("mx1.example.org."));
		SAY(RESOLVER, "mx1.example.org.", NS, AD,
		    "mx1.example.org. 60 IN NS ns1.example.org.");
		SAY(CHILD, "mx1.example.org.", NS, 0, "|",
		    "mx1.example.org. 60 IN NS ns1.example.org.");
	}
	if (b == DS_FAILS)
		SAY(RESOLVER, ZONE, DS, SERVFAIL, "|");
	if (b == DS_NONE)
		SAY(RESOLVER, ZONE, DS, AD, "|");
	if (b == DS_INSECURE)
		SAY(RESOLVER, ZONE, DS, 0, ZONE " 60 IN DS 7 13 99 00");
}

/* ---- what comes of it ---- */

/* clang-format off */
#define BOTH "127.0.0.21/pc 127.0.0.22/pc"

/* Addresses with the sides that list them; p: parent, c: child. */
static const struct {
	enum bend bend;
	const char *servers;	/* NULL: not ok */
	uint32_t ttl;
	const char *what;	/* part of `incomplete`, or of `why` */
} BENDS[] = {
	{ AS_IT_IS,	       BOTH, 900,  "" },
	{ TTL_OF_CHILD,	       BOTH, 1000, "" },
	{ TTL_OF_SECOND_CHILD, BOTH, 1000, "" },
	{ TTL_OF_RESOLVER,     BOTH, 1000, "" },
	{ ONLY_PARENT,	       BOTH " 127.0.0.23/p", 900, "" },
	{ ONLY_CHILD,	       BOTH " 127.0.0.23/c", 900, "" },
	{ ONLY_SECOND_CHILD,   BOTH " 127.0.0.23/c", 900, "" },
	{ ONLY_RESOLVER,       BOTH " 127.0.0.23/c", 900, "" },
	{ ONLY_GLUE,	       "127.0.0.21/pc 127.0.0.22/c 127.0.0.23/p",
						     900, "" },
	{ ONLY_CHILD_GLUE,     BOTH " 127.0.0.23/c", 900, "" },
	{ TWO_ADDRESSES,       BOTH " 127.0.0.23/pc", 900, "" },
	{ IPV6,		       BOTH " ::1/pc", 900,  "" },
	{ IPV6_GLUE,	       "127.0.0.21/pc 127.0.0.22/c ::1/p",
						     900,  "" },
	{ NO_ADDRESS,	       "127.0.0.21/pc 127.0.0.22/c",
						     900, "ns3.example.org." },
	{ NO_ADDRESS_AT_CHILD, BOTH, 900,  "ns3.example.org." },
	{ NO_V6_ANSWER,	       BOTH, 900,  "ns2.example.org." },
	{ PARENT_REFUSES,      "127.0.0.21/c 127.0.0.22/c",
						     600,  "no server of the" },
	{ ONE_OF_TWO_PARENTS,  "127.0.0.21/pc 127.0.0.22/c 127.0.0.23/p",
						     950,  "" },
	{ PARENTS_DIFFER,      BOTH " 127.0.0.23/p", 950,  "" },
	{ RESOLVER_NO_NS,      BOTH, 900,  "the resolver has no NS" },
	{ CHILDREN_REFUSE,     BOTH, 900,  "" },
	{ SOA_NXDOMAIN,	       BOTH, 900,  "" },
	{ SOA_ALIAS,	       BOTH, 900,  "" },
	{ SOA_ALIAS_FAILS,     BOTH, 900,  "" },
	{ DS_NONE,	       BOTH, 900,  "" },
	{ DS_INSECURE,	       BOTH, 900,  "" },
	{ NOBODY_HAS_NS,       NULL, 0,	   "no name server was found" },
	{ SOA_FAILS,	       NULL, 0,	   "mx1.example.org. is a zone" },
	{ SOA_FAILS_ABOVE,     NULL, 0,	   "org. is a zone: SERVFAIL" },
	{ DS_FAILS,	       NULL, 0,	   "SERVFAIL" },
};
/* clang-format on */

#define BENDS_N ((int)(sizeof(BENDS) / sizeof(BENDS[0])))

static int
by_addr(const void *a, const void *b)
{
	return addr_cmp(&((const struct zone_server *)a)->addr,
	    &((const struct zone_server *)b)->addr);
}

static const char *
servers(struct zone_view *v, struct text *t)
{
	char ip[ADDR_TEXT];

	if (v->n_server > 0)
		qsort(v->server, v->n_server, sizeof(*v->server), by_addr);
	for (size_t i = 0; i < v->n_server; i++) {
		ck_assert_uint_eq(v->server[i].addr.port, 53);
		ck_assert_ptr_nonnull(strstr(v->server[i].name, "ns"));
		text_addf(t, "%s%s/%s%s", i > 0 ? " " : "",
		    addr_ip(&v->server[i].addr, ip),
		    v->server[i].parent ? "p" : "",
		    v->server[i].child ? "c" : "");
	}
	return text_str(t);
}

static void
find(struct zone_view *v, size_t n, int64_t ms)
{
	struct addr resolver = net_addr(RESOLVER);
	struct batch b = { .n = 0 };
	struct err e;

	ck_assert_msg(zone_find(v, n, &b, &resolver, clock_mono_ms() + ms,
			  &e) == 0,
	    "%s", e.text);
	batch_release(&b);
}

/* A server that is renumbered is asked for as long as its old address may be
 * held: by glue, or by its own record. */
START_TEST(the_longest_ttl_of_an_address_is_known)
{
	static const struct {
		enum bend bend;
		uint32_t ttl;
	} rows[] = { { AS_IT_IS, 60 }, { TTL_OF_ADDRESS, 172800 },
		{ TTL_OF_SIGNATURE, 86400 }, { TTL_OF_GLUE, 172800 } };
	struct zone_view v = { .name = OWNER };
	struct text t = TEXT_INIT;

	bend_servers(rows[_i].bend);
	net_start();
	find(&v, 1, 20000);
	ck_assert_str_eq(servers(&v, &t), BOTH);
	ck_assert_uint_eq(v.server[0].ttl, 60);
	ck_assert_uint_eq(v.server[1].ttl, rows[_i].ttl);
	ck_assert_uint_eq(v.ns_ttl, 900);
	text_release(&t);
	zone_release(&v, 1);
}
END_TEST

START_TEST(every_address_of_either_side_is_found)
{
	struct zone_view v = { .name = OWNER };
	struct text t = TEXT_INIT;
	bool insecure = BENDS[_i].bend == DS_INSECURE;

	bend_servers(BENDS[_i].bend);
	bend_chain(BENDS[_i].bend);
	net_start();
	find(&v, 1, 20000);
	ck_assert_msg(v.ok == (BENDS[_i].servers != NULL), "row %d: %s", _i,
	    v.why);
	if (v.ok) {
		ck_assert_str_eq(v.why, "");
		ck_assert_str_eq(v.zone, ZONE);
		ck_assert_str_eq(v.parent, "org.");
		ck_assert_uint_eq(v.ds.n, BENDS[_i].bend != DS_NONE);
		ck_assert(v.ds.secure != insecure);
		ck_assert_msg(strcmp(servers(&v, &t), BENDS[_i].servers) == 0,
		    "row %d: %s", _i, text_str(&t));
		ck_assert_msg(v.ns_ttl == BENDS[_i].ttl, "row %d: %lu", _i,
		    (unsigned long)v.ns_ttl);
	}
	ck_assert_msg(strstr(v.ok ? v.incomplete : v.why, BENDS[_i].what) !=
		NULL,
	    "row %d: '%s' '%s'", _i, v.incomplete, v.why);
	ck_assert_msg(!v.ok || (v.incomplete[0] == 0) == !BENDS[_i].what[0],
	    "row %d: %s", _i, v.incomplete);
	text_release(&t);
	zone_release(&v, 1);
}
END_TEST

/* clang-format off */
#define NS12 "ns1.example.org. ns2.example.org."

/* D10: parent and child, or the servers of either, have other lists. */
static const struct {
	enum bend bend;
	const char *says;	/* NULL: nothing */
} LISTS[] = {
	{ AS_IT_IS,	      NULL },
	{ TTL_OF_CHILD,	      NULL },
	{ ONLY_RESOLVER,      NULL }, /* a cache may be of yesterday */
	{ PARENT_REFUSES,     NULL },
	{ CHILDREN_REFUSE,    NULL },
	{ LAME_CHILD,	      NULL }, /* no authority for its own set */
	{ ONLY_PARENT,	      "the parent lists " NS12 " ns3.example.org.; "
			      "the zone itself lists " NS12 },
	{ NO_ADDRESS,	      "the parent lists ns1.example.org. "
			      "ns3.example.org.; the zone itself lists " NS12 },
	{ ONLY_SECOND_CHILD,  "the parent lists " NS12 "; "
			      "127.0.0.22 lists " NS12 " ns3.example.org." },
	{ PARENTS_DIFFER,     "127.0.0.10 lists " NS12 "; 127.0.0.11 lists "
			      "ns1.example.org. ns3.example.org." },
	{ PARENT_SERVES,      "127.0.0.10 lists ns1.example.org. "
			      "ns3.example.org.; 127.0.0.21 lists " NS12 },
};
/* clang-format on */

#define LISTS_N ((int)(sizeof(LISTS) / sizeof(LISTS[0])))

START_TEST(who_lists_other_name_servers_is_named)
{
	struct zone_view v = { .name = OWNER };
	char *differ;

	bend_servers(LISTS[_i].bend);
	bend_chain(LISTS[_i].bend);
	net_start();
	find(&v, 1, 20000);
	ck_assert_msg(v.ok, "%s", v.why);
	differ = ns_sides_differ(&v.sides, v.zone);
	ck_assert_msg((differ == NULL) == (LISTS[_i].says == NULL),
	    "row %d: %s", _i, differ == NULL ? "nothing" : differ);
	ck_assert_msg(differ == NULL || strstr(differ, LISTS[_i].says) != NULL,
	    "row %d: %s", _i, differ);
	free(differ);
	zone_release(&v, 1);
}
END_TEST

START_TEST(the_deepest_cut_is_the_zone)
{
	struct zone_view v = { .name = OWNER };
	struct text t = TEXT_INIT;

	bend_chain(DEEPER);
	net_start();
	find(&v, 1, 20000);
	ck_assert_msg(v.ok, "%s", v.why);
	ck_assert_str_eq(v.zone, "mx1.example.org.");
	ck_assert_str_eq(v.parent, ZONE);
	ck_assert_str_eq(servers(&v, &t), "127.0.0.21/pc");
	text_release(&t);
	zone_release(&v, 1);
}
END_TEST

START_TEST(the_root_has_no_parent)
{
	struct zone_view two[2] = { { .name = "." }, { .name = OWNER } };
	struct zone_view v;
	struct text t = TEXT_INIT;

	SAY(RESOLVER, ".", NS, AD, ". 60 IN NS ns1.example.org.");
	SAY(RESOLVER, ".", DS, AD, "|");
	net_start();
	find(two, 2, 20000);
	v = two[0];
	ck_assert_msg(v.ok, "%s", v.why);
	ck_assert_str_eq(v.zone, ".");
	ck_assert_str_eq(v.parent, "");
	ck_assert_str_eq(v.incomplete, "");
	ck_assert_str_eq(servers(&v, &t), "127.0.0.21/c");
	text_release(&t);
	ck_assert_str_eq(two[1].parent, "org."); /* that of another */
	zone_release(two, 2);
}
END_TEST

START_TEST(names_of_one_zone_share_the_work)
{
	struct zone_view v[4] = { { .name = OWNER },
		{ .name = "mx1.example.org." },
		{ .name = "_25._tcp.mx2.example.org." }, { .name = "a..b." } };

	net_start();
	find(v, 4, 20000);
	for (int i = 0; i < 3; i++) {
		ck_assert_msg(v[i].ok, "%d: %s", i, v[i].why);
		ck_assert_str_eq(v[i].zone, ZONE);
		ck_assert_uint_eq(v[i].n_server, 2);
		ck_assert_uint_eq(v[i].ns_ttl, 900);
		ck_assert_str_eq(v[i].incomplete, "");
	}
	ck_assert(!v[3].ok);
	ck_assert_ptr_nonnull(strstr(v[3].why, "not a name"));
	ck_assert_int_eq(net_asked(RESOLVER, ZONE, DS), 1);
	ck_assert_int_eq(net_asked(RESOLVER, ZONE, NS), 1);
	ck_assert_int_eq(net_asked(PARENT, ZONE, NS), 1);
	ck_assert_int_eq(net_asked(CHILD, ZONE, NS), 1);
	ck_assert_int_eq(net_asked(RESOLVER, "ns1.example.org.", A), 1);
	zone_release(v, 4);
}
END_TEST

/* A dead server costs its time-outs once a look. */
START_TEST(who_was_silent_is_not_asked_again_in_the_same_batch)
{
	struct addr dead = net_addr(CHILD), well = net_addr(CHILD_2);
	struct batch b = { .n = 0 };
	struct net_row *row = net_row(CHILD, ZONE, NS);
	const struct question *q;
	struct err e;

	SAY(CHILD, OWNER, A, AA, OWNER " 9 IN A 192.0.2.1");
	SAY(CHILD_2, OWNER, A, AA, OWNER " 9 IN A 192.0.2.1");
	net_start();
	batch_add(&b, &dead, ZONE, TYPE_NS, false);
	batch_add(&b, &well, ZONE, TYPE_NS, false);
	ck_assert_int_eq(batch_run(&b, clock_mono_ms() + 300, &e), 0);
	ck_assert_int_gt(net.asked[row - net.row], 0);
	batch_add(&b, &dead, OWNER, TYPE_A, false);
	batch_add(&b, &well, OWNER, TYPE_A, false);
	ck_assert_int_eq(batch_run(&b, clock_mono_ms() + 60000, &e), 0);
	q = batch_find(&b, &dead, OWNER, TYPE_A, false);
	ck_assert_ptr_null(q->reply);
	ck_assert_str_eq(q->why,
	    "no answer before the time of the pass was over, as with the "
	    "questions before");
	ck_assert_int_eq(net.asked[net_find(CHILD, OWNER, A) - net.row], 0);
	ck_assert_ptr_nonnull(batch_find(&b, &well, OWNER, TYPE_A, false)
				  ->reply);
	batch_release(&b);
}
END_TEST

START_TEST(who_is_not_asked_again_keeps_its_first_reason)
{
	struct addr dead = addr_make(4, (uint8_t[]){ 127, 0, 0, 77 }, 9);
	struct batch b = { .n = 0 };
	const struct question *q;
	struct err e;

	for (int round = 0; round < 3; round++) {
		char name[32];

		text_fmt(name, sizeof(name), "n%d.example.", round);
		batch_add(&b, &dead, name, TYPE_A, false);
		ck_assert_int_eq(batch_run(&b, clock_mono_ms() + 60000, &e), 0);
		q = batch_find(&b, &dead, name, TYPE_A, false);
		ck_assert_ptr_null(q->reply);
		ck_assert_str_eq(q->why,
		    round == 0
			? "connection refused"
			: "connection refused, as with the questions before");
	}
	batch_release(&b);
}
END_TEST

START_TEST(a_list_without_an_end_is_cut_and_that_is_said)
{
	struct zone_view v = { .name = OWNER };
	char text[70][64];
	const char *rr[71] = { NULL };

	for (int i = 0; i < 70; i++)
		rr[i] = text_fmt(text[i], sizeof(text[i]),
		    "ns1.example.org. 60 IN A 127.0.9.%d", i + 1);
	net_say(RESOLVER, "ns1.example.org.", A, AD, rr);
	net_start();
	find(&v, 1, 20000);
	ck_assert_msg(v.ok, "%s", v.why);
	ck_assert_uint_eq(v.n_server, 64);
	ck_assert_ptr_nonnull(strstr(v.incomplete, "more than 64"));
	zone_release(&v, 1);
}
END_TEST

/* Each name costs two questions to the resolver, whoever lists it. */
START_TEST(name_servers_without_an_end_are_cut_and_that_is_said)
{
	static const int who[] = { RESOLVER, PARENT, CHILD_2 };
	int at = who[_i], asked = 0;
	struct zone_view v = { .name = OWNER };
	char text[66][64];
	const char *rr[70] = { NULL };
	int n = 0; /* of 1232 octets at most */

	if (at == PARENT)
		rr[n++] = "|";
	rr[n++] = NS_1("600");
	rr[n++] = NS_2("600");
	for (int i = 0; i < 66; i++)
		rr[n++] = text_fmt(text[i], sizeof(text[i]),
		    ZONE " 600 IN NS n%c%c.", 'a' + i / 26, 'a' + i % 26);
	net_say(at, ZONE, NS, at == CHILD_2 ? AA : at == RESOLVER ? AD : 0, rr);
	for (int i = 0; i < 66; i++) {
		text_fmt(text[i], sizeof(text[i]), "n%c%c.", 'a' + i / 26,
		    'a' + i % 26);
		say_addr(text[i], A, "127.0.0.21");
	}
	net_start();
	find(&v, 1, 20000);
	ck_assert_msg(v.ok, "%s", v.why);
	for (int i = 0; i < 66; i++)
		asked += net_asked(RESOLVER, text[i], A) > 0;
	ck_assert_int_eq(asked, 64 - 2 - 1); /* one is the parent's */
	ck_assert_str_eq(v.incomplete,
	    ZONE ": it has more than 64 name servers");
	ck_assert_uint_eq(v.n_server, 2);
	zone_release(&v, 1);
}
END_TEST

START_TEST(a_resolver_that_is_silent_leaves_nothing_known)
{
	struct zone_view v[2] = { { .name = OWNER }, { .name = ZONE } };
	int64_t begun = clock_mono_ms();

	net_row(RESOLVER, ZONE, LDNS_RR_TYPE_SOA);
	net_start();
	find(v, 2, 300);
	ck_assert_int_lt(clock_mono_ms() - begun, 5000);
	for (int i = 0; i < 2; i++) {
		ck_assert(!v[i].ok);
		ck_assert_ptr_nonnull(strstr(v[i].why, "no answer"));
		ck_assert_uint_eq(v[i].n_server, 0);
	}
	zone_release(v, 2);
	find(NULL, 0, 300);
}
END_TEST

START_TEST(a_time_that_is_over_leaves_nothing_known)
{
	struct zone_view v = { .name = OWNER };

	net_start();
	find(&v, 1, -1);
	ck_assert(!v.ok);
	ck_assert_ptr_nonnull(strstr(v.why, "not asked"));
	zone_release(&v, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("zone");
	TCase *tc = tcase_create("zone");
	SRunner *sr;
	int failed;

	if (!net_enter())
		return 77;
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, the_longest_ttl_of_an_address_is_known, 0, 4);
	tcase_add_loop_test(tc, every_address_of_either_side_is_found, 0,
	    BENDS_N);
	tcase_add_loop_test(tc, who_lists_other_name_servers_is_named, 0,
	    LISTS_N);
	tcase_add_test(tc, the_deepest_cut_is_the_zone);
	tcase_add_test(tc, the_root_has_no_parent);
	tcase_add_test(tc, names_of_one_zone_share_the_work);
	tcase_add_test(tc, who_was_silent_is_not_asked_again_in_the_same_batch);
	tcase_add_test(tc, who_is_not_asked_again_keeps_its_first_reason);
	tcase_add_test(tc, a_list_without_an_end_is_cut_and_that_is_said);
	tcase_add_loop_test(tc,
	    name_servers_without_an_end_are_cut_and_that_is_said, 0, 3);
	tcase_add_test(tc, a_resolver_that_is_silent_leaves_nothing_known);
	tcase_add_test(tc, a_time_that_is_over_leaves_nothing_known);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
