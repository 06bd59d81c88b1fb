/*
 * test_answer_denial.c - "there is no such record" is believed only when it
 * is signed, proved, and the resolver says so too; and what is read out of a
 * resolver's answers.
 */
#include "answer_kit.h"

#include "base/text.h"

#define ALL_TYPES "A NS SOA AAAA RRSIG NSEC DNSKEY"

static struct question tlsa, dnskey;
static struct ds_set ds;
static ldns_key *key;

static void
setup(void)
{
	ldns_rr_list *l = ldns_rr_list_new();

	key = kit_key(ZONE, 257, LDNS_SIGN_ECDSAP256SHA256);
	ldns_rr_list_push_rr(l, ldns_key2rr(key));
	ldns_rr_set_ttl(ldns_rr_list_rr(l, 0), 60);
	kit_sign(l, l, key, -DAY, DAY);
	dnskey = kit_answer(ZONE, LDNS_RR_TYPE_DNSKEY, 0, true, l, NULL);
	ds = (struct ds_set){ .secure = true, .n = 1 };
	ds.ds[0] = kit_ds(key, LDNS_SHA256);
}

static void
teardown(void)
{
	ask_release(&dnskey, 1);
	ldns_key_deep_free(key);
}

/* When the signature of each record ends, from now; 0: in a day. */
static long ends[20];
/* The TTL that each record comes with, once it is signed; 0: the signed one. */
static uint32_t lowered[20];

/* The authority section: each of these records signed by itself, the last
 * `plain` of them not. */
static void
deny_with(int rcode, ldns_rr_list *l, size_t plain, ldns_rr_list *answer)
{
	ldns_rr_list *all = ldns_rr_list_new();
	size_t n = ldns_rr_list_rr_count(l);

	for (size_t i = 0; i < n; i++) {
		ldns_rr_list *one = ldns_rr_list_new();

		ldns_rr_list_push_rr(one, ldns_rr_list_rr(l, i));
		ldns_rr_list_push_rr(all, ldns_rr_list_rr(l, i));
		if (i + plain < n)
			kit_sign(all, one, key, -DAY, ends[i] ? ends[i] : DAY);
		if (lowered[i] != 0)
			ldns_rr_set_ttl(ldns_rr_list_rr(l, i), lowered[i]);
		ldns_rr_list_free(one);
	}
	ldns_rr_list_free(l);
	tlsa = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, rcode, true, answer, all);
}

static void
deny(int rcode, const char *const *text, size_t plain)
{
	deny_with(rcode, kit_set(text), plain, NULL);
}

#define NSEC(owner, next, types) owner " 45 IN NSEC " next " " types
#define AT(types) NSEC(OWNER, "z.example.org.", types " RRSIG NSEC")
#define SPAN NSEC("ns1.example.org.", "example.org.", "A RRSIG NSEC")
#define BEFORE NSEC("mx1.example.org.", "ns1.example.org.", "A RRSIG NSEC")
#define APEX NSEC(ZONE, "mx1.example.org.", ALL_TYPES)
#define STAR NSEC("*.example.org.", "mx1.example.org.", "A RRSIG NSEC")

/* clang-format off */
static const struct {
	int rcode;
	const char *text[5];
	size_t plain;
	bool resolver;
	enum look want;
} DENIALS[] = {
	/* no data: the name's own NSEC without the type */
	{ 0, { SOA, AT("A") },		     0, true,  LOOK_NONE },
	{ 0, { SOA, AT("A") },		     0, false, LOOK_BOGUS },
	{ 0, { SOA, AT("A TLSA") },	     0, true,  LOOK_BOGUS },
	{ 0, { SOA, AT("A CNAME") },	     0, true,  LOOK_BOGUS },
	{ 0, { SOA, AT("NS") },		     0, true,  LOOK_BOGUS },
	{ 0, { SOA, AT("NS SOA") },	     0, true,  LOOK_NONE },
	{ 0, { AT("A"), SOA },		     1, true,  LOOK_BOGUS },
	{ 0, { SOA, AT("A") },		     1, true,  LOOK_BOGUS },
	{ 0, { AT("A") },		     0, true,  LOOK_BOGUS },
	{ 0, { SOA },			     0, true,  LOOK_BOGUS },
	{ 0, { NULL },			     0, true,  LOOK_BOGUS },
	/* no such name: a span over it */
	{ 3, { SOA, BEFORE },		     0, true,  LOOK_NONE },
	{ 3, { SOA, BEFORE, APEX },	     0, true,  LOOK_NONE },
	{ 3, { SOA, BEFORE, APEX },	     1, true,  LOOK_BOGUS },
	{ 3, { SOA, BEFORE },		     0, false, LOOK_BOGUS },
	{ 3, { SOA, APEX },		     0, true,  LOOK_BOGUS },
	{ 3, { SOA, SPAN },		     0, true,  LOOK_BOGUS },
	/* a wildcard without the type: its NSEC is signed for its own name */
	{ 0, { SOA, BEFORE, STAR },	     0, true,  LOOK_NONE },
	/* the very next name exists; a zone of one name has no other */
	{ 3, { SOA, NSEC("mx1.example.org.", OWNER, "A") },
					     0, true,  LOOK_BOGUS },
	{ 3, { SOA, NSEC(ZONE, ZONE, ALL_TYPES) },
					     0, true,  LOOK_NONE },
	/* what is not of the zone, though signed by it */
	{ 3, { SOA, NSEC("a.org.", "z.org.", "A") },
					     0, true,  LOOK_BOGUS },
	{ 0, { "mx1.example.org. 300 IN SOA ns1.example.org. "
	       "h.example.org. 7 60 60 600 30", AT("A") },
					     0, true,  LOOK_BOGUS },
	/* another window's number is no bit of this one */
	{ 0, { SOA, AT("A TYPE2049") },	     0, true,  LOOK_NONE },
	{ 0, { SOA, AT("A TYPE308") },	     0, true,  LOOK_NONE },
	{ 0, { SOA, AT("A TLSA TYPE308") },  0, true,  LOOK_BOGUS },
};
/* clang-format on */

