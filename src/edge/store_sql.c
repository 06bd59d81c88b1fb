/*
 * store_sql.c - the statements of the store, each written once.  Values are
 * always bound; nothing here or elsewhere puts a value into a statement.
 *
 * A row is added, or changed only where it differs, so that a pass in which
 * little happened writes little.  REPLACE is never used: it would delete.
 */
#include "edge/store_db.h"

#define ENTRY \
	"id, wall, elapsed, host, spki, kind, act, intent, ok, actor, text"

/* clang-format off */
const char *const STORE_SQL[SQL_COUNT] = {
[SQL_BEGIN] = "BEGIN IMMEDIATE",
[SQL_BEGIN_READ] = "BEGIN",
[SQL_COMMIT] = "COMMIT",
[SQL_ROLLBACK] = "ROLLBACK",

[SQL_AGENT] =
	"SELECT elapsed, elapsed_ms, boot_id, boot_ms, wall, trusted,"
	" clock_why, clock_offset_ms, started, finished, exit_code, clean,"
	" failures FROM agent",
[SQL_AGENT_SAVE] =
	"UPDATE agent SET elapsed = ?1, elapsed_ms = ?2, boot_id = ?3,"
	" boot_ms = ?4, wall = ?5, trusted = ?6, clock_why = ?7,"
	" clock_offset_ms = ?8, started = ?9, finished = ?10,"
	" exit_code = ?11, clean = ?12, failures = ?13"
	" WHERE (elapsed, elapsed_ms, boot_id, boot_ms, wall, trusted,"
	" clock_why, clock_offset_ms, started, finished, exit_code, clean,"
	" failures)"
	" IS NOT (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",

[SQL_JOURNAL_ADD] =
	"INSERT INTO journal (wall, elapsed, host, spki, kind, act, intent,"
	" ok, actor, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
/* ids are given in order, moments need not be: the clock may jump */
[SQL_HISTORY_FIRST] =
	"SELECT min(id) FROM journal WHERE wall >= ?1",
[SQL_HISTORY_ALL] =
	"SELECT " ENTRY " FROM journal"
	" WHERE id >= ?1 AND +wall >= ?2 ORDER BY id LIMIT ?3",
[SQL_HISTORY_HOST] =
	"SELECT " ENTRY " FROM journal WHERE host = ?4"
	" AND id >= ?1 AND +wall >= ?2 ORDER BY id LIMIT ?3",
[SQL_FORCED] =
	"SELECT count(*) FROM journal WHERE host = ?1 AND kind = 'force'",
[SQL_OPEN_INTENTS] =
	"SELECT " ENTRY " FROM journal i WHERE host = ?1 AND kind = 'intent'"
	" AND NOT EXISTS (SELECT 1 FROM journal o WHERE o.intent = i.id)"
	" ORDER BY id",

[SQL_CONCERNS] =
	"SELECT host, spki, code, since, since_wall, level,"
	" said_level, said_at, mail_level, mail_at, command_level,"
	" command_at, over_at, quiet_until, quiet_level, eta, moved,"
	" patience, mail_root, mail_many, text FROM concern WHERE host = ?1 ORDER BY pos",
[SQL_CONCERN_SAVE] =
	"INSERT INTO concern (host, pos, spki, code, since,"
	" since_wall, level, said_level, said_at, mail_level, mail_at,"
	" command_level, command_at, over_at, quiet_until, quiet_level,"
	" eta, moved, patience, mail_root, mail_many, text) VALUES (?, ?, ?,"
	" ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (host, pos) DO UPDATE SET"
	" spki = excluded.spki, code = excluded.code, since ="
	" excluded.since, since_wall = excluded.since_wall, level ="
	" excluded.level, said_level = excluded.said_level, said_at ="
	" excluded.said_at, mail_level = excluded.mail_level, mail_at ="
	" excluded.mail_at, command_level = excluded.command_level,"
	" command_at = excluded.command_at, over_at = excluded.over_at,"
	" quiet_until = excluded.quiet_until, quiet_level ="
	" excluded.quiet_level, eta = excluded.eta, moved ="
	" excluded.moved, patience = excluded.patience, mail_root ="
	" excluded.mail_root, mail_many = excluded.mail_many, text ="
	" excluded.text WHERE (spki, code,"
	" since, since_wall, level, said_level, said_at, mail_level,"
	" mail_at, command_level, command_at, over_at, quiet_until,"
	" quiet_level, eta, moved, patience, mail_root, mail_many, text) IS NOT (excluded.spki,"
	" excluded.code, excluded.since, excluded.since_wall,"
	" excluded.level, excluded.said_level, excluded.said_at,"
	" excluded.mail_level, excluded.mail_at,"
	" excluded.command_level, excluded.command_at,"
	" excluded.over_at, excluded.quiet_until, excluded.quiet_level,"
	" excluded.eta, excluded.moved, excluded.patience,"
	" excluded.mail_root, excluded.mail_many,"
	" excluded.text)",
[SQL_CONCERN_DROP] = "DELETE FROM concern WHERE host = ?1 AND pos >= ?2",
[SQL_CHANNEL] =
	"SELECT failures, since, retry_at, why FROM channel WHERE name = ?1",
[SQL_CHANNEL_SAVE] =
	"INSERT OR REPLACE INTO channel (name, failures, since, retry_at, why)"
	" VALUES (?, ?, ?, ?, ?)",
[SQL_CHANNEL_DROP] = "DELETE FROM channel WHERE name = ?1",

[SQL_PAUSES] =
	"SELECT host, since, until, actor, reason FROM pause ORDER BY host",
[SQL_PAUSE_SAVE] =
	"INSERT INTO pause (host, since, until, actor, reason)"
	" VALUES (?, ?, ?, ?, ?) ON CONFLICT (host) DO UPDATE SET"
	" since = excluded.since, until = excluded.until,"
	" actor = excluded.actor, reason = excluded.reason",
[SQL_PAUSE_DROP] = "DELETE FROM pause WHERE host = ?1",

[SQL_SUMMARIES] =
	"SELECT name, mark, safe_from, cert_until, line"
	" FROM host JOIN summary ON summary.host = host.id"
	" WHERE NOT EXISTS (SELECT 1 FROM concern"
	" WHERE concern.host = host.name AND level > 0)"
	/* nor one that may have come to be told of meanwhile (core/code.h) */
	" AND NOT EXISTS (SELECT 1 FROM concern"
	" WHERE concern.host = host.name AND over_at IS NULL"
	" AND code NOT IN ('hold', 'poll-gap', 'tlsa-foreign',"
	" 'tlsa-unusable', 'unverified'))"
	" AND NOT EXISTS (SELECT 1 FROM pause WHERE pause.host = host.name)"
	" ORDER BY name",
[SQL_SUMMARY_SAVE] =
	"INSERT INTO summary (host, mark, safe_from, cert_until, line)"
	" VALUES (?, ?, ?, ?, ?)"
	" ON CONFLICT (host) DO UPDATE SET"
	" mark = excluded.mark, safe_from = excluded.safe_from,"
	" cert_until = excluded.cert_until, line = excluded.line"
	" WHERE (mark, safe_from, cert_until, line) IS NOT (excluded.mark,"
	" excluded.safe_from, excluded.cert_until, excluded.line)",
[SQL_SUMMARY_DROP] = "DELETE FROM summary WHERE host = ?1",

[SQL_HOSTS] = "SELECT name FROM host ORDER BY name",
[SQL_HOST] =
	"SELECT id, adopted_at, standby, publishes, hold_factor,"
	" stale_allowance, hold_floor, client_slack, clock_slack, settle,"
	" assumed_ttl, retire_hold, key_retention, rollover_every,"
	" stuck_warning, stuck_critical, repeat, looked_at, looked_wall,"
	" swept_at, swept_wall"
	" FROM host WHERE name = ?1",
[SQL_HOST_SAVE] =
	"INSERT INTO host (name, adopted_at, standby, publishes, hold_factor,"
	" stale_allowance, hold_floor, client_slack, clock_slack, settle,"
	" assumed_ttl, retire_hold, key_retention, rollover_every,"
	" stuck_warning, stuck_critical, repeat, looked_at, looked_wall,"
	" swept_at, swept_wall)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	" ?)"
	" ON CONFLICT (name) DO UPDATE SET"
	" adopted_at = excluded.adopted_at, standby = excluded.standby,"
	" publishes = excluded.publishes,"
	" hold_factor = excluded.hold_factor,"
	" stale_allowance = excluded.stale_allowance,"
	" hold_floor = excluded.hold_floor,"
	" client_slack = excluded.client_slack,"
	" clock_slack = excluded.clock_slack, settle = excluded.settle,"
	" assumed_ttl = excluded.assumed_ttl,"
	" retire_hold = excluded.retire_hold,"
	" key_retention = excluded.key_retention,"
	" rollover_every = excluded.rollover_every,"
	" stuck_warning = excluded.stuck_warning,"
	" stuck_critical = excluded.stuck_critical,"
	" repeat = excluded.repeat,"
	" looked_at = excluded.looked_at,"
	" looked_wall = excluded.looked_wall,"
	" swept_at = excluded.swept_at, swept_wall = excluded.swept_wall"
	" WHERE (adopted_at, standby, publishes, hold_factor,"
	" stale_allowance, hold_floor, client_slack, clock_slack, settle,"
	" assumed_ttl, retire_hold, key_retention, rollover_every,"
	" stuck_warning, stuck_critical, repeat, looked_at, looked_wall,"
	" swept_at, swept_wall)"
	" IS NOT (excluded.adopted_at, excluded.standby, excluded.publishes,"
	" excluded.hold_factor, excluded.stale_allowance,"
	" excluded.hold_floor, excluded.client_slack, excluded.clock_slack,"
	" excluded.settle, excluded.assumed_ttl, excluded.retire_hold,"
	" excluded.key_retention, excluded.rollover_every,"
	" excluded.stuck_warning, excluded.stuck_critical, excluded.repeat,"
	" excluded.looked_at, excluded.looked_wall, excluded.swept_at,"
	" excluded.swept_wall)",
