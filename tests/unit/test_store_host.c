/*
 * test_store_host.c - a host that goes into the state file comes out again,
 * every stored field of it, and nothing that does not fit comes out.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/once.h"
#include "base/text.h"
#include "edge/store_db.h"

static char top[256], folder[300];
static struct store *s;
static struct err e;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/store.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(folder, sizeof(folder), "%s/state", top);
	ck_assert_msg(store_open(folder, STORE_WRITE, &s, &e) == 0, "%s",
	    e.text);
}

static void
teardown(void)
{
	static const char *const names[] = { "state.db", "state.db-journal" };
	char path[400];

	store_free(s);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_int_eq(rmdir(top), 0);
}

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)

/* SQL past our own code, as a bug of ours or a hand might run it. */
static int
raw(const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

#define refused(sql)                                                  \
	ck_assert_msg(raw(sql) == SQLITE_CONSTRAINT_TRIGGER ||        \
		sqlite3_errcode(s->db) == SQLITE_CONSTRAINT ||        \
		(sqlite3_errcode(s->db) & 0xff) == SQLITE_CONSTRAINT, \
	    "%s: %s", sql, sqlite3_errmsg(s->db))

static int64_t
number(const char *sql)
{
	sqlite3_stmt *st;
	int64_t v;

	ck_assert_int_eq(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), 0);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return v;
}

/* A generated host. */

static uint64_t seed;

