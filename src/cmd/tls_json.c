/*
 * tls_json.c - the output commands' results as one JSON object (jansson):
 * "danesafe.tlsa/1", "danesafe.csr/1".  Additive only.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cmd/tls.h"

/* An output that cannot be written is noticed when the command ends. */
static int
print(json_t *o)
{
	if (o == NULL)
		return -1;
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
	return 0;
}

static json_t *
record(const struct tls_record *r)
{
	char text[TLSA_TEXT], hex[65];
	const char *data;

	tlsa_str(&r->rr, text);
	data = text + strcspn(text, " ");
	for (int i = 0; i < 2; i++)
		data += 1 + strcspn(data + 1, " ");
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:o}",
	    "file", r->file, "algorithm", slot_name(r->slot), "spki_sha256",
	    spki_hex(&r->id, hex), "owner", r->owner, "usage", (int)r->rr.usage,
	    "selector", (int)r->rr.selector, "mtype", (int)r->rr.mtype, "data",
	    data + 1, "text", json_sprintf("%s IN TLSA %s", r->owner, text));
}

int
tls_json_records(const struct tls_record *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, record(&v[i])) < 0) {
			json_decref(list);
			return -1;
		}
	return print(json_pack("{s:s, s:o}", "format", "danesafe.tlsa/1",
	    "records", list));
}

int
tls_json_request(const char *file, const struct key_info *info,
    const char *const *names, size_t n, const char *pem)
{
	json_t *list = json_array();
	char hex[65];

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(names[i]));
	return print(json_pack("{s:s, s:s, s:s, s:s, s:o, s:s}", "format",
	    "danesafe.csr/1", "file", file, "algorithm", slot_name(info->slot),
	    "spki_sha256", spki_hex(&info->id, hex), "names", list, "csr",
	    pem));
}
