/*
 * test_cert_chain.c - the whole of a certificate file: in order, in date, and
 * the TLSA records that can be made of it.
 */
#include <check.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "edge/cert.h"
#include "edge/ssl.h"

#define NOW ((time_t)1780000000)

/*
 * L: the server's own, issued by I, issued by R, which is self-signed.
 * S: self-signed, of L's key.  J: I's name, another key.  K: another name, I's
 * key.  X: a stranger.
 */
enum { L, I, R, S, J, K, X, N_CERT };
static const char LETTER[] = "LIRSJKX";

/* From, until: seconds from NOW. */
static const struct {
	const char *name;
	int key, issuer; /* of which certificate */
	long from, until;
} MADE[N_CERT] = {
	[L] = { "leaf", L, I, 100, 1000 },
	[I] = { "inter", I, R, 200, 900 },
	[R] = { "root", R, R, 300, 800 },
	[S] = { "leaf", L, S, 0, 9999 },
	[J] = { "inter", J, R, 0, 9999 },
	[K] = { "cross", I, R, 0, 9999 },
	[X] = { "stranger", X, X, 0, 9999 },
};
#define GOOD (NOW + 500)

static char top[256], path[300];
static struct err e;
static X509 *x[N_CERT];
static EVP_PKEY *pkey[N_CERT];
static struct spki own;

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)
#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

static void
set_name(X509_NAME *n, const char *cn)
{
	ck_assert_int_eq(X509_NAME_add_entry_by_NID(n, NID_commonName,
			     MBSTRING_ASC, (const unsigned char *)cn, -1, -1,
			     0),
	    1);
}

static void
set_ca(X509 *c)
{
	BASIC_CONSTRAINTS *bc = BASIC_CONSTRAINTS_new();

	bc->ca = 0xff;
	ck_assert_int_eq(X509_add1_ext_i2d(c, NID_basic_constraints, bc, 1, 0),
	    1);
	BASIC_CONSTRAINTS_free(bc);
}

static X509 *
make(int at)
{
	X509 *c = X509_new();
	time_t now = NOW;

	X509_set_version(c, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(c), at + 1);
	set_name(X509_get_subject_name(c), MADE[at].name);
	set_name(X509_get_issuer_name(c), MADE[MADE[at].issuer].name);
	X509_time_adj_ex(X509_getm_notBefore(c), 0, MADE[at].from, &now);
	X509_time_adj_ex(X509_getm_notAfter(c), 0, MADE[at].until, &now);
	X509_set_pubkey(c, pkey[MADE[at].key]);
	if (MADE[at].key != L)
		set_ca(c);
	ck_assert_int_gt(X509_sign(c, pkey[MADE[MADE[at].issuer].key],
			     EVP_sha256()),
	    0);
	return c;
}

static void
make_all(void)
{
	const char *tmp = getenv("TMPDIR");
	struct key_info info;

	snprintf(top, sizeof(top), "%s/chain.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/c.pem", top);
	for (int i = 0; i < N_CERT; i++)
		pkey[i] = i == X ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
				 : EVP_EC_gen("P-256");
	for (int i = 0; i < X; i++)
		x[i] = make(i);
	/* Its key is short enough to stand in a record as it is. */
	x[X] = X509_dup(x[R]);
	X509_set_pubkey(x[X], pkey[X]);
	ck_assert_int_gt(X509_sign(x[X], pkey[X], NULL), 0);
	must(ssl_key_info(pkey[L], &info, &e));
	own = info.id;
}

static void
free_all(void)
{
	for (int i = 0; i < N_CERT; i++) {
		X509_free(x[i]);
		EVP_PKEY_free(pkey[i]);
	}
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

static void
put_bytes(const void *data, size_t len)
{
	must(file_replace(path, data, len, 0644, (uid_t)-1, (gid_t)-1, &e));
}

static char *
pem_of(X509 *c)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *s;
	long len;

	ck_assert_int_eq(PEM_write_bio_X509(bio, c), 1);
	len = BIO_get_mem_data(bio, &data);
	s = mem_fmt("%.*s", (int)len, data);
	BIO_free(bio);
	return s;
}

