/*
 * conf_value.c - what each setting means: from text to its type, defaults,
 * presets.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/when.h"
#include "edge/conf_read.h"
#include "edge/postfix.h"

/* Seconds: a pass runs many, and must end in good time. */
#define TIMEOUT 30
#define TIMEOUT_MAX 60

/* ---- plain values ---- */

/* Where a duration goes; NULL for other settings. */
static int64_t *
span_of(struct policy *p, enum setting_id id)
{
	switch ((int)id) {
	case SET_REPEAT:
		return &p->repeat;
	case SET_STALE_ALLOWANCE:
		return &p->stale_allowance;
	case SET_HOLD_FLOOR:
		return &p->hold_floor;
	case SET_ROLLOVER_EVERY:
		return &p->rollover_every;
	case SET_CLIENT_SLACK:
		return &p->client_slack;
	case SET_CLOCK_SLACK:
		return &p->clock_slack;
	case SET_SETTLE:
		return &p->settle;
	case SET_ASSUMED_TTL:
		return &p->assumed_ttl;
	case SET_RETIRE_HOLD:
		return &p->retire_hold;
	case SET_KEY_RETENTION:
		return &p->key_retention;
	case SET_STUCK_WARNING:
		return &p->stuck_warning;
	case SET_STUCK_CRITICAL:
		return &p->stuck_critical;
	default:
		return NULL;
	}
}

static void
take_span(struct reader *r, const struct setting *s, int64_t *to,
    const char *value, int line)
{
	if (when_parse(value, to) < 0)
		conf_wrong(r, line,
		    "%s: '%.40s' is not a duration; give a "
		    "number with a unit, such as 90s, 15m, 24h, 30d",
		    s->name, value);
}

static void
take_timeout(struct reader *r, const struct setting *s, const char *value,
    int line)
{
	int64_t span = TIMEOUT;

	take_span(r, s, &span, value, line);
	if (span < 1 || span > TIMEOUT_MAX)
		conf_wrong(r, line, "timeout: %.40s is not from 1s to 1m",
		    value);
	else
		r->conf->timeout = span;
}

static bool
take_number(struct reader *r, const struct setting *s, const char *value,
    int line, long min, long max, long *ret)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (value[0] < '0' || value[0] > '9' || *end != 0 || n < min ||
	    n > max) {
		conf_wrong(r, line,
		    "%s: '%.40s' is not a number from %ld to "
		    "%ld",
		    s->name, value, min, max);
		return false;
	}
	*ret = n;
	return true;
}

static const struct {
	const char *name;
	int64_t factor, stale, floor;
} PROFILES[] = {
	{ "routine", 2, WHEN_DAY, WHEN_HOUR },
	{ "fast", 2, 0, WHEN_HOUR },
	{ "emergency", 1, 0, 0 },
};

static void
take_profile(struct reader *r, const char *value, int line)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(PROFILES[i].name, value) == 0) {
			r->profile = i;
			return;
		}
	conf_wrong(r, line,
	    "profile: '%.40s' is none; routine, fast or "
	    "emergency",
	    value);
}

static bool
is_plain_path(const char *path)
{
	size_t n = strlen(path);

	return n <= 400 && strstr(path, "/../") == NULL &&
	    (n < 3 || strcmp(path + n - 3, "/..") != 0);
}

/* "/a//b/" is "/a/b": two hosts that write one folder are to be found. */
static char *
without_slashes(char *path)
{
	char *to = path;

	for (const char *p = path; *p != 0; p++)
		if (*p != '/' || (p[1] != '/' && (p[1] != 0 || p == path)))
			*to++ = *p;
	*to = 0;
	return path;
}

static char *
take_path(struct reader *r, const struct setting *s, const char *value,
    int line)
{
	if (value[0] != '/')
		conf_wrong(r, line, "%s: '%.100s' is not an absolute path",
		    s->name, value);
	else if (!is_plain_path(value))
		conf_wrong(r, line,
		    "%s: '%.100s' is not a plain path: no "
		    "'..', 400 letters at most",
		    s->name, value);
	return without_slashes(mem_dup(value));
}

