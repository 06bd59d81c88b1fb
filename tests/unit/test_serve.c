/*
 * test_serve.c - what a server presents is seen, and no server can make us
 * believe, wait or read without an end.  The servers are forked and scripted.
 */
#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "edge/serve.h"
#include "edge/ssl.h"

#define LONG_MS 20000

/* ---- keys ---- */

enum { KEY_RSA, KEY_WEAK, KEY_EC, KEY_EC2, KEY_ED, N_KEYS };

static EVP_PKEY *pkey[N_KEYS];
static X509 *cert[N_KEYS];
static struct spki id[N_KEYS];

#define THEN ((time_t)1000000000)
#define A_DAY 86400

/* Valid for a day. */
static X509 *
unsigned_cert(EVP_PKEY *k)
{
	X509 *x = X509_new();
	time_t then = THEN;

	X509_set_version(x, X509_VERSION_3);
	X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &then);
	X509_time_adj_ex(X509_getm_notAfter(x), 1, 0, &then);
	X509_set_pubkey(x, k);
	return x;
}

static X509 *
self_sign(EVP_PKEY *k, const EVP_MD *md)
{
	X509 *x = unsigned_cert(k);

	ck_assert_int_gt(X509_sign(x, k, md), 0);
	return x;
}

/* Of the EC key, issued by a CA of the EC2 key. */
static X509 *leaf, *ca;

static X509 *
issue(int key, const char *subject, int nid, const char *ext)
{
	X509 *x = unsigned_cert(pkey[key]);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, ext);

	X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName,
	    MBSTRING_ASC, (const unsigned char *)subject, -1, -1, 0);
	X509_NAME_add_entry_by_NID(X509_get_issuer_name(x), NID_commonName,
	    MBSTRING_ASC, (const unsigned char *)"ca", -1, -1, 0);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	ck_assert_int_gt(X509_sign(x, pkey[KEY_EC2], EVP_sha256()), 0);
	return x;
}

static void
make_keys(void)
{
	pkey[KEY_RSA] = EVP_RSA_gen(2048);
	pkey[KEY_WEAK] = EVP_RSA_gen(1024);
	pkey[KEY_EC] = EVP_EC_gen("P-256");
	pkey[KEY_EC2] = EVP_EC_gen("P-384");
	pkey[KEY_ED] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	for (int i = 0; i < N_KEYS; i++) {
		struct key_info info;
		struct err e;

		ck_assert_ptr_nonnull(pkey[i]);
		cert[i] = self_sign(pkey[i], i == KEY_ED ? NULL : EVP_sha256());
		ck_assert_int_eq(ssl_key_info(pkey[i], &info, &e), 0);
		id[i] = info.id;
	}
	ca = issue(KEY_EC2, "ca", NID_basic_constraints, "critical,CA:TRUE");
	leaf = issue(KEY_EC, "leaf", NID_subject_alt_name,
	    "DNS:mx.example.org");
}

static void
free_keys(void)
{
	for (int i = 0; i < N_KEYS; i++) {
		X509_free(cert[i]);
		EVP_PKEY_free(pkey[i]);
	}
	X509_free(leaf);
	X509_free(ca);
}

/* ---- the server ---- */

/* What it does; zeroes: everything as it should be, without a key. */
struct script {
	const char *greeting; /* NULL: a good one */
	const char *ehlo;     /* the reply */
	const char *starttls; /* the reply */
	unsigned keys;	      /* bits 1 << KEY_... */
	bool alternate;	      /* every second connection the EC2 key */
	bool sni;	      /* the EC2 key for the name mx.example.org */
	const char *chain;    /* of the leaf: 'c' the CA, 'x' a stranger */
	int tls_max;	      /* protocol version, 0: any */
	int drip_us;	      /* between the bytes that it says */
	enum { TO_END, AT_ACCEPT, AT_GREETING, AT_EHLO, AT_STARTTLS } until;
	bool silent;	 /* then: listen to nothing; else close */
	bool flood;	 /* then: say the greeting for ever */
	int hold_ms;	 /* before the greeting */
	int shy;	 /* so many connections are closed at first */
	const char *tls; /* what is said in place of TLS */
	size_t tls_len;
};

