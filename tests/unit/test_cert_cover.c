/*
 * test_cert_cover.c - chains of real certificates, judged by us and by the
 * DANE code of OpenSSL that senders use: thousands of pairs of a record set
 * and a chain, and they must agree.  DANESAFE_SEED=n draws other sets.
 */
#include <check.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "edge/cert.h"
#include "edge/ssl.h"

#define NOW ((time_t)1780000000)
#define HOST "mx.example.org"
#define SEED 20261125
#define SETS 250
#define RECORDS 5

static const char *const WANTED[] = { HOST };

/* ---- certificates, each with a letter ---- */

/* clang-format off */
static const struct {
	char letter;
	const char *subject, *san; /* NULL: no SAN */
	char key, issuer;          /* of which certificate */
	const char *basic;         /* constraints */
	int over;                  /* it has expired */
} MADE[] = {
	/* the usual: a server, its issuer, the root */
	{ 'R', "root",  NULL, 'R', 'R', "critical,CA:TRUE", 0 },
	{ 'I', "inter", NULL, 'I', 'R', "critical,CA:TRUE", 0 },
	{ 'L', "leaf",  HOST, 'L', 'I', "CA:FALSE", 0 },
	/* the same with RSA */
	{ 'J', "rsa",   NULL, 'J', 'R', "critical,CA:TRUE", 0 },
	{ 'M', "leaf",  HOST, 'M', 'J', "CA:FALSE", 0 },
	/* self-signed */
	{ 'S', "leaf",  HOST, 'S', 'S', "CA:FALSE", 0 },
	{ 'Z', "leaf",  HOST, 'M', 'Z', "CA:FALSE", 0 },
	{ 'E', "leaf",  HOST, 'E', 'E', "CA:FALSE", 0 },
	{ 'X', "other", NULL, 'X', 'X', "critical,CA:TRUE", 0 },
	/* I's name and another key; I's name and key, but over; so R's */
	{ 'F', "inter", NULL, 'F', 'R', "critical,CA:TRUE", 0 },
	{ 'K', "root",  NULL, 'K', 'K', "critical,CA:TRUE", 0 },
	{ 'P', "inter", NULL, 'I', 'R', "critical,CA:TRUE", 1 },
	{ 'Q', "root",  NULL, 'R', 'R', "critical,CA:TRUE", 1 },
	/* servers of I: with a wrong name, over, of I's key, by CN, with '*' */
	{ 'W', "leaf",  "mx.example.net", 'L', 'I', "CA:FALSE", 0 },
	{ 'O', "leaf",  HOST, 'L', 'I', "CA:FALSE", 1 },
	{ 'G', "leaf",  HOST, 'I', 'I', "CA:FALSE", 0 },
	{ 'Y', HOST,    NULL, 'L', 'I', "CA:FALSE", 0 },
	{ 'V', "leaf",  "*.example.org", 'L', 'I', "CA:FALSE", 0 },
	{ 'T', "leaf",  "m*.example.org", 'L', 'I', "CA:FALSE", 0 },
	{ 'U', "leaf",  HOST, 'L', 'I', "CA:FALSE", 0 }, /* for clients */
	/* an issuer that is no CA; one that may issue no CA */
	{ 'N', "no",    NULL, 'F', 'R', "CA:FALSE", 0 },
	{ 'A', "leaf",  HOST, 'L', 'N', "CA:FALSE", 0 },
	{ 'D', "depth", NULL, 'F', 'R', "critical,CA:TRUE,pathlen:0", 0 },
	{ 'C', "deep",  NULL, 'S', 'D', "critical,CA:TRUE", 0 },
	{ 'B', "leaf",  HOST, 'L', 'C', "CA:FALSE", 0 },
};
/* clang-format on */
#define N_CERT (sizeof(MADE) / sizeof(MADE[0]))

/* What servers send. */
/* clang-format off */
static const char *const CHAIN[] = { "L", "LI", "LIR", "LR", "LRI", "LIRX",
	"LII", "LIX", "LX", "LL", "LF", "LFI", "LIF", "LFR", "LIK", "LIKR", "LP", "LPR",
	"LPI", "LIP", "LIQ", "LIQR", "M", "MJ", "MJR", "MR", "S", "SS", "SI",
	"SR", "Z", "ZJ", "E", "EI", "WI", "WIR", "OI", "OIR", "GI", "GIR",
	"YIR", "VIR", "TIR", "UIR", "ANR", "ANK", "BC", "BCD", "BCDR", "XIR", "RI" };
