-- Rules of this schema:
-- * A row that is written often is appended: its key grows with time. Nothing is indexed by a random digest.
-- * The large blob is the last column, so that a scan of the others does not touch its pages.
-- * Numbers are this file's own; partners, origins and record ids are what crosses borders.

-- One row a partner. suspended is the reason, empty while the link may be used.
CREATE TABLE link (
    id        INTEGER PRIMARY KEY,
    partner   TEXT NOT NULL UNIQUE,
    suspended TEXT NOT NULL DEFAULT ''
) STRICT;

-- One row a link log: its head. received is 1 for the partner's log, 0 for this node's own. peaks are those of the
-- compact range at size; receipted is the newest receipt's size. The highest generation is the one in use.
CREATE TABLE log (
    id           INTEGER PRIMARY KEY,
    link         INTEGER NOT NULL,
    received     INTEGER NOT NULL,
    generation   INTEGER NOT NULL,
    origin       TEXT NOT NULL UNIQUE,
    size         INTEGER NOT NULL DEFAULT 0,
    peaks        BLOB NOT NULL DEFAULT x'',
    receipted    INTEGER NOT NULL DEFAULT 0,
    receipt_time INTEGER NOT NULL DEFAULT 0,
    UNIQUE (link, received, generation)
) STRICT;

-- Every record, in this node's order: an issued one as it was submitted, a received one in its exact bytes.
-- partners are the recipients of an issued one, or the issuer of a received one, as ' NL US '. record_id is NULL where
-- the record could not be read. violations are JSON, NULL when there are none.
CREATE TABLE record (
    sequence   INTEGER PRIMARY KEY,
    received   INTEGER NOT NULL,
    record_id  TEXT,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    partners   TEXT NOT NULL,
    supersedes TEXT,
    stored_at  INTEGER NOT NULL,
    standing   TEXT NOT NULL,
    violations TEXT,
    record     BLOB NOT NULL
) STRICT;

CREATE INDEX record_by_id ON record (record_id) WHERE record_id IS NOT NULL;
CREATE INDEX record_by_superseded ON record (supersedes) WHERE supersedes IS NOT NULL;

-- The released forms of issued records, once for all partners with the same form. A form that is the record as it was
-- submitted has no row here: what refers to it then holds NULL.
CREATE TABLE released (
    id     INTEGER PRIMARY KEY,
    record BLOB NOT NULL
) STRICT;

-- Agreements under which something was ever released, so that the outbox names them by a number.
CREATE TABLE released_under (
    id        INTEGER PRIMARY KEY,
    agreement TEXT NOT NULL,
    version   INTEGER NOT NULL,
    UNIQUE (agreement, version)
) STRICT;

-- What waits for its index in an issued log. subject_key is CRC-32 of the subject: two subjects that share one become
-- urgent together, which costs nothing else. agreement is a released_under.id, 0 for what needs no agreement. The index
-- lives only as long as its rows wait.
CREATE TABLE outbox (
    link        INTEGER NOT NULL,
    priority    INTEGER NOT NULL,
    sequence    INTEGER NOT NULL,
    released    INTEGER,
    subject_key INTEGER NOT NULL,
    agreement   INTEGER NOT NULL,
    PRIMARY KEY (link, priority, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_by_subject ON outbox (link, subject_key) WHERE priority > 0;

-- The leaves of every log. Their hashes follow from the commitment.
CREATE TABLE entry (
    log        INTEGER NOT NULL,
    idx        INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    released   INTEGER,
    salt       BLOB NOT NULL,
    commitment BLOB NOT NULL,
    PRIMARY KEY (log, idx)
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_by_record ON entry (sequence);

-- Complete inner nodes at the levels 8, 16, 24… (gateway/linklog/tiles.py).
CREATE TABLE node (
    log   INTEGER NOT NULL,
    level INTEGER NOT NULL,
    idx   INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (log, level, idx)
) STRICT, WITHOUT ROWID;

-- The sizes of an issued log that were committed as its head.
CREATE TABLE batch (
    log  INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (log, size)
) STRICT, WITHOUT ROWID;

-- Checkpoints with both sides' signatures; time is the receipt's.
CREATE TABLE receipt (
    log  INTEGER NOT NULL,
    size INTEGER NOT NULL,
    time INTEGER NOT NULL,
    note BLOB NOT NULL,
    PRIMARY KEY (log, size)
) STRICT, WITHOUT ROWID;

-- Which judgement records (sequence) speak of a log's entries first to last.
CREATE TABLE judgement (
    log      INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (log, first, last, sequence)
) STRICT, WITHOUT ROWID;

-- The latest word on a log's entries first to last. The ranges of a log never overlap, so that one search finds it,
-- however many judgements a partner sends.
CREATE TABLE verdict (
    log     INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (log, first)
) STRICT, WITHOUT ROWID;

-- What clients were answered. Only its index is searched; clients that count their request ids upwards keep it warm.
CREATE TABLE submission (
    id         INTEGER PRIMARY KEY,
    client     TEXT NOT NULL,
    request_id TEXT NOT NULL,
    digest     BLOB NOT NULL,
    answer     BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX submission_by_request ON submission (client, request_id);

-- Descriptors and agreements, every version.
CREATE TABLE document (
    id       INTEGER PRIMARY KEY,
    type     TEXT NOT NULL,
    identity TEXT NOT NULL,
    version  INTEGER NOT NULL,
    digest   BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    note     BLOB NOT NULL,
    UNIQUE (type, identity, version)
) STRICT;

-- Who changed what: one row a call, in the call's own transaction.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
