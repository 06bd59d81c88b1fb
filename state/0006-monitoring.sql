-- 0006-monitoring.sql - what metrics and checks tell besides: the end of a
-- key's certificate, runs that failed, steps forced by hand.

-- wall; 0: not known
ALTER TABLE key ADD COLUMN cert_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agent ADD COLUMN failures INTEGER NOT NULL DEFAULT 0
	CHECK (failures >= 0);
CREATE INDEX journal_force ON journal (host) WHERE kind = 'force';
