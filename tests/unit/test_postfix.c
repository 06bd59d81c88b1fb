/*
 * test_postfix.c - Postfix's own postconf says what is set, and nothing is
 * switched that does not fit.  In a private copy of a configuration; needs
 * postconf and root (exit 77 without).
 */
#include <check.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/cert.h"
#include "edge/postfix.h"

#ifndef DANESAFE_POSTCONF
#define DANESAFE_POSTCONF "/usr/sbin/postconf"
#endif

#define NOW ((time_t)1780000000)
#define MAIN "compatibility_level = 3.6\nmyhostname = mx.example.org\n"

enum { RSA_ONE, EC_ONE, EC_TWO, N_MADE };

static char top[200], main_cf[256];
static char key[N_MADE][256], cert[N_MADE][256];
static struct key_info info[N_MADE];
static struct postfix_state s;
static struct err e;

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)
#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

/* Made once: the tests do not change them. */
static char made[200];

static void
make_files(void)
{
	static const enum kind kind[N_MADE] = { KIND_RSA_2048, KIND_ECDSA_P256,
		KIND_ECDSA_P256 };
	static const char *const name = "mx.example.org";
	const char *tmp = getenv("TMPDIR");

	snprintf(made, sizeof(made), "%s/pfkeys.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(made));
	for (int i = 0; i < N_MADE; i++) {
		struct private_key *k = NULL;

		snprintf(key[i], sizeof(key[i]), "%s/key %d.pem", made, i);
		snprintf(cert[i], sizeof(cert[i]), "%s/cert-%d.pem", made, i);
		must(key_make(key_spec_of(kind[i]), &k, &info[i], &e));
		must(key_save(k, key[i], &e));
		must(cert_make(k, &name, 1, NOW, cert[i], &e));
		private_key_free(k);
	}
}

static void
remove_files(void)
{
	for (int i = 0; i < N_MADE; i++) {
		unlink(key[i]);
		unlink(cert[i]);
	}
	ck_assert_int_eq(rmdir(made), 0);
}

/* Old enough: Postfix waits for a young main.cf to cool down. */
static void
age(void)
{
	const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };

	ck_assert_int_eq(utimensat(AT_FDCWD, main_cf, old, 0), 0);
}

static void
put_main(const char *more)
{
	char *all = mem_fmt("%s%s", MAIN, more);

	must(file_replace(main_cf, all, strlen(all), 0644, 0, 0, &e));
	free(all);
	age();
}

static char *
get_main(void)
{
	size_t len;
	char *text = file_read(main_cf, 1 << 20, &len, &e);

	ck_assert_msg(text != NULL, "%s", e.text);
	return text;
}

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/pf.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(main_cf, sizeof(main_cf), "%s/main.cf", top);
	put_main("");
	memset(&s, 0, sizeof(s));
	e.text[0] = 0;
}

static const char *
in_top(const char *name)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static void
teardown(void)
{
	static const char *const left[] = { "main.cf", "main.cf.tmp", "real.cf",
		"both.pem", "postfix", "said", "other.pem" };

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		unlink(in_top(left[i]));
	ck_assert_int_eq(rmdir(top), 0); /* nothing else is left */
}

static void set(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void
set(const char *fmt, ...)
{
	struct text t = TEXT_INIT;
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&t, fmt, ap);
	va_end(ap);
	put_main(text_str(&t));
	text_release(&t);
}

static void
read_it(void)
{
	must(postfix_read(top, &s, &e));
}

static void
pair_is(int i, const char *k, const char *c, const struct key_info *is)
{
	ck_assert(s.pair[i].set);
	ck_assert_str_eq(s.pair[i].key_file, k);
	ck_assert_str_eq(s.pair[i].cert_file, c);
	ck_assert_msg(s.pair[i].readable, "%s", s.pair[i].why);
	ck_assert(spki_eq(&s.pair[i].info.id, &is->id));
	ck_assert_int_eq(s.pair[i].info.slot, is->slot);
}

/* ---- read ---- */

START_TEST(nothing_is_set_by_default)
{
	read_it();
	ck_assert_str_eq(s.config_dir, top);
	ck_assert_str_eq(s.myhostname, "mx.example.org");
	ck_assert_str_eq(s.security_level, "");
	ck_assert_int_eq(s.command_dir[0], '/');
	ck_assert_str_eq(s.main_cf_why, "");
	ck_assert(!s.pair[0].set && !s.pair[1].set && !s.chain_files);
}
END_TEST

