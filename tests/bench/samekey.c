/* The same chance for two processes: with LD_PRELOAD, and the same number in SAMEKEY, each draws the same key.
 *
 * How long an RSA key takes is chance, and differs by a factor of ten; with the same primes to find, two programs
 * can be compared. Never use such a key.
 */
#define OPENSSL_API_COMPAT 0x10100000L /* where RAND_METHOD is no warning */
#include <stdint.h>
#include <stdlib.h>

#include <openssl/rand.h>

static uint64_t state;

/* splitmix64 */
static unsigned char
next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return (unsigned char)(z ^ (z >> 31));
}

static int
draw(unsigned char *buf, int n)
{
	for (int i = 0; i < n; i++)
		buf[i] = next();
	return 1;
}

static int
ready(void)
{
	return 1;
}

__attribute__((constructor)) static void
samekey_begin(void)
{
	static RAND_METHOD method = { NULL, draw, NULL, NULL, draw, ready };
	const char *seed = getenv("SAMEKEY");

	if (seed == NULL)
		return;
	state = strtoull(seed, NULL, 10);
	RAND_set_rand_method(&method);
}