#define DENIALS_N ((int)(sizeof(DENIALS) / sizeof(DENIALS[0])))

START_TEST(a_denial_needs_signatures_a_proof_and_the_resolver)
{
	struct glance g;
	time_t expires;

	deny(DENIALS[_i].rcode, DENIALS[_i].text, DENIALS[_i].plain);
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, DENIALS[_i].resolver, &g,
	    &expires);
	ck_assert_msg(g.look == DENIALS[_i].want, "row %d: %s, wanted %s: %s",
	    _i, look_name(g.look), look_name(DENIALS[_i].want), g.why);
	ck_assert_uint_eq(g.set.n, 0);
	ck_assert(g.why[0] != 0);
	if (g.look == LOOK_NONE) {
		/* the span's 45 s; the SOA would be min(300, 30) */
		ck_assert_uint_eq(g.ttl, 45);
		ck_assert_int_eq(expires, NOW + DAY);
	}
	ask_release(&tlsa, 1);
}
END_TEST

/* clang-format off */
static const struct {
	const char *name;	/* whose hash it is about */
	int from, to, iterations;
	const char *types;
	size_t plain;
	bool resolver;
	enum look want;
} HASHED[] = {
	/* no data: the hash of the name, without the type */
	{ OWNER, 0, 1, 0, "A RRSIG",	   0, true,  LOOK_NONE },
	{ OWNER, 0, 1, 150, "A RRSIG",	   0, true,  LOOK_NONE },
	{ OWNER, 0, 1, 0, "",		   0, true,  LOOK_NONE },
	{ OWNER, 0, 1, 0, "NS SOA RRSIG",  0, true,  LOOK_NONE },
	{ OWNER, 0, 1, 0, "A RRSIG",	   0, false, LOOK_BOGUS },
	{ OWNER, 0, 1, 0, "A RRSIG",	   1, true,  LOOK_BOGUS },
	{ OWNER, 0, 1, 151, "A RRSIG",	   0, true,  LOOK_BOGUS },
	{ OWNER, 0, 1, 0, "TLSA RRSIG",	   0, true,  LOOK_BOGUS },
	{ OWNER, 0, 1, 0, "CNAME RRSIG",   0, true,  LOOK_BOGUS },
	{ OWNER, 0, 1, 0, "NS DS RRSIG",   0, true,  LOOK_BOGUS },
	/* no such name: a span over it, or over one above */
	{ OWNER, -1, 1, 0, "TLSA RRSIG",   0, true,  LOOK_NONE },
	{ "_tcp.mx1.example.org.", -1, 1, 0, "TLSA RRSIG",
					   0, true,  LOOK_NONE },
	{ "_tcp.mx1.example.org.", -1, 1, 0, "TLSA RRSIG",
					   0, false, LOOK_BOGUS },
	{ "_tcp.mx1.example.org.", -1, 1, 151, "TLSA RRSIG",
					   0, true,  LOOK_BOGUS },
	/* about other names, though signed by the zone */
	{ "_tcp.mx1.example.org.", 0, 1, 0, "A RRSIG",
					   0, true,  LOOK_BOGUS },
	{ "mx2.example.org.", 0, 1, 0, "A RRSIG",
					   0, true,  LOOK_BOGUS },
	{ "mx2.example.org.", -1, 1, 0, "A RRSIG",
					   0, true,  LOOK_BOGUS },
	{ ZONE, 0, 1, 0, "A RRSIG",	   0, true,  LOOK_BOGUS },
	{ ZONE, -1, 1, 0, "A RRSIG",	   0, true,  LOOK_BOGUS },
};
/* clang-format on */

