/*
 * ssl_curve.c - ECDSA on P-256 (OpenSSL), for the signatures that are many.
 * The key is taken apart once.
 */
#include "edge/ssl_curve.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#define HALF (CURVE_BYTES / 2)

/* An EVP_PKEY by its own name. */
static EVP_PKEY *
pkey_of(const struct curve_key *k)
{
	return (EVP_PKEY *)(uintptr_t)k;
}

struct curve_key *
curve_key_new(const uint8_t xy[CURVE_BYTES])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	uint8_t point[1 + CURVE_BYTES] = { 4 };
	char group[] = "prime256v1";
	OSSL_PARAM what[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
		    group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
		    point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *pkey = NULL;

	memcpy(point + 1, xy, CURVE_BYTES);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, what) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return (struct curve_key *)pkey;
}

void
curve_key_free(struct curve_key *k)
{
	EVP_PKEY_free((EVP_PKEY *)k);
}

/* An INTEGER of DER, never negative, without zeros that say nothing. */
static uint8_t *
put_integer(uint8_t *p, const uint8_t *n)
{
	size_t len = HALF;

	while (len > 1 && *n == 0) {
		n++;
		len--;
	}
	*p++ = 2;
	*p++ = (uint8_t)(len + (*n >> 7));
	if (*n >> 7)
		*p++ = 0;
	memcpy(p, n, len);
	return p + len;
}

bool
curve_holds(const struct curve_key *k, const uint8_t rs[CURVE_BYTES],
    const uint8_t digest[DIGEST_BYTES])
{
	uint8_t der[2 + 2 * (3 + HALF)], *end;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey_of(k), NULL);
	bool good;

	end = put_integer(put_integer(der + 2, rs), rs + HALF);
	der[0] = 0x30;
	der[1] = (uint8_t)(end - der - 2);
	good = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
	    EVP_PKEY_verify(ctx, der, (size_t)(end - der), digest,
		DIGEST_BYTES) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (!good)
		ERR_clear_error();
	return good;
}