START_TEST(both_pairs_are_read)
{
	set("smtpd_tls_security_level = may\n"
	    "smtpd_tls_cert_file = %s\nsmtpd_tls_key_file =   %s  \n"
	    "smtpd_tls_eccert_file=%s\nsmtpd_tls_eckey_file\t= %s\n",
	    cert[RSA_ONE], key[RSA_ONE], cert[EC_ONE], key[EC_ONE]);
	read_it();
	pair_is(0, key[RSA_ONE], cert[RSA_ONE], &info[RSA_ONE]);
	pair_is(1, key[EC_ONE], cert[EC_ONE], &info[EC_ONE]);
	ck_assert_str_eq(s.security_level, "may");
}
END_TEST

START_TEST(a_key_may_stand_in_the_file_of_the_certificate)
{
	struct text t = TEXT_INIT;
	size_t len;
	char *pem;

	pem = file_read(key[EC_ONE], 1 << 20, &len, &e);
	text_add(&t, pem);
	free(pem);
	pem = file_read(cert[EC_ONE], 1 << 20, &len, &e);
	text_add(&t, pem);
	free(pem);
	must(file_create(in_top("both.pem"), t.s, t.len, 0600, (uid_t)-1,
	    (gid_t)-1, &e));
	text_release(&t);
	set("smtpd_tls_cert_file = ${config_directory}/both.pem\n");
	read_it();
	pair_is(0, in_top("both.pem"), in_top("both.pem"), &info[EC_ONE]);
}
END_TEST

START_TEST(a_key_is_read_through_a_link)
{
	ck_assert_int_eq(symlink(key[RSA_ONE], in_top("other.pem")), 0);
	set("smtpd_tls_cert_file = %s\n"
	    "smtpd_tls_key_file = $config_directory/other.pem\n",
	    cert[RSA_ONE]);
	read_it();
	pair_is(0, in_top("other.pem"), cert[RSA_ONE], &info[RSA_ONE]);
}
END_TEST

START_TEST(the_last_of_several_entries_counts)
{
	set("smtpd_tls_cert_file = /nowhere\nsmtpd_tls_cert_file = %s\n"
	    "smtpd_tls_key_file = \n    %s\n",
	    cert[RSA_ONE], key[RSA_ONE]);
	read_it();
	pair_is(0, key[RSA_ONE], cert[RSA_ONE], &info[RSA_ONE]);
}
END_TEST

/* clang-format off */
static const char *const UNSET[] = {
	"smtpd_tls_cert_file = none\n",
	"smtpd_tls_cert_file = None\nsmtpd_tls_key_file = /nowhere/k.pem\n",
	"smtpd_tls_cert_file =\n",
	"smtpd_tls_key_file = /nowhere/k.pem\n",
	"smtpd_tls_cert_file = /nowhere/c.pem\nsmtpd_tls_key_file = none\n",
};
/* clang-format on */

START_TEST(what_postfix_does_not_load_is_not_set)
{
	put_main(UNSET[_i]);
	read_it();
	ck_assert(!s.pair[0].set && !s.pair[1].set);
}
END_TEST

/* clang-format off */
static const struct {
	const char *value, *why;
} UNREADABLE[] = {
	{ "/nowhere/c.pem", "No such file" },
	{ "certs/c.pem", "relative name" },
	{ "/", "a folder" },
	{ "$config_directory/main.cf", "not a PEM file" },
	{ "$config_directory/other.pem", "neither an RSA nor an EC key" },
};
/* clang-format on */

START_TEST(a_key_that_cannot_be_read_is_told)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *f = fopen(in_top("other.pem"), "w");

	PEM_write_PKCS8PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	EVP_PKEY_free(pkey);
	set("smtpd_tls_eccert_file = %s\n", UNREADABLE[_i].value);
	read_it();
	ck_assert(s.pair[1].set && !s.pair[1].readable);
	ck_assert_msg(strstr(s.pair[1].why, UNREADABLE[_i].why) != NULL, "%s",
	    s.pair[1].why);
	ck_assert_msg(strstr(s.pair[1].why, "smtpd_tls_eckey_file") != NULL,
	    "%s", s.pair[1].why);
}
END_TEST

START_TEST(chain_files_are_seen)
{
	set("smtpd_tls_chain_files = %s, %s\n", key[RSA_ONE], cert[RSA_ONE]);
	read_it();
	ck_assert(s.chain_files);
}
END_TEST

