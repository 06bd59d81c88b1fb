/*
 * net_kit.h - a network of its own for a test program, with name servers at
 * port 53 of several addresses that say what they were told to say.
 */
#ifndef TESTS_NET_KIT_H
#define TESTS_NET_KIT_H

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answer_kit.h"
#include "base/clock.h"
#include "edge/wire.h"

/* ---- the network ---- */

static inline int
net_up(void)
{
	struct ifreq r = { .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	strcpy(r.ifr_name, "lo");
	rc = ioctl(fd, SIOCSIFFLAGS, &r);
	close(fd);
	return rc;
}

/* False, with a word, where none can be made: then exit with 77. */
static inline bool
net_enter(void)
{
	if ((unshare(CLONE_NEWNET) == 0 ||
		unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) &&
	    net_up() == 0)
		return true;
	printf("skipped: no network namespace can be made: %s\n",
	    strerror(errno));
	return false;
}

/* ---- the servers ---- */

/* Where they are; the resolver is the first.  More rows than servers. */
static const char *const NET_AT[] = { "127.0.0.53", "127.0.0.10", "127.0.0.11",
	"127.0.0.21", "127.0.0.22", "127.0.0.23", "::1" };

enum { RESOLVER, PARENT, PARENT_2, CHILD, CHILD_2, CHILD_3, CHILD_V6 };

#define NET_N ((int)(sizeof(NET_AT) / sizeof(NET_AT[0])))
#define NET_ROWS 160
#define AA 0x100 /* beside the rcode */
#define AD 0x200
#define SERVFAIL 2
#define NXDOMAIN 3

struct net_row {
	int at;
	char name[HOST_NAME];
	unsigned type;
	uint8_t *wire; /* NULL: silence */
	size_t len;
};

static struct {
	struct net_row row[NET_ROWS];
	int n;
	int *asked; /* each row, how often; seen by all processes */
	pid_t pid;
	int sock[NET_N]; /* -1: the machine has no such address */
} net;

static inline struct addr
net_addr(int at)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(NET_AT[at], 53, &a), 0);
	return a;
}

static inline struct net_row *
net_find(int at, const char *name, unsigned type)
{
	for (int i = 0; i < net.n; i++)
		if (net.row[i].at == at && net.row[i].type == type &&
		    strcmp(net.row[i].name, name) == 0)
			return &net.row[i];
	return NULL;
}

/* The row of this question, made if new; its old answer is forgotten. */
static inline struct net_row *
net_row(int at, const char *name, unsigned type)
{
	struct net_row *r = net_find(at, name, type);

	if (r == NULL) {
		ck_assert_int_lt(net.n, NET_ROWS);
		r = &net.row[net.n++];
		r->at = at;
		strcpy(r->name, name);
		r->type = type;
	}
	free(r->wire);
	r->wire = NULL;
	return r;
}

/* Takes the lists over; each may be NULL. */
static inline void
net_say_lists(int at, const char *name, unsigned type, unsigned flags,
    ldns_rr_list *const section[3])
{
	struct net_row *r = net_row(at, name, type);
	ldns_pkt *p = ldns_pkt_new();
	ldns_rr *q = ldns_rr_new();

	ldns_pkt_set_qr(p, true);
	ldns_pkt_set_aa(p, (flags & AA) != 0);
	ldns_pkt_set_ad(p, (flags & AD) != 0);
	ldns_pkt_set_rcode(p, flags & 15);
	ldns_pkt_set_edns_udp_size(p, 1232);
	ldns_rr_set_owner(q, ldns_dname_new_frm_str(name));
	ldns_rr_set_type(q, (ldns_rr_type)type);
	ldns_rr_set_question(q, true);
	ldns_pkt_push_rr(p, LDNS_SECTION_QUESTION, q);
	for (int i = 0; i < 3; i++)
		if (section[i] != NULL)
			ldns_pkt_push_rr_list(p,
			    (ldns_pkt_section)(LDNS_SECTION_ANSWER + i),
			    section[i]);
	ck_assert(ldns_pkt2wire(&r->wire, p, &r->len) == LDNS_STATUS_OK);
	ldns_pkt_free(p);
	for (int i = 0; i < 3; i++)
		ldns_rr_list_free(section[i]);
}