/* The certificates of these letters; other letters are words between. */
static void
put(const char *letters)
{
	struct text t = TEXT_INIT;

	for (; *letters != 0; letters++) {
		const char *at = strchr(LETTER, *letters);
		char *pem = at != NULL ? pem_of(x[at - LETTER])
				       : mem_dup("words in between\r\n");

		text_add(&t, pem);
		free(pem);
	}
	put_bytes(text_str(&t), t.len);
	text_release(&t);
}

/* ---- order ---- */

/* clang-format off */
static const struct {
	const char *file;
	enum err_kind kind; /* ERR_NONE: good */
	const char *words;
} ORDER[] = {
	{ "L",    ERR_NONE, NULL },
	{ "LI",   ERR_NONE, NULL },
	{ "LIR",  ERR_NONE, NULL },
	{ "S",    ERR_NONE, NULL },
	{ "-L-I-R-", ERR_NONE, NULL },
	{ "LR",   ERR_CONFIG, "certificate 2 (/CN=root) did not issue" },
	{ "LRI",  ERR_CONFIG, "certificate 2 (/CN=root) did not issue" },
	{ "LL",   ERR_CONFIG, "certificate 2 (/CN=leaf) did not issue" },
	{ "LII",  ERR_CONFIG, "certificate 3 (/CN=inter) did not issue" },
	{ "LIRX", ERR_CONFIG, "certificate 4" },
	{ "LX",   ERR_CONFIG, "certificate 2" },
	{ "LJ",   ERR_CONFIG, "certificate 2 (/CN=inter) did not issue" },
	{ "LK",   ERR_CONFIG, "certificate 2 (/CN=cross) did not issue" },
	{ "SI",   ERR_CONFIG, "certificate 2 (/CN=inter) did not issue" },
	{ "I",    ERR_REFUSED, "the certificate is of key" },
	{ "IL",   ERR_REFUSED, "the certificate is of key" },
	{ "RIL",  ERR_REFUSED, "the certificate is of key" },
	{ "X",    ERR_REFUSED, "the certificate is of key" },
};
/* clang-format on */

START_TEST(each_certificate_must_have_issued_the_one_before_it)
{
	int rc;

	put(ORDER[_i].file);
	rc = cert_chain_check(path, &own, GOOD, &e);
	if (ORDER[_i].kind == ERR_NONE) {
		must(rc);
		return;
	}
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(e.kind, ORDER[_i].kind);
	says(ORDER[_i].words);
}
END_TEST

START_TEST(a_foreign_certificate_is_told_with_both_keys)
{
	struct key_info other;
	char id[9];

	put("IL");
	must(ssl_key_info(pkey[I], &other, &e));
	ck_assert_int_eq(cert_chain_check(path, &own, GOOD, &e), -1);
	says(spki_id(&own, id));
	says(spki_id(&other.id, id));
}
END_TEST

/* ---- dates ---- */

/* clang-format off */
static const struct {
	long at;
	const char *words; /* NULL: valid */
} DATES[] = {
	{ 99,   "certificate 1 (/CN=leaf) is not valid yet" },
	{ 100,  "certificate 2 (/CN=inter) is not valid yet" },
	{ 199,  "certificate 2 (/CN=inter) is not valid yet" },
	{ 200,  "certificate 3 (/CN=root) is not valid yet, not before 2026-" },
	{ 299,  "certificate 3 (/CN=root) is not valid yet" },
	{ 300,  NULL },
	{ 800,  NULL },
	{ 801,  "certificate 3 (/CN=root) expired 2026-" },
	{ 900,  "certificate 3 (/CN=root) expired" },
	{ 901,  "certificate 2 (/CN=inter) expired" },
	{ 1000, "certificate 2 (/CN=inter) expired" },
	{ 1001, "certificate 1 (/CN=leaf) expired" },
};
/* clang-format on */

