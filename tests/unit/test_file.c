/*
 * test_file.c - files are whole or not there, and a lock has one holder.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#define NOBODY 65534

static char top[256], path[300], temp[300];
static struct err e;
static size_t len;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/file.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/f", top);
	snprintf(temp, sizeof(temp), "%s/.f.tmp", top);
}

static void
teardown(void)
{
	unlink(path);
	rmdir(path);
	ck_assert_int_eq(rmdir(top), 0); /* nothing else is left */
}

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)
#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

static int
create(const char *text, mode_t mode)
{
	return file_create(path, text, strlen(text), mode, (uid_t)-1, (gid_t)-1,
	    &e);
}

static int
replace(const char *text, mode_t mode)
{
	return file_replace(path, text, strlen(text), mode, (uid_t)-1,
	    (gid_t)-1, &e);
}

static void
holds(const char *text)
{
	char *s = file_read(path, 1000, &len, &e);

	ck_assert_msg(s != NULL, "%s", e.text);
	ck_assert_str_eq(s, text);
	ck_assert_uint_eq(len, strlen(text));
	free(s);
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(lstat(name, &st), 0);
	return st.st_mode & 07777;
}

/*
 * The C library's, unless a test spoils them.  A write takes at most `bite`
 * bytes, and every second one is interrupted; an fsync or close fails.
 */
static size_t bite;
static int fsync_bad, close_bad, fsyncs;

ssize_t
write(int fd, const void *buf, size_t n)
{
	static bool turn;

	turn = !turn;
	if (bite > 0 && turn) {
		errno = EINTR;
		return -1;
	}
	return syscall(SYS_write, fd, buf, bite > 0 && n > bite ? bite : n);
}

