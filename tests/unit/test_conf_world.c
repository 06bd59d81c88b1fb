/*
 * test_conf_world.c - what the config names is there, and a TSIG key is one
 * that nobody else can read.
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "edge/conf_read.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static char top[256], path[300], instance[300], main_cf[320], other[300];
static struct conf c;
static struct err e;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/world.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/f", top);
	snprintf(other, sizeof(other), "%s/other", top);
	snprintf(instance, sizeof(instance), "%s/postfix", top);
	snprintf(main_cf, sizeof(main_cf), "%s/main.cf", instance);
	memset(&c, 0, sizeof(c));
}

static void
teardown(void)
{
	conf_release(&c);
	unlink(main_cf);
	rmdir(instance);
	unlink(path);
	unlink(other);
	ck_assert_int_eq(rmdir(top), 0);
}

static void
put(const char *file, const char *text, mode_t mode)
{
	struct err why;

	ck_assert_msg(file_replace(file, text, strlen(text), mode, (uid_t)-1,
			  (gid_t)-1, &why) == 0,
	    "%s", why.text);
}

#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

#define SECRET "MDEyMzQ1Njc4OWFiY2RlZg==" /* 16 bytes */

static const struct {
	const char *text, *name, *algorithm;
} GOOD[] = {
	{ "key \"danesafe\" {\n\talgorithm hmac-sha256;\n\tsecret \"" SECRET
	  "\";\n};\n",
	    "danesafe.", "hmac-sha256." },
	{ "key Update.Example.ORG. { secret " SECRET
	  "; algorithm HMAC-SHA512; };",
	    "update.example.org.", "hmac-sha512." },
	{ "# a\n// b\n/* c\n */ key k_1-x { /**/ algorithm \"hmac-sha256\" ;\n"
	  "secret " SECRET "; # d\n}\n;\n// e",
	    "k_1-x.", "hmac-sha256." },
	{ "key k{algorithm hmac-sha256;secret " SECRET ";};", "k.",
	    "hmac-sha256." },
	{ "key k {\r\n algorithm hmac-sha256;\r\n secret " SECRET ";\r\n};\r\n",
	    "k.", "hmac-sha256." },
};

START_TEST(a_key_file_of_bind_is_read)
{
	struct tsig_key k;

	put(path, GOOD[_i].text, 0600);
	ck_assert_msg(conf_tsig(path, &k, &e) == 0, "%s", e.text);
	ck_assert_str_eq(k.name, GOOD[_i].name);
	ck_assert_str_eq(k.algorithm, GOOD[_i].algorithm);
	ck_assert_str_eq(k.secret, SECRET);
}
END_TEST

#define LABEL_16 "abcdefghijklmnop"
#define LABEL_64 LABEL_16 LABEL_16 LABEL_16 LABEL_16
#define FIELDS "algorithm hmac-sha256;\nsecret " SECRET ";\n"

