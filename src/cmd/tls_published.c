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

static bool
same_kind(const struct tlsa *a, const struct tlsa *b)
{
	return a->usage == b->usage && a->selector == b->selector &&
	    a->mtype == b->mtype;
}

/*
 * The first combination of parameters none of whose records matches (RFC 7671
 * section 8: each must suffice on its own), or NULL.  What no SMTP sender
 * uses counts for nothing.
 */
static const struct tlsa *
first_unmatched(const struct tlsa_set *s, const bool good[TLSA_MAX])
{
	for (unsigned i = 0; i < s->n; i++) {
		bool matched = s->rr[i].usage < 2 || s->rr[i].selector > 1 ||
		    s->rr[i].mtype > 2;

		for (unsigned j = 0; j < s->n && !matched; j++)
			matched = good[j] && same_kind(&s->rr[i], &s->rr[j]);
		if (!matched)
			return &s->rr[i];
	}
	return NULL;
}

static void
warn(struct tls *t, const struct published *p, const struct tlsa *odd,
    const char *cert_file, const char *key_file)
{
	char self[1200], cert[2100], key[2100];

	tls_self(t, self, sizeof(self));
	tls_quote(cert_file, cert, sizeof(cert));
	tls_quote(key_file, key, sizeof(key));
	tls_warn(t,
	    "the TLSA records published at %s (%u; %u %u %u among them) do not "
	    "match this certificate: senders that do DANE will defer mail%s.\n"
	    "The safe order is: publish the new record beside the old ones,\n"
	    "  # %s output-server-tlsa %s\n"
	    "wait until every name server has it and no cache can lack it any "
	    "more (danesafe(8) says how long that is), then\n"
	    "  # %s deploy-server-cert %s %s\n"
	    "`danesafe rollover` does all of it and looks for itself.",
	    p->owner, p->set.n, odd->usage, odd->selector, odd->mtype,
	    p->secure ? ""
		      : ", if the zone is signed (the resolver does not say)",
	    self, key, self, cert, key);
}

static void
judge(struct tls *t, const struct published *p, const char *cert_file,
    const char *key_file)
{
	bool good[TLSA_MAX];
	const struct tlsa *odd;
	struct err e;

	if (!p->known) {
		tls_say(t,
		    "%s: not known whether TLSA records are published: %s",
		    p->owner, p->why);
		return;
	}
	if (p->set.n == 0 || cert_satisfies(cert_file, &p->set, good, &e) < 0)
		return;
	odd = first_unmatched(&p->set, good);
	if (odd != NULL)
		warn(t, p, odd, cert_file, key_file);
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
