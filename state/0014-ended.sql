-- 0014-ended.sql - the signatures over a set, by which it ends at a name
-- server that is silent for good.

-- signed_*: wall; the latest begin (0: none was seen), the latest end, the
-- longest life.  left_at: elapsed; the zone has another set since then.
-- resigned: the set was signed anew after that.  ended: no signature over it
-- can be valid any more.
ALTER TABLE sighting ADD COLUMN signed_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sighting ADD COLUMN signed_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sighting ADD COLUMN signed_life INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sighting ADD COLUMN left_at INTEGER CHECK (left_at >= 0);
ALTER TABLE sighting ADD COLUMN resigned INTEGER NOT NULL DEFAULT 0
	CHECK (resigned IN (0, 1));
ALTER TABLE sighting ADD COLUMN ended INTEGER NOT NULL DEFAULT 0
	CHECK (ended IN (0, 1));
