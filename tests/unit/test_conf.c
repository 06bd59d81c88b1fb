/*
 * test_conf.c - a good config becomes values; of a bad one every mistake is
 * told, with its line and what is allowed.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "edge/conf.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static char top[256], path[300], extra[300];
static struct conf c;
static struct err e;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/conf.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/danesafe.yaml", top);
	snprintf(extra, sizeof(extra), "%s/conf.d", top);
	memset(&c, 0, sizeof(c));
}

static void
teardown(void)
{
	static const char *const names[] = { "10-a.yaml", "20-b.yaml",
		".hidden.yaml", "note.txt", "30-c.yaml" };
	char name[400];

	conf_release(&c);
	for (int i = 0; i < COUNT(names); i++)
		if (file_join(name, sizeof(name), extra, names[i]))
			unlink(name);
	rmdir(extra);
	unlink(extra);
	unlink(path);
	rmdir(path);
	ck_assert_int_eq(rmdir(top), 0);
}

static void
put(const char *file, const char *text, size_t len)
{
	struct err why;

	ck_assert_msg(file_replace(file, text, len, 0644, (uid_t)-1, (gid_t)-1,
			  &why) == 0,
	    "%s", why.text);
}

static void
put_extra(const char *name, const char *text)
{
	char file[400];

	mkdir(extra, 0755);
	ck_assert(file_join(file, sizeof(file), extra, name));
	put(file, text, strlen(text));
}

static int
reads(const char *text)
{
	conf_release(&c);
	put(path, text, strlen(text));
	e = (struct err){ .kind = ERR_NONE };
	return conf_read(path, &c, &e);
}

#define good(config) ck_assert_msg(reads(config) == 0, "%s", e.text)
#define says(words) ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text)

static int
mistakes(void)
{
	int n = 1;

	for (const char *s = e.text; *s != 0; s++)
		n += *s == '\n';
	return n;
}

#define HOST "hosts: { mx1.example.org: {} }\n"
#define IN_HOST(s) "hosts:\n  mx1.example.org:\n    " s "\n"
#define IN_TIMING(s) HOST "timing:\n  " s "\n"
#define IN_PUB(s) HOST "publishers:\n  zone:\n    " s "\n"
#define NSUPDATE                                          \
	"method: nsupdate, server: 127.0.0.1, tsig-key: " \
	"/etc/danesafe/tsig.key"

/* Each has this one mistake, on this line (0: of the file as a whole). */
static const struct {
	const char *text;
	int line;
	const char *words, *more;
} BAD[] = {
	/* the file */
	{ "", 0, "is empty", "hosts: { mx1.example.org: {} }" },
	{ "# only\n# words\n", 0, "is empty", "hosts: {" },
	{ "--- {}\n", 0, "no hosts", "hosts: {" },
	{ "hosts: {}\n", 0, "no hosts", "" },
	{ "hosts:\n", 0, "no hosts", "" },
	{ "just words\n", 1, "the config", "map of settings" },
	{ "- a\n- b\n", 1, "map of settings", "" },
	{ HOST "---\n" HOST, 2, "second document", "" },
	{ HOST "zones: [example.org]\n", 2, "zones", "map of names" },
	{ HOST "zones: { example.org: static }\n", 2, "map of settings", "" },
	{ HOST "zones: { example.org: { signing: live } }\n", 2, "'live'",
	    "static or unknown" },
	{ HOST "zones: { example.org: { sining: static } }\n", 2, "a zone",
	    "did you mean 'signing'" },
	{ HOST "zones: { a..b: {} }\n", 2, "not a zone's name", "" },
	{ HOST "zones: { a.b: {}, A.b.: {} }\n", 2, "already", "'A.b.'" },
	{ HOST "a: [b\n", 3, "", "danesafe.yaml(5)" },
	{ HOST "a: \"b\n", 3, "quoted scalar", "" },
	{ HOST "timing: \"\"\n", 2, "map of settings", "" },
	{ "state-dir: \"/x\\0y\"\n" HOST, 1, "only plain ASCII", "" },
	{ HOST "\tresolver: 127.0.0.1\n", 2, "", "" },
	{ HOST "resolver 127.0.0.1\n", 3, "':'", "" },
	{ HOST "timing:\n  settle: 1m\n profile: fast\n", 4, "", "" },
	{ HOST "\nresolver: 127.0.0.1 # \xff\n", 3, "UTF-8", "" },
	{ HOST "# \x01\n", 2, "control", "" },
	{ HOST "alert: { repeat: 1h }\nalert: {}\n", 3,
	    "'alert' is given "
	    "twice",
	    ":2 already" },
	{ "hosts: &a { mx1.example.org: {} }\n", 1, "anchors", "" },
	{ HOST "timing: *a\n", 2, "aliases", "" },
	{ HOST "timing: !!map {}\n", 2, "tags", "" },
	{ HOST "state-dir: !foo /var/x\n", 2, "tags", "" },
	{ HOST "timing: { <<: { settle: 1m } }\n", 2, "'<<'", "" },
	{ HOST "timing: [[[[[[[[[[]]]]]]]]]]\n", 2, "too deep", "" },
	/* unknown settings */
	{ IN_TIMING("rollover-evry: 1d"), 3,
	    "unknown setting 'rollover-evry' "
	    "in timing",
	    "did you mean 'rollover-every'?" },
	{ HOST "Resolver: 127.0.0.1\n", 2, "did you mean 'resolver'?", "" },
	{ HOST "user: _danesafe\n", 2, "unknown setting 'user'",
	    "there are: state-dir, resolver, ipv6, alert, timing, "
	    "publishers, zones, hosts" },
	{ HOST "issuers: {}\n", 2, "unknown setting 'issuers'", "" },
	{ HOST "alert: { pager: 5 }\n", 2, "'pager' in alert",
	    "there are: repeat" },
	{ HOST "alert: { mail-to: [-t@example.org] }\n", 2,
	    "'-t@example.org' is not a plain mail address", "" },
	{ HOST "alert: { mail-to: ['a b@example.org'] }\n", 2,
	    "is not a plain mail address", "" },
	{ HOST "alert: { mail-to: ['a@example.org, b'] }\n", 2,
	    "is not a plain mail address", "" },
	{ HOST "alert: { mail-to: ['<a@example.org>'] }\n", 2,
	    "is not a plain mail address", "" },
	{ HOST "alert: { sendmail: sendmail }\n", 2,
	    "sendmail: 'sendmail' is not an absolute path", "" },
	{ HOST "alert: { command: [page] }\n", 2,
	    "command: 'page' is not an absolute path", "" },
	{ IN_HOST("issuer: none"), 3, "'issuer' in a host", "" },
	{ IN_PUB("tsig_key: /x"), 4, "did you mean 'tsig-key'?", "" },
	{ HOST "settle: 15m\n", 2, "unknown setting 'settle'", "" },
	{ HOST "\"a\\eb\": 1\n", 2, "plain ASCII", "" },
	{ HOST "? [a, b]\n: 1\n", 2, "plain value", "" },
	/* given twice */
	{ IN_TIMING("settle: 1m\n  settle: 2m"), 4, "'settle' is given twice",
	    ":3 already" },
	{ IN_HOST("standby: true\n    standby: true"), 4, "given twice", "" },
	{ "hosts:\n  mx1.example.org: {}\n  MX1.example.org: {}\n", 3,
	    "host 'mx1.example.org' stands at", ":2 already" },
	{ HOST "publishers:\n  a: {}\n  a: {}\n", 4, "publisher 'a'",
	    ":3 already" },
	/* durations */
	{ IN_TIMING("settle: 15"), 3, "settle: '15' is not a duration",
	    "90s, 15m" },
	{ IN_TIMING("settle: -15m"), 3, "not a duration", "" },
	{ IN_TIMING("settle: 1.5h"), 3, "not a duration", "" },
	{ IN_TIMING("settle: 50%"), 3, "not a duration", "" },
	{ IN_TIMING("settle:"), 3, "not a duration", "" },
	{ IN_TIMING("settle: 999999999999d"), 3, "not a duration", "" },
	{ IN_TIMING("settle: [15m]"), 3, "settle: a plain value", "" },
	{ IN_TIMING("settle: { a: 15m }"), 3, "settle: a plain value", "" },
	{ HOST "alert:\n  repeat: daily\n", 3, "repeat: 'daily'", "" },
	{ HOST "alert:\n  timeout: 0s\n", 3, "timeout: 0s", "1s to 1m" },
	{ HOST "alert:\n  timeout: 61s\n", 3, "timeout: 61s", "1s to 1m" },
	{ HOST "alert:\n  timeout: 30\n", 3, "timeout: '30'", "" },
	{ IN_TIMING("assumed-ttl: 8d"), 3, "assumed-ttl", "more than 7d" },
	{ IN_HOST("tlsa-ttl: 8d"), 3, "tlsa-ttl", "more than 7d" },
	{ IN_HOST("tlsa-ttl: 3600"), 3, "tlsa-ttl", "not a duration" },
	{ IN_TIMING("stuck-warning: 4d"), 3, "stuck-warning (4d)",
	    "stuck-critical (3d)" },
	{ IN_TIMING("stuck-critical: 1h"), 3, "stuck-warning (1d)",
	    "stuck-critical (1h)" },
	/* numbers, words */
	{ IN_TIMING("hold-factor: 0"), 3, "hold-factor", "from 1 to 100" },
	{ IN_TIMING("hold-factor: 101"), 3, "from 1 to 100", "" },
	{ IN_TIMING("hold-factor: 2.5"), 3, "from 1 to 100", "" },
	{ IN_TIMING("hold-factor: 0x10"), 3, "from 1 to 100", "" },
	{ IN_TIMING("hold-factor: 1e1"), 3, "from 1 to 100", "" },
	{ IN_TIMING("hold-factor: 99999999999999999999"), 3, "100", "" },
	{ IN_TIMING("hold-factor: two"), 3, "from 1 to 100", "" },
	{ IN_TIMING("profile: slow"), 3, "'slow'",
	    "routine, fast or emergency" },
	{ HOST "ipv6: true\n", 2, "ipv6: 'true' is none; auto or require", "" },
	{ IN_HOST("standby: yes"), 3, "'yes' is neither true nor false", "" },
	{ IN_HOST("standby: on"), 3, "'on' is neither", "" },
	{ IN_HOST("standby: True"), 3, "'True' is neither", "" },
	{ IN_HOST("standby: 1"), 3, "'1' is neither", "" },
	{ IN_HOST("standby:"), 3, "'' is neither", "" },
	/* paths, addresses */
	{ HOST "state-dir: var/lib\n", 2, "state-dir", "absolute" },
	{ HOST "state-dir: /var/../etc\n", 2, "state-dir", "'..'" },
	{ HOST "state-dir: /var/..\n", 2, "state-dir", "'..'" },
	{ HOST "state-dir: \"/var/x\\ny\"\n", 2, "state-dir", "plain ASCII" },
	{ HOST "resolver: localhost\n", 2, "resolver: 'localhost'",
	    "a name is none" },
	{ HOST "resolver: 127.0.0.1:5353\n", 2, "no port here", "" },
	{ HOST "resolver: 127.0.0.256\n", 2, "resolver", "" },
	{ IN_HOST("config-dir: postfix"), 3, "config-dir", "absolute" },
	/* publishers */
	{ IN_PUB("method: zonefile"), 4, "method: 'zonefile'",
	    "nsupdate or manual" },
	{ IN_PUB("method: nsupdate\n    tsig-key: /x"), 3,
	    "nsupdate needs 'server'", "zone" },
	{ IN_PUB("method: nsupdate\n    server: 127.0.0.1"), 3,
	    "nsupdate needs 'tsig-key'", "zone" },
	{ IN_PUB("method: manual\n    server: 127.0.0.1"), 3,
	    "manual takes no "
	    "server",
	    "did you mean method: nsupdate?" },
	{ IN_PUB("server: 127.0.0.1"), 3, "without a method",
	    "did you mean method: nsupdate?" },
	{ IN_PUB("port: 53"), 3, "without a method", "" },
	{ HOST "publishers: { zone: { " NSUPDATE ", port: 0 } }\n", 2,
	    "port: '0'", "1 to 65535" },
	{ HOST "publishers: { zone: { " NSUPDATE ", port: 65536 } }\n", 2,
	    "port", "" },
	{ IN_PUB("method: nsupdate\n    server: ns1\n    tsig-key: /x"), 5,
	    "server: 'ns1'", "a name is none" },
	{ HOST "publishers: { manual: {} }\n", 2, "'manual' is always there",
	    "another name" },
	{ HOST "publishers: { \"a b\": {} }\n", 2, "publisher 'a b'",
	    "letters" },
	{ HOST "publishers: [zone]\n", 2, "publishers: a map", "" },
	{ HOST "publishers: { zone: nsupdate }\n", 2, "zone: a map", "" },
	{ "publishers: { zone: { " NSUPDATE " } }\n"
	  "hosts:\n  mx1.example.org: {\n publisher: zon }\n",
	    4, "publisher: 'zon'", "did you mean 'zone'?" },
	{ IN_HOST("publisher: hook"), 3, "publisher: 'hook'", "manual" },
	/* hosts */
	{ "hosts: { mx1: {} }\n", 1, "'mx1' is not a host name", "labels" },
	{ "hosts: { mx1.example.org.: {} }\n", 1, "not a host name", "" },
	{ "hosts: { \"*.example.org\": {} }\n", 1, "not a host name", "" },
	{ "hosts: { 192.0.2.1: {} }\n", 1, "not a host name", "" },
	{ "hosts: { -mx.example.org: {} }\n", 1, "not a host name", "" },
	{ "hosts: { m_x.example.org: {} }\n", 1, "not a host name", "" },
	{ "hosts: { \"$(id).example.org\": {} }\n", 1, "not a host name", "" },
	{ "hosts: { \"a/../b.example.org\": {} }\n", 1, "not a host", "" },
	{ "hosts: { \"\": {} }\n", 1, "not a host name", "" },
	{ HOST "timing: {}\nstate-dir: /a\xc3\xa4\n", 3, "ASCII", "" },
	{ "hosts: { m\xc3\xbcller.example: {} }\n", 1, "A-label form", "xn--" },
	{ "hosts: [mx1.example.org]\n", 1, "hosts: a map", "" },
	{ "hosts: mx1.example.org\n", 1, "hosts: a map", "" },
	{ "hosts: { mx1.example.org: postfix }\n", 1, "mx1.example.org: a map",
	    "" },
	{ IN_HOST("names: mx1.example.org"), 3, "names: a list", "[a, b]" },
	{ IN_HOST("names: []"), 3, "names: an empty list", "" },
	{ IN_HOST("names:\n    - mx1.example.org\n    - mx2"), 5,
	    "names: 'mx2'", "not a host name" },
	{ IN_HOST("names: [a.example.org, A.example.org]"), 3,
	    "A.example.org is given twice", "" },
	{ IN_HOST("names: [m\xc3\xbcller.example]"), 3, "A-label form", "" },
	{ IN_HOST("names: [[a.example.org]]"), 3, "plain value", "" },
	{ IN_HOST("services: 25/tcp"), 3, "services: a list", "" },
	{ IN_HOST("services: [25]"), 3, "services: '25'", "25/tcp" },
	{ IN_HOST("services: [25/udp]"), 3, "'25/udp'", "25/tcp" },
	{ IN_HOST("services: [0/tcp]"), 3, "'0/tcp'", "" },
	{ IN_HOST("services: [65536/tcp]"), 3, "'65536/tcp'", "" },
	{ IN_HOST("services: [smtp/tcp]"), 3, "'smtp/tcp'", "" },
	{ IN_HOST("services: [25/tcp, 25/tcp]"), 3, "25/tcp is given twice",
	    "" },
	{ IN_HOST("services: []"), 3, "services: an empty list", "" },
	{ IN_HOST("owners: _25._tcp.mx.example.net"), 3, "owners: a list", "" },
	{ IN_HOST("owners: [mx.example.net]"), 3, "owners: 'mx.example.net'",
	    "such as _25._tcp.mx.example.org" },
	{ IN_HOST("owners: [_0._tcp.mx.example.net]"), 3, "owners: '_0._tcp",
	    "" },
	{ IN_HOST("owners: [_65536._tcp.mx.example.net]"), 3, "owners: '_6553",
	    "" },
	{ IN_HOST("owners: [_25._udp.mx.example.net]"), 3, "owners: '_25._udp",
	    "" },
	{ IN_HOST("owners: [_25._tcp.mx]"), 3, "owners: '_25._tcp.mx'", "" },
	{ IN_HOST("owners: [_25._tcp.]"), 3, "owners: '_25._tcp.'", "" },
	{ IN_HOST("owners: [_25._tcp.a.example, _25._tcp.A.example.]"), 3,
	    "owners: _25._tcp.A.example. is given twice", "" },
	{ IN_HOST("owners: [_25._tcp.MX1.example.org.]"), 3,
	    "is the record of a service of mx1.example.org", "itself" },
	{ IN_HOST("keys: [rsa]"), 3, "keys: 'rsa'", "rsa-2048" },
	{ IN_HOST("keys: [rsa-512]"), 3, "'rsa-512'", "ecdsa-p256" },
	{ IN_HOST("keys: [rsa-2048, rsa-4096]"), 3, "second rsa key",
	    "one of each" },
	{ IN_HOST("keys: [ecdsa-p256, ecdsa-p256]"), 3, "second ecdsa key",
	    "" },
	{ IN_HOST("keys: []"), 3, "keys: an empty list", "" },
	{ IN_HOST("tlsa: [\"2 1 0\"]"), 3, "tlsa: 2 1 0", "do not fit" },
	{ "hosts:\n  mx.example:\n    names: [www.example]\n"
	  "    tlsa: [\"3 1 1\", \"2 0 1\"]\n",
	    2, "'names' lacks mx.example", "usage 2" },
	{ IN_HOST("tlsa: [\"1 1 1\"]"), 3, "tlsa: 1 1 1", "no mail sender" },
	{ IN_HOST("tlsa: [\"0 0 1\"]"), 3, "tlsa: 0 0 1", "no mail sender" },
	{ IN_HOST("tlsa: [\"3 1 0\"]"), 3, "tlsa: 3 1 0", "use 1 or 2" },
	{ IN_HOST("tlsa: [\"3 0 0\"]"), 3, "tlsa: 3 0 0", "use 1 or 2" },
	{ IN_HOST("tlsa: [\"3 1 3\"]"), 3, "tlsa: '3 1 3'", "3 0 1" },
	{ IN_HOST("tlsa: [\"3 2 1\"]"), 3, "tlsa: '3 2 1'", "3 0 1" },
	{ IN_HOST("tlsa: [\"4 1 1\"]"), 3, "tlsa: '4 1 1'", "3 0 1" },
	{ IN_HOST("tlsa: [\"3 1 1 \"]"), 3, "tlsa: '3 1 1 '", "3 0 1" },
	{ IN_HOST("tlsa: [\"311\"]"), 3, "tlsa: '311'", "3 0 1" },
	{ IN_HOST("tlsa: [\"3 1 2\", \"3 1 2\"]"), 3, "tlsa: 3 1 2", "twice" },
	{ IN_HOST("tlsa: []"), 3, "tlsa: an empty list", "" },
	{ IN_HOST("deploy: files"), 3, "deploy: 'files'", "postfix" },
	{ IN_HOST("endpoints: [mx1.example.org]"), 3, "endpoints",
	    "ADDRESS[:PORT]" },
	{ IN_HOST("endpoints: [\"192.0.2.1:0\"]"), 3, "endpoints", "" },
	{ IN_HOST("endpoints: [192.0.2.1, 192.0.2.1]"), 3,
	    "192.0.2.1 is given twice", "" },
	{ IN_HOST("endpoints: [\"2001:db8::1\", \"[2001:DB8::1]\"]"), 3,
	    "given twice", "" },
	{ "hosts:\n  mx1.example.org: {}\n  mx2.example.org: {}\n", 3,
	    "mx1.example.org and mx2.example.org", "config-dir" },
	{ "hosts:\n  mx1.example.org: { config-dir: /etc/p/ }\n"
	  "  mx2.example.org: { config-dir: /etc//p }\n",
	    3, "would both write to /etc/p", "config-dir" },
};

