-- 0016-last-look.sql - when a host was last looked at and swept, once a host:
-- what the last look saw, as nearly all of it did, is not written again for
-- its time alone.

-- looked_*: of the last look; swept_at: of the last whole sweep of an
-- endpoint; swept_wall: of the last attempt.
ALTER TABLE host ADD COLUMN looked_at INTEGER CHECK (looked_at >= 0);
ALTER TABLE host ADD COLUMN looked_wall INTEGER NOT NULL DEFAULT 0;
ALTER TABLE host ADD COLUMN swept_at INTEGER CHECK (swept_at >= 0);
ALTER TABLE host ADD COLUMN swept_wall INTEGER NOT NULL DEFAULT 0;

-- 1: looked_at and looked_wall, last_seen, heard_at, swept_at, swept_wall are
-- those of the host; the columns themselves are empty.
ALTER TABLE authority ADD COLUMN looked_last INTEGER NOT NULL DEFAULT 0
	CHECK (looked_last IN (0, 1));
ALTER TABLE sighting ADD COLUMN seen_last INTEGER NOT NULL DEFAULT 0
	CHECK (seen_last IN (0, 1));
ALTER TABLE instance ADD COLUMN heard_last INTEGER NOT NULL DEFAULT 0
	CHECK (heard_last IN (0, 1));
ALTER TABLE endpoint ADD COLUMN swept_last INTEGER NOT NULL DEFAULT 0
	CHECK (swept_last IN (0, 1));
ALTER TABLE endpoint ADD COLUMN tried_last INTEGER NOT NULL DEFAULT 0
	CHECK (tried_last IN (0, 1));
