/*
 * journald.c - hands entries to systemd's journal, and knows who listens.
 * Knows nothing of what they say.
 */
#include "edge/journald.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static const struct sockaddr_un JOURNAL = { .sun_family = AF_UNIX,
	.sun_path = "/run/systemd/journal/socket" };
static const struct sockaddr_un SYSLOG = { .sun_family = AF_UNIX,
	.sun_path = "/dev/log" };

/* NAME=value; or, where ends of line are in the value, NAME, its length as 64
 * bits (little end first), and the value. */
void
journald_field(struct text *entry, const char *name, const char *value)
{
	uint64_t len = strlen(value);
	char bytes[8];

	if (strchr(value, '\n') == NULL) {
		text_addf(entry, "%s=%s\n", name, value);
		return;
	}
	for (int i = 0; i < 8; i++)
		bytes[i] = (char)(len >> (8 * i) & 0xff);
	text_addf(entry, "%s\n", name);
	text_addn(entry, bytes, sizeof(bytes));
	text_addf(entry, "%s\n", value);
}

bool
journald_send(const struct text *entry)
{
	static const struct timeval second = { .tv_sec = 1 };
	static int flags = MSG_NOSIGNAL;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool taken;

	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second));
	taken = sendto(fd, entry->s, entry->len, flags,
		    (const struct sockaddr *)&JOURNAL, sizeof(JOURNAL)) >= 0;
	if (!taken && errno == EAGAIN) {
		flags |= MSG_DONTWAIT; /* one second, not one for each host */
		taken = true;
	}
	close(fd);
	return taken;
}

static bool
listens(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool there;

	if (fd < 0)
		return false;
	there = connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0 ||
	    errno == EPROTOTYPE; /* it takes a stream; syslog(3) knows */
	close(fd);
	return there;
}

bool
journald_is_there(void)
{
	return listens(&JOURNAL);
}

bool
syslog_is_there(void)
{
	return listens(&SYSLOG);
}

bool
journald_has_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char is[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) < 0)
		return false;
	text_fmt(is, sizeof(is), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(stream, is) == 0;
}
