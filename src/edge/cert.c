/*
 * cert.c - certificates and requests: made as `postfix tls` makes them.  Reads
 * none but its own.
 */
#include "edge/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "edge/ssl.h"

#define DAYS 36525 /* as postfix tls */
#define CN_MAX 64  /* ub-common-name, RFC 5280 */

/* By hand: a name never goes through a config language. */
static GENERAL_NAMES *
dns_names(const char *const *names, size_t n)
{
	GENERAL_NAMES *sans = sk_GENERAL_NAME_new_null();
	int ok = sans != NULL;

	for (size_t i = 0; ok && i < n; i++) {
		GENERAL_NAME *g = GENERAL_NAME_new();
		ASN1_IA5STRING *s = ASN1_IA5STRING_new();

		ok = g != NULL && s != NULL &&
		    ASN1_STRING_set(s, names[i], -1) == 1;
		if (ok) {
			GENERAL_NAME_set0_value(g, GEN_DNS, s);
			s = NULL;
			ok = sk_GENERAL_NAME_push(sans, g) > 0;
			if (ok)
				g = NULL;
		}
		ASN1_IA5STRING_free(s);
		GENERAL_NAME_free(g);
	}
	if (ok)
		return sans;
	sk_GENERAL_NAME_pop_free(sans, GENERAL_NAME_free);
	return NULL;
}

static int
set_serial(X509 *x)
{
	unsigned char raw[20];
	BIGNUM *bn;
	int ok = 0;

	if (RAND_bytes(raw, sizeof(raw)) != 1)
		return 0;
	/* Positive, and always 159 bits. */
	raw[0] = (unsigned char)((raw[0] & 0x7f) | 0x40);
	bn = BN_bin2bn(raw, sizeof(raw), NULL);
	if (bn != NULL)
		ok = BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)) != NULL;
	BN_free(bn);
	return ok;
}

static int
set_name(X509 *x, const char *cn)
{
	X509_NAME *name = X509_get_subject_name(x);

	/* What is too long is named by its domain; the SANs hold all of it. */
	while (strlen(cn) > CN_MAX && strchr(cn, '.') != NULL)
		cn = strchr(cn, '.') + 1;
	if (X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)cn, -1, -1, 0) != 1)
		return 0;
	return X509_set_issuer_name(x, name);
}

static int
add_ext(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	int ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext != NULL && X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static int
add_names(X509 *x, const char *const *names, size_t n)
{
	GENERAL_NAMES *sans = dns_names(names, n);
	int ok = sans != NULL &&
	    X509_add1_ext_i2d(x, NID_subject_alt_name, sans, 0,
		X509V3_ADD_APPEND) == 1;

	sk_GENERAL_NAME_pop_free(sans, GENERAL_NAME_free);
	return ok;
}

static X509 *
build(EVP_PKEY *pkey, const char *const *names, size_t n, time_t now)
{
	X509 *x = X509_new();

	if (x == NULL || X509_set_version(x, X509_VERSION_3) != 1 ||
	    !set_serial(x) || !set_name(x, names[0]) ||
	    X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &now) == NULL ||
	    X509_time_adj_ex(X509_getm_notAfter(x), DAYS, 0, &now) == NULL ||
	    X509_set_pubkey(x, pkey) != 1 ||
	    !add_ext(x, NID_basic_constraints, "CA:FALSE") ||
	    !add_ext(x, NID_subject_key_identifier, "hash") ||
	    !add_ext(x, NID_ext_key_usage, "serverAuth,clientAuth") ||
	    !add_names(x, names, n) || X509_sign(x, pkey, EVP_sha256()) <= 0) {
		X509_free(x);
		return NULL;
	}
	return x;
}

int
cert_make(const struct private_key *k, const char *const *names, size_t n_names,
    time_t now, const char *path, struct err *e)
{
	X509 *x = n_names > 0 ? build(k->pkey, names, n_names, now) : NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	struct err ignored;
	char *pem, why[128];
	long len;
	int rc = -1;

	if (x == NULL || bio == NULL || PEM_write_bio_X509(bio, x) != 1 ||
	    (len = BIO_get_mem_data(bio, &pem)) <= 0) {
		err_set(e, ERR_BUG, "%s: the certificate cannot be made: %s",
		    path, ssl_why(why, sizeof(why)));
		goto out;
	}
	if (file_create(path, pem, (size_t)len, 0644, (uid_t)-1, (gid_t)-1, e) <
	    0)
		goto out;
	rc = cert_check(path, &k->info.id, names, n_names, now, e);
	if (rc < 0)
		file_remove(path, &ignored);
out:
	BIO_free(bio);
	X509_free(x);
	return rc;
}

/* ---- requests ---- */

static X509_EXTENSION *
key_id(X509_REQ *req)
{
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, NULL, NULL, req, NULL, 0);
	return X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_key_identifier,
	    "hash");
}

/* As postfix tls asks openssl for: key id, usage, names; in this order. */
static STACK_OF(X509_EXTENSION) *
    request_exts(X509_REQ *req, const char *const *names, size_t n)
{
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	GENERAL_NAMES *sans = dns_names(names, n);
	X509_EXTENSION *ext[3];
	int ok = exts != NULL && sans != NULL;

	ext[0] = key_id(req);
	ext[1] = X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage,
	    "serverAuth,clientAuth");
	ext[2] = sans == NULL ? NULL
			      : X509V3_EXT_i2d(NID_subject_alt_name, 0, sans);
	for (int i = 0; i < 3; i++) {
		ok = ok && ext[i] != NULL &&
		    sk_X509_EXTENSION_push(exts, ext[i]) > 0;
		if (!ok)
			X509_EXTENSION_free(ext[i]);
	}
	sk_GENERAL_NAME_pop_free(sans, GENERAL_NAME_free);
	if (ok)
		return exts;
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return NULL;
}

static X509_REQ *
build_request(EVP_PKEY *pkey, const char *const *names, size_t n)
{
	X509_REQ *req = X509_REQ_new();
	STACK_OF(X509_EXTENSION) *exts = NULL;
	int ok = req != NULL &&
	    X509_REQ_set_version(req, X509_REQ_VERSION_1) == 1 &&
	    X509_REQ_set_pubkey(req, pkey) == 1 &&
	    (exts = request_exts(req, names, n)) != NULL &&
	    X509_REQ_add_extensions(req, exts) == 1 &&
	    X509_REQ_sign(req, pkey, EVP_sha256()) > 0;

	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	if (ok)
		return req;
	X509_REQ_free(req);
	return NULL;
}

char *
cert_request(const struct private_key *k, const char *const *names,
    size_t n_names, struct err *e)
{
	X509_REQ *req = build_request(k->pkey, names, n_names);
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL, *out = NULL, why[128];
	long len = 0;

	if (req == NULL || bio == NULL ||
	    PEM_write_bio_X509_REQ(bio, req) != 1 ||
	    (len = BIO_get_mem_data(bio, &pem)) <= 0)
		err_set(e, ERR_BUG, "the request cannot be made: %s",
		    ssl_why(why, sizeof(why)));
	else
		out = mem_fmt("%.*s", (int)len, pem);
	BIO_free(bio);
	X509_REQ_free(req);
	return out;
}
