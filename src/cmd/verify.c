/*
 * verify.c - `danesafe verify`: looks now at name servers and endpoints, and
 * says what a DANE sender would conclude.  Needs no state and no root,
 * remembers nothing, changes nothing.
 */
#include "cmd/verify.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "edge/conf.h"
#include "edge/resolv.h"
#include "proc/look.h"

#define VERIFY_MS 60000
#define PROBE_MS 10000
#define PORTS_MOST 8
#define SEVERAL_MOST 16 /* hosts whose name servers are asked three times */

struct verify {
	bool json;
	uint16_t port[PORTS_MOST]; /* for names that the config has not */
	size_t n_port;
	bool has_conf;
	struct conf conf;
	struct addr resolver;
	struct verified_host *v;
	struct look_request *look;
	size_t n;
};

static int
unknown(const struct err *e)
{
	log_error("verify: %s", e->text);
	return VERDICT_UNKNOWN;
}

/* It works before anything is managed: then there is no config. */
static int
read_conf(struct verify *w, const struct cmd *c, struct err *e)
{
	if (access(c->config, F_OK) < 0 && errno == ENOENT &&
	    strcmp(c->config, CONF_DEFAULT) == 0)
		return 0;
	if (conf_read(c->config, &w->conf, e) < 0)
		return -1;
	w->has_conf = true;
	return 0;
}

static int
find_resolver(struct verify *w, struct err *e)
{
	if (w->has_conf && w->conf.has_resolver)
		w->resolver = w->conf.resolver;
	else if (!resolv_first(RESOLV_CONF, &w->resolver) ||
	    !addr_is_loopback(&w->resolver))
		return err_set(e, ERR_CONFIG,
		    "no validating resolver on this machine: " RESOLV_CONF
		    " names none, and the config sets no resolver");
	return 0;
}

static void
add_service(struct host *h, const char *name, uint16_t port)
{
	char owner[TLSA_OWNER];

	tlsa_owner(port, name, owner);
	host_owner(h, owner, port);
}

static int
add_host(struct verify *w, size_t all, const char *word, struct err *e)
{
	const struct conf_host *c = NULL;
	struct verified_host *v = &w->v[w->n];
	struct look_request *r = &w->look[w->n];
	char name[HOST_NAME], shown[80];
	size_t len = strlen(word);

	if (len > 1 && len < sizeof(name) && word[len - 1] == '.')
		len--;
	text_fmt(name, sizeof(name), "%.*s", (int)len, word);
	if (strlen(word) >= sizeof(name) - 16 || !text_is_host(name))
		return err_set(e, ERR_USAGE, "'%s': not a host name",
		    text_show(word, strlen(word), shown, sizeof(shown)));
	text_lower(name);
	if (w->has_conf)
		c = conf_find(&w->conf, name);
	host_init(&v->host, name);
	w->n++;
	for (size_t i = 0; c != NULL && i < c->n_services; i++)
		add_service(&v->host, name, c->services[i].port);
	for (size_t i = 0; c != NULL && i < c->n_owners; i++)
		host_owner(&v->host, c->owners[i].name, c->owners[i].port)
		    ->foreign = true;
	for (size_t i = 0; c == NULL && i < w->n_port; i++)
		add_service(&v->host, name, w->port[i]);
	r->host = &v->host;
	r->every_family = w->has_conf && w->conf.every_family;
	r->several = all <= SEVERAL_MOST;
	if (c != NULL) {
		r->endpoints = c->endpoints;
		r->n_endpoints = c->n_endpoints;
	}
	return 0;
}

static int
add_hosts(struct verify *w, int n, char **words, struct err *e)
{
	size_t all = n > 0 ? (size_t)n : w->has_conf ? w->conf.n_hosts : 0;

	if (all == 0)
		return err_set(e, ERR_USAGE,
		    "no host is named, and none is in the config");
	w->v = mem_array(all, sizeof(*w->v));
	w->look = mem_array(all, sizeof(*w->look));
	for (size_t i = 0; i < all; i++)
		if (add_host(w, all, n > 0 ? words[i] : w->conf.hosts[i].name,
			e) < 0)
			return -1;
	return 0;
}

/* ---- the look ---- */

