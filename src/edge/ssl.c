/*
 * ssl.c - what key, cert and serve share of OpenSSL: its words, the digest of
 * a public key, a PEM file.  Holds no secret, trusts no certificate.
 */
#include "edge/ssl.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define PEM_FILE_MAX (256 * 1024)

const char *
ssl_why(char *buf, size_t size)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	text_fmt(buf, size, "%s", reason != NULL ? reason : "no reason given");
	ERR_clear_error();
	return buf;
}

/* Takes over `der`. */
static int
digest(unsigned char *der, int len, struct spki *ret_id, struct err *e)
{
	char why[128];
	int ok;

	if (len <= 0)
		return err_set(e, ERR_CONFIG,
		    "the public key cannot be encoded: %s",
		    ssl_why(why, sizeof(why)));
	ok = EVP_Digest(der, (size_t)len, ret_id->sha256, NULL, EVP_sha256(),
	    NULL);
	OPENSSL_free(der);
	if (ok != 1)
		return err_set(e, ERR_BUG, "SHA-256: %s",
		    ssl_why(why, sizeof(why)));
	if (spki_eq(ret_id, &SPKI_OF_NOTHING))
		return err_set(e, ERR_BUG,
		    "the digest of a key came out as that of nothing");
	return 0;
}

/* As OpenSSL calls the curves that can be made. */
static enum kind
curve_kind(EVP_PKEY *pkey)
{
	char curve[64] = "";

	if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME,
		curve, sizeof(curve), NULL) != 1)
		return KIND_COUNT;
	if (strcmp(curve, "prime256v1") == 0)
		return KIND_ECDSA_P256;
	if (strcmp(curve, "secp384r1") == 0)
		return KIND_ECDSA_P384;
	if (strcmp(curve, "secp521r1") == 0)
		return KIND_ECDSA_P521;
	return KIND_COUNT;
}

static enum kind
size_kind(int bits)
{
	switch (bits) {
	case 2048:
		return KIND_RSA_2048;
	case 3072:
		return KIND_RSA_3072;
	case 4096:
		return KIND_RSA_4096;
	default:
		return KIND_COUNT;
	}
}

/* RSA-PSS is a type of its own, and not ours. */
static struct key_info
describe(EVP_PKEY *pkey)
{
	struct key_info info = { .slot = SLOT_OTHER, .kind = KIND_COUNT };
	int type = pkey != NULL ? EVP_PKEY_get_base_id(pkey) : EVP_PKEY_NONE;

	if (pkey == NULL)
		return info;
	info.bits = EVP_PKEY_get_bits(pkey);
	if (type == EVP_PKEY_RSA) {
		info.slot = SLOT_RSA;
		info.kind = size_kind(info.bits);
	} else if (type == EVP_PKEY_EC) {
		info.slot = SLOT_ECDSA;
		info.kind = curve_kind(pkey);
	}
	return info;
}

int
ssl_key_info(EVP_PKEY *pkey, struct key_info *ret_info, struct err *e)
{
	struct key_info info = describe(pkey);
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);

	if (digest(der, len, &info.id, e) < 0)
		return -1;
	*ret_info = info;
	return 0;
}

int
ssl_cert_info(X509 *x, struct key_info *ret_info, struct err *e)
{
	struct key_info info = describe(X509_get0_pubkey(x));
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);

	if (digest(der, len, &info.id, e) < 0)
		return -1;
	ERR_clear_error();
	*ret_info = info;
	return 0;
}

/* What OpenSSL would say of all of these is "unsupported". */
static const char *
no_pem(const char *data, size_t len)
{
	if (len == 0)
		return "is empty";
	if (memmem(data, len, "-----BEGIN ", 11) != NULL)
		return NULL;
	if (len > 2 && data[0] == 0x30 && (data[1] & 0x80) != 0)
		return "is in DER form; PEM is needed";
	return "is not a PEM file";
}

char *
ssl_read_pem(const char *path, size_t *ret_len, struct err *e)
{
	char *real = realpath(path, NULL), *data;
	const char *wrong;
	size_t len;

	if (real == NULL) {
		err_set(e, errno == EACCES ? ERR_PERM : ERR_IO, "%s: %s", path,
		    strerror(errno));
		return NULL;
	}
	data = file_read(real, PEM_FILE_MAX, &len, e);
	free(real);
	if (data == NULL)
		return NULL;
	wrong = no_pem(data, len);
	if (wrong != NULL) {
		err_set(e, ERR_CONFIG, "%s: %s", path, wrong);
		OPENSSL_cleanse(data, len);
		free(data);
		return NULL;
	}
	*ret_len = len;
	return data;
}
