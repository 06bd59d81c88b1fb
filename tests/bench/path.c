/*
 * path.c - a path to name servers that is long, or loses some: UDP datagrams
 * to port 53 of each ADDRESS go to port 5300 of it, and answers back, each way
 * DELAY ms later and each with LOSS percent chance lost.
 *
 * usage: path DELAY LOSS ADDRESS...      ends when its input does
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ENDS 8
#define SIZE 4096
#define QUEUE 32768

struct end {
	int listen, up;
	struct {
		struct sockaddr_in from;
		uint8_t id[2];
	} asked[65536]; /* by the ID that we gave it */
	uint16_t next;
};

struct parcel {
	int64_t due;
	int fd;
	int len;
	struct sockaddr_in to;
	uint8_t *b;
};

static struct end end[ENDS];
static struct parcel queue[QUEUE];
static unsigned head, tail;
static double delay, loss;

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int
bound(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 4 << 20;

	inet_pton(AF_INET, ip, &a.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if ((port == 53 ? bind : connect)(fd, (void *)&a, sizeof(a)) < 0) {
		perror(ip);
		exit(71);
	}
	return fd;
}

static void
post(int fd, const uint8_t *b, int len, const struct sockaddr_in *to)
{
	struct parcel *p = &queue[tail % QUEUE];

	if (tail - head == QUEUE || drand48() * 100 < loss)
		return;
	p->due = now_us() + (int64_t)(delay * 1000);
	p->fd = fd;
	p->len = len;
	p->b = malloc((size_t)len);
	memcpy(p->b, b, (size_t)len);
	memset(&p->to, 0, sizeof(p->to));
	if (to != NULL)
		p->to = *to;
	tail++;
}

static void
deliver(void)
{
	for (; head != tail && queue[head % QUEUE].due <= now_us(); head++) {
		struct parcel *p = &queue[head % QUEUE];

		sendto(p->fd, p->b, (size_t)p->len, 0,
		    p->to.sin_family ? (void *)&p->to : NULL,
		    p->to.sin_family ? sizeof(p->to) : 0);
		free(p->b);
	}
}

static void
carry(struct end *e)
{
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	uint8_t b[SIZE];
	ssize_t len;
	uint16_t id;

	while ((len = recvfrom(e->listen, b, SIZE, 0, (void *)&from, &n)) > 2) {
		id = e->next++;
		e->asked[id].from = from;
		memcpy(e->asked[id].id, b, 2);
		b[0] = (uint8_t)(id >> 8);
		b[1] = (uint8_t)id;
		post(e->up, b, (int)len, NULL);
	}
	while ((len = recv(e->up, b, SIZE, 0)) > 2) {
		id = (uint16_t)(b[0] << 8 | b[1]);
		memcpy(b, e->asked[id].id, 2);
		post(e->listen, b, (int)len, &e->asked[id].from);
	}
}

int
main(int argc, char **argv)
{
	struct pollfd p[2 * ENDS + 1];
	int n = argc - 3;

	if (argc < 4 || n > ENDS)
		return 64;
	delay = atof(argv[1]);
	loss = atof(argv[2]);
	p[2 * n] = (struct pollfd){ .fd = 0, .events = POLLIN };
	for (int i = 0; i < n; i++) {
		end[i].listen = bound(argv[i + 3], 53);
		end[i].up = bound(argv[i + 3], 5300);
		p[2 * i] = (struct pollfd){ end[i].listen, POLLIN, 0 };
		p[2 * i + 1] = (struct pollfd){ end[i].up, POLLIN, 0 };
	}
	while ((p[2 * n].revents & (POLLIN | POLLHUP)) == 0) {
		poll(p, (nfds_t)(2 * n + 1), head == tail ? 100 : 1);
		for (int i = 0; i < n; i++)
			carry(&end[i]);
		deliver();
	}
	return 0;
}
