/*
 * test_base.c - words, durations, addresses and files keep their promises.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/name_map.h"
#include "base/once.h"
#include "base/text.h"
#include "base/when.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static struct err e;

/* --- err, mem, text --- */

START_TEST(every_kind_of_failure_has_its_exit_code)
{
	static const struct {
		enum err_kind kind;
		int code;
	} rows[] = {
		{ ERR_NONE, 0 },
		{ ERR_REFUSED, 4 },
		{ ERR_USAGE, 64 },
		{ ERR_UNREACHABLE, 69 },
		{ ERR_BUG, 70 },
		{ ERR_CREATE, 73 },
		{ ERR_IO, 74 },
		{ ERR_TEMP, 75 },
		{ ERR_PERM, 77 },
		{ ERR_CONFIG, 78 },
	};

	for (int i = 0; i < COUNT(rows); i++)
		ck_assert_int_eq(err_exit(rows[i].kind), rows[i].code);
}
END_TEST

START_TEST(an_error_may_be_told_again_with_other_words)
{
	ck_assert_int_eq(err_set(&e, ERR_IO, "a: %s\n", "b"), -1);
	ck_assert_str_eq(e.text, "a: b");
	err_set(&e, ERR_TEMP, "again %s", e.text);
	ck_assert_str_eq(e.text, "again a: b");
	ck_assert_int_eq(e.kind, ERR_TEMP);
	ck_assert_int_eq(err_prefix(&e, "host %d", 1), -1);
	ck_assert_str_eq(e.text, "host 1: again a: b");
	ck_assert_int_eq(e.kind, ERR_TEMP);
}
END_TEST

START_TEST(an_error_that_is_too_long_says_that_it_was_cut)
{
	char *s = mem_array(2 * sizeof(e.text), 1);

	memset(s, 'x', 2 * sizeof(e.text) - 1);
	err_set(&e, ERR_IO, "%s", s);
	ck_assert_uint_eq(strlen(e.text), sizeof(e.text) - 1);
	ck_assert_str_eq(e.text + sizeof(e.text) - 4, "...");
	err_prefix(&e, "first");
	ck_assert_int_eq(strncmp(e.text, "first: xxx", 10), 0);
	ck_assert_str_eq(e.text + sizeof(e.text) - 4, "...");
	free(s);
}
END_TEST

START_TEST(memory_is_zeroed_and_grows)
{
	int *v = NULL;
	size_t cap = 0;
	char *s;

	for (size_t i = 0; i < 100; i++) {
		v = mem_room(v, i, &cap, sizeof(*v));
		ck_assert_int_eq(v[i], 0);
		v[i] = (int)i + 1;
	}
	ck_assert_int_eq(v[99], 100);
	ck_assert_uint_ge(cap, 100);
	free(v);
	ck_assert_ptr_null(mem_dup(NULL));
	free(mem_copy(NULL, 0));
	free(mem_array(0, 0));
	s = mem_fmt("%d-%s", 7, "x");
	ck_assert_str_eq(s, "7-x");
	free(s);
}
END_TEST

/* The child's own code, not the sanitizer's: the product overflows. */
START_TEST(memory_that_cannot_be_ends_the_program_with_70)
{
	int status, null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pid_t pid = fork();

	if (pid == 0) {
		dup2(null, STDERR_FILENO);
		mem_array((size_t)-1, 16);
		_exit(0);
	}
	close(null);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 70);
}
END_TEST

START_TEST(a_text_grows_and_is_never_null)
{
	struct text t = TEXT_INIT;

	ck_assert_str_eq(text_str(&t), "");
	text_add(&t, "");
	ck_assert_str_eq(t.s, "");
	for (int i = 0; i < 1000; i++)
		text_addf(&t, "%d,", i % 10);
	ck_assert_uint_eq(t.len, 2000);
	text_addn(&t, "abcdef", 3);
	ck_assert_str_eq(t.s + 1999, ",abc");
	text_release(&t);
	ck_assert_str_eq(text_str(&t), "");
	text_release(NULL);
}
END_TEST

