/*
 * count_kit.h - counts what is asked to be verified, of libldns and of OpenSSL
 * (ssl_curve.c): stands in front of the function that does it, and calls it.
 */
#ifndef TESTS_COUNT_KIT_H
#define TESTS_COUNT_KIT_H

#include <dlfcn.h>
#include <openssl/evp.h>

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

int
EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sig, size_t n,
    const unsigned char *data, size_t len)
{
	EVP_PKEY *pkey = EVP_PKEY_CTX_get0_pkey(EVP_MD_CTX_get_pkey_ctx(ctx));
	int (*real)(EVP_MD_CTX *, const unsigned char *, size_t,
	    const unsigned char *, size_t);

	*(void **)&real = dlsym(RTLD_NEXT, "EVP_DigestVerify");
	ck_assert(real != NULL);
	if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_EC) {
		__atomic_fetch_add(&kit_checks, 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&kit_tries, 1, __ATOMIC_SEQ_CST);
	}
	return real(ctx, sig, n, data, len);
}

#endif
