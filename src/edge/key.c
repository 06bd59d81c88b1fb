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

static EVP_PKEY *
generate_ec(unsigned bits)
{
	return EVP_EC_gen(bits == 256 ? "P-256"
		: bits == 384	      ? "P-384"
				      : "P-521");
}

int
key_make(struct key_spec spec, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e)
{
	struct private_key *k;
	char why[128];

	if (spec.slot >= SLOT_COUNT)
		return err_set(e, ERR_BUG, "no such kind of key");
	k = mem_new(sizeof(*k));
	k->pkey = spec.slot == SLOT_RSA ? EVP_RSA_gen(spec.bits)
					: generate_ec(spec.bits);
	if (k->pkey == NULL) {
		err_set(e, ERR_TEMP, "%s %u: no key could be made: %s",
		    slot_name(spec.slot), spec.bits, ssl_why(why, sizeof(why)));
		goto fail;
	}
	if (ssl_key_info(k->pkey, &k->info, e) < 0 || self_test(k->pkey, e) < 0)
		goto fail;
	*ret_info = k->info;
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
	rc = key_check(path, &k->info.id, e);
	if (rc < 0)
		file_remove(path, &ignored);
out:
	if (pem != NULL && len > 0)
		OPENSSL_cleanse(pem, (size_t)len);
	BIO_free(bio);
	return rc;
}

/* ---- reading ---- */

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

static int
acceptable(const char *path, EVP_PKEY *pkey, const struct key_info *info,
    struct err *e)
{
	char form[32] = "";

	if (info->slot == SLOT_RSA && info->bits < KEY_RSA_MIN)
		return err_set(e, ERR_CONFIG,
		    "%s: RSA with %d bits; %d are the least", path, info->bits,
		    KEY_RSA_MIN);
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

/* A file of keys, open: each call of next_key gives one. */
struct keys {
	const char *path;
	char *pem;
	size_t len;
	const char *rest; /* what is still to be read */
	size_t given;
};

static int
keys_open(const char *path, struct keys *ks, struct err *e)
{
	memset(ks, 0, sizeof(*ks));
	ks->path = path;
	ks->pem = ssl_read_pem(path, &ks->len, e);
	ks->rest = ks->pem;
	return ks->pem == NULL ? -1 : 0;
}

static void
keys_close(struct keys *ks)
{
	OPENSSL_cleanse(ks->pem, ks->len);
	free(ks->pem);
	ERR_clear_error();
}

/* The next block alone, which has both its ends; moves on behind it. */
static EVP_PKEY *
parse_block(struct keys *ks)
{
	const char *begin = strstr(ks->rest, BEGIN_KEY), *end;

	while (begin > ks->rest && begin[-1] != '\n')
		begin--;
	end = strstr(strstr(begin, "-----END "), BEGIN_KEY) + strlen(BEGIN_KEY);
	ks->rest = end;
	return ssl_parse_key(begin, (size_t)(end - begin));
}

/*
 * 1 with a key, 0 when there is no further one, -1 when what comes next is
 * damaged, or the first is not there.
 */
static int
next_key(struct keys *ks, EVP_PKEY **ret, struct key_info *ret_info,
    struct err *e)
{
	const char *wrong = no_key(ks->rest);
	EVP_PKEY *pkey = NULL;

	if (ks->given > 0 && strstr(ks->rest, BEGIN_KEY) == NULL)
		return 0;
	if (wrong == NULL) {
		pkey = parse_block(ks);
		wrong = "holds a damaged or unknown private key";
	}
	if (pkey == NULL)
		return err_set(e, ERR_CONFIG, "%s: %s", ks->path, wrong);
	if (ssl_key_info(pkey, ret_info, e) < 0) {
		EVP_PKEY_free(pkey);
		return err_prefix(e, "%s", ks->path);
	}
	ks->given++;
	*ret = pkey;
	return 1;
}

/* The first key that is of this slot (SLOT_COUNT: any) and this id (NULL:
 * any). */
static int
load(const char *path, enum slot slot, const struct spki *id,
    struct private_key **ret_key, struct key_info *ret_info, struct err *e)
{
	struct key_info info, first = { .slot = SLOT_OTHER };
	EVP_PKEY *pkey = NULL;
	char is[9], should[9];
	struct keys ks;
	int rc;

	if (keys_open(path, &ks, e) < 0)
		return -1;
	while ((rc = next_key(&ks, &pkey, &info, e)) == 1) {
		if (ks.given == 1)
			first = info;
		if ((slot == SLOT_COUNT || info.slot == slot) &&
		    (id == NULL || spki_eq(&info.id, id)))
			break;
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	if (rc == 0 && id != NULL)
		err_set(e, ERR_CONFIG, "%s: holds key %s, not %s", path,
		    spki_id(&first.id, is), spki_id(id, should));
	else if (rc == 0)
		err_set(e, ERR_CONFIG, "%s: holds no %s key", path,
		    slot_name(slot));
	else if (rc == 1 && acceptable(path, pkey, &info, e) == 0) {
		if (ret_info != NULL)
			*ret_info = info;
		if (ret_key != NULL) {
			*ret_key = mem_new(sizeof(**ret_key));
			(*ret_key)->pkey = pkey;
			(*ret_key)->info = info;
			pkey = NULL;
		}
		EVP_PKEY_free(pkey);
		keys_close(&ks);
		return 0;
	}
	EVP_PKEY_free(pkey);
	keys_close(&ks);
	return -1;
}

int
key_load(const char *path, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e)
{
	return load(path, SLOT_COUNT, NULL, ret_key, ret_info, e);
}

int
key_load_slot(const char *path, enum slot slot, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e)
{
	return load(path, slot, NULL, ret_key, ret_info, e);
}

int
key_list(const char *path, struct key_info *v, size_t max, size_t *ret_n,
    struct err *e)
{
	struct key_info info;
	EVP_PKEY *pkey = NULL;
	struct keys ks;
	size_t n = 0;
	int rc = 1;

	if (keys_open(path, &ks, e) < 0)
		return -1;
	if (strstr(ks.pem, BEGIN_KEY) == NULL)
		rc = 0;
	while (rc == 1 && (rc = next_key(&ks, &pkey, &info, e)) == 1) {
		if (n < max)
			rc = acceptable(path, pkey, &info, e) < 0 ? -1 : 1;
		else
			rc = err_set(e, ERR_CONFIG,
			    "%s: holds more than %zu keys", path, max);
		if (rc == 1)
			v[n++] = info;
		EVP_PKEY_free(pkey);
	}
	keys_close(&ks);
	*ret_n = n;
	return rc;
}

int
key_check(const char *path, const struct spki *want, struct err *e)
{
	struct private_key *k = NULL;
	int rc;

	if (load(path, SLOT_COUNT, want, &k, NULL, e) < 0)
		return -1;
	rc = self_test(k->pkey, e);
	if (rc < 0)
		err_prefix(e, "%s", path);
	private_key_free(k);
	return rc;
}

int
key_sha512(const struct private_key *k, uint8_t digest[64], struct err *e)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(k->pkey, &der);
	char why[128];
	int ok = len > 0 &&
	    EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha512(), NULL) == 1;

	OPENSSL_free(der);
	return ok
	    ? 0
	    : err_set(e, ERR_BUG, "SHA-512: %s", ssl_why(why, sizeof(why)));
}
