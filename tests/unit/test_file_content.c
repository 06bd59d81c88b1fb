/*
 * test_file_content.c - a file that gets another content stays what it is,
 * and a folder can be a lock.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define NOBODY 65534

static char top[256], path[300], other[300];
static struct err e;

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)
#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

/* The C library's, unless a test spoils them: the errno that they fail with,
 * at the call of this number. */
static int list_bad, get_bad, set_bad, fsync_bad, set_at;

ssize_t
flistxattr(int fd, char *buf, size_t n)
{
	if (list_bad == 0)
		return syscall(SYS_flistxattr, fd, buf, n);
	errno = list_bad;
	return -1;
}

ssize_t
fgetxattr(int fd, const char *name, void *buf, size_t n)
{
	if (get_bad == 0)
		return syscall(SYS_fgetxattr, fd, name, buf, n);
	errno = get_bad;
	return -1;
}

int
fsetxattr(int fd, const char *name, const void *buf, size_t n, int flags)
{
	if (set_bad == 0 || --set_at > 0)
		return (int)syscall(SYS_fsetxattr, fd, name, buf, n, flags);
	errno = set_bad;
	return -1;
}

int
fsync(int fd)
{
	if (fsync_bad == 0)
		return (int)syscall(SYS_fsync, fd);
	errno = fsync_bad;
	return -1;
}

/* No test waits: a round of waiting calls this instead. */
static void (*meanwhile)(void);
static int rounds;

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

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/content.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/f", top);
	snprintf(other, sizeof(other), "%s/other", top);
	must(file_create(path, "old", 3, 0640, (uid_t)-1, (gid_t)-1, &e));
}

static void
teardown(void)
{
	unlink(path);
	unlink(other);
	ck_assert_int_eq(rmdir(top), 0); /* nothing else is left */
}

static int
content(const char *text)
{
	return file_replace_content(path, text, strlen(text), &e);
}

static void
holds(const char *name, const char *text)
{
	size_t len;
	char *s = file_read(name, 1000, &len, &e);

	ck_assert_msg(s != NULL, "%s", e.text);
	ck_assert_str_eq(s, text);
	free(s);
}

/* ---- what it is ---- */

/* clang-format off */
static const struct {
	mode_t mode;
	uid_t uid;
	gid_t gid;
} LOOKS[] = {
	{ 0644, 0, 0 }, { 0600, NOBODY, 0 }, { 0666, 0, NOBODY },
	{ 0400, 0, 0 }, { 06755, NOBODY, NOBODY }, { 01000, 0, 0 },
};
/* clang-format on */

START_TEST(mode_and_owner_stay)
{
	struct stat st;

	if (geteuid() != 0)
		return;
	umask(077);
	ck_assert_int_eq(chown(path, LOOKS[_i].uid, LOOKS[_i].gid), 0);
	ck_assert_int_eq(chmod(path, LOOKS[_i].mode), 0);
	must(content("new words"));
	holds(path, "new words");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, LOOKS[_i].mode);
	ck_assert_int_eq(st.st_uid, LOOKS[_i].uid);
	ck_assert_int_eq(st.st_gid, LOOKS[_i].gid);
}
END_TEST

/* Made whole, not written into: who has it open keeps the old one. */
START_TEST(the_old_content_is_never_seen_in_pieces)
{
	int fd = open(path, O_RDONLY);
	char buf[8] = "";

	must(content(""));
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), 3);
	ck_assert_str_eq(buf, "old");
	close(fd);
	holds(path, "");
}
END_TEST

/* Two, one of them empty; false where the file system knows none. */
static bool
set_attributes(void)
{
	return setxattr(path, "user.one", "1\0002", 3, 0) == 0 &&
	    setxattr(path, "user.none", "", 0, 0) == 0;
}

START_TEST(extended_attributes_stay)
{
	char buf[16] = "x";

	if (!set_attributes())
		return;
	must(content("new"));
	ck_assert_int_eq(getxattr(path, "user.one", buf, sizeof(buf)), 3);
	ck_assert_mem_eq(buf, "1\0002", 3);
	ck_assert_int_eq(getxattr(path, "user.none", buf, sizeof(buf)), 0);
}
END_TEST

/* acl(5): owner rw, user 65534 r, group none, mask r, others none. */
static const unsigned char ACL[] = { 2, 0, 0, 0, /* version */
	0x01, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,	 /**/
	0x02, 0, 4, 0, 0xfe, 0xff, 0, 0,	 /**/
	0x04, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,	 /**/
	0x10, 0, 4, 0, 0xff, 0xff, 0xff, 0xff,	 /**/
	0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };

START_TEST(an_access_list_stays)
{
	static const char *const name = "system.posix_acl_access";
	unsigned char buf[100];

	if (setxattr(path, name, ACL, sizeof(ACL), 0) < 0)
		return;
	must(content("new"));
	ck_assert_int_eq(getxattr(path, name, buf, sizeof(buf)), sizeof(ACL));
	ck_assert_mem_eq(buf, ACL, sizeof(ACL));
}
END_TEST

START_TEST(where_there_are_no_attributes_none_are_missed)
{
	list_bad = ENOTSUP;
	must(content("new"));
	holds(path, "new");
}
END_TEST

