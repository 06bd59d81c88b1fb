/*
 * conf_contradict.c - settings that are right each, and wrong together.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/when.h"
#include "edge/conf_read.h"

static void
check_publisher(struct reader *r, const struct conf_publisher *p)
{
	r->file = p->file;
	if (p->method == PUBLISH_NSUPDATE && p->server.family == 0)
		conf_wrong(r, p->line,
		    "publisher '%s': nsupdate needs "
		    "'server'",
		    p->name);
	if (p->method == PUBLISH_NSUPDATE && p->tsig_key == NULL)
		conf_wrong(r, p->line,
		    "publisher '%s': nsupdate needs "
		    "'tsig-key'",
		    p->name);
	if (p->method == PUBLISH_MANUAL &&
	    (p->server.family != 0 || p->server.port != 0 ||
		p->tsig_key != NULL))
		conf_wrong(r, p->line,
		    "publisher '%s': %s takes no server, "
		    "port or tsig-key; did you mean method: nsupdate?",
		    p->name,
		    p->method_given ? "method manual"
				    : "without a method it "
				      "is manual, which");
}

static void
check_stuck(struct reader *r)
{
	const struct policy *p = &r->conf->policy;
	enum setting_id id = r->given[SET_STUCK_WARNING].file != NULL
	    ? SET_STUCK_WARNING
	    : SET_STUCK_CRITICAL;
	char warning[24], critical[24];

	if (p->stuck_warning <= p->stuck_critical)
		return;
	r->file = r->given[id].file;
	conf_wrong(r, r->given[id].line,
	    "stuck-warning (%s) is later than "
	    "stuck-critical (%s)",
	    when_exact(p->stuck_warning, warning),
	    when_exact(p->stuck_critical, critical));
}

/* Where an issuer is named, senders look for the name that they know. */
static void
check_names(struct reader *r, const struct conf_host *h)
{
	bool named = false, wanted = false;

	for (size_t i = 0; i < h->n_names; i++)
		named = named || strcasecmp(h->names[i], h->name) == 0;
	for (unsigned i = 0; i < h->n_tlsa; i++)
		wanted = wanted || h->tlsa[i].usage == 2;
	if (named || !wanted)
		return;
	r->file = h->file;
	conf_wrong(r, h->line,
	    "host '%s': 'names' lacks %s, and with tlsa of usage 2 senders "
	    "accept a certificate only if it has that name",
	    h->name, h->name);
}

/* ---- hosts that must differ ---- */

typedef int order_fn(const void *a, const void *b);
typedef void alike_fn(struct reader *r, const struct conf_host *first,
    const struct conf_host *h);

static const struct conf_host *
host_at(const void *p)
{
	return *(const struct conf_host *const *)p;
}

/* Alike ones in the order in which they were read. */
static int
in_order(const void *a, const void *b)
{
	return (host_at(a) > host_at(b)) - (host_at(a) < host_at(b));
}

static int
by_name(const void *a, const void *b)
{
	int d = strcmp(host_at(a)->name, host_at(b)->name);

	return d != 0 ? d : in_order(a, b);
}

static int
by_folder(const void *a, const void *b)
{
	int d = strcmp(host_at(a)->config_dir, host_at(b)->config_dir);

	return d != 0 ? d : in_order(a, b);
}

static void
twice(struct reader *r, const struct conf_host *first,
    const struct conf_host *h)
{
	if (strcmp(first->name, h->name) != 0)
		return;
	r->file = h->file;
	conf_wrong(r, h->line, "host '%s' stands at %s:%d already", h->name,
	    first->file, first->line);
}

static void
shared(struct reader *r, const struct conf_host *first,
    const struct conf_host *h)
{
	if (strcmp(first->config_dir, h->config_dir) != 0 ||
	    strcmp(first->name, h->name) == 0)
		return;
	r->file = h->file;
	conf_wrong(r, h->line,
	    "%s and %s would both write to %s: give each its own config-dir",
	    first->name, h->name, h->config_dir);
}

/* Sorted, so that thousands of hosts cost no more than their sorting. */
static void
each_alike(struct reader *r, order_fn *order, alike_fn *told)
{
	const struct conf *c = r->conf;
	const struct conf_host **v = mem_array(c->n_hosts + 1, sizeof(*v));

	for (size_t i = 0; i < c->n_hosts; i++)
		v[i] = &c->hosts[i];
	qsort(v, c->n_hosts, sizeof(*v), order);
	for (size_t i = 1; i < c->n_hosts; i++)
		told(r, v[i - 1], v[i]);
	free(v);
}

void
conf_contradictions(struct reader *r)
{
	struct conf *c = r->conf;

	check_stuck(r);
	for (size_t i = 0; i < c->n_publishers; i++)
		check_publisher(r, &c->publishers[i]);
	for (size_t i = 0; i < c->n_hosts; i++)
		check_names(r, &c->hosts[i]);
	each_alike(r, by_name, twice);
	each_alike(r, by_folder, shared);
}
