/*
 * test_cert.c - a certificate is made as postfix tls makes it, and one that
 * does not fit is never taken for one that does.
 */
#include <check.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "edge/cert.h"
#include "edge/ssl.h"

#define NOW ((time_t)1780000000)
#define DAY 86400

static char top[256], path[300];
static struct err e;
static struct private_key *key;
static struct key_info info;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/cert.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/c.pem", top);
	ck_assert_int_eq(key_make(key_spec_of(KIND_ECDSA_P256), &key, &info,
			     &e),
	    0);
}

static void
teardown(void)
{
	private_key_free(key);
	unlink(path);
	ck_assert_int_eq(rmdir(top), 0); /* nothing else is left */
}

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)
#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

static const char *const NAMES[] = { "mx.Example.org", "mx2.example.org",
	"*.mail.example.org", "mx.Example.org" };

static void
make(size_t n)
{
	must(cert_make(key, NAMES, n, NOW, path, &e));
}

static void
put(const void *data, size_t len)
{
	must(file_replace(path, data, len, 0644, (uid_t)-1, (gid_t)-1, &e));
}

static X509 *
load(void)
{
	size_t len;
	char *pem = file_read(path, 1 << 20, &len, &e);
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	ck_assert_ptr_nonnull(x);
	BIO_free(bio);
	free(pem);
	return x;
}

static void
put_cert(X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	ck_assert_int_eq(PEM_write_bio_X509(bio, x), 1);
	len = BIO_get_mem_data(bio, &data);
	put(data, (size_t)len);
	BIO_free(bio);
}

/* ---- made ---- */

/* In this order, none critical: as postfix tls does. */
static const struct {
	int nid;
	const char *text;
} EXT[] = {
	{ NID_basic_constraints, "CA:FALSE" },
	{ NID_subject_key_identifier, NULL },
	{ NID_ext_key_usage,
	    "TLS Web Server Authentication, TLS Web Client Authentication" },
	{ NID_subject_alt_name,
	    "DNS:mx.Example.org, DNS:mx2.example.org, "
	    "DNS:*.mail.example.org, DNS:mx.Example.org" },
};
#define N_EXT 4

START_TEST(the_extensions_are_those_of_postfix_tls_in_its_order)
{
	X509 *x;

	make(4);
	x = load();
	ck_assert_int_eq(X509_get_version(x), X509_VERSION_3);
	ck_assert_int_eq(X509_get_ext_count(x), N_EXT);
	for (int i = 0; i < N_EXT; i++) {
		X509_EXTENSION *ext = X509_get_ext(x, i);
		BIO *bio = BIO_new(BIO_s_mem());
		char *data;
		long len;

		ck_assert_int_eq(OBJ_obj2nid(X509_EXTENSION_get_object(ext)),
		    EXT[i].nid);
		ck_assert_int_eq(X509_EXTENSION_get_critical(ext), 0);
		ck_assert_int_eq(X509V3_EXT_print(bio, ext, 0, 0), 1);
		len = BIO_get_mem_data(bio, &data);
		if (EXT[i].text != NULL) {
			ck_assert_uint_eq((size_t)len, strlen(EXT[i].text));
			ck_assert_mem_eq(data, EXT[i].text, (size_t)len);
		}
		BIO_free(bio);
	}
	X509_free(x);
}
END_TEST

START_TEST(the_subject_key_identifier_is_the_sha1_of_the_key)
{
	const ASN1_OCTET_STRING *id;
	unsigned char want[20];
	unsigned len = 0;
	X509 *x;

	make(1);
	x = load();
	id = X509_get0_subject_key_id(x);
	ck_assert_ptr_nonnull(id);
	ck_assert_int_eq(X509_pubkey_digest(x, EVP_sha1(), want, &len), 1);
	ck_assert_int_eq(ASN1_STRING_length(id), 20);
	ck_assert_mem_eq(ASN1_STRING_get0_data(id), want, 20);
	X509_free(x);
}
END_TEST

