/*
 * conf_table.c - the table of settings: names, where they stand, defaults,
 * help.  The parser, the example and a test of the manual grow from it.
 */
#include "edge/conf_table.h"

#include <string.h>

/* clang-format off */
const struct setting SETTINGS[] = {
	{ PART_TOP, "state-dir", SET_STATE_DIR, "/var/lib/danesafe",
	  "folder of the state and the keys" },
	{ PART_TOP, "resolver", SET_RESOLVER, NULL,
	  "a validating resolver on a trusted path; default: the system's, if it is a loopback address" },
	{ PART_TOP, "ipv6", SET_FAMILIES, "auto",
	  "auto | require: what of name servers' addresses of a family that this machine has no route for" },
	{ PART_TOP, "alert", SET_MAP_ALERT, NULL, NULL },
	{ PART_TOP, "timing", SET_MAP_TIMING, NULL, NULL },
	{ PART_TOP, "publishers", SET_MAP_PUBLISHERS, NULL, NULL },
	{ PART_TOP, "zones", SET_MAP_ZONES, NULL, NULL },
	{ PART_TOP, "hosts", SET_MAP_HOSTS, NULL, NULL },

	{ PART_ALERT, "repeat", SET_REPEAT, "24h",
	  "an alert that goes on is sent again after this time" },
	{ PART_ALERT, "metrics-file", SET_METRICS_FILE, NULL,
	  "written after each run, for Prometheus' textfile collector" },
	{ PART_ALERT, "mail-to", SET_MAIL_TO, "[]",
	  "addresses to which alerts are mailed" },
	{ PART_ALERT, "sendmail", SET_SENDMAIL, "/usr/sbin/sendmail",
	  "the program that takes the mail" },
	{ PART_ALERT, "command", SET_COMMAND, "[]",
	  "a program and its arguments, run for each alert; see danesafe-hook(7)" },
	{ PART_ALERT, "timeout", SET_TIMEOUT, "30s",
	  "sendmail, or the command, is stopped after this time; at most 1m" },

	{ PART_TIMING, "profile", SET_PROFILE, "routine",
	  "routine | fast | emergency: presets of the next three" },
	{ PART_TIMING, "hold-factor", SET_HOLD_FACTOR, "2",
	  "a set is held for at least this many TTLs" },
	{ PART_TIMING, "stale-allowance", SET_STALE_ALLOWANCE, "1d",
	  "and at least one TTL plus this, for caches that serve stale data" },
	{ PART_TIMING, "hold-floor", SET_HOLD_FLOOR, "1h",
	  "and at least this, for caches with a minimum TTL" },
	{ PART_TIMING, "rollover-every", SET_ROLLOVER_EVERY, "365d",
	  "from one deployment to the next" },
	{ PART_TIMING, "client-slack", SET_CLIENT_SLACK, "15m",
	  "from a sender's lookup to its handshake" },
	{ PART_TIMING, "clock-slack", SET_CLOCK_SLACK, "5m",
	  "error of the clock; a larger jump stops acting" },
	{ PART_TIMING, "settle", SET_SETTLE, "15m",
	  "between the two clean sweeps that make a deployment complete" },
	{ PART_TIMING, "assumed-ttl", SET_ASSUMED_TTL, "24h",
	  "what may have been served before we first looked" },
	{ PART_TIMING, "retire-hold", SET_RETIRE_HOLD, "72h",
	  "rollback is free this long after a deployment" },
	{ PART_TIMING, "key-retention", SET_KEY_RETENTION, "30d",
	  "a retired private key is kept this long" },
	{ PART_TIMING, "stuck-warning", SET_STUCK_WARNING, "24h",
	  "an unmet guard is said after this time" },
	{ PART_TIMING, "stuck-critical", SET_STUCK_CRITICAL, "72h",
	  "and is critical after this time" },

	{ PART_PUBLISHER, "method", SET_METHOD, "manual",
	  "nsupdate (RFC 2136) | manual" },
	{ PART_PUBLISHER, "server", SET_SERVER, NULL,
	  "address of the primary" },
	{ PART_PUBLISHER, "port", SET_PORT, "53",
	  "its port" },
	{ PART_PUBLISHER, "tsig-key", SET_TSIG_KEY, NULL,
	  "file with the TSIG key, BIND key-file syntax, readable by root only" },
	{ PART_PUBLISHER, "zones", SET_ZONES, "[]",
	  "zones where aliases lead that may be updated as well" },

	{ PART_ZONE, "signing", SET_SIGNING, "unknown",
	  "static: what left the zone is not signed again, so that it ends at a silent name server | unknown" },

	{ PART_HOST, "names", SET_NAMES, NULL,
	  "names in the certificate; default: the host's name" },
	{ PART_HOST, "services", SET_SERVICES, "[25/tcp]",
	  "ports that get a TLSA record" },
	{ PART_HOST, "owners", SET_OWNERS, "[]",
	  "TLSA owner names in zones that others run: waited for, never changed" },
	{ PART_HOST, "tlsa-ttl", SET_TLSA_TTL, "1h",
	  "TTL of a new record set; an existing one keeps its own" },
	{ PART_HOST, "keys", SET_KEYS, NULL,
	  "rsa-2048, rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384, ecdsa-p521; one of each algorithm; default: what Postfix has, else rsa-2048" },
	{ PART_HOST, "tlsa", SET_TLSA, "[\"3 1 1\"]",
	  "the records of every key: 3 1 1, 3 1 2, 3 0 1, 3 0 2; of the issuer of its certificate: 2 1 1, 2 1 2, 2 0 1, 2 0 2" },
	{ PART_HOST, "standby", SET_STANDBY, "true",
	  "current and next record always published" },
	{ PART_HOST, "publisher", SET_PUBLISHER, "manual",
	  "one of publishers, or manual" },
	{ PART_HOST, "deploy", SET_DEPLOY, "postfix",
	  "where the certificate is installed; only postfix so far" },
	{ PART_HOST, "config-dir", SET_CONFIG_DIR, "/etc/postfix",
	  "the folder of the Postfix instance" },
	{ PART_HOST, "endpoints", SET_ENDPOINTS, "[]",
	  "ADDRESS[:PORT] to sweep; default: every A/AAAA of the host" },
};
/* clang-format on */

