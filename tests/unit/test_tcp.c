/*
 * test_tcp.c - one message there and one back over TCP: whole or not at all,
 * and never longer than the deadline.  The servers are forked and scripted.
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "edge/tcp.h"

#define LONG_MS 20000
#define BIG 65535

/* ---- the server ---- */

/* What it does with a connection. */
enum role {
	ECHO,	     /* the message comes back */
	DRIP,	     /* the same, byte by byte */
	REVERSED,    /* the same bytes, the last first */
	EMPTY,	     /* an answer of no bytes */
	BIG_ANSWER,  /* 65,535 bytes */
	TWO_ANSWERS, /* the message, and again */
	GONE,	     /* listens, and ends without a word */
	HALF_LENGTH, /* one byte of the length */
	NO_BODY,     /* the length only */
	SHORT_BODY,  /* a byte less than was said */
	SLAM,	     /* ends while the message is still coming */
	SILENT,	     /* reads and says nothing */
	SILENT_BODY, /* a part of the answer, then nothing more */
	DEAF,	     /* does not even read */
};

static pid_t server = -1;
static struct addr here;

/* A message with its length before it; 0: the client went away. */
static size_t
hear(int fd, uint8_t *p)
{
	size_t len;

	if (recv(fd, p, 2, MSG_WAITALL) != 2)
		return 0;
	len = (size_t)(p[0] << 8 | p[1]);
	if (recv(fd, p + 2, len, MSG_WAITALL) != (ssize_t)len)
		return 0;
	return len + 2;
}

static void
say(int fd, const uint8_t *p, size_t len)
{
	for (ssize_t n; len > 0; p += n, len -= (size_t)n) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
	}
}

/* Until the client has had enough. */
static void
wait_end(int fd)
{
	char c[512];

	while (recv(fd, c, sizeof(c), 0) > 0)
		;
}

static void
reverse(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint8_t c = p[i];

		p[i] = p[n - 1 - i];
		p[n - 1 - i] = c;
	}
}

/* The whole message was read: what comes back. */
static void
reply(int fd, enum role role, uint8_t *p, size_t n)
{
	/* How much of the echo the client gets to see. */
	size_t part = role == GONE || role == SILENT	? 0
	    : role == HALF_LENGTH			? 1
	    : role == NO_BODY				? 2
	    : role == SHORT_BODY || role == SILENT_BODY ? n - 1
							: n;

	if (role == REVERSED)
		reverse(p + 2, n - 2);
	if (role == EMPTY || role == BIG_ANSWER) {
		memset(p, role == EMPTY ? 0 : 0xff, 2);
		memset(p + 2, 0xa5, BIG);
		part = role == EMPTY ? 2 : BIG + 2;
	}
	for (size_t i = 0; role == DRIP && i < n; i++)
		say(fd, p + i, 1);
	if (role != DRIP)
		say(fd, p, part);
	if (role == TWO_ANSWERS)
		say(fd, p, n);
}

static void
connection(int fd, enum role role)
{
	static uint8_t buf[BIG + 2];
	int one = 1;
	size_t n;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (role == DEAF)
		pause();
	if (role == SLAM) {
		/* The end first, then the reset: the client's next word would
		 * be the death of one that does not expect it. */
		recv(fd, buf, 1, 0);
		shutdown(fd, SHUT_WR);
		return;
	}
	n = hear(fd, buf);
	if (n == 0)
		return;
	reply(fd, role, buf, n);
	if (role == SILENT || role == SILENT_BODY)
		wait_end(fd);
}

/* A socket with small buffers that listens; -1 when there is no such family. */
static int
open_listener(int family, int backlog)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	struct sockaddr_in *in = (void *)&ss;
	struct sockaddr_in6 *in6 = (void *)&ss;
	socklen_t len = family == 4 ? sizeof(*in) : sizeof(*in6);
	int fd, size = 2048;

	if (family == 4) {
		in->sin_family = AF_INET;
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	} else {
		in6->sin6_family = AF_INET6;
		in6->sin6_addr = in6addr_loopback;
	}
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (void *)&ss, len) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	ck_assert_int_eq(listen(fd, backlog), 0);
	ck_assert_int_eq(getsockname(fd, (void *)&ss, &len), 0);
	here = family == 4
	    ? addr_make(4, &in->sin_addr, ntohs(in->sin_port))
	    : addr_make(6, &in6->sin6_addr, ntohs(in6->sin6_port));
	return fd;
}