START_TEST(text_from_outside_is_made_harmless)
{
	static const struct {
		const char *in;
		size_t n, size;
		const char *out;
	} rows[] = {
		{ "plain", 5, 64, "plain" },
		{ "", 0, 64, "" },
		{ "\x1b[2J", 4, 64, "\\x1b[2J" },
		{ "a\nb\r", 4, 64, "a\\x0ab\\x0d" },
		{ "a\0b", 3, 64, "a\\x00b" },
		{ "\xc3\xa4\x7f", 3, 64, "\\xc3\\xa4\\x7f" },
		{ "\\x41", 4, 64, "\\x5cx41" },
		{ "12345678", 8, 9, "12345678" },
		{ "123456789", 9, 9, "12345..." },
		{ "12345\n", 6, 9, "12345..." },
		{ "1234\n", 5, 9, "1234\\x0a" },
		{ "\n\n\n", 3, 9, "\\x0a..." },
		{ "abcdef", 6, 1, "" },
	};
	char buf[64];

	for (int i = 0; i < COUNT(rows); i++) {
		memset(buf, 'Z', sizeof(buf));
		text_show(rows[i].in, rows[i].n, buf, rows[i].size);
		ck_assert_str_eq(buf, rows[i].out);
	}
}
END_TEST

START_TEST(hex_is_written_in_lower_case)
{
	const uint8_t in[] = { 0x00, 0x0f, 0xa0, 0xff };
	char buf[9];

	ck_assert_str_eq(text_hex(in, 4, buf), "000fa0ff");
	ck_assert_str_eq(text_hex(in, 0, buf), "");
}
END_TEST

START_TEST(base64_is_read_strictly)
{
	static const struct {
		const char *in;
		int n;
		const char *out;
	} rows[] = {
		{ "Zg==", 1, "f" }, { "Zm8=", 2, "fo" }, { "Zm9v", 3, "foo" },
		{ "Zm9vYmFy", 6, "foobar" }, { "+/+/", 3, "\xfb\xff\xbf" },
		{ "Zg", -1, "" }, { "Zg=", -1, "" }, { "Zh==", -1, "" },
		{ "Zm9=", -1, "" }, { "Zm9v\n", -1, "" }, { "Zm 9", -1, "" },
		{ "====", -1, "" }, { "Z===", -1, "" }, { "Zg==Zg==", -1, "" },
		{ "=Zm9", -1, "" }, { "Z-_9", -1, "" },
		{ "Zm9vYmFyYg==", -1, "" }, /* does not fit */
	};
	uint8_t out[6];

	for (int i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(text_unbase64(rows[i].in, out, sizeof(out)) ==
			rows[i].n,
		    "%s", rows[i].in);
		if (rows[i].n > 0)
			ck_assert_mem_eq(out, rows[i].out, (size_t)rows[i].n);
	}
}
END_TEST

START_TEST(the_nearest_word_is_near)
{
	static const char *const words[] = { "rollover-every", "port", "tlsa",
		"tlsa-ttl", "timing", "hosts" };
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "rollover-evry", "rollover-every" },
		{ "rollover_every", "rollover-every" },
		{ "prot", "port" },
		{ "HOSTS", "hosts" },
		{ "tls", "tlsa" },
		{ "tlsattl", "tlsa-ttl" },
		{ "host", "hosts" },
		{ "timeing", "timing" },
		{ "user", NULL },
		{ "", NULL },
		{ "xyz", NULL },
		{ "p", NULL },
		{ "smtpd", NULL },
	};
	char big[300];
	const char *near;

	for (int i = 0; i < COUNT(rows); i++) {
		near = text_nearest(rows[i].in, words, 6);
		ck_assert_msg((near == NULL) == (rows[i].out == NULL) &&
			(near == NULL || strcmp(near, rows[i].out) == 0),
		    "%s: %s", rows[i].in, near ? near : "-");
	}
	memset(big, 'a', 299);
	big[299] = 0;
	ck_assert_ptr_null(text_nearest(big, words, 6));
	ck_assert_ptr_null(text_nearest("port", words, 0));
}
END_TEST

