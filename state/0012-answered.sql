-- 0012-answered.sql - that an authority ever answered, in whatever way: the
-- word of its other address does not do for it then.

ALTER TABLE authority ADD COLUMN answered INTEGER NOT NULL DEFAULT 0
	CHECK (answered IN (0, 1));