static const struct {
	const char *text;
	int line;
	const char *words;
} BAD[] = {
	{ "", 1, "no key file" },
	{ "\n\n# nothing\n", 4, "no key file" },
	{ "danesafe:hmac-sha256:" SECRET "\n", 1, "no key file" },
	{ "\nkeys k {\n" FIELDS "};\n", 2, "no key file" },
	{ "key\n", 2, "name of the key is missing" },
	{ "key { " FIELDS "};", 1, "no domain name" },
	{ "key \"\" { " FIELDS "};", 1, "name of the key is missing" },
	{ "key \"a b\" { " FIELDS "};", 1, "no domain name" },
	{ "key a..b { " FIELDS "};", 1, "no domain name" },
	{ "key .a { " FIELDS "};", 1, "no domain name" },
	/* A label of 64 letters: libldns would never sign with it. */
	{ "key a." LABEL_64 " { " FIELDS "};", 1, "no domain name" },
	{ "key \"k { " FIELDS "};", 1, "name of the key is missing" },
	{ "key k\n" FIELDS "};\n", 1, "'{' is missing" },
	{ "key k {\nalgorithm hmac-md5;\nsecret " SECRET ";\n};\n", 2,
	    "hmac-sha256 or hmac-sha512" },
	{ "key k {\nalgorithm hmac-sha1;\n};\n", 2, "hmac-sha256 or" },
	{ "key k {\nalgorithm ;\n};\n", 2, "hmac-sha256 or" },
	{ "key k {\nalgorithm hmac-sha256\nsecret " SECRET ";\n};\n", 2,
	    "';' is missing" },
	{ "key k {\nalgorithm hmac-sha256;\nsecret " SECRET "\n};\n", 3,
	    "';' is missing" },
	{ "key k {\nalgorithm hmac-sha256;\nsecret \"\";\n};\n", 3,
	    "16 to 128 bytes" },
	{ "key k {\nalgorithm hmac-sha256;\nsecret \"MDEyMzQ1Njc4OWFiY2Rl\";\n"
	  "};\n",
	    3, "16 to 128 bytes" }, /* 15 */
	{ "key k {\nalgorithm hmac-sha256;\nsecret \"MDEyMzQ1Njc4OWFiY2RlZg\""
	  ";\n};\n",
	    3, "base64" },
	{ "key k {\nalgorithm hmac-sha256;\nsecret \"MDEyMzQ1!jc4OWFiY2RlZg=="
	  "\";\n};\n",
	    3, "base64" },
	{ "key k {\nalgorithm hmac-sha256;\nsecret \"" SECRET ";\n};\n", 3,
	    "base64" },
	{ "key k {\nalgorithm hmac-sha256;\nsecret \"" SECRET SECRET "\";\n"
	  "};\n",
	    3, "base64" },
	{ "key k {\n" FIELDS "secret " SECRET ";\n};\n", 4, "a second secret" },
	{ "key k {\n" FIELDS "algorithm hmac-sha256;\n};\n", 4,
	    "a second algorithm" },
	{ "key k {\nalgorithm hmac-sha256;\n};\n", 3, "secret is missing" },
	{ "key k {\nsecret " SECRET ";\n};\n", 3, "algorithm is missing" },
	{ "key k {\n" FIELDS "class IN;\n};\n", 4, "expected here" },
	{ "key k {\n" FIELDS, 4, "'}' is missing" },
	{ "key k {\n" FIELDS "}\n", 4, "';' is missing" },
	{ "key k {\n" FIELDS "};\nkey l {\n" FIELDS "};\n", 5, "one key" },
	{ "key k {\n" FIELDS "};\n\"\n", 5, "one key" },
};

START_TEST(a_mistake_in_a_key_file_is_told_with_its_line)
{
	char where[400];
	struct tsig_key k;

	memset(&k, 'x', sizeof(k));
	put(path, BAD[_i].text, 0600);
	ck_assert_msg(conf_tsig(path, &k, &e) == -1, "%s", BAD[_i].text);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	snprintf(where, sizeof(where), "%s:%d: ", path, BAD[_i].line);
	ck_assert_msg(strncmp(e.text, where, strlen(where)) == 0 &&
		strstr(e.text, BAD[_i].words) != NULL,
	    "%s\n-> line %d, '%s', but:\n%s", BAD[_i].text, BAD[_i].line,
	    BAD[_i].words, e.text);
	ck_assert_ptr_null(strstr(e.text, "MDEy"));
	ck_assert_int_eq(k.secret[0], 'x'); /* nothing was written */
}
END_TEST

START_TEST(a_secret_has_at_most_128_bytes)
{
	char text[1000], secret[200];
	struct tsig_key k;

	for (int n = 128; n <= 129; n++) {
		memset(secret, 'A', sizeof(secret));
		snprintf(secret + (n == 128 ? 171 : 172), 2, "%s",
		    n == 128 ? "=" : "");
		snprintf(text, sizeof(text),
		    "key k { algorithm hmac-sha256; "
		    "secret \"%s\"; };",
		    secret);
		put(path, text, 0600);
		ck_assert_msg(conf_tsig(path, &k, &e) == (n == 128 ? 0 : -1),
		    "%d: %s", n, e.text);
	}
}
END_TEST

START_TEST(a_key_file_that_others_can_read_is_refused)
{
	static const struct {
		mode_t mode;
		bool good;
	} rows[] = { { 0600, true }, { 0400, true }, { 0640, true },
		{ 0644, false }, { 0604, false }, { 0602, false },
		{ 0601, false }, { 0660, false } };
	struct tsig_key k;

	for (int i = 0; i < COUNT(rows); i++) {
		put(path, GOOD[0].text, rows[i].mode);
		ck_assert_msg(conf_tsig(path, &k, &e) ==
			(rows[i].good ? 0 : -1),
		    "%04o", (unsigned)rows[i].mode);
		if (!rows[i].good)
			ck_assert_int_eq(e.kind, ERR_CONFIG);
	}
}
END_TEST

