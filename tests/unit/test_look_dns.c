/*
 * test_look_dns.c - the look at the DNS: every authority is asked and noted,
 * nobody is let go on a list that may be short, and what is not understood
 * blocks.
 */
#include "net_kit.h"

#include "count_kit.h"

#include "base/text.h"
#include "core/vouch.h"
#include "proc/look.h"

#define A LDNS_RR_TYPE_A
#define AAAA LDNS_RR_TYPE_AAAA
#define NS LDNS_RR_TYPE_NS
#define TLSA LDNS_RR_TYPE_TLSA
#define SOA_TYPE LDNS_RR_TYPE_SOA
#define SOA_AT(zone) zone " 60 IN SOA n. h. 7 90 60 600 30"
#define MX "mx1.example.org."
#define NS_BOTH \
	ZONE " 900 IN NS ns1.example.org.", ZONE " 900 IN NS ns2.example.org."
#define NSEC_OF_OWNER OWNER " 30 IN NSEC z.example.org. A RRSIG NSEC"
#define BEGUN 1000 /* elapsed */

/* ---- the world ---- */

static ldns_key *key;
static struct host h;
static struct owner *own;
static struct look_request req;
static struct addr child[2];

/* Records as text, with one signature over all of them unless `plain`. */
static void
say_signed(int at, const char *name, unsigned type, const char *const *text,
    bool plain)
{
	ldns_rr_list *l[3] = { kit_set(text), NULL, NULL };

	if (!plain)
		kit_sign(l[0], l[0], key, -DAY, DAY);
	net_say_lists(at, name, type, AA, l);
}

static void
say_denial(int at)
{
	static const char *const soa[] = { SOA, NULL };
	static const char *const nsec[] = { NSEC_OF_OWNER, NULL };
	ldns_rr_list *l[3] = { NULL, kit_set(soa), NULL }, *n = kit_set(nsec);

	kit_sign(l[1], l[1], key, -DAY, DAY);
	kit_sign(n, n, key, -DAY, DAY);
	ldns_rr_list_cat(l[1], n);
	ldns_rr_list_free(n);
	net_say_lists(at, OWNER, TLSA, AA, l);
}

static void
say_child(int at)
{
	static const char *const records[] = { TLSA_1, TLSA_2, NULL };
	ldns_rr_list *l[3] = { ldns_rr_list_new(), NULL, NULL };

	ldns_rr_list_push_rr(l[0], ldns_key2rr(key));
	ldns_rr_set_ttl(ldns_rr_list_rr(l[0], 0), 60);
	kit_sign(l[0], l[0], key, -DAY, DAY);
	net_say_lists(at, ZONE, LDNS_RR_TYPE_DNSKEY, AA, l);
	say_signed(at, OWNER, TLSA, records, false);
	SAY(at, ZONE, SOA_TYPE, AA, SOA_AT(ZONE));
	SAY(at, ZONE, NS, AA, NS_BOTH);
	SAY(at, MX, A, AA, MX " 300 IN A 192.0.2.1");
	SAY(at, MX, AAAA, AA, "|");
}

static void
say_ds(void)
{
	ldns_rr_list *l[3] = { ldns_rr_list_new(), NULL, NULL };
	ldns_rr *rr = ldns_key2rr(key);

	ldns_rr_list_push_rr(l[0], ldns_key_rr2ds(rr, LDNS_SHA256));
	ldns_rr_free(rr);
	net_say_lists(RESOLVER, ZONE, LDNS_RR_TYPE_DS, AD, l);
}

/* ---- the clock: what happens to it while a look asks ---- */

static struct {
	int64_t slept; /* s, asleep: both clocks that count it go on */
	int64_t moved; /* s, the wall clock alone */
	int reads;
} hap;

