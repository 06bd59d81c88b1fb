/*
 * state.c - a state file with many hosts in the middle of their lives, as
 * passes leave it, and how fast decisions are taken over it.  Asks nobody.
 *
 * usage: state CONFIG
 *
 * Each host of the settings has a deployed key and one that is ready, an
 * endpoint, and its owners on three addresses.  A line of figures: seconds
 * for the file in one transaction, kilobytes, and decisions a second (the
 * next step of one key) on one core.
 */
#include "cmd/summary.h"
#include "core/alias.h"
#include "core/plan.h"
#include "core/sighting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"

#define AUTHORITIES 3
#define AT ((int64_t)100 * 86400) /* elapsed: when they were last looked at */
#define DECIDE_MS 1000

static const struct key *
add_key(struct host *h, size_t i, uint8_t nth, enum stage stage, time_t wall)
{
	struct key *k = host_key_add(h);

	memcpy(k->id.sha256, &i, sizeof(i));
	k->id.sha256[31] = nth;
	k->slot = SLOT_RSA;
	k->kind = KIND_RSA_2048;
	k->stage = stage;
	k->entered_at = AT - 30 * 86400;
	k->entered_wall = wall - 30 * 86400;
	k->deployed_wall = stage == STAGE_DEPLOYED ? k->entered_wall : 0;
	k->clean_since = stage == STAGE_DEPLOYED ? k->entered_at : NEVER;
	k->cert_until = wall + 3650 * (time_t)86400;
	k->key_file = once_fmt(1024,
	    "/var/lib/danesafe/keys/%.200s.rsa.%02x.key.pem", h->name, nth);
	k->cert_file = once_fmt(1024,
	    "/var/lib/danesafe/keys/%.200s.rsa.%02x.cert.pem", h->name, nth);
	k->stored = k->cert_ok = true;
	k->installed = stage == STAGE_DEPLOYED;
	return k;
}

/* Every authority shows the records of both keys, and has for long. */
static void
add_owner(struct host *h, const char *name, const struct tlsa_set *set,
    uint16_t port, const struct now *now)
{
	const struct now before = { AT - 30 * 86400, now->wall - 30 * 86400,
		true };
	struct glance g = { .look = LOOK_SHOWN, .set = *set, .ttl = 3600 };
	struct owner *o = host_owner(h, name, port);
	uint8_t ip[4] = { 192, 0, 2, 0 };
	char ns[HOST_NAME];
	struct addr at;

	o->zone = once_fmt(HOST_NAME, "example.");
	for (uint8_t i = 1; i <= AUTHORITIES; i++) {
		ip[3] = i;
		at = addr_make(4, ip, 53);
		text_fmt(ns, sizeof(ns), "ns%u.example.", i);
		sighting_listed(h, o, &at, ns, 86400, &before);
		sighting_note(h, o, &at, &g, &before);
		sighting_note(h, o, &at, &g, now);
	}
}

static void
make_host(struct host *h, size_t i, const struct conf *c, const struct now *now)
{
	const struct conf_host *ch = &c->hosts[i];
	struct addr at = addr_make(4, (const uint8_t[]){ 127, 0, 0, 25 }, 25);
	struct tlsa_set set = { .n = 0 };
	struct endpoint *ep;
	char owner[TLSA_OWNER];
	struct tlsa r;

	host_init(h, ch->name);
	h->policy = c->policy;
	h->standby = true;
	h->adopted_at = 0;
	h->slot[SLOT_RSA] = (struct slot_want){ true, KIND_RSA_2048, 0, false };
	r = tlsa_of(&add_key(h, i, 1, STAGE_DEPLOYED, now->wall)->id);
	tlsa_set_add(&set, &r);
	r = tlsa_of(&add_key(h, i, 2, STAGE_READY, now->wall)->id);
	tlsa_set_add(&set, &r);
	for (size_t j = 0; j < ch->n_services; j++)
		add_owner(h, tlsa_owner(ch->services[j].port, ch->name, owner),
		    &set, ch->services[j].port, now);
	for (size_t j = 0; j < ch->n_owners; j++)
		add_owner(h, ch->owners[j].name, &set, ch->owners[j].port, now);
	ep = host_endpoint(h, 0, &at);
	ep->configured = ep->fresh = true;
	ep->sweep = SWEEP_SEEN;
	ep->seen[ep->n_seen++] = (struct presented){ h->key[0].id, SLOT_RSA,
		0 };
	ep->swept_at = now->elapsed;
	ep->swept_wall = now->wall;
	alias_settle(h);
}

/* As a pass does it: all that was seen in one transaction. */
static int
save(struct session *s, struct host *h, struct err *e)
{
	struct agent a = { .elapsed = AT, .trusted = true };
	struct clock_reading c;
	int rc = 0;

	clock_read(&c);
	a.wall = a.started = a.finished = a.clean = c.wall;
	a.boot_ms = c.boot_ms;
	memcpy(a.boot_id, c.boot_id, sizeof(a.boot_id));
	if (store_begin(s->store, e) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < s->conf.n_hosts; i++) {
		struct summary sum = summary_of(s, &s->conf.hosts[i], &h[i]);

		rc = store_save_summed(s->store, &h[i], &sum, e);
		free(sum.host);
	}
	if (rc == 0)
		rc = store_agent_save(s->store, &a, e);
	return store_end(s->store, rc, e);
}

/* Decisions a second. */
static double
decide(const struct host *h, size_t n, const struct now *now)
{
	int64_t begun = clock_mono_ms(), ms = 0;
	struct step st[8];
	size_t done = 0, steps = 0;

	for (; ms < DECIDE_MS; ms = clock_mono_ms() - begun)
		for (size_t i = 0; i < n; i++, done += h[i].n_key)
			steps += plan_host(&h[i], now, st, 8);
	if (steps > 0)
		fprintf(stderr, "not steady\n");
	return (double)done * 1e3 / (double)ms;
}

int
main(int argc, char **argv)
{
	struct session s = { .lock = -1 };
	struct now now = { AT, time(NULL), true };
	struct host *h = NULL;
	struct rusage u;
	int64_t begun, ms;
	struct err e;
	size_t n;

	if (argc != 2)
		return 64;
	if (conf_read(argv[1], &s.conf, &e) < 0 ||
	    store_open(s.conf.state_dir, STORE_WRITE, &s.store, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 70;
	}
	n = s.conf.n_hosts;
	h = mem_array(n + 1, sizeof(*h));
	for (size_t i = 0; i < n; i++)
		make_host(&h[i], i, &s.conf, &now);
	begun = clock_mono_ms();
	if (save(&s, h, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 70;
	}
	ms = clock_mono_ms() - begun;
	getrusage(RUSAGE_SELF, &u);
	printf("save %.2f rss %ld decide %.0f\n", (double)ms / 1e3, u.ru_maxrss,
	    decide(h, n, &now));
	for (size_t i = 0; i < n; i++)
		host_release(&h[i]);
	free(h);
	session_close(&s);
	return 0;
}
