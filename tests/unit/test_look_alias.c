/*
 * test_look_alias.c - a look follows names that stand for others, link by
 * link, with all that each link is: an owner with authorities of its own.
 */
#include "net_kit.h"

#include "base/text.h"
#include "core/alias.h"
#include "edge/batch.h"
#include "proc/look.h"
#include "proc/look_alias.h"

#define A LDNS_RR_TYPE_A
#define AAAA LDNS_RR_TYPE_AAAA
#define NS LDNS_RR_TYPE_NS
#define TLSA LDNS_RR_TYPE_TLSA
#define SOA_TYPE LDNS_RR_TYPE_SOA
#define SOA_AT(zone) zone " 60 IN SOA n. h. 7 60 60 600 30"
#define MX "mx1.example.org."
#define REAL "real.example.org."
#define NEAR "tlsa.example.org."
#define FAR "tlsa.org."
#define NS_BOTH \
	ZONE " 900 IN NS ns1.example.org.", ZONE " 900 IN NS ns2.example.org."
#define PROOF "mx1.example.org. 30 IN NSEC z.example.org. A RRSIG NSEC"

static ldns_key *key, *above; /* of example.org., of org. */
static struct host h;
static const struct addr *endpoint; /* in the config; NULL: none */

/* ---- the world ---- */

/* Each record a set of its own, signed; behind "|" the authority section;
 * "=" a wildcard, shown at the question's name. */
static void
say(int at, const char *name, unsigned type, const char *const *text)
{
	ldns_key *k = at == PARENT ? above : key;
	ldns_rr_list *l[3] = { ldns_rr_list_new(), ldns_rr_list_new(), NULL };
	int section = 0;

	for (; *text != NULL; text++) {
		bool wild = **text == '=';
		ldns_rr_list *one = ldns_rr_list_new();

		if (strcmp(*text, "|") == 0)
			section++;
		else {
			ldns_rr_list_push_rr(one, kit_rr(*text + wild));
			kit_sign(one, one, k, -DAY, DAY);
		}
		for (size_t i = 0; wild && i < ldns_rr_list_rr_count(one);
		     i++) {
			ldns_rr *rr = ldns_rr_list_rr(one, i);

			ldns_rdf_deep_free(ldns_rr_owner(rr));
			ldns_rr_set_owner(rr, ldns_dname_new_frm_str(name));
		}
		ldns_rr_list_cat(l[section], one);
		ldns_rr_list_free(one);
	}
	net_say_lists(at, name, type, AA, l);
}

#define SIGNED(at, name, type, ...) \
	say(at, name, type, (const char *const[]){ __VA_ARGS__, NULL })

/* The same at both name servers of example.org. */
#define BOTH(name, type, ...)                             \
	do {                                              \
		SIGNED(CHILD, name, type, __VA_ARGS__);   \
		SIGNED(CHILD_2, name, type, __VA_ARGS__); \
	} while (0)

static void
say_keys(int at, const char *zone, ldns_key *k)
{
	ldns_rr_list *l[3] = { ldns_rr_list_new(), NULL, NULL };

	ldns_rr_list_push_rr(l[0], ldns_key2rr(k));
	ldns_rr_set_ttl(ldns_rr_list_rr(l[0], 0), 60);
	kit_sign(l[0], l[0], k, -DAY, DAY);
	net_say_lists(at, zone, LDNS_RR_TYPE_DNSKEY, AA, l);
}

static void
say_ds(const char *zone, ldns_key *k)
{
	ldns_rr_list *l[3] = { ldns_rr_list_new(), NULL, NULL };
	ldns_rr *rr = ldns_key2rr(k);

	ldns_rr_list_push_rr(l[0], ldns_key_rr2ds(rr, LDNS_SHA256));
	ldns_rr_free(rr);
	net_say_lists(RESOLVER, zone, LDNS_RR_TYPE_DS, AD, l);
}

