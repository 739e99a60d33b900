-- One row for each life of a log. Its epoch is also its key in the other tables, so that a log
-- can start anew while the records of its former life are still being deleted.
CREATE TABLE sessions (
    epoch          INTEGER PRIMARY KEY,
    id             BLOB UNIQUE,      -- NULL once forgotten
    version        INTEGER NOT NULL, -- of the last one in records
    forgettable_at INTEGER NOT NULL, -- milliseconds since the Unix epoch
    kind           TEXT,             -- NULL if begun before kinds were stored
    wake_at        INTEGER NOT NULL  -- milliseconds since the Unix epoch
) STRICT;

-- Apart from the sessions, whose rows are rewritten more often.
CREATE TABLE snapshots (
    epoch   INTEGER PRIMARY KEY,
    version INTEGER NOT NULL, -- the last one folded into the state
    state   BLOB NOT NULL
) STRICT;

CREATE TABLE records (
    epoch   INTEGER NOT NULL,
    version INTEGER NOT NULL,
    record  BLOB NOT NULL,
    PRIMARY KEY (epoch, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
