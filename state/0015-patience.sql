-- 0015-patience.sql - how long something may last before it is a warning,
-- where the zone itself says that it takes so long (SOA refresh).

ALTER TABLE concern ADD COLUMN patience INTEGER NOT NULL DEFAULT 0
	CHECK (patience >= 0);
