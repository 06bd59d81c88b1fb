/*
 * test_alert.c - alerts reach people by mail and by command: whole, in one
 * thread, and with nothing of a stranger's that a program could take for more
 * than text.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/alert.h"

static char folder[] = "/tmp/danesafe-alert-XXXXXX", program[64], seen[64];
static struct conf conf;
static struct concern c;
static struct message m;
static const struct now NOW = { .elapsed = 200000,
	.wall = 1800000000,
	.trusted = true };
static struct text out;
static struct err e;

/* The program of this world: a script with this end. */
static void
write_program(const char *end)
{
	FILE *f = fopen(program, "w");

	ck_assert_ptr_nonnull(f);
	fprintf(f, "#!/bin/sh\nexec >%s\n%s\n", seen, end);
	fclose(f);
	ck_assert_int_eq(chmod(program, 0700), 0);
}

static char *
what_it_saw(void)
{
	size_t n;
	char *s = file_read(seen, 65536, &n, &e);

	ck_assert_msg(s != NULL, "%s", e.text);
	return s;
}

static void
setup(void)
{
	static char *to[] = { (char *)"postmaster@example.org",
		(char *)"root" };
	static char *command[] = { program, (char *)"--page", NULL };

	memset(&conf, 0, sizeof(conf));
	memset(&c, 0, sizeof(c));
	memset(&out, 0, sizeof(out));
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	text_fmt(program, sizeof(program), "%s/program", folder);
	text_fmt(seen, sizeof(seen), "%s/seen", folder);
	conf.mail_to = to;
	conf.n_mail_to = 2;
	conf.sendmail = program;
	conf.command = command;
	conf.n_command = 2;
	conf.timeout = 20;
	text_fmt(c.host, sizeof(c.host), "mx1.example.org");
	text_fmt(c.code, sizeof(c.code), "pub-lag");
	text_fmt(c.text, sizeof(c.text),
	    "ns2 lacks it.\n  You: check the zone transfer to it");
	c.since = 100000;
	c.since_wall = NOW.wall - 100000;
	c.level = LEVEL_WARNING;
	c.over_at = c.quiet_until = NEVER;
	m = (struct message){ &c, NEWS_RAISED };
}

static void
teardown(void)
{
	text_release(&out);
	unlink(program);
	unlink(seen);
	rmdir(folder);
}

static void
compose(enum news news)
{
	m.news = news;
	out.len = 0;
	alert_mail_text(&out, &conf, &m, 1, &NOW);
}

/* The value of a header; NULL: there is none.  Before the empty line only. */
static const char *
header(const char *name)
{
	static char value[1000];
	char *body = strstr(out.s, "\n\n"), *at;
	char *want = mem_fmt("\n%s: ", name);

	ck_assert_ptr_nonnull(body);
	at = strstr(out.s, want);
	if (at == NULL || at > body) {
		free(want);
		return NULL;
	}
	at += strlen(want);
	text_fmt(value, sizeof(value), "%.*s", (int)strcspn(at, "\n"), at);
	free(want);
	return value;
}

START_TEST(a_mail_says_all_that_is_to_be_known)
{
	compose(NEWS_RAISED);
	ck_assert_ptr_nonnull(strstr(out.s,
	    "To: postmaster@example.org,\n\troot\n"));
	ck_assert_str_eq(header("Subject"),
	    "[danesafe] WARNING mx1.example.org: a name server has not got a "
	    "record yet");
	ck_assert_str_eq(header("Date"), "Fri, 15 Jan 2027 08:00:00 +0000");
	ck_assert_str_eq(header("Auto-Submitted"), "auto-generated");
	ck_assert_str_eq(header("Content-Type"), "text/plain; charset=utf-8");
	ck_assert_ptr_nonnull(strstr(out.s, "for 27 h:\n\nns2 lacks it.\n"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "  You: check the zone transfer to it\n"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "For mail now: Mail is not affected.\n"
	    "If nothing is done: The rollover waits for it.\n"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "danesafe ack mx1.example.org pub-lag"));
}
END_TEST

