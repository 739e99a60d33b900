//! Logs that live as long as the process: for trials, tests and sessions nobody needs tomorrow.
//!
//! Keeps every promise of [`Store`] except to survive the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use super::epoch::Epochs;
use super::hints::Hints;
use super::leases::Leases;
use super::{Append, Batch, Census, DUE_AGAIN, Hint, Position, Snapshot, Store, StoreError, Tail};
use crate::rules::{Kind, NodeId, SessionId, Timestamp, Version};

/// A store in this process's memory.
#[derive(Debug, Default)]
pub struct Memory {
    held: Mutex<Held>,
    hints: Hints,
    leases: Leases,
}

#[derive(Debug, Default)]
struct Held {
    logs: HashMap<SessionId, Log>,
    secrets: HashMap<String, Bytes>,
    epochs: Epochs,
}

#[derive(Debug)]
struct Log {
    epoch: u64,
    kind: Kind,
    snapshot: Option<Snapshot>,
    /// Those behind the snapshot.
    records: Vec<Bytes>,
    forgettable_at: Timestamp,
    wake_at: Timestamp,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("no holder panics")
    }
}

impl Held {
    fn is_foreign(&self, session: SessionId, kind: &Kind) -> bool {
        self.logs.get(&session).is_some_and(|log| log.kind != *kind)
    }

    fn end(&self, session: SessionId) -> Position {
        self.logs.get(&session).map_or(Position::START, Log::end)
    }

    /// The session's log, which begins its life now if there is none.
    fn log(&mut self, session: SessionId, kind: &Kind) -> &mut Log {
        let epochs = &mut self.epochs;
        self.logs
            .entry(session)
            .or_insert_with(|| Log::new(epochs.next(), kind.clone()))
    }
}

impl Log {
    const fn new(epoch: u64, kind: Kind) -> Self {
        Self {
            epoch,
            kind,
            snapshot: None,
            records: Vec::new(),
            forgettable_at: Timestamp::NEVER,
            wake_at: Timestamp::NEVER,
        }
    }

    fn folded(&self) -> Version {
        self.snapshot.as_ref().map_or(Version(0), |it| it.version)
    }

    fn end(&self) -> Position {
        Position {
            epoch: self.epoch,
            version: self.folded().plus(self.records.len() as u64),
        }
    }

    fn tail(&self, after: Version) -> Tail {
        let folded = self.folded();
        let seen = after.0.saturating_sub(folded.0) as usize;
        Tail {
            snapshot: self.snapshot.clone().filter(|_| after < folded),
            records: self.records[seen..].to_vec(),
            end: self.end(),
            kind: Some(self.kind.clone()),
        }
    }

    fn fold(&mut self, snapshot: Snapshot) {
        let folded = self.folded();
        if snapshot.version > folded {
            self.records
                .drain(..(snapshot.version.0 - folded.0) as usize);
            self.snapshot = Some(snapshot);
        }
    }
}

#[async_trait]
impl Store for Memory {
    async fn append(
        &self,
        session: SessionId,
        expected: Position,
        batch: Batch,
    ) -> Result<Append, StoreError> {
        let mut held = self.lock();
        if held.is_foreign(session, &batch.kind) {
            return Err(StoreError::Foreign(session));
        }
        if held.end(session) != expected {
            return Ok(Append::Conflict);
        }
        let log = held.log(session, &batch.kind);
        log.records.extend(batch.records);
        log.forgettable_at = batch.forgettable_at;
        log.wake_at = batch.wake_at;
        let end = log.end();
        // Under the lock, so that hints come in the order of the appends.
        self.hints.announce([(session, end)]);
        Ok(Append::Committed(end))
    }

    async fn read(&self, session: SessionId, after: Position) -> Result<Tail, StoreError> {
        let held = self.lock();
        after.check_within(held.end(session))?;
        let tail = held.logs.get(&session).map(|log| log.tail(after.version));
        Ok(tail.unwrap_or(Tail {
            snapshot: None,
            records: Vec::new(),
            end: Position::START,
            kind: None,
        }))
    }

    async fn fold(
        &self,
        session: SessionId,
        at: Position,
        snapshot: Snapshot,
    ) -> Result<(), StoreError> {
        let mut held = self.lock();
        let folded = Position {
            version: snapshot.version,
            ..at
        };
        folded.check_within(held.end(session))?;
        if let Some(log) = held.logs.get_mut(&session) {
            log.fold(snapshot);
        }
        Ok(())
    }

    async fn watch(&self, session: SessionId) -> Result<watch::Receiver<Hint>, StoreError> {
        Ok(self.hints.subscribe(session))
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut held = self.lock();
        let before = held.logs.len();
        held.logs.retain(|_, log| now < log.forgettable_at);
        Ok((before - held.logs.len()) as u64)
    }

    async fn census(&self, kind: &Kind, newest: usize) -> Result<Census, StoreError> {
        let held = self.lock();
        let logs = held.logs.iter().filter(|(_, log)| log.kind == *kind);
        let mut logs: Vec<_> = logs.map(|(id, log)| (log.epoch, *id)).collect();
        logs.sort_unstable_by(|one, other| other.cmp(one));
        Ok(Census {
            logs: logs.len() as u64,
            newest: logs.into_iter().take(newest).map(|(_, id)| id).collect(),
        })
    }

    async fn due(
        &self,
        kind: &Kind,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<SessionId>, StoreError> {
        let mut held = self.lock();
        let due = held.logs.iter_mut();
        let due = due.filter(|(_, log)| log.kind == *kind && log.wake_at <= now);
        let mut due: Vec<_> = due.map(|(id, log)| (&mut log.wake_at, *id)).collect();
        due.sort_unstable();
        let taken = due.into_iter().take(most).map(|(wake_at, id)| {
            *wake_at = now.after(DUE_AGAIN);
            id
        });
        Ok(taken.collect())
    }

    async fn reschedule(
        &self,
        _: &Kind,
        session: SessionId,
        at: Position,
        wake_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut held = self.lock();
        let log = held.logs.get_mut(&session);
        if let Some(log) = log.filter(|log| log.end() == at) {
            log.wake_at = wake_at;
        }
        Ok(())
    }

    async fn renew(&self, node: NodeId, lease: Duration) -> Result<Vec<NodeId>, StoreError> {
        Ok(self.leases.renew(node, lease))
    }

    async fn secret(&self, name: &str, candidate: Bytes) -> Result<Bytes, StoreError> {
        let mut held = self.lock();
        let secret = held.secrets.entry(name.to_owned()).or_insert(candidate);
        Ok(secret.clone())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