int
fsync(int fd)
{
	fsyncs++;
	if (fsync_bad > 0 && fsync_bad-- == 1) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

int
close(int fd)
{
	int rc = (int)syscall(SYS_close, fd);

	if (close_bad > 0 && close_bad-- == 1) {
		errno = EIO;
		return -1;
	}
	return rc;
}

/* In a child as somebody who may not do everything; its exit code. */
static int
as_nobody(int (*act)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
			_exit(99);
		_exit(act());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

START_TEST(a_path_is_joined_or_does_not_fit)
{
	char buf[8];

	ck_assert(file_join(buf, sizeof(buf), "/a", "bcde"));
	ck_assert_str_eq(buf, "/a/bcde");
	ck_assert(file_join(buf, sizeof(buf), "/", "b"));
	ck_assert_str_eq(buf, "/b");
	ck_assert(file_join(buf, sizeof(buf), "/a/", "b"));
	ck_assert_str_eq(buf, "/a/b");
	ck_assert(!file_join(buf, sizeof(buf), "/a", "bcdef"));
}
END_TEST

START_TEST(a_file_is_read_whole_or_not_at_all)
{
	char *s;

	must(create("0123456789", 0600));
	holds("0123456789");
	s = file_read(path, 10, &len, &e);
	ck_assert_ptr_nonnull(s);
	free(s);
	ck_assert_ptr_null(file_read(path, 9, &len, &e));
	says("larger than 9 bytes");
	must(replace("", 0600));
	holds("");
}
END_TEST

START_TEST(a_file_of_proc_is_read_although_it_has_no_size)
{
	char *s = file_read("/proc/self/status", 65536, &len, &e);

	ck_assert_msg(s != NULL, "%s", e.text);
	ck_assert_uint_gt(len, 100);
	ck_assert_uint_eq(strlen(s), len);
	free(s);
	ck_assert_ptr_null(file_read("/proc/self/status", 10, &len, &e));
}
END_TEST

START_TEST(what_is_no_regular_file_is_not_read)
{
	ck_assert_ptr_null(file_read(path, 10, &len, &e));
	says("No such file");
	says(path);
	ck_assert_int_eq(e.kind, ERR_IO);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(file_read(path, 10, &len, &e));
	says("not a regular file");
	ck_assert_ptr_null(file_read(top, 10, &len, &e));
	says("a folder");
	ck_assert_ptr_null(file_read("/dev/zero", 10, &len, &e));
	says("not a regular file");
	unlink(path);
	ck_assert_int_eq(symlink("/etc/hostname", path), 0);
	ck_assert_ptr_null(file_read(path, 10, &len, &e));
	says("symbolic link");
}
END_TEST

START_TEST(a_new_file_never_takes_a_name_that_is_taken)
{
	must(create("one", 0640));
	ck_assert_int_eq(mode_of(path), 0640);
	ck_assert_int_eq(create("two", 0600), -1);
	ck_assert_int_eq(e.kind, ERR_CREATE);
	says(path);
	says("File exists");
	holds("one");
	unlink(path);
	ck_assert_int_eq(symlink("/nonexistent/x", path), 0);
	ck_assert_int_eq(create("two", 0600), -1);
	ck_assert_int_eq(e.kind, ERR_CREATE);
}
END_TEST

START_TEST(a_file_is_replaced_whole_with_mode_and_not_through_links)
{
	char other[310];

	must(create("one", 0644));
	snprintf(other, sizeof(other), "%s.hard", path);
	ck_assert_int_eq(link(path, other), 0);
	umask(0);
	must(replace("two", 0600));
	ck_assert_int_eq(mode_of(path), 0600);
	holds("two");
	ck_assert_int_eq(mode_of(other), 0644);
	unlink(path);
	ck_assert_int_eq(symlink(other, path), 0);
	must(replace("three", 0600));
	holds("three");
	ck_assert_int_eq(unlink(other), 0);
	umask(077);
	must(replace("four", 0644));
	ck_assert_int_eq(mode_of(path), 0644);
}
END_TEST

START_TEST(no_device_and_no_pipe_gives_way_to_a_file)
{
	struct stat st;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(replace("one", 0600), -1);
	ck_assert_int_eq(e.kind, ERR_CREATE);
	says("device or pipe");
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert(S_ISFIFO(st.st_mode));
	ck_assert_int_eq(unlink(path), 0);
	/* /dev/stdout is such a link */
	ck_assert_int_eq(symlink("/dev/null", path), 0);
	ck_assert_int_eq(replace("one", 0600), -1);
	ck_assert_int_eq(file_refresh(path, "one", 3, 0600, &e), -1);
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_assert_int_eq(access(temp, F_OK), -1);
}
END_TEST

START_TEST(a_stale_temporary_file_is_no_hindrance)
{
	ck_assert_int_eq(symlink("/etc/hostname", temp), 0);
	must(create("one", 0600));
	holds("one");
	ck_assert_int_eq(link(path, temp), 0);
	must(replace("two", 0600));
	holds("two");
}
END_TEST

START_TEST(a_folder_where_the_temporary_file_goes_is_an_error)
{
	ck_assert_int_eq(mkdir(temp, 0700), 0);
	ck_assert_int_eq(create("one", 0600), -1);
	ck_assert_int_eq(access(path, F_OK), -1);
	rmdir(temp);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(replace("one", 0600), -1);
	says(path);
}
END_TEST

START_TEST(a_path_that_names_no_file_is_refused)
{
	static const char *const bad[] = { "", "/", "/tmp/", ".", "..",
		"/tmp/.." };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(file_replace(bad[i], "", 0, 0600, (uid_t)-1,
				     (gid_t)-1, &e),
		    -1);
		ck_assert_int_eq(e.kind, ERR_CREATE);
	}
	ck_assert_int_eq(file_create("/nonexistent/a", "", 0, 0600, (uid_t)-1,
			     (gid_t)-1, &e),
	    -1);
	says("/nonexistent: No such");
}
END_TEST

START_TEST(a_file_may_stand_in_the_current_folder)
{
	char *here = getcwd(NULL, 0);

	ck_assert_int_eq(chdir(top), 0);
	must(file_create("f", "x", 1, 0600, (uid_t)-1, (gid_t)-1, &e));
	ck_assert_int_eq(chdir(here), 0);
	free(here);
	holds("x");
}
END_TEST

START_TEST(the_owner_is_set)
{
	struct stat st;

	if (geteuid() != 0)
		return;
	must(file_create(path, "x", 1, 04600, NOBODY, NOBODY, &e));
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert_uint_eq(st.st_uid, NOBODY);
	ck_assert_uint_eq(st.st_gid, NOBODY);
	ck_assert_uint_eq(st.st_mode & 07777, 04600);
}
END_TEST

START_TEST(removing_is_done_once_or_twice)
{
	must(create("one", 0600));
	must(file_remove(path, &e));
	ck_assert_int_eq(access(path, F_OK), -1);
	must(file_remove(path, &e));
	must(file_remove("/nonexistent/x/y", &e));
	ck_assert_int_eq(symlink("/nonexistent/x", path), 0);
	must(file_remove(path, &e));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(file_remove(path, &e), -1);
	says(path);
}
END_TEST

static int
write_too_much(void)
{
	char *big = mem_array(70000, 1);
	int rc = file_replace(path, big, 70000, 0600, (uid_t)-1, (gid_t)-1, &e);

	free(big);
	return rc;
}

START_TEST(a_write_in_pieces_is_a_write)
{
	bite = 3;
	must(create("0123456789", 0600));
	must(replace("abcdefghij", 0600));
	bite = 0;
	holds("abcdefghij");
}
END_TEST

/* The file first, then the folder; each once, and never again. */
START_TEST(what_can_be_made_again_waits_for_no_disk)
{
	must(create("as it was", 0644));
	fsyncs = 0;
	must(file_refresh(path, "new", 3, 0600, &e));
	ck_assert_int_eq(fsyncs, 0);
	ck_assert_int_eq(mode_of(path), 0600);
	holds("new");
	unlink(path);
	ck_assert_int_eq(symlink("nowhere", path), 0);
	must(file_refresh(path, "again", 5, 0600, &e));
	holds("again");
}
END_TEST

START_TEST(an_fsync_that_fails_is_never_repeated)
{
	fsync_bad = 1;
	fsyncs = 0;
	ck_assert_int_eq(create("new", 0600), -1);
	ck_assert_int_eq(fsyncs, 1);
	ck_assert_int_eq(e.kind, ERR_IO);
	says(path);
	says("Input/output error");
	ck_assert_int_eq(access(path, F_OK), -1);
	fsync_bad = 2;
	fsyncs = 0;
	ck_assert_int_eq(create("new", 0600), -1);
	ck_assert_int_eq(fsyncs, 2);
	says("the folder of");
	ck_assert_int_eq(access(path, F_OK), -1);
	must(create("old", 0600));
	ck_assert_int_eq(fsyncs, 4);
	fsync_bad = 1;
	ck_assert_int_eq(replace("new", 0600), -1);
	holds("old");
	fsync_bad = 2;
	ck_assert_int_eq(replace("new", 0600), -1);
	says("the folder of");
	fsync_bad = 1;
	ck_assert_int_eq(file_remove(path, &e), -1);
	says("the folder of");
}
END_TEST

START_TEST(a_close_that_fails_is_a_write_that_fails)
{
	must(create("old", 0600));
	close_bad = 1;
	ck_assert_int_eq(replace("new", 0600), -1);
	ck_assert_int_eq(e.kind, ERR_IO);
	says("Input/output error");
	holds("old");
}
END_TEST

/* A write that comes short and then fails, without a disk to fill. */
START_TEST(a_write_that_fails_leaves_the_old_file)
{
	const struct rlimit small = { 65536, 65536 };
	struct rlimit old;
	int rc;

	must(create("old", 0600));
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE,
			     &(struct rlimit){ small.rlim_cur, old.rlim_max }),
	    0);
	rc = write_too_much();
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(e.kind, ERR_IO);
	says(path);
	says("File too large");
	holds("old");
}
END_TEST

