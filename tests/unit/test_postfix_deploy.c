/*
 * test_postfix_deploy.c - a key takes the place of the old one of its slot,
 * and where that place is not clear nothing is switched.
 */
#include "postfix_kit.h"

/* ---- which pair? ---- */

enum { NONE, AN_RSA, AN_EC, UNKNOWN, UNUSED }; /* UNUSED: no certificate */

/* clang-format off */
static const struct {
	int pair[2];
	enum slot slot;
	int want, by_hand; /* -1: refused */
} PAIRS[] = {
	{ { NONE, NONE },       SLOT_RSA,    0,  0 },
	{ { NONE, NONE },       SLOT_ECDSA,  1,  1 },
	{ { NONE, NONE },       SLOT_OTHER, -1, -1 },
	{ { AN_RSA, NONE },     SLOT_RSA,    0,  0 },
	{ { AN_RSA, NONE },     SLOT_ECDSA,  1,  1 },
	{ { AN_EC, NONE },      SLOT_ECDSA,  0,  0 },
	{ { AN_EC, NONE },      SLOT_RSA,   -1,  0 },
	{ { NONE, AN_RSA },     SLOT_RSA,    1,  1 },
	{ { NONE, AN_RSA },     SLOT_ECDSA, -1,  1 },
	{ { AN_EC, AN_RSA },    SLOT_RSA,    1,  1 },
	{ { AN_EC, AN_RSA },    SLOT_ECDSA,  0,  0 },
	{ { AN_RSA, AN_RSA },   SLOT_RSA,   -1,  0 },
	{ { AN_EC, AN_EC },     SLOT_ECDSA, -1,  1 },
	{ { UNKNOWN, NONE },    SLOT_RSA,   -1,  0 },
	{ { UNKNOWN, NONE },    SLOT_ECDSA,  1,  1 },
	{ { UNKNOWN, AN_EC },   SLOT_ECDSA,  1,  1 },
	{ { AN_RSA, UNKNOWN },  SLOT_ECDSA, -1,  1 },
	{ { UNUSED, NONE },     SLOT_RSA,    0,  0 },
	{ { UNUSED, AN_RSA },   SLOT_RSA,    1,  1 },
	{ { NONE, UNUSED },     SLOT_ECDSA,  1,  1 },
};
/* clang-format on */

static void
add(const char *param, int what)
{
	struct postfix_key *k = &s.key[s.n_key];

	if (what == NONE)
		return;
	s.n_key++;
	k->param = param;
	strcpy(k->cert_file, what == UNUSED ? "" : "/c");
	strcpy(k->why, "why it is unknown");
	k->readable = what != UNKNOWN;
	k->info.slot = what == AN_EC ? SLOT_ECDSA : SLOT_RSA;
}

static void
pair_is(const struct postfix_switch *sw, int pair)
{
	static const char *const name[2][2] = {
		{ "smtpd_tls_cert_file", "smtpd_tls_key_file" },
		{ "smtpd_tls_eccert_file", "smtpd_tls_eckey_file" },
	};

	ck_assert_uint_eq(sw->n, 2);
	for (int i = 0; i < 2; i++) {
		ck_assert_str_eq(sw->set[i].name, name[pair][i]);
		ck_assert_str_eq(sw->set[i].value, i == 0 ? "/n/c" : "/n/k");
	}
}

START_TEST(the_pair_is_that_of_the_slot_or_unclear)
{
	const int want[2] = { PAIRS[_i].want, PAIRS[_i].by_hand };

	add("smtpd_tls_key_file", PAIRS[_i].pair[0]);
	add("smtpd_tls_eckey_file", PAIRS[_i].pair[1]);
	for (int by_hand = 0; by_hand < 2; by_hand++) {
		struct postfix_switch sw;
		int rc = postfix_switch(&s, PAIRS[_i].slot, "/n/c", "/n/k",
		    by_hand, &sw, &e);

		ck_assert_int_eq(rc, want[by_hand] < 0 ? -1 : 0);
		if (rc == 0)
			pair_is(&sw, want[by_hand]);
		else
			ck_assert_int_eq(e.kind, ERR_REFUSED);
	}
}
END_TEST

