/*
 * test_summary.c - the line that a pass left about a host is the one that
 * would be derived now, at any later moment, or it is not used.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cmd/metrics.h"
#include "cmd/summary.h"
#include "core/alias.h"
#include "edge/store_db.h"

static char top[256], folder[300];
static struct session s;
static struct conf_service service[2] = { { 25 }, { 465 } };
static struct conf_owner owner = { "_25._tcp.mx.customer.example.", 25, 0 };
static struct conf_host conf;
static struct host h;
static struct err e;

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/summary.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(folder, sizeof(folder), "%s/state", top);
	memset(&s, 0, sizeof(s));
	s.conf.policy = (struct policy){ .hold_factor = 2,
		.hold_floor = 3600,
		.client_slack = 900,
		.settle = 600 };
	conf = (struct conf_host){ .name = (char *)"mx1.example.org",
		.services = service,
		.n_services = 2,
		.owners = &owner,
		.n_owners = 1,
		.n_tlsa = 1,
		.tlsa = { { 3, 1, 1 } } };
	must(store_open(folder, STORE_WRITE, &s.store, &e));
}

static void
teardown(void)
{
	static const char *const names[] = { "state.db", "state.db-journal" };
	char path[400];

	store_free(s.store);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_int_eq(rmdir(top), 0);
}

static uint64_t seed;

/* 0 .. n - 1 */
static unsigned
dice(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static struct addr
address(unsigned last)
{
	const uint8_t ip[4] = { 192, 0, 2, (uint8_t)last };

	return addr_make(4, ip, 53);
}

static void
add_key(uint8_t id, enum stage stage)
{
	struct key *k = host_key_add(&h);

	memset(&k->id, id, sizeof(k->id));
	k->stage = stage;
	k->kind = KIND_RSA_2048;
	k->entered_at = 1000;
	k->cert_until = 5000000;
	k->installed = dice(2);
}

static int
some_set(void)
{
	struct tlsa_set set = { .n = 0 };
	struct tlsa r;

	if (dice(8) == 0)
		return host_alias(&h, owner.name);
	for (uint8_t id = 1; id <= 3; id++) {
		r = tlsa_of(&(struct spki){ { 0 } });
		memset(r.data, id, 32);
		if (dice(3) > 0)
			tlsa_set_add(&set, &r);
	}
	return host_set(&h, &set);
}

static void
add_sightings(struct owner *o)
{
	for (unsigned i = 0; i < 2; i++) {
		struct addr at = address(i + 1);
		struct authority *a = owner_authority(o, &at);
		unsigned n = 1 + dice(3);

		a->looked_at = 1000;
		a->look = LOOK_SHOWN;
		for (unsigned j = 0; j < n; j++) {
			int64_t gone = dice(3) == 0 ? NEVER : 100 + dice(9000);
			int set = some_set();

			for (size_t k = 0; k < o->n_seen; k++)
				if (o->seen[k].set == set)
					set = -1;
			if (set < 0)
				continue;
			o->seen = mem_room(o->seen, o->n_seen, &o->cap_seen,
			    sizeof(*o->seen));
			o->seen[o->n_seen++] = (struct sighting){ .auth = at,
				.set = set,
				.ttl = 3600,
				.first_seen = 50,
				.last_seen = 90,
				.gone = gone };
			a->set = set;
		}
		if (a->set < 0)
			a->look = LOOK_SILENT;
	}
}

static void
make(uint64_t from)
{
	struct addr at = address(25);
	char name[TLSA_OWNER];
	struct endpoint *ep;

	seed = from;
	host_init(&h, conf.name);
	h.adopted_at = 10;
	h.policy = s.conf.policy;
	add_key(1, dice(5) == 0 ? STAGE_RETIRING : STAGE_DEPLOYED);
	if (dice(2))
		add_key(2, dice(4) == 0 ? STAGE_DEPLOYED : STAGE_READY);
	for (unsigned i = 0; i < 2; i++)
		add_sightings(host_owner(&h,
		    tlsa_owner(service[i].port, conf.name, name),
		    service[i].port));
	if (dice(2))
		add_sightings(host_owner(&h, owner.name, 25));
	ep = host_endpoint(&h, dice(2), &at);
	ep->sweep = SWEEP_SEEN;
	if (dice(4) > 0) {
		ep->swept_at = 900;
		ep->seen[ep->n_seen++] = (struct presented){ h.key[0].id,
			SLOT_RSA, 0 };
	}
	alias_settle(&h);
}

static void
save(void)
{
	struct summary sum = summary_of(&s, &conf, &h);

	must(store_save_summed(s.store, &h, &sum, &e));
	free(sum.host);
}

/* Is the summary used now, and if so, is it right? */
static bool
used(int64_t elapsed)
{
	struct summaries all = { .v = NULL };
	const struct summary *sum;
	struct report r;
	char *line;
	bool yes;

	s.now = (struct now){ .elapsed = elapsed, .wall = 1000000 };
	must(summaries_read(&s, &all, &e));
	sum = summaries_find(&all, &conf, &s.now);
	yes = sum != NULL;
	if (yes) {
		must(report_load(&s, &conf, &r, &e));
		line = summary_line(&r);
		ck_assert_msg(r.match && r.level == LEVEL_QUIET,
		    "seed %llu: broken at %lld", (unsigned long long)seed,
		    (long long)elapsed);
		ck_assert_str_eq(sum->line, line);
		ck_assert_int_eq(sum->cert_until,
		    host_deployed(&r.host, SLOT_RSA) != NULL ? 5000000 : 0);
		free(line);
		report_release(&r);
	}
	summaries_release(&all);
	return yes;
}

START_TEST(a_line_is_what_would_be_derived_now)
{
	unsigned taken = 0, moments = 0;
	char name[100];

	conf.name = name;
	must(store_begin(s.store, &e)); /* for speed */
	for (uint64_t i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "mx%u.example.org", (unsigned)i);
		make(i);
		save();
		for (int64_t t = 1000; t < 22000; t += 1500) {
			taken += used(t);
			moments++;
		}
		host_release(&h);
	}
	must(store_end(s.store, 0, &e));
	/* neither always nor never, or this tells nothing */
	ck_assert_uint_gt(taken, moments / 10);
	ck_assert_uint_lt(taken, moments - moments / 10);
}
END_TEST

