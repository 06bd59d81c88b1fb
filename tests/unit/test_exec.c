/*
 * test_exec.c - a program gets what it is meant to get, and ends.
 *
 * The test program is its own child: with "child WHAT" it does WHAT.
 */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "edge/exec.h"

#define LONG_MS 20000

static char self[4096]; /* PATH_MAX, as realpath needs */
static struct err e;
static struct exec_result r;

extern char **environ;

/* ---- what the child does ---- */

static void
say_env(void)
{
	for (char **s = environ; *s != NULL; s++)
		printf("%s\n", *s);
}

static void
say_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *de;

	while ((de = readdir(d)) != NULL)
		if (de->d_name[0] != '.' && atoi(de->d_name) != dirfd(d))
			printf("%s ", de->d_name);
	closedir(d);
}

static void
say_signals(void)
{
	sigset_t set;

	sigprocmask(SIG_SETMASK, NULL, &set);
	for (int s = 1; s < 32; s++) {
		struct sigaction sa;

		if (sigismember(&set, s) == 1)
			printf("blocked %d\n", s);
		/* A sanitizer catches some for itself. */
		if (sigaction(s, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN)
			printf("ignored %d\n", s);
	}
}

static void
say_flood(FILE *f)
{
	for (int i = 0; i < 300000; i++)
		fputc('a' + i % 26, f);
}

static void
wait_for_ever(void)
{
	for (;;)
		poll(NULL, 0, 1000);
}

/* How much there is to read, and a sum that tells its order. */
static void
say_input(void)
{
	unsigned long n = 0, sum = 0;
	int c;

	while ((c = getchar()) != EOF) {
		n++;
		sum = sum * 31 + (unsigned long)c;
	}
	printf("%lu %lu", n, sum);
}

static int
child(const char *what)
{
	char c, cwd[4096];

	if (strcmp(what, "env") == 0)
		say_env();
	else if (strcmp(what, "fds") == 0)
		say_fds();
	else if (strcmp(what, "signals") == 0)
		say_signals();
	else if (strcmp(what, "stdin") == 0)
		printf("%zd", read(0, &c, 1));
	else if (strcmp(what, "input") == 0)
		say_input();
	else if (strcmp(what, "flags") == 0)
		printf("%d %d", fcntl(0, F_GETFD), lseek(0, 0, SEEK_CUR) == 0);
	else if (strcmp(what, "group") == 0)
		printf("%d %d", getpgid(0) == getpid(), getsid(0) == getpid());
	else if (strcmp(what, "flood") == 0) {
		say_flood(stdout);
		say_flood(stderr);
	} else if (strcmp(what, "seven") == 0)
		return 7;
	else if (strcmp(what, "abort") == 0)
		raise(SIGKILL);
	else if (strcmp(what, "ever") == 0)
		wait_for_ever();
	else if (strcmp(what, "flood-ever") == 0)
		for (;;)
			say_flood(stdout);
	else if (strcmp(what, "deaf") == 0) {
		signal(SIGTERM, SIG_IGN);
		wait_for_ever();
	} else if (strcmp(what, "silent") == 0) {
		close(1);
		close(2);
		wait_for_ever();
	} else if (strcmp(what, "heir") == 0) {
		/* What `postfix reload` does: something goes on behind. */
		printf("done");
		fflush(stdout);
		if (fork() == 0)
			poll(NULL, 0, 5000);
	} else if (strcmp(what, "orphan") == 0) {
		pid_t pid = fork();

		if (pid == 0)
			wait_for_ever();
		printf("%d", (int)pid);
	} else if (strcmp(what, "folder") == 0)
		printf("%s", getcwd(cwd, sizeof(cwd)));
	else if (strcmp(what, "family") == 0) {
		int fifo = open(getenv("FIFO"), O_WRONLY);

		if (fork() == 0 && write(fifo, "x", 1) == 1)
			wait_for_ever();
		wait_for_ever();
	}
	return 0;
}

/* ---- the tests ---- */

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)
#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