/* clang-format on */
#define N_CHAIN (sizeof(CHAIN) / sizeof(CHAIN[0]))

static EVP_PKEY *pkey[N_CERT];
static X509 *x[N_CERT];
static STACK_OF(X509) * sent[N_CHAIN];
static struct cover_chain chain[N_CHAIN];
static SSL_CTX *dane;
static struct err e;

static int
at(char letter)
{
	for (size_t i = 0; i < N_CERT; i++)
		if (MADE[i].letter == letter)
			return (int)i;
	ck_abort_msg("no certificate %c", letter);
}

static void
set_name(X509_NAME *n, const char *cn)
{
	ck_assert_int_eq(X509_NAME_add_entry_by_NID(n, NID_commonName,
			     MBSTRING_ASC, (const unsigned char *)cn, -1, -1,
			     0),
	    1);
}

static void
add_ext(X509 *c, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	ck_assert_ptr_nonnull(ext);
	ck_assert_int_eq(X509_add_ext(c, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static X509 *
make(size_t i)
{
	X509 *c = X509_new();
	int issuer = at(MADE[i].issuer);
	EVP_PKEY *signer = pkey[at(MADE[issuer].key)];
	time_t now = NOW;
	char san[64];

	X509_set_version(c, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(c), (long)i + 1);
	set_name(X509_get_subject_name(c), MADE[i].subject);
	set_name(X509_get_issuer_name(c), MADE[issuer].subject);
	X509_time_adj_ex(X509_getm_notBefore(c), -9, 0, &now);
	X509_time_adj_ex(X509_getm_notAfter(c), MADE[i].over ? -1 : 9, 0, &now);
	X509_set_pubkey(c, pkey[at(MADE[i].key)]);
	add_ext(c, NID_basic_constraints, MADE[i].basic);
	if (MADE[i].letter == 'U')
		add_ext(c, NID_ext_key_usage, "clientAuth");
	snprintf(san, sizeof(san), "DNS:%s", MADE[i].san);
	if (MADE[i].san != NULL)
		add_ext(c, NID_subject_alt_name, san);
	ck_assert_int_gt(X509_sign(c, signer,
			     MADE[issuer].letter == 'E' ? NULL : EVP_sha256()),
	    0);
	return c;
}

static EVP_PKEY *
make_key(char letter)
{
	if (letter == 'J' || letter == 'M')
		return EVP_RSA_gen(2048);
	if (letter == 'E')
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	return EVP_EC_gen("P-256");
}

static STACK_OF(X509) * stack_of(const char *letters)
{
	STACK_OF(X509) *v = sk_X509_new_null();

	for (; *letters != 0; letters++)
		sk_X509_push(v, x[at(*letters)]);
	return v;
}

static void
make_all(void)
{
	for (size_t i = 0; i < N_CERT; i++)
		if (MADE[i].key == MADE[i].letter)
			pkey[i] = make_key(MADE[i].letter);
	for (size_t i = 0; i < N_CERT; i++)
		x[i] = make(i);
	for (size_t i = 0; i < N_CHAIN; i++) {
		sent[i] = stack_of(CHAIN[i]);
		ck_assert_int_eq(ssl_cover(sent[i], WANTED, 1, NOW, &chain[i],
				     &e),
		    0);
	}
	dane = SSL_CTX_new(TLS_client_method());
	ck_assert_int_eq(SSL_CTX_dane_enable(dane), 1);
}

static void
free_all(void)
{
	SSL_CTX_free(dane);
	for (size_t i = 0; i < N_CHAIN; i++)
		sk_X509_free(sent[i]);
	for (size_t i = 0; i < N_CERT; i++) {
		X509_free(x[i]);
		EVP_PKEY_free(pkey[i]);
	}
}

/* ---- records, with their data as they stand in the DNS ---- */

struct row {
	struct tlsa r;
	unsigned char data[2048];
	size_t len;
	char of; /* which certificate */
	bool cut;
};

static uint64_t seed, state;

static unsigned
draw(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 20) % below);
}

static void
row_data(struct row *v, X509 *c)
{
	unsigned char *der = NULL;
	int len = v->r.selector == 0
	    ? i2d_X509(c, &der)
	    : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(c), &der);
	unsigned n = 0;

	ck_assert(len > 0 && len < (int)sizeof(v->data));
	if (v->r.mtype == 0) {
		memcpy(v->data, der, (size_t)len);
		v->len = (size_t)len;
	} else {
		EVP_Digest(der, (size_t)len, v->data, &n,
		    v->r.mtype == 2 ? EVP_sha512() : EVP_sha256(), NULL);
		v->len = n;
	}
	OPENSSL_free(der);
}

