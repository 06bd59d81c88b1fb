/*
 * cert.c - certificates: self-signed as `postfix tls` makes them, and what a
 * certificate file says.  Trusts no chain.
 */
#include "edge/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/text.h"
#include "edge/ssl.h"

#define DAYS 36525 /* as postfix tls */
#define CN_MAX 64  /* ub-common-name, RFC 5280 */

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

	if (strlen(cn) <= CN_MAX &&
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
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

/* By hand: a name never goes through a config language. */
static int
add_sans(X509 *x, const char *const *names, size_t n)
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
		ok = X509_add1_ext_i2d(x, NID_subject_alt_name, sans, 0,
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
	    !add_sans(x, names, n) || X509_sign(x, pkey, EVP_sha256()) <= 0) {
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
	struct key_info info;
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
	if (ssl_key_info(k->pkey, &info, e) < 0 ||
	    file_create(path, pem, (size_t)len, 0644, (uid_t)-1, (gid_t)-1, e) <
		0)
		goto out;
	rc = cert_check(path, &info.id, names, n_names, now, e);
	if (rc < 0)
		file_remove(path, &ignored);
out:
	BIO_free(bio);
	X509_free(x);
	return rc;
}

/* ---- reading ---- */

static X509 *
read_first(const char *path, struct err *e)
{
	size_t len;
	char *pem = ssl_read_pem(path, &len, e);
	BIO *bio = pem != NULL ? BIO_new_mem_buf(pem, (int)len) : NULL;
	X509 *x = NULL;

	if (pem == NULL)
		return NULL;
	if (bio != NULL)
		x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (x == NULL)
		err_set(e, ERR_CONFIG, "%s: %s", path,
		    strstr(pem, "-----BEGIN CERTIFICATE") != NULL
			? "holds a damaged certificate"
			: "holds no certificate");
	ERR_clear_error();
	BIO_free(bio);
	OPENSSL_cleanse(pem, len); /* a key may stand in the same file */
	free(pem);
	return x;
}

static int
to_time(const ASN1_TIME *t, time_t *ret)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return -1;
	*ret = timegm(&tm);
	return 0;
}

static int
describe(const char *path, X509 *x, struct cert_info *ret, struct err *e)
{
	struct key_info info;

	if (ssl_cert_info(x, &info, e) < 0)
		return err_prefix(e, "%s", path);
	memset(ret, 0, sizeof(*ret));
	ret->key = info.id;
	ret->slot = info.slot;
	ret->self_signed = X509_self_signed(x, 0) == 1;
	if (to_time(X509_get0_notBefore(x), &ret->not_before) < 0 ||
	    to_time(X509_get0_notAfter(x), &ret->not_after) < 0)
		return err_set(e, ERR_CONFIG,
		    "%s: the certificate's dates cannot be read", path);
	return 0;
}

int
cert_read(const char *path, struct cert_info *ret_info, struct err *e)
{
	X509 *x = read_first(path, e);
	int rc;

	if (x == NULL)
		return -1;
	rc = describe(path, x, ret_info, e);
	X509_free(x);
	return rc;
}

/* The same name, or "*." and all but the first label. */
static bool
names_it(const char *san, size_t len, const char *name)
{
	const char *dot = strchr(name, '.');

	if (len == strlen(name) && strncasecmp(san, name, len) == 0)
		return true;
	return len > 2 && san[0] == '*' && san[1] == '.' && dot != NULL &&
	    dot > name && len - 1 == strlen(dot) &&
	    strncasecmp(san + 1, dot, len - 1) == 0;
}

static bool
has_name(const GENERAL_NAMES *sans, const char *name)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(sans); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(sans, i);

		if (g->type == GEN_DNS &&
		    names_it((const char *)ASN1_STRING_get0_data(g->d.dNSName),
			(size_t)ASN1_STRING_length(g->d.dNSName), name))
			return true;
	}
	return false;
}

static int
check_names(const char *path, X509 *x, const char *const *names, size_t n,
    struct err *e)
{
	GENERAL_NAMES *sans = X509_get_ext_d2i(x, NID_subject_alt_name, NULL,
	    NULL);
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		if (sans == NULL || !has_name(sans, names[i]))
			rc = err_set(e, ERR_CONFIG,
			    "%s: the certificate does not name %s", path,
			    names[i]);
	sk_GENERAL_NAME_pop_free(sans, GENERAL_NAME_free);
	return rc;
}

int
cert_check(const char *path, const struct spki *key, const char *const *names,
    size_t n_names, time_t now, struct err *e)
{
	X509 *x = read_first(path, e);
	struct cert_info info;
	char id[9];
	int rc = -1;

	if (x == NULL)
		return -1;
	if (describe(path, x, &info, e) < 0)
		goto out;
	if (!spki_eq(&info.key, key))
		err_set(e, ERR_CONFIG, "%s: the certificate is not of key %s",
		    path, spki_id(key, id));
	else if (now < info.not_before)
		err_set(e, ERR_CONFIG, "%s: the certificate is not valid yet",
		    path);
	else if (now > info.not_after)
		err_set(e, ERR_CONFIG, "%s: the certificate is expired", path);
	else
		rc = check_names(path, x, names, n_names, e);
out:
	X509_free(x);
	return rc;
}