static void
setup(void)
{
	static const int both[] = { CHILD, CHILD_2 };

	key = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
	above = kit_key("org.", 257, LDNS_SIGN_ECDSAP256SHA256);
	SAY(RESOLVER, ".", SOA_TYPE, AD, SOA_AT("."));
	SAY(RESOLVER, "org.", SOA_TYPE, AD, SOA_AT("org."));
	SAY(RESOLVER, ZONE, SOA_TYPE, AD, SOA_AT(ZONE));
	SAY(RESOLVER, ".", NS, AD, ". 60 IN NS a.test.");
	SAY(RESOLVER, "org.", NS, AD, "org. 60 IN NS a.test.");
	SAY(RESOLVER, "a.test.", A, AD, "a.test. 60 IN A 127.0.0.10");
	SAY(RESOLVER, ZONE, NS, AD, NS_BOTH);
	SAY(RESOLVER, "ns1.example.org.", A, AD,
	    "ns1.example.org. 60 IN A 127.0.0.21");
	SAY(RESOLVER, "ns2.example.org.", A, AD,
	    "ns2.example.org. 60 IN A 127.0.0.22");
	SAY(RESOLVER, MX, A, AD, MX " 30 IN A 192.0.2.1");
	SAY(PARENT, ZONE, NS, 0, "|", NS_BOTH);
	SAY(PARENT, "org.", NS, AA, "org. 60 IN NS a.test.");
	SAY(PARENT, "org.", SOA_TYPE, AA, SOA_AT("org."));
	say_keys(PARENT, "org.", above);
	say_ds("org.", above);
	say_ds(ZONE, key);
	for (int i = 0; i < 2; i++) {
		say_keys(both[i], ZONE, key);
		SAY(both[i], ZONE, SOA_TYPE, AA, SOA_AT(ZONE));
		SAY(both[i], ZONE, NS, AA, NS_BOTH);
		SAY(both[i], MX, A, AA, MX " 300 IN A 192.0.2.1");
		SAY(both[i], MX, AAAA, AA, "|");
	}
	BOTH(OWNER, TLSA, TLSA_1);
	BOTH(NEAR, TLSA, NEAR " 60 IN TLSA 3 1 1 " D1);
	SIGNED(PARENT, FAR, TLSA, FAR " 60 IN TLSA 3 1 1 " D1);
	host_init(&h, "mx1.example.org");
	endpoint = NULL;
	h.policy.hold_factor = 1;
	h.adopted_at = 1;
	host_owner(&h, OWNER, 25);
}

static void
teardown(void)
{
	net_forget();
	host_release(&h);
	ldns_key_deep_free(key);
	ldns_key_deep_free(above);
}

static void
look_at(int64_t elapsed)
{
	struct now now = { .elapsed = elapsed, .wall = NOW, .trusted = true };
	struct addr resolver = net_addr(RESOLVER);
	struct look_request r = { .host = &h,
		.endpoints = endpoint,
		.n_endpoints = endpoint != NULL };
	struct err e;

	for (size_t i = 0; i < h.n_own; i++)
		h.own[i].blocked = "";
	net_start();
	ck_assert_msg(look_dns(&r, 1, &resolver, &now, clock_mono_ms() + 20000,
			  &e) == 0,
	    "%s", e.text);
	net_end();
}

static struct owner *
owner_at(const char *name)
{
	for (size_t i = 0; i < h.n_own; i++)
		if (strcmp(h.own[i].name, name) == 0)
			return &h.own[i];
	return NULL;
}

/* What every authority of the owner shows: "alias TO", a number of records. */
static void
shows(const char *name, const char *want, size_t auths)
{
	const struct owner *o = owner_at(name);
	char is[HOST_NAME + 8];

	ck_assert_msg(o != NULL, "no owner %s", name);
	ck_assert_uint_eq(o->n_auth, auths);
	for (size_t i = 0; i < o->n_auth; i++) {
		const struct authority *a = &o->auth[i];

		if (alias_shown(&h, a) != NULL)
			text_fmt(is, sizeof(is), "alias %s",
			    alias_shown(&h, a));
		else
			text_fmt(is, sizeof(is), "%s %u", look_name(a->look),
			    a->set < 0 ? 0 : h.set[a->set]->n);
		ck_assert_msg(strcmp(is, want) == 0, "%s: %s, wanted %s: %s",
		    name, is, want, a->why);
		ck_assert(a->fresh);
	}
}

