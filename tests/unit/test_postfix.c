/*
 * test_postfix.c - Postfix's own postconf says what is set, the keys in use
 * are found where Postfix finds them, and its programs are told apart from
 * what they do.
 */
#include "postfix_kit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/clock.h"

#define CHAIN "smtpd_tls_chain_files"
#define KEY "smtpd_tls_key_file"
#define ECKEY "smtpd_tls_eckey_file"

/* ---- read ---- */

START_TEST(nothing_is_set_by_default)
{
	read_it();
	ck_assert_str_eq(s.config_dir, top);
	ck_assert_str_eq(s.myhostname, "mx.example.org");
	ck_assert_str_eq(s.security_level, "");
	ck_assert_int_eq(s.command_dir[0], '/');
	ck_assert_int_eq(s.queue_dir[0], '/');
	ck_assert_int_eq(s.data_dir[0], '/');
	ck_assert_str_eq(s.chain_files, "");
	ck_assert_uint_eq(s.n_key, 0);
	ck_assert_ptr_null(postfix_key_of(&s, SLOT_RSA));
}
END_TEST

START_TEST(each_setting_is_told_as_it_stands_with_dollars_filled_in)
{
	set("smtpd_tls_security_level = may\nsyslog_name = pf-${myhostname}\n"
	    "tls_random_source =  dev:/dev/random \n"
	    "multi_instance_directories = /etc/postfix-a /etc/postfix-b\n"
	    "alternate_config_directories = /etc/alt\n"
	    "queue_directory = /q\ndata_directory = /d\n");
	read_it();
	ck_assert_str_eq(s.security_level, "may");
	ck_assert_str_eq(s.syslog_name, "pf-mx.example.org");
	ck_assert_str_eq(s.random_source, "dev:/dev/random");
	ck_assert_str_eq(s.instances, "/etc/postfix-a /etc/postfix-b");
	ck_assert_str_eq(s.alternates, "/etc/alt");
	ck_assert_str_eq(s.queue_dir, "/q");
	ck_assert_str_eq(s.data_dir, "/d");
}
END_TEST

START_TEST(both_pairs_are_read)
{
	set("smtpd_tls_cert_file = %s\nsmtpd_tls_key_file =   %s  \n"
	    "smtpd_tls_eccert_file=%s\nsmtpd_tls_eckey_file\t= %s\n",
	    cert[RSA_ONE], key[RSA_ONE], cert[EC_ONE], key[EC_ONE]);
	read_it();
	ck_assert_uint_eq(s.n_key, 2);
	key_is(0, KEY, key[RSA_ONE], cert[RSA_ONE], &info[RSA_ONE]);
	key_is(1, ECKEY, key[EC_ONE], cert[EC_ONE], &info[EC_ONE]);
	ck_assert_ptr_eq(postfix_key_of(&s, SLOT_RSA), &s.key[0]);
	ck_assert_ptr_eq(postfix_key_of(&s, SLOT_ECDSA), &s.key[1]);
	ck_assert_ptr_null(postfix_key_of(&s, SLOT_OTHER));
}
END_TEST

START_TEST(a_key_may_stand_in_the_file_of_the_certificate)
{
	const char *const part[] = { key[EC_ONE], cert[EC_ONE], NULL };

	join_files(in_top("one.pem"), part);
	set("smtpd_tls_cert_file = ${config_directory}/one.pem\n");
	read_it();
	ck_assert_uint_eq(s.n_key, 1);
	key_is(0, KEY, in_top("one.pem"), in_top("one.pem"), &info[EC_ONE]);
}
END_TEST

START_TEST(a_key_is_read_through_a_link)
{
	ck_assert_int_eq(symlink(key[RSA_ONE], in_top("one.pem")), 0);
	set("smtpd_tls_cert_file = %s\n"
	    "smtpd_tls_key_file = $config_directory/one.pem\n",
	    cert[RSA_ONE]);
	read_it();
	key_is(0, KEY, in_top("one.pem"), cert[RSA_ONE], &info[RSA_ONE]);
}
END_TEST

