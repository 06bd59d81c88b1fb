/*
 * session.c - config, lock, state and clock of one command.
 */
#include "cmd/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/once.h"
#include "base/text.h"
#include "cmd/elapsed.h"
#include "core/alias.h"
#include "core/left.h"
#include "edge/postfix.h"

#define LOCK_WAIT_MS 30000 /* from a terminal */

static int
take_lock(struct session *s, struct err *e)
{
	char path[1024];

	if (!file_join(path, sizeof(path), s->conf.state_dir, "lock"))
		return err_set(e, ERR_CONFIG, "%s: the path is too long",
		    s->conf.state_dir);
	s->lock = file_lock(path, isatty(STDERR_FILENO) ? LOCK_WAIT_MS : 0, e);
	if (s->lock < 0 && e->kind == ERR_TEMP)
		err_set(e, ERR_TEMP,
		    "%s: held by another process, such as a run; try again "
		    "when that is over",
		    path);
	return s->lock < 0 ? -1 : 0;
}

void
session_tick(struct session *s)
{
	struct clock_reading r;

	clock_read(&r);
	elapsed_advance(&s->agent, &r, s->conf.policy.clock_slack);
	s->now = elapsed_now(&s->agent);
}

/* The lock stands in the state folder, and is held before a writer opens. */
static int
open_state(struct session *s, enum session_mode mode, struct err *e)
{
	bool writes = mode != SESSION_READ && mode != SESSION_DRY;
	enum store_mode how = writes ? STORE_WRITE : STORE_READ;

	if (writes &&
	    (store_folder(s->conf.state_dir, e) < 0 || take_lock(s, e) < 0))
		return -1;
	if (store_open(s->conf.state_dir, how, &s->store, e) < 0) {
		if (mode == SESSION_DRY && e->kind == ERR_UNREACHABLE)
			return 0;
		return -1;
	}
	if (store_agent(s->store, &s->agent, e) < 0)
		return -1;
	return store_pauses(s->store, &s->pause, &s->n_pause, e);
}

/* Where it is bad, somebody must be told: root, if it names nobody. */
static void
read_part(struct conf *c, const char *path)
{
	struct err ignored;

	if (conf_read_part(path, c, &ignored) == 0 || c->n_mail_to > 0)
		return;
	c->mail_to = mem_array(1, sizeof(*c->mail_to));
	c->mail_to[c->n_mail_to++] = mem_dup("root");
}

int
session_open(struct session *s, const struct cmd *c, enum session_mode mode,
    struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->lock = -1;
	if (mode == SESSION_ALERT)
		read_part(&s->conf, c->config);
	else if (conf_read(c->config, &s->conf, e) < 0)
		return -1;
	if (mode != SESSION_READ && mode != SESSION_ALERT &&
	    conf_check_world(&s->conf, e) < 0)
		goto fail;
	if (open_state(s, mode, e) < 0)
		goto fail;
	s->was_trusted = s->agent.trusted || s->agent.wall == 0;
	session_tick(s);
	if (mode == SESSION_WRITE && store_agent_save(s->store, &s->agent, e))
		goto fail;
	return 0;
fail:
	session_close(s);
	return -1;
}

void
session_close(struct session *s)
{
	store_free(s->store);
	free(s->pause);
	if (s->lock >= 0)
		close(s->lock);
	conf_release(&s->conf);
	memset(s, 0, sizeof(*s));
	s->lock = -1;
}

int
session_end(struct session *s, int rc, const struct err *e)
{
	if (rc < 0)
		rc = cmd_fail(e);
	session_close(s);
	return rc;
}

/* A slot that the config does not name is managed where a key lives. */
static void
slots_in_use(struct host *h)
{
	for (size_t i = 0; i < h->n_key; i++) {
		const struct key *k = &h->key[i];
		struct slot_want *w = &h->slot[k->slot];

		if (k->stage >= STAGE_RETIRING)
			continue;
		w->managed = true;
		if (k->kind != KIND_COUNT)
			w->kind = k->kind;
		else if (w->kind == KIND_COUNT)
			w->kind = k->slot == SLOT_RSA ? KIND_RSA_2048
						      : KIND_ECDSA_P256;
	}
}

