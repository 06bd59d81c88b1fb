/*
 * test_tlsa.c - the values of core: records and sets, the closed lists, the
 * hold, and how the facts of a host are kept.
 */
#include "core_kit.h"

#include <stdio.h>

START_TEST(records_are_ordered_by_every_field)
{
	const struct tlsa order[] = {
		{ 2, 1, 1, 32, { 9 } },
		{ 3, 0, 1, 32, { 9 } },
		{ 3, 1, 0, 32, { 9 } },
		{ 3, 1, 1, 31, { 9 } },
		{ 3, 1, 1, 32, { 1 } },
		{ 3, 1, 1, 32, { 2 } },
	};
	const size_t n = sizeof(order) / sizeof(order[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			int c = tlsa_cmp(&order[i], &order[j]);

			ck_assert_int_eq((c > 0) - (c < 0), (i > j) - (i < j));
		}
}
END_TEST

START_TEST(a_set_is_sorted_and_has_no_duplicates)
{
	struct tlsa_set a = S("CAB"), b = S("BCAAB");

	ck_assert_uint_eq(a.n, 3);
	ck_assert(tlsa_set_eq(&a, &b));
	for (unsigned i = 1; i < a.n; i++)
		ck_assert_int_lt(tlsa_cmp(&a.rr[i - 1], &a.rr[i]), 0);
}
END_TEST

START_TEST(sets_differ_by_a_record_and_by_their_number)
{
	struct tlsa_set a = S("AB"), b = S("AC"), c = S("A"), none = S("");

	ck_assert(!tlsa_set_eq(&a, &b));
	ck_assert(!tlsa_set_eq(&a, &c));
	ck_assert(!tlsa_set_eq(&c, &none));
}
END_TEST

START_TEST(a_full_set_says_so)
{
	struct tlsa_set s = { .n = 0 };
	struct spki key = K('A');
	struct tlsa r = tlsa_of(&key);

	for (unsigned i = 0; i < TLSA_MAX; i++) {
		r.data[0] = (uint8_t)(TLSA_MAX - i);
		ck_assert(tlsa_set_add(&s, &r));
	}
	ck_assert(tlsa_set_add(&s, &r)); /* is in it */
	r.data[0] = 200;
	ck_assert(!tlsa_set_add(&s, &r));
	ck_assert_uint_eq(s.n, TLSA_MAX);
}
END_TEST

START_TEST(only_the_record_that_is_meant_is_removed)
{
	struct tlsa_set s = S("ABC"), rest = S("AC"), none = S("");
	struct spki b = K('B'), d = K('D');
	struct tlsa rb = tlsa_of(&b), rd = tlsa_of(&d);

	tlsa_set_remove(&s, &rd);
	ck_assert_uint_eq(s.n, 3);
	tlsa_set_remove(&s, &rb);
	ck_assert(tlsa_set_eq(&s, &rest));
	ck_assert(!tlsa_set_has(&s, &rb));
	tlsa_set_remove(&none, &rb);
	ck_assert_uint_eq(none.n, 0);
}
END_TEST

START_TEST(text_of_records_and_keys)
{
	struct spki key = K(0x5a);
	struct tlsa r = tlsa_of(&key);
	struct tlsa folded = { 3, 0, 0, TLSA_FOLDED, { 0xab } };
	struct tlsa none = { 2, 1, 0, 0, { 0 } };
	char buf[TLSA_TEXT], hex[65], id[9];

	ck_assert_str_eq(spki_id(&key, id), "5a5a5a5a");
	ck_assert_uint_eq(strlen(spki_hex(&key, hex)), 64);
	ck_assert_int_eq(strncmp(tlsa_str(&r, buf), "3 1 1 5a5a", 10), 0);
	ck_assert_uint_eq(strlen(buf), 6 + 64);
	ck_assert_uint_eq(strlen(tlsa_str(&folded, buf)), 6 + 64);
	ck_assert_str_eq(tlsa_str(&none, buf), "2 1 0 ");
}
END_TEST

START_TEST(the_digest_of_nothing_is_known)
{
	char hex[65];

	ck_assert_str_eq(spki_hex(&SPKI_OF_NOTHING, hex),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(a_packed_set_comes_back)
{
	const char *sets[] = { "", "A", "ABC", "A!" };
	uint8_t buf[TLSA_MAX * TLSA_PACKED];

	for (size_t i = 0; i < 4; i++) {
		struct tlsa_set s = S(sets[i]), back;
		size_t n = tlsa_set_pack(&s, buf);

		ck_assert_uint_eq(n, s.n * TLSA_PACKED);
		ck_assert_int_eq(tlsa_set_parse(buf, n, &back), 0);
		ck_assert(tlsa_set_eq(&s, &back));
	}
}
END_TEST

START_TEST(bytes_that_are_no_set_are_refused)
{
	struct tlsa_set s = S("AB"), back;
	uint8_t buf[(TLSA_MAX + 1) * TLSA_PACKED] = { 0 };
	size_t n = tlsa_set_pack(&s, buf);

	ck_assert_int_eq(tlsa_set_parse(buf, n - 1, &back), -1);
	ck_assert_int_eq(tlsa_set_parse(buf, sizeof(buf), &back), -1);
	memcpy(buf + TLSA_PACKED, buf, TLSA_PACKED); /* twice the same */
	ck_assert_int_eq(tlsa_set_parse(buf, n, &back), -1);
	n = tlsa_set_pack(&s, buf);
	buf[4]++, buf[4 + TLSA_PACKED] = 0; /* out of order */
	ck_assert_int_eq(tlsa_set_parse(buf, n, &back), -1);
	n = tlsa_set_pack(&s, buf);
	buf[3] = TLSA_DATA + 1; /* no such length */
	ck_assert_int_eq(tlsa_set_parse(buf, n, &back), -1);
	n = tlsa_set_pack(&s, buf);
	buf[4 + 40] = 1; /* past its end */
	ck_assert_int_eq(tlsa_set_parse(buf, n, &back), -1);
}
END_TEST

START_TEST(folded_data_ends_after_its_digest)
{
	struct tlsa_set s = { .n = 1,
		.rr = { { 3, 0, 0, TLSA_FOLDED, { 7 } } } },
			back;
	uint8_t buf[TLSA_PACKED];

	ck_assert_int_eq(tlsa_set_parse(buf, tlsa_set_pack(&s, buf), &back), 0);
	ck_assert(tlsa_set_eq(&s, &back));
	buf[4 + 32] = 1;
	ck_assert_int_eq(tlsa_set_parse(buf, sizeof(buf), &back), -1);
}
END_TEST

START_TEST(the_owner_of_a_service_is_port_protocol_host)
{
	char buf[TLSA_OWNER], host[300], want[400];

	ck_assert_str_eq(tlsa_owner(25, "mx1.example.org", buf),
	    "_25._tcp.mx1.example.org.");
	ck_assert_ptr_eq(tlsa_owner(65535, "MX", buf), buf);
	ck_assert_str_eq(buf, "_65535._tcp.MX.");
	/* The longest name of the longest port has room. */
	memset(host, 'a', sizeof(host));
	host[253] = 0;
	snprintf(want, sizeof(want), "_65535._tcp.%s.", host);
	ck_assert_str_eq(tlsa_owner(65535, host, buf), want);
	/* What is longer is no host name, and does no harm. */
	host[253] = 'a';
	host[299] = 0;
	ck_assert_str_eq(tlsa_owner(65535, host, buf), want);
}
END_TEST

START_TEST(names_lead_back_to_their_values)
{
	for (int i = 0; i < STAGE_COUNT; i++)
		ck_assert_int_eq((int)stage_parse(stage_name((enum stage)i)),
		    i);
	for (int i = 0; i < SLOT_COUNT; i++)
		ck_assert_int_eq((int)slot_parse(slot_name((enum slot)i)), i);
	for (int i = 0; i < KIND_COUNT; i++)
		ck_assert_int_eq((int)kind_parse(kind_name((enum kind)i)), i);
	for (int i = 0; i < GUARD_COUNT; i++) {
		const char *name = guard_name((enum guard_id)i);

		ck_assert_int_eq((int)guard_parse(name, strlen(name)), i);
	}
	ck_assert_int_eq(stage_parse("none"), STAGE_COUNT);
	ck_assert_int_eq(slot_parse("dsa"), SLOT_COUNT);
	ck_assert_int_eq(kind_parse("rsa"), KIND_COUNT);
	ck_assert_int_eq(guard_parse("holding", 7), GUARD_COUNT);
	ck_assert_int_eq(guard_parse("holding", 4), GUARD_HOLD);
}
END_TEST

START_TEST(every_value_has_a_name)
{
	for (int i = 0; i < LOOK_COUNT; i++)
		ck_assert_uint_gt(strlen(look_name((enum look)i)), 0);
	for (int i = 0; i < SWEEP_COUNT; i++)
		ck_assert_uint_gt(strlen(sweep_name((enum sweep)i)), 0);
	for (int i = 0; i < ACT_COUNT; i++)
		ck_assert_uint_gt(strlen(act_name((enum act)i)), 0);
	for (int i = 0; i < EVENT_COUNT; i++)
		ck_assert_uint_gt(strlen(event_name((enum event_bit)i)), 0);
	ck_assert_str_eq(event_name(EVENT_BIT_NOT_SHOWN), "NOT_SHOWN");
	ck_assert_str_eq(slot_name(SLOT_OTHER), "other");
}
END_TEST

START_TEST(a_kind_belongs_to_a_slot)
{
	ck_assert_int_eq(kind_slot(KIND_RSA_4096), SLOT_RSA);
	ck_assert_int_eq(kind_slot(KIND_ECDSA_P384), SLOT_ECDSA);
	ck_assert_int_eq(kind_slot(KIND_COUNT), SLOT_OTHER);
}
END_TEST

/* dane-safety 1.3: max(phi T, T + A, F) + sigma + epsilon, T up to 7 d */
START_TEST(the_hold_is_the_largest_of_its_terms)
{
	const struct {
		int64_t phi, stale, floor, sigma, epsilon;
		uint32_t ttl;
		int64_t hold;
	} cases[] = {
		{ 2, DAYS, HOURS, 900, 300, HOURS, 25 * HOURS + 1200 },
		{ 2, DAYS, HOURS, 900, 300, 2 * DAYS, 4 * DAYS + 1200 },
		{ 2, 0, HOURS, 900, 300, HOURS, 2 * HOURS + 1200 },
		{ 2, 0, HOURS, 900, 300, 60, HOURS + 1200 },
		{ 1, 0, 0, 900, 300, HOURS, HOURS + 1200 },
		{ 1, 0, 0, 900, 0, 5, 905 },
		{ 1, 0, 0, 0, 300, 5, 305 },
		{ 1, 0, 0, 0, 0, 0, 0 },
		{ 1, 0, 0, 0, 0, 7 * DAYS, 7 * DAYS },
		{ 1, 0, 0, 0, 0, 7 * DAYS + 1, 7 * DAYS },
		{ 2, DAYS, HOURS, 900, 300, UINT32_MAX, 14 * DAYS + 1200 },
	};
	struct policy p = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		p.hold_factor = cases[i].phi;
		p.stale_allowance = cases[i].stale;
		p.hold_floor = cases[i].floor;
		p.client_slack = cases[i].sigma;
		p.clock_slack = cases[i].epsilon;
		ck_assert_msg(policy_hold(&p, cases[i].ttl) == cases[i].hold,
		    "case %zu", i);
	}
}
END_TEST

START_TEST(things_of_a_host_are_found_again)
{
	struct addr a = NS(1), e = EP(1), e2 = EP(2);
	struct tlsa_set s = S("A");
	struct owner *o;

	kit_begin();
	ck_assert_int_eq(host_set(&H, &s), host_set(&H, &s));
	o = host_owner(&H, "_465._tcp.mx.example.", 465);
	ck_assert_ptr_eq(host_owner(&H, "_465._tcp.mx.example.", 465), o);
	ck_assert_ptr_null(owner_find_authority(o, &a));
	ck_assert_ptr_eq(owner_authority(o, &a), owner_find_authority(o, &a));
	ck_assert_ptr_eq(owner_authority(o, &a), owner_authority(o, &a));
	ck_assert_uint_eq(o->n_auth, 1);
	host_endpoint(&H, 0, &e);
	host_endpoint(&H, 1, &e); /* the same address for another owner */
	ck_assert_ptr_eq(host_endpoint(&H, 0, &e), host_endpoint(&H, 0, &e));
	host_endpoint(&H, 0, &e2);
	ck_assert_uint_eq(H.n_ep, 3);
	kit_end();
	host_release(NULL);
}
END_TEST

START_TEST(an_owner_that_left_the_config_goes_with_its_endpoints)
{
	struct addr e = EP(1), e2 = EP(2);

	kit_begin();
	kit_shows(1, "A", 60);
	host_owner(&H, "_465._tcp.mx.example.", 465);
	host_endpoint(&H, 0, &e);
	host_endpoint(&H, 1, &e2);
	host_drop_owner(&H, 0);
	ck_assert_uint_eq(H.n_own, 1);
	ck_assert_uint_eq(H.own[0].port, 465);
	ck_assert_uint_eq(H.n_ep, 1);
	ck_assert_uint_eq(H.ep[0].owner, 0);
	ck_assert_int_eq(addr_cmp(&H.ep[0].addr, &e2), 0);
	kit_end();
}
END_TEST

/* Of many owners each is found, whichever went before it, and endpoints stand
 * with their owner in whatever order they come. */
START_TEST(many_owners_and_their_endpoints_are_found_again)
{
	struct addr e[2] = { EP(1), EP(2) };
	char name[32];

	kit_begin();
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "_%u._tcp.mx.example.", 1000 + i);
		host_owner(&H, name, (uint16_t)(1000 + i));
	}
	for (unsigned i = 101; i-- > 0;)
		for (int j = 0; j < 2; j++)
			host_endpoint(&H, i, &e[j])->ttl = 10 * i + j;
	for (unsigned i = 100; i > 0; i -= 10)
		host_drop_owner(&H, i);
	ck_assert_uint_eq(H.n_own, 91);
	ck_assert_uint_eq(H.n_ep, 182);
	for (unsigned i = 0, at = 1; i < 100; i++) {
		snprintf(name, sizeof(name), "_%u._tcp.mx.example.", 1000 + i);
		if ((i + 1) % 10 == 0) {
			ck_assert_ptr_null(host_find_owner(&H, name));
			continue;
		}
		ck_assert_ptr_eq(host_find_owner(&H, name), &H.own[at]);
		ck_assert_uint_eq(host_endpoints(&H, at), 2 * at);
		for (unsigned j = 0; j < 2; j++)
			ck_assert_uint_eq(host_endpoint(&H, at, &e[j])->ttl,
			    10 * (i + 1) + j);
		at++;
	}
	ck_assert_uint_eq(H.n_ep, 182);
	ck_assert_uint_eq(host_endpoints(&H, 91), 182);
	kit_end();
}
END_TEST

