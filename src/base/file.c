/*
 * file.c - files read whole, made whole, replaced whole.  The only place that
 * opens a file for writing.  Never follows a link at the last component, and
 * never repeats an fsync that failed.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"

bool
file_join(char *buf, size_t size, const char *folder, const char *name)
{
	size_t len = strlen(folder);
	const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";
	int n = snprintf(buf, size, "%s%s%s", folder, slash, name);

	return n >= 0 && (size_t)n < size;
}

/* O_NONBLOCK: a FIFO is found to be one instead of waited for. */
static int
open_regular(const char *path, struct stat *ret_st, struct err *e)
{
	int fd = open(path,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_sys(e, ERR_IO, path);
	if (fstat(fd, ret_st) < 0) {
		err_sys(e, ERR_IO, path);
		close(fd);
		return -1;
	}
	if (!S_ISREG(ret_st->st_mode)) {
		close(fd);
		return err_set(e, ERR_IO, "%s: is %s, not a regular file", path,
		    S_ISDIR(ret_st->st_mode) ? "a folder" : "a device or pipe");
	}
	return fd;
}

/* Reads until the end or until `size` bytes are there; -1 and errno. */
static ssize_t
read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = read(fd, buf + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/*
 * In one buffer that never moves: no copy of a secret stays in freed memory
 * behind the caller's back.  Files of /proc say that their size is 0.
 */
static char *
read_open(int fd, const struct stat *st, const char *path, size_t max,
    size_t *ret_len, struct err *e)
{
	size_t size = st->st_size > 0 ? (size_t)st->st_size : max;
	char *buf;
	ssize_t n;

	if (size > max) {
		err_set(e, ERR_IO, "%s: larger than %zu bytes", path, max);
		return NULL;
	}
	buf = mem_array(size + 2, 1);
	n = read_all(fd, buf, size + 1);
	if (n < 0)
		err_sys(e, ERR_IO, path);
	else if ((size_t)n > size)
		err_set(e, ERR_IO, "%s: grew while it was read", path);
	else {
		*ret_len = (size_t)n;
		return buf;
	}
	explicit_bzero(buf, size + 2);
	free(buf);
	return NULL;
}

char *
file_read(const char *path, size_t max, size_t *ret_len, struct err *e)
{
	struct stat st;
	int fd = open_regular(path, &st, e);
	char *data;

	if (fd < 0)
		return NULL;
	data = read_open(fd, &st, path, max, ret_len, e);
	close(fd);
	return data;
}

static int
check_trust(const struct stat *st, const char *path, bool secret, struct err *e)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(e, ERR_PERM,
		    "%s: belongs to user %lu; it must belong to root", path,
		    (unsigned long)st->st_uid);
	if (secret && (st->st_mode & 07) != 0)
		return err_set(e, ERR_PERM,
		    "%s: mode %04o lets others in; `chmod o= %s`", path,
		    (unsigned)st->st_mode & 07777, path);
	if ((st->st_mode & 022) != 0)
		return err_set(e, ERR_PERM,
		    "%s: mode %04o lets others write; `chmod go-w %s`", path,
		    (unsigned)st->st_mode & 07777, path);
	return 0;
}

char *
file_read_trusted(const char *path, size_t max, bool secret, size_t *ret_len,
    struct err *e)
{
	struct stat st;
	int fd = open_regular(path, &st, e);
	char *data = NULL;

	if (fd < 0)
		return NULL;
	if (check_trust(&st, path, secret, e) == 0)
		data = read_open(fd, &st, path, max, ret_len, e);
	close(fd);
	return data;
}

/* Where a file is to stand: its folder, open, and names in it. */
struct place {
	const char *path;
	int dir;
	char *name;
	char *temp; /* ".NAME.tmp" */
};

static void
place_release(struct place *p)
{
	if (p->dir >= 0)
		close(p->dir);
	free(p->name);
	free(p->temp);
}

static int
place_open(struct place *p, const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char *folder;
	int rc = 0;

	*p = (struct place){ .path = path, .dir = -1 };
	if (*name == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(e, ERR_CREATE, "%s: is no file name", path);
	if (slash == NULL)
		folder = mem_dup(".");
	else if (slash == path)
		folder = mem_dup("/");
	else
		folder = mem_fmt("%.*s", (int)(slash - path), path);
	p->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir < 0)
		rc = err_sys(e, ERR_CREATE, folder);
	free(folder);
	p->name = mem_dup(name);
	p->temp = mem_fmt(".%s.tmp", name);
	return rc;
}

/* Some file systems cannot do this for a folder, and say EINVAL. */
static int
sync_folder(const struct place *p, struct err *e)
{
	if (fsync(p->dir) == 0 || errno == EINVAL)
		return 0;
	err_sys(e, ERR_IO, p->path);
	return err_prefix(e, "the folder of");
}

static int
write_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* How a new file is to look. */
struct look {
	mode_t mode;
	uid_t uid; /* -1: ours */
	gid_t gid;
	int like;   /* an open file with the extended attributes, or -1 */
	bool spare; /* can be made again: not synced */
};

/* A label that the kernel gave the new file, too, need not be set. */
static bool
has_xattr(int fd, const char *name, const char *value, size_t len, char *is)
{
	return fgetxattr(fd, name, is, XATTR_SIZE_MAX) == (ssize_t)len &&
	    memcmp(is, value, len) == 0;
}

/* An access list or a label that goes missing would be a silent change. */
static int
copy_xattrs(int from, int to)
{
	ssize_t n = flistxattr(from, NULL, 0), len;
	char *names, *value, *is;
	int rc = 0;

	if (n <= 0)
		return n == 0 || errno == ENOTSUP ? 0 : -1;
	names = mem_array((size_t)n + 1, 1);
	value = mem_array(XATTR_SIZE_MAX, 1);
	is = mem_array(XATTR_SIZE_MAX, 1);
	n = flistxattr(from, names, (size_t)n);
	if (n < 0)
		rc = -1;
	for (char *at = names; rc == 0 && at < names + n;
	     at += strlen(at) + 1) {
		len = fgetxattr(from, at, value, XATTR_SIZE_MAX);
		if (len < 0 ||
		    (!has_xattr(to, at, value, (size_t)len, is) &&
			fsetxattr(to, at, value, (size_t)len, 0) < 0))
			rc = -1;
	}
	free(names);
	free(value);
	free(is);
	return rc;
}

/* The owner first: chown(2) may take mode bits away. */
static int
dress(int fd, const struct look *look)
{
	if (look->uid != (uid_t)-1 && fchown(fd, look->uid, look->gid) < 0)
		return -1;
	if (fchmod(fd, look->mode) < 0)
		return -1;
	return look->like < 0 ? 0 : copy_xattrs(look->like, fd);
}

/* The temporary file, complete and durable, or not there at all. */
static int
write_temp(const struct place *p, const void *data, size_t len,
    const struct look *look, struct err *e)
{
	int fd, rc;

	if (unlinkat(p->dir, p->temp, 0) < 0 && errno != ENOENT)
		return err_sys(e, ERR_CREATE, p->path);
	fd = openat(p->dir, p->temp,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, ERR_CREATE, p->path);
	rc = dress(fd, look);
	if (rc < 0)
		err_sys(e, ERR_CREATE, p->path);
	else if ((rc = write_all(fd, data, len)) < 0 ||
	    (!look->spare && (rc = fsync(fd)) < 0))
		err_sys(e, ERR_IO, p->path);
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(e, ERR_IO, p->path);
	if (rc < 0)
		unlinkat(p->dir, p->temp, 0);
	return rc;
}

/* Not every file system knows RENAME_NOREPLACE; a link is as good. */
static int
place_new(const struct place *p)
{
	if (renameat2(p->dir, p->temp, p->dir, p->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(p->dir, p->temp, p->dir, p->name, 0) < 0)
		return -1;
	return unlinkat(p->dir, p->temp, 0);
}

int
file_create(const char *path, const void *data, size_t len, mode_t mode,
    uid_t uid, gid_t gid, struct err *e)
{
	const struct look look = { mode, uid, gid, -1, false };
	struct place p;
	int rc = place_open(&p, path, e);

	if (rc < 0)
		goto out;
	rc = write_temp(&p, data, len, &look, e);
	if (rc < 0)
		goto out;
	rc = place_new(&p);
	if (rc < 0) {
		err_sys(e, ERR_CREATE, path);
		unlinkat(p.dir, p.temp, 0);
		goto out;
	}
	rc = sync_folder(&p, e);
	if (rc < 0)
		unlinkat(p.dir, p.name, 0);
out:
	place_release(&p);
	return rc;
}

/* Whoever asks for a page in /dev/stdout, say, wants no file in its place. */
static int
check_taken(const struct place *p, struct err *e)
{
	struct stat st;

	if (fstatat(p->dir, p->name, &st, 0) < 0 || S_ISREG(st.st_mode) ||
	    S_ISDIR(st.st_mode)) /* a folder is in the way of rename(2) */
		return 0;
	return err_set(e, ERR_CREATE,
	    "%s: is a device or pipe, and would be replaced by a file: name a "
	    "file",
	    p->path);
}

static int
replace(const char *path, const void *data, size_t len, const struct look *look,
    struct err *e)
{
	struct place p;
	int rc = place_open(&p, path, e);

	if (rc == 0)
		rc = check_taken(&p, e);
	if (rc < 0)
		goto out;
	rc = write_temp(&p, data, len, look, e);
	if (rc < 0)
		goto out;
	rc = renameat(p.dir, p.temp, p.dir, p.name);
	if (rc < 0) {
		err_sys(e, ERR_CREATE, path);
		unlinkat(p.dir, p.temp, 0);
		goto out;
	}
	if (!look->spare)
		rc = sync_folder(&p, e);
out:
	place_release(&p);
	return rc;
}

int
file_replace(const char *path, const void *data, size_t len, mode_t mode,
    uid_t uid, gid_t gid, struct err *e)
{
	const struct look look = { mode, uid, gid, -1, false };

	return replace(path, data, len, &look, e);
}

int
file_refresh(const char *path, const void *data, size_t len, mode_t mode,
    struct err *e)
{
	const struct look look = { mode, (uid_t)-1, (gid_t)-1, -1, true };

	return replace(path, data, len, &look, e);
}

int
file_replace_content(const char *path, const void *data, size_t len,
    struct err *e)
{
	char *real = realpath(path, NULL);
	struct look look = { .spare = false };
	struct stat st;
	int rc = -1;

	if (real == NULL)
		return err_sys(e, ERR_IO, path);
	look.like = open_regular(real, &st, e);
	if (look.like >= 0) {
		look.mode = st.st_mode & 07777;
		look.uid = st.st_uid;
		look.gid = st.st_gid;
		rc = replace(real, data, len, &look, e);
		close(look.like);
	}
	free(real);
	return rc;
}

int
file_remove(const char *path, struct err *e)
{
	struct stat st;
	struct place p;
	int rc;

	if (lstat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	rc = place_open(&p, path, e);
	if (rc == 0) {
		if (unlinkat(p.dir, p.name, 0) < 0 && errno != ENOENT)
			rc = err_sys(e, ERR_IO, path);
		else
			rc = sync_folder(&p, e);
	}
	place_release(&p);
	return rc;
}