static void
take_addr(struct reader *r, const struct setting *s, const char *value,
    int line, uint16_t port, struct addr *to)
{
	if (addr_parse(value, 0, to) < 0 || to->port != 0) {
		conf_wrong(r, line,
		    "%s: '%.60s' is not an IPv4 or IPv6 "
		    "address (a name is none; no port here)",
		    s->name, value);
		to->family = 4; /* given, if wrong: no second complaint */
	}
	to->port = port;
}

static void
top_value(struct reader *r, const struct setting *s, const char *value,
    int line)
{
	struct conf *c = r->conf;
	int64_t *span = span_of(&c->policy, s->id);
	long n;

	if (span != NULL) {
		take_span(r, s, span, value, line);
		if (s->id == SET_ASSUMED_TTL && *span > POLICY_TTL_MAX)
			conf_wrong(r, line,
			    "assumed-ttl: more than 7d, which "
			    "no cache keeps");
	} else if (s->id == SET_STATE_DIR) {
		free(c->state_dir);
		c->state_dir = take_path(r, s, value, line);
	} else if (s->id == SET_METRICS_FILE) {
		free(c->metrics_file);
		c->metrics_file = take_path(r, s, value, line);
	} else if (s->id == SET_TIMEOUT) {
		take_timeout(r, s, value, line);
	} else if (s->id == SET_SENDMAIL) {
		free(c->sendmail);
		c->sendmail = take_path(r, s, value, line);
	} else if (s->id == SET_RESOLVER) {
		take_addr(r, s, value, line, 53, &c->resolver);
		c->has_resolver = true;
	} else if (s->id == SET_FAMILIES) {
		c->every_family = strcmp(value, "require") == 0;
		if (!c->every_family && strcmp(value, "auto") != 0)
			conf_wrong(r, line,
			    "ipv6: '%.40s' is none; auto or require", value);
	} else if (s->id == SET_PROFILE)
		take_profile(r, value, line);
	else if (s->id == SET_HOLD_FACTOR &&
	    take_number(r, s, value, line, 1, 100, &n))
		c->policy.hold_factor = n;
}

static void
publisher_value(struct reader *r, const struct setting *s,
    struct conf_publisher *p, const char *value, int line)
{
	long n;

	if (s->id == SET_METHOD) {
		p->method_given = true;
		if (strcmp(value, "nsupdate") == 0)
			p->method = PUBLISH_NSUPDATE;
		else if (strcmp(value, "manual") != 0)
			conf_wrong(r, line,
			    "method: '%.40s' is none; nsupdate "
			    "or manual",
			    value);
	} else if (s->id == SET_SERVER) {
		uint16_t port = p->server.port;

		take_addr(r, s, value, line, 53, &p->server);
		if (port != 0)
			p->server.port = port;
	} else if (s->id == SET_PORT) {
		if (take_number(r, s, value, line, 1, 65535, &n))
			p->server.port = (uint16_t)n;
	} else if (s->id == SET_TSIG_KEY)
		p->tsig_key = take_path(r, s, value, line);
}

/* `signing` is all there is. */
static void
zone_value(struct reader *r, struct conf_zone *z, const char *value, int line)
{
	z->is_static = strcmp(value, "static") == 0;
	if (!z->is_static && strcmp(value, "unknown") != 0)
		conf_wrong(r, line,
		    "signing: '%.40s' is none; static or unknown", value);
}

static void
host_value(struct reader *r, const struct setting *s, struct conf_host *h,
    const char *value, int line)
{
	int64_t span = 0;

	if (s->id == SET_TLSA_TTL) {
		take_span(r, s, &span, value, line);
		if (span > POLICY_TTL_MAX)
			conf_wrong(r, line,
			    "tlsa-ttl: more than 7d, which no "
			    "cache keeps");
		h->tlsa_ttl = (uint32_t)span;
	} else if (s->id == SET_STANDBY) {
		if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
			conf_wrong(r, line,
			    "standby: '%.40s' is neither true "
			    "nor false, the only two words here",
			    value);
		h->standby = strcmp(value, "false") != 0;
	} else if (s->id == SET_PUBLISHER) {
		h->publisher_name = mem_dup(value);
		h->publisher_line = line;
	} else if (s->id == SET_DEPLOY) {
		if (strcmp(value, "postfix") != 0)
			conf_wrong(r, line,
			    "deploy: '%.40s' is none; only "
			    "postfix so far",
			    value);
	} else if (s->id == SET_CONFIG_DIR)
		h->config_dir = take_path(r, s, value, line);
}

