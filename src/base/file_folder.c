/*
 * file_folder.c - a folder that is as it should be, and a lock that one
 * process holds.  Never removes either.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define LOCK_ROUND_MS 50

/* Makes the name of a new folder durable. */
static int
sync_parent(int fd, const char *path, struct err *e)
{
	int up = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (up < 0 || (fsync(up) < 0 && errno != EINVAL))
		rc = err_sys(e, ERR_IO, path);
	if (up >= 0)
		close(up);
	return rc;
}

/* What is right is left alone: not every caller may change it. */
static int
dress(int fd, const char *path, mode_t mode, uid_t uid, gid_t gid,
    struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, ERR_IO, path);
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != uid)
		return err_set(e, ERR_PERM,
		    "%s: belongs to user %lu, who is neither root nor us", path,
		    (unsigned long)st.st_uid);
	if (uid != (uid_t)-1 &&
	    (st.st_uid != uid || (gid != (gid_t)-1 && st.st_gid != gid))) {
		if (fchown(fd, uid, gid) < 0)
			return err_sys(e, ERR_CREATE, path);
	}
	if ((st.st_mode & 07777) != mode && fchmod(fd, mode) < 0)
		return err_sys(e, ERR_CREATE, path);
	return 0;
}

int
file_folder(const char *path, mode_t mode, uid_t uid, gid_t gid, struct err *e)
{
	int made = mkdir(path, mode & 0700) == 0;
	int fd, rc;

	if (!made && errno != EEXIST)
		return err_sys(e, ERR_CREATE, path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOTDIR)
		return err_set(e, ERR_CREATE, "%s: is not a folder", path);
	if (fd < 0)
		return err_sys(e, ERR_CREATE, path);
	rc = dress(fd, path, mode, uid, gid, e);
	if (rc == 0 && made)
		rc = sync_parent(fd, path, e);
	close(fd);
	return rc;
}

/* The number in the file is for people only; the lock is the kernel's. */
static int
held_by(int fd, const char *path, struct err *e)
{
	char buf[24];
	ssize_t n = pread(fd, buf, sizeof(buf) - 1, 0);
	long pid;

	buf[n > 0 ? n : 0] = 0;
	pid = strtol(buf, NULL, 10);
	if (pid > 0)
		return err_set(e, ERR_TEMP, "%s: held by process %ld", path,
		    pid);
	return err_set(e, ERR_TEMP, "%s: held by another process", path);
}

/* In rounds, not until a deadline: asks no clock.  A signal ends it. */
static int
wait_for(int fd, const char *path, int wait_ms, struct err *e)
{
	const struct timespec round = { 0, LOCK_ROUND_MS * 1000000L };

	for (;;) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(e, ERR_IO, path);
		if (wait_ms <= 0 || nanosleep(&round, NULL) < 0)
			return held_by(fd, path, e);
		wait_ms -= LOCK_ROUND_MS;
	}
}

int
file_lock(const char *path, int wait_ms, struct err *e)
{
	int fd = open(path,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
	    0600);
	struct stat st;
	char pid[24];
	int n;

	if (fd < 0)
		return err_sys(e, ERR_CREATE, path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		err_set(e, ERR_CREATE, "%s: is not a regular file", path);
		goto fail;
	}
	if (wait_for(fd, path, wait_ms, e) < 0)
		goto fail;
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) != n) {
		err_sys(e, ERR_IO, path);
		goto fail;
	}
	return fd;
fail:
	close(fd);
	return -1;
}

int
file_lock_folder(const char *path, int wait_ms, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, ERR_IO, path);
	if (wait_for(fd, path, wait_ms, e) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}
