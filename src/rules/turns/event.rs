//! What happened to a shared clock: the stored format, tagged and additive. Moments are those of
//! the records, so a booking is the difference of two of them.

use serde::{Deserialize, Serialize};

use super::command::Plan;

/// A fact of a shared clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are sentences")]
pub enum Event {
    /// A clock was made; `replaced` if one made way for it.
    Created {
        plan: Plan,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        replaced: bool,
    },
    Started,
    /// The running turn was booked, and that of the participant at this place began.
    Switched {
        next: usize,
    },
    Paused,
    Resumed,
    Completed,
    /// The clock is gone; `existed` if there was one.
    Deleted {
        existed: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Nothing happened for so long that the clock is gone.
    Expired,
}
