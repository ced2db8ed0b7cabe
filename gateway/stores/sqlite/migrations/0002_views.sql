-- Under which keys records are found (gateway/views/keys.py). key is CRC-32 of a text, so it comes in no order: rows
-- stand in segments of 65,536 records, and only the newest segment is written to. A reader looks into each.
CREATE TABLE view_index (
    segment  INTEGER NOT NULL,
    key      INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (segment, key, sequence)
) STRICT, WITHOUT ROWID;

-- One row: the version of the keys under which every record is filed; none before the first record or rebuild.
CREATE TABLE view_version (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