/* Needs root and a tmpfs; where either is missing there is nothing to see. */
START_TEST(a_full_disk_leaves_the_old_file)
{
	char *left = NULL;
	struct err why;
	int rc, stale;

	if (geteuid() != 0 ||
	    mount("none", top, "tmpfs", 0, "size=32k,mode=0700") < 0)
		return;
	create("old", 0600);
	rc = write_too_much();
	stale = access(temp, F_OK);
	left = file_read(path, 1000, &len, &why);
	umount2(top, MNT_DETACH); /* before anything can fail */
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(e.kind, ERR_IO);
	says("No space left");
	ck_assert_int_eq(stale, -1);
	ck_assert_ptr_nonnull(left);
	ck_assert_str_eq(left, "old");
	free(left);
}
END_TEST

static int
create_not_allowed(void)
{
	return create("x", 0600) == -1 && e.kind == ERR_PERM &&
	    strstr(e.text, "Permission denied") != NULL &&
	    file_lock(path, 0, &e) == -1 && e.kind == ERR_PERM;
}

START_TEST(what_is_not_allowed_has_a_kind_of_its_own)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(top, 0755), 0);
	ck_assert_int_eq(as_nobody(create_not_allowed), 1);
}
END_TEST

START_TEST(a_file_that_others_may_write_is_not_trusted)
{
	static const struct {
		mode_t mode;
		bool secret, good;
	} rows[] = {
		{ 0600, true, true },
		{ 0640, true, true },
		{ 0644, true, false },
		{ 0604, true, false },
		{ 0601, true, false },
		{ 0660, true, false },
		{ 0644, false, true },
		{ 0400, false, true },
		{ 0664, false, false },
		{ 0646, false, false },
		{ 0666, false, false },
	};
	char *s;

	must(create("x", 0600));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(chmod(path, rows[i].mode), 0);
		s = file_read_trusted(path, 10, rows[i].secret, &len, &e);
		ck_assert_msg((s != NULL) == rows[i].good, "%04o",
		    (unsigned)rows[i].mode);
		if (s == NULL) {
			ck_assert_int_eq(e.kind, ERR_PERM);
			says("chmod");
			says(path);
		}
		free(s);
	}
}
END_TEST

