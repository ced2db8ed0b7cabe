-- The head of the audit log's tree (gateway/evidence/audit.py): its leaves are the rows of audit, leaf i is row i + 1.
-- One row; it moves in the transaction of every row that it covers.
CREATE TABLE audit_head (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    size  INTEGER NOT NULL,
    peaks BLOB NOT NULL
) STRICT;

INSERT INTO audit_head (id, size, peaks) VALUES (1, 0, x'');

-- Signed heads of that tree, the newest last.
CREATE TABLE audit_checkpoint (
    size INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    note BLOB NOT NULL
) STRICT;

-- What is written stays: also a mistake in this program cannot change it.
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;

CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
