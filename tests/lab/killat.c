/* Kills the process it is loaded into just before its n-th durable step; never touches its children.
 *
 * LD_PRELOAD=killat.so KILLAT=n KILLAT_LOG=file. A durable step is a call that leaves a trace outside of the
 * process: files made safe, renamed or removed, a program started, bytes sent on a stream socket (a datagram
 * is a question: it leaves nothing). The name of the step is appended to the log, then comes SIGKILL.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long left; /* steps still allowed plus one; 0: count nothing */
static pid_t owner;
static char log_file[4096]; /* kept: the program cleans its environment */

__attribute__((constructor)) static void
killat_begin(void)
{
	const char *n = getenv("KILLAT"), *mine = getenv("KILLAT_OWNER");
	char number[32];

	if (n == NULL || mine != NULL)
		return; /* a child inherited the environment */
	owner = getpid();
	snprintf(number, sizeof(number), "%ld", (long)owner);
	setenv("KILLAT_OWNER", number, 1);
	left = atol(n);
	if (getenv("KILLAT_LOG") != NULL)
		snprintf(log_file, sizeof(log_file), "%s",
		    getenv("KILLAT_LOG"));
}

static void
step(const char *name, const char *what)
{
	int saved = errno;

	if (left <= 0 || getpid() != owner)
		return;
	if (__atomic_sub_fetch(&left, 1, __ATOMIC_SEQ_CST) == 0) {
		char line[600];
		long fd, len;

		len = snprintf(line, sizeof(line), "%s %s\n", name,
		    what == NULL ? "-" : what);
		if (len >= (long)sizeof(line))
			len = (long)sizeof(line) - 1;
		fd = log_file[0] == 0
		    ? -1
		    : syscall(SYS_openat, AT_FDCWD, log_file,
			  O_WRONLY | O_CREAT | O_APPEND, 0644);
		if (fd >= 0)
			(void)syscall(SYS_write, fd, line, len);
		(void)syscall(SYS_kill, owner, SIGKILL);
	}
	errno = saved;
}

static const char *
path_of(int fd)
{
	static __thread char path[512];
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	return path;
}

static void
stream_step(const char *name, int fd)
{
	struct stat st;
	int type = 0, saved = errno;
	socklen_t len = sizeof(type);

	if (left > 0 && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_STREAM)
		step(name, "stream");
	errno = saved;
}

#define REAL(ret, name, ...)             \
	static ret (*real)(__VA_ARGS__); \
	if (real == NULL)                \
	*(void **)&real = dlsym(RTLD_NEXT, name)

#define BY_FD(name)                       \
	int name(int fd)                  \
	{                                 \
		REAL(int, #name, int);    \
		step(#name, path_of(fd)); \
		return real(fd);          \
	}
#define BY_PATH(name)                           \
	int name(const char *path)              \
	{                                       \
		REAL(int, #name, const char *); \
		step(#name, path);              \
		return real(path);              \
	}
#define BY_TWO_PATHS(name)                                    \
	int name(const char *from, const char *to)            \
	{                                                     \
		REAL(int, #name, const char *, const char *); \
		step(#name, to);                              \
		return real(from, to);                        \
	}

BY_FD(fsync)
BY_FD(fdatasync)
BY_PATH(unlink)
BY_PATH(rmdir)
BY_TWO_PATHS(rename)
BY_TWO_PATHS(link)
BY_TWO_PATHS(symlink)

int
unlinkat(int dir, const char *path, int flags)
{
	REAL(int, "unlinkat", int, const char *, int);
	step("unlinkat", path);
	return real(dir, path, flags);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	REAL(int, "renameat", int, const char *, int, const char *);
	step("renameat", to);
	return real(from_dir, from, to_dir, to);
}

int
renameat2(int from_dir, const char *from, int to_dir, const char *to,
    unsigned int flags)
{
	REAL(int, "renameat2", int, const char *, int, const char *,
	    unsigned int);
	step("renameat2", to);
	return real(from_dir, from, to_dir, to, flags);
}

int
linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	REAL(int, "linkat", int, const char *, int, const char *, int);
	step("linkat", to);
	return real(from_dir, from, to_dir, to, flags);
}

int
mkdir(const char *path, mode_t mode)
{
	REAL(int, "mkdir", const char *, mode_t);
	step("mkdir", path);
	return real(path, mode);
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	REAL(int, "mkdirat", int, const char *, mode_t);
	step("mkdirat", path);
	return real(dir, path, mode);
}

int
ftruncate(int fd, off_t size)
{
	REAL(int, "ftruncate", int, off_t);
	step("ftruncate", path_of(fd));
	return real(fd, size);
}

int
ftruncate64(int fd, off64_t size)
{
	REAL(int, "ftruncate64", int, off64_t);
	step("ftruncate", path_of(fd));
	return real(fd, size);
}

int
posix_spawn(pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *acts, const posix_spawnattr_t *attr,
    char *const argv[], char *const env[])
{
	REAL(int, "posix_spawn", pid_t *, const char *,
	    const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	    char *const *, char *const *);
	step("posix_spawn", path);
	return real(pid, path, acts, attr, argv, env);
}

int
posix_spawnp(pid_t *pid, const char *file,
    const posix_spawn_file_actions_t *acts, const posix_spawnattr_t *attr,
    char *const argv[], char *const env[])
{
	REAL(int, "posix_spawnp", pid_t *, const char *,
	    const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	    char *const *, char *const *);
	step("posix_spawn", file);
	return real(pid, file, acts, attr, argv, env);
}

pid_t
fork(void)
{
	REAL(pid_t, "fork", void);
	step("fork", NULL);
	return real();
}

/* A wrapper cannot return twice from the real vfork: fork does the same for a child that only execs. */
pid_t
vfork(void)
{
	REAL(pid_t, "fork", void);
	step("vfork", NULL);
	return real();
}

int
execve(const char *path, char *const argv[], char *const env[])
{
	REAL(int, "execve", const char *, char *const *, char *const *);
	step("execve", path);
	return real(path, argv, env);
}

ssize_t
send(int fd, const void *data, size_t len, int flags)
{
	REAL(ssize_t, "send", int, const void *, size_t, int);
	stream_step("send", fd);
	return real(fd, data, len, flags);
}

ssize_t
sendto(int fd, const void *data, size_t len, int flags,
    const struct sockaddr *to, socklen_t to_len)
{
	REAL(ssize_t, "sendto", int, const void *, size_t, int,
	    const struct sockaddr *, socklen_t);
	stream_step("sendto", fd);
	return real(fd, data, len, flags, to, to_len);
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
	REAL(ssize_t, "sendmsg", int, const struct msghdr *, int);
	stream_step("sendmsg", fd);
	return real(fd, message, flags);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	REAL(ssize_t, "write", int, const void *, size_t);
	stream_step("write", fd);
	return real(fd, data, len);
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	REAL(ssize_t, "writev", int, const struct iovec *, int);
	stream_step("writev", fd);
	return real(fd, parts, count);
}