static int64_t
ms_of(clockid_t id)
{
	struct timespec ts;

	ck_assert_int_eq(clock_gettime(id, &ts), 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
clock_read(struct clock_reading *r)
{
	bool later = hap.reads++ > 0; /* than the beginning of the look */

	memset(r, 0, sizeof(*r));
	r->wall = (time_t)(ms_of(CLOCK_REALTIME) / 1000 +
	    (later ? hap.slept + hap.moved : 0));
	r->boot_ms = ms_of(CLOCK_BOOTTIME) + (later ? hap.slept * 1000 : 0);
}

int64_t
clock_mono_ms(void)
{
	return ms_of(CLOCK_MONOTONIC);
}

static void
setup(void)
{
	key = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
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
	SAY(RESOLVER, OWNER, TLSA, AD, TLSA_1, TLSA_2);
	SAY(RESOLVER, MX, A, AD, MX " 30 IN A 192.0.2.1");
	SAY(PARENT, ZONE, NS, 0, "|", NS_BOTH);
	say_ds();
	say_child(CHILD);
	say_child(CHILD_2);
	child[0] = net_addr(CHILD);
	child[1] = net_addr(CHILD_2);
	host_init(&h, "mx1.example.org");
	h.policy.hold_factor = 1;
	h.adopted_at = 1;
	own = host_owner(&h, OWNER, 25);
	memset(&hap, 0, sizeof(hap));
	req = (struct look_request){ .host = &h };
}

static void
teardown(void)
{
	net_forget();
	host_release(&h);
	ldns_key_deep_free(key);
}

static void
look_at(struct look_request *r, size_t n, int64_t elapsed, int64_t ms)
{
	struct now now = { .elapsed = elapsed, .wall = NOW, .trusted = true };
	struct addr resolver = net_addr(RESOLVER);
	struct err e;

	net_start();
	ck_assert_msg(look_dns(r, n, &resolver, &now, clock_mono_ms() + ms,
			  &e) == 0,
	    "%s", e.text);
	net_end();
}

static void
look(void)
{
	own->blocked = "";
	look_at(&req, 1, BEGUN, 20000);
}

static const struct authority *
authority(int at)
{
	struct addr a = net_addr(at);
	struct authority *au = owner_find_authority(own, &a);

	ck_assert_msg(au != NULL, "%s", NET_AT[at]);
	return au;
}

/* ---- authorities ---- */

enum bend {
	AS_IT_IS,
	OTHER_SET,
	REFUSES,
	UNSIGNED,
	DENIES,
	NO_SERIAL,
	NO_SOA,
	NO_KEYS,
	LAME,
	MUTE
};

/* clang-format off */
static const struct {
	enum bend bend;
	enum look want;
	const char *why;
} SAID[] = {
	{ AS_IT_IS,  LOOK_SHOWN,  "" },
	{ OTHER_SET, LOOK_SHOWN,  "" },
	{ NO_SERIAL, LOOK_SHOWN,  "" },
	{ NO_SOA,    LOOK_SHOWN,  "" },
	{ REFUSES,   LOOK_SILENT, "REFUSED" },
	{ NO_KEYS,   LOOK_SILENT, "DNSKEY" },
	{ LAME,      LOOK_SILENT, "REFUSED" },
	{ MUTE,	     LOOK_SILENT, "" },
	{ UNSIGNED,  LOOK_BOGUS,  "no signature" },
	{ DENIES,    LOOK_BOGUS,  "the resolver does not" },
};
/* clang-format on */

#define SAID_N ((int)(sizeof(SAID) / sizeof(SAID[0])))

static void
bend(enum bend b)
{
	static const char *const one[] = { TLSA_2, NULL };

	if (b == OTHER_SET || b == UNSIGNED)
		say_signed(CHILD_2, OWNER, TLSA, one, b == UNSIGNED);
	if (b == REFUSES)
		SAY(CHILD_2, OWNER, TLSA, 5, "|");
	if (b == NO_KEYS)
		SAY(CHILD_2, ZONE, LDNS_RR_TYPE_DNSKEY, 5, "|");
	for (int i = 0; (b == LAME || b == MUTE) && i < net.n; i++)
		if (net.row[i].at == CHILD_2)
			net_row(CHILD_2, net.row[i].name, net.row[i].type);
	for (int i = 0; b == LAME && i < net.n; i++)
		if (net.row[i].at == CHILD_2)
			SAY(CHILD_2, net.row[i].name, net.row[i].type, 5, "|");
	if (b == NO_SERIAL)
		SAY(CHILD_2, ZONE, SOA_TYPE, 5, "|");
	if (b == NO_SOA)
		SAY(CHILD_2, ZONE, SOA_TYPE, AA, "|");
	if (b == DENIES)
		say_denial(CHILD_2);
}

START_TEST(each_authority_is_noted_by_what_it_says)
{
	const struct authority *good, *bent;

	bend(SAID[_i].bend);
	look();
	ck_assert_uint_eq(own->n_auth, 2);
	good = authority(CHILD);
	bent = authority(CHILD_2);
	ck_assert_msg(good->look == LOOK_SHOWN, "row %d: %s", _i, good->why);
	ck_assert_uint_eq(h.set[good->set]->n, 2);
	ck_assert_uint_eq(good->ttl, 60);
	ck_assert(good->fresh && good->has_serial && good->serial == 7);
	ck_assert_uint_eq(good->refresh, 90);
	ck_assert_uint_eq(bent->refresh, bent->has_serial ? 90 : 0);
	ck_assert_uint_eq(good->ns_ttl, 900);
	ck_assert_str_eq(good->name, "ns1.example.org.");
	ck_assert_msg(bent->look == SAID[_i].want &&
		strstr(bent->why, SAID[_i].why) != NULL,
	    "row %d: %s: %s", _i, look_name(bent->look), bent->why);
	ck_assert(bent->fresh);
	ck_assert(bent->has_serial ==
	    (SAID[_i].bend != NO_SERIAL && SAID[_i].bend != NO_SOA &&
		SAID[_i].bend != LAME && SAID[_i].bend != MUTE));
	ck_assert(bent->answered == (SAID[_i].bend != MUTE));
	ck_assert((bent->set == good->set) ==
	    (SAID[_i].want == LOOK_SHOWN && SAID[_i].bend != OTHER_SET));
	ck_assert_str_eq(own->zone, ZONE);
	if (SAID[_i].bend != LAME && SAID[_i].bend != MUTE)
		ck_assert_str_eq(own->blocked, "");
}
END_TEST

/* The host's own clock-slack, and what the pass knows of the signatures. */
START_TEST(a_signature_must_outlast_the_slack_of_the_clock)
{
	const struct authority *a;

	h.policy.clock_slack = DAY + _i;
	look();
	a = authority(CHILD);
	ck_assert_msg(a->look == (_i == 0 ? LOOK_SHOWN : LOOK_BOGUS), "%s",
	    a->why);
	ck_assert_int_eq(a->records_signed.until, _i == 0 ? NOW + DAY : 0);
	ck_assert_int_eq(a->keys_signed.from, _i == 0 ? NOW - DAY : 0);
}
END_TEST

static void
say_what_child_says(int at, const char *name, unsigned type)
{
	struct net_row *to = net_row(at, name, type);
	const struct net_row *from = net_find(CHILD, name, type);

	to->wire = malloc(from->len);
	memcpy(to->wire, from->wire, from->len);
	to->len = from->len;
}

/* Two authorities, with the same keys and records. */
START_TEST(what_authorities_say_alike_is_verified_once_in_a_look)
{
	say_what_child_says(CHILD_2, ZONE, LDNS_RR_TYPE_DNSKEY);
	say_what_child_says(CHILD_2, OWNER, TLSA);
	kit_checks = 0;
	look();
	ck_assert_int_eq(authority(CHILD)->look, LOOK_SHOWN);
	ck_assert_int_eq(authority(CHILD_2)->look, LOOK_SHOWN);
	ck_assert_uint_eq(kit_checks, 2);
	/* the next look remembers nothing */
	look();
	ck_assert_uint_eq(kit_checks, 4);
}
END_TEST

START_TEST(a_denial_is_believed_with_the_resolver)
{
	say_denial(CHILD);
	say_denial(CHILD_2);
	SAY(RESOLVER, OWNER, TLSA, _i == 0 ? AD : 0, "|");
	look();
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(own->auth[i].look,
		    _i == 0 ? LOOK_NONE : LOOK_BOGUS);
		ck_assert_int_eq(own->auth[i].set, _i == 0 ? 0 : -1);
	}
}
END_TEST

START_TEST(a_zone_that_is_not_found_silences_all)
{
	struct now then = { .elapsed = 10 };

	SAY(RESOLVER, MX, SOA_TYPE, SERVFAIL, "|");
	look();
	ck_assert_uint_eq(own->n_auth, 0);
	ck_assert_ptr_nonnull(strstr(own->blocked, "is a zone: SERVFAIL"));
	/* those that are known are silent, and stay */
	sighting_listed(&h, own, &child[0], "ns1.example.org.", 900, &then);
	sighting_listed(&h, own, &child[1], "ns2.example.org.", 900, &then);
	look();
	ck_assert_ptr_nonnull(strstr(own->blocked, "is a zone: SERVFAIL"));
	ck_assert_uint_eq(own->n_auth, 2);
	for (int i = 0; i < 2; i++) {
		ck_assert(own->auth[i].fresh);
		ck_assert_int_eq(own->auth[i].look, LOOK_SILENT);
		ck_assert_ptr_nonnull(strstr(own->auth[i].why, "SERVFAIL"));
		ck_assert_int_eq(own->auth[i].left_at, NEVER);
	}
}
END_TEST

START_TEST(who_left_is_asked_until_its_hold_is_over)
{
	struct addr third = net_addr(CHILD_3);
	struct now then = { .elapsed = 10 };
	const struct authority *a;

	say_child(CHILD_3);
	sighting_listed(&h, own, &third, "ns3.example.org.", 900, &then);
	look();
	a = authority(CHILD_3);
	ck_assert_int_eq(a->look, LOOK_SHOWN);
	ck_assert_int_gt(a->left_at, BEGUN);
	ck_assert_int_eq(authority(CHILD)->left_at, NEVER);
	look_at(&req, 1, BEGUN + 890, 20000);
	ck_assert_int_eq(authority(CHILD_3)->look, LOOK_SHOWN);
	look_at(&req, 1, BEGUN + 2000, 20000);
	ck_assert_ptr_null(owner_find_authority(own, &third));
	ck_assert_uint_eq(own->n_auth, 2);
}
END_TEST

/* Its old address may be held longer than the NS set (D10). */
START_TEST(a_renumbered_server_is_asked_for_the_ttl_of_its_address)
{
	struct addr old = net_addr(CHILD_2);

	SAY(RESOLVER, "ns2.example.org.", A, AD,
	    "ns2.example.org. 4000 IN A 127.0.0.22");
	look();
	ck_assert_uint_eq(authority(CHILD_2)->ns_ttl, 4000);
	ck_assert_uint_eq(authority(CHILD)->ns_ttl, 900);
	say_child(CHILD_3);
	SAY(RESOLVER, "ns2.example.org.", A, AD,
	    "ns2.example.org. 60 IN A 127.0.0.23");
	look_at(&req, 1, BEGUN + 100, 20000);
	ck_assert_int_ne(authority(CHILD_2)->left_at, NEVER);
	look_at(&req, 1, BEGUN + 4000, 20000);
	ck_assert_int_eq(authority(CHILD_2)->look, LOOK_SHOWN);
	look_at(&req, 1, BEGUN + 4200, 20000);
	ck_assert_ptr_null(owner_find_authority(own, &old));
}
END_TEST

/* E05: an end that is dated before the sleep would make a wait shorter. */
START_TEST(a_sleep_during_a_look_counts)
{
	hap.slept = 7200;
	look();
	ck_assert_int_eq(authority(CHILD)->look, LOOK_SHOWN);
	ck_assert_int_ge(authority(CHILD)->looked_at, BEGUN + 7200);
	ck_assert_str_eq(own->blocked, "");
}
END_TEST

/* The answers are as old as the sleep was long. */
START_TEST(signatures_are_judged_when_the_answers_are_in)
{
	hap.slept = 2 * DAY;
	look();
	ck_assert_msg(authority(CHILD)->look == LOOK_BOGUS, "%s",
	    look_name(authority(CHILD)->look));
}
END_TEST

START_TEST(a_wall_clock_that_moves_during_a_look_is_believed_by_nobody)
{
	static const int64_t moves[] = { 3600, -3600, 310, -310, 290, -290 };

	h.policy.clock_slack = 300;
	look();
	ck_assert_int_eq(authority(CHILD)->look, LOOK_SHOWN);
	memset(&hap, 0, sizeof(hap));
	hap.moved = moves[_i];
	look();
	if (_i > 3) {
		ck_assert_int_eq(authority(CHILD)->look, LOOK_SHOWN);
		ck_assert_str_eq(own->blocked, "");
		return;
	}
	ck_assert_int_eq(authority(CHILD)->look, LOOK_SILENT);
	ck_assert_ptr_nonnull(strstr(authority(CHILD)->why,
	    "wall clock moved"));
	ck_assert_ptr_nonnull(strstr(own->blocked, "wall clock moved"));
}
END_TEST

START_TEST(a_list_that_may_be_short_lets_nobody_go)
{
	struct addr third = net_addr(CHILD_3);
	struct now then = { .elapsed = 10 };

	say_child(CHILD_3);
	sighting_listed(&h, own, &third, "ns3.example.org.", 900, &then);
	SAY(PARENT, ZONE, NS, 5, "|");
	look();
	ck_assert_int_eq(authority(CHILD_3)->left_at, NEVER);
	ck_assert_int_eq(authority(CHILD_3)->look, LOOK_SHOWN);
	ck_assert_ptr_nonnull(strstr(own->blocked,
	    "perhaps not every name server is known"));
	ck_assert_ptr_nonnull(strstr(own->blocked, "org."));
}
END_TEST

/* The answers take a while: nothing was seen before they were in. */
START_TEST(what_was_seen_is_dated_when_it_was_in)
{
	net_row(CHILD_2, OWNER, TLSA);
	look_at(&req, 1, BEGUN, 300);
	ck_assert_int_eq(authority(CHILD)->look, LOOK_SHOWN);
	ck_assert_int_gt(authority(CHILD)->looked_at, BEGUN);
	/* whole seconds, and the look takes a part of one */
	ck_assert_int_ge(authority(CHILD)->looked_wall, NOW);
	ck_assert_int_le(authority(CHILD)->looked_wall, NOW + 10);
	ck_assert_int_eq(authority(CHILD_2)->look, LOOK_SILENT);
	ck_assert_ptr_nonnull(strstr(authority(CHILD_2)->why, "no answer"));
}
END_TEST

/* ---- what cannot be built on ---- */

/* Without a chain of trust no sender does DANE: nothing is published. */
START_TEST(a_zone_without_a_chain_of_trust_blocks)
{
	static const struct {
		unsigned flags;
		const char *ds, *why;
	} rows[] = {
		{ AD, "|",
		    "senders do no DANE in the zone example.org.: "
		    "the parent has no DS" },
		{ 0, "|", "no AD" },
		{ AD,
		    ZONE " 60 IN DS 7 13 1 00112233445566778899aabbccddeeff"
			 "00112233",
		    "many senders do no DANE in the zone" },
		{ AD,
		    ZONE " 60 IN DS 7 5 2 00112233445566778899aabbccddeeff"
			 "00112233445566778899aabbccddeeff",
		    "SHA-1, which some resolvers still believe, does not" },
	};

	SAY(RESOLVER, ZONE, LDNS_RR_TYPE_DS, rows[_i].flags, rows[_i].ds);
	look();
	ck_assert_int_eq(authority(CHILD)->look, LOOK_UNSIGNED);
	ck_assert_msg(strstr(own->blocked, rows[_i].why) != NULL,
	    "row %d: '%s'", _i, own->blocked);
}
END_TEST

/* ---- endpoints ---- */

static const char *
endpoints(struct text *t)
{
	char at[ADDR_TEXT];

	text_release(t);
	for (size_t i = 0; i < h.n_ep; i++)
		text_addf(t, "%s%s/%u/%lu%s", i > 0 ? " " : "",
		    addr_str(&h.ep[i].addr, at), h.ep[i].owner,
		    (unsigned long)h.ep[i].ttl,
		    h.ep[i].left_at == NEVER ? "" : "-");
	return text_str(t);
}

/* One that was listed before, with a TTL of 300. */
static void
add_old(void)
{
	struct addr a;

	ck_assert_int_eq(addr_parse("192.0.2.9", 25, &a), 0);
	host_endpoint(&h, 0, &a)->ttl = 300;
}

enum addrs {
	SAME,
	OTHER_AT_CHILD,
	OTHER_AT_RESOLVER,
	TTL_AT_RESOLVER,
	V6_AT_CHILD,
	ALIAS_AT_RESOLVER,
	OLD_IS_BACK,
	CHILD_REFUSES,
	CHILD_LAME,
	CHILD_NO_V6,
	RESOLVER_FAILS,
	SHORT_LIST,
	NO_ZONE,
};

/* clang-format off */
#define OLD "192.0.2.9:25/0/300"
#define MX_1 "192.0.2.1:25/0/300"

/* Address and port, owner, TTL; "-": left. */
static const struct {
	enum addrs bend;
	const char *want;
} ADDRS[] = {
	{ SAME,		     OLD "- " MX_1 },
	{ OTHER_AT_CHILD,    OLD "- 192.0.2.1:25/0/300 192.0.2.2:25/0/400" },
	{ OTHER_AT_RESOLVER, OLD "- 192.0.2.2:25/0/20 " MX_1 },
	{ TTL_AT_RESOLVER,   OLD "- 192.0.2.1:25/0/350" },
	{ V6_AT_CHILD,	     OLD "- " MX_1 " [2001:db8::1]:25/0/400" },
	{ ALIAS_AT_RESOLVER, OLD "- 192.0.2.7:25/0/40 " MX_1 },
	{ OLD_IS_BACK,	     "192.0.2.9:25/0/500 " MX_1 },
	/* some answer is missing: nobody leaves */
	{ CHILD_REFUSES,     OLD " " MX_1 },
	{ CHILD_LAME,	     OLD " " MX_1 },
	{ CHILD_NO_V6,	     OLD " " MX_1 },
	{ RESOLVER_FAILS,    OLD " " MX_1 },
	{ SHORT_LIST,	     OLD " " MX_1 },
	{ NO_ZONE,	     OLD },
};
/* clang-format on */

#define ADDRS_N ((int)(sizeof(ADDRS) / sizeof(ADDRS[0])))

static void
bend_addrs(enum addrs b)
{
	if (b == OTHER_AT_CHILD)
		SAY(CHILD_2, MX, A, AA, MX " 400 IN A 192.0.2.2");
	if (b == OTHER_AT_RESOLVER)
		SAY(RESOLVER, MX, A, AD, MX " 20 IN A 192.0.2.2");
	if (b == TTL_AT_RESOLVER)
		SAY(RESOLVER, MX, A, AD, MX " 350 IN A 192.0.2.1");
	if (b == V6_AT_CHILD)
		SAY(CHILD_2, MX, AAAA, AA, MX " 400 IN AAAA 2001:db8::1");
	if (b == ALIAS_AT_RESOLVER)
		SAY(RESOLVER, MX, A, AD, MX " 40 IN CNAME b.test.",
		    "b.test. 40 IN A 192.0.2.7");
	if (b == OLD_IS_BACK) {
		h.ep[0].left_at = 900;
		SAY(CHILD_2, MX, A, AA, MX " 500 IN A 192.0.2.9");
	}
	if (b == CHILD_REFUSES)
		SAY(CHILD_2, MX, A, 5, "|");
	if (b == CHILD_LAME)
		SAY(CHILD_2, MX, A, 0, MX " 300 IN A 192.0.2.66");
	if (b == CHILD_NO_V6)
		SAY(CHILD_2, MX, AAAA, SERVFAIL, "|");
	if (b == RESOLVER_FAILS)
		SAY(RESOLVER, MX, AAAA, SERVFAIL, "|");
	if (b == SHORT_LIST)
		SAY(PARENT, ZONE, NS, 5, "|");
	if (b == NO_ZONE)
		SAY(RESOLVER, MX, SOA_TYPE, SERVFAIL, "|");
}

START_TEST(an_endpoint_is_where_any_server_says)
{
	struct text t = TEXT_INIT;

	add_old();
	bend_addrs(ADDRS[_i].bend);
	look();
	ck_assert_msg(strcmp(endpoints(&t), ADDRS[_i].want) == 0,
	    "row %d: %s, wanted %s", _i, text_str(&t), ADDRS[_i].want);
	for (size_t i = 0; i < h.n_ep; i++)
		ck_assert(!h.ep[i].configured);
	text_release(&t);
}
END_TEST

START_TEST(an_endpoint_that_left_goes_after_its_hold)
{
	struct text t = TEXT_INIT;
	int64_t left;

	add_old();
	look();
	ck_assert_str_eq(endpoints(&t), OLD "- " MX_1);
	left = h.ep[0].left_at;
	ck_assert_int_gt(left, BEGUN + 1);
	look_at(&req, 1, BEGUN + 290, 20000);
	ck_assert_str_eq(endpoints(&t), OLD "- " MX_1);
	ck_assert_int_eq(h.ep[0].left_at, left);
	look_at(&req, 1, left + 301, 20000);
	ck_assert_str_eq(endpoints(&t), MX_1);
	text_release(&t);
}
END_TEST

START_TEST(more_addresses_than_can_be_looked_at_block)
{
	char text[40][64];
	const char *rr[41] = { NULL };

	for (int i = 0; i < 40; i++)
		rr[i] = text_fmt(text[i], sizeof(text[i]),
		    MX " 300 IN A 192.0.2.%d", i + 1);
	net_say(CHILD_2, MX, A, AA, rr);
	look();
	ck_assert_uint_eq(h.n_ep, 32);
	ck_assert_msg(strstr(own->blocked, "more than 32") != NULL, "'%s'",
	    own->blocked);
}
END_TEST

START_TEST(more_name_servers_than_can_be_remembered_block)
{
	struct addr a = net_addr(CHILD_3);

	a.ip[2] = 9;
	for (int i = 0; i < 128; i++) {
		a.ip[3] = (uint8_t)(i + 1);
		owner_authority(own, &a);
	}
	look();
	ck_assert_uint_eq(own->n_auth, 128);
	ck_assert_msg(strstr(own->blocked, "more than 128") != NULL, "'%s'",
	    own->blocked);
}
END_TEST

/* Port 0: that of each owner; a port of some owner: that one's; else of all. */
START_TEST(configured_endpoints_are_taken_as_they_are)
{
	struct addr a[3];
	struct text t = TEXT_INIT;

	ck_assert_int_eq(addr_parse("192.0.2.50", 0, &a[0]), 0);
	ck_assert_int_eq(addr_parse("192.0.2.51", 465, &a[1]), 0);
	ck_assert_int_eq(addr_parse("192.0.2.52", 2525, &a[2]), 0);
	host_owner(&h, "_465._tcp.mx1.example.org.", 465);
	own = &h.own[0];
	add_old();
	req.endpoints = a;
	req.n_endpoints = 3;
	look();
	ck_assert_str_eq(endpoints(&t),
	    OLD "- 192.0.2.50:25/0/0 192.0.2.52:2525/0/0 "
		"192.0.2.50:465/1/0 192.0.2.51:465/1/0 192.0.2.52:2525/1/0");
	for (size_t i = 1; i < h.n_ep; i++)
		ck_assert(h.ep[i].configured);
	req.n_endpoints = 2;
	look();
	ck_assert_str_eq(endpoints(&t),
	    OLD "- 192.0.2.50:25/0/0 192.0.2.52:2525/0/0- "
		"192.0.2.50:465/1/0 192.0.2.51:465/1/0 192.0.2.52:2525/1/0-");
	text_release(&t);
}
END_TEST

/* The address stays, the port does not: what was at that port leaves. */
START_TEST(an_endpoint_is_an_address_and_a_port)
{
	struct addr was, now;
	struct text t = TEXT_INIT;

	ck_assert_int_eq(addr_parse("192.0.2.1", 2525, &was), 0);
	ck_assert_int_eq(addr_parse("192.0.2.1", 0, &now), 0);
	req.endpoints = &was;
	req.n_endpoints = 1;
	look();
	ck_assert_str_eq(endpoints(&t), "192.0.2.1:2525/0/0");
	req.endpoints = &now;
	req.n_endpoints = _i == 0 ? 1 : 0; /* else: of the DNS */
	look();
	ck_assert_str_eq(endpoints(&t),
	    _i == 0 ? "192.0.2.1:2525/0/0- 192.0.2.1:25/0/0"
		    : "192.0.2.1:2525/0/0- " MX_1);
	text_release(&t);
}
END_TEST

/* An owner that comes takes the endpoints of its port over. */
START_TEST(an_endpoint_meets_the_records_of_its_port)
{
	struct addr a;
	struct text t = TEXT_INIT;

	ck_assert_int_eq(addr_parse("192.0.2.1", 465, &a), 0);
	req.endpoints = &a;
	req.n_endpoints = 1;
	look();
	ck_assert_str_eq(endpoints(&t), "192.0.2.1:465/0/0");
	host_owner(&h, "_465._tcp.mx1.example.org.", 465);
	own = &h.own[0];
	look();
	ck_assert_str_eq(endpoints(&t), "192.0.2.1:465/0/0- 192.0.2.1:465/1/0");
	text_release(&t);
}
END_TEST

START_TEST(nobody_asks_for_addresses_that_are_configured)
{
	struct now now = { .elapsed = BEGUN, .wall = NOW, .trusted = true };
	struct addr a, resolver = net_addr(RESOLVER);
	struct err e;

	ck_assert_int_eq(addr_parse("192.0.2.50", 0, &a), 0);
	req.endpoints = &a;
	req.n_endpoints = 1;
	net_start();
	ck_assert_int_eq(look_dns(&req, 1, &resolver, &now,
			     clock_mono_ms() + 20000, &e),
	    0);
	/* once each: whether the name is an alias */
	ck_assert_int_eq(net_asked(RESOLVER, MX, A), 1);
	ck_assert_int_eq(net_asked(CHILD, MX, A), 1);
	ck_assert_int_eq(net_asked(CHILD, MX, AAAA), 0);
	ck_assert_int_eq(net_asked(CHILD, OWNER, TLSA), 1);
	ck_assert_int_eq(net_asked(RESOLVER, OWNER, TLSA), 1);
}
END_TEST

/* ---- several hosts ---- */

/* D10; and it is over when they agree. */
START_TEST(ns_sets_that_differ_are_noted_while_they_do)
{
	SAY(PARENT, ZONE, NS, 0, "|", ZONE " 900 IN NS ns1.example.org.");
	look();
	ck_assert_ptr_nonnull(own->ns_differ);
	ck_assert_ptr_nonnull(strstr(own->ns_differ,
	    "the parent lists ns1.example.org.; the zone itself lists ns1"));
	SAY(PARENT, ZONE, NS, 0, "|", NS_BOTH);
	look();
	ck_assert_ptr_null(own->ns_differ);
}
END_TEST

/* E17.  ns2 has 2001:db8::5, to which nobody here can send; row 2: and ns1
 * has ::1, so that IPv6 is not what is lacking. */
START_TEST(an_address_without_a_route_is_taken_as_the_other_one)
{
	struct addr a;

	ck_assert_int_eq(addr_parse("2001:db8::5", 53, &a), 0);
	SAY(RESOLVER, "ns2.example.org.", AAAA, AD,
	    "ns2.example.org. 60 IN AAAA 2001:db8::5");
	if (_i == 2)
		SAY(RESOLVER, "ns1.example.org.", AAAA, AD,
		    "ns1.example.org. 60 IN AAAA ::1");
	req.every_family = _i == 1;
	look();
	ck_assert_uint_eq(own->n_auth, _i == 2 ? 4 : 3);
	ck_assert_int_eq(authority(CHILD_2)->look, LOOK_SHOWN);
	ck_assert(!vouched(own, authority(CHILD_2)));
	ck_assert_int_eq(owner_find_authority(own, &a)->look,
	    _i == 0 ? LOOK_SHOWN : LOOK_SILENT);
	ck_assert(vouched(own, owner_find_authority(own, &a)) == (_i == 0));
	ck_assert((strstr(owner_find_authority(own, &a)->why,
		       "no IPv6 route") != NULL) == (_i < 2));
	ck_assert_str_eq(own->blocked, "");
}
END_TEST

/* Who lists the host's addresses is asked where it can be. */
START_TEST(an_endpoint_can_leave_though_a_family_is_lacking)
{
	SAY(RESOLVER, "ns2.example.org.", AAAA, AD,
	    "ns2.example.org. 60 IN AAAA 2001:db8::5");
	look();
	ck_assert_uint_eq(h.n_ep, 1);
	SAY(RESOLVER, MX, A, AD, MX " 30 IN A 192.0.2.9");
	SAY(CHILD, MX, A, AA, MX " 30 IN A 192.0.2.9");
	SAY(CHILD_2, MX, A, AA, MX " 30 IN A 192.0.2.9");
	look();
	ck_assert_uint_eq(h.n_ep, 2);
	ck_assert_int_ne(h.ep[0].left_at, NEVER);
}
END_TEST

/* The primary is asked for the serial and nothing else, and is no authority;
 * nor is it asked for the zones of others. */
START_TEST(the_serial_of_a_hidden_primary_is_known)
{
	req.primary = net_addr(_i == 0 ? CHILD_3 : CHILD);
	SAY(CHILD_3, ZONE, SOA_TYPE, AA, ZONE " 9 IN SOA n. h. 9 60 60 60 30");
	own->foreign = _i == 1;
	look();
	ck_assert(own->has_primary_serial == (_i == 0));
	ck_assert(_i == 1 || own->primary_serial == 9);
	ck_assert_uint_eq(own->n_auth, 2);
	ck_assert_uint_eq(authority(CHILD)->serial, 7);
	req.primary.family = 0;
	look();
	ck_assert(!own->has_primary_serial);
}
END_TEST

/* D12: old, new and old again means two servers; others are asked once. */
START_TEST(an_address_that_flaps_is_asked_more_than_once)
{
	struct addr resolver = net_addr(RESOLVER);
	struct err e;

	for (int i = 0; i < 4; i++) {
		struct now now = { .elapsed = BEGUN + i * 900,
			.wall = NOW,
			.trusted = true };

		say_child(CHILD_2);
		if (i == 1)
			bend(OTHER_SET);
		net_start();
		ck_assert_int_eq(look_dns(&req, 1, &resolver, &now,
				     clock_mono_ms() + 20000, &e),
		    0);
		ck_assert_msg(net_asked(CHILD_2, OWNER, TLSA) ==
			(i == 3 ? 2 : 1),
		    "look %d", i);
		ck_assert_int_eq(net_asked(CHILD, OWNER, TLSA), 1);
		ck_assert_int_eq(authority(CHILD_2)->look, LOOK_SHOWN);
		net_end();
	}
}
END_TEST

/* What has no memory asks as if there were several everywhere. */
START_TEST(who_wants_to_know_asks_each_address_more_than_once)
{
	struct addr resolver = net_addr(RESOLVER);
	struct now now = { .elapsed = BEGUN, .wall = NOW, .trusted = true };
	struct err e;

	req.several = true;
	net_start();
	ck_assert_int_eq(look_dns(&req, 1, &resolver, &now,
			     clock_mono_ms() + 20000, &e),
	    0);
	ck_assert_int_eq(net_asked(CHILD, OWNER, TLSA), 2); /* and by TCP */
	ck_assert_int_eq(net_asked(CHILD_2, OWNER, TLSA), 2);
	ck_assert_int_eq(authority(CHILD_2)->look, LOOK_SHOWN);
	net_end();
}
END_TEST

START_TEST(hosts_of_one_look_are_not_mixed_up)
{
	static const char *const other[] = {
		"_25._tcp.mx2.example.org. 50 IN TLSA 3 1 1 " D1, NULL
	};
	struct look_request both[2] = { req, req };
	struct host h2;
	struct owner *o2;

	host_init(&h2, "mx2.example.org");
	h2.policy.hold_factor = 1;
	o2 = host_owner(&h2, "_25._tcp.mx2.example.org.", 25);
	both[0].host = &h2;
	for (int at = CHILD; at <= CHILD_2; at++) {
		say_signed(at, o2->name, TLSA, other, false);
		SAY(at, "mx2.example.org.", A, AA,
		    "mx2.example.org. 70 IN A 192.0.2.2");
	}
	look_at(both, 2, BEGUN, 20000);
	ck_assert_uint_eq(own->n_auth, 2);
	ck_assert_uint_eq(o2->n_auth, 2);
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(own->auth[i].ttl, 60);
		ck_assert_uint_eq(o2->auth[i].ttl, 50);
	}
	ck_assert_uint_eq(h.n_ep, 1);
	ck_assert_uint_eq(h2.n_ep, 1);
	ck_assert_uint_eq(h.ep[0].addr.ip[3], 1);
	ck_assert_uint_eq(h2.ep[0].addr.ip[3], 2);
	host_release(&h2);
}
END_TEST