/* ---- chains ---- */

START_TEST(where_an_alias_leads_is_looked_at_in_the_same_look)
{
	BOTH(OWNER, TLSA, OWNER " 60 IN CNAME " NEAR);
	BOTH(NEAR, TLSA, NEAR " 90 IN CNAME " FAR);
	look_at(1000);
	ck_assert_uint_eq(h.n_own, 3);
	shows(OWNER, "alias " NEAR, 2);
	shows(NEAR, "alias " FAR, 2);
	shows(FAR, "shown 1", 1);
	ck_assert_str_eq(owner_at(FAR)->zone, "org.");
	ck_assert_uint_eq(owner_at(OWNER)->auth[0].ttl, 60);
	ck_assert_uint_eq(owner_at(NEAR)->auth[0].ttl, 90);
	ck_assert(!owner_at(OWNER)->derived && owner_at(NEAR)->derived &&
	    owner_at(FAR)->derived && owner_at(FAR)->added);
	ck_assert_int_eq(owner_at(OWNER)->role, OWNER_LINK);
	ck_assert_int_eq(owner_at(FAR)->role, OWNER_ASKED);
	ck_assert_int_eq(owner_at(FAR)->until, NEVER);
	ck_assert_ptr_eq(alias_end(&h, &h.own[0]), owner_at(FAR));
	for (size_t i = 0; i < h.n_own; i++)
		ck_assert_str_eq(h.own[i].blocked, "");
	/* addresses belong to the service, not to every name on the way */
	for (size_t i = 0; i < h.n_ep; i++)
		ck_assert_uint_eq(h.ep[i].owner, 0);
	ck_assert_uint_eq(h.n_ep, 1);
}
END_TEST

START_TEST(a_dname_above_is_followed)
{
	BOTH(OWNER, TLSA, "mx1.example.org. 60 IN DNAME x.org.");
	SIGNED(PARENT, "_25._tcp.x.org.", TLSA,
	    "_25._tcp.x.org. 60 IN TLSA 3 1 1 " D1);
	look_at(1000);
	shows(OWNER, "alias _25._tcp.x.org.", 2);
	shows("_25._tcp.x.org.", "shown 1", 1);
}
END_TEST

/* Both targets, while one name server has the old alias; the old one until
 * no cache can hold its alias. */
START_TEST(an_old_target_is_watched_as_long_as_caches_lead_there)
{
	int64_t until;

	BOTH(OWNER, TLSA, OWNER " 60 IN CNAME " NEAR);
	look_at(1000);
	SIGNED(CHILD, OWNER, TLSA, OWNER " 60 IN CNAME " FAR);
	look_at(1010);
	ck_assert_int_eq(owner_at(NEAR)->until, NEVER);
	ck_assert_int_eq(owner_at(FAR)->until, NEVER);
	SIGNED(CHILD_2, OWNER, TLSA, OWNER " 60 IN CNAME " FAR);
	look_at(1020);
	shows(OWNER, "alias " FAR, 2);
	shows(NEAR, "shown 1", 2);
	until = owner_at(NEAR)->until;
	ck_assert_int_ge(until, 1020 + 60);
	ck_assert_int_le(until, 1020 + 60 + 10);
	ck_assert_int_eq(owner_at(NEAR)->role, OWNER_ASKED);
	look_at(until - 5);
	shows(NEAR, "shown 1", 2);
	look_at(until + 1);
	ck_assert(owner_at(NEAR)->past);
	ck_assert(!owner_at(FAR)->past);
	look_at(until + 65);
	ck_assert_ptr_nonnull(owner_at(NEAR));
	look_at(until + 65 + POLICY_MEMORY);
	ck_assert_ptr_null(owner_at(NEAR));
	shows(FAR, "shown 1", 1);
}
END_TEST

START_TEST(a_name_server_that_was_unseen_may_lead_back)
{
	BOTH(OWNER, TLSA, OWNER " 60 IN CNAME " NEAR);
	look_at(1000);
	BOTH(OWNER, TLSA, OWNER " 60 IN CNAME " FAR);
	look_at(1010);
	look_at(1200);
	ck_assert(owner_at(NEAR)->past);
	net_row(CHILD_2, OWNER, TLSA); /* silent */
	look_at(1210);
	ck_assert_int_eq(owner_at(NEAR)->until, NEVER);
	ck_assert(!owner_at(NEAR)->past);
}
END_TEST

