-- Agreements that this side has suspended on its own word; they do not count from begins on. The audit log keeps those
-- that were lifted.
CREATE TABLE agreement_pause (
    agreement TEXT PRIMARY KEY,
    begins    INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    paused_by TEXT NOT NULL,
    paused_at INTEGER NOT NULL
) STRICT;