/* Records as text; "|" begins the next section. */
static inline void
net_say(int at, const char *name, unsigned type, unsigned flags,
    const char *const *text)
{
	ldns_rr_list *l[3];
	int section = 0;

	for (int i = 0; i < 3; i++)
		l[i] = ldns_rr_list_new();
	for (; *text != NULL; text++)
		if (strcmp(*text, "|") == 0)
			section++;
		else
			ldns_rr_list_push_rr(l[section], kit_rr(*text));
	net_say_lists(at, name, type, flags, l);
}

#define SAY(at, name, type, flags, ...) \
	net_say(at, name, type, flags,  \
	    (const char *const[]){ __VA_ARGS__, NULL })

static inline int
net_open(int at)
{
	struct addr a = net_addr(at);
	struct sockaddr_storage ss;
	socklen_t len = (socklen_t)addr_sockaddr(&a, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (void *)&ss, len) == 0)
		return fd;
	ck_assert_msg(a.family == 6, "%s: %s", NET_AT[at], strerror(errno));
	close(fd);
	return -1;
}

/* Without a row: the resolver has nothing, others do not know the zone. */
static inline void
net_answer(int at)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	uint8_t buf[4096];
	ssize_t n = recvfrom(net.sock[at], buf, sizeof(buf), 0, (void *)&from,
	    &len);
	char name[HOST_NAME];
	const struct net_row *r;
	struct wire_msg m;
	struct err e;

	if (n < 12 || wire_open(buf, (size_t)n, &m, &e) < 0)
		return;
	r = wire_name_text(&m.qname, name) ? net_find(at, name, m.qtype) : NULL;
	wire_release(&m);
	if (r == NULL) {
		buf[2] |= 0x80;
		buf[3] = at == RESOLVER ? 0 : 5;
		sendto(net.sock[at], buf, (size_t)n, 0, (void *)&from, len);
		return;
	}
	__atomic_fetch_add(&net.asked[r - net.row], 1, __ATOMIC_SEQ_CST);
	if (r->wire == NULL)
		return;
	memcpy(r->wire, buf, 2);
	sendto(net.sock[at], r->wire, r->len, 0, (void *)&from, len);
}

static inline void
net_serve(void)
{
	struct pollfd p[NET_N];

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* of a test that failed */
	for (int i = 0; i < NET_N; i++)
		p[i] = (struct pollfd){ net.sock[i], POLLIN, 0 };
	while (poll(p, NET_N, -1) > 0)
		for (int i = 0; i < NET_N; i++)
			if (p[i].revents != 0)
				net_answer(i);
	_exit(1);
}

/* In a network of its own each time: the servers of another test, that was
 * ended before it could end them, may still hold the ports. */
static inline void
net_start(void)
{
	ck_assert_msg(unshare(CLONE_NEWNET) == 0 && net_up() == 0, "%s",
	    strerror(errno));
	net.asked = mmap(NULL, NET_ROWS * sizeof(int), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(net.asked, MAP_FAILED);
	for (int i = 0; i < NET_N; i++)
		net.sock[i] = net_open(i);
	net.pid = fork();
	if (net.pid == 0)
		net_serve();
	for (int i = 0; i < NET_N; i++)
		if (net.sock[i] >= 0)
			close(net.sock[i]);
}

static inline int
net_asked(int at, const char *name, unsigned type)
{
	struct net_row *r = net_find(at, name, type);

	ck_assert_ptr_nonnull(r);
	return __atomic_load_n(&net.asked[r - net.row], __ATOMIC_SEQ_CST);
}

/* The servers end; what they were told stays. */
static inline void
net_end(void)
{
	if (net.pid > 0) {
		kill(net.pid, SIGKILL);
		waitpid(net.pid, NULL, 0);
		munmap(net.asked, NET_ROWS * sizeof(int));
	}
	net.pid = 0;
}

static inline void
net_forget(void)
{
	net_end();
	for (int i = 0; i < net.n; i++)
		free(net.row[i].wire);
	memset(net.row, 0, sizeof(net.row));
	net.n = 0;
}

#endif