/* As the record is kept. */
static void
row_keep(struct row *v)
{
	memset(v->r.data, 0, sizeof(v->r.data));
	if (v->len <= TLSA_DATA) {
		v->r.len = (uint8_t)v->len;
		memcpy(v->r.data, v->data, v->len);
	} else {
		v->r.len = TLSA_FOLDED;
		EVP_Digest(v->data, v->len, v->r.data, NULL, EVP_sha256(),
		    NULL);
	}
}

/* Mostly usable, and mostly of this chain. */
static void
draw_row(struct row *v, const char *letters)
{
	static const uint8_t USAGE[] = { 0, 1, 2, 2, 2, 2, 3, 3, 3, 3 };
	static const uint8_t SELECTOR[] = { 0, 0, 0, 0, 1, 1, 1, 1, 2 };
	static const uint8_t MTYPE[] = { 0, 0, 1, 1, 1, 1, 2, 2, 2, 3 };

	memset(v, 0, sizeof(*v));
	v->r.usage = USAGE[draw(sizeof(USAGE))];
	v->r.selector = SELECTOR[draw(sizeof(SELECTOR))];
	v->r.mtype = MTYPE[draw(sizeof(MTYPE))];
	v->of = draw(3) ? letters[draw((unsigned)strlen(letters))]
			: MADE[draw(N_CERT)].letter;
	row_data(v, x[at(v->of)]);
	v->cut = draw(12) == 0;
	v->len -= v->cut;
	row_keep(v);
}

static struct tlsa_set
set_of(const struct row *v, unsigned n)
{
	struct tlsa_set s = { .n = 0 };

	for (unsigned i = 0; i < n; i++)
		tlsa_set_add(&s, &v[i].r);
	return s;
}

/* ---- the judge ---- */

/* A sender that holds the records for which `take` is true. */
static SSL *
sender(const struct row *v, unsigned n, const bool take[RECORDS],
    unsigned *ret_usable)
{
	SSL *ssl = SSL_new(dane);

	*ret_usable = 0;
	ck_assert_int_eq(SSL_dane_enable(ssl, HOST), 1);
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	for (unsigned i = 0; i < n; i++) {
		int usable;

		/* OpenSSL could use 0 and 1, senders of mail do not. */
		if (!take[i] || v[i].r.usage < 2)
			continue;
		usable = SSL_dane_tlsa_add(ssl, v[i].r.usage, v[i].r.selector,
		    v[i].r.mtype, v[i].data, v[i].len);
		ck_assert_int_ge(usable, 0);
		*ret_usable += usable > 0;
		/* That data in full are cut short is seen by it alone. */
		if (v[i].r.mtype != 0 || !v[i].cut)
			ck_assert_int_eq(usable == 0, cover_unusable(&v[i].r));
	}
	ERR_clear_error();
	return ssl;
}

/* As ssl_verify_cert_chain() of OpenSSL does it; no root is trusted. */
static bool
accepts(SSL *ssl, unsigned usable, STACK_OF(X509) * certs)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE *none = X509_STORE_new();
	bool good;

	ck_assert_int_eq(X509_STORE_CTX_init(ctx, none, sk_X509_value(certs, 0),
			     certs),
	    1);
	X509_STORE_CTX_set0_dane(ctx, SSL_get0_dane(ssl));
	X509_STORE_CTX_set_default(ctx, "ssl_server");
	X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(ctx),
	    SSL_get0_param(ssl));
	X509_STORE_CTX_set_time(ctx, 0, NOW);
	good = usable == 0 || X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(none);
	ERR_clear_error();
	return good;
}

static bool
accepts_these(const struct row *v, unsigned n, const bool take[RECORDS],
    STACK_OF(X509) * certs)
{
	unsigned usable;
	SSL *ssl = sender(v, n, take, &usable);
	bool good = accepts(ssl, usable, certs);

	SSL_free(ssl);
	return good;
}

static struct {
	unsigned pairs, accepted, each, each_accepted, full, over, misled,
	    wrong;
} count;

