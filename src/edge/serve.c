/*
 * serve.c - which key does an address present?  SMTP, STARTTLS, TLS; all
 * probes at once.  Builds no chain, trusts no name, believes no text.
 */
#include "edge/serve.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/ssl.h"

#define OPEN_MAX_ALL 64
#define OPEN_MAX_ADDR 8
#define LINE_MAX_BYTES 2048
#define REPLY_MAX 65536

/* What a probe waits for. */
enum state { IDLE, CONNECT, GREETING, EHLO, STARTTLS, HANDSHAKE, ENDED };

struct talk {
	struct probe *p;
	enum state state;
	int fd;
	SSL *ssl;
	int64_t deadline;
	short want;		/* POLLIN or POLLOUT */
	char out[320];		/* what is still to be sent */
	size_t out_len, out_at;
	char line[LINE_MAX_BYTES + 1];
	size_t line_len;
	size_t total;		/* bytes of the server so far */
	bool starttls;		/* offered */
};

struct offer_list {
	const char *sigalgs, *ciphers;
};

static const struct offer_list OFFERS[OFFER_COUNT] = {
	[OFFER_ANY] = { NULL, NULL },
	[OFFER_RSA] = { "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:"
			"rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512",
	    "aRSA" },
	[OFFER_ECDSA] = { "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512", "aECDSA" },
};

/* ---- ends ---- */

static void
hang_up(struct talk *t)
{
	SSL_free(t->ssl);
	t->ssl = NULL;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->state = ENDED;
	ERR_clear_error();
}

static void
end_down(struct talk *t, const char *what)
{
	t->p->result = PROBE_DOWN;
	text_fmt(t->p->why, sizeof(t->p->why), "%s", what);
	hang_up(t);
}

/* The server's own words, made harmless, behind ours. */
static void
end_said(struct talk *t, const char *what)
{
	char shown[120];

	text_show(t->line, t->line_len, shown, sizeof(shown));
	t->p->result = PROBE_DOWN;
	text_fmt(t->p->why, sizeof(t->p->why), "%s: %s", what, shown);
	hang_up(t);
}

/* ---- TLS ---- */

