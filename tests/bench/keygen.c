/* The limit of new-server-key: a process that makes one RSA key and nothing else.
 *
 * usage: keygen [show]      show: its public half on standard output
 */
#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

int
main(int argc, char **argv)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);

	(void)argv;
	if (key != NULL && argc == 2 && PEM_write_PUBKEY(stdout, key) != 1)
		return 1;
	return key == NULL;
}