static void
complain(const char *what, const struct row *v, unsigned n, size_t c)
{
	char text[TLSA_TEXT];

	count.wrong++;
	printf("seed %llu, chain %s: %s\n", (unsigned long long)seed, CHAIN[c],
	    what);
	for (unsigned i = 0; i < n; i++)
		printf("  %c%s %s\n", v[i].of, v[i].cut ? ", cut" : "",
		    tlsa_str(&v[i].r, text));
}

/* ---- the differences that are known ---- */

/*
 * We say no and OpenSSL yes: a record of usage 2 that holds a certificate or a key in full can do without
 * their being sent; and that such data are cut short OpenSSL alone can see.
 */
static bool
full_alone(const struct row *v, const struct cover_chain *c)
{
	struct tlsa_set alone = { .n = 1, .rr = { v->r } };

	if (cover_unusable(&v->r) || v->r.mtype != 0)
		return false;
	return v->cut || (v->r.usage == 2 && !cover_any(&alone, c));
}

/* Without these, OpenSSL says no as well. */
static bool
by_full(const struct row *v, unsigned n, size_t c)
{
	bool take[RECORDS];
	bool some = false, rest = false;

	for (unsigned i = 0; i < n; i++) {
		take[i] = !full_alone(&v[i], &chain[c]);
		some = some || !take[i];
		rest = rest || (take[i] && !cover_unusable(&v[i].r));
	}
	return some && (!rest || !accepts_these(v, n, take, sent[c]));
}

/*
 * We say yes and OpenSSL no: a certificate in a record, not sent, with the
 * name of the issuer that is sent and another key.  It is tried in its place
 * (and would not be, did the certificates have key identifiers).
 */
static bool
by_twin(const struct row *v, unsigned n, size_t c)
{
	bool take[RECORDS];
	bool some = false;

	for (unsigned i = 0; i < n; i++) {
		take[i] = (v[i].of != 'F' && v[i].of != 'K') ||
		    !full_alone(&v[i], &chain[c]);
		some = some || !take[i];
	}
	return some && accepts_these(v, n, take, sent[c]);
}

/*
 * We say no and OpenSSL yes: the dates of an issuer that a record names are not looked at by OpenSSL 3.0
 * unless it is self-signed.  The chain as if these were good:
 */
static struct cover_chain
undated(size_t c)
{
	struct cover_chain v = chain[c];

	for (unsigned i = 1; i < v.n; i++)
		if (CHAIN[c][i] == 'P' && v.path_ok[i])
			v.dates_ok[i] = true;
	return v;
}

/* ---- the comparison ---- */

static void
compare_any(SSL *ssl, unsigned usable, const struct row *v, unsigned n,
    size_t c)
{
	struct tlsa_set s = set_of(v, n);
	struct cover_chain loose = undated(c);
	bool ours = cover_any(&s, &chain[c]);
	bool theirs = accepts(ssl, usable, sent[c]);

	count.pairs++;
	count.accepted += ours;
	if (ours == theirs)
		;
	else if (ours && by_twin(v, n, c))
		count.misled++;
	else if (ours)
		complain("only we accept", v, n, c);
	else if (cover_any(&s, &loose))
		count.over++;
	else if (by_full(v, n, c))
		count.full++;
	else
		complain("only OpenSSL accepts", v, n, c);
	if (!ours && cover_each(&s, &chain[c]) == NULL)
		complain("each, but not any", v, n, c);
}

/* Each combination alone, as OpenSSL sees it. */
static void
compare_each(const struct row *v, unsigned n, size_t c)
{
	struct tlsa_set s = set_of(v, n);
	struct cover_chain loose = undated(c);
	bool theirs = true, exact = true;

	for (unsigned i = 0; i < n; i++) {
		bool take[RECORDS];

		exact = exact && !full_alone(&v[i], &chain[c]);
		if (cover_unusable(&v[i].r))
			continue;
		for (unsigned j = 0; j < n; j++)
			take[j] = v[i].r.usage == v[j].r.usage &&
			    v[i].r.selector == v[j].r.selector &&
			    v[i].r.mtype == v[j].r.mtype;
		theirs = theirs && accepts_these(v, n, take, sent[c]);
	}
	if (!exact)
		return;
	count.each++;
	count.each_accepted += theirs;
	if ((cover_each(&s, &loose) == NULL) != theirs)
		complain("each differs", v, n, c);
}

