/*
 * serve.h - which key, and which chain, does an address present?  SMTP,
 * STARTTLS, TLS (OpenSSL), many probes at once, one deadline.
 */
#ifndef EDGE_SERVE_H
#define EDGE_SERVE_H

#include "base/addr.h"
#include "core/cover.h"
#include "core/host.h"

/* Which certificates the client says it can take. */
enum offer { OFFER_ANY, OFFER_RSA, OFFER_ECDSA, OFFER_COUNT };

enum probe_result {
	PROBE_KEY,   /* the handshake ended; `key` was presented */
	PROBE_NOKEY, /* the server has no certificate for this offer */
	PROBE_PLAIN, /* it talks SMTP, but does not do STARTTLS; `why` */
	PROBE_DOWN,  /* could not look; `why` */
};

struct probe {
	/* asked */
	struct addr addr; /* with port */
	enum offer offer;
	const char *sni; /* kept once (base/once.h); NULL: none */
	/* answered */
	enum probe_result result;
	struct spki key;
	enum slot slot;	    /* of the presented key */
	struct chain chain; /* packed, for they are many; see probe_chain */
	const char *why;    /* escaped already, kept once; "": nothing */
};

/* The name that senders give for a TLSA owner, kept once; NULL: none. */
const char *probe_sni(const char *owner);

/* What was presented (names_ok: of the sni, if any); n 0: nothing was. */
struct cover_chain probe_chain(const struct probe *p);
void probe_set_chain(struct probe *p, const struct cover_chain *c);
/* Frees what n probes hold, not the array. */
void probes_release(struct probe *p, size_t n);

/*
 * Runs all probes at once (at most 64 connections open, at most 8 to one
 * address; where the first 16 to an address and port saw no greeting, the
 * others to it are PROBE_DOWN without a try), each ended by `timeout_ms` of its own and all by `deadline`
 * (clock_mono_ms).  Nothing is trusted: multi-line replies are bounded, bytes
 * behind the 220 of STARTTLS mean PROBE_DOWN, of the certificates only the
 * first COVER_CHAIN are looked at, and no root is asked for.  `helo`: our name
 * in EHLO; `now`: when certificates must be valid.
 */
void serve_probe(struct probe *p, size_t n, const char *helo, time_t now,
    int timeout_ms, int64_t deadline);

#endif
