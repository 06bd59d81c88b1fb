/*
 * test_concern_mail.c - mail may be deferred now: it is said at once, with the
 * cheapest cure that is one.
 */
#include "core_kit.h"

#include "cmd/concern.h"

#define OTHER "have the zone transferred to 192.0.2.2 again"

static struct concerns is;

/* D07: B took over from A, whose files are still here; one of two authorities
 * falls back to A alone. */
static void
setup(void)
{
	memset(&is, 0, sizeof(is));
	kit_begin();
	kit_key('A', STAGE_RETIRING);
	kit_key('B', STAGE_DEPLOYED)->installed = true;
	kit_find('A')->cert_file = "/k/a.cert";
	kit_find('A')->key_file = "/k/a.key";
	kit_find('B')->cert_file = "/k/b.cert";
	kit_find('B')->key_file = "/k/b.key";
	kit_presents(1, "B");
	kit_presents(2, "B");
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "AB", HOURS);
	kit_wait(10 * DAYS);
	kit_shows(1, "AB", HOURS);
	kit_shows(2, "A", HOURS);
}

static void
teardown(void)
{
	concern_release(&is);
	kit_end();
}

static const char *
said(void)
{
	concern_release(&is);
	memset(&is, 0, sizeof(is));
	concern_law(&H, &NOW, &is);
	ck_assert_uint_eq(is.n, 1);
	return is.v[0].text;
}

static bool
has(const char *part)
{
	return strstr(said(), part) != NULL;
}

START_TEST(the_old_key_cures_where_every_set_has_it)
{
	ck_assert(has("DANE senders that ask it defer mail now"));
	ck_assert_str_eq(is.v[0].code, "regression-live");
	ck_assert(has("\n  You: deploy key 41414141 now, which every set "
		      "matches: danesafe tls deploy-server-cert /k/a.cert "
		      "/k/a.key, then postfix reload\n  Or: " OTHER));
	H.config_dir = "/etc/postfix-in";
	ck_assert(has("danesafe tls --config-dir /etc/postfix-in "
		      "deploy-server-cert /k/a.cert /k/a.key, then postfix -c "
		      "/etc/postfix-in reload"));
}
END_TEST

/* What of it is not so. */
enum lack { GONE_THERE, GONE_IN_CACHES, NO_FILE, NO_CERT, COMPROMISED, LACKS };

START_TEST(the_old_key_is_no_cure_where_it_cures_nothing)
{
	struct key *a = kit_find('A');

	if (_i == GONE_THERE) /* the others withdrew its record */
		kit_shows(1, "B", HOURS);
	if (_i == GONE_IN_CACHES) {
		kit_shows(1, "B", HOURS);
		kit_wait(HOURS);
		kit_shows(2, "A", HOURS);
		kit_shows(1, "AB", HOURS);
	}
	a->stored = a->stored && _i != NO_FILE;
	a->cert_ok = a->cert_ok && _i != NO_CERT;
	a->compromised = _i == COMPROMISED;
	ck_assert(!has("deploy key"));
	ck_assert(has("\n  You: " OTHER));
}
END_TEST

START_TEST(one_endpoint_that_is_alone_is_to_be_mended)
{
	kit_shows(2, "AB", HOURS);
	kit_wait(10 * DAYS);
	kit_shows(1, "A", HOURS);
	kit_shows(2, "A", HOURS);
	kit_presents(1, "A");
	ck_assert(has("mend 198.51.100.2:25, which alone presents key "
		      "42424242"));
	ck_assert(!has("transferred"));
	ck_assert(has("make it show every record of 'danesafe records "
		      "mx.example', or serve a key that it shows"));
}
END_TEST

START_TEST(starttls_is_turned_on_in_the_postfix_that_is_meant)
{
	struct endpoint *ep = kit_presents(1, "B");

	ep->sweep = SWEEP_DOWN;
	ep->why = WHY_NO_STARTTLS;
	for (int i = 0; i < 2; i++) {
		concern_release(&is);
		memset(&is, 0, sizeof(is));
		H.config_dir = i == 0 ? NULL : "/etc/postfix-in";
		concern_presented(&H, &NOW, &is);
		ck_assert_uint_eq(is.n, 1);
		ck_assert_ptr_nonnull(strstr(is.v[0].text,
		    i == 0 ? "(danesafe tls enable-server)"
			   : "(danesafe tls --config-dir /etc/postfix-in "
			     "enable-server)"));
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("concern_mail");
	TCase *t = tcase_create("mail");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_old_key_cures_where_every_set_has_it);
	tcase_add_loop_test(t, the_old_key_is_no_cure_where_it_cures_nothing, 0,
	    LACKS);
	tcase_add_test(t, one_endpoint_that_is_alone_is_to_be_mended);
	tcase_add_test(t, starttls_is_turned_on_in_the_postfix_that_is_meant);
	suite_add_tcase(s, t);
	return kit_run(s);
}