START_TEST(subject_and_issuer_are_the_first_name_as_utf8)
{
	X509_NAME_ENTRY *cn;
	X509 *x;

	make(2);
	x = load();
	ck_assert_int_eq(X509_NAME_entry_count(X509_get_subject_name(x)), 1);
	cn = X509_NAME_get_entry(X509_get_subject_name(x), 0);
	ck_assert_int_eq(OBJ_obj2nid(X509_NAME_ENTRY_get_object(cn)),
	    NID_commonName);
	ck_assert_int_eq(ASN1_STRING_type(X509_NAME_ENTRY_get_data(cn)),
	    V_ASN1_UTF8STRING);
	ck_assert_str_eq(
	    (const char *)ASN1_STRING_get0_data(X509_NAME_ENTRY_get_data(cn)),
	    NAMES[0]);
	ck_assert_int_eq(X509_NAME_cmp(X509_get_subject_name(x),
			     X509_get_issuer_name(x)),
	    0);
	ck_assert_int_eq(X509_verify(x, key->pkey), 1);
	ck_assert_int_eq(X509_get_signature_nid(x), NID_ecdsa_with_SHA256);
	X509_free(x);
}
END_TEST

START_TEST(it_lasts_36525_days_from_now)
{
	struct cert_info c;
	X509 *x;

	make(1);
	must(cert_read(path, &c, &e));
	ck_assert_int_eq(c.not_before, NOW);
	ck_assert_int_eq(c.not_after, NOW + (time_t)36525 * DAY);
	ck_assert(c.self_signed);
	ck_assert_int_eq(c.slot, SLOT_ECDSA);
	ck_assert(spki_eq(&c.key, &info.id));
	x = load();
	ck_assert_int_eq(ASN1_STRING_type(X509_get0_notBefore(x)),
	    V_ASN1_UTCTIME);
	ck_assert_int_eq(ASN1_STRING_type(X509_get0_notAfter(x)),
	    V_ASN1_GENERALIZEDTIME);
	X509_free(x);
}
END_TEST

START_TEST(the_serial_is_random_long_and_positive)
{
	X509 *x[2];

	for (int i = 0; i < 2; i++) {
		BIGNUM *bn;

		make(1);
		x[i] = load();
		unlink(path);
		bn = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x[i]), NULL);
		ck_assert_int_eq(BN_num_bits(bn), 159);
		ck_assert(!BN_is_negative(bn));
		BN_free(bn);
	}
	ck_assert_int_ne(ASN1_INTEGER_cmp(X509_get0_serialNumber(x[0]),
			     X509_get0_serialNumber(x[1])),
	    0);
	X509_free(x[0]);
	X509_free(x[1]);
}
END_TEST

#define L60 "a23456789.b23456789.c23456789.d23456789.e23456789.f23456789."

START_TEST(a_long_first_name_gives_a_cn_of_what_fits_of_its_end)
{
	static const char *const names[] = { L60 "org5", L60 "orgg6" };
	char cn[100];
	X509 *x;

	must(cert_make(key, names + _i, 1, NOW, path, &e));
	x = load();
	ck_assert_int_gt(X509_NAME_get_text_by_NID(X509_get_subject_name(x),
			     NID_commonName, cn, sizeof(cn)),
	    0);
	ck_assert_str_eq(cn, _i == 0 ? names[0] : names[1] + 10);
	ck_assert_int_eq(X509_NAME_cmp(X509_get_subject_name(x),
			     X509_get_issuer_name(x)),
	    0);
	X509_free(x);
	must(cert_check(path, &info.id, names + _i, 1, NOW, &e));
}
END_TEST

/* No name goes through a language of OpenSSL's. */
START_TEST(a_name_is_a_name_whatever_it_says)
{
	static const char *const name = "a,DNS:evil,$ENV::PATH/O=x";
	X509 *x;
	GENERAL_NAMES *sans;

	must(cert_make(key, &name, 1, NOW, path, &e));
	x = load();
	sans = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	ck_assert_int_eq(sk_GENERAL_NAME_num(sans), 1);
	ck_assert_int_eq(X509_NAME_entry_count(X509_get_subject_name(x)), 1);
	sk_GENERAL_NAME_pop_free(sans, GENERAL_NAME_free);
	X509_free(x);
}
END_TEST