START_TEST(why_the_pair_is_not_clear_is_told)
{
	static const struct {
		int pair[2];
		const char *words;
	} rows[] = {
		{ { UNKNOWN, NONE }, "why it is unknown" },
		{ { AN_EC, NONE }, "smtpd_tls_key_file holds no rsa key" },
		{ { AN_RSA, AN_RSA },
		    "smtpd_tls_key_file and smtpd_tls_eckey_file both hold "
		    "rsa keys" },
	};
	struct postfix_switch sw;

	add("smtpd_tls_key_file", rows[_i].pair[0]);
	add("smtpd_tls_eckey_file", rows[_i].pair[1]);
	ck_assert_int_eq(postfix_switch(&s, SLOT_RSA, "/c", "/k", false, &sw,
			     &e),
	    -1);
	says(rows[_i].words);
}
END_TEST

/* ---- names ---- */

/* clang-format off */
static const struct {
	const char *name;
	bool good, in_list; /* in a list of files, too */
} NAMES[] = {
	{ "/etc/postfix/key.pem", true, true },
	{ "/",                    true, true },
	{ "/a b",                 true, false },
	{ "/a#=\"{}'\\",          true, true },
	{ "/m\xc3\xbc",           true, true },
	{ "",                     false, false },
	{ "k.pem",                false, false },
	{ "./k.pem",              false, false },
	{ "/a ",                  false, false },
	{ "/a,b",                 true, false },
	{ "/$myhostname",         false, false },
	{ "/a\nb = c",            false, false },
	{ "/a\tb",                false, false },
	{ "/a\x7f",               false, false },
};
/* clang-format on */

/* That there is no such file is another thing. */
static bool
is_held(const char *c, const char *k)
{
	struct postfix_switch sw;

	return postfix_switch(&s, SLOT_RSA, c, k, false, &sw, &e) == 0 ||
	    e.kind == ERR_IO;
}

START_TEST(a_name_is_one_that_main_cf_can_hold)
{
	ck_assert_int_eq(postfix_check_name(NAMES[_i].name, &e),
	    NAMES[_i].good ? 0 : -1);
	if (!NAMES[_i].good) {
		ck_assert_int_eq(e.kind, ERR_REFUSED);
		says("not a name that main.cf can hold");
	}
	for (int in_list = 0; in_list < 2; in_list++) {
		bool good = in_list ? NAMES[_i].in_list : NAMES[_i].good;

		strcpy(s.chain_files, in_list ? "," : "");
		ck_assert(is_held(NAMES[_i].name, key[RSA_ONE]) == good);
		ck_assert(is_held("/c", NAMES[_i].name) == good);
	}
}
END_TEST

START_TEST(a_name_of_1023_bytes_is_the_longest)
{
	char name[1025];

	memset(name, 'a', sizeof(name));
	name[0] = '/';
	name[1024] = 0;
	ck_assert_int_eq(postfix_check_name(name, &e), -1);
	name[1023] = 0;
	must(postfix_check_name(name, &e));
}
END_TEST

/* ---- smtpd_tls_chain_files ---- */

/*
 * Words: R the RSA key and r its certificate, E e and F f those of the two EC
 * keys; P: R and r in one file, Q: E and e, A: R r E e; X is missing.
 */
