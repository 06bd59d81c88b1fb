-- 0005-instances.sql - several servers behind one address (anycast), by the
-- NSID that they give (RFC 5001).

ALTER TABLE authority ADD COLUMN nsid TEXT NOT NULL DEFAULT '';

-- A server behind an address, and what it was seen to serve the last time;
-- rrset NULL: it was heard of, and not yet heard about the records.
CREATE TABLE instance (
	id INTEGER PRIMARY KEY,
	owner INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
	ip TEXT NOT NULL,
	port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),
	nsid TEXT NOT NULL CHECK (nsid <> ''),
	rrset INTEGER REFERENCES rrset (id),
	ttl INTEGER NOT NULL CHECK (ttl BETWEEN 0 AND 4294967295),
	heard_at INTEGER CHECK (heard_at >= 0),
	UNIQUE (owner, ip, port, nsid)
) STRICT;
CREATE INDEX instance_rrset ON instance (rrset);