START_TEST(a_file_of_somebody_else_is_not_trusted)
{
	if (geteuid() != 0)
		return;
	must(file_create(path, "x", 1, 0600, NOBODY, NOBODY, &e));
	ck_assert_ptr_null(file_read_trusted(path, 10, false, &len, &e));
	says("belongs to user 65534");
}
END_TEST

START_TEST(a_folder_is_made_and_put_right)
{
	must(file_folder(path, 0700, (uid_t)-1, (gid_t)-1, &e));
	ck_assert_int_eq(mode_of(path), 0700);
	must(file_folder(path, 0750, (uid_t)-1, (gid_t)-1, &e));
	ck_assert_int_eq(mode_of(path), 0750);
	rmdir(path);
	must(create("", 0600));
	ck_assert_int_eq(file_folder(path, 0700, (uid_t)-1, (gid_t)-1, &e), -1);
	says("not a folder");
	unlink(path);
	ck_assert_int_eq(symlink(top, path), 0);
	ck_assert_int_eq(file_folder(path, 0700, (uid_t)-1, (gid_t)-1, &e), -1);
	ck_assert_int_eq(file_folder("/nonexistent/a/b", 0700, (uid_t)-1,
			     (gid_t)-1, &e),
	    -1);
	ck_assert_int_eq(e.kind, ERR_CREATE);
}
END_TEST

START_TEST(a_folder_of_somebody_else_is_refused)
{
	struct stat st;

	if (geteuid() != 0)
		return;
	must(file_folder(path, 0700, NOBODY, NOBODY, &e));
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert_uint_eq(st.st_uid, NOBODY);
	ck_assert_int_eq(file_folder(path, 0700, 0, 0, &e), -1);
	ck_assert_int_eq(e.kind, ERR_PERM);
	must(file_folder(path, 0700, NOBODY, NOBODY, &e));
}
END_TEST

/* Holds the lock until the pipe is closed. */
static pid_t
holder(int ready[2], int stay[2])
{
	pid_t pid = fork();
	char c = 0;
	int fd;

	if (pid != 0)
		return pid;
	close(stay[1]);
	fd = file_lock(path, 0, &e);
	if (write(ready[1], &c, 1) != 1 || read(stay[0], &c, 1) < 0)
		_exit(1);
	_exit(fd < 0);
}

