/*
 * tcp.h - one DNS message to one address over TCP, and one back (RFC 1035
 * section 4.2.2).  Bytes only.
 */
#ifndef EDGE_TCP_H
#define EDGE_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

/*
 * *ret_sent (may be NULL) says whether the message may have reached the
 * server, also when -1 is returned.  Caller frees *ret_reply.
 */
int tcp_exchange(const struct addr *to, const uint8_t *msg, size_t len,
    int64_t deadline, uint8_t **ret_reply, size_t *ret_len, bool *ret_sent,
    struct err *e);

#endif
