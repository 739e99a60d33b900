//! Logs in one SQLite file: what a single node keeps over its death.
//!
//! Reads go to a few reading connections, everything else to one writing thread, which answers
//! after the fsync. Nothing here blocks the asynchronous runtime, except opening and dropping.

mod checkpoint;
mod file;
mod fresh;
mod header;
mod ledger;
mod pace;
mod query;
mod readers;
mod sweep;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use self::file::Claim;
pub use self::file::OpenError;
use self::fresh::Unmoved;
use self::ledger::Heads;
use self::pace::Haste;
use self::readers::Readers;
use self::sweep::Due;
use self::writer::Writer;
use super::hints::Hints;
use super::leases::Leases;
use super::{Append, Batch, Census, Hint, Position, Snapshot, Store, StoreError, Tail};
use crate::rules::{Kind, NodeId, SessionId, Timestamp};

/// How many logs one part of a sweep looks for.
const SWEPT_LOGS: usize = 200;
/// How long a successful probe speaks for the store; each one costs a write and a sync.
const PROBE_VALID: Duration = Duration::from_secs(1);

/// A store in a SQLite file. Dropping it waits for what is queued and closes the file.
#[derive(Debug)]
pub struct Sqlite {
    // Dropped before the writer, whose connection tidies up the file if it is the last one.
    readers: Arc<Readers>,
    writer: Writer,
    unmoved: Arc<Unmoved>,
    hints: Arc<Hints>,
    leases: Leases,
    /// When the last probe succeeded.
    probed: Mutex<Option<Instant>>,
}

impl Sqlite {
    /// Opens the file, or creates it and its directory; blocks while it checks the whole file.
    ///
    /// # Errors
    /// [`OpenError`] if the file is in use, damaged, newer or not ours; it is then left as it was.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let claim = Claim::take(path)?;
        let db = claim.writer()?;
        let readers = Arc::new(Readers::new(path.to_owned()));
        let hints = Arc::<Hints>::default();
        let heads = Heads::of(&db).map_err(|error| file::inaccessible(path, error))?;
        let unmoved = heads.fresh.unmoved();
        let writer = Writer::start(claim, db, heads, hints.clone())
            .map_err(|error| file::inaccessible(path, error))?;
        Ok(Self {
            readers,
            writer,
            unmoved,
            hints,
            leases: Leases::default(),
            probed: Mutex::default(),
        })
    }

    async fn outdated(&self, now: Timestamp, after_epoch: u64) -> Result<Vec<Due>, StoreError> {
        self.readers
            .run(move |db| {
                query::outdated(db, now, after_epoch, SWEPT_LOGS).map_err(StoreError::unavailable)
            })
            .await
    }

    /// Forgets logs in small transactions, between which appends have their turn.
    async fn forget(&self, mut logs: Vec<Due>, now: Timestamp) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        while !logs.is_empty() {
            let part = self
                .writer
                .ask(move |ledger| ledger.forget(logs, now))
                .await?;
            forgotten += part.logs;
            logs = part.unfinished;
        }
        Ok(forgotten)
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn append(
        &self,
        session: SessionId,
        expected: Position,
        batch: Batch,
    ) -> Result<Append, StoreError> {
        let haste = if batch.patient {
            Haste::Patient
        } else {
            Haste::Urgent
        };
        self.writer
            .ask_in(haste, move |ledger| {
                ledger.append(session, expected, &batch)
            })
            .await?
    }

    async fn read(&self, session: SessionId, after: Position) -> Result<Tail, StoreError> {
        // Asked before the tables are looked at: they have at least what had been moved by now.
        let unmoved = self.unmoved.has(session);
        self.readers
            .run(move |db| query::tail(db, session, after, unmoved))
            .await
    }

    async fn fold(
        &self,
        session: SessionId,
        at: Position,
        snapshot: Snapshot,
    ) -> Result<(), StoreError> {
        self.writer
            .ask(move |ledger| ledger.fold(session, at, &snapshot))
            .await?
    }

    async fn watch(&self, session: SessionId) -> Result<watch::Receiver<Hint>, StoreError> {
        Ok(self.hints.subscribe(session))
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let (mut forgotten, mut seen_epoch) = (0, 0);
        loop {
            let due = self.outdated(now, seen_epoch).await?;
            let Some(last) = due.last() else { break };
            seen_epoch = last.epoch;
            forgotten += self.forget(due, now).await?;
        }
        while self.writer.ask(|ledger| ledger.shrink()).await? {}
        Ok(forgotten)
    }

    async fn census(&self, kind: &Kind, newest: usize) -> Result<Census, StoreError> {
        let kind = kind.clone();
        self.readers
            .run(move |db| query::census(db, &kind, newest).map_err(StoreError::unavailable))
            .await
    }

    async fn due(
        &self,
        kind: &Kind,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<SessionId>, StoreError> {
        let wanted = kind.clone();
        let any = self
            .readers
            .run(move |db| query::sleepers(db, &wanted, now, 1).map_err(StoreError::unavailable));
        // Mostly there are none, and looking costs no sync.
        if any.await?.is_empty() {
            return Ok(Vec::new());
        }
        let kind = kind.clone();
        self.writer
            .ask(move |ledger| ledger.wake(&kind, now, most))
            .await
    }

    async fn reschedule(
        &self,
        _: &Kind,
        session: SessionId,
        at: Position,
        wake_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer
            .ask(move |ledger| ledger.reschedule(session, at, wake_at))
            .await
    }

    async fn renew(&self, node: NodeId, lease: Duration) -> Result<Vec<NodeId>, StoreError> {
        Ok(self.leases.renew(node, lease))
    }

    async fn secret(&self, name: &str, candidate: Bytes) -> Result<Bytes, StoreError> {
        let name = name.to_owned();
        self.writer
            .ask(move |ledger| ledger.secret(&name, &candidate))
            .await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let last = *self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|at| at.elapsed() < PROBE_VALID) {
            return Ok(());
        }
        self.writer.ask(|ledger| ledger.probe()).await?;
        *self.probed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok(())
    }
}
