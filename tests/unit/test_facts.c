/*
 * test_facts.c - what this machine says of a host: which certificate is sent
 * with a key, whose file could be read, and whose is gone.
 */
#include "postfix_kit.h"

#include "base/once.h"
#include "cmd/pass.h"

static struct session session;
static struct conf_host conf;
static struct pass pass;
static struct pass_host ph;
static char *names[] = { (char[]){ "mx.example.org" } };

/* Key RSA_ONE, in use, with its certificate in `file`. */
static struct key *
host_with(const char *file, bool adopted)
{
	struct key *k;

	memset(&ph, 0, sizeof(ph));
	conf.config_dir = top;
	conf.names = names;
	conf.n_names = 1;
	session.now = (struct now){ 10, KIT_NOW, true };
	pass.s = &session;
	ph.conf = &conf;
	host_init(&ph.host, names[0]);
	k = host_key_add(&ph.host);
	k->id = info[RSA_ONE].id;
	k->stage = STAGE_DEPLOYED;
	k->adopted = adopted;
	k->destroyed_at = NEVER;
	k->key_file = once_fmt(1024, "%s", key[RSA_ONE]);
	k->cert_file = once_fmt(1024, "%s", file);
	return k;
}

static void
read_facts(void)
{
	struct postfix_once once = { NULL };

	facts_read(&pass, &ph, &once);
	postfix_once_release(&once);
}

/* Another certificate of the key, that ends on another day. */
static const char *
another(void)
{
	const char *file = in_top("new.pem");
	struct private_key *k = NULL;

	must(key_load(key[RSA_ONE], &k, NULL, &e));
	must(cert_make(k, (const char *const *)names, 1, KIT_NOW - 86400, file,
	    &e));
	private_key_free(k);
	return file;
}

/* Ours is not taken for the one that is sent, and theirs is not taken to be
 * ours, which we would delete with the key. */
START_TEST(the_certificate_that_postfix_sends_is_the_one_that_counts)
{
	bool adopted = _i == 0;
	struct key *k = host_with(cert[RSA_ONE], adopted);
	const char *file = another();
	time_t until;
	int chain;

	set("smtpd_tls_key_file = %s\nsmtpd_tls_cert_file = %s\n", key[RSA_ONE],
	    cert[RSA_ONE]);
	read_facts();
	until = k->cert_until;
	chain = k->chain;
	ck_assert(k->installed && chain != 0);
	set("smtpd_tls_key_file = %s\nsmtpd_tls_cert_file = %s\n", key[RSA_ONE],
	    file);
	read_facts();
	ck_assert(k->installed);
	ck_assert_int_ne(k->chain, chain);
	ck_assert_int_eq(k->cert_until, until - 86400);
	ck_assert_str_eq(k->cert_file, adopted ? file : cert[RSA_ONE]);
	host_release(&ph.host);
	unlink(file);
}
END_TEST

/* In a row, that is; the next round asks anew. */
START_TEST(hosts_of_one_postfix_ask_it_once)
{
	struct postfix_once once = { NULL };
	char other[] = "/nonexistent";
	struct key *k = host_with(cert[RSA_ONE], false);

	set("smtpd_tls_key_file = %s\nsmtpd_tls_cert_file = %s\n", key[RSA_ONE],
	    cert[RSA_ONE]);
	facts_read(&pass, &ph, &once);
	ck_assert(k->installed);
	put_main("");
	facts_read(&pass, &ph, &once);
	ck_assert(k->installed && ph.host.blocked[0] == 0);
	conf.config_dir = other;
	facts_read(&pass, &ph, &once);
	ck_assert(!k->installed && ph.host.blocked[0] != 0);
	facts_read(&pass, &ph, &once);
	ck_assert(!k->installed && ph.host.blocked[0] != 0);
	conf.config_dir = top;
	facts_read(&pass, &ph, &once);
	ck_assert(!k->installed && ph.host.blocked[0] == 0);
	postfix_once_release(&once);
	host_release(&ph.host);
}
END_TEST

/* One that is not in use: gone, there and not to be read, another, none. */
START_TEST(what_cannot_be_read_is_not_gone)
{
	static const bool unread[] = { false, true, false, false };
	struct key *k;

	put_main("");
	if (_i == 1)
		ck_assert_int_eq(mkdir(in_top("c.pem"), 0700), 0);
	if (_i == 2)
		join_files(in_top("c.pem"),
		    (const char *const[]){ cert[EC_ONE], NULL });
	if (_i == 3)
		put(in_top("c.pem"), "none", 0600);
	k = host_with(in_top("c.pem"), false);
	read_facts();
	ck_assert(k->stored && !k->cert_ok && !k->installed);
	ck_assert_int_eq(k->cert_unread, unread[_i]);
	host_release(&ph.host);
	remove(in_top("c.pem"));
}
END_TEST

/* Its mode, that of its folder, whose it is. */
static const struct {
	unsigned mode, folder;
	bool adopted, exposed;
} MODES[] = {
	{ 0600, 0755, false, false },
	{ 0640, 0700, false, true },
	{ 0604, 0700, false, true },
	{ 0600, 0755, true, false },
	{ 0640, 0755, true, false }, /* a group, such as ssl-cert */
	{ 0644, 0755, true, true },
	{ 0604, 0711, true, true },
	{ 0644, 0700, true, false }, /* nobody gets there */
	{ 0644, 0710, true, false },
};

START_TEST(a_key_that_others_can_read_is_exposed)
{
	struct key *k;

	put_main("");
	k = host_with(cert[RSA_ONE], MODES[_i].adopted);
	ck_assert_int_eq(chmod(k->key_file, MODES[_i].mode), 0);
	ck_assert_int_eq(chmod(made, MODES[_i].folder), 0);
	read_facts();
	ck_assert_uint_eq(k->exposed, MODES[_i].exposed ? MODES[_i].mode : 0);
	ck_assert_int_eq(chmod(k->key_file, 0600), 0);
	read_facts();
	ck_assert_uint_eq(k->exposed, 0);
	ck_assert_int_eq(chmod(made, 0700), 0);
	host_release(&ph.host);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_loop_test(t, a_key_that_others_can_read_is_exposed, 0,
	    sizeof(MODES) / sizeof(MODES[0]));
	tcase_add_loop_test(t,
	    the_certificate_that_postfix_sends_is_the_one_that_counts, 0, 2);
	tcase_add_loop_test(t, what_cannot_be_read_is_not_gone, 0, 4);
	tcase_add_test(t, hosts_of_one_postfix_ask_it_once);
}

int
main(void)
{
	return kit_run("facts", add_tests);
}
