/*
 * test_cert_bundle.c - what is taken from an issuer, and what is not, and why.
 */
#include <check.h>
#include <openssl/err.h>
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
#define DAY 86400L

/*
 * L: the server's own, of I, which R issued.  S: of its own key, self-signed.
 * N: another name.  D: ends within a day.  W: signed by SHA-1.  K: of a CA
 * whose key is weak, V.  U: signed by L, which is no CA.  P: the private key.
 */
enum { L, I, R, S, N, D, W, V, K, U, N_CERT };
static const char LETTER[] = "LIRSNDWVKU";

static const struct {
	const char *name;
	int key, issuer; /* of which certificate */
	bool ca;
	long until;
} MADE[N_CERT] = {
	[L] = { "leaf", L, I, false, 90 * DAY },
	[I] = { "inter", I, R, true, 900 * DAY },
	[R] = { "root", R, R, true, 900 * DAY },
	[S] = { "self", L, S, false, 90 * DAY },
	[N] = { "leaf", L, I, false, 90 * DAY },
	[D] = { "leaf", L, I, false, DAY - 1 },
	[W] = { "leaf", L, I, false, 90 * DAY },
	[V] = { "weak", V, V, true, 900 * DAY },
	[K] = { "leaf", L, V, false, 90 * DAY },
	[U] = { "under", U, L, false, 90 * DAY },
};

static char top[256], path[300];
static struct err e;
static X509 *x[N_CERT];
static EVP_PKEY *pkey[N_CERT];
static struct spki own, other;
static const char *const NAMES[] = { "mx.example" };

