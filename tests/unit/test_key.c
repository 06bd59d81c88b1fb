/*
 * test_key.c - a key is saved whole or not at all, and nothing else is taken
 * for a key.
 */
#include <check.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "edge/cert.h"
#include "edge/key.h"
#include "edge/ssl.h"

#define NOW ((time_t)1780000000)

static char top[256], path[300], other[300];
static struct err e;
static struct key_info info;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/key.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/k.pem", top);
	snprintf(other, sizeof(other), "%s/other.pem", top);
	e.text[0] = 0;
}

static void
teardown(void)
{
	unlink(path);
	rmdir(path);
	unlink(other);
	ck_assert_int_eq(rmdir(top), 0); /* nothing else is left */
}

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)
#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

static void
put(const char *name, const void *data, size_t len)
{
	must(file_replace(name, data, len, 0600, (uid_t)-1, (gid_t)-1, &e));
}

static char *
get(const char *name, size_t *len)
{
	char *s = file_read(name, 1 << 20, len, &e);

	ck_assert_msg(s != NULL, "%s", e.text);
	return s;
}

static struct private_key *
make(enum kind kind)
{
	struct private_key *k = NULL;

	must(key_make(key_spec_of(kind), &k, &info, &e));
	return k;
}

/* What `write` makes of the key, in `path`. */
static void
put_bio(BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	ck_assert_int_gt(len, 0);
	put(path, data, (size_t)len);
	BIO_free(bio);
}

static void
put_traditional(EVP_PKEY *pkey, const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char pass[] = "pass";

	ck_assert_int_eq(PEM_write_bio_PrivateKey_traditional(bio, pkey, cipher,
			     (unsigned char *)(cipher ? pass : NULL),
			     cipher ? 4 : 0, NULL, NULL),
	    1);
	put_bio(bio);
}

static void
put_pkcs8(EVP_PKEY *pkey, const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char pass[] = "pass";

	ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(bio, pkey, cipher,
			     cipher ? pass : NULL, cipher ? 4 : 0, NULL, NULL),
	    1);
	put_bio(bio);
}

static void
refused(const char *words)
{
	struct private_key *k = NULL;

	e.text[0] = 0;
	e.kind = ERR_NONE;
	ck_assert_int_eq(key_load(path, &k, NULL, &e), -1);
	ck_assert_ptr_null(k);
	says(words);
	says(path);
}

/* ---- made and saved ---- */

static const struct {
	enum kind kind;
	int bits;
} KINDS[] = {
	{ KIND_RSA_2048, 2048 },
	{ KIND_ECDSA_P256, 256 },
	{ KIND_ECDSA_P384, 384 },
	{ KIND_ECDSA_P521, 521 },
	{ KIND_RSA_3072, 3072 },
};
#define N_KINDS ((int)(sizeof(KINDS) / sizeof(KINDS[0])))

START_TEST(each_kind_comes_back_from_the_disk_as_it_was_made)
{
	struct private_key *k = make(KINDS[_i].kind);
	struct key_info made = info;

	ck_assert_int_eq(made.kind, KINDS[_i].kind);
	ck_assert_int_eq(made.slot, kind_slot(KINDS[_i].kind));
	ck_assert_int_eq(made.bits, KINDS[_i].bits);
	ck_assert(!spki_eq(&made.id, &SPKI_OF_NOTHING));
	must(key_save(k, path, &e));
	must(key_load(path, NULL, &info, &e));
	ck_assert(spki_eq(&made.id, &info.id));
	ck_assert_int_eq(info.kind, made.kind);
	must(key_check(path, &made.id, &e));
	private_key_free(k);
}
END_TEST

START_TEST(a_saved_key_is_pkcs8_and_for_nobody_else)
{
	struct private_key *k = make(KIND_ECDSA_P256);
	struct stat st;
	size_t len;
	char *s;

	umask(0);
	must(key_save(k, path, &e));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	s = get(path, &len);
	ck_assert_ptr_eq(strstr(s, "-----BEGIN PRIVATE KEY-----"), s);
	free(s);
	private_key_free(k);
}
END_TEST

