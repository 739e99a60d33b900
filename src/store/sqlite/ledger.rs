//! What can be done to the tables within one transaction.

use std::collections::HashMap;

use bytes::Bytes;
use rusqlite::{Connection, params};

use super::query::{self, millis};
use crate::rules::{SessionId, Version};
use crate::store::epoch::Epochs;
use crate::store::{Append, Batch, Position, Snapshot, StoreError};

/// How many ends of logs are remembered; all are dropped when there are more.
const MAX_HEADS: usize = 1 << 16;
/// An open transaction.
pub(super) struct Ledger<'a> {
    pub(super) db: &'a Connection,
    pub(super) heads: &'a mut Heads,
    /// The logs that grew in this transaction, and how far.
    pub(super) grown: Vec<(SessionId, Version)>,
}

/// Where logs end, as far as the one writer remembers; saves a query for each append.
#[derive(Debug)]
pub(super) struct Heads {
    known: HashMap<SessionId, Position>,
    epochs: Epochs,
}

impl Heads {
    pub(super) fn after(last_epoch: u64) -> Self {
        Self {
            known: HashMap::new(),
            epochs: Epochs::after(last_epoch),
        }
    }

    /// Forgets everything, for what is remembered from a failed transaction is wrong.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    pub(super) fn forget(&mut self, session: SessionId) {
        self.known.remove(&session);
    }

    fn remember(&mut self, session: SessionId, end: Position) {
        if self.known.len() >= MAX_HEADS {
            self.known.clear();
        }
        self.known.insert(session, end);
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
    ) -> rusqlite::Result<Append> {
        if self.end(session)? != expected {
            return Ok(Append::Conflict);
        }
        let end = self.move_end(session, expected, batch)?;
        let mut insert = self
            .db
            .prepare_cached("INSERT INTO records VALUES (?1, ?2, ?3)")?;
        for (version, record) in (expected.version.0 + 1..).zip(&batch.records) {
            insert.execute(params![end.epoch, version, record.as_ref()])?;
        }
        self.heads.remember(session, end);
        self.grown.push((session, end.version));
        Ok(Append::Committed(end))
    }

    /// Replaces records by their fold, unless that was done before.
    pub(super) fn fold(
        &mut self,
        session: SessionId,
        at: Position,
        snapshot: &Snapshot,
    ) -> rusqlite::Result<Result<(), StoreError>> {
        let (epoch, version) = (at.epoch, snapshot.version);
        let end = self.end(session)?;
        if let Err(rewound) = (Position { epoch, version }).check_within(end) {
            return Ok(Err(rewound));
        }
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

    fn end(&mut self, session: SessionId) -> rusqlite::Result<Position> {
        if let Some(end) = self.heads.known.get(&session) {
            return Ok(*end);
        }
        query::end(self.db, session)
    }

    /// Notes where the log will end, and lets it begin if there is none.
    fn move_end(
        &mut self,
        session: SessionId,
        from: Position,
        batch: &Batch,
    ) -> rusqlite::Result<Position> {
        let version = from.version.plus(batch.records.len() as u64);
        let forgettable_at = millis(batch.forgettable_at);
        if from == Position::START {
            let epoch = self.heads.epochs.next();
            self.db
                .prepare_cached("INSERT INTO sessions VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![
                    epoch,
                    session.uuid().as_bytes(),
                    version.0,
                    forgettable_at
                ])?;
            return Ok(Position { epoch, version });
        }
        self.db
            .prepare_cached(
                "UPDATE sessions SET version = ?2, forgettable_at = ?3 WHERE epoch = ?1",
            )?
            .execute(params![from.epoch, version.0, forgettable_at])?;
        Ok(Position { version, ..from })
    }
}
