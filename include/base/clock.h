/*
 * clock.h - the only place that asks what time it is.
 *
 * Tests link a clock of their own instead of clock.c (same functions).
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* What the machine says at one moment; nothing is derived here. */
struct clock_reading {
	time_t wall; /* CLOCK_REALTIME: certificates, signatures, messages */
	int64_t
	    boot_ms; /* CLOCK_BOOTTIME in ms: elapsed time within one boot */
	char boot_id[37]; /* /proc/sys/kernel/random/boot_id; "" unreadable */
	bool synced; /* adjtimex(2): the kernel calls itself synchronised */
};

void clock_read(struct clock_reading *r);

/* CLOCK_REALTIME in ms, to compare with when a file was changed. */
int64_t clock_wall_ms(void);

/* CLOCK_MONOTONIC in ms, for deadlines within a pass. */
int64_t clock_mono_ms(void);

/* Does nothing for that long. */
void clock_wait(int64_t ms);

#endif
