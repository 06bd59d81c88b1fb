/*
 * test_postfix_edit.c - main.cf is changed in the lines that are meant, keeps
 * what it is, and is as it was when anything goes wrong.
 */
#include "postfix_kit.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define CERT "smtpd_tls_cert_file"
#define KEY "smtpd_tls_key_file"
#define POSTCONF "exec " DANESAFE_POSTCONF " \"$@\"\n"

static const struct postfix_setting PAIR[] = {
	{ CERT, "/new/c.pem" },
	{ KEY, "/new/k.pem" },
};
#define PAIR_LINES CERT " = /new/c.pem\n" KEY " = /new/k.pem\n"

/*
 * The C library's, but no test waits: a round of the wait for the lock calls
 * `meanwhile` instead; flock(2) on main.cf.tmp is preceded by `snatch`.
 */
static int rounds;
static void (*meanwhile)(void), (*snatch)(void);

int
nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)t;
	(void)left;
	rounds++;
	if (meanwhile != NULL)
		meanwhile();
	return 0;
}

int
flock(int fd, int op)
{
	void (*act)(void) = snatch;

	snatch = NULL;
	if (act != NULL)
		act();
	return (int)syscall(SYS_flock, fd, op);
}

/* It fails for the folder of main.cf. */
static bool folder_bad;
static int fsyncs;

