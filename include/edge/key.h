/*
 * key.h - private keys (OpenSSL): made, kept, read back, told apart.
 *
 * A private key exists in memory only between these calls; nobody above this
 * file holds one.  File names are ours; modes are right before the first
 * byte.
 */
#ifndef EDGE_KEY_H
#define EDGE_KEY_H

#include <stdbool.h>

#include "base/err.h"
#include "core/stage.h"
#include "core/tlsa.h"

/* What can be said about a key without having it. */
struct key_info {
	struct spki id;
	enum slot slot; /* SLOT_OTHER: neither RSA nor EC */
	enum kind kind; /* KIND_COUNT: of another size or curve */
	int bits;
};

/* A key that is in memory only and not yet anywhere else. */
struct private_key;
void private_key_free(struct private_key *k); /* cleanses; NULL is fine */

/* What a new key is to be: RSA of this size, or EC on P-256, P-384, P-521. */
struct key_spec {
	enum slot slot;
	unsigned bits;
};
#define KEY_RSA_MIN 2048
#define KEY_RSA_MAX 16384 /* OPENSSL_RSA_MAX_MODULUS_BITS */

struct key_spec key_spec_of(enum kind kind);
/*
 * `word`: a size in bits for RSA, a curve under any of its usual names for
 * ECDSA; NULL or "": 2048, P-256.  ERR_USAGE with what would do.
 */
int key_spec_parse(enum slot slot, const char *word, struct key_spec *ret,
    struct err *e);

/* Generates (EVP) and self-tests: sign, verify, digest not that of nothing.
 * A large RSA key takes seconds. */
int key_make(struct key_spec spec, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e);

/*
 * Writes PKCS#8 PEM to a new file: 0600, durable, then read back from the
 * disk and self-tested; on any failure the file is removed.
 */
int key_save(const struct private_key *k, const char *path, struct err *e);

/*
 * Reads the first private key of a PEM file (PKCS#8, PKCS#1, SEC1; also
 * behind a certificate in the same file).  Encrypted, DER, empty, RSA under
 * 2048 bits, explicit curve parameters: refused with a clear word.  ret_key
 * may be NULL.
 */
int key_load(const char *path, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e);

/*
 * The first key of this slot, in a file that may hold several
 * (smtpd_tls_chain_files); ERR_CONFIG when there is none.
 */
int key_load_slot(const char *path, enum slot slot,
    struct private_key **ret_key, struct key_info *ret_info, struct err *e);

/* Every private key of a file, in order; ret_n may be 0 (a file of
 * certificates alone).  -1 also when there are more than `max`. */
int key_list(const char *path, struct key_info *v, size_t max, size_t *ret_n,
    struct err *e);

/* The SHA2-512 digest of the public key, for records `x 1 2`. */
int key_sha512(const struct private_key *k, uint8_t digest[64], struct err *e);

/* Does the file hold this very key, and does the key sign and verify? */
int key_check(const char *path, const struct spki *want, struct err *e);

#endif
