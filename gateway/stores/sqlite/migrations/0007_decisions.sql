-- Decisions as they stand. outcome and change are the numbers of the API. answer and facts are serialized messages
-- (national/v1). from_sequence is the newest record that the facts could have. overridden is empty unless an officer
-- did otherwise.
CREATE TABLE decision (
    number        INTEGER PRIMARY KEY,
    decision_id   TEXT NOT NULL,
    client        TEXT NOT NULL,
    request_id    TEXT NOT NULL,
    digest        BLOB NOT NULL,
    revision      INTEGER NOT NULL,
    made_at       INTEGER NOT NULL,
    outcome       INTEGER NOT NULL,
    pending_until INTEGER,
    from_sequence INTEGER NOT NULL,
    overridden    BLOB NOT NULL DEFAULT x'',
    answer        BLOB NOT NULL,
    facts         BLOB NOT NULL
) STRICT;

-- Clients that count their request ids upwards keep this warm; decision ids grow with time.
CREATE UNIQUE INDEX decision_by_request ON decision (client, request_id);
CREATE UNIQUE INDEX decision_by_id ON decision (decision_id);
CREATE INDEX decision_pending ON decision (pending_until) WHERE pending_until IS NOT NULL;

-- What a decision was before it resolved.
CREATE TABLE decision_revision (
    number   INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    answer   BLOB NOT NULL,
    facts    BLOB NOT NULL,
    PRIMARY KEY (number, revision)
) STRICT, WITHOUT ROWID;

-- Which decisions are about which goods: CRC-32 of a view key, in segments of 65,536 decisions, as view_index.
CREATE TABLE decision_goods (
    segment INTEGER NOT NULL,
    key     INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    PRIMARY KEY (segment, key, number)
) STRICT, WITHOUT ROWID;

-- Which decisions stand on which record: what a recall asks.
CREATE TABLE decision_basis (
    record INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (record, number)
) STRICT, WITHOUT ROWID;

-- What happened to decisions, in order, for those who watch.
CREATE TABLE decision_event (
    id     INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    change INTEGER NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

-- One row: the key by which the verification sample is drawn.
CREATE TABLE sampling_key (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    key BLOB NOT NULL
) STRICT;
