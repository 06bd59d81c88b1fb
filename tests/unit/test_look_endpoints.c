/*
 * test_look_endpoints.c - the sweep: every key that an endpoint presents is
 * seen, and one look that failed makes none of them go.
 */
#include <arpa/inet.h>
#include <check.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/once.h"
#include "base/text.h"
#include "edge/serve.h"
#include "edge/ssl.h"
#include "proc/look.h"

#define NAME "mx1.example.org"

/* ---- keys ---- */

enum { EC, EC2, RSA_KEY, N_KEYS };

static EVP_PKEY *pkey[N_KEYS];
static X509 *cert[N_KEYS];
static struct spki id[N_KEYS];

static void
make_keys(void)
{
	pkey[EC] = EVP_EC_gen("P-256");
	pkey[EC2] = EVP_EC_gen("P-256");
	pkey[RSA_KEY] = EVP_RSA_gen(2048);
	for (int i = 0; i < N_KEYS; i++) {
		struct key_info info;
		struct err e;

		cert[i] = X509_new();
		X509_set_version(cert[i], X509_VERSION_3);
		X509_gmtime_adj(X509_getm_notBefore(cert[i]), -3600);
		X509_gmtime_adj(X509_getm_notAfter(cert[i]), 3600);
		X509_set_pubkey(cert[i], pkey[i]);
		ck_assert_int_gt(X509_sign(cert[i], pkey[i], EVP_sha256()), 0);
		ck_assert_int_eq(ssl_key_info(pkey[i], &info, &e), 0);
		id[i] = info.id;
	}
}

static void
free_keys(void)
{
	for (int i = 0; i < N_KEYS; i++) {
		X509_free(cert[i]);
		EVP_PKEY_free(pkey[i]);
	}
}

/* ---- servers ---- */

enum mode {
	ONE,	   /* an ECDSA key */
	BOTH,	   /* and an RSA key */
	BY_NAME,   /* another ECDSA key for the host's name */
	MIXED,	   /* every second connection another */
	ONE_FAILS, /* the third connection is closed */
	ONE_PLAIN, /* it offers no STARTTLS */
	NO_KEY,
	CLOSED, /* nobody listens */
};

#define SERVERS_MAX 4
static pid_t server[SERVERS_MAX];
static int n_servers;

static void
use(SSL_CTX *ctx, int i)
{
	SSL_CTX_use_certificate(ctx, cert[i]);
	SSL_CTX_use_PrivateKey(ctx, pkey[i]);
}

static int
on_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	(void)arg;
	if (name != NULL && strcmp(name, NAME) == 0) {
		SSL_use_certificate(ssl, cert[EC2]);
		SSL_use_PrivateKey(ssl, pkey[EC2]);
	}
	return SSL_TLSEXT_ERR_OK;
}

static void
say(int fd, const char *text)
{
	send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void
hear(int fd)
{
	char c = 0;

	while (c != '\n' && recv(fd, &c, 1, 0) == 1)
		;
}

static void
connection(int fd, enum mode mode, int nth)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	SSL *ssl;
	char buf[64];

	if (mode != NO_KEY)
		use(ctx, mode == MIXED && nth % 2 == 1 ? EC2 : EC);
	if (mode == BOTH)
		use(ctx, RSA_KEY);
	if (mode == BY_NAME)
		SSL_CTX_set_tlsext_servername_callback(ctx, on_name);
	ssl = SSL_new(ctx);
	say(fd, "220 mx ESMTP\r\n");
	hear(fd);
	say(fd,
	    mode == ONE_PLAIN && nth == 2 ? "250 mx\r\n"
					  : "250-mx\r\n250 STARTTLS\r\n");
	hear(fd);
	say(fd, "220 go ahead\r\n");
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && SSL_read(ssl, buf, sizeof(buf)) > 0)
		SSL_write(ssl, "221 bye\r\n", 9);
	SSL_shutdown(ssl);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

static void
accept_all(int listener, enum mode mode)
{
	for (int nth = 0;; nth++) {
		int fd = accept(listener, NULL, NULL);

		if ((mode != ONE_FAILS || nth != 2) && fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(listener);
			connection(fd, mode, nth);
			_exit(0);
		}
		close(fd);
	}
}