int
fsync(int fd)
{
	struct stat is, folder;

	fsyncs++;
	if (folder_bad && fstat(fd, &is) == 0 && stat(top, &folder) == 0 &&
	    is.st_ino == folder.st_ino) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

/* begin, set, end: as every caller does. */
static int
edit(const struct postfix_setting *v, size_t n, bool *ret_stale)
{
	struct postfix_edit ed;
	int rc;

	e.text[0] = 0;
	rc = postfix_edit_begin(&ed, &s, &e);
	if (rc == 0)
		rc = postfix_edit_set(&ed, v, n, &e);
	ck_assert(!ed.placed);
	*ret_stale = ed.stale;
	postfix_edit_end(&ed);
	postfix_edit_end(&ed); /* does nothing */
	return rc;
}

static void
edited(void)
{
	bool stale;

	must(edit(PAIR, 2, &stale));
	ck_assert(!stale);
}

/* Refused with these words, main.cf as it was. */
static void
not_edited(const char *words, enum err_kind kind)
{
	char *before = get(main_cf), *after;
	bool stale;

	ck_assert_int_eq(edit(PAIR, 2, &stale), -1);
	ck_assert(!stale);
	ck_assert_int_eq(e.kind, kind);
	says(words);
	after = get(main_cf);
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}

/* ---- the lines ---- */

/* clang-format off */
static const struct {
	const char *before, *after;
} LINES[] = {
	/* new ones in the order given, at the end */
	{ "", PAIR_LINES },
	{ "biff = no\n", "biff = no\n" PAIR_LINES },
	/* the end of the last line is added */
	{ "biff = no", "biff = no\n" PAIR_LINES },
	{ KEY "=x", KEY " = /new/k.pem\n" CERT " = /new/c.pem\n" },
	/* one that is there stays where it is, with one value */
	{ KEY " = /old\nbiff = no\n",
	  KEY " = /new/k.pem\nbiff = no\n" CERT " = /new/c.pem\n" },
	{ KEY "\t=   /old\n  /more\n\nbiff = no\n",
	  KEY " = /new/k.pem\n\nbiff = no\n" CERT " = /new/c.pem\n" },
	{ CERT "=/a\n" CERT " = /b\n",
	  CERT " = /new/c.pem\n" CERT " = /new/c.pem\n"
	  KEY " = /new/k.pem\n" },
	{ PAIR_LINES, PAIR_LINES },
	/* others, byte for byte */
	{ "# " CERT " = x\r\n\n \t\nbiff\t=no  \nrelayhost = $mydomain\n  # in\n"
	  "  [a]:25\nx" KEY " = 1\n" KEY "2 = 2\n",
	  "# " CERT " = x\r\n\n \t\nbiff\t=no  \nrelayhost = $mydomain\n  # in\n"
	  "  [a]:25\nx" KEY " = 1\n" KEY "2 = 2\n" PAIR_LINES },
	{ "m\xc3\xbc = \xff\xfe\n", "m\xc3\xbc = \xff\xfe\n" PAIR_LINES },
};
/* clang-format on */

START_TEST(the_lines_that_are_meant_change_and_no_others)
{
	put_main(LINES[_i].before);
	read_it();
	edited();
	main_is(LINES[_i].after);
}
END_TEST

/* postconf(1) alone would add them in an order of chance. */
START_TEST(new_settings_are_appended_in_the_order_given)
{
	static const struct postfix_setting v[] = {
		{ "smtpd_tls_security_level", "may" },
		{ "smtpd_tls_received_header", "yes" },
		{ "smtpd_tls_loglevel", "1" },
		{ "tls_random_source", "dev:/dev/urandom" },
		{ "smtpd_tls_key_file", "/k y" },
		{ "smtpd_tls_cert_file", "/c#" },
		{ "smtp_tls_loglevel", "2" },
		{ "smtp_tls_security_level", "dane" },
	};
	struct text t = TEXT_INIT;
	bool stale;

	/* None of these is an entry of the first ones. */
	put_main("# smtpd_tls_security_level = none\nbiff = x\n"
		 "  smtpd_tls_received_header = no\n"
		 "smtpd_tls_loglevel1 = 3\nxtls_random_source = 4\n");
	read_it();
	must(edit(v, 8, &stale));
	text_add(&t,
	    "# smtpd_tls_security_level = none\nbiff = x\n"
	    "  smtpd_tls_received_header = no\n"
	    "smtpd_tls_loglevel1 = 3\nxtls_random_source = 4\n");
	for (int i = 0; i < 8; i++)
		text_addf(&t, "%s = %s\n", v[i].name, v[i].value);
	main_is(text_str(&t));
	text_release(&t);
}
END_TEST

START_TEST(a_long_main_cf_is_copied_whole)
{
	struct text t = TEXT_INIT;

	for (int i = 0; i < 20000; i++)
		text_addf(&t, "# line %d\n", i);
	put_main(text_str(&t));
	read_it();
	edited();
	text_add(&t, PAIR_LINES);
	main_is(text_str(&t));
	text_release(&t);
}
END_TEST

START_TEST(a_control_character_in_a_value_is_refused)
{
	static const char *const bad[] = { "/a\nmydestination = evil", "\t",
		"a\x7f", "\x1b" };
	struct postfix_setting v[2] = { PAIR[0], { KEY, bad[_i] } };
	bool stale;

	read_it();
	ck_assert_int_eq(edit(v, 2, &stale), -1);
	ck_assert_int_eq(e.kind, ERR_USAGE);
	says(KEY);
	main_is("");
}
END_TEST

/* ---- what the file is ---- */

static const struct {
	mode_t mode;
	uid_t uid;
	gid_t gid;
} LOOKS[] = {
	{ 0644, 0, 0 },
	{ 0640, 0, 65534 },
	{ 0600, 65534, 65534 },
	{ 0666, 65534, 0 },
	{ 0444, 0, 0 },
};

START_TEST(mode_and_owner_are_kept)
{
	struct stat st;

	umask(077);
	ck_assert_int_eq(chown(main_cf, LOOKS[_i].uid, LOOKS[_i].gid), 0);
	ck_assert_int_eq(chmod(main_cf, LOOKS[_i].mode), 0);
	read_it();
	edited();
	main_is(PAIR_LINES);
	ck_assert_int_eq(stat(main_cf, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, LOOKS[_i].mode);
	ck_assert_int_eq(st.st_uid, LOOKS[_i].uid);
	ck_assert_int_eq(st.st_gid, LOOKS[_i].gid);
}
END_TEST

START_TEST(extended_attributes_are_kept)
{
	static const char *const name[] = { "user.ours", "trusted.ours" };
	char got[8] = "";
	int n = 0;

	while (n < 2 && setxattr(main_cf, name[n], "words", 5, 0) < 0)
		n++;
	if (n == 2)
		return; /* not on this file system */
	read_it();
	edited();
	ck_assert_int_eq(getxattr(main_cf, name[n], got, sizeof(got)), 5);
	ck_assert_str_eq(got, "words");
}
END_TEST

/* The link's target may stand anywhere; nothing is left there either. */
START_TEST(a_symbolic_link_is_kept_and_its_target_changed)
{
	char far[300], to[300];
	struct stat st;
	ssize_t n;

	snprintf(far, sizeof(far), "%s/far", top);
	ck_assert_int_eq(mkdir(far, 0755), 0);
	snprintf(far, sizeof(far), "%s/far/real.cf", top);
	ck_assert_int_eq(rename(main_cf, far), 0);
	ck_assert_int_eq(chmod(far, 0640), 0);
	ck_assert_int_eq(symlink("far/real.cf", main_cf), 0);
	read_it();
	edited();
	n = readlink(main_cf, to, sizeof(to) - 1);
	ck_assert_int_gt(n, 0);
	to[n] = 0;
	ck_assert_str_eq(to, "far/real.cf");
	ck_assert_int_eq(lstat(far, &st), 0);
	ck_assert(S_ISREG(st.st_mode));
	ck_assert_int_eq(st.st_mode & 07777, 0640);
	unlink(main_cf);
	ck_assert_int_eq(rename(far, main_cf), 0);
	main_is(PAIR_LINES);
	ck_assert_int_eq(rmdir(in_top("far")), 0);
}
END_TEST

/* ---- what others do ---- */

static void
leave(const char *name)
{
	put(in_top(name), "smtpd_tls_key_file = /left\n", 0600);
}

START_TEST(what_a_killed_call_left_does_not_hinder)
{
	ck_assert_int_eq(mkdir(in_top(".danesafe.tmp"), 0700), 0);
	if (_i > 0) {
		leave(".danesafe.tmp/main.cf");
		leave(".danesafe.tmp/main.cf.tmp");
		leave(".danesafe.tmp/.main.cf.tmp");
		leave("main.cf.tmp");
		leave(".main.cf.tmp");
	}
	read_it();
	edited();
	main_is(PAIR_LINES);
}
END_TEST

START_TEST(a_folder_that_is_not_ours_is_left_alone)
{
	const char *folder = in_top(".danesafe.tmp");

	ck_assert_int_eq(mkdir(folder, 0700), 0);
	leave(".danesafe.tmp/precious");
	read_it();
	not_edited("remove it", ERR_CREATE);
	not_edited(folder, ERR_CREATE);
	ck_assert_int_eq(unlink(in_top(".danesafe.tmp/precious")), 0);
	ck_assert_int_eq(rmdir(in_top(".danesafe.tmp")), 0);
	/* Nor is a link followed, to whatever main.cf. */
	ck_assert_int_eq(mkdir(in_top("far"), 0700), 0);
	leave("far/main.cf");
	ck_assert_int_eq(symlink("far", in_top(".danesafe.tmp")), 0);
	not_edited(".danesafe.tmp", ERR_CREATE);
	postfix_edit_tidy(&s);
	ck_assert_int_eq(unlink(in_top("far/main.cf")), 0);
	ck_assert_int_eq(rmdir(in_top("far")), 0);
	ck_assert_int_eq(unlink(in_top(".danesafe.tmp")), 0);
}
END_TEST

START_TEST(an_edit_that_is_given_up_changes_nothing)
{
	struct postfix_edit ed;
	struct stat is, was;

	read_it();
	ck_assert_int_eq(stat(main_cf, &was), 0);
	must(postfix_edit_begin(&ed, &s, &e));
	postfix_edit_end(&ed);
	ck_assert_int_eq(stat(main_cf, &is), 0);
	ck_assert_uint_eq(is.st_ino, was.st_ino);
	main_is("");
}
END_TEST

/* As an editor does it: in one of three ways that leave different marks. */
static void
change(int way)
{
	const struct timespec t[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	const struct timespec nano[2] = { { 1000000000, 1 },
		{ 1000000000, 1 } };
	FILE *f;

	if (way == 0) { /* another file of the same size and date */
		put(in_top("real.cf"), MAIN, 0644);
		utimensat(AT_FDCWD, in_top("real.cf"), t, 0);
		rename(in_top("real.cf"), main_cf);
	} else if (way == 1) { /* another size, the same date */
		f = fopen(main_cf, "a");
		fputs("biff = no\n", f);
		fclose(f);
		utimensat(AT_FDCWD, main_cf, t, 0);
	} else /* another date */
		utimensat(AT_FDCWD, main_cf, nano, 0);
}

static void
is_stale(const char *more)
{
	bool stale;

	ck_assert_int_eq(edit(PAIR, 2, &stale), -1);
	ck_assert(stale);
	ck_assert_int_eq(e.kind, ERR_TEMP);
	says("changed by somebody else");
	main_is(more);
}

START_TEST(a_main_cf_that_is_not_what_was_read_is_stale)
{
	read_it();
	change(_i);
	is_stale(_i == 1 ? "biff = no\n" : "");
	age();
	read_it();
	edited();
}
END_TEST

START_TEST(a_main_cf_that_went_away_is_an_error)
{
	bool stale;

	read_it();
	unlink(main_cf);
	ck_assert_int_eq(edit(PAIR, 2, &stale), -1);
	ck_assert(!stale);
	says("main.cf: No such file");
	says(top);
	ck_assert_int_ne(access(main_cf, F_OK), 0);
}
END_TEST

static void
put_postconf(const char *script)
{
	char *all = mem_fmt("#!/bin/sh\n%s", script);

	put(in_top("postconf"), all, 0755);
	snprintf(s.postconf, sizeof(s.postconf), "%s", in_top("postconf"));
	free(all);
}

START_TEST(an_editor_that_knows_no_lock_wins)
{
	read_it();
	put_postconf("echo 'biff = no' >>\"$2/../main.cf\"\n" POSTCONF);
	is_stale("biff = no\n");
}
END_TEST

/* clang-format off */
static const struct {
	const char *script, *words;
	enum err_kind kind;
} BAD_POSTCONF[] = {
	{ "echo 'no space' >&2\nexit 1\n", "postconf -e: no space", ERR_TEMP },
	{ "exit 1\n", "failed without a word", ERR_TEMP },
	{ "kill -9 $$\n", "failed without a word", ERR_TEMP },
	{ "exit 0\n", "did not set " CERT " = /new/c.pem", ERR_TEMP },
	{ ": >\"$2/main.cf\"\n", "did not set", ERR_TEMP },
	{ "echo 'x = 1' >>\"$2/main.cf\"\nexit 2\n", "without", ERR_TEMP },
	{ "rm \"$2/main.cf\"\n", "No such file", ERR_IO },
	/* the second of the two, or almost */
	{ "echo '" CERT " = /new/c.pem' >>\"$2/main.cf\"\n",
	  "did not set " KEY " = /new/k.pem", ERR_TEMP },
	{ "printf '%s\\n' '" CERT " = /new/c.pem' 'x" KEY " = /new/k.pem' "
	  ">>\"$2/main.cf\"\n", "did not set " KEY, ERR_TEMP },
	{ "printf '%s\\n' '" CERT " = /new/c.pem' '" KEY " = /new/k.pem2' "
	  ">>\"$2/main.cf\"\n", "did not set " KEY, ERR_TEMP },
	/* a link out of the copy is not read */
	{ "ln -sf /etc/passwd \"$2/main.cf\"\n", "main.cf", ERR_IO },
};
/* clang-format on */

START_TEST(a_postconf_that_fails_or_lies_changes_nothing)
{
	read_it();
	put_postconf(BAD_POSTCONF[_i].script);
	not_edited(BAD_POSTCONF[_i].words, BAD_POSTCONF[_i].kind);
}
END_TEST

/* Who made files for it must not remove them. */
START_TEST(a_change_that_is_there_when_it_fails_is_told)
{
	struct postfix_edit ed;

	read_it();
	must(postfix_edit_begin(&ed, &s, &e));
	folder_bad = true;
	ck_assert_int_eq(postfix_edit_set(&ed, PAIR, 2, &e), -1);
	folder_bad = false;
	ck_assert(ed.placed);
	says("changed, but");
	says("main.cf");
	postfix_edit_end(&ed);
	main_is(PAIR_LINES);
}
END_TEST

START_TEST(a_postconf_that_is_missing_changes_nothing)
{
	read_it();
	strcpy(s.postconf, "/nowhere/postconf");
	not_edited("/nowhere/postconf", ERR_CONFIG);
}
END_TEST

/* A line that looks right far from a line's beginning is passed over. */
START_TEST(the_line_is_found_behind_one_that_only_looks_like_it)
{
	put_main("x" CERT " = /new/c.pem\n");
	read_it();
	edited();
	main_is("x" CERT " = /new/c.pem\n" PAIR_LINES);
}
END_TEST

START_TEST(the_copy_is_private_old_and_locked)
{
	char *text;

	read_it();
	put_postconf("stat -c '%a' \"$2\" \"$2/main.cf\" >\"$2/../said\"\n"
		     "find \"$2/main.cf\" -mtime +1 | grep -c . "
		     ">>\"$2/../said\"\n"
		     "flock -n \"$2/../main.cf.tmp\" true || "
		     "echo locked >>\"$2/../said\"\n" POSTCONF);
	edited();
	text = get(in_top("said"));
	ck_assert_str_eq(text, "700\n600\n1\nlocked\n");
	free(text);
	main_is(PAIR_LINES);
}
END_TEST

/* The new main.cf and its folder: what is only a copy needs no disk. */
START_TEST(nothing_but_main_cf_waits_for_the_disk)
{
	read_it();
	fsyncs = 0;
	edited();
	ck_assert_int_eq(fsyncs, 2);
}
END_TEST

/* postlog(1) reads the copy next: it would wait for one that is young. */
START_TEST(the_copy_holds_the_new_settings_until_the_end_and_is_old)
{
	const char *copy = in_top(".danesafe.tmp/main.cf");
	struct postfix_edit ed;
	struct stat st;
	char *text;

	read_it();
	must(postfix_edit_begin(&ed, &s, &e));
	ck_assert_str_eq(ed.copy_dir, in_top(".danesafe.tmp"));
	must(postfix_edit_set(&ed, PAIR, 2, &e));
	ck_assert_int_eq(stat(copy, &st), 0);
	ck_assert_int_eq(st.st_mtime, 1000000000);
	text = get(copy);
	ck_assert_str_eq(text, MAIN PAIR_LINES);
	free(text);
	postfix_edit_end(&ed);
}
END_TEST

/* ---- the lock ---- */

static pid_t holder;
static int go[2];

/* A child that holds main.cf.tmp, until `let_go`; then does this. */
static void
hold(void (*last)(void))
{
	char c;
	int ready[2], fd;

	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pipe(go), 0);
	holder = fork();
	if (holder == 0) {
		fd = open(in_top("main.cf.tmp"), O_RDWR | O_CREAT, 0600);
		if (fd < 0 || syscall(SYS_flock, fd, LOCK_EX) < 0 ||
		    write(ready[1], "", 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(1);
		last();
		_exit(0);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
}

static void
let_go(void)
{
	int status;

	meanwhile = NULL;
	main_is("");
	ck_assert_int_eq(write(go[1], "", 1), 1);
	ck_assert_int_eq(waitpid(holder, &status, 0), holder);
	ck_assert_int_eq(status, 0);
}

static void
remove_lock(void)
{
	unlink(in_top("main.cf.tmp"));
}

static void
nothing(void)
{
}

/* As postconf(1) ends: its temporary file becomes main.cf. */
static void
rename_lock(void)
{
	put(in_top("main.cf.tmp"), MAIN "biff = no\n", 0644);
	rename(in_top("main.cf.tmp"), main_cf);
}

START_TEST(the_lock_of_another_program_is_waited_for)
{
	read_it();
	meanwhile = let_go;
	hold(_i == 0 ? remove_lock : nothing);
	edited();
	ck_assert_int_eq(rounds, 1);
	main_is(PAIR_LINES);
}
END_TEST

START_TEST(a_change_made_under_the_lock_is_seen)
{
	read_it();
	meanwhile = let_go;
	hold(rename_lock);
	is_stale("biff = no\n");
	ck_assert_int_eq(rounds, 1);
}
END_TEST

START_TEST(a_lock_that_is_held_too_long_changes_nothing)
{
	read_it();
	hold(remove_lock);
	not_edited("another program is changing main.cf", ERR_TEMP);
	ck_assert_int_eq(rounds, 1500); /* of 20 ms: 30 s */
	ck_assert_int_eq(access(in_top("main.cf.tmp"), F_OK), 0);
	let_go();
}
END_TEST

static void
snatch_once(void)
{
	unlink(in_top("main.cf.tmp"));
}

static void
snatch_and_make(void)
{
	unlink(in_top("main.cf.tmp"));
	leave("main.cf.tmp");
}

/* Between open and flock: what was locked has no name any more. */
START_TEST(a_lock_on_what_is_not_there_any_more_is_none)
{
	read_it();
	put_postconf(
	    "flock -n \"$2/../main.cf.tmp\" true && exit 1\n" POSTCONF);
	snatch = _i == 0 ? snatch_once : snatch_and_make;
	edited();
	ck_assert_int_eq(rounds, 1);
	main_is(PAIR_LINES);
}
END_TEST

START_TEST(a_lock_is_not_made_through_a_link)
{
	read_it();
	ck_assert_int_eq(symlink(in_top("said"), in_top("main.cf.tmp")), 0);
	not_edited("main.cf.tmp", ERR_CREATE);
	ck_assert_int_ne(access(in_top("said"), F_OK), 0);
	ck_assert_int_eq(unlink(in_top("main.cf.tmp")), 0);
}
END_TEST

START_TEST(a_stamp_needs_a_main_cf)
{
	struct postfix_stamp st;
	char far[1200];

	ck_assert_int_eq(postfix_stamp(top, &st), 0);
	ck_assert_uint_eq(st.size, strlen(MAIN));
	ck_assert_int_eq(st.mtime_ns, 1000000000 * (int64_t)1000000000);
	ck_assert_int_eq(postfix_stamp("/nowhere", &st), -1);
	ck_assert_int_eq(errno, ENOENT);
	memset(far, '/', sizeof(far));
	far[sizeof(far) - 1] = 0;
	ck_assert_int_eq(postfix_stamp(far, &st), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_loop_test(t, the_lines_that_are_meant_change_and_no_others, 0,
	    COUNT(LINES));
	tcase_add_test(t, new_settings_are_appended_in_the_order_given);
	tcase_add_test(t, a_long_main_cf_is_copied_whole);
	tcase_add_loop_test(t, a_control_character_in_a_value_is_refused, 0, 4);
	tcase_add_loop_test(t, mode_and_owner_are_kept, 0, COUNT(LOOKS));
	tcase_add_test(t, extended_attributes_are_kept);
	tcase_add_test(t, a_symbolic_link_is_kept_and_its_target_changed);
	tcase_add_loop_test(t, what_a_killed_call_left_does_not_hinder, 0, 2);
	tcase_add_test(t, a_folder_that_is_not_ours_is_left_alone);
	tcase_add_test(t, an_edit_that_is_given_up_changes_nothing);
	tcase_add_loop_test(t, a_main_cf_that_is_not_what_was_read_is_stale, 0,
	    3);
	tcase_add_test(t, a_main_cf_that_went_away_is_an_error);
	tcase_add_test(t, an_editor_that_knows_no_lock_wins);
	tcase_add_loop_test(t, a_postconf_that_fails_or_lies_changes_nothing, 0,
	    COUNT(BAD_POSTCONF));
	tcase_add_test(t, a_change_that_is_there_when_it_fails_is_told);
	tcase_add_test(t, a_postconf_that_is_missing_changes_nothing);
	tcase_add_test(t, the_line_is_found_behind_one_that_only_looks_like_it);
	tcase_add_test(t, the_copy_is_private_old_and_locked);
	tcase_add_test(t, nothing_but_main_cf_waits_for_the_disk);
	tcase_add_test(t,
	    the_copy_holds_the_new_settings_until_the_end_and_is_old);
	tcase_add_loop_test(t, the_lock_of_another_program_is_waited_for, 0, 2);
	tcase_add_test(t, a_change_made_under_the_lock_is_seen);
	tcase_add_test(t, a_lock_that_is_held_too_long_changes_nothing);
	tcase_add_loop_test(t, a_lock_on_what_is_not_there_any_more_is_none, 0,
	    2);
	tcase_add_test(t, a_lock_is_not_made_through_a_link);
	tcase_add_test(t, a_stamp_needs_a_main_cf);
}

int
main(void)
{
	return kit_run("postfix_edit", add_tests);
}
