-- 0010-signed.sql - when the signatures end that an authority showed, and a
-- guard that asks for it.
--
-- The list of guards has grown: the table with it is made anew.

-- wall; 0: none was seen.  renewed: newer ones were seen to take the place of
-- others.
ALTER TABLE authority ADD COLUMN records_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE authority ADD COLUMN records_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE authority ADD COLUMN keys_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE authority ADD COLUMN keys_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE authority ADD COLUMN renewed INTEGER NOT NULL DEFAULT 0
	CHECK (renewed IN (0, 1));

CREATE TABLE waiver_was AS
	SELECT id, host, spki, guard, ip, port, given_at FROM waiver;
DROP TABLE waiver;

-- A guard waived by hand for one key.
CREATE TABLE waiver (
	id INTEGER PRIMARY KEY,
	host INTEGER NOT NULL,
	spki BLOB NOT NULL,
	guard TEXT NOT NULL CHECK (guard IN (@GUARDS@)),
	ip TEXT NOT NULL,
	port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),
	given_at INTEGER CHECK (given_at >= 0),
	UNIQUE (host, spki, guard, ip, port),
	FOREIGN KEY (host, spki) REFERENCES key (host, spki)
) STRICT;

INSERT INTO waiver SELECT * FROM waiver_was;
DROP TABLE waiver_was;
