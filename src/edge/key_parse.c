/*
 * key_parse.c - one PEM block made a private key.  Judges nothing.
 */
#include <openssl/bio.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "edge/ssl.h"

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

/* As OpenSSL calls the algorithm of PKCS#8; NULL when it is another one. */
static const char *
algorithm_of(const unsigned char *der, long len)
{
	PKCS8_PRIV_KEY_INFO *p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, len);
	const ASN1_OBJECT *oid;
	int nid = NID_undef;

	if (p8 != NULL && PKCS8_pkey_get0(&oid, NULL, NULL, NULL, p8) == 1)
		nid = OBJ_obj2nid(oid);
	PKCS8_PRIV_KEY_INFO_free(p8);
	if (nid == NID_rsaEncryption)
		return "RSA";
	return nid == NID_X9_62_id_ecPublicKey ? "EC" : NULL;
}

static EVP_PKEY *
parse_der(const char *label, const unsigned char *der, long len)
{
	const char *structure = "type-specific", *algorithm = NULL;
	OSSL_DECODER_CTX *ctx = NULL;
	EVP_PKEY *pkey = NULL;
	size_t left = (size_t)len;

	if (strcmp(label, PEM_STRING_RSA) == 0)
		algorithm = "RSA";
	else if (strcmp(label, PEM_STRING_ECPRIVATEKEY) == 0)
		algorithm = "EC";
	else if (strcmp(label, PEM_STRING_PKCS8INF) == 0) {
		structure = "PrivateKeyInfo";
		algorithm = algorithm_of(der, len);
	}
	if (algorithm != NULL)
		ctx = OSSL_DECODER_CTX_new_for_pkey(&pkey, "DER", structure,
		    algorithm, EVP_PKEY_KEYPAIR, NULL, NULL);
	if (ctx != NULL)
		OSSL_DECODER_from_data(ctx, &der, &left);
	OSSL_DECODER_CTX_free(ctx);
	return pkey;
}

/* Of RSA or EC, without a pass phrase; else NULL. */
static EVP_PKEY *
parse_usual(BIO *bio)
{
	char *label = NULL, *header = NULL;
	unsigned char *der = NULL;
	EVP_PKEY *pkey = NULL;
	long len = 0;

	if (PEM_read_bio_ex(bio, &label, &header, &der, &len,
		PEM_FLAG_SECURE) == 1 &&
	    header[0] == 0)
		pkey = parse_der(label, der, len);
	OPENSSL_secure_free(label);
	OPENSSL_secure_free(header);
	OPENSSL_secure_clear_free(der, (size_t)len);
	return pkey;
}

/*
 * To be told what a key is saves OpenSSL the trial of all that it could be,
 * which costs it four times as much.  What that does not find, it may.
 */
EVP_PKEY *
ssl_parse_key(const char *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	EVP_PKEY *pkey = bio != NULL ? parse_usual(bio) : NULL;

	if (bio != NULL && pkey == NULL && BIO_reset(bio) == 1)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return pkey;
}