/* What the servers saw, in memory that all processes share. */
struct seen {
	atomic_int connections, open, open_max, quits, clean_ends;
	char said[512]; /* the first lines of the client */
};

static struct seen *seen;
static time_t now; /* for certificates */
static pid_t server = -1;
static uint16_t port;

/* False when nobody listens any more. */
static bool
say(int fd, const char *text, int drip_us)
{
	size_t len = strlen(text);

	for (size_t at = 0, n; at < len; at += n) {
		n = drip_us ? 1 : len - at;
		if (send(fd, text + at, n, MSG_NOSIGNAL) != (ssize_t)n)
			return false;
		if (drip_us)
			usleep((useconds_t)drip_us);
	}
	return true;
}

static void
hear(int fd)
{
	char buf[512];
	size_t n = 0;

	while (n + 1 < sizeof(buf) && recv(fd, buf + n, 1, 0) == 1)
		if (buf[n++] == '\n')
			break;
	buf[n] = 0;
	n = strlen(seen->said);
	snprintf(seen->said + n, sizeof(seen->said) - n, "%s", buf);
}

static int
on_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	(void)arg;
	if (name != NULL && strcmp(name, "mx.example.org") == 0) {
		SSL_use_certificate(ssl, cert[KEY_EC2]);
		SSL_use_PrivateKey(ssl, pkey[KEY_EC2]);
	}
	return SSL_TLSEXT_ERR_OK;
}

static void
use_chain(SSL_CTX *ctx, const char *letters)
{
	SSL_CTX_use_certificate(ctx, leaf);
	SSL_CTX_use_PrivateKey(ctx, pkey[KEY_EC]);
	for (; *letters != 0; letters++)
		SSL_CTX_add1_chain_cert(ctx,
		    *letters == 'c' ? ca : cert[KEY_RSA]);
}

static SSL_CTX *
server_ctx(const struct script *s, int nth)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	unsigned keys = s->alternate && nth % 2 ? 1u << KEY_EC2 : s->keys;

	SSL_CTX_set_security_level(ctx, 0);
	if (s->tls_max != 0) {
		SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(ctx, s->tls_max);
	}
	if (s->sni)
		SSL_CTX_set_tlsext_servername_callback(ctx, on_name);
	for (int i = 0; i < N_KEYS; i++)
		if (keys & 1u << i) {
			SSL_CTX_use_certificate(ctx, cert[i]);
			SSL_CTX_use_PrivateKey(ctx, pkey[i]);
		}
	if (s->chain != NULL)
		use_chain(ctx, s->chain);
	return ctx;
}

/* Counted once a connection, that is a process. */
static void
leave(void)
{
	static bool left;

	if (!left)
		atomic_fetch_sub(&seen->open, 1);
	left = true;
}

static void
serve_tls(int fd, const struct script *s, int nth)
{
	SSL_CTX *ctx = server_ctx(s, nth);
	SSL *ssl = SSL_new(ctx);
	char buf[2048];
	int n;

	if (s->tls != NULL) {
		recv(fd, buf, sizeof(buf), 0);
		send(fd, s->tls, s->tls_len, MSG_NOSIGNAL);
		recv(fd, buf, sizeof(buf), 0);
	}
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		n = SSL_read(ssl, buf, sizeof(buf));
		if (n == 6 && memcmp(buf, "QUIT\r\n", 6) == 0)
			atomic_fetch_add(&seen->quits, 1);
		leave(); /* the client may, as soon as it has read this */
		SSL_write(ssl, "221 bye\r\n", 9);
		n = SSL_read(ssl, buf, sizeof(buf));
		if (SSL_get_error(ssl, n) == SSL_ERROR_ZERO_RETURN)
			atomic_fetch_add(&seen->clean_ends, 1);
	}
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