START_TEST(a_host_name_is_one)
{
	static const char *const good[] = { "mx1.example.org", "a.b",
		"MX.Example.ORG", "xn--mller-kva.example", "1.example",
		"3com.com", "a-b.c-d", "mail.1x" };
	static const char *const bad[] = { "", "mx1", ".", "a.", ".a", "a..b",
		"-a.b", "a-.b", "a.-b", "a_b.c", "a b.c", "a.b.", "*.a.b",
		"192.0.2.1", "256.256.256.256", "1.2", "a.1", "2001:db8::1",
		"m\xc3\xbcller.example", "$(id).example", "a/../b.c", "a.b\n",
		"[192.0.2.1]", "a.b:25" };
	char name[300];

	for (int i = 0; i < COUNT(good); i++)
		ck_assert_msg(text_is_host(good[i]), "%s", good[i]);
	for (int i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!text_is_host(bad[i]), "%s", bad[i]);
	memset(name, 'a', sizeof(name));
	strcpy(name + 63, ".org");
	ck_assert(text_is_host(name));
	memset(name, 'a', sizeof(name));
	strcpy(name + 64, ".org");
	ck_assert(!text_is_host(name));
	for (int i = 0; i < 254; i++)
		name[i] = i % 2 == 0 ? 'a' : '.';
	name[253] = 0;
	ck_assert(text_is_host(name));
	strcpy(name + 252, "aa");
	ck_assert(!text_is_host(name));
}
END_TEST

/* clang-format off */
static const struct {
	const char *name;
	unsigned allow;
	const char *wrong; /* NULL: a host name */
} HOSTS[] = {
	{ "mx1.example.org", 0, NULL },
	{ "mx1.example.org", TEXT_HOST_SHORT | TEXT_HOST_WILDCARD, NULL },
	{ "", 0, "is empty" },
	{ "", TEXT_HOST_SHORT | TEXT_HOST_WILDCARD, "is empty" },
	{ "mx", 0, "has no domain" },
	{ "mx", TEXT_HOST_WILDCARD, "has no domain" },
	{ "mx", TEXT_HOST_SHORT, NULL },
	{ "*.example.org", TEXT_HOST_WILDCARD, NULL },
	{ "*.example.org", 0, "holds something else" },
	{ "*.example.org", TEXT_HOST_SHORT, "holds something else" },
	{ "*.org", TEXT_HOST_WILDCARD, "has no domain" },
	{ "*.org", TEXT_HOST_WILDCARD | TEXT_HOST_SHORT, NULL },
	{ "*", TEXT_HOST_WILDCARD | TEXT_HOST_SHORT, "holds something else" },
	{ "*.", TEXT_HOST_WILDCARD | TEXT_HOST_SHORT, "empty label" },
	{ "*.*.a.b", TEXT_HOST_WILDCARD, "holds something else" },
	{ "a.*.b", TEXT_HOST_WILDCARD, "holds something else" },
	{ "x*.a.b", TEXT_HOST_WILDCARD, "holds something else" },
	{ "**.a.b", TEXT_HOST_WILDCARD, "holds something else" },
	{ "*.1.2", TEXT_HOST_WILDCARD, "ends in a number" },
	{ ".", TEXT_HOST_SHORT, "empty label" },
	{ "a..b", 0, "empty label" },
	{ "a.b.", 0, "empty label" },
	{ "-a.b", 0, "begins or ends with a hyphen" },
	{ "a-.b", 0, "begins or ends with a hyphen" },
	{ "-", TEXT_HOST_SHORT, "begins or ends with a hyphen" },
	{ "a b.c", 0, "letters, digits, hyphens and dots" },
	{ "a_b.c", 0, "letters, digits, hyphens and dots" },
	{ "a.b\n", 0, "letters, digits, hyphens and dots" },
	{ "a/b.c", 0, "letters, digits, hyphens and dots" },
	{ "a[.c", 0, "letters, digits, hyphens and dots" },
	{ "a`.c", 0, "letters, digits, hyphens and dots" },
	{ "a{.c", 0, "letters, digits, hyphens and dots" },
	{ "a@.c", 0, "letters, digits, hyphens and dots" },
	{ "m\xc3\xbc.example", 0, "is not in ASCII" },
	{ "\x80.example", 0, "is not in ASCII" },
	{ "m \xc3\xbc.example", 0, "A-labels" },
	{ "192.0.2.1", TEXT_HOST_SHORT, "is an address" },
	{ "1", TEXT_HOST_SHORT, "ends in a number" },
	{ "a.10", 0, "ends in a number" },
	{ "a.10b", 0, NULL },
	{ "2001:db8::1", 0, "is an address, not a name" },
	{ "::", TEXT_HOST_SHORT, "is an address, not a name" },
	{ "::ffff:192.0.2.1", 0, "is an address, not a name" },
	{ "mx.example.org:25", 0, "letters, digits, hyphens and dots" },
	{ "azAZ09.a0z9A-Z", 0, NULL },
	{ "bad.cafe", 0, NULL }, /* hexadecimal digits, but no colon */
};
/* clang-format on */

