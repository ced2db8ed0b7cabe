-- What is the same for many decisions: partners, suspensions, agreements. Most decisions of a week refer to a few rows.
CREATE TABLE decision_surroundings (
    id     INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    facts  BLOB NOT NULL
) STRICT;

-- All facts of a decision are its own followed by these. Of decisions from before this, 0: they have all as their own.
ALTER TABLE decision ADD COLUMN surroundings INTEGER NOT NULL DEFAULT 0;
ALTER TABLE decision_revision ADD COLUMN surroundings INTEGER NOT NULL DEFAULT 0;

-- Every decision asks which links are suspended; hardly any is.
CREATE INDEX link_suspended ON link (partner, suspended) WHERE suspended <> '';