static void
serve_one(int fd, const struct script *s, int nth)
{
	const char *greeting = s->greeting ? s->greeting : "220 mx ESMTP\r\n";

	if (s->until == AT_ACCEPT)
		return;
	if (s->hold_ms)
		usleep((useconds_t)s->hold_ms * 1000);
	while (say(fd, greeting, s->drip_us) && s->flood)
		;
	if (s->until == AT_GREETING)
		return;
	hear(fd);
	say(fd,
	    s->ehlo ? s->ehlo
		    : "250-mx\r\n250-PIPELINING\r\n250-starttls\r\n250 DSN\r\n",
	    s->drip_us);
	if (s->until == AT_EHLO)
		return;
	hear(fd);
	say(fd, s->starttls ? s->starttls : "220 go ahead\r\n", s->drip_us);
	if (s->until == AT_STARTTLS)
		return;
	serve_tls(fd, s, nth);
}

static void
connection(int fd, const struct script *s, int nth)
{
	int open = atomic_fetch_add(&seen->open, 1) + 1;
	int most = atomic_load(&seen->open_max);
	char c;

	while (open > most &&
	    !atomic_compare_exchange_weak(&seen->open_max, &most, open))
		;
	serve_one(fd, s, nth);
	if (s->silent)
		while (recv(fd, &c, 1, 0) > 0)
			;
	leave();
	close(fd);
}

static void
accept_all(int listener, const struct script *s)
{
	for (int nth = 0;; nth++) {
		int fd = accept(listener, NULL, NULL);

		atomic_fetch_add(&seen->connections, 1);
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(listener);
			if (nth >= s->shy)
				connection(fd, s, nth);
			_exit(0);
		}
		close(fd);
	}
}

/* On all of 127.0.0.0/8, so that there can be several addresses. */
static void
start(const struct script *s)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_ANY);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(fd, 200), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	port = ntohs(in.sin_port);
	server = fork();
	if (server == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* of a test that failed */
		signal(SIGCHLD, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		accept_all(fd, s);
	}
	setpgid(server, server);
	close(fd);
}

static void
setup(void)
{
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(seen, MAP_FAILED);
	memset(seen, 0, sizeof(*seen));
	server = -1;
	now = THEN + A_DAY / 2;
}

/* What was presented in this test, to be freed at its end. */
#define MOST 128
static uint8_t *presented[MOST];
static size_t n_presented;

