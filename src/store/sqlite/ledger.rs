//! What can be done to the tables within one transaction.

use std::collections::HashMap;

use bytes::Bytes;
use rusqlite::{Connection, params};

use super::fresh::{self, Fresh};
use super::query::{self, Head, millis};
use crate::rules::{Kind, SessionId, Timestamp};
use crate::store::epoch::Epochs;
use crate::store::{Append, Batch, DUE_AGAIN, Position, Snapshot, StoreError};

/// How many ends of logs are remembered; all are dropped when there are more.
const MAX_HEADS: usize = 1 << 16;
/// An open transaction.
pub(super) struct Ledger<'a> {
    pub(super) db: &'a Connection,
    pub(super) heads: &'a mut Heads,
    /// The logs that grew in this transaction, and how far.
    pub(super) grown: Vec<(SessionId, Position)>,
}

/// Where logs end, as far as the one writer remembers, and what lies among the fresh records; saves
/// queries for each append.
#[derive(Debug)]
pub(super) struct Heads {
    known: HashMap<SessionId, Head>,
    epochs: Epochs,
    pub(super) fresh: Fresh,
}

impl Heads {
    /// What is to be known of a file that nobody writes to yet.
    pub(super) fn of(db: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            known: HashMap::new(),
            epochs: Epochs::after(query::last_epoch(db)?),
            fresh: Fresh::left_in(db)?,
        })
    }

    /// Forgets everything, for what is remembered from a failed transaction is wrong.
    pub(super) fn clear(&mut self) {
        self.known.clear();
        self.fresh.failed();
    }

    pub(super) fn forget(&mut self, session: SessionId) {
        self.known.remove(&session);
    }

    fn remember(&mut self, session: SessionId, head: Head) {
        if self.known.len() >= MAX_HEADS {
            self.known.clear();
        }
        self.known.insert(session, head);
    }
}

impl<'a> Ledger<'a> {
    pub(super) const fn new(db: &'a Connection, heads: &'a mut Heads) -> Self {
        let grown = Vec::new();
        Self { db, heads, grown }
    }

    /// Adds a batch if the log ends where its sender believes.
    pub(super) fn append(
        &mut self,
        session: SessionId,
        expected: Position,
        batch: &Batch,
    ) -> rusqlite::Result<Result<Append, StoreError>> {
        let mut head = self.head(session)?;
        if head.kind.as_ref().is_some_and(|kind| *kind != batch.kind) {
            return Ok(Err(StoreError::Foreign(session)));
        }
        if head.end != expected {
            return Ok(Ok(Append::Conflict));
        }
        if fresh::suits(&head, batch) {
            head.end.version = expected.version.plus(batch.records.len() as u64);
            self.add_fresh(session, &head, batch)?;
        } else {
            head = self.add_in_place(session, expected, batch)?;
        }
        let end = head.end;
        self.heads.remember(session, head);
        self.grown.push((session, end));
        Ok(Ok(Append::Committed(end)))
    }

    /// Adds a batch to its log's own records, and to what is known of the log.
    fn add_in_place(
        &mut self,
        session: SessionId,
        expected: Position,
        batch: &Batch,
    ) -> rusqlite::Result<Head> {
        self.move_log(expected.epoch)?;
        let end = self.move_end(session, expected, batch)?;
        let mut insert = self
            .db
            .prepare_cached("INSERT INTO records VALUES (?1, ?2, ?3)")?;
        for (version, record) in (expected.version.0 + 1..).zip(&batch.records) {
            insert.execute(params![end.epoch, version, record.as_ref()])?;
        }
        Ok(Head {
            end,
            kind: Some(batch.kind.clone()),
            forgettable_at: millis(batch.forgettable_at),
            wake_at: millis(batch.wake_at),
        })
    }

