-- 0001-first.sql - the state of danesafe.  The tables in words: state/README.
--
-- Never edited once released: a change is a new file with the next number.
-- A word between two at-signs stands for a list in include/core or
-- include/edge; embed.sh puts the quoted names in its place.

-- One row about the agent itself.
CREATE TABLE agent (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	elapsed INTEGER NOT NULL CHECK (elapsed >= 0),
	elapsed_ms INTEGER NOT NULL CHECK (elapsed_ms BETWEEN 0 AND 999),
	boot_id TEXT NOT NULL,
	boot_ms INTEGER NOT NULL,
	wall INTEGER NOT NULL,
	trusted INTEGER NOT NULL CHECK (trusted IN (0, 1)),
	clock_why TEXT NOT NULL,
	clock_offset_ms INTEGER NOT NULL,
	started INTEGER NOT NULL,
	finished INTEGER NOT NULL,
	exit_code INTEGER NOT NULL,
	clean INTEGER NOT NULL
) STRICT;

INSERT INTO agent VALUES (1, 0, 0, '', 0, 0, 0, '', 0, 0, 0, 0, 0);

CREATE TRIGGER agent_stays BEFORE DELETE ON agent
BEGIN
	SELECT RAISE(ABORT, 'the row of the agent stays');
END;

CREATE TRIGGER agent_elapsed_grows BEFORE UPDATE ON agent
WHEN NEW.elapsed < OLD.elapsed
BEGIN
	SELECT RAISE(ABORT, 'the counter of elapsed time never goes back');
END;

-- One managed host, with the policy of the last pass (all in seconds).
CREATE TABLE host (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE CHECK (name <> ''),
	adopted_at INTEGER CHECK (adopted_at >= 0),
	standby INTEGER NOT NULL CHECK (standby IN (0, 1)),
	publishes INTEGER NOT NULL CHECK (publishes IN (0, 1)),
	hold_factor INTEGER NOT NULL CHECK (hold_factor >= 0),
	stale_allowance INTEGER NOT NULL CHECK (stale_allowance >= 0),
	hold_floor INTEGER NOT NULL CHECK (hold_floor >= 0),
	client_slack INTEGER NOT NULL CHECK (client_slack >= 0),
	clock_slack INTEGER NOT NULL CHECK (clock_slack >= 0),
	settle INTEGER NOT NULL CHECK (settle >= 0),
	assumed_ttl INTEGER NOT NULL CHECK (assumed_ttl >= 0),
	retire_hold INTEGER NOT NULL CHECK (retire_hold >= 0),
	key_retention INTEGER NOT NULL CHECK (key_retention >= 0),
	rollover_every INTEGER NOT NULL CHECK (rollover_every >= 0),
	stuck_warning INTEGER NOT NULL CHECK (stuck_warning >= 0),
	stuck_critical INTEGER NOT NULL CHECK (stuck_critical >= 0),
	repeat INTEGER NOT NULL CHECK (repeat >= 0)
) STRICT;

-- What is wanted of each slot of a host.
CREATE TABLE slot (
	host INTEGER NOT NULL REFERENCES host (id),
	slot TEXT NOT NULL CHECK (slot IN (@SLOTS@)),
	managed INTEGER NOT NULL CHECK (managed IN (0, 1)),
	kind TEXT CHECK (kind IN (@KINDS@)),
	rollover_wall INTEGER NOT NULL,
	compromised INTEGER NOT NULL CHECK (compromised IN (0, 1)),
	PRIMARY KEY (host, slot)
) STRICT, WITHOUT ROWID;

-- A TLSA record set in canonical bytes; each is here once a host.
CREATE TABLE rrset (
	id INTEGER PRIMARY KEY,
	host INTEGER NOT NULL REFERENCES host (id),
	bytes BLOB NOT NULL CHECK (length(bytes) % 68 = 0),
	UNIQUE (host, bytes)
) STRICT;

-- A TLSA owner name of a host.
CREATE TABLE owner (
	id INTEGER PRIMARY KEY,
	host INTEGER NOT NULL REFERENCES host (id),
	name TEXT NOT NULL,
	port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),
	zone TEXT NOT NULL,
	UNIQUE (host, name)
) STRICT;