START_TEST(what_is_wrong_with_a_host_name_is_told)
{
	for (int i = 0; i < COUNT(HOSTS); i++) {
		const char *got = text_host_wrong(HOSTS[i].name,
		    HOSTS[i].allow);

		if (HOSTS[i].wrong == NULL)
			ck_assert_msg(got == NULL, "%s: %s", HOSTS[i].name,
			    got);
		else
			ck_assert_msg(got != NULL &&
				strstr(got, HOSTS[i].wrong) != NULL,
			    "%s: %s", HOSTS[i].name, got ? got : "-");
	}
}
END_TEST

START_TEST(a_name_or_label_that_is_too_long_is_told)
{
	char name[300];

	memset(name, 'a', sizeof(name));
	name[63] = 0;
	ck_assert_ptr_null(text_host_wrong(name, TEXT_HOST_SHORT));
	name[63] = 'a';
	name[64] = 0;
	ck_assert_ptr_nonnull(strstr(text_host_wrong(name, TEXT_HOST_SHORT),
	    "more than 63 characters"));
	memcpy(name, "*.", 2); /* it counts */
	for (int i = 2; i < 254; i++)
		name[i] = i % 2 == 0 ? 'a' : '.';
	name[253] = 0;
	ck_assert_ptr_null(text_host_wrong(name, TEXT_HOST_WILDCARD));
	strcpy(name + 252, "bb");
	ck_assert_ptr_nonnull(strstr(text_host_wrong(name, TEXT_HOST_WILDCARD),
	    "longer than 253"));
}
END_TEST

/* --- when --- */

START_TEST(a_duration_carries_a_unit)
{
	static const struct {
		const char *in;
		int64_t out;
	} rows[] = {
		{ "0s", 0 },
		{ "90s", 90 },
		{ "15m", 900 },
		{ "24h", 86400 },
		{ "180d", 15552000 },
		{ "2w", 1209600 },
		{ "1y", 31536000 },
		{ "100y", 3153600000 },
		{ "101y", -1 },
		{ "007s", 7 },
		{ "36500d", 3153600000 },
		{ "36501d", -1 },
		{ "0", -1 },
		{ "90", -1 },
		{ "", -1 },
		{ "s", -1 },
		{ "-1s", -1 },
		{ "+1s", -1 },
		{ " 1s", -1 },
		{ "1s ", -1 },
		{ "1 s", -1 },
		{ "1S", -1 },
		{ "1Y", -1 },
		{ "1ms", -1 },
		{ "1h30m", -1 },
		{ "1.5h", -1 },
		{ "1e3s", -1 },
		{ "0x10s", -1 },
		{ "50%", -1 },
		{ "9223372036854775807s", -1 },
		{ "99999999999999999999s", -1 },
		{ "999999999999w", -1 },
	};
	int64_t out;

	for (int i = 0; i < COUNT(rows); i++) {
		out = 42;
		ck_assert_msg(when_parse(rows[i].in, &out) ==
			(rows[i].out < 0 ? -1 : 0),
		    "%s", rows[i].in);
		ck_assert_msg(out == (rows[i].out < 0 ? 42 : rows[i].out), "%s",
		    rows[i].in);
	}
}
END_TEST

