/*
 * cert_cover.c - what records can name of certificates that are sent, and the
 * path between them.  Trusts none of them, and judges no record.
 */
#include "edge/cert.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "edge/ssl.h"

/* Takes over `der`. */
static int
digest(unsigned char *der, int len, struct cover_der *ret, struct err *e)
{
	int ok = len > 0 &&
	    EVP_Digest(der, (size_t)len, ret->sha256, NULL, EVP_sha256(),
		NULL) == 1 &&
	    EVP_Digest(der, (size_t)len, ret->sha512, NULL, EVP_sha512(),
		NULL) == 1;
	char why[128];

	ret->len = TLSA_FOLDED;
	if (ok && len <= TLSA_DATA) {
		ret->len = (uint8_t)len;
		memcpy(ret->data, der, (size_t)len);
	}
	OPENSSL_free(der);
	if (!ok)
		return err_set(e, ERR_BUG,
		    "no TLSA data can be made of the certificate: %s",
		    ssl_why(why, sizeof(why)));
	return 0;
}

/* The key as its bytes stand there, whatever its algorithm. */
static int
digests(X509 *x, struct cover_cert *ret, struct err *e)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);

	if (digest(der, len, &ret->by[0], e) < 0)
		return -1;
	der = NULL;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	return digest(der, len, &ret->by[1], e);
}

static bool
valid_at(X509 *x, time_t now)
{
	/* 0: cannot be read.  At the very end it is over, as senders see it. */
	return X509_cmp_time(X509_get0_notBefore(x), &now) < 0 &&
	    X509_cmp_time(X509_get0_notAfter(x), &now) > 0;
}

static bool
has_names(X509 *x, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (X509_check_host(x, names[i], strlen(names[i]),
			X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) != 1)
			return false;
	return true;
}

/* ---- the path ---- */

/* That the end of the path is nobody we trust; and dates, judged apart. */
static bool
is_no_matter(int error)
{
	switch (error) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return true;
	default:
		return false;
	}
}

/* Goes on, and keeps in mind up to where all was well. */
static int
on_error(int ok, X509_STORE_CTX *ctx)
{
	int *end = X509_STORE_CTX_get_app_data(ctx);
	int error = X509_STORE_CTX_get_error(ctx);
	int depth = X509_STORE_CTX_get_error_depth(ctx);

	if (ok || is_no_matter(error))
		return 1;
	/* Found at the one that is signed: what is wrong is the next step. */
	if (error == X509_V_ERR_CERT_SIGNATURE_FAILURE)
		depth++;
	if (depth < *end)
		*end = depth;
	return 1;
}

/* Where it stands among what was sent; once, though it be sent twice. */
static unsigned
place(X509 *x, const STACK_OF(X509) * sent)
{
	int i = 0;

	while (i < sk_X509_num(sent) && sk_X509_value(sent, i) != x)
		i++;
	return (unsigned)i;
}

/* Marks what the path that OpenSSL found goes through, before `end`. */
static void
mark(const STACK_OF(X509) * path, int end, const STACK_OF(X509) * sent,
    time_t now, struct cover_chain *c)
{
	bool valid = true;

	for (int i = 0; i < sk_X509_num(path) && i < end; i++) {
		X509 *x = sk_X509_value(path, i);
		unsigned at = place(x, sent);

		if (at == c->n)
			break;
		valid = valid && valid_at(x, now);
		c->path_ok[at] = true;
		c->dates_ok[at] = valid;
	}
}

static int
find_path(STACK_OF(X509) * sent, time_t now, struct cover_chain *c,
    struct err *e)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE *nobody = X509_STORE_new();
	int end = COVER_CHAIN, rc = -1;

	if (ctx == NULL || nobody == NULL ||
	    X509_STORE_CTX_init(ctx, nobody, sk_X509_value(sent, 0), sent) !=
		1 ||
	    X509_STORE_CTX_set_default(ctx, "ssl_server") != 1) {
		err_set(e, ERR_BUG, "the certificates cannot be looked at");
		goto out;
	}
	X509_STORE_CTX_set_time(ctx, 0, now);
	X509_STORE_CTX_set_app_data(ctx, &end);
	X509_STORE_CTX_set_verify_cb(ctx, on_error);
	/* Not to the end: there is a key, say, that OpenSSL cannot read. */
	if (X509_verify_cert(ctx) == 1)
		mark(X509_STORE_CTX_get0_chain(ctx), end, sent, now, c);
	rc = 0;
out:
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(nobody);
	return rc;
}

int
ssl_cover(const STACK_OF(X509) * sent, const char *const *names, size_t n_names,
    time_t now, struct cover_chain *ret_chain, struct err *e)
{
	STACK_OF(X509) *first = sk_X509_new_null();
	struct cover_chain c;
	int rc = 0;

	memset(&c, 0, sizeof(c));
	for (int i = 0; rc == 0 && i < sk_X509_num(sent) && i < COVER_CHAIN;
	     i++) {
		X509 *x = sk_X509_value(sent, i);

		rc = digests(x, &c.cert[c.n++], e);
		if (rc == 0 && sk_X509_push(first, x) <= 0)
			rc = err_set(e, ERR_BUG, "no list of certificates");
	}
	if (rc == 0 && c.n > 0) {
		c.names_ok = has_names(sk_X509_value(first, 0), names, n_names);
		rc = find_path(first, now, &c, e);
	}
	sk_X509_free(first);
	ERR_clear_error();
	if (rc == 0)
		*ret_chain = c;
	return rc;
}
