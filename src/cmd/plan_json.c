/*
 * plan_json.c - the plan as one JSON object (jansson), "danesafe.plan/1".
 * Additive only; every field is always there (null, not missing).
 */
#include <jansson.h>
#include <stdio.h>

#include "base/when.h"
#include "cmd/forecast.h"

static json_t *
step_json(const struct forecast_step *s)
{
	char when[32], id[9], say[100];

	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:s, s:s}", "at",
	    when_rfc3339(s->at, when), "host", s->host, "key",
	    s->made == 0 ? json_string(spki_id(&s->key, id)) : json_null(),
	    "slot", slot_name(s->slot), "act",
	    s->cert_ends ? "nothing" : act_name(s->act), "from",
	    s->from == STAGE_NONE ? json_null()
				  : json_string(stage_name(s->from)),
	    "made", s->made == 0 ? json_null() : json_integer(s->made), "to",
	    stage_name(s->to), "text", forecast_say(s, say, sizeof(say)));
}

int
forecast_json(const struct session *s, const struct forecast *f, time_t until,
    struct err *e)
{
	json_t *steps = json_array(), *top;
	char now[32], end[32];
	int rc;

	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(steps, step_json(&f->v[i]));
	top = json_pack("{s:s, s:s, s:s, s:o}", "format", "danesafe.plan/1",
	    "generated_at", when_rfc3339(s->now.wall, now), "until",
	    when_rfc3339(until, end), "steps", steps);
	if (top == NULL)
		return err_set(e, ERR_BUG, "the plan could not be put as JSON");
	rc = json_dumpf(top, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(top);
	return rc < 0 ? err_set(e, ERR_IO, "standard output: cannot write") : 0;
}