START_TEST(a_mistake_is_told_with_its_line)
{
	char where[400];

	ck_assert_msg(reads(BAD[_i].text) == -1, "%s", BAD[_i].text);
	if (BAD[_i].line > 0)
		snprintf(where, sizeof(where), "%s:%d: ", path, BAD[_i].line);
	else
		snprintf(where, sizeof(where), "%s: ", path);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	ck_assert_msg(strncmp(e.text, where, strlen(where)) == 0 &&
		strstr(e.text, BAD[_i].words) != NULL &&
		strstr(e.text, BAD[_i].more) != NULL,
	    "%s\n-> line %d, '%s', '%s', but:\n%s", BAD[_i].text, BAD[_i].line,
	    BAD[_i].words, BAD[_i].more, e.text);
	ck_assert_msg(mistakes() == 1, "%s\n%s", BAD[_i].text, e.text);
}
END_TEST

START_TEST(the_smallest_config_has_all_defaults)
{
	const struct conf_host *h;

	good(HOST);
	ck_assert_str_eq(c.path, path);
	ck_assert_str_eq(c.state_dir, "/var/lib/danesafe");
	ck_assert(!c.has_resolver);
	ck_assert_int_eq(c.policy.hold_factor, 2);
	ck_assert_int_eq(c.policy.stale_allowance, 86400);
	ck_assert_int_eq(c.policy.hold_floor, 3600);
	ck_assert_int_eq(c.policy.rollover_every, 365 * 86400);
	ck_assert_int_eq(c.policy.client_slack, 900);
	ck_assert_int_eq(c.policy.clock_slack, 300);
	ck_assert_int_eq(c.policy.settle, 900);
	ck_assert_int_eq(c.policy.assumed_ttl, 86400);
	ck_assert_int_eq(c.policy.retire_hold, 72 * 3600);
	ck_assert_int_eq(c.policy.key_retention, 30 * 86400);
	ck_assert_int_eq(c.policy.stuck_warning, 24 * 3600);
	ck_assert_int_eq(c.policy.stuck_critical, 72 * 3600);
	ck_assert_int_eq(c.policy.repeat, 24 * 3600);
	ck_assert_int_eq(c.timeout, 30);
	ck_assert(!c.every_family);
	ck_assert_uint_eq(c.n_publishers, 0);
	ck_assert_uint_eq(c.n_files, 1);
	ck_assert_uint_eq(c.n_hosts, 1);
	h = &c.hosts[0];
	ck_assert_str_eq(h->name, "mx1.example.org");
	ck_assert_str_eq(h->file, path);
	ck_assert_int_eq(h->line, 1);
	ck_assert_uint_eq(h->n_names, 1);
	ck_assert_str_eq(h->names[0], "mx1.example.org");
	ck_assert_uint_eq(h->n_services, 1);
	ck_assert_uint_eq(h->services[0].port, 25);
	ck_assert(!h->keys_given && h->standby);
	ck_assert_uint_eq(h->tlsa_ttl, 3600);
	ck_assert_uint_eq(h->n_tlsa, 1);
	ck_assert_mem_eq(&h->tlsa[0], (&(struct tlsa_kind){ 3, 1, 1 }), 3);
	ck_assert_ptr_null(h->publisher);
	ck_assert_str_eq(h->config_dir, "/etc/postfix");
	ck_assert_uint_eq(h->n_endpoints, 0);
	good("hosts:\n  mx1.example.org:\n");
	good("\xef\xbb\xbfhosts:\r\n  mx1.example.org: {}");
}
END_TEST