void
conf_value(struct reader *r, const struct setting *s, size_t index,
    const char *value, int line)
{
	switch (s->part) {
	case PART_TOP:
	case PART_ALERT:
	case PART_TIMING:
		top_value(r, s, value, line);
		break;
	case PART_PUBLISHER:
		publisher_value(r, s, &r->conf->publishers[index], value, line);
		break;
	case PART_ZONE:
		zone_value(r, &r->conf->zones[index], value, line);
		break;
	case PART_HOST:
		host_value(r, s, &r->conf->hosts[index], value, line);
		break;
	}
}

/* ---- defaults and contradictions ---- */

void
conf_initial(struct reader *r)
{
	struct policy *p = &r->conf->policy;

	for (size_t i = 0; i < SETTINGS_N; i++) {
		int64_t *span = span_of(p, SETTINGS[i].id);

		if (span != NULL)
			when_parse(SETTINGS[i].initial, span);
	}
	p->hold_factor = 2;
	r->profile = 0;
}

static void
unknown_publisher(struct reader *r, const struct conf_host *h)
{
	const struct conf *c = r->conf;
	const char **names = mem_array(c->n_publishers + 1, sizeof(*names));
	const char *near;

	for (size_t i = 0; i < c->n_publishers; i++)
		names[i] = c->publishers[i].name;
	names[c->n_publishers] = "manual";
	near = text_nearest(h->publisher_name, names, c->n_publishers + 1);
	r->file = h->file;
	conf_wrong(r, h->publisher_line,
	    "publisher: '%.60s' is neither among "
	    "publishers nor manual%s%s%s",
	    h->publisher_name, near != NULL ? "; did you mean '" : "",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
	free(names);
}

/* What we publish ourselves is no record of others. */
static void
check_owners(struct reader *r, const struct conf_host *h)
{
	char ours[TLSA_OWNER];

	for (size_t i = 0; i < h->n_owners; i++)
		for (size_t j = 0; j < h->n_services; j++) {
			tlsa_owner(h->services[j].port, h->name, ours);
			if (strcmp(ours, h->owners[i].name) != 0)
				continue;
			r->file = h->file;
			conf_wrong(r, h->owners[i].line,
			    "owners: %s is the record of a service of %s "
			    "itself",
			    ours, h->name);
		}
}

static void
host_defaults(struct reader *r, struct conf_host *h)
{
	struct conf *c = r->conf;

	if (h->n_names == 0) {
		h->names = mem_array(1, sizeof(*h->names));
		h->names[h->n_names++] = mem_dup(h->name);
	}
	if (h->n_services == 0) {
		h->services = mem_array(1, sizeof(*h->services));
		h->services[h->n_services++].port = 25;
	}
	if (h->n_tlsa == 0)
		h->tlsa[h->n_tlsa++] = (struct tlsa_kind){ 3, 1, 1 };
	check_owners(r, h);
	if (h->config_dir == NULL)
		h->config_dir = mem_dup(POSTFIX_DEFAULT_DIR);
	if (h->publisher_name == NULL ||
	    strcmp(h->publisher_name, "manual") == 0)
		return;
	for (size_t i = 0; i < c->n_publishers; i++)
		if (strcmp(c->publishers[i].name, h->publisher_name) == 0)
			h->publisher = &c->publishers[i];
	if (h->publisher == NULL)
		unknown_publisher(r, h);
}

void
conf_defaults(struct reader *r)
{
	struct conf *c = r->conf;
	struct policy *p = &c->policy;

	if (r->given[SET_HOLD_FACTOR].file == NULL)
		p->hold_factor = PROFILES[r->profile].factor;
	if (r->given[SET_STALE_ALLOWANCE].file == NULL)
		p->stale_allowance = PROFILES[r->profile].stale;
	if (r->given[SET_HOLD_FLOOR].file == NULL)
		p->hold_floor = PROFILES[r->profile].floor;
	if (c->state_dir == NULL)
		c->state_dir = mem_dup("/var/lib/danesafe");
	if (c->timeout == 0)
		c->timeout = TIMEOUT;
	if (c->sendmail == NULL)
		c->sendmail = mem_dup("/usr/sbin/sendmail");
	for (size_t i = 0; i < c->n_hosts; i++)
		host_defaults(r, &c->hosts[i]);
}