START_TEST(a_relative_name_is_looked_for_in_the_queue_directory)
{
	char want[300];

	set("queue_directory = %s\nsmtpd_tls_cert_file = cert-0.pem\n"
	    "smtpd_tls_key_file = ./key-0.pem\n",
	    made);
	read_it();
	snprintf(want, sizeof(want), "%s/./key-0.pem", made);
	key_is(0, KEY, want, cert[RSA_ONE], &info[RSA_ONE]);
}
END_TEST

START_TEST(the_last_of_several_entries_counts)
{
	set("smtpd_tls_cert_file = /nowhere\nsmtpd_tls_cert_file = %s\n"
	    "smtpd_tls_key_file = \n    %s\n",
	    cert[RSA_ONE], key[RSA_ONE]);
	read_it();
	key_is(0, KEY, key[RSA_ONE], cert[RSA_ONE], &info[RSA_ONE]);
}
END_TEST

/* clang-format off */
static const char *const UNSET[] = {
	"smtpd_tls_cert_file = none\n",
	"smtpd_tls_cert_file =\n",
	"smtpd_tls_cert_file = /nowhere/c.pem\nsmtpd_tls_key_file = none\n",
	"smtpd_tls_cert_file = /nowhere/c.pem\nsmtpd_tls_key_file = None\n",
	"smtpd_tls_chain_files =\n",
	"smtpd_tls_chain_files = ,\n",
};
/* clang-format on */

START_TEST(what_names_no_key_is_not_set)
{
	put_main(UNSET[_i]);
	read_it();
	ck_assert_uint_eq(s.n_key, 0);
}
END_TEST

START_TEST(a_key_without_a_certificate_is_told_as_not_presented)
{
	set("smtpd_tls_cert_file = none\nsmtpd_tls_key_file = %s\n",
	    key[RSA_ONE]);
	read_it();
	key_is(0, KEY, key[RSA_ONE], "", &info[RSA_ONE]);
}
END_TEST

/* clang-format off */
static const struct {
	const char *value, *why;
} UNREADABLE[] = {
	{ "/nowhere/c.pem", "No such file" },
	{ "certs/c.pem", "/q/certs/c.pem: No such file" },
	{ "/", "a folder" },
	{ "$config_directory/main.cf", "not a PEM file" },
	{ "$config_directory/one.pem", "neither an RSA nor an EC key" },
};
/* clang-format on */

static void
put_ed25519(const char *path)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	PEM_write_PKCS8PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	EVP_PKEY_free(pkey);
}

START_TEST(a_key_that_cannot_be_read_is_told)
{
	put_ed25519(in_top("one.pem"));
	set("queue_directory = /q\nsmtpd_tls_eccert_file = %s\n",
	    UNREADABLE[_i].value);
	read_it();
	ck_assert_uint_eq(s.n_key, 1);
	ck_assert(!s.key[0].readable);
	ck_assert_msg(strstr(s.key[0].why, UNREADABLE[_i].why) != NULL, "%s",
	    s.key[0].why);
	ck_assert_ptr_nonnull(strstr(s.key[0].why, ECKEY));
	ck_assert_ptr_null(postfix_key_of(&s, SLOT_ECDSA));
}
END_TEST

/* ---- smtpd_tls_chain_files ---- */

START_TEST(keys_are_found_in_chain_files_and_nowhere_else)
{
	set("smtpd_tls_chain_files = %s, %s\n  ,%s %s\n"
	    "smtpd_tls_cert_file = %s\nsmtpd_tls_key_file = %s\n",
	    key[RSA_ONE], cert[RSA_ONE], key[EC_ONE], cert[EC_ONE],
	    cert[EC_TWO], key[EC_TWO]);
	read_it();
	ck_assert_uint_eq(s.n_key, 2);
	key_is(0, CHAIN, key[RSA_ONE], cert[RSA_ONE], &info[RSA_ONE]);
	key_is(1, CHAIN, key[EC_ONE], cert[EC_ONE], &info[EC_ONE]);
}
END_TEST

