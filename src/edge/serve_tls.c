/*
 * serve_tls.c - the part of a conversation in TLS: which key is presented?
 * Trusts no certificate.
 */
#include "edge/serve_talk.h"

#include <openssl/err.h>
#include <poll.h>

#include "base/clock.h"
#include "base/once.h"
#include "base/text.h"
#include "edge/ssl.h"

#define BYE_MS 1000

static const struct {
	const char *sigalgs, *ciphers;
} OFFERS[OFFER_COUNT] = {
	[OFFER_ANY] = { NULL, "DEFAULT:!aNULL:!eNULL" },
	[OFFER_RSA] = { "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:"
			"rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512",
	    "aRSA:!eNULL" },
	[OFFER_ECDSA] = { "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512",
	    "aECDSA:!eNULL" },
};

SSL_CTX *
talk_offer(enum offer offer)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	/* Only looking: what is weak is to be seen, too. */
	SSL_CTX_set_security_level(ctx, 0);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, OFFERS[offer].ciphers) != 1 ||
	    (OFFERS[offer].sigalgs != NULL &&
		SSL_CTX_set1_sigalgs_list(ctx, OFFERS[offer].sigalgs) != 1)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

void
talk_start_tls(struct talk *t)
{
	t->ssl = SSL_new(t->ctx);
	if (t->ssl == NULL || SSL_set_fd(t->ssl, t->fd) != 1 ||
	    (t->p->sni != NULL &&
		SSL_set_tlsext_host_name(t->ssl, t->p->sni) != 1)) {
		talk_end(t, "TLS could not be begun");
		return;
	}
	SSL_set_connect_state(t->ssl);
	t->state = TALK_HANDSHAKE;
	t->want = POLLOUT;
}

/*
 * Waits for the answer to QUIT, whatever it is, so that the server does not
 * see a broken connection.
 */
void
talk_bye(struct talk *t)
{
	char buf[512];
	int n;

	ERR_clear_error();
	n = SSL_read(t->ssl, buf, sizeof(buf));
	if (n <= 0 && SSL_get_error(t->ssl, n) == SSL_ERROR_WANT_READ)
		return;
	if (n > 0)
		SSL_shutdown(t->ssl);
	talk_hang_up(t);
}

/* What was presented; -1 when there is no telling. */
static int
read_chain(const struct talk *t, struct probe *p)
{
	const char *const names[] = { p->sni };
	X509 *x = SSL_get0_peer_certificate(t->ssl);
	struct cover_chain c;
	struct key_info info;
	struct err e;

	if (x == NULL || ssl_cert_info(x, &info, &e) < 0 ||
	    ssl_cover(SSL_get_peer_cert_chain(t->ssl), names, p->sni != NULL,
		t->now, &c, &e) < 0)
		return -1;
	probe_set_chain(p, &c);
	p->key = info.id;
	p->slot = info.slot;
	return 0;
}

static void
got_key(struct talk *t)
{
	int64_t until = clock_mono_ms() + BYE_MS;

	if (read_chain(t, t->p) < 0) {
		talk_end(t, "the certificate's key cannot be read");
		return;
	}
	t->p->result = PROBE_KEY;
	t->p->why = "";
	t->state = TALK_BYE;
	if (SSL_write(t->ssl, "QUIT\r\n", 6) != 6) {
		talk_hang_up(t);
		return;
	}
	t->want = POLLIN;
	if (until < t->deadline)
		t->deadline = until;
}

/* The server says that it has no certificate for what was offered. */
static bool
says_no_key(unsigned long error)
{
	return ERR_GET_LIB(error) == ERR_LIB_SSL &&
	    ERR_GET_REASON(error) == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE;
}

static void
tls_error(struct talk *t, int what)
{
	unsigned long error = ERR_peek_error();
	const char *reason = ERR_reason_error_string(error);
	char why[HOST_WHY];

	if (t->p->offer != OFFER_ANY && says_no_key(error)) {
		t->p->result = PROBE_NOKEY;
		t->p->why = "";
		talk_hang_up(t);
		return;
	}
	if (error == 0 || what == SSL_ERROR_SYSCALL ||
	    ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		reason = "the connection ended";
	text_fmt(why, sizeof(why), "TLS handshake: %s",
	    reason != NULL ? reason : "failed");
	talk_end(t, why);
}

void
talk_handshake(struct talk *t)
{
	int rc, what;

	ERR_clear_error();
	rc = SSL_do_handshake(t->ssl);
	if (rc == 1) {
		got_key(t);
		return;
	}
	what = SSL_get_error(t->ssl, rc);
	if (what == SSL_ERROR_WANT_READ)
		t->want = POLLIN;
	else if (what == SSL_ERROR_WANT_WRITE)
		t->want = POLLOUT;
	else
		tls_error(t, what);
}