static int
run_env(const char *what, const char *const *env, int ms)
{
	const char *const argv[] = { self, "child", what, NULL };

	memset(&r, 0, sizeof(r));
	return exec_run(argv, env, NULL, ms, &r, &e);
}

static int
run(const char *what, int ms)
{
	return run_env(what, NULL, ms);
}

static void
teardown(void)
{
	exec_release(&r);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
	ck_assert_int_eq(errno, ECHILD);
}

START_TEST(the_environment_is_made_from_nothing)
{
	static const char *const more[] = { "DANESAFE_HOST=mx.example.org",
		NULL };

	setenv("OPENSSL_CONF", "/tmp/evil", 1);
	setenv("LD_LIBRARY_PATH", "/tmp", 1);
	must(run("env", LONG_MS));
	ck_assert_str_eq(r.out,
	    "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
	    "LC_ALL=C\n");
	exec_release(&r);
	must(run_env("env", more, LONG_MS));
	ck_assert_str_eq(r.out,
	    "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
	    "LC_ALL=C\nDANESAFE_HOST=mx.example.org\n");
}
END_TEST

START_TEST(no_descriptor_is_inherited)
{
	int a = open("/dev/null", O_RDONLY), b = dup2(a, 77);

	must(run("fds", LONG_MS));
	ck_assert_str_eq(r.out, "0 1 2 ");
	close(a);
	close(b);
}
END_TEST

static int
count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

START_TEST(nothing_stays_open_here)
{
	int before = count_fds();

	must(run("flood", LONG_MS));
	exec_release(&r);
	ck_assert_int_eq(run("ever", 50), -1);
	ck_assert_int_eq(run("ever", -5), -1);
	ck_assert_int_eq(count_fds(), before);
}
END_TEST

START_TEST(signals_are_as_at_birth)
{
	sigset_t all, was;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &was);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	must(run("signals", LONG_MS));
	ck_assert_str_eq(r.out, "");
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	sigprocmask(SIG_SETMASK, &was, NULL);
}
END_TEST