START_TEST(a_key_is_found_by_its_first_digits_if_they_are_unique)
{
	kit_begin();
	kit_key(0x11, STAGE_DEPLOYED);
	kit_key(0x12, STAGE_READY);
	H.key[1].id.sha256[31] = 0;
	ck_assert_ptr_eq(host_find_key_hex(&H, "1111"), &H.key[0]);
	ck_assert_ptr_eq(host_find_key_hex(&H, "121212"), &H.key[1]);
	ck_assert_ptr_null(host_find_key_hex(&H, "111")); /* too few */
	ck_assert_ptr_null(host_find_key_hex(&H, "2222"));
	kit_key(0x11, STAGE_READY)->id.sha256[31] = 0;
	ck_assert_ptr_null(host_find_key_hex(&H, "1111")); /* two */
	ck_assert_ptr_null(host_find_key_hex(&H,
	    "11111111111111111111111111111111"
	    "111111111111111111111111111111111"));
	kit_end();
}
END_TEST

START_TEST(a_set_that_is_kept_is_the_same_set)
{
	struct tlsa_set s = { .n = 0 }, back;
	struct tlsa_set *kept;

	for (uint8_t i = 0; i <= TLSA_MAX; i++) {
		struct tlsa r = { 3, 1, 1, 32, { i } };

		kept = tlsa_set_keep(&s);
		ck_assert(tlsa_set_eq(kept, &s));
		back = tlsa_set_value(kept);
		ck_assert_mem_eq(&back, &s, sizeof(s));
		free(kept);
		tlsa_set_add(&s, &r);
	}
}
END_TEST

