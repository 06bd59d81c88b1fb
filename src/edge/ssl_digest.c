/*
 * ssl_digest.c - SHA-256 (OpenSSL), which uses what the processor has for it.
 */
#include "edge/ssl_digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/mem.h"

struct digest {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	bool good;
};

struct digest *
digest_new(void)
{
	struct digest *d = mem_new(sizeof(*d));

	d->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->ctx = EVP_MD_CTX_new();
	return d;
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->ctx);
	EVP_MD_free(d->md);
	free(d);
}

void
digest_begin(struct digest *d)
{
	d->good = d->md != NULL && d->ctx != NULL &&
	    EVP_DigestInit_ex2(d->ctx, d->md, NULL) == 1;
}

void
digest_put(struct digest *d, const void *p, size_t len)
{
	d->good = d->good && EVP_DigestUpdate(d->ctx, p, len) == 1;
}

bool
digest_end(struct digest *d, uint8_t ret[DIGEST_BYTES])
{
	return d->good && EVP_DigestFinal_ex(d->ctx, ret, NULL) == 1;
}

bool
digest_whole(struct digest *d, const void *p, size_t len,
    uint8_t ret[DIGEST_BYTES])
{
	digest_begin(d);
	digest_put(d, p, len);
	return digest_end(d, ret);
}