static uint64_t
rnd(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static int64_t
rnd_when(void)
{
	return rnd(3) == 0 ? NEVER : (int64_t)rnd(1ULL << 40);
}

static uint32_t
rnd_u32(void)
{
	return rnd(4) == 0 ? UINT32_MAX : (uint32_t)rnd(1ULL << 32);
}

/* Any bytes but 0, high ones too, sometimes as long as there is room. */
static void
rnd_text(char *buf, size_t size)
{
	size_t n = rnd(3) == 0 ? size - 1 : rnd(size);

	for (size_t i = 0; i < n; i++)
		buf[i] = (char)(1 + rnd(255));
	buf[n] = 0;
}

static const char *
rnd_once(size_t size)
{
	char buf[1024];

	rnd_text(buf, size);
	return once(buf);
}

static void
rnd_bytes(uint8_t *p, size_t n)
{
	bool high = rnd(4) == 0;

	for (size_t i = 0; i < n; i++)
		p[i] = high ? 0xff : (uint8_t)rnd(256);
}

static struct addr
rnd_addr(unsigned i)
{
	uint8_t ip[16] = { 0x20, 0x01, 0x0d, 0xb8 };

	if (i % 2 == 0) {
		ip[15] = (uint8_t)i;
		return addr_make(6, ip, (uint16_t)(i % 5 == 0 ? 0xffff : 53));
	}
	ip[0] = 192;
	ip[1] = 0;
	ip[2] = 2;
	ip[3] = (uint8_t)i;
	return addr_make(4, ip, 53);
}

static int
rnd_set(struct host *h)
{
	char alias[HOST_NAME];
	struct tlsa_set set = { .n = 0 };
	unsigned n = rnd(8) == 0 ? TLSA_MAX : (unsigned)rnd(4);
	struct tlsa r;

	for (unsigned i = 0; i < n; i++) {
		memset(&r, 0, sizeof(r));
		r.usage = rnd(2) ? 3 : 255;
		r.selector = (uint8_t)rnd(256);
		r.mtype = 1;
		r.len = rnd(8) == 0 ? TLSA_FOLDED : (uint8_t)rnd(65);
		rnd_bytes(r.data, r.len == TLSA_FOLDED ? 32 : r.len);
		tlsa_set_add(&set, &r);
	}
	if (rnd(4) == 0) {
		text_fmt(alias, sizeof(alias), "n%u.example.",
		    (unsigned)rnd(3));
		return host_alias(h, alias);
	}
	return host_set(h, &set);
}

static void
rnd_authority(struct host *h, size_t own, unsigned i)
{
	struct addr addr = rnd_addr(i);
	struct authority *a = owner_authority(&h->own[own], &addr);

	a->name = rnd_once(HOST_NAME);
	a->first_seen = rnd_when();
	a->left_at = rnd_when();
	a->ns_ttl = rnd_u32();
	a->look = (enum look)rnd(LOOK_COUNT);
	a->set = a->look <= LOOK_NONE ? rnd_set(h) : -1;
	a->ttl = rnd_u32();
	a->has_serial = rnd(2) == 0;
	a->serial = a->has_serial ? rnd_u32() : 0;
	a->has_newest = rnd(2) == 0;
	a->newest = a->has_newest ? rnd_u32() : 0;
	if (rnd(2) == 0)
		a->nsid = once_fmt(NSID_TEXT, "n%u", (unsigned)rnd(99));
	a->looked_at = rnd_when();
	a->answered = rnd(2) == 0;
	a->looked_wall = (time_t)rnd(1ULL << 34);
	a->why = rnd_once(HOST_WHY);
	a->records_signed.from = (time_t)rnd(1ULL << 34);
	a->records_signed.until = (time_t)rnd(1ULL << 34);
	a->keys_signed.from = (time_t)rnd(1ULL << 34);
	a->keys_signed.until = (time_t)rnd(1ULL << 34);
	a->renewed = rnd(2) == 0;
}

static void
rnd_instance(struct host *h, struct owner *o, unsigned i)
{
	struct instance *in;

	if (rnd(2) == 0)
		return;
	o->inst = realloc(o->inst, (o->n_inst + 1) * sizeof(*in));
	o->cap_inst = o->n_inst + 1;
	in = &o->inst[o->n_inst++];
	memset(in, 0, sizeof(*in));
	in->auth = rnd_addr(i % 2);
	snprintf(in->nsid, sizeof(in->nsid), "n%u", i);
	in->set = rnd(3) == 0 ? -1 : rnd_set(h);
	in->ttl = rnd_u32();
	in->heard_at = rnd_when();
}

static void
rnd_sighting(struct host *h, struct owner *o, unsigned i)
{
	struct sighting *si;

	if (o->n_seen == o->cap_seen) {
		o->cap_seen = o->cap_seen * 2 + 4;
		o->seen = realloc(o->seen, o->cap_seen * sizeof(*o->seen));
		ck_assert_ptr_nonnull(o->seen);
	}
	si = &o->seen[o->n_seen++];
	memset(si, 0, sizeof(*si));
	if (i % 7 < 6) /* else of nowhere: core/fold.h */
		si->auth = rnd_addr(i % 7);
	si->set = rnd_set(h);
	si->ttl = 1000 * i + (uint32_t)rnd(1000);
	si->first_seen = rnd_when();
	si->last_seen = rnd_when();
	si->gone = rnd_when();
	si->signed_from = (time_t)rnd(1ULL << 34);
	si->signed_until = (time_t)rnd(1ULL << 41);
	si->signed_life = (int64_t)rnd(1ULL << 34);
	si->left_at = rnd_when();
	si->resigned = rnd(2) == 1;
	si->ended = rnd(2) == 1;
}

/* Index of a new chain, or of the unknown one. */
static int
rnd_chain(struct host *h)
{
	struct cover_chain c;

	memset(&c, 0, sizeof(c));
	c.n = (unsigned)rnd(4); /* of none, too */
	c.names_ok = rnd(2) == 0;
	for (unsigned i = 0; i < c.n; i++) {
		c.path_ok[i] = rnd(2) == 0;
		c.dates_ok[i] = rnd(2) == 0;
		c.cert[i].key_only = rnd(2) == 0;
		for (int j = 0; j < 2; j++) {
			struct cover_der *d = &c.cert[i].by[j];

			rnd_bytes(d->sha256, 32);
			rnd_bytes(d->sha512, 64);
			d->len = rnd(2) == 0 ? TLSA_FOLDED
					     : (uint8_t)rnd(TLSA_DATA + 1);
			rnd_bytes(d->data, TLSA_DATA);
		}
	}
	return rnd(4) == 0 ? 0 : host_chain(h, &c);
}

static void
rnd_endpoint(struct host *h, unsigned own, unsigned i)
{
	struct addr addr = rnd_addr(i + 100);
	struct endpoint *ep = host_endpoint(h, own, &addr);

	ep->configured = rnd(2) == 0;
	ep->left_at = rnd_when();
	ep->ttl = rnd_u32();
	ep->sweep = (enum sweep)rnd(SWEEP_COUNT);
	ep->n_seen = (unsigned)rnd(PRESENTED_MAX + 1);
	for (unsigned j = 0; j < ep->n_seen; j++) {
		rnd_bytes(ep->seen[j].key.sha256, 32);
		ep->seen[j].slot = (enum slot)rnd(SLOT_COUNT + 1);
		ep->seen[j].chain = rnd_chain(h);
	}
	ep->swept_at = rnd_when();
	ep->swept_wall = (time_t)rnd(1ULL << 34);
	ep->why = rnd_once(HOST_WHY);
}

static void
rnd_key(struct host *h, unsigned i)
{
	struct key *k = host_key_add(h);

	rnd_bytes(k->id.sha256, 32);
	k->id.sha256[0] = (uint8_t)i;
	k->slot = (enum slot)rnd(SLOT_COUNT);
	k->kind = (enum kind)rnd(KIND_COUNT + 1);
	k->stage = (enum stage)rnd(STAGE_COUNT);
	k->adopted = rnd(2) == 0;
	k->compromised = rnd(2) == 0;
	k->entered_at = (int64_t)rnd(1ULL << 40);
	k->entered_wall = (time_t)rnd(1ULL << 34);
	k->deployed_wall = (time_t)rnd(2);
	k->clean_since = rnd_when();
	k->destroyed_at = rnd_when();
	k->key_file = rnd_once(1024);
	k->cert_file = rnd_once(1024);
	k->chain = rnd_chain(h);
	k->cert_until = (time_t)rnd(1ULL << 34);
	k->next_chain = rnd_chain(h);
	k->past_chain = rnd_chain(h);
}

static void
rnd_waivers(struct host *h)
{
	struct waiver *w;

	h->n_waiver = h->cap_waiver = GUARD_COUNT;
	h->waiver = calloc(h->n_waiver, sizeof(*h->waiver));
	ck_assert_ptr_nonnull(h->waiver);
	for (int i = 0; i < GUARD_COUNT; i++) {
		w = &h->waiver[i];
		w->key = h->key[rnd(h->n_key)].id;
		w->guard = (enum guard_id)i;
		if (rnd(2) == 0)
			w->addr = rnd_addr((unsigned)rnd(50));
		w->given_at = (int64_t)rnd(1ULL << 40);
	}
}

static void
rnd_host(struct host *h, const char *name, uint64_t from)
{
	int64_t *policy = (int64_t *)&h->policy;
	struct owner *o;
	char own[HOST_NAME];

	seed = 88172645463325252ULL + from * 7919;
	host_init(h, name);
	for (size_t i = 0; i < sizeof(h->policy) / sizeof(int64_t); i++)
		policy[i] = (int64_t)rnd(1ULL << 32);
	h->standby = rnd(2) == 0;
	h->publishes = rnd(2) == 0;
	h->adopted_at = (int64_t)rnd(1ULL << 40);
	for (int i = 0; i < SLOT_COUNT; i++) {
		h->slot[i].managed = rnd(2) == 0;
		h->slot[i].kind = (enum kind)rnd(KIND_COUNT + 1);
		h->slot[i].rollover_wall = (time_t)rnd(1ULL << 34);
		h->slot[i].compromised = rnd(2) == 0;
	}
	for (size_t i = 0; i < 3; i++) {
		snprintf(own, sizeof(own), "_%zu._tcp.%s.", 25 + i, name);
		o = host_owner(h, own, (uint16_t)(65533 + i));
		o->has_primary_serial = rnd(2) == 0;
		o->primary_serial = o->has_primary_serial ? rnd_u32() : 0;
		o->zone = rnd_once(HOST_NAME);
		o->source = rnd_once(HOST_NAME);
		o->hides = rnd_once(HOST_NAME);
		o->named = rnd(2) == 0;
		for (unsigned j = 0; j < 5; j++)
			rnd_authority(h, i, j);
		for (unsigned j = 0; j < 12; j++)
			rnd_sighting(h, &h->own[i], j);
		for (unsigned j = 0; j < 3; j++)
			rnd_instance(h, &h->own[i], j);
	}
	for (unsigned j = 0; j < 12; j++)
		rnd_endpoint(h, (unsigned)rnd(3), j);
	for (unsigned j = 0; j < 9; j++)
		rnd_key(h, j);
	rnd_waivers(h);
}

/* Every stored field as text; sets by what they hold, not by index. */

static void
say_addr(FILE *f, const struct addr *a)
{
	fprintf(f, " %u.%u.", a->family, a->port);
	for (int i = 0; i < 16; i++)
		fprintf(f, "%02x", a->ip[i]);
}

static void
say_set(FILE *f, const struct host *h, int set)
{
	char buf[TLSA_TEXT];

	if (set == -1) {
		fprintf(f, " no set");
		return;
	}
	fprintf(f, " '%s'", h->target[set]);
	for (unsigned i = 0; i < h->set[set]->n; i++)
		fprintf(f, " [%u %s]", h->set[set]->rr[i].len,
		    tlsa_str(&h->set[set]->rr[i], buf));
}

#define D "%lld "
#define LL (long long)

static void
say_owner(FILE *f, const struct host *h, const struct owner *o)
{
	fprintf(f, "owner %s %u %s %s %s %d %u %d\n", o->name, o->port, o->zone,
	    o->source, o->hides, o->has_primary_serial, o->primary_serial,
	    o->named);
	for (size_t i = 0; i < o->n_auth; i++) {
		const struct authority *a = &o->auth[i];

		say_addr(f, &a->addr);
		fprintf(f, " %s " D D "%u %d %u %d %u %d %u %s " D D "%d %s",
		    a->name, LL a->first_seen, LL a->left_at, a->ns_ttl,
		    a->look, a->ttl, a->has_serial, a->serial, a->has_newest,
		    a->newest, a->nsid, LL a->looked_at, LL a->looked_wall,
		    a->answered, a->why);
		say_set(f, h, a->set);
		fprintf(f, " " D D D D "%d\n", LL a->records_signed.from,
		    LL a->records_signed.until, LL a->keys_signed.from,
		    LL a->keys_signed.until, a->renewed);
	}
	for (size_t i = 0; i < o->n_inst; i++) {
		say_addr(f, &o->inst[i].auth);
		fprintf(f, " %s %u " D, o->inst[i].nsid, o->inst[i].ttl,
		    LL o->inst[i].heard_at);
		say_set(f, h, o->inst[i].set);
		fprintf(f, "\n");
	}
	for (size_t i = 0; i < o->n_seen; i++) {
		const struct sighting *si = &o->seen[i];

		say_addr(f, &si->auth);
		fprintf(f, " %u " D D D, si->ttl, LL si->first_seen,
		    LL si->last_seen, LL si->gone);
		fprintf(f, D D D D "%d %d ", LL si->signed_from,
		    LL si->signed_until, LL si->signed_life, LL si->left_at,
		    si->resigned, si->ended);
		say_set(f, h, si->set);
		fprintf(f, "\n");
	}
}

static void
say_chain(FILE *f, const struct host *h, int chain)
{
	const struct chain *c = &h->chain[chain - 1];

	fprintf(f, " chain %d ", chain > 0);
	for (size_t i = 0; chain > 0 && i < c->len; i++)
		fprintf(f, "%02x", c->bytes[i]);
}

static void
say_endpoint(FILE *f, const struct host *h, const struct endpoint *ep)
{
	char hex[65];

	fprintf(f, "endpoint %s", h->own[ep->owner].name);
	say_addr(f, &ep->addr);
	fprintf(f, " %d " D "%u %d " D D "%s", ep->configured, LL ep->left_at,
	    ep->ttl, ep->sweep, LL ep->swept_at, LL ep->swept_wall, ep->why);
	for (unsigned i = 0; i < ep->n_seen; i++) {
		fprintf(f, " %s/%d", spki_hex(&ep->seen[i].key, hex),
		    ep->seen[i].slot);
		say_chain(f, h, ep->seen[i].chain);
	}
	fprintf(f, "\n");
}

static void
say_key(FILE *f, const struct host *h, const struct key *k)
{
	char hex[65];

	fprintf(f, "key %s %d %d %d %d %d " D D D D D D "%s | %s",
	    spki_hex(&k->id, hex), k->slot, k->kind, k->stage, k->adopted,
	    k->compromised, LL k->entered_at, LL k->entered_wall,
	    LL k->deployed_wall, LL k->clean_since, LL k->destroyed_at,
	    LL k->cert_until, k->key_file, k->cert_file);
	say_chain(f, h, k->chain);
	say_chain(f, h, k->next_chain);
	say_chain(f, h, k->past_chain);
	fprintf(f, "\n");
}

static char *
say(const struct host *h)
{
	const int64_t *policy = (const int64_t *)&h->policy;
	char *text = NULL, hex[65];
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fprintf(f, "%s %d %d " D, h->name, h->standby, h->publishes,
	    LL h->adopted_at);
	for (size_t i = 0; i < sizeof(h->policy) / sizeof(int64_t); i++)
		fprintf(f, D, LL policy[i]);
	for (int i = 0; i < SLOT_COUNT; i++)
		fprintf(f, "%d %d " D "%d ", h->slot[i].managed,
		    h->slot[i].kind, LL h->slot[i].rollover_wall,
		    h->slot[i].compromised);
	fprintf(f, "\n");
	for (size_t i = 0; i < h->n_own; i++)
		say_owner(f, h, &h->own[i]);
	for (size_t i = 0; i < h->n_ep; i++)
		say_endpoint(f, h, &h->ep[i]);
	for (size_t i = 0; i < h->n_key; i++)
		say_key(f, h, &h->key[i]);
	for (size_t i = 0; i < h->n_waiver; i++) {
		fprintf(f, "waiver %s %d " D, spki_hex(&h->waiver[i].key, hex),
		    h->waiver[i].guard, LL h->waiver[i].given_at);
		say_addr(f, &h->waiver[i].addr);
		fprintf(f, "\n");
	}
	fclose(f);
	return text;
}

/* The stored host says what this one says. */
static void
same(const struct host *h)
{
	struct host back;
	char *is, *want = say(h);
	size_t at = 0;

	host_init(&back, h->name);
	must(store_load(s, &back, &e));
	is = say(&back);
	while (is[at] != 0 && is[at] == want[at])
		at++;
	ck_assert_msg(is[at] == want[at], "at %zu: \"%.40s\", not \"%.40s\"",
	    at, is + at, want + at);
	free(is);
	free(want);
	host_release(&back);
}

START_TEST(a_host_comes_back_as_it_was)
{
	struct host h;

	rnd_host(&h, "mx.example.org", (uint64_t)_i);
	must(store_save(s, &h, &e));
	same(&h);
	store_free(s);
	s = NULL;
	must(store_open(folder, STORE_WRITE, &s, &e));
	same(&h);
	host_release(&h);
}
END_TEST

START_TEST(an_unknown_host_was_never_adopted)
{
	struct host h;

	host_init(&h, "mx.example.org");
	h.adopted_at = 5;
	must(store_load(s, &h, &e));
	ck_assert_int_eq(h.adopted_at, NEVER);
	ck_assert_uint_eq(h.n_own + h.n_key + h.n_ep, 0);
	host_release(&h);
}
END_TEST

START_TEST(hosts_do_not_mix)
{
	static const char *const name[] = { "c.example", "a.example",
		"b.example" };
	struct host h[3];
	char **names;
	size_t n;

	for (int i = 0; i < 3; i++) {
		rnd_host(&h[i], name[i], 4); /* the same keys and sets */
		h[i].key[0].entered_wall = i;
		must(store_save(s, &h[i], &e));
	}
	for (int i = 0; i < 3; i++) {
		same(&h[i]);
		host_release(&h[i]);
	}
	must(store_hosts(s, &names, &n, &e));
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(names[0], "a.example");
	ck_assert_str_eq(names[1], "b.example");
	ck_assert_str_eq(names[2], "c.example");
	while (n > 0)
		free(names[--n]);
	free(names);
}
END_TEST

START_TEST(what_core_dropped_is_dropped)
{
	struct host h;
	struct owner *o;

	rnd_host(&h, "mx.example.org", (uint64_t)_i);
	must(store_save(s, &h, &e));
	o = &h.own[1];
	memmove(&o->seen[0], &o->seen[1], --o->n_seen * sizeof(o->seen[0]));
	must(store_save(s, &h, &e));
	same(&h);
	o->n_seen = 3;
	o->n_auth = 2;
	h.n_ep -= 3;
	h.n_waiver = 4;
	h.ep[0].n_seen = 0;
	must(store_save(s, &h, &e));
	ck_assert_int_eq(number("SELECT count(*) FROM sighting"), 12 + 3 + 12);
	ck_assert_int_eq(number("SELECT count(*) FROM authority"), 5 + 2 + 5);
	ck_assert_int_eq(number("SELECT count(*) FROM waiver"), 4);
	ck_assert_int_eq(number("SELECT count(*) FROM endpoint"),
	    (int64_t)h.n_ep);
	same(&h);

	/* an owner with all that hangs on it, then what was seen at all */
	h.n_ep = 0;
	h.n_waiver = 0;
	h.n_own = 2;
	free(h.own[2].auth);
	free(h.own[2].seen);
	free(h.own[2].inst);
	must(store_save(s, &h, &e));
	ck_assert_int_eq(number("SELECT count(*) FROM sighting"), 12 + 3);
	ck_assert_int_eq(number("SELECT count(*) FROM presented"), 0);
	ck_assert_int_eq(
	    number(
		"SELECT count(*) FROM chain WHERE id NOT IN"
		" (SELECT chain FROM key WHERE chain NOTNULL"
		" UNION SELECT next_chain FROM key WHERE next_chain NOTNULL"
		" UNION SELECT past_chain FROM key WHERE past_chain NOTNULL)"),
	    0);
	h.own[0].n_seen = h.own[1].n_seen = 0;
	h.own[0].n_auth = h.own[1].n_auth = 0;
	h.own[0].n_inst = 0;
	h.own[1].had_inst = h.own[1].n_inst > 0;
	h.own[1].n_inst = 0;
	h.own[0].had_inst = true;
	must(store_save(s, &h, &e));
	ck_assert_int_eq(number("SELECT count(*) FROM rrset"), 0);
	same(&h);
	host_release(&h);
}
END_TEST

/* Of two that differ in one thing only, the right one goes. */
START_TEST(twins_are_told_apart)
{
	struct host h;
	struct owner *o;
	struct addr addr;

	rnd_host(&h, "mx.example.org", 3);
	o = &h.own[0];
	o->n_seen = 4;
	for (int i = 1; i < 4; i++) {
		o->seen[i] = o->seen[0];
		o->seen[i].first_seen = i;
	}
	o->seen[1].set = (o->seen[0].set + 1) % (int)h.n_set;
	o->seen[2].ttl++;
	o->seen[3].auth.port++;
	h.n_ep = 0;
	addr = rnd_addr(1);
	for (unsigned i = 0; i < 3; i++)
		host_endpoint(&h, i, &addr)->ttl = i;
	must(store_save(s, &h, &e));
	same(&h);
	o->seen[0] = o->seen[_i % 3 + 1];
	o->n_seen = 1;
	h.ep[0] = h.ep[_i % 3];
	h.n_ep = 1;
	must(store_save(s, &h, &e));
	same(&h);
	host_release(&h);
}
END_TEST

START_TEST(the_same_again_writes_nothing)
{
	struct host h;
	int before;

	rnd_host(&h, "mx.example.org", 1);
	must(store_save(s, &h, &e));
	before = sqlite3_total_changes(s->db);
	must(store_save(s, &h, &e));
	ck_assert_int_eq(sqlite3_total_changes(s->db), before);
	h.own[1].seen[4].last_seen = 77;
	must(store_save(s, &h, &e));
	ck_assert_int_eq(sqlite3_total_changes(s->db), before + 1);
	same(&h);
	host_release(&h);
}
END_TEST

/* Everything was looked at now, and is as it was. */
static void
look_again(struct host *h, int64_t at)
{
	for (size_t i = 0; i < h->n_own; i++) {
		struct owner *o = &h->own[i];

		for (size_t j = 0; j < o->n_auth; j++) {
			o->auth[j].looked_at = at;
			o->auth[j].looked_wall = 1000 + at;
		}
		for (size_t j = 0; j < o->n_seen; j++)
			o->seen[j].last_seen = at;
		for (size_t j = 0; j < o->n_inst; j++)
			o->inst[j].heard_at = at;
	}
	for (size_t i = 0; i < h->n_ep; i++) {
		h->ep[i].swept_at = at + 2;
		h->ep[i].swept_wall = 1002 + at;
	}
}

/* A pass that saw what the one before saw writes when it looked, once. */
START_TEST(a_look_that_saw_the_same_writes_its_time_only)
{
	struct host h;
	int before;

	rnd_host(&h, "mx.example.org", 1);
	look_again(&h, 100);
	must(store_save(s, &h, &e));
	same(&h);
	host_release(&h);
	host_init(&h, "mx.example.org");
	must(store_load(s, &h, &e));
	before = sqlite3_total_changes(s->db);
	look_again(&h, 200);
	must(store_save(s, &h, &e));
	ck_assert_int_eq(sqlite3_total_changes(s->db), before + 1);
	same(&h);
	/* one that was not reached keeps its own time */
	look_again(&h, 300);
	h.own[1].auth[0].looked_at = 200;
	h.own[1].auth[0].looked_wall = 1200;
	must(store_save(s, &h, &e));
	ck_assert_int_eq(sqlite3_total_changes(s->db), before + 3);
	same(&h);
	/* the clock on the wall went back, the counter did not */
	look_again(&h, 400);
	h.own[0].auth[1].looked_wall = 1100;
	h.ep[0].swept_wall = 1;
	must(store_save(s, &h, &e));
	same(&h);
	look_again(&h, 500);
	must(store_save(s, &h, &e));
	same(&h);
	host_release(&h);
}
END_TEST

/* One thing about an owner, another each time; false: no more. */
static bool
bend(struct host *h, int which)
{
	struct owner *o = &h->own[1];
	/* the last of each: one with another name comes behind all others */
	struct authority *a = &o->auth[o->n_auth - 1];
	struct sighting *si = &o->seen[o->n_seen - 1];
	struct instance *in = &o->inst[o->n_inst - 1];
	struct endpoint *ep = &h->ep[host_endpoints(h, 2) - 1];

	ck_assert(o->n_inst > 0 && ep->owner == 1 && ep->n_seen > 0);
	switch (which) {
#define BEND(n, what) \
	case n:       \
		what; \
		return true;
		BEND(0, o->port ^= 1)
		BEND(1, o->zone = once("other.example."))
		BEND(2, o->primary_serial ^= 1; o->has_primary_serial = true)
		BEND(3, o->source = once("*.example."))
		BEND(4, o->hides = once("*.other.example."))
		BEND(5, o->named = !o->named)
		BEND(6, a->addr.port ^= 1)
		BEND(7, a->name = once("other"))
		BEND(8, a->first_seen = 12345)
		BEND(9, a->left_at = 12345)
		BEND(10, a->ns_ttl ^= 1)
		BEND(11, a->look = (a->look + 1) % LOOK_COUNT)
		BEND(12, a->set = a->set < 0 ? 0 : -1)
		BEND(13, a->ttl ^= 1)
		BEND(14, a->serial ^= 1; a->has_serial = true)
		BEND(15, a->newest ^= 1; a->has_newest = true)
		BEND(16, a->nsid = once("other"))
		BEND(17, a->looked_at = 12345)
		BEND(18, a->looked_wall ^= 1)
		BEND(19, a->why = once("why not"))
		BEND(20, a->records_signed.from ^= 1)
		BEND(21, a->records_signed.until ^= 1)
		BEND(22, a->keys_signed.from ^= 1)
		BEND(23, a->keys_signed.until ^= 1)
		BEND(24, a->renewed = !a->renewed)
		BEND(25, a->answered = !a->answered)
		BEND(26, si->auth.ip[3] ^= 1)
		BEND(27, si->set = (si->set + 1) % (int)h->n_set)
		BEND(28, si->ttl ^= 1)
		BEND(29, si->first_seen = 12345)
		BEND(30, si->last_seen = 12345)
		BEND(31, si->gone = si->gone == NEVER ? 12345 : NEVER)
		BEND(32, si->signed_from ^= 1)
		BEND(33, si->signed_until ^= 1)
		BEND(34, si->signed_life ^= 1)
		BEND(35, si->left_at = 12345)
		BEND(36, si->resigned = !si->resigned)
		BEND(37, si->ended = !si->ended)
		BEND(38, in->ttl ^= 1)
		BEND(39, in->heard_at = 12345)
		BEND(40, in->set = in->set < 0 ? 0 : -1)
		BEND(41, ep->configured = !ep->configured)
		BEND(42, ep->left_at = 12345)
		BEND(43, ep->ttl ^= 1)
		BEND(44, ep->sweep = (ep->sweep + 1) % SWEEP_COUNT)
		BEND(45, ep->swept_at = 12345)
		BEND(46, ep->swept_wall ^= 1)
		BEND(47, ep->why = once("down"))
		BEND(48, ep->n_seen--)
		BEND(49, ep->seen[0].key.sha256[5] ^= 1)
		BEND(50, ep->addr.port ^= 1)
		BEND(51, o->n_auth--)
		BEND(52, o->n_seen--)
		BEND(53, o->n_inst--)
#undef BEND
	}
	return false;
}

/* Whatever of an owner is another than the file has is written. */
START_TEST(whatever_differs_is_written)
{
	bool more = true;
	struct host h;

	for (int i = 0; more; i++) {
		rnd_host(&h, "mx.example.org", 1);
		must(store_save(s, &h, &e));
		host_release(&h);
		host_init(&h, "mx.example.org");
		must(store_load(s, &h, &e));
		more = bend(&h, i);
		must(store_save(s, &h, &e));
		same(&h);
		ck_assert(more || i == 54);
		host_release(&h);
	}
}
END_TEST

/* What was written and not kept is not in the file, whatever the host knows. */
START_TEST(what_was_not_kept_is_written_again)
{
	struct host h;

	rnd_host(&h, "mx.example.org", 1);
	must(store_save(s, &h, &e));
	must(store_begin(s, &e));
	h.own[1].seen[4].last_seen = 77;
	must(store_save(s, &h, &e));
	ck_assert_int_eq(store_end(s, -1, &e), -1);
	must(store_save(s, &h, &e));
	same(&h);
	host_release(&h);
}
END_TEST

START_TEST(what_one_file_has_another_may_lack)
{
	struct host h;

	rnd_host(&h, "mx.example.org", 1);
	must(store_save(s, &h, &e));
	teardown();
	setup();
	must(store_save(s, &h, &e));
	same(&h);
	host_release(&h);
}
END_TEST

START_TEST(a_word_of_no_list_is_refused)
{
	static const char *const sql[] = {
		"UPDATE key SET stage = 'nearly'",
		"UPDATE key SET kind = 'dsa-1024'",
		"UPDATE slot SET slot = 'dsa' WHERE slot = 'rsa'",
		"UPDATE slot SET kind = ''",
		"UPDATE authority SET look = 'perhaps'",
		"UPDATE endpoint SET sweep = ''",
		"UPDATE presented SET slot = 'other'",
		"UPDATE waiver SET guard = 'law'",
		"INSERT INTO journal SELECT NULL, 1, 1, '', NULL, 'rumour',"
		" 'nothing', NULL, 0, '', ''",
		"INSERT INTO journal SELECT NULL, 1, 1, '', NULL, 'note',"
		" 'pray', NULL, 0, '', ''",
		"INSERT INTO key SELECT NULL, host, x'00', slot, kind, stage,"
		" adopted, compromised, entered_at, entered_wall,"
		" deployed_wall, clean_since, destroyed_at, key_file,"
		" cert_file, chain, cert_until, next_chain, past_chain"
		" FROM key LIMIT 1",
	};
	struct host h;

	rnd_host(&h, "mx.example.org", 2);
	must(store_save(s, &h, &e));
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
		refused(sql[i]);
	same(&h);
	host_release(&h);
}
END_TEST

/* What CHECKs would refuse, written past them: a file from elsewhere. */
START_TEST(a_value_that_does_not_fit_is_damage)
{
	static const char *const sql[] = {
		"UPDATE sighting SET ttl = -1 WHERE id = 3",
		"UPDATE sighting SET ttl = 4294967296 WHERE id = 3",
		"UPDATE sighting SET ip = 'localhost' WHERE id = 3",
		"UPDATE sighting SET ip = hex(zeroblob(400000)) WHERE id = 3",
		"UPDATE sighting SET last_seen = -7",
		"UPDATE sighting SET seen_last = 2",
		"UPDATE sighting SET last_seen = 7, seen_last = 1",
		"UPDATE host SET looked_at = NULL",
		"UPDATE authority SET looked_at = 7, looked_last = 1",
		"UPDATE endpoint SET swept_wall = 7, tried_last = 1",
		"UPDATE sighting SET port = 65536 WHERE id = 2",
		"UPDATE authority SET look = 'perhaps'",
		"UPDATE authority SET name = hex(zeroblob(200)) WHERE id = 1",
		"UPDATE authority SET why = 'a' || char(0) || 'b'",
		"UPDATE endpoint SET sweep = 'none yet'",
		"UPDATE presented SET spki = x'00'",
		"UPDATE rrset SET bytes = x'00' WHERE id = 2",
		"UPDATE rrset SET bytes = zeroblob(136) WHERE id = 2",
		"UPDATE rrset SET bytes = zeroblob(68 * 33) WHERE id = 2",
		"DELETE FROM rrset",
		"UPDATE chain SET bytes = x'00'"
		" WHERE id = (SELECT max(id) FROM chain)",
		"UPDATE chain SET bytes = zeroblob(325)"
		" WHERE id = (SELECT max(id) FROM chain)",
		"UPDATE chain SET bytes = x'09'"
		" WHERE id = (SELECT max(id) FROM chain)",
		"DELETE FROM chain",
		"DELETE FROM rrset WHERE id NOT IN (SELECT rrset FROM"
		" authority WHERE rrset IS NOT NULL)",
		"UPDATE slot SET managed = 2",
		"UPDATE slot SET kind = 'other'",
		"UPDATE waiver SET guard = '?' WHERE id = 1",
		"UPDATE host SET adopted_at = -1",
		"UPDATE owner SET name = 'a' || hex(zeroblob(128))"
		" WHERE id = 1",
		"UPDATE key SET kind = 'dsa'",
		"UPDATE key SET key_file = hex(zeroblob(600))",
	};
	struct host h, back;

	rnd_host(&h, "mx.example.org", 5);
	must(store_save(s, &h, &e));
	must(raw("PRAGMA ignore_check_constraints = ON"));
	must(raw("PRAGMA foreign_keys = OFF"));
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		ck_assert_int_eq(raw("BEGIN"), SQLITE_OK);
		ck_assert_msg(raw(sql[i]) == SQLITE_OK, "%s: %s", sql[i],
		    sqlite3_errmsg(s->db));
		ck_assert_int_eq(raw("COMMIT"), SQLITE_OK);
		host_init(&back, h.name);
		ck_assert_msg(store_load(s, &back, &e) == -1, "%s", sql[i]);
		ck_assert_int_eq(e.kind, ERR_IO);
		ck_assert_msg(strstr(e.text, "damaged") != NULL, "%s", e.text);
		host_release(&back);
		/* whole again: saving mends all but the sets and owners */
		must(raw("DELETE FROM owner"));
		must(raw("DELETE FROM authority"));
		must(raw("DELETE FROM sighting"));
		must(raw("DELETE FROM endpoint"));
		must(raw("DELETE FROM presented"));
		must(raw("DELETE FROM rrset"));
		must(raw("DELETE FROM waiver"));
		must(store_save(s, &h, &e));
		same(&h);
	}
	host_release(&h);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store host");
	TCase *t = tcase_create("store");
	SRunner *run;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, a_host_comes_back_as_it_was, 0, 20);
	tcase_add_test(t, an_unknown_host_was_never_adopted);
	tcase_add_test(t, hosts_do_not_mix);
	tcase_add_loop_test(t, what_core_dropped_is_dropped, 0, 3);
	tcase_add_loop_test(t, twins_are_told_apart, 0, 3);
	tcase_add_test(t, the_same_again_writes_nothing);
	tcase_add_test(t, a_look_that_saw_the_same_writes_its_time_only);
	tcase_add_test(t, whatever_differs_is_written);
	tcase_add_test(t, what_was_not_kept_is_written_again);
	tcase_add_test(t, what_one_file_has_another_may_lack);
	tcase_add_test(t, a_word_of_no_list_is_refused);
	tcase_add_test(t, a_value_that_does_not_fit_is_damage);
	suite_add_tcase(suite, t);
	run = srunner_create(suite);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed == 0 ? 0 : 1;
}