START_TEST(standard_input_is_empty)
{
	int was = dup(0), fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(write(fd[1], "x", 1), 1);
	ck_assert_int_eq(dup2(fd[0], 0), 0);
	must(run("stdin", LONG_MS));
	ck_assert_str_eq(r.out, "0");
	ck_assert_int_eq(dup2(was, 0), 0);
	close(was);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(it_has_a_group_and_a_session_of_its_own)
{
	must(run("group", LONG_MS));
	ck_assert_str_eq(r.out, "1 1");
}
END_TEST

START_TEST(the_exit_status_is_told)
{
	char how[40];

	must(run("seven", LONG_MS));
	ck_assert_int_eq(r.status, 7);
	ck_assert_str_eq(exec_end(&r, how, sizeof(how)), "exit status 7");
	must((exec_release(&r), run("nothing", LONG_MS)));
	ck_assert_int_eq(r.status, 0);
	ck_assert_uint_eq(r.out_len, 0);
	ck_assert_str_eq(r.errout, "");
	must((exec_release(&r), run("abort", LONG_MS)));
	ck_assert_int_eq(r.status, 128 + SIGKILL);
	ck_assert_str_eq(exec_end(&r, how, sizeof(how)), "ended by SIGKILL");
}
END_TEST

START_TEST(a_flood_is_cut_and_read_to_its_end)
{
	must(run("flood", LONG_MS));
	ck_assert_int_eq(r.status, 0);
	ck_assert_uint_eq(r.out_len, EXEC_OUTPUT);
	ck_assert_uint_eq(r.err_len, EXEC_OUTPUT);
	ck_assert_uint_eq(strlen(r.out), EXEC_OUTPUT);
	ck_assert_int_eq(strncmp(r.out, "abcdefgh", 8), 0);
}
END_TEST

static const char *const ENDLESS[] = { "ever", "silent", "flood-ever" };

START_TEST(what_does_not_end_is_ended)
{
	int64_t began = clock_mono_ms(), took;

	ck_assert_int_eq(run(ENDLESS[_i], 200), -1);
	took = clock_mono_ms() - began;
	ck_assert_int_eq(e.kind, ERR_TEMP);
	says("stopped after 0.2 s");
	says(self);
	ck_assert_ptr_null(r.out);
	ck_assert_int_ge(took, 200);
	ck_assert_int_lt(took, 1900); /* TERM was enough */
}
END_TEST

START_TEST(what_does_not_hear_is_killed)
{
	int64_t began = clock_mono_ms(), took;

	ck_assert_int_eq(run("deaf", 100), -1);
	took = clock_mono_ms() - began;
	ck_assert_int_ge(took, 2000);
	ck_assert_int_lt(took, 10000);
}
END_TEST

START_TEST(what_goes_on_behind_a_program_does_not_hold_it)
{
	int64_t began = clock_mono_ms();

	must(run("heir", LONG_MS));
	ck_assert_str_eq(r.out, "done");
	ck_assert_int_lt(clock_mono_ms() - began, 4000);
}
END_TEST

START_TEST(what_it_leaves_running_is_left_alone)
{
	struct pollfd p = { .events = POLLIN };
	pid_t pid;

	must(run("orphan", LONG_MS));
	pid = atoi(r.out);
	ck_assert_int_gt(pid, 0);
	p.fd = pidfd_open(pid, 0);
	ck_assert_int_ge(p.fd, 0);
	ck_assert_int_eq(poll(&p, 1, 100), 0); /* it lives */
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(poll(&p, 1, 5000), 1);
	close(p.fd);
}
END_TEST

/* It holds no folder of ours, such as one that is to be unmounted. */
START_TEST(it_works_in_the_root_folder)
{
	must(run("folder", LONG_MS));
	ck_assert_str_eq(r.out, "/");
}
END_TEST

/* Both of them hold the FIFO open for writing as long as they live. */
START_TEST(the_whole_family_is_ended)
{
	char top[] = "/tmp/exec.XXXXXX", fifo[64];
	const char *const env[] = { fifo, NULL };
	struct pollfd p;
	char c[2];

	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(fifo, sizeof(fifo), "FIFO=%s/f", top);
	ck_assert_int_eq(mkfifo(fifo + 5, 0600), 0);
	p.fd = open(fifo + 5, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	p.events = POLLIN;
	ck_assert_int_eq(run_env("family", env, 1000), -1);
	ck_assert_int_eq(read(p.fd, c, 2), 1);
	ck_assert_int_eq(poll(&p, 1, 5000), 1);
	ck_assert_int_ne(p.revents & POLLHUP, 0);
	close(p.fd);
	unlink(fifo + 5);
	rmdir(top);
}
END_TEST

START_TEST(what_cannot_be_started_is_told)
{
	const char *const missing[] = { "/nowhere/postconf", NULL };
	const char *const folder[] = { "/", NULL };
	const char *const relative[] = { "true", NULL };

	ck_assert_int_eq(exec_run(missing, NULL, NULL, LONG_MS, &r, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	ck_assert_str_eq(e.text,
	    "/nowhere/postconf: No such file or directory");
	ck_assert_int_eq(exec_run(folder, NULL, NULL, LONG_MS, &r, &e), -1);
	says("Permission denied");
	ck_assert_int_eq(exec_run(relative, NULL, NULL, LONG_MS, &r, &e), -1);
	says("absolute");
}
END_TEST

/* More than a pipe holds, too; what is not read does no harm. */
START_TEST(a_text_arrives_whole_on_standard_input)
{
	static const size_t sizes[] = { 0, 1, 4096, 65537, 200 * 1024 };
	const char *const argv[] = { self, "child", "input", NULL };
	const char *const seven[] = { self, "child", "seven", NULL };
	unsigned long sum = 0;
	char *text = malloc(sizes[_i] + 1), want[64];

	for (size_t i = 0; i < sizes[_i]; i++) {
		text[i] = (char)('a' + i % 23);
		sum = sum * 31 + (unsigned char)text[i];
	}
	text[sizes[_i]] = 0;
	must(exec_run(argv, NULL, text, LONG_MS, &r, &e));
	snprintf(want, sizeof(want), "%zu %lu", sizes[_i], sum);
	ck_assert_str_eq(r.out, want);
	exec_release(&r);
	must(exec_run(seven, NULL, text, LONG_MS, &r, &e));
	ck_assert_int_eq(r.status, 7);
	free(text);
}
END_TEST

/* Interrupted, and cut into bites of at most so many bytes. */
static size_t bite;
static bool full;

ssize_t
write(int fd, const void *buf, size_t n)
{
	static bool turn;

	turn = !turn;
	if (bite > 0 && (turn || full)) {
		errno = full ? ENOSPC : EINTR;
		return -1;
	}
	return syscall(SYS_write, fd, buf, bite > 0 && n > bite ? bite : n);
}

START_TEST(a_text_arrives_whole_in_whatever_pieces_it_is_kept)
{
	const char *const argv[] = { self, "child", "input", NULL };
	int rc;

	bite = 2;
	rc = exec_run(argv, NULL, "abcde", LONG_MS, &r, &e);
	bite = 0;
	must(rc);
	ck_assert_int_eq(strncmp(r.out, "5 ", 2), 0);
}
END_TEST

START_TEST(a_text_that_cannot_be_kept_starts_nothing)
{
	const char *const argv[] = { self, "child", "input", NULL };
	int rc;

	bite = 2;
	full = true;
	rc = exec_run(argv, NULL, "abcde", LONG_MS, &r, &e);
	bite = 0;
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(e.kind, ERR_TEMP);
	says("No space left");
}
END_TEST

START_TEST(the_input_stays_open_for_the_program_from_its_beginning)
{
	const char *const argv[] = { self, "child", "flags", NULL };

	must(exec_run(argv, NULL, "text", LONG_MS, &r, &e));
	ck_assert_str_eq(r.out, "0 1");
}
END_TEST

START_TEST(when_nobody_can_say_how_it_ended_it_ended_badly)
{
	signal(SIGCHLD, SIG_IGN);
	if (run("nothing", LONG_MS) == 0)
		ck_assert_int_eq(r.status, 255);
	signal(SIGCHLD, SIG_DFL);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, the_environment_is_made_from_nothing);
	tcase_add_test(t, no_descriptor_is_inherited);
	tcase_add_test(t, nothing_stays_open_here);
	tcase_add_test(t, signals_are_as_at_birth);
	tcase_add_test(t, standard_input_is_empty);
	tcase_add_test(t, it_has_a_group_and_a_session_of_its_own);
	tcase_add_test(t, the_exit_status_is_told);
	tcase_add_test(t, a_flood_is_cut_and_read_to_its_end);
	tcase_add_loop_test(t, what_does_not_end_is_ended, 0, 3);
	tcase_add_test(t, what_does_not_hear_is_killed);
	tcase_add_test(t, what_goes_on_behind_a_program_does_not_hold_it);
	tcase_add_test(t, what_it_leaves_running_is_left_alone);
	tcase_add_test(t, it_works_in_the_root_folder);
	tcase_add_test(t, the_whole_family_is_ended);
	tcase_add_test(t, what_cannot_be_started_is_told);
	tcase_add_loop_test(t, a_text_arrives_whole_on_standard_input, 0, 5);
	tcase_add_test(t, a_text_arrives_whole_in_whatever_pieces_it_is_kept);
	tcase_add_test(t, a_text_that_cannot_be_kept_starts_nothing);
	tcase_add_test(t,
	    the_input_stays_open_for_the_program_from_its_beginning);
	tcase_add_test(t, when_nobody_can_say_how_it_ended_it_ended_badly);
}

int
main(int argc, char **argv)
{
	Suite *s;
	TCase *t;
	SRunner *sr;
	int failed;

	if (argc == 3 && strcmp(argv[1], "child") == 0)
		return child(argv[2]);
	if (realpath("/proc/self/exe", self) == NULL)
		return 1;
	s = suite_create("exec");
	t = tcase_create("exec");
	sr = srunner_create(s);
	suite_add_tcase(s, t);
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, NULL, teardown);
	add_tests(t);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
