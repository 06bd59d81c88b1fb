/*
 * test_nsid.c - a server is asked which one it is, and what it says is safe
 * to show whatever it says (RFC 5001).
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "edge/answer.h"
#include "edge/batch.h"

static struct question q;

static void
ask(void)
{
	struct answer_ids ids = { .left = 0 };
	struct err e;

	memset(&q, 0, sizeof(q));
	ck_assert_int_eq(answer_question(&q, "example.org.", TYPE_SOA, false,
			     &ids, &e),
	    0);
}

/* An answer whose OPT has these options. */
static void
reply(const uint8_t *options, size_t n)
{
	ask();
	q.reply = mem_array(q.wire_len + n, 1);
	memcpy(q.reply, q.wire, q.wire_len);
	q.reply[2] |= 0x80;
	q.reply[q.wire_len - 2] = (uint8_t)(n >> 8);
	q.reply[q.wire_len - 1] = (uint8_t)n;
	memcpy(q.reply + q.wire_len, options, n);
	q.reply_len = q.wire_len + n;
}

static const char *
nsid(void)
{
	static char buf[NSID_TEXT];

	answer_nsid(&q, buf);
	free(q.reply);
	q.reply = NULL;
	return buf;
}

START_TEST(the_question_ends_with_the_option)
{
	static const uint8_t want[] = { 0, 4, 0, 3, 0, 0 };
	uint8_t plain[ASK_WIRE];
	size_t len;

	ask();
	len = q.wire_len;
	memcpy(plain, q.wire, len);
	ck_assert(plain[len - 2] == 0 && plain[len - 1] == 0);
	answer_ask_nsid(&q);
	ck_assert_uint_eq(q.wire_len, len + 4);
	ck_assert_mem_eq(q.wire, plain, len - 2);
	ck_assert_mem_eq(q.wire + len - 2, want, sizeof(want));
}
END_TEST

/* Of authorities the SOA question asks; a resolver and others do not. */
START_TEST(it_goes_with_the_question_that_is_asked_once_an_address)
{
	struct addr a = addr_make(4, "\177\0\0\1", 53);
	struct batch b = { .n = 0 };
	size_t bare;

	batch_add(&b, &a, "example.org.", TYPE_DNSKEY, false);
	bare = b.q[0].wire_len;
	batch_add(&b, &a, "example.org.", TYPE_SOA, false);
	batch_add(&b, &a, "example.org.", TYPE_SOA, true);
	batch_add(&b, &a, "example.org.", TYPE_TLSA, false);
	b.nsid = true;
	batch_add(&b, &a, "example.org.", TYPE_DS, false);
	batch_add(&b, &a, "example.org.", TYPE_DS, true);
	for (size_t i = 0; i < b.n; i++)
		ck_assert_msg(b.q[i].wire_len ==
			bare + (i == 1 || i == 4 ? 4 : 0),
		    "question %zu", i);
	batch_release(&b);
}
END_TEST

#define O(text) (const uint8_t *)(text), sizeof(text) - 1

/* clang-format off */
static const struct {
	const uint8_t *options;
	size_t n;
	const char *says;
} SAID[] = {
	{ O(""), "" },
	{ O("\0\3\0\0"), "" },
	{ O("\0\3\0\3ns2"), "ns2" },
	{ O("\0\3\0\11fra1.k-4_"), "fra1.k-4_" },
	{ O("\0\12\0\2xx\0\3\0\3ns2"), "ns2" },	/* behind a cookie */
	{ O("\0\12\0\2xx"), "" },
	{ O("\0\3\0\11ns2"), "" },		/* longer than there is */
	{ O("\0\3\0"), "" },
	{ O("\0\3\0\4\33[2J"), "#" },
	{ O("\0\3\0\3a\0b"), "#" },
	{ O("\0\3\0\3a b"), "#" },
	{ O("\0\3\0\40abcdefghijklmnopqrstuvwxyz012345"),
	  "abcdefghijklmnopqrstuvwxyz012345" },
	{ O("\0\3\0\42abcdefghijklmnopqrstuvwxyz01234567"), "#" },
};
/* clang-format on */

START_TEST(what_it_says_is_read)
{
	const char *want = SAID[_i].says, *got;

	reply(SAID[_i].options, SAID[_i].n);
	got = nsid();
	if (want[0] != '#') {
		ck_assert_str_eq(got, want);
		return;
	}
	ck_assert_uint_eq(strlen(got), 17);
	ck_assert_uint_eq(strspn(got, "#0123456789abcdef"), 17);
}
END_TEST

START_TEST(no_answer_says_nothing)
{
	char buf[NSID_TEXT] = "x";

	ask();
	ck_assert_str_eq(answer_nsid(&q, buf), "");
	ck_assert_str_eq(answer_nsid(NULL, buf), "");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nsid");
	TCase *t = tcase_create("nsid");
	SRunner *r;
	int failed;

	tcase_add_test(t, the_question_ends_with_the_option);
	tcase_add_test(t,
	    it_goes_with_the_question_that_is_asked_once_an_address);
	tcase_add_loop_test(t, what_it_says_is_read, 0,
	    (int)(sizeof(SAID) / sizeof(SAID[0])));
	tcase_add_test(t, no_answer_says_nothing);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
