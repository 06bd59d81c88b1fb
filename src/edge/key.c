/*
 * key.c - private keys: made, kept, read back, told apart.  Never prints one,
 * never leaves one in memory that is not cleansed.
 */
#include "edge/key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/ssl.h"

#define KEY_FILE_MAX (256 * 1024)
#define RSA_BITS_MIN 2048

/* What each kind is made of. */
static const struct {
	int bits;	   /* RSA */
	const char *curve; /* EC */
} MAKE[] = {
	[KIND_RSA_2048] = { 2048, NULL },
	[KIND_RSA_3072] = { 3072, NULL },
	[KIND_RSA_4096] = { 4096, NULL },
	[KIND_ECDSA_P256] = { 256, "P-256" },
	[KIND_ECDSA_P384] = { 384, "P-384" },
	[KIND_ECDSA_P521] = { 521, "P-521" },
};

const char *
ssl_why(char *buf, size_t size)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	text_fmt(buf, size, "%s", reason != NULL ? reason : "no reason given");
	ERR_clear_error();
	return buf;
}

void
private_key_free(struct private_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

static int
spki_of(EVP_PKEY *pkey, struct spki *ret_id, struct err *e)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);
	char why[128];
	int ok;

	if (len <= 0)
		return err_set(e, ERR_CONFIG, "the public key cannot be "
		    "encoded: %s", ssl_why(why, sizeof(why)));
	ok = EVP_Digest(der, (size_t)len, ret_id->sha256, NULL, EVP_sha256(),
	    NULL);
	OPENSSL_free(der);
	if (ok != 1)
		return err_set(e, ERR_BUG, "SHA-256: %s",
		    ssl_why(why, sizeof(why)));
	if (spki_eq(ret_id, &SPKI_OF_NOTHING))
		return err_set(e, ERR_BUG, "the digest of a key came out as "
		    "that of nothing");
	return 0;
}

static enum kind
kind_of(EVP_PKEY *pkey, enum slot slot, int bits)
{
	char curve[64] = "";

	if (slot == SLOT_ECDSA && EVP_PKEY_get_utf8_string_param(pkey,
		OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof(curve), NULL) != 1)
		return KIND_COUNT;
	for (int k = 0; k < KIND_COUNT; k++) {
		if (kind_slot((enum kind)k) != slot || MAKE[k].bits != bits)
			continue;
		if (slot == SLOT_RSA ||
		    strcmp(curve, bits == 256 ? "prime256v1"
			   : bits == 384 ? "secp384r1" : "secp521r1") == 0)
			return (enum kind)k;
	}
	return KIND_COUNT;
}

int
ssl_key_info(EVP_PKEY *pkey, struct key_info *ret_info, struct err *e)
{
	int type = EVP_PKEY_get_base_id(pkey);

	memset(ret_info, 0, sizeof(*ret_info));
	ret_info->slot = type == EVP_PKEY_RSA ? SLOT_RSA
	    : type == EVP_PKEY_EC ? SLOT_ECDSA : SLOT_OTHER;
	ret_info->bits = EVP_PKEY_get_bits(pkey);
	ret_info->kind = kind_of(pkey, ret_info->slot, ret_info->bits);
	return spki_of(pkey, &ret_info->id, e);
}

/* Signs and verifies; a key that cannot do that is none. */
static int
self_test(EVP_PKEY *pkey, struct err *e)
{
	static const unsigned char words[] = "danesafe self-test";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *sig = NULL;
	const EVP_MD *md = EVP_sha256();
	size_t len = 0;
	char why[128];
	int rc = -1;

	if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, md, NULL, pkey) != 1 ||
	    EVP_DigestSign(ctx, NULL, &len, words, sizeof(words)) != 1)
		goto out;
	sig = mem_array(len, 1);
	if (EVP_DigestSign(ctx, sig, &len, words, sizeof(words)) != 1)
		goto out;
	EVP_MD_CTX_reset(ctx);
	if (EVP_DigestVerifyInit(ctx, NULL, md, NULL, pkey) != 1 ||
	    EVP_DigestVerify(ctx, sig, len, words, sizeof(words)) != 1)
		goto out;
	rc = 0;
out:
	if (rc < 0)
		err_set(e, ERR_CONFIG, "the key does not sign and verify: %s",
		    ssl_why(why, sizeof(why)));
	EVP_MD_CTX_free(ctx);
	free(sig);
	return rc;
}

int
key_make(enum kind kind, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e)
{
	struct private_key *k;
	char why[128];

	if (kind >= KIND_COUNT)
		return err_set(e, ERR_BUG, "no such kind of key");
	k = mem_new(sizeof(*k));
	k->pkey = MAKE[kind].curve != NULL
	    ? EVP_EC_gen(MAKE[kind].curve)
	    : EVP_RSA_gen((unsigned)MAKE[kind].bits);
	if (k->pkey == NULL) {
		err_set(e, ERR_TEMP, "a %s key cannot be made: %s",
		    kind_name(kind), ssl_why(why, sizeof(why)));
		goto fail;
	}
	if (ssl_key_info(k->pkey, ret_info, e) < 0 ||
	    self_test(k->pkey, e) < 0)
		goto fail;
	*ret_key = k;
	return 0;
fail:
	private_key_free(k);
	return -1;
}

