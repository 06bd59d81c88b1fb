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
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/ssl.h"

#define RSA_BITS_MIN 2048

/* What each kind is made of. */
static const struct {
	unsigned bits;	   /* RSA */
	const char *curve; /* EC */
} MAKE[] = {
	[KIND_RSA_2048] = { 2048, NULL },
	[KIND_RSA_3072] = { 3072, NULL },
	[KIND_RSA_4096] = { 4096, NULL },
	[KIND_ECDSA_P256] = { 0, "P-256" },
	[KIND_ECDSA_P384] = { 0, "P-384" },
	[KIND_ECDSA_P521] = { 0, "P-521" },
};

void
private_key_free(struct private_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

/* The others bring a digest of their own, or none. */
static const EVP_MD *
digest_of(EVP_PKEY *pkey)
{
	int type = EVP_PKEY_get_base_id(pkey);

	return type == EVP_PKEY_RSA || type == EVP_PKEY_EC ? EVP_sha256()
							   : NULL;
}

/* Signs and verifies; a key that cannot do that is none. */
static int
self_test(EVP_PKEY *pkey, struct err *e)
{
	static const unsigned char words[] = "danesafe self-test";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *sig = NULL;
	const EVP_MD *md = digest_of(pkey);
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
	k->pkey = MAKE[kind].curve != NULL ? EVP_EC_gen(MAKE[kind].curve)
					   : EVP_RSA_gen(MAKE[kind].bits);
	if (k->pkey == NULL) {
		err_set(e, ERR_TEMP, "a %s key cannot be made: %s",
		    kind_name(kind), ssl_why(why, sizeof(why)));
		goto fail;
	}
	if (ssl_key_info(k->pkey, ret_info, e) < 0 || self_test(k->pkey, e) < 0)
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
	if (file_create(path, pem, (size_t)len, 0600, (uid_t)-1, (gid_t)-1, e) <
	    0)
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

#define BEGIN_KEY "PRIVATE KEY-----"

/*
 * What OpenSSL says of all of these is "unsupported".  The first private key
 * of the file is meant: it is the one that a mail server would take.
 */
static const char *
no_key(const char *pem)
{
	const char *at = strstr(pem, BEGIN_KEY), *end;

	if (at == NULL && strstr(pem, "-----BEGIN CERTIFICATE") != NULL)
		return "holds a certificate but no private key";
	if (at == NULL && strstr(pem, "PUBLIC KEY-----") != NULL)
		return "holds a public key, not a private one";
	if (at == NULL)
		return "holds no private key";
	end = strstr(at, "-----END ");
	if (end == NULL || strstr(end, BEGIN_KEY) == NULL)
		return "is cut off: its private key has no end";
	if ((at - pem >= 10 && memcmp(at - 10, "ENCRYPTED ", 10) == 0) ||
	    memmem(at, (size_t)(end - at), ",ENCRYPTED", 10) != NULL)
		return "holds an encrypted key; a mail server needs one "
		       "without a pass phrase";
	return NULL;
}

static EVP_PKEY *
parse(const char *path, const char *pem, size_t len, struct err *e)
{
	const char *wrong = no_key(pem);
	EVP_PKEY *pkey = NULL;
	BIO *bio = NULL;

	if (wrong == NULL) {
		bio = BIO_new_mem_buf(pem, (int)len);
		if (bio != NULL)
			pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password,
			    NULL);
		wrong = "holds a damaged or unknown private key";
	}
	if (pkey == NULL)
		err_set(e, ERR_CONFIG, "%s: %s", path, wrong);
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
		return err_set(e, ERR_CONFIG,
		    "%s: RSA with %d bits; %d are the least", path, info->bits,
		    RSA_BITS_MIN);
	if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA_PSS)
		return err_set(e, ERR_CONFIG,
		    "%s: an RSA-PSS key, which many senders cannot use", path);
	if (info->slot == SLOT_ECDSA &&
	    EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_ENCODING,
		form, sizeof(form), NULL) == 1 &&
	    strcmp(form, OSSL_PKEY_EC_ENCODING_EXPLICIT) == 0)
		return err_set(e, ERR_CONFIG,
		    "%s: an EC key with explicit curve parameters; a named "
		    "curve is needed",
		    path);
	return 0;
}

int
key_load(const char *path, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e)
{
	struct key_info info;
	EVP_PKEY *pkey;
	size_t len;
	char *pem = ssl_read_pem(path, &len, e);
	int rc = -1;

	if (pem == NULL)
		return -1;
	pkey = parse(path, pem, len, e);
	OPENSSL_cleanse(pem, len);
	free(pem);
	if (pkey == NULL)
		return -1;
	if (ssl_key_info(pkey, &info, e) < 0) {
		err_prefix(e, "%s", path);
		goto out;
	}
	if (acceptable(path, pkey, &info, e) < 0)
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
