//! Logs in Redis: what several nodes share.
//!
//! Each log is a stream of its own, and everything that is done to it is one script, so that its
//! order is Redis' order. Published hints tell other nodes to look; they are never taken for facts.
//! One server has all keys and moves its indexes within the same scripts. In a cluster the indexes
//! know a log before it begins and follow its appends; a node that dies in between leaves an entry
//! too many or too early, which the next look at it corrects.

mod address;
mod channels;
mod check;
mod cluster;
mod connection;
mod counting;
mod echoing;
mod index;
mod keys;
mod link;
mod log;
mod pulse;
mod script;
mod secrets;
#[cfg(test)]
pub(crate) mod tests;
mod watched;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use redis::{Cmd, RedisError, SetExpiry, SetOptions};
use thiserror::Error;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use self::address::Form;
pub use self::address::RedisUrl;
pub use self::channels::{Ear, Topic};
use self::keys::LogKeys;
pub use self::link::Link;
use self::secrets::Secrets;
use self::watched::Watched;
use super::epoch::Epochs;
use super::{Append, Batch, Census, Hint, Position, Snapshot, Store, StoreError, Tail};
use crate::rules::{Kind, NodeId, SessionId, Timestamp};

/// How long the probe of a ping stays.
const PROBE_SECS: u64 = 60;

/// Why Redis cannot be used.
#[derive(Debug, Error)]
#[error("cannot use {url}")]
pub struct ConnectError {
    url: RedisUrl,
    #[source]
    source: RedisError,
}

/// A store in Redis. Dropping it ends its connection.
pub struct Redis {
    link: Link,
    form: Form,
    watched: Arc<Watched>,
    epochs: Mutex<Epochs>,
    secrets: Arc<Secrets>,
    tasks: TaskTracker,
    _stop: DropGuard,
}

impl Redis {
    /// Connects, for which a Redis that is just starting gets a few seconds.
    ///
    /// # Errors
    /// [`ConnectError`] if there is no Redis by then, or it does not let us in.
    pub async fn connect(url: RedisUrl) -> Result<Self, ConnectError> {
        let (form, stop) = (url.form(), CancellationToken::new());
        let opened = Link::open(url.clone(), stop.clone()).await;
        let (link, keeper) = opened.map_err(|source| ConnectError { url, source })?;
        let watched = Arc::<Watched>::default();
        let tasks = TaskTracker::new();
        tasks.spawn(keeper);
        let secrets = Arc::<Secrets>::default();
        let checked = (watched.clone(), secrets.clone());
        tasks.spawn(check::check(link.clone(), checked, stop.clone()));
        Ok(Self {
            link,
            form,
            watched,
            epochs: Mutex::default(),
            secrets,
            tasks,
            _stop: stop.drop_guard(),
        })
    }

    /// The connection, to be shared by whoever else needs Redis; it lives as long as the store.
    #[must_use]
    pub fn link(&self) -> Link {
        self.link.clone()
    }

    fn candidate_epoch(&self) -> u64 {
        let mut epochs = self.epochs.lock().unwrap_or_else(PoisonError::into_inner);
        epochs.next()
    }
}

#[async_trait]
impl Store for Redis {
    async fn append(
        &self,
        session: SessionId,
        expected: Position,
        batch: Batch,
    ) -> Result<Append, StoreError> {
        if expected == Position::START {
            self.index_beginning(session, &batch).await?;
        }
        let appended = self.append_records(session, expected, &batch).await?;
        if let Append::Committed(end) = appended {
            self.index_append(session, end, &batch).await;
            self.echo_append(session, &batch.echoes).await;
        }
        Ok(appended)
    }

    async fn read(&self, session: SessionId, after: Position) -> Result<Tail, StoreError> {
        self.read_records(session, after).await
    }

    async fn fold(
        &self,
        session: SessionId,
        at: Position,
        snapshot: Snapshot,
    ) -> Result<(), StoreError> {
        self.fold_records(session, at.epoch, snapshot).await
    }

    async fn watch(&self, session: SessionId) -> Result<watch::Receiver<Hint>, StoreError> {
        let (log, mut hints) = self.watched.listen(session);
        let (link, hints_of) = (self.link.clone(), Topic::Channel(keys::hint(session)));
        // Nobody waits for that: it raises a doubt when it is done, now or by the next connection.
        self.tasks.spawn(async move {
            if let Err(error) = link.subscribe(hints_of, log).await {
                tracing::debug!(%session, error = &error as &dyn std::error::Error, "could not subscribe");
            }
        });
        // Whoever has read the log before this moment may have missed what came since.
        hints.mark_changed();
        Ok(hints)
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.forget_due(now).await
    }

    async fn whisper(&self, session: SessionId, words: Bytes) -> Result<(), StoreError> {
        let (channel, words) = (keys::hint(session), self.watched.whisper(&words));
        self.link.ask(&Cmd::publish(channel, words)).await
    }

    fn whispers(&self, session: SessionId) -> Option<broadcast::Receiver<Bytes>> {
        self.watched.overhear(session)
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn census(&self, kind: &Kind, newest: usize) -> Result<Census, StoreError> {
        self.count(kind, newest).await
    }

    async fn due(
        &self,
        kind: &Kind,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.sleepers(kind, now, most).await
    }

    async fn reschedule(
        &self,
        kind: &Kind,
        session: SessionId,
        at: Position,
        wake_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.move_wake(kind, session, (at, wake_at)).await
    }

    async fn renew(&self, node: NodeId, lease: Duration) -> Result<Vec<NodeId>, StoreError> {
        let mut call = script::RENEW.key(keys::NODES);
        let millis = u64::try_from(lease.as_millis()).unwrap_or(u64::MAX);
        call.arg(node.to_string()).arg(millis);
        let alive: Vec<String> = self.link.run(call).await?;
        Ok(alive.iter().filter_map(|id| NodeId::parse(id)).collect())
    }

    async fn secret(&self, name: &str, candidate: Bytes) -> Result<Bytes, StoreError> {
        let key = keys::secret(name);
        let mut propose = redis::pipe();
        propose.set_nx(&key, candidate.as_ref()).ignore().get(&key);
        let (secret,): (Vec<u8>,) = self.link.ask_all(&propose).await?;
        let secret = Bytes::from(secret);
        self.secrets.keep(key, secret.clone());
        Ok(secret)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // A write, which a replica, a full server and one that cannot save refuse.
        let options = SetOptions::default().with_expiration(SetExpiry::EX(PROBE_SECS));
        let probe = Cmd::set_options(keys::PROBE, 1, options);
        self.link.ask(&probe).await
    }
}