[SQL_HOST_ID] = "SELECT id FROM host WHERE name = ?1",
[SQL_SLOTS] =
	"SELECT slot, managed, kind, rollover_wall, compromised"
	" FROM slot WHERE host = ?1",
[SQL_SLOT_SAVE] =
	"INSERT INTO slot (host, slot, managed, kind, rollover_wall,"
	" compromised) VALUES (?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (host, slot) DO UPDATE SET"
	" managed = excluded.managed, kind = excluded.kind,"
	" rollover_wall = excluded.rollover_wall,"
	" compromised = excluded.compromised"
	" WHERE (managed, kind, rollover_wall, compromised)"
	" IS NOT (excluded.managed, excluded.kind, excluded.rollover_wall,"
	" excluded.compromised)",

[SQL_SETS] = "SELECT id, bytes, alias FROM rrset WHERE host = ?1 ORDER BY id",
[SQL_SET_ADD] =
	"INSERT INTO rrset (host, bytes, alias) VALUES (?1, ?2, ?3)",
[SQL_SET_ID] =
	"SELECT id FROM rrset WHERE host = ?1 AND bytes = ?2 AND alias = ?3",
[SQL_SET_DROP] =
	"DELETE FROM rrset WHERE host = ?1"
	" AND NOT EXISTS (SELECT 1 FROM sighting WHERE rrset = rrset.id)"
	" AND NOT EXISTS (SELECT 1 FROM authority WHERE rrset = rrset.id)"
	" AND NOT EXISTS (SELECT 1 FROM instance WHERE rrset = rrset.id)",

