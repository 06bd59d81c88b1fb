/*
 * test_resolv.c - the system's resolver is the first one that can be asked.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "edge/resolv.h"

static char top[256], path[300];

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/resolv.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/resolv.conf", top);
}

static void
teardown(void)
{
	unlink(path);
	ck_assert_int_eq(rmdir(top), 0);
}

static void
put(const char *name, const char *text)
{
	struct err e;

	ck_assert_int_eq(file_replace(name, text, strlen(text), 0644, (uid_t)-1,
			     (gid_t)-1, &e),
	    0);
}

/* clang-format off */
static const struct {
	const char *text, *first; /* NULL: none */
} FILES[] = {
	{ "nameserver 192.0.2.1\n", "192.0.2.1" },
	{ "nameserver 192.0.2.1", "192.0.2.1" },
	{ "nameserver\t192.0.2.1\r\n", "192.0.2.1" },
	{ "nameserver \t 192.0.2.1 # ours\n", "192.0.2.1" },
	{ "nameserver 192.0.2.1#53\n", "192.0.2.1" },
	{ "nameserver 192.0.2.1;ours\n", "192.0.2.1" },
	{ "nameserver 2001:db8::53\n", "2001:db8::53" },
	{ "# nameserver 192.0.2.1\n\n;nameserver 192.0.2.2\n"
	  "search example.org\noptions edns0\nnameservers 192.0.2.3\n"
	  "xnameserver 192.0.2.4\n nameserver 192.0.2.5\n"
	  "nameserver 192.0.2.6\nnameserver 192.0.2.7\n", "192.0.2.6" },
	/* What cannot be read may be the one that the system asks. */
	{ "nameserver fe80::1%eth0\nnameserver 192.0.2.1\n", NULL },
	{ "nameserver ns1.example.org\nnameserver 192.0.2.1\n", NULL },
	{ "nameserver\nnameserver 192.0.2.1\n", "192.0.2.1" },
	{ "nameserver 192.0.2.256\n", NULL },
	{ "search example.org\n", NULL },
	{ "", NULL },
};
/* clang-format on */

START_TEST(the_first_server_counts_if_it_can_be_read)
{
	struct addr a = { .family = 9 };
	char text[ADDR_TEXT];
	bool found;

	put(path, FILES[_i].text);
	found = resolv_first(path, &a);
	ck_assert_int_eq(found, FILES[_i].first != NULL);
	if (!found) {
		ck_assert_uint_eq(a.family, 9); /* nothing was written */
		return;
	}
	ck_assert_str_eq(addr_ip(&a, text), FILES[_i].first);
	ck_assert_uint_eq(a.port, 53);
}
END_TEST

START_TEST(the_file_may_be_a_link)
{
	char far[300], text[ADDR_TEXT];
	struct addr a;

	snprintf(far, sizeof(far), "%s/stub.conf", top);
	put(far, "nameserver 127.0.0.53\n");
	ck_assert_int_eq(symlink("stub.conf", path), 0);
	ck_assert(resolv_first(path, &a));
	ck_assert_str_eq(addr_ip(&a, text), "127.0.0.53");
	unlink(far);
	ck_assert(!resolv_first(path, &a));
}
END_TEST

START_TEST(without_a_file_there_is_no_server)
{
	struct addr a;

	ck_assert(!resolv_first(path, &a));
	ck_assert(!resolv_first(top, &a)); /* a folder */
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("resolv");
	TCase *t = tcase_create("resolv");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, the_first_server_counts_if_it_can_be_read, 0,
	    (int)(sizeof(FILES) / sizeof(FILES[0])));
	tcase_add_test(t, the_file_may_be_a_link);
	tcase_add_test(t, without_a_file_there_is_no_server);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