/* Is this owner still meant?  Says whose zone it is in. */
static bool
is_meant(const struct conf_host *c, const char *name, bool *ret_foreign)
{
	char owner[TLSA_OWNER];

	for (size_t i = 0; i < c->n_services; i++) {
		*ret_foreign = false;
		tlsa_owner(c->services[i].port, c->name, owner);
		if (strcmp(owner, name) == 0)
			return true;
	}
	*ret_foreign = true;
	for (size_t i = 0; i < c->n_owners; i++)
		if (strcmp(c->owners[i].name, name) == 0)
			return true;
	return false;
}

static bool
is_own_name(const struct host *h, const struct owner *o)
{
	size_t n = strlen(h->name);

	return strncmp(o->name, h->name, n) == 0 &&
	    strcmp(o->name + n, ".") == 0;
}

/* May records be changed there: in the zone of a service's owner, or one that
 * the publisher has by name? */
static bool
is_our_zone(const struct conf_host *c, const struct host *h, const char *zone)
{
	const struct conf_publisher *p = c->publisher;

	for (size_t i = 0; i < h->n_own; i++)
		if (!h->own[i].derived && !h->own[i].foreign &&
		    !h->own[i].left && !alias_is_base(&h->own[i]) &&
		    strcmp(h->own[i].zone, zone) == 0)
			return true;
	for (size_t i = 0; p != NULL && i < p->n_zones; i++)
		if (strcmp(p->zones[i], zone) == 0)
			return true;
	return false;
}

static bool
is_static(const struct conf *c, const char *zone)
{
	for (size_t i = 0; i < c->n_zones; i++)
		if (c->zones[i].is_static &&
		    strcmp(c->zones[i].name, zone) == 0)
			return true;
	return false;
}

/* One that left is ours where an alias leads there, as if it had never been in
 * the config. */
void
session_zones(const struct session *s, const struct conf_host *c,
    struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++) {
		struct owner *o = &h->own[i];

		o->is_static = is_static(&s->conf, o->zone);
		if (alias_is_base(o) || o->derived || o->left)
			o->foreign = o->zone[0] == 0 ||
			    !is_our_zone(c, h, o->zone) ||
			    (o->left && !left_is_led_to(h, o, s->now.elapsed));
	}
	alias_settle(h);
}

/* Is it in the config, was it, or does an alias lead there? */
static void
place_owner(const struct conf_host *c, const struct host *h, struct owner *o)
{
	o->left = false;
	if (alias_is_base(o)) {
		o->derived = !is_own_name(h, o);
		return;
	}
	if (is_meant(c, o->name, &o->foreign))
		o->named = true;
	else
		o->left = o->named;
	o->foreign = o->foreign || o->left;
	o->derived = !o->named;
}

/* Owners are those of the services, those of others, those that left and are
 * not over (left.h), and where aliases lead from these. */
static void
apply_owners(const struct session *s, const struct conf_host *c, struct host *h)
{
	char owner[TLSA_OWNER];

	for (size_t i = 0; i < c->n_services; i++) {
		tlsa_owner(c->services[i].port, c->name, owner);
		host_owner(h, owner, c->services[i].port);
	}
	for (size_t i = 0; i < c->n_owners; i++)
		host_owner(h, c->owners[i].name, c->owners[i].port);
	for (size_t i = h->n_own; i-- > 0;)
		place_owner(c, h, &h->own[i]);
	session_zones(s, c, h);
	alias_prune(h, &s->now);
	/* Nothing is known of what it served before: as at adoption. */
	for (size_t i = 0; i < h->n_own; i++)
		h->own[i].added = h->adopted_at != NEVER &&
		    h->own[i].n_auth == 0 && h->own[i].n_seen == 0;
}