#define HASHED_N ((int)(sizeof(HASHED) / sizeof(HASHED[0])))

START_TEST(a_hash_denies_what_it_is_of_or_spans)
{
	char hashed[200];
	const char *const text[] = { SOA, hashed, NULL };
	struct glance g;
	time_t expires;

	kit_nsec3(HASHED[_i].name, HASHED[_i].from, HASHED[_i].to,
	    HASHED[_i].iterations, HASHED[_i].types, hashed);
	deny(3, text, HASHED[_i].plain);
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, HASHED[_i].resolver, &g,
	    &expires);
	ck_assert_msg(g.look == HASHED[_i].want, "row %d: %s, wanted %s: %s",
	    _i, look_name(g.look), look_name(HASHED[_i].want), g.why);
	ask_release(&tlsa, 1);
}
END_TEST

/* The NSEC of a wildcard, put at a name that is there, would deny all that the
 * wildcard has not. */
START_TEST(the_nsec_of_a_wildcard_denies_no_other_name)
{
	static const char *const star[] = {
		NSEC("*.mx1.example.org.", "z.example.org.", "A RRSIG NSEC"),
		NULL
	};
	static const char *const soa[] = { SOA, NULL };
	ldns_rr_list *l = kit_set(star), *all = kit_set(soa);
	struct glance g;
	time_t expires;

	kit_sign(all, all, key, -DAY, DAY);
	kit_sign(l, l, key, -DAY, DAY);
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++) {
		ldns_rdf_deep_free(ldns_rr_owner(ldns_rr_list_rr(l, i)));
		ldns_rr_set_owner(ldns_rr_list_rr(l, i),
		    ldns_dname_new_frm_str(OWNER));
	}
	ldns_rr_list_cat(all, l);
	ldns_rr_list_free(l);
	tlsa = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, 0, true, NULL, all);
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
	ck_assert_int_eq(g.look, LOOK_BOGUS);
	ck_assert_msg(strstr(g.why, "synthesised from a wildcard") != NULL,
	    "%s", g.why);
	ask_release(&tlsa, 1);
}
END_TEST

/* clang-format off */
static const struct {
	const char *text[4];
	uint32_t ttl;
} KEPT[] = {
	{ { SOA, AT("A") },				    45 },
	{ { AT("A"), SOA },				    45 },
	{ { ZONE " 300 IN SOA n. h. 7 60 60 600 200", AT("A") }, 200 },
	{ { AT("A"), ZONE " 300 IN SOA n. h. 7 60 60 600 200" }, 200 },
	{ { ZONE " 100 IN SOA n. h. 7 60 60 600 200", AT("A") }, 100 },
	{ { SOA, AT("A"), "q.example.org. 99 IN NSEC r.example.org. A" }, 99 },
	{ { SOA, "q.example.org. 99 IN NSEC r.example.org. A", AT("A") }, 99 },
};
/* clang-format on */

#define KEPT_N ((int)(sizeof(KEPT) / sizeof(KEPT[0])))

START_TEST(a_denial_is_kept_as_long_as_its_longest_part)
{
	struct glance g;
	time_t expires;

	deny(0, KEPT[_i].text, 0);
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
	ck_assert_msg(g.look == LOOK_NONE, "row %d: %s", _i, g.why);
	ck_assert_msg(g.ttl == KEPT[_i].ttl, "row %d: %lu", _i,
	    (unsigned long)g.ttl);
	ask_release(&tlsa, 1);
}
END_TEST

/* clang-format off */
static const struct {
	uint32_t soa, nsec;
	const char *why; /* how it begins; NULL: it is believed */
} AGES[] = {
	{ 300, 45, NULL },
	/* servers lower the SOA of a denial to the minimum of the zone */
	{ 30,  45, NULL },
	{ 299, 45, NULL },
	{ 29,  45, "intercepted: the TTL 29 of its SOA set is below the "
		   "signed 30" },
	{ 30,  44, "intercepted: the TTL 44 of its NSEC set is below the "
		   "signed 45" },
};
/* clang-format on */

#define AGES_N ((int)(sizeof(AGES) / sizeof(AGES[0])))

