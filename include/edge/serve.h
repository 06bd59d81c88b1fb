/*
 * serve.h - which key does an address present?  SMTP, STARTTLS, TLS
 * (OpenSSL), many probes at once, one deadline.
 */
#ifndef EDGE_SERVE_H
#define EDGE_SERVE_H

#include "base/addr.h"
#include "core/host.h"

/* Which certificates the client says it can take. */
enum offer { OFFER_ANY, OFFER_RSA, OFFER_ECDSA, OFFER_COUNT };

enum probe_result {
	PROBE_KEY,   /* the handshake ended; `key` was presented */
	PROBE_NOKEY, /* the server has no certificate for this offer */
	PROBE_DOWN,  /* could not look; `why` */
};

struct probe {
	/* asked */
	struct addr addr; /* with port */
	enum offer offer;
	char sni[HOST_NAME]; /* "" : none */
	/* answered */
	enum probe_result result;
	struct spki key;
	enum slot slot;	    /* of the presented key */
	char why[HOST_WHY]; /* escaped already */
};

/*
 * Runs all probes at once (at most 64 connections open, at most 8 to one
 * address), each ended by `timeout_ms` of its own and all by `deadline`
 * (clock_mono_ms).  Nothing is trusted: multi-line replies are bounded, bytes
 * behind the 220 of STARTTLS mean PROBE_DOWN, the chain is not built.
 * `helo`: our name in EHLO.
 */
void serve_probe(struct probe *p, size_t n, const char *helo, int timeout_ms,
    int64_t deadline);

#endif
