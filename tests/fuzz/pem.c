/*
 * pem.c - any bytes as a file of keys and certificates, as the settings of
 * Postfix may name one.
 */
#include "edge/cert.h"

#include "fuzz.h"

#define KEYS 8
#define NOW ((time_t)1800000000)

static void
read_keys(const char *name)
{
	struct key_info v[KEYS], first;
	struct err e;
	size_t n;

	if (key_list(name, v, KEYS, &n, &e) == 0) {
		MUST(n <= KEYS);
		for (size_t i = 0; i < n; i++)
			MUST(!spki_eq(&v[i].id, &SPKI_OF_NOTHING));
	}
	if (key_load(name, NULL, &first, &e) == 0)
		key_check(name, &first.id, &e); /* may be damaged */
}

static void
read_certs(const char *name)
{
	static const char *const names[] = { "mx1.example.org" };
	struct tlsa_set set = { .n = 0 };
	struct cert_info info;
	char found[4][256];
	struct cover_chain chain;
	struct tlsa r;
	struct err e;

	if (cert_read(name, &info, &e) < 0)
		return;
	for (int selector = 0; selector < 2; selector++)
		for (int mtype = 0; mtype < 3; mtype++)
			if (cert_tlsa(name, selector, mtype, &r, &e) == 0)
				MUST(tlsa_set_add(&set, &r));
	MUST(cert_tlsa(name, 1, 1, &r, &e) < 0 ||
	    memcmp(r.data, info.key.sha256, 32) == 0);
	if (cert_cover(name, names, 1, NOW, &chain, &e) == 0)
		MUST(cover_any(&set, &chain) &&
		    cover_each(&set, &chain) == NULL);
	cert_check(name, &info.key, names, 1, NOW, &e);
	cert_chain_check(name, &info.key, NOW, &e);
	for (size_t n = cert_names(name, found, 4); n-- > 0;)
		MUST(fuzz_plain(found[n]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file(data, size);

	read_keys(path);
	read_certs(path);
	return 0;
}