START_TEST(every_setting_becomes_its_value)
{
	const struct conf_host *h;
	const struct conf_publisher *p;
	char buf[ADDR_TEXT];

	good("state-dir: /srv/dane//safe/\n"
	     "resolver: ::1\n"
	     "alert:\n  repeat: 12h\n  timeout: 1m\n  metrics-file: "
	     "/run//x.prom\n"
	     "timing: { hold-factor: 3, stale-allowance: 1s, hold-floor: 2s,\n"
	     "  rollover-every: 3s, client-slack: 4s, clock-slack: 5s,\n"
	     "  settle: 6s, assumed-ttl: 7d, retire-hold: 8s,\n"
	     "  key-retention: 9s, stuck-warning: 10s, stuck-critical: 10s }\n"
	     "hosts:\n"
	     "  MX1.Example.ORG:\n"
	     "    names: [Mail.example.org, xn--mller-kva.example]\n"
	     "    services: [465/tcp, 25/tcp]\n"
	     "    tlsa-ttl: 0s\n"
	     "    keys: [ecdsa-p384, rsa-3072]\n"
	     "    tlsa: [\"3 1 2\", \"3 0 1\"]\n"
	     "    standby: false\n"
	     "    publisher: zone\n"
	     "    deploy: postfix\n"
	     "    config-dir: /etc/postfix-in/\n"
	     "    endpoints: [192.0.2.1, \"[2001:db8::1]:2525\"]\n"
	     "publishers:\n"
	     "  zone: { port: 5353, " NSUPDATE " }\n"
	     "  other: { " NSUPDATE " }\n"
	     "  hand: { method: manual }\n"
	     "  bare:\n");
	ck_assert_str_eq(c.state_dir, "/srv/dane/safe");
	ck_assert(c.has_resolver);
	ck_assert_str_eq(addr_str(&c.resolver, buf), "[::1]:53");
	ck_assert_int_eq(c.policy.repeat, 12 * 3600);
	ck_assert_int_eq(c.timeout, 60);
	ck_assert_str_eq(c.metrics_file, "/run/x.prom");
	ck_assert_int_eq(c.policy.hold_factor, 3);
	ck_assert_int_eq(c.policy.stale_allowance, 1);
	ck_assert_int_eq(c.policy.hold_floor, 2);
	ck_assert_int_eq(c.policy.rollover_every, 3);
	ck_assert_int_eq(c.policy.client_slack, 4);
	ck_assert_int_eq(c.policy.clock_slack, 5);
	ck_assert_int_eq(c.policy.settle, 6);
	ck_assert_int_eq(c.policy.assumed_ttl, 7 * 86400);
	ck_assert_int_eq(c.policy.retire_hold, 8);
	ck_assert_int_eq(c.policy.key_retention, 9);
	ck_assert_int_eq(c.policy.stuck_warning, 10);
	ck_assert_int_eq(c.policy.stuck_critical, 10);
	h = &c.hosts[0];
	ck_assert_str_eq(h->name, "mx1.example.org");
	ck_assert_int_eq(h->line, 12);
	ck_assert_uint_eq(h->n_names, 2);
	ck_assert_str_eq(h->names[0], "mail.example.org");
	ck_assert_uint_eq(h->n_services, 2);
	ck_assert_uint_eq(h->services[0].port, 465);
	ck_assert_uint_eq(h->tlsa_ttl, 0);
	ck_assert_uint_eq(h->n_tlsa, 2);
	ck_assert_uint_eq(h->tlsa[0].selector, 1);
	ck_assert_uint_eq(h->tlsa[0].mtype, 2);
	ck_assert_uint_eq(h->tlsa[1].selector, 0);
	ck_assert_uint_eq(h->tlsa[1].mtype, 1);
	ck_assert(h->keys_given && !h->standby);
	ck_assert(h->slot[SLOT_RSA].managed && h->slot[SLOT_ECDSA].managed);
	ck_assert_int_eq(h->slot[SLOT_RSA].kind, KIND_RSA_3072);
	ck_assert_int_eq(h->slot[SLOT_ECDSA].kind, KIND_ECDSA_P384);
	ck_assert_str_eq(h->config_dir, "/etc/postfix-in");
	ck_assert_uint_eq(h->n_endpoints, 2);
	ck_assert_uint_eq(h->endpoints[0].port, 0);
	ck_assert_uint_eq(h->endpoints[1].port, 2525);
	ck_assert_uint_eq(c.n_publishers, 4);
	p = h->publisher;
	ck_assert_ptr_eq(p, &c.publishers[0]);
	ck_assert_str_eq(p->name, "zone");
	ck_assert_int_eq(p->method, PUBLISH_NSUPDATE);
	ck_assert_str_eq(addr_str(&p->server, buf), "127.0.0.1:5353");
	ck_assert_str_eq(p->tsig_key, "/etc/danesafe/tsig.key");
	ck_assert_str_eq(addr_str(&c.publishers[1].server, buf),
	    "127.0.0.1:53");
	ck_assert_int_eq(c.publishers[2].method, PUBLISH_MANUAL);
	ck_assert_int_eq(c.publishers[3].method, PUBLISH_MANUAL);
}
END_TEST