/* Where it is. */
static struct addr
start(enum mode mode)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	ck_assert_int_eq(bind(fd, (void *)&in, len), 0);
	ck_assert_int_eq(getsockname(fd, (void *)&in, &len), 0);
	ck_assert(mode == CLOSED || listen(fd, 50) == 0);
	ck_assert_int_lt(n_servers, SERVERS_MAX);
	pid = mode == CLOSED ? -1 : fork();
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* of a test that failed */
		signal(SIGCHLD, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		accept_all(fd, mode);
	}
	if (pid > 0) {
		setpgid(pid, pid);
		server[n_servers++] = pid;
	}
	close(fd);
	return addr_make(4, &in.sin_addr, ntohs(in.sin_port));
}

/* ---- the host ---- */

static struct host h;
static struct look_request req;

static void
setup(void)
{
	host_init(&h, NAME);
	host_owner(&h, "_25._tcp." NAME ".", 25);
	req = (struct look_request){ .host = &h };
	n_servers = 0;
}

static void
teardown(void)
{
	for (int i = 0; i < n_servers; i++) {
		kill(-server[i], SIGKILL);
		waitpid(server[i], NULL, 0);
	}
	host_release(&h);
}

/* One that presented the key of this number when it was swept at 5. */
static struct endpoint *
endpoint(struct host *host, enum mode mode, uint8_t old)
{
	struct addr a = start(mode);
	struct endpoint *ep = host_endpoint(host, 0, &a);

	ep->sweep = SWEEP_SEEN;
	ep->n_seen = 1;
	ep->seen[0].key.sha256[0] = old;
	ep->swept_at = 5;
	ep->why = once_fmt(HOST_WHY, "of before");
	return ep;
}

static void
sweep(struct look_request *r, size_t n)
{
	struct now now = { .elapsed = 100, .wall = 1000, .trusted = true };

	look_endpoints(r, n, &now, clock_mono_ms() + 20000);
}

static bool
saw(const struct endpoint *ep, const struct spki *key)
{
	for (unsigned i = 0; i < ep->n_seen; i++)
		if (spki_eq(&ep->seen[i].key, key))
			return true;
	return false;
}

/* ---- promises ---- */

static const struct spki OLD = { .sha256 = { 77 } };

/* clang-format off */
static const struct {
	enum mode mode;
	enum sweep want;
	unsigned keys;		/* bits 1 << EC, ... */
	const char *why;
} MODES[] = {
	{ ONE,	     SWEEP_SEEN, 1 << EC,		    "" },
	{ BOTH,	     SWEEP_SEEN, 1 << EC | 1 << RSA_KEY,    "" },
	{ BY_NAME,   SWEEP_SEEN, 1 << EC | 1 << EC2,	    "" },
	{ MIXED,     SWEEP_SEEN, 1 << EC | 1 << EC2,	    "" },
	{ ONE_FAILS, SWEEP_DOWN, 1 << EC,		    "closed" },
	{ ONE_PLAIN, SWEEP_DOWN, 1 << EC,		    "not offered" },
	{ NO_KEY,    SWEEP_DOWN, 0,			    "handshake" },
	{ CLOSED,    SWEEP_DOWN, 0,			    "refused" },
};
/* clang-format on */

#define MODES_N ((int)(sizeof(MODES) / sizeof(MODES[0])))

START_TEST(a_whole_sweep_replaces_and_a_part_only_adds)
{
	struct endpoint *ep = endpoint(&h, MODES[_i].mode, OLD.sha256[0]);
	bool whole = MODES[_i].want == SWEEP_SEEN;
	unsigned n = 0;

	sweep(&req, 1);
	ck_assert_msg(ep->sweep == MODES[_i].want, "row %d: %s", _i, ep->why);
	ck_assert_msg(strstr(ep->why, MODES[_i].why) != NULL, "row %d: %s", _i,
	    ep->why);
	ck_assert(whole == (ep->why[0] == 0));
	for (int i = 0; i < N_KEYS; i++) {
		bool want = MODES[_i].keys & 1u << i;

		ck_assert_msg(saw(ep, &id[i]) == want, "row %d key %d", _i, i);
		n += want;
	}
	ck_assert_msg(saw(ep, &OLD) == !whole, "row %d", _i);
	ck_assert_uint_eq(ep->n_seen, n + !whole);
	ck_assert_int_eq(ep->swept_at, whole ? 100 : 5);
	ck_assert_int_eq(ep->swept_wall, 1000);
	ck_assert(ep->fresh);
}
END_TEST

