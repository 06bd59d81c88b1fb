/*
 * primary_kit.h - primaries that do as they are told: forked, each at a port
 * of its own, TCP and TSIG.  What they saw is counted where all see it.
 */
#ifndef TESTS_PRIMARY_KIT_H
#define TESTS_PRIMARY_KIT_H

#include <arpa/inet.h>
#include <check.h>
#include <ldns/ldns.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#undef dprintf /* ldns/util.h */

#include "base/mem.h"
#include "base/text.h"
#include "edge/update.h"

#define PRIMARIES 4
#define HELD 256
#define NOBODY (-1)

static const struct tsig_key KEY = { "upd.key.", "hmac-sha256.",
	"c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ==" };

/* How it behaves.  { 0 }: answers at once. */
struct play {
	int total; /* questions that it will get */
	int hold;  /* answers nothing until so many wait, or all that are left
		    */
	bool reversed; /* the last first */
	int pace;      /* ms before each answer */
	bool noise; /* messages that nobody asked for before its answers; where
		       it holds all */
	int each;   /* answers on a connection, then it ends; 0: any */
	bool slams; /* ends every connection with no answer on it ... */
	int after;  /* ... so many ms after the first question */
	bool mute;  /* says nothing any more ... */
	int words;  /* ... after so many answers */
	int lacks;  /* says nothing of this owner, counted from 1, nor of the
			  next ... */
	bool in_order;	/* ... and so nothing of others behind it */
	int forges;	/* signs not what it says of this one */
	int wait, wake; /* descriptors: reads one before it answers, writes to
			   the other when it has answered all; 0: none */
};

static struct {
	struct addr at;
	pid_t pid;
	struct seen {
		int connections, asked, answered, most;
	} * seen; /* shared */
} primary[PRIMARIES];

/* ---- owners ---- */

static inline const char *
owner_text(int i)
{
	static char buf[64];

	return text_fmt(buf, sizeof(buf), "_25._tcp.h%d.example.org.", i);
}

/* Of a question: its number, from its third label. */
static inline int
owner_number(const uint8_t *msg)
{
	return atoi((const char *)msg + 12 + 4 + 5 + 2);
}

/* ---- the server ---- */

static inline size_t
primary_hear(int fd, uint8_t *p)
{
	uint8_t head[2];
	size_t len;

	if (recv(fd, head, 2, MSG_WAITALL) != 2)
		return 0;
	len = (size_t)(head[0] << 8 | head[1]);
	return recv(fd, p, len, MSG_WAITALL) == (ssize_t)len ? len : 0;
}

static inline void
primary_say(int fd, const uint8_t *p, size_t len)
{
	uint8_t head[2] = { (uint8_t)(len >> 8), (uint8_t)len };

	send(fd, head, 2, MSG_NOSIGNAL);
	send(fd, p, len, MSG_NOSIGNAL);
}

/* A record whose data is the number of the owner, signed as the answer. */
static inline void
primary_answer(int fd, const struct play *how, const uint8_t *msg, size_t len)
{
	int number = owner_number(msg);
	ldns_pkt *p = NULL;
	ldns_rr *rr = NULL, *tsig;
	char text[200];
	ldns_rdf *mac;
	uint8_t *wire;

	ldns_wire2pkt(&p, msg, len);
	tsig = ldns_pkt_tsig(p);
	mac = ldns_rdf_clone(ldns_rr_rdf(tsig, 3));
	ldns_rr_free(tsig);
	ldns_pkt_set_tsig(p, NULL);
	ldns_pkt_set_qr(p, true);
	ldns_pkt_set_aa(p, true);
	text_fmt(text, sizeof(text), "%s 77 IN TLSA 3 1 1 %064X",
	    owner_text(number), (unsigned)number);
	ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL);
	ldns_pkt_push_rr(p, LDNS_SECTION_ANSWER, rr);
	ldns_pkt_tsig_sign(p, KEY.name,
	    how->forges == number + 1 ? "b3RoZXI=" : KEY.secret, 300,
	    KEY.algorithm, mac);
	ldns_pkt2wire(&wire, p, &len);
	primary_say(fd, wire, len);
	free(wire);
	ldns_rdf_deep_free(mac);
	ldns_pkt_free(p);
}