static const char *
file_of(char c)
{
	const char *const rsa[] = { key[RSA_ONE], cert[RSA_ONE], NULL };
	const char *const ec[] = { key[EC_ONE], cert[EC_ONE], NULL };
	const char *const all[] = { key[RSA_ONE], cert[RSA_ONE], key[EC_ONE],
		cert[EC_ONE], NULL };
	const char *path = in_top(c == 'Q' ? "two.pem" : "one.pem");

	switch (c) {
	case 'R':
		return key[RSA_ONE];
	case 'r':
		return cert[RSA_ONE];
	case 'E':
		return key[EC_ONE];
	case 'e':
		return cert[EC_ONE];
	case 'F':
		return key[EC_TWO];
	case 'f':
		return cert[EC_TWO];
	case 'X':
		return "/nowhere/x.pem";
	default:
		unlink(path);
		join_files(path, c == 'A' ? all : c == 'P' ? rsa : ec);
		return path;
	}
}

static char *
list_of(const char *words, const char *between)
{
	struct text t = TEXT_INIT;
	char *list;

	for (const char *w = words; *w != 0; w++)
		text_addf(&t, "%s%s", w > words ? between : "", file_of(*w));
	list = mem_dup(text_str(&t));
	text_release(&t);
	return list;
}

/* clang-format off */
static const struct {
	const char *before;
	enum slot slot;
	const char *after; /* NULL: refused, with these words */
	const char *words;
} CHAINS[] = {
	{ "Rr",     SLOT_ECDSA, "RrFf", NULL },    /* new in the list */
	{ "RrEe",   SLOT_ECDSA, "RrFf", NULL },    /* in its place */
	{ "EeRr",   SLOT_ECDSA, "FfRr", NULL },
	{ "EeRr",   SLOT_RSA,   "EeRr", NULL },
	{ "PQ",     SLOT_ECDSA, "PFf", NULL },     /* one file, now two */
	{ "QP",     SLOT_ECDSA, "FfP", NULL },
	{ "QP",     SLOT_RSA,   "QRr", NULL },
	{ "P",      SLOT_ECDSA, "PFf", NULL },
	{ "Eee",    SLOT_ECDSA, "Ff", NULL },      /* issuers go along */
	{ "RreEee", SLOT_ECDSA, "RreFf", NULL },
	{ "EeRrEe", SLOT_ECDSA, "FfRr", NULL },    /* twice, now once */
	{ "eRr",    SLOT_ECDSA, "eRrFf", NULL },   /* belongs to no key */
	{ "A",      SLOT_ECDSA, NULL, "holds keys of several algorithms" },
	{ "A",      SLOT_RSA,   NULL, "put each into a file of its own" },
	{ "EeA",    SLOT_ECDSA, NULL, "one.pem in smtpd_tls_chain_files" },
	{ "RrXr",   SLOT_RSA,   NULL, "/nowhere/x.pem: No such file" },
	{ "XRr",    SLOT_ECDSA, NULL, "/nowhere/x.pem: No such file" },
};
/* clang-format on */

START_TEST(the_files_of_the_slot_are_replaced_in_their_place)
{
	bool rsa = CHAINS[_i].slot == SLOT_RSA;
	const char *k = key[rsa ? RSA_ONE : EC_TWO];
	const char *c = cert[rsa ? RSA_ONE : EC_TWO];
	char *list = list_of(CHAINS[_i].before, _i % 2 ? "\n , " : " ");
	struct postfix_switch sw;
	int rc;

	set("smtpd_tls_chain_files = %s\n", list);
	free(list);
	read_it();
	/* By hand makes no difference here. */
	rc = postfix_switch(&s, CHAINS[_i].slot, c, k, _i % 2, &sw, &e);
	if (CHAINS[_i].after == NULL) {
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(e.kind, ERR_REFUSED);
		says(CHAINS[_i].words);
		return;
	}
	must(rc);
	list = list_of(CHAINS[_i].after, ", ");
	ck_assert_uint_eq(sw.n, 1);
	ck_assert_str_eq(sw.set[0].name, "smtpd_tls_chain_files");
	ck_assert_str_eq(sw.set[0].value, list);
	free(list);
}
END_TEST

