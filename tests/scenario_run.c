/*
 * scenario_run.c - plays the scenarios and says of each whether its promise
 * was kept.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_words.h"

static bool
play_one(const char *path)
{
	static struct run r;
	const char *name = strrchr(path, '/');
	bool good;

	memset(&r, 0, sizeof(r));
	name = name == NULL ? path : name + 1;
	good = play_file(path, 0, &r);
	printf("%s - %s: %s\n", good ? "ok" : "not ok", name, r.promise);
	if (!good)
		printf("# %s:%u: %s\n", path, r.line, r.why);
	world_release(&r.world);
	return good;
}

static int
is_scenario(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 4 && strcmp(d->d_name + n - 4, ".scn") == 0;
}

static unsigned
play_all(void)
{
	const char *srcdir = getenv("srcdir");
	struct dirent **list = NULL;
	char dir[2048], path[4096];
	unsigned bad = 0;
	int n;

	snprintf(dir, sizeof(dir), "%s/tests/scenario",
	    srcdir == NULL ? "." : srcdir);
	n = scandir(dir, &list, is_scenario, alphasort);
	if (n <= 0) {
		printf("not ok - no scenario in %s\n", dir);
		free(list);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		bad += !play_one(path);
		free(list[i]);
	}
	free(list);
	return bad;
}

int
main(int argc, char **argv)
{
	unsigned bad = 0;

	if (argc < 2)
		bad = play_all();
	for (int i = 1; i < argc; i++)
		bad += !play_one(argv[i]);
	return bad == 0 ? 0 : 1;
}
