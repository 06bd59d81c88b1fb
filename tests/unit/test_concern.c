/*
 * test_concern.c - what needs attention is found, whatever else is.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/once.h"
#include "base/text.h"
#include "cmd/concern.h"
#include "core/sighting.h"

#define HOUR 3600

static const struct policy POLICY = { .stuck_warning = 24 * HOUR,
	.stuck_critical = 72 * HOUR,
	.repeat = 24 * HOUR };

/* ---- what a pass finds ---- */

#define DAY (24 * HOUR)
#define NOW ((time_t)1800000000)

static struct pass_host ph;

/* A host with nothing to say but what its one authority shows. */
static struct authority *
quiet_host(void)
{
	struct addr a = addr_make(4, (uint8_t[]){ 192, 0, 2, 1 }, 53);
	struct owner *o;
	struct authority *au;

	memset(&ph, 0, sizeof(ph));
	host_init(&ph.host, "mx");
	ph.host.policy = POLICY;
	ph.host.policy.hold_factor = 2;
	ph.host.adopted_at = 1;
	o = host_owner(&ph.host, "_25._tcp.mx.", 25);
	o->zone = once_fmt(HOST_NAME, "example.org.");
	au = owner_authority(o, &a);
	au->look = LOOK_NONE;
	au->set = 0;
	au->fresh = true;
	return au;
}

/* clang-format off */
static const struct {
	int64_t life, left; /* of the signature */
	uint32_t ttl;
	bool says;
} ENDS[] = {
	{ 100 * DAY, 3 * DAY,	  60,	   false },
	{ 100 * DAY, 3 * DAY - 1, 60,	   true },
	/* two holds are longer */
	{ 100 * DAY, 4 * DAY - 1, 86400,   true },
	{ 100 * DAY, 4 * DAY,	  86400,   false },
	/* the last tenth of a short life */
	{ 14 * DAY,  34 * HOUR,	  60,	   false },
	{ 14 * DAY,  33 * HOUR,	  60,	   true },
	{ 2 * DAY,   25 * HOUR,	  86400,   false },
	{ 2 * DAY,   4 * HOUR,	  86400,   true },
	{ 300,	     31,	  60,	   false },
};
/* clang-format on */

#define ENDS_N ((int)(sizeof(ENDS) / sizeof(ENDS[0])))

/* D25.  Over the records, then over the keys. */
START_TEST(a_signature_that_nobody_renews_is_said_in_time)
{
	struct now now = { .elapsed = 10, .wall = NOW, .trusted = true };
	struct authority *a = quiet_host();
	int row = _i / 2;
	struct span end = { NOW + ENDS[row].left - ENDS[row].life,
		NOW + ENDS[row].left };
	struct span fine = { NOW - 1000 * DAY, NOW + 1000 * DAY };
	struct concerns is;

	a->ttl = ENDS[row].ttl;
	a->records_signed = _i % 2 == 0 ? end : fine;
	a->keys_signed = _i % 2 == 0 ? fine : end;
	concern_find(&ph, &now, &is);
	ck_assert_msg(is.n == (ENDS[row].says ? 1 : 0), "row %d: %zu", row,
	    is.n);
	if (ENDS[row].says) {
		ck_assert_str_eq(is.v[0].code, "sig-expiring");
		ck_assert_ptr_nonnull(strstr(is.v[0].text, "192.0.2.1"));
		ck_assert(_i % 2 == 0 ||
		    strstr(is.v[0].text, "DNSKEY") != NULL);
	}
	concern_release(&is);
	host_release(&ph.host);
}
END_TEST

/* One that ends, as seen: in no former pass, by a clock that is right, and
 * verified at all. */
