/*
 * scenario_value.c - the values of the scenarios' language: words into spans,
 * addresses, sets, keys, and the things of the world that they name.
 */
#include "scenario_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/when.h"

bool
wrong(struct run *r, const char *fmt, ...)
{
	va_list ap;

	if (r->why[0] != 0)
		return false;
	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
	return false;
}

/* ---- values ---- */

/* "25h20m": durations one after the other. */
bool
read_span(struct run *r, const char *s, int64_t *ret)
{
	int64_t sum = 0, one;
	char part[32];
	size_t n;

	while (*s != 0) {
		n = strspn(s, "0123456789");
		if (n == 0 || s[n] == 0 || n + 2 > sizeof(part))
			return wrong(r, "no duration at '%s'", s);
		memcpy(part, s, n + 1);
		part[n + 1] = 0;
		if (when_parse(part, &one) != 0)
			return wrong(r, "'%s' is no duration", part);
		sum += one;
		s += n + 1;
	}
	*ret = sum;
	return true;
}

bool
read_addr(struct run *r, const char *s, uint16_t port, struct addr *ret)
{
	if (addr_parse(s, port, ret) != 0)
		return wrong(r, "'%s' is no address", s);
	return true;
}

/* "OLD" for its record 3 1 1, or "312:OLD" for another one; "211:CA" is of an
 * issuer. */
static struct tlsa
read_record(struct run *r, const char *name)
{
	int kind[3] = { 3, 1, 1 };
	struct cover_chain c;
	int key;

	if (strchr(name, ':') == name + 3) {
		for (int i = 0; i < 3; i++)
			kind[i] = name[i] - '0';
		name += 4;
	}
	if (kind[0] == 2) {
		struct cover_cert x = world_issuer_cert(world_issuer(&r->world,
		    name));

		return cover_tlsa(&x, kind[0], kind[1], kind[2]);
	}
	key = world_key(&r->world, name);
	c = world_chain(key, &r->world.key[key].face);
	return cover_tlsa(&c.cert[0], kind[0], kind[1], kind[2]);
}

/* "OLD+NEW"; "-" is the empty set. */
bool
read_set(struct run *r, const char *s, struct tlsa_set *ret)
{
	char copy[256], *save = NULL, *name;
	struct tlsa rr;

	memset(ret, 0, sizeof(*ret));
	if (strcmp(s, "-") == 0)
		return true;
	snprintf(copy, sizeof(copy), "%s", s);
	for (name = strtok_r(copy, "+", &save); name != NULL;
	     name = strtok_r(NULL, "+", &save)) {
		rr = read_record(r, name);
		tlsa_set_add(ret, &rr);
	}
	return true;
}

bool
read_slot(struct run *r, const char *s, enum slot *ret)
{
	*ret = slot_parse(s);
	if (*ret == SLOT_COUNT)
		return wrong(r, "'%s' is no slot", s);
	return true;
}

bool
read_key(struct run *r, const char *s, int *ret)
{
	*ret = world_key_find(&r->world, s);
	if (*ret < 0)
		return wrong(r, "no key is named '%s'", s);
	return true;
}

struct key *
key_of(struct run *r, int key)
{
	struct spki s = world_spki(key);

	return host_find_key(&r->world.h, &s);
}

struct w_owner *
owner_now(struct run *r)
{
	return &r->world.own[r->at];
}

struct w_auth *
find_auth(struct run *r, const char *s)
{
	struct addr a;

	if (!read_addr(r, s, 53, &a))
		return NULL;
	for (size_t i = 0; i < owner_now(r)->n_auth; i++)
		if (addr_cmp(&owner_now(r)->auth[i].addr, &a) == 0)
			return &owner_now(r)->auth[i];
	wrong(r, "%s is no name server here", s);
	return NULL;
}

struct w_endpoint *
find_endpoint(struct run *r, const char *s)
{
	struct addr a;

	if (!read_addr(r, s, 25, &a))
		return NULL;
	for (size_t i = 0; i < r->world.n_ep; i++)
		if (addr_cmp(&r->world.ep[i].addr, &a) == 0)
			return &r->world.ep[i];
	wrong(r, "%s is no endpoint", s);
	return NULL;
}