static bool
start(int family, enum role role)
{
	int fd = open_listener(family, 5);

	if (fd < 0)
		return false;
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* of a test that failed */
		for (;;) {
			int c = accept(fd, NULL, NULL);

			connection(c, role);
			close(c);
		}
	}
	close(fd);
	return true;
}

static void
setup(void)
{
	server = -1;
}

static void
teardown(void)
{
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
}

/* ---- the client ---- */

/* How the machine takes what is sent: pieces of this size (0: any), after so
 * many refusals for now. */
static size_t piece;
static unsigned refusals;
static int refusal;

/* In place of libc's, which takes all at once on loopback. */
ssize_t
send(int fd, const void *p, size_t n, int flags)
{
	if (refusals > 0) {
		refusals--;
		errno = refusal;
		return -1;
	}
	return sendto(fd, p, piece > 0 && n > piece ? piece : n, flags, NULL,
	    0);
}

static uint8_t msg[BIG];
static uint8_t *answer;
static size_t answer_len;
static bool sent;
static struct err err;

static int
exchange(size_t len, int64_t ms)
{
	for (size_t i = 0; i < len; i++)
		msg[i] = (uint8_t)(i * 7 + i / 251);
	answer = NULL;
	answer_len = 0;
	sent = false;
	return tcp_exchange(&here, msg, len, clock_mono_ms() + ms, &answer,
	    &answer_len, &sent, &err);
}

/* ---- promises ---- */

static const size_t LENGTHS[] = { 1, 12, 255, 256, 1500, 40000, BIG };

#define LENGTHS_N ((int)(sizeof(LENGTHS) / sizeof(LENGTHS[0])))

START_TEST(a_message_of_any_length_goes_and_comes_whole)
{
	size_t len = LENGTHS[_i];

	ck_assert(start(4, ECHO));
	ck_assert_msg(exchange(len, LONG_MS) == 0, "%s", err.text);
	ck_assert_uint_eq(answer_len, len);
	ck_assert_mem_eq(answer, msg, len);
	ck_assert(sent);
	free(answer);
}
END_TEST

START_TEST(an_answer_in_single_bytes_is_put_together)
{
	ck_assert(start(4, DRIP));
	ck_assert_msg(exchange(700, LONG_MS) == 0, "%s", err.text);
	ck_assert_uint_eq(answer_len, 700);
	ck_assert_mem_eq(answer, msg, 700);
	free(answer);
}
END_TEST

START_TEST(the_answer_is_the_one_of_the_server)
{
	ck_assert(start(4, REVERSED));
	ck_assert_msg(exchange(300, LONG_MS) == 0, "%s", err.text);
	ck_assert_uint_eq(answer_len, 300);
	for (size_t i = 0; i < 300; i++)
		ck_assert_uint_eq(answer[i], msg[299 - i]);
	free(answer);
}
END_TEST

START_TEST(an_answer_has_the_length_that_it_says)
{
	static const struct {
		enum role role;
		size_t len;
	} rows[] = { { EMPTY, 0 }, { BIG_ANSWER, BIG }, { TWO_ANSWERS, 40 } };

	ck_assert(start(4, rows[_i].role));
	ck_assert_msg(exchange(40, LONG_MS) == 0, "%s", err.text);
	ck_assert_uint_eq(answer_len, rows[_i].len);
	ck_assert_ptr_nonnull(answer);
	if (rows[_i].role == BIG_ANSWER)
		ck_assert_uint_eq(answer[BIG - 1], 0xa5);
	free(answer);
}
END_TEST

