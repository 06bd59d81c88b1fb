/*
 * key_spec.c - what a new key is to be, from words that people type.  Makes
 * none.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "edge/key.h"

/* The curves that senders offer, under the names that are in use. */
static const struct {
	unsigned bits;
	const char *name[6];
} CURVE[] = {
	{ 256,
	    { "P-256", "secp256r1", "prime256v1", "nistp256", "P256",
		"1.2.840.10045.3.1.7" } },
	{ 384, { "P-384", "secp384r1", "nistp384", "P384", "1.3.132.0.34" } },
	{ 521, { "P-521", "secp521r1", "nistp521", "P521", "1.3.132.0.35" } },
};

struct key_spec
key_spec_of(enum kind kind)
{
	static const unsigned bits[KIND_COUNT] = {
		[KIND_RSA_2048] = 2048,
		[KIND_RSA_3072] = 3072,
		[KIND_RSA_4096] = 4096,
		[KIND_ECDSA_P256] = 256,
		[KIND_ECDSA_P384] = 384,
		[KIND_ECDSA_P521] = 521,
	};

	if (kind >= KIND_COUNT)
		return (struct key_spec){ SLOT_OTHER, 0 };
	return (struct key_spec){ kind_slot(kind), bits[kind] };
}

static int
parse_curve(const char *word, const char *shown, struct key_spec *ret,
    struct err *e)
{
	for (size_t i = 0; i < sizeof(CURVE) / sizeof(CURVE[0]); i++)
		for (size_t j = 0; j < 6 && CURVE[i].name[j] != NULL; j++)
			if (strcasecmp(word, CURVE[i].name[j]) == 0) {
				ret->bits = CURVE[i].bits;
				return 0;
			}
	return err_set(e, ERR_USAGE,
	    "curve %s: not one that senders offer; P-256, P-384 and P-521 are",
	    shown);
}

static int
parse_bits(const char *word, const char *shown, struct key_spec *ret,
    struct err *e)
{
	size_t n = strlen(word);
	unsigned long bits;

	if (n == 0 || word[strspn(word, "0123456789")] != 0)
		return err_set(e, ERR_USAGE,
		    "RSA with %s bits: a number is needed, such as 2048",
		    shown);
	bits = n > 6 ? KEY_RSA_MAX + 1ul : strtoul(word, NULL, 10);
	if (bits < KEY_RSA_MIN)
		return err_set(e, ERR_USAGE,
		    "RSA with %s bits: %d are the least that protect anything",
		    shown, KEY_RSA_MIN);
	if (bits > KEY_RSA_MAX)
		return err_set(e, ERR_USAGE,
		    "RSA with %s bits: %d are the most that TLS libraries "
		    "accept",
		    shown, KEY_RSA_MAX);
	ret->bits = (unsigned)bits;
	return 0;
}

int
key_spec_parse(enum slot slot, const char *word, struct key_spec *ret,
    struct err *e)
{
	char shown[80];

	*ret = key_spec_of(slot == SLOT_RSA ? KIND_RSA_2048 : KIND_ECDSA_P256);
	if (word == NULL || *word == 0)
		return 0;
	text_show(word, strlen(word), shown, sizeof(shown));
	return slot == SLOT_RSA ? parse_bits(word, shown, ret, e)
				: parse_curve(word, shown, ret, e);
}
