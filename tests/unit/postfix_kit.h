/*
 * postfix_kit.h - a private copy of a Postfix configuration and a few keys,
 * for the tests of postfix.h.  They need postconf and root (exit 77 without).
 */
#ifndef TESTS_POSTFIX_KIT_H
#define TESTS_POSTFIX_KIT_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
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

#define KIT_NOW ((time_t)1780000000)
#define MAIN "compatibility_level = 3.6\nmyhostname = mx.example.org\n"
#define COUNT(v) ((int)(sizeof(v) / sizeof((v)[0])))

enum { RSA_ONE, EC_ONE, EC_TWO, N_MADE };

/* top: the instance of one test. */
static char top[200], main_cf[256];
static struct postfix_state s;
static struct err e;

/* made: keys and certificates, which no test changes. */
static char made[200], key[N_MADE][256], cert[N_MADE][256];
static struct key_info info[N_MADE];

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)
#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

static inline void
new_folder(char *buf, size_t size, const char *name)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(buf, size, "%s/%s.XXXXXX", tmp ? tmp : "/tmp", name);
	ck_assert_ptr_nonnull(mkdtemp(buf));
}

static inline void
make_files(void)
{
	static const enum kind kind[N_MADE] = { KIND_RSA_2048, KIND_ECDSA_P256,
		KIND_ECDSA_P256 };
	static const char *const name = "mx.example.org";

	new_folder(made, sizeof(made), "pfkeys");
	for (int i = 0; i < N_MADE; i++) {
		struct private_key *k = NULL;

		snprintf(key[i], sizeof(key[i]), "%s/key-%d.pem", made, i);
		snprintf(cert[i], sizeof(cert[i]), "%s/cert-%d.pem", made, i);
		must(key_make(key_spec_of(kind[i]), &k, &info[i], &e));
		must(key_save(k, key[i], &e));
		must(cert_make(k, &name, 1, KIT_NOW, cert[i], &e));
		private_key_free(k);
	}
}

static inline void
remove_files(void)
{
	for (int i = 0; i < N_MADE; i++) {
		unlink(key[i]);
		unlink(cert[i]);
	}
	ck_assert_int_eq(rmdir(made), 0);
}

static inline const char *
in_top(const char *name)
{
	static char path[4][300];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", top, name);
	return path[turn];
}

/* Old enough: Postfix waits for a young main.cf to cool down. */
static inline void
age(void)
{
	const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };

	ck_assert_int_eq(utimensat(AT_FDCWD, main_cf, old, 0), 0);
}

static inline void
put(const char *path, const char *text, mode_t mode)
{
	must(file_replace(path, text, strlen(text), mode, 0, 0, &e));
}

static inline char *
get(const char *path)
{
	size_t len;
	char *text = file_read(path, 1 << 20, &len, &e);

	ck_assert_msg(text != NULL, "%s", e.text);
	return text;
}

/* main.cf: MAIN and these lines. */
static inline void
put_main(const char *more)
{
	char *all = mem_fmt("%s%s", MAIN, more);

	put(main_cf, all, 0644);
	free(all);
	age();
}

static inline void set(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

static inline void
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

/* main.cf is MAIN and these lines, byte for byte. */
static inline void
main_is(const char *more)
{
	char *want = mem_fmt("%s%s", MAIN, more), *is = get(main_cf);

	ck_assert_str_eq(is, want);
	free(want);
	free(is);
}

static inline void
read_it(void)
{
	must(postfix_read(NULL, top, &s, &e));
	postfix_find_keys(&s);
}

/* The key at this place of the list. */
static inline void
key_is(size_t at, const char *param, const char *k, const char *c,
    const struct key_info *is)
{
	ck_assert_uint_lt(at, s.n_key);
	ck_assert_str_eq(s.key[at].param, param);
	ck_assert_str_eq(s.key[at].key_file, k);
	ck_assert_str_eq(s.key[at].cert_file, c);
	ck_assert_msg(s.key[at].readable, "%s", s.key[at].why);
	ck_assert(spki_eq(&s.key[at].info.id, &is->id));
	ck_assert_int_eq(s.key[at].info.slot, is->slot);
}

/* A file made of these, one behind the other; NULL ends. */
static inline void
join_files(const char *path, const char *const *part)
{
	struct text t = TEXT_INIT;

	for (; *part != NULL; part++) {
		char *pem = get(*part);

		text_add(&t, pem);
		free(pem);
	}
	put(path, text_str(&t), 0600);
	text_release(&t);
}

static inline void
kit_setup(void)
{
	new_folder(top, sizeof(top), "pf");
	snprintf(main_cf, sizeof(main_cf), "%s/main.cf", top);
	put_main("");
	memset(&s, 0, sizeof(s));
	e.text[0] = 0;
	e.kind = ERR_NONE;
}

/* What tests put there goes; what the program left there is found. */
static inline void
kit_teardown(void)
{
	static const char *const ours[] = { "main.cf", "real.cf", "postfix",
		"postlog", "postconf", "said", "one.pem", "two.pem",
		"a b.pem" };
	struct dirent *d;
	DIR *dir;

	for (int i = 0; i < COUNT(ours); i++)
		unlink(in_top(ours[i]));
	dir = opendir(top);
	ck_assert_ptr_nonnull(dir);
	while ((d = readdir(dir)) != NULL)
		ck_assert_msg(d->d_name[0] == '.' &&
			(d->d_name[1] == 0 || strcmp(d->d_name, "..") == 0),
		    "left behind: %s", d->d_name);
	closedir(dir);
	ck_assert_int_eq(rmdir(top), 0);
}

/* The main of each of them. */
static inline int
kit_run(const char *name, void (*add_tests)(TCase *))
{
	Suite *suite = suite_create(name);
	TCase *t = tcase_create(name);
	SRunner *r = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, t);
	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, make_files, remove_files);
	tcase_add_checked_fixture(t, kit_setup, kit_teardown);
	add_tests(t);
	if (access(DANESAFE_POSTCONF, X_OK) < 0 || geteuid() != 0) {
		printf("test_%s: skipped: needs %s and root\n", name,
		    DANESAFE_POSTCONF);
		srunner_free(r);
		return 77;
	}
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}

#endif
