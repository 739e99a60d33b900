//! A store that others write to, too, and that never says so: for tests of what must not rest on
//! hints.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use super::memory::Memory;
use super::{Append, Batch, Census, Hint, Position, Snapshot, Store, StoreError, Tail};
use crate::rules::{Kind, NodeId, SessionId, Timestamp};

/// Logs in memory, without hints.
#[derive(Debug, Default)]
pub(crate) struct Silent(Memory);

#[async_trait]
impl Store for Silent {
    async fn append(
        &self,
        session: SessionId,
        expected: Position,
        batch: Batch,
    ) -> Result<Append, StoreError> {
        self.0.append(session, expected, batch).await
    }

    async fn read(&self, session: SessionId, after: Position) -> Result<Tail, StoreError> {
        self.0.read(session, after).await
    }

    async fn fold(
        &self,
        session: SessionId,
        at: Position,
        snapshot: Snapshot,
    ) -> Result<(), StoreError> {
        self.0.fold(session, at, snapshot).await
    }

    async fn watch(&self, _: SessionId) -> Result<watch::Receiver<Hint>, StoreError> {
        Ok(watch::Sender::default().subscribe())
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.0.sweep(now).await
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn census(&self, kind: &Kind, newest: usize) -> Result<Census, StoreError> {
        self.0.census(kind, newest).await
    }

    async fn due(
        &self,
        kind: &Kind,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.0.due(kind, now, most).await
    }

    async fn reschedule(
        &self,
        kind: &Kind,
        session: SessionId,
        at: Position,
        wake_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.0.reschedule(kind, session, at, wake_at).await
    }

    async fn renew(&self, node: NodeId, lease: Duration) -> Result<Vec<NodeId>, StoreError> {
        self.0.renew(node, lease).await
    }

    async fn secret(&self, name: &str, candidate: Bytes) -> Result<Bytes, StoreError> {
        self.0.secret(name, candidate).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.0.ping().await
    }
}