START_TEST(a_denial_out_of_a_cache_is_no_evidence)
{
	static const char *const text[] = { SOA, AT("A"), NULL };
	struct glance g;
	time_t expires;

	lowered[0] = AGES[_i].soa;
	lowered[1] = AGES[_i].nsec;
	deny(0, text, 0);
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
	if (AGES[_i].why == NULL)
		ck_assert_msg(g.look == LOOK_NONE, "row %d: %s", _i, g.why);
	else
		ck_assert_msg(g.look == LOOK_BOGUS &&
			strstr(g.why, AGES[_i].why) == g.why,
		    "row %d: %s", _i, g.why);
	ask_release(&tlsa, 1);
	lowered[0] = lowered[1] = 0;
}
END_TEST

START_TEST(a_denial_ends_with_its_first_signature)
{
	static const char *const text[] = { SOA, AT("A"), NULL };
	struct glance g;
	time_t expires;

	ends[_i] = 100;
	ends[1 - _i] = 200;
	deny(0, text, 0);
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
	ck_assert_msg(g.look == LOOK_NONE, "%s", g.why);
	ck_assert_int_eq(expires, NOW + 100);
	ask_release(&tlsa, 1);
	ends[0] = ends[1] = 0;
}
END_TEST

START_TEST(a_denial_has_no_more_than_twelve_sets)
{
	ldns_rr_list *l = ldns_rr_list_new();
	struct glance g;
	time_t expires;
	char text[120];

	ldns_rr_list_push_rr(l, kit_rr(SOA));
	ldns_rr_list_push_rr(l, kit_rr(AT("A")));
	for (int i = 0; i < 10 + _i; i++) {
		text_fmt(text, sizeof(text), "q%d.example.org. 9 IN NSEC %s", i,
		    "r.example.org. A");
		ldns_rr_list_push_rr(l, kit_rr(text));
	}
	deny_with(0, l, 0, NULL);
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
	ck_assert_int_eq(g.look, _i == 0 ? LOOK_NONE : LOOK_BOGUS);
	ck_assert(_i == 0 || strstr(g.why, "too many") != NULL);
	ask_release(&tlsa, 1);
}
END_TEST

/* A bitmap behind the next name, byte by byte. */
START_TEST(a_broken_bitmap_proves_nothing)
{
	static const struct {
		uint8_t len, map[8];
		enum look want;
	} cases[] = {
		{ 3, { 0, 1, 0x40 }, LOOK_NONE },	 /* A */
		{ 0, { 0 }, LOOK_NONE },		 /* nothing at all */
		{ 2, { 0, 1 }, LOOK_BOGUS },		 /* a byte short */
		{ 3, { 0, 2, 0x40 }, LOOK_BOGUS },	 /* likewise */
		{ 4, { 0, 1, 0x40, 1 }, LOOK_BOGUS },	 /* one too many */
		{ 5, { 0, 1, 0x40, 1, 1 }, LOOK_BOGUS }, /* a cut window */
		{ 6, { 0, 1, 0x40, 1, 1, 1 }, LOOK_NONE },
		{ 1, { 0 }, LOOK_BOGUS },
	};
	static const uint8_t next[] = "\001z\007example\003org";
	ldns_rr *rr = kit_rr(AT("A"));
	ldns_rr_list *l = ldns_rr_list_new();
	struct glance g;
	time_t expires;
	uint8_t bytes[40];

	memcpy(bytes, next, sizeof(next));
	memcpy(bytes + sizeof(next), cases[_i].map, cases[_i].len);
	while (ldns_rr_rd_count(rr) > 0)
		ldns_rdf_deep_free(ldns_rr_pop_rdf(rr));
	ldns_rr_push_rdf(rr,
	    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_HEX,
		sizeof(next) + cases[_i].len, bytes));
	ldns_rr_list_push_rr(l, kit_rr(SOA));
	ldns_rr_list_push_rr(l, rr);
	deny_with(0, l, 0, NULL);
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
	ck_assert_msg(g.look == cases[_i].want, "row %d: %s: %s", _i,
	    look_name(g.look), g.why);
	ask_release(&tlsa, 1);
}
END_TEST

/* Records of others in the answer are none of the name's; but a DNAME stands
 * for all names below it. */
