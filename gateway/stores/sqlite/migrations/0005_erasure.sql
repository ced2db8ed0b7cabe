-- Operators whose consent a partner says is withdrawn, with the latest of its tombstones on each. due is the sequence of
-- the newest record that calls for erasure, 0 when all is erased and gone from the file.
CREATE TABLE consent_withdrawn (
    partner      TEXT NOT NULL,
    tin          TEXT NOT NULL,
    withdrawn_at INTEGER NOT NULL,
    stated_at    INTEGER NOT NULL,
    tombstone    INTEGER NOT NULL,
    due          INTEGER NOT NULL,
    PRIMARY KEY (partner, tin)
) STRICT, WITHOUT ROWID;

CREATE INDEX consent_due ON consent_withdrawn (due) WHERE due > 0;

-- Records whose content is gone: record.record and entry.salt are empty, the commitment stays. tombstone is the record
-- that called for it.
CREATE TABLE erased (
    sequence  INTEGER PRIMARY KEY,
    tin       TEXT NOT NULL,
    tombstone INTEGER NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

-- Quarantined records are in no view, and must be found all the same when they are to be erased.
CREATE INDEX record_quarantined ON record (subject) WHERE standing = 'QUARANTINED';
