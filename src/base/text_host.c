/*
 * text_host.c - host names: what is one, and what is wrong with what is none.
 * Asks nobody whether it exists.
 */
#include "base/text.h"

#include <string.h>

#define NAME_MAX_LEN 253
#define LABEL_MAX_LEN 63

static bool
is_letter_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static const char *
label_wrong(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] >= 0x80)
			return "is not in ASCII; an international name is "
			       "given by its A-labels (xn--...)";
	for (size_t i = 0; i < n; i++)
		if (!is_letter_digit(s[i]) && s[i] != '-')
			return "holds something else than letters, digits, "
			       "hyphens and dots";
	if (n == 0)
		return "has an empty label";
	if (n > LABEL_MAX_LEN)
		return "has a label of more than 63 characters";
	if (s[0] == '-' || s[n - 1] == '-')
		return "has a label that begins or ends with a hyphen";
	return NULL;
}

/* A last label of digits alone makes an address of it, or nothing. */
const char *
text_host_wrong(const char *s, unsigned allow)
{
	const char *name = s, *dot, *wrong;
	size_t labels = 0;

	if (*s == 0)
		return "is empty";
	if ((allow & TEXT_HOST_WILDCARD) != 0 && strncmp(s, "*.", 2) == 0)
		s += 2;
	if (strchr(s, ':') != NULL &&
	    s[strspn(s, "0123456789abcdefABCDEF:.")] == 0)
		return "is an address, not a name";
	for (;; s = dot + 1) {
		dot = strchrnul(s, '.');
		wrong = label_wrong(s, (size_t)(dot - s));
		if (wrong != NULL)
			return wrong;
		labels++;
		if (*dot == 0)
			break;
	}
	if (strlen(name) > NAME_MAX_LEN)
		return "is longer than 253 characters";
	if (strspn(s, "0123456789") == (size_t)(dot - s))
		return "is an address or ends in a number, which no host name "
		       "does";
	if (labels < 2 && (allow & TEXT_HOST_SHORT) == 0)
		return "has no domain";
	return NULL;
}

bool
text_is_host(const char *s)
{
	return text_host_wrong(s, 0) == NULL;
}
