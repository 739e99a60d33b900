//! What somebody may want of a shared clock, in the imperative.

use serde::{Deserialize, Serialize};

/// An intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Makes a clock; one that is there makes way.
    Create(Box<Plan>),
    /// Begins the first turn.
    Start,
    /// Ends the running turn and begins the next one.
    Switch {
        /// Whose turn it is next; that of the next in the order if unset.
        next: Option<String>,
        /// The version the command is meant for; any if unset.
        version: Option<u64>,
    },
    /// Interrupts the running turn.
    Pause,
    /// Continues the interrupted turn.
    Resume,
    /// Ends the clock's life; the running turn is not booked.
    Complete,
    /// Removes the clock, or lets those who wait for one go.
    Delete {
        /// Its id, for there may be no clock that tells.
        id: String,
    },
    /// Does whatever is due by now.
    Elapse,
}

/// A clock to be, as its creator wants it; kept as it is, because it is shown again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The id in the creator's own spelling.
    pub id: String,
    /// What the turns are; for show only.
    pub mode: Mode,
    /// Those who take turns, in that order; at least one.
    pub participants: Vec<PlannedParticipant>,
    /// Milliseconds for all together; for show only.
    pub total_millis: u64,
    /// Milliseconds per turn; for show only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_turn_millis: Option<u64>,
    /// Milliseconds that whoever ends his turn in time gets on top.
    pub increment_millis: u64,
    /// The most milliseconds; for show only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_millis: Option<u64>,
}

/// What the turns of a clock are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A clock for each participant.
    PerParticipant,
    /// The same time for each turn.
    PerCycle,
    /// A clock for each group.
    PerGroup,
    /// One clock for all.
    Global,
    /// A stopwatch.
    CountUp,
}

/// Somebody who shall take turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedParticipant {
    /// His id in the creator's own spelling.
    pub id: String,
    /// The number the creator gave him; for show only.
    pub index: u64,
    /// Milliseconds he is given.
    pub millis: u64,
    /// His group; for show only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}
