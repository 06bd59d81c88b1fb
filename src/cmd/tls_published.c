/*
 * tls_published.c - before a key is switched by hand: would senders that do
 * DANE still deliver?  Warns; the switch is the administrator's.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/tls.h"
#include "edge/resolv.h"
#include "proc/published.h"

#define NAMES_MOST 8
#define LOOK_MS 2000

static void
add_owner(struct published *v, size_t *n, const char *name)
{
	char owner[TLSA_OWNER];

	if (!text_is_host(name) || *n == NAMES_MOST)
		return;
	tlsa_owner(25, name, owner);
	for (size_t i = 0; i < *n; i++)
		if (strcasecmp(v[i].owner, owner) == 0)
			return;
	text_fmt(v[*n].owner, sizeof(v[*n].owner), "%s", owner);
	text_lower(v[(*n)++].owner);
}

/* Who does not deliver any more: all who do DANE, or those who know less. */
static void
say_who(const struct published *p, const struct tlsa *odd, bool any, char *buf,
    size_t size)
{
	const char *secure = p->secure
	    ? ""
	    : ", if the zone is signed (the resolver does not say)";

	if (any)
		text_fmt(buf, size,
		    "of the TLSA records published at %s (%u) no %u %u %u "
		    "matches this certificate: senders that do DANE and use "
		    "these alone will defer mail%s.",
		    p->owner, p->set.n, odd->usage, odd->selector, odd->mtype,
		    secure);
	else
		text_fmt(buf, size,
		    "the TLSA records published at %s (%u; %u %u %u among "
		    "them) do not match this certificate: senders that do "
		    "DANE will defer mail%s.",
		    p->owner, p->set.n, odd->usage, odd->selector, odd->mtype,
		    secure);
}

static void
warn(struct tls *t, const char *who, const char *cert_file,
    const char *key_file)
{
	char self[1200], cert[2100], key[2100];

	tls_self(t, self, sizeof(self));
	tls_quote(cert_file, cert, sizeof(cert));
	tls_quote(key_file, key, sizeof(key));
	tls_warn(t,
	    "%s\n"
	    "The safe order is: publish the new record beside the old ones,\n"
	    "  # %s output-server-tlsa %s\n"
	    "wait until every name server has it and no cache can lack it any "
	    "more (danesafe(8) says how long that is), then\n"
	    "  # %s deploy-server-cert %s %s\n"
	    "`danesafe rollover` does all of it and looks for itself.",
	    who, self, key, self, cert, key);
}

/* What senders want the certificate to name: the owner's host. */
static void
host_of(const struct published *p, char *buf, size_t size)
{
	const char *host = p->owner + strlen("_25._tcp.");

	text_fmt(buf, size, "%.*s", (int)strlen(host) - 1, host);
}

static void
judge(struct tls *t, const struct published *p, const char *cert_file,
    const char *key_file)
{
	char host[HOST_NAME], who[1024];
	const char *const names[] = { host };
	struct cover_chain chain;
	struct clock_reading now;
	const struct tlsa *odd;
	struct err e;

	if (!p->known) {
		tls_say(t,
		    "%s: not known whether TLSA records are published: %s",
		    p->owner, p->why);
		return;
	}
	clock_read(&now);
	host_of(p, host, sizeof(host));
	if (cert_cover(cert_file, names, 1, now.wall, &chain, &e) < 0)
		return;
	odd = cover_each(&p->set, &chain);
	if (odd == NULL)
		return;
	say_who(p, odd, cover_any(&p->set, &chain), who, sizeof(who));
	warn(t, who, cert_file, key_file);
}

void
tls_check_published(struct tls *t, const char *cert_file, const char *key_file)
{
	struct published *v = mem_array(NAMES_MOST, sizeof(*v));
	char(*names)[256] = mem_array(NAMES_MOST, sizeof(*names));
	struct addr resolver;
	size_t n = 0, n_names;
	struct err e;

	add_owner(v, &n, t->pf.myhostname);
	n_names = cert_names(cert_file, names, NAMES_MOST);
	for (size_t i = 0; i < n_names; i++)
		add_owner(v, &n, names[i]);
	if (n == 0)
		tls_say(t,
		    "published TLSA records were not looked for: neither "
		    "myhostname nor the certificate has a full host name");
	else if (!resolv_first(RESOLV_CONF, &resolver))
		tls_say(t,
		    "published TLSA records were not looked for: " RESOLV_CONF
		    " names no resolver");
	else if (published_look(v, n, &resolver, clock_mono_ms() + LOOK_MS,
		     &e) < 0)
		tls_say(t, "published TLSA records were not looked for: %s",
		    e.text);
	else
		for (size_t i = 0; i < n; i++)
			judge(t, &v[i], cert_file, key_file);
	free(names);
	free(v);
}