START_TEST(every_certificate_must_be_valid_now)
{
	int rc;

	put("LIR");
	rc = cert_chain_check(path, &own, NOW + DATES[_i].at, &e);
	ck_assert_int_eq(rc, DATES[_i].words == NULL ? 0 : -1);
	if (rc == 0)
		return;
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says(DATES[_i].words);
	says(path);
}
END_TEST

/* ---- the file ---- */

START_TEST(sixteen_certificates_are_the_most)
{
	put("SSSSSSSSSSSSSSSS");
	must(cert_chain_check(path, &own, GOOD, &e));
	put("SSSSSSSSSSSSSSSSS");
	ck_assert_int_eq(cert_chain_check(path, &own, GOOD, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("17 certificates; 16 are the most");
}
END_TEST

enum damage { NO_END, NO_BASE64, NOT_DER, CUT_SHORT };

/* The second of two, so that the first is still good. */
START_TEST(a_damaged_certificate_is_told_by_its_place)
{
	struct text t = TEXT_INIT;
	char *pem = pem_of(x[L]);
	struct tlsa r;

	text_add(&t, pem);
	free(pem);
	pem = pem_of(x[I]);
	if (_i == NO_END)
		*strstr(pem, "-----END") = 0;
	else if (_i == NO_BASE64)
		memcpy(strchr(pem, '\n') + 1, "****", 4);
	else if (_i == CUT_SHORT)
		pem[strlen("-----BEGIN CERTIFICATE-----")] = 0;
	text_add(&t,
	    _i == NOT_DER ? "-----BEGIN CERTIFICATE-----\nAAAA\n"
			    "-----END CERTIFICATE-----\n"
			  : pem);
	free(pem);
	put_bytes(text_str(&t), t.len);
	text_release(&t);
	ck_assert_int_eq(cert_chain_check(path, &own, GOOD, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("certificate 2 of 2 is damaged");
	ck_assert_int_eq(cert_tlsa(path, 1, 1, &r, &e), -1);
}
END_TEST

START_TEST(a_key_may_stand_between_the_certificates)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	PEM_write_bio_X509(bio, x[L]);
	PEM_write_bio_PKCS8PrivateKey(bio, pkey[L], NULL, NULL, 0, NULL, NULL);
	PEM_write_bio_X509(bio, x[I]);
	len = BIO_get_mem_data(bio, &data);
	put_bytes(data, (size_t)len);
	BIO_free(bio);
	must(cert_chain_check(path, &own, GOOD, &e));
}
END_TEST

START_TEST(a_file_without_a_certificate_is_none)
{
	static const char words[] = "-----BEGIN X-----\n-----END X-----\n";
	struct cover_chain chain;
	char names[1][256];
	struct tlsa r;

	if (_i == 1)
		put_bytes(words, strlen(words));
	ck_assert_int_eq(cert_chain_check(path, &own, GOOD, &e), -1);
	says(_i == 0 ? "No such file" : "holds no certificate");
	ck_assert_int_eq(cert_tlsa(path, 1, 1, &r, &e), -1);
	says(path);
	ck_assert_int_eq(cert_cover(path, NULL, 0, GOOD, &chain, &e), -1);
	says(path);
	ck_assert_uint_eq(cert_names(path, names, 1), 0);
}
END_TEST

/* ---- TLSA ---- */

/* The data, found without the code under test. */
static size_t
full_data(int at, int selector, unsigned char **der)
{
	int len;

	*der = NULL;
	len = selector == 0 ? i2d_X509(x[at], der) : i2d_PUBKEY(pkey[at], der);
	ck_assert_int_gt(len, 0);
	return (size_t)len;
}

static struct tlsa
record(int usage, int at, int selector, int mtype)
{
	struct tlsa r = { .usage = (uint8_t)usage,
		.selector = (uint8_t)selector,
		.mtype = (uint8_t)mtype };
	unsigned char *der;
	size_t len = full_data(at, selector, &der);
	unsigned n = 0;

	ck_assert_int_eq(EVP_Digest(der, len, r.data, &n,
			     mtype == 2 ? EVP_sha512() : EVP_sha256(), NULL),
	    1);
	r.len = (uint8_t)n;
	if (mtype == 0 && len > TLSA_DATA)
		r.len = TLSA_FOLDED;
	else if (mtype == 0) {
		memset(r.data, 0, sizeof(r.data));
		memcpy(r.data, der, len);
		r.len = (uint8_t)len;
	}
	OPENSSL_free(der);
	return r;
}

START_TEST(a_record_is_of_the_first_certificate_with_usage_3)
{
	int selector = _i / 3, mtype = _i % 3;
	struct tlsa got, want = record(3, L, selector, mtype);

	put("LIR");
	memset(&got, 0xff, sizeof(got));
	must(cert_tlsa(path, selector, mtype, &got, &e));
	ck_assert_mem_eq(&got, &want, sizeof(got)); /* the rest is zero */
}
END_TEST

/* An Ed25519 key is shorter than what is kept of a record. */
START_TEST(short_data_stands_there_as_it_is)
{
	struct tlsa got, want = record(3, X, 1, 0);

	put("X");
	must(cert_tlsa(path, 1, 0, &got, &e));
	ck_assert_uint_eq(got.len, 44);
	ck_assert_mem_eq(&got, &want, sizeof(got));
}
END_TEST

START_TEST(the_record_of_a_key_is_3_1_1)
{
	struct tlsa got, want = tlsa_of(&own);

	put("L");
	must(cert_tlsa(path, 1, 1, &got, &e));
	ck_assert_int_eq(tlsa_cmp(&got, &want), 0);
}
END_TEST

/* ---- what records can name ---- */

START_TEST(the_chain_is_that_of_the_file)
{
	struct cover_chain got;

	put("-L-I-R-");
	memset(&got, 0xff, sizeof(got));
	must(cert_cover(path, NULL, 0, GOOD, &got, &e));
	ck_assert_uint_eq(got.n, 3);
	for (int i = 0; i < 3; i++)
		for (int selector = 0; selector < 2; selector++)
			for (int mtype = 0; mtype < 3; mtype++) {
				struct tlsa want = record(2, i, selector,
				    mtype);
				struct tlsa is = cover_tlsa(&got.cert[i], 2,
				    selector, mtype);

				ck_assert_mem_eq(&is, &want, sizeof(is));
			}
}
END_TEST

START_TEST(the_name_that_is_wanted_counts)
{
	const char *const names[] = { "leaf", "other" };
	struct cover_chain got;

	put("LI");
	for (size_t n = 0; n <= 2; n++) {
		must(cert_cover(path, names, n, GOOD, &got, &e));
		ck_assert_int_eq(got.names_ok, n < 2);
	}
}
END_TEST

/* ---- names ---- */

static void
add_san(GENERAL_NAMES *sans, int type, const char *name, int len)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_STRING *str = type == GEN_IPADD ? ASN1_OCTET_STRING_new()
					     : ASN1_IA5STRING_new();

	ASN1_STRING_set(str, name, len);
	GENERAL_NAME_set0_value(g, type, str);
	sk_GENERAL_NAME_push(sans, g);
}

static void
put_sans(const GENERAL_NAMES *sans)
{
	X509 *c = X509_dup(x[S]);
	char *pem;

	ck_assert_int_eq(X509_add1_ext_i2d(c, NID_subject_alt_name,
			     (void *)(uintptr_t)sans, 0, X509V3_ADD_REPLACE),
	    1);
	X509_sign(c, pkey[L], EVP_sha256());
	pem = pem_of(c);
	put_bytes(pem, strlen(pem));
	free(pem);
	X509_free(c);
}

START_TEST(only_host_names_of_the_first_certificate_are_names)
{
	GENERAL_NAMES *sans = sk_GENERAL_NAME_new_null();
	char names[5][256], longest[254], longer[255];

	for (int i = 0; i < 254; i++)
		longer[i] = i % 2 == 0 ? 'a' : '.';
	longer[253] = 'b';
	longer[254] = 0;
	memcpy(longest, longer, 253);
	longest[253] = 0;
	add_san(sans, GEN_EMAIL, "mail.example.org", -1);
	add_san(sans, GEN_DNS, "mx2.Example.org", -1);
	add_san(sans, GEN_DNS, "*.example.org", -1);
	add_san(sans, GEN_DNS, "mx", -1);
	add_san(sans, GEN_DNS, "", 0);
	add_san(sans, GEN_DNS, "a.b\0.evil.test", 15);
	add_san(sans, GEN_DNS, "a.b\0", 4);
	add_san(sans, GEN_DNS, "$(id).example.org", -1);
	add_san(sans, GEN_IPADD, "\xc0\0\2\1", 4);
	add_san(sans, GEN_DNS, "192.0.2.1", -1);
	add_san(sans, GEN_DNS, longer, -1);
	add_san(sans, GEN_DNS, longest, -1);
	add_san(sans, GEN_DNS, "mx1.example.org", -1);
	add_san(sans, GEN_DNS, "mx2.Example.org", -1);
	put_sans(sans);
	sk_GENERAL_NAME_pop_free(sans, GENERAL_NAME_free);
	ck_assert_uint_eq(cert_names(path, names, 5), 4);
	ck_assert_str_eq(names[0], "mx2.Example.org");
	ck_assert_str_eq(names[1], longest);
	ck_assert_str_eq(names[2], "mx1.example.org");
	ck_assert_str_eq(names[3], "mx2.Example.org");
	names[2][0] = 'X';
	ck_assert_uint_eq(cert_names(path, names, 2), 2);
	ck_assert_int_eq(names[2][0], 'X');
	ck_assert_uint_eq(cert_names(path, names, 0), 0);
}
END_TEST

START_TEST(without_sans_there_are_no_names)
{
	char names[1][256];

	put("LIR");
	ck_assert_uint_eq(cert_names(path, names, 1), 0);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_loop_test(t,
	    each_certificate_must_have_issued_the_one_before_it, 0,
	    (int)(sizeof(ORDER) / sizeof(ORDER[0])));
	tcase_add_test(t, a_foreign_certificate_is_told_with_both_keys);
	tcase_add_loop_test(t, every_certificate_must_be_valid_now, 0,
	    (int)(sizeof(DATES) / sizeof(DATES[0])));
	tcase_add_test(t, sixteen_certificates_are_the_most);
	tcase_add_loop_test(t, a_damaged_certificate_is_told_by_its_place, 0,
	    CUT_SHORT + 1);
	tcase_add_test(t, a_key_may_stand_between_the_certificates);
	tcase_add_loop_test(t, a_file_without_a_certificate_is_none, 0, 2);
	tcase_add_loop_test(t,
	    a_record_is_of_the_first_certificate_with_usage_3, 0, 6);
	tcase_add_test(t, short_data_stands_there_as_it_is);
	tcase_add_test(t, the_record_of_a_key_is_3_1_1);
	tcase_add_test(t, the_chain_is_that_of_the_file);
	tcase_add_test(t, the_name_that_is_wanted_counts);
	tcase_add_test(t, only_host_names_of_the_first_certificate_are_names);
	tcase_add_test(t, without_sans_there_are_no_names);
}

int
main(void)
{
	Suite *s = suite_create("cert_chain");
	TCase *t = tcase_create("cert_chain");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, make_all, free_all);
	tcase_add_checked_fixture(t, setup, teardown);
	add_tests(t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