START_TEST(what_stands_beside_a_denial)
{
	static const struct {
		const char *text;
		enum look want;
		const char *why;
	} cases[] = {
		{ "_26._tcp.mx1.example.org. 60 IN TLSA 3 1 1 " D1, LOOK_NONE,
		    "no TLSA" },
		{ "a.example.org. 60 IN CNAME b.example.org.", LOOK_NONE,
		    "no TLSA" },
		{ OWNER " 60 IN A 192.0.2.1", LOOK_NONE, "no TLSA" },
		{ OWNER " 60 CH TLSA 3 1 1 " D1, LOOK_NONE, "no TLSA" },
		{ OWNER " 60 CH CNAME b.example.org.", LOOK_NONE, "no TLSA" },
		{ "mx1.example.org. 60 IN DNAME b.example.org.", LOOK_BOGUS,
		    "alias" },
		{ OWNER " 60 IN CNAME b.example.org.", LOOK_BOGUS, "alias" },
	};
	static const char *const text[] = { SOA, AT("A"), NULL };
	ldns_rr_list *answer = ldns_rr_list_new();
	struct glance g;
	time_t expires;

	ldns_rr_list_push_rr(answer, kit_rr(cases[_i].text));
	deny_with(0, kit_set(text), 0, answer);
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
	ck_assert_msg(g.look == cases[_i].want &&
		strstr(g.why, cases[_i].why) != NULL,
	    "row %d: %s: %s", _i, look_name(g.look), g.why);
	ask_release(&tlsa, 1);
}
END_TEST

/* The proof stands in the authority section, in the Internet's class. */
START_TEST(a_proof_elsewhere_is_none)
{
	static const char *const soa[] = { SOA, NULL };
	static const char *const proof[] = { AT("A"), NULL };
	ldns_rr_list *l = kit_set(proof), *all = kit_set(soa);
	struct glance g;
	time_t expires;

	if (_i == 0) {
		kit_sign(l, l, key, -DAY, DAY);
		deny_with(0, all, 0, l);
	} else {
		ldns_rr_set_class(ldns_rr_list_rr(l, 0), LDNS_RR_CLASS_CH);
		ldns_rr_list_cat(all, l);
		ldns_rr_list_free(l);
		deny_with(0, all, 0, NULL);
	}
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
	ck_assert_int_eq(g.look, LOOK_BOGUS);
	ck_assert_ptr_nonnull(strstr(g.why, "without a proof"));
	ask_release(&tlsa, 1);
}
END_TEST

START_TEST(the_last_span_of_a_zone_goes_round)
{
	static const char *const text[] = { SOA,
		NSEC("a.example.org.", "example.org.", "A RRSIG NSEC"), NULL };
	struct glance g;
	time_t expires;

	deny(3, text, 0);
	kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
	ck_assert_msg(g.look == LOOK_NONE, "%s", g.why);
	ask_release(&tlsa, 1);
}
END_TEST

START_TEST(a_piece_of_a_denial_denies_nothing)
{
	static const char *const text[] = { SOA, AT("A"), NULL };
	struct glance g;
	time_t expires;
	uint8_t *whole;
	size_t len;

	deny(0, text, 0);
	whole = tlsa.reply;
	len = tlsa.reply_len;
	for (size_t n = 0; n < len; n++) {
		tlsa.reply = malloc(n + 1);
		memcpy(tlsa.reply, whole, n);
		tlsa.reply_len = n;
		kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
		ck_assert_int_eq(g.look, LOOK_SILENT);
		free(tlsa.reply);
	}
	tlsa.reply = whole;
	for (size_t i = 12; i < len; i++) {
		whole[i] ^= 0xff;
		tlsa.reply_len = len;
		kit_judge(&tlsa, &dnskey, &ds, OWNER, ZONE, true, &g, &expires);
		ck_assert_int_ne(g.look, LOOK_SHOWN);
		whole[i] ^= 0xff;
	}
	ask_release(&tlsa, 1);
}
END_TEST

/* ---- plain facts ---- */

static struct question
reply(const char *name, ldns_rr_type type, int rcode, const char *const *answer,
    const char *const *authority, const char *const *additional)
{
	struct question q = kit_answer(name, type, rcode, false,
	    answer != NULL ? kit_set(answer) : NULL,
	    authority != NULL ? kit_set(authority) : NULL);
	ldns_pkt *p = NULL;

	if (additional == NULL)
		return q;
	ck_assert(ldns_wire2pkt(&p, q.reply, q.reply_len) == LDNS_STATUS_OK);
	for (; *additional != NULL; additional++)
		ldns_pkt_push_rr(p, LDNS_SECTION_ADDITIONAL,
		    kit_rr(*additional));
	ask_release(&q, 1);
	ck_assert(ldns_pkt2wire(&q.reply, p, &q.reply_len) == LDNS_STATUS_OK);
	ldns_pkt_free(p);
	return q;
}

static const char *
list_str(const struct name_list *l, struct text *t)
{
	char ip[ADDR_TEXT];

	for (size_t i = 0; i < l->n; i++)
		text_addf(t, "%s%s/%s/%lu", i > 0 ? " " : "", l->v[i].name,
		    l->v[i].addr.family == 0 ? "-" : addr_ip(&l->v[i].addr, ip),
		    (unsigned long)l->v[i].ttl);
	return text_str(t);
}