START_TEST(relative_names_in_the_list_stay_as_they_are)
{
	char want[1200];

	set("queue_directory = %s\nsmtpd_tls_chain_files = "
	    "key-0.pem, cert-0.pem, key-1.pem, cert-1.pem\n",
	    made);
	read_it();
	must(postfix_deploy(&s, SLOT_ECDSA, cert[EC_TWO], key[EC_TWO], &e));
	snprintf(want, sizeof(want),
	    "queue_directory = %s\nsmtpd_tls_chain_files = "
	    "key-0.pem, cert-0.pem, %s, %s\n",
	    made, key[EC_TWO], cert[EC_TWO]);
	main_is(want);
	age();
	read_it();
	ck_assert_uint_eq(s.n_key, 2);
	key_is(1, "smtpd_tls_chain_files", key[EC_TWO], cert[EC_TWO],
	    &info[EC_TWO]);
}
END_TEST

/* clang-format off */
static const struct {
	const char *one[3], *two[3]; /* what the files hold; two: the certificate's */
	const char *words;	     /* NULL: it is fine */
} ORDERS[] = {
	{ { key[0], cert[0] }, { NULL }, NULL },
	{ { cert[0], key[0] }, { NULL }, "one.pem: the key must come before" },
	{ { key[0] }, { cert[0] }, NULL },
	{ { key[0], cert[0] }, { cert[0] }, NULL },
	{ { cert[0], key[0] }, { cert[0] }, "one.pem: the key must come before" },
	{ { key[0], key[1] }, { cert[0] }, "one.pem: holds 2 keys" },
	{ { key[0] }, { cert[0], key[0] }, "two.pem: holds a private key, too" },
	{ { key[0] }, { key[0], cert[0] }, "two.pem: holds a private key, too" },
};
/* clang-format on */

/* In any other order Postfix finds no key, or a key without certificates, and
 * has no TLS. */
START_TEST(in_the_list_a_key_comes_before_its_certificates)
{
	const char *k = in_top("k.pem"), *c = in_top("c.pem");
	struct postfix_switch sw;
	int rc;

	join_files(in_top("one.pem"), ORDERS[_i].one);
	join_files(in_top("two.pem"), ORDERS[_i].two);
	/* By way of links, as some keep their newest files. */
	ck_assert_int_eq(symlink("one.pem", k), 0);
	ck_assert_int_eq(symlink("two.pem", c), 0);
	set("smtpd_tls_chain_files = %s, %s\n", key[RSA_ONE], cert[RSA_ONE]);
	read_it();
	rc = postfix_switch(&s, SLOT_RSA, ORDERS[_i].two[0] != NULL ? c : k, k,
	    false, &sw, &e);
	unlink(k);
	unlink(c);
	if (ORDERS[_i].words == NULL)
		must(rc);
	else {
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(e.kind, ERR_REFUSED);
		says(strchr(ORDERS[_i].words, ':'));
		says(ORDERS[_i].words[0] == 'o' ? "k.pem: " : "c.pem: ");
	}
}
END_TEST

/* As long as one can be read, and no longer. */
START_TEST(a_list_that_becomes_too_long_is_refused)
{
	size_t room = sizeof(s.chain_files) - 1;
	size_t more = strlen(key[EC_TWO]) + strlen(cert[EC_TWO]) + 4;
	struct postfix_switch sw;

	s.chain_files[0] = '/';
	memset(s.chain_files + 1, 'x', room - more - 1);
	for (size_t i = 1000; i < room - more; i += 1000)
		memcpy(s.chain_files + i, ", /", 3);
	must(postfix_switch(&s, SLOT_ECDSA, cert[EC_TWO], key[EC_TWO], false,
	    &sw, &e));
	ck_assert_uint_eq(strlen(sw.set[0].value), room);
	strcat(s.chain_files, "x");
	ck_assert_int_eq(postfix_switch(&s, SLOT_ECDSA, cert[EC_TWO],
			     key[EC_TWO], false, &sw, &e),
	    -1);
	ck_assert_int_eq(e.kind, ERR_REFUSED);
	says("too long");
}
END_TEST

