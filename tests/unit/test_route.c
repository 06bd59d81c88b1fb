/*
 * test_route.c - what the kernel says about a way to an address, and nothing
 * else, tells that there is none.  In a network that has only itself.
 */
#include "net_kit.h"

#include "edge/route.h"

/* clang-format off */
static const struct {
	const char *to;
	bool missing;
} WAYS[] = {
	{ "127.0.0.1",	 false },	/* nobody listens: another matter */
	{ "127.9.9.9",	 false },
	{ "::1",	 false },
	{ "192.0.2.1",	 true },
	{ "2001:db8::1", true },
};
/* clang-format on */

START_TEST(no_route_is_the_word_of_the_kernel)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(WAYS[_i].to, 53, &a), 0);
	ck_assert_msg(route_missing(&a) == WAYS[_i].missing, "%s", WAYS[_i].to);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("route");
	TCase *tc = tcase_create("route");
	SRunner *sr;
	int failed;

	if (!net_enter())
		return 77;
	tcase_add_loop_test(tc, no_route_is_the_word_of_the_kernel, 0,
	    (int)(sizeof(WAYS) / sizeof(WAYS[0])));
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
