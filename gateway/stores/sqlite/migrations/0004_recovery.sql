-- When the store was restored from a copy, POSIX seconds: an issued log that was in it is never gone on with. 0: never.
ALTER TABLE log ADD COLUMN restored_at INTEGER NOT NULL DEFAULT 0;