START_TEST(the_newest_of_a_slot_counts)
{
	kit_begin();
	ck_assert_ptr_null(host_deployed(&H, SLOT_RSA));
	ck_assert_ptr_null(host_candidate(&H, SLOT_RSA));
	kit_key('A', STAGE_DEPLOYED);
	kit_key('B', STAGE_DEPLOYED);
	kit_key('C', STAGE_READY);
	kit_key('E', STAGE_DEPLOYED)->slot = SLOT_ECDSA;
	ck_assert_ptr_eq(host_deployed(&H, SLOT_RSA), kit_find('B'));
	ck_assert_ptr_eq(host_candidate(&H, SLOT_RSA), kit_find('C'));
	ck_assert_ptr_null(host_candidate(&H, SLOT_ECDSA));
	ck_assert_ptr_eq(host_successor(&H, kit_find('A')), kit_find('B'));
	ck_assert_ptr_null(host_successor(&H, kit_find('B')));
	ck_assert_ptr_null(host_successor(&H, kit_find('C')));
	kit_end();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tlsa");
	TCase *t = tcase_create("values");

	tcase_add_test(t, records_are_ordered_by_every_field);
	tcase_add_test(t, a_set_is_sorted_and_has_no_duplicates);
	tcase_add_test(t, sets_differ_by_a_record_and_by_their_number);
	tcase_add_test(t, a_full_set_says_so);
	tcase_add_test(t, only_the_record_that_is_meant_is_removed);
	tcase_add_test(t, text_of_records_and_keys);
	tcase_add_test(t, the_digest_of_nothing_is_known);
	tcase_add_test(t, a_packed_set_comes_back);
	tcase_add_test(t, bytes_that_are_no_set_are_refused);
	tcase_add_test(t, folded_data_ends_after_its_digest);
	tcase_add_test(t, the_owner_of_a_service_is_port_protocol_host);
	tcase_add_test(t, names_lead_back_to_their_values);
	tcase_add_test(t, every_value_has_a_name);
	tcase_add_test(t, a_kind_belongs_to_a_slot);
	tcase_add_test(t, the_hold_is_the_largest_of_its_terms);
	tcase_add_test(t, things_of_a_host_are_found_again);
	tcase_add_test(t, many_owners_and_their_endpoints_are_found_again);
	tcase_add_test(t,
	    an_owner_that_left_the_config_goes_with_its_endpoints);
	tcase_add_test(t,
	    a_key_is_found_by_its_first_digits_if_they_are_unique);
	tcase_add_test(t, a_set_that_is_kept_is_the_same_set);
	tcase_add_test(t, the_newest_of_a_slot_counts);
	suite_add_tcase(s, t);
	return kit_run(s);
}