static void
apply_conf(const struct session *s, const struct conf_host *c, struct host *h)
{
	bool any = false;

	h->policy = s->conf.policy;
	h->standby = c->standby;
	h->config_dir = c->config_dir == NULL ||
		strcmp(c->config_dir, POSTFIX_DEFAULT_DIR) == 0
	    ? NULL
	    : once(c->config_dir);
	memcpy(h->tlsa, c->tlsa, sizeof(h->tlsa));
	h->n_tlsa = c->n_tlsa;
	h->publishes = c->publisher != NULL &&
	    c->publisher->method == PUBLISH_NSUPDATE;
	for (int i = 0; i < SLOT_COUNT; i++) {
		h->slot[i].managed = c->keys_given && c->slot[i].managed;
		h->slot[i].kind = c->slot[i].managed ? c->slot[i].kind
						     : KIND_COUNT;
	}
	if (!c->keys_given)
		slots_in_use(h);
	for (int i = 0; i < SLOT_COUNT; i++)
		any = any || h->slot[i].managed;
	if (!any && h->adopted_at != NEVER)
		h->slot[SLOT_RSA] = (struct slot_want){ .managed = true,
			.kind = KIND_RSA_2048,
			.rollover_wall = h->slot[SLOT_RSA].rollover_wall };
	apply_owners(s, c, h);
}

static int
by_host(const void *host, const void *pause)
{
	return strcmp(host, ((const struct pause *)pause)->host);
}

const struct pause *
session_pause(const struct session *s, const char *host)
{
	return s->n_pause == 0
	    ? NULL
	    : bsearch(host, s->pause, s->n_pause, sizeof(*s->pause), by_host);
}

int
session_host(struct session *s, const struct conf_host *c,
    struct host *ret_host, struct err *e)
{
	host_init(ret_host, c->name);
	if (s->store != NULL && store_load(s->store, ret_host, e) < 0) {
		host_release(ret_host);
		return -1;
	}
	apply_conf(s, c, ret_host);
	if (session_pause(s, c->name) != NULL)
		ret_host->paused_until = session_pause(s, c->name)->until;
	return 0;
}

struct entry
session_entry(const struct session *s, const struct host *h,
    const struct key *k, enum entry_kind kind, const char *fmt, ...)
{
	struct entry en;
	va_list ap;

	memset(&en, 0, sizeof(en));
	en.wall = s->now.wall;
	en.elapsed = s->now.elapsed;
	if (h != NULL)
		text_fmt(en.host, sizeof(en.host), "%s", h->name);
	if (k != NULL) {
		en.has_key = true;
		en.key = k->id;
	}
	en.kind = kind;
	text_fmt(en.actor, sizeof(en.actor), "danesafe");
	va_start(ap, fmt);
	vsnprintf(en.text, sizeof(en.text), fmt, ap);
	va_end(ap);
	return en;
}

static int
unknown_host(const struct session *s, const char *name, struct err *e)
{
	const char **names = mem_array(s->conf.n_hosts + 1, sizeof(*names));
	const char *near;

	for (size_t i = 0; i < s->conf.n_hosts; i++)
		names[i] = s->conf.hosts[i].name;
	near = text_nearest(name, names, s->conf.n_hosts);
	if (near != NULL)
		err_set(e, ERR_USAGE, "no host '%s' in %s; did you mean '%s'?",
		    name, s->conf.path, near);
	else
		err_set(e, ERR_USAGE, "no host '%s' in %s", name, s->conf.path);
	free(names);
	return -1;
}

/* Is it among these? */
static bool
is_there(const struct conf_host *c, const struct conf_host **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == c)
			return true;
	return false;
}

int
session_select(const struct session *s, int n, char **names,
    const struct conf_host ***ret_hosts, size_t *ret_n, struct err *e)
{
	size_t count = n > 0 ? (size_t)n : s->conf.n_hosts;
	const struct conf_host **v = mem_array(count + 1, sizeof(*v)), *c;
	size_t n_v = 0;

	for (size_t i = 0; i < count; i++) {
		c = n > 0 ? conf_find(&s->conf, names[i]) : &s->conf.hosts[i];
		if (c == NULL) {
			free(v);
			return unknown_host(s, names[i], e);
		}
		/* One that is named twice is one: a pass would act for both. */
		if (n == 0 || !is_there(c, v, n_v))
			v[n_v++] = c;
	}
	*ret_hosts = v;
	*ret_n = n_v;
	return 0;
}
