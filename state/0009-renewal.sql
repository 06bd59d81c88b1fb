-- 0009-renewal.sql - another certificate for a deployed key: the chain that
-- waits to be presented, and the one that was presented before, while the zone
-- has a record of it.

ALTER TABLE key ADD COLUMN next_chain INTEGER REFERENCES chain (id);
ALTER TABLE key ADD COLUMN past_chain INTEGER REFERENCES chain (id);
CREATE INDEX key_next_chain ON key (next_chain);
CREATE INDEX key_past_chain ON key (past_chain);
