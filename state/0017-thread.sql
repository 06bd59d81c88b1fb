-- 0017-thread.sql - which mail first told of a trouble: later ones refer to it.

-- When that began for which it was sent, or, of a mail about many, when that
-- was sent (wall; 0: none, or one before this migration).
ALTER TABLE concern ADD COLUMN mail_root INTEGER NOT NULL DEFAULT 0
	CHECK (mail_root >= 0);
ALTER TABLE concern ADD COLUMN mail_many INTEGER NOT NULL DEFAULT 0
	CHECK (mail_many IN (0, 1));