/* With an ID that is in no question, and too short to have one. */
static inline void
primary_noise(int fd, uint8_t held[][1024], int n)
{
	uint8_t msg[12] = { 0, 0, 0x84 };

	for (int i = 0; i < n; i++)
		if (memcmp(held[i], msg, 2) == 0) {
			msg[1]++;
			i = -1;
		}
	primary_say(fd, msg, sizeof(msg));
	primary_say(fd, msg, 1);
	primary_say(fd, msg, 0);
}

static inline void
primary_wait_end(int fd)
{
	char c[512];

	while (recv(fd, c, sizeof(c), 0) > 0)
		;
}

/* One connection. */
static inline void
primary_talk(int fd, const struct play *how, struct seen *seen)
{
	static uint8_t held[HELD][1024];
	size_t len[HELD];
	int n = 0, said = 0, left;
	char c = 0;

	for (;;) {
		len[n] = primary_hear(fd, held[n]);
		if (len[n] == 0)
			return;
		seen->asked++;
		if (how->slams) {
			poll(NULL, 0, how->after);
			return;
		}
		if (how->lacks > 0 &&
		    (owner_number(held[n]) + 1 - how->lacks) / 2 == 0 &&
		    owner_number(held[n]) + 1 >= how->lacks) {
			if (how->in_order)
				primary_wait_end(fd);
			continue;
		}
		n++;
		if (n > seen->most)
			seen->most = n;
		left = how->total - seen->answered;
		if ((how->mute && seen->answered >= how->words) ||
		    n < (how->hold < left ? how->hold : left))
			continue;
		if (how->wait > 0 && seen->answered == 0 &&
		    read(how->wait, &c, 1) != 1)
			_exit(1);
		if (how->noise)
			primary_noise(fd, held, n);
		for (int i = 0; i < n; i++) {
			int k = how->reversed ? n - 1 - i : i;

			poll(NULL, 0, how->pace);
			seen->answered++;
			primary_answer(fd, how, held[k], len[k]);
			if (++said == how->each) {
				shutdown(fd, SHUT_WR);
				while (primary_hear(fd, held[0]) > 0)
					seen->asked++;
				return;
			}
		}
		n = 0;
		if (how->wake > 0 && seen->answered == how->total &&
		    write(how->wake, &c, 1) != 1)
			_exit(1);
	}
}

static inline void
primary_serve(int fd, const struct play *how, struct seen *seen)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* of a test that failed */
	for (;;) {
		int c = accept(fd, NULL, NULL), on = 1;

		setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		seen->connections++;
		primary_talk(c, how, seen);
		close(c);
	}
}

/* Listens, and does nothing more. */
static inline int
primary_open(int at)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (void *)&in, len), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	ck_assert_int_eq(getsockname(fd, (void *)&in, &len), 0);
	primary[at].at = addr_make(4, &in.sin_addr, ntohs(in.sin_port));
	return fd;
}

static inline void
primary_start(int at, struct play how)
{
	int fd = primary_open(at);

	primary[at].seen = mmap(NULL, sizeof(struct seen),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(primary[at].seen, MAP_FAILED);
	primary[at].pid = fork();
	if (primary[at].pid == 0)
		primary_serve(fd, &how, primary[at].seen);
	close(fd);
}

static inline void
primaries_end(void)
{
	for (int i = 0; i < PRIMARIES; i++) {
		if (primary[i].pid <= 0)
			continue;
		kill(primary[i].pid, SIGKILL);
		waitpid(primary[i].pid, NULL, 0);
		munmap(primary[i].seen, sizeof(struct seen));
		primary[i].pid = 0;
	}
}

#endif
