/*
 * key.h - private keys (OpenSSL): made, kept, read back, told apart.
 *
 * A private key exists in memory only between these calls; nobody above this
 * file holds one.  File names are ours; modes are right before the first
 * byte.
 */
#ifndef EDGE_KEY_H
#define EDGE_KEY_H

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

/* Generates (EVP) and self-tests: sign, verify, digest not that of nothing. */
int key_make(enum kind kind, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e);

/*
 * Writes PKCS#8 PEM to a new file: 0600, durable, then read back from the
 * disk and self-tested; on any failure the file is removed.
 */
int key_save(const struct private_key *k, const char *path, struct err *e);

/*
 * Reads a PEM private key (PKCS#8, PKCS#1, SEC1; also behind a certificate
 * in the same file).  Encrypted, DER, empty, RSA under 2048 bits, explicit
 * curve parameters: refused with a clear word.  ret_key may be NULL.
 */
int key_load(const char *path, struct private_key **ret_key,
    struct key_info *ret_info, struct err *e);

/* Does the file hold this very key, and does the key sign and verify? */
int key_check(const char *path, const struct spki *want, struct err *e);

#endif
