/*
 * look.c - one look at the DNS, or several in a row, timed: the peer of
 * dnsperf in look_bench.py.  No state, no sweep, nothing but look_dns().
 *
 * usage: look HOSTS ZONE RESOLVER LOOKS [FILE]
 *
 * A line of figures for each look.  FILE: what earlier looks verified.
 */
#include "edge/answer_past.h"
#include "proc/look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/watch.h"

/* Each with one TLSA owner and one endpoint that the DNS is not asked for. */
static void
make_hosts(struct host *h, struct look_request *r, size_t n, const char *zone)
{
	static struct addr at;
	char name[HOST_NAME], owner[TLSA_OWNER];

	at = addr_make(4, "\177\0\0\1", 25);
	for (size_t i = 0; i < n; i++) {
		text_fmt(name, sizeof(name), "h%zu.%.200s", i, zone);
		host_init(&h[i], name);
		h[i].policy = (struct policy){ .hold_factor = 2,
			.hold_floor = 3600,
			.clock_slack = 300 };
		h[i].adopted_at = 0;
		host_owner(&h[i], tlsa_owner(25, name, owner), 25);
		r[i] = (struct look_request){ .host = &h[i],
			.endpoints = &at,
			.n_endpoints = 1 };
	}
}

static size_t asked; /* questions */

static void
count(const size_t n[WATCH_COUNT])
{
	asked = n[WATCH_ASKED];
}

static double
cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

/* KiB at most so far.  getrusage(2) would begin with what the process had that
 * became this one. */
static long
peak(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long kib = -1;

	while (f != NULL && kib < 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = atol(line + 6);
	if (f != NULL)
		fclose(f);
	return kib;
}

static void
say(const struct host *h, size_t n, double wall, double cpu)
{
	size_t look[LOOK_COUNT] = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < h[i].own[0].n_auth; k++)
			look[h[i].own[0].auth[k].look]++;
	printf("wall %.0f cpu %.0f rss %ld asked %zu", wall, cpu, peak(),
	    asked);
	for (int i = 0; i < LOOK_COUNT; i++)
		printf(" %s %zu", look_name((enum look)i), look[i]);
	putchar('\n');
}

int
main(int argc, char **argv)
{
	size_t n = argc > 4 ? strtoul(argv[1], NULL, 10) : 0;
	int looks = argc > 4 ? atoi(argv[4]) : 0;
	struct look_request *r = mem_array(n + 1, sizeof(*r));
	struct host *h = mem_array(n + 1, sizeof(*h));
	struct clock_reading c;
	struct addr resolver;
	struct err e;

	if (n == 0 || addr_parse(argv[3], 53, &resolver) < 0)
		return 64;
	make_hosts(h, r, n, argv[2]);
	for (int i = 0; i < looks; i++) {
		double cpu = cpu_ms();
		int64_t begun = clock_mono_ms();
		struct answer_past *past;
		struct now now;

		watch_set(count);
		clock_read(&c);
		now = (struct now){ c.boot_ms / 1000, c.wall, true };
		past = argc > 5 ? answer_past_read(argv[5]) : NULL;
		if (look_dns_again(r, n, &resolver, &now, begun + 600000, past,
			&e) < 0 ||
		    (past != NULL &&
			answer_past_write(past, argv[5], c.wall, &e) < 0)) {
			fprintf(stderr, "%s\n", e.text);
			return 70;
		}
		answer_past_free(past);
		say(h, n, (double)(clock_mono_ms() - begun), cpu_ms() - cpu);
	}
	for (size_t i = 0; i < n; i++)
		host_release(&h[i]);
	free(h);
	free(r);
	return 0;
}
