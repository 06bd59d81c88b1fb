/*
 * postfix.c - what postconf(1) may print, and any text as main.cf.
 */
#include "../../src/edge/postfix.c"
#include "../../src/edge/postfix_edit.c"

#include "fuzz.h"

static const struct postfix_setting SET[] = {
	{ "smtpd_tls_chain_files", "/etc/postfix/a.pem, /etc/postfix/b.pem" },
	{ "smtpd_tls_security_level", "may" },
};

static void
read_output(char *out)
{
	static const char *const names[] = { "smtp_use_tls",
		"smtpd_tls_cert_file" };
	static struct postfix_state s;
	char *copy = mem_dup(out), *values;
	bool set[2];
	struct exec_result r = { .errout = out, .err_len = strlen(out) };
	const char *at;
	char buf[256];
	struct err e;

	memset(&s, 0, sizeof(s));
	MUST(fuzz_plain(exec_complaint(&r, buf, sizeof(buf))));
	is_listed(out, "rsa");
	take_values(out, &s, &e);
	values = mentioned(copy);
	take_set(values == copy ? "" : copy, names, 2, set);
	if (values != NULL)
		take_values(values, &s, &e);
	free(copy);
	for (at = s.chain_files; postfix_next_file(&at, buf, sizeof(buf));)
		MUST(buf[0] != 0 && strpbrk(buf, ", \t\n") == NULL);
}

/* What is put at the end of main.cf, as it would be put there. */
static void
edit(const char *text)
{
	struct text t = TEXT_INIT;
	size_t n = sizeof(SET) / sizeof(SET[0]), len = strlen(text), once;

	text_add(&t, text);
	add_entries(&t, SET, n);
	once = t.len;
	MUST(len == 0 || memcmp(t.s, text, len) == 0);
	for (size_t i = 0; i < n; i++)
		MUST(has_entry(text_str(&t), SET[i].name));
	add_entries(&t, SET, n);
	MUST(t.len == once);
	for (size_t i = 0; i < n; i++) {
		if (t.len > 0 && t.s[t.len - 1] != '\n')
			text_add(&t, "\n");
		text_addf(&t, "%s = %s\n", SET[i].name, SET[i].value);
		MUST(has_line(text_str(&t), &SET[i]));
	}
	text_release(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	read_output(text);
	edit(text);
	free(text);
	return 0;
}