START_TEST(only_a_signature_that_was_seen_to_end_is_said)
{
	struct now now = { .elapsed = 10, .wall = NOW, .trusted = _i != 0 };
	struct authority *a = quiet_host();
	struct concerns is;

	a->records_signed = a->keys_signed = (struct span){ NOW - 9 * DAY,
		NOW + 1 };
	if (_i == 1)
		a->fresh = false;
	if (_i == 2)
		a->records_signed = a->keys_signed = (struct span){ 0, 0 };
	concern_find(&ph, &now, &is);
	ck_assert_uint_eq(is.n, _i == 3 ? 1 : 0);
	concern_release(&is);
	host_release(&ph.host);
}
END_TEST

/* While it is of use; what its record is gone for harms nobody.  One that is to
 * come is never put into use for it. */
START_TEST(a_key_that_others_can_read_is_said)
{
	static const struct {
		enum stage stage;
		const char *then;
	} CASES[] = {
		{ STAGE_PUBLISHED, "rm /k.pem" },
		{ STAGE_READY, "rm /k.pem" },
		{ STAGE_DEPLOYED, "danesafe rollover mx --slot rsa" },
		{ STAGE_RETIRING, NULL },
		{ STAGE_RETIRED, NULL },
	};
	bool of_use = CASES[_i].stage < STAGE_RETIRED;
	struct now now = { .elapsed = 10, .wall = NOW, .trusted = true };
	const struct concern *said = NULL;
	struct concerns is;
	struct key *k;

	quiet_host();
	k = host_key_add(&ph.host);
	k->stage = CASES[_i].stage;
	k->key_file = "/k.pem";
	k->exposed = 0640;
	concern_find(&ph, &now, &is);
	for (size_t i = 0; i < is.n; i++)
		if (concern_code(&is.v[i]) == CODE_KEY_MODE)
			said = &is.v[i];
	ck_assert_int_eq(said != NULL, of_use);
	if (said != NULL)
		ck_assert_ptr_nonnull(strstr(said->text,
		    "/k.pem: mode 0640 lets others read key 00000000"));
	if (said != NULL && CASES[_i].then != NULL)
		ck_assert_ptr_nonnull(strstr(said->text, CASES[_i].then));
	if (said != NULL && CASES[_i].stage != STAGE_DEPLOYED)
		ck_assert_ptr_null(strstr(said->text, "rollover"));
	concern_release(&is);
	host_release(&ph.host);
}
END_TEST

/* Mail is lost now: neither what blocks, nor how many sets are broken that
 * caches may hold, hides it. */
START_TEST(a_law_that_is_broken_now_is_said_whatever_else_is)
{
	struct now now = { .elapsed = 10, .wall = NOW, .trusted = true };
	struct authority *a = quiet_host();
	struct owner *o = &ph.host.own[0];
	struct spki key = { .sha256 = { 1 } };
	struct endpoint *ep = host_endpoint(&ph.host, 0, &a->addr);
	struct glance g = { .look = LOOK_SHOWN, .ttl = 60 };
	struct concerns is;
	bool said = false;

	ep->sweep = SWEEP_SEEN;
	ep->swept_at = 10;
	ep->seen[ep->n_seen++].key = key;
	for (uint8_t i = 2; i < 50; i++) {
		struct spki other = { .sha256 = { i } };
		struct tlsa rr = tlsa_of(&other);

		g.set.n = 0;
		tlsa_set_add(&g.set, &rr);
		sighting_note(&ph.host, o, &a->addr, &g, &now);
	}
	if (_i == 1)
		o->blocked = "something is not understood";
	concern_find(&ph, &now, &is);
	for (size_t i = 0; i < is.n; i++)
		said = said || strcmp(is.v[i].code, "inv1") == 0;
	ck_assert(said);
	concern_release(&is);
	host_release(&ph.host);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("concern");
	TCase *t = tcase_create("concern");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t,
	    a_law_that_is_broken_now_is_said_whatever_else_is, 0, 2);
	tcase_add_loop_test(t, a_key_that_others_can_read_is_said, 0, 5);
	tcase_add_loop_test(t, a_signature_that_nobody_renews_is_said_in_time,
	    0, 2 * ENDS_N);
	tcase_add_loop_test(t, only_a_signature_that_was_seen_to_end_is_said, 0,
	    4);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