START_TEST(manual_is_always_there)
{
	good("hosts: { mx1.example.org: { publisher: manual } }\n");
	ck_assert_ptr_null(c.hosts[0].publisher);
}
END_TEST

START_TEST(one_key_leaves_the_other_slot_alone)
{
	good("hosts: { mx1.example.org: { keys: [ecdsa-p256] } }\n");
	ck_assert(c.hosts[0].keys_given);
	ck_assert(!c.hosts[0].slot[SLOT_RSA].managed);
	ck_assert(c.hosts[0].slot[SLOT_ECDSA].managed);
}
END_TEST

START_TEST(a_profile_presets_what_is_not_set_wherever_it_stands)
{
	static const struct {
		const char *timing;
		int64_t factor, stale, floor;
	} rows[] = {
		{ "profile: routine", 2, 86400, 3600 },
		{ "profile: fast", 2, 0, 3600 },
		{ "profile: emergency", 1, 0, 0 },
		{ "hold-factor: 5, profile: emergency", 5, 0, 0 },
		{ "profile: emergency, hold-factor: 5", 5, 0, 0 },
		{ "stale-allowance: 7s, profile: fast", 2, 7, 3600 },
		{ "profile: emergency, hold-floor: 0s, stale-allowance: 1d", 1,
		    86400, 0 },
	};
	char text[300];

	for (int i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), "timing: { %s }\n" HOST,
		    rows[i].timing);
		good(text);
		ck_assert_int_eq(c.policy.hold_factor, rows[i].factor);
		ck_assert_int_eq(c.policy.stale_allowance, rows[i].stale);
		ck_assert_int_eq(c.policy.hold_floor, rows[i].floor);
	}
}
END_TEST

