/*
 * clock.c - the only place that asks what time it is.
 */
#include "base/clock.h"

#include <fcntl.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

static int64_t
in_ms(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) < 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
read_boot_id(char id[37])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, id, 36);

	id[n == 36 ? 36 : 0] = 0;
	if (fd >= 0)
		close(fd);
}

void
clock_read(struct clock_reading *r)
{
	struct timex tx;

	memset(r, 0, sizeof(*r));
	memset(&tx, 0, sizeof(tx));
	r->wall = (time_t)(clock_wall_ms() / 1000);
	r->boot_ms = in_ms(CLOCK_BOOTTIME);
	read_boot_id(r->boot_id);
	r->synced = adjtimex(&tx) >= 0 && !(tx.status & STA_UNSYNC);
}

int64_t
clock_wall_ms(void)
{
	return in_ms(CLOCK_REALTIME);
}

int64_t
clock_mono_ms(void)
{
	return in_ms(CLOCK_MONOTONIC);
}

void
clock_wait(int64_t ms)
{
	int64_t left, end = in_ms(CLOCK_MONOTONIC) + ms;

	while ((left = end - in_ms(CLOCK_MONOTONIC)) > 0) {
		struct timespec t = { .tv_sec = (time_t)(left / 1000),
			.tv_nsec = (long)(left % 1000) * 1000000 };

		nanosleep(&t, NULL);
	}
}
