/*
 * explore_pass.c - one pass of the agent: look, decide, at most one act.
 * Knows of the world what it was told.
 */
#include "explore.h"

#include "core/plan.h"
#include "core/record.h"
#include "core/renew.h"
#include "core/sighting.h"

static const struct now now = { .elapsed = NOW, .wall = 1000, .trusted = true };

static void
look_dns(const struct scene *in, struct host *h, enum flaw flaw)
{
	static struct glance g = { .ttl = TTL };
	struct owner *o = &h->own[0];

	for (unsigned a = 0; a < AUTHS; a++) {
		uint8_t answer = in->answer[a];

		g.look = answer == SILENT ? LOOK_SILENT : LOOK_SHOWN;
		g.set = answer == SILENT ? (struct tlsa_set){ .n = 0 }
					 : *era_set(answer);
		if (flaw == FLAW_SILENCE && g.look == LOOK_SILENT) {
			owner_find_authority(o, &AUTH[a])->fresh = false;
			continue; /* keeps its credit */
		}
		sighting_note(h, o, &AUTH[a], &g, &now);
	}
}

/* The sightings are not what they should be. */
static void
spoil(const struct mind *m, struct owner *o, enum flaw flaw)
{
	for (size_t i = 0; flaw == FLAW_TTL && i < o->n_seen; i++)
		o->seen[i].ttl = 0;
	for (size_t i = 0; flaw == FLAW_REGRESSION && i < o->n_seen; i++) {
		unsigned a = facts_authority(&o->seen[i].auth);
		unsigned v = facts_version(o->seen[i].set);

		if (m->known[a][v] && m->gone[a][v] != 0)
			o->seen[i].gone = NOW + 2 - m->gone[a][v];
	}
}

/* The file of the key is read. */
static void
look_certificate(const struct mind *m, struct host *h)
{
	if (!era_renews())
		return;
	renew_read(h, &h->key[0], era_chain_known(m->installed));
	h->key[0].next_ok = h->key[0].next_chain != 0;
	renew_prune(h);
}

static void
look_endpoints(const struct scene *in, struct host *h)
{
	for (unsigned e = 0; e < ENDPOINTS; e++) {
		struct endpoint *ep = &h->ep[e];
		uint8_t key = in->key[e];

		ep->fresh = true;
		ep->sweep = key == SILENT ? SWEEP_DOWN : SWEEP_SEEN;
		if (key == SILENT)
			continue;
		ep->n_seen = 1;
		ep->seen[0] = (struct presented){ *era_key(key), SLOT_ECDSA,
			era_chain_known(key) };
	}
	look_certificate(&in->mind, h);
	plan_note_sweep(h, &now);
}

/* The records are never set back, nor emptied: that asks nothing of anybody,
 * and is not played. */
static bool
change_records(struct mind *m, const struct host *h, const struct step *st)
{
	struct tlsa_set set;

	if (record_target(h, st->act, &h->key[st->key], era_set(m->version),
		&set) != TARGET_KNOWN)
		return false;
	for (unsigned v = m->version + 1u; v < era_sets(); v++)
		if (tlsa_set_eq(&set, era_set(v))) {
			m->version = (uint8_t)v;
			return true;
		}
	return false;
}

/* False when it would change nothing. */
static bool
do_act(struct mind *m, const struct host *h, const struct step *st)
{
	bool of_a = st->key >= 0 && era_number_of(&h->key[st->key].id) == A;

	switch (st->act) {
	case ACT_PUBLISH:
	case ACT_WITHDRAW:
		return change_records(m, h, st);
	case ACT_DEPLOY:
		m->installed = of_a && !era_renews() ? A : B;
		return true;
	case ACT_MAKE:
		return true;
	case ACT_NOTHING:
	case ACT_CERTIFY:
	case ACT_DESTROY:
	case ACT_COUNT:
		break;
	}
	return false;
}

/* The note of an act. */
static void
note(struct host *h, const struct step *st)
{
	struct key *k;

	if (st->act == ACT_MAKE) {
		k = host_key_add(h);
		k->id = *era_key(B);
		k->slot = SLOT_ECDSA;
		k->stage = STAGE_GENERATED;
		k->entered_at = now.elapsed;
		k->chain = era_chain_known(B);
		return;
	}
	if (st->act == ACT_DEPLOY)
		renew_done(h, &h->key[st->key]);
	plan_enter(h, &h->key[st->key], st->to, &now);
}

/* Stages change until something is to be done, or nothing more. */
static size_t
decide(const struct trial *t, struct host *h, struct step *st, size_t max)
{
	size_t n = 0;

	for (unsigned round = 0; round < 8; round++) {
		n = plan_by(t->table, t->rows, h, &now, st, max);
		if (n == 0 || st[0].act != ACT_NOTHING)
			break;
		plan_enter(h, &h->key[st[0].key], st[0].to, &now);
	}
	return n;
}

/* What was seen is kept before the act, as the agent does. */
struct outcome
pass(const struct trial *t, struct host *h, const struct scene *in)
{
	struct outcome out = { .mind = in->mind };
	struct step st[8];
	size_t n;

	facts_fill(&in->mind, h);
	look_dns(in, h, t->flaw);
	spoil(&in->mind, &h->own[0], t->flaw);
	look_endpoints(in, h);
	n = decide(t, h, st, 8);
	facts_keep(h, &out.mind);
	for (size_t i = 0; i < n && !out.acted; i++) {
		if (st[i].refused)
			out.refused++;
		if (st[i].refused && t->law)
			continue;
		out.acted = do_act(&out.mind, h, &st[i]);
		if (!out.acted)
			continue;
		out.dead = out.mind;
		note(h, &st[i]);
		facts_keep(h, &out.mind);
	}
	return out;
}