START_TEST(a_lock_has_one_holder_and_dies_with_it)
{
	int ready[2], stay[2], fd, status;
	char c, who[40];
	pid_t pid;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(stay, O_CLOEXEC), 0);
	pid = holder(ready, stay);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	ck_assert_int_eq(file_lock(path, 60, &e), -1);
	ck_assert_int_eq(e.kind, ERR_TEMP);
	snprintf(who, sizeof(who), "held by process %ld", (long)pid);
	says(who);
	says(path);
	close(stay[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	fd = file_lock(path, 0, &e);
	ck_assert_msg(fd >= 0, "%s", e.text);
	ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(mode_of(path), 0600);
	snprintf(who, sizeof(who), "%ld\n", (long)getpid());
	holds(who);
	close(fd);
	close(ready[0]);
	close(ready[1]);
	close(stay[0]);
}
END_TEST

START_TEST(a_lock_is_waited_for)
{
	int ready[2], stay[2], fd;
	char c;
	pid_t pid;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(stay, O_CLOEXEC), 0);
	pid = holder(ready, stay);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(stay[1]);
	fd = file_lock(path, 20000, &e);
	ck_assert_msg(fd >= 0, "%s", e.text);
	close(fd);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	close(stay[0]);
}
END_TEST

START_TEST(only_a_regular_file_is_a_lock)
{
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(file_lock(path, 0, &e), -1);
	says("not a regular file");
	unlink(path);
	ck_assert_int_eq(symlink("/tmp/danesafe-no-such-lock", path), 0);
	ck_assert_int_eq(file_lock(path, 0, &e), -1);
	says("symbolic link");
	ck_assert_int_eq(access("/tmp/danesafe-no-such-lock", F_OK), -1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("file");
	TCase *t = tcase_create("file");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_path_is_joined_or_does_not_fit);
	tcase_add_test(t, a_file_is_read_whole_or_not_at_all);
	tcase_add_test(t, a_file_of_proc_is_read_although_it_has_no_size);
	tcase_add_test(t, what_is_no_regular_file_is_not_read);
	tcase_add_test(t, a_new_file_never_takes_a_name_that_is_taken);
	tcase_add_test(t,
	    a_file_is_replaced_whole_with_mode_and_not_through_links);
	tcase_add_test(t, no_device_and_no_pipe_gives_way_to_a_file);
	tcase_add_test(t, a_stale_temporary_file_is_no_hindrance);
	tcase_add_test(t, a_folder_where_the_temporary_file_goes_is_an_error);
	tcase_add_test(t, a_path_that_names_no_file_is_refused);
	tcase_add_test(t, a_file_may_stand_in_the_current_folder);
	tcase_add_test(t, the_owner_is_set);
	tcase_add_test(t, removing_is_done_once_or_twice);
	tcase_add_test(t, a_write_in_pieces_is_a_write);
	tcase_add_test(t, what_can_be_made_again_waits_for_no_disk);
	tcase_add_test(t, an_fsync_that_fails_is_never_repeated);
	tcase_add_test(t, a_close_that_fails_is_a_write_that_fails);
	tcase_add_test(t, a_write_that_fails_leaves_the_old_file);
	tcase_add_test(t, a_full_disk_leaves_the_old_file);
	tcase_add_test(t, what_is_not_allowed_has_a_kind_of_its_own);
	tcase_add_test(t, a_file_that_others_may_write_is_not_trusted);
	tcase_add_test(t, a_file_of_somebody_else_is_not_trusted);
	tcase_add_test(t, a_folder_is_made_and_put_right);
	tcase_add_test(t, a_folder_of_somebody_else_is_refused);
	tcase_add_test(t, a_lock_has_one_holder_and_dies_with_it);
	tcase_add_test(t, a_lock_is_waited_for);
	tcase_add_test(t, only_a_regular_file_is_a_lock);
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
