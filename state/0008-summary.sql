-- 0008-summary.sql - what `status --short` and `check` say of a host, derived
-- by the pass that saved it.  No row: it is derived when it is asked for.

CREATE TABLE summary (
	host INTEGER PRIMARY KEY REFERENCES host (id),
	mark INTEGER NOT NULL,
	safe_from INTEGER CHECK (safe_from >= 0),
	cert_until INTEGER NOT NULL,
	line TEXT NOT NULL
) STRICT;

-- concerns that people are told of
CREATE INDEX concern_loud ON concern (host) WHERE level > 0;
