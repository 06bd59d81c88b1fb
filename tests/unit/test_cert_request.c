/*
 * test_cert_request.c - a request asks for what postfix tls asks for, and for
 * nothing else.
 */
#include <check.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "edge/cert.h"
#include "edge/ssl.h"

#define must(call) ck_assert_msg((call) == 0, "%s", e.text)

static struct err e;
static struct private_key *key;
static struct key_info info;

static const char *const NAMES[] = { "mx.Example.org", "a,DNS:evil,$ENV::PATH",
	"*.mail.example.org", "mx.Example.org" };

static X509_REQ *
request(enum kind kind, size_t n)
{
	BIO *bio;
	X509_REQ *req;
	char *pem;

	must(key_make(key_spec_of(kind), &key, &info, &e));
	pem = cert_request(key, NAMES, n, &e);
	ck_assert_msg(pem != NULL, "%s", e.text);
	ck_assert_ptr_eq(strstr(pem, "-----BEGIN CERTIFICATE REQUEST-----\n"),
	    pem);
	ck_assert_str_eq(strstr(pem, "-----END"),
	    "-----END CERTIFICATE REQUEST-----\n");
	bio = BIO_new_mem_buf(pem, -1);
	req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(req);
	BIO_free(bio);
	free(pem);
	return req;
}

static void
done(X509_REQ *req)
{
	X509_REQ_free(req);
	private_key_free(key);
	ck_assert_uint_eq(ERR_peek_error(), 0); /* OpenSSL's list is empty */
}

static const struct {
	enum kind kind;
	int signature;
} KINDS[] = {
	{ KIND_RSA_2048, NID_sha256WithRSAEncryption },
	{ KIND_ECDSA_P256, NID_ecdsa_with_SHA256 },
	{ KIND_ECDSA_P384, NID_ecdsa_with_SHA256 },
};

START_TEST(it_is_of_version_0_without_a_subject_and_signed_by_the_key)
{
	X509_REQ *req = request(KINDS[_i].kind, 1);
	struct key_info got;

	ck_assert_int_eq(X509_REQ_get_version(req), 0);
	ck_assert_int_eq(X509_NAME_entry_count(X509_REQ_get_subject_name(req)),
	    0);
	ck_assert_int_eq(X509_REQ_verify(req, key->pkey), 1);
	ck_assert_int_eq(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)), 1);
	ck_assert_int_eq(X509_REQ_get_signature_nid(req), KINDS[_i].signature);
	must(ssl_key_info(X509_REQ_get0_pubkey(req), &got, &e));
	ck_assert(spki_eq(&got.id, &info.id));
	ck_assert_int_eq(X509_REQ_get_attr_count(req), 1);
	done(req);
}
END_TEST

START_TEST(it_asks_for_key_id_usage_and_names_in_this_order)
{
	static const int nid[3] = { NID_subject_key_identifier,
		NID_ext_key_usage, NID_subject_alt_name };
	X509_REQ *req = request(KIND_ECDSA_P256, 4);
	STACK_OF(X509_EXTENSION) *exts = X509_REQ_get_extensions(req);

	ck_assert_int_eq(sk_X509_EXTENSION_num(exts), 3);
	for (int i = 0; i < 3; i++) {
		X509_EXTENSION *ext = sk_X509_EXTENSION_value(exts, i);

		ck_assert_int_eq(OBJ_obj2nid(X509_EXTENSION_get_object(ext)),
		    nid[i]);
		ck_assert_int_eq(X509_EXTENSION_get_critical(ext), 0);
	}
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	done(req);
}
END_TEST

START_TEST(the_key_id_is_the_sha1_of_the_key)
{
	X509_REQ *req = request(KIND_ECDSA_P256, 1);
	STACK_OF(X509_EXTENSION) *exts = X509_REQ_get_extensions(req);
	ASN1_OCTET_STRING *id = X509V3_get_d2i(exts, NID_subject_key_identifier,
	    NULL, NULL);
	const unsigned char *bits;
	unsigned char want[20];
	int len;

	ck_assert_int_eq(X509_PUBKEY_get0_param(NULL, &bits, &len, NULL,
			     X509_REQ_get_X509_PUBKEY(req)),
	    1);
	ck_assert_int_eq(EVP_Digest(bits, (size_t)len, want, NULL, EVP_sha1(),
			     NULL),
	    1);
	ck_assert_ptr_nonnull(id);
	ck_assert_int_eq(ASN1_STRING_length(id), 20);
	ck_assert_mem_eq(ASN1_STRING_get0_data(id), want, 20);
	ASN1_OCTET_STRING_free(id);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	done(req);
}
END_TEST

START_TEST(it_may_be_used_by_a_server_and_a_client)
{
	X509_REQ *req = request(KIND_ECDSA_P256, 1);
	STACK_OF(X509_EXTENSION) *exts = X509_REQ_get_extensions(req);
	EXTENDED_KEY_USAGE *usage = X509V3_get_d2i(exts, NID_ext_key_usage,
	    NULL, NULL);

	ck_assert_int_eq(sk_ASN1_OBJECT_num(usage), 2);
	ck_assert_int_eq(OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, 0)),
	    NID_server_auth);
	ck_assert_int_eq(OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, 1)),
	    NID_client_auth);
	EXTENDED_KEY_USAGE_free(usage);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	done(req);
}
END_TEST

/* No name goes through a language of OpenSSL's. */
START_TEST(the_names_are_as_given_in_order)
{
	X509_REQ *req = request(KIND_ECDSA_P256, 4);
	STACK_OF(X509_EXTENSION) *exts = X509_REQ_get_extensions(req);
	GENERAL_NAMES *sans = X509V3_get_d2i(exts, NID_subject_alt_name, NULL,
	    NULL);

	ck_assert_int_eq(sk_GENERAL_NAME_num(sans), 4);
	for (int i = 0; i < 4; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(sans, i);

		ck_assert_int_eq(g->type, GEN_DNS);
		ck_assert_str_eq((const char *)
				     ASN1_STRING_get0_data(g->d.dNSName),
		    NAMES[i]);
	}
	sk_GENERAL_NAME_pop_free(sans, GENERAL_NAME_free);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	done(req);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("cert_request");
	TCase *t = tcase_create("cert_request");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t,
	    it_is_of_version_0_without_a_subject_and_signed_by_the_key, 0,
	    (int)(sizeof(KINDS) / sizeof(KINDS[0])));
	tcase_add_test(t, it_asks_for_key_id_usage_and_names_in_this_order);
	tcase_add_test(t, the_key_id_is_the_sha1_of_the_key);
	tcase_add_test(t, it_may_be_used_by_a_server_and_a_client);
	tcase_add_test(t, the_names_are_as_given_in_order);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