START_TEST(a_name_has_the_number_that_it_was_given_last)
{
	struct name_map m = { .size = 0 };
	char name[500][8];
	size_t at;

	ck_assert(!name_map_find(&m, "n0", &at));
	for (size_t i = 0; i < 500; i++) {
		snprintf(name[i], sizeof(name[i]), "n%zu", i);
		name_map_put(&m, name[i], i);
	}
	for (size_t i = 0; i < 500; i += 2)
		name_map_put(&m, name[i], i + 1000);
	for (size_t i = 0; i < 500; i++) {
		ck_assert(name_map_find(&m, name[i], &at));
		ck_assert_uint_eq(at, i % 2 == 0 ? i + 1000 : i);
	}
	ck_assert(!name_map_find(&m, "n500", &at));
	ck_assert_uint_eq(m.n, 500);
	name_map_release(&m);
	ck_assert(!name_map_find(&m, "n1", &at));
}
END_TEST

START_TEST(equal_texts_are_kept_once)
{
	const char *first[3000];
	char buf[32];

	ck_assert_str_eq(once(""), "");
	ck_assert_str_eq(once_fmt(4, "%s", "abcdef"), "abc");
	for (int i = 0; i < 3000; i++) {
		snprintf(buf, sizeof(buf), "text %d", i);
		first[i] = once(buf);
		ck_assert_ptr_ne(first[i], buf);
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(buf, sizeof(buf), "text %d", i);
		ck_assert_str_eq(first[i], buf);
		ck_assert_ptr_eq(once_fmt(32, "text %d", i), first[i]);
	}
}
END_TEST

START_TEST(a_duration_is_told_for_people_and_exactly)
{
	static const struct {
		int64_t in;
		const char *exact, *rough;
	} rows[] = {
		{ 0, "0s", "0 s" },
		{ 45, "45s", "45 s" },
		{ 90, "90s", "90 s" },
		{ 240, "4m", "4 min" },
		{ 3600, "1h", "60 min" },
		{ 3661, "3661s", "61 min" },
		{ 93600, "26h", "26 h" },
		{ 97199, "97199s", "26 h" },
		{ 86400, "1d", "24 h" },
		{ 273600, "76h", "3 d 4 h" },
		{ 259200, "3d", "3 d" },
		{ 12268800, "142d", "142 d" },
		{ 12272399, "12272399s", "142 d" },
		{ 604800, "7d", "7 d" },
		{ 31536000, "365d", "365 d" },
		{ -5, "-5s", "0 s" },
	};
	char buf[24];
	int64_t back;

	for (int i = 0; i < COUNT(rows); i++) {
		ck_assert_str_eq(when_exact(rows[i].in, buf), rows[i].exact);
		if (rows[i].in >= 0) {
			ck_assert_int_eq(when_parse(buf, &back), 0);
			ck_assert_int_eq(back, rows[i].in);
		}
		ck_assert_str_eq(when_rough(rows[i].in, buf), rows[i].rough);
	}
}
END_TEST

START_TEST(a_moment_is_read_as_it_is_told)
{
	static const struct {
		const char *in;
		long long out; /* -1: none */
	} rows[] = {
		{ "2026-11-22", 1795305600 },
		{ "2026-11-22T08:40", 1795336800 },
		{ "2026-11-22 08:40", 1795336800 },
		{ "2026-11-22T08:40Z", 1795336800 },
		{ "2026-11-22T08:40:30Z", 1795336830 },
		{ "2026-11-22Z", 1795305600 },
		{ "2028-02-29", 1835395200 },
		{ "2026-02-29", -1 },
		{ "2026-02-30", -1 },
		{ "2026-00-10", -1 },
		{ "2026-10-00", -1 },
		{ "2026-13-01", -1 },
		{ "2026-11-22T24:00", -1 },
		{ "2026-11-22T08:60", -1 },
		{ "2026-11-22T08", -1 },
		{ "2026-11-22T08:40:30.5Z", -1 },
		{ "2026-11-22T08:40+01:00", -1 },
		{ "2026-11-22 ", -1 },
		{ "22.11.2026", -1 },
		{ "26-11-22", -1 },
		{ "1969-12-31", -1 },
		{ "", -1 },
		{ "tomorrow", -1 },
	};
	time_t t;

	for (int i = 0; i < COUNT(rows); i++) {
		int rc = when_moment(rows[i].in, &t);

		ck_assert_msg(rc == (rows[i].out < 0 ? -1 : 0), "%s",
		    rows[i].in);
		ck_assert_msg(rc < 0 || (long long)t == rows[i].out, "%s: %lld",
		    rows[i].in, (long long)t);
	}
}
END_TEST

