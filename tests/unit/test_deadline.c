/*
 * test_deadline.c - that an issuer's certificate ends is said in time, with
 * what to do; nobody puts one of ours in its place.
 */
#include "core_kit.h"

#include "cmd/concern.h"

static struct concerns is;

static void
setup(void)
{
	struct key *k;

	kit_begin();
	memset(&is, 0, sizeof(is));
	k = kit_key('A', STAGE_DEPLOYED);
	k->cert_issued = true;
	k->key_file = "/keys/a";
}

static void
teardown(void)
{
	concern_release(&is);
	kit_end();
}

static size_t
said(int64_t life, int64_t left)
{
	struct key *k = kit_find('A');

	k->cert_until = NOW.wall + (time_t)left;
	k->cert_from = k->cert_until - (time_t)life;
	concern_release(&is);
	concern_deadline(&H, &NOW, &is);
	return is.n;
}

static bool
has(const char *words)
{
	return is.n > 0 && strstr(is.v[0].text, words) != NULL;
}

static const struct {
	int64_t life, left;
	bool said;
} LIVES[] = {
	{ 90 * DAYS, 15 * DAYS, false },
	{ 90 * DAYS, 14 * DAYS, false },
	{ 90 * DAYS, 14 * DAYS - 1, true },
	{ 90 * DAYS, -1, true },
	{ 6 * DAYS, 3 * DAYS, false },
	{ 6 * DAYS, 2 * DAYS - 1, true },
};

START_TEST(an_issuers_certificate_that_ends_is_said_in_time)
{
	ck_assert_uint_eq(said(LIVES[_i].life, LIVES[_i].left), LIVES[_i].said);
	if (!LIVES[_i].said)
		return;
	ck_assert_str_eq(is.v[0].code, code_name(CODE_DEADLINE));
	ck_assert(is.v[0].has_key);
	ck_assert(has("output-server-csr -k /keys/a mx.example\n"));
	ck_assert(has("danesafe install-cert mx.example FILE"));
	ck_assert(!has("defer"));
}
END_TEST

START_TEST(where_its_issuer_is_named_mail_stops_then)
{
	H.tlsa[0] = (struct tlsa_kind){ 2, 1, 1 };
	H.n_tlsa = 1;
	kit_find('A')->cert_issued = false; /* not known */
	ck_assert_uint_eq(said(90 * DAYS, DAYS), 1);
	ck_assert(has("DANE senders defer mail") && has("install-cert"));
}
END_TEST

START_TEST(one_that_is_followed_is_not_said)
{
	struct key *k = kit_find('A');

	k->next_chain = 1;
	ck_assert_uint_eq(said(90 * DAYS, DAYS), 1); /* it does not fit */
	k->next_ok = true;
	ck_assert_uint_eq(said(90 * DAYS, DAYS), 0);
	k->next_chain = 0;
	k->stage = STAGE_RETIRING;
	ck_assert_uint_eq(said(90 * DAYS, DAYS), 0);
	k->stage = STAGE_DEPLOYED;
	NOW.trusted = false;
	ck_assert_uint_eq(said(90 * DAYS, DAYS), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("deadline");
	TCase *t = tcase_create("deadline");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, an_issuers_certificate_that_ends_is_said_in_time,
	    0, sizeof(LIVES) / sizeof(LIVES[0]));
	tcase_add_test(t, where_its_issuer_is_named_mail_stops_then);
	tcase_add_test(t, one_that_is_followed_is_not_said);
	suite_add_tcase(s, t);
	return kit_run(s);
}
