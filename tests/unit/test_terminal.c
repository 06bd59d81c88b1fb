/*
 * test_terminal.c - text for people fits the terminal, what is to be copied
 * stays whole, and colour only repeats what the words say.
 */
#include <check.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/terminal.h"

static void
is(struct terminal t, const char *text, const char *expected)
{
	char *got = NULL;
	size_t size;
	FILE *f = open_memstream(&got, &size);

	terminal_write(&t, text, f);
	fclose(f);
	ck_assert_str_eq(got, expected);
	free(got);
}

static const struct terminal FILE_OF_ITS_OWN = { 0, false },
			     FORTY = { 40, false }, COLOURED = { 80, true };

START_TEST(what_is_no_terminal_gets_the_text_as_it_is)
{
	const char *text =
	    "mx1.example.org                              ok\n"
	    "  ! a long sentence that nobody breaks anywhere, however long "
	    "it may be\n\nno line at the end";

	is(FILE_OF_ITS_OWN, text, text);
	is(FORTY, "", "");
	is(FORTY, "\n\n", "\n\n");
}
END_TEST

START_TEST(a_line_is_broken_at_blanks_and_goes_on_further_in)
{
	is(FORTY,
	    "  ! ns2.example.net still answers serial 41, without the record\n"
	    "next\n",
	    "  ! ns2.example.net still answers serial\n"
	    "    41, without the record\n"
	    "next\n");
	/* exactly as wide as the terminal */
	is(FORTY, "1234567890 234567890 234567890 234567890\n",
	    "1234567890 234567890 234567890 234567890\n");
	is(FORTY, "1234567890 234567890 234567890 2345678901\n",
	    "1234567890 234567890 234567890\n  2345678901\n");
}
END_TEST

START_TEST(columns_are_counted_not_bytes)
{
	is(FORTY,
	    "\u00b7\u00b7\u00b7\u00b7\u00b7 67890 2345678 0 234567 90 "
	    "234567 0\n",
	    "\u00b7\u00b7\u00b7\u00b7\u00b7 67890 2345678 0 234567 90 "
	    "234567 0\n");
}
END_TEST

START_TEST(a_word_that_fits_nowhere_stays_whole)
{
	is(FORTY, "  see file:/a/name/that/is/longer/than/the/whole/line now\n",
	    "  see\n    file:/a/name/that/is/longer/than/the/whole/line\n"
	    "    now\n");
	is(FORTY, "0123456789012345678901234567890123456789012345\n",
	    "0123456789012345678901234567890123456789012345\n");
}
END_TEST

START_TEST(what_is_to_be_copied_is_never_broken)
{
	is(FORTY,
	    "    _25._tcp.mx1.example.org. 3600 IN TLSA 3 1 1 "
	    "0123456789abcdef\n",
	    "    _25._tcp.mx1.example.org. 3600 IN TLSA 3 1 1 "
	    "0123456789abcdef\n");
	is(FORTY,
	    "  You: put the file back, or start a rollover: danesafe rollover "
	    "mx1.example.org --reason TEXT\n",
	    "  You: put the file back, or start a\n    rollover:\n"
	    "    danesafe rollover mx1.example.org --reason TEXT\n");
	is(FORTY, "  short: danesafe run\n", "  short: danesafe run\n");
}
END_TEST

START_TEST(colour_repeats_what_the_words_say)
{
	is(COLOURED, "mx1.example.org    steady, ok\n",
	    "mx1.example.org    steady, \033[32mok\033[0m\n");
	is(COLOURED, "mx1    steady, ATTENTION\n",
	    "mx1    steady, \033[33mATTENTION\033[0m\n");
	is(COLOURED, "mx1    steady, CRITICAL\nok\nbook\n",
	    "mx1    steady, \033[31mCRITICAL\033[0m\nok\nbook\n");
	is(COLOURED, "  ! bad\n  - less bad\n",
	    "\033[33m  ! bad\033[0m\n  - less bad\n");
}
END_TEST

static struct terminal
of_terminal(unsigned short columns, const char *term, const char *no_color,
    const char *set_columns)
{
	struct winsize size = { .ws_row = 25, .ws_col = columns };
	struct terminal t;
	int master, slave;
	FILE *f;

	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, &size), 0);
	unsetenv("TERM");
	unsetenv("NO_COLOR");
	unsetenv("COLUMNS");
	if (term != NULL)
		setenv("TERM", term, 1);
	if (no_color != NULL)
		setenv("NO_COLOR", no_color, 1);
	if (set_columns != NULL)
		setenv("COLUMNS", set_columns, 1);
	f = fdopen(slave, "w");
	t = terminal_of(f);
	fclose(f);
	close(master);
	return t;
}

START_TEST(the_terminal_says_its_width)
{
	ck_assert_uint_eq(of_terminal(123, "xterm", NULL, NULL).width, 123);
	ck_assert_uint_eq(of_terminal(0, "xterm", NULL, NULL).width, 80);
	ck_assert_uint_eq(of_terminal(12, "xterm", NULL, NULL).width, 40);
	ck_assert_uint_eq(of_terminal(123, "xterm", NULL, "60").width, 60);
	ck_assert_uint_eq(of_terminal(123, "xterm", NULL, "60x").width, 123);
	ck_assert_uint_eq(of_terminal(123, "xterm", NULL, "-1").width, 123);
	ck_assert_uint_eq(of_terminal(123, "xterm", NULL,
			      "99999999999999999999")
			      .width,
	    123);
}
END_TEST

START_TEST(colour_is_for_terminals_that_have_it_and_people_who_want_it)
{
	FILE *f = tmpfile();

	ck_assert(of_terminal(80, "xterm", NULL, NULL).colour);
	ck_assert(of_terminal(80, "xterm", "", NULL).colour);
	ck_assert(!of_terminal(80, "xterm", "1", NULL).colour);
	ck_assert(!of_terminal(80, "dumb", NULL, NULL).colour);
	ck_assert(!of_terminal(80, NULL, NULL, NULL).colour);
	setenv("TERM", "xterm", 1);
	setenv("COLUMNS", "60", 1);
	ck_assert(!terminal_of(f).colour);
	ck_assert_uint_eq(terminal_of(f).width, 0);
	fclose(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("terminal");
	TCase *t = tcase_create("terminal");
	SRunner *run = srunner_create(suite);
	int failed;

	tcase_add_test(t, what_is_no_terminal_gets_the_text_as_it_is);
	tcase_add_test(t, a_line_is_broken_at_blanks_and_goes_on_further_in);
	tcase_add_test(t, columns_are_counted_not_bytes);
	tcase_add_test(t, a_word_that_fits_nowhere_stays_whole);
	tcase_add_test(t, what_is_to_be_copied_is_never_broken);
	tcase_add_test(t, colour_repeats_what_the_words_say);
	tcase_add_test(t, the_terminal_says_its_width);
	tcase_add_test(t,
	    colour_is_for_terminals_that_have_it_and_people_who_want_it);
	suite_add_tcase(suite, t);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed == 0 ? 0 : 1;
}
