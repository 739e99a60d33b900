//! What clients are told when the server itself is in trouble.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use roundtable::rules::{Kind, NodeId, SessionId, Timestamp};
use roundtable::store::memory::Memory;
use roundtable::store::{Append, Batch, Census, Hint, Position, Snapshot, Store, StoreError, Tail};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::desk::{Desk, PATIENCE, Team};

/// A store that can be switched off, or hand out what nobody can read.
#[derive(Default)]
pub(crate) struct Fragile {
    memory: Memory,
    pub(crate) off: AtomicBool,
    pub(crate) garbled: AtomicBool,
}

impl Fragile {
    fn check(&self) -> Result<(), StoreError> {
        if self.off.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("switched off"));
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Fragile {
    async fn append(
        &self,
        session: SessionId,
        expected: Position,
        batch: Batch,
    ) -> Result<Append, StoreError> {
        self.check()?;
        self.memory.append(session, expected, batch).await
    }

    async fn read(&self, session: SessionId, after: Position) -> Result<Tail, StoreError> {
        self.check()?;
        let mut tail = self.memory.read(session, after).await?;
        if self.garbled.load(Ordering::SeqCst) {
            tail.records.fill(Bytes::from_static(b"garbage"));
        }
        Ok(tail)
    }

    async fn fold(
        &self,
        session: SessionId,
        at: Position,
        snapshot: Snapshot,
    ) -> Result<(), StoreError> {
        self.memory.fold(session, at, snapshot).await
    }

    async fn watch(&self, session: SessionId) -> Result<watch::Receiver<Hint>, StoreError> {
        self.memory.watch(session).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.memory.sweep(now).await
    }

    async fn census(&self, kind: &Kind, newest: usize) -> Result<Census, StoreError> {
        self.check()?;
        self.memory.census(kind, newest).await
    }

    async fn due(
        &self,
        kind: &Kind,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.check()?;
        self.memory.due(kind, now, most).await
    }

    async fn reschedule(
        &self,
        kind: &Kind,
        session: SessionId,
        at: Position,
        wake_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.check()?;
        self.memory.reschedule(kind, session, at, wake_at).await
    }

    async fn renew(&self, node: NodeId, lease: Duration) -> Result<Vec<NodeId>, StoreError> {
        self.check()?;
        self.memory.renew(node, lease).await
    }

    async fn secret(&self, name: &str, candidate: Bytes) -> Result<Bytes, StoreError> {
        self.memory.secret(name, candidate).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check()
    }
}

#[tokio::test]
async fn without_its_store_the_server_is_degraded_and_says_what_failed() {
    let store = Arc::new(Fragile::default());
    let desk = Desk::on(store.clone(), Box::new(|| Err("shutting down")));
    let Team {
        desk, path, mira, ..
    } = Team::at(desk, json!({})).await;
    let story = mira.add_story("One").await;
    store.off.store(true, Ordering::SeqCst);

    let body = json!({ "name": "S", "hostName": "M" });
    let reply = desk.post("/sessions", body).await;
    reply.refused(500, "Failed to create session");
    let reply = desk
        .post(&format!("{path}/join"), json!({ "playerName": "Ada" }))
        .await;
    reply.refused(500, "Failed to join session");
    let reply = mira.act("vote", json!({ "value": "5" })).await;
    reply.refused(500, "Failed to submit vote");
    let reply = mira.put(&path, json!({ "name": "New" })).await;
    reply.refused(500, "Failed to update session");
    let reply = mira
        .put(&format!("/stories/{story}"), json!({ "title": "New" }))
        .await;
    reply.refused(500, "Failed to update story");
    let reply = mira.act("reset-voting", json!({})).await;
    reply.refused(500, "Failed to reset voting");
    let reply = mira.delete(&format!("/stories/{story}")).await;
    reply.refused(500, "Failed to delete story");
    let reply = mira.delete(&path).await;
    reply.refused(500, "Failed to delete session");
    assert_eq!(mira.get(&path).await.status, 200, "the room still knows");

    let health = desk.get("/health").await;
    assert_eq!(health.status, 503);
    assert_eq!(health.body()["status"], "degraded");
    let down = json!({ "status": "down", "error": "the store is unavailable" });
    assert_eq!(health.body()["services"]["database"]["postgres"], down);
    let database = desk.get("/health/db").await;
    let details = json!({ "postgres": "the store is unavailable" });
    let expected = json!({ "postgres": false, "redis": true, "details": details });
    assert_eq!((database.status, database.body()), (503, expected));

    store.off.store(false, Ordering::SeqCst);
    assert_eq!(desk.get("/health").await.status, 200);
    mira.act("vote", json!({ "value": "5" })).await.data(200);
}

#[tokio::test]
async fn a_caller_is_known_however_long_the_store_has_been_away() {
    let store = Arc::new(Fragile::default());
    let desk = Desk::on(store.clone(), Box::new(|| Err("shutting down")));
    let Team { path, mira, .. } = Team::at(desk, json!({})).await;
    store.off.store(true, Ordering::SeqCst);
    let reply = mira.put(&path, json!({ "name": "New" })).await;
    reply.refused(500, "Failed to update session");
    // By now the store would be asked again.
    tokio::time::sleep(PATIENCE).await;
    let reply = mira.delete(&path).await;
    reply.refused(500, "Failed to delete session");
}

#[tokio::test]
async fn sockets_that_cannot_be_served_are_down() {
    let store = Arc::new(Fragile::default());
    let desk = Desk::on(store, Box::new(|| Err("shutting down")));
    let reply = desk.get("/websocket/health").await;
    let expected = json!({ "status": "down", "error": "shutting down" });
    assert_eq!((reply.status, reply.body()), (503, expected));
    assert_eq!(desk.get("/websocket/stats").await.status, 503);
}

#[tokio::test]
async fn a_handler_that_panics_answers_like_any_other_failure() {
    let store = Arc::new(Fragile::default());
    let desk = Desk::on(store, Box::new(|| panic!("a bug")));
    let reply = desk.get("/websocket/stats").await;
    reply.failed(500, "Internal server error");
    assert_ne!(desk.get("/health").await.body(), Value::Null);
}
