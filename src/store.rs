//! The durable, ordered log of every session: bytes and positions, nothing else.
//!
//! [`Store::append`] is the one primitive that everything rests on: it adds records after a known
//! position or reports that somebody else was first. What it has answered with
//! [`Append::Committed`] survives the death of the process; what it has answered with an error may
//! or may not have happened, and only [`Store::read`] tells.

#[cfg(test)]
pub(crate) mod contract;
mod epoch;
#[cfg(test)]
pub(crate) mod faulty;
mod hints;
pub mod memory;
pub mod sqlite;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;
use tokio::sync::watch;

use crate::rules::{SessionId, Timestamp, Version};

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
    /// From when on nobody can have an interest in the log.
    pub forgettable_at: Timestamp,
}

/// Which logs a store holds.
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
    /// [`StoreError::Unavailable`] if it is unknown whether the batch was written.
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

    /// Hints that the log grew: the newest version known. May be late, doubled or lost.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if no hints can be had.
    async fn watch(&self, session: SessionId) -> Result<watch::Receiver<Version>, StoreError>;

    /// Forgets the logs whose time is over at `now`; returns how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; some may be gone.
    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// Whether others may write to the same logs, so that what is in memory can be behind.
    fn is_shared(&self) -> bool {
        false
    }

    /// How many logs there are, and the ids of the `newest` that were begun last, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn census(&self, newest: usize) -> Result<Census, StoreError>;

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