-- An authoritative address for an owner, and the last look at it.
CREATE TABLE authority (
	id INTEGER PRIMARY KEY,
	owner INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
	ip TEXT NOT NULL,
	port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),
	name TEXT NOT NULL,
	first_seen INTEGER CHECK (first_seen >= 0),
	left_at INTEGER CHECK (left_at >= 0),
	ns_ttl INTEGER NOT NULL CHECK (ns_ttl BETWEEN 0 AND 4294967295),
	look TEXT NOT NULL CHECK (look IN (@LOOKS@)),
	rrset INTEGER REFERENCES rrset (id),
	ttl INTEGER NOT NULL CHECK (ttl BETWEEN 0 AND 4294967295),
	serial INTEGER CHECK (serial BETWEEN 0 AND 4294967295),
	looked_at INTEGER CHECK (looked_at >= 0),
	looked_wall INTEGER NOT NULL,
	why TEXT NOT NULL,
	UNIQUE (owner, ip, port)
) STRICT;
CREATE INDEX authority_rrset ON authority (rrset);

-- That an address served this set with this TTL: the memory of the DNS.
CREATE TABLE sighting (
	id INTEGER PRIMARY KEY,
	owner INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
	ip TEXT NOT NULL,
	port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),
	rrset INTEGER NOT NULL REFERENCES rrset (id),
	ttl INTEGER NOT NULL CHECK (ttl BETWEEN 0 AND 4294967295),
	first_seen INTEGER CHECK (first_seen >= 0),
	last_seen INTEGER CHECK (last_seen >= 0),
	gone INTEGER CHECK (gone >= 0),
	UNIQUE (owner, ip, port, rrset, ttl)
) STRICT;
CREATE INDEX sighting_rrset ON sighting (rrset);

-- An address and port where a sender may connect, and its last sweep.
CREATE TABLE endpoint (
	id INTEGER PRIMARY KEY,
	owner INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
	ip TEXT NOT NULL,
	port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),
	configured INTEGER NOT NULL CHECK (configured IN (0, 1)),
	left_at INTEGER CHECK (left_at >= 0),
	ttl INTEGER NOT NULL CHECK (ttl BETWEEN 0 AND 4294967295),
	sweep TEXT NOT NULL CHECK (sweep IN (@SWEEPS@)),
	swept_at INTEGER CHECK (swept_at >= 0),
	swept_wall INTEGER NOT NULL,
	why TEXT NOT NULL,
	UNIQUE (owner, ip, port)
) STRICT;

-- The keys that the last complete sweep of an endpoint saw there.
CREATE TABLE presented (
	endpoint INTEGER NOT NULL REFERENCES endpoint (id) ON DELETE CASCADE,
	pos INTEGER NOT NULL CHECK (pos BETWEEN 0 AND 7),
	spki BLOB NOT NULL CHECK (length(spki) = 32),
	slot TEXT CHECK (slot IN (@SLOTS@)),
	PRIMARY KEY (endpoint, pos)
) STRICT, WITHOUT ROWID;

-- A key pair; never deleted, so that no key is ever taken for a new one.
CREATE TABLE key (
	id INTEGER PRIMARY KEY,
	host INTEGER NOT NULL REFERENCES host (id),
	spki BLOB NOT NULL CHECK (length(spki) = 32),
	slot TEXT NOT NULL CHECK (slot IN (@SLOTS@)),
	kind TEXT CHECK (kind IN (@KINDS@)),
	stage TEXT NOT NULL CHECK (stage IN (@STAGES@)),
	adopted INTEGER NOT NULL CHECK (adopted IN (0, 1)),
	compromised INTEGER NOT NULL CHECK (compromised IN (0, 1)),
	entered_at INTEGER CHECK (entered_at >= 0),
	entered_wall INTEGER NOT NULL,
	deployed_wall INTEGER NOT NULL,
	clean_since INTEGER CHECK (clean_since >= 0),
	destroyed_at INTEGER CHECK (destroyed_at >= 0),
	key_file TEXT NOT NULL,
	cert_file TEXT NOT NULL,
	UNIQUE (host, spki)
) STRICT;

