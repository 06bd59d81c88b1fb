-- 0007-pause.sql - a host whose steps a person froze; nothing when it is not.

CREATE TABLE pause (
	host TEXT NOT NULL PRIMARY KEY CHECK (host <> ''),
	since INTEGER NOT NULL,
	until INTEGER NOT NULL CHECK (until > since),
	actor TEXT NOT NULL,
	reason TEXT NOT NULL CHECK (reason <> '')
) STRICT, WITHOUT ROWID;
