/*
 * look_endpoints.c - the sweep: which keys do all endpoints present?  An
 * endpoint that could not be looked at is never taken for clean.
 */
#include "proc/look.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "edge/serve.h"

#define PROBE_MS 10000
/* Every offer with the base domain as SNI and without: six connections to an
 * address at once, so that one idle old server process cannot hide a new one,
 * nor the other way round. */
#define PROBES (2 * OFFER_COUNT)

static void
our_name(char *buf, size_t size)
{
	if (gethostname(buf, size) < 0)
		buf[0] = 0;
	buf[size - 1] = 0;
	if (!text_is_host(buf))
		text_fmt(buf, size, "localhost.localdomain");
}

static void
fill(struct probe *p, const struct host *h, const struct endpoint *ep)
{
	const char *sni = probe_sni(h->own[ep->owner].name);

	for (int i = 0; i < PROBES; i++) {
		p[i].addr = ep->addr;
		p[i].offer = (enum offer)(i / 2);
		p[i].sni = i % 2 == 0 ? sni : NULL;
	}
}

/*
 * Whether the certificate has the name is asked of who gave the name: without
 * it, what the same certificate was found to have counts.
 */
static bool
has_name(const struct cover_chain *c, const struct probe *all)
{
	for (int i = 0; i < PROBES; i += 2) {
		struct cover_chain named = probe_chain(&all[i]);

		if (all[i].result == PROBE_KEY && named.n > 0 && c->n > 0 &&
		    memcmp(named.cert[0].by[0].sha256, c->cert[0].by[0].sha256,
			32) == 0)
			return named.names_ok;
	}
	return false;
}

/* False when there is no room for one more. */
static bool
add_seen(struct host *h, struct presented *seen, unsigned *n,
    const struct probe *p, const struct probe *all)
{
	struct cover_chain c = probe_chain(p);
	int chain;

	c.names_ok = has_name(&c, all);
	chain = c.n > 0 ? host_chain(h, &c) : 0;
	for (unsigned i = 0; i < *n; i++)
		if (spki_eq(&seen[i].key, &p->key) && seen[i].chain == chain)
			return true;
	if (*n == PRESENTED_MAX)
		return false;
	seen[(*n)++] = (struct presented){ p->key, p->slot, chain };
	return true;
}

static void
set_down(struct endpoint *ep, const char *why)
{
	ep->sweep = SWEEP_DOWN;
	ep->why = once_fmt(HOST_WHY, "%s", why);
}

static void
set_seen(struct host *h, struct endpoint *ep, const struct presented *seen,
    unsigned n)
{
	endpoint_room(h, ep, n);
	if (n > 0)
		memcpy(ep->seen, seen, n * sizeof(*seen));
	ep->n_seen = n;
}

/* What an incomplete sweep saw may be presented: it is added, nothing goes. */
static void
note_partly(struct host *h, struct endpoint *ep, const struct probe *p)
{
	struct presented seen[PRESENTED_MAX];
	unsigned n = ep->n_seen;

	memset(seen, 0, sizeof(seen));
	if (n > 0)
		memcpy(seen, ep->seen, n * sizeof(*seen));
	for (int i = 0; i < PROBES; i++)
		if (p[i].result == PROBE_KEY)
			add_seen(h, seen, &n, &p[i], p);
	set_seen(h, ep, seen, n);
}

static void
note(struct host *h, struct endpoint *ep, const struct probe *p,
    const struct now *now)
{
	struct presented seen[PRESENTED_MAX];
	unsigned n = 0;
	bool room = true;

	memset(seen, 0, sizeof(seen));
	ep->fresh = true;
	ep->swept_wall = now->wall;
	ep->why = "";
	for (int i = 0; i < PROBES; i++) {
		if (p[i].result == PROBE_DOWN || p[i].result == PROBE_PLAIN) {
			set_down(ep, p[i].why);
			note_partly(h, ep, p);
			return;
		}
		if (p[i].result == PROBE_KEY)
			room = add_seen(h, seen, &n, &p[i], p) && room;
	}
	if (n == 0 || !room) {
		set_down(ep,
		    n == 0 ? "no key was presented"
			   : "too many different keys");
		note_partly(h, ep, p);
		return;
	}
	ep->sweep = SWEEP_SEEN;
	set_seen(h, ep, seen, n);
	ep->swept_at = now->elapsed;
}

void
look_endpoints(struct look_request *r, size_t n, const struct now *now,
    int64_t deadline)
{
	struct probe *p;
	char helo[256];
	size_t total = 0, at = 0;

	for (size_t i = 0; i < n; i++)
		total += r[i].host->n_ep;
	p = mem_array(total * PROBES + 1, sizeof(*p));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < r[i].host->n_ep; j++, at += PROBES)
			fill(&p[at], r[i].host, &r[i].host->ep[j]);
	our_name(helo, sizeof(helo));
	serve_probe(p, at, helo, now->wall, PROBE_MS, deadline);
	at = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < r[i].host->n_ep; j++, at += PROBES)
			note(r[i].host, &r[i].host->ep[j], &p[at], now);
	probes_release(p, at);
	free(p);
}