static void
compare_set(unsigned nth)
{
	static const bool ALL[RECORDS] = { true, true, true, true, true };
	struct row v[RECORDS];
	unsigned n = draw(RECORDS + 1), usable;
	const char *near = CHAIN[draw(N_CHAIN)];
	SSL *ssl;

	for (unsigned i = 0; i < n; i++)
		draw_row(&v[i], near);
	ssl = sender(v, n, ALL, &usable);
	for (size_t c = 0; c < N_CHAIN; c++) {
		compare_any(ssl, usable, v, n, c);
		if (c % 8 == nth % 8 || CHAIN[c] == near)
			compare_each(v, n, c);
	}
	SSL_free(ssl);
}

START_TEST(we_judge_as_the_dane_code_of_openssl_does)
{
	const char *other = getenv("DANESAFE_SEED");

	seed = other != NULL ? strtoull(other, NULL, 10) : SEED;
	state = seed * 2654435761u + 1;
	for (unsigned i = 0; i < SETS; i++)
		compare_set(i);
	printf("seed %llu: %u pairs, %u accepted, %u differ; refused by us "
	       "alone: %u for data in full, %u for dates, by OpenSSL alone: "
	       "%u for a twin; each: %u sets, "
	       "%u accepted\n",
	    (unsigned long long)seed, count.pairs, count.accepted, count.wrong,
	    count.full, count.over, count.misled, count.each,
	    count.each_accepted);
	ck_assert_uint_eq(count.wrong, 0);
	/* The draw was worth the while. */
	ck_assert_uint_ge(count.pairs, 5000);
	ck_assert_uint_ge(count.accepted, count.pairs / 10);
	ck_assert_uint_le(count.accepted, count.pairs / 10 * 9);
	ck_assert_uint_ge(count.each_accepted, count.each / 20);
	ck_assert_uint_le(count.full + count.over, count.pairs / 20);
}
END_TEST

/* ---- a real handshake, in memory ---- */

static SSL *
server_of(const char *letters)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	SSL *ssl;

	SSL_CTX_set_security_level(ctx, 0);
	ck_assert_int_eq(SSL_CTX_use_certificate(ctx, x[at(*letters)]), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey(ctx,
			     pkey[at(MADE[at(*letters)].key)]),
	    1);
	while (*++letters != 0)
		SSL_CTX_add1_chain_cert(ctx, x[at(*letters)]);
	ssl = SSL_new(ctx);
	SSL_set_accept_state(ssl);
	SSL_CTX_free(ctx);
	return ssl;
}

/* The two take turns until both are content. */
static void
shake_hands(SSL *client, SSL *server)
{
	BIO *a, *b;
	int done = 0;

	ck_assert_int_eq(BIO_new_bio_pair(&a, 0, &b, 0), 1);
	SSL_set_bio(client, a, a);
	SSL_set_bio(server, b, b);
	SSL_set_connect_state(client);
	for (int i = 0; i < 20 && done < 2; i++)
		done = (SSL_do_handshake(client) == 1) +
		    (SSL_do_handshake(server) == 1);
	ck_assert_int_eq(done, 2);
	ERR_clear_error();
}

static void
same_chain(const struct cover_chain *a, const struct cover_chain *b)
{
	ck_assert_uint_eq(a->n, b->n);
	ck_assert_mem_eq(a->cert, b->cert, sizeof(a->cert));
	ck_assert_mem_eq(a->path_ok, b->path_ok, sizeof(a->path_ok));
	ck_assert_mem_eq(a->dates_ok, b->dates_ok, sizeof(a->dates_ok));
	ck_assert_int_eq(a->names_ok, b->names_ok);
}

/* The judge of the pairs is what a client does with what it is sent. */
START_TEST(a_handshake_sees_the_same_chain_and_judges_it_alike)
{
	static const bool ALL[RECORDS] = { true, true, true, true, true };
	struct cover_chain got;
	struct row v[RECORDS];
	unsigned usable;
	SSL *client, *server = server_of(CHAIN[_i]);

	state = SEED + (unsigned)_i;
	for (unsigned i = 0; i < RECORDS; i++)
		draw_row(&v[i], CHAIN[_i]);
	client = sender(v, RECORDS, ALL, &usable);
	SSL_set_security_level(client, 0);
	X509_VERIFY_PARAM_set_time(SSL_get0_param(client), NOW);
	shake_hands(client, server);
	ck_assert_int_eq(ssl_cover(SSL_get_peer_cert_chain(client), WANTED, 1,
			     NOW, &got, &e),
	    0);
	same_chain(&got, &chain[_i]);
	if (usable > 0)
		ck_assert_int_eq(SSL_get_verify_result(client) == X509_V_OK,
		    accepts_these(v, RECORDS, ALL, sent[_i]));
	SSL_free(client);
	SSL_free(server);
}
END_TEST

