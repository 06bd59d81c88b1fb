/*
 * test_key_list.c - the right one of several keys in a file is found, and a
 * new key is what was asked for.
 */
#include <check.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/cert.h"
#include "edge/key.h"
#include "edge/ssl.h"

#define NOW ((time_t)1780000000)

/* What a file is made of. */
enum { RSA_1, EC, EC_2, ED, RSA_1024, CERT, DAMAGED, CUT, WORDS, N_PART };

static char top[256], path[300];
static char *part[N_PART];
static struct key_info info[N_PART];
static struct err e;

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)
#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

static void
make_part(int at, EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	ck_assert_ptr_nonnull(pkey);
	ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0,
			     NULL, NULL),
	    1);
	len = BIO_get_mem_data(bio, &data);
	part[at] = mem_array((size_t)len + 1, 1);
	memcpy(part[at], data, (size_t)len);
	must(ssl_key_info(pkey, &info[at], &e));
	BIO_free(bio);
	EVP_PKEY_free(pkey);
}

static void
make_cert(void)
{
	static const char *const name = "mx.example.org";
	struct private_key *k = NULL;
	size_t len;

	must(key_make(key_spec_of(KIND_ECDSA_P256), &k, &info[CERT], &e));
	must(cert_make(k, &name, 1, NOW, path, &e));
	part[CERT] = file_read(path, 10000, &len, &e);
	private_key_free(k);
	unlink(path);
}

