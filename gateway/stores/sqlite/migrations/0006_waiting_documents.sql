-- Notes that are not in force: this administration's own next descriptors, each with the time from which it is to be
-- (source empty), and what partners have offered (source: the partner). digest is of the note's text.
CREATE TABLE waiting_document (
    id          INTEGER PRIMARY KEY,
    source      TEXT NOT NULL,
    digest      BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    note        BLOB NOT NULL,
    UNIQUE (source, digest)
) STRICT;

-- Which version of this administration's own descriptor a partner has shown that it holds.
CREATE TABLE descriptor_held (
    partner TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