START_TEST(an_alias_to_nothing_is_a_denial_there)
{
	BOTH(OWNER, TLSA, OWNER " 60 IN CNAME " NEAR);
	BOTH(NEAR, TLSA, "|", SOA,
	    "t.example.org. 30 IN NSEC z.example.org. A");
	SAY(RESOLVER, NEAR, TLSA, AD | NXDOMAIN, "|");
	look_at(1000);
	shows(NEAR, "none 0", 2);
	ck_assert_int_eq(owner_at(NEAR)->role, OWNER_ASKED);
}
END_TEST

/* clang-format off */
static const struct {
	const char *to[3]; /* of OWNER, of NEAR, of FAR */
	bool loop;
} LOOPS[] = {
	{ { OWNER }, true },
	{ { NEAR, OWNER }, true },
	{ { NEAR, FAR, NEAR }, true },
	{ { NEAR, FAR }, false },
};
/* clang-format on */

START_TEST(a_loop_blocks)
{
	const char *const names[] = { OWNER, NEAR, FAR };
	char text[300];

	for (int i = 0; i < 3 && LOOPS[_i].to[i] != NULL; i++) {
		text_fmt(text, sizeof(text), "%s 60 IN CNAME %s", names[i],
		    LOOPS[_i].to[i]);
		if (i < 2)
			BOTH(names[i], TLSA, text);
		else
			SIGNED(PARENT, FAR, TLSA, text);
	}
	look_at(1000);
	ck_assert_msg(owner_at(OWNER)->loop == LOOPS[_i].loop, "row %d", _i);
	ck_assert_msg((strstr(h.own[0].blocked, "lead nowhere") != NULL) ==
		LOOPS[_i].loop,
	    "row %d: %s", _i, h.own[0].blocked);
	ck_assert((alias_end(&h, &h.own[0]) == NULL) == LOOPS[_i].loop);
}
END_TEST

/* Nine names, each an alias of the next: eight links are followed. */
START_TEST(a_chain_is_followed_for_eight_links)
{
	char from[HOST_NAME] = OWNER, to[HOST_NAME], text[600];
	int links = ALIAS_LINKS + _i;

	for (int i = 0; i < links; i++) {
		text_fmt(to, sizeof(to), "n%d.example.org.", i);
		text_fmt(text, sizeof(text), "%s 60 IN CNAME %s", from, to);
		BOTH(from, TLSA, text);
		memcpy(from, to, sizeof(to));
	}
	text_fmt(text, sizeof(text), "%s 60 IN TLSA 3 1 1 " D1, from);
	BOTH(from, TLSA, text);
	look_at(1000);
	ck_assert(owner_at(OWNER)->loop == (_i == 1));
	ck_assert((h.own[0].blocked[0] != 0) == (_i == 1));
	if (_i == 0)
		shows(from, "shown 1", 2);
}
END_TEST

/* A resolver that had it from somebody: its clients follow it still. */
START_TEST(an_alias_that_only_the_resolver_has_blocks)
{
	SAY(RESOLVER, OWNER, TLSA, AD, OWNER " 9 IN CNAME old.example.org.");
	if (_i == 1)
		BOTH(OWNER, TLSA, OWNER " 60 IN CNAME old.example.org.");
	look_at(1000);
	ck_assert_msg((strstr(h.own[0].blocked, "the resolver still follows") !=
			  NULL) == (_i == 0),
	    "%s", h.own[0].blocked);
}
END_TEST

/* ---- the host's own name ---- */

