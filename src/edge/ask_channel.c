/*
 * ask_channel.c - the channel of c-ares to one address, and its sockets.
 * Knows of no question.
 */
#include "edge/ask_line.h"

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <string.h>
#include <sys/socket.h>

#include "edge/ask_post.h"

#define ROOM (1 << 20) /* for answers, of a socket; as much as we get */
#define ROOM_EACH 2560 /* what the kernel counts for one */
#define TIMEOUT_MS 400 /* of the first try; c-ares doubles it: 2.8 s in all */
#define TRIES 3

static void
on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct line *l = arg;
	short events = (short)((readable ? POLLIN : 0) |
	    (writable ? POLLOUT : 0));
	size_t i = 0;

	while (i < l->n_sock && l->sock[i].fd != fd)
		i++;
	if (events == 0) {
		if (i < l->n_sock)
			l->sock[i] = l->sock[--l->n_sock];
		return;
	}
	if (i == LINE_SOCKETS)
		return;
	if (i == l->n_sock)
		l->n_sock++;
	l->sock[i].fd = fd;
	l->sock[i].events = events;
}

/* No more is under way than there is room for when it comes all at once. */
static void
make_room(struct line *l, int fd)
{
	int size = ROOM;
	socklen_t len = sizeof(size);

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) == 0 &&
	    l->most > (size_t)size / ROOM_EACH)
		l->most = (size_t)size / ROOM_EACH;
}

/* TCP is used for truncated answers only. */
static int
on_create(ares_socket_t fd, int type, void *arg)
{
	struct line *l = arg;

	if (type == SOCK_STREAM)
		l->tcp = true;
	else
		make_room(l, fd);
	return 0;
}

int
line_open(struct line *l, struct err *e)
{
	struct ares_options o;
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	    ARES_OPT_LOOKUPS | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB |
	    ARES_OPT_RESOLVCONF;
	char at[ADDR_TEXT];
	ares_channel channel;
	int rc;

	memset(&o, 0, sizeof(o));
	o.flags = ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP | ARES_FLAG_NORECURSE |
	    ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
	o.timeout = TIMEOUT_MS;
	o.tries = TRIES;
	o.lookups = (char *)"b";
	o.resolvconf_path = (char *)"/dev/null";
	o.ednspsz = 1232;
	o.sock_state_cb = on_socket;
	o.sock_state_cb_data = l;
#ifdef ARES_OPT_QUERY_CACHE
	o.qcache_max_ttl = 0;
	mask |= ARES_OPT_QUERY_CACHE;
#endif
	rc = ares_init_options(&channel, &o, mask);
	if (rc != ARES_SUCCESS)
		return err_set(e, ERR_BUG, "c-ares: %s", ares_strerror(rc));
	l->channel = channel;
	l->open = true;
	l->stale = false;
	l->sent = 0;
	l->post = post_new();
	ares_set_socket_functions(l->channel, &post_functions, l->post);
	ares_set_socket_callback(l->channel, on_create, l);
	rc = ares_set_servers_ports_csv(l->channel, addr_str(&l->to, at));
	if (rc != ARES_SUCCESS)
		return err_set(e, ERR_BUG, "c-ares: %s: %s", at,
		    ares_strerror(rc));
	return 0;
}

void
line_close(struct line *l)
{
	if (!l->open)
		return;
	l->open = false;
	ares_destroy(l->channel);
	post_free(l->post);
	l->post = NULL;
	l->n_sock = 0;
}

void
line_flush(struct line *l)
{
	post_flush(l->post);
}

void
line_process(struct line *l, const struct pollfd *p, size_t n)
{
	const ares_socket_t bad = ARES_SOCKET_BAD;
	int unread;

	for (size_t i = 0; i < n; i++) {
		ares_socket_t fd = p[i].fd;

		if (p[i].revents == 0)
			continue;
		ares_process_fd(l->channel,
		    p[i].revents & (POLLIN | POLLERR | POLLHUP) ? fd : bad,
		    p[i].revents & POLLOUT ? fd : bad);
	}
	unread = post_unread(l->post);
	ares_process_fd(l->channel, unread >= 0 ? unread : bad, bad);
	line_flush(l);
}
