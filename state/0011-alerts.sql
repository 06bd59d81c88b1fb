-- 0011-alerts.sql - what people were told, by each channel; what they
-- acknowledged; and channels that fail.  Codes have other names.

-- What the log was last told (said_at: when); then mail and command.
ALTER TABLE concern ADD COLUMN said_level INTEGER NOT NULL DEFAULT 0
	CHECK (said_level BETWEEN 0 AND 2);
ALTER TABLE concern ADD COLUMN mail_level INTEGER NOT NULL DEFAULT 0
	CHECK (mail_level BETWEEN 0 AND 2);
ALTER TABLE concern ADD COLUMN mail_at INTEGER CHECK (mail_at >= 0);
ALTER TABLE concern ADD COLUMN command_level INTEGER NOT NULL DEFAULT 0
	CHECK (command_level BETWEEN 0 AND 2);
ALTER TABLE concern ADD COLUMN command_at INTEGER CHECK (command_at >= 0);
-- It is over, and some channel is still to be told so.
ALTER TABLE concern ADD COLUMN over_at INTEGER CHECK (over_at >= 0);
-- Acknowledged until then, as long as it is no worse.
ALTER TABLE concern ADD COLUMN quiet_until INTEGER CHECK (quiet_until >= 0);
ALTER TABLE concern ADD COLUMN quiet_level INTEGER NOT NULL DEFAULT 0
	CHECK (quiet_level BETWEEN 0 AND 2);
-- A wait: when it ends, and how often that moved away.
ALTER TABLE concern ADD COLUMN eta INTEGER CHECK (eta >= 0);
ALTER TABLE concern ADD COLUMN moved INTEGER NOT NULL DEFAULT 0
	CHECK (moved >= 0);

UPDATE concern SET said_level = level WHERE said_at IS NOT NULL;
UPDATE concern SET code = CASE code
	WHEN 'law' THEN 'inv1'
	WHEN 'kind' THEN 'agility'
	WHEN 'foreign' THEN 'foreign-cert'
	WHEN 'stored' THEN 'key-file'
	WHEN 'cert' THEN 'ready-no-cert'
	WHEN 'alias' THEN 'alias-loop'
	WHEN 'inactive' THEN 'dane-inactive'
	WHEN 'signature' THEN 'sig-expiring'
	WHEN 'serial' THEN 'regression'
	WHEN 'shown' THEN 'pub-lag'
	WHEN 'served' THEN 'deploy-partial'
	WHEN 'gone' THEN 'retire-lag'
	ELSE code END;

-- A way to people that does not work: since when, and when it is tried again.
CREATE TABLE channel (
	name TEXT PRIMARY KEY,
	failures INTEGER NOT NULL CHECK (failures > 0),
	since INTEGER NOT NULL CHECK (since >= 0),
	retry_at INTEGER NOT NULL CHECK (retry_at >= 0),
	why TEXT NOT NULL
) STRICT, WITHOUT ROWID;