START_TEST(the_name_of_a_host_may_be_an_alias)
{
	SAY(RESOLVER, MX, A, AD, MX " 30 IN CNAME " REAL,
	    REAL " 30 IN A 192.0.2.9");
	BOTH(MX, A, MX " 60 IN CNAME " REAL, REAL " 60 IN A 192.0.2.9");
	BOTH(MX, AAAA, MX " 60 IN CNAME " REAL);
	BOTH(REAL, A, REAL " 60 IN A 192.0.2.9");
	BOTH(REAL, AAAA, "|");
	BOTH("_25._tcp." REAL, TLSA, "_25._tcp." REAL " 60 IN TLSA 3 1 1 " D2);
	look_at(1000);
	ck_assert_uint_eq(h.n_own, 4);
	shows(OWNER, "shown 1", 2);
	shows(MX, "alias " REAL, 2);
	shows(REAL, "none 0", 2);
	shows("_25._tcp." REAL, "shown 1", 2);
	ck_assert_int_eq(owner_at(MX)->role, OWNER_BASE);
	ck_assert_int_eq(owner_at(OWNER)->role, OWNER_ASKED);
	ck_assert_int_eq(owner_at("_25._tcp." REAL)->role, OWNER_ASKED);
	ck_assert(owner_at("_25._tcp." REAL)->own_name);
	/* under both names */
	ck_assert_uint_eq(h.n_ep, 2);
	/* the alias goes: in the end the host is one like others */
	SAY(RESOLVER, MX, A, AD, MX " 30 IN A 192.0.2.9");
	BOTH(MX, A, MX " 60 IN A 192.0.2.9");
	BOTH(MX, AAAA, "|");
	look_at(1010);
	ck_assert_uint_eq(h.n_own, 4);
	ck_assert_int_ne(owner_at("_25._tcp." REAL)->until, NEVER);
	look_at(1200);
	ck_assert_uint_eq(h.n_own, 4);
	ck_assert(owner_at("_25._tcp." REAL)->past);
	look_at(1200 + POLICY_MEMORY);
	ck_assert_uint_eq(h.n_own, 1);
}
END_TEST

START_TEST(an_alias_of_the_host_that_only_the_resolver_has_blocks)
{
	SAY(RESOLVER, MX, A, AD, MX " 9 IN CNAME " REAL,
	    REAL " 9 IN A 192.0.2.9");
	SAY(RESOLVER, MX, AAAA, AD, MX " 9 IN CNAME " REAL);
	BOTH(MX, A, MX " 60 IN A 192.0.2.1");
	BOTH(MX, AAAA, "|");
	look_at(1000);
	ck_assert_ptr_null(owner_at(MX));
	ck_assert_msg(strstr(owner_at(OWNER)->blocked,
			  "the resolver still follows") != NULL,
	    "%s", owner_at(OWNER)->blocked);
}
END_TEST

/* Its address is in the resolver's cache, from before. */
START_TEST(an_alias_of_the_host_is_found_where_endpoints_are_named)
{
	struct addr ep = addr_make(4, (const uint8_t *)"\xc0\x00\x02\x09", 0);

	if (_i == 1)
		endpoint = &ep;
	BOTH(MX, A, MX " 60 IN CNAME " REAL, REAL " 60 IN A 192.0.2.9");
	BOTH(MX, AAAA, MX " 60 IN CNAME " REAL);
	BOTH(REAL, A, REAL " 60 IN A 192.0.2.9");
	BOTH(REAL, AAAA, "|");
	BOTH("_25._tcp." REAL, TLSA, "_25._tcp." REAL " 60 IN TLSA 3 1 1 " D2);
	look_at(1000);
	shows("_25._tcp." REAL, "shown 1", 2);
	ck_assert_str_eq(h.own[0].blocked, "");
}
END_TEST

/* Or says nothing that counts. */
START_TEST(a_server_that_does_not_say_whether_the_host_is_an_alias_blocks)
{
	struct addr ep = addr_make(4, (const uint8_t *)"\xc0\x00\x02\x01", 0);
	bool all = _i >= 4;

	if (_i % 2 == 1)
		endpoint = &ep;
	if (_i / 2 % 2 == 0)
		net_row(CHILD_2, MX, A);
	else
		SAY(CHILD_2, MX, A, 0, MX " 60 IN A 192.0.2.1");
	if (all)
		net_row(CHILD_2, OWNER, TLSA);
	look_at(1000);
	if (all) { /* whoever is silent altogether is waited for as such */
		ck_assert_int_eq(h.own[0].auth[1].look, LOOK_SILENT);
		ck_assert_str_eq(h.own[0].blocked, "");
	} else
		ck_assert_str_eq(h.own[0].blocked,
		    "ns2.example.org. does not say whether mx1.example.org. "
		    "is an alias");
}
END_TEST