/* Made once: the tests do not change them. */
static void
make_parts(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/keylist.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/k.pem", top);
	make_part(RSA_1, EVP_RSA_gen(2048));
	make_part(EC, EVP_EC_gen("P-256"));
	make_part(EC_2, EVP_EC_gen("P-384"));
	make_part(ED, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	make_part(RSA_1024, EVP_RSA_gen(1024));
	make_cert();
	part[DAMAGED] = strdup("-----BEGIN PRIVATE KEY-----\nAA==\n"
			       "-----END PRIVATE KEY-----\n");
	part[CUT] = strdup("-----BEGIN PRIVATE KEY-----\nAA==\n");
	part[WORDS] = strdup("words\r\n");
}

static void
remove_parts(void)
{
	for (int i = 0; i < N_PART; i++)
		free(part[i]);
	ck_assert_int_eq(rmdir(top), 0);
}

static void
setup(void)
{
	e.text[0] = 0;
	e.kind = ERR_NONE;
}

static void
teardown(void)
{
	ck_assert_uint_eq(ERR_peek_error(), 0); /* OpenSSL's list is empty */
	unlink(path);
}

#define END (-1)

/* A file of these parts, END-terminated. */
static void
put(const int *parts)
{
	struct text t = TEXT_INIT;

	for (; *parts != END; parts++)
		text_add(&t, part[*parts]);
	must(file_replace(path, text_str(&t), t.len, 0600, (uid_t)-1, (gid_t)-1,
	    &e));
	text_release(&t);
}

/* ---- several keys in one file ---- */

/* clang-format off */
static const struct {
	int file[6];
	int n;           /* keys; -1: refused */
	int key[4];
	int first[3];    /* of the slots RSA, ECDSA, and of any; END: none */
	const char *words;
} FILES[] = {
	{ { RSA_1, END },                  1, { RSA_1 },      { RSA_1, END, RSA_1 }, NULL },
	{ { RSA_1, CERT, EC, CERT, END },  2, { RSA_1, EC },  { RSA_1, EC, RSA_1 }, NULL },
	{ { CERT, EC, WORDS, RSA_1, END }, 2, { EC, RSA_1 },  { RSA_1, EC, EC }, NULL },
	{ { EC_2, EC, END },             2, { EC_2, EC }, { END, EC_2, EC_2 }, NULL },
	{ { ED, EC, RSA_1, END },          3, { ED, EC, RSA_1 }, { RSA_1, EC, ED }, NULL },
	{ { EC, CERT, WORDS, END },      1, { EC },       { END, EC, EC }, NULL },
	{ { CERT, END },                 0, { 0 },        { END, END, END }, NULL },
	{ { EC, RSA_1024, END },        -1, { 0 },        { END, EC, EC },
	  "RSA with 1024 bits" },
	{ { EC, DAMAGED, RSA_1, END },    -1, { 0 },        { END, EC, EC }, "damaged" },
	{ { EC, CUT, END },             -1, { 0 },        { END, EC, EC }, "cut off" },
	{ { DAMAGED, EC, END },         -1, { 0 },        { END, END, END }, "damaged" },
	{ { CUT, END },                 -1, { 0 },        { END, END, END }, "cut off" },
	{ { EC, EC, EC, EC, EC, END },  -1, { 0 },        { END, EC, EC },
	  "more than 4 keys" },
	{ { EC, EC, EC, RSA_1, END }, 4, { EC, EC, EC, RSA_1 }, { RSA_1, EC, EC }, NULL },
};
/* clang-format on */
#define N_FILES ((int)(sizeof(FILES) / sizeof(FILES[0])))

START_TEST(every_key_of_a_file_is_listed_in_order)
{
	struct key_info got[5];
	size_t n = 99;

	put(FILES[_i].file);
	memset(got, 0xaa, sizeof(got));
	if (FILES[_i].n < 0) {
		ck_assert_int_eq(key_list(path, got, 4, &n, &e), -1);
		ck_assert_int_eq(e.kind, ERR_CONFIG);
		says(FILES[_i].words);
		says(path);
	} else {
		must(key_list(path, got, 4, &n, &e));
		ck_assert_uint_eq(n, (size_t)FILES[_i].n);
		for (size_t i = 0; i < n; i++)
			ck_assert(spki_eq(&got[i].id,
			    &info[FILES[_i].key[i]].id));
	}
	ck_assert_int_eq(((unsigned char *)&got[4])[0], 0xaa);
}
END_TEST

START_TEST(the_first_key_of_a_slot_is_found)
{
	static const enum slot slot[2] = { SLOT_RSA, SLOT_ECDSA };

	put(FILES[_i].file);
	for (int i = 0; i < 3; i++) {
		struct private_key *k = NULL;
		struct key_info got = { .bits = 1 };
		int want = FILES[_i].first[i];
		int rc = i < 2 ? key_load_slot(path, slot[i], &k, &got, &e)
			       : key_load(path, &k, &got, &e);

		ck_assert_int_eq(rc, want == END ? -1 : 0);
		if (want == END) {
			ck_assert_int_eq(e.kind, ERR_CONFIG);
			ck_assert_ptr_null(k);
			ck_assert_int_eq(got.bits, 1);
			says(path);
			continue;
		}
		ck_assert(spki_eq(&got.id, &info[want].id));
		ck_assert_int_eq(got.bits, info[want].bits);
		ck_assert_int_eq(ssl_key_info(k->pkey, &got, &e), 0);
		ck_assert(spki_eq(&got.id, &info[want].id));
		private_key_free(k);
	}
}
END_TEST

START_TEST(a_slot_without_a_key_is_named)
{
	static const int file[] = { EC, END };

	put(file);
	ck_assert_int_eq(key_load_slot(path, SLOT_RSA, NULL, NULL, &e), -1);
	says("holds no rsa key");
}
END_TEST

START_TEST(the_wanted_key_is_found_behind_others)
{
	static const int file[] = { RSA_1, CERT, EC, EC_2, END };
	static const int absent[] = { ED, CERT, DAMAGED, N_PART };
	char id[9];

	put(file);
	must(key_check(path, &info[RSA_1].id, &e));
	must(key_check(path, &info[EC].id, &e));
	must(key_check(path, &info[EC_2].id, &e));
	for (int i = 0; absent[i] != N_PART; i++) {
		ck_assert_int_eq(key_check(path, &info[absent[i]].id, &e), -1);
		ck_assert_int_eq(e.kind, ERR_CONFIG);
		says(spki_id(&info[RSA_1].id, id)); /* what is there instead */
		says(spki_id(&info[absent[i]].id, id));
	}
}
END_TEST

/* A weak one is refused also when it is the wanted one. */
START_TEST(a_wanted_key_must_be_acceptable)
{
	static const int file[] = { EC, RSA_1024, END };

	put(file);
	ck_assert_int_eq(key_check(path, &info[RSA_1024].id, &e), -1);
	says("RSA with 1024 bits");
	must(key_check(path, &info[EC].id, &e));
}
END_TEST

/* ---- what a new key is to be ---- */

/* clang-format off */
static const struct {
	enum slot slot;
	const char *word;
	unsigned bits; /* 0: refused */
	const char *says;
} WORDS_FOR[] = {
	{ SLOT_RSA,   NULL, 2048, NULL },
	{ SLOT_RSA,   "", 2048, NULL },
	{ SLOT_RSA,   "2048", 2048, NULL },
	{ SLOT_RSA,   "2049", 2049, NULL },
	{ SLOT_RSA,   "03072", 3072, NULL },
	{ SLOT_RSA,   "016384", 16384, NULL },
	{ SLOT_RSA,   "2047", 0, "2048 are the least" },
	{ SLOT_RSA,   "0", 0, "2048 are the least" },
	{ SLOT_RSA,   "512", 0, "RSA with 512 bits" },
	{ SLOT_RSA,   "16385", 0, "16384 are the most" },
	{ SLOT_RSA,   "20000000", 0, "16384 are the most" },
	{ SLOT_RSA,   "4294969344", 0, "16384 are the most" },  /* 2^32 + 2048 */
	{ SLOT_RSA,   "18446744073709553664", 0, "16384 are the most" },
	{ SLOT_RSA,   "-2048", 0, "a number is needed" },
	{ SLOT_RSA,   "+2048", 0, "a number is needed" },
	{ SLOT_RSA,   " 2048", 0, "a number is needed" },
	{ SLOT_RSA,   "2048 ", 0, "a number is needed" },
	{ SLOT_RSA,   "0x800", 0, "a number is needed" },
	{ SLOT_RSA,   "2048.0", 0, "a number is needed" },
	{ SLOT_RSA,   "2e4", 0, "a number is needed" },
	{ SLOT_RSA,   "P-256", 0, "a number is needed" },
	{ SLOT_RSA,   "20\n48", 0, "20\\x0a48" },
	{ SLOT_ECDSA, NULL, 256, NULL },
	{ SLOT_ECDSA, "", 256, NULL },
	{ SLOT_ECDSA, "P-256", 256, NULL },
	{ SLOT_ECDSA, "p-256", 256, NULL },
	{ SLOT_ECDSA, "P256", 256, NULL },
	{ SLOT_ECDSA, "prime256v1", 256, NULL },
	{ SLOT_ECDSA, "secp256r1", 256, NULL },
	{ SLOT_ECDSA, "NISTP256", 256, NULL },
	{ SLOT_ECDSA, "1.2.840.10045.3.1.7", 256, NULL },
	{ SLOT_ECDSA, "P-384", 384, NULL },
	{ SLOT_ECDSA, "secp384R1", 384, NULL },
	{ SLOT_ECDSA, "nistp384", 384, NULL },
	{ SLOT_ECDSA, "1.3.132.0.34", 384, NULL },
	{ SLOT_ECDSA, "P-521", 521, NULL },
	{ SLOT_ECDSA, "secp521r1", 521, NULL },
	{ SLOT_ECDSA, "nistp521", 521, NULL },
	{ SLOT_ECDSA, "1.3.132.0.35", 521, NULL },
	{ SLOT_ECDSA, "secp256k1", 0, "P-256, P-384 and P-521 are" },
	{ SLOT_ECDSA, "secp224r1", 0, "curve secp224r1" },
	{ SLOT_ECDSA, "brainpoolP256r1", 0, "not one that senders offer" },
	{ SLOT_ECDSA, "ed25519", 0, "not one that senders offer" },
	{ SLOT_ECDSA, "256", 0, "not one that senders offer" },
	{ SLOT_ECDSA, "2048", 0, "not one that senders offer" },
	{ SLOT_ECDSA, "P-2561", 0, "not one that senders offer" },
	{ SLOT_ECDSA, "P-25", 0, "not one that senders offer" },
	{ SLOT_ECDSA, "P-256 ", 0, "not one that senders offer" },
	{ SLOT_ECDSA, "1.3.132.0.3", 0, "not one that senders offer" },
};
/* clang-format on */
#define N_WORDS ((int)(sizeof(WORDS_FOR) / sizeof(WORDS_FOR[0])))

START_TEST(a_word_says_what_key_or_is_refused_with_what_would_do)
{
	struct key_spec spec = { SLOT_OTHER, 0 };
	int rc = key_spec_parse(WORDS_FOR[_i].slot, WORDS_FOR[_i].word, &spec,
	    &e);

	ck_assert_int_eq(rc, WORDS_FOR[_i].bits == 0 ? -1 : 0);
	if (rc < 0) {
		ck_assert_int_eq(e.kind, ERR_USAGE);
		says(WORDS_FOR[_i].says);
		return;
	}
	ck_assert_int_eq(spec.slot, WORDS_FOR[_i].slot);
	ck_assert_uint_eq(spec.bits, WORDS_FOR[_i].bits);
}
END_TEST

START_TEST(a_size_that_is_no_kind_can_be_made)
{
	struct private_key *k = NULL;
	struct key_info got;

	must(key_make((struct key_spec){ SLOT_RSA, 2056 }, &k, &got, &e));
	ck_assert_int_eq(got.slot, SLOT_RSA);
	ck_assert_int_eq(got.bits, 2056);
	ck_assert_int_eq(got.kind, KIND_COUNT);
	private_key_free(k);
}
END_TEST

START_TEST(a_key_of_no_slot_is_never_made)
{
	struct private_key *k = NULL;
	struct key_info got;

	ck_assert_int_eq(key_make(key_spec_of(KIND_COUNT), &k, &got, &e), -1);
	ck_assert_int_eq(e.kind, ERR_BUG);
	ck_assert_ptr_null(k);
}
END_TEST

/* ---- digests ---- */

/* The digests are those of sha256sum(1) and sha512sum(1). */
static const char SAMPLE[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTC6rIfLkxeIgdT++\n"
    "LdveMbmmmgvjyQvY3rqed2xfZtOhRANCAAT7RM2bqMPdsS7JjppNtTyLv7IVEh1E\n"
    "8H1z0a0dxlDlv+HFT9Cb/fkzrxXFYSZDAIbBaOkyNe7/2XAgfr/2wxZZ\n"
    "-----END PRIVATE KEY-----\n";
#define SAMPLE_SHA256 \
	"a597c7b636415432b43d20853f8740246bb8895e40cb995064d669e604f20e6c"
#define SAMPLE_SHA512                                                      \
	"4df767bcf0995e00dd44c832a188c17a28e7e0c95ade14156210c3d4a47cdb5c" \
	"b5be05b372e1ca03880a3cb86796f9ca9ef494eb2d3dbf99306bda81d74ca7e5"

START_TEST(the_digests_are_those_of_the_public_key)
{
	struct private_key *k = NULL;
	uint8_t digest[64];
	struct key_info got;
	char hex[129];

	must(file_replace(path, SAMPLE, strlen(SAMPLE), 0600, (uid_t)-1,
	    (gid_t)-1, &e));
	must(key_load(path, &k, &got, &e));
	ck_assert_str_eq(spki_hex(&got.id, hex), SAMPLE_SHA256);
	must(key_sha512(k, digest, &e));
	for (int i = 0; i < 64; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	ck_assert_str_eq(hex, SAMPLE_SHA512);
	private_key_free(k);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("key_list");
	TCase *t = tcase_create("key_list");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, make_parts, remove_parts);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_key_of_a_file_is_listed_in_order, 0,
	    N_FILES);
	tcase_add_loop_test(t, the_first_key_of_a_slot_is_found, 0, N_FILES);
	tcase_add_test(t, a_slot_without_a_key_is_named);
	tcase_add_test(t, the_wanted_key_is_found_behind_others);
	tcase_add_test(t, a_wanted_key_must_be_acceptable);
	tcase_add_loop_test(t,
	    a_word_says_what_key_or_is_refused_with_what_would_do, 0, N_WORDS);
	tcase_add_test(t, a_size_that_is_no_kind_can_be_made);
	tcase_add_test(t, a_key_of_no_slot_is_never_made);
	tcase_add_test(t, the_digests_are_those_of_the_public_key);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
