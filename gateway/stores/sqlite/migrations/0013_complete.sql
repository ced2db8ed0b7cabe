-- Up to when the partner had nothing more for this side, by its own word (LinkLogs.note_complete). POSIX seconds.
ALTER TABLE link ADD COLUMN complete_at INTEGER NOT NULL DEFAULT 0;
