/*
 * exec.c - runs one program, without a shell, with an end.  Believes nothing
 * that it says.
 */
#include "edge/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

#define GRACE_MS 2000 /* between TERM and KILL */
#define ROUND_MS 50   /* where the kernel has no pidfd */

/* One stream of the child. */
struct stream {
	int fd;
	char *buf;
	size_t len;
};

static int
make_pipe(int fd[2], struct err *e)
{
	if (pipe2(fd, O_CLOEXEC) < 0)
		return err_set(e, ERR_TEMP, "pipe: %s", strerror(errno));
	return 0;
}

static void
close_pair(int fd[2])
{
	for (int i = 0; i < 2; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
		fd[i] = -1;
	}
}

/* A group of its own and no terminal, every signal as it is by default, the
 * folder "/", and of our files only these three. */
static int
spawn(const char *const *argv, char *const *envp, int in, int out, int errout,
    pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
		POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&files);
	error = in < 0
	    ? posix_spawn_file_actions_addopen(&files, STDIN_FILENO,
		  "/dev/null", O_RDONLY, 0)
	    : posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&files, out,
		    STDOUT_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&files, errout,
		    STDERR_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_addclosefrom_np(&files, 3);
	if (error == 0)
		error = posix_spawn_file_actions_addchdir_np(&files, "/");
	if (error == 0)
		error = posix_spawn(ret_pid, argv[0], &files, &attr,
		    (char *const *)argv, envp);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return error;
}

/* From nothing: no OPENSSL_CONF, no LD_PRELOAD, no HOME.  free(). */
static const char **
make_env(const char *const *env)
{
	const char **out;
	size_t n = 0;

	while (env != NULL && env[n] != NULL)
		n++;
	out = mem_array(n + 3, sizeof(*out));
	out[0] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	out[1] = "LC_ALL=C";
	for (size_t i = 0; i < n; i++)
		out[2 + i] = env[i];
	return out;
}

/* 0 with *ret_pid once the program runs, else why it does not. */
static int
start(const char *const *argv, const char *const *env, int in, int out[2],
    int errout[2], pid_t *ret_pid, struct err *e)
{
	const char **envp = make_env(env);
	int error = spawn(argv, (char *const *)envp, in, out[1], errout[1],
	    ret_pid);

	free(envp);
	if (error == 0)
		return 0;
	return err_set(e, error == ENOENT ? ERR_CONFIG : ERR_TEMP, "%s: %s",
	    argv[0], strerror(error));
}

