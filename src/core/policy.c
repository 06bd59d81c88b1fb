/*
 * policy.c - the hold of a set.  One formula; the only place to change it.
 */
#include "core/policy.h"

static int64_t
max2(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
policy_hold(const struct policy *p, uint32_t ttl)
{
	int64_t t = ttl > POLICY_TTL_MAX ? POLICY_TTL_MAX : (int64_t)ttl;
	int64_t hold;

	hold = max2(p->hold_factor * t, t + p->stale_allowance);
	hold = max2(hold, p->hold_floor);
	return hold + p->client_slack + p->clock_slack;
}
