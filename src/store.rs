//! The durable, ordered log of every session: bytes and positions, nothing else.
//!
//! [`Store::append`] is the one primitive that everything rests on: it adds records after a known
//! position or reports that somebody else was first. What it has answered with
//! [`Append::Committed`] survives the death of the process; what it has answered with an error may
//! or may not have happened, and only [`Store::read`] tells.

#[cfg(test)]
pub(crate) mod contract;
mod counters;
mod echo;
mod epoch;
#[cfg(test)]
pub(crate) mod faulty;
mod hints;
mod leases;
pub mod memory;
pub mod redis;
#[cfg(test)]
pub(crate) mod silent;
pub mod sqlite;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;
use tokio::sync::{broadcast, watch};

use crate::rules::{Kind, NodeId, SessionId, Timestamp, Version};

pub use counters::{Counters, Hit};
pub use echo::Echo;

/// How long a log that [`Store::due`] has named is not named again, so that one node acts on it at a
/// time, and another does if that one dies.
pub const DUE_AGAIN: Duration = Duration::from_secs(30);

/// A place in one log. The epoch changes when a log starts anew under the same id, so that a
/// position of its former life is never taken for one of the present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position {
    /// Which life of the log; 0 only in [`Position::START`].
    pub epoch: u64,
    /// How many events precede and include this place.
    pub version: Version,
}

impl Position {
    /// Before the first event of a log that does not exist yet.
    pub const START: Self = Self {
        epoch: 0,
        version: Version(0),
    };
}

/// How an append went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Append {
    /// The records are durable; the log now ends here.
    Committed(Position),
    /// The log did not end at the expected position; nothing was written.
    Conflict,
}

/// What a log holds after a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The fold of everything up to `records`' first, if the records alone do not reach back to
    /// the position asked for.
    pub snapshot: Option<Snapshot>,
    /// The records behind the snapshot or the position asked for, in order, without gaps.
    pub records: Vec<Bytes>,
    /// Where the log ends; [`Position::START`] if there is none.
    pub end: Position,
    /// What kind of room the log is of; `None` if there is no log, or one from before kinds were
    /// stored, which is of whatever kind it is taken for.
    pub kind: Option<Kind>,
}

impl Tail {
    /// Whether a room of this kind must not read it.
    #[must_use]
    pub fn is_foreign_to(&self, kind: &Kind) -> bool {
        self.kind.as_ref().is_some_and(|it| it != kind)
    }
}

/// A folded prefix of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The last version folded into it.
    pub version: Version,
    /// The room's own encoding of its state.
    pub state: Bytes,
}

/// Records to be added to one session's log in one indivisible step.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The records, in order; at least one.
    pub records: Vec<Bytes>,
    /// Of which kind of room the log is.
    pub kind: Kind,
    /// When the room must act by itself if nobody else does; [`Timestamp::NEVER`] if it need not.
    pub wake_at: Timestamp,
    /// From when on nobody can have an interest in the log.
    pub forgettable_at: Timestamp,
    /// Whether it may wait a millisecond or two for others that become durable with it.
    pub patient: bool,
    /// What is shown to others who read no logs; nothing where nobody else can see the store.
    pub echoes: Vec<Echo>,
}

/// What was heard of a log without reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// Where the log is said to end.
    pub end: Position,
    /// Grows with every reason to look into the log whatever its end is said to be.
    pub doubts: u64,
}

/// Which logs of one kind a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// How many.
    pub logs: u64,
    /// Those begun last, newest first; as many as were asked for.
    pub newest: Vec<SessionId>,
}

/// Why a store did not do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store did not answer; whether the request was carried out is unknown.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The position asked about is not in the log's present life.
    #[error("the log was rewound behind version {}", .0.0)]
    Rewound(Version),
    /// The log is one of another kind of room.
    #[error("the log of session {0} is one of another kind of room")]
    Foreign(SessionId),
    /// What is stored cannot be read.
    #[error("the log of session {session} is damaged at version {}", version.0)]
    Damaged {
        /// Whose log.
        session: SessionId,
        /// The first version that cannot be read.
        version: Version,
    },
}

impl StoreError {
    /// Wraps a driver's error.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}

/// One append-only log per session.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Adds a batch after `expected`, all or nothing, durable on return.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if it is unknown whether the batch was written;
    /// [`StoreError::Foreign`] if the log is not of the batch's kind.
    async fn append(
        &self,
        session: SessionId,
        expected: Position,
        batch: Batch,
    ) -> Result<Append, StoreError>;

    /// Everything after `after`; an empty tail ending at [`Position::START`] for an unknown session.
    ///
    /// # Errors
    /// [`StoreError::Rewound`] if `after` is not a position of the log's present life.
    async fn read(&self, session: SessionId, after: Position) -> Result<Tail, StoreError>;

    /// Replaces the log up to `snapshot.version` by its fold; later records stay.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the log is then either as before or folded.
    async fn fold(
        &self,
        session: SessionId,
        at: Position,
        snapshot: Snapshot,
    ) -> Result<(), StoreError>;

    /// Hints that the log changed. They may be late, doubled or lost.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if no hints can be had.
    async fn watch(&self, session: SessionId) -> Result<watch::Receiver<Hint>, StoreError>;

    /// Forgets the logs whose time is over at `now`; returns how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; some may be gone.
    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// Passes words on to the rooms of a session on other nodes, if there are any. They are not kept
    /// and may get lost: for what passes and changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; some may have heard it.
    async fn whisper(&self, _: SessionId, _: Bytes) -> Result<(), StoreError> {
        Ok(())
    }

    /// What other nodes whisper about a session that is watched; `None` if there are none.
    fn whispers(&self, _: SessionId) -> Option<broadcast::Receiver<Bytes>> {
        None
    }

    /// Whether others may write to the same logs, so that what is in memory can be behind.
    fn is_shared(&self) -> bool {
        false
    }

    /// How many logs of a kind there are, and the ids of the `newest` that were begun last, newest
    /// first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn census(&self, kind: &Kind, newest: usize) -> Result<Census, StoreError>;

    /// Up to `most` logs of a kind whose time to wake is over at `now`, those first that have waited
    /// longest. Until an append or [`Store::reschedule`] says otherwise, they are named again after
    /// [`DUE_AGAIN`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; some may be named only after [`DUE_AGAIN`].
    async fn due(
        &self,
        kind: &Kind,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Moves the time to wake of a log that ends at `at`; changes nothing if it ends elsewhere.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the log is then named by [`Store::due`] once more at worst.
    async fn reschedule(
        &self,
        kind: &Kind,
        session: SessionId,
        at: Position,
        wake_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Lets this node count as alive for the time of the lease; returns all who do, itself included.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the lease may or may not have begun.
    async fn renew(&self, node: NodeId, lease: Duration) -> Result<Vec<NodeId>, StoreError>;

    /// The stored value of a server-wide secret; `candidate` becomes it if there is none yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn secret(&self, name: &str, candidate: Bytes) -> Result<Bytes, StoreError>;

    /// Whether the store can take an append now; for readiness probes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with the reason.
    async fn ping(&self) -> Result<(), StoreError>;
}
