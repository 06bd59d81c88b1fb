/*
 * config.c - any bytes as danesafe.yaml: read, or refused with every mistake
 * on a line of its own.
 */
#include "../../src/edge/conf.c"

#include "fuzz.h"

#define NAME "danesafe.yaml"

/* As read_file() does, without a file. */
static void
read_bytes(struct reader *r, const uint8_t *data, size_t size)
{
	struct conf *c = r->conf;
	char *text = mem_copy(data, size);

	c->files = mem_resize(c->files, 1, sizeof(*c->files));
	c->files[c->n_files++] = mem_dup(NAME);
	r->file = c->files[0];
	conf_read_document(r, text, size);
	free(text);
}

static void
check_conf(const struct conf *c)
{
	MUST(c->n_hosts > 0 && c->state_dir != NULL);
	MUST(c->policy.hold_factor >= 1);
	for (size_t i = 0; i < c->n_hosts; i++) {
		const struct conf_host *h = &c->hosts[i];

		MUST(text_is_host(h->name) && h->n_names > 0);
		MUST(conf_find(c, h->name) == h);
		MUST(h->n_services > 0 && h->services[0].port > 0);
		MUST(h->tlsa_ttl <= POLICY_TTL_MAX);
	}
}

static void
check_refusal(const struct err *e)
{
	MUST(e->kind == ERR_CONFIG && e->text[0] != 0);
	for (const char *s = e->text; *s != 0; s++)
		MUST(*s == '\n' || (*s >= ' ' && *s <= '~'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf c = { .path = NULL };
	struct reader r = { .conf = &c };
	struct err e;

	if (memchr(data, 0, size) != NULL)
		return 0;
	c.path = mem_dup(NAME);
	conf_initial(&r);
	read_bytes(&r, data, size);
	finish(&r);
	if (conf_tell(&r, &e) == 0)
		check_conf(&c);
	else
		check_refusal(&e);
	conf_release(&c);
	return 0;
}
