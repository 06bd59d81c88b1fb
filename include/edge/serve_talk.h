/*
 * serve_talk.h - one conversation of a sweep: SMTP, STARTTLS, TLS, QUIT; for
 * the serve*.c files only.
 */
#ifndef EDGE_SERVE_TALK_H
#define EDGE_SERVE_TALK_H

#include <openssl/ssl.h>

#include "edge/serve.h"

/* What a talk waits for. */
enum talk_state {
	TALK_IDLE,
	TALK_CONNECT,
	TALK_GREETING,
	TALK_EHLO,
	TALK_STARTTLS,
	TALK_HANDSHAKE,
	TALK_BYE, /* the probe is answered; the server may say good-bye */
	TALK_ENDED,
};

/* Starts as zeroes, but for p, now and fd (-1). */
struct talk {
	struct probe *p;
	time_t now;
	enum talk_state state;
	int fd;
	short want; /* POLLIN or POLLOUT */
	int64_t deadline;
	SSL_CTX *ctx;
	const char *helo;
	SSL *ssl;
	char *line; /* the line of the server that is being read */
	size_t line_len, n_lines, total;
	char code[3];  /* of the reply, by its first line */
	bool starttls; /* offered */
	bool greeted;  /* it let us in */
	char *out;     /* what is still to be sent; beside `line` */
	size_t out_len, out_at;
};

/* What a client of this offer says in TLS.  SSL_CTX_free(); NULL if OpenSSL
 * cannot. */
SSL_CTX *talk_offer(enum offer offer);

/* Connects; ctx and helo stay the caller's. */
void talk_begin(struct talk *t, SSL_CTX *ctx, const char *helo,
    int64_t deadline);
/* Goes on, when poll(2) says that fd can do what t wants. */
void talk_step(struct talk *t);
/* Ends it for good; PROBE_DOWN with `why` unless the answer is there. */
void talk_end(struct talk *t, const char *why);
/* What it is that did not come in time. */
const char *talk_waits_for(const struct talk *t);

static inline bool
talk_open(const struct talk *t)
{
	return t->state != TALK_IDLE && t->state != TALK_ENDED;
}

/* ---- between serve_talk.c and serve_tls.c ---- */

/* Ends it, and leaves the answer as it is. */
void talk_hang_up(struct talk *t);
/* Behind the 220 of STARTTLS. */
void talk_start_tls(struct talk *t);
/* TALK_HANDSHAKE goes on; a key that is seen is the answer. */
void talk_handshake(struct talk *t);
/* TALK_BYE goes on: waits for the answer to QUIT, whatever it is, so that the
 * server does not see a broken connection. */
void talk_bye(struct talk *t);

#endif
