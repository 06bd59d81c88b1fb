-- 0003-chain.sql - what an endpoint presented, and what a key would present,
-- beyond the key itself.

-- A chain of certificates by its digests; each is here once a host.
CREATE TABLE chain (
	id INTEGER PRIMARY KEY,
	host INTEGER NOT NULL REFERENCES host (id),
	bytes BLOB NOT NULL CHECK (length(bytes) % 323 = 2),
	UNIQUE (host, bytes)
) STRICT;

ALTER TABLE presented ADD COLUMN chain INTEGER REFERENCES chain (id);
ALTER TABLE key ADD COLUMN chain INTEGER REFERENCES chain (id);
CREATE INDEX presented_chain ON presented (chain);
CREATE INDEX key_chain ON key (chain);
