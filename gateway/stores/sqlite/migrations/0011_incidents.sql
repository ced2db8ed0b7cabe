-- Why links were suspended by what passed on them (gateway/ports/incidents.py), and the signed notes of that moment.
CREATE TABLE incident (
    id         INTEGER PRIMARY KEY,
    partner    TEXT NOT NULL,
    at         INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    detail     TEXT NOT NULL,
    session    TEXT NOT NULL,
    by_partner INTEGER NOT NULL
) STRICT;

CREATE TABLE incident_note (
    incident INTEGER NOT NULL REFERENCES incident (id),
    place    INTEGER NOT NULL,
    note     BLOB NOT NULL,
    PRIMARY KEY (incident, place)
) STRICT, WITHOUT ROWID;