int
key_save(const struct private_key *k, const char *path, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	struct key_info info;
	char *pem = NULL, why[128];
	struct err ignored;
	long len = 0;
	int rc = -1;

	if (bio == NULL ||
	    PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL,
		NULL) != 1 ||
	    (len = BIO_get_mem_data(bio, &pem)) <= 0) {
		err_set(e, ERR_BUG, "%s: the key cannot be encoded: %s", path,
		    ssl_why(why, sizeof(why)));
		goto out;
	}
	if (file_create(path, pem, (size_t)len, 0600, (uid_t)-1, (gid_t)-1,
		e) < 0)
		goto out;
	rc = ssl_key_info(k->pkey, &info, e);
	if (rc == 0)
		rc = key_check(path, &info.id, e);
	if (rc < 0)
		file_remove(path, &ignored);
out:
	if (pem != NULL && len > 0)
		OPENSSL_cleanse(pem, (size_t)len);
	BIO_free(bio);
	return rc;
}

/* ---- reading ---- */

/* Never asks anybody for a pass phrase. */
static int
no_password(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

/* What OpenSSL says of all of these is "unsupported". */
static const char *
what_is_wrong(const char *pem, size_t len)
{
	if (len == 0)
		return "is empty";
	if (memchr(pem, 0, len) != NULL || (unsigned char)pem[0] == 0x30)
		return "is binary (DER?); a key in PEM form is needed";
	if (strstr(pem, "ENCRYPTED") != NULL)
		return "holds an encrypted key; a mail server needs one "
		       "without a pass phrase";
	if (strstr(pem, "PRIVATE KEY-----") != NULL)
		return "holds a damaged or unknown private key";
	if (strstr(pem, "-----BEGIN CERTIFICATE-----") != NULL)
		return "holds a certificate but no private key";
	if (strstr(pem, "PUBLIC KEY-----") != NULL)
		return "holds a public key, not a private one";
	return "holds no private key";
}

static EVP_PKEY *
parse(const char *path, const char *pem, size_t len, struct err *e)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	EVP_PKEY *pkey = NULL;

	if (bio != NULL && len > 0 && strstr(pem, "ENCRYPTED") == NULL)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	if (pkey == NULL)
		err_set(e, ERR_CONFIG, "%s: %s", path,
		    what_is_wrong(pem, len));
	BIO_free(bio);
	ERR_clear_error();
	return pkey;
}

static int
acceptable(const char *path, EVP_PKEY *pkey, const struct key_info *info,
    struct err *e)
{
	char form[32] = "";

	if (info->slot == SLOT_RSA && info->bits < RSA_BITS_MIN)
		return err_set(e, ERR_CONFIG, "%s: RSA with %d bits; %d are "
		    "the least", path, info->bits, RSA_BITS_MIN);
	if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA_PSS)
		return err_set(e, ERR_CONFIG, "%s: an RSA-PSS key, which many "
		    "senders cannot use", path);
	if (info->slot == SLOT_ECDSA &&
	    EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_ENCODING,
		form, sizeof(form), NULL) == 1 &&
	    strcmp(form, OSSL_PKEY_EC_ENCODING_EXPLICIT) == 0)
		return err_set(e, ERR_CONFIG, "%s: an EC key with explicit "
		    "curve parameters; a named curve is needed", path);
	return 0;
}

int
key_load(const char *path, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e)
{
	struct key_info info;
	EVP_PKEY *pkey;
	size_t len;
	char *pem = file_read(path, KEY_FILE_MAX, &len, e);
	int rc = -1;

	if (pem == NULL)
		return -1;
	pkey = parse(path, pem, len, e);
	OPENSSL_cleanse(pem, len);
	free(pem);
	if (pkey == NULL)
		return -1;
	if (ssl_key_info(pkey, &info, e) < 0 ||
	    acceptable(path, pkey, &info, e) < 0)
		goto out;
	if (ret_info != NULL)
		*ret_info = info;
	if (ret_key != NULL) {
		*ret_key = mem_new(sizeof(**ret_key));
		(*ret_key)->pkey = pkey;
		pkey = NULL;
	}
	rc = 0;
out:
	EVP_PKEY_free(pkey);
	return rc;
}

int
key_check(const char *path, const struct spki *want, struct err *e)
{
	struct private_key *k = NULL;
	struct key_info info;
	char is[9], should[9];
	int rc = -1;

	if (key_load(path, &k, &info, e) < 0)
		return -1;
	if (!spki_eq(&info.id, want))
		err_set(e, ERR_CONFIG, "%s: holds key %s, not %s", path,
		    spki_id(&info.id, is), spki_id(want, should));
	else if (self_test(k->pkey, e) < 0)
		err_prefix(e, "%s", path);
	else
		rc = 0;
	private_key_free(k);
	return rc;
}