    /// Replaces records by their fold, unless that was done before.
    pub(super) fn fold(
        &mut self,
        session: SessionId,
        at: Position,
        snapshot: &Snapshot,
    ) -> rusqlite::Result<Result<(), StoreError>> {
        let (epoch, version) = (at.epoch, snapshot.version);
        let end = self.head(session)?.end;
        if let Err(rewound) = (Position { epoch, version }).check_within(end) {
            return Ok(Err(rewound));
        }
        self.move_log(epoch)?;
        let stored = self
            .db
            .prepare_cached(
                "INSERT INTO snapshots SELECT epoch, ?2, ?3 FROM sessions WHERE epoch = ?1
             ON CONFLICT (epoch) DO UPDATE SET version = excluded.version, state = excluded.state
             WHERE excluded.version > snapshots.version",
            )?
            .execute(params![epoch, version.0, snapshot.state.as_ref()])?;
        if stored > 0 {
            self.db
                .prepare_cached("DELETE FROM records WHERE epoch = ?1 AND version <= ?2")?
                .execute([epoch, version.0])?;
        }
        Ok(Ok(()))
    }

    /// The secret of this name, which is `candidate` if it is the first.
    pub(super) fn secret(&self, name: &str, candidate: &[u8]) -> rusqlite::Result<Bytes> {
        let key = format!("secret:{name}");
        self.db
            .prepare_cached("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![key, candidate])?;
        self.db
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
            .query_row([key], |row| {
                Ok(Bytes::copy_from_slice(row.get_ref(0)?.as_blob()?))
            })
    }

    /// Writes something, to find out whether that is possible.
    pub(super) fn probe(&self) -> rusqlite::Result<()> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO meta VALUES ('probe', randomblob(8))")?
            .execute([])?;
        Ok(())
    }

    /// The logs of a kind that are due to wake, which are due again a little later.
    pub(super) fn wake(
        &mut self,
        kind: &Kind,
        now: Timestamp,
        most: usize,
    ) -> rusqlite::Result<Vec<SessionId>> {
        let due = query::sleepers(self.db, kind, now, most)?;
        let mut postpone = self
            .db
            .prepare_cached("UPDATE sessions SET wake_at = ?2 WHERE id = ?1")?;
        for session in &due {
            let again = millis(now.after(DUE_AGAIN));
            postpone.execute(params![session.uuid().as_bytes(), again])?;
            self.heads.forget(*session);
        }
        Ok(due)
    }

    /// Moves the time to wake of a log that ends at `at`.
    pub(super) fn reschedule(
        &mut self,
        session: SessionId,
        at: Position,
        wake_at: Timestamp,
    ) -> rusqlite::Result<()> {
        self.move_log(at.epoch)?;
        self.heads.forget(session);
        self.db
            .prepare_cached("UPDATE sessions SET wake_at = ?3 WHERE epoch = ?1 AND version = ?2")?
            .execute(params![at.epoch, at.version.0, millis(wake_at)])?;
        Ok(())
    }

    fn head(&mut self, session: SessionId) -> rusqlite::Result<Head> {
        if let Some(head) = self.heads.known.get(&session) {
            return Ok(head.clone());
        }
        let mut head = query::head(self.db, session)?;
        let fresh = self.heads.fresh.version(head.end.epoch);
        head.end.version = fresh.unwrap_or(head.end.version);
        Ok(head)
    }

    /// Notes where the log will end, and lets it begin if there is none.
    fn move_end(
        &mut self,
        session: SessionId,
        from: Position,
        batch: &Batch,
    ) -> rusqlite::Result<Position> {
        let version = from.version.plus(batch.records.len() as u64);
        let (forgettable_at, wake_at) = (millis(batch.forgettable_at), millis(batch.wake_at));
        let kind = batch.kind.name();
        if from == Position::START {
            let epoch = self.heads.epochs.next();
            self.db
                .prepare_cached("INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![
                    epoch,
                    session.uuid().as_bytes(),
                    version.0,
                    forgettable_at,
                    kind,
                    wake_at
                ])?;
            return Ok(Position { epoch, version });
        }
        self.db
            .prepare_cached(
                "UPDATE sessions SET version = ?2, forgettable_at = ?3, kind = ?4, wake_at = ?5
                 WHERE epoch = ?1",
            )?
            .execute(params![
                from.epoch,
                version.0,
                forgettable_at,
                kind,
                wake_at
            ])?;
        Ok(Position { version, ..from })
    }
}