/* What the child will read, in memory; -1 and errno. */
static int
input_of(const char *text)
{
	size_t len = strlen(text), done = 0;
	int fd = memfd_create("input", MFD_CLOEXEC);
	ssize_t n = 0;

	while (fd >= 0 && done < len && n >= 0) {
		n = write(fd, text + done, len - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 0;
	}
	if (fd >= 0 && (n < 0 || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Reads what is there; what does not fit is read and dropped.  False when
 * there was nothing. */
static bool
drain(struct stream *s)
{
	char spill[4096];
	size_t room = EXEC_OUTPUT - s->len;
	ssize_t n;

	n = room > 0 ? read(s->fd, s->buf + s->len, room)
		     : read(s->fd, spill, sizeof(spill));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n <= 0) {
		close(s->fd);
		s->fd = -1;
	} else if (room > 0)
		s->len += (size_t)n;
	return n > 0;
}

/*
 * What the program wrote before it ended, and no more: something that it left
 * behind may hold the streams open, and write, for ever.
 */
static void
drain_rest(struct stream *s)
{
	size_t rounds = 64;

	while (s->fd >= 0 && rounds-- > 0 && drain(s))
		;
}

/* True when it ended; the end of the program counts, not of its streams. */
static bool
ended(pid_t pid, int *status)
{
	pid_t got = waitpid(pid, status, WNOHANG);

	return got == pid || (got < 0 && errno != EINTR);
}

/* Listens until the program ends; false when the deadline came first. */
static bool
listen_to(pid_t pid, struct stream *s, int64_t deadline, int *status)
{
	int pidfd = pidfd_open(pid, 0);
	bool done;

	while (!(done = ended(pid, status))) {
		struct pollfd p[3] = { { .fd = s[0].fd, .events = POLLIN },
			{ .fd = s[1].fd, .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN } };
		int64_t left = deadline - clock_mono_ms();

		if (left <= 0)
			break;
		if (pidfd < 0 && left > ROUND_MS)
			left = ROUND_MS;
		if (poll(p, 3, (int)(left > 60000 ? 60000 : left)) < 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (s[i].fd >= 0 && p[i].revents != 0)
				drain(&s[i]);
	}
	if (pidfd >= 0)
		close(pidfd);
	return done;
}

/* TERM, and KILL if that does not help: the whole group. */
static void
stop(pid_t pid, struct stream *s, int *status)
{
	bool done;

	kill(-pid, SIGTERM);
	done = listen_to(pid, s, clock_mono_ms() + GRACE_MS, status);
	kill(-pid, SIGKILL); /* also what it left behind */
	while (!done && waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
}

static int
finish(pid_t pid, struct stream *s, int timeout_ms, const char *name,
    struct exec_result *ret, struct err *e)
{
	int64_t deadline = clock_mono_ms() + timeout_ms;
	int status = W_EXITCODE(255, 0); /* when nobody can say */

	if (!listen_to(pid, s, deadline, &status)) {
		stop(pid, s, &status);
		return err_set(e, ERR_TEMP, "%s: stopped after %d.%d s", name,
		    timeout_ms / 1000, timeout_ms % 1000 / 100);
	}
	for (int i = 0; i < 2; i++)
		drain_rest(&s[i]);
	ret->signal = WIFEXITED(status) ? 0 : WTERMSIG(status);
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status)
					: 128 + WTERMSIG(status);
	ret->out = s[0].buf;
	ret->out_len = s[0].len;
	ret->errout = s[1].buf;
	ret->err_len = s[1].len;
	return 0;
}

int
exec_run(const char *const *argv, const char *const *env, const char *input,
    int timeout_ms, struct exec_result *ret, struct err *e)
{
	int out[2] = { -1, -1 }, errout[2] = { -1, -1 }, in = -1, rc = -1;
	struct stream s[2] = { { .fd = -1 }, { .fd = -1 } };
	pid_t pid = -1;

	memset(ret, 0, sizeof(*ret));
	if (argv[0][0] != '/')
		return err_set(e, ERR_BUG, "%s: not an absolute path", argv[0]);
	if (input != NULL && (in = input_of(input)) < 0) {
		err_set(e, ERR_TEMP, "%s: its input: %s", argv[0],
		    strerror(errno));
		goto out;
	}
	if (make_pipe(out, e) < 0 || make_pipe(errout, e) < 0 ||
	    start(argv, env, in, out, errout, &pid, e) < 0)
		goto out;
	close(out[1]);
	close(errout[1]);
	out[1] = errout[1] = -1;
	s[0].fd = out[0];
	s[1].fd = errout[0];
	out[0] = errout[0] = -1;
	for (int i = 0; i < 2; i++) {
		fcntl(s[i].fd, F_SETFL, O_NONBLOCK);
		s[i].buf = mem_array(EXEC_OUTPUT + 1, 1);
	}
	rc = finish(pid, s, timeout_ms, argv[0], ret, e);
out:
	if (in >= 0)
		close(in);
	close_pair(out);
	close_pair(errout);
	for (int i = 0; i < 2; i++) {
		if (s[i].fd >= 0)
			close(s[i].fd);
		if (rc < 0)
			free(s[i].buf);
	}
	return rc;
}

void
exec_release(struct exec_result *r)
{
	free(r->out);
	free(r->errout);
	memset(r, 0, sizeof(*r));
}

const char *
exec_end(const struct exec_result *r, char *buf, size_t size)
{
	const char *name = sigabbrev_np(r->signal);

	if (r->signal == 0)
		return text_fmt(buf, size, "exit status %d", r->status);
	return name != NULL
	    ? text_fmt(buf, size, "ended by SIG%s", name)
	    : text_fmt(buf, size, "ended by signal %d", r->signal);
}

const char *
exec_complaint(const struct exec_result *r, char *buf, size_t size)
{
	const char *s = r->errout;
	size_t n = r->err_len, at;

	while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == 0))
		n--;
	for (at = n; at > 0 && s[at - 1] != '\n'; at--)
		;
	if (n == 0)
		return text_fmt(buf, size,
		    "exit status %d; the mail log may say why", r->status);
	return text_show(s + at, n - at, buf, size);
}