START_TEST(a_family_without_a_route_may_be_required)
{
	good(HOST "ipv6: auto\n");
	ck_assert(!c.every_family);
	good(HOST "ipv6: require\n");
	ck_assert(c.every_family);
}
END_TEST

START_TEST(how_a_zone_is_signed_is_said_by_its_name)
{
	good(HOST "zones:\n"
		  "  Example.org: { signing: static }\n"
		  "  example.net.: { signing: unknown }\n"
		  "  example.com:\n");
	ck_assert_uint_eq(c.n_zones, 3);
	ck_assert_str_eq(c.zones[0].name, "example.org.");
	ck_assert(c.zones[0].is_static);
	ck_assert_str_eq(c.zones[1].name, "example.net.");
	ck_assert(!c.zones[1].is_static && !c.zones[2].is_static);
}
END_TEST

START_TEST(every_mistake_is_told_in_one_go)
{
	ck_assert_int_eq(reads("timing:\n"
			       "  setle: 15m\n"
			       "  hold-factor: many\n"
			       "hosts:\n"
			       "  mx1.example.org:\n"
			       "    standby: maybe\n"
			       "    publisher: zone\n"
			       "publishers:\n"
			       "  zones: { method: nsupdate }\n"),
	    -1);
	ck_assert_msg(mistakes() == 6, "%s", e.text);
	says(":2: unknown setting 'setle'");
	says(":3: hold-factor");
	says(":6: standby");
	says(":7: publisher: 'zone'");
	says("did you mean 'zones'?");
	says(":9: publisher 'zones': nsupdate needs 'server'");
	says("needs 'tsig-key'");
	ck_assert_uint_eq(c.n_hosts, 0); /* nothing was written */
}
END_TEST

