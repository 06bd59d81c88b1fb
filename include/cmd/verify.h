/*
 * verify.h - what a DANE sender would conclude about a host now; for the
 * verify*.c files.
 */
#ifndef CMD_VERIFY_H
#define CMD_VERIFY_H

#include "core/host.h"
#include "edge/serve.h"

/* Exit codes fit for monitoring (Nagios plugins). */
enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_CRITICAL, VERDICT_UNKNOWN };

#define VERIFY_PROBES (2 * OFFER_COUNT) /* each offer, with SNI and without */

/* One host as it was found, and what follows. */
struct verified_host {
	struct host host;
	struct probe *probe; /* VERIFY_PROBES an endpoint, in order */
	enum verdict verdict;
	char summary[400];
};

const char *verdict_name(enum verdict v);
bool verdict_worse(enum verdict a, enum verdict b); /* a than b */

/* One authority's answer, as the resolver of a sender would take it. */
enum verdict verify_authority(const struct authority *a);

/*
 * One probe against all that one authority of an owner answered: would a
 * sender that holds this answer deliver?  *ret_why (may be NULL): a phrase,
 * when not OK.
 */
enum verdict verify_pair(const struct host *h, const struct owner *o,
    const struct authority *a, const struct probe *p, const char **ret_why);

/* The worst of a probe against every authority of its owner and of those that
 * aliases lead to from there; how many of how many would be content. */
enum verdict verify_probe(const struct host *h, unsigned owner,
    const struct probe *p, unsigned *ret_content, unsigned *ret_all);

/* Fills verdict and summary. */
void verify_judge(struct verified_host *v);

/* One host for people, on standard output (verify_text.c). */
void verify_print(const struct verified_host *v);

/* One object on standard output (verify_json.c); -1 when it cannot be. */
int verify_json(const struct verified_host *v, size_t n);

#endif
