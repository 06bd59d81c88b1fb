/*
 * ask_post.c - many datagrams, few system calls.  Knows nothing of what is in
 * them.
 */
#include "edge/ask_post.h"

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "edge/ask.h"

#define AT_ONCE 16
#define QUESTION (ASK_WIRE + 64) /* c-ares 1.34 adds a cookie */
#define ANSWER \
	1400 /* longer than was asked for is long enough: c-ares asks by
		       TCP then */

/* Of the UDP socket; a channel has one at a time. */
struct post {
	int fd;	   /* -1: none */
	int error; /* of what was sent; 0: none */

	unsigned n_out;
	struct mmsghdr out[AT_ONCE];
	struct iovec out_at[AT_ONCE];
	uint8_t out_bytes[AT_ONCE][QUESTION];

	unsigned n_in, next; /* received, of which `next` were taken */
	struct mmsghdr in[AT_ONCE];
	struct iovec in_at[AT_ONCE];
	struct sockaddr_in6 from[AT_ONCE];
	uint8_t in_bytes[AT_ONCE][ANSWER];
};

struct post *
post_new(void)
{
	struct post *p = mem_new(sizeof(*p));

	p->fd = -1;
	for (int i = 0; i < AT_ONCE; i++) {
		p->out_at[i].iov_base = p->out_bytes[i];
		p->out[i].msg_hdr.msg_iov = &p->out_at[i];
		p->in_at[i].iov_base = p->in_bytes[i];
		p->in_at[i].iov_len = ANSWER;
		p->in[i].msg_hdr.msg_iov = &p->in_at[i];
		p->out[i].msg_hdr.msg_iovlen = p->in[i].msg_hdr.msg_iovlen = 1;
		p->in[i].msg_hdr.msg_name = &p->from[i];
	}
	return p;
}

void
post_free(struct post *p)
{
	free(p);
}

/* ---- sent ---- */

/* What does not go is lost, as on the way; who was not there, said. */
void
post_flush(struct post *p)
{
	unsigned at = 0;

	while (at < p->n_out) {
		int n = sendmmsg(p->fd, p->out + at, p->n_out - at,
		    MSG_NOSIGNAL);

		if (n > 0)
			at += (unsigned)n;
		else if (errno != EINTR) {
			if (errno != EAGAIN && errno != ENOBUFS)
				p->error = errno;
			at++;
		}
	}
	p->n_out = 0;
}

static ares_ssize_t
send_udp(struct post *p, const struct iovec *v, int n)
{
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		if (len + v[i].iov_len > QUESTION) {
			errno = EMSGSIZE;
			return -1;
		}
		memcpy(p->out_bytes[p->n_out] + len, v[i].iov_base,
		    v[i].iov_len);
		len += v[i].iov_len;
	}
	p->out_at[p->n_out++].iov_len = len;
	if (p->n_out == AT_ONCE)
		post_flush(p);
	return (ares_ssize_t)len;
}

static ares_ssize_t
on_send(ares_socket_t fd, const struct iovec *v, int n, void *arg)
{
	struct post *p = arg;
	struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)v,
		.msg_iovlen = (size_t)n };

	if (fd == p->fd)
		return send_udp(p, v, n);
	return sendmsg(fd, &m, MSG_NOSIGNAL);
}

/* ---- received ---- */

int
post_unread(const struct post *p)
{
	return p->next < p->n_in || p->error != 0 ? p->fd : -1;
}

/* -1 with errno when there is nothing. */
static int
receive(struct post *p)
{
	int n;

	/* Fewer than there was room for: those were all, and poll() tells of
	 * others. */
	if (p->n_in > 0 && p->n_in < AT_ONCE) {
		p->n_in = p->next = 0;
		errno = EAGAIN;
		return -1;
	}
	p->n_in = p->next = 0;
	for (int i = 0; i < AT_ONCE; i++)
		p->in[i].msg_hdr.msg_namelen = sizeof(p->from[i]);
	n = recvmmsg(p->fd, p->in, AT_ONCE, MSG_DONTWAIT, NULL);
	if (n <= 0)
		return -1;
	p->n_in = (unsigned)n;
	return 0;
}

static ares_ssize_t
receive_udp(struct post *p, void *to, size_t size, struct sockaddr *from,
    ares_socklen_t *from_len)
{
	const struct mmsghdr *m;
	size_t len;

	if (p->next == p->n_in) {
		if (p->error != 0) {
			errno = p->error;
			p->error = 0;
			return -1;
		}
		if (receive(p) < 0)
			return -1;
	}
	m = &p->in[p->next++];
	len = m->msg_len < size ? m->msg_len : size;
	memcpy(to, m->msg_hdr.msg_iov->iov_base, len);
	if (from != NULL && from_len != NULL &&
	    m->msg_hdr.msg_namelen <= *from_len) {
		memcpy(from, m->msg_hdr.msg_name, m->msg_hdr.msg_namelen);
		*from_len = (ares_socklen_t)m->msg_hdr.msg_namelen;
	}
	return (ares_ssize_t)len;
}

static ares_ssize_t
on_receive(ares_socket_t fd, void *to, size_t size, int flags,
    struct sockaddr *from, ares_socklen_t *from_len, void *arg)
{
	struct post *p = arg;

	if (fd == p->fd)
		return receive_udp(p, to, size, from, from_len);
	return recvfrom(fd, to, size, flags, from, from_len);
}

/* ---- opened and closed ---- */

static void
forget(struct post *p, int fd)
{
	p->fd = fd;
	p->error = 0;
	p->n_out = p->n_in = p->next = 0;
}

static ares_socket_t
on_open(int family, int type, int protocol, void *arg)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	int on = 1;

	if (fd >= 0 && type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	else if (fd >= 0)
		forget(arg, fd);
	return fd;
}

static int
on_close(ares_socket_t fd, void *arg)
{
	struct post *p = arg;

	if (fd == p->fd)
		forget(p, -1);
	return close(fd);
}

static int
on_connect(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len,
    void *arg)
{
	(void)arg;
	return connect(fd, to, len);
}

const struct ares_socket_functions post_functions = { .asocket = on_open,
	.aclose = on_close,
	.aconnect = on_connect,
	.arecvfrom = on_receive,
	.asendv = on_send };