START_TEST(a_moment_is_told_in_utc)
{
	char buf[32];

	setenv("TZ", "America/New_York", 1);
	tzset();
	ck_assert_str_eq(when_rfc3339(1795336800, buf), "2026-11-22T08:40:00Z");
	ck_assert_str_eq(when_minute(1795336859, buf), "2026-11-22 08:40 UTC");
	ck_assert_str_eq(when_rfc3339(0, buf), "1970-01-01T00:00:00Z");
	ck_assert_str_eq(when_rfc3339(INT64_MAX, buf), "?");
	ck_assert_str_eq(when_minute(INT64_MIN, buf), "?");
}
END_TEST

/* --- addr --- */

START_TEST(an_address_is_read_and_told_back)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1:53" },
		{ "192.0.2.1:25", "192.0.2.1:25" },
		{ "192.0.2.1:65535", "192.0.2.1:65535" },
		{ "2001:db8::1", "[2001:db8::1]:53" },
		{ "[2001:db8::1]", "[2001:db8::1]:53" },
		{ "[2001:DB8:0::1]:25", "[2001:db8::1]:25" },
		{ "::", "[::]:53" },
		{ "", NULL },
		{ "192.0.2", NULL },
		{ "192.0.2.256", NULL },
		{ "192.0.2.1:", NULL },
		{ "192.0.2.1:0", NULL },
		{ "192.0.2.1:65536", NULL },
		{ "192.0.2.1:+25", NULL },
		{ "192.0.2.1:25 ", NULL },
		{ "192.0.2.1:25:25", NULL },
		{ " 192.0.2.1", NULL },
		{ "[192.0.2.1]:25", NULL },
		{ "[192.0.2.1]", NULL },
		{ "[2001:db8::1", NULL },
		{ "[2001:db8::1]25", NULL },
		{ "[2001:db8::1]:", NULL },
		{ "[]:25", NULL },
		{ ":25", NULL },
		{ "fe80::1%eth0", NULL },
		{ "localhost", NULL },
		{ "0x7f.1", NULL },
		{ "::1::2", NULL },
		{ "2001:db8:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:1",
		    NULL },
	};
	struct addr a, b;
	char buf[ADDR_TEXT];

	for (int i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(addr_parse(rows[i].in, 53, &a) ==
			(rows[i].out == NULL ? -1 : 0),
		    "%s", rows[i].in);
		if (rows[i].out == NULL)
			continue;
		ck_assert_str_eq(addr_str(&a, buf), rows[i].out);
		ck_assert_int_eq(addr_parse(buf, 1, &b), 0);
		ck_assert_int_eq(addr_cmp(&a, &b), 0);
	}
}
END_TEST

START_TEST(addresses_are_ordered_and_become_sockets)
{
	static const char *const order[] = { "9.9.9.9:1", "10.0.0.1:1",
		"10.0.0.1:2", "10.0.0.2:1", "[::1]:1", "[::2]:1" };
	struct sockaddr_storage ss;
	struct addr a, b;
	char buf[ADDR_TEXT];

	for (int i = 0; i + 1 < COUNT(order); i++) {
		addr_parse(order[i], 0, &a);
		addr_parse(order[i + 1], 0, &b);
		ck_assert_int_lt(addr_cmp(&a, &b), 0);
		ck_assert_int_gt(addr_cmp(&b, &a), 0);
	}
	addr_parse("192.0.2.1:25", 0, &a);
	ck_assert_uint_eq(addr_sockaddr(&a, &ss), 16);
	ck_assert_mem_eq((char *)&ss + 2, "\0\x19\xc0\0\x02\x01", 6);
	addr_parse("[2001:db8::1]:25", 0, &a);
	ck_assert_uint_eq(addr_sockaddr(&a, &ss), 28);
	ck_assert_int_eq(ss.ss_family, AF_INET6);
	ck_assert_str_eq(addr_ip(&a, buf), "2001:db8::1");
	memset(&a, 0, sizeof(a));
	ck_assert_str_eq(addr_ip(&a, buf), "-");
}
END_TEST