START_TEST(ipv6_is_an_address_like_others)
{
	char at[ADDR_TEXT];

	if (!start(6, ECHO))
		return; /* a machine without it */
	ck_assert_msg(exchange(40, LONG_MS) == 0, "%s", err.text);
	ck_assert_mem_eq(answer, msg, 40);
	free(answer);
	teardown();
	setup();
	ck_assert_int_eq(exchange(40, LONG_MS), -1);
	ck_assert_ptr_nonnull(strstr(err.text, addr_str(&here, at)));
}
END_TEST

/* clang-format off */
static const struct {
	enum role role;
	size_t len;
	int64_t ms;
	const char *why;
} ENDS[] = {
	{ GONE,	       40,  LONG_MS, "reset" },
	{ HALF_LENGTH, 40,  LONG_MS, "reset" },
	{ NO_BODY,     40,  LONG_MS, "reset" },
	{ SHORT_BODY,  40,  LONG_MS, "reset" },
	{ SLAM,	       BIG, LONG_MS, "" },
	{ SILENT,      40,  100,     "timed out" },
	{ SILENT_BODY, 40,  100,     "timed out" },
	{ DEAF,	       40,  100,     "timed out" },
	{ DEAF,	       BIG, 100,     "timed out" },
};
/* clang-format on */

#define ENDS_N ((int)(sizeof(ENDS) / sizeof(ENDS[0])))

START_TEST(half_an_answer_is_none_and_the_message_was_sent)
{
	int64_t begun;
	char at[ADDR_TEXT];

	ck_assert(start(4, ENDS[_i].role));
	begun = clock_mono_ms();
	ck_assert_int_eq(exchange(ENDS[_i].len, ENDS[_i].ms), -1);
	ck_assert_ptr_null(answer);
	ck_assert_msg(sent, "row %d: it may have arrived", _i);
	ck_assert_int_eq(err.kind, ERR_UNREACHABLE);
	ck_assert_msg(strstr(err.text, ENDS[_i].why) != NULL,
	    "row %d: '%s' does not say '%s'", _i, err.text, ENDS[_i].why);
	ck_assert_ptr_nonnull(strstr(err.text, addr_str(&here, at)));
	if (ENDS[_i].ms < LONG_MS)
		ck_assert_int_ge(clock_mono_ms() - begun, ENDS[_i].ms);
	ck_assert_int_lt(clock_mono_ms() - begun, 5000);
}
END_TEST

START_TEST(a_message_is_sent_on_until_all_of_it_is)
{
	static const struct {
		size_t piece;
		unsigned refusals;
		int refusal;
	} rows[] = { { 1, 0, 0 }, { 8, 0, 0 }, { 41, 0, 0 }, { 0, 3, EAGAIN },
		{ 0, 3, EINTR } };

	ck_assert(start(4, ECHO));
	piece = rows[_i].piece;
	refusals = rows[_i].refusals;
	refusal = rows[_i].refusal;
	ck_assert_msg(exchange(40, LONG_MS) == 0, "row %d: %s", _i, err.text);
	ck_assert_uint_eq(refusals, 0);
	ck_assert_mem_eq(answer, msg, 40);
	free(answer);
	piece = 0;
}
END_TEST

/* Refused once, or for ever: that ends with the deadline. */
START_TEST(what_cannot_be_sent_is_said)
{
	ck_assert(start(4, ECHO));
	refusals = _i == 0 ? 1 : (unsigned)-1;
	refusal = _i == 0 ? EPIPE : EAGAIN;
	ck_assert_int_eq(exchange(40, _i == 0 ? LONG_MS : 100), -1);
	refusals = 0;
	ck_assert(sent);
	ck_assert_ptr_nonnull(strstr(err.text,
	    _i == 0 ? strerror(EPIPE) : "timed out"));
}
END_TEST

static void
on_alarm(int sig)
{
	(void)sig;
}

START_TEST(a_signal_does_not_end_the_wait)
{
	struct sigaction act = { .sa_handler = on_alarm }, old;
	struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
	struct itimerval never = { { 0, 0 }, { 0, 0 } };

	ck_assert(start(4, SILENT));
	sigaction(SIGALRM, &act, &old);
	setitimer(ITIMER_REAL, &often, NULL);
	ck_assert_int_eq(exchange(40, 100), -1);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old, NULL);
	ck_assert_ptr_nonnull(strstr(err.text, "timed out"));
}
END_TEST