/* ---- what is known of a chain ---- */

static struct cover_chain
cover_at(const char *letters, const char *host, time_t now)
{
	STACK_OF(X509) *certs = stack_of(letters);
	struct cover_chain c;

	memset(&c, 0xff, sizeof(c));
	ck_assert_int_eq(ssl_cover(certs, &host, 1, now, &c, &e), 0);
	sk_X509_free(certs);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	return c;
}

/* clang-format off */
static const struct {
	const char *letters;
	const char *path;  /* '+': there is one from the first to here */
	const char *valid; /* '+': and all of it is valid */
} PATHS[] = {
	{ "L",         "+",        "+" },
	{ "LI",        "++",       "++" },
	{ "LIR",       "+++",      "+++" },
	{ "LRI",       "+++",      "+++" }, /* in any order */
	{ "LR",        "+ ",       "+ " },
	{ "LX",        "+ ",       "+ " },
	{ "LXIXR",     "+ + +",    "+ + +" },
	{ "LII",       "++ ",      "++ " }, /* once */
	{ "SS",        "+ ",       "+ " },
	{ "LF",        "+ ",       "+ " }, /* the signature is another's */
	{ "LFR",       "+  ",      "+  " },
	{ "LIK",       "++ ",      "++ " },
	{ "ANR",       "+  ",      "+  " }, /* no CA */
	{ "ANK",       "+  ",      "+  " }, /* neither */
	{ "BCD",       "++ ",      "++ " }, /* a CA of no CA */
	{ "BCDR",      "++  ",     "++  " },
	{ "UI",        "  ",       "  " },  /* no server */
	{ "OI",        "++",       "  " },
	{ "LP",        "++",       "+ " },
	{ "LPR",       "+++",      "+  " },
	{ "LPIR",      "+ ++",     "+ ++" }, /* rather a valid one */
	{ "LIQ",       "+++",      "++ " },
	{ "MJR",       "+++",      "+++" },
	{ "LXXXXXXI",  "+      +", "+      +" },
	{ "LXXXXXXXI", "+       ", "+       " }, /* the ninth is as unsent */
	{ "",          "",         "" },
};
/* clang-format on */

START_TEST(a_path_is_found_among_what_is_sent)
{
	struct cover_chain c = cover_at(PATHS[_i].letters, HOST, NOW);

	ck_assert_uint_eq(c.n, strlen(PATHS[_i].path));
	for (unsigned i = 0; i < COVER_CHAIN; i++) {
		bool path = i < c.n && PATHS[_i].path[i] == '+';
		bool valid = i < c.n && PATHS[_i].valid[i] == '+';

		ck_assert_msg(c.path_ok[i] == path, "%s %u", PATHS[_i].letters,
		    i);
		ck_assert_msg(c.dates_ok[i] == valid, "%s %u",
		    PATHS[_i].letters, i);
	}
}
END_TEST

START_TEST(dates_hold_from_the_first_second_to_before_the_last)
{
	const long end = 9 * 86400;
	static const struct {
		long from_begin, from_end;
		bool valid;
	} AT[] = { { -1, 0, false }, { 0, 0, true }, { 1, 0, true },
		{ 0, -1, true }, { 0, 0, false }, { 0, 1, false } };

	for (int i = 0; i < 6; i++) {
		time_t when = i < 3 ? NOW - end + AT[i].from_begin
				    : NOW + end + AT[i].from_end;
		struct cover_chain c = cover_at("LI", HOST, when);

		ck_assert(c.path_ok[0] && c.path_ok[1]);
		ck_assert_msg(c.dates_ok[1] == AT[i].valid, "%d", i);
	}
}
END_TEST