static void
sweep(struct verify *w, time_t now, int64_t deadline)
{
	size_t total = 0, at = 0;
	struct probe *p;
	char helo[256] = "";

	if (gethostname(helo, sizeof(helo) - 1) < 0 || !text_is_host(helo))
		text_fmt(helo, sizeof(helo), "localhost.localdomain");
	for (size_t i = 0; i < w->n; i++)
		total += w->v[i].host.n_ep;
	p = mem_array(total * VERIFY_PROBES + 1, sizeof(*p));
	for (size_t i = 0; i < w->n; i++) {
		const struct host *h = &w->v[i].host;

		w->v[i].probe = p + at;
		for (size_t j = 0; j < h->n_ep * VERIFY_PROBES; j++, at++) {
			const struct endpoint *ep = &h->ep[j / VERIFY_PROBES];
			const char *owner = h->own[ep->owner].name;

			p[at].addr = ep->addr;
			p[at].offer = (enum offer)(j % VERIFY_PROBES / 2);
			p[at].sni = j % 2 == 0 ? probe_sni(owner) : NULL;
		}
	}
	serve_probe(p, at, helo, now, PROBE_MS, deadline);
}

static int
look(struct verify *w, struct err *e)
{
	int64_t deadline = clock_mono_ms() + VERIFY_MS;
	struct clock_reading r;
	struct now now;
	int rc;

	clock_read(&r);
	now = (struct now){ .elapsed = r.boot_ms / 1000,
		.wall = r.wall,
		.trusted = true };
	progress_begin();
	rc = look_dns(w->look, w->n, &w->resolver, &now, deadline, e);
	if (rc == 0)
		sweep(w, now.wall, deadline);
	progress_end();
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < w->n; i++)
		verify_judge(&w->v[i]);
	return 0;
}

/* ---- what is said ---- */

static int
say(const struct verify *w)
{
	enum verdict worst = VERDICT_OK;

	for (size_t i = 0; i < w->n; i++)
		if (verdict_worse(w->v[i].verdict, worst))
			worst = w->v[i].verdict;
	if (w->json) {
		if (verify_json(w->v, w->n) < 0) {
			log_error("verify: the result is no JSON");
			return VERDICT_UNKNOWN;
		}
		return (int)worst;
	}
	for (size_t i = 0; i < w->n; i++)
		verify_print(&w->v[i]);
	return (int)worst;
}

/* ---- the command ---- */

static int
take_port(struct verify *w, const char *word, struct err *e)
{
	char *end, shown[40];
	unsigned long port = strtoul(word, &end, 10);

	if (*word < '0' || *word > '9' || *end != 0 || port == 0 ||
	    port > 65535 || w->n_port == PORTS_MOST)
		return err_set(e, ERR_USAGE,
		    "--port %s: a number from 1 to 65535, at most %d times",
		    text_show(word, strlen(word), shown, sizeof(shown)),
		    PORTS_MOST);
	w->port[w->n_port++] = (uint16_t)port;
	return 0;
}

static int
run(struct verify *w, const struct cmd *c, int n, char **words)
{
	struct err e;

	if (w->n_port == 0)
		w->port[w->n_port++] = 25;
	if (read_conf(w, c, &e) < 0 || find_resolver(w, &e) < 0 ||
	    add_hosts(w, n, words, &e) < 0 || look(w, &e) < 0)
		return unknown(&e);
	return say(w);
}

int
cmd_verify(const struct cmd *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "port", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct verify w = { .json = false };
	struct err e = { .kind = ERR_NONE };
	int ch, rc = VERDICT_OK;

	optind = 0;
	while (rc == VERDICT_OK &&
	    (ch = getopt_long(argc, argv, "+", longs, NULL)) != -1) {
		if (ch == 'j')
			w.json = true;
		else if (ch != 'p') {
			cmd_usage("verify", NULL);
			rc = VERDICT_UNKNOWN;
		} else if (take_port(&w, optarg, &e) < 0)
			rc = unknown(&e);
	}
	if (rc == VERDICT_OK)
		rc = run(&w, c, argc - optind, argv + optind);
	for (size_t i = 0; i < w.n && w.v[0].probe != NULL; i++)
		probes_release(w.v[i].probe, w.v[i].host.n_ep * VERIFY_PROBES);
	if (w.n > 0)
		free(w.v[0].probe); /* one array for all */
	for (size_t i = 0; i < w.n; i++)
		host_release(&w.v[i].host);
	free(w.v);
	free(w.look);
	if (w.has_conf)
		conf_release(&w.conf);
	return rc;
}
