/*
 * stranger.c - records beside those of the host's keys.  Only names them.
 */
#include <string.h>

#include "base/text.h"
#include "cmd/report.h"
#include "core/record.h"

void
report_strangers(const struct host *h, const struct owner *o,
    struct tlsa_set *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < o->n_auth; i++) {
		const struct tlsa_set *set;

		if (o->auth[i].look != LOOK_SHOWN)
			continue;
		set = h->set[o->auth[i].set];
		for (unsigned j = 0; j < set->n; j++)
			if (record_key(h, &set->rr[j]) == NULL)
				tlsa_set_add(ret, &set->rr[j]);
	}
}

const char *
report_stranger(const struct owner *o, const struct tlsa *r,
    char buf[REPORT_STRANGER])
{
	char rr[TLSA_TEXT];

	return text_fmt(buf, REPORT_STRANGER, "%s also has %s", o->name,
	    tlsa_str(r, rr));
}

bool
report_is_told(const struct report *r, const struct owner *o,
    const struct tlsa *rr)
{
	char said[REPORT_STRANGER];
	size_t len = strlen(report_stranger(o, rr, said));

	for (size_t i = 0; i < r->n_concern; i++)
		if (strncmp(r->concern[i].text, said, len) == 0)
			return true;
	return false;
}

const char *
report_unused(const struct tlsa *r)
{
	if (!cover_unusable(r))
		return NULL;
	if (r->usage == 0 || r->usage == 1)
		return "its usage wants a CA that both sides trust";
	if (r->usage > 3)
		return "its usage is unknown";
	if (r->selector > 1)
		return "its selector is unknown";
	if (r->mtype > 2)
		return "its matching type is unknown";
	return "its digest has the wrong length";
}