START_TEST(a_key_is_never_written_over_a_file)
{
	struct private_key *k = make(KIND_ECDSA_P256);
	size_t len;
	char *s;

	put(path, "mine", 4);
	ck_assert_int_eq(key_save(k, path, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CREATE);
	s = get(path, &len);
	ck_assert_str_eq(s, "mine");
	free(s);
	private_key_free(k);
}
END_TEST

/* The public half of another key: what is read back cannot sign for it. */
START_TEST(a_key_that_fails_its_test_is_not_left_behind)
{
	struct private_key *k = make(KIND_ECDSA_P256);
	EVP_PKEY *stranger = EVP_EC_gen("P-256");
	unsigned char pub[65];
	size_t len;

	ck_assert_int_eq(EVP_PKEY_get_octet_string_param(stranger,
			     OSSL_PKEY_PARAM_PUB_KEY, pub, sizeof(pub), &len),
	    1);
	ck_assert_int_eq(EVP_PKEY_set1_encoded_public_key(k->pkey, pub, len),
	    1);
	ck_assert_int_eq(key_save(k, path, &e), -1);
	ck_assert_int_ne(access(path, F_OK), 0);
	EVP_PKEY_free(stranger);
	private_key_free(k);
}
END_TEST

START_TEST(two_keys_are_never_the_same)
{
	struct private_key *a = make(KIND_ECDSA_P256), *b;
	struct spki id = info.id;

	b = make(KIND_ECDSA_P256);
	ck_assert(!spki_eq(&id, &info.id));
	must(key_save(a, path, &e));
	ck_assert_int_eq(key_check(path, &info.id, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("holds key");
	private_key_free(a);
	private_key_free(b);
	private_key_free(NULL);
}
END_TEST

/* ---- read ---- */

START_TEST(every_spelling_of_a_key_is_the_same_key)
{
	struct private_key *k = make(_i % 2 ? KIND_ECDSA_P256 : KIND_RSA_2048);
	struct spki id = info.id;

	if (_i < 2)
		put_traditional(k->pkey, NULL);
	else
		put_pkcs8(k->pkey, NULL);
	must(key_check(path, &id, &e));
	private_key_free(k);
}
END_TEST

START_TEST(a_key_is_found_behind_a_certificate_and_words)
{
	static const char *const name = "mx.example.org";
	struct private_key *k = make(KIND_ECDSA_P256);
	struct text t = TEXT_INIT;
	struct spki id = info.id;
	size_t len;
	char *s;

	must(key_save(k, path, &e));
	must(cert_make(k, &name, 1, NOW, other, &e));
	text_add(&t, "Subject: CN=ENCRYPTED PRIVATE KEYS\r\n");
	s = get(other, &len);
	text_add(&t, s);
	free(s);
	s = get(path, &len);
	text_add(&t, s);
	free(s);
	put(path, t.s, t.len);
	must(key_check(path, &id, &e));
	text_release(&t);
	private_key_free(k);
}
END_TEST

START_TEST(a_key_is_read_through_a_link_as_postfix_does)
{
	struct private_key *k = make(KIND_ECDSA_P256);

	must(key_save(k, other, &e));
	ck_assert_int_eq(symlink(other, path), 0);
	must(key_check(path, &info.id, &e));
	private_key_free(k);
}
END_TEST

START_TEST(keys_of_other_sizes_are_told_and_taken)
{
	EVP_PKEY *pkey = _i == 0 ? EVP_RSA_gen(2304) : EVP_EC_gen("secp256k1");

	put_pkcs8(pkey, NULL);
	must(key_load(path, NULL, &info, &e));
	ck_assert_int_eq(info.kind, KIND_COUNT);
	ck_assert_int_eq(info.slot, _i == 0 ? SLOT_RSA : SLOT_ECDSA);
	ck_assert_int_eq(info.bits, _i == 0 ? 2304 : 256);
	must(key_check(path, &info.id, &e));
	EVP_PKEY_free(pkey);
}
END_TEST

START_TEST(an_ed25519_key_is_of_no_slot)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	put_pkcs8(pkey, NULL);
	must(key_load(path, NULL, &info, &e));
	ck_assert_int_eq(info.slot, SLOT_OTHER);
	ck_assert_int_eq(info.kind, KIND_COUNT);
	must(key_check(path, &info.id, &e));
	EVP_PKEY_free(pkey);
}
END_TEST

/* ---- refused ---- */

static const struct {
	const char *data;
	size_t len;
	const char *words;
} NO_KEY[] = {
	{ "", 0, "is empty" }, /* P07: a tool that brought nothing */
	{ "hello\n", 6, "is not a PEM file" },
	{ "\x30\x82\x01\x02....", 8, "is in DER form" },
	{ "\0\0\0\0", 4, "is not a PEM file" },
	{ "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", 58,
	    "a certificate but no private key" },
	{ "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n", 56,
	    "a public key, not a private one" },
	{ "-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n", 54,
	    "no private key" },
	{ "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", 58,
	    "damaged" },
	{ "-----BEGIN PRIVATE KEY-----\nAA", 30, "is cut off" },
	{ "-----BEGIN PRIVATE KEY-----\nAA\n-----END CERTIFICATE-----\n", 57,
	    "is cut off" },
	{ "-----BEGIN PRIVATE KEY-----\n\0\n-----END PRIVATE KEY-----\n", 55,
	    "is cut off" },
};
#define N_NO_KEY ((int)(sizeof(NO_KEY) / sizeof(NO_KEY[0])))

START_TEST(what_is_no_key_is_named)
{
	put(path, NO_KEY[_i].data, NO_KEY[_i].len);
	refused(NO_KEY[_i].words);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
}
END_TEST

START_TEST(an_encrypted_key_is_refused_without_asking)
{
	struct private_key *k = make(KIND_RSA_2048);

	if (_i == 0)
		put_pkcs8(k->pkey, EVP_aes_128_cbc());
	else
		put_traditional(k->pkey, EVP_aes_128_cbc());
	refused("encrypted");
	private_key_free(k);
}
END_TEST

START_TEST(no_beginning_of_a_key_is_a_key)
{
	struct private_key *k = make(KIND_ECDSA_P256);
	size_t len;
	char *s;

	must(key_save(k, path, &e));
	s = get(path, &len);
	for (size_t n = 0; n + 2 < len; n++) { /* less the newline, one dash */
		put(path, s, n);
		ck_assert_int_eq(key_load(path, NULL, NULL, &e), -1);
		ck_assert_int_eq(e.kind, ERR_CONFIG);
	}
	free(s);
	private_key_free(k);
}
END_TEST

START_TEST(a_short_rsa_key_is_refused)
{
	EVP_PKEY *pkey = EVP_RSA_gen(1024);

	put_pkcs8(pkey, NULL);
	refused("RSA with 1024 bits");
	EVP_PKEY_free(pkey);
}
END_TEST

START_TEST(an_rsa_pss_key_is_refused)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA_PSS, NULL);
	EVP_PKEY *pkey = NULL;

	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
	ck_assert_int_eq(EVP_PKEY_generate(ctx, &pkey), 1);
	put_pkcs8(pkey, NULL);
	refused("RSA-PSS");
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

START_TEST(explicit_curve_parameters_are_refused)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");

	ck_assert_int_eq(EVP_PKEY_set_utf8_string_param(pkey,
			     OSSL_PKEY_PARAM_EC_ENCODING,
			     OSSL_PKEY_EC_ENCODING_EXPLICIT),
	    1);
	put_pkcs8(pkey, NULL);
	refused("explicit curve parameters");
	EVP_PKEY_free(pkey);
}
END_TEST

