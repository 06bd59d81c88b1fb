/*
 * conf_list.c - the settings that are lists: each element from text to its
 * type.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "core/tlsa.h"
#include "edge/conf_read.h"
#include "edge/wire.h"

bool
conf_is_list(const struct setting *s)
{
	return s->id == SET_NAMES || s->id == SET_SERVICES ||
	    s->id == SET_OWNERS || s->id == SET_KEYS || s->id == SET_TLSA ||
	    s->id == SET_ENDPOINTS || s->id == SET_ZONES ||
	    s->id == SET_MAIL_TO || s->id == SET_COMMAND;
}

static void
add_name(struct reader *r, struct conf_host *h, const char *value, int line)
{
	if (!text_is_host(value))
		conf_wrong(r, line, "names: '%.80s' is not a host name", value);
	for (size_t i = 0; i < h->n_names; i++)
		if (strcasecmp(h->names[i], value) == 0)
			conf_wrong(r, line, "names: %.253s is given twice",
			    value);
	h->names = mem_resize(h->names, h->n_names + 1, sizeof(*h->names));
	h->names[h->n_names++] = text_lower(mem_dup(value));
}

static void
add_service(struct reader *r, struct conf_host *h, const char *value, int line)
{
	char *end;
	unsigned long port = strtoul(value, &end, 10);

	if (value[0] < '1' || value[0] > '9' || port > 65535 ||
	    strcmp(end, "/tcp") != 0) {
		conf_wrong(r, line,
		    "services: '%.40s' is none; such as "
		    "25/tcp",
		    value);
		return;
	}
	for (size_t i = 0; i < h->n_services; i++)
		if (h->services[i].port == port)
			conf_wrong(r, line, "services: %s is given twice",
			    value);
	h->services = mem_resize(h->services, h->n_services + 1,
	    sizeof(*h->services));
	h->services[h->n_services++].port = (uint16_t)port;
}

/* "_25._tcp.mx.example.org", with or without the final dot. */
static bool
parse_owner(const char *value, struct conf_owner *ret)
{
	char *end;
	unsigned long port = value[0] == '_' ? strtoul(value + 1, &end, 10) : 0;
	char base[HOST_NAME], owner[TLSA_OWNER];
	size_t n;

	if (port == 0 || port > 65535 || value[1] < '1' || value[1] > '9' ||
	    strncasecmp(end, "._tcp.", 6) != 0)
		return false;
	text_fmt(base, sizeof(base), "%s", end + 6);
	n = strlen(base);
	if (n > 1 && base[n - 1] == '.')
		base[n - 1] = 0;
	if (strlen(end + 6) >= sizeof(base) || !text_is_host(base))
		return false;
	tlsa_owner((unsigned)port, base, owner);
	if (strlen(owner) >= sizeof(ret->name))
		return false;
	text_fmt(ret->name, sizeof(ret->name), "%s", owner);
	text_lower(ret->name);
	ret->port = (uint16_t)port;
	return true;
}

static void
add_owner(struct reader *r, struct conf_host *h, const char *value, int line)
{
	struct conf_owner o;

	if (!parse_owner(value, &o)) {
		conf_wrong(r, line,
		    "owners: '%.80s' is not the owner name of a TLSA record; "
		    "such as _25._tcp.mx.example.org",
		    value);
		return;
	}
	for (size_t i = 0; i < h->n_owners; i++)
		if (strcmp(h->owners[i].name, o.name) == 0)
			conf_wrong(r, line, "owners: %.80s is given twice",
			    value);
	o.line = line;
	h->owners = mem_resize(h->owners, h->n_owners + 1, sizeof(*h->owners));
	h->owners[h->n_owners++] = o;
}

static void
add_key(struct reader *r, struct conf_host *h, const char *value, int line)
{
	enum kind kind = kind_parse(value);
	struct slot_want *w;

	if (kind == KIND_COUNT) {
		conf_wrong(r, line,
		    "keys: '%.40s' is none; rsa-2048, "
		    "rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384 or ecdsa-p521",
		    value);
		return;
	}
	w = &h->slot[kind_slot(kind)];
	if (w->managed)
		conf_wrong(r, line,
		    "keys: a second %s key; one of each "
		    "algorithm",
		    slot_name(kind_slot(kind)));
	w->managed = true;
	w->kind = kind;
	h->keys_given = true;
}

/* Why danesafe publishes no such records; NULL: it does, or it is no kind of
 * record at all. */
static const char *
no_kind(const struct tlsa_kind *k)
{
	if (k->usage < 2)
		return "no mail sender uses usage 0 or 1 (RFC 7672 3.1.3)";
	if (k->mtype == 0)
		return "matching type 0 has the certificate or key itself in "
		       "the record, and answers that do not fit; use 1 or 2";
	return NULL;
}

/* "3 1 1" */
static bool
parse_kind(const char *v, struct tlsa_kind *ret)
{
	if (strlen(v) != 5 || v[1] != ' ' || v[3] != ' ' || v[0] < '0' ||
	    v[0] > '3' || v[2] < '0' || v[2] > '1' || v[4] < '0' || v[4] > '2')
		return false;
	*ret = (struct tlsa_kind){ (uint8_t)(v[0] - '0'), (uint8_t)(v[2] - '0'),
		(uint8_t)(v[4] - '0') };
	return true;
}