START_TEST(only_loopback_is_loopback)
{
	static const struct {
		const char *in;
		bool out;
	} rows[] = {
		{ "127.0.0.1", true },
		{ "127.255.0.9", true },
		{ "::1", true },
		{ "128.0.0.1", false },
		{ "0.0.0.0", false },
		{ "::", false },
		{ "::2", false },
		{ "2001:db8::1", false },
		{ "7f00::1", false },
		{ "127::", false },
	};
	struct addr a;

	for (int i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(addr_parse(rows[i].in, 53, &a), 0);
		ck_assert_int_eq(addr_is_loopback(&a), rows[i].out);
	}
}
END_TEST

/* --- clock, log --- */

START_TEST(the_clock_tells_all_it_has)
{
	struct clock_reading a, b;
	int64_t mono = clock_mono_ms();

	clock_read(&a);
	clock_read(&b);
	ck_assert_int_gt(a.wall, 1700000000);
	ck_assert_int_gt(a.boot_ms, 0);
	ck_assert_int_ge(b.boot_ms, a.boot_ms);
	ck_assert_int_ge(clock_mono_ms(), mono);
	ck_assert_uint_eq(strlen(a.boot_id), 36);
	ck_assert_str_eq(a.boot_id, b.boot_id);
}
END_TEST

/* What the two calls at this level print. */
static void
logged(enum log_level level, char *buf, size_t size)
{
	int pipes[2], old = dup(STDERR_FILENO);
	ssize_t n;

	ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
	dup2(pipes[1], STDERR_FILENO);
	log_level_set(level);
	log_error("%s: bad\x1b", "a");
	log_note("two\nlines");
	log_debug("deep");
	log_level_set(LOG_NORMAL);
	dup2(old, STDERR_FILENO);
	close(old);
	close(pipes[1]);
	n = read(pipes[0], buf, size - 1);
	close(pipes[0]);
	buf[n > 0 ? n : 0] = 0;
}

START_TEST(what_is_logged_is_escaped_and_obeys_the_level)
{
	char buf[300];

	logged(LOG_QUIET, buf, sizeof(buf));
	ck_assert_str_eq(buf, "danesafe: a: bad\\x1b\n");
	logged(LOG_NORMAL, buf, sizeof(buf));
	ck_assert_str_eq(buf,
	    "danesafe: a: bad\\x1b\n"
	    "danesafe: two\ndanesafe: lines\n");
	logged(LOG_VERBOSE, buf, sizeof(buf));
	ck_assert_str_eq(buf + strlen(buf) - 15, "danesafe: deep\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base");
	TCase *t = tcase_create("base");

	tcase_add_test(t, every_kind_of_failure_has_its_exit_code);
	tcase_add_test(t, an_error_may_be_told_again_with_other_words);
	tcase_add_test(t, an_error_that_is_too_long_says_that_it_was_cut);
	tcase_add_test(t, memory_is_zeroed_and_grows);
	tcase_add_test(t, memory_that_cannot_be_ends_the_program_with_70);
	tcase_add_test(t, a_text_grows_and_is_never_null);
	tcase_add_test(t, text_from_outside_is_made_harmless);
	tcase_add_test(t, hex_is_written_in_lower_case);
	tcase_add_test(t, base64_is_read_strictly);
	tcase_add_test(t, the_nearest_word_is_near);
	tcase_add_test(t, a_host_name_is_one);
	tcase_add_test(t, what_is_wrong_with_a_host_name_is_told);
	tcase_add_test(t, a_name_or_label_that_is_too_long_is_told);
	tcase_add_test(t, a_duration_carries_a_unit);
	tcase_add_test(t, a_name_has_the_number_that_it_was_given_last);
	tcase_add_test(t, equal_texts_are_kept_once);
	tcase_add_test(t, a_duration_is_told_for_people_and_exactly);
	tcase_add_test(t, a_moment_is_read_as_it_is_told);
	tcase_add_test(t, a_moment_is_told_in_utc);
	tcase_add_test(t, an_address_is_read_and_told_back);
	tcase_add_test(t, addresses_are_ordered_and_become_sockets);
	tcase_add_test(t, only_loopback_is_loopback);
	tcase_add_test(t, the_clock_tells_all_it_has);
	tcase_add_test(t, what_is_logged_is_escaped_and_obeys_the_level);
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