START_TEST(a_referral_gives_names_and_their_glue)
{
	static const char *const ns[] = { ZONE " 30 IN NS ns1.example.org.",
		ZONE " 30 IN NS ns.other.test.", "org. 30 IN NS x.test.",
		NULL };
	static const char *const glue[] = {
		"ns1.example.org. 20 IN A 192.0.2.1",
		"ns1.example.org. 20 IN AAAA 2001:db8::1",
		"x.test. 20 IN A 192.0.2.9", NULL
	};
	struct question q = reply(ZONE, LDNS_RR_TYPE_NS, 0, NULL, ns, glue);
	struct name_list l = { .v = NULL };
	struct text t = TEXT_INIT;
	struct err e;

	ck_assert_int_eq(answer_ns(&q, ZONE, &l, &e), 0);
	ck_assert_str_eq(list_str(&l, &t),
	    "ns1.example.org./-/30 "
	    "ns.other.test./-/30 ns1.example.org./192.0.2.1/20 "
	    "ns1.example.org./2001:db8::1/20");
	ck_assert_int_eq(answer_ns(&q, "sub.example.org.", &l, &e), -1);
	name_list_release(&l);
	text_release(&t);
	ask_release(&q, 1);
}
END_TEST

START_TEST(a_server_with_an_unreadable_name_is_not_lost)
{
	static const char *const ns[] = { ZONE
		" 30 IN NS ns\\0321.example.org.",
		NULL };
	struct question q = reply(ZONE, LDNS_RR_TYPE_NS, 0, ns, NULL, NULL);
	struct name_list l = { .v = NULL };
	struct err e;

	ck_assert_int_eq(answer_ns(&q, ZONE, &l, &e), 0);
	ck_assert_uint_eq(l.n, 1);
	name_list_release(&l);
	ask_release(&q, 1);
}
END_TEST

START_TEST(the_owner_of_an_soa_is_a_zone)
{
	static const char *const soa[] = { SOA, NULL };
	struct question at = reply(ZONE, LDNS_RR_TYPE_SOA, 0, soa, NULL, NULL);
	struct question below = reply(OWNER, LDNS_RR_TYPE_SOA, 3, NULL, soa,
	    NULL);
	struct question bad = reply(ZONE, LDNS_RR_TYPE_SOA, 2, NULL, NULL,
	    NULL);
	struct soa_view v;
	struct err e;

	ck_assert_int_eq(answer_soa(&at, ZONE, &v, &e), 0);
	ck_assert(v.found && !v.ad);
	ck_assert_uint_eq(v.serial, 7);
	ck_assert_uint_eq(v.minimum, 30);
	ck_assert_uint_eq(v.ttl, 300);
	ck_assert_int_eq(answer_soa(&below, OWNER, &v, &e), 0);
	ck_assert(!v.found);
	ck_assert_int_eq(answer_soa(&bad, ZONE, &v, &e), -1);
	ck_assert_str_eq(e.text, "SERVFAIL");
	ask_release(&at, 1);
	ask_release(&below, 1);
	ask_release(&bad, 1);
}
END_TEST

START_TEST(an_alias_of_a_host_is_followed)
{
	static const char *const rrs[] = {
		"mx1.example.org. 50 IN CNAME a.test.",
		"a.test. 40 IN A 192.0.2.7", NULL
	};
	struct question q = reply("mx1.example.org.", LDNS_RR_TYPE_A, 0, rrs,
	    NULL, NULL);
	struct name_list l = { .v = NULL };
	struct answer_head h;
	struct text t = TEXT_INIT;
	struct err e;

	ck_assert_int_eq(answer_addrs(&q, "mx1.example.org.", &l, &e), 0);
	ck_assert_str_eq(list_str(&l, &t), "mx1.example.org./192.0.2.7/40");
	ck_assert_int_eq(answer_head(&q, "mx1.example.org.", TYPE_A, &h, &e),
	    0);
	ck_assert(h.has_cname && !h.has_records && !h.wildcard);
	name_list_release(&l);
	text_release(&t);
	ask_release(&q, 1);
}
END_TEST

