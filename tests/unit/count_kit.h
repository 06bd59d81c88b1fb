/*
 * count_kit.h - counts what libldns is asked to verify: stands in front of the
 * one function that does it, and calls it.
 */
#ifndef TESTS_COUNT_KIT_H
#define TESTS_COUNT_KIT_H

#include <dlfcn.h>

#include "answer_kit.h"

static unsigned kit_checks; /* signatures */
static unsigned kit_tries;  /* each with each key that it was given */

ldns_status
ldns_verify_notime(ldns_rr_list *set, ldns_rr_list *sigs,
    const ldns_rr_list *keys, ldns_rr_list *good)
{
	ldns_status (*real)(ldns_rr_list *, ldns_rr_list *,
	    const ldns_rr_list *, ldns_rr_list *);

	*(void **)&real = dlsym(RTLD_NEXT, "ldns_verify_notime");
	ck_assert(real != NULL);
	__atomic_fetch_add(&kit_checks, (unsigned)ldns_rr_list_rr_count(sigs),
	    __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&kit_tries,
	    (unsigned)(ldns_rr_list_rr_count(sigs) *
		ldns_rr_list_rr_count(keys)),
	    __ATOMIC_SEQ_CST);
	return real(set, sigs, keys, good);
}

#endif