START_TEST(too_many_mistakes_are_counted)
{
	struct text t = TEXT_INIT;
	int told;

	for (int i = 0; i < 60; i++)
		text_addf(&t, "zz%d: 1\n", i);
	text_add(&t, HOST);
	ck_assert_int_eq(reads(t.s), -1);
	text_release(&t);
	says(":1: ");
	told = mistakes() - 1;
	ck_assert_int_ge(told, 30);
	ck_assert_int_le(told, 50);
	ck_assert_int_eq(atoi(strstr(e.text, "\nand ") + 5), 60 - told);
	says(" more");
}
END_TEST

START_TEST(a_mistake_of_any_length_leaves_room_for_the_rest)
{
	char *text = mem_array(400001, 1);

	memset(text, 'a', 400000);
	memcpy(text + 399980, ": 1\n" HOST, 4 + 1);
	text[399985] = 0;
	ck_assert_int_eq(reads(text), -1);
	free(text);
	says(":1:");
	ck_assert_uint_lt(strlen(e.text), 1500);
}
END_TEST

START_TEST(files_of_the_folder_are_read_in_order)
{
	put_extra("20-b.yaml",
	    "timing: { settle: 2s }\n"
	    "hosts: { mx2.example.org: { config-dir: /b } }\n");
	put_extra("10-a.yaml", "hosts: { mx1.example.org: {} }\n");
	put_extra(".hidden.yaml", "nonsense: 1\n");
	put_extra("note.txt", "nonsense: 1\n");
	good("timing: { profile: fast }\n");
	ck_assert_uint_eq(c.n_files, 3);
	ck_assert_str_eq(strrchr(c.files[1], '/'), "/10-a.yaml");
	ck_assert_str_eq(strrchr(c.files[2], '/'), "/20-b.yaml");
	ck_assert_uint_eq(c.n_hosts, 2);
	ck_assert_str_eq(c.hosts[0].name, "mx1.example.org");
	ck_assert_str_eq(strrchr(c.hosts[1].file, '/'), "/20-b.yaml");
	ck_assert_int_eq(c.hosts[1].line, 2);
	ck_assert_int_eq(c.policy.settle, 2);
	ck_assert_int_eq(c.policy.stale_allowance, 0);
}
END_TEST