START_TEST(a_key_comes_with_its_slot)
{
	struct endpoint *ep = endpoint(&h, BOTH, OLD.sha256[0]);

	sweep(&req, 1);
	ck_assert_uint_eq(ep->n_seen, 2);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(ep->seen[i].slot,
		    spki_eq(&ep->seen[i].key, &id[RSA_KEY]) ? SLOT_RSA
							    : SLOT_ECDSA);
}
END_TEST

/* In digests of the certificate and of the key; without the name, as the
 * certificate is not judged by those who gave none. */
START_TEST(a_key_comes_with_what_was_presented)
{
	struct endpoint *ep = endpoint(&h, BOTH, OLD.sha256[0]);
	uint8_t sum[32];

	sweep(&req, 1);
	ck_assert_uint_eq(ep->n_seen, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct cover_chain c = host_chain_at(&h, ep->seen[i].chain);
		int of = spki_eq(&ep->seen[i].key, &id[RSA_KEY]) ? RSA_KEY : EC;

		X509_digest(cert[of], EVP_sha256(), sum, NULL);
		ck_assert_uint_eq(c.n, 1);
		ck_assert_mem_eq(c.cert[0].by[0].sha256, sum, 32);
		ck_assert_mem_eq(c.cert[0].by[1].sha256, id[of].sha256, 32);
		ck_assert(!c.cert[0].key_only && !c.names_ok);
	}
}
END_TEST

START_TEST(what_was_seen_never_grows_beyond_its_room)
{
	struct endpoint *ep = endpoint(&h, ONE_FAILS, 1);

	for (; ep->n_seen < PRESENTED_MAX; ep->n_seen++)
		ep->seen[ep->n_seen].key.sha256[0] = (uint8_t)(ep->n_seen + 1);
	sweep(&req, 1);
	ck_assert_int_eq(ep->sweep, SWEEP_DOWN);
	ck_assert_uint_eq(ep->n_seen, PRESENTED_MAX);
	for (uint8_t i = 0; i < PRESENTED_MAX; i++)
		ck_assert_uint_eq(ep->seen[i].key.sha256[0], i + 1);
}
END_TEST

START_TEST(endpoints_of_one_sweep_are_not_mixed_up)
{
	struct look_request both[2] = { req, req };
	struct host h2;

	host_init(&h2, "mx2.example.org");
	host_owner(&h2, "_25._tcp.mx2.example.org.", 25);
	both[1].host = &h2;
	endpoint(&h, CLOSED, OLD.sha256[0]);
	endpoint(&h, BOTH, OLD.sha256[0]);
	endpoint(&h2, BY_NAME, OLD.sha256[0]);
	endpoint(&h2, CLOSED, OLD.sha256[0]);
	sweep(both, 2);
	ck_assert_int_eq(h.ep[0].sweep, SWEEP_DOWN);
	ck_assert_int_eq(h.ep[1].sweep, SWEEP_SEEN);
	ck_assert(saw(&h.ep[1], &id[RSA_KEY]));
	ck_assert_int_eq(h2.ep[0].sweep, SWEEP_SEEN);
	/* the name is that of its own host */
	ck_assert(saw(&h2.ep[0], &id[EC]) && !saw(&h2.ep[0], &id[EC2]));
	ck_assert_int_eq(h2.ep[1].sweep, SWEEP_DOWN);
	host_release(&h2);
}
END_TEST

START_TEST(a_time_that_is_over_sees_nothing)
{
	struct now now = { .elapsed = 100, .wall = 1000, .trusted = true };
	struct endpoint *ep = endpoint(&h, ONE, OLD.sha256[0]);

	look_endpoints(&req, 1, &now, clock_mono_ms() - 1);
	ck_assert_int_eq(ep->sweep, SWEEP_DOWN);
	ck_assert(saw(ep, &OLD));
	look_endpoints(NULL, 0, &now, clock_mono_ms() - 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("look_endpoints");
	TCase *tc = tcase_create("look_endpoints");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, make_keys, free_keys);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_whole_sweep_replaces_and_a_part_only_adds, 0,
	    MODES_N);
	tcase_add_test(tc, a_key_comes_with_its_slot);
	tcase_add_test(tc, a_key_comes_with_what_was_presented);
	tcase_add_test(tc, what_was_seen_never_grows_beyond_its_room);
	tcase_add_test(tc, endpoints_of_one_sweep_are_not_mixed_up);
	tcase_add_test(tc, a_time_that_is_over_sees_nothing);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
