/*
 * cert_chain.c - all the certificates of a file, as a server would send them:
 * in order, in date, and what TLSA records can name of them.  Trusts no root.
 */
#include "edge/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "edge/ssl.h"

#define CHAIN_MAX 16 /* more is no chain that anybody sends */
#define BEGIN_CERT "-----BEGIN CERTIFICATE-----"

struct chain {
	X509 *x[CHAIN_MAX];
	size_t n;
};

static void
chain_release(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		X509_free(c->x[i]);
	c->n = 0;
}

static size_t
count_blocks(const char *pem)
{
	size_t n = 0;

	while ((pem = strstr(pem, BEGIN_CERT)) != NULL) {
		pem += strlen(BEGIN_CERT);
		n++;
	}
	return n;
}

static int
parse_chain(const char *path, const char *pem, size_t len, struct chain *c,
    struct err *e)
{
	size_t want = count_blocks(pem);
	BIO *bio = BIO_new_mem_buf(pem, (int)len);

	while (bio != NULL && c->n < CHAIN_MAX &&
	    (c->x[c->n] = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		c->n++;
	BIO_free(bio);
	ERR_clear_error();
	if (want == 0)
		return err_set(e, ERR_CONFIG, "%s: holds no certificate", path);
	if (want > CHAIN_MAX)
		return err_set(e, ERR_CONFIG,
		    "%s: holds %zu certificates; %d are the most that make "
		    "sense",
		    path, want, CHAIN_MAX);
	if (c->n != want)
		return err_set(e, ERR_CONFIG,
		    "%s: certificate %zu of %zu is damaged", path, c->n + 1,
		    want);
	return 0;
}

static int
read_chain(const char *path, struct chain *c, struct err *e)
{
	size_t len;
	char *pem = ssl_read_pem(path, &len, e);
	int rc;

	c->n = 0;
	if (pem == NULL)
		return -1;
	rc = parse_chain(path, pem, len, c, e);
	OPENSSL_cleanse(pem, len); /* a key may stand in the same file */
	free(pem);
	if (rc < 0)
		chain_release(c);
	return rc;
}

static const char *
subject(X509 *x, char *buf, size_t size)
{
	char line[200], *at;

	at = X509_NAME_oneline(X509_get_subject_name(x), line, sizeof(line));
	ERR_clear_error();
	return text_show(at != NULL ? at : "?", at != NULL ? strlen(at) : 1,
	    buf, size);
}

static int
check_dates(const char *path, X509 *x, size_t nth, time_t now, struct err *e)
{
	char when[32], who[256];
	struct tm from, to;
	time_t begin, end;

	if (ASN1_TIME_to_tm(X509_get0_notBefore(x), &from) != 1 ||
	    ASN1_TIME_to_tm(X509_get0_notAfter(x), &to) != 1)
		return err_set(e, ERR_CONFIG,
		    "%s: the dates of certificate %zu cannot be read", path,
		    nth);
	begin = timegm(&from);
	end = timegm(&to);
	if (now < begin)
		return err_set(e, ERR_CONFIG,
		    "%s: certificate %zu (%s) is not valid yet, not before %s",
		    path, nth, subject(x, who, sizeof(who)),
		    when_minute(begin, when));
	if (now > end)
		return err_set(e, ERR_CONFIG,
		    "%s: certificate %zu (%s) expired %s", path, nth,
		    subject(x, who, sizeof(who)), when_minute(end, when));
	return 0;
}

/* By name and by signature: two CAs may have one name. */
static bool
issued_by(X509 *x, X509 *issuer)
{
	bool good = X509_check_issued(issuer, x) == X509_V_OK &&
	    X509_verify(x, X509_get0_pubkey(issuer)) == 1;

	ERR_clear_error();
	return good;
}

static int
check_order(const char *path, const struct chain *c, struct err *e)
{
	char who[256];

	for (size_t i = 0; i + 1 < c->n; i++)
		if (!issued_by(c->x[i], c->x[i + 1]))
			return err_set(e, ERR_CONFIG,
			    "%s: certificate %zu (%s) did not issue the one "
			    "before it: the server's own comes first, each "
			    "issuer after what it issued, and nothing else",
			    path, i + 2,
			    subject(c->x[i + 1], who, sizeof(who)));
	return 0;
}

int
cert_chain_check(const char *path, const struct spki *key, time_t now,
    struct err *e)
{
	struct key_info info;
	struct chain c;
	char is[9], should[9];
	int rc;

	if (read_chain(path, &c, e) < 0)
		return -1;
	rc = ssl_cert_info(c.x[0], &info, e);
	if (rc < 0)
		err_prefix(e, "%s", path);
	else if (!spki_eq(&info.id, key))
		rc = err_set(e, ERR_REFUSED,
		    "the certificate is of key %s, the key is %s",
		    spki_id(&info.id, is), spki_id(key, should));
	if (rc == 0)
		rc = check_order(path, &c, e);
	for (size_t i = 0; rc == 0 && i < c.n; i++)
		rc = check_dates(path, c.x[i], i + 1, now, e);
	chain_release(&c);
	return rc;
}

/* ---- TLSA ---- */

int
cert_cover(const char *path, const char *const *names, size_t n_names,
    time_t now, struct cover_chain *ret_chain, struct err *e)
{
	STACK_OF(X509) *sent = sk_X509_new_null();
	struct chain c;
	int rc = read_chain(path, &c, e);

	for (size_t i = 0; rc == 0 && i < c.n; i++)
		if (sk_X509_push(sent, c.x[i]) <= 0)
			rc = err_set(e, ERR_BUG, "%s: no list of it", path);
	if (rc == 0) {
		rc = ssl_cover(sent, names, n_names, now, ret_chain, e);
		if (rc < 0)
			err_prefix(e, "%s", path);
	}
	chain_release(&c);
	sk_X509_free(sent);
	return rc;
}

int
cert_tlsa(const char *path, int selector, int mtype, struct tlsa *ret_record,
    struct err *e)
{
	struct cover_chain c;

	/* The time matters for usage 2 only. */
	if (cert_cover(path, NULL, 0, 0, &c, e) < 0)
		return -1;
	*ret_record = cover_tlsa(&c.cert[0], 3, selector, mtype);
	return 0;
}

/* ---- names ---- */

size_t
cert_names(const char *path, char (*names)[256], size_t max)
{
	GENERAL_NAMES *sans;
	struct chain c;
	struct err e;
	size_t n = 0;

	if (read_chain(path, &c, &e) < 0)
		return 0;
	sans = X509_get_ext_d2i(c.x[0], NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(sans) && n < max; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(sans, i);
		const char *s;
		int len;

		if (g->type != GEN_DNS)
			continue;
		s = (const char *)ASN1_STRING_get0_data(g->d.dNSName);
		len = ASN1_STRING_length(g->d.dNSName);
		if (len > 253 || memchr(s, 0, (size_t)len) != NULL)
			continue;
		text_fmt(names[n], 256, "%.*s", len, s);
		if (text_is_host(names[n]))
			n++;
	}
	sk_GENERAL_NAME_pop_free(sans, GENERAL_NAME_free);
	ERR_clear_error();
	chain_release(&c);
	return n;
}