START_TEST(no_instance_is_an_error_of_the_config)
{
	ck_assert_int_eq(postfix_read("/nowhere", &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("/nowhere/main.cf: No such file or directory");
	ck_assert_int_eq(postfix_read("etc/postfix", &s, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("not an absolute path");
}
END_TEST

/* ---- may main.cf be edited? ---- */

static void
not_editable(const char *words)
{
	char *before = get_main(), *after;

	read_it();
	ck_assert_msg(strstr(s.main_cf_why, words) != NULL, "%s",
	    s.main_cf_why);
	ck_assert_int_eq(postfix_deploy(&s, SLOT_RSA, cert[RSA_ONE],
			     key[RSA_ONE], &e),
	    -1);
	ck_assert_int_eq(e.kind, ERR_REFUSED);
	says(words);
	says("set by hand smtpd_tls_cert_file = ");
	says(key[RSA_ONE]);
	after = get_main();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}

START_TEST(another_owner_or_mode_would_be_lost)
{
	if (_i == 0)
		ck_assert_int_eq(chmod(main_cf, 0640), 0);
	else if (_i == 1)
		ck_assert_int_eq(chown(main_cf, 0, 65534), 0);
	else
		ck_assert_int_eq(chown(main_cf, 65534, 0), 0);
	not_editable("owner or mode");
}
END_TEST

START_TEST(a_missing_line_end_would_glue_two_settings)
{
	put_main("biff = no");
	not_editable("has no end");
}
END_TEST

START_TEST(a_link_would_be_replaced)
{
	struct stat st;

	ck_assert_int_eq(rename(main_cf, in_top("real.cf")), 0);
	ck_assert_int_eq(symlink("real.cf", main_cf), 0);
	read_it();
	ck_assert_ptr_nonnull(strstr(s.main_cf_why, "symbolic link"));
	ck_assert_int_eq(postfix_deploy(&s, SLOT_RSA, cert[RSA_ONE],
			     key[RSA_ONE], &e),
	    -1);
	ck_assert_int_eq(lstat(main_cf, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
}
END_TEST

/* It was good when the pass began. */
START_TEST(main_cf_is_looked_at_again_before_it_is_edited)
{
	read_it();
	ck_assert_str_eq(s.main_cf_why, "");
	ck_assert_int_eq(chmod(main_cf, 0600), 0);
	ck_assert_int_eq(postfix_deploy(&s, SLOT_RSA, cert[RSA_ONE],
			     key[RSA_ONE], &e),
	    -1);
	says("owner or mode");
}
END_TEST

/* ---- which pair? ---- */

enum { NONE, AN_RSA, AN_EC, UNKNOWN };

/* clang-format off */
static const struct {
	int pair[2];
	enum slot slot;
	int want; /* -1: refused */
} PAIRS[] = {
	{ { NONE, NONE },       SLOT_RSA,   0 },
	{ { NONE, NONE },       SLOT_ECDSA, 1 },
	{ { NONE, NONE },       SLOT_OTHER, -1 },
	{ { AN_RSA, NONE },     SLOT_RSA,   0 },
	{ { AN_RSA, NONE },     SLOT_ECDSA, 1 },
	{ { AN_EC, NONE },      SLOT_ECDSA, 0 },
	{ { AN_EC, NONE },      SLOT_RSA,   -1 },
	{ { NONE, AN_RSA },     SLOT_RSA,   1 },
	{ { NONE, AN_RSA },     SLOT_ECDSA, -1 },
	{ { AN_EC, AN_RSA },    SLOT_RSA,   1 },
	{ { AN_EC, AN_RSA },    SLOT_ECDSA, 0 },
	{ { AN_RSA, AN_RSA },   SLOT_RSA,   -1 },
	{ { AN_EC, AN_EC },     SLOT_ECDSA, -1 },
	{ { UNKNOWN, NONE },    SLOT_RSA,   -1 },
	{ { UNKNOWN, NONE },    SLOT_ECDSA, -1 },
	{ { UNKNOWN, AN_EC },   SLOT_ECDSA, 1 },
	{ { AN_RSA, UNKNOWN },  SLOT_ECDSA, -1 },
};
/* clang-format on */
#define N_PAIRS ((int)(sizeof(PAIRS) / sizeof(PAIRS[0])))

START_TEST(the_pair_is_that_of_the_slot_or_unclear)
{
	int got = -2, rc;

	for (int i = 0; i < 2; i++) {
		int what = PAIRS[_i].pair[i];

		s.pair[i].set = what != NONE;
		s.pair[i].readable = what == AN_RSA || what == AN_EC;
		s.pair[i].info.slot = what == AN_EC ? SLOT_ECDSA : SLOT_RSA;
		strcpy(s.pair[i].why, "why");
	}
	rc = postfix_pair_for(&s, PAIRS[_i].slot, &got, &e);
	ck_assert_int_eq(rc, PAIRS[_i].want < 0 ? -1 : 0);
	ck_assert_int_eq(got, PAIRS[_i].want < 0 ? -2 : PAIRS[_i].want);
	if (rc < 0)
		ck_assert_int_eq(e.kind, ERR_REFUSED);
}
END_TEST

/* ---- switched ---- */

START_TEST(a_key_of_a_slot_takes_the_place_of_the_old_one)
{
	char *text;

	set("# ours\nsmtpd_tls_eccert_file = %s\n# between\n"
	    "smtpd_tls_eckey_file = %s\nsmtpd_tls_cert_file = %s\n"
	    "smtpd_tls_key_file = %s\nrelayhost = $myhostname\n",
	    cert[EC_ONE], key[EC_ONE], cert[RSA_ONE], key[RSA_ONE]);
	read_it();
	must(postfix_deploy(&s, SLOT_ECDSA, cert[EC_TWO], key[EC_TWO], &e));
	text = get_main();
	ck_assert_ptr_nonnull(strstr(text, "# ours\n"));
	ck_assert_ptr_nonnull(strstr(text, "# between\n"));
	ck_assert_ptr_nonnull(strstr(text, "relayhost = $myhostname\n"));
	free(text);
	age();
	read_it();
	pair_is(0, key[RSA_ONE], cert[RSA_ONE], &info[RSA_ONE]);
	pair_is(1, key[EC_TWO], cert[EC_TWO], &info[EC_TWO]);
	ck_assert_str_eq(s.main_cf_why, "");
}
END_TEST

START_TEST(a_first_key_goes_into_its_usual_pair)
{
	read_it();
	must(postfix_deploy(&s, SLOT_RSA, cert[RSA_ONE], key[RSA_ONE], &e));
	age();
	read_it();
	pair_is(0, key[RSA_ONE], cert[RSA_ONE], &info[RSA_ONE]);
	ck_assert(!s.pair[1].set);
	/* Once more is no harm. */
	must(postfix_deploy(&s, SLOT_RSA, cert[RSA_ONE], key[RSA_ONE], &e));
}
END_TEST

START_TEST(a_key_beside_the_certificate_parameter_is_kept_apart)
{
	set("smtpd_tls_cert_file = %s\nsmtpd_tls_key_file = "
	    "$smtpd_tls_cert_file\n",
	    key[EC_ONE]);
	read_it();
	must(postfix_deploy(&s, SLOT_ECDSA, cert[EC_TWO], key[EC_TWO], &e));
	age();
	read_it();
	pair_is(0, key[EC_TWO], cert[EC_TWO], &info[EC_TWO]);
}
END_TEST

static void
not_switched(enum slot slot, const char *c, const char *k, const char *words)
{
	char *before = get_main(), *after;

	e.text[0] = 0;
	ck_assert_int_eq(postfix_deploy(&s, slot, c, k, &e), -1);
	says(words);
	after = get_main();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}

START_TEST(what_does_not_fit_is_not_switched)
{
	char dollar[300], blank[300];

	read_it();
	not_switched(SLOT_ECDSA, cert[EC_ONE], key[EC_TWO],
	    "does not match key");
	not_switched(SLOT_RSA, cert[EC_ONE], key[EC_ONE], "not an rsa key");
	not_switched(SLOT_RSA, cert[RSA_ONE], "/nowhere/k.pem", "No such file");
	not_switched(SLOT_RSA, "/nowhere/c.pem", key[RSA_ONE], "No such file");
	not_switched(SLOT_RSA, "c.pem", key[RSA_ONE], "not a name");
	not_switched(SLOT_RSA, cert[RSA_ONE], "", "not a name");
	snprintf(dollar, sizeof(dollar), "%s/$myhostname", top);
	not_switched(SLOT_RSA, cert[RSA_ONE], dollar, "not a name");
	snprintf(blank, sizeof(blank), "%s ", cert[RSA_ONE]);
	not_switched(SLOT_RSA, blank, key[RSA_ONE], "not a name");
	not_switched(SLOT_RSA, "/a\nmydestination = evil", key[RSA_ONE],
	    "/a\\x0amydestination");
	s.chain_files = true;
	not_switched(SLOT_RSA, cert[RSA_ONE], key[RSA_ONE],
	    "smtpd_tls_chain_files");
}
END_TEST

START_TEST(a_failure_of_postconf_is_told)
{
	read_it();
	unlink(main_cf);
	ck_assert_int_eq(mkdir(main_cf, 0755), 0);
	ck_assert_int_eq(postfix_deploy(&s, SLOT_RSA, cert[RSA_ONE],
			     key[RSA_ONE], &e),
	    -1);
	rmdir(main_cf);
}
END_TEST

/* ---- reload ---- */

static void
put_postfix(const char *script)
{
	must(file_replace(in_top("postfix"), script, strlen(script), 0755,
	    (uid_t)-1, (gid_t)-1, &e));
	snprintf(s.command_dir, sizeof(s.command_dir), "%s", top);
	snprintf(s.config_dir, sizeof(s.config_dir), "%s", top);
}

START_TEST(the_instance_and_no_other_is_reloaded)
{
	char want[600];
	size_t len;
	char *text;

	put_postfix("#!/bin/sh\necho \"$@\" >\"$2/said\"\n");
	must(postfix_reload(&s, &e));
	text = file_read(in_top("said"), 1000, &len, &e);
	snprintf(want, sizeof(want), "-c %s reload\n", top);
	ck_assert_str_eq(text, want);
	free(text);
}
END_TEST

START_TEST(a_reload_that_fails_says_why)
{
	put_postfix("#!/bin/sh\necho one >&2\n"
		    "printf 'fatal: \\033[1mtwo\\n' >&2\nexit 3\n");
	ck_assert_int_eq(postfix_reload(&s, &e), -1);
	says("postfix reload: fatal: \\x1b[1mtwo");
	put_postfix("#!/bin/sh\nexit 3\n");
	ck_assert_int_eq(postfix_reload(&s, &e), -1);
	says("exit status 3");
	says("mail log");
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, nothing_is_set_by_default);
	tcase_add_test(t, both_pairs_are_read);
	tcase_add_test(t, a_key_may_stand_in_the_file_of_the_certificate);
	tcase_add_test(t, a_key_is_read_through_a_link);
	tcase_add_test(t, the_last_of_several_entries_counts);
	tcase_add_loop_test(t, what_postfix_does_not_load_is_not_set, 0, 5);
	tcase_add_loop_test(t, a_key_that_cannot_be_read_is_told, 0, 5);
	tcase_add_test(t, chain_files_are_seen);
	tcase_add_test(t, no_instance_is_an_error_of_the_config);
	tcase_add_loop_test(t, another_owner_or_mode_would_be_lost, 0, 3);
	tcase_add_test(t, a_missing_line_end_would_glue_two_settings);
	tcase_add_test(t, a_link_would_be_replaced);
	tcase_add_test(t, main_cf_is_looked_at_again_before_it_is_edited);
	tcase_add_loop_test(t, the_pair_is_that_of_the_slot_or_unclear, 0,
	    N_PAIRS);
	tcase_add_test(t, a_key_of_a_slot_takes_the_place_of_the_old_one);
	tcase_add_test(t, a_first_key_goes_into_its_usual_pair);
	tcase_add_test(t, a_key_beside_the_certificate_parameter_is_kept_apart);
	tcase_add_test(t, what_does_not_fit_is_not_switched);
	tcase_add_test(t, a_failure_of_postconf_is_told);
	tcase_add_test(t, the_instance_and_no_other_is_reloaded);
	tcase_add_test(t, a_reload_that_fails_says_why);
}

int
main(void)
{
	Suite *suite;
	TCase *t;
	SRunner *r;
	int failed;

	if (access(DANESAFE_POSTCONF, X_OK) < 0 || geteuid() != 0) {
		printf("test_postfix: skipped: needs %s and root\n",
		    DANESAFE_POSTCONF);
		return 77;
	}
	suite = suite_create("postfix");
	t = tcase_create("postfix");
	r = srunner_create(suite);
	suite_add_tcase(suite, t);
	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, make_files, remove_files);
	tcase_add_checked_fixture(t, setup, teardown);
	add_tests(t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