START_TEST(where_nobody_listens_nothing_was_sent)
{
	char at[ADDR_TEXT];
	int fd = open_listener(4, 1);

	close(fd);
	ck_assert_int_eq(exchange(40, LONG_MS), -1);
	ck_assert(!sent);
	ck_assert_ptr_null(answer);
	ck_assert_int_eq(err.kind, ERR_UNREACHABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "refused"));
	ck_assert_ptr_nonnull(strstr(err.text, addr_str(&here, at)));
}
END_TEST

/* The queue is full of connections that nobody takes: the next waits. */
START_TEST(a_connection_that_does_not_come_about_ends)
{
	int fd = open_listener(4, 0), other[4];
	struct sockaddr_storage ss;
	socklen_t len = (socklen_t)addr_sockaddr(&here, &ss);

	for (int i = 0; i < 4; i++) {
		other[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(other[i], (void *)&ss, len);
	}
	ck_assert_int_eq(exchange(40, 200), -1);
	ck_assert(!sent);
	ck_assert_ptr_nonnull(strstr(err.text, "timed out"));
	for (int i = 0; i < 4; i++)
		close(other[i]);
	close(fd);
}
END_TEST

START_TEST(a_deadline_that_is_over_asks_nobody)
{
	ck_assert(start(4, ECHO));
	ck_assert_int_eq(exchange(40, -1), -1);
	ck_assert(!sent);
	ck_assert_ptr_nonnull(strstr(err.text, "timed out"));
}
END_TEST

START_TEST(who_does_not_ask_is_not_told_whether_it_was_sent)
{
	struct err e;

	ck_assert(start(4, ECHO));
	ck_assert_int_eq(tcp_exchange(&here, msg, 40, clock_mono_ms() + LONG_MS,
			     &answer, &answer_len, NULL, &e),
	    0);
	free(answer);
	teardown();
	setup();
	ck_assert_int_eq(tcp_exchange(&here, msg, 40, clock_mono_ms() + LONG_MS,
			     &answer, &answer_len, NULL, &e),
	    -1);
}
END_TEST

START_TEST(no_descriptor_stays_open)
{
	int before = dup(0);

	close(before); /* the lowest number that is free */
	ck_assert(start(4, ECHO));
	ck_assert_int_eq(exchange(40, LONG_MS), 0);
	free(answer);
	ck_assert_int_eq(exchange(40, -1), -1);
	teardown();
	setup();
	ck_assert_int_eq(exchange(40, LONG_MS), -1);
	ck_assert(start(4, NO_BODY));
	ck_assert_int_eq(exchange(40, LONG_MS), -1);
	ck_assert_int_eq(dup(0), before);
	close(before);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tcp");
	TCase *tc = tcase_create("tcp");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_message_of_any_length_goes_and_comes_whole, 0,
	    LENGTHS_N);
	tcase_add_test(tc, an_answer_in_single_bytes_is_put_together);
	tcase_add_test(tc, the_answer_is_the_one_of_the_server);
	tcase_add_loop_test(tc, an_answer_has_the_length_that_it_says, 0, 3);
	tcase_add_test(tc, ipv6_is_an_address_like_others);
	tcase_add_loop_test(tc, half_an_answer_is_none_and_the_message_was_sent,
	    0, ENDS_N);
	tcase_add_loop_test(tc, a_message_is_sent_on_until_all_of_it_is, 0, 5);
	tcase_add_loop_test(tc, what_cannot_be_sent_is_said, 0, 2);
	tcase_add_test(tc, a_signal_does_not_end_the_wait);
	tcase_add_test(tc, where_nobody_listens_nothing_was_sent);
	tcase_add_test(tc, a_connection_that_does_not_come_about_ends);
	tcase_add_test(tc, a_deadline_that_is_over_asks_nobody);
	tcase_add_test(tc, who_does_not_ask_is_not_told_whether_it_was_sent);
	tcase_add_test(tc, no_descriptor_stays_open);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