START_TEST(a_folder_or_a_missing_file_is_no_key)
{
	refused("No such file");
	ck_assert_int_eq(mkdir(path, 0700), 0);
	refused("is a folder");
}
END_TEST

START_TEST(a_file_is_read_up_to_256_kib)
{
	struct private_key *k = make(KIND_ECDSA_P256);
	struct text t = TEXT_INIT;
	size_t len;
	char *s;

	must(key_save(k, path, &e));
	s = get(path, &len);
	while (t.len + len < 256 * 1024)
		text_add(&t, "\n");
	text_add(&t, s);
	put(path, t.s, t.len);
	must(key_check(path, &info.id, &e));
	text_add(&t, "\n");
	put(path, t.s, t.len);
	refused("larger");
	text_release(&t);
	free(s);
	private_key_free(k);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("key");
	TCase *t = tcase_create("key");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t,
	    each_kind_comes_back_from_the_disk_as_it_was_made, 0, N_KINDS);
	tcase_add_test(t, a_saved_key_is_pkcs8_and_for_nobody_else);
	tcase_add_test(t, a_key_is_never_written_over_a_file);
	tcase_add_test(t, a_key_that_fails_its_test_is_not_left_behind);
	tcase_add_test(t, two_keys_are_never_the_same);
	tcase_add_loop_test(t, every_spelling_of_a_key_is_the_same_key, 0, 4);
	tcase_add_test(t, a_key_is_found_behind_a_certificate_and_words);
	tcase_add_test(t, a_key_is_read_through_a_link_as_postfix_does);
	tcase_add_loop_test(t, keys_of_other_sizes_are_told_and_taken, 0, 2);
	tcase_add_test(t, an_ed25519_key_is_of_no_slot);
	tcase_add_loop_test(t, what_is_no_key_is_named, 0, N_NO_KEY);
	tcase_add_loop_test(t, an_encrypted_key_is_refused_without_asking, 0,
	    2);
	tcase_add_test(t, no_beginning_of_a_key_is_a_key);
	tcase_add_test(t, a_short_rsa_key_is_refused);
	tcase_add_test(t, an_rsa_pss_key_is_refused);
	tcase_add_test(t, explicit_curve_parameters_are_refused);
	tcase_add_test(t, a_folder_or_a_missing_file_is_no_key);
	tcase_add_test(t, a_file_is_read_up_to_256_kib);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