/* As when a test is ended before it could end them. */
START_TEST(servers_that_were_left_behind_are_in_nobodys_way)
{
	pid_t left;

	net_start();
	left = net.pid;
	look();
	ck_assert_int_eq(authority(CHILD)->look, LOOK_SHOWN);
	kill(left, SIGKILL);
	waitpid(left, NULL, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("look_dns");
	TCase *tc = tcase_create("look_dns");
	SRunner *sr;
	int failed;

	if (!net_enter())
		return 77;
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_authority_is_noted_by_what_it_says, 0,
	    SAID_N);
	tcase_add_loop_test(tc, a_signature_must_outlast_the_slack_of_the_clock,
	    0, 2);
	tcase_add_test(tc,
	    what_authorities_say_alike_is_verified_once_in_a_look);
	tcase_add_loop_test(tc, a_denial_is_believed_with_the_resolver, 0, 2);
	tcase_add_test(tc, a_zone_that_is_not_found_silences_all);
	tcase_add_test(tc, servers_that_were_left_behind_are_in_nobodys_way);
	tcase_add_test(tc, a_sleep_during_a_look_counts);
	tcase_add_test(tc, signatures_are_judged_when_the_answers_are_in);
	tcase_add_loop_test(tc,
	    a_wall_clock_that_moves_during_a_look_is_believed_by_nobody, 0, 6);
	tcase_add_test(tc, who_left_is_asked_until_its_hold_is_over);
	tcase_add_test(tc,
	    a_renumbered_server_is_asked_for_the_ttl_of_its_address);
	tcase_add_test(tc, a_list_that_may_be_short_lets_nobody_go);
	tcase_add_test(tc, what_was_seen_is_dated_when_it_was_in);
	tcase_add_loop_test(tc, a_zone_without_a_chain_of_trust_blocks, 0, 4);
	tcase_add_loop_test(tc, an_endpoint_is_where_any_server_says, 0,
	    ADDRS_N);
	tcase_add_test(tc, an_endpoint_that_left_goes_after_its_hold);
	tcase_add_test(tc, more_addresses_than_can_be_looked_at_block);
	tcase_add_test(tc, more_name_servers_than_can_be_remembered_block);
	tcase_add_test(tc, configured_endpoints_are_taken_as_they_are);
	tcase_add_loop_test(tc, an_endpoint_is_an_address_and_a_port, 0, 2);
	tcase_add_test(tc, an_endpoint_meets_the_records_of_its_port);
	tcase_add_test(tc, nobody_asks_for_addresses_that_are_configured);
	tcase_add_test(tc, ns_sets_that_differ_are_noted_while_they_do);
	tcase_add_loop_test(tc,
	    an_address_without_a_route_is_taken_as_the_other_one, 0, 3);
	tcase_add_test(tc, an_endpoint_can_leave_though_a_family_is_lacking);
	tcase_add_loop_test(tc, the_serial_of_a_hidden_primary_is_known, 0, 2);
	tcase_add_test(tc, an_address_that_flaps_is_asked_more_than_once);
	tcase_add_test(tc, who_wants_to_know_asks_each_address_more_than_once);
	tcase_add_test(tc, hosts_of_one_look_are_not_mixed_up);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