START_TEST(a_chain_file_may_hold_key_and_certificate_of_both_algorithms)
{
	const char *const part[] = { key[RSA_ONE], cert[RSA_ONE], key[EC_ONE],
		cert[EC_ONE], NULL };

	join_files(in_top("one.pem"), part);
	set("smtpd_tls_chain_files = $config_directory/one.pem\n");
	read_it();
	ck_assert_uint_eq(s.n_key, 2);
	key_is(0, CHAIN, in_top("one.pem"), in_top("one.pem"), &info[RSA_ONE]);
	key_is(1, CHAIN, in_top("one.pem"), in_top("one.pem"), &info[EC_ONE]);
}
END_TEST

START_TEST(names_in_chain_files_may_be_relative)
{
	set("queue_directory = %s\n"
	    "smtpd_tls_chain_files = key-0.pem,cert-0.pem\n",
	    made);
	read_it();
	ck_assert_str_eq(s.chain_files, "key-0.pem,cert-0.pem");
	key_is(0, CHAIN, key[RSA_ONE], cert[RSA_ONE], &info[RSA_ONE]);
}
END_TEST

START_TEST(the_last_key_of_chain_files_may_lack_its_certificate)
{
	set("smtpd_tls_chain_files = %s\n", key[RSA_ONE]);
	read_it();
	key_is(0, CHAIN, key[RSA_ONE], "", &info[RSA_ONE]);
}
END_TEST

/* clang-format off */
static const struct {
	const char *value, *why;
} BAD_CHAIN[] = {
	{ "/nowhere/k.pem", "No such file" },
	{ "none", "/none: No such file" }, /* to Postfix it is one, too */
	{ "$config_directory/one.pem", "neither RSA nor EC" },
	{ "$config_directory/two.pem", "more than 4 keys" },
};
/* clang-format on */

START_TEST(a_chain_file_that_cannot_be_read_is_told)
{
	const char *const part[] = { key[0], key[1], key[0], key[1], key[0],
		NULL };

	put_ed25519(in_top("one.pem"));
	join_files(in_top("two.pem"), part);
	set("smtpd_tls_chain_files = %s, %s, %s\n", BAD_CHAIN[_i].value,
	    key[EC_ONE], cert[EC_ONE]);
	read_it();
	ck_assert_uint_eq(s.n_key, 2);
	ck_assert(!s.key[0].readable);
	ck_assert_msg(strstr(s.key[0].why, BAD_CHAIN[_i].why) != NULL, "%s",
	    s.key[0].why);
	ck_assert_ptr_nonnull(strstr(s.key[0].why, CHAIN));
	key_is(1, CHAIN, key[EC_ONE], cert[EC_ONE], &info[EC_ONE]);
}
END_TEST

START_TEST(no_more_keys_are_told_than_there_is_room_for)
{
	const char *const part[] = { key[0], key[1], key[0], NULL };
	const char *one = in_top("one.pem");

	join_files(one, part);
	set("smtpd_tls_chain_files = %s %s %s /nowhere\n", one, one, one);
	read_it();
	ck_assert_uint_eq(s.n_key, POSTFIX_KEYS);
}
END_TEST

START_TEST(a_list_of_files_is_split_at_blanks_and_commas)
{
	const char *at = " ,a,\tb\n c,,";
	char buf[4];

	ck_assert_str_eq(postfix_next_file(&at, buf, sizeof(buf)), "a");
	ck_assert_str_eq(postfix_next_file(&at, buf, sizeof(buf)), "b");
	ck_assert_str_eq(postfix_next_file(&at, buf, sizeof(buf)), "c");
	ck_assert_ptr_null(postfix_next_file(&at, buf, sizeof(buf)));
	ck_assert_ptr_null(postfix_next_file(&at, buf, sizeof(buf)));
}
END_TEST