/* What is not known cannot be kept apart. */
START_TEST(a_list_that_cannot_be_read_whole_is_refused)
{
	const char *const part[] = { key[0], key[0], key[0], key[0], NULL };
	const char *one = in_top("one.pem");
	struct postfix_switch sw;

	join_files(one, part);
	set("smtpd_tls_chain_files = %s %s %s\n", one, one, key[EC_ONE]);
	read_it();
	ck_assert_int_eq(postfix_switch(&s, SLOT_RSA, cert[RSA_ONE],
			     key[RSA_ONE], false, &sw, &e),
	    -1);
	ck_assert_int_eq(e.kind, ERR_REFUSED);
	says("smtpd_tls_chain_files");
	says("8 keys");
}
END_TEST

/* ---- switched ---- */

START_TEST(a_key_of_a_slot_takes_the_place_of_the_old_one)
{
	char want[2000];

	set("# ours\nsmtpd_tls_eccert_file = %s\n# between\n"
	    "smtpd_tls_eckey_file = %s\nsmtpd_tls_cert_file = %s\n"
	    "smtpd_tls_key_file = %s\nrelayhost = $myhostname\n",
	    cert[EC_ONE], key[EC_ONE], cert[RSA_ONE], key[RSA_ONE]);
	read_it();
	must(postfix_deploy(&s, SLOT_ECDSA, cert[EC_TWO], key[EC_TWO], &e));
	snprintf(want, sizeof(want),
	    "# ours\nsmtpd_tls_eccert_file = %s\n# between\n"
	    "smtpd_tls_eckey_file = %s\nsmtpd_tls_cert_file = %s\n"
	    "smtpd_tls_key_file = %s\nrelayhost = $myhostname\n",
	    cert[EC_TWO], key[EC_TWO], cert[RSA_ONE], key[RSA_ONE]);
	main_is(want);
	age();
	read_it();
	key_is(0, "smtpd_tls_key_file", key[RSA_ONE], cert[RSA_ONE],
	    &info[RSA_ONE]);
	key_is(1, "smtpd_tls_eckey_file", key[EC_TWO], cert[EC_TWO],
	    &info[EC_TWO]);
}
END_TEST

START_TEST(a_first_key_goes_into_its_usual_pair)
{
	for (int i = 0; i < 2; i++) { /* once more is no harm */
		read_it();
		must(postfix_deploy(&s, SLOT_RSA, cert[RSA_ONE], key[RSA_ONE],
		    &e));
		age();
	}
	read_it();
	ck_assert_uint_eq(s.n_key, 1);
	key_is(0, "smtpd_tls_key_file", key[RSA_ONE], cert[RSA_ONE],
	    &info[RSA_ONE]);
}
END_TEST

START_TEST(a_key_beside_the_certificate_parameter_is_kept_apart)
{
	set("smtpd_tls_cert_file = %s\nsmtpd_tls_key_file = "
	    "$smtpd_tls_cert_file\n",
	    key[EC_ONE]);
	read_it();
	must(postfix_deploy(&s, SLOT_ECDSA, cert[EC_TWO], key[EC_TWO], &e));
	age();
	read_it();
	ck_assert_uint_eq(s.n_key, 1);
	key_is(0, "smtpd_tls_key_file", key[EC_TWO], cert[EC_TWO],
	    &info[EC_TWO]);
}
END_TEST

START_TEST(a_name_with_a_blank_is_switched_to)
{
	ck_assert_int_eq(symlink(key[EC_TWO], in_top("a b.pem")), 0);
	read_it();
	must(postfix_deploy(&s, SLOT_ECDSA, cert[EC_TWO], in_top("a b.pem"),
	    &e));
	age();
	read_it();
	key_is(0, "smtpd_tls_eckey_file", in_top("a b.pem"), cert[EC_TWO],
	    &info[EC_TWO]);
}
END_TEST