START_TEST(the_mails_of_one_trouble_are_one_thread)
{
	char *first, *second;

	compose(NEWS_RAISED);
	first = mem_dup(header("Message-ID"));
	ck_assert_ptr_null(header("In-Reply-To"));
	compose(NEWS_ESCALATED);
	second = mem_dup(header("Message-ID"));
	ck_assert_str_ne(first, second);
	ck_assert_str_eq(header("In-Reply-To"), first);
	ck_assert_str_eq(header("References"), first);
	c.over_at = NOW.elapsed;
	compose(NEWS_RESOLVED);
	ck_assert_str_eq(header("References"), first);
	c.since_wall++; /* it comes back: another thread */
	compose(NEWS_RAISED);
	ck_assert_str_ne(header("Message-ID"), first);
	free(first);
	free(second);
}
END_TEST

/* As it is kept when that mail was sent. */
START_TEST(what_many_were_told_of_first_is_their_thread)
{
	struct message many[2] = { m, m };
	char *first;

	alert_mail_text(&out, &conf, many, 2, &NOW);
	first = mem_dup(header("Message-ID"));
	ck_assert_ptr_null(header("References"));
	c.mail_root = NOW.wall;
	c.mail_many = true;
	compose(NEWS_REPEATED);
	ck_assert_str_eq(header("References"), first);
	compose(NEWS_RAISED); /* it was over meanwhile */
	ck_assert_str_ne(header("Message-ID"), first);
	ck_assert_ptr_null(header("References"));
	free(first);
}
END_TEST

/* It went and came back within the hour that is not told of. */
START_TEST(what_comes_back_goes_on_in_its_thread)
{
	char *first;

	compose(NEWS_RAISED);
	first = mem_dup(header("Message-ID"));
	c.mail_root = c.since_wall;
	c.since_wall += 1000;
	compose(NEWS_ESCALATED);
	ck_assert_str_eq(header("References"), first);
	free(first);
}
END_TEST

START_TEST(what_comes_from_the_network_is_only_text)
{
	memset(c.text, 'x', sizeof(c.text) - 1);
	memcpy(c.text, "a\r\nBcc: all@example.org\x1b[2J\xff b", 30);
	text_fmt(c.host, sizeof(c.host), "mx\r\nBcc: evil");
	compose(NEWS_RAISED);
	for (size_t i = 0; i < out.len; i++)
		ck_assert(out.s[i] == '\n' || out.s[i] == '\t' ||
		    (out.s[i] >= ' ' && out.s[i] <= '~'));
	ck_assert_ptr_null(header("Bcc"));
	ck_assert_ptr_nonnull(strstr(out.s, "\\x0d"));
	ck_assert_ptr_nonnull(strstr(out.s, "\\x1b[2J\\xff"));
	for (const char *s = out.s; *s != 0; s += strcspn(s, "\n") + 1)
		ck_assert_uint_lt(strcspn(s, "\n"), 2048);
}
END_TEST

START_TEST(many_troubles_are_one_mail_that_names_each)
{
	struct message many[120];

	for (size_t i = 0; i < 120; i++)
		many[i] = m;
	alert_mail_text(&out, &conf, many, 120, &NOW);
	ck_assert_str_eq(header("Subject"), "[danesafe] 120 more");
	ck_assert_ptr_nonnull(strstr(out.s,
	    "WARNING pub-lag: mx1.example.org"));
	ck_assert_ptr_nonnull(strstr(out.s, "\nand 20 more\n"));
}
END_TEST

START_TEST(sendmail_gets_addresses_as_arguments_and_no_environment)
{
	char *s;

	write_program("for a; do echo \"<$a>\"; done; env; cat");
	ck_assert_msg(alert_mail(&conf, &m, 1, &NOW, &e) == 0, "%s", e.text);
	s = what_it_saw();
	ck_assert_int_eq(strncmp(s,
			     "<-i>\n<-f>\n<>\n<-->\n<postmaster@example.org>\n"
			     "<root>\n",
			     50),
	    0);
	ck_assert_ptr_null(strstr(s, "HOME="));
	ck_assert_ptr_nonnull(strstr(s, "From: danesafe on "));
	free(s);
}
END_TEST

