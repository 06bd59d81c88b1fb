/*
 * code.h - what can be wrong, by name: the one list of codes, and how long
 * each may last before it is a warning, and critical.
 */
#ifndef CORE_CODE_H
#define CORE_CODE_H

#include "base/when.h"
#include "core/host.h"

enum level { LEVEL_QUIET, LEVEL_WARNING, LEVEL_CRITICAL, LEVEL_COUNT };

const char *level_name(int level); /* "ok", "warning", "critical" */

#define AT_ONCE 0

/*
 * X(id, name, warning after, critical after, what, for mail now, if nothing is
 * done).  NEVER: never by time alone; what finds it may say that it is worse.  A
 * code that is NEVER, NEVER is a note: said once, to the log.
 */
/* clang-format off */
#define CODE_LIST(X)							\
	X(INV1, "inv1", AT_ONCE, AT_ONCE,				\
	    "records do not match what is presented",			\
	    "DANE senders defer mail now.",				\
	    "Deferred mail comes back to its senders after some days.")	\
	X(REGRESSION_LIVE, "regression-live", AT_ONCE, AT_ONCE,		\
	    "a name server lost the record of the key in use",		\
	    "DANE senders whose resolvers ask it defer mail now.",	\
	    "Deferred mail comes back to its senders after some days.")	\
	X(AGILITY, "agility", AT_ONCE, 3 * WHEN_DAY,				\
	    "a kind of record matches nothing",				\
	    "Some DANE senders defer mail now, others deliver.",	\
	    "It stays so, and no other key is deployed.")		\
	X(FOREIGN_CERT, "foreign-cert", AT_ONCE, NEVER,			\
	    "a key is in use that danesafe does not know",		\
	    "Mail flows if a published record matches that key.",	\
	    "Its next change may stop DANE mail without warning.")	\
	X(PREMATURE_DEPLOY, "premature-deploy", AT_ONCE, AT_ONCE,	\
	    "a key is presented before all caches know it",		\
	    "DANE senders with older records defer mail now.",		\
	    "They defer until their caches have the new record.")	\
	X(DNSSEC_BOGUS, "dnssec-bogus", AT_ONCE, 1 * WHEN_HOUR,		\
	    "an answer does not validate",				\
	    "Senders whose resolvers ask there may defer mail now.",	\
	    "Mail to everything in that zone is deferred, then returned.") \
	X(DOE_BROKEN, "doe-broken", AT_ONCE, 1 * WHEN_HOUR,			\
	    "the proof that there is nothing is wrong",			\
	    "Senders whose resolvers ask there may defer mail now.",	\
	    "Mail is deferred, then returned, and nothing is changed.")	\
	X(SIG_EXPIRING, "sig-expiring", AT_ONCE, 2 * WHEN_DAY,		\
	    "a signature is about to end",				\
	    "Mail is not affected before it has ended.",		\
	    "When it ends, senders defer all mail to names of that zone.") \
	X(STARTTLS_MISSING, "starttls-missing", AT_ONCE, NEVER,		\
	    "an endpoint does not offer STARTTLS",			\
	    "Where records are published, DANE senders defer mail now.", \
	    "Deferred mail comes back to its senders after some days.")	\
	X(KEY_FILE, "key-file", AT_ONCE, 3 * WHEN_DAY,			\
	    "the file of a key is missing, changed or unreadable",	\
	    "Mail flows; with a key in use, until Postfix reads its files again.", \
	    "If a key in use is lost, mail waits for a whole rollover.") \
	X(KEY_MODE, "key-mode", AT_ONCE, NEVER,				\
	    "the file of a key lets others read it",			\
	    "Mail is not affected.",					\
	    "Whoever read it can pose as this server, DANE or not.")	\
	X(ALIAS_LOOP, "alias-loop", AT_ONCE, AT_ONCE,			\
	    "a chain of aliases has no end",				\
	    "DANE senders defer mail now: no answer is no delivery.",	\
	    "Deferred mail comes back to its senders after some days.")	\
	X(DANE_INACTIVE, "dane-inactive", AT_ONCE, NEVER,			\
	    "an alias leads to a name without records",			\
	    "Mail flows without DANE.",					\
	    "It stays unprotected.")					\
	X(GEN_STUCK, "gen-stuck", 1 * WHEN_DAY, 7 * WHEN_DAY,			\
	    "the record of a key is not in the DNS",			\
	    "Mail is not affected.",					\
	    "The key never becomes ready, and the one in use grows old.") \
	X(UPD_FAILED, "upd-failed", AT_ONCE, 3 * WHEN_DAY,			\
	    "the primary cannot be asked, or refuses the update",	\
	    "Mail is not affected.",					\
	    "No record is added or removed; rollovers wait.")		\
	X(PUB_LAG, "pub-lag", 1 * WHEN_HOUR, 24 * WHEN_HOUR,			\
	    "a name server has not got a record yet",			\
	    "Mail is not affected.",					\
	    "The rollover waits for it.")				\
	X(NS_UNREACH, "ns-unreach", 1 * WHEN_HOUR, 24 * WHEN_HOUR,			\
	    "a name server gives no answer",				\
	    "Mail is not affected while others answer.",		\
	    "The rollover waits for it: silence is not consent.")	\
	X(NS_MISMATCH, "ns-mismatch", AT_ONCE, NEVER,			\
	    "parent and zone list different name servers",		\
	    "Mail is not affected while all of them answer alike.",	\
	    "A server that nobody keeps will serve old records one day.") \
	X(REGRESSION, "regression", AT_ONCE, NEVER,			\
	    "a name server went back to an older zone",			\
	    "Mail is not affected while it shows the key in use.",	\
	    "Waits that it undid begin anew.")				\
	X(HOLD, "hold", NEVER, NEVER,						\
	    "the end of a wait moves away again and again",		\
	    "Mail is not affected.",					\
	    "The key becomes ready later, or never.")			\
	X(READY_NO_CERT, "ready-no-cert", 1 * WHEN_DAY, 7 * WHEN_DAY,		\
	    "a key has no certificate that fits",			\
	    "Mail is not affected.",					\
	    "The key cannot be deployed.")				\
	X(DEADLINE, "deadline", AT_ONCE, NEVER,				\
	    "the certificate in use ends soon",				\
	    "DANE (3 x x) looks at no dates; others may refuse it when it ends.", \
	    "MTA-STS senders and mail programs refuse it then.")	\
	X(DEPLOY_PARTIAL, "deploy-partial", 15 * WHEN_MINUTE, 1 * WHEN_HOUR,	\
	    "an endpoint presents another key",				\
	    "Mail is not affected: both records are published.",	\
	    "The old key is not retired.")				\
	X(ENDPOINT_DOWN, "endpoint-down", 1 * WHEN_HOUR, 24 * WHEN_HOUR,		\
	    "an endpoint cannot be looked at",				\
	    "Mail to it waits, or takes another address.",		\
	    "The old key is not retired: it may still be presented there.") \
	X(RETIRE_LAG, "retire-lag", 24 * WHEN_HOUR, 7 * WHEN_DAY,			\
	    "a name server still shows the record of an old key",	\
	    "Mail is not affected.",					\
	    "Whoever has the old key could use it, for those who ask there.") \
	X(STANDBY_MISSING, "standby-missing", 7 * WHEN_DAY, 30 * WHEN_DAY,		\
	    "no key is ready to take over",				\
	    "Mail is not affected.",					\
	    "In an emergency a new key needs the whole wait.")		\
	X(BLOCKED, "blocked", AT_ONCE, 3 * WHEN_DAY,				\
	    "something is not understood",				\
	    "Mail is not affected by danesafe, which changes nothing.",	\
	    "Nothing is changed until it is understood.")		\
	X(REFUSED, "refused", AT_ONCE, 3 * WHEN_DAY,				\
	    "the law refuses a step",					\
	    "Mail is not affected: the step was not taken.",		\
	    "The step is not taken.")					\
	X(FAILED, "failed", AT_ONCE, 3 * WHEN_DAY,				\
	    "a step failed",						\
	    "Mail is not affected by a step that was not taken.",	\
	    "It is tried again at every run.")				\
	X(TLSA_FOREIGN, "tlsa-foreign", NEVER, NEVER,				\
	    "a record names no key of the host",			\
	    "Mail is not affected.",					\
	    "The record is kept.")					\
	X(TLSA_UNUSABLE, "tlsa-unusable", NEVER, NEVER,			\
	    "a record is there that no mail sender uses",		\
	    "Mail is not affected.",					\
	    "The record is kept.")					\
	X(WILDCARD_SHADOW, "wildcard-shadow", AT_ONCE, NEVER,		\
	    "first records would hide a wildcard from other names",	\
	    "Mail is not affected: nothing is published.",		\
	    "The records are not published.")				\
	X(UNVERIFIED, "unverified", NEVER, NEVER,				\
	    "a name server cannot be asked from here, and is not waited for", \
	    "Mail is not affected, if it serves what its other address does.", \
	    "It stays unverified.")					\
	X(CLOCK_ANOMALY, "clock-anomaly", AT_ONCE, 3 * WHEN_DAY,		\
	    "the clock jumped",						\
	    "Mail is not affected.",					\
	    "Nothing is changed until the time is set; every wait goes on.") \
	X(POLL_GAP, "poll-gap", NEVER, NEVER,					\
	    "no run ended for long",				\
	    "Mail is not affected.",					\
	    "What may have been served meanwhile is waited for.")	\
	X(AGENT_DEAD, "agent-dead", 2 * WHEN_HOUR, 26 * WHEN_HOUR,			\
	    "the runs have stopped",					\
	    "Nobody knows: this is the state of the last run.",		\
	    "Nothing is watched, renewed or rolled over.")		\
	X(RUN_FAILED, "run-failed", AT_ONCE, 1 * WHEN_DAY,			\
	    "a run ended with an error",				\
	    "Nobody knows: nothing was looked at.",			\
	    "Nothing is watched, renewed or rolled over.")		\
	X(ALERT_FAILED, "alert-failed", AT_ONCE, 1 * WHEN_DAY,		\
	    "people cannot be told",					\
	    "Mail from this machine may not leave it.",			\
	    "Alerts are only in the log, status, check and metrics.")
/* clang-format on */

enum code {
#define X(id, name, w, c, what, mail, rest) CODE_##id,
	CODE_LIST(X)
#undef X
	    CODE_COUNT,
	CODE_NONE = CODE_COUNT,
};

const char *code_name(enum code c);
enum code code_parse(const char *name); /* CODE_NONE: there is none */
const char *code_what(enum code c);	/* a few words */
const char *code_mail(enum code c);	/* what it means for mail now */
const char *code_rest(enum code c);	/* if nothing is done */

/* To be known, and nothing more. */
bool code_is_note(enum code c);

/*
 * The level that it has by time alone once it has lasted that long.  The
 * figures are for a stuck-warning of 24h and a stuck-critical of 72h: shorter
 * ones are cut to the setting, the others grow and shrink with it.  Those of
 * agent-dead are fixed.
 */
enum level code_level(enum code c, int64_t lasted, const struct policy *p);

#endif