/* clang-format off */
static const struct {
	int list, get, set, set_at, sync;
} BAD[] = {
	{ EIO, 0, 0, 0, 0 },
	{ 0, EIO, 0, 0, 0 },
	{ 0, 0, ENOSPC, 1, 0 },
	{ 0, 0, EPERM, 2, 0 }, /* the last one counts, too */
	{ 0, 0, 0, 0, EIO },
};
/* clang-format on */

START_TEST(what_cannot_be_kept_leaves_the_old_file)
{
	struct stat is, was;

	if (!set_attributes())
		return;
	ck_assert_int_eq(stat(path, &was), 0);
	list_bad = BAD[_i].list;
	get_bad = BAD[_i].get;
	set_bad = BAD[_i].set;
	set_at = BAD[_i].set_at;
	fsync_bad = BAD[_i].sync;
	ck_assert_int_eq(content("new"), -1);
	says(path);
	ck_assert_int_eq(stat(path, &is), 0);
	ck_assert_uint_eq(is.st_ino, was.st_ino);
	holds(path, "old");
}
END_TEST

/* ---- links ---- */

START_TEST(links_stay_and_what_is_behind_them_changes)
{
	struct stat st;

	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(symlink(_i == 0 ? "other" : other, path), 0);
	must(content("new"));
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_assert_int_eq(lstat(other, &st), 0);
	ck_assert(S_ISREG(st.st_mode));
	ck_assert_int_eq(st.st_mode & 07777, 0640);
	holds(other, "new");
}
END_TEST

START_TEST(what_is_not_there_is_not_made)
{
	unlink(path);
	ck_assert_int_eq(content("new"), -1);
	ck_assert_int_eq(e.kind, ERR_IO);
	says("No such file");
	ck_assert_int_eq(symlink("other", path), 0);
	ck_assert_int_eq(content("new"), -1);
	says("No such file");
	ck_assert_int_ne(access(other, F_OK), 0);
	unlink(path);
	ck_assert_int_eq(symlink("f", path), 0);
	ck_assert_int_eq(content("new"), -1);
	says("symbolic link");
}
END_TEST

START_TEST(only_a_regular_file_has_a_content)
{
	ck_assert_int_eq(file_replace_content(top, "x", 1, &e), -1);
	says("a folder");
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(content("new"), -1);
	says("not a regular file");
}
END_TEST

/* ---- a folder as a lock ---- */

static int stay[2];
static pid_t holder;

static void
let_go(void)
{
	int status;

	meanwhile = NULL;
	close(stay[1]);
	ck_assert_int_eq(waitpid(holder, &status, 0), holder);
	ck_assert_int_eq(status, 0);
}

/* A child that holds it until let_go, or dies with us. */
static void
hold(void)
{
	int ready[2];
	char c = 0;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(stay, O_CLOEXEC), 0);
	holder = fork();
	if (holder == 0) {
		int fd = file_lock_folder(top, 0, &e);

		close(stay[1]);
		if (write(ready[1], &c, 1) != 1 || read(stay[0], &c, 1) != 0)
			_exit(1);
		_exit(fd < 0);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
}

START_TEST(a_folder_has_one_holder)
{
	int fd;

	hold();
	ck_assert_int_eq(file_lock_folder(top, 100, &e), -1);
	ck_assert_int_eq(e.kind, ERR_TEMP);
	says("held by another process");
	says(top);
	ck_assert_int_eq(rounds, 2); /* of 50 ms */
	ck_assert_int_eq(file_lock_folder(top, 0, &e), -1);
	ck_assert_int_eq(rounds, 2);
	let_go();
	fd = file_lock_folder(top, 0, &e);
	ck_assert_msg(fd >= 0, "%s", e.text);
	ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(file_lock_folder(top, 0, &e), -1);
	close(fd);
}
END_TEST

START_TEST(a_folder_is_waited_for)
{
	int fd;

	hold();
	meanwhile = let_go;
	fd = file_lock_folder(top, 30000, &e);
	ck_assert_msg(fd >= 0, "%s", e.text);
	ck_assert_int_eq(rounds, 1);
	close(fd);
}
END_TEST

START_TEST(only_a_folder_that_is_there_is_a_lock)
{
	ck_assert_int_eq(file_lock_folder(path, 0, &e), -1);
	says("Not a directory");
	ck_assert_int_eq(file_lock_folder(other, 0, &e), -1);
	ck_assert_int_eq(e.kind, ERR_IO);
	says("No such file");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("file_content");
	TCase *t = tcase_create("file_content");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, mode_and_owner_stay, 0,
	    (int)(sizeof(LOOKS) / sizeof(LOOKS[0])));
	tcase_add_test(t, the_old_content_is_never_seen_in_pieces);
	tcase_add_test(t, extended_attributes_stay);
	tcase_add_test(t, an_access_list_stays);
	tcase_add_test(t, where_there_are_no_attributes_none_are_missed);
	tcase_add_loop_test(t, what_cannot_be_kept_leaves_the_old_file, 0,
	    (int)(sizeof(BAD) / sizeof(BAD[0])));
	tcase_add_loop_test(t, links_stay_and_what_is_behind_them_changes, 0,
	    2);
	tcase_add_test(t, what_is_not_there_is_not_made);
	tcase_add_test(t, only_a_regular_file_has_a_content);
	tcase_add_test(t, a_folder_has_one_holder);
	tcase_add_test(t, a_folder_is_waited_for);
	tcase_add_test(t, only_a_folder_that_is_there_is_a_lock);
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
