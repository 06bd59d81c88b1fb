-- 0004-alias.sql - names that stand for others, and wildcards.
--
-- A set may be an alias: no records, and the name that it stands for.  The
-- table is made anew, since a set is now told by both; what refers to its rows
-- goes on doing so.

PRAGMA defer_foreign_keys = ON;

CREATE TABLE rrset_was AS SELECT id, host, bytes FROM rrset;
DROP TABLE rrset;

-- A TLSA record set in canonical bytes, or an alias; each is here once a host.
CREATE TABLE rrset (
	id INTEGER PRIMARY KEY,
	host INTEGER NOT NULL REFERENCES host (id),
	bytes BLOB NOT NULL CHECK (length(bytes) % 68 = 0),
	alias TEXT NOT NULL DEFAULT '',
	CHECK (alias = '' OR length(bytes) = 0),
	UNIQUE (host, bytes, alias)
) STRICT;

INSERT INTO rrset SELECT id, host, bytes, '' FROM rrset_was;
DROP TABLE rrset_was;

-- The wildcard that the records at the owner are of, and the one that first
-- records there would hide.
ALTER TABLE owner ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE owner ADD COLUMN hides TEXT NOT NULL DEFAULT '';
