-- Some may have been moved and only not been deleted, and some be of logs that are forgotten.
INSERT INTO records
    SELECT fresh.epoch, fresh.version, fresh.record
    FROM fresh JOIN sessions ON sessions.epoch = fresh.epoch
    WHERE fresh.version > sessions.version
    ORDER BY fresh.epoch, fresh.version;
UPDATE sessions SET version = newest.version, forgettable_at = newest.forgettable_at
    FROM (SELECT epoch, max(version) AS version, forgettable_at FROM fresh GROUP BY epoch) AS newest
    WHERE newest.epoch = sessions.epoch AND newest.version > sessions.version;
DELETE FROM fresh;