[SQL_CHAINS] = "SELECT id, bytes FROM chain WHERE host = ?1 ORDER BY id",
[SQL_CHAIN_ADD] = "INSERT INTO chain (host, bytes) VALUES (?1, ?2)",
[SQL_CHAIN_ID] = "SELECT id FROM chain WHERE host = ?1 AND bytes = ?2",
[SQL_CHAIN_DROP] =
	"DELETE FROM chain WHERE host = ?1"
	" AND NOT EXISTS (SELECT 1 FROM presented WHERE chain = chain.id)"
	" AND NOT EXISTS (SELECT 1 FROM key WHERE chain = chain.id)"
	" AND NOT EXISTS (SELECT 1 FROM key WHERE next_chain = chain.id)"
	" AND NOT EXISTS (SELECT 1 FROM key WHERE past_chain = chain.id)",

[SQL_OWNERS] =
	"SELECT id, name, port, zone, primary_serial, source, hides, named"
	" FROM owner WHERE host = ?1 ORDER BY id",
[SQL_OWNER_SAVE] =
	"INSERT INTO owner (host, name, port, zone, primary_serial, source,"
	" hides, named) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (host, name) DO UPDATE SET"
	" port = excluded.port, zone = excluded.zone,"
	" primary_serial = excluded.primary_serial,"
	" source = excluded.source, hides = excluded.hides,"
	" named = excluded.named"
	" WHERE (port, zone, primary_serial, source, hides, named) IS NOT"
	" (excluded.port, excluded.zone, excluded.primary_serial,"
	" excluded.source, excluded.hides, excluded.named)",