static void
add_tlsa(struct reader *r, struct conf_host *h, const char *value, int line)
{
	struct tlsa_kind k;

	if (!parse_kind(value, &k)) {
		conf_wrong(r, line,
		    "tlsa: '%.40s' is no kind of record; \"3 1 1\", \"3 1 2\", "
		    "\"3 0 1\", \"3 0 2\", \"2 1 1\", \"2 1 2\", \"2 0 1\" "
		    "or \"2 0 2\"",
		    value);
		return;
	}
	if (no_kind(&k) != NULL) {
		conf_wrong(r, line, "tlsa: %s: %s", value, no_kind(&k));
		return;
	}
	for (unsigned i = 0; i < h->n_tlsa; i++)
		if (memcmp(&h->tlsa[i], &k, sizeof(k)) == 0) {
			conf_wrong(r, line, "tlsa: %s is given twice", value);
			return;
		}
	h->tlsa[h->n_tlsa++] = k; /* there are no more than TLSA_KINDS */
}

static void
add_endpoint(struct reader *r, struct conf_host *h, const char *value, int line)
{
	struct addr a;

	if (addr_parse(value, 0, &a) < 0) {
		conf_wrong(r, line,
		    "endpoints: '%.60s' is not ADDRESS[:PORT] "
		    "(IPv6 with a port in brackets)",
		    value);
		return;
	}
	for (size_t i = 0; i < h->n_endpoints; i++)
		if (addr_cmp(&h->endpoints[i], &a) == 0)
			conf_wrong(r, line, "endpoints: %s is given twice",
			    value);
	h->endpoints = mem_resize(h->endpoints, h->n_endpoints + 1,
	    sizeof(*h->endpoints));
	h->endpoints[h->n_endpoints++] = a;
}

bool
conf_zone_name(const char *value, char name[HOST_NAME])
{
	struct wire_name n;

	return wire_name_parse(value, &n) && wire_name_text(&n, name) &&
	    n.len > 1;
}

static void
add_zone(struct reader *r, struct conf_publisher *p, const char *value,
    int line)
{
	char name[HOST_NAME];

	if (!conf_zone_name(value, name)) {
		conf_wrong(r, line, "zones: '%.80s' is not a zone's name",
		    value);
		return;
	}
	for (size_t i = 0; i < p->n_zones; i++)
		if (strcmp(p->zones[i], name) == 0)
			conf_wrong(r, line, "zones: %.80s is given twice",
			    value);
	p->zones = mem_resize(p->zones, p->n_zones + 1, sizeof(*p->zones));
	p->zones[p->n_zones++] = mem_dup(name);
}

/* What may stand as an argument and in a header as it is: no quoting, no
 * comments, no route. */
static bool
is_address(const char *s)
{
	const char *at = strchr(s, '@');
	size_t local = at != NULL ? (size_t)(at - s) : strlen(s);

	if (local == 0 || local > 64 || s[0] == '-' || s[0] == '.' ||
	    s[local - 1] == '.')
		return false;
	for (size_t i = 0; i < local; i++)
		if (strchr(
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"0123456789!#$%&'*+-/=?^_`{|}~.",
			s[i]) == NULL)
			return false;
	return at == NULL || text_host_wrong(at + 1, TEXT_HOST_SHORT) == NULL;
}

static void
add_mail_to(struct reader *r, const char *value, int line)
{
	struct conf *c = r->conf;

	if (!is_address(value))
		conf_wrong(r, line,
		    "mail-to: '%.80s' is not a plain mail address", value);
	c->mail_to = mem_resize(c->mail_to, c->n_mail_to + 1,
	    sizeof(*c->mail_to));
	c->mail_to[c->n_mail_to++] = mem_dup(value);
}

static void
add_command(struct reader *r, const char *value, int line)
{
	struct conf *c = r->conf;

	if (c->n_command == 0 && value[0] != '/')
		conf_wrong(r, line,
		    "command: '%.80s' is not an absolute path: it is run "
		    "without a shell",
		    value);
	c->command = mem_resize(c->command, c->n_command + 2,
	    sizeof(*c->command));
	c->command[c->n_command++] = mem_dup(value);
	c->command[c->n_command] = NULL;
}

void
conf_element(struct reader *r, const struct setting *s, size_t index,
    const char *value, int line)
{
	struct conf_host *h;

	if (s->id == SET_MAIL_TO || s->id == SET_COMMAND) {
		if (s->id == SET_MAIL_TO)
			add_mail_to(r, value, line);
		else
			add_command(r, value, line);
		return;
	}
	if (s->id == SET_ZONES) {
		add_zone(r, &r->conf->publishers[index], value, line);
		return;
	}
	h = &r->conf->hosts[index];
	if (s->id == SET_NAMES)
		add_name(r, h, value, line);
	else if (s->id == SET_SERVICES)
		add_service(r, h, value, line);
	else if (s->id == SET_OWNERS)
		add_owner(r, h, value, line);
	else if (s->id == SET_KEYS)
		add_key(r, h, value, line);
	else if (s->id == SET_ENDPOINTS)
		add_endpoint(r, h, value, line);
	else
		add_tlsa(r, h, value, line);
}

void
conf_list_given(struct reader *r, const struct setting *s, size_t elements,
    int line)
{
	if (elements == 0 && s->id != SET_ENDPOINTS && s->id != SET_OWNERS &&
	    s->id != SET_ZONES && s->id != SET_MAIL_TO && s->id != SET_COMMAND)
		conf_wrong(r, line,
		    "%s: an empty list; leave the setting out "
		    "for its default",
		    s->name);
}
