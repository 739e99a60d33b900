-- From version 2, which wrote every record to its log at once.
CREATE TABLE fresh (
    place          INTEGER PRIMARY KEY,
    epoch          INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    forgettable_at INTEGER NOT NULL, -- milliseconds since the Unix epoch
    record         BLOB NOT NULL
) STRICT;
