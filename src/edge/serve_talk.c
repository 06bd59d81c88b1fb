/*
 * serve_talk.c - one conversation of a sweep, as far as it goes without
 * waiting: SMTP up to STARTTLS, and what comes when.  Believes no text.
 */
#include "edge/serve_talk.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"

#define LINE_MAX_BYTES 2048
#define OUT_MAX 320
#define TOTAL_MAX 65536

/* For what is read and what is sent, while the talk is open. */
static void
make_room(struct talk *t)
{
	t->line = mem_array(LINE_MAX_BYTES + 1 + OUT_MAX, 1);
	t->out = t->line + LINE_MAX_BYTES + 1;
}

/* ---- ends ---- */

void
talk_hang_up(struct talk *t)
{
	SSL_free(t->ssl);
	t->ssl = NULL;
	free(t->line);
	t->line = t->out = NULL;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->state = TALK_ENDED;
	ERR_clear_error();
}

void
talk_end(struct talk *t, const char *why)
{
	if (t->state != TALK_BYE) {
		t->p->result = PROBE_DOWN;
		t->p->why = once_fmt(HOST_WHY, "%s", why);
	}
	talk_hang_up(t);
}

/* Politely, where the server waits for a command. */
static void
quit_plain(struct talk *t, const char *why)
{
	send(t->fd, "QUIT\r\n", 6, MSG_NOSIGNAL | MSG_DONTWAIT);
	talk_end(t, why);
}

/* The server's own words, made harmless, behind ours. */
static void
end_said(struct talk *t, const char *what)
{
	char shown[120], why[HOST_WHY];

	text_show(t->line, t->line_len, shown, sizeof(shown));
	text_fmt(why, sizeof(why), "%s: %s", what, shown);
	quit_plain(t, why);
}

/* ---- SMTP ---- */

static void
command(struct talk *t, enum talk_state next, const char *verb, const char *arg)
{
	text_fmt(t->out, OUT_MAX, "%s%.255s\r\n", verb, arg);
	t->out_len = strlen(t->out);
	t->out_at = 0;
	t->state = next;
	t->want = POLLOUT;
}

/* The reply is whole and is what it should be. */
static void
got_reply(struct talk *t)
{
	if (t->state == TALK_GREETING) {
		t->greeted = true;
		command(t, TALK_EHLO, "EHLO ", t->helo);
	} else if (t->state == TALK_STARTTLS)
		talk_start_tls(t);
	else if (t->starttls)
		command(t, TALK_STARTTLS, "STARTTLS", "");
	else {
		quit_plain(t, WHY_NO_STARTTLS);
		t->p->result = PROBE_PLAIN;
	}
}

/* The code that each line of a reply must have now. */
static const char *
code_wanted(const struct talk *t)
{
	return t->state == TALK_EHLO ? "250" : "220";
}

static bool
is_reply(const struct talk *t)
{
	const char *s = t->line;

	return t->line_len >= 3 && strspn(s, "0123456789") == 3 &&
	    (t->line_len == 3 || s[3] == ' ' || s[3] == '-') &&
	    (t->n_lines == 0 || memcmp(s, t->code, 3) == 0);
}

/* One whole line; `more` when bytes stand behind it. */
static void
got_line(struct talk *t, bool more)
{
	const char *s = t->line;

	if (!is_reply(t)) {
		end_said(t, "not an SMTP reply");
		return;
	}
	memcpy(t->code, s, 3);
	/* The first line of EHLO's reply is a name, not a keyword. */
	if (t->state == TALK_EHLO && t->n_lines > 0 && t->line_len > 4 &&
	    strncasecmp(s + 4, "STARTTLS", 8) == 0 &&
	    (s[12] == 0 || s[12] == ' '))
		t->starttls = true;
	t->n_lines++;
	if (memcmp(s, code_wanted(t), 3) != 0) {
		bool asked = t->state == TALK_STARTTLS;

		end_said(t, "the server refuses");
		if (asked)
			t->p->result = PROBE_PLAIN;
		return;
	}
	t->line_len = 0;
	if (s[3] == '-')
		return;
	t->n_lines = 0;
	/* Nothing was asked yet: behind the 220 of STARTTLS it would be plain
	 * text taken for TLS (an injection). */
	if (more)
		talk_end(t, "the server sent more than its reply");
	else
		got_reply(t);
}

static void
take_bytes(struct talk *t, const char *buf, size_t n)
{
	t->total += n;
	if (t->total > TOTAL_MAX) {
		talk_end(t, "the server talks without an end");
		return;
	}
	for (size_t i = 0; i < n && t->state != TALK_ENDED; i++) {
		if (buf[i] != '\n') {
			if (t->line_len == LINE_MAX_BYTES) {
				talk_end(t, "a line of the server has no end");
				return;
			}
			t->line[t->line_len++] = buf[i];
			continue;
		}
		if (t->line_len > 0 && t->line[t->line_len - 1] == '\r')
			t->line_len--;
		t->line[t->line_len] = 0;
		got_line(t, i + 1 < n);
	}
}

static void
receive(struct talk *t)
{
	char buf[4096];
	ssize_t n = recv(t->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		talk_end(t, strerror(errno));
	else if (n == 0)
		talk_end(t, "the server closed the connection");
	else
		take_bytes(t, buf, (size_t)n);
}

static void
transmit(struct talk *t)
{
	ssize_t n = send(t->fd, t->out + t->out_at, t->out_len - t->out_at,
	    MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		talk_end(t, strerror(errno));
		return;
	}
	if (n > 0)
		t->out_at += (size_t)n;
	if (t->out_at == t->out_len)
		t->want = POLLIN;
}

/* ---- steps ---- */

void
talk_begin(struct talk *t, SSL_CTX *ctx, const char *helo, int64_t deadline)
{
	struct sockaddr_storage ss;
	socklen_t len = (socklen_t)addr_sockaddr(&t->p->addr, &ss);

	t->ctx = ctx;
	t->helo = helo;
	t->deadline = deadline;
	make_room(t);
	t->state = TALK_CONNECT;
	t->want = POLLOUT;
	t->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (t->fd < 0 ||
	    (connect(t->fd, (struct sockaddr *)&ss, len) < 0 &&
		errno != EINPROGRESS))
		talk_end(t, strerror(errno));
}

static void
connected(struct talk *t)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0) {
		talk_end(t, strerror(error));
		return;
	}
	t->state = TALK_GREETING;
	t->want = POLLIN;
}

void
talk_step(struct talk *t)
{
	switch (t->state) {
	case TALK_CONNECT:
		connected(t);
		break;
	case TALK_GREETING:
	case TALK_EHLO:
	case TALK_STARTTLS:
		if (t->want == POLLOUT)
			transmit(t);
		else
			receive(t);
		break;
	case TALK_HANDSHAKE:
		talk_handshake(t);
		break;
	case TALK_BYE:
		talk_bye(t);
		break;
	case TALK_IDLE:
	case TALK_ENDED:
		break;
	}
}

const char *
talk_waits_for(const struct talk *t)
{
	switch (t->state) {
	case TALK_CONNECT:
		return "no connection within the time";
	case TALK_GREETING:
		return "no greeting within the time";
	case TALK_HANDSHAKE:
		return "the TLS handshake did not end within the time";
	case TALK_IDLE:
	case TALK_EHLO:
	case TALK_STARTTLS:
	case TALK_BYE:
	case TALK_ENDED:
		break;
	}
	return "no answer within the time";
}