[SQL_OWNER_ID] = "SELECT id FROM owner WHERE host = ?1 AND name = ?2",
[SQL_OWNER_COUNT] = "SELECT count(*) FROM owner WHERE host = ?1",
[SQL_OWNER_DROP] = "DELETE FROM owner WHERE id = ?1",

[SQL_AUTHORITIES] =
	"SELECT id, ip, port, name, first_seen, left_at, ns_ttl, look, rrset,"
	" ttl, serial, newest_serial, nsid, looked_at, looked_wall,"
	" looked_last, why, records_from, records_until, keys_from, keys_until, renewed, answered"
	" FROM authority WHERE owner = ?1",
[SQL_AUTHORITY_SAVE] =
	"INSERT INTO authority (owner, ip, port, name, first_seen, left_at,"
	" ns_ttl, look, rrset, ttl, serial, newest_serial, nsid, looked_at,"
	" looked_wall, looked_last, why, records_from, records_until,"
	" keys_from, keys_until, renewed, answered)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	" ?, ?, ?)"
	" ON CONFLICT (owner, ip, port) DO UPDATE SET"
	" name = excluded.name, first_seen = excluded.first_seen,"
	" left_at = excluded.left_at, ns_ttl = excluded.ns_ttl,"
	" look = excluded.look, rrset = excluded.rrset, ttl = excluded.ttl,"
	" serial = excluded.serial, newest_serial = excluded.newest_serial,"
	" nsid = excluded.nsid,"
	" looked_at = excluded.looked_at,"
	" looked_wall = excluded.looked_wall,"
	" looked_last = excluded.looked_last, why = excluded.why,"
	" records_from = excluded.records_from,"
	" records_until = excluded.records_until,"
	" keys_from = excluded.keys_from, keys_until = excluded.keys_until,"
	" renewed = excluded.renewed, answered = excluded.answered"
	" WHERE (name, first_seen, left_at, ns_ttl, look, rrset, ttl,"
	" serial, newest_serial, nsid, looked_at, looked_wall, looked_last,"
	" why, records_from, records_until, keys_from, keys_until, renewed,"
	" answered)"
	" IS NOT (excluded.name, excluded.first_seen, excluded.left_at,"
	" excluded.ns_ttl, excluded.look, excluded.rrset, excluded.ttl,"
	" excluded.serial, excluded.newest_serial, excluded.nsid, excluded.looked_at,"
	" excluded.looked_wall, excluded.looked_last, excluded.why,"
	" excluded.records_from,"
	" excluded.records_until, excluded.keys_from, excluded.keys_until,"
	" excluded.renewed, excluded.answered)",
[SQL_AUTHORITY_COUNT] = "SELECT count(*) FROM authority WHERE owner = ?1",
[SQL_AUTHORITY_KEYS] =
	"SELECT id, ip, port FROM authority WHERE owner = ?1",
[SQL_AUTHORITY_DROP] = "DELETE FROM authority WHERE id = ?1",

