/*
 * count_kit.h - counts what is asked to be verified, of libldns and of OpenSSL
 * (ssl_curve.c): stands in front of the function that does it, and calls it.
 */
#ifndef TESTS_COUNT_KIT_H
#define TESTS_COUNT_KIT_H

#include <dlfcn.h>
#include <openssl/evp.h>

#include "answer_kit.h"

static unsigned kit_checks;	      /* signatures */
static unsigned kit_tries;	      /* each with each key that it was given */
static _Thread_local bool kit_inside; /* libldns asks OpenSSL, too */

ldns_status
ldns_verify_notime(ldns_rr_list *set, ldns_rr_list *sigs,
    const ldns_rr_list *keys, ldns_rr_list *good)
{
	ldns_status (*real)(ldns_rr_list *, ldns_rr_list *,
	    const ldns_rr_list *, ldns_rr_list *);
	ldns_status status;

	*(void **)&real = dlsym(RTLD_NEXT, "ldns_verify_notime");
	ck_assert(real != NULL);
	__atomic_fetch_add(&kit_checks, (unsigned)ldns_rr_list_rr_count(sigs),
	    __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&kit_tries,
	    (unsigned)(ldns_rr_list_rr_count(sigs) *
		ldns_rr_list_rr_count(keys)),
	    __ATOMIC_SEQ_CST);
	kit_inside = true;
	status = real(set, sigs, keys, good);
	kit_inside = false;
	return status;
}

int
EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const unsigned char *sig, size_t n,
    const unsigned char *digest, size_t len)
{
	int (*real)(EVP_PKEY_CTX *, const unsigned char *, size_t,
	    const unsigned char *, size_t);

	*(void **)&real = dlsym(RTLD_NEXT, "EVP_PKEY_verify");
	ck_assert(real != NULL);
	__atomic_fetch_add(&kit_checks, !kit_inside, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&kit_tries, !kit_inside, __ATOMIC_SEQ_CST);
	return real(ctx, sig, n, digest, len);
}

#endif
