-- The newest records of all logs in the order in which they came, so that those of a moment share a
-- page. What records has, too, is only not deleted yet.
CREATE TABLE fresh (
    place          INTEGER PRIMARY KEY,
    epoch          INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    forgettable_at INTEGER NOT NULL, -- milliseconds since the Unix epoch
    record         BLOB NOT NULL
) STRICT;
