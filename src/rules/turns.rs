//! A clock shared by participants who take turns. Nothing ticks: the session remembers when the
//! running turn began, and what is left is computed from that moment.
//!
//! Invariants: at most one participant is active, one is exactly while the clock runs or is paused,
//! and time that was booked is the difference of two moments of the log - never created, never lost.

pub mod command;
pub mod event;

mod clock;
mod decide;
mod evolve;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Context, Kind, Machine, NodeId, Timestamp};

pub use command::{Command, Plan};
pub use event::Event;

/// One shared clock, or the place where one was or will be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Turns {
    /// The clock, if there is one now.
    pub clock: Option<Clock>,
    /// When something happened last.
    pub last_activity: Timestamp,
}

/// A clock and those who share it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// What its creator asked for.
    pub plan: Plan,
    /// Where in its life it is.
    pub status: Status,
    /// 1 at creation, one more with every change.
    pub version: u64,
    /// In the order of turns.
    pub participants: Vec<Participant>,
    /// Whose turn it is, by place in the order.
    pub active: Option<usize>,
    /// Whose turn ended last, by place in the order.
    pub previous: Option<usize>,
    /// When the running turn began.
    pub turn_began_at: Option<Timestamp>,
    /// When the clock was started.
    pub started_at: Option<Timestamp>,
    /// When it was completed last.
    pub completed_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// Where in its life a clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It has not been started.
    Pending,
    /// Somebody's time runs.
    Running,
    /// Nobody's time runs; somebody's turn is interrupted.
    Paused,
    /// It is over.
    Completed,
}

/// Somebody who takes turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Milliseconds left when his turn began, or now if it is not his turn.
    pub left_millis: u64,
    /// Milliseconds that were booked on him; may exceed what he was given.
    pub used_millis: u64,
    /// How many turns he has finished.
    pub turns: u64,
    /// Whether a turn of his ended without time left.
    pub expired: bool,
}

/// What the operator configured for all clocks.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How long a clock lives after its last change.
    pub life: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            life: Duration::from_hours(1),
        }
    }
}

/// Why the rules refuse a command.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejection {
    /// There is no clock, or none any more.
    #[error("there is no such clock")]
    Unknown,
    /// The clock is in another status than the command needs.
    #[error("the clock is {0:?}")]
    WrongStatus(Status),
    /// Nobody of that id takes turns here.
    #[error("nobody of that id takes turns here")]
    ParticipantUnknown,
    /// The clock has changed since the version that the command was meant for.
    #[error("the clock has reached version {actual}")]
    Outdated {
        /// The version the command was meant for.
        expected: u64,
        /// The version it has.
        actual: u64,
    },
}

impl Machine for Turns {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;
    type Policy = Policy;

    const KIND: Kind = Kind::new("turns");

    fn decide(&self, cx: &Context<'_, Policy>, command: Command) -> Result<Vec<Event>, Rejection> {
        self.decide_command(cx, command)
    }

    fn evolve(&mut self, at: Timestamp, event: &Event) {
        self.fold(at, event);
    }

    fn deadline(&self, policy: &Policy) -> Option<(Timestamp, Command)> {
        let clock = self.clock.as_ref()?;
        Some((clock.updated_at.after(policy.life), Command::Elapse))
    }

    fn bereaved(&self, _: &dyn Fn(NodeId) -> bool) -> Option<Command> {
        None
    }

    fn forgettable_at(&self, policy: &Policy) -> Timestamp {
        self.last_activity.after(policy.life)
    }
}

impl Turns {
    /// The clock, unless its time is over, whether that has been noted or not.
    #[must_use]
    pub fn clock_at(&self, now: Timestamp, policy: &Policy) -> Option<&Clock> {
        let lives = |clock: &&Clock| now < clock.updated_at.after(policy.life);
        self.clock.as_ref().filter(lives)
    }
}

impl Clock {
    /// The place in the order of turns of the participant with this id.
    #[must_use]
    pub fn place_of(&self, id: &str) -> Option<usize> {
        self.plan.participants.iter().position(|it| it.id == id)
    }

    /// The id of the participant at this place.
    #[must_use]
    pub fn id_at(&self, place: usize) -> Option<&str> {
        Some(&self.plan.participants.get(place)?.id)
    }
}