static void
not_switched(enum slot slot, const char *c, const char *k, const char *words)
{
	e.text[0] = 0;
	ck_assert_int_eq(postfix_deploy(&s, slot, c, k, &e), -1);
	says(words);
	main_is("");
}

START_TEST(what_does_not_fit_is_not_switched)
{
	const char *c = in_top("$myhostname");

	read_it();
	not_switched(SLOT_ECDSA, cert[EC_ONE], key[EC_TWO],
	    "does not match key");
	not_switched(SLOT_RSA, cert[EC_ONE], key[EC_ONE], "not an rsa key");
	not_switched(SLOT_ECDSA, cert[RSA_ONE], key[RSA_ONE],
	    "not an ecdsa key");
	not_switched(SLOT_RSA, cert[RSA_ONE], "/nowhere/k.pem", "No such file");
	not_switched(SLOT_RSA, "/nowhere/c.pem", key[RSA_ONE], "No such file");
	not_switched(SLOT_RSA, key[RSA_ONE], key[RSA_ONE],
	    "holds no certificate");
	/* A file that fits, under a name that does not. */
	ck_assert_int_eq(symlink(cert[RSA_ONE], c), 0);
	not_switched(SLOT_RSA, c, key[RSA_ONE], "not a name");
	unlink(c);
	/* It would go into a pair of which nothing is known. */
	set("smtpd_tls_cert_file = /nowhere\n");
	read_it();
	put_main("");
	not_switched(SLOT_RSA, cert[RSA_ONE], key[RSA_ONE], "/nowhere");
}
END_TEST

START_TEST(a_main_cf_that_changed_meanwhile_is_not_switched)
{
	read_it();
	put_main("");
	ck_assert_int_eq(chmod(main_cf, 0600), 0);
	not_switched(SLOT_RSA, cert[RSA_ONE], key[RSA_ONE], "somebody else");
	ck_assert_int_eq(e.kind, ERR_TEMP);
}
END_TEST

START_TEST(a_failure_of_postconf_is_told)
{
	read_it();
	strcpy(s.postconf, "/bin/false");
	not_switched(SLOT_RSA, cert[RSA_ONE], key[RSA_ONE], "postconf -e");
	strcpy(s.postconf, "/bin/true");
	not_switched(SLOT_RSA, cert[RSA_ONE], key[RSA_ONE], "did not set");
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_loop_test(t, the_pair_is_that_of_the_slot_or_unclear, 0,
	    COUNT(PAIRS));
	tcase_add_loop_test(t, why_the_pair_is_not_clear_is_told, 0, 3);
	tcase_add_loop_test(t, a_name_is_one_that_main_cf_can_hold, 0,
	    COUNT(NAMES));
	tcase_add_test(t, a_name_of_1023_bytes_is_the_longest);
	tcase_add_loop_test(t,
	    the_files_of_the_slot_are_replaced_in_their_place, 0,
	    COUNT(CHAINS));
	tcase_add_loop_test(t, in_the_list_a_key_comes_before_its_certificates,
	    0, COUNT(ORDERS));
	tcase_add_test(t, relative_names_in_the_list_stay_as_they_are);
	tcase_add_test(t, a_list_that_becomes_too_long_is_refused);
	tcase_add_test(t, a_list_that_cannot_be_read_whole_is_refused);
	tcase_add_test(t, a_key_of_a_slot_takes_the_place_of_the_old_one);
	tcase_add_test(t, a_first_key_goes_into_its_usual_pair);
	tcase_add_test(t, a_key_beside_the_certificate_parameter_is_kept_apart);
	tcase_add_test(t, a_name_with_a_blank_is_switched_to);
	tcase_add_test(t, what_does_not_fit_is_not_switched);
	tcase_add_test(t, a_main_cf_that_changed_meanwhile_is_not_switched);
	tcase_add_test(t, a_failure_of_postconf_is_told);
}

int
main(void)
{
	return kit_run("postfix_deploy", add_tests);
}
