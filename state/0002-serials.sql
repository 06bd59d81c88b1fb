-- 0002-serials.sql - SOA serials, for messages: the newest that an authority
-- showed, to see that it went back, and the one at the primary.

ALTER TABLE authority ADD COLUMN newest_serial INTEGER
	CHECK (newest_serial BETWEEN 0 AND 4294967295);
ALTER TABLE owner ADD COLUMN primary_serial INTEGER
	CHECK (primary_serial BETWEEN 0 AND 4294967295);
