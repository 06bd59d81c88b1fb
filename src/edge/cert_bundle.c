/*
 * cert_bundle.c - certificates as an issuer sends them: read whole, and judged
 * before they are kept.  Writes nothing.
 */
#include "edge/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "edge/ssl.h"

#define MARGIN 86400	  /* a certificate that ends sooner is not taken */
#define SECURITY_BITS 112 /* what OpenSSL asks for at its second level */

const char *
cert_tag(const struct cover_chain *c, char buf[9])
{
	uint8_t der[COVER_CHAIN * 32];
	struct spki digest = { { 0 } };

	for (unsigned i = 0; i < c->n; i++)
		memcpy(der + 32 * i, c->cert[i].by[0].sha256, 32);
	EVP_Digest(der, 32 * c->n, digest.sha256, NULL, EVP_sha256(), NULL);
	return spki_id(&digest, buf);
}

/* Senders refuse what is signed by SHA-1, say; of a root nobody looks at the
 * signature. */
static int
check_strength(const char *path, X509 *x, unsigned nth, struct err *e)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	bool root = X509_self_signed(x, 0) == 1;
	int bits = 0;

	if (key == NULL || EVP_PKEY_get_security_bits(key) < SECURITY_BITS)
		return err_set(e, ERR_CONFIG,
		    "%s: the key of certificate %u is too weak: senders "
		    "refuse it",
		    path, nth);
	if (!root &&
	    (X509_get_signature_info(x, NULL, NULL, &bits, NULL) != 1 ||
		bits < SECURITY_BITS))
		return err_set(e, ERR_CONFIG,
		    "%s: the signature of certificate %u is too weak (SHA-1?): "
		    "senders refuse it",
		    path, nth);
	return 0;
}

/* Each of them, the way it was sent and nothing else. */
static int
copy_all(const char *path, const char *pem, size_t len, BIO *out, struct err *e)
{
	BIO *in = BIO_new_mem_buf(pem, (int)len);
	unsigned n = 0;
	X509 *x;
	int rc = 0;

	while (rc == 0 && in != NULL &&
	    (x = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
		rc = check_strength(path, x, ++n, e);
		if (rc == 0 && PEM_write_bio_X509(out, x) != 1)
			rc = err_set(e, ERR_BUG, "%s: cannot be copied", path);
		X509_free(x);
	}
	BIO_free(in);
	ERR_clear_error();
	if (rc == 0 && n > COVER_CHAIN)
		rc = err_set(e, ERR_CONFIG,
		    "%s: holds %u certificates; %d are the most that count",
		    path, n, COVER_CHAIN);
	return rc;
}

static int
read_copy(const char *path, struct cert_bundle *b, struct err *e)
{
	size_t len;
	char *pem = ssl_read_pem(path, &len, e), *copy;
	BIO *out = BIO_new(BIO_s_mem());
	int rc = -1;

	if (pem == NULL || out == NULL)
		goto out;
	if (strstr(pem, "PRIVATE KEY-----") != NULL) {
		err_set(e, ERR_CONFIG,
		    "%s: holds a private key, which belongs in no file beside "
		    "danesafe's own: give the certificates alone",
		    path);
		goto out;
	}
	if (copy_all(path, pem, len, out, e) < 0)
		goto out;
	b->len = (size_t)BIO_get_mem_data(out, &copy);
	b->pem = mem_fmt("%.*s", (int)b->len, copy);
	rc = 0;
out:
	if (pem != NULL)
		OPENSSL_cleanse(pem, len);
	free(pem);
	BIO_free(out);
	return rc;
}

/* What order and dates alone do not say: may each issue the one before? */
static int
check_path(const char *path, const struct cover_chain *c, struct err *e)
{
	for (unsigned i = 0; i < c->n; i++)
		if (!c->path_ok[i] || !c->dates_ok[i])
			return err_set(e, ERR_CONFIG,
			    "%s: certificate %u may not issue the one before "
			    "it: it is no CA's, or its limits are exceeded",
			    path, i + 1);
	return 0;
}

int
cert_bundle_read(const char *path, struct cert_bundle *ret, struct err *e)
{
	struct cert_bundle b = { .pem = NULL };

	if (cert_read(path, &b.info, e) < 0 || read_copy(path, &b, e) < 0)
		return -1;
	*ret = b;
	return 0;
}

void
cert_bundle_release(struct cert_bundle *b)
{
	free(b->pem);
	b->pem = NULL;
}

int
cert_bundle_check(const char *path, const struct spki *key,
    const char *const *names, size_t n_names, time_t now,
    struct cover_chain *ret_chain, struct err *e)
{
	struct cert_info info;
	struct cover_chain c;
	char when[32];

	if (cert_read(path, &info, e) < 0 ||
	    cert_chain_check(path, key, now, e) < 0 ||
	    cert_check(path, key, names, n_names, now, e) < 0)
		return -1;
	if (info.self_signed)
		return err_set(e, ERR_CONFIG,
		    "%s: the certificate is self-signed: it comes from no "
		    "issuer",
		    path);
	if (info.not_after < now + MARGIN)
		return err_set(e, ERR_CONFIG,
		    "%s: the certificate ends %s: get one that lasts", path,
		    when_minute(info.not_after, when));
	if (cert_cover(path, names, n_names, now, &c, e) < 0 ||
	    check_path(path, &c, e) < 0)
		return -1;
	*ret_chain = c;
	return 0;
}