static void
add_ext(X509 *c, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	ck_assert_int_eq(X509_add_ext(c, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static void
set_cn(X509_NAME *n, const char *cn)
{
	ck_assert_int_eq(X509_NAME_add_entry_by_NID(n, NID_commonName,
			     MBSTRING_ASC, (const unsigned char *)cn, -1, -1,
			     0),
	    1);
}

static X509 *
make(int at)
{
	X509 *c = X509_new();
	time_t now = NOW;

	X509_set_version(c, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(c), at + 1);
	set_cn(X509_get_subject_name(c), MADE[at].name);
	set_cn(X509_get_issuer_name(c), MADE[MADE[at].issuer].name);
	X509_time_adj_ex(X509_getm_notBefore(c), 0, -DAY, &now);
	X509_time_adj_ex(X509_getm_notAfter(c), 0, MADE[at].until, &now);
	X509_set_pubkey(c, pkey[MADE[at].key]);
	add_ext(c, NID_basic_constraints,
	    MADE[at].ca ? "critical,CA:TRUE" : "CA:FALSE");
	add_ext(c, NID_subject_alt_name,
	    at == N ? "DNS:www.example" : "DNS:mx.example");
	ck_assert_int_gt(X509_sign(c, pkey[MADE[MADE[at].issuer].key],
			     at == W ? EVP_sha1() : EVP_sha256()),
	    0);
	return c;
}

static void
make_all(void)
{
	const char *tmp = getenv("TMPDIR");
	struct key_info info;

	snprintf(top, sizeof(top), "%s/bundle.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/c.pem", top);
	for (int i = 0; i < N_CERT; i++)
		pkey[i] = i == V ? EVP_RSA_gen(1024) : EVP_EC_gen("P-256");
	for (int i = 0; i < N_CERT; i++)
		x[i] = make(i);
	ck_assert_int_eq(ssl_key_info(pkey[L], &info, &e), 0);
	own = info.id;
	ck_assert_int_eq(ssl_key_info(pkey[U], &info, &e), 0);
	other = info.id;
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
teardown(void)
{
	ck_assert_uint_eq(ERR_peek_error(), 0); /* OpenSSL's list is empty */
	unlink(path);
}

static void
put(const char *letters)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	for (; *letters != 0; letters++) {
		const char *at = strchr(LETTER, *letters);

		if (at != NULL)
			PEM_write_bio_X509(bio, x[at - LETTER]);
		else if (*letters == 'P')
			PEM_write_bio_PrivateKey(bio, pkey[L], NULL, NULL, 0,
			    NULL, NULL);
		else
			BIO_puts(bio, "words in between\n");
	}
	len = BIO_get_mem_data(bio, &data);
	ck_assert_int_eq(file_replace(path, data, (size_t)len, 0644, (uid_t)-1,
			     (gid_t)-1, &e),
	    0);
	BIO_free(bio);
}

/* As the command does it. */
static int
take(const struct spki *key, struct cover_chain *c)
{
	struct cert_bundle b;
	int rc = cert_bundle_read(path, &b, &e);

	if (rc < 0)
		return rc;
	cert_bundle_release(&b);
	return cert_bundle_check(path, key, NAMES, 1, NOW, c, &e);
}

/* clang-format off */
static const struct {
	const char *file, *words; /* NULL: good */
} FILES[] = {
	{ "L",    NULL },
	{ "LI",   NULL },
	{ "LIR",  NULL },
	{ "-L-I-", NULL },
	{ "",     "" },
	{ "-",    "" },
	{ "S",    "self-signed" },
	{ "NIR",  "does not name mx.example" },
	{ "DIR",  "ends 2026" },
	{ "WIR",  "signature of certificate 1 is too weak" },
	{ "KV",   "key of certificate 2 is too weak" },
	{ "LRI",  "did not issue" },
	{ "LV",   "" },
	{ "LIRP", "private key" },
	{ "PLIR", "private key" },
	{ "LIRRRRRRRR", "10 certificates; 8 are" },
};
/* clang-format on */

START_TEST(what_senders_would_refuse_is_not_taken)
{
	struct cover_chain c;

	put(FILES[_i].file);
	if (FILES[_i].words == NULL) {
		ck_assert_msg(take(&own, &c) == 0, "%s", e.text);
		ck_assert_uint_eq(cover_issuer(&c), c.n - 1);
		return;
	}
	ck_assert_int_eq(take(&own, &c), -1);
	ck_assert_msg(strstr(e.text, FILES[_i].words) != NULL, "%s: %s",
	    FILES[_i].file, e.text);
}
END_TEST

START_TEST(the_key_must_be_the_one)
{
	struct cover_chain c;

	put("LIR");
	ck_assert_int_eq(take(&other, &c), -1);
	ck_assert_int_eq(e.kind, ERR_REFUSED);
}
END_TEST

/* Its signature is right, and it is not made to sign. */
START_TEST(what_is_no_ca_issues_nothing)
{
	struct cover_chain c;

	put("ULIR");
	ck_assert_int_eq(take(&other, &c), -1);
	ck_assert_msg(strstr(e.text, "certificate 2 ") != NULL, "%s", e.text);
}
END_TEST

START_TEST(what_stands_around_the_certificates_is_not_kept)
{
	struct cert_bundle a, b;
	X509 *first;
	BIO *bio;

	put("-L-I-");
	ck_assert_int_eq(cert_bundle_read(path, &a, &e), 0);
	put("LI");
	ck_assert_int_eq(cert_bundle_read(path, &b, &e), 0);
	ck_assert_str_eq(a.pem, b.pem);
	ck_assert_uint_eq(strlen(a.pem), a.len);
	ck_assert_int_eq(a.info.not_after, NOW + 90 * DAY);
	bio = BIO_new_mem_buf(a.pem, (int)a.len);
	first = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	ck_assert_int_eq(X509_cmp(first, x[L]), 0);
	X509_free(first);
	BIO_free(bio);
	cert_bundle_release(&a);
	cert_bundle_release(&b);
}
END_TEST

/* No file that a server may read is overwritten by another chain. */
START_TEST(another_chain_has_another_name)
{
	static const char *const files[] = { "L", "LI", "LIR" };
	char tag[3][9], again[9];

	for (int i = 0; i < 3; i++) {
		struct cover_chain c;

		put(files[i]);
		ck_assert_int_eq(take(&own, &c), 0);
		cert_tag(&c, tag[i]);
		c.dates_ok[0] = c.names_ok = false;
		ck_assert_str_eq(cert_tag(&c, again), tag[i]);
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(tag[j], tag[i]);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("bundle");
	TCase *t = tcase_create("bundle");
	SRunner *r;
	int failed;

	tcase_add_unchecked_fixture(t, make_all, free_all);
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, what_senders_would_refuse_is_not_taken, 0,
	    sizeof(FILES) / sizeof(FILES[0]));
	tcase_add_test(t, the_key_must_be_the_one);
	tcase_add_test(t, what_is_no_ca_issues_nothing);
	tcase_add_test(t, what_stands_around_the_certificates_is_not_kept);
	tcase_add_test(t, another_chain_has_another_name);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
