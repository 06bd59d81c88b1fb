/*
 * options.c - any words behind `danesafe tls output-server-tlsa`.
 *
 * Input: a word a line.
 */
#include "../../src/cmd/tls_output.c"

#include "fuzz.h"

#define WORDS 100

static size_t
split(char *text, char **argv)
{
	static char verb[] = "output-server-tlsa";
	size_t n = 0;

	argv[n++] = verb;
	for (char *next = text; next != NULL && n < WORDS;)
		argv[n++] = strsep(&next, "\n");
	argv[n] = NULL;
	return n;
}

static void
check_wanted(const struct wanted *w)
{
	char owner[TLSA_OWNER];

	MUST(w->n_host > 0 && w->n_port > 0 && w->n_params > 0);
	for (size_t i = 0; i < w->n_host; i++) {
		MUST(text_host_wrong(w->host[i], TEXT_HOST_SHORT) == NULL);
		MUST(fuzz_plain(tlsa_owner(w->port[0], w->host[i], owner)));
	}
	for (size_t i = 0; i < w->n_port; i++)
		MUST(w->port[i] > 0 && w->port[i] <= 65535);
	for (size_t i = 0; i < w->n_params; i++)
		MUST(w->params[i].selector / 2 == 0 &&
		    (w->params[i].mtype == 1 || w->params[i].mtype == 2));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tls t = { .config_dir = "/etc/postfix", .lock = -1 };
	static struct wanted w;
	char *text = fuzz_text(data, size), *argv[WORDS + 1], quoted[64];
	int argc = (int)split(text, argv);
	struct err e;

	text_fmt(t.pf.myhostname, sizeof(t.pf.myhostname), "mx1.example.org");
	memset(&w, 0, sizeof(w));
	if (take_options(&t, &w, argc, argv, &e) == 0)
		check_wanted(&w);
	else
		MUST(e.text[0] == 0 || fuzz_plain(e.text));
	tls_quote(argv[argc - 1], quoted, sizeof(quoted));
	free(text);
	return 0;
}
