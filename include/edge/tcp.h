/*
 * tcp.h - DNS messages to one address over TCP, and back (RFC 1035 section
 * 4.2.2, RFC 7766 section 6.2.1.1: several may be under way).  Bytes only.
 */
#ifndef EDGE_TCP_H
#define EDGE_TCP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

/* A connection; nothing of it waits. */
struct tcp;
struct tcp *tcp_open(const struct addr *to); /* begins; NULL with errno */
void tcp_close(struct tcp *t);		     /* NULL does nothing */
/* To be sent, behind what was put before; copied. */
void tcp_put(struct tcp *t, const uint8_t *msg, size_t len);
/* What poll() is to wait for ... */
struct pollfd tcp_wants(const struct tcp *t);
/* ... and after it said this.  -1 with errno when the connection is over
 * (ECONNRESET: the other side ended it); what had come can be taken. */
int tcp_go(struct tcp *t, short revents);
/* The next message that is whole; the caller frees. */
bool tcp_take(struct tcp *t, uint8_t **ret_msg, size_t *ret_len);

/*
 * One message there and one back.  *ret_sent (may be NULL) says whether the
 * message may have reached the server, also when -1 is returned.  Caller frees
 * *ret_reply.
 */
int tcp_exchange(const struct addr *to, const uint8_t *msg, size_t len,
    int64_t deadline, uint8_t **ret_reply, size_t *ret_len, bool *ret_sent,
    struct err *e);

#endif
