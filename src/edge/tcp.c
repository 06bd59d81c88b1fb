/*
 * tcp.c - one DNS message there and one back over TCP, with an end.
 */
#include "edge/tcp.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

/* Waits for the socket; -1 when the deadline passed. */
static int
ready(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = deadline - clock_mono_ms();
		int n;

		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		n = poll(&p, 1, (int)(left > 60000 ? 60000 : left));
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
	}
}

static int
dial(const struct addr *to, int64_t deadline)
{
	struct sockaddr_storage ss;
	socklen_t len = (socklen_t)addr_sockaddr(to, &ss), size;
	int fd, error = 0;

	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&ss, len) < 0 &&
	    errno != EINPROGRESS)
		goto fail;
	size = sizeof(error);
	if (ready(fd, POLLOUT, deadline) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		goto fail;
	errno = error;
	if (error == 0)
		return fd;
fail:
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int
put_all(int fd, const uint8_t *p, size_t len, int64_t deadline)
{
	while (len > 0) {
		ssize_t n;

		if (ready(fd, POLLOUT, deadline) < 0)
			return -1;
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int
get_all(int fd, uint8_t *p, size_t len, int64_t deadline)
{
	while (len > 0) {
		ssize_t n;

		if (ready(fd, POLLIN, deadline) < 0)
			return -1;
		n = recv(fd, p, len, 0);
		if (n == 0) {
			errno = ECONNRESET;
			return -1;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int
tcp_exchange(const struct addr *to, const uint8_t *msg, size_t len,
    int64_t deadline, uint8_t **ret_reply, size_t *ret_len, bool *ret_sent,
    struct err *e)
{
	uint8_t head[2], *frame, *reply = NULL;
	int fd = dial(to, deadline), rc = -1;
	char at[ADDR_TEXT];

	if (ret_sent != NULL)
		*ret_sent = false;
	addr_str(to, at);
	if (fd < 0)
		return err_set(e, ERR_UNREACHABLE, "%s: %s", at,
		    strerror(errno));
	frame = mem_array(len + 2, 1);
	frame[0] = (uint8_t)(len >> 8);
	frame[1] = (uint8_t)len;
	memcpy(frame + 2, msg, len);
	if (ret_sent != NULL)
		*ret_sent = true;
	if (put_all(fd, frame, len + 2, deadline) < 0 ||
	    get_all(fd, head, 2, deadline) < 0)
		goto fail;
	*ret_len = (size_t)(head[0] << 8 | head[1]);
	reply = mem_array(*ret_len + 1, 1);
	if (get_all(fd, reply, *ret_len, deadline) < 0)
		goto fail;
	*ret_reply = reply;
	reply = NULL;
	rc = 0;
fail:
	if (rc < 0)
		err_set(e, ERR_UNREACHABLE, "%s: %s", at, strerror(errno));
	free(frame);
	free(reply);
	close(fd);
	return rc;
}