static SSL_CTX *
make_ctx(enum offer offer)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_security_level(ctx, 0); /* only looking */
	if (OFFERS[offer].sigalgs != NULL &&
	    (SSL_CTX_set1_sigalgs_list(ctx, OFFERS[offer].sigalgs) != 1 ||
		SSL_CTX_set_cipher_list(ctx, OFFERS[offer].ciphers) != 1)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

static void
start_tls(struct talk *t, SSL_CTX *ctx)
{
	t->ssl = SSL_new(ctx);
	if (t->ssl == NULL || SSL_set_fd(t->ssl, t->fd) != 1) {
		end_down(t, "TLS could not be begun");
		return;
	}
	if (t->p->sni[0] != 0)
		SSL_set_tlsext_host_name(t->ssl, t->p->sni);
	SSL_set_connect_state(t->ssl);
	t->state = HANDSHAKE;
	t->want = POLLOUT;
}

static void
end_key(struct talk *t)
{
	X509 *x = SSL_get0_peer_certificate(t->ssl);
	EVP_PKEY *pkey = x != NULL ? X509_get0_pubkey(x) : NULL;
	struct key_info info;
	struct err e;

	if (pkey == NULL || ssl_key_info(pkey, &info, &e) < 0) {
		end_down(t, "the certificate's key cannot be read");
		return;
	}
	t->p->result = PROBE_KEY;
	t->p->key = info.id;
	t->p->slot = info.slot;
	t->p->why[0] = 0;
	SSL_write(t->ssl, "QUIT\r\n", 6); /* polite; whatever comes of it */
	SSL_shutdown(t->ssl);
	hang_up(t);
}

/* The server says that it has no certificate for what was offered. */
static bool
says_no_key(unsigned long error)
{
	int reason = ERR_GET_REASON(error);

	return reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE ||
	    reason == SSL_R_NO_SHARED_CIPHER;
}

static void
end_tls_error(struct talk *t, int what)
{
	unsigned long error = ERR_peek_error();
	char why[120];

	if (t->p->offer != OFFER_ANY && says_no_key(error)) {
		t->p->result = PROBE_NOKEY;
		t->p->why[0] = 0;
		hang_up(t);
		return;
	}
	if (error == 0 || what == SSL_ERROR_SYSCALL)
		text_fmt(why, sizeof(why), "TLS handshake: the connection "
		    "ended");
	else
		text_fmt(why, sizeof(why), "TLS handshake: %s",
		    ERR_reason_error_string(error) != NULL
			? ERR_reason_error_string(error) : "failed");
	end_down(t, why);
}

static void
handshake(struct talk *t)
{
	int rc, what;

	ERR_clear_error();
	rc = SSL_do_handshake(t->ssl);
	if (rc == 1) {
		end_key(t);
		return;
	}
	what = SSL_get_error(t->ssl, rc);
	if (what == SSL_ERROR_WANT_READ)
		t->want = POLLIN;
	else if (what == SSL_ERROR_WANT_WRITE)
		t->want = POLLOUT;
	else
		end_tls_error(t, what);
}

/* ---- SMTP ---- */

static void
send_line(struct talk *t, enum state next, const char *verb, const char *arg)
{
	text_fmt(t->out, sizeof(t->out), "%s%.255s\r\n", verb, arg);
	t->out_len = strlen(t->out);
	t->out_at = 0;
	t->state = next;
	t->want = POLLOUT;
}

/* One whole line of a reply; `last` of it when no dash follows the code. */
static void
got_line(struct talk *t, bool more, SSL_CTX *const *ctx, const char *helo)
{
	const char *s = t->line;
	bool last = t->line_len >= 3 && s[3] != '-';

	if (t->line_len < 3 || strspn(s, "0123456789") < 3 ||
	    (s[3] != ' ' && s[3] != '-' && s[3] != 0)) {
		end_said(t, "not an SMTP reply");
		return;
	}
	if (s[0] != '2') {
		end_said(t, "the server refuses");
		return;
	}
	if (t->state == EHLO && strncasecmp(s + 4, "STARTTLS", 8) == 0 &&
	    (s[12] == 0 || s[12] == ' '))
		t->starttls = true;
	t->line_len = 0;
	if (!last)
		return;
	if (t->state == GREETING)
		send_line(t, EHLO, "EHLO ", helo);
	else if (t->state == EHLO && !t->starttls)
		end_down(t, "STARTTLS is not offered");
	else if (t->state == EHLO)
		send_line(t, STARTTLS, "STARTTLS", "");
	else if (more)
		/* Plain text behind the 220 would be taken for TLS. */
		end_down(t, "text was sent behind the reply to STARTTLS");
	else
		start_tls(t, ctx[t->p->offer]);
}

static void
take_bytes(struct talk *t, const char *buf, size_t n, SSL_CTX *const *ctx,
    const char *helo)
{
	t->total += n;
	if (t->total > REPLY_MAX) {
		end_down(t, "the server talks without an end");
		return;
	}
	for (size_t i = 0; i < n && t->state != ENDED; i++) {
		if (buf[i] != '\n') {
			if (t->line_len == LINE_MAX_BYTES) {
				end_down(t, "a reply line has no end");
				return;
			}
			t->line[t->line_len++] = buf[i];
			continue;
		}
		while (t->line_len > 0 && t->line[t->line_len - 1] == '\r')
			t->line_len--;
		t->line[t->line_len] = 0;
		got_line(t, i + 1 < n, ctx, helo);
	}
}

static void
receive(struct talk *t, SSL_CTX *const *ctx, const char *helo)
{
	char buf[4096];
	ssize_t n = recv(t->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		end_down(t, strerror(errno));
	else if (n == 0)
		end_down(t, "the server closed the connection");
	else
		take_bytes(t, buf, (size_t)n, ctx, helo);
}

static void
transmit(struct talk *t)
{
	ssize_t n = send(t->fd, t->out + t->out_at, t->out_len - t->out_at,
	    MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		end_down(t, strerror(errno));
		return;
	}
	if (n > 0)
		t->out_at += (size_t)n;
	if (t->out_at == t->out_len)
		t->want = POLLIN;
}

/* ---- one step of one talk ---- */

static void
begin(struct talk *t, int64_t deadline)
{
	struct sockaddr_storage ss;
	socklen_t len = (socklen_t)addr_sockaddr(&t->p->addr, &ss);

	t->deadline = deadline;
	t->state = CONNECT;
	t->want = POLLOUT;
	t->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (t->fd < 0 || (connect(t->fd, (struct sockaddr *)&ss, len) < 0 &&
			     errno != EINPROGRESS))
		end_down(t, strerror(errno));
}

static void
connected(struct talk *t)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0) {
		end_down(t, strerror(error));
		return;
	}
	t->state = GREETING;
	t->want = POLLIN;
}

