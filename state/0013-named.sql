-- 0013-named.sql - that an owner is in the config, or was until it was taken
-- out: senders may meet its records all the same.

ALTER TABLE owner ADD COLUMN named INTEGER NOT NULL DEFAULT 0
	CHECK (named IN (0, 1));