START_TEST(everybody_may_read_it_and_nothing_is_written_over)
{
	struct stat st;
	ino_t ino;

	umask(077);
	make(1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0644);
	ino = st.st_ino;
	ck_assert_int_eq(cert_make(key, NAMES, 1, NOW, path, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CREATE);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_ino, ino);
}
END_TEST

START_TEST(without_a_name_there_is_no_certificate)
{
	ck_assert_int_eq(cert_make(key, NAMES, 0, NOW, path, &e), -1);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(an_rsa_key_signs_with_sha256_too)
{
	struct private_key *rsa = NULL;
	X509 *x;

	must(key_make(key_spec_of(KIND_RSA_2048), &rsa, &info, &e));
	must(cert_make(rsa, NAMES, 1, NOW, path, &e));
	x = load();
	ck_assert_int_eq(X509_get_signature_nid(x),
	    NID_sha256WithRSAEncryption);
	must(cert_check(path, &info.id, NAMES, 1, NOW, &e));
	X509_free(x);
	private_key_free(rsa);
}
END_TEST

/* ---- read and checked ---- */

/* clang-format off */
static const struct {
	const char *name;
	time_t shift;
	const char *words; /* NULL: fits */
} FITS[] = {
	{ "mx.example.org",        0, NULL },
	{ "MX2.EXAMPLE.ORG",       0, NULL },
	{ "a.mail.example.org",    0, NULL },
	{ "mail.example.org",      0, "does not name" },
	{ "a.b.mail.example.org",  0, "does not name" },
	{ ".mail.example.org",     0, "does not name" },
	{ "a.mail.example.org.evil", 0, "does not name" },
	{ "mx.example.or",         0, "does not name" },
	{ "mx.example.org.",       0, "does not name" },
	{ "xmx.example.org",       0, "does not name" },
	{ "",                      0, "does not name" },
	{ "mx.example.org",       -1, "not valid yet" },
	{ "mx.example.org", (time_t)36525 * DAY, NULL },
	{ "mx.example.org", (time_t)36525 * DAY + 1, "expired" },
};
/* clang-format on */
#define N_FITS ((int)(sizeof(FITS) / sizeof(FITS[0])))

START_TEST(names_and_dates_must_fit)
{
	int rc;

	make(3);
	rc = cert_check(path, &info.id, &FITS[_i].name, 1, NOW + FITS[_i].shift,
	    &e);
	ck_assert_int_eq(rc, FITS[_i].words == NULL ? 0 : -1);
	if (rc < 0) {
		says(FITS[_i].words);
		says(path);
	}
}
END_TEST

START_TEST(every_name_must_be_there)
{
	static const char *const want[] = { "mx.example.org",
		"mx9.example.org" };

	make(3);
	ck_assert_int_eq(cert_check(path, &info.id, want, 2, NOW, &e), -1);
	says("mx9.example.org");
	must(cert_check(path, &info.id, want, 1, NOW, &e));
}
END_TEST

START_TEST(the_certificate_of_another_key_does_not_fit)
{
	struct private_key *other = NULL;

	make(1);
	must(key_make(key_spec_of(KIND_ECDSA_P256), &other, &info, &e));
	ck_assert_int_eq(cert_check(path, &info.id, NAMES, 1, NOW, &e), -1);
	says("not of key");
	private_key_free(other);
}
END_TEST

/* A SAN with a 0 byte in it is longer than it looks. */
START_TEST(a_name_cut_by_a_zero_byte_does_not_fit)
{
	GENERAL_NAMES *sans = sk_GENERAL_NAME_new_null();
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_IA5STRING *s = ASN1_IA5STRING_new();
	X509 *x;

	make(1);
	x = load();
	ASN1_STRING_set(s, "mx.example.org\0.evil.test", 25);
	GENERAL_NAME_set0_value(g, GEN_DNS, s);
	sk_GENERAL_NAME_push(sans, g);
	ck_assert_int_eq(X509_add1_ext_i2d(x, NID_subject_alt_name, sans, 0,
			     X509V3_ADD_REPLACE),
	    1);
	ck_assert_int_gt(X509_sign(x, key->pkey, EVP_sha256()), 0);
	put_cert(x);
	ck_assert_int_eq(cert_check(path, &info.id, NAMES, 1, NOW, &e), -1);
	says("does not name");
	sk_GENERAL_NAME_pop_free(sans, GENERAL_NAME_free);
	X509_free(x);
}
END_TEST

/* The common name is no subject alternative name. */
START_TEST(without_sans_no_name_fits)
{
	X509 *x;

	make(1);
	x = load();
	X509_EXTENSION_free(X509_delete_ext(x, 3));
	ck_assert_int_gt(X509_sign(x, key->pkey, EVP_sha256()), 0);
	put_cert(x);
	ck_assert_int_eq(cert_check(path, &info.id, NAMES, 1, NOW, &e), -1);
	says("does not name");
	X509_free(x);
}
END_TEST

START_TEST(the_first_certificate_of_a_file_counts)
{
	struct private_key *other = NULL;
	struct key_info second;
	struct cert_info c;
	struct text t = TEXT_INIT;
	size_t len;
	char *pem;

	make(1);
	pem = file_read(path, 1 << 20, &len, &e);
	text_add(&t, "words before it\n");
	text_addn(&t, pem, len);
	free(pem);
	unlink(path);
	must(key_make(key_spec_of(KIND_ECDSA_P256), &other, &second, &e));
	must(cert_make(other, NAMES, 1, NOW, path, &e));
	pem = file_read(path, 1 << 20, &len, &e);
	text_addn(&t, pem, len);
	free(pem);
	put(t.s, t.len);
	must(cert_read(path, &c, &e));
	ck_assert(spki_eq(&c.key, &info.id));
	text_release(&t);
	private_key_free(other);
}
END_TEST

/* clang-format off */
static const struct {
	const char *data, *words;
} NO_CERT[] = {
	{ "", "is empty" },
	{ "hello\n", "is not a PEM file" },
	{ "\x30\x82\x01\x02....", "is in DER form" },
	{ "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
	    "holds no certificate" },
	{ "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
	    "damaged" },
	{ "-----BEGIN CERTIFICATE-----\nAA==\n", "damaged" },
};
/* clang-format on */

START_TEST(what_is_no_certificate_is_named)
{
	struct cert_info c;

	put(NO_CERT[_i].data, strlen(NO_CERT[_i].data));
	ck_assert_int_eq(cert_read(path, &c, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says(NO_CERT[_i].words);
	ck_assert_int_eq(cert_check(path, &info.id, NAMES, 1, NOW, &e), -1);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, the_extensions_are_those_of_postfix_tls_in_its_order);
	tcase_add_test(t, the_subject_key_identifier_is_the_sha1_of_the_key);
	tcase_add_test(t, subject_and_issuer_are_the_first_name_as_utf8);
	tcase_add_test(t, it_lasts_36525_days_from_now);
	tcase_add_test(t, the_serial_is_random_long_and_positive);
	tcase_add_loop_test(t,
	    a_long_first_name_gives_a_cn_of_what_fits_of_its_end, 0, 2);
	tcase_add_test(t, a_name_is_a_name_whatever_it_says);
	tcase_add_test(t, everybody_may_read_it_and_nothing_is_written_over);
	tcase_add_test(t, without_a_name_there_is_no_certificate);
	tcase_add_test(t, an_rsa_key_signs_with_sha256_too);
	tcase_add_loop_test(t, names_and_dates_must_fit, 0, N_FITS);
	tcase_add_test(t, every_name_must_be_there);
	tcase_add_test(t, the_certificate_of_another_key_does_not_fit);
	tcase_add_test(t, a_name_cut_by_a_zero_byte_does_not_fit);
	tcase_add_test(t, without_sans_no_name_fits);
	tcase_add_test(t, the_first_certificate_of_a_file_counts);
	tcase_add_loop_test(t, what_is_no_certificate_is_named, 0,
	    (int)(sizeof(NO_CERT) / sizeof(NO_CERT[0])));
}

int
main(void)
{
	Suite *s = suite_create("cert");
	TCase *t = tcase_create("cert");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	add_tests(t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