START_TEST(only_a_resolver_that_validated_denies)
{
	static const char *const cname[] = { OWNER " 60 IN CNAME a.test.",
		NULL };
	static const char *const rrs[] = { TLSA_1, NULL };
	static const struct {
		int rcode;
		const char *const *answer;
		bool ad, want;
	} cases[] = {
		{ 0, NULL, true, true },
		{ 3, NULL, true, true },
		{ 0, NULL, false, false },
		{ 3, NULL, false, false },
		{ 2, NULL, true, false },
		{ 0, rrs, true, false },
		{ 0, cname, true, false },
	};
	struct question q = reply(OWNER, LDNS_RR_TYPE_TLSA, cases[_i].rcode,
	    cases[_i].answer, NULL, NULL);

	q.reply[3] |= cases[_i].ad ? 0x20 : 0;
	ck_assert_int_eq(answer_denies(&q, OWNER, TYPE_TLSA), cases[_i].want);
	ask_release(&q, 1);
	ck_assert(!answer_denies(&q, OWNER, TYPE_TLSA));
}
END_TEST

START_TEST(a_ds_set_keeps_what_the_resolver_gave)
{
	struct question q;
	struct ds_set got;
	struct err e;
	ldns_rr_list *l = ldns_rr_list_new();
	ldns_rr *rr = ldns_key2rr(key);

	ldns_rr_list_push_rr(l, ldns_key_rr2ds(rr, LDNS_SHA256));
	ldns_rr_list_push_rr(l, kit_rr(ZONE " 60 IN DS 7 13 99 00"));
	ldns_rr_free(rr);
	q = kit_answer(ZONE, LDNS_RR_TYPE_DS, 0, false, l, NULL);
	ck_assert_int_eq(answer_ds(&q, ZONE, &got, &e), 0);
	ck_assert(!got.secure);
	q.reply[3] |= 0x20;
	ck_assert_int_eq(answer_ds(&q, ZONE, &got, &e), 0);
	ck_assert(got.secure);
	ck_assert_uint_eq(got.n, 2);
	ck_assert_uint_eq(got.ds[0].tag, ds.ds[0].tag);
	ck_assert_mem_eq(got.ds[0].digest, ds.ds[0].digest, 32);
	ck_assert_uint_eq(got.ds[1].digest_type, 99);
	ask_release(&q, 1);
	ck_assert_int_eq(answer_ds(&q, ZONE, &got, &e), -1);
}
END_TEST

START_TEST(a_question_is_what_it_should_be)
{
	/* RD=0; RD and AD for a resolver; OPT last, 11 bytes, 1232, DO. */
	static const uint8_t tail[] = { 0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0,
		0 };
	struct question q = { .wire_len = 0 };
	struct answer_ids ids = { .left = 0 };
	struct err e;

	ck_assert_int_eq(answer_question(&q, OWNER, TYPE_TLSA, _i == 1, &ids,
			     &e),
	    0);
	ck_assert_uint_eq(q.wire[2], _i == 1 ? 1 : 0);
	ck_assert_uint_eq(q.wire[3], _i == 1 ? 0x20 : 0);
	ck_assert_mem_eq(q.wire + q.wire_len - 11, tail, 11);
	ck_assert_uint_eq(q.wire_len, 12 + strlen(OWNER) + 1 + 4 + 11);
	ck_assert_int_eq(answer_question(&q, "a..b", TYPE_A, false, &ids, &e),
	    -1);
}
END_TEST

/* ---- a resolver's own word about TLSA ---- */

/* clang-format off */
static const struct {
	const char *answer[5], *authority[2];
	int rcode;
	bool ad;
	int n;           /* records; -1: no answer */
	const char *why;
} WORD[] = {
	{ { TLSA_1, NULL }, { NULL }, 0, true, 1, NULL },
	{ { TLSA_1, TLSA_2, NULL }, { NULL }, 0, false, 2, NULL },
	{ { TLSA_2, TLSA_1, TLSA_1, NULL }, { NULL }, 0, true, 2, NULL },
	{ { NULL }, { SOA, NULL }, 0, true, 0, NULL },      /* NODATA */
	{ { NULL }, { SOA, NULL }, 3, false, 0, NULL },     /* NXDOMAIN */
	{ { OWNER " 60 IN CNAME _25._tcp.b.example.org.",
	    "_25._tcp.b.example.org. 60 IN TLSA 3 1 1 " D1, NULL },
	  { NULL }, 0, true, 1, NULL },
	{ { OWNER " 60 IN A 192.0.2.1", OWNER " 60 CH TLSA 3 1 1 " D1, NULL },
	  { TLSA_1, NULL }, 0, true, 0, NULL },
	{ { TLSA_1, OWNER " 60 IN TYPE52 \\# 2 0301", NULL }, { NULL }, 0, true,
	  -1, "not well-formed" },
	{ { TLSA_1, NULL }, { NULL }, 2, false, -1, "SERVFAIL" },
	{ { NULL }, { NULL }, 5, false, -1, "REFUSED" },
};
/* clang-format on */

