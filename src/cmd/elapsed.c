/*
 * elapsed.c - elapsed time from readings of the clock.  Pure; asks no clock.
 */
#include "cmd/elapsed.h"

#include <string.h>

#include "base/text.h"
#include "base/when.h"

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* Milliseconds that surely went by since the last reading. */
static int64_t
gone_by(const struct agent *a, const struct clock_reading *r)
{
	if (r->boot_id[0] == 0 || a->boot_id[0] == 0)
		return 0;
	if (strcmp(a->boot_id, r->boot_id) != 0)
		return r->boot_ms;
	return r->boot_ms > a->boot_ms ? r->boot_ms - a->boot_ms : 0;
}

/* By how much the wall clock left its line, in ms; 0: it did not. */
static int64_t
jump(const struct agent *a, const struct clock_reading *r, int64_t ms,
    int64_t slack)
{
	int64_t wall_ms = ((int64_t)r->wall - (int64_t)a->wall) * 1000;

	if (strcmp(a->boot_id, r->boot_id) != 0)
		return wall_ms < -slack * 1000 ? wall_ms : 0;
	/* Whole seconds of the wall clock may be one off. */
	if (distance(wall_ms, ms) <= slack * 1000 + ms / 1000 + 1000)
		return 0;
	return wall_ms - ms;
}

static int64_t
total_ms(const struct agent *a)
{
	return a->elapsed * 1000 + a->elapsed_ms;
}

static void
mistrust(struct agent *a, int64_t by_ms)
{
	char span[24];

	a->trusted = false;
	when_rough(distance(by_ms, 0) / 1000, span);
	text_fmt(a->clock_why, sizeof(a->clock_why),
	    "the wall clock jumped %s by %s and the kernel does not call it "
	    "synchronised",
	    by_ms < 0 ? "back" : "forward", span);
}

static void
trust(struct agent *a, const struct clock_reading *r)
{
	a->trusted = true;
	a->clock_why[0] = 0;
	a->clock_offset_ms = (int64_t)r->wall * 1000 - total_ms(a);
}

/* Is the wall clock where it would be had it never jumped? */
static bool
back_on_line(const struct agent *a, const struct clock_reading *r,
    int64_t slack)
{
	return distance((int64_t)r->wall * 1000,
		   total_ms(a) + a->clock_offset_ms) <= slack * 1000 + 1000;
}

void
elapsed_advance(struct agent *a, const struct clock_reading *r, int64_t slack)
{
	bool first = a->boot_id[0] == 0 && a->wall == 0;
	int64_t ms = gone_by(a, r), by = 0, sum;

	if (!first)
		by = jump(a, r, ms, slack);
	sum = a->elapsed_ms + ms;
	a->elapsed += sum / 1000;
	a->elapsed_ms = sum % 1000;
	if (first || r->synced || (a->trusted && by == 0))
		trust(a, r);
	else if (by != 0 && a->trusted)
		mistrust(a, by);
	else if (strcmp(a->boot_id, r->boot_id) == 0 &&
	    back_on_line(a, r, slack))
		trust(a, r);
	text_fmt(a->boot_id, sizeof(a->boot_id), "%s", r->boot_id);
	a->boot_ms = r->boot_ms;
	a->wall = r->wall;
}

struct now
elapsed_now(const struct agent *a)
{
	return (struct now){ .elapsed = a->elapsed,
		.wall = a->wall,
		.trusted = a->trusted };
}
