/*
 * cert_read.c - what a certificate file says of its first certificate.  Trusts
 * no chain.
 */
#include "edge/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "edge/ssl.h"

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