/* What only a pass knows, and the state does not. */
static void
soil(struct host *m)
{
	struct tlsa_set set = { .n = 0 };

	for (size_t i = 0; i < m->n_own; i++) {
		struct owner *o = &m->own[i];

		o->has_primary = dice(2);
		owner_set_primary(o, set);
		o->ns_differ = mem_dup("they differ");
		if (dice(2))
			o->blocked = "in the way";
		for (size_t j = 0; j < o->n_auth; j++) {
			o->auth[j].fresh = dice(2);
			o->auth[j].fell = dice(2);
		}
	}
	for (size_t i = 0; i < m->n_ep; i++)
		m->ep[i].fresh = dice(2);
	for (size_t i = 0; i < m->n_key; i++) {
		struct key *k = &m->key[i];

		k->stored = dice(2);
		k->lost = !k->stored;
		k->exposed = dice(2) ? 0644 : 0;
		k->installed = dice(2);
		k->cert_unread = dice(2);
		k->cert_issued = dice(2);
		k->cert_why = "it is of another";
	}
	if (dice(2))
		m->blocked = "Postfix is away";
	m->n_foreign = 1;
	m->foreign[0] = (struct presented){ { { 9 } }, SLOT_RSA, 0 };
}

static char *
metrics_of(const struct report *r)
{
	struct metrics *m = metrics_new();
	struct text t = TEXT_INIT;

	metrics_host(m, r, 3, &s.now);
	metrics_text(m, &t);
	metrics_free(m);
	return t.s;
}

