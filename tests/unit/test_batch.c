/*
 * test_batch.c - a question is kept once, and whoever differs in anything is
 * another one.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "edge/batch.h"
#include "edge/wire.h"

#define N 4000

static struct addr
at(int i)
{
	uint8_t ip[4] = { 192, 0, (uint8_t)(i / 250), (uint8_t)(i % 250) };

	return addr_make(4, ip, 53);
}

/* So many that most meet others in their bucket. */
START_TEST(questions_that_differ_in_anything_are_kept_apart)
{
	struct batch b = { .n = 0 };

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < N; i++) {
			struct addr a = at(i);
			size_t n = 4 * (size_t)i;

			ck_assert_uint_eq(batch_add(&b, &a, "a.test.", TYPE_A,
					      false),
			    n);
			ck_assert_uint_eq(batch_add(&b, &a, "a.test.", TYPE_A,
					      true),
			    n + 1);
			ck_assert_uint_eq(batch_add(&b, &a, "a.test.",
					      TYPE_TLSA, false),
			    n + 2);
			ck_assert_uint_eq(batch_add(&b, &a, "b.a.test.", TYPE_A,
					      false),
			    n + 3);
		}
	ck_assert_uint_eq(b.n, 4 * N);
	for (int i = 0; i < N; i++) {
		struct addr a = at(i);
		const struct question *q = batch_find(&b, &a, "a.test.", TYPE_A,
		    true);
		bool resolver;

		ck_assert_ptr_eq(q, &b.q[4 * i + 1]);
		ck_assert_int_eq(addr_cmp(&q->to, &a), 0);
		ck_assert_int_eq(batch_asks(q, &resolver), TYPE_A);
		ck_assert(resolver);
		q = batch_find(&b, &a, "a.test.", TYPE_TLSA, false);
		ck_assert_int_eq(batch_asks(q, &resolver), TYPE_TLSA);
		ck_assert(!resolver);
	}
	batch_release(&b);
}
END_TEST

START_TEST(what_was_not_added_is_not_found)
{
	struct batch b = { .n = 0 };
	struct addr a = at(1), other = at(2);

	ck_assert_ptr_null(batch_find(&b, &a, "a.test.", TYPE_A, false));
	batch_add(&b, &a, "a.test.", TYPE_A, false);
	ck_assert_ptr_nonnull(batch_find(&b, &a, "a.test.", TYPE_A, false));
	ck_assert_ptr_null(batch_find(&b, &a, "a.test.", TYPE_A, true));
	ck_assert_ptr_null(batch_find(&b, &a, "a.test.", TYPE_AAAA, false));
	ck_assert_ptr_null(batch_find(&b, &a, "b.test.", TYPE_A, false));
	ck_assert_ptr_null(batch_find(&b, &other, "a.test.", TYPE_A, false));
	ck_assert_uint_eq(batch_add(&b, &a, "a..test.", TYPE_A, false),
	    BATCH_NONE);
	ck_assert_ptr_null(batch_find(&b, &a, "a..test.", TYPE_A, false));
	ck_assert_uint_eq(b.n, 1);
	batch_empty(&b);
	ck_assert_uint_eq(b.n, 0);
	ck_assert_ptr_null(batch_find(&b, &a, "a.test.", TYPE_A, false));
	batch_release(&b);
}
END_TEST

/* For whoever is given it has its answer. */
START_TEST(what_is_taken_over_keeps_its_reply)
{
	struct batch from = { .n = 0 }, to = { .n = 0 };
	struct addr a = at(1);
	const struct question *q;

	batch_add(&to, &a, "b.test.", TYPE_A, false);
	batch_add(&from, &a, "a.test.", TYPE_A, false);
	batch_add(&from, &a, "b.test.", TYPE_A, false);
	for (int i = 0; i < 2; i++)
		from.q[i].reply = calloc(1, from.q[i].reply_len = 12);
	to.asked = to.n;
	from.asked = from.n;
	batch_take(&to, &from, 0);
	batch_take(&to, &from, 1); /* is there already */
	q = batch_find(&to, &a, "a.test.", TYPE_A, false);
	ck_assert(q != NULL && q->reply != NULL && q->reply_len == 12);
	ck_assert_ptr_null(from.q[0].reply);
	ck_assert_ptr_nonnull(from.q[1].reply);
	ck_assert_uint_eq(to.asked, 2);
	batch_release(&from);
	batch_release(&to);
	batch_release(NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("batch");
	TCase *t = tcase_create("batch");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, questions_that_differ_in_anything_are_kept_apart);
	tcase_add_test(t, what_was_not_added_is_not_found);
	tcase_add_test(t, what_is_taken_over_keeps_its_reply);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