START_TEST(nothing_is_given_twice_across_files)
{
	put_extra("10-a.yaml",
	    "timing: { settle: 2s }\n\n"
	    "hosts: { mx1.example.org: {} }\n");
	ck_assert_int_eq(reads("timing: { settle: 1s }\n" HOST), -1);
	says("conf.d/10-a.yaml:1: 'settle' is given twice");
	says("danesafe.yaml:1 already");
	says("conf.d/10-a.yaml:3: host 'mx1.example.org' stands at");
	says("danesafe.yaml:2 already");
}
END_TEST

START_TEST(mistakes_of_all_files_are_told)
{
	put_extra("10-a.yaml", "");
	put_extra("20-b.yaml", "hosts: {\n");
	put_extra("30-c.yaml", "\nhosts: { mx2.example.org: {} }\n");
	ck_assert_int_eq(reads("nonsense: 1\n" HOST), -1);
	says("danesafe.yaml:1: unknown setting");
	says("conf.d/10-a.yaml: is empty");
	says("conf.d/20-b.yaml:2: ");
	says("conf.d/30-c.yaml:2: mx1.example.org and mx2.example.org");
}
END_TEST

START_TEST(what_is_no_file_is_no_config)
{
	ck_assert_int_eq(conf_read(path, &c, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	says("danesafe.yaml: No such file");
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(conf_read(path, &c, &e), -1);
	says("danesafe.yaml: is a device or pipe");
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(conf_read(path, &c, &e), -1);
	says("danesafe.yaml: is a folder");
	ck_assert_int_eq(conf_read("/dev/zero", &c, &e), -1);
	says("/dev/zero: is a device");
	rmdir(path);
	ck_assert_int_eq(symlink("/etc/hostname", path), 0);
	ck_assert_int_eq(conf_read(path, &c, &e), -1);
	says("symbolic link");
	ck_assert_int_eq(mistakes(), 1);
}
END_TEST

START_TEST(a_conf_d_that_is_no_folder_is_told)
{
	put(extra, "x", 1);
	ck_assert_int_eq(reads(HOST), -1);
	says("conf.d: Not a directory");
}
END_TEST

START_TEST(a_config_that_others_may_write_is_refused)
{
	good(HOST);
	ck_assert_int_eq(chmod(path, 0664), 0);
	ck_assert_int_eq(conf_read(path, &c, &e), -1);
	says("mode 0664 lets others write");
	says("chmod go-w");
	ck_assert_int_eq(chmod(path, 0646), 0);
	ck_assert_int_eq(conf_read(path, &c, &e), -1);
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(path, 0644), 0);
	ck_assert_int_eq(chown(path, 65534, 65534), 0);
	ck_assert_int_eq(conf_read(path, &c, &e), -1);
	says("belongs to user 65534");
}
END_TEST

START_TEST(bytes_that_are_no_text_are_refused)
{
	static const char nul[] = HOST "# a\0b\n";
	static const char utf16[] = "\xff\xfeh\0o\0s\0t\0s\0:\0";

	put(path, nul, sizeof(nul) - 1);
	ck_assert_int_eq(conf_read(path, &c, &e), -1);
	says("NUL byte");
	put(path, utf16, sizeof(utf16) - 1);
	ck_assert_int_eq(conf_read(path, &c, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFIG);
	put(path, "\xff\xfe\x3a\x4e", 4);
	ck_assert_int_eq(conf_read(path, &c, &e), -1);
	says("UTF-8");
}
END_TEST

/* A megabyte of the worst that can be nested or named. */
START_TEST(a_huge_file_ends_soon)
{
	static const char *const units[] = { "[", "{", "- ", "a: ", "? ",
		"\"\\", "a\n", "zz: 1\n", "&a ", "%" };
	const size_t size = 1024 * 1024;
	char *text = mem_array(size + 2, 1);

	for (int i = 0; i < COUNT(units); i++) {
		for (size_t n = 0; n < size; n++)
			text[n] = units[i][n % strlen(units[i])];
		text[size] = 0;
		ck_assert_int_eq(reads(text), -1);
		ck_assert_uint_lt(strlen(e.text), sizeof(e.text) - 1);
	}
	text[size] = 'x';
	ck_assert_int_eq(reads(text), -1);
	says("larger than 1048576 bytes");
	free(text);
}
END_TEST

/* The example is what a config without any setting means. */
START_TEST(the_example_is_a_config_of_defaults)
{
	struct text t = TEXT_INIT;
	struct policy p;

	good(HOST);
	p = c.policy;
	conf_example(&t);
	good(t.s);
	text_release(&t);
	ck_assert_mem_eq(&c.policy, &p, sizeof(p));
	ck_assert_uint_eq(c.n_hosts, 1);
	ck_assert_str_eq(c.hosts[0].name, "mx1.example.org");
	ck_assert_uint_eq(c.hosts[0].n_names, 1);
	ck_assert_uint_eq(c.hosts[0].n_services, 1);
	ck_assert_uint_eq(c.hosts[0].tlsa_ttl, 3600);
	ck_assert(c.hosts[0].standby && !c.hosts[0].keys_given);
	ck_assert_ptr_null(c.hosts[0].publisher);
	ck_assert_str_eq(c.hosts[0].config_dir, "/etc/postfix");
	ck_assert_str_eq(c.state_dir, "/var/lib/danesafe");
}
END_TEST

/* A "#" right before a word is taken away: every sample is a good one. */
START_TEST(the_example_is_a_config_when_all_is_set)
{
	struct text t = TEXT_INIT, set = TEXT_INIT;

	conf_example(&t);
	for (const char *s = t.s; *s != 0; s++)
		if (*s != '#' || s[1] == ' ' || s[1] == '\n')
			text_addn(&set, s, 1);
	good(set.s);
	text_release(&t);
	text_release(&set);
	ck_assert(c.has_resolver);
	ck_assert_uint_eq(c.n_publishers, 1);
	ck_assert_int_eq(c.publishers[0].method, PUBLISH_NSUPDATE);
	ck_assert(c.hosts[0].keys_given);
}
END_TEST

START_TEST(owners_of_others_are_names_of_records)
{
	const struct conf_host *h;

	ck_assert_msg(reads(IN_HOST("owners: [_25._tcp.Mail.example.net., "
				    "_465._tcp.mx.customer.example]")) == 0,
	    "%s", e.text);
	h = &c.hosts[0];
	ck_assert_uint_eq(h->n_owners, 2);
	ck_assert_str_eq(h->owners[0].name, "_25._tcp.mail.example.net.");
	ck_assert_uint_eq(h->owners[0].port, 25);
	ck_assert_str_eq(h->owners[1].name, "_465._tcp.mx.customer.example.");
	ck_assert_uint_eq(h->owners[1].port, 465);
}
END_TEST

START_TEST(the_example_names_every_setting)
{
	struct text t = TEXT_INIT;
	const char *name, *last;
	char entry[100];
	size_t n = 0;

	conf_example(&t);
	for (; (name = conf_setting(n)) != NULL; n++) {
		last = strrchr(name, '.');
		snprintf(entry, sizeof(entry),
		    "%s: ", last != NULL ? last + 1 : name);
		last = strstr(t.s, entry);
		ck_assert_msg(last != NULL && strchr("\n #", last[-1]), "%s",
		    name);
	}
	ck_assert_uint_eq(n, 39);
	for (const char *s = t.s, *end; *s != 0; s = end + 1) {
		end = strchr(s, '\n');
		ck_assert_msg(end - s <= 79 && s[0] != 0, "%.*s",
		    (int)(end - s), s);
	}
	text_release(&t);
}
END_TEST

START_TEST(a_host_is_found_in_any_case)
{
	good(HOST);
	ck_assert_ptr_eq(conf_find(&c, "MX1.example.ORG"), &c.hosts[0]);
	ck_assert_ptr_null(conf_find(&c, "mx2.example.org"));
	conf_release(NULL);
}
END_TEST

/* "_65535._tcp." must fit before it. */
START_TEST(a_host_name_leaves_room_for_the_owner)
{
	char text[400];

	for (int n = 240; n <= 241; n++) {
		snprintf(text, sizeof(text), "hosts: { \"");
		for (int i = 0; i < n; i++)
			text[10 + i] = i % 50 == 49 ? '.' : 'a';
		snprintf(text + 10 + n, 20, "\": {} }\n");
		ck_assert_msg(reads(text) == (n == 240 ? 0 : -1), "%s", e.text);
	}
	says("240 letters");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("conf");
	TCase *t = tcase_create("conf");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, a_mistake_is_told_with_its_line, 0, COUNT(BAD));
	tcase_add_test(t, the_smallest_config_has_all_defaults);
	tcase_add_test(t, every_setting_becomes_its_value);
	tcase_add_test(t, manual_is_always_there);
	tcase_add_test(t, one_key_leaves_the_other_slot_alone);
	tcase_add_test(t, a_profile_presets_what_is_not_set_wherever_it_stands);
	tcase_add_test(t, a_family_without_a_route_may_be_required);
	tcase_add_test(t, how_a_zone_is_signed_is_said_by_its_name);
	tcase_add_test(t, every_mistake_is_told_in_one_go);
	tcase_add_test(t, too_many_mistakes_are_counted);
	tcase_add_test(t, a_mistake_of_any_length_leaves_room_for_the_rest);
	tcase_add_test(t, files_of_the_folder_are_read_in_order);
	tcase_add_test(t, nothing_is_given_twice_across_files);
	tcase_add_test(t, mistakes_of_all_files_are_told);
	tcase_add_test(t, what_is_no_file_is_no_config);
	tcase_add_test(t, a_conf_d_that_is_no_folder_is_told);
	tcase_add_test(t, a_config_that_others_may_write_is_refused);
	tcase_add_test(t, bytes_that_are_no_text_are_refused);
	tcase_add_test(t, a_huge_file_ends_soon);
	tcase_add_test(t, the_example_is_a_config_of_defaults);
	tcase_add_test(t, the_example_is_a_config_when_all_is_set);
	tcase_add_test(t, owners_of_others_are_names_of_records);
	tcase_add_test(t, the_example_names_every_setting);
	tcase_add_test(t, a_host_is_found_in_any_case);
	tcase_add_test(t, a_host_name_leaves_room_for_the_owner);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}
