-- From version 1, whose logs tell neither their kind nor when their rooms want to wake.
ALTER TABLE sessions ADD COLUMN kind TEXT;
ALTER TABLE sessions ADD COLUMN wake_at INTEGER NOT NULL DEFAULT 9223372036854775807;