CREATE TRIGGER key_stays BEFORE DELETE ON key
BEGIN
	SELECT RAISE(ABORT, 'a key is never deleted');
END;

CREATE TRIGGER key_is_itself BEFORE UPDATE ON key
WHEN NEW.id <> OLD.id OR NEW.host <> OLD.host OR NEW.spki <> OLD.spki
	OR NEW.slot <> OLD.slot
BEGIN
	SELECT RAISE(ABORT, 'a key stays in its host and slot');
END;

CREATE TRIGGER key_destroyed_once BEFORE UPDATE ON key
WHEN OLD.destroyed_at IS NOT NULL
	AND NEW.destroyed_at IS NOT OLD.destroyed_at
BEGIN
	SELECT RAISE(ABORT, 'a key is destroyed only once');
END;

CREATE TRIGGER key_stage_forward BEFORE UPDATE ON key
WHEN OLD.stage IN ('deployed', 'retiring', 'retired')
	AND NEW.stage <> OLD.stage
	AND NOT (OLD.stage = 'deployed'
		AND NEW.stage IN ('retiring', 'retired'))
	AND NOT (OLD.stage = 'retiring'
		AND NEW.stage IN ('deployed', 'retired'))
BEGIN
	SELECT RAISE(ABORT, 'a key that was deployed does not go back');
END;

-- A guard waived by hand for one key.
CREATE TABLE waiver (
	id INTEGER PRIMARY KEY,
	host INTEGER NOT NULL,
	spki BLOB NOT NULL,
	guard TEXT NOT NULL CHECK (guard IN (@GUARDS@)),
	ip TEXT NOT NULL,
	port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),
	given_at INTEGER CHECK (given_at >= 0),
	UNIQUE (host, spki, guard, ip, port),
	FOREIGN KEY (host, spki) REFERENCES key (host, spki)
) STRICT;

-- What was done and said; a line is written once.
CREATE TABLE journal (
	id INTEGER PRIMARY KEY,
	wall INTEGER NOT NULL,
	elapsed INTEGER CHECK (elapsed >= 0),
	host TEXT NOT NULL,
	spki BLOB CHECK (length(spki) = 32),
	kind TEXT NOT NULL CHECK (kind IN (@ENTRIES@)),
	act TEXT NOT NULL CHECK (act IN (@ACTS@)),
	intent INTEGER REFERENCES journal (id),
	ok INTEGER NOT NULL CHECK (ok IN (0, 1)),
	actor TEXT NOT NULL,
	text TEXT NOT NULL,
	CHECK ((kind = 'outcome') = (intent IS NOT NULL))
) STRICT;
CREATE INDEX journal_host ON journal (host);
CREATE INDEX journal_wall ON journal (wall);
CREATE INDEX journal_intent ON journal (host) WHERE kind = 'intent';
CREATE UNIQUE INDEX journal_outcome ON journal (intent)
	WHERE intent IS NOT NULL;

CREATE TRIGGER journal_outcome_of BEFORE INSERT ON journal
WHEN NEW.intent IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'an outcome names an intent of its host')
	WHERE NOT EXISTS (SELECT 1 FROM journal
		WHERE id = NEW.intent AND kind = 'intent'
		AND host = NEW.host);
END;

CREATE TRIGGER journal_unchanged BEFORE UPDATE ON journal
BEGIN
	SELECT RAISE(ABORT, 'a line of the journal is never changed');
END;

CREATE TRIGGER journal_stays BEFORE DELETE ON journal
BEGIN
	SELECT RAISE(ABORT, 'a line of the journal is never deleted');
END;

-- What needs attention, while it lasts.
CREATE TABLE concern (
	host TEXT NOT NULL,
	pos INTEGER NOT NULL CHECK (pos >= 0),
	spki BLOB CHECK (length(spki) = 32),
	code TEXT NOT NULL,
	since INTEGER CHECK (since >= 0),
	since_wall INTEGER NOT NULL,
	level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 2),
	said_at INTEGER CHECK (said_at >= 0),
	text TEXT NOT NULL,
	PRIMARY KEY (host, pos)
) STRICT, WITHOUT ROWID;
