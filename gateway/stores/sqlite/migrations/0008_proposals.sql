-- Changes of trust that a second officer must approve. settlement is empty while one waits.
CREATE TABLE proposal (
    id          INTEGER PRIMARY KEY,
    type        TEXT NOT NULL,
    identity    TEXT NOT NULL,
    version     INTEGER NOT NULL,
    digest      BLOB NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    settlement  TEXT NOT NULL DEFAULT '',
    settled_by  TEXT NOT NULL DEFAULT '',
    settled_at  INTEGER,
    note        BLOB NOT NULL
) STRICT;
