/*
 * resolv.c - the system's resolver, as resolv.conf(5) names it.  Asks it
 * nothing.
 */
#include "edge/resolv.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* "nameserver ADDRESS" */
static bool
server_of(char *line, struct addr *ret_addr)
{
	if (strncmp(line, "nameserver", 10) != 0 ||
	    (line[10] != ' ' && line[10] != '\t'))
		return false;
	line += 10 + strspn(line + 10, " \t");
	line[strcspn(line, " \t\r#;")] = 0;
	if (addr_parse(line, 0, ret_addr) < 0)
		memset(ret_addr, 0, sizeof(*ret_addr));
	return true;
}

/* The file is a link on many machines. */
bool
resolv_first(const char *path, struct addr *ret_addr)
{
	char *real = realpath(path, NULL), *text = NULL, *line, *save = NULL;
	struct addr a = { .family = 0 };
	struct err e;
	size_t len;

	if (real != NULL)
		text = file_read(real, 65536, &len, &e);
	line = text == NULL ? NULL : strtok_r(text, "\n", &save);
	while (line != NULL && !server_of(line, &a))
		line = strtok_r(NULL, "\n", &save);
	free(text);
	free(real);
	if (a.family == 0)
		return false;
	a.port = 53;
	*ret_addr = a;
	return true;
}
