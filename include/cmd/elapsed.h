/*
 * elapsed.h - from readings of the clock to elapsed time that can be trusted.
 */
#ifndef CMD_ELAPSED_H
#define CMD_ELAPSED_H

#include "base/clock.h"
#include "core/host.h"
#include "edge/store.h"

/*
 * Moves the agent's counter on.  Within one boot by CLOCK_BOOTTIME; across a
 * reboot by the uptime only; without a boot id, or when BOOTTIME went back,
 * not at all.  A wall clock that moved by more than `slack` (and 0.1 %) away
 * from it, or went back across a reboot, is not trusted until the kernel says
 * that it is synchronised, or the wall clock is back on its old line.
 */
void elapsed_advance(struct agent *a, const struct clock_reading *r,
    int64_t slack);

struct now elapsed_now(const struct agent *a);

#endif
