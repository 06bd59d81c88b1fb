/*
 * conf_table.h - the table of settings; for the conf*.c files only.
 */
#ifndef EDGE_CONF_TABLE_H
#define EDGE_CONF_TABLE_H

#include "edge/conf.h"

/* Where a setting stands. */
enum part {
	PART_TOP,
	PART_ALERT,
	PART_TIMING,
	PART_PUBLISHER,
	PART_ZONE,
	PART_HOST,
};

enum setting_id {
	SET_STATE_DIR,
	SET_RESOLVER,
	SET_FAMILIES,
	SET_MAP_ALERT,
	SET_MAP_TIMING,
	SET_MAP_PUBLISHERS,
	SET_MAP_ZONES,
	SET_MAP_HOSTS,
	SET_REPEAT,
	SET_TIMEOUT,
	SET_METRICS_FILE,
	SET_MAIL_TO,
	SET_SENDMAIL,
	SET_COMMAND,
	SET_PROFILE,
	SET_HOLD_FACTOR,
	SET_STALE_ALLOWANCE,
	SET_HOLD_FLOOR,
	SET_ROLLOVER_EVERY,
	SET_CLIENT_SLACK,
	SET_CLOCK_SLACK,
	SET_SETTLE,
	SET_ASSUMED_TTL,
	SET_RETIRE_HOLD,
	SET_KEY_RETENTION,
	SET_STUCK_WARNING,
	SET_STUCK_CRITICAL,
	SET_METHOD,
	SET_SERVER,
	SET_PORT,
	SET_TSIG_KEY,
	SET_ZONES,
	SET_SIGNING,
	SET_NAMES,
	SET_SERVICES,
	SET_OWNERS,
	SET_TLSA_TTL,
	SET_KEYS,
	SET_TLSA,
	SET_STANDBY,
	SET_PUBLISHER,
	SET_DEPLOY,
	SET_CONFIG_DIR,
	SET_ENDPOINTS,
	SET_COUNT,
};

struct setting {
	enum part part;
	const char *name;
	enum setting_id id;
	const char *initial; /* the default as text; NULL: derived, or a map */
	const char *help;    /* NULL: a map of settings */
};

extern const struct setting SETTINGS[];
extern const size_t SETTINGS_N;

const struct setting *setting_find(enum part part, const char *name);
const char *setting_nearest(enum part part, const char *name);
/* "names, services, ..." */
const char *setting_names(enum part part, char *buf, size_t size);

#endif
