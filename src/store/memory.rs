//! Logs that live as long as the process: for trials, tests and sessions nobody needs tomorrow.
//!
//! Keeps every promise of [`Store`] except to survive the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use super::epoch::Epochs;
use super::hints::Hints;
use super::{Append, Batch, Census, Position, Snapshot, Store, StoreError, Tail};
use crate::rules::{SessionId, Timestamp, Version};

/// A store in this process's memory.
#[derive(Debug, Default)]
pub struct Memory {
    held: Mutex<Held>,
    hints: Hints,
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
    snapshot: Option<Snapshot>,
    /// Those behind the snapshot.
    records: Vec<Bytes>,
    forgettable_at: Timestamp,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("no holder panics")
    }
}

impl Held {
    fn end(&self, session: SessionId) -> Position {
        self.logs.get(&session).map_or(Position::START, Log::end)
    }

    /// The session's log, which begins its life now if there is none.
    fn log(&mut self, session: SessionId) -> &mut Log {
        let epochs = &mut self.epochs;
        self.logs
            .entry(session)
            .or_insert_with(|| Log::new(epochs.next()))
    }
}

impl Log {
    const fn new(epoch: u64) -> Self {
        Self {
            epoch,
            snapshot: None,
            records: Vec::new(),
            forgettable_at: Timestamp::NEVER,
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
        if held.end(session) != expected {
            return Ok(Append::Conflict);
        }
        let log = held.log(session);
        log.records.extend(batch.records);
        log.forgettable_at = batch.forgettable_at;
        let end = log.end();
        // Under the lock, so that hints come in the order of the appends.
        self.hints.announce([(session, end.version)]);
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

    async fn watch(&self, session: SessionId) -> Result<watch::Receiver<Version>, StoreError> {
        Ok(self.hints.subscribe(session))
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut held = self.lock();
        let before = held.logs.len();
        held.logs.retain(|_, log| now < log.forgettable_at);
        Ok((before - held.logs.len()) as u64)
    }

    async fn census(&self, newest: usize) -> Result<Census, StoreError> {
        let held = self.lock();
        let mut logs: Vec<_> = held.logs.iter().map(|(id, log)| (log.epoch, *id)).collect();
        logs.sort_unstable_by(|one, other| other.cmp(one));
        Ok(Census {
            logs: logs.len() as u64,
            newest: logs.into_iter().take(newest).map(|(_, id)| id).collect(),
        })
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