static void
teardown(void)
{
	while (n_presented > 0)
		free(presented[--n_presented]);
	if (server > 0) {
		kill(-server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	munmap(seen, sizeof(*seen));
}

/* ---- the tests ---- */

static struct probe
to(int last, enum offer offer)
{
	const uint8_t ip[4] = { 127, 0, 0, (uint8_t)last };
	struct probe p;

	memset(&p, 0, sizeof(p));
	p.addr = addr_make(4, ip, port);
	p.offer = offer;
	p.result = (enum probe_result)99;
	return p;
}

static void
run(struct probe *p, size_t n, int timeout_ms)
{
	serve_probe(p, n, "our.example.org", now, timeout_ms,
	    clock_mono_ms() + LONG_MS);
	for (size_t i = 0; i < n && n_presented < MOST; i++)
		presented[n_presented++] = p[i].chain.bytes;
}

static struct probe
ask(enum offer offer, int timeout_ms)
{
	struct probe p = to(1, offer);

	run(&p, 1, timeout_ms);
	return p;
}

static void
presents(const struct probe *p, int which, enum slot slot)
{
	struct cover_chain c = probe_chain(p);

	ck_assert_msg(p->result == PROBE_KEY, "%d %s", p->result, p->why);
	ck_assert(spki_eq(&p->key, &id[which]));
	ck_assert_int_eq(p->slot, slot);
	ck_assert_mem_eq(c.cert[0].by[1].sha256, p->key.sha256, 32);
	ck_assert_str_eq(p->why, "");
}

static void
is_down(const struct probe *p, const char *why)
{
	ck_assert_msg(p->result == PROBE_DOWN, "%d", p->result);
	ck_assert_msg(strstr(p->why, why) != NULL, "%s", p->why);
}

static const int TLS_MAX[] = { 0, TLS1_3_VERSION, TLS1_2_VERSION,
	TLS1_VERSION };

START_TEST(each_offer_sees_its_key)
{
	struct script s = { .keys = 1 << KEY_RSA | 1 << KEY_EC,
		.tls_max = TLS_MAX[_i] };
	struct probe p[3];

	start(&s);
	for (int i = 0; i < 3; i++)
		p[i] = to(1, (enum offer)i);
	run(p, 3, LONG_MS);
	ck_assert_int_eq(p[OFFER_ANY].result, PROBE_KEY);
	presents(&p[OFFER_RSA], KEY_RSA, SLOT_RSA);
	presents(&p[OFFER_ECDSA], KEY_EC, SLOT_ECDSA);
}
END_TEST

START_TEST(a_key_that_is_not_there_is_no_key)
{
	struct script s = { .tls_max = TLS_MAX[_i / 2],
		.keys = _i % 2 ? 1 << KEY_EC : 1 << KEY_RSA };
	enum offer there = _i % 2 ? OFFER_ECDSA : OFFER_RSA;
	enum offer missing = _i % 2 ? OFFER_RSA : OFFER_ECDSA;
	struct probe p;

	start(&s);
	p = ask(missing, LONG_MS);
	ck_assert_int_eq(p.result, PROBE_NOKEY);
	p = ask(there, LONG_MS);
	ck_assert_int_eq(p.result, PROBE_KEY);
	p = ask(OFFER_ANY, LONG_MS);
	ck_assert_int_eq(p.result, PROBE_KEY);
}
END_TEST

/* What is said in place of TLS. */
static const struct {
	const char *tls;
	size_t len;
	enum probe_result result;
} IN_PLACE[] = {
	{ "\x15\x03\x03\x00\x02\x02\x28", 7, PROBE_NOKEY }, /* alert 40 */
	{ "\x15\x03\x03\x00\x02\x02\x50", 7, PROBE_DOWN },  /* internal error */
	{ "\x15\x03\x03\x00\x02\x02\x46", 7, PROBE_DOWN },  /* version */
	{ "\x15\x03\x03\x00\x02\x01\x00", 7, PROBE_DOWN },  /* close_notify */
	{ "250 still plain\r\n", 17, PROBE_DOWN },
};

START_TEST(only_a_handshake_failure_means_no_key)
{
	struct script s = { .tls = IN_PLACE[_i].tls,
		.tls_len = IN_PLACE[_i].len };
	struct probe p;

	start(&s);
	p = ask(OFFER_ECDSA, LONG_MS);
	ck_assert_msg(p.result == IN_PLACE[_i].result, "%s", p.why);
	p = ask(OFFER_RSA, LONG_MS);
	ck_assert_msg(p.result == IN_PLACE[_i].result, "%s", p.why);
	p = ask(OFFER_ANY, LONG_MS);
	is_down(&p, "TLS handshake: ");
}
END_TEST

/* To refuse every offer is to present nothing: that was not a look. */
START_TEST(a_server_without_any_key_is_down)
{
	struct script s = { .keys = 0 };
	struct probe p;

	start(&s);
	p = ask(OFFER_ANY, LONG_MS);
	is_down(&p, "TLS handshake: ");
}
END_TEST

START_TEST(what_is_weak_or_unknown_is_seen_too)
{
	struct script s = { .keys = _i ? 1 << KEY_ED : 1 << KEY_WEAK };
	struct probe p;

	start(&s);
	p = ask(OFFER_ANY, LONG_MS);
	presents(&p, _i ? KEY_ED : KEY_WEAK, _i ? SLOT_OTHER : SLOT_RSA);
}
END_TEST

START_TEST(the_name_is_said_when_there_is_one)
{
	struct script s = { .keys = 1 << KEY_EC, .sni = true };
	struct probe p[2];

	start(&s);
	p[0] = to(1, OFFER_ANY);
	p[1] = to(1, OFFER_ANY);
	p[1].sni = "mx.example.org";
	run(p, 2, LONG_MS);
	presents(&p[0], KEY_EC, SLOT_ECDSA);
	presents(&p[1], KEY_EC2, SLOT_ECDSA);
}
END_TEST

/* ---- the chain ---- */

/* Does a sender that holds this record accept what was presented? */
static bool
satisfies(const struct probe *p, uint8_t usage, int key)
{
	struct tlsa_set s = { .n = 1, .rr = { tlsa_of(&id[key]) } };
	struct cover_chain c = probe_chain(p);

	s.rr[0].usage = usage;
	return cover_any(&s, &c);
}

/* clang-format off */
static const struct {
	const char *chain, *sni;
	time_t at;
	unsigned n;
	bool issuer; /* satisfies a record of it */
} CHAINS[] = {
	{ "",    "",               THEN + 1,         1, false },
	{ "c",   "",               THEN + 1,         2, true },
	{ "c",   "mx.example.org", THEN + 1,         2, true },
	{ "c",   "MX.example.ORG", THEN + 1,         2, true },
	{ "c",   "mx.example.net", THEN + 1,         2, false },
	{ "c",   "",               THEN - 1,         2, false },
	{ "c",   "",               THEN + A_DAY - 1, 2, true },
	{ "c",   "",               THEN + A_DAY + 1, 2, false },
	{ "xc",  "",               THEN + 1,         3, true },
	{ "cx",  "",               THEN + 1,         3, true },
	{ "xx",  "",               THEN + 1,         3, false },
	{ "cxxxxxxxxxxxxxxxxxxxx", "", THEN + 1,     COVER_CHAIN, true },
	{ "xxxxxxc",  "",          THEN + 1,         COVER_CHAIN, true },
	{ "xxxxxxxc", "",          THEN + 1,         COVER_CHAIN, false },
};
/* clang-format on */

START_TEST(the_chain_that_is_sent_is_seen)
{
	struct script s = { .chain = CHAINS[_i].chain,
		.tls_max = _i % 2 ? TLS1_2_VERSION : 0 };
	struct probe p;

	start(&s);
	now = CHAINS[_i].at;
	p = to(1, OFFER_ECDSA);
	p.sni = CHAINS[_i].sni[0] != 0 ? CHAINS[_i].sni : NULL;
	run(&p, 1, LONG_MS);
	presents(&p, KEY_EC, SLOT_ECDSA);
	ck_assert_uint_eq(probe_chain(&p).n, CHAINS[_i].n);
	ck_assert(satisfies(&p, 3, KEY_EC));
	ck_assert(!satisfies(&p, 3, KEY_EC2));
	ck_assert_int_eq(satisfies(&p, 2, KEY_EC2), CHAINS[_i].issuer);
	ck_assert(!satisfies(&p, 2, KEY_EC));
	ck_assert(!satisfies(&p, 2, KEY_RSA)); /* a stranger */
}
END_TEST

START_TEST(two_keys_by_turns_are_both_seen)
{
	struct script s = { .keys = 1 << KEY_EC, .alternate = true };
	struct probe p[8];
	int first = 0;

	start(&s);
	for (int i = 0; i < 8; i++)
		p[i] = to(1, OFFER_ECDSA);
	run(p, 8, LONG_MS);
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(p[i].result, PROBE_KEY);
		first += spki_eq(&p[i].key, &id[KEY_EC]);
	}
	ck_assert_int_eq(first, 4);
}
END_TEST

START_TEST(it_says_its_name_and_leaves_politely)
{
	struct script s = { .keys = 1 << KEY_EC };
	struct probe p;

	start(&s);
	p = ask(OFFER_ANY, LONG_MS);
	presents(&p, KEY_EC, SLOT_ECDSA);
	ck_assert_str_eq(seen->said, "EHLO our.example.org\r\nSTARTTLS\r\n");
	ck_assert_int_eq(seen->quits, 1);
	for (int i = 0; i < 200 && seen->clean_ends == 0; i++)
		poll(NULL, 0, 10);
	ck_assert_int_eq(seen->clean_ends, 1);
}
END_TEST

START_TEST(slow_is_not_wrong)
{
	struct script s = { .keys = 1 << KEY_RSA,
		.drip_us = 500,
		.greeting = "220-mx\r\n220-\r\n220 ready\r\n" };
	struct probe p;

	start(&s);
	p = ask(OFFER_RSA, LONG_MS);
	presents(&p, KEY_RSA, SLOT_RSA);
}
END_TEST

#define LINE_100                                                      \
	"220-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"
#define OK_EHLO "250-mx\r\n250 STARTTLS\r\n"

/* clang-format off */
/* It answers, and says that it does no TLS. */
static const struct {
	struct script s;
	const char *why;
} PLAIN[] = {
	{ { .ehlo = "250-mx\r\n250 DSN\r\n" }, "STARTTLS is not offered" },
	{ { .ehlo = "250 mx\r\n" }, "STARTTLS is not offered" },
	{ { .ehlo = "250 STARTTLS\r\n" }, "STARTTLS is not offered" },
	{ { .ehlo = "250-STARTTLS hello\r\n250 DSN\r\n" },
	    "STARTTLS is not offered" },
	{ { .ehlo = "250-mx\r\n250-STARTTLSX\r\n250 XSTARTTLS\r\n" },
	    "STARTTLS is not offered" },
	{ { .starttls = "454 not now\r\n" }, "the server refuses: 454" },
	{ { .starttls = "250 fine\r\n" }, "the server refuses: 250" },
};

static const struct {
	struct script s;
	const char *why;
} DOWN[] = {
	{ { .ehlo = "502 what?\r\n" }, "the server refuses: 502 what?" },
	{ { .ehlo = "220 mx\r\n" }, "the server refuses: 220" },
	{ { .greeting = "554 go \x1b[31maway\\\r\n" },
	    "the server refuses: 554 go \\x1b[31maway\\x5c" },
	{ { .greeting = "421-busy\r\n421 later\r\n" },
	    "the server refuses: 421-busy" },
	{ { .greeting = "250 hello\r\n" }, "the server refuses" },
	{ { .greeting = "220-hello\r\n250 hello\r\n" }, "not an SMTP reply" },
	{ { .greeting = "HTTP/1.1 400\r\n" }, "not an SMTP reply: HTTP" },
	{ { .greeting = "2200 hello\r\n" }, "not an SMTP reply" },
	{ { .greeting = "22\r\n" }, "not an SMTP reply" },
	{ { .greeting = "\r\n" }, "not an SMTP reply" },
	{ { .greeting = "220_hello\r\n" }, "not an SMTP reply" },
	{ { .greeting = "220 hi\r\n" OK_EHLO }, "more than its reply" },
	{ { .greeting = "220 hi\r\n" OK_EHLO "220 go\r\n" },
	    "more than its reply" },
	{ { .ehlo = OK_EHLO "220 go\r\n" }, "more than its reply" },
	{ { .starttls = "220 go\r\n250 INJECTED\r\n" },
	    "more than its reply" },
	{ { .starttls = "220 go\r\n2" }, "more than its reply" },
	{ { .starttls = "220 go\r\n", .keys = 1 << KEY_EC,
	    .until = AT_STARTTLS }, "TLS handshake: the connection ended" },
	{ { .greeting = LINE_100, .flood = true },
	    "talks without an end" },
	{ { .greeting = "a", .flood = true }, "has no end" },
	{ { .until = AT_ACCEPT }, "closed the connection" },
	{ { .until = AT_GREETING, .greeting = "220 hi" },
	    "closed the connection" },
	{ { .until = AT_GREETING }, "" }, /* closed, reset, broken pipe */
	{ { .until = AT_EHLO }, "" },
};

/* Those that say too little. */
static const struct {
	struct script s;
	const char *why;
} LATE[] = {
	{ { .until = AT_ACCEPT, .silent = true }, "no greeting" },
	{ { .greeting = LINE_100, .drip_us = 20000 }, "no greeting" },
	{ { .until = AT_GREETING, .silent = true }, "no answer" },
	{ { .until = AT_EHLO, .silent = true }, "no answer" },
	{ { .until = AT_STARTTLS, .silent = true }, "TLS handshake did not" },
};
/* clang-format on */

START_TEST(a_server_that_does_not_show_a_key_is_down)
{
	int64_t began = clock_mono_ms();
	struct probe p;

	start(&DOWN[_i].s);
	p = ask(OFFER_ECDSA, LONG_MS);
	is_down(&p, DOWN[_i].why);
	ck_assert_int_lt(clock_mono_ms() - began, LONG_MS / 2);
}
END_TEST

START_TEST(a_server_that_does_no_starttls_is_plain)
{
	struct probe p;

	start(&PLAIN[_i].s);
	p = ask(OFFER_ANY, LONG_MS);
	ck_assert_int_eq(p.result, PROBE_PLAIN);
	ck_assert_msg(strstr(p.why, PLAIN[_i].why) != NULL, "%s", p.why);
}
END_TEST

START_TEST(a_server_that_is_late_is_down)
{
	int64_t began, took;
	struct probe p;

	start(&LATE[_i].s);
	began = clock_mono_ms();
	p = ask(OFFER_ECDSA, 300);
	took = clock_mono_ms() - began;
	is_down(&p, LATE[_i].why);
	ck_assert_int_ge(took, 300);
	ck_assert_int_lt(took, 3000);
}
END_TEST

START_TEST(nobody_listens_at_a_closed_port)
{
	struct probe p;

	port = 1;
	p = ask(OFFER_ANY, LONG_MS);
	is_down(&p, "Connection refused");
}
END_TEST

START_TEST(no_more_than_eight_at_once_to_an_address)
{
	struct script s = { .keys = 1 << KEY_EC, .hold_ms = 100 };
	struct probe p[20];

	start(&s);
	for (int i = 0; i < 20; i++)
		p[i] = to(1, OFFER_ANY);
	run(p, 20, LONG_MS);
	for (int i = 0; i < 20; i++)
		presents(&p[i], KEY_EC, SLOT_ECDSA);
	ck_assert_int_eq(seen->connections, 20);
	ck_assert_int_ge(seen->open_max, 2);
	ck_assert_int_le(seen->open_max, 8);
}
END_TEST

START_TEST(no_more_than_sixty_four_at_once)
{
	struct script s = { .until = AT_GREETING, .hold_ms = 500 };
	struct probe p[100];

	start(&s);
	for (int i = 0; i < 100; i++)
		p[i] = to(1 + i, OFFER_ANY);
	run(p, 100, LONG_MS);
	ck_assert_int_eq(seen->connections, 100);
	ck_assert_int_gt(seen->open_max, 8);
	ck_assert_int_le(seen->open_max, 64);
}
END_TEST

START_TEST(one_bad_server_does_not_delay_the_others)
{
	struct script s = { .keys = 1 << KEY_EC };
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	struct probe p[2];
	int deaf = socket(AF_INET, SOCK_STREAM, 0);

	/* A listener that never accepts. */
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(deaf, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(deaf, 1), 0);
	getsockname(deaf, (struct sockaddr *)&in, &len);
	start(&s);
	p[0] = to(1, OFFER_ANY);
	p[0].addr.port = ntohs(in.sin_port);
	p[1] = to(1, OFFER_ANY);
	run(p, 2, 2000);
	is_down(&p[0], "no greeting within the time");
	presents(&p[1], KEY_EC, SLOT_ECDSA);
	close(deaf);
}
END_TEST

/* A server that hosts many names and is gone costs what one would; another
 * port of it is another server. */
START_TEST(where_nobody_greets_not_all_are_tried)
{
	struct script gone = { .until = AT_ACCEPT };
	struct script good = { .keys = 1 << KEY_EC };
	struct probe p[120];
	pid_t other;

	start(&gone);
	for (int i = 0; i < 100; i++)
		p[i] = to(1, OFFER_ANY);
	other = server;
	start(&good);
	for (int i = 100; i < 120; i++)
		p[i] = to(1, OFFER_ANY);
	run(p, 120, LONG_MS);
	kill(-other, SIGKILL);
	waitpid(other, NULL, 0);
	for (int i = 0; i < 100; i++)
		is_down(&p[i], "the server closed the connection");
	is_down(&p[0], "closed the connection");
	ck_assert_str_eq(p[99].why,
	    "the server closed the connection, 16 times in a row: not tried "
	    "further in this pass");
	for (int i = 100; i < 120; i++)
		presents(&p[i], KEY_EC, SLOT_ECDSA);
	ck_assert_int_ge(seen->connections, 16 + 20);
	ck_assert_int_lt(seen->connections, 16 + 8 + 20);
}
END_TEST

START_TEST(who_greets_at_times_is_asked_for_all)
{
	struct script s = { .keys = 1 << KEY_EC, .shy = _i };
	struct probe p[40];
	int down = 0;

	start(&s);
	for (int i = 0; i < 40; i++)
		p[i] = to(1, OFFER_ANY);
	run(p, 40, LONG_MS);
	for (int i = 0; i < 40; i++)
		down += p[i].result == PROBE_DOWN;
	ck_assert_int_eq(seen->connections, 40);
	ck_assert_int_eq(down, _i);
}
END_TEST

START_TEST(the_deadline_of_all_ends_all)
{
	struct script s = { .until = AT_ACCEPT, .silent = true };
	int64_t began = clock_mono_ms();
	struct probe p[12];

	start(&s);
	for (int i = 0; i < 12; i++)
		p[i] = to(1, OFFER_ANY);
	serve_probe(p, 12, "x", now, LONG_MS, began + 300);
	ck_assert_int_lt(clock_mono_ms() - began, 3000);
	for (int i = 0; i < 8; i++)
		is_down(&p[i], "no greeting");
	for (int i = 8; i < 12; i++)
		is_down(&p[i], "the time of the pass was over");
	/* It was over before it began. */
	serve_probe(p, 1, "x", now, LONG_MS, began);
	is_down(&p[0], "the time of the pass was over");
}
END_TEST

START_TEST(nothing_to_ask_is_nothing_to_do)
{
	serve_probe(NULL, 0, "x", now, 1000, clock_mono_ms() + 1000);
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

START_TEST(no_descriptor_stays_open_and_signals_stay_as_they_were)
{
	int before = count_fds();
	struct sigaction sa;

	signal(SIGPIPE, SIG_DFL);
	start(&DOWN[0].s);
	ask(OFFER_ANY, LONG_MS);
	ck_assert_int_eq(count_fds(), before);
	sigaction(SIGPIPE, NULL, &sa);
	ck_assert(sa.sa_handler == SIG_DFL);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_loop_test(t, each_offer_sees_its_key, 0, 4);
	tcase_add_loop_test(t, a_key_that_is_not_there_is_no_key, 0, 8);
	tcase_add_loop_test(t, only_a_handshake_failure_means_no_key, 0,
	    (int)(sizeof(IN_PLACE) / sizeof(IN_PLACE[0])));
	tcase_add_test(t, a_server_without_any_key_is_down);
	tcase_add_loop_test(t, what_is_weak_or_unknown_is_seen_too, 0, 2);
	tcase_add_test(t, the_name_is_said_when_there_is_one);
	tcase_add_loop_test(t, the_chain_that_is_sent_is_seen, 0,
	    (int)(sizeof(CHAINS) / sizeof(CHAINS[0])));
	tcase_add_test(t, two_keys_by_turns_are_both_seen);
	tcase_add_test(t, it_says_its_name_and_leaves_politely);
	tcase_add_test(t, slow_is_not_wrong);
	tcase_add_loop_test(t, a_server_that_does_not_show_a_key_is_down, 0,
	    (int)(sizeof(DOWN) / sizeof(DOWN[0])));
	tcase_add_loop_test(t, a_server_that_does_no_starttls_is_plain, 0,
	    (int)(sizeof(PLAIN) / sizeof(PLAIN[0])));
	tcase_add_loop_test(t, a_server_that_is_late_is_down, 0,
	    (int)(sizeof(LATE) / sizeof(LATE[0])));
	tcase_add_test(t, nobody_listens_at_a_closed_port);
	tcase_add_test(t, no_more_than_eight_at_once_to_an_address);
	tcase_add_test(t, no_more_than_sixty_four_at_once);
	tcase_add_test(t, one_bad_server_does_not_delay_the_others);
	tcase_add_test(t, where_nobody_greets_not_all_are_tried);
	tcase_add_loop_test(t, who_greets_at_times_is_asked_for_all, 14, 16);
	tcase_add_test(t, the_deadline_of_all_ends_all);
	tcase_add_test(t, nothing_to_ask_is_nothing_to_do);
	tcase_add_test(t,
	    no_descriptor_stays_open_and_signals_stay_as_they_were);
}

int
main(void)
{
	Suite *s = suite_create("serve");
	TCase *t = tcase_create("serve");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, make_keys, free_keys);
	tcase_add_checked_fixture(t, setup, teardown);
	add_tests(t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