[SQL_SIGHTINGS] =
	"SELECT id, ip, port, rrset, ttl, first_seen, last_seen, seen_last, gone,"
	" signed_from, signed_until, signed_life, left_at, resigned, ended"
	" FROM sighting WHERE owner = ?1",
[SQL_SIGHTING_SAVE] =
	"INSERT INTO sighting (owner, ip, port, rrset, ttl, first_seen,"
	" last_seen, seen_last, gone, signed_from, signed_until, signed_life,"
	" left_at, resigned, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (owner, ip, port, rrset, ttl) DO UPDATE SET"
	" first_seen = excluded.first_seen, last_seen = excluded.last_seen,"
	" seen_last = excluded.seen_last, gone = excluded.gone, signed_from = excluded.signed_from,"
	" signed_until = excluded.signed_until,"
	" signed_life = excluded.signed_life, left_at = excluded.left_at,"
	" resigned = excluded.resigned, ended = excluded.ended"
	" WHERE (first_seen, last_seen, seen_last, gone, signed_from, signed_until,"
	" signed_life, left_at, resigned, ended)"
	" IS NOT (excluded.first_seen, excluded.last_seen,"
	" excluded.seen_last, excluded.gone,"
	" excluded.signed_from, excluded.signed_until, excluded.signed_life,"
	" excluded.left_at, excluded.resigned, excluded.ended)",
[SQL_SIGHTING_COUNT] = "SELECT count(*) FROM sighting WHERE owner = ?1",
[SQL_SIGHTING_KEYS] =
	"SELECT id, ip, port, rrset, ttl FROM sighting WHERE owner = ?1",
[SQL_SIGHTING_DROP] = "DELETE FROM sighting WHERE id = ?1",

[SQL_INSTANCES] =
	"SELECT id, ip, port, nsid, rrset, ttl, heard_at, heard_last"
	" FROM instance WHERE owner = ?1",
[SQL_INSTANCE_SAVE] =
	"INSERT INTO instance (owner, ip, port, nsid, rrset, ttl, heard_at,"
	" heard_last) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (owner, ip, port, nsid) DO UPDATE SET"
	" rrset = excluded.rrset, ttl = excluded.ttl,"
	" heard_at = excluded.heard_at, heard_last = excluded.heard_last"
	" WHERE (rrset, ttl, heard_at, heard_last) IS NOT (excluded.rrset,"
	" excluded.ttl, excluded.heard_at, excluded.heard_last)",
[SQL_INSTANCE_COUNT] = "SELECT count(*) FROM instance WHERE owner = ?1",
[SQL_INSTANCE_KEYS] =
	"SELECT id, ip, port, nsid FROM instance WHERE owner = ?1",
[SQL_INSTANCE_DROP] = "DELETE FROM instance WHERE id = ?1",

[SQL_ENDPOINTS] =
	"SELECT e.id, e.owner, ip, e.port, configured, left_at, ttl, sweep,"
	" swept_at, swept_last, swept_wall, tried_last, why"
	" FROM owner o JOIN endpoint e ON e.owner = o.id"
	" WHERE o.host = ?1 ORDER BY e.id",
[SQL_ENDPOINT_SAVE] =
	"INSERT INTO endpoint (owner, ip, port, configured, left_at, ttl,"
	" sweep, swept_at, swept_last, swept_wall, tried_last, why)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (owner, ip, port) DO UPDATE SET"
	" configured = excluded.configured, left_at = excluded.left_at,"
	" ttl = excluded.ttl, sweep = excluded.sweep,"
	" swept_at = excluded.swept_at, swept_last = excluded.swept_last,"
	" swept_wall = excluded.swept_wall,"
	" tried_last = excluded.tried_last, why = excluded.why"
	" WHERE (configured, left_at, ttl, sweep, swept_at, swept_last,"
	" swept_wall, tried_last, why)"
	" IS NOT (excluded.configured, excluded.left_at, excluded.ttl,"
	" excluded.sweep, excluded.swept_at, excluded.swept_last,"
	" excluded.swept_wall, excluded.tried_last, excluded.why)",