START_TEST(the_records_that_a_resolver_knows_are_told)
{
	struct question q = kit_answer(OWNER, LDNS_RR_TYPE_TLSA, WORD[_i].rcode,
	    false, kit_set(WORD[_i].answer), kit_set(WORD[_i].authority));
	struct tlsa_set set = { .n = 9 };
	bool ad = !WORD[_i].ad;
	struct err e;
	int rc;

	q.reply[3] |= WORD[_i].ad ? 0x20 : 0;
	rc = answer_tlsa(&q, &set, &ad, &e);
	ck_assert_int_eq(rc, WORD[_i].n < 0 ? -1 : 0);
	if (rc < 0)
		ck_assert_msg(strstr(e.text, WORD[_i].why) != NULL, "%s",
		    e.text);
	else {
		ck_assert_int_eq(ad, WORD[_i].ad);
		ck_assert_uint_eq(set.n, (unsigned)WORD[_i].n);
		if (set.n > 0)
			ck_assert_int_eq(set.rr[0].data[1], 0x11);
		if (set.n > 1)
			ck_assert_int_eq(set.rr[1].data[0], 0xff);
	}
	free(q.reply);
}
END_TEST

START_TEST(without_a_reply_a_resolver_said_nothing)
{
	struct question q = { .reply = NULL };
	struct tlsa_set set;
	struct err e;
	bool ad;

	strcpy(q.why, "no answer in time");
	ck_assert_int_eq(answer_tlsa(&q, &set, &ad, &e), -1);
	ck_assert_int_eq(e.kind, ERR_UNREACHABLE);
	ck_assert_str_eq(e.text, "no answer in time");
	q.reply = calloc(1, 11);
	q.reply_len = 11;
	ck_assert_int_eq(answer_tlsa(&q, &set, &ad, &e), -1);
	free(q.reply);
}
END_TEST

START_TEST(a_question_has_an_id_that_nobody_guesses)
{
	enum { N = 1000 };
	static uint8_t used[1 << 16];
	struct answer_ids ids = { .left = 0 };
	int again = 0;

	for (int i = 0; i < N; i++) {
		struct question q = { .wire_len = 0 };
		struct err e;

		ck_assert_int_eq(answer_question(&q, ZONE, TYPE_NS, false, &ids,
				     &e),
		    0);
		again += used[wire_16(q.wire)]++ > 0;
	}
	ck_assert_int_lt(again, 50); /* 8 are to be expected */
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("answer_denial");
	TCase *tc = tcase_create("answer_denial");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc,
	    a_denial_needs_signatures_a_proof_and_the_resolver, 0, DENIALS_N);
	tcase_add_test(tc, the_nsec_of_a_wildcard_denies_no_other_name);
	tcase_add_loop_test(tc, a_hash_denies_what_it_is_of_or_spans, 0,
	    HASHED_N);
	tcase_add_loop_test(tc, a_denial_is_kept_as_long_as_its_longest_part, 0,
	    KEPT_N);
	tcase_add_loop_test(tc, a_denial_out_of_a_cache_is_no_evidence, 0,
	    AGES_N);
	tcase_add_loop_test(tc, a_denial_ends_with_its_first_signature, 0, 2);
	tcase_add_loop_test(tc, a_denial_has_no_more_than_twelve_sets, 0, 2);
	tcase_add_loop_test(tc, a_broken_bitmap_proves_nothing, 0, 8);
	tcase_add_loop_test(tc, what_stands_beside_a_denial, 0, 7);
	tcase_add_loop_test(tc, a_proof_elsewhere_is_none, 0, 2);
	tcase_add_test(tc, the_last_span_of_a_zone_goes_round);
	tcase_add_test(tc, a_piece_of_a_denial_denies_nothing);
	tcase_add_test(tc, a_referral_gives_names_and_their_glue);
	tcase_add_test(tc, a_server_with_an_unreadable_name_is_not_lost);
	tcase_add_test(tc, the_owner_of_an_soa_is_a_zone);
	tcase_add_test(tc, an_alias_of_a_host_is_followed);
	tcase_add_loop_test(tc, only_a_resolver_that_validated_denies, 0, 7);
	tcase_add_test(tc, a_ds_set_keeps_what_the_resolver_gave);
	tcase_add_loop_test(tc, a_question_is_what_it_should_be, 0, 2);
	tcase_add_loop_test(tc, the_records_that_a_resolver_knows_are_told, 0,
	    (int)(sizeof(WORD) / sizeof(WORD[0])));
	tcase_add_test(tc, without_a_reply_a_resolver_said_nothing);
	tcase_add_test(tc, a_question_has_an_id_that_nobody_guesses);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