static void
step(struct talk *t, SSL_CTX *const *ctx, const char *helo)
{
	switch (t->state) {
	case CONNECT:
		connected(t);
		break;
	case GREETING:
	case EHLO:
	case STARTTLS:
		if (t->want == POLLOUT)
			transmit(t);
		else
			receive(t, ctx, helo);
		break;
	case HANDSHAKE:
		handshake(t);
		break;
	case IDLE:
	case ENDED:
		break;
	}
}

/* ---- all of them ---- */

struct rally {
	struct talk *t;
	size_t n, open;
	SSL_CTX *ctx[OFFER_COUNT];
	const char *helo;
	int timeout_ms;
	int64_t deadline;
};

static bool
is_open(const struct talk *t)
{
	return t->state != IDLE && t->state != ENDED;
}

static size_t
open_to(const struct rally *r, const struct addr *a)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += is_open(&r->t[i]) && addr_cmp(&r->t[i].p->addr, a) == 0;
	return n;
}

static void
admit(struct rally *r)
{
	int64_t now = clock_mono_ms(), end = now + r->timeout_ms;

	for (size_t i = 0; i < r->n && r->open < OPEN_MAX_ALL; i++) {
		struct talk *t = &r->t[i];

		if (t->state != IDLE ||
		    open_to(r, &t->p->addr) >= OPEN_MAX_ADDR)
			continue;
		begin(t, end < r->deadline ? end : r->deadline);
		r->open += is_open(t);
	}
}

static const char *
waited_for(enum state s)
{
	switch (s) {
	case CONNECT:
		return "no connection within the time";
	case GREETING:
		return "no greeting within the time";
	case HANDSHAKE:
		return "the TLS handshake did not end within the time";
	case EHLO:
	case STARTTLS:
	case IDLE:
	case ENDED:
		break;
	}
	return "no answer within the time";
}

static void
expire(struct rally *r)
{
	int64_t now = clock_mono_ms();

	for (size_t i = 0; i < r->n; i++) {
		struct talk *t = &r->t[i];

		if (is_open(t) && now >= t->deadline) {
			end_down(t, waited_for(t->state));
			r->open--;
		} else if (t->state == IDLE && now >= r->deadline)
			end_down(t, "the time of the pass was over");
	}
}

static void
turn(struct rally *r)
{
	struct pollfd p[OPEN_MAX_ALL];
	struct talk *who[OPEN_MAX_ALL];
	nfds_t n = 0;

	for (size_t i = 0; i < r->n && n < OPEN_MAX_ALL; i++) {
		if (!is_open(&r->t[i]))
			continue;
		who[n] = &r->t[i];
		p[n++] = (struct pollfd){ .fd = r->t[i].fd,
			.events = r->t[i].want };
	}
	if (poll(p, n, 50) <= 0)
		return;
	for (nfds_t i = 0; i < n; i++) {
		if (p[i].revents == 0)
			continue;
		step(who[i], r->ctx, r->helo);
		r->open -= !is_open(who[i]);
	}
}

static bool
all_ended(const struct rally *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->t[i].state != ENDED)
			return false;
	return true;
}

void
serve_probe(struct probe *p, size_t n, const char *helo, int timeout_ms,
    int64_t deadline)
{
	struct rally r = { .n = n, .helo = helo, .timeout_ms = timeout_ms,
		.deadline = deadline };
	void (*pipe_was)(int) = signal(SIGPIPE, SIG_IGN);
	bool good = true;

	r.t = mem_array(n + 1, sizeof(*r.t));
	for (int i = 0; i < OFFER_COUNT; i++) {
		r.ctx[i] = make_ctx((enum offer)i);
		good = good && r.ctx[i] != NULL;
	}
	for (size_t i = 0; i < n; i++) {
		r.t[i].p = &p[i];
		r.t[i].fd = -1;
		if (!good)
			end_down(&r.t[i], "TLS could not be set up");
	}
	while (!all_ended(&r)) {
		admit(&r);
		turn(&r);
		expire(&r);
	}
	for (int i = 0; i < OFFER_COUNT; i++)
		SSL_CTX_free(r.ctx[i]);
	free(r.t);
	signal(SIGPIPE, pipe_was);
}