START_TEST(a_key_file_is_a_file)
{
	struct tsig_key k;

	ck_assert_int_eq(conf_tsig(path, &k, &e), -1);
	says("No such file");
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	ck_assert_int_eq(conf_tsig(top, &k, &e), -1);
	says("a folder");
	put(other, GOOD[0].text, 0600);
	ck_assert_int_eq(symlink(other, path), 0);
	ck_assert_int_eq(conf_tsig(path, &k, &e), -1);
	says("symbolic link");
	ck_assert_int_eq(conf_tsig(other, &k, &e), 0);
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chown(other, 65534, 65534), 0);
	ck_assert_int_eq(conf_tsig(other, &k, &e), -1);
	says("belongs to user 65534");
}
END_TEST

/* --- the rest of the world --- */

static int reads_and_checks(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

static int
reads_and_checks(const char *fmt, ...)
{
	char text[3000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conf_release(&c);
	put(path, text, 0644);
	ck_assert_msg(conf_read(path, &c, &e) == 0, "%s", e.text);
	return conf_check_world(&c, &e);
}

#define RESOLVER "resolver: 127.0.0.1\n"
#define ONE RESOLVER "hosts: { mx1.example.org: { config-dir: %s } }\n"

START_TEST(a_postfix_instance_has_a_main_cf)
{
	ck_assert_int_eq(reads_and_checks(ONE, instance), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("f:2: mx1.example.org: config-dir");
	says("No such file");
	ck_assert_int_eq(mkdir(instance, 0755), 0);
	ck_assert_int_eq(reads_and_checks(ONE, instance), -1);
	says("f:2: mx1.example.org");
	says("postfix/main.cf: No such file");
	put(main_cf, "", 0644);
	ck_assert_msg(reads_and_checks(ONE, instance) == 0, "%s", e.text);
}
END_TEST

START_TEST(a_folder_by_another_name_is_the_same_folder)
{
	ck_assert_int_eq(mkdir(instance, 0755), 0);
	put(main_cf, "", 0644);
	ck_assert_int_eq(symlink(instance, other), 0);
	ck_assert_int_eq(reads_and_checks(RESOLVER
			     "hosts:\n  mx1.example.org: { config-dir: %s }\n"
			     "  mx2.example.org: { config-dir: %s }\n",
			     instance, other),
	    -1);
	says("f:4: mx1.example.org and mx2.example.org would both write");
}
END_TEST

START_TEST(the_key_of_a_publisher_is_looked_at)
{
	static const char text[] = RESOLVER
	    "publishers:\n  zone:\n    method: nsupdate\n    server: "
	    "127.0.0.1\n"
	    "    tsig-key: %s\nhosts: { mx1.example.org: { config-dir: %s } "
	    "}\n";

	ck_assert_int_eq(mkdir(instance, 0755), 0);
	put(main_cf, "", 0644);
	ck_assert_int_eq(reads_and_checks(text, other, instance), -1);
	says("f:3: publisher 'zone': ");
	says("other: No such file");
	put(other, "key k { };", 0600);
	ck_assert_int_eq(reads_and_checks(text, other, instance), -1);
	says("f:3: publisher 'zone': ");
	says("other:1: the algorithm is missing");
	put(other, GOOD[0].text, 0600);
	ck_assert_msg(reads_and_checks(text, other, instance) == 0, "%s",
	    e.text);
}
END_TEST

START_TEST(a_program_is_there_and_nobody_elses_to_change)
{
	c.path = mem_dup("x.yaml");
	c.sendmail = mem_dup("/nonexistent/sendmail");
	ck_assert_int_eq(conf_check_programs(&c, &e), 0); /* no mail is sent */
	c.command = mem_array(2, sizeof(*c.command));
	c.command[0] = mem_dup(path);
	c.n_command = 1;
	ck_assert_int_eq(conf_check_programs(&c, &e), -1);
	says("command: ");
	says("No such file");
	put(path, "#!/bin/sh\n", 0644);
	ck_assert_int_eq(conf_check_programs(&c, &e), -1);
	says("no program");
	ck_assert_int_eq(chmod(path, 0775), 0);
	ck_assert_int_eq(conf_check_programs(&c, &e), -1);
	says("others may change it");
	ck_assert_int_eq(chmod(path, 0755), 0);
	ck_assert_int_eq(conf_check_programs(&c, &e), 0);
	c.mail_to = mem_array(1, sizeof(*c.mail_to));
	c.mail_to[0] = mem_dup("root");
	c.n_mail_to = 1;
	ck_assert_int_eq(conf_check_programs(&c, &e), -1);
	says("sendmail: /nonexistent/sendmail: No such file");
}
END_TEST

START_TEST(every_mistake_of_the_world_is_told)
{
	const char *nl;

	ck_assert_int_eq(reads_and_checks(RESOLVER
			     "hosts:\n  a.example.org: { config-dir: %s/x }\n"
			     "  b.example.org: { config-dir: %s/y }\n",
			     top, top),
	    -1);
	says("f:3: a.example.org");
	nl = strchr(e.text, '\n');
	ck_assert_ptr_nonnull(nl);
	ck_assert_ptr_null(strchr(nl + 1, '\n'));
	says("f:4: b.example.org");
}
END_TEST

START_TEST(a_resolver_that_is_set_is_kept)
{
	char buf[ADDR_TEXT];

	ck_assert_int_eq(mkdir(instance, 0755), 0);
	put(main_cf, "", 0644);
	ck_assert_int_eq(
	    reads_and_checks("resolver: 192.0.2.53\nhosts: { "
			     "mx1.example.org: { config-dir: %s } }\n",
		instance),
	    0);
	ck_assert_str_eq(addr_str(&c.resolver, buf), "192.0.2.53:53");
}
END_TEST

START_TEST(the_resolver_of_the_system_is_taken_when_it_is_here)
{
	static const struct {
		const char *text, *resolver;
	} rows[] = {
		{ "nameserver 127.0.0.1\n", "127.0.0.1:53" },
		{ "nameserver 127.0.0.53", "127.0.0.53:53" },
		{ "# x\nsearch example.org\nnameserver\t::1 \nnameserver "
		  "192.0.2.1\n",
		    "[::1]:53" },
		{ "nameserver 127.0.0.1 # here\r\n", "127.0.0.1:53" },
		{ "nameserver 192.0.2.1\nnameserver 127.0.0.1\n", NULL },
		{ "nameserver bogus\nnameserver 127.0.0.1\n", NULL },
		{ "nameserver\nnameserver 127.0.0.1\n", "127.0.0.1:53" },
		{ "#nameserver 127.0.0.1\n", NULL },
		{ "nameservers 127.0.0.1\n", NULL },
		{ "", NULL },
	};
	char buf[ADDR_TEXT];
	struct addr a;

	ck_assert(!conf_system_resolver(path, &a));
	ck_assert_int_eq(symlink(other, path), 0); /* as systemd does */
	for (int i = 0; i < COUNT(rows); i++) {
		put(other, rows[i].text, 0644);
		ck_assert_msg(conf_system_resolver(path, &a) ==
			(rows[i].resolver != NULL),
		    "%s", rows[i].text);
		if (rows[i].resolver != NULL)
			ck_assert_str_eq(addr_str(&a, buf), rows[i].resolver);
	}
}
END_TEST

/* Whatever the system's is: no third way between taken and told. */
START_TEST(a_resolver_that_is_not_set_is_found_or_told)
{
	ck_assert_int_eq(mkdir(instance, 0755), 0);
	put(main_cf, "", 0644);
	if (reads_and_checks("hosts: { mx1.example.org: { config-dir: %s } }\n",
		instance) == 0)
		ck_assert(addr_is_loopback(&c.resolver));
	else
		says("resolver: 127.0.0.1");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("conf_world");
	TCase *t = tcase_create("conf_world");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_key_file_of_bind_is_read, 0, COUNT(GOOD));
	tcase_add_loop_test(t, a_mistake_in_a_key_file_is_told_with_its_line, 0,
	    COUNT(BAD));
	tcase_add_test(t, a_secret_has_at_most_128_bytes);
	tcase_add_test(t, a_key_file_that_others_can_read_is_refused);
	tcase_add_test(t, a_key_file_is_a_file);
	tcase_add_test(t, a_postfix_instance_has_a_main_cf);
	tcase_add_test(t, a_folder_by_another_name_is_the_same_folder);
	tcase_add_test(t, the_key_of_a_publisher_is_looked_at);
	tcase_add_test(t, a_program_is_there_and_nobody_elses_to_change);
	tcase_add_test(t, every_mistake_of_the_world_is_told);
	tcase_add_test(t, a_resolver_that_is_set_is_kept);
	tcase_add_test(t, the_resolver_of_the_system_is_taken_when_it_is_here);
	tcase_add_test(t, a_resolver_that_is_not_set_is_found_or_told);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}
