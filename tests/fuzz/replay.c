/*
 * replay.c - a fuzz target as an ordinary test: each of its seeds once.  A
 * seed that once crashed stays a test wherever there is no fuzzer.
 *
 * usage: TARGET [FILE...]     all of tests/fuzz/seeds/TARGET without a FILE
 */
#include <dirent.h>

#include "base/file.h"
#include "fuzz.h"

#define SEED_MAX (1024 * 1024)

static bool
replay(const char *path)
{
	struct err e;
	size_t len;
	char *data = file_read(path, SEED_MAX, &len, &e);

	if (data == NULL) {
		printf("not ok - %s\n", e.text);
		return false;
	}
	/* Told before: a crash says no name. */
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput((const uint8_t *)data, len);
	free(data);
	return true;
}

static int
is_seed(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static bool
replay_all(const char *target)
{
	const char *srcdir = getenv("srcdir"), *slash = strrchr(target, '/');
	struct dirent **list = NULL;
	char dir[2048], path[4096];
	bool good;
	int n;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/seeds/%s",
	    srcdir == NULL ? "." : srcdir, slash != NULL ? slash + 1 : target);
	n = scandir(dir, &list, is_seed, alphasort);
	good = n > 0;
	if (!good)
		printf("not ok - no seeds in %s\n", dir);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		good = replay(path) && good;
		free(list[i]);
	}
	free(list);
	return good;
}

int
main(int argc, char **argv)
{
	bool good = true;

	if (argc < 2)
		good = replay_all(argv[0]);
	for (int i = 1; i < argc; i++)
		good = replay(argv[i]) && good;
	return good ? 0 : 1;
}