/* A key of an algorithm that nobody knows: 1.2.840.10045.2.1 made 2.9. */
static X509 *
unreadable(X509 *c)
{
	static const unsigned char oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 2,
		1 };
	unsigned char *der = NULL, *found;
	const unsigned char *from;
	int len = i2d_X509(c, &der);
	X509 *bad;

	found = memmem(der, (size_t)len, oid, sizeof(oid));
	ck_assert_ptr_nonnull(found);
	found[sizeof(oid) - 1] = 9;
	from = der;
	bad = d2i_X509(NULL, &from, len);
	ck_assert_ptr_nonnull(bad);
	ck_assert_ptr_null(X509_get0_pubkey(bad));
	OPENSSL_free(der);
	return bad;
}

START_TEST(no_path_goes_by_a_key_that_cannot_be_read)
{
	STACK_OF(X509) *certs = stack_of("LIR");
	X509 *bad = unreadable(x[at(_i == 0 ? 'L' : _i == 1 ? 'I' : 'R')]);
	struct cover_chain c;

	sk_X509_set(certs, _i, bad);
	ck_assert_int_eq(ssl_cover(certs, WANTED, 1, NOW, &c, &e), 0);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	ck_assert_uint_eq(c.n, 3);
	for (int i = _i == 0 ? 1 : _i; i < 3; i++)
		ck_assert_msg(!c.path_ok[i], "%d", i);
	/* It can be named for all that. */
	ck_assert_mem_ne(c.cert[_i].by[1].sha256,
	    chain[2].cert[_i].by[1].sha256, 32);
	sk_X509_free(certs);
	X509_free(bad);
}
END_TEST

START_TEST(the_issuer_that_is_valid_then_is_taken)
{
	struct cover_chain c = cover_at("LPI", HOST, NOW - 5 * 86400);

	ck_assert(c.path_ok[1] && c.dates_ok[1] && !c.path_ok[2]);
	c = cover_at("LPI", HOST, NOW);
	ck_assert(!c.path_ok[1] && c.path_ok[2] && c.dates_ok[2]);
}
END_TEST

/* clang-format off */
static const struct {
	const char *letter, *host;
	bool has;
} NAMES[] = {
	{ "L", HOST, true },
	{ "L", "MX.example.ORG", true },
	{ "L", "mx2.example.org", false },
	{ "L", "leaf", false }, /* a subject beside SANs is no name */
	{ "L", "example.org", false },
	{ "Y", HOST, true }, /* and without them it is */
	{ "V", HOST, true },
	{ "V", "a.mx.example.org", false },
	{ "V", "example.org", false },
	{ "T", HOST, false }, /* "m*.example.org" */
	{ "W", HOST, false },
};
/* clang-format on */

START_TEST(a_name_is_a_name_as_senders_see_it)
{
	struct cover_chain c = cover_at(NAMES[_i].letter, NAMES[_i].host, NOW);

	ck_assert_int_eq(c.names_ok, NAMES[_i].has);
}
END_TEST

START_TEST(a_short_key_is_there_as_it_is)
{
	struct cover_chain c = cover_at("E", HOST, NOW);
	unsigned char *der = NULL;

	ck_assert_int_eq(i2d_PUBKEY(pkey[at('E')], &der), 44);
	ck_assert_uint_eq(c.cert[0].by[1].len, 44);
	ck_assert_mem_eq(c.cert[0].by[1].data, der, 44);
	ck_assert_uint_eq(c.cert[0].by[1].data[44], 0);
	ck_assert_uint_eq(c.cert[0].by[0].len, TLSA_FOLDED);
	OPENSSL_free(der);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("cert_cover");
	TCase *t = tcase_create("cert_cover");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, make_all, free_all);
	tcase_add_test(t, we_judge_as_the_dane_code_of_openssl_does);
	tcase_add_loop_test(t,
	    a_handshake_sees_the_same_chain_and_judges_it_alike, 0, N_CHAIN);
	tcase_add_loop_test(t, a_path_is_found_among_what_is_sent, 0,
	    (int)(sizeof(PATHS) / sizeof(PATHS[0])));
	tcase_add_loop_test(t, no_path_goes_by_a_key_that_cannot_be_read, 0, 3);
	tcase_add_test(t, the_issuer_that_is_valid_then_is_taken);
	tcase_add_test(t, dates_hold_from_the_first_second_to_before_the_last);
	tcase_add_loop_test(t, a_name_is_a_name_as_senders_see_it, 0,
	    (int)(sizeof(NAMES) / sizeof(NAMES[0])));
	tcase_add_test(t, a_short_key_is_there_as_it_is);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