[SQL_ENDPOINT_ID] =
	"SELECT id FROM endpoint WHERE owner = ?1 AND ip = ?2 AND port = ?3",
[SQL_ENDPOINT_COUNT] = "SELECT count(*) FROM endpoint WHERE owner = ?1",
[SQL_ENDPOINT_KEYS] = "SELECT id, ip, port FROM endpoint WHERE owner = ?1",
[SQL_ENDPOINT_DROP] = "DELETE FROM endpoint WHERE id = ?1",

[SQL_PRESENTED] =
	"SELECT spki, slot, chain FROM presented WHERE endpoint = ?1"
	" ORDER BY pos",
[SQL_PRESENTED_SAVE] =
	"INSERT INTO presented (endpoint, pos, spki, slot, chain)"
	" VALUES (?, ?, ?, ?, ?)"
	" ON CONFLICT (endpoint, pos) DO UPDATE SET"
	" spki = excluded.spki, slot = excluded.slot, chain = excluded.chain"
	" WHERE (spki, slot, chain)"
	" IS NOT (excluded.spki, excluded.slot, excluded.chain)",
[SQL_PRESENTED_DROP] =
	"DELETE FROM presented WHERE endpoint = ?1 AND pos >= ?2",

[SQL_KEYS] =
	"SELECT spki, slot, kind, stage, adopted, compromised, entered_at,"
	" entered_wall, deployed_wall, clean_since, destroyed_at, key_file,"
	" cert_file, chain, cert_until, next_chain, past_chain"
	" FROM key WHERE host = ?1 ORDER BY id",
[SQL_KEY_SAVE] =
	"INSERT INTO key (host, spki, slot, kind, stage, adopted,"
	" compromised, entered_at, entered_wall, deployed_wall, clean_since,"
	" destroyed_at, key_file, cert_file, chain, cert_until,"
	" next_chain, past_chain)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (host, spki) DO UPDATE SET"
	" slot = excluded.slot, kind = excluded.kind,"
	" stage = excluded.stage, adopted = excluded.adopted,"
	" compromised = excluded.compromised,"
	" entered_at = excluded.entered_at,"
	" entered_wall = excluded.entered_wall,"
	" deployed_wall = excluded.deployed_wall,"
	" clean_since = excluded.clean_since,"
	" destroyed_at = excluded.destroyed_at,"
	" key_file = excluded.key_file, cert_file = excluded.cert_file,"
	" chain = excluded.chain, cert_until = excluded.cert_until,"
	" next_chain = excluded.next_chain, past_chain = excluded.past_chain"
	" WHERE (slot, kind, stage, adopted, compromised, entered_at,"
	" entered_wall, deployed_wall, clean_since, destroyed_at, key_file,"
	" cert_file, chain, cert_until, next_chain, past_chain)"
	" IS NOT (excluded.slot, excluded.kind, excluded.stage,"
	" excluded.adopted, excluded.compromised, excluded.entered_at,"
	" excluded.entered_wall, excluded.deployed_wall,"
	" excluded.clean_since, excluded.destroyed_at, excluded.key_file,"
	" excluded.cert_file, excluded.chain, excluded.cert_until,"
	" excluded.next_chain, excluded.past_chain)",

[SQL_WAIVERS] =
	"SELECT spki, guard, ip, port, given_at FROM waiver"
	" WHERE host = ?1 ORDER BY id",
[SQL_WAIVER_SAVE] =
	"INSERT INTO waiver (host, spki, guard, ip, port, given_at)"
	" VALUES (?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (host, spki, guard, ip, port) DO UPDATE SET"
	" given_at = excluded.given_at"
	" WHERE given_at IS NOT excluded.given_at",
[SQL_WAIVER_COUNT] = "SELECT count(*) FROM waiver WHERE host = ?1",
[SQL_WAIVER_KEYS] =
	"SELECT id, spki, guard, ip, port FROM waiver WHERE host = ?1",
[SQL_WAIVER_DROP] = "DELETE FROM waiver WHERE id = ?1",
};
/* clang-format on */