const size_t SETTINGS_N = sizeof(SETTINGS) / sizeof(SETTINGS[0]);

const struct setting *
setting_find(enum part part, const char *name)
{
	for (size_t i = 0; i < SETTINGS_N; i++)
		if (SETTINGS[i].part == part &&
		    strcmp(SETTINGS[i].name, name) == 0)
			return &SETTINGS[i];
	return NULL;
}

const char *
setting_nearest(enum part part, const char *name)
{
	const char *names[sizeof(SETTINGS) / sizeof(SETTINGS[0])];
	size_t n = 0;

	for (size_t i = 0; i < SETTINGS_N; i++)
		if (SETTINGS[i].part == part)
			names[n++] = SETTINGS[i].name;
	return text_nearest(name, names, n);
}

const char *
setting_names(enum part part, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = 0;
	for (size_t i = 0; i < SETTINGS_N && at < size; i++) {
		if (SETTINGS[i].part != part)
			continue;
		text_fmt(buf + at, size - at, "%s%s", at > 0 ? ", " : "",
		    SETTINGS[i].name);
		at = strlen(buf);
	}
	return buf;
}

static const char *const PARTS[] = {
	[PART_TOP] = NULL,
	[PART_ALERT] = "alert",
	[PART_TIMING] = "timing",
	[PART_PUBLISHER] = "publishers.NAME",
	[PART_ZONE] = "zones.NAME",
	[PART_HOST] = "hosts.NAME",
};

const char *
conf_setting(size_t i)
{
	static char name[80];
	const struct setting *s;

	for (size_t j = 0; j < SETTINGS_N; j++) {
		s = &SETTINGS[j];
		if (s->help == NULL || i-- > 0)
			continue;
		if (PARTS[s->part] == NULL)
			return s->name;
		return text_fmt(name, sizeof(name), "%s.%s", PARTS[s->part],
		    s->name);
	}
	return NULL;
}

/* What the example shows as a comment: settings whose default is derived,
 * and those that would win over the profile. */
static const char *const SAMPLES[SET_COUNT] = {
	[SET_RESOLVER] = "127.0.0.1",
	[SET_HOLD_FACTOR] = "2",
	[SET_STALE_ALLOWANCE] = "1d",
	[SET_HOLD_FLOOR] = "1h",
	[SET_METHOD] = "nsupdate",
	[SET_SERVER] = "192.0.2.53",
	[SET_PORT] = "53",
	[SET_TSIG_KEY] = "/etc/danesafe/tsig.key",
	[SET_ZONES] = "[example.net]",
	[SET_SIGNING] = "static",
	[SET_METRICS_FILE] = "/var/lib/prometheus/node-exporter/danesafe.prom",
	[SET_NAMES] = "[mx1.example.org]",
	[SET_KEYS] = "[rsa-2048, ecdsa-p256]",
};

/* "# WORDS", a line of 79 letters at most. */
static void
example_help(struct text *out, const char *words, size_t indent)
{
	size_t room = 79 - 2 - indent, n;

	while (*words != 0) {
		n = strlen(words);
		if (n > room)
			for (n = room; n > 0 && words[n] != ' '; n--)
				;
		text_addf(out, "%*s# %.*s\n", (int)indent, "", (int)n, words);
		words += n + (words[n] == ' ');
	}
}

/* "#" and no blank behind it: taken away, it is set. */
static void
example_part(struct text *out, enum part part, size_t indent)
{
	for (size_t i = 0; i < SETTINGS_N; i++) {
		const struct setting *s = &SETTINGS[i];

		if (s->part != part || s->help == NULL)
			continue;
		example_help(out, s->help, indent);
		text_addf(out, "%*s%s%s: %s\n", (int)indent, "",
		    SAMPLES[s->id] != NULL ? "#" : "", s->name,
		    SAMPLES[s->id] != NULL ? SAMPLES[s->id] : s->initial);
	}
}

void
conf_example(struct text *out)
{
	text_add(out,
	    "# danesafe.yaml - see danesafe.yaml(5).\n#\n"
	    "# What is set here is the default; take away a # before a name to "
	    "set more.\n# The smallest config is: "
	    "hosts: { mx1.example.org: {} }\n\n");
	example_part(out, PART_TOP, 0);
	text_add(out, "\nalert:\n");
	example_part(out, PART_ALERT, 2);
	text_add(out, "\ntiming:\n");
	example_part(out, PART_TIMING, 2);
	text_add(out,
	    "\npublishers:\n  # any name; a host is published by "
	    "the one it names\n  #zone:\n");
	example_part(out, PART_PUBLISHER, 4);
	text_add(out,
	    "\nzones:\n  # a zone with TLSA records of the hosts\n"
	    "  #example.org:\n");
	example_part(out, PART_ZONE, 4);
	text_add(out,
	    "\nhosts:\n  # the name in the MX record\n"
	    "  mx1.example.org:\n");
	example_part(out, PART_HOST, 4);
}
