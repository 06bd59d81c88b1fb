/*
 * tcp.c - DNS messages over a TCP connection, both ways; and one there and
 * one back, with an end.
 */
#include "edge/tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define PIECE 4096
#define PIECES 32 /* received in a row; then it is others' turn */

struct bytes {
	uint8_t *p;
	size_t len, cap;
};

struct tcp {
	int fd;
	bool made;
	struct bytes out, in;
	size_t sent; /* of `out` */
};

/* ---- a connection ---- */

struct tcp *
tcp_open(const struct addr *to)
{
	struct sockaddr_storage ss;
	socklen_t len = (socklen_t)addr_sockaddr(to, &ss);
	struct tcp *t = mem_new(sizeof(*t));
	int error;

	t->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (t->fd >= 0 &&
	    (connect(t->fd, (struct sockaddr *)&ss, len) == 0 ||
		errno == EINPROGRESS))
		return t;
	error = errno;
	tcp_close(t);
	errno = error;
	return NULL;
}

void
tcp_close(struct tcp *t)
{
	if (t == NULL)
		return;
	if (t->fd >= 0)
		close(t->fd);
	free(t->out.p);
	free(t->in.p);
	free(t);
}

static uint8_t *
room(struct bytes *b, size_t more)
{
	if (b->cap < b->len + more) {
		b->cap = 2 * b->cap > b->len + more ? 2 * b->cap
						    : b->len + more;
		b->p = mem_resize(b->p, b->cap, 1);
	}
	return b->p + b->len;
}

static void
drop(struct bytes *b, size_t n)
{
	b->len -= n;
	memmove(b->p, b->p + n, b->len);
}

void
tcp_put(struct tcp *t, const uint8_t *msg, size_t len)
{
	uint8_t *p = room(&t->out, len + 2);

	p[0] = (uint8_t)(len >> 8);
	p[1] = (uint8_t)len;
	memcpy(p + 2, msg, len);
	t->out.len += len + 2;
}

struct pollfd
tcp_wants(const struct tcp *t)
{
	bool more = !t->made || t->sent < t->out.len;

	return (struct pollfd){ .fd = t->fd,
		.events = (short)(more ? POLLIN | POLLOUT : POLLIN) };
}

/* Only a socket that can be written to is connected, or never will be. */
static int
make(struct tcp *t)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -1;
	errno = error;
	t->made = error == 0;
	return t->made ? 0 : -1;
}

static bool
is_for_now(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static int
send_on(struct tcp *t)
{
	while (t->sent < t->out.len) {
		ssize_t n = send(t->fd, t->out.p + t->sent,
		    t->out.len - t->sent, MSG_NOSIGNAL);

		if (n < 0)
			return is_for_now() ? 0 : -1;
		t->sent += (size_t)n;
	}
	t->sent = t->out.len = 0;
	return 0;
}

static int
receive(struct tcp *t)
{
	for (int i = 0; i < PIECES; i++) {
		ssize_t n = recv(t->fd, room(&t->in, PIECE), PIECE, 0);

		if (n == 0)
			errno = ECONNRESET;
		if (n <= 0)
			return n < 0 && is_for_now() ? 0 : -1;
		t->in.len += (size_t)n;
		if (n < PIECE)
			break;
	}
	return 0;
}

int
tcp_go(struct tcp *t, short revents)
{
	if (revents == 0)
		return 0;
	if (!t->made && make(t) < 0)
		return -1;
	if (revents & (POLLIN | POLLHUP | POLLERR) && receive(t) < 0)
		return -1;
	return send_on(t);
}

bool
tcp_take(struct tcp *t, uint8_t **ret_msg, size_t *ret_len)
{
	const uint8_t *p = t->in.p;
	size_t len;

	if (t->in.len < 2)
		return false;
	len = (size_t)(p[0] << 8 | p[1]);
	if (t->in.len < len + 2)
		return false;
	*ret_msg = mem_copy(p + 2, len);
	*ret_len = len;
	drop(&t->in, len + 2);
	return true;
}

/* ---- one there, one back ---- */

/* Waits, and goes on; -1 when the deadline passed, too. */
static int
go_on(struct tcp *t, int64_t deadline)
{
	for (;;) {
		struct pollfd p = tcp_wants(t);
		int64_t left = deadline - clock_mono_ms();
		int n;

		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		n = poll(&p, 1, (int)(left > 60000 ? 60000 : left));
		if (n > 0)
			return tcp_go(t, p.revents);
		if (n < 0 && errno != EINTR)
			return -1;
	}
}

int
tcp_exchange(const struct addr *to, const uint8_t *msg, size_t len,
    int64_t deadline, uint8_t **ret_reply, size_t *ret_len, bool *ret_sent,
    struct err *e)
{
	struct tcp *t = tcp_open(to);
	char at[ADDR_TEXT];
	bool got = false;

	if (t != NULL) {
		tcp_put(t, msg, len);
		for (int rc = 0; rc == 0 && !got;) {
			rc = go_on(t, deadline);
			got = tcp_take(t, ret_reply, ret_len);
		}
	}
	if (!got)
		err_set(e, ERR_UNREACHABLE, "%s: %s", addr_str(to, at),
		    strerror(errno));
	if (ret_sent != NULL)
		*ret_sent = t != NULL && t->made;
	tcp_close(t);
	return got ? 0 : -1;
}
