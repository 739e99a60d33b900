//! Rooms: one task per live session and node, the only one that changes the local copy.
//!
//! A room's task takes commands from every side - sockets, REST, deadlines - decides them one after
//! the other, appends what they lead to, applies what was appended and hands each event to the
//! [`Delivery`], in log order. Whatever runs inside the task, a [`Look`] too, sees one version of
//! the state and falls between two events.

pub mod directory;
pub mod nodes;
pub mod sweep;
pub mod wake;

mod draft;
mod hints;
mod replica;
mod task;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use thiserror::Error;

use crate::metrics::Metrics;
use crate::rules::{Machine, Recorded, SessionId, Timestamp, Version};
use crate::store::{Echo, Store, StoreError};

pub use directory::{Directory, Lease, Order};
pub use nodes::Nodes;

/// An event that is durable, and the state right after it.
#[derive(Debug)]
pub struct Committed<'a, M: Machine> {
    /// Its place in the session's order.
    pub version: Version,
    /// The event.
    pub recorded: &'a Recorded<M::Event>,
    /// The state with this event as the last.
    pub after: &'a M,
    /// Whether no further event of the same command follows.
    pub ends_command: bool,
}

impl<M: Machine> Committed<'_, M> {
    /// The session as it is right after the event, at the event's own moment.
    #[must_use]
    pub fn look(&self) -> Look<'_, M> {
        Look {
            version: self.version,
            now: self.recorded.at,
            changed_at: Instant::now(),
            state: self.after,
        }
    }
}

/// One version of a session, seen from inside its task.
#[derive(Debug)]
pub struct Look<'a, M: Machine> {
    /// The last event folded into the state.
    pub version: Version,
    /// The room's clock.
    pub now: Timestamp,
    /// When this node has last seen the session change, before anybody was told.
    pub changed_at: Instant,
    /// The state.
    pub state: &'a M,
}

/// Where a room's events go: one per dialect.
pub trait Delivery<M: Machine>: Send + Sync + 'static {
    /// Hands one event to every connection of the session, at the latest when `dispatch` is called.
    /// Called in log order, from the room's task, so it must not wait for anybody.
    fn publish(&self, session: SessionId, committed: &Committed<'_, M>);

    /// Ends a step of the room: whatever was published is under way afterwards. Called before anybody
    /// is answered or shown the state.
    fn dispatch(&self, _: SessionId) -> Dispatched {
        Dispatched::default()
    }

    /// Hands on what another node has whispered about the session. Called as `publish` is.
    fn overhear(&self, _: SessionId, _: &Look<'_, M>, _: &[u8]) {}

    /// Tells every connection of the session that what it was shown may never have happened.
    fn resync(&self, session: SessionId);
}

/// What it took to tell everybody of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dispatched {
    /// How many messages there were for each.
    pub messages: usize,
    /// To how many connections they were written.
    pub connections: usize,
}

/// What servers of another make, which cannot read logs, are shown of the events of one room kind.
pub trait Bridge<M: Machine>: Send + Sync + 'static {
    /// What is done together with the append of an event of this moment that leads to `after`.
    fn echoes(&self, at: Timestamp, event: &M::Event, after: &M) -> Vec<Echo>;
}

/// Why a command had no effect.
#[derive(Debug, Error)]
pub enum SubmitError<R: std::error::Error + 'static> {
    /// The rules refuse it.
    #[error(transparent)]
    Rejected(R),
    /// No such session is stored.
    #[error("the session does not exist")]
    UnknownSession,
    /// More commands are waiting than the room accepts.
    #[error("the room is busy")]
    Busy,
    /// Others kept changing the session for as long as the command could wait.
    #[error("others kept changing the session")]
    Contended,
    /// The store did not take it in time; it may still come to pass.
    #[error(transparent)]
    Store(Arc<StoreError>),
}

/// Whatever all rooms of a directory need.
pub struct Surroundings<M: Machine> {
    /// The log of every session.
    pub store: Arc<dyn Store>,
    /// One per dialect.
    pub deliveries: Vec<Arc<dyn Delivery<M>>>,
    /// To servers of another make, if there may be any.
    pub bridge: Option<Arc<dyn Bridge<M>>>,
    /// The operator's settings for this room kind.
    pub policy: M::Policy,
    /// This server process, and the others.
    pub nodes: Arc<Nodes>,
    /// Bounds of time and memory.
    pub limits: RoomLimits,
    /// Who counts.
    pub metrics: Arc<Metrics>,
}

/// Bounds of a room's time and memory.
#[derive(Clone, Debug)]
pub struct RoomLimits {
    /// Commands that may wait; more are refused as [`SubmitError::Busy`].
    pub inbox: usize,
    /// Commands that are decided and appended in one step.
    pub batch: usize,
    /// How long a room without connections and commands stays in memory.
    pub idle: Duration,
    /// How long a command waits for a store that does not answer.
    pub patience: Duration,
    /// Events after which the log is folded into a snapshot.
    pub fold_every: u64,
}

impl Default for RoomLimits {
    fn default() -> Self {
        Self {
            inbox: 1024,
            batch: 256,
            idle: Duration::from_secs(300),
            patience: Duration::from_secs(5),
            fold_every: 1024,
        }
    }
}

/// The wall clock.
#[must_use]
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
