-- The reliance ledger (gateway/ports/ledger.py). A decision's id is a UUIDv7 of 16 bytes: it grows with time, so that
-- every table here is appended to. outcome, goods and finding are numbers of gateway/stores/sqlite/ledger_rows.py.
CREATE TABLE reliance (
    decision    BLOB PRIMARY KEY,
    decided_at  INTEGER NOT NULL,
    outcome     INTEGER NOT NULL,
    overridden  INTEGER NOT NULL DEFAULT 0,
    goods       INTEGER NOT NULL DEFAULT 0,
    goods_since INTEGER,
    finding     INTEGER NOT NULL DEFAULT 0,
    partners    TEXT NOT NULL,
    consignment BLOB NOT NULL,
    report      BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;

-- Who did what: few rows, so that the many refer to them by a number.
CREATE TABLE reliance_source (
    id      INTEGER PRIMARY KEY,
    partner TEXT NOT NULL,
    method  TEXT NOT NULL,
    office  TEXT NOT NULL,
    device  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    UNIQUE (partner, method, office, device, kind)
) STRICT;

-- On what each check was left out. outcome, finding and decided_at are those of the decision, here again: the figures
-- of a year are one scan of this table, and a join would cost four times as much.
CREATE TABLE reliance_basis (
    decision   BLOB NOT NULL,
    place      INTEGER NOT NULL,
    source     INTEGER NOT NULL,
    outcome    INTEGER NOT NULL,
    finding    INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    done_at    INTEGER NOT NULL,
    PRIMARY KEY (decision, place)
) STRICT, WITHOUT ROWID;

-- Which decisions stand on a record. A record is used soon after it came, so the new rows lie near each other.
CREATE TABLE reliance_record (
    record   BLOB NOT NULL,
    decision BLOB NOT NULL,
    PRIMARY KEY (record, decision)
) STRICT, WITHOUT ROWID;

CREATE INDEX reliance_record_by_decision ON reliance_record (decision);

-- Suspensions of reliance on a part of what a partner states; scope is JSON, its fields those of the port.
CREATE TABLE suspension (
    number        INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    by_client     TEXT NOT NULL,
    request_id    TEXT NOT NULL,
    scope         TEXT NOT NULL,
    reason        TEXT NOT NULL,
    since         INTEGER NOT NULL,
    until         INTEGER,
    lifted_at     INTEGER,
    lifted_reason TEXT NOT NULL DEFAULT '',
    UNIQUE (by_client, request_id)
) STRICT;

-- How far a duty of this node has come in an order of its own; what lies before is done.
CREATE TABLE duty (
    name     TEXT PRIMARY KEY,
    position TEXT NOT NULL
) STRICT, WITHOUT ROWID;