START_TEST(addresses_are_those_of_what_the_host_stands_for)
{
	bool six = false;

	SAY(RESOLVER, MX, A, AD, MX " 30 IN CNAME " REAL,
	    REAL " 30 IN A 192.0.2.9");
	SAY(RESOLVER, MX, AAAA, AD, MX " 30 IN CNAME " REAL);
	BOTH(MX, A, MX " 60 IN CNAME " REAL);
	BOTH(MX, AAAA, MX " 60 IN CNAME " REAL);
	BOTH(REAL, A, REAL " 60 IN A 192.0.2.9");
	BOTH(REAL, AAAA, _i == 0 ? REAL " 60 IN AAAA 2001:db8::9" : "|");
	BOTH("_25._tcp." REAL, TLSA, "_25._tcp." REAL " 60 IN TLSA 3 1 1 " D2);
	look_at(1000);
	for (size_t i = 0; i < h.n_ep; i++)
		six = six || h.ep[i].addr.family == 6;
	ck_assert(six == (_i == 0));
	if (_i == 0)
		return;
	/* and when one is not listed any more, it leaves */
	SAY(RESOLVER, MX, A, AD, MX " 30 IN CNAME " REAL,
	    REAL " 30 IN A 192.0.2.10");
	BOTH(REAL, A, REAL " 60 IN A 192.0.2.10");
	look_at(1010);
	ck_assert_uint_eq(h.n_ep, 4);
	look_at(90000);
	ck_assert_uint_eq(h.n_ep, 2);
}
END_TEST

/* ---- wildcards ---- */

/* clang-format off */
static const struct {
	const char *first, *second; /* of the two name servers */
	const char *source, *blocked;
} WILDS[] = {
	{ "=*.mx1.example.org. 60 IN TLSA 3 1 1 " D1,
	  "=*.mx1.example.org. 60 IN TLSA 3 1 1 " D1,
	  "*.mx1.example.org.", "" },
	{ "=*.mx1.example.org. 60 IN TLSA 3 1 1 " D1, TLSA_1, NULL,
	  "the wildcard *.mx1.example.org., others not" },
	{ TLSA_1, "=*.mx1.example.org. 60 IN TLSA 3 1 1 " D1, NULL,
	  "the wildcard *.mx1.example.org., others not" },
	{ TLSA_1, TLSA_1, "", "" },
};
/* clang-format on */

START_TEST(the_wildcard_that_records_are_of_is_known)
{
	SIGNED(CHILD, OWNER, TLSA, WILDS[_i].first, "|", PROOF);
	SIGNED(CHILD_2, OWNER, TLSA, WILDS[_i].second, "|", PROOF);
	look_at(1000);
	shows(OWNER, "shown 1", 2);
	if (WILDS[_i].source != NULL)
		ck_assert_str_eq(h.own[0].source, WILDS[_i].source);
	ck_assert_msg(strstr(h.own[0].blocked, WILDS[_i].blocked) != NULL &&
		(h.own[0].blocked[0] == 0) == (WILDS[_i].blocked[0] == 0),
	    "row %d: %s", _i, h.own[0].blocked);
}
END_TEST

enum { NO = NXDOMAIN, YES = 0, LOST = 5 };

/* clang-format off */
static const struct {
	/* *._tcp.mx1, _tcp.mx1, *.mx1, mx1 */
	int rcode[4];
	const char *hides, *blocked;
} HIDES[] = {
	{ { NO,  NO,  NO,  YES }, "", "" },
	{ { NO,  YES, YES, YES }, "", "" }, /* _tcp.mx1 is there already */
	{ { YES, NO,  NO,  YES }, "*._tcp.mx1.example.org.", "" },
	{ { NO,  NO,  YES, YES }, "*.mx1.example.org.", "" },
	{ { NO,  NO,  NO,  NO  }, "*.example.org.", "" },
	{ { NO,  NO,  LOST, YES }, "", "whether there is a wildcard" },
	{ { NO,  LOST, NO,  YES }, "", "whether there is a wildcard" },
};
/* clang-format on */