START_TEST(a_mail_that_is_not_taken_is_an_error_that_says_why)
{
	write_program("echo 'mail system is down' >&2; exit 75");
	ck_assert_int_eq(alert_mail(&conf, &m, 1, &NOW, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "exit status 75"));
	ck_assert_ptr_nonnull(strstr(e.text, "mail system is down"));
	write_program("exit 75");
	ck_assert_int_eq(alert_mail(&conf, &m, 1, &NOW, &e), -1);
	ck_assert_str_eq(strrchr(e.text, ':'), ": exit status 75");
	write_program("kill -SEGV $$");
	ck_assert_int_eq(alert_mail(&conf, &m, 1, &NOW, &e), -1);
	ck_assert_str_eq(strrchr(e.text, ':'), ": ended by SIGSEGV");
	unlink(program);
	ck_assert_int_eq(alert_mail(&conf, &m, 1, &NOW, &e), -1);
}
END_TEST

START_TEST(the_command_has_the_alert_in_its_environment)
{
	char *s;

	c.has_key = true;
	c.key.sha256[0] = 0xab;
	strcat(c.text, "\x1b[2J");
	m.news = NEWS_ESCALATED;
	write_program("echo \"$1\"; env | grep ^DANESAFE_ | sort; test -t 0 || "
		      "wc -c");
	ck_assert_msg(alert_command(&conf, &m, &NOW, &e) == 0, "%s", e.text);
	s = what_it_saw();
	ck_assert_str_eq(s,
	    "--page\n"
	    "DANESAFE_ACTION=check the zone transfer to it\\x1b[2J\n"
	    "DANESAFE_CODE=pub-lag\n"
	    "DANESAFE_EVENT=escalated\n"
	    "DANESAFE_HOST=mx1.example.org\n"
	    "DANESAFE_KEY=ab000000\n"
	    "DANESAFE_SEVERITY=warning\n"
	    "DANESAFE_SINCE=2027-01-14T04:13:20Z\n"
	    "DANESAFE_TEXT=ns2 lacks it.\n"
	    "0\n");
	free(s);
}
END_TEST

START_TEST(a_command_that_fails_says_why)
{
	write_program("echo first >&2; echo 'no pager' >&2; exit 3");
	ck_assert_int_eq(alert_command(&conf, &m, &NOW, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "exit status 3: "));
	ck_assert_ptr_nonnull(strstr(e.text, "no pager"));
}
END_TEST

START_TEST(a_change_of_stage_is_one_line_for_programs)
{
	struct addr a = addr_make(4, (uint8_t[]){ 192, 0, 2, 1 }, 53);
	struct authority *au;
	struct host h;
	struct key *k;

	host_init(&h, "mx1.example.org");
	h.adopted_at = 0;
	au = owner_authority(host_owner(&h, "_25._tcp.mx1.example.org.", 25),
	    &a);
	au->look = LOOK_SHOWN;
	au->ttl = 3600;
	k = host_key_add(&h);
	k->id.sha256[0] = 0xab;
	alert_stage_line(&out, &h, k, "none", STAGE_GENERATED, &NOW);
	ck_assert_str_eq(text_str(&out),
	    "mx1.example.org: key=ab000000 stage=none->generated servers=0/1 "
	    "ttl=3600");
	host_release(&h);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("alert");
	TCase *t = tcase_create("alert");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_mail_says_all_that_is_to_be_known);
	tcase_add_test(t, the_mails_of_one_trouble_are_one_thread);
	tcase_add_test(t, what_many_were_told_of_first_is_their_thread);
	tcase_add_test(t, what_comes_back_goes_on_in_its_thread);
	tcase_add_test(t, what_comes_from_the_network_is_only_text);
	tcase_add_test(t, many_troubles_are_one_mail_that_names_each);
	tcase_add_test(t,
	    sendmail_gets_addresses_as_arguments_and_no_environment);
	tcase_add_test(t, a_mail_that_is_not_taken_is_an_error_that_says_why);
	tcase_add_test(t, the_command_has_the_alert_in_its_environment);
	tcase_add_test(t, a_command_that_fails_says_why);
	tcase_add_test(t, a_change_of_stage_is_one_line_for_programs);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