/* The metrics of a pass are those that its state gives, but need no reading. */
START_TEST(a_host_that_a_pass_saved_is_as_the_state_has_it)
{
	char *taken, *loaded, name[100];
	struct report r;
	struct host m;

	conf.name = name;
	must(store_begin(s.store, &e));
	for (uint64_t i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "mx%u.example.org", (unsigned)i);
		make(i);
		save();
		host_release(&h);
		s.now = (struct now){ .elapsed = 1000, .wall = 1000000 };
		must(session_host(&s, &conf, &m, &e));
		soil(&m);
		must(report_take(&s, &conf, &m, &r, &e));
		ck_assert_uint_eq(m.n_own, 0);
		taken = metrics_of(&r);
		report_release(&r);
		must(report_load(&s, &conf, &r, &e));
		loaded = metrics_of(&r);
		report_release(&r);
		for (size_t at = 0; taken[at] != 0 || loaded[at] != 0; at++)
			ck_assert_msg(taken[at] == loaded[at],
			    "%s: \"%.80s\", not \"%.80s\"", name, taken + at,
			    loaded + at);
		free(taken);
		free(loaded);
	}
	must(store_end(s.store, 0, &e));
}
END_TEST

/* A host that is well, saved. */
static void
well(void)
{
	const struct tlsa_set none = { .n = 0 };

	seed = 1;
	host_init(&h, conf.name);
	h.adopted_at = 10;
	add_key(1, STAGE_DEPLOYED);
	host_set(&h, &none);
	save();
	ck_assert(used(1000));
}

static void
other_policy(void)
{
	s.conf.policy.hold_factor = 3;
}

static void
other_services(void)
{
	conf.n_services = 1;
}

static void
other_owners(void)
{
	conf.n_owners = 0;
}

static void
other_records(void)
{
	conf.tlsa[0].selector = 0;
}

static void
other_keys(void)
{
	conf.keys_given = true;
}

static void
save_otherwise(void)
{
	must(store_save(s.store, &h, &e));
}

static void
alarm_people(void)
{
	struct concern c = { .code = "law", .level = 1, .text = "x" };

	must(store_concerns_save(s.store, conf.name, &c, 1, &e));
}

static void
pause_it(void)
{
	const struct entry en = { .kind = ENTRY_WISH };
	struct pause p = { .since = 1, .until = 2, .reason = "x" };

	snprintf(p.host, sizeof(p.host), "%s", conf.name);
	must(store_pause(s.store, &p, &en, &e));
}

static void (*const CHANGE[])(void) = { other_policy, other_services,
	other_owners, other_records, other_keys, save_otherwise, alarm_people,
	pause_it };

START_TEST(after_any_change_it_is_derived_anew)
{
	well();
	CHANGE[_i]();
	ck_assert(!used(1000));
	host_release(&h);
}
END_TEST

START_TEST(a_note_that_nobody_is_told_of_changes_nothing)
{
	struct concern c = { .code = "unverified", .level = 0, .text = "x" };

	well();
	must(store_concerns_save(s.store, conf.name, &c, 1, &e));
	ck_assert(used(1000));
	host_release(&h);
}
END_TEST

/* A quiet one that is told of when it lasts: between two passes, too. */
START_TEST(a_note_that_may_grow_loud_is_looked_into)
{
	struct concern c = { .text = "x",
		.over_at = NEVER,
		.eta = NEVER,
		.quiet_until = NEVER };
	bool grows;

	for (int ch = 0; ch < CHANNEL_COUNT; ch++)
		c.told[ch].at = NEVER;
	snprintf(c.code, sizeof(c.code), "%s", code_name((enum code)_i));
	grows = code_level((enum code)_i, 400 * 86400, &s.conf.policy) !=
	    LEVEL_QUIET;
	well();
	must(store_concerns_save(s.store, conf.name, &c, 1, &e));
	ck_assert_msg(used(1000) == !grows, "%s", c.code);
	host_release(&h);
}
END_TEST

int
main(void)
{
	Suite *su = suite_create("summary");
	TCase *t = tcase_create("summary");
	SRunner *r = srunner_create(su);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_line_is_what_would_be_derived_now);
	tcase_add_test(t, a_host_that_a_pass_saved_is_as_the_state_has_it);
	tcase_add_loop_test(t, after_any_change_it_is_derived_anew, 0,
	    (int)(sizeof(CHANGE) / sizeof(CHANGE[0])));
	tcase_add_test(t, a_note_that_nobody_is_told_of_changes_nothing);
	tcase_add_loop_test(t, a_note_that_may_grow_loud_is_looked_into, 0,
	    CODE_COUNT);
	suite_add_tcase(su, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
