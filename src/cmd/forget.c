/*
 * forget.c - `danesafe forget`: an owner that was taken out of the config is
 * waited for no more, though nobody saw that its records are gone.  A person
 * only does this: for a zone that is gone for good.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/pass.h"
#include "core/alias.h"
#include "core/left.h"
#include "core/sighting.h"

struct wish {
	const char *host, *reason, *confirm;
	char owner[TLSA_OWNER]; /* lower case, final dot */
	bool asked;		/* a person was shown ... */
	struct text shown;	/* ... this, without its moments, and agreed */
};

/* As owners are kept: lower case, final dot. */
static void
read_name(const char *s, char name[TLSA_OWNER])
{
	size_t len = strlen(s);

	text_fmt(name, TLSA_OWNER, "%s%s", s,
	    len > 0 && s[len - 1] == '.' ? "" : ".");
	text_lower(name);
}

static int
parse(int argc, char **argv, struct wish *w)
{
	static const struct option longs[] = {
		{ "reason", required_argument, NULL, 'r' },
		{ "confirm", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	optind = 0; /* begin anew: main has used getopt too */
	while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (ch == 'r')
			w->reason = optarg;
		else if (ch == 'c')
			w->confirm = optarg;
		else
			return cmd_usage("forget", NULL);
	}
	if (argc - optind != 2)
		return cmd_usage("forget",
		    "a host and one of its owners must be named");
	if (w->reason == NULL || w->reason[0] == 0)
		return cmd_usage("forget",
		    "--reason is missing: it stays in the history");
	w->host = argv[optind];
	read_name(argv[optind + 1], w->owner);
	return 0;
}

static struct owner *
find(const struct host *h, const char *name)
{
	for (size_t i = 0; i < h->n_own; i++)
		if (strcmp(h->own[i].name, name) == 0)
			return &h->own[i];
	return NULL;
}

/* Which owners could be meant. */
static int
not_left(const struct host *h, const char *name, struct err *e)
{
	struct text t = TEXT_INIT;
	char shown[TLSA_OWNER];

	text_show(name, strlen(name), shown, sizeof(shown));
	for (size_t i = 0; i < h->n_own; i++)
		if (h->own[i].left)
			text_addf(&t, "%s %s", t.len > 0 ? "," : "",
			    h->own[i].name);
	if (find(h, name) != NULL)
		err_set(e, ERR_REFUSED,
		    "refused: %s is still an owner of %s; possible when it "
		    "is out of the config and no alias leads there",
		    shown, h->name);
	else if (t.len > 0)
		err_set(e, ERR_USAGE,
		    "%s has no owner %s; out of the config are%s", h->name,
		    shown, text_str(&t));
	else
		err_set(e, ERR_USAGE,
		    "%s has no owner %s, nor any that is out of the config",
		    h->name, shown);
	text_release(&t);
	return -1;
}

/* What anybody shows there now is not gone, and no word makes it so. */
static int
refuse_shown(const struct host *h, const struct owner *o, struct err *e)
{
	char at[ADDR_TEXT];

	for (size_t i = 0; i < o->n_auth; i++) {
		const struct authority *a = &o->auth[i];

		if (!a->fresh || a->set < 0 || left_is_nothing(h, a->set))
			continue;
		return err_set(e, ERR_REFUSED,
		    "refused: %s (%s) answers for %s, and has records there; "
		    "take them out of the DNS, then it ends by itself",
		    a->name, addr_ip(&a->addr, at), o->name);
	}
	return 0;
}

static bool
is_later(int64_t a, int64_t b)
{
	return b != NEVER && (a == NEVER || a > b);
}

/* Until when caches may hold this set, whoever served it; 0: none can. */
static int64_t
held_until(const struct host *h, const struct owner *o, int set,
    int64_t elapsed)
{
	int64_t until = 0, at;

	for (size_t i = 0; i < o->n_seen; i++) {
		if (o->seen[i].set != set ||
		    !sighting_living(h, &o->seen[i], elapsed))
			continue;
		at = sighting_horizon(h, &o->seen[i]);
		if (is_later(at, until))
			until = at;
	}
	return until;
}

/* A moment, of `elapsed`; none without `now`. */
static void
add_until(struct text *t, int64_t until, const struct now *now)
{
	char when[32];

	if (now == NULL)
		return;
	text_addf(t, " until %s",
	    when_minute(now->wall + (time_t)(until - now->elapsed), when));
}

/* What a sender could still hold. */
static void
add_held(struct text *t, const struct host *h, const struct owner *o,
    int64_t elapsed, const struct now *now)
{
	size_t before = t->len;
	char buf[TLSA_TEXT];

	for (size_t i = 0; i < h->n_set; i++) {
		int64_t until = held_until(h, o, (int)i, elapsed);

		if (until == 0 || left_is_nothing(h, (int)i))
			continue;
		if (until == NEVER)
			text_add(t, "  served now, for all that is known:\n");
		else {
			text_add(t, "  in caches");
			add_until(t, until, now);
			text_add(t, ":\n");
		}
		if (alias_target(h, (int)i) != NULL)
			text_addf(t, "    an alias of %s\n",
			    alias_target(h, (int)i));
		for (unsigned j = 0; j < h->set[i]->n; j++)
			text_addf(t, "    IN TLSA %s\n",
			    tlsa_str(&h->set[i]->rr[j], buf));
	}
	if (t->len == before)
		text_add(t, "  nothing that is known of\n");
}

/* Did anybody answer in this look, for any of its owners? */
static bool
is_anybody_heard(const struct host *h)
{
	for (size_t i = 0; i < h->n_own; i++)
		for (size_t j = 0; j < h->own[i].n_auth; j++)
			if (h->own[i].auth[j].fresh &&
			    h->own[i].auth[j].look != LOOK_SILENT)
				return true;
	return false;
}

/*
 * What goes, and what that risks; without moments (now NULL) it is the same as
 * long as nothing else was seen.  A network that is down looks like a zone that
 * is gone.
 */
static void
add_risk(struct text *t, struct host *h, const struct owner *o, int64_t elapsed,
    const struct now *now)
{
	bool *with = mem_array(h->n_own, sizeof(*with));

	left_takes(h, o, with);
	text_addf(t, "forgetting %s, of which senders may hold:\n", o->name);
	add_held(t, h, o, elapsed, now);
	for (size_t i = 0; i < h->n_own; i++) {
		if (!with[i])
			continue;
		text_addf(t,
		    "and with it %s, where no other alias leads, of which "
		    "senders may hold:\n",
		    h->own[i].name);
		add_held(t, h, &h->own[i], elapsed, now);
	}
	free(with);
	if (!is_anybody_heard(h))
		text_addf(t,
		    "  and no name server of any owner of %s answers now: "
		    "see first whether this machine reaches the DNS\n",
		    h->name);
	text_addf(t,
	    "  risk: from the next key on that these do not match, senders "
	    "that find them defer mail to %s, for as long as they do.  "
	    "Nothing looks there any more, so nothing will say so.  Put "
	    "back into the config, it joins as one that was never seen.\n",
	    h->name);
}

static int
confirm(const struct owner *o, const struct wish *w, struct err *e)
{
	char answer[TLSA_OWNER] = "", name[TLSA_OWNER];

	if (w->confirm != NULL)
		text_fmt(answer, sizeof(answer), "%s", w->confirm);
	else if (!isatty(STDIN_FILENO))
		return err_set(e, ERR_REFUSED,
		    "refused: --confirm %s is needed where nobody can be asked",
		    o->name);
	else {
		printf("Type the name (%s) to go on: ", o->name);
		fflush(stdout);
		if (fgets(answer, sizeof(answer), stdin) == NULL)
			answer[0] = 0;
		answer[strcspn(answer, "\n")] = 0;
	}
	read_name(answer, name);
	if (strcmp(name, o->name) != 0)
		return err_set(e, ERR_REFUSED,
		    "refused: that is not the name %s; nothing was done",
		    o->name);
	return 0;
}

/* With its audit row, in one transaction. */
static int
drop(struct session *s, struct host *h, struct owner *o, const struct wish *w,
    struct err *e)
{
	bool *with = mem_array(h->n_own, sizeof(*with));
	struct text also = TEXT_INIT;
	struct entry en;

	left_takes(h, o, with);
	for (size_t i = 0; i < h->n_own; i++)
		if (with[i])
			text_addf(&also, "%s%s",
			    also.len > 0 ? ", " : ", and with it ",
			    h->own[i].name);
	en = session_entry(s, h, NULL, ENTRY_FORCE,
	    "%.400s: forgot %s, out of the config%.300s, without having seen "
	    "that its records are gone",
	    w->reason, o->name, text_str(&also));
	cmd_actor(en.actor, sizeof(en.actor));
	host_drop_owner(h, (size_t)(o - h->own));
	alias_settle(h);
	text_release(&also);
	free(with);
	return store_save_journal(s->store, h, &en, 1, e);
}

static int
weigh(const struct host *h, const struct owner *o, const struct now *now,
    struct err *e)
{
	if (!o->left || left_is_led_to(h, o, now->elapsed))
		return err_set(e, ERR_REFUSED,
		    "refused: an alias leads to %s, or may in caches; "
		    "possible when that is over",
		    o->name);
	return refuse_shown(h, o, e);
}

/* Looks at the host; *ret_owner NULL: by this look it is over.  May it be
 * forgotten? */
static int
view(struct pass *p, const struct wish *w, struct owner **ret_owner,
    struct err *e)
{
	const struct conf_host **hosts = NULL;
	struct host *h;
	struct owner *o;
	size_t n;
	int rc = -1;

	if (session_select(p->s, 1, (char *[]){ (char *)w->host }, &hosts, &n,
		e) < 0 ||
	    pass_begin(p, hosts, n, e) < 0)
		goto out;
	h = &p->v[0].host;
	o = find(h, w->owner);
	if (o == NULL || !o->left) {
		not_left(h, w->owner, e);
		goto out;
	}
	if (pass_look(p, true, e) < 0)
		goto out;
	*ret_owner = find(h, w->owner);
	rc = *ret_owner == NULL ? 0 : weigh(h, *ret_owner, &p->s->now, e);
out:
	free(hosts);
	return rc;
}

static void
say(struct host *h, const struct owner *o, const struct now *now)
{
	struct text t = TEXT_INIT;

	add_risk(&t, h, o, now->elapsed, now);
	fputs(text_str(&t), stdout);
	text_release(&t);
}

/* A person takes long to read: nobody else has to wait for that. */
static int
ask(struct pass *p, struct wish *w, struct err *e)
{
	struct owner *o;

	if (view(p, w, &o, e) < 0)
		return -1;
	w->asked = true;
	if (o == NULL)
		return 0;
	say(&p->v[0].host, o, &p->s->now);
	add_risk(&w->shown, &p->v[0].host, o, p->s->now.elapsed, NULL);
	return confirm(o, w, e);
}

static int
agree(struct pass *p, const struct owner *o, const struct wish *w,
    struct err *e)
{
	struct host *h = &p->v[0].host;
	struct text t = TEXT_INIT;
	int rc = 0;

	if (!w->asked) {
		say(h, o, &p->s->now);
		return confirm(o, w, e);
	}
	add_risk(&t, h, o, p->s->now.elapsed, NULL);
	if (strcmp(text_str(&t), text_str(&w->shown)) != 0)
		rc = err_set(e, ERR_REFUSED,
		    "refused: what senders may hold of %s is not what was "
		    "shown any more; nothing was done, give the command again",
		    o->name);
	text_release(&t);
	return rc;
}

static int
forget(struct pass *p, const struct wish *w, struct err *e)
{
	struct owner *o;
	struct host *h;

	if (view(p, w, &o, e) < 0)
		return -1;
	h = &p->v[0].host;
	if (o == NULL) {
		if (store_save(p->s->store, h, e) < 0)
			return -1;
		printf("%s: %s is over: no sender can meet records there any "
		       "more\n",
		    h->name, w->owner);
		return 0;
	}
	if (agree(p, o, w, e) < 0 || drop(p->s, h, o, w, e) < 0)
		return -1;
	printf("%s: %s is forgotten\n", h->name, w->owner);
	return 0;
}

int
cmd_forget(const struct cmd *c, int argc, char **argv)
{
	struct wish w = { .host = NULL };
	struct session s;
	struct pass p = { .s = &s };
	struct err e;
	int rc = parse(argc, argv, &w);

	if (rc != 0)
		return rc;
	if (w.confirm == NULL) {
		p.dry = true;
		if (session_open(&s, c, SESSION_DRY, &e) < 0)
			return cmd_fail(&e);
		rc = ask(&p, &w, &e);
		pass_release(&p);
		rc = session_end(&s, rc, &e);
		p = (struct pass){ .s = &s };
	}
	if (rc == 0 && session_open(&s, c, SESSION_WRITE, &e) < 0)
		rc = cmd_fail(&e);
	else if (rc == 0) {
		rc = forget(&p, &w, &e);
		pass_release(&p);
		rc = session_end(&s, rc, &e);
	}
	text_release(&w.shown);
	return rc;
}