/* ---- what cannot be read ---- */

/* A name that is cut would be the name of another file, or of none. */
START_TEST(a_file_name_that_is_too_long_is_an_error)
{
	char *file = mem_fmt("%s%0*d", _i == 0 ? "/" : "", _i == 0 ? 1023 : 500,
	    0);
	const char *param = _i == 2 ? "smtpd_tls_key_file"
				    : "smtpd_tls_chain_files";

	set("queue_directory = /q%0600d\n%s = %s%s\n", 0, param,
	    _i == 2 ? "" : "/etc/one.pem, ", file);
	free(file);
	ck_assert_int_eq(postfix_read(NULL, top, &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("000...: the name is too long");
	says(top);
}
END_TEST

START_TEST(no_instance_is_an_error_of_the_config)
{
	char far[1100];

	ck_assert_int_eq(postfix_read(NULL, "/nowhere", &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("/nowhere: No such file or directory");
	ck_assert_int_eq(postfix_read(NULL, "etc/postfix", &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("not an absolute path");
	ck_assert_int_eq(postfix_read(NULL, main_cf, &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("is not a folder");
	memset(far, '/', sizeof(far) - 1);
	far[sizeof(far) - 1] = 0;
	ck_assert_int_eq(postfix_read(NULL, far, &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("too long");
	unlink(main_cf);
	ck_assert_int_eq(postfix_read(NULL, top, &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("main.cf: No such file");
	says(top);
}
END_TEST

static void
put_postconf(const char *script)
{
	put(in_top("postconf"), script, 0755);
}

START_TEST(a_postconf_that_fails_is_told_in_its_last_words)
{
	put_postconf("#!/bin/sh\necho warning >&2\n"
		     "printf 'fatal: \\033[1m%s %s\\n' $1 $3 >&2\nexit 1\n");
	ck_assert_int_eq(postfix_read(in_top("postconf"), top, &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("postconf: fatal: \\x1b[1m-c -x");
	says(top);
	put_postconf("#!/bin/sh\nexit 9\n");
	ck_assert_int_eq(postfix_read(in_top("postconf"), top, &s, &e), -1);
	says("exit status 9");
}
END_TEST

START_TEST(without_postconf_there_is_no_postfix)
{
	ck_assert_int_eq(postfix_read("/nowhere/postconf", top, &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("is it installed?");
	says("/nowhere/postconf");
}
END_TEST

START_TEST(a_value_that_is_not_told_or_too_long_is_an_error)
{
	set("syslog_name = %0300d\n", 1);
	ck_assert_int_eq(postfix_read(NULL, top, &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("syslog_name");
	says(top);
	put_postconf("#!/bin/sh\necho config_directory = /\n"
		     "echo xcommand_directory = /\n"
		     "echo command_directory_x = /\n");
	ck_assert_int_eq(postfix_read(in_top("postconf"), top, &s, &e), -1);
	says("command_directory");
}
END_TEST

/* Who has a hundred instances has as good a right to each of them. */
START_TEST(a_list_of_instances_may_be_longer_than_is_told)
{
	char *list = mem_fmt("%04000d", 1);

	set("multi_instance_directories = /%s\n"
	    "alternate_config_directories = /%s\n",
	    list, list);
	free(list);
	read_it();
	ck_assert_uint_eq(strlen(s.instances), sizeof(s.instances) - 1);
	ck_assert_uint_eq(strlen(s.alternates), sizeof(s.alternates) - 1);
	ck_assert_str_eq(s.myhostname, "mx.example.org");
}
END_TEST

START_TEST(the_postconf_of_the_instance_is_used_when_it_is_there)
{
	set("command_directory = %s\n", top);
	read_it();
	ck_assert_str_eq(s.postconf, DANESAFE_POSTCONF);
	put_postconf("");
	read_it();
	ck_assert_str_eq(s.postconf, in_top("postconf"));
}
END_TEST

START_TEST(a_name_alone_asks_nobody)
{
	unlink(main_cf);
	must(postfix_name("/nowhere/postconf", top, &s, &e));
	ck_assert_str_eq(s.config_dir, top);
	ck_assert_str_eq(s.postconf, "/nowhere/postconf");
	must(postfix_name(NULL, top, &s, &e));
	ck_assert_str_eq(s.postconf, DANESAFE_POSTCONF);
}
END_TEST

/* ---- a main.cf that has just been changed ---- */

static int64_t slept; /* ms */

int
nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)left;
	slept += t->tv_sec * 1000 + t->tv_nsec / 1000000;
	return 0;
}

/* As Postfix's programs count, from the second of the change: until the
 * second after the next one has begun for time(2), too. */
static const struct {
	int age; /* in whole seconds */
	int until_ms;
} YOUNG[] = { { 0, 2020 }, { 1, 1020 }, { 2, 20 }, { 3, 0 }, { 3600, 0 },
	{ -2, 0 }, { -3600, 0 } };

START_TEST(who_asks_after_a_change_waits_until_postfix_waits_no_more)
{
	int64_t before = clock_wall_ms(), second = before / 1000, after;
	struct timespec t[2] = { { 0, 0 }, { 0, 999999999 } };
	int64_t until = second * 1000 + YOUNG[_i].until_ms;

	t[1].tv_sec = (time_t)(second - YOUNG[_i].age);
	ck_assert_int_eq(utimensat(AT_FDCWD, main_cf, t, 0), 0);
	slept = 0;
	postfix_cool_down(top);
	after = clock_wall_ms();
	ck_assert_int_le(slept, until > before ? until - before : 0);
	ck_assert_int_ge(slept, until > after ? until - after : 0);
}
END_TEST

START_TEST(where_there_is_no_main_cf_nobody_waits)
{
	slept = 0;
	postfix_cool_down("/nowhere");
	ck_assert_int_eq(slept, 0);
}
END_TEST

/* ---- what is set, what is listed ---- */

START_TEST(set_is_what_has_a_value_in_main_cf)
{
	static const char *const names[] = { "smtpd_tls_loglevel",
		"smtpd_tls_cert_file", "smtpd_tls_key_file",
		"smtpd_tls_security_level" };
	bool got[4] = { false, true, true, true };

	put_main("smtpd_tls_loglevel = 0\nsmtpd_tls_cert_file =\n"
		 "# smtpd_tls_key_file = x\n");
	must(postfix_name(NULL, top, &s, &e));
	must(postfix_set_params(&s, names, 4, got, &e));
	ck_assert(got[0]); /* be it the default's */
	ck_assert(!got[1] && !got[2] && !got[3]);
	must(postfix_name("/nowhere/postconf", top, &s, &e));
	ck_assert_int_eq(postfix_set_params(&s, names, 4, got, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
}
END_TEST

static void
said(const char *want)
{
	char *text = get(in_top("said"));

	ck_assert_str_eq(text, want);
	free(text);
}

START_TEST(one_call_tells_the_values_and_what_is_set)
{
	static const char *const names[] = { "smtpd_tls_loglevel",
		"smtpd_tls_cert_file", "smtpd_tls_key_file",
		"smtpd_tls_chain_files", "smtp_use_tls", "tls_random_source" };
	bool got[6] = { false, false, true, false, true, true };
	struct postfix_state plain;

	set("smtpd_tls_loglevel = 0\n"
	    "smtpd_banner = smtp_use_tls = yes\n"
	    "smtpd_tls_cert_file = $smtpd_tls_chain_files, $$a\n\t /b\n"
	    "smtpd_tls_eccert_file = \n"
	    "smtpd_tls_chain_files = ${myhostname?{/$myhostname}}\n"
	    "syslog_name = smtp_use_tls = yes\n");
	put(in_top("postconf"),
	    "#!/bin/sh\necho >>\"${0%/*}/said\"\n"
	    "exec " DANESAFE_POSTCONF " \"$@\"\n",
	    0755);
	must(postfix_read_set(in_top("postconf"), top, names, 6, got, &s, &e));
	said("\n");
	ck_assert(got[0] && got[1] && got[3]);
	ck_assert(!got[2] && !got[4]);
	ck_assert(!got[5]); /* has a value, but not there */
	must(postfix_read(in_top("postconf"), top, &plain, &e));
	ck_assert_mem_eq(&s, &plain, sizeof(s));
	ck_assert_str_eq(s.raw[1], "/mx.example.org, $a /b");
}
END_TEST

START_TEST(an_expression_that_yields_nothing_is_set_all_the_same)
{
	static const char *const names[] = { "smtp_use_tls",
		"smtp_enforce_tls" };
	bool got[2];

	set("smtp_use_tls = ${nothing}\nsmtp_enforce_tls =\n");
	must(postfix_read_set(NULL, top, names, 2, got, &s, &e));
	ck_assert(got[0] && !got[1]);
}
END_TEST

START_TEST(a_set_that_is_not_told_is_an_error)
{
	static const char *const names[] = { "smtp_use_tls" };
	bool got[1];

	put(in_top("postconf"), "#!/bin/sh\necho smtp_use_tls = yes\n", 0755);
	ck_assert_int_eq(postfix_read_set(in_top("postconf"), top, names, 1,
			     got, &s, &e),
	    -1);
	says("does not tell");
}
END_TEST

/* clang-format off */
static const struct {
	const char *word;
	bool listed;
} LISTED[] = {
	{ "rsa", true }, { "ecdsa", true }, { "dsa", false },
	{ "-T", true }, { "kinds", true }, { "kind", false },
	{ "ecds", false }, { "sa", false }, { "last", true },
	{ "las", false },
};
/* clang-format on */

START_TEST(only_a_whole_word_is_listed)
{
	static const char *const option[] = { "-T", "kinds", NULL };
	const char *const words[] = { "nothing", LISTED[_i].word, "rsa" };
	size_t got = 9;

	put_postconf("#!/bin/sh\nshift 2\nprintf '%s\\n' ecdsa \"$@\" rsa\n"
		     "printf last\n");
	must(postfix_name(in_top("postconf"), top, &s, &e));
	must(postfix_lists(&s, option, words, 2, &got, &e));
	ck_assert_uint_eq(got, LISTED[_i].listed ? 1 : 2);
	must(postfix_lists(&s, option, words, 3, &got, &e));
	ck_assert_uint_eq(got, LISTED[_i].listed ? 1 : 2);
}
END_TEST

/* ---- reload, log ---- */

static void
put_program(const char *name, const char *script)
{
	put(in_top(name), script, 0755);
	snprintf(s.command_dir, sizeof(s.command_dir), "%s", top);
	snprintf(s.config_dir, sizeof(s.config_dir), "%s", top);
}

START_TEST(the_instance_and_no_other_is_reloaded)
{
	char want[600];

	put_program("postfix", "#!/bin/sh\necho \"$@\" >\"$2/said\"\n");
	must(postfix_reload(&s, &e));
	snprintf(want, sizeof(want), "-c %s reload\n", top);
	said(want);
}
END_TEST

START_TEST(a_reload_that_fails_says_why)
{
	put_program("postfix",
	    "#!/bin/sh\necho one >&2\n"
	    "printf 'fatal: \\033[1mtwo\\n' >&2\nexit 3\n");
	ck_assert_int_eq(postfix_reload(&s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_TEMP);
	says("postfix reload: fatal: \\x1b[1mtwo");
	put_program("postfix", "#!/bin/sh\nexit 3\n");
	ck_assert_int_eq(postfix_reload(&s, &e), -1);
	says("exit status 3");
	says("mail log");
}
END_TEST

/* ---- the log ---- */

/* In the place of libc's: what went to the log, and as what. */
static char logged[2048], opened[64];

void openlog(const char *ident, int option, int facility);
void closelog(void);
void syslog(int priority, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void __syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void
openlog(const char *ident, int option, int facility)
{
	snprintf(opened, sizeof(opened), "%s %d %d", ident, option, facility);
}

void
closelog(void)
{
}

static void note_line(int priority, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
note_line(int priority, const char *format, va_list ap)
{
	size_t n = strlen(logged);

	n += (size_t)snprintf(logged + n, sizeof(logged) - n, "<%d>", priority);
	n += (size_t)vsnprintf(logged + n, sizeof(logged) - n, format, ap);
	snprintf(logged + n, sizeof(logged) - n, "|");
}

void
syslog(int priority, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	note_line(priority, format, ap);
	va_end(ap);
}

/* What the compiler makes of it with _FORTIFY_SOURCE. */
void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list ap;

	(void)flag;
	va_start(ap, format);
	note_line(priority, format, ap);
	va_end(ap);
}

/* clang-format off */
static const struct {
	const char *set;
	bool by_postlog;
} LOG[] = {
	{ "", false },
	{ "syslog_facility = mail\nmaillog_file =\n", false },
	{ "maillog_file = /var/log/mail.log\n", true },
	{ "syslog_facility = local3\n", true },
};
/* clang-format on */

START_TEST(the_log_is_where_postfix_logs)
{
	set("%s", LOG[_i].set);
	read_it();
	put_program("postlog", "#!/bin/sh\ncat >\"${0%/*}/said\"\n");
	logged[0] = 0;
	must(postfix_log(&s, NULL, "pf/tag", POSTFIX_WARN, "a %s b\nc\n", &e));
	if (LOG[_i].by_postlog) {
		said("a %s b\nc\n");
		ck_assert_str_eq(logged, "");
	} else {
		ck_assert_str_eq(logged, "<4>warning: a %s b|<4>warning: c|");
		ck_assert_str_eq(opened, "pf/tag 1 16"); /* LOG_PID, mail */
	}
}
END_TEST

START_TEST(syslog_gets_the_words_and_priorities_of_postlog)
{
	static const char *const want[] = { "<6>x|", "<4>warning: x|",
		"<3>error: x|" };

	read_it();
	for (int i = 0; i < 3; i++) {
		logged[0] = 0;
		must(postfix_log(&s, NULL, "t", (enum postfix_log)i, "x\n",
		    &e));
		ck_assert_str_eq(logged, want[i]);
	}
}
END_TEST

static void
postlog_is_meant(void)
{
	text_fmt(s.maillog_file, sizeof(s.maillog_file), "/var/log/mail.log");
}

START_TEST(the_log_gets_the_text_with_tag_and_priority)
{
	static const char *const priority[] = { "info", "warn", "error" };
	char want[900];

	postlog_is_meant();
	put_program("postlog",
	    "#!/bin/sh\n"
	    "{ echo \"$@\"; cat; } >\"${0%/*}/said\"\n");
	for (int i = 0; i < 3; i++) {
		must(postfix_log(&s, i == 0 ? NULL : "/else/where", "pf/tag",
		    (enum postfix_log)i, "one\ntwo $x\n", &e));
		snprintf(want, sizeof(want),
		    "-c %s -t pf/tag -p %s\none\ntwo $x\n",
		    i == 0 ? top : "/else/where", priority[i]);
		said(want);
	}
}
END_TEST

START_TEST(a_log_that_fails_says_why)
{
	postlog_is_meant();
	put_program("postlog", "#!/bin/sh\necho no log >&2\nexit 1\n");
	ck_assert_int_eq(postfix_log(&s, NULL, "t", POSTFIX_INFO, "x\n", &e),
	    -1);
	says("postlog: no log");
	unlink(in_top("postlog"));
	ck_assert_int_eq(postfix_log(&s, NULL, "t", POSTFIX_INFO, "x\n", &e),
	    -1);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, nothing_is_set_by_default);
	tcase_add_test(t,
	    each_setting_is_told_as_it_stands_with_dollars_filled_in);
	tcase_add_test(t, both_pairs_are_read);
	tcase_add_test(t, a_key_may_stand_in_the_file_of_the_certificate);
	tcase_add_test(t, a_key_is_read_through_a_link);
	tcase_add_test(t, a_relative_name_is_looked_for_in_the_queue_directory);
	tcase_add_test(t, the_last_of_several_entries_counts);
	tcase_add_loop_test(t, what_names_no_key_is_not_set, 0, COUNT(UNSET));
	tcase_add_test(t, a_key_without_a_certificate_is_told_as_not_presented);
	tcase_add_loop_test(t, a_key_that_cannot_be_read_is_told, 0,
	    COUNT(UNREADABLE));
	tcase_add_test(t, keys_are_found_in_chain_files_and_nowhere_else);
	tcase_add_test(t,
	    a_chain_file_may_hold_key_and_certificate_of_both_algorithms);
	tcase_add_test(t, names_in_chain_files_may_be_relative);
	tcase_add_test(t, the_last_key_of_chain_files_may_lack_its_certificate);
	tcase_add_loop_test(t, a_chain_file_that_cannot_be_read_is_told, 0,
	    COUNT(BAD_CHAIN));
	tcase_add_test(t, no_more_keys_are_told_than_there_is_room_for);
	tcase_add_test(t, a_list_of_files_is_split_at_blanks_and_commas);
	tcase_add_loop_test(t, a_file_name_that_is_too_long_is_an_error, 0, 3);
	tcase_add_test(t, no_instance_is_an_error_of_the_config);
	tcase_add_test(t, a_postconf_that_fails_is_told_in_its_last_words);
	tcase_add_test(t, without_postconf_there_is_no_postfix);
	tcase_add_test(t, a_value_that_is_not_told_or_too_long_is_an_error);
	tcase_add_test(t, a_list_of_instances_may_be_longer_than_is_told);
	tcase_add_test(t,
	    the_postconf_of_the_instance_is_used_when_it_is_there);
	tcase_add_test(t, a_name_alone_asks_nobody);
	tcase_add_loop_test(t,
	    who_asks_after_a_change_waits_until_postfix_waits_no_more, 0,
	    COUNT(YOUNG));
	tcase_add_test(t, where_there_is_no_main_cf_nobody_waits);
	tcase_add_test(t, set_is_what_has_a_value_in_main_cf);
	tcase_add_test(t, one_call_tells_the_values_and_what_is_set);
	tcase_add_test(t,
	    an_expression_that_yields_nothing_is_set_all_the_same);
	tcase_add_test(t, a_set_that_is_not_told_is_an_error);
	tcase_add_loop_test(t, only_a_whole_word_is_listed, 0, COUNT(LISTED));
	tcase_add_test(t, the_instance_and_no_other_is_reloaded);
	tcase_add_test(t, a_reload_that_fails_says_why);
	tcase_add_loop_test(t, the_log_is_where_postfix_logs, 0, COUNT(LOG));
	tcase_add_test(t, syslog_gets_the_words_and_priorities_of_postlog);
	tcase_add_test(t, the_log_gets_the_text_with_tag_and_priority);
	tcase_add_test(t, a_log_that_fails_says_why);
}

int
main(void)
{
	return kit_run("postfix", add_tests);
}
