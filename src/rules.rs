//! The rules of every room kind: pure functions from intent to facts and from facts to state.
//!
//! Nothing in this tree does I/O, reads a clock or draws a random number; time, ids and luck come
//! in through [`Context`]. A session is the fold of its events, so whatever is true here is true
//! on every node, after every restart and in every dialect.

pub mod ids;
pub mod poker;
pub mod time;
pub mod turns;

use std::error::Error;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use ids::{CommandId, Kind, NodeId, PlayerId, SeatId, SessionId, StoryId};
pub use time::Timestamp;

/// A room kind: `decide` turns intent into facts, `evolve` folds facts into state.
pub trait Machine: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What somebody wants to happen, in the imperative.
    type Command: Clone + fmt::Debug + Send + Sync + 'static;
    /// What did happen, in the past tense; part of the stored format.
    type Event: Clone
        + fmt::Debug
        + PartialEq
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
        + 'static;
    /// Why a command was refused.
    type Rejection: Error + Clone + PartialEq + Send + Sync + 'static;
    /// What the operator configured for this room kind.
    type Policy: fmt::Debug + Send + Sync + 'static;

    /// What the logs of this room kind are marked with; part of the stored format.
    const KIND: Kind;

    /// Returns the facts that `command` leads to; none when it changes nothing.
    ///
    /// # Errors
    /// The reason for which the rules refuse the command.
    fn decide(
        &self,
        cx: &Context<'_, Self::Policy>,
        command: Self::Command,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Folds one fact, which happened at `at`, into the state; never fails.
    fn evolve(&mut self, at: Timestamp, event: &Self::Event);

    /// The next moment the room must act by itself, and the command to give then.
    fn deadline(&self, policy: &Self::Policy) -> Option<(Timestamp, Self::Command)>;

    /// The command that repairs the state after nodes died, if any seat belongs to a dead one.
    fn bereaved(&self, alive: &dyn Fn(NodeId) -> bool) -> Option<Self::Command>;

    /// Whether a fact only tells who is connected: storing it may wait a moment for others, as it ends
    /// with the connection anyway.
    fn is_presence(_: &Self::Event) -> bool {
        false
    }

    /// The moment from which on nobody can have an interest in this session's log.
    fn forgettable_at(&self, policy: &Self::Policy) -> Timestamp;
}

/// Everything a decision may depend on besides the state.
#[derive(Debug)]
pub struct Context<'a, P> {
    /// The room's clock, never earlier than the last event.
    pub now: Timestamp,
    /// Who gives the command.
    pub actor: Actor,
    /// A random id for whatever the command creates.
    pub fresh: Uuid,
    /// The operator's settings for this room kind.
    pub policy: &'a P,
}

/// Who gives a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A player whose identity the wire has established.
    Player(PlayerId),
    /// The server itself: a deadline, a sweep, or an operator.
    System,
}

/// The place of an event in its session's total order; the first event has version 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// The version `count` events later.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0 + count)
    }
}

/// An event as the log keeps it: tagged, dated and with the command that caused it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded<E> {
    /// When the room decided it, in milliseconds since the Unix epoch.
    pub at: Timestamp,
    /// The command that led to it; tells after a lost answer whether the append landed.
    pub cause: CommandId,
    /// The fact itself.
    pub event: E,
}