START_TEST(first_records_must_not_hide_a_wildcard)
{
	static const char *const names[] = { "*._tcp.mx1.example.org.",
		"_tcp.mx1.example.org.", "*.mx1.example.org.", MX };

	BOTH(OWNER, TLSA, "|", SOA, PROOF);
	SAY(RESOLVER, OWNER, TLSA, AD | NXDOMAIN, "|");
	for (int i = 0; i < 4; i++) {
		SAY(CHILD, names[i], TLSA, (unsigned)(AA | HIDES[0].rcode[i]),
		    "|");
		SAY(CHILD_2, names[i], TLSA,
		    (unsigned)(AA | HIDES[_i].rcode[i]), "|");
	}
	SAY(CHILD_2, "*.example.org.", TLSA, AA, "|");
	look_at(1000);
	shows(OWNER, "none 0", 2);
	ck_assert_str_eq(h.own[0].hides, HIDES[_i].hides);
	ck_assert_msg(strstr(h.own[0].blocked, HIDES[_i].blocked) != NULL &&
		(h.own[0].blocked[0] == 0) == (HIDES[_i].blocked[0] == 0),
	    "row %d: %s", _i, h.own[0].blocked);
	/* records are there: nothing is hidden any more */
	BOTH(OWNER, TLSA, TLSA_1);
	look_at(1010);
	ck_assert_str_eq(h.own[0].hides, "");
}
END_TEST

/* A zone of its own at the owner: the name is there before its records are. */
START_TEST(first_records_of_a_zones_own_name_hide_nothing)
{
	struct addr a = net_addr(CHILD);
	struct owner *o = &h.own[0];
	struct batch b = { .n = 0 };

	owner_authority(o, &a)->look = LOOK_NONE;
	o->zone = o->name;
	look_hides_ask(o, &b);
	ck_assert_uint_eq(b.n, 0);
	look_hides(o, &b);
	ck_assert_str_eq(o->hides, "");
	ck_assert_str_eq(o->blocked, "");
	o->zone = "_tcp.mx1.example.org.";
	look_hides_ask(o, &b);
	ck_assert_uint_eq(b.n, 1);
	look_hides(o, &b);
	ck_assert_str_ne(o->blocked, "");
	batch_release(&b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("look_alias");
	TCase *tc = tcase_create("look_alias");
	SRunner *sr;
	int failed;

	if (!net_enter())
		return 77;
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, where_an_alias_leads_is_looked_at_in_the_same_look);
	tcase_add_test(tc, a_dname_above_is_followed);
	tcase_add_test(tc,
	    an_old_target_is_watched_as_long_as_caches_lead_there);
	tcase_add_test(tc, a_name_server_that_was_unseen_may_lead_back);
	tcase_add_test(tc, an_alias_to_nothing_is_a_denial_there);
	tcase_add_loop_test(tc, a_loop_blocks, 0, 4);
	tcase_add_loop_test(tc, a_chain_is_followed_for_eight_links, 0, 2);
	tcase_add_loop_test(tc, an_alias_that_only_the_resolver_has_blocks, 0,
	    2);
	tcase_add_test(tc, the_name_of_a_host_may_be_an_alias);
	tcase_add_test(tc,
	    an_alias_of_the_host_that_only_the_resolver_has_blocks);
	tcase_add_loop_test(tc,
	    an_alias_of_the_host_is_found_where_endpoints_are_named, 0, 2);
	tcase_add_loop_test(tc,
	    a_server_that_does_not_say_whether_the_host_is_an_alias_blocks, 0,
	    8);
	tcase_add_loop_test(tc, addresses_are_those_of_what_the_host_stands_for,
	    0, 2);
	tcase_add_loop_test(tc, the_wildcard_that_records_are_of_is_known, 0,
	    4);
	tcase_add_loop_test(tc, first_records_must_not_hide_a_wildcard, 0, 7);
	tcase_add_test(tc, first_records_of_a_zones_own_name_hide_nothing);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
